//! Maildir at both ends: a folder mail is read from, and a folder mail is delivered to.
//!
//! A mail is a file that comes into being under `tmp/`, appears whole under `new/` by a rename,
//! and leaves for `cur/` when it has been dealt with. So a reader never sees half a mail and
//! needs no lock. File operations here are small and local; they block, on purpose.

use std::collections::{BTreeMap, BinaryHeap};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::mail::received::receipt_time;
use crate::ports::{
    Clock, Envelope, Fetched, Handover, Mailbox, MailboxError, OVERSIZE_KEPT_BYTES, Opened,
    Transport, Trouble, TroubleScope, Woken,
};

/// Mails listed at a time: the oldest ones. The others are listed when these have left `new/`.
const LISTING_MAX: usize = 10_000;
/// Hexadecimal digits of the content's SHA-256 in the name of a delivered mail.
const NAME_HASH_DIGITS: usize = 16;
/// How far the clock of the folder and ours may be apart before a file's time says nothing of when
/// its mail was received, in seconds.
const CLOCKS_APART_MAX: i64 = 60;
/// What separates the unique part of a file's name from its flags.
const INFO: &str = ":2,";
/// A file written under `tmp/` to see what the time is there.
const CLOCK_PROBE: &str = "soported-clock";
/// The flags of a mail that has been dealt with: seen.
const SEEN: &str = ":2,S";

/// A Maildir that mail is read from. Everything in `new/` is mail to read; nobody else should
/// move mail out of it, since what has left `new/` counts as dealt with.
pub struct MaildirMailbox {
    path: PathBuf,
    max_size: u64,
    clock: Arc<dyn Clock>,
    /// How far our clock was ahead of the folder's when it was last listed.
    ahead: TimeDelta,
    /// File names of listed mails that are not simply their locator.
    odd_names: BTreeMap<String, OsString>,
}

impl MaildirMailbox {
    /// The Maildir at `path`. Of mails over `max_size` bytes only the beginning is read.
    pub fn new(path: PathBuf, max_size: u64, clock: Arc<dyn Clock>) -> Self {
        Self {
            path,
            max_size,
            clock,
            ahead: TimeDelta::zero(),
            odd_names: BTreeMap::new(),
        }
    }

    /// The files of `new/`, oldest first, at most [`LISTING_MAX`], by the time of their last
    /// change and then by name. Dot files and everything that is not a plain file are not mail.
    fn listing(&self) -> io::Result<Vec<OsString>> {
        // The heap's top is the newest of the oldest: what must go when it gets too many.
        let mut oldest: BinaryHeap<(SystemTime, OsString)> = BinaryHeap::new();
        for entry in fs::read_dir(self.path.join("new"))? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let changed = match entry.metadata() {
                Ok(found) if found.is_file() => found.modified()?,
                Ok(_) => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            oldest.push((changed, name));
            if oldest.len() > LISTING_MAX {
                oldest.pop();
            }
        }
        Ok(oldest
            .into_sorted_vec()
            .into_iter()
            .map(|(_, name)| name)
            .collect())
    }

    /// Where the mail of a locator is while it has not been dealt with.
    fn unread(&self, locator: &str) -> PathBuf {
        let name = self
            .odd_names
            .get(locator)
            .map_or(OsStr::new(locator), OsString::as_os_str);
        self.path.join("new").join(name)
    }

    /// Reads one mail; `None`: it is gone.
    fn read(&self, locator: &str) -> Result<Option<Fetched>, MailboxError> {
        let path = self.unread(locator);
        match read_bounded(&path, self.max_size) {
            Ok((raw, size, changed)) => {
                let now = self.clock.now();
                let read = raw.len() as u64;
                let delivered = self.delivery_time(changed, now);
                Ok(Some(Fetched {
                    locator: locator.to_owned(),
                    // A mail cannot have arrived later than it is read; a clock elsewhere was fast.
                    received_at: receipt_time(&raw).unwrap_or(delivered).min(now),
                    delivered_at: Some((changed + self.ahead).min(now)),
                    omitted_bytes: (size > read).then_some(size.saturating_sub(read)),
                    raw,
                }))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(MailboxError::Refused(format!(
                "{}: {error}",
                path.display()
            ))),
        }
    }

    /// When a mail without a trace header was received: the time of its file, if the folder and we
    /// go by one clock. If not (a network file system, a clock that was set), a file's time counts
    /// where only our clock can have given it; else the mail counts as received now.
    fn delivery_time(&self, changed: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let folder_now = now - self.ahead;
        let one_clock = self.ahead.num_seconds().abs() <= CLOCKS_APART_MAX;
        let ours = changed <= now && (self.ahead < TimeDelta::zero() || changed > folder_now);
        if one_clock || ours { changed } else { now }
    }

    /// How far our clock is ahead of the one that dates the folder's files. A folder that cannot be
    /// written to is taken to go by ours.
    fn clock_ahead(&self) -> TimeDelta {
        let probe = self.path.join("tmp").join(CLOCK_PROBE);
        let dated = fs::write(&probe, b"?").and_then(|()| fs::metadata(&probe)?.modified());
        // What is left in tmp/ is no mail; removing it is a courtesy.
        let _ = fs::remove_file(&probe);
        dated.map_or(TimeDelta::zero(), |dated| {
            self.clock.now() - DateTime::<Utc>::from(dated)
        })
    }

    /// What names a file in the ledger: the unique part of its name. A name that was used before,
    /// which Maildir forbids, gets the time of its file added, so that the second mail is not taken
    /// for the first.
    fn locator(&self, name: &OsStr) -> String {
        let text = name.to_string_lossy();
        let unique = text.split_once(INFO).map_or(&*text, |(unique, _)| unique);
        let used = self.path.join("cur").join(format!("{unique}{SEEN}"));
        if !used.exists() {
            return unique.to_owned();
        }
        let changed = fs::metadata(self.path.join("new").join(name))
            .and_then(|found| found.modified())
            .map_or(0, |at| DateTime::<Utc>::from(at).timestamp_micros());
        format!("{unique}~{changed}")
    }

    fn unreachable(&self, error: &io::Error) -> MailboxError {
        MailboxError::Unreachable(format!("{}: {error}", self.path.display()))
    }
}

impl Mailbox for MaildirMailbox {
    async fn open(&mut self) -> Result<Opened, MailboxError> {
        create(&self.path).map_err(|error| self.unreachable(&error))?;
        Ok(Opened { epoch: 0 })
    }

    /// The cursor means nothing here: what is in `new/` has not been dealt with.
    async fn after(&mut self, _cursor: u32) -> Result<Vec<String>, MailboxError> {
        let names = self.listing().map_err(|error| self.unreachable(&error))?;
        self.odd_names.clear();
        if !names.is_empty() {
            self.ahead = self.clock_ahead();
        }
        let mut locators = Vec::with_capacity(names.len());
        for name in names {
            let locator = self.locator(&name);
            if OsStr::new(&locator) != name {
                self.odd_names.insert(locator.clone(), name);
            }
            locators.push(locator);
        }
        Ok(locators)
    }

    fn has_cursor(&self) -> bool {
        false
    }

    /// Nothing: a mail stays in `new/`, and so in [`Mailbox::after`], until it is settled. There
    /// is no gap that a scan by date could find.
    async fn since(&mut self, _day: NaiveDate) -> Result<Vec<String>, MailboxError> {
        Ok(Vec::new())
    }

    async fn fetch(
        &mut self,
        locators: &[String],
        batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let mut dealt_with = 0;
        let mut bytes = 0;
        for locator in locators {
            if let Some(mail) = self.read(locator)? {
                bytes += mail.raw.len();
                sink(mail);
            }
            dealt_with += 1;
            if bytes >= batch_bytes {
                break;
            }
        }
        Ok(dealt_with)
    }

    async fn settle(&mut self, locators: &[String]) -> Result<(), MailboxError> {
        for locator in locators {
            let read = self.path.join("cur").join(format!("{locator}{SEEN}"));
            match fs::rename(self.unread(locator), &read) {
                Ok(()) => {}
                // Moved already, by us or by a reader.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    return Err(MailboxError::Refused(format!(
                        "{}: {error}",
                        read.display()
                    )));
                }
            }
        }
        Ok(())
    }

    async fn wait(&mut self, limit: Duration) -> Result<Woken, MailboxError> {
        tokio::time::sleep(limit).await;
        Ok(Woken::TimeUp)
    }
}

/// A Maildir that mail is delivered to, whoever it is for.
pub struct MaildirTransport {
    path: PathBuf,
    host: String,
    /// The number of the last delivered mail; `None` before the first offer.
    delivered: Option<u64>,
}

impl MaildirTransport {
    /// The Maildir at `path`; `hostname` becomes part of the files' names.
    pub fn new(path: PathBuf, hostname: String) -> Self {
        // Maildir: neither a slash nor a colon may stand in a name.
        let host = hostname.replace('/', "\\057").replace(':', "\\072");
        Self {
            path,
            host,
            delivered: None,
        }
    }

    /// The name of the next mail: its number, which goes on where the folder's names end, so
    /// that names sort in the order of delivery; then what makes it unique should two processes
    /// deliver at once.
    fn next_name(&mut self, content: &[u8]) -> io::Result<String> {
        let last = match self.delivered {
            Some(number) => number,
            None => last_number(&self.path)?,
        };
        let number = last.saturating_add(1);
        self.delivered = Some(number);
        let mut hash = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
        hash.truncate(NAME_HASH_DIGITS);
        Ok(format!(
            "{number:010}.P{}_{hash}.{}",
            std::process::id(),
            self.host
        ))
    }

    fn trouble(&self, error: &io::Error) -> Handover {
        Handover::Retry(Trouble {
            text: format!("{}: {error}", self.path.display()),
            scope: TroubleScope::Connection,
        })
    }
}

impl Transport for MaildirTransport {
    async fn offer(&mut self, _envelope: &Envelope) -> Result<(), Handover> {
        create(&self.path).map_err(|error| self.trouble(&error))
    }

    async fn hand_over(&mut self, content: &[u8]) -> Handover {
        let name = match self.next_name(content) {
            Ok(name) => name,
            Err(error) => return self.trouble(&error),
        };
        let unfinished = self.path.join("tmp").join(&name);
        let new = self.path.join("new");
        let written = write_through(&unfinished, content)
            .and_then(|()| fs::rename(&unfinished, new.join(&name)));
        if let Err(error) = written {
            // What is left in tmp/ is no mail; removing it is a courtesy.
            let _ = fs::remove_file(&unfinished);
            return self.trouble(&error);
        }
        match File::open(&new).and_then(|folder| folder.sync_all()) {
            Ok(()) => Handover::Sent(format!("delivered to {name}")),
            // The mail is there, and may not be after a power failure.
            Err(error) => Handover::Uncertain(format!("{name}: {error}")),
        }
    }
}

/// Makes sure of a Maildir's three folders.
fn create(path: &Path) -> io::Result<()> {
    for folder in ["tmp", "new", "cur"] {
        fs::create_dir_all(path.join(folder))?;
    }
    Ok(())
}

/// A file's bytes, its size and the time of its last change. Over `max_size` bytes only the
/// first [`OVERSIZE_KEPT_BYTES`] are read.
fn read_bounded(path: &Path, max_size: u64) -> io::Result<(Vec<u8>, u64, DateTime<Utc>)> {
    let file = File::open(path)?;
    let found = file.metadata()?;
    let size = found.len();
    let limit = if size > max_size {
        u64::from(OVERSIZE_KEPT_BYTES).min(max_size)
    } else {
        size
    };
    let mut raw = Vec::new();
    file.take(limit).read_to_end(&mut raw)?;
    Ok((raw, size, found.modified()?.into()))
}

/// Writes a new file and waits until the disk has it.
fn write_through(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// The highest number that any mail of the folder has been given; zero if none.
fn last_number(path: &Path) -> io::Result<u64> {
    let mut last = 0;
    for folder in ["new", "cur"] {
        for entry in fs::read_dir(path.join(folder))? {
            let name = entry?.file_name();
            let number = name
                .to_str()
                .and_then(|name| name.split_once('.'))
                .and_then(|(number, _)| (number.len() == 10).then(|| number.parse().ok()))
                .flatten();
            last = last.max(number.unwrap_or(0));
        }
    }
    Ok(last)
}
