//! What a mail is, before anything else is asked of it (mail.md §2).
//!
//! First match wins; every match is recorded with its evidence.

use super::address::Address;
use super::message::{Mail, MailClass, Marks};

/// More Received lines than this are a mail going in circles (RFC 5321 §6.3 suggests 100).
const RECEIVED_MAX: usize = 100;

/// Subjects of vacation programs, lower case; they need other evidence beside them.
const AUTO_SUBJECTS: [&str; 8] = [
    "respuesta automática",
    "respuesta automatica",
    "fuera de la oficina",
    "fuera de oficina",
    "ausente",
    "out of office",
    "automatic reply",
    "auto:",
];

/// Local parts from which no person writes.
const ROBOT_LOCALS: [&str; 2] = ["mailer-daemon", "postmaster"];

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
    let own = |a: &Address| ours.contains(a);
    let sender = mail.from.as_ref().ok().map(|p| &p.address);
    let local = sender.map(|a| a.local().to_owned()).unwrap_or_default();
    let robot = ROBOT_LOCALS.contains(&local.as_str());
    let marks = &mail.marks;

    let mut found: Vec<(MailClass, String)> = Vec::new();
    let mut note = |class: MailClass, evidence: &str| found.push((class, evidence.to_owned()));

    if marks.own_message_id {
        note(MailClass::Loop, "its Message-ID is one of ours");
    }
    if marks.loop_header == Some(true) {
        note(MailClass::Loop, "our loop header, verified");
    }
    if sender.is_some_and(own) {
        note(MailClass::Loop, "From is our own address");
    }
    if marks.received_count > RECEIVED_MAX {
        note(MailClass::Loop, "more than 100 Received lines");
    }
    delivery_report(marks, robot, &mut note);
    // RFC 8098 §3: a read receipt is a multipart/report of its own type.
    if marks.report_type.as_deref() == Some("disposition-notification") {
        note(
            MailClass::ReadReceipt,
            "report-type=disposition-notification",
        );
    }
    // RFC 5965 §2.
    if marks.report_type.as_deref() == Some("feedback-report") {
        note(MailClass::FeedbackReport, "report-type=feedback-report");
    }
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

/// Bounces and their kin. A null Return-Path alone is no bounce: forwarders blank it (mail.md §2).
fn delivery_report(marks: &Marks, robot: bool, note: &mut impl FnMut(MailClass, &str)) {
    // RFC 3464 §2; RFC 6522 §3.
    let report = marks.report_type.as_deref() == Some("delivery-status");
    if report || marks.delivery_status_part {
        let (class, evidence) = match marks.delivery_action.as_deref() {
            Some("delayed") => (MailClass::Delay, "delivery status, action delayed"),
            Some("delivered" | "relayed" | "expanded") => {
                (MailClass::Delivered, "delivery status, action delivered")
            }
            _ => (MailClass::Bounce, "delivery status"),
        };
        note(class, evidence);
    }
    if robot && (marks.failed_recipients || marks.null_return_path) {
        note(
            MailClass::Bounce,
            "from a mail daemon, with failed recipients or a null return path",
        );
    }
}

/// Vacation programs and other robots.
fn automatic(mail: &Mail, note: &mut impl FnMut(MailClass, &str)) {
    let marks = &mail.marks;
    // RFC 3834 §5: any keyword but `no`. `auto-forwarded` is a person's mail sent on by a machine.
    if let Some(keyword) = marks.auto_submitted.as_deref()
        && keyword != "no"
        && keyword != "auto-forwarded"
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
    let subject = mail.subject.to_lowercase();
    let hint = AUTO_SUBJECTS.iter().find(|s| subject.starts_with(**s));
    if let Some(hint) = hint
        && (marks.null_return_path || !marks.suppress.is_empty())
    {
        note(MailClass::AutoReply, &format!("subject begins «{hint}»"));
    }
}
