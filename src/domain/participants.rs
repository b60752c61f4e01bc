//! Who takes part in a thread beside its requester: sent the answers, and without any authority by
//! it (policy.md §1). Nobody validates or approves by taking part; that is asked of the directory.

use super::address::{Address, Person};
use super::case::Case;
use super::command::Command;
use super::desk::Draft;
use super::effect::Effect;
use super::ids::TicketId;
use super::intake::{Intake, joined};
use super::orders::Refusal;
use super::policy::{Consultant, Policy};
use super::ticket::{Fact, Joining, Ticket};

/// Most people who take part in a ticket beside the requester. Beyond it nobody joins by answering
/// (his mail is filed all the same), and a consultant is told to take somebody out first.
pub const PARTICIPANTS_MAX: usize = 50;

impl Intake<'_> {
    /// Whoever answers takes part from then on, where the directory says that he may: an authorizer
    /// of the client, or anybody of its domain where the client allows that. All others only by a
    /// consultant's word.
    pub(super) fn admit_answering(&self, draft: &mut Draft, sender: &Person) {
        let ticket = &draft.ticket;
        let standing = &self.case.standing;
        let of_domain = standing.domain_client.as_ref();
        let colleague = standing.colleagues_take_part
            && of_domain.is_some_and(|client| client.id == ticket.client.id);
        let may_join = (self.is_listed_with(ticket) || colleague)
            && !ticket.has_participant(&sender.address)
            // Taken out by a consultant: his mail is filed, and only a consultant brings him back.
            && !ticket.was_taken_out(&sender.address)
            && ticket.participants.len() < PARTICIPANTS_MAX;
        if may_join {
            let name = standing.listed.as_ref().map_or(&sender.name, |l| &l.name);
            let person = Person::new(sender.address.clone(), name);
            draft.record(self.mail.received_at, joined(&person, Joining::Replied));
        }
    }
}

/// Why `#cc` cannot be carried out (policy.md §9).
pub(super) fn refusal(
    (add, remove): (&[Person], &[Address]),
    ticket: &Ticket,
    case: &Case,
    policy: &Policy,
) -> Option<Refusal> {
    for person in add {
        let address = &person.address;
        if policy.is_own(address) || policy.is_staff(address) {
            return Some(Refusal::Ours);
        }
        // A mail of ours to somebody of another client would tell him what is not his.
        let of = case.clients_named.get(address);
        if of.is_some_and(|client| *client != ticket.client.id) {
            return Some(Refusal::AnotherClients);
        }
    }
    for address in remove {
        if ticket.requester.address == *address {
            return Some(Refusal::RequesterStays);
        }
        if !ticket.may_write(address) {
            return Some(Refusal::TakesNoPart);
        }
    }
    let stay = ticket.participants.iter();
    let stay = stay.filter(|p| !remove.contains(&p.address)).count();
    let come = add.iter().filter(|p| !ticket.has_participant(&p.address));
    (stay + come.count() > PARTICIPANTS_MAX).then_some(Refusal::TooManyPeople)
}

/// What is on its way to those whom `#cc` takes out: they are sent nothing more.
pub(super) fn withdrawn(command: &Command, ticket: TicketId) -> Vec<Effect> {
    let Command::Cc { remove, .. } = command else {
        return Vec::new();
    };
    let withdrawn = |to: &Address| Effect::WithdrawFrom {
        ticket,
        to: to.clone(),
        words: true,
    };
    remove.iter().map(withdrawn).collect()
}

/// Lets people in and out as `by` says.
pub(super) fn change(
    (add, remove): (&[Person], &[Address]),
    by: &Consultant,
    now: chrono::DateTime<chrono::Utc>,
    draft: &mut Draft,
) {
    for address in remove {
        let (address, by) = (address.clone(), by.person.address.clone());
        draft.record(
            now,
            Fact::Left {
                address,
                by: Some(by),
            },
        );
    }
    for person in add {
        if !draft.ticket.has_participant(&person.address) {
            draft.record(now, joined(person, Joining::Named));
        }
    }
}
