//! Everything a decision can ask for. `store::commit` applies effects; nothing else does.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Person};
use super::charge::{NewCharge, Released};
use super::event::{AlarmCause, DueKind, Release};
use super::ids::{ClientId, HeldId, InboundId, OutboxId, TicketId};
use super::letter::{AlertLine, Letter, LetterKind};
use super::message::MailClass;
use super::month::Month;
use super::statement_issue::Texts;
use super::ticket::{Dated, Ticket};
use super::token::Purpose;

/// What is to be done, and in one sentence why: stored with the event and shown by `explain`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// In the order of application.
    pub effects: Vec<Effect>,
    /// How the decision was reached, one line a step, in English.
    pub why: Vec<String>,
}

/// One change to the world of tables.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The inbound row is done, with this result.
    Conclude {
        /// The mail.
        inbound: InboundId,
        /// What it was; none where it could not be read.
        class: Option<MailClass>,
        /// What became of it.
        outcome: Outcome,
    },
    /// A ticket's row, new or changed, with the facts this event added.
    SaveTicket {
        /// The ticket after the event.
        ticket: Box<Ticket>,
        /// The facts to append to its history.
        facts: Vec<Dated>,
        /// Its due rows from now on; they replace the ones before.
        due: Vec<Due>,
        /// What it adds to the ledger.
        entries: Entries,
    },
    /// A mail is filed on a ticket.
    File {
        /// Where.
        ticket: TicketId,
        /// Which.
        inbound: InboundId,
        /// Who may see it.
        visibility: Visibility,
        /// How the ticket was found.
        thread_evidence: String,
        /// The newest words.
        text: String,
    },
    /// A mail filed on a ticket goes to another one, and what answers it follows.
    MoveMail {
        /// Which.
        inbound: InboundId,
        /// Where it was.
        from: TicketId,
        /// Where it is from now on.
        to: TicketId,
        /// How that came, in the place of how its first ticket was found.
        thread_evidence: String,
    },
    /// A mail is kept for a person to look at.
    Hold {
        /// Which.
        inbound: InboundId,
        /// Why.
        cause: HeldCause,
        /// The client it seems to concern.
        client: Option<ClientId>,
        /// The ticket it seems to concern.
        ticket: Option<TicketId>,
        /// Who sent it, as far as that is known.
        from: Option<Person>,
    },
    /// A held mail comes in: it is processed anew.
    ReleaseHeld {
        /// Which.
        held: HeldId,
        /// Its mail.
        inbound: InboundId,
        /// What was said of it; none for one that nobody could read, which comes in like a new one.
        release: Option<Release>,
        /// On whose word.
        by: Address,
        /// What that word was besides, for the journal; may be empty.
        words: String,
    },
    /// A held mail stays out.
    DiscardHeld {
        /// Which.
        held: HeldId,
        /// On whose word.
        by: Address,
    },
    /// Somebody may ask for a client from now on (policy.md §1).
    Authorize {
        /// For whom.
        client: ClientId,
        /// The client's name, for the history.
        client_name: String,
        /// Who.
        person: Person,
        /// On whose word.
        by: Address,
        /// Circumstances, for the history: by which message.
        detail: String,
    },
    /// Somebody may ask no more; his open tickets are to pass to the others (policy.md §1).
    Revoke {
        /// For whom.
        client: ClientId,
        /// The client's name, for the history.
        client_name: String,
        /// Who.
        address: Address,
        /// On whose word.
        by: Address,
        /// Circumstances, for the history: by which message.
        detail: String,
    },
    /// Mail about a ticket to somebody who takes no part any more is not to leave.
    WithdrawFrom {
        /// Whose.
        ticket: TicketId,
        /// To whom it would go.
        to: Address,
        /// A consultant's words too, and not automatic mail alone.
        words: bool,
    },
    /// A mail is to leave.
    Send(Box<Outgoing>),
    /// A mail that left, or was leaving, came back: it has failed and is not tried again.
    Bounced {
        /// Which.
        outbox: OutboxId,
        /// What the report says, kept as the server's last words.
        words: String,
    },
    /// What was to go to the client because of a received mail does not leave: all of it still waits.
    TakeBack {
        /// The mail.
        inbound: InboundId,
    },
    /// Mails of these letters about the ticket that have not left are not to leave any more: what
    /// they ask for has come.
    Withdraw {
        /// Whose.
        ticket: TicketId,
        /// Which.
        letters: Vec<LetterKind>,
    },
    /// A consultant is to be alerted; all alerts of a run leave as one mail (policy.md §3).
    Alert {
        /// Whom.
        to: Address,
        /// About which ticket.
        ticket: TicketId,
        /// Of what.
        line: Box<AlertLine>,
    },
    /// The alerts kept for a consultant are in a mail now.
    AlertsTold {
        /// Whose.
        to: Address,
    },
    /// The digest of that day is sent, or skipped; it is not due again (policy.md §10).
    DigestDone {
        /// The house's local date.
        day: chrono::NaiveDate,
    },
    /// A statement is kept, each byte as it leaves (policy.md §7).
    KeepStatement {
        /// Whose.
        client: ClientId,
        /// Of which month.
        month: Month,
        /// Which issue of it.
        issue: u32,
        /// What it says.
        texts: Box<Texts>,
    },
    /// The statements of that month are sent; they are not due by themselves again.
    StatementsDone {
        /// Which.
        month: Month,
    },
    /// A notice was given; not again to that address for that reason on that day (mail.md §2).
    RememberNotice {
        /// About whom (the held sender).
        about: Address,
        /// For which reason.
        reason: HeldCause,
        /// Local date.
        day: chrono::NaiveDate,
    },
    /// An alarm began.
    RaiseAlarm {
        /// What.
        cause: AlarmCause,
        /// Circumstances.
        detail: String,
    },
    /// An alarm ended.
    ClearAlarm {
        /// What.
        cause: AlarmCause,
    },
}

/// What a decision adds to the ledger of a ticket (policy.md §7).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries {
    /// New lines.
    pub entered: Vec<NewCharge>,
    /// Lines whose wait for the client's word is over.
    pub released: Vec<Released>,
}

/// When a ticket next needs a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: DateTime<Utc>,
    /// What for.
    pub kind: DueKind,
}

/// What became of a received mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It opened a ticket.
    Opened,
    /// It was filed on a ticket.
    Filed,
    /// It waits for a person.
    Held,
    /// It is a second copy of this mail.
    Duplicate(InboundId),
    /// It was recorded and nothing follows (machines outside any thread, loops).
    Recorded,
}

impl Outcome {
    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Filed => "filed",
            Self::Held => "held",
            Self::Duplicate(_) => "duplicate",
            Self::Recorded => "recorded",
        }
    }
}

/// Why a mail waits for a person (the closed list of mail.md and policy.md §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldCause {
    /// A client's domain, but not a current authorizer.
    Unauthorized,
    /// Nobody knows the sender or the domain.
    UnknownDomain,
    /// A listed sender whom the receiving server did not authenticate.
    Unauthenticated,
    /// The receiving server says that somebody else wrote it.
    Forged,
    /// Somebody outside the ticket wrote into its thread.
    ThirdParty,
    /// A client's person wrote into another client's thread.
    CrossClient,
    /// Evidence points to several tickets.
    Ambiguous,
    /// No single sender, or not a mail.
    Malformed,
    /// Processing failed again and again.
    Unprocessable,
    /// Our own mail come back without proof.
    Loop,
    /// The sender opened too many tickets in an hour.
    TooMany,
    /// The content cannot be read.
    Encrypted,
    /// An answer to the notice of a held mail that is no clear yes.
    Consent,
}

impl HeldCause {
    /// Every cause.
    pub const ALL: [Self; 13] = [
        Self::Unauthorized,
        Self::UnknownDomain,
        Self::Unauthenticated,
        Self::Forged,
        Self::ThirdParty,
        Self::CrossClient,
        Self::Ambiguous,
        Self::Malformed,
        Self::Unprocessable,
        Self::Loop,
        Self::TooMany,
        Self::Encrypted,
        Self::Consent,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::UnknownDomain => "unknown_domain",
            Self::Unauthenticated => "unauthenticated",
            Self::Forged => "forged",
            Self::ThirdParty => "third_party",
            Self::CrossClient => "cross_client",
            Self::Ambiguous => "ambiguous",
            Self::Malformed => "malformed",
            Self::Unprocessable => "unprocessable",
            Self::Loop => "loop",
            Self::TooMany => "too_many",
            Self::Encrypted => "encrypted",
            Self::Consent => "consent",
        }
    }
}

/// Who may see a filed message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The client's side and the consultants.
    Public,
    /// Consultants only.
    Internal,
}

impl Visibility {
    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
        }
    }
}

/// A mail to be written and queued.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// What it says.
    pub letter: Letter,
    /// Its one recipient: one mail per person, so that each has a token of his own.
    pub to: Person,
    /// The ticket it belongs to.
    pub ticket: Option<TicketId>,
    /// What its token is good for.
    pub purpose: Purpose,
    /// The column of mail.md §6 that its headers follow.
    pub manner: Manner,
    /// In whose name it speaks; the address is the official one in any case.
    pub speaker: Speaker,
    /// The conversation it continues.
    pub thread: Option<ThreadHead>,
    /// The mail that gave rise to it, for the files' sake.
    pub source: Option<InboundId>,
    /// A key that makes a second mail of the same sense impossible, such as `ack:1042`.
    pub once: String,
    /// Not to leave before.
    pub not_before: DateTime<Utc>,
}

/// The columns of the header table in mail.md §6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// An automatic answer to a mail: `auto-replied`.
    Answer,
    /// An automatic mail of a timer or alarm: `auto-generated`.
    Timer,
    /// A person's words: no automatic mark.
    Human,
}

/// In whose name a mail of ours speaks (mail.md §6). The words around the name are a template's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speaker {
    /// The service itself.
    Service,
    /// A client's person, passed on to a consultant.
    Client(String),
    /// A consultant, passed on to the client.
    Consultant(String),
}

/// Headers that attach a mail to a conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadHead {
    /// The parent's Message-ID, without brackets.
    pub in_reply_to: Option<String>,
    /// The chain before it, oldest first.
    pub references: Vec<String>,
    /// Outlook's Thread-Topic.
    pub topic: Option<String>,
    /// Outlook's Thread-Index of the client's mail.
    pub index: Option<String>,
    /// The conversation's subject, without prefixes and tag.
    pub subject: String,
}
