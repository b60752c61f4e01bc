//! A mail that nobody here can read: held, its sender asked for another, no ticket made of it
//! (mail.md §5).

use super::address::Person;
use super::announce::answering;
use super::effect::{Decision, HeldCause, Manner};
use super::intake::Intake;
use super::letter::Letter;
use super::subject::Subject;
use super::ticket::{ClientRef, Ticket};

impl Intake<'_> {
    /// An accepted sender's encrypted mail. It never makes an empty ticket, nor an empty line in
    /// one: it is held, the sender is told once a day, and where it is about a ticket so is the
    /// consultant, who waits for this very answer.
    pub(super) fn unreadable(
        &self,
        sender: &Person,
        client: &ClientRef,
        ticket: Option<&Ticket>,
    ) -> Decision {
        let why = "its content is encrypted and cannot be read";
        let id = ticket.map(|t| t.id);
        let mut decision = self.hold(HeldCause::Encrypted, Some(client.id), id, why);
        if let Some(remembered) = self.notice_due(sender, HeldCause::Encrypted) {
            let subject = Subject::read(&self.mail.subject, &self.policy.ticket_prefix).bare;
            let letter = Letter::EncryptedSender {
                subject: self.mail.subject.clone(),
            };
            let head = answering(self.mail, &subject);
            decision.effects.push(remembered);
            decision
                .effects
                .push(self.held_notice(letter, sender, Manner::Answer, Some(head)));
        }
        if let Some(ticket) = ticket {
            let tell = self.tell_on_duty(ticket, Letter::ConsultantEncrypted);
            let tell = tell.into_iter().map(|mail| self.numbered(mail));
            decision.effects.extend(tell);
        }
        decision
    }
}
