//! What a client's answer to a proposed solution amounts to (policy.md §5): a validation closes,
//! bare thanks are shown to the consultant, everything else resumes work. Doubt goes to a person.
//!
//! A validation overlooked costs a consultant's look; one that was none closes a ticket on a client
//! who still waits. So nothing is searched for: the answer is cut into clauses, and each must be
//! wholly made of validations, thanks and courtesies. One that is not, a question, a condition, a
//! word of doubt, a sign of sadness, and it is an answer to read.

mod clause;
mod words;

use regex::{Regex, RegexBuilder};

use super::fold::fold_line;
use clause::{Part, Reader};

pub use words::{COURTESY, THANKS, VALIDATION};

/// Longest answer that can be a validation or bare thanks, in characters.
const ANSWER_MAX_CHARS: usize = 400;

/// Most clauses of such an answer.
const CLAUSES_MAX: usize = 12;

/// Largest compiled pattern, in bytes.
const PATTERN_MAX_BYTES: usize = 1024 * 1024;

/// What ends a clause within a line. Three dots do not: see [`is_doubtful`].
const ENDS: [char; 7] = ['.', '!', '¡', ';', ',', ':', '\u{2014}'];

/// What an answer amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// The solution is confirmed, and nothing else is said.
    Validation,
    /// Nothing but thanks.
    BareThanks,
    /// Words for a person.
    Words,
}

/// The patterns by which answers are read; each is meant for a whole clause, in lower case and
/// without accents.
#[derive(Debug, Clone)]
pub struct ValidationWords {
    validation: Vec<Regex>,
    thanks: Vec<Regex>,
    courtesy: Vec<Regex>,
}

impl ValidationWords {
    /// The patterns of a new configuration.
    pub fn default_patterns() -> Self {
        Self::new(&VALIDATION, &THANKS, &COURTESY).unwrap_or(Self {
            validation: Vec::new(),
            thanks: Vec::new(),
            courtesy: Vec::new(),
        })
    }

    /// Patterns of a house's own.
    ///
    /// # Errors
    /// The first pattern that is none, and why.
    pub fn new(
        validation: &[impl AsRef<str>],
        thanks: &[impl AsRef<str>],
        courtesy: &[impl AsRef<str>],
    ) -> Result<Self, String> {
        Ok(Self {
            validation: compiled(validation)?,
            thanks: compiled(thanks)?,
            courtesy: compiled(courtesy)?,
        })
    }
}

fn compiled(patterns: &[impl AsRef<str>]) -> Result<Vec<Regex>, String> {
    let compile = |pattern: &str| {
        // By itself first: `a)|(b` is a pattern only in the parentheses put around it.
        bounded(pattern)?;
        bounded(&format!("^(?:{pattern})$"))
    };
    patterns
        .iter()
        .map(|pattern| {
            let pattern = pattern.as_ref();
            compile(pattern).map_err(|e| format!("«{pattern}»: {e}"))
        })
        .collect()
}

fn bounded(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_MAX_BYTES)
        .build()
}

/// Reads the newest words of an answer of somebody called by any of `own_names`. Its time is bounded:
/// longer answers are not looked into.
pub fn read(text: &str, own_names: &[&str], words: &ValidationWords) -> Reading {
    if text.chars().nth(ANSWER_MAX_CHARS).is_some() {
        return Reading::Words;
    }
    let text = words::without_smiles(text);
    if is_doubtful(&text) {
        return Reading::Words;
    }
    let mut reader = Reader::of(words, own_names);
    let mut clauses = 0;
    for line in text.split(is_line_end) {
        if reader.takes_names(line) {
            continue;
        }
        let line = words::DASHES
            .iter()
            .fold(line.to_owned(), |line, dash| line.replace(dash, ";"));
        for clause in line.split(ENDS) {
            let clause = clause.trim_matches(is_ornament);
            if clause.is_empty() {
                continue;
            }
            clauses += 1;
            if clauses > CLAUSES_MAX || !reader.takes(clause) {
                return Reading::Words;
            }
        }
    }
    match (reader.found(Part::Validation), reader.found(Part::Thanks)) {
        (true, _) => Reading::Validation,
        (false, true) => Reading::BareThanks,
        (false, false) => Reading::Words,
    }
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// What may stand around a clause and says nothing: blanks, bold, a bullet.
fn is_ornament(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '_' | '-' | '–' | '•')
}

/// A question, words that trail off, quoted text, a condition, a word of doubt.
fn is_doubtful(text: &str) -> bool {
    if text.contains(['?', '¿', '？', '…']) || text.contains("..") {
        return true;
    }
    text.split(is_line_end).any(|line| {
        let quoted = line.trim_start().starts_with(['>', '|']);
        let folded = fold_line(line);
        let mut said = folded.split(|c: char| !c.is_alphanumeric());
        quoted || is_conditional(line) || said.any(|word| words::DOUBT.contains(&word))
    })
}

/// Whether an `si` without accent stands among other words: it may be an "if". Alone in its clause
/// (`Si, ya quedo`) it is a "yes" without its accent.
fn is_conditional(line: &str) -> bool {
    line.split(ENDS).any(|clause| {
        let lower = clause.to_lowercase();
        let mut said = lower.split_whitespace();
        said.clone().count() > 1 && said.any(|word| word.trim_matches(is_mark) == "si")
    })
}

fn is_mark(c: char) -> bool {
    !c.is_alphanumeric() && !('\u{300}'..='\u{36F}').contains(&c)
}
