//! What letters say of who may ask, and of held mail.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// A change of a client's list, as one of its readers is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DirectoryChange {
    /// The greeting name.
    pub name: String,
    /// The reader is whom it is about.
    pub own: bool,
    /// Whom it is about, `Name <address>`.
    pub person: String,
    /// The client's name.
    pub client: String,
    /// The consultant whose command it was.
    pub consultant: String,
    /// Whose wish it was, where that is known.
    pub asked_by: Option<String>,
    /// The names on the list from now on; none where they are not the reader's business.
    pub authorizers: Vec<String>,
}

/// One thing done by a command about the list or about held mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Admitted {
    /// What: `authorized`, `revoked`, `released` or `discarded`.
    pub what: &'static str,
    /// The person, or the sender of the held mail; may be empty.
    pub who: String,
    /// The client, where one is known or was named.
    pub client: Option<String>,
    /// The number of the held mail.
    pub number: Option<i64>,
    /// Its subject; empty for a person.
    pub subject: String,
}

/// A held mail in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldLine {
    /// Its number in the list of held mail.
    pub number: i64,
    /// Its sender; may be empty.
    pub from: String,
    /// Its subject; may be empty.
    pub subject: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

/// Why an answer to the notice of a held mail releases nothing (policy.md §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldAnswer {
    /// It says no, or more than yes, or something else.
    Unclear,
    /// Its sender may not ask for that client, or is not whom the notice went to.
    NotTheirs,
    /// The receiving server does not vouch strongly enough for the sender.
    NeedsStrong,
    /// Somebody has decided about the held mail before.
    Decided,
}

impl HeldAnswer {
    /// Every reason.
    pub const ALL: [Self; 4] = [
        Self::Unclear,
        Self::NotTheirs,
        Self::NeedsStrong,
        Self::Decided,
    ];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unclear => "unclear",
            Self::NotTheirs => "not_theirs",
            Self::NeedsStrong => "needs_strong",
            Self::Decided => "decided",
        }
    }
}
