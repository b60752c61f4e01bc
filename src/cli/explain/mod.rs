//! `explain`: why a mail or a ticket is as it is, from what was stored when it was decided.

mod alerts;
mod document;
mod figures;
mod mail;
mod plan;
mod response;
mod say;
mod solution;
mod stretches;
mod ticket;
mod waits;
mod words;

pub use words::fact_words;

use anyhow::anyhow;
use chrono::{DateTime, Utc};

use super::{ConfigArg, Done, Failure, Outcome, print, setup, tickets};
use crate::config::settings::Settings;
use crate::daemon::calendars::Calendars;
use crate::ports::{Clock, SystemClock};
use crate::store::explain::Line;
use crate::store::{Connection, explain as table, views};
use ticket::View;

/// Columns that a line of an explanation is indented by.
const INDENT: &str = "  ";

/// Runs `explain`.
pub(super) fn explain(config: &ConfigArg, subject: &str, json: bool) -> Outcome {
    let (settings, _) = setup::settings(config)?;
    let store = setup::store(&settings)?;
    let now = SystemClock.now();
    let told = match message_id(subject) {
        Some(id) => of_mail(store.reader(), &settings, id, json)?,
        None => of_ticket(store.reader(), &settings, subject, json, now)?,
    };
    if told {
        Ok(Done::Well)
    } else {
        let text = anyhow!("nothing is known of {subject}");
        Err(Failure::Refused(text))
    }
}

/// The argument as a Message-ID without brackets, where it is one: it has an `@`, which no ticket's
/// name has.
fn message_id(subject: &str) -> Option<&str> {
    let id = subject.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id);
    id.contains('@').then_some(id)
}

/// Every mail with this id, received or sent; false where there is none.
fn of_mail(tx: &Connection, settings: &Settings, id: &str, json: bool) -> Result<bool, Failure> {
    let received = table::received(tx, id)?;
    let sent = table::sent(tx, id)?;
    let referred = match (&sent, received.is_empty()) {
        (None, true) => table::referred_to(tx, id)?,
        _ => None,
    };
    if received.is_empty() && sent.is_none() && referred.is_none() {
        return Ok(false);
    }
    if json {
        print::json(&document::of_mail(
            id,
            &received,
            sent.as_ref(),
            referred,
            settings,
        ))?;
    } else {
        for (number, mail) in received.iter().enumerate() {
            if number > 0 {
                print::line("")?;
            }
            mail::received(mail, settings)?;
        }
        if let Some(sent) = &sent {
            mail::sent(sent, id, settings)?;
        }
        if let Some(ticket) = referred {
            print::line(&format!(
                "no mail with this id was seen; a mail of {} refers to it, so answers to it go there",
                settings.policy.tag(ticket)
            ))?;
        }
    }
    Ok(true)
}

fn of_ticket(
    tx: &Connection,
    settings: &Settings,
    name: &str,
    json: bool,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let number = tickets::number(name, settings).map_err(|_| {
        Failure::Refused(anyhow!(
            "«{name}» is neither a ticket such as {} nor a Message-ID, which has an @",
            settings.policy.tag(crate::domain::ids::TicketId(1))
        ))
    })?;
    let Some(ticket) = tickets::load(tx, number, &Calendars::new(settings.zone))? else {
        return Ok(false);
    };
    let lines = table::lines_of_ticket(tx, number)?;
    let view = View {
        ticket: &ticket,
        causes: &table::causes(tx, number)?,
        settings,
        next_action: views::next_action(tx, number)?,
        now: tickets::as_of(&ticket, now),
    };
    if json {
        print::json(&document::of_ticket(tx, &view, &lines)?)?;
    } else {
        ticket::explain(&view, &lines)?;
    }
    Ok(true)
}

/// `name      value`, with names in one column.
fn field(name: &str, value: &str) -> Result<(), Failure> {
    print::line(&format!("{name:<11} {value}"))
}

/// Decisions, oldest first: when, each step, and what was written because of it.
fn decisions(lines: &[Line], settings: &Settings) -> Result<(), Failure> {
    for line in lines {
        let at = print::moment(line.at, settings.zone);
        print::line(&format!("{at}  {}", line.event))?;
        for step in line.why.lines() {
            print::line(&format!("{INDENT}- {}", print::flat(step)))?;
        }
        for row in &line.mails {
            let ticket = row.ticket.map(|t| format!(" {}", settings.policy.tag(t)));
            print::line(&format!(
                "{INDENT}> {}{} to {}: {}, outgoing mail {} <{}>",
                row.kind,
                ticket.unwrap_or_default(),
                row.to,
                row.state,
                row.id,
                row.message_id
            ))?;
        }
    }
    Ok(())
}
