//! What a ledger of years costs: a million tickets, one in twenty of them open. Figures are printed
//! beside a reference measured in the same run, nothing is asserted.
//!
//! `cargo bench --bench scale`, or with fewer tickets `SCALE_TICKETS=100000 cargo bench --bench scale`;
//! the aims are those for a million. It takes 5 GB of the disk and some minutes.
//!
//! The loops' own functions run on the database in this process; start, memory and commands are those
//! of the release binary, whose clock stands on the day of the ledger.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rusqlite::{OpenFlags, named_params};
use soported::config;
use soported::config::settings::Settings;
use soported::daemon::engine::Engine;
use soported::daemon::{House, process, recheck};
use soported::ports::{Clock, Fetched, Ids};
use soported::render::Templates;
use soported::store::inbox::{self, Packed};
use soported::store::{Connection, Store, millis, tickets};

use archive::{OPEN_EVERY, tuesday};
use world::daemon::{Config, Daemon, Running};
use world::mails::Mail;
use world::wait_until;

mod archive;
// A world offers more than one bench uses.
#[allow(dead_code)]
#[path = "../it/world/mod.rs"]
mod world;

/// Tickets, unless the environment says otherwise.
const TICKETS: i64 = 1_000_000;

/// Ticks measured; the median is told, and the worst.
const TICKS: usize = 500;

/// Starts and commands measured, after one that is not.
const TURNS: usize = 5;

/// Mails that open tickets.
const MAILS: usize = 500;

/// Rows that the reference changes in one commit; as many as the program.
const COMMIT: usize = 100;

/// Longest wait for the program.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often it is looked whether a daemon that says nothing still lives.
const LOOK: Duration = Duration::from_millis(100);

/// How long after the start the daemon's memory is looked at.
const QUIET: Duration = Duration::from_secs(5);

fn main() {
    let count = std::env::var("SCALE_TICKETS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(TICKETS);
    let mut house = install();
    let settings = settings(&house);
    let begun = Instant::now();
    archive::fill(&house.database(), &settings.policy, count);
    let bytes = fs::metadata(house.database()).expect("a database").len();
    println!(
        "{count} tickets, {} open, {:.1} GB, written in {:.0} s\n",
        count / OPEN_EVERY,
        bytes as f64 / 1e9,
        begun.elapsed().as_secs_f64()
    );

    let manager = Manager::of(&mut house);
    line("", "", "aim", "reference");
    idle(&house, &manager);
    commands(&house);
    checks(&house, &settings);
    ticks(&house, &settings);
    due(&house, &settings);
    mails(&house, &settings);
    afternoon(&mut house, &manager);
}

/// A line of two columns: what is measured, and what it is held against.
fn line(name: &str, figure: &str, aim: &str, reference: &str) {
    println!("{name:<40} {figure:>22} {aim:>10}   {reference}");
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn median(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() - 1])
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = work();
    (begun.elapsed(), done)
}

/// Median of several turns, after one that is not counted.
fn turns(mut work: impl FnMut()) -> Duration {
    work();
    median((0..TURNS).map(|_| timed(&mut work).0).collect()).0
}

// --- The house -------------------------------------------------------------------------------------

fn install() -> Daemon {
    let mut house = Config::new().unbraked().install();
    house.set_clock(Some("2026-11-24 08:00:00"));
    let mut store = Store::open(&house.database()).expect("a ledger");
    archive::directory(&mut store);
    house
}

fn settings(house: &Daemon) -> Settings {
    config::load(&house.config())
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .settings
}

/// A clock that stands.
struct StillClock(DateTime<Utc>);

impl Clock for StillClock {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

/// Different bytes at each asking.
#[derive(Default)]
struct Counting(AtomicU64);

impl Ids for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (byte, from) in buffer.iter_mut().zip(number.iter().cycle()) {
            *byte = *from;
        }
    }
}

fn open(database: &Path, settings: &Settings) -> (Store, Arc<Engine>) {
    let mut store = Store::open(database).expect("a ledger");
    let templates = Templates::load(None, settings.zone).expect("templates");
    let ids = Arc::new(Counting::default());
    let engine = Engine::new(settings, templates, &mut store, ids, tuesday(8));
    (store, Arc::new(engine.expect("an engine")))
}

/// The connection of a program that does nothing but one thing, set up like ours.
fn bare(database: &Path) -> Connection {
    let connection = Connection::open(database).expect("a ledger");
    connection
        .execute_batch("PRAGMA synchronous = full; PRAGMA cache_size = -4096")
        .expect("settings");
    connection
}

// --- The daemon ------------------------------------------------------------------------------------

/// The service manager: hears what the daemon says of itself. On a thread of its own, for whoever
/// speaks waits until it is heard.
struct Manager {
    words: Receiver<(Instant, String)>,
}

impl Manager {
    /// From now on the daemon speaks to it.
    fn of(house: &mut Daemon) -> Manager {
        let path = house.path("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        let (heard, words) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length) = socket.recv(&mut buffer) {
                let word = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if heard.send((Instant::now(), word)).is_err() {
                    return;
                }
            }
        });
        let path = path.to_str().expect("UTF-8").to_owned();
        house.set_environment(&[("NOTIFY_SOCKET".to_owned(), path)]);
        Manager { words }
    }

    /// Waits for a word of a daemon; answers when it was said.
    fn hears(&self, wanted: &str, daemon: &mut Running) -> Instant {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            match self.words.recv_timeout(LOOK) {
                Ok((at, word)) if word.contains(wanted) => return at,
                Ok(_) => {}
                Err(_) => assert!(daemon.ended().is_none(), "the daemon ended by itself"),
            }
        }
        panic!("the daemon does not say {wanted}");
    }
}

/// Starts the daemon; answers the times until it was ready and until it had read its mailbox.
fn start(house: &Daemon, manager: &Manager) -> (Running, Duration, Duration) {
    // What an earlier one said.
    while manager.words.try_recv().is_ok() {}
    let begun = Instant::now();
    let mut daemon = house.spawn_run();
    let ready = manager.hears("READY=1", &mut daemon) - begun;
    let polled = manager.hears("STATUS=reading the mailbox", &mut daemon) - begun;
    (daemon, ready, polled)
}

/// A figure of `/proc/<pid>/status`, in MiB.
fn memory(daemon: &Running, name: &str) -> f64 {
    let kib: f64 = fs::read_to_string(format!("/proc/{}/status", daemon.id()))
        .expect("the daemon lives")
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(field, _)| *field == name)
        .and_then(|(_, value)| value.split_whitespace().next()?.parse().ok())
        .expect("a figure");
    kib / 1024.0
}

fn quiet() {
    let begun = Instant::now();
    wait_until("some quiet has passed", QUIET * 2, || {
        (begun.elapsed() > QUIET).then_some(())
    });
}

/// A connection that only looks, from beside the daemon.
fn beside(house: &Daemon) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(house.database(), flags).expect("a ledger")
}

/// Nothing is due: how soon the daemon is ready, what it needs, and how long its first check of all
/// open tickets takes beside its other work.
fn idle(house: &Daemon, manager: &Manager) {
    let (daemon, first, _) = start(house, manager);
    let begun = Instant::now();
    let ledger = beside(house);
    wait_until("all open tickets are checked", PATIENCE, || {
        let sql = "SELECT position = 9223372036854775807 FROM recheck";
        let over = ledger.query_row(sql, [], |row| row.get::<_, bool>(0));
        over.unwrap_or(false).then_some(())
    });
    let checked = begun.elapsed();
    quiet();
    let (resident, peak) = (memory(&daemon, "VmRSS"), memory(&daemon, "VmHWM"));
    daemon.terminate();

    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..TURNS {
        let (daemon, ready, polled) = start(house, manager);
        daemon.terminate();
        times[0].push(ready);
        times[1].push(polled);
    }
    let [ready, polled] = times.map(|times| median(times).0);
    let version = turns(|| drop(house.run(&["--version"])));
    let reference = format!("{} for the program to tell its version", ms(version));
    line(
        "start until ready, the very first",
        &ms(first),
        "500 ms",
        &reference,
    );
    line("start until ready", &ms(ready), "500 ms", "");
    line("start until the mailbox is read", &ms(polled), "500 ms", "");
    line(
        "check of all open tickets, beside",
        &format!("{:.2} s", checked.as_secs_f64()),
        "",
        "",
    );
    line(
        "memory at idle",
        &format!("{resident:.1} MiB"),
        "64 MiB",
        &format!("{peak:.1} MiB at most since the start"),
    );
}

/// The daemon was down while a thousand answers fell due.
fn afternoon(house: &mut Daemon, manager: &Manager) {
    house.set_clock(Some("2026-11-24 15:00:00"));
    let ledger = beside(house);
    let waiting = "SELECT count(*) FROM due WHERE at <= :now";
    let now = millis(tuesday(15));
    let due: i64 = ledger
        .query_row(waiting, [now], |row| row.get(0))
        .expect("due rows");
    let (daemon, ready, _) = start(house, manager);
    let begun = Instant::now();
    let earliest = "SELECT coalesce(min(at) > :now, 1) FROM due";
    wait_until("nothing is due", PATIENCE, || {
        let over = ledger.query_row(earliest, [now], |row| row.get::<_, bool>(0));
        over.unwrap_or(false).then_some(())
    });
    let taken = begun.elapsed();
    quiet();
    line(
        &format!("start until ready, {due} due"),
        &ms(ready),
        "500 ms",
        "",
    );
    line(
        &format!("the daemon's tick with {due} due"),
        &ms(taken),
        "1000 ms",
        "",
    );
    line(
        "memory after that",
        &format!("{:.1} MiB", memory(&daemon, "VmRSS")),
        "64 MiB",
        &format!(
            "{:.1} MiB at most since the start",
            memory(&daemon, "VmHWM")
        ),
    );
    daemon.terminate();
}

// --- Commands --------------------------------------------------------------------------------------

fn commands(house: &Daemon) {
    let ledger = beside(house);
    let command = |words: &[&str]| {
        turns(|| {
            let output = house.run(words);
            assert!(output.status.success(), "{words:?}: {output:?}");
        })
    };
    let bare_query = |sql: &str| {
        turns(|| {
            let mut statement = ledger.prepare(sql).expect("a statement");
            let mut rows = statement.query([]).expect("rows");
            while rows.next().expect("a row").is_some() {}
        })
    };
    let version = turns(|| drop(house.run(&["--version"])));
    let counts = bare_query("SELECT count(*) FROM ticket WHERE status <> 'closed'");
    line(
        "status",
        &ms(command(&["status"])),
        "",
        &format!(
            "{} to start, {} to count open tickets",
            ms(version),
            ms(counts)
        ),
    );
    let rows = bare_query(
        "SELECT ticket.*, fact.* FROM ticket JOIN ticket_fact AS fact ON ticket_id = ticket.id
         WHERE status <> 'closed'",
    );
    line(
        "tickets list --open",
        &ms(command(&["tickets", "list", "--open"])),
        "",
        &format!("{} to read their rows and facts", ms(rows)),
    );
    line("explain GS-20", &ms(command(&["explain", "GS-20"])), "", "");
}

// --- The loops' work, in this process --------------------------------------------------------------

/// The check of stored deadlines, as on a new day.
fn checks(house: &Daemon, settings: &Settings) {
    let (mut store, engine) = open(&house.database(), settings);
    let tomorrow = tuesday(8) + chrono::Duration::days(1);
    let mut rounds = Vec::new();
    let mut more = true;
    while more {
        let (time, went_on) = timed(|| recheck::round(&mut store, &engine, tomorrow));
        more = went_on.expect("a round");
        rounds.push(time);
    }
    let sum: Duration = rounds.iter().sum();
    let count = rounds.len();
    let (middle, worst) = median(rounds);
    line(
        &format!("check of all open tickets, {count} rounds"),
        &format!("{:.2} s", sum.as_secs_f64()),
        "",
        &format!("a round {}, at worst {}", ms(middle), ms(worst)),
    );
}

/// A house on the ledger whose clock stands, and what its loops run on.
fn house_at(
    house: &Daemon,
    settings: &Settings,
    now: DateTime<Utc>,
) -> (House, tokio::runtime::Runtime) {
    let (store, engine) = open(&house.database(), settings);
    let clock = Arc::new(StillClock(now));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let house = House::new(store, engine, clock, house.database()).expect("a house");
    (house, runtime)
}

/// One round of the process loop in which nothing is due.
fn ticks(house: &Daemon, settings: &Settings) {
    let (shop, runtime) = house_at(house, settings, tuesday(8));
    let times: Vec<Duration> = runtime.block_on(async {
        let mut times = Vec::new();
        for _ in 0..TICKS {
            let begun = Instant::now();
            let decided = shop.decide_all().await.expect("a round");
            let next = shop
                .ledger
                .call(|store| tickets::next_due(store.reader()))
                .await
                .expect("a due row");
            times.push(begun.elapsed());
            assert!(decided == 0 && next.is_some_and(|at| at > tuesday(8)));
        }
        times
    });
    let ledger = bare(&house.database());
    let reference = || {
        let mut statement = ledger.prepare("SELECT min(at) FROM due").expect("SQL");
        let at = statement.query_row([], |row| row.get::<_, i64>(0));
        at.expect("a due row")
    };
    let references = (0..TICKS).map(|_| timed(reference).0).collect();
    let (middle, worst) = median(times);
    let asked = ms(median(references).0);
    line(
        "tick with nothing due",
        &ms(middle),
        "1 ms",
        &format!("{asked} to ask when something is; {} at worst", ms(worst)),
    );
}

/// A thousand due rows: limits that have run out, and others of the morning.
fn due(house: &Daemon, settings: &Settings) {
    let due = due_tickets(&bare(&house.database()), tuesday(12));
    let (shop, runtime) = house_at(house, settings, tuesday(12));
    let (time, decided) = timed(|| runtime.block_on(shop.decide_all()));
    drop(shop);
    let decided = decided.expect("a round");
    let reference = timed(|| bare_updates(&bare(&house.database()), &due)).0;
    line(
        &format!("tick with {} due", due.len()),
        &ms(time),
        "1000 ms",
        &format!(
            "{} to write as many rows; {decided} decisions",
            ms(reference)
        ),
    );
}

fn due_tickets(ledger: &Connection, now: DateTime<Utc>) -> Vec<i64> {
    let sql = "SELECT DISTINCT ticket_id FROM due WHERE at <= :now";
    let mut statement = ledger.prepare(sql).expect("SQL");
    let rows = statement.query_map([millis(now)], |row| row.get(0));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// What a fired due row writes, without anything that decides about it.
fn bare_updates(ledger: &Connection, tickets: &[i64]) {
    let kept = |sql: &str, ticket: i64| {
        ledger
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(named_params! { ":ticket": ticket }))
            .expect("a row")
    };
    for commit in tickets.chunks(COMMIT) {
        ledger
            .execute_batch("BEGIN IMMEDIATE")
            .expect("a transaction");
        for ticket in commit {
            for sql in [
                "INSERT INTO journal (at, event, ticket_id, why)
                 VALUES (0, 'due', :ticket, 'GS-1: still open, reviewed')",
                "UPDATE ticket SET next_action_at = next_action_at + 1 WHERE id = :ticket",
                "UPDATE due SET at = at + 1 WHERE ticket_id = :ticket",
                "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
                 VALUES (:ticket, 0, last_insert_rowid(), '{\"fact\":\"response_breached\"}')",
            ] {
                kept(sql, *ticket);
            }
        }
        ledger.execute_batch("COMMIT").expect("a commit");
    }
}

/// Mails that open tickets, in this ledger and in an empty one.
fn mails(house: &Daemon, settings: &Settings) {
    let empty = install();
    let small = self::settings(&empty);
    let reference = into_tickets(&empty.database(), &small);
    let figure = into_tickets(&house.database(), settings);
    line(
        "a mail that opens a ticket",
        &ms(figure),
        "",
        &format!("{} in an empty ledger", ms(reference)),
    );
}

/// The mean time of a mail's way from its bytes in the ledger to its ticket.
fn into_tickets(database: &Path, settings: &Settings) -> Duration {
    let (mut store, engine) = open(database, settings);
    let now = tuesday(12);
    let packed: Vec<Packed> = (0..MAILS)
        .map(|n| {
            let raw = Mail::from(&archive::requester(n as i64))
                .subject(&format!("Nueva falla número {n}"))
                .build();
            Packed::from_fetched(&Fetched {
                locator: n.to_string(),
                received_at: now,
                delivered_at: None,
                raw,
                omitted_bytes: None,
            })
            .expect("a mail")
        })
        .collect();
    let stored = store.transaction(|tx| {
        let mailbox = inbox::mailbox(tx, "medida", DateTime::UNIX_EPOCH)?;
        inbox::store(tx, mailbox.id, 1, &packed, None, None, now)
    });
    assert_eq!(stored.expect("mails").len(), MAILS);
    let highest = |store: &Store| -> i64 {
        let sql = "SELECT max(id) FROM ticket";
        let highest = store
            .reader()
            .query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        highest.expect("a number").unwrap_or(0)
    };
    let before = highest(&store);
    let (time, ()) = timed(
        || {
            while process::batch(&mut store, &engine, now).expect("a round") > 0 {}
        },
    );
    assert_eq!(
        highest(&store) - before,
        MAILS as i64,
        "each opened a ticket"
    );
    time / MAILS as u32
}
