//! `held show`: one held mail with its cause, its content, and what to type next.

use serde_json::{Value, json};

use super::as_json;
use crate::cli::{Done, Failure, Outcome, print};
use crate::config::settings::Settings;
use crate::daemon::engine::Engine;
use crate::domain::effect::HeldCause;
use crate::domain::message::Mail;
use crate::store::views::HeldRow;
use crate::store::{Connection, inbox};

/// Prints one held mail.
pub(super) fn show(
    tx: &Connection,
    engine: &Engine,
    row: &HeldRow,
    settings: &Settings,
    json: bool,
) -> Outcome {
    // Damaged bytes are a reason to be held; the rest is told all the same.
    let (mail, damage) = match inbox::raw(tx, row.inbound) {
        Ok(raw) => (engine.read(&raw.unwrap_or_default(), row.at), None),
        Err(error) if error.is_storage_failure() => return Err(error.into()),
        Err(error) => (engine.read(&[], row.at), Some(error.to_string())),
    };
    if json {
        as_document(row, &mail, settings)
    } else {
        in_words(row, &mail, damage.as_deref(), settings)
    }
    .map(|()| Done::Well)
}

fn as_document(row: &HeldRow, mail: &Mail, settings: &Settings) -> Result<(), Failure> {
    let mut value = as_json(row, settings);
    if let Value::Object(map) = &mut value {
        let decided_by = (!row.decided_by.is_empty()).then_some(&row.decided_by);
        for (key, more) in [
            ("state", json!(row.state)),
            (
                "decided_at",
                print::instant_or_null(row.decided_at, settings.zone),
            ),
            ("decided_by", json!(decided_by)),
            ("meaning", json!(row.cause.meaning())),
            ("release", json!(row.cause.release_does())),
            ("ticket", json!(row.ticket.map(|t| settings.policy.tag(t)))),
            (
                "authentication",
                json!({ "verdict": row.verdict.0, "line": row.verdict.1 }),
            ),
            ("why", json!(row.why.lines().collect::<Vec<_>>())),
            ("attachments", json!(mail.attachments)),
            ("text", json!(mail.full_text)),
            ("next", json!(next(row, settings))),
        ] {
            map.insert(key.to_owned(), more);
        }
    }
    print::json(&value)
}

fn in_words(
    row: &HeldRow,
    mail: &Mail,
    damage: Option<&str>,
    settings: &Settings,
) -> Result<(), Failure> {
    let zone = settings.zone;
    let from = match row.from.as_str() {
        "" => "nobody that could be read",
        from => from,
    };
    print::line(&format!("From:      {from}"))?;
    print::line(&format!("Subject:   {}", row.subject))?;
    print::line(&format!("Received:  {}", print::moment(row.at, zone)))?;
    print::line(&format!("Held:      {}, {}", row.cause.name(), row.state))?;
    if let Some(at) = row.decided_at {
        let by = match row.decided_by.as_str() {
            "" => String::new(),
            by => format!(" by {by}"),
        };
        print::line(&format!("Decided:   {}{by}", print::moment(at, zone)))?;
    }
    print::line(&format!("Means:     {}", row.cause.meaning()))?;
    print::line(&format!("Release:   {}", row.cause.release_does()))?;
    if let Some(client) = &row.client {
        print::line(&format!("Client:    {client}"))?;
    }
    if let Some(ticket) = row.ticket {
        print::line(&format!("Ticket:    {}", settings.policy.tag(ticket)))?;
    }
    if !row.verdict.0.is_empty() {
        let (verdict, line) = &row.verdict;
        print::line(&format!("Verdict:   {verdict} ({})", print::flat(line)))?;
    }
    for file in &mail.attachments {
        let (name, size, kind) = (&file.name, file.size, &file.media_type);
        print::line(&format!("Attached:  {name} ({kind}, {size} bytes)"))?;
    }
    print::line("Decided so:")?;
    for step in row.why.lines() {
        print::line(&format!("  - {}", print::flat(step)))?;
    }
    print::line("Next:")?;
    for command in next(row, settings) {
        print::line(&format!("  {command}"))?;
    }
    match damage {
        Some(damage) => print::line(&format!("\n({damage})")),
        None => print::line(&format!("\n{}", mail.full_text.trim_end())),
    }
}

/// The commands that make sense for it now.
fn next(row: &HeldRow, settings: &Settings) -> Vec<String> {
    let id = row.id;
    if row.state == "released" {
        return Vec::new();
    }
    let release = |options: &str| format!("soported held release {id}{options}");
    let ticket = row.ticket.map_or_else(
        || format!("{}-n", settings.policy.ticket_prefix),
        |t| settings.policy.tag(t),
    );
    let consultant = crate::domain::address::Address::parse(&row.from)
        .is_some_and(|a| settings.policy.consultant(&a).is_some());
    let mut commands = match row.cause {
        HeldCause::Loop => Vec::new(),
        HeldCause::Unauthorized if consultant => vec![release(&format!(" --ticket {ticket}"))],
        HeldCause::Malformed => vec![release(" --from ADDRESS")],
        HeldCause::UnknownDomain => vec![release(" --client NAME")],
        HeldCause::CrossClient | HeldCause::Ambiguous => {
            vec![release(" --new"), release(&format!(" --ticket {ticket}"))]
        }
        HeldCause::ThirdParty => vec![release(""), release(" --new --client NAME")],
        HeldCause::Unauthorized
        | HeldCause::Unauthenticated
        | HeldCause::Forged
        | HeldCause::Unprocessable
        | HeldCause::TooMany
        | HeldCause::Encrypted
        | HeldCause::Consent => vec![release("")],
    };
    if row.state == "waiting" {
        commands.push(format!("soported held discard {id}"));
    }
    commands
}
