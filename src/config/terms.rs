//! What the house promises and charges: the sections of policy.md §3–§7, and the brakes.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::reader::Reader;
use super::values::{self, DAY, HOUR, MINUTE};
use crate::domain::policy::{
    BillingTerms, Brakes, ClockMode, ContactTerms, OutOfHoursTerms, PhoneClock, PhoneTerms,
    Receipts, ReplyDefault, ReplyTerms, ResponseTerms, SolutionTerms,
};
use crate::domain::ticket::{Kind, Priority};

/// Longest target or limit: beyond a year a promise means nothing.
const TERM_MAX: u64 = 366 * DAY;

/// Largest brake; more mails an hour are no brake any more.
const BRAKE_MAX: u32 = 1_000_000;

/// `[response]`: terms per priority, and whether the acknowledgement meets them (policy.md §3).
pub(super) fn response(mut reader: Reader<'_>) -> (BTreeMap<Priority, ResponseTerms>, bool) {
    let mut terms = BTreeMap::new();
    for priority in Priority::ALL {
        let (target, limit) = match priority {
            Priority::Critical => (0, 30 * MINUTE),
            Priority::High => (HOUR, 4 * HOUR),
            Priority::Medium => (8 * HOUR, 16 * HOUR),
            Priority::Low => (16 * HOUR, 24 * HOUR),
        };
        let mut section = reader.section(priority.name());
        let target = section.duration("target", target, 0..=TERM_MAX);
        let limit = section.duration("limit", limit, 1..=TERM_MAX);
        let clock = section
            .choice(
                "clock",
                &[("business", ClockMode::Business), ("wall", ClockMode::Wall)],
            )
            .unwrap_or(ClockMode::Business);
        check_order(&section, target, limit);
        section.finish();
        let promise = ResponseTerms {
            target: delta(target),
            limit: delta(limit),
            clock,
        };
        terms.insert(priority, promise);
    }
    let acknowledgement_counts = reader.flag("acknowledgement_counts", false);
    reader.finish();
    (terms, acknowledgement_counts)
}

/// `[solution]`: terms per kind (policy.md §4).
pub(super) fn solution(mut reader: Reader<'_>) -> BTreeMap<Kind, SolutionTerms> {
    let mut terms = BTreeMap::new();
    for kind in Kind::ALL {
        let (target, limit) = match kind {
            Kind::TechnicalRegular => (None, 6 * HOUR),
            Kind::TechnicalUrgent => (None, 4 * HOUR),
            Kind::MaintenanceMinor => (Some(16 * HOUR), 16 * HOUR),
            Kind::MaintenanceMedium => (Some(16 * HOUR), 24 * HOUR),
            Kind::MaintenanceMajor => (Some(16 * HOUR), 36 * HOUR),
            Kind::Investigation => (Some(8 * HOUR), 16 * HOUR),
        };
        let mut section = reader.section(kind.name());
        let target = section.optional_duration("target", target, 0..=TERM_MAX);
        let limit = section.duration("limit", limit, 1..=TERM_MAX);
        check_order(&section, target.unwrap_or(0), limit);
        section.finish();
        let estimate = SolutionTerms {
            target: target.map(delta),
            limit: delta(limit),
        };
        terms.insert(kind, estimate);
    }
    reader.finish();
    terms
}

/// What is aimed at cannot come after what is promised.
fn check_order(section: &Reader<'_>, target: u64, limit: u64) {
    if target > limit {
        let limit = values::duration_text(limit);
        section.problem(
            "target",
            format!(
                "\"{}\" is above the limit \"{limit}\"",
                values::duration_text(target)
            ),
            format!("write at most \"{limit}\", or raise the limit"),
        );
    }
}

/// `[contact]` (policy.md §6).
pub(super) fn contact(mut reader: Reader<'_>) -> ContactTerms {
    let terms = ContactTerms {
        attempts: reader.whole("attempts", 3, 1..=20),
        interval_business_days: reader.whole("interval_business_days", 5, 1..=250),
        question_counts_as_attempt: reader.flag("question_counts_as_attempt", false),
        close_critical: reader.flag("close_critical", false),
        update_business_days: reader.whole("update_business_days", 2, 1..=250),
    };
    reader.finish();
    terms
}

/// `[billing]` (policy.md §7).
pub(super) fn billing(mut reader: Reader<'_>) -> BillingTerms {
    let coalesce = reader.whole("coalesce_minutes", 15, 0..=24 * 60);
    let terms = BillingTerms {
        coalesce: TimeDelta::minutes(i64::from(coalesce)),
        daily_cap: reader
            .optional_duration("daily_cap", None, MINUTE..=DAY)
            .map(delta),
        automatic: reader.flag("automatic", false),
        // Days 29 to 31 are missing in some months.
        statement_day: reader.optional_whole("statement_day", 1..=28),
    };
    if terms
        .daily_cap
        .is_some_and(|cap| cap.num_seconds() % 60 != 0)
    {
        // Policy §7: the ledger counts whole minutes.
        reader.problem("daily_cap", "not whole minutes", "write it without seconds");
    }
    reader.finish();
    terms
}

/// `[out_of_hours]` (policy.md §7), of the house or of a client.
pub(super) fn out_of_hours(mut reader: Reader<'_>) -> OutOfHoursTerms {
    let terms = OutOfHoursTerms {
        minimum_notice: reader
            .optional_duration("minimum_notice", None, 0..=TERM_MAX)
            .map(delta),
        factor: reader.optional_number("factor", 1.0..=10.0),
    };
    reader.finish();
    terms
}

/// `[phone]` (policy.md §2).
pub(super) fn phone(mut reader: Reader<'_>) -> PhoneTerms {
    let starts = [("call", PhoneClock::Call), ("mail", PhoneClock::Mail)];
    let terms = PhoneTerms {
        clock_starts: reader
            .choice("clock_starts", &starts)
            .unwrap_or(PhoneClock::Call),
        remind_after: delta(reader.duration("remind_after", 2 * HOUR, MINUTE..=TERM_MAX)),
    };
    reader.finish();
    terms
}

/// `[alerts]`: hundredths of a clock at which consultants are alerted (policy.md §3).
pub(super) fn alert_percents(mut reader: Reader<'_>) -> Vec<u8> {
    let percents = reader.rising("percents", &[75, 90], 1..=99);
    reader.finish();
    percents
}

/// `[replies]` (policy.md §5, §9).
pub(super) fn replies(mut reader: Reader<'_>) -> ReplyTerms {
    let terms = ReplyTerms {
        delay: delta(reader.duration("delay", MINUTE, 0..=HOUR)),
        default: reader
            .choice(
                "default",
                &[
                    ("in_progress", ReplyDefault::InProgress),
                    ("waiting_client", ReplyDefault::WaitingClient),
                ],
            )
            .unwrap_or(ReplyDefault::InProgress),
        receipts: reader
            .choice(
                "receipts",
                &[
                    ("always", Receipts::Always),
                    ("commands", Receipts::Commands),
                    ("errors", Receipts::Errors),
                ],
            )
            .unwrap_or(Receipts::Commands),
        reopen_business_days: reader.whole("reopen_business_days", 5, 0..=250),
    };
    reader.finish();
    terms
}

/// `[held]`: days (policy.md §1).
pub(super) fn held_keep_days(mut reader: Reader<'_>) -> u32 {
    let days = reader.whole("keep_days", 30, 1..=3_650);
    reader.finish();
    days
}

/// `[digest]` (policy.md §10).
pub(super) fn daily_digest(mut reader: Reader<'_>) -> bool {
    let enabled = reader.flag("enabled", true);
    reader.finish();
    enabled
}

/// `[brakes]` (mail.md §2).
pub(super) fn brakes(mut reader: Reader<'_>) -> Brakes {
    let brakes = Brakes {
        per_address_hour: reader.whole("per_address_hour", 20, 1..=BRAKE_MAX),
        per_address_day: reader.whole("per_address_day", 60, 1..=BRAKE_MAX),
        tickets_per_hour: reader.whole("tickets_per_hour", 20, 1..=BRAKE_MAX),
        automatic_per_hour: reader.whole("automatic_per_hour", 500, 1..=BRAKE_MAX),
    };
    reader.finish();
    brakes
}

/// Durations read here are bounded far below what chrono holds.
fn delta(seconds: u64) -> TimeDelta {
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1_000))
}
