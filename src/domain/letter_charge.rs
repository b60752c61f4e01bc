//! What people are told of time and money, as values (policy.md §4, §7).

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::billing::Bucket;
use super::budget::Budget;
use super::charge::NewCharge;
use super::letter::TicketFacts;

/// Effort authorized, used and left, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BudgetFacts {
    /// What the client agreed to.
    pub authorized: i64,
    /// What is used of it, and beyond.
    pub used: i64,
    /// What may be used without asking; none below zero.
    pub left: i64,
}

impl From<Budget> for BudgetFacts {
    fn from(budget: Budget) -> Self {
        Self {
            authorized: budget.authorized,
            used: budget.used,
            left: budget.left(),
        }
    }
}

/// Minutes of one bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BucketMinutes {
    /// Its name.
    pub bucket: &'static str,
    /// Of all consultants together.
    pub minutes: i64,
}

/// To the client's side: a session is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionSummary {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The greeting name.
    pub name: String,
    /// Who recorded it.
    pub consultant: String,
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
    /// Consultants who were there, as far as they were named.
    pub people: Vec<String>,
    /// How many there were.
    pub count: u32,
    /// What is charged: minutes of all of them together.
    pub minutes: i64,
    /// The same by bucket.
    pub parts: Vec<BucketMinutes>,
}

/// To the client's side: work out of hours is accepted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutOfHoursWindow {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The greeting name.
    pub name: String,
    /// Who accepted it.
    pub consultant: String,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
    /// Who asked for it.
    pub asked_by: String,
    /// When his mail came.
    pub asked_at: DateTime<Utc>,
    /// What a minute is multiplied by, where that is agreed.
    pub factor: Option<f64>,
}

/// To an authorizer: more time is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetRequest {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The greeting name.
    pub name: String,
    /// Who asks.
    pub consultant: String,
    /// How much, in minutes.
    pub minutes: i64,
    /// What for.
    pub reason: String,
    /// The one-time code of the request.
    pub code: String,
    /// Where the ticket stands.
    pub budget: BudgetFacts,
    /// The reader may approve it; otherwise he is told that others were asked.
    pub may_approve: bool,
}

/// A request for more time, as a contact attempt reminds of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestReminder {
    /// How much, in minutes.
    pub minutes: i64,
    /// What for.
    pub reason: String,
    /// Its one-time code.
    pub code: String,
}

/// To an authorizer: a request was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BudgetResult {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The greeting name.
    pub name: String,
    /// It was approved; otherwise refused.
    pub approved: bool,
    /// What was asked, in minutes.
    pub minutes: i64,
    /// Who answered.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Where the ticket stands now.
    pub budget: BudgetFacts,
}

/// What a client's mail is to the request that its ticket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetAnswer {
    /// A clear yes: the budget is raised.
    Approved,
    /// A clear no.
    Refused,
    /// A yes to something else than was asked, or under a condition.
    Partly,
    /// Neither yes nor no.
    Unclear,
    /// It answers another mail, and does not name the code of the request.
    Unbound,
    /// Its sender may not approve time.
    NotTheirs,
    /// The receiving server does not vouch strongly enough for its sender.
    NeedsStrong,
}

impl BudgetAnswer {
    /// Every answer.
    pub const ALL: [Self; 7] = [
        Self::Approved,
        Self::Refused,
        Self::Partly,
        Self::Unclear,
        Self::Unbound,
        Self::NotTheirs,
        Self::NeedsStrong,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Partly => "partly",
            Self::Unclear => "unclear",
            Self::Unbound => "unbound",
            Self::NotTheirs => "not_theirs",
            Self::NeedsStrong => "needs_strong",
        }
    }

    /// Whether it decides about the request.
    pub fn decides(self) -> bool {
        matches!(self, Self::Approved | Self::Refused)
    }

    /// The words for the journal.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Approved => "a clear yes to the time asked for",
            Self::Refused => "a clear no to the time asked for",
            Self::Partly => "a yes to something else than was asked: nothing is applied",
            Self::Unclear => "no clear answer to the time asked for",
            Self::Unbound => "an answer that does not name the open request: nothing is applied",
            Self::NotTheirs => "its sender may not approve time",
            Self::NeedsStrong => "nobody vouches strongly enough for its sender",
        }
    }
}

/// A line that a consultant's mail entered into the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargedLine {
    /// What it is.
    pub kind: &'static str,
    /// Its minutes; fewer than none where something is taken back.
    pub minutes: i64,
    /// When the time was.
    pub bucket: &'static str,
    /// It is not charged before the client's mail makes the ticket official.
    pub pending: bool,
    /// It is not charged before an authorizer approves it.
    pub excess: bool,
}

impl From<&NewCharge> for ChargedLine {
    fn from(line: &NewCharge) -> Self {
        Self {
            kind: line.kind.name(),
            minutes: line.minutes,
            bucket: line.bucket.name(),
            pending: line.pending_formalization,
            excess: line.excess,
        }
    }
}

/// A line that the client disputes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisputedLine {
    /// Its number, `L-1042`.
    pub number: String,
    /// Of which ticket.
    pub ticket: String,
    /// What it is.
    pub kind: &'static str,
    /// Its minutes.
    pub minutes: i64,
    /// When the time was, or the mail left.
    pub at: DateTime<Utc>,
}

/// A session of before in which one of the consultants of a new one was at the same time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionOverlap {
    /// Who.
    pub people: Vec<String>,
    /// The ticket of the other session.
    pub number: String,
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end.
    pub to: DateTime<Utc>,
}

/// What a consultant's mail put on record, and what that leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargedTime {
    /// What was entered.
    pub lines: Vec<ChargedLine>,
    /// What the words cost when they leave, in minutes; none where no words leave.
    pub follow_up: Option<i64>,
    /// Where the ticket stands.
    pub budget: BudgetFacts,
    /// Sessions at the same time.
    pub overlaps: Vec<SessionOverlap>,
}

/// Minutes by bucket, for people.
pub fn by_bucket(parts: &[(Bucket, i64)]) -> Vec<BucketMinutes> {
    let named = parts.iter().map(|(bucket, minutes)| BucketMinutes {
        bucket: bucket.name(),
        minutes: *minutes,
    });
    named.collect()
}
