//! A submission server: it accepts, puts off, refuses, breaks off, or says nothing after the dot.

use chrono::{DateTime, Duration, Utc};
use soported::ports::{Envelope, Handover, Transport, Trouble, TroubleScope};

use super::outside::{Outside, World};

/// A mail that the server accepted: a recipient has it.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub at: DateTime<Utc>,
    pub to: String,
    /// What we called it, as the envelope says.
    pub id: String,
    /// What its reader sees: another one where the server gave it one (mail.md §4).
    pub seen_id: String,
    pub raw: Vec<u8>,
}

/// A server that does not do what it says: by which the checkers show that they see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// It says 250 and throws the mail away.
    Loses,
    /// It says 451 and delivers the mail.
    Doubles,
    /// It changes the mail on its way.
    Changes,
}

/// The server's side.
#[derive(Debug, Default)]
pub struct Post {
    /// Everything accepted, in order.
    pub accepted: Vec<Accepted>,
    /// Ids of mails refused for good.
    pub refused: Vec<String>,
    pub lie: Option<Lie>,
    /// It gives mails ids of its own.
    pub renames: bool,
}

impl World {
    fn accept(&mut self, envelope: &Envelope, raw: &[u8]) -> String {
        let id = envelope.envid.clone().expect("every mail has an id");
        let number = self.post.accepted.len();
        let (seen_id, answer) = if self.post.renames && self.chance(300) {
            let given = format!("{number:08}@prod.outlook.example");
            let answer = format!("250 2.0.0 OK <{given}> [Hostname=mx.example]");
            (given, answer)
        } else {
            (id.clone(), format!("250 2.0.0 Ok: queued as {number}"))
        };
        let mut raw = raw.to_vec();
        if self.post.lie == Some(Lie::Changes) {
            raw.extend(b"-- \r\nEnviado por un servidor ajeno\r\n");
        }
        let to = envelope.to.to_string();
        self.note(format!("accepts {id} to {to}"));
        self.post.accepted.push(Accepted {
            at: self.now,
            to,
            id,
            seen_id,
            raw,
        });
        answer
    }

    fn refuse(&mut self, envelope: &Envelope) -> Handover {
        let id = envelope.envid.clone().expect("every mail has an id");
        self.note(format!("refuses {id} to {}", envelope.to));
        self.post.refused.push(id);
        Handover::Refused("550 5.7.1 refused by policy".to_owned())
    }
}

fn retry(scope: TroubleScope) -> Handover {
    Handover::Retry(Trouble {
        text: "451 4.3.0 later".to_owned(),
        scope,
    })
}

/// The way out as the process sees it.
#[derive(Debug)]
pub struct SeaTransport {
    outside: Outside,
    offered: Option<Envelope>,
}

impl SeaTransport {
    pub fn of(outside: &Outside) -> SeaTransport {
        SeaTransport {
            outside: outside.clone(),
            offered: None,
        }
    }
}

impl Transport for SeaTransport {
    async fn offer(&mut self, envelope: &Envelope) -> Result<(), Handover> {
        let outside = self.outside.clone();
        outside.instant("before RCPT").await;
        self.offered = None;
        {
            let mut world = outside.lock();
            world.now += Duration::milliseconds(200);
            if let Some((_, scope)) = world.weather.way_out_shut {
                return Err(retry(scope));
            }
            if world.trouble() {
                return Err(match world.dice.roll(20) {
                    0..=9 => retry(TroubleScope::Mail),
                    10..=17 => retry(TroubleScope::Connection),
                    18 => retry(TroubleScope::Authentication),
                    _ => world.refuse(envelope),
                });
            }
        }
        outside.instant("after RCPT").await;
        self.offered = Some(envelope.clone());
        Ok(())
    }

    async fn hand_over(&mut self, content: &[u8]) -> Handover {
        let outside = self.outside.clone();
        let envelope = self.offered.take().expect("an offer stands");
        outside.instant("before the dot").await;
        let handover = {
            let mut world = outside.lock();
            world.now += Duration::milliseconds(800);
            let lie = world.post.lie;
            if lie == Some(Lie::Loses) && world.chance(200) {
                Handover::Sent("250 2.0.0 Ok".to_owned())
            } else if lie == Some(Lie::Doubles) && world.chance(200) {
                world.accept(&envelope, content);
                retry(TroubleScope::Mail)
            } else if world.trouble() {
                match world.dice.roll(12) {
                    0..=2 => retry(TroubleScope::Connection),
                    3..=4 => retry(TroubleScope::Mail),
                    5 => world.refuse(&envelope),
                    6..=8 => {
                        world.accept(&envelope, content);
                        world.now += Duration::minutes(10);
                        Handover::Uncertain("silence after the dot".to_owned())
                    }
                    _ => {
                        world.now += Duration::minutes(10);
                        Handover::Uncertain("silence after the dot".to_owned())
                    }
                }
            } else {
                Handover::Sent(world.accept(&envelope, content))
            }
        };
        outside.instant("after the dot").await;
        handover
    }
}
