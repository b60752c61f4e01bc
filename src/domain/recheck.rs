//! Whether what is stored of a ticket's deadlines is what follows from its facts.
//!
//! Stored deadlines are a cache (architecture.md): computed anew at every event of the ticket, and
//! compared in between, because the policy and the calendars may change without one.

use chrono::{DateTime, Utc};

use super::clock;
use super::effect::Due;
use super::event::DueKind;
use super::lifecycle::schedule;
use super::policy::Policy;
use super::ticket::Ticket;

/// What the tables hold of a ticket's deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its due rows.
    pub due: Vec<Due>,
    /// The earliest of them, as the ticket's own row has it.
    pub next_action_at: Option<DateTime<Utc>>,
    /// When open time begins to pass beyond the response limit.
    pub limit_open_at: DateTime<Utc>,
    /// When the first answer was accepted.
    pub met_at: Option<DateTime<Utc>>,
}

/// Whether `stored` is what the ticket's facts give at `now`. A review is one whatever its instant:
/// that follows from when it was last computed, and from nothing that happened.
pub fn agrees(stored: &Stored, ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> bool {
    let response = clock::response(ticket, policy);
    stored.next_action_at == stored.due.iter().map(|due| due.at).min()
        && millis(stored.limit_open_at) == millis(response.limit_open_at)
        && stored.met_at.map(millis) == response.met_at.map(millis)
        && comparable(&stored.due) == comparable(&schedule(ticket, policy, now))
}

/// Due rows in an order of their own, reviews without their instants.
fn comparable(due: &[Due]) -> Vec<(DueKind, Option<i64>)> {
    let instant = |due: &Due| (due.kind != DueKind::Review).then(|| millis(due.at));
    let mut rows: Vec<_> = due.iter().map(|due| (due.kind, instant(due))).collect();
    rows.sort_unstable();
    rows
}

/// An instant as precisely as tables hold it.
fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}
