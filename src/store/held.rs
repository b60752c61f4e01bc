//! Mails that wait for a person (policy.md §1). Rows change state and are never deleted.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::journal::{self, Line};
use super::{Result, millis, named};
use crate::domain::effect::HeldCause;
pub use crate::domain::held::HeldState;
use crate::domain::ids::{ClientId, HeldId, InboundId, TicketId};

/// Who decides on the command line.
pub const OPERATOR: &str = "operator";

/// Who decides when nobody did in time.
const NOBODY: &str = "time";

/// Rows closed as expired in one look; the rest follows in the next.
const EXPIRED_MAX: u32 = 500;

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

/// A held mail, as far as a decision about it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its mail.
    pub inbound: InboundId,
    /// Why it is held.
    pub cause: HeldCause,
    /// The client it seems to concern.
    pub client: Option<ClientId>,
    /// Its sender.
    pub from: String,
    /// Where it is.
    pub state: HeldState,
}

/// A held mail, whatever became of it.
pub fn find(tx: &Connection, id: HeldId) -> Result<Option<Held>> {
    let row = tx
        .prepare_cached(
            "SELECT inbound_id, cause, client_id, from_address, state FROM held WHERE id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((
                InboundId(row.get(0)?),
                row.get::<_, String>(1)?,
                row.get::<_, Option<i64>>(2)?.map(ClientId),
                row.get(3)?,
                row.get::<_, String>(4)?,
            ))
        })
        .optional()?;
    row.map(|(inbound, cause, client, from, state)| {
        Ok(Held {
            inbound,
            cause: named("held cause", &cause, HeldCause::from_name)?,
            client,
            from,
            state: named("held state", &state, HeldState::from_name)?,
        })
    })
    .transpose()
}

/// Somebody's order about a held mail, with what it was told in words. False where it was released
/// before: what was let in once is never processed again, and what was turned away may still be
/// let in.
pub fn decide(
    tx: &Connection,
    id: HeldId,
    state: HeldState,
    by: &str,
    words: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let decided = tx
        .prepare_cached(
            "UPDATE held SET state = :state, decided_at = :now, decided_by = :by
             WHERE id = :id AND (state = 'waiting'
                                 OR :state = 'released' AND state IN ('discarded', 'expired'))
             RETURNING inbound_id, cause",
        )?
        .query_row(
            named_params! {
                ":id": id.0, ":state": state.name(), ":by": by, ":now": millis(now),
            },
            |row| Ok((InboundId(row.get(0)?), row.get::<_, String>(1)?)),
        )
        .optional()?;
    let Some((inbound, cause)) = decided else {
        return Ok(false);
    };
    let mut why = format!("held mail {id} ({cause}): {} by {by}", state.name());
    if !words.is_empty() {
        why.push_str(&format!(", {words}"));
    }
    order(tx, inbound, "order", &why, now)?;
    Ok(true)
}

/// Closes what has waited longer than `keep` as expired, at most `EXPIRED_MAX` at a time; the raw
/// mail stays. Answers how many.
pub fn expire(tx: &Connection, keep: Duration, now: DateTime<Utc>) -> Result<usize> {
    let expired = tx
        .prepare_cached(
            "UPDATE held SET state = 'expired', decided_at = :now, decided_by = :by
             WHERE id IN (SELECT id FROM held WHERE state = 'waiting' AND held_at < :before
                          ORDER BY held_at LIMIT :max)
             RETURNING id, inbound_id, cause",
        )?
        .query_map(
            named_params! {
                ":now": millis(now),
                ":by": NOBODY,
                ":before": millis(now - keep),
                ":max": EXPIRED_MAX,
            },
            |row| {
                Ok((
                    HeldId(row.get(0)?),
                    InboundId(row.get(1)?),
                    row.get::<_, String>(2)?,
                ))
            },
        )?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (id, inbound, cause) in &expired {
        let why = format!(
            "held mail {id} ({cause}): expired after {} days, nobody decided",
            keep.num_days()
        );
        order(tx, *inbound, "due", &why, now)?;
    }
    Ok(expired.len())
}

/// No change without a line in the journal.
fn order(
    tx: &Connection,
    inbound: InboundId,
    event: &str,
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let line = Line {
        event,
        inbound: Some(inbound),
        why,
        ..Line::default()
    };
    journal::write(tx, &line, now)?;
    Ok(())
}

/// How many waiting mails are held for a cause.
pub fn count(tx: &Connection, cause: &str) -> Result<i64> {
    Ok(tx
        .prepare_cached("SELECT count(*) FROM held WHERE state = 'waiting' AND cause = :cause")?
        .query_row(named_params! { ":cause": cause }, |row| row.get(0))?)
}

/// Whether a held mail waits that may belong to a ticket.
pub fn waits_for(tx: &Connection, ticket: TicketId) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM held WHERE state = 'waiting' AND ticket_id = :ticket")?
        .exists(named_params! { ":ticket": ticket.0 })?)
}
