//! The contact plan in words (policy.md §6): the question, what was tried and whether it counts, and
//! how the dates to come are reckoned.

use chrono::{DateTime, Utc};

use super::ticket::View;
use super::{field, say};
use crate::cli::{Failure, print};
use crate::domain::account::{Ahead, Made, last_plan, plan_ahead, plan_behind};
use crate::domain::contact::{Attempt, ContactPlan, Step, Via};
use crate::domain::ticket::{ClosedAs, Fact};

/// Prints it; nothing where there is none and none ran when the ticket was closed.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    let Some(plan) = last_plan(view.ticket, view.policy()) else {
        return Ok(());
    };
    print::line("\ncontact plan")?;
    let asked = view.moment(plan.asked_at);
    field("  asked", &format!("{asked}{}", asker(view, plan.asked_at)))?;
    for made in plan_behind(&plan, view.calendar(), view.policy()) {
        behind(view, &plan, &made)?;
    }
    if view.ticket.is_open() {
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
    } else if !ended_by(&plan, view) {
        return field("  over", "the ticket was closed before the plan's end");
    }
    for step in plan_ahead(view.ticket, &plan, view.policy()) {
        ahead(view, &plan, &step)?;
    }
    Ok(())
}

/// Whether the ticket was closed because the plan was over.
fn ended_by(plan: &ContactPlan, view: &View) -> bool {
    let ending = matches!(
        view.ticket.closed_as,
        Some(ClosedAs::Unattended | ClosedAs::NotApproved)
    );
    ending && matches!(plan.step, Step::Close { .. })
}

/// An attempt that was made, and how its date came about.
fn behind(view: &View, plan: &ContactPlan, made: &Made) -> Result<(), Failure> {
    let attempt = &made.attempt;
    let name = format!("  attempt {}", attempt.number);
    field(&name, &tried(view, plan, attempt))?;
    let day = |at| view.calendar().local(at).date_naive();
    match made.due_at {
        Some(due) if day(due) == day(attempt.at) => field("", &say::count(&made.count)),
        Some(due) if due < attempt.at && attempt.via == Via::Mail => {
            let due = view.moment(due);
            field("", &format!("it was due {due}, and left late"))
        }
        _ => Ok(()),
    }
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

fn tried(view: &View, plan: &ContactPlan, attempt: &Attempt) -> String {
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
            Via::Mail => "counts, accepted and not returned",
            Via::Phone => "counts",
        }
    } else if plan.step
        == (Step::UnderWay {
            number: attempt.number,
        })
    {
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
        None if view.ticket.is_open() => "  closes".to_owned(),
        None => "  closed".to_owned(),
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
    if step.put_off {
        return ", put off: a held mail may be the answer".to_owned();
    }
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
