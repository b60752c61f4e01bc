//! Commands that do not stand by themselves: behind a quote mark or a bullet, in the midst of words.
//!
//! None of them is obeyed, and none may reach a client unseen: `- #nota` was meant for colleagues.
//!
//! ```text
//! mention = marks "#" [marks] word    known or nearly: `> #cerrar`, `• #nota`, `1) # espra`
//!         | … "#" word …              known, not within a word, `##` or a link
//! ```

use super::word::{Line, nearest, plain};

/// Characters behind a `#` that are looked at; every name is shorter.
const LOOK_CHARS: usize = 48;

/// Whether a line that is no command holds one. Linear in its length.
pub(super) fn stands_in(line: &str) -> bool {
    let line = plain(line);
    let mut before: Option<char> = None;
    // Nothing but marks and digits so far, and no `#`.
    let mut marks = true;
    let mut slashes = 0_u8;
    let mut link = false;
    for (at, c) in line.char_indices() {
        let within = before.is_some_and(|c| c == '#' || c.is_alphanumeric());
        if c == '#' && !within && !link && line.get(at..).is_some_and(|rest| names(rest, marks)) {
            return true;
        }
        slashes = match c {
            ':' => 1,
            '/' if slashes > 0 => slashes.saturating_add(1),
            _ => 0,
        };
        link = !c.is_whitespace() && (link || slashes > 2);
        marks &= !c.is_alphabetic() && c != '#';
        before = Some(c);
    }
    false
}

/// Whether what begins with a `#` is a command's name, or behind mere `marks` nearly one.
fn names(rest: &str, marks: bool) -> bool {
    let mut near = rest.chars().skip(1);
    if near.clone().next() == Some('#') {
        return false;
    }
    let joined = near.next().is_some_and(char::is_alphanumeric);
    let line = Line::read(&rest.chars().take(LOOK_CHARS).collect::<String>());
    let known = line.name.is_some();
    (joined && known) || (marks && (known || nearest(&line.word).is_some()))
}
