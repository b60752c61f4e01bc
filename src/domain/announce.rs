//! Who is told what: from a ticket and an event to letters with recipients.

use chrono::{DateTime, Utc};

use super::address::{Address, Person};
use super::background;
use super::budget::Budget;
use super::clock;
use super::dispute;
use super::effect::{Effect, Manner, Outgoing, Speaker, ThreadHead};
use super::ids::{HeldId, InboundId};
use super::intake::Intake;
use super::letter::{AlertLine, Letter, LetterKind, LinkedTicket, NotSent, Notice, TicketFacts};
use super::message::{Attachment, Mail};
use super::policy::{Consultant, Policy};
use super::subject::Subject;
use super::ticket::{Fact, Priority, Thread, Ticket};
use super::token::Purpose;

/// Most ties to other tickets that a letter knows of: the newest.
const LINKS_MAX: usize = 8;

/// What letters say of a ticket.
pub fn facts(ticket: &Ticket, policy: &Policy) -> TicketFacts {
    TicketFacts {
        number: policy.tag(ticket.id),
        subject: ticket.thread.subject.clone(),
        status: ticket.status,
        priority: ticket.priority,
        kind: ticket.kind.name().to_owned(),
        level: ticket.level,
        client: ticket.client.name.clone(),
        requester: full_name(&ticket.requester),
        opened_at: ticket.opened_at,
        case: ticket.case_number().map(str::to_owned),
        links: links(ticket, policy),
    }
}

fn links(ticket: &Ticket, policy: &Policy) -> Vec<LinkedTicket> {
    let mut links: Vec<LinkedTicket> = ticket
        .history
        .iter()
        .rev()
        .filter_map(|dated| match &dated.fact {
            Fact::Linked { link, ticket } => Some(LinkedTicket {
                kind: link.name().to_owned(),
                number: policy.tag(*ticket),
            }),
            _ => None,
        })
        .take(LINKS_MAX)
        .collect();
    links.reverse();
    links
}

/// `Name <address>`, or the address alone where no name is known.
pub fn full_name(person: &Person) -> String {
    if person.name == person.address.as_str() {
        person.name.clone()
    } else {
        format!("{} <{}>", person.name, person.address)
    }
}

/// The consultants a ticket's news go to: its assignee, else the ticket's level, else level 1,
/// else everybody, so that no news is without a reader (policy.md §8).
pub fn on_duty<'a>(ticket: &Ticket, policy: &'a Policy) -> Vec<&'a Consultant> {
    if let Some(owner) = ticket.assignee.as_ref().and_then(|a| policy.consultant(a)) {
        return vec![owner];
    }
    let at_level = |level: u8| -> Vec<&Consultant> {
        policy
            .consultants
            .iter()
            .filter(|c| c.level == level)
            .collect()
    };
    [
        at_level(ticket.level),
        at_level(1),
        policy.consultants.iter().collect(),
    ]
    .into_iter()
    .find(|group| !group.is_empty())
    .unwrap_or_default()
}

/// Those told of a new ticket: level 1, and for a critical one whoever is on call (policy.md §3).
pub fn on_arrival<'a>(ticket: &Ticket, policy: &'a Policy) -> Vec<&'a Consultant> {
    let mut told = on_duty(ticket, policy);
    if ticket.priority == Priority::Critical {
        for consultant in policy.consultants.iter().filter(|c| c.on_call) {
            if !told.contains(&consultant) {
                told.push(consultant);
            }
        }
    }
    told
}

/// The headers that put a mail into the conversation of `thread`, as an answer to `parent`.
pub fn answering(mail: &Mail, subject: &str) -> ThreadHead {
    let chain = if mail.references.is_empty() {
        // RFC 5322 §3.6.4: without References, a single In-Reply-To stands for the chain.
        match mail.in_reply_to.as_slice() {
            [only] => vec![only.clone()],
            _ => Vec::new(),
        }
    } else {
        mail.references.clone()
    };
    ThreadHead {
        in_reply_to: Some(mail.message_id.clone()),
        references: chain,
        topic: mail.thread_topic.clone(),
        index: mail.thread_index.clone(),
        subject: subject.to_owned(),
    }
}

/// The headers that put a mail after the client's last one.
pub fn continuing(thread: &Thread) -> ThreadHead {
    ThreadHead {
        in_reply_to: thread.last_id.clone(),
        references: thread.references.clone(),
        topic: thread.topic.clone(),
        index: thread.index.clone(),
        subject: thread.subject.clone(),
    }
}

/// Keeps an alert for a consultant; all of a run leave as one mail (policy.md §3).
pub fn alert(to: &Consultant, ticket: &Ticket, line: &AlertLine) -> Effect {
    Effect::Alert {
        to: to.person.address.clone(),
        ticket: ticket.id,
        line: Box::new(line.clone()),
    }
}

/// The one mail with everything that a consultant is alerted of.
pub fn alerts(to: &Consultant, items: &[AlertLine], now: DateTime<Utc>) -> Vec<Effect> {
    let address = &to.person.address;
    let mut items = items.to_vec();
    items.sort_by_key(AlertLine::order);
    vec![
        Effect::AlertsTold {
            to: address.clone(),
        },
        Effect::Send(Box::new(Outgoing {
            letter: Letter::Alerts { items },
            to: to.person.clone(),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Timer,
            speaker: Speaker::Service,
            thread: None,
            source: None,
            once: format!("alerts:{}:{address}", now.timestamp_millis()),
            not_before: now,
        })),
    ]
}

/// A notice about a client's mail to each of `consultants`, each with his own token.
pub fn notices<'a>(
    consultants: &'a [&'a Consultant],
    ticket: &'a Ticket,
    mail: &'a Mail,
    intake: &'a Intake,
    letter: fn(Notice) -> Letter,
) -> impl Iterator<Item = Effect> + 'a {
    let told = Told {
        sender: mail.from.as_ref().ok().cloned(),
        received_at: mail.received_at,
        text: mail.text.clone(),
        attachments: mail.attachments.clone(),
        omitted_bytes: mail.omitted_bytes,
    };
    notices_of(consultants, ticket, (intake.inbound, told), intake, letter)
}

/// What a notice says of a client's mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who wrote it, where it has a single sender.
    pub sender: Option<Person>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Its newest words.
    pub text: String,
    /// What came with it.
    pub attachments: Vec<Attachment>,
    /// Bytes that were left on the server.
    pub omitted_bytes: u64,
}

/// A notice about a mail that need not be the one at hand to each of `consultants`.
pub fn notices_of<'a>(
    consultants: &'a [&'a Consultant],
    ticket: &'a Ticket,
    (inbound, told): (InboundId, Told),
    intake: &'a Intake,
    letter: fn(Notice) -> Letter,
) -> impl Iterator<Item = Effect> + 'a {
    let (case, policy, now) = (intake.case, intake.policy, intake.now);
    let mut conversation = background::conversation(ticket.id, case, policy);
    conversation.reverse();
    let response = clock::response(ticket, policy);
    let (attachments, left_out) = portable(&told.attachments);
    let sender_name = told.sender.as_ref().map(|p| p.name.clone());
    let sender_name = sender_name.unwrap_or_default();
    let notice = Notice {
        ticket: facts(ticket, policy),
        sender: told.sender.as_ref().map(full_name).unwrap_or_default(),
        received_at: told.received_at,
        text: told.text,
        attachments,
        left_out,
        omitted_bytes: told.omitted_bytes,
        response_due_at: response.owed_at(),
        solution_due_at: clock::solution(ticket, policy, now).due_at,
        held: None,
        budget: Budget::of(ticket, policy).into(),
        budget_answer: None,
        disputed: dispute::lines(ticket, case, policy),
        others: background::others(ticket, case, policy),
        conversation,
    };
    consultants.iter().map(move |consultant| {
        let letter = letter(notice.clone());
        let key = letter.kind().name();
        Effect::Send(Box::new(Outgoing {
            letter,
            to: consultant.person.clone(),
            ticket: Some(ticket.id),
            purpose: Purpose::Consultant,
            manner: Manner::Answer,
            speaker: Speaker::Client(sender_name.clone()),
            thread: Some(continuing(&ticket.thread)),
            source: Some(inbound),
            once: format!("{key}:{inbound}:{}", consultant.person.address),
            not_before: now,
        }))
    })
}

/// The same mail to a consultant, with the number under which the mail that it speaks of is held.
pub fn numbered(mut effect: Effect, number: HeldId) -> Effect {
    if let Effect::Send(outgoing) = &mut effect
        && let Letter::ConsultantThirdParty(notice) | Letter::ConsultantEncrypted(notice) =
            &mut outgoing.letter
    {
        notice.held = Some(number.0);
    }
    effect
}

/// Most bytes of files that go with a notice: each consultant gets his own copy, and a notice that a
/// server refuses is a client's mail that nobody reads.
const NOTICE_FILES_MAX_BYTES: u64 = 10 * 1024 * 1024;

/// The files that go with a notice, in their order as long as there is room, and those that do not.
fn portable(files: &[Attachment]) -> (Vec<Attachment>, Vec<Attachment>) {
    let mut room = NOTICE_FILES_MAX_BYTES;
    files.iter().cloned().partition(|file| {
        let fits = file.size <= room;
        if fits {
            room -= file.size;
        }
        fits
    })
}

/// Tells a consultant that nothing went to the client, and why.
pub fn not_sent(
    intake: &Intake,
    to: &Consultant,
    ticket: Option<&Ticket>,
    (reason, quote): (NotSent, String),
) -> Effect {
    let letter = Letter::ReplyNotSent {
        ticket: ticket.map(|t| facts(t, intake.policy)),
        reason,
        quote,
        text: intake.mail.text.clone(),
    };
    answer(intake, to, ticket, letter)
}

/// The program's own answer to a consultant's mail; one of each sort.
pub fn answer(intake: &Intake, to: &Consultant, ticket: Option<&Ticket>, letter: Letter) -> Effect {
    let (mail, policy) = (intake.mail, intake.policy);
    let once = format!("{}:{}", letter.kind().name(), intake.inbound);
    // What was wrong with commands is put right by answering that very mail, what was registered is
    // gone on with so, and a receipt is answered with `#deshacer`: it proves as well as a notice does
    // that its consultant has it.
    let purpose = match letter.kind() {
        LetterKind::CommandErrors
        | LetterKind::CommandReceipt
        | LetterKind::ConsultantRegistered => Purpose::Consultant,
        _ => Purpose::Operator,
    };
    Effect::Send(Box::new(Outgoing {
        letter,
        to: to.person.clone(),
        ticket: ticket.map(|t| t.id),
        purpose,
        manner: Manner::Answer,
        speaker: Speaker::Service,
        // The ticket's own subject: our notices would pile their first words up in the mail's.
        thread: Some(match ticket {
            Some(ticket) => answering(mail, &ticket.thread.subject),
            None => answering(
                mail,
                &Subject::read(&mail.subject, &policy.ticket_prefix).bare,
            ),
        }),
        source: Some(intake.inbound),
        once,
        not_before: intake.now,
    }))
}

/// A letter to each operator.
pub fn to_operators(
    policy: &Policy,
    letter: &Letter,
    key: &str,
    now: DateTime<Utc>,
) -> Vec<Effect> {
    let send = |to: &Address| {
        Effect::Send(Box::new(Outgoing {
            letter: letter.clone(),
            to: Person::new(to.clone(), ""),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Timer,
            speaker: Speaker::Service,
            thread: None,
            source: None,
            once: format!("{key}:{to}"),
            not_before: now,
        }))
    };
    policy.operators.iter().map(send).collect()
}
