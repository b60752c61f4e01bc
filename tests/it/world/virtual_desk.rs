//! A desk in virtual time: the real rules, loops and database, the real binary for operators'
//! commands, and an outside world that stands still until it is told to go on.
//!
//! The desk behaves as a daemon that is always up would: on its way to a later time it stops at
//! every instant at which something is due (a due row, an outgoing mail, the end of a held mail's
//! time, a turn of the weather) and does there what `run --once` does.

use std::process::Output;
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Duration, Utc};
use chrono_tz::America::Mexico_City;
use soported::cli::clients::import_text;
use soported::config::load;
use soported::config::settings::{Settings, Since};
use soported::daemon::House;
use soported::daemon::deliver::{Deliver, Step};
use soported::daemon::engine::Engine;
use soported::daemon::poll::{Poll, PollError};
use soported::daemon::watch::{Trouble, is_raised};
use soported::domain::address::Address;
use soported::domain::digest;
use soported::domain::event::AlarmCause;
use soported::ports::{Clock, Ids};
use soported::render::Templates;
use soported::store::{Connection, Store, views};
use tokio::runtime::Runtime;

use super::daemon::{Config, Daemon};
use super::virtual_ports::{CountedIds, Departure, Hand, Outside, Spell, WayOut, Weather};

/// The mailbox's name in the ledger.
const MAILBOX: &str = "virtual";

/// Stops on the way to one instant: more than any story needs, and an end for one that turns in a
/// circle.
const STOPS_MAX: u32 = 50_000;

/// The daemon's pause after the way out was found shut.
const SHUT_PAUSE: Duration = Duration::seconds(30);

/// How long a mailbox must be out of reach before operators are told.
const PATIENCE: Duration = Duration::minutes(5);

/// Events that one run may raise of its own accord: trouble begins or ends.
const RUNS_MAX: u32 = 3;

/// A letter that left, with what the ledger knows of it.
#[derive(Debug, Clone)]
pub struct SentLetter {
    /// When its server accepted it.
    pub at: DateTime<Utc>,
    /// To whom.
    pub to: Address,
    /// Which letter, such as `acknowledgement`.
    pub kind: String,
    /// Its ticket, such as `GS-1`.
    pub ticket: Option<String>,
    /// Without angle brackets.
    pub message_id: String,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// What runs while the service is up.
struct Running {
    house: House,
    poll: Poll<Hand>,
    deliver: Deliver<WayOut>,
    unreachable: Trouble,
}

/// An installation, its outside world and its time.
pub struct VirtualDesk {
    /// Configuration and database on disk, and the binary that works on them.
    installation: Daemon,
    config: Config,
    /// The configuration as the program understands it.
    pub settings: Settings,
    hand: Hand,
    ids: Arc<dyn Ids>,
    runtime: Runtime,
    running: Option<Running>,
    /// A look into the ledger beside the service.
    ledger: Store,
    /// When the service next has something to do by itself.
    wakes: Option<DateTime<Utc>>,
    /// Since when the mailbox has been out of reach.
    unreachable_since: Option<DateTime<Utc>>,
}

impl VirtualDesk {
    /// Installs a house and starts its service at an instant.
    ///
    /// # Errors
    /// What is wrong with the configuration or the client list.
    pub fn open(config: Config, at: DateTime<Utc>) -> Result<VirtualDesk, String> {
        let installation = config.clone().write();
        let settings = settings(&installation)?;
        let mut ledger = Store::open(&settings.database).map_err(words)?;
        let clients = config.clients_text();
        import_text(&mut ledger, &settings, &clients, false, at).map_err(words)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .map_err(words)?;
        let mut desk = VirtualDesk {
            installation,
            config,
            settings,
            hand: Hand(Outside::at(at)),
            ids: Arc::new(CountedIds::default()),
            runtime,
            running: None,
            ledger,
            wakes: None,
            unreachable_since: None,
        };
        desk.start()?;
        Ok(desk)
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        self.hand.hold().now
    }

    /// The ledger, to read.
    pub fn reader(&self) -> &Connection {
        self.ledger.reader()
    }

    /// Lets trouble begin, now or later.
    ///
    /// # Errors
    /// Trouble that would have begun in the past.
    pub fn suffer(&mut self, spell: Spell) -> Result<(), String> {
        if spell.from < self.now() {
            return Err("the time is past".to_owned());
        }
        let begins_now = spell.from == self.now();
        self.hand.hold().spells.push(spell);
        if begins_now {
            self.turn_weather()?;
            self.run_now()?;
        }
        Ok(())
    }

    /// Moves time on.
    ///
    /// # Errors
    /// A time in the past, or whatever goes wrong in the service on the way.
    pub fn go_to(&mut self, at: DateTime<Utc>) -> Result<(), String> {
        if at < self.now() {
            return Err("time does not go back".to_owned());
        }
        for _ in 0..STOPS_MAX {
            let turn = self.hand.hold().next_turn();
            let wakes = self.wakes.filter(|_| self.running.is_some());
            let stop = [turn, wakes].into_iter().flatten().fold(at, DateTime::min);
            self.hand.hold().now = stop;
            self.turn_weather()?;
            self.run_now()?;
            if stop == at {
                return Ok(());
            }
        }
        Err(format!("{STOPS_MAX} stops and no end"))
    }

    /// A mail reaches the mailbox, now.
    ///
    /// # Errors
    /// Whatever goes wrong in the service.
    pub fn arrives(&mut self, raw: Vec<u8>) -> Result<(), String> {
        let now = self.now();
        self.hand.hold().inbox.push((now, raw));
        self.run_now()
    }

    /// An operator runs the program with these arguments, now.
    ///
    /// # Errors
    /// Whatever goes wrong in the service afterwards.
    pub fn types(&mut self, arguments: &[&str]) -> Result<Output, String> {
        let local = self.now().with_timezone(&self.settings.zone);
        let instant = local.format("%Y-%m-%d %H:%M:%S").to_string();
        self.installation.stop_clock(&instant);
        let output = self.installation.run(arguments);
        self.run_now()?;
        Ok(output)
    }

    /// A file beside the configuration, for a command to read.
    pub fn write_file(&self, name: &str, text: &str) {
        std::fs::write(self.installation.path(name), text).expect("a temporary folder");
    }

    /// Changes a key of the configuration; the service restarts with it.
    ///
    /// # Errors
    /// What is wrong with the new configuration.
    pub fn sets(&mut self, key: &str, value: toml::Value) -> Result<(), String> {
        self.config = self.config.clone().set(key, value);
        std::fs::write(self.installation.config(), self.config.text()).map_err(words)?;
        self.settings = settings(&self.installation)?;
        if self.running.take().is_some() {
            self.start()?;
        }
        Ok(())
    }

    /// Every letter that was accepted, in the order of their leaving.
    ///
    /// # Errors
    /// A mail that the ledger knows nothing of.
    pub fn letters(&self) -> Result<Vec<SentLetter>, String> {
        let rows = views::outbox(self.reader(), None).map_err(words)?;
        let known = |mail: &Departure| {
            let message_id = message_id(&mail.raw).unwrap_or_default();
            let row = rows.iter().find(|row| row.message_id == message_id);
            let row = row.ok_or_else(|| format!("a mail left that no row knows: {message_id}"))?;
            Ok(SentLetter {
                at: mail.at,
                to: mail.to.clone(),
                kind: row.kind.clone(),
                ticket: row.ticket.map(|id| self.settings.policy.tag(id)),
                message_id,
                raw: mail.raw.clone(),
            })
        };
        self.hand.hold().departures.iter().map(known).collect()
    }

    /// Starts the service as `run` does.
    fn start(&mut self) -> Result<(), String> {
        let now = self.now();
        let mut store = Store::open(&self.settings.database).map_err(words)?;
        let templates = templates(&self.settings)?;
        let ids = Arc::clone(&self.ids);
        let engine = Engine::new(&self.settings, templates, &mut store, ids, now).map_err(words)?;
        store
            .transaction(|tx| views::daemon_started(tx, now))
            .map_err(words)?;
        let raised = is_raised(&store, AlarmCause::MailboxUnreachable).map_err(words)?;
        let clock: Arc<dyn Clock> = Arc::new(self.hand.clone());
        // No such file: how full the disk of the machine is must not show.
        let nowhere = self.installation.path("nowhere");
        let house = House::new(store, Arc::new(engine), clock, nowhere).map_err(words)?;
        let poll = house.poll(self.hand.clone(), MAILBOX.to_owned(), Since::All);
        let wait = Duration::from_std(self.settings.outbound.uncertain_wait).map_err(words)?;
        let deliver = house.deliver(WayOut::into(self.hand.clone()), wait);
        self.runtime.block_on(deliver.recover()).map_err(words)?;
        self.running = Some(Running {
            house,
            poll,
            deliver,
            unreachable: Trouble::new(AlarmCause::MailboxUnreachable, raised),
        });
        self.run_now()
    }

    /// The service stops and starts with the weather.
    fn turn_weather(&mut self) -> Result<(), String> {
        let down = self.hand.hold().suffers(&Weather::ServiceDown);
        match (down, self.running.is_some()) {
            (true, true) => {
                self.running = None;
                self.unreachable_since = None;
                Ok(())
            }
            (false, false) => self.start(),
            _ => Ok(()),
        }
    }

    /// Does everything that is due now, and looks when to do it next.
    fn run_now(&mut self) -> Result<(), String> {
        let Some(mut running) = self.running.take() else {
            return Ok(());
        };
        let done = self.run(&mut running);
        self.running = Some(running);
        self.wakes = done?;
        self.check_invariants()
    }

    fn run(&mut self, running: &mut Running) -> Result<Option<DateTime<Utc>>, String> {
        let now = self.now();
        self.hand.hold().was_shut = false;
        for _ in 0..RUNS_MAX {
            let work = running.house.once(&mut running.poll, &mut running.deliver);
            let event = match self.runtime.block_on(work) {
                Ok(()) => {
                    self.unreachable_since = None;
                    running.unreachable.gone()
                }
                Err(PollError::Mailbox(error)) => {
                    self.unreachable_since.get_or_insert(now);
                    running.unreachable.seen(&error.to_string(), false, now)
                }
                Err(PollError::Store(error)) => return Err(words(error)),
            };
            let Some(event) = event else { break };
            let engine = Arc::clone(&running.house.engine);
            let told = running
                .house
                .ledger
                .call(move |store| store.transaction(|tx| engine.handle(tx, &event, now)));
            self.runtime.block_on(told).map_err(words)?;
        }
        self.next_wake(running)
    }

    /// The next instant at which something is due, after now.
    fn next_wake(&self, running: &mut Running) -> Result<Option<DateTime<Utc>>, String> {
        let now = self.now();
        let outgoing = if self.hand.hold().was_shut {
            Some(now + SHUT_PAUSE)
        } else {
            match self
                .runtime
                .block_on(running.deliver.step())
                .map_err(words)?
            {
                Step::Idle(due) => due,
                Step::Went | Step::Blocked => return Err("a mail waited although due".to_owned()),
            }
        };
        let patience = self.unreachable_since.map(|since| since + PATIENCE);
        let keep = Duration::days(i64::from(self.settings.policy.held_keep_days));
        let expiry = self.instant(
            "SELECT min(held_at) FROM held WHERE state = 'waiting' AND held_at <= ?1",
            now,
        );
        // What waits for a fresh look into a mailbox out of reach stays due; all else must not.
        let late = self.instant("SELECT min(at) FROM due WHERE at <= ?1", now);
        if let (Some(late), None) = (late, self.unreachable_since) {
            let late = late.with_timezone(&self.settings.zone);
            return Err(format!("what is due since {late} stays due"));
        }
        let due = self.instant("SELECT min(at) FROM due WHERE at > ?1", now);
        let expiry = expiry.map(|held_at| held_at + keep + Duration::seconds(1));
        let digest = digest::next_at(&self.settings.policy, now);
        let all = [outgoing, patience, expiry, due, digest];
        let all = all.into_iter().flatten();
        Ok(all.filter(|at| *at > now).min())
    }

    /// The instant that a query about this moment answers with.
    fn instant(&self, sql: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let row = |row: &rusqlite::Row| row.get::<_, Option<i64>>(0);
        let at = self.reader().query_row(sql, [now.timestamp_millis()], row);
        at.expect("one row")
            .and_then(DateTime::from_timestamp_millis)
    }

    /// What holds at every moment, whatever happens.
    fn check_invariants(&self) -> Result<(), String> {
        let figures = views::figures(self.reader(), self.now()).map_err(words)?;
        if figures.idle_tickets > 0 {
            let count = figures.idle_tickets;
            return Err(format!("{count} open tickets have no next action"));
        }
        if self.running.is_some() && figures.inbound_waiting > 0 {
            return Err(format!(
                "{} mails were not processed",
                figures.inbound_waiting
            ));
        }
        Ok(())
    }
}

fn settings(installation: &Daemon) -> Result<Settings, String> {
    load(&installation.config())
        .map(|loaded| loaded.settings)
        .map_err(|problems| {
            let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
            told.join("; ")
        })
}

/// Our own templates in the house's own zone: compiled once for all desks.
static BUILT_IN: LazyLock<Templates> =
    LazyLock::new(|| Templates::load(None, Mexico_City).expect("built-in templates"));

fn templates(settings: &Settings) -> Result<Templates, String> {
    match &settings.templates {
        None if settings.zone == Mexico_City => Ok(BUILT_IN.clone()),
        folder => Templates::load(folder.as_deref(), settings.zone)
            .map_err(|problems| format!("{problems:?}")),
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The Message-ID of a mail of ours, without angle brackets.
fn message_id(raw: &[u8]) -> Option<String> {
    let mail = mail_parser::MessageParser::new().parse(raw)?;
    mail.message_id().map(str::to_owned)
}
