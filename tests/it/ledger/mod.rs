//! The ledger and the three loops on it: real SQLite in a temporary folder, the real engine, and
//! only the mailbox, the way out, the clock and chance replaced.

mod alarms;
mod bounces;
mod directory;
mod inbox;
mod lock;
mod loops_deliver;
mod loops_once;
mod loops_poll;
mod migrations;
mod outbox;
mod plans;
mod process;
mod recheck;
mod threads;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};
use soported::config::{ProcessEnvironment, parse};
use soported::daemon::engine::Engine;
use soported::daemon::process as processing;
use soported::domain::address::{Address, Person};
use soported::domain::authorizer::Authorizer;
use soported::domain::ids::{ClientId, InboundId};
use soported::ports::{Clock, Fetched, Ids};
use soported::render::Templates;
use soported::store::directory::{self as directory_table, ClientSettings};
use soported::store::inbox::{self as inbox_table, Packed};
use soported::store::{Connection, Store};
use tempfile::TempDir;

/// The configuration of these tests: folders in and out, one consultant, one operator.
const CONFIG: &str = r#"
[service]
name = "Soporte Grupo Staff"
address = "soporte@grupostaff.com"
database = "soported.db"
operators = ["ops@grupostaff.com"]

[inbound]
kind = "maildir"
path = "inbox"
since = "all"

[authentication]
provider = "authserv"
authserv_id = "mx.grupostaff.com"

[outbound]
kind = "maildir"
path = "outgoing"

[[consultants]]
name = "Ana Ruiz"
email = "ana@grupostaff.com"
"#;

pub const MARIA: &str = "maria@acme.example";

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// An instant in Mexico City, in November 2026: `24 10:00`.
pub fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-{}:00-06:00", text.replace(' ', "T"))
        .parse()
        .unwrap()
}

/// A clock that stands where it is put.
#[derive(Debug)]
pub struct StillClock(Mutex<DateTime<Utc>>);

impl StillClock {
    pub fn at(now: DateTime<Utc>) -> Arc<StillClock> {
        Arc::new(StillClock(Mutex::new(now)))
    }

    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for StillClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Different bytes at each asking, and a panic where the script says so.
#[derive(Debug, Default)]
pub struct ScriptedIds {
    asked: Mutex<u64>,
    panics: Mutex<VecDeque<bool>>,
}

impl ScriptedIds {
    /// Whether each of the next askings panics.
    pub fn script(&self, panics: &[bool]) {
        self.panics.lock().unwrap().extend(panics);
    }
}

impl Ids for ScriptedIds {
    fn fill(&self, buffer: &mut [u8]) {
        let panics = self.panics.lock().unwrap().pop_front();
        if panics == Some(true) {
            panic!("as the script says");
        }
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let bytes = asked.to_be_bytes();
        for (place, byte) in buffer.iter_mut().rev().enumerate() {
            *byte = bytes.iter().rev().nth(place).copied().unwrap_or(7);
        }
    }
}

/// A ledger with an engine, and ACME in its directory.
pub struct Shop {
    pub folder: TempDir,
    pub store: Store,
    pub engine: Arc<Engine>,
    pub ids: Arc<ScriptedIds>,
    next_locator: u32,
}

impl Shop {
    pub fn open() -> Shop {
        Shop::with_config(CONFIG)
    }

    /// With lines added to the configuration.
    pub fn with(more: &str) -> Shop {
        Shop::with_config(&format!("{CONFIG}\n{more}"))
    }

    fn with_config(text: &str) -> Shop {
        let folder = TempDir::new().unwrap();
        let settings = parse(text, folder.path(), &ProcessEnvironment)
            .unwrap_or_else(|problems| panic!("{problems:?}"))
            .settings;
        let mut store = Store::open(&settings.database).unwrap();
        let templates = Templates::load(None, settings.zone).unwrap();
        let ids = Arc::new(ScriptedIds::default());
        let engine = Engine::new(
            &settings,
            templates,
            &mut store,
            ids.clone(),
            at("20 09:00"),
        )
        .unwrap();
        store
            .transaction(|tx| {
                let acme = directory_table::add_client(tx, "ACME", &ClientSettings::default())?;
                directory_table::set_domain(tx, acme, "acme.example")?;
                directory_table::add_entry(tx, acme, &entry(MARIA, "María Pérez"))
            })
            .unwrap();
        Shop {
            folder,
            store,
            engine: Arc::new(engine),
            ids,
            next_locator: 1,
        }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("soported.db")
    }

    /// Commit 1 for one mail, all baselines past.
    pub fn ingest(&mut self, raw: &[u8], received_at: DateTime<Utc>) -> Option<InboundId> {
        let locator = self.next_locator.to_string();
        self.next_locator += 1;
        let packed = packed(&locator, raw, received_at);
        let added = self.store.transaction(|tx| {
            let row = inbox_table::mailbox(tx, "prueba", DateTime::UNIX_EPOCH)?;
            inbox_table::store(tx, row.id, row.epoch, &[packed], None, None, received_at)
        });
        added.unwrap().first().copied()
    }

    /// Processes until nothing waits.
    pub fn process(&mut self, now: DateTime<Utc>) {
        for _ in 0..100 {
            if processing::batch(&mut self.store, &self.engine, now).unwrap() == 0 {
                return;
            }
        }
        panic!("mails wait for ever");
    }

    /// One number of the ledger.
    pub fn count(&self, sql: &str) -> i64 {
        count(self.store.reader(), sql)
    }

    /// One text of the ledger.
    pub fn text(&self, sql: &str) -> String {
        let reader = self.store.reader();
        reader.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Every text of a column.
    pub fn column(&self, sql: &str) -> Vec<String> {
        let mut statement = self.store.reader().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

pub fn count(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// An authorizer without dates who may do everything.
pub fn entry(mail: &str, name: &str) -> Authorizer {
    Authorizer {
        person: Person::new(address(mail), name),
        can_open: true,
        can_approve: true,
        can_validate: true,
        from: None,
        until: None,
    }
}

/// The client that every shop has.
pub const ACME: ClientId = ClientId(1);

pub fn packed(locator: &str, raw: &[u8], received_at: DateTime<Utc>) -> Packed {
    Packed::from_fetched(&Fetched {
        locator: locator.to_owned(),
        received_at,
        delivered_at: None,
        raw: raw.to_vec(),
        omitted_bytes: None,
    })
    .unwrap()
}

/// A mail of María's that opens a ticket.
pub fn question(subject: &str) -> Vec<u8> {
    crate::world::mails::Mail::from(MARIA)
        .subject(subject)
        .build()
}
