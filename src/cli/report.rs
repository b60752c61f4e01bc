//! `report`: the monthly statement of a client, or of all of them; printed, and sent if told to.

use anyhow::anyhow;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use super::{ConfigArg, Done, Failure, Outcome, print, setup};
use crate::daemon::engine::Engine;
use crate::daemon::statements::{self, Sent, Written};
use crate::domain::month::{Month, Period};
use crate::domain::ticket::ClientRef;
use crate::ports::{Clock, SystemClock};
use crate::store::{Store, StoreError, directory};

/// Which statement, and what becomes of it.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// The month; of the present one, everything until now
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Month,
    /// Only this client, by name; it is printed even where nothing happened
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Text and CSV may be of several clients, one after the other under one CSV header; HTML is of
    /// one
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Send it to the client's authorizers, once: again only where it has changed, as a correction
    #[arg(long)]
    send: bool,
}

/// In which form it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Plain text
    Text,
    /// One line of the ledger a record (RFC 4180, UTF-8 with a byte order mark)
    Csv,
    /// One file to read, forward and print
    Html,
}

/// A month as people type it.
pub(super) fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "write a month as 2026-11".to_owned())
}

/// Runs `report`. The statement goes to stdout in the client's language; what was sent, and when, to
/// stderr.
pub(super) fn report(config: &ConfigArg, report: &ReportArgs) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    let (mut store, engine) = setup::engine(&settings, templates)?;
    let now = SystemClock.now();
    let month = report.month;
    let period = Period::of(month, engine.zone, now)
        .ok_or_else(|| Failure::Refused(anyhow!("{month} has not begun")))?;
    if report.send && period.running {
        let text = anyhow!("{month} is not over: a statement is sent once, of a whole month");
        return Err(Failure::Refused(text));
    }
    let (clients, named) = clients(&store, report.client.as_deref())?;
    let mut found: Vec<Written> = Vec::new();
    for client in &clients {
        let written = store.snapshot(|tx| statements::write(tx, &engine, client, &period))?;
        if named || !written.statement.empty {
            found.push(written);
        }
    }
    if found.is_empty() {
        eprintln!("nothing happened in {month}");
    }
    if report.format == Format::Html && found.len() > 1 {
        let names: Vec<&str> = found
            .iter()
            .map(|of| of.statement.client.as_str())
            .collect();
        let names = names.join(", ");
        let text = anyhow!("an HTML statement is of one client: name one with --client ({names})");
        return Err(text.into());
    }
    show(&found, report.format)?;
    for written in &found {
        if report.send {
            send(&mut store, &engine, written, &period, now)?;
        } else {
            tell(written, &engine);
        }
    }
    Ok(Done::Well)
}

/// The clients asked for, and whether one was named.
fn clients(store: &Store, name: Option<&str>) -> Result<(Vec<ClientRef>, bool), Failure> {
    let Some(name) = name else {
        return Ok((directory::clients(store.reader())?, false));
    };
    let client = directory::client_named(store.reader(), name)?.ok_or_else(|| {
        Failure::Refused(anyhow!("no client is called «{name}»; see `clients list`"))
    })?;
    Ok((vec![client], true))
}

fn show(found: &[Written], format: Format) -> Result<(), Failure> {
    for (place, written) in found.iter().enumerate() {
        let texts = &written.texts;
        match format {
            Format::Text if place > 0 => print::text(&format!("\n\n\n{}", texts.text))?,
            Format::Text => print::text(&texts.text)?,
            Format::Html => print::text(&texts.html)?,
            // One header for all: the client is a column.
            Format::Csv if place > 0 => {
                let records = texts.csv.split_once("\r\n").map_or("", |(_, rest)| rest);
                print::text(records)?;
            }
            Format::Csv => print::text(&texts.csv)?,
        }
    }
    Ok(())
}

/// Whether it was sent, and whether that still holds.
fn tell(written: &Written, engine: &Engine) {
    let statement = &written.statement;
    if let Some(last) = &written.last {
        let at = print::moment(last.at, engine.zone);
        let since = if written.unchanged {
            "and has not changed"
        } else {
            "and has changed since: --send sends a correction"
        };
        eprintln!(
            "{} {}: issue {} was sent on {at} {since}",
            statement.client, statement.month, last.issue
        );
    }
}

fn send(
    store: &mut Store,
    engine: &Engine,
    written: &Written,
    period: &Period,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    // What was printed may have been overtaken: what is sent is read and kept in one transaction.
    let sent = store.transaction(|tx| {
        let client = directory::client_ref(tx, written.client)?;
        let Some(client) = client else {
            return Ok(Sent::NobodyToTell);
        };
        let written = statements::write(tx, engine, &client, period)?;
        statements::send(tx, engine, &written, true, now)
    });
    let sent = sent.map_err(|error: StoreError| Failure::from(error))?;
    let (client, month) = (&written.statement.client, written.statement.month);
    match sent {
        Sent::Issue(1) => eprintln!("{client} {month}: issue 1 is on its way"),
        Sent::Issue(issue) => eprintln!("{client} {month}: correction {issue} is on its way"),
        Sent::Unchanged(issue) => {
            eprintln!(
                "{client} {month}: issue {issue} was sent and has not changed: not sent again"
            );
        }
        Sent::NobodyToTell => eprintln!("{client} {month}: not sent: it has no authorizer"),
    }
    Ok(())
}
