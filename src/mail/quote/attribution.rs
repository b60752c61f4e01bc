//! The line that introduces quoted mail: `El lun, 2 mar 2026 a las 10:00, Ana Ruiz
//! (<ana@acme.mx>) escribió:`, in any language, folded over some lines.
//!
//! What a mail program writes names a moment and a person: a date with a time, an address. Prose
//! that merely says that somebody wrote does not, or only half; where it is in doubt the marks of
//! the quote below decide.

use std::sync::LazyLock;

use regex::Regex;

use super::evidence::{has_address, has_bracketed_address, has_date, has_time, pattern};
use super::page::{Kind, Page, bare};
use crate::mail::decode;
use crate::mail::words::{all, quoting};

/// Most lines over which an attribution may be folded.
const FOLD_LINES_MAX: usize = 4;

/// Longest attribution in bytes; longer text that ends in `escribió:` is prose.
const MAX_BYTES: usize = 400;

/// Shortest one: a verb, a name and a date.
const MIN_BYTES: usize = 12;

/// An attribution found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribution {
    /// Its first line.
    pub first: usize,
    /// Its last line.
    pub last: usize,
    /// Bytes of the first line that are the writer's own, where the mail program forgot the line
    /// end between his words and the attribution.
    pub own: usize,
}

/// What stands below a possible attribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// A line marked as quoted, or nothing: the quote was cut by someone before us.
    Quote,
    /// Words without a mark.
    Words,
}

/// Whether a line could end an attribution: cheap, for each line of a mail.
pub fn may_end(line: &str) -> bool {
    let line = line.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '|'));
    match line.as_bytes().last() {
        Some(b':' | b'-' | b'>') => true,
        // The wide colon of Chinese and Japanese.
        Some(b'\x9a') => line.ends_with('：'),
        // Without a colon it must name an address.
        Some(_) => line.len() <= MAX_BYTES && line.contains('@'),
        None => false,
    }
}

/// The attribution that ends with line `last`; lines before `from` are not looked at.
pub fn ending_at(page: &Page, from: usize, last: usize, below: Below) -> Option<Attribution> {
    let mut text = String::new();
    let mut best = None;
    // Bytes of the text that are the best one found.
    let mut best_length = 0;
    for first in (from..=last).rev().take(FOLD_LINES_MAX) {
        let line = page.line(first);
        let is_part = match page.kind(first) {
            Kind::Words => true,
            // A fold within the angle brackets: `<ana@acme.mx⏎>:`.
            Kind::Quoted => first == last && is_bracket_end(page, from, last),
            Kind::Blank | Kind::Rule => false,
        };
        if !is_part || text.len() + line.len() > MAX_BYTES {
            break;
        }
        let line = bare(line);
        text = if text.is_empty() {
            line.to_owned()
        } else {
            format!("{line} {text}")
        };
        let shape = Shape::of(&text);
        // Above a whole attribution only its own beginning belongs to it: the moment.
        let above = decode::cut(&text, text.len() - best_length);
        let may_be = best.is_none() || shape.is_dated_first && has_date(above) && has_time(above);
        if may_be && shape.is_attribution(below) {
            best = Some(Attribution {
                first,
                last,
                own: 0,
            });
            best_length = text.len();
            if shape.is_dated_first {
                return best;
            }
        }
    }
    sharing_a_line(page, last, below).or(best)
}

/// Whether line `last` closes an angle bracket that the line above it opened.
fn is_bracket_end(page: &Page, from: usize, last: usize) -> bool {
    let line = page.line(last).trim();
    let Some(above) = last.checked_sub(1).filter(|above| *above >= from) else {
        return false;
    };
    let is_open = |line: &str| {
        let line = line.get(line.rfind('<').unwrap_or(line.len())..);
        line.is_some_and(|rest| !rest.is_empty() && !rest.contains('>'))
    };
    line.ends_with(':') && page.kind(above) == Kind::Words && is_open(page.line(above))
}

/// `… Listo--- On Wed, Apr 4, 2012 at 3:59 PM, ana@acme.mx wrote:`: only above a marked quote.
fn sharing_a_line(page: &Page, last: usize, below: Below) -> Option<Attribution> {
    if below != Below::Quote || page.kind(last) != Kind::Words {
        return None;
    }
    let line = page.line(last);
    let tail = line.len().saturating_sub(MAX_BYTES);
    let regex = OPENER_WITHIN.as_ref()?;
    regex
        .captures_iter(line)
        .filter_map(|found| found.get(1))
        .filter(|opener| opener.start() >= tail)
        .filter_map(|opener| {
            let own = line.get(..opener.start())?;
            let own = own.trim_end_matches(|c: char| c.is_whitespace() || c == '-');
            let shape = Shape::of(bare(line.get(opener.start()..)?));
            let is_found = !own.trim().is_empty() && shape.is_whole();
            is_found.then_some(Attribution {
                first: last,
                last,
                own: own.len(),
            })
        })
        .last()
}

/// What a possible attribution holds.
struct Shape {
    /// It begins with a known word or a date, and a number stands among its first words.
    is_dated_first: bool,
    /// It begins with the date itself or the day of the week, without a word such as «On».
    is_date_first: bool,
    address: bool,
    bracketed: bool,
    date: bool,
    time: bool,
    verb: bool,
    /// Nothing follows the verb.
    verb_last: bool,
    colon: bool,
    /// The address or its bracket is the last thing.
    address_last: bool,
    /// Dashes around it.
    dashed: bool,
    /// Between the date and the verb stands a name after a comma, or nothing.
    named: bool,
}

/// Words of an attribution looked at for its date.
const HEAD_WORDS: usize = 4;

impl Shape {
    fn of(text: &str) -> Self {
        let is_dash = |c: char| c == '-' || c == '–' || c.is_whitespace();
        let inner = text.trim_matches(is_dash);
        let dashed = text.starts_with("--") && text.ends_with("--");
        let sentence = inner.trim_end_matches([':', '：', ' ', '\u{a0}', '.']);
        let colon = inner.len() > sentence.len() && inner.trim_end().ends_with([':', '：']);
        let has_digit = inner.bytes().any(|b| b.is_ascii_digit());
        let address = inner.contains('@') && has_address(inner);
        if inner.len() < MIN_BYTES || !(has_digit || address) || !(colon || address || dashed) {
            return Self::nothing();
        }
        let lower = sentence.to_lowercase();
        let verb = verb(&lower);
        let begins = begins(inner);
        Self {
            is_dated_first: begins.is_some(),
            is_date_first: begins == Some(Begins::Date),
            address,
            bracketed: address && has_bracketed_address(inner),
            date: has_date(inner),
            time: has_time(sentence),
            verb: verb.is_some(),
            verb_last: verb.is_some_and(|(_, end)| end == lower.len()),
            colon,
            address_last: address && sentence.ends_with(['>', ']', ')']),
            dashed,
            named: verb.is_some_and(|(start, _)| is_named(&lower, start)),
        }
    }

    fn nothing() -> Self {
        Self {
            is_dated_first: false,
            is_date_first: false,
            address: false,
            bracketed: false,
            date: false,
            time: false,
            verb: false,
            verb_last: false,
            colon: false,
            address_last: false,
            dashed: false,
            named: false,
        }
    }

    /// Begins with the date, names a person or a moment, and says that he wrote.
    fn is_whole(&self) -> bool {
        let moment = self.date && self.time;
        self.is_dated_first && self.verb && self.colon && (self.address || moment)
    }

    fn is_attribution(&self, below: Below) -> bool {
        let marked = below == Below::Quote;
        let moment = self.date && self.time;
        // `El lun, 2 mar 2026 a las 10:00, Ana <ana@acme.mx> escribió:`.
        let whole = self.is_whole() && (marked || self.address || self.named);
        // `Ana Ruiz <ana@acme.mx> escribió:`, and languages that put the date last.
        let person_first = self.verb && self.colon && self.bracketed;
        // `2026-03-02 10:00 GMT-06:00 Ana <ana@acme.mx>:`, without a verb.
        let verbless = self.colon
            && self.address_last
            && moment
            && (self.is_date_first || marked && self.is_dated_first);
        // Old Gmail: `2026/3/2 Ana <ana@acme.mx>`.
        let bare = marked && self.is_date_first && self.date && self.address_last && !self.verb;
        // Zoho: `---- On Wed, 24 Feb 2021 14:02:50 +0530 ana@acme.mx wrote ----`.
        let framed = self.dashed && self.verb_last && (self.address || moment);
        // The same without its dashes.
        let unframed = self.is_dated_first && self.verb_last && self.address && moment;
        // A date without a time, or a time without a date, above marks.
        let loose = marked
            && self.is_dated_first
            && self.verb_last
            && self.colon
            && (self.date || self.time);
        whole || person_first || verbless || bare || framed || unframed || loose
    }
}

/// How an attribution begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begins {
    /// With «On», and a number among the next words.
    Opener,
    /// With a number, or with a day of the week and a number.
    Date,
}

fn begins(text: &str) -> Option<Begins> {
    let first = text.split_whitespace().next()?;
    let has_digit = |word: &str| word.bytes().any(|b| b.is_ascii_digit());
    let is_dated = text.split_whitespace().take(HEAD_WORDS + 1).any(has_digit);
    if !is_dated {
        return None;
    }
    if OPENER.as_ref().is_some_and(|regex| regex.is_match(text)) {
        return Some(Begins::Opener);
    }
    // A day of the week is short, or ends in a comma or a point; the number follows it, or after
    // a comma the month does. A time of day is no such number: `a las 10:00` begins nothing.
    let has_comma = first.ends_with([',', '.', '،']);
    let is_day = has_comma || first.chars().count() <= DAY_CHARS_MAX;
    let reach = if has_comma { 2 } else { 1 };
    let mut next = text.split_whitespace().skip(1).take(reach);
    let is_next = next.any(|word| has_digit(word) && !word.contains(':'));
    let is_number = first.starts_with(|c: char| c.is_ascii_digit()) && !first.contains('@');
    (is_number || is_next && is_day).then_some(Begins::Date)
}

/// Longest short form of a day of the week, in characters.
const DAY_CHARS_MAX: usize = 4;

fn openers() -> String {
    let words: Vec<String> = all(quoting::ON).map(regex::escape).collect();
    words.join("|")
}

/// A known first word, and a blank, a digit or a word for the day after it.
static OPENER: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(&format!(r"^(?:{})(?:\s|\d)", openers())));

/// A known first word within a line, after a blank or dashes.
static OPENER_WITHIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(&format!(r"(?:\s|--)((?:{})\s)", openers())));

/// «Wrote» in lower case, as a whole word with what stands around it, or in writing without blanks
/// anywhere. Without groups: those would be looked for by a slower machine.
static VERB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let table = |rows| {
        let mut words: Vec<String> = all(rows).map(regex::escape).collect();
        // The longest first: «napsal(a)» before «napsal».
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.join("|")
    };
    pattern(&format!(
        r"(?:^|[\s>)\]\x22,])(?:{})(?:$|[\s:,])|(?:{})",
        table(quoting::WROTE),
        table(quoting::WROTE_JOINED)
    ))
});

/// Where the last verb of a text in lower case begins and ends.
fn verb(lower: &str) -> Option<(usize, usize)> {
    let found = VERB.as_ref()?.find_iter(lower).last()?;
    let text = found.as_str();
    let is_around = |c: char| c.is_whitespace() || matches!(c, '>' | ']' | '"' | ',' | ':');
    let start = text.len() - text.trim_start_matches(|c| is_around(c) || c == ')').len();
    let end = text.trim_end_matches(is_around).len();
    Some((found.start() + start, found.start() + end))
}

/// Articles and pronouns after which prose goes on: `El 2 de marzo a las 10:00 el cliente
/// escribió:`.
const NOT_NAMES: [&str; 22] = [
    "el", "la", "los", "las", "un", "una", "mi", "tu", "su", "nuestro", "nuestra", "the", "a",
    "an", "my", "our", "your", "his", "her", "he", "she", "usted",
];

/// Whether a name after a comma, or nothing, stands between the last digit and the verb at
/// `verb`, in lower case; for attributions that name no address.
fn is_named(text: &str, verb: usize) -> bool {
    let head = decode::cut(text, verb);
    let after_digit = head
        .rfind(|c: char| c.is_ascii_digit())
        .and_then(|at| head.get(at + 1..))
        .unwrap_or(head);
    if after_digit.trim().is_empty() {
        return true;
    }
    let Some((_, name)) = after_digit.split_once([',', '،', '，', '、']) else {
        return false;
    };
    let first = name.split_whitespace().next().unwrap_or_default();
    !first.is_empty() && !NOT_NAMES.contains(&first)
}
