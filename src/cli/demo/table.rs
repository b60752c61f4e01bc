//! The timeline in columns: each cell is broken into lines of its column's width.

use crate::cli::{Failure, print};

/// The widths of the columns; with the gaps between them a terminal of a hundred.
const WIDTHS: [usize; 4] = [16, 25, 29, 24];

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// `Tue 15 Dec 09:12`.
    pub when: String,
    /// What a spectator is told.
    pub what: String,
    /// What was decided.
    pub decision: String,
    /// What was written, one a line.
    pub mails: Vec<String>,
}

/// Prints the names of the columns and a line under them.
pub(super) fn head() -> Result<(), Failure> {
    let names = [
        "MEXICO CITY TIME",
        "WHAT HAPPENS",
        "WHAT IS DECIDED",
        "MAILS WRITTEN",
    ];
    let cells = names.map(|name| vec![name.to_owned()]);
    print_cells(&cells)?;
    print_cells(&WIDTHS.map(|width| vec!["─".repeat(width)]))
}

/// Prints a row.
pub(super) fn row(row: &Row) -> Result<(), Failure> {
    let [when, what, decision, mails] = WIDTHS;
    print_cells(&[
        broken(&row.when, when),
        broken(&row.what, what),
        broken(&row.decision, decision),
        row.mails
            .iter()
            .flat_map(|mail| broken(mail, mails))
            .collect(),
    ])
}

fn print_cells(cells: &[Vec<String>; 4]) -> Result<(), Failure> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for line in 0..height {
        let parts: Vec<String> = cells
            .iter()
            .zip(WIDTHS)
            .map(|(cell, width)| {
                let text = cell.get(line).map_or("", String::as_str);
                format!("{text:<width$}")
            })
            .collect();
        print::line(parts.join("  ").trim_end())?;
    }
    Ok(())
}

/// A text in lines of at most `width` characters, broken between words; a longer word stands alone.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
