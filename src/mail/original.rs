//! A mail passed on, taken apart from the words of whoever passes it on (policy.md §2).
//!
//! What a consultant orders stands in his own words only. So where they end must be known, or be
//! put too early rather than too late: the last line of somebody else's mail is no order.

use super::body::Body;
use super::forward::{self, Forwarded as Head};
use super::part::Structure;
use super::quote;
use crate::domain::address::Address;
use crate::domain::command::looks_like_command;
use crate::domain::message::Forwarded;
use crate::domain::policy::Phrases;
use crate::domain::subject::{Prefix, Subject};

/// Most bytes of an attached mail that are read for its text; the rest stays in the raw mail.
const MAIL_MAX_BYTES: usize = 4 * 1024 * 1024;

/// What a mail passes on; none where it is no forward. `newest` are its newest words, `full` is all
/// of its text.
pub fn of(
    structure: &Structure,
    subject: &str,
    newest: &str,
    full: &str,
    phrases: &Phrases,
) -> Option<Forwarded> {
    let is_forward = Subject::read(subject, "").outermost == Some(Prefix::Forward);
    // The history of a forward is its content and stays in its newest words.
    let text = if is_forward { newest } else { full };
    if let Some((head, at)) = forward::placed(subject, text) {
        return Some(at_line(head, text, at, phrases));
    }
    if let Some(found) = attached(structure, subject, newest, full) {
        return Some(found);
    }
    // Nothing says where it begins: all is the other's but for the orders at the top.
    is_forward.then(|| {
        let is_own = |line: &&str| line.trim().is_empty() || looks_like_command(line);
        let at = text.lines().take_while(is_own).count();
        at_line(Head::default(), text, at, phrases)
    })
}

/// Words and mail passed on, parted at a line.
fn at_line(head: Head, text: &str, at: usize, phrases: &Phrases) -> Forwarded {
    let lines: Vec<&str> = text.lines().collect();
    let (own, passed_on) = lines.split_at(at.min(lines.len()));
    // `-----Mensaje original-----`, `________`: the line above a header block.
    let is_rule = |line: &&&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with("--") || line.starts_with("__")
    };
    let rules = own.iter().rev().take_while(is_rule).count();
    let (own, _) = own.split_at(own.len().saturating_sub(rules));
    Forwarded {
        from: head.from.as_deref().and_then(Address::parse),
        subject: head.subject,
        text: passed_on.join("\n").trim().to_owned(),
        comment: without_signature(&own.join("\n"), phrases),
    }
}

/// A mail passed on as a file.
fn attached(structure: &Structure, subject: &str, newest: &str, full: &str) -> Option<Forwarded> {
    let nested = forward::wrapped(structure, subject, full)?;
    let head = forward::head(&nested)?;
    let bytes = nested.bytes(MAIL_MAX_BYTES);
    let text = Structure::read(&bytes)
        .filter(|inner| !inner.is_too_complex)
        .map(|inner| Body::read(&inner).text)
        .unwrap_or_default();
    Some(Forwarded {
        from: head.from.as_deref().and_then(Address::parse),
        subject: head.subject,
        text: text.trim().to_owned(),
        comment: newest.to_owned(),
    })
}

fn without_signature(own: &str, phrases: &Phrases) -> String {
    if own.trim().is_empty() {
        return String::new();
    }
    quote::newest(own, phrases)
}
