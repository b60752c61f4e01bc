//! The process under test: the real house on a real database file, with the outside in place of
//! the four ports, and an end that may come at any instant.

use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, LazyLock, Mutex};
use std::task::Poll as Polled;

use chrono::{DateTime, TimeDelta, Utc};
use soported::config::settings::{Settings, Since};
use soported::config::{ProcessEnvironment, parse};
use soported::daemon::House;
use soported::daemon::deliver::{Deliver, Step};
use soported::daemon::engine::Engine;
use soported::daemon::poll::{Poll, PollError};
use soported::daemon::watch::{REFUSALS_MAX, Trouble, is_raised};
use soported::domain::event::{AlarmCause, Event};
use soported::domain::ids::OutboxId;
use soported::ports::MailboxError;
use soported::render::Templates;
use soported::store::{Connection, Result, Store, StoreError, directory, outbox};
use tempfile::TempDir;

use super::mailbox::SeaMailbox;
use super::outside::{Outside, SeededIds, SkewedClock};
use super::people::{AUTHORIZERS, OPERATORS};
use super::transport::SeaTransport;
use crate::ledger::entry;
use crate::world::SERVER_PATIENCE;
use crate::world::traffic::Dice;

/// The mailbox's name in the ledger.
const MAILBOX: &str = "imap:soporte@mx/INBOX";

/// Pages that a full disk still has: a change of what is there goes through, much that is new does
/// not.
const PAGES_LEFT: i64 = 2;

/// SQLite's own bound on the size of a file, in pages.
const PAGES_MAX: i64 = 4_294_967_294;

/// The built-in templates in the house's zone, compiled once for all runs.
static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    Templates::load(None, chrono_tz::America::Mexico_City).expect("the built-in templates")
});

/// What outlives a process: the folder with the database, and what is read once from the
/// configuration.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
    settings: Settings,
    ids: Arc<SeededIds>,
}

impl Site {
    /// A fresh installation. `more`: lines added to the configuration.
    pub fn new(dice: Dice, plus_addressing: bool, more: &str) -> Site {
        // In memory where that is possible: what the disk keeps is SQLite's own business.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| TempDir::new());
        let folder = folder.expect("a temporary folder");
        let text = format!(
            r#"
[service]
name = "Soporte Grupo Staff"
address = "soporte@grupostaff.com"
database = "soported.db"
operators = ["{OPERATORS}"]

[inbound]
kind = "maildir"
path = "inbox"

[authentication]
provider = "authserv"
authserv_id = "mx.grupostaff.com"

[outbound]
kind = "maildir"
path = "outgoing"
plus_addressing = {plus_addressing}

{more}

[[consultants]]
name = "Ana Ruiz"
email = "ana@grupostaff.com"

[[consultants]]
name = "Luis Vega"
email = "luis@grupostaff.com"
level = 2
"#
        );
        let settings = parse(&text, folder.path(), &ProcessEnvironment)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .settings;
        let site = Site {
            settings,
            folder,
            ids: Arc::new(SeededIds(Mutex::new(dice))),
        };
        site.list_the_clients();
        site
    }

    fn list_the_clients(&self) {
        let mut store = Store::open(&self.database()).expect("a new database");
        let listed: Result<()> = store.transaction(|tx| {
            for (name, domain) in [("ACME", "acme.example"), ("Beta", "beta.example")] {
                let id = directory::add_client(tx, name, &directory::ClientSettings::default())?;
                directory::set_domain(tx, id, domain)?;
                for mail in AUTHORIZERS.iter().filter(|mail| mail.ends_with(domain)) {
                    directory::add_entry(tx, id, &entry(mail, "Persona Autorizada"))?;
                }
            }
            Ok(())
        });
        listed.expect("the clients are listed");
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("soported.db")
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// How a start ended.
#[derive(Debug)]
pub enum Start {
    /// It runs.
    Runs(Box<Process>),
    /// It died on the way.
    Died,
    /// It gave up by itself, as with a full disk.
    GaveUp(StoreError),
}

/// A running process.
#[derive(Debug)]
pub struct Process {
    house: House,
    poll: Poll<SeaMailbox>,
    deliver: Deliver<SeaTransport>,
    unreachable: Trouble,
    refused: Trouble,
    shut: Trouble,
    refusals: u32,
    closed: Receiver<()>,
    outside: Outside,
}

/// What `work` answers; none where the process died of it.
pub async fn alive<T>(outside: &Outside, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    // A port at which it died never returns. Everything else does: also a ledger that refuses
    // every commit of a dead process.
    let ended = poll_fn(|context| match work.as_mut().poll(context) {
        Polled::Ready(done) => Polled::Ready(Some(done)),
        Polled::Pending if outside.lock().life.hung => Polled::Ready(None),
        Polled::Pending => Polled::Pending,
    })
    .await;
    ended.filter(|_| !outside.lock().life.dead)
}

/// Waits until the ledger's thread has closed the database.
fn wait_for(closed: &Receiver<()>) {
    let ended = closed.recv_timeout(SERVER_PATIENCE);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "the ledger's thread lives on");
}

impl Process {
    /// What `run` does up to its loops.
    pub async fn start(site: &Site, outside: &Outside) -> Start {
        let (open, closed) = channel::<()>();
        let started = alive(outside, Self::begin(site, outside, open)).await;
        match started {
            Some(Ok((house, raised))) => {
                let [unreachable, refused, shut] = raised;
                let mailbox = SeaMailbox::of(outside);
                let poll = house.poll(mailbox, MAILBOX.to_owned(), Since::FirstStart);
                let wait = TimeDelta::from_std(site.settings.outbound.uncertain_wait);
                let wait = wait.expect("a day at most");
                let deliver = house.deliver(SeaTransport::of(outside), wait);
                let recovered = alive(outside, deliver.recover()).await;
                let process = Process {
                    house,
                    poll,
                    deliver,
                    unreachable: Trouble::new(AlarmCause::MailboxUnreachable, unreachable),
                    refused: Trouble::new(AlarmCause::AuthenticationRefused, refused),
                    shut: Trouble::new(AlarmCause::OutgoingFailing, shut),
                    refusals: 0,
                    closed,
                    outside: outside.clone(),
                };
                match recovered {
                    Some(Ok(_)) => Start::Runs(Box::new(process)),
                    Some(Err(error)) => {
                        process.end();
                        Start::GaveUp(error)
                    }
                    None => {
                        process.end();
                        Start::Died
                    }
                }
            }
            Some(Err(error)) => {
                wait_for(&closed);
                Start::GaveUp(error)
            }
            None => {
                wait_for(&closed);
                Start::Died
            }
        }
    }

    async fn begin(
        site: &Site,
        outside: &Outside,
        open: std::sync::mpsc::Sender<()>,
    ) -> Result<(House, [bool; 3])> {
        let mut connection = Connection::open(site.database())?;
        let hook = commit_hook(outside.clone(), open);
        connection.commit_hook(Some(hook))?;
        let mut store = Store::on(connection)?;
        if outside.lock().weather.disk_full.is_some() {
            limit_pages(&store, true)?;
        }
        let now = outside.lock().clock();
        let templates = TEMPLATES.clone();
        let engine = Engine::new(&site.settings, templates, &mut store, site.ids.clone(), now)?;
        let clock = Arc::new(SkewedClock(outside.clone()));
        // Of no disk, so that how full this machine's is does not matter.
        let house = House::new(store, Arc::new(engine), clock, PathBuf::from("nowhere/db"))?;
        let raised = house
            .ledger
            .call(|store| {
                Ok([
                    is_raised(store, AlarmCause::MailboxUnreachable)?,
                    is_raised(store, AlarmCause::AuthenticationRefused)?,
                    is_raised(store, AlarmCause::OutgoingFailing)?,
                ])
            })
            .await?;
        Ok((house, raised))
    }

    /// The end, however it came: nothing of it stays but the database.
    pub fn end(self) {
        let Self {
            house,
            poll,
            deliver,
            closed,
            ..
        } = self;
        drop((house, poll, deliver));
        wait_for(&closed);
    }

    /// One cycle of the first loop, with what `serve` tells the operators after it. None: it died.
    pub async fn poll(&mut self) -> Option<std::result::Result<usize, PollError>> {
        let outside = self.outside.clone();
        let quiet = || {};
        let result = alive(&outside, self.poll.cycle(&quiet)).await?;
        let now = outside.lock().clock();
        let events = match &result {
            Ok(_) => {
                self.refusals = 0;
                [self.unreachable.gone(), self.refused.gone()]
            }
            Err(PollError::Mailbox(MailboxError::Authentication(words))) => {
                self.refusals += 1;
                let enough = self.refusals >= REFUSALS_MAX;
                [None, self.refused.seen(words, enough, now)]
            }
            Err(PollError::Mailbox(error)) => {
                [self.unreachable.seen(&error.to_string(), false, now), None]
            }
            Err(PollError::Store(_)) => [None, None],
        };
        let troubles = [&mut self.unreachable, &mut self.refused];
        for (trouble, event) in troubles.into_iter().zip(events) {
            if let Some(event) = event {
                tell(&self.house, &outside, trouble, event).await?;
            }
        }
        Some(result)
    }

    /// The second loop's work.
    pub async fn decide(&self) -> Option<Result<usize>> {
        alive(&self.outside, self.house.decide_all()).await
    }

    /// The round of things looked at from time to time.
    pub async fn watch(&self) -> Option<Result<()>> {
        alive(&self.outside, self.house.watch()).await
    }

    /// One step of the third loop, with what `serve` tells the operators after it.
    pub async fn deliver(&mut self) -> Option<Result<Step>> {
        let outside = self.outside.clone();
        let step = alive(&outside, self.deliver.step()).await?;
        match step {
            Ok(Step::Went) => {
                self.shut.gone();
            }
            Ok(Step::Blocked) => {
                let now = outside.lock().clock();
                if let Some(event) = self.shut.seen("no mail can be handed over", false, now) {
                    tell(&self.house, &outside, &mut self.shut, event).await?;
                }
            }
            _ => {}
        }
        Some(step)
    }

    /// An operator has a mail sent again whose fate nobody knows.
    pub async fn order_retry(&self, id: i64, now: DateTime<Utc>) -> Option<Result<bool>> {
        let order = self.house.ledger.call(move |store| {
            store.transaction(|tx| outbox::order_retry(tx, OutboxId(id), now))
        });
        alive(&self.outside, order).await
    }

    /// The disk is full from now on, or has room again.
    pub async fn fill_disk(&self, full: bool) -> Option<Result<()>> {
        let fill = self.house.ledger.call(move |store| limit_pages(store, full));
        alive(&self.outside, fill).await
    }
}

/// As `serve` does it: a failure of the ledger is no reason to stop.
async fn tell(house: &House, outside: &Outside, trouble: &mut Trouble, event: Event) -> Option<()> {
    let (engine, now) = (house.engine.clone(), outside.lock().clock());
    let told = house
        .ledger
        .call(move |store| store.transaction(|tx| engine.handle(tx, &event, now)));
    if alive(outside, told).await?.is_err() {
        trouble.untold();
    }
    Some(())
}

/// The instants around a commit. The sender lives as long as the connection.
fn commit_hook(
    outside: Outside,
    open: std::sync::mpsc::Sender<()>,
) -> impl FnMut() -> bool + Send + 'static {
    move || {
        let _ = &open;
        let mut world = outside.lock();
        // True: SQLite rolls back instead.
        if !world.passes("before a commit") {
            return true;
        }
        world.passes("after a commit");
        false
    }
}

/// SQLite's own way of having no room: the file may not grow.
fn limit_pages(store: &Store, full: bool) -> Result<()> {
    let pages: i64 = store
        .reader()
        .pragma_query_value(None, "page_count", |row| row.get(0))?;
    let limit = if full { pages + PAGES_LEFT } else { PAGES_MAX };
    store
        .reader()
        .pragma_update_and_check(None, "max_page_count", limit, |_| Ok(()))?;
    Ok(())
}
