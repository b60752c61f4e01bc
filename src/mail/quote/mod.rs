//! The newest words of a mail: quoted mail, history and signature cut off (mail.md §5).
//!
//! The cut is a view; the whole mail is kept. Where a shape is in doubt nothing is cut, and
//! where nothing would be left the whole text is shown. In this order:
//!
//! 1. what stands below a desk's separator ([`separator`]), ours or another's, save where the quote
//!    around it is marked line by line;
//! 2. signature, legal notice and quoted lines at the end ([`super::signature`]);
//! 3. from the first introduction of quoted mail on ([`attribution`], [`block`]), save for answers:
//!    words below a marked quote stay, and where words stand between quotes everything does;
//! 4. nothing where the words say that the answers stand below (`respondo abajo en rojo`) and the
//!    mail program marked no line there.
//!
//! The words of the languages stand in [`super::words`] and [`super::labels`].

pub mod attribution;
pub mod block;
pub mod evidence;
pub mod page;
pub mod separator;

use super::signature;
use super::words::{all, quoting};
use crate::domain::policy::Phrases;
use attribution::{Attribution, Below};
use page::{Kind, Page};

/// Most places looked at closely for an attribution; below them a mail is shown as it is.
const EXAMINED_MAX: usize = 2_000;

/// The newest words of `full_text`: what stands above a separator, and is neither quoted mail nor
/// signature. Answers below or between quotes stay.
pub fn newest(full_text: &str, phrases: &Phrases) -> String {
    match own_words(full_text, phrases) {
        Some(own) if !own.points_below() => own.text,
        _ => full_text.trim().to_owned(),
    }
}

/// The same for text in which a mail program marked the beginning of the mail answered to, in
/// bytes ([`super::text::Converted::quote_at`]); a mark with no words above it does not count.
pub fn newest_marked(full_text: &str, quote_at: Option<usize>, phrases: &Phrases) -> String {
    let marked = quote_at
        .and_then(|at| full_text.get(..at))
        .and_then(|above| own_words(above, phrases));
    match marked {
        Some(own) if !own.names_a_place_below() => own.text,
        _ => newest(full_text, phrases),
    }
}

/// The writer's words.
struct Own {
    text: String,
    /// What was cut off was not marked line by line, so answers within it would not be seen.
    is_cut_blindly: bool,
}

/// Longest text that sends the reader below, in bytes; longer text says itself what it says.
const POINTER_MAX_BYTES: usize = 300;

impl Own {
    /// Whether the words only say that the answers stand in the mail answered to, and that could
    /// be so.
    fn points_below(&self) -> bool {
        self.is_cut_blindly && self.names_a_place_below()
    }

    fn names_a_place_below(&self) -> bool {
        if self.text.len() > POINTER_MAX_BYTES {
            return false;
        }
        let lower = self.text.to_lowercase();
        all(quoting::POINTS_BELOW).any(|phrase| lower.contains(phrase))
    }
}

/// What stands above our separator; all of it where there is none. For forwarded mail, whose
/// history is its content.
pub fn above_separator(full_text: &str, phrases: &Phrases) -> String {
    let lines: Vec<&str> = full_text.lines().collect();
    let above = separator::ours(&lines, &phrases.separator).unwrap_or(lines.len());
    let text = joined(lines.into_iter().take(above));
    if text.is_empty() {
        full_text.trim().to_owned()
    } else {
        text
    }
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.trim_matches('\n').trim_end().to_owned()
}

/// The newest words; `None`: nothing would be left.
fn own_words(text: &str, phrases: &Phrases) -> Option<Own> {
    let mut lines: Vec<&str> = text.lines().collect();
    let ours = separator::ours(&lines, &phrases.separator).filter(|at| !is_quoted(&lines, *at));
    lines.truncate(ours.unwrap_or(lines.len()));
    let others = separator::others(&lines).filter(|at| !is_quoted(&lines, *at));
    lines.truncate(others.unwrap_or(lines.len()));
    let page = Page::new(lines);
    let end = signature::end_of_words(&page, page.len());
    let introduction = introduction(&page, end);
    let kept = match introduction {
        None => Kept::all(end),
        Some(Introduction::Block(at)) => Kept::all(signature::end_of_words(&page, at)),
        Some(Introduction::Attribution(found)) => around(&page, found, end),
    };
    let text = joined(kept.lines(&page).into_iter());
    let is_blind = match introduction {
        None => ours.or(others).is_some(),
        Some(Introduction::Block(_)) => true,
        Some(Introduction::Attribution(found)) => page
            .next_written(found.last + 1, page.len())
            .is_some_and(|next| page.kind(next) != Kind::Quoted),
    };
    (!text.is_empty()).then_some(Own {
        text,
        is_cut_blindly: is_blind,
    })
}

/// Whether a separator stands in a quote that is marked line by line, so that answers below it and
/// between its lines are seen: then the marks are followed and not the separator.
fn is_quoted(lines: &[&str], at: usize) -> bool {
    let is_marked = |at: usize| {
        lines
            .get(at)
            .is_some_and(|line| line.trim_start().starts_with('>'))
    };
    is_marked(at) && is_marked(at + 1)
}

/// What begins the quoted mail.
#[derive(Clone, Copy)]
enum Introduction {
    /// A header block or a marker: everything from its line on is history.
    Block(usize),
    /// An attribution: what follows may be marked, and answered below or between the marks.
    Attribution(Attribution),
}

/// The first introduction of quoted mail above line `end`.
fn introduction(page: &Page, end: usize) -> Option<Introduction> {
    let said = block::labelled(page);
    let mut examined = 0;
    // One line more: the last of a folded attribution may look quoted (`>:`).
    (0..page.len().min(end + 1)).find_map(|at| {
        let line = page.line(at);
        if at < end
            && page.kind(at) == Kind::Words
            && (block::is_marker(line) || block::begins(page, &said, at))
        {
            return Some(Introduction::Block(at));
        }
        let is_possible = match page.kind(at) {
            Kind::Words => attribution::may_end(line),
            Kind::Quoted => {
                line.trim_end().ends_with(':') && line.trim().len() <= BRACKET_MAX_BYTES
            }
            Kind::Blank | Kind::Rule => false,
        };
        if !is_possible || examined == EXAMINED_MAX {
            return None;
        }
        examined += 1;
        // Below the end stands what was quoted last, or nothing.
        let below = match page.next_written(at + 1, (at + 1 + BLANKS_MAX).min(page.len())) {
            None => Below::Quote,
            Some(next) if is_marked(page, next) => Below::Quote,
            Some(_) => Below::Words,
        };
        attribution::ending_at(page, 0, at, below).map(Introduction::Attribution)
    })
}

/// Longest end of a folded attribution that looks quoted (`> wrote:`, `>:`), in bytes.
const BRACKET_MAX_BYTES: usize = 40;

/// Most blank lines between an attribution and its quote.
const BLANKS_MAX: usize = 10;

/// Whether a line is marked as quoted, with the `|` of some webmail too.
fn is_marked(page: &Page, at: usize) -> bool {
    page.kind(at) == Kind::Quoted || page.line(at).trim_start().starts_with('|')
}

/// What is shown: lines up to one, a part of the next, and lines between two others.
struct Kept {
    above: usize,
    /// Bytes of the line `above` that are shown too.
    part: usize,
    below: std::ops::Range<usize>,
}

impl Kept {
    fn all(end: usize) -> Self {
        Self {
            above: end,
            part: 0,
            below: 0..0,
        }
    }

    fn lines<'a>(&self, page: &Page<'a>) -> Vec<&'a str> {
        let part = page.line(self.above).get(..self.part).unwrap_or_default();
        let above = page.lines(0, self.above).iter().copied();
        let below = page.lines(self.below.start, self.below.end).iter().copied();
        let part = (self.part > 0).then_some(part);
        above.chain(part).chain(below).collect()
    }
}

/// What stays around an attribution: the words above it and, where its quote is marked and one
/// block, those below. Where words stand between several quoted blocks they answer them one by
/// one, and everything stays.
fn around(page: &Page, found: Attribution, end: usize) -> Kept {
    let quote = page.next_written(found.last + 1, end);
    let quote = quote.filter(|at| page.kind(*at) == Kind::Quoted);
    let answer = quote.and_then(|quote| (quote..end).find(|at| page.kind(*at) == Kind::Words));
    match answer {
        Some(answer) if (answer..end).any(|at| page.kind(at) == Kind::Quoted) => Kept::all(end),
        Some(answer) => Kept {
            below: answer..end,
            ..above(page, found)
        },
        None => above(page, found),
    }
}

/// The words above an attribution, without the signature that stands between them and it. Blank
/// lines stay: words below may follow.
fn above(page: &Page, found: Attribution) -> Kept {
    let words = if found.own > 0 {
        found.first
    } else {
        signature::end_of_words(page, found.first)
    };
    let is_apart = page
        .lines(words, found.first)
        .iter()
        .all(|line| line.trim().is_empty());
    Kept {
        above: if is_apart { found.first } else { words },
        part: found.own,
        below: 0..0,
    }
}
