//! Which state follows, and when a ticket next needs a decision (policy.md §5).

use chrono::{DateTime, Duration, Utc};

use super::budget;
use super::calendar::Calendar;
use super::clock;
use super::contact::{self, Step};
use super::effect::Due;
use super::escalation;
use super::event::DueKind;
use super::policy::{Policy, ReplyDefault};
use super::ticket::{ClockName, ClosedAs, Priority, Status, Ticket};
use super::validation::Reading;
use super::waits;

/// Where a ticket goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The state.
    pub to: Status,
    /// How it ended, where that is `closed`.
    pub closed_as: Option<ClosedAs>,
}

impl Transition {
    /// To an open state.
    pub fn to(to: Status) -> Self {
        Self {
            to,
            closed_as: None,
        }
    }

    /// To the end.
    pub fn closed(closed_as: ClosedAs) -> Self {
        Self {
            to: Status::Closed,
            closed_as: Some(closed_as),
        }
    }
}

/// The state after a human mail from the client's side; `None`: it stays. `said` is what the mail
/// amounts to, a validation only where its sender may give one.
///
/// Policy §5, first three columns of the table. `closed` is not here: such a mail opens a new
/// ticket, or is filed where it is bare thanks.
pub fn after_client_mail(
    ticket: &Ticket,
    said: Reading,
    by_authorizer: bool,
) -> Option<Transition> {
    match (ticket.status, said) {
        (Status::Provisional, _) if by_authorizer => {
            let answered = clock::first_response(ticket).is_some();
            Some(Transition::to(if answered {
                Status::InProgress
            } else {
                Status::New
            }))
        }
        (Status::WaitingClient, _) | (Status::Proposed, Reading::Words) => {
            Some(Transition::to(Status::InProgress))
        }
        (Status::Proposed, Reading::Validation) => Some(Transition::closed(ClosedAs::Validated)),
        (
            Status::Provisional
            | Status::New
            | Status::InProgress
            | Status::WaitingApproval
            | Status::WaitingThirdParty
            | Status::Closed,
            _,
        )
        | (Status::Proposed, Reading::BareThanks) => None,
    }
}

/// The state after a consultant's reply without a command; `None`: it stays.
///
/// Policy §5, fourth column of the table.
pub fn after_plain_reply(ticket: &Ticket, policy: &Policy) -> Option<Status> {
    match (ticket.status, policy.replies.default) {
        (Status::New, ReplyDefault::InProgress) => Some(Status::InProgress),
        (Status::New | Status::InProgress, ReplyDefault::WaitingClient) => {
            Some(Status::WaitingClient)
        }
        _ => None,
    }
}

/// The due rows of a ticket as it is now. A pure function of the ticket, so that they can be
/// thrown away and computed again at every event.
///
/// Policy §5, last line: an open ticket always has one.
pub fn schedule(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> Vec<Due> {
    if !ticket.is_open() {
        return Vec::new();
    }
    let calendar = ticket.calendar(policy);
    let mut rows: Vec<Due> = ClockName::ALL
        .into_iter()
        .filter_map(|name| {
            let at = escalation::next(ticket, name, policy, now)?;
            let at = if ticket.priority == Priority::Critical {
                at
            } else {
                in_hours(at, calendar, now)
            };
            Some(Due {
                at,
                kind: DueKind::of(name),
            })
        })
        .collect();
    if let Some(plan) = contact::plan(ticket, policy)
        && let Some(at) = plan.due_at()
    {
        // Policy §6: an attempt that is late goes out in support hours; a closing has its own.
        let attempt = matches!(plan.step, Step::Attempt { .. });
        let at = if attempt {
            in_hours(at, calendar, now)
        } else {
            at
        };
        rows.push(Due {
            at,
            kind: DueKind::Contact,
        });
    }
    if let Some(at) = waits::update_at(ticket, policy) {
        rows.push(Due {
            at: in_hours(at, calendar, now),
            kind: DueKind::Update,
        });
    }
    if let Some(call) = waits::formalizing(ticket, policy)
        && let Some(at) = call.remind_at.or(call.decide_at)
    {
        rows.push(Due {
            at,
            kind: DueKind::Formalize,
        });
    }
    if budget::warning(ticket, policy).is_some() {
        let at = if ticket.priority == Priority::Critical {
            now
        } else {
            in_hours(now, calendar, now)
        };
        let kind = DueKind::Budget;
        rows.push(Due { at, kind });
    }
    if rows.is_empty() {
        rows.push(Due {
            at: next_opening(calendar, now),
            kind: DueKind::Review,
        });
    }
    rows
}

/// What was due while nobody worked is due when somebody does.
fn in_hours(at: DateTime<Utc>, calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    if at <= now && !calendar.is_open(now) {
        calendar.next_open(now)
    } else {
        at
    }
}

/// The first opening of a later local day.
pub fn next_opening(calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    let date = calendar.add_business_days(now, 1);
    calendar.opening(date).unwrap_or(now + Duration::days(1))
}
