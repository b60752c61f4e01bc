//! How things stand, as letters tell it to consultants: the values of the digest, of `#estado` and
//! of `#porque`. The words are in `templates/`.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::effect::HeldCause;
use super::ids::{HeldId, TicketId};
use super::letter::{AttemptMade, HistoryLine, TicketFacts};
use super::pending::Pending;
use super::ticket::{ClosedAs, Ticket};

/// What the tables know of everything that is open, for the digest and for whoever asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overview {
    /// When the ledger recorded its first decision; none where it is new.
    pub since: Option<DateTime<Utc>>,
    /// Open tickets, those that need a decision soonest first.
    pub tickets: Vec<Ticket>,
    /// Open tickets beyond the bound, which nobody looked at.
    pub unseen: u32,
    /// Held mail that waits, oldest first.
    pub held: Vec<HeldRow>,
    /// Held mail beyond the bound.
    pub held_more: u32,
}

/// A mail that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldRow {
    /// Its number in `held list`, by which `#liberar` and `#descartar` name it.
    pub id: HeldId,
    /// Its sender's address; may be empty.
    pub from: String,
    /// Its subject; may be empty.
    pub subject: String,
    /// Why it is held.
    pub cause: HeldCause,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// The client it seems to concern.
    pub client: Option<String>,
    /// The number of the ticket it seems to concern.
    pub ticket: Option<String>,
}

/// Everything that is a consultant's, and what is held.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Digest {
    /// He asked for it; otherwise it is the one of the day.
    pub asked: bool,
    /// When things stood so.
    pub as_of: DateTime<Utc>,
    /// His tickets, by what they wait for; no section is empty.
    pub sections: Vec<Section>,
    /// Held mail, oldest first.
    pub held: Vec<HeldRow>,
    /// Held mail beyond those.
    pub held_more: u32,
    /// Open tickets that nobody looked at, because there are too many.
    pub unseen: u32,
}

/// The tickets of a digest that wait for the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// For what, by its name in `templates/words.toml`.
    pub name: &'static str,
    /// The tickets, the earliest deadline first.
    pub rows: Vec<Row>,
    /// How many more there are.
    pub more: usize,
}

/// A ticket in a digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its number without prefix, for the address that an answer goes to.
    pub id: TicketId,
    /// The ticket.
    pub ticket: TicketFacts,
    /// It is his own, and not only his level's.
    pub own: bool,
    /// What it waits for.
    pub pending: Pending,
}

/// A ticket's state, for a consultant who asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketState {
    /// Its number without prefix, for the address that an answer goes to.
    pub id: TicketId,
    /// The ticket.
    pub ticket: TicketFacts,
    /// When it stood so.
    pub as_of: DateTime<Utc>,
    /// Whose it is, where it is somebody's.
    pub assignee: Option<String>,
    /// Since when it is in its state.
    pub since: Option<DateTime<Utc>>,
    /// How it ended, where it is closed.
    pub closed_as: Option<ClosedAs>,
    /// What it waits for, while it is open.
    pub pending: Option<Pending>,
    /// The moment promised for the first answer.
    pub response_limit_at: DateTime<Utc>,
    /// When it was given.
    pub response_met_at: Option<DateTime<Utc>>,
    /// It was late, or is.
    pub response_late: bool,
    /// When the solution is due, where that is known.
    pub solution_due_at: Option<DateTime<Utc>>,
    /// Minutes that the solution clock has run.
    pub solution_minutes: i64,
    /// Minutes of the estimate.
    pub solution_limit_minutes: i64,
    /// More has run than was estimated.
    pub solution_late: bool,
    /// Attempts to reach the client that counted.
    pub attempts: Vec<AttemptMade>,
    /// When the ticket closes if the client does not answer.
    pub closes_at: Option<DateTime<Utc>>,
    /// Who else takes part, `Name <address>`.
    pub participants: Vec<String>,
    /// Who was copied and may write.
    pub copied: Vec<String>,
}

/// Why a ticket's clocks and dates are what they are, for a consultant who asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketAccount {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The time that clocks are told for.
    pub as_of: DateTime<Utc>,
    /// Each clock and plan that runs or ran.
    pub chapters: Vec<Chapter>,
    /// What happened, oldest first; the newest at most.
    pub history: Vec<HistoryLine>,
}

/// The account of one clock or plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chapter {
    /// Which, by its name in `templates/words.toml`.
    pub name: &'static str,
    /// How it comes about, in order.
    pub lines: Vec<AccountLine>,
}

/// A sentence of an account: its pattern is the template's, what fills it is here. What a sentence
/// does not speak of is absent or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct AccountLine {
    /// The sentence, by its name in `templates/words.toml`.
    pub what: &'static str,
    /// Part of the line above it.
    pub deep: bool,
    /// The instant it speaks of, or a span's beginning.
    pub at: Option<DateTime<Utc>>,
    /// A span's end, or what comes of it.
    pub to: Option<DateTime<Utc>>,
    /// The span ends on the day on which it begins.
    pub same_day: bool,
    /// What held before.
    pub before: Option<DateTime<Utc>>,
    /// What the change gives by itself.
    pub alone: Option<DateTime<Utc>>,
    /// Minutes.
    pub minutes: Option<i64>,
    /// The minutes they are compared with.
    pub of_minutes: Option<i64>,
    /// A count: an attempt, business days, stretches.
    pub number: Option<u64>,
    /// Who; a name or an address.
    pub who: String,
    /// A priority, kind or state from before, by its name.
    pub old: &'static str,
    /// The one since.
    pub new: &'static str,
    /// Which of the three: `priority`, `kind`, `status`.
    pub sort: &'static str,
    /// Other words, such as a case number.
    pub detail: String,
    /// A date it speaks of.
    pub day: Option<NaiveDate>,
    /// Weekends lie in it.
    pub weekend: bool,
    /// Other closed days that lie in it, at most
    /// [`DAYS_MAX`](super::account_lines::DAYS_MAX).
    pub closed: Vec<ClosedLine>,
}

/// A closed day in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ClosedLine {
    /// The local date.
    pub date: NaiveDate,
    /// Why, by its name in `templates/words.toml`.
    pub why: &'static str,
}
