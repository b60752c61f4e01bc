//! The third loop on a scripted way out: what was accepted is not sent again, what was not is
//! (mail.md §6).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use chrono::{Duration, TimeDelta};
use soported::daemon::House;
use soported::daemon::deliver::{Deliver, Step};
use soported::ports::{Envelope, Handover, Transport, Trouble, TroubleScope};
use soported::store::handle::Handle;
use soported::store::{Store, outbox};

use super::{Shop, StillClock, at, question};
use crate::world::mails::Mail;

/// What a server does to one attempt.
#[derive(Debug, Clone)]
pub enum Does {
    /// Ends it before the content.
    Ends(Handover),
    /// Takes the content, and says that.
    Says(Handover),
}

/// The server's side.
#[derive(Debug, Default)]
pub struct Post {
    /// What it does; accepts everything beyond.
    pub script: VecDeque<Does>,
    /// Recipients offered, in order.
    pub offered: Vec<String>,
    /// Contents taken.
    pub taken: Vec<Vec<u8>>,
    /// A ledger that refuses to write from the next content on.
    pub breaks: Option<Handle>,
}

/// Makes the ledger refuse every write as a disk that went read-only does, or mends it.
pub async fn read_only(ledger: &Handle, on: bool) {
    let set = move |store: &mut Store| Ok(store.reader().pragma_update(None, "query_only", on)?);
    ledger.call(set).await.unwrap();
}

/// The transport that talks to it.
#[derive(Debug)]
pub struct ScriptedTransport {
    pub post: Arc<Mutex<Post>>,
    pub says: Option<Handover>,
}

impl ScriptedTransport {
    pub fn to(post: &Arc<Mutex<Post>>) -> ScriptedTransport {
        ScriptedTransport {
            post: post.clone(),
            says: None,
        }
    }
}

impl Transport for ScriptedTransport {
    async fn offer(&mut self, envelope: &Envelope) -> Result<(), Handover> {
        let mut post = self.post.lock().unwrap();
        post.offered.push(envelope.to.to_string());
        self.says = None;
        match post.script.pop_front() {
            Some(Does::Ends(outcome)) => return Err(outcome),
            Some(Does::Says(outcome)) => self.says = Some(outcome),
            None => self.says = Some(Handover::Sent("250 2.0.0 Ok".to_owned())),
        }
        Ok(())
    }

    async fn hand_over(&mut self, content: &[u8]) -> Handover {
        let breaks = {
            let mut post = self.post.lock().unwrap();
            post.taken.push(content.to_vec());
            post.breaks.take()
        };
        if let Some(ledger) = breaks {
            read_only(&ledger, true).await;
        }
        self.says.take().expect("an offer stands")
    }
}

pub fn trouble(scope: TroubleScope) -> Handover {
    Handover::Retry(Trouble {
        text: "451 más tarde".to_owned(),
        scope,
    })
}

/// A house with one ticket whose two letters (acknowledgement, notice) wait.
pub struct Sending {
    pub post: Arc<Mutex<Post>>,
    pub deliver: Deliver<ScriptedTransport>,
    pub house: House,
    pub clock: Arc<StillClock>,
    pub ledger: Store,
    _folder: tempfile::TempDir,
}

impl Sending {
    pub fn start() -> Sending {
        Sending::with("")
    }

    pub fn with(config: &str) -> Sending {
        let mut shop = Shop::with(config);
        shop.ingest(&question("Falla"), at("24 10:00"));
        shop.process(at("24 10:00"));
        let clock = StillClock::at(at("24 10:00"));
        let database = shop.database();
        let ledger = Store::open(&database).unwrap();
        let house = House::new(shop.store, shop.engine, clock.clone(), database).unwrap();
        let post = Arc::new(Mutex::new(Post::default()));
        let deliver = house.deliver(ScriptedTransport::to(&post), TimeDelta::minutes(10));
        Sending {
            post,
            deliver,
            house,
            clock,
            ledger,
            _folder: shop.folder,
        }
    }

    pub fn script(&self, does: Does) {
        self.post.lock().unwrap().script.push_back(does);
    }

    pub async fn step(&mut self) -> Step {
        self.deliver.step().await.unwrap()
    }

    /// The acknowledgement's row: state, attempts, and minutes until it is tried again.
    pub fn row(&self) -> (String, i64, Option<i64>) {
        let now = soported::ports::Clock::now(&*self.clock).timestamp_millis();
        let sql = "SELECT state, attempts, (next_at - ?1) / 60000 FROM outbox WHERE id = 1";
        let row = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.ledger.reader().query_row(sql, [now], row).unwrap()
    }

    pub fn count(&self, sql: &str) -> i64 {
        super::count(self.ledger.reader(), sql)
    }

    pub fn offered(&self) -> usize {
        self.post.lock().unwrap().offered.len()
    }

    pub fn alarms(&self) -> i64 {
        self.count("SELECT count(*) FROM alarm WHERE cause = 'outgoing_failing'")
    }
}

pub fn row(state: &str, attempts: i64, minutes: Option<i64>) -> (String, i64, Option<i64>) {
    (state.to_owned(), attempts, minutes)
}

#[tokio::test]
async fn an_accepted_mail_is_sent_once_and_then_there_is_nothing_to_do() {
    let mut world = Sending::start();
    assert_eq!(world.step().await, Step::Went);
    assert_eq!(world.row(), row("sent", 1, None));
    assert_eq!(world.step().await, Step::Went);
    assert_eq!(world.step().await, Step::Idle(None));
    let post = world.post.lock().unwrap();
    assert_eq!(post.offered, ["maria@acme.example", "ana@grupostaff.com"]);
    let first = String::from_utf8(post.taken[0].clone()).unwrap();
    assert!(first.contains("Auto-Submitted: auto-replied"), "{first}");
}

#[tokio::test]
async fn trouble_is_tried_again_by_the_schedule() {
    let check = async |scope, step: Step, alarms: i64| {
        let mut world = Sending::start();
        let mut waits = Vec::new();
        for attempt in 1..=6 {
            world.script(Does::Ends(trouble(scope)));
            assert_eq!(world.step().await, step, "{scope:?}");
            let (state, attempts, minutes) = world.row();
            assert_eq!((state.as_str(), attempts), ("retry", attempt));
            waits.push(minutes.unwrap());
            // Whatever else waits has left before the next look.
            world.clock.advance(Duration::minutes(minutes.unwrap()));
            let others = "UPDATE outbox SET next_at = NULL WHERE id <> 1";
            world.ledger.reader().execute_batch(others).unwrap();
        }
        assert_eq!(waits, [1, 5, 15, 30, 120, 120]);
        assert_eq!(world.alarms(), alarms, "{scope:?}");
        assert_eq!(world.step().await, Step::Went);
        assert_eq!(world.row().0, "sent");
        assert_eq!(world.alarms(), 0, "an accepted mail ends the alarm");
    };
    check(TroubleScope::Mail, Step::Went, 0).await;
    // For how long a connection fails is the loop's business.
    check(TroubleScope::Connection, Step::Blocked, 0).await;
    check(TroubleScope::Authentication, Step::Blocked, 1).await;
}

#[tokio::test]
async fn after_four_days_a_mail_is_given_up_and_everybody_concerned_is_told() {
    let mut world = Sending::start();
    world.clock.advance(Duration::days(4));
    // Whatever else waits has left.
    let others = "UPDATE outbox SET next_at = NULL WHERE id <> 1";
    world.ledger.reader().execute_batch(others).unwrap();
    for minutes in [1, 5, 15, 30] {
        world.script(Does::Ends(trouble(TroubleScope::Mail)));
        world.step().await;
        assert_eq!(world.row().2, Some(minutes));
        world.clock.advance(Duration::minutes(minutes));
    }
    world.script(Does::Ends(trouble(TroubleScope::Mail)));
    world.step().await;
    assert_eq!(world.row(), row("failed", 5, None));
    assert_eq!(
        world.count("SELECT count(*) FROM outbox WHERE kind = 'delivery_failed'"),
        1
    );
    assert_eq!(world.alarms(), 1);
}

#[tokio::test]
async fn a_refused_mail_is_not_tried_again_and_the_consultants_are_told() {
    for before_content in [true, false] {
        let mut world = Sending::start();
        let refused = Handover::Refused("550 no existe".to_owned());
        world.script(if before_content {
            Does::Ends(refused)
        } else {
            Does::Says(refused)
        });
        assert_eq!(world.step().await, Step::Went);
        assert_eq!(world.row(), row("failed", 1, None));
        assert_eq!(
            world.count("SELECT count(*) FROM outbox WHERE kind = 'delivery_failed'"),
            1
        );
        assert_eq!(
            world.count("SELECT count(*) FROM ticket_fact WHERE fact LIKE '%delivery_failed%'"),
            1
        );
        assert_eq!(world.alarms(), 0);
    }
}

#[tokio::test]
async fn silence_after_the_content_is_tried_once_more_with_the_same_bytes_and_then_told() {
    let mut world = Sending::start();
    let silence = || Does::Says(Handover::Uncertain("silencio".to_owned()));
    world.script(silence());
    assert_eq!(world.step().await, Step::Went);
    assert_eq!(world.row(), row("uncertain", 1, Some(10)));
    while world.step().await == Step::Went {}
    assert_eq!(world.row().1, 1, "not before its time");
    world.clock.advance(Duration::minutes(10));
    world.script(silence());
    world.step().await;
    assert_eq!(world.row(), row("uncertain", 2, None));
    assert_eq!(world.alarms(), 1);
    let post = world.post.lock().unwrap();
    let copies = post.taken.iter().filter(|bytes| **bytes == post.taken[0]);
    assert_eq!(copies.count(), 2, "the same Message-ID");
}

#[tokio::test]
async fn an_answer_to_an_uncertain_mail_proves_that_it_arrived() {
    let mut world = Sending::start();
    world.script(Does::Says(Handover::Uncertain("silencio".to_owned())));
    world.step().await;
    let sql = "SELECT message_id FROM outbox WHERE id = 1";
    let id: String = world
        .ledger
        .reader()
        .query_row(sql, [], |row| row.get(0))
        .unwrap();
    let answer = Mail::from("maria@acme.example")
        .subject("Re: Falla")
        .text("Gracias, quedo al pendiente.\n")
        .in_reply_to(&id)
        .build();
    let packed = super::packed("901", &answer, at("24 10:05"));
    world
        .ledger
        .transaction(|tx| {
            soported::store::inbox::store(tx, 1, 0, &[packed], None, None, at("24 10:05"))
        })
        .unwrap();
    world.clock.advance(Duration::minutes(5));
    world.house.decide_all().await.unwrap();
    assert_eq!(world.row(), row("sent", 1, None));
    world.clock.advance(Duration::hours(1));
    while world.step().await == Step::Went {}
    assert_eq!(world.row().1, 1, "and it is not sent again");
}

#[tokio::test]
async fn what_a_dead_process_left_is_settled_by_how_far_it_came() {
    // Before the content left: again at once. After: once more, later. A second time: a person's.
    for (offered, uncertain, expected, alarms) in [
        (false, 0, row("retry", 1, Some(0)), 0),
        (true, 0, row("uncertain", 1, Some(10)), 0),
        (true, 1, row("uncertain", 1, None), 1),
    ] {
        let mut world = Sending::start();
        world
            .ledger
            .transaction(|tx| {
                let brakes = soported::domain::policy::Brakes {
                    per_address_hour: 9,
                    per_address_day: 9,
                    tickets_per_hour: 9,
                    automatic_per_hour: 9,
                };
                let next = outbox::take(tx, &brakes, at("24 10:00"))?;
                let id = next.attempt.expect("one is due").id;
                if offered {
                    outbox::offered(tx, id, at("24 10:00"))?;
                }
                Ok::<_, soported::store::StoreError>(())
            })
            .unwrap();
        let before = format!("UPDATE outbox SET uncertain = {uncertain} WHERE id = 1");
        world.ledger.reader().execute_batch(&before).unwrap();
        assert_eq!(world.deliver.recover().await.unwrap(), 1);
        assert_eq!(world.row(), expected);
        assert_eq!(world.alarms(), alarms);
        assert_eq!(world.deliver.recover().await.unwrap(), 0);
        assert_eq!(world.offered(), 0);
    }
}

#[tokio::test]
async fn what_the_ledger_could_not_note_is_noted_later_and_not_sent_again() {
    let mut world = Sending::start();
    // The ledger fails while the content is on its way, that is after the offer was noted.
    world.post.lock().unwrap().breaks = Some(world.house.ledger.clone());
    assert!(world.deliver.step().await.unwrap_err().is_storage_failure());
    assert_eq!(world.row().0, "sending");
    assert!(world.deliver.step().await.is_err(), "still failing");
    assert_eq!(world.offered(), 1, "and nothing is offered meanwhile");
    read_only(&world.house.ledger, false).await;
    assert_eq!(world.step().await, Step::Went);
    assert_eq!(world.row(), row("sent", 1, None));
    assert_eq!(
        world.post.lock().unwrap().offered,
        ["maria@acme.example", "ana@grupostaff.com"]
    );
}

#[tokio::test]
async fn a_mail_that_a_service_renamed_is_known_by_both_names() {
    let mut world = Sending::start();
    let answer = "250 2.0.0 OK <renombrado@prod.outlook.example> [Hostname=x]";
    world.script(Does::Says(Handover::Sent(answer.to_owned())));
    world.step().await;
    let known =
        "SELECT count(*) FROM thread_ref WHERE message_id = 'renombrado@prod.outlook.example'
                 AND ticket_id = 1 AND outbox_id = 1";
    assert_eq!(world.count(known), 1);
    // Other servers repeat an address there, which names no mail.
    let ids = |world: &Sending| world.count("SELECT count(*) FROM thread_ref");
    let before = ids(&world);
    let answer = "250 2.1.5 <ana@grupostaff.com> accepted";
    world.script(Does::Says(Handover::Sent(answer.to_owned())));
    world.step().await;
    assert_eq!(ids(&world), before);
}

#[tokio::test]
async fn the_global_brake_alarms_once_and_says_when_it_is_over() {
    let mut world = Sending::with("[brakes]\nautomatic_per_hour = 1\n");
    let alarm =
        |world: &Sending| world.count("SELECT count(*) FROM alarm WHERE cause = 'breaker_tripped'");
    while world.step().await == Step::Went {}
    assert_eq!(alarm(&world), 1);
    world.step().await;
    let letters =
        "SELECT count(*) FROM outbox WHERE kind IN ('operator_alarm', 'operator_recovered')";
    assert_eq!(world.count(letters), 1);
    world.clock.advance(Duration::hours(1));
    while world.step().await == Step::Went {}
    assert_eq!(alarm(&world), 0);
    assert_eq!(world.count(letters), 2);
}
