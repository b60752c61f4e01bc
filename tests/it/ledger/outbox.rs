//! The queue of outgoing mail: order, brakes, and what becomes of attempts (mail.md §2, §6).

use chrono::{DateTime, Duration, Utc};
use soported::daemon::deliver::retry_at;
use soported::domain::address::Person;
use soported::domain::effect::{Manner, Outgoing, Speaker};
use soported::domain::event::AlarmCause;
use soported::domain::ids::OutboxId;
use soported::domain::letter::Letter;
use soported::domain::policy::Brakes;
use soported::domain::token::Purpose;
use soported::store::Store;
use soported::store::commit::Written;
use soported::store::outbox::{self, CutShort, NewMail, Settled};

use super::{Shop, address, at};

const BRAKES: Brakes = Brakes {
    per_address_hour: 2,
    per_address_day: 3,
    tickets_per_hour: 20,
    automatic_per_hour: 4,
};

/// Queues a mail; `exempt`: to our own people.
fn queue(
    shop: &mut Shop,
    to: &str,
    manner: Manner,
    exempt: bool,
    not_before: DateTime<Utc>,
) -> i64 {
    let n = shop.count("SELECT count(*) FROM outbox") + 1;
    let outgoing = Outgoing {
        letter: Letter::OperatorAlarm {
            cause: AlarmCause::DiskNearlyFull,
            detail: String::new(),
            since: not_before,
        },
        to: Person::new(address(to), ""),
        ticket: None,
        purpose: Purpose::Operator,
        manner,
        speaker: Speaker::Service,
        thread: None,
        source: None,
        once: format!("prueba:{n}"),
        not_before,
    };
    let written = Written {
        message_id: format!("{n}@grupostaff.com"),
        envelope_from: "soporte@grupostaff.com".to_owned(),
        raw: format!("Subject: {n}\r\n\r\n").into_bytes(),
        text: String::new(),
    };
    let id = shop.store.transaction(|tx| {
        tx.execute_batch("INSERT INTO journal (at, event, why) VALUES (0, 'order', '')")
            .map_err(soported::store::StoreError::from)?;
        let journal = tx.last_insert_rowid();
        let mail = NewMail {
            outgoing: &outgoing,
            written: &written,
            exempt,
            journal,
        };
        outbox::enqueue(tx, &mail, not_before)
    });
    id.unwrap().0
}

fn take(store: &mut Store, now: DateTime<Utc>) -> (Option<i64>, Option<DateTime<Utc>>) {
    let next = store
        .transaction(|tx| outbox::take(tx, &BRAKES, now))
        .unwrap();
    (next.attempt.map(|a| a.id.0), next.breaker_until)
}

fn settle(shop: &mut Shop, id: i64, settled: Settled, now: DateTime<Utc>) {
    shop.store
        .transaction(|tx| outbox::settle(tx, OutboxId(id), settled, "250 ok", now))
        .unwrap();
}

/// Takes and sends what is due, until nothing is; answers the order.
fn send_all(shop: &mut Shop, now: DateTime<Utc>) -> Vec<i64> {
    let mut sent = Vec::new();
    while let (Some(id), _) = take(&mut shop.store, now) {
        settle(shop, id, Settled::Sent, now);
        sent.push(id);
    }
    sent
}

fn state(shop: &Shop, id: i64) -> String {
    shop.text(&format!(
        "SELECT state || ' ' || attempts || ' ' || uncertain || ' ' || coalesce(next_at, 'never')
         FROM outbox WHERE id = {id}"
    ))
}

const CLIENT: &str = "maria@acme.example";
const STAFF: &str = "ana@grupostaff.com";

#[test]
fn a_person_s_words_leave_before_automatic_mail_and_each_in_its_order() {
    let mut shop = Shop::open();
    let now = at("24 10:00");
    let minutes = |n| now - Duration::minutes(n);
    let notice = queue(&mut shop, STAFF, Manner::Answer, true, minutes(9));
    let automatic = queue(&mut shop, CLIENT, Manner::Answer, false, minutes(10));
    let later_words = queue(&mut shop, CLIENT, Manner::Human, false, minutes(1));
    let words = queue(&mut shop, CLIENT, Manner::Human, false, minutes(2));
    let delayed = queue(
        &mut shop,
        CLIENT,
        Manner::Human,
        false,
        now + Duration::seconds(1),
    );
    assert_eq!(
        send_all(&mut shop, now),
        [words, later_words, automatic, notice]
    );
    assert_eq!(
        take(&mut shop.store, now + Duration::seconds(1)).0,
        Some(delayed)
    );
}

#[test]
fn a_mail_of_the_same_sense_is_never_queued_twice() {
    let mut shop = Shop::open();
    queue(&mut shop, CLIENT, Manner::Human, false, at("24 10:00"));
    let reader = shop.store.reader();
    assert!(outbox::exists(reader, "prueba:1").unwrap());
    assert!(!outbox::exists(reader, "prueba:2").unwrap());
    let twice = reader.execute_batch(
        "INSERT INTO outbox (once, journal_id, kind, lane, braked, purpose, recipient,
                             envelope_from, message_id, raw, state, created_at)
         SELECT once, journal_id, kind, lane, braked, purpose, recipient, envelope_from,
                'another@id', raw, state, created_at FROM outbox",
    );
    assert!(twice.is_err());
}

#[test]
fn an_attempt_is_recorded_before_it_is_made_and_each_end_has_its_state() {
    let mut shop = Shop::open();
    let now = at("24 10:00");
    let id = queue(&mut shop, CLIENT, Manner::Human, false, now);
    let later = now + Duration::minutes(10);
    let ms = later.timestamp_millis();
    let check = |shop: &mut Shop, settled, expected: &str| {
        assert_eq!(take(&mut shop.store, later).0, Some(id));
        assert!(state(shop, id).starts_with("sending "));
        assert_eq!(take(&mut shop.store, later).0, None, "not twice at once");
        settle(shop, id, settled, now);
        assert_eq!(state(shop, id), expected);
    };
    check(&mut shop, Settled::Retry(later), &format!("retry 1 0 {ms}"));
    check(
        &mut shop,
        Settled::Uncertain(Some(later)),
        &format!("uncertain 2 1 {ms}"),
    );
    check(&mut shop, Settled::Uncertain(None), "uncertain 3 2 never");
    assert_eq!(
        take(&mut shop.store, later + Duration::days(9)).0,
        None,
        "once more and then no more"
    );
    let order = |shop: &mut Shop| {
        shop.store
            .transaction(|tx| outbox::order_retry(tx, OutboxId(id), later))
            .unwrap()
    };
    assert!(order(&mut shop));
    check(&mut shop, Settled::Failed, "failed 4 2 never");
    assert!(order(&mut shop));
    check(&mut shop, Settled::Sent, "sent 5 0 never");
    assert!(
        !order(&mut shop),
        "what has left is not sent again by mistake"
    );
    assert_eq!(
        shop.count("SELECT sent_at FROM outbox"),
        now.timestamp_millis()
    );
    let cancelled = shop
        .store
        .transaction(|tx| outbox::order_cancel(tx, OutboxId(id), at("24 10:00")));
    assert!(!cancelled.unwrap());
    assert_eq!(
        shop.count("SELECT count(*) FROM journal WHERE event = 'order' AND outbox_id = 1"),
        2,
        "an order that was carried out has its line, one that was refused has none"
    );
}

#[test]
fn an_attempt_cut_short_is_known_by_its_state_and_by_how_far_it_came() {
    let mut shop = Shop::open();
    let now = at("24 10:00");
    for _ in 0..3 {
        queue(&mut shop, CLIENT, Manner::Human, false, now);
    }
    take(&mut shop.store, now);
    take(&mut shop.store, now);
    shop.store
        .transaction(|tx| {
            outbox::offered(tx, OutboxId(2), now)?;
            // Not being sent: nothing to note.
            outbox::offered(tx, OutboxId(3), now)
        })
        .unwrap();
    let row = |id, offered_at| CutShort {
        id: OutboxId(id),
        offered_at,
        uncertain: 0,
    };
    let cut = outbox::cut_short(shop.store.reader()).unwrap();
    assert_eq!(cut, [row(1, None), row(2, Some(now))]);
    assert_eq!(
        shop.count("SELECT count(*) FROM outbox WHERE id = 3 AND offered_at IS NULL"),
        1
    );
}

#[test]
fn an_address_has_its_share_by_the_hour_and_by_the_day_and_waits_for_more() {
    let mut shop = Shop::open();
    let start = at("24 10:00");
    for _ in 0..4 {
        queue(&mut shop, CLIENT, Manner::Answer, false, start);
    }
    let words = queue(&mut shop, CLIENT, Manner::Human, false, start);
    let staff: Vec<i64> = (0..4)
        .map(|_| queue(&mut shop, STAFF, Manner::Answer, true, start))
        .collect();
    let mut first = send_all(&mut shop, start);
    first.sort_unstable();
    assert_eq!(first, [1, 2, words, staff[0], staff[1], staff[2], staff[3]]);
    let due = |shop: &Shop| outbox::next_due(shop.store.reader(), None).unwrap();
    assert_eq!(
        due(&shop),
        Some(start + Duration::hours(1)),
        "waits and is not dropped"
    );
    assert_eq!(
        send_all(&mut shop, start + Duration::minutes(59)),
        [0_i64; 0]
    );
    // Another hour: one more, and the day's share is used up.
    assert_eq!(send_all(&mut shop, start + Duration::hours(1)), [3]);
    assert_eq!(due(&shop), Some(start + Duration::days(1)));
    assert_eq!(send_all(&mut shop, start + Duration::hours(23)), [0_i64; 0]);
    assert_eq!(send_all(&mut shop, start + Duration::days(1)), [4]);
    assert_eq!(due(&shop), None);
}

#[test]
fn the_global_brake_stops_automatic_mail_to_outsiders_and_nothing_else() {
    let mut shop = Shop::open();
    let start = at("24 10:00");
    for n in 0..6 {
        queue(
            &mut shop,
            &format!("p{n}@acme.example"),
            Manner::Answer,
            false,
            start,
        );
    }
    assert_eq!(send_all(&mut shop, start), [1, 2, 3, 4]);
    let until = start + Duration::hours(1);
    assert_eq!(take(&mut shop.store, start), (None, Some(until)));
    let words = queue(&mut shop, CLIENT, Manner::Human, false, start);
    let staff = queue(&mut shop, STAFF, Manner::Answer, true, start);
    assert_eq!(send_all(&mut shop, start), [words, staff]);
    assert_eq!(
        outbox::next_due(shop.store.reader(), Some(until)).unwrap(),
        Some(until)
    );
    assert_eq!(send_all(&mut shop, until), [5, 6]);
    assert_eq!(take(&mut shop.store, until), (None, None));
}

#[test]
fn retries_come_after_1_5_15_30_minutes_then_every_2_hours_for_4_days() {
    let created = at("20 09:00");
    let now = at("20 12:00");
    let wait = |attempts| retry_at(attempts, created, now).map(|at| (at - now).num_minutes());
    let waits: Vec<Option<i64>> = (1..=7).map(wait).collect();
    assert_eq!(waits, [1, 5, 15, 30, 120, 120, 120].map(Some));
    let last = created + Duration::days(4);
    assert!(retry_at(50, created, last - Duration::milliseconds(1)).is_some());
    assert_eq!(retry_at(50, created, last), None, "given up");
    let first = |attempts| retry_at(attempts, created, last).is_some();
    let tried: Vec<bool> = (1..=5).map(first).collect();
    // The house was shut while it waited: its first trouble is not its last.
    assert_eq!(tried, [true, true, true, true, false]);
}
