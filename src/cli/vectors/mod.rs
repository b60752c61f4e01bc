//! Checks a file of business-time vectors: computed here, expected there.
//!
//! A file is JSON with named `calendars` and a list of `vectors`; every vector has an `op`, its
//! input and what is expected. Instants are RFC 3339 and compared as instants, whatever their
//! offset. A vector names its calendar, or the file does, or the file has only one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;

use crate::domain::business_time::Segment;
use crate::domain::calendar::{Calendar, CalendarSpec, Interval, RestDays};
use crate::domain::clock::{ResponseClock, Running, due, open_time};
use crate::domain::policy::{ClockMode, ResponseTerms};

/// Larger files are refused: the known ones have up to 210 kB.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;

/// Operations of the vector files that concern the ledger, not the calendar.
const NOT_CHECKED: [&str; 2] = ["session", "followups"];

/// Names of the weekdays in a file, in the order of the week.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Vectors that agree.
    pub passed: usize,
    /// Vectors that do not agree or cannot be read: place, operation and both values.
    pub failed: Vec<String>,
    /// Vectors of operations that are not checked here.
    pub not_checked: usize,
}

impl Display for Report {
    /// The failures, a line for what was left out, and `N passed, N failed` as the last line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for failure in &self.failed {
            writeln!(f, "{failure}")?;
        }
        if self.not_checked > 0 {
            let ops = NOT_CHECKED.join(", ");
            writeln!(f, "{} not checked ({ops})", self.not_checked)?;
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
        if NOT_CHECKED.contains(&op) {
            report.not_checked += 1;
            continue;
        }
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

type Instant = DateTime<Utc>;

/// What to compute, and what is expected of it.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Vector {
    #[serde(alias = "add_paused")]
    Add {
        start: Instant,
        seconds: i64,
        #[serde(default)]
        pauses: Vec<(Instant, Instant)>,
        end: Instant,
        end_open: Option<Instant>,
    },
    #[serde(alias = "between_paused")]
    Between {
        start: Instant,
        end: Instant,
        #[serde(default)]
        pauses: Vec<(Instant, Instant)>,
        seconds: i64,
    },
    IsOpen {
        start: Instant,
        value: bool,
    },
    NextOpen {
        start: Instant,
        end: Instant,
    },
    IsWorkday {
        date: NaiveDate,
        value: bool,
    },
    AddDays {
        start: Instant,
        days: u32,
        end: NaiveDate,
    },
    Split {
        start: Instant,
        end: Instant,
        segments: Vec<RawSegment>,
        in_seconds: i64,
        out_seconds: i64,
    },
    ResponseDue {
        priority: String,
        received: Instant,
        target: Instant,
        limit: Instant,
        limit_open: Instant,
        responded: Option<Instant>,
        elapsed_seconds: Option<i64>,
        breached: Option<bool>,
    },
    NoReplyPlan {
        asked: Instant,
        business_days: u32,
        attempts: u32,
        question_counts_as_attempt: bool,
        reminders: Vec<Instant>,
        close: Instant,
    },
    SolutionClock {
        budget_minutes: i64,
        events: Vec<RawEvent>,
        elapsed_seconds: i64,
        due_if_all_pauses_known: Instant,
        breached: bool,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
struct RawSegment {
    from: Instant,
    to: Instant,
    in_hours: bool,
}

impl From<Segment> for RawSegment {
    fn from(segment: Segment) -> Self {
        Self {
            from: segment.from,
            to: segment.to,
            in_hours: segment.open,
        }
    }
}

#[derive(Deserialize)]
struct RawEvent {
    t: Instant,
    e: EventName,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventName {
    PrimeraRespuesta,
    Pausa,
    Reanuda,
    Resuelto,
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
        let vector = Vector::deserialize(raw).map_err(|error| error.to_string())?;
        vector
            .check(calendar, &self.limits_minutes)
            .map_err(|difference| format!("{name}: {difference} in {raw}"))
    }
}

impl Vector {
    fn check(self, calendar: &Calendar, limits: &BTreeMap<String, Limits>) -> Result<(), String> {
        match self {
            Self::Add {
                start,
                seconds,
                pauses,
                end,
                end_open,
            } => {
                let running = outside(start, pauses);
                let found = due(calendar, &running, Duration::seconds(seconds));
                same("end", found, Some(end))?;
                match end_open {
                    Some(open) => {
                        same("end_open", found.map(|t| calendar.next_open(t)), Some(open))
                    }
                    None => Ok(()),
                }
            }
            Self::Between {
                start,
                end,
                pauses,
                seconds,
            } => {
                let found = open_time(calendar, &outside(start, pauses), end);
                same("seconds", found, Duration::seconds(seconds))
            }
            Self::IsOpen { start, value } => same("value", calendar.is_open(start), value),
            Self::NextOpen { start, end } => same("end", calendar.next_open(start), end),
            Self::IsWorkday { date, value } => same("value", calendar.is_business_day(date), value),
            Self::AddDays { start, days, end } => {
                same("end", calendar.add_business_days(start, days), end)
            }
            Self::Split {
                start,
                end,
                segments,
                in_seconds,
                out_seconds,
            } => {
                let found: Vec<RawSegment> = calendar
                    .split(start, end)
                    .into_iter()
                    .map(RawSegment::from)
                    .collect();
                let seconds = |in_hours: bool| {
                    found
                        .iter()
                        .filter(|s| s.in_hours == in_hours)
                        .map(|s| (s.to - s.from).num_seconds())
                        .sum::<i64>()
                };
                same("in_seconds", seconds(true), in_seconds)?;
                same("out_seconds", seconds(false), out_seconds)?;
                same("segments", found, segments)
            }
            Self::ResponseDue {
                priority,
                received,
                target,
                limit,
                limit_open,
                responded,
                elapsed_seconds,
                breached,
            } => {
                let minutes = limits
                    .get(&priority)
                    .ok_or_else(|| format!("no limits for {priority}"))?;
                let terms = ResponseTerms {
                    target: Duration::minutes(minutes.target),
                    limit: Duration::minutes(minutes.limit),
                    clock: ClockMode::Business,
                };
                let mut clock = ResponseClock::promised(received, terms, calendar);
                same("target", clock.target_at, target)?;
                same("limit", clock.limit_at, limit)?;
                same("limit_open", clock.limit_open_at, limit_open)?;
                let Some(responded) = responded else {
                    return Ok(());
                };
                clock.met_at = Some(responded);
                let elapsed = clock.elapsed(calendar, responded).num_seconds();
                same("elapsed_seconds", Some(elapsed), elapsed_seconds)?;
                same("breached", Some(clock.breached(responded)), breached)
            }
            Self::NoReplyPlan {
                asked,
                business_days,
                attempts,
                question_counts_as_attempt,
                reminders,
                close,
            } => {
                let written = attempts.saturating_sub(u32::from(question_counts_as_attempt));
                let found: Vec<Instant> = (1..=written)
                    .map(|n| calendar.contact_instant(asked, n * business_days))
                    .collect();
                same("reminders", found, reminders)?;
                let last = calendar.add_business_days(asked, (written + 1) * business_days);
                same("close", calendar.closing(last), Some(close))
            }
            Self::SolutionClock {
                budget_minutes,
                events,
                elapsed_seconds,
                due_if_all_pauses_known,
                breached,
            } => {
                let budget = Duration::minutes(budget_minutes);
                let (running, solved) = timeline(&events)?;
                let elapsed = open_time(calendar, &running, solved);
                same("elapsed_seconds", elapsed.num_seconds(), elapsed_seconds)?;
                let found = due(calendar, &running, budget);
                same("due", found, Some(due_if_all_pauses_known))?;
                same("breached", elapsed > budget, breached)
            }
        }
    }
}

fn same<T: PartialEq + fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, not {expected:?},"))
    }
}

/// The time from `start` on, less the pauses, which may come in any order and overlap.
fn outside(start: Instant, mut pauses: Vec<(Instant, Instant)>) -> Vec<Running> {
    pauses.sort_unstable();
    let mut running = Vec::new();
    let mut from = start;
    for (pause, resume) in pauses {
        if pause > from {
            let to = Some(pause);
            running.push(Running { from, to });
        }
        from = from.max(resume);
    }
    running.push(Running { from, to: None });
    running
}

/// When a solution clock runs, going on after the solution, and when the solution came.
fn timeline(events: &[RawEvent]) -> Result<(Vec<Running>, Instant), String> {
    let mut running = Vec::new();
    let mut since = None;
    let mut solved = None;
    for event in events {
        match event.e {
            EventName::PrimeraRespuesta | EventName::Reanuda => since = since.or(Some(event.t)),
            EventName::Pausa => {
                let to = Some(event.t);
                running.extend(since.take().map(|from| Running { from, to }));
            }
            EventName::Resuelto => {
                since = since.or(Some(event.t));
                solved = Some(event.t);
            }
        }
    }
    running.extend(since.map(|from| Running { from, to: None }));
    Ok((running, solved.ok_or("nothing was solved")?))
}
