//! What becomes of a machine's mail: the table of mail.md §2, all rows but the human ones.
//!
//! A machine's mail is an event of its thread or nothing but a record. It opens nothing, moves no
//! state and no plan, and is never answered. Only a bounce does more, and only to the very mail
//! that it names.

use super::address::Person;
use super::case::Candidate;
use super::contact;
use super::delivery::Undelivered;
use super::desk::Draft;
use super::effect::{Decision, Effect, Outcome, Visibility};
use super::failure::Failure;
use super::ids::TicketId;
use super::intake::Intake;
use super::letter::Letter;
use super::message::MailClass;
use super::report::RecipientReport;
use super::returned::{Named, Progress, ids_reported};
use super::threading::{Choice, Gate, gate};
use super::ticket::{Fact, Ticket};

impl Intake<'_> {
    /// Decides about a machine's mail.
    pub(super) fn machine(&self, sender: Option<&Person>) -> Decision {
        if self.class.class == MailClass::Bounce {
            return match &self.case.named {
                Some(named) => self.bounce(named),
                None => self.bounce_of_nothing(),
            };
        }
        match self.event_of(sender) {
            Some((ticket, evidence)) => {
                let mut decision = self.event(ticket, evidence);
                let staff = sender.is_some_and(|s| self.policy.is_staff(&s.address));
                let absent = self.class.class == MailClass::AutoReply && !staff;
                if absent && contact::runs_in(ticket.status) {
                    // Policy §6: no answer and no reset, but a consultant sees it.
                    let told = self.tell_on_duty(ticket, Letter::ConsultantAutoReply);
                    decision.effects.extend(told);
                }
                decision
            }
            None => self.nothing("a machine's mail outside any thread: recorded"),
        }
    }

    /// A bounce without proof. A ticket's number, a recipient's address or an id that we never
    /// gave is no proof, and a person who would look at it could do nothing about it: mostly it is
    /// the echo of spam sent in our name. So it is recorded and not held.
    fn bounce_of_nothing(&self) -> Decision {
        let ids = ids_reported(self.mail);
        let why = match ids.first() {
            Some((_, id)) => format!("the bounce names {id}, which is no mail of ours: recorded"),
            None => "the bounce names no mail by its id: recorded".to_owned(),
        };
        self.nothing(&why)
    }

    /// A bounce of a mail of ours: its row fails, what it had achieved is void, and somebody who
    /// can do something about it is told. Once, however many bounces of it come.
    fn bounce(&self, named: &Named) -> Decision {
        let evidence = named.describe();
        let of = format!("{evidence}, {} to {}", named.letter.name(), named.to);
        match named.progress {
            Progress::Accepted | Progress::Underway => {}
            Progress::Ahead => {
                return self.nothing(&format!("{of}: still to be tried, so nothing follows"));
            }
            Progress::Over => {
                return self.nothing(&format!(
                    "{of}: failed or cancelled before, nothing follows"
                ));
            }
        }
        let ticket = named.ticket.and_then(|id| self.case.tickets.get(&id));
        let failed = match self.recipient(named) {
            Blame::This(failed) => failed,
            Blame::Others => {
                let why = format!("{of}: reached its recipient, failed for others only");
                return self.event_or_record(ticket, evidence, &why);
            }
        };
        let failure = Failure::reported(failed, named.to.as_str());
        let lost = Undelivered {
            outbox: named.outbox,
            letter: named.letter,
            to: &named.to,
            failure: &failure,
        };
        let mut effects = vec![Effect::Bounced {
            outbox: named.outbox,
            words: failure.words.clone(),
        }];
        let mut draft = ticket.map(|ticket| self.with_event(ticket));
        // A report comes from a server that accepted the mail, whatever was noted of that so far.
        if let Some(draft) = &mut draft
            && named.progress == Progress::Underway
            && lost.answers(&draft.ticket, self.policy)
        {
            let at = named.offered_at.unwrap_or(self.mail.received_at);
            let outbox = named.outbox;
            let inbound = self.case.cause.filter(|_| named.letter.is_persons_words());
            draft.record(at, Fact::ReplySent { outbox, inbound });
        }
        let at = self.mail.received_at;
        let told = lost.tell(draft.as_mut(), at, self.policy, self.now);
        let outcome = match draft {
            Some(draft) => {
                let id = draft.ticket.id;
                effects.push(draft.save(self.policy, self.now));
                effects.push(self.filed(id, evidence));
                Outcome::Filed
            }
            None => Outcome::Recorded,
        };
        effects.extend(told.effects);
        let mut decision = self.conclude(outcome, effects, &of);
        if let Some(address) = &failure.reported {
            let why = format!("the report speaks of {address}");
            decision.why.push(why);
        }
        let words = format!("{}: {}", failure.cause.name(), failure.words);
        decision.why.push(words);
        decision.why.extend(told.why);
        decision
    }

    /// Whom the report blames. The address need not be the one we wrote to: aliases resolve and
    /// mail is sent on. But where that very address is named, its line decides.
    fn recipient(&self, named: &Named) -> Blame<'_> {
        let lines = self.mail.report.as_ref().map(|r| r.recipients.as_slice());
        let lines = lines.unwrap_or_default();
        let failed = |line: &&RecipientReport| line.action.is_empty() || line.action == "failed";
        let own = lines
            .iter()
            .find(|line| line.recipient == named.to.as_str());
        match own.or_else(|| lines.iter().find(failed)) {
            Some(line) if failed(&line) => Blame::This(Some(line)),
            None if lines.is_empty() => Blame::This(None),
            _ => Blame::Others,
        }
    }

    /// The thread that a machine's mail is an event of, and the evidence for it.
    fn event_of(&self, sender: Option<&Person>) -> Option<(&Ticket, String)> {
        if self.reports()
            && let Some(named) = &self.case.named
            && let Some(ticket) = named.ticket.and_then(|id| self.case.tickets.get(&id))
        {
            return Some((ticket, named.describe()));
        }
        let sender = sender?;
        let Choice::One(candidate) = &self.weighed.choice else {
            return None;
        };
        let ticket = self.case.tickets.get(&candidate.ticket)?;
        let inside = self.policy.consultant(&sender.address).is_some()
            || match gate(ticket, &sender.address, &self.case.standing) {
                Gate::ClientSide => true,
                Gate::ThirdParty => self.reacts(candidate),
                Gate::CrossClient => false,
            };
        inside.then(|| (ticket, candidate.place.describe()))
    }

    /// Whether the class is one that a server writes about a mail of ours, from an address that
    /// takes part in no ticket.
    fn reports(&self) -> bool {
        matches!(
            self.class.class,
            MailClass::Delay
                | MailClass::Delivered
                | MailClass::ReadReceipt
                | MailClass::FeedbackReport
        )
    }

    /// Whether the mail is a program's reaction to a mail of ours, by an id or address of that
    /// mail. People's programs answer from addresses that we do not know: an alias, a server, a
    /// colleague to whom mail is sent on. Only consultants see such an event.
    fn reacts(&self, candidate: &Candidate) -> bool {
        let program = self.reports()
            || matches!(
                self.class.class,
                MailClass::AutoReply | MailClass::Challenge
            );
        program && candidate.place.is_strong() && candidate.purpose.is_some()
    }

    fn event_or_record(&self, ticket: Option<&Ticket>, evidence: String, why: &str) -> Decision {
        match ticket {
            Some(ticket) => {
                let mut decision = self.event(ticket, evidence);
                decision.why.insert(0, why.to_owned());
                decision
            }
            None => self.nothing(why),
        }
    }

    /// Filed where only consultants see it; nothing else follows.
    fn event(&self, ticket: &Ticket, evidence: String) -> Decision {
        let effects = vec![
            self.with_event(ticket).save(self.policy, self.now),
            self.filed(ticket.id, evidence),
        ];
        let why = "a machine's mail: filed as an event, nothing else follows";
        self.conclude(Outcome::Filed, effects, why)
    }

    fn with_event(&self, ticket: &Ticket) -> Draft {
        let mut draft = Draft::of(ticket);
        draft.record(
            self.mail.received_at,
            Fact::MachineWrote {
                class: self.class.class,
                inbound: self.inbound,
            },
        );
        draft
    }

    fn filed(&self, ticket: TicketId, evidence: String) -> Effect {
        Effect::File {
            ticket,
            inbound: self.inbound,
            visibility: Visibility::Internal,
            thread_evidence: evidence,
            text: self.mail.text.clone(),
        }
    }

    fn nothing(&self, why: &str) -> Decision {
        self.conclude(Outcome::Recorded, vec![], why)
    }
}

/// Whom a bounce blames.
enum Blame<'a> {
    /// The recipient of our mail, by this line of the report; none where the report has no lines.
    This(Option<&'a RecipientReport>),
    /// Others, and not the recipient of our mail.
    Others,
}
