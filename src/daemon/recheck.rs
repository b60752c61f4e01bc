//! The nightly check: stored deadlines beside the functions they are a cache of (architecture.md).
//!
//! A pass over the open tickets, once a local day and whenever what deadlines depend on is not what
//! it was: so a changed limit or a new rest day moves the deadlines of the tickets there are. It is
//! made in parts between the other work, and a table says how far it is; the next start goes on
//! there. Where nothing differs, nothing is written about a ticket.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::engine::Engine;
use crate::domain::event::{Event, RecomputeCause};
use crate::domain::ids::{ClientId, TicketId};
use crate::domain::policy::Policy;
use crate::domain::recheck::agrees;
use crate::store::recheck::{self, OVER, Pass};
use crate::store::{Connection, Result, Store, StoreError};

/// Tickets looked at in one commit; mails and due rows wait no longer than for that many.
const BATCH_MAX: u32 = 200;

/// Does the next part of the pass that is under way, or begins one where it is time. True: there is
/// more of it.
pub fn round(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<bool> {
    store.transaction(|tx| {
        let mut pass = current(tx, engine, now)?;
        if pass.position == OVER {
            return Ok(false);
        }
        let cause = if pass.changed {
            RecomputeCause::PolicyChanged
        } else {
            RecomputeCause::Differed
        };
        let tickets = recheck::open_after(tx, pass.position, BATCH_MAX)?;
        for ticket in &tickets {
            let savepoint = tx.savepoint().map_err(StoreError::from)?;
            match check(&savepoint, engine, *ticket, cause, now) {
                Ok(()) => savepoint.commit()?,
                Err(error) if error.is_storage_failure() => return Err(error),
                // Undone with its savepoint; one ticket holds up no other.
                Err(error) => {
                    tracing::error!(ticket = ticket.0, %error, "the deadlines of a ticket could not be checked");
                }
            }
        }
        let more = tickets.len() >= BATCH_MAX as usize;
        match tickets.last() {
            Some(last) if more => pass.position = *last,
            _ => {
                pass.position = OVER;
                pass.changed = false;
            }
        }
        recheck::note(tx, &pass)?;
        Ok(more)
    })
}

/// The pass that is under way, or the one to begin; the last one, where it is over and holds.
fn current(tx: &Connection, engine: &Engine, now: DateTime<Utc>) -> Result<Pass> {
    let policy = fingerprint(&engine.policy, &recheck::own_calendars(tx)?);
    let day = now.with_timezone(&engine.zone).date_naive();
    let begun = Pass {
        policy,
        changed: true,
        day,
        position: TicketId::default(),
    };
    Ok(match recheck::last_pass(tx)? {
        Some(last) if last.policy != begun.policy => begun,
        Some(last) if last.position == OVER && last.day != day => Pass {
            changed: false,
            ..begun
        },
        Some(last) => last,
        // A ledger of before there was a check: nobody knows under which policy it was written.
        None => begun,
    })
}

/// Compares what is stored of a ticket with what its facts give; where that differs, an event
/// mends it.
fn check(
    tx: &Connection,
    engine: &Engine,
    id: TicketId,
    cause: RecomputeCause,
    now: DateTime<Utc>,
) -> Result<()> {
    let (Some(ticket), Some(stored)) = (engine.ticket(tx, id)?, recheck::stored(tx, id)?) else {
        return Ok(());
    };
    if agrees(&stored, &ticket, &engine.policy, now) {
        return Ok(());
    }
    if cause == RecomputeCause::Differed {
        tracing::warn!(
            ticket = id.0,
            "stored deadlines were not those that follow from the ticket's facts; they are mended"
        );
    }
    engine.handle(tx, &Event::Recompute { ticket: id, cause }, now)
}

/// A hash of everything that deadlines depend on besides the tickets: the terms of the policy, the
/// clients' own calendars, and the program, which holds the rules and the rules of the time zones.
fn fingerprint(policy: &Policy, calendars: &[(ClientId, String)]) -> String {
    // Each field is named, so that a new one cannot be forgotten here.
    let Policy {
        calendar,
        response,
        acknowledgement_counts,
        solution,
        contact,
        phone,
        alert_percents,
        service_name: _,
        address: _,
        own_addresses: _,
        ticket_prefix: _,
        operators: _,
        priority_rules: _,
        consultants: _,
        billing: _,
        out_of_hours: _,
        replies: _,
        validation: _,
        held_keep_days: _,
        daily_digest: _,
        brakes: _,
        phrases: _,
    } = policy;
    let terms = (
        env!("CARGO_PKG_VERSION"),
        calendar.spec(),
        response,
        acknowledgement_counts,
        solution,
        contact,
        phone,
        alert_percents,
        calendars,
    );
    data_encoding::HEXLOWER.encode(&Sha256::digest(format!("{terms:?}")))
}
