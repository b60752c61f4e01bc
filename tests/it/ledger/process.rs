//! Commit 2: a mail that fails takes no other with it, and ends with a person (mail.md §1).

use soported::daemon::process::{batch, fire_due, one};
use soported::domain::event::Release;
use soported::domain::ids::InboundId;
use soported::store::{Connection, StoreError, inbox};

use super::{ACME, MARIA, Shop, at, entry, question};
use crate::world::mails::Mail;

const OUTCOMES: &str = "SELECT coalesce(outcome, state) FROM inbound ORDER BY id";

#[test]
fn an_authorizer_s_mail_becomes_a_ticket_with_all_its_rows_in_one_commit() {
    let mut shop = Shop::open();
    shop.ingest(&question("Falla"), at("24 10:00"));
    shop.process(at("24 10:00"));
    assert_eq!(shop.column(OUTCOMES), ["opened"]);
    let per_table = |table: &str| shop.count(&format!("SELECT count(*) FROM {table}"));
    assert_eq!(per_table("ticket"), 1);
    assert_eq!(per_table("due"), 1);
    assert_eq!(
        per_table("message"),
        2,
        "the question and the acknowledgement"
    );
    assert_eq!(
        shop.column("SELECT kind || ' ' || recipient FROM outbox ORDER BY id"),
        [
            "acknowledgement maria@acme.example",
            "consultant_new_ticket ana@grupostaff.com"
        ]
    );
    // No effect without a journal line.
    assert_eq!(per_table("journal"), 1);
    assert_eq!(
        shop.count("SELECT count(*) FROM ticket_fact WHERE journal_id = 1"),
        2
    );
    assert_eq!(
        shop.count("SELECT count(*) FROM outbox WHERE journal_id = 1"),
        2
    );
    assert_eq!(shop.count("SELECT attempts FROM inbound"), 0);
}

#[test]
fn a_mail_that_panics_five_times_is_held_with_an_alarm_while_the_others_go_on() {
    let mut shop = Shop::open();
    for n in 1..=3 {
        shop.ingest(&question(&format!("Falla {n}")), at("24 10:00"));
    }
    // Two letters a mail; the second mail fails at its first one, five times over.
    shop.ids
        .script(&[false, false, true, false, false, true, true, true, true]);
    let now = at("24 10:00");
    assert_eq!(batch(&mut shop.store, &shop.engine, now).unwrap(), 3);
    assert_eq!(shop.column(OUTCOMES), ["opened", "waiting", "opened"]);
    assert_eq!(
        shop.count("SELECT count(*) FROM ticket"),
        2,
        "its savepoint was undone"
    );
    assert_eq!(
        shop.text("SELECT last_error FROM inbound WHERE id = 2"),
        "the database holds an unreadable value: panic: as the script says"
    );
    shop.process(now);
    assert_eq!(shop.column(OUTCOMES), ["opened", "held", "opened"]);
    assert_eq!(shop.text("SELECT cause FROM held"), "unprocessable");
    assert_eq!(shop.text("SELECT cause FROM alarm"), "unprocessable");
    let told = "SELECT count(*) FROM outbox WHERE kind = 'operator_alarm'";
    assert_eq!(shop.count(told), 1);

    // A second such mail is held under the same alarm.
    shop.ingest(&question("Falla 4"), at("24 10:00"));
    shop.ids.script(&[true, true, true, true, true]);
    shop.process(now);
    assert_eq!(shop.count("SELECT count(*) FROM held"), 2);
    assert_eq!(shop.count(told), 1);
}

#[test]
fn a_mail_whose_stored_bytes_are_damaged_is_held_and_stops_nobody() {
    let mut shop = Shop::open();
    for n in 1..=2 {
        shop.ingest(&question(&format!("Falla {n}")), at("24 10:00"));
    }
    let damage = "UPDATE inbound_raw SET raw = x'00' WHERE inbound_id = 1";
    shop.store.reader().execute_batch(damage).unwrap();
    shop.process(at("24 10:00"));
    assert_eq!(shop.column(OUTCOMES), ["held", "opened"]);
}

#[test]
fn a_mail_that_killed_the_process_five_times_is_held_unread() {
    let mut shop = Shop::open();
    shop.ingest(&question("Falla"), at("24 10:00"));
    for _ in 0..5 {
        let claimed = shop.store.transaction(|tx| inbox::claim(tx, 10)).unwrap();
        assert_eq!(claimed.len(), 1, "and then the process died");
    }
    shop.process(at("24 10:00"));
    assert_eq!(shop.column(OUTCOMES), ["held"]);
    let why = shop.text("SELECT why FROM inbound");
    assert!(
        why.contains("the process ended while it read the mail"),
        "{why}"
    );
}

/// Makes every write to a table fail as a full disk does, until it is lifted.
fn fill_disk(shop: &Shop, pages: i64) {
    let set = format!("PRAGMA max_page_count = {pages}");
    shop.store.reader().query_row(&set, [], |_| Ok(())).unwrap();
}

#[test]
fn a_full_disk_is_not_the_mail_s_fault() {
    let mut shop = Shop::open();
    let long = Mail::from(MARIA).text(&"palabra ".repeat(60_000)).build();
    shop.ingest(&long, at("24 10:00"));
    fill_disk(&shop, shop.count("PRAGMA page_count"));
    let now = at("24 10:00");
    for _ in 0..7 {
        let failed = batch(&mut shop.store, &shop.engine, now).unwrap_err();
        assert!(failed.is_storage_failure(), "{failed}");
        assert_eq!(shop.count("SELECT attempts FROM inbound"), 0);
    }
    fill_disk(&shop, 1_000_000);
    shop.process(now);
    assert_eq!(shop.column(OUTCOMES), ["opened"]);
}

#[test]
fn what_fails_for_one_reason_is_tried_again_and_for_another_is_not() {
    let full =
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
    let twice = rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CONSTRAINT),
        None,
    );
    assert!(StoreError::Sqlite(full).is_storage_failure());
    assert!(!StoreError::Sqlite(twice).is_storage_failure());
    assert!(!StoreError::Unwritable(String::new()).is_storage_failure());
}

#[test]
fn a_second_copy_of_a_mail_does_nothing_but_a_genuine_one_is_heard_after_a_forged_one() {
    let mut shop = Shop::open();
    let mail = Mail::from(MARIA).subject("Falla");
    shop.ingest(&mail.clone().forged().build(), at("24 10:00"));
    shop.ingest(&mail.build(), at("24 10:01"));
    let by_another_way = mail.clone().header("X-Camino", "otro").build();
    shop.ingest(&by_another_way, at("24 10:02"));
    shop.process(at("24 10:02"));
    assert_eq!(shop.column(OUTCOMES), ["held", "opened", "duplicate"]);
    assert_eq!(shop.count("SELECT twin_id FROM inbound WHERE id = 3"), 2);
    // The same Message-ID with other words is another mail.
    let other = mail.text("Otra cosa.\n").build();
    shop.ingest(&other, at("24 10:03"));
    shop.process(at("24 10:03"));
    assert_eq!(shop.column(OUTCOMES)[3], "opened");
}

#[test]
fn due_rows_fire_once_each_and_leave_a_next_one() {
    let mut shop = Shop::open();
    shop.ingest(&question("Falla"), at("24 10:00"));
    shop.process(at("24 10:00"));
    let fire = |shop: &mut Shop, now| fire_due(&mut shop.store, &shop.engine, now).unwrap();
    let breaches =
        |shop: &Shop| shop.count("SELECT count(*) FROM ticket_fact WHERE fact LIKE '%\"breach\"%'");
    // 16 hours: Wednesday 16:30. Of the stages before it only the highest is told.
    assert_eq!(fire(&mut shop, at("25 16:30")), 1);
    assert_eq!((fire(&mut shop, at("25 16:30")), breaches(&shop)), (0, 0));
    assert_eq!(fire(&mut shop, at("25 16:31")), 1);
    assert_eq!(breaches(&shop), 1);
    assert_eq!(fire(&mut shop, at("25 16:31")), 0);
    assert_eq!(fire(&mut shop, at("26 08:30")), 1);
    assert_eq!(fire(&mut shop, at("30 08:30")), 1);
    assert_eq!(breaches(&shop), 1);
    assert_eq!(shop.text("SELECT kind FROM due"), "review");
}

pub fn release(tx: &Connection, id: i64) -> soported::store::Result<()> {
    use soported::domain::ids::HeldId;
    use soported::store::held::{HeldState, OPERATOR, decide};
    let released = HeldState::Released;
    assert!(decide(
        tx,
        HeldId(id),
        released,
        OPERATOR,
        "for ACME",
        at("24 11:00")
    )?);
    let release = Release {
        client: Some(ACME),
        ..Release::default()
    };
    inbox::requeue(tx, InboundId(1), Some(&release))
}

#[test]
fn a_released_mail_is_processed_anew_with_its_original_receipt() {
    let mut shop = Shop::open();
    shop.ingest(&Mail::from("pedro@acme.example").build(), at("24 10:00"));
    shop.process(at("24 10:00"));
    assert_eq!(shop.column(OUTCOMES), ["held"]);
    shop.store.transaction(|tx| release(tx, 1)).unwrap();
    assert_eq!(
        shop.text("SELECT why FROM journal WHERE event = 'order' AND inbound_id = 1"),
        "held mail 1 (unauthorized): released by operator, for ACME"
    );
    one(&mut shop.store, &shop.engine, InboundId(1), at("24 11:00")).unwrap();
    assert_eq!(shop.column(OUTCOMES), ["opened"]);
    let opened = shop.count("SELECT opened_at FROM ticket");
    assert_eq!(opened, at("24 10:00").timestamp_millis());
    // Somebody else was faster: nothing happens twice.
    one(&mut shop.store, &shop.engine, InboundId(1), at("24 11:00")).unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM ticket"), 1);
}

#[test]
fn the_directory_counts_as_it_was_when_the_mail_came() {
    use soported::store::directory;
    let mut shop = Shop::open();
    shop.store
        .transaction(|tx| {
            let mut late = entry("nuevo@acme.example", "Nuevo");
            late.from = Some("2026-11-25".parse().unwrap());
            directory::add_entry(tx, ACME, &late)?;
            let mut gone = entry("viejo@acme.example", "Viejo");
            gone.until = Some("2026-11-24".parse().unwrap());
            directory::add_entry(tx, ACME, &gone)
        })
        .unwrap();
    let mail = |from: &str, n: u8| Mail::from(from).subject(&format!("Falla {n}")).build();
    shop.ingest(&mail("nuevo@acme.example", 1), at("24 23:59"));
    shop.ingest(&mail("nuevo@acme.example", 2), at("25 00:00"));
    shop.ingest(&mail("viejo@acme.example", 3), at("24 23:59"));
    shop.ingest(&mail("viejo@acme.example", 4), at("25 00:00"));
    shop.process(at("26 10:00"));
    assert_eq!(shop.column(OUTCOMES), ["held", "opened", "opened", "held"]);
}
