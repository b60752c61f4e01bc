//! The words that mail programs write into a mail by themselves, by language (mail.md §5).
//!
//! [`quoting`]: how they introduce quoted mail, mark it and ask for the reply above a line.
//! [`signing`]: what they and companies write under a mail. Labels of header blocks stand in
//! [`super::labels`]. To add a language, add a row to each table: the language and its words,
//! in lower case where the table says so. How the words are used is said where they are read:
//! [`super::quote`] and [`super::signature`].

pub mod quoting;
pub mod signing;

/// A language and its words.
pub type Row = (&'static str, &'static [&'static str]);

/// All words of a table, of any language.
pub fn all(table: &'static [Row]) -> impl Iterator<Item = &'static str> {
    table.iter().flat_map(|(_, words)| words.iter().copied())
}
