//! The response clock in words (policy.md §3): what was promised, what each other priority did to it,
//! what was counted, and whether the promise was kept.

use chrono::{DateTime, Utc};

use super::ticket::View;
use super::{field, say, stretches};
use crate::cli::Failure;
use crate::domain::clock::{self, Opening, Reclassification, ResponseClock};
use crate::domain::policy::{ClockMode, ResponseTerms};
use crate::domain::ticket::Fact;

/// Prints it.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    let opening = Opening::of(view.ticket);
    let clock = clock::response(view.ticket, view.policy());
    if clock.pending {
        return field(
            "  starts",
            "with the mail that makes the call official (policy.md §2)",
        );
    }
    let what = match (opening.by_phone, clock.start == opening.at) {
        (false, _) => "receipt of the mail that opened it",
        (true, true) => "the call",
        (true, false) => "the mail that made the call official",
    };
    field("  starts", &format!("{}, {what}", view.moment(clock.start)))?;
    let changes = clock::reclassifications(view.ticket, view.policy());
    promise(view, &clock, &opening, &changes)?;
    let until = clock.end(view.now);
    stretches::print(view, clock.mode, (clock.start, until), "  ")?;
    let elapsed = say::hours(clock.elapsed(view.calendar(), until));
    let met = match clock.met_at {
        Some(at) => format!("{} after {elapsed}", view.moment(at)),
        None if view.ticket.is_open() => format!("not yet; {elapsed} have passed"),
        None => format!("never: the ticket was closed after {elapsed}"),
    };
    field("  met", &met)?;
    field("  kept", &kept(view, &clock))
}

/// Target and limit, and how they came about.
fn promise(
    view: &View,
    clock: &ResponseClock,
    opening: &Opening,
    changes: &[Reclassification],
) -> Result<(), Failure> {
    let later = |priority| {
        let terms = view.policy().response_terms(priority);
        let hours = mode(terms.clock);
        let span = |time| format!(" ({} later, {hours})", say::hours(time));
        (span(terms.target), span(terms.limit))
    };
    let (mut target_later, mut limit_later) = later(opening.priority);
    if let Some(first) = changes.first() {
        let name = opening.priority.name();
        let before = &first.before;
        field(
            "  opened as",
            &format!(
                "{name}: target {}{target_later},",
                view.moment(before.target_at)
            ),
        )?;
        field(
            "",
            &format!("limit {}{limit_later}", view.moment(before.limit_at)),
        )?;
        (target_later, limit_later) = (String::new(), String::new());
    }
    for change in changes {
        reclassified(view, change)?;
    }
    unmoved(view, clock)?;
    field(
        "  target",
        &format!("{}{target_later}", view.moment(clock.target_at)),
    )?;
    let mut limit = format!("{}{limit_later}", view.moment(clock.limit_at));
    if clock.limit_open_at != clock.limit_at {
        let until = view.moment(clock.limit_open_at);
        limit.push_str(&format!(", at closing time: kept until {until}"));
    }
    field("  limit", &limit)
}

/// Policy §3: raised: due = min(old due, change + new limit); lowered: due = start + new limit; a
/// click never breaches.
fn reclassified(view: &View, change: &Reclassification) -> Result<(), Failure> {
    let (how, from) = if change.raised() {
        ("raised", "change")
    } else {
        ("lowered", "start")
    };
    let says = format!(
        "{}: {how} from {} to {} by {}",
        view.moment(change.at),
        change.from.name(),
        change.to.name(),
        change.by
    );
    field("  changed", &says)?;
    let terms: ResponseTerms = view.policy().response_terms(change.to);
    let hours = mode(terms.clock);
    let (before, alone, after) = (&change.before, &change.alone, &change.after);
    for (name, term, [old, new, result]) in [
        (
            "target",
            terms.target,
            [before.target_at, alone.target_at, after.target_at],
        ),
        (
            "limit",
            terms.limit,
            [before.limit_at, alone.limit_at, after.limit_at],
        ),
    ] {
        let sum = format!("{from} + {} ({hours})", say::hours(term));
        let [old, new, result] = [old, new, result].map(|at| view.moment(at));
        let words = if change.raised() {
            format!("{name} = min(old {old}, {sum} = {new}) = {result}")
        } else if new == result {
            format!("{name} = {sum} = {new}")
        } else {
            format!("{name} = {sum} = {new} is over: a click never breaches, it stays {result}")
        };
        field("", &words)?;
    }
    Ok(())
}

/// Priorities given after the answer, which move nothing.
fn unmoved(view: &View, clock: &ResponseClock) -> Result<(), Failure> {
    for dated in &view.ticket.history {
        if let Fact::PriorityChanged { to, by } = &dated.fact
            && clock.met_at.is_some_and(|met| met < dated.at)
        {
            let at = view.moment(dated.at);
            let to = to.name();
            field(
                "  changed",
                &format!("{at}: made {to} by {by} after the answer, which moves nothing"),
            )?;
        }
    }
    Ok(())
}

fn kept(view: &View, clock: &ResponseClock) -> String {
    let calendar = view.calendar();
    let time = |from: DateTime<Utc>, to: DateTime<Utc>| {
        say::hours(match clock.mode {
            ClockMode::Business => calendar.between(from, to),
            ClockMode::Wall => to - from,
        })
    };
    let until = clock.end(view.now);
    let answered = clock.met_at.is_some_and(|met| met <= view.now);
    let ended = answered || clock.closed_at.is_some_and(|closed| closed <= view.now);
    if clock.breached(view.now) {
        let late = time(clock.limit_at, until);
        return if answered {
            format!("no: answered {late} after the limit")
        } else if ended {
            format!("no: closed {late} after the limit")
        } else {
            format!("no: {late} have passed since the limit")
        };
    }
    let (so_far, were) = if ended {
        ("yes", "were")
    } else {
        ("yes, so far", "are")
    };
    if until > clock.limit_at {
        let opening = view.moment(clock.limit_open_at);
        format!("{so_far}: due at closing, kept until the next opening, {opening}")
    } else {
        let left = time(until, clock.limit_at);
        format!("{so_far}: {left} {were} left")
    }
}

fn mode(mode: ClockMode) -> &'static str {
    match mode {
        ClockMode::Business => "support hours",
        ClockMode::Wall => "all hours",
    }
}
