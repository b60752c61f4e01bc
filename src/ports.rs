//! Floor 2's border: the parts of the outside world that a test replaces.
//!
//! Four of them: the mailbox that is read, the transport that takes mail away, the clock, and
//! the source of identifiers. The store is not among them: tests use real SQLite.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::address::Address;

/// The time of day. Everything that needs it is handed it.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The wall clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// Randomness for identifiers and keys.
pub trait Ids: Send + Sync {
    /// Fills `buffer` with bytes that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// How much is kept of a mail over `inbound.max_size`, in bytes: its headers and, as a rule, its
/// text (mail.md §1). The same for every source.
pub const OVERSIZE_KEPT_BYTES: u32 = 256 * 1024;

/// Where mail is, and how far we have come: one row of the ledger's `mailbox` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What names the mail within its mailbox and epoch: a UID in decimal, or a file name.
    pub locator: String,
    /// Trusted receipt time: INTERNALDATE, topmost `Received`, or delivery time.
    pub received_at: DateTime<Utc>,
    /// When the mail came into the folder, where that is known apart from the receipt time.
    pub delivered_at: Option<DateTime<Utc>>,
    /// The mail. Over `max_size`: headers and as much of the text as a partial fetch gives.
    pub raw: Vec<u8>,
    /// Size on the server, where it is more than what `raw` holds.
    pub omitted_bytes: Option<u64>,
}

/// How a mailbox is at the moment it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// UIDVALIDITY (RFC 9051 §2.3.1.1); zero where the source has no such thing.
    pub epoch: u32,
}

/// What ended a wait for mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The server hinted at news.
    News,
    /// The time was up.
    TimeUp,
}

/// Why a mailbox could not be read. Every one of them ends the session.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The server refused the credentials: retrying fast would lock the account.
    #[error("the mailbox refused the credentials: {0}")]
    Authentication(String),
    /// The connection failed, was lost or timed out.
    #[error("the mailbox cannot be reached: {0}")]
    Unreachable(String),
    /// The server answered NO or BAD, or something that is not IMAP.
    #[error("the mailbox answered: {0}")]
    Refused(String),
}

/// A source of mail. Any error drops the session; [`Mailbox::open`] begins anew.
pub trait Mailbox: Send {
    /// Connects, authenticates and selects, unless that is done already.
    fn open(&mut self) -> impl Future<Output = Result<Opened, MailboxError>> + Send;

    /// Locators of mail after `cursor` (a UID; zero: all), oldest first.
    /// A source without cursors answers all it holds.
    fn after(
        &mut self,
        cursor: u32,
    ) -> impl Future<Output = Result<Vec<String>, MailboxError>> + Send;

    /// Whether locators are numbers that rise, so that a cursor can follow them (IMAP's UIDs).
    /// Elsewhere [`Mailbox::after`] always answers all that has not been settled.
    fn has_cursor(&self) -> bool {
        true
    }

    /// Locators of mail received since `day`, for the overlap scan (mail.md §1).
    fn since(
        &mut self,
        day: NaiveDate,
    ) -> impl Future<Output = Result<Vec<String>, MailboxError>> + Send;

    /// Fetches mails in bounded batches: each is handed to `sink` as it arrives. Locators that
    /// are gone from the server are left out. Stops after about `batch_bytes`; the answer is how
    /// many of `locators`, from the front, are dealt with (handed over or gone).
    fn fetch(
        &mut self,
        locators: &[String],
        batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> impl Future<Output = Result<usize, MailboxError>> + Send;

    /// Committed mails may leave the inbox now: moved to the processed folder where one is
    /// configured, to `cur/` in a Maildir. Idempotent, cosmetic, never repeated work.
    fn settle(
        &mut self,
        locators: &[String],
    ) -> impl Future<Output = Result<(), MailboxError>> + Send;

    /// Waits for a hint of news, at most `limit`. Sources without hints wait it out.
    fn wait(&mut self, limit: Duration)
    -> impl Future<Output = Result<Woken, MailboxError>> + Send;
}

/// Who gets a mail and from whom, in SMTP's sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// MAIL FROM; never null (mail.md §6).
    pub from: Address,
    /// The one RCPT TO.
    pub to: Address,
    /// What a delivery report is to name (RFC 3461 §4.4): printable ASCII without blanks, at most
    /// 100 characters. With it, and where the server offers DSN, reports are asked for failures
    /// only (mail.md §6); `None`: nothing is asked.
    pub envid: Option<String>,
}

/// The result of an attempt to hand a mail over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handover {
    /// Accepted (250), with the server's words.
    Sent(String),
    /// Not now: 4xx, or the connection failed before the final dot.
    Retry(Trouble),
    /// Never: 5xx for this mail, with the server's words.
    Refused(String),
    /// Silence after the final dot: it may have been accepted.
    Uncertain(String),
}

/// Why a mail is to be tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub text: String,
    /// Whom it concerns.
    pub scope: TroubleScope,
}

/// Whether trouble is the mail's or the way's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TroubleScope {
    /// This mail only: the next one may fare better.
    Mail,
    /// No mail can leave: no connection, no TLS, a 421.
    Connection,
    /// The server refuses our credentials or our configuration.
    Authentication,
}

/// The way out. An attempt has two halves so that the ledger can note the point of no return.
pub trait Transport: Send {
    /// Everything up to leave to send the content: connect, greet, MAIL, RCPT, DATA.
    /// `Err` ends the attempt with that result.
    fn offer(&mut self, envelope: &Envelope) -> impl Future<Output = Result<(), Handover>> + Send;

    /// Sends the content and the final dot, and waits for the verdict.
    /// Only after a successful [`Transport::offer`].
    fn hand_over(&mut self, content: &[u8]) -> impl Future<Output = Handover> + Send;
}
