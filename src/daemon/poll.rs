//! The first loop: mail from its source into the ledger (mail.md §1, commit 1).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::config::settings::Since;
use crate::ports::{Clock, Fetched, Mailbox, MailboxError};
use crate::store::handle::Handle;
use crate::store::inbox::{self, MailboxRow, Packed};
use crate::store::{Result as StoreResult, StoreError, absent, tickets};

/// Bytes of mail that share commit 1: bounds the memory of a fetch.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Locators asked of the ledger in one job.
const ASK_MAX: usize = 2_000;

/// How far back the overlap scan looks from the one before it (mail.md §1).
const OVERLAP_DAYS: u64 = 7;

/// How often the overlap scan runs besides the start.
const OVERLAP_EVERY: chrono::Duration = chrono::Duration::days(1);

/// IMAP's SINCE knows only dates, of the server's zone: this much earlier is surely not too late.
const SINCE_MARGIN_DAYS: u64 = 2;

/// A mail that was not in its folder at the first look counts, although it was received up to this
/// long before the first start: it was on its way through a queue or a filter.
const ON_ITS_WAY: chrono::Duration = chrono::Duration::minutes(10);

/// Refusals to hand over one mail after which it is held as unprocessable, unread: some servers
/// refuse a damaged mail for ever, and the mails behind it must not wait for it.
const REFUSALS_MAX: u32 = 3;

/// Why a cycle ended early.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The source.
    #[error(transparent)]
    Mailbox(#[from] MailboxError),
    /// The ledger.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A mailbox and its row in the ledger.
#[derive(Debug)]
pub struct Poll<M> {
    /// The source of mail.
    pub mailbox: M,
    name: String,
    since: Since,
    ledger: Handle,
    clock: Arc<dyn Clock>,
    started_at: DateTime<Utc>,
    scanned_since_start: bool,
    /// The mail that the source last refused to hand over, and how often. While there is one,
    /// mails are fetched one by one, so that the refusal can be laid at its door.
    refused: Option<(String, u32)>,
}

impl<M: Mailbox> Poll<M> {
    /// A poll of `mailbox`, known to the ledger as `name`.
    pub fn new(
        mailbox: M,
        name: String,
        since: Since,
        ledger: Handle,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let started_at = clock.now();
        Self {
            mailbox,
            name,
            since,
            ledger,
            clock,
            started_at,
            scanned_since_start: false,
            refused: None,
        }
    }

    /// Brings everything new into the ledger; `stored` is called after each commit that added mail.
    pub async fn cycle(&mut self, stored: &(dyn Fn() + Sync)) -> Result<usize, PollError> {
        // Whatever arrived until now is found by what follows.
        let now = self.clock.now();
        // The baseline is set before the first look, so that no mail falls between the two.
        let row = self.row().await?;
        let opened = self.mailbox.open().await?;
        let row = self.in_epoch(row, opened.epoch).await?;
        let mut added = self.news(&row, stored).await?;
        let overlap_due = self.overlap_due(&row, now).await?;
        if overlap_due {
            let locators = self.mailbox.since(overlap_from(&row, now)).await?;
            added += self.bring(&row, locators, None, stored).await?;
            self.scanned_since_start = true;
        }
        // Everything was handed over: a refusal of before has passed.
        self.refused = None;
        let id = row.id;
        self.ledger
            .call(move |store| store.transaction(|tx| inbox::polled(tx, id, overlap_due, now)))
            .await?;
        if overlap_due {
            added += self.ask_again(&row, stored).await?;
        }
        Ok(added)
    }

    /// Asks once more for mails that the source has refused to hand over: what it gives now comes in
    /// like any other mail. Last in a cycle, since another refusal may cost the connection.
    async fn ask_again(
        &mut self,
        row: &MailboxRow,
        stored: &(dyn Fn() + Sync),
    ) -> Result<usize, PollError> {
        let (id, epoch) = (row.id, row.epoch);
        let absent = self
            .ledger
            .call(move |store| absent::waiting(store.reader(), id, epoch))
            .await?;
        let mut added = 0;
        for locator in absent {
            let mut packed: Vec<StoreResult<Packed>> = Vec::new();
            let mut sink = |mail: Fetched| packed.push(Packed::from_fetched(&mail));
            let asked = std::slice::from_ref(&locator);
            match self.mailbox.fetch(asked, BATCH_BYTES, &mut sink).await {
                Ok(_) => {}
                Err(MailboxError::Refused(_)) => break,
                Err(error) => return Err(error.into()),
            }
            let mails = packed.into_iter().collect::<StoreResult<Vec<_>>>()?;
            if mails.is_empty() {
                continue;
            }
            let now = self.clock.now();
            self.ledger
                .call(move |store| {
                    store.transaction(|tx| absent::arrived(tx, id, epoch, &locator, now))
                })
                .await?;
            added += self.store(row, mails, None).await?;
            stored();
        }
        Ok(added)
    }

    /// Whether mail is looked for behind the cursor too: a server may show a mail only after later
    /// ones. At the start, once a day (mail.md §1), and before a contact plan acts (policy §6).
    async fn overlap_due(&self, row: &MailboxRow, now: DateTime<Utc>) -> StoreResult<bool> {
        let last = row.last_overlap_at.filter(|last| *last <= now);
        let Some(last) =
            last.filter(|last| self.scanned_since_start && now - *last < OVERLAP_EVERY)
        else {
            return Ok(true);
        };
        self.ledger
            .call(move |store| tickets::plan_waits(store.reader(), last, now))
            .await
    }

    async fn row(&self) -> StoreResult<MailboxRow> {
        let baseline = match self.since {
            // Whole seconds, as INTERNALDATE has them: a mail of this very second counts.
            Since::FirstStart => whole_second(self.started_at),
            Since::At(at) => at,
            Since::All => DateTime::UNIX_EPOCH,
        };
        let name = self.name.clone();
        self.ledger
            .call(move |store| store.transaction(|tx| inbox::mailbox(tx, &name, baseline)))
            .await
    }

    /// The row, in the server's epoch: a changed UIDVALIDITY starts the cursor anew.
    async fn in_epoch(&self, row: MailboxRow, epoch: u32) -> StoreResult<MailboxRow> {
        if row.epoch == epoch {
            return Ok(row);
        }
        if row.epoch != 0 {
            tracing::warn!(
                before = row.epoch,
                now = epoch,
                "the mailbox has a new UIDVALIDITY: it is read anew, through the ledger"
            );
        }
        let id = row.id;
        self.ledger
            .call(move |store| store.transaction(|tx| inbox::begin_epoch(tx, id, epoch)))
            .await?;
        Ok(MailboxRow {
            epoch,
            cursor: 0,
            ..row
        })
    }

    /// Mail after the cursor. At the beginning of an epoch, mail of before the baseline need not
    /// be fetched to be left alone: the cursor passes over it.
    async fn news(
        &mut self,
        row: &MailboxRow,
        stored: &(dyn Fn() + Sync),
    ) -> Result<usize, PollError> {
        let locators = self.mailbox.after(row.cursor).await?;
        if !self.mailbox.has_cursor() {
            return self.bring(row, locators, None, stored).await;
        }
        let last = locators.last().and_then(|l| l.parse::<u32>().ok());
        let fresh_epoch = row.cursor == 0 && row.baseline_at > DateTime::UNIX_EPOCH;
        let wanted = if fresh_epoch && !locators.is_empty() {
            let day = row.baseline_at.date_naive() - Days::new(SINCE_MARGIN_DAYS);
            let recent: std::collections::HashSet<String> =
                self.mailbox.since(day).await?.into_iter().collect();
            locators
                .into_iter()
                .filter(|l| recent.contains(l))
                .collect()
        } else {
            locators
        };
        self.bring(row, wanted, last, stored).await
    }

    /// Fetches and stores what the ledger does not hold yet. The cursor follows each commit, and
    /// ends at `last`.
    async fn bring(
        &mut self,
        row: &MailboxRow,
        locators: Vec<String>,
        last: Option<u32>,
        stored: &(dyn Fn() + Sync),
    ) -> Result<usize, PollError> {
        let mut added = 0;
        for group in locators.chunks(ASK_MAX) {
            let unknown = self.unknown(row, group.to_vec()).await?;
            self.tidy_up(row, group, &unknown).await?;
            let mut rest = unknown.as_slice();
            while !rest.is_empty() {
                let mut packed: Vec<StoreResult<Packed>> = Vec::new();
                let first_look = self.first_look(row);
                let mut sink = |mail: Fetched| {
                    let there_before = mail
                        .delivered_at
                        .zip(first_look)
                        .is_some_and(|(delivered, start)| delivered < start);
                    packed.push(Packed::from_fetched(&mail).map(|packed| Packed {
                        before_start: there_before,
                        ..packed
                    }));
                };
                let asked = match &self.refused {
                    Some(_) => rest.get(..1).unwrap_or(rest),
                    None => rest,
                };
                let fetched = match self.mailbox.fetch(asked, BATCH_BYTES, &mut sink).await {
                    // Going on would move the cursor past a mail that is not stored.
                    Ok(0) => Err(MailboxError::Refused(
                        "none of the mails that were asked for".to_owned(),
                    )),
                    fetched => fetched,
                };
                let dealt = match fetched {
                    Ok(dealt) => dealt.min(rest.len()),
                    Err(error) => {
                        self.note_refusal(row, asked, &error).await?;
                        return Err(error.into());
                    }
                };
                let (done, further) = rest.split_at(dealt);
                let mails = packed.into_iter().collect::<StoreResult<Vec<_>>>()?;
                let cursor = last.and(done.last()).and_then(|l| l.parse::<u32>().ok());
                added += self.store(row, mails, cursor).await?;
                stored();
                self.mailbox.settle(done).await?;
                rest = further;
            }
        }
        if last.is_some() {
            self.store(row, Vec::new(), last).await?;
        }
        Ok(added)
    }

    /// A refusal of one mail is counted, and in the end the mail is held; a refusal of several
    /// leads to fetching them one by one. The server keeps the mail in any case.
    async fn note_refusal(
        &mut self,
        row: &MailboxRow,
        asked: &[String],
        error: &MailboxError,
    ) -> StoreResult<()> {
        let (MailboxError::Refused(reason), Some(first)) = (error, asked.first()) else {
            return Ok(());
        };
        let before = match &self.refused {
            Some((locator, times)) if locator == first => *times,
            _ => 0,
        };
        let times = if asked.len() == 1 { before + 1 } else { before };
        if times < REFUSALS_MAX {
            self.refused = Some((first.clone(), times));
            return Ok(());
        }
        self.refused = None;
        let (id, epoch, now) = (row.id, row.epoch, self.clock.now());
        let (locator, reason) = (first.clone(), reason.clone());
        self.ledger
            .call(move |store| {
                store.transaction(|tx| {
                    inbox::store_unreadable(tx, id, epoch, &locator, &reason, now)
                })
            })
            .await
    }

    /// The exact moment of the first start, while a folder is looked at for the first time: what
    /// came into it before that is not acted upon. The second that the ledger keeps is exact
    /// enough where another process began this look.
    fn first_look(&self, row: &MailboxRow) -> Option<DateTime<Utc>> {
        let first = self.since == Since::FirstStart && row.last_overlap_at.is_none();
        let exact = if whole_second(self.started_at) == row.baseline_at {
            self.started_at
        } else {
            row.baseline_at
        };
        (first && !self.mailbox.has_cursor()).then_some(exact)
    }

    /// Mail received before this never acts.
    fn baseline(&self, row: &MailboxRow) -> DateTime<Utc> {
        if self.since == Since::FirstStart && !self.mailbox.has_cursor() {
            row.baseline_at - ON_ITS_WAY
        } else {
            row.baseline_at
        }
    }

    async fn unknown(&self, row: &MailboxRow, group: Vec<String>) -> StoreResult<Vec<String>> {
        let (id, epoch) = (row.id, row.epoch);
        self.ledger
            .call(move |store| inbox::unknown(store.reader(), id, epoch, &group))
            .await
    }

    /// Mail that was committed before the process died may still wait to be moved away.
    async fn tidy_up(
        &mut self,
        row: &MailboxRow,
        group: &[String],
        unknown: &[String],
    ) -> Result<(), PollError> {
        if group.len() > unknown.len() {
            let (id, epoch) = (row.id, row.epoch);
            // What was never handed over is not dealt with: it stays where people look for it.
            let absent = self
                .ledger
                .call(move |store| absent::all(store.reader(), id, epoch))
                .await?;
            let fresh: std::collections::HashSet<&String> = unknown.iter().chain(&absent).collect();
            let known: Vec<String> = group
                .iter()
                .filter(|l| !fresh.contains(l))
                .cloned()
                .collect();
            tracing::debug!(mailbox = row.id, known = known.len(), "known already");
            self.mailbox.settle(&known).await?;
        }
        Ok(())
    }

    async fn store(
        &self,
        row: &MailboxRow,
        mails: Vec<Packed>,
        cursor: Option<u32>,
    ) -> StoreResult<usize> {
        let (row, now) = (*row, self.clock.now());
        let baseline = self.baseline(&row);
        let added = self
            .ledger
            .call(move |store| {
                store.transaction(|tx| {
                    inbox::store(tx, row.id, row.epoch, &mails, cursor, Some(baseline), now)
                })
            })
            .await?;
        Ok(added.len())
    }
}

/// The first day that the overlap scan looks at: so far back from the last scan there was, since what
/// a server showed late before a long silence is older than that many days when it ends.
fn overlap_from(row: &MailboxRow, now: DateTime<Utc>) -> NaiveDate {
    let last = row.last_overlap_at.map_or(now, |last| last.min(now));
    last.date_naive() - Days::new(OVERLAP_DAYS)
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

/// How long to wait after a failed cycle: doubling from a second to a minute, with jitter, so that
/// many daemons do not return at once.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Most doublings: 2⁶ s is about a minute.
    const DOUBLINGS_MAX: u32 = 6;

    /// No failure yet.
    pub fn new() -> Self {
        Self { failures: 0 }
    }

    /// The next wait; `random` chooses within its upper half.
    pub fn next(&mut self, random: u8) -> Duration {
        let full = 1_000_u64 << self.failures.min(Self::DOUBLINGS_MAX);
        self.failures = self.failures.saturating_add(1);
        Duration::from_millis(full / 2 + full / 2 * u64::from(random) / 255)
    }

    /// It worked.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}
