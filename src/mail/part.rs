//! The structure of a mail: which of its parts are its text, and which come besides.
//!
//! Only what is read is decoded; an attached message is one part and is not taken apart.

use super::decode;
use super::header::{Field, Headers};
use super::mime::{self, Node, Parts};
use super::parameter::Parameterized;
use super::roles::{self, Roles};

pub use super::mime::{NESTING_MAX, PARTS_MAX};

/// A mail taken apart.
#[derive(Debug)]
pub struct Structure<'a> {
    parts: Parts<'a>,
    roles: Roles,
    raw: &'a [u8],
    /// More parts, fields or levels than are read; the parts are not to be used.
    pub is_too_complex: bool,
}

impl<'a> Structure<'a> {
    /// Takes `raw` apart; `None` where it has no header at all.
    pub fn read(raw: &'a [u8]) -> Option<Self> {
        let parts = mime::cut(raw);
        let has_fields = parts.nodes.first().is_some_and(|n| !n.headers.is_empty());
        has_fields.then(|| Self {
            roles: roles::assign(&parts.nodes),
            is_too_complex: parts.is_too_complex,
            parts,
            raw,
        })
    }

    /// The fields of the mail.
    pub fn headers(&self) -> Headers<'a> {
        self.parts
            .nodes
            .first()
            .map(|node| node.headers.clone())
            .unwrap_or_default()
    }

    /// Everything after the header block, as it came.
    pub fn body(&self) -> &'a [u8] {
        let start = self.parts.nodes.first().map_or(0, |node| node.body.start);
        self.raw.get(start..).unwrap_or_default()
    }

    /// The outermost part.
    pub fn root(&self) -> Option<Part<'_, 'a>> {
        self.part(0)
    }

    /// All parts of the mail itself, not those of attached messages; the outermost first.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        (0..self.parts.nodes.len()).filter_map(|at| self.part(at))
    }

    /// The parts that make up the readable text, in order. Where a text exists in two forms
    /// this is the plain one.
    pub fn text_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.roles.text.iter().filter_map(|at| self.part(*at))
    }

    /// The same, with HTML wherever there is a choice.
    pub fn html_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.roles.html.iter().filter_map(|at| self.part(*at))
    }

    /// The parts besides the text, in order.
    pub fn other_parts(&self) -> impl Iterator<Item = Part<'_, 'a>> {
        self.roles.others.iter().filter_map(|at| self.part(*at))
    }

    fn part(&self, at: usize) -> Option<Part<'_, 'a>> {
        self.parts.nodes.get(at).map(|node| Part {
            number: at,
            node,
            parent: node.parent.and_then(|parent| self.parts.nodes.get(parent)),
            raw: self.raw,
        })
    }
}

/// One part of a mail.
#[derive(Debug, Clone, Copy)]
pub struct Part<'s, 'a> {
    number: usize,
    node: &'s Node<'a>,
    parent: Option<&'s Node<'a>>,
    raw: &'a [u8],
}

impl<'s, 'a> Part<'s, 'a> {
    /// Its place among the parts of the mail; the outermost is 0.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Media type, lower case; `text/plain` where none is written (RFC 2045 §5.2).
    pub fn media_type(&self) -> String {
        self.node.media_type.clone()
    }

    /// Media type of the multipart around it; empty for the outermost part.
    pub fn parent_type(&self) -> &'s str {
        self.parent.map_or("", |parent| &parent.media_type)
    }

    /// A parameter of Content-Type.
    pub fn parameter(&self, name: &str) -> Option<&'s str> {
        self.node.content_type.parameter(name)
    }

    /// The file name, decoded. Content-Disposition names the file (RFC 2183 §2.3); the name in
    /// Content-Type is the older way, and longer-lived: gateways drop the disposition.
    pub fn file_name(&self) -> Option<String> {
        let disposition = disposition(self.node);
        let named = disposition.parameter("filename").filter(|n| !n.is_empty());
        named.or_else(|| self.parameter("name")).map(str::to_owned)
    }

    /// Whether the part is there to be saved, not to be read.
    pub fn is_attached(&self) -> bool {
        self.file_name().is_some() || disposition(self.node).value == "attachment"
    }

    /// The Content-ID, without brackets.
    pub fn content_id(&self) -> Option<String> {
        let id = self.node.headers.first("content-id")?.unfolded();
        let id = id.trim_start_matches('<').trim_end_matches('>').trim();
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// The fields of the part.
    pub fn headers(&self) -> Headers<'a> {
        self.node.headers.clone()
    }

    /// Whether the part is HTML.
    pub fn is_html(&self) -> bool {
        self.node.media_type == "text/html"
    }

    /// Whether the part holds others and nothing of its own.
    pub fn is_multipart(&self) -> bool {
        !self.node.children.is_empty()
    }

    /// The bytes of the part as they stand in the mail.
    pub fn raw(&self) -> &'a [u8] {
        self.raw.get(self.node.body.clone()).unwrap_or_default()
    }

    /// The decoded bytes of the part, at most `limit`.
    pub fn bytes(&self, limit: usize) -> Vec<u8> {
        match self.encoding() {
            Encoding::Base64 => decode::base64(self.raw(), limit),
            Encoding::QuotedPrintable => decode::quoted_printable(self.raw(), limit),
            Encoding::None => self.raw().get(..limit).unwrap_or(self.raw()).to_vec(),
        }
    }

    /// The part as text, its charset resolved, at most `limit` bytes.
    pub fn text(&self, limit: usize) -> String {
        let text = decode::charset(&self.bytes(limit), self.parameter("charset"));
        decode::cut(&text, limit).to_owned()
    }

    fn encoding(&self) -> Encoding {
        let value = self
            .node
            .headers
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

/// Content-Disposition of a part; empty where it has none.
pub(super) fn disposition(node: &Node) -> Parameterized {
    node.headers
        .first("content-disposition")
        .map(Field::parameterized)
        .unwrap_or_default()
}

enum Encoding {
    None,
    Base64,
    QuotedPrintable,
}
