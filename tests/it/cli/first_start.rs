//! Which mail counts, and when it was received, whatever the clocks of folder and program say.

use super::{TUESDAY_10, config, pass, ticket, tickets};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

fn fresh() -> Daemon {
    config().set("inbound.since", "").install()
}

/// A mail that says nothing of its receipt: only its file does.
fn without_trace(subject: &str) -> Vec<u8> {
    let raw = Mail::from("maria@acme.example").subject(subject).build();
    let text = String::from_utf8(raw).expect("UTF-8");
    let (before, rest) = text.split_once("Received:").expect("a trace");
    let (_, after) = rest.split_once("Date:").expect("a date");
    format!("{before}Date:{after}").into_bytes()
}

/// What was there before the first start is left alone, and what comes later acts: with a true
/// clock and with one set ahead or back, which stands still from one pass to the next.
#[test]
fn from_the_first_start_on_new_mail_acts_and_older_mail_never_does() {
    for clock in [
        None,
        Some(TUESDAY_10),
        Some("2027-03-02 10:00:00"),
        Some("2024-11-26 10:00:00"),
    ] {
        let mut house = fresh();
        house.set_clock(clock);
        house.drop_in(&[without_trace("De antes")]);
        house.run_once();
        assert_eq!(tickets(&house).len(), 0, "{clock:?}");
        house.drop_in(&[without_trace("De después")]);
        house.run_once();
        house.run_once();
        let found = tickets(&house);
        assert_eq!(found.len(), 1, "{clock:?}");
        assert_eq!(found[0]["subject"], "De después", "{clock:?}");
        assert!(house.sent().len() >= 2, "{clock:?}");
    }
}

#[test]
fn a_trace_of_before_the_first_start_never_acts_and_a_later_one_does() {
    let mut house = fresh();
    pass(&mut house, TUESDAY_10, &[]);
    let mail =
        |subject: &str, date: &str| Mail::from("maria@acme.example").subject(subject).date(date);
    let mails = [
        mail("De ayer", "Mon, 23 Nov 2026 09:00:00 -0600"),
        mail("De hoy", "Tue, 24 Nov 2026 10:05:00 -0600"),
    ];
    pass(&mut house, "2026-11-24 10:10:00", &mails);
    let found = tickets(&house);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["subject"], "De hoy");
    assert_eq!(found[0]["opened_at"], "2026-11-24T10:05:00-06:00");
}

#[test]
fn a_date_in_since_counts_from_that_midnight_on() {
    let mut house = config().set("inbound.since", "2026-11-24").install();
    let mail =
        |subject: &str, date: &str| Mail::from("maria@acme.example").subject(subject).date(date);
    let mails = [
        mail("De ayer", "Mon, 23 Nov 2026 23:59:59 -0600"),
        mail("De hoy", "Tue, 24 Nov 2026 00:00:00 -0600"),
    ];
    pass(&mut house, TUESDAY_10, &mails);
    let found = tickets(&house);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["subject"], "De hoy");
}

/// The clock of the receipt is the program's, not that of the file system.
#[test]
fn a_mail_without_trace_is_received_at_the_instant_the_clock_is_set_to() {
    for (clock, opened, limit) in [
        (TUESDAY_10, "2026-11-24T10:00:", "2026-11-25T16:30:"),
        (
            "2024-11-26 10:00:00",
            "2024-11-26T10:00:",
            "2024-11-27T16:30:",
        ),
    ] {
        let mut house = config().install();
        house.set_clock(Some(clock));
        house.drop_in(&[without_trace("Sin rastro")]);
        house.run_once();
        let shown = ticket(&house, "GS-1");
        let starts = |value: &serde_json::Value, with: &str| {
            assert!(
                value.as_str().is_some_and(|v| v.starts_with(with)),
                "{value}"
            );
        };
        starts(&shown["opened_at"], opened);
        starts(&shown["response"]["limit_at"], limit);
        assert_eq!(shown["response"]["breached"], false);
    }
}

#[test]
fn a_file_name_used_twice_is_two_mails() {
    let mut house = config().install();
    house.set_clock(Some(TUESDAY_10));
    for subject in ["Primero", "Segundo"] {
        let file = house.path("inbound/new/correo.eml");
        std::fs::write(
            file,
            Mail::from("maria@acme.example").subject(subject).build(),
        )
        .expect("a mail");
        house.run_once();
    }
    assert_eq!(
        super::each(&tickets(&house), "subject"),
        ["Primero", "Segundo"]
    );
}
