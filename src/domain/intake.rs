//! What becomes of a received mail: the path from its class to a ticket, or to the held mail.

use chrono::{DateTime, Utc};

use super::access::{Belief, believe_requester};
use super::address::Person;
use super::announce::{answering, notices, on_duty};
use super::case::{Candidate, Case};
use super::classify::Classification;
use super::desk::Draft;
use super::effect::{Decision, Effect, HeldCause, Outcome, Visibility};
use super::event::Release;
use super::ids::{ClientId, InboundId, TicketId};
use super::letter::Letter;
use super::lifecycle::after_client_mail;
use super::message::{Mail, MailClass, Malformed};
use super::policy::Policy;
use super::relay;
use super::subject::Subject;
use super::threading::{Choice, Gate, choose, gate, without_idle_tags};
use super::ticket::{Fact, Thread, Ticket};

/// A mail on its way through the desk, with everything the rules may look at.
#[derive(Debug, Clone, Copy)]
pub struct Intake<'a> {
    /// Its row.
    pub inbound: InboundId,
    /// What it says.
    pub mail: &'a Mail,
    /// What it is.
    pub class: &'a Classification,
    /// Somebody answers for it although it was held.
    pub release: Option<&'a Release>,
    /// What the tables know.
    pub case: &'a Case,
    /// What the house promises.
    pub policy: &'a Policy,
    /// The time of the decision.
    pub now: DateTime<Utc>,
}

/// Decides about a mail: mail.md §2 (class), then §3 (who), then §4 (which ticket).
pub fn receive(
    inbound: InboundId,
    mail: &Mail,
    class: &Classification,
    release: Option<&Release>,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let intake = Intake {
        inbound,
        mail,
        class,
        release,
        case,
        policy,
        now,
    };
    let mut decision = intake.decide();
    let mut why = class.evidence.clone();
    if case.id_taken {
        why.push(
            "warning: an earlier mail with other content bears the same Message-ID".to_owned(),
        );
    }
    why.push(format!(
        "authentication {}: {}",
        mail.authentication.verdict.name(),
        mail.authentication.line
    ));
    why.append(&mut decision.why);
    Decision { why, ..decision }
}

impl<'a> Intake<'a> {
    fn decide(&self) -> Decision {
        if let Some(twin) = self.case.twin {
            let why = format!("the same mail as inbound {twin}: recorded once");
            return self.conclude(Outcome::Duplicate(twin), vec![], &why);
        }
        let sender = match (&self.mail.from, self.class.class) {
            (Err(Malformed::Empty | Malformed::NotAMail | Malformed::TooComplex), _)
            | (Err(_), MailClass::Human) => {
                return self.hold(HeldCause::Malformed, None, None, "no single, plain sender");
            }
            (from, _) => from.as_ref().ok(),
        };
        match (self.class.class, sender) {
            (MailClass::Loop, _) => self.own_mail(),
            (MailClass::Human, Some(sender)) => self.person(sender),
            // Table of mail.md §2: a list's mail is a person's when the sender is authorized.
            (MailClass::List | MailClass::Bulk, Some(sender)) if self.is_listed() => {
                self.person(sender)
            }
            // Where a list distributes the official address, all mail bears its marks, and so do
            // consultants' replies. What a consultant writes to a list elsewhere is not for us.
            (MailClass::List, Some(sender))
                if self.policy.consultant(&sender.address).is_some()
                    && matches!(choose(&self.candidates(sender)), Choice::One(_)) =>
            {
                self.person(sender)
            }
            // An authorizer's invitation is a person's where it stands alone; within a thread it
            // is an event of the thread, and an answer to an invitation never is more than that.
            (MailClass::Calendar, Some(sender))
                if self.is_listed()
                    && !self.mail.marks.calendar_answer
                    && choose(&self.candidates(sender)) == Choice::None =>
            {
                self.person(sender)
            }
            (_, sender) => self.machine(sender),
        }
    }

    /// Our own mail come back: recorded where it proves itself, else a person looks at it.
    fn own_mail(&self) -> Decision {
        let proven = self.mail.marks.own_message_id || self.mail.marks.loop_header == Some(true);
        if proven {
            self.conclude(
                Outcome::Recorded,
                vec![],
                "our own mail come back: recorded",
            )
        } else {
            self.hold(
                HeldCause::Loop,
                None,
                None,
                "claims to come from our own address",
            )
        }
    }

    /// A person's mail.
    fn person(&self, sender: &Person) -> Decision {
        let candidates = self.candidates(sender);
        let choice = self.without_forwarded_hints(choose(&candidates));
        if let Some(consultant) = self.policy.consultant(&sender.address) {
            return relay::from_consultant(self, consultant, &candidates, &choice);
        }
        if self.mail.marks.encrypted && self.release.is_none() {
            return self.hold(HeldCause::Encrypted, None, None, "the content is encrypted");
        }
        let belief = match self.release {
            Some(_) => Belief::Believed,
            None => {
                let verdict = self.mail.authentication.verdict;
                believe_requester(verdict, &sender.address, &candidates)
            }
        };
        if belief == Belief::Forged {
            let why = "the receiving server says that somebody else wrote it";
            return self.hold(HeldCause::Forged, None, None, why);
        }
        match choice {
            // Whoever lets such a mail in has seen that it fits none of them alone.
            Choice::Ambiguous(_) if self.release.is_some() => {
                self.outside_thread(sender, belief, None)
            }
            Choice::Ambiguous(tickets) => {
                let why = format!("evidence points to several tickets: {tickets:?}");
                self.hold(HeldCause::Ambiguous, None, None, &why)
            }
            Choice::One(candidate) => match self.case.tickets.get(&candidate.ticket) {
                Some(ticket) => self.in_thread(sender, ticket, &candidate, belief),
                None => self.outside_thread(sender, belief, None),
            },
            Choice::None => self.outside_thread(sender, belief, None),
        }
    }

    /// A mail whose evidence names a ticket: through the gate, or held.
    fn in_thread(
        &self,
        sender: &Person,
        ticket: &Ticket,
        candidate: &Candidate,
        belief: Belief,
    ) -> Decision {
        let gate = gate(ticket, &sender.address, &self.case.standing);
        // Somebody who answers for a stranger's mail in a thread accepts him there.
        let gate = match gate {
            Gate::ThirdParty if self.release.is_some() => Gate::ClientSide,
            gate => gate,
        };
        match gate {
            Gate::ClientSide if belief == Belief::Unauthenticated => {
                let why = "a participant's address, but nobody vouches for it";
                self.hold(
                    HeldCause::Unauthenticated,
                    Some(ticket.client.id),
                    Some(ticket.id),
                    why,
                )
            }
            Gate::ClientSide if ticket.is_open() => self.reply(sender, ticket, candidate),
            // Policy §6: what comes after the closing opens a new ticket, tied to the old one.
            Gate::ClientSide => self.outside_thread(sender, belief, Some(ticket)),
            Gate::CrossClient if self.release.is_some() => {
                self.outside_thread(sender, belief, None)
            }
            Gate::ThirdParty | Gate::CrossClient => {
                let (cause, client, why) = match gate {
                    // The sender's own client: a release must not count for the other one.
                    Gate::CrossClient => (
                        HeldCause::CrossClient,
                        self.case.standing.client(),
                        "another client's thread",
                    ),
                    _ => (
                        HeldCause::ThirdParty,
                        Some(&ticket.client),
                        "the sender takes no part in this ticket",
                    ),
                };
                let client = client.map(|c| c.id);
                let mut decision = self.hold(cause, client, Some(ticket.id), why);
                let told = on_duty(ticket, self.policy);
                decision.effects.extend(notices(
                    &told,
                    ticket,
                    self.mail,
                    self.inbound,
                    self.policy,
                    self.now,
                    Letter::ConsultantThirdParty,
                ));
                decision
            }
        }
    }

    /// The client's side wrote into an open ticket.
    fn reply(&self, sender: &Person, ticket: &Ticket, candidate: &Candidate) -> Decision {
        let mut draft = Draft::of(ticket);
        draft.record(
            self.mail.received_at,
            Fact::ClientWrote {
                by: sender.address.clone(),
                inbound: self.inbound,
            },
        );
        let official = self.is_listed();
        if let Some(to) = after_client_mail(ticket, official) {
            draft.ticket.official |= official;
            draft.record(
                self.mail.received_at,
                Fact::StatusChanged {
                    to,
                    closed_as: None,
                },
            );
        }
        let head = answering(self.mail, &ticket.thread.subject);
        draft.ticket.thread = Thread {
            subject: ticket.thread.subject.clone(),
            last_id: head.in_reply_to,
            references: head.references,
            topic: head.topic.or_else(|| ticket.thread.topic.clone()),
            index: head.index.or_else(|| ticket.thread.index.clone()),
        };
        let told = on_duty(&draft.ticket, self.policy);
        let tell = notices(
            &told,
            &draft.ticket,
            self.mail,
            self.inbound,
            self.policy,
            self.now,
            Letter::ConsultantClientReply,
        );
        let mut effects: Vec<Effect> = tell.collect();
        effects.insert(0, self.file(ticket.id, Visibility::Public, candidate));
        effects.insert(0, draft.save(self.policy, self.now));
        let why = format!(
            "{} by {}",
            self.policy.tag(ticket.id),
            candidate.place.describe()
        );
        self.conclude(Outcome::Filed, effects, &why)
    }

    /// A mail of its own: opens a ticket where its sender may, is held otherwise.
    fn outside_thread(
        &self,
        sender: &Person,
        belief: Belief,
        continues: Option<&Ticket>,
    ) -> Decision {
        let standing = &self.case.standing;
        if self.release.is_some() {
            return match standing.client() {
                Some(client) => self.open(sender, client, continues),
                None => {
                    let why = "released, but no client is known for the sender";
                    self.hold(HeldCause::UnknownDomain, None, None, why)
                }
            };
        }
        match (&standing.listed, &standing.domain_client) {
            (Some(listed), _) if belief != Belief::Believed => {
                let why = "an authorizer's address, but nobody vouches for it";
                self.hold(
                    HeldCause::Unauthenticated,
                    Some(listed.client.id),
                    None,
                    why,
                )
            }
            (Some(listed), _) if !listed.can_open => {
                let why = "listed, but not to open tickets";
                self.hold(HeldCause::Unauthorized, Some(listed.client.id), None, why)
            }
            (Some(listed), _) if self.opened_too_many() => {
                let why = "too many tickets of this sender within an hour";
                self.hold(HeldCause::TooMany, Some(listed.client.id), None, why)
            }
            (Some(listed), _) => self.open(sender, &listed.client, continues),
            (None, Some(client)) => self.unlisted_colleague(sender, client),
            // Policy §1: no answer at all; it would be backscatter.
            (None, None) => {
                let why = "neither the sender nor the domain is in the directory";
                self.hold(HeldCause::UnknownDomain, None, None, why)
            }
        }
    }

    fn opened_too_many(&self) -> bool {
        self.case.opened_last_hour >= self.policy.brakes.tickets_per_hour
    }

    /// Whether the sender is a current authorizer.
    pub fn is_listed(&self) -> bool {
        self.case.standing.listed.is_some()
    }

    fn candidates(&self, sender: &Person) -> Vec<Candidate> {
        without_idle_tags(self.case, &sender.address, self.policy)
    }

    /// mail.md §4: a forward with nothing but a weak match opens a ticket of its own.
    fn without_forwarded_hints(&self, choice: Choice) -> Choice {
        let forward = Subject::read(&self.mail.subject, &self.policy.ticket_prefix).is_forward;
        match choice {
            Choice::One(c) if forward && !c.place.is_strong() => Choice::None,
            Choice::Ambiguous(_)
                if forward && self.case.candidates.iter().all(|c| !c.place.is_strong()) =>
            {
                Choice::None
            }
            choice => choice,
        }
    }

    /// Files the mail on a ticket.
    pub fn file(&self, ticket: TicketId, visibility: Visibility, by: &Candidate) -> Effect {
        Effect::File {
            ticket,
            inbound: self.inbound,
            visibility,
            thread_evidence: by.place.describe(),
            text: self.mail.text.clone(),
        }
    }

    /// Ends the decision with an outcome.
    pub fn conclude(&self, outcome: Outcome, mut effects: Vec<Effect>, why: &str) -> Decision {
        effects.push(Effect::Conclude {
            inbound: self.inbound,
            class: Some(self.class.class),
            outcome,
        });
        Decision {
            effects,
            why: vec![why.to_owned()],
        }
    }

    /// Ends the decision by keeping the mail for a person.
    pub fn hold(
        &self,
        cause: HeldCause,
        client: Option<ClientId>,
        ticket: Option<TicketId>,
        why: &str,
    ) -> Decision {
        let hold = Effect::Hold {
            inbound: self.inbound,
            cause,
            client,
            ticket,
            from: self.mail.from.as_ref().ok().cloned(),
        };
        let why = format!("held ({}): {why}", cause.name());
        self.conclude(Outcome::Held, vec![hold], &why)
    }
}
