//! A mail as the rules see it: no bytes, no MIME, nothing left to decode.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Person};
use super::classify::sender::MailSystem;
use super::report::Report;
use super::token::Token;

/// Everything the rules know about one received mail.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Trusted receipt time; never the `Date` header (policy.md §3).
    pub received_at: DateTime<Utc>,
    /// The one RFC 5322 From, or why there is none (mail.md §3).
    pub from: Result<Person, Malformed>,
    /// Reply-To addresses; shown, never an identity.
    pub reply_to: Vec<Address>,
    /// To and Cc, without repetition.
    pub recipients: Vec<Address>,
    /// Decoded, one line, control characters removed.
    pub subject: String,
    /// Without angle brackets; synthetic (`sha256…@no-message-id.invalid`) where the mail has none.
    pub message_id: String,
    /// Ids of In-Reply-To, without brackets, in order.
    pub in_reply_to: Vec<String>,
    /// Ids of References, without brackets, in order; bounded by the reader.
    pub references: Vec<String>,
    /// Outlook's Thread-Topic and Thread-Index, kept so that answers group (mail.md §6).
    pub thread_topic: Option<String>,
    /// See `thread_topic`.
    pub thread_index: Option<String>,
    /// The newest words: quotes, signature and history cut (mail.md §5).
    pub text: String,
    /// All readable text.
    pub full_text: String,
    /// The mail that it passes on, where it does.
    pub forwarded: Option<Forwarded>,
    /// Named parts besides the text.
    pub attachments: Vec<Attachment>,
    /// Bytes that were too many to fetch: attachments left on the server (mail.md §1).
    pub omitted_bytes: u64,
    /// What the headers and the structure say about the kind of sender.
    pub marks: Marks,
    /// What it reports about a mail sent earlier, where it does.
    pub report: Option<Report>,
    /// What the receiving server said of the sender.
    pub authentication: Authentication,
    /// Tokens of ours found in the mail that verified, strongest place first.
    pub tokens: Vec<FoundToken>,
    /// Tokens of ours within `text`, signature verified: in an address, an id, or bare.
    pub exposed: Vec<Exposed>,
    /// SHA-256 (hex) over From, Date, Subject and body, not over trace headers (mail.md §1).
    pub content_hash: String,
}

impl Mail {
    /// The sender's own newest words: of a forward, what stands above the mail passed on. Only in
    /// them may a command stand: what somebody else wrote orders nothing.
    pub fn own_words(&self) -> &str {
        self.forwarded
            .as_ref()
            .map_or(&self.text, |forwarded| &forwarded.comment)
    }
}

/// A mail passed on, taken apart from the words of whoever passes it on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Whose it is, on the word of whoever passes it on; none where no address is left of him.
    pub from: Option<Address>,
    /// Its subject; may be empty.
    pub subject: String,
    /// What is left of its header, and its words.
    pub text: String,
    /// The words above it; may be empty.
    pub comment: String,
}

/// Why a mail cannot be attributed or read. Such a mail is held, never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Malformed {
    /// Nothing, or nothing but blanks.
    Empty,
    /// No header could be read.
    NotAMail,
    /// No From, or one without an address.
    NoFrom,
    /// Two From headers, or one with two addresses.
    SeveralFroms,
    /// From is not plain ASCII, or its domain imitates another.
    OddFrom,
    /// More parts or deeper nesting than `mail::parse` reads.
    TooComplex,
}

/// An attachment as listed to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name, safe to show: no path, no control characters.
    pub name: String,
    /// Media type, lower case.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Decoded size in bytes.
    pub size: u64,
    /// Shown inside the text by its cid.
    pub inline: bool,
    /// SHA-256 (hex) of the decoded bytes: tells whether it came before. Empty where unknown.
    #[serde(default)]
    pub sha256: String,
}

/// Facts for [`super::classify`], read off headers and structure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// `Auto-Submitted` keyword, lower case, parameters and comments dropped (RFC 3834 §5).
    pub auto_submitted: Option<String>,
    /// `Precedence` (or X-Precedence), lower case.
    pub precedence: Option<String>,
    /// Names of vendor headers that only vacation programs and robots set, lower case.
    pub auto_headers: Vec<String>,
    /// `X-Auto-Response-Suppress` values, lower case.
    pub suppress: Vec<String>,
    /// Names of List-* headers present, lower case.
    pub list_headers: Vec<String>,
    /// `report-type` of a multipart/report, lower case.
    pub report_type: Option<String>,
    /// A message/delivery-status part exists, or the same in another machine-readable form.
    pub delivery_status_part: bool,
    /// The action that counts of those in it, lower case (RFC 3464 §2.3.3): a failure before a
    /// delay, a delay only of a whole report.
    pub delivery_action: Option<String>,
    /// The words by which a plain text is a mail system's notice about a delivery. Only looked for
    /// where no person writes.
    pub notice: Option<String>,
    /// The sender is a mail system, by a name or an address that may not even be whole.
    pub mail_system: Option<MailSystem>,
    /// A message/disposition-notification part exists (RFC 8098 §3.1).
    pub receipt_part: bool,
    /// By what it is a complaint that a provider passes on.
    pub complaint: Option<String>,
    /// By what it asks an unknown sender to prove himself.
    pub challenge: Option<String>,
    /// Exchange made it by a rule of the mailbox.
    pub rules_agent: bool,
    /// `X-Failed-Recipients` is present.
    pub failed_recipients: bool,
    /// Return-Path is present and null (`<>`).
    pub null_return_path: bool,
    /// The only content is text/calendar, or it answers or calls off a meeting whatever it says.
    pub calendar_only: bool,
    /// A calendar part answers an invitation or calls a meeting off (RFC 5546 §1.4).
    pub calendar_answer: bool,
    /// Our loop header: `Some(true)` where its signature verified.
    pub loop_header: Option<bool>,
    /// The mail's own Message-ID is one of ours and verified.
    pub own_message_id: bool,
    /// The number of Received lines (RFC 5321 §6.3).
    pub received_count: usize,
    /// The content is encrypted (S/MIME enveloped or PGP).
    pub encrypted: bool,
}

/// What a mail is, before anything else is asked (mail.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailClass {
    /// Our own mail come back.
    Loop,
    /// A delivery failure (RFC 3464).
    Bounce,
    /// A delivery that is late.
    Delay,
    /// A delivery that succeeded.
    Delivered,
    /// A read receipt (RFC 8098).
    ReadReceipt,
    /// An abuse report (RFC 5965).
    FeedbackReport,
    /// A challenge-response robot.
    Challenge,
    /// An out-of-office or another robot's answer (RFC 3834).
    AutoReply,
    /// A mailing list.
    List,
    /// Bulk mail.
    Bulk,
    /// Nothing but an invitation or its answer (RFC 5545).
    Calendar,
    /// A person.
    Human,
}

impl MailClass {
    /// Whether a person wrote it: only such a mail changes states, clocks and plans (mail.md §2).
    pub fn is_human(self) -> bool {
        self == Self::Human
    }

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loop => "loop",
            Self::Bounce => "bounce",
            Self::Delay => "delay",
            Self::Delivered => "delivered",
            Self::ReadReceipt => "read_receipt",
            Self::FeedbackReport => "feedback_report",
            Self::Challenge => "challenge",
            Self::AutoReply => "auto_reply",
            Self::List => "list",
            Self::Bulk => "bulk",
            Self::Calendar => "calendar",
            Self::Human => "human",
        }
    }
}

/// How far the receiving server vouches for the From address (mail.md §3). Ordered: more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// DMARC failed: somebody else wrote this.
    Fail,
    /// Nothing is known.
    None,
    /// SPF passed, aligned with From.
    Medium,
    /// DMARC passed, or DKIM passed aligned with From.
    Strong,
}

impl Verdict {
    /// Every verdict, the worst first.
    pub const ALL: [Self; 4] = [Self::Fail, Self::None, Self::Medium, Self::Strong];

    /// The inverse of [`Verdict::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::None => "none",
            Self::Medium => "medium",
            Self::Strong => "strong",
        }
    }
}

/// A verdict and the line it rests on; both are stored and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// The conclusion.
    pub verdict: Verdict,
    /// The trusted header line, unfolded, or why there is none.
    pub line: String,
}

/// Where in a mail something pointing to a ticket was found; strongest first (mail.md §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Nowhere in the mail: whoever released it named the ticket.
    Named,
    /// A recipient address carries a token.
    Recipient,
    /// A signed id in In-Reply-To.
    InReplyTo,
    /// A signed id in References; 0 is the rightmost.
    References(u8),
    /// A plain id that the ledger knows, in In-Reply-To.
    KnownInReplyTo,
    /// A plain id that the ledger knows, in References; 0 is the rightmost.
    KnownReferences(u8),
    /// A token in the quoted body.
    Body,
    /// The subject tag.
    SubjectTag,
}

/// A verified token among somebody's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    /// As it stands there.
    pub word: String,
    /// What it says.
    pub token: Token,
}

/// A verified token and where it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundToken {
    /// Where.
    pub place: Place,
    /// What it says.
    pub token: Token,
}
