//! Alerts (policy.md §3): how far a clock has come, and which stage of it consultants have yet to
//! be told of. Each stage is told once; after downtime only the highest that was crossed.

use chrono::{DateTime, Duration, Utc};

use super::calendar::Calendar;
use super::clock;
use super::policy::Policy;
use super::ticket::{ClockName, Fact, Priority, Stage, Ticket};

/// A stage of a clock and the instant at which it is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Which stage.
    pub stage: Stage,
    /// When it is reached.
    pub at: DateTime<Utc>,
    /// The instant that people are told with it: the limit, or the target.
    pub shown_at: DateTime<Utc>,
}

/// The stages of a clock that nobody was told of and that still mean something, in order. Empty
/// where the clock does not run.
pub fn ahead(
    ticket: &Ticket,
    name: ClockName,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Reached> {
    if !ticket.is_open() {
        return Vec::new();
    }
    let mut stages = match name {
        ClockName::Response => response(ticket, policy),
        ClockName::NextReply => next_reply(ticket, policy),
        ClockName::Solution => solution(ticket, policy, now),
    };
    stages.sort_by_key(|reached| (reached.at, reached.stage));
    let told = told(ticket, name, policy);
    // A stage below one that was told is past, also where it was never told itself.
    let past = stages
        .iter()
        .rposition(|reached| told.contains(&reached.stage));
    stages
        .into_iter()
        .skip(past.map_or(0, |place| place + 1))
        .collect()
}

/// When the next alert of a clock is due, and none where none is to come.
///
/// Policy §3: only in support hours, except for critical tickets.
pub fn next(
    ticket: &Ticket,
    name: ClockName,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let first = ahead(ticket, name, policy, now).into_iter().next()?;
    Some(if ticket.priority == Priority::Critical {
        first.at
    } else {
        ticket.calendar(policy).next_open(first.at)
    })
}

/// The stage to tell at `now`: the highest that was crossed.
pub fn crossed(
    ticket: &Ticket,
    name: ClockName,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Reached> {
    ahead(ticket, name, policy, now)
        .into_iter()
        .rfind(|reached| reached.at <= now)
}

/// The stages of the clock's present life that were told.
fn told(ticket: &Ticket, name: ClockName, policy: &Policy) -> Vec<Stage> {
    // The next-reply clock begins anew with each mail that it counts for.
    let since = match name {
        ClockName::NextReply => clock::next_reply(ticket, policy).map_or(0, |reply| reply.place),
        ClockName::Response | ClockName::Solution => 0,
    };
    ticket
        .history
        .iter()
        .skip(since)
        .filter_map(|dated| match dated.fact {
            Fact::Alerted { clock, stage } if clock == name => Some(stage),
            Fact::ResponseBreached if name == ClockName::Response => Some(Stage::Breach),
            _ => None,
        })
        .collect()
}

/// The first instant at which time that counts has passed since a limit.
fn beyond(limit_open_at: DateTime<Utc>) -> DateTime<Utc> {
    limit_open_at + Duration::seconds(1)
}

fn response(ticket: &Ticket, policy: &Policy) -> Vec<Reached> {
    let clock = clock::response(ticket, policy);
    if clock.met_at.is_some() || clock.pending {
        return Vec::new();
    }
    let calendar = ticket.calendar(policy);
    let mut stages = vec![Reached {
        stage: Stage::Breach,
        at: beyond(clock.limit_open_at),
        shown_at: clock.limit_at,
    }];
    // What is aimed at "at once" needs no reminder: its arrival was one, and so was the page of
    // what turned critical (policy.md §3).
    let at_once = policy.response_terms(ticket.priority).target.is_zero();
    if !at_once && clock.target_at < clock.limit_at {
        stages.push(Reached {
            stage: Stage::Target,
            at: clock.target_at,
            shown_at: clock.limit_at,
        });
    }
    stages.extend(policy.alert_percents.iter().map(|percent| Reached {
        stage: Stage::Percent(*percent),
        at: clock.hundredths(*percent, calendar),
        shown_at: clock.limit_at,
    }));
    stages
}

fn next_reply(ticket: &Ticket, policy: &Policy) -> Vec<Reached> {
    clock::next_reply(ticket, policy)
        .map(|clock| Reached {
            stage: Stage::Breach,
            at: beyond(clock.limit_open_at),
            shown_at: clock.limit_at,
        })
        .into_iter()
        .collect()
}

fn solution(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> Vec<Reached> {
    let clock = clock::solution(ticket, policy, now);
    let calendar: &Calendar = ticket.calendar(policy);
    let Some(due_at) = clock.due_at.filter(|_| !clock.paused) else {
        return Vec::new();
    };
    let reached = |stage, run| {
        clock.reaches(run, calendar).map(|at| Reached {
            stage,
            at,
            shown_at: due_at,
        })
    };
    let target = clock
        .target
        .filter(|target| *target < clock.limit)
        .and_then(|target| reached(Stage::Target, target));
    let parts = policy.alert_percents.iter().filter_map(|percent| {
        reached(
            Stage::Percent(*percent),
            clock.limit * i32::from(*percent) / 100,
        )
    });
    let breach = Reached {
        stage: Stage::Breach,
        at: beyond(calendar.next_open(due_at)),
        shown_at: due_at,
    };
    target.into_iter().chain(parts).chain([breach]).collect()
}
