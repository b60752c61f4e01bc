//! The lines of the ledger (policy.md §7): what is charged, for what, and on whose word.
//!
//! A line is never changed. What was wrong is taken back by a line with as many minutes less, and
//! what may not be charged before the client says so is released by his mail.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::billing::{Bucket, Span};
use super::ids::{ChargeId, InboundId, TicketId};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// A consultant's mail to the client.
    FollowUp,
    /// A session with the client.
    Session,
    /// Work without the client.
    Work,
    /// Time that the client authorized beyond the estimate: nothing is charged by it.
    Budget,
    /// A correction by hand.
    Adjustment,
}

impl ChargeKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::FollowUp,
        Self::Session,
        Self::Work,
        Self::Budget,
        Self::Adjustment,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::FollowUp => "follow_up",
            Self::Session => "session",
            Self::Work => "work",
            Self::Budget => "budget",
            Self::Adjustment => "adjustment",
        }
    }

    /// The inverse of [`ChargeKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is time spent, which counts against the estimate (policy.md §4).
    pub fn is_effort(self) -> bool {
        self != Self::Budget
    }
}

/// What a line has to wait for before it may be charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitsFor {
    /// The mail that makes its ticket official (policy.md §2).
    Formalization,
    /// An authorizer's approval of more time (policy.md §4).
    Approval,
}

impl WaitsFor {
    /// Everything.
    pub const ALL: [Self; 2] = [Self::Formalization, Self::Approval];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Formalization => "formalization",
            Self::Approval => "approval",
        }
    }

    /// The inverse of [`WaitsFor::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Formalization, Self::Approval];
        all.into_iter().find(|waits_for| waits_for.name() == name)
    }
}

/// The client's word that a line waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// Which line.
    pub charge: ChargeId,
    /// What it waited for.
    pub waited_for: WaitsFor,
    /// When the word came.
    pub at: DateTime<Utc>,
    /// The mail that said so.
    pub source: InboundId,
}

/// What is to be charged: a line before it has a number.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCharge {
    /// What it is for; a second line for the same is impossible.
    pub once: String,
    /// What it is.
    pub kind: ChargeKind,
    /// Of all consultants together; fewer than none in a reversal, never none.
    pub minutes: i64,
    /// When the time was.
    pub bucket: Bucket,
    /// What a minute is multiplied by, where the price is another one.
    pub factor: Option<f64>,
    /// Who is charged for; who recorded it, for a session of several.
    pub consultant: Address,
    /// A session's consultants by name, as far as they were named.
    pub people: Vec<String>,
    /// When it was entered: the month it belongs to.
    pub at: DateTime<Utc>,
    /// The time charged for, where it has a beginning.
    pub span: Option<Span>,
    /// The mail that it comes from.
    pub source: Option<InboundId>,
    /// The client's mail that approved it.
    pub approval: Option<InboundId>,
    /// Entered while its ticket was not official.
    pub pending_formalization: bool,
    /// Entered beyond the authorized time.
    pub excess: bool,
    /// The line it takes back.
    pub reverses: Option<ChargeId>,
    /// What was done; may be empty.
    pub note: String,
}

impl NewCharge {
    /// A line of `consultant`, entered at `at`, for which nothing else is said: nothing gave rise to
    /// it, approved it or limits it.
    pub fn plain(
        once: String,
        (kind, minutes, bucket): (ChargeKind, i64, Bucket),
        consultant: &Address,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            once,
            kind,
            minutes,
            bucket,
            factor: None,
            consultant: consultant.clone(),
            people: Vec::new(),
            at,
            span: None,
            source: None,
            approval: None,
            pending_formalization: false,
            excess: false,
            reverses: None,
            note: String::new(),
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub struct Charge {
    /// The `1042` of `L-1042`.
    pub id: ChargeId,
    /// Of which ticket.
    pub ticket: TicketId,
    /// What it says.
    pub line: NewCharge,
    /// When the client's mail made its ticket official, where it waited for that.
    pub formalized_at: Option<DateTime<Utc>>,
    /// When an authorizer approved the time, where it waited for that.
    pub approved_at: Option<DateTime<Utc>>,
    /// Another line takes it back.
    pub is_reversed: bool,
}

impl Charge {
    /// Whether nothing takes it back and it takes back nothing.
    pub fn is_in_force(&self) -> bool {
        !self.is_reversed && self.line.reverses.is_none()
    }

    /// Whether it may be charged now: it waits for no word of the client's.
    pub fn is_billable(&self) -> bool {
        self.line.kind.is_effort() && self.billable_since().is_some()
    }

    /// Since when it may be charged; none: it waits for the client's word. A line that had to wait
    /// belongs to the month in which that came.
    pub fn billable_since(&self) -> Option<DateTime<Utc>> {
        let line = &self.line;
        billable_since(
            line.at,
            (line.pending_formalization, self.formalized_at),
            (line.excess, self.approved_at),
        )
    }

    /// The line that takes it back, entered at `at`. It waits for what this one waits for still, so
    /// that the two are always charged together or not at all.
    pub fn reversal(&self, at: DateTime<Utc>, source: Option<InboundId>, note: &str) -> NewCharge {
        NewCharge {
            once: format!("reversal:{}", self.id),
            minutes: -self.line.minutes,
            at,
            source,
            pending_formalization: self.line.pending_formalization && self.formalized_at.is_none(),
            excess: self.line.excess && self.approved_at.is_none(),
            reverses: Some(self.id),
            note: note.to_owned(),
            ..self.line.clone()
        }
    }
}

/// Since when a line entered at `at` may be charged. Of formalization and of approval: whether it has
/// to wait for that, and when that came.
pub fn billable_since(
    at: DateTime<Utc>,
    formalization: (bool, Option<DateTime<Utc>>),
    approval: (bool, Option<DateTime<Utc>>),
) -> Option<DateTime<Utc>> {
    let mut since = at;
    for (waits, came) in [formalization, approval] {
        if waits {
            since = since.max(came?);
        }
    }
    Some(since)
}
