//! Floor 2: the ledger in SQLite. All SQL of the program is under this folder.
//!
//! One function per statement, the statement in full view. Tables are STRICT, instants are UTC
//! milliseconds, rows that prove something are never deleted. Every write happens in an IMMEDIATE
//! transaction, so that a reader who becomes a writer cannot be refused half way.

pub mod absent;
pub mod admit;
pub mod alarms;
pub mod alerts;
mod authority;
pub mod background;
pub mod case;
pub mod charges;
pub mod commit;
pub mod departures;
pub mod digests;
pub mod directory;
pub mod explain;
pub mod handle;
pub mod held;
pub mod inbox;
pub mod issues;
pub mod journal;
pub mod keys;
pub mod migrate;
mod noticed;
pub mod outbox;
pub mod overview;
pub mod recheck;
pub mod statement;
pub mod tickets;
pub mod undo;
pub mod views;

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::TransactionBehavior;
use rusqlite::config::DbConfig;
pub use rusqlite::{Connection, Transaction};
use zstd::bulk::{Compressor, Decompressor};

/// How long a writer waits for another process's transaction before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// Statements kept compiled per connection; beyond it the least used is compiled again.
const STATEMENT_CACHE: usize = 96;

/// The write-ahead log is cut back to this many bytes at a checkpoint.
const JOURNAL_SIZE_LIMIT_BYTES: i64 = 8 * 1024 * 1024;

/// SQLite's page cache, in KiB: enough for the hot pages, small beside the memory aim.
const PAGE_CACHE_KIB: i64 = 4 * 1024;

/// Compression level of stored mails: the fastest that still halves text.
const ZSTD_LEVEL: i32 = 1;

/// Most bytes one stored mail may decompress to; more is damage.
const RAW_MAX_BYTES: usize = 256 * 1024 * 1024;

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a later version of the program.
    #[error(
        "the database has schema {found}, this program knows up to {known}: install the newer program, or restore the backup made before the upgrade"
    )]
    Newer {
        /// Schema of the file.
        found: i64,
        /// Newest schema of the program.
        known: i64,
    },
    /// A row does not say what the program wrote.
    #[error("the database holds an unreadable value: {0}")]
    Unreadable(String),
    /// A stored mail could not be compressed or decompressed.
    #[error("a stored mail cannot be unpacked: {0}")]
    Packing(#[from] std::io::Error),
    /// A mail of ours could not be written: a template or an address is at fault.
    #[error("a mail cannot be written: {0}")]
    Unwritable(String),
    /// SQLite refused.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The thread that owns the database is gone.
    #[error("the database thread has stopped")]
    Stopped,
}

impl StoreError {
    /// Whether the database itself failed (disk full, locked, damaged), so that trying the same
    /// again later may succeed; otherwise what was to be stored is at fault.
    pub fn is_storage_failure(&self) -> bool {
        use rusqlite::ErrorCode as Code;
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) => matches!(
                failure.code,
                Code::DiskFull
                    | Code::SystemIoFailure
                    | Code::DatabaseBusy
                    | Code::DatabaseLocked
                    | Code::OutOfMemory
                    | Code::ReadOnly
                    | Code::CannotOpen
                    | Code::DatabaseCorrupt
                    | Code::NotADatabase
            ),
            Self::Stopped | Self::Newer { .. } => true,
            _ => false,
        }
    }
}

/// Shorthand for what every function here answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An open ledger.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the file, creating it (and its folder) if need be, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self> {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        Self::on(Connection::open(path)?)
    }

    /// The ledger behind a connection that somebody else made, as tests do that count its commits.
    pub fn on(mut connection: Connection) -> Result<Self> {
        configure(&connection)?;
        migrate::bring_up_to_date(&mut connection)?;
        Ok(Self { connection })
    }

    /// Runs `work` in one IMMEDIATE transaction: all of it is kept, or none.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Transaction) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let behavior = TransactionBehavior::Immediate;
        let mut tx = self
            .connection
            .transaction_with_behavior(behavior)
            .map_err(StoreError::from)?;
        let done = work(&mut tx)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(done)
    }

    /// Reads in one transaction: everything as of one moment, whoever writes meanwhile.
    pub fn snapshot<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Connection) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let tx = self
            .connection
            .unchecked_transaction()
            .map_err(StoreError::from)?;
        read(&tx)
    }

    /// The connection, for reading.
    pub fn reader(&self) -> &Connection {
        &self.connection
    }
}

/// Per-connection settings. FULL: the server may forget a mail once we have committed it.
fn configure(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // A plan does not look at the values bound: otherwise a statement whose values might bear on
    // the choice of an index is compiled anew at each use, and the cache of statements is for nothing.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -PAGE_CACHE_KIB)?;
    connection.pragma_update_and_check(
        None,
        "journal_size_limit",
        JOURNAL_SIZE_LIMIT_BYTES,
        |_| Ok(()),
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(())
}

/// An instant as a column holds it.
pub fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The instant of a column.
pub fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

thread_local! {
    // One of each a thread, made at the first use: making one costs as much as packing a small mail.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs a mail for storage.
pub fn pack(raw: &[u8]) -> Result<Vec<u8>> {
    PACKER.with_borrow_mut(|kept| {
        let mut packer = match kept.take() {
            Some(packer) => packer,
            None => Compressor::new(ZSTD_LEVEL)?,
        };
        let packed = packer.compress(raw)?;
        // After an error it is not kept: who knows its state.
        *kept = Some(packer);
        Ok(packed)
    })
}

/// The inverse of [`pack`].
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(packed)
        .ok()
        .flatten()
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| *n <= RAW_MAX_BYTES)
        .ok_or_else(|| StoreError::Unreadable("size of a packed mail".to_owned()))?;
    UNPACKER.with_borrow_mut(|kept| {
        let mut unpacker = match kept.take() {
            Some(unpacker) => unpacker,
            None => Decompressor::new()?,
        };
        let raw = unpacker.decompress(packed, size)?;
        *kept = Some(unpacker);
        Ok(raw)
    })
}

/// A value that a column holds as JSON.
fn to_json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Unreadable(e.to_string()))
}

/// The inverse of [`to_json`].
fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::Unreadable(format!("{e} in {text:.200}")))
}

/// A name the program wrote, read back by `from_name`.
fn named<T>(what: &str, name: &str, from_name: impl Fn(&str) -> Option<T>) -> Result<T> {
    from_name(name).ok_or_else(|| StoreError::Unreadable(format!("{what} «{name}»")))
}
