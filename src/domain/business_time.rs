//! Counting in open hours: when so much support time has passed, and how much lies between.
//!
//! All of it walks the same way: from an instant, in stretches that lie within one date and one
//! offset from UTC, where wall time and real time run alike. Ordinary weeks are taken in one step.
//! A change of the offset is found by comparing both ends of a stretch, and the middle of a week;
//! this takes for granted that no zone changes its offset and back within half a week, which is
//! a test.

use chrono::{DateTime, Duration, Utc};

use super::calendar::{Calendar, HORIZON_DAYS, instant_at, weekday_of};
use super::hours::DAY_SECONDS;

const DAY: i64 = DAY_SECONDS as i64;
const WEEK_DAYS: i64 = 7;
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// A part of a span of time that is open or closed throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins.
    pub from: DateTime<Utc>,
    /// Where it ends; not part of it.
    pub to: DateTime<Utc>,
    /// Whether support is open in it.
    pub open: bool,
}

/// Real time within one date and one offset. Unix seconds, `to` not included.
struct Stretch {
    /// The date, as days from 1 January 1970.
    day: i64,
    /// The Unix time of its midnight, had it this offset all day.
    midnight: i64,
    from: i64,
    to: i64,
}

impl Calendar {
    /// Whether support is open at `t`. At 18:00:00 sharp an office that closes at 18:00 is closed.
    pub fn is_open(&self, t: DateTime<Utc>) -> bool {
        let unix = t.timestamp();
        let stretch = self.stretch(unix, unix + 1);
        self.open_parts(&stretch).next().is_some()
    }

    /// The first open instant at or after `t`: `t` itself where it is open. Beyond
    /// [`HORIZON_DAYS`] the horizon.
    pub fn next_open(&self, t: DateTime<Utc>) -> DateTime<Utc> {
        let horizon = t.timestamp() + HORIZON_DAYS * DAY;
        let mut at = t.timestamp();
        while at < horizon {
            let stretch = self.stretch(at, horizon);
            if let Some((from, _)) = self.open_parts(&stretch).next() {
                return instant_at(from).max(t);
            }
            at = stretch.to;
        }
        instant_at(horizon)
    }

    /// The earliest instant that has `duration` of open time between `t` and itself: closing
    /// time, not the next opening, where the time runs out there. `t` for zero and less. Beyond
    /// [`HORIZON_DAYS`] the horizon.
    pub fn add(&self, t: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
        let mut left = duration_nanos(duration);
        if left <= 0 {
            return t;
        }
        let start = nanos(t);
        let horizon = t.timestamp() + HORIZON_DAYS * DAY;
        let mut at = t.timestamp();
        while at < horizon {
            let stretch = self.stretch(at, horizon);
            // A week that uses up exactly what is left must be walked: the end is its last closing.
            if let Some((seconds, end)) = self.ordinary_week(&stretch)
                && left > seconds_nanos(seconds)
                && end <= horizon
            {
                left -= seconds_nanos(seconds);
                at = end;
                continue;
            }
            for (from, to) in self.open_parts(&stretch) {
                let from = seconds_nanos(from).max(start);
                let open = seconds_nanos(to) - from;
                if left <= open {
                    return instant_of(from + left);
                }
                left -= open;
            }
            at = stretch.to;
        }
        instant_at(horizon)
    }

    /// Open time between two instants; zero if `b` is not after `a`. Time more than
    /// [`HORIZON_DAYS`] after `a` is not counted.
    pub fn between(&self, a: DateTime<Utc>, b: DateTime<Utc>) -> Duration {
        let (start, end) = (nanos(a), nanos(b));
        if end <= start {
            return Duration::zero();
        }
        // The second in which `b` lies is walked too; its part after `b` is cut off below.
        let last = (b.timestamp() + 1).min(a.timestamp() + HORIZON_DAYS * DAY);
        let mut open = 0;
        let mut at = a.timestamp();
        while at < last {
            let stretch = self.stretch(at, last);
            if let Some((seconds, week_end)) = self.ordinary_week(&stretch)
                && week_end < last
            {
                open += seconds_nanos(seconds);
                at = week_end;
                continue;
            }
            open += self
                .open_parts(&stretch)
                .map(|(from, to)| {
                    let from = seconds_nanos(from).max(start);
                    let to = seconds_nanos(to).min(end);
                    (to - from).max(0)
                })
                .sum::<i128>();
            at = stretch.to;
        }
        nanos_duration(open)
    }

    /// The span from `a` to `b` in parts, cut where open changes to closed and back, not at
    /// midnight. Empty if `b` is not after `a`. What lies more than [`HORIZON_DAYS`] after `a`
    /// counts as closed.
    pub fn split(&self, a: DateTime<Utc>, b: DateTime<Utc>) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        let mut reached = a;
        let mut extend = |reached: &mut DateTime<Utc>, to: DateTime<Utc>, open: bool| {
            let to = to.min(b);
            if to <= *reached {
                return;
            }
            match segments.last_mut() {
                Some(last) if last.open == open => last.to = to,
                _ => segments.push(Segment {
                    from: *reached,
                    to,
                    open,
                }),
            }
            *reached = to;
        };
        let last = (b.timestamp() + 1).min(a.timestamp() + HORIZON_DAYS * DAY);
        let mut at = a.timestamp();
        while at < last && a < b {
            let stretch = self.stretch(at, last);
            for (from, to) in self.open_parts(&stretch) {
                extend(&mut reached, instant_at(from), false);
                extend(&mut reached, instant_at(to), true);
            }
            at = stretch.to;
        }
        extend(&mut reached, b, false);
        segments
    }

    /// The stretch that begins at a Unix time, cut at `limit`, which is later.
    fn stretch(&self, at: i64, limit: i64) -> Stretch {
        let offset = self.offset_at(at);
        let day = (at + offset).div_euclid(DAY);
        let midnight = day * DAY - offset;
        let end = (midnight + DAY).min(limit);
        let to = if self.offset_at(end - 1) == offset {
            end
        } else {
            self.first_change(at, end - 1, offset)
        };
        Stretch {
            day,
            midnight,
            from: at,
            to,
        }
    }

    /// The first Unix time with another offset: after `before`, which has `offset`, and at or
    /// before `after`, which has not. Halving a day to a second takes 17 steps.
    fn first_change(&self, mut before: i64, mut after: i64, offset: i64) -> i64 {
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            if self.offset_at(middle) == offset {
                before = middle;
            } else {
                after = middle;
            }
        }
        after
    }

    /// The open parts of a stretch, in order, as Unix times.
    fn open_parts(&self, stretch: &Stretch) -> impl Iterator<Item = (i64, i64)> {
        let Stretch {
            midnight, from, to, ..
        } = *stretch;
        self.hours_on(stretch.day)
            .iter()
            .map(move |i| {
                (
                    (midnight + i64::from(i.from)).max(from),
                    (midnight + i64::from(i.to)).min(to),
                )
            })
            .filter(|(from, to)| from < to)
    }

    /// Open seconds and end of the week that begins with a stretch, if it begins one and nothing
    /// in it is out of the ordinary.
    fn ordinary_week(&self, stretch: &Stretch) -> Option<(i64, i64)> {
        if stretch.from != stretch.midnight || weekday_of(stretch.day) != 0 {
            return None;
        }
        let seconds = self.ordinary_week_seconds(stretch.day)?;
        let end = stretch.midnight + WEEK_DAYS * DAY;
        let middle = stretch.midnight + WEEK_DAYS * DAY / 2;
        let offset = stretch.day * DAY - stretch.midnight;
        (self.offset_at(middle) == offset && self.offset_at(end - 1) == offset)
            .then_some((seconds, end))
    }
}

fn seconds_nanos(seconds: i64) -> i128 {
    i128::from(seconds) * NANOS_PER_SECOND
}

fn nanos(t: DateTime<Utc>) -> i128 {
    seconds_nanos(t.timestamp()) + i128::from(t.timestamp_subsec_nanos())
}

fn duration_nanos(duration: Duration) -> i128 {
    seconds_nanos(duration.num_seconds()) + i128::from(duration.subsec_nanos())
}

/// The instant of a Unix time in nanoseconds; the end of chrono's range beyond it.
fn instant_of(nanos: i128) -> DateTime<Utc> {
    let whole = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).unwrap_or(i64::MAX);
    let part = u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).unwrap_or(0);
    DateTime::from_timestamp(whole, part).unwrap_or_else(|| instant_at(whole))
}

/// A duration that is not negative and within the horizon.
fn nanos_duration(nanos: i128) -> Duration {
    let whole = i64::try_from(nanos.div_euclid(NANOS_PER_SECOND)).unwrap_or(i64::MAX);
    let part = u32::try_from(nanos.rem_euclid(NANOS_PER_SECOND)).unwrap_or(0);
    Duration::new(whole, part).unwrap_or(Duration::MAX)
}
