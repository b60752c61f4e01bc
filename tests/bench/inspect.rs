//! How many mails a second `inspect` reads, in one process: ordinary mails and, where they are at
//! hand, those of the corpora. Figures are printed, nothing is asserted:
//! `cargo bench --bench inspect`.
//!
//! The reference is the crate `mail-parser` alone, taking the same mails apart on one core.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use mail_parser::MessageParser;
use soported::cli::inspect::Inspector;

#[allow(dead_code)]
mod mailbox;
// A world offers more than one bench uses.
#[allow(dead_code)]
#[path = "../it/world/mod.rs"]
mod world;

/// Ordinary mails made.
const MAILS: usize = 2_000;

/// Each way of reading is repeated so often; the fastest counts.
const TURNS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..MAILS)
        .map(|n| {
            let path = folder.path().join(format!("{n}.eml"));
            std::fs::write(&path, mailbox::mail(n)).unwrap();
            path
        })
        .collect();
    measure("ordinary mails", &files);
    match corpora() {
        Some(files) => measure("the corpora", &files),
        None => println!("corpora absent (SOPORTED_CORPORA names their folder)"),
    }
}

fn measure(name: &str, files: &[PathBuf]) {
    let mails: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).unwrap()).collect();
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!(
        "{name}: {} of {:.1} kB on average",
        mails.len(),
        bytes as f64 / 1e3 / mails.len() as f64
    );
    let inspector = Inspector::new(Vec::new(), None).unwrap();
    rate("inspect as JSON, one core", mails.len(), || {
        for mail in &mails {
            black_box(inspector.mail(mail).to_string());
        }
    });
    rate(
        "`soported inspect --json`, files and all",
        mails.len(),
        || {
            let status = Command::new(env!("CARGO_BIN_EXE_soported"))
                .args(["inspect", "--json"])
                .args(files)
                .stdout(Stdio::null())
                .status();
            assert!(status.unwrap().success());
        },
    );
    rate(
        "reference: mail-parser alone, one core",
        mails.len(),
        || {
            for mail in &mails {
                black_box(MessageParser::new().parse(mail));
            }
        },
    );
}

fn rate(name: &str, mails: usize, mut read: impl FnMut()) {
    let best = (0..TURNS)
        .map(|_| {
            let begun = Instant::now();
            read();
            begun.elapsed().as_secs_f64()
        })
        .min_by(f64::total_cmp)
        .unwrap();
    println!("  {name:<45} {:>8.0} mails/s", mails as f64 / best);
}

/// Every mail of the corpora, in a fixed order.
fn corpora() -> Option<Vec<PathBuf>> {
    let folder = std::env::var_os("SOPORTED_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    );
    let mut files = Vec::new();
    for set in std::fs::read_dir(folder).ok()? {
        let set = set.unwrap().path();
        let Ok(index) = std::fs::read_to_string(set.join("index.json")) else {
            continue;
        };
        let index: serde_json::Value = serde_json::from_str(&index).unwrap();
        let entries = index.as_array().unwrap().iter();
        let mails = entries.filter(|entry| entry["form"] == "rfc822");
        files.extend(mails.map(|entry| set.join(entry["file"].as_str().unwrap())));
    }
    files.sort();
    (!files.is_empty()).then_some(files)
}
