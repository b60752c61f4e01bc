//! A new ticket, its acknowledgement and its notices (policy.md §3).

use chrono::{DateTime, Utc};

use super::address::Person;
use super::announce::{answering, facts, notices, on_arrival};
use super::clock;
use super::desk::Draft;
use super::dispute;
use super::effect::{Decision, Effect, Manner, Outcome, Outgoing, Speaker, ThreadHead, Visibility};
use super::ids::TicketId;
use super::intake::Intake;
use super::letter::Letter;
use super::message::Verdict;
use super::priority::understand;
use super::subject::Subject;
use super::ticket::{ClientRef, FIRST_LEVEL, Fact, Kind, Link, Priority, Status, Thread, Ticket};
use super::token::Purpose;

impl Intake<'_> {
    /// A new ticket, its acknowledgement and its notices.
    pub(super) fn open(
        &self,
        sender: &Person,
        client: &ClientRef,
        continues: Option<&Ticket>,
    ) -> Decision {
        // A link tells the other side's number: never across clients.
        let continues = continues.filter(|closed| closed.client.id == client.id);
        let mail = self.mail;
        let subject = Subject::read(&mail.subject, &self.policy.ticket_prefix).bare;
        let understood = understand(&mail.subject, &mail.text, self.policy);
        let mut head = answering(mail, &subject);
        if continues.is_some() {
            // mail.md §4: a continued ticket begins a Message-ID chain of its own.
            head.references.clear();
        }
        let name = self
            .case
            .standing
            .listed
            .as_ref()
            .map_or(&sender.name, |l| &l.name);
        // Policy §1: a mail let in by an authorizer's yes begins at that yes, any other at its receipt.
        let begins = self
            .release
            .and_then(|r| r.starts_at)
            .unwrap_or(mail.received_at);
        let mut draft = begin(&Beginning {
            id: self.case.next_ticket,
            client,
            requester: Person::new(sender.address.clone(), name),
            priority: understood.priority,
            kind: understood.kind,
            by_phone: false,
            starts_at: begins,
            recorded_at: begins,
            thread: Thread {
                subject,
                last_id: head.in_reply_to.clone(),
                references: head.references.clone(),
                topic: head.topic.clone(),
                index: head.index.clone(),
            },
        });
        draft.record(
            begins,
            Fact::ClientWrote {
                by: sender.address.clone(),
                inbound: self.inbound,
                thanks: false,
            },
        );
        for disputes in dispute::facts(self.case) {
            draft.record(begins, disputes);
        }
        self.admit_copied(&mut draft, sender);
        let mut old = None;
        if let Some(closed) = continues {
            draft.record(self.now, link(Link::Continues, closed.id));
            let mut other = Draft::of(closed);
            other.record(self.now, link(Link::ContinuedBy, draft.ticket.id));
            old = Some(other);
        }
        let ticket = draft.ticket.clone();
        let told = on_arrival(&ticket, self.policy);
        let tell = notices(&told, &ticket, mail, self, Letter::ConsultantNewTicket);
        let mut effects = vec![draft.save(self.policy, self.now)];
        effects.extend(old.map(|o| o.save(self.policy, self.now)));
        effects.push(Effect::File {
            ticket: ticket.id,
            inbound: self.inbound,
            visibility: Visibility::Public,
            thread_evidence: self.weighed.evidence(
                &continues.map_or("opened the ticket".to_owned(), |c| {
                    format!("opened the ticket, continues {}", self.policy.tag(c.id))
                }),
                self.policy,
            ),
            text: mail.text.clone(),
        });
        if self.may_acknowledge() {
            effects.push(self.acknowledgement(&ticket, head, continues));
        }
        effects.extend(tell);
        let why = format!(
            "opens {} for {}, priority {}",
            self.policy.tag(ticket.id),
            client.name,
            ticket.priority.name()
        );
        self.conclude(Outcome::Opened, effects, &why)
    }

    /// Never to a machine, a list or our own address (the class says), and never to an
    /// unauthenticated stranger: a released one without an entry in the directory gets none.
    fn may_acknowledge(&self) -> bool {
        let known = self.mail.authentication.verdict >= Verdict::Medium || self.is_listed();
        self.class.may_acknowledge() && known
    }

    fn acknowledgement(
        &self,
        ticket: &Ticket,
        head: ThreadHead,
        continues: Option<&Ticket>,
    ) -> Effect {
        let calendar = ticket.calendar(self.policy);
        let in_hours = calendar.is_open(self.now);
        Effect::Send(Box::new(Outgoing {
            letter: Letter::Acknowledgement {
                ticket: facts(ticket, self.policy),
                name: ticket.requester.name.clone(),
                limit_at: clock::response(ticket, self.policy).limit_at,
                in_hours,
                opens_at: if in_hours {
                    self.now
                } else {
                    calendar.next_open(self.now)
                },
                continues: continues.map(|c| self.policy.tag(c.id)),
            },
            to: ticket.requester.clone(),
            ticket: Some(ticket.id),
            purpose: Purpose::Client,
            manner: Manner::Answer,
            speaker: Speaker::Service,
            thread: Some(head),
            source: Some(self.inbound),
            once: format!("acknowledgement:{}", ticket.id),
            not_before: self.now,
        }))
    }
}

fn link(link: Link, ticket: TicketId) -> Fact {
    Fact::Linked { link, ticket }
}

/// What a ticket is when it begins.
pub(super) struct Beginning<'a> {
    /// Its number.
    pub id: TicketId,
    /// Whose it is.
    pub client: &'a ClientRef,
    /// Who asks.
    pub requester: Person,
    /// Urgency.
    pub priority: Priority,
    /// Sort of work.
    pub kind: Kind,
    /// It was a call.
    pub by_phone: bool,
    /// When its clocks start.
    pub starts_at: DateTime<Utc>,
    /// When that is put on record; not before.
    pub recorded_at: DateTime<Utc>,
    /// The conversation's headers.
    pub thread: Thread,
}

/// A new ticket with the fact of its beginning: nobody's yet, at level 1 (policy.md §8), and backed
/// by the client's own mail until somebody says otherwise.
pub(super) fn begin(of: &Beginning) -> Draft {
    let mut draft = Draft::of(&Ticket {
        id: of.id,
        client: of.client.clone(),
        requester: of.requester.clone(),
        participants: Vec::new(),
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        priority: of.priority,
        kind: of.kind,
        level: FIRST_LEVEL,
        official: true,
        opened_at: of.starts_at,
        thread: of.thread.clone(),
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
    });
    draft.record(
        of.recorded_at,
        Fact::Opened {
            received_at: of.starts_at,
            priority: of.priority,
            kind: of.kind,
            by_phone: of.by_phone,
        },
    );
    draft
}
