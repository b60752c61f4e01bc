//! The journal: one line per decision or order; nothing changes without one (architecture.md).

use chrono::{DateTime, Utc};
use rusqlite::{Connection, named_params};

use super::{Result, millis};
use crate::domain::ids::{InboundId, OutboxId, TicketId};

/// A line to be written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// `mail`, `unprocessable`, `delivery`, `due`, `alerts`, `digest`, `recompute`, `alarm` or `order`.
    pub event: &'a str,
    /// The received mail it is about.
    pub inbound: Option<InboundId>,
    /// The outgoing mail it is about.
    pub outbox: Option<OutboxId>,
    /// The ticket it changes.
    pub ticket: Option<TicketId>,
    /// How it was decided, one line a step.
    pub why: &'a str,
}

/// Writes a line; answers its row.
pub fn write(tx: &Connection, line: &Line, now: DateTime<Utc>) -> Result<i64> {
    tx.prepare_cached(
        "INSERT INTO journal (at, event, inbound_id, outbox_id, ticket_id, why)
         VALUES (:at, :event, :inbound, :outbox, :ticket, :why)",
    )?
    .execute(named_params! {
        ":at": millis(now),
        ":event": line.event,
        ":inbound": line.inbound.map(|i| i.0),
        ":outbox": line.outbox.map(|o| o.0),
        ":ticket": line.ticket.map(|t| t.0),
        ":why": line.why,
    })?;
    Ok(tx.last_insert_rowid())
}
