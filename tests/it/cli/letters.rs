//! The mails that leave, byte by byte as far as mail.md §6 says.

use super::{ANA, MARIA, Sent, TUESDAY_10, config, house_at, pass, sent_to};
use crate::world::mails::{Mail, SERVICE_ADDRESS};

const LOOP_HEADER: &str = "X-Soported-Loop";

/// What is true of every mail that leaves.
fn is_sound(mail: &Sent) {
    assert!(mail.raw.is_ascii());
    assert!(!mail.raw.replace("\r\n", "").contains(['\r', '\n']));
    for line in mail.raw.split("\r\n") {
        assert!(line.len() <= 998, "{line}");
    }
    let body = mail.raw.split_once("\r\n\r\n").expect("a body").1;
    for line in body.split("\r\n") {
        assert!(line.len() <= 78, "{line}");
    }
    assert_eq!(
        mail.parts(),
        [
            "multipart/alternative",
            "text/plain; utf-8",
            "text/html; utf-8"
        ]
    );
    assert!(mail.must("Message-ID").len() <= 76);
    assert!(mail.header(LOOP_HEADER).is_some());
    assert_eq!(mail.from().1, SERVICE_ADDRESS);
    let reply_to = mail.must("Reply-To");
    assert!(
        reply_to.contains("soporte+") && reply_to.contains("@grupostaff.com"),
        "{reply_to}"
    );
    for name in [
        "Return-Path",
        "Disposition-Notification-To",
        "Return-Receipt-To",
        "X-Confirm-Reading-To",
        "Precedence",
        "List-Id",
        "List-Unsubscribe",
        "Bcc",
        "Cc",
    ] {
        assert_eq!(mail.header(name), None);
    }
    assert_eq!(mail.subject().matches("[GS-1]").count(), 1);
    let text = mail.text();
    let reference = text.lines().rfind(|l| l.starts_with("Ref: GS-1 · "));
    assert!(reference.is_some(), "{text}");
    assert_eq!(
        mail.parsed().body_html(0).map(|h| h.contains("Ref: ")),
        Some(true)
    );
}

fn is_automatic(mail: &Sent, keyword: &str) {
    assert_eq!(mail.must("Auto-Submitted"), keyword);
    let suppress = mail.must("X-Auto-Response-Suppress");
    assert_eq!(suppress, "DR, RN, NRN, OOF, AutoReply");
}

#[test]
fn the_acknowledgement_is_an_automatic_answer_in_the_conversation_of_the_client() {
    let mut house = config().install();
    let index = "AdxMr1tKzZ0B5vU2T8uQn1Qy3o5yYw==";
    let request = Mail::from(MARIA)
        .name("María Pérez")
        .subject("RE: No puedo entrar a nómina")
        .message_id("tercero@acme.example")
        .in_reply_to("segundo@acme.example")
        .header("Thread-Topic", "No puedo entrar a nomina")
        .header("Thread-Index", index);
    pass(&mut house, TUESDAY_10, &[request]);
    let mails = sent_to(&house, MARIA);
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    is_sound(mail);
    is_automatic(mail, "auto-replied");
    assert_eq!(mail.from().0, "Soporte Grupo Staff");
    assert_eq!(mail.must("In-Reply-To"), "<tercero@acme.example>");
    assert_eq!(
        mail.must("References"),
        "<segundo@acme.example> <tercero@acme.example>"
    );
    assert_eq!(mail.subject(), "Re: No puedo entrar a nómina [GS-1]");
    assert_eq!(mail.must("Thread-Topic"), "No puedo entrar a nomina");
    // [MS-OXOMSG] §2.2.1.3: an answer keeps the 22 bytes and adds a block of 5.
    let read = |text: &str| {
        data_encoding::BASE64
            .decode(text.as_bytes())
            .expect("base64")
    };
    let (theirs, ours) = (read(index), read(&mail.must("Thread-Index")));
    assert_eq!(theirs.len(), 22);
    assert_eq!(ours.len(), 27);
    assert_eq!(ours[..22], theirs[..]);
    assert_eq!(mail.must("Date"), "Tue, 24 Nov 2026 10:00:00 -0600");
    let text = mail.text().replace('\n', " ");
    for words in [
        "GS-1",
        "miércoles 25 de noviembre de 2026, 16:30 h",
        "El siguiente paso es nuestro",
        "María Pérez",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
}

#[test]
fn the_promise_is_told_in_words_for_each_priority_and_hour() {
    let check = |subject: &str, at: &str, date: &str, promised: &str| {
        let mut house = config().install();
        let mail = Mail::from(MARIA).subject(subject).date(date);
        pass(&mut house, at, &[mail]);
        let text = sent_to(&house, MARIA)[0].text().replace('\n', " ");
        assert!(text.contains(promised), "{promised} in\n{text}");
    };
    let ten = "Tue, 24 Nov 2026 10:00:00 -0600";
    check(
        "[alta] No timbra",
        "2026-11-24 11:30:00",
        "Tue, 24 Nov 2026 11:30:00 -0600",
        "martes 24 de noviembre de 2026, 15:30 h",
    );
    check(
        "[Crítica] Todo parado",
        TUESDAY_10,
        ten,
        "martes 24 de noviembre de 2026, 10:30 h",
    );
    check(
        "[baja] Una duda",
        TUESDAY_10,
        ten,
        "jueves 26 de noviembre de 2026, 15:00 h",
    );
    // On Saturday the clock waits for Monday.
    check(
        "[alta] No timbra",
        "2026-11-28 12:00:00",
        "Sat, 28 Nov 2026 12:00:00 -0600",
        "lunes 30 de noviembre de 2026, 12:30 h",
    );
    // Due exactly at closing time.
    check(
        "[alta] No timbra",
        "2026-11-24 14:00:00",
        "Tue, 24 Nov 2026 14:00:00 -0600",
        "martes 24 de noviembre de 2026, 18:00 h",
    );
}

#[test]
fn the_notice_goes_to_the_consultant_and_is_an_automatic_mail() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let notices = sent_to(&house, ANA);
    assert_eq!(notices.len(), 1);
    is_sound(&notices[0]);
    assert!(notices[0].header("Auto-Submitted").is_some());
    let (theirs, ours) = (sent_to(&house, MARIA), &notices[0]);
    assert_ne!(theirs[0].must("Reply-To"), ours.must("Reply-To"));
}

#[test]
fn a_relayed_reply_reads_as_a_person_s_mail_from_the_official_address() {
    let mut house = config().install();
    let request = Mail::from(MARIA).message_id("uno@acme.example");
    pass(&mut house, TUESDAY_10, &[request]);
    let notice = sent_to(&house, ANA).remove(0);
    let reply = Mail::from(ANA)
        .name("Ana Ruiz")
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .date("Tue, 24 Nov 2026 10:20:00 -0600")
        .text("María, ya quedó el acceso.\n\nEl 24/11/2026 10:00, Soporte escribió:\n> texto interno\n");
    pass(&mut house, "2026-11-24 10:20:00", &[reply]);
    pass(&mut house, "2026-11-24 10:22:00", &[]);
    let mail = sent_to(&house, MARIA).pop().expect("a reply");
    is_sound(&mail);
    assert_eq!(mail.header("Auto-Submitted"), None);
    assert_eq!(mail.header("X-Auto-Response-Suppress"), None);
    assert_eq!(mail.from().0, "Ana Ruiz (Soporte)");
    assert_eq!(mail.must("In-Reply-To"), "<uno@acme.example>");
    assert!(mail.must("References").starts_with("<uno@acme.example>"));
    assert!(mail.text().starts_with("María, ya quedó el acceso."));
    assert!(!mail.raw.contains("interno"));
    assert!(!mail.raw.contains(ANA));
}

#[test]
fn a_subject_that_bears_the_tag_keeps_one() {
    let mut house = house_at(TUESDAY_10);
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let tagged = sent_to(&house, ANA)[0].subject();
    let reply = Mail::from(MARIA)
        .subject(&format!("RE: RV: {tagged} [GS-1]"))
        .in_reply_to(&sent_to(&house, MARIA)[0].id());
    pass(&mut house, "2026-11-24 10:30:00", &[reply]);
    let notice = sent_to(&house, ANA).pop().expect("a notice");
    assert_eq!(notice.subject().matches("[GS-1]").count(), 1);
}
