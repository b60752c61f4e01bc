//! A ticket that a consultant registers for a client.
//!
//! ```text
//! #nuevo    { cliente=NOMBRE | autorizador=NOMBRE|CORREO } [#teléfono …]
//! #teléfono [a las] [HH:MM [h|am|pm]]
//! ```
//!
//! `:` serves for `=`, a name of several words may stand in quotes, and commas may part the two.
//! `#teléfono` stands in the line of `#nuevo` or in one of its own.

use chrono::NaiveTime;

use super::word::{Line, fold, is_letter, is_quote, plain};
use super::{Command, Problem};

/// Longest name or address, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Characters behind a `#` within which `teléfono` ends.
const LOOK_CHARS: usize = 24;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line) -> Option<Result<Command, Problem>> {
    Some(match word {
        "nuevo" => new(&line.rest),
        "telefono" => phone(&line.argument()),
        _ => return None,
    })
}

/// The commands that a line holds, each as a line: `#nuevo` may have `#teléfono` in its own.
/// Linear in the length of the line.
pub(super) fn pieces(line: &str) -> Vec<String> {
    let whole = plain(line);
    let is = |text: &str, word| Line::read(text).name.is_some_and(|name| name.word == word);
    let is_call = |at: &usize| {
        let rest = whole.get(*at..).unwrap_or_default();
        is(
            &rest.chars().take(LOOK_CHARS).collect::<String>(),
            "telefono",
        )
    };
    let mut marks = whole.match_indices('#').map(|(at, _)| at).skip(1);
    let call = is(&whole, "nuevo").then(|| marks.find(is_call)).flatten();
    let Some(at) = call else {
        return vec![line.to_owned()];
    };
    let (before, call) = whole.split_at(at);
    let end = key_after(call).unwrap_or(call.len());
    let (call, after) = call.split_at(end);
    vec![format!("{before}{after}"), call.to_owned()]
}

/// What is said of the new ticket's people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Client,
    Authorizer,
}

fn new(rest: &str) -> Result<Command, Problem> {
    let (mut client, mut authorizer) = (None, None);
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
    let mut rest = rest.trim_start_matches(is_between);
    while !rest.is_empty() {
        let (key, behind) = key(rest).ok_or(Problem::BadArgument)?;
        let (value, after) = value(behind)?;
        let place = match key {
            Key::Client => &mut client,
            Key::Authorizer => &mut authorizer,
        };
        if place.replace(value).is_some() {
            return Err(Problem::BadArgument);
        }
        rest = after.trim_start_matches(is_between);
    }
    Ok(Command::New { client, authorizer })
}

/// The key at the start of `text`, and what follows its `=`.
fn key(text: &str) -> Option<(Key, &str)> {
    let end = text.find(|c: char| !is_letter(c))?;
    let (word, rest) = text.split_at(end);
    let key = match fold(word).as_str() {
        "cliente" | "client" => Key::Client,
        "autorizador" | "autorizadora" | "authorizer" => Key::Authorizer,
        _ => return None,
    };
    let value = rest.trim_start().strip_prefix(['=', ':'])?;
    Some((key, value.trim_start()))
}

/// Where the next key begins.
fn key_after(text: &str) -> Option<usize> {
    let mut before = ' ';
    text.char_indices().find_map(|(at, c)| {
        let begins = !is_letter(before) && is_letter(c);
        before = c;
        (begins && key(text.get(at..)?).is_some()).then_some(at)
    })
}

/// The value at the start of `text`, and what follows it.
fn value(text: &str) -> Result<(String, &str), Problem> {
    let (value, after) = match text.strip_prefix(is_quote) {
        Some(inside) => inside.split_once(is_quote).ok_or(Problem::BadArgument)?,
        None => text.split_at(key_after(text).unwrap_or(text.len())),
    };
    // Some programs write an address twice: `maria@acme.example<mailto:maria@acme.example>`.
    let value = match value.split_once("<mailto:") {
        Some((shown, link)) if shown.trim().is_empty() => link,
        Some((shown, _)) => shown,
        None => value,
    };
    let is_around = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>');
    let value = value.trim_matches(is_around);
    if value.is_empty() {
        Err(Problem::NeedsArgument)
    } else if value.chars().count() > NAME_MAX_CHARS {
        Err(Problem::BadArgument)
    } else {
        Ok((value.to_owned(), after))
    }
}

/// The hour of the call, folded: `10:40`, `a las 16:05 h`, `4:05 pm`.
fn phone(argument: &str) -> Result<Command, Problem> {
    let text = ["a las ", "a la ", "at "]
        .iter()
        .find_map(|small| argument.strip_prefix(small))
        .unwrap_or(argument)
        .trim();
    if text.is_empty() {
        return Ok(Command::Phone { at: None });
    }
    let (hour, rest) = text.split_once(':').ok_or(Problem::BadArgument)?;
    let minute = rest.get(..2).ok_or(Problem::BadArgument)?;
    let half = rest.get(2..).unwrap_or_default().replace(['.', ' '], "");
    let number = |text: &str| {
        let is_number =
            !text.is_empty() && text.len() <= 2 && text.chars().all(|c| c.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| is_number)
    };
    let hour = number(hour).and_then(|hour| match half.as_str() {
        "" | "h" | "hs" | "hrs" | "horas" => Some(hour),
        "am" if (1..=12).contains(&hour) => Some(hour % 12),
        "pm" if (1..=12).contains(&hour) => Some(hour % 12 + 12),
        _ => None,
    });
    hour.zip(number(minute))
        .and_then(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0))
        .map(|at| Command::Phone { at: Some(at) })
        .ok_or(Problem::BadArgument)
}
