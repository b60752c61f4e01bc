//! The outside world of a desk in virtual time: a mailbox, a way out, a clock and chance, all of
//! them values that a test sets and reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time;

use chrono::{DateTime, NaiveDate, Utc};
use soported::domain::address::Address;
use soported::ports::{
    Clock, Envelope, Fetched, Handover, Ids, Mailbox, MailboxError, Opened, Transport, Trouble,
    TroubleScope, Woken,
};

/// Trouble that lasts for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spell {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end, which does not belong to it; none: it never ends.
    pub until: Option<DateTime<Utc>>,
    /// What is wrong.
    pub what: Weather,
}

impl Spell {
    fn lasts(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weather {
    /// The service does not run.
    ServiceDown,
    /// The mailbox cannot be reached; mail arrives in it all the same.
    MailboxUnreachable,
    /// The server that takes mail away cannot be reached.
    NoWayOut,
    /// The server answers mail to this address so: `550 5.1.1 …` refuses, `451 4.2.0 …` defers.
    Answers(Address, String),
    /// Silence after the last byte of mail to this address.
    Silence(Address),
}

/// A mail on its way out, as far as it came.
#[derive(Debug, Clone)]
pub struct Departure {
    /// When it was handed over.
    pub at: DateTime<Utc>,
    /// The envelope's recipient.
    pub to: Address,
    /// Its bytes.
    pub raw: Vec<u8>,
}

/// The outside world.
#[derive(Debug)]
pub struct Outside {
    /// The time of day.
    pub now: DateTime<Utc>,
    /// What lies in the mailbox, with its receipt time; its UID is its place plus one.
    pub inbox: Vec<(DateTime<Utc>, Vec<u8>)>,
    /// What was accepted from us, in order.
    pub departures: Vec<Departure>,
    /// All trouble there was, is and will be.
    pub spells: Vec<Spell>,
    /// The way out was found shut since this was last cleared.
    pub was_shut: bool,
}

impl Outside {
    /// An empty world at an instant.
    pub fn at(now: DateTime<Utc>) -> Arc<Mutex<Outside>> {
        Arc::new(Mutex::new(Outside {
            now,
            inbox: Vec::new(),
            departures: Vec::new(),
            spells: Vec::new(),
            was_shut: false,
        }))
    }

    /// Whether this is wrong now.
    pub fn suffers(&self, what: &Weather) -> bool {
        let mut spells = self.spells.iter();
        spells.any(|spell| spell.what == *what && spell.lasts(self.now))
    }

    /// The next beginning or end of trouble.
    pub fn next_turn(&self) -> Option<DateTime<Utc>> {
        let edges = self
            .spells
            .iter()
            .flat_map(|s| [Some(s.from), s.until].into_iter().flatten());
        edges.filter(|edge| *edge > self.now).min()
    }

    fn answer_to(&self, to: &Address) -> Option<&str> {
        let mut spells = self.spells.iter().filter(|spell| spell.lasts(self.now));
        spells.find_map(|spell| match &spell.what {
            Weather::Answers(whom, words) if whom == to => Some(words.as_str()),
            _ => None,
        })
    }
}

/// One hand on the outside world; clones share it.
#[derive(Debug, Clone)]
pub struct Hand(pub Arc<Mutex<Outside>>);

impl Hand {
    /// The world, for a moment.
    pub fn hold(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

impl Clock for Hand {
    fn now(&self) -> DateTime<Utc> {
        self.hold().now
    }
}

impl Mailbox for Hand {
    async fn open(&mut self) -> Result<Opened, MailboxError> {
        if self.hold().suffers(&Weather::MailboxUnreachable) {
            return Err(MailboxError::Unreachable("connection refused".to_owned()));
        }
        Ok(Opened { epoch: 1 })
    }

    async fn after(&mut self, cursor: u32) -> Result<Vec<String>, MailboxError> {
        Ok(locators(&self.hold(), |uid, _| uid > cursor))
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<String>, MailboxError> {
        Ok(locators(&self.hold(), |_, at| at.date_naive() >= day))
    }

    async fn fetch(
        &mut self,
        asked: &[String],
        _batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let world = self.hold();
        for locator in asked {
            let uid: usize = locator.parse().expect("our own locator");
            let (received_at, raw) = world.inbox[uid - 1].clone();
            sink(Fetched {
                locator: locator.clone(),
                received_at,
                delivered_at: None,
                raw,
                omitted_bytes: None,
            });
        }
        Ok(asked.len())
    }

    async fn settle(&mut self, _locators: &[String]) -> Result<(), MailboxError> {
        Ok(())
    }

    async fn wait(&mut self, _limit: time::Duration) -> Result<Woken, MailboxError> {
        Ok(Woken::TimeUp)
    }
}

fn locators(world: &Outside, wanted: impl Fn(u32, DateTime<Utc>) -> bool) -> Vec<String> {
    (1..)
        .zip(&world.inbox)
        .filter(|(uid, (at, _))| wanted(*uid, *at))
        .map(|(uid, _)| uid.to_string())
        .collect()
}

/// The way out, with the recipient on offer.
#[derive(Debug)]
pub struct WayOut {
    hand: Hand,
    offered: Option<Address>,
}

impl WayOut {
    /// Into this world.
    pub fn into(hand: Hand) -> WayOut {
        WayOut {
            hand,
            offered: None,
        }
    }
}

impl Transport for WayOut {
    async fn offer(&mut self, envelope: &Envelope) -> Result<(), Handover> {
        let retry = |text: &str, scope| {
            let text = text.to_owned();
            Err(Handover::Retry(Trouble { text, scope }))
        };
        let mut world = self.hand.hold();
        if world.suffers(&Weather::NoWayOut) {
            world.was_shut = true;
            return retry("connection refused", TroubleScope::Connection);
        }
        match world.answer_to(&envelope.to) {
            Some(words) if words.starts_with('5') => Err(Handover::Refused(words.to_owned())),
            Some(words) => retry(words, TroubleScope::Mail),
            None => {
                self.offered = Some(envelope.to.clone());
                Ok(())
            }
        }
    }

    async fn hand_over(&mut self, content: &[u8]) -> Handover {
        let to = self.offered.take().expect("an offer stands");
        let mut world = self.hand.hold();
        if world.suffers(&Weather::Silence(to.clone())) {
            return Handover::Uncertain("silence after the last byte".to_owned());
        }
        let at = world.now;
        world.departures.push(Departure {
            at,
            to,
            raw: content.to_vec(),
        });
        Handover::Sent("250 2.0.0 Ok".to_owned())
    }
}

/// Bytes that differ at each asking and are the same in every run.
#[derive(Debug, Default)]
pub struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn fill(&self, buffer: &mut [u8]) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = count.to_be_bytes();
        for (place, byte) in buffer.iter_mut().rev().enumerate() {
            *byte = bytes.iter().rev().nth(place).copied().unwrap_or(7);
        }
    }
}
