//! The same for programs: one JSON document.

use serde_json::{Value, json};

use super::figures;
use super::ticket::View;
use super::words::words;
use crate::cli::{Failure, print, tickets};
use crate::config::settings::Settings;
use crate::domain::ids::TicketId;
use crate::store::Connection;
use crate::store::explain::{Filed, Line, Received, Sent};
use crate::store::views::OutboxRow;

/// A Message-ID.
pub(super) fn of_mail(
    id: &str,
    mails: &[Received],
    ours: Option<&Sent>,
    referred: Option<TicketId>,
    settings: &Settings,
) -> Value {
    json!({
        "message_id": id,
        "received": mails.iter().map(|m| received(m, settings)).collect::<Vec<_>>(),
        "sent": ours.map(|s| sent(s, settings)),
        "referred_to_by": referred.map(|t| settings.policy.tag(t)),
    })
}

/// A ticket: what `tickets show` says of it, its facts, the arithmetic of its clocks, and its
/// decisions.
pub(super) fn of_ticket(tx: &Connection, view: &View, decided: &[Line]) -> Result<Value, Failure> {
    let settings = view.settings;
    let mut map = tickets::as_json(tx, view.ticket, settings, view.now)?;
    let facts = view
        .ticket
        .history
        .iter()
        .enumerate()
        .map(|(place, dated)| {
            let who = view.who(place);
            let cause = view.causes.get(place);
            json!({
                "at": print::instant(dated.at, settings.zone),
                "fact": dated.fact,
                "by": view.person(place),
                "event": cause.map(|cause| cause.event.as_str()),
                "words": words(&dated.fact, who, settings),
            })
        });
    map.insert("facts".to_owned(), facts.collect());
    map.insert("clocks".to_owned(), figures::clocks(view));
    map.insert("plan".to_owned(), figures::plan(view));
    map.insert("alerts".to_owned(), figures::alerts(view));
    map.insert("decisions".to_owned(), lines(decided, settings));
    Ok(Value::Object(map))
}

fn received(mail: &Received, settings: &Settings) -> Value {
    let zone = settings.zone;
    let held = mail.held.iter().map(|spell| {
        json!({
            "id": spell.id,
            "cause": spell.cause,
            "at": print::instant(spell.held_at, zone),
            "state": spell.state,
            "decided_at": print::instant_or_null(spell.decided_at, zone),
            "decided_by": spell.decided_by,
        })
    });
    json!({
        "inbound": mail.id.0,
        "mailbox": mail.mailbox,
        "locator": mail.locator.1,
        "at": print::instant(mail.received_at, zone),
        "stored_at": print::instant(mail.stored_at, zone),
        "size": mail.size.0,
        "omitted": mail.size.1,
        "from": mail.from,
        "subject": mail.subject,
        "class": mail.class,
        "authentication": { "verdict": mail.verdict.0, "line": mail.verdict.1 },
        "outcome": mail.outcome,
        "twin": mail.twin,
        "why": mail.why.lines().collect::<Vec<_>>(),
        "filed": filed(mail.filed.as_ref(), settings),
        "held": held.collect::<Vec<_>>(),
        "decisions": lines(&mail.lines, settings),
    })
}

fn sent(mail: &Sent, settings: &Settings) -> Value {
    let mut value = letter(&mail.row, settings);
    if let Value::Object(map) = &mut value {
        let cause = lines(std::slice::from_ref(&mail.cause), settings);
        map.insert("uncertain".to_owned(), json!(mail.uncertain));
        map.insert("filed".to_owned(), filed(mail.filed.as_ref(), settings));
        map.insert("caused_by".to_owned(), cause);
        map.insert("settled_by".to_owned(), lines(&mail.lines, settings));
    }
    value
}

fn letter(row: &OutboxRow, settings: &Settings) -> Value {
    let zone = settings.zone;
    json!({
        "id": row.id,
        "ticket": row.ticket.map(|t| settings.policy.tag(t)),
        "kind": row.kind,
        "to": row.to,
        "message_id": row.message_id,
        "state": row.state,
        "attempts": row.attempts,
        "created_at": print::instant(row.created_at, zone),
        "sent_at": print::instant_or_null(row.sent_at, zone),
        "answer": row.answer,
    })
}

fn filed(filed: Option<&Filed>, settings: &Settings) -> Value {
    filed.map_or(Value::Null, |filed| {
        json!({
            "ticket": settings.policy.tag(filed.ticket),
            "visibility": filed.visibility,
            "thread_evidence": filed.thread_evidence,
        })
    })
}

fn lines(lines: &[Line], settings: &Settings) -> Value {
    let one = |line: &Line| {
        json!({
            "at": print::instant(line.at, settings.zone),
            "event": line.event,
            "why": line.why.lines().collect::<Vec<_>>(),
            "mails": line.mails.iter().map(|m| letter(m, settings)).collect::<Vec<_>>(),
        })
    };
    lines.iter().map(one).collect()
}
