//! What holds for every calendar: agreement with a look at the wall every minute, and the laws of
//! counting in open time. The calendars are odd ones: zones with daylight saving, of half an hour
//! too, hours past midnight, overlapping hours, dates of their own.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use soported::domain::calendar::{Calendar, CalendarSpec, Interval, RestDays};
use soported::domain::clock::{Running, due, open_time};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What "open" means, said once more without any of the machinery: read the wall clock, look at
/// the date, look at the date before.
pub fn oracle_open(spec: &CalendarSpec, t: DateTime<Utc>) -> bool {
    let wall = t.with_timezone(&spec.zone).naive_local();
    let (date, second) = (wall.date(), wall.time().num_seconds_from_midnight());
    let yesterday = date.pred_opt().unwrap();
    let begun = |date: NaiveDate| -> Vec<Interval> {
        if spec.extra_closed.contains(&date) {
            return Vec::new();
        }
        let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap();
        match spec.overrides.get(&date) {
            Some(hours) => hours.clone(),
            None if spec.rest_days.contains(date) => Vec::new(),
            None => spec.weekly[weekday].clone(),
        }
    };
    let inside =
        |hours: &[Interval], second: u32| hours.iter().any(|i| i.from <= second && second < i.to);
    let broken = |date: NaiveDate, second: u32| {
        spec.breaks
            .get(&date)
            .is_some_and(|hours| inside(hours, second))
    };
    let closed = spec.extra_closed.contains(&date)
        || (spec.rest_days.contains(date) && !spec.overrides.contains_key(&date));
    !closed
        && (inside(&begun(date), second) || inside(&begun(yesterday), second + 86_400))
        && !broken(date, second)
        && !broken(yesterday, second + 86_400)
}

/// Around these the zones of [`zone`] change their offset, or Mexico rests.
const ANCHORS: [&str; 12] = [
    "2026-09-06T04:00:00Z",
    "2026-04-05T03:00:00Z",
    "2010-11-07T02:31:00Z",
    "2010-03-14T03:31:00Z",
    "2026-04-23T22:00:00Z",
    "2011-12-30T10:00:00Z",
    "2026-03-08T05:00:00Z",
    "2022-10-30T07:00:00Z",
    "2026-12-25T12:00:00Z",
    "2024-10-01T06:00:00Z",
    "2022-04-03T08:00:00Z",
    "2026-10-03T15:30:00Z",
];

fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(vec![
        Tz::America__Mexico_City,
        Tz::America__Santiago,
        Tz::America__St_Johns,
        Tz::America__Havana,
        Tz::Africa__Cairo,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Apia,
        Tz::Asia__Kathmandu,
    ])
}

fn one_interval() -> impl Strategy<Value = Interval> {
    (0u32..1_440, 1u32..=1_440)
        .prop_map(|(from, length)| Interval::new(from * 60, (from + length) * 60))
}

fn some_hours() -> impl Strategy<Value = Vec<Interval>> {
    prop::collection::vec(one_interval(), 0..3)
}

pub fn near(anchor: DateTime<Utc>) -> impl Strategy<Value = DateTime<Utc>> {
    (-5 * 1_440i64..5 * 1_440).prop_map(move |minutes| anchor + Duration::minutes(minutes))
}

fn anchor() -> impl Strategy<Value = DateTime<Utc>> {
    prop::sample::select(ANCHORS.to_vec()).prop_map(at)
}

fn dated<T: std::fmt::Debug>(
    anchor: DateTime<Utc>,
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(NaiveDate, T)>> {
    let day = (-6i64..6).prop_map(move |days| (anchor + Duration::days(days)).date_naive());
    prop::collection::vec((day, value), 0..3)
}

/// A calendar, and an instant near which it has its oddities.
pub fn odd_calendar() -> impl Strategy<Value = (CalendarSpec, DateTime<Utc>)> {
    anchor().prop_flat_map(|anchor| {
        (
            zone(),
            prop::array::uniform7(some_hours()),
            prop::sample::select(vec![RestDays::Mexico, RestDays::None]),
            dated(anchor, Just(())),
            dated(anchor, some_hours()),
            dated(anchor, some_hours()),
        )
            .prop_filter("opens", |parts| !parts.1.iter().all(Vec::is_empty))
            .prop_map(
                move |(zone, weekly, rest_days, closed, overrides, breaks)| {
                    let spec = CalendarSpec {
                        zone,
                        weekly,
                        rest_days,
                        extra_closed: closed.into_iter().map(|(date, ())| date).collect(),
                        overrides: overrides.into_iter().collect(),
                        breaks: breaks.into_iter().collect(),
                    };
                    (spec, anchor)
                },
            )
    })
}

pub fn odd_calendar_and_instants()
-> impl Strategy<Value = (CalendarSpec, DateTime<Utc>, DateTime<Utc>, DateTime<Utc>)> {
    odd_calendar().prop_flat_map(|(spec, anchor)| {
        (near(anchor), near(anchor), near(anchor))
            .prop_map(move |(a, b, c)| (spec.clone(), a, b, c))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn counting_agrees_with_looking_at_the_wall_every_minute(
        (spec, a, b, _) in odd_calendar_and_instants()
    ) {
        let calendar = Calendar::new(spec.clone()).unwrap();
        let (a, b) = (a.min(b), a.max(b));
        let minutes = (b - a).num_minutes();
        let minute = |n: i64| a + Duration::minutes(n);
        let open: Vec<i64> = (0..minutes).filter(|n| oracle_open(&spec, minute(*n))).collect();
        let total = i64::try_from(open.len()).unwrap();

        prop_assert_eq!(calendar.is_open(a), oracle_open(&spec, a));
        prop_assert_eq!(calendar.between(a, b), Duration::minutes(total));
        if let (Some(first), Some(last)) = (open.first(), open.last()) {
            prop_assert_eq!(calendar.next_open(a), minute(*first));
            prop_assert_eq!(calendar.add(a, Duration::minutes(total)), minute(*last + 1));
            let half = total / 2;
            let end = match usize::try_from(half).unwrap().checked_sub(1) {
                Some(place) => minute(open[place] + 1),
                None => a,
            };
            prop_assert_eq!(calendar.add(a, Duration::minutes(half)), end);
        }

        let parts = calendar.split(a, b);
        prop_assert_eq!(parts.first().map(|p| p.from), (a < b).then_some(a));
        prop_assert_eq!(parts.last().map(|p| p.to), (a < b).then_some(b));
        prop_assert!(parts.windows(2).all(|w| w[0].to == w[1].from && w[0].open != w[1].open));
        for part in &parts {
            prop_assert_eq!(oracle_open(&spec, part.from), part.open);
            let counted = calendar.between(part.from, part.to);
            prop_assert_eq!(counted, if part.open { part.to - part.from } else { Duration::zero() });
        }
    }

    #[test]
    fn what_is_added_lies_between_and_no_earlier_instant_has_it(
        (spec, t, _, _) in odd_calendar_and_instants(),
        nanos in 0i64..3_000_000_000_000_000,
        fraction in 0i64..1_000_000_000,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let (t, d) = (t + Duration::nanoseconds(fraction), Duration::nanoseconds(nanos));
        let end = calendar.add(t, d);
        prop_assert_eq!(calendar.between(t, end), d);
        if d > Duration::zero() {
            prop_assert!(calendar.between(t, end - Duration::nanoseconds(1)) < d);
        }
        let next = calendar.next_open(calendar.add(t, d));
        prop_assert!(next >= end && calendar.is_open(next));
        prop_assert_eq!(calendar.between(end, next), Duration::zero());
    }

    #[test]
    fn parts_add_up_to_the_whole_and_later_starts_end_later(
        (spec, a, b, c) in odd_calendar_and_instants(),
        minutes in 0i64..20_000,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let mut order = [a, b, c];
        order.sort();
        let [a, b, c] = order;
        prop_assert_eq!(calendar.between(a, b) + calendar.between(b, c), calendar.between(a, c));
        prop_assert_eq!(calendar.between(c, a), Duration::zero());
        let d = Duration::minutes(minutes);
        prop_assert!(calendar.add(a, d) <= calendar.add(b, d));
        prop_assert!(calendar.add(a, d) <= calendar.add(a, d + Duration::minutes(1)));
    }

    #[test]
    fn weeks_taken_in_one_step_count_as_their_days_do(
        (spec, a, _, _) in odd_calendar_and_instants(),
        days in 300i64..900,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let day = |n: i64| a + Duration::days(n);
        let singly = (0..days).fold(Duration::zero(), |sum, n| {
            sum + calendar.between(day(n), day(n + 1))
        });
        prop_assert_eq!(calendar.between(a, day(days)), singly);
        prop_assert_eq!(calendar.between(a, calendar.add(a, singly)), singly);
        prop_assert!(calendar.add(a, singly) <= day(days));
    }

    #[test]
    fn adding_in_two_steps_is_adding_at_once(
        (spec, t, _, _) in odd_calendar_and_instants(),
        first in 0i64..1_000_000_000_000_000,
        second in 0i64..1_000_000_000_000_000,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let (first, second) = (Duration::nanoseconds(first), Duration::nanoseconds(second));
        let stepwise = calendar.add(calendar.add(t, first), second);
        prop_assert_eq!(stepwise, calendar.add(t, first + second));
    }

    #[test]
    fn more_open_hours_never_make_a_due_later_nor_less_open_time(
        (spec, a, b, _) in odd_calendar_and_instants(),
        weekday in 0usize..7,
        more in one_interval(),
        minutes in 0i64..20_000,
    ) {
        let mut longer = spec.clone();
        longer.weekly[weekday].push(more);
        let (fewer, more) = (Calendar::new(spec).unwrap(), Calendar::new(longer).unwrap());
        let d = Duration::minutes(minutes);
        prop_assert!(more.add(a, d) <= fewer.add(a, d));
        prop_assert!(more.next_open(a) <= fewer.next_open(a));
        prop_assert!(more.between(a, b) >= fewer.between(a, b));
    }

    #[test]
    fn a_new_rest_day_never_makes_a_due_earlier_nor_more_open_time(
        (spec, a, b, _) in odd_calendar_and_instants(),
        days in -6i64..20,
        by_law in any::<bool>(),
        minutes in 0i64..20_000,
        n in 0u32..30,
    ) {
        let mut rested = spec.clone();
        rested.extra_closed.insert((a + Duration::days(days)).date_naive());
        if by_law {
            rested.rest_days = RestDays::Mexico;
        }
        let (before, after) = (Calendar::new(spec).unwrap(), Calendar::new(rested).unwrap());
        let d = Duration::minutes(minutes);
        prop_assert!(after.add(a, d) >= before.add(a, d));
        prop_assert!(after.next_open(a) >= before.next_open(a));
        prop_assert!(after.between(a, b) <= before.between(a, b));
        prop_assert!(after.add_business_days(a, n) >= before.add_business_days(a, n));
    }

    #[test]
    fn pausing_and_resuming_at_once_changes_nothing(
        (spec, t, a, b) in odd_calendar_and_instants(),
        minutes in 0i64..20_000,
    ) {
        let calendar = Calendar::new(spec).unwrap();
        let mut instants = [t, a, b];
        instants.sort();
        let [start, one, two] = instants;
        let part = |from, to| Running { from, to };
        let running = [part(start, None)];
        let blinking = [part(start, Some(one)), part(one, Some(two)), part(two, None)];
        let limit = Duration::minutes(minutes);
        prop_assert_eq!(due(&calendar, &blinking, limit), due(&calendar, &running, limit));
        let now = two + Duration::minutes(minutes);
        prop_assert_eq!(
            open_time(&calendar, &blinking, now),
            open_time(&calendar, &running, now)
        );
    }

    #[test]
    fn a_paused_clock_agrees_with_counting_the_open_minutes_outside_the_pause(
        (spec, t, a, b) in odd_calendar_and_instants(),
        minutes in 1i64..3_000,
    ) {
        let calendar = Calendar::new(spec.clone()).unwrap();
        let mut instants = [t, a, b];
        instants.sort();
        let [start, pause, resume] = instants;
        let running = [
            Running { from: start, to: Some(pause) },
            Running { from: resume, to: None },
        ];
        let until = resume + Duration::days(2);
        let total = (until - start).num_minutes();
        let counted: Vec<DateTime<Utc>> = (0..total)
            .map(|n| start + Duration::minutes(n))
            .filter(|minute| !(pause..resume).contains(minute) && oracle_open(&spec, *minute))
            .collect();
        let number = i64::try_from(counted.len()).unwrap();
        prop_assert_eq!(open_time(&calendar, &running, until), Duration::minutes(number));
        let found = due(&calendar, &running, Duration::minutes(minutes));
        match counted.get(usize::try_from(minutes).unwrap() - 1) {
            Some(last) => prop_assert_eq!(found, Some(*last + Duration::minutes(1))),
            None => prop_assert!(found > Some(until)),
        }
    }
}
