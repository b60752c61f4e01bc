//! Commit 1, and the claim of waiting rows (mail.md §1).

use chrono::{DateTime, Duration};
use soported::domain::ids::InboundId;
use soported::domain::message::Verdict;
use soported::store::Store;
use soported::store::inbox::{self, Claimed, MailboxRow, Packed};

use super::{Shop, at, packed};

fn mailbox(store: &mut Store) -> MailboxRow {
    let baseline = at("20 09:00");
    store
        .transaction(|tx| inbox::mailbox(tx, "imap:soporte", baseline))
        .unwrap()
}

/// Stores mails in an epoch; answers the rows that wait.
fn store(shop: &mut Shop, epoch: u32, mails: &[Packed], cursor: Option<u32>) -> Vec<i64> {
    let row = mailbox(&mut shop.store);
    let (baseline, now) = (Some(row.baseline_at), at("24 10:00"));
    let added = shop
        .store
        .transaction(|tx| inbox::store(tx, row.id, epoch, mails, cursor, baseline, now));
    added.unwrap().into_iter().map(|id| id.0).collect()
}

fn begin(shop: &mut Shop, epoch: u32) {
    let row = mailbox(&mut shop.store);
    shop.store
        .transaction(|tx| inbox::begin_epoch(tx, row.id, epoch))
        .unwrap();
}

#[test]
fn the_first_appearance_of_a_mailbox_sets_its_baseline_for_good() {
    let mut shop = Shop::open();
    assert_eq!(mailbox(&mut shop.store).baseline_at, at("20 09:00"));
    let later = shop
        .store
        .transaction(|tx| inbox::mailbox(tx, "imap:soporte", at("24 09:00")));
    assert_eq!(later.unwrap().baseline_at, at("20 09:00"));
}

#[test]
fn a_mail_stored_twice_is_one_row_and_the_cursor_never_goes_back() {
    let mut shop = Shop::open();
    begin(&mut shop, 5);
    let (a, b) = (
        packed("3", b"A: 1\n\na", at("24 09:00")),
        packed("4", b"A: 1\n\nb", at("24 09:01")),
    );
    assert_eq!(
        store(&mut shop, 5, &[a.clone(), b.clone()], Some(4)),
        [1, 2]
    );
    assert_eq!(store(&mut shop, 5, &[a, b], Some(3)), Vec::<i64>::new());
    assert_eq!(mailbox(&mut shop.store).cursor, 4);
    assert_eq!(shop.count("SELECT count(*) FROM inbound"), 2);
    // A cursor of an epoch that is over moves nothing.
    begin(&mut shop, 6);
    assert_eq!(mailbox(&mut shop.store).cursor, 0);
    store(&mut shop, 5, &[], Some(9));
    assert_eq!(mailbox(&mut shop.store).cursor, 0);
}

#[test]
fn unknown_answers_what_the_ledger_does_not_hold_in_its_order() {
    let mut shop = Shop::open();
    begin(&mut shop, 5);
    store(
        &mut shop,
        5,
        &[packed("3", b"A: 1\n\na", at("24 09:00"))],
        None,
    );
    let id = mailbox(&mut shop.store).id;
    let ask = |shop: &Shop, mailbox, epoch| {
        let locators = ["9", "3", "1"].map(str::to_owned);
        inbox::unknown(shop.store.reader(), mailbox, epoch, &locators).unwrap()
    };
    assert_eq!(ask(&shop, id, 5), ["9", "1"]);
    assert_eq!(ask(&shop, id, 6), ["9", "3", "1"], "another epoch");
    assert_eq!(ask(&shop, id + 1, 5), ["9", "3", "1"], "another mailbox");
}

#[test]
fn mail_of_before_the_baseline_is_recorded_and_never_acts() {
    let mut shop = Shop::open();
    let just = at("20 09:00");
    let before = packed("1", b"A: 1\n\na", just - Duration::milliseconds(1));
    let on_time = packed("2", b"A: 1\n\nb", just);
    assert_eq!(store(&mut shop, 0, &[before, on_time], None), [2]);
    assert_eq!(
        shop.column("SELECT state || ' ' || coalesce(outcome, '') FROM inbound ORDER BY id"),
        ["done before_start", "waiting "]
    );
}

#[test]
fn the_same_bytes_of_the_same_second_are_the_same_mail_under_another_uid() {
    let mut shop = Shop::open();
    begin(&mut shop, 5);
    let first = packed("3", b"A: 1\n\na", at("24 09:00"));
    assert_eq!(store(&mut shop, 5, &[first], None), [1]);
    begin(&mut shop, 6);
    let again = packed("8", b"A: 1\n\na", at("24 09:00"));
    let later = packed("9", b"A: 1\n\na", at("24 09:01"));
    assert_eq!(store(&mut shop, 6, &[again, later], None), [3]);
    assert_eq!(shop.count("SELECT twin_id FROM inbound WHERE id = 2"), 1);
    assert_eq!(
        shop.text("SELECT outcome FROM inbound WHERE id = 2"),
        "duplicate"
    );
    let kept = shop.count("SELECT count(*) FROM inbound_raw");
    assert_eq!(kept, 2, "the twin's bytes are kept once");
    let raw = inbox::raw(shop.store.reader(), InboundId(1)).unwrap();
    assert_eq!(raw.as_deref(), Some(b"A: 1\n\na".as_slice()));
}

#[test]
fn an_attempt_is_counted_before_it_and_a_tried_row_is_claimed_alone() {
    let mut shop = Shop::open();
    for n in 0..5_u8 {
        shop.ingest(&[b'A', b':', b' ', n + b'0', b'\n'], at("24 09:00"))
            .unwrap();
    }
    let claim = |shop: &mut Shop, limit| -> Vec<(i64, u32)> {
        let claimed = shop
            .store
            .transaction(|tx| inbox::claim(tx, limit))
            .unwrap();
        claimed.iter().map(|c| (c.id.0, c.attempts)).collect()
    };
    let attempts =
        |shop: &Shop, id: i64| shop.count(&format!("SELECT attempts FROM inbound WHERE id = {id}"));
    assert_eq!(claim(&mut shop, 2), [(1, 0), (2, 0)]);
    assert_eq!((attempts(&shop, 1), attempts(&shop, 3)), (1, 0));
    // A process that died leaves two suspects; each comes alone, and the innocent wait behind.
    assert_eq!(claim(&mut shop, 10), [(1, 1)]);
    let done = |shop: &mut Shop, id: i64| {
        let sql = format!("UPDATE inbound SET state = 'done' WHERE id = {id}");
        shop.store.reader().execute_batch(&sql).unwrap();
    };
    done(&mut shop, 1);
    assert_eq!(claim(&mut shop, 10), [(2, 1)]);
    done(&mut shop, 2);
    // Those before a suspect go without it.
    shop.store
        .reader()
        .execute_batch("UPDATE inbound SET attempts = 3 WHERE id = 4")
        .unwrap();
    assert_eq!(claim(&mut shop, 10), [(3, 0)]);

    let one = |shop: &mut Shop, id| {
        shop.store
            .transaction(|tx| inbox::claim_one(tx, InboundId(id)))
            .unwrap()
    };
    let claimed = Claimed {
        id: InboundId(5),
        attempts: 0,
    };
    assert_eq!(one(&mut shop, 5), Some(claimed));
    assert_eq!(one(&mut shop, 1), None, "done already");
    for _ in 0..3 {
        shop.store
            .transaction(|tx| inbox::uncount_attempt(tx, InboundId(5)))
            .unwrap();
    }
    assert_eq!(attempts(&shop, 5), 0, "never below zero");
}

#[test]
fn a_twin_is_a_copy_that_came_to_no_less_than_this_one_may() {
    let mut shop = Shop::open();
    let first = shop.ingest(b"A: 1\n\na", at("24 09:00")).unwrap();
    let second = shop.ingest(b"B: 1\n\na", at("24 09:00")).unwrap();
    let check = |outcome: &str, verdict: &str, copy, expected: bool| {
        let sql = format!(
            "UPDATE inbound SET state = 'done', message_id = 'a@b', content_hash = 'c',
                    outcome = '{outcome}', verdict = '{verdict}' WHERE id = {first}"
        );
        shop.store.reader().execute_batch(&sql).unwrap();
        let twin = inbox::twin(shop.store.reader(), second, ("a@b", "c"), Some(copy)).unwrap();
        assert_eq!(
            twin == Some(first),
            expected,
            "{outcome} {verdict} {copy:?}"
        );
    };
    for verdict in [
        Verdict::Strong,
        Verdict::Medium,
        Verdict::None,
        Verdict::Fail,
    ] {
        check("opened", "strong", verdict, true);
        check("filed", "none", verdict, true);
        check("recorded", "strong", verdict, false);
        check("duplicate", "strong", verdict, false);
    }
    check("held", "fail", Verdict::Strong, false);
    check("held", "fail", Verdict::Fail, true);
    check("held", "none", Verdict::Medium, false);
    check("held", "medium", Verdict::Medium, true);
    check("held", "strong", Verdict::None, true);
    for (id, hash) in [("a@b", "other"), ("other@b", "c")] {
        let twin = inbox::twin(shop.store.reader(), second, (id, hash), Some(Verdict::None));
        assert_eq!(twin.unwrap(), None);
    }
    let itself = inbox::twin(
        shop.store.reader(),
        first,
        ("a@b", "c"),
        Some(Verdict::None),
    );
    assert_eq!(itself.unwrap(), None);
}

#[test]
fn a_poll_is_noted_and_an_overlap_scan_apart() {
    let mut shop = Shop::open();
    let row = mailbox(&mut shop.store);
    assert_eq!(row.last_overlap_at, None);
    let polled = |shop: &mut Shop, overlap, now: DateTime<chrono::Utc>| {
        shop.store
            .transaction(|tx| inbox::polled(tx, row.id, overlap, now))
            .unwrap();
        mailbox(&mut shop.store).last_overlap_at
    };
    assert_eq!(
        polled(&mut shop, true, at("24 09:00")),
        Some(at("24 09:00"))
    );
    assert_eq!(
        polled(&mut shop, false, at("24 10:00")),
        Some(at("24 09:00"))
    );
}
