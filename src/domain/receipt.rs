//! What a consultant is told when his mail was carried out (policy.md §9): one compact receipt.

use super::address::Person;
use super::announce::{answer, facts, full_name};
use super::budget::Budget;
use super::charging;
use super::clock;
use super::contact;
use super::effect::Effect;
use super::intake::Intake;
use super::letter::{ChargedLine, ChargedTime, CommandReceipt, Letter, SessionOverlap};
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
    /// Lines that it entered into the ledger.
    pub entered: Vec<ChargedLine>,
    /// Sessions of before at the time of those that it put on record.
    pub overlaps: Vec<SessionOverlap>,
}

/// Everybody on the client's side to whom the consultant has not written himself.
pub(super) fn unreached<'a>(
    intake: &'a Intake,
    ticket: &'a Ticket,
) -> impl Iterator<Item = &'a Person> {
    std::iter::once(&ticket.requester)
        .chain(&ticket.participants)
        .filter(|to| !intake.mail.recipients.contains(&to.address))
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
    let sent_to: Vec<String> = if done.sends {
        unreached(intake, ticket).map(full_name).collect()
    } else {
        Vec::new()
    };
    let open = ticket.is_open();
    let leaves_at = intake.now + policy.replies.delay;
    let follow_up = done
        .sends
        .then(|| charging::cost_of(ticket, intake.inbound, leaves_at, policy));
    let time = ChargedTime {
        lines: done.entered,
        follow_up,
        budget: Budget::of(ticket, policy).into(),
        overlaps: done.overlaps,
    };
    let letter = Letter::CommandReceipt(CommandReceipt {
        ticket: facts(ticket, policy),
        commands: done.commands,
        kept_back: intake
            .mail
            .attachments
            .iter()
            .filter(|file| !sent_to.is_empty() && !file.inline)
            .filter(|file| {
                let key = (ticket.id, file.sha256.clone());
                intake.case.files_seen.contains(&key)
            })
            .map(|file| file.name.clone())
            .collect(),
        leaves_at: (!sent_to.is_empty()).then_some(leaves_at),
        sent_to,
        direct: done.direct,
        taken_back: done.taken_back,
        assignee: ticket
            .assignee
            .as_ref()
            .and_then(|owner| policy.consultant(owner))
            .map(|owner| owner.person.name.clone()),
        response_due_at: response.owed_at().filter(|_| open),
        solution_due_at: solution.due_at.filter(|_| open),
        solution_paused: open && solution.paused,
        next_at: plan
            .as_ref()
            .and_then(|plan| plan.due_at())
            .or_else(|| waits::update_at(ticket, policy)),
        closes_at: plan.map(|plan| plan.closes_at),
        time,
    });
    Some(answer(intake, consultant, Some(ticket), letter))
}
