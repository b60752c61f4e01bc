//! Content-Type and Content-Disposition: a value and its parameters (RFC 2045 §5.1), split and
//! percent-encoded ones too (RFC 2231), and encoded words where they must not stand (Outlook).

use super::{decode, encoded_word};

/// Most parameters of one field, pieces of split ones included; the rest is not read.
const PARAMETERS_MAX: usize = 100;

/// A value such as `text/plain` or `attachment`, and its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameterized {
    /// Lower case, without blanks and comments.
    pub value: String,
    parameters: Vec<(String, String)>,
}

impl Parameterized {
    /// Reads a field's unfolded value. Total: what cannot be read is left out.
    pub fn read(field: &str) -> Self {
        let head = field.trim_start();
        let end = head
            .find(|c: char| c.is_whitespace() || matches!(c, ';' | '('))
            .unwrap_or(head.len());
        let (value, rest) = head.split_at(end);
        Self {
            value: value.to_ascii_lowercase(),
            parameters: join(split(rest)),
        }
    }

    /// The value of a parameter (lower case name).
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Names, lower case, and values as written, their quotes undone.
fn split(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while found.len() < PARAMETERS_MAX {
        // Before a name: separators, and a comment such as `(Plain text)`.
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';');
        if let Some(comment) = rest.strip_prefix('(') {
            rest = comment.split_once(')').map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = rest.find(['=', ';']) else {
            break;
        };
        let (name, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix('=') else {
            rest = after;
            continue;
        };
        let name = name.trim().to_ascii_lowercase();
        let (value, next) = value(&name, after.trim_start());
        found.push((name, value));
        rest = next;
    }
    found
}

/// The value that begins here, and what follows it.
fn value<'a>(name: &str, text: &'a str) -> (String, &'a str) {
    if let Some(inner) = text.strip_prefix('"') {
        return quoted(inner);
    }
    let (value, next) = text.split_once(';').unwrap_or((text, ""));
    // Names with blanks are often written without quotes; nothing else has blanks.
    let is_name = name.starts_with("name") || name.starts_with("filename");
    let value = if is_name {
        value
    } else {
        value
            .split(|c: char| c.is_whitespace() || c == '(')
            .next()
            .unwrap_or_default()
    };
    (value.trim().to_owned(), next)
}

/// A quoted value; one without its end goes to the end of the field.
fn quoted(inner: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, inner.get(at + 1..).unwrap_or_default()),
            '\\' => match chars.next() {
                // Only these need it; Windows paths are written with bare backslashes.
                Some((_, next @ ('"' | '\\'))) => value.push(next),
                Some((_, next)) => value.extend(['\\', next]),
                None => value.push('\\'),
            },
            c => value.push(c),
        }
    }
    (value, "")
}

/// A parameter put together from its pieces.
#[derive(Default)]
struct Joined {
    name: String,
    /// As written without RFC 2231.
    plain: Option<String>,
    /// The number, whether percent-encoded, and the text of each piece.
    pieces: Vec<(usize, bool, String)>,
}

/// Joins split parameters (RFC 2231 §3) and decodes all of them. Where a parameter is written
/// both ways, RFC 2231 counts: it says its charset.
fn join(split: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut joined: Vec<Joined> = Vec::new();
    for (written, value) in split {
        let mut steps = written.split('*');
        let name = steps.next().unwrap_or_default().trim();
        let number = steps.next().map(|step| step.trim().parse::<usize>().ok());
        let encoded = written.ends_with('*');
        let at = joined.iter().position(|one| one.name == name);
        let at = at.unwrap_or_else(|| {
            joined.push(Joined {
                name: name.to_owned(),
                ..Joined::default()
            });
            joined.len() - 1
        });
        let Some(one) = joined.get_mut(at) else {
            continue;
        };
        match number {
            None => {
                one.plain.get_or_insert(value);
            }
            Some(number) => one.pieces.push((number.unwrap_or(0), encoded, value)),
        }
    }
    joined
        .into_iter()
        .map(|one| {
            let value = extended(one.pieces)
                .filter(|value| !value.is_empty())
                .or_else(|| one.plain.as_deref().map(encoded_word::decode))
                .unwrap_or_default();
            (one.name, value)
        })
        .collect()
}

/// RFC 2231 §4: the first piece begins with charset and language, each ended by an apostrophe.
fn extended(mut pieces: Vec<(usize, bool, String)>) -> Option<String> {
    pieces.sort_by_key(|(number, ..)| *number);
    let (_, is_encoded, first) = pieces.first_mut()?;
    let mut charset = None;
    if *is_encoded {
        let mut steps = first.splitn(3, '\'');
        if let (Some(name), Some(_), Some(text)) = (steps.next(), steps.next(), steps.next()) {
            charset = Some(name.to_owned());
            *first = text.to_owned();
        }
    }
    let any_encoded = pieces.iter().any(|(_, encoded, _)| *encoded);
    let mut bytes = Vec::new();
    for (_, encoded, text) in &pieces {
        if *encoded {
            bytes.extend(percent(text));
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    let text = decode::charset(&bytes, charset.as_deref());
    // Some programs split a long encoded word over pieces that are not percent-encoded.
    Some(if any_encoded {
        text
    } else {
        encoded_word::decode(&text)
    })
}

fn percent(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let pair = after
            .first_chunk::<2>()
            .filter(|_| *byte == b'%')
            .and_then(|[high, low]| decode::hex_pair(*high, *low));
        match pair {
            Some(value) => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(*byte),
        }
    }
    bytes
}
