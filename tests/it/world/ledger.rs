//! A look into the ledger from outside, beside a daemon that runs or was killed.

use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags, Row};

use super::SERVER_PATIENCE;

/// A database of an installation. Every question opens it anew and read-only: a connection that
/// stayed would keep alive what a killed daemon left behind, and so spare the next one the recovery.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The database at this path, which an import or a start has made.
    pub fn at(path: PathBuf) -> Ledger {
        Ledger { path }
    }

    /// The rows of a query.
    pub fn rows<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        let database = self.open(OpenFlags::SQLITE_OPEN_READ_ONLY);
        let mut statement = database
            .prepare(sql)
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
        statement
            .query_map([], read)
            .and_then(Iterator::collect)
            .unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// The one number that a query answers with.
    pub fn number(&self, sql: &str) -> i64 {
        let numbers = self.rows(sql, |row| row.get(0));
        assert_eq!(numbers.len(), 1, "{sql}");
        numbers[0]
    }

    /// The texts that a query answers with.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        self.rows(sql, |row| row.get(0))
    }

    /// Changes something behind the program's back: a fault that a test needs.
    pub fn damage(&self, sql: &str) {
        let database = self.open(OpenFlags::SQLITE_OPEN_READ_WRITE);
        database
            .execute(sql, [])
            .unwrap_or_else(|e| panic!("{sql}: {e}"));
    }

    /// How many mails the ledger holds.
    pub fn mails(&self) -> i64 {
        self.number("SELECT count(*) FROM inbound")
    }

    /// How many tickets there are.
    pub fn tickets(&self) -> i64 {
        self.number("SELECT count(*) FROM ticket")
    }

    /// Whether nothing waits: every mail is decided, and nothing is to be sent now or later.
    pub fn is_at_rest(&self) -> bool {
        self.number(
            "SELECT (SELECT count(*) FROM inbound WHERE state = 'waiting')
                  + (SELECT count(*) FROM outbox WHERE next_at IS NOT NULL OR state = 'sending')",
        ) == 0
    }

    fn open(&self, flags: OpenFlags) -> Connection {
        let database = Connection::open_with_flags(&self.path, flags).expect("a database");
        database.busy_timeout(SERVER_PATIENCE).expect("a time");
        database
    }
}
