//! `outbox`: mail on its way out, or gone.

use anyhow::anyhow;
use chrono_tz::Tz;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::domain::ids::OutboxId;
use crate::ports::{Clock, SystemClock};
use crate::store::{outbox as table, views};

/// What to do with outgoing mail.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Every mail, sent ones too
    List {
        /// Only this state
        #[arg(long, value_parser = ["waiting", "sending", "sent", "retry", "failed", "uncertain", "cancelled"])]
        state: Option<String>,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Try a mail again now
    Retry {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        json: JsonArg,
    },
    /// Do not send a mail
    Cancel {
        /// Number in the list
        id: i64,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// Runs `outbox …`.
pub(super) fn outbox(config: &ConfigArg, command: Command) -> Outcome {
    let (settings, _) = setup::settings(config)?;
    let mut store = setup::store(&settings)?;
    match command {
        Command::List { state, json } => {
            let rows = views::outbox(store.reader(), state.as_deref())?;
            let tag = |row: &views::OutboxRow| row.ticket.map(|t| settings.policy.tag(t));
            if json.json {
                let zone = settings.zone;
                let rows = rows
                    .iter()
                    .map(|r| {
                        json!({
                            "id": r.id,
                            "ticket": tag(r),
                            "kind": r.kind,
                            "to": r.to,
                            "message_id": r.message_id,
                            "state": r.state,
                            "attempts": r.attempts,
                            "created_at": print::instant(r.created_at, zone),
                            "sent_at": print::instant_or_null(r.sent_at, zone),
                        })
                    })
                    .collect();
                print::json(&Value::Array(rows))?;
            } else {
                let cells: Vec<Vec<String>> = rows
                    .iter()
                    .map(|r| {
                        vec![
                            r.id.to_string(),
                            print::moment(r.created_at, settings.zone),
                            tag(r).unwrap_or_default(),
                            r.kind.clone(),
                            r.to.clone(),
                            r.state.clone(),
                            r.attempts.to_string(),
                            remark(r, settings.zone),
                        ]
                    })
                    .collect();
                let header = [
                    "ID", "QUEUED", "TICKET", "KIND", "TO", "STATE", "ATTEMPTS", "REMARK",
                ];
                let nothing = match &state {
                    Some(state) => format!("no outgoing mail is {state}"),
                    None => "no mail has been written yet".to_owned(),
                };
                print::table(&header, &cells, &nothing)?;
            }
            Ok(Done::Well)
        }
        Command::Retry { id, json } => {
            let now = SystemClock.now();
            let done = store.transaction(|tx| table::order_retry(tx, OutboxId(id), now))?;
            ordered(done, id, "retry", json.json)
        }
        Command::Cancel { id, json } => {
            let now = SystemClock.now();
            let done = store.transaction(|tx| table::order_cancel(tx, OutboxId(id), now))?;
            ordered(done, id, "cancelled", json.json)
        }
    }
}

/// What a person wants to know next: when it left, when it is tried, what the server said.
fn remark(row: &views::OutboxRow, zone: Tz) -> String {
    let answer = row.answer.as_str();
    match (row.state.as_str(), row.sent_at, row.next_at) {
        ("sent", Some(at), _) => format!("at {}", print::moment(at, zone)),
        ("failed" | "uncertain", _, None) => answer.to_owned(),
        (_, _, Some(at)) if answer.is_empty() => format!("leaves {}", print::moment(at, zone)),
        (_, _, Some(at)) => format!("again {}: {answer}", print::moment(at, zone)),
        _ => answer.to_owned(),
    }
}

fn ordered(done: bool, id: i64, state: &str, json: bool) -> Outcome {
    if !done {
        let text = anyhow!("outgoing mail {id} does not exist, has left, or is leaving");
        return Err(Failure::CannotRun(text));
    }
    if json {
        print::json(&json!({ "id": id, "state": state }))?;
    } else {
        print::line(&format!("outgoing mail {id}: {state}"))?;
    }
    Ok(Done::Well)
}
