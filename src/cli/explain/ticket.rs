//! A ticket in words: its facts, its clocks with their arithmetic, and every decision about it.

use chrono::{DateTime, Utc};

use super::words::{event, person, words};
use super::{INDENT, alerts, decisions, field, plan, response, say, solution, waits};
use crate::cli::{Failure, print, tickets};
use crate::config::settings::Settings;
use crate::domain::calendar::Calendar;
use crate::domain::policy::Policy;
use crate::domain::ticket::Ticket;
use crate::store::explain::{Cause, Line};

/// A ticket and everything that its explanation rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// What recorded each fact of its history, in its order.
    pub causes: &'a [Cause],
    /// The house's settings.
    pub settings: &'a Settings,
    /// When it needs a decision next.
    pub next_action: Option<DateTime<Utc>>,
    /// The time for which clocks are told.
    pub now: DateTime<Utc>,
}

impl<'a> View<'a> {
    pub(super) fn policy(&self) -> &'a Policy {
        &self.settings.policy
    }

    /// The support hours that count for the ticket.
    pub(super) fn calendar(&self) -> &'a Calendar {
        self.ticket.calendar(self.policy())
    }

    /// `Tue 2026-11-24 10:00`.
    pub(super) fn moment(&self, at: DateTime<Utc>) -> String {
        say::moment(at, self.settings.zone)
    }

    /// The same; the time alone where the day is that of `from`.
    pub(super) fn then(&self, from: DateTime<Utc>, at: DateTime<Utc>) -> String {
        say::moment_after(from, at, self.settings.zone)
    }

    /// The person whose doing the fact at this place of the history is; none where it is the
    /// program's, a server's or an operator's.
    pub(super) fn person(&self, place: usize) -> Option<&'a str> {
        let fact = self.ticket.history.get(place).map(|dated| &dated.fact);
        person(fact, self.causes.get(place))
    }

    /// The same in words, or what else it comes from.
    pub(super) fn who(&self, place: usize) -> &'a str {
        self.person(place)
            .unwrap_or_else(|| event(self.causes.get(place)))
    }
}

/// Prints a ticket.
pub(super) fn explain(view: &View, lines: &[Line]) -> Result<(), Failure> {
    head(view)?;
    print::line("\nfacts")?;
    facts(view)?;
    print::line("\nresponse clock")?;
    response::explain(view)?;
    print::line("\nsolution clock")?;
    solution::explain(view)?;
    waits::explain(view)?;
    plan::explain(view)?;
    alerts::explain(view)?;
    print::line("\ndecisions")?;
    decisions(lines, view.settings)
}

fn head(view: &View) -> Result<(), Failure> {
    let ticket = view.ticket;
    let number = view.policy().tag(ticket.id);
    print::line(&format!("{number}  {}", ticket.thread.subject))?;
    field("status", &tickets::status(ticket))?;
    let sort = format!("{}, {}", ticket.priority.name(), ticket.kind.name());
    field("priority", &sort)?;
    field("client", &ticket.client.name)?;
    field("requester", ticket.requester.address.as_str())?;
    for person in &ticket.participants {
        field("takes part", person.address.as_str())?;
    }
    for person in &ticket.copied {
        field("copied", person.address.as_str())?;
    }
    let owner = match &ticket.assignee {
        Some(address) => format!("{address}, level {}", ticket.level),
        None => format!("level {}", ticket.level),
    };
    field("assignee", &owner)?;
    let whose = match &ticket.client.calendar {
        Some(_) => format!("{}'s own", ticket.client.name),
        None => "the house's".to_owned(),
    };
    let hours = say::week(view.calendar());
    field("hours", &format!("{hours} ({whose})"))?;
    let next = view.next_action.map(|at| view.moment(at));
    field("next action", next.as_deref().unwrap_or("none"))
}

fn facts(view: &View) -> Result<(), Failure> {
    for (place, dated) in view.ticket.history.iter().enumerate() {
        let fact = words(&dated.fact, view.who(place), view.settings);
        let at = print::moment(dated.at, view.settings.zone);
        print::line(&format!("{INDENT}{at}  {fact}"))?;
    }
    Ok(())
}
