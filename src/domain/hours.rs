//! Hours of one date: half-open intervals of wall time, and how they add up.

use super::calendar::CalendarError;

/// Seconds in a day as the wall shows it.
pub(super) const DAY_SECONDS: u32 = 86_400;

/// Seconds in a minute.
pub(super) const MINUTE_SECONDS: u32 = 60;
/// Seconds in an hour.
pub(super) const HOUR_SECONDS: u32 = 3_600;

/// Half-open hours `[from, to)` of a date, in seconds after its local midnight.
///
/// `to` may exceed a day for hours that run past midnight; they belong to the date they begin on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// Opening, under 86,400.
    pub from: u32,
    /// Closing, after `from` and at most a day after it.
    pub to: u32,
}

impl Interval {
    /// Hours from one wall time to another, in seconds after midnight.
    pub const fn new(from: u32, to: u32) -> Self {
        Self { from, to }
    }

    /// Whether this can be hours of a date.
    pub(super) fn check(self) -> Result<(), CalendarError> {
        let Self { from, to } = self;
        if from < DAY_SECONDS && from < to && to - from <= DAY_SECONDS {
            Ok(())
        } else {
            Err(CalendarError::BadInterval { from, to })
        }
    }

    /// The part within the date itself.
    fn within_date(self) -> Option<Self> {
        let to = self.to.min(DAY_SECONDS);
        (self.from < to).then_some(Self::new(self.from, to))
    }

    /// The part past midnight, as hours of the next date.
    fn past_midnight(self) -> Option<Self> {
        let from = self.from.max(DAY_SECONDS) - DAY_SECONDS;
        let to = self.to.max(DAY_SECONDS) - DAY_SECONDS;
        (from < to).then_some(Self::new(from, to))
    }
}

/// Open seconds of hours without overlaps.
pub(super) fn total_seconds(hours: &[Interval]) -> i64 {
    hours.iter().map(|i| i64::from(i.to - i.from)).sum()
}

/// What falls within a date, of intervals that begin on the date before and on the date itself.
pub(super) fn within_date(before: &[Interval], own: &[Interval]) -> Vec<Interval> {
    let carried = before.iter().filter_map(|i| i.past_midnight());
    united(
        carried
            .chain(own.iter().filter_map(|i| i.within_date()))
            .collect(),
    )
}

/// The same hours in order, without overlaps.
fn united(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_unstable();
    let mut united: Vec<Interval> = Vec::with_capacity(intervals.len());
    for interval in intervals {
        match united.last_mut() {
            Some(last) if interval.from <= last.to => last.to = last.to.max(interval.to),
            _ => united.push(interval),
        }
    }
    united
}

/// `open` without `breaks`; both in order.
pub(super) fn without(open: Vec<Interval>, breaks: &[Interval]) -> Vec<Interval> {
    breaks.iter().fold(open, |open, taken| {
        open.iter()
            .flat_map(|i| {
                [
                    Interval::new(i.from, i.to.min(taken.from)),
                    Interval::new(i.from.max(taken.to), i.to),
                ]
            })
            .filter(|i| i.from < i.to)
            .collect()
    })
}

/// `08:30`, and `24:00` for midnight at the end of a day.
pub(super) fn wall_time(second: u32) -> String {
    let second = if second > DAY_SECONDS {
        second - DAY_SECONDS
    } else {
        second
    };
    let (hour, minute) = (
        second / HOUR_SECONDS,
        second % HOUR_SECONDS / MINUTE_SECONDS,
    );
    format!("{hour:02}:{minute:02}")
}
