//! A consultant's in-thread mail on its way to the client (mail.md §3, §6).
//!
//! Nothing a consultant types by mistake may reach a client: what is not plainly a reply to the
//! client is filed internally, and the consultant is told why it did not go out.

use super::access::{Belief, believe_consultant};
use super::address::Person;
use super::announce::{continuing, facts, not_sent};
use super::case::Candidate;
use super::desk::Draft;
use super::effect::{Decision, Effect, HeldCause, Manner, Outcome, Outgoing, Speaker, Visibility};
use super::intake::Intake;
use super::letter::{Letter, NotSent};
use super::lifecycle::after_plain_reply;
use super::message::Verdict;
use super::policy::{Consultant, Phrases};
use super::subject::Subject;
use super::threading::{Choice, answers_own_notice};
use super::ticket::{Fact, Ticket};
use super::token::Purpose;

/// Longest quotation of an offending line in an answer to a consultant, in characters.
const QUOTE_MAX_CHARS: usize = 120;

/// Decides about a consultant's mail.
pub fn from_consultant(
    intake: &Intake,
    consultant: &Consultant,
    candidates: &[Candidate],
    choice: &Choice,
) -> Decision {
    let verdict = intake.mail.authentication.verdict;
    let belief = match intake.release {
        // Whoever let it in answers for its being the consultant's.
        Some(_) => Belief::Believed,
        None => believe_consultant(verdict, consultant, candidates),
    };
    match belief {
        Belief::Forged => {
            let why = "a consultant's address, forged";
            return intake.hold(HeldCause::Forged, None, None, why);
        }
        Belief::Unauthenticated => {
            let why = "a consultant's address, not authenticated well enough";
            let mut decision = intake.hold(HeldCause::Unauthenticated, None, None, why);
            // SPF vouches for the way back at least; with less, nobody is answered.
            if verdict == Verdict::Medium {
                let reason = (NotSent::Unauthenticated, String::new());
                decision
                    .effects
                    .push(tell(intake, consultant, None, reason));
            }
            return decision;
        }
        Belief::Believed => {}
    }
    let found = match choice {
        Choice::One(c) => intake.case.tickets.get(&c.ticket).map(|t| (c, t)),
        Choice::None | Choice::Ambiguous(_) => None,
    };
    let Some((candidate, ticket)) = found else {
        let why = "a consultant's mail that answers no notice";
        let mut decision = intake.hold(HeldCause::Unauthorized, None, None, why);
        let reason = (NotSent::NoTicket, String::new());
        decision
            .effects
            .push(tell(intake, consultant, None, reason));
        return decision;
    };
    match objection(intake, consultant, candidates, candidate, ticket) {
        Some(reason) => note(intake, consultant, candidate, ticket, reason),
        None => relay(intake, consultant, candidate, ticket),
    }
}

/// Why the mail must not go to the client, with the offending line; `None`: it may.
fn objection(
    intake: &Intake,
    consultant: &Consultant,
    candidates: &[Candidate],
    chosen: &Candidate,
    ticket: &Ticket,
) -> Option<(NotSent, String)> {
    let own = |c: &Candidate| {
        c.ticket == chosen.ticket && answers_own_notice(c, &consultant.person.address)
    };
    let text = intake.mail.text.trim();
    if intake.mail.authentication.verdict == Verdict::Fail {
        // Let in by an operator: kept on the ticket. Words that may be a forger's reach no client.
        Some((NotSent::Unauthenticated, String::new()))
    } else if intake.mail.marks.encrypted {
        Some((NotSent::Encrypted, String::new()))
    } else if !ticket.is_open() {
        Some((NotSent::Closed, String::new()))
    } else if !candidates.iter().any(own) {
        Some((NotSent::WeakThread, String::new()))
    } else if Subject::read(&intake.mail.subject, &intake.policy.ticket_prefix).is_forward {
        Some((NotSent::Forward, String::new()))
    } else if let Some(file) = intake.mail.attachments.iter().find(|a| !a.inline) {
        // Sent without them, the client would get half an answer and nobody would know.
        Some((NotSent::Attachments, quoted(&file.name)))
    } else if text.is_empty() {
        Some((NotSent::Empty, String::new()))
    } else if let Some(line) = text.lines().map(str::trim).find(|l| looks_like_command(l)) {
        Some((NotSent::Command, quoted(line)))
    } else {
        leak(text, &intake.policy.phrases).map(|phrase| (NotSent::Leak, quoted(phrase)))
    }
}

/// A line that begins with a `#word`, wherever it stands (policy.md §9; mail.md §6, leak guard).
fn looks_like_command(line: &str) -> bool {
    line.strip_prefix('#')
        .and_then(|rest| rest.trim_start_matches('#').chars().next())
        .is_some_and(char::is_alphabetic)
}

/// The first phrase of our own notices that `text` still holds; blanks and case are free, since
/// mail programs fold lines.
fn leak<'a>(text: &str, phrases: &'a Phrases) -> Option<&'a str> {
    let squeezed = squeeze(text);
    std::iter::once(&phrases.separator)
        .chain(&phrases.notice)
        .map(String::as_str)
        .find(|phrase| !phrase.is_empty() && squeezed.contains(&squeeze(phrase)))
}

/// Letters and digits only, lower case, without accents: what is left of a phrase however it was
/// wrapped or quoted, also where a mail program writes an accent as a character of its own.
fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            c => c,
        })
        .collect()
}

fn quoted(line: &str) -> String {
    line.chars().take(QUOTE_MAX_CHARS).collect()
}

fn tell(
    intake: &Intake,
    consultant: &Consultant,
    ticket: Option<&Ticket>,
    reason: (NotSent, String),
) -> Effect {
    not_sent(
        consultant,
        ticket,
        intake.mail,
        intake.inbound,
        reason,
        intake.policy,
        intake.now,
    )
}

/// Files the mail where only consultants see it, and tells its author.
fn note(
    intake: &Intake,
    consultant: &Consultant,
    candidate: &Candidate,
    ticket: &Ticket,
    reason: (NotSent, String),
) -> Decision {
    let why = format!("filed internally, nothing sent ({})", reason.0.name());
    let mut draft = Draft::of(ticket);
    draft.record(
        intake.mail.received_at,
        Fact::ConsultantNoted {
            by: consultant.person.address.clone(),
            inbound: intake.inbound,
        },
    );
    let effects = vec![
        draft.save(intake.policy, intake.now),
        intake.file(ticket.id, Visibility::Internal, candidate),
        tell(intake, consultant, Some(ticket), reason),
    ];
    intake.conclude(Outcome::Filed, effects, &why)
}

/// Queues the consultant's words for the client's side, one mail each.
fn relay(
    intake: &Intake,
    consultant: &Consultant,
    candidate: &Candidate,
    ticket: &Ticket,
) -> Decision {
    let mut draft = Draft::of(ticket);
    draft.record(
        intake.mail.received_at,
        Fact::ReplyQueued {
            by: consultant.person.address.clone(),
            inbound: intake.inbound,
        },
    );
    if let Some(to) = after_plain_reply(ticket, intake.policy) {
        draft.record(
            intake.now,
            Fact::StatusChanged {
                to,
                closed_as: None,
            },
        );
    }
    let letter = Letter::RelayedReply {
        ticket: facts(&draft.ticket, intake.policy),
        consultant: consultant.person.name.clone(),
        text: intake.mail.text.clone(),
    };
    let send = |to: &Person| {
        Effect::Send(Box::new(Outgoing {
            letter: letter.clone(),
            to: to.clone(),
            ticket: Some(ticket.id),
            purpose: Purpose::Client,
            manner: Manner::Human,
            speaker: Speaker::Consultant(consultant.person.name.clone()),
            thread: Some(continuing(&ticket.thread)),
            source: Some(intake.inbound),
            once: format!("relayed_reply:{}:{}", intake.inbound, to.address),
            // Policy §9: the delay in which a reply can still be taken back.
            not_before: intake.now + intake.policy.replies.delay,
        }))
    };
    let mails: Vec<Effect> = std::iter::once(&ticket.requester)
        .chain(&ticket.participants)
        .map(send)
        .collect();
    let mut effects = vec![
        draft.save(intake.policy, intake.now),
        // The consultant's own mail may quote what is internal: the client sees only the relay.
        intake.file(ticket.id, Visibility::Internal, candidate),
    ];
    effects.extend(mails);
    let why = format!("relayed to the client, {}", candidate.place.describe());
    intake.conclude(Outcome::Filed, effects, &why)
}
