//! The business-time vectors: facts read from other projects' tests, and an independent oracle's.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use soported::cli::vectors::{Report, check_file};
use soported::domain::calendar::RestDays;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// Nothing fails, and the counts are those that the file holds.
fn check(name: &str, passed: usize, not_checked: usize) {
    let text = fixture(name);
    let held = serde_json::from_str::<Value>(&text).unwrap()["vectors"]
        .as_array()
        .unwrap()
        .len();
    let report = check_file(&text).unwrap();
    assert_eq!(report.failed, Vec::<String>::new(), "{name}");
    assert_eq!(
        (report.passed, report.not_checked),
        (passed, not_checked),
        "{name}"
    );
    assert_eq!(passed + not_checked, held, "{name}");
}

#[test]
fn every_vector_of_the_project_agrees() {
    check("policy.json", 889, 0);
    check("zones.json", 544, 0);
    check("splits.json", 178, 0);
    check("response.json", 156, 0);
    check("reminders.json", 196, 0);
    check("timelines.json", 111, 0);
    check("holidays.json", 180, 0);
    check("ledger.json", 0, 94);
}

#[test]
fn every_vector_read_from_other_projects_agrees_where_the_file_is_at_hand() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/external.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("absent: {}, 327 vectors not checked", path.display());
        return;
    };
    let report = check_file(&text).unwrap();
    assert_eq!(report.failed, Vec::<String>::new());
    assert_eq!((report.passed, report.not_checked), (327, 0));
}

#[test]
fn the_rest_days_by_rule_are_those_the_vector_files_list() {
    let file: Value = serde_json::from_str(&fixture("policy.json")).unwrap();
    let listed: BTreeSet<NaiveDate> =
        serde_json::from_value(file["calendars"]["mx_policy"]["holidays"].clone()).unwrap();
    let by_rule: BTreeSet<NaiveDate> = NaiveDate::from_ymd_opt(2019, 1, 1)
        .unwrap()
        .iter_days()
        .take_while(|date| date.year() < 2034)
        .filter(|date| RestDays::Mexico.contains(*date))
        .collect();
    assert_eq!(by_rule, listed);
}

#[test]
fn a_wrong_vector_is_reported_with_both_values() {
    let text = r#"{"calendars": {"office": {"tz": "UTC", "weekly": {"mon": [["09:00", "17:00"]]}}},
        "vectors": [
            {"op": "is_open", "start": "2026-11-23T09:00:00Z", "value": true},
            {"op": "is_open", "start": "2026-11-23T17:00:00Z", "value": true},
            {"op": "add", "start": "yesterday", "seconds": 1, "end": "2026-11-23T17:00:00Z"},
            {"op": "guess"},
            {"op": "session"}
        ]}"#;
    let report = check_file(text).unwrap();
    assert_eq!((report.passed, report.not_checked), (1, 1));
    assert_eq!(report.failed.len(), 3);
    let printed = report.to_string();
    assert!(
        printed.contains("#1 is_open: office: value is false, not true"),
        "{printed}"
    );
    assert!(printed.contains("1 not checked (session, followups)"));
    assert_eq!(printed.lines().last(), Some("1 passed, 3 failed"));
}

#[test]
fn a_file_that_is_no_vector_file_is_refused() {
    let refused = |text: &str, words: &str| {
        let error = check_file(text).unwrap_err();
        assert!(error.contains(words), "{error}");
    };
    refused("[]", "invalid");
    refused("{", "EOF");
    let calendar = |tz: &str, weekly: &str| {
        format!(r#"{{"calendars": {{"c": {{"tz": "{tz}", "weekly": {weekly}}}}}, "vectors": []}}"#)
    };
    refused(&calendar("Mars/Olympus", "{}"), "calendar c: no time zone");
    refused(
        &calendar("UTC", "{}"),
        "calendar c: the weekly hours never open",
    );
    refused(
        &calendar("UTC", r#"{"lun": []}"#),
        "no weekday is called lun",
    );
    refused(
        &calendar("UTC", r#"{"mon": [["9", "17:00"]]}"#),
        "9 is not a time of day",
    );
    refused(
        &calendar("UTC", r#"{"mon": [["17:00", "09:00"]]}"#),
        "hours from 17:00 to 09:00",
    );
    assert_eq!(
        check_file(r#"{"calendars": {}, "vectors": []}"#),
        Ok(Report::default())
    );
}
