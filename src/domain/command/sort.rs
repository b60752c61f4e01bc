//! What sort of ticket it is, and whose.
//!
//! ```text
//! #prioridad crítica|alta|media|baja
//! #tipo      [técnico] regular | [técnico] urgente | mantenimiento menor|medio|mayor | investigación
//! #nivel     1|2|3|4
//! #asignar   yo | nombre | correo
//! ```

use super::word::{Line, strip_word};
use super::{Assignee, Command, Problem};
use crate::domain::ticket::{Kind, Priority};

/// Longest name of an assignee, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line) -> Option<Result<Command, Problem>> {
    Some(match word {
        "prioridad" => priority(line),
        "tipo" => kind(line),
        "nivel" => level(line),
        "asignar" => assign(line),
        _ => return None,
    })
}

fn one_of<T>(line: &Line, known: impl Fn(&str) -> Option<T>) -> Result<T, Problem> {
    let argument = line.argument();
    if argument.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    known(&argument).ok_or(Problem::BadArgument)
}

fn priority(line: &Line) -> Result<Command, Problem> {
    let priority = one_of(line, |argument| match argument {
        "critica" | "critico" | "critical" => Some(Priority::Critical),
        "alta" | "alto" | "high" => Some(Priority::High),
        "media" | "medio" | "medium" => Some(Priority::Medium),
        "baja" | "bajo" | "low" => Some(Priority::Low),
        _ => None,
    })?;
    Ok(Command::Priority(priority))
}

fn kind(line: &Line) -> Result<Command, Problem> {
    let kind = one_of(line, |argument| {
        let argument = argument.replace('-', " ");
        let argument = argument
            .strip_prefix("tecnico ")
            .or(argument.strip_prefix("technical "))
            .unwrap_or(&argument);
        match argument {
            "regular" => Some(Kind::TechnicalRegular),
            "urgente" | "urgent" => Some(Kind::TechnicalUrgent),
            "mantenimiento menor" | "maintenance minor" => Some(Kind::MaintenanceMinor),
            "mantenimiento medio" | "maintenance medium" => Some(Kind::MaintenanceMedium),
            "mantenimiento mayor" | "maintenance major" => Some(Kind::MaintenanceMajor),
            "investigacion" | "investigation" | "debugging" | "investigacion debugging" => {
                Some(Kind::Investigation)
            }
            _ => None,
        }
    })?;
    Ok(Command::Kind(kind))
}

fn level(line: &Line) -> Result<Command, Problem> {
    let level = one_of(line, |argument| match argument {
        "1" | "n1" => Some(1),
        "2" | "n2" => Some(2),
        "3" | "n3" => Some(3),
        "4" | "n4" => Some(4),
        _ => None,
    })?;
    Ok(Command::Level(level))
}

fn assign(line: &Line) -> Result<Command, Problem> {
    let to = strip_word(&line.rest, "a").map_or(line.rest.as_str(), str::trim);
    let to = to.trim_end_matches(['.', ',', ';']);
    match to {
        "" => Err(Problem::NeedsArgument),
        to if matches!(super::word::fold(to).as_str(), "yo" | "mi" | "me") => {
            Ok(Command::Assign(Assignee::Me))
        }
        to if to.chars().count() > NAME_MAX_CHARS => Err(Problem::BadArgument),
        to => Ok(Command::Assign(Assignee::Named(to.to_owned()))),
    }
}
