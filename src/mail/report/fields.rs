//! The machine-readable part of a delivery report (RFC 3464 §2): groups of fields, parted by empty
//! lines, one about the mail, then one for each recipient.

use crate::domain::reason;
use crate::domain::report::{RecipientReport, Report};
use crate::mail::decode;

use super::{RECIPIENTS_MAX, VALUE_MAX_CHARS};

/// Whether a text holds a group about a recipient, so that it can be read by [`read`].
pub fn are_in(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start();
        ["final-recipient:", "original-recipient:"]
            .iter()
            .any(|name| {
                line.get(..name.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(name))
            })
    })
}

/// Reads the groups; lines that are no field are passed over.
pub fn read(text: &str) -> Report {
    let mut report = Report::default();
    let mut current = RecipientReport::default();
    for (name, value) in fields(text) {
        match name.as_str() {
            "original-envelope-id" => report.original_envelope_id = Some(value),
            "original-recipient" => current.recipient = typed(&value).to_lowercase(),
            "final-recipient" if current.recipient.is_empty() => {
                current.recipient = typed(&value).to_lowercase();
            }
            "action" => current.action = action(first_word(&value)),
            "status" => current.status = status(&value),
            "diagnostic-code" => current.diagnostic = typed(&value).to_owned(),
            // An empty line.
            "" => keep(&mut report, &mut current),
            _ => {}
        }
    }
    keep(&mut report, &mut current);
    report
}

fn keep(report: &mut Report, current: &mut RecipientReport) {
    // A group may be torn by an empty line where a mail was damaged: its fields stay together.
    if !current.recipient.is_empty() || !current.action.is_empty() {
        let done = std::mem::take(current);
        if report.recipients.len() < RECIPIENTS_MAX {
            report.recipients.push(done);
        }
    }
}

/// Name (lower case) and value of each field, folded lines joined; an empty line is a pair of
/// empty texts.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            found.push((String::new(), String::new()));
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            found.push((name.trim().to_ascii_lowercase(), value.to_owned()));
        }
    }
    for (_, value) in &mut found {
        *value = decode::clean_line(value, VALUE_MAX_CHARS);
    }
    found
}

/// RFC 3464 §2.1.2: `rfc822;ana@acme.mx`, `smtp; 550 …`: what follows the type. Some servers leave
/// the type out.
fn typed(value: &str) -> &str {
    let value = match value.split_once(';') {
        Some((kind, value)) if !kind.trim().contains([' ', '@']) => value,
        _ => value,
    };
    value.trim().trim_start_matches('<').trim_end_matches('>')
}

/// `expired` is no action of RFC 3464 §2.3.3, but servers write it for a failure; a probe of
/// Postfix and sendmail says `deliverable`.
fn action(word: &str) -> String {
    match word.to_lowercase().as_str() {
        "failure" | "fail" | "expired" | "undeliverable" => "failed".to_owned(),
        "deliverable" => "delivered".to_owned(),
        word => word.to_owned(),
    }
}

fn status(value: &str) -> String {
    let word = first_word(value);
    if reason::is_code(word) {
        return word.to_owned();
    }
    reason::code(value).unwrap_or_default()
}

fn first_word(value: &str) -> &str {
    value.split([' ', '(', ';']).next().unwrap_or_default()
}
