//! A calendar month in the house's zone, and the part of it that a statement speaks of.

use std::fmt;

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// The first and the last year that a month is read of.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9998;

/// How far the first instant of a day may lie behind its midnight, in minutes, where daylight
/// saving skips that: further than any zone ever skipped.
const SKIPPED_MINUTES_MAX: i64 = 180;

/// A month, by its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(NaiveDate);

impl Month {
    /// Reads `2026-11`; none where it is not a month of the years 1970 to 9998.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let digits = |text: &str, count: usize| {
            text.len() == count && text.chars().all(|c| c.is_ascii_digit())
        };
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
        NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1).map(Self)
    }

    /// The month that a date lies in.
    pub fn of(date: NaiveDate) -> Self {
        Self(date.with_day(1).unwrap_or(date))
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        let next = self.next().0;
        next.pred_opt().unwrap_or(next)
    }

    /// The one after it.
    pub fn next(self) -> Self {
        Self(self.0.checked_add_months(Months::new(1)).unwrap_or(self.0))
    }

    /// The one so many months before it.
    pub fn back(self, months: u32) -> Self {
        let first = self.0.checked_sub_months(Months::new(months));
        Self(first.unwrap_or(self.0))
    }

    /// Its first instant in `zone`.
    pub fn begins(self, zone: Tz) -> DateTime<Utc> {
        day_begins(self.0, zone)
    }
}

/// The first instant of a day in `zone`, where daylight saving may skip midnight or show it twice.
pub fn day_begins(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    (0..=SKIPPED_MINUTES_MAX)
        .find_map(|minute| {
            let wall = midnight.checked_add_signed(Duration::minutes(minute))?;
            zone.from_local_datetime(&wall).earliest()
        })
        .map_or_else(|| midnight.and_utc(), |first| first.with_timezone(&Utc))
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a statement speaks of: a month, or as much of it as is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Which month.
    pub month: Month,
    /// Its first instant.
    pub from: DateTime<Utc>,
    /// The first instant that is not spoken of: the end of the month, or the present one while it
    /// runs.
    pub until: DateTime<Utc>,
    /// The end of the month, over or not.
    pub end: DateTime<Utc>,
    /// The month is not over.
    pub running: bool,
}

impl Period {
    /// The period of a month at `now`; none where the month has not begun.
    pub fn of(month: Month, zone: Tz, now: DateTime<Utc>) -> Option<Self> {
        let (from, end) = (month.begins(zone), month.next().begins(zone));
        (from <= now).then(|| Self {
            month,
            from,
            until: end.min(now),
            end,
            running: now < end,
        })
    }

    /// The same, but that a month which runs holds everything that is recorded of it, the last of
    /// which was at `last`: a clock may be set back, and what is known is not left out for that.
    pub fn holding(self, last: DateTime<Utc>) -> Self {
        let after = last + Duration::milliseconds(1);
        Self {
            until: self.until.max(after).min(self.end),
            ..self
        }
    }

    /// Whether an instant lies in it.
    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }

    /// The last local day that it speaks of.
    pub fn last_day(&self, zone: Tz) -> NaiveDate {
        let last = self.until - Duration::milliseconds(1);
        last.with_timezone(&zone).date_naive()
    }
}
