//! What is put on record: notes, calls, cases elsewhere.
//!
//! ```text
//! #nota       …                      the whole mail is internal, whatever it says
//! #microsoft  [caso] CASO
//! #intento    teléfono [texto]
//! #deshacer
//! ```

use super::word::{Line, strip_word};
use super::{Command, Problem};

/// Characters of a case number: fewer are no number, more are something else.
const CASE_CHARS: std::ops::RangeInclusive<usize> = 4..=40;

/// Longest note on a call, in characters.
const NOTE_MAX_CHARS: usize = 500;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line) -> Option<Result<Command, Problem>> {
    Some(match word {
        "nota" => Ok(Command::Note),
        "microsoft" => microsoft(line),
        "intento" => attempt(line),
        "deshacer" if line.argument().is_empty() => Ok(Command::Undo),
        "deshacer" => Err(Problem::ExtraText),
        _ => return None,
    })
}

fn microsoft(line: &Line) -> Result<Command, Problem> {
    let case = ["caso", "case"]
        .iter()
        .find_map(|word| strip_word(&line.rest, word))
        .unwrap_or(&line.rest);
    let case = case.trim_matches([' ', ':', '.', ',', '#', '-']);
    if case.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let good = case.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && case.chars().any(|c| c.is_ascii_digit())
        && CASE_CHARS.contains(&case.len());
    if good {
        Ok(Command::Microsoft {
            case: case.to_owned(),
        })
    } else {
        Err(Problem::BadArgument)
    }
}

fn attempt(line: &Line) -> Result<Command, Problem> {
    if line.rest.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let text = ["por", "de", "by"]
        .iter()
        .find_map(|small| strip_word(&line.rest, small))
        .unwrap_or(&line.rest)
        .trim_start();
    let note = ["telefono", "tel", "llamada", "phone", "call"]
        .iter()
        .find_map(|medium| strip_word(text, medium))
        .ok_or(Problem::BadArgument)?;
    let note = note.trim().trim_start_matches([':', ',', '.', '-']).trim();
    Ok(Command::Attempt {
        note: note.chars().take(NOTE_MAX_CHARS).collect(),
    })
}
