//! `held`: mail that waits for a person (policy.md §1).

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::settings::Settings;
use crate::daemon::process;
use crate::domain::address::Address;
use crate::domain::event::Release;
use crate::domain::ids::HeldId;
use crate::ports::{Clock, SystemClock};
use crate::store::views::{self, HeldRow};
use crate::store::{directory, held as table, inbox};

/// What to do with held mail.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What waits
    List {
        #[command(flatten)]
        json: JsonArg,
    },
    /// One held mail: why, and its text
    Show {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Let it in: processed anew, with its original receipt time
    Release {
        /// Number in the list
        id: i64,
        /// The client it counts for, where the directory does not know the sender's domain
        #[arg(long)]
        client: Option<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Close it; the mail itself stays in the database
    Discard {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// Runs `held …`.
pub(super) fn held(config: &ConfigArg, command: Command) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    match command {
        Command::List { json } => list(&settings, json.json),
        Command::Show { id, json } => {
            let (store, engine) = setup::engine(&settings, templates)?;
            let (row, state) = find(store.reader(), id)?;
            let raw = inbox::raw(store.reader(), row.inbound)?.unwrap_or_default();
            let mail = engine.read(&raw, row.at);
            show(&row, &state, &mail.full_text, &settings, json.json)
        }
        Command::Release { id, client, json } => {
            let (mut store, engine) = setup::engine(&settings, templates)?;
            let now = SystemClock.now();
            let inbound = store.transaction(|tx| {
                let (row, _) = find(tx, id)?;
                let waiting = table::waiting(tx, HeldId(id))?
                    .ok_or_else(|| anyhow!("held mail {id} does not wait any more"))?;
                let client = match &client {
                    Some(name) => Some(
                        directory::client_named(tx, name)?
                            .ok_or_else(|| anyhow!("no client is called «{name}»"))?
                            .id,
                    ),
                    None => waiting.client,
                };
                let known = Address::parse(&row.from)
                    .ok_or_else(|| anyhow!("held mail {id} has no sender: it can only be shown or discarded"))?;
                let listed = directory::client_of_entry(tx, &known)?.is_some();
                if client.is_none() && !listed {
                    return Err(Failure::from(anyhow!(
                        "nobody knows {known} or its domain: name the client it counts for with --client NAME"
                    )));
                }
                table::decide(tx, HeldId(id), "released", now)?;
                inbox::requeue(tx, waiting.inbound, &Release { client })?;
                Ok(waiting.inbound)
            })?;
            process::one(&mut store, &engine, inbound, now)?;
            released(id, views::outcome(store.reader(), inbound)?, json.json)
        }
        Command::Discard { id, json } => {
            let mut store = setup::store(&settings)?;
            let now = SystemClock.now();
            store.transaction(|tx| {
                table::waiting(tx, HeldId(id))?
                    .ok_or_else(|| anyhow!("held mail {id} does not wait any more"))?;
                table::decide(tx, HeldId(id), "discarded", now)?;
                Ok::<_, Failure>(())
            })?;
            decided(id, "discarded", json.json)
        }
    }
}

fn find(tx: &crate::store::Connection, id: i64) -> Result<(HeldRow, String), Failure> {
    let found = views::held_one(tx, HeldId(id))?;
    Ok(found.ok_or_else(|| anyhow!("there is no held mail {id}"))?)
}

fn as_json(row: &HeldRow, settings: &Settings) -> Value {
    json!({
        "id": row.id.0,
        "at": print::instant(row.at, settings.zone),
        "from": row.from,
        "subject": row.subject,
        "cause": row.cause,
        "client": row.client,
    })
}

fn list(settings: &Settings, json: bool) -> Outcome {
    let store = setup::store(settings)?;
    let rows: Vec<HeldRow> = views::held(store.reader())?;
    if json {
        let rows = rows.iter().map(|r| as_json(r, settings)).collect();
        print::json(&Value::Array(rows))?;
    } else {
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|r| {
                vec![
                    r.id.to_string(),
                    print::moment(r.at, settings.zone),
                    r.from.clone(),
                    r.cause.clone(),
                    r.client.clone().unwrap_or_default(),
                    r.subject.clone(),
                ]
            })
            .collect();
        let header = ["ID", "RECEIVED", "FROM", "CAUSE", "CLIENT", "SUBJECT"];
        print::table(&header, &cells, "nothing is held")?;
    }
    Ok(Done::Well)
}

fn show(row: &HeldRow, state: &str, text: &str, settings: &Settings, json: bool) -> Outcome {
    if json {
        let mut value = as_json(row, settings);
        if let Value::Object(map) = &mut value {
            map.insert("state".to_owned(), json!(state));
            map.insert("why".to_owned(), json!(row.why.lines().collect::<Vec<_>>()));
            map.insert("text".to_owned(), json!(text));
        }
        print::json(&value)?;
    } else {
        print::line(&format!("From:     {}", row.from))?;
        print::line(&format!("Subject:  {}", row.subject))?;
        print::line(&format!(
            "Received: {}",
            print::moment(row.at, settings.zone)
        ))?;
        print::line(&format!("Held:     {} ({state})", row.cause))?;
        for step in row.why.lines() {
            print::line(&format!("  - {step}"))?;
        }
        print::line(&format!("\n{text}"))?;
    }
    Ok(Done::Well)
}

/// What the release led to: a person who lets a mail in wants to know where it went. A mail that is
/// held again for another reason is a problem told by the exit code.
fn released(id: i64, outcome: Option<(String, String)>, json: bool) -> Outcome {
    let (outcome, why) = outcome.unwrap_or_else(|| {
        let why = "not processed yet: the daemon tries again";
        ("waiting".to_owned(), why.to_owned())
    });
    let last = why.lines().last().unwrap_or_default();
    if json {
        print::json(&json!({ "id": id, "state": "released", "outcome": outcome, "why": last }))?;
    } else {
        print::line(&format!("held mail {id}: released, {last}"))?;
    }
    Ok(if outcome == "held" {
        Done::WithProblems
    } else {
        Done::Well
    })
}

fn decided(id: i64, state: &str, json: bool) -> Outcome {
    if json {
        print::json(&json!({ "id": id, "state": state }))?;
    } else {
        print::line(&format!("held mail {id}: {state}"))?;
    }
    Ok(Done::Well)
}
