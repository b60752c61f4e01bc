//! The solution clock in words (policy.md §4): its life by states, what each other kind did to it, and
//! what is left.

use chrono::Duration;

use super::ticket::View;
use super::{INDENT, field, say, stretches};
use crate::cli::{Failure, print};
use crate::domain::clock::{self, ClockSegment, KindChange, Opening, SolutionClock};
use crate::domain::policy::{ClockMode, SolutionTerms};
use crate::domain::ticket::{Fact, Status};

/// Most parts of a clock's life that people are shown; of more, the last ones.
const SEGMENTS_MAX: usize = 40;

/// Prints it.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    let clock = clock::solution(view.ticket, view.policy(), view.now);
    let Some(start) = clock.started_at else {
        return field("  starts", "with the first answer");
    };
    field(
        "  starts",
        &format!("{}, the first answer", view.moment(start)),
    )?;
    let kind = Opening::of(view.ticket).kind;
    let terms = view.policy().solution_terms(kind);
    field(
        "  opened as",
        &format!("{}: {}", kind.name(), allows(terms)),
    )?;
    for change in clock::kind_changes(view.ticket, view.policy(), view.now) {
        kind_changed(view, &change)?;
    }
    let skipped = clock.segments.len().saturating_sub(SEGMENTS_MAX);
    if skipped > 0 {
        print::line(&format!(
            "{INDENT}…         {skipped} earlier states are left out here"
        ))?;
    }
    for part in clock.segments.iter().skip(skipped) {
        segment(view, part)?;
    }
    field(
        "  elapsed",
        &format!(
            "{} of {}",
            say::hours(clock.elapsed),
            say::hours(clock.limit)
        ),
    )?;
    if let Some(target) = clock.target.filter(|target| *target < clock.limit) {
        let at = clock.reaches(target, view.calendar());
        let at = at.map_or_else(|| "open".to_owned(), |at| view.moment(at));
        field("  target", &format!("{at}, after {}", say::hours(target)))?;
    }
    field("  due", &due(view, &clock))?;
    field("  kept", &kept(&clock))
}

fn allows(terms: SolutionTerms) -> String {
    let limit = format!("limit {}", say::hours(terms.limit));
    match terms.target {
        Some(target) => format!("target {}, {limit}", say::hours(target)),
        None => limit,
    }
}

/// Policy §3, §4: to a shorter kind, due = min(old due, change + new limit); to a longer one, due =
/// start + new limit. Told in time that the clock runs, which pauses do not move.
fn kind_changed(view: &View, change: &KindChange) -> Result<(), Failure> {
    let says = format!(
        "{}: from {} to {} by {}, when {} had run",
        view.moment(change.at),
        change.from.name(),
        change.to.name(),
        change.by,
        say::hours(change.run)
    );
    field("  changed", &says)?;
    let (old, new, result) = (
        say::hours(change.before.limit),
        say::hours(change.alone.limit),
        say::hours(change.after.limit),
    );
    let words = if change.shorter(view.policy()) {
        let run = say::hours(change.run);
        let sum = say::hours(change.run + change.alone.limit);
        format!("limit = min(old {old}, {run} run + {new} = {sum}) = {result}")
    } else {
        format!("limit = {new} from the start")
    };
    field("", &words)
}

/// A part of the clock's life, who brought it about, and what of it counts.
fn segment(view: &View, part: &ClockSegment) -> Result<(), Failure> {
    let from = view.moment(part.from);
    let end = part
        .to
        .map_or_else(|| "now".to_owned(), |to| view.then(part.from, to));
    let until = part.to.unwrap_or(view.now).max(part.from);
    let by = entered_by(view, part).map_or(String::new(), |who| format!(", by {who}"));
    let status = part.status.name();
    let counted = if part.runs() {
        let open = view.calendar().between(part.from, until);
        format!("{} count", say::hours(open))
    } else if part.status == Status::Closed {
        "the end".to_owned()
    } else {
        "stands still".to_owned()
    };
    print::line(&format!("{INDENT}{from} to {end}{by}, {status}: {counted}"))?;
    if part.runs() {
        let span = (part.from, until);
        stretches::print(view, ClockMode::Business, span, "    ")?;
    }
    Ok(())
}

/// Who brought the ticket into the state of a part. The answer that starts the clock may have been
/// accepted after its state was entered.
fn entered_by<'a>(view: &View<'a>, part: &ClockSegment) -> Option<&'a str> {
    let place = view.ticket.history.iter().rposition(|dated| {
        dated.at <= part.from
            && matches!(dated.fact, Fact::StatusChanged { to, .. } if to == part.status)
    })?;
    Some(view.who(place))
}

fn due(view: &View, clock: &SolutionClock) -> String {
    let left = say::hours(clock.remaining());
    match (clock.due_at, clock.paused, view.ticket.is_open()) {
        (Some(at), _, _) => view.moment(at),
        (None, true, _) => format!("paused, {left} left: it depends on when the pause ends"),
        (None, false, false) => format!("closed with {left} left"),
        (None, false, true) => "open: it depends on when the pause ends".to_owned(),
    }
}

fn kept(clock: &SolutionClock) -> String {
    if clock.breached {
        let over: Duration = clock.elapsed - clock.limit;
        format!("no: {} over the limit", say::hours(over))
    } else {
        format!("yes, {} left", say::hours(clock.remaining()))
    }
}
