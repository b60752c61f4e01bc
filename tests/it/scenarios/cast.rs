//! Who plays in a story, and in which house: everything that is `given`.

use soported::domain::address::Address;
use toml::{Table, Value};

use super::language::{Told, forms};
use crate::world::daemon::Config;

/// Somebody who writes or is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Player {
    /// The whole name.
    pub name: String,
    /// The address.
    pub address: Address,
}

/// The house and its people.
#[derive(Debug)]
pub struct Cast {
    config: Config,
    players: Vec<Player>,
}

impl Cast {
    /// A house with nobody in it.
    pub fn empty() -> Cast {
        Cast {
            // A digest every morning would stand in every story; those about it ask for it.
            config: Config::of_the_house().set("digest.enabled", false),
            players: Vec::new(),
        }
    }

    /// The configuration to install.
    pub fn config(&self) -> Config {
        self.config.clone()
    }

    /// Whom a word means: a first name, a whole name, or an address.
    ///
    /// # Errors
    /// Nobody, or several.
    pub fn player(&self, word: &str) -> Told<Player> {
        if let Some(address) = Address::parse(word) {
            let known = self.players.iter().find(|p| p.address == address);
            return Ok(known.cloned().unwrap_or(Player {
                name: String::new(),
                address,
            }));
        }
        let first = |p: &&Player| p.name.split(' ').next() == Some(word) || p.name == word;
        let found: Vec<&Player> = self.players.iter().filter(first).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(format!(
                "nobody is called {word}; there are {}",
                self.names()
            )),
            _ => Err(format!("{word} may be several; there are {}", self.names())),
        }
    }

    fn names(&self) -> String {
        let names: Vec<String> = self
            .players
            .iter()
            .map(|p| format!("{} <{}>", p.name, p.address))
            .collect();
        names.join(", ")
    }

    /// Takes in a `given`: its clauses after the first word, its whole text, and the lines below.
    ///
    /// # Errors
    /// What is not a form of it.
    pub fn given(&mut self, words: &str, clauses: &[Vec<String>], below: &[String]) -> Told<()> {
        let first: Vec<&str> = clauses[0].iter().map(String::as_str).collect();
        match first.as_slice() {
            ["the", "house", "as", "in", "config.toml"] => Ok(()),
            ["setting", ..] => {
                let (key, value) = setting(words.strip_prefix("setting ").unwrap_or_default())?;
                self.config = self.config.clone().set(&key, value);
                Ok(())
            }
            ["client", name, "with", "domain", domains @ ..] => {
                let domains: Vec<Value> = domains
                    .iter()
                    .filter(|word| **word != "and")
                    .map(|domain| Value::String((*domain).to_owned()))
                    .collect();
                let mut client = Table::new();
                client.insert("name".to_owned(), Value::String((*name).to_owned()));
                client.insert("domains".to_owned(), Value::Array(domains));
                let (people, keys): (Vec<&String>, Vec<&String>) =
                    below.iter().partition(|line| line.contains('<'));
                let named = words
                    .split_once(", authorizer")
                    .map_or("", |(_, rest)| rest);
                let named = named.strip_prefix('s').unwrap_or(named).split(',');
                let people: Told<Vec<Value>> = named
                    .filter(|text| !text.trim().is_empty())
                    .chain(people.into_iter().map(String::as_str))
                    .map(|line| self.authorizer(line))
                    .collect();
                client.insert("authorizers".to_owned(), Value::Array(people?));
                for line in keys {
                    let (key, value) = setting(line)?;
                    client.insert(key, value);
                }
                self.config = self.config.clone().client_table(client);
                Ok(())
            }
            ["consultant", ..] => {
                let player = self.enters(words.strip_prefix("consultant ").unwrap_or_default())?;
                let mut table = Table::new();
                table.insert("name".to_owned(), Value::String(player.name));
                let email = player.address.to_string();
                table.insert("email".to_owned(), Value::String(email));
                for clause in &clauses[1..] {
                    let clause: Vec<&str> = clause.iter().map(String::as_str).collect();
                    match clause.as_slice() {
                        ["level", level] => {
                            let level =
                                level.parse().map_err(|_| "a level is 1 to 4".to_owned())?;
                            table.insert("level".to_owned(), Value::Integer(level));
                        }
                        ["on", "call"] => {
                            table.insert("on_call".to_owned(), Value::Boolean(true));
                        }
                        _ => return Err(forms("given")),
                    }
                }
                self.config = self.config.clone().consultant_table(table);
                Ok(())
            }
            ["person", ..] => {
                let words = words.strip_prefix("person ").unwrap_or_default();
                self.enters(words).map(|_| ())
            }
            _ => Err(forms("given")),
        }
    }

    /// `María Pérez <maria@acme.example>, can_approve = false` as `clients.toml` has it.
    fn authorizer(&mut self, line: &str) -> Told<Value> {
        let player = self.enters(line)?;
        let mut table = flags(line)?;
        table.insert("name".to_owned(), Value::String(player.name));
        let email = player.address.to_string();
        table.insert("email".to_owned(), Value::String(email));
        Ok(Value::Table(table))
    }

    /// Reads `Name <address>` at the beginning of a text, and remembers who it is.
    fn enters(&mut self, text: &str) -> Told<Player> {
        let read = || {
            let (name, rest) = text.split_once('<')?;
            let (address, _) = rest.split_once('>')?;
            Some(Player {
                name: name.trim().trim_matches('"').to_owned(),
                address: Address::parse(address.trim())?,
            })
        };
        let player = read().ok_or_else(|| format!("no `Name <address>` in «{text}»"))?;
        self.players.push(player.clone());
        Ok(player)
    }
}

/// `KEY = VALUE`, the value as TOML.
///
/// # Errors
/// Something else.
pub fn setting(text: &str) -> Told<(String, Value)> {
    let read = || {
        let (key, value) = text.split_once('=')?;
        let table: Table = format!("value = {}", value.trim()).parse().ok()?;
        Some((key.trim().to_owned(), table.get("value")?.clone()))
    };
    read().ok_or_else(|| format!("no `KEY = VALUE` in «{text}»; text stands in quotes"))
}

/// The keys of `clients.toml` that stand after an authorizer's address and a comma.
fn flags(line: &str) -> Told<Table> {
    let rest = line.split_once('>').map_or("", |(_, rest)| rest);
    let rest = rest.trim().trim_start_matches(',').trim();
    if rest.is_empty() {
        return Ok(Table::new());
    }
    // As an inline table: its keys are parted by commas, as the story's are.
    let table: Table = format!("keys = {{ {rest} }}")
        .parse()
        .map_err(|error| format!("«{rest}» are no keys of clients.toml: {error}"))?;
    let keys = table.get("keys").and_then(Value::as_table);
    Ok(keys.cloned().unwrap_or_default())
}
