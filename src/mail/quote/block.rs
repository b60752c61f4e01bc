//! The header block that Outlook and its like write above the mail answered to
//! (`De: / Enviado el: / Para: / Asunto:`), and the markers (`-----Mensaje original-----`).

use std::collections::HashSet;
use std::sync::LazyLock;

use super::evidence::{has_date, has_time};
use super::page::{Kind, Page, bare};
use super::separator::skeleton;
use crate::mail::decode;
use crate::mail::labels::{self, Label};
use crate::mail::words::{all, quoting};

/// Lines within which a block must be complete, folded addresses and blank lines among them.
const LINES_MAX: usize = 12;

/// Bytes of a value that are looked at for an address or a date.
const VALUE_MAX_BYTES: usize = 300;

/// Longest line that can be a whole block (all labels in one paragraph), in bytes.
const PARAGRAPH_MAX_BYTES: usize = 1_500;

/// Fewest colons of such a line: sender, date and one more.
const COLONS_MIN: usize = 3;

/// Most colons looked at in such a line.
const COLONS_MAX: usize = 24;

/// What one line says of a block, or several lines together: a set of the facts below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said(u8);

impl Said {
    const FROM: Self = Self(1);
    const SENT: Self = Self(2);
    const TO: Self = Self(4);
    const SUBJECT: Self = Self(8);
    const COPY: Self = Self(16);
    /// An address in a sender's or recipients' value.
    const ADDRESS: Self = Self(32);
    /// A date or a time of day in the date's value.
    const DATED: Self = Self(64);

    fn of(label: Label, value: &str) -> Self {
        let value = decode::cut(value, VALUE_MAX_BYTES);
        let proof = |is_proven: bool, proof: Self| if is_proven { proof } else { Self(0) };
        let address = proof(value.contains('@'), Self::ADDRESS);
        match label {
            Label::From => Self::FROM.and(address),
            Label::To => Self::TO.and(address),
            Label::Sent => Self::SENT.and(proof(has_date(value) || has_time(value), Self::DATED)),
            Label::Subject => Self::SUBJECT,
            Label::Copy => Self::COPY,
        }
    }

    fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    fn has(self, facts: Self) -> bool {
        self.0 & facts.0 == facts.0
    }

    fn has_any(self, facts: Self) -> bool {
        self.0 & facts.0 != 0
    }

    /// Three of the four, the sender and the date among them, or two that prove themselves by an
    /// address and a date.
    fn is_block(self) -> bool {
        let third = self.has(Self::SUBJECT)
            || self.has(Self::TO) && self.has_any(Self::ADDRESS.and(Self::DATED));
        let proven = self.has(Self::SENT.and(Self::ADDRESS).and(Self::DATED));
        self.has(Self::SENT.and(Self::FROM)) && third
            || proven && self.has_any(Self::FROM.and(Self::TO))
    }
}

/// What each line says by its label.
pub fn labelled(page: &Page) -> Vec<Said> {
    (0..page.len())
        .map(|at| match page.kind(at) {
            Kind::Words => labels::field(page.line(at))
                .map(|(label, value)| Said::of(label, value))
                .unwrap_or_default(),
            _ => Said::default(),
        })
        .collect()
}

/// Whether a header block begins at line `at`: with the sender or the date.
///
/// A block that words with a colon announce (`Mandé esto:`) is pasted by the writer, and so a
/// part of what is said.
pub fn begins(page: &Page, said: &[Said], at: usize) -> bool {
    let is_begun = said
        .get(at)
        .is_some_and(|first| first.has_any(Said::FROM.and(Said::SENT)));
    is_begun
        && (is_complete(said, at) || is_paragraph(page.line(at)))
        && !is_announced(page, said, at)
}

fn is_complete(said: &[Said], at: usize) -> bool {
    let mut whole = Said::default();
    let mut labels = 0_usize;
    for (below, line) in said.iter().skip(at).take(LINES_MAX).enumerate() {
        if *line != Said::default() {
            labels += 1;
            whole = whole.and(*line);
            if whole.is_block() {
                return true;
            }
        } else if labels == 1 && below > 1 {
            // Two lines without a label after the first: prose that begins like one.
            return false;
        }
    }
    false
}

/// Whether the words above the block of which a line is part end in a colon, and are no marker.
fn is_announced(page: &Page, said: &[Said], at: usize) -> bool {
    let is_labelled = |at: usize| said.get(at).is_some_and(|line| *line != Said::default());
    let first = (0..at)
        .rev()
        .take(LINES_MAX)
        .take_while(|above| is_labelled(*above))
        .last()
        .unwrap_or(at);
    let Some(above) = page.last_written(first, 1) else {
        return false;
    };
    let line = page.line(above);
    page.kind(above) == Kind::Words && bare(line).ends_with([':', '：']) && !is_marker(line)
}

/// Whether one line holds a whole block: `De: Ana <a@b.mx> Enviado el: lunes … Asunto: x`.
fn is_paragraph(line: &str) -> bool {
    let colons = line
        .bytes()
        .take(PARAGRAPH_MAX_BYTES)
        .filter(|b| *b == b':')
        .count();
    if line.len() > PARAGRAPH_MAX_BYTES || colons < COLONS_MIN {
        return false;
    }
    let mut found = Said::default();
    let mut open: Option<(Label, &str)> = None;
    let mut rest = line;
    for _ in 0..COLONS_MAX {
        let Some((before, after)) = rest.split_once([':', '：']) else {
            break;
        };
        if let Some((label, length)) = ending_label(before) {
            if let Some((label, value)) = open {
                let end = value.len() - rest.len() + before.len() - length;
                found = found.and(Said::of(label, value.get(..end).unwrap_or_default()));
            }
            open = Some((label, after));
        }
        rest = after;
    }
    if let Some((label, value)) = open {
        found = found.and(Said::of(label, value));
    }
    found.has(Said::FROM.and(Said::SENT))
        && found.has_any(Said::TO.and(Said::SUBJECT))
        && found.has_any(Said::ADDRESS.and(Said::DATED))
}

/// The label that ends a text, and its length in bytes: the longest of its last three words.
fn ending_label(text: &str) -> Option<(Label, usize)> {
    /// Most words of a label.
    const WORDS_MAX: usize = 3;
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == '*');
    let starts: Vec<usize> = text
        .rmatch_indices(|c: char| c.is_whitespace() || c == '*')
        .map(|(at, blank)| at + blank.len())
        .take(WORDS_MAX)
        .chain((text.len() <= labels::LABEL_MAX_BYTES).then_some(0))
        .collect();
    starts.into_iter().rev().find_map(|start| {
        let words = text.get(start..)?;
        Some((labels::kind(words)?, words.len()))
    })
}

static ORIGINAL: LazyLock<HashSet<String>> =
    LazyLock::new(|| all(quoting::ORIGINAL).map(skeleton).collect());

static FORWARD_BEGINS: LazyLock<HashSet<String>> =
    LazyLock::new(|| all(quoting::FORWARD_BEGINS).map(skeleton).collect());

/// Shortest and longest marker, in bytes.
const MARKER_BYTES: std::ops::RangeInclusive<usize> = 10..=160;

/// Fewest dashes before a marker's words.
const DASHES_MIN: usize = 2;

/// Whether a line is `-----Mensaje original-----`, `----- Reenviado por Ana el 2/3/2026 -----` or
/// `Begin forwarded message:`.
pub fn is_marker(line: &str) -> bool {
    if !MARKER_BYTES.contains(&line.len()) {
        return false;
    }
    let line = bare(line);
    let dashes = line.chars().take_while(|c| is_dash(*c)).count();
    if dashes >= DASHES_MIN {
        let words = skeleton(line);
        ORIGINAL.contains(&words)
            || line.ends_with(is_dash)
                && all(quoting::FORWARDED_BY).any(|begin| words.starts_with(begin))
    } else {
        line.ends_with([':', '：']) && FORWARD_BEGINS.contains(&skeleton(line))
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '=' | '–' | '—')
}
