//! soported.
#![forbid(unsafe_code)]

pub mod domain;
pub mod mail;
pub mod render;

pub mod cli;
pub mod config;
pub mod maildir;
pub mod ports;
pub mod smtp;
pub mod tls;
