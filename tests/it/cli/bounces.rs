//! A consultant's reply that comes back: what operators and consultants see of it.

use serde_json::Value;

use super::{ANA, MARIA, TUESDAY_10, config, each, held, list, pass, sent_to, ticket};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;
use crate::world::reports::DeliveryReport;

/// Ana's answer to the first notice that she got, at a minute past ten.
fn reply_of_ana(house: &Daemon, minute: u32, text: &str) -> Mail {
    let notice = sent_to(house, ANA).remove(0);
    Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .message_id(&format!("ana-{minute}@grupostaff.com"))
        .date(&format!("Tue, 24 Nov 2026 10:{minute:02}:00 -0600"))
        .text(text)
}

/// An installation whose one ticket was answered at 10:21; and the answer's Message-ID.
fn answered() -> (Daemon, String) {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let reply = reply_of_ana(&house, 20, "María, ya quedó el acceso.");
    pass(&mut house, "2026-11-24 10:20:00", &[reply]);
    pass(&mut house, "2026-11-24 10:21:30", &[]);
    let relayed = sent_to(&house, MARIA).remove(1).id();
    assert_eq!(state(&house, &relayed), "sent");
    assert!(ticket(&house, "GS-1")["first_response_at"].is_string());
    (house, relayed)
}

/// The state of an outgoing mail.
fn state(house: &Daemon, id: &str) -> String {
    let rows = list(house, &["outbox", "list", "--json"]);
    let row = rows.iter().find(|row| row["message_id"] == id);
    row.expect("a row")["state"].as_str().unwrap().to_owned()
}

/// A report arrives and everything due is done.
fn arrives(house: &mut Daemon, instant: &str, report: &DeliveryReport) {
    house.set_clock(Some(instant));
    house.drop_in(&[report.build()]);
    house.run_once();
}

/// The letters that tell Ana of a mail that did not arrive.
fn letters(house: &Daemon) -> Vec<String> {
    let mails = sent_to(house, ANA).into_iter();
    let told = mails.filter(|mail| mail.subject().starts_with("No entregado:"));
    told.map(|mail| mail.text()).collect()
}

fn is_void(house: &Daemon, relayed: &str) {
    assert_eq!(state(house, relayed), "failed");
    let shown = ticket(house, "GS-1");
    assert_eq!(shown["first_response_at"], Value::Null);
    assert_eq!(shown["solution"]["started_at"], Value::Null);
    assert_eq!(shown["status"], "in_progress", "the state stays");
}

#[test]
fn a_reply_that_comes_back_is_void_and_its_consultant_is_told_once() {
    let (mut house, relayed) = answered();
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&relayed);
    arrives(&mut house, "2026-11-24 10:30:00", &bounce);
    is_void(&house, &relayed);
    let shown = ticket(&house, "GS-1");
    assert_eq!(
        shown["response"]["elapsed_seconds"]
            .as_i64()
            .map(|s| s / 60),
        Some(30),
        "the clock runs on"
    );
    let messages = shown["messages"].as_array().expect("a list");
    let event = messages.last().expect("messages");
    assert_eq!(event["class"], "bounce");
    assert_eq!(event["visibility"], "internal");
    let evidence = event["thread_evidence"].as_str().expect("evidence");
    assert!(
        evidence.starts_with("signed id of our mail ")
            && evidence.ends_with(" in the returned headers"),
        "{evidence}"
    );
    let told = letters(&house);
    assert_eq!(told.len(), 1);
    for words in [
        MARIA,
        "550 5.1.1 no such user",
        "La dirección no existe o ya no recibe correo.",
        "miércoles 25 de noviembre de 2026, 16:30 h",
    ] {
        assert!(told[0].contains(words), "{words} in {}", told[0]);
    }

    // The same report once more, and another server's about the same mail.
    arrives(&mut house, "2026-11-24 10:31:00", &bounce);
    let other = DeliveryReport::new("dos@mx.acme.example").returned_id(&relayed);
    arrives(&mut house, "2026-11-24 10:32:00", &other);
    is_void(&house, &relayed);
    assert_eq!(letters(&house).len(), 1);
    assert_eq!(held(&house).len(), 0);
    let failed = list(&house, &["outbox", "list", "--state", "failed", "--json"]);
    assert_eq!(each(&failed, "kind"), ["relayed_reply"]);

    // A reply that arrives is the first response, at its own time.
    let reply = reply_of_ana(&house, 40, "María, otra vez: ya quedó el acceso.");
    pass(&mut house, "2026-11-24 10:40:00", &[reply]);
    pass(&mut house, "2026-11-24 10:41:30", &[]);
    let met = ticket(&house, "GS-1")["first_response_at"].clone();
    assert!(
        met.as_str()
            .is_some_and(|at| at.starts_with("2026-11-24T10:41:3")),
        "{met}"
    );
    // The client saw nothing of all this.
    assert_eq!(sent_to(&house, MARIA).len(), 3);
}

#[test]
fn a_report_without_the_mail_s_header_names_it_by_the_envelope_id() {
    let (mut house, relayed) = answered();
    let bounce = DeliveryReport::new("uno@mx.acme.example")
        .envelope_id(&relayed)
        .recipient("mperez@correo.acme.example")
        .says("failed", "5.2.2", "552 5.2.2 mailbox full");
    arrives(&mut house, "2026-11-24 10:30:00", &bounce);
    is_void(&house, &relayed);
    let told = letters(&house);
    assert_eq!(told.len(), 1);
    for words in [MARIA, "mperez@correo.acme.example", "El buzón está lleno."] {
        assert!(told[0].contains(words), "{words} in {}", told[0]);
    }
}

#[test]
fn a_forged_bounce_changes_nothing() {
    let (mut house, relayed) = answered();
    let before = ticket(&house, "GS-1");
    let forged = relayed.replacen('.', "a.", 1);
    let reports = [
        DeliveryReport::new("uno@mx.acme.example").returned_id(&forged),
        DeliveryReport::new("dos@mx.acme.example").envelope_id(&forged),
        DeliveryReport::new("tres@mx.acme.example").header("Subject", "[GS-1] No entregado"),
    ];
    for report in &reports {
        arrives(&mut house, "2026-11-24 10:30:00", report);
    }
    assert_eq!(state(&house, &relayed), "sent");
    let after = ticket(&house, "GS-1");
    assert_eq!(after["first_response_at"], before["first_response_at"]);
    assert_eq!(after["messages"], before["messages"]);
    assert_eq!(letters(&house).len(), 0);
    assert_eq!(held(&house).len(), 0);
}

#[test]
fn a_bounce_after_the_closing_reopens_nothing_and_an_automatic_answer_changes_nothing() {
    let (mut house, relayed) = answered();
    let automatic = Mail::from(MARIA)
        .subject("Respuesta automática: No puedo entrar a nómina")
        .header("Auto-Submitted", "auto-replied")
        .in_reply_to(&relayed)
        .message_id("ausente@acme.example")
        .text("Estoy de vacaciones.");
    let before = ticket(&house, "GS-1");
    pass(&mut house, "2026-11-24 10:30:00", &[automatic]);
    let after = ticket(&house, "GS-1");
    let event = after["messages"]
        .as_array()
        .and_then(|m| m.last())
        .expect("messages");
    assert_eq!(event["class"], "auto_reply");
    assert_eq!(event["visibility"], "internal");
    assert_eq!(event["text"], "Estoy de vacaciones.");
    for key in ["status", "first_response_at", "next_action_at"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    assert_eq!(sent_to(&house, ANA).len(), 1);
    assert_eq!(sent_to(&house, MARIA).len(), 2);

    house.ledger().damage(
        "UPDATE ticket SET status = 'closed', closed_as = 'cancelled', next_action_at = NULL",
    );
    house.ledger().damage("DELETE FROM due");
    let bounce = DeliveryReport::new("uno@mx.acme.example").returned_id(&relayed);
    arrives(&mut house, "2026-12-04 10:30:00", &bounce);
    assert_eq!(state(&house, &relayed), "failed");
    let shown = ticket(&house, "GS-1");
    assert_eq!(shown["status"], "closed");
    assert_eq!(shown["next_action_at"], Value::Null);
    let told = letters(&house);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("El ticket está cerrado y así sigue"),
        "{}",
        told[0]
    );
}
