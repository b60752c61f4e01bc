//! The nightly check: what is stored of deadlines follows the policy, and nothing else moves it.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use soported::config::{ProcessEnvironment, parse};
use soported::daemon::engine::Engine;
use soported::daemon::recheck::round;
use soported::domain::ids::TicketId;
use soported::render::Templates;
use soported::store::directory::{self, ClientSettings};
use soported::store::recheck::{OVER, last_pass};
use soported::store::{Store, migrate};

use super::{ACME, CONFIG, Shop, at, question};

const DUE: &str = "SELECT kind || ' ' || at FROM due ORDER BY ticket_id, kind";
const WHY: &str = "SELECT why FROM journal WHERE event = 'recompute' ORDER BY id";

/// A shop with one unanswered ticket of Tuesday 10:00, checked once.
fn shop() -> Shop {
    let mut shop = Shop::open();
    restart(&mut shop, "");
    shop.ingest(&question("Falla"), at("24 10:00"));
    shop.process(at("24 10:00"));
    check_all(&mut shop, at("24 10:00"));
    shop
}

/// The shop's next start is under a configuration with these lines more. The one alert of an
/// unanswered ticket is that of its limit.
fn restart(shop: &mut Shop, more: &str) {
    let medium = if more.contains("[response.medium]") {
        ""
    } else {
        "[response.medium]\ntarget = \"16h\""
    };
    let text = format!("{CONFIG}\n[alerts]\npercents = []\n{medium}\n{more}");
    let settings = parse(&text, shop.folder.path(), &ProcessEnvironment)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .settings;
    let templates = Templates::load(None, settings.zone).unwrap();
    let ids = shop.ids.clone();
    let engine = Engine::new(&settings, templates, &mut shop.store, ids, at("24 10:00"));
    shop.engine = Arc::new(engine.unwrap());
}

/// Rounds to the end of the pass; answers how many there were.
fn check_all(shop: &mut Shop, now: DateTime<Utc>) -> usize {
    let mut rounds = 1;
    while round(&mut shop.store, &shop.engine, now).unwrap() {
        rounds += 1;
        assert!(rounds < 100, "the pass has no end");
    }
    rounds
}

fn limit(at: DateTime<Utc>) -> String {
    let due = at + Duration::seconds(1);
    format!("response {}", due.timestamp_millis())
}

fn doctor(shop: &Shop, sql: &str) {
    shop.store.reader().execute_batch(sql).unwrap();
}

#[test]
fn a_changed_limit_moves_the_deadlines_of_open_tickets_and_says_why() {
    let mut shop = shop();
    assert_eq!(shop.column(DUE), [limit(at("25 16:30"))]);
    restart(
        &mut shop,
        "[response.medium]\ntarget = \"20h\"\nlimit = \"20h\"",
    );
    check_all(&mut shop, at("24 11:00"));
    assert_eq!(shop.column(DUE), [limit(at("26 11:00"))]);
    assert_eq!(
        shop.count("SELECT response_limit_open_at FROM ticket"),
        at("26 11:00").timestamp_millis()
    );
    assert_eq!(
        shop.column(WHY),
        ["GS-1: deadlines recomputed: the policy, a calendar or the program changed"]
    );
    assert_eq!(
        shop.count("SELECT ticket_id FROM journal WHERE event = 'recompute'"),
        1
    );
    // And back again: it is the present policy that counts, not the first one.
    restart(&mut shop, "");
    check_all(&mut shop, at("24 11:01"));
    assert_eq!(shop.column(DUE), [limit(at("25 16:30"))]);
}

#[test]
fn a_new_rest_day_moves_them_too() {
    let mut shop = shop();
    restart(&mut shop, "[calendar]\nextra_closed = [\"2026-11-25\"]");
    check_all(&mut shop, at("24 11:00"));
    assert_eq!(shop.column(DUE), [limit(at("26 16:30"))]);
}

#[test]
fn what_deadlines_do_not_depend_on_begins_no_pass() {
    let mut shop = shop();
    let before = last_pass(shop.store.reader()).unwrap();
    restart(&mut shop, "[replies]\ndelay = \"5m\"");
    check_all(&mut shop, at("24 11:00"));
    assert_eq!(last_pass(shop.store.reader()).unwrap(), before);
}

#[test]
fn a_client_s_own_calendar_begins_a_pass_and_where_nothing_differs_nothing_is_written() {
    let mut shop = shop();
    let before = last_pass(shop.store.reader()).unwrap().unwrap();
    let settings = ClientSettings {
        calendar: Some("{ monday = [\"09:00-14:00\"] }".to_owned()),
        ..ClientSettings::default()
    };
    shop.store
        .transaction(|tx| directory::set_settings(tx, ACME, &settings))
        .unwrap();
    round(&mut shop.store, &shop.engine, at("24 11:00")).unwrap();
    let after = last_pass(shop.store.reader()).unwrap().unwrap();
    assert_ne!(after.policy, before.policy);
    assert_eq!((after.position, after.changed), (OVER, false));
}

#[test]
fn an_unchanged_policy_writes_nothing_of_any_ticket_on_any_day() {
    let mut shop = shop();
    let rows = "SELECT (SELECT count(*) FROM journal) * 1000 + (SELECT count(*) FROM ticket_fact)";
    let (before, due) = (shop.count(rows), shop.column(DUE));
    for day in 24..=28 {
        restart(&mut shop, "");
        check_all(&mut shop, at(&format!("{day} 12:00")));
        let noted = last_pass(shop.store.reader()).unwrap().unwrap();
        assert_eq!(noted.day.to_string(), format!("2026-11-{day}"));
        assert_eq!(noted.position, OVER);
    }
    assert_eq!((shop.count(rows), shop.column(DUE)), (before, due));
}

#[test]
fn whatever_is_stored_otherwise_is_mended_on_the_next_day() {
    let check = |damage: &str| {
        let mut shop = shop();
        let due = shop.column(DUE);
        doctor(&shop, damage);
        let wrong = shop.column(DUE);
        check_all(&mut shop, at("24 23:59"));
        assert_eq!(shop.column(DUE), wrong, "{damage}: once a day");
        assert_eq!(shop.column(WHY), [""; 0], "{damage}");
        check_all(&mut shop, at("25 00:00"));
        assert_eq!(shop.column(DUE), due, "{damage}");
        assert_eq!(
            shop.column(WHY),
            ["GS-1: deadlines recomputed: the stored ones differed"],
            "{damage}"
        );
        let cached = "SELECT count(*) FROM ticket WHERE response_met_at IS NULL
                      AND next_action_at = (SELECT at FROM due)
                      AND response_limit_open_at = (SELECT at - 1000 FROM due)";
        assert_eq!(shop.count(cached), 1, "{damage}");
        // Once is enough.
        check_all(&mut shop, at("26 00:00"));
        assert_eq!(shop.column(WHY).len(), 1, "{damage}");
    };
    check("UPDATE due SET at = at + 60000");
    check("UPDATE due SET kind = 'review'");
    check("DELETE FROM due");
    check("INSERT INTO due (ticket_id, kind, at) VALUES (1, 'review', 1)");
    check("UPDATE ticket SET next_action_at = next_action_at - 1");
    check("UPDATE ticket SET response_limit_open_at = 0");
    check("UPDATE ticket SET response_met_at = 0");
}

#[test]
fn a_review_is_one_whatever_its_instant() {
    let mut shop = shop();
    // The limit passes and is recorded: from now on there are reviews.
    soported::daemon::process::fire_due(&mut shop.store, &shop.engine, at("25 17:00")).unwrap();
    assert!(shop.column(DUE)[0].starts_with("review "));
    for day in ["26", "27", "30"] {
        check_all(&mut shop, at(&format!("{day} 03:00")));
    }
    assert_eq!(shop.column(WHY), [""; 0]);
}

#[test]
fn a_ticket_that_cannot_be_read_holds_up_no_other() {
    let mut shop = shop();
    shop.ingest(&question("Otra"), at("24 10:00"));
    shop.process(at("24 10:00"));
    doctor(
        &shop,
        "UPDATE ticket SET priority = 'urgentísima' WHERE id = 1; UPDATE due SET at = 1",
    );
    assert_eq!(check_all(&mut shop, at("25 03:00")), 1);
    assert_eq!(
        shop.column(DUE),
        ["response 1".to_owned(), limit(at("25 16:30"))]
    );
}

/// As many open tickets as two rounds look at, all like the first one.
fn many(shop: &Shop) {
    let numbers =
        "WITH RECURSIVE other(n) AS (VALUES (2) UNION ALL SELECT n + 1 FROM other WHERE n < 300)";
    doctor(
        shop,
        &format!(
            "{numbers} INSERT INTO ticket (id, client_id, requester, requester_name, status, priority, kind,
                 level, official, opened_at, created_at, thread, response_limit_open_at, next_action_at)
             SELECT n, client_id, requester, requester_name, status, priority, kind, level, official,
                 opened_at, created_at, thread, response_limit_open_at, next_action_at
             FROM other JOIN ticket ON id = 1;
             {numbers} INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
             SELECT n, at, journal_id, fact FROM other JOIN ticket_fact ON ticket_id = 1;
             {numbers} INSERT INTO due (ticket_id, kind, at)
             SELECT n, kind, at FROM other JOIN due ON ticket_id = 1;"
        ),
    );
}

#[test]
fn a_pass_that_was_cut_short_goes_on_where_it_was() {
    let mut shop = shop();
    many(&shop);
    let longer = "[response.medium]\ntarget = \"20h\"\nlimit = \"20h\"";
    restart(&mut shop, longer);
    assert!(round(&mut shop.store, &shop.engine, at("24 11:00")).unwrap());
    let half = last_pass(shop.store.reader()).unwrap().unwrap();
    assert_eq!((half.position, half.changed), (TicketId(200), true));
    let moved = format!(
        "SELECT count(*) FROM due WHERE at = {}",
        (at("26 11:00") + Duration::seconds(1)).timestamp_millis()
    );
    assert_eq!(shop.count(&moved), 200);

    // The process dies. What was looked at is not looked at again, on the next day neither.
    shop.store = Store::open(&shop.database()).unwrap();
    restart(&mut shop, longer);
    doctor(&shop, "UPDATE due SET at = 1 WHERE ticket_id = 1");
    assert!(!round(&mut shop.store, &shop.engine, at("25 00:01")).unwrap());
    assert_eq!(shop.count(&moved), 299);
    let why = "SELECT count(DISTINCT substr(why, instr(why, ':'))) FROM journal WHERE event = 'recompute'";
    assert_eq!(shop.count(why), 1, "the rest of it for the same reason");

    // A pass for the new day follows.
    assert_eq!(check_all(&mut shop, at("25 00:02")), 2);
    assert_eq!(shop.count(&moved), 300);
}

#[test]
fn a_policy_that_changes_in_the_middle_begins_a_pass_anew() {
    let mut shop = shop();
    many(&shop);
    restart(
        &mut shop,
        "[response.medium]\ntarget = \"20h\"\nlimit = \"20h\"",
    );
    assert!(round(&mut shop.store, &shop.engine, at("24 11:00")).unwrap());
    restart(&mut shop, "");
    assert_eq!(check_all(&mut shop, at("24 11:01")), 2);
    let first = limit(at("25 16:30"));
    assert!(shop.column(DUE).iter().all(|due| *due == first));
    assert_eq!(shop.column(WHY).len(), 400, "200 there and back");
}

#[test]
fn a_ledger_of_before_there_was_a_check_is_checked_at_once() {
    let mut shop = shop();
    doctor(&shop, "DELETE FROM recheck; UPDATE due SET at = 1");
    assert_eq!(migrate::newest(), shop.count("PRAGMA user_version"));
    check_all(&mut shop, at("24 12:00"));
    assert_eq!(shop.column(DUE), [limit(at("25 16:30"))]);
}
