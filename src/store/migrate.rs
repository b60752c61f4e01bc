//! Numbered migrations: step by step, each in its own transaction, `PRAGMA user_version` counts.

use rusqlite::{Connection, TransactionBehavior};

use super::{Result, StoreError};

/// Every migration in order; the first brings an empty file to version 1. Never edited after a
/// release, only added to. Each has rows in `tests/fixtures/migrations` that it is tested on.
pub const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_held.sql"),
    include_str!("migrations/0003_service_clocks.sql"),
    include_str!("migrations/0004_absent.sql"),
    include_str!("migrations/0005_departures.sql"),
    include_str!("migrations/0006_digest.sql"),
    include_str!("migrations/0007_undo.sql"),
    include_str!("migrations/0008_charges.sql"),
    include_str!("migrations/0009_notices.sql"),
    include_str!("migrations/0010_statements.sql"),
];

/// The schema this program writes.
pub fn newest() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Applies what is missing. A newer file is refused with both versions named.
pub fn bring_up_to_date(connection: &mut Connection) -> Result<()> {
    bring_up_to(connection, MIGRATIONS.len())
}

/// Applies migrations up to number `last` (for tests of single steps).
pub fn bring_up_to(connection: &mut Connection, last: usize) -> Result<()> {
    loop {
        // Inside the transaction, so that two programs starting at once do not both migrate.
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > newest() {
            return Err(StoreError::Newer {
                found,
                known: newest(),
            });
        }
        let step = usize::try_from(found).unwrap_or(0);
        let Some(sql) = MIGRATIONS.get(step).filter(|_| step < last) else {
            return Ok(());
        };
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", found + 1)?;
        tx.commit()?;
    }
}
