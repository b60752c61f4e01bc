//! Letters about time and money to try templates on.

use chrono::{DateTime, Duration, Utc};

use super::sample::NUMBER;
use crate::domain::billing::Bucket;
use crate::domain::charge::ChargeKind;
use crate::domain::letter::{
    BudgetFacts, BudgetRequest, BudgetResult, ChargedLine, ChargedTime, DisputedLine, Letter,
    OutOfHoursWindow, RequestReminder, SessionOverlap, SessionSummary, TicketFacts,
};
use crate::domain::letter_charge::by_bucket;

/// A budget of which something is left, or nothing.
pub(super) fn budget(left: bool) -> BudgetFacts {
    BudgetFacts {
        authorized: 360,
        used: if left { 285 } else { 400 },
        left: if left { 75 } else { 0 },
    }
}

/// A request that a contact attempt reminds of.
pub(super) fn request() -> RequestReminder {
    RequestReminder {
        minutes: 240,
        reason: "Hay que migrar el buzón.".to_owned(),
        code: "K7RM4".to_owned(),
    }
}

/// A line that the client disputes.
pub(super) fn disputed() -> DisputedLine {
    DisputedLine {
        number: "L-1042".to_owned(),
        ticket: NUMBER.to_owned(),
        kind: ChargeKind::Session.name(),
        minutes: 120,
        at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

/// What a mail put on record: every kind in every bucket, or nothing.
pub(super) fn time(full: bool) -> ChargedTime {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let kinds = ChargeKind::ALL.into_iter();
    let lines = kinds.flat_map(|kind| {
        Bucket::ALL.into_iter().map(move |bucket| ChargedLine {
            kind: kind.name(),
            minutes: 45,
            bucket: bucket.name(),
            pending: bucket == Bucket::InHours,
            excess: bucket == Bucket::OutOfHoursUnapproved,
        })
    });
    let overlap = SessionOverlap {
        people: vec!["Ana Ruiz".to_owned(), "Luis Gómez".to_owned()],
        number: NUMBER.to_owned(),
        from: at,
        to: at + Duration::hours(1),
    };
    ChargedTime {
        lines: lines.filter(|_| full).collect(),
        follow_up: full.then_some(15),
        budget: budget(full),
        overlaps: if full { vec![overlap] } else { vec![] },
    }
}

/// The letters to the client's side.
pub(super) fn letters(ticket: &TicketFacts, full: bool) -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let name = if full { "María Pérez" } else { "" }.to_owned();
    let consultant = "Ana Ruiz".to_owned();
    let mut letters = vec![
        Letter::SessionSummary(SessionSummary {
            ticket: ticket.clone(),
            name: name.clone(),
            consultant: consultant.clone(),
            from: at,
            to: at + Duration::minutes(90),
            people: vec![consultant.clone(); if full { 2 } else { 1 }],
            count: if full { 3 } else { 1 },
            minutes: 270,
            parts: by_bucket(&Bucket::ALL.map(|bucket| (bucket, 90))),
        }),
        Letter::OutOfHoursWindow(OutOfHoursWindow {
            ticket: ticket.clone(),
            name: name.clone(),
            consultant: consultant.clone(),
            from: at,
            to: at + Duration::hours(4),
            asked_by: "María Pérez".to_owned(),
            asked_at: at,
            factor: full.then_some(1.5),
        }),
    ];
    for yes in [true, false] {
        letters.push(Letter::BudgetRequest(BudgetRequest {
            ticket: ticket.clone(),
            name: name.clone(),
            consultant: consultant.clone(),
            minutes: 240,
            reason: "Hay que migrar el buzón.".to_owned(),
            code: "K7RM4".to_owned(),
            budget: budget(full),
            may_approve: yes,
        }));
        letters.push(Letter::BudgetResult(BudgetResult {
            ticket: ticket.clone(),
            name: name.clone(),
            approved: yes,
            minutes: 240,
            by: "María Pérez".to_owned(),
            at,
            budget: budget(full),
        }));
    }
    letters
}
