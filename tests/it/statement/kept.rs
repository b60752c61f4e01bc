//! A story in a real ledger: rows as the program would have left them.

use chrono::{DateTime, Utc};
use rusqlite::named_params;
use soported::domain::clock;
use soported::domain::ids::{ClientId, InboundId};
use soported::domain::lifecycle::schedule;
use soported::domain::policy::Policy;
use soported::domain::statement_books::Books;
use soported::domain::ticket::ClientRef;
use soported::store::directory::{self, Change, ClientSettings};
use soported::store::journal::{self, Line};
use soported::store::tickets::{self, ResponseCache};
use soported::store::{Connection, Result, Store, inbox, millis};

use super::story::at;

/// Writes a story's books for the client of its name, which must be new.
pub fn keep(store: &mut Store, books: &Books, policy: &Policy) -> ClientRef {
    let kept = store.transaction(|tx| {
        let client = people(tx, books)?;
        mails(tx, books)?;
        for ticket in &books.tickets {
            let mut ticket = ticket.clone();
            ticket.client.id = client.id;
            let journal = journal_of(tx)?;
            let response = clock::response(&ticket, policy);
            let cache = ResponseCache {
                limit_open_at: response.limit_open_at,
                met_at: response.met_at,
            };
            let due = schedule(&ticket, policy, at("12-05 10:00"));
            let now = ticket.opened_at;
            tickets::save(tx, &ticket, &ticket.history, &due, cache, journal, now)?;
            lines(tx, &ticket, journal)?;
        }
        besides(tx, books, client.id)?;
        Ok::<_, soported::store::StoreError>(client)
    });
    kept.expect("a story is kept")
}

fn journal_of(tx: &Connection) -> Result<i64> {
    let line = Line {
        event: "mail",
        why: "a story",
        ..Line::default()
    };
    journal::write(tx, &line, at("11-01 00:00"))
}

fn people(tx: &Connection, books: &Books) -> Result<ClientRef> {
    let name = &books.client.name;
    let id = directory::add_client(tx, name, &ClientSettings::default())?;
    for entry in &books.authorizers {
        let person = &entry.authorizer.person;
        directory::add_entry(tx, id, &entry.authorizer)?;
        let change = Change {
            at: entry.since.unwrap_or_else(|| at("01-01 00:00")),
            actor: "operator".to_owned(),
            action: "authorized".to_owned(),
            client: name.clone(),
            address: person.address.to_string(),
            detail: String::new(),
        };
        directory::record(tx, &change)?;
        if let Some(revoked_at) = entry.revoked_at {
            directory::end_entry(tx, &person.address, revoked_at)?;
        }
    }
    Ok(directory::client_ref(tx, id)?.expect("the client"))
}

fn inbound(
    tx: &Connection,
    id: InboundId,
    (message_id, subject): (&str, &str),
    when: DateTime<Utc>,
) -> Result<()> {
    let mailbox = inbox::mailbox(tx, "historia", at("01-01 00:00"))?.id;
    tx.prepare_cached(
        "INSERT INTO inbound (id, mailbox_id, epoch, locator, received_at, stored_at, size_bytes,
                              sha256, state, message_id, subject)
         VALUES (:id, :mailbox, 1, :id, :at, :at, 1, zeroblob(32), 'done', :message_id, :subject)",
    )?
    .execute(named_params! {
        ":id": id.0, ":mailbox": mailbox, ":at": millis(when),
        ":message_id": message_id, ":subject": subject,
    })?;
    Ok(())
}

fn mails(tx: &Connection, books: &Books) -> Result<()> {
    for (id, mail) in &books.mails {
        inbound(tx, *id, (&mail.message_id, &mail.subject), mail.at)?;
    }
    Ok(())
}

fn lines(tx: &Connection, ticket: &soported::domain::ticket::Ticket, journal: i64) -> Result<()> {
    for charge in &ticket.charges {
        let line = &charge.line;
        let people = serde_json::to_string(&line.people).expect("JSON");
        tx.prepare_cached(
            "INSERT INTO charge (id, once, ticket_id, client_id, journal_id, inbound_id, at, kind,
                                 minutes, bucket, factor, consultant, people, from_at, to_at, note,
                                 approving_id, pending_formalization, excess, reverses_id)
             VALUES (:id, :once, :ticket, :client, :journal, :inbound, :at, :kind, :minutes,
                     :bucket, :factor, :consultant, :people, :from, :to, :note, :approving,
                     :pending, :excess, :reverses)",
        )?
        .execute(named_params! {
            ":id": charge.id.0,
            ":once": line.once,
            ":ticket": ticket.id.0,
            ":client": ticket.client.id.0,
            ":journal": journal,
            ":inbound": line.source.map(|id| id.0),
            ":at": millis(line.at),
            ":kind": line.kind.name(),
            ":minutes": line.minutes,
            ":bucket": line.bucket.name(),
            ":factor": line.factor,
            ":consultant": line.consultant.as_str(),
            ":people": people,
            ":from": line.span.map(|span| millis(span.from)),
            ":to": line.span.map(|span| millis(span.to)),
            ":note": line.note,
            ":approving": line.approval.map(|id| id.0),
            ":pending": line.pending_formalization,
            ":excess": line.excess,
            ":reverses": line.reverses.map(|id| id.0),
        })?;
    }
    Ok(())
}

fn besides(tx: &Connection, books: &Books, client: ClientId) -> Result<()> {
    let journal = journal_of(tx)?;
    for released in &books.released {
        tx.prepare_cached(
            "INSERT INTO charge_release (charge_id, waited_for, at, inbound_id, journal_id)
             VALUES (:charge, :waited_for, :at, :inbound, :journal)",
        )?
        .execute(named_params! {
            ":charge": released.charge.0,
            ":waited_for": released.waited_for.name(),
            ":at": millis(released.at),
            ":inbound": released.source.0,
            ":journal": journal,
        })?;
    }
    for disputed in &books.disputed {
        tx.prepare_cached(
            "INSERT INTO dispute (charge_id, ticket_id, at) VALUES (:charge, :ticket, :at)",
        )?
        .execute(named_params! {
            ":charge": disputed.charge.0, ":ticket": disputed.ticket.0, ":at": millis(disputed.at),
        })?;
    }
    for (number, held) in (900_000..).zip(&books.held) {
        inbound(tx, InboundId(number), ("", ""), held.at)?;
        tx.prepare_cached(
            "INSERT INTO held (inbound_id, at, held_at, cause, client_id, from_address, state)
             VALUES (:inbound, :at, :at, :cause, :client, :from, 'waiting')",
        )?
        .execute(named_params! {
            ":inbound": number,
            ":at": millis(held.at),
            ":cause": held.cause.name(),
            ":client": client.0,
            ":from": held.from,
        })?;
    }
    Ok(())
}
