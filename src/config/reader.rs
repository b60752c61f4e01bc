//! One section of a TOML file: questions about its keys, and a note of everything wrong.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::{Problem, values};

/// Longest text accepted, in characters; a longer one is a problem.
const TEXT_MAX_CHARS: usize = 1_000;

/// Longest name of a person, company or service, in characters: it has to fit into header lines.
pub(super) const NAME_MAX_CHARS: usize = 100;

/// Most members of one list; a longer list is a problem, its members are not read.
const LIST_MAX: usize = 10_000;

/// What the readers of one file have to say.
#[derive(Debug, Default)]
pub(super) struct Notes {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    notes: RefCell<Vec<Problem>>,
    keys: RefCell<BTreeSet<String>>,
}

/// What is told of a file, by weight.
pub(super) struct Told {
    /// What keeps it from being used.
    pub problems: Vec<Problem>,
    /// What has a price.
    pub warnings: Vec<Problem>,
    /// What should be known.
    pub notes: Vec<Problem>,
}

impl Notes {
    /// A problem at `key`, written in full.
    fn problem(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.problems.borrow_mut().push(problem(key, what, cure));
    }

    /// Everything told.
    pub(super) fn into_lists(self) -> Told {
        Told {
            problems: self.problems.into_inner(),
            warnings: self.warnings.into_inner(),
            notes: self.notes.into_inner(),
        }
    }

    /// Every key asked for.
    pub(super) fn into_keys(self) -> BTreeSet<String> {
        self.keys.into_inner()
    }
}

fn problem(key: &str, what: impl Into<String>, cure: impl Into<String>) -> Problem {
    Problem {
        key: key.to_owned(),
        what: what.into(),
        cure: cure.into(),
    }
}

/// A section being read. A missing section answers every question with its default.
///
/// Asking is what makes a key known: [`Reader::finish`] refuses the rest. An empty text means the
/// same as a key that is not there, so that the annotated file can show a key without setting it.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    table: Option<&'a Table>,
    /// Where the section stands, as shown in problems.
    path: String,
    /// The same without indices, as listed among the known keys.
    pattern: String,
    known: Vec<&'static str>,
    notes: &'a Notes,
}

impl<'a> Reader<'a> {
    /// The whole file.
    pub(super) fn root(table: &'a Table, notes: &'a Notes) -> Self {
        Self {
            table: Some(table),
            path: String::new(),
            pattern: String::new(),
            known: Vec::new(),
            notes,
        }
    }

    /// `key` with the section before it.
    pub(super) fn full_key(&self, key: &str) -> String {
        joined(&self.path, key)
    }

    /// Notes a problem at a key of this section.
    pub(super) fn problem(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.notes.problem(&self.full_key(key), what, cure);
    }

    /// Notes a problem at a key written in full, such as that of a list's member.
    pub(super) fn problem_at(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.notes.problem(key, what, cure);
    }

    /// Notes something about a key of this section that the operator should know.
    pub(super) fn note(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        let note = problem(&self.full_key(key), what, cure);
        self.notes.notes.borrow_mut().push(note);
    }

    /// Notes something about a key of this section that the operator should think over.
    pub(super) fn warn(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        self.warn_at(&self.full_key(key), what, cure);
    }

    /// The same at a key written in full, such as that of a list's member.
    pub(super) fn warn_at(&self, key: &str, what: impl Into<String>, cure: impl Into<String>) {
        let warning = problem(key, what, cure);
        self.notes.warnings.borrow_mut().push(warning);
    }

    /// What was written at `key`, whatever its type.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'a Value> {
        self.remember(key);
        let pattern = joined(&self.pattern, key);
        self.notes.keys.borrow_mut().insert(pattern);
        self.table?.get(key)
    }

    /// Whether a reserved key is there. It is known, so that it gets its own explanation, and not
    /// listed, so that nobody is told to write it.
    pub(super) fn has_reserved(&mut self, key: &'static str) -> bool {
        self.remember(key);
        self.table.is_some_and(|table| table.contains_key(key))
    }

    fn remember(&mut self, key: &'static str) {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
    }

    /// Whether the section itself was written.
    pub(super) fn is_written(&self) -> bool {
        self.table.is_some()
    }

    /// A section within this one; an empty one where it is missing or of another type.
    pub(super) fn section(&mut self, key: &'static str) -> Reader<'a> {
        let table = match self.value(key) {
            None => None,
            Some(Value::Table(table)) => Some(table),
            Some(other) => {
                let cure = format!("write it as a section [{}]", self.full_key(key));
                self.wrong_type(key, other, cure);
                None
            }
        };
        Reader {
            table,
            path: self.full_key(key),
            pattern: joined(&self.pattern, key),
            known: Vec::new(),
            notes: self.notes,
        }
    }

    /// The members of a list of sections.
    pub(super) fn sections(&mut self, key: &'static str) -> Vec<Reader<'a>> {
        let cure = format!("write each as a section [[{}]]", self.full_key(key));
        let pattern = joined(&self.pattern, key);
        let mut sections = Vec::new();
        for (number, value) in self.members(key, &cure) {
            let path = self.member_key(key, number);
            match value {
                Value::Table(table) => sections.push(Reader {
                    table: Some(table),
                    path,
                    pattern: pattern.clone(),
                    known: Vec::new(),
                    notes: self.notes,
                }),
                other => self.notes.problem(&path, found(other), cure.clone()),
            }
        }
        sections
    }

    /// The keys and values of a section whose keys are data, such as dates.
    pub(super) fn entries(&mut self, key: &'static str, cure: &str) -> Vec<(&'a str, &'a Value)> {
        match self.value(key) {
            None => Vec::new(),
            Some(Value::Table(table)) if table.len() <= LIST_MAX => {
                table.iter().map(|(k, v)| (k.as_str(), v)).collect()
            }
            Some(Value::Table(table)) => {
                self.too_many(key, table.len());
                Vec::new()
            }
            Some(other) => {
                self.wrong_type(key, other, cure);
                Vec::new()
            }
        }
    }

    /// A text; none where it is missing or empty.
    pub(super) fn text(&mut self, key: &'static str) -> Option<&'a str> {
        match self.value(key)? {
            Value::String(text) => self.clean(key, text),
            other => {
                self.wrong_type(key, other, "write it in quotes");
                None
            }
        }
    }

    /// A text that must be there. `example` is a value to show, in TOML.
    pub(super) fn required_text(&mut self, key: &'static str, example: &str) -> Option<&'a str> {
        let before = self.notes.problems.borrow().len();
        let text = self.text(key);
        if text.is_none() && self.notes.problems.borrow().len() == before {
            self.missing(key, example);
        }
        text
    }

    /// Notes that `key` is missing.
    pub(super) fn missing(&self, key: &str, example: &str) {
        let place = match self.path.as_str() {
            "" => String::new(),
            path if path.ends_with(']') => {
                format!(" in this [[{}]]", self.pattern)
            }
            path => format!(" under [{path}]"),
        };
        self.problem(key, "missing", format!("write {key} = {example}{place}"));
    }

    /// A name that goes into header lines; it must be there.
    pub(super) fn name(&mut self, key: &'static str, example: &str) -> Option<String> {
        let name = self.required_text(key, example)?;
        let length = name.chars().count();
        if length > NAME_MAX_CHARS {
            self.problem(
                key,
                format!("{length} characters long"),
                format!("write at most {NAME_MAX_CHARS}"),
            );
            return None;
        }
        Some(name.to_owned())
    }

    /// A list of texts, each with its key for problems.
    pub(super) fn texts(&mut self, key: &'static str, example: &str) -> Vec<(String, &'a str)> {
        let cure = format!("write a list of texts: {key} = {example}");
        let mut texts = Vec::new();
        for (number, value) in self.members(key, &cure) {
            let path = self.member_key(key, number);
            match value {
                Value::String(text) => texts.push((path, text.as_str())),
                other => self.notes.problem(&path, found(other), cure.clone()),
            }
        }
        texts
    }

    /// The members of a list with their numbers, counted from 1.
    pub(super) fn members(&mut self, key: &'static str, cure: &str) -> Vec<(usize, &'a Value)> {
        match self.value(key) {
            None => Vec::new(),
            Some(Value::Array(list)) if list.len() <= LIST_MAX => (1..).zip(list).collect(),
            Some(Value::Array(list)) => {
                self.too_many(key, list.len());
                Vec::new()
            }
            Some(other) => {
                self.wrong_type(key, other, cure);
                Vec::new()
            }
        }
    }

    /// A list of whole numbers that rise; `default` where the key is not there.
    pub(super) fn rising(
        &mut self,
        key: &'static str,
        default: &[u8],
        range: RangeInclusive<u8>,
    ) -> Vec<u8> {
        let cure = format!(
            "write whole numbers from {} to {}, each larger than the one before",
            range.start(),
            range.end()
        );
        if self.value(key).is_none() {
            return default.to_vec();
        }
        let mut numbers: Vec<u8> = Vec::new();
        for (number, value) in self.members(key, &cure) {
            let path = self.member_key(key, number);
            let read = match value {
                Value::Integer(whole) => u8::try_from(*whole).ok(),
                _ => None,
            };
            match read.filter(|n| range.contains(n) && numbers.last().is_none_or(|last| last < n)) {
                Some(good) => numbers.push(good),
                None => self.notes.problem(&path, "not such a number", cure.clone()),
            }
        }
        numbers
    }

    pub(super) fn member_key(&self, key: &str, number: usize) -> String {
        format!("{}[{number}]", self.full_key(key))
    }

    fn too_many(&self, key: &str, count: usize) {
        self.problem(
            key,
            format!("{count} members"),
            format!("write at most {LIST_MAX}"),
        );
    }

    pub(super) fn wrong_type(&self, key: &str, value: &Value, cure: impl Into<String>) {
        self.problem(key, found(value), cure);
    }

    /// The text without surrounding space; none where nothing is left. Control characters never
    /// belong into a value, and a line break in a name would break a header.
    fn clean(&self, key: &str, text: &'a str) -> Option<&'a str> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            let what = format!("{} holds a control character", quoted(text));
            self.problem(key, what, "write one line of plain text");
            return None;
        }
        let length = text.chars().count();
        if length > TEXT_MAX_CHARS {
            self.problem(
                key,
                format!("{length} characters long"),
                format!("write at most {TEXT_MAX_CHARS}"),
            );
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// Refuses the keys nobody asked for.
    pub(super) fn finish(self) {
        for key in self.table.into_iter().flat_map(Table::keys) {
            if self.known.contains(&key.as_str()) {
                continue;
            }
            let cure = match values::nearest(key, &self.known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("remove it; known here: {}", self.known.join(", ")),
            };
            self.problem(key, "unknown key", cure);
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

/// `text` in quotes as it would stand in a file, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN_MAX_CHARS: usize = 60;
    let shown: String = text.chars().take(SHOWN_MAX_CHARS).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", shown.escape_debug())
}

/// What a value is, where something else was expected.
pub(super) fn found(value: &Value) -> String {
    let kind = match value {
        Value::String(_) => "a text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    };
    format!("cannot be {kind}")
}
