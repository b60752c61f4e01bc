//! The monthly statement of a client (policy.md §7): what was asked, what was kept, what is charged
//! and why, everything as it stood at the end of the month.
//!
//! A [`Statement`] is a value, computed by [`statement`] from [`Books`]; text, CSV and HTML are made
//! of it in [`crate::render`], so that their figures cannot differ.
//!
//! What belongs to a month: a line belongs to the month in which it became billable, a reversal to
//! the one in which it was entered; what still waits for the client's word is told apart and added to
//! nothing. Of a month that is not over, the end is now.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::billing::Bucket;
use super::effect::HeldCause;
use super::month::{Month, Period};
use super::policy::Policy;
use super::statement_books::Books;
use super::statement_lines::{Lines, lines, tag};
use super::statement_service::{Service, service};
use super::statement_tickets::{Flow, Tickets, closed_in, tickets};
use super::ticket::{ClosedAs, Ticket};

/// Months of the trend, the one of the statement included.
pub const TREND_MONTHS: u32 = 6;

/// Everything a statement says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// The client's name.
    pub client: String,
    /// Which month.
    pub month: Month,
    /// Its first day.
    pub first_day: NaiveDate,
    /// The last day that it speaks of.
    pub last_day: NaiveDate,
    /// The first instant that it does not speak of.
    pub until: DateTime<Utc>,
    /// The month is not over: everything is as of `until`.
    pub running: bool,
    /// Nothing happened, and nothing was open.
    pub empty: bool,
    /// The tickets.
    pub tickets: Tickets,
    /// What was promised and kept.
    pub service: Service,
    /// What is charged, and what waits.
    pub lines: Lines,
    /// Senders of the client's whose mail waited for a person.
    pub held: Vec<HeldSender>,
    /// Who might ask at the end.
    pub authorizers: Vec<AuthorizerRow>,
    /// Lines that the client disputes, or disputed until this month.
    pub disputes: Vec<DisputeRow>,
    /// A line's number, to show how one is named; one of these where there is any.
    pub example: String,
    /// The months before, and this one, oldest first.
    pub trend: Vec<TrendMonth>,
}

/// A sender whose mail waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldSender {
    /// His address; may be empty.
    pub from: String,
    /// Why his mail is held.
    pub cause: HeldCause,
    /// How many mails wait.
    pub mails: usize,
    /// The receipt of the oldest.
    pub since: DateTime<Utc>,
}

/// Who may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizerRow {
    /// His name.
    pub name: String,
    /// His address.
    pub address: String,
    /// May open tickets.
    pub can_open: bool,
    /// May approve time and work out of hours.
    pub can_approve: bool,
    /// May validate a solution.
    pub can_validate: bool,
    /// The last day on which he may.
    pub until: Option<NaiveDate>,
}

/// A disputed line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DisputeRow {
    /// `L-1042`.
    pub line: String,
    /// The ticket that the line is of.
    pub of: String,
    /// Its minutes.
    pub minutes: i64,
    /// The ticket that looks into it.
    pub ticket: String,
    /// When the dispute began.
    pub at: DateTime<Utc>,
    /// How it ended; none while it is open.
    pub closed_as: Option<ClosedAs>,
}

/// A month of the trend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrendMonth {
    /// Which.
    pub month: Month,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Minutes charged, in the order of [`Bucket::ALL`].
    pub minutes: [i64; 3],
    /// Their sum.
    pub total: i64,
    /// Tickets opened.
    pub opened: usize,
}

/// The statement of a period.
pub fn statement(books: &Books, policy: &Policy, period: &Period) -> Statement {
    let zone = policy.calendar.zone();
    let then = books.tickets_as_of(period.until);
    let closed = |ticket: &Ticket| closed_in(ticket, period);
    let lines = lines(books, &then, closed, policy, period);
    let service = service(&then, policy, period);
    let tickets = tickets(books, &then, &lines, policy, period);
    let last_day = period.last_day(zone);
    let held = held(books);
    let disputes = disputes(books, &then, policy, period);
    let first = lines.all_charged().chain(&lines.waiting).next();
    let example = first.map_or_else(|| "L-1042".to_owned(), |line| line.number.clone());
    let nothing_else = lines.corrections.is_empty() && lines.notes.is_empty();
    Statement {
        client: books.client.name.clone(),
        month: period.month,
        first_day: period.month.first_day(),
        last_day,
        until: period.until,
        running: period.running,
        empty: then.is_empty() && held.is_empty() && disputes.is_empty() && nothing_else,
        trend: trend(books, &lines, tickets.flow, zone, period),
        tickets,
        service,
        lines,
        held,
        authorizers: authorizers(books, period, last_day),
        disputes,
        example,
    }
}

/// Whether a held mail may be told to its client: not one that is another's, or nobody's.
fn may_be_told(cause: HeldCause) -> bool {
    !matches!(
        cause,
        HeldCause::CrossClient | HeldCause::Forged | HeldCause::Loop
    )
}

fn held(books: &Books) -> Vec<HeldSender> {
    let mut senders: Vec<HeldSender> = Vec::new();
    for mail in books.held.iter().filter(|mail| may_be_told(mail.cause)) {
        let is_same = |of: &&mut HeldSender| of.from == mail.from && of.cause == mail.cause;
        match senders.iter_mut().find(is_same) {
            Some(sender) => {
                sender.mails += 1;
                sender.since = sender.since.min(mail.at);
            }
            None => senders.push(HeldSender {
                from: mail.from.clone(),
                cause: mail.cause,
                mails: 1,
                since: mail.at,
            }),
        }
    }
    senders.sort_by_key(|sender| (sender.since, sender.from.clone()));
    senders
}

fn authorizers(books: &Books, period: &Period, last_day: NaiveDate) -> Vec<AuthorizerRow> {
    let current = books.authorizers_as_of(period, last_day).into_iter();
    current
        .map(|entry| AuthorizerRow {
            name: entry.person.name.clone(),
            address: entry.person.address.to_string(),
            can_open: entry.can_open,
            can_approve: entry.can_approve,
            can_validate: entry.can_validate,
            until: entry.until,
        })
        .collect()
}

/// Disputes that began in the period, and those whose ticket was open in it.
fn disputes(
    books: &Books,
    tickets: &[Ticket],
    policy: &Policy,
    period: &Period,
) -> Vec<DisputeRow> {
    let before = books.disputed.iter().filter(|of| of.at < period.until);
    let mut rows: Vec<DisputeRow> = before
        .filter_map(|of| {
            let ticket = tickets.iter().find(|ticket| ticket.id == of.ticket)?;
            let is_of_now = period.holds(of.at) || ticket.is_open() || closed_in(ticket, period);
            is_of_now.then(|| DisputeRow {
                line: tag(of.charge),
                of: policy.tag(of.of),
                minutes: of.minutes,
                ticket: policy.tag(of.ticket),
                at: of.at,
                closed_as: ticket.closed_as,
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.at, row.line.clone()));
    rows
}

fn trend(books: &Books, lines: &Lines, flow: Flow, zone: Tz, period: &Period) -> Vec<TrendMonth> {
    let month_of = |at: DateTime<Utc>| Month::of(at.with_timezone(&zone).date_naive());
    let mut months: Vec<TrendMonth> = (0..TREND_MONTHS)
        .rev()
        .map(|back| period.month.back(back))
        .map(|month| TrendMonth {
            month,
            first_day: month.first_day(),
            minutes: [0; 3],
            total: 0,
            opened: 0,
        })
        .collect();
    let mut add = |month: Month, place: Option<usize>, minutes: i64| {
        let of = months.iter_mut().find(|of| of.month == month);
        if let Some((of, place)) = of.zip(place) {
            of.total += minutes;
            if let Some(sum) = of.minutes.get_mut(place) {
                *sum += minutes;
            }
        }
    };
    let earlier = books.earlier.iter().filter(|of| of.since < period.from);
    for of in earlier {
        let place = Bucket::ALL.iter().position(|bucket| *bucket == of.bucket);
        add(month_of(of.since), place, of.minutes);
    }
    for of in &lines.hours {
        let place = Bucket::ALL
            .iter()
            .position(|bucket| bucket.name() == of.bucket);
        add(period.month, place, of.minutes);
    }
    for at in &books.opened_earlier {
        let month = month_of(*at);
        let of = months.iter_mut().find(|of| of.month == month);
        // Of this month's own, the tickets tell.
        if let Some(of) = of.filter(|_| month < period.month) {
            of.opened += 1;
        }
    }
    if let Some(last) = months.last_mut() {
        last.opened = flow.opened;
    }
    months
}
