//! A ticket that goes on in another one (policy.md §9, `#unir`; mail.md §4: merged tickets are
//! followed to their root).
//!
//! What was filed stays where it is, and so do clocks: the merged ticket's end with it, and those of
//! the other one do not change by what it takes in. Mail follows: whatever points to the merged
//! ticket is taken as pointing to the one that it goes on in.

use super::announce::{continuing, facts, on_duty};
use super::background;
use super::case::Case;
use super::closing::close;
use super::desk::Draft;
use super::effect::{Effect, Manner, Outgoing, Speaker};
use super::ids::TicketId;
use super::intake::joined;
use super::letter::{Letter, Merge};
use super::lifecycle::after_client_mail;
use super::orders::{Orders, Refusal};
use super::participants::PARTICIPANTS_MAX;
use super::policy::Policy;
use super::ticket::{ClosedAs, Fact, Joining, Link, Status, Ticket};
use super::token::Purpose;
use super::validation::Reading;

/// Merged tickets followed one after the other. A mail that points to one farther from its root
/// opens a ticket of its own, as for any closed one: nothing is lost by the bound.
pub const HOPS_MAX: usize = 32;

/// Why `#unir` cannot be carried out on `ticket`.
///
/// There are no circles: a merged ticket is closed, no mail reaches it to reopen it, and only an
/// open one takes another in.
pub(super) fn refusal(into: TicketId, ticket: &Ticket, case: &Case) -> Option<Refusal> {
    if into == ticket.id {
        return Some(Refusal::Itself);
    }
    let root = case.tickets.get(&into);
    let Some(root) = root.filter(|root| root.client.id == ticket.client.id) else {
        return Some(Refusal::UnknownTicket);
    };
    if !root.is_open() {
        return Some(Refusal::OtherClosed);
    }
    let come = people(ticket).filter(|(address, _)| !root.has_participant(address));
    let taken = root.participants.len() + come.count();
    (taken > PARTICIPANTS_MAX).then_some(Refusal::TooManyPeople)
}

/// Those on the client's side of `ticket`, requester first, by address and name.
fn people(ticket: &Ticket) -> impl Iterator<Item = (&super::address::Address, &str)> {
    std::iter::once(&ticket.requester)
        .chain(&ticket.participants)
        .map(|person| (&person.address, person.name.as_str()))
}

/// Closes the ticket in `draft` and lets it go on in `into`: its people take part there, and one
/// letter tells each of them so.
pub(super) fn merge(orders: &Orders, into: TicketId, draft: &mut Draft) -> Vec<Effect> {
    let intake = orders.intake;
    let (policy, now) = (intake.policy, intake.now);
    let Some(root) = intake.case.tickets.get(&into) else {
        return Vec::new();
    };
    let link = |link, ticket| Fact::Linked { link, ticket };
    draft.record(now, link(Link::MergedInto, into));
    let how = ClosedAs::Duplicate;
    let mut effects = close(draft, how, "", Some(into), None, policy, now);
    let merged = &draft.ticket;
    let mut root = Draft::of(root);
    root.record(now, link(Link::MergedFrom, merged.id));
    for person in std::iter::once(&merged.requester).chain(&merged.participants) {
        if !root.ticket.has_participant(&person.address) {
            root.record(now, joined(person, Joining::Brought));
        }
    }
    for person in &merged.copied {
        if !root.ticket.may_write(&person.address) {
            root.record(now, joined(person, Joining::Copied));
        }
    }
    make_official(merged, &mut root, orders);
    effects.extend(tell(orders, merged, &root.ticket));
    effects.push(root.save(policy, now));
    effects
}

/// Policy §2: a call is official once the client's own mail is there; that may have come as a
/// ticket of its own.
fn make_official(merged: &Ticket, root: &mut Draft, orders: &Orders) {
    if root.ticket.official || !merged.official {
        return;
    }
    let Some(inbound) = merged.opening_mail() else {
        return;
    };
    let at = merged.opened_at.max(root.ticket.opened_at);
    let transition = after_client_mail(&root.ticket, Reading::Words, true)
        .filter(|_| root.ticket.status == Status::Provisional);
    root.record(at, Fact::Formalized { inbound });
    if let Some(transition) = transition {
        root.record(
            orders.intake.now,
            Fact::StatusChanged {
                to: transition.to,
                closed_as: None,
            },
        );
    }
}

/// Those who have the root are told what it took in, unless it was their own order.
fn tell(orders: &Orders, merged: &Ticket, root: &Ticket) -> Vec<Effect> {
    let intake = orders.intake;
    let policy = intake.policy;
    let letter = Merge {
        ticket: facts(root, policy),
        merged: facts(merged, policy),
        by: orders.consultant.person.name.clone(),
        conversation: background::conversation(merged.id, intake.case, policy),
    };
    on_duty(root, policy)
        .into_iter()
        .filter(|to| to.person.address != orders.consultant.person.address)
        .map(|to| {
            Effect::Send(Box::new(Outgoing {
                letter: Letter::ConsultantMerged(letter.clone()),
                to: to.person.clone(),
                ticket: Some(root.id),
                purpose: Purpose::Consultant,
                manner: Manner::Answer,
                speaker: Speaker::Service,
                thread: Some(continuing(&root.thread)),
                source: Some(intake.inbound),
                once: format!("consultant_merged:{}:{}", intake.inbound, to.person.address),
                not_before: intake.now,
            }))
        })
        .collect()
}

/// What is stored and shown of merged tickets that led to `root`.
pub(super) fn followed(case: &Case, root: TicketId, policy: &Policy) -> Vec<String> {
    case.merged
        .iter()
        .filter(|(_, to)| **to == root)
        .map(|(from, to)| format!("{} goes on in {}", policy.tag(*from), policy.tag(*to)))
        .collect()
}
