//! Dates and times as an operator types them.

use anyhow::{Result, anyhow, bail};
use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

use crate::ports::{Clock, SystemClock};

/// Longest text read as a date or time, in bytes; a longer one is neither.
const TEXT_MAX_BYTES: usize = 64;

/// Years that are taken; what lies beyond is a slip of the finger, and no support.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// Times with an offset; the last two without seconds.
const WITH_OFFSET: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
];

/// Times on the wall of the service's zone.
const LOCAL: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A point in time.
    Instant(DateTime<Utc>),
    /// A date without a time.
    Date(NaiveDate),
}

/// Reads a date, or an instant; local ones are of `zone`.
///
/// # Errors
/// It is neither; or the wall of the zone never shows that time, or shows it twice.
pub(super) fn moment(text: &str, zone: Tz) -> Result<Moment> {
    let typed = text.trim();
    let found = if typed.len() > TEXT_MAX_BYTES {
        None
    } else if typed.eq_ignore_ascii_case("now") {
        Some(Moment::Instant(SystemClock.now()))
    } else if let Ok(date) = NaiveDate::parse_from_str(typed, "%Y-%m-%d") {
        Some(Moment::Date(date))
    } else if let Some(at) = first(&WITH_OFFSET, |form| {
        DateTime::parse_from_str(typed, form).ok()
    }) {
        Some(Moment::Instant(at.to_utc()))
    } else if let Some(wall) = first(&LOCAL, |form| {
        NaiveDateTime::parse_from_str(typed, form).ok()
    }) {
        Some(Moment::Instant(shown(wall, zone)?))
    } else {
        None
    };
    let found = found.ok_or_else(|| {
        anyhow!(
            "«{text}» is no date or time; write 2026-11-20, \"2026-11-20 17:45\" or \
             2026-11-20T17:45:00-06:00"
        )
    })?;
    let year = match found {
        Moment::Instant(at) => at.year(),
        Moment::Date(date) => date.year(),
    };
    if !YEARS.contains(&year) {
        bail!(
            "«{text}» is not between the years {} and {}",
            YEARS.start(),
            YEARS.end()
        );
    }
    Ok(found)
}

/// The same where an instant is wanted; a date is its first moment.
///
/// # Errors
/// Those of [`moment`].
pub(super) fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>> {
    match moment(text, zone)? {
        Moment::Instant(at) => Ok(at),
        Moment::Date(date) => beginning(date, zone),
    }
}

/// The first moment of a date; where the zone skips its midnight, the end of the gap.
fn beginning(date: NaiveDate, zone: Tz) -> Result<DateTime<Utc>> {
    let midnight = date.and_time(NaiveTime::MIN);
    let first = match zone.from_local_datetime(&midnight) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at),
        LocalResult::None => GapInfo::new(&midnight, &zone).and_then(|gap| gap.end),
    };
    let first = first.ok_or_else(|| anyhow!("{date} does not begin in {zone}"))?;
    Ok(first.to_utc())
}

/// The instant at which the wall of a zone shows a time.
fn shown(wall: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) => Ok(at.to_utc()),
        LocalResult::Ambiguous(one, other) => Err(anyhow!(
            "clocks in {zone} show {wall} twice; write {} or {}",
            one.to_rfc3339(),
            other.to_rfc3339()
        )),
        LocalResult::None => Err(anyhow!("clocks in {zone} never show {wall}: they skip it")),
    }
}

fn first<T>(forms: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
    forms.iter().find_map(|form| read(form))
}
