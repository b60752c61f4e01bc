//! What went before: the conversation of a ticket, its client's other tickets, and the files that the
//! client's side has.

use std::collections::btree_map::Entry;

use rusqlite::{Connection, named_params};

use super::{Result, instant, named};
use crate::domain::background::{OTHERS_MAX, SAID_MAX};
use crate::domain::case::{Brief, Case};
use crate::domain::ids::{ClientId, InboundId, TicketId};
use crate::domain::letter::Said;
use crate::domain::message::{Attachment, Mail};
use crate::domain::ticket::{ClosedAs, Status};

/// Adds what a notice about a ticket that the mail points to shows.
pub fn add_conversations(tx: &Connection, case: &mut Case) -> Result<()> {
    for candidate in &case.candidates {
        let id = candidate.ticket;
        if let Entry::Vacant(place) = case.conversations.entry(id) {
            place.insert(conversation(tx, id)?);
        }
    }
    Ok(())
}

/// Adds the newest tickets of a client.
pub fn add_newest(tx: &Connection, case: &mut Case, client: ClientId) -> Result<()> {
    if let Entry::Vacant(place) = case.newest.entry(client) {
        place.insert(newest(tx, client)?);
    }
    Ok(())
}

/// Adds the newest tickets of every client whose ticket a mail of the client's side may be about.
pub fn add_clients(tx: &Connection, case: &mut Case) -> Result<()> {
    let of_tickets = case.candidates.iter().filter_map(|candidate| {
        let ticket = case.tickets.get(&candidate.ticket)?;
        Some(ticket.client.id)
    });
    let of_sender = case.standing.client().map(|client| client.id);
    let clients: Vec<ClientId> = of_tickets.chain(of_sender).collect();
    clients
        .into_iter()
        .try_for_each(|client| add_newest(tx, case, client))
}

/// Adds which files of a mail the client's side of the tickets has that the mail points to.
pub fn add_files_seen(tx: &Connection, case: &mut Case, mail: &Mail) -> Result<()> {
    for candidate in &case.candidates {
        for file in &mail.attachments {
            let key = (candidate.ticket, file.sha256.clone());
            if !case.files_seen.contains(&key) && is_seen(tx, candidate.ticket, &file.sha256)? {
                case.files_seen.insert(key);
            }
        }
    }
    Ok(())
}

/// The newest public messages of a ticket, oldest first. A mail of ours to several people is one, and
/// its author is the consultant who wrote it.
fn conversation(tx: &Connection, id: TicketId) -> Result<Vec<Said>> {
    let mut said = tx
        .prepare_cached(
            "SELECT message.at, coalesce(author.from_address, message.from_address), text
             FROM message
             LEFT JOIN outbox ON outbox.id = message.outbox_id
             LEFT JOIN journal ON journal.id = outbox.journal_id
             LEFT JOIN inbound AS author ON author.id = journal.inbound_id
             JOIN ticket ON ticket.id = message.ticket_id
             WHERE message.ticket_id = :id AND visibility = 'public'
               AND (message.outbox_id IS NULL
                    OR (outbox.recipient = ticket.requester
                        AND message.class IN ('relayed_reply', 'solution_proposed')))
             ORDER BY message.id DESC LIMIT :limit",
        )?
        .query_map(named_params! { ":id": id.0, ":limit": SAID_MAX }, |row| {
            Ok(Said {
                at: instant(row.get(0)?),
                from: row.get(1)?,
                text: row.get(2)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    said.reverse();
    Ok(said)
}

/// The newest tickets of a client, newest first: those shown, and the one that they are shown with.
fn newest(tx: &Connection, client: ClientId) -> Result<Vec<Brief>> {
    tx.prepare_cached(
        "SELECT id, thread ->> 'subject', status, closed_as FROM ticket
         WHERE client_id = :client ORDER BY id DESC LIMIT :limit",
    )?
    .query_map(
        named_params! { ":client": client.0, ":limit": OTHERS_MAX + 1 },
        |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, Option<String>>(3)?,
            ))
        },
    )?
    .map(|row| {
        let (id, subject, status, closed_as) = row?;
        Ok(Brief {
            id: TicketId(id),
            subject,
            status: named("status", &status, Status::from_name)?,
            closed_as: closed_as
                .map(|name| named("closed_as", &name, ClosedAs::from_name))
                .transpose()?,
        })
    })
    .collect()
}

fn is_seen(tx: &Connection, ticket: TicketId, sha256: &str) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM ticket_file WHERE ticket_id = :ticket AND sha256 = :sha256")?
        .exists(named_params! { ":ticket": ticket.0, ":sha256": sha256 })?)
}

/// Remembers files of a received mail that the client's side has from now on. Those without a hash
/// were never read.
pub fn remember_files(
    tx: &Connection,
    ticket: TicketId,
    inbound: InboundId,
    files: &[Attachment],
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO ticket_file (ticket_id, sha256, inbound_id)
         VALUES (:ticket, :sha256, :inbound)
         ON CONFLICT (ticket_id, sha256) DO NOTHING",
    )?;
    for file in files.iter().filter(|file| !file.sha256.is_empty()) {
        statement.execute(named_params! {
            ":ticket": ticket.0, ":sha256": file.sha256, ":inbound": inbound.0,
        })?;
    }
    Ok(())
}

/// What a mail that is taken back was to bring, the client's side does not have.
pub fn forget_files(tx: &Connection, inbound: InboundId) -> Result<()> {
    tx.prepare_cached("DELETE FROM ticket_file WHERE inbound_id = :inbound")?
        .execute(named_params! { ":inbound": inbound.0 })?;
    Ok(())
}

/// The files that a mail brought first go with it to another ticket.
pub fn move_files(
    tx: &Connection,
    inbound: InboundId,
    (from, to): (TicketId, TicketId),
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE OR IGNORE ticket_file SET ticket_id = :to
         WHERE inbound_id = :inbound AND ticket_id = :from",
    )?
    .execute(named_params! { ":inbound": inbound.0, ":from": from.0, ":to": to.0 })?;
    Ok(())
}
