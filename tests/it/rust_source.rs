//! A Rust source in three layers: code, comments, texts. Just enough of the lexer (reference of the
//! language, "Tokens" and "Comments") to tell them apart; what a token means is not asked.

use std::collections::BTreeSet;

use regex::Regex;

/// The layers of one source. Lines count from 1.
#[derive(Debug, Default)]
pub struct Layers {
    /// The code; comments and the insides of texts are gone, line ends are kept.
    pub code: String,
    /// Each line of comment, with its line.
    pub comments: Vec<(usize, String)>,
    /// Each text literal as written between its quotes, with the line it begins on.
    pub texts: Vec<(usize, String)>,
}

impl Layers {
    /// Takes a source apart.
    pub fn of(source: &str) -> Layers {
        let mut reader = Reader {
            rest: source,
            line: 1,
            layers: Layers::default(),
        };
        while !reader.rest.is_empty() {
            reader.step();
        }
        reader.layers
    }

    /// A line `path:line: code` for each line of code that holds one of these words.
    pub fn code_with(&self, path: &str, words: &[&str]) -> Vec<String> {
        self.code
            .lines()
            .enumerate()
            .filter(|(_, line)| words.iter().any(|word| holds(line, word)))
            .map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim()))
            .collect()
    }

    /// What follows `prefix` (`std::`, `crate::`) in each path and each tree of paths.
    pub fn paths_after(&self, prefix: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (start, _) in self.code.match_indices(prefix) {
            let before = self.code[..start].chars().next_back();
            if !before.is_some_and(|c| c == ':' || c == '$' || is_word(c)) {
                let line = self.line_at(start);
                for name in first_segments(&self.code[start + prefix.len()..]) {
                    found.push((line, name));
                }
            }
        }
        found
    }

    /// Top-level modules of our own that a source at `path` (`src/a/b.rs`) names, by `crate::` or by
    /// climbing with `super::` up to the crate's root.
    pub fn own_paths(&self, path: &str) -> Vec<(usize, String)> {
        let mut found = self.paths_after("crate::");
        let depth = path
            .trim_start_matches("src/")
            .trim_end_matches(".rs")
            .split('/')
            .filter(|part| !["mod", "lib", "main"].contains(part))
            .count();
        found.extend(self.paths_after(&"super::".repeat(depth.max(1))));
        found
    }

    /// Names of these crates at the start of a path, or imported whole.
    pub fn crate_paths(&self, crates: &BTreeSet<String>) -> Vec<(usize, String)> {
        let path = Regex::new(r"(?:^|[^:\w$])(?:::)?([a-z_]\w*)\s*::").expect("a pattern");
        let import = Regex::new(r"\buse\s+(?:::)?([a-z_]\w*)\s*(?:;|as\b)").expect("a pattern");
        [path, import]
            .iter()
            .flat_map(|pattern| pattern.captures_iter(&self.code))
            .filter_map(|captures| captures.get(1))
            .filter(|name| crates.contains(name.as_str()))
            .map(|name| (self.line_at(name.start()), name.as_str().to_owned()))
            .collect()
    }

    fn line_at(&self, offset: usize) -> usize {
        1 + self.code[..offset].matches('\n').count()
    }
}

/// Whether a line holds a word that does not begin inside a longer one.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let inside = line[..start].chars().next_back().is_some_and(is_word);
        !inside || !word.starts_with(is_word)
    })
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// `a::b` gives a; `{a, b::{c, d}}` gives a and b.
fn first_segments(rest: &str) -> Vec<String> {
    let Some(tree) = rest.strip_prefix('{') else {
        return vec![rest.chars().take_while(|c| is_word(*c)).collect()];
    };
    let mut depth = 0;
    let mut branches = vec![String::new()];
    for character in tree.chars() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => branches.push(String::new()),
            _ if depth == 0 => branches.last_mut().expect("never empty").push(character),
            _ => {}
        }
    }
    branches
        .iter()
        .map(|branch| {
            let branch = branch.trim();
            branch.chars().take_while(|c| is_word(*c)).collect()
        })
        .filter(|name: &String| !name.is_empty())
        .collect()
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    layers: Layers,
}

impl<'a> Reader<'a> {
    /// Takes one comment, one literal, or one character.
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            let end = self.rest.find('\n').unwrap_or(self.rest.len());
            self.comment(end);
        } else if self.rest.starts_with("/*") {
            self.comment(block_comment_length(self.rest));
        } else if let Some(opening) = self.text_opening() {
            self.text(&opening);
        } else if let Some(length) = char_literal_length(self.rest) {
            self.code("' '");
            self.skip(length);
        } else {
            let length = self.rest.chars().next().map_or(0, char::len_utf8);
            let character = self.rest[..length].to_owned();
            self.code(&character);
            self.skip(length);
        }
    }

    fn comment(&mut self, length: usize) {
        let comment = &self.rest[..length];
        for (number, line) in comment.lines().enumerate() {
            self.layers
                .comments
                .push((self.line + number, line.trim().to_owned()));
        }
        self.keep_line_ends(length);
        self.skip(length);
    }

    /// What opens the text literal that begins here: `"`, `b"`, `r##"` …
    fn text_opening(&self) -> Option<String> {
        // The last letter of a name is no prefix.
        let in_name = self.layers.code.chars().next_back().is_some_and(is_word);
        let prefix = ["br", "cr", "b", "c", "r", ""]
            .iter()
            .find(|prefix| self.rest.starts_with(**prefix))
            .filter(|prefix| prefix.is_empty() || !in_name)?;
        let after = &self.rest[prefix.len()..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        let raw = prefix.ends_with('r');
        (after[hashes..].starts_with('"') && (raw || hashes == 0))
            .then(|| self.rest[..prefix.len() + hashes + 1].to_owned())
    }

    fn text(&mut self, opening: &str) {
        let inside = &self.rest[opening.len()..];
        let raw = opening.contains('r');
        let closing = format!("\"{}", "#".repeat(opening.matches('#').count()));
        let length = if raw {
            inside.find(&closing).unwrap_or(inside.len())
        } else {
            plain_text_length(inside)
        };
        self.layers
            .texts
            .push((self.line, inside[..length].to_owned()));
        self.code("\"");
        let whole = (opening.len() + length + closing.len()).min(self.rest.len());
        self.keep_line_ends(whole);
        self.code("\"");
        self.skip(whole);
    }

    fn code(&mut self, code: &str) {
        self.layers.code.push_str(code);
    }

    fn keep_line_ends(&mut self, length: usize) {
        let ends = self.rest[..length].matches('\n').count();
        self.code(&"\n".repeat(ends));
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest): (&'a str, &'a str) = self.rest.split_at(length);
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }
}

/// Up to the quote that ends it; a backslash takes the next character along.
fn plain_text_length(inside: &str) -> usize {
    let mut escaped = false;
    for (offset, character) in inside.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return offset,
            _ => {}
        }
    }
    inside.len()
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0;
    let mut offset = 0;
    while offset < rest.len() {
        if rest[offset..].starts_with("/*") {
            depth += 1;
            offset += 2;
        } else if rest[offset..].starts_with("*/") {
            depth -= 1;
            offset += 2;
            if depth == 0 {
                return offset;
            }
        } else {
            offset += rest[offset..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// `'a'` and `'\n'`, told from the lifetime `'a`.
fn char_literal_length(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('\'')?;
    let mut characters = inside.char_indices();
    match characters.next()? {
        (_, '\\') => {
            // The character after the backslash may be a quote itself.
            characters.next()?;
            let (end, _) = characters.find(|(_, character)| *character == '\'')?;
            Some(1 + end + 1)
        }
        _ => match characters.next()? {
            (end, '\'') => Some(1 + end + 1),
            _ => None,
        },
    }
}

#[test]
fn a_source_comes_apart_into_code_comments_and_texts() {
    let check = |source: &str, code: &str, comments: &[&str], texts: &[&str]| {
        let layers = Layers::of(source);
        assert_eq!(layers.code, code, "{source}");
        let found: Vec<&str> = layers.comments.iter().map(|(_, c)| c.as_str()).collect();
        assert_eq!(found, comments, "{source}");
        let found: Vec<&str> = layers.texts.iter().map(|(_, t)| t.as_str()).collect();
        assert_eq!(found, texts, "{source}");
    };
    check("a(); // b", "a(); ", &["// b"], &[]);
    check(
        "a /* b /* c\n */ d */ e",
        "a \n e",
        &["/* b /* c", "*/ d */"],
        &[],
    );
    check(r#"f("a\"b // c", d)"#, "f(\"\", d)", &[], &[r#"a\"b // c"#]);
    check("r#\"a\"b\"# c", "\"\" c", &[], &["a\"b"]);
    check("b\"a\" br\"c\\\" d", "\"\" \"\" d", &[], &["a", "c\\"]);
    check("r#type \"x\"", "r#type \"\"", &[], &["x"]);
    check("var\"x\"", "var\"\"", &[], &["x"]);
    check(
        "'\"' + '\\'' + '\\u{1}' + 'a",
        "' ' + ' ' + ' ' + 'a",
        &[],
        &[],
    );
    check(
        "fn f<'a>(x: &'a str) {}",
        "fn f<'a>(x: &'a str) {}",
        &[],
        &[],
    );
    check("\"a\nb\"\nc // d", "\"\n\"\nc ", &["// d"], &["a\nb"]);
    assert_eq!(Layers::of("\"a\nb\"\nc // d").comments[0].0, 3);
}

#[test]
fn paths_are_found_in_every_way_of_writing_them() {
    let names = |found: Vec<(usize, String)>| -> Vec<String> {
        found.into_iter().map(|(_, name)| name).collect()
    };
    let layers = Layers::of("use std::{fs, io::{self, Write}};\nlet x = std::env::args();");
    assert_eq!(names(layers.paths_after("std::")), ["fs", "io", "env"]);
    assert_eq!(layers.paths_after("std::")[2].0, 2);

    let layers = Layers::of("use super::super::store::X;\nuse super::calendar;\ncrate::mail::f()");
    assert_eq!(
        names(layers.own_paths("src/domain/desk.rs")),
        ["mail", "store"]
    );
    assert_eq!(names(layers.own_paths("src/domain/mod.rs"))[0], "mail");
    assert_eq!(names(layers.own_paths("src/domain/command/a.rs")), ["mail"]);

    let crates = BTreeSet::from(["tokio", "toml"].map(str::to_owned));
    let layers =
        Layers::of("use toml;\nx::tokio::y();\ntokio::spawn(f);\n// tokio::z\nmy_tokio::a");
    assert_eq!(names(layers.crate_paths(&crates)), ["tokio", "toml"]);
}
