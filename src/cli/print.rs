//! Printing: tables for people, one JSON document for programs.

use std::io::{self, Write};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use super::Failure;
use crate::render::hours_and_minutes;

/// An instant as JSON has it: RFC 3339 with the offset of the service's zone.
pub fn instant(at: DateTime<Utc>, zone: Tz) -> Value {
    Value::String(
        at.with_timezone(&zone)
            .to_rfc3339_opts(SecondsFormat::Secs, true),
    )
}

/// The same, or null.
pub fn instant_or_null(at: Option<DateTime<Utc>>, zone: Tz) -> Value {
    at.map_or(Value::Null, |at| instant(at, zone))
}

/// An instant for people, in the service's zone.
pub fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// A length of time for people, in seconds: `45 s`, `1 h 05 min`, `3 d 04 h`.
pub fn span(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    match hours {
        0 if minutes == 0 => format!("{seconds} s"),
        0 => format!("{minutes} min"),
        1..48 => format!("{hours} h {:02} min", minutes % 60),
        _ => format!("{} d {:02} h", hours / 24, hours % 24),
    }
}

/// Text on one line, single blanks between its words.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints a JSON document.
pub fn json(value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).context("writing JSON")?;
    line(&text)
}

/// Prints a line. A reader who has gone away (`| head`) is no failure.
pub fn line(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(anyhow::Error::from(error)
            .context("writing to stdout")
            .into()),
        _ => Ok(()),
    }
}

/// Prints a text as it is, with the line ends that it has. A reader who has gone away is no failure.
pub fn text(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(anyhow::Error::from(error)
            .context("writing to stdout")
            .into()),
        _ => Ok(()),
    }
}

/// Widest column of a table, in characters; longer cells are cut.
const CELL_MAX_CHARS: usize = 60;

/// Prints rows under a header, in columns; `nothing` where there are none.
pub fn table(header: &[&str], rows: &[Vec<String>], nothing: &str) -> Result<(), Failure> {
    if rows.is_empty() {
        return line(nothing);
    }
    let cut = |text: &str| -> String {
        let flat = flat(text);
        if flat.chars().count() > CELL_MAX_CHARS {
            let kept: String = flat.chars().take(CELL_MAX_CHARS - 1).collect();
            format!("{kept}…")
        } else {
            flat
        }
    };
    let head: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    let all: Vec<Vec<String>> = std::iter::once(head)
        .chain(rows.iter().map(|row| row.iter().map(|c| cut(c)).collect()))
        .collect();
    let widths: Vec<usize> = (0..header.len())
        .map(|i| {
            all.iter()
                .filter_map(|r| r.get(i))
                .map(|c| c.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &all {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

/// A time of consultants, in minutes: `45 min`, `4 h`, `1 h 30 min`; with its sign where it is taken
/// back.
pub fn minutes(minutes: i64) -> String {
    hours_and_minutes(minutes, "-")
}
