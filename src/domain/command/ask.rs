//! What a consultant asks, and is answered by mail.
//!
//! ```text
//! #estado  [[de] GS-n]
//! #porque  [[de] GS-n]
//! #ayuda
//! ```

use super::state::ticket_number;
use super::word::Line;
use super::{Command, Context, Problem};
use crate::domain::ids::TicketId;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line, context: &Context) -> Option<Result<Command, Problem>> {
    Some(match word {
        "estado" => about(line, context).map(|of| Command::Status { of }),
        "porque" => about(line, context).map(|of| Command::Why { of }),
        "ayuda" if line.argument().is_empty() => Ok(Command::Help),
        "ayuda" => Err(Problem::ExtraText),
        _ => return None,
    })
}

/// The ticket asked about, where one is named.
fn about(line: &Line, context: &Context) -> Result<Option<TicketId>, Problem> {
    if line.argument().is_empty() {
        return Ok(None);
    }
    ticket_number(line, &["de ", "del ", "of "], context).map(Some)
}
