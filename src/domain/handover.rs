//! The digest that goes with a ticket to another level or consultant (policy.md §8): history, time
//! used, deadlines.

use super::announce::{continuing, facts, on_duty};
use super::background;
use super::clock;
use super::effect::{Effect, Manner, Outgoing, Speaker};
use super::letter::{Handover, HistoryLine, Letter};
use super::orders::Orders;
use super::policy::{Consultant, Policy};
use super::ticket::{Dated, Fact, Ticket};
use super::token::Purpose;

/// Most facts that a digest lists: the newest.
const HISTORY_MAX: usize = 20;

/// The kinds of fact that a digest tells, by the names of their words.
pub const HISTORY_NAMES: [&str; 12] = [
    "opened",
    "client_wrote",
    "answered",
    "noted",
    "status",
    "priority",
    "kind",
    "level",
    "case",
    "attempt",
    "phone_attempt",
    "not_delivered",
];

/// A digest of `ticket`, as the orders left it, to everybody who has it now except to the consultant
/// who gave the orders.
pub fn hand_over(orders: &Orders, ticket: &Ticket) -> Vec<Effect> {
    let intake = orders.intake;
    let (policy, now) = (intake.policy, intake.now);
    let response = clock::response(ticket, policy);
    let solution = clock::solution(ticket, policy, now);
    let assignee = ticket.assignee.as_ref().and_then(|a| policy.consultant(a));
    let skip = ticket.history.len().saturating_sub(HISTORY_MAX);
    let digest = |to: &Consultant| Handover {
        ticket: facts(ticket, policy),
        by: orders.consultant.person.name.clone(),
        assigned: assignee.is_some_and(|owner| owner == to),
        assignee: assignee.map(|owner| owner.person.name.clone()),
        response_due_at: response.owed_at(),
        solution_due_at: solution.due_at,
        solution_minutes: solution.elapsed.num_minutes(),
        solution_limit_minutes: solution.limit.num_minutes(),
        history: ticket
            .history
            .iter()
            .skip(skip)
            .filter_map(|dated| line(dated, policy))
            .collect(),
        conversation: background::conversation(ticket.id, intake.case, policy),
    };
    on_duty(ticket, policy)
        .into_iter()
        .filter(|to| to.person.address != orders.consultant.person.address)
        .map(|to| {
            Effect::Send(Box::new(Outgoing {
                letter: Letter::ConsultantHandover(digest(to)),
                to: to.person.clone(),
                ticket: Some(ticket.id),
                purpose: Purpose::Consultant,
                manner: Manner::Answer,
                speaker: Speaker::Service,
                thread: Some(continuing(&ticket.thread)),
                source: Some(intake.inbound),
                once: format!(
                    "consultant_handover:{}:{}",
                    intake.inbound, to.person.address
                ),
                not_before: now,
            }))
        })
        .collect()
}

/// A fact as people want to know it; none for what only the program's own arithmetic needs.
pub(super) fn line(dated: &Dated, policy: &Policy) -> Option<HistoryLine> {
    let nobody = String::new;
    let (what, who, detail) = match &dated.fact {
        Fact::Opened { priority, .. } => ("opened", nobody(), priority.name().to_owned()),
        Fact::ClientWrote { by, .. } | Fact::OutsiderWrote { by, .. } => {
            ("client_wrote", by.to_string(), nobody())
        }
        Fact::ReplyQueued { by, .. } => ("answered", name_of(by, policy), nobody()),
        Fact::ConsultantNoted { by, .. } => ("noted", name_of(by, policy), nobody()),
        Fact::StatusChanged { to, .. } => ("status", nobody(), to.name().to_owned()),
        Fact::PriorityChanged { to, by } => ("priority", name_of(by, policy), to.name().to_owned()),
        Fact::KindChanged { to, by } => ("kind", name_of(by, policy), to.name().to_owned()),
        Fact::LevelChanged { to, by } => ("level", name_of(by, policy), to.to_string()),
        Fact::CaseOpened { case, by } => ("case", name_of(by, policy), case.clone()),
        Fact::AttemptSent { number, .. } => ("attempt", nobody(), number.to_string()),
        Fact::AttemptByPhone { number, by } => {
            ("phone_attempt", name_of(by, policy), number.to_string())
        }
        Fact::DeliveryFailed { to, .. } => ("not_delivered", to.to_string(), nobody()),
        _ => return None,
    };
    Some(HistoryLine {
        at: dated.at,
        what,
        who,
        detail,
    })
}

pub(super) fn name_of(by: &super::address::Address, policy: &Policy) -> String {
    let known = policy.consultant(by);
    known.map_or_else(|| by.to_string(), |known| known.person.name.clone())
}
