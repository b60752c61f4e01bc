//! Floor 3: the three loops, in the order a mail passes them, and how they start and stop.
//!
//! *poll* brings mail in, *process* decides, *deliver* takes mail out. Each hands over through a
//! table; a nudge between them is only a hint. Any of them may die at any instruction: the next
//! start goes on where the last commit left off.

pub mod calendars;
pub mod deliver;
pub mod digest;
mod enclosures;
pub mod engine;
pub mod lock;
pub mod poll;
pub mod process;
pub mod recheck;
pub mod serve;
pub mod statements;
pub mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use self::deliver::{Deliver, Step};
use self::engine::Engine;
use self::poll::{Poll, PollError};
use crate::config::settings::{Inbound, Since};
use crate::ports::{Clock, Mailbox, Transport};
use crate::store::handle::Handle;
use crate::store::{Store, StoreError};

/// Rounds of `run --once` before it gives up finding an end: each round deals with what the one
/// before it caused, and nothing causes itself for ever.
const ROUNDS_MAX: u32 = 10_000;

/// What the loops share.
#[derive(Debug, Clone)]
pub struct House {
    /// The database thread.
    pub ledger: Handle,
    /// Decisions.
    pub engine: Arc<Engine>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The database file, for its disk's sake.
    pub database: PathBuf,
}

impl std::fmt::Debug for dyn Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl House {
    /// Opens shop on a ledger.
    pub fn new(
        store: Store,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        database: PathBuf,
    ) -> std::io::Result<Self> {
        Ok(Self {
            ledger: Handle::start(store)?,
            engine,
            clock,
            database,
        })
    }

    /// A poll of a mailbox.
    pub fn poll<M: Mailbox>(&self, mailbox: M, name: String, since: Since) -> Poll<M> {
        let (ledger, clock) = (self.ledger.clone(), Arc::clone(&self.clock));
        Poll::new(mailbox, name, since, ledger, clock)
    }

    /// A way out.
    pub fn deliver<T: Transport>(
        &self,
        transport: T,
        uncertain_wait: chrono::Duration,
    ) -> Deliver<T> {
        Deliver::new(
            transport,
            self.ledger.clone(),
            Arc::clone(&self.engine),
            Arc::clone(&self.clock),
            uncertain_wait,
        )
    }

    /// Decides about everything that waits: mails first, then due rows. Answers how much it was.
    pub async fn decide_all(&self) -> Result<usize, StoreError> {
        let mut decided = 0;
        for _ in 0..ROUNDS_MAX {
            let (engine, clock) = (Arc::clone(&self.engine), Arc::clone(&self.clock));
            let done = self
                .ledger
                .call(move |store| {
                    let passed = process::pass_on_tickets(store, &engine, clock.now())?;
                    if passed > 0 {
                        return Ok(passed);
                    }
                    let mails = process::batch(store, &engine, clock.now())?;
                    if mails > 0 {
                        return Ok(mails);
                    }
                    let fired = process::fire_due(store, &engine, clock.now())?;
                    if fired > 0 {
                        return Ok(fired);
                    }
                    let told = process::tell_alerts(store, &engine, clock.now())?;
                    if told > 0 {
                        return Ok(told);
                    }
                    let statements = statements::tell(store, &engine, clock.now())?;
                    if statements > 0 {
                        return Ok(statements);
                    }
                    digest::tell(store, &engine, clock.now())
                })
                .await?;
            decided += done;
            if done == 0 {
                break;
            }
        }
        Ok(decided)
    }

    /// The round of things looked at from time to time.
    pub async fn watch(&self) -> Result<(), StoreError> {
        let (engine, clock) = (Arc::clone(&self.engine), Arc::clone(&self.clock));
        let database = self.database.clone();
        self.ledger
            .call(move |store| {
                watch::round(store, &engine, watch::free_bytes(&database), clock.now())
            })
            .await
    }

    /// The next part of the nightly check of stored deadlines; true: there is more of it.
    pub async fn recheck(&self) -> Result<bool, StoreError> {
        let (engine, clock) = (Arc::clone(&self.engine), Arc::clone(&self.clock));
        self.ledger
            .call(move |store| recheck::round(store, &engine, clock.now()))
            .await
    }

    /// `run --once`: fetch, process, fire what is due, send, settle, again until nothing is due
    /// now. Nothing sleeps. The mailbox's error is told after the rest is done.
    pub async fn once<M: Mailbox, T: Transport>(
        &self,
        poll: &mut Poll<M>,
        deliver: &mut Deliver<T>,
    ) -> Result<(), PollError> {
        let polled = poll.cycle(&|| {}).await;
        self.watch().await?;
        // What is left of a pass after so many parts is done by the next run.
        for _ in 0..ROUNDS_MAX {
            if !self.recheck().await? {
                break;
            }
        }
        for _ in 0..ROUNDS_MAX {
            let decided = self.decide_all().await?;
            let sent = self.send_due(deliver).await?;
            if decided == 0 && sent == 0 {
                break;
            }
        }
        polled.map(|_| ())
    }

    /// Sends what is due now; stops where nothing can leave.
    async fn send_due<T: Transport>(&self, deliver: &mut Deliver<T>) -> Result<usize, StoreError> {
        let mut went = 0;
        for _ in 0..ROUNDS_MAX {
            match deliver.step().await? {
                Step::Went => went += 1,
                Step::Blocked => break,
                Step::Idle(due) if due.is_some_and(|at| at <= self.clock.now()) => {}
                Step::Idle(_) => break,
            }
        }
        Ok(went)
    }
}

/// The name of a source in the ledger: what it is, not how it is reached today.
pub fn mailbox_name(inbound: &Inbound) -> String {
    use crate::config::settings::InboundSource as Source;
    match &inbound.source {
        Source::Imap {
            server,
            login,
            mailbox,
            ..
        } => format!("imap:{}@{}/{mailbox}", login.username, server.host),
        Source::Maildir { path } => format!("maildir:{}", path.display()),
    }
}
