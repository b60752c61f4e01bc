//! The Received field by which a mail came in from outside: what stands above it was written on
//! this side, what stands below it may be the sender's (RFC 5321 §4.4).

use crate::mail::header::{Field, Headers};

/// Longest Received field looked at, in bytes; a longer one is the border's, whatever it says.
const RECEIVED_MAX_BYTES: usize = 4 * 1024;

/// Protocols of local delivery (RFC 3848): a mail store writes such a field above the border's.
const LOCAL: [&str; 4] = ["lmtp", "lmtpa", "lmtps", "lmtpsa"];

/// Places among all fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Border {
    /// The border's own Received.
    pub own: Option<usize>,
    /// The one below it, which the sender's server wrote or the sender himself.
    pub next: Option<usize>,
}

/// The topmost Received, or the second one where the topmost is of local delivery.
pub(super) fn received(headers: &Headers) -> Border {
    let mut received = headers
        .iter()
        .enumerate()
        .filter(|(_, field)| field.name == "received")
        .peekable();
    if received.peek().is_some_and(|(_, field)| is_local(field)) {
        received.next();
    }
    let mut places = received.map(|(at, _)| at);
    Border {
        own: places.next(),
        next: places.next(),
    }
}

/// Whether a Received field is of local delivery: `from host by host with LMTP …`, and no other
/// `by` or `with` in it. A sender writes into his border's Received the name he gives himself; a
/// name of several words that looks like local delivery leaves the true words behind it, or hides
/// them in a comment that does not end.
fn is_local(field: &Field) -> bool {
    let Some(words) = words(field) else {
        return false;
    };
    let mut first = words.iter().map(String::as_str);
    let is_of_form = first.next() == Some("from")
        && first.nth(1) == Some("by")
        && first.nth(1) == Some("with")
        && first
            .next()
            .is_some_and(|protocol| LOCAL.contains(&protocol));
    let count = |wanted: &str| words.iter().filter(|word| *word == wanted).count();
    is_of_form && count("by") == 1 && count("with") == 1
}

/// Whether a Received field says that a host whose name has one of these ends wrote it. So does
/// one that cannot be read: the caller distrusts what such a host has received.
pub(super) fn is_by(field: &Field, ends: &[&str]) -> bool {
    let Some(words) = words(field) else {
        return true;
    };
    let mut hosts = words.iter().zip(words.iter().skip(1));
    hosts.any(|(word, host)| word == "by" && ends.iter().any(|end| host.ends_with(end)))
}

/// The words of a Received field before its date, lower case, without comments; `None` where a
/// comment does not end or the field is too long.
fn words(field: &Field) -> Option<Vec<String>> {
    if field.raw.len() > RECEIVED_MAX_BYTES {
        return None;
    }
    let text = String::from_utf8_lossy(field.raw);
    let mut bare = String::with_capacity(text.len());
    let mut depth = 0usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            c => bare.push(c.to_ascii_lowercase()),
        }
    }
    // The date stands behind the last semicolon; an earlier one is in a name.
    let (clauses, _) = bare.rsplit_once(';').unwrap_or((&bare, ""));
    let words = clauses.split_ascii_whitespace().map(str::to_owned);
    (depth == 0).then(|| words.collect())
}
