//! A changed configuration and the tickets there are already.

use serde_json::Value;
use soported::store::Connection;

use super::{MARIA, TUESDAY_10, code, config, pass, stderr, ticket};
use crate::world::daemon::{Config, Daemon};
use crate::world::mails::Mail;

fn opened() -> Daemon {
    let mut house = quiet("16h").install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    house
}

/// The next runs read this configuration.
fn reconfigure(house: &Daemon, config: &Config) {
    std::fs::write(house.config(), config.text()).expect("write config.toml");
}

/// The one alert of an unanswered ticket is that of its limit.
fn quiet(limit: &str) -> Config {
    let mut terms = toml::Table::new();
    terms.insert("target".to_owned(), limit.into());
    terms.insert("limit".to_owned(), limit.into());
    let mut alerts = toml::Table::new();
    alerts.insert("percents".to_owned(), toml::Value::Array(Vec::new()));
    config().set("response.medium", terms).set("alerts", alerts)
}

fn recomputed(house: &Daemon) -> Vec<String> {
    let journal = Connection::open(house.database()).expect("a ledger");
    let mut lines = journal
        .prepare("SELECT why FROM journal WHERE event = 'recompute' ORDER BY id")
        .expect("a journal");
    let lines = lines.query_map([], |row| row.get(0)).expect("lines");
    lines.map(|line| line.expect("text")).collect()
}

fn next_action(house: &Daemon) -> Value {
    ticket(house, "GS-1")["next_action_at"].clone()
}

#[test]
fn a_run_with_another_limit_moves_what_is_due_and_explain_says_so() {
    let mut house = opened();
    assert_eq!(next_action(&house), "2026-11-25T16:30:01-06:00");
    // The same configuration, also written anew: nothing.
    reconfigure(&house, &quiet("16h"));
    pass(&mut house, "2026-11-24 10:30:00", &[]);
    assert_eq!(recomputed(&house), [""; 0]);

    reconfigure(&house, &quiet("20h"));
    pass(&mut house, "2026-11-24 11:00:00", &[]);
    assert_eq!(next_action(&house), "2026-11-26T11:00:01-06:00");
    let words = "GS-1: deadlines recomputed: the policy, a calendar or the program changed";
    assert_eq!(recomputed(&house), [words]);
    let explained = house.run(&["explain", "GS-1"]);
    let explained = String::from_utf8(explained.stdout).expect("UTF-8");
    assert!(explained.contains("deadlines recomputed"), "{explained}");
}

#[test]
fn a_limit_that_has_passed_under_the_new_policy_is_acted_on_in_the_same_run() {
    let mut house = opened();
    reconfigure(&house, &quiet("1h"));
    pass(&mut house, "2026-11-24 12:00:00", &[]);
    assert_eq!(recomputed(&house).len(), 1);
    assert_eq!(house.json(&["status", "--json"])["breached"], 1);
    assert_eq!(next_action(&house), "2026-11-25T08:30:00-06:00");
}

#[test]
fn a_doctored_deadline_is_mended_by_the_next_day_s_run_and_told_in_the_log() {
    let mut house = opened();
    let ledger = Connection::open(house.database()).expect("a ledger");
    ledger
        .execute_batch("UPDATE due SET at = at + 86400000")
        .expect("a due row");
    drop(ledger);
    house.set_clock(Some("2026-11-25 08:00:00"));
    let output = house.run(&["run", "--once"]);
    assert_eq!(code(&output), 0);
    let said = stderr(&output);
    assert!(
        said.contains("stored deadlines were not those") && said.contains("ticket=1"),
        "{said}"
    );
    assert_eq!(
        recomputed(&house),
        ["GS-1: deadlines recomputed: the stored ones differed"]
    );
    assert_eq!(next_action(&house), "2026-11-25T16:30:01-06:00");
}
