//! The alerts of a ticket's clocks in words (policy.md §3): which were told, which are to come.

use super::field;
use super::ticket::View;
use super::words::alert;
use crate::cli::{Failure, print};
use crate::domain::escalation;
use crate::domain::ticket::{ClockName, Fact, Priority, Stage};

/// Prints them; nothing where there are none.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    let told: Vec<_> = view
        .ticket
        .history
        .iter()
        .filter_map(|dated| match dated.fact {
            Fact::Alerted { clock, stage } => Some((dated.at, clock, stage)),
            Fact::ResponseBreached => Some((dated.at, ClockName::Response, Stage::Breach)),
            _ => None,
        })
        .collect();
    let ahead: Vec<_> = ClockName::ALL
        .into_iter()
        .flat_map(|name| {
            escalation::ahead(view.ticket, name, view.policy(), view.now)
                .into_iter()
                .map(move |reached| (name, reached))
        })
        .collect();
    if told.is_empty() && ahead.is_empty() {
        return Ok(());
    }
    print::line("\nalerts")?;
    for (at, clock, stage) in told {
        let at = view.moment(at);
        field("  told", &format!("{at}  {}", alert(clock, stage)))?;
    }
    for (clock, reached) in ahead {
        let at = view.moment(reached.at);
        let opening = view.calendar().next_open(reached.at);
        let waits = if view.ticket.priority == Priority::Critical || opening == reached.at {
            String::new()
        } else {
            format!(", told at the next opening, {}", view.moment(opening))
        };
        field(
            "  to come",
            &format!("{at}  {}{waits}", alert(clock, reached.stage)),
        )?;
    }
    Ok(())
}
