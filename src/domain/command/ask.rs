//! What a consultant asks, and is answered by mail.
//!
//! ```text
//! #ayuda
//! ```

use super::word::Line;
use super::{Command, Problem};

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line) -> Option<Result<Command, Problem>> {
    Some(match word {
        "ayuda" if line.argument().is_empty() => Ok(Command::Help),
        "ayuda" => Err(Problem::ExtraText),
        _ => return None,
    })
}
