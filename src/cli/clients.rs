//! `clients`: the directory of authorized requesters (policy.md §1).

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::clients::{ClientEntry, conflicts, read_clients, write_clients};
use crate::config::settings::Settings;
use crate::domain::address::{Address, Person};
use crate::domain::authorizer::Authorizer;
use crate::domain::event::Event;
use crate::domain::policy::OutOfHoursTerms;
use crate::ports::{Clock, SystemClock};
use crate::store::directory::{self, Change, ClientRow, ClientSettings};
use crate::store::{Connection, Store, StoreError, departures};

/// Who orders what is done here.
const ACTOR: &str = "operator";

/// What to do with the directory.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Take in a clients.toml: adds and changes, never revokes
    Import {
        /// The file
        file: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Print the directory as a clients.toml
    Export,
    /// Who may ask
    List {
        #[command(flatten)]
        json: JsonArg,
    },
    /// Add an authorizer to a client
    Authorize {
        /// The client's name
        client: String,
        /// Exact address
        email: String,
        /// Name
        name: String,
    },
    /// End an authorizer's entry; the last one of a client stays
    Revoke {
        /// Exact address
        email: String,
    },
    /// Everything that was ever changed
    History {
        #[command(flatten)]
        json: JsonArg,
    },
}

/// Runs `clients …`.
pub(super) fn clients(config: &ConfigArg, command: Command) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    let mut store = setup::store(&settings)?;
    let now = SystemClock.now();
    match command {
        Command::Import { file, dry_run } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("reading {}", file.display()))?;
            let changes = import_text(&mut store, &settings, &text, dry_run, now)?;
            report(&changes, dry_run)
        }
        Command::Export => {
            let entries: Vec<ClientEntry> = directory::all(store.reader())?
                .into_iter()
                .map(to_file)
                .collect();
            print::line(write_clients(&entries).trim_end())?;
            Ok(Done::Well)
        }
        Command::List { json } => list(&directory::all(store.reader())?, json.json),
        Command::Authorize {
            client,
            email,
            name,
        } => {
            let address = parse(&email)?;
            let (_, engine) = setup::engine(&settings, templates)?;
            let change = store.transaction(|tx| {
                let (change, event) = authorize(tx, &client, &address, &name, &settings, now)?;
                engine.handle(tx, &event, now)?;
                Ok::<_, Failure>(change)
            })?;
            report(&[change], false)
        }
        Command::Revoke { email } => {
            let address = parse(&email)?;
            let (_, engine) = setup::engine(&settings, templates)?;
            let change = store.transaction(|tx| {
                let (change, event) = revoke(tx, &address, settings.zone, now)?;
                engine.handle(tx, &event, now)?;
                Ok::<_, Failure>(change)
            })?;
            report(&[change], false)
        }
        Command::History { json } => {
            history(&directory::history(store.reader())?, &settings, json.json)
        }
    }
}

/// Takes in the text of a clients.toml; answers what it changed, or would change.
pub fn import_text(
    store: &mut Store,
    settings: &Settings,
    text: &str,
    dry_run: bool,
    now: DateTime<Utc>,
) -> Result<Vec<Change>, Failure> {
    let entries = read_clients(text).and_then(|entries| {
        let clashes = conflicts(&entries, &settings.policy);
        if clashes.is_empty() {
            Ok(entries)
        } else {
            Err(clashes)
        }
    });
    let entries = entries.map_err(|problems| {
        setup::tell(&problems);
        anyhow!("the client list is refused; nothing was changed")
    })?;
    let mut planned = Vec::new();
    let done = store.transaction(|tx| {
        planned = import(tx, &entries, now)?;
        // A dry run is the same code on the same tables; only the commit is missing.
        if dry_run { Err(Undo::Planned) } else { Ok(()) }
    });
    match done {
        Ok(()) | Err(Undo::Planned) => Ok(planned),
        Err(Undo::Failed(failure)) => Err(failure),
    }
}

fn parse(email: &str) -> Result<Address, Failure> {
    Ok(Address::parse(email).ok_or_else(|| anyhow!("«{email}» is not an address"))?)
}

/// Why an import's transaction did not end in a commit.
enum Undo {
    /// It was only to be shown.
    Planned,
    /// It cannot be done.
    Failed(Failure),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

fn change(now: DateTime<Utc>, action: &str, client: &str, address: &str, detail: String) -> Change {
    Change {
        at: now,
        actor: ACTOR.to_owned(),
        action: action.to_owned(),
        client: client.to_owned(),
        address: address.to_owned(),
        detail,
    }
}

/// Brings the directory to what the file says of the clients and people it names. People it does
/// not name keep their entries: leaving is confirmed by `revoke`, or dated by `until`.
fn import(
    tx: &Connection,
    entries: &[ClientEntry],
    now: DateTime<Utc>,
) -> Result<Vec<Change>, Undo> {
    let mut changes = Vec::new();
    for entry in entries {
        let settings = settings_of(entry);
        let known = directory::all(tx)?
            .into_iter()
            .find(|c| c.name.to_lowercase() == entry.name.to_lowercase());
        let id = match &known {
            None => {
                changes.push(change(
                    now,
                    "client_added",
                    &entry.name,
                    "",
                    entry.domains.join(", "),
                ));
                directory::add_client(tx, &entry.name, &settings)?
            }
            Some(row) => {
                if row.settings != settings {
                    changes.push(change(
                        now,
                        "client_changed",
                        &entry.name,
                        "",
                        "settings".to_owned(),
                    ));
                    directory::set_settings(tx, row.id, &settings)?;
                }
                row.id
            }
        };
        let (had, entries_before) = known
            .map(|row| (row.domains, row.authorizers))
            .unwrap_or_default();
        for domain in entry.domains.iter().filter(|d| !had.contains(d)) {
            if let Some(owner) = directory::client_of_domain(tx, domain)? {
                let text = anyhow!("domain {domain} belongs to {}", owner.name);
                return Err(Undo::Failed(text.into()));
            }
            if !had.is_empty() {
                changes.push(change(
                    now,
                    "client_changed",
                    &entry.name,
                    "",
                    format!("domain +{domain}"),
                ));
            }
            directory::set_domain(tx, id, domain)?;
        }
        for domain in had.iter().filter(|d| !entry.domains.contains(d)) {
            changes.push(change(
                now,
                "client_changed",
                &entry.name,
                "",
                format!("domain -{domain}"),
            ));
            directory::drop_domain(tx, id, domain)?;
        }
        for person in &entry.authorizers {
            let address = person.person.address.clone();
            let before = entries_before.iter().find(|e| e.person.address == address);
            if before == Some(person) {
                continue;
            }
            if before.is_none()
                && let Some(owner) = directory::client_of_entry(tx, &address)?
            {
                let text = anyhow!(
                    "{address} is an authorizer of {}: revoke it there first",
                    owner.name
                );
                return Err(Undo::Failed(text.into()));
            }
            let action = if before.is_some() {
                "changed"
            } else {
                "authorized"
            };
            directory::end_entry(tx, &address, now)?;
            directory::add_entry(tx, id, person)?;
            changes.push(change(
                now,
                action,
                &entry.name,
                address.as_str(),
                describe(person),
            ));
        }
    }
    for change in &changes {
        directory::record(tx, change)?;
    }
    Ok(changes)
}

fn authorize(
    tx: &Connection,
    client: &str,
    address: &Address,
    name: &str,
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(Change, Event), Failure> {
    let policy = &settings.policy;
    if policy.is_staff(address) || policy.own_addresses.contains(address) {
        return Err(anyhow!("{address} is one of our own addresses").into());
    }
    let client = directory::client_named(tx, client)?
        .ok_or_else(|| anyhow!("no client is called «{client}»; see `clients list`"))?;
    if let Some(owner) = directory::client_of_entry(tx, address)? {
        return Err(anyhow!("{address} is an authorizer of {} already", owner.name).into());
    }
    let entry = Authorizer {
        person: Person::new(address.clone(), name),
        can_open: true,
        can_approve: true,
        can_validate: true,
        from: None,
        until: None,
    };
    directory::add_entry(tx, client.id, &entry)?;
    let change = change(
        now,
        "authorized",
        &client.name,
        address.as_str(),
        describe(&entry),
    );
    directory::record(tx, &change)?;
    let event = Event::ListChanged {
        client: client.id,
        client_name: client.name,
        person: entry.person,
        joins: true,
    };
    Ok((change, event))
}

fn revoke(
    tx: &Connection,
    address: &Address,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(Change, Event), Failure> {
    let client = directory::client_of_entry(tx, address)?
        .ok_or_else(|| anyhow!("{address} is nobody's authorizer"))?;
    let today = now.with_timezone(&zone).date_naive();
    let current = directory::authorizers(tx, client.id, today)?;
    // Policy §1: the last authorizer cannot be removed.
    if current.iter().all(|person| person.address == *address) {
        return Err(anyhow!(
            "{address} is the last authorizer of {}: authorize another one first",
            client.name
        )
        .into());
    }
    directory::end_entry(tx, address, now)?;
    // Policy §1: what he had under way passes to the others; the daemon sees to it.
    departures::add(tx, client.id, address, now)?;
    let change = change(
        now,
        "revoked",
        &client.name,
        address.as_str(),
        String::new(),
    );
    directory::record(tx, &change)?;
    let named = current.into_iter().find(|one| one.address == *address);
    let event = Event::ListChanged {
        client: client.id,
        client_name: client.name,
        person: named.unwrap_or_else(|| Person::new(address.clone(), "")),
        joins: false,
    };
    Ok((change, event))
}

fn describe(entry: &Authorizer) -> String {
    let mut parts = vec![entry.person.name.clone()];
    let flags = [
        (entry.can_open, "may not open"),
        (entry.can_approve, "may not approve"),
        (entry.can_validate, "may not validate"),
    ];
    parts.extend(
        flags
            .iter()
            .filter(|(on, _)| !on)
            .map(|(_, word)| (*word).to_owned()),
    );
    parts.extend(entry.from.map(|d| format!("from {d}")));
    parts.extend(entry.until.map(|d| format!("until {d}")));
    parts.join(", ")
}

fn settings_of(entry: &ClientEntry) -> ClientSettings {
    ClientSettings {
        same_domain_participants: entry.same_domain_participants,
        calendar: entry.calendar.clone(),
        minimum_notice_minutes: entry.out_of_hours.minimum_notice.map(|d| d.num_minutes()),
        factor: entry.out_of_hours.factor,
    }
}

fn to_file(row: ClientRow) -> ClientEntry {
    ClientEntry {
        name: row.name,
        domains: row.domains,
        authorizers: row.authorizers,
        same_domain_participants: row.settings.same_domain_participants,
        calendar: row.settings.calendar,
        out_of_hours: OutOfHoursTerms {
            minimum_notice: row.settings.minimum_notice_minutes.map(Duration::minutes),
            factor: row.settings.factor,
        },
    }
}

fn report(changes: &[Change], dry_run: bool) -> Outcome {
    for change in changes {
        let what = change.action.replace('_', " ");
        let text = [&change.client, &change.address, &change.detail]
            .into_iter()
            .filter(|t| !t.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" · ");
        print::line(&format!("{what}: {text}"))?;
    }
    if changes.is_empty() {
        print::line("nothing to change")?;
    } else if dry_run {
        print::line("dry run: nothing was changed")?;
    }
    Ok(Done::Well)
}

fn list(rows: &[ClientRow], json: bool) -> Outcome {
    if json {
        let person = |e: &Authorizer| {
            json!({
                "name": e.person.name,
                "email": e.person.address.as_str(),
                "can_open": e.can_open,
                "can_approve": e.can_approve,
                "can_validate": e.can_validate,
                "from": e.from,
                "until": e.until,
            })
        };
        let rows = rows
            .iter()
            .map(|row| {
                let people: Vec<Value> = row.authorizers.iter().map(person).collect();
                json!({ "name": row.name, "domains": row.domains, "authorizers": people })
            })
            .collect();
        print::json(&Value::Array(rows))?;
    } else {
        let cells: Vec<Vec<String>> = rows
            .iter()
            .flat_map(|row| {
                row.authorizers.iter().map(|entry| {
                    vec![
                        row.name.clone(),
                        row.domains.join(", "),
                        entry.person.address.to_string(),
                        describe(entry),
                    ]
                })
            })
            .collect();
        let header = ["CLIENT", "DOMAINS", "AUTHORIZER", "NAME"];
        print::table(
            &header,
            &cells,
            "the directory is empty: see `clients import`",
        )?;
    }
    Ok(Done::Well)
}

fn history(changes: &[Change], settings: &Settings, json: bool) -> Outcome {
    let zone = settings.zone;
    if json {
        let rows = changes
            .iter()
            .map(|c| {
                json!({
                    "at": print::instant(c.at, zone),
                    "actor": c.actor,
                    "action": c.action,
                    "client": c.client,
                    "address": c.address,
                    "detail": c.detail,
                })
            })
            .collect();
        print::json(&Value::Array(rows))?;
    } else {
        let cells: Vec<Vec<String>> = changes
            .iter()
            .map(|c| {
                vec![
                    print::moment(c.at, zone),
                    c.actor.clone(),
                    c.action.clone(),
                    c.client.clone(),
                    c.address.clone(),
                    c.detail.clone(),
                ]
            })
            .collect();
        let header = ["AT", "BY", "WHAT", "CLIENT", "ADDRESS", "DETAIL"];
        print::table(&header, &cells, "nothing was ever changed")?;
    }
    Ok(Done::Well)
}
