//! The one read of a client's monthly statement (policy.md §7), and the issues that were sent.
//!
//! Everything is found by the client and the month, so that the work is in proportion to them and
//! not to the ledger; `statement` of [`crate::domain`] cuts off what came later.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::tickets::{self, address};
use super::{Result, instant, millis, named};
use crate::domain::address::Person;
use crate::domain::authorizer::Authorizer;
use crate::domain::billing::Bucket;
use crate::domain::charge::{Released, WaitsFor, billable_since};
use crate::domain::effect::HeldCause;
use crate::domain::ids::{ChargeId, ClientId, InboundId, TicketId};
use crate::domain::month::Period;
use crate::domain::statement::TREND_MONTHS;
use crate::domain::statement_books::{Books, Disputed, Earlier, Entry, HeldMail, MailRef};
use crate::domain::ticket::{ClientRef, Fact, Ticket};

/// Reads a client's books for a period, in the house's `zone`, until the end of its month. `tx` is one transaction, or nobody
/// else writes. Calendars are not filled in.
pub fn books(tx: &Connection, client: &ClientRef, period: &Period, zone: Tz) -> Result<Books> {
    let mut loaded = Vec::new();
    for id in tickets_of(tx, client.id, period)? {
        loaded.extend(tickets::load(tx, id)?);
    }
    let released = released(tx, &loaded)?;
    let mut mails = BTreeMap::new();
    for id in mails_named(&loaded, &released) {
        if let Some(mail) = mail(tx, id)? {
            mails.insert(id, mail);
        }
    }
    let mut disputed_lines = Vec::new();
    for ticket in &loaded {
        disputed(tx, ticket.id, &mut disputed_lines)?;
    }
    Ok(Books {
        client: client.clone(),
        released,
        mails,
        disputed: disputed_lines,
        held: held(tx, client.id, period)?,
        authorizers: authorizers(tx, client)?,
        earlier: earlier(tx, client.id, period, zone)?,
        opened_earlier: opened_earlier(tx, client.id, period, zone)?,
        tickets: loaded,
    })
}

/// Tickets that were open at some time of the period, and those with lines or releases of it.
fn tickets_of(tx: &Connection, client: ClientId, period: &Period) -> Result<Vec<TicketId>> {
    Ok(tx
        .prepare_cached(
            "SELECT id FROM ticket
             WHERE client_id = :client AND closed_at IS NULL AND opened_at < :until
             UNION
             SELECT id FROM ticket
             WHERE client_id = :client AND closed_at >= :from AND opened_at < :until
             UNION
             SELECT ticket_id FROM charge
             WHERE client_id = :client AND at >= :from AND at < :until
             UNION
             SELECT charge.ticket_id FROM charge_release AS released
             JOIN charge ON charge.id = released.charge_id AND charge.client_id = :client
             WHERE released.at >= :from AND released.at < :until
             ORDER BY 1",
        )?
        .query_map(
            named_params! {
                ":client": client.0,
                ":from": millis(period.from),
                ":until": millis(period.end),
            },
            |row| row.get(0).map(TicketId),
        )?
        .collect::<rusqlite::Result<_>>()?)
}

/// The words that lines of these tickets waited for. Only lines that had to wait are asked for.
fn released(tx: &Connection, tickets: &[Ticket]) -> Result<Vec<Released>> {
    let waited = tickets.iter().flat_map(|ticket| &ticket.charges);
    let waited = waited.filter(|charge| charge.line.pending_formalization || charge.line.excess);
    let mut all = Vec::new();
    for charge in waited {
        let mut statement = tx.prepare_cached(
            "SELECT waited_for, at, inbound_id FROM charge_release WHERE charge_id = :charge",
        )?;
        let rows = statement.query_map(named_params! { ":charge": charge.id.0 }, |row| {
            Ok((
                row.get::<_, String>(0)?,
                instant(row.get(1)?),
                InboundId(row.get::<_, Option<i64>>(2)?.unwrap_or_default()),
            ))
        })?;
        for row in rows {
            let (waited_for, at, source) = row?;
            all.push(Released {
                charge: charge.id,
                waited_for: named("wait", &waited_for, WaitsFor::from_name)?,
                at,
                source,
            });
        }
    }
    Ok(all)
}

/// The mails that a statement may have to name.
fn mails_named(tickets: &[Ticket], released: &[Released]) -> BTreeSet<InboundId> {
    let lines = tickets.iter().flat_map(|ticket| &ticket.charges);
    let of_lines = lines.flat_map(|charge| [charge.line.source, charge.line.approval]);
    let facts = tickets.iter().flat_map(|ticket| &ticket.history);
    let of_facts = facts.map(|dated| match dated.fact {
        Fact::BudgetApproved { inbound, .. }
        | Fact::BudgetRefused { inbound, .. }
        | Fact::Formalized { inbound } => Some(inbound),
        Fact::WindowAccepted { asked_in, .. } => Some(asked_in),
        _ => None,
    });
    let of_releases = released.iter().map(|released| Some(released.source));
    of_lines
        .chain(of_facts)
        .chain(of_releases)
        .flatten()
        .collect()
}

fn mail(tx: &Connection, id: InboundId) -> Result<Option<MailRef>> {
    Ok(tx
        .prepare_cached("SELECT message_id, received_at, subject FROM inbound WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok(MailRef {
                message_id: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
                at: instant(row.get(1)?),
                subject: row.get(2)?,
            })
        })
        .optional()?)
}

fn disputed(tx: &Connection, ticket: TicketId, all: &mut Vec<Disputed>) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT charge.id, charge.ticket_id, charge.minutes, dispute.at
         FROM dispute JOIN charge ON charge.id = dispute.charge_id
         WHERE dispute.ticket_id = :ticket",
    )?;
    let rows = statement.query_map(named_params! { ":ticket": ticket.0 }, |row| {
        Ok(Disputed {
            charge: ChargeId(row.get(0)?),
            of: TicketId(row.get(1)?),
            minutes: row.get(2)?,
            ticket,
            at: instant(row.get(3)?),
        })
    })?;
    for row in rows {
        all.push(row?);
    }
    Ok(())
}

/// Mails of the client's that waited for a person at the end of the period.
fn held(tx: &Connection, client: ClientId, period: &Period) -> Result<Vec<HeldMail>> {
    // What was turned away and let in later has the date of the second decision alone; the journal
    // has both.
    tx.prepare_cached(
        "SELECT from_address, cause, at FROM held
         WHERE client_id = :client AND held_at < :until
           AND (decided_at IS NULL OR decided_at >= :until)
           AND NOT EXISTS (
               SELECT 1 FROM journal
               WHERE journal.inbound_id = held.inbound_id AND journal.at < :until
                 AND journal.why LIKE 'held mail ' || held.id || ' (%')
         ORDER BY held.id",
    )?
    .query_map(
        named_params! { ":client": client.0, ":until": millis(period.end) },
        |row| Ok((row.get(0)?, row.get::<_, String>(1)?, instant(row.get(2)?))),
    )?
    .map(|row| {
        let (from, cause, at) = row?;
        Ok(HeldMail {
            from,
            cause: named("held cause", &cause, HeldCause::from_name)?,
            at,
        })
    })
    .collect()
}

/// Every entry that the client's list ever had. Entries and the history's lines about them are
/// written together, so that the n-th entry of an address is the one that its n-th such line made.
fn authorizers(tx: &Connection, client: &ClientRef) -> Result<Vec<Entry>> {
    let mut made = made(tx, &client.name)?;
    tx.prepare_cached(
        "SELECT address, name, can_open, can_approve, can_validate, valid_from, valid_until,
                revoked_at
         FROM authorizer WHERE client_id = :client ORDER BY id",
    )?
    .query_map(named_params! { ":client": client.id.0 }, |row| {
        Ok((
            (row.get::<_, String>(0)?, row.get::<_, String>(1)?),
            (row.get(2)?, row.get(3)?, row.get(4)?),
            (row.get::<_, String>(5)?, row.get::<_, String>(6)?),
            row.get::<_, Option<i64>>(7)?.map(instant),
        ))
    })?
    .map(|row| {
        let ((text, name), (can_open, can_approve, can_validate), (from, until), revoked_at) = row?;
        let since = made.get_mut(&text).and_then(VecDeque::pop_front);
        Ok(Entry {
            authorizer: Authorizer {
                person: Person::new(address(&text)?, &name),
                can_open,
                can_approve,
                can_validate,
                from: from.parse().ok(),
                until: until.parse().ok(),
            },
            since,
            revoked_at,
        })
    })
    .collect()
}

/// When entries of a client's list were made, by address, in order.
fn made(tx: &Connection, client: &str) -> Result<BTreeMap<String, VecDeque<DateTime<Utc>>>> {
    let mut made: BTreeMap<String, VecDeque<DateTime<Utc>>> = BTreeMap::new();
    let mut statement = tx.prepare_cached(
        "SELECT address, at FROM directory_history
         WHERE client = :client AND action IN ('authorized', 'changed') ORDER BY id",
    )?;
    let rows = statement.query_map(named_params! { ":client": client }, |row| {
        Ok((row.get::<_, String>(0)?, instant(row.get(1)?)))
    })?;
    for row in rows {
        let (address, at) = row?;
        made.entry(address).or_default().push_back(at);
    }
    Ok(made)
}

/// Minutes that became billable in the months of the trend before the period.
fn earlier(tx: &Connection, client: ClientId, period: &Period, zone: Tz) -> Result<Vec<Earlier>> {
    let begin = period.month.back(TREND_MONTHS - 1).begins(zone);
    // Lines of these months, and those of before that were released in them.
    let mut statement = tx.prepare_cached(
        "SELECT charge.at, minutes, bucket, pending_formalization, formalized.at,
                excess, approved.at
         FROM charge
         LEFT JOIN charge_release AS formalized
           ON formalized.charge_id = charge.id AND formalized.waited_for = 'formalization'
         LEFT JOIN charge_release AS approved
           ON approved.charge_id = charge.id AND approved.waited_for = 'approval'
         WHERE client_id = :client AND charge.at >= :begin AND charge.at < :from
           AND kind <> 'budget'
         UNION ALL
         SELECT charge.at, minutes, bucket, pending_formalization, max(formalized.at),
                excess, max(approved.at)
         FROM charge_release AS released
         JOIN charge ON charge.id = released.charge_id AND client_id = :client
                    AND charge.at < :begin AND kind <> 'budget'
         LEFT JOIN charge_release AS formalized
           ON formalized.charge_id = charge.id AND formalized.waited_for = 'formalization'
         LEFT JOIN charge_release AS approved
           ON approved.charge_id = charge.id AND approved.waited_for = 'approval'
         WHERE released.at >= :begin AND released.at < :from
         GROUP BY charge.id",
    )?;
    let mut all = Vec::new();
    let bounds = named_params! {
        ":client": client.0, ":from": millis(period.from), ":begin": millis(begin),
    };
    let mut rows = statement.query(bounds)?;
    while let Some(row) = rows.next()? {
        let moment = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(instant));
        let since = billable_since(
            instant(row.get(0)?),
            (row.get(3)?, moment(4)?),
            (row.get(5)?, moment(6)?),
        );
        if let Some(since) = since {
            all.push(Earlier {
                since,
                minutes: row.get(1)?,
                bucket: named("bucket", &row.get::<_, String>(2)?, Bucket::from_name)?,
            });
        }
    }
    Ok(all)
}

/// When the tickets of the months of the trend before the period were opened.
fn opened_earlier(
    tx: &Connection,
    client: ClientId,
    period: &Period,
    zone: Tz,
) -> Result<Vec<DateTime<Utc>>> {
    let begin = period.month.back(TREND_MONTHS - 1).begins(zone);
    Ok(tx
        .prepare_cached(
            "SELECT opened_at FROM ticket
             WHERE client_id = :client AND opened_at >= :begin AND opened_at < :from",
        )?
        .query_map(
            named_params! {
                ":client": client.0, ":begin": millis(begin), ":from": millis(period.from),
            },
            |row| row.get(0).map(instant),
        )?
        .collect::<rusqlite::Result<_>>()?)
}
