//! Whom a notice names, and which of its lines are about each of them.

use crate::domain::address::Address;
use crate::mail::decode;

use super::addresses::{self, Found};
use super::said::is_rule;
use super::{LINE_MAX_BYTES, LINES_MAX, RECIPIENTS_MAX};

/// Most bytes kept of what is said of one recipient.
const DETAILS_MAX_BYTES: usize = 4_000;

/// Words that announce a recipient and stand right before it, lower case.
const LABELS: [&str; 24] = [
    "rcpt to",
    "recipient",
    "recipients",
    "recipient address",
    "following recipient",
    "error-for",
    "undeliverable address",
    "unknown user",
    "delivery userid",
    "allowed size",
    "undeliverable to",
    "message to",
    "be delivered to",
    "mail to",
    "delivery failed",
    "attempts",
    "permanent errors",
    "mailbox is full",
    "[smtp",
    "address",
    "expanded from",
    "generated from",
    "destinatario",
    "entregar el mensaje a",
];

/// Words of sentences whose addresses are no recipients, lower case.
pub const OTHERS: [&str; 16] = [
    "contact",
    "please",
    "assistance",
    "questions",
    "administrator",
    "help",
    "sender",
    "mail from",
    "from:",
    "reply",
    "cc:",
    "subject",
    "received",
    "envelope-from",
    "póngase",
    "comuníquese",
];

/// Those of them that speak of people who help.
pub const HELPERS: [&str; 6] = [
    "contact",
    "please",
    "assistance",
    "questions",
    "help",
    "comuníquese",
];

/// Somebody named in a notice.
#[derive(Debug, Clone)]
pub struct Named {
    /// The address, lower case.
    pub recipient: String,
    /// The lines about him.
    pub details: String,
}

/// Goes over the lines once: `whom` says who a line begins to speak of.
pub fn gather(text: &str, whom: impl Fn(&str, &str) -> Option<Found>) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    let mut current: Option<usize> = None;
    let mut before = "";
    for line in text.lines().take(LINES_MAX) {
        let line = decode::cut(line.trim(), LINE_MAX_BYTES);
        let found = whom(line, before);
        let rest = match &found {
            Some(found) => {
                let recipient = found.address.as_str();
                current = named.iter().position(|one| one.recipient == recipient);
                if current.is_none() && named.len() < RECIPIENTS_MAX {
                    current = Some(named.len());
                    named.push(Named {
                        recipient: recipient.to_owned(),
                        details: String::new(),
                    });
                }
                said(line, found)
            }
            None if is_rule(line) => {
                current = None;
                line
            }
            None => line,
        };
        let one = current.and_then(|at| named.get_mut(at));
        if let Some(one) = one
            && one.details.len() + rest.len() < DETAILS_MAX_BYTES
        {
            one.details.push_str(rest);
            one.details.push('\n');
        }
        if !line.is_empty() {
            before = line;
        }
    }
    named
}

/// What a line says besides the address that it begins with.
fn said<'l>(line: &'l str, found: &Found) -> &'l str {
    let before = line.get(..found.start).unwrap_or_default();
    if before.chars().any(char::is_alphanumeric) {
        return line;
    }
    let rest = line.get(found.end..).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '>', '"', '\'', ':', '.', ')', ']']);
    // `ana@acme.mx <ana@acme.mx>`, `ana@acme.mx<mailto:ana@acme.mx>`: the same again.
    let is_repeated = rest.starts_with('<') && !rest.contains(' ');
    if is_repeated { "" } else { rest }
}

/// The recipient that a line announces: at its beginning, or behind a label.
pub fn announced(line: &str, before: &str) -> Option<Found> {
    let found = addresses::all(line).into_iter().next()?;
    let head = line.get(..found.start).unwrap_or_default();
    let next = line.get(found.end..).unwrap_or_default().chars().next();
    let stands_free = next.is_none_or(|c| c.is_whitespace() || ">:\"',;.<[()]!".contains(c));
    // `(expanded from` and `generated from` name another address on the next line.
    let is_continued = ["from", "by", "contact"]
        .iter()
        .any(|word| before.ends_with(word));
    // Bullets, quotes and reply codes may stand before it.
    let is_first = head
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "<>\"'*•·-[(|:.#=".contains(c));
    // `250 <soporte@…>, Sender ok`: an answer that refuses nothing.
    let is_accepted = head.trim_start().starts_with(['2', '3']);
    let leads = is_first && !is_continued && stands_free && !is_accepted;
    (leads || is_labelled(head)).then_some(found)
}

fn is_labelled(head: &str) -> bool {
    let head = head.to_lowercase();
    let head = head.trim_end_matches([' ', '\t', ':', '<', '"', '\'', '[', '(', ';']);
    let head = head.strip_suffix("rfc822").unwrap_or(head);
    let head = head.trim_end_matches([' ', ';', ':']);
    LABELS.iter().any(|label| head.ends_with(label)) && !OTHERS.iter().any(|o| head.contains(o))
}

/// An address within a sentence that holds none of the words `others`.
pub fn mentioned(line: &str, others: &[&str]) -> Option<Found> {
    let found = addresses::all(line).into_iter().next()?;
    let lower = line.to_lowercase();
    let is_other = others.iter().any(|other| lower.contains(other));
    (!is_other).then_some(found)
}

/// Users of the writer's own server, whom it names without a domain: alone on a line, after one
/// that announces recipients (AOL, Exim and sendmail about local users).
pub fn neighbours(text: &str, domain: &str) -> Vec<Named> {
    let mut named = Vec::new();
    let mut is_announced = false;
    for line in text.lines().take(LINES_MAX) {
        let word = decode::cut(line.trim(), LINE_MAX_BYTES);
        if word.is_empty() {
            continue;
        }
        let is_name = word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if is_announced && is_name && line.starts_with([' ', '\t']) {
            if let Some(address) = Address::parse(&format!("{word}@{domain}")) {
                named.push(Named {
                    recipient: address.as_str().to_owned(),
                    details: String::new(),
                });
            }
            if named.len() == RECIPIENTS_MAX {
                break;
            }
        } else {
            let lower = word.to_lowercase();
            is_announced = lower.ends_with(':')
                && ["recipient", "address", "deliver"]
                    .iter()
                    .any(|w| lower.contains(w));
        }
    }
    named
}
