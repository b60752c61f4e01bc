//! What a vector asks to compute, and what it expects.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::Limits;
use crate::domain::billing::{self, Bucket, Charge, FOLLOW_UP_MINUTES, Span};
use crate::domain::business_time::Segment;
use crate::domain::calendar::Calendar;
use crate::domain::clock::{ResponseClock, Running, due, open_time};
use crate::domain::policy::{ClockMode, ResponseTerms};

/// Most attempts of a contact plan, and business days between two of them; more cannot be checked.
const PLAN_MAX: u32 = 100;

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
    Session {
        from: Instant,
        to: Instant,
        consultants: u32,
        approved_out_of_hours: Option<(Instant, Instant)>,
        entries: Vec<RawEntry>,
        total_person_minutes: i64,
    },
    Followups {
        mails: Vec<RawMail>,
        coalesce_minutes: i64,
        units: i64,
        minutes: i64,
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

/// A line of the ledger.
#[derive(Debug, PartialEq, Deserialize)]
struct RawEntry {
    kind: EntryKind,
    bucket: RawBucket,
    minutes: i64,
}

/// All that a session is entered as.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EntryKind {
    Sesion,
}

/// The buckets as the files name them.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawBucket {
    Horario,
    FueraAutorizado,
    FueraSinAutorizar,
}

impl From<Charge> for RawEntry {
    fn from(charge: Charge) -> Self {
        Self {
            kind: EntryKind::Sesion,
            bucket: match charge.bucket {
                Bucket::InHours => RawBucket::Horario,
                Bucket::OutOfHoursApproved => RawBucket::FueraAutorizado,
                Bucket::OutOfHoursUnapproved => RawBucket::FueraSinAutorizar,
            },
            minutes: charge.minutes,
        }
    }
}

#[derive(Deserialize)]
struct RawMail {
    t: Instant,
    by: String,
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

/// Computes what a vector asks, and compares with what it expects.
///
/// # Errors
/// It cannot be read, or the two differ: what is found and what was expected.
pub(super) fn check(
    raw: &Value,
    calendar: &Calendar,
    limits: &BTreeMap<String, Limits>,
) -> Result<(), String> {
    Vector::deserialize(raw)
        .map_err(|error| error.to_string())?
        .check(calendar, limits)
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
                let found = due(calendar, &running, of_seconds(seconds)?);
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
                same("seconds", found, of_seconds(seconds)?)
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
                    target: of_minutes(minutes.target)?,
                    limit: of_minutes(minutes.limit)?,
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
                if attempts.max(business_days) > PLAN_MAX {
                    return Err(format!("a plan has at most {PLAN_MAX} attempts and days"));
                }
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
                let budget = of_minutes(budget_minutes)?;
                let (running, solved) = timeline(&events)?;
                let elapsed = open_time(calendar, &running, solved);
                same("elapsed_seconds", elapsed.num_seconds(), elapsed_seconds)?;
                let found = due(calendar, &running, budget);
                same("due", found, Some(due_if_all_pauses_known))?;
                same("breached", elapsed > budget, breached)
            }
            Self::Session {
                from,
                to,
                consultants,
                approved_out_of_hours,
                entries,
                total_person_minutes,
            } => {
                let approved: Vec<Span> = approved_out_of_hours
                    .into_iter()
                    .map(|(from, to)| Span { from, to })
                    .collect();
                let span = Span { from, to };
                let found = billing::charges(span, consultants, calendar, &approved);
                let total = found
                    .iter()
                    .fold(0i64, |sum, charge| sum.saturating_add(charge.minutes));
                let found: Vec<RawEntry> = found.into_iter().map(RawEntry::from).collect();
                same("entries", found, entries)?;
                same("total_person_minutes", total, total_person_minutes)
            }
            Self::Followups {
                mails,
                coalesce_minutes,
                units,
                minutes,
            } => {
                let mails: Vec<(Instant, String)> =
                    mails.into_iter().map(|mail| (mail.t, mail.by)).collect();
                let coalesce = of_minutes(coalesce_minutes)?;
                let found = billing::follow_ups(&mails, &[], coalesce).len();
                let found = i64::try_from(found).unwrap_or(i64::MAX);
                same("units", found, units)?;
                same("minutes", found * FOLLOW_UP_MINUTES, minutes)
            }
        }
    }
}

fn of_seconds(seconds: i64) -> Result<Duration, String> {
    Duration::try_seconds(seconds).ok_or_else(|| format!("{seconds} seconds are too many"))
}

fn of_minutes(minutes: i64) -> Result<Duration, String> {
    Duration::try_minutes(minutes).ok_or_else(|| format!("{minutes} minutes are too many"))
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
