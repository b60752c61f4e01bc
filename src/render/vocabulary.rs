//! `words.toml`: the words that templates choose from.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::sources::{TemplateProblem, WORDS};
use super::statement_words::StatementWords;
use crate::domain::account_lines::{CHAPTER_NAMES, SENTENCE_NAMES};
use crate::domain::billing::Bucket;
use crate::domain::calendar::{Closed, HoursGroup};
use crate::domain::charge::{ChargeKind, WaitsFor};
use crate::domain::command::{NAMES, Problem};
use crate::domain::effect::{HeldCause, Speaker};
use crate::domain::event::AlarmCause;
use crate::domain::fact::Link;
use crate::domain::failure::FailureCause;
use crate::domain::handover::HISTORY_NAMES;
use crate::domain::letter::{AlertReason, BudgetAnswer, HeldAnswer, NotSent};
use crate::domain::meeting::{MeetingPatterns, MeetingWords};
use crate::domain::orders::Refusal;
use crate::domain::pattern::fill;
use crate::domain::pending::{Awaiting, NextStep};
use crate::domain::policy::Phrases;
use crate::domain::ticket::{ClosedAs, Kind, Priority, Status};

/// Longest separator or notice sentence, in characters. A longer one would be folded by mail
/// programs that quote it, and then not be recognized.
const PHRASE_MAX_CHARS: usize = 64;

/// Shortest of them, in characters: anything shorter could stand in an honest reply.
const PHRASE_MIN_CHARS: usize = 12;

/// A table of words by its place in the file, and the names that it must have.
pub(super) type Compared<'a> = (
    &'static str,
    &'a BTreeMap<String, String>,
    Vec<&'static str>,
);

/// The file, checked: every name of every enum has its words.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vocabulary {
    no_subject: String,
    after_closing: String,
    charge_overlap: String,
    weekdays: [String; 7],
    months: [String; 12],
    pattern: Pattern,
    zone: BTreeMap<String, String>,
    notice: NoticeWords,
    priority: BTreeMap<String, String>,
    kind: BTreeMap<String, String>,
    status: BTreeMap<String, StatusWords>,
    bucket: BTreeMap<String, String>,
    charge: BTreeMap<String, String>,
    charge_waits: BTreeMap<String, String>,
    budget_answer: BTreeMap<String, String>,
    closed_as: BTreeMap<String, ClosedWords>,
    link: BTreeMap<String, String>,
    not_sent: BTreeMap<String, ReasonWords>,
    held_answer: BTreeMap<String, String>,
    failure: BTreeMap<String, ReasonWords>,
    alarm: BTreeMap<String, AlarmWords>,
    command_problem: BTreeMap<String, ReasonWords>,
    command: BTreeMap<String, String>,
    alert: BTreeMap<String, AlertWords>,
    awaiting: BTreeMap<String, AwaitingWords>,
    next_step: BTreeMap<String, String>,
    held_cause: BTreeMap<String, String>,
    chapter: BTreeMap<String, String>,
    account: BTreeMap<String, String>,
    closed_day: BTreeMap<String, String>,
    history: BTreeMap<String, String>,
    meeting: MeetingPatterns,
    statement: StatementWords,
    /// The zone that dates are shown in; not part of the file.
    #[serde(skip)]
    shown_in: Tz,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    date: String,
    hour: String,
    day: String,
    hours_days: String,
    hours_day: String,
    hours_join: String,
    zone: String,
    cut: String,
    outlook_only: String,
    speaker_client: String,
    speaker_consultant: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoticeWords {
    separator: String,
    reply: String,
    internal: String,
    disarmed: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusWords {
    name: String,
    next: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedWords {
    name: String,
    why: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonWords {
    why: String,
    todo: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlarmWords {
    name: String,
    means: String,
    todo: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertWords {
    name: String,
    when: String,
    todo: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AwaitingWords {
    name: String,
    owes: String,
}

impl Vocabulary {
    /// Reads and checks `words.toml`; dates will be shown in `zone`.
    pub(super) fn read(text: &str, zone: Tz) -> Result<Self, Vec<TemplateProblem>> {
        let mut vocabulary: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1);
            let message = error.message().to_owned();
            vec![TemplateProblem {
                line,
                ..TemplateProblem::new(WORDS, message)
            }]
        })?;
        vocabulary.shown_in = zone;
        match vocabulary.problems() {
            problems if problems.is_empty() => Ok(vocabulary),
            problems => Err(problems),
        }
    }

    /// The words of statements.
    pub(super) fn statement(&self) -> &StatementWords {
        &self.statement
    }

    /// The zone that dates are shown in.
    pub(super) fn shown_in(&self) -> Tz {
        self.shown_in
    }

    /// The names of the months, January first.
    pub(super) fn months(&self) -> &[String] {
        &self.months
    }

    /// An instant as people read it: "martes 24 de noviembre de 2026, 15:30 h".
    pub(super) fn date(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.shown_in);
        let weekday = usize::try_from(local.weekday().num_days_from_monday()).unwrap_or_default();
        let month = usize::try_from(local.month0()).unwrap_or_default();
        fill(
            &self.pattern.date,
            &[
                ("weekday", nth(&self.weekdays, weekday)),
                ("day", &local.day().to_string()),
                ("month", nth(&self.months, month)),
                ("year", &local.year().to_string()),
                ("time", &local.format("%H:%M").to_string()),
            ],
        )
    }

    /// The time of an instant: "15:30 h".
    pub(super) fn hour(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.shown_in);
        let time = local.format("%H:%M").to_string();
        fill(&self.pattern.hour, &[("time", &time)])
    }

    /// A date without its year: "viernes 25 de diciembre".
    pub(super) fn day(&self, date: NaiveDate) -> String {
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or_default();
        let month = usize::try_from(date.month0()).unwrap_or_default();
        fill(
            &self.pattern.day,
            &[
                ("weekday", nth(&self.weekdays, weekday)),
                ("day", &date.day().to_string()),
                ("month", nth(&self.months, month)),
            ],
        )
    }

    /// The name of the zone that dates are shown in.
    pub(super) fn zone_name(&self) -> String {
        let zone = self.shown_in.name();
        self.zone
            .get(zone)
            .cloned()
            .unwrap_or_else(|| fill(&self.pattern.zone, &[("zone", zone)]))
    }

    /// Support hours in words.
    pub(super) fn hours(&self, groups: &[HoursGroup]) -> String {
        let shown: Vec<String> = groups
            .iter()
            .map(|group| {
                let pattern = if group.first_weekday == group.last_weekday {
                    &self.pattern.hours_day
                } else {
                    &self.pattern.hours_days
                };
                fill(
                    pattern,
                    &[
                        ("first", nth(&self.weekdays, group.first_weekday.into())),
                        ("last", nth(&self.weekdays, group.last_weekday.into())),
                        ("from", &group.from),
                        ("to", &group.to),
                    ],
                )
            })
            .collect();
        shown.join(&self.pattern.hours_join)
    }

    /// The display name of a mail that speaks in somebody's name.
    pub(super) fn speaker(&self, speaker: &Speaker, service: &str) -> String {
        match speaker {
            Speaker::Service => service.to_owned(),
            Speaker::Client(name) => fill(
                &self.pattern.speaker_client,
                &[("name", name), ("service", service)],
            ),
            Speaker::Consultant(name) => fill(
                &self.pattern.speaker_consultant,
                &[("name", name), ("service", service)],
            ),
        }
    }

    /// What stands where `count` characters of a client's text were left out.
    pub(super) fn cut(&self, count: usize) -> String {
        fill(&self.pattern.cut, &[("count", &count.to_string())])
    }

    /// What a phrase of a notice becomes where it must not stand.
    pub(super) fn disarmed(&self) -> &str {
        &self.notice.disarmed
    }

    /// The phrases by which our own notices are recognized, and the words for meetings.
    pub(super) fn phrases(&self) -> Phrases {
        Phrases {
            separator: self.notice.separator.clone(),
            notice: vec![self.notice.reply.clone(), self.notice.internal.clone()],
            meeting: MeetingWords {
                patterns: self.meeting.clone(),
                weekdays: self.weekdays.clone(),
                months: self.months.clone(),
                no_subject: self.no_subject.clone(),
                zone: self.shown_in,
            },
            outlook_only: self.pattern.outlook_only.clone(),
        }
    }

    fn problems(&self) -> Vec<TemplateProblem> {
        let mut problems = Vec::new();
        compare(
            &mut problems,
            "priority",
            &self.priority,
            Priority::ALL.map(Priority::name),
        );
        compare(&mut problems, "kind", &self.kind, Kind::ALL.map(Kind::name));
        compare(
            &mut problems,
            "status",
            &self.status,
            Status::ALL.map(Status::name),
        );
        compare(
            &mut problems,
            "closed_as",
            &self.closed_as,
            ClosedAs::ALL.map(ClosedAs::name),
        );
        compare(&mut problems, "link", &self.link, Link::ALL.map(Link::name));
        compare(
            &mut problems,
            "not_sent",
            &self.not_sent,
            NotSent::ALL.map(NotSent::name),
        );
        compare(
            &mut problems,
            "held_answer",
            &self.held_answer,
            HeldAnswer::ALL.map(HeldAnswer::name),
        );
        compare(
            &mut problems,
            "failure",
            &self.failure,
            FailureCause::ALL.map(FailureCause::name),
        );
        compare(
            &mut problems,
            "alarm",
            &self.alarm,
            AlarmCause::ALL.map(AlarmCause::name),
        );
        let syntax = Problem::ALL.map(Problem::name);
        let sense = Refusal::ALL.map(Refusal::name);
        compare(
            &mut problems,
            "command_problem",
            &self.command_problem,
            syntax.into_iter().chain(sense),
        );
        compare(
            &mut problems,
            "alert",
            &self.alert,
            AlertReason::ALL.map(AlertReason::name),
        );
        let buckets = Bucket::ALL.map(Bucket::name);
        compare(&mut problems, "bucket", &self.bucket, buckets);
        let charges = ChargeKind::ALL.map(ChargeKind::name);
        compare(&mut problems, "charge", &self.charge, charges);
        let waits = WaitsFor::ALL.map(WaitsFor::name);
        compare(&mut problems, "charge_waits", &self.charge_waits, waits);
        let answers = BudgetAnswer::ALL.map(BudgetAnswer::name);
        compare(&mut problems, "budget_answer", &self.budget_answer, answers);
        let awaiting = Awaiting::ALL.map(Awaiting::name);
        compare(&mut problems, "awaiting", &self.awaiting, awaiting);
        let steps = NextStep::ALL.map(NextStep::name);
        compare(&mut problems, "next_step", &self.next_step, steps);
        let causes = HeldCause::ALL.map(HeldCause::name);
        compare(&mut problems, "held_cause", &self.held_cause, causes);
        compare(&mut problems, "chapter", &self.chapter, CHAPTER_NAMES);
        compare(&mut problems, "account", &self.account, SENTENCE_NAMES);
        let closed = Closed::ALL.map(Closed::name);
        compare(&mut problems, "closed_day", &self.closed_day, closed);
        let commands = NAMES.iter().map(|name| name.word);
        compare(&mut problems, "command", &self.command, commands);
        compare(&mut problems, "history", &self.history, HISTORY_NAMES);
        for (table, found, wanted) in self.statement.compared() {
            compare(&mut problems, table, found, wanted);
        }
        let phrases = self.phrases();
        for (key, phrase) in [
            ("separator", &phrases.separator),
            ("reply", &self.notice.reply),
            ("internal", &self.notice.internal),
        ] {
            let length = phrase.chars().count();
            let plain = phrase.trim() == phrase
                && !phrase
                    .chars()
                    .any(|c| c.is_control() || "<>&\"'/".contains(c));
            if !plain || !(PHRASE_MIN_CHARS..=PHRASE_MAX_CHARS).contains(&length) {
                problems.push(TemplateProblem::new(
                    WORDS,
                    format!(
                        "notice.{key}: must be one line of {PHRASE_MIN_CHARS} to \
                         {PHRASE_MAX_CHARS} characters without < > & \" ' /"
                    ),
                ));
            }
            if self.notice.disarmed.contains(phrase.as_str()) {
                let message = format!("notice.disarmed: must not contain notice.{key}");
                problems.push(TemplateProblem::new(WORDS, message));
            }
        }
        for part in ["{day}", "{month}", "{year}", "{time}"] {
            if !self.pattern.date.contains(part) {
                let message = format!("pattern.date: {part} is missing");
                problems.push(TemplateProblem::new(WORDS, message));
            }
        }
        problems
    }
}

/// Names that a table lacks, and names it should not have.
fn compare<T>(
    problems: &mut Vec<TemplateProblem>,
    table: &str,
    found: &BTreeMap<String, T>,
    wanted: impl IntoIterator<Item = &'static str>,
) {
    let found: BTreeSet<&str> = found.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = wanted.into_iter().collect();
    for missing in wanted.difference(&found) {
        let message = format!("[{table}]: the words for {missing} are missing");
        problems.push(TemplateProblem::new(WORDS, message));
    }
    for unknown in found.difference(&wanted) {
        let message = format!("[{table}]: there is no {unknown}");
        problems.push(TemplateProblem::new(WORDS, message));
    }
}

fn nth(words: &[String], index: usize) -> &str {
    words.get(index).map_or("", String::as_str)
}
