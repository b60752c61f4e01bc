//! What a consultant asks of a ticket, and what he is told: `#estado`, `#porque` (policy.md §9).
//! Questions change nothing.

use chrono::{DateTime, Utc};

use super::account_lines::chapters;
use super::announce::{facts, full_name};
use super::clock;
use super::command::Command;
use super::contact;
use super::handover::line;
use super::ids::TicketId;
use super::intake::Intake;
use super::letter::AttemptMade;
use super::message::Verdict;
use super::orders::Refusal;
use super::pending::pending;
use super::policy::Policy;
use super::survey::{TicketAccount, TicketState};
use super::ticket::Ticket;

/// Most people and tickets listed of each sort.
const LISTED_MAX: usize = 50;

/// Most lines of history in an account: the newest.
const HISTORY_MAX: usize = 30;

/// How a ticket stands.
pub fn state(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> TicketState {
    let response = clock::response(ticket, policy);
    // What is over is told as it was at its end.
    let until = ended(ticket).unwrap_or(now);
    let solution = clock::solution(ticket, policy, until);
    let assignee = ticket.assignee.as_ref().and_then(|a| policy.consultant(a));
    let people = |people: &[super::address::Person]| -> Vec<String> {
        people.iter().take(LISTED_MAX).map(full_name).collect()
    };
    TicketState {
        id: ticket.id,
        ticket: facts(ticket, policy),
        as_of: now,
        assignee: assignee.map(|owner| owner.person.name.clone()),
        since: ticket.status_since(),
        closed_as: ticket.closed_as,
        pending: pending(ticket, policy, now),
        response_limit_at: response.limit_at,
        response_met_at: response.met_at,
        response_late: response.breached(now),
        solution_due_at: solution.due_at.filter(|_| ticket.is_open()),
        solution_minutes: solution.elapsed.num_minutes(),
        solution_limit_minutes: solution.limit.num_minutes(),
        solution_late: solution.breached,
        attempts: contact::attempts(ticket, policy)
            .into_iter()
            .filter(|attempt| attempt.counts)
            .map(|attempt| AttemptMade {
                number: attempt.number,
                at: attempt.at,
                via: attempt.via.name().to_owned(),
            })
            .collect(),
        closes_at: contact::plan(ticket, policy)
            .filter(|plan| !plan.needs_word && plan.due_at().is_some())
            .map(|plan| plan.closes_at),
        participants: people(&ticket.participants),
        copied: people(&ticket.copied),
    }
}

/// How its clocks and dates come about.
pub fn account(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> TicketAccount {
    let until = ended(ticket).unwrap_or(now);
    let skip = ticket.history.len().saturating_sub(HISTORY_MAX);
    TicketAccount {
        ticket: facts(ticket, policy),
        as_of: until,
        chapters: chapters(ticket, policy, until),
        history: ticket
            .history
            .iter()
            .skip(skip)
            .filter_map(|dated| line(dated, policy))
            .collect(),
    }
}

/// The ticket that a question is about: the one it names, or the one of the thread.
pub fn about<'a>(
    of: Option<TicketId>,
    thread: Option<&'a Ticket>,
    intake: &'a Intake,
) -> Option<&'a Ticket> {
    match of {
        // The thread's own may have changed in this very mail.
        Some(id) => thread
            .filter(|ticket| ticket.id == id)
            .or_else(|| intake.case.tickets.get(&id)),
        None => thread,
    }
}

/// Why a question is not answered, where it is not.
pub fn refusal(command: &Command, intake: &Intake) -> Option<Refusal> {
    // mail.md §3: an operator who lets a mail in answers for its sender, but not where the receiving
    // server says that it is forged.
    if intake.mail.authentication.verdict == Verdict::Fail {
        return Some(Refusal::NeedsStrong);
    }
    let of = match command {
        Command::Status { of } | Command::Why { of } => *of,
        _ => None,
    };
    let unknown = of.is_some_and(|id| !intake.case.tickets.contains_key(&id));
    unknown.then_some(Refusal::NoSuchTicket)
}

/// When a ticket was closed, where it is: its clocks are told for then.
fn ended(ticket: &Ticket) -> Option<DateTime<Utc>> {
    ticket.status_since().filter(|_| !ticket.is_open())
}
