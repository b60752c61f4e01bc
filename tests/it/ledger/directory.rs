//! The directory: validity, revocation, history, notices, and held mail's end (policy.md §1).

use chrono::{Duration, NaiveDate};
use soported::domain::authorizer::Authorizer;
use soported::domain::effect::HeldCause;
use soported::store::directory::{self, Change};
use soported::store::held;

use super::{ACME, MARIA, Shop, address, at, entry};
use crate::world::mails::Mail;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn an_authorizer_counts_from_the_first_to_the_last_of_his_days() {
    let mut shop = Shop::open();
    let dated = Authorizer {
        from: Some(day("2026-11-10")),
        until: Some(day("2026-11-20")),
        ..entry("temporal@acme.example", "Temporal")
    };
    shop.store
        .transaction(|tx| directory::add_entry(tx, ACME, &dated))
        .unwrap();
    let check = |date: &str, counts: bool| {
        let tx = shop.store.reader();
        let listed = directory::listed(tx, &address("temporal@acme.example"), day(date)).unwrap();
        assert_eq!(listed.is_some(), counts, "{date}");
        let all = directory::authorizers(tx, ACME, day(date)).unwrap();
        assert_eq!(all.len(), 1 + usize::from(counts), "{date}");
    };
    check("2026-11-09", false);
    check("2026-11-10", true);
    check("2026-11-20", true);
    check("2026-11-21", false);
    // Whatever his dates, the address is taken.
    let known = directory::client_of_entry(shop.store.reader(), &address("temporal@acme.example"));
    assert_eq!(known.unwrap().map(|c| c.name), Some("ACME".to_owned()));
}

#[test]
fn an_address_is_current_once_and_its_rows_are_ended_not_deleted() {
    let mut shop = Shop::open();
    let twice = shop
        .store
        .transaction(|tx| directory::add_entry(tx, ACME, &entry(MARIA, "Otra")));
    assert!(twice.is_err());
    let ended = |shop: &mut Shop| {
        shop.store
            .transaction(|tx| directory::end_entry(tx, &address(MARIA), at("24 10:00")))
            .unwrap()
    };
    assert!(ended(&mut shop));
    assert!(!ended(&mut shop), "there is none any more");
    let listed = directory::listed(shop.store.reader(), &address(MARIA), day("2026-11-24"));
    assert_eq!(listed.unwrap(), None);
    shop.store
        .transaction(|tx| directory::add_entry(tx, ACME, &entry(MARIA, "María Pérez")))
        .unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM authorizer"), 2);
    let all = directory::all(shop.store.reader()).unwrap();
    assert_eq!(all[0].authorizers, [entry(MARIA, "María Pérez")]);
}

#[test]
fn a_domain_belongs_to_one_client_and_moves_as_a_whole() {
    let mut shop = Shop::open();
    let owner = |shop: &Shop| {
        let found = directory::client_of_domain(shop.store.reader(), "acme.example");
        found.unwrap().map(|c| c.name)
    };
    assert_eq!(owner(&shop), Some("ACME".to_owned()));
    shop.store
        .transaction(|tx| {
            let other = directory::add_client(tx, "Globex", &Default::default())?;
            directory::set_domain(tx, other, "acme.example")?;
            // ACME's word on a domain that is not its own any more changes nothing.
            directory::drop_domain(tx, ACME, "acme.example")
        })
        .unwrap();
    assert_eq!(owner(&shop), Some("Globex".to_owned()));
    let named = |name: &str| directory::client_named(shop.store.reader(), name).unwrap();
    assert_eq!(named("acme").map(|c| c.id), Some(ACME), "case is free");
    assert_eq!(named("nadie"), None);
}

#[test]
fn the_history_keeps_every_change_in_its_order() {
    let mut shop = Shop::open();
    let change = |action: &str, minute| Change {
        at: at("24 10:00") + Duration::minutes(minute),
        actor: "operator".to_owned(),
        action: action.to_owned(),
        client: "ACME".to_owned(),
        address: MARIA.to_owned(),
        detail: "prueba".to_owned(),
    };
    let changes = [
        "client_added",
        "authorized",
        "changed",
        "revoked",
        "client_changed",
    ];
    let changes: Vec<Change> = changes.iter().zip(0..).map(|(a, n)| change(a, n)).collect();
    shop.store
        .transaction(|tx| changes.iter().try_for_each(|c| directory::record(tx, c)))
        .unwrap();
    assert_eq!(directory::history(shop.store.reader()).unwrap(), changes);
    let odd = shop
        .store
        .transaction(|tx| directory::record(tx, &change("odd", 9)));
    assert!(odd.is_err(), "a closed list of actions");
}

#[test]
fn a_notice_is_remembered_for_its_address_day_and_reason() {
    let mut shop = Shop::open();
    let pedro = address("pedro@acme.example");
    let today = day("2026-11-24");
    for reason in [HeldCause::Unauthorized, HeldCause::Unauthorized] {
        shop.store
            .transaction(|tx| directory::remember_notice(tx, &pedro, reason, today))
            .unwrap();
    }
    let told = |who: &str, date: &str| {
        directory::notified(shop.store.reader(), &address(who), day(date)).unwrap()
    };
    let once = [HeldCause::Unauthorized];
    assert_eq!(told("pedro@acme.example", "2026-11-24"), once);
    assert_eq!(told("pedro@acme.example", "2026-11-25"), []);
    assert_eq!(told(MARIA, "2026-11-24"), []);
}

#[test]
fn an_unlisted_colleague_is_told_once_a_day_however_often_he_writes() {
    let mut shop = Shop::open();
    let mail = |n: u8| {
        Mail::from("pedro@acme.example")
            .subject(&format!("Falla {n}"))
            .build()
    };
    let notices = |shop: &Shop| shop.count("SELECT count(*) FROM outbox");
    for (n, time, expected) in [(1, "24 10:00", 2), (2, "24 23:59", 2), (3, "25 00:00", 4)] {
        shop.ingest(&mail(n), at(time));
        shop.process(at(time));
        assert_eq!(notices(&shop), expected, "{time}");
    }
    assert_eq!(
        shop.count("SELECT count(*) FROM held WHERE cause = 'unauthorized'"),
        3
    );
}

#[test]
fn held_mail_expires_after_its_days_and_stays_in_the_ledger() {
    let mut shop = Shop::open();
    shop.ingest(&Mail::from("nadie@otro.example").build(), at("20 10:00"));
    // Held on the 24th, whenever it was received: its days begin when somebody can see it.
    shop.process(at("24 10:00"));
    let keep = Duration::days(30);
    let expire = |shop: &mut Shop, now| {
        shop.store
            .transaction(|tx| held::expire(tx, keep, now))
            .unwrap()
    };
    let end = at("24 10:00") + keep;
    assert_eq!(expire(&mut shop, end), 0);
    assert_eq!(expire(&mut shop, end + Duration::milliseconds(1)), 1);
    assert_eq!(expire(&mut shop, end + Duration::days(1)), 0);
    assert_eq!(shop.text("SELECT state FROM held"), "expired");
    assert_eq!(shop.count("SELECT count(*) FROM inbound_raw"), 1);
    let found = held::find(shop.store.reader(), soported::domain::ids::HeldId(1));
    let state = found.unwrap().unwrap().state;
    assert_eq!(state, held::HeldState::Expired);
    assert_eq!(
        shop.column("SELECT why FROM journal WHERE event = 'due'"),
        ["held mail 1 (unknown_domain): expired after 30 days, nobody decided"],
        "once"
    );
}
