//! Which ticket a mail belongs to, and whether its sender may write there (mail.md §4).
//!
//! Evidence is gathered by `store::case`, weighed by [`weigh`], and what was seen and not followed
//! is told beside what was: a decision about a thread explains itself.

use std::collections::BTreeSet;

use super::address::Address;
use super::case::{Candidate, Case, Standing};
use super::event::Destination;
use super::ids::TicketId;
use super::message::{Mail, Place};
use super::policy::Policy;
use super::subject::{Prefix, Subject};
use super::ticket::{Fact, Link, Ticket};
use super::token::Purpose;

/// Longest Message-ID, without brackets, in bytes, that names a mail; a longer one is absurd.
const ID_MAX_BYTES: usize = 250;

/// Ids of References looked at, from the right (mail.md §4). Older ones tell nothing new.
pub const REFERENCES_MAX: usize = 20;

/// What stands before the `@` in ids that programs write when they have none, lower case. Such an
/// id is the same in mails that have nothing to do with each other.
const CONSTANT_LOCALS: [&str; 20] = [
    "null",
    "nil",
    "none",
    "undefined",
    "unknown",
    "empty",
    "no-id",
    "noid",
    "no-message-id",
    "missing",
    "messageid",
    "message-id",
    "id",
    "0",
    "localhost",
    "root",
    "nobody",
    "noreply",
    "no-reply",
    "mail",
];

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

/// Why evidence that was seen is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// The ticket it names does not exist.
    NoSuchTicket,
    /// A tag in the subject, and the ticket is another client's.
    AnotherClients,
    /// A tag in the subject, and the sender has nothing to do with the ticket.
    NotTheirs,
    /// The mail is a forward: a hint tells where it comes from, not where it belongs.
    Forward,
    /// Stronger evidence names another ticket.
    Weaker,
    /// A reference nearer to this mail names another ticket.
    Farther,
    /// Whoever released the mail said otherwise.
    Overruled,
}

impl Ignored {
    /// The words for the record.
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoSuchTicket => "no such ticket, ignored",
            Self::AnotherClients => "another client's, ignored",
            Self::NotTheirs => "not the sender's business, ignored",
            Self::Forward => "a forward with nothing stronger, not followed",
            Self::Weaker => "weaker, not followed",
            Self::Farther => "not the rightmost reference, not followed",
            Self::Overruled => "overruled by the release",
        }
    }
}

/// The evidence of one mail, weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// What counts, strongest first.
    pub candidates: Vec<Candidate>,
    /// What it amounts to.
    pub choice: Choice,
    /// What was seen and not followed, and why.
    pub ignored: Vec<(Candidate, Ignored)>,
}

impl Weighed {
    /// How the ticket was found, as stored with the message: `reached`, and what was not followed.
    pub fn evidence(&self, reached: &str, policy: &Policy) -> String {
        let mut words = reached.to_owned();
        for line in self.ignored_lines(policy) {
            words.push_str("; ");
            words.push_str(&line);
        }
        words
    }

    /// Every piece of evidence, one line each, for the record.
    pub fn why(&self, policy: &Policy) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.choice {
            Choice::None if self.ignored.is_empty() => {
                lines.push("thread: nothing points to a ticket".to_owned());
            }
            Choice::None => {}
            Choice::One(chosen) => {
                let agreeing = self
                    .candidates
                    .iter()
                    .filter(|c| c.ticket == chosen.ticket && c.place != chosen.place);
                let also: BTreeSet<Place> = agreeing.map(|c| c.place).collect();
                let mut line = format!("thread: {} followed", sighting(chosen, policy));
                if !also.is_empty() {
                    let also: Vec<String> = also.into_iter().map(Place::describe).collect();
                    line.push_str(&format!(" (also {})", also.join(", ")));
                }
                lines.push(line);
            }
            Choice::Ambiguous(_) => lines.extend(
                self.candidates
                    .iter()
                    .map(|c| format!("thread: {} seen", sighting(c, policy))),
            ),
        }
        let ignored = self.ignored_lines(policy);
        lines.extend(ignored.into_iter().map(|line| format!("thread: {line}")));
        lines
    }

    fn ignored_lines(&self, policy: &Policy) -> Vec<String> {
        let line = |(candidate, why): &(Candidate, Ignored)| {
            format!("{} seen: {}", sighting(candidate, policy), why.describe())
        };
        self.ignored.iter().map(line).collect()
    }
}

/// `tag [GS-12]`, `GS-12 by signed id in In-Reply-To`.
fn sighting(candidate: &Candidate, policy: &Policy) -> String {
    let ticket = policy.tag(candidate.ticket);
    match candidate.place {
        Place::SubjectTag => format!("tag [{ticket}]"),
        place => format!("{ticket} by {}", place.describe()),
    }
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
            Self::Named => "the word of whoever released it".to_owned(),
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

/// Weighs what points to tickets in a mail of `sender`, who is none where the mail has no single
/// sender. `into` is what whoever released it said.
pub fn weigh(
    case: &Case,
    mail: &Mail,
    sender: Option<&Address>,
    into: Destination,
    policy: &Policy,
) -> Weighed {
    let mut candidates = Vec::new();
    let mut ignored = Vec::new();
    for candidate in &case.candidates {
        let reason = match case.tickets.get(&candidate.ticket) {
            None => Some(Ignored::NoSuchTicket),
            Some(ticket) => idle_tag(candidate, ticket, case, sender, policy),
        };
        match reason {
            None => candidates.push(candidate.clone()),
            Some(reason) => ignored.push((candidate.clone(), reason)),
        }
    }
    let dangling = case.dangling.iter();
    ignored.extend(dangling.map(|c| (c.clone(), Ignored::NoSuchTicket)));
    candidates.sort_by_key(|c| c.place);
    let mut choice = choose(&candidates);
    // mail.md §4: a forward with only a weak match opens a ticket of its own.
    let subject = Subject::read(&mail.subject, &policy.ticket_prefix);
    let leads_forward = subject.outermost == Some(Prefix::Forward);
    let is_weak = !candidates.iter().any(|c| c.place.is_strong());
    let overruling = match into {
        Destination::Own => Some(Ignored::Overruled),
        Destination::Evidence | Destination::Ticket(_) => {
            (leads_forward && is_weak).then_some(Ignored::Forward)
        }
    };
    if let Some(reason) = overruling {
        choice = Choice::None;
        ignored.extend(candidates.iter().map(|c| (c.clone(), reason)));
    } else if let Choice::One(chosen) = &choice {
        let others = candidates.iter().filter(|c| c.ticket != chosen.ticket);
        ignored.extend(others.map(|c| (c.clone(), why_not(c, chosen))));
    }
    Weighed {
        candidates,
        choice,
        ignored,
    }
}

/// A subject tag that is no evidence for this sender: a tag is a hint, never an authority.
///
/// It counts for people of the ticket's own client and for consultants; for everybody else it is
/// as good as absent, so that knowing a number opens nothing.
fn idle_tag(
    candidate: &Candidate,
    ticket: &Ticket,
    case: &Case,
    sender: Option<&Address>,
    policy: &Policy,
) -> Option<Ignored> {
    if candidate.place != Place::SubjectTag {
        return None;
    }
    let Some(sender) = sender else {
        return Some(Ignored::NotTheirs);
    };
    if policy.consultant(sender).is_some() || ticket.may_write(sender) {
        return None;
    }
    match case.standing.client() {
        Some(client) if client.id == ticket.client.id => None,
        Some(_) => Some(Ignored::AnotherClients),
        None => Some(Ignored::NotTheirs),
    }
}

/// Why a candidate that names another ticket than the chosen one is not followed.
fn why_not(candidate: &Candidate, chosen: &Candidate) -> Ignored {
    if chosen.place == Place::Named {
        Ignored::Overruled
    } else if candidate.place.is_strong() {
        Ignored::Farther
    } else {
        Ignored::Weaker
    }
}

/// Chooses among candidates, strongest first; disagreement goes to the rightmost reference where
/// the evidence is strong, and to a person where it is weak. A ticket named at the release ends
/// the question.
pub fn choose(candidates: &[Candidate]) -> Choice {
    let named = |c: &&Candidate| c.place == Place::Named;
    if let Some(candidate) = candidates.iter().find(named) {
        return Choice::One(candidate.clone());
    }
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
    if ticket.may_write(sender) {
        return Gate::ClientSide;
    }
    match (&standing.listed, &standing.domain_client) {
        (Some(listed), _) if listed.client.id == ticket.client.id => Gate::ClientSide,
        (Some(_), _) => Gate::CrossClient,
        (None, Some(client)) if client.id != ticket.client.id => Gate::CrossClient,
        // A consultant's word about one of them comes before the client's about all.
        (None, Some(_)) if standing.colleagues_take_part && !ticket.was_taken_out(sender) => {
            Gate::ClientSide
        }
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

/// Whether an id, without brackets, can tell one mail from all others. An empty or absurd one
/// matches nothing, ever (mail.md §1): what is too long or no id, what programs write when they
/// have none, and an address of the mail itself, which old programs put in In-Reply-To.
pub fn can_name_a_mail(id: &str, mail: &Mail, policy: &Policy) -> bool {
    let Some((local, domain)) = id.rsplit_once('@') else {
        return false;
    };
    let shaped = !local.is_empty()
        && !domain.is_empty()
        && id.len() <= ID_MAX_BYTES
        && id.bytes().all(|b| b.is_ascii_graphic());
    if !shaped || CONSTANT_LOCALS.contains(&local.to_ascii_lowercase().as_str()) {
        return false;
    }
    Address::parse(id).is_none_or(|address| {
        let sender = mail.from.as_ref().ok().map(|p| &p.address);
        !(policy.own_addresses.contains(&address)
            || sender == Some(&address)
            || mail.reply_to.contains(&address)
            || mail.recipients.contains(&address))
    })
}

/// The ids of a mail that may name earlier ones: In-Reply-To, and References from the right, each
/// with its place.
pub fn earlier_ids<'a>(
    mail: &'a Mail,
    policy: &'a Policy,
) -> impl Iterator<Item = (Place, &'a str)> {
    let parents = mail
        .in_reply_to
        .iter()
        .map(|id| (Place::KnownInReplyTo, id.as_str()));
    let chain = mail.references.iter().rev();
    let chain = (0u8..)
        .zip(chain)
        .map(|(n, id)| (Place::KnownReferences(n), id.as_str()));
    parents
        .take(REFERENCES_MAX)
        .chain(chain.take(REFERENCES_MAX))
        .filter(|(_, id)| can_name_a_mail(id, mail, policy))
}

/// The part of a mail's References that is this ticket's own chain. A ticket that continues a
/// closed one, or was split from another, has a chain of its own (mail.md §4): people's programs go on listing the old one,
/// and ours must not.
pub fn own_chain(references: &[String], ticket: &Ticket, candidates: &[Candidate]) -> Vec<String> {
    let continues = |f: &Fact| {
        matches!(
            f,
            Fact::Linked {
                link: Link::Continues | Link::SplitFrom,
                ..
            }
        )
    };
    if !ticket.history.iter().any(|dated| continues(&dated.fact)) {
        return references.to_vec();
    }
    let foreign = candidates
        .iter()
        .filter(|c| c.ticket != ticket.id)
        .filter_map(|c| c.place.reference())
        .min();
    let kept = foreign.map_or(REFERENCES_MAX, usize::from);
    let first = references.len().saturating_sub(kept);
    references.get(first..).unwrap_or_default().to_vec()
}
