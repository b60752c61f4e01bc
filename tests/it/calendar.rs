//! Support hours: what a date's hours are, and counting in days. What holds for every calendar is in
//! `calendar_laws`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use soported::domain::calendar::{
    Calendar, CalendarError, CalendarSpec, HORIZON_DAYS, HoursGroup, Interval, RestDays,
};

const ZONE: Tz = Tz::America__Mexico_City;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn hours(list: &[(u32, u32)]) -> Vec<Interval> {
    list.iter()
        .map(|(from, to)| Interval::new(from * 3_600, to * 3_600))
        .collect()
}

fn every_day(zone: Tz, list: &[(u32, u32)]) -> CalendarSpec {
    CalendarSpec {
        zone,
        weekly: std::array::from_fn(|_| hours(list)),
        rest_days: RestDays::None,
        extra_closed: BTreeSet::new(),
        overrides: BTreeMap::new(),
        breaks: BTreeMap::new(),
    }
}

fn office() -> Calendar {
    Calendar::new(CalendarSpec::mexican_office(ZONE)).unwrap()
}

/// A calendar that is closed for longer than a search looks ahead from 2026 on.
fn silent() -> Calendar {
    let mut spec = CalendarSpec::mexican_office(ZONE);
    spec.weekly = Default::default();
    spec.weekly[0] = hours(&[(9, 10)]);
    spec.extra_closed = date("2026-01-01")
        .iter_days()
        .take(usize::try_from(HORIZON_DAYS).unwrap() + 400)
        .collect();
    Calendar::new(spec).unwrap()
}

#[test]
fn the_rest_days_of_the_law_are_known_and_their_near_misses_are_not() {
    let check = |day: &str, rest: bool| {
        assert_eq!(RestDays::Mexico.contains(date(day)), rest, "{day}");
        assert!(!RestDays::None.contains(date(day)), "{day}");
    };
    check("2026-01-01", true);
    check("2026-02-02", true);
    check("2026-02-05", false);
    check("2026-03-16", true);
    check("2026-03-21", false);
    check("2026-05-01", true);
    check("2026-05-05", false);
    check("2026-09-16", true);
    check("2026-10-01", false);
    check("2026-11-16", true);
    check("2026-11-20", false);
    check("2026-12-01", false);
    check("2026-12-25", true);
    check("2024-10-01", true);
    check("2024-12-01", false);
    check("2030-10-01", true);
    check("2018-12-01", true);
    check("2018-10-01", false);
    check("2012-12-01", true);
    // A rest day on a Sunday is not made up for on the Monday.
    check("2022-05-01", true);
    check("2022-05-02", false);
}

#[test]
fn a_date_is_a_business_day_if_it_has_any_open_time() {
    let mut spec = CalendarSpec::mexican_office(ZONE);
    spec.extra_closed.insert(date("2026-12-24"));
    spec.overrides.insert(date("2026-12-31"), hours(&[(9, 12)]));
    spec.overrides.insert(date("2026-12-25"), hours(&[(9, 10)]));
    spec.overrides.insert(date("2026-12-28"), Vec::new());
    spec.breaks.insert(date("2026-12-29"), hours(&[(8, 19)]));
    spec.overrides.insert(date("2026-12-24"), hours(&[(9, 12)]));
    let calendar = Calendar::new(spec).unwrap();
    let check = |day: &str, open: bool| {
        assert_eq!(calendar.is_business_day(date(day)), open, "{day}");
    };
    check("2026-12-23", true);
    check("2026-12-24", false); // closed beats hours of its own
    check("2026-12-25", true); // hours of its own beat a rest day
    check("2026-12-26", false);
    check("2026-12-28", false); // an empty list closes
    check("2026-12-29", false); // a break over all of it
    check("2026-12-30", true);
    check("2026-12-31", true);
    check("2027-01-01", false);
}

#[test]
fn hours_past_midnight_belong_to_the_date_they_begin_on() {
    let mut spec = every_day(ZONE, &[]);
    spec.weekly[4] = hours(&[(22, 30)]);
    spec.weekly[5] = hours(&[(22, 30)]);
    spec.weekly[6] = hours(&[(22, 30)]);
    spec.rest_days = RestDays::Mexico;
    spec.breaks.insert(date("2026-11-27"), hours(&[(23, 25)]));
    let calendar = Calendar::new(spec).unwrap();
    let check = |instant: &str, open: bool| {
        assert_eq!(calendar.is_open(at(instant)), open, "{instant}");
    };
    check("2026-11-20T22:00:00-06:00", true);
    check("2026-11-21T05:59:59-06:00", true);
    check("2026-11-21T06:00:00-06:00", false);
    // Monday 16 November is a rest day: closed from its first minute.
    check("2026-11-15T23:59:59-06:00", true);
    check("2026-11-16T00:00:00-06:00", false);
    // Friday 25 December is one too: nothing begins on it that could run over into the 26th.
    check("2026-12-26T01:00:00-06:00", false);
    check("2026-12-26T22:00:00-06:00", true);
    // The break of 27 November lasts past midnight.
    check("2026-11-27T22:59:59-06:00", true);
    check("2026-11-28T00:59:59-06:00", false);
    check("2026-11-28T01:00:00-06:00", true);
    assert_eq!(
        calendar.between(
            at("2026-11-20T00:00:00-06:00"),
            at("2026-11-22T00:00:00-06:00")
        ),
        Duration::hours(10)
    );
}

#[test]
fn overlapping_hours_count_once() {
    let calendar = Calendar::new(every_day(Tz::UTC, &[(9, 12), (11, 14), (14, 15)])).unwrap();
    let day = |from: &str, to: &str| calendar.between(at(from), at(to));
    assert_eq!(
        day("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
        Duration::hours(6)
    );
    assert_eq!(
        calendar
            .split(at("2026-11-23T09:00:00Z"), at("2026-11-23T15:00:00Z"))
            .len(),
        1
    );
}

#[test]
fn a_calendar_that_never_opens_or_has_hours_that_are_none_is_refused() {
    let check = |change: &dyn Fn(&mut CalendarSpec), expected: Option<CalendarError>| {
        let mut spec = every_day(ZONE, &[(9, 17)]);
        change(&mut spec);
        assert_eq!(Calendar::new(spec).err(), expected);
    };
    let bad = |from, to| Some(CalendarError::BadInterval { from, to });
    let day = date("2026-11-23");
    check(&|_| (), None);
    check(
        &|spec| spec.weekly = Default::default(),
        Some(CalendarError::NeverOpens),
    );
    check(
        &|spec| {
            spec.weekly = Default::default();
            spec.overrides.insert(day, hours(&[(9, 17)]));
        },
        Some(CalendarError::NeverOpens),
    );
    check(&|spec| spec.weekly[0] = hours(&[(0, 24)]), None);
    check(&|spec| spec.weekly[0] = hours(&[(23, 47)]), None);
    check(
        &|spec| spec.weekly[0] = hours(&[(9, 9)]),
        bad(32_400, 32_400),
    );
    check(
        &|spec| spec.weekly[0] = hours(&[(17, 9)]),
        bad(61_200, 32_400),
    );
    check(
        &|spec| spec.weekly[0] = hours(&[(24, 25)]),
        bad(86_400, 90_000),
    );
    check(
        &|spec| spec.weekly[0] = hours(&[(9, 34)]),
        bad(32_400, 122_400),
    );
    check(
        &|spec| drop(spec.overrides.insert(day, hours(&[(3, 2)]))),
        bad(10_800, 7_200),
    );
    check(
        &|spec| drop(spec.breaks.insert(day, hours(&[(3, 2)]))),
        bad(10_800, 7_200),
    );
}

#[test]
fn an_attempt_goes_out_at_the_time_of_the_question_within_the_hours_of_its_day() {
    let mut spec = CalendarSpec::mexican_office(ZONE);
    spec.overrides
        .insert(date("2026-12-31"), hours(&[(10, 14)]));
    let calendar = Calendar::new(spec).unwrap();
    let check = |asked: &str, n: u32, expected: &str| {
        let found = calendar.contact_instant(at(asked), n);
        assert_eq!(found, at(expected), "{asked} {n}");
    };
    check("2026-12-16T10:00:00-06:00", 5, "2026-12-23T10:00:00-06:00");
    check("2026-12-16T10:00:00-06:00", 10, "2026-12-31T10:00:00-06:00");
    check("2026-12-16T09:00:00-06:00", 10, "2026-12-31T10:00:00-06:00");
    check("2026-12-16T16:00:00-06:00", 10, "2026-12-31T13:59:00-06:00");
    check("2026-12-16T10:00:00-06:00", 15, "2027-01-08T10:00:00-06:00");
    check("2026-11-10T19:30:00-06:00", 5, "2026-11-18T17:59:00-06:00");
    check("2026-11-14T03:00:00-06:00", 1, "2026-11-17T08:30:00-06:00");
    check("2026-11-13T17:59:30-06:00", 1, "2026-11-17T17:59:00-06:00");
    check(
        "2026-11-13T12:00:07.5-06:00",
        1,
        "2026-11-17T12:00:07-06:00",
    );
    let last = calendar.add_business_days(at("2026-12-16T10:00:00-06:00"), 20);
    assert_eq!(
        calendar.closing(last),
        Some(at("2027-01-15T18:00:00-06:00"))
    );
    assert_eq!(
        calendar.opening(last),
        Some(at("2027-01-15T08:30:00-06:00"))
    );
    assert_eq!(calendar.closing(date("2026-12-25")), None);
    assert_eq!(calendar.opening(date("2026-12-25")), None);
    assert_eq!(
        calendar.add_business_days(at("2026-11-14T12:00:00-06:00"), 0),
        date("2026-11-14")
    );
}

#[test]
fn after_a_late_attempt_the_days_count_from_it_and_the_wall_time_stays_the_questions() {
    let calendar = office();
    let check = |base: &str, wall_of: &str, n: u32, expected: &str| {
        let found = calendar.contact_instant_after(at(base), at(wall_of), n);
        assert_eq!(found, at(expected), "{base} {wall_of} {n}");
    };
    let asked = "2026-12-16T10:00:00-06:00";
    // Due on the 23rd at 10:00, gone out on the 24th at 16:40.
    let left = "2026-12-24T16:40:00-06:00";
    check(left, asked, 5, "2027-01-04T10:00:00-06:00");
    check(left, left, 5, "2027-01-04T16:40:00-06:00");
    check(left, asked, 0, "2026-12-24T10:00:00-06:00");
    // A question from the night is moved into the hours of the day it lands on.
    let night = "2026-12-16T22:15:00-06:00";
    check(left, night, 5, "2027-01-04T17:59:00-06:00");
    check(left, "2026-12-17T06:00:00Z", 5, "2027-01-04T08:30:00-06:00");
    // The base's local date counts: in UTC this is already the 25th.
    check(
        "2026-12-25T05:59:59Z",
        asked,
        1,
        "2026-12-28T10:00:00-06:00",
    );
    // The wall keeps its time over the end of daylight saving on 30 October 2022.
    check(
        "2022-10-28T15:00:00-05:00",
        "2022-10-21T09:00:00-05:00",
        5,
        "2022-11-04T09:00:00-06:00",
    );
}

#[test]
fn a_plan_closes_at_the_closing_of_its_last_business_day() {
    let calendar = office();
    let check = |base: &str, n: u32, expected: Option<&str>| {
        let found = calendar.closing_after(at(base), n);
        assert_eq!(found, expected.map(at), "{base} {n}");
    };
    check(
        "2027-01-08T10:00:00-06:00",
        5,
        Some("2027-01-15T18:00:00-06:00"),
    );
    check(
        "2027-01-08T23:59:59-06:00",
        5,
        Some("2027-01-15T18:00:00-06:00"),
    );
    check(
        "2026-12-24T17:00:00-06:00",
        1,
        Some("2026-12-28T18:00:00-06:00"),
    );
    check(
        "2026-12-24T17:00:00-06:00",
        0,
        Some("2026-12-24T18:00:00-06:00"),
    );
    check("2026-12-25T17:00:00-06:00", 0, None);
    assert_eq!(silent().closing_after(at("2026-06-01T00:00:00Z"), 1), None);
}

#[test]
fn a_day_whose_midnight_does_not_exist_opens_when_the_gap_ends() {
    // Sunday 6 September 2026 begins at 01:00 in Santiago, Friday 24 April 2026 in Cairo.
    let check = |zone: Tz, day: &str, opening: &str, closing: &str| {
        let calendar = Calendar::new(every_day(zone, &[(0, 24)])).unwrap();
        assert_eq!(calendar.opening(date(day)), Some(at(opening)), "{zone}");
        assert_eq!(calendar.closing(date(day)), Some(at(closing)), "{zone}");
        // Asked at a quarter past midnight the day before.
        let asked = at(opening) - Duration::hours(24) + Duration::minutes(15);
        assert_eq!(calendar.contact_instant(asked, 1), at(opening), "{zone}");
    };
    check(
        Tz::America__Santiago,
        "2026-09-06",
        "2026-09-06T01:00:00-03:00",
        "2026-09-07T00:00:00-03:00",
    );
    check(
        Tz::Africa__Cairo,
        "2026-04-24",
        "2026-04-24T01:00:00+03:00",
        "2026-04-25T00:00:00+03:00",
    );
    // Saturday 4 April 2026 shows its last hour twice in Santiago: it closes after the second.
    let calendar = Calendar::new(every_day(Tz::America__Santiago, &[(23, 24)])).unwrap();
    let (opens, closes) = (
        at("2026-04-04T23:00:00-03:00"),
        at("2026-04-05T00:00:00-04:00"),
    );
    assert_eq!(calendar.opening(date("2026-04-04")), Some(opens));
    assert_eq!(calendar.closing(date("2026-04-04")), Some(closes));
    assert_eq!(calendar.between(opens, closes), Duration::hours(2));
}

#[test]
fn a_date_that_the_zone_skipped_has_no_time_at_all() {
    // Samoa went from Thursday 29 to Saturday 31 December 2011.
    let calendar = Calendar::new(every_day(Tz::Pacific__Apia, &[(8, 16)])).unwrap();
    let (from, to) = (
        at("2011-12-29T00:00:00-10:00"),
        at("2012-01-01T00:00:00+14:00"),
    );
    assert_eq!(calendar.between(from, to), Duration::hours(16));
    assert_eq!(
        calendar.add(from, Duration::hours(9)),
        at("2011-12-31T09:00:00+14:00")
    );
}

#[test]
fn the_ends_of_time_do_not_panic() {
    let silent = silent();
    let start = at("2026-06-01T00:00:00Z");
    let horizon = start + Duration::days(HORIZON_DAYS);
    assert_eq!(silent.next_open(start), horizon);
    assert_eq!(silent.add(start, Duration::seconds(1)), horizon);
    for calendar in [office(), silent] {
        for t in [
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::MAX_UTC,
            DateTime::<Utc>::UNIX_EPOCH,
        ] {
            for duration in [Duration::MAX, Duration::MIN, Duration::hours(36)] {
                assert!(calendar.add(t, duration) >= t);
                assert!(calendar.next_open(calendar.add(t, duration)) >= t);
            }
            for other in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                assert!(calendar.between(t, other) >= Duration::zero());
            }
            let next = t
                .checked_add_signed(Duration::days(9))
                .unwrap_or(DateTime::<Utc>::MAX_UTC);
            let parts = calendar.split(t, next);
            assert_eq!(parts.is_empty(), t == next);
            let _ = calendar.is_open(t);
            let _ = calendar.local(t).naive_local();
            let day = calendar.add_business_days(t, u32::MAX);
            let _ = (calendar.opening(day), calendar.closing(day));
            let _ = calendar.contact_instant(t, 5);
        }
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            let _ = (
                calendar.is_business_day(day),
                calendar.opening(day),
                calendar.closing(day),
            );
        }
    }
}

#[test]
fn the_week_is_told_in_groups_of_days_with_equal_hours() {
    let group = |first_weekday, last_weekday, from: &str, to: &str| HoursGroup {
        first_weekday,
        last_weekday,
        from: from.to_owned(),
        to: to.to_owned(),
    };
    assert_eq!(
        office().hours_in_words_data(),
        [group(0, 4, "08:30", "18:00")]
    );
    let mut spec = every_day(ZONE, &[(9, 14), (16, 19)]);
    spec.weekly[2] = Vec::new();
    spec.weekly[5] = hours(&[(0, 24)]);
    spec.weekly[6] = hours(&[(22, 30)]);
    assert_eq!(
        Calendar::new(spec).unwrap().hours_in_words_data(),
        [
            group(0, 1, "09:00", "14:00"),
            group(0, 1, "16:00", "19:00"),
            group(3, 4, "09:00", "14:00"),
            group(3, 4, "16:00", "19:00"),
            group(5, 5, "00:00", "24:00"),
            group(6, 6, "22:00", "06:00"),
        ]
    );
}

#[test]
fn no_zone_changes_its_offset_and_back_within_half_a_week() {
    // What taking a week in one step relies on. The shortest there is lasts seven days.
    let first = at("1990-01-01T00:00:00Z");
    let days = (at("2075-01-01T00:00:00Z") - first).num_days();
    for zone in TZ_VARIANTS {
        let mut last: Option<(i64, i32, i32)> = None;
        let mut offset = None;
        for day in 0..days {
            let utc = (first + Duration::days(day)).naive_utc();
            let now = zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
            let before = *offset.get_or_insert(now);
            if now == before {
                continue;
            }
            if let Some((changed, old, _)) = last {
                assert!(day - changed > 4 || old != now, "{zone} on day {day}");
            }
            last = Some((day, before, now));
            offset = Some(now);
        }
    }
}
