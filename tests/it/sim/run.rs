//! One run: a seed, some weeks of virtual time, and a checked step at a time.

use std::panic::AssertUnwindSafe;

use chrono::{DateTime, Duration, Utc};
use soported::daemon::deliver::Step;
use soported::ports::TroubleScope;

use super::account;
use super::checks::{Verdict, Watcher};
use super::mailbox::Server;
use super::outside::{Life, Outside, Trace, Weather, World};
use super::people::People;
use super::plans::Before;
use super::process::{Process, Site, Start};
use super::transport::{Lie, Post};
use crate::world::traffic::Dice;

/// Weeks that a run covers, at least and at most.
const WEEKS: (i64, i64) = (4, 8);

/// Steps of a run beyond which something goes round in circles.
const STEPS_MAX: usize = 20_000;

/// Steps in which everything must come to rest once the weather is fine.
const REST_STEPS_MAX: usize = 400;

/// What is done to a run so that it must fail: by which the checkers show that they see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sabotage {
    pub lie: Option<Lie>,
    /// Consultants write for the client what was for their own people.
    pub indiscreet: bool,
    /// Requests are forgeries that the receiving server lets pass.
    pub forgers: bool,
    /// SQL run behind the program's back once tickets are there.
    pub damage: Option<&'static str>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    pub steps: usize,
    pub deaths: usize,
    pub letters: usize,
    pub tickets: i64,
    pub sent: usize,
    pub repeats: usize,
    pub fingerprint: u64,
}

/// Why a run failed.
#[derive(Debug, Clone)]
pub struct Failure {
    pub seed: u64,
    pub step: usize,
    /// The invariant, in a sentence.
    pub broken: String,
    /// The last lines of the trace.
    pub tail: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "\n{}\n\nseed {}, step {}: {}\nSIM_SEED={} cargo test --test it sim:: -- --nocapture",
            self.tail, self.seed, self.step, self.broken, self.seed
        )
    }
}

/// Runs a seed to its end. `aloud`: the whole trace is printed.
pub fn run(seed: u64, sabotage: Sabotage, aloud: bool) -> Result<Report, Box<Failure>> {
    let mut sim = Sim::new(seed, sabotage, aloud);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let whole = AssertUnwindSafe(|| runtime.block_on(sim.whole()));
    let broken = match std::panic::catch_unwind(whole) {
        Ok(Ok(report)) => return Ok(report),
        Ok(Err(broken)) => broken,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("panic: {}", text.unwrap_or("without words"))
        }
    };
    Err(Box::new(Failure {
        seed,
        step: sim.steps,
        broken,
        tail: sim.outside.lock().trace.tail(),
    }))
}

/// A run on its way.
#[derive(Debug)]
pub struct Sim {
    pub outside: Outside,
    pub site: Site,
    pub people: People,
    pub watcher: Watcher,
    process: Option<Box<Process>>,
    sabotage: Sabotage,
    start: DateTime<Utc>,
    weeks: i64,
    steps: usize,
    read: usize,
    long_stops: usize,
}

impl Sim {
    pub fn new(seed: u64, sabotage: Sabotage, aloud: bool) -> Sim {
        let mut dice = Dice::new(seed);
        let ids = Dice::new(seed ^ 0x5eed);
        let span = usize::try_from(WEEKS.1 - WEEKS.0 + 1).expect("a small number");
        let weeks = WEEKS.0 + i64::try_from(dice.roll(span)).expect("a small number");
        // A Monday in the three months with most rest days.
        let monday: DateTime<Utc> = "2026-11-02T14:00:00Z".parse().expect("an instant");
        let start = monday + Duration::weeks(i64::try_from(dice.roll(13)).expect("a small number"));
        let site = Site::new(ids, dice.roll(2) == 0, config(&mut dice));
        let post = Post {
            lie: sabotage.lie,
            renames: dice.roll(4) == 0,
            ..Post::default()
        };
        let outside = Outside::new(World {
            now: start,
            skew: Duration::zero(),
            weather: Weather::default(),
            life: Life::default(),
            server: Server::new(dice.roll(4) == 0),
            post,
            trace: Trace::new(aloud),
            dice,
        });
        let mut policy = site.settings().policy.clone();
        policy.phrases = Default::default();
        Sim {
            watcher: Watcher::new(&site.database(), policy),
            outside,
            site,
            people: People::who(sabotage.indiscreet, sabotage.forgers),
            process: None,
            sabotage,
            start,
            weeks,
            steps: 0,
            read: 0,
            long_stops: 0,
        }
    }

    async fn whole(&mut self) -> Result<Report, String> {
        {
            let mut world = self.outside.lock();
            self.people.plan(&mut world, self.start, self.weeks);
        }
        // The first start, in fine weather: what arrives from here on counts.
        if self.is_up().await? {
            self.poll().await?;
        }
        let end = self.start + Duration::weeks(self.weeks);
        while self.now() < end {
            self.turn().await?;
        }
        self.come_to_rest().await?;
        let report = Report {
            steps: self.steps,
            ..account::balance(self)?
        };
        if let Some(process) = self.process.take() {
            process.end();
        }
        Ok(report)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.outside.lock().now
    }

    /// Time passes, and the process does a few things in some order.
    async fn turn(&mut self) -> Verdict {
        self.pass_time();
        self.change_weather().await?;
        let works = 1 + self.outside.lock().dice.roll(5);
        for _ in 0..works {
            if !self.is_up().await? {
                return Ok(());
            }
            self.work().await?;
        }
        let stops = self.outside.lock().chance(25);
        if stops {
            self.stop_for_a_while()?;
        }
        Ok(())
    }

    fn pass_time(&mut self) {
        let next = self.next_interesting();
        let mut world = self.outside.lock();
        let now = world.now;
        let interesting = next.map(|at| at - world.skew).filter(|at| *at > now);
        let jump = match (world.dice.roll(20), interesting) {
            (0..=2, _) => world.seconds(1, 1_200),
            (3, _) => world.seconds(600, 6 * 3_600),
            (4, Some(at)) => (at - now - Duration::seconds(1)).max(Duration::seconds(1)),
            (5..=9, Some(at)) => at - now,
            (_, Some(at)) => at - now + world.seconds(0, 120),
            (_, None) => world.seconds(600, 3 * 3_600),
        };
        world.now += jump.min(Duration::hours(40));
        self.people.deliver(&mut world);
    }

    /// When something happens next: a mail arrives, or the ledger has something to do.
    fn next_interesting(&self) -> Option<DateTime<Utc>> {
        let due = |sql| {
            let at = self.watcher.number(sql);
            (at > 0).then(|| soported::store::instant(at))
        };
        let world = self.outside.lock();
        let (now, clock) = (world.now, world.clock());
        let own = [
            due("SELECT min(at) FROM due"),
            due("SELECT min(next_at) FROM outbox WHERE next_at IS NOT NULL"),
        ];
        let own = own.into_iter().flatten().filter(|at| *at > clock);
        let arrival = self.people.next().filter(|at| *at > now);
        own.chain(arrival.map(|at| at + world.skew)).min()
    }

    async fn change_weather(&mut self) -> Verdict {
        let disk = {
            let mut world = self.outside.lock();
            let now = world.now;
            end_weather(&mut world);
            if world.weather.disk_full.is_some_and(|until| until <= now) {
                world.weather.disk_full = None;
                world.note("the disk has room again");
                Some(false)
            } else if world.chance(90) {
                begin_weather(&mut world)
            } else {
                None
            }
        };
        if let (Some(full), Some(process)) = (disk, &self.process) {
            match process.fill_disk(full).await {
                Some(filled) => filled.map_err(|error| error.to_string())?,
                None => self.bury(),
            }
        }
        Ok(())
    }

    /// Whether a process runs; if need be, one is started.
    async fn is_up(&mut self) -> Result<bool, String> {
        if self.process.is_some() {
            return Ok(true);
        }
        let tried = self.watcher.number("SELECT max(attempts) FROM inbound");
        {
            let mut world = self.outside.lock();
            let left = match world.dice.roll(10) {
                // A mail that was being read at several deaths would be held for it.
                _ if tried >= 3 || self.steps == 0 => None,
                0 | 1 => None,
                2..=4 => Some(world.dice.roll(30)),
                _ => Some(world.dice.roll(150)),
            };
            world.born(left);
        }
        let start = Process::start(&self.site, &self.outside).await;
        let up = match start {
            Start::Runs(process) => {
                self.process = Some(process);
                true
            }
            Start::Died => false,
            Start::GaveUp(error) => {
                let mut world = self.outside.lock();
                world.note(format!("gives up: {error}"));
                if world.weather.disk_full.is_none() {
                    return Err(format!("it does not start: {error}"));
                }
                false
            }
        };
        self.after()?;
        Ok(up)
    }

    /// One thing that a loop does.
    async fn work(&mut self) -> Verdict {
        let roll = self.outside.lock().dice.roll(20);
        match roll {
            0..=5 => self.poll().await,
            6..=11 => self.decide().await,
            12..=18 => self.send().await,
            _ => self.watch().await,
        }
    }

    async fn poll(&mut self) -> Verdict {
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        match process.poll().await {
            Some(result) => self.note("poll", &result.map_err(|error| error.to_string()))?,
            None => self.bury(),
        }
        self.after()
    }

    async fn decide(&mut self) -> Verdict {
        let before = Before::of(&self.watcher, &self.outside.lock());
        let Some(process) = &self.process else {
            return Ok(());
        };
        match process.decide().await {
            Some(result) => self.note("decide", &result.map_err(|error| error.to_string()))?,
            None => self.bury(),
        }
        before.nothing_was_missed(&self.watcher)?;
        self.after()
    }

    /// Sends until nothing more is due, or for a while.
    async fn send(&mut self) -> Verdict {
        let most = 1 + self.outside.lock().dice.roll(8);
        for _ in 0..most {
            let Some(process) = &mut self.process else {
                return Ok(());
            };
            let step = match process.deliver().await {
                Some(step) => step,
                None => {
                    self.bury();
                    return self.after();
                }
            };
            let went = matches!(step, Ok(Step::Went));
            self.note("deliver", &step.map_err(|error| error.to_string()))?;
            self.after()?;
            if !went {
                break;
            }
        }
        Ok(())
    }

    async fn watch(&mut self) -> Verdict {
        let Some(process) = &self.process else {
            return Ok(());
        };
        match process.watch().await {
            Some(result) => self.note("watch", &result.map_err(|error| error.to_string()))?,
            None => self.bury(),
        }
        self.after()
    }

    /// Notes how a step ended. The ledger may fail only while its disk is full.
    fn note<T: std::fmt::Debug>(&self, what: &str, result: &Result<T, String>) -> Verdict {
        let mut world = self.outside.lock();
        match result {
            Ok(done) => world.note(format!("{what}: {done:?}")),
            Err(error) => {
                world.note(format!("{what}: {error}"));
                let weather = error.starts_with("the mailbox");
                if !weather && world.weather.disk_full.is_none() {
                    return Err(format!("{what} fails: {error}"));
                }
            }
        }
        Ok(())
    }

    /// The process has died: what is left of it is taken away.
    fn bury(&mut self) {
        if let Some(process) = self.process.take() {
            process.end();
        }
    }

    /// The house is shut for hours, a night, a weekend, or two weeks.
    fn stop_for_a_while(&mut self) -> Verdict {
        self.bury();
        let mut world = self.outside.lock();
        let now = world.now;
        // A mail that was numbered before it could be seen is found within a day, at a scan that
        // looks back a week (mail.md §1): a longer stop in between would lose it.
        let hidden = world.server.last_hidden;
        let settled = hidden.is_none_or(|at| now - at > Duration::days(2));
        let roll = world.dice.roll(20);
        let stop = match roll {
            0..=9 => world.seconds(10, 4 * 3_600),
            10..=15 => world.seconds(10 * 3_600, 16 * 3_600),
            16..=18 if settled => world.seconds(60 * 3_600, 70 * 3_600),
            _ if settled && self.long_stops == 0 => {
                self.long_stops += 1;
                Duration::days(14)
            }
            _ => world.seconds(60, 600),
        };
        world.note(format!("stopped for {} min", stop.num_minutes()));
        world.now += stop;
        end_weather(&mut world);
        self.people.deliver(&mut world);
        Ok(())
    }

    /// After every step: people read what has reached them, and everything is looked at.
    pub fn after(&mut self) -> Verdict {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err("it goes round in circles".to_owned());
        }
        self.damage();
        let mut world = self.outside.lock();
        self.watcher.look(&self.people, &world.post.accepted)?;
        while self.read < world.post.accepted.len() {
            let mail = world.post.accepted[self.read].clone();
            self.read += 1;
            let again = world.post.accepted[..self.read - 1].iter();
            let again = again.filter(|earlier| earlier.id == mail.id).count();
            // Nobody answers the second copy.
            if again == 0 {
                let known = self.watcher.known(&mail.id);
                self.people.read(&mut world, &mail, &known);
            }
        }
        Ok(())
    }

    fn damage(&mut self) {
        let ready = "SELECT count(*) FROM ticket WHERE status <> 'closed'";
        if let Some(sql) = self.sabotage.damage
            && self.watcher.number(ready) > 1
            && self.watcher.number("SELECT count(*) FROM outbox") > 6
        {
            let database = rusqlite::Connection::open(self.site.database()).expect("a database");
            database
                .execute_batch(sql)
                .unwrap_or_else(|error| panic!("{sql}: {error}"));
            self.sabotage.damage = None;
        }
    }

    /// The weather is fine from now on and nobody writes any more: everything must come to rest.
    async fn come_to_rest(&mut self) -> Verdict {
        self.people.quiet = true;
        let full = {
            let mut world = self.outside.lock();
            world.note("fine weather");
            world.life.left = None;
            world.skew = Duration::zero();
            let full = world.weather.disk_full.is_some();
            world.weather = Weather::default();
            full
        };
        if let (true, Some(process)) = (full, &self.process) {
            let emptied = process.fill_disk(false).await;
            emptied
                .expect("it lives on")
                .map_err(|error| error.to_string())?;
        }
        for _ in 0..REST_STEPS_MAX {
            if self.process.is_none() {
                self.outside.lock().born(None);
                match Process::start(&self.site, &self.outside).await {
                    Start::Runs(process) => self.process = Some(process),
                    other => return Err(format!("it does not start: {other:?}")),
                }
                self.after()?;
            }
            self.poll().await?;
            self.decide().await?;
            self.settle_doubts().await?;
            self.send().await?;
            self.watch().await?;
            if self.is_at_rest() {
                return Ok(());
            }
            let next = self.next_outgoing_or_mail();
            let mut world = self.outside.lock();
            let now = world.now;
            world.now = next.unwrap_or(now).max(now + Duration::seconds(30));
            self.people.deliver(&mut world);
        }
        let waiting = self.watcher.rows(
            "SELECT 'mail ' || id || ' waits' FROM inbound WHERE state = 'waiting'
             UNION ALL SELECT 'outbox ' || id || ' ' || state FROM outbox
             WHERE next_at IS NOT NULL OR state = 'sending'
             UNION ALL SELECT 'alarm ' || cause FROM alarm",
            |row| row.get::<_, String>(0),
        );
        Err(format!("it does not come to rest: {waiting:?}"))
    }

    fn next_outgoing_or_mail(&self) -> Option<DateTime<Utc>> {
        let at = self
            .watcher
            .number("SELECT min(next_at) FROM outbox WHERE next_at IS NOT NULL");
        let outgoing = (at > 0).then(|| soported::store::instant(at));
        let world = self.outside.lock();
        let hidden = world.server.mails.values().map(|mail| mail.visible_at);
        let hidden = hidden.filter(|at| *at > world.now).max();
        // The daily scan finds what was numbered early; nothing else may be left to come.
        let scanned = self
            .watcher
            .number("SELECT max(last_overlap_at) FROM mailbox");
        let scan = soported::store::instant(scanned) + Duration::hours(24);
        let scan = Some(scan).filter(|at| *at > world.now);
        [outgoing, self.people.next(), hidden, scan]
            .into_iter()
            .flatten()
            .min()
    }

    /// Mails whose fate nobody knows after two attempts: an operator has them sent again.
    async fn settle_doubts(&mut self) -> Verdict {
        let doubtful = "SELECT id FROM outbox WHERE state = 'uncertain' AND next_at IS NULL";
        for id in self.watcher.rows(doubtful, |row| row.get::<_, i64>(0)) {
            let now = self.now();
            let process = self.process.as_ref().expect("it runs");
            let ordered = process.order_retry(id, now).await.expect("it lives on");
            ordered.map_err(|error| error.to_string())?;
            self.after()?;
        }
        Ok(())
    }

    fn is_at_rest(&self) -> bool {
        let owed = self.watcher.number(
            "SELECT (SELECT count(*) FROM inbound WHERE state = 'waiting')
                  + (SELECT count(*) FROM outbox WHERE next_at IS NOT NULL OR state = 'sending')
                  + (SELECT count(*) FROM alarm)",
        );
        let world = self.outside.lock();
        let unseen = world
            .server
            .mails
            .values()
            .any(|mail| mail.visible_at > world.now);
        // The scan for mails that were numbered early runs once a day.
        let scanned = self
            .watcher
            .number("SELECT max(last_overlap_at) FROM mailbox");
        let hidden = world.server.last_hidden;
        let found =
            hidden.is_none_or(|at| at + Duration::hours(3) < soported::store::instant(scanned));
        owed == 0 && !unseen && found && self.people.next().is_none()
    }
}

/// The house's choices differ from seed to seed.
fn config(dice: &mut Dice) -> &'static str {
    match dice.roll(5) {
        0 => "[contact]\nquestion_counts_as_attempt = true\n",
        1 => "[contact]\nattempts = 2\ninterval_business_days = 2\n",
        2 => "[replies]\ndelay = \"0s\"\ndefault = \"waiting_client\"\n",
        3 => "[contact]\ninterval_business_days = 3\nclose_critical = true\n",
        _ => "[response.high]\ntarget = \"1h\"\nlimit = \"4h\"\nclock = \"wall\"\n",
    }
}

/// Ends the weather whose time is over, but for the disk, which the process must be told.
fn end_weather(world: &mut World) {
    let now = world.now;
    let weather = &mut world.weather;
    if weather.mailbox_shut.is_some_and(|(until, _)| until <= now) {
        weather.mailbox_shut = None;
    }
    if weather.way_out_shut.is_some_and(|(until, _)| until <= now) {
        weather.way_out_shut = None;
    }
    if weather.skewed.is_some_and(|until| until <= now) {
        weather.skewed = None;
        world.skew = Duration::zero();
        world.note("the clock is right again");
    }
}

/// Something begins to go wrong. True: the disk is full from now on.
fn begin_weather(world: &mut World) -> Option<bool> {
    let now = world.now;
    match world.dice.roll(12) {
        0..=3 => {
            world.weather.rough = [0, 10, 40, 100, 250][world.dice.roll(5)];
            let rough = world.weather.rough;
            world.note(format!("weather: {rough} calls of 1,000 meet trouble"));
        }
        4 => {
            let until = now + world.seconds(60, 9 * 3_600);
            let refuses = world.chance(300);
            world.weather.mailbox_shut = Some((until, refuses));
            world.note("weather: the mailbox is shut");
        }
        5 | 6 => {
            let until = now + world.seconds(60, 20 * 3_600);
            let scope = if world.chance(250) {
                TroubleScope::Authentication
            } else {
                TroubleScope::Connection
            };
            world.weather.way_out_shut = Some((until, scope));
            world.note("weather: the way out is shut");
        }
        7 | 8 => {
            world.weather.skewed = Some(now + world.seconds(600, 10 * 3_600));
            world.skew = Duration::hours(-1);
            world.note("weather: the clock steps back an hour");
        }
        9 => {
            world.server.renumber();
            world.note("weather: UIDVALIDITY changes");
        }
        _ => {
            world.weather.disk_full = Some(now + world.seconds(300, 5 * 3_600));
            world.note("weather: the disk is full");
            return Some(true);
        }
    }
    None
}
