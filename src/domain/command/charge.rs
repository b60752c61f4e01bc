//! What is charged, and what the client is asked for.
//!
//! ```text
//! #tiempo          DURACIÓN [texto]
//! #sesion          INICIO-FIN [FECHA] [xN | nombre, nombre… | con nombre…]
//! #presupuesto     [+]DURACIÓN motivo
//! #fuera-de-horario FECHA INICIO-FIN
//! #revertir        L-n[, L-n…] motivo
//!
//! DURACIÓN = 15 | 15m | 1h | 1h30 | 1:30 | 1.5h | 1,5h         minutes where no unit is named
//! INICIO   = 9 | 9:30 | 9:30 am; FIN likewise, on the next day where it is not later
//! ```
//!
//! What is longer than twelve hours needs a `!`: nearly always a digit is wrong (policy.md §9).

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveTime};
use regex::Regex;

use super::date;
use super::word::{Line, fold, strip_word};
use super::{Command, Context, Problem, SessionPeople};
use crate::domain::ids::ChargeId;

/// Longest time without a `!`, in minutes.
const LONG_MINUTES: i64 = 12 * 60;

/// Longest time at all, in minutes: four weeks of work.
const MINUTES_MAX: i64 = 160 * 60;

/// Longest note or reason, in characters.
const NOTE_MAX_CHARS: usize = 500;

/// Most consultants in a session.
const PEOPLE_MAX: u32 = 20;

/// Most lines taken back by one command.
const REVERSED_MAX: usize = 20;

/// Reads a line of this family; none where the word is another's.
pub(super) fn read(word: &str, line: &Line, context: &Context) -> Option<Result<Command, Problem>> {
    Some(match word {
        "tiempo" => work(line),
        "sesion" => session(line, context),
        "presupuesto" => budget(line),
        "fuera-de-horario" => window(line, context),
        "revertir" => reverse(line),
        _ => return None,
    })
}

/// Whether a mail may hold several such commands, which do not contradict each other.
pub(super) fn repeats(command: &Command) -> bool {
    matches!(
        command,
        Command::Work { .. } | Command::Session { .. } | Command::Reverse { .. }
    )
}

fn work(line: &Line) -> Result<Command, Problem> {
    let (minutes, rest) = leading_duration(&line.rest)?;
    Ok(Command::Work {
        minutes,
        note: note(rest),
    })
}

fn budget(line: &Line) -> Result<Command, Problem> {
    let (minutes, rest) = leading_duration(line.rest.trim_start_matches('+').trim_start())?;
    let reason = note(rest);
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(Problem::NeedsReason);
    }
    Ok(Command::Budget { minutes, reason })
}

fn reverse(line: &Line) -> Result<Command, Problem> {
    let mut rest = line.rest.as_str();
    let mut lines = Vec::new();
    while let Some((number, after)) = line_number(rest) {
        if !lines.contains(&number) {
            lines.push(number);
        }
        rest = after.trim_start_matches([',', ' ', ';']);
        rest = strip_word(rest, "y")
            .filter(|after| line_number(after.trim_start()).is_some())
            .map_or(rest, str::trim_start);
    }
    if line.rest.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    if lines.is_empty() || lines.len() > REVERSED_MAX {
        return Err(Problem::BadArgument);
    }
    let reason = note(rest);
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(Problem::NeedsReason);
    }
    Ok(Command::Reverse { lines, reason })
}

/// `L-12` at the beginning of `text`, and what follows.
fn line_number(text: &str) -> Option<(ChargeId, &str)> {
    let rest = text.strip_prefix(['L', 'l'])?;
    let rest = rest.strip_prefix(['-', '‐', '‑', '–']).unwrap_or(rest);
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, after) = rest.split_at(end);
    let number = digits.parse().ok().filter(|number: &i64| *number > 0)?;
    let ends = after.chars().next().is_none_or(|c| !c.is_alphanumeric());
    ends.then_some((ChargeId(number), after))
}

fn note(text: &str) -> String {
    let text = text.trim().trim_start_matches([':', ',', '.', '-']).trim();
    text.chars().take(NOTE_MAX_CHARS).collect()
}

/// A duration at the beginning of `text`, in minutes, and what follows it.
fn leading_duration(text: &str) -> Result<(i64, &str), Problem> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^(?:
              (?P<clock_h>\d{1,3}):(?P<clock_m>[0-5]\d)(?:\s*(?:h|hrs?|horas?)\b)?
            | (?P<part>\d{1,3}[.,]\d{1,2})\s*(?:h|hrs?|horas?|hours?)\b
            | (?P<h>\d{1,3})\s*(?:hrs?|horas?|hours?|h)(?:
                (?P<hm>[0-5]\d)(?:\s*(?:mins?|minutos?|m))?
              | \s*(?:y\s+)?(?P<hm_said>[0-5]?\d)\s*(?:mins?|minutos?|m)
              )?\b
            | (?P<m>\d{1,4})(?:\s*(?:mins?|minutos?|minutes?|m))?\b
            )\.?(?P<sure>\s*!)?",
        )
        .ok()
    });
    if text.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let form = FORM.as_ref().ok_or(Problem::BadDuration)?;
    let found = form.captures(text).ok_or(Problem::BadDuration)?;
    let number = |name: &str| -> Option<i64> { found.name(name)?.as_str().parse().ok() };
    let minutes = if let Some(hours) = number("clock_h") {
        hours * 60 + number("clock_m").unwrap_or(0)
    } else if let Some(part) = found.name("part") {
        hundredths(part.as_str()).ok_or(Problem::BadDuration)?
    } else if let Some(hours) = number("h") {
        hours * 60 + number("hm").or(number("hm_said")).unwrap_or(0)
    } else {
        number("m").ok_or(Problem::BadDuration)?
    };
    let end = found.get(0).map_or(0, |whole| whole.end());
    let rest = text.get(end..).unwrap_or_default();
    // `45%`, `1/2`, `2-3`, `12x`: no duration.
    let mut ahead = rest.chars();
    let goes_on = match ahead.next() {
        Some('-' | ':' | '.' | ',') => ahead.next().is_some_and(char::is_alphanumeric),
        Some(next) => next.is_alphanumeric() || matches!(next, '%' | '/'),
        None => false,
    };
    if goes_on {
        return Err(Problem::BadDuration);
    }
    within_reason(minutes, found.name("sure").is_some())?;
    Ok((minutes, rest))
}

/// `1.5` hours in minutes, rounded up to a whole one: a started minute counts (policy.md §7).
fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ','])?;
    let hundredths: i64 = format!("{part:0<2}").parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    Some(whole * 60 + (hundredths * 60 + 99) / 100)
}

/// Policy §9: more than twelve hours only on purpose.
fn within_reason(minutes: i64, sure: bool) -> Result<(), Problem> {
    match minutes {
        ..=0 => Err(Problem::BadDuration),
        1..=LONG_MINUTES => Ok(()),
        _ if minutes > MINUTES_MAX => Err(Problem::BadDuration),
        _ if sure => Ok(()),
        _ => Err(Problem::LongDuration),
    }
}

/// A local interval: where it ends is on the next day where that is not later.
struct Interval<'a> {
    from: NaiveTime,
    to: NaiveTime,
    before: &'a str,
    after: &'a str,
}

/// The interval in `text`, and what stands around it.
fn interval(text: &str) -> Result<Interval<'_>, Problem> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)(?:\bde\s+)?\b
            (?P<fh>\d{1,2})(?:[:.](?P<fm>[0-5]\d))?(?:\s*(?P<fx>[ap]\.?\s?m\.?|h(?:rs?)?\.?))?
            \s*(?:-|‐|‑|–|—|\ba\s+las\b|\ba\b|\bhasta\b|\bto\b)\s*
            (?P<th>\d{1,2})(?:[:.](?P<tm>[0-5]\d))?(?:\s*(?P<tx>[ap]\.?\s?m\.?|h(?:rs?)?\.?))?
            (?P<sure>\s*!)?",
        )
        .ok()
    });
    if text.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let form = FORM.as_ref().ok_or(Problem::BadInterval)?;
    let found = form.captures(text).ok_or(Problem::BadInterval)?;
    let clock = |hour: &str, minute: &str, half: &str| {
        let part = |name: &str| found.name(name).map(|part| part.as_str());
        clock(part(hour)?, part(minute), part(half))
    };
    let from = clock("fh", "fm", "fx").ok_or(Problem::BadInterval)?;
    let to = clock("th", "tm", "tx").ok_or(Problem::BadInterval)?;
    let minutes = match (to - from).num_minutes() {
        minutes if minutes > 0 => minutes,
        0 => return Err(Problem::BadInterval),
        minutes => minutes + 24 * 60,
    };
    within_reason(minutes, found.name("sure").is_some())?;
    let whole = found.get(0).map_or(0..0, |whole| whole.range());
    let after = text.get(whole.end..).unwrap_or_default();
    if after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, ':' | '-' | '/')) {
        return Err(Problem::BadInterval);
    }
    Ok(Interval {
        from,
        to,
        before: text.get(..whole.start).unwrap_or_default().trim(),
        after: after.trim(),
    })
}

fn clock(hour: &str, minute: Option<&str>, half: Option<&str>) -> Option<NaiveTime> {
    let hour: u32 = hour.parse().ok()?;
    let minute: u32 = minute.map_or(Some(0), |minute| minute.parse().ok())?;
    let half = half.map(|half| half.to_lowercase()).unwrap_or_default();
    let hour = match (half.starts_with('a'), half.starts_with('p')) {
        (true, _) if hour == 12 => 0,
        (_, true) if hour < 12 => hour + 12,
        (true, _) | (_, true) if hour > 12 => return None,
        _ => hour,
    };
    // The end of a day may be written so.
    let hour = if (hour, minute) == (24, 0) { 0 } else { hour };
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// A date somewhere in `text`, and the text without it.
fn dated(text: &str) -> (Option<String>, String) {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)(?:\b(?:el|del)\s+)?(?:
              \b\d{4}-\d{1,2}-\d{1,2}\b
            | \b\d{1,2}/\d{1,2}(?:/(?:\d{4}|\d{2}))?\b
            | \b\d{1,2}\s+de\s+[a-z]{3,10}(?:\s+(?:de|del)\s+\d{4})?\b
            | \b\d{1,2}[\s-](?:ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)[a-z]*
              (?:[\s-]\d{4})?\b
            )",
        )
        .ok()
    });
    let found = FORM.as_ref().and_then(|form| form.find(text));
    found.map_or((None, text.to_owned()), |date| {
        let around = [text.get(..date.start()), text.get(date.end()..)];
        let rest: Vec<&str> = around.into_iter().flatten().map(str::trim).collect();
        (Some(fold(date.as_str())), rest.join(" ").trim().to_owned())
    })
}

fn session(line: &Line, context: &Context) -> Result<Command, Problem> {
    let (day, rest) = dated(&line.rest);
    let day = match day {
        Some(day) => Some(date::read_past(&day, context.today)?),
        None => None,
    };
    let interval = interval(&rest)?;
    if !interval.before.is_empty() {
        return Err(Problem::BadInterval);
    }
    let people = people(interval.after)?;
    Ok(Command::Session {
        from: interval.from,
        to: interval.to,
        day,
        people,
    })
}

/// `x2`, `2 consultores`, names, or nobody besides who writes.
fn people(text: &str) -> Result<SessionPeople, Problem> {
    let text = text.trim().trim_start_matches([',', ';', ':']).trim();
    let text = text.trim_end_matches(['.', ',', ';']);
    if text.is_empty() {
        return Ok(SessionPeople::Count(1));
    }
    static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:[x×*]\s*(\d{1,3})|(\d{1,3})\s*(?:x|consultor(?:es|as|a)?|personas?))$")
            .ok()
    });
    let counted = COUNT.as_ref().and_then(|form| form.captures(text));
    if let Some(found) = counted {
        let digits = found
            .get(1)
            .or(found.get(2))
            .map_or("", |part| part.as_str());
        let count: u32 = digits.parse().map_err(|_| Problem::BadArgument)?;
        let may = (1..=PEOPLE_MAX).contains(&count);
        return if may {
            Ok(SessionPeople::Count(count))
        } else {
            Err(Problem::BadArgument)
        };
    }
    let (with_me, names) = match strip_word(text, "con").or_else(|| strip_word(text, "with")) {
        Some(names) => (true, names),
        None => (false, text),
    };
    let names = split_names(names);
    let sound = |name: &String| {
        name.chars().any(char::is_alphabetic) && !name.chars().any(|c| matches!(c, ':' | '#'))
    };
    let enough = usize::try_from(PEOPLE_MAX).unwrap_or(usize::MAX);
    if names.is_empty() || names.len() > enough || !names.iter().all(sound) {
        return Err(Problem::BadArgument);
    }
    Ok(SessionPeople::Named { names, with_me })
}

fn split_names(text: &str) -> Vec<String> {
    let spaced = text.replace([',', ';', '&', '+', '/'], " , ");
    let mut names = vec![Vec::new()];
    for word in spaced.split_whitespace() {
        match word {
            "," | "y" | "e" | "Y" | "and" => names.push(Vec::new()),
            word => {
                if let Some(last) = names.last_mut() {
                    last.push(word);
                }
            }
        }
    }
    let names = names.into_iter().map(|words| words.join(" "));
    names.filter(|name| !name.is_empty()).collect()
}

fn window(line: &Line, context: &Context) -> Result<Command, Problem> {
    let (day, rest) = dated(&line.rest);
    if line.rest.is_empty() {
        return Err(Problem::NeedsArgument);
    }
    let day: NaiveDate = date::read(&day.ok_or(Problem::BadDate)?, context.today)?;
    let interval = interval(&rest)?;
    if !(interval.before.is_empty() && interval.after.trim_end_matches('.').is_empty()) {
        return Err(Problem::BadInterval);
    }
    Ok(Command::Window {
        day,
        from: interval.from,
        to: interval.to,
    })
}
