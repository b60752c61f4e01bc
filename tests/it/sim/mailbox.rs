//! A mailbox as IMAP servers are: UIDs, an epoch, and connections that break anywhere.

use std::collections::BTreeMap;
use std::time;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use soported::ports::{Fetched, Mailbox, MailboxError, Opened, Woken};

use super::outside::{Outside, World};

/// Most mails that one fetch deals with.
const BATCH_MAX: usize = 5;

/// A mail on the server.
#[derive(Debug, Clone)]
pub struct Lying {
    /// INTERNALDATE.
    pub received_at: DateTime<Utc>,
    /// A search does not show it before: its number was given before it was there.
    pub visible_at: DateTime<Utc>,
    pub raw: Vec<u8>,
}

/// The server's side.
#[derive(Debug, Default)]
pub struct Server {
    pub epoch: u32,
    pub mails: BTreeMap<u32, Lying>,
    /// When a mail was last given a number before it could be seen.
    pub last_hidden: Option<DateTime<Utc>>,
    /// Committed mails are moved away.
    pub moves: bool,
    last_uid: u32,
    refusals: u32,
}

impl Server {
    pub fn new(moves: bool) -> Server {
        Server {
            epoch: 1,
            moves,
            ..Server::default()
        }
    }

    /// A mail arrives.
    pub fn receive(&mut self, raw: Vec<u8>, received_at: DateTime<Utc>, hidden: Duration) {
        self.last_uid += 1;
        if hidden > Duration::zero() {
            self.last_hidden = Some(received_at);
        }
        let lying = Lying {
            received_at,
            visible_at: received_at + hidden,
            raw,
        };
        self.mails.insert(self.last_uid, lying);
    }

    /// All mails get new numbers, as after a restored backup (RFC 9051 §2.3.1.1).
    pub fn renumber(&mut self) {
        self.epoch += 1;
        let mails = std::mem::take(&mut self.mails);
        self.mails = (1..).zip(mails.into_values()).collect();
        self.last_uid = u32::try_from(self.mails.len()).expect("few mails");
    }

    fn visible(&self, now: DateTime<Utc>) -> impl Iterator<Item = (&u32, &Lying)> {
        self.mails.iter().filter(move |(_, m)| m.visible_at <= now)
    }
}

/// The mailbox as the process sees it.
#[derive(Debug)]
pub struct SeaMailbox {
    outside: Outside,
    /// The epoch in which it was selected; a server that numbers anew ends its sessions.
    session: Option<u32>,
}

impl SeaMailbox {
    pub fn of(outside: &Outside) -> SeaMailbox {
        SeaMailbox {
            outside: outside.clone(),
            session: None,
        }
    }

    /// One command: it may be lost on its way, or its answer may.
    async fn command<T>(
        &mut self,
        what: &str,
        effect: impl FnOnce(&mut World) -> Result<T, MailboxError>,
    ) -> Result<T, MailboxError> {
        let outside = self.outside.clone();
        outside.instant(&format!("before {what}")).await;
        let result = {
            let mut world = self.outside.lock();
            world.now += Duration::milliseconds(40);
            if self.session != Some(world.server.epoch) || world.trouble() {
                self.session = None;
                world.note(format!("{what}: lost"));
                return Err(lost());
            }
            let result = effect(&mut world);
            if result.is_ok() && world.trouble() {
                self.session = None;
                world.note(format!("{what}: done, answer lost"));
                Err(lost())
            } else {
                result
            }
        };
        outside.instant(&format!("after {what}")).await;
        if result.is_err() {
            self.session = None;
        }
        result
    }
}

fn lost() -> MailboxError {
    MailboxError::Unreachable("connection lost".to_owned())
}

fn names<'a>(uids: impl Iterator<Item = &'a u32>) -> Vec<String> {
    uids.map(u32::to_string).collect()
}

impl Mailbox for SeaMailbox {
    async fn open(&mut self) -> Result<Opened, MailboxError> {
        {
            let mut world = self.outside.lock();
            self.session = Some(world.server.epoch);
            if let Some((_, refuses)) = world.weather.mailbox_shut {
                self.session = None;
                world.now += Duration::seconds(2);
                let words = "by the weather".to_owned();
                return Err(if refuses {
                    MailboxError::Authentication(words)
                } else {
                    MailboxError::Unreachable(words)
                });
            }
        }
        let opened = |world: &mut World| {
            Ok(Opened {
                epoch: world.server.epoch,
            })
        };
        self.command("SELECT", opened).await
    }

    async fn after(&mut self, cursor: u32) -> Result<Vec<String>, MailboxError> {
        let newer = |world: &mut World| {
            let seen = world.server.visible(world.now);
            Ok(names(seen.map(|(uid, _)| uid).filter(|uid| **uid > cursor)))
        };
        self.command("SEARCH UID", newer).await
    }

    async fn since(&mut self, day: NaiveDate) -> Result<Vec<String>, MailboxError> {
        let recent = |world: &mut World| {
            let seen = world.server.visible(world.now);
            let recent = seen.filter(|(_, m)| m.received_at.date_naive() >= day);
            Ok(names(recent.map(|(uid, _)| uid)))
        };
        self.command("SEARCH SINCE", recent).await
    }

    async fn fetch(
        &mut self,
        locators: &[String],
        _batch_bytes: usize,
        sink: &mut (dyn FnMut(Fetched) + Send),
    ) -> Result<usize, MailboxError> {
        let hand_over = |world: &mut World| {
            // A server that says NO now and then; never so often that it means the mail.
            if world.server.refusals == 0 && world.trouble() {
                world.server.refusals += 1;
                return Err(MailboxError::Refused("NO try again".to_owned()));
            }
            world.server.refusals = 0;
            let dealt = locators.len().min(1 + world.dice.roll(BATCH_MAX));
            let breaks_at = world.trouble().then(|| world.dice.roll(dealt));
            for (place, locator) in locators.iter().take(dealt).enumerate() {
                if breaks_at == Some(place) {
                    return Err(lost());
                }
                let uid: u32 = locator.parse().expect("a UID");
                // What is gone is dealt with, and handed over not at all.
                if let Some(lying) = world.server.mails.get(&uid).cloned() {
                    sink(Fetched {
                        locator: locator.clone(),
                        received_at: lying.received_at,
                        delivered_at: None,
                        raw: lying.raw,
                        omitted_bytes: None,
                    });
                }
            }
            Ok(dealt)
        };
        self.command("FETCH", hand_over).await
    }

    async fn settle(&mut self, locators: &[String]) -> Result<(), MailboxError> {
        let move_away = |world: &mut World| {
            if world.server.moves {
                for locator in locators {
                    let uid: u32 = locator.parse().expect("a UID");
                    world.server.mails.remove(&uid);
                }
            }
            Ok(())
        };
        self.command("MOVE", move_away).await
    }

    async fn wait(&mut self, _limit: time::Duration) -> Result<Woken, MailboxError> {
        Ok(Woken::TimeUp)
    }
}
