//! What the program says, as values. The words are in `templates/`; one folder per letter.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::AlarmCause;
use super::failure::FailureCause;
use super::message::Attachment;
use super::ticket::{Priority, Status};

/// A mail's content before any word of it is chosen. Fields are the template's variables.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Letter {
    /// To the requester: your mail is ticket so-and-so (policy.md §3).
    Acknowledgement {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// The moment promised for the first answer.
        limit_at: DateTime<Utc>,
        /// Support was open when the mail arrived.
        in_hours: bool,
        /// The next opening, where it was not.
        opens_at: DateTime<Utc>,
        /// The number of the closed ticket this one takes up, where it does.
        continues: Option<String>,
    },
    /// To a consultant: a new ticket.
    ConsultantNewTicket(Notice),
    /// To a consultant: the client wrote.
    ConsultantClientReply(Notice),
    /// To a consultant: somebody outside the ticket wrote into its thread; the mail is held.
    ConsultantThirdParty(Notice),
    /// To a consultant: the client wrote, and nobody can read it; the mail is held.
    ConsultantEncrypted(Notice),
    /// To the sender of an encrypted mail: it could not be read (mail.md §5).
    EncryptedSender {
        /// The subject of the held mail.
        subject: String,
    },
    /// To the client: a consultant's own words.
    RelayedReply {
        /// The ticket.
        ticket: TicketFacts,
        /// Who wrote them.
        consultant: String,
        /// The words, quotes and signature cut.
        text: String,
    },
    /// To a consultant: your mail did not go to the client.
    ReplyNotSent {
        /// The ticket, where one was found.
        ticket: Option<TicketFacts>,
        /// Why.
        reason: NotSent,
        /// The offending line or phrase, where there is one.
        quote: String,
        /// The consultant's text, so that nothing typed is lost.
        text: String,
    },
    /// To a consultant: a mail of this ticket could not be delivered.
    DeliveryFailed {
        /// The ticket.
        ticket: TicketFacts,
        /// To whom it was going.
        to: String,
        /// The address that the report names, where it is another one.
        reported: Option<String>,
        /// What kept it from arriving.
        cause: FailureCause,
        /// The words of the server or of the report; may be empty.
        reason: String,
        /// It was a consultant's reply.
        reply: bool,
        /// When the first answer is owed, while it is.
        response_due_at: Option<DateTime<Utc>>,
    },
    /// To an unlisted sender of a client's domain (policy.md §1).
    NotAuthorizedSender {
        /// The subject of the held mail.
        subject: String,
        /// The client's name.
        client: String,
        /// Names of those who may ask.
        authorizers: Vec<String>,
    },
    /// To each authorizer of that client (policy.md §1).
    NotAuthorizedAuthorizers {
        /// The greeting name.
        name: String,
        /// Who wrote.
        sender: String,
        /// The subject of the held mail.
        subject: String,
        /// When it came.
        received_at: DateTime<Utc>,
        /// The client's name.
        client: String,
    },
    /// To an operator: something is wrong.
    OperatorAlarm {
        /// What.
        cause: AlarmCause,
        /// Circumstances.
        detail: String,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// To an operator: it is well again.
    OperatorRecovered {
        /// What.
        cause: AlarmCause,
        /// Since when it had been wrong.
        since: DateTime<Utc>,
        /// When it ended.
        until: DateTime<Utc>,
    },
}

/// What a mail about a ticket may say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TicketFacts {
    /// `GS-1042`.
    pub number: String,
    /// The opening subject.
    pub subject: String,
    /// State.
    pub status: Status,
    /// Urgency.
    pub priority: Priority,
    /// Sort of work, as in JSON.
    pub kind: String,
    /// Support level.
    pub level: u8,
    /// The client's name.
    pub client: String,
    /// The requester, `Name <address>`.
    pub requester: String,
    /// When the opening mail arrived.
    pub opened_at: DateTime<Utc>,
}

/// What a consultant is told about a client's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The ticket.
    pub ticket: TicketFacts,
    /// Who wrote, `Name <address>`.
    pub sender: String,
    /// When.
    pub received_at: DateTime<Utc>,
    /// The newest words.
    pub text: String,
    /// What came with them.
    pub attachments: Vec<Attachment>,
    /// Bytes that were left on the server, because the mail is over `inbound.max_size`.
    pub omitted_bytes: u64,
    /// When the first answer is owed, while it is.
    pub response_due_at: Option<DateTime<Utc>>,
}

/// Why a consultant's mail was not relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// The sender is not authenticated well enough (mail.md §3).
    Unauthenticated,
    /// It does not answer a notice of that consultant's own (mail.md §6).
    WeakThread,
    /// No ticket was found for it.
    NoTicket,
    /// The ticket is closed (policy.md §5).
    Closed,
    /// It begins with a `#word`.
    Command,
    /// It still holds our separator or the text of a notice (mail.md §6, leak guard).
    Leak,
    /// Nothing is left once quotes and signature are cut.
    Empty,
    /// It forwards something instead of answering it.
    Forward,
    /// It has attachments, which cannot be passed on.
    Attachments,
    /// It is encrypted: nobody here knows what would be sent.
    Encrypted,
}

impl NotSent {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Unauthenticated,
        Self::WeakThread,
        Self::NoTicket,
        Self::Closed,
        Self::Command,
        Self::Leak,
        Self::Empty,
        Self::Forward,
        Self::Attachments,
        Self::Encrypted,
    ];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::WeakThread => "weak_thread",
            Self::NoTicket => "no_ticket",
            Self::Closed => "closed",
            Self::Command => "command",
            Self::Leak => "leak",
            Self::Empty => "empty",
            Self::Forward => "forward",
            Self::Attachments => "attachments",
            Self::Encrypted => "encrypted",
        }
    }
}

/// A letter's name: its template folder, and the `kind` of its outbox row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// See [`Letter::Acknowledgement`]; the others likewise.
    Acknowledgement,
    /// A new ticket, to a consultant.
    ConsultantNewTicket,
    /// A client's reply, to a consultant.
    ConsultantClientReply,
    /// A third party's mail, to a consultant.
    ConsultantThirdParty,
    /// A client's encrypted mail, to a consultant.
    ConsultantEncrypted,
    /// An encrypted mail, to its sender.
    EncryptedSender,
    /// A consultant's reply, to the client.
    RelayedReply,
    /// A reply that did not go out, to its consultant.
    ReplyNotSent,
    /// A delivery failure, to a consultant.
    DeliveryFailed,
    /// Not authorized, to the sender.
    NotAuthorizedSender,
    /// Not authorized, to the authorizers.
    NotAuthorizedAuthorizers,
    /// Alarm, to an operator.
    OperatorAlarm,
    /// All clear, to an operator.
    OperatorRecovered,
}

impl LetterKind {
    /// Every letter.
    pub const ALL: [Self; 13] = [
        Self::Acknowledgement,
        Self::ConsultantNewTicket,
        Self::ConsultantClientReply,
        Self::ConsultantThirdParty,
        Self::ConsultantEncrypted,
        Self::EncryptedSender,
        Self::RelayedReply,
        Self::ReplyNotSent,
        Self::DeliveryFailed,
        Self::NotAuthorizedSender,
        Self::NotAuthorizedAuthorizers,
        Self::OperatorAlarm,
        Self::OperatorRecovered,
    ];

    /// The template folder and the outbox `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::ConsultantNewTicket => "consultant_new_ticket",
            Self::ConsultantClientReply => "consultant_client_reply",
            Self::ConsultantThirdParty => "consultant_third_party",
            Self::ConsultantEncrypted => "consultant_encrypted",
            Self::EncryptedSender => "encrypted_sender",
            Self::RelayedReply => "relayed_reply",
            Self::ReplyNotSent => "reply_not_sent",
            Self::DeliveryFailed => "delivery_failed",
            Self::NotAuthorizedSender => "not_authorized_sender",
            Self::NotAuthorizedAuthorizers => "not_authorized_authorizers",
            Self::OperatorAlarm => "operator_alarm",
            Self::OperatorRecovered => "operator_recovered",
        }
    }

    /// The inverse of [`LetterKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

impl Letter {
    /// Which letter it is.
    pub fn kind(&self) -> LetterKind {
        match self {
            Self::Acknowledgement { .. } => LetterKind::Acknowledgement,
            Self::ConsultantNewTicket(_) => LetterKind::ConsultantNewTicket,
            Self::ConsultantClientReply(_) => LetterKind::ConsultantClientReply,
            Self::ConsultantThirdParty(_) => LetterKind::ConsultantThirdParty,
            Self::ConsultantEncrypted(_) => LetterKind::ConsultantEncrypted,
            Self::EncryptedSender { .. } => LetterKind::EncryptedSender,
            Self::RelayedReply { .. } => LetterKind::RelayedReply,
            Self::ReplyNotSent { .. } => LetterKind::ReplyNotSent,
            Self::DeliveryFailed { .. } => LetterKind::DeliveryFailed,
            Self::NotAuthorizedSender { .. } => LetterKind::NotAuthorizedSender,
            Self::NotAuthorizedAuthorizers { .. } => LetterKind::NotAuthorizedAuthorizers,
            Self::OperatorAlarm { .. } => LetterKind::OperatorAlarm,
            Self::OperatorRecovered { .. } => LetterKind::OperatorRecovered,
        }
    }
}
