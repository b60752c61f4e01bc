//! `tickets`: what is known of tickets, their clocks computed as of now.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::settings::Settings;
use crate::daemon::calendars::Calendars;
use crate::domain::budget::Budget;
use crate::domain::clock::{self, SolutionClock};
use crate::domain::contact::{self, ContactPlan, Step};
use crate::domain::ids::TicketId;
use crate::domain::ticket::{Fact, Ticket};
use crate::domain::waits;
use crate::ports::{Clock, SystemClock};
use crate::store::{Connection, StoreError, tickets as table, views};

/// What to show.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// All tickets, closed ones too
    List {
        /// Only open ones
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        json: JsonArg,
    },
    /// One ticket with its messages
    Show {
        /// Its name, such as GS-1
        ticket: String,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// Runs `tickets …`.
pub(super) fn tickets(config: &ConfigArg, command: Command) -> Outcome {
    let (settings, _) = setup::settings(config)?;
    let store = setup::store(&settings)?;
    let now = SystemClock.now();
    match command {
        Command::List { open, json } => list(store.reader(), &settings, open, json.json, now),
        Command::Show { ticket, json } => {
            let id = number(&ticket, &settings)?;
            let ticket = load(store.reader(), id, &Calendars::new(settings.zone))?
                .ok_or_else(|| anyhow!("there is no ticket {ticket}"))?;
            show(store.reader(), &settings, &ticket, json.json, now)
        }
    }
}

/// `GS-1`, case free, or the bare number.
pub(super) fn number(name: &str, settings: &Settings) -> Result<TicketId, Failure> {
    let prefix = format!("{}-", settings.policy.ticket_prefix).to_lowercase();
    let lower = name.to_lowercase();
    let digits = lower.strip_prefix(&prefix).unwrap_or(&lower);
    let id = digits.parse::<i64>().map_err(|_| {
        anyhow!(
            "«{name}» is not a ticket: they are called {}",
            settings.policy.tag(TicketId(1))
        )
    })?;
    Ok(TicketId(id))
}

/// The time that a ticket is looked at: now, and not before the last thing that is known of it. A
/// clock that was set back, or a demo that plays later in the year, takes back nothing that happened.
pub(super) fn as_of(ticket: &Ticket, now: DateTime<Utc>) -> DateTime<Utc> {
    let last = ticket.history.iter().map(|dated| dated.at).max();
    last.map_or(now, |last| now.max(last))
}

/// A ticket as interface.md has it, without its messages.
pub fn as_json(
    tx: &Connection,
    ticket: &Ticket,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<Map<String, Value>, Failure> {
    let (policy, zone) = (&settings.policy, settings.zone);
    let now = as_of(ticket, now);
    let response = clock::response(ticket, policy);
    let solution = clock::solution(ticket, policy, now);
    let links: Vec<Value> = ticket
        .history
        .iter()
        .filter_map(|dated| match &dated.fact {
            Fact::Linked { link, ticket } => {
                Some(json!({ "kind": link.name(), "number": policy.tag(*ticket) }))
            }
            _ => None,
        })
        .collect();
    let budget = Budget::of(ticket, policy);
    let value = json!({
        "number": policy.tag(ticket.id),
        "subject": ticket.thread.subject,
        "status": ticket.status.name(),
        "closed_as": ticket.closed_as.map(|c| c.name()),
        "priority": ticket.priority.name(),
        "kind": ticket.kind.name(),
        "level": ticket.level,
        "client": ticket.client.name,
        "requester": ticket.requester.address.as_str(),
        "assignee": ticket.assignee.as_ref().map(|a| a.as_str()),
        "official": ticket.official,
        "opened_at": print::instant(ticket.opened_at, zone),
        "first_response_at": print::instant_or_null(response.met_at, zone),
        "response": {
            "target_at": print::instant(response.target_at, zone),
            "limit_at": print::instant(response.limit_at, zone),
            "limit_open_at": print::instant(response.limit_open_at, zone),
            "elapsed_seconds": response.elapsed(ticket.calendar(policy), now).num_seconds(),
            "breached": response.breached(now),
        },
        "solution": {
            "started_at": print::instant_or_null(solution.started_at, zone),
            "elapsed_seconds": solution.elapsed.num_seconds(),
            "due_at": print::instant_or_null(solution.due_at, zone),
            "paused": solution.paused,
            "breached": solution.breached,
        },
        "budget": {
            "authorized_minutes": budget.authorized,
            "used_minutes": budget.used,
        },
        "contact": contact_json(ticket, settings),
        "links": links,
        "next_action_at": print::instant_or_null(views::next_action(tx, ticket.id)?, zone),
    });
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(anyhow!("a ticket is an object").into()),
    }
}

/// The contact plan as interface.md has it; `closes_at` is when the ticket closes if nobody answers
/// and everything leaves in time, and null where it does not close by itself.
fn contact_json(ticket: &Ticket, settings: &Settings) -> Value {
    let zone = settings.zone;
    let plan = contact::plan(ticket, &settings.policy);
    let attempts: Vec<Value> = contact::attempts(ticket, &settings.policy)
        .iter()
        .map(|attempt| {
            json!({
                "number": attempt.number,
                "at": print::instant(attempt.at, zone),
                "via": attempt.via.name(),
                "counts": attempt.counts,
            })
        })
        .collect();
    json!({
        "attempts": attempts,
        "next_at": print::instant_or_null(plan.as_ref().and_then(ContactPlan::due_at), zone),
        "closes_at": print::instant_or_null(plan.filter(closes).map(|plan| plan.closes_at), zone),
    })
}

/// Whether a plan still leads to the closing by itself.
fn closes(plan: &ContactPlan) -> bool {
    match plan.step {
        Step::Attempt { .. } | Step::UnderWay { .. } | Step::Close { .. } => true,
        Step::Stopped | Step::Exhausted => false,
    }
}

/// A ticket with its client's own hours.
pub fn load(
    tx: &Connection,
    id: TicketId,
    calendars: &Calendars,
) -> Result<Option<Ticket>, StoreError> {
    let mut ticket = table::load(tx, id)?;
    if let Some(ticket) = &mut ticket {
        calendars.fit_ticket(ticket)?;
    }
    Ok(ticket)
}

fn list(
    tx: &Connection,
    settings: &Settings,
    open: bool,
    json: bool,
    now: DateTime<Utc>,
) -> Outcome {
    let numbers = views::ticket_numbers(tx, open)?;
    let calendars = Calendars::new(settings.zone);
    let tickets = numbers
        .into_iter()
        .filter_map(|id| load(tx, id, &calendars).transpose());
    if json {
        let mut rows = Vec::new();
        for ticket in tickets {
            rows.push(Value::Object(as_json(tx, &ticket?, settings, now)?));
        }
        print::json(&Value::Array(rows))?;
        return Ok(Done::Well);
    }
    let mut cells = Vec::new();
    for ticket in tickets {
        let ticket = ticket?;
        let now = as_of(&ticket, now);
        let response = clock::response(&ticket, &settings.policy);
        let late = if response.breached(now) { ", LATE" } else { "" };
        let answer = match response.met_at {
            Some(at) => format!("{}{late}", print::moment(at, settings.zone)),
            None if !ticket.is_open() => format!("none{late}"),
            None if response.breached(now) => "BREACHED".to_owned(),
            None => format!("due {}", print::moment(response.limit_at, settings.zone)),
        };
        let clock = clock::solution(&ticket, &settings.policy, now);
        let next = views::next_action(tx, ticket.id)?;
        cells.push(vec![
            settings.policy.tag(ticket.id),
            status(&ticket),
            ticket.priority.name().to_owned(),
            ticket.client.name.clone(),
            ticket.requester.address.to_string(),
            answer,
            solution_in_short(&ticket, &clock, settings),
            next.map_or("-".to_owned(), |at| print::moment(at, settings.zone)),
            ticket.thread.subject.clone(),
        ]);
    }
    let header = [
        "TICKET",
        "STATUS",
        "PRIORITY",
        "CLIENT",
        "REQUESTER",
        "FIRST ANSWER",
        "SOLUTION",
        "NEXT ACTION",
        "SUBJECT",
    ];
    let nothing = if open {
        "there are no open tickets"
    } else {
        "there are no tickets"
    };
    print::table(&header, &cells, nothing)?;
    Ok(Done::Well)
}

fn show(
    tx: &Connection,
    settings: &Settings,
    ticket: &Ticket,
    json: bool,
    now: DateTime<Utc>,
) -> Outcome {
    let mut value = as_json(tx, ticket, settings, now)?;
    let messages = views::messages(tx, ticket.id)?;
    if json {
        let messages = messages
            .iter()
            .map(|m| {
                json!({
                    "id": m.id,
                    "message_id": m.message_id,
                    "at": print::instant(m.at, settings.zone),
                    "from": m.from,
                    "direction": m.direction,
                    "class": m.class,
                    "visibility": m.visibility,
                    "thread_evidence": m.thread_evidence,
                    "text": m.text,
                })
            })
            .collect();
        value.insert("messages".to_owned(), Value::Array(messages));
        print::json(&Value::Object(value))?;
        return Ok(Done::Well);
    }
    for (name, text) in summary(ticket, settings, views::next_action(tx, ticket.id)?, now) {
        print::line(&format!("{name:<12} {text}"))?;
    }
    for m in &messages {
        let evidence = m.thread_evidence.as_deref().unwrap_or("written by us");
        print::line(&format!(
            "\n--- {} {} {} {} ({evidence})\n{}",
            print::moment(m.at, settings.zone),
            m.direction,
            m.visibility,
            m.from,
            m.text.trim_end()
        ))?;
    }
    Ok(Done::Well)
}

/// The state, and how a closed ticket ended.
pub(super) fn status(ticket: &Ticket) -> String {
    match ticket.closed_as {
        Some(how) => format!("{} ({})", ticket.status.name(), how.name()),
        None => ticket.status.name().to_owned(),
    }
}

/// The solution clock in a cell.
fn solution_in_short(ticket: &Ticket, clock: &SolutionClock, settings: &Settings) -> String {
    let left = print::span(clock.remaining().num_seconds());
    match (clock.started_at, clock.due_at) {
        (None, _) => "-".to_owned(),
        (Some(_), _) if clock.breached => "LATE".to_owned(),
        (Some(_), _) if !ticket.is_open() => "in time".to_owned(),
        (Some(_), _) if clock.paused => format!("paused, {left} left"),
        (Some(_), Some(due)) => format!("due {}", print::moment(due, settings.zone)),
        (Some(_), None) => format!("{left} left"),
    }
}

/// The contact plan in words: what was tried, what comes next, and the end; nothing where none
/// runs.
fn contact_plan(ticket: &Ticket, settings: &Settings) -> Option<String> {
    let plan = contact::plan(ticket, &settings.policy)?;
    let moment = |at| print::moment(at, settings.zone);
    let tried = plan
        .attempts
        .iter()
        .filter(|attempt| attempt.counts)
        .count();
    let of = settings.policy.contact.attempts;
    let asked = moment(plan.asked_at);
    let next = match plan.step {
        Step::Attempt { number, at } => format!("attempt {number} is due {}", moment(at)),
        Step::UnderWay { number } => format!("attempt {number} is on its way"),
        Step::Close { .. } => "the closing comes next".to_owned(),
        Step::Stopped => "STOPPED: a mail to the requester came back".to_owned(),
        Step::Exhausted => "over: a consultant decides".to_owned(),
    };
    let mut words = format!("asked {asked}, {tried} of {of} attempts made; {next}");
    if closes(&plan) {
        words.push_str(&format!("; closes {}", moment(plan.closes_at)));
    }
    Some(words)
}

/// A ticket in words: what it is, who waits for whom, and until when.
fn summary(
    ticket: &Ticket,
    settings: &Settings,
    next_action: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let (policy, zone) = (&settings.policy, settings.zone);
    let moment = |at| print::moment(at, zone);
    let now = as_of(ticket, now);
    let response = clock::response(ticket, policy);
    let solution = clock::solution(ticket, policy, now);
    let elapsed = print::span(response.elapsed(ticket.calendar(policy), now).num_seconds());
    let in_time = if response.breached(now) {
        "TOO LATE"
    } else {
        "in time"
    };
    let limit = moment(response.limit_at);
    let answer = match response.met_at {
        Some(at) => format!(
            "{} after {elapsed} of support time, {in_time} (limit {limit})",
            moment(at)
        ),
        None if !ticket.is_open() => {
            format!("none: closed after {elapsed} of support time, {in_time} (limit {limit})")
        }
        None if response.breached(now) => {
            format!("TOO LATE: was due {limit}, {elapsed} of support time have passed")
        }
        None => format!(
            "due {limit} (aimed at {}), {elapsed} of support time have passed",
            moment(response.target_at)
        ),
    };
    let solution = match (solution.started_at, solution.due_at) {
        (None, _) => "the clock starts with the first answer".to_owned(),
        (Some(_), due) => {
            let mut words = format!(
                "{} of {} used",
                print::span(solution.elapsed.num_seconds()),
                print::span(solution.limit.num_seconds()),
            );
            if solution.paused {
                words.push_str(", paused");
            }
            if solution.breached {
                words.push_str(", TOO LATE");
            }
            if let Some(due) = due {
                words.push_str(&format!(", due {}", moment(due)));
            }
            words
        }
    };
    let name = if ticket.requester.name.is_empty() {
        ticket.requester.address.to_string()
    } else {
        format!("{} <{}>", ticket.requester.name, ticket.requester.address)
    };
    let mut lines = vec![
        ("ticket", policy.tag(ticket.id)),
        ("subject", ticket.thread.subject.clone()),
        ("status", status(ticket)),
        (
            "priority",
            format!("{}, {}", ticket.priority.name(), ticket.kind.name()),
        ),
        ("client", ticket.client.name.clone()),
        ("requester", name),
        (
            "assignee",
            match &ticket.assignee {
                Some(address) => format!("{address}, level {}", ticket.level),
                None => format!("level {}", ticket.level),
            },
        ),
        ("opened", moment(ticket.opened_at)),
        ("first answer", answer),
        ("solution", solution),
    ];
    if let Some(plan) = contact_plan(ticket, settings) {
        lines.push(("contact", plan));
    }
    if let Some(at) = waits::update_at(ticket, policy) {
        let case = ticket.case_number();
        let case = case.map_or(String::new(), |case| format!("case {case}, "));
        let at = moment(at);
        lines.push((
            "third party",
            format!("{case}the client is told again {at}"),
        ));
    }
    lines.push(("next action", next_action.map_or("none".to_owned(), moment)));
    if !ticket.official {
        lines.push(("official", "not yet: no mail of an authorizer".to_owned()));
    }
    for dated in &ticket.history {
        if let Fact::Linked { link, ticket } = &dated.fact {
            lines.push(("link", format!("{} {}", link.name(), policy.tag(*ticket))));
        }
    }
    lines
}
