//! Who wrote the mail that a mail forwards, and about what, as far as it still says.
//!
//! Whether a mail is a forward its subject says first (`RV:` passes on, `RE:` answers), because
//! Outlook writes one and the same header block above what is passed on and above what is
//! answered. Where the subject says neither, the line that Gmail, Apple Mail, Thunderbird and
//! Yahoo write above a forwarded mail does.

use std::sync::LazyLock;

use regex::Regex;

use super::decode;
use super::header::{Field, Headers};
use super::labels::{self, Label};
use super::part::{Part, Structure};
use crate::domain::address::Address;
use crate::domain::subject::{Prefix, SUBJECT_MAX_CHARS, Subject};

/// Lines within which a header block must name sender and subject.
const BLOCK_LINES_MAX: usize = 12;

/// Lines searched for a block; a forwarded mail begins near the top of what is forwarded.
const LINES_MAX: usize = 2_000;

/// Longest line that can announce a forwarded mail, in bytes; longer ones are prose.
const MARKER_MAX_BYTES: usize = 100;

/// Lines after a marker within which the header block begins; later ones are not its own.
const MARKER_REACH: usize = 4;

/// Most lines over which a program folds an attribution.
const FOLD_LINES_MAX: usize = 3;

/// Longest attribution, in bytes; longer text that ends in a colon is prose.
const ATTRIBUTION_MAX_BYTES: usize = 400;

/// Most bytes of a nested mail that are read: its header.
const NESTED_MAX_BYTES: usize = 64 * 1024;

/// Longest text of its own that a mail without a forward's prefix may have and still be taken for
/// the wrapper of the mail attached to it, in bytes; a longer one is a mail with an attachment.
const WRAPPER_TEXT_MAX_BYTES: usize = 400;

/// Words with which mail programs announce a forwarded mail, lower case.
const FORWARDED_WORDS: [&str; 20] = [
    "forwarded message",
    "mensaje reenviado",
    "missatge reenviat",
    "message transféré",
    "message réexpédié",
    "weitergeleitete nachricht",
    "weitergeleiteten nachricht",
    "messaggio inoltrato",
    "mensagem encaminhada",
    "mensagem reencaminhada",
    "doorgestuurd bericht",
    "vidarebefordrat",
    "videresendt",
    "edelleenlähetetty viesti",
    "välitetty viesti",
    "przekazana wiadomość",
    "přeposlan",
    "mesaj redirecționat",
    "пересылаемое сообщение",
    "iletilen mesaj",
];

/// What a forwarded mail's header says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forwarded {
    /// Its sender's address; `None`: only a name is left.
    pub from: Option<String>,
    /// Its subject.
    pub subject: String,
}

/// What a mail with this subject and this readable text forwards; `None`: it is no forward, or
/// nothing is left that says whose mail it passes on.
pub fn of(subject: &str, text: &str) -> Option<Forwarded> {
    placed(subject, text).map(|(found, _)| found)
}

/// As [`of`], with the line of `text`, from 0, at which what is passed on begins.
pub fn placed(subject: &str, text: &str) -> Option<(Forwarded, usize)> {
    let own = Subject::read(subject, "");
    let lines = lines(text);
    let (mut found, at) = match own.outermost {
        Some(Prefix::Reply) => None,
        Some(Prefix::Forward) => below_marker(&lines)
            .or_else(|| first_block(&lines))
            .or_else(|| attributed(&lines)),
        // The prefix may be a word: only a header block proves it.
        Some(Prefix::MaybeForward) => below_marker(&lines).or_else(|| first_block(&lines)),
        None => below_marker(&lines),
    }?;
    if found.subject.is_empty() {
        found.subject = own.bare;
    }
    Some((found, at))
}

/// What a body of which nothing else is known forwards.
///
/// Without a subject an Outlook answer cannot be told from an Outlook forward: a header block
/// counts as one. An attribution counts where nothing stands above it and what follows is not
/// marked as quoted: who answers says something.
pub fn in_body(text: &str) -> Option<Forwarded> {
    let lines = lines(text);
    below_marker(&lines)
        .or_else(|| first_block(&lines))
        .map(|(found, _)| found)
        .or_else(|| {
            let at = lines.iter().position(|line| !line.is_empty())?;
            let (found, length) = attribution(&lines, at)?;
            let mut below = text.lines().skip(at + length);
            let next = below.find(|line| !line.trim().is_empty())?;
            (!next.trim_start().starts_with('>')).then_some(found)
        })
}

/// The mail that `raw` forwards as an attachment: it wraps one nested mail and no other file, and
/// says little itself, or calls itself a forward. `subject` and `text` are the wrapper's own.
///
/// Reports and digests hold mails too; they are none of it.
pub fn attached(raw: &[u8], subject: &str, text: &str) -> Option<Forwarded> {
    head(&wrapped(&Structure::read(raw)?, subject, text)?)
}

/// The nested mail of [`attached`].
pub fn wrapped<'s, 'a>(
    structure: &'s Structure<'a>,
    subject: &str,
    text: &str,
) -> Option<Part<'s, 'a>> {
    let outermost = Subject::read(subject, "").outermost;
    let is_forward = outermost == Some(Prefix::Forward);
    if outermost == Some(Prefix::Reply) || !is_forward && text.trim().len() > WRAPPER_TEXT_MAX_BYTES
    {
        return None;
    }
    if structure.is_too_complex || !wraps(structure) {
        return None;
    }
    let mut others = structure
        .other_parts()
        // A signature's logo is no file of the mail.
        .filter(|part| part.content_id().is_none() || part.media_type() == NESTED);
    let nested = others.next().filter(|part| part.media_type() == NESTED)?;
    others.next().is_none().then_some(nested)
}

/// What the header of a nested mail says; none where it says nothing.
pub fn head(nested: &Part) -> Option<Forwarded> {
    let mut bytes = nested.bytes(NESTED_MAX_BYTES);
    // A header that was cut needs an end to be read.
    bytes.extend_from_slice(b"\r\n\r\n");
    let (headers, _) = Headers::read(&bytes);
    let from = headers
        .first("from")
        .and_then(|field| field.valid_addresses().into_iter().next());
    let subject = headers
        .first("subject")
        .map(Field::text)
        .unwrap_or_default();
    let subject = decode::clean_line(&subject, SUBJECT_MAX_CHARS);
    (from.is_some() || !subject.is_empty()).then(|| Forwarded {
        from: from.map(|address| address.to_string()),
        subject,
    })
}

/// The media type of a nested mail (RFC 2046 §5.2.1).
const NESTED: &str = "message/rfc822";

/// Whether the outermost part is one in which people attach things.
fn wraps(structure: &Structure) -> bool {
    structure.root().is_some_and(|root| {
        matches!(
            root.media_type().as_str(),
            "multipart/mixed" | "multipart/related" | NESTED
        )
    })
}

/// The first lines of a text, each without what quoting and HTML leave around its words.
fn lines(text: &str) -> Vec<&str> {
    text.lines().take(LINES_MAX).map(plain).collect()
}

/// The header block that a line such as `---------- Forwarded message ---------` announces.
fn below_marker(lines: &[&str]) -> Option<(Forwarded, usize)> {
    let (at, line) = lines
        .iter()
        .enumerate()
        .find(|(_, line)| is_marker(line) || run_together(line).is_some())?;
    let found = run_together(line).or_else(|| {
        (at + 1..=at + MARKER_REACH).find_map(|at| block(lines.get(at..).unwrap_or_default()))
    })?;
    Some((found, at))
}

fn first_block(lines: &[&str]) -> Option<(Forwarded, usize)> {
    (0..lines.len()).find_map(|at| Some((block(lines.get(at..)?)?, at)))
}

/// A line that announces a forwarded mail: dashes around the words, or a colon after them.
fn is_marker(line: &str) -> bool {
    if line.len() > MARKER_MAX_BYTES {
        return false;
    }
    let is_set_off = line.starts_with("--") || line.ends_with([':', '：']);
    is_set_off && says_forwarded(line)
}

fn says_forwarded(words: &str) -> bool {
    let lower = words.to_lowercase();
    FORWARDED_WORDS.iter().any(|known| lower.contains(known)) || lower.contains("メッセージを転送")
}

/// The announcement and the header block of Yahoo in a text whose line ends are lost:
/// `----- Mensaje reenviado ----- De: Ana <ana@acme.mx>Para: …Asunto: No imprime`.
fn run_together(line: &str) -> Option<Forwarded> {
    static SUBJECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let words = labels::LANGUAGES.iter().flat_map(|of| of.subject);
        let words: Vec<String> = words.map(|word| regex::escape(word)).collect();
        Regex::new(&format!("(?i)(?:{})\\s?[:：]\\s*(.+)$", words.join("|"))).ok()
    });
    let (words, rest) = line
        .strip_prefix("--")?
        .trim_start_matches('-')
        .split_once("--")?;
    if words.len() > MARKER_MAX_BYTES || !says_forwarded(words) {
        return None;
    }
    let rest = rest.trim_start_matches('-').trim_start();
    let (Label::From, value) = labels::field(rest)? else {
        return None;
    };
    let subject = SUBJECT
        .as_ref()
        .and_then(|label| label.captures(value)?.get(1))
        .map(|found| decode::clean_line(found.as_str(), SUBJECT_MAX_CHARS));
    Some(Forwarded {
        from: Some(address(value)?),
        subject: subject.unwrap_or_default(),
    })
}

/// The sender named by an attribution (`El 28/10/2021 12:46, "Ana" <ana@acme.mx> escribió:`), which
/// is all that some programs keep of what they forward.
fn attributed(lines: &[&str]) -> Option<(Forwarded, usize)> {
    (0..lines.len()).find_map(|at| Some((attribution(lines, at)?.0, at)))
}

/// The attribution that begins at line `at` and the number of lines it is folded over.
fn attribution(lines: &[&str], at: usize) -> Option<(Forwarded, usize)> {
    let mut seen = String::new();
    for (count, line) in lines.iter().skip(at).take(FOLD_LINES_MAX).enumerate() {
        // It begins with its date or with its sender, not with the words above it.
        let begins = count > 0 || line.contains(|c: char| c.is_ascii_digit() || c == '@');
        let is_long = seen.len() + line.len() > ATTRIBUTION_MAX_BYTES;
        if line.is_empty() || is_long || !begins {
            return None;
        }
        seen.push_str(line);
        seen.push(' ');
        if line.ends_with(':') {
            let is_dated = seen.chars().any(|c| c.is_ascii_digit());
            let from = address(&seen).filter(|_| is_dated)?;
            let found = Forwarded {
                from: Some(from),
                subject: String::new(),
            };
            return Some((found, count + 1));
        }
    }
    None
}

/// The block that begins with the first of `lines`.
fn block(lines: &[&str]) -> Option<Forwarded> {
    labels::field(lines.first()?)?;
    let mut from = None;
    let mut subject = None;
    let mut open: Option<bool> = None;
    for line in lines.iter().take(BLOCK_LINES_MAX) {
        match labels::field(line) {
            Some((Label::From, value)) if from.is_none() => {
                from = Some(value.to_owned());
                open = value.is_empty().then_some(true);
            }
            Some((Label::Subject, value)) if subject.is_none() => {
                subject = Some(value.to_owned());
                open = value.is_empty().then_some(false);
            }
            Some(_) => open = None,
            // A value on the line after its label.
            None if !line.is_empty() => match open.take() {
                Some(true) => from = Some((*line).to_owned()),
                Some(false) => subject = Some((*line).to_owned()),
                None => {}
            },
            None => {}
        }
        if from.is_some() && subject.is_some() && open.is_none() {
            break;
        }
    }
    let (from, subject) = (from?, subject?);
    let address = address(&from);
    (address.is_some() || !subject.is_empty()).then_some(Forwarded {
        from: address,
        subject,
    })
}

/// A line without quote marks and without what HTML leaves around words.
fn plain(line: &str) -> &str {
    line.trim_matches(|c: char| is_decoration(c) || c == '>')
        .trim()
}

fn is_decoration(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '|' | '\u{feff}' | '\u{200b}')
}

/// The address in `Ana Ruiz <ana@acme.mx>`, `ana@acme.mx`, `"Ana" [mailto:ana@acme.mx]`.
fn address(text: &str) -> Option<String> {
    let words = text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | '*'
            )
    });
    words
        .map(|word| word.strip_prefix("mailto:").unwrap_or(word))
        .filter(|word| word.contains('@'))
        .find_map(Address::parse)
        .map(|address| address.to_string())
}
