//! `ledger`: what is charged, line by line, and its corrections.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::report::month;
use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::settings::Settings;
use crate::domain::correction::{Correction, is_reversible};
use crate::domain::event::Event;
use crate::domain::ids::{ChargeId, TicketId};
use crate::domain::month::Month;
use crate::ports::{Clock, SystemClock};
use crate::store::{Store, charges, directory, views};

/// Longest adjustment at once, in minutes: beyond it a digit is wrong.
const ADJUSTMENT_MAX_MINUTES: i64 = 160 * 60;

/// What to show, or to correct.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct LedgerArgs {
    #[command(flatten)]
    show: Show,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Show {
    /// Only this client, by name
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Only lines entered in this month, such as 2026-11
    #[arg(long, value_name = "MONTH", value_parser = month)]
    month: Option<Month>,
    #[command(flatten)]
    json: JsonArg,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take a line back: it stays, and another one takes its minutes away
    Reverse {
        /// Its number, such as L-12
        #[arg(value_name = "L-12", value_parser = line_number)]
        line: i64,
        /// Why, as the client may read it
        reason: String,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Charge minutes of a ticket by hand, or take some away
    Adjust {
        /// The ticket, such as GS-1
        #[arg(value_name = "GS-1")]
        ticket: String,
        /// How many minutes, such as 30 or -15
        #[arg(allow_negative_numbers = true)]
        minutes: i64,
        /// Why, as the client may read it
        reason: String,
        #[command(flatten)]
        json: JsonArg,
    },
}

fn line_number(text: &str) -> Result<i64, String> {
    let digits = text
        .strip_prefix(['L', 'l'])
        .map_or(text, |rest| rest.strip_prefix('-').unwrap_or(rest));
    let number = digits.parse().ok().filter(|number: &i64| *number > 0);
    number.ok_or_else(|| format!("{text} is no line; write one as L-12"))
}

/// Runs `ledger …`.
pub(super) fn ledger(config: &ConfigArg, what: LedgerArgs) -> Outcome {
    match what.command {
        None => show(config, &what.show),
        Some(Command::Reverse { line, reason, json }) => reverse(config, line, &reason, json),
        Some(Command::Adjust {
            ticket,
            minutes,
            reason,
            json,
        }) => adjust(config, &ticket, minutes, &reason, json),
    }
}

fn show(config: &ConfigArg, what: &Show) -> Outcome {
    let (settings, _) = setup::settings(config)?;
    let store = setup::store(&settings)?;
    let client = match &what.client {
        Some(name) => {
            let named = directory::client_named(store.reader(), name)?;
            let unknown = || Failure::CannotRun(anyhow!("no client is called {name}"));
            Some(named.ok_or_else(unknown)?.id)
        }
        None => None,
    };
    let zone = settings.zone;
    let span = what
        .month
        .map(|month| (month.begins(zone), month.next().begins(zone)));
    let rows = views::charges(store.reader(), client, span)?;
    if what.json.json {
        let rows = rows.iter().map(|row| document(row, &settings)).collect();
        print::json(&Value::Array(rows))?;
    } else {
        let header = [
            "LINE",
            "ENTERED",
            "TICKET",
            "CLIENT",
            "KIND",
            "TIME",
            "BUCKET",
            "CONSULTANT",
            "BILLABLE",
            "REMARK",
        ];
        let cells: Vec<Vec<String>> = rows.iter().map(|row| cells(row, &settings)).collect();
        print::table(&header, &cells, "nothing is charged")?;
    }
    Ok(Done::Well)
}

fn document(row: &views::ChargeRow, settings: &Settings) -> Value {
    let (line, zone) = (&row.charge.line, settings.zone);
    json!({
        "id": row.charge.id.0,
        "ticket": settings.policy.tag(row.charge.ticket),
        "client": row.client,
        "kind": line.kind.name(),
        "minutes": line.minutes,
        "bucket": line.bucket.name(),
        "consultant": line.consultant.as_str(),
        "at": print::instant(line.at, zone),
        "from": print::instant_or_null(line.span.map(|span| span.from), zone),
        "to": print::instant_or_null(line.span.map(|span| span.to), zone),
        "source": row.source,
        "approved_by": row.approved_by,
        "billable": row.charge.is_billable(),
        "factor": line.factor,
        "pending_formalization": line.pending_formalization && row.charge.formalized_at.is_none(),
        "excess": line.excess && row.charge.approved_at.is_none(),
        "reverses": line.reverses.map(|id| id.0),
        "people": line.people,
        "note": line.note,
    })
}

fn cells(row: &views::ChargeRow, settings: &Settings) -> Vec<String> {
    let line = &row.charge.line;
    let billable = if row.charge.is_billable() {
        "yes"
    } else {
        "no"
    };
    vec![
        format!("L-{}", row.charge.id),
        print::moment(line.at, settings.zone),
        settings.policy.tag(row.charge.ticket),
        row.client.clone(),
        line.kind.name().to_owned(),
        print::minutes(line.minutes),
        line.bucket.name().to_owned(),
        line.consultant.to_string(),
        billable.to_owned(),
        remark(row, settings),
    ]
}

/// What explains a line: its time, what it waits for, what it takes back.
fn remark(row: &views::ChargeRow, settings: &Settings) -> String {
    let line = &row.charge.line;
    let mut parts = Vec::new();
    if let Some(span) = line.span {
        let moment = |at| print::moment(at, settings.zone);
        parts.push(format!("{} to {}", moment(span.from), moment(span.to)));
    }
    if let Some(of) = line.reverses {
        parts.push(format!("takes back L-{of}"));
    }
    if row.charge.is_reversed {
        parts.push("taken back".to_owned());
    }
    if line.pending_formalization && row.charge.formalized_at.is_none() {
        parts.push("waits for the client's mail".to_owned());
    }
    if line.excess && row.charge.approved_at.is_none() {
        parts.push("beyond the authorized time".to_owned());
    }
    if let Some(approved_by) = &row.approved_by {
        parts.push(format!("approved by {approved_by}"));
    }
    if !line.note.is_empty() {
        parts.push(print::flat(&line.note));
    }
    parts.join("; ")
}

fn reverse(config: &ConfigArg, line: i64, reason: &str, json: JsonArg) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    let (mut store, engine) = setup::engine(&settings, templates)?;
    let found = charges::of_line(store.reader(), ChargeId(line))?;
    let Some(charge) = found.filter(is_reversible) else {
        let text = anyhow!("line L-{line} does not exist, or cannot be taken back");
        return Err(Failure::CannotRun(text));
    };
    let event = Event::Correct {
        ticket: charge.ticket,
        correction: Correction::Reverse {
            charge: charge.id,
            reason: said(reason)?,
        },
    };
    let now = SystemClock.now();
    store.transaction(|tx| engine.handle(tx, &event, now))?;
    let text = format!(
        "line L-{line} of {} is taken back",
        settings.policy.tag(charge.ticket)
    );
    told(&store, charge.ticket, &settings, json, &text)
}

fn adjust(config: &ConfigArg, ticket: &str, minutes: i64, reason: &str, json: JsonArg) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    let (mut store, engine) = setup::engine(&settings, templates)?;
    let id = super::tickets::number(ticket, &settings)?;
    if engine.ticket(store.reader(), id)?.is_none() {
        return Err(Failure::CannotRun(anyhow!("there is no ticket {ticket}")));
    }
    if minutes == 0 || minutes.abs() > ADJUSTMENT_MAX_MINUTES {
        let text = anyhow!("adjust by 1 to {ADJUSTMENT_MAX_MINUTES} minutes, or by as many less");
        return Err(Failure::CannotRun(text));
    }
    let event = Event::Correct {
        ticket: id,
        correction: Correction::Adjust {
            minutes,
            reason: said(reason)?,
        },
    };
    let now = SystemClock.now();
    store.transaction(|tx| engine.handle(tx, &event, now))?;
    let text = format!("{} of {ticket}", print::minutes(minutes));
    told(&store, id, &settings, json, &text)
}

fn said(reason: &str) -> Result<String, Failure> {
    let reason = print::flat(reason);
    if reason.is_empty() {
        return Err(Failure::CannotRun(anyhow!(
            "say why: the client may read it"
        )));
    }
    Ok(reason)
}

/// The line that a correction entered: the last one of its ticket.
fn told(
    store: &Store,
    ticket: TicketId,
    settings: &Settings,
    json: JsonArg,
    text: &str,
) -> Outcome {
    let lines = charges::of_ticket(store.reader(), ticket)?;
    let number = lines.last().map_or(0, |charge| charge.id.0);
    if json.json {
        print::json(&json!({ "id": number, "ticket": settings.policy.tag(ticket) }))?;
    } else {
        print::line(&format!("{text}: line L-{number}"))?;
    }
    Ok(Done::Well)
}
