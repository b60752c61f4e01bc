//! The support itself: who is answered, what lands where, and what is held.

use serde_json::{Value, json};

use super::{
    ANA, LUIS, MARIA, TUESDAY_10, code, config, each, held, list, pass, sent_to, stdout, ticket,
    tickets,
};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

fn opened() -> Daemon {
    let mut house = config().install();
    let request = Mail::from(MARIA).message_id("uno@acme.example");
    pass(&mut house, TUESDAY_10, &[request]);
    house
}

/// Ana's answer to the notice that she got first.
fn reply_of_ana(house: &Daemon, text: &str) -> Mail {
    let notice = sent_to(house, ANA).remove(0);
    Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .date("Tue, 24 Nov 2026 10:20:00 -0600")
        .text(text)
}

#[test]
fn an_authorizer_s_mail_opens_a_ticket_with_an_acknowledgement_and_a_notice() {
    let house = opened();
    let shown = ticket(&house, "GS-1");
    for (key, value) in [
        ("number", json!("GS-1")),
        ("subject", json!("No puedo entrar a nómina")),
        ("status", json!("new")),
        ("closed_as", Value::Null),
        ("priority", json!("medium")),
        ("kind", json!("technical-regular")),
        ("level", json!(1)),
        ("client", json!("ACME")),
        ("requester", json!(MARIA)),
        ("assignee", Value::Null),
        ("official", json!(true)),
        ("opened_at", json!("2026-11-24T10:00:00-06:00")),
        ("first_response_at", Value::Null),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    let messages = shown["messages"].as_array().expect("a list");
    assert_eq!(each(messages, "direction"), ["in", "out"]);
    assert_eq!(each(messages, "from"), [MARIA, "soporte@grupostaff.com"]);
    assert_eq!(each(messages, "visibility"), ["public", "public"]);
    assert_eq!(messages[0]["message_id"], "uno@acme.example");
    assert_eq!(sent_to(&house, MARIA).len(), 1);
    assert_eq!(sent_to(&house, ANA).len(), 1);
}

#[test]
fn the_same_mail_twice_is_one_whichever_way_it_comes() {
    let mut house = config().install();
    let mail = Mail::from(MARIA);
    pass(&mut house, TUESDAY_10, &[mail.clone(), mail.clone()]);
    for _ in 0..2 {
        let output = house.run_with_input(&["ingest"], &mail.build());
        assert_eq!(code(&output), 0);
    }
    house.run_once();
    assert_eq!(tickets(&house).len(), 1);
    assert_eq!(sent_to(&house, MARIA).len(), 1);
}

#[test]
fn a_message_handed_over_twice_is_committed_once_and_its_answer_leaves_with_the_next_pass() {
    let mut house = config().install();
    house.set_clock(Some(TUESDAY_10));
    let raw = Mail::from(MARIA).build();
    for _ in 0..2 {
        let output = house.run_with_input(&["ingest"], &raw);
        assert_eq!(code(&output), 0);
        assert_eq!(stdout(&output), "");
    }
    assert_eq!(tickets(&house).len(), 1);
    house.run_once();
    assert_eq!(sent_to(&house, MARIA).len(), 1);
}

#[test]
fn an_answer_to_the_token_address_lands_on_the_ticket_whatever_its_subject() {
    let mut house = opened();
    let address = sent_to(&house, MARIA)[0].must("Reply-To");
    let reply = Mail::from(MARIA)
        .to(&address)
        .subject("Otro asunto")
        .date("Tue, 24 Nov 2026 10:30:00 -0600")
        .text("Ya lo intenté de nuevo.");
    pass(&mut house, "2026-11-24 10:30:00", &[reply]);
    assert_eq!(tickets(&house).len(), 1);
    let shown = ticket(&house, "GS-1");
    let messages = shown["messages"].as_array().expect("a list");
    let last = messages.last().expect("messages");
    assert_eq!(last["text"], "Ya lo intenté de nuevo.");
    assert_eq!(last["thread_evidence"], "token in a recipient address");
    // Only the mail that opens a ticket is acknowledged; the consultant is told.
    assert_eq!(sent_to(&house, MARIA).len(), 1);
    assert_eq!(sent_to(&house, ANA).len(), 2);
}

/// Nobody but an authenticated authorizer opens a ticket.
#[test]
fn what_is_not_an_authorizer_s_own_mail_is_held_with_its_cause_and_not_answered() {
    let check = |mail: Mail, cause: &str, client: Option<&str>| {
        let mut house = config().install();
        pass(&mut house, TUESDAY_10, std::slice::from_ref(&mail));
        let rows = held(&house);
        assert_eq!(each(&rows, "cause"), [cause]);
        assert_eq!(rows[0]["client"], json!(client), "{cause}");
        assert_eq!(rows[0]["subject"], "No puedo entrar a nómina", "{cause}");
        assert_eq!(rows[0]["at"], "2026-11-24T10:00:00-06:00", "{cause}");
        assert_eq!(tickets(&house).len(), 0, "{cause}");
        assert_eq!(house.sent().len(), 0, "{cause}");
    };
    check(Mail::from("extra@nadie.example"), "unknown_domain", None);
    check(
        Mail::from(MARIA).without_verdict(),
        "unauthenticated",
        Some("ACME"),
    );
    check(Mail::from(MARIA).forged(), "forged", None);
    check(Mail::from(ANA).forged(), "forged", None);
    check(
        Mail::from("pedro@acme.example").without_verdict(),
        "unauthorized",
        Some("ACME"),
    );
    check(Mail::from("soporte@grupostaff.com"), "loop", None);
}

#[test]
fn an_unlisted_colleague_and_the_authorizers_are_told_once_a_day() {
    let mut house = config().install();
    let mail = |subject: &str| Mail::from("pedro@acme.example").subject(subject);
    pass(&mut house, TUESDAY_10, &[mail("Uno"), mail("Dos")]);
    pass(&mut house, "2026-11-24 16:00:00", &[mail("Tres")]);
    assert_eq!(held(&house).len(), 3);
    let told = |house: &Daemon| {
        (
            sent_to(house, "pedro@acme.example").len(),
            sent_to(house, MARIA).len(),
            sent_to(house, LUIS).len(),
        )
    };
    assert_eq!(told(&house), (1, 1, 0));
    let notice = sent_to(&house, "pedro@acme.example").remove(0);
    assert_eq!(notice.must("Auto-Submitted"), "auto-replied");
    assert!(notice.text().contains("María Pérez"));
    pass(&mut house, "2026-11-25 10:00:00", &[mail("Cuatro")]);
    assert_eq!(told(&house), (2, 2, 0));
    assert_eq!(tickets(&house).len(), 0);
}

#[test]
fn a_released_mail_opens_its_ticket_at_its_original_receipt() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from("pedro@acme.example")]);
    house.set_clock(Some("2026-11-24 13:00:00"));
    let output = house.run(&["held", "release", "1", "--json"]);
    assert_eq!(code(&output), 0);
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(said["state"], "released");
    house.run_once();
    let shown = ticket(&house, "GS-1");
    assert_eq!(shown["requester"], "pedro@acme.example");
    assert_eq!(shown["opened_at"], "2026-11-24T10:00:00-06:00");
    assert_eq!(shown["response"]["limit_at"], "2026-11-25T16:30:00-06:00");
    assert_eq!(
        shown["response"]["elapsed_seconds"]
            .as_i64()
            .map(|s| s / 60),
        Some(180)
    );
    assert_eq!(held(&house).len(), 0);
    assert_eq!(
        house.json(&["held", "show", "1", "--json"])["state"],
        "released"
    );
    assert_eq!(code(&house.run(&["held", "release", "1"])), 1);
    assert_eq!(tickets(&house).len(), 1);
}

#[test]
fn a_stranger_is_released_for_a_named_client_only() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from("extra@nadie.example")]);
    assert_eq!(code(&house.run(&["held", "release", "1"])), 2);
    assert_eq!(
        code(&house.run(&["held", "release", "1", "--client", "Nadie"])),
        2
    );
    assert_eq!(held(&house).len(), 1);
    assert_eq!(
        code(&house.run(&["held", "release", "1", "--client", "ACME"])),
        0
    );
    assert_eq!(each(&tickets(&house), "client"), ["ACME"]);
}

#[test]
fn a_discarded_mail_waits_no_more_and_can_still_be_read() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from("extra@nadie.example")]);
    assert_eq!(code(&house.run(&["held", "discard", "1"])), 0);
    assert_eq!(held(&house).len(), 0);
    let shown = house.json(&["held", "show", "1", "--json"]);
    assert_eq!(shown["state"], "discarded");
    assert!(shown["text"].as_str().is_some_and(|t| t.contains("nómina")));
    assert_eq!(code(&house.run(&["held", "discard", "1"])), 1);
    assert_eq!(code(&house.run(&["held", "release", "1"])), 2, "for whom?");
}

#[test]
fn a_consultant_s_reply_goes_out_after_its_delay_and_meets_the_response() {
    let mut house = opened();
    let reply = reply_of_ana(&house, "María, ya quedó el acceso.");
    pass(&mut house, "2026-11-24 10:20:00", &[reply]);
    assert_eq!(sent_to(&house, MARIA).len(), 1, "within the delay");
    assert_eq!(ticket(&house, "GS-1")["first_response_at"], Value::Null);
    let waiting = list(&house, &["outbox", "list", "--state", "waiting", "--json"]);
    assert_eq!(each(&waiting, "kind"), ["relayed_reply"]);
    pass(&mut house, "2026-11-24 10:21:30", &[]);
    assert_eq!(sent_to(&house, MARIA).len(), 2);
    let shown = ticket(&house, "GS-1");
    assert_eq!(shown["status"], "in_progress");
    let met = shown["first_response_at"].as_str().expect("an instant");
    assert!(met.starts_with("2026-11-24T10:21:3"), "{met}");
    assert_eq!(
        shown["response"]["elapsed_seconds"]
            .as_i64()
            .map(|s| s / 60),
        Some(21)
    );
    assert_eq!(shown["response"]["breached"], false);
    pass(&mut house, "2026-11-25 10:00:00", &[]);
    assert_eq!(sent_to(&house, MARIA).len(), 2, "once");
}

/// What must not reach a client goes back to the consultant.
#[test]
fn a_reply_with_a_command_an_empty_one_or_a_leak_is_not_relayed() {
    for (text, told) in [
        ("#nota este cliente debe dos facturas", 1),
        ("#nota\neste cliente debe dos facturas", 1),
        ("Buenos días:\n\n#resuelto\nSaludos", 1),
        ("#resuelto", 1),
        ("#resuleto\nYa quedó.", 1),
        ("", 1),
        (
            "Le paso lo que me llegó. Lo que escriba encima de esa línea se envía al cliente.",
            1,
        ),
    ] {
        let mut house = opened();
        let reply = reply_of_ana(&house, text);
        pass(&mut house, "2026-11-24 10:20:00", &[reply]);
        pass(&mut house, "2026-11-24 10:25:00", &[]);
        assert_eq!(sent_to(&house, MARIA).len(), 1, "{text}");
        // The notice, and what was wrong or what was done.
        assert_eq!(sent_to(&house, ANA).len(), 1 + told, "{text}");
        assert_eq!(ticket(&house, "GS-1")["status"], "new", "{text}");
    }
}

#[test]
fn an_out_of_office_changes_nothing_and_is_not_answered() {
    let mut house = opened();
    let before = ticket(&house, "GS-1");
    let absent = Mail::from(MARIA)
        .to(&sent_to(&house, MARIA)[0].must("Reply-To"))
        .subject("Respuesta automática: No puedo entrar a nómina [GS-1]")
        .header("Auto-Submitted", "auto-replied")
        .text("Estoy fuera de la oficina.");
    let sent = house.sent().len();
    pass(&mut house, "2026-11-24 10:00:30", &[absent]);
    let after = ticket(&house, "GS-1");
    for key in ["status", "first_response_at", "next_action_at", "solution"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    assert_eq!(after["messages"].as_array().map(Vec::len), Some(3));
    assert_eq!(after["messages"][2]["class"], "auto_reply");
    assert_eq!(house.sent().len(), sent);
}

#[test]
fn a_mail_that_asks_for_no_automatic_answer_opens_a_ticket_in_silence() {
    for value in ["All", "OOF, AutoReply", "AutoReply"] {
        let mut house = config().install();
        let mail = Mail::from(MARIA).header("X-Auto-Response-Suppress", value);
        pass(&mut house, TUESDAY_10, &[mail]);
        assert_eq!(tickets(&house).len(), 1, "{value}");
        assert_eq!(sent_to(&house, MARIA).len(), 0, "{value}");
        assert_eq!(sent_to(&house, ANA).len(), 1, "{value}");
    }
}

#[test]
fn the_priority_in_the_subject_or_first_line_of_the_opening_mail_counts() {
    let check = |subject: &str, text: &str, priority: &str, kind: &str| {
        let mut house = config().install();
        pass(
            &mut house,
            TUESDAY_10,
            &[Mail::from(MARIA).subject(subject).text(text)],
        );
        let shown = ticket(&house, "GS-1");
        assert_eq!(shown["priority"], priority, "{subject}");
        assert_eq!(shown["kind"], kind, "{subject}");
    };
    let plain = "Buenos días.";
    check("[CRITICA] Parado", plain, "critical", "technical-urgent");
    check("[crítica] Parado", plain, "critical", "technical-urgent");
    check("[Alta] Factura", plain, "high", "technical-regular");
    check("[baja] Duda", plain, "low", "technical-regular");
    check("[media] Duda", plain, "medium", "technical-regular");
    check(
        "Factura",
        "Prioridad: alta\n\nNo timbra.",
        "high",
        "technical-regular",
    );
    check("La presión es alta", plain, "medium", "technical-regular");
}

/// The clocks of the views are those of the instant they are looked at.
#[test]
fn elapsed_time_and_breach_are_as_of_now() {
    let mut house = opened();
    for (clock, minutes, breached) in [
        ("2026-11-24 12:00:00", 120, false),
        ("2026-11-24 20:00:00", 480, false),
        ("2026-11-25 16:29:00", 959, false),
        ("2026-11-25 16:31:00", 961, true),
        ("2026-11-28 12:00:00", 480 + 3 * 570, true),
    ] {
        house.set_clock(Some(clock));
        let response = &ticket(&house, "GS-1")["response"];
        let seconds = response["elapsed_seconds"].as_i64().expect("seconds");
        assert_eq!(seconds / 60, minutes, "{clock}");
        assert_eq!(response["breached"], breached, "{clock}");
        assert_eq!(response["limit_at"], "2026-11-25T16:30:00-06:00");
        assert_eq!(response["target_at"], "2026-11-24T18:00:00-06:00");
        let status = house.json(&["status", "--json"]);
        assert_eq!(status["breached"], i32::from(breached), "{clock}");
    }
}

#[test]
fn a_limit_that_ends_at_closing_time_is_met_until_the_next_opening() {
    let mut house = config().install();
    let mail = Mail::from(MARIA)
        .subject("[alta] No timbra")
        .date("Tue, 24 Nov 2026 14:00:00 -0600");
    pass(&mut house, "2026-11-24 14:00:00", &[mail]);
    let response = |house: &Daemon| ticket(house, "GS-1")["response"].clone();
    assert_eq!(response(&house)["limit_at"], "2026-11-24T18:00:00-06:00");
    assert_eq!(
        response(&house)["limit_open_at"],
        "2026-11-25T08:30:00-06:00"
    );
    house.set_clock(Some("2026-11-25 08:29:00"));
    assert_eq!(response(&house)["breached"], false);
    house.set_clock(Some("2026-11-25 08:31:00"));
    assert_eq!(response(&house)["breached"], true);
}

#[test]
fn a_mail_out_of_hours_waits_for_the_opening_and_says_so() {
    let mut house = config().install();
    let mail = Mail::from(MARIA).date("Fri, 27 Nov 2026 18:00:00 -0600");
    pass(&mut house, "2026-11-27 18:00:00", &[mail]);
    let shown = ticket(&house, "GS-1");
    assert_eq!(shown["response"]["elapsed_seconds"], 0);
    assert_eq!(shown["response"]["limit_at"], "2026-12-01T15:00:00-06:00");
    let text = sent_to(&house, MARIA)[0].text().replace('\n', " ");
    assert!(
        text.contains("lunes 30 de noviembre de 2026, 08:30 h"),
        "{text}"
    );
    assert!(
        text.contains("martes 1 de diciembre de 2026, 15:00 h"),
        "{text}"
    );
}

#[test]
fn another_client_s_thread_is_closed_to_a_stranger_to_it() {
    let mut house = opened();
    let theirs = sent_to(&house, MARIA).remove(0);
    let intruder = Mail::from(LUIS)
        .to(&theirs.must("Reply-To"))
        .subject("Hola");
    pass(&mut house, "2026-11-24 10:10:00", &[intruder]);
    assert_eq!(each(&held(&house), "cause"), ["cross_client"]);
    assert_eq!(
        ticket(&house, "GS-1")["messages"].as_array().map(Vec::len),
        Some(2)
    );
    let tagged = Mail::from(LUIS).subject("[GS-1] Mi propio caso");
    pass(&mut house, "2026-11-24 10:15:00", &[tagged]);
    let shown = ticket(&house, "GS-2");
    assert_eq!(shown["client"], "Globex");
    assert_eq!(shown["subject"], "Mi propio caso");
}
