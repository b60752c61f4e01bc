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

/// Nothing fails, and the count is that of the file.
fn check(name: &str, text: &str, passed: usize) {
    let file: Value = serde_json::from_str(text).unwrap();
    assert_eq!(file["vectors"].as_array().unwrap().len(), passed, "{name}");
    let report = check_file(text).unwrap();
    assert_eq!(report.failed, Vec::<String>::new(), "{name}");
    assert_eq!(report.passed, passed, "{name}");
}

/// The files that are kept here, and how many vectors each holds.
const KEPT: [(&str, usize); 8] = [
    ("policy.json", 889),
    ("zones.json", 544),
    ("splits.json", 178),
    ("response.json", 156),
    ("reminders.json", 196),
    ("timelines.json", 111),
    ("holidays.json", 180),
    ("ledger.json", 94),
];

/// Facts read from other projects' tests, which stay where they are.
const EXTERNAL: (&str, usize) = ("external.json", 327);

/// Vectors in all files.
const ALL: usize = 2_675;

#[test]
fn every_vector_of_the_project_agrees() {
    for (name, passed) in KEPT {
        check(name, &fixture(name), passed);
    }
}

#[test]
fn all_vectors_agree_where_their_folder_is_at_hand_and_the_kept_ones_are_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!(
            "absent: {}, {} vectors not checked",
            folder.display(),
            EXTERNAL.1
        );
        return;
    };
    let found: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    let known: Vec<(&str, usize)> = KEPT.into_iter().chain([EXTERNAL]).collect();
    assert_eq!(
        found,
        known.iter().map(|(name, _)| (*name).to_owned()).collect()
    );
    for (name, passed) in &known {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        check(name, &text, *passed);
        if *name != EXTERNAL.0 {
            assert!(text == fixture(name), "{name} is not the file kept here");
        }
    }
    assert_eq!(known.iter().map(|(_, passed)| passed).sum::<usize>(), ALL);
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
            {"op": "session"},
            {"op": "followups", "mails": [{"t": "2026-11-23T09:00:00Z", "by": "ana"}],
             "coalesce_minutes": 15, "units": 2, "minutes": 30},
            {"op": "session", "from": "2026-11-23T16:00:00Z", "to": "2026-11-23T18:00:00Z",
             "consultants": 1, "approved_out_of_hours": null, "total_person_minutes": 120,
             "entries": [{"kind": "sesion", "bucket": "horario", "minutes": 120}]},
            {"op": "add", "start": "2026-11-23T09:00:00Z", "seconds": 9223372036854775807,
             "end": "2026-11-23T17:00:00Z"},
            {"op": "no_reply_plan", "asked": "2026-11-23T09:00:00Z", "business_days": 4000000000,
             "attempts": 4000000000, "question_counts_as_attempt": false, "reminders": [],
             "close": "2026-11-23T17:00:00Z"}
        ]}"#;
    let report = check_file(text).unwrap();
    assert_eq!(report.passed, 1);
    let printed = report.to_string();
    for (line, words) in [
        "#1 is_open: office: value is false, not true,",
        "#2 add: office: input contains invalid characters",
        "#3 guess: office: unknown variant `guess`",
        "#4 session: office: missing field `from`",
        "#5 followups: office: units is 1, not 2,",
        "#6 session: office: entries is [RawEntry",
        "#7 add: office: 9223372036854775807 seconds are too many",
        "#8 no_reply_plan: office: a plan has at most 100 attempts and days",
        "1 passed, 8 failed",
    ]
    .iter()
    .enumerate()
    {
        let found = printed.lines().nth(line).unwrap();
        assert!(found.starts_with(words), "{found}");
    }
    assert_eq!(printed.lines().count(), 9);
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
