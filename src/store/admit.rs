//! Who may ask, and which held mail comes in: what the commands about it write, and what they have
//! to know (policy.md §1).

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::directory::{self, Change};
use super::held::{self, HeldState};
use super::{Result, departures, inbox, instant, named};
use crate::domain::address::Address;
use crate::domain::authorizer::Authorizer;
use crate::domain::case::{Asked, Case};
use crate::domain::command::Command;
use crate::domain::directory::{Directory, Known};
use crate::domain::effect::{Effect, HeldCause};
use crate::domain::held::HeldMail;
use crate::domain::ids::{ClientId, HeldId, InboundId, OutboxId};
use crate::domain::letter::{HeldLine, LetterKind};
use crate::domain::message::Malformed;
use crate::domain::returned::Named;

/// Most held mails of one person that are offered for release; the rest is in the digest.
const OFFERED_MAX: u32 = 20;

/// Lets a held mail in, or turns it away.
pub(super) fn decide_held(tx: &Connection, effect: &Effect, now: DateTime<Utc>) -> Result<()> {
    match effect {
        Effect::ReleaseHeld {
            held,
            inbound,
            release,
            by,
            words,
        } => {
            let state = HeldState::Released;
            // What was let in once is never processed again.
            let is_new = held::decide(tx, *held, state, by.as_str(), words, now)?;
            if is_new {
                inbox::requeue(tx, *inbound, release.as_ref())?;
            }
        }
        Effect::DiscardHeld { held, by } => {
            held::decide(tx, *held, HeldState::Discarded, by.as_str(), "", now)?;
        }
        _ => {}
    }
    Ok(())
}

/// Puts somebody on a client's list, or takes him off it.
pub(super) fn change_directory(tx: &Connection, effect: &Effect, now: DateTime<Utc>) -> Result<()> {
    let (action, client, address, by, detail) = match effect {
        Effect::Authorize {
            client,
            client_name,
            person,
            by,
            detail,
        } => {
            let entry = Authorizer {
                person: person.clone(),
                can_open: true,
                can_approve: true,
                can_validate: true,
                from: None,
                until: None,
            };
            directory::add_entry(tx, *client, &entry)?;
            ("authorized", client_name, &person.address, by, detail)
        }
        Effect::Revoke {
            client,
            client_name,
            address,
            by,
            detail,
        } => {
            directory::end_entry(tx, address, now)?;
            departures::add(tx, *client, address, now)?;
            ("revoked", client_name, address, by, detail)
        }
        _ => return Ok(()),
    };
    directory::record(
        tx,
        &Change {
            at: now,
            actor: by.to_string(),
            action: action.to_owned(),
            client: client.clone(),
            address: address.to_string(),
            detail: detail.clone(),
        },
    )
}

/// Adds to a case what a command of this family speaks of. `day` is the local date.
pub(super) fn add_ordered(
    tx: &Connection,
    case: &mut Case,
    command: &Command,
    day: NaiveDate,
) -> Result<()> {
    match command {
        Command::Authorize {
            address, client, ..
        } => {
            add_client(tx, &mut case.directory, client.as_deref())?;
            add_person(tx, case, address, day)?;
        }
        Command::Revoke { address } => add_person(tx, case, address, day)?,
        Command::Release { numbers, client } => {
            add_client(tx, &mut case.directory, client.as_deref())?;
            add_held(tx, case, numbers)?;
        }
        Command::Discard { numbers } => add_held(tx, case, numbers)?,
        _ => {}
    }
    Ok(())
}

fn add_client(tx: &Connection, directory: &mut Directory, name: Option<&str>) -> Result<()> {
    if let Some(name) = name
        && let Some(client) = directory::client_named(tx, name)?
    {
        directory.clients.insert(name.to_owned(), client);
    }
    Ok(())
}

fn add_held(tx: &Connection, case: &mut Case, numbers: &[HeldId]) -> Result<()> {
    for number in numbers {
        if let Some(held) = find(tx, *number)? {
            case.held.insert(*number, held);
        }
    }
    Ok(())
}

/// A person, and the lists of all clients that may be meant.
fn add_person(tx: &Connection, case: &mut Case, who: &Address, day: NaiveDate) -> Result<()> {
    let known = Known {
        entry: directory::entry(tx, who)?,
        domain_client: directory::client_of_domain(tx, who.domain())?,
        held: waiting_of(tx, who)?,
    };
    let of_person = [
        known.entry.as_ref().map(|(client, _)| client.id),
        known.domain_client.as_ref().map(|client| client.id),
    ];
    let of_tickets = case.tickets.values().map(|ticket| ticket.client.id);
    let named = case.directory.clients.values().map(|client| client.id);
    let clients: Vec<ClientId> = of_person
        .into_iter()
        .flatten()
        .chain(of_tickets)
        .chain(named)
        .collect();
    for client in clients {
        let roster = directory::authorizers(tx, client, day)?;
        case.directory.rosters.insert(client, roster);
    }
    case.directory.people.insert(who.clone(), known);
    Ok(())
}

/// A held mail with what rules look at, whatever became of it.
pub fn find(tx: &Connection, id: HeldId) -> Result<Option<HeldMail>> {
    let row = tx
        .prepare_cached(
            "SELECT inbound_id, cause, held.state, held.at, held.from_address, held.subject,
                    client_id, inbound.from_address, size_bytes = 0
             FROM held JOIN inbound ON inbound.id = inbound_id WHERE held.id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((
                InboundId(row.get(0)?),
                (row.get::<_, String>(1)?, row.get::<_, String>(2)?),
                instant(row.get(3)?),
                (row.get::<_, String>(4)?, row.get::<_, String>(5)?),
                row.get::<_, Option<i64>>(6)?.map(ClientId),
                row.get::<_, Option<String>>(7)?,
                row.get::<_, bool>(8)?,
            ))
        })
        .optional()?;
    let Some((inbound, (cause, state), received_at, (from, subject), client, sender, absent)) = row
    else {
        return Ok(None);
    };
    let sender = sender.as_deref().and_then(Address::parse);
    let sender_client = match &sender {
        Some(who) => match directory::client_of_entry(tx, who)? {
            Some(client) => Some(client),
            None => directory::client_of_domain(tx, who.domain())?,
        },
        None => None,
    };
    Ok(Some(HeldMail {
        inbound,
        cause: named("held cause", &cause, HeldCause::from_name)?,
        state: named("held state", &state, HeldState::from_name)?,
        received_at,
        from,
        subject,
        client,
        // A mail that was read has its single sender on its row, or has none.
        malformed: sender.is_none().then_some(Malformed::NoFrom),
        sender,
        sender_client: sender_client.map(|client| client.id),
        absent,
    }))
}

/// Mails of somebody that wait, oldest first.
fn waiting_of(tx: &Connection, who: &Address) -> Result<Vec<HeldLine>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, from_address, subject, at FROM held
             WHERE state = 'waiting' AND from_address = :who ORDER BY id LIMIT :max",
        )?
        .query_map(
            named_params! { ":who": who.as_str(), ":max": OFFERED_MAX },
            |row| {
                Ok(HeldLine {
                    number: row.get(0)?,
                    from: row.get(1)?,
                    subject: row.get(2)?,
                    received_at: instant(row.get(3)?),
                })
            },
        )?
        .collect::<rusqlite::Result<_>>()?)
}

/// The number that the next held mail gets. Numbers are never given twice.
pub fn next_number(tx: &Connection) -> Result<HeldId> {
    let next = tx
        .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM held")?
        .query_row([], |row| row.get(0))?;
    Ok(HeldId(next))
}

/// The held mail that an outgoing notice asked an authorizer about: the notice was queued by the
/// decision that held it.
pub fn asked(tx: &Connection, notice: &Named) -> Result<Option<Asked>> {
    if notice.letter != LetterKind::NotAuthorizedAuthorizers {
        return Ok(None);
    }
    let Some(number) = held_by(tx, notice.outbox)? else {
        return Ok(None);
    };
    Ok(find(tx, number)?.map(|held| Asked {
        number,
        held,
        notice_to: notice.to.clone(),
    }))
}

fn held_by(tx: &Connection, outbox: OutboxId) -> Result<Option<HeldId>> {
    // A mail that was let in and held again waits under its newest number.
    Ok(tx
        .prepare_cached(
            "SELECT held.id FROM outbox
             JOIN journal ON journal.id = journal_id
             JOIN held ON held.inbound_id = journal.inbound_id
             WHERE outbox.id = :outbox ORDER BY held.id DESC LIMIT 1",
        )?
        .query_row(named_params! { ":outbox": outbox.0 }, |row| {
            row.get(0).map(HeldId)
        })
        .optional()?)
}
