//! The contact plan and the closing (policy.md §6), on hand-made tickets.

use chrono::{DateTime, Utc};
use soported::domain::case::{Case, LastWords};
use soported::domain::contact::{Step, Via, attempts, plan};
use soported::domain::effect::{Decision, Effect};
use soported::domain::event::DueKind;
use soported::domain::failure::FailureCause;
use soported::domain::ids::{InboundId, OutboxId};
use soported::domain::letter::{AlertReason, Letter, LetterKind};
use soported::domain::lifecycle::schedule;
use soported::domain::policy::Policy;
use soported::domain::ticket::{ClosedAs, Fact, Priority, Status, Ticket};

use super::due::{alerts, fire, fire_in, saved};
use super::{ANA, MARIA, address, policy, ticket};

/// An instant in Mexico City: `2027-01-08 10:00`.
fn on(text: &str) -> DateTime<Utc> {
    format!("{}:00-06:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

/// ACME's ticket, in a state that waits for the client, asked at that time.
fn asked(status: Status, when: &str) -> Ticket {
    let mut ticket = ticket(Status::InProgress);
    queue(&mut ticket, when);
    enter(&mut ticket, when, status);
    ticket.record(
        on(when),
        Fact::ReplySent {
            outbox: OutboxId(1),
            inbound: None,
        },
    );
    ticket
}

fn enter(ticket: &mut Ticket, when: &str, to: Status) {
    ticket.record(
        on(when),
        Fact::StatusChanged {
            to,
            closed_as: None,
        },
    );
}

fn queue(ticket: &mut Ticket, when: &str) {
    ticket.record(
        on(when),
        Fact::ReplyQueued {
            by: address(ANA),
            inbound: InboundId(1),
        },
    );
}

/// An attempt queued and accepted at that time.
fn tried(ticket: &mut Ticket, number: u32, when: &str) {
    ticket.record(on(when), Fact::AttemptQueued { number });
    let outbox = OutboxId(i64::from(number) + 10);
    ticket.record(on(when), Fact::AttemptSent { number, outbox });
}

fn failed(ticket: &mut Ticket, when: &str, outbox: i64, to: &str) {
    ticket.record(
        on(when),
        Fact::DeliveryFailed {
            outbox: OutboxId(outbox),
            to: address(to),
            reason: "550 no such user".to_owned(),
            cause: FailureCause::DeadAddress,
        },
    );
}

fn next(ticket: &Ticket, policy: &Policy) -> (Step, DateTime<Utc>) {
    let plan = plan(ticket, policy).unwrap();
    (plan.step, plan.closes_at)
}

fn attempt(number: u32, when: &str) -> Step {
    Step::Attempt {
        number,
        at: on(when),
    }
}

fn close(when: &str) -> Step {
    Step::Close { at: on(when) }
}

#[test]
fn three_attempts_and_the_closing_each_five_business_days_later() {
    // The example of policy.md §6, over Christmas and New Year.
    let policy = policy();
    let mut ticket = asked(Status::WaitingClient, "2026-12-16 10:00");
    let closes = on("2027-01-15 18:00");
    let check = |ticket: &Ticket, step| assert_eq!(next(ticket, &policy), (step, closes));
    check(&ticket, attempt(1, "2026-12-23 10:00"));
    tried(&mut ticket, 1, "2026-12-23 10:00");
    check(&ticket, attempt(2, "2026-12-31 10:00"));
    tried(&mut ticket, 2, "2026-12-31 10:00");
    check(&ticket, attempt(3, "2027-01-08 10:00"));
    tried(&mut ticket, 3, "2027-01-08 10:00");
    check(&ticket, close("2027-01-15 18:00"));
    let made = attempts(&ticket, &policy);
    assert!(made.iter().all(|made| made.counts && made.via == Via::Mail));
    assert_eq!(made.len(), 3);
}

#[test]
fn the_question_may_be_the_first_attempt() {
    let mut policy = policy();
    policy.contact.question_counts_as_attempt = true;
    let mut ticket = asked(Status::WaitingClient, "2026-12-16 10:00");
    let closes = on("2027-01-08 18:00");
    assert_eq!(
        next(&ticket, &policy),
        (attempt(2, "2026-12-23 10:00"), closes)
    );
    tried(&mut ticket, 2, "2026-12-23 10:00");
    tried(&mut ticket, 3, "2026-12-31 10:00");
    assert_eq!(next(&ticket, &policy), (close("2027-01-08 18:00"), closes));
    let numbers: Vec<u32> = attempts(&ticket, &policy)
        .iter()
        .map(|a| a.number)
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn the_wall_time_is_clamped_to_support_hours() {
    let policy = policy();
    let check = |asked_at: &str, first: &str| {
        let ticket = asked(Status::WaitingClient, asked_at);
        assert_eq!(next(&ticket, &policy).0, attempt(1, first), "{asked_at}");
    };
    check("2026-11-10 19:30", "2026-11-18 17:59");
    check("2026-11-11 06:15", "2026-11-19 08:30");
    check("2026-11-14 12:00", "2026-11-23 12:00");
    check("2026-11-10 18:00", "2026-11-18 17:59");
}

#[test]
fn after_downtime_the_days_count_from_when_an_attempt_really_left() {
    let policy = policy();
    let mut ticket = asked(Status::WaitingClient, "2026-12-01 16:00");
    assert_eq!(next(&ticket, &policy).0, attempt(1, "2026-12-08 16:00"));
    // The service came back two days later, before the question's wall time.
    tried(&mut ticket, 1, "2026-12-10 09:00");
    assert_eq!(next(&ticket, &policy).0, attempt(2, "2026-12-17 16:00"));
    tried(&mut ticket, 2, "2026-12-17 16:00");
    tried(&mut ticket, 3, "2026-12-28 09:00");
    // Never less than five business days after the third, whenever that was due.
    assert_eq!(next(&ticket, &policy).0, close("2027-01-05 18:00"));
}

#[test]
fn a_late_attempt_waits_for_support_hours() {
    let ticket = asked(Status::WaitingClient, "2026-11-16 10:00");
    let due = schedule(&ticket, &policy(), on("2026-11-16 10:00"));
    let contact = |due: &[soported::domain::effect::Due]| {
        let row = due.iter().find(|row| row.kind == DueKind::Contact);
        row.unwrap().at
    };
    assert_eq!(contact(&due), on("2026-11-23 10:00"));
    let night = fire(&ticket, DueKind::Contact, "11-23 22:00");
    assert_eq!(saved(&night).0.history.len(), ticket.history.len());
    assert_eq!(contact(saved(&night).1), on("2026-11-24 08:30"));
    let morning = fire(&ticket, DueKind::Contact, "11-24 08:30");
    assert_eq!(
        saved(&morning).0.history.last().unwrap().fact,
        Fact::AttemptQueued { number: 1 }
    );
}

fn letters(decision: &Decision) -> Vec<(&Letter, &str)> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(mail) => Some((&mail.letter, mail.to.address.as_str())),
            _ => None,
        })
        .collect()
}

#[test]
fn an_attempt_names_its_number_and_the_last_one_the_closing_date() {
    let words = LastWords {
        message_id: Some("ultimo@grupostaff.com".to_owned()),
        text: "¿Qué mensaje aparece?".to_owned(),
    };
    let case = || Case {
        last_words: Some(words.clone()),
        ..Case::default()
    };
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    let first = fire_in(&ticket, DueKind::Contact, "11-09 10:00", case());
    match letters(&first).as_slice() {
        [
            (
                Letter::ContactAttempt {
                    number: 1,
                    of: 3,
                    question,
                    closes_at: None,
                    next_at: Some(next),
                    ..
                },
                MARIA,
            ),
        ] => {
            assert_eq!(question, "¿Qué mensaje aparece?");
            assert_eq!(*next, on("2026-11-17 10:00"), "over the rest day");
        }
        other => panic!("{other:?}"),
    }
    let head = first.effects.iter().find_map(|effect| match effect {
        Effect::Send(mail) => mail.thread.clone(),
        _ => None,
    });
    let head = head.unwrap();
    assert_eq!(head.in_reply_to.as_deref(), Some("ultimo@grupostaff.com"));
    assert!(head.references.contains(&"primero@acme.example".to_owned()));
    tried(&mut ticket, 1, "2026-11-09 10:00");
    tried(&mut ticket, 2, "2026-11-17 10:00");
    let last = fire_in(&ticket, DueKind::Contact, "11-24 10:00", case());
    match letters(&last).as_slice() {
        [
            (
                Letter::ContactAttempt {
                    number: 3,
                    closes_at: Some(closes),
                    next_at: None,
                    ..
                },
                MARIA,
            ),
        ] => assert_eq!(*closes, on("2026-12-01 18:00")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_decided_while_an_attempt_is_on_its_way() {
    let policy = policy();
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    tried(&mut ticket, 1, "2026-11-09 10:00");
    tried(&mut ticket, 2, "2026-11-17 10:00");
    ticket.record(on("2026-11-24 10:00"), Fact::AttemptQueued { number: 3 });
    assert_eq!(next(&ticket, &policy).0, Step::UnderWay { number: 3 });
    let due = schedule(&ticket, &policy, on("2026-12-20 10:00"));
    assert!(
        due.iter().all(|row| row.kind != DueKind::Contact),
        "{due:?}"
    );
    let fired = fire(&ticket, DueKind::Contact, "12-28 18:00");
    assert_eq!(fired.effects.len(), 1, "neither closed nor tried again");
    let number = 3;
    let outbox = OutboxId(13);
    ticket.record(on("2026-12-02 11:00"), Fact::AttemptSent { number, outbox });
    assert_eq!(next(&ticket, &policy).0, close("2026-12-09 18:00"));
}

#[test]
fn a_bounce_stops_the_plan_and_an_attempt_that_came_back_was_none() {
    let policy = policy();
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    tried(&mut ticket, 1, "2026-11-09 10:00");
    let mut copy = ticket.clone();
    let luis = soported::domain::address::Person::new(address("luis@acme.example"), "Luis");
    copy.participants.push(luis);
    failed(&mut copy, "2026-11-09 10:05", 99, "luis@acme.example");
    assert_eq!(
        next(&copy, &policy).0,
        attempt(2, "2026-11-17 10:00"),
        "a copy that did not arrive takes nothing away"
    );
    failed(&mut ticket, "2026-11-09 10:05", 11, MARIA);
    assert_eq!(next(&ticket, &policy).0, Step::Stopped);
    assert!(attempts(&ticket, &policy).iter().all(|made| !made.counts));
    let due = schedule(&ticket, &policy, on("2026-11-10 10:00"));
    assert!(due.iter().all(|row| row.kind != DueKind::Contact));
    assert!(!due.is_empty(), "somebody is reminded of it all the same");
    // A consultant's next words begin the plan anew.
    queue(&mut ticket, "2026-11-11 10:00");
    let outbox = OutboxId(20);
    ticket.record(
        on("2026-11-11 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    assert_eq!(next(&ticket, &policy).0, attempt(1, "2026-11-19 10:00"));
    // Where the attempt was refused on the way out, it never counted.
    let mut refused = asked(Status::WaitingClient, "2026-11-02 10:00");
    refused.record(on("2026-11-09 10:00"), Fact::AttemptQueued { number: 1 });
    failed(&mut refused, "2026-11-09 10:00", 11, MARIA);
    assert_eq!(next(&refused, &policy).0, Step::Stopped);
}

#[test]
fn whatever_a_person_says_begins_the_plan_anew_and_a_machine_nothing() {
    let policy = policy();
    let mut ticket = asked(Status::Proposed, "2026-11-02 10:00");
    tried(&mut ticket, 1, "2026-11-09 10:00");
    let machine = Fact::MachineWrote {
        class: soported::domain::message::MailClass::AutoReply,
        inbound: InboundId(5),
    };
    ticket.record(on("2026-11-09 10:01"), machine);
    assert_eq!(next(&ticket, &policy).0, attempt(2, "2026-11-17 10:00"));
    let thanks = Fact::ClientWrote {
        by: address(MARIA),
        inbound: InboundId(6),
        thanks: true,
    };
    ticket.record(on("2026-11-10 12:00"), thanks);
    assert_eq!(next(&ticket, &policy).0, attempt(1, "2026-11-18 12:00"));
    assert!(attempts(&ticket, &policy).is_empty());
    enter(&mut ticket, "2026-11-10 13:00", Status::InProgress);
    assert_eq!(plan(&ticket, &policy), None);
}

#[test]
fn a_call_is_an_attempt_like_the_others() {
    let policy = policy();
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    tried(&mut ticket, 1, "2026-11-09 10:00");
    let call = Fact::AttemptByPhone {
        number: 2,
        by: address(ANA),
    };
    ticket.record(on("2026-11-11 16:00"), call);
    let plan_now = plan(&ticket, &policy).unwrap();
    assert_eq!(plan_now.step, attempt(3, "2026-11-19 10:00"));
    assert_eq!(plan_now.attempts[1].via, Via::Phone);
    let calendar = &policy.calendar;
    let day = |text: &str| calendar.local(on(text)).date_naive();
    assert!(plan_now.tried_on(day("2026-11-11 08:30"), calendar));
    assert!(!plan_now.tried_on(day("2026-11-12 08:30"), calendar));
}

#[test]
fn a_wait_until_a_day_moves_the_first_attempt_and_never_brings_it_forward() {
    let policy = policy();
    let check = |day: &str, first: &str| {
        let mut ticket = asked(Status::WaitingClient, "2026-12-01 10:00");
        let day = day.parse().unwrap();
        ticket.record(on("2026-12-01 10:00"), Fact::WaitingUntil { day });
        assert_eq!(next(&ticket, &policy).0, attempt(1, first), "{day}");
    };
    check("2026-12-15", "2026-12-15 10:00");
    check("2026-12-25", "2026-12-28 10:00");
    check("2026-12-03", "2026-12-08 10:00");
}

#[test]
fn the_closing_lists_the_attempts_and_names_the_reason() {
    let check = |status: Status, how: ClosedAs, reason: AlertReason| {
        let mut ticket = asked(status, "2026-11-02 10:00");
        tried(&mut ticket, 1, "2026-11-09 10:00");
        tried(&mut ticket, 2, "2026-11-17 10:00");
        tried(&mut ticket, 3, "2026-11-24 10:00");
        let early = fire(&ticket, DueKind::Contact, "12-01 17:59");
        assert_eq!(saved(&early).0.status, status);
        let decision = fire(&ticket, DueKind::Contact, "12-01 18:00");
        let (after, due) = saved(&decision);
        assert_eq!((after.status, after.closed_as), (Status::Closed, Some(how)));
        assert_eq!(due, []);
        match letters(&decision).as_slice() {
            [
                (
                    Letter::Closed {
                        closed_as,
                        attempts,
                        asked_at,
                        ..
                    },
                    MARIA,
                ),
            ] => {
                assert_eq!(*closed_as, how);
                let dates: Vec<_> = attempts.iter().map(|a| a.at).collect();
                let expected = ["2026-11-09 10:00", "2026-11-17 10:00", "2026-11-24 10:00"];
                assert_eq!(dates, expected.map(on));
                assert_eq!(*asked_at, Some(on("2026-11-02 10:00")));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(alerts(&decision), [(ANA, reason, None)]);
        let withdrawn = decision.effects.iter().any(|effect| {
            matches!(effect, Effect::Withdraw { letters, .. } if letters.contains(&LetterKind::ContactAttempt))
        });
        assert!(withdrawn);
    };
    let unattended = AlertReason::ClosedUnattended;
    check(Status::WaitingClient, ClosedAs::Unattended, unattended);
    check(Status::Proposed, ClosedAs::Unattended, unattended);
    let refused = AlertReason::ClosedNotApproved;
    check(Status::WaitingApproval, ClosedAs::NotApproved, refused);
}

#[test]
fn a_critical_ticket_waits_for_a_consultant_s_word() {
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    ticket.priority = Priority::Critical;
    for (number, when) in [
        (1, "2026-11-09 10:00"),
        (2, "2026-11-17 10:00"),
        (3, "2026-11-24 10:00"),
    ] {
        tried(&mut ticket, number, when);
    }
    let decision = fire(&ticket, DueKind::Contact, "12-01 18:00");
    let (after, due) = saved(&decision);
    assert_eq!(after.status, Status::WaitingClient);
    assert_eq!(alerts(&decision), [(ANA, AlertReason::PlanExhausted, None)]);
    assert!(due.iter().all(|row| row.kind != DueKind::Contact));
    assert_eq!(next(after, &policy()).0, Step::Exhausted);
    let again = fire(after, DueKind::Contact, "12-08 18:00");
    assert_eq!(alerts(&again), [], "told once");
}

#[test]
fn a_held_mail_that_may_be_the_answer_stops_the_plan_until_somebody_has_looked() {
    let mut ticket = asked(Status::WaitingClient, "2026-11-02 10:00");
    for (number, when) in [
        (1, "2026-11-09 10:00"),
        (2, "2026-11-17 10:00"),
        (3, "2026-11-24 10:00"),
    ] {
        tried(&mut ticket, number, when);
    }
    let case = Case {
        held_waiting: true,
        ..Case::default()
    };
    let decision = fire_in(&ticket, DueKind::Contact, "12-01 18:00", case);
    let (after, due) = saved(&decision);
    assert_eq!(after.status, Status::WaitingClient);
    assert_eq!(alerts(&decision), [(ANA, AlertReason::HeldWaits, None)]);
    let contact = due.iter().find(|row| row.kind == DueKind::Contact).unwrap();
    assert_eq!(contact.at, on("2026-12-02 08:30"));
}
