//! Mail on its way out: the rows between a decision and a server's answer (mail.md §6).

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::commit::Written;
use super::journal::{self, Line};
use super::tickets::address;
use super::{Result, StoreError, instant, millis, named, pack, unpack};
use crate::domain::address::Address;
use crate::domain::effect::{Manner, Outgoing};
use crate::domain::ids::{InboundId, OutboxId, TicketId};
use crate::domain::letter::LetterKind;
use crate::domain::policy::Brakes;
use crate::domain::returned::Progress;

/// Longest answer of a server that is kept, in characters.
const ANSWER_MAX_CHARS: usize = 500;

/// Most braked rows put off in one look for work; the rest is looked at next time.
const PUT_OFF_MAX: u32 = 200;

/// A mail to be queued.
#[derive(Debug, Clone, Copy)]
pub struct NewMail<'a> {
    /// What was decided.
    pub outgoing: &'a Outgoing,
    /// Its bytes.
    pub written: &'a Written,
    /// To our own people: the brakes do not count it.
    pub exempt: bool,
    /// The journal line of the decision.
    pub journal: i64,
}

/// Whether a mail of this sense was queued before.
pub fn exists(tx: &Connection, once: &str) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM outbox WHERE once = :once")?
        .exists(named_params! { ":once": once })?)
}

/// When a row is due, as a column holds it. What may leave at once is due since the beginning of
/// this second: a process that comes next may read a clock some milliseconds behind (two commands
/// under a clock set to the same instant).
fn due(not_before: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    if not_before <= now {
        not_before.timestamp() * 1_000
    } else {
        millis(not_before)
    }
}

/// Queues a mail.
pub fn enqueue(tx: &Connection, mail: &NewMail, now: DateTime<Utc>) -> Result<OutboxId> {
    let outgoing = mail.outgoing;
    let human = outgoing.manner == Manner::Human;
    tx.prepare_cached(
        "INSERT INTO outbox (once, journal_id, ticket_id, kind, lane, braked, purpose, recipient,
                             envelope_from, message_id, raw, state, next_at, created_at)
         VALUES (:once, :journal, :ticket, :kind, :lane, :braked, :purpose, :recipient,
                 :from, :message_id, :raw, 'waiting', :next, :now)",
    )?
    .execute(named_params! {
        ":once": outgoing.once,
        ":journal": mail.journal,
        ":ticket": outgoing.ticket.map(|t| t.0),
        ":kind": outgoing.letter.kind().name(),
        ":lane": i64::from(!human),
        ":braked": !human && !mail.exempt,
        ":purpose": outgoing.purpose.name(),
        ":recipient": outgoing.to.address.as_str(),
        ":from": mail.written.envelope_from,
        ":message_id": mail.written.message_id,
        ":raw": pack(&mail.written.raw)?,
        ":next": due(outgoing.not_before, now),
        ":now": millis(now),
    })?;
    Ok(OutboxId(tx.last_insert_rowid()))
}

/// A mail whose attempt is recorded and may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its row.
    pub id: OutboxId,
    /// Which letter.
    pub kind: LetterKind,
    /// Of which ticket.
    pub ticket: Option<TicketId>,
    /// RCPT TO.
    pub to: Address,
    /// MAIL FROM.
    pub from: Address,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// Every byte that leaves.
    pub raw: Vec<u8>,
    /// Attempts, this one included.
    pub attempts: u32,
    /// Attempts before this one that ended in silence.
    pub uncertain: u32,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
}

/// What the queue has for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The mail to send, if one is due.
    pub attempt: Option<Attempt>,
    /// The global brake holds automatic mail back until then.
    pub breaker_until: Option<DateTime<Utc>>,
}

/// Takes the next due mail, a person's words before automatic mail, and records the attempt.
///
/// Mail to an address that has had its share waits for its turn; where the global brake has
/// tripped, all automatic mail to outsiders waits (mail.md §2). Nothing is dropped.
pub fn take(tx: &Connection, brakes: &Brakes, now: DateTime<Utc>) -> Result<Next> {
    let breaker_until = breaker(tx, brakes, now)?;
    for _ in 0..PUT_OFF_MAX {
        let Some((id, recipient, braked)) = first_due(tx, breaker_until.is_none(), now)? else {
            break;
        };
        let wait = if braked {
            address_brake(tx, &recipient, brakes, now)?
        } else {
            None
        };
        match wait {
            Some(until) => {
                tx.prepare_cached("UPDATE outbox SET next_at = :next WHERE id = :id")?
                    .execute(named_params! { ":id": id, ":next": millis(until) })?;
            }
            None => {
                return Ok(Next {
                    attempt: Some(begin(tx, OutboxId(id))?),
                    breaker_until,
                });
            }
        }
    }
    Ok(Next {
        attempt: None,
        breaker_until,
    })
}

/// The first due row: lane 0 before lane 1, then the earliest.
fn first_due(
    tx: &Connection,
    automatic_too: bool,
    now: DateTime<Utc>,
) -> Result<Option<(i64, String, bool)>> {
    let mut best: Option<(i64, i64, i64, String, bool)> = None;
    for braked in [false, true] {
        if braked && !automatic_too {
            continue;
        }
        for lane in [0, 1] {
            let row = tx
                .prepare_cached(
                    "SELECT lane, next_at, id, recipient FROM outbox
                     WHERE braked = :braked AND lane = :lane AND next_at <= :now
                     ORDER BY next_at, id LIMIT 1",
                )?
                .query_row(
                    named_params! { ":braked": braked, ":lane": lane, ":now": millis(now) },
                    |row| {
                        Ok((
                            row.get(0)?,
                            row.get(1)?,
                            row.get(2)?,
                            row.get::<_, String>(3)?,
                            braked,
                        ))
                    },
                )
                .optional()?;
            best = match (best, row) {
                (Some(a), Some(b)) if (b.0, b.1, b.2) < (a.0, a.1, a.2) => Some(b),
                (None, row) => row,
                (best, _) => best,
            };
        }
    }
    Ok(best.map(|(_, _, id, recipient, braked)| (id, recipient, braked)))
}

/// When the global brake lets go, where it has tripped: the hour's share is used up.
fn breaker(tx: &Connection, brakes: &Brakes, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let hour = Duration::hours(1);
    let nth: Option<i64> = tx
        .prepare_cached(
            "SELECT sent_at FROM outbox
             WHERE braked = 1 AND sent_at IS NOT NULL AND sent_at > :from
             ORDER BY sent_at DESC LIMIT 1 OFFSET :share - 1",
        )?
        .query_row(
            named_params! {
                ":from": millis(now - hour), ":share": brakes.automatic_per_hour.max(1),
            },
            |row| row.get(0),
        )
        .optional()?;
    Ok(nth.map(|sent| instant(sent) + hour))
}

/// When an address may have its next automatic mail, where its share is used up.
fn address_brake(
    tx: &Connection,
    recipient: &str,
    brakes: &Brakes,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let windows = [
        (Duration::hours(1), brakes.per_address_hour),
        (Duration::days(1), brakes.per_address_day),
    ];
    let mut until = None;
    for (window, share) in windows {
        let nth: Option<i64> = tx
            .prepare_cached(
                "SELECT sent_at FROM outbox
                 WHERE braked = 1 AND recipient = :recipient AND sent_at IS NOT NULL
                   AND sent_at > :from
                 ORDER BY sent_at DESC LIMIT 1 OFFSET :share - 1",
            )?
            .query_row(
                named_params! {
                    ":recipient": recipient,
                    ":from": millis(now - window),
                    ":share": share.max(1),
                },
                |row| row.get(0),
            )
            .optional()?;
        until = until.max(nth.map(|sent| instant(sent) + window));
    }
    Ok(until)
}

/// Records the attempt before it is made: a crash in the middle is known by it.
fn begin(tx: &Connection, id: OutboxId) -> Result<Attempt> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, next_at = NULL,
                offered_at = NULL
         WHERE id = :id",
    )?
    .execute(named_params! { ":id": id.0 })?;
    let (kind, ticket, (to, from, message_id), raw, attempts, uncertain, created) = tx
        .prepare_cached(
            "SELECT kind, ticket_id, recipient, envelope_from, message_id, raw, attempts, uncertain,
                    created_at
             FROM outbox WHERE id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<i64>>(1)?,
                (
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get(4)?,
                ),
                row.get::<_, Vec<u8>>(5)?,
                row.get(6)?,
                row.get(7)?,
                row.get::<_, i64>(8)?,
            ))
        })?;
    Ok(Attempt {
        id,
        kind: named("letter", &kind, LetterKind::from_name)?,
        ticket: ticket.map(TicketId),
        to: address(&to)?,
        from: address(&from)?,
        message_id,
        raw: unpack(&raw)?,
        attempts,
        uncertain,
        created_at: instant(created),
    })
}

/// Notes the point of no return: content begins to leave. A crash from here on is uncertain.
pub fn offered(tx: &Connection, id: OutboxId, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE outbox SET offered_at = :now WHERE id = :id AND state = 'sending'")?
        .execute(named_params! { ":id": id.0, ":now": millis(now) })?;
    Ok(())
}

/// A new state of a row, after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Accepted.
    Sent,
    /// To be tried again at that time.
    Retry(DateTime<Utc>),
    /// Not to be tried again.
    Failed,
    /// Perhaps accepted; tried once more at that time, where one is given.
    Uncertain(Option<DateTime<Utc>>),
}

/// Settles an attempt. False, and nothing changes, where the row is not on its way any more: its
/// bounce was faster than its settling, and the bounce's word is the last one.
pub fn settle(
    tx: &Connection,
    id: OutboxId,
    settled: Settled,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let (state, next) = match settled {
        Settled::Sent => ("sent", None),
        Settled::Retry(at) => ("retry", Some(at)),
        Settled::Failed => ("failed", None),
        Settled::Uncertain(at) => ("uncertain", at),
    };
    let changed = tx
        .prepare_cached(
            "UPDATE outbox SET state = :state, next_at = :next, answer = :answer,
                    sent_at = CASE WHEN :state = 'sent' THEN :now ELSE sent_at END,
                    uncertain = uncertain + (:state = 'uncertain')
             WHERE id = :id AND state IN ('sending', 'uncertain')",
        )?
        .execute(named_params! {
            ":id": id.0,
            ":state": state,
            ":next": next.map(millis),
            ":answer": kept(answer),
            ":now": millis(now),
        })?;
    Ok(changed == 1)
}

/// As much of a server's words as a row keeps.
fn kept(words: &str) -> String {
    words.chars().take(ANSWER_MAX_CHARS).collect()
}

/// Mails that may have been accepted and are not tried again: a person must look.
pub fn left_to_a_person(tx: &Connection) -> Result<i64> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*) FROM outbox
             WHERE state NOT IN ('sent', 'cancelled') AND state = 'uncertain' AND next_at IS NULL",
        )?
        .query_row([], |row| row.get(0))?)
}

/// A row whose attempt was cut short by the end of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutShort {
    /// Its row.
    pub id: OutboxId,
    /// When its content began to leave, if it did.
    pub offered_at: Option<DateTime<Utc>>,
    /// Attempts before that ended in silence.
    pub uncertain: u32,
}

/// Rows left in `sending`: only the holder of the instance lock may ask.
pub fn cut_short(tx: &Connection) -> Result<Vec<CutShort>> {
    tx.prepare_cached(
        "SELECT id, offered_at, uncertain FROM outbox WHERE state = 'sending' ORDER BY id",
    )?
    .query_map([], |row| {
        Ok(CutShort {
            id: OutboxId(row.get(0)?),
            offered_at: row.get::<_, Option<i64>>(1)?.map(instant),
            uncertain: row.get(2)?,
        })
    })?
    .map(|row| Ok(row?))
    .collect()
}

/// A row, as far as a delivery event needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its row.
    pub id: OutboxId,
    /// Which letter.
    pub kind: LetterKind,
    /// To whom.
    pub to: Address,
    /// Of which ticket.
    pub ticket: Option<TicketId>,
    /// When its content began to leave.
    pub offered_at: Option<DateTime<Utc>>,
}

/// The received mail that gave rise to an outgoing one; none where a timer or an order did.
pub fn cause(tx: &Connection, id: OutboxId) -> Result<Option<InboundId>> {
    let inbound: Option<Option<i64>> = tx
        .prepare_cached(
            "SELECT inbound_id FROM outbox JOIN journal ON journal.id = journal_id
             WHERE outbox.id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    Ok(inbound.flatten().map(InboundId))
}

/// An uncertain mail of ours that somebody refers to: proof that it arrived.
pub fn uncertain_by_id(tx: &Connection, message_id: &str) -> Result<Option<Summary>> {
    let row = tx
        .prepare_cached(
            "SELECT id, kind, recipient, ticket_id, offered_at FROM outbox
             WHERE message_id = :message_id AND state = 'uncertain'",
        )?
        .query_row(
            named_params! { ":message_id": message_id },
            SummaryRow::read,
        )
        .optional()?;
    row.map(SummaryRow::summary).transpose()
}

/// The mail with this Message-ID, and how far it has come.
pub fn by_message_id(tx: &Connection, message_id: &str) -> Result<Option<(Summary, Progress)>> {
    let row = tx
        .prepare_cached(
            "SELECT id, kind, recipient, ticket_id, offered_at, state, uncertain > 0
             FROM outbox WHERE message_id = :message_id",
        )?
        .query_row(named_params! { ":message_id": message_id }, |row| {
            Ok((SummaryRow::read(row)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    row.map(with_progress).transpose()
}

/// The mail to which the server that took it gave this Message-ID in the place of ours
/// (mail.md §4), and how far it has come.
pub fn by_renamed_id(tx: &Connection, message_id: &str) -> Result<Option<(Summary, Progress)>> {
    let row = tx
        .prepare_cached(
            "SELECT outbox.id, kind, recipient, outbox.ticket_id, offered_at, state,
                    uncertain > 0
             FROM thread_ref JOIN outbox ON outbox.id = outbox_id
             WHERE thread_ref.message_id = :message_id AND outbox.message_id <> :message_id",
        )?
        .query_row(named_params! { ":message_id": message_id }, |row| {
            Ok((SummaryRow::read(row)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    row.map(with_progress).transpose()
}

/// `doubted`: an earlier attempt ended in silence.
fn with_progress((row, state, doubted): (SummaryRow, String, bool)) -> Result<(Summary, Progress)> {
    let progress = match state.as_str() {
        "sent" => Progress::Accepted,
        "sending" | "uncertain" => Progress::Underway,
        "retry" if doubted => Progress::Underway,
        "waiting" | "retry" => Progress::Ahead,
        "failed" | "cancelled" => Progress::Over,
        other => return Err(StoreError::Unreadable(format!("outbox state «{other}»"))),
    };
    Ok((row.summary()?, progress))
}

/// A [`Summary`] as its columns hold it.
struct SummaryRow {
    id: i64,
    kind: String,
    to: String,
    ticket: Option<i64>,
    offered_at: Option<i64>,
}

impl SummaryRow {
    fn read(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            kind: row.get(1)?,
            to: row.get(2)?,
            ticket: row.get(3)?,
            offered_at: row.get(4)?,
        })
    }

    fn summary(self) -> Result<Summary> {
        Ok(Summary {
            id: OutboxId(self.id),
            kind: named("letter", &self.kind, LetterKind::from_name)?,
            to: address(&self.to)?,
            ticket: self.ticket.map(TicketId),
            offered_at: self.offered_at.map(instant),
        })
    }
}

/// A mail came back: it has failed, whatever its attempt still comes to (see [`settle`]), and is
/// not tried again. It left all the same, so it counts against the brakes.
pub fn bounced(tx: &Connection, id: OutboxId, words: &str) -> Result<()> {
    let changed = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'failed', next_at = NULL, answer = :answer,
                    sent_at = coalesce(sent_at, offered_at)
             WHERE id = :id AND (state IN ('sent', 'sending', 'uncertain')
                                 OR state = 'retry' AND uncertain > 0)",
        )?
        .execute(named_params! { ":id": id.0, ":answer": kept(words) })?;
    if changed == 1 {
        Ok(())
    } else {
        let what = format!("outgoing mail {id} came back, but is not on its way");
        Err(StoreError::Unreadable(what))
    }
}

/// When the queue next has work; automatic mail counts from `breaker_until` on.
pub fn next_due(
    tx: &Connection,
    breaker_until: Option<DateTime<Utc>>,
) -> Result<Option<DateTime<Utc>>> {
    let earliest = |braked: bool| -> Result<Option<DateTime<Utc>>> {
        let mut best: Option<DateTime<Utc>> = None;
        for lane in [0, 1] {
            let at: Option<i64> = tx
                .prepare_cached(
                    "SELECT min(next_at) FROM outbox
                     WHERE braked = :braked AND lane = :lane AND next_at IS NOT NULL",
                )?
                .query_row(named_params! { ":braked": braked, ":lane": lane }, |row| {
                    row.get(0)
                })?;
            let at = at.map(instant);
            best = match (best, at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Ok(best)
    };
    let free = earliest(false)?;
    let braked = earliest(true)?.map(|at| at.max(breaker_until.unwrap_or(at)));
    Ok(match (free, braked) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    })
}

/// An operator's order to try a row again now; what failed for good begins anew, and no report about
/// an attempt of before speaks of it. False where its state does not allow it.
pub fn order_retry(tx: &Connection, id: OutboxId, now: DateTime<Utc>) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'retry', next_at = :now,
                    uncertain = iif(state = 'failed', 0, uncertain)
             WHERE id = :id AND state IN ('waiting', 'retry', 'failed', 'uncertain', 'cancelled')",
        )?
        .execute(named_params! { ":id": id.0, ":now": due(now, now) })?;
    ordered(tx, id, changed == 1, "to be tried again", now)
}

/// An operator's order not to send a row. False where it has left, or is leaving.
pub fn order_cancel(tx: &Connection, id: OutboxId, now: DateTime<Utc>) -> Result<bool> {
    let changed = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'cancelled', next_at = NULL
             WHERE id = :id AND state IN ('waiting', 'retry', 'failed', 'uncertain')",
        )?
        .execute(named_params! { ":id": id.0 })?;
    ordered(tx, id, changed == 1, "not to be sent", now)
}

/// Writes an order that was carried out into the journal.
fn ordered(
    tx: &Connection,
    id: OutboxId,
    done: bool,
    what: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    if done {
        let line = Line {
            event: "order",
            outbox: Some(id),
            why: &format!("outgoing mail {id}: {what}, by an operator's order"),
            ..Line::default()
        };
        journal::write(tx, &line, now)?;
    }
    Ok(done)
}
