//! Mail that others collected, read in place: one line of the scoreboard for each set and check.
//!
//! The corpora lie beside the project (`../shared/corpora`, or where `SOPORTED_CORPORA` says) and
//! are never copied into it. Where they are absent the scoreboard says so and nothing is scored.
//! A line below its number in `tests/corpus_scores.toml` fails. To see the board and the cases that
//! are wrong: `CORPUS_WRONG=1 cargo test --test it corpus -- --nocapture`.

mod board;
mod checks;

use std::path::{Path, PathBuf};

use serde_json::Value;

use board::Board;

/// One case: what the source project states about a file.
pub struct Case {
    /// The set it belongs to.
    pub set: String,
    /// The mail or the body.
    pub raw: Vec<u8>,
    /// The entry of the set's index.
    pub index: Value,
}

impl Case {
    /// A string that the index states.
    pub fn says(&self, key: &str) -> Option<&str> {
        self.index[key].as_str()
    }

    /// Whether the file is a whole mail.
    pub fn is_mail(&self) -> bool {
        self.says("form") == Some("rfc822")
    }

    /// Set and file, for people.
    pub fn name(&self) -> String {
        format!("{}/{}", self.set, self.says("file").unwrap_or_default())
    }
}

fn folder() -> PathBuf {
    std::env::var_os("SOPORTED_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
        PathBuf::from,
    )
}

/// All cases, in the order of the sets and of their indexes; `None`: there are no corpora.
pub fn cases() -> Option<Vec<Case>> {
    let mut sets: Vec<PathBuf> = std::fs::read_dir(folder())
        .ok()?
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("index.json").is_file())
        .collect();
    sets.sort();
    let mut cases = Vec::new();
    for set in sets {
        let name = set.file_name().unwrap().to_string_lossy().into_owned();
        let index = std::fs::read_to_string(set.join("index.json")).unwrap();
        let index: Vec<Value> = serde_json::from_str(&index).unwrap();
        for entry in index {
            let file = set.join(entry["file"].as_str().unwrap());
            cases.push(Case {
                set: name.clone(),
                raw: std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())),
                index: entry,
            });
        }
    }
    (!cases.is_empty()).then_some(cases)
}

#[test]
fn the_scoreboard_holds() {
    let Some(cases) = cases() else {
        println!(
            "corpora absent: {} (SOPORTED_CORPORA names another folder); nothing scored",
            folder().display()
        );
        return;
    };
    let mut board = Board::default();
    checks::classes(&cases, &mut board);
    checks::reports(&cases, &mut board);
    checks::answers(&cases, &mut board);
    checks::reply_texts(&cases, &mut board);
    checks::forwards(&cases, &mut board);
    checks::senders(&cases, &mut board);
    checks::contents(&cases, &mut board);
    checks::identities(&cases, &mut board);
    checks::robustness(&cases, &mut board);
    board.settle();
}
