//! Timers: an open ticket always has a next action (policy.md §5, last line).

use chrono::Duration;
use soported::domain::case::Case;
use soported::domain::clock;
use soported::domain::desk::decide;
use soported::domain::effect::{Decision, Due, Effect};
use soported::domain::event::{DueKind, Event};
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::lifecycle::schedule;
use soported::domain::ticket::{Fact, Status, Ticket};

use super::{OURS, at, policy, ticket};

fn fire(ticket: &Ticket, kind: DueKind, now: &str) -> Decision {
    let case = Case {
        tickets: [(ticket.id, ticket.clone())].into(),
        ..Case::default()
    };
    let event = Event::Due {
        ticket: ticket.id,
        kind,
    };
    decide(&event, &case, &policy(), at(now))
}

fn saved(decision: &Decision) -> (&Ticket, &[Due]) {
    match decision.effects.as_slice() {
        [Effect::SaveTicket { ticket, due, .. }] => (ticket, due),
        other => panic!("{other:?}"),
    }
}

fn breaches(ticket: &Ticket) -> usize {
    let breached = |f: &&soported::domain::ticket::Dated| f.fact == Fact::ResponseBreached;
    ticket.history.iter().filter(breached).count()
}

#[test]
fn every_open_state_has_exactly_one_next_action_and_a_closed_ticket_none() {
    for status in Status::ALL {
        let due = schedule(&ticket(status), &policy(), at("11-24 10:00"));
        let expected = usize::from(status != Status::Closed);
        assert_eq!(due.len(), expected, "{status:?}");
    }
}

#[test]
fn the_response_limit_is_due_just_after_it_and_recorded_once() {
    // 16 hours from Monday 09:00: Tuesday 15:30.
    let new = ticket(Status::New);
    let limit = clock::response(&new, &policy()).limit_open_at;
    assert_eq!(limit, at("11-24 15:30"));
    let due = Due {
        at: limit + Duration::seconds(1),
        kind: DueKind::ResponseLimit,
    };
    assert_eq!(schedule(&new, &policy(), at("11-23 09:00")), [due]);

    // Too early, as after a clock that was set back: nothing is recorded, and it is due again.
    let early = fire(&new, DueKind::ResponseLimit, "11-24 15:30");
    assert_eq!(
        (breaches(saved(&early).0), saved(&early).1),
        (0, [due].as_slice())
    );

    let breached = fire(&new, DueKind::ResponseLimit, "11-24 15:31");
    let (after, next) = saved(&breached);
    assert_eq!(breaches(after), 1);
    let review = Due {
        at: at("11-25 08:30"),
        kind: DueKind::Review,
    };
    assert_eq!(next, [review]);

    let again = fire(after, DueKind::ResponseLimit, "11-24 15:32");
    assert_eq!(breaches(saved(&again).0), 1, "told once");
}

#[test]
fn an_answered_ticket_is_reviewed_at_each_opening_and_never_breaches() {
    let mut answered = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    answered.record(at("11-24 11:00"), Fact::ReplySent { outbox });
    let check = |now: &str, opening: &str| {
        for kind in [DueKind::Review, DueKind::ResponseLimit] {
            let decision = fire(&answered, kind, now);
            let (after, due) = saved(&decision);
            assert_eq!(breaches(after), 0);
            let review = Due {
                at: at(opening),
                kind: DueKind::Review,
            };
            assert_eq!(due, [review], "{now}");
        }
    };
    check("11-24 16:00", "11-25 08:30");
    check("11-25 08:30", "11-26 08:30");
    check("11-27 17:59", "11-30 08:30");
    check("11-28 12:00", "11-30 08:30");
    // Christmas is a rest day.
    check("12-24 10:00", "12-28 08:30");
}

#[test]
fn a_due_row_of_a_closed_or_unknown_ticket_leads_to_nothing() {
    let closed = fire(
        &ticket(Status::Closed),
        DueKind::ResponseLimit,
        "12-24 10:00",
    );
    let (after, due) = saved(&closed);
    assert_eq!((breaches(after), due.len()), (0, 0));
    let event = Event::Due {
        ticket: TicketId(OURS + 1),
        kind: DueKind::Review,
    };
    let nothing = decide(&event, &Case::default(), &policy(), at("11-24 10:00"));
    assert_eq!(nothing, Decision::default());
}
