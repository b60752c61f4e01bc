//! What consultants are alerted of (policy.md §3), as a letter says it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::letter::TicketFacts;
use super::ticket::Priority;

/// Something a consultant is alerted of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLine {
    /// The ticket.
    pub ticket: TicketFacts,
    /// What of.
    pub reason: AlertReason,
    /// Hundredths of the clock's time that have passed, where that is the reason.
    pub percent: Option<u8>,
    /// The instant concerned: the limit, the closing, the receipt.
    pub at: DateTime<Utc>,
}

/// What a consultant is alerted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertReason {
    /// A consultant made the ticket critical.
    TurnedCritical,
    /// The first answer ought to be out.
    ResponseTarget,
    /// So much of the response time has passed.
    ResponsePercent,
    /// The response limit ran out.
    ResponseBreach,
    /// The client's last mail has no answer.
    NextReply,
    /// The solution ought to be there.
    SolutionTarget,
    /// So much of the solution time has passed.
    SolutionPercent,
    /// The solution time ran out.
    SolutionBreach,
    /// So much of the authorized time is used (policy.md §4).
    Budget,
    /// A call was not made official in time.
    FormalizeOverdue,
    /// Every attempt was made; only a consultant may close the ticket.
    PlanExhausted,
    /// The plan stands still: a held mail may be the client's answer.
    HeldWaits,
    /// It was closed for lack of an answer.
    ClosedUnattended,
    /// It was closed without the approval that was asked for.
    ClosedNotApproved,
}

impl AlertLine {
    /// How soon somebody should look at it, the soonest first: what is critical, then what is
    /// broken, then what is about to be, then what only waits; the earlier instant first. What is
    /// over and asks for nothing comes last.
    pub fn order(&self) -> (bool, bool, u8, Priority, DateTime<Utc>) {
        use AlertReason as Reason;
        let is_over = matches!(
            self.reason,
            Reason::ClosedUnattended | Reason::ClosedNotApproved
        );
        let rank = match self.reason {
            Reason::TurnedCritical => 0,
            Reason::ResponseBreach => 1,
            Reason::SolutionBreach => 2,
            Reason::ResponsePercent => 3,
            Reason::NextReply | Reason::SolutionPercent | Reason::Budget => 4,
            Reason::ResponseTarget | Reason::SolutionTarget => 5,
            Reason::FormalizeOverdue | Reason::PlanExhausted | Reason::HeldWaits => 6,
            Reason::ClosedUnattended | Reason::ClosedNotApproved => 7,
        };
        let is_calm = self.ticket.priority != Priority::Critical;
        (is_over, is_calm, rank, self.ticket.priority, self.at)
    }
}

impl AlertReason {
    /// Every reason.
    pub const ALL: [Self; 14] = [
        Self::TurnedCritical,
        Self::ResponseTarget,
        Self::ResponsePercent,
        Self::ResponseBreach,
        Self::NextReply,
        Self::SolutionTarget,
        Self::SolutionPercent,
        Self::SolutionBreach,
        Self::Budget,
        Self::FormalizeOverdue,
        Self::PlanExhausted,
        Self::HeldWaits,
        Self::ClosedUnattended,
        Self::ClosedNotApproved,
    ];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::TurnedCritical => "turned_critical",
            Self::ResponseTarget => "response_target",
            Self::ResponsePercent => "response_percent",
            Self::ResponseBreach => "response_breach",
            Self::NextReply => "next_reply",
            Self::SolutionTarget => "solution_target",
            Self::SolutionPercent => "solution_percent",
            Self::SolutionBreach => "solution_breach",
            Self::Budget => "budget",
            Self::FormalizeOverdue => "formalize_overdue",
            Self::PlanExhausted => "plan_exhausted",
            Self::HeldWaits => "held_waits",
            Self::ClosedUnattended => "closed_unattended",
            Self::ClosedNotApproved => "closed_not_approved",
        }
    }
}
