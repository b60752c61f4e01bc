//! What the ledger knows of one mail or one ticket, for `explain`: read-only, by index.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::views::{OutboxRow, outbox_of, outbox_row};
use super::{Result, instant};
use crate::domain::ids::{InboundId, TicketId};

/// Most received mails with one Message-ID that are shown; a program that writes the same id into
/// every mail makes more.
const SAME_ID_MAX: u32 = 50;

/// Most journal lines of one mail or ticket that are shown, oldest first.
const LINES_MAX: u32 = 2_000;

/// A received mail with everything that was decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its row.
    pub id: InboundId,
    /// The mailbox it came from.
    pub mailbox: String,
    /// UIDVALIDITY and UID, or zero and the file name.
    pub locator: (u32, String),
    /// Trusted receipt time.
    pub received_at: DateTime<Utc>,
    /// When it was committed here.
    pub stored_at: DateTime<Utc>,
    /// Bytes, and how many more were left on the server.
    pub size: (i64, i64),
    /// Its sender; empty where there is none.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// What it is; empty where it could not be read.
    pub class: String,
    /// The verdict on the sender, and the line it rests on.
    pub verdict: (String, String),
    /// What became of it; empty while it waits.
    pub outcome: String,
    /// The mail it doubles.
    pub twin: Option<i64>,
    /// How that was decided, one line a step.
    pub why: String,
    /// Attempts made on it that did not end, and what was wrong last.
    pub trouble: (u32, String),
    /// Where it is filed.
    pub filed: Option<Filed>,
    /// How often it was held, oldest first.
    pub held: Vec<HeldSpell>,
    /// Every decision and order about it, oldest first.
    pub lines: Vec<Line>,
}

/// A mail's place on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// The ticket.
    pub ticket: TicketId,
    /// `public` or `internal`.
    pub visibility: String,
    /// How the ticket was found; none for a mail of ours.
    pub thread_evidence: Option<String>,
}

/// A time in which a mail was held, and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSpell {
    /// Number in `held list`.
    pub id: i64,
    /// Why.
    pub cause: String,
    /// Since when.
    pub held_at: DateTime<Utc>,
    /// `waiting`, `released`, `discarded` or `expired`.
    pub state: String,
    /// When that was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// On whose word.
    pub decided_by: String,
}

/// A line of the journal with the mails it queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened: `mail`, `order`, `due` …
    pub event: String,
    /// How it was decided, one line a step.
    pub why: String,
    /// Letters queued by it.
    pub mails: Vec<OutboxRow>,
}

/// What recorded a fact: the event of its decision, and whose mail that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `mail`, `due`, `delivery`, `order` …
    pub event: String,
    /// The sender, where it was a mail that has one.
    pub from: Option<String>,
}

/// A mail of ours and why it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its row.
    pub row: OutboxRow,
    /// When its content began to leave, last time.
    pub offered_at: Option<DateTime<Utc>>,
    /// Attempts that ended in silence.
    pub uncertain: u32,
    /// Where it is filed, where the client's side reads it.
    pub filed: Option<Filed>,
    /// The decision that caused it.
    pub cause: Line,
    /// What was decided about it later: deliveries, orders.
    pub lines: Vec<Line>,
}

/// The received mails with this Message-ID, oldest first; copies of them too, which were known for
/// copies by their bytes and never read.
pub fn received(tx: &Connection, message_id: &str) -> Result<Vec<Received>> {
    let mut mails = tx
        .prepare_cached(
            "SELECT inbound.id, mailbox.name, inbound.epoch, locator, received_at, stored_at,
                    size_bytes, omitted_bytes, from_address, subject, class, verdict, verdict_line,
                    outcome, twin_id, why, attempts, last_error
             FROM inbound JOIN mailbox ON mailbox.id = mailbox_id
             WHERE inbound.id IN (SELECT id FROM inbound WHERE message_id = :message_id
                                  UNION
                                  SELECT copy.id FROM inbound AS copy
                                  JOIN inbound AS first ON copy.twin_id = first.id
                                  WHERE first.message_id = :message_id)
             ORDER BY inbound.id LIMIT :max",
        )?
        .query_map(
            named_params! { ":message_id": message_id, ":max": SAME_ID_MAX },
            |row| {
                let text = |at: usize| -> rusqlite::Result<String> {
                    Ok(row.get::<_, Option<String>>(at)?.unwrap_or_default())
                };
                Ok(Received {
                    id: InboundId(row.get(0)?),
                    mailbox: row.get(1)?,
                    locator: (row.get(2)?, row.get(3)?),
                    received_at: instant(row.get(4)?),
                    stored_at: instant(row.get(5)?),
                    size: (row.get(6)?, row.get(7)?),
                    from: text(8)?,
                    subject: row.get(9)?,
                    class: text(10)?,
                    verdict: (text(11)?, row.get(12)?),
                    outcome: text(13)?,
                    twin: row.get(14)?,
                    why: row.get(15)?,
                    trouble: (row.get(16)?, row.get(17)?),
                    filed: None,
                    held: Vec::new(),
                    lines: Vec::new(),
                })
            },
        )?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for mail in &mut mails {
        mail.filed = filed_inbound(tx, mail.id)?;
        mail.held = held(tx, mail.id)?;
        mail.lines = lines_of_inbound(tx, mail.id)?;
    }
    Ok(mails)
}

/// The mail of ours with this Message-ID, or to which a server gave it instead of ours.
pub fn sent(tx: &Connection, message_id: &str) -> Result<Option<Sent>> {
    let found = tx
        .prepare_cached(
            "SELECT id, ticket_id, kind, recipient, message_id, state, attempts, created_at,
                    sent_at, next_at, answer, offered_at, uncertain, journal_id
             FROM outbox
             WHERE id = coalesce((SELECT id FROM outbox WHERE message_id = :message_id),
                                 (SELECT outbox_id FROM thread_ref
                                  WHERE message_id = :message_id))",
        )?
        .query_row(named_params! { ":message_id": message_id }, |row| {
            Ok((
                outbox_row(row)?,
                row.get::<_, Option<i64>>(11)?.map(instant),
                row.get::<_, u32>(12)?,
                row.get::<_, i64>(13)?,
            ))
        })
        .optional()?;
    let Some((row, offered_at, uncertain, journal)) = found else {
        return Ok(None);
    };
    let id = row.id;
    Ok(Some(Sent {
        row,
        offered_at,
        uncertain,
        filed: filed_outbox(tx, id)?,
        cause: line(tx, journal)?,
        lines: lines_of_outbox(tx, id)?,
    }))
}

/// The ticket that an id belongs to, although no mail with it was seen: it stood in References.
pub fn referred_to(tx: &Connection, message_id: &str) -> Result<Option<TicketId>> {
    Ok(tx
        .prepare_cached("SELECT ticket_id FROM thread_ref WHERE message_id = :message_id")?
        .query_row(named_params! { ":message_id": message_id }, |row| {
            row.get(0).map(TicketId)
        })
        .optional()?)
}

/// Every decision about a ticket, oldest first.
pub fn lines_of_ticket(tx: &Connection, ticket: TicketId) -> Result<Vec<Line>> {
    let numbers = tx
        .prepare_cached("SELECT id FROM journal WHERE ticket_id = :id ORDER BY id LIMIT :max")?
        .query_map(
            named_params! { ":id": ticket.0, ":max": LINES_MAX },
            |row| row.get::<_, i64>(0),
        )?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    numbers.into_iter().map(|id| line(tx, id)).collect()
}

/// What recorded each fact of a ticket's history, in its order.
pub fn causes(tx: &Connection, ticket: TicketId) -> Result<Vec<Cause>> {
    Ok(tx
        .prepare_cached(
            "SELECT journal.event, inbound.from_address
             FROM ticket_fact JOIN journal ON journal.id = journal_id
                              LEFT JOIN inbound ON inbound.id = journal.inbound_id
             WHERE ticket_fact.ticket_id = :id ORDER BY ticket_fact.id",
        )?
        .query_map(named_params! { ":id": ticket.0 }, |row| {
            Ok(Cause {
                event: row.get(0)?,
                from: row.get(1)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn lines_of_inbound(tx: &Connection, inbound: InboundId) -> Result<Vec<Line>> {
    let numbers = tx
        .prepare_cached("SELECT id FROM journal WHERE inbound_id = :id ORDER BY id LIMIT :max")?
        .query_map(
            named_params! { ":id": inbound.0, ":max": LINES_MAX },
            |row| row.get::<_, i64>(0),
        )?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    numbers.into_iter().map(|id| line(tx, id)).collect()
}

fn lines_of_outbox(tx: &Connection, outbox: i64) -> Result<Vec<Line>> {
    let numbers = tx
        .prepare_cached("SELECT id FROM journal WHERE outbox_id = :id ORDER BY id LIMIT :max")?
        .query_map(named_params! { ":id": outbox, ":max": LINES_MAX }, |row| {
            row.get::<_, i64>(0)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    numbers.into_iter().map(|id| line(tx, id)).collect()
}

fn line(tx: &Connection, journal: i64) -> Result<Line> {
    let (at, event, why) = tx
        .prepare_cached("SELECT at, event, why FROM journal WHERE id = :id")?
        .query_row(named_params! { ":id": journal }, |row| {
            Ok((instant(row.get(0)?), row.get(1)?, row.get(2)?))
        })?;
    Ok(Line {
        at,
        event,
        why,
        mails: outbox_of(tx, journal)?,
    })
}

fn held(tx: &Connection, inbound: InboundId) -> Result<Vec<HeldSpell>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, cause, held_at, state, decided_at, decided_by FROM held
             WHERE inbound_id = :inbound ORDER BY id",
        )?
        .query_map(named_params! { ":inbound": inbound.0 }, |row| {
            Ok(HeldSpell {
                id: row.get(0)?,
                cause: row.get(1)?,
                held_at: instant(row.get(2)?),
                state: row.get(3)?,
                decided_at: row.get::<_, Option<i64>>(4)?.map(instant),
                decided_by: row.get(5)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn filed_inbound(tx: &Connection, inbound: InboundId) -> Result<Option<Filed>> {
    Ok(tx
        .prepare_cached(
            "SELECT ticket_id, visibility, thread_evidence FROM message WHERE inbound_id = :id",
        )?
        .query_row(named_params! { ":id": inbound.0 }, filed)
        .optional()?)
}

fn filed_outbox(tx: &Connection, outbox: i64) -> Result<Option<Filed>> {
    Ok(tx
        .prepare_cached(
            "SELECT ticket_id, visibility, thread_evidence FROM message WHERE outbox_id = :id",
        )?
        .query_row(named_params! { ":id": outbox }, filed)
        .optional()?)
}

fn filed(row: &rusqlite::Row) -> rusqlite::Result<Filed> {
    Ok(Filed {
        ticket: TicketId(row.get(0)?),
        visibility: row.get(1)?,
        thread_evidence: row.get(2)?,
    })
}
