//! What an open ticket waits for, and until when: the one line that a digest has for it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::clock;
use super::contact::{self, Step};
use super::event::DueKind;
use super::lifecycle::schedule;
use super::policy::Policy;
use super::ticket::{Status, Ticket};
use super::waits;

/// What a ticket waits for, in the order of a digest (policy.md §10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaiting {
    /// A clock of ours runs out today, or has.
    Breaching,
    /// A consultant.
    Consultant,
    /// The client's answer or approval.
    Client,
    /// The client's word on a solution.
    Proposed,
    /// Somebody else.
    ThirdParty,
}

impl Awaiting {
    /// Everything a ticket may wait for.
    pub const ALL: [Self; 5] = [
        Self::Breaching,
        Self::Consultant,
        Self::Client,
        Self::Proposed,
        Self::ThirdParty,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::Consultant => "consultant",
            Self::Client => "client",
            Self::Proposed => "proposed",
            Self::ThirdParty => "third_party",
        }
    }
}

/// The next step of a ticket, and what its date is the date of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The first answer, by the limit promised (policy.md §3).
    Response,
    /// The answer to the client's last mail.
    NextReply,
    /// The solution (policy.md §4).
    Solution,
    /// A call is made official, or a consultant decides (policy.md §2).
    Formalize,
    /// The next attempt to reach the client (policy.md §6).
    Attempt,
    /// The closing, if he does not answer.
    Closing,
    /// A server accepts the attempt that is on its way.
    UnderWay,
    /// A consultant finds another address: a mail came back.
    Stopped,
    /// A consultant closes it, or writes: every attempt was made.
    Exhausted,
    /// The client is told that a third party is still waited for (policy.md §5).
    Update,
    /// Somebody looks at it: nothing else is due (policy.md §5, last line).
    Review,
}

impl NextStep {
    /// Every step.
    pub const ALL: [Self; 11] = [
        Self::Response,
        Self::NextReply,
        Self::Solution,
        Self::Formalize,
        Self::Attempt,
        Self::Closing,
        Self::UnderWay,
        Self::Stopped,
        Self::Exhausted,
        Self::Update,
        Self::Review,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::NextReply => "next_reply",
            Self::Solution => "solution",
            Self::Formalize => "formalize",
            Self::Attempt => "attempt",
            Self::Closing => "closing",
            Self::UnderWay => "under_way",
            Self::Stopped => "stopped",
            Self::Exhausted => "exhausted",
            Self::Update => "update",
            Self::Review => "review",
        }
    }
}

/// What an open ticket waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pending {
    /// Whom.
    pub waits_for: Awaiting,
    /// What.
    pub step: NextStep,
    /// By when, or when it happens by itself; none where that depends on somebody.
    pub at: Option<DateTime<Utc>>,
    /// Time that counts has passed since.
    pub overdue: bool,
    /// Which attempt it is, where it is one.
    pub attempt: Option<u32>,
    /// Nothing is due of it by itself: somebody has to look at it.
    pub review: bool,
}

impl Pending {
    fn new(awaiting: Awaiting, step: NextStep, at: Option<DateTime<Utc>>) -> Self {
        Self {
            waits_for: awaiting,
            step,
            at,
            overdue: false,
            attempt: None,
            review: false,
        }
    }

    /// The order within a section: the earliest date first, what has none last.
    pub fn order(&self) -> (bool, Option<DateTime<Utc>>) {
        (self.at.is_none(), self.at)
    }
}

/// What a ticket waits for at `now`; none where it is closed.
pub fn pending(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> Option<Pending> {
    if !ticket.is_open() {
        return None;
    }
    let ours = ours(ticket, policy, now);
    let today = policy.calendar.local(now).date_naive();
    let is_today = |at: DateTime<Utc>| policy.calendar.local(at).date_naive() <= today;
    let mut pending = match &ours {
        Some(clock) if clock.overdue || clock.at.is_some_and(is_today) => Pending {
            waits_for: Awaiting::Breaching,
            ..*clock
        },
        _ => waiting(ticket, ours, policy),
    };
    // Policy §5, last line: the review row reminds through the digest.
    pending.review = schedule(ticket, policy, now)
        .iter()
        .all(|row| row.kind == DueKind::Review);
    Some(pending)
}

/// The clock of ours that runs out first; none where none runs.
fn ours(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> Option<Pending> {
    let response = clock::response(ticket, policy);
    let response = (response.met_at.is_none() && !response.pending).then_some((
        NextStep::Response,
        response.limit_at,
        response.breached(now),
    ));
    let reply = clock::next_reply(ticket, policy).map(|clock| {
        (
            NextStep::NextReply,
            clock.limit_at,
            now > clock.limit_open_at,
        )
    });
    let solution = clock::solution(ticket, policy, now);
    let solution = solution
        .due_at
        .filter(|_| !solution.paused)
        .map(|at| (NextStep::Solution, at, solution.breached));
    [response, reply, solution]
        .into_iter()
        .flatten()
        .min_by_key(|(_, at, _)| *at)
        .map(|(step, at, overdue)| Pending {
            overdue,
            ..Pending::new(Awaiting::Consultant, step, Some(at))
        })
}

/// Whom a ticket waits for of which nothing runs out today.
fn waiting(ticket: &Ticket, ours: Option<Pending>, policy: &Policy) -> Pending {
    let call = waits::formalizing(ticket, policy).map(|call| {
        let at = call.decide_at;
        Pending::new(Awaiting::Consultant, NextStep::Formalize, at)
    });
    let review = Pending::new(Awaiting::Consultant, NextStep::Review, None);
    let consultant = || ours.or(call).unwrap_or(review);
    // What the client asked meanwhile is ours to answer, whatever else is waited for.
    let asked = ours.filter(|clock| clock.step == NextStep::NextReply);
    match ticket.status {
        Status::Provisional | Status::New | Status::InProgress | Status::Closed => consultant(),
        Status::WaitingClient | Status::WaitingApproval => {
            asked.unwrap_or_else(|| planned(ticket, Awaiting::Client, policy))
        }
        Status::Proposed => asked.unwrap_or_else(|| planned(ticket, Awaiting::Proposed, policy)),
        Status::WaitingThirdParty => asked.unwrap_or_else(|| {
            let at = waits::update_at(ticket, policy);
            Pending::new(Awaiting::ThirdParty, NextStep::Update, at)
        }),
    }
}

/// What the contact plan does next (policy.md §6); where it stands still a consultant must act.
fn planned(ticket: &Ticket, awaiting: Awaiting, policy: &Policy) -> Pending {
    let Some(plan) = contact::plan(ticket, policy) else {
        return Pending::new(Awaiting::Consultant, NextStep::Review, None);
    };
    match plan.step {
        Step::Attempt { number, at } => Pending {
            attempt: Some(number),
            ..Pending::new(awaiting, NextStep::Attempt, Some(at))
        },
        Step::UnderWay { number } => Pending {
            attempt: Some(number),
            ..Pending::new(awaiting, NextStep::UnderWay, None)
        },
        Step::Close { at } if !plan.needs_word => {
            Pending::new(awaiting, NextStep::Closing, Some(at))
        }
        // Policy §6: a consultant's word closes it, and is asked for then.
        Step::Close { at } => Pending::new(awaiting, NextStep::Exhausted, Some(at)),
        Step::Stopped => Pending::new(Awaiting::Consultant, NextStep::Stopped, None),
        Step::Exhausted => Pending::new(Awaiting::Consultant, NextStep::Exhausted, None),
    }
}
