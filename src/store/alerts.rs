//! Alerts that wait for the end of a run of due rows, so that each consultant gets one mail.

use rusqlite::{Connection, named_params};

use super::tickets::address;
use super::{Result, from_json, to_json};
use crate::domain::address::Address;
use crate::domain::ids::TicketId;
use crate::domain::letter::AlertLine;

/// Most alerts in one mail; the rest follows in the next one.
const LINES_MAX: u32 = 200;

/// Most consultants looked at in one go; the rest follows in the next.
const CONSULTANTS_MAX: u32 = 100;

/// Keeps an alert.
pub fn keep(tx: &Connection, to: &Address, ticket: TicketId, line: &AlertLine) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO alert_waiting (consultant, ticket_id, line)
         VALUES (:consultant, :ticket, :line)",
    )?
    .execute(named_params! {
        ":consultant": to.as_str(), ":ticket": ticket.0, ":line": to_json(line)?,
    })?;
    Ok(())
}

/// Consultants for whom something waits.
pub fn consultants(tx: &Connection) -> Result<Vec<Address>> {
    tx.prepare_cached("SELECT DISTINCT consultant FROM alert_waiting LIMIT :limit")?
        .query_map(named_params! { ":limit": CONSULTANTS_MAX }, |row| {
            row.get::<_, String>(0)
        })?
        .map(|row| address(&row?))
        .collect()
}

/// What waits for a consultant, oldest first.
pub fn waiting(tx: &Connection, to: &Address) -> Result<Vec<AlertLine>> {
    tx.prepare_cached(
        "SELECT line FROM alert_waiting WHERE consultant = :consultant ORDER BY id LIMIT :limit",
    )?
    .query_map(
        named_params! { ":consultant": to.as_str(), ":limit": LINES_MAX },
        |row| row.get::<_, String>(0),
    )?
    .map(|row| from_json(&row?))
    .collect()
}

/// What [`waiting`] answered waits no more.
pub fn told(tx: &Connection, to: &Address) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM alert_waiting WHERE id IN
             (SELECT id FROM alert_waiting WHERE consultant = :consultant ORDER BY id LIMIT :limit)",
    )?
    .execute(named_params! { ":consultant": to.as_str(), ":limit": LINES_MAX })?;
    Ok(())
}
