//! Which mail of ours a report speaks of (mail.md §2): the exact outgoing row, and only by an id
//! that nobody can know who did not have that mail.
//!
//! Anybody may claim that a mail to some address did not arrive, and anybody knows the number of
//! his ticket. Only the Message-ID of the very mail proves that its bearer had it: the id is
//! signed (mail.md §4), and it must be one that the ledger gave to a row.

use chrono::{DateTime, Utc};

use super::address::Address;
use super::ids::{OutboxId, TicketId};
use super::letter::LetterKind;
use super::message::Mail;

/// Where a report names the mail it is about; strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportPlace {
    /// The envelope id that we gave with the mail, which is its Message-ID (RFC 3464 §2.2.1).
    EnvelopeId,
    /// The Message-ID of the mail or of its header, as returned (RFC 6522 §3).
    ReturnedHeaders,
    /// In-Reply-To of the report itself.
    InReplyTo,
    /// The last id of the report's own References.
    References,
}

impl ReportPlace {
    /// The words stored as evidence.
    fn describe(self) -> &'static str {
        match self {
            Self::EnvelopeId => "as the envelope id",
            Self::ReturnedHeaders => "in the returned headers",
            Self::InReplyTo => "in In-Reply-To",
            Self::References => "in References",
        }
    }
}

/// The ids by which a mail may name one of ours, strongest place first; at most four.
///
/// Where a report returns a Message-ID, its own In-Reply-To and References count no more: then
/// they belong to a conversation in which somebody else's mail failed. Of References only the
/// last is meant; the ones before it arrived, for they were answered.
pub fn ids_reported(mail: &Mail) -> Vec<(ReportPlace, &str)> {
    let mut found = Vec::new();
    let report = mail.report.as_ref();
    if let Some(id) = report.and_then(|r| r.original_envelope_id.as_deref()) {
        found.push((ReportPlace::EnvelopeId, bare(id)));
    }
    if let Some(id) = report.and_then(|r| r.original_message_id.as_deref()) {
        found.push((ReportPlace::ReturnedHeaders, bare(id)));
        return found;
    }
    if let Some(id) = mail.in_reply_to.first() {
        found.push((ReportPlace::InReplyTo, id));
    }
    if let Some(id) = mail.references.last() {
        found.push((ReportPlace::References, id));
    }
    found
}

/// An envelope id is free text; some servers put brackets around it.
fn bare(id: &str) -> &str {
    id.trim().trim_start_matches('<').trim_end_matches('>')
}

/// How far an outgoing mail has come, as far as a report about it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A server accepted it, and that is noted.
    Accepted,
    /// An attempt is not settled yet, or one ended in silence: a report proves that it was accepted.
    Underway,
    /// It will be tried, or tried again, and no report speaks of what is to come.
    Ahead,
    /// It failed before, or was cancelled.
    Over,
}

/// An outgoing mail that a received mail names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its row.
    pub outbox: OutboxId,
    /// What sort of mail it was.
    pub letter: LetterKind,
    /// To whom it went.
    pub to: Address,
    /// Of which ticket.
    pub ticket: Option<TicketId>,
    /// How far it has come.
    pub progress: Progress,
    /// When its content last began to leave.
    pub offered_at: Option<DateTime<Utc>>,
    /// Where it is named.
    pub place: ReportPlace,
    /// Named by the id that the server which took it gave it in the place of ours (mail.md §4).
    pub is_renamed: bool,
}

impl Named {
    /// The words stored as `thread_evidence` and in the journal.
    pub fn describe(&self) -> String {
        let place = self.place.describe();
        if self.is_renamed {
            format!("id that a server gave our mail {} {place}", self.outbox)
        } else {
            format!("signed id of our mail {} {place}", self.outbox)
        }
    }
}
