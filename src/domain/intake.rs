//! What becomes of a received mail: the path from its class to a ticket, or to the held mail.

use chrono::{DateTime, Utc};

use super::access::{Belief, believe_requester};
use super::address::Person;
use super::announce::{notices, numbered, on_duty};
use super::case::{Asked, Candidate, Case};
use super::classify::Classification;
use super::consent;
use super::desk::Draft;
use super::effect::{Decision, Effect, HeldCause, Outcome, Visibility};
use super::event::{Destination, Release};
use super::ids::{ClientId, InboundId, TicketId};
use super::letter::{Letter, Notice};
use super::merging;
use super::message::{Mail, MailClass, Malformed, Place};
use super::policy::Policy;
use super::relay;
use super::threading::{Choice, Gate, Weighed, gate, weigh};
use super::ticket::{Fact, Joining, Ticket};
use super::validation::Reading;

/// Most people who may write in a thread because they were copied on it; those copied after them
/// are held like anybody else, and whoever releases such a mail lets its sender in.
const COPIED_MAX: usize = 50;

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
    /// What in it points to tickets, weighed.
    pub weighed: &'a Weighed,
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
    let sender = mail.from.as_ref().ok().map(|p| &p.address);
    let into = release.map_or(Destination::Evidence, |r| r.to);
    let weighed = weigh(case, mail, sender, into, policy);
    let intake = Intake {
        inbound,
        mail,
        class,
        release,
        case,
        weighed: &weighed,
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
    why.extend(intake.who());
    why.extend(weighed.why(policy));
    if let Choice::One(chosen) = &weighed.choice {
        let followed = merging::followed(case, chosen.ticket, policy);
        why.extend(followed.iter().map(|line| format!("thread: {line}")));
    }
    if release.is_some() {
        why.push("released: the cause it was held for does not count any more".to_owned());
    }
    why.append(&mut decision.why);
    Decision { why, ..decision }
}

impl<'a> Intake<'a> {
    /// The sender's standing, for the record.
    fn who(&self) -> Option<String> {
        let sender = self.mail.from.as_ref().ok()?;
        let words = match self.policy.consultant(&sender.address) {
            Some(consultant) => format!("consultant {}", consultant.person.name),
            None => self.case.standing.describe(),
        };
        Some(format!("sender: {words}"))
    }

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
                    && matches!(self.weighed.choice, Choice::One(_)) =>
            {
                self.person(sender)
            }
            // An authorizer's invitation is a person's where it stands alone; within a thread it
            // is an event of the thread, and an answer to an invitation never is more than that.
            (MailClass::Calendar, Some(sender))
                if self.is_listed()
                    && !self.mail.marks.calendar_answer
                    && self.weighed.choice == Choice::None =>
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
        let (candidates, choice) = (&self.weighed.candidates, &self.weighed.choice);
        if let Some(consultant) = self.policy.consultant(&sender.address) {
            return relay::from_consultant(self, consultant, candidates, choice);
        }
        let belief = match self.release {
            Some(_) => Belief::Believed,
            None => {
                let verdict = self.mail.authentication.verdict;
                believe_requester(verdict, &sender.address, candidates)
            }
        };
        if belief == Belief::Forged {
            let why = "the receiving server says that somebody else wrote it";
            return self.hold(HeldCause::Forged, None, None, why);
        }
        if let Some(asked) = self.asked_of(sender) {
            return consent::answered(self, sender, asked, belief);
        }
        match choice {
            // Whoever lets such a mail in has seen that it fits none of them alone.
            Choice::Ambiguous(_) if self.release.is_some() => {
                self.outside_thread(sender, belief, None)
            }
            Choice::Ambiguous(tickets) => {
                let names: Vec<String> = tickets.iter().map(|t| self.policy.tag(*t)).collect();
                let why = format!("evidence points to several tickets: {}", names.join(", "));
                self.hold(HeldCause::Ambiguous, None, None, &why)
            }
            Choice::One(candidate) => match self.case.tickets.get(&candidate.ticket) {
                Some(ticket) => self.in_thread(sender, ticket, candidate, belief),
                None => self.outside_thread(sender, belief, None),
            },
            Choice::None => self.outside_thread(sender, belief, None),
        }
    }

    /// The held mail that the sender was asked about, and that this mail is his answer to. An answer
    /// that somebody let in is a mail like any other.
    fn asked_of(&self, sender: &Person) -> Option<&Asked> {
        let asked = self.case.asked.as_ref()?;
        let listed = self.case.standing.listed.as_ref();
        let theirs = asked.notice_to == sender.address
            || listed.is_some_and(|l| Some(l.client.id) == asked.held.client);
        (theirs && self.release.is_none()).then_some(asked)
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
        let admitted = match gate {
            Gate::ClientSide => false,
            // Somebody who answers for a stranger's mail in a thread accepts him there, and
            // another client's person only where the ticket was named.
            Gate::ThirdParty => self.release.is_some(),
            Gate::CrossClient => candidate.place == Place::Named,
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
            _ if gate == Gate::ClientSide || admitted => {
                if self.is_unreadable() {
                    self.unreadable(sender, &ticket.client, Some(ticket))
                } else if ticket.is_open() {
                    self.reply(sender, ticket, candidate, admitted)
                } else if self.said(sender, ticket) == Reading::BareThanks {
                    self.thanks_at_the_end(sender, ticket, candidate)
                } else {
                    // Policy §6: what comes after the closing opens a new ticket, tied to the
                    // old one.
                    self.outside_thread(sender, belief, Some(ticket))
                }
            }
            _ if self.release.is_some() => self.outside_thread(sender, belief, None),
            Gate::ThirdParty => {
                let why = "the sender takes no part in this ticket";
                self.stranger_in_thread(HeldCause::ThirdParty, Some(ticket.client.id), ticket, why)
            }
            Gate::ClientSide | Gate::CrossClient => {
                // The sender's own client: a release must not count for the other one.
                let client = self.case.standing.client().map(|c| c.id);
                let why = "another client's thread";
                self.stranger_in_thread(HeldCause::CrossClient, client, ticket, why)
            }
        }
    }

    /// mail.md §4: nothing is filed; the consultant is told and may have it let in.
    fn stranger_in_thread(
        &self,
        cause: HeldCause,
        client: Option<ClientId>,
        ticket: &Ticket,
        why: &str,
    ) -> Decision {
        let mut decision = self.hold(cause, client, Some(ticket.id), why);
        let tell = self.tell_on_duty(ticket, Letter::ConsultantThirdParty);
        let tell = tell.into_iter().map(|mail| self.numbered(mail));
        decision.effects.extend(tell);
        decision
    }

    /// A notice about this mail to whoever the ticket's news go to.
    pub(super) fn tell_on_duty(
        &self,
        ticket: &Ticket,
        letter: fn(Notice) -> Letter,
    ) -> Vec<Effect> {
        let told = on_duty(ticket, self.policy);
        notices(&told, ticket, self.mail, self, letter).collect()
    }

    /// A notice about this mail with the number that it is held under.
    pub(super) fn numbered(&self, notice: Effect) -> Effect {
        numbered(notice, self.case.next_held)
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
            (Some(listed), _) if self.is_unreadable() => {
                self.unreadable(sender, &listed.client, None)
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

    /// Encrypted, and nobody has said to take it as it is.
    fn is_unreadable(&self) -> bool {
        self.mail.marks.encrypted && self.release.is_none()
    }

    /// Lets those in who are copied by somebody entitled to it: the requester and authorizers. A
    /// person in Cc may add information, and gets no authority by it (policy.md §1).
    pub(super) fn admit_copied(&self, draft: &mut Draft, sender: &Person) {
        let entitled = draft.ticket.requester.address == sender.address || self.is_listed();
        if !entitled {
            return;
        }
        for address in &self.mail.recipients {
            let ours = self.policy.is_own(address) || self.policy.is_staff(address);
            if draft.ticket.copied.len() >= COPIED_MAX {
                return;
            }
            let is_out = draft.ticket.was_taken_out(address);
            if !ours && !is_out && !draft.ticket.may_write(address) {
                let person = Person::new(address.clone(), "");
                draft.record(self.mail.received_at, joined(&person, Joining::Copied));
            }
        }
    }

    /// Files the mail on a ticket.
    pub fn file(&self, ticket: TicketId, visibility: Visibility, by: &Candidate) -> Effect {
        let mut reached = by.place.describe();
        for line in merging::followed(self.case, ticket, self.policy) {
            reached.push_str("; ");
            reached.push_str(&line);
        }
        Effect::File {
            ticket,
            inbound: self.inbound,
            visibility,
            thread_evidence: self.weighed.evidence(&reached, self.policy),
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

pub(super) fn joined(person: &Person, by: Joining) -> Fact {
    Fact::Joined {
        address: person.address.clone(),
        name: person.name.clone(),
        by,
    }
}
