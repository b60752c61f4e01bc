//! The digest (policy.md §10): at the opening of a business day each consultant is told what of his
//! runs out, what waits for whom, and what is held; and whenever he asks for it.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use super::announce::{facts, on_duty};
use super::case::Case;
use super::effect::{Decision, Effect, Manner, Outgoing, Speaker};
use super::letter::Letter;
use super::lifecycle::next_opening;
use super::pending::{Awaiting, pending};
use super::policy::{Consultant, Policy};
use super::survey::{Digest, Overview, Row, Section};
use super::token::Purpose;

/// Most tickets shown in one section; of more, the number.
pub const ROWS_MAX: usize = 20;

/// Policy §10: it is skipped where the program comes later than this.
const LATE: Duration = Duration::hours(1);

/// Days looked back for the last opening; a house that is closed for longer has no digests.
const LOOK_BACK_DAYS: u64 = 60;

/// The day whose digest is due: the last one that opened, unless it is dealt with. `last` is the day
/// of the last digest, sent or skipped.
pub fn due(policy: &Policy, last: Option<NaiveDate>, now: DateTime<Utc>) -> Option<NaiveDate> {
    if !policy.daily_digest {
        return None;
    }
    let today = policy.calendar.local(now).date_naive();
    let opened = (0..=LOOK_BACK_DAYS)
        .filter_map(|back| today.checked_sub_days(Days::new(back)))
        .find(|day| {
            let opening = policy.calendar.opening(*day);
            opening.is_some_and(|opening| opening <= now)
        })?;
    last.is_none_or(|last| last < opened).then_some(opened)
}

/// The next opening, at which one will be due; none where the house wants none.
pub fn next_at(policy: &Policy, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let calendar = &policy.calendar;
    let today = calendar.local(now).date_naive();
    let opening = calendar.opening(today).filter(|opening| *opening > now);
    policy
        .daily_digest
        .then(|| opening.unwrap_or_else(|| next_opening(calendar, now)))
}

/// One mail to each consultant to whom there is something to say; or none, and why.
pub fn decide(
    day: NaiveDate,
    broken: Option<&str>,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision {
        effects: vec![Effect::DigestDone { day }],
        why: Vec::new(),
    };
    if let Some(reason) = skipped(day, broken, case, policy, now) {
        decision
            .why
            .push(format!("digest of {day} skipped: {reason}"));
        return decision;
    }
    for consultant in &policy.consultants {
        let digest = digest(consultant, &case.overview, false, policy, now);
        let name = &consultant.person.name;
        if is_empty(&digest) {
            let why = format!("digest of {day} for {name}: nothing to say, no mail");
            decision.why.push(why);
            continue;
        }
        let tickets: usize = digest.sections.iter().map(Section::count).sum();
        decision
            .why
            .push(format!("digest of {day} for {name}: {tickets} tickets"));
        decision.effects.push(Effect::Send(Box::new(Outgoing {
            letter: Letter::Digest(digest),
            to: consultant.person.clone(),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Timer,
            speaker: Speaker::Service,
            thread: None,
            source: None,
            once: format!("digest:{day}:{}", consultant.person.address),
            not_before: now,
        })));
    }
    decision
}

/// Why a digest that is due is not sent, where it is not.
fn skipped(
    day: NaiveDate,
    broken: Option<&str>,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<String> {
    if let Some(reason) = broken {
        return Some(format!("it could not be written ({reason})"));
    }
    let opening = policy.calendar.opening(day)?;
    if case.overview.since.is_none_or(|since| since >= opening) {
        return Some("the program starts for the first time".to_owned());
    }
    (now - opening > LATE).then(|| "more than an hour late".to_owned())
}

/// Everything that is a consultant's, and what is held.
pub fn digest(
    consultant: &Consultant,
    overview: &Overview,
    asked: bool,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Digest {
    let mut rows: Vec<Row> = overview
        .tickets
        .iter()
        .filter(|ticket| on_duty(ticket, policy).contains(&consultant))
        .filter_map(|ticket| {
            Some(Row {
                id: ticket.id,
                ticket: facts(ticket, policy),
                own: ticket.assignee.as_ref() == Some(&consultant.person.address),
                pending: pending(ticket, policy, now)?,
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.pending.order(), row.ticket.priority, row.id));
    let section = |awaiting: Awaiting| {
        let of = |row: &&Row| row.pending.waits_for == awaiting;
        let count = rows.iter().filter(of).count();
        (count > 0).then(|| Section {
            name: awaiting.name(),
            rows: rows.iter().filter(of).take(ROWS_MAX).cloned().collect(),
            more: count.saturating_sub(ROWS_MAX),
        })
    };
    Digest {
        asked,
        as_of: now,
        sections: Awaiting::ALL.into_iter().filter_map(section).collect(),
        held: overview.held.clone(),
        held_more: overview.held_more,
        unseen: overview.unseen,
    }
}

/// Whether there is nothing to say.
fn is_empty(digest: &Digest) -> bool {
    digest.sections.is_empty() && digest.held.is_empty() && digest.unseen == 0
}

impl Section {
    /// How many tickets it speaks of.
    pub fn count(&self) -> usize {
        self.rows.len() + self.more
    }
}
