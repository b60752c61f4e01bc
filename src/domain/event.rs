//! Everything that can happen, as one closed enum (architecture.md: the idea in five sentences).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Person};
use super::correction::Correction;
use super::ids::{ClientId, InboundId, OutboxId, TicketId};
use super::letter::LetterKind;
use super::message::Mail;
use super::month::Month;
use super::statement_issue::Issue;
use super::ticket::ClockName;

/// Something that happened and now needs a decision.
#[derive(Debug, Clone)]
pub enum Event {
    /// A mail reached the ledger and was read.
    Mail {
        /// Its row.
        inbound: InboundId,
        /// What it says.
        mail: Box<Mail>,
        /// Somebody's word that lets a held mail in.
        release: Option<Release>,
    },
    /// A mail could not be processed, time after time.
    Unprocessable {
        /// Its row.
        inbound: InboundId,
        /// The last error, for the operator.
        reason: String,
    },
    /// An attempt to deliver an outgoing mail came to an end.
    Delivery {
        /// Which mail.
        outbox: OutboxId,
        /// What sort of mail it was.
        letter: LetterKind,
        /// To whom it went.
        to: Address,
        /// Of which ticket.
        ticket: Option<TicketId>,
        /// What the server said.
        outcome: DeliveryOutcome,
    },
    /// A due row's time has come.
    Due {
        /// Whose.
        ticket: TicketId,
        /// What for.
        kind: DueKind,
    },
    /// A run of due rows is over: what a consultant is to be alerted of leaves as one mail
    /// (policy.md §3).
    TellAlerts {
        /// Whom it goes to.
        consultant: Address,
    },
    /// Somebody on the client's side of a ticket was taken off the client's list (policy.md §1).
    Departure {
        /// Which.
        ticket: TicketId,
        /// Who.
        address: Address,
    },
    /// An operator put somebody on a client's list, or took him off it (policy.md §1).
    ListChanged {
        /// Whose list.
        client: ClientId,
        /// The client's name.
        client_name: String,
        /// Whom.
        person: Person,
        /// He is on it from now on; otherwise no more.
        joins: bool,
    },
    /// The digest of a business day is due (policy.md §10).
    Digest {
        /// The house's local date.
        day: NaiveDate,
        /// What kept it from being written, where something did: then it is skipped.
        broken: Option<String>,
    },
    /// An operator puts the ledger of charges right (policy.md §7).
    Correct {
        /// Of which ticket.
        ticket: TicketId,
        /// How.
        correction: Correction,
    },
    /// A client's monthly statement is to be sent (policy.md §7).
    Statement(Box<Issue>),
    /// The statements of a month were sent, each where there was something to say.
    StatementsSent {
        /// Which month.
        month: Month,
    },
    /// The deadlines stored of a ticket are not those that follow from its facts.
    Recompute {
        /// Whose.
        ticket: TicketId,
        /// How that came.
        cause: RecomputeCause,
    },
    /// Something the operators must know began or ended.
    Alarm {
        /// What.
        cause: AlarmCause,
        /// True when it began.
        raised: bool,
        /// Circumstances, for the operator.
        detail: String,
    },
}

/// Leave to process a held mail in spite of its cause (policy.md §1). It is stored with the mail;
/// what it does not say has the meaning it had before there was a word for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The client it is to count for, where the directory does not tell.
    pub client: Option<ClientId>,
    /// Where it is to go.
    #[serde(default)]
    pub to: Destination,
    /// Whose mail it is taken for, where it has no single sender of its own.
    #[serde(default)]
    pub from: Option<Person>,
    /// When a ticket that it opens begins, where that is not the receipt of the mail (policy.md
    /// §1: an authorizer's yes starts it at that yes).
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
}

/// Where a released mail goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Where its evidence leads.
    #[default]
    Evidence,
    /// To a ticket of its own, whatever it points to.
    Own,
    /// To this ticket.
    Ticket(TicketId),
}

/// How a delivery ended, as far as rules depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOutcome {
    /// The SMTP server accepted it at that time.
    Sent(DateTime<Utc>),
    /// The server refused it for good (5xx), with its words.
    Refused(String),
    /// No server accepted it before the schedule ran out.
    GivenUp(String),
}

/// What a due row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// The response clock reaches its next stage (policy.md §3).
    Response,
    /// The client's oldest unanswered mail has waited as long as a first one might.
    NextReply,
    /// The solution clock reaches its next stage (policy.md §4).
    Solution,
    /// The contact plan's next step: an attempt, or the closing (policy.md §6).
    Contact,
    /// The client is to be told that a third party is still waited for (policy.md §5).
    Update,
    /// A call is still not official (policy.md §2).
    Formalize,
    /// Much of the authorized time is used (policy.md §4).
    Budget,
    /// Nothing else is due: look again at the next opening (policy.md §5, last line).
    Review,
}

impl DueKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Response,
        Self::NextReply,
        Self::Solution,
        Self::Contact,
        Self::Update,
        Self::Formalize,
        Self::Budget,
        Self::Review,
    ];

    /// The row of a clock's next alert.
    pub fn of(clock: ClockName) -> Self {
        match clock {
            ClockName::Response => Self::Response,
            ClockName::NextReply => Self::NextReply,
            ClockName::Solution => Self::Solution,
        }
    }

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::NextReply => "next_reply",
            Self::Solution => "solution",
            Self::Contact => "contact",
            Self::Update => "update",
            Self::Formalize => "formalize",
            Self::Budget => "budget",
            Self::Review => "review",
        }
    }

    /// The inverse of [`DueKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// Why stored deadlines are computed anew without anything having happened to their ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecomputeCause {
    /// What they depend on besides the ticket is not what it was.
    PolicyChanged,
    /// It is what it was; so the stored ones were wrong.
    Differed,
}

/// What operators are alarmed about; one mail per cause until it clears.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmCause {
    /// No connection to the mailbox for five minutes.
    MailboxUnreachable,
    /// The mailbox refused the credentials.
    AuthenticationRefused,
    /// Outgoing mail cannot be handed over.
    OutgoingFailing,
    /// A mail did not reach one of our own people, or somebody outside any ticket.
    MailReturned,
    /// The global brake on automatic mail tripped.
    BreakerTripped,
    /// A mail could not be processed and is held.
    Unprocessable,
    /// The disk of the database is nearly full.
    DiskNearlyFull,
}

impl AlarmCause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::MailboxUnreachable,
        Self::AuthenticationRefused,
        Self::OutgoingFailing,
        Self::MailReturned,
        Self::BreakerTripped,
        Self::Unprocessable,
        Self::DiskNearlyFull,
    ];

    /// The name used in the database and in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::MailboxUnreachable => "mailbox_unreachable",
            Self::AuthenticationRefused => "authentication_refused",
            Self::OutgoingFailing => "outgoing_failing",
            Self::MailReturned => "mail_returned",
            Self::BreakerTripped => "breaker_tripped",
            Self::Unprocessable => "unprocessable",
            Self::DiskNearlyFull => "disk_nearly_full",
        }
    }
}
