//! What happened to a ticket: the closed list of facts that its clocks and attributes follow from.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::failure::FailureCause;
use super::ids::{ChargeId, InboundId, OutboxId, TicketId};
use super::message::MailClass;
use super::ticket::{ClosedAs, Kind, Priority, Status};

/// One recorded event of a ticket: the only input of its clocks. Append-only.
///
/// The names are stored; renaming a variant or a field needs a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The ticket began; clocks start at `received_at` (policy.md §3: the trusted receipt time).
    Opened {
        /// When the mail that opened it reached the mailbox; when the call came, for a phone ticket.
        received_at: DateTime<Utc>,
        /// Priority understood from that mail.
        priority: Priority,
        /// Kind that follows from it.
        kind: Kind,
        /// A call, which the client's mail has yet to make official (policy.md §2).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_phone: bool,
    },
    /// A person on the client's side wrote.
    ClientWrote {
        /// Who.
        by: Address,
        /// The mail.
        inbound: InboundId,
        /// Nothing but thanks, or the yes that makes a call official: it asks for nothing
        /// (policy.md §2, §5).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        thanks: bool,
    },
    /// Somebody whom the client's side copied wrote, and he is not of the client: information, and
    /// no answer of the client's (policy.md §1, §5).
    OutsiderWrote {
        /// Who.
        by: Address,
        /// The mail.
        inbound: InboundId,
    },
    /// Somebody else may write in the thread from now on.
    Joined {
        /// Who.
        address: Address,
        /// The name that goes with the address.
        name: String,
        /// On whose word.
        by: Joining,
    },
    /// Somebody who may ask no more had asked for it: it is another authorizer's of the client from
    /// now on (policy.md §1).
    RequesterChanged {
        /// Whose it was.
        from: Address,
        /// Whose it is.
        to: Address,
        /// The name that goes with that address.
        name: String,
    },
    /// Somebody takes no part any more, and is sent nothing more: a consultant took him out (policy.md
    /// §9, `#cc`), or he may ask no more (policy.md §1).
    Left {
        /// Who.
        address: Address,
        /// The consultant who took him out; none: he may ask no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Address>,
    },
    /// A machine wrote; nothing follows from it.
    MachineWrote {
        /// What it was.
        class: MailClass,
        /// The mail.
        inbound: InboundId,
    },
    /// A consultant's mail was filed without going to the client.
    ConsultantNoted {
        /// Who.
        by: Address,
        /// The mail.
        inbound: InboundId,
    },
    /// A consultant's reply was queued for the client.
    ReplyQueued {
        /// Who.
        by: Address,
        /// The consultant's mail.
        inbound: InboundId,
    },
    /// A consultant's mail went to the client and to us at once: the client had it when we did.
    RepliedDirectly {
        /// Who.
        by: Address,
        /// The consultant's mail.
        inbound: InboundId,
    },
    /// A consultant took back a mail of his before it left: nothing that it recorded counts.
    Undone {
        /// Who.
        by: Address,
        /// The mail that he took back.
        inbound: InboundId,
    },
    /// A consultant's reply was accepted by the SMTP server at the fact's time: meets the response clock.
    ReplySent {
        /// The outgoing mail.
        outbox: OutboxId,
        /// The consultant's mail whose words it is, which is a follow-up (policy.md §7); none for
        /// words of ours, and in facts of before it was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inbound: Option<InboundId>,
    },
    /// A mail to somebody could not be delivered.
    DeliveryFailed {
        /// The outgoing mail.
        outbox: OutboxId,
        /// To whom.
        to: Address,
        /// The words of the server or of the report.
        reason: String,
        /// What kept it from arriving; `other` in facts of before it was told apart.
        #[serde(default)]
        cause: FailureCause,
    },
    /// The ticket entered another state.
    StatusChanged {
        /// Which.
        to: Status,
        /// How it ended, where it is `closed`.
        closed_as: Option<ClosedAs>,
    },
    /// The ticket was tied to another one.
    Linked {
        /// In which sense, seen from this ticket.
        link: Link,
        /// The other ticket.
        ticket: TicketId,
    },
    /// A mail of the client's was moved to a ticket of its own: what it asks for is owed there
    /// (policy.md §9, `#separar`).
    MailMoved {
        /// The mail.
        inbound: InboundId,
        /// The other ticket.
        to: TicketId,
        /// Who said so.
        by: Address,
    },
    /// The response limit ran out before an answer. Of before alerts had stages of their own: the
    /// same as [`Fact::Alerted`] at the breach of the response clock.
    ResponseBreached,
    /// A consultant gave it another priority (policy.md §3).
    PriorityChanged {
        /// Which.
        to: Priority,
        /// Who.
        by: Address,
    },
    /// A consultant gave it another kind (policy.md §4).
    KindChanged {
        /// Which.
        to: Kind,
        /// Who.
        by: Address,
    },
    /// It was handed to another support level (policy.md §8).
    LevelChanged {
        /// Which, 1 to 4.
        to: u8,
        /// Who.
        by: Address,
    },
    /// It has another owner.
    Assigned {
        /// Whose it is from now on; none: the level's.
        to: Option<Address>,
        /// Who said so.
        by: Address,
    },
    /// A case was opened with the product's maker (policy.md §8, level 4).
    CaseOpened {
        /// Its number there.
        case: String,
        /// Who.
        by: Address,
    },
    /// The wait that begins with it is known to last until that day (policy.md §9, `hasta`).
    WaitingUntil {
        /// A local date.
        day: NaiveDate,
    },
    /// A contact attempt was queued for the client (policy.md §6).
    AttemptQueued {
        /// Which, counted from 1.
        number: u32,
    },
    /// A contact attempt was accepted for the requester: from now on it counts, unless it comes
    /// back.
    AttemptSent {
        /// Which, counted from 1.
        number: u32,
        /// The outgoing mail.
        outbox: OutboxId,
    },
    /// A consultant tried to reach the client by phone: an attempt like the others.
    AttemptByPhone {
        /// Which, counted from 1.
        number: u32,
        /// Who.
        by: Address,
    },
    /// Every attempt was made and the ticket may not be closed without a consultant's word
    /// (policy.md §6: critical tickets).
    PlanExhausted,
    /// A held mail may be the answer that the plan waits for: its next step waits for a person to
    /// look, until then at least.
    PlanPutOff {
        /// Not before.
        until: DateTime<Utc>,
    },
    /// The client was told that a third party is still waited for (policy.md §5).
    UpdateQueued,
    /// The client's own mail made it official (policy.md §2).
    Formalized {
        /// The mail.
        inbound: InboundId,
    },
    /// The authorizers were reminded to make it official.
    FormalizeReminded,
    /// Nobody made it official in time: a consultant decides.
    FormalizeOverdue,
    /// The authorizers were asked for more time (policy.md §4).
    BudgetAsked {
        /// Which consultant asked.
        by: Address,
        /// His mail.
        inbound: InboundId,
        /// How much more, in minutes.
        minutes: i64,
        /// The one-time code of the request.
        code: String,
        /// What it is for.
        reason: String,
    },
    /// An authorizer approved the time asked for last.
    BudgetApproved {
        /// Who.
        by: Address,
        /// The mail.
        inbound: InboundId,
        /// How much, in minutes: what was asked.
        minutes: i64,
    },
    /// An authorizer refused the time asked for last.
    BudgetRefused {
        /// Who.
        by: Address,
        /// The mail.
        inbound: InboundId,
    },
    /// The consultants were told how much of the authorized time is used (policy.md §4); once for
    /// each share.
    BudgetWarned {
        /// Hundredths of the authorized time.
        percent: u8,
        /// The authorized time of then, in minutes.
        authorized: i64,
    },
    /// A consultant accepted to work out of hours (policy.md §7).
    WindowAccepted {
        /// From when.
        from: DateTime<Utc>,
        /// Until when, not included.
        to: DateTime<Utc>,
        /// Which consultant.
        by: Address,
        /// His mail.
        inbound: InboundId,
        /// Which authorizer asked for it.
        asked_by: Address,
        /// The authorizer's mail.
        asked_in: InboundId,
    },
    /// It looks into a line of the ledger that the client disputes (policy.md §7).
    Disputes {
        /// Which.
        charge: ChargeId,
    },
    /// Consultants were alerted of a clock; once for each stage (policy.md §3).
    Alerted {
        /// Which clock.
        clock: ClockName,
        /// How far it had come.
        stage: Stage,
    },
}

impl Fact {
    /// The person whose doing it is, where it names one.
    pub fn by(&self) -> Option<&Address> {
        match self {
            Self::ClientWrote { by, .. }
            | Self::OutsiderWrote { by, .. }
            | Self::ConsultantNoted { by, .. }
            | Self::ReplyQueued { by, .. }
            | Self::RepliedDirectly { by, .. }
            | Self::Undone { by, .. }
            | Self::PriorityChanged { by, .. }
            | Self::KindChanged { by, .. }
            | Self::LevelChanged { by, .. }
            | Self::Assigned { by, .. }
            | Self::CaseOpened { by, .. }
            | Self::Left { by: Some(by), .. }
            | Self::MailMoved { by, .. }
            | Self::AttemptByPhone { by, .. }
            | Self::BudgetAsked { by, .. }
            | Self::BudgetApproved { by, .. }
            | Self::BudgetRefused { by, .. }
            | Self::WindowAccepted { by, .. } => Some(by),
            Self::Opened { .. }
            | Self::Joined { .. }
            | Self::RequesterChanged { .. }
            | Self::Left { .. }
            | Self::MachineWrote { .. }
            | Self::ReplySent { .. }
            | Self::DeliveryFailed { .. }
            | Self::StatusChanged { .. }
            | Self::Linked { .. }
            | Self::ResponseBreached
            | Self::WaitingUntil { .. }
            | Self::AttemptQueued { .. }
            | Self::AttemptSent { .. }
            | Self::PlanPutOff { .. }
            | Self::PlanExhausted
            | Self::UpdateQueued
            | Self::Formalized { .. }
            | Self::FormalizeReminded
            | Self::FormalizeOverdue
            | Self::BudgetWarned { .. }
            | Self::Disputes { .. }
            | Self::Alerted { .. } => None,
        }
    }
}

/// A clock that consultants are alerted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockName {
    /// To the first answer (policy.md §3).
    Response,
    /// To the answer that a later mail of the client's asks for; internal, nothing promised.
    NextReply,
    /// To the solution (policy.md §4).
    Solution,
}

impl ClockName {
    /// Every clock.
    pub const ALL: [Self; 3] = [Self::Response, Self::NextReply, Self::Solution];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::NextReply => "next_reply",
            Self::Solution => "solution",
        }
    }
}

/// How far a clock has come when consultants are alerted (policy.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The target.
    Target,
    /// That many hundredths of the time.
    Percent(u8),
    /// Time that counts has passed since the limit.
    Breach,
}

/// How somebody came to take part in a thread (policy.md §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joining {
    /// The client's side copied him: he may add information, and is sent nothing.
    Copied,
    /// A mail of his was held and somebody let it in: a participant.
    Released,
    /// He wrote in the thread and is an authorizer of the client's, or of its domain where the
    /// client allows that: a participant.
    Replied,
    /// A consultant named him (policy.md §9, `#cc`): a participant.
    Named,
    /// He took part in a ticket that was merged into this one, or that this one was split from: a
    /// participant.
    Brought,
}

/// How a ticket relates to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// This ticket takes up a closed one.
    Continues,
    /// This closed ticket is taken up by another one.
    ContinuedBy,
    /// This ticket asks for the same as another one, and is closed for it.
    DuplicateOf,
    /// Another ticket asked for the same as this one.
    Duplicate,
    /// This ticket is closed, and everything about it goes on in another one.
    MergedInto,
    /// Another ticket goes on in this one.
    MergedFrom,
    /// This ticket began as a mail of another one.
    SplitFrom,
    /// A mail of this ticket has one of its own.
    SplitInto,
}

impl Link {
    /// Every sense.
    pub const ALL: [Self; 8] = [
        Self::Continues,
        Self::ContinuedBy,
        Self::DuplicateOf,
        Self::Duplicate,
        Self::MergedInto,
        Self::MergedFrom,
        Self::SplitFrom,
        Self::SplitInto,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Continues => "continues",
            Self::ContinuedBy => "continued_by",
            Self::DuplicateOf => "duplicate_of",
            Self::Duplicate => "duplicate",
            Self::MergedInto => "merged_into",
            Self::MergedFrom => "merged_from",
            Self::SplitFrom => "split_from",
            Self::SplitInto => "split_into",
        }
    }
}

/// A fact and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub fact: Fact,
}
