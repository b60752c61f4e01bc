//! From a configuration file to the parts a command needs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;

use super::{ConfigArg, Failure};
use crate::config::settings::Settings;
use crate::config::{Loaded, Problem, load};
use crate::daemon::engine::Engine;
use crate::ports::{Clock, Ids, SystemClock};
use crate::render::Templates;
use crate::store::Store;

/// Randomness of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn fill(&self, buffer: &mut [u8]) {
        // Without randomness no token is safe; the system has none only while it boots.
        while getrandom::fill(buffer).is_err() {
            std::thread::yield_now();
        }
    }
}

/// Where the configuration is: the argument, the environment, or `./config.toml`.
pub fn config_path(arg: &ConfigArg) -> PathBuf {
    arg.config
        .clone()
        .or_else(|| {
            let set = std::env::var_os("SOPORTED_CONFIG").filter(|path| !path.is_empty());
            set.map(PathBuf::from)
        })
        .unwrap_or_else(|| PathBuf::from("config.toml"))
}

/// Reads configuration and templates; every problem of both is told before the refusal.
pub fn settings(arg: &ConfigArg) -> Result<(Settings, Templates), Failure> {
    let (loaded, templates) = read(arg).map_err(|problems| {
        tell(&problems);
        Failure::Configuration
    })?;
    Ok((loaded.settings, templates))
}

/// Reads configuration and templates, or answers all problems of both.
pub fn read(arg: &ConfigArg) -> Result<(Loaded, Templates), Vec<Problem>> {
    let loaded = load(&config_path(arg))?;
    let settings = &loaded.settings;
    let templates = Templates::load(settings.templates.as_deref(), settings.zone).map_err(
        |problems| -> Vec<Problem> {
            problems
                .into_iter()
                .map(|problem| Problem {
                    key: "service.templates".to_owned(),
                    what: problem.to_string(),
                    cure: "mend the template, or remove it to use the built-in one".to_owned(),
                })
                .collect()
        },
    )?;
    Ok((loaded, templates))
}

/// Tells problems, one a line.
pub fn tell(problems: &[Problem]) {
    for problem in problems {
        eprintln!("{problem}");
    }
}

/// Opens the ledger of a configuration.
pub fn store(settings: &Settings) -> Result<Store, Failure> {
    let store = Store::open(&settings.database)
        .with_context(|| format!("opening {}", settings.database.display()))?;
    Ok(store)
}

/// The ledger and the engine that decides on it.
pub fn engine(settings: &Settings, templates: Templates) -> Result<(Store, Arc<Engine>), Failure> {
    let mut store = store(settings)?;
    let now = SystemClock.now();
    let engine = Engine::new(settings, templates, &mut store, Arc::new(SystemIds), now)?;
    Ok((store, Arc::new(engine)))
}
