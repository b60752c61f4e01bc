//! Service clocks (policy.md §3 and §4): what was promised, what has run, what is left.
//!
//! A clock is computed from the ticket's recorded history, the policy and the time, and stored
//! nowhere. So a reopening, a pause or a new rest day need no code of their own, and the parts
//! of a clock can be shown to whoever asks why it says what it says.

use chrono::{DateTime, Duration, Utc};

use super::address::Address;
use super::calendar::Calendar;
use super::policy::{ClockMode, PhoneClock, Policy, ResponseTerms, SolutionTerms};
use super::ticket::{Fact, Kind, Priority, Status, Ticket};

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
    /// When the ticket closed, where it is closed: no answer is owed from then on.
    pub closed_at: Option<DateTime<Utc>>,
    /// It has not started: a call whose clock waits for the client's mail (policy.md §2).
    pub pending: bool,
}

/// The time to a solution (policy.md §4), as seen at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SolutionClock {
    /// The first human response; none before it.
    pub started_at: Option<DateTime<Utc>>,
    /// Support time run so far, pauses left out.
    pub elapsed: Duration,
    /// What is aimed at, where the policy names it for the kind.
    pub target: Option<Duration>,
    /// The estimate.
    pub limit: Duration,
    /// When the estimate runs out, or ran out; none where that depends on the end of a pause,
    /// and before the start.
    pub due_at: Option<DateTime<Utc>>,
    /// Somebody else owes the next step, and the clock stands still.
    pub paused: bool,
    /// More has run than was estimated.
    pub breached: bool,
    /// When it ran, in order.
    pub running: Vec<Running>,
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

/// The time to the answer that the oldest unanswered mail of the client's asks for. Internal: the
/// policy promises a first answer only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextReplyClock {
    /// Receipt of that mail.
    pub asked_at: DateTime<Utc>,
    /// Its place in the history.
    pub place: usize,
    /// When it ought to have an answer: the response limit of the ticket's priority later.
    pub limit_at: DateTime<Utc>,
    /// The first instant at or after it that counts.
    pub limit_open_at: DateTime<Utc>,
}

/// Another priority, and what it did to the response clock (policy.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reclassification<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Who said so.
    pub by: &'a Address,
    /// The priority before.
    pub from: Priority,
    /// The priority since.
    pub to: Priority,
    /// What was promised before.
    pub before: ResponseClock,
    /// What the new priority promises by itself: from the change where it is raised, from the
    /// start where it is lowered.
    pub alone: ResponseClock,
    /// What is promised since.
    pub after: ResponseClock,
}

impl Reclassification<'_> {
    /// Whether it is more urgent than before.
    pub fn raised(&self) -> bool {
        self.to < self.from
    }
}

/// Another kind, and what it did to the solution clock (policy.md §3, §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindChange<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Who said so.
    pub by: &'a Address,
    /// The kind before.
    pub from: Kind,
    /// The kind since.
    pub to: Kind,
    /// Support time that the clock had run by then.
    pub run: Duration,
    /// What was allowed before, in time that the clock runs.
    pub before: SolutionTerms,
    /// What the new kind allows by itself.
    pub alone: SolutionTerms,
    /// What is allowed since.
    pub after: SolutionTerms,
}

impl KindChange<'_> {
    /// Whether the new kind allows less time than the old one did.
    pub fn shorter(&self, policy: &Policy) -> bool {
        self.alone.limit < policy.solution_terms(self.from).limit
    }
}

/// The response clock of a ticket (policy.md §3): what its opening priority promised, and how
/// each reclassification before the answer moved it.
pub fn response(ticket: &Ticket, policy: &Policy) -> ResponseClock {
    response_told(ticket, policy, |_| {})
}

/// Every reclassification that moved the response clock, in order.
pub fn reclassifications<'a>(ticket: &'a Ticket, policy: &Policy) -> Vec<Reclassification<'a>> {
    let mut all = Vec::new();
    response_told(ticket, policy, |change| all.push(change));
    all
}

fn response_told<'a>(
    ticket: &'a Ticket,
    policy: &Policy,
    mut tell: impl FnMut(Reclassification<'a>),
) -> ResponseClock {
    let calendar = ticket.calendar(policy);
    let opening = Opening::of(ticket);
    let formalized = ticket.history.iter().find_map(|dated| match dated.fact {
        Fact::Formalized { .. } => Some(dated.at),
        _ => None,
    });
    // Policy §2: the clock of a call starts at the call, or at the mail that makes it official.
    let by_mail = opening.by_phone && policy.phone.clock_starts == PhoneClock::Mail;
    let start = formalized.filter(|_| by_mail).unwrap_or(opening.at);
    let met_at = first_response(ticket);
    let mut priority = opening.priority;
    let mut clock = ResponseClock::promised(start, policy.response_terms(priority), calendar);
    for dated in &ticket.history {
        let Fact::PriorityChanged { to, by } = &dated.fact else {
            continue;
        };
        // What was answered has kept its promise or not, whatever the ticket is called later.
        if met_at.is_some_and(|met| met < dated.at) {
            break;
        }
        let (raised, terms) = (*to < priority, policy.response_terms(*to));
        let after = clock.reclassified(dated.at, raised, terms, calendar);
        tell(Reclassification {
            at: dated.at,
            by,
            from: priority,
            to: *to,
            before: clock,
            alone: clock.alone(dated.at, raised, terms, calendar),
            after,
        });
        (clock, priority) = (after, *to);
    }
    ResponseClock {
        met_at,
        closed_at: ticket.status_since().filter(|_| !ticket.is_open()),
        pending: by_mail && formalized.is_none(),
        ..clock
    }
}

/// The next-reply clock of a ticket; none before the first answer (the response clock covers
/// that), and where nothing of the client's is unanswered.
pub fn next_reply(ticket: &Ticket, policy: &Policy) -> Option<NextReplyClock> {
    first_response(ticket)?;
    let answered = ticket
        .history
        .iter()
        .rposition(|dated| matches!(dated.fact, Fact::ReplyQueued { .. }));
    let (place, asked) = ticket
        .history
        .iter()
        .enumerate()
        .skip(answered.map_or(0, |place| place + 1))
        .find(|(_, dated)| {
            // What was moved to a ticket of its own is owed an answer there.
            matches!(dated.fact, Fact::ClientWrote { thanks: false, inbound, .. }
                if !ticket.has_moved(inbound))
        })?;
    let terms = policy.response_terms(ticket.priority);
    let promised = ResponseClock::promised(asked.at, terms, ticket.calendar(policy));
    Some(NextReplyClock {
        asked_at: asked.at,
        place,
        limit_at: promised.limit_at,
        limit_open_at: promised.limit_open_at,
    })
}

/// The solution clock of a ticket at `now` (policy.md §4). Facts after `now` are left out.
pub fn solution(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> SolutionClock {
    let calendar = ticket.calendar(policy);
    let started_at = first_response(ticket).filter(|at| *at <= now);
    let segments = started_at.map_or_else(Vec::new, |start| segments(ticket, start, now));
    let running: Vec<Running> = segments.iter().filter_map(ClockSegment::running).collect();
    let elapsed = open_time(calendar, &running, now);
    let terms = allowance(ticket, policy, &running, now, |_| {});
    SolutionClock {
        started_at,
        elapsed,
        target: terms.target,
        limit: terms.limit,
        due_at: started_at.and_then(|_| due(calendar, &running, terms.limit)),
        paused: segments.last().is_some_and(|last| pauses(last.status)),
        breached: elapsed > terms.limit,
        running,
        segments,
    }
}

/// What the kinds that the ticket has been through allow, in time that the clock has run.
///
/// Policy §3 and §4: to a shorter kind, due = min(old due, change + new limit); to a longer one,
/// due = start + new limit.
fn allowance<'a>(
    ticket: &'a Ticket,
    policy: &Policy,
    running: &[Running],
    now: DateTime<Utc>,
    mut tell: impl FnMut(KindChange<'a>),
) -> SolutionTerms {
    let mut name = Opening::of(ticket).kind;
    let mut kind = policy.solution_terms(name);
    let mut allowed = kind;
    for dated in ticket.history.iter().filter(|dated| dated.at <= now) {
        let Fact::KindChanged { to, by } = &dated.fact else {
            continue;
        };
        let next = policy.solution_terms(*to);
        let before = allowed;
        let run = open_time(ticket.calendar(policy), running, dated.at);
        if next.limit < kind.limit {
            let sooner = |new: Duration, old: Option<Duration>| {
                old.map_or(run + new, |old| old.min(run + new))
            };
            allowed.limit = sooner(next.limit, Some(allowed.limit));
            allowed.target = next.target.map(|target| sooner(target, allowed.target));
        } else {
            allowed = next;
        }
        tell(KindChange {
            at: dated.at,
            by,
            from: name,
            to: *to,
            run,
            before,
            alone: next,
            after: allowed,
        });
        (name, kind) = (*to, next);
    }
    allowed
}

/// Every change of kind until `now`, in order, and what it did to the solution clock.
pub fn kind_changes<'a>(
    ticket: &'a Ticket,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Vec<KindChange<'a>> {
    let running = solution(ticket, policy, now).running;
    let mut all = Vec::new();
    allowance(ticket, policy, &running, now, |change| all.push(change));
    all
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
            Fact::ReplySent { outbox, .. } if !ticket.came_back(place, *outbox) => Some(dated.at),
            Fact::RepliedDirectly { .. } => Some(dated.at),
            _ => None,
        })
        .min()
}

impl ResponseClock {
    /// When the first answer is owed, while it is: not before the clock starts.
    pub fn owed_at(&self) -> Option<DateTime<Utc>> {
        (self.met_at.is_none() && !self.pending).then_some(self.limit_at)
    }

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
            closed_at: None,
            pending: false,
        }
    }

    /// The clock after a reclassification at `at` (policy.md §3). Raised: due = min(old due, change
    /// + new limit). Lowered: due = start + new limit. A click never breaches.
    pub fn reclassified(
        self,
        at: DateTime<Utc>,
        raised: bool,
        terms: ResponseTerms,
        calendar: &Calendar,
    ) -> Self {
        let anew = self.alone(at, raised, terms, calendar);
        let (target_at, limit_at) = if raised {
            (
                self.target_at.min(anew.target_at),
                self.limit_at.min(anew.limit_at),
            )
        } else {
            let breaches = anew.limit_at < at && self.limit_at >= at;
            let limit_at = if breaches {
                self.limit_at
            } else {
                anew.limit_at
            };
            (anew.target_at, limit_at)
        };
        let limit_open_at = match terms.clock {
            ClockMode::Business => calendar.next_open(limit_at),
            ClockMode::Wall => limit_at,
        };
        Self {
            target_at,
            limit_at,
            limit_open_at,
            mode: terms.clock,
            ..self
        }
    }

    /// What a priority given at `at` promises by itself: counted from then where it is raised, from
    /// the start where it is lowered.
    fn alone(
        self,
        at: DateTime<Utc>,
        raised: bool,
        terms: ResponseTerms,
        calendar: &Calendar,
    ) -> Self {
        let start = if raised {
            at.max(self.start)
        } else {
            self.start
        };
        Self::promised(start, terms, calendar)
    }

    /// The instant at which so many hundredths of the time to the limit have passed.
    pub fn hundredths(&self, percent: u8, calendar: &Calendar) -> DateTime<Utc> {
        let part = |whole: Duration| whole * i32::from(percent) / 100;
        match self.mode {
            ClockMode::Business => calendar.add(
                self.start,
                part(calendar.between(self.start, self.limit_at)),
            ),
            ClockMode::Wall => after(self.start, part(self.limit_at - self.start)),
        }
    }

    /// Time that counts, from the start to the [end](Self::end).
    pub fn elapsed(&self, calendar: &Calendar, now: DateTime<Utc>) -> Duration {
        let end = self.end(now);
        match self.mode {
            ClockMode::Business => calendar.between(self.start, end),
            ClockMode::Wall => (end - self.start).max(Duration::zero()),
        }
    }

    /// Whether time that counts has passed between the limit and the [end](Self::end).
    pub fn breached(&self, now: DateTime<Utc>) -> bool {
        // Policy §3: due at closing, and still met before the next opening.
        !self.pending && self.end(now) > self.limit_open_at
    }

    /// Until when it has run: the answer, the closing of a ticket that got none, or `now`.
    pub fn end(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.met_at
            .or(self.closed_at)
            .map_or(now, |end| end.min(now))
    }
}

impl SolutionClock {
    /// When the clock will have run so long, or had; none where that depends on the end of a pause,
    /// and before the start.
    pub fn reaches(&self, run: Duration, calendar: &Calendar) -> Option<DateTime<Utc>> {
        self.started_at
            .and_then(|_| due(calendar, &self.running, run))
    }

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

/// How a ticket began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Receipt of the mail, or the call.
    pub at: DateTime<Utc>,
    /// The priority it was opened with.
    pub priority: Priority,
    /// The kind it was opened with.
    pub kind: Kind,
    /// Whether it was a call.
    pub by_phone: bool,
}

impl Opening {
    /// The beginning of a ticket, from its history.
    pub fn of(ticket: &Ticket) -> Self {
        let opened = ticket.history.iter().find_map(|dated| match dated.fact {
            Fact::Opened {
                received_at,
                priority,
                kind,
                by_phone,
            } => Some(Self {
                at: received_at,
                priority,
                kind,
                by_phone,
            }),
            _ => None,
        });
        opened.unwrap_or(Self {
            at: ticket.opened_at,
            priority: ticket.priority,
            kind: ticket.kind,
            by_phone: false,
        })
    }
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
