//! Service clocks from a ticket's history.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use soported::domain::address::{Address, Person};
use soported::domain::calendar::{Calendar, CalendarSpec};
use soported::domain::clock::{ClockSegment, SolutionClock, response, solution};
use soported::domain::failure::FailureCause;
use soported::domain::ids::{ClientId, OutboxId, TicketId};
use soported::domain::policy::{
    BillingTerms, Brakes, ClockMode, ContactTerms, OutOfHoursTerms, PhoneClock, PhoneTerms,
    Phrases, Policy, Receipts, ReplyDefault, ReplyTerms, ResponseTerms, SolutionTerms,
};
use soported::domain::ticket::{ClientRef, ClosedAs, Fact, Kind, Priority, Status, Thread, Ticket};
use soported::domain::validation::ValidationWords;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// An instant in Mexico City, in the year 2026: `11-23 09:00`.
fn at(text: &str) -> DateTime<Utc> {
    format!("2026-{}:00-06:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

fn policy(clock: ClockMode) -> Policy {
    let terms = |target: i64, limit: i64| ResponseTerms {
        target: Duration::minutes(target),
        limit: Duration::minutes(limit),
        clock,
    };
    let estimate = |hours: i64| SolutionTerms {
        target: None,
        limit: Duration::hours(hours),
    };
    Policy {
        service_name: "Soporte".to_owned(),
        address: address("soporte@grupostaff.com"),
        own_addresses: vec![address("soporte@grupostaff.com")],
        ticket_prefix: "GS".to_owned(),
        operators: Vec::new(),
        calendar: Calendar::new(CalendarSpec::mexican_office(Tz::America__Mexico_City)).unwrap(),
        response: BTreeMap::from([
            (Priority::Critical, terms(0, 30)),
            (Priority::High, terms(60, 240)),
            (Priority::Medium, terms(480, 960)),
            (Priority::Low, terms(960, 1_440)),
        ]),
        acknowledgement_counts: false,
        solution: BTreeMap::from([
            (Kind::TechnicalRegular, estimate(6)),
            (Kind::TechnicalUrgent, estimate(4)),
            (Kind::MaintenanceMajor, estimate(36)),
        ]),
        priority_rules: Vec::new(),
        consultants: Vec::new(),
        contact: ContactTerms {
            attempts: 3,
            interval_business_days: 5,
            question_counts_as_attempt: false,
            close_critical: false,
            update_business_days: 2,
        },
        billing: BillingTerms {
            coalesce: Duration::minutes(15),
            daily_cap: None,
            automatic: false,
            statement_day: None,
        },
        out_of_hours: OutOfHoursTerms {
            minimum_notice: None,
            factor: None,
        },
        phone: PhoneTerms {
            clock_starts: PhoneClock::Call,
            remind_after: Duration::hours(2),
        },
        alert_percents: vec![75, 90],
        validation: ValidationWords::default_patterns(),
        replies: ReplyTerms {
            delay: Duration::seconds(60),
            default: ReplyDefault::InProgress,
            receipts: Receipts::Commands,
            reopen_business_days: 5,
        },
        held_keep_days: 30,
        daily_digest: true,
        brakes: Brakes {
            per_address_hour: 10,
            per_address_day: 20,
            tickets_per_hour: 10,
            automatic_per_hour: 100,
        },
        phrases: Phrases::default(),
    }
}

fn ticket(received: &str, priority: Priority) -> Ticket {
    let requester = Person::new(address("ana@cliente.mx"), "Ana");
    let mut ticket = Ticket {
        id: TicketId(1),
        client: ClientRef {
            id: ClientId(1),
            name: "Cliente".to_owned(),
            hours: None,
            calendar: None,
            out_of_hours: OutOfHoursTerms::default(),
        },
        requester,
        participants: vec![Person::new(address("luis@cliente.mx"), "Luis")],
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        priority,
        kind: Kind::default_for(priority),
        level: 1,
        official: true,
        opened_at: at(received),
        thread: Thread::default(),
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
    };
    let kind = Kind::default_for(priority);
    ticket.record(
        at(received) + Duration::minutes(1),
        Fact::Opened {
            received_at: at(received),
            priority,
            kind,
            by_phone: false,
        },
    );
    ticket
}

fn sent(ticket: &mut Ticket, when: &str, outbox: i64) {
    let outbox = OutboxId(outbox);
    ticket.record(
        at(when),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
}

fn bounced(ticket: &mut Ticket, when: &str, outbox: i64, to: &str) {
    let fact = Fact::DeliveryFailed {
        outbox: OutboxId(outbox),
        to: address(to),
        reason: "550 no such user".to_owned(),
        cause: FailureCause::DeadAddress,
    };
    ticket.record(at(when), fact);
}

fn became(ticket: &mut Ticket, when: &str, to: Status) {
    let closed_as = (to == Status::Closed).then_some(ClosedAs::Validated);
    ticket.record(at(when), Fact::StatusChanged { to, closed_as });
}

#[test]
fn the_limits_of_each_priority_run_in_support_hours() {
    let policy = policy(ClockMode::Business);
    let check = |priority, received: &str, target: &str, limit: &str, open: &str| {
        let clock = response(&ticket(received, priority), &policy);
        let found = (clock.target_at, clock.limit_at, clock.limit_open_at);
        assert_eq!(found, (at(target), at(limit), at(open)), "{received}");
        assert_eq!((clock.start, clock.met_at), (at(received), None));
    };
    use Priority::{Critical, High, Low, Medium};
    check(
        Critical,
        "11-20 17:45",
        "11-20 17:45",
        "11-23 08:45",
        "11-23 08:45",
    );
    check(
        High,
        "11-20 17:45",
        "11-23 09:15",
        "11-23 12:15",
        "11-23 12:15",
    );
    check(
        Medium,
        "11-20 17:45",
        "11-23 16:15",
        "11-24 14:45",
        "11-24 14:45",
    );
    check(
        Low,
        "11-20 17:45",
        "11-24 14:45",
        "11-25 13:15",
        "11-25 13:15",
    );
    // Over the rest day of Monday 16 November.
    check(
        Critical,
        "11-13 17:45",
        "11-13 17:45",
        "11-17 08:45",
        "11-17 08:45",
    );
    // Due exactly at closing.
    check(
        Critical,
        "11-23 17:30",
        "11-23 17:30",
        "11-23 18:00",
        "11-24 08:30",
    );
}

#[test]
fn an_answer_keeps_the_promise_until_open_time_has_passed_after_the_limit() {
    let policy = policy(ClockMode::Business);
    let check = |answer: Option<&str>, now: &str, breached: bool, minutes: i64| {
        let mut ticket = ticket("11-23 17:30", Priority::Critical);
        if let Some(when) = answer {
            sent(&mut ticket, when, 1);
        }
        let clock = response(&ticket, &policy);
        assert_eq!(clock.breached(at(now)), breached, "{answer:?} {now}");
        assert_eq!(
            clock.elapsed(&policy.calendar, at(now)),
            Duration::minutes(minutes),
            "{answer:?} {now}"
        );
    };
    check(None, "11-23 17:40", false, 10);
    check(None, "11-23 18:00", false, 30);
    check(None, "11-24 08:30", false, 30);
    check(None, "11-24 08:31", true, 31);
    check(Some("11-23 19:10"), "11-30 12:00", false, 30);
    check(Some("11-24 08:30"), "11-30 12:00", false, 30);
    check(Some("11-24 08:31"), "11-30 12:00", true, 31);
    // Seen from before the answer.
    check(Some("11-24 09:00"), "11-23 18:00", false, 30);
}

#[test]
fn a_wall_clock_counts_every_hour() {
    let policy = policy(ClockMode::Wall);
    let clock = response(&ticket("11-20 10:00", Priority::Low), &policy);
    assert_eq!(clock.target_at, at("11-21 02:00"));
    assert_eq!(clock.limit_at, at("11-21 10:00"));
    assert_eq!(clock.limit_open_at, at("11-21 10:00"));
    assert!(!clock.breached(at("11-21 10:00")));
    assert!(clock.breached(at("11-21 10:01")));
    assert_eq!(
        clock.elapsed(&policy.calendar, at("11-21 10:01")),
        Duration::minutes(24 * 60 + 1)
    );
    assert_eq!(
        clock.elapsed(&policy.calendar, at("11-20 09:00")),
        Duration::zero()
    );
}

#[test]
fn the_first_answer_that_reached_the_requester_meets_the_clock() {
    let policy = policy(ClockMode::Business);
    let check = |build: &dyn Fn(&mut Ticket), expected: Option<&str>| {
        let mut ticket = ticket("11-23 09:00", Priority::Medium);
        build(&mut ticket);
        assert_eq!(response(&ticket, &policy).met_at, expected.map(at));
    };
    check(&|_| (), None);
    check(&|t| sent(t, "11-23 10:00", 7), Some("11-23 10:00"));
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            sent(t, "11-23 11:00", 8);
        },
        Some("11-23 10:00"),
    );
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            bounced(t, "11-23 10:05", 7, "ana@cliente.mx");
        },
        None,
    );
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            bounced(t, "11-23 10:05", 7, "ana@cliente.mx");
            sent(t, "11-23 12:00", 9);
        },
        Some("11-23 12:00"),
    );
    // Another mail's bounce, and a copy's.
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            bounced(t, "11-23 10:05", 6, "ana@cliente.mx");
        },
        Some("11-23 10:00"),
    );
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            bounced(t, "11-23 10:05", 7, "luis@cliente.mx");
        },
        Some("11-23 10:00"),
    );
    // The requester's address as another server knows it.
    check(
        &|t| {
            sent(t, "11-23 10:00", 7);
            bounced(t, "11-23 10:05", 7, "ana@interno.cliente.mx");
        },
        None,
    );
}

/// The solution clock of a regular ticket received on Monday 23 November 2026 at 09:00.
fn solve(build: impl Fn(&mut Ticket), now: &str) -> SolutionClock {
    let mut ticket = ticket("11-23 09:00", Priority::Medium);
    build(&mut ticket);
    solution(&ticket, &policy(ClockMode::Business), at(now))
}

#[test]
fn the_solution_clock_waits_for_the_first_answer() {
    let clock = solve(|_| (), "11-24 12:00");
    assert_eq!(clock.started_at, None);
    assert_eq!(clock.elapsed, Duration::zero());
    assert_eq!(
        (clock.due_at, clock.paused, clock.breached),
        (None, false, false)
    );
    assert_eq!(clock.segments, []);
    let clock = solve(|t| sent(t, "11-23 10:20", 1), "11-23 10:00");
    assert_eq!(clock.started_at, None);
}

#[test]
fn the_solution_clock_stands_while_somebody_else_owes_the_next_step() {
    let answered_and_asked = |t: &mut Ticket| {
        became(t, "11-23 10:19", Status::InProgress);
        sent(t, "11-23 10:20", 1);
        became(t, "11-23 15:00", Status::WaitingClient);
        became(t, "11-24 11:00", Status::InProgress);
    };
    let check = |now: &str, elapsed: i64, due: Option<&str>, paused: bool, breached: bool| {
        let clock = solve(answered_and_asked, now);
        assert_eq!(clock.elapsed, Duration::minutes(elapsed), "{now}");
        assert_eq!(clock.due_at, due.map(at), "{now}");
        assert_eq!((clock.paused, clock.breached), (paused, breached), "{now}");
    };
    check("11-23 12:20", 120, Some("11-23 16:20"), false, false);
    check("11-23 17:00", 280, None, true, false);
    check("11-24 11:00", 280, Some("11-24 12:20"), false, false);
    check("11-24 12:20", 360, Some("11-24 12:20"), false, false);
    check("11-24 12:21", 361, Some("11-24 12:20"), false, true);
    let clock = solve(answered_and_asked, "11-24 12:00");
    assert_eq!(clock.remaining(), Duration::minutes(20));
    let segment = |from: &str, to: Option<&str>, status| ClockSegment {
        from: at(from),
        to: to.map(at),
        status,
    };
    assert_eq!(
        clock.segments,
        [
            segment("11-23 10:20", Some("11-23 15:00"), Status::InProgress),
            segment("11-23 15:00", Some("11-24 11:00"), Status::WaitingClient),
            segment("11-24 11:00", None, Status::InProgress),
        ]
    );
}

#[test]
fn every_wait_pauses_and_work_does_not() {
    let check = |status: Status, paused: bool, elapsed: i64| {
        let clock = solve(
            |t| {
                sent(t, "11-23 10:00", 1);
                became(t, "11-23 11:00", status);
            },
            "11-23 12:00",
        );
        assert_eq!(clock.paused, paused, "{status:?}");
        assert_eq!(clock.elapsed, Duration::minutes(elapsed), "{status:?}");
    };
    check(Status::Provisional, false, 120);
    check(Status::New, false, 120);
    check(Status::InProgress, false, 120);
    check(Status::WaitingClient, true, 60);
    check(Status::WaitingApproval, true, 60);
    check(Status::WaitingThirdParty, true, 60);
    check(Status::Proposed, true, 60);
    check(Status::Closed, false, 60);
}

#[test]
fn an_answer_that_also_asks_starts_the_clock_paused() {
    let clock = solve(
        |t| {
            became(t, "11-23 09:59", Status::WaitingClient);
            sent(t, "11-23 10:00", 1);
        },
        "11-25 10:00",
    );
    assert_eq!(clock.started_at, Some(at("11-23 10:00")));
    assert_eq!((clock.elapsed, clock.due_at), (Duration::zero(), None));
    assert!(clock.paused);
}

#[test]
fn a_reopened_ticket_goes_on_where_it_stopped() {
    let closed_and_reopened = |t: &mut Ticket| {
        sent(t, "11-23 10:00", 1);
        became(t, "11-23 10:00", Status::InProgress);
        became(t, "11-23 12:00", Status::Proposed);
        became(t, "11-23 16:00", Status::Closed);
        became(t, "11-25 09:00", Status::InProgress);
    };
    let closed = solve(closed_and_reopened, "11-24 12:00");
    assert_eq!(closed.elapsed, Duration::hours(2));
    assert_eq!((closed.due_at, closed.paused), (None, false));
    let reopened = solve(closed_and_reopened, "11-25 10:00");
    assert_eq!(reopened.elapsed, Duration::hours(3));
    assert_eq!(reopened.due_at, Some(at("11-25 13:00")));
}

#[test]
fn an_estimate_used_up_before_a_pause_stays_due_when_it_was() {
    let clock = solve(
        |t| {
            sent(t, "11-23 08:30", 1);
            became(t, "11-23 17:00", Status::WaitingThirdParty);
        },
        "11-26 12:00",
    );
    assert_eq!(clock.due_at, Some(at("11-23 14:30")));
    assert!(clock.paused && clock.breached);
    assert_eq!(clock.remaining(), Duration::zero());
}
