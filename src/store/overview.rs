//! Everything that is open, read at once for the digest (policy.md §10): by index, so that closed
//! tickets and decided mails cost nothing.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Result, instant, named, tickets};
use crate::domain::effect::HeldCause;
use crate::domain::ids::{HeldId, TicketId};
use crate::domain::policy::Policy;
use crate::domain::survey::{HeldRow, Overview};

/// Most open tickets looked at, those that need a decision soonest; the rest is counted.
const TICKETS_MAX: u32 = 2_000;

/// Most held mails told, oldest first; the rest is counted.
const HELD_MAX: u32 = 20;

/// Reads it.
pub fn load(tx: &Connection, policy: &Policy) -> Result<Overview> {
    let mut open = Vec::new();
    for id in soonest(tx)? {
        open.extend(tickets::load(tx, id)?);
    }
    Ok(Overview {
        since: since(tx)?,
        unseen: open_tickets(tx)?.saturating_sub(TICKETS_MAX),
        tickets: open,
        held_more: held_mails(tx)?.saturating_sub(HELD_MAX),
        held: held(tx, policy)?,
    })
}

/// When the first decision was recorded; none in a new ledger.
fn since(tx: &Connection) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT at FROM journal WHERE id = (SELECT min(id) FROM journal)")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(at.map(instant))
}

fn soonest(tx: &Connection) -> Result<Vec<TicketId>> {
    Ok(tx
        .prepare_cached(
            "SELECT id FROM ticket WHERE status <> 'closed' ORDER BY next_action_at LIMIT :max",
        )?
        .query_map(named_params! { ":max": TICKETS_MAX }, |row| {
            row.get(0).map(TicketId)
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn open_tickets(tx: &Connection) -> Result<u32> {
    Ok(tx
        .prepare_cached("SELECT count(*) FROM ticket WHERE status <> 'closed'")?
        .query_row([], |row| row.get(0))?)
}

fn held_mails(tx: &Connection) -> Result<u32> {
    Ok(tx
        .prepare_cached("SELECT count(*) FROM held WHERE state = 'waiting'")?
        .query_row([], |row| row.get(0))?)
}

fn held(tx: &Connection, policy: &Policy) -> Result<Vec<HeldRow>> {
    tx.prepare_cached(
        "SELECT held.id, held.from_address, held.subject, held.cause, held.at, client.name,
                held.ticket_id
         FROM held LEFT JOIN client ON client.id = held.client_id
         WHERE held.state = 'waiting' ORDER BY held.held_at LIMIT :max",
    )?
    .query_map(named_params! { ":max": HELD_MAX }, |row| {
        Ok((
            HeldId(row.get(0)?),
            (row.get(1)?, row.get(2)?),
            row.get::<_, String>(3)?,
            instant(row.get(4)?),
            row.get(5)?,
            row.get::<_, Option<i64>>(6)?,
        ))
    })?
    .map(|row| {
        let (id, (from, subject), cause, received_at, client, ticket) = row?;
        Ok(HeldRow {
            id,
            from,
            subject,
            cause: named("held cause", &cause, HeldCause::from_name)?,
            received_at,
            client,
            ticket: ticket.map(|id| policy.tag(TicketId(id))),
        })
    })
    .collect()
}
