//! A mail's text as lines, each looked at once: blank, quoted, a rule or words.

use crate::mail::decode::is_invisible;

/// What a line is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing that is seen.
    Blank,
    /// Marked as quoted (RFC 3676 §4.5).
    Quoted,
    /// Dashes, underscores, stars and their like, and nothing else.
    Rule,
    /// Anything else.
    Words,
}

/// A text as lines.
#[derive(Debug)]
pub struct Page<'a> {
    lines: Vec<&'a str>,
    kinds: Vec<Kind>,
    first_words: Option<usize>,
}

impl<'a> Page<'a> {
    /// Looks at each line once.
    pub fn new(lines: Vec<&'a str>) -> Self {
        let kinds: Vec<Kind> = lines.iter().map(|line| kind(line)).collect();
        let first_words = kinds.iter().position(|kind| *kind == Kind::Words);
        Self {
            lines,
            kinds,
            first_words,
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A line; empty beyond the end.
    pub fn line(&self, at: usize) -> &'a str {
        self.lines.get(at).copied().unwrap_or_default()
    }

    /// What a line is made of; blank beyond the end.
    pub fn kind(&self, at: usize) -> Kind {
        self.kinds.get(at).copied().unwrap_or(Kind::Blank)
    }

    /// The lines from `from` up to, not including, `to`.
    pub fn lines(&self, from: usize, to: usize) -> &[&'a str] {
        self.lines.get(from..to).unwrap_or_default()
    }

    /// Whether words stand above a line.
    pub fn has_words_above(&self, at: usize) -> bool {
        self.first_words.is_some_and(|first| first < at)
    }

    /// The first line at or after `from` and before `to` that is not blank.
    pub fn next_written(&self, from: usize, to: usize) -> Option<usize> {
        (from..to).find(|at| self.kind(*at) != Kind::Blank)
    }

    /// The nearest line above `at` that is not blank, at most `blanks` blank lines away.
    pub fn last_written(&self, at: usize, blanks: usize) -> Option<usize> {
        (0..at)
            .rev()
            .take(blanks + 1)
            .find(|above| self.kind(*above) != Kind::Blank)
    }
}

/// Fewest marks that make a rule.
const RULE_MIN: usize = 2;

fn kind(line: &str) -> Kind {
    let line = line.trim_matches(is_unseen);
    if line.is_empty() {
        Kind::Blank
    } else if line.starts_with('>') {
        Kind::Quoted
    } else if is_rule(line) {
        Kind::Rule
    } else {
        Kind::Words
    }
}

fn is_unseen(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Whether a trimmed line is nothing but one of the marks of which rules are drawn, with blanks
/// between them at most; or the mark that trackers for Gmail (Streak, Mailtrack) leave behind.
fn is_rule(line: &str) -> bool {
    if line == "ᐧ" {
        return true;
    }
    let Some(mark) = line.chars().next().filter(|c| is_mark(*c)) else {
        return false;
    };
    line.chars().all(|c| c == mark || c.is_whitespace())
        && line.chars().filter(|c| *c == mark).take(RULE_MIN).count() == RULE_MIN
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '=' | '*' | '#' | '~' | '+' | '–' | '—' | '─' | '═'
    )
}

/// A line without the marks that HTML and bold type leave around words, and without what is not
/// seen.
pub fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| is_unseen(c) || matches!(c, '*' | '|'))
}
