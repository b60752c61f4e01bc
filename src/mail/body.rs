//! What a mail says and what is attached to it: plain text where there is any, else HTML
//! (mail.md §5).

use super::attachment::{self, Listed};
use super::part::{Part, Structure};
use super::text::{self, Converted};
use super::tnef::{self, Packed};
use super::{decode, flowed, smime, uuencode};
use crate::domain::message::Attachment;

/// Most bytes of readable text; the rest is in the raw mail only.
pub const TEXT_MAX_BYTES: usize = 1024 * 1024;

/// Most bytes of plain text decoded: more than is kept, because files may be taken out of it.
const PLAIN_MAX_BYTES: usize = 8 * TEXT_MAX_BYTES;

/// Most HTML parts read for text; a mail program writes one, or one around each picture.
const HTML_PARTS_MAX: usize = 20;

/// Most bytes of signed content that are unpacked; a mail has at most so many.
const SIGNED_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The readable parts of a mail.
#[derive(Debug, Default)]
pub struct Body {
    /// The text; lines end in `\n`; at most [`TEXT_MAX_BYTES`].
    pub text: String,
    /// Where a mail program marked the mail answered to.
    pub quote_at: Option<usize>,
    /// The content is in a form of Outlook's own that could not be read; there are no other words.
    pub is_outlook_only: bool,
    /// The parts besides the text.
    pub files: Vec<File>,
    /// The HTML text, part by part.
    pub html: Vec<String>,
}

/// A part besides the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What people are told of it.
    pub listed: Attachment,
    /// Its content.
    pub bytes: Vec<u8>,
    /// By what the HTML text names it, where it has such a name.
    pub content_id: Option<String>,
}

impl Body {
    /// Reads the text and lists the rest.
    pub fn read(structure: &Structure) -> Self {
        // Within an opaque signature is a whole mail.
        match signed_mail(structure) {
            Some(inner) => Structure::read(&inner)
                .filter(|inner| !inner.is_too_complex)
                .map_or_else(|| Self::of(structure), |inner| Self::of(&inner)),
            None => Self::of(structure),
        }
    }

    fn of(structure: &Structure) -> Self {
        let html = html(structure);
        let (plain, taken) = match plain_text(structure) {
            Some((text, taken)) => (Some(text), taken),
            None => (None, Vec::new()),
        };
        let mut body = match plain.filter(|plain| html.is_empty() || !is_stub(plain)) {
            Some(text) => Self {
                text,
                ..Self::default()
            },
            None => Self::of_html(&html),
        };
        let mut leftover_at = None;
        if body.is_silent()
            && let Some((at, text)) = leftover(structure)
        {
            body.text = text;
            leftover_at = Some(at);
        }
        for listed in attachment::list(structure, &html.concat()) {
            if Some(listed.part.number()) != leftover_at {
                body.attach(listed);
            }
        }
        body.files.extend(taken);
        body.html = html;
        body
    }

    fn of_html(parts: &[String]) -> Self {
        let mut budget = TEXT_MAX_BYTES;
        let mut body = Self::default();
        for html in parts {
            let Converted { text, quote_at } = text::from_html(html);
            // The mark is good for the first part only: what follows it is another's place.
            if body.text.is_empty() {
                body.quote_at = quote_at;
            }
            append(&mut body.text, &text, &mut budget);
        }
        let clean = decode::clean_text(&body.text);
        if clean.len() != body.text.len() {
            body.quote_at = None;
        }
        body.text = clean;
        body
    }

    fn is_silent(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn attach(&mut self, listed: Listed) {
        if !is_tnef(&listed.attachment) {
            self.files.push(File::of(listed));
            return;
        }
        let packed = tnef::read(&listed.bytes);
        let is_read = packed.as_ref().is_some_and(|packed| {
            !packed.files.is_empty() || !packed.text.is_empty() || !packed.html.is_empty()
        });
        if let Some(packed) = packed {
            self.unpack(packed);
        }
        // Beside a text that says it all, the wrapping is of no use to anybody.
        if !is_read {
            self.is_outlook_only |= self.is_silent();
            self.files.push(File::of(listed));
        }
    }

    fn unpack(&mut self, packed: Packed) {
        if self.is_silent() && !packed.html.is_empty() {
            *self = Self {
                files: std::mem::take(&mut self.files),
                ..Self::of_html(&[packed.html])
            };
        }
        if self.is_silent() {
            let text = decode::clean_text(&packed.text);
            decode::cut(&text, TEXT_MAX_BYTES).clone_into(&mut self.text);
        }
        self.is_outlook_only |= self.is_silent() && packed.has_rtf;
        for file in packed.files {
            let media_type = match file.media_type.as_str() {
                "" => "application/octet-stream",
                written => written,
            };
            let name = attachment::safe_name(&file.name);
            let name = match name.as_str() {
                "" => attachment::numbered(self.files.len() + 1, media_type),
                _ => name,
            };
            self.files.push(File::named(name, media_type, file.bytes));
        }
    }
}

impl File {
    fn of(listed: Listed) -> Self {
        Self {
            content_id: listed.part.content_id(),
            listed: listed.attachment,
            bytes: listed.bytes,
        }
    }

    fn named(name: String, media_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            listed: attachment::describe(name, media_type, &bytes),
            bytes,
            content_id: None,
        }
    }
}

/// Whether a file is Outlook's `winmail.dat`, whatever it calls itself.
fn is_tnef(attachment: &Attachment) -> bool {
    matches!(
        attachment.media_type.as_str(),
        "application/ms-tnef" | "application/vnd.ms-tnef"
    ) || attachment.name.eq_ignore_ascii_case("winmail.dat")
}

/// The mail within an opaque signature (RFC 8551 §3.5.2).
fn signed_mail(structure: &Structure) -> Option<Vec<u8>> {
    let root = structure.root()?;
    let is_packed = matches!(
        root.media_type().as_str(),
        "application/pkcs7-mime" | "application/x-pkcs7-mime"
    );
    let content = smime::signed_content(&is_packed.then(|| root.bytes(SIGNED_MAX_BYTES))?)?;
    (!content.is_empty()).then_some(content)
}

fn html(structure: &Structure) -> Vec<String> {
    structure
        .html_parts()
        .filter(Part::is_html)
        .take(HTML_PARTS_MAX)
        .map(|part| part.text(text::HTML_MAX_BYTES))
        .collect()
}

/// The text parts, HTML among them converted, and the files packed in them; `None` where all of
/// them are HTML.
fn plain_text(structure: &Structure) -> Option<(String, Vec<File>)> {
    structure
        .text_parts()
        .find(|part| part.media_type() == "text/plain")?;
    let mut budget = TEXT_MAX_BYTES;
    let mut text = String::new();
    let mut files = Vec::new();
    for part in structure.text_parts() {
        if part.is_html() {
            let html = part.text(text::HTML_MAX_BYTES);
            append(&mut text, &text::from_html(&html).text, &mut budget);
        } else if part.media_type() == "text/plain" {
            append(&mut text, &plain_part(&part, &mut files), &mut budget);
        }
    }
    Some((decode::clean_text(&text), files))
}

/// The text of a plain part: files taken out, broken lines joined.
fn plain_part(part: &Part, files: &mut Vec<File>) -> String {
    let mut text = part.text(PLAIN_MAX_BYTES);
    if let Some((left, taken)) = uuencode::take(&text) {
        text = left;
        files.extend(taken.into_iter().map(|file| {
            let name = attachment::safe_name(&file.name);
            File::named(name, "application/octet-stream", file.bytes)
        }));
    }
    let is = |parameter: &str, wanted: &str| {
        part.parameter(parameter)
            .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    if is("format", "flowed") {
        return flowed::join(&text, is("delsp", "yes"));
    }
    text
}

/// The text that no structure offers: of a strange type such as `text/enriched`, in a multipart
/// whose boundary never comes, or cut off before its part ends. With the number of its part.
fn leftover(structure: &Structure) -> Option<(usize, String)> {
    let part = structure.other_parts().find(|part| {
        let media_type = part.media_type();
        media_type != "text/calendar"
            && (media_type.starts_with("text/") || media_type.starts_with("multipart/"))
            && !part.is_multipart()
            && !part.is_attached()
    })?;
    let text = part.text(TEXT_MAX_BYTES);
    let text = if part.is_html() {
        text::from_html(&text).text
    } else if part.media_type().starts_with("multipart/") {
        let is_boundary = |line: &&str| line.starts_with("--") && line.trim_end() != "--";
        let words: Vec<&str> = text.lines().filter(|line| !is_boundary(line)).collect();
        words.join("\n")
    } else {
        text
    };
    Some((part.number(), decode::clean_text(&text)))
}

fn append(text: &mut String, more: &str, budget: &mut usize) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let more = decode::cut(more, *budget);
    *budget -= more.len();
    text.push_str(more);
}

/// Text that only says that there is HTML, or nothing.
fn is_stub(plain: &str) -> bool {
    /// Longest stub, in bytes.
    const STUB_MAX_BYTES: usize = 250;
    let plain = plain.trim();
    plain.is_empty()
        || plain.len() <= STUB_MAX_BYTES && {
            let lower = plain.to_lowercase();
            lower.contains("html")
                && [
                    "client", "cliente", "soporta", "support", "visor", "view", "ver ",
                ]
                .iter()
                .any(|word| lower.contains(word))
        }
}
