//! The statements that were sent, each byte as it left, and how far those have come that go out by
//! themselves (policy.md §7).

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Result, StoreError, instant, millis, named, pack, unpack};
use crate::domain::ids::ClientId;
use crate::domain::month::Month;
use crate::domain::statement_issue::Texts;

/// An issue of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Which of its month: 1, and more for corrections.
    pub issue: u32,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Plain text.
    pub text: String,
    /// CSV.
    pub csv: String,
    /// HTML.
    pub html: String,
}

impl Issued {
    /// Whether it says the same, byte for byte.
    pub fn says(&self, texts: &Texts) -> bool {
        (&self.text, &self.csv, &self.html) == (&texts.text, &texts.csv, &texts.html)
    }
}

/// The last issue of a client's statement; none where none was sent.
pub fn last(tx: &Connection, client: ClientId, month: Month) -> Result<Option<Issued>> {
    let row = tx
        .prepare_cached(
            "SELECT issue, at, text, csv, html FROM statement
             WHERE client_id = :client AND month = :month ORDER BY issue DESC LIMIT 1",
        )?
        .query_row(
            named_params! { ":client": client.0, ":month": month.to_string() },
            |row| {
                Ok((
                    row.get(0)?,
                    instant(row.get(1)?),
                    [row.get(2)?, row.get(3)?, row.get::<_, Vec<u8>>(4)?],
                ))
            },
        )
        .optional()?;
    row.map(|(issue, at, [text, csv, html])| {
        Ok(Issued {
            issue,
            at,
            text: unpacked(&text)?,
            csv: unpacked(&csv)?,
            html: unpacked(&html)?,
        })
    })
    .transpose()
}

fn unpacked(packed: &[u8]) -> Result<String> {
    let bytes = unpack(packed)?;
    String::from_utf8(bytes).map_err(|_| StoreError::Unreadable("a statement".to_owned()))
}

/// Keeps an issue.
pub fn keep(
    tx: &Connection,
    (client, month, issue): (ClientId, Month, u32),
    texts: &Texts,
    journal: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO statement (client_id, month, issue, at, journal_id, text, csv, html)
         VALUES (:client, :month, :issue, :at, :journal, :text, :csv, :html)",
    )?
    .execute(named_params! {
        ":client": client.0,
        ":month": month.to_string(),
        ":issue": issue,
        ":at": millis(now),
        ":journal": journal,
        ":text": pack(texts.text.as_bytes())?,
        ":csv": pack(texts.csv.as_bytes())?,
        ":html": pack(texts.html.as_bytes())?,
    })?;
    Ok(())
}

/// How far the statements that go out by themselves have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Of which month.
    pub month: Month,
    /// The last client looked at; none once all were.
    pub reached: Option<ClientId>,
}

/// The last run; none before the first.
pub fn run(tx: &Connection) -> Result<Option<Run>> {
    let row = tx
        .prepare_cached("SELECT month, reached FROM statement_run WHERE id = 1")?
        .query_row([], |row| {
            let reached: Option<i64> = row.get(1)?;
            Ok((row.get::<_, String>(0)?, reached.map(ClientId)))
        })
        .optional()?;
    row.map(|(month, reached)| {
        let month = named("month of statements", &month, Month::parse)?;
        Ok(Run { month, reached })
    })
    .transpose()
}

/// A client of a month's run was looked at; none: all were.
pub fn reached(tx: &Connection, month: Month, client: Option<ClientId>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO statement_run (id, month, reached) VALUES (1, :month, :client)
         ON CONFLICT (id) DO UPDATE SET month = :month, reached = :client",
    )?
    .execute(named_params! {
        ":month": month.to_string(), ":client": client.map(|client| client.0),
    })?;
    Ok(())
}
