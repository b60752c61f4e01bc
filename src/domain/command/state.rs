//! Where a ticket goes.
//!
//! ```text
//! #espera     cliente | tercero  [hasta FECHA]
//! #en-proceso
//! #resuelto
//! #cerrar     validado [motivo] | cancelado motivo | desatendido [motivo]
//! #reabrir
//! #duplicado  [de] GS-n
//! ```

use chrono::NaiveDate;

use super::date;
use super::word::{Line, fold, strip_word};
use super::{Awaited, Closing, Command, Context, Problem};
use crate::domain::ids::TicketId;

/// Longest reason, in characters.
const REASON_MAX_CHARS: usize = 500;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line, context: &Context) -> Option<Result<Command, Problem>> {
    Some(match word {
        "espera" => wait(line, context),
        "en-proceso" => alone(line, Command::InProgress),
        "resuelto" => alone(line, Command::Resolved),
        "reabrir" => alone(line, Command::Reopen),
        "cerrar" => close(line),
        "duplicado" => duplicate(line, context),
        _ => return None,
    })
}

/// Whether a command leads to a state of its own: one mail may have one such.
pub(super) fn leads(command: &Command) -> bool {
    matches!(
        command,
        Command::Wait { .. }
            | Command::InProgress
            | Command::Resolved
            | Command::Close { .. }
            | Command::Reopen
            | Command::Duplicate { .. }
            | Command::Merge { .. }
            | Command::Microsoft { .. }
            | Command::Budget { .. }
    )
}

/// Whether a command brings words to the client (policy.md §5): those of the mail, or its reason.
pub(super) fn needs_text(command: &Command) -> bool {
    matches!(
        command,
        Command::Resolved
            | Command::Wait {
                whom: Awaited::Client,
                ..
            }
    ) || matches!(command, Command::Close { reason, .. } if !reason.is_empty())
}

fn alone(line: &Line, command: Command) -> Result<Command, Problem> {
    if line.argument().is_empty() {
        Ok(command)
    } else {
        Err(Problem::ExtraText)
    }
}

fn wait(line: &Line, context: &Context) -> Result<Command, Problem> {
    let argument = line.argument();
    let argument = ["al ", "a ", "de ", "del "]
        .iter()
        .find_map(|small| argument.strip_prefix(small))
        .unwrap_or(&argument);
    if argument.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let (whom, rest) = [
        ("cliente", Awaited::Client),
        ("client", Awaited::Client),
        ("terceros", Awaited::ThirdParty),
        ("tercero", Awaited::ThirdParty),
        ("third-party", Awaited::ThirdParty),
        ("third party", Awaited::ThirdParty),
    ]
    .iter()
    .find_map(|(name, whom)| {
        let rest = argument.strip_prefix(name)?;
        let ends = rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
        ends.then_some((*whom, rest.trim_start_matches([',', ' '])))
    })
    .ok_or(Problem::BadArgument)?;
    let until = match rest {
        "" => None,
        rest => Some(until(rest, context)?),
    };
    Ok(Command::Wait { whom, until })
}

fn until(rest: &str, context: &Context) -> Result<NaiveDate, Problem> {
    let date = ["hasta", "until"]
        .iter()
        .find_map(|word| strip_word(rest, word))
        .ok_or(Problem::ExtraText)?;
    date::read(date.trim(), context.today)
}

fn close(line: &Line) -> Result<Command, Problem> {
    let text = line.rest.trim();
    if text.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let (how, reason) = [
        ("validado", Closing::Validated),
        ("validada", Closing::Validated),
        ("validated", Closing::Validated),
        ("cancelado", Closing::Cancelled),
        ("cancelada", Closing::Cancelled),
        ("cancelled", Closing::Cancelled),
        ("canceled", Closing::Cancelled),
        ("desatendido", Closing::Unattended),
        ("desatendida", Closing::Unattended),
        ("unattended", Closing::Unattended),
    ]
    .iter()
    .find_map(|(name, how)| Some((*how, strip_word(text, name)?)))
    .ok_or(Problem::BadArgument)?;
    let reason = reason
        .trim()
        .trim_start_matches([':', ',', '.', '-'])
        .trim();
    let said = reason.chars().any(char::is_alphanumeric);
    if how == Closing::Cancelled && !said {
        return Err(Problem::NeedsArgument);
    }
    Ok(Command::Close {
        how,
        reason: reason.chars().take(REASON_MAX_CHARS).collect(),
    })
}

fn duplicate(line: &Line, context: &Context) -> Result<Command, Problem> {
    let of = ticket_number(line, &["de ", "del ", "of "], context)?;
    Ok(Command::Duplicate { of })
}

/// The ticket that a line names, behind one of these small words or none: `GS-12`, `gs 12`, `12`.
pub(super) fn ticket_number(
    line: &Line,
    small: &[&str],
    context: &Context,
) -> Result<TicketId, Problem> {
    let argument = line.argument();
    let argument = small
        .iter()
        .find_map(|small| argument.strip_prefix(small))
        .unwrap_or(&argument);
    if argument.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let prefix = fold(context.prefix);
    let digits = argument
        .trim_start_matches(['#', '['])
        .trim_end_matches(']');
    let digits = digits.strip_prefix(&prefix).map_or(digits, |rest| {
        rest.trim_start_matches(['-', ' ', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2212}'])
    });
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    let number = digits.parse::<i64>().ok().filter(|n| is_number && *n > 0);
    number.map(TicketId).ok_or(Problem::BadArgument)
}
