//! Sending a statement (policy.md §7): by itself once a month where the house wants that, by an
//! operator's order whenever; the same bytes never twice, other ones as a numbered correction.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde::Serialize;

use super::address::Person;
use super::case::Case;
use super::effect::{Decision, Effect, Manner, Outgoing, Speaker};
use super::ids::ClientId;
use super::letter::Letter;
use super::month::Month;
use super::policy::Policy;
use super::statement::Statement;
use super::statement_lines::BucketHours;
use super::statement_tickets::Flow;
use super::token::Purpose;

/// Days looked ahead for a business day; a house that is closed for longer sends nothing by itself.
const LOOK_AHEAD_DAYS: u64 = 60;

/// A statement in words, as it is printed and as it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// Plain text; lines end in LF.
    pub text: String,
    /// RFC 4180, in UTF-8 with a byte order mark.
    pub csv: String,
    /// One HTML file: no scripts, nothing from elsewhere.
    pub html: String,
    /// The name of its files, without what tells their sort.
    pub file: String,
}

/// A statement that is to be sent.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Whose.
    pub client: ClientId,
    /// What it says.
    pub statement: Statement,
    /// In which words.
    pub texts: Texts,
    /// Which issue of the month: 1, and more for corrections.
    pub number: u32,
    /// An operator ordered it; otherwise it is the day.
    pub ordered: bool,
}

/// What the mail with a statement says by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonthlyStatement {
    /// The greeting name.
    pub name: String,
    /// The client's name.
    pub client: String,
    /// Whose it is, for the files' sake.
    #[serde(skip)]
    pub client_id: ClientId,
    /// Which month.
    pub month: Month,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Which issue.
    pub issue: u32,
    /// The name of its files, without what tells their sort.
    pub file: String,
    /// Minutes charged, by price.
    pub hours: Vec<BucketHours>,
    /// Their sum.
    pub minutes: i64,
    /// The same with factors.
    pub weighted: i64,
    /// Minutes that wait for the client's word.
    pub waiting_minutes: i64,
    /// The tickets.
    pub flow: Flow,
    /// First answers within their limit.
    pub response_kept: usize,
    /// Those beyond.
    pub response_missed: usize,
    /// Solutions within their estimate.
    pub solution_kept: usize,
    /// Those beyond.
    pub solution_missed: usize,
    /// How much the client has to decide.
    pub decisions: usize,
    /// A line's number, to show how one is named.
    pub example: String,
}

/// When the statements of a month go out by themselves: at the opening of the first business day on
/// or after `statement_day` of the following month. None where the house wants none.
fn goes_out(month: Month, policy: &Policy) -> Option<DateTime<Utc>> {
    let day = policy.billing.statement_day?;
    let first = month.next().first_day().with_day(day)?;
    (0..LOOK_AHEAD_DAYS)
        .filter_map(|ahead| first.checked_add_days(Days::new(ahead)))
        .find_map(|day| policy.calendar.opening(day))
}

/// The month whose statements are due: the last one whose day has come, unless it is dealt with.
/// `done` is the last month that was.
///
/// However late the program comes, they are sent: but of one month only, so that a day that is set
/// again after a year does not send a year.
pub fn due(policy: &Policy, done: Option<Month>, now: DateTime<Utc>) -> Option<Month> {
    let present = Month::of(policy.calendar.local(now).date_naive());
    // A day late in the month may fall on a business day of the next one.
    let last = (1..=2)
        .map(|back| present.back(back))
        .find(|month| goes_out(*month, policy).is_some_and(|at| at <= now))?;
    done.is_none_or(|done| done < last).then_some(last)
}

/// When statements are next due; none where the house wants none.
pub fn next_at(policy: &Policy, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let present = Month::of(policy.calendar.local(now).date_naive());
    [present.back(1), present]
        .into_iter()
        .filter_map(|month| goes_out(month, policy))
        .find(|at| *at > now)
}

/// One mail to each of the client's current authorizers, and the bytes kept as they leave.
pub fn decide(issue: &Issue, case: &Case, now: DateTime<Utc>) -> Decision {
    let (statement, number) = (&issue.statement, issue.number);
    let what = format!("statement of {} for {}", statement.month, statement.client);
    if case.issued.unwrap_or_default() + 1 != number {
        return Decision {
            effects: Vec::new(),
            why: vec![format!("{what}: issue {number} is not the next one")],
        };
    }
    let how = if issue.ordered {
        "by an operator's order"
    } else {
        "on its day"
    };
    let mut decision = Decision {
        effects: vec![Effect::KeepStatement {
            client: issue.client,
            month: statement.month,
            issue: number,
            texts: Box::new(issue.texts.clone()),
        }],
        why: vec![format!("{what}: issue {number} {how}")],
    };
    for to in &case.authorizers {
        decision.why.push(format!("to {}", to.address));
        decision.effects.push(Effect::Send(Box::new(Outgoing {
            letter: Letter::MonthlyStatement(Box::new(issue.letter(to))),
            to: to.clone(),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Timer,
            speaker: Speaker::Service,
            thread: None,
            source: None,
            once: format!(
                "statement:{}:{}:{number}:{}",
                issue.client, statement.month, to.address
            ),
            not_before: now,
        })));
    }
    if case.authorizers.is_empty() {
        decision.effects.clear();
        decision
            .why
            .push("not sent: nobody is on the client's list".to_owned());
    }
    decision
}

impl Issue {
    fn letter(&self, to: &Person) -> MonthlyStatement {
        let statement = &self.statement;
        MonthlyStatement {
            name: to.name.clone(),
            client: statement.client.clone(),
            client_id: self.client,
            month: statement.month,
            first_day: statement.first_day,
            issue: self.number,
            file: self.texts.file.clone(),
            hours: statement.lines.hours.clone(),
            minutes: statement.lines.minutes,
            weighted: statement.lines.weighted,
            waiting_minutes: statement.lines.waiting_minutes,
            flow: statement.tickets.flow,
            response_kept: statement.service.response_kept,
            response_missed: statement.service.response_missed,
            solution_kept: statement.service.solution_kept,
            solution_missed: statement.service.solution_missed,
            decisions: statement.tickets.decisions.len(),
            example: statement.example.clone(),
        }
    }
}
