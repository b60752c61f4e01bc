//! What was promised and what was kept in a month (policy.md §3, §4): first answers by priority,
//! solutions by kind, each breach with its figures; and the time that others were waited for.
//!
//! A clock counts in one month: a promise that was broken in the month in which it was, one that was
//! kept in the month of the answer, or of the closing. So nothing is counted twice, and nothing that
//! is still running counts at all.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::clock::{self, ClockSegment, Running};
use super::month::Period;
use super::policy::{ClockMode, Policy};
use super::ticket::{ClosedAs, Kind, Priority, Status, Ticket};

/// The first answers of one priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseRow {
    /// Which priority.
    pub priority: Priority,
    /// What is aimed at, in minutes; none where that is at once.
    pub target_minutes: Option<i64>,
    /// What is promised, in minutes.
    pub limit_minutes: i64,
    /// Business time counts; otherwise every minute does.
    pub business: bool,
    /// Answers within the target.
    pub in_target: usize,
    /// Answers within the limit, those within the target too.
    pub kept: usize,
    /// Promises broken.
    pub missed: usize,
    /// Clocks that still run within their limit.
    pub running: usize,
    /// How long each took that counts here, in hundredths of its own limit, rounded up; in rising
    /// order.
    pub percents: Vec<i64>,
    /// How long half of them took at most, in minutes that count; none without any.
    pub median_minutes: Option<i64>,
}

/// A first answer that came late, or did not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResponseBreach {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Its priority.
    pub priority: Priority,
    /// When the clock started.
    pub started_at: DateTime<Utc>,
    /// The moment promised.
    pub limit_at: DateTime<Utc>,
    /// When it was answered; none where it was not, by the end of the month.
    pub answered_at: Option<DateTime<Utc>>,
    /// Minutes that count until the answer, or until the end of the month; a started one is one.
    pub elapsed_minutes: i64,
    /// Minutes that were allowed.
    pub limit_minutes: i64,
    /// Business time counts.
    pub business: bool,
    /// When a consultant gave it another priority last, which moved the limit.
    pub reclassified_at: Option<DateTime<Utc>>,
}

/// The solutions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SolutionRow {
    /// Which kind.
    pub kind: Kind,
    /// What is aimed at, in minutes, where the policy names it.
    pub target_minutes: Option<i64>,
    /// What is estimated, in minutes.
    pub limit_minutes: i64,
    /// Tickets closed within the target.
    pub in_target: usize,
    /// Tickets closed within the estimate, those within the target too.
    pub kept: usize,
    /// Tickets whose clock ran beyond the estimate.
    pub missed: usize,
    /// Open tickets whose clock is within the estimate, running or not.
    pub running: usize,
}

/// A solution that took longer than estimated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SolutionBreach {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Its kind.
    pub kind: Kind,
    /// The first answer, at which the clock started.
    pub started_at: DateTime<Utc>,
    /// When the estimate ran out.
    pub due_at: Option<DateTime<Utc>>,
    /// Support time run by the end of the month, pauses left out; a started minute is one.
    pub elapsed_minutes: i64,
    /// What was estimated.
    pub limit_minutes: i64,
    /// Support time in which the client owed the next step, since the clock started.
    pub waited_minutes: i64,
    /// It is not closed.
    pub open: bool,
}

/// Support time in which somebody else owed the next step, in minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Waited {
    /// The client: an answer, an approval, a validation.
    pub client_minutes: i64,
    /// A third party.
    pub third_party_minutes: i64,
}

/// What was promised and kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Service {
    /// First answers, most urgent first; every priority.
    pub response: Vec<ResponseRow>,
    /// First answers that were late.
    pub response_breaches: Vec<ResponseBreach>,
    /// Solutions by kind; only those there were.
    pub solution: Vec<SolutionRow>,
    /// Solutions that were late.
    pub solution_breaches: Vec<SolutionBreach>,
    /// Sums over all tickets.
    pub waited: Waited,
    /// Promises of a first answer kept, of all priorities.
    pub response_kept: usize,
    /// Those broken.
    pub response_missed: usize,
    /// Estimates of a solution kept, of all kinds.
    pub solution_kept: usize,
    /// Those broken.
    pub solution_missed: usize,
}

/// How a clock stands in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It ended within its limit, in the period.
    Kept {
        /// Within the target too.
        in_target: bool,
    },
    /// Its limit passed in the period.
    Missed,
    /// It runs, or stands still, within its limit.
    Running,
    /// It counts in another month, or in none.
    Elsewhere,
}

/// What was kept in a period. `tickets` are as they stood at its end.
pub fn service(tickets: &[Ticket], policy: &Policy, period: &Period) -> Service {
    let mut service = Service::default();
    let mut response: BTreeMap<Priority, ResponseRow> = Priority::ALL
        .into_iter()
        .map(|priority| (priority, ResponseRow::of(priority, policy)))
        .collect();
    let mut taken: BTreeMap<Priority, Vec<i64>> = BTreeMap::new();
    let mut solution: BTreeMap<usize, SolutionRow> = BTreeMap::new();
    for ticket in tickets {
        if let Some(row) = response.get_mut(&ticket.priority) {
            let answered = row.count(ticket, policy, period, &mut service.response_breaches);
            taken.entry(ticket.priority).or_default().extend(answered);
        }
        count_solution(ticket, policy, period, &mut solution, &mut service);
        let waited = waited(ticket, policy, period);
        service.waited.client_minutes += waited.client_minutes;
        service.waited.third_party_minutes += waited.third_party_minutes;
    }
    service.response = response.into_values().collect();
    for row in &mut service.response {
        row.percents.sort_unstable();
        let mut minutes = taken.remove(&row.priority).unwrap_or_default();
        minutes.sort_unstable();
        row.median_minutes = minutes.get(minutes.len().saturating_sub(1) / 2).copied();
        service.response_kept += row.kept;
        service.response_missed += row.missed;
    }
    service.solution = solution.into_values().collect();
    for row in &service.solution {
        service.solution_kept += row.kept;
        service.solution_missed += row.missed;
    }
    service
}

/// Support time of the period in which somebody else owed the next step of a ticket.
pub fn waited(ticket: &Ticket, policy: &Policy, period: &Period) -> Waited {
    let solution = clock::solution(ticket, policy, period.until);
    let within = |statuses: &[Status]| {
        let of = |segment: &&ClockSegment| statuses.contains(&segment.status);
        let segments = solution.segments.iter().filter(of);
        let spans: Vec<Running> = segments
            .map(|segment| Running {
                from: segment.from.max(period.from),
                to: Some(segment.to.unwrap_or(period.until).min(period.until)),
            })
            .filter(|span| span.to.is_some_and(|to| span.from < to))
            .collect();
        clock::open_time(ticket.calendar(policy), &spans, period.until).num_minutes()
    };
    Waited {
        client_minutes: within(&[
            Status::WaitingClient,
            Status::WaitingApproval,
            Status::Proposed,
        ]),
        third_party_minutes: within(&[Status::WaitingThirdParty]),
    }
}

/// Minutes of a time, a started one counted.
fn started_minutes(time: Duration) -> i64 {
    let whole = time.num_minutes();
    whole + i64::from(time > Duration::minutes(whole))
}

impl ResponseRow {
    fn of(priority: Priority, policy: &Policy) -> Self {
        let terms = policy.response_terms(priority);
        Self {
            priority,
            target_minutes: Some(terms.target.num_minutes()).filter(|minutes| *minutes > 0),
            limit_minutes: terms.limit.num_minutes(),
            business: terms.clock == ClockMode::Business,
            in_target: 0,
            kept: 0,
            missed: 0,
            running: 0,
            percents: Vec::new(),
            median_minutes: None,
        }
    }

    /// Counts a ticket; answers the minutes that its answer took, where it counts here.
    fn count(
        &mut self,
        ticket: &Ticket,
        policy: &Policy,
        period: &Period,
        breaches: &mut Vec<ResponseBreach>,
    ) -> Option<i64> {
        let calendar = ticket.calendar(policy);
        let clock = clock::response(ticket, policy);
        let until = period.until;
        let standing = if clock.pending {
            Standing::Elsewhere
        } else if clock.breached(until) {
            if period.holds(clock.limit_open_at) {
                Standing::Missed
            } else {
                Standing::Elsewhere
            }
        } else if let Some(met_at) = clock.met_at {
            let target = match clock.mode {
                ClockMode::Business => calendar.next_open(clock.target_at),
                ClockMode::Wall => clock.target_at,
            };
            if period.holds(met_at) {
                Standing::Kept {
                    in_target: met_at <= target,
                }
            } else {
                Standing::Elsewhere
            }
        } else if ticket.is_open() {
            Standing::Running
        } else {
            // Closed before an answer was owed: nothing was kept and nothing broken.
            Standing::Elsewhere
        };
        let elapsed = clock.elapsed(calendar, until);
        let limit = match clock.mode {
            ClockMode::Business => calendar.between(clock.start, clock.limit_at),
            ClockMode::Wall => clock.limit_at - clock.start,
        };
        match standing {
            Standing::Kept { in_target } => {
                self.kept += 1;
                self.in_target += usize::from(in_target);
            }
            Standing::Missed => {
                self.missed += 1;
                let changes = clock::reclassifications(ticket, policy);
                breaches.push(ResponseBreach {
                    number: policy.tag(ticket.id),
                    subject: ticket.thread.subject.clone(),
                    priority: ticket.priority,
                    started_at: clock.start,
                    limit_at: clock.limit_at,
                    answered_at: clock.met_at,
                    elapsed_minutes: started_minutes(elapsed),
                    limit_minutes: limit.num_minutes(),
                    business: clock.mode == ClockMode::Business,
                    reclassified_at: changes.last().map(|change| change.at),
                });
            }
            Standing::Running => {
                self.running += 1;
                return None;
            }
            Standing::Elsewhere => return None,
        }
        self.percents.push(hundredths(elapsed, limit));
        Some(started_minutes(elapsed))
    }
}

/// A time in hundredths of another one, rounded up.
fn hundredths(time: Duration, of: Duration) -> i64 {
    let of = of.num_seconds().max(1);
    let scaled = time.num_seconds().saturating_mul(100);
    scaled.saturating_add(of - 1) / of
}

fn count_solution(
    ticket: &Ticket,
    policy: &Policy,
    period: &Period,
    rows: &mut BTreeMap<usize, SolutionRow>,
    service: &mut Service,
) {
    let calendar = ticket.calendar(policy);
    let clock = clock::solution(ticket, policy, period.until);
    let Some(started_at) = clock.started_at else {
        return;
    };
    // The first second beyond the estimate: where that runs out at closing, after the next opening.
    let broken_at = clock
        .reaches(clock.limit + Duration::seconds(1), calendar)
        .map_or(period.until - Duration::seconds(1), |at| {
            at.min(period.until - Duration::seconds(1))
        });
    let closed_at = ticket.status_since().filter(|_| !ticket.is_open());
    // What was withdrawn, or goes on elsewhere, was not solved here.
    let has_solution = !matches!(
        ticket.closed_as,
        Some(ClosedAs::Cancelled | ClosedAs::Duplicate)
    );
    let standing = if clock.breached {
        if period.holds(broken_at) {
            Standing::Missed
        } else {
            Standing::Elsewhere
        }
    } else {
        match closed_at {
            None => Standing::Running,
            Some(at) if period.holds(at) && has_solution => Standing::Kept {
                in_target: clock.target.is_some_and(|target| clock.elapsed <= target),
            },
            Some(_) => Standing::Elsewhere,
        }
    };
    if standing == Standing::Elsewhere {
        return;
    }
    let place = Kind::ALL.iter().position(|kind| *kind == ticket.kind);
    let row = rows
        .entry(place.unwrap_or_default())
        .or_insert_with(|| SolutionRow::of(ticket.kind, policy));
    match standing {
        Standing::Kept { in_target } => {
            row.kept += 1;
            row.in_target += usize::from(in_target);
        }
        Standing::Missed => {
            row.missed += 1;
            let life = Period {
                from: started_at.min(period.from),
                ..*period
            };
            service.solution_breaches.push(SolutionBreach {
                number: policy.tag(ticket.id),
                subject: ticket.thread.subject.clone(),
                kind: ticket.kind,
                started_at,
                due_at: clock.due_at,
                elapsed_minutes: started_minutes(clock.elapsed),
                limit_minutes: clock.limit.num_minutes(),
                waited_minutes: waited(ticket, policy, &life).client_minutes,
                open: ticket.is_open(),
            });
        }
        Standing::Running => row.running += 1,
        Standing::Elsewhere => {}
    }
}

impl SolutionRow {
    fn of(kind: Kind, policy: &Policy) -> Self {
        let terms = policy.solution_terms(kind);
        Self {
            kind,
            target_minutes: terms.target.map(|target| target.num_minutes()),
            limit_minutes: terms.limit.num_minutes(),
            in_target: 0,
            kept: 0,
            missed: 0,
            running: 0,
        }
    }
}
