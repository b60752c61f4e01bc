//! `held`: mail that waits for a person (policy.md §1).

mod release;
mod show;

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::settings::Settings;
use crate::domain::ids::HeldId;
use crate::ports::{Clock, SystemClock};
use crate::store::Connection;
use crate::store::held::{self as table, HeldState, OPERATOR};
use crate::store::views::{self, HeldRow};

/// What to do with held mail.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// What waits
    List {
        /// Those too that were released, discarded or expired
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        json: JsonArg,
    },
    /// One held mail: why, what it says, and what can be done
    Show {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Let it in: processed anew, with its original receipt time; a discarded or expired one too
    Release {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        order: release::Order,
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
        Command::List { all, json } => list(&settings, all, json.json),
        Command::Show { id, json } => {
            let (store, engine) = setup::engine(&settings, templates)?;
            let row = find(store.reader(), id)?;
            show::show(store.reader(), &engine, &row, &settings, json.json)
        }
        Command::Release { id, order, json } => {
            let (mut store, engine) = setup::engine(&settings, templates)?;
            release::release(&mut store, &engine, &settings, id, &order, json.json)
        }
        Command::Discard { id, json } => {
            let mut store = setup::store(&settings)?;
            let now = SystemClock.now();
            store.transaction(|tx| {
                let row = find(tx, id)?;
                let state = HeldState::Discarded;
                if table::decide(tx, HeldId(id), state, OPERATOR, "", now)? {
                    Ok(())
                } else {
                    Err(decided_before(&row))
                }
            })?;
            if json.json {
                print::json(&json!({ "id": id, "state": "discarded" }))?;
            } else {
                print::line(&format!("held mail {id}: discarded"))?;
            }
            Ok(Done::Well)
        }
    }
}

fn find(tx: &Connection, id: i64) -> Result<HeldRow, Failure> {
    let found = views::held_one(tx, HeldId(id))?;
    Ok(found.ok_or_else(|| anyhow!("there is no held mail {id}"))?)
}

/// What to say of a mail about which somebody has decided.
fn decided_before(row: &HeldRow) -> Failure {
    let HeldRow { id, state, .. } = row;
    let by = row.decided_by.as_str();
    Failure::Refused(match by {
        "" => anyhow!("held mail {id} does not wait any more: it was {state}"),
        by => anyhow!("held mail {id} does not wait any more: it was {state} by {by}"),
    })
}

/// The keys of interface.md, and no other.
fn as_json(row: &HeldRow, settings: &Settings) -> Value {
    json!({
        "id": row.id.0,
        "at": print::instant(row.at, settings.zone),
        "from": row.from,
        "subject": row.subject,
        "cause": row.cause.name(),
        "client": row.client,
    })
}

fn list(settings: &Settings, all: bool, json: bool) -> Outcome {
    let store = setup::store(settings)?;
    let rows = views::held(store.reader(), all)?;
    if json {
        let one = |row: &HeldRow| {
            let mut value = as_json(row, settings);
            // Without --all every one of them waits.
            if let (Value::Object(map), true) = (&mut value, all) {
                map.insert("state".to_owned(), json!(row.state));
            }
            value
        };
        print::json(&Value::Array(rows.iter().map(one).collect()))?;
        return Ok(Done::Well);
    }
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|r| {
            let mut cells = vec![
                r.id.to_string(),
                print::moment(r.at, settings.zone),
                r.from.clone(),
                r.cause.name().to_owned(),
                r.client.clone().unwrap_or_default(),
                r.subject.clone(),
            ];
            if all {
                cells.insert(4, r.state.clone());
            }
            cells
        })
        .collect();
    let mut header = vec!["ID", "RECEIVED", "FROM", "CAUSE", "CLIENT", "SUBJECT"];
    if all {
        header.insert(4, "STATE");
    }
    print::table(&header, &cells, "nothing is held")?;
    Ok(Done::Well)
}
