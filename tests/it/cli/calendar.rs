//! Support hours by the calculator.

use std::fs;

use serde_json::{Value, json};

use super::{code, config, house_at, stderr, stdout};
use crate::world::daemon::{Config, Daemon};

/// ACME has hours of its own, Globex has not.
const CLIENTS: &str = r#"
[[clients]]
name = "ACME"
authorizers = [ { name = "María Pérez", email = "maria@acme.example" } ]
calendar = { rest_days = "none", weekly = { sat = ["09:00-14:00", "20:00-24:00"] } }

[[clients]]
name = "Globex"
authorizers = [ { name = "Luis", email = "luis@globex.example" } ]
"#;

/// The words after `calendar`; those with blanks in them in quotation marks.
fn words(command: &str) -> Vec<&str> {
    let pieces = command.split('"').enumerate();
    let words = pieces.flat_map(|(place, piece)| match place % 2 {
        0 => piece.split_whitespace().collect(),
        _ => vec![piece],
    });
    ["calendar"].into_iter().chain(words).collect()
}

/// What these keys hold.
fn check(house: &Daemon, command: &str, expected: &Value) {
    let found = house.json(&[words(command), vec!["--json"]].concat());
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(found.get(key), Some(value), "{key} of {command}");
    }
}

#[test]
fn support_time_is_over_at_closing_and_work_goes_on_at_the_next_opening() {
    let house = config().install();
    check(
        &house,
        "due 2026-11-20T17:45 8h",
        &json!({
            "client": null,
            "zone": "America/Mexico_City",
            "from": "2026-11-20T17:45:00-06:00",
            "seconds": 28_800,
            "due_at": "2026-11-23T16:15:00-06:00",
            "due_open_at": "2026-11-23T16:15:00-06:00",
        }),
    );
    let closing = json!({
        "due_at": "2026-11-20T18:00:00-06:00",
        "due_open_at": "2026-11-23T08:30:00-06:00",
    });
    // One instant in every way it may be written.
    for start in [
        "2026-11-20T17:45",
        "2026-11-20T17:45:00",
        "\"2026-11-20 17:45\"",
        "\"2026-11-20 17:45:00\"",
        "2026-11-20T17:45-06:00",
        "2026-11-20T17:45:00.000-06:00",
        "2026-11-20T23:45Z",
        "\"2026-11-20 23:45:00Z\"",
        "2026-11-21T00:45:00+01:00",
    ] {
        check(&house, &format!("due {start} 15m"), &closing);
    }
    let midnight = json!({ "from": "2026-11-20T00:00:00-06:00" });
    check(&house, "due 2026-11-20 1h30m", &midnight);
    check(
        &house,
        "due 2026-11-20 0s",
        &json!({ "due_at": "2026-11-20T00:00:00-06:00" }),
    );
}

#[test]
fn a_priority_and_a_kind_are_due_as_the_policy_promises() {
    let house = config()
        .set("response.critical", toml::toml! { clock = "wall" })
        .install();
    check(
        &house,
        "due 2026-11-20T17:00 --priority high",
        &json!({
            "priority": "high",
            "clock": "business",
            "target_at": "2026-11-20T18:00:00-06:00",
            "limit_at": "2026-11-23T11:30:00-06:00",
            "limit_open_at": "2026-11-23T11:30:00-06:00",
        }),
    );
    check(
        &house,
        "due 2026-11-20T17:45 --priority critical",
        &json!({
            "clock": "wall",
            "limit_at": "2026-11-20T18:15:00-06:00",
            "limit_open_at": "2026-11-20T18:15:00-06:00",
        }),
    );
    check(
        &house,
        "due 2026-11-20T12:00 --kind technical-regular",
        &json!({
            "kind": "technical-regular",
            "target_at": null,
            "limit_at": "2026-11-20T18:00:00-06:00",
            "limit_open_at": "2026-11-23T08:30:00-06:00",
        }),
    );
    check(
        &house,
        "due 2026-11-20 --kind maintenance-major",
        &json!({
            "target_at": "2026-11-23T15:00:00-06:00",
            "limit_at": "2026-11-25T16:00:00-06:00",
        }),
    );
}

#[test]
fn between_two_instants_lies_open_and_closed_time() {
    let house = config().install();
    let found = json!({ "seconds": 2_700, "closed_seconds": 225_000 });
    check(&house, "between 2026-11-20T17:45 2026-11-23T09:00", &found);
    let none = json!({ "seconds": 0, "closed_seconds": 0 });
    check(&house, "between 2026-11-23 2026-11-20", &none);
    let backward = house.run(&words("between 2026-11-23 2026-11-20"));
    assert!(stderr(&backward).contains("the end is before the start"));
}

#[test]
fn open_or_closed_is_told_with_the_next_opening_and_closing() {
    let mut house = house_at("2026-11-20 17:59:00");
    let open = json!({
        "open": true,
        "closes_at": "2026-11-20T18:00:00-06:00",
        "opens_at": "2026-11-23T08:30:00-06:00",
    });
    check(&house, "open", &open);
    check(&house, "open now", &open);
    house.set_clock(Some("2026-11-20 18:00:00"));
    let closed = json!({
        "open": false,
        "opens_at": "2026-11-23T08:30:00-06:00",
        "closes_at": "2026-11-23T18:00:00-06:00",
    });
    check(&house, "open", &closed);
    let day = json!({
        "date": "2026-12-24",
        "open": true,
        "hours": [{ "from": "2026-12-24T08:30:00-06:00", "to": "2026-12-24T18:00:00-06:00" }],
    });
    check(&house, "open 2026-12-24", &day);
    let rest = json!({ "open": false, "opens_at": null, "closes_at": null, "hours": [] });
    check(&house, "open 2026-12-25", &rest);
}

#[test]
fn hours_without_an_end_never_close() {
    let day = vec!["00:00-24:00"];
    let mut week = toml::Table::new();
    for name in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        week.insert(name.to_owned(), day.clone().into());
    }
    let always = Config::new().set("calendar.weekly", week);
    let house = always.set("calendar.rest_days", "none").install();
    let open = json!({ "open": true, "closes_at": null, "opens_at": null });
    check(&house, "open 2026-11-20T18:00", &open);
    let said = stdout(&house.run(&words("open 2026-11-20")));
    assert!(said.contains("00:00-24:00"), "{said}");
}

#[test]
fn business_days_are_counted_from_the_local_date() {
    let house = config().install();
    let day = |date: &str| json!({ "date": date });
    check(&house, "add-days 2026-12-16 5", &day("2026-12-23"));
    check(&house, "add-days 2026-12-16 10", &day("2026-12-31"));
    // In UTC this is the 17th already.
    check(
        &house,
        "add-days 2026-12-17T05:59:00Z 5",
        &day("2026-12-23"),
    );
    check(
        &house,
        "add-days 2026-12-25 0",
        &json!({ "from": "2026-12-25", "date": "2026-12-25", "days": 0, "opens_at": null }),
    );
    check(
        &house,
        "add-days 2027-01-08 5",
        &json!({
            "date": "2027-01-15",
            "opens_at": "2027-01-15T08:30:00-06:00",
            "closes_at": "2027-01-15T18:00:00-06:00",
        }),
    );
}

#[test]
fn a_client_s_own_hours_count_where_it_has_any_and_only_then_is_the_database_opened() {
    let house = Config::new().install();
    check(&house, "open 2026-11-20T10:00", &json!({ "open": true }));
    assert!(!house.database().exists());
    fs::write(house.path("clients.toml"), CLIENTS).expect("a file");
    assert_eq!(code(&house.run(&["clients", "import", "clients.toml"])), 0);
    check(
        &house,
        "open 2026-11-21T12:00 --client acme",
        &json!({
            "client": "ACME",
            "open": true,
            "closes_at": "2026-11-21T14:00:00-06:00",
            "opens_at": "2026-11-21T20:00:00-06:00",
        }),
    );
    let due = json!({ "due_at": "2026-11-21T23:00:00-06:00" });
    check(&house, "due 2026-11-20 8h --client ACME", &due);
    let globex = json!({ "client": "Globex", "open": true });
    check(&house, "open 2026-11-20T10:00 --client Globex", &globex);
    let said = stdout(&house.run(&words("open 2026-11-21 --client ACME")));
    assert!(said.contains("09:00-14:00, 20:00-24:00"), "{said}");
}

#[test]
fn people_read_weekday_date_and_time() {
    let house = config().install();
    let say = |command: &str| stdout(&house.run(&words(command)));
    assert_eq!(
        say("due 2026-11-20T17:45 15m"),
        "calendar       the house's, America/Mexico_City\n\
         from           Fri 2026-11-20 17:45\n\
         support time   15 min\n\
         due            Fri 2026-11-20 18:00\n\
         next opening   Mon 2026-11-23 08:30\n"
    );
    assert_eq!(
        say("between 2026-11-20T17:45:10 2026-11-23T09:00"),
        "calendar       the house's, America/Mexico_City\n\
         from           Fri 2026-11-20 17:45:10\n\
         to             Mon 2026-11-23 09:00\n\
         open           44 min 50 s\n\
         closed         62 h 30 min\n"
    );
}

#[test]
fn what_is_no_instant_or_too_far_away_is_2_in_words() {
    let house = config().install();
    let refused = |house: &Daemon, command: &str, word: &str| {
        let output = house.run(&words(command));
        assert_eq!(code(&output), 2, "{command}");
        assert_eq!(stdout(&output), "", "{command}");
        let said = stderr(&output);
        assert!(said.contains(word), "{command}: {said}");
    };
    refused(
        &house,
        "due 2026-11-31 1h",
        "«2026-11-31» is no date or time",
    );
    refused(&house, "open ayer", "write 2026-11-20");
    refused(&house, "open 20261120T1745", "no date or time");
    refused(&house, "open 0026-11-20", "1900 and 2999");
    refused(&house, "due 2026-11-20 2d", "calendar add-days");
    refused(&house, "due 2026-11-20 8", "write 8h");
    refused(&house, "due 2026-11-20", "required");
    refused(
        &house,
        "due 2026-11-20 8h --priority high",
        "cannot be used",
    );
    refused(&house, "due 2026-11-20 --priority alta", "critical, high");
    refused(&house, "due 2026-11-20 --kind urgent", "technical-urgent");
    refused(
        &house,
        "due 2026-11-20 9999999h",
        "a hundred years hold less",
    );
    refused(
        &house,
        "between 1926-11-19 2026-11-20",
        "more than a hundred years",
    );
    refused(
        &house,
        "add-days 2026-11-20 36000",
        "fewer than 36000 business days",
    );
    refused(&house, "add-days 2026-11-20 tres", "tres");
    refused(&house, "open 2026-11-20 --client Nadie", "clients list");
    let zone = Config::new().set("service.timezone", "America/New_York");
    let zone = zone.install();
    refused(
        &zone,
        "open 2026-11-01T01:30",
        "twice; write 2026-11-01T01:30:00-04:00",
    );
    refused(
        &zone,
        "open 2026-03-08T02:30",
        "never show 2026-03-08 02:30:00",
    );
}

#[test]
fn a_date_whose_midnight_is_skipped_begins_where_the_gap_ends() {
    let house = Config::new()
        .set("service.timezone", "America/Santiago")
        .install();
    let from = json!({ "from": "2026-09-06T01:00:00-03:00" });
    check(&house, "due 2026-09-06 1h", &from);
}

#[test]
fn a_file_of_vectors_is_checked_without_a_configuration() {
    let house = Config::new().install();
    fs::remove_file(house.config()).expect("a file");
    let kept = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/vectors/ledger.json"
    );
    let text = fs::read_to_string(kept).expect("a file");
    let wrong = text.replacen(
        "\"total_person_minutes\": 250",
        "\"total_person_minutes\": 251",
        1,
    );
    assert_ne!(wrong, text);
    fs::write(house.path("wrong.json"), wrong).expect("a file");
    for (file, status, last) in [
        (kept, 0, "94 passed, 0 failed"),
        ("wrong.json", 1, "93 passed, 1 failed"),
    ] {
        let output = house.run(&["calendar", "vectors", file]);
        assert_eq!(code(&output), status, "{file}: {}", stderr(&output));
        assert_eq!(stdout(&output).lines().last(), Some(last));
    }
    for file in ["none.json", "clients.toml", "inbound"] {
        let output = house.run(&["calendar", "vectors", file]);
        assert_eq!(code(&output), 2, "{file}");
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains(file), "{}", stderr(&output));
    }
}

#[test]
fn a_calendar_that_never_opens_is_refused_by_check_and_by_the_import_of_clients() {
    let house = Config::new().install();
    let good = fs::read_to_string(house.config()).expect("a file");
    let never = format!("{good}\n[calendar]\nweekly = {{ mon = [] }}\n");
    fs::write(house.path("never.toml"), never).expect("a file");
    let output = house.run(&["check", "--config", "never.toml"]);
    assert_eq!(code(&output), 78);
    let said = stderr(&output);
    assert!(
        said.contains("calendar.weekly: the calendar never opens"),
        "{said}"
    );
    let clients = CLIENTS.replace("sat = [\"09:00-14:00\", \"20:00-24:00\"]", "");
    fs::write(house.path("clients.toml"), clients).expect("a file");
    let output = house.run(&["clients", "import", "clients.toml"]);
    assert_eq!(code(&output), 2);
    let said = stderr(&output);
    assert!(
        said.contains("clients[1].calendar.weekly: the calendar never opens"),
        "{said}"
    );
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(stdout(&house.run(&["clients", "export"])).trim(), "");
}
