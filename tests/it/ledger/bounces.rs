//! Mail of ours that comes back, in the ledger: matched to its very row, once, in whatever order
//! things happen (mail.md §2, §6).

use chrono::{Duration, TimeDelta};
use soported::daemon::deliver::Step;
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::policy::Brakes;
use soported::ports::{Handover, TroubleScope};
use soported::store::{outbox, undo};

use super::at;
use super::loops_deliver::{Does, Sending, read_only, row, trouble};
use crate::world::mails::Mail;
use crate::world::reports::DeliveryReport;

/// A house whose acknowledgement counts as an answer, so that row 1 meets the response.
const ANSWERING: &str = "[response]\nacknowledgement_counts = true\n";

/// A house with a ticket whose acknowledgement waits to be sent as row 1.
struct Bouncing {
    sending: Sending,
    arrived: u32,
}

impl Bouncing {
    fn start() -> Bouncing {
        Bouncing {
            sending: Sending::with(ANSWERING),
            arrived: 0,
        }
    }

    /// With all that waits sent.
    async fn sent() -> Bouncing {
        let mut world = Bouncing::start();
        while world.sending.step().await == Step::Went {}
        assert_eq!(world.sending.row().0, "sent");
        assert!(world.is_answered());
        world
    }

    /// The Message-ID of an outgoing mail.
    fn id(&self, outbox: i64) -> String {
        self.text(&format!(
            "SELECT message_id FROM outbox WHERE id = {outbox}"
        ))
    }

    fn text(&self, sql: &str) -> String {
        let reader = self.sending.ledger.reader();
        reader.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// A mail arrives and is decided upon; answers what became of it.
    async fn arrives(&mut self, raw: &[u8]) -> String {
        self.arrived += 1;
        let now = soported::ports::Clock::now(&*self.sending.clock);
        let packed = super::packed(&format!("9{}", self.arrived), raw, now);
        self.sending
            .ledger
            .transaction(|tx| soported::store::inbox::store(tx, 1, 0, &[packed], None, None, now))
            .unwrap();
        self.sending.house.decide_all().await.unwrap();
        self.text("SELECT outcome FROM inbound ORDER BY id DESC LIMIT 1")
    }

    fn is_answered(&self) -> bool {
        let met = "SELECT count(*) FROM ticket WHERE response_met_at IS NOT NULL";
        self.sending.count(met) == 1
    }

    /// The facts about row 1, in their order.
    fn facts(&self) -> Vec<String> {
        let mut statement = self
            .sending
            .ledger
            .reader()
            .prepare(
                "SELECT fact ->> 'fact' FROM ticket_fact
                 WHERE fact ->> 'outbox' = 1 ORDER BY id",
            )
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn told(&self) -> i64 {
        let letters = "SELECT count(*) FROM outbox WHERE kind = 'delivery_failed'";
        self.sending.count(letters)
    }

    fn answer(&self) -> String {
        self.text("SELECT answer FROM outbox WHERE id = 1")
    }
}

const SENT_AND_FAILED: [&str; 2] = ["reply_sent", "delivery_failed"];

#[tokio::test]
async fn a_sent_mail_that_comes_back_fails_once_however_many_bounces_come() {
    let mut world = Bouncing::sent().await;
    let id = world.id(1);
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&id);
    assert_eq!(world.arrives(&bounce.build()).await, "filed");
    assert_eq!(world.sending.row(), row("failed", 1, None));
    assert_eq!(world.answer(), "550 5.1.1 no such user");
    assert!(!world.is_answered());
    assert_eq!(world.facts(), SENT_AND_FAILED);
    assert_eq!(world.told(), 1);
    assert_eq!(world.text("SELECT kind FROM due"), "response");
    let evidence = "signed id of our mail 1 in the returned headers";
    let filed = "SELECT thread_evidence FROM message WHERE class = 'bounce'
                 AND visibility = 'internal' AND direction = 'in'";
    assert_eq!(world.text(filed), evidence);
    let journal = "SELECT why FROM journal WHERE outbox_id = 1 AND ticket_id = 1
                   AND event = 'mail'";
    assert!(world.text(journal).contains(evidence));

    // The same report again, and another one about the same mail.
    let by_another_way = bounce.clone().header("X-Camino", "otro").build();
    assert_eq!(world.arrives(&by_another_way).await, "duplicate");
    let second = DeliveryReport::new("dos@mx.acme.example").envelope_id(&id);
    assert_eq!(world.arrives(&second.build()).await, "recorded");
    assert_eq!(world.facts(), SENT_AND_FAILED);
    assert_eq!(world.told(), 1);
    // Nothing of it is sent again.
    let offered = world.sending.offered();
    while world.sending.step().await == Step::Went {}
    let post = world.sending.post.lock().unwrap();
    assert_eq!(post.offered[offered..], ["ana@grupostaff.com"]);
}

#[tokio::test]
async fn a_mail_is_named_by_its_envelope_id_its_returned_header_or_the_report_s_own_references() {
    let of = |id: &str| DeliveryReport::new("uno@mx.acme.example").header("In-Reply-To", id);
    let check = async |report: &dyn Fn(&str) -> DeliveryReport, place: &str| {
        let mut world = Bouncing::sent().await;
        let id = world.id(1);
        assert_eq!(
            world.arrives(&report(&id).build()).await,
            "filed",
            "{place}"
        );
        assert_eq!(world.sending.row().0, "failed");
        let why = world.text("SELECT why FROM inbound ORDER BY id DESC LIMIT 1");
        let evidence = format!("signed id of our mail 1 {place}");
        assert!(why.contains(&evidence), "{why}");
    };
    let new = || DeliveryReport::new("uno@mx.acme.example");
    check(&|id| new().envelope_id(id), "as the envelope id").await;
    check(&|id| new().returned_id(id), "in the returned headers").await;
    check(&|id| of(&format!("<{id}>")), "in In-Reply-To").await;
    let chain = |id: &str| new().header("References", &format!("<uno@acme.example> <{id}>"));
    check(&chain, "in References").await;
}

#[tokio::test]
async fn a_bounce_that_names_no_mail_of_ours_changes_nothing() {
    let mut world = Bouncing::sent().await;
    let (ours, other) = (world.id(1), world.id(2));
    let question = world.text("SELECT message_id FROM inbound WHERE id = 1");
    let new = |id: &str| DeliveryReport::new(&format!("{id}@mx.acme.example"));
    let forged = {
        let (token, rest) = ours.split_once('.').unwrap();
        let last = if token.ends_with('a') { "b" } else { "a" };
        format!("{}{last}.{rest}", &token[..token.len() - 1])
    };
    let invented = ours.replacen('.', ".z", 1);
    let reports = [
        new("nada"),
        new("numero").header("Subject", "[GS-1] Undelivered"),
        new("numero2").header("X-Ticket", "GS-1"),
        new("falso").returned_id(&forged),
        new("falso2").envelope_id(&forged),
        new("inventado").returned_id(&invented),
        // The client's own mail.
        new("suyo").returned_id(&question),
        new("suyo2").header("In-Reply-To", &format!("<{question}>")),
        // Somebody else's mail came back, in a conversation in which ours was answered.
        new("ajeno")
            .returned_id("ajeno@acme.example")
            .header("References", &format!("<{ours}>"))
            .header("In-Reply-To", &format!("<{ours}>")),
        // Ours was answered, so it arrived.
        new("viejo").header("References", &format!("<{ours}> <ajeno@acme.example>")),
    ];
    for report in reports {
        let outcome = world.arrives(&report.build()).await;
        assert_eq!(outcome, "recorded", "{report:?}");
    }
    assert_eq!(world.sending.row(), row("sent", 1, None));
    assert!(world.is_answered());
    assert_eq!(world.told(), 0);
    assert_eq!(world.sending.count("SELECT count(*) FROM held"), 0);
    // Another mail of ours is another row.
    let notice = new("aviso")
        .returned_id(&other)
        .recipient("ana@grupostaff.com");
    assert_eq!(world.arrives(&notice.build()).await, "filed");
    assert_eq!(world.sending.row(), row("sent", 1, None));
    assert!(world.is_answered());
    let alarm = "SELECT recipient || ' ' || kind FROM outbox WHERE id = 3";
    assert_eq!(world.text(alarm), "ops@grupostaff.com operator_alarm");
}

#[tokio::test]
async fn a_bounce_before_the_acceptance_is_noted_has_the_last_word() {
    let mut world = Bouncing::start();
    let id = world.id(1);
    // The server accepts; the ledger cannot note it for now.
    let ledger = world.sending.house.ledger.clone();
    world.sending.post.lock().unwrap().breaks = Some(ledger.clone());
    assert!(world.sending.deliver.step().await.is_err());
    read_only(&ledger, false).await;
    assert_eq!(world.sending.row().0, "sending");
    let bounce = DeliveryReport::new("uno@mx.acme.example").envelope_id(&id);
    assert_eq!(world.arrives(&bounce.build()).await, "filed");
    assert_eq!(world.sending.row(), row("failed", 1, None));
    assert_eq!(world.facts(), SENT_AND_FAILED);
    // Then the acceptance is noted.
    assert_eq!(world.sending.step().await, Step::Went);
    assert_eq!(world.sending.row(), row("failed", 1, None));
    assert_eq!(world.answer(), "550 5.1.1 no such user");
    assert_eq!(world.facts(), SENT_AND_FAILED);
    assert!(!world.is_answered());
    assert_eq!(world.told(), 1);
}

#[tokio::test]
async fn a_bounce_after_a_crash_in_mid_attempt_leaves_nothing_to_recover() {
    for offered in [true, false] {
        let mut world = Bouncing::start();
        let id = world.id(1);
        let brakes = Brakes {
            per_address_hour: 9,
            per_address_day: 9,
            tickets_per_hour: 9,
            automatic_per_hour: 9,
        };
        let took = world.sending.ledger.transaction(|tx| {
            let next = outbox::take(tx, &brakes, at("24 10:00"))?;
            if offered {
                outbox::offered(tx, OutboxId(1), at("24 10:00"))?;
            }
            Ok::<_, soported::store::StoreError>(next.attempt.map(|a| a.id))
        });
        assert_eq!(took.unwrap(), Some(OutboxId(1)));
        let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&id);
        assert_eq!(world.arrives(&bounce.build()).await, "filed");
        assert_eq!(world.sending.deliver.recover().await.unwrap(), 0);
        while world.sending.step().await == Step::Went {}
        assert_eq!(world.sending.row(), row("failed", 1, None));
        assert_eq!(world.facts(), SENT_AND_FAILED);
        let to_maria = |to: &&String| *to == "maria@acme.example";
        let post = world.sending.post.lock().unwrap();
        assert_eq!(post.offered.iter().filter(to_maria).count(), 0);
    }
}

#[tokio::test]
async fn an_uncertain_mail_that_comes_back_is_not_tried_again() {
    for in_reply_to in [false, true] {
        let mut world = Bouncing::start();
        let id = world.id(1);
        let silence = Does::Says(Handover::Uncertain("silencio".to_owned()));
        world.sending.script(silence);
        world.sending.step().await;
        assert_eq!(world.sending.row(), row("uncertain", 1, Some(10)));
        let report = DeliveryReport::new("uno@mx.acme.example");
        let bounce = if in_reply_to {
            report.header("In-Reply-To", &format!("<{id}>"))
        } else {
            report.envelope_id(&id)
        };
        assert_eq!(world.arrives(&bounce.build()).await, "filed");
        assert_eq!(world.sending.row(), row("failed", 1, None));
        assert_eq!(world.facts(), SENT_AND_FAILED, "accepted, and then lost");
        assert!(!world.is_answered());
        world.sending.clock.advance(Duration::hours(1));
        while world.sending.step().await == Step::Went {}
        assert_eq!(world.sending.row(), row("failed", 1, None));
        assert_eq!(world.told(), 1);
    }
}

#[tokio::test]
async fn a_mail_that_was_in_doubt_once_comes_back_while_it_waits_for_another_attempt() {
    let mut world = Bouncing::start();
    let id = world.id(1);
    let silence = Does::Says(Handover::Uncertain("silencio".to_owned()));
    world.sending.script(silence);
    while world.sending.step().await == Step::Went {}
    world
        .sending
        .script(Does::Ends(trouble(TroubleScope::Mail)));
    world.sending.clock.advance(Duration::minutes(10));
    world.sending.step().await;
    assert_eq!(world.sending.row().0, "retry");
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&id);
    assert_eq!(world.arrives(&bounce.build()).await, "filed");
    assert_eq!(world.sending.row(), row("failed", 2, None));
    assert_eq!(world.facts(), SENT_AND_FAILED);
    world.sending.clock.advance(Duration::days(1));
    while world.sending.step().await == Step::Went {}
    assert_eq!(world.sending.row(), row("failed", 2, None));
    assert_eq!(world.told(), 1);
}

#[tokio::test]
async fn a_mail_in_doubt_that_is_withdrawn_is_not_sent_again() {
    let mut world = Bouncing::start();
    let silence = Does::Says(Handover::Uncertain("silencio".to_owned()));
    world.sending.script(silence);
    world.sending.step().await;
    assert_eq!(world.sending.row(), row("uncertain", 1, Some(10)));
    let (ticket, letter) = (TicketId(1), LetterKind::Acknowledgement);
    world
        .sending
        .ledger
        .transaction(|tx| undo::withdraw(tx, ticket, letter))
        .unwrap();
    world.sending.clock.advance(Duration::hours(1));
    while world.sending.step().await == Step::Went {}
    assert_eq!(world.sending.row(), row("cancelled", 1, None));
}

#[tokio::test]
async fn a_mail_tried_again_by_an_order_stands_until_it_comes_back_again() {
    let mut world = Bouncing::sent().await;
    let id = world.id(1);
    let bounce = |n: &str| {
        DeliveryReport::new(&format!("{n}@mx.acme.example"))
            .returned_id(&id)
            .build()
    };
    assert_eq!(world.arrives(&bounce("uno")).await, "filed");
    while world.sending.step().await == Step::Went {}
    world.sending.clock.advance(Duration::hours(1));
    let now = soported::ports::Clock::now(&*world.sending.clock);
    let ordered = world
        .sending
        .ledger
        .transaction(|tx| outbox::order_retry(tx, OutboxId(1), now));
    assert!(ordered.unwrap());
    // What is still to be tried is not what came back.
    assert_eq!(world.arrives(&bounce("dos")).await, "recorded");
    while world.sending.step().await == Step::Went {}
    assert_eq!(world.sending.row().0, "sent");
    assert!(world.is_answered());
    assert_eq!(world.arrives(&bounce("tres")).await, "filed");
    assert!(!world.is_answered());
    assert_eq!(world.told(), 2, "once for each time");
    let facts = [SENT_AND_FAILED, SENT_AND_FAILED].concat();
    assert_eq!(world.facts(), facts);
}

#[tokio::test]
async fn a_mail_that_an_operator_cancelled_is_not_called_failed() {
    let mut world = Bouncing::sent().await;
    let id = world.id(1);
    let cancel = "UPDATE outbox SET state = 'cancelled' WHERE id = 1";
    world.sending.ledger.reader().execute_batch(cancel).unwrap();
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&id);
    assert_eq!(world.arrives(&bounce.build()).await, "recorded");
    assert_eq!(world.sending.row().0, "cancelled");
    assert_eq!(world.told(), 0);
}

#[tokio::test]
async fn a_mail_is_known_by_the_name_that_its_server_gave_it() {
    let mut world = Bouncing::start();
    let answer = "250 2.0.0 OK <renombrado@prod.outlook.example> [Hostname=x]";
    world
        .sending
        .script(Does::Says(Handover::Sent(answer.to_owned())));
    while world.sending.step().await == Step::Went {}
    let bounce =
        DeliveryReport::new("uno@mx.acme.example").returned_id("renombrado@prod.outlook.example");
    assert_eq!(world.arrives(&bounce.build()).await, "filed");
    assert_eq!(world.sending.row().0, "failed");
    let evidence = "SELECT thread_evidence FROM message WHERE class = 'bounce'";
    assert_eq!(
        world.text(evidence),
        "id that a server gave our mail 1 in the returned headers"
    );
}

#[tokio::test]
async fn a_mail_that_is_late_or_delivered_is_an_event_and_nothing_more() {
    for (action, class) in [("delayed", "delay"), ("delivered", "delivered")] {
        let mut world = Bouncing::sent().await;
        let id = world.id(1);
        let report = DeliveryReport::new("uno@mx.acme.example")
            .says(action, "4.4.1", "451 4.4.1 no answer yet")
            .envelope_id(&id);
        assert_eq!(world.arrives(&report.build()).await, "filed");
        assert_eq!(world.sending.row(), row("sent", 1, None));
        assert!(world.is_answered());
        assert_eq!(world.told(), 0);
        let filed = "SELECT class || ' ' || visibility FROM message ORDER BY id DESC LIMIT 1";
        assert_eq!(world.text(filed), format!("{class} internal"));
    }
}

#[tokio::test]
async fn a_machine_s_mail_ties_no_ids_to_the_ticket_it_is_an_event_of() {
    let mut world = Bouncing::sent().await;
    let id = world.id(1);
    let automatic = Mail::from("nadie@otro.example")
        .subject("Respuesta automática: Falla")
        .header("Auto-Submitted", "auto-replied")
        .header("References", "<ajeno@otro.example>")
        .in_reply_to(&id)
        .message_id("robot@otro.example");
    assert_eq!(world.arrives(&automatic.build()).await, "filed");
    let foreign = "SELECT count(*) FROM thread_ref WHERE message_id LIKE '%@otro.example'";
    assert_eq!(world.sending.count(foreign), 0);
}

#[tokio::test]
async fn a_breach_that_the_bounced_answer_had_hidden_is_recorded() {
    let mut world = Bouncing::sent().await;
    let id = world.id(1);
    let breaches =
        "SELECT count(*) FROM ticket_fact WHERE fact LIKE '%\"response\",\"stage\":\"breach\"%'";
    world.sending.clock.advance(TimeDelta::days(7));
    world.sending.house.decide_all().await.unwrap();
    assert_eq!(world.sending.count(breaches), 0);
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&id);
    assert_eq!(world.arrives(&bounce.build()).await, "filed");
    assert_eq!(world.sending.count(breaches), 1, "due at once");
    assert_eq!(world.text("SELECT kind FROM due"), "review");
}
