//! What the ledger knows of threads: ids, tags and people, from one mail to the next.

use soported::store::directory;

use super::{ACME, MARIA, Shop, at};
use crate::world::mails::Mail;

const TICKETS: &str = "SELECT count(*) FROM ticket";

fn bring(shop: &mut Shop, mail: &Mail, time: &str) {
    shop.ingest(&mail.build(), at(time));
    shop.process(at(time));
}

#[test]
fn two_answers_to_a_mail_nobody_here_saw_meet_and_absurd_ids_bring_nothing_together() {
    let tickets_after_two = |id: &str| {
        let mut shop = Shop::open();
        for (n, time) in [(1, "24 10:00"), (2, "24 10:05")] {
            let subject = format!("Asunto {n}");
            let mail = Mail::from(MARIA).subject(&subject).in_reply_to(id);
            bring(&mut shop, &mail, time);
        }
        shop.count(TICKETS)
    };
    assert_eq!(tickets_after_two("nunca-visto.77@acme.example"), 1);
    let long = format!("{}@acme.example", "x".repeat(260));
    for absurd in [
        "null@null",
        "undefined@acme.example",
        "",
        "@",
        "sin-arroba",
        "soporte@grupostaff.com",
        MARIA,
        &long,
    ] {
        assert_eq!(tickets_after_two(absurd), 2, "{absurd}");
    }
}

#[test]
fn a_mail_whose_own_id_is_a_constant_ties_nothing() {
    let mut shop = Shop::open();
    let scan = |n: u8| {
        Mail::from(MARIA)
            .subject(&format!("Escaneo {n}"))
            .message_id("null@null")
    };
    bring(&mut shop, &scan(1), "24 10:00");
    bring(&mut shop, &scan(2), "24 10:05");
    assert_eq!(shop.count(TICKETS), 2);
    let tied = "SELECT count(*) FROM thread_ref WHERE message_id = 'null@null'";
    assert_eq!(shop.count(tied), 0);
}

#[test]
fn a_tag_of_no_ticket_is_told_and_not_followed() {
    let mut shop = Shop::open();
    let mail = Mail::from(MARIA).subject("RE: Falla [GS-99]");
    bring(&mut shop, &mail, "24 10:00");
    assert_eq!(
        shop.text("SELECT thread_evidence FROM message WHERE direction = 'in'"),
        "opened the ticket; tag [GS-99] seen: no such ticket, ignored"
    );
    let why = shop.text("SELECT why FROM inbound");
    assert!(
        why.contains("thread: tag [GS-99] seen: no such ticket"),
        "{why}"
    );
}

#[test]
fn who_was_copied_is_kept_and_may_answer() {
    let mut shop = Shop::open();
    let asked = Mail::from(MARIA)
        .message_id("uno@acme.example")
        .cc("perito@afuera.example");
    bring(&mut shop, &asked, "24 10:00");
    assert_eq!(
        shop.column("SELECT address FROM ticket_participant WHERE copied = 1"),
        ["perito@afuera.example"]
    );
    let answer = |from: &str| {
        Mail::from(from)
            .subject("RE: lo mismo")
            .in_reply_to("uno@acme.example")
    };
    bring(&mut shop, &answer("perito@afuera.example"), "24 10:10");
    bring(&mut shop, &answer("otro@afuera.example"), "24 10:20");
    assert_eq!(
        shop.column("SELECT outcome FROM inbound ORDER BY id"),
        ["opened", "filed", "held"]
    );
    assert_eq!(shop.text("SELECT cause FROM held"), "third_party");
}

#[test]
fn a_client_s_setting_lets_its_colleagues_take_part() {
    let mut shop = Shop::open();
    let asked = Mail::from(MARIA).message_id("uno@acme.example");
    bring(&mut shop, &asked, "24 10:00");
    let answer = |n: u8| {
        Mail::from("pedro@acme.example")
            .subject(&format!("RE: {n}"))
            .in_reply_to("uno@acme.example")
    };
    bring(&mut shop, &answer(1), "24 10:10");
    let settings = directory::ClientSettings {
        same_domain_participants: true,
        ..directory::ClientSettings::default()
    };
    shop.store
        .transaction(|tx| directory::set_settings(tx, ACME, &settings))
        .unwrap();
    bring(&mut shop, &answer(2), "24 10:20");
    assert_eq!(
        shop.column("SELECT outcome FROM inbound ORDER BY id"),
        ["opened", "held", "filed"]
    );
}

#[test]
fn a_released_copy_of_what_was_opened_since_opens_nothing_again() {
    let mut shop = Shop::open();
    let mail = Mail::from(MARIA).subject("Falla");
    bring(&mut shop, &mail.clone().forged(), "24 10:00");
    bring(&mut shop, &mail, "24 10:01");
    assert_eq!(shop.count(TICKETS), 1);
    shop.store
        .transaction(|tx| super::process::release(tx, 1))
        .unwrap();
    shop.process(at("24 11:00"));
    assert_eq!(
        shop.column("SELECT outcome FROM inbound ORDER BY id"),
        ["duplicate", "opened"]
    );
    assert_eq!(shop.count(TICKETS), 1);
}
