//! Instants, lengths of time and days in the words of an explanation.

use chrono::{DateTime, Duration, NaiveDate, Utc, Weekday};
use chrono_tz::Tz;

use crate::domain::account::{ClosedDay, DaysCounted, Stretch};
use crate::domain::calendar::{Calendar, Closed};

/// Most days that are named one by one; of more, the first and the last are.
const DAYS_NAMED_MAX: usize = 10;

/// `Tue 2026-11-24 10:00`.
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone)
        .format("%a %Y-%m-%d %H:%M")
        .to_string()
}

/// The same; the time alone where the day is that of `from`.
pub(super) fn moment_after(from: DateTime<Utc>, at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    if local.date_naive() == from.with_timezone(&zone).date_naive() {
        local.format("%H:%M").to_string()
    } else {
        moment(at, zone)
    }
}

/// `8 h 30 min`, `30 min`; seconds are counted and not shown, except where there is nothing else.
pub(super) fn hours(time: Duration) -> String {
    let (hours, minutes, seconds) = (
        time.num_hours(),
        time.num_minutes() % 60,
        time.num_seconds(),
    );
    match (hours, minutes) {
        (0, 0) if seconds > 0 => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

/// `Fri 25 Dec`.
pub(super) fn day(date: NaiveDate) -> String {
    date.format("%a %-d %b").to_string()
}

/// Why a stretch does not count.
pub(super) fn closed(stretch: &Stretch, calendar: &Calendar) -> String {
    let first = calendar.local(stretch.from).date_naive();
    if stretch.closed.is_empty() {
        let night = calendar.local(stretch.to).date_naive() > first;
        let why = if night {
            "night"
        } else {
            "outside support hours"
        };
        return why.to_owned();
    }
    closed_days(&stretch.closed).join(", ")
}

/// Closed days: the weekends together, the others one by one.
pub(super) fn closed_days(days: &[ClosedDay]) -> Vec<String> {
    let weekend = |date: NaiveDate| {
        matches!(
            chrono::Datelike::weekday(&date),
            Weekday::Sat | Weekday::Sun
        )
    };
    let (ends, others): (Vec<&ClosedDay>, Vec<&ClosedDay>) = days
        .iter()
        .partition(|closed| closed.why == Closed::Weekday && weekend(closed.date));
    let mut words = Vec::new();
    if !ends.is_empty() {
        words.push("weekend".to_owned());
    }
    if others.len() > DAYS_NAMED_MAX {
        words.push(format!("{} closed days", others.len()));
        return words;
    }
    words.extend(others.iter().map(|closed| {
        let why = match closed.why {
            Closed::Weekday => "no hours",
            Closed::RestDay => "rest day",
            Closed::Named => "closed by the calendar",
        };
        format!("{} ({why})", day(closed.date))
    }));
    words
}

/// `5 business days after Wed 16 Dec: Thu 17 Dec, …; without weekend, Fri 25 Dec (rest day)`.
pub(super) fn count(count: &DaysCounted) -> String {
    let n = count.days.len();
    let mut words = format!("{n} business days after {}", day(count.base));
    let named: Vec<String> = match count.days.as_slice() {
        [first, .., last] if n > DAYS_NAMED_MAX => vec![day(*first), "…".to_owned(), day(*last)],
        days => days.iter().map(|date| day(*date)).collect(),
    };
    if !named.is_empty() {
        words.push_str(&format!(": {}", named.join(", ")));
    }
    if !count.skipped.is_empty() {
        words.push_str("; skipping ");
        words.push_str(&closed_days(&count.skipped).join(", "));
    }
    words
}

/// Support hours: `Mon-Fri 08:30-18:00`.
pub(super) fn week(calendar: &Calendar) -> String {
    const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let name = |weekday: u8| NAMES.get(usize::from(weekday)).copied().unwrap_or("");
    let groups: Vec<String> = calendar
        .hours_in_words_data()
        .iter()
        .map(|group| {
            let days = if group.first_weekday == group.last_weekday {
                name(group.first_weekday).to_owned()
            } else {
                format!("{}-{}", name(group.first_weekday), name(group.last_weekday))
            };
            format!("{days} {}-{}", group.from, group.to)
        })
        .collect();
    format!("{} {}", groups.join(", "), calendar.zone())
}
