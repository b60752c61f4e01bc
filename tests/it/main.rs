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
mod calendar;
mod calendar_vectors;
mod clock;
mod golden;
mod imap_scripted;
mod mail_authentication;
mod mail_compose;
mod mail_html;
mod mail_parse;
mod mail_quote;
mod mail_token;
mod maildir;
mod rust_source;
mod smtp_scripted;
mod tidy;
mod unit_file;
mod world;
#[path = "world/itself.rs"]
mod world_itself;
