//! The structure of a mail: its parts, counted and bounded before anything is made of them.
//!
//! `mail-parser` finds the parts; transfer encodings are left to [`super::decode`], so that
//! only what is read is decoded, and so that a message packed inside an encoded message is
//! never unpacked: its nesting could not be bounded (dropping a deep one overflows the stack).

use std::sync::LazyLock;

use mail_parser::{
    ContentType, GetHeader, HeaderName, HeaderValue, Message, MessageParser, MessagePart,
    MimeHeaders, PartType,
};

use super::decode;
use super::header::{Field, HEADERS_MAX, Headers};

/// Most parts read, those of attached messages included; a mail with more is `TooComplex`.
pub const PARTS_MAX: usize = 200;

/// Deepest nesting read; a mail with more is `TooComplex`.
pub const NESTING_MAX: usize = 10;

/// Most lines that could be boundaries; a mail with more is not taken apart at all, because
/// each might cost the memory of a part.
const BOUNDARY_LINES_MAX: usize = 100_000;

static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .header_id(HeaderName::ContentId)
        .ignore_header(HeaderName::ContentTransferEncoding)
        .default_header_ignore()
});

/// A mail taken apart. Dropping it is safe at any depth.
#[derive(Debug)]
pub struct Structure<'a> {
    message: Message<'a>,
    raw: &'a [u8],
    /// More parts, fields or levels than are read; the parts are not to be used.
    pub is_too_complex: bool,
}

impl<'a> Structure<'a> {
    /// Takes `raw` apart; `None` where it has no header at all.
    pub fn read(raw: &'a [u8]) -> Option<Self> {
        let too_many_lines = boundary_lines(raw) > BOUNDARY_LINES_MAX;
        let message = if too_many_lines {
            PARSER.parse_headers(raw)
        } else {
            PARSER.parse(raw)
        }?;
        let fields = message.parts.first()?.headers.len();
        let (parts, nesting) = measure(&message);
        let structure = Self {
            is_too_complex: too_many_lines
                || fields > HEADERS_MAX
                || parts > PARTS_MAX
                || nesting > NESTING_MAX,
            message,
            raw,
        };
        (!structure.headers().is_empty()).then_some(structure)
    }

    /// The fields of the mail.
    pub fn headers(&self) -> Headers<'a> {
        Headers::of(&self.message, self.raw)
    }

    /// Everything after the header block, as it came.
    pub fn body(&self) -> &'a [u8] {
        let start = self
            .message
            .parts
            .first()
            .map_or(0, |p| p.offset_body as usize);
        self.raw.get(start..).unwrap_or_default()
    }

    /// The outermost part.
    pub fn root(&self) -> Option<Part<'_, 'a>> {
        self.part(0)
    }

    /// All parts of the mail itself, not those of attached messages; the outermost first.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.message.parts.iter().map(|inner| self.view(inner))
    }

    /// The parts that make up the readable text, in order. Where a text exists in two forms
    /// this is the plain one.
    pub fn text_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.message
            .text_body
            .iter()
            .filter_map(|id| self.part(*id))
    }

    /// The same, with HTML wherever there is a choice.
    pub fn html_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.message
            .html_body
            .iter()
            .filter_map(|id| self.part(*id))
    }

    /// The parts besides the text, in order.
    pub fn other_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.message
            .attachments
            .iter()
            .filter_map(|id| self.part(*id))
    }

    fn part(&self, id: u32) -> Option<Part<'_, 'a>> {
        self.message.part(id).map(|inner| self.view(inner))
    }

    fn view<'s>(&'s self, inner: &'s MessagePart<'a>) -> Part<'s, 'a> {
        Part {
            inner,
            raw: self.raw,
        }
    }
}

impl Drop for Structure<'_> {
    fn drop(&mut self) {
        // Messages within messages are dropped one by one, not recursively.
        let mut waiting = vec![std::mem::take(&mut self.message)];
        while let Some(mut message) = waiting.pop() {
            for part in &mut message.parts {
                if let PartType::Message(inner) = std::mem::take(&mut part.body) {
                    waiting.push(inner);
                }
            }
        }
    }
}

/// One part of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Part<'s, 'a> {
    inner: &'s MessagePart<'a>,
    raw: &'a [u8],
}

impl<'s, 'a> Part<'s, 'a> {
    /// Media type, lower case; `text/plain` where none is written (RFC 2045 §5.2).
    pub fn media_type(&self) -> String {
        if matches!(self.inner.body, PartType::Message(_)) {
            return "message/rfc822".to_owned();
        }
        self.content_type().map_or_else(
            || "text/plain".to_owned(),
            |ct| {
                let subtype = ct.subtype().unwrap_or("octet-stream");
                format!("{}/{subtype}", ct.ctype()).to_ascii_lowercase()
            },
        )
    }

    /// A parameter of Content-Type.
    pub fn parameter(&self, name: &str) -> Option<&'s str> {
        self.content_type()?.attribute(name)
    }

    fn content_type(&self) -> Option<&'s ContentType<'a>> {
        self.inner
            .headers
            .header_value(&HeaderName::ContentType)?
            .as_content_type()
    }

    /// The file name, as written and decoded.
    pub fn file_name(&self) -> Option<&'s str> {
        self.inner.attachment_name()
    }

    /// Whether the part is there to be saved, not to be read.
    pub fn is_attached(&self) -> bool {
        let disposition = self
            .inner
            .headers
            .header_value(&HeaderName::ContentDisposition);
        self.file_name().is_some()
            || disposition
                .and_then(HeaderValue::as_content_type)
                .is_some_and(ContentType::is_attachment)
    }

    /// The Content-ID, without brackets.
    pub fn content_id(&self) -> Option<&'s str> {
        match self.inner.headers.header_value(&HeaderName::ContentId)? {
            HeaderValue::Text(id) => Some(id.as_ref()),
            _ => None,
        }
    }

    /// The fields of the part.
    pub fn headers(&self) -> Headers<'a> {
        Headers::of_part(self.inner, self.raw)
    }

    /// Whether the part is HTML.
    pub fn is_html(&self) -> bool {
        self.media_type() == "text/html"
    }

    /// Whether the part holds others and nothing of its own.
    pub fn is_multipart(&self) -> bool {
        matches!(self.inner.body, PartType::Multipart(_))
    }

    /// The bytes of the part as they stand in the mail.
    pub fn raw(&self) -> &'a [u8] {
        let range = self.inner.offset_body as usize..self.inner.offset_end as usize;
        self.raw.get(range).unwrap_or_default()
    }

    /// The decoded bytes of the part, at most `limit`.
    pub fn bytes(&self, limit: usize) -> Vec<u8> {
        match self.encoding() {
            Encoding::Base64 => decode::base64(self.raw(), limit),
            Encoding::QuotedPrintable => decode::quoted_printable(self.raw(), limit),
            Encoding::None => self.raw().get(..limit).unwrap_or(self.raw()).to_vec(),
        }
    }

    /// The decoded size in bytes.
    pub fn size(&self) -> usize {
        match self.encoding() {
            Encoding::Base64 => decode::base64_len(self.raw()),
            Encoding::QuotedPrintable => decode::quoted_printable(self.raw(), usize::MAX).len(),
            Encoding::None => self.raw().len(),
        }
    }

    /// The part as text, its charset resolved, at most `limit` bytes.
    pub fn text(&self, limit: usize) -> String {
        let text = decode::charset(&self.bytes(limit), self.parameter("charset"));
        decode::cut(&text, limit).to_owned()
    }

    fn encoding(&self) -> Encoding {
        let headers = self.headers();
        let value = headers
            .first("content-transfer-encoding")
            .map(Field::unfolded)
            .unwrap_or_default()
            .to_ascii_lowercase();
        match value.split([';', ' ', '(']).next() {
            Some("base64") => Encoding::Base64,
            Some("quoted-printable") => Encoding::QuotedPrintable,
            _ => Encoding::None,
        }
    }
}

enum Encoding {
    None,
    Base64,
    QuotedPrintable,
}

/// The number of parts and the deepest level, attached messages included. Not recursive.
fn measure(message: &Message) -> (usize, usize) {
    let (mut count, mut deepest) = (0, 0);
    let mut waiting = vec![(message, 0usize)];
    while let Some((message, base)) = waiting.pop() {
        let mut levels = vec![base; message.parts.len()];
        count += message.parts.len();
        for (id, part) in message.parts.iter().enumerate() {
            let level = levels.get(id).copied().unwrap_or(base);
            deepest = deepest.max(level);
            match &part.body {
                // Children stand after their parent, so their level is set before it is read.
                PartType::Multipart(children) => {
                    for child in children {
                        if let Some(slot) = levels.get_mut(*child as usize) {
                            *slot = level + 1;
                        }
                    }
                }
                PartType::Message(inner) => waiting.push((inner, level + 1)),
                _ => {}
            }
        }
    }
    (count, deepest)
}

/// The number of lines that hold `--`.
fn boundary_lines(raw: &[u8]) -> usize {
    let (mut lines, mut seen, mut last) = (0, false, 0u8);
    for byte in raw {
        match *byte {
            b'\n' => seen = false,
            b'-' if last == b'-' && !seen => {
                seen = true;
                lines += 1;
            }
            _ => {}
        }
        last = *byte;
    }
    lines
}
