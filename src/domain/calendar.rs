//! Support hours (policy.md §7): a week of intervals, rest days and exceptions in a time zone.
//!
//! This file says which hours a date has, and counts in days. `business_time` counts in hours.
//! The wall clock of the calendar's zone decides openness: an instant is open if and only if the
//! time a clock on the wall shows then lies in an interval of that date, so a skipped or repeated
//! hour of daylight saving neither lengthens nor moves the hours that people see on the wall.
//!
//! Inside, dates are day numbers counted from 1 January 1970, so that no date, however far away,
//! can overflow.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{
    DateTime, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike, Utc,
};
use chrono_tz::{GapInfo, Tz};

use super::hours::{
    DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS, total_seconds, wall_time, within_date, without,
};

pub use super::hours::Interval;
pub use super::rest_days::RestDays;

/// How far ahead a search for open time goes, in days: a hundred years. Beyond it a calendar
/// without an opening counts as closed for good, and the search answers the horizon itself.
pub const HORIZON_DAYS: i64 = 36_525;

/// Contact attempts go out at least this long before closing (policy.md §6: 17:59).
const BEFORE_CLOSING_SECONDS: u32 = 60;

/// Monday to Friday in a week that starts on Monday.
const WORKING_WEEKDAYS: usize = 5;

/// What a calendar is made from.
///
/// Where statements about a date compete: `extra_closed` closes it; else `overrides` replaces its
/// hours; else a rest day closes it; else `weekly` holds. `breaks` are then taken away. A closed
/// date is closed all day, also for the hours of the night before it that run past midnight.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarSpec {
    /// Whose wall clock counts.
    pub zone: Tz,
    /// Hours of each weekday, Monday first.
    pub weekly: [Vec<Interval>; 7],
    /// Rest days by rule.
    pub rest_days: RestDays,
    /// Further closed dates.
    pub extra_closed: BTreeSet<NaiveDate>,
    /// Dates with hours of their own in place of the weekly ones; an empty list closes.
    pub overrides: BTreeMap<NaiveDate, Vec<Interval>>,
    /// Dates with hours taken away.
    pub breaks: BTreeMap<NaiveDate, Vec<Interval>>,
}

/// Why a specification is not a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarError {
    /// No weekday has any open time.
    NeverOpens,
    /// An interval is empty, backward, begins after its day or is longer than a day.
    BadInterval {
        /// As given.
        from: u32,
        /// As given.
        to: u32,
    },
}

/// Why a date has no open time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closed {
    /// Its weekday has no hours.
    Weekday,
    /// A rest day by rule.
    RestDay,
    /// The calendar names it: closed, without hours, or with all its hours taken away.
    Named,
}

impl Closed {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Weekday, Self::RestDay, Self::Named];

    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weekday => "weekday",
            Self::RestDay => "rest_day",
            Self::Named => "named",
        }
    }
}

/// Hours that several weekdays in a row share, as people say them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursGroup {
    /// 0 for Monday to 6 for Sunday.
    pub first_weekday: u8,
    /// The last weekday of the row; equal to the first where there is only one.
    pub last_weekday: u8,
    /// Opening, as `08:30`.
    pub from: String,
    /// Closing, as `18:00`; `24:00` for midnight, the next day's time for hours past midnight.
    pub to: String,
}

/// When support is open.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    spec: CalendarSpec,
    /// Hours of a date without any exception, by weekday, within the date.
    week: [Vec<Interval>; 7],
    /// The same after a rest day, from which no hours run over.
    after_rest: [Vec<Interval>; 7],
    /// Open time of a week without any exception.
    week_seconds: i64,
    /// Whether any hours run past midnight.
    overnight: bool,
    /// Hours of the dates named in the specification, and where hours run past midnight, of the
    /// dates after them.
    exceptions: BTreeMap<i64, Vec<Interval>>,
}

impl fmt::Display for CalendarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverOpens => write!(f, "the weekly hours never open"),
            Self::BadInterval { from, to } => write!(
                f,
                "hours from {} to {} do not begin within a day and end within a day of that",
                wall_time(*from),
                wall_time(*to)
            ),
        }
    }
}

impl std::error::Error for CalendarError {}

impl CalendarSpec {
    /// The house's own hours (policy.md §7): Monday to Friday 08:30 to 18:00, closed on the rest
    /// days of art. 74 LFT.
    pub fn mexican_office(zone: Tz) -> Self {
        let office = Interval::new(8 * HOUR_SECONDS + 30 * MINUTE_SECONDS, 18 * HOUR_SECONDS);
        Self {
            zone,
            weekly: std::array::from_fn(|weekday| {
                if weekday < WORKING_WEEKDAYS {
                    vec![office]
                } else {
                    Vec::new()
                }
            }),
            rest_days: RestDays::Mexico,
            extra_closed: BTreeSet::new(),
            overrides: BTreeMap::new(),
            breaks: BTreeMap::new(),
        }
    }

    fn intervals(&self) -> impl Iterator<Item = &Interval> {
        self.weekly
            .iter()
            .chain(self.overrides.values())
            .chain(self.breaks.values())
            .flatten()
    }

    fn weekly_on(&self, weekday: usize) -> &[Interval] {
        self.weekly.get(weekday).map_or(&[], Vec::as_slice)
    }

    /// The hours that begin on a date, breaks not yet taken away.
    fn begun_on(&self, day: i64) -> &[Interval] {
        let date = date_of(day);
        if self.extra_closed.contains(&date) {
            &[]
        } else if let Some(hours) = self.overrides.get(&date) {
            hours
        } else if self.rest_days.contains(date) {
            &[]
        } else {
            self.weekly_on(weekday_of(day))
        }
    }

    fn is_closed_all_day(&self, day: i64) -> bool {
        let date = date_of(day);
        self.extra_closed.contains(&date)
            || (self.rest_days.contains(date) && !self.overrides.contains_key(&date))
    }

    /// The hours within a date: begun on it or run over into it, less the breaks.
    fn hours_within(&self, day: i64) -> Vec<Interval> {
        if self.is_closed_all_day(day) {
            return Vec::new();
        }
        let breaks = |day| {
            self.breaks
                .get(&date_of(day))
                .map_or(&[] as &[Interval], Vec::as_slice)
        };
        let open = within_date(self.begun_on(day - 1), self.begun_on(day));
        without(open, &within_date(breaks(day - 1), breaks(day)))
    }
}

impl Calendar {
    /// Checks a specification and prepares it for counting.
    ///
    /// # Errors
    /// The first bad interval, or a week without any open time (dates with hours of their own do
    /// not make up for it: after the last of them nothing would ever be due).
    pub fn new(spec: CalendarSpec) -> Result<Self, CalendarError> {
        spec.intervals().try_for_each(|interval| interval.check())?;
        if spec.weekly.iter().all(Vec::is_empty) {
            return Err(CalendarError::NeverOpens);
        }
        let overnight = spec.intervals().any(|i| i.to > DAY_SECONDS);
        let week: [Vec<Interval>; 7] = std::array::from_fn(|weekday| {
            let before = (weekday + 6) % 7;
            within_date(spec.weekly_on(before), spec.weekly_on(weekday))
        });
        let after_rest = std::array::from_fn(|weekday| within_date(&[], spec.weekly_on(weekday)));
        let week_seconds = week.iter().map(|hours| total_seconds(hours)).sum();
        let named = spec
            .extra_closed
            .iter()
            .chain(spec.overrides.keys())
            .chain(spec.breaks.keys())
            .map(|date| day_of(*date));
        let exceptions = named
            .flat_map(|day| day..=day + i64::from(overnight))
            .map(|day| (day, spec.hours_within(day)))
            .collect();
        Ok(Self {
            spec,
            week,
            after_rest,
            week_seconds,
            overnight,
            exceptions,
        })
    }

    /// What the calendar was made from.
    pub fn spec(&self) -> &CalendarSpec {
        &self.spec
    }

    /// The zone whose wall clock counts.
    pub fn zone(&self) -> Tz {
        self.spec.zone
    }

    /// The same instant on the calendar's wall clock. Instants within a day of the ends of
    /// chrono's range are moved inward, so that the wall time exists.
    pub fn local(&self, t: DateTime<Utc>) -> DateTime<Tz> {
        let (day, second) = self.wall(t.timestamp());
        let inside = day > day_of(NaiveDate::MIN) + 1 && day < day_of(NaiveDate::MAX) - 1;
        let t = if inside {
            t
        } else {
            let day = day.clamp(day_of(NaiveDate::MIN) + 2, day_of(NaiveDate::MAX) - 2);
            instant_at(day * i64::from(DAY_SECONDS) + second)
        };
        t.with_timezone(&self.spec.zone)
    }

    /// Whether a date has any open time (policy.md §7).
    pub fn is_business_day(&self, date: NaiveDate) -> bool {
        !self.hours_on(day_of(date)).is_empty()
    }

    /// Why a date has no open time; none where it has some. A rest day on a weekday without hours
    /// is like any other such weekday.
    pub fn closed_because(&self, date: NaiveDate) -> Option<Closed> {
        let spec = &self.spec;
        if self.is_business_day(date) {
            None
        } else if spec.weekly_on(weekday_of(day_of(date))).is_empty() {
            Some(Closed::Weekday)
        } else if spec.rest_days.contains(date) && !spec.overrides.contains_key(&date) {
            Some(Closed::RestDay)
        } else {
            Some(Closed::Named)
        }
    }

    /// The `n`-th business day strictly after the local date of `t`; that date itself for 0.
    /// Beyond [`HORIZON_DAYS`] the horizon.
    pub fn add_business_days(&self, t: DateTime<Utc>, n: u32) -> NaiveDate {
        date_of(self.business_day_after(self.wall(t.timestamp()).0, n))
    }

    /// The first instant at which a date is open; none where it is closed. Where the wall shows
    /// that time twice, the earlier.
    pub fn opening(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        let day = day_of(date);
        let first = self.hours_on(day).first()?;
        Some(instant_at(self.first_showing(day, first.from)))
    }

    /// The instant at which a date closes for good; none where it is closed all day. Where the
    /// wall shows that time twice, the later.
    pub fn closing(&self, date: NaiveDate) -> Option<DateTime<Utc>> {
        let day = day_of(date);
        let last = self.hours_on(day).last()?;
        Some(instant_at(self.last_showing(day, last.to)))
    }

    /// When a contact attempt is due (policy.md §6): on the `n`-th business day strictly after
    /// the local date of `asked`, at the wall time of `asked`, not before that day's opening and
    /// at least a minute before its closing. Fractions of a second are dropped.
    pub fn contact_instant(&self, asked: DateTime<Utc>, n: u32) -> DateTime<Utc> {
        self.contact_instant_after(asked, asked, n)
    }

    /// The same where an attempt went out late (policy.md §6): the days count from the local
    /// date of `base`, when it really left, and the wall time stays that of `wall_of`, the
    /// question.
    pub fn contact_instant_after(
        &self,
        base: DateTime<Utc>,
        wall_of: DateTime<Utc>,
        n: u32,
    ) -> DateTime<Utc> {
        let day = self.business_day_after(self.wall(base.timestamp()).0, n);
        let hours = self.hours_on(day);
        let wanted = u32::try_from(self.wall(wall_of.timestamp()).1).unwrap_or(0);
        let second = match (hours.first(), hours.last()) {
            (Some(first), Some(last)) => wanted
                .min(last.to.saturating_sub(BEFORE_CLOSING_SECONDS))
                .max(first.from),
            _ => wanted,
        };
        instant_at(self.first_showing(day, second))
    }

    /// When the `n`-th business day strictly after the local date of `base` closes; the local
    /// date itself for 0. None where that date is closed all day, which for 1 and more means
    /// that the search ended at the horizon of [`HORIZON_DAYS`].
    pub fn closing_after(&self, base: DateTime<Utc>, n: u32) -> Option<DateTime<Utc>> {
        self.closing(self.add_business_days(base, n))
    }

    /// The weekly hours, weekdays in a row with equal hours together, in the order of the week;
    /// a weekday with two intervals gives two groups. Closed weekdays are left out.
    pub fn hours_in_words_data(&self) -> Vec<HoursGroup> {
        let mut groups = Vec::new();
        let mut rest = self.spec.weekly.as_slice();
        let mut first_weekday = 0u8;
        while let Some(hours) = rest.first() {
            let alike = rest.iter().take_while(|other| *other == hours).count();
            rest = rest.get(alike..).unwrap_or(&[]);
            let next_weekday = first_weekday.saturating_add(u8::try_from(alike).unwrap_or(0));
            groups.extend(hours.iter().map(|interval| HoursGroup {
                first_weekday,
                last_weekday: next_weekday.saturating_sub(1),
                from: wall_time(interval.from),
                to: wall_time(interval.to),
            }));
            first_weekday = next_weekday;
        }
        groups
    }

    /// The open hours within a date.
    pub(super) fn hours_on(&self, day: i64) -> &[Interval] {
        if let Some(hours) = self.exceptions.get(&day) {
            return hours;
        }
        let weekday = weekday_of(day);
        if self.is_rest_day(day) {
            &[]
        } else if self.overnight && self.is_rest_day(day - 1) {
            self.after_rest.get(weekday).map_or(&[], Vec::as_slice)
        } else {
            self.week.get(weekday).map_or(&[], Vec::as_slice)
        }
    }

    /// Open seconds of the seven dates from `day` on, a Monday, if none of them is out of the
    /// ordinary.
    pub(super) fn ordinary_week_seconds(&self, day: i64) -> Option<i64> {
        let before = i64::from(self.overnight);
        let ordinary = self.exceptions.range(day..day + 7).next().is_none()
            && !(day - before..day + 7).any(|day| self.is_rest_day(day));
        ordinary.then_some(self.week_seconds)
    }

    fn is_rest_day(&self, day: i64) -> bool {
        self.spec.rest_days.contains(date_of(day))
    }

    fn business_day_after(&self, start: i64, n: u32) -> i64 {
        let mut left = n;
        let mut day = start;
        while left > 0 && day < start + HORIZON_DAYS {
            day += 1;
            if !self.hours_on(day).is_empty() {
                left -= 1;
            }
        }
        day
    }

    /// Seconds that the wall clock is ahead of UTC at a Unix time.
    pub(super) fn offset_at(&self, unix: i64) -> i64 {
        let utc = instant_at(unix).naive_utc();
        let offset = self.spec.zone.offset_from_utc_datetime(&utc);
        i64::from(offset.fix().local_minus_utc())
    }

    /// Day number and seconds after midnight that the wall shows at a Unix time.
    fn wall(&self, unix: i64) -> (i64, i64) {
        let local = unix + self.offset_at(unix);
        let day = i64::from(DAY_SECONDS);
        (local.div_euclid(day), local.rem_euclid(day))
    }

    /// The instant at which the wall shows a time of a date, the first of two; where clocks skip it,
    /// the end of the gap.
    pub fn instant(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        instant_at(self.first_showing(day_of(date), time.num_seconds_from_midnight()))
    }

    /// The first Unix time at which the wall shows a time; where it skips it, the end of the gap.
    fn first_showing(&self, day: i64, second: u32) -> i64 {
        self.showings(day, second).0
    }

    /// The last Unix time at which the wall shows a time; where it skips it, the end of the gap.
    fn last_showing(&self, day: i64, second: u32) -> i64 {
        self.showings(day, second).1
    }

    fn showings(&self, day: i64, second: u32) -> (i64, i64) {
        let local = wall_naive(day, second);
        match self.spec.zone.from_local_datetime(&local) {
            LocalResult::Single(t) => (t.timestamp(), t.timestamp()),
            LocalResult::Ambiguous(a, b) => (
                a.timestamp().min(b.timestamp()),
                a.timestamp().max(b.timestamp()),
            ),
            LocalResult::None => {
                let end = GapInfo::new(&local, &self.spec.zone).and_then(|gap| gap.end);
                let unix = local.and_utc().timestamp();
                let end = end.map_or_else(|| unix - self.offset_at(unix), |t| t.timestamp());
                (end, end)
            }
        }
    }
}

/// The instant of a Unix time; the end of chrono's range beyond it.
pub(super) fn instant_at(unix: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(unix, 0).unwrap_or(if unix < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

fn wall_naive(day: i64, second: u32) -> NaiveDateTime {
    instant_at(day * i64::from(DAY_SECONDS) + i64::from(second)).naive_utc()
}

/// Days from 1 January 1970.
fn day_of(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days())
}

/// The date of a day number; the first or last date there is beyond them.
fn date_of(day: i64) -> NaiveDate {
    let nearest = if day < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    };
    i32::try_from(day)
        .ok()
        .and_then(NaiveDate::from_epoch_days)
        .unwrap_or(nearest)
}

/// 0 for Monday. Day 0 was a Thursday.
pub(super) fn weekday_of(day: i64) -> usize {
    usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0)
}
