//! The desk: every event comes here, and every decision leaves from here.
//!
//! [`decide`] looks at an event, at the [`Case`] it concerns, at the [`Policy`] and at the time,
//! and answers with effects. It touches nothing, so the whole policy can be tested as a function.

use chrono::{DateTime, Utc};

use super::announce::{facts, on_duty, to_operators};
use super::case::Case;
use super::classify::classify;
use super::effect::{Decision, Effect, HeldCause, Manner, Outcome, Outgoing, Speaker};
use super::event::{AlarmCause, DeliveryOutcome, DueKind, Event};
use super::ids::{InboundId, OutboxId};
use super::letter::{Letter, LetterKind};
use super::lifecycle::schedule;
use super::policy::Policy;
use super::ticket::{Dated, Fact, Ticket};
use super::token::Purpose;
use super::{address::Address, clock, intake};

/// What is to be done about `event`, given what the tables know (`case`) and what the house
/// promises (`policy`), at `now`.
pub fn decide(event: &Event, case: &Case, policy: &Policy, now: DateTime<Utc>) -> Decision {
    match event {
        Event::Mail {
            inbound,
            mail,
            release,
        } => {
            let class = classify(mail, &policy.own_addresses);
            intake::receive(*inbound, mail, &class, release.as_ref(), case, policy, now)
        }
        Event::Unprocessable { inbound, reason } => {
            unprocessable(*inbound, reason, case, policy, now)
        }
        Event::Delivery {
            outbox,
            letter,
            to,
            ticket,
            outcome,
        } => {
            let ticket = ticket.and_then(|id| case.tickets.get(&id));
            delivered(*outbox, *letter, to, ticket, outcome, case, policy, now)
        }
        Event::Due { ticket, kind } => match case.tickets.get(ticket) {
            Some(ticket) => due(ticket, *kind, policy, now),
            None => Decision::default(),
        },
        Event::Alarm {
            cause,
            raised,
            detail,
        } => alarm(*cause, *raised, detail, case, policy, now),
    }
}

/// A ticket on its way through one decision: its facts as they were, and those being added.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The ticket, new facts included.
    pub ticket: Ticket,
    added: Vec<Dated>,
}

impl Draft {
    /// Opens a ticket for changes.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            ticket: ticket.clone(),
            added: Vec::new(),
        }
    }

    /// Adds a fact.
    pub fn record(&mut self, at: DateTime<Utc>, fact: Fact) {
        self.ticket.record(at, fact.clone());
        self.added.push(Dated { at, fact });
    }

    /// The effect that keeps it, with its due rows computed anew.
    pub fn save(self, policy: &Policy, now: DateTime<Utc>) -> Effect {
        let due = schedule(&self.ticket, policy, now);
        Effect::SaveTicket {
            ticket: Box::new(self.ticket),
            facts: self.added,
            due,
        }
    }
}

/// After five attempts a mail is a person's business (mail.md §1): held, with an alarm.
fn unprocessable(
    inbound: InboundId,
    reason: &str,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = alarm(AlarmCause::Unprocessable, true, reason, case, policy, now);
    decision.effects.push(Effect::Hold {
        inbound,
        cause: HeldCause::Unprocessable,
        client: None,
        ticket: None,
        from: None,
    });
    decision.effects.push(Effect::Conclude {
        inbound,
        class: None,
        outcome: Outcome::Held,
    });
    decision
        .why
        .push(format!("held: processing failed every time ({reason})"));
    decision
}

/// The effects of a delivery: an accepted reply meets the response clock, a refused mail is told.
#[allow(clippy::too_many_arguments)]
fn delivered(
    outbox: OutboxId,
    letter: LetterKind,
    to: &Address,
    ticket: Option<&Ticket>,
    outcome: &DeliveryOutcome,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision::default();
    match (outcome, ticket) {
        (DeliveryOutcome::Sent(at), Some(ticket))
            if meets_response(letter, policy) && *to == ticket.requester.address =>
        {
            // Policy §3: the response is met when the SMTP server accepted the mail to the
            // requester; a copy to somebody else on the client's side answers nobody.
            let mut draft = Draft::of(ticket);
            draft.record(*at, Fact::ReplySent { outbox });
            decision.effects.push(draft.save(policy, now));
            decision
                .why
                .push("accepted: the client has been answered".to_owned());
        }
        (DeliveryOutcome::Sent(_), _) => {}
        (DeliveryOutcome::Refused(reason) | DeliveryOutcome::GivenUp(reason), Some(ticket))
            if !policy.is_staff(to) =>
        {
            let mut draft = Draft::of(ticket);
            draft.record(
                now,
                Fact::DeliveryFailed {
                    outbox,
                    to: to.clone(),
                    reason: reason.clone(),
                },
            );
            let told = on_duty(&draft.ticket, policy);
            let letter = Letter::DeliveryFailed {
                ticket: facts(&draft.ticket, policy),
                to: to.to_string(),
                reason: reason.clone(),
            };
            let tell = |person: &super::address::Person| {
                Effect::Send(Box::new(Outgoing {
                    letter: letter.clone(),
                    to: person.clone(),
                    ticket: Some(ticket.id),
                    purpose: Purpose::Operator,
                    manner: Manner::Timer,
                    speaker: Speaker::Service,
                    thread: Some(super::announce::continuing(&ticket.thread)),
                    source: None,
                    once: format!("delivery_failed:{outbox}:{}", person.address),
                    not_before: now,
                }))
            };
            let mails: Vec<Effect> = told.iter().map(|c| tell(&c.person)).collect();
            if matches!(outcome, DeliveryOutcome::GivenUp(_)) {
                // mail.md §6: given up after days is the operators' business too.
                let detail = format!("{to}: {reason}");
                let cause = AlarmCause::OutgoingFailing;
                decision = alarm(cause, true, &detail, case, policy, now);
            }
            decision.effects.push(draft.save(policy, now));
            decision.effects.extend(mails);
            decision
                .why
                .push(format!("not delivered to {to}: the consultants are told"));
        }
        (DeliveryOutcome::Refused(reason) | DeliveryOutcome::GivenUp(reason), _) => {
            // Mail to our own people, or about no ticket. An operator's mail that fails is only
            // recorded: another one to the same address would fail as well.
            if !policy.operators.contains(to) {
                let detail = format!("{to}: {reason}");
                decision = alarm(
                    AlarmCause::OutgoingFailing,
                    true,
                    &detail,
                    case,
                    policy,
                    now,
                );
            }
            decision
                .why
                .push(format!("{} not delivered to {to}", letter.name()));
        }
    }
    decision
}

/// Whether the acceptance of such a letter is an answer to the client (policy.md §3 [choice]).
fn meets_response(letter: LetterKind, policy: &Policy) -> bool {
    match letter {
        LetterKind::RelayedReply => true,
        LetterKind::Acknowledgement => policy.acknowledgement_counts,
        _ => false,
    }
}

/// A due row's time has come. What is still true is done; the rows are computed anew either way.
fn due(ticket: &Ticket, kind: DueKind, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let mut draft = Draft::of(ticket);
    let mut why = Vec::new();
    match kind {
        DueKind::ResponseLimit => {
            let response = clock::response(ticket, policy);
            let mut history = ticket.history.iter();
            let told = history.any(|d| d.fact == Fact::ResponseBreached);
            let late = response.met_at.is_none() && response.breached(now);
            if ticket.is_open() && late && !told {
                draft.record(now, Fact::ResponseBreached);
                why.push(format!(
                    "{}: the response limit ran out",
                    policy.tag(ticket.id)
                ));
            }
        }
        DueKind::Review => why.push(format!("{}: still open, reviewed", policy.tag(ticket.id))),
    }
    Decision {
        effects: vec![draft.save(policy, now)],
        why,
    }
}

/// One mail per cause until it clears, and one when it does.
fn alarm(
    cause: AlarmCause,
    raised: bool,
    detail: &str,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision::default();
    match (raised, case.alarm_since) {
        (true, None) => {
            let letter = Letter::OperatorAlarm {
                cause,
                detail: detail.to_owned(),
                since: now,
            };
            let key = format!("alarm:{}:{}", cause.name(), now.timestamp_millis());
            decision.effects.push(Effect::RaiseAlarm {
                cause,
                detail: detail.to_owned(),
            });
            decision
                .effects
                .extend(to_operators(policy, &letter, &key, now));
            decision
                .why
                .push(format!("alarm {}: {detail}", cause.name()));
        }
        (false, Some(since)) => {
            let letter = Letter::OperatorRecovered {
                cause,
                since,
                until: now,
            };
            let key = format!("recovered:{}:{}", cause.name(), since.timestamp_millis());
            decision.effects.push(Effect::ClearAlarm { cause });
            decision
                .effects
                .extend(to_operators(policy, &letter, &key, now));
            decision.why.push(format!("alarm {} is over", cause.name()));
        }
        (true, Some(_)) | (false, None) => {}
    }
    decision
}
