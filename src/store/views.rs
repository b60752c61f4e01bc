//! What the command line shows: plain rows, read-only.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde::Serialize;

use super::{Result, charges, instant, millis, named};
use crate::domain::charge::Charge;
use crate::domain::effect::HeldCause;
use crate::domain::ids::{ClientId, HeldId, InboundId, TicketId};

/// Most rows of a list; `--json` of a large database stays a document one can read.
pub const LIST_MAX: u32 = 100_000;

/// The numbers of all tickets, or of those that are open.
pub fn ticket_numbers(tx: &Connection, open_only: bool) -> Result<Vec<TicketId>> {
    // Two statements, so that open tickets are found without a look at the closed ones.
    let sql = if open_only {
        "SELECT id FROM ticket WHERE status <> 'closed' ORDER BY id LIMIT :max"
    } else {
        "SELECT id FROM ticket ORDER BY id LIMIT :max"
    };
    Ok(tx
        .prepare_cached(sql)?
        .query_map(named_params! { ":max": LIST_MAX }, |row| {
            row.get(0).map(TicketId)
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// When a ticket next needs a decision.
pub fn next_action(tx: &Connection, id: TicketId) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT next_action_at FROM ticket WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))?;
    Ok(at.map(instant))
}

/// A message of a ticket, as `tickets show` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MessageRow {
    /// Its row.
    pub id: i64,
    /// Without brackets.
    pub message_id: String,
    /// Receipt or writing.
    pub at: DateTime<Utc>,
    /// Who wrote it.
    pub from: String,
    /// `in` or `out`.
    pub direction: String,
    /// Mail class, or the letter.
    pub class: String,
    /// `public` or `internal`.
    pub visibility: String,
    /// How the ticket was found; null for what we sent.
    pub thread_evidence: Option<String>,
    /// The newest words.
    pub text: String,
}

/// A ticket's messages, oldest first.
pub fn messages(tx: &Connection, ticket: TicketId) -> Result<Vec<MessageRow>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, message_id, at, from_address, direction, class, visibility,
                    thread_evidence, text
             FROM message WHERE ticket_id = :ticket ORDER BY id",
        )?
        .query_map(named_params! { ":ticket": ticket.0 }, |row| {
            Ok(MessageRow {
                id: row.get(0)?,
                message_id: row.get(1)?,
                at: instant(row.get(2)?),
                from: row.get(3)?,
                direction: row.get(4)?,
                class: row.get(5)?,
                visibility: row.get(6)?,
                thread_evidence: row.get(7)?,
                text: row.get(8)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

/// A held mail, as `held list` prints it, and what `held show` adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRow {
    /// Its row.
    pub id: HeldId,
    /// Its mail; shown by `held show` through its text.
    pub inbound: InboundId,
    /// Receipt of the mail.
    pub at: DateTime<Utc>,
    /// Its sender; empty where there is none.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// Why it is held.
    pub cause: HeldCause,
    /// The client it seems to concern.
    pub client: Option<String>,
    /// The ticket it points to.
    pub ticket: Option<TicketId>,
    /// `waiting`, `released`, `discarded` or `expired`.
    pub state: String,
    /// When it ceased to wait.
    pub decided_at: Option<DateTime<Utc>>,
    /// On whose word; empty while it waits.
    pub decided_by: String,
    /// The verdict on the sender, and the line it rests on; empty where the mail was never read.
    pub verdict: (String, String),
    /// How the present state was reached, one line a step.
    pub why: String,
}

fn held_row(row: &Row) -> rusqlite::Result<(HeldRow, String)> {
    let held = HeldRow {
        id: HeldId(row.get(0)?),
        inbound: InboundId(row.get(1)?),
        at: instant(row.get(2)?),
        from: row.get(3)?,
        subject: row.get(4)?,
        cause: HeldCause::Malformed,
        client: row.get(6)?,
        ticket: row.get::<_, Option<i64>>(7)?.map(TicketId),
        state: row.get(8)?,
        decided_at: row.get::<_, Option<i64>>(9)?.map(instant),
        decided_by: row.get(10)?,
        verdict: (
            row.get::<_, Option<String>>(11)?.unwrap_or_default(),
            row.get(12)?,
        ),
        why: row.get(13)?,
    };
    Ok((held, row.get(5)?))
}

fn with_cause((held, cause): (HeldRow, String)) -> Result<HeldRow> {
    let cause = named("held cause", &cause, HeldCause::from_name)?;
    Ok(HeldRow { cause, ..held })
}

/// The mails that wait, oldest first; with `all` those too about which somebody decided.
pub fn held(tx: &Connection, all: bool) -> Result<Vec<HeldRow>> {
    tx.prepare_cached(
        "SELECT held.id, inbound_id, held.at, held.from_address, held.subject, cause, client.name,
                held.ticket_id, held.state, decided_at, decided_by, verdict, verdict_line, why
         FROM held JOIN inbound ON inbound.id = inbound_id
                   LEFT JOIN client ON client.id = client_id
         WHERE :all OR held.state = 'waiting' ORDER BY held.id LIMIT :max",
    )?
    .query_map(named_params! { ":all": all, ":max": LIST_MAX }, held_row)?
    .map(|row| with_cause(row?))
    .collect()
}

/// One held mail, whatever became of it.
pub fn held_one(tx: &Connection, id: HeldId) -> Result<Option<HeldRow>> {
    tx.prepare_cached(
        "SELECT held.id, inbound_id, held.at, held.from_address, held.subject, cause, client.name,
                held.ticket_id, held.state, decided_at, decided_by, verdict, verdict_line, why
         FROM held JOIN inbound ON inbound.id = inbound_id
                   LEFT JOIN client ON client.id = client_id
         WHERE held.id = :id",
    )?
    .query_row(named_params! { ":id": id.0 }, held_row)
    .optional()?
    .map(with_cause)
    .transpose()
}

/// The number under which a mail waits, where it does.
pub fn held_again(tx: &Connection, id: InboundId) -> Result<Option<HeldId>> {
    Ok(tx
        .prepare_cached("SELECT id FROM held WHERE inbound_id = :id AND state = 'waiting'")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0).map(HeldId))
        .optional()?)
}

/// What became of a received mail, and the steps to it, one a line; `None`: it still waits.
pub fn outcome(tx: &Connection, id: InboundId) -> Result<Option<(String, String)>> {
    Ok(tx
        .prepare_cached(
            "SELECT outcome, why FROM inbound WHERE id = :id AND state = 'done'
                AND outcome IS NOT NULL",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?)
}

/// An outgoing mail, as `outbox list` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its row.
    pub id: i64,
    /// Its ticket.
    pub ticket: Option<TicketId>,
    /// The letter.
    pub kind: String,
    /// To whom.
    pub to: String,
    /// Without brackets.
    pub message_id: String,
    /// State.
    pub state: String,
    /// Attempts made.
    pub attempts: u32,
    /// Queued.
    pub created_at: DateTime<Utc>,
    /// Accepted.
    pub sent_at: Option<DateTime<Utc>>,
    /// Next attempt.
    pub next_at: Option<DateTime<Utc>>,
    /// The server's last words.
    pub answer: String,
}

pub(super) fn outbox_row(row: &Row) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        id: row.get(0)?,
        ticket: row.get::<_, Option<i64>>(1)?.map(TicketId),
        kind: row.get(2)?,
        to: row.get(3)?,
        message_id: row.get(4)?,
        state: row.get(5)?,
        attempts: row.get(6)?,
        created_at: instant(row.get(7)?),
        sent_at: row.get::<_, Option<i64>>(8)?.map(instant),
        next_at: row.get::<_, Option<i64>>(9)?.map(instant),
        answer: row.get(10)?,
    })
}

/// Outgoing mails, sent ones too, oldest first; of one state where one is given.
pub fn outbox(tx: &Connection, state: Option<&str>) -> Result<Vec<OutboxRow>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, ticket_id, kind, recipient, message_id, state, attempts, created_at,
                    sent_at, next_at, answer
             FROM outbox WHERE :state IS NULL OR state = :state ORDER BY id LIMIT :max",
        )?
        .query_map(
            named_params! { ":state": state, ":max": LIST_MAX },
            outbox_row,
        )?
        .collect::<rusqlite::Result<_>>()?)
}

/// A line of the journal, and the mails that its decision queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened: `mail`, `due`, `delivery` …
    pub event: String,
    /// Facts of tickets that it recorded.
    pub facts: i64,
    /// How the decision was reached, one line a step.
    pub why: String,
    /// Mails queued by it.
    pub mails: Vec<OutboxRow>,
}

/// The journal after a row, oldest first, at most [`LIST_MAX`] lines.
pub fn journal_after(tx: &Connection, after: i64) -> Result<Vec<JournalEntry>> {
    let mut entries = tx
        .prepare_cached(
            "SELECT id, at, event, why,
                    (SELECT count(*) FROM ticket_fact
                     WHERE ticket_fact.ticket_id = journal.ticket_id AND journal_id = journal.id)
             FROM journal WHERE id > :after ORDER BY id LIMIT :max",
        )?
        .query_map(named_params! { ":after": after, ":max": LIST_MAX }, |row| {
            Ok(JournalEntry {
                id: row.get(0)?,
                at: instant(row.get(1)?),
                event: row.get(2)?,
                why: row.get(3)?,
                facts: row.get(4)?,
                mails: Vec::new(),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for entry in &mut entries {
        entry.mails = outbox_of(tx, entry.id)?;
    }
    Ok(entries)
}

pub(super) fn outbox_of(tx: &Connection, journal: i64) -> Result<Vec<OutboxRow>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, ticket_id, kind, recipient, message_id, state, attempts, created_at,
                    sent_at, next_at, answer
             FROM outbox WHERE journal_id = :journal ORDER BY id",
        )?
        .query_map(named_params! { ":journal": journal }, outbox_row)?
        .collect::<rusqlite::Result<_>>()?)
}

/// The figures of `status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// When the daemon last started.
    pub started_at: Option<DateTime<Utc>>,
    /// When a mailbox was last read to its end.
    pub last_poll_at: Option<DateTime<Utc>>,
    /// When the newest mail was stored.
    pub last_mail_at: Option<DateTime<Utc>>,
    /// Mails stored and not processed.
    pub inbound_waiting: i64,
    /// Held mails that wait.
    pub held: i64,
    /// Outgoing mails to be sent.
    pub outbox_waiting: i64,
    /// Outgoing mails that may have been accepted.
    pub outbox_uncertain: i64,
    /// Outgoing mails that were not accepted.
    pub outbox_failed: i64,
    /// Open tickets.
    pub open_tickets: i64,
    /// Open, unanswered tickets whose response limit ran out.
    pub breached: i64,
    /// Open tickets without a due row, which nothing would ever look at; more than none is a fault.
    pub idle_tickets: i64,
    /// The earliest due row.
    pub next_action_at: Option<DateTime<Utc>>,
    /// Size of the database.
    pub database_bytes: i64,
}

/// Counts everything `status` shows.
pub fn figures(tx: &Connection, now: DateTime<Utc>) -> Result<Figures> {
    let count =
        |sql: &str| -> Result<i64> { Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?) };
    let time = |sql: &str| -> Result<Option<DateTime<Utc>>> {
        let at: Option<i64> = tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(at.map(instant))
    };
    let breached = tx
        .prepare_cached(
            "SELECT count(*) FROM ticket
             WHERE response_met_at IS NULL AND status <> 'closed' AND response_limit_open_at < :now",
        )?
        .query_row(named_params! { ":now": millis(now) }, |row| row.get(0))?;
    Ok(Figures {
        started_at: time("SELECT max(started_at) FROM daemon")?,
        last_poll_at: time("SELECT max(last_poll_at) FROM mailbox")?,
        last_mail_at: time(
            "SELECT (SELECT stored_at FROM inbound WHERE id = (SELECT max(id) FROM inbound))",
        )?,
        inbound_waiting: count("SELECT count(*) FROM inbound WHERE state = 'waiting'")?,
        held: count("SELECT count(*) FROM held WHERE state = 'waiting'")?,
        outbox_waiting: count(
            "SELECT count(*) FROM outbox
             WHERE state NOT IN ('sent', 'cancelled') AND state IN ('waiting', 'sending', 'retry')",
        )?,
        outbox_uncertain: count(
            "SELECT count(*) FROM outbox
             WHERE state NOT IN ('sent', 'cancelled') AND state = 'uncertain'",
        )?,
        outbox_failed: count(
            "SELECT count(*) FROM outbox
             WHERE state NOT IN ('sent', 'cancelled') AND state = 'failed'",
        )?,
        open_tickets: count("SELECT count(*) FROM ticket WHERE status <> 'closed'")?,
        breached,
        idle_tickets: count(
            "SELECT count(*) FROM ticket WHERE status <> 'closed'
               AND NOT EXISTS (SELECT 1 FROM due WHERE due.ticket_id = ticket.id)",
        )?,
        next_action_at: super::tickets::next_due(tx)?,
        database_bytes: count(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        )?,
    })
}

/// Notes that the daemon started.
pub fn daemon_started(tx: &Connection, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO daemon (id, started_at) VALUES (1, :now)
         ON CONFLICT (id) DO UPDATE SET started_at = :now",
    )?
    .execute(named_params! { ":now": millis(now) })?;
    Ok(())
}

/// A line of the ledger of charges, with the words that people and programs know its surroundings by.
#[derive(Debug, Clone, PartialEq)]
pub struct ChargeRow {
    /// The line.
    pub charge: Charge,
    /// Its client's name.
    pub client: String,
    /// The Message-ID of the mail that it comes from, without brackets; else the decision.
    pub source: String,
    /// Who approved it, where somebody had to.
    pub approved_by: Option<String>,
}

fn charge_row(row: &Row) -> Result<ChargeRow> {
    Ok(ChargeRow {
        charge: charges::charge(row)?,
        client: row.get(21)?,
        source: row.get(22)?,
        approved_by: row.get(23)?,
    })
}

/// The lines of a client, or of all, entered within a span, or ever; in their order.
pub fn charges(
    tx: &Connection,
    client: Option<ClientId>,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<Vec<ChargeRow>> {
    let (from, to) = span.map_or((0, i64::MAX), |(from, to)| (millis(from), millis(to)));
    tx.prepare_cached(
        "SELECT line.id, line.ticket_id, once, kind, minutes, bucket, factor, consultant, people,
                line.at, from_at, to_at, line.inbound_id, approving_id, pending_formalization,
                excess, reverses_id, note, formalized_at, approved_at, is_reversed, client.name,
                coalesce(source.message_id, 'decision ' || line.journal_id),
                approving.from_address
         FROM charge_line AS line
         JOIN client ON client.id = line.client_id
         LEFT JOIN inbound AS source ON source.id = line.inbound_id
         LEFT JOIN inbound AS approving ON approving.id = approving_id
         WHERE (:client IS NULL OR line.client_id = :client) AND line.at >= :from AND line.at < :to
         ORDER BY line.id LIMIT :max",
    )?
    .query_map(
        named_params! {
            ":client": client.map(|id| id.0), ":from": from, ":to": to, ":max": LIST_MAX,
        },
        |row| Ok(charge_row(row)),
    )?
    .map(|row| row?)
    .collect()
}
