//! The integration tests: one crate, one binary, one file per theme.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod bad_input;
mod billing;
mod calendar;
mod calendar_laws;
mod calendar_vectors;
mod cli;
mod clients_file;
mod clock;
mod command;
mod config;
mod config_meaning;
mod corpus;
mod eml;
mod forged;
mod fuzz;
mod golden;
mod imap_scripted;
mod kill;
mod ledger;
mod live;
mod mail_authentication;
mod mail_calendar;
mod mail_compose;
mod mail_content;
mod mail_forward;
mod mail_html;
mod mail_parse;
mod mail_quote;
mod mail_report;
mod mail_rich;
mod mail_token;
mod maildir;
mod rules;
mod rust_source;
mod scenarios;
mod sim;
mod smtp_scripted;
mod statement;
mod tidy;
mod unit_file;
mod validation;
// The benches use parts of it that no test does.
#[allow(dead_code)]
mod world;
#[path = "world/itself.rs"]
mod world_itself;
