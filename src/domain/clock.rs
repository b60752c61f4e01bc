//! Service clocks (policy.md §3 and §4): what was promised, what has run, what is left.
//!
//! A clock is computed from the ticket's recorded history, the policy and the time, and stored
//! nowhere. So a reopening, a pause or a new rest day need no code of their own, and the parts
//! of a clock can be shown to whoever asks why it says what it says.

use chrono::{DateTime, Duration, Utc};

use super::calendar::Calendar;
use super::policy::{ClockMode, Policy, ResponseTerms};
use super::ticket::{Fact, Priority, Status, Ticket};

/// The time to a first answer (policy.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseClock {
    /// The trusted receipt time of the opening mail.
    pub start: DateTime<Utc>,
    /// When the answer is aimed at.
    pub target_at: DateTime<Utc>,
    /// The moment promised: closing time where the limit runs out at closing.
    pub limit_at: DateTime<Utc>,
    /// The first instant at or after it that counts; an answer until then still keeps the
    /// promise. The next opening, where the limit runs out at closing.
    pub limit_open_at: DateTime<Utc>,
    /// Which hours count.
    pub mode: ClockMode,
    /// The first human answer to the client that reached its server and did not bounce.
    pub met_at: Option<DateTime<Utc>>,
}

/// The time to a solution (policy.md §4), as seen at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolutionClock {
    /// The first human response; none before it.
    pub started_at: Option<DateTime<Utc>>,
    /// Support time run so far, pauses left out.
    pub elapsed: Duration,
    /// The estimate.
    pub limit: Duration,
    /// When the estimate runs out, or ran out; none where that depends on the end of a pause,
    /// and before the start.
    pub due_at: Option<DateTime<Utc>>,
    /// Somebody else owes the next step, and the clock stands still.
    pub paused: bool,
    /// More has run than was estimated.
    pub breached: bool,
    /// The parts of the clock's life, in order and without gaps; empty before the start.
    pub segments: Vec<ClockSegment>,
}

/// A part of a clock's life in one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSegment {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends; none for the present one.
    pub to: Option<DateTime<Utc>>,
    /// Why the clock runs or stands in it.
    pub status: Status,
}

/// A time in which a clock runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends; none if nothing ends it.
    pub to: Option<DateTime<Utc>>,
}

/// The response clock of a ticket (policy.md §3).
pub fn response(ticket: &Ticket, policy: &Policy) -> ResponseClock {
    let (start, priority) = opening(ticket);
    ResponseClock {
        met_at: first_response(ticket),
        ..ResponseClock::promised(start, policy.response_terms(priority), &policy.calendar)
    }
}

/// The solution clock of a ticket at `now` (policy.md §4). Facts after `now` are left out.
pub fn solution(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> SolutionClock {
    let limit = policy.solution_terms(ticket.kind).limit;
    let started_at = first_response(ticket).filter(|at| *at <= now);
    let segments = started_at.map_or_else(Vec::new, |start| segments(ticket, start, now));
    let running: Vec<Running> = segments.iter().filter_map(ClockSegment::running).collect();
    let elapsed = open_time(&policy.calendar, &running, now);
    SolutionClock {
        started_at,
        elapsed,
        limit,
        due_at: due(&policy.calendar, &running, limit),
        paused: segments.last().is_some_and(|last| pauses(last.status)),
        breached: elapsed > limit,
        segments,
    }
}

/// Support time that lies within `running` and before `until`. The parts do not overlap.
pub fn open_time(calendar: &Calendar, running: &[Running], until: DateTime<Utc>) -> Duration {
    running.iter().fold(Duration::zero(), |sum, part| {
        let to = part.to.map_or(until, |to| to.min(until));
        sum + calendar.between(part.from, to)
    })
}

/// The earliest instant with `limit` of support time within `running` behind it; none where all
/// of `running` holds less. The parts are in order and do not overlap.
pub fn due(calendar: &Calendar, running: &[Running], limit: Duration) -> Option<DateTime<Utc>> {
    let mut left = limit;
    for part in running {
        let Some(to) = part.to else {
            return Some(calendar.add(part.from, left));
        };
        let open = calendar.between(part.from, to);
        if left <= open {
            return Some(calendar.add(part.from, left));
        }
        left -= open;
    }
    None
}

/// The first human answer that stands (policy.md §3: one that bounced was none).
pub fn first_response(ticket: &Ticket) -> Option<DateTime<Utc>> {
    ticket
        .history
        .iter()
        .enumerate()
        .filter_map(|(place, dated)| match &dated.fact {
            Fact::ReplySent { outbox } if !ticket.came_back(place, *outbox) => Some(dated.at),
            _ => None,
        })
        .min()
}

impl ResponseClock {
    /// What is promised to a mail received at `start`; not met yet.
    pub fn promised(start: DateTime<Utc>, terms: ResponseTerms, calendar: &Calendar) -> Self {
        let (target_at, limit_at, limit_open_at) = match terms.clock {
            ClockMode::Business => {
                let limit_at = calendar.add(start, terms.limit);
                (
                    calendar.add(start, terms.target),
                    limit_at,
                    calendar.next_open(limit_at),
                )
            }
            ClockMode::Wall => {
                let limit_at = after(start, terms.limit);
                (after(start, terms.target), limit_at, limit_at)
            }
        };
        Self {
            start,
            target_at,
            limit_at,
            limit_open_at,
            mode: terms.clock,
            met_at: None,
        }
    }

    /// Time that counts, from the start to the answer, or to `until` before there is one.
    pub fn elapsed(&self, calendar: &Calendar, until: DateTime<Utc>) -> Duration {
        let end = self.end(until);
        match self.mode {
            ClockMode::Business => calendar.between(self.start, end),
            ClockMode::Wall => (end - self.start).max(Duration::zero()),
        }
    }

    /// Whether time that counts has passed between the limit and the answer, or `now`.
    pub fn breached(&self, now: DateTime<Utc>) -> bool {
        // Policy §3: due at closing, and still met before the next opening.
        self.end(now) > self.limit_open_at
    }

    fn end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.met_at.map_or(now, |met| met.min(now))
    }
}

impl SolutionClock {
    /// Support time left of the estimate; zero once it is used up.
    pub fn remaining(&self) -> Duration {
        (self.limit - self.elapsed).max(Duration::zero())
    }
}

impl ClockSegment {
    /// Whether the clock runs in it.
    pub fn runs(&self) -> bool {
        runs(self.status)
    }

    fn running(&self) -> Option<Running> {
        self.runs().then_some(Running {
            from: self.from,
            to: self.to,
        })
    }
}

fn opening(ticket: &Ticket) -> (DateTime<Utc>, Priority) {
    ticket
        .history
        .iter()
        .find_map(|dated| match &dated.fact {
            Fact::Opened {
                received_at,
                priority,
                ..
            } => Some((*received_at, *priority)),
            _ => None,
        })
        .unwrap_or((ticket.opened_at, ticket.priority))
}

/// What the ticket went through from `start` to `now`.
fn segments(ticket: &Ticket, start: DateTime<Utc>, now: DateTime<Utc>) -> Vec<ClockSegment> {
    let mut segments: Vec<ClockSegment> = Vec::new();
    let mut present = ClockSegment {
        from: start,
        to: None,
        status: Status::New,
    };
    for dated in &ticket.history {
        let Fact::StatusChanged { to: status, .. } = dated.fact else {
            continue;
        };
        if dated.at > now || status == present.status {
            continue;
        }
        // A mail may answer and pause: the pause is recorded before the answer is out.
        if dated.at > present.from {
            segments.push(ClockSegment {
                to: Some(dated.at),
                ..present
            });
            present.from = dated.at;
        }
        present.status = status;
    }
    segments.push(present);
    segments
}

/// Policy §4: the clock runs while the next step is the consultants'.
fn runs(status: Status) -> bool {
    match status {
        Status::Provisional | Status::New | Status::InProgress => true,
        Status::WaitingClient
        | Status::WaitingApproval
        | Status::WaitingThirdParty
        | Status::Proposed
        | Status::Closed => false,
    }
}

fn pauses(status: Status) -> bool {
    !runs(status) && status != Status::Closed
}

/// Real time later; the end of chrono's range beyond it.
fn after(start: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    start
        .checked_add_signed(time)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
