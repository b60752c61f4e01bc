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

/// What one line says of a block, or several lines together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    from: bool,
    sent: bool,
    to: bool,
    subject: bool,
    /// An address in a sender's or recipients' value.
    address: bool,
    /// A date or a time of day in the date's value.
    dated: bool,
    /// Any label, of a copy's recipients too.
    labelled: bool,
}

impl Said {
    fn of(label: Label, value: &str) -> Self {
        let value = decode::cut(value, VALUE_MAX_BYTES);
        Self {
            from: label == Label::From,
            sent: label == Label::Sent,
            to: label == Label::To,
            subject: label == Label::Subject,
            address: matches!(label, Label::From | Label::To) && value.contains('@'),
            dated: label == Label::Sent && (has_date(value) || has_time(value)),
            labelled: true,
        }
    }

    fn add(&mut self, more: Self) {
        self.from |= more.from;
        self.sent |= more.sent;
        self.to |= more.to;
        self.subject |= more.subject;
        self.address |= more.address;
        self.dated |= more.dated;
    }

    /// Three of the four, the sender and the date among them, or two that prove themselves by an
    /// address and a date.
    fn is_block(self) -> bool {
        let proven = self.address && self.dated;
        self.sent && self.from && (self.subject || self.to && (self.address || self.dated))
            || proven && self.sent && (self.from || self.to)
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
    let is_begun = said.get(at).is_some_and(|first| first.from || first.sent);
    is_begun
        && (is_complete(said, at) || is_paragraph(page.line(at)))
        && !is_announced(page, said, at)
}

fn is_complete(said: &[Said], at: usize) -> bool {
    let mut whole = Said::default();
    let mut labels = 0_usize;
    for (below, line) in said.iter().skip(at).take(LINES_MAX).enumerate() {
        if line.labelled {
            labels += 1;
            whole.add(*line);
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
    let is_labelled = |at: usize| said.get(at).is_some_and(|line| line.labelled);
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
                found.add(Said::of(label, value.get(..end).unwrap_or_default()));
            }
            open = Some((label, after));
        }
        rest = after;
    }
    if let Some((label, value)) = open {
        found.add(Said::of(label, value));
    }
    found.from && found.sent && (found.to || found.subject) && (found.address || found.dated)
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

/// Longest marker, in bytes.
const MARKER_MAX_BYTES: usize = 160;

/// Fewest dashes before a marker's words.
const DASHES_MIN: usize = 2;

/// Whether a line is `-----Mensaje original-----`, `----- Reenviado por Ana el 2/3/2026 -----` or
/// `Begin forwarded message:`.
pub fn is_marker(line: &str) -> bool {
    if line.len() > MARKER_MAX_BYTES {
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
