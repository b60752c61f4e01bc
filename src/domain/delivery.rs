//! What follows from a delivery: an accepted reply meets the response clock, a mail that did not
//! arrive is told to somebody who can do something about it (mail.md §6).

use chrono::{DateTime, Utc};

use super::address::{Address, Person};
use super::announce::{continuing, facts, on_duty};
use super::case::Case;
use super::desk::{Draft, alarm};
use super::effect::{Decision, Effect, Manner, Outgoing, Speaker};
use super::event::{AlarmCause, DeliveryOutcome};
use super::ids::OutboxId;
use super::letter::{Letter, LetterKind};
use super::policy::Policy;
use super::ticket::{Fact, Ticket};
use super::token::Purpose;

/// An outgoing mail whose fate is known.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// Which mail.
    pub outbox: OutboxId,
    /// What sort of mail it was.
    pub letter: LetterKind,
    /// To whom it went.
    pub to: &'a Address,
    /// Of which ticket.
    pub ticket: Option<&'a Ticket>,
    /// What the server said.
    pub outcome: &'a DeliveryOutcome,
}

impl Settled<'_> {
    /// Decides about it.
    pub fn decide(&self, case: &Case, policy: &Policy, now: DateTime<Utc>) -> Decision {
        match (self.outcome, self.ticket) {
            (DeliveryOutcome::Sent(at), Some(ticket)) if self.answers(ticket, policy) => {
                let mut draft = Draft::of(ticket);
                let outbox = self.outbox;
                draft.record(*at, Fact::ReplySent { outbox });
                Decision {
                    effects: vec![draft.save(policy, now)],
                    why: vec!["accepted: the client has been answered".to_owned()],
                }
            }
            (DeliveryOutcome::Sent(_), _) => Decision::default(),
            (DeliveryOutcome::Refused(reason), Some(ticket)) if !policy.is_staff(self.to) => {
                self.tell_consultants(ticket, reason, policy, now)
            }
            (DeliveryOutcome::GivenUp(reason), Some(ticket)) if !policy.is_staff(self.to) => {
                // mail.md §6: given up after days is the operators' business too.
                let mut decision = self.tell_operators(reason, case, policy, now);
                let told = self.tell_consultants(ticket, reason, policy, now);
                decision.effects.extend(told.effects);
                decision.why.extend(told.why);
                decision
            }
            (DeliveryOutcome::Refused(reason) | DeliveryOutcome::GivenUp(reason), _) => {
                // Mail to our own people, or about no ticket. An operator's mail that fails is
                // only recorded: another one to the same address would fail as well.
                let mut decision = if policy.operators.contains(self.to) {
                    Decision::default()
                } else {
                    self.tell_operators(reason, case, policy, now)
                };
                let (letter, to) = (self.letter.name(), self.to);
                decision.why.push(format!("{letter} not delivered to {to}"));
                decision
            }
        }
    }

    /// Whether its acceptance is an answer to the client (policy.md §3): a person's words, or the
    /// acknowledgement where the house says so, and accepted for the requester; a copy to somebody
    /// else on the client's side answers nobody.
    fn answers(&self, ticket: &Ticket, policy: &Policy) -> bool {
        let counts = match self.letter {
            LetterKind::RelayedReply => true,
            LetterKind::Acknowledgement => policy.acknowledgement_counts,
            _ => false,
        };
        counts && *self.to == ticket.requester.address
    }

    fn tell_operators(
        &self,
        reason: &str,
        case: &Case,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Decision {
        let detail = format!("{}: {reason}", self.to);
        let cause = AlarmCause::OutgoingFailing;
        alarm(cause, true, &detail, case, policy, now)
    }

    fn tell_consultants(
        &self,
        ticket: &Ticket,
        reason: &str,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Decision {
        let mut draft = Draft::of(ticket);
        draft.record(
            now,
            Fact::DeliveryFailed {
                outbox: self.outbox,
                to: self.to.clone(),
                reason: reason.to_owned(),
            },
        );
        let letter = Letter::DeliveryFailed {
            ticket: facts(&draft.ticket, policy),
            to: self.to.to_string(),
            reason: reason.to_owned(),
        };
        let tell = |person: &Person| {
            Effect::Send(Box::new(Outgoing {
                letter: letter.clone(),
                to: person.clone(),
                ticket: Some(ticket.id),
                purpose: Purpose::Operator,
                manner: Manner::Timer,
                speaker: Speaker::Service,
                thread: Some(continuing(&ticket.thread)),
                source: None,
                once: format!("delivery_failed:{}:{}", self.outbox, person.address),
                not_before: now,
            }))
        };
        let told = on_duty(&draft.ticket, policy);
        let mails: Vec<Effect> = told.iter().map(|c| tell(&c.person)).collect();
        let mut effects = vec![draft.save(policy, now)];
        effects.extend(mails);
        Decision {
            effects,
            why: vec![format!(
                "not delivered to {}: the consultants are told",
                self.to
            )],
        }
    }
}
