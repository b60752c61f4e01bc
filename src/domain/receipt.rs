//! What a consultant is told when his mail was carried out (policy.md §9): one compact receipt.

use super::announce::{answer, facts, full_name};
use super::clock;
use super::contact;
use super::effect::Effect;
use super::intake::Intake;
use super::letter::{CommandReceipt, Letter};
use super::policy::{Consultant, Receipts};
use super::ticket::Ticket;
use super::waits;

/// What was done with a mail.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    /// The command lines, as typed.
    pub commands: Vec<String>,
    /// Words went, or go, to the client.
    pub sends: bool,
    /// The client has them from the consultant himself: his mail went to both.
    pub direct: bool,
    /// Words of before that are not sent after all.
    pub taken_back: Option<String>,
}

/// The receipt, where the house wants one; `ticket` is as it is now.
pub(super) fn receipt(
    intake: &Intake,
    consultant: &Consultant,
    ticket: &Ticket,
    done: Done,
) -> Option<Effect> {
    let policy = intake.policy;
    let wanted = match policy.replies.receipts {
        Receipts::Always => true,
        Receipts::Commands => !done.commands.is_empty(),
        Receipts::Errors => false,
    };
    if !wanted {
        return None;
    }
    let response = clock::response(ticket, policy);
    let solution = clock::solution(ticket, policy, intake.now);
    let plan = contact::plan(ticket, policy);
    let sent_to = std::iter::once(&ticket.requester)
        .chain(&ticket.participants)
        .filter(|_| done.sends)
        .map(full_name)
        .collect();
    let open = ticket.is_open();
    let letter = Letter::CommandReceipt(CommandReceipt {
        ticket: facts(ticket, policy),
        commands: done.commands,
        sent_to,
        leaves_at: (done.sends && !done.direct).then(|| intake.now + policy.replies.delay),
        direct: done.direct,
        taken_back: done.taken_back,
        assignee: ticket
            .assignee
            .as_ref()
            .and_then(|owner| policy.consultant(owner))
            .map(|owner| owner.person.name.clone()),
        response_due_at: (open && response.met_at.is_none()).then_some(response.limit_at),
        solution_due_at: solution.due_at.filter(|_| open),
        solution_paused: open && solution.paused,
        next_at: plan
            .as_ref()
            .and_then(|plan| plan.due_at())
            .or_else(|| waits::update_at(ticket, policy)),
        closes_at: plan.map(|plan| plan.closes_at),
    });
    Some(answer(intake, consultant, Some(ticket), letter))
}
