//! The line above which a desk asks for the reply: ours, and those of other desks.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::mail::words::{all, quoting};

/// Most lines over which our separator may be folded.
const FOLD_LINES_MAX: usize = 3;

/// Longest line of which a skeleton is made, in characters; the rest of it is not compared.
const SKELETON_MAX_CHARS: usize = 300;

/// The first line of our separator, however it was quoted, decorated or folded.
pub fn ours(lines: &[&str], separator: &str) -> Option<usize> {
    let wanted = skeleton(separator);
    let first = wanted.chars().next()?;
    (0..lines.len()).find(|at| {
        if !begins_with(lines.get(*at).copied().unwrap_or_default(), first) {
            return false;
        }
        let mut seen = String::new();
        for line in lines.iter().skip(*at).take(FOLD_LINES_MAX) {
            let words = skeleton(line);
            if words.is_empty() {
                // An empty line may stand within none.
                return false;
            }
            if !seen.is_empty() {
                seen.push(' ');
            }
            seen.push_str(&words);
            if seen.starts_with(&wanted) {
                return true;
            }
            if !wanted.starts_with(&seen) {
                return false;
            }
        }
        false
    })
}

/// Whether the first letter or digit of a line is `first`, a lower-case one: cheap, for each line
/// of a mail.
fn begins_with(line: &str, first: char) -> bool {
    let mut letters = line.chars().take(SKELETON_MAX_CHARS);
    letters
        .find(|c| c.is_alphanumeric())
        .is_some_and(|c| c.to_lowercase().next() == Some(first))
}

static ABOVE: LazyLock<HashSet<String>> =
    LazyLock::new(|| all(quoting::REPLY_ABOVE).map(skeleton).collect());

/// Shortest and longest line that can be another desk's separator, in bytes.
const OTHERS_BYTES: std::ops::RangeInclusive<usize> = 10..=200;

/// The first line that is another desk's separator and nothing else. A sentence that speaks of
/// such a line is not one.
pub fn others(lines: &[&str]) -> Option<usize> {
    lines.iter().position(|line| {
        OTHERS_BYTES.contains(&line.len())
            && line.bytes().any(|b| b == b' ')
            && ABOVE.contains(&skeleton(line))
    })
}

/// The words of a line, lower case, without anything that quoting, HTML or decoration adds.
pub fn skeleton(line: &str) -> String {
    let mut words = String::new();
    for c in line.chars().take(SKELETON_MAX_CHARS) {
        if c.is_alphanumeric() || c == '\u{307}' {
            words.extend(c.to_lowercase());
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}
