//! Mails that wait for a person (policy.md §1). Rows change state and are never deleted.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::journal::{self, Line};
use super::{Result, millis};
use crate::domain::ids::{ClientId, HeldId, InboundId, TicketId};

/// Holds a mail. `origin` is its sender's address and its subject, for the lists.
pub fn hold(
    tx: &Connection,
    inbound: InboundId,
    cause: &str,
    client: Option<ClientId>,
    ticket: Option<TicketId>,
    origin: (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO held (inbound_id, at, held_at, cause, client_id, ticket_id, from_address,
                           subject, state)
         SELECT :inbound, received_at, :now, :cause, :client, :ticket,
                coalesce(nullif(:from, ''), from_address, ''),
                coalesce(nullif(:subject, ''), subject), 'waiting'
         FROM inbound WHERE id = :inbound",
    )?
    .execute(named_params! {
        ":inbound": inbound.0,
        ":cause": cause,
        ":client": client.map(|c| c.0),
        ":ticket": ticket.map(|t| t.0),
        ":from": origin.0,
        ":subject": origin.1,
        ":now": millis(now),
    })?;
    Ok(())
}

/// A held mail that waits, as far as a decision about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its mail.
    pub inbound: InboundId,
    /// Why it is held.
    pub cause: String,
    /// The client it seems to concern.
    pub client: Option<ClientId>,
    /// Its sender.
    pub from: String,
}

/// A held mail, if it still waits.
pub fn waiting(tx: &Connection, id: HeldId) -> Result<Option<Held>> {
    Ok(tx
        .prepare_cached(
            "SELECT inbound_id, cause, client_id, from_address FROM held
             WHERE id = :id AND state = 'waiting'",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok(Held {
                inbound: InboundId(row.get(0)?),
                cause: row.get(1)?,
                client: row.get::<_, Option<i64>>(2)?.map(ClientId),
                from: row.get(3)?,
            })
        })
        .optional()?)
}

/// An operator's order that ends the waiting: `released` or `discarded`.
pub fn decide(tx: &Connection, id: HeldId, state: &str, now: DateTime<Utc>) -> Result<()> {
    let inbound = tx
        .prepare_cached(
            "UPDATE held SET state = :state, decided_at = :now
             WHERE id = :id AND state = 'waiting'
             RETURNING inbound_id",
        )?
        .query_row(
            named_params! { ":id": id.0, ":state": state, ":now": millis(now) },
            |row| row.get(0).map(InboundId),
        )
        .optional()?;
    if inbound.is_some() {
        let line = Line {
            event: "order",
            inbound,
            why: &format!("held mail {id}: {state} by an operator"),
            ..Line::default()
        };
        journal::write(tx, &line, now)?;
    }
    Ok(())
}

/// Closes what has waited longer than `keep` as expired; the raw mail stays. Answers how many.
pub fn expire(tx: &Connection, keep: Duration, now: DateTime<Utc>) -> Result<usize> {
    Ok(tx
        .prepare_cached(
            "UPDATE held SET state = 'expired', decided_at = :now
             WHERE state = 'waiting' AND held_at < :before",
        )?
        .execute(named_params! { ":now": millis(now), ":before": millis(now - keep) })?)
}

/// How many waiting mails are held for a cause.
pub fn count(tx: &Connection, cause: &str) -> Result<i64> {
    Ok(tx
        .prepare_cached("SELECT count(*) FROM held WHERE state = 'waiting' AND cause = :cause")?
        .query_row(named_params! { ":cause": cause }, |row| row.get(0))?)
}
