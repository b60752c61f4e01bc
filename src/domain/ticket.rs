//! A ticket: its attributes, its recorded history, and how the one follows from the other.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::address::{Address, Person};
use super::calendar::Calendar;
use super::charge::Charge;
use super::ids::{ClientId, InboundId, OutboxId, TicketId};
use super::policy::{OutOfHoursTerms, Policy};

pub use super::fact::{ClockName, Dated, Fact, Joining, Link, Stage};

/// The support level of a new ticket (policy.md §8).
pub const FIRST_LEVEL: u8 = 1;

/// How urgent the client's need is (policy.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Crítica.
    Critical,
    /// Alta.
    High,
    /// Media: what a ticket is until somebody classifies it.
    Medium,
    /// Baja.
    Low,
}

impl Priority {
    /// Every priority, most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Medium, Self::Low];

    /// The name used in JSON, configuration and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The inverse of [`Priority::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// What sort of work a ticket is (policy.md §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Técnico regular: the default.
    TechnicalRegular,
    /// Técnico urgente: the default of a critical ticket.
    TechnicalUrgent,
    /// Mantenimiento menor.
    MaintenanceMinor,
    /// Mantenimiento medio.
    MaintenanceMedium,
    /// Mantenimiento mayor.
    MaintenanceMajor,
    /// Investigación, depuración.
    Investigation,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::TechnicalRegular,
        Self::TechnicalUrgent,
        Self::MaintenanceMinor,
        Self::MaintenanceMedium,
        Self::MaintenanceMajor,
        Self::Investigation,
    ];

    /// The name used in JSON, configuration and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::TechnicalRegular => "technical-regular",
            Self::TechnicalUrgent => "technical-urgent",
            Self::MaintenanceMinor => "maintenance-minor",
            Self::MaintenanceMedium => "maintenance-medium",
            Self::MaintenanceMajor => "maintenance-major",
            Self::Investigation => "investigation",
        }
    }

    /// The inverse of [`Kind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// The kind a ticket starts as (policy.md §4).
    pub fn default_for(priority: Priority) -> Self {
        match priority {
            Priority::Critical => Self::TechnicalUrgent,
            _ => Self::TechnicalRegular,
        }
    }
}

/// Where a ticket is in its life (policy.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Registered by a consultant, not yet confirmed by the client's own mail.
    Provisional,
    /// Nobody has answered yet.
    New,
    /// A consultant is on it.
    InProgress,
    /// The client owes an answer.
    WaitingClient,
    /// The client owes an approval.
    WaitingApproval,
    /// Somebody else, such as Microsoft, owes an answer.
    WaitingThirdParty,
    /// A solution awaits the client's validation.
    Proposed,
    /// Done; see [`ClosedAs`].
    Closed,
}

impl Status {
    /// Every status, in the order of a ticket's life.
    pub const ALL: [Self; 8] = [
        Self::Provisional,
        Self::New,
        Self::InProgress,
        Self::WaitingClient,
        Self::WaitingApproval,
        Self::WaitingThirdParty,
        Self::Proposed,
        Self::Closed,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provisional => "provisional",
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::WaitingClient => "waiting_client",
            Self::WaitingApproval => "waiting_approval",
            Self::WaitingThirdParty => "waiting_third_party",
            Self::Proposed => "proposed",
            Self::Closed => "closed",
        }
    }

    /// The inverse of [`Status::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// How a ticket ended (policy.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedAs {
    /// The client confirmed the solution.
    Validated,
    /// Three attempts to reach the client went unanswered.
    Unattended,
    /// The client did not approve the time asked for.
    NotApproved,
    /// Withdrawn.
    Cancelled,
    /// The same as another ticket.
    Duplicate,
}

impl ClosedAs {
    /// Every ending.
    pub const ALL: [Self; 5] = [
        Self::Validated,
        Self::Unattended,
        Self::NotApproved,
        Self::Cancelled,
        Self::Duplicate,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Unattended => "unattended",
            Self::NotApproved => "not_approved",
            Self::Cancelled => "cancelled",
            Self::Duplicate => "duplicate",
        }
    }

    /// The inverse of [`ClosedAs::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// A client company, as far as a ticket needs to know it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientRef {
    /// Directory identity.
    pub id: ClientId,
    /// The company's name, as in `clients.toml`.
    pub name: String,
    /// Support hours of its own as the directory keeps them; unset: the house's.
    pub hours: Option<String>,
    /// The calendar that `hours` means. Whoever loads a ticket fills it in; the rules only read it.
    pub calendar: Option<Arc<Calendar>>,
    /// Terms of its own for work out of hours; what is unset is the house's.
    pub out_of_hours: OutOfHoursTerms,
}

impl ClientRef {
    /// The terms for work out of hours that hold for it: its own, and what is unset of the house's.
    pub fn out_of_hours(&self, policy: &Policy) -> OutOfHoursTerms {
        let (own, house) = (self.out_of_hours, policy.out_of_hours);
        OutOfHoursTerms {
            minimum_notice: own.minimum_notice.or(house.minimum_notice),
            factor: own.factor.or(house.factor),
        }
    }

    /// The client's support hours, or the house's.
    pub fn calendar<'a>(&'a self, policy: &'a Policy) -> &'a Calendar {
        self.calendar.as_deref().unwrap_or(&policy.calendar)
    }
}

/// The headers that keep a conversation together in people's mail programs (mail.md §6).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Subject of the opening mail, without reply prefixes and tags.
    pub subject: String,
    /// Last mail that the client saw or wrote: the parent of our next one.
    pub last_id: Option<String>,
    /// The chain before it, oldest first.
    pub references: Vec<String>,
    /// Outlook's Thread-Topic, as the client's mail had it.
    pub topic: Option<String>,
    /// Outlook's Thread-Index, as the client's mail had it.
    pub index: Option<String>,
}

/// A ticket as the rules load it: attributes and whole history.
///
/// Attributes are a cache of the history; [`Ticket::record`] is the only way either changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// Whose it is.
    pub client: ClientRef,
    /// Who asked.
    pub requester: Person,
    /// Who else on the client's side takes part: writes in the thread and is sent the answers.
    pub participants: Vec<Person>,
    /// Whom the client's side copied: they may write in the thread, and are sent nothing.
    pub copied: Vec<Person>,
    /// The consultant who owns it, where one does.
    pub assignee: Option<Address>,
    /// State.
    pub status: Status,
    /// How it ended.
    pub closed_as: Option<ClosedAs>,
    /// Urgency.
    pub priority: Priority,
    /// Sort of work.
    pub kind: Kind,
    /// Support level 1–4 (policy.md §8).
    pub level: u8,
    /// Backed by the client's own mail (policy.md §2).
    pub official: bool,
    /// When its opening mail reached us.
    pub opened_at: DateTime<Utc>,
    /// The conversation's headers.
    pub thread: Thread,
    /// Everything that happened, oldest first.
    pub history: Vec<Dated>,
    /// What the ledger holds of it, oldest first; lines of this very decision have no number yet,
    /// which is 0.
    pub charges: Vec<Charge>,
    /// Minutes of follow-ups charged to its client on the present local day, over all tickets.
    /// Whoever loads it for a decision fills it in where the house has a cap.
    pub followed_up_today: i64,
}

impl Ticket {
    /// Adds a fact and lets the attributes follow.
    pub fn record(&mut self, at: DateTime<Utc>, fact: Fact) {
        match &fact {
            Fact::Opened {
                received_at,
                priority,
                kind,
                by_phone: _,
            } => {
                self.opened_at = *received_at;
                self.priority = *priority;
                self.kind = *kind;
            }
            Fact::StatusChanged { to, closed_as } => {
                self.status = *to;
                self.closed_as = *closed_as;
            }
            Fact::Joined { address, name, by } => {
                let person = Person::new(address.clone(), name);
                match by {
                    Joining::Copied if !self.may_write(address) => self.copied.push(person),
                    Joining::Released | Joining::Replied | Joining::Named | Joining::Brought
                        if !self.has_participant(address) =>
                    {
                        self.copied.retain(|p| p.address != *address);
                        self.participants.push(person);
                    }
                    Joining::Copied
                    | Joining::Released
                    | Joining::Replied
                    | Joining::Named
                    | Joining::Brought => {}
                }
            }
            Fact::RequesterChanged { from, to, name } => {
                self.leaves(from);
                // Whose ticket it is, is not a participant besides.
                self.leaves(to);
                self.requester = Person::new(to.clone(), name);
            }
            Fact::Left { address, by: _ } => self.leaves(address),
            Fact::PriorityChanged { to, .. } => self.priority = *to,
            Fact::KindChanged { to, .. } => self.kind = *to,
            Fact::LevelChanged { to, .. } => self.level = *to,
            Fact::Assigned { to, .. } => self.assignee.clone_from(to),
            Fact::Formalized { .. } => self.official = true,
            Fact::ClientWrote { .. }
            | Fact::OutsiderWrote { .. }
            | Fact::MachineWrote { .. }
            | Fact::ConsultantNoted { .. }
            | Fact::ReplyQueued { .. }
            | Fact::ReplySent { .. }
            | Fact::RepliedDirectly { .. }
            | Fact::Undone { .. }
            | Fact::DeliveryFailed { .. }
            | Fact::Linked { .. }
            | Fact::MailMoved { .. }
            | Fact::ResponseBreached
            | Fact::WaitingUntil { .. }
            | Fact::CaseOpened { .. }
            | Fact::AttemptQueued { .. }
            | Fact::AttemptSent { .. }
            | Fact::AttemptByPhone { .. }
            | Fact::PlanExhausted
            | Fact::PlanPutOff { .. }
            | Fact::UpdateQueued
            | Fact::FormalizeReminded
            | Fact::FormalizeOverdue
            | Fact::BudgetAsked { .. }
            | Fact::BudgetApproved { .. }
            | Fact::BudgetRefused { .. }
            | Fact::BudgetWarned { .. }
            | Fact::WindowAccepted { .. }
            | Fact::Disputes { .. }
            | Fact::Alerted { .. } => {}
        }
        self.history.push(Dated { at, fact });
    }

    fn leaves(&mut self, address: &Address) {
        self.participants.retain(|p| p.address != *address);
        self.copied.retain(|p| p.address != *address);
    }

    /// Whether it was somebody's before it passed to another authorizer: what he was answered then
    /// was an answer to the client.
    pub fn was_requester(&self, address: &Address) -> bool {
        let passed = |dated: &Dated| matches!(&dated.fact, Fact::RequesterChanged { from, .. } if from == address);
        self.history.iter().any(passed)
    }

    /// The ticket as `history` alone makes it. What no fact tells (whose it is, its thread) stays.
    pub fn replayed(&self, history: &[Dated]) -> Self {
        let made_official = |dated: &Dated| matches!(dated.fact, Fact::Formalized { .. });
        let official = self.official && !self.history.iter().any(made_official);
        let mut ticket = Self {
            participants: Vec::new(),
            copied: Vec::new(),
            assignee: None,
            status: if official {
                Status::New
            } else {
                Status::Provisional
            },
            closed_as: None,
            level: FIRST_LEVEL,
            official,
            history: Vec::new(),
            ..self.clone()
        };
        for dated in history {
            ticket.record(dated.at, dated.fact.clone());
        }
        ticket
    }

    /// The support hours that hold for it: its client's own, or the house's.
    pub fn calendar<'a>(&'a self, policy: &'a Policy) -> &'a Calendar {
        self.client.calendar(policy)
    }

    /// The case number at a third party, where one was named last (policy.md §8).
    pub fn case_number(&self) -> Option<&str> {
        self.history
            .iter()
            .rev()
            .find_map(|dated| match &dated.fact {
                Fact::CaseOpened { case, .. } => Some(case.as_str()),
                _ => None,
            })
    }

    /// Since when the ticket is in its present state; none where it never changed.
    pub fn status_since(&self) -> Option<DateTime<Utc>> {
        self.history
            .iter()
            .rev()
            .find_map(|dated| matches!(dated.fact, Fact::StatusChanged { .. }).then_some(dated.at))
    }

    /// Whether work or an answer is still owed.
    pub fn is_open(&self) -> bool {
        self.status != Status::Closed
    }

    /// How often an outgoing mail failed; more than once where an operator had it tried again.
    pub fn failures_of(&self, outbox: OutboxId) -> usize {
        let failed = |dated: &&Dated| matches!(&dated.fact, Fact::DeliveryFailed { outbox: of, .. } if *of == outbox);
        self.history.iter().filter(failed).count()
    }

    /// Whether an outgoing mail that left by the fact at `place` of the history came back
    /// undelivered after it: then the answer or attempt that it was is none (policy.md §3, §6).
    /// A copy that did not reach another participant takes nothing from the mail that reached
    /// the requester.
    pub fn came_back(&self, place: usize, outbox: OutboxId) -> bool {
        self.history
            .iter()
            .skip(place)
            .any(|dated| match &dated.fact {
                Fact::DeliveryFailed { outbox: of, to, .. } => *of == outbox && !self.is_copy(to),
                _ => false,
            })
    }

    /// Whether a mail to `address` is a copy for somebody beside the requester.
    pub fn is_copy(&self, address: &Address) -> bool {
        *address != self.requester.address && self.has_participant(address)
    }

    /// Whether `address` is the requester or takes part.
    pub fn has_participant(&self, address: &Address) -> bool {
        self.requester.address == *address
            || self.participants.iter().any(|p| p.address == *address)
    }

    /// Whether a consultant took `address` out of the thread and nobody has let him in since.
    pub fn was_taken_out(&self, address: &Address) -> bool {
        let last = self.history.iter().rev().find_map(|d| match &d.fact {
            Fact::Joined { address: of, .. } if of == address => Some(false),
            Fact::Left { address: of, .. } if of == address => Some(true),
            _ => None,
        });
        last.unwrap_or(false)
    }

    /// The ticket that everything about this one goes on in, where it was merged (mail.md §4).
    pub fn merged_into(&self) -> Option<TicketId> {
        let link = self.history.iter().rev().find_map(|d| match d.fact {
            Fact::Linked {
                link: Link::MergedInto,
                ticket,
            } => Some(ticket),
            _ => None,
        });
        link.filter(|_| !self.is_open())
    }

    /// The mail that opened it; none for a call.
    pub fn opening_mail(&self) -> Option<InboundId> {
        let mut facts = self.history.iter().map(|dated| &dated.fact);
        facts.find(|fact| matches!(fact, Fact::Opened { .. }))?;
        match facts.next() {
            Some(Fact::ClientWrote { inbound, .. }) => Some(*inbound),
            _ => None,
        }
    }

    /// Whether a mail filed here has a ticket of its own by now.
    pub fn has_moved(&self, mail: InboundId) -> bool {
        let moved =
            |d: &Dated| matches!(d.fact, Fact::MailMoved { inbound, .. } if inbound == mail);
        self.history.iter().any(moved)
    }

    /// Whether `address` may write in the thread: a participant, or somebody copied.
    pub fn may_write(&self, address: &Address) -> bool {
        self.has_participant(address) || self.copied.iter().any(|p| p.address == *address)
    }
}
