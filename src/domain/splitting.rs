//! A client's mail that gets a ticket of its own (policy.md §9, `#separar`).
//!
//! The ticket that it was filed on keeps its history and owes no answer to it any more; the new one
//! is the same client's and begins at the mail's own receipt.

use super::address::Person;
use super::announce::{Told, facts, notices_of, on_arrival};
use super::case::Noticed;
use super::client_mail::to_client_side;
use super::clock;
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::intake::joined;
use super::letter::Letter;
use super::orders::{Orders, Refusal};
use super::priority::understand;
use super::subject::Subject;
use super::ticket::{Fact, Joining, Link, Status, Thread, Ticket};

/// Why `#separar` cannot be carried out.
pub(super) fn refusal(orders: &Orders) -> Option<Refusal> {
    let ticket = orders.ticket;
    let Some(noticed) = &orders.intake.case.noticed else {
        return Some(Refusal::NoClientMail);
    };
    let wrote = |fact: &Fact| matches!(fact, Fact::ClientWrote { inbound, .. } if *inbound == noticed.inbound);
    if ticket.has_moved(noticed.inbound) {
        Some(Refusal::MovedAlready)
    } else if noticed.opened || ticket.opening_mail() == Some(noticed.inbound) {
        Some(Refusal::OpeningMail)
    } else if noticed.filed_on != ticket.id || !ticket.history.iter().any(|d| wrote(&d.fact)) {
        Some(Refusal::NoClientMail)
    } else {
        // Which of the two tickets they are for, nobody could tell.
        orders.goes_out().then_some(Refusal::WordsWithSplit)
    }
}

/// Gives the mail that the answered notice is about a ticket of its own.
pub(super) fn split(orders: &Orders, draft: &mut Draft) -> Vec<Effect> {
    let intake = orders.intake;
    let (policy, now) = (intake.policy, intake.now);
    let Some(mail) = &intake.case.noticed else {
        return Vec::new();
    };
    let mut new = opened(orders, mail);
    let (id, old) = (new.ticket.id, draft.ticket.id);
    let link = |link, ticket| Fact::Linked { link, ticket };
    new.record(now, link(Link::SplitFrom, old));
    draft.record(now, link(Link::SplitInto, id));
    draft.record(
        now,
        Fact::MailMoved {
            inbound: mail.inbound,
            to: id,
            by: orders.consultant.person.address.clone(),
        },
    );
    // The next mail of the old ticket answers the one before.
    let thread = &mut draft.ticket.thread;
    if thread.last_id.as_ref() == Some(&mail.message_id) {
        thread.last_id = thread.references.pop();
    }
    let ticket = new.ticket.clone();
    let mut effects = vec![
        new.save(policy, now),
        Effect::MoveMail {
            inbound: mail.inbound,
            from: old,
            to: id,
            thread_evidence: format!("split from {} by a consultant", policy.tag(old)),
        },
    ];
    effects.extend(to_client_side(
        &ticket,
        None,
        Manner::Timer,
        "split_off",
        now,
        |name| Letter::SplitOff {
            ticket: facts(&ticket, policy),
            name: name.to_owned(),
            from: policy.tag(old),
            received_at: mail.received_at,
            text: mail.text.clone(),
            // A promise that has run out already is none to give.
            limit_at: Some(clock::response(&ticket, policy).limit_at).filter(|at| *at > now),
        },
    ));
    let told = on_arrival(&ticket, policy);
    let news = Told {
        sender: Some(Person::new(mail.from.clone(), "")),
        received_at: mail.received_at,
        text: mail.text.clone(),
        attachments: Vec::new(),
        omitted_bytes: 0,
    };
    effects.extend(notices_of(
        &told,
        &ticket,
        (mail.inbound, news),
        intake,
        Letter::ConsultantNewTicket,
    ));
    effects
}

/// The new ticket with its first facts.
fn opened(orders: &Orders, mail: &Noticed) -> Draft {
    let intake = orders.intake;
    let old = orders.ticket;
    let subject = Subject::read(&mail.subject, &intake.policy.ticket_prefix).bare;
    let understood = understand(&mail.subject, &mail.text, intake.policy);
    let listed = mail.listed.as_ref();
    let listed = listed.filter(|l| l.can_open && l.client.id == old.client.id);
    // Policy §1: only who may open a ticket has one.
    let requester = match listed {
        Some(listed) => Person::new(mail.from.clone(), &listed.name),
        None => old.requester.clone(),
    };
    let mut draft = Draft::of(&Ticket {
        id: intake.case.next_ticket,
        client: old.client.clone(),
        requester,
        participants: Vec::new(),
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        priority: understood.priority,
        kind: understood.kind,
        level: 1,
        official: true,
        opened_at: mail.received_at,
        // mail.md §4: a Message-ID chain of its own, which begins with the mail.
        thread: Thread {
            subject,
            last_id: Some(mail.message_id.clone()),
            references: Vec::new(),
            topic: None,
            index: None,
        },
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
    });
    let at = mail.received_at;
    draft.record(
        at,
        Fact::Opened {
            received_at: at,
            priority: understood.priority,
            kind: understood.kind,
            by_phone: false,
        },
    );
    draft.record(
        at,
        Fact::ClientWrote {
            by: mail.from.clone(),
            inbound: mail.inbound,
            thanks: false,
        },
    );
    if let Some(author) = old.participants.iter().find(|p| p.address == mail.from)
        && !draft.ticket.has_participant(&mail.from)
    {
        draft.record(intake.now, joined(author, Joining::Brought));
    } else if !draft.ticket.may_write(&mail.from) {
        let author = Person::new(mail.from.clone(), "");
        draft.record(intake.now, joined(&author, Joining::Copied));
    }
    draft
}
