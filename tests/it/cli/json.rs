//! The JSON that other programs rely on: keys, kinds of values, vocabularies.

use chrono::DateTime;
use serde_json::Value;

use super::{ANA, MARIA, TUESDAY_10, config, pass, sent_to};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

/// A ticket that was answered, one that waits, a held mail and a reply in its delay.
fn lived_in() -> Daemon {
    let mut house = config().install();
    let request = Mail::from(MARIA);
    let stranger = Mail::from("extra@nadie.example");
    let other = Mail::from("luis@globex.example").subject("[alta] Otro");
    pass(&mut house, TUESDAY_10, &[request, stranger, other]);
    let notice = sent_to(&house, ANA).remove(0);
    let reply = Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .date("Tue, 24 Nov 2026 10:05:00 -0600")
        .text("Ya quedó.");
    pass(&mut house, "2026-11-24 10:05:00", &[reply]);
    house
}

fn has_keys(value: &Value, wanted: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{value}"));
    let mut found: Vec<&str> = object.keys().map(String::as_str).collect();
    let mut wanted = wanted.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

fn is_instant(value: &Value) {
    let text = value.as_str().unwrap_or_else(|| panic!("{value}"));
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(text.ends_with("-06:00"), "{text}");
}

fn is_instant_or_null(value: &Value) {
    if !value.is_null() {
        is_instant(value);
    }
}

fn is_one_of(value: &Value, words: &[&str]) {
    let word = value.as_str().unwrap_or_else(|| panic!("{value}"));
    assert!(words.contains(&word), "{word}");
}

const TICKET: [&str; 19] = [
    "number",
    "subject",
    "status",
    "closed_as",
    "priority",
    "kind",
    "level",
    "client",
    "requester",
    "assignee",
    "official",
    "opened_at",
    "first_response_at",
    "response",
    "solution",
    "budget",
    "contact",
    "links",
    "next_action_at",
];

fn is_ticket(value: &Value) {
    is_one_of(
        &value["status"],
        &[
            "provisional",
            "new",
            "in_progress",
            "waiting_client",
            "waiting_approval",
            "waiting_third_party",
            "proposed",
            "closed",
        ],
    );
    is_one_of(&value["priority"], &["critical", "high", "medium", "low"]);
    is_one_of(
        &value["kind"],
        &[
            "technical-regular",
            "technical-urgent",
            "maintenance-minor",
            "maintenance-medium",
            "maintenance-major",
            "investigation",
        ],
    );
    is_instant(&value["opened_at"]);
    is_instant_or_null(&value["first_response_at"]);
    is_instant_or_null(&value["next_action_at"]);
    assert_eq!(
        value["next_action_at"].is_null(),
        value["status"] == "closed"
    );
    let response = &value["response"];
    has_keys(
        response,
        &[
            "target_at",
            "limit_at",
            "limit_open_at",
            "elapsed_seconds",
            "breached",
        ],
    );
    for key in ["target_at", "limit_at", "limit_open_at"] {
        is_instant(&response[key]);
    }
    assert!(response["elapsed_seconds"].is_i64());
    assert!(response["breached"].is_boolean());
    let solution = &value["solution"];
    has_keys(
        solution,
        &[
            "started_at",
            "elapsed_seconds",
            "due_at",
            "paused",
            "breached",
        ],
    );
    is_instant_or_null(&solution["started_at"]);
    is_instant_or_null(&solution["due_at"]);
    assert!(solution["elapsed_seconds"].is_i64());
    let budget = &value["budget"];
    has_keys(budget, &["authorized_minutes", "used_minutes"]);
    assert_eq!(budget["authorized_minutes"], 360);
    let contact = &value["contact"];
    has_keys(contact, &["attempts", "next_at", "closes_at"]);
    for attempt in contact["attempts"].as_array().expect("a list") {
        has_keys(attempt, &["number", "at", "via", "counts"]);
        assert!(attempt["number"].is_i64());
        is_instant(&attempt["at"]);
        is_one_of(&attempt["via"], &["mail", "phone"]);
        assert!(attempt["counts"].is_boolean());
    }
    is_instant_or_null(&contact["next_at"]);
    is_instant_or_null(&contact["closes_at"]);
    for link in value["links"].as_array().expect("a list") {
        has_keys(link, &["kind", "number"]);
        is_one_of(
            &link["kind"],
            &["continues", "continued_by", "duplicate_of", "duplicate"],
        );
        assert!(
            link["number"]
                .as_str()
                .is_some_and(|n| n.starts_with("GS-"))
        );
    }
}

#[test]
fn tickets_have_the_named_keys_and_words() {
    let house = lived_in();
    let list = house.json(&["tickets", "list", "--json"]);
    let rows = list.as_array().expect("a list");
    assert_eq!(rows.len(), 2);
    for row in rows {
        has_keys(row, &TICKET);
        is_ticket(row);
    }
    let shown = house.json(&["tickets", "show", "gs-1", "--json"]);
    let mut keys = TICKET.to_vec();
    keys.push("messages");
    has_keys(&shown, &keys);
    is_ticket(&shown);
    let messages = shown["messages"].as_array().expect("a list");
    assert_eq!(messages.len(), 4);
    for message in messages {
        has_keys(
            message,
            &[
                "id",
                "message_id",
                "at",
                "from",
                "direction",
                "class",
                "visibility",
                "thread_evidence",
                "text",
            ],
        );
        is_instant(&message["at"]);
        is_one_of(&message["direction"], &["in", "out"]);
        is_one_of(&message["visibility"], &["public", "internal"]);
        assert!(message["text"].is_string());
        assert!(message["from"].as_str().is_some_and(|f| f.contains('@')));
        assert_eq!(
            message["thread_evidence"].is_null(),
            message["direction"] == "out"
        );
    }
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
fn the_plan_and_the_paused_clock_of_a_ticket_that_waits_are_told_in_figures() {
    let mut house = config().set("replies.delay", "0s").install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    let question = reply(
        &house,
        "Tue, 24 Nov 2026 11:00:00 -0600",
        "#espera cliente\n\n¿Sigue igual?",
    );
    pass(&mut house, "2026-11-24 11:00:00", &[question]);
    let shown = |house: &Daemon| {
        let shown = house.json(&["tickets", "show", "GS-1", "--json"]);
        is_ticket(&shown);
        shown
    };
    let minute = |value: &Value| value.as_str().map(|at| at[..16].to_owned());
    let before = shown(&house);
    assert_eq!(before["status"], "waiting_client");
    assert_eq!(before["contact"]["attempts"], serde_json::json!([]));
    let next = minute(&before["contact"]["next_at"]);
    assert_eq!(next.as_deref(), Some("2026-12-01T11:00"));
    assert_eq!(before["contact"]["next_at"], before["next_action_at"]);
    let closes = &before["contact"]["closes_at"];
    assert_eq!(closes, "2026-12-22T18:00:00-06:00");
    let solution = &before["solution"];
    assert_eq!(solution["paused"], true);
    assert!(solution["due_at"].is_null());
    pass(&mut house, "2026-12-01 11:01:00", &[]);
    let call = reply(
        &house,
        "Tue, 8 Dec 2026 09:00:00 -0600",
        "#intento telefono",
    );
    pass(&mut house, "2026-12-08 09:00:00", &[call]);
    let after = shown(&house);
    let attempts = after["contact"]["attempts"].as_array().expect("a list");
    let seen: Vec<_> = attempts
        .iter()
        .map(|a| {
            (
                a["number"].as_i64(),
                a["via"].as_str(),
                a["counts"].as_bool(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), Some("mail"), Some(true)),
            (Some(2), Some("phone"), Some(true))
        ]
    );
    assert_eq!(after["contact"]["closes_at"], "2026-12-22T18:00:00-06:00");
    house.set_clock(Some("2026-12-08 10:00:00"));
    for (arguments, words) in [
        (&["tickets", "show", "GS-1"][..], "2 of 3 attempts made"),
        (&["tickets", "list"], "paused, 6 h 00 min left"),
    ] {
        let text = super::stdout(&house.run(arguments));
        assert!(text.contains(words), "{text}");
    }
    let answer = Mail::from(MARIA)
        .to(&sent_to(&house, MARIA)[0].must("Reply-To"))
        .date("Tue, 8 Dec 2026 10:00:00 -0600")
        .text("Sí, sigue.");
    pass(&mut house, "2026-12-08 10:00:00", &[answer]);
    let resumed = shown(&house);
    assert_eq!(resumed["solution"]["paused"], false);
    let due = minute(&resumed["solution"]["due_at"]);
    assert_eq!(due.as_deref(), Some("2026-12-08T16:00"));
    assert_eq!(
        resumed["contact"],
        serde_json::json!({ "attempts": [], "next_at": null, "closes_at": null })
    );
}

#[test]
fn held_mail_has_the_named_keys() {
    let house = lived_in();
    let list = house.json(&["held", "list", "--json"]);
    let keys = ["id", "at", "from", "subject", "cause", "client"];
    let row = &list[0];
    has_keys(row, &keys);
    assert!(row["id"].is_i64());
    is_instant(&row["at"]);
    assert_eq!(row["from"], "extra@nadie.example");
    assert_eq!(row["cause"], "unknown_domain");
    assert!(row["client"].is_null());
    let shown = house.json(&["held", "show", "1", "--json"]);
    for key in keys {
        assert_eq!(shown[key], row[key], "{key}");
    }
    assert!(shown["text"].is_string());
}

#[test]
fn outgoing_mail_has_the_named_keys_and_states() {
    let mut house = lived_in();
    let rows = |house: &Daemon, state: &str| {
        let found = house.json(&["outbox", "list", "--state", state, "--json"]);
        found.as_array().expect("a list").clone()
    };
    let all = house.json(&["outbox", "list", "--json"]);
    for row in all.as_array().expect("a list") {
        has_keys(
            row,
            &[
                "id",
                "ticket",
                "kind",
                "to",
                "message_id",
                "state",
                "attempts",
                "created_at",
                "sent_at",
            ],
        );
        is_instant(&row["created_at"]);
        is_instant_or_null(&row["sent_at"]);
        assert_eq!(row["sent_at"].is_null(), row["state"] != "sent");
        assert!(
            row["message_id"]
                .as_str()
                .is_some_and(|id| id.contains('@') && !id.contains('<'))
        );
    }
    let waiting = rows(&house, "waiting");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["ticket"], "GS-1");
    assert_eq!(waiting[0]["to"], MARIA);
    assert_eq!(waiting[0]["attempts"], 0);
    let id = waiting[0]["id"].to_string();
    house.json(&["outbox", "cancel", &id, "--json"]);
    assert_eq!(rows(&house, "cancelled").len(), 1);
    pass(&mut house, "2026-11-24 10:10:00", &[]);
    assert_eq!(sent_to(&house, MARIA).len(), 1, "cancelled: it stays here");
    house.json(&["outbox", "retry", &id, "--json"]);
    house.run_once();
    assert_eq!(sent_to(&house, MARIA).len(), 2);
    assert_eq!(rows(&house, "cancelled").len(), 0);
}

#[test]
fn the_status_has_the_named_keys() {
    let house = lived_in();
    let status = house.json(&["status", "--json"]);
    has_keys(
        &status,
        &[
            "version",
            "uptime_seconds",
            "last_poll_at",
            "last_mail_at",
            "inbound_waiting",
            "held",
            "outbox",
            "open_tickets",
            "breached",
            "next_action_at",
            "database_bytes",
        ],
    );
    has_keys(&status["outbox"], &["waiting", "uncertain", "failed"]);
    is_instant(&status["last_poll_at"]);
    is_instant(&status["last_mail_at"]);
    is_instant(&status["next_action_at"]);
    assert_eq!(status["open_tickets"], 2);
    assert_eq!(status["held"], 1);
    assert_eq!(status["outbox"]["waiting"], 1);
    assert_eq!(status["inbound_waiting"], 0);
}

#[test]
fn what_is_empty_is_an_empty_list_and_not_null() {
    let house = config().install();
    for arguments in [
        &["tickets", "list", "--json"][..],
        &["tickets", "list", "--open", "--json"],
        &["held", "list", "--json"],
        &["outbox", "list", "--json"],
        &["outbox", "list", "--state", "failed", "--json"],
    ] {
        assert_eq!(
            house.json(arguments),
            Value::Array(Vec::new()),
            "{arguments:?}"
        );
    }
    let status = house.json(&["status", "--json"]);
    for key in [
        "last_poll_at",
        "last_mail_at",
        "next_action_at",
        "uptime_seconds",
    ] {
        assert!(status[key].is_null(), "{key}");
    }
    assert_eq!(status["open_tickets"], 0);
}

#[test]
fn an_inspected_mail_has_the_named_keys_on_one_line() {
    let house = config().install();
    let mail = Mail::from(MARIA)
        .name("María Pérez")
        .in_reply_to("padre@acme.example")
        .header("Reply-To", "otra@acme.example")
        .text("Gracias.\n\nEl lun, 23 nov 2026 a las 10:00, Soporte (<soporte@grupostaff.com>) escribió:\n> Hola\n")
        .attachment("foto.png", "image/png", 300);
    let files = [house.path("uno.eml"), house.path("dos.eml")];
    for file in &files {
        std::fs::write(file, mail.build()).expect("a mail");
    }
    let output = house.run(&[
        "inspect",
        "--json",
        "--own",
        "soporte@grupostaff.com",
        "uno.eml",
        "./dos.eml",
    ]);
    assert_eq!(super::code(&output), 0);
    let text = super::stdout(&output);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    assert_eq!(super::each(&lines, "file"), ["uno.eml", "./dos.eml"]);
    let seen = &lines[0];
    has_keys(
        seen,
        &[
            "file",
            "class",
            "evidence",
            "acknowledge",
            "from",
            "reply_to",
            "subject",
            "message_id",
            "in_reply_to",
            "references",
            "reply_text",
            "full_text",
            "attachments",
            "bounce",
            "original_message_id",
            "forward",
            "authentication",
        ],
    );
    assert_eq!(seen["class"], "human");
    assert_eq!(seen["acknowledge"], true);
    assert_eq!(seen["from"], MARIA);
    assert_eq!(seen["reply_to"], "otra@acme.example");
    assert_eq!(seen["message_id"], mail.id());
    assert_eq!(
        seen["in_reply_to"],
        serde_json::json!(["padre@acme.example"])
    );
    assert_eq!(seen["reply_text"], "Gracias.");
    assert!(
        seen["full_text"]
            .as_str()
            .is_some_and(|t| t.contains("> Hola"))
    );
    has_keys(
        &seen["attachments"][0],
        &["name", "type", "size", "inline", "sha256"],
    );
    assert_eq!(seen["attachments"][0]["size"], 300);
    assert_eq!(seen["bounce"], serde_json::json!([]));
    for key in ["original_message_id", "forward", "authentication"] {
        assert!(seen[key].is_null(), "{key}");
    }
}

#[test]
fn an_inspected_report_names_each_recipient_and_whether_the_address_is_dead() {
    let house = config().install();
    let report = |status: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nNo.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; maria@acme.example\r\nAction: failed\r\nStatus: {status}\r\n\
             Diagnostic-Code: smtp; 550 no\r\n\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <abc@grupostaff.com>\r\n\r\nx\r\n--b--\r\n"
        )
    };
    for (status, hard) in [
        ("5.1.1", true),
        ("5.2.2", false),
        ("5.7.1", false),
        ("4.4.1", false),
    ] {
        let output = house.run_with_input(&["inspect", "--json", "-"], report(status).as_bytes());
        let seen: Value = serde_json::from_slice(&output.stdout).expect("an object");
        assert_eq!(seen["class"], "bounce", "{status}");
        assert_eq!(seen["original_message_id"], "abc@grupostaff.com");
        let bounce = &seen["bounce"][0];
        has_keys(
            bounce,
            &["recipient", "action", "status", "hard", "diagnostic"],
        );
        assert_eq!(bounce["recipient"], MARIA);
        assert_eq!(bounce["hard"], hard, "{status}");
        assert!(seen["message_id"].is_null());
    }
}

#[test]
fn a_bare_body_is_read_by_itself() {
    let house = config().install();
    for (kind, body) in [
        (
            "text",
            "Gracias.\n\nEl lun, 23 nov 2026 a las 10:00, Ana (<a@b.mx>) escribió:\n> Hola\n",
        ),
        (
            "html",
            "<p>Gracias.</p><div class=\"gmail_quote\"><div>El lun, 23 nov 2026 a las 10:00, Ana (&lt;a@b.mx&gt;) escribió:</div><blockquote>Hola</blockquote></div>",
        ),
    ] {
        let output =
            house.run_with_input(&["inspect", "--json", "--body", kind, "-"], body.as_bytes());
        let seen: Value = serde_json::from_slice(&output.stdout).expect("an object");
        assert_eq!(seen["reply_text"], "Gracias.", "{kind}");
        assert_eq!(seen["file"], "-");
        assert!(seen["forward"].is_null());
    }
}

#[test]
fn a_forward_names_whose_mail_it_passes_on_and_an_answer_does_not() {
    let house = config().install();
    let gmail = "Para su atención.\n\n---------- Forwarded message ---------\nDe: Jorge Ruiz <jorge@acme.example>\nDate: lun, 23 nov 2026 a las 10:00\nSubject: No imprime\nTo: <maria@acme.example>\n\nHola.\n";
    let outlook = "Les paso esto.\n\nDe: Jorge Ruiz <jorge@acme.example>\nEnviado el: lunes, 23 de noviembre de 2026 10:00\nPara: María Pérez\nAsunto: No imprime\n\nHola.\n";
    let attributed = "El 23/11/2026 10:00, \"Jorge\" <jorge@acme.example> escribió:\n\n    Hola.\n";
    let check = |subject: &str, text: &str, found: Option<&str>| {
        let raw = Mail::from(MARIA).subject(subject).text(text).build();
        let output = house.run_with_input(&["inspect", "--json", "-"], &raw);
        let seen: Value = serde_json::from_slice(&output.stdout).expect("an object");
        let expected = found.map_or(
            Value::Null,
            |from| serde_json::json!({ "from": from, "subject": "No imprime" }),
        );
        assert_eq!(seen["forward"], expected, "{subject}\n{text}");
    };
    let jorge = Some("jorge@acme.example");
    check("RV: No imprime", outlook, jorge);
    check("Fwd: No imprime", gmail, jorge);
    check("RENV: No imprime", attributed, jorge);
    check("RE: No imprime", outlook, None);
    check("RE: No imprime", attributed, None);
    check("RV: No imprime", "Sin nada debajo.", None);
}
