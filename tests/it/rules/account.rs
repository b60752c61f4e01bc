//! The account of deadlines: what was counted and why, on hand-made tickets and calendars.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use soported::domain::account::{
    ClosedDay, count_days, last_plan, plan_ahead, plan_behind, stretches,
};
use soported::domain::calendar::{Calendar, CalendarSpec, Closed};
use soported::domain::clock::{kind_changes, reclassifications, response, solution};
use soported::domain::contact::plan;
use soported::domain::ids::{InboundId, OutboxId};
use soported::domain::policy::{ClockMode, SolutionTerms};
use soported::domain::ticket::{ClosedAs, Fact, Kind, Priority, Status, Ticket};

use super::{ANA, address, at, policy, ticket};

/// An instant in Mexico City: `2027-01-08 10:00`.
fn on(text: &str) -> DateTime<Utc> {
    format!("{}:00-06:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn office() -> Calendar {
    Calendar::new(CalendarSpec::mexican_office(Tz::America__Mexico_City)).unwrap()
}

#[test]
fn a_closed_date_says_why() {
    let mut spec = CalendarSpec::mexican_office(Tz::America__Mexico_City);
    spec.extra_closed.insert(date("2026-12-24"));
    spec.overrides.insert(date("2026-12-31"), Vec::new());
    spec.breaks
        .insert(date("2026-12-30"), spec.weekly[0].clone());
    spec.overrides
        .insert(date("2027-02-01"), spec.weekly[0].clone());
    let calendar = Calendar::new(spec).unwrap();
    let check = |day: &str, why| assert_eq!(calendar.closed_because(date(day)), why, "{day}");
    check("2026-12-23", None);
    check("2026-12-24", Some(Closed::Named));
    check("2026-12-25", Some(Closed::RestDay));
    check("2026-12-26", Some(Closed::Weekday));
    check("2026-12-30", Some(Closed::Named));
    check("2026-12-31", Some(Closed::Named));
    // A rest day on a Saturday is a Saturday; one with hours of its own is open.
    check("2027-05-01", Some(Closed::Weekday));
    check("2027-02-01", None);
}

#[test]
fn the_stretches_of_a_span_cover_it_and_add_up_to_what_was_counted() {
    let calendar = office();
    let check = |from: &str, to: &str, parts: &[(&str, bool, &[&str])]| {
        let (from, to) = (on(from), on(to));
        let found = stretches(&calendar, ClockMode::Business, from, to);
        let ends: Vec<_> = found.iter().map(|part| (part.to, part.counted)).collect();
        let wanted: Vec<_> = parts.iter().map(|(end, c, _)| (on(end), *c)).collect();
        assert_eq!(ends, wanted, "{from}");
        for (part, (_, _, days)) in found.iter().zip(parts) {
            let closed: Vec<_> = part.closed.iter().map(|day| day.date).collect();
            let days: Vec<_> = days.iter().map(|day| date(day)).collect();
            assert_eq!(closed, days, "{from}");
        }
        let begins: Vec<_> = found.iter().map(|part| part.from).collect();
        let follow: Vec<_> = [from]
            .into_iter()
            .chain(found.iter().map(|p| p.to))
            .collect();
        assert_eq!(begins, follow[..found.len()], "without gaps");
        let counted: Duration = found
            .iter()
            .filter(|part| part.counted)
            .map(|part| part.to - part.from)
            .sum();
        assert_eq!(counted, calendar.between(from, to), "{from}");
    };
    check(
        "2026-11-24 10:00",
        "2026-11-25 09:00",
        &[
            ("2026-11-24 18:00", true, &[]),
            ("2026-11-25 08:30", false, &[]),
            ("2026-11-25 09:00", true, &[]),
        ],
    );
    // A weekend and the third Monday of November are one closed stretch.
    check(
        "2026-11-13 17:00",
        "2026-11-17 09:00",
        &[
            ("2026-11-13 18:00", true, &[]),
            (
                "2026-11-17 08:30",
                false,
                &["2026-11-14", "2026-11-15", "2026-11-16"],
            ),
            ("2026-11-17 09:00", true, &[]),
        ],
    );
    check(
        "2026-11-24 19:00",
        "2026-11-24 20:00",
        &[("2026-11-24 20:00", false, &[])],
    );
    check("2026-11-24 10:00", "2026-11-24 10:00", &[]);
    let all = stretches(
        &calendar,
        ClockMode::Wall,
        on("2026-11-13 17:00"),
        on("2026-11-17 09:00"),
    );
    assert_eq!(all.len(), 1);
    assert!(all[0].counted);
}

#[test]
fn business_days_are_counted_with_the_days_between_them_and_why_they_do_not_count() {
    let found = count_days(&office(), on("2026-12-23 10:00"), 5);
    assert_eq!(found.base, date("2026-12-23"));
    let days: Vec<String> = found.days.iter().map(ToString::to_string).collect();
    assert_eq!(
        days,
        [
            "2026-12-24",
            "2026-12-28",
            "2026-12-29",
            "2026-12-30",
            "2026-12-31"
        ]
    );
    let closed = |day: &str, why| ClosedDay {
        date: date(day),
        why,
    };
    assert_eq!(
        found.skipped,
        [
            closed("2026-12-25", Closed::RestDay),
            closed("2026-12-26", Closed::Weekday),
            closed("2026-12-27", Closed::Weekday),
        ]
    );
    assert_eq!(count_days(&office(), on("2026-12-23 10:00"), 0).days, []);
}

fn reclassified(ticket: &mut Ticket, when: &str, to: Priority) {
    let by = address(ANA);
    ticket.record(at(when), Fact::PriorityChanged { to, by });
}

#[test]
fn each_reclassification_tells_the_old_promise_the_new_one_alone_and_what_holds() {
    let policy = policy();
    let mut ticket = ticket(Status::New);
    reclassified(&mut ticket, "11-23 10:20", Priority::High);
    reclassified(&mut ticket, "11-23 11:00", Priority::Low);
    let changes = reclassifications(&ticket, &policy);
    let limits: Vec<_> = changes
        .iter()
        .map(|c| {
            (
                c.raised(),
                c.before.limit_at,
                c.alone.limit_at,
                c.after.limit_at,
            )
        })
        .collect();
    let (medium, high) = (at("11-24 15:30"), at("11-23 14:20"));
    let low = at("11-25 14:00");
    assert_eq!(
        limits,
        [(true, medium, high, high), (false, high, low, low)]
    );
    assert_eq!(changes[0].by, &address(ANA));
    assert_eq!(
        (changes[1].from, changes[1].to),
        (Priority::High, Priority::Low)
    );
    assert_eq!(response(&ticket, &policy).limit_at, low);
}

#[test]
fn what_comes_after_the_answer_is_no_reclassification_of_it() {
    let policy = policy();
    let mut ticket = ticket(Status::New);
    let outbox = OutboxId(1);
    ticket.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    reclassified(&mut ticket, "11-23 10:20", Priority::Critical);
    assert_eq!(reclassifications(&ticket, &policy), []);
}

#[test]
fn a_lowering_that_would_breach_leaves_the_old_limit_and_tells_both() {
    let policy = policy();
    let mut ticket = ticket(Status::New);
    reclassified(&mut ticket, "11-24 10:00", Priority::Critical);
    reclassified(&mut ticket, "11-24 10:10", Priority::High);
    let changes = reclassifications(&ticket, &policy);
    let last = &changes[1];
    assert_eq!(last.before.limit_at, at("11-24 10:30"));
    assert_eq!(last.alone.limit_at, at("11-23 13:00"), "it is over");
    assert_eq!(last.after.limit_at, at("11-24 10:30"));
}

#[test]
fn each_change_of_kind_tells_what_had_run_and_what_is_allowed_since() {
    let mut policy = policy();
    policy.solution.insert(
        Kind::Investigation,
        SolutionTerms {
            target: Some(Duration::hours(8)),
            limit: Duration::hours(16),
        },
    );
    let mut ticket = ticket(Status::InProgress);
    let outbox = OutboxId(1);
    ticket.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    let kind = |to| Fact::KindChanged {
        to,
        by: address(ANA),
    };
    ticket.record(at("11-23 11:00"), kind(Kind::Investigation));
    ticket.record(at("11-23 14:00"), kind(Kind::TechnicalRegular));
    let now = at("11-23 15:00");
    let found: Vec<_> = kind_changes(&ticket, &policy, now)
        .iter()
        .map(|change| {
            (
                change.shorter(&policy),
                change.run.num_hours(),
                change.before.limit.num_hours(),
                change.after.limit.num_hours(),
            )
        })
        .collect();
    assert_eq!(found, [(false, 1, 6, 16), (true, 4, 16, 10)]);
    assert_eq!(solution(&ticket, &policy, now).limit, Duration::hours(10));
    assert_eq!(kind_changes(&ticket, &policy, at("11-23 12:00")).len(), 1);
}

/// ACME's ticket, asked on Wednesday 16 December 2026 at 10:00.
fn asked(priority: Priority) -> Ticket {
    let mut ticket = ticket(Status::InProgress);
    ticket.priority = priority;
    let asked = on("2026-12-16 10:00");
    let (by, inbound) = (address(ANA), InboundId(1));
    ticket.record(asked, Fact::ReplyQueued { by, inbound });
    ticket.record(asked, enters(Status::WaitingClient, None));
    let outbox = OutboxId(1);
    ticket.record(
        asked,
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    ticket
}

fn enters(to: Status, closed_as: Option<ClosedAs>) -> Fact {
    Fact::StatusChanged { to, closed_as }
}

fn tried(ticket: &mut Ticket, number: u32, when: &str) {
    ticket.record(on(when), Fact::AttemptQueued { number });
    let outbox = OutboxId(i64::from(number) + 10);
    ticket.record(on(when), Fact::AttemptSent { number, outbox });
}

#[test]
fn the_steps_ahead_are_the_example_of_the_policy_and_end_where_the_plan_says() {
    let policy = policy();
    let ticket = asked(Priority::Medium);
    let running = plan(&ticket, &policy).unwrap();
    let ahead = plan_ahead(&ticket, &running, &policy);
    let found: Vec<_> = ahead.iter().map(|step| (step.attempt, step.at)).collect();
    assert_eq!(
        found,
        [
            (Some(1), on("2026-12-23 10:00")),
            (Some(2), on("2026-12-31 10:00")),
            (Some(3), on("2027-01-08 10:00")),
            (None, on("2027-01-15 18:00")),
        ]
    );
    for step in &ahead {
        let last = step.count.days.last().copied();
        let day = policy.calendar.local(step.at).date_naive();
        assert_eq!(last, Some(day), "the count ends at the date");
    }
    assert_eq!(running.closes_at, on("2027-01-15 18:00"));
}

#[test]
fn a_wait_that_is_said_to_last_puts_the_first_attempt_off_and_is_named() {
    let policy = policy();
    let mut ticket = asked(Priority::Medium);
    let day = date("2026-12-29");
    ticket.record(on("2026-12-16 10:00"), Fact::WaitingUntil { day });
    let running = plan(&ticket, &policy).unwrap();
    let ahead = plan_ahead(&ticket, &running, &policy);
    assert_eq!(ahead[0].at, on("2026-12-29 10:00"));
    assert_eq!(ahead[0].not_before, Some(day));
    assert_eq!(ahead[1].not_before, None);
    assert_eq!(ahead.last().map(|step| step.at), Some(running.closes_at));
}

#[test]
fn a_plan_that_a_held_mail_puts_off_says_so() {
    let policy = policy();
    let mut ticket = asked(Priority::Medium);
    let until = on("2026-12-24 08:30");
    ticket.record(on("2026-12-23 10:00"), Fact::PlanPutOff { until });
    let running = plan(&ticket, &policy).unwrap();
    let ahead = plan_ahead(&ticket, &running, &policy);
    assert_eq!((ahead[0].at, ahead[0].put_off), (until, true));
    assert!(!ahead[1].put_off);
}

#[test]
fn what_was_tried_tells_when_it_was_due_also_after_the_end() {
    let policy = policy();
    let mut ticket = asked(Priority::Medium);
    tried(&mut ticket, 1, "2026-12-23 10:00");
    // Two business days late: the dates after it count from the day it really left.
    tried(&mut ticket, 2, "2027-01-05 10:00");
    tried(&mut ticket, 3, "2027-01-12 10:00");
    let check = |ticket: &Ticket| {
        let plan = last_plan(ticket, &policy).unwrap();
        assert_eq!(plan.closes_at, on("2027-01-19 18:00"));
        let behind = plan_behind(&plan, &policy.calendar, &policy);
        let due: Vec<_> = behind.iter().map(|made| made.due_at).collect();
        assert_eq!(
            due,
            ["2026-12-23 10:00", "2026-12-31 10:00", "2027-01-12 10:00"].map(|t| Some(on(t)))
        );
        assert_eq!(plan_ahead(ticket, &plan, &policy).len(), 1);
    };
    check(&ticket);
    let end = enters(Status::Closed, Some(ClosedAs::Unattended));
    ticket.record(on("2027-01-19 18:00"), end);
    assert_eq!(plan(&ticket, &policy), None);
    check(&ticket);
}

#[test]
fn the_question_is_due_at_no_time_where_it_is_the_first_attempt() {
    let mut policy = policy();
    policy.contact.question_counts_as_attempt = true;
    let mut ticket = asked(Priority::Medium);
    tried(&mut ticket, 2, "2026-12-23 10:00");
    let running = plan(&ticket, &policy).unwrap();
    let due: Vec<_> = plan_behind(&running, &policy.calendar, &policy)
        .iter()
        .map(|made| made.due_at)
        .collect();
    assert_eq!(due, [None, Some(on("2026-12-23 10:00"))]);
}

#[test]
fn nothing_is_ahead_of_a_plan_that_waits_for_a_person() {
    let policy = policy();
    let mut ticket = asked(Priority::Critical);
    tried(&mut ticket, 1, "2026-12-23 10:00");
    tried(&mut ticket, 2, "2026-12-31 10:00");
    tried(&mut ticket, 3, "2027-01-08 10:00");
    ticket.record(on("2027-01-15 18:00"), Fact::PlanExhausted);
    let running = plan(&ticket, &policy).unwrap();
    assert_eq!(plan_ahead(&ticket, &running, &policy), []);
}
