//! A mail cut into its parts (RFC 2046 §5.1), in one pass and within bounds.
//!
//! Our own, because the crate's takes `--boundary` for one in the middle of a line and at the
//! beginning of a longer boundary, looks for each boundary that never comes to the end of the
//! mail (quadratic), and unpacks messages within messages without a bound on their nesting. Here
//! every line is looked at once; an attached message is one part and stays closed.

use std::ops::Range;

use super::header::{Field, Headers, content, lines};
use super::parameter::Parameterized;

/// Most parts read; a mail with more is `TooComplex`.
pub const PARTS_MAX: usize = 200;

/// Deepest nesting read; a mail with more is `TooComplex`.
pub const NESTING_MAX: usize = 10;

/// Lines looked at for a boundary that no header names.
const UNNAMED_LINES_MAX: usize = 200;

/// Longest boundary (RFC 2046 §5.1.1 allows 70 bytes; more is tolerated up to here).
const BOUNDARY_MAX_BYTES: usize = 250;

/// One part.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its fields.
    pub headers: Headers<'a>,
    /// Content-Type; empty where none is written.
    pub content_type: Parameterized,
    /// Media type, lower case, defaults applied.
    pub media_type: String,
    /// Where its content stands in the mail, not decoded.
    pub body: Range<usize>,
    /// The multipart it stands in.
    pub parent: Option<usize>,
    /// The parts in it, in order; a multipart without any has a boundary that never came.
    pub children: Vec<usize>,
}

/// The parts of a mail, the outermost first, each before those in it.
#[derive(Debug, Default)]
pub struct Parts<'a> {
    /// The parts, at most [`PARTS_MAX`].
    pub nodes: Vec<Node<'a>>,
    /// There are more parts, fields or levels than are read.
    pub is_too_complex: bool,
}

/// A multipart whose end has not come.
struct Open {
    node: usize,
    boundary: Vec<u8>,
}

/// Cuts a mail into parts.
pub fn cut(raw: &[u8]) -> Parts<'_> {
    let mut cutter = Cutter {
        raw,
        parts: Parts::default(),
        open: Vec::new(),
        leaf: None,
    };
    cutter.run();
    cutter.parts
}

struct Cutter<'a> {
    raw: &'a [u8],
    parts: Parts<'a>,
    open: Vec<Open>,
    /// The part whose content is being passed over, no multipart.
    leaf: Option<usize>,
}

impl<'a> Cutter<'a> {
    fn run(&mut self) {
        let mut at = self.begin(0, None);
        while at < self.raw.len() && !self.parts.is_too_complex {
            let rest = self.raw.get(at..).unwrap_or_default();
            let Some(found) = self.next_boundary(rest) else {
                break;
            };
            let before = at + found.before;
            at += found.after;
            if found.closes {
                // What follows is of the part around it, or of none.
                self.end(found.depth, before);
            } else {
                self.end(found.depth + 1, before);
                let parent = self.open.last().map(|open| open.node);
                at = self.begin(at, parent);
            }
        }
        self.end(0, self.raw.len());
    }

    /// A part begins at `at`: reads its fields; answers with where its content begins.
    fn begin(&mut self, at: usize, parent: Option<usize>) -> usize {
        if self.parts.nodes.len() == PARTS_MAX {
            self.parts.is_too_complex = true;
            return at;
        }
        let rest = self.raw.get(at..).unwrap_or_default();
        let block = self.header_block(rest);
        let (headers, length) = match lines(block).next() {
            // A part may have no fields (RFC 2046 §5.1); without the empty line too.
            Some(first) if parent.is_some() && !looks_like_field(content(first)) => {
                let empty = usize::from(content(first).is_empty()) * first.len();
                (Headers::default(), empty)
            }
            _ => Headers::read(block),
        };
        let content_type = headers
            .first("content-type")
            .map(Field::parameterized)
            .unwrap_or_default();
        let is_digest = parent.and_then(|parent| self.parts.nodes.get(parent));
        let is_digest = is_digest.is_some_and(|parent| parent.media_type == "multipart/digest");
        let media_type = media_type(&content_type.value, is_digest);
        let node = self.parts.nodes.len();
        let body = at + length..self.raw.len();
        self.parts.is_too_complex |= headers.is_cut();
        if let Some(parent) = parent.and_then(|parent| self.parts.nodes.get_mut(parent)) {
            parent.children.push(node);
        }
        let begins = body.start;
        if media_type.starts_with("multipart/") {
            self.open_multipart(node, &content_type, begins);
        } else {
            self.leaf = Some(node);
        }
        self.parts.nodes.push(Node {
            headers,
            content_type,
            media_type,
            body,
            parent,
            children: Vec::new(),
        });
        begins
    }

    fn open_multipart(&mut self, node: usize, content_type: &Parameterized, begins: usize) {
        let named = content_type
            .parameter("boundary")
            .map(|boundary| boundary.trim_end().as_bytes().to_vec())
            .filter(|boundary| !boundary.is_empty() && boundary.len() <= BOUNDARY_MAX_BYTES);
        let rest = self.raw.get(begins..).unwrap_or_default();
        match named.or_else(|| unnamed_boundary(rest)) {
            Some(_) if self.open.len() == NESTING_MAX => self.parts.is_too_complex = true,
            Some(boundary) => self.open.push(Open { node, boundary }),
            None => self.leaf = Some(node),
        }
    }

    /// The next line that is a boundary of an open multipart, the innermost first.
    fn next_boundary(&self, rest: &[u8]) -> Option<Boundary> {
        if self.open.is_empty() {
            return None;
        }
        let mut at = 0;
        let mut before = 0;
        for line in lines(rest) {
            // Blanks before it are not allowed, and some gateways add one.
            let content = line.trim_ascii();
            if let Some(text) = content.strip_prefix(b"--") {
                for (depth, open) in self.open.iter().enumerate().rev() {
                    let closes = match text.strip_prefix(open.boundary.as_slice()) {
                        Some(b"") => false,
                        // An end before any beginning would hide what follows.
                        Some(b"--") if self.has_parts(open.node) => true,
                        _ => continue,
                    };
                    return Some(Boundary {
                        depth,
                        closes,
                        before,
                        after: at + line.len(),
                    });
                }
            }
            at += line.len();
            // The line end before a boundary belongs to the boundary.
            before = at - (line.len() - self::content(line).len());
        }
        None
    }

    fn has_parts(&self, node: usize) -> bool {
        let node = self.parts.nodes.get(node);
        node.is_some_and(|node| !node.children.is_empty())
    }

    /// Where fields can stand: up to the empty line, but not beyond the next boundary.
    fn header_block<'r>(&self, rest: &'r [u8]) -> &'r [u8] {
        let mut at = 0;
        for line in lines(rest) {
            let content = content(line);
            if content.trim_ascii_start().starts_with(b"--") && self.next_boundary(line).is_some() {
                break;
            }
            at += line.len();
            if content.is_empty() {
                break;
            }
        }
        rest.get(..at).unwrap_or_default()
    }

    /// Ends the open part at `at`, and the multiparts around it but for the outermost `kept`.
    fn end(&mut self, kept: usize, at: usize) {
        if let Some(leaf) = self.leaf.take() {
            self.end_node(leaf, at);
        }
        while self.open.len() > kept {
            if let Some(open) = self.open.pop() {
                self.end_node(open.node, at);
            }
        }
    }

    fn end_node(&mut self, node: usize, at: usize) {
        if let Some(node) = self.parts.nodes.get_mut(node) {
            node.body.end = at.max(node.body.start);
        }
    }
}

/// A boundary line: of which open multipart, and where its line begins and ends.
struct Boundary {
    depth: usize,
    closes: bool,
    before: usize,
    after: usize,
}

/// Media type, lower case; `text/plain` where none is written (RFC 2045 §5.2), or a message in a
/// digest (RFC 2046 §5.1.5).
fn media_type(written: &str, in_digest: bool) -> String {
    let default = if in_digest {
        "message/rfc822"
    } else {
        "text/plain"
    };
    match written {
        "" => default.to_owned(),
        // Without a subtype: what old programs mean by it.
        "text" | "plain" => "text/plain".to_owned(),
        "html" => "text/html".to_owned(),
        "multipart" => "multipart/mixed".to_owned(),
        written if written.contains('/') => written.to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

/// The boundary of a multipart whose header names none: its first line that looks like one.
fn unnamed_boundary(body: &[u8]) -> Option<Vec<u8>> {
    lines(body)
        .take(UNNAMED_LINES_MAX)
        .filter_map(|line| line.trim_ascii_end().strip_prefix(b"--"))
        .find(|boundary| {
            // More than the `--` above a signature, or a line drawn with dashes.
            boundary.len() <= BOUNDARY_MAX_BYTES
                && boundary.iter().any(u8::is_ascii_alphanumeric)
                && boundary.iter().all(u8::is_ascii_graphic)
        })
        .map(<[u8]>::to_vec)
}

fn looks_like_field(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    name.len() < line.len() && !name.is_empty() && name.iter().all(u8::is_ascii_graphic)
}
