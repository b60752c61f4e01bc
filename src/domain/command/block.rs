//! Which lines of a mail are commands, and which are words for the client.
//!
//! ```text
//! mail     = block text block
//! block    = { blank | command }
//! command  = "#" letter …            whatever the word is
//!          | "#" marks word …        a known word or nearly one: phones put a blank there
//! escaped  = "##" …                  text, with one "#" less
//! ```

use super::mention;
use super::word::{Line, is_number_sign, nearest, plain, visible};

/// A mail taken apart.
pub(super) struct Block {
    /// The command lines of both blocks, in order, as typed.
    pub commands: Vec<String>,
    /// Lines of the text that are commands or hold one, in order.
    pub strays: Vec<Stray>,
    /// Everything else, without blank lines around it; one `#` of `##` taken away.
    pub text: String,
}

/// A command that stands where none is obeyed.
pub(super) struct Stray {
    /// Its line, as typed.
    pub line: String,
    /// The line is the command: it was meant to be one. Otherwise words stand around it.
    pub alone: bool,
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
        let strays = words.iter().filter_map(|line| stray(line)).collect();
        let text = words.iter().map(|line| unescaped(line));
        Self {
            commands,
            strays,
            text: text.collect::<Vec<_>>().join("\n").trim().to_owned(),
        }
    }
}

fn stray(line: &str) -> Option<Stray> {
    let alone = is_command(line);
    (alone || (!is_escaped(line) && mention::stands_in(line))).then(|| Stray {
        line: line.to_owned(),
        alone,
    })
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
    visible(line).trim().is_empty()
}

/// Whether a line is a command, known or not; an escaped one is text.
fn is_command(line: &str) -> bool {
    let plain = plain(line);
    match plain.strip_prefix('#').map(|rest| rest.chars().next()) {
        None | Some(None | Some('#')) => false,
        Some(Some(first)) if first.is_alphabetic() => true,
        Some(Some(_)) => {
            let line = Line::read(&plain);
            line.name.is_some() || nearest(&line.word).is_some()
        }
    }
}

fn is_escaped(line: &str) -> bool {
    plain(line).starts_with("##")
}

/// Policy §9: `##` escapes a line. What stands around it stays.
fn unescaped(line: &str) -> String {
    if is_escaped(line) {
        line.replacen(is_number_sign, "", 1)
    } else {
        line.to_owned()
    }
}
