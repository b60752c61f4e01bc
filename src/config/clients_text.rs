//! `clients.toml` on its way out (`clients export`).

use std::fmt::Write;

use super::clients::ClientEntry;
use super::values;
use crate::domain::authorizer::Authorizer;

/// Writes clients as a file that [`super::clients::read_clients`] reads back as the same clients.
///
/// Keys that have their default are left out. Durations are written to the second.
pub fn write_clients(clients: &[ClientEntry]) -> String {
    let mut text = String::new();
    for client in clients {
        // Writing to a String cannot fail.
        let _ = write_client(&mut text, client);
    }
    text
}

fn write_client(text: &mut String, client: &ClientEntry) -> std::fmt::Result {
    if !text.is_empty() {
        writeln!(text)?;
    }
    writeln!(text, "[[clients]]")?;
    writeln!(text, "name = {}", literal(&client.name))?;
    let domains: Vec<String> = client.domains.iter().map(|d| literal(d)).collect();
    writeln!(text, "domains = [{}]", domains.join(", "))?;
    writeln!(text, "authorizers = [")?;
    for authorizer in &client.authorizers {
        writeln!(
            text,
            "    {{ {} }},",
            authorizer_keys(authorizer).join(", ")
        )?;
    }
    writeln!(text, "]")?;
    if client.same_domain_participants {
        writeln!(text, "same_domain_participants = true")?;
    }
    if let Some(calendar) = &client.calendar {
        writeln!(text, "calendar = {calendar}")?;
    }
    let mut terms = Vec::new();
    if let Some(notice) = client.out_of_hours.minimum_notice {
        // A notice is never negative.
        let seconds = u64::try_from(notice.num_seconds()).unwrap_or(0);
        let notice = literal(&values::duration_text(seconds));
        terms.push(format!("minimum_notice = {notice}"));
    }
    if let Some(factor) = client.out_of_hours.factor {
        terms.push(format!("factor = {}", toml::Value::Float(factor)));
    }
    if !terms.is_empty() {
        writeln!(text, "out_of_hours = {{ {} }}", terms.join(", "))?;
    }
    Ok(())
}

fn authorizer_keys(authorizer: &Authorizer) -> Vec<String> {
    let person = &authorizer.person;
    let mut keys = vec![
        format!("name = {}", literal(&person.name)),
        format!("email = {}", literal(person.address.as_str())),
    ];
    let flags = [
        ("can_open", authorizer.can_open),
        ("can_approve", authorizer.can_approve),
        ("can_validate", authorizer.can_validate),
    ];
    let off = flags.iter().filter(|(_, is_on)| !is_on);
    keys.extend(off.map(|(key, _)| format!("{key} = false")));
    let dates = [("from", authorizer.from), ("until", authorizer.until)];
    let set = dates
        .into_iter()
        .filter_map(|(key, date)| date.map(|date| format!("{key} = \"{date}\"")));
    keys.extend(set);
    keys
}

/// A text as TOML writes it, quotes and escapes included.
fn literal(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
