//! `calendar due`: when so much support time is over.

use anyhow::anyhow;
use chrono::{DateTime, Duration, Utc};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};

use super::Hours;
use super::answers::{Answer, support_time};
use crate::cli::Failure;
use crate::config::duration_seconds;
use crate::domain::clock::ResponseClock;
use crate::domain::policy::ClockMode;
use crate::domain::ticket::{Kind, Priority};

/// How much time.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct Wanted {
    /// Support time, such as 8h, 1h30m, 45m
    #[arg(value_name = "TIME", value_parser = support)]
    time: Option<Duration>,
    /// The time to a first answer of this priority, as a mail received at START is promised it
    #[arg(long, value_parser = priorities())]
    priority: Option<Priority>,
    /// The time to a solution of this kind of work, from a first answer at START
    #[arg(long, value_parser = kinds())]
    kind: Option<Kind>,
}

/// Computes what is wanted.
///
/// # Errors
/// The hours hold less than that within a hundred years.
pub(super) fn due(hours: &Hours, from: DateTime<Utc>, wanted: &Wanted) -> Result<Answer, Failure> {
    if let Some(priority) = wanted.priority {
        response(hours, from, priority)
    } else if let Some(kind) = wanted.kind {
        solution(hours, from, kind)
    } else {
        let time = wanted.time.unwrap_or_default();
        let at = after(hours, from, time)?;
        Ok(hours
            .answer()
            .instant("from", "from", Some(from))
            .value("support time", support_time(time))
            .hidden("seconds", json!(time.num_seconds()))
            .instant("due", "due_at", Some(at))
            .opening("due_open_at", hours, at))
    }
}

fn response(hours: &Hours, from: DateTime<Utc>, priority: Priority) -> Result<Answer, Failure> {
    let terms = hours.policy.response_terms(priority);
    let clock = ResponseClock::promised(from, terms, &hours.calendar);
    let mode = match clock.mode {
        ClockMode::Business => "business",
        ClockMode::Wall => "wall",
    };
    if clock.mode == ClockMode::Business {
        after(hours, from, terms.limit)?;
    }
    let answer = hours
        .answer()
        .instant("from", "from", Some(from))
        .shown("priority", "priority", priority.name())
        .shown("hours", "clock", mode)
        .instant("target", "target_at", Some(clock.target_at))
        .instant("limit", "limit_at", Some(clock.limit_at));
    Ok(match clock.mode {
        ClockMode::Business => answer.opening("limit_open_at", hours, clock.limit_at),
        ClockMode::Wall => answer.hidden(
            "limit_open_at",
            hours.json_instant(Some(clock.limit_open_at)),
        ),
    })
}

fn solution(hours: &Hours, from: DateTime<Utc>, kind: Kind) -> Result<Answer, Failure> {
    let terms = hours.policy.solution_terms(kind);
    let limit = after(hours, from, terms.limit)?;
    let target = terms.target.map(|target| hours.calendar.add(from, target));
    let answer =
        hours
            .answer()
            .instant("from", "from", Some(from))
            .shown("kind", "kind", kind.name());
    let answer = match target {
        Some(_) => answer.instant("target", "target_at", target),
        None => answer.hidden("target_at", Value::Null),
    };
    Ok(answer
        .instant("limit", "limit_at", Some(limit))
        .opening("limit_open_at", hours, limit))
}

/// When so much support time is over. The calendar answers its horizon where that is too far.
fn after(hours: &Hours, from: DateTime<Utc>, time: Duration) -> Result<DateTime<Utc>, Failure> {
    let at = hours.calendar.add(from, time);
    if hours.calendar.between(from, at) < time {
        let time = support_time(time);
        return Err(anyhow!("a hundred years hold less than {time} of support time").into());
    }
    Ok(at)
}

/// Reads support time. Days are refused: one of support has no length of its own.
fn support(text: &str) -> Result<Duration, String> {
    if text.contains('d') {
        return Err("write hours, or count business days with `calendar add-days`".to_owned());
    }
    duration_seconds(text)
        .and_then(|seconds| i64::try_from(seconds).ok())
        .and_then(Duration::try_seconds)
        .ok_or_else(|| "write 8h, 1h30m, 45m or 90s".to_owned())
}

fn priorities() -> impl TypedValueParser<Value = Priority> {
    PossibleValuesParser::new(Priority::ALL.map(Priority::name))
        .try_map(|name| Priority::from_name(&name).ok_or("unknown"))
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name))
        .try_map(|name| Kind::from_name(&name).ok_or("unknown"))
}
