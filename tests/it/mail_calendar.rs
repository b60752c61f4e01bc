//! `mail::calendar`: what a mail does with a meeting, and how a meeting is shown to people.

use std::time::{Duration, Instant};

use chrono_tz::Tz;
use soported::domain::meeting::{Meeting, MeetingKind, Moment};
use soported::domain::message::Mail;
use soported::mail::{calendar, zone};

use super::mail_parse::{meeting_words, read};

/// A calendar with this method and these lines of its event.
fn ics(method: &str, event: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\nBEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\n\
         DTSTART:16010101T000000\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\n{event}\n\
         BEGIN:VALARM\nDESCRIPTION:REMINDER\nSUMMARY:no\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n"
    )
}

fn meeting(method: &str, event: &str) -> Meeting {
    calendar::read(&ics(method, event), None).unwrap()
}

/// The second line of what is shown: when.
fn when(event: &str) -> String {
    let shown = meeting_words().show(&meeting("REQUEST", event));
    shown.lines().nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_meeting_is_read_with_all_that_names_it() {
    let found = meeting(
        "REQUEST",
        "UID:0400\n 0082\nSUMMARY;LANGUAGE=es-MX:Revisión\\, mensual\\; C:\\\\n\n\
         ORGANIZER;CN=\"Pérez: María\":mailto:maria@acme.example\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:soporte@servicio.example\n\
         DTSTART;TZID=\"Central Standard Time (Mexico)\":20261124T153000\n\
         DTEND:20261124T223000Z\nLOCATION:Sala 2\\nPiso 4",
    );
    assert_eq!(found.kind, MeetingKind::Invitation);
    assert_eq!(found.uid, "04000082");
    assert_eq!(found.summary, "Revisión, mensual; C:\\n");
    assert_eq!(found.organizer, "Pérez: María");
    assert_eq!(found.place, "Sala 2 Piso 4");
    let at = |text: &str| Some(Moment::Instant(text.parse().unwrap()));
    assert_eq!(found.start, at("2026-11-24T21:30:00Z"));
    assert_eq!(found.end, at("2026-11-24T22:30:00Z"));
    let nameless = meeting("REQUEST", "ORGANIZER:MAILTO:maria@acme.example");
    assert_eq!(nameless.organizer, "maria@acme.example");
}

#[test]
fn what_a_mail_does_with_a_meeting_is_its_method_and_the_answer() {
    use MeetingKind::*;
    for (method, answer, kind) in [
        ("REQUEST", "NEEDS-ACTION", Invitation),
        ("PUBLISH", "", Invitation),
        ("", "", Invitation),
        ("REPLY", "ACCEPTED", Accepted),
        ("reply", "declined", Declined),
        ("REPLY", "TENTATIVE", Tentative),
        ("REPLY", "DELEGATED", Answered),
        ("REPLY", "", Answered),
        ("REFRESH", "", Answered),
        ("COUNTER", "TENTATIVE", Countered),
        ("CANCEL", "NEEDS-ACTION", Cancelled),
    ] {
        let event = format!("ATTENDEE;PARTSTAT={answer}:mailto:a@acme.example");
        assert_eq!(meeting(method, &event).kind, kind, "{method} {answer}");
        assert_eq!(kind.is_answer(), kind != Invitation);
    }
    let said_outside = calendar::read(&ics("REQUEST", "UID:1"), Some("CANCEL")).unwrap();
    assert_eq!(said_outside.kind, Cancelled);
    assert_eq!(
        calendar::read("BEGIN:VCALENDAR\nEND:VCALENDAR\n", None),
        None
    );
    assert_eq!(calendar::read("", Some("REPLY")), None);
}

#[test]
fn the_answer_s_own_words_before_the_summary_are_not_said_twice() {
    for (written, shown) in [
        ("Aceptada: Cierre", "Cierre"),
        ("Canceled: Cierre", "Cierre"),
        ("Proyecto: Cierre", "Proyecto: Cierre"),
        ("Cierre", "Cierre"),
    ] {
        let found = meeting("REPLY", &format!("SUMMARY:{written}"));
        assert_eq!(found.summary, shown);
        assert!(calendar::is_stub(&format!(" {written}\n"), &found));
        assert!(!calendar::is_stub("No puedo ese día.", &found));
    }
}

#[test]
fn hours_are_shown_on_the_clock_of_the_house() {
    for (event, shown) in [
        (
            "DTSTART:20261124T213000Z\nDTEND:20261124T223000Z",
            "martes 24 de noviembre de 2026, de 15:30 a 16:30 h",
        ),
        (
            "DTSTART;TZID=America/New_York:20260702T100000\nDTEND;TZID=America/New_York:20260702T110000",
            "jueves 2 de julio de 2026, de 08:00 a 09:00 h",
        ),
        (
            "DTSTART;TZID=Romance Standard Time:20261124T200000",
            "martes 24 de noviembre de 2026, 13:00 h",
        ),
        (
            "DTSTART:20261125T033000Z\nDTEND:20261125T070000Z",
            "del martes 24 de noviembre de 2026, 21:30 h al miércoles 25 de noviembre de 2026, 01:00 h",
        ),
        (
            "DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261125",
            "martes 24 de noviembre de 2026",
        ),
        (
            "DTSTART;VALUE=DATE:20261124\nDTEND;VALUE=DATE:20261127",
            "del martes 24 de noviembre de 2026 al jueves 26 de noviembre de 2026",
        ),
        (
            "DTSTART:20261124T153000",
            "martes 24 de noviembre de 2026, 15:30 h",
        ),
        (
            "DTSTART;TZID=Hora de Marte:20261124T153000\nDTEND;TZID=Hora de Marte:20261124T163000",
            "martes 24 de noviembre de 2026, de 15:30 a 16:30 h (Hora de Marte)",
        ),
        // An end before the beginning is none.
        (
            "DTSTART:20261124T213000Z\nDTEND:20261124T203000Z",
            "martes 24 de noviembre de 2026, 15:30 h",
        ),
        ("DTSTART:mañana", ""),
        ("DTSTART:20261324T990000", ""),
        ("DTSTART:2026é124T213000Z", ""),
    ] {
        assert_eq!(when(event), shown, "{event}");
    }
}

#[test]
fn a_meeting_is_shown_with_what_when_where_and_who_called_it() {
    let event = "SUMMARY:Cierre\nLOCATION:Sala 2\nORGANIZER;CN=Ana:mailto:a@acme.example\nDTSTART;VALUE=DATE:20261124\nATTENDEE;PARTSTAT=DECLINED:mailto:b@acme.example";
    let show = |method: &str| meeting_words().show(&meeting(method, event));
    assert_eq!(
        show("REQUEST"),
        "Invitación: Cierre\nmartes 24 de noviembre de 2026\nLugar: Sala 2\nOrganiza: Ana"
    );
    assert_eq!(
        show("REPLY"),
        "Rechazada: Cierre\nmartes 24 de noviembre de 2026\nLugar: Sala 2"
    );
    assert_eq!(
        meeting_words().show(&Meeting::default()),
        "Invitación: (sin asunto)"
    );
}

#[test]
fn zones_are_known_by_the_names_that_programs_give_them() {
    for (name, zone) in [
        ("America/Mexico_City", Some(Tz::America__Mexico_City)),
        (
            "Central Standard Time (Mexico)",
            Some(Tz::America__Mexico_City),
        ),
        (
            "/mozilla.org/20070129_1/America/Argentina/Buenos_Aires",
            Some(Tz::America__Argentina__Buenos_Aires),
        ),
        (
            "/freeassociation.sourceforge.net/Europe/Madrid",
            Some(Tz::Europe__Madrid),
        ),
        (" UTC ", Some(Tz::UTC)),
        ("Customized Time Zone", None),
        ("", None),
        ("/", None),
    ] {
        assert_eq!(zone::named(name), zone, "{name}");
    }
}

/// A mail with this text beside a calendar part of this method.
fn mail(text: &str, method: &str, disposition: &str) -> Mail {
    let event = ics(
        method,
        "SUMMARY:Aceptada: Cierre\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@acme.example\nDTSTART;VALUE=DATE:20261124",
    );
    let parameter = match disposition {
        "" => format!("; method={method}"),
        _ => String::new(),
    };
    read(&format!(
        "From: a@acme.mx\nSubject: Aceptada: Cierre\nContent-Type: multipart/alternative; boundary=b\n\n\
         --b\n\n{text}\n--b\nContent-Type: text/calendar{parameter}\n{disposition}\n{event}--b--\n"
    ))
}

const SHOWN: &str = "Aceptada: Cierre\nmartes 24 de noviembre de 2026";

#[test]
fn an_answer_is_no_more_than_an_answer_whatever_stands_beside_it() {
    for (text, wanted) in [
        ("", SHOWN.to_owned()),
        ("Aceptada: Cierre", SHOWN.to_owned()),
        ("Ahí estaré.", format!("Ahí estaré.\n\n{SHOWN}")),
    ] {
        let mail = mail(text, "REPLY", "");
        assert!(
            mail.marks.calendar_only && mail.marks.calendar_answer,
            "{text}"
        );
        assert_eq!(mail.text, wanted);
        assert_eq!(mail.full_text, wanted);
    }
    let called_off = mail("Ya se resolvió.", "CANCEL", "");
    assert!(called_off.marks.calendar_only && called_off.marks.calendar_answer);
}

#[test]
fn an_invitation_alone_is_calendar_and_with_words_it_is_a_person_s_mail() {
    let alone = mail("", "REQUEST", "");
    assert!(alone.marks.calendar_only && !alone.marks.calendar_answer);
    let with_words = mail("¿Puede el martes?", "REQUEST", "");
    assert!(!with_words.marks.calendar_only && !with_words.marks.calendar_answer);
    assert_eq!(
        with_words.text,
        "¿Puede el martes?\n\nInvitación: Cierre\nmartes 24 de noviembre de 2026"
    );
    let bare = read(&format!(
        "From: a@acme.mx\nContent-Type: text/calendar; charset=utf-8\n\n{}",
        ics("REQUEST", "SUMMARY:Cierre")
    ));
    assert!(bare.marks.calendar_only);
    assert_eq!(bare.text, "Invitación: Cierre");
}

#[test]
fn a_calendar_that_is_attached_as_a_file_is_a_file() {
    let file = "Content-Disposition: attachment; filename=\"cierre.ics\"\n";
    let mail = mail("Les paso la respuesta.", "REPLY", file);
    assert!(!mail.marks.calendar_only && !mail.marks.calendar_answer);
    assert_eq!(mail.text, "Les paso la respuesta.");
}

#[test]
fn a_hostile_calendar_takes_no_long_time() {
    for calendar in [
        format!("BEGIN:VEVENT\nSUMMARY:{}", "x\n y".repeat(250_000)),
        "BEGIN:VEVENT\n".repeat(70_000),
        format!("BEGIN:VEVENT\n{}", ";a=b".repeat(250_000)),
        format!(
            "BEGIN:VEVENT\nDTSTART;TZID={}:20261124T153000",
            "/".repeat(1_000_000)
        ),
        "\"".repeat(1_000_000),
        "\\".repeat(1_000_000),
    ] {
        let began = Instant::now();
        let _ = calendar::read(&calendar, None);
        assert!(began.elapsed() < Duration::from_secs(1));
    }
}
