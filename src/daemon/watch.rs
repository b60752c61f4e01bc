//! What operators must know: troubles that last become alarms, and end as "recovered".

use std::path::Path;

use chrono::{DateTime, Duration, Utc};

use super::engine::Engine;
use crate::domain::effect::HeldCause;
use crate::domain::event::{AlarmCause, Event};
use crate::store::{Result, Store, alarms, held};

/// A trouble that lasts this long is told.
const PATIENCE: Duration = Duration::minutes(5);

/// Refusals of the credentials in a row after which nobody need wait for patience (mail.md §1).
pub const REFUSALS_MAX: u32 = 3;

/// Free space on the database's disk below which operators are told, in bytes: room for a day of
/// mail at the size limit, and for SQLite's log.
pub const DISK_FREE_MIN_BYTES: u64 = 512 * 1024 * 1024;

/// A trouble that may pass by itself, and since when it lasts.
#[derive(Debug)]
pub struct Trouble {
    cause: AlarmCause,
    since: Option<DateTime<Utc>>,
    raised: bool,
}

impl Trouble {
    /// No trouble known. `raised` as the ledger has it: an alarm may stem from before a restart.
    pub fn new(cause: AlarmCause, raised: bool) -> Self {
        Self {
            cause,
            since: None,
            raised,
        }
    }

    /// It happened (again); an event once patience is over.
    pub fn seen(&mut self, detail: &str, at_once: bool, now: DateTime<Utc>) -> Option<Event> {
        let since = *self.since.get_or_insert(now);
        if self.raised || (!at_once && now - since < PATIENCE) {
            return None;
        }
        self.raised = true;
        Some(self.event(true, detail))
    }

    /// It is over; an event where it was told.
    pub fn gone(&mut self) -> Option<Event> {
        self.since = None;
        std::mem::take(&mut self.raised).then(|| self.event(false, ""))
    }

    /// The last event could not be recorded: the next look gives it again, or an alarm would stay
    /// unknown, or stay up, for as long as the process lives.
    pub fn untold(&mut self) {
        self.raised = !self.raised;
    }

    fn event(&self, raised: bool, detail: &str) -> Event {
        Event::Alarm {
            cause: self.cause,
            raised,
            detail: detail.to_owned(),
        }
    }
}

/// Whether an alarm is raised in the ledger.
pub fn is_raised(store: &Store, cause: AlarmCause) -> Result<bool> {
    Ok(alarms::since(store.reader(), cause)?.is_some())
}

/// What is looked at from time to time: held mail that nobody wanted, mails that could not be
/// processed, and how many bytes are `free` on the database's disk, where that is known.
pub fn round(
    store: &mut Store,
    engine: &Engine,
    free: Option<u64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let keep = Duration::days(i64::from(engine.policy.held_keep_days));
    loop {
        let expired = store.transaction(|tx| held::expire(tx, keep, now))?;
        if expired == 0 {
            break;
        }
        tracing::info!(expired, "held mail expired; the mails themselves stay");
    }
    store.transaction(|tx| {
        if held::count(tx, HeldCause::Unprocessable.name())? == 0 {
            let over = Event::Alarm {
                cause: AlarmCause::Unprocessable,
                raised: false,
                detail: String::new(),
            };
            engine.handle(tx, &over, now)?;
        }
        if let Some(free) = free {
            let disk = Event::Alarm {
                cause: AlarmCause::DiskNearlyFull,
                raised: free < DISK_FREE_MIN_BYTES,
                detail: format!("{} MiB free", free / 1024 / 1024),
            };
            engine.handle(tx, &disk, now)?;
        }
        Ok(())
    })
}

/// Free bytes on the disk of `path`; `None` where the system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(path).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}
