//! A received mail becomes a [`Mail`]: total, bounded, never an error, whatever the bytes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::authentication::{self, AuthenticationSettings};
use super::body::Body;
use super::header::{Field, Headers};
use super::part::Structure;
use super::token::Keys;
use super::{calendar, decode, domain_name, marks, original, quote, report};
use crate::domain::address::{Address, Person};
use crate::domain::meeting::Meeting;
use crate::domain::message::{Authentication, FoundToken, Mail, Malformed, Marks, Place, Verdict};
use crate::domain::policy::Phrases;
use crate::domain::subject::{Prefix, SUBJECT_MAX_CHARS, Subject};

/// Ids kept of References: the last ones, which name the nearest mails.
pub const REFERENCES_MAX: usize = 100;

/// Ids kept of In-Reply-To: the first ones; one is usual.
const IN_REPLY_TO_MAX: usize = 20;

/// Ids of References, from the right, in which a token is looked for (mail.md §4).
const REFERENCES_SIGNED_MAX: usize = 20;

/// Recipients kept: the first ones; a mail to more people is no support mail.
pub const RECIPIENTS_MAX: usize = 1_000;

/// Reply-To addresses kept.
const REPLY_TO_MAX: usize = 20;

/// Longest display name, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Longest Thread-Index kept, in characters.
const THREAD_INDEX_MAX_CHARS: usize = 1_000;

/// Fields besides To and Cc that name the address a mail was sent to.
const ENVELOPE_FIELDS: [&str; 6] = [
    "delivered-to",
    "x-original-to",
    "x-delivered-to",
    "envelope-to",
    "x-envelope-to",
    "apparently-to",
];

/// What reading needs to know of the house.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// To verify tokens.
    pub keys: &'a Keys,
    /// The official address, then its aliases.
    pub own_addresses: &'a [Address],
    /// Whose word counts about senders.
    pub authentication: &'a AuthenticationSettings,
    /// Our separator.
    pub phrases: &'a Phrases,
    /// The `GS` of `GS-1042`.
    pub ticket_prefix: &'a str,
}

/// Reads a mail. What is wrong with it stands in `from`; the rest is what could be read.
pub fn read(raw: &[u8], received_at: DateTime<Utc>, context: &Context) -> Mail {
    // The parsing crates have panicked on odd input before (crates.md §5). One such mail must
    // not take the others with it.
    let read = catch_unwind(AssertUnwindSafe(|| read_inner(raw, received_at, context)));
    read.unwrap_or_else(|_| unread(raw, received_at, Malformed::TooComplex))
}

fn read_inner(raw: &[u8], received_at: DateTime<Utc>, context: &Context) -> Mail {
    if raw.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
        return unread(raw, received_at, Malformed::Empty);
    }
    // Empty lines before the header: no server sends them, but files and pipes do.
    let raw = &*decode::line_ends(raw.trim_ascii_start());
    let Some(structure) = Structure::read(raw) else {
        return unread(raw, received_at, Malformed::NotAMail);
    };
    let headers = structure.headers();
    let content_hash = content_hash(&headers, structure.body());
    let mut body = if structure.is_too_complex {
        Body::default()
    } else {
        Body::read(&structure)
    };
    let from = if structure.is_too_complex {
        Err(Malformed::TooComplex)
    } else {
        sender(&headers)
    };
    let domain = from.as_ref().ok().map(|person| person.address.domain());
    let authentication = authentication::judge(&headers, domain, context.authentication);
    let message_id = headers
        .first("message-id")
        .and_then(|field| field.ids().into_iter().next())
        .unwrap_or_else(|| synthetic_id(&content_hash));
    let subject = headers
        .first("subject")
        .map(Field::text)
        .unwrap_or_default();
    let subject = decode::clean_line(&subject, SUBJECT_MAX_CHARS);
    let reading = report::of(&structure, &body.text);
    let meeting = calendar::of(&structure);
    let marks = marks::read(
        &headers,
        &structure,
        &reading,
        meeting.as_ref(),
        &message_id,
        &body.text,
        context.keys,
    );
    if body.is_outlook_only {
        context.phrases.outlook_only.clone_into(&mut body.text);
    }
    let mut text = newest(&body, &subject, context);
    let forwarded = (!structure.is_too_complex)
        .then(|| original::of(&structure, &subject, &text, &body.text, context.phrases))
        .flatten();
    if !structure.is_too_complex
        && let Some(meeting) = &meeting
    {
        let shown = context.phrases.meeting.show(meeting);
        for words in [&mut text, &mut body.text] {
            append_meeting(words, meeting, &shown);
        }
    }
    let mut mail = Mail {
        received_at,
        from,
        reply_to: addresses(&headers, &["reply-to"], REPLY_TO_MAX),
        recipients: addresses(&headers, &["to", "cc"], RECIPIENTS_MAX),
        subject,
        message_id,
        in_reply_to: ids(&headers, "in-reply-to"),
        references: ids(&headers, "references"),
        thread_topic: headers.first("thread-topic").and_then(topic),
        thread_index: headers.first("thread-index").and_then(index),
        text,
        full_text: body.text,
        forwarded,
        attachments: body.files.into_iter().map(|file| file.listed).collect(),
        omitted_bytes: 0,
        marks,
        report: reading.report,
        authentication,
        tokens: Vec::new(),
        exposed: Vec::new(),
        content_hash,
    };
    mail.in_reply_to.truncate(IN_REPLY_TO_MAX);
    let first = mail.references.len().saturating_sub(REFERENCES_MAX);
    mail.references.drain(..first);
    mail.tokens = tokens(&headers, &mail, context);
    mail.exposed = context.keys.exposed_in(&mail.text);
    mail
}

/// A mail of which nothing could be read but that it is there.
fn unread(raw: &[u8], received_at: DateTime<Utc>, why: Malformed) -> Mail {
    let content_hash = content_hash(&Headers::default(), raw);
    Mail {
        received_at,
        from: Err(why),
        reply_to: Vec::new(),
        recipients: Vec::new(),
        subject: String::new(),
        message_id: synthetic_id(&content_hash),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        thread_topic: None,
        thread_index: None,
        text: String::new(),
        full_text: String::new(),
        forwarded: None,
        attachments: Vec::new(),
        omitted_bytes: 0,
        marks: Marks::default(),
        report: None,
        authentication: Authentication {
            verdict: Verdict::None,
            line: "the mail could not be read".to_owned(),
        },
        tokens: Vec::new(),
        exposed: Vec::new(),
        content_hash,
    }
}

/// Identity: the one address of the one From field (RFC 5322 §3.6.2; mail.md §3).
fn sender(headers: &Headers) -> Result<Person, Malformed> {
    let mut fields = headers.all("from");
    let field = fields.next().ok_or(Malformed::NoFrom)?;
    if fields.next().is_some() {
        return Err(Malformed::SeveralFroms);
    }
    let mut written = field.addresses();
    written.retain(|one| !one.address.is_empty());
    let one = match written.as_slice() {
        [] => return Err(Malformed::NoFrom),
        [one] => one,
        _ => return Err(Malformed::SeveralFroms),
    };
    let Some((local, domain)) = one.address.rsplit_once('@') else {
        return Err(Malformed::NoFrom);
    };
    // A domain beyond ASCII is known by its A-label; one that imitates another is nobody's.
    let domain = domain_name::plain(domain).ok_or(Malformed::OddFrom)?;
    let address = Address::parse(&format!("{local}@{domain}")).ok_or(Malformed::OddFrom)?;
    // An address hidden in an encoded word, or put together of pieces, is none that the
    // receiving server has seen and judged.
    if !field.unfolded().contains(&one.address) {
        return Err(Malformed::OddFrom);
    }
    let name = decode::clean_line(&one.name, NAME_MAX_CHARS);
    Ok(Person::new(address, &name))
}

/// Addresses of some fields without repetition, at most `limit`.
fn addresses(headers: &Headers, names: &[&str], limit: usize) -> Vec<Address> {
    let mut seen = std::collections::HashSet::new();
    names
        .iter()
        .flat_map(|name| headers.all(name))
        .flat_map(Field::valid_addresses)
        .filter(|address| seen.insert(address.clone()))
        .take(limit)
        .collect()
}

fn ids(headers: &Headers, name: &str) -> Vec<String> {
    headers.all(name).flat_map(Field::ids).collect()
}

fn topic(field: &Field) -> Option<String> {
    let topic = decode::clean_line(&field.text(), SUBJECT_MAX_CHARS);
    (!topic.is_empty()).then_some(topic)
}

fn index(field: &Field) -> Option<String> {
    let value = field.unfolded();
    let index: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    let is_base64 = index
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    (is_base64 && !index.is_empty() && index.len() <= THREAD_INDEX_MAX_CHARS).then_some(index)
}

/// The domain of ids made for mails without one; no mail can come from it (RFC 2606 §2).
const SYNTHETIC_DOMAIN: &str = "@no-message-id.invalid";

fn synthetic_id(content_hash: &str) -> String {
    format!("sha256-{content_hash}{SYNTHETIC_DOMAIN}")
}

/// Whether a Message-ID was made here, for a mail that has none.
pub fn is_synthetic(message_id: &str) -> bool {
    message_id.ends_with(SYNTHETIC_DOMAIN)
}

/// SHA-256 over From, Date, Subject and body (mail.md §1): two copies of a mail that came by
/// different ways differ in their trace fields only.
fn content_hash(headers: &Headers, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for name in ["from", "date", "subject"] {
        for field in headers.all(name) {
            hash.update(name);
            hash.update(":");
            hash.update(field.unfolded());
            hash.update("\n");
        }
    }
    hash.update("\n");
    hash.update(body);
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

/// The newest words. The history of a forwarded mail is its content and stays.
fn newest(body: &Body, subject: &str, context: &Context) -> String {
    let subject = Subject::read(subject, context.ticket_prefix);
    if subject.outermost == Some(Prefix::Forward) {
        return quote::above_separator(&body.text, context.phrases);
    }
    quote::newest_marked(&body.text, body.quote_at, context.phrases)
}

/// Puts what, when and where under the words beside a meeting. Words that only repeat what it is
/// called give way.
fn append_meeting(words: &mut String, meeting: &Meeting, shown: &str) {
    words.truncate(words.trim_end().len());
    if words.is_empty() || calendar::is_stub(words, meeting) {
        words.clear();
    } else {
        words.push_str("\n\n");
    }
    words.push_str(shown);
}

/// Tokens that verify, strongest place first (mail.md §4).
fn tokens(headers: &Headers, mail: &Mail, context: &Context) -> Vec<FoundToken> {
    let keys = context.keys;
    let mut found: Vec<FoundToken> = Vec::new();
    let mut add = |place, token| {
        let entry = FoundToken { place, token };
        if !found.contains(&entry) {
            found.push(entry);
        }
    };
    let envelope = addresses(headers, &ENVELOPE_FIELDS, RECIPIENTS_MAX);
    for address in mail.recipients.iter().chain(&envelope) {
        if let Some(token) = keys.read_recipient(address, context.own_addresses) {
            add(Place::Recipient, token);
        }
    }
    for id in &mail.in_reply_to {
        if let Some(token) = keys.read_message_id(id) {
            add(Place::InReplyTo, token);
        }
    }
    for (at, id) in (0u8..).zip(mail.references.iter().rev().take(REFERENCES_SIGNED_MAX)) {
        if let Some(token) = keys.read_message_id(id) {
            add(Place::References(at), token);
        }
    }
    for token in keys.read_text(&mail.full_text) {
        add(Place::Body, token);
    }
    found
}
