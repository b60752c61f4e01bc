//! Mails of which a source has told no more than that they are there: held, and asked for again.
//! Their rows hold no bytes and the source's words; a mail without content has no such words.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::Result;
use super::held::{self, HeldState};
use crate::domain::ids::HeldId;

/// Most such mails asked for in one look.
const ASK_AGAIN_MAX: u32 = 20;

/// Who decides when a source hands a mail over after all.
const MAILBOX: &str = "mailbox";

/// Most such mails of a source that are known one by one; of a source with more, the operators have
/// been told often enough.
const KNOWN_MAX: u32 = 10_000;

/// Locators of the mails of a source that were not handed over.
pub fn all(tx: &Connection, mailbox: i64, epoch: u32) -> Result<Vec<String>> {
    let locators = tx
        .prepare_cached(
            "SELECT locator FROM inbound
             WHERE size_bytes = 0 AND mailbox_id = :mailbox AND epoch = :epoch
               AND last_error <> ''
             ORDER BY id DESC LIMIT :max",
        )?
        .query_map(
            named_params! { ":mailbox": mailbox, ":epoch": epoch, ":max": KNOWN_MAX },
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(locators)
}

/// Of these, the ones that nobody has discarded: they are asked for again.
pub fn waiting(tx: &Connection, mailbox: i64, epoch: u32) -> Result<Vec<String>> {
    let locators = tx
        .prepare_cached(
            "SELECT locator FROM inbound JOIN held ON held.inbound_id = inbound.id
             WHERE size_bytes = 0 AND mailbox_id = :mailbox AND epoch = :epoch
               AND held.state IN ('waiting', 'expired')
               AND last_error <> ''
             ORDER BY inbound.id LIMIT :max",
        )?
        .query_map(
            named_params! { ":mailbox": mailbox, ":epoch": epoch, ":max": ASK_AGAIN_MAX },
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(locators)
}

/// The mail is here after all: its empty row makes room for it, and nobody has to decide.
pub fn arrived(
    tx: &Connection,
    mailbox: i64,
    epoch: u32,
    locator: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let place = named_params! { ":mailbox": mailbox, ":epoch": epoch, ":locator": locator };
    let held = tx
        .prepare_cached(
            "SELECT held.id FROM held JOIN inbound ON inbound.id = held.inbound_id
             WHERE held.state IN ('waiting', 'expired') AND mailbox_id = :mailbox
               AND epoch = :epoch AND locator = :locator",
        )?
        .query_row(place, |row| row.get(0))
        .optional()?;
    tx.prepare_cached(
        "UPDATE inbound SET locator = locator || ', not handed over at first'
         WHERE mailbox_id = :mailbox AND epoch = :epoch AND locator = :locator",
    )?
    .execute(place)?;
    if let Some(id) = held {
        let words = "the mail was handed over after all, and comes in by itself";
        held::decide(tx, HeldId(id), HeldState::Released, MAILBOX, words, now)?;
    }
    Ok(())
}
