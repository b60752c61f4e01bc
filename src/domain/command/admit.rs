//! Who may ask, and which held mail comes in (policy.md §1).
//!
//! ```text
//! #autorizar  correo Nombre [cliente=CLIENTE]      also: Nombre <correo>
//! #revocar    correo
//! #liberar    N[, N | y N …] [cliente=CLIENTE]     N as in the list of held mail
//! #descartar  N[, N | y N …]
//! ```
//!
//! `cliente=` comes last: what follows it is the client's name to the end of the line.

use super::word::{Line, fold};
use super::{Command, Problem};
use crate::domain::address::Address;
use crate::domain::ids::HeldId;

/// Longest name of a person or client, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Most held mails one line may name; more are refused.
const NUMBERS_MAX: usize = 20;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line) -> Option<Result<Command, Problem>> {
    Some(match word {
        "autorizar" => authorize(line),
        "revocar" => revoke(line),
        "liberar" => release(line),
        "descartar" => discard(line),
        _ => return None,
    })
}

/// Whether one mail may hold several commands of this sort.
pub(super) fn repeats(command: &Command) -> bool {
    matches!(
        command,
        Command::Authorize { .. }
            | Command::Revoke { .. }
            | Command::Release { .. }
            | Command::Discard { .. }
    )
}

/// Whether two commands speak of one person, or of one held mail: only one can be meant.
pub(super) fn clash(one: &Command, other: &Command) -> bool {
    let shared = |numbers: &[HeldId]| numbers_of(other).iter().any(|n| numbers.contains(n));
    let person = person_of(one);
    person.is_some() && person == person_of(other) || shared(numbers_of(one))
}

fn person_of(command: &Command) -> Option<&Address> {
    match command {
        Command::Authorize { address, .. } | Command::Revoke { address } => Some(address),
        _ => None,
    }
}

fn numbers_of(command: &Command) -> &[HeldId] {
    match command {
        Command::Release { numbers, .. } | Command::Discard { numbers } => numbers,
        _ => &[],
    }
}

fn authorize(line: &Line) -> Result<Command, Problem> {
    let (rest, client) = split_client(&line.rest)?;
    let (address, name) = split_address(rest)?;
    if name.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    Ok(Command::Authorize {
        address,
        name: named(&name)?,
        client,
    })
}

fn revoke(line: &Line) -> Result<Command, Problem> {
    let (address, more) = split_address(&line.rest)?;
    if more.is_empty() {
        Ok(Command::Revoke { address })
    } else {
        Err(Problem::ExtraText)
    }
}

fn release(line: &Line) -> Result<Command, Problem> {
    let (rest, client) = split_client(&line.rest)?;
    let numbers = numbers(rest)?;
    Ok(Command::Release { numbers, client })
}

fn discard(line: &Line) -> Result<Command, Problem> {
    let numbers = numbers(&line.rest)?;
    Ok(Command::Discard { numbers })
}

/// What stands before `cliente=`, and the name behind it where it is there.
fn split_client(rest: &str) -> Result<(&str, Option<String>), Problem> {
    let begins = |key: &str| {
        rest.char_indices().find_map(|(at, _)| {
            let fits = rest.get(at..at + key.len())?.eq_ignore_ascii_case(key);
            let alone = rest
                .get(..at)?
                .chars()
                .next_back()
                .is_none_or(|c| c.is_whitespace() || c == ',');
            (fits && alone).then_some((at, at + key.len()))
        })
    };
    // Spaces around the sign are a slip that says the same.
    let Some((at, end)) = ["cliente", "client"].into_iter().find_map(begins) else {
        return Ok((rest, None));
    };
    let (before, behind) = (
        rest.get(..at).unwrap_or_default(),
        rest.get(end..).unwrap_or_default(),
    );
    match behind.trim_start().strip_prefix(['=', ':']) {
        Some(name) => {
            let name = name.trim().trim_end_matches(['.', ',', ';']);
            match unquoted(name) {
                "" => Err(Problem::NeedsArgument),
                name => Ok((before, Some(named(name)?))),
            }
        }
        // A person may be called so.
        None => Ok((rest, None)),
    }
}

/// The one address of a line, and all other words of it.
fn split_address(rest: &str) -> Result<(Address, String), Problem> {
    let mut address: Option<Address> = None;
    let mut words: Vec<&str> = Vec::new();
    for word in rest.split_whitespace() {
        if !word.contains('@') {
            words.push(word);
            continue;
        }
        let found = one_address(word).ok_or(Problem::BadArgument)?;
        if address.as_ref().is_some_and(|address| *address != found) {
            return Err(Problem::BadArgument);
        }
        address = Some(found);
    }
    let address = address.ok_or(Problem::NeedsArgument)?;
    let words = words.join(" ");
    let words = words.trim_matches([',', ';', '.', ':', '-', ' ']);
    Ok((address, unquoted(words).to_owned()))
}

/// `maria@acme.example`, in brackets, as a link, or as programs write links in plain text:
/// `maria@acme.example<mailto:maria@acme.example>`.
fn one_address(word: &str) -> Option<Address> {
    let mut pieces = word
        .split(['<', '>', '(', ')', '[', ']'])
        .map(|piece| piece.trim_matches([',', ';', '.', ':', '"', '\'']))
        .map(|piece| piece.strip_prefix("mailto:").unwrap_or(piece))
        .filter(|piece| !piece.is_empty());
    let first = Address::parse(pieces.next()?)?;
    let alike = |piece: &str| Address::parse(piece).as_ref() == Some(&first);
    pieces.all(alike).then_some(first)
}

/// Numbers with commas, blanks or an "y" between them; each once, in order.
fn numbers(rest: &str) -> Result<Vec<HeldId>, Problem> {
    let mut numbers: Vec<HeldId> = Vec::new();
    for word in rest.split([' ', '\t', '\u{a0}', ',', ';', '.']) {
        let word = word.trim_start_matches('#');
        if word.is_empty() || matches!(fold(word).as_str(), "y" | "e" | "and") {
            continue;
        }
        let digits = word.len() <= 18 && word.bytes().all(|b| b.is_ascii_digit());
        let number = word.parse().ok().filter(|n: &i64| digits && *n > 0);
        let number = HeldId(number.ok_or(Problem::BadArgument)?);
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    match numbers.len() {
        0 => Err(Problem::NeedsArgument),
        many if many > NUMBERS_MAX => Err(Problem::TooMany),
        _ => Ok(numbers),
    }
}

/// A name that can be one.
fn named(name: &str) -> Result<String, Problem> {
    let plain = !name.chars().any(|c| c.is_control() || "<>@=".contains(c));
    let good =
        plain && name.chars().any(char::is_alphanumeric) && name.chars().count() <= NAME_MAX_CHARS;
    if good {
        Ok(name.to_owned())
    } else {
        Err(Problem::BadArgument)
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || "\"'“”«»‘’".contains(c))
}
