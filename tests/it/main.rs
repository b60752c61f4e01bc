//! The integration tests: one crate, one binary, one file per theme.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod maildir;
mod smtp_scripted;
