//! `demo`: a whole story on a fresh checkout, told as a timeline.

use chrono::DateTime;
use serde_json::Value;

use super::{code, each, list, stderr, stdout};
use crate::world::daemon::{Config, Daemon};

/// Columns of a terminal that the timeline fits into.
const TERMINAL_COLUMNS: usize = 100;

/// Lines that a person still reads through.
const LINES_MAX: usize = 70;

/// A played demo, and what it printed.
fn played() -> (Daemon, String) {
    let mut house = Config::new().install();
    let output = house.run(&["demo", "--dir", "demo"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let config = house.path("demo/config.toml");
    let config = config.to_str().expect("UTF-8").to_owned();
    house.set_environment(&[("SOPORTED_CONFIG".to_owned(), config)]);
    house.set_clock(Some("2027-01-18 09:30:00"));
    (house, stdout(&output))
}

#[test]
fn the_demo_fits_a_terminal_and_says_where_everything_is() {
    let (house, text) = played();
    let places = ["soported.db", "outgoing", "inbox", "SOPORTED_CONFIG"];
    for word in places.iter().chain(&["GS-3", "unknown_domain"]) {
        assert!(text.contains(word), "{word} in\n{text}");
    }
    let statement = text
        .lines()
        .find_map(|line| line.strip_prefix("statement  "))
        .expect("the place of the statement");
    let html = std::fs::read_to_string(house.path(statement)).expect("a statement");
    assert!(
        html.contains("<h1>ACME</h1>") && html.contains("GS-1"),
        "{html}"
    );
    assert!(text.lines().count() <= LINES_MAX, "{text}");
    let timeline = text.lines().take_while(|line| !line.is_empty());
    for line in timeline {
        assert!(line.chars().count() <= TERMINAL_COLUMNS, "{line}");
    }
    let again = house.run(&["demo", "--dir", "demo"]);
    assert_eq!(code(&again), 2, "not over another demo");
}

#[test]
fn the_demo_ends_with_a_ticket_unattended_one_validated_and_one_that_takes_up_the_first() {
    let (house, _) = played();
    let tickets = list(&house, &["tickets", "list", "--json"]);
    assert_eq!(each(&tickets, "number"), ["GS-1", "GS-2", "GS-3"]);
    assert_eq!(each(&tickets, "status"), ["closed", "closed", "new"]);
    assert_eq!(
        each(&tickets, "closed_as"),
        ["unattended", "validated", "null"]
    );
    let first = &tickets[0];
    assert_eq!(first["kind"], "maintenance-minor");
    assert_eq!(first["assignee"], "ana@grupostaff.com");
    // The example of policy.md §6, over Christmas and New Year.
    let attempts = first["contact"]["attempts"].as_array().expect("a list");
    assert_eq!(
        each(attempts, "at"),
        [
            "2026-12-23T10:00:00-06:00",
            "2026-12-31T10:00:00-06:00",
            "2027-01-08T10:00:00-06:00"
        ]
    );
    let link = |ticket: &Value| {
        let link = &ticket["links"][0];
        (link["kind"].clone(), link["number"].clone())
    };
    assert_eq!(link(first), ("continued_by".into(), "GS-3".into()));
    assert_eq!(link(&tickets[2]), ("continues".into(), "GS-1".into()));
    for ticket in &tickets {
        assert_eq!(ticket["response"]["breached"], false);
    }
    assert_eq!(
        each(&list(&house, &["held", "list", "--all", "--json"]), "cause"),
        ["unknown_domain", "unauthorized"]
    );
    assert_eq!(house.json(&["status", "--json"])["open_tickets"], 1);
}

#[test]
fn every_mail_of_the_demo_leaves_at_its_time() {
    let (house, _) = played();
    let mails = list(&house, &["outbox", "list", "--json"]);
    let times = |kind: &str| -> Vec<String> {
        mails
            .iter()
            .filter(|mail| mail["kind"] == kind)
            .map(|mail| {
                let sent = mail["sent_at"].as_str().expect("it left");
                let sent = DateTime::parse_from_rfc3339(sent).expect("an instant");
                sent.format("%m-%d %H:%M").to_string()
            })
            .collect()
    };
    assert_eq!(times("relayed_reply"), ["12-15 09:49", "12-16 10:00"]);
    assert_eq!(times("solution_proposed"), ["12-15 14:01"]);
    assert_eq!(times("closed"), ["12-16 09:40", "01-15 18:00"]);
    assert_eq!(times("command_errors"), ["12-15 13:55"]);
    assert_eq!(
        times("alerts"),
        ["12-15 11:40", "12-15 13:40", "01-15 18:00"]
    );
    assert!(mails.iter().all(|mail| mail["state"] == "sent"));
}

/// The story plays on dates of its own; whoever looks at it does so on his.
#[test]
fn a_ticket_is_looked_at_no_earlier_than_the_last_that_is_known_of_it() {
    let (mut house, _) = played();
    let tickets = |house: &Daemon| list(house, &["tickets", "list", "--json"]);
    house.set_clock(Some("2026-12-01 10:00:00"));
    let early = tickets(&house);
    house.set_clock(Some("2027-01-18 09:05:00"));
    let then = tickets(&house);
    for (early, then) in early.iter().zip(&then).take(2) {
        assert_eq!(early["response"], then["response"]);
        assert_eq!(early["solution"], then["solution"]);
    }
    assert_eq!(early[0]["solution"]["elapsed_seconds"], (9 * 60 + 40) * 60);
    assert_eq!(early[2]["response"]["elapsed_seconds"], 0);
}

#[test]
fn the_demo_s_first_ticket_is_explained_from_its_question_to_its_closing() {
    let (house, _) = played();
    let text = stdout(&house.run(&["explain", "GS-1"]));
    for words in [
        "from technical-regular to maintenance-minor by ana@grupostaff.com",
        "limit = 16 h 00 min from the start",
        "waiting_client: stands still",
        "by a deadline, closed: the end",
        "asked     Wed 2026-12-16 10:00, by ana@grupostaff.com",
        "attempt 3 Fri 2027-01-08 10:00 by mail: counts, accepted and not returned",
        "skipping weekend, Fri 1 Jan (rest day)",
        "closed    Fri 2027-01-15 18:00, at closing time",
        "was taken up by GS-3, by maria@acme.example",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let second = stdout(&house.run(&["explain", "GS-2"]));
    for words in [
        "told      Tue 2026-12-15 11:40  response clock at the target",
        "asked     Tue 2026-12-15 14:01, by ana@grupostaff.com",
        "over      the ticket was closed before the plan's end",
        "closed (validated), by luis@globex.example",
    ] {
        assert!(second.contains(words), "{words} in\n{second}");
    }
}
