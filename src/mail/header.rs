//! Header fields as they stand in a mail: all of them, in order, repeated ones too.
//!
//! Decisions never rest on "the" From or "the" Message-ID that a parser happens to pick among
//! several (crates.md §5); whoever reads a field here says which instance counts.

use std::ops::Range;

use mail_parser::parsers::MessageStream;
use mail_parser::{Address as Parsed, HeaderValue};

use super::decode;
use super::encoded_word::{self, Piece};
use super::parameter::Parameterized;
use crate::domain::address::Address;

/// Most header fields read; a mail with more is `TooComplex`.
pub const HEADERS_MAX: usize = 2_000;

/// Most bytes of one field that are decoded as text; the rest of it is not read.
const TEXT_FIELD_MAX_BYTES: usize = 16 * 1024;

/// Most bytes of one field that are read as addresses or ids; the rest of it is not read.
const LIST_FIELD_MAX_BYTES: usize = 256 * 1024;

/// Most addresses taken from one field; the rest is passed over.
pub const ADDRESSES_MAX: usize = 1_000;

/// Longest Message-ID, without brackets, in bytes; a longer one is absurd and matches nothing.
pub const MESSAGE_ID_MAX_BYTES: usize = 250;

/// One field.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    /// Lower case.
    pub name: String,
    /// The obsolete form `Name : value` (RFC 5322 §4.5), which filters by pattern do not see.
    pub has_blank_before_colon: bool,
    /// What follows the colon, folding and line end included.
    pub raw: &'a [u8],
}

/// The fields of a mail, topmost first.
#[derive(Debug, Clone, Default)]
pub struct Headers<'a> {
    fields: Vec<Field<'a>>,
    /// There were more than [`HEADERS_MAX`].
    is_cut: bool,
}

/// An address as written: what could be read of it, and the name before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The address text; empty where there is none.
    pub address: String,
    /// The decoded display name; empty where there is none.
    pub name: String,
}

impl<'a> Headers<'a> {
    /// Reads the fields at the beginning of `raw` until the empty line, and says how many bytes
    /// they take with it.
    ///
    /// A line that is no field and continues none is passed over, because broken gateways fold
    /// without a blank. Where no empty line comes at all, the text begins at the first such line.
    pub fn read(raw: &'a [u8]) -> (Self, usize) {
        let mut spans: Vec<(Name, Range<usize>)> = Vec::new();
        let mut strange: Option<(usize, usize)> = None;
        let mut is_cut = false;
        let mut at = 0;
        let mut end = None;
        for line in lines(raw) {
            let begin = at;
            at += line.len();
            let content = content(line);
            if content.is_empty() {
                end = Some(at);
                break;
            }
            if matches!(content.first(), Some(b' ' | b'\t')) {
                if let Some((_, span)) = spans.last_mut().filter(|_| !is_cut) {
                    span.end = at;
                }
            } else if let Some((name, skip)) = field_name(content) {
                is_cut |= spans.len() == HEADERS_MAX;
                if !is_cut {
                    spans.push((name, begin + skip..at));
                }
            } else if strange.is_none() {
                strange = Some((begin, spans.len()));
            }
        }
        if let (None, Some((begin, fields))) = (end, strange) {
            spans.truncate(fields);
            end = Some(begin);
        }
        let fields = spans
            .into_iter()
            .map(|(name, span)| Field {
                name: name.text,
                has_blank_before_colon: name.has_blank_after,
                raw: raw.get(span).unwrap_or_default(),
            })
            .collect();
        (Self { fields, is_cut }, end.unwrap_or(raw.len()))
    }

    /// The fields of a mail of which only the beginning is at hand, at most [`HEADERS_MAX`];
    /// `None` where it has none.
    pub fn of_bytes(raw: &'a [u8]) -> Option<Self> {
        let (headers, _) = Self::read(raw);
        (!headers.is_empty()).then_some(headers)
    }

    /// Whether there were more fields than are read.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All fields, topmost first.
    pub fn iter(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter()
    }

    /// The fields of a name (lower case), topmost first.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// The topmost field of a name (lower case).
    pub fn first(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// The lines of a mail, each with its line end.
pub fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.split_inclusive(|byte| *byte == b'\n')
}

/// A line without its line end.
pub fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The name with which a field begins.
struct Name {
    /// Lower case.
    text: String,
    has_blank_after: bool,
}

/// The name with which a field begins, and the bytes up to its value (RFC 5322 §2.2; blanks before
/// the colon are obsolete, §4.5, and forgers use them).
fn field_name(line: &[u8]) -> Option<(Name, usize)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let written = line.get(..colon)?;
    let name = written.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    let found = Name {
        text: String::from_utf8_lossy(name).to_ascii_lowercase(),
        has_blank_after: name.len() < written.len(),
    };
    is_name.then_some((found, colon + 1))
}

impl Field<'_> {
    /// The value on one line, not decoded: line ends and NUL removed, trimmed.
    pub fn unfolded(&self) -> String {
        let text = String::from_utf8_lossy(self.raw);
        unfold(&text).trim().to_owned()
    }

    /// The value decoded (RFC 2047); 8-bit text without a charset is UTF-8 or windows-1252.
    pub fn text(&self) -> String {
        let raw = self.raw.get(..TEXT_FIELD_MAX_BYTES).unwrap_or(self.raw);
        let text = decode::charset(raw.trim_ascii(), None);
        encoded_word::decode(&unfold(&text))
    }

    /// The value as one word with parameters.
    pub fn parameterized(&self) -> Parameterized {
        let raw = self.raw.get(..TEXT_FIELD_MAX_BYTES).unwrap_or(self.raw);
        Parameterized::read(&unfold(&decode::charset(raw, None)))
    }

    /// The addresses in the value, at most [`ADDRESSES_MAX`]; groups are flattened.
    pub fn addresses(&self) -> Vec<Written> {
        let raw = self.raw.get(..LIST_FIELD_MAX_BYTES).unwrap_or(self.raw);
        let text = unfold(&decode::charset(raw, None));
        let (mut line, names) = veil(&text);
        // The reader takes the last word only at a line end.
        line.push('\n');
        let list = match MessageStream::new(line.as_bytes()).parse_address() {
            HeaderValue::Address(Parsed::List(list)) => list,
            HeaderValue::Address(Parsed::Group(groups)) => {
                groups.into_iter().flat_map(|g| g.addresses).collect()
            }
            _ => Vec::new(),
        };
        list.into_iter()
            .take(ADDRESSES_MAX)
            .map(|one| Written {
                address: one.address.unwrap_or_default().trim().to_owned(),
                name: unveil(one.name.unwrap_or_default().trim(), &names),
            })
            .collect()
    }

    /// The addresses in the value that are addresses, without repetition of neighbours.
    pub fn valid_addresses(&self) -> Vec<Address> {
        self.addresses()
            .iter()
            .filter_map(|written| Address::parse(&written.address))
            .collect()
    }

    /// The Message-IDs in the value (RFC 5322 §3.6.4), without brackets, in order.
    ///
    /// Free text around them is passed over; where no bracket stands, words with an `@` count
    /// (some servers drop the brackets). Absurd ids are left out.
    pub fn ids(&self) -> Vec<String> {
        let raw = self.raw.get(..LIST_FIELD_MAX_BYTES).unwrap_or(self.raw);
        let text = String::from_utf8_lossy(raw);
        let mut ids = Vec::new();
        if text.contains('<') {
            for piece in text.split('<').skip(1) {
                let Some((id, _)) = piece.split_once('>') else {
                    continue;
                };
                // Folding inside an id is a sender's fault that other readers forgive too.
                let id: String = id.chars().filter(|c| !c.is_whitespace()).collect();
                ids.push(id);
            }
        } else {
            ids.extend(
                text.split(|c: char| c.is_whitespace() || c == ',' || c == '>')
                    .map(str::to_owned),
            );
        }
        ids.retain(|id| is_message_id(id));
        ids
    }
}

/// A field's text without line ends and other control characters; folds leave their blank
/// (RFC 5322 §2.2.3).
fn unfold(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\t')
        .collect()
}

/// Stands around the number of a decoded name; no unfolded text holds it.
const VEIL: char = '\u{1}';

/// Hides encoded words from the reader of addresses: it would take each word by itself, and what
/// they decode to is a name whatever it looks like. Answers with the text and what was hidden.
fn veil(text: &str) -> (String, Vec<String>) {
    if !text.contains("=?") {
        return (text.to_owned(), Vec::new());
    }
    let mut names = Vec::new();
    let mut line = String::with_capacity(text.len());
    for piece in encoded_word::pieces(text) {
        match piece {
            Piece::Plain(plain) => line.push_str(plain),
            Piece::Decoded(name) => {
                line.push_str(&format!("{VEIL}{}{VEIL}", names.len()));
                names.push(name);
            }
        }
    }
    (line, names)
}

fn unveil(name: &str, names: &[String]) -> String {
    if !name.contains(VEIL) {
        return name.to_owned();
    }
    // Every second piece is the number of a hidden name.
    name.split(VEIL)
        .enumerate()
        .map(|(at, piece)| {
            let hidden = (at % 2 == 1).then(|| piece.parse::<usize>().ok());
            match hidden.flatten().and_then(|number| names.get(number)) {
                Some(name) => name.as_str(),
                None => piece,
            }
        })
        .collect()
}

/// Whether `id` (without brackets) can name a mail: printable ASCII, something on both sides
/// of an `@`, at most [`MESSAGE_ID_MAX_BYTES`]. Anything else matches nothing (mail.md §1).
pub fn is_message_id(id: &str) -> bool {
    let printable = id
        .bytes()
        .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'));
    printable
        && id.len() <= MESSAGE_ID_MAX_BYTES
        && id
            .rsplit_once('@')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
}
