//! What belongs to a month, and that nothing later changes it.

use chrono::{DateTime, Utc};
use chrono_tz::America::Mexico_City;
use proptest::prelude::*;
use soported::domain::charge::{ChargeKind, NewCharge, WaitsFor};
use soported::domain::ids::OutboxId;
use soported::domain::month::{Month, Period};
use soported::domain::statement::{Statement, statement};
use soported::domain::statement_books::{Books, Entry};
use soported::domain::statement_lines::LineState;
use soported::domain::ticket::{ClosedAs, Fact, Priority, Status};

use super::formats::{of, write};
use super::story::{ANA, RAUL, Story, address, at, busy, november};
use crate::rules::policy;

/// The statement of a month of 2026, written at `now`.
fn of_month(books: &Books, month: &str, now: DateTime<Utc>) -> Statement {
    let month = Month::parse(&format!("2026-{month}")).unwrap();
    let period = Period::of(month, Mexico_City, now).unwrap();
    statement(books, &policy(), &period)
}

/// Long after everything.
fn later() -> DateTime<Utc> {
    "2027-06-01T12:00:00Z".parse().unwrap()
}

#[test]
fn months_are_read_as_they_are_written() {
    for text in ["2026-11", "1999-01", "9998-12"] {
        assert_eq!(Month::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "2026-11-01",
        "2026/11",
        "",
        "+026-11",
    ] {
        assert_eq!(Month::parse(text), None, "{text}");
    }
    let november = Month::parse("2026-11").unwrap();
    assert_eq!(november.begins(Mexico_City), at("11-01 00:00"));
    assert_eq!(november.next().begins(Mexico_City), at("12-01 00:00"));
    assert_eq!(november.back(11).to_string(), "2025-12");
    assert_eq!(november.last_day().to_string(), "2026-11-30");
    // It has not begun.
    assert_eq!(Period::of(november, Mexico_City, at("10-31 23:59")), None);
}

#[test]
fn a_month_begins_with_its_first_instant_where_midnight_is_skipped() {
    // Cuba began summer time on 1 April 2012 at midnight.
    let april = Month::parse("2012-04").unwrap();
    let begins: DateTime<Utc> = "2012-04-01T05:00:00Z".parse().unwrap();
    assert_eq!(april.begins(chrono_tz::America::Havana), begins);
}

#[test]
fn nothing_that_happens_after_the_month_changes_it() {
    let before = write(&of(&november()));
    let mut books = november();
    let later = at("12-01 00:00");
    let mut story = Story::with(books);
    for number in 1..=8 {
        let id = soported::domain::ids::TicketId(number);
        story.answer(id, ANA, later);
        let from = story.ticket(id).requester.address.clone();
        story.record(
            id,
            later,
            Fact::RequesterChanged {
                from,
                to: address(RAUL),
                name: "Raúl Soto".to_owned(),
            },
        );
        let by = address(ANA);
        story.record(
            id,
            later,
            Fact::PriorityChanged {
                to: Priority::Low,
                by: by.clone(),
            },
        );
        story.record(
            id,
            later,
            Fact::Assigned {
                to: Some(by.clone()),
                by,
            },
        );
        story.close(id, ClosedAs::Cancelled, later);
    }
    // The lines that waited are released, and what was charged is taken back.
    for (line, waits_for) in [
        (1_013, WaitsFor::Approval),
        (1_017, WaitsFor::Formalization),
    ] {
        story.release(soported::domain::ids::ChargeId(line), waits_for, later);
    }
    story.take_back(
        soported::domain::ids::ChargeId(1_002),
        later,
        "En diciembre",
    );
    let inbound = story.mail("Lo hago oficial", later);
    let call = story.ticket(soported::domain::ids::TicketId(6));
    call.record(later, Fact::Formalized { inbound });
    story.open("De diciembre", Priority::High, later);
    // María leaves the list, and somebody else is put on it.
    story.books.authorizers[0].revoked_at = Some(later);
    let new = Entry {
        since: Some(later),
        revoked_at: None,
        ..story.books.authorizers[0].clone()
    };
    story.books.authorizers.push(new);
    books = story.books;
    assert_eq!(write(&of(&books)), before);
    // A bounce of a November answer comes in December, and is December's business.
    let outbox = books.tickets[1]
        .history
        .iter()
        .find_map(|dated| match dated.fact {
            Fact::ReplySent { outbox, .. } => Some(outbox),
            _ => None,
        });
    let failed = Fact::DeliveryFailed {
        outbox: outbox.unwrap_or(OutboxId(0)),
        to: address("maria@acme.example"),
        reason: "550".to_owned(),
        cause: Default::default(),
    };
    books.tickets[1].record(later, failed);
    assert_eq!(write(&of(&books)), before);
}

#[test]
fn a_line_that_waited_belongs_to_the_month_in_which_the_word_came() {
    let mut story = Story::new();
    let id = story.open("Precios", Priority::Medium, at("11-10 09:00"));
    let line = NewCharge {
        excess: true,
        ..story.line(ChargeKind::Work, 50, ANA, at("11-12 13:00"))
    };
    let line = story.charge(id, line);
    let november = of_month(&story.books, "11", later());
    assert_eq!(
        (november.lines.minutes, november.lines.waiting_minutes),
        (0, 50)
    );
    assert_eq!(november.lines.waiting[0].state, LineState::WaitsForApproval);
    story.release(line, WaitsFor::Approval, at("12-02 10:00"));
    assert_eq!(of_month(&story.books, "11", later()), november);
    let december = of_month(&story.books, "12", later());
    assert_eq!(
        (december.lines.minutes, december.lines.waiting_minutes),
        (50, 0)
    );
    let approval = december.lines.charged[0].lines[0].approval.as_ref();
    assert_eq!(approval.unwrap().subject, "Autorizo");
}

#[test]
fn what_waits_on_a_closed_ticket_is_told_once_and_not_charged() {
    let mut story = Story::new();
    let id = story.open("Precios", Priority::Medium, at("10-05 09:00"));
    let line = NewCharge {
        excess: true,
        ..story.line(ChargeKind::Work, 50, ANA, at("10-06 13:00"))
    };
    story.charge(id, line);
    story.close(id, ClosedAs::NotApproved, at("11-09 18:00"));
    let october = of_month(&story.books, "10", later());
    assert_eq!(october.lines.waiting_minutes, 50);
    let november = of_month(&story.books, "11", later());
    assert_eq!(november.lines.waiting[0].state, LineState::NotCharged);
    assert_eq!(
        (november.lines.minutes, november.lines.waiting_minutes),
        (0, 0)
    );
    assert_eq!(of_month(&story.books, "12", later()).lines.waiting, []);
}

#[test]
fn a_reversal_of_the_same_month_is_a_correction_and_of_a_later_one_a_line() {
    let mut story = Story::new();
    let id = story.open("Precios", Priority::Medium, at("11-10 09:00"));
    let first = story.answer(id, ANA, at("11-10 10:00"));
    let second = story.answer(id, ANA, at("11-11 10:00"));
    let before = of_month(&story.books, "11", later());
    story.take_back(first, at("11-30 23:59"), "");
    story.take_back(second, at("12-01 00:00"), "");
    let november = of_month(&story.books, "11", later());
    assert_eq!((before.lines.minutes, november.lines.minutes), (30, 15));
    let corrections: Vec<i64> = november
        .lines
        .corrections
        .iter()
        .map(|l| l.minutes)
        .collect();
    assert_eq!(corrections, [15, -15]);
    assert_eq!(november.lines.charged[0].minutes, 15);
    let december = of_month(&story.books, "12", later());
    assert_eq!(
        (december.lines.minutes, december.lines.corrections.len()),
        (-15, 0)
    );
    // Charged anew, the month is what it was before.
    let again = story.find(first).line;
    story.charge(id, again);
    assert_eq!(of_month(&story.books, "11", later()).lines.minutes, 30);
}

#[test]
fn a_promise_counts_in_one_month() {
    let mut story = Story::new();
    // Its limit passes in November, its answer comes in December.
    let late = story.open("Tarde", Priority::High, at("11-30 09:00"));
    // Its limit runs out at the closing of November's last day, and nothing has passed by then.
    let edge = story.open("Al filo", Priority::High, at("11-30 14:00"));
    story.answer(late, ANA, at("12-02 10:00"));
    story.answer(edge, ANA, at("12-01 08:31"));
    let counts = |month: &str| {
        let service = of_month(&story.books, month, later()).service;
        (service.response_kept, service.response_missed)
    };
    assert_eq!(counts("11"), (0, 1));
    // 08:31 is one minute of support time after the closing.
    assert_eq!(counts("12"), (0, 1));
    let breach = &of_month(&story.books, "11", later())
        .service
        .response_breaches[0];
    assert_eq!((breach.number.as_str(), breach.answered_at), ("GS-1", None));
    assert_eq!((breach.elapsed_minutes, breach.limit_minutes), (540, 240));
}

#[test]
fn what_a_client_lets_wait_is_apart_from_the_solution() {
    let mut story = Story::new();
    let id = story.open("Precios", Priority::Medium, at("11-09 09:00"));
    story.answer(id, ANA, at("11-09 10:00"));
    story.status(id, Status::WaitingClient, at("11-09 12:00"));
    story.status(id, Status::InProgress, at("11-10 12:00"));
    story.close(id, ClosedAs::Validated, at("11-10 13:00"));
    let november = of_month(&story.books, "11", later());
    // 12:00 to 18:00, and 08:30 to 12:00.
    assert_eq!(november.service.waited.client_minutes, 570);
    assert_eq!(
        (
            november.service.solution_kept,
            november.service.solution_missed
        ),
        (1, 0)
    );
}

#[test]
fn a_month_that_runs_ends_now() {
    let books = november();
    let running = of_month(&books, "11", at("11-10 10:00"));
    assert!(running.running);
    assert_eq!(running.tickets.flow.opened, 3);
    assert_eq!(running.last_day.to_string(), "2026-11-10");
    // María's list was the same then.
    assert_eq!(running.authorizers.len(), 2);
}

#[test]
fn a_month_that_runs_holds_what_is_recorded_whatever_the_clock_says() {
    let mut story = Story::new();
    let id = story.open("Precios", Priority::Medium, at("11-10 09:00"));
    story.answer(id, ANA, at("11-10 10:00"));
    let month = Month::parse("2026-11").unwrap();
    // The clock was set back by an hour.
    let period = Period::of(month, Mexico_City, at("11-10 09:00")).unwrap();
    let last = story.books.last_at(period.end).unwrap();
    let statement = statement(&story.books, &policy(), &period.holding(last));
    assert_eq!(statement.lines.minutes, 15);
    // Nothing of the next month comes in by it.
    story.answer(id, ANA, at("12-01 00:00"));
    assert_eq!(story.books.last_at(period.end), Some(last));
    assert_eq!(period.holding(at("12-01 00:00")).until, at("12-01 00:00"));
}

#[test]
fn a_client_of_whom_nothing_is_known_has_an_empty_statement() {
    let statement = of_month(&Story::new().books, "11", later());
    assert!(statement.empty);
    let texts = write(&statement);
    assert!(texts.text.contains("Nada se cobra en este mes."));
    assert_eq!(texts.csv.lines().count(), 1);
    assert!(!of(&november()).empty);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Every ticket that was there comes from somewhere and goes somewhere, and every minute is in
    /// one bucket, one week and one ticket.
    #[test]
    fn the_sums_of_a_busy_month_agree(seed in any::<u64>()) {
        let statement = of(&busy(seed, 12, 40).books);
        let flow = statement.tickets.flow;
        prop_assert_eq!(flow.carried + flow.opened + flow.reopened, flow.closed + flow.open);
        prop_assert_eq!(flow.open, statement.tickets.open.len());
        let lines = &statement.lines;
        let all: i64 = lines.all_charged().map(|line| line.minutes).sum();
        prop_assert_eq!(lines.minutes, all);
        let tickets: i64 = lines.charged.iter().map(|ticket| ticket.minutes).sum();
        prop_assert_eq!(lines.minutes, tickets);
        let rows: i64 = statement.tickets.rows.iter().map(|row| row.charged).sum();
        prop_assert_eq!(lines.minutes, rows);
        let weeks: i64 = lines.weeks.iter().flat_map(|week| week.minutes).sum();
        prop_assert_eq!(lines.minutes, weeks);
        prop_assert_eq!(statement.trend.last().map(|month| month.total), Some(lines.minutes));
        let corrections: i64 = lines.corrections.iter().map(|line| line.minutes).sum();
        prop_assert_eq!(corrections, 0);
    }

    /// The same whenever it is asked for: all that a month is charged is charged in one month.
    #[test]
    fn what_is_charged_is_charged_once(seed in any::<u64>()) {
        let books = busy(seed, 8, 30).books;
        let months: i64 = ["10", "11", "12"]
            .iter()
            .map(|month| of_month(&books, month, later()).lines.minutes)
            .sum();
        let all = books.tickets.iter().flat_map(|ticket| &ticket.charges);
        let billable: i64 = all
            .filter(|charge| charge.is_billable())
            .map(|charge| charge.line.minutes)
            .sum();
        prop_assert_eq!(months, billable);
    }
}
