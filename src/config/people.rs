//! `[[consultants]]` and `[[priority_rules]]`: who answers, and what an opening mail may say.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use toml::Value;

use super::reader::{Reader, quoted};
use crate::domain::address::{Address, Person};
use crate::domain::policy::{Consultant, PriorityRule};
use crate::domain::ticket::{Kind, Priority};

/// Largest compiled pattern, in bytes; a larger one is a problem.
const PATTERN_MAX_BYTES: usize = 1024 * 1024;

/// Whose an address is: one person each, so that a mail has one author (mail.md §3).
#[derive(Debug, Default)]
pub(super) struct Owners(BTreeMap<Address, String>);

impl Owners {
    /// Gives `address`, written at `key`, to `owner`; a problem where it has one already.
    pub(super) fn claim(&mut self, reader: &Reader<'_>, key: &str, address: &Address, owner: &str) {
        if let Some(other) = self.owner(address) {
            let what = format!("\"{address}\" is already an address of {other}");
            let cure = "write every address once, for one owner";
            reader.problem_at(key, what, cure);
        } else {
            self.0.insert(address.clone(), owner.to_owned());
        }
    }

    /// Whose an address is.
    pub(super) fn owner(&self, address: &Address) -> Option<&str> {
        self.0.get(address).map(String::as_str)
    }
}

/// `[[consultants]]`: at least one.
pub(super) fn consultants(root: &mut Reader<'_>, owners: &mut Owners) -> Vec<Consultant> {
    let sections = root.sections("consultants");
    if sections.is_empty() {
        root.problem(
            "consultants",
            "nobody answers",
            "write a section [[consultants]] with name and email",
        );
        return Vec::new();
    }
    let mut consultants: Vec<Consultant> = Vec::new();
    for mut reader in sections {
        let name = reader.name("name", "\"Ana Ruiz\"");
        let address = reader.required_address("email");
        let aliases = reader.addresses("aliases");
        let level = reader.whole("level", 1, 1..=4);
        let on_call = reader.flag("on_call", false);
        let owner = name.as_deref().unwrap_or("another consultant");
        if let Some(address) = &address {
            owners.claim(&reader, &reader.full_key("email"), address, owner);
        }
        for (key, alias) in &aliases {
            owners.claim(&reader, key, alias, owner);
        }
        if let Some(name) = &name {
            // Policy §9: `#asignar` and `#sesion` name consultants.
            let lower = name.to_lowercase();
            if consultants
                .iter()
                .any(|other| other.person.name.to_lowercase() == lower)
            {
                let what = format!("{} is already the name of a consultant", quoted(name));
                reader.problem("name", what, "give each a name of their own");
            }
        }
        reader.finish();
        if let (Some(name), Some(address)) = (name, address) {
            consultants.push(Consultant {
                person: Person::new(address, &name),
                aliases: aliases.into_iter().map(|(_, alias)| alias).collect(),
                level: u8::try_from(level).unwrap_or(1),
                on_call,
            });
        }
    }
    if !consultants.iter().any(|c| c.level == 1) {
        // Policy §8: a new ticket goes to level 1.
        root.warn(
            "consultants",
            "nobody has level 1, where new tickets and critical alerts go",
            "give at least one consultant level = 1",
        );
    }
    consultants
}

/// `[[priority_rules]]`: patterns in order (policy.md §3).
pub(super) fn priority_rules(root: &mut Reader<'_>) -> Vec<PriorityRule> {
    let mut rules = Vec::new();
    for mut reader in root.sections("priority_rules") {
        let pattern = pattern(&mut reader);
        let priority = word(
            &mut reader,
            "priority",
            &Priority::ALL.map(|p| (p.name(), p)),
        );
        let kind = word(&mut reader, "kind", &Kind::ALL.map(|k| (k.name(), k)));
        if priority == Word::Unset && kind == Word::Unset {
            reader.problem(
                "priority",
                "the rule says nothing",
                "write priority = \"critical\" or kind = \"technical-urgent\", or both",
            );
        }
        reader.finish();
        if let Some(pattern) = pattern {
            rules.push(PriorityRule {
                pattern,
                priority: priority.meaning(),
                kind: kind.meaning(),
            });
        }
    }
    rules
}

/// A word that may be missing, apart from one that was wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word<T> {
    Unset,
    Wrong,
    Set(T),
}

impl<T> Word<T> {
    fn meaning(self) -> Option<T> {
        match self {
            Self::Set(meaning) => Some(meaning),
            Self::Unset | Self::Wrong => None,
        }
    }
}

fn word<T: Copy>(reader: &mut Reader<'_>, key: &'static str, words: &[(&str, T)]) -> Word<T> {
    match reader.choice(key, words) {
        Some(meaning) => Word::Set(meaning),
        None if reader.value(key).is_some_and(|v| v.as_str() != Some("")) => Word::Wrong,
        None => Word::Unset,
    }
}

fn pattern(reader: &mut Reader<'_>) -> Option<Regex> {
    const EXAMPLE: &str = "'(?i)\\burgente\\b'";
    // Taken as written: a space at an end may be meant.
    let text = match reader.value("match") {
        None => "",
        Some(Value::String(text)) => text,
        Some(_) => {
            reader.problem("match", "not a text", format!("write match = {EXAMPLE}"));
            return None;
        }
    };
    if text.is_empty() {
        reader.missing("match", EXAMPLE);
        return None;
    }
    let built = RegexBuilder::new(text)
        .size_limit(PATTERN_MAX_BYTES)
        .build();
    let regex = match built {
        Ok(regex) => regex,
        Err(error) => {
            // The last line names the mistake; the ones before it draw an arrow below it.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default().trim();
            reader.problem(
                "match",
                format!("{} is not a pattern ({reason})", quoted(text)),
                format!("write a regular expression in single quotes, such as {EXAMPLE}"),
            );
            return None;
        }
    };
    if regex.is_match("") {
        reader.warn(
            "match",
            format!("{} matches every mail", quoted(text)),
            "write a pattern that needs at least one letter",
        );
    }
    Some(regex)
}
