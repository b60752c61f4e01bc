//! Whether what is stored of a ticket's deadlines is what follows from its facts.
//!
//! Stored deadlines are a cache (architecture.md): computed anew at every event of the ticket, and
//! compared in between, because the policy and the calendars may change without one.

use chrono::{DateTime, Utc};

use super::clock;
use super::effect::Due;
use super::event::DueKind;
use super::lifecycle::{next_opening, schedule};
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
        && same_rows(&stored.due, ticket, policy, now)
}

/// Whether the stored rows are those of the schedule. What is due, or will be at the next opening,
/// is on its way: its row may have been put off, but not beyond the opening after that.
fn same_rows(stored: &[Due], ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> bool {
    let computed = schedule(ticket, policy, now);
    let calendar = ticket.calendar(policy);
    let (soon, later) = (calendar.next_open(now), next_opening(calendar, now));
    let same = |due: &Due| {
        let row = stored.iter().find(|row| row.kind == due.kind);
        row.is_some_and(|row| {
            due.kind == DueKind::Review
                || millis(row.at) == millis(due.at)
                || (due.at <= soon && row.at <= later)
        })
    };
    computed.len() == stored.len() && computed.iter().all(same)
}

/// An instant as precisely as tables hold it.
fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}
