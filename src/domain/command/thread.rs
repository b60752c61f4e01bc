//! Who takes part in a thread, and what belongs into it.
//!
//! ```text
//! #cc      [+|-] PERSON …       none stands for `+`, except behind a `-`
//! PERSON   = address | [name] "<" address ">"
//! #unir    [a|con] GS-n
//! #separar
//! ```

use super::state::ticket_number;
use super::word::{Line, is_quote};
use super::{Command, Context, Problem};
use crate::domain::address::{Address, Person};

/// Most people named in one line; more are for another mail.
const PEOPLE_MAX: usize = 20;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line, context: &Context) -> Option<Result<Command, Problem>> {
    Some(match word {
        "cc" => people(&line.rest),
        "unir" => merge(line, context),
        "separar" if line.argument().is_empty() => Ok(Command::Split),
        "separar" => Err(Problem::ExtraText),
        _ => return None,
    })
}

fn merge(line: &Line, context: &Context) -> Result<Command, Problem> {
    let into = ticket_number(
        line,
        &["a ", "al ", "con ", "en ", "into ", "with "],
        context,
    )?;
    Ok(Command::Merge { into })
}

/// What was read of a line of people so far.
#[derive(Debug, Default)]
struct People {
    add: Vec<Person>,
    remove: Vec<Address>,
    /// The sign that the next person has.
    sign: Option<Sign>,
    /// The words of the next person's name.
    name: Vec<String>,
    /// The last one named, with an address that stood without angle brackets.
    bare: Option<Address>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
}

fn people(text: &str) -> Result<Command, Problem> {
    if text.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let spaced = text.replace('<', " <").replace('>', "> ");
    let mut people = People::default();
    for token in spaced.split([' ', ',', ';', '\t']) {
        people.take(token)?;
        if people.add.len() + people.remove.len() > PEOPLE_MAX {
            return Err(Problem::TooMany);
        }
    }
    let People {
        add,
        remove,
        sign,
        name,
        bare: _,
    } = people;
    let both = add.iter().any(|person| remove.contains(&person.address));
    if both || sign.is_some() || !name.is_empty() {
        Err(Problem::BadArgument)
    } else if add.is_empty() && remove.is_empty() {
        Err(Problem::NeedsArgument)
    } else {
        Ok(Command::Cc { add, remove })
    }
}

impl People {
    fn take(&mut self, token: &str) -> Result<(), Problem> {
        let (sign, rest) = signed(token);
        if let Some(sign) = sign {
            if self.sign.is_some() || !self.name.is_empty() {
                return Err(Problem::BadArgument);
            }
            self.sign = Some(sign);
        }
        let rest = rest.trim_matches(|c| is_quote(c) || matches!(c, '.' | ':'));
        if rest.is_empty() {
            return Ok(());
        }
        if let Some(inner) = rest.strip_prefix('<') {
            let inner = inner.strip_suffix('>').ok_or(Problem::BadArgument)?;
            let address = read_address(inner)?;
            // `eva@acme.example<mailto:eva@acme.example>`: how Outlook writes a link as text.
            let is_echo = self.sign.is_none() && self.name.is_empty();
            if is_echo && self.bare.as_ref() == Some(&address) {
                return Ok(());
            }
            self.name(address)
        } else if rest.contains('@') {
            if !self.name.is_empty() {
                return Err(Problem::BadArgument);
            }
            let address = read_address(rest)?;
            self.name(address.clone())?;
            self.bare = Some(address);
            Ok(())
        } else {
            self.name.push(rest.to_owned());
            Ok(())
        }
    }

    fn name(&mut self, address: Address) -> Result<(), Problem> {
        let words = std::mem::take(&mut self.name).join(" ");
        self.bare = None;
        match self.sign.take() {
            // `-pedro@… eva@…` may mean either.
            None if !self.remove.is_empty() => return Err(Problem::BadArgument),
            None | Some(Sign::Plus) => {
                if self.add.iter().all(|known| known.address != address) {
                    self.add.push(Person::new(address, &words));
                }
            }
            Some(Sign::Minus) => {
                if !self.remove.contains(&address) {
                    self.remove.push(address);
                }
            }
        }
        Ok(())
    }
}

/// A sign before a token; phones write a dash of their own.
fn signed(token: &str) -> (Option<Sign>, &str) {
    if let Some(rest) = token.strip_prefix('+') {
        (Some(Sign::Plus), rest)
    } else if let Some(rest) = token.strip_prefix([
        '-', '\u{2010}', '\u{2011}', '\u{2013}', '\u{2014}', '\u{2212}',
    ]) {
        (Some(Sign::Minus), rest)
    } else {
        (None, token)
    }
}

fn read_address(text: &str) -> Result<Address, Problem> {
    let plain = text.strip_prefix("mailto:").unwrap_or(text);
    Address::parse(plain).ok_or(Problem::BadArgument)
}
