//! The part of `words.toml` that statements choose from, and the filters that write their figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::{Environment, Error, ErrorKind};
use serde::{Deserialize, Serialize};

use super::filters::hours_and_minutes;
use super::statement_csv::COLUMNS;
use super::vocabulary::{Compared, Vocabulary};
use crate::domain::billing::Bucket;
use crate::domain::charge::ChargeKind;
use crate::domain::pattern::fill;
use crate::domain::pending::NextStep;
use crate::domain::statement_lines::LineState;
use crate::domain::statement_tickets::Origin;

/// Who may owe the next step of a ticket, as statements name it.
const OWES: [&str; 3] = ["us", "client", "third_party"];

/// How an attempt may be made.
const VIA: [&str; 2] = ["mail", "phone"];

/// What an authorizer may have decided about time.
const APPROVALS: [&str; 4] = ["approved", "refused", "window", "formalized"];

/// The words of statements, checked like the rest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementWords {
    file: String,
    month: String,
    stamp: String,
    date: String,
    kind: BTreeMap<String, String>,
    bucket: BTreeMap<String, String>,
    short_bucket: BTreeMap<String, String>,
    state: BTreeMap<String, String>,
    origin: BTreeMap<String, String>,
    owes: BTreeMap<String, String>,
    step: BTreeMap<String, String>,
    via: BTreeMap<String, String>,
    approval: BTreeMap<String, String>,
    column: BTreeMap<String, String>,
}

impl StatementWords {
    /// The tables, each with the names it must have.
    pub(super) fn compared(&self) -> Vec<Compared<'_>> {
        vec![
            (
                "statement.kind",
                &self.kind,
                ChargeKind::ALL.map(ChargeKind::name).to_vec(),
            ),
            (
                "statement.bucket",
                &self.bucket,
                Bucket::ALL.map(Bucket::name).to_vec(),
            ),
            (
                "statement.short_bucket",
                &self.short_bucket,
                Bucket::ALL.map(Bucket::name).to_vec(),
            ),
            (
                "statement.state",
                &self.state,
                LineState::ALL.map(LineState::name).to_vec(),
            ),
            (
                "statement.origin",
                &self.origin,
                Origin::ALL.map(Origin::name).to_vec(),
            ),
            ("statement.owes", &self.owes, OWES.to_vec()),
            (
                "statement.step",
                &self.step,
                NextStep::ALL.map(NextStep::name).to_vec(),
            ),
            ("statement.via", &self.via, VIA.to_vec()),
            ("statement.approval", &self.approval, APPROVALS.to_vec()),
            ("statement.column", &self.column, COLUMNS.to_vec()),
        ]
    }

    /// The words of a name in one of the tables; the name itself where a table lacks it, which the
    /// check of the templates does not let pass.
    pub(super) fn of<'a>(table: &'a BTreeMap<String, String>, name: &'a str) -> &'a str {
        table.get(name).map_or(name, String::as_str)
    }

    /// A column's heading.
    pub(super) fn column<'a>(&'a self, name: &'a str) -> &'a str {
        Self::of(&self.column, name)
    }

    /// What a line is.
    pub(super) fn kind<'a>(&'a self, name: &'a str) -> &'a str {
        Self::of(&self.kind, name)
    }

    /// For which price its time is.
    pub(super) fn bucket<'a>(&'a self, name: &'a str) -> &'a str {
        Self::of(&self.bucket, name)
    }

    /// What becomes of it.
    pub(super) fn state<'a>(&'a self, name: &'a str) -> &'a str {
        Self::of(&self.state, name)
    }

    /// The name of a statement's files, without what tells their sort.
    pub(super) fn file(&self, client: &str, month: &str) -> String {
        fill(&self.file, &[("client", client), ("month", month)])
    }

    /// A date in digits.
    fn date(&self, date: NaiveDate) -> String {
        fill(
            &self.date,
            &[
                ("day", &format!("{:02}", date.day())),
                ("month", &format!("{:02}", date.month())),
                ("year", &date.year().to_string()),
            ],
        )
    }

    fn stamp(&self, at: DateTime<Utc>, zone: Tz) -> String {
        let local = at.with_timezone(&zone);
        let time = local.format("%H:%M").to_string();
        let date = self.date(local.date_naive());
        fill(&self.stamp, &[("date", &date), ("time", &time)])
    }

    fn month(&self, date: NaiveDate, names: &[String]) -> String {
        let place = usize::try_from(date.month0()).unwrap_or_default();
        let name = names.get(place).map_or("", String::as_str);
        fill(
            &self.month,
            &[("month", name), ("year", &date.year().to_string())],
        )
    }
}

/// Adds the filters of statements.
///
/// | filter | makes of |
/// |---|---|
/// | `stamp` | an instant: "24/11/2026 15:30" |
/// | `digits` | a date: "24/11/2026" |
/// | `month_name` | a date: "noviembre de 2026" |
/// | `month_short` | a date: "nov" |
/// | `spent` | minutes, less than none too: "1 h 30 min" |
/// | `left(width)`, `right(width)` | a text: padded to a column |
pub(super) fn install(environment: &mut Environment<'static>, vocabulary: &Arc<Vocabulary>) {
    let words = Arc::clone(vocabulary);
    environment.add_filter("stamp", move |at: &str| {
        let at = at.parse().map_err(|_| no("stamp", "an instant"))?;
        Ok::<_, Error>(words.statement().stamp(at, words.shown_in()))
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("digits", move |day: &str| {
        let day = day.parse().map_err(|_| no("digits", "a date"))?;
        Ok::<_, Error>(words.statement().date(day))
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("month_name", move |day: &str| {
        let day = day.parse().map_err(|_| no("month_name", "a date"))?;
        Ok::<_, Error>(words.statement().month(day, words.months()))
    });
    let words = Arc::clone(vocabulary);
    environment.add_filter("month_short", move |day: &str| {
        let day: NaiveDate = day.parse().map_err(|_| no("month_short", "a date"))?;
        let place = usize::try_from(day.month0()).unwrap_or_default();
        let name = words.months().get(place).map_or("", String::as_str);
        Ok::<_, Error>(name.chars().take(MONTH_CHARS).collect::<String>())
    });
    environment.add_filter("spent", |minutes: i64| hours_and_minutes(minutes, "-"));
    environment.add_filter("left", |text: &str, width: usize| format!("{text:<width$}"));
    environment.add_filter("right", |text: String, width: usize| {
        format!("{text:>width$}")
    });
}

/// Letters of a month's short name.
const MONTH_CHARS: usize = 3;

fn no(filter: &str, wanted: &str) -> Error {
    let message = format!("{filter}: this is not {wanted}");
    Error::new(ErrorKind::InvalidOperation, message)
}
