//! Which lines of a mail are commands, and which are words for the client.
//!
//! ```text
//! mail     = block text block
//! block    = { blank | command }
//! command  = "#" letter …            and "# " before a known word (phones put a blank there)
//! escaped  = "##" …                  text, with one "#" less
//! ```

use super::word::{Line, plain};

/// A mail taken apart.
pub(super) struct Block {
    /// The command lines of both blocks, in order, as typed.
    pub commands: Vec<String>,
    /// Lines in the midst of the text that look like commands.
    pub misplaced: Vec<String>,
    /// Everything else, without blank lines around it; one `#` of `##` taken away.
    pub text: String,
}

impl Block {
    /// Takes a mail's newest words apart.
    pub(super) fn of(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let in_block = |line: &&&str| is_blank(line) || is_command(line);
        let top = lines.iter().take_while(in_block).count();
        let below = lines.get(top..).unwrap_or_default();
        let bottom = below.iter().rev().take_while(in_block).count();
        let (words, end) = below.split_at(below.len().saturating_sub(bottom));
        let commands = lines
            .iter()
            .take(top)
            .chain(end)
            .filter(|line| is_command(line))
            .map(|line| (*line).to_owned())
            .collect();
        let (misplaced, words): (Vec<&str>, Vec<&str>) =
            words.iter().partition(|line| is_command(line));
        let text: Vec<String> = words.into_iter().map(unescaped).collect();
        Self {
            commands,
            misplaced: misplaced.into_iter().map(str::to_owned).collect(),
            text: text.join("\n").trim().to_owned(),
        }
    }
}

/// A line that begins with a `#word`, however many `#` there are: what must never reach a client
/// unseen (mail.md §6, leak guard).
pub fn looks_like_command(line: &str) -> bool {
    plain(line)
        .strip_prefix('#')
        .and_then(|rest| rest.trim_start_matches('#').chars().next())
        .is_some_and(char::is_alphabetic)
}

fn is_blank(line: &str) -> bool {
    plain(line).is_empty()
}

/// Whether a line is a command, known or not; an escaped one is text.
fn is_command(line: &str) -> bool {
    let plain = plain(line);
    match plain.strip_prefix('#') {
        None => false,
        Some(rest) if rest.starts_with('#') => false,
        Some(rest) if rest.starts_with(' ') => Line::read(line).name.is_some(),
        Some(rest) => rest.chars().next().is_some_and(char::is_alphabetic),
    }
}

/// Policy §9: `##` escapes a line.
fn unescaped(line: &str) -> String {
    let plain = plain(line);
    match plain.strip_prefix("##") {
        Some(rest) => format!("#{rest}"),
        None => line.to_owned(),
    }
}
