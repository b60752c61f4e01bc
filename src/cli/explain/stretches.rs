//! The time that a clock counted, stretch by stretch, and why the rest did not count.

use chrono::{DateTime, Utc};

use super::say;
use super::ticket::View;
use crate::cli::{Failure, print};
use crate::domain::account::{Stretch, shown};
use crate::domain::policy::ClockMode;

/// Most stretches of one span that people are shown.
const SHOWN_MAX: usize = 24;

/// Prints a span, one stretch a line, `indent` before each.
pub(super) fn print(
    view: &View,
    mode: ClockMode,
    span: (DateTime<Utc>, DateTime<Utc>),
    indent: &str,
) -> Result<(), Failure> {
    let shown = shown(view.calendar(), mode, span, SHOWN_MAX);
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
