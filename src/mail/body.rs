//! What a mail says and what is attached to it: plain text where there is any, else HTML
//! (mail.md §5).

use super::part::Structure;
use super::text::{self, Converted};
use super::{attachment, decode};
use crate::domain::message::Attachment;

/// Most bytes of readable text; the rest is in the raw mail only.
pub const TEXT_MAX_BYTES: usize = 1024 * 1024;

/// The readable parts of a mail.
#[derive(Debug, Default)]
pub struct Body {
    /// The text; lines end in `\n`; at most [`TEXT_MAX_BYTES`].
    pub text: String,
    /// Where a mail program marked the mail answered to.
    pub quote_at: Option<usize>,
    /// The parts besides the text.
    pub attachments: Vec<Attachment>,
}

impl Body {
    /// Reads the text and lists the rest.
    pub fn read(structure: &Structure) -> Self {
        let html: Vec<String> = structure
            .html_parts()
            .filter(|part| part.is_html())
            .take(HTML_PARTS_MAX)
            .map(|part| part.text(text::HTML_MAX_BYTES))
            .collect();
        let plain = plain_text(structure);
        let mut body = match plain.filter(|plain| html.is_empty() || !is_stub(plain)) {
            Some(text) => Self {
                text,
                ..Self::default()
            },
            None => Self::of_html(&html),
        };
        body.attachments = attachment::list(structure, &html.concat());
        if body.text.trim().is_empty()
            && let Some((at, text)) = leftover(structure)
        {
            body.text = text;
            if at < body.attachments.len() {
                body.attachments.remove(at);
            }
        }
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
}

/// The text parts, HTML among them converted; `None` where all of them are HTML.
fn plain_text(structure: &Structure) -> Option<String> {
    structure
        .text_parts()
        .find(|part| !part.is_html() && !part.is_multipart())?;
    let mut budget = TEXT_MAX_BYTES;
    let mut text = String::new();
    for part in structure.text_parts() {
        if part.is_html() {
            let html = part.text(text::HTML_MAX_BYTES);
            append(&mut text, &text::from_html(&html).text, &mut budget);
        } else if part.media_type().starts_with("text/") {
            append(&mut text, &part.text(budget), &mut budget);
        }
    }
    Some(decode::clean_text(&text))
}

/// The text that no structure offers: of a strange type such as `text/enriched`, in a multipart
/// whose boundary never comes, or cut off before its part ends. With its place among the parts
/// besides the text.
fn leftover(structure: &Structure) -> Option<(usize, String)> {
    let (at, part) = structure.other_parts().enumerate().find(|(_, part)| {
        let media_type = part.media_type();
        media_type != "text/calendar"
            && (media_type.starts_with("text/") || media_type.starts_with("multipart/"))
            && !part.is_multipart()
            && !part.is_attached()
    })?;
    let text = part.text(TEXT_MAX_BYTES);
    let text = if part.is_html() {
        text::from_html(&text).text
    } else {
        text
    };
    Some((at, decode::clean_text(&text)))
}

/// Most HTML parts read for text; a mail program writes one, or one around each picture.
const HTML_PARTS_MAX: usize = 20;

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
