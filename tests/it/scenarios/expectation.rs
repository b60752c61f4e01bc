//! What a story may expect, understood but not yet looked at.

use soported::domain::effect::HeldCause;
use soported::domain::event::AlarmCause;

use super::attribute::{Attribute, attribute};
use super::cast::{Cast, Player};
use super::language::{Told, forms, instant, is_ticket};
use super::story::letter;
use chrono::{DateTime, Utc};

/// Something that must be so.
#[derive(Debug)]
pub enum Expectation {
    /// A ticket is such.
    Ticket(String, Vec<Attribute>),
    /// So many tickets exist.
    Tickets(usize),
    /// A letter left.
    Letter(Letter),
    /// No such letter left.
    NoLetter(Absent),
    /// An outgoing mail, left or not, is in this state.
    Queued {
        /// Which letter.
        kind: String,
        /// To whom.
        to: Player,
        /// Its state.
        state: String,
        /// When it is tried (again).
        until: Option<DateTime<Utc>>,
    },
    /// A held mail is such.
    Held(i64, Vec<HeldTrait>),
    /// No mail waits.
    NothingHeld,
    /// The last mail that a person wrote has these words said of it, on this ticket.
    Received(Player, Vec<String>, Option<String>),
    /// A decision says this.
    Why(String),
    /// The operator's last command said this.
    Output(String),
    /// These alarms are raised, and no other.
    Alarms(Vec<String>),
    /// Whether a person may ask for a client.
    MayAsk(Player, bool, String),
}

/// A letter that must have left.
#[derive(Debug)]
pub struct Letter {
    /// Its name.
    pub kind: String,
    /// To whom.
    pub to: Player,
    /// And besides.
    pub traits: Vec<LetterTrait>,
}

/// What a letter must be besides.
#[derive(Debug)]
pub enum LetterTrait {
    /// About this ticket.
    About(String),
    /// Its text holds this; blanks and folds do not count.
    Says(String),
    /// Its text does not hold this.
    Omits(String),
    /// A file of this name goes with it.
    Encloses(String),
    /// No file of this name does.
    Lacks(String),
    /// Its subject holds this.
    Subject(String),
    /// Its sender's name holds this.
    From(String),
    /// When it left.
    At(DateTime<Utc>),
}

/// Letters that must not have left since the last `at`.
#[derive(Debug, Default)]
pub struct Absent {
    /// Only those that no expectation named.
    pub other: bool,
    /// Only these.
    pub kind: Option<String>,
    /// Only those to him.
    pub to: Option<Player>,
    /// Only those about this ticket.
    pub ticket: Option<String>,
}

/// What is said of a held mail.
#[derive(Debug)]
pub enum HeldTrait {
    /// Why it is held.
    Cause(String),
    /// What became of it.
    State(String),
    /// Who wrote it.
    From(Player),
    /// Whose it seems to be.
    Client(String),
    /// What it points to.
    About(String),
}

/// Reads the clauses after `expect`.
///
/// # Errors
/// What is no form of it.
pub fn expected(clauses: &[Vec<String>], cast: &Cast) -> Told<Expectation> {
    let first: Vec<&str> = clauses[0].iter().map(String::as_str).collect();
    let more: Vec<Vec<&str>> = clauses[1..]
        .iter()
        .map(|clause| clause.iter().map(String::as_str).collect())
        .collect();
    let expectation = match first.as_slice() {
        [ticket, "is" | "has", words @ ..] if is_ticket(ticket) => {
            let all = std::iter::once(words).chain(more.iter().map(Vec::as_slice));
            let attributes: Told<Vec<Attribute>> =
                all.map(|words| attribute(words, cast)).collect();
            return Ok(Expectation::Ticket((*ticket).to_owned(), attributes?));
        }
        ["held", number, "is", word] => {
            let number = number.parse().map_err(|_| forms("expect"))?;
            let mut traits = vec![held_word(word)?];
            for clause in &more {
                traits.push(held_trait(clause, cast)?);
            }
            return Ok(Expectation::Held(number, traits));
        }
        [whose, "mail", "is", words @ ..] if whose.ends_with("'s") => {
            let who = cast.player(whose.trim_end_matches("'s"))?;
            return received(who, words, &more);
        }
        ["the", kind, "to", whom, "is", state] => {
            let until = match more.as_slice() {
                [] => None,
                [clause] => match clause.as_slice() {
                    ["until", time] => Some(instant(time)?),
                    _ => return Err(forms("expect")),
                },
                _ => return Err(forms("expect")),
            };
            return Ok(Expectation::Queued {
                kind: letter(kind)?,
                to: cast.player(whom)?,
                state: (*state).to_owned(),
                until,
            });
        }
        [kind, "to", whom] => {
            let traits: Told<Vec<LetterTrait>> =
                more.iter().map(|clause| letter_trait(clause)).collect();
            return Ok(Expectation::Letter(Letter {
                kind: letter(kind)?,
                to: cast.player(whom)?,
                traits: traits?,
            }));
        }
        ["no", "tickets"] => Expectation::Tickets(0),
        [count, "tickets" | "ticket"] => {
            Expectation::Tickets(count.parse().map_err(|_| forms("expect"))?)
        }
        ["nothing", "held"] => Expectation::NothingHeld,
        ["why", words] => Expectation::Why((*words).to_owned()),
        ["output", "says", words] => Expectation::Output((*words).to_owned()),
        ["no", "alarm"] => Expectation::Alarms(Vec::new()),
        ["alarm", causes @ ..] => Expectation::Alarms(alarms(causes)?),
        [who, "may", "ask", "for", client] => {
            Expectation::MayAsk(cast.player(who)?, true, (*client).to_owned())
        }
        [who, "may", "not", "ask", "for", client] => {
            Expectation::MayAsk(cast.player(who)?, false, (*client).to_owned())
        }
        ["no", words @ ..] => Expectation::NoLetter(absent(words, cast)?),
        _ => return Err(forms("expect")),
    };
    if more.is_empty() {
        Ok(expectation)
    } else {
        Err(forms("expect"))
    }
}

fn letter_trait(clause: &[&str]) -> Told<LetterTrait> {
    Ok(match clause {
        ["about", ticket] if is_ticket(ticket) => LetterTrait::About((*ticket).to_owned()),
        ["says", words] => LetterTrait::Says((*words).to_owned()),
        ["omits", words] => LetterTrait::Omits((*words).to_owned()),
        ["with", "file", name] => LetterTrait::Encloses((*name).to_owned()),
        ["without", "file", name] => LetterTrait::Lacks((*name).to_owned()),
        ["subject", words] => LetterTrait::Subject((*words).to_owned()),
        ["from", words] => LetterTrait::From((*words).to_owned()),
        ["at", time] => LetterTrait::At(instant(time)?),
        _ => return Err(forms("expect")),
    })
}

/// `[other] mail|KIND [to PERSON] [about GS-1]`.
fn absent(words: &[&str], cast: &Cast) -> Told<Absent> {
    let mut absent = Absent::default();
    let mut words = words;
    if let ["other", rest @ ..] = words {
        absent.other = true;
        words = rest;
    }
    match words {
        ["mail", rest @ ..] => words = rest,
        [kind, rest @ ..] => {
            absent.kind = Some(letter(kind)?);
            words = rest;
        }
        [] => return Err(forms("expect")),
    }
    if let ["to", whom, rest @ ..] = words {
        absent.to = Some(cast.player(whom)?);
        words = rest;
    }
    if let ["about", ticket, rest @ ..] = words {
        absent.ticket = Some((*ticket).to_owned());
        words = rest;
    }
    if words.is_empty() {
        Ok(absent)
    } else {
        Err(forms("expect"))
    }
}

fn held_word(word: &str) -> Told<HeldTrait> {
    if HeldCause::from_name(word).is_some() {
        return Ok(HeldTrait::Cause(word.to_owned()));
    }
    match word {
        "waiting" | "released" | "discarded" | "expired" => Ok(HeldTrait::State(word.to_owned())),
        _ => {
            let names: Vec<&str> = HeldCause::ALL.iter().map(|cause| cause.name()).collect();
            Err(format!(
                "«{word}» is neither waiting, released, discarded, expired nor a cause: {}",
                names.join(", ")
            ))
        }
    }
}

fn held_trait(clause: &[&str], cast: &Cast) -> Told<HeldTrait> {
    Ok(match clause {
        ["from", whom] => HeldTrait::From(cast.player(whom)?),
        ["of", client] => HeldTrait::Client((*client).to_owned()),
        ["about", ticket] if is_ticket(ticket) => HeldTrait::About((*ticket).to_owned()),
        [word] => held_word(word)?,
        _ => return Err(forms("expect")),
    })
}

/// `filed on GS-1, public`: each word must be said of the mail.
fn received(who: Player, first: &[&str], more: &[Vec<&str>]) -> Told<Expectation> {
    let mut words = Vec::new();
    let mut ticket = None;
    for clause in std::iter::once(first).chain(more.iter().map(Vec::as_slice)) {
        match clause {
            [word] => words.push((*word).to_owned()),
            [word, "on", on] if is_ticket(on) => {
                words.push((*word).to_owned());
                ticket = Some((*on).to_owned());
            }
            _ => return Err(forms("expect")),
        }
    }
    Ok(Expectation::Received(who, words, ticket))
}

fn alarms(words: &[&str]) -> Told<Vec<String>> {
    let known = |word: &&&str| AlarmCause::ALL.iter().any(|cause| cause.name() == **word);
    if let Some(word) = words.iter().find(|word| **word != "and" && !known(word)) {
        let names: Vec<&str> = AlarmCause::ALL.iter().map(|cause| cause.name()).collect();
        return Err(format!("no alarm is called «{word}»: {}", names.join(", ")));
    }
    let words = words.iter().filter(|word| **word != "and");
    Ok(words.map(|word| (*word).to_owned()).collect())
}
