//! `clients.toml`: the directory of clients as a file, on its way in (`clients import`).
//!
//! The directory itself lives in the database. A client's own calendar is kept as the TOML text it
//! was written in, once checked: the same text goes into the database, comes back out with
//! `clients export`, and becomes a [`Calendar`] through [`client_calendar`] with the service's zone.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;

use super::reader::{Notes, Reader, quoted};
use super::{Problem, hours, terms, values};
use crate::domain::address::{Address, Person, is_domain};
use crate::domain::authorizer::Authorizer;
use crate::domain::calendar::Calendar;
use crate::domain::policy::{OutOfHoursTerms, Policy};

pub use super::clients_text::write_clients;

/// A client company, as written.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientEntry {
    /// The company's name: its identity in the file.
    pub name: String,
    /// Domains its people write from, lower case; may be empty.
    pub domains: Vec<String>,
    /// Who may ask, at least one.
    pub authorizers: Vec<Authorizer>,
    /// Whether anybody of the client's domains may take part in a thread.
    pub same_domain_participants: bool,
    /// Support hours of its own: the checked inline table of `calendar = …`, its keys in order.
    pub calendar: Option<String>,
    /// Out-of-hours terms of its own; what is unset is as in `config.toml`.
    pub out_of_hours: OutOfHoursTerms,
}

/// Reads `clients.toml`.
///
/// # Errors
/// Every problem found, in the order of the file; never empty. Keys are as in
/// `clients[2].authorizers[1].email`, counted from 1.
pub fn read_clients(text: &str) -> Result<Vec<ClientEntry>, Vec<Problem>> {
    let table = values::table(text).map_err(|problem| vec![problem])?;
    let notes = Notes::default();
    let mut root = Reader::root(&table, &notes);
    let mut seen = Seen::default();
    let clients: Vec<ClientEntry> = root
        .sections("clients")
        .into_iter()
        .filter_map(|reader| client(reader, &mut seen))
        .collect();
    root.finish();
    let problems = notes.into_lists().problems;
    if problems.is_empty() {
        Ok(clients)
    } else {
        Err(problems)
    }
}

/// The calendar of a client from [`ClientEntry::calendar`]; `zone` is the service's.
///
/// # Errors
/// Every problem found; none for a text that [`read_clients`] accepted.
pub fn client_calendar(text: &str, zone: Tz) -> Result<Calendar, Vec<Problem>> {
    let table = values::table(&format!("calendar = {text}")).map_err(|problem| vec![problem])?;
    let notes = Notes::default();
    let mut root = Reader::root(&table, &notes);
    let calendar = hours::calendar(root.section("calendar"), zone);
    root.finish();
    let problems = notes.into_lists().problems;
    match calendar {
        Some(calendar) if problems.is_empty() => Ok(calendar),
        _ => Err(problems),
    }
}

/// Authorizers that the configuration already knows as somebody else: a consultant, or the service
/// itself. Such a mail would have two authors with different rights (mail.md §3).
pub fn conflicts(clients: &[ClientEntry], policy: &Policy) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (client_number, client) in (1..).zip(clients) {
        for (number, authorizer) in (1..).zip(&client.authorizers) {
            let address = &authorizer.person.address;
            let owner = if policy.own_addresses.contains(address) {
                "the service itself"
            } else if policy.consultant(address).is_some() {
                "a consultant"
            } else {
                continue;
            };
            problems.push(Problem {
                key: format!("clients[{client_number}].authorizers[{number}].email"),
                what: format!("\"{address}\" is an address of {owner}"),
                cure: "write the address of a person at the client".to_owned(),
            });
        }
    }
    problems
}

/// What earlier clients of the file took.
#[derive(Default)]
struct Seen {
    names: BTreeSet<String>,
    domains: BTreeMap<String, String>,
    addresses: BTreeMap<Address, String>,
}

fn client(mut reader: Reader<'_>, seen: &mut Seen) -> Option<ClientEntry> {
    let name = reader.name("name", "\"ACME\"");
    let shown = name.clone().unwrap_or_else(|| "another client".to_owned());
    if let Some(name) = &name
        && !seen.names.insert(name.to_lowercase())
    {
        let what = format!("{} is already a client of this file", quoted(name));
        reader.problem("name", what, "write every client once");
    }
    let domains = domains(&mut reader, &shown, seen);
    let authorizers = reader.sections("authorizers");
    if authorizers.is_empty() {
        reader.problem(
            "authorizers",
            "nobody may ask",
            "write authorizers = [ { name = \"María Pérez\", email = \"maria@acme.example\" } ]",
        );
    }
    let authorizers = authorizers
        .into_iter()
        .filter_map(|reader| authorizer(reader, &shown, seen))
        .collect();
    let same_domain_participants = reader.flag("same_domain_participants", false);
    let calendar = reader.value("calendar").map(toml::Value::to_string);
    // Only read for its problems; the zone does not matter to them.
    hours::calendar(reader.section("calendar"), chrono_tz::UTC);
    let out_of_hours = terms::out_of_hours(reader.section("out_of_hours"));
    reader.finish();
    Some(ClientEntry {
        name: name?,
        domains,
        authorizers,
        same_domain_participants,
        calendar,
        out_of_hours,
    })
}

fn domains(reader: &mut Reader<'_>, client: &str, seen: &mut Seen) -> Vec<String> {
    let mut domains = Vec::new();
    for (key, text) in reader.texts("domains", "[\"acme.example\"]") {
        let domain = text.trim().to_ascii_lowercase();
        if !is_domain(&domain) {
            let what = format!("{} is not a domain", quoted(text));
            reader.problem_at(
                &key,
                what,
                "write the part after the @, such as \"acme.example\"",
            );
        } else if let Some(other) = seen.domains.get(&domain) {
            let what = format!("\"{domain}\" is already a domain of {other}");
            reader.problem_at(&key, what, "write every domain once");
        } else {
            seen.domains.insert(domain.clone(), client.to_owned());
            domains.push(domain);
        }
    }
    domains
}

fn authorizer(mut reader: Reader<'_>, client: &str, seen: &mut Seen) -> Option<Authorizer> {
    let name = reader.name("name", "\"María Pérez\"");
    let address = reader.required_address("email");
    if let Some(address) = &address {
        if let Some(other) = seen.addresses.get(address) {
            let what = format!("\"{address}\" is already an authorizer of {other}");
            reader.problem("email", what, "write every authorizer once");
        } else {
            seen.addresses.insert(address.clone(), client.to_owned());
        }
    }
    let can_open = reader.flag("can_open", true);
    let can_approve = reader.flag("can_approve", true);
    let can_validate = reader.flag("can_validate", true);
    let from = reader.date("from");
    let until = reader.date("until");
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        let what = format!("\"{until}\" is before from = \"{from}\"");
        reader.problem("until", what, "write the earlier date in from");
    }
    reader.finish();
    Some(Authorizer {
        person: Person::new(address?, &name?),
        can_open,
        can_approve,
        can_validate,
        from,
        until,
    })
}
