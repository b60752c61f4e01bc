//! The directory of authorized requesters, with its whole history (policy.md §1).

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::tickets::address;
use super::{Result, from_json, instant, millis, named, to_json};
use crate::domain::address::{Address, Person};
use crate::domain::authorizer::Authorizer;
use crate::domain::case::Listed;
use crate::domain::company::Company;
use crate::domain::effect::HeldCause;
use crate::domain::ids::{ClientId, PersonId};
use crate::domain::policy::OutOfHoursTerms;
use crate::domain::ticket::ClientRef;

/// The id of an address, given at its first appearance.
pub fn person(tx: &Connection, address: &Address) -> Result<PersonId> {
    tx.prepare_cached(
        "INSERT INTO person (address) VALUES (:address) ON CONFLICT (address) DO NOTHING",
    )?
    .execute(named_params! { ":address": address.as_str() })?;
    let id = tx
        .prepare_cached("SELECT id FROM person WHERE address = :address")?
        .query_row(named_params! { ":address": address.as_str() }, |row| {
            row.get(0)
        })?;
    Ok(PersonId(id))
}

/// The address of an id, where it was ever given.
pub fn person_address(tx: &Connection, id: PersonId) -> Result<Option<Address>> {
    let text: Option<String> = tx
        .prepare_cached("SELECT address FROM person WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    text.as_deref().map(address).transpose()
}

/// The current authorizer with this address, on a local day.
pub fn listed(tx: &Connection, address: &Address, day: NaiveDate) -> Result<Option<Listed>> {
    let row = tx
        .prepare_cached(
            "SELECT client.id, client.name, client.settings ->> 'calendar', authorizer.name,
                    can_open, can_approve, can_validate
             FROM authorizer JOIN client ON client.id = client_id
             WHERE address = :address AND revoked_at IS NULL
               AND (valid_from = '' OR valid_from <= :day)
               AND (valid_until = '' OR valid_until >= :day)",
        )?
        .query_row(
            named_params! { ":address": address.as_str(), ":day": day.to_string() },
            |row| {
                Ok(Listed {
                    client: client_row(row)?,
                    name: row.get(3)?,
                    can_open: row.get(4)?,
                    can_approve: row.get(5)?,
                    can_validate: row.get(6)?,
                })
            },
        )
        .optional()?;
    Ok(row)
}

fn client_row(row: &Row) -> rusqlite::Result<ClientRef> {
    Ok(ClientRef {
        id: ClientId(row.get(0)?),
        name: row.get(1)?,
        hours: row.get(2)?,
        calendar: None,
        out_of_hours: OutOfHoursTerms::default(),
    })
}

/// The client that a mail domain belongs to.
pub fn client_of_domain(tx: &Connection, domain: &str) -> Result<Option<ClientRef>> {
    Ok(tx
        .prepare_cached(
            "SELECT client.id, client.name, client.settings ->> 'calendar' FROM client_domain
             JOIN client ON client.id = client_id WHERE domain = :domain",
        )?
        .query_row(named_params! { ":domain": domain }, client_row)
        .optional()?)
}

/// A client by its id.
pub fn client_ref(tx: &Connection, id: ClientId) -> Result<Option<ClientRef>> {
    Ok(tx
        .prepare_cached("SELECT id, name, settings ->> 'calendar' FROM client WHERE id = :id")?
        .query_row(named_params! { ":id": id.0 }, client_row)
        .optional()?)
}

/// A client by its name, case free.
pub fn client_named(tx: &Connection, name: &str) -> Result<Option<ClientRef>> {
    Ok(tx
        .prepare_cached("SELECT id, name, settings ->> 'calendar' FROM client WHERE name = :name")?
        .query_row(named_params! { ":name": name }, client_row)
        .optional()?)
}

/// A client's current authorizers on a local day, by name.
pub fn authorizers(tx: &Connection, client: ClientId, day: NaiveDate) -> Result<Vec<Person>> {
    tx.prepare_cached(
        "SELECT address, name FROM authorizer
         WHERE client_id = :client AND revoked_at IS NULL
           AND (valid_from = '' OR valid_from <= :day)
           AND (valid_until = '' OR valid_until >= :day)
         ORDER BY name, address",
    )?
    .query_map(
        named_params! { ":client": client.0, ":day": day.to_string() },
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
    )?
    .map(|row| {
        let (text, name) = row?;
        Ok(Person::new(address(&text)?, &name))
    })
    .collect()
}

/// Who may open tickets for a client on a local day, by name.
pub fn openers(tx: &Connection, client: ClientId, day: NaiveDate) -> Result<Vec<Person>> {
    let may_open = entries(tx, client)?
        .into_iter()
        .filter(|entry| entry.may_open(day));
    Ok(may_open.map(|entry| entry.person).collect())
}

/// Current authorizers who may approve time for a client, by name.
pub fn approvers(tx: &Connection, client: ClientId, day: NaiveDate) -> Result<Vec<Person>> {
    let may_approve = entries(tx, client)?
        .into_iter()
        .filter(|entry| entry.can_approve && entry.is_current(day));
    Ok(may_approve.map(|entry| entry.person).collect())
}

/// Every client, by name.
pub fn clients(tx: &Connection) -> Result<Vec<ClientRef>> {
    Ok(tx
        .prepare_cached("SELECT id, name, settings ->> 'calendar' FROM client ORDER BY name")?
        .query_map([], client_row)?
        .collect::<rusqlite::Result<_>>()?)
}

/// The client with the next higher number.
pub fn client_after(tx: &Connection, id: ClientId) -> Result<Option<ClientRef>> {
    Ok(tx
        .prepare_cached(
            "SELECT id, name, settings ->> 'calendar' FROM client WHERE id > :id
             ORDER BY id LIMIT 1",
        )?
        .query_row(named_params! { ":id": id.0 }, client_row)
        .optional()?)
}

/// Every client with its domains and authorizers, by name.
pub fn companies(tx: &Connection) -> Result<Vec<Company>> {
    clients(tx)?
        .into_iter()
        .map(|client| {
            Ok(Company {
                domains: domains(tx, client.id)?,
                authorizers: entries(tx, client.id)?,
                client,
            })
        })
        .collect()
}

/// The reasons for which notices about a sender went out on a day.
pub fn notified(tx: &Connection, about: &Address, day: NaiveDate) -> Result<Vec<HeldCause>> {
    tx.prepare_cached("SELECT reason FROM notice WHERE about = :about AND day = :day")?
        .query_map(
            named_params! { ":about": about.as_str(), ":day": day.to_string() },
            |row| row.get::<_, String>(0),
        )?
        .map(|row| named("held cause", &row?, HeldCause::from_name))
        .collect()
}

/// Notes that they did, for one reason.
pub fn remember_notice(
    tx: &Connection,
    about: &Address,
    reason: HeldCause,
    day: NaiveDate,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO notice (about, day, reason) VALUES (:about, :day, :reason)
         ON CONFLICT DO NOTHING",
    )?
    .execute(named_params! {
        ":about": about.as_str(), ":day": day.to_string(), ":reason": reason.name(),
    })?;
    Ok(())
}

/// Whether anybody of a client's domains may take part in its threads.
pub fn colleagues_take_part(tx: &Connection, client: ClientId) -> Result<bool> {
    let settings: Option<String> = tx
        .prepare_cached("SELECT settings FROM client WHERE id = :id")?
        .query_row(named_params! { ":id": client.0 }, |row| row.get(0))
        .optional()?;
    let settings: Option<ClientSettings> = settings.as_deref().map(from_json).transpose()?;
    Ok(settings.is_some_and(|s| s.same_domain_participants))
}

/// What a client has of its own instead of the house's (interface.md, clients.toml).
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ClientSettings {
    /// Anybody of the client's domains may take part in a thread.
    pub same_domain_participants: bool,
    /// Support hours, as the checked inline table of `clients.toml`.
    pub calendar: Option<String>,
    /// Least notice for out-of-hours work, in minutes.
    pub minimum_notice_minutes: Option<i64>,
    /// What a minute out of hours is multiplied by.
    pub factor: Option<f64>,
}

/// A client as the directory holds one.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientRow {
    /// Identity.
    pub id: ClientId,
    /// Name.
    pub name: String,
    /// Mail domains, sorted.
    pub domains: Vec<String>,
    /// What is the client's own.
    pub settings: ClientSettings,
    /// Entries that were not revoked, by name.
    pub authorizers: Vec<Authorizer>,
}

/// The whole current directory, by client name.
pub fn all(tx: &Connection) -> Result<Vec<ClientRow>> {
    let heads = tx
        .prepare_cached("SELECT id, name, settings FROM client ORDER BY name")?
        .query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
            ))
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    heads
        .into_iter()
        .map(|(id, name, settings)| {
            Ok(ClientRow {
                id: ClientId(id),
                name,
                domains: domains(tx, ClientId(id))?,
                settings: from_json(&settings)?,
                authorizers: entries(tx, ClientId(id))?,
            })
        })
        .collect()
}

fn domains(tx: &Connection, client: ClientId) -> Result<Vec<String>> {
    Ok(tx
        .prepare_cached("SELECT domain FROM client_domain WHERE client_id = :id ORDER BY domain")?
        .query_map(named_params! { ":id": client.0 }, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

fn entries(tx: &Connection, client: ClientId) -> Result<Vec<Authorizer>> {
    tx.prepare_cached(
        "SELECT address, name, can_open, can_approve, can_validate, valid_from, valid_until
         FROM authorizer WHERE client_id = :id AND revoked_at IS NULL ORDER BY name, address",
    )?
    .query_map(named_params! { ":id": client.0 }, |row| {
        Ok((
            (row.get::<_, String>(0)?, row.get::<_, String>(1)?),
            (row.get(2)?, row.get(3)?, row.get(4)?),
            (row.get::<_, String>(5)?, row.get::<_, String>(6)?),
        ))
    })?
    .map(|row| {
        let ((text, name), (can_open, can_approve, can_validate), (from, until)) = row?;
        Ok(Authorizer {
            person: Person::new(address(&text)?, &name),
            can_open,
            can_approve,
            can_validate,
            from: from.parse().ok(),
            until: until.parse().ok(),
        })
    })
    .collect()
}

/// Adds a client.
pub fn add_client(tx: &Connection, name: &str, settings: &ClientSettings) -> Result<ClientId> {
    tx.prepare_cached("INSERT INTO client (name, settings) VALUES (:name, :settings)")?
        .execute(named_params! { ":name": name, ":settings": to_json(settings)? })?;
    Ok(ClientId(tx.last_insert_rowid()))
}

/// Replaces a client's own settings.
pub fn set_settings(tx: &Connection, client: ClientId, settings: &ClientSettings) -> Result<()> {
    tx.prepare_cached("UPDATE client SET settings = :settings WHERE id = :id")?
        .execute(named_params! { ":id": client.0, ":settings": to_json(settings)? })?;
    Ok(())
}

/// Gives a client a domain; taken from another client where that one had it.
pub fn set_domain(tx: &Connection, client: ClientId, domain: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO client_domain (domain, client_id) VALUES (:domain, :client)
         ON CONFLICT (domain) DO UPDATE SET client_id = :client",
    )?
    .execute(named_params! { ":domain": domain, ":client": client.0 })?;
    Ok(())
}

/// Takes a domain from a client.
pub fn drop_domain(tx: &Connection, client: ClientId, domain: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM client_domain WHERE domain = :domain AND client_id = :client")?
        .execute(named_params! { ":domain": domain, ":client": client.0 })?;
    Ok(())
}

/// Adds an authorizer. The address must not be a current one: see [`end_entry`].
pub fn add_entry(tx: &Connection, client: ClientId, entry: &Authorizer) -> Result<()> {
    let day = |date: Option<NaiveDate>| date.map(|d| d.to_string()).unwrap_or_default();
    tx.prepare_cached(
        "INSERT INTO authorizer (client_id, address, name, can_open, can_approve, can_validate,
                                 valid_from, valid_until)
         VALUES (:client, :address, :name, :open, :approve, :validate, :from, :until)",
    )?
    .execute(named_params! {
        ":client": client.0,
        ":address": entry.person.address.as_str(),
        ":name": entry.person.name,
        ":open": entry.can_open,
        ":approve": entry.can_approve,
        ":validate": entry.can_validate,
        ":from": day(entry.from),
        ":until": day(entry.until),
    })?;
    Ok(())
}

/// Ends the current entry of an address; its row stays. False where there is none.
pub fn end_entry(tx: &Connection, address: &Address, now: DateTime<Utc>) -> Result<bool> {
    let ended = tx
        .prepare_cached(
            "UPDATE authorizer SET revoked_at = :now
             WHERE address = :address AND revoked_at IS NULL",
        )?
        .execute(named_params! { ":address": address.as_str(), ":now": millis(now) })?;
    Ok(ended == 1)
}

/// The client that an address is an unrevoked authorizer of, whatever its dates.
pub fn client_of_entry(tx: &Connection, address: &Address) -> Result<Option<ClientRef>> {
    Ok(tx
        .prepare_cached(
            "SELECT client.id, client.name, client.settings ->> 'calendar' FROM authorizer
             JOIN client ON client.id = client_id
             WHERE address = :address AND revoked_at IS NULL",
        )?
        .query_row(named_params! { ":address": address.as_str() }, client_row)
        .optional()?)
}

/// The client that an address is an unrevoked authorizer of, whatever its dates, and its name there.
pub fn entry(tx: &Connection, address: &Address) -> Result<Option<(ClientRef, String)>> {
    let Some(client) = client_of_entry(tx, address)? else {
        return Ok(None);
    };
    let name = tx
        .prepare_cached(
            "SELECT name FROM authorizer WHERE address = :address AND revoked_at IS NULL",
        )?
        .query_row(named_params! { ":address": address.as_str() }, |row| {
            row.get(0)
        })?;
    Ok(Some((client, name)))
}

/// One line of the directory's history.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: `operator`, or a consultant's address.
    pub actor: String,
    /// What: `client_added`, `client_changed`, `authorized`, `changed`, `revoked`.
    pub action: String,
    /// The client's name.
    pub client: String,
    /// The person's address, where it is about one.
    pub address: String,
    /// Circumstances.
    pub detail: String,
}

/// Appends to the history.
pub fn record(tx: &Connection, change: &Change) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO directory_history (at, actor, action, client, address, detail)
         VALUES (:at, :actor, :action, :client, :address, :detail)",
    )?
    .execute(named_params! {
        ":at": millis(change.at),
        ":actor": change.actor,
        ":action": change.action,
        ":client": change.client,
        ":address": change.address,
        ":detail": change.detail,
    })?;
    Ok(())
}

/// The whole history, oldest first.
pub fn history(tx: &Connection) -> Result<Vec<Change>> {
    Ok(tx
        .prepare_cached(
            "SELECT at, actor, action, client, address, detail FROM directory_history ORDER BY id",
        )?
        .query_map([], |row| {
            Ok(Change {
                at: instant(row.get(0)?),
                actor: row.get(1)?,
                action: row.get(2)?,
                client: row.get(3)?,
                address: row.get(4)?,
                detail: row.get(5)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?)
}
