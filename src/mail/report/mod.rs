//! Delivery reports (RFC 3464, and what servers write instead): which mail of ours did not arrive,
//! at whom, and why.
//!
//! `fields` reads the machine-readable part, `notice` plain text, with `named` and `said`;
//! `phrases` are the sentences it is known by. `returned` reads the mail that is sent back,
//! `amazon` notifications in JSON. Plain text is read only where no person writes
//! ([`crate::domain::classify::sender`]): people quote notices when they ask about them.

mod addresses;
mod amazon;
mod fields;
mod named;
mod notice;
mod phrases;
mod returned;
mod said;

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::body::Body;
use super::decode;
use super::header::Headers;
use super::part::{Part, Structure};
use crate::domain::address::Address;
use crate::domain::classify::sender::{self, MailSystem};
use crate::domain::classify::subjects;
use crate::domain::report::Report;
use crate::domain::subject::Subject;
use notice::Notice;
use returned::Original;

/// Most recipients read off one report; our mails have one each.
const RECIPIENTS_MAX: usize = 100;

/// Most bytes of a delivery-status part, or of a body without structure, that are read.
const PART_MAX_BYTES: usize = 256 * 1024;

/// Most bytes of plain text that are read; a notice is short, the returned mail below it is long.
const NOTICE_MAX_BYTES: usize = 64 * 1024;

/// Most lines of one text that are looked at.
const LINES_MAX: usize = 2_000;

/// Longest line of a notice looked at, in bytes; the rest of it is passed over.
const LINE_MAX_BYTES: usize = 2_000;

/// Longest field value kept, in characters.
const VALUE_MAX_CHARS: usize = 500;

/// Longest evidence kept of a notice, in characters.
const WORDS_MAX_CHARS: usize = 120;

/// Most failed recipients read off the header.
const HEADER_RECIPIENTS_MAX: usize = 100;

/// What a mail reports, and by what it is known.
#[derive(Debug, Default)]
pub struct Reading {
    /// What became of an earlier mail.
    pub report: Option<Report>,
    /// The report is machine-readable: a delivery-status part, or a notification in JSON.
    pub has_status: bool,
    /// The words by which a plain text is a mail system's notice about a delivery.
    pub notice: Option<String>,
    /// Somebody complains of a mail, in JSON.
    pub is_complaint: bool,
    /// The sender is a mail system by its name or its address.
    pub mail_system: Option<MailSystem>,
}

/// Reads a report; `None` where the mail is none, or is too complex.
/// Total and bounded like [`super::parse::read`].
pub fn read(raw: &[u8]) -> Option<Report> {
    // As in `parse`: a fault of the parsing crates ends here.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let raw = decode::line_ends(raw);
        let structure = Structure::read(&raw)?;
        let text = if structure.is_too_complex {
            String::new()
        } else {
            Body::read(&structure).text
        };
        of(&structure, &text).report
    }));
    read.ok().flatten()
}

/// Reads the report in a mail that is taken apart already; `text` is all its readable text.
pub fn of(structure: &Structure, text: &str) -> Reading {
    if structure.is_too_complex {
        return Reading::default();
    }
    let headers = structure.headers();
    let writer = Writer::of(&headers);
    let mut reading = Reading {
        mail_system: writer.system,
        ..Reading::default()
    };
    if headers.first(amazon::FIELD).is_some() {
        match amazon::read(text) {
            Some(amazon::Notification::Delivery(report)) => {
                reading.has_status = true;
                reading.report = Some(report);
            }
            Some(amazon::Notification::Complaint) => reading.is_complaint = true,
            None => {}
        }
        return reading;
    }
    let status = structure
        .parts()
        .find(is_status)
        .map(|part| part.text(PART_MAX_BYTES));
    let has_part = status.is_some();
    let is_report = structure
        .root()
        .is_some_and(|root| root.media_type() == "multipart/report");
    // Receipts and complaints are reports of another kind, with fields of the same names.
    if structure.parts().any(|part| is_other_report(&part)) {
        return reading;
    }
    if !has_part && !is_report && !writer.may_report(&headers) {
        return reading;
    }
    let (above, below) = returned::split(decode::cut(text, NOTICE_MAX_BYTES));
    let reader: Vec<Address> = headers
        .all("to")
        .flat_map(|f| f.valid_addresses())
        .collect();
    let notice = Notice::read(above, writer.address.as_ref(), &reader);
    let original = Original::find(structure, above, below);
    let mut report = status
        .or_else(|| unstructured(structure, text))
        .map(|text| fields::read(&text))
        .unwrap_or_default();
    reading.has_status = !report.recipients.is_empty();
    if reading.has_status {
        for one in &mut report.recipients {
            notice.complete(one);
        }
    } else {
        reading.notice = writer.notice(&headers, &notice, below, structure);
        if reading.notice.is_some() || is_report || has_part {
            let known = failed_recipients(&headers);
            report.recipients = notice.recipients(&known, original.recipient.clone());
        }
    }
    report.original_message_id = original.message_id;
    if reading.has_status || has_part || is_report || reading.notice.is_some() {
        reading.report = Some(report);
    }
    reading
}

fn is_status(part: &Part) -> bool {
    matches!(
        part.media_type().as_str(),
        "message/delivery-status" | "message/global-delivery-status"
    )
}

fn is_other_report(part: &Part) -> bool {
    matches!(
        part.media_type().as_str(),
        "message/disposition-notification" | "message/feedback-report"
    )
}

/// The fields of a report whose structure is broken: in a part of another type, in a body whose
/// boundary never comes, or inside another mail.
fn unstructured(structure: &Structure, text: &str) -> Option<String> {
    let text = decode::cut(text, PART_MAX_BYTES);
    if fields::are_in(text) {
        return Some(text.to_owned());
    }
    let body = structure.body();
    let body = body.get(..PART_MAX_BYTES).unwrap_or(body);
    let body = String::from_utf8_lossy(body).into_owned();
    fields::are_in(&body).then_some(body)
}

/// Exim and Google name them in the header.
fn failed_recipients(headers: &Headers) -> Vec<Address> {
    headers
        .all("x-failed-recipients")
        .flat_map(|field| field.valid_addresses())
        .take(HEADER_RECIPIENTS_MAX)
        .collect()
}

/// Who sends a notice.
struct Writer {
    address: Option<Address>,
    system: Option<MailSystem>,
    is_robot: bool,
}

impl Writer {
    /// From as written: mail systems leave the address out, or the brackets empty.
    fn of(headers: &Headers) -> Self {
        let Some(field) = headers.first("from") else {
            return Self {
                address: None,
                system: None,
                is_robot: false,
            };
        };
        let address = field.valid_addresses().into_iter().next();
        let written = field.text();
        let (name, rest) = written.split_once('<').unwrap_or((&written, &written));
        let local = rest.split('@').next().unwrap_or_default();
        let local = address.as_ref().map_or(local, |address| address.local());
        let system = sender::mail_system(local, name);
        Self {
            // Without an address nobody can be answered: no person writes so.
            system: match address {
                None => system.map(|_| MailSystem::Certain),
                Some(_) => system,
            },
            is_robot: sender::is_robot(local),
            address,
        }
    }

    /// Whether a text of this sender may be a notice at all: people's are not looked at.
    fn may_report(&self, headers: &Headers) -> bool {
        self.system.is_some() || self.is_robot || is_own_subject(&subject(headers))
    }

    /// The words by which the text is a notice. The less the sender is a mail system, the more
    /// is asked of the text.
    fn notice(
        &self,
        headers: &Headers,
        notice: &Notice,
        below: &str,
        structure: &Structure,
    ) -> Option<String> {
        let subject = subject(headers);
        let is_failed = headers.first("x-failed-recipients").is_some();
        let returns =
            || !below.is_empty() || structure.parts().any(|part| returned::is_returned(&part));
        let is_sure = || is_failed || is_null(headers);
        let own_subject = || is_own_subject(&subject).then_some("its subject");
        let words = match self.system {
            // A postmaster is a person when he answers people.
            Some(_) if is_answer(&subject) && !is_sure() => notice.opening_failure(),
            Some(MailSystem::Certain) => notice
                .failure()
                .filter(|_| notice.names_anybody() || is_sure() || returns())
                .or_else(own_subject)
                .or_else(|| is_failed.then_some("x-failed-recipients"))
                .or_else(|| notice.refusal())
                .or_else(|| (notice.names_anybody() && returns()).then_some("the mail returned")),
            // An administrator of a client bears such names too.
            Some(MailSystem::Likely) => notice
                .failure()
                .or_else(own_subject)
                .filter(|_| is_sure() || returns()),
            None if self.is_robot => notice
                .failure()
                .filter(|_| notice.names_anybody() || is_failed),
            // A person who shows a notice adds his own words, or a prefix to the subject.
            None => notice
                .introduction()
                .filter(|_| own_subject().is_some() && returns()),
        };
        words.map(|words| decode::clean_line(words, WORDS_MAX_CHARS))
    }
}

fn subject(headers: &Headers) -> String {
    headers
        .first("subject")
        .map(|field| field.text())
        .unwrap_or_default()
}

/// Whether the mail has no sender to answer to (RFC 5321 §4.5.5).
fn is_null(headers: &Headers) -> bool {
    let field = headers.first("return-path");
    field.is_some_and(|field| field.unfolded() == "<>")
}

/// Whether a subject says that the mail answers or forwards another.
fn is_answer(subject: &str) -> bool {
    let parts = Subject::read(subject, "");
    parts.is_forward || parts.is_reply
}

/// Whether a subject is a notice's own, and no answer to it nor a forward of it.
fn is_own_subject(subject: &str) -> bool {
    subjects::delivery(subject).is_some() && !is_answer(subject)
}
