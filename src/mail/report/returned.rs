//! Where a notice ends and the mail it returns begins, and what that mail says of itself.

use crate::mail::header::{Headers, is_message_id};
use crate::mail::part::{Part, Structure};

/// Most bytes of a returned mail that are read.
const RETURNED_MAX_BYTES: usize = 256 * 1024;

/// Longest line that can announce the returned mail, in bytes.
const ANNOUNCEMENT_MAX_BYTES: usize = 120;

/// How a line that announces the returned mail begins, lower case, without the dashes around it.
const ANNOUNCEMENTS: [&str; 33] = [
    // qmail, Exim, OpenSMTPD, Yahoo and those who write like them.
    "below this line is a copy",
    "below the next line is a copy",
    "below is a copy",
    "enclosed is a copy",
    "attachment is a copy",
    "included is a copy",
    "here is a copy of the first part",
    "this is a copy of",
    "a copy of the original message",
    "the body of the message is",
    // sendmail, Gmail, Exchange, IMail, GMX, DragonFly.
    "unsent message",
    "message header follows",
    "message headers follow",
    "message text follows",
    "message body suppressed",
    "original message",
    "original mail",
    "the header of the original",
    "returned message",
    "returned mail",
    "start of returned message",
    "undelivered message",
    "your message reads",
    "the first 50 lines of your original",
    "the header and top",
    "a summary of the undelivered",
    "headers of the original",
    // Exchange and qmail in Spanish.
    "mensaje original",
    "encabezados del mensaje original",
    "encabezados de mensajes originales",
    "encabezados de mensaje originales",
    "copia del mensaje",
    "a continuación se encuentra una copia",
];

/// Fields with which the header of a received mail begins, lower case.
const FIRST_FIELDS: [&str; 6] = [
    "received:",
    "return-path:",
    "dkim-signature:",
    "x-originating-ip:",
    "x-google-smtp-source:",
    "content-type: message/rfc822",
];

/// The notice, and the returned mail below it (empty where there is none).
pub fn split(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if announces(line) {
            return text.split_at_checked(at).unwrap_or((text, ""));
        }
        at += line.len();
    }
    (text, "")
}

fn announces(line: &str) -> bool {
    if line.len() > ANNOUNCEMENT_MAX_BYTES {
        // A long first field: `DKIM-Signature`.
        return FIRST_FIELDS.iter().any(|field| begins(line, field));
    }
    let words = line
        .trim()
        .trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase();
    FIRST_FIELDS.iter().any(|field| begins(line, field))
        || ANNOUNCEMENTS.iter().any(|known| words.starts_with(known))
}

fn begins(line: &str, lower: &str) -> bool {
    line.get(..lower.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(lower))
}

/// The fields of the returned mail that are asked for.
#[derive(Debug, Default)]
pub struct Original {
    /// Its Message-ID, without brackets.
    pub message_id: Option<String>,
    /// Whom it was sent to, where that is one address.
    pub recipient: Option<String>,
}

impl Original {
    /// Of a returned part (RFC 6522 §3), else of what a text holds below the notice, else of the
    /// notice, which may list the fields.
    pub fn find(structure: &Structure, notice: &str, below: &str) -> Self {
        let parts = structure.parts().filter(is_returned);
        let mut found = parts
            .map(|part| Self::of_header(&part.bytes(RETURNED_MAX_BYTES)))
            .find(|original| original.message_id.is_some() || original.recipient.is_some())
            .unwrap_or_default();
        for text in [below, notice] {
            let from = Self::of_text(text);
            found.message_id = found.message_id.or(from.message_id);
            found.recipient = found.recipient.or(from.recipient);
        }
        found
    }

    fn of_header(bytes: &[u8]) -> Self {
        let (headers, _) = Headers::read(bytes);
        let recipients = headers.first("to").map(|field| field.valid_addresses());
        Self {
            message_id: headers
                .first("message-id")
                .and_then(|field| field.ids().into_iter().next()),
            recipient: recipients.and_then(one),
        }
    }

    /// Lines such as `Message-ID: <…>` and `To: …`, wherever they stand.
    fn of_text(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines().take(super::LINES_MAX) {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let name = name.trim();
            if found.message_id.is_none() && name.eq_ignore_ascii_case("message-id") {
                let id = value.trim().trim_start_matches('<');
                let id = id.split(['>', ' ']).next().unwrap_or_default();
                found.message_id = is_message_id(id).then(|| id.to_owned());
            } else if found.recipient.is_none()
                && ["to", "para"]
                    .iter()
                    .any(|to| name.eq_ignore_ascii_case(to))
            {
                let written = super::addresses::all(value);
                found.recipient = one(written.into_iter().map(|a| a.address).collect());
            }
        }
        found
    }
}

fn one(addresses: Vec<crate::domain::address::Address>) -> Option<String> {
    match addresses.as_slice() {
        [one] => Some(one.as_str().to_owned()),
        _ => None,
    }
}

/// A returned mail, or its header alone.
pub fn is_returned(part: &Part) -> bool {
    matches!(
        part.media_type().as_str(),
        "message/rfc822"
            | "message/global"
            | "text/rfc822-headers"
            | "message/global-headers"
            | "message/rfc822-headers"
    )
}
