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
            "starts    Tue 2026-11-24 10:00, receipt of the mail that opened it",
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
            "counted   Tue 2026-11-24 10:00 to 11:02: 1 h 02 min",
            "met       Tue 2026-11-24 11:02 after 1 h 02 min",
            "kept      yes: 14 h 57 min were left",
            "to now, by ana@grupostaff.com, in_progress: 1 h 00 min count",
            "elapsed   1 h 00 min of 6 h 00 min",
            "due       Tue 2026-11-24 17:02",
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

/// Ana's answer to her newest notice.
fn reply(house: &Daemon, when: &str, text: &str) -> Mail {
    let notice = sent_to(house, ANA).pop().expect("a notice");
    Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .date(when)
        .text(text)
}

#[test]
fn a_reclassification_is_explained_with_what_it_did_to_the_promise() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let raise = reply(&house, "Tue, 24 Nov 2026 10:20:00 -0600", "#prioridad alta");
    pass(&mut house, "2026-11-24 10:20:00", &[raise]);
    has(
        &told(&house, "GS-1"),
        &[
            "opened as medium: target Tue 2026-11-24 18:00 (8 h 00 min later, support hours),",
            "limit Wed 2026-11-25 16:30 (16 h 00 min later, support hours)",
            "changed   Tue 2026-11-24 10:20: raised from medium to high by ana@grupostaff.com",
            "target = min(old Tue 2026-11-24 18:00, change + 1 h 00 min (support hours) = Tue 2026-11-24 11:20) = Tue 2026-11-24 11:20",
            "limit = min(old Wed 2026-11-25 16:30, change + 4 h 00 min (support hours) = Tue 2026-11-24 14:20) = Tue 2026-11-24 14:20",
            "limit     Tue 2026-11-24 14:20",
            "to come   Tue 2026-11-24 11:20  response clock at the target",
        ],
    );
    let change = &house.json(&["explain", "GS-1", "--json"])["clocks"]["response"]["changes"][0];
    assert_eq!(change["by"], ANA);
    assert_eq!(change["raised"], true);
    let limit = change["limit_at"].as_str().expect("an instant");
    assert!(limit.starts_with("2026-11-24T14:20:"), "{limit}");
    assert_eq!(change["old"]["limit_at"], "2026-11-25T16:30:00-06:00");
}

#[test]
fn a_limit_at_closing_time_and_the_closed_days_after_it_are_named() {
    let mut house = config().install();
    // Friday before a rest day: the third Monday of November.
    let mail = Mail::from(MARIA)
        .subject("[alta] No timbra")
        .date("Fri, 13 Nov 2026 14:00:00 -0600");
    pass(&mut house, "2026-11-13 14:00:00", &[mail]);
    house.set_clock(Some("2026-11-16 12:00:00"));
    has(
        &told(&house, "GS-1"),
        &[
            "limit     Fri 2026-11-13 18:00 (4 h 00 min later, support hours), at closing time: kept until Tue 2026-11-17 08:30",
            "counted   Fri 2026-11-13 14:00 to 18:00: 4 h 00 min",
            "closed    Fri 2026-11-13 18:00 to Mon 2026-11-16 12:00: weekend, Mon 16 Nov (rest day)",
            "kept      yes, so far: due at closing, kept until the next opening, Tue 2026-11-17 08:30",
            "to come   Tue 2026-11-17 08:30  response clock at the limit",
        ],
    );
    house.set_clock(Some("2026-11-17 09:00:00"));
    has(
        &told(&house, "GS-1"),
        &["kept      no: 30 min have passed since the limit"],
    );
}

#[test]
fn hours_that_all_count_are_explained_as_such() {
    let mut house = config().set("response.high.clock", "wall").install();
    let mail = Mail::from(MARIA)
        .subject("[alta] No timbra")
        .date("Fri, 20 Nov 2026 17:00:00 -0600");
    pass(&mut house, "2026-11-20 17:00:00", &[mail]);
    house.set_clock(Some("2026-11-20 22:00:00"));
    has(
        &told(&house, "GS-1"),
        &[
            "limit     Fri 2026-11-20 21:00 (4 h 00 min later, all hours)",
            "counted   Fri 2026-11-20 17:00 to 22:00: 5 h 00 min",
            "kept      no: 1 h 00 min have passed since the limit",
        ],
    );
    let document = house.json(&["explain", "GS-1", "--json"]);
    assert_eq!(document["clocks"]["response"]["hours"], "wall");
}

#[test]
fn a_ticket_closed_without_an_answer_is_explained_until_its_end() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let at = "Tue, 24 Nov 2026 11:00:00 -0600";
    let close = reply(&house, at, "#cerrar cancelado era una prueba");
    pass(&mut house, "2026-11-24 11:00:00", &[close]);
    house.set_clock(Some("2026-12-04 11:00:00"));
    has(
        &told(&house, "GS-1"),
        &[
            "counted   Tue 2026-11-24 10:00 to 11:00: 1 h 00 min",
            "met       never: the ticket was closed after 1 h 00 min",
            "kept      yes: 14 h 59 min were left",
        ],
    );
    let shown = stdout(&house.run(&["tickets", "show", "GS-1"]));
    has(
        &shown,
        &["none: closed after 1 h 00 min of support time, in time"],
    );
}

#[test]
fn a_question_is_explained_with_the_pause_the_plan_and_its_dates() {
    let mut house = config().set("replies.delay", "0s").install();
    let mail = Mail::from(MARIA).date("Wed, 16 Dec 2026 09:00:00 -0600");
    pass(&mut house, "2026-12-16 09:00:00", &[mail]);
    let when = "Wed, 16 Dec 2026 10:00:00 -0600";
    let question = reply(&house, when, "#espera cliente\n\n¿Sigue igual?");
    pass(&mut house, "2026-12-16 10:00:00", &[question]);
    pass(&mut house, "2026-12-23 10:01:00", &[]);
    house.set_clock(Some("2026-12-24 09:00:00"));
    has(
        &told(&house, "GS-1"),
        &[
            "waiting_client, by ana@grupostaff.com",
            "to now, by ana@grupostaff.com, waiting_client: stands still",
            "due       paused, 6 h 00 min left: it depends on when the pause ends",
            "asked     Wed 2026-12-16 10:00, by ana@grupostaff.com",
            "attempt 1 Wed 2026-12-23 10:01 by mail: counts, accepted and not returned",
            "5 business days after Wed 16 Dec: Thu 17 Dec, Fri 18 Dec, Mon 21 Dec, Tue 22 Dec, Wed 23 Dec; skipping weekend",
            "attempt 2 is due Thu 2026-12-31 10:00",
            "5 business days after Wed 23 Dec: Thu 24 Dec, Mon 28 Dec, Tue 29 Dec, Wed 30 Dec, Thu 31 Dec; skipping weekend, Fri 25 Dec (rest day)",
            "closes    Fri 2027-01-15 18:00, at closing time",
        ],
    );
    let document = house.json(&["explain", "GS-1", "--json"]);
    assert_eq!(document["plan"]["step"], "attempt");
    let ahead = document["plan"]["ahead"].as_array().expect("a list");
    assert_eq!(ahead.len(), 3);
    assert_eq!(ahead[0]["attempt"], 2);
    assert_eq!(ahead[0]["skipped"][0]["why"], "rest_day");
    assert!(ahead[2]["attempt"].is_null());
    let facts = document["facts"].as_array().expect("a list");
    let attempt = facts.iter().find(|f| f["fact"]["fact"] == "attempt_queued");
    let attempt = attempt.expect("the attempt");
    assert!(attempt["by"].is_null());
    assert_eq!(attempt["event"], "due");
}

#[test]
fn a_third_party_and_the_oldest_mail_without_an_answer_are_explained() {
    let mut house = config().set("replies.delay", "0s").install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let when = "Tue, 24 Nov 2026 11:00:00 -0600";
    let case = reply(
        &house,
        when,
        "#microsoft 2411250040001234\n\nAbrimos un caso.",
    );
    pass(&mut house, "2026-11-24 11:00:00", &[case]);
    let more = Mail::from(MARIA)
        .to(&sent_to(&house, MARIA)[0].must("Reply-To"))
        .date("Tue, 24 Nov 2026 12:00:00 -0600")
        .text("¿Hay novedades?");
    pass(&mut house, "2026-11-24 12:00:00", &[more]);
    has(
        &told(&house, "GS-1"),
        &[
            "assignee    level 4",
            "ana@grupostaff.com opened case 2411250040001234",
            "next reply clock (internal, nothing is promised)",
            "starts    Tue 2026-11-24 12:00, the oldest mail without an answer, by maria@acme.example",
            "third party",
            "case      2411250040001234",
            "update    Thu 2026-11-26 11:00: 2 business days after the client last heard of us",
        ],
    );
    let clocks = &house.json(&["explain", "GS-1", "--json"])["clocks"];
    assert_eq!(clocks["third_party"]["case"], "2411250040001234");
    assert_eq!(clocks["solution"]["paused"], true);
    assert_eq!(
        clocks["next_reply"]["started_at"],
        "2026-11-24T12:00:00-06:00"
    );
    assert!(clocks["formalizing"].is_null());
}

/// A call of 09:40 that Ana registers at 10:00.
fn call() -> Mail {
    Mail::from(ANA)
        .subject("Nadie puede timbrar")
        .text("#nuevo cliente=ACME autorizador=maria@acme.example #telefono 9:40\n\nSe cayó.")
}

/// María's answer to the request that she make it official.
fn confirmation(house: &Daemon) -> Mail {
    let request = sent_to(house, MARIA).pop().expect("a request");
    Mail::from(MARIA)
        .to(&request.must("Reply-To"))
        .in_reply_to(&request.id())
        .date("Tue, 24 Nov 2026 10:30:00 -0600")
        .text("Confirmo la solicitud.")
}

#[test]
fn a_call_is_explained_from_the_call_and_made_official_by_a_mail() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[call()]);
    has(
        &told(&house, "GS-1"),
        &[
            "opened by a call of 2026-11-24 09:40, priority critical",
            "starts    Tue 2026-11-24 09:40, the call",
            "limit     Tue 2026-11-24 10:10 (30 min later, support hours)",
            "call, not official yet (policy.md §2)",
            "called    Tue 2026-11-24 09:40",
            "asked     Tue 2026-11-24 10:00",
            "reminder  Tue 2026-11-24 12:00, 2 h 00 min of support time later",
            "decision  Wed 2026-11-25 18:00, at the end of the next business day",
            "registers GS-1 for ACME, by phone, priority critical",
        ],
    );
    let clocks = &house.json(&["explain", "GS-1", "--json"])["clocks"];
    assert_eq!(
        clocks["formalizing"]["called_at"],
        "2026-11-24T09:40:00-06:00"
    );
    let confirmed = confirmation(&house);
    pass(&mut house, "2026-11-24 10:30:00", &[confirmed]);
    let text = told(&house, "GS-1");
    has(
        &text,
        &[
            "made official (received mail 2)",
            "starts    Tue 2026-11-24 09:40, the call",
            "limit     Tue 2026-11-24 10:10",
        ],
    );
    assert!(!text.contains("not official yet"), "{text}");
    assert_eq!(super::ticket(&house, "GS-1")["status"], "new");
}

#[test]
fn a_client_s_mail_forwarded_as_a_file_is_registered_for_its_sender() {
    let mut house = config().install();
    house.set_clock(Some(TUESDAY_10));
    let wrapper = Mail::from(ANA).subject("RV: No imprime").text("CUERPO");
    let wrapper = String::from_utf8(wrapper.build()).expect("UTF-8");
    let (head, _) = wrapper.split_once("\r\n\r\n").expect("a header");
    let head: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.starts_with("Content-"))
        .collect();
    let raw = format!(
        "{}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n#nuevo\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\n\
         From: <{LUIS}>\r\nSubject: No imprime\r\n\r\nNo imprime.\r\n#nota\r\n--b--\r\n",
        head.join("\r\n")
    );
    house.drop_in(&[raw]);
    house.run_once();
    let shown = super::ticket(&house, "GS-1");
    assert_eq!(shown["status"], "provisional");
    assert_eq!(shown["client"], "Globex");
    assert_eq!(shown["subject"], "No imprime");
    assert_eq!(sent_to(&house, LUIS).len(), 1);
    has(
        &told(&house, "GS-1"),
        &[
            "starts    Tue 2026-11-24 10:00, receipt of the mail that opened it",
            "registered, not official yet (policy.md §2)",
            "registers GS-1 for Globex, priority medium",
        ],
    );
}

#[test]
fn a_call_s_clock_starts_with_the_mail_where_the_house_says_so() {
    let mut house = config().set("phone.clock_starts", "mail").install();
    pass(&mut house, TUESDAY_10, &[call()]);
    has(
        &told(&house, "GS-1"),
        &["starts    with the mail that makes the call official (policy.md §2)"],
    );
    let confirmed = confirmation(&house);
    pass(&mut house, "2026-11-24 10:30:00", &[confirmed]);
    has(
        &told(&house, "GS-1"),
        &[
            "starts    Tue 2026-11-24 10:30, the mail that made the call official",
            "limit     Tue 2026-11-24 11:00 (30 min later, support hours)",
        ],
    );
}

#[test]
fn a_long_span_is_told_by_its_beginning_and_its_end_with_what_is_left_out() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    house.set_clock(Some("2027-03-01 10:00:00"));
    let text = told(&house, "GS-1");
    let counted = text.lines().filter(|l| l.starts_with("  counted")).count();
    assert_eq!(counted, 12, "{text}");
    has(&text, &["more, of which", "are left out here"]);
    let response = &house.json(&["explain", "GS-1", "--json"])["clocks"]["response"];
    assert_eq!(response["counted"]["left_out"], 0);
    let seconds = response["counted"]["seconds"].as_i64();
    let shown = house.json(&["tickets", "show", "GS-1", "--json"]);
    let elapsed = shown["response"]["elapsed_seconds"].as_i64();
    // The clock goes on between two runs.
    assert_eq!(seconds.map(|s| s / 60), elapsed.map(|s| s / 60));
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
