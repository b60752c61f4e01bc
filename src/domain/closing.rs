//! The end of a ticket: its last state, and the mail that tells the client why (policy.md §6).

use chrono::{DateTime, Utc};

use super::announce::facts;
use super::case::LastWords;
use super::client_mail::to_client_side;
use super::contact;
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::ids::TicketId;
use super::letter::{AttemptMade, Letter, LetterKind};
use super::policy::Policy;
use super::ticket::{ClosedAs, Fact, Status};
use super::waits;

/// Closes the ticket in `draft` as `closed_as` at `now`: records it, withdraws what still asks the client for
/// something, and answers the closing mails with their evidence.
pub fn close(
    draft: &mut Draft,
    closed_as: ClosedAs,
    reason: &str,
    duplicate_of: Option<TicketId>,
    last_words: Option<&LastWords>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<Effect> {
    let plan = contact::plan(&draft.ticket, policy);
    let made: Vec<AttemptMade> = plan
        .iter()
        .flat_map(|plan| &plan.attempts)
        .filter(|attempt| attempt.counts)
        .map(|attempt| AttemptMade {
            number: attempt.number,
            at: attempt.at,
            via: attempt.via.name().to_owned(),
        })
        .collect();
    let asked_at = plan.map(|plan| plan.asked_at).filter(|_| !made.is_empty());
    let mut effects = vec![withdraw(draft.ticket.id)];
    if !draft.ticket.official {
        effects.push(waits::withdraw_requests(draft.ticket.id));
    }
    draft.record(
        now,
        Fact::StatusChanged {
            to: Status::Closed,
            closed_as: Some(closed_as),
        },
    );
    let letter = |name: &str| Letter::Closed {
        ticket: facts(&draft.ticket, policy),
        name: name.to_owned(),
        closed_as,
        closed_at: now,
        reason: reason.to_owned(),
        duplicate_of: duplicate_of.map(|id| policy.tag(id)),
        attempts: made.clone(),
        asked_at,
    };
    let key = format!("closed:{}", now.timestamp_millis());
    effects.extend(to_client_side(
        &draft.ticket,
        last_words,
        Manner::Timer,
        &key,
        now,
        letter,
    ));
    effects
}

/// What has not left and asks the client for something that has come, or does not matter any more.
pub fn withdraw(ticket: TicketId) -> Effect {
    Effect::Withdraw {
        ticket,
        letters: vec![LetterKind::ContactAttempt, LetterKind::ThirdPartyUpdate],
    }
}
