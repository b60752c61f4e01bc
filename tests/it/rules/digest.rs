//! The digest (policy.md §10): on which day it is due, whom it goes to, and what a ticket waits for.

use chrono::NaiveDate;
use soported::domain::case::Case;
use soported::domain::desk::decide;
use soported::domain::digest::{ROWS_MAX, digest, due, next_at};
use soported::domain::effect::{Decision, Effect, HeldCause, Manner};
use soported::domain::event::Event;
use soported::domain::ids::{HeldId, OutboxId, TicketId};
use soported::domain::letter::Letter;
use soported::domain::pending::{Awaiting, NextStep, pending};
use soported::domain::policy::Policy;
use soported::domain::survey::{Digest, HeldRow, Overview};
use soported::domain::ticket::{Fact, Priority, Status, Ticket};

use super::{ANA, BETO, INBOUND, MARIA, address, at, policy, ticket};

fn day(text: &str) -> NaiveDate {
    format!("2026-{text}").parse().unwrap()
}

/// A case whose ledger is old enough.
fn case(tickets: Vec<Ticket>) -> Case {
    Case {
        overview: Overview {
            since: Some(at("11-20 10:00")),
            tickets,
            ..Overview::default()
        },
        ..Case::default()
    }
}

fn told(on: &str, now: &str, case: &Case) -> Decision {
    let event = Event::Digest {
        day: day(on),
        broken: None,
    };
    decide(&event, case, &policy(), at(now))
}

/// To whom a decision writes, and how many tickets each is told of.
fn readers(decision: &Decision) -> Vec<(&str, usize)> {
    let mails = decision.effects.iter().filter_map(|effect| match effect {
        Effect::Send(mail) => Some(mail),
        _ => None,
    });
    mails
        .map(|mail| {
            assert_eq!((mail.manner, mail.ticket), (Manner::Timer, None));
            let Letter::Digest(digest) = &mail.letter else {
                panic!("{:?}", mail.letter);
            };
            let count = digest.sections.iter().map(|section| section.count()).sum();
            (mail.to.address.as_str(), count)
        })
        .collect()
}

fn check_due(last: Option<&str>, now: &str, wanted: Option<&str>) {
    let found = due(&policy(), last.map(day), at(now));
    assert_eq!(found, wanted.map(day), "{last:?} at {now}");
}

#[test]
fn it_is_due_once_a_business_day_from_its_opening_on() {
    check_due(Some("11-23"), "11-24 08:29", None);
    check_due(Some("11-23"), "11-24 08:30", Some("11-24"));
    check_due(Some("11-24"), "11-24 08:30", None);
    check_due(Some("11-24"), "11-24 23:59", None);
    // A weekend has none; what Friday missed is still looked at.
    check_due(Some("11-27"), "11-29 12:00", None);
    check_due(Some("11-26"), "11-29 12:00", Some("11-27"));
    // Nor a rest day: 16 November 2026 is the third Monday.
    check_due(Some("11-13"), "11-16 12:00", None);
    // The clock was set back.
    check_due(Some("11-25"), "11-24 10:00", None);
    // Never before: the last opening there was.
    check_due(None, "11-24 07:00", Some("11-23"));
    let off = Policy {
        daily_digest: false,
        ..policy()
    };
    assert_eq!(due(&off, None, at("11-24 09:00")), None);
    assert_eq!(next_at(&off, at("11-24 09:00")), None);
}

#[test]
fn the_loop_wakes_at_the_next_opening() {
    let next = |now| next_at(&policy(), at(now));
    assert_eq!(next("11-24 08:29"), Some(at("11-24 08:30")));
    assert_eq!(next("11-24 08:30"), Some(at("11-25 08:30")));
    assert_eq!(next("11-27 19:00"), Some(at("11-30 08:30")));
}

#[test]
fn it_is_skipped_on_a_first_start_and_when_it_is_late_and_says_so() {
    let open = || case(vec![ticket(Status::New)]);
    let skipped = |case: &Case, now: &str, why: &str| {
        let decision = told("11-24", now, case);
        let done = Effect::DigestDone { day: day("11-24") };
        assert_eq!(decision.effects, [done]);
        assert_eq!(
            decision.why,
            [format!("digest of 2026-11-24 skipped: {why}")]
        );
    };
    assert_eq!(readers(&told("11-24", "11-24 09:30", &open())), [(ANA, 1)]);
    skipped(&open(), "11-24 09:31", "more than an hour late");
    let first = "the program starts for the first time";
    for since in [None, Some(at("11-24 08:30")), Some(at("11-24 08:31"))] {
        let mut new = open();
        new.overview.since = since;
        skipped(&new, "11-24 08:40", first);
    }
    let broken = Event::Digest {
        day: day("11-24"),
        broken: Some("no such word".to_owned()),
    };
    let decision = decide(&broken, &open(), &policy(), at("11-24 08:30"));
    assert_eq!(decision.effects.len(), 1);
    assert!(decision.why[0].contains("could not be written (no such word)"));
}

#[test]
fn each_consultant_is_told_of_his_own_and_all_of_what_is_held() {
    let mut betos = ticket(Status::InProgress);
    betos.assignee = Some(address(BETO));
    let morning = "11-24 08:30";
    let both = case(vec![ticket(Status::New), betos.clone()]);
    assert_eq!(
        readers(&told("11-24", morning, &both)),
        [(ANA, 1), (BETO, 1)]
    );
    let one = case(vec![betos]);
    assert_eq!(readers(&told("11-24", morning, &one)), [(BETO, 1)]);
    let none = case(vec![ticket(Status::Closed)]);
    assert_eq!(readers(&told("11-24", morning, &none)), []);
    let mut held = case(Vec::new());
    held.overview.held.push(HeldRow {
        id: HeldId(1),
        from: "nadie@otro.example".to_owned(),
        subject: String::new(),
        cause: HeldCause::UnknownDomain,
        received_at: at("11-23 12:00"),
        client: None,
        ticket: None,
    });
    assert_eq!(
        readers(&told("11-24", morning, &held)),
        [(ANA, 0), (BETO, 0)]
    );
}

#[test]
fn sections_stand_in_order_and_what_does_not_fit_is_counted() {
    let mut tickets = Vec::new();
    for (number, status) in [
        (1, Status::WaitingThirdParty),
        (2, Status::Proposed),
        (3, Status::WaitingClient),
        (4, Status::InProgress),
    ] {
        let mut one = answered(status);
        one.id = TicketId(number);
        tickets.push(one);
    }
    for number in 0..=(ROWS_MAX as i64) {
        let mut one = ticket(Status::New);
        one.id = TicketId(100 + number);
        tickets.push(one);
    }
    let policy = policy();
    let ana = policy.consultant(&address(ANA)).unwrap();
    let overview = case(tickets).overview;
    let told: Digest = digest(ana, &overview, false, &policy, at("11-24 08:30"));
    let names: Vec<&str> = told.sections.iter().map(|s| s.name).collect();
    // What is in progress since yesterday runs out today, like what has no answer.
    assert_eq!(names, ["breaching", "client", "proposed", "third_party"]);
    let first = &told.sections[0];
    assert_eq!((first.rows.len(), first.more), (ROWS_MAX, 2));
    assert_eq!(first.rows[0].id, TicketId(4), "the earliest deadline first");
}

/// A ticket answered at 10:00 on its first day and in this state since.
fn answered(status: Status) -> Ticket {
    let mut ticket = ticket(Status::New);
    let queued = Fact::ReplyQueued {
        by: address(ANA),
        inbound: INBOUND,
    };
    ticket.record(at("11-23 10:00"), queued);
    let entered = Fact::StatusChanged {
        to: status,
        closed_as: None,
    };
    ticket.record(at("11-23 10:00"), entered);
    let outbox = OutboxId(1);
    ticket.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    ticket
}

fn check(ticket: &Ticket, now: &str, whom: Awaiting, step: NextStep, when: Option<&str>) {
    let found = pending(ticket, &policy(), at(now)).expect("it is open");
    assert_eq!(
        (found.waits_for, found.step, found.at),
        (whom, step, when.map(at)),
        "{now}"
    );
}

#[test]
fn a_ticket_waits_for_what_its_clocks_and_plan_say() {
    use Awaiting as For;
    use NextStep as Step;
    let new = ticket(Status::New);
    let limit = Some("11-24 15:30");
    check(&new, "11-23 17:00", For::Consultant, Step::Response, limit);
    check(&new, "11-24 08:30", For::Breaching, Step::Response, limit);
    assert!(!pending(&new, &policy(), at("11-24 15:30")).unwrap().overdue);
    assert!(pending(&new, &policy(), at("11-24 15:31")).unwrap().overdue);

    let working = answered(Status::InProgress);
    let due = Some("11-23 16:00");
    check(&working, "11-23 11:00", For::Breaching, Step::Solution, due);
    let waiting = answered(Status::WaitingClient);
    let attempt = Some("11-30 10:00");
    check(&waiting, "11-24 08:30", For::Client, Step::Attempt, attempt);
    let proposed = answered(Status::Proposed);
    check(
        &proposed,
        "11-24 08:30",
        For::Proposed,
        Step::Attempt,
        attempt,
    );
    let third = answered(Status::WaitingThirdParty);
    let update = Some("11-25 10:00");
    check(&third, "11-24 08:30", For::ThirdParty, Step::Update, update);
    assert_eq!(
        pending(&ticket(Status::Closed), &policy(), at("11-24 08:30")),
        None
    );
}

#[test]
fn a_consultant_is_waited_for_where_the_client_asked_or_the_plan_stands_still() {
    let mut asked = answered(Status::WaitingThirdParty);
    let wrote = Fact::ClientWrote {
        by: address(MARIA),
        inbound: INBOUND,
        thanks: false,
    };
    asked.record(at("11-24 17:00"), wrote);
    let limit = Some("11-26 14:00");
    let mine = Awaiting::Consultant;
    check(&asked, "11-25 08:30", mine, NextStep::NextReply, limit);

    let mut bounced = answered(Status::WaitingClient);
    bounced.record(at("11-24 10:00"), Fact::AttemptQueued { number: 1 });
    let outbox = OutboxId(2);
    let under_way = pending(&bounced, &policy(), at("11-24 10:00")).unwrap();
    assert_eq!(under_way.step, NextStep::UnderWay);
    bounced.record(at("11-24 10:00"), Fact::AttemptSent { number: 1, outbox });
    bounced.record(
        at("11-24 10:05"),
        Fact::DeliveryFailed {
            outbox,
            to: address(MARIA),
            reason: String::new(),
            cause: soported::domain::failure::FailureCause::Other,
        },
    );
    check(&bounced, "11-25 08:30", mine, NextStep::Stopped, None);
    let stopped = pending(&bounced, &policy(), at("11-25 08:30")).unwrap();
    assert!(stopped.review, "nothing is due of it by itself");
}

#[test]
fn a_critical_ticket_in_its_last_wait_ends_with_a_consultants_word() {
    let mut critical = answered(Status::WaitingClient);
    critical.record(
        at("11-23 10:30"),
        Fact::PriorityChanged {
            to: Priority::Critical,
            by: address(ANA),
        },
    );
    for (number, when) in [(1, "11-30 10:00"), (2, "12-07 10:00"), (3, "12-14 10:00")] {
        critical.record(at(when), Fact::AttemptQueued { number });
        let outbox = OutboxId(10 + i64::from(number));
        critical.record(at(when), Fact::AttemptSent { number, outbox });
    }
    let closes = Some("12-21 18:00");
    let client = Awaiting::Client;
    check(
        &critical,
        "12-15 08:30",
        client,
        NextStep::Exhausted,
        closes,
    );
    critical.record(at("12-21 18:00"), Fact::PlanExhausted);
    let mine = Awaiting::Consultant;
    check(&critical, "12-22 08:30", mine, NextStep::Exhausted, None);
}
