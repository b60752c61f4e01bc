//! The lines of a statement as CSV (RFC 4180): a header, one line a record, CRLF, every total a sum
//! of records.
//!
//! The file begins with a byte order mark: spreadsheets take a file without one for Windows-1252,
//! and every accent in it would be two letters of nonsense. RFC 4180 leaves the encoding open.
//!
//! Text that a spreadsheet would take for a formula has an apostrophe before it, so that a subject
//! such as `=cmd|…` stays text. Numbers are left alone: `-15` is a reversal and no formula.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::filters::one_line;
use super::vocabulary::Vocabulary;
use crate::domain::statement::Statement;
use crate::domain::statement_books::MailRef;
use crate::domain::statement_lines::{Line, LineState};

/// The columns, by their names in `words.toml`.
pub(super) const COLUMNS: [&str; 25] = [
    "client",
    "month",
    "line",
    "ticket",
    "subject",
    "at",
    "charged_at",
    "from",
    "to",
    "consultant",
    "people",
    "kind",
    "note",
    "minutes",
    "bucket",
    "factor",
    "state",
    "takes_back",
    "taken_back_by",
    "mail_at",
    "mail_subject",
    "mail_id",
    "approval_at",
    "approval_subject",
    "approval_id",
];

/// Longest cell, in characters: what a spreadsheet takes.
const CELL_MAX_CHARS: usize = 32_000;

/// Bytes that a record comes to, more or less: to reserve.
const RECORD_BYTES: usize = 400;

/// The byte order mark of UTF-8.
const MARK: char = '\u{feff}';

/// All lines: those charged, the corrections, what waits, and the notes; in the order of the other
/// formats.
pub(super) fn csv(statement: &Statement, words: &Vocabulary) -> String {
    let lines = &statement.lines;
    let charged = lines.charged.iter().flat_map(|of| &of.lines);
    let all = charged
        .chain(&lines.corrections)
        .chain(&lines.waiting)
        .chain(&lines.notes);
    let mut out = String::with_capacity((all.clone().count() + 1) * RECORD_BYTES);
    out.push(MARK);
    let names = words.statement();
    record(
        &mut out,
        COLUMNS.iter().map(|name| quoted(names.column(name))),
    );
    for line in all {
        record(&mut out, cells(line, statement, words));
    }
    out
}

fn cells(line: &Line, statement: &Statement, words: &Vocabulary) -> impl Iterator<Item = String> {
    let names = words.statement();
    let zone = words.shown_in();
    let text = |text: &str| quoted(&harmless(&one_line(text, CELL_MAX_CHARS)));
    let optional = |text: &Option<String>| text.as_deref().map(quoted).unwrap_or_default();
    let moment = |at: Option<DateTime<Utc>>| at.map(|at| stamp(at, zone)).unwrap_or_default();
    let mail = |mail: &Option<MailRef>| match mail {
        Some(mail) => [
            stamp(mail.at, zone),
            text(&mail.subject),
            text(&mail.message_id),
        ],
        None => Default::default(),
    };
    let charged = line.since.filter(|_| line.state == LineState::Charged);
    let factor = line.factor.map(|factor| factor.to_string());
    [
        text(&statement.client),
        statement.month.to_string(),
        quoted(&line.number),
        quoted(&line.ticket),
        text(&line.subject),
        stamp(line.at, zone),
        moment(charged),
        moment(line.from),
        moment(line.to),
        text(&line.consultant),
        text(&line.people.join(", ")),
        quoted(names.kind(line.kind)),
        text(&line.note),
        line.minutes.to_string(),
        quoted(names.bucket(line.bucket)),
        factor.unwrap_or_default(),
        quoted(names.state(line.state.name())),
        optional(&line.takes_back),
        optional(&line.taken_back_by),
    ]
    .into_iter()
    .chain(mail(&line.mail))
    .chain(mail(&line.approval))
}

/// An instant as spreadsheets read it, in the house's zone.
fn stamp(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

fn record(out: &mut String, cells: impl Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&cell);
    }
    // RFC 4180 §2: each record ends in CRLF.
    out.push_str("\r\n");
}

/// RFC 4180 §2: a cell with a comma, a quote or a line end stands in quotes, quotes doubled.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
