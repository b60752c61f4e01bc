//! Filters that templates may use, besides those of the engine.
//!
//! | filter | makes of |
//! |---|---|
//! | `date` | an instant: "martes 24 de noviembre de 2026, 15:30 h" |
//! | `size` | bytes: "340 KB" |
//! | `one_line(max)` | any text: one line of at most `max` characters |
//! | `bare` | a subject: without reply and forward prefixes |
//! | `wrap`, `wrap(indent)` | our own prose: lines of at most 78 characters, all but the first indented |
//! | `excerpt`, `excerpt(max)` | a text: cut where it is too long, and what is left out counted |
//! | `glance` | the same, for an earlier message that is only shown for context |
//! | `hour` | an instant: "15:30 h" |
//! | `day` | a date: "viernes 25 de diciembre" |
//! | `mailto(subject=text, body=text)` | an address: a link that begins a mail to it |
//! | `quote` | a text: each line behind `> ` |
//! | `duration` | minutes: "1 h 30 min" |
//! | `fill(name=value)` | words of ours: each `{name}` replaced by its value |
//! | `disarm` | a consultant's text: without the phrases of our notices |
//! | `paragraphs` | a text: HTML, escaped, with its lines and indentation |

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use minijinja::value::{Kwargs, Serde};
use minijinja::{Environment, Error, ErrorKind, Value};
use regex::Regex;

use super::vocabulary::Vocabulary;
use crate::domain::pattern;
use crate::domain::subject::Subject;

/// Longest line of our own prose, in characters (RFC 5322 §2.1.1).
const LINE_MAX_CHARS: usize = 78;

/// Most characters of a client's text in a notice; the rest is counted, and stays in the ledger.
const EXCERPT_MAX_CHARS: usize = 100_000;

/// Most characters of an earlier message that a notice shows below the one that it is about.
const GLANCE_MAX_CHARS: usize = 2_000;

/// Globals of every template, besides the letter's own fields.
pub(super) const GLOBALS: [&str; 3] = ["house", "words", "zone"];

/// Adds the filters, and the globals `words` and `zone`.
pub(super) fn install(environment: &mut Environment<'static>, vocabulary: &Arc<Vocabulary>) {
    environment.add_global("words", Value::from(Serde(vocabulary.as_ref())));
    environment.add_global("zone", vocabulary.zone_name());

    let words = Arc::clone(vocabulary);
    environment.add_filter("date", move |at: &str| match at.parse::<DateTime<Utc>>() {
        Ok(at) => Ok(words.date(at)),
        Err(_) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "date: this is not an instant",
        )),
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("hour", move |at: &str| match at.parse::<DateTime<Utc>>() {
        Ok(at) => Ok(words.hour(at)),
        Err(_) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "hour: this is not an instant",
        )),
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("day", move |day: &str| match day.parse::<NaiveDate>() {
        Ok(day) => Ok(words.day(day)),
        Err(_) => Err(Error::new(
            ErrorKind::InvalidOperation,
            "day: this is not a date",
        )),
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("excerpt", move |text: &str, max: Option<usize>| {
        excerpt(text, max.unwrap_or(EXCERPT_MAX_CHARS), &words)
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("glance", move |text: &str| {
        excerpt(text, GLANCE_MAX_CHARS, &words)
    });
    let phrases = phrase_pattern(vocabulary);
    let words = Arc::clone(vocabulary);
    environment.add_filter("disarm", move |text: &str| match &phrases {
        Some(phrases) => phrases
            .replace_all(text, regex::NoExpand(words.disarmed()))
            .into_owned(),
        None => text.to_owned(),
    });
    environment.add_filter("size", size);
    environment.add_filter("quote", quote);
    environment.add_filter("duration", duration);
    environment.add_filter("fill", fill);
    environment.add_filter("one_line", one_line);
    environment.add_filter("bare", |subject: &str| Subject::read(subject, "").bare);
    environment.add_filter("wrap", |text: &str, indent: Option<usize>| {
        wrap(text, indent.unwrap_or_default())
    });
    environment.add_filter("mailto", mailto);
    environment.add_filter("paragraphs", |text: &str| {
        Value::from_safe_string(paragraphs(text))
    });
}

/// `text` as one line of at most `max` characters: controls, line ends and runs of space become
/// one space, marks that turn the direction of writing are dropped, an ellipsis ends what was cut.
pub(super) fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max * 4));
    let mut length = 0;
    let mut gap = false;
    for c in text.chars().filter(|c| !is_direction_mark(*c)) {
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        let needed = usize::from(gap) + 1;
        if length + needed > max {
            let shortened = line.char_indices().nth(max.saturating_sub(1));
            if let Some((cut, _)) = shortened {
                line.truncate(cut);
            }
            line.truncate(line.trim_end().len());
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            gap = false;
        }
        line.push(c);
        length += needed;
    }
    line
}

/// Embeddings, overrides and isolates (Unicode UAX #9 §2): they can make a subject or a name
/// read as something else, and have no use in one line.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number of bytes as people say it, in units of 1024.
fn size(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * KB;
    match bytes {
        0..KB => format!("{bytes} bytes"),
        KB..MB => format!("{} KB", bytes.div_ceil(KB)),
        // Tenths, rounded: floats would do as well, and would not be exact.
        _ => {
            let tenths = (bytes.saturating_mul(10).saturating_add(MB / 2)) / MB;
            format!("{}.{} MB", tenths / 10, tenths % 10)
        }
    }
}

/// A link that begins a mail (RFC 6068 §2): the address and each value percent-encoded, line ends as
/// CRLF (§5). Everything but what RFC 3986 §2.3 leaves unreserved is encoded, so that neither a `+`
/// nor an `&` in it means anything to the program that opens it.
fn mailto(address: &str, fields: Kwargs) -> Result<String, Error> {
    let mut link = format!("mailto:{}", percent_encoded(address, "@"));
    for (place, name) in fields.args().enumerate() {
        let value = fields.get::<&str>(name)?;
        link.push(if place == 0 { '?' } else { '&' });
        link.push_str(name);
        link.push('=');
        link.push_str(&percent_encoded(&value.replace('\n', "\r\n"), ""));
    }
    Ok(link)
}

fn percent_encoded(text: &str, also_plain: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || also_plain.contains(c) {
            encoded.push(c);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Our own prose in lines of at most [`LINE_MAX_CHARS`]; a longer word has its own line. `indent`
/// columns stand before the first line already, and are put before the others.
fn wrap(text: &str, indent: usize) -> String {
    let mut wrapped = String::with_capacity(text.len() + 8);
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > LINE_MAX_CHARS {
            wrapped.push('\n');
            wrapped.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// Minutes as people say them; with a typographer's minus where they are taken back.
fn duration(minutes: i64) -> String {
    hours_and_minutes(minutes, "−")
}

/// Minutes as people say them, with `minus` before those that are taken back: `45 min`, `4 h`,
/// `1 h 30 min`.
pub fn hours_and_minutes(minutes: i64, minus: &str) -> String {
    let sign = if minutes < 0 { minus } else { "" };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    match (hours, rest) {
        (0, rest) => format!("{sign}{rest} min"),
        (hours, 0) => format!("{sign}{hours} h"),
        (hours, rest) => format!("{sign}{hours} h {rest} min"),
    }
}

/// Each line behind the mark that mail programs know a quotation by (RFC 3676 §4.5).
fn quote(text: &str) -> String {
    let lines: Vec<String> = text
        .trim_matches(['\r', '\n'])
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// Words of ours with their named places filled; a place without a value stays as it stands.
fn fill(words: &str, values: Kwargs) -> Result<String, Error> {
    let named: Vec<(&str, String)> = values
        .args()
        .map(|name| Ok((name, values.get::<String>(name)?)))
        .collect::<Result<_, Error>>()?;
    let named: Vec<(&str, &str)> = named.iter().map(|(name, v)| (*name, v.as_str())).collect();
    Ok(pattern::fill(words, &named))
}

fn excerpt(text: &str, max: usize, words: &Vocabulary) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((cut, _)) => {
            let (kept, rest) = text.split_at(cut);
            format!("{kept}\n\n{}", words.cut(rest.chars().count()))
        }
    }
}

/// Matches any phrase of our notices, however its words are spaced, quoted or cased.
fn phrase_pattern(vocabulary: &Vocabulary) -> Option<Regex> {
    let phrases = vocabulary.phrases();
    let patterns: Vec<String> = std::iter::once(&phrases.separator)
        .chain(&phrases.notice)
        .map(|phrase| {
            let words: Vec<String> = phrase.split_whitespace().map(regex::escape).collect();
            words.join(r"[\s>]+")
        })
        .collect();
    Regex::new(&format!("(?i){}", patterns.join("|"))).ok()
}

/// The beginning of a paragraph.
const PARAGRAPH: &str = "<p style=\"margin:0 0 16px 0;\">";

/// The same for the last one of a text.
const LAST_PARAGRAPH: &str = "<p style=\"margin:0;\">";

/// A number and its unit, which belong on one line.
static MEASURE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([0-9]) (h|min)\b").ok());

/// HTML in which no number ends a line before its unit: `15:30 h` stays whole on a telephone.
pub(super) fn bound(html: &str) -> Cow<'_, str> {
    match MEASURE.as_ref() {
        Some(measure) => measure.replace_all(html, "$1&nbsp;$2"),
        None => Cow::Borrowed(html),
    }
}

/// Text as HTML: escaped; an empty line begins a paragraph, a line end is a `<br>`, and runs of
/// space keep their width, so that pasted tables stay tables.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut html = String::with_capacity(text.len() + text.len() / 8 + 64);
    let mut open = false;
    let mut last = 0;
    for line in text.trim_matches('\n').split('\n') {
        if line.trim().is_empty() {
            if open {
                html.push_str("</p>\n");
                open = false;
            }
            continue;
        }
        if open {
            html.push_str("<br>\n");
        } else {
            last = html.len();
            html.push_str(PARAGRAPH);
            open = true;
        }
        push_line(&mut html, line.trim_end());
    }
    if open {
        html.push_str("</p>");
    }
    // What the text stands in has a margin of its own.
    let end = (last + PARAGRAPH.len()).min(html.len());
    if last < end {
        html.replace_range(last..end, LAST_PARAGRAPH);
    }
    html
}

/// One line, escaped. A space at its beginning or after another space does not collapse.
fn push_line(html: &mut String, line: &str) {
    let mut after_space = true;
    for c in line.chars() {
        match c {
            ' ' if after_space => html.push_str("&nbsp;"),
            '\t' => html.push_str("&nbsp;&nbsp;&nbsp; "),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#x27;"),
            c if c.is_control() => {}
            c => html.push(c),
        }
        after_space = c == ' ' || c == '\t';
    }
}
