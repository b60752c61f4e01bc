//! `demo`: the main job on an embedded example. Real pipeline, real database, virtual clock.

mod stage;
mod story;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};

use super::setup::SystemIds;
use super::{ConfigArg, Done, Failure, Outcome, clients, print, setup, tickets};
use crate::config::settings::{InboundSource, OutboundTarget, Settings};
use crate::daemon::calendars::Calendars;
use crate::daemon::engine::Engine;
use crate::daemon::{House, mailbox_name, statements};
use crate::domain::clock;
use crate::domain::fact::{Fact, Link};
use crate::domain::month::{Month, Period};
use crate::maildir::{MaildirMailbox, MaildirTransport};
use crate::ports::{Clock, Ids};
use crate::store::{Connection, directory, views};
use stage::{Stage, VirtualClock, moment};
use story::STORY;

/// The client and the month that a statement is written of at the end.
const STATEMENT: (&str, &str) = ("ACME", "2026-12");

/// Tells the story in `dir`, or in a new temporary folder.
pub fn demo(dir: Option<PathBuf>) -> Outcome {
    let dir = prepare(dir)?;
    let config = ConfigArg::at(dir.join("config.toml"));
    let (settings, templates) = setup::settings(&config)?;
    let clock = Arc::new(VirtualClock::at(moment(story_start(), settings.zone)?));
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
        table::head()?;
        for (number, step) in STORY.iter().enumerate() {
            stage.play(number, step).await?;
        }
        curtain(&stage, &dir).await
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

/// How it ended, and where everything is.
async fn curtain(stage: &Stage<'_>, dir: &Path) -> Outcome {
    let (settings, now) = (stage.settings.clone(), stage.clock.now());
    let ends = stage
        .house
        .ledger
        .call(move |store| Ok(endings(store.reader(), &settings, now)))
        .await?;
    let sent = stage.outbox().await?.len();
    let statement = statement(stage, dir).await?;
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("soported"));
    print::line("")?;
    for line in ends? {
        print::line(&line)?;
    }
    let outgoing = dir.join("outgoing/new");
    for line in [
        String::new(),
        format!("database   {}", dir.join("soported.db").display()),
        format!("mail out   {} ({sent} mails)", outgoing.display()),
        format!("mail in    {}", dir.join("inbox/cur").display()),
        format!("statement  {}", statement.display()),
        format!(
            "look on    export SOPORTED_CONFIG={}",
            dir.join("config.toml").display()
        ),
        format!("           {} explain GS-1", program.display()),
        "           and: tickets list, tickets show GS-1, held list, outbox list, ledger, status"
            .to_owned(),
    ] {
        print::line(&line)?;
    }
    Ok(Done::Well)
}

/// Writes the monthly statement that a director forwards.
async fn statement(stage: &Stage<'_>, dir: &Path) -> Result<PathBuf, Failure> {
    let engine = Arc::clone(&stage.house.engine);
    let now = stage.clock.now();
    let texts = stage
        .house
        .ledger
        .call(move |store| {
            let client = directory::client_named(store.reader(), STATEMENT.0)?;
            let month = Month::parse(STATEMENT.1);
            let period = month.and_then(|month| Period::of(month, engine.zone, now));
            let Some((client, period)) = client.zip(period) else {
                return Ok(None);
            };
            let written = store.snapshot(|tx| statements::write(tx, &engine, &client, &period))?;
            Ok(Some(written.texts))
        })
        .await?;
    let texts = texts.with_context(|| format!("{} has no statement", STATEMENT.0))?;
    let path = dir.join(format!("{}.html", texts.file));
    std::fs::write(&path, texts.html).with_context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// Each ticket with its end and its first answer.
fn endings(
    tx: &Connection,
    settings: &Settings,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<String>, Failure> {
    let calendars = Calendars::new(settings.zone);
    let mut lines = Vec::new();
    for id in views::ticket_numbers(tx, false)? {
        let Some(ticket) = tickets::load(tx, id, &calendars)? else {
            continue;
        };
        let response = clock::response(&ticket, &settings.policy);
        let answer = match response.met_at {
            Some(_) => {
                let time = response.elapsed(ticket.calendar(&settings.policy), now);
                format!(
                    "answered after {} of support time",
                    print::span(time.num_seconds())
                )
            }
            None => format!(
                "to be answered until {}",
                print::moment(response.limit_at, settings.zone)
            ),
        };
        let number = settings.policy.tag(id);
        let continues = ticket.history.iter().find_map(|dated| match dated.fact {
            Fact::Linked {
                link: Link::Continues,
                ticket,
            } => Some(format!(", takes up {}", settings.policy.tag(ticket))),
            _ => None,
        });
        lines.push(format!(
            "{number}  {:<7} {:<20} {answer}{}",
            ticket.client.name,
            tickets::status(&ticket),
            continues.unwrap_or_default()
        ));
    }
    Ok(lines)
}
