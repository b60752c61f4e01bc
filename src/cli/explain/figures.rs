//! The arithmetic of clocks, plan and alerts for programs.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::ticket::View;
use super::waits::next_reply_of;
use crate::cli::print;
use crate::domain::account::{ClosedDay, Stretch, plan_ahead, shown};
use crate::domain::clock::{self, Opening};
use crate::domain::contact::{self, Step};
use crate::domain::escalation;
use crate::domain::policy::{ClockMode, SolutionTerms};
use crate::domain::ticket::{ClockName, Fact, Stage};
use crate::domain::waits;

/// Most stretches of one span in a document.
const STRETCHES_MAX: usize = 1_000;

impl View<'_> {
    fn json(&self, at: DateTime<Utc>) -> Value {
        print::instant(at, self.settings.zone)
    }

    fn json_or_null(&self, at: Option<DateTime<Utc>>) -> Value {
        print::instant_or_null(at, self.settings.zone)
    }
}

/// Every clock; null where it does not run.
pub(super) fn clocks(view: &View) -> Value {
    json!({
        "response": response(view),
        "solution": solution(view),
        "next_reply": next_reply(view),
        "third_party": third_party(view),
        "formalizing": formalizing(view),
    })
}

fn response(view: &View) -> Value {
    let clock = clock::response(view.ticket, view.policy());
    let changes: Vec<Value> = clock::reclassifications(view.ticket, view.policy())
        .iter()
        .map(|change| {
            json!({
                "at": view.json(change.at),
                "by": change.by.as_str(),
                "from": change.from.name(),
                "to": change.to.name(),
                "raised": change.raised(),
                "old": { "target_at": view.json(change.before.target_at), "limit_at": view.json(change.before.limit_at) },
                "alone": { "target_at": view.json(change.alone.target_at), "limit_at": view.json(change.alone.limit_at) },
                "target_at": view.json(change.after.target_at),
                "limit_at": view.json(change.after.limit_at),
            })
        })
        .collect();
    let until = clock.end(view.now);
    json!({
        "started_at": view.json_or_null((!clock.pending).then_some(clock.start)),
        "opened_as": Opening::of(view.ticket).priority.name(),
        "hours": match clock.mode {
            ClockMode::Business => "business",
            ClockMode::Wall => "wall",
        },
        "changes": changes,
        "target_at": view.json(clock.target_at),
        "limit_at": view.json(clock.limit_at),
        "limit_open_at": view.json(clock.limit_open_at),
        "counted": counted(view, clock.mode, (clock.start, until)),
        "met_at": view.json_or_null(clock.met_at),
        "kept": !clock.breached(view.now),
    })
}

fn solution(view: &View) -> Value {
    let clock = clock::solution(view.ticket, view.policy(), view.now);
    let allowed = |terms: SolutionTerms| {
        json!({
            "target_seconds": terms.target.map(|t| t.num_seconds()),
            "limit_seconds": terms.limit.num_seconds(),
        })
    };
    let changes: Vec<Value> = clock::kind_changes(view.ticket, view.policy(), view.now)
        .iter()
        .map(|change| {
            json!({
                "at": view.json(change.at),
                "by": change.by.as_str(),
                "from": change.from.name(),
                "to": change.to.name(),
                "run_seconds": change.run.num_seconds(),
                "old": allowed(change.before),
                "alone": allowed(change.alone),
                "new": allowed(change.after),
            })
        })
        .collect();
    let segments: Vec<Value> = clock
        .segments
        .iter()
        .map(|part| {
            let until = part.to.unwrap_or(view.now).max(part.from);
            let span = (part.from, until);
            let counts = if part.runs() {
                counted(view, ClockMode::Business, span)
            } else {
                Value::Null
            };
            json!({
                "from": view.json(part.from),
                "to": view.json_or_null(part.to),
                "status": part.status.name(),
                "runs": part.runs(),
                "counted": counts,
            })
        })
        .collect();
    json!({
        "started_at": view.json_or_null(clock.started_at),
        "opened_as": Opening::of(view.ticket).kind.name(),
        "changes": changes,
        "segments": segments,
        "elapsed_seconds": clock.elapsed.num_seconds(),
        "limit_seconds": clock.limit.num_seconds(),
        "remaining_seconds": clock.remaining().num_seconds(),
        "paused": clock.paused,
        "due_at": view.json_or_null(clock.due_at),
        "kept": !clock.breached,
    })
}

fn next_reply(view: &View) -> Value {
    next_reply_of(view).map_or(Value::Null, |clock| {
        json!({
            "started_at": view.json(clock.asked_at),
            "limit_at": view.json(clock.limit_at),
            "limit_open_at": view.json(clock.limit_open_at),
        })
    })
}

fn third_party(view: &View) -> Value {
    waits::third_party_since(view.ticket).map_or(Value::Null, |since| {
        json!({
            "since": view.json(since),
            "case": view.ticket.case_number(),
            "update_at": view.json_or_null(waits::update_at(view.ticket, view.policy())),
        })
    })
}

fn formalizing(view: &View) -> Value {
    waits::formalizing(view.ticket, view.policy()).map_or(Value::Null, |call| {
        json!({
            "called_at": view.json(call.called_at),
            "asked_at": view.json(call.asked_at),
            "remind_at": view.json_or_null(call.remind_at),
            "decide_at": view.json_or_null(call.decide_at),
        })
    })
}

/// A span in stretches, and what they add up to.
fn counted(view: &View, mode: ClockMode, span: (DateTime<Utc>, DateTime<Utc>)) -> Value {
    let shown = shown(view.calendar(), mode, span, STRETCHES_MAX);
    let listed = || shown.first.iter().chain(&shown.last);
    let seconds = listed()
        .filter(|stretch| stretch.counted)
        .fold(shown.left_out.1, |sum, part| sum + (part.to - part.from));
    let one = |stretch: &Stretch| {
        let time: Duration = stretch.to - stretch.from;
        json!({
            "from": view.json(stretch.from),
            "to": view.json(stretch.to),
            "counted": stretch.counted,
            "seconds": time.num_seconds(),
            "closed": closed(&stretch.closed),
        })
    };
    json!({
        "seconds": seconds.num_seconds(),
        "stretches": listed().map(one).collect::<Vec<_>>(),
        "left_out": shown.left_out.0,
    })
}

fn closed(days: &[ClosedDay]) -> Vec<Value> {
    days.iter()
        .map(|day| json!({ "date": day.date.to_string(), "why": day.why.name() }))
        .collect()
}

/// The contact plan's way to its dates; null where none runs. What was tried is under `contact`.
pub(super) fn plan(view: &View) -> Value {
    let Some(plan) = contact::plan(view.ticket, view.policy()) else {
        return Value::Null;
    };
    let ahead: Vec<Value> = plan_ahead(view.ticket, &plan, view.policy())
        .iter()
        .map(|step| {
            json!({
                "attempt": step.attempt,
                "at": view.json(step.at),
                "after": step.count.base.to_string(),
                "business_days": step.count.days.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "skipped": closed(&step.count.skipped),
                "not_before": step.not_before.map(|day| day.to_string()),
                "put_off": step.put_off,
            })
        })
        .collect();
    json!({
        "asked_at": view.json(plan.asked_at),
        "step": match plan.step {
            Step::Attempt { .. } => "attempt",
            Step::UnderWay { .. } => "under_way",
            Step::Close { .. } => "close",
            Step::Stopped => "stopped",
            Step::Exhausted => "exhausted",
        },
        "ahead": ahead,
    })
}

/// Alerts told and to come.
pub(super) fn alerts(view: &View) -> Value {
    let stage = |stage: Stage| match stage {
        Stage::Target => json!("target"),
        Stage::Percent(percent) => json!(percent),
        Stage::Breach => json!("breach"),
    };
    let one = |clock: ClockName, reached: Stage, at| json!({ "clock": clock.name(), "stage": stage(reached), "at": view.json(at) });
    let told: Vec<Value> = view
        .ticket
        .history
        .iter()
        .filter_map(|dated| match dated.fact {
            Fact::Alerted { clock, stage } => Some(one(clock, stage, dated.at)),
            Fact::ResponseBreached => Some(one(ClockName::Response, Stage::Breach, dated.at)),
            _ => None,
        })
        .collect();
    let ahead: Vec<Value> = ClockName::ALL
        .into_iter()
        .flat_map(|name| {
            escalation::ahead(view.ticket, name, view.policy(), view.now)
                .into_iter()
                .map(move |reached| (name, reached))
        })
        .map(|(name, reached)| one(name, reached.stage, reached.at))
        .collect();
    json!({ "told": told, "ahead": ahead })
}
