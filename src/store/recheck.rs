//! The nightly check's own rows: how far it is, which tickets come next, and what is stored of them.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::directory::ClientSettings;
use super::{Result, from_json, instant, named};
use crate::domain::effect::Due;
use crate::domain::event::DueKind;
use crate::domain::ids::{ClientId, TicketId};
use crate::domain::recheck::Stored;

/// Beyond every ticket: the position of a pass that is over.
pub const OVER: TicketId = TicketId(i64::MAX);

/// Stands before the hash of a policy that is being applied.
const CHANGED: &str = "changed ";

/// A pass over the open tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// A hash of what deadlines depend on besides the tickets.
    pub policy: String,
    /// The pass is there because that is not what it was.
    pub changed: bool,
    /// The local date on which it began.
    pub day: NaiveDate,
    /// The last ticket it looked at; [`OVER`] at its end.
    pub position: TicketId,
}

/// The last pass; none where there never was one.
pub fn last_pass(tx: &Connection) -> Result<Option<Pass>> {
    let row = tx
        .prepare_cached("SELECT policy, day, position FROM recheck WHERE id = 1")?
        .query_row([], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2).map(TicketId)?,
            ))
        })
        .optional()?;
    row.map(|(policy, day, position)| {
        let applied = policy.strip_prefix(CHANGED);
        Ok(Pass {
            policy: applied.unwrap_or(&policy).to_owned(),
            changed: applied.is_some(),
            day: named("day", &day, |day| day.parse().ok())?,
            position,
        })
    })
    .transpose()
}

/// Notes how far a pass is.
pub fn note(tx: &Connection, pass: &Pass) -> Result<()> {
    let before = if pass.changed { CHANGED } else { "" };
    tx.prepare_cached(
        "INSERT INTO recheck (id, policy, day, position) VALUES (1, :policy, :day, :position)
         ON CONFLICT (id) DO UPDATE SET policy = :policy, day = :day, position = :position",
    )?
    .execute(named_params! {
        ":policy": format!("{before}{}", pass.policy),
        ":day": pass.day.to_string(),
        ":position": pass.position.0,
    })?;
    Ok(())
}

/// The open tickets after a number, in order, at most `limit`.
pub fn open_after(tx: &Connection, after: TicketId, limit: u32) -> Result<Vec<TicketId>> {
    Ok(tx
        .prepare_cached(
            "SELECT id FROM ticket WHERE status <> 'closed' AND id > :after ORDER BY id LIMIT :limit",
        )?
        .query_map(named_params! { ":after": after.0, ":limit": limit }, |row| {
            row.get(0).map(TicketId)
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// What is stored of a ticket's deadlines; none where there is no such ticket.
pub fn stored(tx: &Connection, id: TicketId) -> Result<Option<Stored>> {
    let row = tx
        .prepare_cached(
            "SELECT next_action_at, response_limit_open_at, response_met_at FROM ticket
             WHERE id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((
                row.get::<_, Option<i64>>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Option<i64>>(2)?,
            ))
        })
        .optional()?;
    let Some((next_action, limit_open, met)) = row else {
        return Ok(None);
    };
    Ok(Some(Stored {
        due: due(tx, id)?,
        next_action_at: next_action.map(instant),
        limit_open_at: instant(limit_open),
        met_at: met.map(instant),
    }))
}

fn due(tx: &Connection, id: TicketId) -> Result<Vec<Due>> {
    tx.prepare_cached("SELECT kind, at FROM due WHERE ticket_id = :id ORDER BY kind")?
        .query_map(named_params! { ":id": id.0 }, |row| {
            Ok((row.get::<_, String>(0)?, row.get(1).map(instant)?))
        })?
        .map(|row| {
            let (kind, at): (String, DateTime<Utc>) = row?;
            let kind = named("due kind", &kind, DueKind::from_name)?;
            Ok(Due { at, kind })
        })
        .collect()
}

/// The clients that have support hours of their own, and those hours as written.
pub fn own_calendars(tx: &Connection) -> Result<Vec<(ClientId, String)>> {
    let mut calendars = Vec::new();
    let mut statement = tx.prepare_cached("SELECT id, settings FROM client ORDER BY id")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get(0).map(ClientId)?, row.get::<_, String>(1)?))
    })?;
    for row in rows {
        let (id, settings) = row?;
        let settings: ClientSettings = from_json(&settings)?;
        calendars.extend(settings.calendar.map(|calendar| (id, calendar)));
    }
    Ok(calendars)
}
