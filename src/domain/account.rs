//! The account of a deadline: which time was counted and which was not and why, and which days lie
//! between a base and a date. For whoever asks, or disputes, why a clock says what it says.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use super::calendar::{Calendar, Closed};
use super::contact::{self, Attempt, ContactPlan, Step, on_or_after};
use super::policy::{ClockMode, Policy};
use super::ticket::{Fact, Status, Ticket};

/// Most closed days that are named for one stretch, or for one count of business days.
pub const CLOSED_DAYS_MAX: usize = 60;

/// Days that a closed stretch or a count of business days is followed for; what is configured needs
/// far fewer.
const WALK_MAX_DAYS: usize = 1_000;

/// A part of a clock's time that counts, or does not, throughout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends; not part of it.
    pub to: DateTime<Utc>,
    /// Whether it counts.
    pub counted: bool,
    /// The days in it that are closed from beginning to end, at most [`CLOSED_DAYS_MAX`]; none in
    /// a night.
    pub closed: Vec<ClosedDay>,
}

/// A date without any open time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedDay {
    /// The local date.
    pub date: NaiveDate,
    /// Why.
    pub why: Closed,
}

/// The time from one instant to another as a clock of this mode sees it, in order and without gaps.
pub fn stretches(
    calendar: &Calendar,
    mode: ClockMode,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Stretch> {
    match mode {
        ClockMode::Wall if from < to => vec![Stretch {
            from,
            to,
            counted: true,
            closed: Vec::new(),
        }],
        ClockMode::Wall => Vec::new(),
        ClockMode::Business => calendar
            .split(from, to)
            .into_iter()
            .map(|part| Stretch {
                from: part.from,
                to: part.to,
                counted: part.open,
                closed: if part.open {
                    Vec::new()
                } else {
                    closed_days(calendar, part.from, part.to)
                },
            })
            .collect(),
    }
}

/// A span in stretches, with the middle left out where there are too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The first ones, or all.
    pub first: Vec<Stretch>,
    /// How many are left out, and the time in them that counts.
    pub left_out: (usize, Duration),
    /// The last ones, where some are left out.
    pub last: Vec<Stretch>,
}

/// A span of a clock of this mode, at most `max` stretches: half of them from its beginning, half
/// from its end.
pub fn shown(
    calendar: &Calendar,
    mode: ClockMode,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    max: usize,
) -> Shown {
    let mut first = stretches(calendar, mode, from, to);
    if first.len() <= max {
        return Shown {
            first,
            left_out: (0, Duration::zero()),
            last: Vec::new(),
        };
    }
    let mut middle = first.split_off(max / 2);
    let last = middle.split_off(middle.len().saturating_sub(max / 2));
    let counted = middle.iter().filter(|stretch| stretch.counted);
    let time = counted.fold(Duration::zero(), |sum, part| sum + (part.to - part.from));
    Shown {
        first,
        left_out: (middle.len(), time),
        last,
    }
}

/// The dates that the time between two instants touches and that have no open time.
fn closed_days(calendar: &Calendar, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<ClosedDay> {
    let last = calendar.local(to).date_naive();
    dates_from(calendar.local(from).date_naive())
        .take(WALK_MAX_DAYS)
        .take_while(|date| *date <= last)
        .filter_map(|date| {
            let why = calendar.closed_because(date)?;
            Some(ClosedDay { date, why })
        })
        .take(CLOSED_DAYS_MAX)
        .collect()
}

fn dates_from(first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    std::iter::successors(Some(first), |date| date.checked_add_days(Days::new(1)))
}

/// How a date comes about that is so many business days after another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaysCounted {
    /// The local date that the count begins after.
    pub base: NaiveDate,
    /// The business days, in order; the last one is the result.
    pub days: Vec<NaiveDate>,
    /// The closed days among them, at most [`CLOSED_DAYS_MAX`].
    pub skipped: Vec<ClosedDay>,
}

/// Counts `n` business days after the local date of `base`.
pub fn count_days(calendar: &Calendar, base: DateTime<Utc>, n: u32) -> DaysCounted {
    let base = calendar.local(base).date_naive();
    let mut counted = DaysCounted {
        base,
        days: Vec::new(),
        skipped: Vec::new(),
    };
    let wanted = usize::try_from(n).unwrap_or(usize::MAX);
    for date in dates_from(base).skip(1).take(WALK_MAX_DAYS) {
        if counted.days.len() >= wanted {
            break;
        }
        match calendar.closed_because(date) {
            None => counted.days.push(date),
            Some(why) if counted.skipped.len() < CLOSED_DAYS_MAX => {
                counted.skipped.push(ClosedDay { date, why });
            }
            Some(_) => {}
        }
    }
    counted
}

/// The contact plan of a ticket: the one that runs, or the one that ran when it was closed.
pub fn last_plan(ticket: &Ticket, policy: &Policy) -> Option<ContactPlan> {
    if ticket.is_open() {
        return contact::plan(ticket, policy);
    }
    let closed = ticket.history.iter().rposition(
        |dated| matches!(dated.fact, Fact::StatusChanged { to, .. } if to == Status::Closed),
    )?;
    let mut before = ticket.clone();
    before.history.truncate(closed);
    // The mail by which it was closed would begin a plan anew.
    while let Some(Fact::ClientWrote { .. } | Fact::ReplyQueued { .. }) =
        before.history.last().map(|dated| &dated.fact)
    {
        before.history.pop();
    }
    contact::plan(&before, policy)
}

/// An attempt that was made, and how its date came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The attempt.
    pub attempt: Attempt,
    /// When it was due; none for the question.
    pub due_at: Option<DateTime<Utc>>,
    /// The days before it.
    pub count: DaysCounted,
}

/// What a plan has tried, each with the days since the step before it.
pub fn plan_behind(plan: &ContactPlan, calendar: &Calendar, policy: &Policy) -> Vec<Made> {
    let days = policy.contact.interval_business_days;
    let mut base = plan.asked_at;
    plan.attempts
        .iter()
        .map(|attempt| {
            let question = attempt.number == 1 && attempt.at == plan.asked_at;
            let made = Made {
                attempt: attempt.clone(),
                due_at: (!question)
                    .then(|| calendar.contact_instant_after(base, plan.asked_at, days)),
                count: count_days(calendar, base, days),
            };
            if attempt.counts {
                base = attempt.at;
            }
            made
        })
        .collect()
}

/// What a contact plan still does if nobody answers and everything leaves in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// An attempt by its number; none: the closing.
    pub attempt: Option<u32>,
    /// When.
    pub at: DateTime<Utc>,
    /// How its date comes about.
    pub count: DaysCounted,
    /// The day before which the client is not expected to answer, where that put it off.
    pub not_before: Option<NaiveDate>,
    /// Put off because a held mail may be the answer.
    pub put_off: bool,
}

/// Every step that a plan has left, in order, with the days between them; empty where a server or a
/// person must come first.
pub fn plan_ahead(ticket: &Ticket, plan: &ContactPlan, policy: &Policy) -> Vec<Ahead> {
    let calendar = ticket.calendar(policy);
    let terms = policy.contact;
    let days = terms.interval_business_days;
    let last = plan.attempts.iter().rev().find(|attempt| attempt.counts);
    let mut base = last.map_or(plan.asked_at, |attempt| attempt.at);
    let mut number = match plan.step {
        Step::Attempt { number, .. } => number,
        Step::UnderWay { number } => {
            base = plan.attempts.last().map_or(base, |attempt| attempt.at);
            number.saturating_add(1)
        }
        Step::Close { .. } => terms.attempts.saturating_add(1),
        Step::Stopped | Step::Exhausted => return Vec::new(),
    };
    let mut ahead = Vec::new();
    // Bounded by the configuration: 20 attempts at most.
    while number <= terms.attempts {
        let reckoned = calendar.contact_instant_after(base, plan.asked_at, days);
        let at = match plan.step {
            Step::Attempt { number: next, at } if next == number => at,
            _ => reckoned,
        };
        ahead.push(Ahead {
            attempt: Some(number),
            at,
            count: count_days(calendar, base, days),
            not_before: until(ticket)
                .filter(|day| at > reckoned && at == on_or_after(calendar, *day, plan.asked_at)),
            put_off: at > reckoned && put_off(ticket, at),
        });
        base = at;
        number = number.saturating_add(1);
    }
    ahead.push(Ahead {
        attempt: None,
        at: plan.closes_at,
        count: count_days(calendar, base, days),
        not_before: None,
        put_off: put_off(ticket, plan.closes_at),
    });
    ahead
}

/// Whether a step waits until `at` for somebody to look at a held mail.
fn put_off(ticket: &Ticket, at: DateTime<Utc>) -> bool {
    let mut facts = ticket.history.iter().map(|dated| &dated.fact);
    facts.any(|fact| *fact == Fact::PlanPutOff { until: at })
}

/// The day that the last wait was said to last until.
fn until(ticket: &Ticket) -> Option<NaiveDate> {
    ticket
        .history
        .iter()
        .rev()
        .find_map(|dated| match dated.fact {
            Fact::WaitingUntil { day } => Some(day),
            _ => None,
        })
}
