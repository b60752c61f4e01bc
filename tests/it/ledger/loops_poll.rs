//! The first loop on a scripted mailbox: nothing lost, nothing double (mail.md §1).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use soported::config::settings::Since;
use soported::daemon::House;
use soported::daemon::poll::{Backoff, Poll, PollError};
use soported::ports::{Fetched, Mailbox, MailboxError, Opened, Woken};

use super::{Shop, StillClock, at, question};

/// A server's side of the mailbox, as a test sets it up and looks at it.
#[derive(Debug, Default)]
pub struct Server {
    pub epoch: u32,
    pub mails: BTreeMap<u32, (DateTime<Utc>, Vec<u8>)>,
    /// Mails that one fetch deals with.
    pub batch: usize,
    /// Fetches that go well before one fails, where one is to fail.
    pub fails_after: Option<usize>,
    /// Deals with nothing, as no server should.
    pub deaf: bool,
    /// A mail that the server refuses to hand over, as Exchange does with a damaged one.
    pub refuses: Option<u32>,
    /// How many mails each fetch asked for.
    pub asked: Vec<usize>,
    /// UIDs that were fetched, in order.
    pub fetched: Vec<u32>,
    /// UIDs that may leave the inbox.
    pub settled: Vec<u32>,
    /// Days that were asked for.
    pub since_asked: Vec<NaiveDate>,
}

impl Server {
    pub fn new(epoch: u32) -> Arc<Mutex<Server>> {
        Arc::new(Mutex::new(Server {
            epoch,
            batch: 10,
            ..Server::default()
        }))
    }

    pub fn add(&mut self, uid: u32, received: DateTime<Utc>, raw: Vec<u8>) {
        self.mails.insert(uid, (received, raw));
    }
}

/// The mailbox that reads from it.
#[derive(Debug)]
pub struct ScriptedMailbox(pub Arc<Mutex<Server>>);

fn names(uids: impl Iterator<Item = u32>) -> Vec<String> {
    uids.map(|uid| uid.to_string()).collect()
}

impl Mailbox for ScriptedMailbox {
    async fn open(&mut self) -> Result<Opened, MailboxError> {
        let epoch = self.0.lock().unwrap().epoch;
        Ok(Opened { epoch })
    }

    async fn after(&mut self, cursor: u32) -> Result<Vec<String>, MailboxError> {
        let server = self.0.lock().unwrap();
        Ok(names(
            server.mails.keys().copied().filter(|uid| *uid > cursor),
        ))
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<String>, MailboxError> {
        let mut server = self.0.lock().unwrap();
        server.since_asked.push(day);
        let mails = server.mails.iter();
        let recent = mails.filter(|(_, (at, _))| at.date_naive() >= day);
        Ok(names(recent.map(|(uid, _)| *uid)))
    }

    async fn fetch(
        &mut self,
        locators: &[String],
        _batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let mut server = self.0.lock().unwrap();
        if server.deaf {
            return Ok(0);
        }
        match &mut server.fails_after {
            Some(0) => return Err(MailboxError::Unreachable("as the script says".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        server.asked.push(locators.len());
        if let Some(uid) = server.refuses.filter(|u| locators.contains(&u.to_string())) {
            return Err(MailboxError::Refused(format!("{uid} is damaged")));
        }
        let dealt = locators.len().min(server.batch);
        for locator in &locators[..dealt] {
            let uid: u32 = locator.parse().unwrap();
            server.fetched.push(uid);
            // What is gone is dealt with, and handed over not at all.
            if let Some((received_at, raw)) = server.mails.get(&uid).cloned() {
                sink(Fetched {
                    locator: locator.clone(),
                    received_at,
                    delivered_at: None,
                    raw,
                    omitted_bytes: None,
                });
            }
        }
        Ok(dealt)
    }

    async fn settle(&mut self, locators: &[String]) -> Result<(), MailboxError> {
        let uids = locators.iter().map(|l| l.parse::<u32>().unwrap());
        self.0.lock().unwrap().settled.extend(uids);
        Ok(())
    }

    async fn wait(&mut self, _limit: time::Duration) -> Result<Woken, MailboxError> {
        Ok(Woken::TimeUp)
    }
}

/// A house whose mailbox is scripted.
struct Polling {
    server: Arc<Mutex<Server>>,
    poll: Poll<ScriptedMailbox>,
    house: House,
    clock: Arc<StillClock>,
    reader: soported::store::Store,
    _folder: tempfile::TempDir,
}

const NAME: &str = "imap:soporte";

impl Polling {
    fn start(since: Since) -> Polling {
        let shop = Shop::open();
        let clock = StillClock::at(at("24 10:00"));
        let server = Server::new(7);
        let database = shop.database();
        let reader = soported::store::Store::open(&database).unwrap();
        let house = House::new(shop.store, shop.engine, clock.clone(), database).unwrap();
        let poll = house.poll(ScriptedMailbox(server.clone()), NAME.to_owned(), since);
        Polling {
            server,
            poll,
            house,
            clock,
            reader,
            _folder: shop.folder,
        }
    }

    /// As after a restart: the ledger remembers, the loop does not.
    fn restart(&mut self) {
        let mailbox = ScriptedMailbox(self.server.clone());
        self.poll = self.house.poll(mailbox, NAME.to_owned(), Since::All);
    }

    fn add(&self, uid: u32, received: &str, subject: &str) {
        self.server
            .lock()
            .unwrap()
            .add(uid, at(received), question(subject));
    }

    async fn cycle(&mut self) -> Result<usize, PollError> {
        self.poll.cycle(&|| {}).await
    }

    fn count(&self, sql: &str) -> i64 {
        super::count(self.reader.reader(), sql)
    }

    fn cursor(&self) -> i64 {
        self.count("SELECT cursor FROM mailbox")
    }

    fn fetched(&self) -> Vec<u32> {
        std::mem::take(&mut self.server.lock().unwrap().fetched)
    }
}

#[tokio::test]
async fn new_mail_is_stored_once_and_the_cursor_follows() {
    let mut world = Polling::start(Since::All);
    world.add(3, "24 09:00", "uno");
    world.add(5, "24 09:01", "dos");
    assert_eq!(world.cycle().await.unwrap(), 2);
    assert_eq!(world.cursor(), 5);
    assert_eq!(world.fetched(), [3, 5]);
    assert_eq!(world.cycle().await.unwrap(), 0);
    assert_eq!(
        world.fetched(),
        [0_u32; 0],
        "known mail is not fetched again"
    );
    world.add(6, "24 09:02", "tres");
    assert_eq!(world.cycle().await.unwrap(), 1);
    assert_eq!(world.cursor(), 6);
    assert_eq!(world.count("SELECT count(*) FROM inbound"), 3);
    let mut settled = world.server.lock().unwrap().settled.clone();
    settled.sort_unstable();
    settled.dedup();
    assert_eq!(settled, [3, 5, 6]);
}

#[tokio::test]
async fn a_new_uidvalidity_rescans_and_nothing_acts_again() {
    let mut world = Polling::start(Since::All);
    for (uid, subject) in [(3, "uno"), (5, "dos")] {
        world.add(uid, "24 09:00", subject);
    }
    world.cycle().await.unwrap();
    world.house.decide_all().await.unwrap();
    let queued = world.count("SELECT count(*) FROM outbox");
    {
        let mut server = world.server.lock().unwrap();
        server.epoch = 8;
        let old = std::mem::take(&mut server.mails);
        for (uid, (_, mail)) in (1..).zip(old) {
            server.mails.insert(uid, mail);
        }
    }
    world.add(9, "24 09:30", "tres");
    assert_eq!(world.cycle().await.unwrap(), 1);
    world.house.decide_all().await.unwrap();
    assert_eq!(world.count("SELECT epoch FROM mailbox"), 8);
    assert_eq!(world.cursor(), 9);
    assert_eq!(world.count("SELECT count(*) FROM ticket"), 3);
    assert_eq!(
        world.count("SELECT count(*) FROM inbound WHERE outcome = 'duplicate'"),
        2
    );
    assert_eq!(world.count("SELECT count(*) FROM outbox"), queued + 2);
}

#[tokio::test]
async fn mail_of_long_before_the_first_start_is_not_even_fetched() {
    let mut world = Polling::start(Since::FirstStart);
    world.add(1, "02 09:00", "viejo");
    world.add(2, "23 09:00", "de ayer");
    world.add(3, "24 09:59", "de hace un minuto");
    world.add(4, "24 10:00", "de este segundo");
    assert_eq!(world.cycle().await.unwrap(), 1);
    assert_eq!(world.fetched(), [2, 3, 4]);
    assert_eq!(
        world.cursor(),
        4,
        "the cursor passes over what is left alone"
    );
    assert_eq!(
        world.count("SELECT count(*) FROM inbound WHERE outcome = 'before_start'"),
        2
    );
    // Later scans leave it alone too, and so does a new beginning of the mailbox.
    world.server.lock().unwrap().epoch = 8;
    world.restart();
    assert_eq!(world.cycle().await.unwrap(), 0);
    assert_eq!(
        world.count("SELECT count(*) FROM inbound WHERE state = 'waiting'"),
        1
    );
}

#[tokio::test]
async fn the_overlap_scan_runs_at_the_start_and_once_a_day_and_fills_gaps() {
    let mut world = Polling::start(Since::All);
    let asked = |world: &Polling| std::mem::take(&mut world.server.lock().unwrap().since_asked);
    let week_ago = |day: &str| vec![day.parse::<NaiveDate>().unwrap()];
    world.add(5, "24 09:00", "uno");
    world.cycle().await.unwrap();
    assert_eq!(asked(&world), week_ago("2026-11-17"));
    // A mail that the server shows late, below the cursor.
    world.add(4, "24 09:01", "tarde");
    assert_eq!(world.cycle().await.unwrap(), 0);
    assert_eq!(asked(&world), []);
    world
        .clock
        .advance(Duration::hours(24) - Duration::seconds(1));
    assert_eq!(world.cycle().await.unwrap(), 0);
    world.clock.advance(Duration::seconds(1));
    assert_eq!(world.cycle().await.unwrap(), 1);
    assert_eq!(asked(&world), week_ago("2026-11-17"));
    assert_eq!(world.cursor(), 5);
    world.cycle().await.unwrap();
    assert_eq!(asked(&world), []);
    world.restart();
    world.cycle().await.unwrap();
    assert_eq!(asked(&world), week_ago("2026-11-18"));
}

#[tokio::test]
async fn a_mail_shown_late_before_a_long_silence_is_found_when_it_ends() {
    let mut world = Polling::start(Since::All);
    world.add(5, "24 09:00", "uno");
    world.cycle().await.unwrap();
    // Below the cursor, and then nobody reads for a month.
    world.add(4, "24 09:01", "tarde");
    world.clock.advance(Duration::days(30));
    world.restart();
    assert_eq!(world.cycle().await.unwrap(), 1);
}

#[tokio::test]
async fn a_fetch_that_fails_keeps_what_was_committed_and_goes_on_from_there() {
    let mut world = Polling::start(Since::All);
    for uid in 1..=6 {
        world.add(uid, "24 09:00", &format!("correo {uid}"));
    }
    {
        let mut server = world.server.lock().unwrap();
        server.batch = 2;
        server.fails_after = Some(2);
    }
    let error = world.cycle().await.unwrap_err();
    assert!(matches!(
        error,
        PollError::Mailbox(MailboxError::Unreachable(_))
    ));
    assert_eq!(
        (world.cursor(), world.count("SELECT count(*) FROM inbound")),
        (4, 4)
    );
    world.server.lock().unwrap().fails_after = None;
    world.fetched();
    assert_eq!(world.cycle().await.unwrap(), 2);
    assert_eq!(world.fetched(), [5, 6]);
    assert_eq!(world.cursor(), 6);
}

#[tokio::test]
async fn the_cursor_never_passes_a_mail_that_is_not_stored() {
    let mut world = Polling::start(Since::All);
    for uid in 1..=3 {
        world.add(uid, "24 09:00", &format!("correo {uid}"));
    }
    world.server.lock().unwrap().deaf = true;
    assert!(world.cycle().await.is_err());
    assert_eq!(world.cursor(), 0);
    world.server.lock().unwrap().deaf = false;
    assert_eq!(world.cycle().await.unwrap(), 3);
}

#[tokio::test]
async fn each_commit_that_stores_mail_is_told() {
    let mut world = Polling::start(Since::All);
    for uid in 1..=5 {
        world.add(uid, "24 09:00", &format!("correo {uid}"));
    }
    world.server.lock().unwrap().batch = 2;
    let told = std::sync::atomic::AtomicU32::new(0);
    let tell = || {
        told.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    world.poll.cycle(&tell).await.unwrap();
    assert_eq!(told.into_inner(), 3);
}

#[test]
fn a_failing_mailbox_is_tried_again_after_a_second_then_up_to_about_a_minute() {
    let mut backoff = Backoff::new();
    let waits: Vec<u128> = (0..9).map(|_| backoff.next(255).as_millis()).collect();
    assert_eq!(
        waits,
        [
            1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 64_000, 64_000
        ]
    );
    assert_eq!(
        backoff.next(0).as_millis(),
        32_000,
        "jitter within the upper half"
    );
    backoff.reset();
    assert_eq!(backoff.next(255).as_millis(), 1_000);
}

#[tokio::test]
async fn a_mail_that_the_server_refuses_to_hand_over_is_held_and_the_others_go_on() {
    let mut world = Polling::start(Since::All);
    for (uid, subject) in [(3, "uno"), (4, "dos"), (5, "tres")] {
        world.add(uid, "24 09:00", subject);
    }
    world.server.lock().unwrap().refuses = Some(4);
    let mut failed = 0;
    while world.cycle().await.is_err() {
        failed += 1;
        assert!(failed < 10, "the refusal must come to an end");
    }
    world.house.decide_all().await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM ticket"), 2);
    assert_eq!(
        world.count("SELECT count(*) FROM held WHERE cause = 'unprocessable'"),
        1
    );
    assert_eq!(
        world.count("SELECT count(*) FROM outbox WHERE kind = 'operator_alarm'"),
        1
    );
    assert_eq!(world.cursor(), 5);
}

#[tokio::test]
async fn a_mail_that_was_refused_for_a_time_comes_in_when_the_server_hands_it_over() {
    let mut world = Polling::start(Since::All);
    for (uid, subject) in [(3, "uno"), (4, "dos"), (5, "tres")] {
        world.add(uid, "24 09:00", subject);
    }
    world.server.lock().unwrap().refuses = Some(4);
    for _ in 0..10 {
        if world.cycle().await.is_ok() {
            break;
        }
    }
    world.house.decide_all().await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM ticket"), 2);
    world.server.lock().unwrap().refuses = None;
    world.clock.advance(Duration::days(1));
    assert_eq!(world.cycle().await.unwrap(), 1);
    world.house.decide_all().await.unwrap();
    assert_eq!(world.count("SELECT count(*) FROM ticket"), 3);
    assert_eq!(
        world
            .count("SELECT count(*) FROM held WHERE state = 'released' AND decided_by = 'mailbox'"),
        1
    );
    world.clock.advance(Duration::days(1));
    assert_eq!(world.cycle().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn a_refusal_that_passes_leaves_the_mails_to_be_fetched_together_again() {
    let mut world = Polling::start(Since::All);
    world.add(3, "24 09:00", "uno");
    world.add(4, "24 09:00", "dos");
    world.server.lock().unwrap().refuses = Some(4);
    assert!(world.cycle().await.is_err());
    world.server.lock().unwrap().refuses = None;
    assert_eq!(world.cycle().await.unwrap(), 2);
    world.add(5, "24 09:01", "tres");
    world.add(6, "24 09:01", "cuatro");
    assert_eq!(world.cycle().await.unwrap(), 2);
    assert_eq!(world.server.lock().unwrap().asked, [2, 1, 1, 2]);
    assert_eq!(world.count("SELECT count(*) FROM held"), 0);
}
