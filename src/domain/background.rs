//! What a consultant is shown of what went before (policy.md §8, §9): the conversation of a ticket, and
//! its client's other tickets.

use super::address::Address;
use super::case::Case;
use super::handover::name_of;
use super::ids::TicketId;
use super::letter::{OtherTicket, Said};
use super::policy::Policy;
use super::ticket::Ticket;

/// Most other tickets of the client that a notice lists: the newest.
pub const OTHERS_MAX: u32 = 3;

/// Most messages of a conversation that a notice or a handover shows: the newest. Templates cut each
/// of them (`glance`).
pub const SAID_MAX: u32 = 10;

/// What was said on a ticket before the mail at hand, oldest first; consultants by their names.
pub(super) fn conversation(id: TicketId, case: &Case, policy: &Policy) -> Vec<Said> {
    let said = case.conversations.get(&id).map_or(&[][..], Vec::as_slice);
    let named = |said: &Said| Said {
        from: match Address::parse(&said.from) {
            Some(address) => name_of(&address, policy),
            None => said.from.clone(),
        },
        ..said.clone()
    };
    said.iter().map(named).collect()
}

/// The last tickets of a ticket's client besides itself, the newest first.
pub(super) fn others(ticket: &Ticket, case: &Case, policy: &Policy) -> Vec<OtherTicket> {
    let newest = case.newest.get(&ticket.client.id);
    newest
        .into_iter()
        .flatten()
        .filter(|other| other.id != ticket.id)
        .take(OTHERS_MAX as usize)
        .map(|other| OtherTicket {
            number: policy.tag(other.id),
            subject: other.subject.clone(),
            status: other.status,
            closed_as: other.closed_as,
        })
        .collect()
}
