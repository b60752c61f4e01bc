//! The support policy as numbers. `config` makes one from `config.toml`; the rules only read it.

use std::collections::BTreeMap;

use chrono::Duration;
use regex::Regex;

use super::address::{Address, Person};
use super::calendar::Calendar;
use super::meeting::MeetingWords;
use super::ticket::{Kind, Priority};
use super::validation::ValidationWords;

/// Everything the house may decide about how support is given.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Service name shown to people.
    pub service_name: String,
    /// The official address.
    pub address: Address,
    /// Every address that reaches the mailbox: the official one and its aliases.
    pub own_addresses: Vec<Address>,
    /// The `GS` of `GS-1042`.
    pub ticket_prefix: String,
    /// Who is told of alarms.
    pub operators: Vec<Address>,
    /// Support hours (policy.md §7).
    pub calendar: Calendar,
    /// Response target and limit per priority (policy.md §3).
    pub response: BTreeMap<Priority, ResponseTerms>,
    /// Whether the automatic acknowledgement meets the response clock.
    pub acknowledgement_counts: bool,
    /// Solution target and limit per kind (policy.md §4).
    pub solution: BTreeMap<Kind, SolutionTerms>,
    /// Patterns that classify an opening mail, in order.
    pub priority_rules: Vec<PriorityRule>,
    /// The consultants.
    pub consultants: Vec<Consultant>,
    /// Contact attempts and closing (policy.md §6).
    pub contact: ContactTerms,
    /// Charges (policy.md §7).
    pub billing: BillingTerms,
    /// Out-of-hours work (policy.md §7).
    pub out_of_hours: OutOfHoursTerms,
    /// Tickets opened by a call (policy.md §2).
    pub phone: PhoneTerms,
    /// Hundredths of a clock's time at which consultants are alerted, besides its target and its
    /// breach (policy.md §3); in rising order.
    pub alert_percents: Vec<u8>,
    /// Consultants' replies (policy.md §5, §9).
    pub replies: ReplyTerms,
    /// The words by which a client validates a solution (policy.md §5).
    pub validation: ValidationWords,
    /// Days that held mail waits for somebody (policy.md §1).
    pub held_keep_days: u32,
    /// Consultants get a digest at the opening of each business day (policy.md §10).
    pub daily_digest: bool,
    /// Limits on automatic mail and on ticket opening (mail.md §2).
    pub brakes: Brakes,
    /// Phrases of our own mails that must never reach a client. Not configured: they come
    /// with the templates (`templates/words.toml`).
    pub phrases: Phrases,
}

/// Phrases of the templates that the reading of mail needs: those by which our own notices are
/// recognized in a mail that quotes them (mail.md §6), and what stands for an unreadable text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrases {
    /// The line above which a consultant answers.
    pub separator: String,
    /// Sentences that stand in every notice to a consultant and nowhere else.
    pub notice: Vec<String>,
    /// The words in which meetings are shown.
    pub meeting: MeetingWords,
    /// Stands for a text that is in a form of Outlook's own (`winmail.dat`) and was not read.
    pub outlook_only: String,
}

/// Whether hours run in support hours only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMode {
    /// Support hours.
    Business,
    /// All hours.
    Wall,
}

/// Response time promised for a priority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseTerms {
    /// What we aim at.
    pub target: Duration,
    /// What we promise.
    pub limit: Duration,
    /// Which hours count.
    pub clock: ClockMode,
}

/// Solution time estimated for a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SolutionTerms {
    /// What we aim at, where the policy names it.
    pub target: Option<Duration>,
    /// The estimate.
    pub limit: Duration,
}

/// A pattern over the subject and first line of an opening mail.
#[derive(Debug, Clone)]
pub struct PriorityRule {
    /// What to look for.
    pub pattern: Regex,
    /// The priority it means, if any.
    pub priority: Option<Priority>,
    /// The kind it means, if any.
    pub kind: Option<Kind>,
}

/// A consultant, as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consultant {
    /// Name and main address.
    pub person: Person,
    /// Other addresses the consultant writes from.
    pub aliases: Vec<Address>,
    /// Support level 1–4 (policy.md §8).
    pub level: u8,
    /// Paged for critical tickets besides level 1.
    pub on_call: bool,
}

/// Contact attempts (policy.md §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactTerms {
    /// How many attempts before closing.
    pub attempts: u32,
    /// Business days between them.
    pub interval_business_days: u32,
    /// The question itself is attempt 1.
    pub question_counts_as_attempt: bool,
    /// Critical tickets close without a consultant's word.
    pub close_critical: bool,
    /// Business days after which the client is told that a third party is still waited for
    /// (policy.md §5).
    pub update_business_days: u32,
}

/// Charges for follow-ups (policy.md §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BillingTerms {
    /// Follow-ups of one consultant on one ticket within this time of the first are one.
    pub coalesce: Duration,
    /// Most minutes of follow-ups charged per client and day.
    pub daily_cap: Option<Duration>,
    /// Automatic mails are charged as follow-ups.
    pub automatic: bool,
    /// Day of the month on which statements go out by themselves.
    pub statement_day: Option<u32>,
}

/// Out-of-hours work (policy.md §7).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OutOfHoursTerms {
    /// How long before the window it must be asked for.
    pub minimum_notice: Option<Duration>,
    /// What a minute is multiplied by.
    pub factor: Option<f64>,
}

/// Tickets opened by a call (policy.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneTerms {
    /// When the response clock starts.
    pub clock_starts: PhoneClock,
    /// Support time after which the authorizers are reminded to make it official.
    pub remind_after: Duration,
}

/// When the response clock of a call starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneClock {
    /// At the call.
    Call,
    /// At the mail that makes it official.
    Mail,
}

/// Consultants' replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyTerms {
    /// How long a relayed reply waits, so that it can be taken back.
    pub delay: Duration,
    /// The state a plain reply leaves a ticket in.
    pub default: ReplyDefault,
    /// When consultants get a receipt.
    pub receipts: Receipts,
    /// Business days after its closing in which a ticket may be reopened (policy.md §5).
    pub reopen_business_days: u32,
}

/// The state a plain reply leads to (policy.md §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyDefault {
    /// Work goes on.
    InProgress,
    /// The client owes an answer.
    WaitingClient,
}

/// When a consultant is told what the program did with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipts {
    /// Always.
    Always,
    /// When it held commands.
    Commands,
    /// When something was wrong.
    Errors,
}

/// Limits on what the program does by itself (mail.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brakes {
    /// Automatic mails to one address in an hour.
    pub per_address_hour: u32,
    /// Automatic mails to one address in a day.
    pub per_address_day: u32,
    /// Tickets one sender opens in an hour.
    pub tickets_per_hour: u32,
    /// Automatic mails to everybody in an hour.
    pub automatic_per_hour: u32,
}

impl Policy {
    /// The consultant who writes from `address`.
    pub fn consultant(&self, address: &Address) -> Option<&Consultant> {
        self.consultants
            .iter()
            .find(|c| c.person.address == *address || c.aliases.contains(address))
    }

    /// Those who look at what is no ticket yet: level 1, or everybody where nobody is of it
    /// (policy.md §8).
    pub fn first_level(&self) -> Vec<&Consultant> {
        let first = self.consultants.iter().filter(|c| c.level == 1);
        let first: Vec<&Consultant> = first.collect();
        if first.is_empty() {
            self.consultants.iter().collect()
        } else {
            first
        }
    }

    /// Whether `address` reaches this mailbox, with or without a tag behind a plus.
    pub fn is_own(&self, address: &Address) -> bool {
        let local = address
            .local()
            .split_once('+')
            .map_or(address.local(), |(local, _)| local);
        self.own_addresses
            .iter()
            .any(|own| own == address || (own.local() == local && own.domain() == address.domain()))
    }

    /// Whether mail to `address` is exempt from the brakes: our own people (mail.md §2).
    pub fn is_staff(&self, address: &Address) -> bool {
        self.consultant(address).is_some() || self.operators.contains(address)
    }

    /// Response terms of a priority. `config` refuses a policy without all four.
    pub fn response_terms(&self, priority: Priority) -> ResponseTerms {
        self.response
            .get(&priority)
            .copied()
            .unwrap_or(ResponseTerms {
                target: Duration::zero(),
                limit: Duration::minutes(30),
                clock: ClockMode::Business,
            })
    }

    /// Solution terms of a kind. `config` refuses a policy without all six.
    pub fn solution_terms(&self, kind: Kind) -> SolutionTerms {
        self.solution.get(&kind).copied().unwrap_or(SolutionTerms {
            target: None,
            limit: Duration::hours(6),
        })
    }

    /// A ticket's name as people write it: `GS-1042`.
    pub fn tag(&self, ticket: super::ids::TicketId) -> String {
        format!("{}-{}", self.ticket_prefix, ticket)
    }
}
