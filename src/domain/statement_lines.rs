//! The lines of a statement: which belong to the month, what each is charged as, what it comes from;
//! and their sums. Every total is the sum of lines that are shown.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::address::Address;
use super::billing::Bucket;
use super::charge::{Charge, ChargeKind, Released, WaitsFor};
use super::ids::{ChargeId, InboundId};
use super::month::Period;
use super::policy::Policy;
use super::statement_books::{Books, MailRef};
use super::ticket::Ticket;

/// What becomes of a line in the month of the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// It is charged in this month; a reversal takes its minutes off.
    Charged,
    /// It waits for the mail that makes its ticket official (policy.md §2).
    WaitsForFormalization,
    /// It is beyond the authorized time and waits for an authorizer (policy.md §4).
    WaitsForApproval,
    /// It waited for a word that did not come before its ticket closed, or was taken back before.
    NotCharged,
    /// It says that time was authorized; nothing is charged by it.
    Note,
}

impl LineState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Charged,
        Self::WaitsForFormalization,
        Self::WaitsForApproval,
        Self::NotCharged,
        Self::Note,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::WaitsForFormalization => "waits_for_formalization",
            Self::WaitsForApproval => "waits_for_approval",
            Self::NotCharged => "not_charged",
            Self::Note => "note",
        }
    }
}

/// A line of the ledger as a statement shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// `L-1042`.
    pub number: String,
    /// `GS-7`.
    pub ticket: String,
    /// The ticket's subject.
    pub subject: String,
    /// When it was entered.
    pub at: DateTime<Utc>,
    /// Since when it is charged, where it is.
    pub since: Option<DateTime<Utc>>,
    /// Where its time begins, where that is known.
    pub from: Option<DateTime<Utc>>,
    /// Where it ends.
    pub to: Option<DateTime<Utc>>,
    /// Who is charged for, by name; his address where no name is known.
    pub consultant: String,
    /// A session's consultants, as far as they were named.
    pub people: Vec<String>,
    /// What it is.
    pub kind: &'static str,
    /// Of all consultants together; less than none in a reversal.
    pub minutes: i64,
    /// For which price.
    pub bucket: &'static str,
    /// What a minute is multiplied by, where the price is another one.
    pub factor: Option<f64>,
    /// What was done; may be empty.
    pub note: String,
    /// The mail that it comes from.
    pub mail: Option<MailRef>,
    /// The client's mail that it was approved by.
    pub approval: Option<MailRef>,
    /// The line it takes back.
    pub takes_back: Option<String>,
    /// The line that takes it back, as of the end of the month.
    pub taken_back_by: Option<String>,
    /// What becomes of it.
    pub state: LineState,
}

/// The charged lines of one ticket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketLines {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// The lines, oldest first.
    pub lines: Vec<Line>,
    /// Their sum.
    pub minutes: i64,
}

/// The charged time of one price.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BucketHours {
    /// When the time was.
    pub bucket: &'static str,
    /// What a minute is multiplied by; none: nothing.
    pub factor: Option<f64>,
    /// How many lines.
    pub lines: usize,
    /// The sum of their minutes.
    pub minutes: i64,
    /// That times the factor, rounded to the whole minute, a half away from none.
    pub weighted: i64,
}

/// The charged time of a week, or of as much of it as lies in the month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its first day in the month.
    pub from: NaiveDate,
    /// Its last.
    pub to: NaiveDate,
    /// Minutes in the order of [`Bucket::ALL`].
    pub minutes: [i64; 3],
}

/// All lines of a statement, each in one place.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lines {
    /// What is charged, by ticket.
    pub charged: Vec<TicketLines>,
    /// Lines and those that take them back, both of this month or both never charged; in pairs, the
    /// one taken back first. They come to nothing.
    pub corrections: Vec<Line>,
    /// What waits for the client's word, or waited until its ticket closed.
    pub waiting: Vec<Line>,
    /// Time authorized in this month, as the ledger has it.
    pub notes: Vec<Line>,
    /// Charged minutes by price, in the order of [`Bucket::ALL`]; only what there is.
    pub hours: Vec<BucketHours>,
    /// The sum of all charged lines.
    pub minutes: i64,
    /// The same with factors: the sum of the prices.
    pub weighted: i64,
    /// The sum of the lines that may still be charged.
    pub waiting_minutes: i64,
    /// The charged minutes by week.
    pub weeks: Vec<Week>,
}

/// A line that no rule has looked at yet.
struct Sorted<'a> {
    charge: &'a Charge,
    ticket: &'a Ticket,
    state: LineState,
}

/// What is needed to say what a line comes from.
struct Sources<'a> {
    books: &'a Books,
    policy: &'a Policy,
    until: DateTime<Utc>,
    releases: BTreeMap<ChargeId, &'a Released>,
    reversals: BTreeMap<ChargeId, ChargeId>,
}

/// The lines of a period. `tickets` are as they stood at its end; `closed_in` says which of them
/// closed within it.
pub fn lines(
    books: &Books,
    tickets: &[Ticket],
    closed_in: impl Fn(&Ticket) -> bool,
    policy: &Policy,
    period: &Period,
) -> Lines {
    let sources = Sources::of(books, tickets, policy, period.until);
    let all = tickets.iter().flat_map(|ticket| {
        let shown = |charge| sort(charge, ticket, closed_in(ticket), period);
        ticket.charges.iter().filter_map(shown)
    });
    let all: Vec<Sorted> = all.collect();
    let pairs = pairs(&all, &sources.reversals, period);
    let mut lines = Lines::default();
    for sorted in &all {
        let line = sources.line(sorted);
        if pairs.contains(&sorted.charge.id) {
            lines.corrections.push(line);
            continue;
        }
        match sorted.state {
            LineState::Charged => lines.charge(line, sorted.ticket),
            LineState::Note => lines.notes.push(line),
            LineState::WaitsForFormalization | LineState::WaitsForApproval => {
                lines.waiting_minutes += line.minutes;
                lines.waiting.push(line);
            }
            // Half of a pair whose other half is none of this month's business.
            LineState::NotCharged if !sorted.charge.is_in_force() => {}
            LineState::NotCharged => lines.waiting.push(line),
        }
    }
    // A line stands before the one that takes it back, whatever lies between them.
    let first = |line: &Line| {
        line.takes_back
            .clone()
            .unwrap_or_else(|| line.number.clone())
    };
    lines
        .corrections
        .sort_by_key(|line| (number(&first(line)), number(&line.number)));
    lines.add_up(policy.calendar.zone(), period);
    lines
}

/// The `1042` of `L-1042`, to sort by.
fn number(tag: &str) -> i64 {
    let digits = tag.rsplit('-').next();
    digits
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default()
}

/// What becomes of a line in the period; none where it is another month's.
fn sort<'a>(
    charge: &'a Charge,
    ticket: &'a Ticket,
    closed_in: bool,
    period: &Period,
) -> Option<Sorted<'a>> {
    let entered = period.holds(charge.line.at);
    let state = if charge.line.kind == ChargeKind::Budget {
        entered.then_some(LineState::Note)?
    } else if let Some(since) = charge.billable_since() {
        period.holds(since).then_some(LineState::Charged)?
    } else if !charge.is_in_force() {
        LineState::NotCharged
    } else if ticket.is_open() {
        let waits = charge.line.pending_formalization && charge.formalized_at.is_none();
        if waits {
            LineState::WaitsForFormalization
        } else {
            LineState::WaitsForApproval
        }
    } else {
        (closed_in || entered).then_some(LineState::NotCharged)?
    };
    Some(Sorted {
        charge,
        ticket,
        state,
    })
}

/// Lines that are shown as corrections: those that another one of the same state takes back, both
/// charged in the period, or both never and the second one entered in it; and those that do.
fn pairs(
    all: &[Sorted],
    reversals: &BTreeMap<ChargeId, ChargeId>,
    period: &Period,
) -> BTreeSet<ChargeId> {
    let found: BTreeMap<ChargeId, &Sorted> = all
        .iter()
        .map(|sorted| (sorted.charge.id, sorted))
        .collect();
    let mut pairs = BTreeSet::new();
    for (taken_back, by) in reversals {
        let (Some(of), Some(with)) = (found.get(taken_back), found.get(by)) else {
            continue;
        };
        let is_of_now = of.state == LineState::Charged || period.holds(with.charge.line.at);
        if of.state == with.state && is_of_now {
            pairs.extend([*taken_back, *by]);
        }
    }
    pairs
}

impl<'a> Sources<'a> {
    fn of(books: &'a Books, tickets: &[Ticket], policy: &'a Policy, until: DateTime<Utc>) -> Self {
        let charges = tickets.iter().flat_map(|ticket| &ticket.charges);
        let reversals = charges.filter_map(|charge| Some((charge.line.reverses?, charge.id)));
        let mut releases: BTreeMap<ChargeId, &Released> = BTreeMap::new();
        for released in books.released.iter().filter(|released| released.at < until) {
            // An approval says more than that the ticket is official.
            let more = released.waited_for == WaitsFor::Approval;
            if more || !releases.contains_key(&released.charge) {
                releases.insert(released.charge, released);
            }
        }
        Self {
            books,
            policy,
            until,
            releases,
            reversals: reversals.collect(),
        }
    }

    fn mail(&self, id: Option<InboundId>) -> Option<MailRef> {
        self.books.mails.get(&id?).cloned()
    }

    fn line(&self, sorted: &Sorted) -> Line {
        let Charge { id, line, .. } = sorted.charge;
        let released = self.releases.get(id).map(|released| released.source);
        let taken_back_by = self.reversals.get(id);
        Line {
            number: tag(*id),
            ticket: self.policy.tag(sorted.ticket.id),
            subject: sorted.ticket.thread.subject.clone(),
            at: line.at,
            since: sorted.charge.billable_since().filter(|at| *at < self.until),
            from: line.span.map(|span| span.from),
            to: line.span.map(|span| span.to),
            consultant: consultant(&line.consultant, self.policy),
            people: line.people.clone(),
            kind: line.kind.name(),
            minutes: line.minutes,
            bucket: line.bucket.name(),
            factor: line.factor,
            note: line.note.clone(),
            mail: self.mail(line.source),
            approval: self.mail(line.approval.or(released)),
            takes_back: line.reverses.map(tag),
            taken_back_by: taken_back_by.copied().map(tag),
            state: sorted.state,
        }
    }
}

/// A line's name as people write it.
pub fn tag(id: ChargeId) -> String {
    format!("L-{id}")
}

/// A consultant by name; his address where he is none of the house's any more.
pub fn consultant(address: &Address, policy: &Policy) -> String {
    policy
        .consultant(address)
        .map_or_else(|| address.to_string(), |known| known.person.name.clone())
}

impl Lines {
    /// Everything that is charged in the month, corrections too.
    pub fn all_charged(&self) -> impl Iterator<Item = &Line> {
        let corrections = self.corrections.iter();
        self.charged
            .iter()
            .flat_map(|ticket| &ticket.lines)
            .chain(corrections.filter(|line| line.state == LineState::Charged))
    }

    fn charge(&mut self, line: Line, ticket: &Ticket) {
        let is_of = |lines: &&mut TicketLines| lines.number == line.ticket;
        match self.charged.last_mut().filter(is_of) {
            Some(lines) => {
                lines.minutes += line.minutes;
                lines.lines.push(line);
            }
            None => self.charged.push(TicketLines {
                number: line.ticket.clone(),
                subject: ticket.thread.subject.clone(),
                minutes: line.minutes,
                lines: vec![line],
            }),
        }
    }

    fn add_up(&mut self, zone: Tz, period: &Period) {
        let mut hours: Vec<BucketHours> = Vec::new();
        let mut weeks = weeks(zone, period);
        for line in self.all_charged() {
            let is_same = |of: &&mut BucketHours| {
                of.bucket == line.bucket && same_factor(of.factor, line.factor)
            };
            match hours.iter_mut().find(is_same) {
                Some(of) => {
                    of.lines += 1;
                    of.minutes += line.minutes;
                }
                None => hours.push(BucketHours {
                    bucket: line.bucket,
                    factor: line.factor,
                    lines: 1,
                    minutes: line.minutes,
                    weighted: 0,
                }),
            }
            add_to_week(&mut weeks, line, zone);
        }
        for of in &mut hours {
            of.weighted = weighted(of.minutes, of.factor);
        }
        let place = |name: &str| Bucket::ALL.iter().position(|bucket| bucket.name() == name);
        hours.sort_by(|a, b| {
            let by_factor = a.factor.unwrap_or(1.0).total_cmp(&b.factor.unwrap_or(1.0));
            place(a.bucket).cmp(&place(b.bucket)).then(by_factor)
        });
        self.minutes = hours.iter().map(|of| of.minutes).sum();
        self.weighted = hours.iter().map(|of| of.weighted).sum();
        self.hours = hours;
        self.weeks = weeks;
    }
}

fn same_factor(a: Option<f64>, b: Option<f64>) -> bool {
    // What was written down is read back bit by bit.
    a.map(f64::to_bits) == b.map(f64::to_bits)
}

/// Minutes times a factor, rounded to the whole minute, a half away from none.
///
/// The factor is read to thousandths, so that what is computed is what a person computes.
fn weighted(minutes: i64, factor: Option<f64>) -> i64 {
    const THOUSAND: i64 = 1000;
    let Some(factor) = factor else {
        return minutes;
    };
    // `config` takes factors from 1 to 10.
    #[allow(clippy::cast_possible_truncation)]
    let thousandths = (factor * 1000.0).round() as i64;
    let product = minutes.saturating_mul(thousandths);
    let half = if product < 0 {
        -THOUSAND / 2
    } else {
        THOUSAND / 2
    };
    product.saturating_add(half) / THOUSAND
}

/// The weeks that the month has days of, Monday to Sunday.
fn weeks(zone: Tz, period: &Period) -> Vec<Week> {
    let last = period.last_day(zone);
    let mut weeks = Vec::new();
    let mut from = period.month.first_day();
    // A month touches six weeks at most.
    while from <= last {
        let left = 6 - from.weekday().num_days_from_monday();
        let sunday = from.checked_add_days(Days::new(left.into()));
        let to = sunday.map_or(last, |sunday| sunday.min(last));
        weeks.push(Week {
            from,
            to,
            minutes: [0; 3],
        });
        let Some(next) = to.succ_opt() else { break };
        from = next;
    }
    weeks
}

fn add_to_week(weeks: &mut [Week], line: &Line, zone: Tz) {
    let since = line.since.unwrap_or(line.at);
    let day = since.with_timezone(&zone).date_naive();
    let of = weeks
        .iter_mut()
        .find(|week| week.from <= day && day <= week.to);
    let place = Bucket::ALL
        .iter()
        .position(|bucket| bucket.name() == line.bucket);
    let minutes = of.and_then(|week| week.minutes.get_mut(place?));
    if let Some(minutes) = minutes {
        *minutes += line.minutes;
    }
}
