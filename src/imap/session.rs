//! A selected mailbox: searching, fetching, moving, waiting.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::{Instant, sleep_until};

use super::Timeouts;
use super::failure::Failure;
use super::names::{folder, internal_date, search_day, uid_set};
use super::wire::{Idled, Patience, Wire};
use crate::ports::{Fetched, MailboxError, OVERSIZE_KEPT_BYTES, Woken};

/// UIDs named in one command. More are taken in turns; at this number a round trip more or less
/// is not felt, and little is lost with a connection.
pub(super) const MAX_SET: usize = 200;

/// A mail may take a second more for each so many bytes: the slowest line that still gets a
/// mail of 35 MiB, in 37 minutes.
const MIN_BYTES_PER_SECOND: u64 = 16_384;

/// Longest single wait, whatever was asked for; the caller is woken then and waits anew.
const MAX_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What is known of a mail before it is fetched.
#[derive(Debug, Clone, Copy, Default)]
struct Metadata {
    /// Bytes, by RFC822.SIZE; the server must name it.
    size: Option<u32>,
    /// INTERNALDATE, where it is there and readable.
    received_at: Option<DateTime<Utc>>,
}

/// The front of a list of UIDs, as one command can fetch it.
#[derive(Debug)]
struct Batch {
    /// How many of the list it deals with, those already gone included.
    dealt: usize,
    /// The mails to fetch, with their sizes.
    mails: BTreeMap<u32, (u32, DateTime<Utc>)>,
    /// One mail, too big to be fetched whole.
    partial: bool,
}

/// A mailbox selected on an authenticated connection.
#[derive(Debug)]
pub(super) struct Session {
    wire: Wire,
    timeouts: Timeouts,
    /// Metadata of the last set asked for, at most [`MAX_SET`] entries; none: gone.
    known: HashMap<u32, Option<Metadata>>,
    /// The server does not know MOVE.
    without_move: bool,
    /// The server does not do IDLE.
    without_idle: bool,
}

impl Session {
    /// Selects `mailbox`. A server that names no UIDVALIDITY is refused: without it no UID
    /// means anything tomorrow (RFC 9051 §2.3.1.1).
    pub(super) async fn select(
        mut wire: Wire,
        mailbox: &str,
        timeouts: Timeouts,
    ) -> Result<Self, MailboxError> {
        let line = format!("SELECT {}", folder(mailbox));
        let patience = Patience::Whole(timeouts.command);
        wire.command("SELECT", &line, patience, &mut |_| {}).await?;
        wire.take_news();
        if matches!(wire.epoch(), None | Some(0)) {
            let text = "SELECT: no UIDVALIDITY".to_owned();
            return Err(MailboxError::Refused(text));
        }
        tracing::info!(mailbox, mails = wire.exists(), "mailbox opened");
        Ok(Self {
            wire,
            timeouts,
            known: HashMap::new(),
            without_move: false,
            without_idle: false,
        })
    }

    /// UIDVALIDITY.
    pub(super) fn epoch(&self) -> u32 {
        self.wire.epoch().unwrap_or_default()
    }

    /// Lets the server tell what is new; also the proof that the connection still works.
    pub(super) async fn refresh(&mut self) -> Result<(), MailboxError> {
        self.known.clear();
        self.order("NOOP", "NOOP").await?;
        Ok(())
    }

    /// UIDs after `cursor`, ascending.
    pub(super) async fn after(&mut self, cursor: u32) -> Result<Vec<u32>, MailboxError> {
        let Some(first) = cursor.checked_add(1) else {
            return Ok(Vec::new());
        };
        // RFC 9051 §9, `seq-range`: `n:*` means "from the smaller to the greater", so it names
        // the last mail even where that is before n.
        let mut found = self.search(&format!("UID {first}:*")).await?;
        found.retain(|uid| *uid > cursor);
        Ok(found)
    }

    /// UIDs of mails with an INTERNALDATE of `day` or later, ascending.
    pub(super) async fn since(&mut self, day: NaiveDate) -> Result<Vec<u32>, MailboxError> {
        self.search(&format!("SINCE {}", search_day(day))).await
    }

    async fn search(&mut self, criteria: &str) -> Result<Vec<u32>, MailboxError> {
        // Cleared before the question: news told along with the answer may be missing from it.
        self.wire.take_news();
        let mut found = Vec::new();
        let line = format!("UID SEARCH {criteria}");
        let patience = Patience::Whole(self.timeouts.command);
        let seen = &mut |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend(uids.iter().copied().filter(|uid| *uid != 0));
            }
        };
        self.wire
            .command("UID SEARCH", &line, patience, seen)
            .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Fetches the front of `uids` (not empty, at most [`MAX_SET`] are looked at) and answers
    /// how many are dealt with, at least one.
    pub(super) async fn fetch(
        &mut self,
        uids: &[u32],
        batch_bytes: u64,
        max_size: u64,
        now: DateTime<Utc>,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let set: Vec<u32> = uids.iter().copied().take(MAX_SET).collect();
        if set.first().is_none_or(|uid| !self.known.contains_key(uid)) {
            self.learn(&set).await?;
        }
        let batch = self.batch(&set, batch_bytes, max_size, now)?;
        self.bring(&batch, sink).await?;
        Ok(batch.dealt)
    }

    /// Asks for sizes and dates. The sizes come first, and on their own, because a literal is
    /// allocated as announced: an oversize mail must never be asked for whole.
    async fn learn(&mut self, set: &[u32]) -> Result<(), MailboxError> {
        self.known = set.iter().map(|uid| (*uid, None)).collect();
        let known = &mut self.known;
        let line = format!(
            "UID FETCH {} (UID RFC822.SIZE INTERNALDATE)",
            uid_set(set.iter().copied())
        );
        let patience = Patience::EachResponse(self.timeouts.response);
        let seen = &mut |response: &Response<'_>| {
            // Other clients' flag changes come as FETCH too, and a server may split an answer.
            if let Response::Fetch(_, attributes) = response
                && let Some(entry) = uid_of(attributes).and_then(|uid| known.get_mut(&uid))
            {
                let metadata = entry.get_or_insert_default();
                for attribute in attributes {
                    match attribute {
                        AttributeValue::Rfc822Size(size) => metadata.size = Some(*size),
                        AttributeValue::InternalDate(date) => {
                            metadata.received_at = internal_date(date);
                        }
                        _ => {}
                    }
                }
            }
        };
        self.wire
            .command("UID FETCH", &line, patience, seen)
            .await?;
        Ok(())
    }

    /// As many from the front as fit into `batch_bytes`, at least one; a mail over `max_size`
    /// is a batch of its own.
    fn batch(
        &self,
        set: &[u32],
        batch_bytes: u64,
        max_size: u64,
        now: DateTime<Utc>,
    ) -> Result<Batch, MailboxError> {
        let mut batch = Batch {
            dealt: 0,
            mails: BTreeMap::new(),
            partial: false,
        };
        let mut bytes = 0_u64;
        for uid in set {
            let metadata = match self.known.get(uid) {
                None => break,
                Some(None) => {
                    batch.dealt += 1;
                    continue;
                }
                Some(Some(metadata)) => metadata,
            };
            let Some(size) = metadata.size else {
                let text = format!("UID FETCH: no RFC822.SIZE for {uid}");
                return Err(MailboxError::Refused(text));
            };
            let oversize = u64::from(size) > max_size;
            let fits = !oversize && bytes.saturating_add(u64::from(size)) <= batch_bytes;
            if !batch.mails.is_empty() && !fits {
                break;
            }
            let received_at = metadata.received_at.unwrap_or_else(|| {
                tracing::warn!(
                    uid,
                    "no readable INTERNALDATE; the time of fetching is taken"
                );
                now
            });
            batch.mails.insert(*uid, (size, received_at));
            batch.dealt += 1;
            bytes = bytes.saturating_add(u64::from(size));
            if oversize {
                batch.partial = true;
                break;
            }
        }
        Ok(batch)
    }

    /// Fetches a batch; each mail goes to `sink` as it arrives, in the server's order.
    async fn bring(
        &mut self,
        batch: &Batch,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<(), MailboxError> {
        let mut awaited = batch.mails.clone();
        let Some(largest) = awaited.values().map(|(size, _)| *size).max() else {
            return Ok(());
        };
        let set = uid_set(awaited.keys().copied());
        // PEEK: \Seen belongs to the people who read the mailbox (mail.md §1).
        let (line, transferred) = match batch.partial {
            true => (
                format!("UID FETCH {set} (UID BODY.PEEK[]<0.{OVERSIZE_KEPT_BYTES}>)"),
                OVERSIZE_KEPT_BYTES,
            ),
            false => (format!("UID FETCH {set} (UID BODY.PEEK[])"), largest),
        };
        let transfer = Duration::from_secs(u64::from(transferred) / MIN_BYTES_PER_SECOND);
        let patience = Patience::EachResponse(self.timeouts.response.saturating_add(transfer));
        let seen = &mut |response: &Response<'_>| {
            let Response::Fetch(_, attributes) = response else {
                return;
            };
            // Without a UID, or with one nobody asked for, it is another client's flag change.
            // BODY[] NIL is a mail the server has no content of any more: gone.
            let (Some(uid), Some(raw)) = (uid_of(attributes), content(attributes)) else {
                return;
            };
            let Some((size, received_at)) = awaited.remove(&uid) else {
                return;
            };
            let omitted = u64::from(size).saturating_sub(raw.len() as u64);
            sink(Fetched {
                locator: uid.to_string(),
                received_at,
                delivered_at: None,
                raw: raw.to_vec(),
                omitted_bytes: (batch.partial && omitted > 0).then_some(omitted),
            });
        };
        self.wire
            .command("UID FETCH", &line, patience, seen)
            .await?;
        if !awaited.is_empty() {
            tracing::debug!(mails = awaited.len(), "mails were gone when fetched");
        }
        Ok(())
    }

    /// Moves mails to the folder `target`. UIDs that are not there any more are no error.
    pub(super) async fn settle(&mut self, uids: &[u32], target: &str) -> Result<(), MailboxError> {
        let target = folder(target);
        for set in uids.chunks(MAX_SET) {
            let set = uid_set(set.iter().copied());
            match self.move_away(&set, &target).await {
                Err(Failure::Refused(refusal)) if refusal.has_code("TRYCREATE") => {
                    self.create(&target).await?;
                    self.move_away(&set, &target).await?;
                }
                other => other?,
            }
        }
        Ok(())
    }

    /// MOVE (RFC 6851), or what it stands for.
    async fn move_away(&mut self, set: &str, target: &str) -> Result<(), Failure> {
        if !self.without_move {
            let line = format!("UID MOVE {set} {target}");
            match self.order("UID MOVE", &line).await {
                Err(Failure::Refused(refusal)) if refusal.bad => self.without_move = true,
                other => return other,
            }
        }
        self.order("UID COPY", &format!("UID COPY {set} {target}"))
            .await?;
        let line = format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)");
        self.order("UID STORE", &line).await?;
        // RFC 4315 §2.1. A plain EXPUNGE is no substitute: it would take what others marked.
        self.order("UID EXPUNGE", &format!("UID EXPUNGE {set}"))
            .await
    }

    /// Creates a folder, unless somebody was faster.
    async fn create(&mut self, target: &str) -> Result<(), Failure> {
        match self.order("CREATE", &format!("CREATE {target}")).await {
            Err(Failure::Refused(refusal)) if refusal.has_code("ALREADYEXISTS") => Ok(()),
            other => other,
        }
    }

    /// Waits for news, at most `limit`. Without IDLE, by wish (`idle` false) or because the
    /// server declined it once, it waits the time out.
    pub(super) async fn wait(
        &mut self,
        limit: Duration,
        idle: bool,
    ) -> Result<Woken, MailboxError> {
        let until = Instant::now() + limit.min(MAX_WAIT);
        if self.wire.take_news() {
            return Ok(Woken::News);
        }
        while idle && !self.without_idle && Instant::now() < until {
            let Timeouts {
                idle_issue,
                idle_start,
                idle_finish,
                ..
            } = self.timeouts;
            // RFC 9051 §6.3.13: issued anew at least every 29 minutes.
            let reissue = until.min(Instant::now() + idle_issue);
            match self.wire.idle(reissue, idle_start, idle_finish).await? {
                Idled::News => return Ok(Woken::News),
                Idled::TimeUp => {}
                Idled::Declined => {
                    tracing::info!("the server declines IDLE; this session only polls");
                    self.without_idle = true;
                }
            }
        }
        sleep_until(until).await;
        Ok(Woken::TimeUp)
    }

    /// A command of whose untagged responses nothing is wanted.
    async fn order(&mut self, command: &'static str, line: &str) -> Result<(), Failure> {
        let patience = Patience::Whole(self.timeouts.command);
        self.wire
            .command(command, line, patience, &mut |_| {})
            .await
    }
}

/// The UID among the attributes of a FETCH response.
fn uid_of(attributes: &[AttributeValue<'_>]) -> Option<u32> {
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

/// BODY[] among the attributes of a FETCH response, whole or its beginning; none where it is
/// NIL or absent.
fn content<'a>(attributes: &'a [AttributeValue<'_>]) -> Option<&'a [u8]> {
    attributes.iter().find_map(|attribute| match attribute {
        AttributeValue::BodySection {
            section: None,
            index: None | Some(0),
            data: Some(data),
        } => Some(data.as_ref()),
        _ => None,
    })
}
