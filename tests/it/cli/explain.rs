//! `explain`: every decision told from what was stored when it was made.

use serde_json::Value;

use super::{ANA, LUIS, MARIA, TUESDAY_10, code, config, pass, sent_to, stderr, stdout};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

fn told(house: &Daemon, subject: &str) -> String {
    let output = house.run(&["explain", subject]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    stdout(&output)
}

fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word} in\n{text}");
    }
}

#[test]
fn a_received_mail_is_explained_from_its_receipt_to_what_followed() {
    let mut house = config().install();
    let tagged = Mail::from(LUIS)
        .subject("Lo mío [GS-1]")
        .message_id("suyo@globex.example");
    let first = Mail::from(MARIA).message_id("uno@acme.example");
    pass(&mut house, TUESDAY_10, &[first, tagged]);
    for id in ["uno@acme.example", "<uno@acme.example>"] {
        has(
            &told(&house, id),
            &[
                "from        maria@acme.example",
                "received    2026-11-24 10:00",
                "class       human",
                "verdict     strong (mx.grupostaff.com;",
                "outcome     opened",
                "filed       GS-1, public: opened the ticket",
                "- sender: authorizer of ACME",
                "- thread: nothing points to a ticket",
                "- opens GS-1 for ACME, priority medium",
                "> acknowledgement GS-1 to maria@acme.example: sent",
                "> consultant_new_ticket GS-1 to ana@grupostaff.com: sent",
            ],
        );
    }
    has(
        &told(&house, "suyo@globex.example"),
        &["opened the ticket; tag [GS-1] seen: another client's, ignored"],
    );
    let document = house.json(&["explain", "uno@acme.example", "--json"]);
    let mail = &document["received"][0];
    assert_eq!(mail["outcome"], "opened");
    assert_eq!(mail["filed"]["ticket"], "GS-1");
    assert_eq!(
        mail["decisions"][0]["mails"].as_array().map(Vec::len),
        Some(2)
    );
    assert!(document["sent"].is_null());
}

#[test]
fn a_held_mail_is_explained_with_its_release_and_both_decisions() {
    let mut house = config().install();
    let stranger = Mail::from("extra@nadie.example").message_id("x@nadie.example");
    pass(&mut house, TUESDAY_10, &[stranger]);
    house.set_clock(Some("2026-11-24 12:00:00"));
    let output = house.run(&["held", "release", "1", "--client", "ACME"]);
    assert_eq!(code(&output), 0);
    has(
        &told(&house, "x@nadie.example"),
        &[
            "outcome     opened",
            "held        2026-11-24 10:00 (unknown_domain), held mail 1, released 2026-11-24 12:00 by operator",
            "- held (unknown_domain): neither the sender nor the domain is in the directory",
            "2026-11-24 12:00  order",
            "- held mail 1 (unknown_domain): released by operator, for ACME",
            "- opens GS-1 for ACME",
        ],
    );
}

#[test]
fn several_mails_with_one_id_are_all_explained() {
    let mut house = config().install();
    let mail = |text: &str| {
        Mail::from(MARIA)
            .message_id("mismo@acme.example")
            .text(text)
    };
    pass(
        &mut house,
        TUESDAY_10,
        &[mail("Uno."), mail("Dos."), mail("Uno.")],
    );
    let text = told(&house, "mismo@acme.example");
    let heads: Vec<&str> = text
        .lines()
        .filter(|l| l.starts_with("received mail"))
        .collect();
    assert_eq!(heads.len(), 3, "{text}");
    has(
        &text,
        &["an earlier mail with other content bears the same Message-ID"],
    );
}

#[test]
fn a_mail_of_ours_is_explained_with_its_cause_and_its_end() {
    let mut house = config().install();
    let first = Mail::from(MARIA).message_id("uno@acme.example");
    pass(&mut house, TUESDAY_10, &[first]);
    let ours = sent_to(&house, MARIA)[0].id();
    has(
        &told(&house, &ours),
        &[
            "letter      acknowledgement",
            "to          maria@acme.example",
            "ticket      GS-1",
            "state       sent, 1 attempts",
            "caused by",
            "- opens GS-1 for ACME",
        ],
    );
    let document = house.json(&["explain", &ours, "--json"]);
    assert_eq!(document["sent"]["state"], "sent");
    assert_eq!(document["received"], Value::Array(Vec::new()));
}

#[test]
fn a_ticket_is_explained_with_who_did_what_and_its_clocks() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let before = told(&house, "GS-1");
    has(
        &before,
        &[
            "maria@acme.example wrote",
            "starts    Tue 2026-11-24 10:00",
            "limit     Wed 2026-11-25 16:30 (16 h 00 min later, support hours)",
            "met       not yet",
            "starts    with the first answer",
        ],
    );
    let notice = sent_to(&house, ANA).remove(0);
    let reply = Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .text("Ya quedó.");
    pass(&mut house, "2026-11-24 11:00:00", &[reply]);
    pass(&mut house, "2026-11-24 11:02:00", &[]);
    house.set_clock(Some("2026-11-24 12:02:30"));
    has(
        &told(&house, "gs-1"),
        &[
            "ana@grupostaff.com answered the client",
            "the answer was accepted",
            "met       2026-11-24 11:02 after 1 h 02 min",
            "kept      yes",
            "in_progress: 1 h 00 min count",
            "elapsed   1 h 00 min of 6 h 00 min",
            "due       2026-11-24 17:02",
            "decisions",
        ],
    );
    let document = house.json(&["explain", "GS-1", "--json"]);
    assert_eq!(document["number"], "GS-1");
    assert!(
        document["facts"][0]["words"]
            .as_str()
            .is_some_and(|w| w.starts_with("opened"))
    );
}

#[test]
fn an_id_that_was_only_referred_to_names_its_ticket() {
    let mut house = config().install();
    let mail = Mail::from(MARIA).in_reply_to("nunca@acme.example");
    pass(&mut house, TUESDAY_10, &[mail]);
    has(
        &told(&house, "nunca@acme.example"),
        &["a mail of GS-1 refers to it"],
    );
}

#[test]
fn what_nobody_knows_is_1_in_words() {
    let house = config().install();
    for subject in [
        "GS-9",
        "nadie@nada.example",
        "<nadie@nada.example>",
        "otra cosa",
        "",
    ] {
        for json in [&[][..], &["--json"]] {
            let output = house.run(&[&["explain", subject], json].concat());
            assert_eq!(code(&output), 1, "{subject}");
            assert_eq!(stdout(&output), "", "{subject}");
            assert!(stderr(&output).starts_with("soported: "), "{subject}");
        }
    }
}
