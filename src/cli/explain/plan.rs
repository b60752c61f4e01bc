//! The contact plan in words (policy.md §6): the question, what was tried and whether it counts, and
//! how the dates to come are reckoned.

use chrono::{DateTime, Utc};

use super::ticket::View;
use super::{field, say};
use crate::cli::{Failure, print};
use crate::domain::account::{Ahead, plan_ahead};
use crate::domain::contact::{self, Attempt, ContactPlan, Step, Via};
use crate::domain::ticket::Fact;

/// Prints it; nothing where there is none and none came before the end.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    let plan = contact::plan(view.ticket, view.policy());
    let attempts = contact::attempts(view.ticket, view.policy());
    if plan.is_none() && attempts.is_empty() {
        return Ok(());
    }
    print::line("\ncontact plan")?;
    if let Some(plan) = &plan {
        let asked = view.moment(plan.asked_at);
        field("  asked", &format!("{asked}{}", asker(view, plan.asked_at)))?;
    }
    for attempt in &attempts {
        let number = format!("  attempt {}", attempt.number);
        field(&number, &tried(view, plan.as_ref(), attempt))?;
    }
    let Some(plan) = plan else {
        return field("  over", "the ticket is closed");
    };
    match plan.step {
        Step::Attempt { .. } | Step::Close { .. } => {}
        Step::UnderWay { number } => field(
            "  waits",
            &format!("for a server to accept attempt {number}: nothing is decided before"),
        )?,
        Step::Stopped => field(
            "  stopped",
            "a mail to the requester came back: a consultant has to find another address",
        )?,
        Step::Exhausted => field(
            "  waits",
            "everything was tried, and a critical ticket is closed by a consultant only",
        )?,
    }
    for step in plan_ahead(view.ticket, &plan, view.policy()) {
        ahead(view, &plan, &step)?;
    }
    Ok(())
}

/// Whose mail asked the client.
fn asker(view: &View, asked_at: DateTime<Utc>) -> String {
    let asked = view
        .ticket
        .history
        .iter()
        .rfind(|dated| dated.at <= asked_at && matches!(dated.fact, Fact::ReplyQueued { .. }));
    let who = asked.and_then(|dated| dated.fact.by());
    who.map_or(String::new(), |who| format!(", by {who}"))
}

fn tried(view: &View, plan: Option<&ContactPlan>, attempt: &Attempt) -> String {
    let at = view.moment(attempt.at);
    let how = match attempt.via {
        Via::Mail => "by mail".to_owned(),
        Via::Phone => {
            let made = view.ticket.history.iter().rfind(|dated| {
                dated.at == attempt.at && matches!(dated.fact, Fact::AttemptByPhone { .. })
            });
            let who = made.and_then(|dated| dated.fact.by());
            who.map_or("by phone".to_owned(), |who| format!("by phone, {who}"))
        }
    };
    let counts = if attempt.counts {
        match attempt.via {
            Via::Mail => "counts: a server accepted it and it did not come back",
            Via::Phone => "counts",
        }
    } else if plan.is_some_and(|plan| {
        plan.step
            == Step::UnderWay {
                number: attempt.number,
            }
    }) {
        "does not count yet: no server has accepted it"
    } else {
        "does not count: it came back"
    };
    format!("{at} {how}: {counts}")
}

fn ahead(view: &View, plan: &ContactPlan, step: &Ahead) -> Result<(), Failure> {
    let at = view.moment(step.at);
    let name = match step.attempt {
        Some(number) => format!("  attempt {number}"),
        None => "  closes".to_owned(),
    };
    let when = match step.attempt {
        Some(_) => "is due ",
        None => "",
    };
    field(&name, &format!("{when}{at}{}", moved(view, plan, step)))?;
    field("", &say::count(&step.count))
}

/// Why an attempt is not simply so many business days later at the question's wall time.
fn moved(view: &View, plan: &ContactPlan, step: &Ahead) -> String {
    if step.attempt.is_none() {
        return ", at closing time".to_owned();
    }
    if let Some(day) = step.not_before {
        return format!(", since the wait was to last until {}", say::day(day));
    }
    let calendar = view.calendar();
    let wall = |at| calendar.local(at).format("%H:%M").to_string();
    let asked = wall(plan.asked_at);
    if wall(step.at) == asked {
        String::new()
    } else {
        format!(", the question's {asked} moved into support hours")
    }
}
