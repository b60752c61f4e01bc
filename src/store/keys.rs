//! The keys that sign tokens (mail.md §4): made once, kept in the database.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, named_params};

use super::{Result, StoreError, millis};
use crate::mail::token::{Key, Keys};

/// The keys: the newest signs, the one before it still verifies. `fresh` becomes the first key
/// of a new database.
pub fn load_or_create(tx: &Connection, fresh: [u8; 32], now: DateTime<Utc>) -> Result<Keys> {
    tx.prepare_cached(
        "INSERT INTO token_key (version, secret, created_at)
         SELECT 1, :secret, :now WHERE NOT EXISTS (SELECT 1 FROM token_key)",
    )?
    .execute(named_params! { ":secret": fresh.as_slice(), ":now": millis(now) })?;
    let mut keys = tx
        .prepare_cached("SELECT version, secret FROM token_key ORDER BY version DESC")?
        .query_map([], |row| {
            Ok(Key {
                version: row.get(0)?,
                secret: row.get::<_, [u8; 32]>(1)?,
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?
        .into_iter();
    let current = keys
        .next()
        .ok_or_else(|| StoreError::Unreadable("no token key".to_owned()))?;
    Ok(Keys {
        current,
        previous: keys.next(),
    })
}
