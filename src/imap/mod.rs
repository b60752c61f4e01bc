//! The mailbox on an IMAP server (RFC 9051, RFC 3501).
//!
//! Three layers: `connect` leads from a host name to an authenticated connection, `wire` runs
//! one command and believes only its tagged OK (`failure` says what else there is), `session`
//! knows what searching, fetching and moving mean. `names` writes words the way IMAP wants them.
//!
//! A session that has failed once, in whatever way, is never used again, and neither is one
//! whose call was cancelled: it is taken out for every call and put back only after success.

mod connect;
mod failure;
mod names;
mod session;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use crate::config::settings::{Login, Server};
use crate::ports::{Clock, Fetched, Mailbox, MailboxError, Opened, Woken};

use connect::Connector;
use session::{MAX_SET, Session};

/// How long each step may take before the connection is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// The name lookup, and the TCP connection to each address.
    pub connect: Duration,
    /// The TLS handshake.
    pub handshake: Duration,
    /// The greeting.
    pub greeting: Duration,
    /// LOGIN or AUTHENTICATE. Servers delay a refusal on purpose.
    pub login: Duration,
    /// The whole answer to a command that brings no mail.
    pub command: Duration,
    /// Each response to a FETCH; a mail's size allows more (16 KiB a second).
    pub response: Duration,
    /// The `+` after IDLE.
    pub idle_start: Duration,
    /// One IDLE; then it is issued anew, well within the 29 minutes of RFC 9051 §6.3.13.
    pub idle_issue: Duration,
    /// The tagged answer after DONE.
    pub idle_finish: Duration,
}

/// Time for the name lookup and for each TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// Time for the greeting.
const GREETING_TIMEOUT: Duration = Duration::from_secs(60);
/// Time for LOGIN or AUTHENTICATE.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(60);
/// Time for a command that brings no mail.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(120);
/// Time for each response to a FETCH.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(120);
/// Time for the `+` after IDLE.
const IDLE_START_TIMEOUT: Duration = Duration::from_secs(10);
/// Length of one IDLE.
const IDLE_ISSUE: Duration = Duration::from_secs(9 * 60);
/// Time for the tagged answer after DONE.
const IDLE_FINISH_TIMEOUT: Duration = Duration::from_secs(10);

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIMEOUT,
            handshake: HANDSHAKE_TIMEOUT,
            greeting: GREETING_TIMEOUT,
            login: LOGIN_TIMEOUT,
            command: COMMAND_TIMEOUT,
            response: RESPONSE_TIMEOUT,
            idle_start: IDLE_START_TIMEOUT,
            idle_issue: IDLE_ISSUE,
            idle_finish: IDLE_FINISH_TIMEOUT,
        }
    }
}

/// A folder on an IMAP server. Locators are UIDs in decimal, the epoch is UIDVALIDITY.
pub struct ImapMailbox {
    connector: Connector,
    mailbox: String,
    processed: Option<String>,
    idle: bool,
    max_size: u64,
    clock: Arc<dyn Clock>,
    timeouts: Timeouts,
    session: Option<Session>,
}

impl ImapMailbox {
    /// The folder `mailbox` on `server`. Committed mail is moved to `processed` where that is
    /// given. `idle`: ask the server for hints. Of a mail over `max_size` bytes only the
    /// beginning is fetched. `clock` stands in where a mail has no receipt time.
    /// Nothing is connected before [`Mailbox::open`].
    pub fn new(
        server: Server,
        login: Login,
        mailbox: String,
        processed: Option<String>,
        idle: bool,
        max_size: u64,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            connector: Connector::new(server, login),
            mailbox,
            processed,
            idle,
            max_size,
            clock,
            timeouts: Timeouts::default(),
            session: None,
        }
    }

    /// The same with other timeouts.
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Takes the session out for one call. Who succeeds puts it back; who fails, or is dropped
    /// half way, lets go of it.
    fn session(&mut self) -> Result<Session, MailboxError> {
        self.session
            .take()
            .ok_or_else(|| MailboxError::Unreachable("not connected".to_owned()))
    }

    /// The session at hand, if it still answers. A server that hung up in the meantime, as it
    /// may after 30 idle minutes (RFC 9051 §5.4), is no error: there will be a new one.
    async fn kept(&mut self) -> Option<Session> {
        let mut session = self.session.take()?;
        match session.refresh().await {
            Ok(()) => Some(session),
            Err(error) => {
                tracing::debug!(%error, "the session has ended; connecting anew");
                None
            }
        }
    }
}

impl Mailbox for ImapMailbox {
    async fn open(&mut self) -> Result<Opened, MailboxError> {
        let session = match self.kept().await {
            Some(session) => session,
            None => {
                let wire = self.connector.connect(&self.timeouts).await?;
                Session::select(wire, &self.mailbox, self.timeouts).await?
            }
        };
        let epoch = session.epoch();
        self.session = Some(session);
        Ok(Opened { epoch })
    }

    async fn after(&mut self, cursor: u32) -> Result<Vec<String>, MailboxError> {
        let mut session = self.session()?;
        let found = session.after(cursor).await?;
        self.session = Some(session);
        Ok(locators(&found))
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<String>, MailboxError> {
        let mut session = self.session()?;
        let found = session.since(day).await?;
        self.session = Some(session);
        Ok(locators(&found))
    }

    async fn fetch(
        &mut self,
        locators: &[String],
        batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let uids = uids(locators.iter().take(MAX_SET))?;
        if uids.is_empty() {
            return Ok(0);
        }
        let mut session = self.session()?;
        let now = self.clock.now();
        let dealt = session
            .fetch(&uids, batch_bytes as u64, self.max_size, now, sink)
            .await?;
        self.session = Some(session);
        Ok(dealt)
    }

    async fn settle(&mut self, locators: &[String]) -> Result<(), MailboxError> {
        let Some(target) = &self.processed else {
            return Ok(());
        };
        let target = target.clone();
        let uids = uids(locators.iter())?;
        let mut session = self.session()?;
        session.settle(&uids, &target).await?;
        self.session = Some(session);
        Ok(())
    }

    async fn wait(&mut self, limit: Duration) -> Result<Woken, MailboxError> {
        let mut session = self.session()?;
        let woken = session.wait(limit, self.idle).await?;
        self.session = Some(session);
        Ok(woken)
    }
}

/// UIDs as locators.
fn locators(uids: &[u32]) -> Vec<String> {
    uids.iter().map(u32::to_string).collect()
}

/// Locators as UIDs. One that is none did not come from here; to skip it would be to lose a
/// mail in silence.
fn uids<'a>(locators: impl Iterator<Item = &'a String>) -> Result<Vec<u32>, MailboxError> {
    locators
        .map(|locator| {
            names::uid(locator)
                .ok_or_else(|| MailboxError::Refused(format!("{locator:?} is not a UID")))
        })
        .collect()
}
