//! Delivery reports (RFC 3464): which mail of ours did not arrive, at whom, and why.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::decode;
use super::header::{Headers, is_message_id};
use super::part::{Part, Structure};
use crate::domain::report::{RecipientReport, Report};

/// Most recipients read off one report; our mails have one each.
const RECIPIENTS_MAX: usize = 100;

/// Most bytes of a delivery-status part, or of the returned headers, that are read.
const PART_MAX_BYTES: usize = 256 * 1024;

/// Longest field value kept, in characters.
const VALUE_MAX_CHARS: usize = 500;

/// Reads a report; `None` where the mail has no delivery-status part, or is too complex.
/// Total and bounded like [`super::parse::read`].
pub fn read(raw: &[u8]) -> Option<Report> {
    // As in `parse`: a fault of the parsing crates ends here.
    catch_unwind(AssertUnwindSafe(|| of(&Structure::read(raw)?)))
        .ok()
        .flatten()
}

/// Reads the report in a mail that is taken apart already.
pub fn of(structure: &Structure) -> Option<Report> {
    if structure.is_too_complex {
        return None;
    }
    let status = structure.parts().find(|part| {
        matches!(
            part.media_type().as_str(),
            "message/delivery-status" | "message/global-delivery-status"
        )
    })?;
    let mut report = delivery_status(&status.text(PART_MAX_BYTES));
    report.original_message_id = structure.parts().find_map(|part| original_id(&part));
    Some(report)
}

/// Groups of fields, parted by empty lines: one about the mail, then one for each recipient.
fn delivery_status(text: &str) -> Report {
    let mut report = Report::default();
    let mut current = RecipientReport::default();
    for (name, value) in fields(text) {
        match name.as_str() {
            "original-envelope-id" => report.original_envelope_id = Some(value),
            "original-recipient" => current.recipient = typed(&value).to_lowercase(),
            "final-recipient" if current.recipient.is_empty() => {
                current.recipient = typed(&value).to_lowercase();
            }
            "action" => current.action = first_word(&value).to_lowercase(),
            "status" => current.status = first_word(&value).to_owned(),
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
    let done = std::mem::take(current);
    let says_something = !done.recipient.is_empty() || !done.action.is_empty();
    if says_something && report.recipients.len() < RECIPIENTS_MAX {
        report.recipients.push(done);
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

/// RFC 3464 §2.1.2: `rfc822;ana@acme.mx`, `smtp; 550 …`: what follows the type.
fn typed(value: &str) -> &str {
    let value = value.split_once(';').map_or(value, |(_, value)| value);
    value.trim().trim_start_matches('<').trim_end_matches('>')
}

fn first_word(value: &str) -> &str {
    value.split([' ', '(', ';']).next().unwrap_or_default()
}

/// The Message-ID in a returned mail or in its returned headers (RFC 6522 §3).
fn original_id(part: &Part) -> Option<String> {
    let media_type = part.media_type();
    let is_returned = matches!(
        media_type.as_str(),
        "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/global-headers"
            | "message/rfc822-headers"
    );
    if !is_returned {
        return None;
    }
    let mut bytes = part.bytes(PART_MAX_BYTES);
    // Headers alone need an end to be read.
    bytes.extend_from_slice(b"\r\n\r\n");
    let headers = Headers::of_bytes(&bytes)?;
    let id = headers.first("message-id")?.ids().into_iter().next()?;
    is_message_id(&id).then_some(id)
}
