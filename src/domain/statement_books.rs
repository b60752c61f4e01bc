//! What the ledger knows of one client for one month, and all of it as it stood at the end: nothing
//! that happened later has a say in a statement (policy.md §7: re-issuable byte for byte).
//!
//! What is left out of that: the house's own configuration and the client's own support hours, which
//! have no history. Where they change, a statement that was sent is kept as it left.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::address::{Address, Person};
use super::authorizer::Authorizer;
use super::billing::Bucket;
use super::charge::{Charge, Released, WaitsFor};
use super::effect::HeldCause;
use super::ids::{ChargeId, InboundId, TicketId};
use super::month::Period;
use super::ticket::{ClientRef, Dated, Fact, Ticket};

/// What a statement is made from. It may hold more than the month: what came later is cut off.
#[derive(Debug, Clone)]
pub struct Books {
    /// Whose.
    pub client: ClientRef,
    /// Tickets that were open in the month, and those with lines or approvals of the month; with
    /// their whole history and their lines.
    pub tickets: Vec<Ticket>,
    /// The client's words that lines of these tickets waited for.
    pub released: Vec<Released>,
    /// The mails that lines, approvals and attempts name.
    pub mails: BTreeMap<InboundId, MailRef>,
    /// Lines that these tickets look into.
    pub disputed: Vec<Disputed>,
    /// Held mails of the client's that waited at the end of the month.
    pub held: Vec<HeldMail>,
    /// Every entry of the client's list of authorizers, ended ones too.
    pub authorizers: Vec<Entry>,
    /// Minutes that became billable in the months before, in any order.
    pub earlier: Vec<Earlier>,
    /// When the tickets of the months before were opened, in any order.
    pub opened_earlier: Vec<DateTime<Utc>>,
}

/// A received mail, as far as a line needs to name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailRef {
    /// Its Message-ID, without brackets; empty where it had none.
    pub message_id: String,
    /// Its receipt.
    pub at: DateTime<Utc>,
    /// Its subject.
    pub subject: String,
}

/// A line of the ledger that the client disputes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disputed {
    /// Which line.
    pub charge: ChargeId,
    /// Whose it is.
    pub of: TicketId,
    /// Its minutes.
    pub minutes: i64,
    /// The ticket that looks into it.
    pub ticket: TicketId,
    /// When the dispute began.
    pub at: DateTime<Utc>,
}

/// A mail that waited for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMail {
    /// Its sender's address; may be empty.
    pub from: String,
    /// Why it was held.
    pub cause: HeldCause,
    /// Its receipt.
    pub at: DateTime<Utc>,
}

/// An entry of a client's list of authorizers, with when it was made and ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who, and for what.
    pub authorizer: Authorizer,
    /// When it was made; none where the history does not tell: it always was.
    pub since: Option<DateTime<Utc>>,
    /// When it was ended.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Time of a month before, for the trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Since when it may be charged.
    pub since: DateTime<Utc>,
    /// How much; less than none in a reversal.
    pub minutes: i64,
    /// For which price.
    pub bucket: Bucket,
}

impl Entry {
    /// Whether it stood on the list at the end of a period, whose last local day is `day`.
    fn stood(&self, until: DateTime<Utc>, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since < until)
            && self.revoked_at.is_none_or(|at| at >= until)
            && self.authorizer.is_current(day)
    }
}

impl Books {
    /// The tickets as they stood at the end of the period, by number. Those that began later are
    /// none.
    pub fn tickets_as_of(&self, until: DateTime<Utc>) -> Vec<Ticket> {
        let released = Releases::until(&self.released, until);
        let mut tickets: Vec<Ticket> = self
            .tickets
            .iter()
            .filter_map(|ticket| self.as_of(ticket, &released, until))
            .collect();
        tickets.sort_by_key(|ticket| ticket.id);
        tickets
    }

    /// When the last thing before `end` was recorded of these tickets; none where nothing was.
    pub fn last_at(&self, end: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let facts = self.tickets.iter().flat_map(|ticket| &ticket.history);
        let lines = self.tickets.iter().flat_map(|ticket| &ticket.charges);
        facts
            .map(|dated| dated.at)
            .chain(lines.map(|charge| charge.line.at))
            .chain(self.released.iter().map(|released| released.at))
            .filter(|at| *at < end)
            .max()
    }

    /// Who stood on the list at the end of the period, by name.
    pub fn authorizers_as_of(&self, period: &Period, day: NaiveDate) -> Vec<&Authorizer> {
        let mut current: Vec<&Authorizer> = self
            .authorizers
            .iter()
            .filter(|entry| entry.stood(period.until, day))
            .map(|entry| &entry.authorizer)
            .collect();
        current.sort_by(|a, b| {
            let key = |of: &Authorizer| (of.person.name.clone(), of.person.address.clone());
            key(a).cmp(&key(b))
        });
        current
    }

    /// A person of the client's by name; the address where no name was ever on the list.
    pub fn name(&self, address: &Address) -> String {
        let listed = self
            .authorizers
            .iter()
            .map(|entry| &entry.authorizer.person);
        listed
            .rev()
            .find(|person| person.address == *address)
            .map_or_else(|| address.to_string(), |person| person.name.clone())
    }

    fn as_of(&self, ticket: &Ticket, released: &Releases, until: DateTime<Utc>) -> Option<Ticket> {
        let (kept, later): (Vec<Dated>, Vec<Dated>) = ticket
            .history
            .iter()
            .cloned()
            .partition(|dated| dated.at < until);
        if kept.is_empty() {
            return None;
        }
        let became_official = later
            .iter()
            .any(|dated| matches!(dated.fact, Fact::Formalized { .. }));
        let passed_on = later.iter().find_map(|dated| match &dated.fact {
            Fact::RequesterChanged { from, .. } => Some(from),
            _ => None,
        });
        let requester = match passed_on {
            Some(address) => {
                let listed = self
                    .authorizers
                    .iter()
                    .map(|entry| &entry.authorizer.person);
                let named = listed.rev().find(|person| person.address == *address);
                let unnamed = || Person::new(address.clone(), "");
                named.cloned().unwrap_or_else(unnamed)
            }
            None => ticket.requester.clone(),
        };
        let then = Ticket {
            requester,
            official: ticket.official && !became_official,
            charges: Vec::new(),
            ..ticket.clone()
        };
        Some(Ticket {
            charges: charges_as_of(&ticket.charges, released, until),
            ..then.replayed(&kept)
        })
    }
}

/// When lines were released, as of the end of a period.
#[derive(Debug, Default)]
struct Releases(BTreeMap<(ChargeId, WaitsFor), DateTime<Utc>>);

impl Releases {
    fn until(released: &[Released], until: DateTime<Utc>) -> Self {
        let before = released.iter().filter(|released| released.at < until);
        Self(
            before
                .map(|released| ((released.charge, released.waited_for), released.at))
                .collect(),
        )
    }
}

fn charges_as_of(all: &[Charge], released: &Releases, until: DateTime<Utc>) -> Vec<Charge> {
    let before = || all.iter().filter(|charge| charge.line.at < until);
    let reversed: BTreeSet<ChargeId> = before().filter_map(|c| c.line.reverses).collect();
    let at = |charge: &Charge, waits_for| released.0.get(&(charge.id, waits_for)).copied();
    before()
        .map(|charge| Charge {
            formalized_at: at(charge, WaitsFor::Formalization),
            approved_at: at(charge, WaitsFor::Approval),
            is_reversed: reversed.contains(&charge.id),
            ..charge.clone()
        })
        .collect()
}
