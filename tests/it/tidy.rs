//! The style as tests: floors, banned calls, shapes of files, and what lies where.
//!
//! Rust sources are looked at in three layers (code, comments, texts), so that a word in a comment
//! is no call and a call is no word. Banned words are put together here from pieces, so that this
//! file may be looked at like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use soported::domain::letter::LetterKind;

use crate::rust_source::Layers;

/// A source file of ours is an idea, and an idea fits into this many lines.
const SOURCE_LINES_MAX: usize = 600;

// --- Where things are ------------------------------------------------------------------------------

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder of the project, as paths relative to the project, sorted.
fn files_below(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.expect("a folder's entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root()).expect("below the root");
                found.push(relative.to_str().expect("names are UTF-8").to_owned());
            }
        }
    }
    found.sort();
    found
}

/// The Rust sources below a folder with their layers. Never empty: a check of nothing proves nothing.
fn sources(folder: &str) -> Vec<(String, Layers)> {
    let sources: Vec<(String, Layers)> = files_below(folder)
        .into_iter()
        .filter(|path| path.ends_with(".rs"))
        .map(|path| {
            let layers = Layers::of(&read(&path));
            (path, layers)
        })
        .collect();
    assert!(!sources.is_empty(), "no sources in {folder}");
    sources
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What git tracks; in a copy without git, everything but what `.gitignore` names.
fn tracked_files() -> Vec<String> {
    let listing = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output();
    let tracked: Vec<String> = match listing {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            String::from_utf8(output.stdout)
                .expect("names are UTF-8")
                .split_terminator('\0')
                .map(str::to_owned)
                // Deleted and not yet committed.
                .filter(|path| root().join(path).exists())
                .collect()
        }
        _ => {
            let ignored = read(".gitignore");
            let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
            let mut files = Vec::new();
            for entry in fs::read_dir(root()).expect("the project's folder") {
                let entry = entry.expect("a folder's entry");
                let name = entry.file_name().into_string().expect("names are UTF-8");
                if name == ".git" || ignored.contains(&name.as_str()) {
                    continue;
                }
                if entry.path().is_dir() {
                    files.extend(files_below(&name));
                } else {
                    files.push(name);
                }
            }
            files
        }
    };
    for known in ["Cargo.toml", "src/lib.rs", "tests/run"] {
        assert!(
            tracked.iter().any(|path| path == known),
            "{known} is not seen"
        );
    }
    tracked
}

fn none_of(complaints: Vec<String>, rule: &str) {
    assert!(complaints.is_empty(), "{rule}:\n{}", complaints.join("\n"));
}

// --- Floors ----------------------------------------------------------------------------------------

/// A part of the program and what it may know.
struct Floor {
    /// Its module, the first segment below the crate.
    module: &'static str,
    /// Crates it may use; none: any.
    crates: Option<&'static [&'static str]>,
    /// Our own modules it may use.
    modules: &'static [&'static str],
}

/// The floors, lowest first. Nothing on a floor knows of the floors above it, and the adapters of
/// the third do not know each other.
const FLOORS: &[Floor] = &[
    Floor {
        module: "domain",
        crates: Some(&["chrono", "chrono_tz", "regex", "serde"]),
        modules: &["domain"],
    },
    Floor {
        module: "mail",
        crates: None,
        modules: &["domain", "mail"],
    },
    Floor {
        module: "render",
        crates: None,
        modules: &["domain", "mail", "render"],
    },
    Floor {
        module: "ports",
        crates: None,
        modules: &["domain", "mail"],
    },
    Floor {
        module: "tls",
        crates: None,
        modules: &["config"],
    },
    Floor {
        module: "config",
        crates: None,
        modules: &["domain", "mail", "render", "config"],
    },
    Floor {
        module: "imap",
        crates: None,
        modules: &["domain", "mail", "ports", "config", "tls", "imap"],
    },
    Floor {
        module: "smtp",
        crates: None,
        modules: &["domain", "mail", "ports", "config", "tls", "smtp"],
    },
    Floor {
        module: "maildir",
        crates: None,
        modules: &["domain", "mail", "ports", "config", "maildir"],
    },
    Floor {
        module: "systemd",
        crates: None,
        modules: &["systemd"],
    },
    Floor {
        module: "store",
        crates: None,
        modules: &["domain", "mail", "ports", "config", "store"],
    },
];

/// Crates that have one home or a few: who looks for SQL, TOML or MIME knows where to look.
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("async_imap", &["imap"]),
    ("lettre", &["mail", "smtp"]),
    ("mail_parser", &["mail"]),
    ("minijinja", &["render"]),
    ("clap", &["cli"]),
    ("sd_notify", &["systemd"]),
    ("toml", &["config", "render", "cli"]),
];

/// Crates that have no business on the floors of values, where nothing waits and nothing is drawn.
const NOT_WITH_VALUES: &[&str] = &["tokio", "tokio_rustls", "getrandom", "tracing", "socket2"];

/// The first segment of a source's module path: `src/mail/token.rs` is in `mail`.
fn module_of(path: &str) -> &str {
    path.strip_prefix("src/")
        .and_then(|path| path.split('/').next())
        .map_or(path, |first| first.trim_end_matches(".rs"))
}

/// Our own top-level modules, as the files say.
fn own_modules() -> BTreeSet<String> {
    files_below("src")
        .iter()
        .map(|path| module_of(path).to_owned())
        .filter(|module| !["lib", "main"].contains(&module.as_str()))
        .collect()
}

/// The crates of `Cargo.toml`, as code writes them.
fn dependencies() -> BTreeSet<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().expect("TOML");
    let names: BTreeSet<String> = ["dependencies", "dev-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|table| table.keys())
        .map(|name| name.replace('-', "_"))
        .collect();
    assert!(names.contains("rusqlite") && names.contains("chrono_tz"));
    names
}

#[test]
fn no_floor_knows_of_the_floors_above_it() {
    let own = own_modules();
    let mut complaints = Vec::new();
    let mut looked_at = BTreeSet::new();
    for (path, layers) in sources("src") {
        let Some(floor) = FLOORS.iter().find(|floor| floor.module == module_of(&path)) else {
            continue;
        };
        looked_at.insert(floor.module);
        for (line, module) in layers.own_paths(&path) {
            if own.contains(&module) && !floor.modules.contains(&module.as_str()) {
                complaints.push(format!("{path}:{line}: {module}"));
            }
        }
    }
    for module in ["domain", "mail", "ports", "config"] {
        assert!(looked_at.contains(module), "{module} was not looked at");
    }
    none_of(complaints, "modules of a floor above, or beside");
}

#[test]
fn every_crate_stays_where_it_belongs() {
    let dependencies = dependencies();
    let mut complaints = Vec::new();
    for (path, layers) in sources("src") {
        let module = module_of(&path);
        let floor = FLOORS.iter().find(|floor| floor.module == module);
        for (line, name) in layers.crate_paths(&dependencies) {
            let refused_here = floor
                .and_then(|floor| floor.crates)
                .is_some_and(|allowed| !allowed.contains(&name.as_str()));
            let at_home_elsewhere = HOMES
                .iter()
                .find(|(crate_name, _)| *crate_name == name)
                .is_some_and(|(_, homes)| !homes.contains(&module));
            let restless = ["domain", "mail", "render"].contains(&module)
                && NOT_WITH_VALUES.contains(&name.as_str());
            if refused_here || at_home_elsewhere || restless {
                complaints.push(format!("{path}:{line}: {name}"));
            }
        }
    }
    none_of(complaints, "crates outside their home");
}

#[test]
fn lettre_builds_in_mail_and_sends_in_smtp() {
    let mut complaints = Vec::new();
    for (path, layers) in sources("src") {
        let banned: &[&str] = match module_of(&path) {
            "mail" => &["lettre::transport", "lettre::SmtpTransport", "AsyncSmtp"],
            "smtp" => &["lettre::message", "lettre::Message", "Message::builder"],
            _ => &[],
        };
        complaints.extend(layers.code_with(&path, banned));
    }
    none_of(complaints, "the other half of lettre");
}

#[test]
fn sql_is_spoken_in_the_store_only() {
    let sql = Regex::new(
        r"(?is)\b(select\b.*\bfrom\s+\w|insert\s+(or\s+\w+\s+)?into\b|update\s+\w+\s+set\b|delete\s+from\s+\w|(create|drop|alter)\s+(table|index|view|trigger)\b|pragma\s+\w|begin\s+immediate|savepoint\s)",
    )
    .expect("a pattern");
    for text in [
        "SELECT a\nFROM t",
        "INSERT OR IGNORE INTO t",
        "PRAGMA user_version",
    ] {
        assert!(sql.is_match(text), "{text}");
    }
    assert!(!sql.is_match("SELECT \"INBOX\""));
    let mut complaints = Vec::new();
    for (path, layers) in sources("src") {
        if module_of(&path) == "store" {
            continue;
        }
        for (line, text) in &layers.texts {
            if sql.is_match(text) {
                complaints.push(format!("{path}:{line}: {text}"));
            }
        }
    }
    none_of(complaints, "SQL outside src/store/");
    let strays: Vec<String> = files_below("src")
        .into_iter()
        .filter(|path| path.ends_with(".sql") && module_of(path) != "store")
        .collect();
    none_of(strays, "SQL files outside src/store/");
}

// --- Banned calls ----------------------------------------------------------------------------------

#[test]
fn the_domain_neither_asks_the_time_nor_waits_nor_speaks() {
    let mut complaints = Vec::new();
    for (path, layers) in sources("src/domain") {
        complaints.extend(layers.code_with(
            &path,
            &[
                "Utc::now",
                "Local::now",
                "SystemTime",
                "Instant::now",
                "rand::",
                "random(",
                "async fn",
                "async move",
                ".await",
                "tracing",
                "println!",
                "eprintln!",
            ],
        ));
        for (line, module) in layers.paths_after("std::") {
            if ["fs", "net", "io", "env", "process", "thread", "os"].contains(&module.as_str()) {
                complaints.push(format!("{path}:{line}: std::{module}"));
            }
        }
    }
    none_of(complaints, "rules are functions of their arguments");
}

#[test]
fn the_wall_clock_is_read_in_one_place() {
    let mut complaints = Vec::new();
    let mut readers = 0;
    for (path, layers) in sources("src") {
        let found = layers.code_with(&path, &["Utc::now", "Local::now", "SystemTime::now"]);
        if path == "src/ports.rs" {
            readers += found.len();
        } else {
            complaints.extend(found);
        }
    }
    assert_eq!(readers, 1, "src/ports.rs holds the clock");
    none_of(complaints, "ask the Clock of src/ports.rs");
}

#[test]
fn nothing_is_left_for_later() {
    let code = [
        concat!("todo", "!"),
        concat!("unimplemented", "!"),
        concat!("dbg", "!"),
        concat!("#[", "ignore"),
    ];
    let comments = [
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("TO", "DO:"),
        concat!("HA", "CK"),
    ];
    let mut complaints = Vec::new();
    for (path, layers) in sources("src").into_iter().chain(sources("tests")) {
        complaints.extend(layers.code_with(&path, &code));
        for (line, comment) in &layers.comments {
            if comments.iter().any(|word| comment.contains(word)) {
                complaints.push(format!("{path}:{line}: {comment}"));
            }
        }
    }
    none_of(complaints, "left for later");
}

#[test]
fn no_test_sleeps() {
    let mut complaints = Vec::new();
    for (path, layers) in sources("tests") {
        complaints.extend(layers.code_with(&path, &["sleep(", "sleep_until(", "sleep_ms("]));
        // The one place that waits, between looks, for something with a name and a limit.
        if path != "tests/it/world/mod.rs" {
            complaints.extend(layers.code_with(&path, &["park_timeout("]));
        }
    }
    none_of(complaints, "wait for something, with world::wait_until");
}

// --- Files -----------------------------------------------------------------------------------------

#[test]
fn every_source_says_first_what_it_is_and_stays_one_idea() {
    let mut complaints = Vec::new();
    for path in files_below("src") {
        if !path.ends_with(".rs") {
            continue;
        }
        let text = read(&path);
        if !text.starts_with("//! ") {
            complaints.push(format!("{path}: does not start with //!"));
        }
        let lines = text.lines().count();
        if lines > SOURCE_LINES_MAX {
            complaints.push(format!("{path}: {lines} lines"));
        }
    }
    none_of(complaints, "a file is one idea, named in its first line");
}

#[test]
fn no_tracked_file_names_a_machine_s_own_places() {
    let places = Regex::new(concat!(
        r#"(?m)(^|[\s"'`(=<>:@])/("#,
        r"work|root|home/\w+|tmp/tar",
        r"get|tmp/br",
        r"ief)(/|\b)"
    ))
    .expect("a pattern");
    let sample = format!("see {}work/x", "/");
    assert!(places.is_match(&sample), "the pattern finds nothing");
    let hosts = [
        concat!("arti", "factory"),
        concat!("jf", "rog"),
        concat!("sparse", "+http"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
        concat!("pypi", ".org"),
        concat!("deb.", "debian.org"),
    ];
    let mut complaints = Vec::new();
    for path in tracked_files() {
        // What is not text has no words.
        let Ok(text) = fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if places.is_match(line) || hosts.iter().any(|host| line.contains(host)) {
                complaints.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    none_of(
        complaints,
        "places of one machine, or of a package registry",
    );
}

#[test]
fn the_top_level_holds_what_was_agreed_and_nothing_else() {
    let agreed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "config.toml",
        "templates",
        "tests",
        "systemd",
        "README.md",
        "LICENSE",
    ];
    let found: BTreeSet<String> = tracked_files()
        .iter()
        .filter_map(|path| path.split('/').next().map(str::to_owned))
        .collect();
    let missing: Vec<String> = agreed
        .iter()
        .filter(|name| !found.contains(**name))
        .map(|name| format!("missing: {name}"))
        .collect();
    let unknown: Vec<String> = found
        .iter()
        .filter(|name| !name.starts_with('.') && !agreed.contains(&name.as_str()))
        .map(|name| format!("not agreed: {name}"))
        .collect();
    none_of([missing, unknown].concat(), "the top level");
}

#[test]
fn one_crypto_library_and_one_registry() {
    let lock: toml::Table = read("Cargo.lock").parse().expect("TOML");
    let packages = lock["package"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package.get("name")?.as_str())
        .collect();
    assert!(names.contains("ring"));
    for other in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"] {
        assert!(!names.contains(other), "{other} beside ring");
    }
    let sources: BTreeMap<&str, &str> = packages
        .iter()
        .filter_map(|package| {
            Some((
                package.get("source")?.as_str()?,
                package.get("name")?.as_str()?,
            ))
        })
        .collect();
    assert_eq!(
        sources.keys().collect::<Vec<_>>(),
        [&"registry+https://github.com/rust-lang/crates.io-index"],
        "{sources:?}"
    );
}

#[test]
fn every_letter_has_its_three_templates_and_no_template_is_an_orphan() {
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files_below("templates") {
        let path = PathBuf::from(path);
        let parts: Vec<String> = path
            .iter()
            .skip(1)
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        // Beside the folders lie the frames and words that letters share.
        if let [folder, file] = parts.as_slice() {
            folders
                .entry(folder.clone())
                .or_default()
                .insert(file.clone());
        } else {
            assert_eq!(parts.len(), 1, "too deep: {path:?}");
        }
    }
    let three = BTreeSet::from(["body.html", "body.txt", "subject.txt"].map(str::to_owned));
    for (folder, files) in &folders {
        assert_eq!(files, &three, "templates/{folder}");
    }
    let letters: BTreeSet<String> = LetterKind::ALL
        .iter()
        .map(|kind| kind.name().to_owned())
        .collect();
    let folders: BTreeSet<String> = folders.into_keys().collect();
    assert_eq!(folders, letters);
}
