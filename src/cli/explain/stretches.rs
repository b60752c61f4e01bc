//! The time that a clock counted, stretch by stretch, and why the rest did not count.

use chrono::{DateTime, Duration, Utc};

use super::say;
use super::ticket::View;
use crate::cli::{Failure, print};
use crate::domain::account::{Stretch, stretches};
use crate::domain::policy::ClockMode;

/// Most stretches of one span that people are shown: half of them from its beginning, half from its
/// end.
pub(super) const SHOWN_MAX: usize = 24;

/// A span in stretches, with the middle left out where there are too many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The first ones, or all.
    pub first: Vec<Stretch>,
    /// How many are left out, and the time in them that counts.
    pub left_out: (usize, Duration),
    /// The last ones, where some are left out.
    pub last: Vec<Stretch>,
}

/// A span of a clock of this mode, at most `max` stretches.
pub(super) fn shown(
    view: &View,
    mode: ClockMode,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    max: usize,
) -> Shown {
    let mut first = stretches(view.calendar(), mode, from, to);
    if first.len() <= max {
        return Shown {
            first,
            left_out: (0, Duration::zero()),
            last: Vec::new(),
        };
    }
    let mut middle = first.split_off(max / 2);
    let last = middle.split_off(middle.len().saturating_sub(max / 2));
    let counted = middle.iter().filter(|stretch| stretch.counted);
    let time = counted.fold(Duration::zero(), |sum, part| sum + (part.to - part.from));
    Shown {
        first,
        left_out: (middle.len(), time),
        last,
    }
}

/// Prints a span, one stretch a line, `indent` before each.
pub(super) fn print(
    view: &View,
    mode: ClockMode,
    span: (DateTime<Utc>, DateTime<Utc>),
    indent: &str,
) -> Result<(), Failure> {
    let shown = shown(view, mode, span, SHOWN_MAX);
    for stretch in &shown.first {
        print::line(&line(view, stretch, indent))?;
    }
    let (number, time) = shown.left_out;
    if number > 0 {
        let time = say::hours(time);
        print::line(&format!(
            "{indent}…         {number} more, of which {time} count, are left out here"
        ))?;
    }
    for stretch in &shown.last {
        print::line(&line(view, stretch, indent))?;
    }
    Ok(())
}

fn line(view: &View, stretch: &Stretch, indent: &str) -> String {
    let (from, to) = (
        view.moment(stretch.from),
        view.then(stretch.from, stretch.to),
    );
    if stretch.counted {
        let time = say::hours(stretch.to - stretch.from);
        format!("{indent}counted   {from} to {to}: {time}")
    } else {
        let why = say::closed(stretch, view.calendar());
        format!("{indent}closed    {from} to {to}: {why}")
    }
}
