//! Somebody may ask no more: what he had under way passes to those who may (policy.md §1).
//!
//! > Open tickets, contact plans and pending approvals of a removed person pass to the remaining
//! > authorizers, who are told.
//!
//! A ticket has one requester; it becomes that of the authorizer listed first, and all the others
//! are told of it, who may write in it by right. A contact plan begins anew, for whoever has the
//! ticket now was not asked yet.

use chrono::{DateTime, Utc};

use super::address::{Address, Person};
use super::announce::facts;
use super::case::Case;
use super::client_mail::to_authorizers;
use super::contact;
use super::desk::Draft;
use super::effect::{Decision, Effect};
use super::letter::Letter;
use super::policy::Policy;
use super::ticket::{Fact, Ticket};
use super::waits;

/// Decides about an open ticket in which somebody takes part who was taken off the list.
pub fn pass_on(
    ticket: &Ticket,
    gone: &Address,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut draft = Draft::of(ticket);
    let Some(effects) = leave(&mut draft, gone, &case.authorizers, policy, now) else {
        return Decision::default();
    };
    let tag = policy.tag(ticket.id);
    let to = &draft.ticket.requester.address;
    let why = if ticket.requester.address == *gone {
        format!("{tag}: {gone} may ask no more, it passes to {to}")
    } else {
        format!("{tag}: {gone} may ask no more and takes no part")
    };
    let mut all = vec![draft.save(policy, now)];
    all.extend(effects);
    Decision {
        effects: all,
        why: vec![why],
    }
}

/// The same for everybody who left while the ticket in `draft` was closed, in the decision that opens
/// it again: what that decision sends does not go to them any more.
pub(super) fn settle(
    draft: &mut Draft,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Effect> {
    let departed = case.departed.iter();
    departed
        .filter_map(|gone| leave(draft, gone, &case.authorizers, policy, now))
        .flatten()
        .collect()
}

/// Takes somebody out of the ticket in `draft`, and answers what follows besides; none where nobody
/// is left to take his place.
fn leave(
    draft: &mut Draft,
    gone: &Address,
    authorizers: &[Person],
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Vec<Effect>> {
    let before = draft.ticket.clone();
    // What waits for him by itself is not to leave any more. A consultant's words that are on their
    // way already do: dropped, they would be lost to the client.
    let withdrawn = Effect::WithdrawFrom {
        ticket: before.id,
        to: gone.clone(),
        words: false,
    };
    if before.requester.address != *gone {
        draft.record(
            now,
            Fact::Left {
                address: gone.clone(),
                by: None,
            },
        );
        return Some(vec![withdrawn]);
    }
    let heir = authorizers.iter().find(|person| person.address != *gone)?;
    draft.record(
        now,
        Fact::RequesterChanged {
            from: gone.clone(),
            to: heir.address.clone(),
            name: heir.name.clone(),
        },
    );
    let mut effects = vec![withdrawn];
    effects.extend(tell(&draft.ticket, &before, authorizers, policy, now));
    Some(effects)
}

/// A letter to each authorizer, about the ticket as it is `after`.
fn tell(
    after: &Ticket,
    before: &Ticket,
    authorizers: &[Person],
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Effect> {
    let next_at = contact::plan(after, policy)
        .and_then(|plan| plan.due_at())
        .or_else(|| waits::update_at(after, policy));
    let gone = &before.requester.address;
    authorizers
        .iter()
        .filter(|to| to.address != *gone)
        .flat_map(|to| {
            let key = format!("ticket_passed_on:{gone}:{}", now.timestamp_millis());
            let own = to.address == after.requester.address;
            to_authorizers(after, std::slice::from_ref(to), &key, now, |name| {
                Letter::TicketPassedOn {
                    ticket: facts(after, policy),
                    name: name.to_owned(),
                    from: before.requester.name.clone(),
                    own,
                    next_at: next_at.filter(|_| own),
                }
            })
        })
        .collect()
}
