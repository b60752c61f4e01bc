//! What a decision may look at: the case, read by `store::case` in one go.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Person};
use super::billing::Span;
use super::charge::Charge;
use super::company::Company;
use super::directory::Directory;
use super::effect::HeldCause;
use super::held::HeldMail;
use super::ids::{ClientId, HeldId, InboundId, TicketId};
use super::letter::{AlertLine, Said};
use super::message::{Place, Verdict};
use super::returned::Named;
use super::survey::Overview;
use super::ticket::{ClientRef, ClosedAs, Dated, Status, Ticket};
use super::token::Purpose;

/// Everything the tables know that bears on one event.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// The number a new ticket would get.
    pub next_ticket: TicketId,
    /// The tickets the event may touch, by number.
    pub tickets: BTreeMap<TicketId, Ticket>,
    /// What in the mail points to them.
    pub candidates: Vec<Candidate>,
    /// The outgoing mail that the mail names by an id only that one bears (mail.md §2).
    pub named: Option<Named>,
    /// The received mail that gave rise to the outgoing one whose fate the event tells.
    pub cause: Option<InboundId>,
    /// What in the mail points to tickets that do not exist: seen, and never followed.
    pub dangling: Vec<Candidate>,
    /// Tickets that the mail points to and that go on in another one, each with that one. The
    /// candidates name the latter.
    pub merged: BTreeMap<TicketId, TicketId>,
    /// The clients of those whom a consultant's command names, as far as they are anybody's.
    pub clients_named: BTreeMap<Address, ClientId>,
    /// The mail that the notice is about which a consultant answers to have it split off.
    pub noticed: Option<Noticed>,
    /// What the directory says of the sender.
    pub standing: Standing,
    /// An earlier mail with the same Message-ID and content (mail.md §1).
    pub twin: Option<InboundId>,
    /// An earlier mail bears the same Message-ID with other content: a careless or hostile sender.
    pub id_taken: bool,
    /// Tickets the sender opened in the last hour (mail.md §2, brakes).
    pub opened_last_hour: u32,
    /// The reasons for which notices about this sender went out today already (policy.md §1).
    pub notified_today: Vec<HeldCause>,
    /// What was said last on the tickets that a notice may be about, oldest first.
    pub conversations: BTreeMap<TicketId, Vec<Said>>,
    /// The newest tickets of the clients that a notice may be about, newest first.
    pub newest: BTreeMap<ClientId, Vec<Brief>>,
    /// Files of the mail that the client's side of a ticket has already, by their SHA-256 (hex).
    pub files_seen: BTreeSet<(TicketId, String)>,
    /// The people and clients that a consultant's commands name.
    pub directory: Directory,
    /// The held mails that a consultant's commands name, by number.
    pub held: BTreeMap<HeldId, HeldMail>,
    /// The held mail that the notice asked about which the mail answers (policy.md §1).
    pub asked: Option<Asked>,
    /// The number that the next held mail gets.
    pub next_held: HeldId,
    /// What the client last read of ours about the ticket whose timer it is.
    pub last_words: Option<LastWords>,
    /// A mail that may be the client's answer to that ticket waits for a person to let it in.
    pub held_waiting: bool,
    /// The consultant's last mail to the client, where he takes it back.
    pub undoable: Option<Undoable>,
    /// Those who may approve time for the client of the ticket that a consultant or the client writes
    /// about.
    pub approvers: Vec<Person>,
    /// The newest mail of an authorizer on the ticket, where a consultant accepts a window.
    pub asked_for: Option<AskedFor>,
    /// A code that was never given, for a request of more time.
    pub fresh_code: String,
    /// Lines of the sender's client that his answer to a statement names.
    pub disputed: Vec<Charge>,
    /// Sessions at the time of those that a consultant puts on record.
    pub sessions: Vec<HeldSession>,
    /// Who of the people of a ticket that is opened again was taken off its client's list meanwhile.
    pub departed: Vec<Address>,
    /// Current authorizers of the client of the ticket whose timer, departure or reopening it is, or
    /// whose list was changed.
    pub authorizers: Vec<Person>,
    /// The whole directory, where a consultant registers a ticket for one of its clients.
    pub companies: Vec<Company>,
    /// The last issue of the statement that is to be sent, where there was one.
    pub issued: Option<u32>,
    /// Everything that is open, for a digest.
    pub overview: Overview,
    /// What the consultant is to be alerted of, in the order of the alerts.
    pub alerts: Vec<AlertLine>,
    /// Since when the event's alarm has been raised, where it is.
    pub alarm_since: Option<DateTime<Utc>>,
}

/// An authorizer's mail, as far as it may ask for work out of hours (policy.md §7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedFor {
    /// Who wrote it.
    pub by: Address,
    /// What he is called.
    pub name: String,
    /// The mail.
    pub inbound: InboundId,
    /// Its trusted receipt.
    pub received_at: DateTime<Utc>,
    /// What the receiving server says of its sender.
    pub verdict: Verdict,
}

/// A session on record, of whatever ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSession {
    /// Of which.
    pub ticket: TicketId,
    /// When.
    pub span: Span,
    /// Who was there, as far as they were named.
    pub people: Vec<String>,
}

/// A ticket in a list of a client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    /// Its number.
    pub id: TicketId,
    /// The opening subject.
    pub subject: String,
    /// State.
    pub status: Status,
    /// How it ended, where it has.
    pub closed_as: Option<ClosedAs>,
}

/// A mail that a consultant was given notice of.
#[derive(Debug, Clone, PartialEq)]
pub struct Noticed {
    /// Its row.
    pub inbound: InboundId,
    /// Without brackets.
    pub message_id: String,
    /// Who wrote it.
    pub from: Address,
    /// As it came.
    pub subject: String,
    /// Its trusted receipt.
    pub received_at: DateTime<Utc>,
    /// Its newest words.
    pub text: String,
    /// The ticket that it is filed on.
    pub filed_on: TicketId,
    /// The notice was of a new ticket.
    pub opened: bool,
    /// Its author's entry in the directory, now.
    pub listed: Option<Listed>,
}

/// A held mail that an authorizer was asked about, and whom that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub number: HeldId,
    /// What it is.
    pub held: HeldMail,
    /// To whom the notice went that is answered.
    pub notice_to: Address,
}

/// A consultant's mail that he takes back (policy.md §9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoable {
    /// The mail.
    pub inbound: InboundId,
    /// The ticket's history without what that mail recorded.
    pub history: Vec<Dated>,
    /// The words that were to go to the client.
    pub text: String,
    /// Something of it has left, or is leaving.
    pub has_left: bool,
    /// It changed other tickets too.
    pub touched_others: bool,
}

/// The client-visible end of a ticket's conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastWords {
    /// Message-ID of the last mail that the requester wrote or was sent, without brackets.
    pub message_id: Option<String>,
    /// The last words of a consultant that he was sent; empty where there are none.
    pub text: String,
}

/// What the directory says of an address, at the moment its mail was received.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// A current authorizer.
    pub listed: Option<Listed>,
    /// The client whose domain the address has.
    pub domain_client: Option<ClientRef>,
    /// The client named by whoever released the mail.
    pub release_client: Option<ClientRef>,
    /// Anybody of `domain_client` may take part in its threads (interface.md, clients.toml).
    pub colleagues_take_part: bool,
    /// Current authorizers of `domain_client`.
    pub authorizers: Vec<Person>,
}

impl Standing {
    /// The client a new ticket of this sender belongs to; the directory's word before a release's.
    pub fn client(&self) -> Option<&ClientRef> {
        self.listed
            .as_ref()
            .map(|l| &l.client)
            .or(self.release_client.as_ref())
            .or(self.domain_client.as_ref())
    }

    /// What the directory says, in a few words for the record.
    pub fn describe(&self) -> String {
        let mut words = match (&self.listed, &self.domain_client) {
            (Some(listed), _) => format!("authorizer of {}", listed.client.name),
            (None, Some(client)) => format!("on no list, the domain is {}'s", client.name),
            (None, None) => "neither the address nor its domain is in the directory".to_owned(),
        };
        if self.listed.as_ref().is_some_and(|l| !l.can_open) {
            words.push_str(", not to open tickets");
        }
        words
    }
}

/// An authorizer's entry in the directory (policy.md §1).
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Whose.
    pub client: ClientRef,
    /// Name in the directory.
    pub name: String,
    /// May open tickets.
    pub can_open: bool,
    /// May approve time.
    pub can_approve: bool,
    /// May validate solutions.
    pub can_validate: bool,
}

/// Something in a mail that points to a ticket which exists (mail.md §4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Where it stood.
    pub place: Place,
    /// The ticket.
    pub ticket: TicketId,
    /// To whom the mail of ours that it names was sent.
    pub issued_to: Option<Address>,
    /// What that mail was for.
    pub purpose: Option<Purpose>,
}
