//! What a decision about time and its price needs besides the ticket: who may approve it, what was
//! asked for, what was on record already (policy.md §4, §7).

use chrono::{Days, NaiveDate, NaiveTime};
use rusqlite::Connection;

use super::{Result, charges, directory, inbox};
use crate::domain::case::{AskedFor, Case};
use crate::domain::command::Command;
use crate::domain::dispute;
use crate::domain::effort::session_span;
use crate::domain::letter::LetterKind;
use crate::domain::message::Mail;
use crate::domain::policy::Policy;
use crate::domain::ticket::{Fact, Ticket};

/// The ticket that a mail points to most surely.
pub(super) fn first(case: &Case) -> Option<&Ticket> {
    let first = case.candidates.first();
    first.and_then(|first| case.tickets.get(&first.ticket))
}

/// The lines that an authorizer's answer to a statement names; his standing is known.
pub(super) fn add_disputed(tx: &Connection, case: &mut Case, mail: &Mail) -> Result<()> {
    let named = case.named.as_ref();
    let answers = named.is_some_and(|named| named.letter == LetterKind::MonthlyStatement);
    if let Some(listed) = case.standing.listed.as_ref().filter(|_| answers) {
        let lines = dispute::named(&mail.text);
        case.disputed = charges::of_client(tx, listed.client.id, &lines)?;
    }
    Ok(())
}

/// What each ticket's client was charged for follow-ups on a local day.
pub(super) fn add_followed_up(
    tx: &Connection,
    case: &mut Case,
    day: NaiveDate,
    policy: &Policy,
) -> Result<()> {
    let begins = |day| policy.calendar.instant(day, NaiveTime::MIN);
    let today = (begins(day), begins(day + Days::new(1)));
    for ticket in case.tickets.values_mut() {
        ticket.followed_up_today = charges::follow_up_minutes(tx, ticket.client.id, today)?;
    }
    Ok(())
}

/// Those who may approve time for the client of the ticket that the mail is about.
pub(super) fn add_approvers(tx: &Connection, case: &mut Case, today: NaiveDate) -> Result<()> {
    if let Some(ticket) = first(case) {
        case.approvers = directory::approvers(tx, ticket.client.id, today)?;
    }
    Ok(())
}

/// The newest mail of one of them on the ticket: what a window out of hours is accepted for.
pub(super) fn add_asked_for(tx: &Connection, case: &mut Case) -> Result<()> {
    let Some(ticket) = first(case) else {
        return Ok(());
    };
    let asked = ticket.history.iter().rev().find_map(|dated| {
        let Fact::ClientWrote { by, inbound, .. } = &dated.fact else {
            return None;
        };
        let approver = case.approvers.iter().find(|one| one.address == *by)?;
        Some((approver.clone(), *inbound, dated.at))
    });
    if let Some((person, inbound, received_at)) = asked {
        case.asked_for = Some(AskedFor {
            by: person.address,
            name: person.name,
            inbound,
            received_at,
            verdict: inbox::verdict(tx, inbound)?,
        });
    }
    Ok(())
}

/// Sessions on record at the time of one that a consultant records.
pub(super) fn add_sessions(
    tx: &Connection,
    case: &mut Case,
    command: &Command,
    day: NaiveDate,
    policy: &Policy,
) -> Result<()> {
    // The client's own calendar has the house's zone.
    let calendar = first(case).map_or(&policy.calendar, |ticket| ticket.calendar(policy));
    if let Some(span) = session_span(command, day, calendar) {
        case.sessions.extend(charges::sessions_within(tx, span)?);
    }
    Ok(())
}
