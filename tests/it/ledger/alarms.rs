//! What operators are told, and when: once, and once more when it is over.

use chrono::Duration;
use soported::daemon::watch::{DISK_FREE_MIN_BYTES, Trouble, round};
use soported::domain::event::{AlarmCause, Event};

use super::{Shop, at};

/// Whether an event raises (true) or clears (false) an alarm; `None` where there is none.
fn raises(event: Option<Event>) -> Option<bool> {
    event.map(|event| match event {
        Event::Alarm { raised, .. } => raised,
        other => panic!("{other:?}"),
    })
}

#[test]
fn an_unreachable_mailbox_is_told_after_five_minutes_and_once() {
    let start = at("24 10:00");
    let mut trouble = Trouble::new(AlarmCause::MailboxUnreachable, false);
    for (minutes, told) in [(0, None), (4, None), (5, Some(true)), (6, None), (60, None)] {
        let now = start + Duration::minutes(minutes);
        let event = trouble.seen("no route", false, now);
        assert_eq!(raises(event), told, "after {minutes} minutes");
    }
    assert_eq!(raises(trouble.gone()), Some(false), "and its end");
    assert_eq!(raises(trouble.gone()), None, "once");
}

#[test]
fn a_trouble_that_passes_by_itself_is_not_told() {
    let start = at("24 10:00");
    let mut trouble = Trouble::new(AlarmCause::MailboxUnreachable, false);
    assert_eq!(raises(trouble.seen("", false, start)), None);
    assert_eq!(raises(trouble.gone()), None);
    let later = start + Duration::minutes(6);
    let event = trouble.seen("", false, later);
    assert_eq!(raises(event), None, "patience begins anew");
}

#[test]
fn refused_credentials_need_no_patience() {
    let mut trouble = Trouble::new(AlarmCause::AuthenticationRefused, false);
    let event = trouble.seen("wrong password", true, at("24 10:00"));
    assert_eq!(raises(event), Some(true));
}

#[test]
fn an_alarm_that_could_not_be_recorded_is_told_again_and_so_is_its_end() {
    let start = at("24 10:00");
    let mut trouble = Trouble::new(AlarmCause::MailboxUnreachable, false);
    assert_eq!(raises(trouble.seen("", true, start)), Some(true));
    trouble.untold();
    assert_eq!(raises(trouble.seen("", true, start)), Some(true));
    assert_eq!(raises(trouble.seen("", true, start)), None, "recorded");
    assert_eq!(raises(trouble.gone()), Some(false));
    trouble.untold();
    assert_eq!(raises(trouble.gone()), Some(false));
    assert_eq!(raises(trouble.gone()), None, "recorded");
}

#[test]
fn an_alarm_of_before_a_restart_ends_with_its_cause() {
    let mut trouble = Trouble::new(AlarmCause::MailboxUnreachable, true);
    assert_eq!(raises(trouble.gone()), Some(false));
}

#[test]
fn a_disk_nearly_full_is_told_once_and_its_end_too() {
    let mut shop = Shop::open();
    let looks = [
        (DISK_FREE_MIN_BYTES, vec![]),
        (DISK_FREE_MIN_BYTES - 1, vec!["operator_alarm"]),
        (0, vec!["operator_alarm"]),
        (
            DISK_FREE_MIN_BYTES,
            vec!["operator_alarm", "operator_recovered"],
        ),
    ];
    for (minute, (free, letters)) in looks.into_iter().enumerate() {
        let now = at("24 10:00") + Duration::minutes(minute as i64);
        round(&mut shop.store, &shop.engine, Some(free), now).unwrap();
        assert_eq!(shop.column("SELECT kind FROM outbox ORDER BY id"), letters);
    }
}
