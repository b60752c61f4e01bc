//! What the support hours answer, in words and as JSON.

use anyhow::anyhow;
use chrono::{DateTime, Duration, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use super::Hours;
use crate::cli::{Done, Failure, JsonArg, Outcome, print};
use crate::domain::calendar::HORIZON_DAYS;

/// How far ahead a closing is looked for, in days; hours that go on for longer do not close.
const CLOSING_SEARCH_DAYS: i64 = 400;

/// An answer: lines for people, one document for programs.
pub(super) struct Answer {
    zone: Tz,
    lines: Vec<(&'static str, String)>,
    document: Map<String, Value>,
}

/// Open time between two instants, and closed time.
pub(super) fn between(
    hours: &Hours,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Answer, Failure> {
    if to - from > Duration::days(HORIZON_DAYS) {
        return Err(anyhow!("more than a hundred years lie between").into());
    }
    let open = hours.calendar.between(from, to);
    let closed = (to - from).max(Duration::zero()) - open;
    Ok(hours
        .answer()
        .instant("from", "from", Some(from))
        .instant("to", "to", Some(to))
        .value("open", support_time(open))
        .hidden("seconds", json!(open.num_seconds()))
        .value("closed", support_time(closed))
        .hidden("closed_seconds", json!(closed.num_seconds())))
}

/// Whether support is open at an instant, and its next opening and closing after that.
pub(super) fn open(hours: &Hours, at: DateTime<Utc>) -> Answer {
    let calendar = &hours.calendar;
    let is_open = calendar.is_open(at);
    let (opens, closes) = if is_open {
        let closes = hours.closing_after(at);
        (closes.and_then(|at| hours.opening_from(at)), closes)
    } else {
        let opens = hours.opening_from(at);
        (opens, opens.and_then(|at| hours.closing_after(at)))
    };
    let answer = hours
        .answer()
        .instant("at", "at", Some(at))
        .value("support", open_or_closed(is_open))
        .hidden("open", json!(is_open));
    let opening = |answer: Answer| answer.instant("next opening", "opens_at", opens);
    let closing = |answer: Answer| answer.instant("next closing", "closes_at", closes);
    if is_open {
        opening(closing(answer))
    } else {
        closing(opening(answer))
    }
}

/// The hours of a date.
pub(super) fn hours_of(hours: &Hours, date: NaiveDate) -> Answer {
    let calendar = &hours.calendar;
    let (opens, closes) = (calendar.opening(date), calendar.closing(date));
    let parts = match (opens, closes) {
        (Some(opens), Some(closes)) => calendar.split(opens, closes),
        _ => Vec::new(),
    };
    let zone = calendar.zone();
    let open = parts.iter().filter(|part| part.open);
    let words: Vec<String> = open
        .clone()
        .map(|part| span(part.from, part.to, zone))
        .collect();
    let list: Value = open
        .map(|part| {
            json!({
                "from": print::instant(part.from, zone),
                "to": print::instant(part.to, zone),
            })
        })
        .collect();
    let is_open = calendar.is_business_day(date);
    let answer = hours
        .answer()
        .value("date", day(date))
        .hidden("date", json!(date))
        .value("support", open_or_closed(is_open))
        .hidden("open", json!(is_open))
        .hidden("opens_at", hours.json_instant(opens))
        .hidden("closes_at", hours.json_instant(closes))
        .hidden("hours", list);
    if words.is_empty() {
        answer
    } else {
        answer.value("hours", words.join(", "))
    }
}

/// The business day so many after the local date of an instant, with its first opening and last
/// closing.
///
/// # Errors
/// There are not so many within a hundred years.
pub(super) fn add_days(hours: &Hours, from: DateTime<Utc>, days: u32) -> Result<Answer, Failure> {
    let calendar = &hours.calendar;
    let date = calendar.add_business_days(from, days);
    let from = calendar.local(from).date_naive();
    if (date - from).num_days() >= HORIZON_DAYS {
        return Err(anyhow!("a hundred years hold fewer than {days} business days").into());
    }
    let zone = calendar.zone();
    let (opens, closes) = (calendar.opening(date), calendar.closing(date));
    let answer = hours
        .answer()
        .value("from", day(from))
        .hidden("from", json!(from))
        .shown("business days", "days", days)
        .value("date", day(date))
        .hidden("date", json!(date))
        .hidden("opens_at", hours.json_instant(opens))
        .hidden("closes_at", hours.json_instant(closes));
    Ok(match (opens, closes) {
        (Some(opens), Some(closes)) => answer.value("hours", span(opens, closes, zone)),
        _ => answer.value("support", open_or_closed(false)),
    })
}

/// Support time for people: `8 h`, `1 h 30 min`, `45 min 10 s`. Never days, which have no one
/// length in support hours.
pub(super) fn support_time(time: Duration) -> String {
    let seconds = time.num_seconds();
    let parts = [
        (seconds / 3_600, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(number, _)| *number != 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if words.is_empty() {
        "0 min".to_owned()
    } else {
        words.join(" ")
    }
}

impl Hours {
    /// An answer that says so far whose hours these are.
    pub(super) fn answer(&self) -> Answer {
        let zone = self.calendar.zone();
        let whose = match &self.client {
            Some(client) if self.own => client.clone(),
            Some(client) => format!("{client}, as the house's"),
            None => "the house's".to_owned(),
        };
        let answer = Answer {
            zone,
            lines: Vec::new(),
            document: Map::new(),
        };
        answer
            .value("calendar", format!("{whose}, {}", zone.name()))
            .hidden("client", json!(self.client))
            .hidden("zone", json!(zone.name()))
    }

    /// An instant for programs.
    pub(super) fn json_instant(&self, at: Option<DateTime<Utc>>) -> Value {
        print::instant_or_null(at, self.calendar.zone())
    }

    /// The first open instant from `at` on; none within a hundred years.
    fn opening_from(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let next = self.calendar.next_open(at);
        self.calendar.is_open(next).then_some(next)
    }

    /// The first closed instant after `at`, which is open; none within the search.
    fn closing_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let end = at + Duration::days(CLOSING_SEARCH_DAYS);
        let first = self.calendar.split(at, end).into_iter().next();
        first.map(|part| part.to).filter(|to| *to < end)
    }
}

impl Answer {
    /// Adds an instant; none is `never`, and null.
    pub(super) fn instant(self, label: &'static str, key: &str, at: Option<DateTime<Utc>>) -> Self {
        let zone = self.zone;
        let words = at.map_or_else(|| "never".to_owned(), |at| moment(at, zone));
        self.value(label, words)
            .hidden(key, print::instant_or_null(at, zone))
    }

    /// Adds the first open instant from `at` on; people see it where it is another.
    pub(super) fn opening(self, key: &str, hours: &Hours, at: DateTime<Utc>) -> Self {
        let next = hours.opening_from(at);
        if next == Some(at) {
            self.hidden(key, hours.json_instant(next))
        } else {
            self.instant("next opening", key, next)
        }
    }

    /// Adds what people and programs see alike.
    pub(super) fn shown(
        self,
        label: &'static str,
        key: &str,
        value: impl Into<Value> + ToString,
    ) -> Self {
        let words = value.to_string();
        self.value(label, words).hidden(key, value.into())
    }

    /// Adds what only people see.
    pub(super) fn value(mut self, label: &'static str, words: impl Into<String>) -> Self {
        self.lines.push((label, words.into()));
        self
    }

    /// Adds what only programs see.
    pub(super) fn hidden(mut self, key: &str, value: Value) -> Self {
        self.document.insert(key.to_owned(), value);
        self
    }

    /// Prints it.
    pub(super) fn print(self, json: JsonArg) -> Outcome {
        if json.json {
            print::json(&Value::Object(self.document))?;
        } else {
            for (label, words) in self.lines {
                print::line(&format!("{label:<14} {words}"))?;
            }
        }
        Ok(Done::Well)
    }
}

fn open_or_closed(open: bool) -> &'static str {
    if open { "open" } else { "closed" }
}

/// `Fri 2026-11-20`.
fn day(date: NaiveDate) -> String {
    date.format("%a %Y-%m-%d").to_string()
}

/// `Fri 2026-11-20 17:45`, with seconds where there are any.
fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    let date = at.with_timezone(&zone).date_naive();
    format!("{} {}", day(date), clock(at, zone))
}

/// `08:30-18:00`; hours that end at midnight end at `24:00`.
fn span(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> String {
    let end = match clock(to, zone).as_str() {
        "00:00" => "24:00".to_owned(),
        other => other.to_owned(),
    };
    format!("{}-{end}", clock(from, zone))
}

/// `17:45`, with seconds where there are any.
fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let form = if local.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    local.format(form).to_string()
}
