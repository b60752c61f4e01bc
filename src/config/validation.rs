//! `[validation]`: the words by which a client's answer to a solution is read (policy.md §5).

use super::reader::{Reader, quoted};
use crate::domain::fold::fold;
use crate::domain::validation::{self, Reading, ValidationWords};

/// Most patterns of one list; every clause is compared with each.
const PATTERNS_MAX: usize = 100;

/// Words that nobody says: a pattern that knows them knows everything.
const NOBODYS_WORDS: &str = "qxz qxzqx";

const EXAMPLE: &str = "['jalo( chido)?']";

/// Reads the lists; one that is written takes the place of the built-in list of that name.
pub(super) fn words(mut reader: Reader<'_>) -> ValidationWords {
    let confirming = list(&mut reader, "validation", &validation::VALIDATION);
    let thanks = list(&mut reader, "thanks", &validation::THANKS);
    let courtesy = list(&mut reader, "courtesy", &validation::COURTESY);
    if confirming.is_empty() {
        reader.note(
            "validation",
            "an empty list: no client's answer closes a ticket by itself",
            "leave the key out to use the built-in list",
        );
    }
    reader.finish();
    // Where a pattern is wrong, its problem is noted, and nothing will be read by what is left.
    ValidationWords::new(&confirming, &thanks, &courtesy)
        .unwrap_or_else(|_| ValidationWords::default_patterns())
}

fn list<'a>(reader: &mut Reader<'a>, key: &'static str, built_in: &[&'static str]) -> Vec<&'a str> {
    if reader.value(key).is_none() {
        return built_in.to_vec();
    }
    let patterns = reader.texts(key, EXAMPLE);
    if patterns.len() > PATTERNS_MAX {
        reader.problem(
            key,
            format!("{} members", patterns.len()),
            format!("write at most {PATTERNS_MAX}"),
        );
        return Vec::new();
    }
    for (path, pattern) in &patterns {
        check(reader, path, pattern);
    }
    patterns.into_iter().map(|(_, pattern)| pattern).collect()
}

fn check(reader: &Reader<'_>, path: &str, pattern: &str) {
    const NONE: [&str; 0] = [];
    let words = match ValidationWords::new(&[pattern], &NONE, &NONE) {
        Ok(words) => words,
        Err(error) => {
            // The last line names the mistake; the ones before it draw an arrow below it.
            let reason = error.lines().last().unwrap_or_default().trim();
            reader.problem_at(
                path,
                format!("{} is not a pattern ({reason})", quoted(pattern)),
                format!("write regular expressions in single quotes, such as {EXAMPLE}"),
            );
            return;
        }
    };
    if validation::read(NOBODYS_WORDS, &[], &words) == Reading::Validation {
        // Policy §5: doubt goes to a person, who would never see an answer again.
        reader.problem_at(
            path,
            format!("{} fits any words", quoted(pattern)),
            "name the words that are meant",
        );
    } else if never_fits(pattern) {
        reader.warn_at(
            path,
            format!("{} holds capitals or accents", quoted(pattern)),
            "write lower case without accents: answers are compared so",
        );
    }
}

/// Whether a pattern asks for letters that a folded clause has not, as far as can be told.
fn never_fits(pattern: &str) -> bool {
    let mut plain = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            // `\W` is no capital.
            '\\' => drop(chars.next()),
            c => plain.push(c),
        }
    }
    let free = ["(?i", r"\p", r"\P"].iter().any(|m| pattern.contains(m));
    !free && fold(&plain) != plain
}
