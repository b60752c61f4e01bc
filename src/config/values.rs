//! The small notations of the configuration files: durations, sizes, dates, hours, hosts.

use std::net::IpAddr;

use chrono::NaiveDate;
use toml::Table;

use super::Problem;
use crate::domain::address::is_domain;
use crate::domain::calendar::Interval;

/// Seconds in a minute, an hour, a day.
pub(super) const MINUTE: u64 = 60;
pub(super) const HOUR: u64 = 60 * MINUTE;
pub(super) const DAY: u64 = 24 * HOUR;

/// Longest text read as a duration or size, in bytes; a longer one is neither.
const NOTATION_MAX_BYTES: usize = 32;

/// Longest key compared with the known ones, in characters; a longer one gets no suggestion.
const SUGGESTION_MAX_CHARS: usize = 64;

/// Units of a duration, longest first, as they must stand in it.
const DURATION_UNITS: [(char, u64); 4] = [('d', DAY), ('h', HOUR), ('m', MINUTE), ('s', 1)];

/// Units of a size; decimal and binary.
const SIZE_UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// The TOML table of a text; a syntax error is one problem with line and column, counted from 1.
pub(super) fn table(text: &str) -> Result<Table, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(text.len(), |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Problem {
            key: format!("line {line}, column {column}"),
            what: format!("not TOML ({})", error.message().trim().replace('\n', ", ")),
            cure: "correct this line".to_owned(),
        }
    })
}

/// Seconds of `90s`, `9m`, `1h30m`, `5d`; units at most once each and longest first, a day is
/// always 24 hours.
pub(super) fn duration(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut units = DURATION_UNITS.iter();
    let mut seconds = 0u64;
    if rest.is_empty() || rest.len() > NOTATION_MAX_BYTES {
        return None;
    }
    // Ends: every round takes at least a unit from `rest`.
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        let unit = rest.get(digits..)?.chars().next()?;
        let (_, worth) = units.find(|(name, _)| *name == unit)?;
        seconds = seconds.checked_add(number.checked_mul(*worth)?)?;
        rest = rest.get(digits + unit.len_utf8()..)?;
    }
    Some(seconds)
}

/// The notation that [`duration`] reads back as `seconds`.
pub(super) fn duration_text(seconds: u64) -> String {
    if seconds == 0 {
        return "0s".to_owned();
    }
    let mut text = String::new();
    let mut rest = seconds;
    for (unit, worth) in DURATION_UNITS {
        if rest >= worth {
            text.push_str(&format!("{}{unit}", rest / worth));
            rest %= worth;
        }
    }
    text
}

/// Bytes of `35MiB`, `10MB`, `1048576`.
pub(super) fn size(text: &str) -> Option<u64> {
    if text.len() > NOTATION_MAX_BYTES {
        return None;
    }
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text.get(..digits)?.parse().ok()?;
    let unit = text.get(digits..)?.trim();
    let (_, worth) = SIZE_UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*worth)
}

/// The notation that [`size`] reads back as `bytes`.
pub(super) fn size_text(bytes: u64) -> String {
    let binary = ["GiB", "MiB", "KiB"];
    SIZE_UNITS
        .iter()
        .rev()
        .filter(|(name, _)| binary.contains(name))
        .find(|(_, worth)| bytes >= *worth && bytes.is_multiple_of(*worth))
        .map_or_else(
            || bytes.to_string(),
            |(name, worth)| format!("{}{name}", bytes / worth),
        )
}

/// A date written `2026-12-24`, in full.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    // chrono alone would also take `2026-1-1`; one notation is easier to compare.
    (text.len() == "2026-12-24".len())
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

/// Why a text is not a pair of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HoursError {
    /// Not of the form `08:30-18:00`.
    Form,
    /// The end is not after the beginning.
    Reversed,
    /// It begins at 24:00 or later, or lasts longer than a day.
    Long,
}

/// Hours written `08:30-18:00`. `24:00` is the end of the day; hours past midnight are counted
/// on (`22:00-30:00` ends at six in the morning), so that a reversed pair is always a mistake.
pub(super) fn hours(text: &str) -> Result<Interval, HoursError> {
    let (from, to) = text.split_once('-').ok_or(HoursError::Form)?;
    let from = wall_time(from.trim()).ok_or(HoursError::Form)?;
    let to = wall_time(to.trim()).ok_or(HoursError::Form)?;
    let day = u32::try_from(DAY).unwrap_or(u32::MAX);
    if to <= from {
        Err(HoursError::Reversed)
    } else if from >= day || to - from > day {
        Err(HoursError::Long)
    } else {
        Ok(Interval { from, to })
    }
}

/// Seconds after midnight of `8:30`, `08:30`, up to `48:00`.
fn wall_time(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        (lengths.contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let (hour, minute) = (digits(hour, 1..=2)?, digits(minute, 2..=2)?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= 48 * 60).then_some(minutes * 60)
}

/// Whether `text` is a host name or an IP address, without scheme, port or brackets.
pub(super) fn is_host(text: &str) -> bool {
    // A single label, such as `localhost` or a name of the local network, becomes a domain of two.
    text.parse::<IpAddr>().is_ok() || is_domain(&format!("{text}.x"))
}

/// Whether mail to `host` stays on this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The known name that `written` most likely means; none where nothing is near.
pub(super) fn nearest<'a>(written: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = written.chars().count();
    if length > SUGGESTION_MAX_CHARS {
        return None;
    }
    known
        .iter()
        .map(|name| {
            (
                distance(&written.to_lowercase(), &name.to_lowercase()),
                *name,
            )
        })
        .min()
        .filter(|(distance, name)| *distance <= 1 + length.min(name.len()) / 4)
        .map(|(_, name)| name)
}

/// Edits (insert, delete, replace a character) from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for ((to, corner), above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or(0);
            let replace = corner + usize::from(from != *to);
            next.push(replace.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// `"a", "b" or "c"`.
pub(super) fn alternatives(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
