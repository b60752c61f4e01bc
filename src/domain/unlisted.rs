//! A client's domain, but nobody on the list: the held mail and its two notices (policy.md §1).

use super::address::Person;
use super::announce::{answering, full_name};
use super::effect::{Decision, Effect, HeldCause, Manner, Outgoing, Speaker, ThreadHead};
use super::intake::Intake;
use super::letter::Letter;
use super::message::Verdict;
use super::subject::Subject;
use super::ticket::ClientRef;
use super::token::Purpose;

impl Intake<'_> {
    /// A client's domain, but nobody on the list: held, and once a day the sender and the
    /// authorizers are told, if the sender is authenticated (policy.md §1).
    pub(super) fn unlisted_colleague(&self, sender: &Person, client: &ClientRef) -> Decision {
        let why = "the domain is a client's, the sender is not on the list";
        let mut decision = self.hold(HeldCause::Unauthorized, Some(client.id), None, why);
        let Some(remembered) = self.notice_due(sender, HeldCause::Unauthorized) else {
            return decision;
        };
        let subject = Subject::read(&self.mail.subject, &self.policy.ticket_prefix).bare;
        let authorizers = &self.case.standing.authorizers;
        decision.effects.push(remembered);
        let to_sender = Letter::NotAuthorizedSender {
            subject: self.mail.subject.clone(),
            client: client.name.clone(),
            authorizers: authorizers.iter().map(|p| p.name.clone()).collect(),
        };
        let head = answering(self.mail, &subject);
        decision
            .effects
            .push(self.held_notice(to_sender, sender, Manner::Answer, Some(head)));
        for authorizer in authorizers {
            let letter = Letter::NotAuthorizedAuthorizers {
                name: authorizer.name.clone(),
                sender: full_name(sender),
                subject: self.mail.subject.clone(),
                received_at: self.mail.received_at,
                client: client.name.clone(),
            };
            decision
                .effects
                .push(self.held_notice(letter, authorizer, Manner::Timer, None));
        }
        decision
    }

    /// What remembers a notice to the sender of a held mail, where one may be given: one per
    /// address, reason and day (mail.md §2), to an authenticated person who did not ask for
    /// silence, and so never as an answer to a forgery.
    pub(super) fn notice_due(&self, sender: &Person, reason: HeldCause) -> Option<Effect> {
        let authenticated = self.mail.authentication.verdict >= Verdict::Medium;
        let told = self.case.notified_today.contains(&reason);
        if !authenticated || told || !self.class.may_acknowledge() {
            return None;
        }
        let zone = self.policy.calendar.zone();
        Some(Effect::RememberNotice {
            about: sender.address.clone(),
            reason,
            day: self.now.with_timezone(&zone).date_naive(),
        })
    }

    pub(super) fn held_notice(
        &self,
        letter: Letter,
        to: &Person,
        manner: Manner,
        thread: Option<ThreadHead>,
    ) -> Effect {
        let once = format!("{}:{}:{}", letter.kind().name(), self.inbound, to.address);
        Effect::Send(Box::new(Outgoing {
            letter,
            to: to.clone(),
            ticket: None,
            purpose: Purpose::Held,
            manner,
            speaker: Speaker::Service,
            thread,
            source: Some(self.inbound),
            once,
            not_before: self.now,
        }))
    }
}
