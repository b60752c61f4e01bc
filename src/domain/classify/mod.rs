//! What a mail is, before anything else is asked of it (mail.md §2).
//!
//! First match wins; every match is recorded with its evidence. [`sender`] knows who writes,
//! [`subjects`] and [`texts`] what programs write: hints, each of which needs a second sign.

pub mod sender;
pub mod subjects;
pub mod texts;

use super::address::Address;
use super::message::{Mail, MailClass};
use super::subject::Subject;
use sender::MailSystem;

/// More Received lines than this are a mail going in circles (RFC 5321 §6.3 suggests 100).
const RECEIVED_MAX: usize = 100;

/// A class and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// The class that decides.
    pub class: MailClass,
    /// Every match, strongest first, as `class: evidence`.
    pub evidence: Vec<String>,
    /// The mail asks for silence: it is a person's, but it is not acknowledged.
    pub suppressed: bool,
}

impl Classification {
    /// Whether an acknowledgement may be sent at all, as far as the mail itself says.
    pub fn may_acknowledge(&self) -> bool {
        self.class.is_human() && !self.suppressed
    }
}

/// Classifies a mail that reached the addresses `ours`.
pub fn classify(mail: &Mail, ours: &[Address]) -> Classification {
    let marks = &mail.marks;
    let mut found: Vec<(MailClass, String)> = Vec::new();
    let mut note = |class: MailClass, evidence: &str| found.push((class, evidence.to_owned()));

    if marks.own_message_id {
        note(MailClass::Loop, "its Message-ID is one of ours");
    }
    if marks.loop_header == Some(true) {
        note(MailClass::Loop, "our loop header, verified");
    }
    let from = mail.from.as_ref().ok().map(|person| &person.address);
    if from.is_some_and(|address| ours.contains(address)) {
        note(MailClass::Loop, "From is our own address");
    }
    if marks.received_count > RECEIVED_MAX {
        note(MailClass::Loop, "more than 100 Received lines");
    }
    delivery_report(mail, &mut note);
    receipt(mail, &mut note);
    // RFC 5965 §2.
    if marks.report_type.as_deref() == Some("feedback-report") {
        note(MailClass::FeedbackReport, "report-type=feedback-report");
    } else if let Some(why) = &marks.complaint {
        note(MailClass::FeedbackReport, why);
    }
    challenge(mail, &mut note);
    automatic(mail, &mut note);
    for header in &marks.list_headers {
        note(MailClass::List, header);
    }
    match marks.precedence.as_deref() {
        Some("list") => note(MailClass::List, "Precedence: list"),
        Some(p @ ("bulk" | "junk")) => note(MailClass::Bulk, &format!("Precedence: {p}")),
        _ => {}
    }
    if marks.calendar_only {
        note(MailClass::Calendar, "only a text/calendar part");
    }

    let suppressed = marks
        .suppress
        .iter()
        .any(|v| v == "all" || v == "autoreply");
    if suppressed {
        note(
            MailClass::Human,
            "X-Auto-Response-Suppress: not to be acknowledged",
        );
    }
    let class = found.first().map_or(MailClass::Human, |(class, _)| *class);
    let evidence = found
        .into_iter()
        .map(|(class, why)| format!("{}: {why}", class.name()))
        .collect();
    Classification {
        class,
        evidence,
        suppressed,
    }
}

/// What makes the sender a mail system: From, or what could be read of a broken one.
fn mail_system(mail: &Mail) -> Option<MailSystem> {
    let from = mail.from.as_ref().ok();
    let by_address = from.and_then(|p| sender::mail_system(p.address.local(), &p.name));
    by_address.max(mail.marks.mail_system)
}

/// Bounces and their kin. A null Return-Path alone is no bounce: forwarders blank it (mail.md §2).
fn delivery_report(mail: &Mail, note: &mut impl FnMut(MailClass, &str)) {
    let marks = &mail.marks;
    let system = mail_system(mail);
    // RFC 3464 §2; RFC 6522 §3.
    let report = marks.report_type.as_deref() == Some("delivery-status");
    if report || marks.delivery_status_part && !is_shown(mail) {
        let (class, evidence) = match marks.delivery_action.as_deref() {
            Some("delayed") => (MailClass::Delay, "delivery status, action delayed"),
            Some("delivered" | "relayed" | "expanded") => {
                (MailClass::Delivered, "delivery status, action delivered")
            }
            _ => (MailClass::Bounce, "delivery status"),
        };
        note(class, evidence);
    }
    if system == Some(MailSystem::Certain) && (marks.failed_recipients || marks.null_return_path) {
        note(
            MailClass::Bounce,
            "from a mail daemon, with failed recipients or a null return path",
        );
    }
    if let Some(words) = &marks.notice {
        note(
            MailClass::Bounce,
            &format!("a mail system's notice: «{words}»"),
        );
    }
    if system == Some(MailSystem::Certain)
        && let Some(words) = subjects::delivery(&mail.subject)
    {
        note(
            MailClass::Bounce,
            &format!("from a mail daemon, subject begins «{words}»"),
        );
    }
}

/// A person who passes a report on: some mail programs attach the parts of what they forward.
fn is_shown(mail: &Mail) -> bool {
    let marks = &mail.marks;
    let subject = Subject::read(&mail.subject, "");
    let is_machine = mail_system(mail).is_some()
        || marks.null_return_path
        || marks.auto_submitted.as_deref().is_some_and(is_automatic);
    (subject.is_forward || subject.is_reply) && !is_machine
}

/// RFC 8098 §3: a read receipt is a multipart/report of its own type. Exchange writes some as
/// plain text, known by subject and sentence together.
fn receipt(mail: &Mail, note: &mut impl FnMut(MailClass, &str)) {
    let marks = &mail.marks;
    if marks.report_type.as_deref() == Some("disposition-notification") {
        note(
            MailClass::ReadReceipt,
            "report-type=disposition-notification",
        );
    } else if marks.receipt_part && !is_shown(mail) {
        note(
            MailClass::ReadReceipt,
            "a message/disposition-notification part",
        );
    } else if texts::is_receipt_subject(&mail.subject)
        && let Some(words) = texts::receipt(&mail.full_text)
    {
        note(
            MailClass::ReadReceipt,
            &format!("a receipt's subject, and «{words}»"),
        );
    }
}

/// Robots that ask the sender to prove himself.
fn challenge(mail: &Mail, note: &mut impl FnMut(MailClass, &str)) {
    if let Some(field) = &mail.marks.challenge {
        note(MailClass::Challenge, field);
    }
    // The second sign first: it is seen at a glance, and a person's mail has none.
    let bare = Subject::read(&mail.subject, "").bare;
    if (texts::is_challenge_subject(&bare) || is_by_program(mail))
        && let Some(words) = texts::challenge(&mail.text)
    {
        note(
            MailClass::Challenge,
            &format!("«{words}», and a second sign"),
        );
    }
}

/// RFC 3834 §5: any keyword but `no`. `auto-forwarded` is a person's mail sent on by a machine.
fn is_automatic(keyword: &str) -> bool {
    keyword != "no" && keyword != "auto-forwarded"
}

/// Signs that no person sent a mail, none of which says what it is.
fn is_by_program(mail: &Mail) -> bool {
    let marks = &mail.marks;
    let from = mail.from.as_ref().ok();
    marks.null_return_path
        || marks.rules_agent
        || !marks.suppress.is_empty()
        || marks.auto_submitted.as_deref().is_some_and(is_automatic)
        || matches!(marks.precedence.as_deref(), Some("bulk" | "junk"))
        || from.is_some_and(|person| sender::is_robot(person.address.local()))
}

/// Vacation programs and other robots.
fn automatic(mail: &Mail, note: &mut impl FnMut(MailClass, &str)) {
    let marks = &mail.marks;
    if let Some(keyword) = marks.auto_submitted.as_deref()
        && is_automatic(keyword)
    {
        note(MailClass::AutoReply, &format!("Auto-Submitted: {keyword}"));
    }
    for header in &marks.auto_headers {
        note(MailClass::AutoReply, header);
    }
    if marks.precedence.as_deref() == Some("auto_reply") {
        note(MailClass::AutoReply, "Precedence: auto_reply");
    }
    // RFC 3834 §3.1.5: a subject is a hint at most, so it needs other evidence.
    if let Some(hint) = subjects::absence(&mail.subject)
        && is_by_program(mail)
    {
        note(MailClass::AutoReply, &format!("subject begins «{hint}»"));
    } else if let Some(hint) = subjects::generated(&mail.subject)
        && let Some(words) = texts::absence(&mail.text)
    {
        note(
            MailClass::AutoReply,
            &format!("subject begins «{hint}», and «{words}»"),
        );
    } else if matches!(marks.precedence.as_deref(), Some("bulk" | "junk"))
        && let Some(words) = texts::absence(&mail.text)
    {
        note(
            MailClass::AutoReply,
            &format!("«{words}», and Precedence: bulk"),
        );
    }
}
