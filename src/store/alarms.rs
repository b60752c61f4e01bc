//! Alarms that are raised, so that each is told once (and again when it is over).

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Result, instant, millis, named};
use crate::domain::event::AlarmCause;

/// Since when a cause has been raised.
pub fn since(tx: &Connection, cause: AlarmCause) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT raised_at FROM alarm WHERE cause = :cause")?
        .query_row(named_params! { ":cause": cause.name() }, |row| row.get(0))
        .optional()?;
    Ok(at.map(instant))
}

/// Every raised cause.
pub fn raised(tx: &Connection) -> Result<Vec<AlarmCause>> {
    tx.prepare_cached("SELECT cause FROM alarm ORDER BY cause")?
        .query_map([], |row| row.get::<_, String>(0))?
        .map(|name| {
            let from_name = |n: &str| AlarmCause::ALL.into_iter().find(|c| c.name() == n);
            named("alarm", &name?, from_name)
        })
        .collect()
}

/// Raises a cause.
pub fn raise(tx: &Connection, cause: AlarmCause, detail: &str, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO alarm (cause, raised_at, detail) VALUES (:cause, :now, :detail)
         ON CONFLICT (cause) DO NOTHING",
    )?
    .execute(named_params! { ":cause": cause.name(), ":now": millis(now), ":detail": detail })?;
    Ok(())
}

/// Clears a cause.
pub fn clear(tx: &Connection, cause: AlarmCause) -> Result<()> {
    tx.prepare_cached("DELETE FROM alarm WHERE cause = :cause")?
        .execute(named_params! { ":cause": cause.name() })?;
    Ok(())
}
