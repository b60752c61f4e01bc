//! The priority that the opening mail states (policy.md §3).

use super::fold::fold_line;
use super::policy::Policy;
use super::ticket::{Kind, Priority};

/// What was understood from an opening mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Understood {
    /// Urgency; medium until classified.
    pub priority: Priority,
    /// Sort of work.
    pub kind: Kind,
}

/// Reads subject and first line of the mail that opens a ticket. The built-in words come first,
/// then the configured rules in order; later mails never change a priority.
pub fn understand(subject: &str, text: &str, policy: &Policy) -> Understood {
    understand_as(stated(subject, text), subject, text, policy)
}

/// The same where somebody has said the priority in other words, or nobody has.
pub fn understand_as(
    said: Option<Priority>,
    subject: &str,
    text: &str,
    policy: &Policy,
) -> Understood {
    let first_line = first_line(text);
    let rules = || {
        policy
            .priority_rules
            .iter()
            .filter(|r| r.pattern.is_match(subject) || r.pattern.is_match(first_line))
    };
    let priority = said
        .or_else(|| rules().find_map(|r| r.priority))
        .unwrap_or(Priority::Medium);
    let kind = rules()
        .find_map(|r| r.kind)
        .unwrap_or(Kind::default_for(priority));
    Understood { priority, kind }
}

/// The priority that subject or first line state in the built-in words.
pub fn stated(subject: &str, text: &str) -> Option<Priority> {
    bracketed(subject).or_else(|| on_first_line(first_line(text)))
}

fn first_line(text: &str) -> &str {
    text.lines().find(|l| !l.trim().is_empty()).unwrap_or("")
}

/// `[alta]` in a subject.
fn bracketed(subject: &str) -> Option<Priority> {
    subject
        .split('[')
        .skip(1)
        .filter_map(|after| after.split_once(']'))
        .find_map(|(word, _)| named(word))
}

/// `Prioridad: alta` at the beginning of a line; what follows the word does not matter.
fn on_first_line(line: &str) -> Option<Priority> {
    let (label, value) = line.split_once(':')?;
    let word = value.trim_start();
    let word = word.split(|c: char| !c.is_alphabetic()).next()?;
    (fold_line(label) == "prioridad")
        .then(|| named(word))
        .flatten()
}

/// The priority a Spanish word means; accents and case are free.
fn named(word: &str) -> Option<Priority> {
    match fold_line(word).as_str() {
        "critica" => Some(Priority::Critical),
        "alta" => Some(Priority::High),
        "media" => Some(Priority::Medium),
        "baja" => Some(Priority::Low),
        _ => None,
    }
}
