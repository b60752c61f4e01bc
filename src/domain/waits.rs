//! Waits that are not the client's own: a third party (policy.md §5, §8), and a call that nobody
//! has made official yet (policy.md §2).

use chrono::{DateTime, NaiveDate, Utc};

use super::contact::on_or_after;
use super::effect::Effect;
use super::ids::TicketId;
use super::letter::LetterKind;
use super::policy::Policy;
use super::ticket::{Fact, Status, Ticket};

/// When the client is next told that a third party is still waited for; none where none is.
///
/// Policy §5: so many business days after he last heard of us, at the same wall time.
pub fn update_at(ticket: &Ticket, policy: &Policy) -> Option<DateTime<Utc>> {
    if ticket.status != Status::WaitingThirdParty {
        return None;
    }
    let mut heard = ticket.opened_at;
    let mut until: Option<NaiveDate> = None;
    for dated in &ticket.history {
        match dated.fact {
            Fact::StatusChanged { .. } => {
                heard = dated.at;
                until = None;
            }
            Fact::ReplyQueued { .. } | Fact::ReplySent { .. } | Fact::UpdateQueued => {
                heard = dated.at;
            }
            Fact::WaitingUntil { day } => until = Some(day),
            _ => {}
        }
    }
    let calendar = ticket.calendar(policy);
    let at = calendar.contact_instant_after(heard, heard, policy.contact.update_business_days);
    Some(until.map_or(at, |day| at.max(on_or_after(calendar, day, heard))))
}

/// Since when the ticket waits for a third party; none where it does not.
pub fn third_party_since(ticket: &Ticket) -> Option<DateTime<Utc>> {
    ticket
        .status_since()
        .filter(|_| ticket.status == Status::WaitingThirdParty)
}

/// What happens while a call is not official (policy.md §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Formalizing {
    /// When the call came, or the consultant's mail.
    pub called_at: DateTime<Utc>,
    /// When the authorizers were asked.
    pub asked_at: DateTime<Utc>,
    /// When the authorizers are reminded; none once they were.
    pub remind_at: Option<DateTime<Utc>>,
    /// When a consultant has to decide; none once he was told.
    pub decide_at: Option<DateTime<Utc>>,
}

/// The clock of a ticket that waits for the client's own mail; none once it is official.
pub fn formalizing(ticket: &Ticket, policy: &Policy) -> Option<Formalizing> {
    if ticket.official || !ticket.is_open() {
        return None;
    }
    let had = |fact: &Fact| ticket.history.iter().any(|dated| dated.fact == *fact);
    let calendar = ticket.calendar(policy);
    let called_at = ticket.opened_at;
    // The authorizers are asked when the ticket becomes provisional: after the call, and after a
    // time in which nobody was there to ask.
    let asked_at = ticket
        .history
        .iter()
        .find_map(|dated| match dated.fact {
            Fact::StatusChanged {
                to: Status::Provisional,
                ..
            } => Some(dated.at),
            _ => None,
        })
        .unwrap_or(called_at);
    let remind_at = calendar.add(asked_at, policy.phone.remind_after);
    let decide_at = calendar
        .closing_after(asked_at, 1)
        .unwrap_or_else(|| calendar.next_open(remind_at));
    let overdue = had(&Fact::FormalizeOverdue);
    Some(Formalizing {
        called_at,
        asked_at,
        remind_at: (!overdue && !had(&Fact::FormalizeReminded)).then_some(remind_at),
        decide_at: (!overdue).then_some(decide_at),
    })
}

/// Requests to make it official that have not left are not to leave any more.
pub fn withdraw_requests(ticket: TicketId) -> Effect {
    Effect::Withdraw {
        ticket,
        letters: vec![LetterKind::FormalizeRequest],
    }
}
