//! Where template files come from: built in, or a folder of the house.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

/// The templates as they were when the program was built.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The file of words; every other file is a template.
pub(super) const WORDS: &str = "words.toml";

/// Most bytes of one template file; a longer one is a problem, not read.
const FILE_MAX_BYTES: u64 = 256 * 1024;

/// Most entries looked at in one folder of the house; beyond them the folder is a problem.
const ENTRIES_MAX: usize = 200;

/// Something wrong with a template, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TemplateProblem {
    /// The file, relative to the templates' folder; the folder itself where it is at fault.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, in English.
    pub message: String,
}

impl TemplateProblem {
    pub(super) fn new(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            message: message.into(),
        }
    }

    /// From the template engine's error; `file` where the engine names none.
    pub(super) fn from_engine(file: &str, error: &minijinja::Error) -> Self {
        // An error inside an imported or extended file wraps the one that says where.
        let mut inmost = error;
        for _ in 0..CAUSES_MAX {
            match std::error::Error::source(inmost).and_then(|cause| cause.downcast_ref()) {
                Some(cause) => inmost = cause,
                None => break,
            }
        }
        let mut message = inmost.kind().to_string();
        if let Some(detail) = inmost.detail() {
            message.push_str(": ");
            message.push_str(detail);
        }
        Self {
            file: inmost.name().unwrap_or(file).to_owned(),
            line: inmost.line(),
            message,
        }
    }
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

/// Most causes followed below a template error; the one reached then is shown.
const CAUSES_MAX: usize = 16;

/// Every file by its relative name, separators `/`.
#[derive(Debug)]
pub(super) struct Sources(BTreeMap<String, String>);

impl Sources {
    /// The text of `words.toml`.
    pub(super) fn words(&self) -> &str {
        self.0.get(WORDS).map_or("", String::as_str)
    }

    /// Every template, name and text.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter(|(name, _)| *name != WORDS)
            .map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// The built-in files, with those of `dir` in the place of the ones of the same name.
pub(super) fn gather(dir: Option<&Path>) -> Result<Sources, Vec<TemplateProblem>> {
    let mut files = BTreeMap::new();
    collect_built_in(&BUILT_IN, &mut files);
    let mut problems = Vec::new();
    if let Some(dir) = dir {
        for name in names_in(dir, "", &mut problems) {
            // A name that stands for no built-in file would never be used: most likely a typing
            // mistake, and then the house's words would silently not be the ones sent.
            if !files.contains_key(&name) {
                problems.push(TemplateProblem::new(
                    name,
                    "no letter uses a file of this name",
                ));
                continue;
            }
            match read(&dir.join(&name)) {
                Ok(text) => {
                    files.insert(name, text);
                }
                Err(message) => problems.push(TemplateProblem::new(name, message)),
            }
        }
    }
    if problems.is_empty() {
        Ok(Sources(files))
    } else {
        Err(problems)
    }
}

fn collect_built_in(dir: &Dir<'_>, files: &mut BTreeMap<String, String>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => collect_built_in(dir, files),
            DirEntry::File(file) => {
                let name = file.path().to_string_lossy().replace('\\', "/");
                let text = file.contents_utf8().unwrap_or_default();
                files.insert(name, text.to_owned());
            }
        }
    }
}

/// Relative names of the files in `dir` and in its folders, one level deep, sorted.
fn names_in(dir: &Path, above: &str, problems: &mut Vec<TemplateProblem>) -> Vec<String> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            let shown = dir.display().to_string();
            problems.push(TemplateProblem::new(
                shown,
                format!("the folder cannot be read: {error}"),
            ));
            return Vec::new();
        }
    };
    let mut names = Vec::new();
    for (seen, entry) in entries.enumerate() {
        if seen >= ENTRIES_MAX {
            let message = format!("more than {ENTRIES_MAX} entries");
            problems.push(TemplateProblem::new(dir.display().to_string(), message));
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                problems.push(TemplateProblem::new(
                    dir.display().to_string(),
                    format!("the folder cannot be read: {error}"),
                ));
                break;
            }
        };
        let bare = entry.file_name().to_string_lossy().into_owned();
        if bare.starts_with('.') {
            continue;
        }
        if entry.path().is_dir() && above.is_empty() {
            let below = names_in(&entry.path(), &bare, problems);
            names.extend(below.into_iter().map(|name| format!("{bare}/{name}")));
        } else {
            names.push(bare);
        }
    }
    names.sort();
    names
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > FILE_MAX_BYTES {
        return Err(format!("longer than {FILE_MAX_BYTES} bytes"));
    }
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())
}
