//! Clauses, and what they are made of.
//!
//! ```text
//! clause = part { ["y" | "and"] part } [names]     "listo ya quedo gracias Ana"
//! names  = Name { Name | de la los y }             behind thanks and courtesies only
//! ```
//!
//! A line of nothing but names is a signature below a closing (`Saludos`), and below thanks where
//! the sender is called so: "Llámenme" has a capital too.

use regex::Regex;

use super::ValidationWords;
use super::words::{AND, CLOSINGS, GREETINGS, PARTICLES, PROMISES, TAKES_NAME};
use crate::domain::fold::fold_line;

/// Most words of a clause; a longer one says more.
const WORDS_MAX: usize = 24;

/// Most words of a name: two given, two of the family, particles.
const NAME_WORDS_MAX: usize = 5;

/// What a piece of a clause is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Validation,
    Thanks,
    Courtesy,
}

/// Takes clauses one by one, and remembers what they were.
pub(super) struct Reader<'a> {
    words: &'a ValidationWords,
    found: Vec<Part>,
    /// Something other than greetings and validations was said.
    agreed: bool,
    /// What was said last, as far as a name may stand below it.
    last: Last,
    /// Words of the sender's names, folded.
    own_names: Vec<String>,
}

/// What a signature may stand below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Closing,
    Thanks,
    Other,
}

impl<'a> Reader<'a> {
    /// One that took nothing yet, of an answer whose sender is called so.
    pub(super) fn of(words: &'a ValidationWords, own_names: &[&str]) -> Self {
        let own_names = own_names.iter().flat_map(|name| name.split_whitespace());
        Self {
            words,
            found: Vec::new(),
            agreed: false,
            last: Last::Other,
            own_names: own_names.map(fold_line).collect(),
        }
    }

    /// Whether there was such a part.
    pub(super) fn found(&self, part: Part) -> bool {
        self.found.contains(&part)
    }

    /// Whether a line is a signature, and nothing that can be said.
    pub(super) fn takes_names(&self, line: &str) -> bool {
        let line = line.trim().trim_end_matches(['.', ',']);
        let said: Vec<&str> = line.split_whitespace().collect();
        let may_stand = match self.last {
            Last::Closing => true,
            Last::Thanks => said
                .iter()
                .any(|word| self.own_names.contains(&fold_line(word))),
            Last::Other => false,
        };
        may_stand && are_names(&said) && self.parts(&said).is_none()
    }

    /// Takes a clause; false where it is none of ours.
    pub(super) fn takes(&mut self, clause: &str) -> bool {
        let said: Vec<&str> = clause.split_whitespace().collect();
        if said.len() > WORDS_MAX {
            return false;
        }
        // As few names as make sense of it: "Gracias Confirmo" holds none.
        let parts = (0..=NAME_WORDS_MAX).find_map(|names| {
            let (before, names) = said.split_at_checked(said.len().checked_sub(names)?)?;
            let parts = self.parts(before)?;
            let fits =
                names.is_empty() || (are_names(names) && parts.last().is_some_and(takes_name));
            fits.then_some(parts)
        });
        parts.is_some_and(|parts| self.note(parts))
    }

    /// Cuts words into parts, the longest first; none where some are no part.
    fn parts(&self, said: &[&str]) -> Option<Vec<(Part, String)>> {
        let folded: Vec<String> = said.iter().map(|word| fold_line(word)).collect();
        let mut rest = folded.as_slice();
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (part, length) = (1..=rest.len()).rev().find_map(|length| {
                let piece = rest.get(..length)?.join(" ");
                let part = self.part(&piece)?;
                Some(((part, piece), length))
            })?;
            parts.push(part);
            rest = rest.get(length..)?;
            if let [and, more @ ..] = rest
                && !more.is_empty()
                && AND.contains(&and.as_str())
            {
                rest = more;
            }
        }
        Some(parts)
    }

    fn part(&self, piece: &str) -> Option<Part> {
        let fits = |patterns: &[Regex]| patterns.iter().any(|p| p.is_match(piece));
        if fits(&self.words.validation) {
            Some(Part::Validation)
        } else if fits(&self.words.thanks) {
            Some(Part::Thanks)
        } else {
            fits(&self.words.courtesy).then_some(Part::Courtesy)
        }
    }

    /// Remembers a clause's parts; false where one is a promise: "ok, confirmo" means "I will".
    fn note(&mut self, parts: Vec<(Part, String)>) -> bool {
        for (part, piece) in parts {
            if self.agreed && PROMISES.contains(&piece.as_str()) {
                return false;
            }
            let greets = part == Part::Courtesy && GREETINGS.iter().any(|g| piece.starts_with(g));
            self.agreed |= part != Part::Validation && !greets;
            self.last = if CLOSINGS.iter().any(|c| piece.contains(c)) {
                Last::Closing
            } else if part == Part::Thanks {
                Last::Thanks
            } else {
                Last::Other
            };
            self.found.push(part);
        }
        true
    }
}

/// Whether a name may follow: "gracias Ana", "hola Luis", "saludos Eva"; not "pueden cerrar Hoy".
fn takes_name((part, piece): &(Part, String)) -> bool {
    match part {
        Part::Thanks => true,
        Part::Courtesy => TAKES_NAME.iter().any(|word| piece.contains(word)),
        Part::Validation => false,
    }
}

/// Words with a capital and small letters, particles between them.
fn are_names(said: &[&str]) -> bool {
    let is_name = |word: &&str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase)
            && !letters.as_str().is_empty()
            && letters.all(char::is_lowercase)
    };
    let ends_meet = said.first().is_some_and(is_name) && said.last().is_some_and(is_name);
    ends_meet
        && said.len() <= NAME_WORDS_MAX
        && said
            .iter()
            .all(|word| is_name(word) || PARTICLES.contains(word))
}
