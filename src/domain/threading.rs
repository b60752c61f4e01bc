//! Which ticket a mail belongs to, and whether its sender may write there (mail.md §4).

use std::collections::BTreeSet;

use super::address::Address;
use super::case::{Candidate, Case, Standing};
use super::ids::TicketId;
use super::message::Place;
use super::policy::Policy;
use super::ticket::Ticket;
use super::token::Purpose;

/// What the evidence amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Nothing points to a ticket.
    None,
    /// One ticket, by this evidence.
    One(Candidate),
    /// Several tickets, and no rule to prefer one.
    Ambiguous(BTreeSet<TicketId>),
}

impl Place {
    /// Whether it proves that its bearer had one of our mails, or one of the thread's.
    pub fn is_strong(self) -> bool {
        !matches!(self, Self::Body | Self::SubjectTag)
    }

    /// Position from the right in References, where it is one.
    fn reference(self) -> Option<u8> {
        match self {
            Self::References(n) | Self::KnownReferences(n) => Some(n),
            _ => None,
        }
    }

    /// The words stored as `thread_evidence`.
    pub fn describe(self) -> String {
        match self {
            Self::Recipient => "token in a recipient address".to_owned(),
            Self::InReplyTo => "signed id in In-Reply-To".to_owned(),
            Self::References(n) => format!("signed id in References, {} from the right", n + 1),
            Self::KnownInReplyTo => "known id in In-Reply-To".to_owned(),
            Self::KnownReferences(n) => format!("known id in References, {} from the right", n + 1),
            Self::Body => "token in the quoted text".to_owned(),
            Self::SubjectTag => "tag in the subject".to_owned(),
        }
    }
}

/// Chooses among candidates, strongest first; disagreement goes to the rightmost reference where
/// the evidence is strong, and to a person where it is weak.
pub fn choose(candidates: &[Candidate]) -> Choice {
    let strong: Vec<&Candidate> = candidates.iter().filter(|c| c.place.is_strong()).collect();
    let pool = if strong.is_empty() {
        candidates.iter().collect()
    } else {
        strong
    };
    let tickets: BTreeSet<TicketId> = pool.iter().map(|c| c.ticket).collect();
    let best = match tickets.len() {
        0 => return Choice::None,
        1 => pool.iter().min_by_key(|c| c.place),
        _ => pool
            .iter()
            .filter(|c| c.place.reference().is_some())
            .min_by_key(|c| (c.place.reference(), c.place)),
    };
    best.map_or(Choice::Ambiguous(tickets), |c| Choice::One((*c).clone()))
}

/// Drops subject tags that are no evidence for this sender: a tag is a hint, never an authority.
///
/// Kept for people of the ticket's own client and for consultants; for everybody else the tag is
/// as good as absent, so that knowing a number opens nothing.
pub fn without_idle_tags(case: &Case, sender: &Address, policy: &Policy) -> Vec<Candidate> {
    let client = case.standing.client().map(|c| c.id);
    let concerns = |ticket: &Ticket| {
        ticket.has_participant(sender) || client.is_some_and(|id| id == ticket.client.id)
    };
    let counts = |c: &&Candidate| {
        c.place != Place::SubjectTag
            || policy.consultant(sender).is_some()
            || case.tickets.get(&c.ticket).is_some_and(concerns)
    };
    case.candidates.iter().filter(counts).cloned().collect()
}

/// Whether a sender may write into a ticket's thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// The client's side: requester, participant, authorizer of the same client.
    ClientSide,
    /// Somebody of another client.
    CrossClient,
    /// Somebody else.
    ThirdParty,
}

/// The gate of mail.md §4 for senders who are not consultants.
pub fn gate(ticket: &Ticket, sender: &Address, standing: &Standing) -> Gate {
    if ticket.has_participant(sender) {
        return Gate::ClientSide;
    }
    match (&standing.listed, &standing.domain_client) {
        (Some(listed), _) if listed.client.id == ticket.client.id => Gate::ClientSide,
        (Some(_), _) => Gate::CrossClient,
        (None, Some(client)) if client.id != ticket.client.id => Gate::CrossClient,
        _ => Gate::ThirdParty,
    }
}

/// Whether a candidate proves that a consultant answers a notice of his own (mail.md §6): his
/// token in a recipient, or In-Reply-To naming a notice sent to him.
pub fn answers_own_notice(candidate: &Candidate, consultant: &Address) -> bool {
    let place = matches!(
        candidate.place,
        Place::Recipient | Place::InReplyTo | Place::KnownInReplyTo
    );
    place
        && candidate.purpose == Some(Purpose::Consultant)
        && candidate.issued_to.as_ref() == Some(consultant)
}

/// Whether a token of this very person stands in the mail's routing (mail.md §3): what lifts a
/// verdict of `none`. A token in the body never does.
pub fn bears_own_token(candidates: &[Candidate], person: &Address) -> bool {
    candidates.iter().any(|c| {
        matches!(
            c.place,
            Place::Recipient | Place::InReplyTo | Place::References(_)
        ) && c.issued_to.as_ref() == Some(person)
    })
}
