//! What a story may say of a ticket: its attributes, clocks, contact plan, and what is due next,
//! all of it as `tickets show --json` has it.

use chrono::{DateTime, Utc};
use serde_json::Value;
use soported::domain::ticket::{ClosedAs, Kind, Priority, Status};

use super::cast::Cast;
use super::language::{Told, instant, is_ticket, minutes, same, written};

/// One thing said of a ticket.
#[derive(Debug)]
pub struct Attribute {
    /// In the story's words.
    words: String,
    /// Where it is in the document, with dots.
    place: &'static str,
    /// What stands there.
    wanted: Wanted,
}

#[derive(Debug)]
enum Wanted {
    /// This value.
    Just(Value),
    /// Nothing.
    Nothing,
    /// Something.
    Something,
    /// This instant.
    At(DateTime<Utc>),
    /// This many seconds, counted in whole minutes.
    Seconds(i64),
    /// Attempts that count, at these instants.
    Attempts(Vec<DateTime<Utc>>),
    /// A link of this kind to this ticket.
    Link(String, String),
}

/// Reads one clause about a ticket.
///
/// # Errors
/// What cannot be said of a ticket.
pub fn attribute(words: &[&str], cast: &Cast) -> Told<Attribute> {
    use Wanted::{At, Attempts, Just, Nothing, Seconds, Something};
    let at = |time: &str| instant(time).map(At);
    let spent = |time: &str| minutes(time).map(|minutes| Seconds(minutes * 60));
    let (place, wanted) = match words {
        ["closed", "as", how] => match ClosedAs::from_name(how) {
            Some(how) => ("closed_as", Just(how.name().into())),
            None => return Err(format!("a ticket is not closed as «{how}»")),
        },
        [word] if Status::from_name(word).is_some() => ("status", Just((*word).into())),
        [word] if Priority::from_name(word).is_some() => ("priority", Just((*word).into())),
        [word] if Kind::from_name(word).is_some() => ("kind", Just((*word).into())),
        ["level", level] => {
            let level: u8 = level.parse().map_err(|_| "a level is 1 to 4".to_owned())?;
            ("level", Just(level.into()))
        }
        ["official"] => ("official", Just(true.into())),
        ["not", "official"] => ("official", Just(false.into())),
        ["assigned", "to", whom] => {
            let whom = cast.player(whom)?.address.to_string();
            ("assignee", Just(whom.into()))
        }
        ["unassigned"] => ("assignee", Nothing),
        ["requested", "by", whom] => {
            let whom = cast.player(whom)?.address.to_string();
            ("requester", Just(whom.into()))
        }
        ["of", client] => ("client", Just((*client).into())),
        ["about", subject] => ("subject", Just((*subject).into())),
        [link, ticket] if is_ticket(ticket) => {
            let link = Wanted::Link((*link).to_owned(), (*ticket).to_owned());
            ("links", link)
        }
        ["opened", time] => ("opened_at", at(time)?),
        ["answer", "due", time] => ("response.limit_at", at(time)?),
        ["answer", "aimed", "at", time] => ("response.target_at", at(time)?),
        ["answered", time] => ("first_response_at", at(time)?),
        ["unanswered"] => ("first_response_at", Nothing),
        ["in", "time"] => ("response.breached", Just(false.into())),
        ["late"] => ("response.breached", Just(true.into())),
        ["waited", time] => ("response.elapsed_seconds", spent(time)?),
        ["solution", "running"] => ("solution.paused", Just(false.into())),
        ["solution", "paused"] => ("solution.paused", Just(true.into())),
        ["solution", "not", "started"] => ("solution.started_at", Nothing),
        ["solution", "started"] => ("solution.started_at", Something),
        ["solution", "since", time] => ("solution.started_at", at(time)?),
        ["solution", "due", "open"] => ("solution.due_at", Nothing),
        ["solution", "due", time] => ("solution.due_at", at(time)?),
        ["solution", "used", time] => ("solution.elapsed_seconds", spent(time)?),
        ["solution", "late"] => ("solution.breached", Just(true.into())),
        ["solution", "in", "time"] => ("solution.breached", Just(false.into())),
        ["budget", time] => ("budget.authorized_minutes", Just(minutes(time)?.into())),
        ["used", time] => ("budget.used_minutes", Just(minutes(time)?.into())),
        ["billable", time] => ("budget.billable_minutes", Just(minutes(time)?.into())),
        ["no", "attempts"] => ("contact.attempts", Attempts(Vec::new())),
        ["attempts", times @ ..] => {
            let times = times.iter().filter(|word| **word != "and");
            let times: Told<Vec<_>> = times.map(|time| instant(time)).collect();
            ("contact.attempts", Attempts(times?))
        }
        ["no", "next", "attempt"] => ("contact.next_at", Nothing),
        ["next", "attempt", time] => ("contact.next_at", at(time)?),
        ["no", "closing"] => ("contact.closes_at", Nothing),
        ["closes", time] => ("contact.closes_at", at(time)?),
        ["next", time] => ("next_action_at", at(time)?),
        _ => return Err(no_attribute(words)),
    };
    Ok(Attribute {
        words: words.join(" "),
        place,
        wanted,
    })
}

fn no_attribute(words: &[&str]) -> String {
    let names = |names: Vec<&str>| names.join(", ");
    format!(
        "«{}» is not said of a ticket; states are {}; kinds are {}; {}",
        words.join(" "),
        names(Status::ALL.iter().map(|s| s.name()).collect()),
        names(Kind::ALL.iter().map(|k| k.name()).collect()),
        super::language::forms("expect")
    )
}

impl Attribute {
    /// Whether it is so in a ticket's document.
    ///
    /// # Errors
    /// What is so instead.
    pub fn check(&self, ticket: &Value) -> Told<()> {
        let pointer = format!("/{}", self.place.replace('.', "/"));
        let Some(found) = ticket.pointer(&pointer) else {
            return Err(format!("a ticket has no {}", self.place));
        };
        let held = match &self.wanted {
            Wanted::Just(value) => found == value,
            Wanted::Nothing => found.is_null(),
            Wanted::Something => !found.is_null(),
            Wanted::At(at) => time(found).is_some_and(|found| same(*at, found)),
            Wanted::Seconds(seconds) => {
                let found = found.as_i64().map(|found| found.div_euclid(60));
                found == Some(seconds.div_euclid(60))
            }
            Wanted::Attempts(wanted) => {
                let counted = attempts(found);
                counted.len() == wanted.len()
                    && wanted.iter().zip(&counted).all(|(a, b)| same(*a, *b))
            }
            Wanted::Link(kind, ticket) => {
                let mut links = found.as_array().into_iter().flatten();
                links.any(|link| link["kind"] == **kind && link["number"] == **ticket)
            }
        };
        if held {
            Ok(())
        } else {
            Err(format!(
                "expected «{}», but {} is {}",
                self.words,
                self.place.replace('.', ": "),
                shown(self.place, found)
            ))
        }
    }
}

/// The instants of the attempts that count.
fn attempts(found: &Value) -> Vec<DateTime<Utc>> {
    let all = found.as_array().into_iter().flatten();
    all.filter(|attempt| attempt["counts"] != false)
        .filter_map(|attempt| time(&attempt["at"]))
        .collect()
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
    Some(at.with_timezone(&Utc))
}

/// A value of a document for people: instants in local time, seconds as minutes.
pub fn shown(place: &str, value: &Value) -> String {
    if let Some(at) = time(value) {
        return written(at);
    }
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) if place.ends_with("seconds") => {
            let minutes = number.as_i64().unwrap_or_default().div_euclid(60);
            length(minutes)
        }
        Value::Number(number) if place.ends_with("minutes") => {
            length(number.as_i64().unwrap_or_default())
        }
        Value::Array(all) if all.is_empty() => "none".to_owned(),
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(|one| shown(place, one)).collect();
            all.join(" · ")
        }
        Value::Object(map) => {
            let there = map.iter().filter(|(_, value)| !value.is_null());
            let all: Vec<String> = there
                .map(|(key, value)| format!("{} {}", called(key), shown(key, value)))
                .collect();
            all.join(", ")
        }
        other => other.to_string(),
    }
}

/// A key of a document for people: `elapsed_seconds` is called elapsed, `limit_at` limit.
pub fn called(key: &str) -> String {
    let bare = ["_at", "_seconds", "_minutes"]
        .iter()
        .find_map(|unit| key.strip_suffix(unit));
    bare.unwrap_or(key).replace('_', " ")
}

/// `1h30m`, as stories write it.
fn length(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes:02}m"),
    }
}
