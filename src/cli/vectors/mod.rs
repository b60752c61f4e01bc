//! Checks a file of business-time vectors: computed here, expected there.
//!
//! A file is JSON with named `calendars` and a list of `vectors`; every vector has an `op`, its
//! input and what is expected. Instants are RFC 3339 and compared as instants, whatever their
//! offset. A vector names its calendar, or the file does, or the file has only one.

mod operation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::calendar::{Calendar, CalendarSpec, Interval, RestDays};

/// Larger files are refused: the known ones have up to 210 kB.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Names of the weekdays in a file, in the order of the week.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Vectors that agree.
    pub passed: usize,
    /// Vectors that do not agree or cannot be read: place, operation and both values.
    pub failed: Vec<String>,
}

impl Display for Report {
    /// The failures, one a line, and `N passed, N failed` as the last line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failed {
            writeln!(f, "{failure}")?;
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed.len())
    }
}

/// Checks every vector of a file.
///
/// # Errors
/// The text is too large, is not such a file, or has a calendar that is none; in words for the
/// operator. A single vector that cannot be read counts as failed.
pub fn check_file(text: &str) -> Result<Report, String> {
    if text.len() > MAX_FILE_BYTES {
        return Err(format!("more than {MAX_FILE_BYTES} bytes"));
    }
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let calendars = file
        .calendars
        .iter()
        .map(|(name, raw)| match raw.calendar() {
            Ok(calendar) => Ok((name.as_str(), calendar)),
            Err(error) => Err(format!("calendar {name}: {error}")),
        })
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let mut report = Report::default();
    for (place, vector) in file.vectors.iter().enumerate() {
        let op = vector.get("op").and_then(Value::as_str).unwrap_or("no op");
        match file.check(&calendars, vector) {
            Ok(()) => report.passed += 1,
            Err(failure) => report.failed.push(format!("#{place} {op}: {failure}")),
        }
    }
    Ok(report)
}

#[derive(Deserialize)]
struct File {
    /// The calendar of vectors that name none.
    calendar: Option<String>,
    calendars: BTreeMap<String, RawCalendar>,
    /// Response terms by the name of the priority.
    #[serde(default)]
    limits_minutes: BTreeMap<String, Limits>,
    vectors: Vec<Value>,
}

#[derive(Deserialize)]
struct Limits {
    target: i64,
    limit: i64,
}

type RawHours = Vec<(String, String)>;

#[derive(Deserialize)]
struct RawCalendar {
    tz: String,
    weekly: BTreeMap<String, RawHours>,
    #[serde(default)]
    holidays: BTreeSet<NaiveDate>,
    #[serde(default)]
    overrides: BTreeMap<NaiveDate, RawHours>,
    #[serde(default)]
    breaks: BTreeMap<NaiveDate, RawHours>,
}

impl RawCalendar {
    fn calendar(&self) -> Result<Calendar, String> {
        if let Some(name) = self.weekly.keys().find(|d| !WEEKDAYS.contains(&d.as_str())) {
            return Err(format!("no weekday is called {name}"));
        }
        let mut weekly: [Vec<Interval>; 7] = Default::default();
        for (name, hours) in WEEKDAYS.into_iter().zip(&mut weekly) {
            *hours = intervals(self.weekly.get(name).map_or(&[], Vec::as_slice))?;
        }
        let dated = |raw: &BTreeMap<NaiveDate, RawHours>| {
            raw.iter()
                .map(|(date, hours)| Ok((*date, intervals(hours)?)))
                .collect::<Result<BTreeMap<_, _>, String>>()
        };
        Calendar::new(CalendarSpec {
            zone: self
                .tz
                .parse()
                .map_err(|_| format!("no time zone is called {}", self.tz))?,
            weekly,
            rest_days: RestDays::None,
            extra_closed: self.holidays.clone(),
            overrides: dated(&self.overrides)?,
            breaks: dated(&self.breaks)?,
        })
        .map_err(|error| error.to_string())
    }
}

fn intervals(raw: &[(String, String)]) -> Result<Vec<Interval>, String> {
    raw.iter()
        .map(|(from, to)| Ok(Interval::new(second(from)?, second(to)?)))
        .collect()
}

/// Seconds after midnight of `08:30`; `24:00` is allowed.
fn second(text: &str) -> Result<u32, String> {
    text.split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?)))
        .filter(|(hour, minute)| *hour <= 24 && *minute < 60)
        .map(|(hour, minute)| hour * 3_600 + minute * 60)
        .ok_or_else(|| format!("{text} is not a time of day"))
}

impl File {
    fn check(&self, calendars: &BTreeMap<&str, Calendar>, raw: &Value) -> Result<(), String> {
        let named = raw.get("calendar").and_then(Value::as_str);
        let only = self.calendars.keys().next();
        let name = named
            .or(self.calendar.as_deref())
            .or(only
                .filter(|_| self.calendars.len() == 1)
                .map(String::as_str))
            .ok_or("it is not said which calendar")?;
        let calendar = calendars
            .get(name)
            .ok_or_else(|| format!("no calendar is called {name}"))?;
        operation::check(raw, calendar, &self.limits_minutes)
            .map_err(|difference| format!("{name}: {difference} in {raw}"))
    }
}
