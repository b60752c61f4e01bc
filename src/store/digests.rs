//! The day of the last digest (policy.md §10), so that a restart neither doubles nor loses one.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Result, named};

/// The day of the last digest, sent or skipped; none before the first.
pub fn last_day(tx: &Connection) -> Result<Option<NaiveDate>> {
    let day: Option<String> = tx
        .prepare_cached("SELECT day FROM digest WHERE id = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    day.map(|day| named("day of a digest", &day, |day| day.parse().ok()))
        .transpose()
}

/// The digest of a day is sent, or skipped.
pub fn done(tx: &Connection, day: NaiveDate) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO digest (id, day) VALUES (1, :day)
         ON CONFLICT (id) DO UPDATE SET day = :day",
    )?
    .execute(named_params! { ":day": day.to_string() })?;
    Ok(())
}
