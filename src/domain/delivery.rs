//! What follows from a delivery: an accepted reply meets the response clock, a mail that did not
//! arrive is told to somebody who can do something about it (mail.md §6).

use chrono::{DateTime, Utc};

use super::address::{Address, Person};
use super::announce::{continuing, facts, on_duty, to_operators};
use super::case::Case;
use super::charge::NewCharge;
use super::charging;
use super::clock;
use super::contact::{self, Step};
use super::desk::{Draft, alarm};
use super::effect::{Decision, Effect, Manner, Outgoing, Speaker};
use super::event::{AlarmCause, DeliveryOutcome};
use super::failure::Failure;
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
        match self.outcome {
            DeliveryOutcome::Sent(at) => self.sent(*at, case, policy, now),
            DeliveryOutcome::Refused(words) => self.lost(&Failure::refused(words), policy, now),
            DeliveryOutcome::GivenUp(words) => self.given_up(words, case, policy, now),
        }
    }

    fn sent(
        &self,
        at: DateTime<Utc>,
        case: &Case,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Decision {
        let Some(ticket) = self.ticket else {
            return Decision::default();
        };
        let outbox = self.outbox;
        let to_requester = *self.to == ticket.requester.address;
        let settles = if answers(self.letter, self.to, ticket, policy) {
            let inbound = case.cause.filter(|_| self.letter.is_persons_words());
            let why = "the client has been answered".to_owned();
            Some((Fact::ReplySent { outbox, inbound }, why))
        } else if self.letter == LetterKind::ContactAttempt && to_requester {
            attempt_underway(ticket).map(|number| {
                let why = format!("contact attempt {number} counts");
                (Fact::AttemptSent { number, outbox }, why)
            })
        } else {
            None
        };
        let charged_to = self.charged_to(ticket, policy);
        if settles.is_none() && charged_to.is_none() {
            return Decision::default();
        }
        let mut draft = Draft::of(ticket);
        let mut why = Vec::new();
        if let Some(by) = charged_to {
            self.charge(&mut draft, by, at, policy);
            why.push("charged as a follow-up".to_owned());
        }
        if let Some((fact, what)) = settles {
            draft.record(at, fact);
            why.push(what);
        }
        if let Some(first) = why.first_mut() {
            first.insert_str(0, "accepted: ");
        }
        Decision {
            effects: vec![draft.save(policy, now)],
            why,
        }
    }

    /// Whose follow-up it is where the house charges automatic reminders and closings (policy.md §7):
    /// the assignee's, else that of the consultant whose words it continues.
    fn charged_to<'a>(&self, ticket: &'a Ticket, policy: &Policy) -> Option<&'a Address> {
        let reminds = matches!(self.letter, LetterKind::ContactAttempt | LetterKind::Closed);
        if !policy.billing.automatic || !reminds || *self.to != ticket.requester.address {
            return None;
        }
        let mut history = ticket.history.iter().rev();
        let wrote = history.find_map(|dated| match &dated.fact {
            Fact::ReplyQueued { by, .. } => Some(by),
            _ => None,
        });
        ticket.assignee.as_ref().or(wrote)
    }

    fn charge(&self, draft: &mut Draft, by: &Address, at: DateTime<Utc>, policy: &Policy) {
        let minutes = charging::under_the_cap(draft, policy);
        if minutes > 0 {
            let line = NewCharge {
                once: format!("automatic:{}", self.outbox),
                minutes,
                ..charging::follow_up(&draft.ticket, policy, by, at)
            };
            charging::enter(draft, line, policy);
        }
    }

    fn lost(&self, failure: &Failure, policy: &Policy, now: DateTime<Utc>) -> Decision {
        let lost = Undelivered {
            outbox: self.outbox,
            letter: self.letter,
            to: self.to,
            failure,
        };
        let mut draft = self
            .ticket
            .filter(|ticket| lost.concerns_client(ticket, policy))
            .map(Draft::of);
        let mut decision = lost.tell(draft.as_mut(), now, policy, now);
        if let Some(draft) = draft {
            decision.effects.insert(0, draft.save(policy, now));
        }
        decision
    }

    /// mail.md §6: given up after days is the operators' business whosever mail it was. An
    /// operator's own is only recorded: another one to the same address would fail as well.
    fn given_up(&self, words: &str, case: &Case, policy: &Policy, now: DateTime<Utc>) -> Decision {
        let mut decision = if policy.operators.contains(self.to) {
            Decision::default()
        } else {
            let detail = format!("{}: {words}", self.to);
            alarm(
                AlarmCause::OutgoingFailing,
                true,
                &detail,
                case,
                policy,
                now,
            )
        };
        let client = self.ticket.is_some_and(|_| !policy.is_staff(self.to));
        let told = if client {
            self.lost(&Failure::given_up(words), policy, now)
        } else {
            let (letter, to) = (self.letter.name(), self.to);
            Decision {
                effects: Vec::new(),
                why: vec![format!("{letter} not delivered to {to}")],
            }
        };
        decision.effects.extend(told.effects);
        decision.why.extend(told.why);
        decision
    }
}

/// The attempt that was queued last.
fn attempt_underway(ticket: &Ticket) -> Option<u32> {
    ticket
        .history
        .iter()
        .rev()
        .find_map(|dated| match dated.fact {
            Fact::AttemptQueued { number } => Some(number),
            _ => None,
        })
}

/// Whether the acceptance of a mail is an answer to the client (policy.md §3): a person's words, his
/// request for more time among them (policy.md §5), or the acknowledgement where the house says so, and accepted for the requester; a copy to
/// somebody else on the client's side answers nobody.
fn answers(letter: LetterKind, to: &Address, ticket: &Ticket, policy: &Policy) -> bool {
    let acknowledged = letter == LetterKind::Acknowledgement && policy.acknowledgement_counts;
    let asked = letter == LetterKind::BudgetRequest;
    (letter.is_persons_words() || asked || acknowledged)
        && (*to == ticket.requester.address || ticket.was_requester(to))
}

/// A mail of ours that reached nobody, whether a server refused it or a bounce came back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Undelivered<'a> {
    /// Which mail.
    pub outbox: OutboxId,
    /// What sort of mail it was.
    pub letter: LetterKind,
    /// To whom it went.
    pub to: &'a Address,
    /// Why it did not arrive.
    pub failure: &'a Failure,
}

impl Undelivered<'_> {
    /// Whether its acceptance was an answer to the client.
    pub fn answers(&self, ticket: &Ticket, policy: &Policy) -> bool {
        answers(self.letter, self.to, ticket, policy)
    }

    /// Whether it was on its way to the client's side: mail to our own people is the operators'
    /// business, but a consultant may be a ticket's requester.
    fn concerns_client(&self, ticket: &Ticket, policy: &Policy) -> bool {
        let to_client = self.letter.is_to_client();
        !policy.is_staff(self.to) || (to_client && ticket.has_participant(self.to))
    }

    /// Keeps the failure with the ticket in `draft`, at the time `at`, and tells the consultants;
    /// the operators where it concerns no client. Nobody is told at the address that failed.
    /// The draft is left to the caller to save.
    pub fn tell(
        &self,
        draft: Option<&mut Draft>,
        at: DateTime<Utc>,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Decision {
        match draft {
            Some(draft) if self.concerns_client(&draft.ticket, policy) => {
                let before = draft.ticket.failures_of(self.outbox);
                draft.record(
                    at,
                    Fact::DeliveryFailed {
                        outbox: self.outbox,
                        to: self.to.clone(),
                        reason: self.failure.words.clone(),
                        cause: self.failure.cause,
                    },
                );
                self.tell_consultants(&draft.ticket, before, policy, now)
            }
            _ => self.tell_operators(policy, now),
        }
    }

    /// `before`: how often the mail failed before, which an operator's order to try it again
    /// makes possible. Each time is told once.
    fn tell_consultants(
        &self,
        ticket: &Ticket,
        before: usize,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Decision {
        let response = clock::response(ticket, policy);
        let owed = ticket.is_open() && response.met_at.is_none();
        let letter = Letter::DeliveryFailed {
            ticket: facts(ticket, policy),
            to: self.to.to_string(),
            reported: self.failure.reported.clone(),
            cause: self.failure.cause,
            reason: self.failure.words.clone(),
            reply: self.letter.is_persons_words(),
            plan_stopped: contact::plan(ticket, policy)
                .is_some_and(|plan| plan.step == Step::Stopped),
            response_due_at: owed.then_some(response.limit_at),
        };
        let time = if before == 0 {
            String::new()
        } else {
            format!(":{before}")
        };
        let tell = |person: &Person| {
            Effect::Send(Box::new(Outgoing {
                letter: letter.clone(),
                to: person.clone(),
                ticket: Some(ticket.id),
                // Answered like any notice: with words for the client, or with `#cc` to another address.
                purpose: Purpose::Consultant,
                manner: Manner::Timer,
                speaker: Speaker::Service,
                thread: Some(continuing(&ticket.thread)),
                source: None,
                once: format!("delivery_failed:{}:{}{time}", self.outbox, person.address),
                not_before: now,
            }))
        };
        let told = on_duty(ticket, policy);
        let mails: Vec<Effect> = told
            .iter()
            .filter(|consultant| consultant.person.address != *self.to)
            .map(|consultant| tell(&consultant.person))
            .collect();
        if mails.is_empty() {
            return self.tell_operators(policy, now);
        }
        Decision {
            effects: mails,
            why: vec![format!(
                "not delivered to {}: the consultants are told",
                self.to
            )],
        }
    }

    /// One mail for an address and day. The alarm has no end of its own, so it is not raised: it
    /// is over when somebody has read it.
    fn tell_operators(&self, policy: &Policy, now: DateTime<Utc>) -> Decision {
        let letter = Letter::OperatorAlarm {
            cause: AlarmCause::MailReturned,
            detail: format!(
                "{}, {}: {}",
                self.to,
                self.letter.name(),
                self.failure.words
            ),
            since: now,
        };
        let day = now.with_timezone(&policy.calendar.zone()).date_naive();
        let key = format!("mail_returned:{}:{day}", self.to);
        let mut effects = to_operators(policy, &letter, &key, now);
        // A mail about a failed mail to the same address would fail as well.
        effects
            .retain(|effect| !matches!(effect, Effect::Send(mail) if mail.to.address == *self.to));
        let told = if effects.is_empty() {
            "nobody is left to tell"
        } else {
            "the operators are told"
        };
        let (letter, to) = (self.letter.name(), self.to);
        Decision {
            effects,
            why: vec![format!("{letter} not delivered to {to}: {told}")],
        }
    }
}
