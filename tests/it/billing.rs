//! What is charged: sessions by bucket, mails as follow-ups (policy.md §7).

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use soported::domain::billing::{Bucket, Charge, FollowUp, Part, Span, charges, follow_ups, parts};
use soported::domain::calendar::{Calendar, CalendarSpec};

use crate::calendar_laws::{near, odd_calendar, oracle_open};

use Bucket::{InHours, OutOfHoursApproved as Approved, OutOfHoursUnapproved as Unapproved};

/// An instant in Mexico City in November 2026: `20 16:45` or `20 16:45:30`.
fn at(text: &str) -> DateTime<Utc> {
    let seconds = if text.len() == "20 16:45".len() {
        ":00"
    } else {
        ""
    };
    let text = format!("2026-11-{}{seconds}-06:00", text.replace(' ', "T"));
    text.parse().unwrap()
}

/// `20 16:45 - 20 18:50`.
fn span(text: &str) -> Span {
    let (from, to) = text.split_once(" - ").unwrap();
    Span {
        from: at(from),
        to: at(to),
    }
}

fn spans(texts: &[&str]) -> Vec<Span> {
    texts.iter().map(|text| span(text)).collect()
}

fn office() -> Calendar {
    Calendar::new(CalendarSpec::mexican_office(Tz::America__Mexico_City)).unwrap()
}

fn check(session: &str, consultants: u32, approved: &[&str], expected: &[(Bucket, i64)]) {
    let found = charges(span(session), consultants, &office(), &spans(approved));
    let expected: Vec<Charge> = expected
        .iter()
        .map(|(bucket, minutes)| Charge {
            bucket: *bucket,
            minutes: *minutes,
        })
        .collect();
    assert_eq!(found, expected, "{session} x{consultants} {approved:?}");
}

#[test]
fn a_session_is_split_at_opening_and_closing_and_multiplied_by_its_consultants() {
    check("23 10:00 - 23 11:30", 2, &[], &[(InHours, 180)]);
    let over_closing = "20 16:45 - 20 18:50";
    check(over_closing, 2, &[], &[(InHours, 150), (Unapproved, 100)]);
    let over_opening = "23 08:00 - 23 09:00";
    check(over_opening, 1, &[], &[(InHours, 30), (Unapproved, 30)]);
    check("23 17:00 - 23 18:00", 4, &[], &[(InHours, 240)]);
    check("23 18:00 - 23 19:00", 1, &[], &[(Unapproved, 60)]);
    // From Monday to Tuesday, both in part within hours: each bucket is one charge.
    let overnight = "23 17:00 - 24 09:30";
    check(overnight, 1, &[], &[(InHours, 120), (Unapproved, 870)]);
    // Monday the 16th is a rest day.
    check("16 10:00 - 16 12:00", 3, &[], &[(Unapproved, 360)]);
}

#[test]
fn an_approved_window_counts_out_of_hours_and_changes_nothing_in_hours() {
    let evening = "20 16:45 - 20 18:50";
    check(
        evening,
        2,
        &["20 18:00 - 20 20:00"],
        &[(InHours, 150), (Approved, 100)],
    );
    check(
        evening,
        2,
        &["20 09:00 - 20 18:00"],
        &[(InHours, 150), (Unapproved, 100)],
    );
    check(
        evening,
        1,
        &["20 17:00 - 20 18:20"],
        &[(InHours, 75), (Approved, 20), (Unapproved, 30)],
    );
    let saturday = "21 22:00 - 22 01:30";
    check(
        saturday,
        2,
        &["21 22:00 - 22 00:00"],
        &[(Approved, 240), (Unapproved, 180)],
    );
    // Two windows with a gap, unordered; and two that overlap count once.
    check(
        saturday,
        1,
        &["22 01:00 - 22 02:00", "21 21:00 - 21 23:00"],
        &[(Approved, 90), (Unapproved, 120)],
    );
    check(
        saturday,
        1,
        &[
            "21 22:00 - 21 23:30",
            "21 22:30 - 21 23:00",
            "21 23:00 - 22 00:00",
        ],
        &[(Approved, 120), (Unapproved, 90)],
    );
    // A window that ends before it begins approves nothing.
    check(saturday, 1, &["22 01:00 - 21 23:00"], &[(Unapproved, 210)]);
}

#[test]
fn a_started_minute_counts_once_whatever_it_is_split_into() {
    check("23 10:00 - 23 10:00:01", 1, &[], &[(InHours, 1)]);
    check("23 10:00:30 - 23 10:01:30", 3, &[], &[(InHours, 3)]);
    check("23 10:00:30 - 23 10:02:31", 3, &[], &[(InHours, 9)]);
    // One minute, of which more is in hours, out of them, or half and half.
    check("23 17:59:20 - 23 18:00:20", 2, &[], &[(InHours, 2)]);
    check("23 17:59:50 - 23 18:00:50", 2, &[], &[(Unapproved, 2)]);
    check("23 17:59:30 - 23 18:00:30", 2, &[], &[(InHours, 2)]);
    // 61 seconds are two started minutes, and each part has begun one.
    let two = [(InHours, 1), (Unapproved, 1)];
    check("23 17:59:30 - 23 18:00:31", 1, &[], &two);
    // Three parts of 20 seconds are one minute.
    let windows = ["23 18:00 - 23 18:00:20"];
    check("23 17:59:40 - 23 18:00:40", 1, &windows, &[(InHours, 1)]);
}

#[test]
fn nothing_is_charged_for_no_time_and_nobody() {
    check("23 10:00 - 23 10:00", 2, &[], &[]);
    check("23 10:00 - 23 09:00", 2, &[], &[]);
    check("23 10:00 - 23 11:00", 0, &[], &[]);
    let ever = Span {
        from: DateTime::<Utc>::MIN_UTC,
        to: DateTime::<Utc>::MAX_UTC,
    };
    assert!(!charges(ever, u32::MAX, &office(), &[ever]).is_empty());
}

#[test]
fn the_bucket_of_an_instant_is_that_of_the_time_that_begins_with_it() {
    let windows = spans(&["23 18:00 - 23 20:00", "23 17:00 - 23 17:30"]);
    let check = |text: &str, bucket: Bucket| {
        assert_eq!(Bucket::at(at(text), &office(), &windows), bucket, "{text}");
    };
    check("23 17:59:59", InHours);
    check("23 17:15", InHours);
    check("23 18:00", Approved);
    check("23 19:59:59", Approved);
    check("23 20:00", Unapproved);
    check("16 10:00", Unapproved);
}

#[test]
fn a_bucket_is_known_by_its_name() {
    for bucket in Bucket::ALL {
        assert_eq!(Bucket::from_name(bucket.name()), Some(bucket));
    }
    assert_eq!(Bucket::from_name("horario"), None);
}

/// Mails as `10:00 ana`, and the follow-ups expected of them: time, consultant, mails.
fn check_mails(mails: &[&str], sessions: &[&str], expected: &[(&str, u32)]) {
    let mail = |text: &str| {
        let (time, who) = text.split_once(' ').unwrap();
        (at(&format!("23 {time}")), who.to_owned())
    };
    let mails: Vec<_> = mails.iter().map(|text| mail(text)).collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|(text, mails)| {
            let (at, consultant) = mail(text);
            FollowUp {
                consultant,
                at,
                mails: *mails,
            }
        })
        .collect();
    let found = follow_ups(&mails, &spans(sessions), Duration::minutes(15));
    assert_eq!(found, expected, "{mails:?}");
}

#[test]
fn mails_of_one_consultant_within_the_window_of_the_first_are_one_follow_up() {
    check_mails(&[], &[], &[]);
    check_mails(&["10:00 ana"], &[], &[("10:00 ana", 1)]);
    check_mails(&["10:00 ana", "10:14:59 ana"], &[], &[("10:00 ana", 2)]);
    let exact = [("10:00 ana", 1), ("10:15 ana", 1)];
    check_mails(&["10:00 ana", "10:15 ana"], &[], &exact);
    // The window is anchored at the first: the second mail does not move it.
    let anchored = ["10:00 ana", "10:10 ana", "10:16:40 ana", "10:31 ana"];
    check_mails(&anchored, &[], &[("10:00 ana", 2), ("10:16:40 ana", 2)]);
    // Each consultant has windows of their own, and the order given does not matter.
    let both = ["10:09 luis", "10:00 ana", "10:01 luis", "10:12 ana"];
    check_mails(&both, &[], &[("10:00 ana", 2), ("10:01 luis", 2)]);
    check_mails(&["10:00 ana", "10:00 ana"], &[], &[("10:00 ana", 2)]);
}

#[test]
fn a_mail_sent_during_a_session_is_paid_with_it_and_begins_no_window() {
    let session = ["23 10:00 - 23 11:00"];
    let mails = ["09:59 ana", "10:00 ana", "10:59:59 luis", "11:00 ana"];
    check_mails(&mails, &session, &[("09:59 ana", 1), ("11:00 ana", 1)]);
    check_mails(&["10:55 ana", "11:01 ana"], &session, &[("11:01 ana", 1)]);
}

#[test]
fn without_a_window_every_mail_is_a_follow_up() {
    let mails = [(at("23 10:00"), "ana"), (at("23 10:00"), "ana")];
    assert_eq!(follow_ups(&mails, &[], Duration::zero()).len(), 2);
}

/// A session near an anchor, with windows that may cover parts of it.
fn odd_session() -> impl Strategy<Value = (CalendarSpec, Span, Vec<Span>)> {
    let spans = |anchor| {
        (near(anchor), near(anchor)).prop_map(|(a, b)| Span {
            from: a.min(b),
            to: a.max(b),
        })
    };
    odd_calendar().prop_flat_map(move |(spec, anchor)| {
        (
            Just(spec),
            spans(anchor),
            prop::collection::vec(spans(anchor), 0..3),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn charges_agree_with_asking_every_minute_for_its_bucket(
        (spec, session, windows) in odd_session(),
        consultants in 1u32..5,
    ) {
        let calendar = Calendar::new(spec.clone()).unwrap();
        let minutes = (session.to - session.from).num_minutes();
        let mut expected = [0i64; 3];
        for minute in (0..minutes).map(|n| session.from + Duration::minutes(n)) {
            let approved = windows.iter().any(|w| w.from <= minute && minute < w.to);
            let (bucket, place) = match (oracle_open(&spec, minute), approved) {
                (true, _) => (InHours, 0),
                (false, true) => (Approved, 1),
                (false, false) => (Unapproved, 2),
            };
            prop_assert_eq!(Bucket::at(minute, &calendar, &windows), bucket);
            expected[place] += i64::from(consultants);
        }
        let mut found = [0i64; 3];
        for charge in charges(session, consultants, &calendar, &windows) {
            found[Bucket::ALL.iter().position(|b| *b == charge.bucket).unwrap()] += charge.minutes;
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn buckets_add_up_to_the_started_minutes_and_none_is_off_by_a_whole_one(
        (spec, session, windows) in odd_session(),
        seconds in 0i64..60,
        nanos in 0i64..60_000_000_000,
        consultants in 1u32..5,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let session = Span {
            from: session.from + Duration::seconds(seconds),
            to: session.to + Duration::seconds(seconds) + Duration::nanoseconds(nanos),
        };
        let parts = parts(session, &calendar, &windows);
        let whole = (session.from < session.to).then_some(session);
        prop_assert_eq!(parts.first().map(|p| p.span.from), whole.map(|s| s.from));
        prop_assert_eq!(parts.last().map(|p| p.span.to), whole.map(|s| s.to));
        let joined = |w: &[Part]| w[0].span.to == w[1].span.from && w[0].bucket != w[1].bucket;
        prop_assert!(parts.windows(2).all(joined));
        let charges = charges(session, consultants, &calendar, &windows);
        let nanos = (session.to - session.from).num_nanoseconds().unwrap();
        let started = (nanos + 59_999_999_999) / 60_000_000_000;
        let total: i64 = charges.iter().map(|c| c.minutes).sum();
        prop_assert_eq!(total, started * i64::from(consultants));
        for bucket in Bucket::ALL {
            let time: Duration = parts
                .iter()
                .filter(|p| p.bucket == bucket)
                .map(|p| p.span.to - p.span.from)
                .sum();
            let charged = charges.iter().find(|c| c.bucket == bucket).map_or(0, |c| c.minutes);
            let charged = Duration::minutes(charged / i64::from(consultants));
            prop_assert!((charged - time).abs() < Duration::minutes(1), "{bucket:?}");
        }
    }
}
