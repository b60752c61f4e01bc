//! Header fields as they stand in a mail: all of them, in order, repeated ones too.
//!
//! Decisions never rest on "the" From or "the" Message-ID that a parser happens to pick among
//! several (crates.md §5); whoever reads a field here says which instance counts.

use mail_parser::parsers::MessageStream;
use mail_parser::{Address as Parsed, HeaderValue, Message, MessagePart};

use super::decode;
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
    /// What follows the colon, folding and line end included.
    pub raw: &'a [u8],
}

/// The fields of a mail, topmost first.
#[derive(Debug, Clone, Default)]
pub struct Headers<'a> {
    fields: Vec<Field<'a>>,
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
    /// The fields of the mail itself, at most [`HEADERS_MAX`].
    pub fn of(message: &Message, raw: &'a [u8]) -> Self {
        Self {
            fields: message
                .parts
                .first()
                .map_or_else(Vec::new, |p| fields(p, raw)),
        }
    }

    /// The fields of one part.
    pub fn of_part(part: &MessagePart, raw: &'a [u8]) -> Self {
        Self {
            fields: fields(part, raw),
        }
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

fn fields<'a>(part: &MessagePart, raw: &'a [u8]) -> Vec<Field<'a>> {
    part.headers
        .iter()
        .take(HEADERS_MAX)
        .filter_map(|header| {
            // The last line of a text that is no mail can look like a field without a colon.
            let colon = (header.offset_start as usize).checked_sub(1)?;
            raw.get(colon).filter(|byte| **byte == b':')?;
            let range = header.offset_start as usize..header.offset_end as usize;
            Some(Field {
                name: header.name.as_str().trim().to_ascii_lowercase(),
                raw: raw.get(range)?,
            })
        })
        .collect()
}

impl Field<'_> {
    /// The value on one line, not decoded: line ends and NUL removed, trimmed.
    pub fn unfolded(&self) -> String {
        let text = String::from_utf8_lossy(self.raw);
        let line: String = text
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n' | '\0'))
            .collect();
        line.trim().to_owned()
    }

    /// The value decoded (RFC 2047); 8-bit text without a charset is UTF-8 or windows-1252.
    pub fn text(&self) -> String {
        let raw = self.raw.get(..TEXT_FIELD_MAX_BYTES).unwrap_or(self.raw);
        let decoded = unstructured(raw);
        let has_damage = decoded.contains(char::REPLACEMENT_CHARACTER);
        if has_damage && std::str::from_utf8(raw).is_err() {
            return unstructured(decode::windows_1252(raw).as_bytes());
        }
        decoded
    }

    /// The addresses in the value, at most [`ADDRESSES_MAX`]; groups are flattened.
    pub fn addresses(&self) -> Vec<Written> {
        let raw = self.raw.get(..LIST_FIELD_MAX_BYTES).unwrap_or(self.raw);
        // The reader takes the last word only at a line end.
        let line = match std::str::from_utf8(raw) {
            Ok(text) => format!("{text}\n"),
            Err(_) => decode::windows_1252(raw) + "\n",
        };
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
                name: one.name.unwrap_or_default().trim().to_owned(),
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

fn unstructured(raw: &[u8]) -> String {
    // The reader answers only at a line end.
    let mut line = Vec::with_capacity(raw.len() + 1);
    line.extend_from_slice(raw);
    line.push(b'\n');
    match MessageStream::new(&line).parse_unstructured() {
        HeaderValue::Text(text) => text.into_owned(),
        _ => String::new(),
    }
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
