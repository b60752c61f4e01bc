//! Which state follows, and when a ticket next needs a decision (policy.md §5).

use chrono::{DateTime, Duration, Utc};

use super::calendar::Calendar;
use super::clock;
use super::effect::Due;
use super::event::DueKind;
use super::policy::{Policy, ReplyDefault};
use super::ticket::{Fact, Status, Ticket};

/// The state after a human mail from the client's side; `None`: it stays.
///
/// Policy §5, first column of the table. `closed` is not here: such a mail opens a new ticket.
pub fn after_client_mail(ticket: &Ticket, by_authorizer: bool) -> Option<Status> {
    match ticket.status {
        Status::Provisional if by_authorizer && clock::first_response(ticket).is_some() => {
            Some(Status::InProgress)
        }
        Status::Provisional if by_authorizer => Some(Status::New),
        Status::WaitingClient | Status::Proposed => Some(Status::InProgress),
        Status::Provisional
        | Status::New
        | Status::InProgress
        | Status::WaitingApproval
        | Status::WaitingThirdParty
        | Status::Closed => None,
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
    let response = clock::response(ticket, policy);
    let told = ticket
        .history
        .iter()
        .any(|d| matches!(d.fact, Fact::ResponseBreached));
    if response.met_at.is_none() && !told {
        // Policy §3: breached means that open time has passed since the limit. The first such
        // instant lies just after the limit, or after the next opening where it fell at closing.
        return vec![Due {
            at: response.limit_open_at + Duration::seconds(1),
            kind: DueKind::ResponseLimit,
        }];
    }
    vec![Due {
        at: next_opening(&policy.calendar, now),
        kind: DueKind::Review,
    }]
}

/// The first opening of a later local day.
pub fn next_opening(calendar: &Calendar, now: DateTime<Utc>) -> DateTime<Utc> {
    let date = calendar.add_business_days(now, 1);
    calendar.opening(date).unwrap_or(now + Duration::days(1))
}
