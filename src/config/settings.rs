//! The configuration as the program means it: checked, resolved, nothing optional that is needed.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use secrecy::SecretString;

use crate::domain::policy::Policy;

pub use crate::mail::authentication::{AuthenticationSettings, Position};

/// A whole configuration. Paths are absolute or relative to the working directory.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The SQLite file.
    pub database: PathBuf,
    /// A folder whose templates take the place of the built-in ones of the same name.
    pub templates: Option<PathBuf>,
    /// The zone of dates shown to people, and of "today".
    pub zone: Tz,
    /// Where mail comes from.
    pub inbound: Inbound,
    /// How far to believe it.
    pub authentication: AuthenticationSettings,
    /// Where mail goes to.
    pub outbound: Outbound,
    /// What the house promises.
    pub policy: Policy,
}

/// Where mail comes from.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// Server or folder.
    pub source: InboundSource,
    /// Mail received before this is recorded and never acted upon; decided at the first start.
    pub since: Since,
    /// How often to look when nothing hints at news.
    pub poll_interval: Duration,
    /// Over this many bytes only headers and text are fetched.
    pub max_size: u64,
}

/// Which mail of before the first start counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// None: from now on.
    FirstStart,
    /// From an instant on.
    At(DateTime<Utc>),
    /// All of it.
    All,
}

/// A mailbox on a server, or a folder.
#[derive(Debug, Clone)]
pub enum InboundSource {
    /// IMAP.
    Imap {
        /// Where.
        server: Server,
        /// As whom.
        login: Login,
        /// The folder read.
        mailbox: String,
        /// Where committed mail is moved; none: left in place.
        processed_mailbox: Option<String>,
        /// Ask the server for hints (IDLE).
        idle: bool,
    },
    /// A Maildir.
    Maildir {
        /// Its folder, the one with `new/` and `cur/`.
        path: PathBuf,
    },
}

/// Where mail goes to.
#[derive(Debug, Clone)]
pub struct Outbound {
    /// Server or folder.
    pub target: OutboundTarget,
    /// The mailbox is reached by `local+anything@domain`.
    pub plus_addressing: bool,
    /// Mails a minute at most, in the daemon.
    pub per_minute: u32,
    /// How long to look for evidence before an uncertain mail is tried once more.
    pub uncertain_wait: Duration,
}

/// A mail server, or a folder.
#[derive(Debug, Clone)]
pub enum OutboundTarget {
    /// SMTP.
    Smtp {
        /// Where.
        server: Server,
        /// As whom; none: no AUTH.
        login: Option<Login>,
    },
    /// A Maildir.
    Maildir {
        /// Its folder.
        path: PathBuf,
    },
}

/// A host and how to speak to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// A PEM file with a further trust root.
    pub ca_file: Option<PathBuf>,
}

/// Encryption of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// After a plain greeting; refused if the server does not offer it.
    StartTls,
    /// None; loopback only.
    None,
}

/// Credentials.
#[derive(Debug, Clone)]
pub struct Login {
    /// User.
    pub username: String,
    /// Password; never printed.
    pub password: SecretString,
}
