//! The scoreboard: lines of `n of N`, held against the numbers recorded.

use std::collections::BTreeMap;
use std::path::Path;

/// Lines in the order in which they were first scored.
#[derive(Default)]
pub struct Board {
    lines: Vec<Line>,
}

struct Line {
    name: String,
    right: usize,
    wrong: Vec<String>,
    /// Cases that are not scored, with the reason.
    apart: Vec<String>,
}

impl Board {
    fn line(&mut self, name: &str) -> &mut Line {
        if let Some(at) = self.lines.iter().position(|line| line.name == name) {
            return &mut self.lines[at];
        }
        self.lines.push(Line {
            name: name.to_owned(),
            right: 0,
            wrong: Vec::new(),
            apart: Vec::new(),
        });
        self.lines.last_mut().unwrap()
    }

    /// Scores one case of the line `name`; `what` names the case and, where it is wrong, what was
    /// found.
    pub fn score(&mut self, name: &str, is_right: bool, what: impl FnOnce() -> String) {
        let line = self.line(name);
        if is_right {
            line.right += 1;
        } else {
            line.wrong.push(what());
        }
    }

    /// Lists a case that cannot be scored, with the reason.
    pub fn set_apart(&mut self, name: &str, why: String) {
        self.line(name).apart.push(why);
    }

    /// Prints the board and holds it against the recorded numbers.
    pub fn settle(self) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus_scores.toml");
        let recorded: BTreeMap<String, usize> =
            toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let shows_wrong = std::env::var_os("CORPUS_WRONG").is_some();
        let mut fallen = Vec::new();
        for line in &self.lines {
            let total = line.right + line.wrong.len();
            let floor = recorded.get(&line.name).copied();
            println!("{:<58} {:>4} of {total}", line.name, line.right);
            for why in &line.apart {
                println!("    not scored: {why}");
            }
            if shows_wrong {
                for what in &line.wrong {
                    println!("    wrong: {what}");
                }
            }
            match floor {
                None => fallen.push(format!("«{}» has no number recorded", line.name)),
                Some(floor) if line.right < floor => fallen.push(format!(
                    "«{}»: {} right, {floor} recorded",
                    line.name, line.right
                )),
                Some(floor) if line.right > floor => {
                    println!("    may be raised: {floor} recorded");
                }
                Some(_) => {}
            }
        }
        let unknown = recorded
            .keys()
            .filter(|name| self.lines.iter().all(|line| line.name != **name));
        fallen.extend(unknown.map(|name| format!("«{name}» is recorded and was not scored")));
        assert!(
            fallen.is_empty(),
            "against {}:\n{}",
            path.display(),
            fallen.join("\n")
        );
    }
}
