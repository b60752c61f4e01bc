//! The effort that a client has agreed to, and what of it is used (policy.md §4).
//!
//! It is apart from the solution clock: the clock says how long the client waits, the budget how
//! much time of consultants he pays for.

use super::charge::Charge;
use super::ids::InboundId;
use super::policy::Policy;
use super::ticket::{Fact, Status, Ticket};
use crate::domain::address::Address;

/// Hundredths of the authorized time at which consultants are warned, in rising order.
pub const WARN_PERCENTS: [u8; 2] = [75, 100];

/// Effort authorized and used, in minutes, before any surcharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The estimate of the ticket's kind, and every addition that an authorizer approved.
    pub authorized: i64,
    /// Work, sessions × consultants and follow-ups, excess included.
    pub used: i64,
}

impl Budget {
    /// The budget of a ticket as it is now.
    pub fn of(ticket: &Ticket, policy: &Policy) -> Self {
        let approved = ticket.history.iter().map(|dated| match dated.fact {
            Fact::BudgetApproved { minutes, .. } => minutes,
            _ => 0,
        });
        let estimate = policy.solution_terms(ticket.kind).limit.num_minutes();
        let effort = |charge: &&Charge| charge.line.kind.is_effort();
        let used = ticket.charges.iter().filter(effort);
        Self {
            authorized: estimate + approved.sum::<i64>(),
            used: used.map(|charge| charge.line.minutes).sum(),
        }
    }

    /// What may be spent without asking; none below zero.
    pub fn left(self) -> i64 {
        (self.authorized - self.used).max(0)
    }

    /// Whether so many hundredths are used.
    fn reached(self, percent: u8) -> bool {
        self.used * 100 >= self.authorized * i64::from(percent)
    }
}

/// The highest share of the authorized time that is used and that consultants were not told of.
///
/// Policy §4: at 75 % the consultant is warned. More time begins the count anew.
pub fn warning(ticket: &Ticket, policy: &Policy) -> Option<u8> {
    if !ticket.is_open() || ticket.charges.is_empty() {
        return None;
    }
    let budget = Budget::of(ticket, policy);
    let told = ticket
        .history
        .iter()
        .filter_map(|dated| match dated.fact {
            Fact::BudgetWarned {
                percent,
                authorized,
            } if authorized == budget.authorized => Some(percent),
            _ => None,
        })
        .max();
    WARN_PERCENTS
        .into_iter()
        .rfind(|percent| budget.reached(*percent))
        .filter(|percent| told.is_none_or(|told| told < *percent))
}

/// A request for more time that waits for an authorizer's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Which consultant asked.
    pub by: &'a Address,
    /// His mail.
    pub inbound: InboundId,
    /// How much more, in minutes.
    pub minutes: i64,
    /// Its one-time code.
    pub code: &'a str,
    /// What it is for.
    pub reason: &'a str,
}

/// The request that the ticket waits for. One that was answered, withdrawn because the ticket left
/// the state, or replaced by another one is none (policy.md §5).
pub fn open_request(ticket: &Ticket) -> Option<Request<'_>> {
    if ticket.status != Status::WaitingApproval {
        return None;
    }
    let last = ticket.history.iter().rev().find_map(|dated| {
        Some(match &dated.fact {
            Fact::BudgetAsked {
                by,
                inbound,
                minutes,
                code,
                reason,
            } => Some(Request {
                by,
                inbound: *inbound,
                minutes: *minutes,
                code,
                reason,
            }),
            Fact::BudgetApproved { .. } | Fact::BudgetRefused { .. } => None,
            _ => return None,
        })
    });
    last.flatten()
}
