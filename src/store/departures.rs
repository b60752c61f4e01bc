//! People taken off a client's list whose open tickets pass to the others (policy.md §1).
//!
//! Filled in the transaction that takes somebody off the list, whoever orders it. A row stays for as
//! long as a ticket that was closed before may be opened again.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, named_params};

use super::tickets::address;
use super::{Result, directory, instant, millis};
use crate::domain::address::Address;
use crate::domain::ids::{ClientId, TicketId};

/// Most people looked at in one go; the rest follows in the next.
const PEOPLE_MAX: u32 = 1_000;

/// Somebody who left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// Whose list he was on.
    pub client: ClientId,
    /// Who.
    pub address: Address,
    /// When he was taken off it.
    pub at: DateTime<Utc>,
}

/// Notes that somebody was taken off a client's list.
pub fn add(tx: &Connection, client: ClientId, who: &Address, now: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO departure (client_id, address, at) VALUES (:client, :address, :now)
         ON CONFLICT (client_id, address) DO UPDATE SET at = :now",
    )?
    .execute(named_params! {
        ":client": client.0, ":address": who.as_str(), ":now": millis(now),
    })?;
    Ok(())
}

/// Whether anything waits to be passed on.
pub fn any(tx: &Connection) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM departure LIMIT 1")?
        .exists([])?)
}

/// Those whose tickets can pass on: somebody is on the client's list on that day.
pub fn waiting(tx: &Connection, day: NaiveDate) -> Result<Vec<Departure>> {
    let rows = tx
        .prepare_cached("SELECT client_id, address, at FROM departure ORDER BY id LIMIT :max")?
        .query_map(named_params! { ":max": PEOPLE_MAX }, |row| {
            Ok((
                ClientId(row.get(0)?),
                row.get::<_, String>(1)?,
                instant(row.get(2)?),
            ))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut departures = Vec::new();
    for (client, who, at) in rows {
        if !directory::authorizers(tx, client, day)?.is_empty() {
            departures.push(Departure {
                client,
                address: address(&who)?,
                at,
            });
        }
    }
    Ok(departures)
}

/// Those of a client whose tickets may still pass on.
pub fn of_client(tx: &Connection, client: ClientId) -> Result<Vec<Address>> {
    tx.prepare_cached(
        "SELECT address FROM departure WHERE client_id = :client ORDER BY address LIMIT :max",
    )?
    .query_map(
        named_params! { ":client": client.0, ":max": PEOPLE_MAX },
        |row| row.get::<_, String>(0),
    )?
    .map(|row| address(&row?))
    .collect()
}

/// Nothing is left to pass on, or the person is on the list again.
pub fn over(tx: &Connection, departure: &Departure) -> Result<()> {
    tx.prepare_cached("DELETE FROM departure WHERE client_id = :client AND address = :address")?
        .execute(named_params! {
            ":client": departure.client.0, ":address": departure.address.as_str(),
        })?;
    Ok(())
}

/// The open tickets of the client in which the person asked, takes part or was copied; the oldest
/// first, at most `limit`.
pub fn tickets_of(tx: &Connection, who: &Departure, limit: u32) -> Result<Vec<TicketId>> {
    Ok(tx
        .prepare_cached(
            "SELECT id FROM ticket
             WHERE requester = :address AND status <> 'closed' AND client_id = :client
             UNION
             SELECT ticket.id FROM ticket_participant JOIN ticket ON ticket.id = ticket_id
             WHERE address = :address AND status <> 'closed' AND client_id = :client
             ORDER BY 1 LIMIT :limit",
        )?
        .query_map(
            named_params! {
                ":address": who.address.as_str(), ":client": who.client.0, ":limit": limit,
            },
            |row| row.get(0).map(TicketId),
        )?
        .collect::<rusqlite::Result<_>>()?)
}
