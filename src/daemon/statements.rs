//! The monthly statements: written from one read, sent by themselves on their day, or by order
//! (policy.md §7).

use chrono::{DateTime, Utc};

use super::engine::Engine;
use crate::domain::event::Event;
use crate::domain::ids::ClientId;
use crate::domain::month::Period;
use crate::domain::statement::{Statement, statement};
use crate::domain::statement_issue::{Issue, Texts, due};
use crate::domain::ticket::ClientRef;
use crate::store::issues::{self, Issued};
use crate::store::statement as table;
use crate::store::{Connection, Result, Store, directory};

/// A statement that was written, and what was sent of it before.
#[derive(Debug)]
pub struct Written {
    /// Whose.
    pub client: ClientId,
    /// What it says.
    pub statement: Statement,
    /// The same in words: those of the last issue where nothing has changed since, else those of the
    /// next one.
    pub texts: Texts,
    /// The last issue that was sent.
    pub last: Option<Issued>,
    /// The last issue says the same.
    pub unchanged: bool,
}

/// What became of an order to send a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It is on its way.
    Issue(u32),
    /// It was sent before, and would be the same.
    Unchanged(u32),
    /// Nobody is on the client's list.
    NobodyToTell,
}

/// Writes the statement of a client from what `tx` reads, which is one transaction.
pub fn write(
    tx: &Connection,
    engine: &Engine,
    client: &ClientRef,
    period: &Period,
) -> Result<Written> {
    let mut books = table::books(tx, client, period, engine.zone)?;
    engine.fit(&mut books)?;
    let period = match books.last_at(period.end).filter(|_| period.running) {
        Some(last) => period.holding(last),
        None => *period,
    };
    let statement = statement(&books, &engine.policy, &period);
    let last = issues::last(tx, client.id, period.month)?;
    let issue = last.as_ref().map_or(1, |last| last.issue);
    let texts = engine.statement(&statement, issue)?;
    let unchanged = last.as_ref().is_some_and(|last| last.says(&texts));
    let texts = if last.is_some() && !unchanged {
        engine.statement(&statement, issue + 1)?
    } else {
        texts
    };
    Ok(Written {
        client: client.id,
        statement,
        texts,
        last,
        unchanged,
    })
}

/// Sends what was written in the same transaction, unless it was sent before.
pub fn send(
    tx: &Connection,
    engine: &Engine,
    written: &Written,
    ordered: bool,
    now: DateTime<Utc>,
) -> Result<Sent> {
    let last = written.last.as_ref().map_or(0, |last| last.issue);
    if written.unchanged {
        return Ok(Sent::Unchanged(last));
    }
    let today = now.with_timezone(&engine.zone).date_naive();
    if directory::authorizers(tx, written.client, today)?.is_empty() {
        return Ok(Sent::NobodyToTell);
    }
    let number = last + 1;
    let issue = Issue {
        client: written.client,
        statement: written.statement.clone(),
        texts: written.texts.clone(),
        number,
        ordered,
    };
    engine.handle(tx, &Event::Statement(Box::new(issue)), now)?;
    Ok(Sent::Issue(number))
}

/// Goes on with the statements that are due by themselves: one client. Answers how much was done, so
/// that whoever calls comes again; none where none is due.
///
/// Between two clients mail comes in and goes out. What was sent before the program stopped is not
/// sent again, and a statement that cannot be written keeps nobody else's back.
pub fn tell(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    if engine.policy.billing.statement_day.is_none() {
        return Ok(0);
    }
    // Nearly always none is due: a look costs no transaction.
    let run = issues::run(store.reader())?;
    let done = run.filter(|run| run.reached.is_none());
    let Some(month) = due(&engine.policy, done.map(|run| run.month), now) else {
        return Ok(0);
    };
    let Some(period) = Period::of(month, engine.zone, now) else {
        return Ok(0);
    };
    let under_way = run.filter(|run| run.month == month);
    let reached = under_way.and_then(|run| run.reached).unwrap_or_default();
    let Some(client) = directory::client_after(store.reader(), reached)? else {
        let done = Event::StatementsSent { month };
        store.transaction(|tx| engine.handle(tx, &done, now))?;
        return Ok(1);
    };
    let told: Result<()> = store.transaction(|tx| {
        issues::reached(tx, month, Some(client.id))?;
        // An operator may have been faster.
        if issues::last(tx, client.id, month)?.is_none() {
            let written = write(tx, engine, &client, &period)?;
            if !written.statement.empty {
                send(tx, engine, &written, false, now)?;
            }
        }
        Ok(())
    });
    match told {
        Err(error) if !error.is_storage_failure() => {
            tracing::error!(
                client = client.name, %month, %error,
                "a statement could not be written: send it by hand with report --send"
            );
            store.transaction(|tx| issues::reached(tx, month, Some(client.id)))?;
        }
        told => told?,
    }
    Ok(1)
}
