//! `config.toml`: what was written becomes what is meant, or a list of everything wrong with it.

pub mod settings;
