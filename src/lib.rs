//! soported.
#![forbid(unsafe_code)]

pub mod domain;

pub mod mail;
pub mod render;

pub mod config;
pub mod imap;
pub mod maildir;
pub mod ports;
pub mod smtp;
pub mod store;
pub mod systemd;
pub mod tls;

pub mod daemon;

pub mod cli;
