//! Everything outside the process: the true time, chance, the weather, and when the process dies.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Duration, Utc};
use soported::ports::{Clock, Ids, TroubleScope};

use super::mailbox::Server;
use super::transport::Post;
use crate::world::traffic::Dice;

/// Lines of the trace that a failure shows.
const TAIL: usize = 60;

/// The outside, shared by the ports, the ledger's hook and the driver. Nobody holds it across a
/// wait, and there is never more than one of them at work, so chance falls in one order.
#[derive(Debug, Clone)]
pub struct Outside(Arc<Mutex<World>>);

impl Outside {
    pub fn new(world: World) -> Outside {
        Outside(Arc::new(Mutex::new(world)))
    }

    pub fn lock(&self) -> MutexGuard<'_, World> {
        // A panic of the program under test is told by its own words, not by a poisoned lock.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// An instant at which the process may die: then this never returns.
    pub async fn instant(&self, what: &str) {
        let lives = {
            let mut world = self.lock();
            let lives = world.passes(what);
            world.life.hung = !lives;
            lives
        };
        if !lives {
            std::future::pending::<()>().await;
        }
    }
}

/// What the outside is like.
#[derive(Debug)]
pub struct World {
    pub dice: Dice,
    /// The true time, which only the driver and the network let pass.
    pub now: DateTime<Utc>,
    /// What the process's clock is off.
    pub skew: Duration,
    pub weather: Weather,
    pub life: Life,
    pub server: Server,
    pub post: Post,
    pub trace: Trace,
}

/// What goes wrong at present.
#[derive(Debug, Default)]
pub struct Weather {
    /// Of a thousand calls of a port, how many meet trouble.
    pub rough: usize,
    /// The mailbox cannot be opened until then; true: it refuses the credentials.
    pub mailbox_shut: Option<(DateTime<Utc>, bool)>,
    /// Nothing leaves until then.
    pub way_out_shut: Option<(DateTime<Utc>, TroubleScope)>,
    /// The disk is full until then.
    pub disk_full: Option<DateTime<Utc>>,
    /// The clock is off until then.
    pub skewed: Option<DateTime<Utc>>,
}

/// How long the process has to live, counted in instants: before and after each call of a port has
/// its effect, before and after each commit.
#[derive(Debug, Default)]
pub struct Life {
    /// Instants before the one it dies at; none: it does not.
    pub left: Option<usize>,
    /// Nothing it does has an effect any more.
    pub dead: bool,
    /// It died within a call of a port, which will not return.
    pub hung: bool,
    /// How often it died.
    pub deaths: usize,
}

impl World {
    /// Passes an instant; false: the process dies at it, or is dead.
    pub fn passes(&mut self, what: &str) -> bool {
        if self.life.dead {
            return false;
        }
        match self.life.left {
            Some(0) => {
                self.life.dead = true;
                self.life.deaths += 1;
                self.note(format!("dies {what}"));
                false
            }
            Some(left) => {
                self.life.left = Some(left - 1);
                true
            }
            None => true,
        }
    }

    /// A new process, which dies after so many instants.
    pub fn born(&mut self, left: Option<usize>) {
        self.life = Life {
            left,
            deaths: self.life.deaths,
            ..Life::default()
        };
        self.note(format!("starts, to live {left:?}"));
    }

    /// Whether a call of a port meets trouble.
    pub fn trouble(&mut self) -> bool {
        let rough = self.weather.rough;
        self.chance(rough)
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: usize) -> bool {
        self.dice.roll(1_000) < per_mille
    }

    /// Seconds from `least` to `most`.
    pub fn seconds(&mut self, least: i64, most: i64) -> Duration {
        let span = usize::try_from(most - least + 1).expect("least is not more");
        let drawn = i64::try_from(self.dice.roll(span)).expect("a small number");
        Duration::seconds(least + drawn)
    }

    /// What the process takes for now.
    pub fn clock(&self) -> DateTime<Utc> {
        self.now + self.skew
    }

    /// Writes a line into the trace.
    pub fn note(&mut self, line: impl Into<String>) {
        let line = format!("{} {}", self.now.format("%m-%d %H:%M:%S"), line.into());
        self.trace.add(line);
    }
}

/// What happened, line by line: a fingerprint of all of it, and the last lines in words.
#[derive(Debug)]
pub struct Trace {
    tail: std::collections::VecDeque<String>,
    hash: u64,
    aloud: bool,
}

impl Trace {
    /// `aloud`: every line is printed too.
    pub fn new(aloud: bool) -> Trace {
        Trace {
            tail: std::collections::VecDeque::new(),
            // FNV-1a: the same on every run, which the standard hasher does not promise.
            hash: 0xcbf2_9ce4_8422_2325,
            aloud,
        }
    }

    fn add(&mut self, line: String) {
        if self.aloud {
            println!("{line}");
        }
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    pub fn fingerprint(&self) -> u64 {
        self.hash
    }

    pub fn tail(&self) -> String {
        Vec::from_iter(self.tail.iter().map(String::as_str)).join("\n")
    }
}

/// The clock as the process reads it.
#[derive(Debug)]
pub struct SkewedClock(pub Outside);

impl Clock for SkewedClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().clock()
    }
}

/// Randomness from the seed; apart from the outside's chance, so that a mail more or less does not
/// change the weather.
#[derive(Debug)]
pub struct SeededIds(pub Mutex<Dice>);

impl Ids for SeededIds {
    fn fill(&self, buffer: &mut [u8]) {
        let mut dice = self.0.lock().expect("nothing panics while it is held");
        for byte in buffer {
            *byte = u8::try_from(dice.roll(256)).expect("a byte");
        }
    }
}
