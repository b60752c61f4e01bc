//! Commit 1: mail into the ledger (mail.md §1), and the rows that wait to be processed.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};
use sha2::{Digest, Sha256};

use super::{Result, from_json, instant, millis, named, pack, to_json, unpack};
use crate::domain::event::Release;
use crate::domain::ids::InboundId;
use crate::domain::message::Verdict;
use crate::ports::Fetched;

/// Longest error text kept on a row, in characters.
const ERROR_MAX_CHARS: usize = 500;

/// Attempts after which a mail is held as unprocessable (mail.md §1).
pub const ATTEMPTS_MAX: u32 = 5;

/// A source of mail and how far it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxRow {
    /// Its row.
    pub id: i64,
    /// The epoch (UIDVALIDITY) that `cursor` counts in.
    pub epoch: u32,
    /// Last UID stored; zero at the beginning of an epoch.
    pub cursor: u32,
    /// Mail received before it never acts.
    pub baseline_at: DateTime<Utc>,
    /// The last overlap scan.
    pub last_overlap_at: Option<DateTime<Utc>>,
}

/// A mail ready for commit 1: hashed and compressed outside the transaction.
#[derive(Debug, Clone)]
pub struct Packed {
    /// UID or file name.
    pub locator: String,
    /// Trusted receipt time.
    pub received_at: DateTime<Utc>,
    /// It came into its folder before the first start, whatever its receipt time says.
    pub before_start: bool,
    /// Bytes of the mail as fetched.
    pub size_bytes: i64,
    /// Bytes left on the server.
    pub omitted_bytes: i64,
    /// Of the mail as fetched.
    pub sha256: [u8; 32],
    /// The mail, compressed.
    pub raw: Vec<u8>,
}

impl Packed {
    /// Hashes and compresses a fetched mail.
    pub fn from_fetched(mail: &Fetched) -> Result<Self> {
        Ok(Self {
            locator: mail.locator.clone(),
            received_at: mail.received_at,
            before_start: false,
            size_bytes: i64::try_from(mail.raw.len()).unwrap_or(i64::MAX),
            omitted_bytes: mail
                .omitted_bytes
                .map_or(0, |n| i64::try_from(n).unwrap_or(i64::MAX)),
            sha256: Sha256::digest(&mail.raw).into(),
            raw: pack(&mail.raw)?,
        })
    }
}

/// The row of a mailbox; its first appearance sets the baseline.
pub fn mailbox(tx: &Connection, name: &str, baseline: DateTime<Utc>) -> Result<MailboxRow> {
    tx.prepare_cached(
        "INSERT INTO mailbox (name, baseline_at) VALUES (:name, :baseline)
         ON CONFLICT (name) DO NOTHING",
    )?
    .execute(named_params! { ":name": name, ":baseline": millis(baseline) })?;
    let row = tx
        .prepare_cached(
            "SELECT id, epoch, cursor, baseline_at, last_overlap_at FROM mailbox WHERE name = :name",
        )?
        .query_row(named_params! { ":name": name }, |row| {
            Ok(MailboxRow {
                id: row.get(0)?,
                epoch: row.get(1)?,
                cursor: row.get(2)?,
                baseline_at: instant(row.get(3)?),
                last_overlap_at: row.get::<_, Option<i64>>(4)?.map(instant),
            })
        })?;
    Ok(row)
}

/// A new UIDVALIDITY: UIDs of before mean nothing now, so reading begins anew through the ledger.
pub fn begin_epoch(tx: &Connection, mailbox: i64, epoch: u32) -> Result<()> {
    tx.prepare_cached("UPDATE mailbox SET epoch = :epoch, cursor = 0 WHERE id = :id")?
        .execute(named_params! { ":id": mailbox, ":epoch": epoch })?;
    Ok(())
}

/// When the last reading of a mailbox that looked behind the cursor too, and came to its end, began.
pub fn scanned_at(tx: &Connection) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT max(last_overlap_at) FROM mailbox")?
        .query_row([], |row| row.get(0))?;
    Ok(at.map(instant))
}

/// Notes that the mailbox was read to its end, in a reading that began at `now`.
pub fn polled(tx: &Connection, mailbox: i64, overlap: bool, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE mailbox SET last_poll_at = :now,
                last_overlap_at = CASE WHEN :overlap THEN :now ELSE last_overlap_at END
         WHERE id = :id",
    )?
    .execute(named_params! { ":id": mailbox, ":overlap": overlap, ":now": millis(now) })?;
    Ok(())
}

/// Which of `locators` the ledger does not hold yet, in their order.
pub fn unknown(
    tx: &Connection,
    mailbox: i64,
    epoch: u32,
    locators: &[String],
) -> Result<Vec<String>> {
    let mut statement = tx.prepare_cached(
        "SELECT 1 FROM inbound WHERE mailbox_id = :mailbox AND epoch = :epoch AND locator = :locator",
    )?;
    let mut missing = Vec::new();
    for locator in locators {
        let params = named_params! { ":mailbox": mailbox, ":epoch": epoch, ":locator": locator };
        if !statement.exists(params)? {
            missing.push(locator.clone());
        }
    }
    Ok(missing)
}

/// Commit 1: stores mails and moves the cursor. A mail known already is left as it is.
///
/// Mail received before `baseline` is recorded and never acts. Bytes that the same mailbox gave
/// with the same receipt time are the same mail under another UID (after a UIDVALIDITY change).
/// Answers the rows that are new and waiting.
pub fn store(
    tx: &Connection,
    mailbox: i64,
    epoch: u32,
    mails: &[Packed],
    cursor: Option<u32>,
    baseline: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<InboundId>> {
    let mut added = Vec::new();
    for mail in mails {
        added.extend(store_one(tx, mailbox, epoch, mail, baseline, now)?);
    }
    if let Some(cursor) = cursor {
        tx.prepare_cached(
            "UPDATE mailbox SET cursor = max(cursor, :cursor) WHERE id = :id AND epoch = :epoch",
        )?
        .execute(named_params! { ":id": mailbox, ":epoch": epoch, ":cursor": cursor })?;
    }
    Ok(added)
}

fn store_one(
    tx: &Connection,
    mailbox: i64,
    epoch: u32,
    mail: &Packed,
    baseline: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<InboundId>> {
    let twin: Option<i64> = tx
        .prepare_cached(
            "SELECT id FROM inbound
             WHERE sha256 = :sha256 AND mailbox_id = :mailbox AND received_at = :received
             ORDER BY id LIMIT 1",
        )?
        .query_row(
            named_params! {
                ":sha256": mail.sha256.as_slice(),
                ":mailbox": mailbox,
                ":received": millis(mail.received_at),
            },
            |row| row.get(0),
        )
        .optional()?;
    let outcome = if mail.before_start || baseline.is_some_and(|b| mail.received_at < b) {
        Some("before_start")
    } else if twin.is_some() {
        Some("duplicate")
    } else {
        None
    };
    let inserted = tx
        .prepare_cached(
            "INSERT INTO inbound (mailbox_id, epoch, locator, received_at, stored_at, size_bytes,
                                  omitted_bytes, sha256, state, outcome, twin_id)
             VALUES (:mailbox, :epoch, :locator, :received, :stored, :size,
                     :omitted, :sha256, :state, :outcome, :twin)
             ON CONFLICT (mailbox_id, epoch, locator) DO NOTHING",
        )?
        .execute(named_params! {
            ":mailbox": mailbox,
            ":epoch": epoch,
            ":locator": mail.locator,
            ":received": millis(mail.received_at),
            ":stored": millis(now),
            ":size": mail.size_bytes,
            ":omitted": mail.omitted_bytes,
            ":sha256": mail.sha256.as_slice(),
            ":state": if outcome.is_some() { "done" } else { "waiting" },
            ":outcome": outcome,
            ":twin": twin,
        })?;
    if inserted == 0 {
        return Ok(None);
    }
    let id = tx.last_insert_rowid();
    if outcome != Some("duplicate") {
        tx.prepare_cached("INSERT INTO inbound_raw (inbound_id, raw) VALUES (:id, :raw)")?
            .execute(named_params! { ":id": id, ":raw": mail.raw })?;
    }
    Ok(outcome.is_none().then_some(InboundId(id)))
}

/// Stores a mail that its source refuses to hand over: nothing of it is known but that it is
/// there. It waits with all its attempts used up, and so is held as unprocessable.
pub fn store_unreadable(
    tx: &Connection,
    mailbox: i64,
    epoch: u32,
    locator: &str,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let inserted = tx
        .prepare_cached(
            "INSERT INTO inbound (mailbox_id, epoch, locator, received_at, stored_at, size_bytes,
                                  sha256, state, attempts, last_error)
             VALUES (:mailbox, :epoch, :locator, :now, :now, 0, :sha256, 'waiting', :attempts,
                     :error)
             ON CONFLICT (mailbox_id, epoch, locator) DO NOTHING",
        )?
        .execute(named_params! {
            ":mailbox": mailbox,
            ":epoch": epoch,
            ":locator": locator,
            ":now": millis(now),
            ":sha256": Sha256::digest([]).as_slice(),
            ":attempts": ATTEMPTS_MAX,
            ":error": format!("the mailbox does not hand it over: {reason}"),
        })?;
    if inserted == 1 {
        tx.prepare_cached("INSERT INTO inbound_raw (inbound_id, raw) VALUES (:id, :raw)")?
            .execute(named_params! { ":id": tx.last_insert_rowid(), ":raw": pack(&[])? })?;
    }
    Ok(())
}

/// A waiting row, claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub id: InboundId,
    /// Attempts made before this one.
    pub attempts: u32,
}

/// Claims the oldest waiting rows, at most `limit`, and counts an attempt on each: before parsing,
/// so that a mail which kills the process is known by its count (mail.md §1).
///
/// A row that was tried before is claimed alone, so that it can take no other mail down with it.
pub fn claim(tx: &Connection, limit: u32) -> Result<Vec<Claimed>> {
    let mut statement = tx.prepare_cached(
        "SELECT id, attempts FROM inbound WHERE state = 'waiting' ORDER BY id LIMIT :limit",
    )?;
    let rows = statement.query_map(named_params! { ":limit": limit }, |row| {
        Ok(Claimed {
            id: InboundId(row.get(0)?),
            attempts: row.get(1)?,
        })
    })?;
    let mut claimed: Vec<Claimed> = Vec::new();
    for row in rows {
        let row = row?;
        if row.attempts > 0 && !claimed.is_empty() {
            break;
        }
        claimed.push(row);
        if row.attempts > 0 {
            break;
        }
    }
    for row in &claimed {
        count_attempt(tx, row.id)?;
    }
    Ok(claimed)
}

/// Counts an attempt on one waiting row; `None` where it is not waiting any more.
pub fn claim_one(tx: &Connection, id: InboundId) -> Result<Option<Claimed>> {
    let attempts: Option<u32> = tx
        .prepare_cached("SELECT attempts FROM inbound WHERE id = :id AND state = 'waiting'")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    let Some(attempts) = attempts else {
        return Ok(None);
    };
    count_attempt(tx, id)?;
    Ok(Some(Claimed { id, attempts }))
}

fn count_attempt(tx: &Connection, id: InboundId) -> Result<()> {
    tx.prepare_cached("UPDATE inbound SET attempts = attempts + 1 WHERE id = :id")?
        .execute(named_params! { ":id": id.0 })?;
    Ok(())
}

/// Takes an attempt back: the database failed, not the mail.
pub fn uncount_attempt(tx: &Connection, id: InboundId) -> Result<()> {
    tx.prepare_cached(
        "UPDATE inbound SET attempts = max(attempts - 1, 0) WHERE id = :id AND state = 'waiting'",
    )?
    .execute(named_params! { ":id": id.0 })?;
    Ok(())
}

/// Notes why an attempt failed.
pub fn note_error(tx: &Connection, id: InboundId, error: &str) -> Result<()> {
    let error: String = error.chars().take(ERROR_MAX_CHARS).collect();
    tx.prepare_cached("UPDATE inbound SET last_error = :error WHERE id = :id")?
        .execute(named_params! { ":id": id.0, ":error": error })?;
    Ok(())
}

/// Why the last attempt failed, as far as it could still be noted; `None` where the row does not
/// wait any more.
pub fn last_error(tx: &Connection, id: InboundId) -> Result<Option<String>> {
    Ok(tx
        .prepare_cached("SELECT last_error FROM inbound WHERE id = :id AND state = 'waiting'")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?)
}

/// A row about to be processed.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The mail, packed.
    pub packed: Vec<u8>,
    /// Bytes of it that were left on the server: over `inbound.max_size`.
    pub omitted_bytes: u64,
    /// Trusted receipt time.
    pub received_at: DateTime<Utc>,
    /// Somebody's word that lets it in.
    pub release: Option<Release>,
}

/// Loads a row that is still waiting; `None` where somebody else was faster.
pub fn load_waiting(tx: &Connection, id: InboundId) -> Result<Option<Waiting>> {
    let row = tx
        .prepare_cached(
            "SELECT raw, received_at, release, omitted_bytes FROM inbound
             JOIN inbound_raw ON inbound_id = id
             WHERE id = :id AND state = 'waiting'",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            let packed: Vec<u8> = row.get(0)?;
            let release: Option<String> = row.get(2)?;
            Ok((
                packed,
                row.get::<_, i64>(1)?,
                release,
                row.get::<_, i64>(3)?,
            ))
        })
        .optional()?;
    let Some((packed, received_at, release, omitted_bytes)) = row else {
        return Ok(None);
    };
    Ok(Some(Waiting {
        packed,
        omitted_bytes: u64::try_from(omitted_bytes).unwrap_or(0),
        received_at: instant(received_at),
        release: release.as_deref().map(from_json).transpose()?,
    }))
}

/// The raw mail of any row that kept it.
pub fn raw(tx: &Connection, id: InboundId) -> Result<Option<Vec<u8>>> {
    let packed: Option<Vec<u8>> = tx
        .prepare_cached("SELECT raw FROM inbound_raw WHERE inbound_id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    packed.map(|p| unpack(&p)).transpose()
}

/// Bytes of a received mail; zero where its mailbox never handed it over.
pub fn size(tx: &Connection, id: InboundId) -> Result<i64> {
    Ok(tx
        .prepare_cached("SELECT size_bytes FROM inbound WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))?)
}

/// What reading a mail taught, kept on its row.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Its Message-ID, or the synthetic one.
    pub message_id: &'a str,
    /// Hash of what makes it the same mail.
    pub content_hash: &'a str,
    /// From, where there is one.
    pub from: Option<&'a str>,
    /// Subject.
    pub subject: &'a str,
    /// Verdict on the sender.
    pub verdict: &'a str,
    /// The line the verdict rests on.
    pub verdict_line: &'a str,
}

/// Writes what reading a mail taught.
pub fn note_reading(tx: &Connection, id: InboundId, reading: &Reading) -> Result<()> {
    tx.prepare_cached(
        "UPDATE inbound SET message_id = :message_id, content_hash = :content_hash,
                from_address = :from, subject = :subject, verdict = :verdict,
                verdict_line = :verdict_line
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id.0,
        ":message_id": reading.message_id,
        ":content_hash": reading.content_hash,
        ":from": reading.from,
        ":subject": reading.subject,
        ":verdict": reading.verdict,
        ":verdict_line": reading.verdict_line,
    })?;
    Ok(())
}

/// An earlier mail with the same Message-ID and the same content (mail.md §1).
///
/// A copy that came to nothing does not stand for one that may come to something: a mail that is
/// held counts for copies the receiving server vouches for no better, and a list's copy that was
/// merely recorded counts for none. For a mail that somebody released (`verdict` is none) only a
/// copy counts that opened a ticket or was filed: nothing is processed twice.
pub fn twin(
    tx: &Connection,
    id: InboundId,
    (message_id, content_hash): (&str, &str),
    verdict: Option<Verdict>,
) -> Result<Option<InboundId>> {
    let standing = match verdict {
        Some(Verdict::Fail) => 0,
        Some(Verdict::None) => 1,
        Some(Verdict::Medium) => 2,
        Some(Verdict::Strong) => 3,
        None => -1,
    };
    let twin = tx
        .prepare_cached(
            "SELECT id FROM inbound
             WHERE message_id = :message_id AND content_hash = :content_hash
               AND id <> :id AND state = 'done'
               AND (outcome IN ('opened', 'filed')
                    OR outcome = 'recorded' AND class NOT IN ('list', 'bulk') AND :standing >= 0
                    OR outcome = 'held' AND :standing >= 0
                       AND CASE verdict WHEN 'strong' THEN 3 WHEN 'medium' THEN 2
                                        WHEN 'none' THEN 1 ELSE 0 END >= :standing)
             ORDER BY id LIMIT 1",
        )?
        .query_row(
            named_params! {
                ":id": id.0,
                ":message_id": message_id,
                ":content_hash": content_hash,
                ":standing": standing,
            },
            |row| row.get(0).map(InboundId),
        )
        .optional()?;
    Ok(twin)
}

/// Whether another mail bears the same Message-ID with other content: two mails, and a warning.
pub fn id_taken(
    tx: &Connection,
    id: InboundId,
    message_id: &str,
    content_hash: &str,
) -> Result<bool> {
    Ok(tx
        .prepare_cached(
            "SELECT 1 FROM inbound
             WHERE message_id = :message_id AND content_hash <> :content_hash AND id <> :id",
        )?
        .exists(named_params! {
            ":id": id.0, ":message_id": message_id, ":content_hash": content_hash,
        })?)
}

/// Puts a held mail back into the queue with its attempts reset, and with somebody's word for it
/// where there is one; a word given before stays.
pub fn requeue(tx: &Connection, id: InboundId, release: Option<&Release>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE inbound SET state = 'waiting', attempts = 0, last_error = '', outcome = NULL,
                release = coalesce(:release, release)
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id.0,
        ":release": release.map(to_json).transpose()?,
    })?;
    Ok(())
}

/// What the receiving server said of a mail's sender when the mail was read.
pub fn verdict(tx: &Connection, id: InboundId) -> Result<Verdict> {
    let name: String = tx
        .prepare_cached("SELECT verdict FROM inbound WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))?;
    named("verdict", &name, Verdict::from_name)
}
