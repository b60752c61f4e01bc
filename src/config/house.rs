//! The whole configuration: `[service]`, and the other sections put together.

use std::path::{Path, PathBuf};

use chrono_tz::Tz;

use super::environment::Environment;
use super::people::{self, Owners};
use super::reader::{Reader, quoted};
use super::settings::{InboundSource, OutboundTarget, Settings};
use super::{authentication, hours, terms, transport, validation, values};
use crate::domain::address::Address;
use crate::domain::policy::{Phrases, Policy};

/// The zone of the house where none is written.
const DEFAULT_ZONE: Tz = chrono_tz::America::Mexico_City;

/// The folder of own templates where none is written.
const DEFAULT_TEMPLATES: &str = "templates";

/// Longest ticket prefix, in letters; a longer one is a problem.
const PREFIX_MAX_BYTES: usize = 10;

/// `[service]`, with the service's name and address where they were good.
struct Service {
    name: Option<String>,
    address: Option<Address>,
    own_addresses: Vec<Address>,
    ticket_prefix: String,
    database: Option<PathBuf>,
    templates: Option<PathBuf>,
    zone: Tz,
    operators: Vec<Address>,
}

/// Reads every section, in the order of the annotated file. None where a problem was noted that
/// leaves no value.
pub(super) fn settings(
    mut root: Reader<'_>,
    base: &Path,
    environment: &dyn Environment,
) -> Option<Settings> {
    let mut owners = Owners::default();
    let service = service(root.section("service"), base, environment, &mut owners);
    let inbound = transport::inbound(root.section("inbound"), base, environment, service.zone);
    let authentication =
        authentication::settings(root.section("authentication"), service.address.as_ref());
    let outbound = transport::outbound(root.section("outbound"), base, environment);
    if let (Some(inbound), Some(outbound)) = (&inbound, &outbound)
        && let InboundSource::Maildir { path: from } = &inbound.source
        && let OutboundTarget::Maildir { path: to } = &outbound.target
        && from == to
    {
        root.problem(
            "outbound.path",
            "the same folder as inbound.path, so that every mail would come back",
            "name another folder",
        );
    }
    if root.has_reserved("oauth2") {
        root.problem(
            "oauth2",
            "reserved",
            "remove the section; only auth = \"password\" is available in this version",
        );
    }
    let calendar = hours::calendar(root.section("calendar"), service.zone);
    let (response, acknowledgement_counts) = terms::response(root.section("response"));
    let solution = terms::solution(root.section("solution"));
    let contact = terms::contact(root.section("contact"));
    let billing = terms::billing(root.section("billing"));
    let out_of_hours = terms::out_of_hours(root.section("out_of_hours"));
    let phone = terms::phone(root.section("phone"));
    let alert_percents = terms::alert_percents(root.section("alerts"));
    let replies = terms::replies(root.section("replies"));
    let validation = validation::words(root.section("validation"));
    let held_keep_days = terms::held_keep_days(root.section("held"));
    let daily_digest = terms::daily_digest(root.section("digest"));
    let brakes = terms::brakes(root.section("brakes"));
    let priority_rules = people::priority_rules(&mut root);
    let consultants = people::consultants(&mut root, &mut owners);
    root.finish();
    Some(Settings {
        database: service.database?,
        templates: service.templates,
        zone: service.zone,
        inbound: inbound?,
        authentication: authentication?,
        outbound: outbound?,
        policy: Policy {
            service_name: service.name?,
            address: service.address?,
            own_addresses: service.own_addresses,
            ticket_prefix: service.ticket_prefix,
            operators: service.operators,
            calendar: calendar?,
            response,
            acknowledgement_counts,
            solution,
            priority_rules,
            consultants,
            contact,
            billing,
            out_of_hours,
            phone,
            alert_percents,
            replies,
            validation,
            held_keep_days,
            daily_digest,
            brakes,
            phrases: Phrases::default(),
        },
    })
}

fn service(
    mut reader: Reader<'_>,
    base: &Path,
    environment: &dyn Environment,
    owners: &mut Owners,
) -> Service {
    const OWNER: &str = "the service";
    let name = reader.name("name", "\"Soporte Grupo Staff\"");
    let address = reader.required_address("address");
    if let Some(address) = &address {
        owners.claim(&reader, &reader.full_key("address"), address, OWNER);
    }
    let aliases = reader.addresses("aliases");
    for (key, alias) in &aliases {
        owners.claim(&reader, key, alias, OWNER);
    }
    let aliases = aliases.into_iter().map(|(_, alias)| alias);
    let own_addresses = address.iter().cloned().chain(aliases).collect();
    let ticket_prefix = ticket_prefix(&mut reader);
    let database = reader
        .required_text("database", "\"var/soported.db\"")
        .map(|path| base.join(path));
    let templates = templates(&mut reader, base, environment);
    let zone = zone(&mut reader);
    let operators = operators(&mut reader, owners);
    reader.finish();
    Service {
        name,
        address,
        own_addresses,
        ticket_prefix,
        database,
        templates,
        zone,
        operators,
    }
}

fn ticket_prefix(reader: &mut Reader<'_>) -> String {
    let prefix = reader.text("ticket_prefix").unwrap_or("GS");
    if !is_ticket_prefix(prefix) {
        reader.problem(
            "ticket_prefix",
            format!("{} is not a prefix", quoted(prefix)),
            "write up to 10 capital letters and digits, a letter first, such as \"GS\"",
        );
    }
    prefix.to_owned()
}

/// Capital letters and digits, a letter first: what a subject tag `[GS-1042]` is found by.
fn is_ticket_prefix(text: &str) -> bool {
    text.len() <= PREFIX_MAX_BYTES
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Own templates are optional as long as nobody asks for them: the built-in ones are complete.
fn templates(
    reader: &mut Reader<'_>,
    base: &Path,
    environment: &dyn Environment,
) -> Option<PathBuf> {
    let is_unset = reader.value("templates").is_none();
    if is_unset {
        let path = base.join(DEFAULT_TEMPLATES);
        return environment.is_directory(&path).then_some(path);
    }
    let path = base.join(reader.text("templates")?);
    if !environment.is_directory(&path) {
        reader.problem(
            "templates",
            format!("there is no folder {}", path.display()),
            "name an existing folder, or remove the key to use the built-in templates",
        );
    }
    Some(path)
}

fn zone(reader: &mut Reader<'_>) -> Tz {
    let Some(text) = reader.text("timezone") else {
        return DEFAULT_ZONE;
    };
    text.parse().unwrap_or_else(|_| {
        let names: Vec<&str> = chrono_tz::TZ_VARIANTS
            .iter()
            .map(|zone| zone.name())
            .collect();
        let cure = match values::nearest(text, &names) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "write an IANA name such as \"America/Mexico_City\"".to_owned(),
        };
        let what = format!("unknown zone {}", quoted(text));
        reader.problem("timezone", what, cure);
        DEFAULT_ZONE
    })
}

fn operators(reader: &mut Reader<'_>, owners: &Owners) -> Vec<Address> {
    let operators = reader.addresses("operators");
    for (key, operator) in &operators {
        // An alarm to the mailbox would become mail to be alarmed about.
        if owners.owner(operator).is_some() {
            let what = format!("\"{operator}\" is an address of the service itself");
            reader.problem_at(key, what, "write an address that people read");
        }
    }
    if operators.is_empty() {
        reader.warn(
            "operators",
            "nobody is told of alarms",
            "write operators = [\"ops@example.com\"]",
        );
    }
    operators
        .into_iter()
        .map(|(_, operator)| operator)
        .collect()
}
