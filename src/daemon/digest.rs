//! The daily digest: looked for after everything else that is due, so that it tells what came of it
//! (policy.md §10).

use chrono::{DateTime, Utc};

use super::engine::Engine;
use crate::domain::digest;
use crate::domain::event::Event;
use crate::store::{Result, Store, StoreError, digests};

/// Sends, or skips, the digest of the day where it is due. Answers how many were: one, or none.
pub fn tell(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    // Nearly always it is not: a look costs no transaction.
    if digest::due(&engine.policy, digests::last_day(store.reader())?, now).is_none() {
        return Ok(0);
    }
    store.transaction(|tx| {
        // Another process may have been faster.
        let last = digests::last_day(tx)?;
        let Some(day) = digest::due(&engine.policy, last, now) else {
            return Ok(0);
        };
        let mut event = Event::Digest { day, broken: None };
        let mut savepoint = tx.savepoint().map_err(StoreError::from)?;
        match engine.handle(&savepoint, &event, now) {
            Ok(()) => savepoint.commit()?,
            Err(error) if error.is_storage_failure() => return Err(error),
            Err(error) => {
                savepoint.rollback()?;
                drop(savepoint);
                tracing::error!(%day, %error, "the digest could not be written");
                event = Event::Digest {
                    day,
                    broken: Some(error.to_string()),
                };
                engine.handle(tx, &event, now)?;
            }
        }
        Ok(1)
    })
}
