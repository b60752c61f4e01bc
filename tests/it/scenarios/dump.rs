//! How everything stands at the end of a story, for people who know the policy: tickets with their
//! clocks, facts and messages, what is due, what is held, what was received and sent.
//!
//! Times are Mexico City's. Numbers are those of the ledger, so that a fact that names outgoing
//! mail 3 can be followed. Message-IDs and tokens are left out.

use serde_json::Value;
use soported::cli::explain::fact_words;
use soported::domain::charge::Charge;
use soported::domain::ids::TicketId;
use soported::store::{Connection, alarms, directory, tickets as ticket_table, views};

use super::attribute::{called, shown};
use super::language::{Told, written};
use super::mailing::Read;
use super::stage::Stage;
use chrono::DateTime;

/// Keys of a ticket's document that its heading tells, and those that have lines of their own.
const TOLD_IN_HEADING: [&str; 10] = [
    "number",
    "subject",
    "status",
    "closed_as",
    "priority",
    "kind",
    "level",
    "first_response_at",
    "next_action_at",
    "links",
];

/// How much of a message's text a dump shows, in characters.
const WORDS_MAX_CHARS: usize = 70;

/// The end of a story.
///
/// # Errors
/// What the ledger cannot tell.
pub fn dump(stage: &Stage, title: &str) -> Told<String> {
    let mut page = format!("{title}\nas of {}\n", written(stage.desk.now()));
    let reader = stage.desk.reader();
    for id in views::ticket_numbers(reader, false).map_err(words)? {
        ticket(stage, id, &mut page)?;
    }
    section(&mut page, "held", held(stage)?);
    section(&mut page, "received", received(stage));
    section(&mut page, "sent, and to be sent", outbox(stage)?);
    section(
        &mut page,
        "directory, as changed since",
        directory_lines(stage)?,
    );
    let raised = alarms::raised(reader).map_err(words)?;
    let raised = raised.iter().map(|cause| cause.name().to_owned()).collect();
    section(&mut page, "alarms", raised);
    Ok(page)
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A heading with its lines; nothing where there are none.
fn section(page: &mut String, heading: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    page.push_str(&format!("\n{heading}\n"));
    for line in lines {
        page.push_str(&format!("  {}\n", line.trim_end()));
    }
}

fn ticket(stage: &Stage, id: TicketId, page: &mut String) -> Told<()> {
    let reader = stage.desk.reader();
    let number = stage.desk.settings.policy.tag(id);
    let document = stage.ticket(&number)?;
    let at = |key: &str| shown(key, document.get(key).unwrap_or(&Value::Null));
    let ending = match &document["closed_as"] {
        Value::Null => String::new(),
        how => format!(" ({})", shown("", how)),
    };
    let heading = format!("{number}  {}", at("subject"));
    let mut lines = vec![format!(
        "{}{ending}, {}, {}, level {}",
        at("status"),
        at("priority"),
        at("kind"),
        at("level")
    )];
    let rest = document.as_object().into_iter().flatten();
    let rest = rest.filter(|(key, _)| !TOLD_IN_HEADING.contains(&key.as_str()));
    for (key, value) in rest {
        lines.push(format!("{:<10} {}", called(key), shown(key, &told(value))));
    }
    for link in document["links"].as_array().into_iter().flatten() {
        let (kind, other) = (shown("", &link["kind"]), shown("", &link["number"]));
        lines.push(format!("{:<10} {other}", kind.replace('_', " ")));
    }
    for due in due(reader, id) {
        lines.push(format!("{:<10} {due}", "due"));
    }
    section(page, &heading, lines);
    let ticket = ticket_table::load(reader, id).map_err(words)?;
    let ticket = ticket.ok_or_else(|| format!("there is no {number}"))?;
    let facts = ticket.history.iter().map(|dated| {
        let fact = fact_words(&dated.fact, &stage.desk.settings);
        format!("  {}  {fact}", written(dated.at))
    });
    page.push_str("  facts\n");
    facts.for_each(|fact| page.push_str(&format!("{}\n", format!("  {fact}").trim_end())));
    if !ticket.charges.is_empty() {
        page.push_str("  charges\n");
    }
    for charge in &ticket.charges {
        page.push_str(&format!("    {}\n", charged(charge)));
    }
    page.push_str("  messages\n");
    for message in views::messages(reader, id).map_err(words)? {
        page.push_str(&format!(
            "    {}  {:<3} {:<8} {}, {}: {}\n",
            written(message.at),
            message.direction,
            message.visibility,
            message.from,
            message.class,
            beginning(&message.text)
        ));
    }
    Ok(())
}

/// A line of the ledger.
fn charged(charge: &Charge) -> String {
    let line = &charge.line;
    let mut words = format!(
        "{}  L-{} {} {} min, {}, {}",
        written(line.at),
        charge.id,
        line.kind.name(),
        line.minutes,
        line.bucket.name(),
        line.consultant
    );
    if let Some(span) = line.span {
        words.push_str(&format!(", {} to {}", written(span.from), written(span.to)));
    }
    if let Some(factor) = line.factor {
        words.push_str(&format!(", times {factor}"));
    }
    if let Some(mail) = line.approval {
        words.push_str(&format!(", approved by received mail {mail}"));
    }
    if let Some(of) = line.reverses {
        words.push_str(&format!(", takes back L-{of}"));
    }
    if line.pending_formalization {
        let since = charge.formalized_at.map_or("not yet".to_owned(), written);
        words.push_str(&format!(", official {since}"));
    }
    if line.excess {
        let since = charge.approved_at.map_or("not yet".to_owned(), written);
        words.push_str(&format!(", beyond the authorized time, approved {since}"));
    }
    if !charge.is_billable() {
        words.push_str(", not billable");
    }
    if !line.note.is_empty() {
        words.push_str(&format!(": {}", line.note));
    }
    words
}

/// The first words of a text.
fn beginning(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= WORDS_MAX_CHARS {
        return flat;
    }
    let cut: String = flat.chars().take(WORDS_MAX_CHARS).collect();
    format!("{}…", cut.trim_end())
}

/// A clock without what says nothing: a limit that counts from the very instant it names.
fn told(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(clock) = value.as_object_mut()
        && clock.get("limit_open_at") == clock.get("limit_at")
    {
        clock.shift_remove("limit_open_at");
    }
    value
}

/// The due rows of a ticket, the earliest first.
fn due(reader: &Connection, id: TicketId) -> Vec<String> {
    let sql = "SELECT at, kind FROM due WHERE ticket_id = ?1 ORDER BY at, kind";
    let mut statement = reader.prepare(sql).expect("a query");
    let rows = statement.query_map([id.0], |row| {
        let kind: String = row.get(1)?;
        Ok(format!("{}  {kind}", local(row.get(0)?)))
    });
    rows.and_then(Iterator::collect).expect("rows")
}

fn local(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).map_or_else(String::new, written)
}

fn held(stage: &Stage) -> Told<Vec<String>> {
    let rows = views::held(stage.desk.reader(), true).map_err(words)?;
    let one = |row: &views::HeldRow| {
        let decided = row
            .decided_at
            .map(|at| format!(" {} by {}", written(at), row.decided_by));
        let ticket = row.ticket.map(|id| stage.desk.settings.policy.tag(id));
        let client = row.client.as_deref().map(|name| format!(", {name}"));
        format!(
            "{:<2} {}  {} «{}» {}{}{}: {}{}",
            row.id.0,
            written(row.at),
            row.from,
            row.subject,
            row.cause.name(),
            client.unwrap_or_default(),
            ticket.map(|tag| format!(", {tag}")).unwrap_or_default(),
            row.state,
            decided.unwrap_or_default()
        )
    };
    Ok(rows.iter().map(one).collect())
}

/// The received mails: when, from whom, what it was, what became of it, and the last word of why.
fn received(stage: &Stage) -> Vec<String> {
    let sql = "SELECT inbound.id, received_at, coalesce(inbound.from_address, ''),
                      coalesce(inbound.class, ''), coalesce(outcome, state), why, ticket_id
               FROM inbound LEFT JOIN message ON message.inbound_id = inbound.id
               ORDER BY inbound.id";
    let mut statement = stage.desk.reader().prepare(sql).expect("a query");
    let rows = statement.query_map([], |row| {
        let (id, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let (from, class): (String, String) = (row.get(2)?, row.get(3)?);
        let (outcome, why): (String, String) = (row.get(4)?, row.get(5)?);
        let ticket: Option<i64> = row.get(6)?;
        let ticket = ticket.map(|id| stage.desk.settings.policy.tag(TicketId(id)));
        let on = ticket.map(|tag| format!(" on {tag}")).unwrap_or_default();
        let why = why.lines().last().unwrap_or_default();
        let became = if why.starts_with(&format!("{outcome} ")) {
            why.to_owned()
        } else {
            format!("{outcome}{on}: {why}")
        };
        Ok(format!("{id:<2} {}  {from}, {class}, {became}", local(at)))
    });
    rows.and_then(Iterator::collect).expect("rows")
}

/// The outgoing mails in the order they were written; when they left, or how they stand.
fn outbox(stage: &Stage) -> Told<Vec<String>> {
    let letters = stage.desk.letters()?;
    let rows = views::outbox(stage.desk.reader(), None).map_err(words)?;
    let one = |row: &views::OutboxRow| {
        let left = letters.iter().find(|l| l.message_id == row.message_id);
        let subject = left.map(|letter| format!(" «{}»", Read::of(&letter.raw).subject));
        let ticket = row.ticket.map(|id| stage.desk.settings.policy.tag(id));
        let mut state = row.state.clone();
        if let Some(next) = row.next_at {
            state.push_str(&format!(", next {}", written(next)));
        }
        if row.state != "sent" && !row.answer.is_empty() {
            state.push_str(&format!(": {}", row.answer));
        }
        format!(
            "{:<2} {}  {} to {}{}{}: {state}",
            row.id,
            written(left.map_or(row.created_at, |letter| letter.at)),
            row.kind,
            row.to,
            ticket.map(|tag| format!(", {tag}")).unwrap_or_default(),
            subject.unwrap_or_default()
        )
    };
    Ok(rows.iter().map(one).collect())
}

/// What changed in the directory after the house was opened.
fn directory_lines(stage: &Stage) -> Told<Vec<String>> {
    let changes = directory::history(stage.desk.reader()).map_err(words)?;
    let later = changes.iter().skip(stage.imported);
    let one = |change: &directory::Change| {
        let detail = match change.detail.as_str() {
            "" => String::new(),
            detail => format!(" ({detail})"),
        };
        format!(
            "{}  {}: {} {}{detail}, by {}",
            written(change.at),
            change.client,
            change.action,
            change.address,
            change.actor
        )
    };
    Ok(later.map(one).collect())
}
