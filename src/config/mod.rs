//! `config.toml`: what was written becomes what is meant, or a list of everything wrong with it.
//!
//! The text is parsed to a plain TOML table and walked section by section with a small reader
//! that knows which keys were asked for. Nothing stops at the first mistake: an operator who
//! runs `check` sees every problem at once, each with its key and an acceptable value.

mod answers;
mod authentication;
pub mod clients;
mod clients_text;
mod environment;
mod hours;
mod house;
mod people;
mod reader;
mod secret;
pub mod settings;
mod terms;
mod transport;
mod validation;
mod values;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

pub use environment::{Environment, ProcessEnvironment};
use reader::{Notes, Reader};
use settings::Settings;

/// Longest configuration read, in bytes; a longer file is refused as not being one.
pub const CONFIG_MAX_BYTES: u64 = 1024 * 1024;

/// Seconds of a length of time as the configuration writes one: `90s`, `9m`, `1h30m`, `5d`; units
/// at most once each and longest first, a day is 24 hours.
pub fn duration_seconds(text: &str) -> Option<u64> {
    values::duration(text)
}

/// One thing wrong with a configuration, or doubtful about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: a dotted key, the members of a list counted from 1 (`consultants[2].email`);
    /// a line and column, or a file, where no key can be named.
    pub key: String,
    /// What is wrong, quoting what was written (never a secret).
    pub what: String,
    /// What to write instead.
    pub cure: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.key, self.what, self.cure)
    }
}

/// A configuration without problems.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What is meant.
    pub settings: Settings,
    /// What is accepted and has a price, for `check` to show.
    pub warnings: Vec<Problem>,
    /// What is accepted and should be known, for `check` to show.
    pub notes: Vec<Problem>,
}

/// Reads the configuration file at `path`; paths in it are relative to its folder.
///
/// # Errors
/// Every problem found, in the order of the sections; never empty.
pub fn load(path: &Path) -> Result<Loaded, Vec<Problem>> {
    let environment = ProcessEnvironment;
    let unreadable = |what: String| {
        vec![Problem {
            key: path.display().to_string(),
            what,
            cure: "name a readable configuration with --config or $SOPORTED_CONFIG".to_owned(),
        }]
    };
    let bytes = environment
        .read(path, CONFIG_MAX_BYTES)
        .map_err(|error| unreadable(format!("cannot be read ({error})")))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("is not UTF-8 text".to_owned()))?;
    parse(&text, path.parent().unwrap_or(Path::new("")), &environment)
}

/// Reads a configuration from its text. `base` is the folder relative paths start from; what
/// lies outside the text (variables, files) is asked of `environment`.
///
/// # Errors
/// Every problem found, in the order of the sections; never empty.
pub fn parse(
    text: &str,
    base: &Path,
    environment: &dyn Environment,
) -> Result<Loaded, Vec<Problem>> {
    let table = values::table(text).map_err(|problem| vec![problem])?;
    let notes = Notes::default();
    let settings = house::settings(Reader::root(&table, &notes), base, environment);
    let told = notes.into_lists();
    match settings {
        Some(settings) if told.problems.is_empty() => Ok(Loaded {
            settings,
            warnings: told.warnings,
            notes: told.notes,
        }),
        _ => Err(told.problems),
    }
}

/// Every key that [`parse`] understands, dotted, without indices (`consultants.email`): what the
/// annotated `config.toml` has to show.
pub fn known_keys() -> BTreeSet<String> {
    // Members of a list are only asked for where there is a member.
    let sample = "[[priority_rules]]\n[[consultants]]\n";
    let notes = Notes::default();
    if let Ok(table) = values::table(sample) {
        // Only the questions matter here, not the answers.
        let _ = house::settings(
            Reader::root(&table, &notes),
            Path::new(""),
            &ProcessEnvironment,
        );
    }
    notes.into_keys()
}
