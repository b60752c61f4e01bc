//! The integration tests: one crate, one binary, one file per theme.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod rust_source;
mod tidy;
mod unit_file;
mod world;
mod calendar;
mod calendar_vectors;
mod clock;
mod golden;
mod maildir;
mod smtp_scripted;
