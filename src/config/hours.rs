//! `[calendar]`: support hours (policy.md §7), of the house and, in `clients.toml`, of a client.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use toml::Value;

use super::reader::{Reader, quoted};
use super::values::{self, HoursError};
use crate::domain::calendar::{Calendar, CalendarSpec, Interval, RestDays};

/// Most intervals in one day; more are a problem.
const INTERVALS_MAX: usize = 24;

/// The keys of `weekly`, in the order of a calendar's week.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const DATE_CURE: &str = "write \"2026-12-31\" = [\"08:30-14:00\"]";

/// Reads a `[calendar]` section. Without `weekly` the house's own hours hold; with it, a day not
/// named is closed.
pub(super) fn calendar(mut reader: Reader<'_>, zone: Tz) -> Option<Calendar> {
    let mut spec = CalendarSpec::mexican_office(zone);
    let mut weekly = reader.section("weekly");
    let is_weekly_written = weekly.is_written();
    let mut is_empty = true;
    let days = WEEKDAYS.map(|day| {
        let texts = weekly.texts(day, "[\"08:30-18:00\"]");
        is_empty &= texts.is_empty();
        let key = weekly.full_key(day);
        intervals(&weekly, &key, &texts)
    });
    let never_opens = is_weekly_written && days.iter().all(Vec::is_empty);
    if is_weekly_written {
        // Where hours were written and were all wrong, that has been said already.
        if never_opens && is_empty {
            // Nothing would ever be due.
            reader.problem(
                "weekly",
                "the calendar never opens",
                "write hours for a day, such as mon = [\"08:30-18:00\"]",
            );
        }
        spec.weekly = days;
    }
    weekly.finish();
    let rest_days = [("mexico", RestDays::Mexico), ("none", RestDays::None)];
    if let Some(rest_days) = reader.choice("rest_days", &rest_days) {
        spec.rest_days = rest_days;
    }
    spec.extra_closed = reader
        .dates("extra_closed")
        .into_iter()
        .map(|(_, date)| date)
        .collect();
    spec.overrides = dated_hours(&mut reader, "overrides");
    spec.breaks = dated_hours(&mut reader, "breaks");
    for date in spec.overrides.keys() {
        if spec.extra_closed.contains(date) {
            reader.problem(
                "overrides",
                format!("{date} is also in extra_closed, which closes it all day"),
                "keep the date in one of the two",
            );
        }
    }
    let calendar = Calendar::new(spec);
    if let (Err(error), false) = (&calendar, never_opens) {
        // Bad intervals never got this far; whatever else a calendar refuses is told in its words.
        reader.problem("weekly", error.to_string(), "correct the hours");
    }
    reader.finish();
    calendar.ok()
}

fn dated_hours(reader: &mut Reader<'_>, key: &'static str) -> BTreeMap<NaiveDate, Vec<Interval>> {
    let mut dates = BTreeMap::new();
    for (name, value) in reader.entries(key, DATE_CURE) {
        let path = format!("{}.\"{name}\"", reader.full_key(key));
        let date = reader.read_date(&path, &Value::String(name.to_owned()));
        let list = value.as_array().and_then(|list| {
            list.iter()
                .map(|text| text.as_str().map(|text| (path.clone(), text)))
                .collect::<Option<Vec<_>>>()
        });
        let Some(list) = list else {
            reader.problem_at(&path, "not a list of hours", DATE_CURE);
            continue;
        };
        let hours = intervals(reader, &path, &list);
        if let Some(date) = date {
            dates.insert(date, hours);
        }
    }
    dates
}

/// Reads the hours of one day, in order and without overlap.
fn intervals(reader: &Reader<'_>, key: &str, texts: &[(String, &str)]) -> Vec<Interval> {
    if texts.len() > INTERVALS_MAX {
        let what = format!("{} intervals", texts.len());
        reader.problem_at(key, what, format!("write at most {INTERVALS_MAX}"));
        return Vec::new();
    }
    let mut intervals: Vec<Interval> = texts
        .iter()
        .filter_map(|(path, text)| interval(reader, path, text))
        .collect();
    intervals.sort_unstable();
    let overlap = intervals
        .iter()
        .zip(intervals.iter().skip(1))
        .any(|(one, next)| next.from < one.to);
    if overlap {
        reader.problem_at(
            key,
            "the hours overlap",
            "write every hour of the day once, such as [\"09:00-14:00\", \"16:00-19:00\"]",
        );
    }
    intervals
}

fn interval(reader: &Reader<'_>, path: &str, text: &str) -> Option<Interval> {
    let (what, cure) = match values::hours(text) {
        Ok(interval) => return Some(interval),
        Err(HoursError::Form) => (
            "are not hours",
            "write beginning and end, such as \"08:30-18:00\"; \"24:00\" is the end of the day",
        ),
        Err(HoursError::Reversed) => (
            "do not end after they begin",
            "write the earlier time first; for hours past midnight count on: \"22:00-30:00\" ends \
             at six in the morning",
        ),
        Err(HoursError::Long) => (
            "begin on the next day or last longer than one",
            "begin before \"24:00\" and end at most a day later",
        ),
    };
    reader.problem_at(path, format!("{} {what}", quoted(text)), cure);
    None
}
