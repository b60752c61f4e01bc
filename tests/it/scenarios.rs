//! The policy as stories in virtual time: `tests/scenarios/*.txt`, each ending in a golden dump
//! beside it.
//!
//! A story is for a reader who knows the policy and no Rust; `scenarios/language.rs` lists every
//! form it may use. `UPDATE_GOLDEN=1 cargo test --test it scenarios` writes the dumps anew: read the
//! difference before committing it. `STORY=name` plays one story alone.

mod attribute;
mod cast;
mod check;
mod dump;
mod expectation;
mod language;
pub mod mailing;
mod runner;
mod stage;
mod story;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use story::Story;

/// Sections of the policy that have a story. One that is missing here has no feature yet.
const TOLD_SECTIONS: [&str; 10] = ["§1", "§2", "§3", "§4", "§5", "§6", "§7", "§8", "§9", "§10"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// The files of the folder with this ending, by name, sorted.
fn files(ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("tests/scenarios");
    let paths = entries.map(|entry| entry.expect("a file").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    let name = path.file_name().expect("a file has a name");
    format!("tests/scenarios/{}", name.to_string_lossy())
}

/// Plays a story and compares its end with its dump.
fn tell(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let end = runner::end_of(&name(path), &text)?;
    let golden = path.with_extension("dump");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return fs::write(golden, end).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if expected == end {
        return Ok(());
    }
    let differs = runner::first_difference(&expected, &end);
    Err(format!(
        "{}: it ends otherwise than {} says; if that is right, UPDATE_GOLDEN=1 and read the \
         difference\n{differs}",
        name(path),
        name(&golden)
    ))
}

#[test]
fn every_story_comes_true_and_ends_as_its_dump_says() {
    let only = std::env::var("STORY").ok();
    let stories: Vec<PathBuf> = files("txt")
        .into_iter()
        .filter(|path| only.as_ref().is_none_or(|only| name(path).contains(only)))
        .collect();
    assert!(!stories.is_empty(), "no stories");
    let next = AtomicUsize::new(0);
    let players = thread::available_parallelism().map_or(1, usize::from);
    let faults: Vec<String> = thread::scope(|scope| {
        let play = || {
            let take = || stories.get(next.fetch_add(1, Ordering::Relaxed));
            let played = std::iter::from_fn(take).map(|path| tell(path));
            played.filter_map(Result::err).collect::<Vec<String>>()
        };
        let threads: Vec<_> = (0..players).map(|_| scope.spawn(play)).collect();
        let told = threads
            .into_iter()
            .map(|thread| thread.join().expect("ends"));
        told.flatten().collect()
    });
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n\n"));
}

#[test]
fn no_dump_is_an_orphan_and_nothing_else_lies_with_the_stories() {
    let stories = files("txt");
    let is_orphan = |dump: &PathBuf| !stories.contains(&dump.with_extension("txt"));
    let orphans: Vec<PathBuf> = files("dump").into_iter().filter(is_orphan).collect();
    assert!(orphans.is_empty(), "without a story: {orphans:?}");
    let all = fs::read_dir(folder()).expect("tests/scenarios");
    let known = |path: &PathBuf| path.extension().is_some_and(|e| e == "txt" || e == "dump");
    let strays: Vec<PathBuf> = all
        .map(|entry| entry.expect("a file").path())
        .filter(|path| !known(path))
        .collect();
    assert!(strays.is_empty(), "neither story nor dump: {strays:?}");
}

#[test]
fn every_section_of_the_policy_has_a_story() {
    let mut named = BTreeSet::new();
    for path in files("txt") {
        let text = fs::read_to_string(&path).expect("a story");
        let story = Story::read(&text).map_err(|faults| runner::report(&name(&path), &faults));
        named.extend(story.unwrap_or_else(|faults| panic!("{faults}")).sections);
    }
    let missing: Vec<&&str> = TOLD_SECTIONS
        .iter()
        .filter(|s| !named.contains(**s))
        .collect();
    assert!(missing.is_empty(), "no story tells of {missing:?}");
    let unknown: Vec<&String> = named
        .iter()
        .filter(|section| !TOLD_SECTIONS.contains(&section.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "TOLD_SECTIONS does not list {unknown:?}"
    );
}
