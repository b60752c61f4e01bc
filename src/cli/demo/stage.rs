//! The stage: the real loops on a clock that stops wherever something is due, as a daemon that is
//! always up would find it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::{Context, anyhow};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::story::{Answered, Step};
use super::table::{self, Row};
use crate::cli::Failure;
use crate::config::settings::Settings;
use crate::daemon::House;
use crate::daemon::deliver::Deliver;
use crate::daemon::poll::Poll;
use crate::maildir::{MaildirMailbox, MaildirTransport};
use crate::ports::Clock;
use crate::store::views::{self, JournalEntry, OutboxRow};
use crate::store::{StoreError, outbox, tickets};

/// Most stops of the clock between two moments of the story.
const STOPS_MAX: u32 = 1_000;

/// A clock that stands where it is put.
#[derive(Debug)]
pub(super) struct VirtualClock(Mutex<DateTime<Utc>>);

impl VirtualClock {
    /// A clock that stands at this time.
    pub(super) fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    fn set(&self, to: DateTime<Utc>) {
        if let Ok(mut now) = self.0.lock() {
            *now = to;
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().map_or(DateTime::UNIX_EPOCH, |now| *now)
    }
}

/// A time of the story.
pub(super) fn moment(text: &str, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .with_context(|| format!("the story's time {text}"))?;
    let at = zone.from_local_datetime(&local).earliest();
    Ok(at
        .ok_or_else(|| anyhow!("{text} does not exist in {zone}"))?
        .with_timezone(&Utc))
}

/// A letter and its reader, without his domain; that a consultant reads it the reader tells.
fn written(mail: &OutboxRow) -> String {
    let reader = mail.to.split('@').next().unwrap_or_default();
    let kind = mail.kind.replace('_', " ");
    let kind = kind.strip_prefix("consultant ").unwrap_or(&kind);
    format!("{kind} → {reader}")
}

/// Everything the story happens on.
pub(super) struct Stage<'a> {
    pub house: House,
    pub poll: Poll<MaildirMailbox>,
    pub deliver: Deliver<MaildirTransport>,
    pub clock: Arc<VirtualClock>,
    pub inbox: PathBuf,
    pub settings: &'a Settings,
    /// Journal lines told so far.
    pub shown: i64,
}

impl Stage<'_> {
    /// Plays one step: time passes until then, and what arrives is dealt with.
    pub(super) async fn play(&mut self, number: usize, step: &Step) -> Result<(), Failure> {
        let at = moment(step.at, self.settings.zone)?;
        let Some(mail) = step.mail else {
            return self.pass_time(at, Some(step.says)).await;
        };
        self.pass_time(at, None).await?;
        let date = at.with_timezone(&self.settings.zone).to_rfc2822();
        let parent = match mail.answers {
            Some(ours) => self.find(ours).await?,
            None => String::new(),
        };
        let text = mail.text.replace("{date}", &date);
        let text = text.replace("{parent}", &parent).replace('\n', "\r\n");
        let path = self.inbox.join("new").join(format!("{number:02}.demo"));
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        self.round("mail", Some(step.says)).await?;
        Ok(())
    }

    /// Lets the clock run until `to` and stops it wherever a deadline or a mail is due. `says` is
    /// told with the first deadline.
    async fn pass_time(
        &mut self,
        to: DateTime<Utc>,
        mut says: Option<&str>,
    ) -> Result<(), Failure> {
        for _ in 0..STOPS_MAX {
            let now = self.clock.now();
            let due = self
                .house
                .ledger
                .call(move |store| {
                    let tx = store.reader();
                    let rows = [tickets::next_fire(tx, now)?, outbox::next_due(tx, None)?];
                    Ok(rows.into_iter().flatten().filter(|at| *at > now).min())
                })
                .await?;
            let Some(stop) = due.filter(|at| *at < to) else {
                break;
            };
            self.clock.set(stop);
            if self.round("due", says).await? {
                says = None;
            }
        }
        self.clock.set(to);
        Ok(())
    }

    /// One pass of the daemon, told; `says` with the first event of this sort. Whether there was
    /// one.
    async fn round(&mut self, event: &str, says: Option<&str>) -> Result<bool, Failure> {
        self.house
            .once(&mut self.poll, &mut self.deliver)
            .await
            .map_err(anyhow::Error::from)?;
        let since = self.shown;
        let entries = self
            .house
            .ledger
            .call(move |store| views::journal_after(store.reader(), since))
            .await?;
        if let Some(last) = entries.last() {
            self.shown = last.id;
        }
        let mut rows = self.rows(&entries);
        let first = rows.iter_mut().find(|(of, _)| *of == event);
        let told = first.is_some();
        if let (Some((_, row)), Some(says)) = (first, says) {
            says.clone_into(&mut row.what);
        }
        for (_, row) in &rows {
            table::row(row)?;
        }
        Ok(told)
    }

    /// Rows of the timeline with their events. What a delivery or a run of alerts adds to the row
    /// before it stands in that row; a deadline that changed nothing is not told.
    fn rows<'e>(&self, entries: &'e [JournalEntry]) -> Vec<(&'e str, Row)> {
        let mut rows: Vec<(&str, Row)> = Vec::new();
        for entry in entries {
            let mails = entry.mails.iter().map(written);
            let why = entry.why.lines().last().unwrap_or_default();
            match (entry.event.as_str(), rows.last_mut()) {
                ("due", _) if entry.facts == 0 && entry.mails.is_empty() => {}
                ("alerts", Some((_, row))) => row.mails.extend(mails),
                ("delivery", Some((_, row))) => row.decision.push_str(", accepted"),
                (event, _) => {
                    let what = match event {
                        "due" => "still nothing",
                        "delivery" => "a minute later it leaves",
                        _ => "",
                    };
                    let local = entry.at.with_timezone(&self.settings.zone);
                    let row = Row {
                        when: local.format("%a %-d %b %H:%M").to_string(),
                        what: what.to_owned(),
                        decision: why.to_owned(),
                        mails: mails.collect(),
                    };
                    rows.push((event, row));
                }
            }
        }
        rows
    }

    /// The Message-ID of a mail of ours.
    async fn find(&self, ours: Answered) -> Result<String, Failure> {
        let rows = self.outbox().await?;
        let kind = ours.letter.name();
        let last = rows.into_iter().rev().find(|row| {
            row.kind == kind && row.to == ours.to && row.ticket.map(|t| t.0) == Some(ours.ticket)
        });
        let last = last.ok_or_else(|| anyhow!("the story expects a {kind} to {}", ours.to))?;
        Ok(last.message_id)
    }

    /// Every outgoing mail.
    pub(super) async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.house
            .ledger
            .call(|store| views::outbox(store.reader(), None))
            .await
    }
}
