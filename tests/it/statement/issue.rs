//! When statements go out by themselves, and to whom.

use chrono::{DateTime, Utc};
use soported::domain::address::Person;
use soported::domain::case::Case;
use soported::domain::effect::{Effect, Manner, Outgoing};
use soported::domain::ids::ClientId;
use soported::domain::letter::Letter;
use soported::domain::month::Month;
use soported::domain::policy::Policy;
use soported::domain::statement_issue::{Issue, decide, due, next_at};

use super::formats::{of, write};
use super::story::{MARIA, RAUL, address, at, november};
use crate::rules::policy;

fn with_day(day: Option<u32>) -> Policy {
    let mut policy = policy();
    policy.billing.statement_day = day;
    policy
}

fn month(text: &str) -> Option<Month> {
    Some(Month::parse(text).unwrap())
}

#[test]
fn the_last_month_is_due_from_the_opening_of_its_day_on_until_it_is_dealt_with() {
    let due = |day: u32, done: Option<&str>, now: &str| {
        let done = done.and_then(month);
        due(&with_day(Some(day)), done, at(now)).map(|month| month.to_string())
    };
    let october = Some("2026-10".to_owned());
    let november = Some("2026-11".to_owned());
    // 1 December is a Tuesday.
    assert_eq!(due(1, None, "12-01 08:29"), october);
    assert_eq!(due(1, Some("2026-10"), "12-01 08:29"), None);
    assert_eq!(due(1, Some("2026-10"), "12-01 08:30"), november);
    assert_eq!(due(1, Some("2026-11"), "12-01 08:30"), None);
    assert_eq!(due(1, Some("2026-10"), "12-31 23:59"), november);
    // The fifth is a Saturday: Monday.
    assert_eq!(due(5, Some("2026-10"), "12-07 08:29"), None);
    assert_eq!(due(5, Some("2026-10"), "12-07 08:30"), november);
    // After a year of silence one month goes out, not twelve.
    assert_eq!(due(1, Some("2025-10"), "12-01 08:30"), november);
    // 28 February 2027 is a Sunday: the day of January's statements is in March.
    let then = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let january = |now: &str| {
        soported::domain::statement_issue::due(&with_day(Some(28)), month("2026-12"), then(now))
    };
    assert_eq!(january("2027-03-01T14:29:00Z"), None);
    assert_eq!(january("2027-03-01T14:30:00Z"), month("2027-01"));
}

#[test]
fn where_no_day_is_set_nothing_is_due() {
    assert_eq!(due(&with_day(None), None, at("12-01 10:00")), None);
    assert_eq!(next_at(&with_day(None), at("12-01 10:00")), None);
}

#[test]
fn the_next_day_is_known_beforehand() {
    let next = |day: u32, now: &str| next_at(&with_day(Some(day)), at(now));
    assert_eq!(next(1, "11-20 10:00"), Some(at("12-01 08:30")));
    assert_eq!(next(5, "12-01 08:30"), Some(at("12-07 08:30")));
    // 1 January is a rest day, and a Friday.
    let monday: DateTime<Utc> = "2027-01-04T14:30:00Z".parse().unwrap();
    assert_eq!(next(1, "12-01 08:30"), Some(monday));
}

fn issue(number: u32) -> Issue {
    let statement = of(&november());
    Issue {
        client: ClientId(1),
        texts: write(&statement),
        statement,
        number,
        ordered: false,
    }
}

fn case(issued: Option<u32>) -> Case {
    Case {
        issued,
        authorizers: vec![
            Person::new(address(MARIA), "María Pérez"),
            Person::new(address(RAUL), "Raúl Soto"),
        ],
        ..Case::default()
    }
}

fn mails(effects: &[Effect]) -> Vec<&Outgoing> {
    let mut mails = Vec::new();
    for effect in effects {
        if let Effect::Send(outgoing) = effect {
            mails.push(outgoing.as_ref());
        }
    }
    mails
}

#[test]
fn every_authorizer_has_a_mail_of_his_own_and_the_ledger_the_bytes() {
    let issue = issue(1);
    let decision = decide(&issue, &case(None), at("12-01 08:30"));
    let mails = mails(&decision.effects);
    let keys: Vec<&str> = mails.iter().map(|mail| mail.once.as_str()).collect();
    assert_eq!(
        keys,
        [
            "statement:1:2026-11:1:maria@acme.example",
            "statement:1:2026-11:1:raul@acme.example"
        ]
    );
    for mail in mails {
        assert_eq!(mail.manner, Manner::Timer);
        let Letter::MonthlyStatement(letter) = &mail.letter else {
            panic!("{:?}", mail.letter);
        };
        assert_eq!(letter.minutes, issue.statement.lines.minutes);
    }
    // Kept before the mails are written: they enclose what is kept.
    assert!(matches!(
        &decision.effects[0],
        Effect::KeepStatement { issue: 1, texts, .. } if **texts == issue.texts
    ));
    assert_eq!(decision.why.len(), 3, "{:?}", decision.why);
}

#[test]
fn an_issue_that_is_not_the_next_one_is_none() {
    let now = at("12-01 08:30");
    for (number, issued) in [(1, Some(1)), (2, None), (3, Some(1)), (2, Some(2))] {
        let decision = decide(&issue(number), &case(issued), now);
        assert_eq!(decision.effects, [], "{number} after {issued:?}");
    }
    assert_eq!(decide(&issue(2), &case(Some(1)), now).effects.len(), 3);
}

#[test]
fn without_anybody_to_tell_nothing_is_kept() {
    let nobody = Case {
        authorizers: Vec::new(),
        ..case(None)
    };
    let decision = decide(&issue(1), &nobody, at("12-01 08:30"));
    assert_eq!(decision.effects, []);
}
