//! `demo`: the main job on an embedded example. Real pipeline, real database, virtual clock.

mod story;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, anyhow};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

use super::setup::SystemIds;
use super::{ConfigArg, Done, Failure, Outcome, clients, print, setup};
use crate::config::settings::{InboundSource, OutboundTarget, Settings};
use crate::daemon::deliver::Deliver;
use crate::daemon::engine::Engine;
use crate::daemon::poll::Poll;
use crate::daemon::{House, mailbox_name};
use crate::domain::policy::Policy;
use crate::maildir::{MaildirMailbox, MaildirTransport};
use crate::ports::{Clock, Ids};
use crate::store::views::{self, OutboxRow};
use crate::store::{Connection, StoreError};
use story::{STORY, Step};

/// A clock that stands where it is put.
#[derive(Debug)]
struct VirtualClock(Mutex<DateTime<Utc>>);

impl VirtualClock {
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

/// How long after each arrival the story looks again: past the delay of relayed replies.
const AFTERWARDS: chrono::Duration = chrono::Duration::minutes(2);

/// Tells the story in `dir`, or in a new temporary folder.
pub fn demo(dir: Option<PathBuf>) -> Outcome {
    let dir = prepare(dir)?;
    let config = ConfigArg::at(dir.join("config.toml"));
    let (settings, templates) = setup::settings(&config)?;
    let clock = Arc::new(VirtualClock(Mutex::new(moment(
        story_start(),
        settings.zone,
    )?)));
    let mut store = setup::store(&settings)?;
    clients::import_text(
        &mut store,
        &settings,
        include_str!("clients.toml"),
        false,
        clock.now(),
    )?;
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let engine = Engine::new(&settings, templates, &mut store, ids, clock.now())?;
    let (InboundSource::Maildir { path: inbox }, OutboundTarget::Maildir { path: outgoing }) =
        (&settings.inbound.source, &settings.outbound.target)
    else {
        return Err(anyhow!("the demo reads and writes folders").into());
    };
    let shared: Arc<dyn Clock> = clock.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(async {
        let house = House::new(
            store,
            Arc::new(engine),
            shared.clone(),
            settings.database.clone(),
        )
        .context("starting the ledger's thread")?;
        let mailbox = MaildirMailbox::new(inbox.clone(), settings.inbound.max_size, shared);
        let poll = house.poll(
            mailbox,
            mailbox_name(&settings.inbound),
            settings.inbound.since,
        );
        let transport = MaildirTransport::new(outgoing.clone(), "grupostaff.com".to_owned());
        let deliver = house.deliver(transport, chrono::Duration::minutes(10));
        let mut stage = Stage {
            house,
            poll,
            deliver,
            clock,
            inbox: inbox.clone(),
            settings: &settings,
            shown: 0,
        };
        for (number, step) in STORY.iter().enumerate() {
            stage.play(number, step).await?;
        }
        stage.curtain(&dir).await
    })
}

/// A new or empty folder with configuration, client list and mailbox.
fn prepare(dir: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let dir = dir.unwrap_or_else(|| {
        let mut random = [0; 6];
        SystemIds.fill(&mut random);
        let name = format!("soported-demo-{}", data_encoding::HEXLOWER.encode(&random));
        std::env::temp_dir().join(name)
    });
    std::fs::create_dir_all(dir.join("inbox/new"))
        .and_then(|()| std::fs::create_dir_all(dir.join("inbox/cur")))
        .and_then(|()| std::fs::create_dir_all(dir.join("inbox/tmp")))
        .with_context(|| format!("making {}", dir.display()))?;
    if dir.join("soported.db").exists() {
        let text = anyhow!("{} holds a demo already: name a new folder", dir.display());
        return Err(text.into());
    }
    for (name, text) in [
        ("config.toml", include_str!("config.toml")),
        ("clients.toml", include_str!("clients.toml")),
    ] {
        std::fs::write(dir.join(name), text).with_context(|| format!("writing {name}"))?;
    }
    Ok(dir)
}

fn story_start() -> &'static str {
    STORY.first().map_or("", |step| step.at)
}

fn moment(text: &str, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
        .with_context(|| format!("the story's time {text}"))?;
    let at = zone.from_local_datetime(&local).earliest();
    Ok(at
        .ok_or_else(|| anyhow!("{text} does not exist in {zone}"))?
        .with_timezone(&Utc))
}

/// Everything the story happens on.
struct Stage<'a> {
    house: House,
    poll: Poll<MaildirMailbox>,
    deliver: Deliver<MaildirTransport>,
    clock: Arc<VirtualClock>,
    inbox: PathBuf,
    settings: &'a Settings,
    /// Journal lines and outgoing mails shown so far.
    shown: i64,
}

impl Stage<'_> {
    /// Lets a mail arrive, runs one pass of the daemon, and tells what it did.
    async fn play(&mut self, number: usize, step: &Step) -> Result<(), Failure> {
        let at = moment(step.at, self.settings.zone)?;
        self.clock.set(at);
        let date = at.with_timezone(&self.settings.zone).to_rfc2822();
        let parent = self.answered(step).await?;
        let mail = step
            .mail
            .replace("{date}", &date)
            .replace("{parent}", &parent);
        let path = self.inbox.join("new").join(format!("{number:02}.demo"));
        std::fs::write(&path, mail.replace('\n', "\r\n"))
            .with_context(|| format!("writing {}", path.display()))?;
        print::line(&format!("{}  {}", step.at, step.says))?;
        self.pass().await?;
        self.clock.set(at + AFTERWARDS);
        self.pass().await
    }

    async fn pass(&mut self) -> Result<(), Failure> {
        self.house
            .once(&mut self.poll, &mut self.deliver)
            .await
            .map_err(anyhow::Error::from)?;
        let (policy, since) = (self.settings.policy.clone(), self.shown);
        let (lines, last) = self
            .house
            .ledger
            .call(move |store| happenings(store.reader(), &policy, since))
            .await?;
        self.shown = last;
        for line in lines {
            print::line(&format!("                  {line}"))?;
        }
        Ok(())
    }

    /// The Message-ID of the mail that a step answers.
    async fn answered(&self, step: &Step) -> Result<String, Failure> {
        let Some((kind, to)) = step.answers else {
            return Ok(String::new());
        };
        let rows = self.outbox().await?;
        let last = rows
            .into_iter()
            .rev()
            .find(|r| r.kind == kind.name() && r.to == to);
        let last = last.ok_or_else(|| anyhow!("the story expects a {} to {to}", kind.name()))?;
        Ok(last.message_id)
    }

    async fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        self.house
            .ledger
            .call(|store| views::outbox(store.reader(), None))
            .await
    }

    /// Where everything is.
    async fn curtain(&self, dir: &Path) -> Outcome {
        let sent = self.outbox().await?.len();
        let config = dir.join("config.toml");
        let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("soported"));
        let program = program.display();
        let show = |command: &str| format!("  {program} {command} --config {}", config.display());
        for line in [
            String::new(),
            format!("database   {}", dir.join("soported.db").display()),
            format!(
                "mail out   {} ({sent} mails)",
                dir.join("outgoing/new").display()
            ),
            format!("mail in    {}", dir.join("inbox/cur").display()),
            String::new(),
            "look further:".to_owned(),
            show("tickets list"),
            show("tickets show GS-1"),
            show("explain GS-1"),
            show("held list"),
            show("outbox list"),
            show("status"),
        ] {
            print::line(&line)?;
        }
        Ok(Done::Well)
    }
}

/// What happened since journal line `since`: decisions, and the mails they caused.
fn happenings(
    tx: &Connection,
    policy: &Policy,
    since: i64,
) -> Result<(Vec<String>, i64), StoreError> {
    let mut lines = Vec::new();
    let mut last = since;
    for entry in views::journal_after(tx, since)? {
        last = entry.id;
        if let Some(why) = entry.why.lines().last() {
            lines.push(format!("· {why}"));
        }
        for mail in entry.mails {
            let ticket = mail
                .ticket
                .map(|t| format!(" {}", policy.tag(t)))
                .unwrap_or_default();
            lines.push(format!(
                "  ✉ {}{ticket} → {}",
                mail.kind.replace('_', " "),
                mail.to
            ));
        }
    }
    Ok((lines, last))
}
