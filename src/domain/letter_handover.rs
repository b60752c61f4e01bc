//! What a consultant is told of what went before: a ticket's links, history and conversation, and the
//! client's other tickets.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::letter::TicketFacts;
use super::ticket::{ClosedAs, Status};

/// A ticket that another one is tied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedTicket {
    /// In which sense, as in JSON; its words are in `templates/words.toml`.
    pub kind: String,
    /// `GS-1042`.
    pub number: String,
}

/// Another ticket of the same client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherTicket {
    /// `GS-1041`.
    pub number: String,
    /// The opening subject.
    pub subject: String,
    /// State.
    pub status: Status,
    /// How it ended, where it has.
    pub closed_as: Option<ClosedAs>,
}

/// What a consultant must know whose ticket takes in another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merge {
    /// The ticket that goes on.
    pub ticket: TicketFacts,
    /// The one that ended.
    pub merged: TicketFacts,
    /// The consultant who ordered it.
    pub by: String,
    /// What was said in it so far, oldest first; the newest at most.
    pub conversation: Vec<Said>,
}

/// What a consultant to whom a ticket is handed must know (policy.md §8).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Handover {
    /// The ticket.
    pub ticket: TicketFacts,
    /// The consultant who hands it over.
    pub by: String,
    /// It is his own now, and not only his level's.
    pub assigned: bool,
    /// Whose it is, where it is somebody's.
    pub assignee: Option<String>,
    /// When the first answer is owed, while it is.
    pub response_due_at: Option<DateTime<Utc>>,
    /// When the solution is due, where that is known.
    pub solution_due_at: Option<DateTime<Utc>>,
    /// Minutes that the solution clock has run.
    pub solution_minutes: i64,
    /// Minutes of the estimate.
    pub solution_limit_minutes: i64,
    /// What happened so far, oldest first; the newest at most.
    pub history: Vec<HistoryLine>,
    /// What was said so far, oldest first; the newest at most.
    pub conversation: Vec<Said>,
}

/// A fact as a line of a handover: the words of `what` are the template's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryLine {
    /// When.
    pub at: DateTime<Utc>,
    /// The kind of fact.
    pub what: &'static str,
    /// Who did it; may be empty.
    pub who: String,
    /// To what, by its name in JSON; may be empty.
    pub detail: String,
}

/// A message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// When.
    pub at: DateTime<Utc>,
    /// Who wrote.
    pub from: String,
    /// The newest words.
    pub text: String,
}
