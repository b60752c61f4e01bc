//! An operator's correction of the ledger (policy.md §7): a line taken back, or minutes put right by
//! hand. Lines are never changed.

use chrono::{DateTime, Utc};

use super::charge::{Charge, ChargeKind, NewCharge};
use super::charging::{bucket_at, factor};
use super::desk::Draft;
use super::effect::Decision;
use super::ids::ChargeId;
use super::policy::Policy;
use super::ticket::Ticket;

/// What is to be corrected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// A line is taken back.
    Reverse {
        /// Which.
        charge: ChargeId,
        /// Why.
        reason: String,
    },
    /// Minutes are charged, or taken back where they are fewer than none.
    Adjust {
        /// How many.
        minutes: i64,
        /// Why.
        reason: String,
    },
}

/// Whether a line of a ticket can be taken back: authorizations are the client's word, and what takes
/// something back is not taken back itself.
pub fn is_reversible(charge: &Charge) -> bool {
    charge.is_in_force() && charge.line.kind != ChargeKind::Budget
}

/// Decides about a correction; nothing where the line cannot be taken back.
pub(super) fn decide(
    ticket: &Ticket,
    correction: &Correction,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut draft = Draft::of(ticket);
    let tag = policy.tag(ticket.id);
    let why = match correction {
        Correction::Reverse { charge, reason } => {
            let of = |one: &&Charge| one.id == *charge && is_reversible(one);
            let Some(found) = ticket.charges.iter().find(of) else {
                return Decision::default();
            };
            draft.charge(found.reversal(now, None, reason));
            format!("{tag}: line L-{charge} is taken back: {reason}")
        }
        Correction::Adjust { minutes, reason } => {
            if *minutes == 0 {
                return Decision::default();
            }
            let (bucket, approval) = bucket_at(ticket, policy, now);
            let owner = ticket.assignee.as_ref().unwrap_or(&policy.address);
            let what = (ChargeKind::Adjustment, *minutes, bucket);
            let once = format!("adjustment:{}:{}", ticket.id, now.timestamp_millis());
            draft.charge(NewCharge {
                factor: factor(ticket, policy, bucket),
                approval,
                pending_formalization: !ticket.official,
                note: reason.clone(),
                ..NewCharge::plain(once, what, owner, now)
            });
            format!("{tag}: {minutes} minutes adjusted by hand: {reason}")
        }
    };
    Decision {
        effects: vec![draft.save(policy, now)],
        why: vec![why],
    }
}
