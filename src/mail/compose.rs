//! A mail of ours as bytes: CRLF, ASCII, no line over 998 (RFC 5322 §2.1.1), headers after the
//! table of mail.md §6. The bytes go to the outbox as they are, so that a retry is the same mail.

use chrono::{DateTime, FixedOffset, Utc};
use lettre::message::header::{
    ContentTransferEncoding, ContentType, HeaderName, HeaderValue, InReplyTo, References,
};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::body::File;
use super::conversation;
use super::decode;
use super::enclosure::Enclosure;
use super::header::is_message_id;
use super::token::{LOOP_HEADER, ref_line};
use crate::domain::address::Address;
use crate::domain::effect::{Manner, Outgoing};

/// Longest display name, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Never NDR or All: those would suppress the bounces we need (mail.md §6).
const SUPPRESS: &str = "DR, RN, NRN, OOF, AutoReply";

/// What a template made: a mail's words, without headers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// One line, without tag and prefixes.
    pub subject: String,
    /// Plain text; lines end in `\n`.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Everything a mail is made of. Time, ids and token are given.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// To whom, in what manner, in which conversation.
    pub outgoing: &'a Outgoing,
    /// What it says.
    pub words: &'a Words,
    /// What goes with words that are passed on.
    pub enclosure: &'a Enclosure,
    /// Its own, without brackets.
    pub message_id: &'a str,
    /// Where answers go: the official address, with the token where that reaches us.
    pub reply_to: &'a Address,
    /// Name and official address.
    pub from: (&'a str, &'a Address),
    /// `GS-1042`.
    pub tag: Option<&'a str>,
    /// The signed token, for the `Ref:` line.
    pub token: &'a str,
    /// The value of the loop header.
    pub loop_mark: &'a str,
    /// When it is written, with the offset of the zone shown to people.
    pub date: DateTime<FixedOffset>,
}

/// Why no mail could be made. Each is a fault of the caller, not of the mail's words.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The Message-ID is not one; encoding it would break it silently (crates.md §3).
    #[error("not a Message-ID: {0}")]
    MessageId(String),
    /// An address that SMTP cannot carry.
    #[error("not an address to send with: {0}")]
    Address(Address),
    /// The builder refused.
    #[error("the mail cannot be built: {0}")]
    Build(#[from] lettre::error::Error),
    /// The result is not what may be handed over by SMTP.
    #[error("the mail has a line that is too long or not ASCII")]
    Unsendable,
}

/// Makes the final bytes.
pub fn compose(draft: &Draft) -> Result<Vec<u8>, ComposeError> {
    if !is_message_id(draft.message_id) {
        return Err(ComposeError::MessageId(draft.message_id.to_owned()));
    }
    let outgoing = draft.outgoing;
    let thread = outgoing.thread.as_ref();
    let mut builder = Message::builder()
        .from(mailbox(draft.from.0, draft.from.1)?)
        .reply_to(mailbox("", draft.reply_to)?)
        .to(mailbox(&outgoing.to.name, &outgoing.to.address)?)
        .subject(conversation::subject(
            &draft.words.subject,
            thread,
            draft.tag,
        ))
        .date(draft.date.into())
        .message_id(Some(format!("<{}>", draft.message_id)));
    if let Some(thread) = thread {
        let parent = thread.in_reply_to.as_deref().filter(|id| is_message_id(id));
        if let Some(parent) = parent {
            builder = builder.header(InReplyTo::from(format!("<{parent}>")));
        }
        let references = conversation::references(&thread.references, parent);
        if !references.is_empty() {
            builder = builder.header(References::from(references));
        }
    }
    let mut message = builder.multipart(body(draft))?;
    for (name, value) in marks(draft) {
        message
            .headers_mut()
            .insert_raw(HeaderValue::new(name, value));
    }
    let bytes = message.formatted();
    if is_sendable(&bytes) {
        Ok(bytes)
    } else {
        Err(ComposeError::Unsendable)
    }
}

/// The headers that the builder has no words for.
fn marks(draft: &Draft) -> Vec<(HeaderName, String)> {
    let mut marks = vec![
        // The builder writes UTC; people are shown their zone (RFC 5322 §3.3).
        (
            HeaderName::new_from_ascii_str("Date"),
            draft.date.format("%a, %d %b %Y %H:%M:%S %z").to_string(),
        ),
        (
            HeaderName::new_from_ascii_str(LOOP_HEADER),
            draft.loop_mark.to_owned(),
        ),
    ];
    let automatic = match draft.outgoing.manner {
        // RFC 3834 §5.2: an answer to a mail.
        Manner::Answer => Some("auto-replied"),
        // RFC 3834 §5.2: not an answer.
        Manner::Timer => Some("auto-generated"),
        // RFC 3834 §5.1: a person's words must not be marked.
        Manner::Human => None,
    };
    if let Some(automatic) = automatic {
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        marks.push((name, automatic.to_owned()));
        let name = HeaderName::new_from_ascii_str("X-Auto-Response-Suppress");
        marks.push((name, SUPPRESS.to_owned()));
    }
    if let Some(thread) = &draft.outgoing.thread {
        if let Some(topic) = &thread.topic {
            let name = HeaderName::new_from_ascii_str("Thread-Topic");
            marks.push((
                name,
                decode::clean_line(topic, crate::domain::subject::SUBJECT_MAX_CHARS),
            ));
        }
        let at = draft.date.with_timezone(&Utc);
        let index = thread.index.as_deref();
        if let Some(index) = index.and_then(|i| conversation::thread_index(i, at)) {
            marks.push((HeaderName::new_from_ascii_str("Thread-Index"), index));
        }
    }
    marks
}

/// Text and HTML, both with the `Ref:` line, the HTML with its images (RFC 2387), beside the files.
/// The boundaries are made of the Message-ID: the same draft gives the same bytes.
fn body(draft: &Draft) -> MultiPart {
    let reference = ref_line(draft.tag, draft.token);
    let text = format!("{}\n\n{reference}\n", draft.words.text.trim_end());
    let html = with_reference(&draft.words.html, &reference);
    let hash = Sha256::digest(draft.message_id.as_bytes());
    let boundary: String = hash.iter().take(12).map(|b| format!("{b:02x}")).collect();
    let words = MultiPart::alternative()
        .boundary(format!("=_{boundary}"))
        .singlepart(part(text, ContentType::TEXT_PLAIN));
    let html = part(html, ContentType::TEXT_HTML);
    let Enclosure { images, files, .. } = draft.enclosure;
    let words = if images.is_empty() {
        words.singlepart(html)
    } else {
        let shown = MultiPart::related()
            .boundary(format!("=_r{boundary}"))
            .singlepart(html);
        words.multipart(
            images
                .iter()
                .fold(shown, |shown, image| shown.singlepart(file(image))),
        )
    };
    if files.is_empty() {
        return words;
    }
    let mixed = MultiPart::mixed()
        .boundary(format!("=_m{boundary}"))
        .multipart(words);
    files
        .iter()
        .fold(mixed, |mixed, enclosed| mixed.singlepart(file(enclosed)))
}

/// A file as it came; an image that the HTML shows under its Content-ID.
fn file(file: &File) -> SinglePart {
    let name = file.listed.name.clone();
    // RFC 2046 §5.2.1: an attached mail may not be encoded, which nothing here goes without.
    let written = file.listed.media_type.as_str();
    let is_plain = !written.starts_with("message/") && !written.starts_with("multipart/");
    // Older programs look for the name here.
    let is_simple = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._- ".contains(c));
    let named = is_simple.then(|| format!("{written}; name=\"{name}\""));
    let content_type = named
        .iter()
        .map(String::as_str)
        .chain([written])
        .filter(|_| is_plain)
        .chain(["application/octet-stream"])
        .find_map(|written| ContentType::parse(written).ok())
        .unwrap_or(ContentType::TEXT_PLAIN);
    let part = match &file.content_id {
        Some(id) => Attachment::new_inline_with_name(id.clone(), name),
        None => Attachment::new(name),
    };
    let body = Body::new_with_encoding(file.bytes.clone(), ContentTransferEncoding::Base64);
    part.body(body.unwrap_or_else(Body::new), content_type)
}

fn part(text: String, content_type: ContentType) -> SinglePart {
    // Quoted-printable for all: no relay has a reason to re-encode it, and lines stay short.
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = match Body::new_with_encoding(text, encoding) {
        Ok(body) => body,
        // Only 7bit and 8bit can be refused; the builder's own choice is right then.
        Err(bytes) => Body::new(bytes),
    };
    SinglePart::builder().header(content_type).body(body)
}

/// The HTML with the `Ref:` line at the end of its body, small and grey.
fn with_reference(html: &str, reference: &str) -> String {
    let escaped = reference
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let line = format!("<p style=\"color:#888888;font-size:11px\">{escaped}</p>\n");
    let end = html.rfind("</body>").unwrap_or(html.len());
    let (before, after) = html.split_at(end);
    format!("{}\n{line}{after}", before.trim_end())
}

fn mailbox(name: &str, address: &Address) -> Result<Mailbox, ComposeError> {
    let parsed = address
        .as_str()
        .parse()
        .map_err(|_| ComposeError::Address(address.clone()))?;
    let name = decode::clean_line(name, NAME_MAX_CHARS);
    // A name that only repeats the address says nothing.
    let name = (!name.is_empty() && name != address.as_str()).then_some(name);
    Ok(Mailbox::new(name, parsed))
}

/// ASCII, and no line over 998 octets.
fn is_sendable(bytes: &[u8]) -> bool {
    bytes.is_ascii() && bytes.split(|b| *b == b'\n').all(|line| line.len() <= 999)
}
