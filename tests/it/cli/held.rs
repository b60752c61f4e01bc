//! Held mail from end to end: every cause is reached, shown, released, discarded and expires.

use serde_json::{Value, json};

use super::{ANA, LUIS, MARIA, TUESDAY_10, code, config, each, held, list, pass, sent_to, stderr};
use super::{stdout, ticket, tickets};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

const RAUL: &str = "raul@acme.example";
const PEDRO: &str = "pedro@acme.example";
const STRANGER: &str = "extra@nadie.example";

/// Every cause, in the order in which [`full_house`] holds a mail for it: number 1 and so on.
const CAUSES: [&str; 12] = [
    "unauthorized",
    "unknown_domain",
    "unauthenticated",
    "forged",
    "third_party",
    "cross_client",
    "ambiguous",
    "malformed",
    "loop",
    "too_many",
    "encrypted",
    "unprocessable",
];

/// A house with two tickets of ACME's, and one held mail for each cause.
fn full_house() -> Daemon {
    let mut house = config()
        .client(
            "Initech",
            &["initech.example"],
            &[("Raúl", "raul@initech.example")],
        )
        .set("brakes.tickets_per_hour", 2)
        .install();
    let first = Mail::from(MARIA).message_id("uno@acme.example");
    let second = Mail::from(MARIA)
        .subject("Otra cosa")
        .message_id("dos@acme.example");
    pass(&mut house, TUESDAY_10, &[first, second]);
    let told = Mail::from("x@acme.example");
    let nobody = String::from_utf8(told.subject("Sin remitente").build()).expect("UTF-8");
    let nobody = nobody.replace("From: x@acme.example\r\n", "");
    let encrypted = Mail::from(LUIS)
        .subject("Cifrado")
        .text("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n");
    let in_thread = |from: &str, subject: &str| {
        Mail::from(from)
            .subject(subject)
            .in_reply_to("uno@acme.example")
    };
    let torn = Mail::from(MARIA).subject("¿Cuál? [GS-1] [GS-2]");
    let raws = [
        Mail::from(PEDRO).subject("Colega").build(),
        Mail::from(STRANGER).subject("Hola").build(),
        Mail::from(MARIA)
            .subject("Sin firma")
            .without_verdict()
            .build(),
        Mail::from(MARIA).subject("Falso").forged().build(),
        in_thread(STRANGER, "Me meto").build(),
        in_thread(LUIS, "Cruzado").build(),
        torn.build(),
        nobody.into_bytes(),
        Mail::from("soporte@grupostaff.com")
            .subject("Vuelta")
            .build(),
        Mail::from(MARIA).subject("La tercera").build(),
        encrypted.build(),
        Mail::from("raul@initech.example")
            .subject("Se rompe")
            .build(),
    ];
    // The last one: a mail on which the process died five times.
    house.set_clock(Some("2026-11-24 10:05:00"));
    house.drop_in(&raws);
    house.ledger().damage(
        "CREATE TRIGGER suspect AFTER INSERT ON inbound WHEN NEW.id = 14
         BEGIN UPDATE inbound SET attempts = 5 WHERE id = 14; END",
    );
    house.run_once();
    let rows = held(&house);
    let mut causes = each(&rows, "cause");
    causes.sort_unstable();
    let mut all = CAUSES.to_vec();
    all.sort_unstable();
    assert_eq!(causes, all);
    house
}

/// The number under which a mail waits for a cause.
fn number(house: &Daemon, cause: &str) -> String {
    let rows = held(house);
    let row = rows.iter().find(|row| row["cause"] == cause);
    row.expect("it is held")["id"].to_string()
}

#[test]
fn every_cause_is_shown_with_what_it_means_and_what_to_type_next() {
    let house = full_house();
    for cause in CAUSES {
        let id = number(&house, cause);
        let shown = house.json(&["held", "show", &id, "--json"]);
        assert_eq!(shown["cause"], cause);
        assert_eq!(shown["state"], "waiting", "{cause}");
        assert!(shown["decided_at"].is_null() && shown["decided_by"].is_null());
        for key in ["meaning", "release"] {
            let sentence = shown[key].as_str().expect("a sentence");
            assert!(sentence.ends_with('.'), "{cause}: {sentence}");
        }
        assert!(shown["attachments"].is_array() && shown["why"].is_array());
        let next = shown["next"].as_array().expect("a list");
        let discard = json!(format!("soported held discard {id}"));
        assert_eq!(next.last(), Some(&discard), "{cause}");
        assert_eq!(next.len() == 1, cause == "loop", "{cause}: {next:?}");
        let output = house.run(&["held", "show", &id]);
        assert_eq!(code(&output), 0, "{cause}");
        let words = stdout(&output);
        let meaning = shown["meaning"].as_str().expect("a sentence");
        for word in [cause, meaning, "Next:", "soported held discard"] {
            assert!(words.contains(word), "{cause}: {word} in\n{words}");
        }
    }
    let third = house.json(&["held", "show", &number(&house, "third_party"), "--json"]);
    assert_eq!(third["ticket"], "GS-1");
    assert_eq!(third["authentication"]["verdict"], "strong");
    // Notices: to the authenticated colleague and his authorizer, to the sender of what is
    // encrypted, and to the consultant for the threads. Nobody else hears a word.
    assert_eq!(sent_to(&house, PEDRO).len(), 1);
    assert_eq!(sent_to(&house, STRANGER).len(), 0);
    let to_luis = sent_to(&house, LUIS);
    assert_eq!(to_luis.len(), 1);
    assert!(to_luis[0].text().contains("cifrado"));
    assert_eq!(to_luis[0].must("Auto-Submitted"), "auto-replied");
}

#[test]
fn every_cause_is_released_to_somewhere_sensible() {
    let house = full_house();
    let release = |cause: &str, options: &[&str]| -> (i32, String, String) {
        let id = number(&house, cause);
        let output = house.run(&[&["held", "release", &id], options].concat());
        (code(&output), stdout(&output), stderr(&output))
    };
    let done = |cause: &str, options: &[&str], word: &str| {
        let (code, out, err) = release(cause, options);
        assert_eq!(code, 0, "{cause}: {out}{err}");
        assert!(out.contains(word), "{cause}: {word} in {out}");
    };
    let refused = |cause: &str, options: &[&str], exit: i32, word: &str| {
        let (code, out, err) = release(cause, options);
        assert_eq!((code, out.as_str()), (exit, ""), "{cause}");
        assert!(err.contains(word), "{cause}: {word} in {err}");
    };
    done("unauthorized", &[], "opens GS-3 for ACME");
    refused("unknown_domain", &[], 2, "--client");
    done(
        "unknown_domain",
        &["--client", "globex"],
        "opens GS-4 for Globex",
    );
    done("unauthenticated", &["--ticket", "GS-2"], "GS-2 by the word");
    done("forged", &[], "opens GS-5 for ACME");
    done("third_party", &[], "GS-1 by known id");
    done("cross_client", &["--new"], "opens GS-6 for Globex");
    done("ambiguous", &["--ticket", "gs-1"], "GS-1 by the word");
    refused("malformed", &[], 2, "--from");
    refused(
        "malformed",
        &["--from", "nadie"],
        2,
        "not an e-mail address",
    );
    done("malformed", &["--from", MARIA], "opens GS-7 for ACME");
    refused("loop", &[], 1, "held discard");
    refused("loop", &["--from", MARIA], 1, "held discard");
    done("too_many", &[], "opens GS-8 for ACME");
    done("encrypted", &[], "opens GS-9 for Globex");
    refused("unprocessable", &["--ticket", "GS-1"], 2, "without options");
    done("unprocessable", &[], "opens GS-10 for Initech");
    let left = held(&house);
    assert_eq!(each(&left, "cause"), ["loop"]);

    let third = ticket(&house, "GS-1");
    let messages = third["messages"].as_array().expect("a list");
    assert!(each(messages, "from").contains(&STRANGER));
    assert_eq!(ticket(&house, "GS-7")["requester"], MARIA);
    assert_eq!(
        ticket(&house, "GS-3")["opened_at"],
        "2026-11-24T10:00:00-06:00"
    );
    // Once, and never again.
    let all = list(&house, &["held", "list", "--all", "--json"]);
    assert_eq!(all.len(), CAUSES.len());
    for row in &all {
        if row["cause"] == "loop" {
            continue;
        }
        assert_eq!(row["state"], "released");
        let output = house.run(&["held", "release", &row["id"].to_string()]);
        assert_eq!(code(&output), 1, "{}", stderr(&output));
        assert!(stderr(&output).contains("released by operator"));
    }
    assert_eq!(tickets(&house).len(), 10);
    let orders = house
        .ledger()
        .texts("SELECT why FROM journal WHERE event = 'order' ORDER BY id");
    assert_eq!(orders.len(), 11);
    assert!(
        orders
            .iter()
            .any(|why| why.ends_with("(unknown_domain): released by operator, for Globex"))
    );
}

#[test]
fn every_cause_is_discarded_or_expires_and_can_still_be_let_in() {
    let mut house = full_house();
    for cause in &CAUSES[..6] {
        let id = number(&house, cause);
        assert_eq!(code(&house.run(&["held", "discard", &id])), 0, "{cause}");
        assert_eq!(code(&house.run(&["held", "discard", &id])), 1, "{cause}");
    }
    pass(&mut house, "2026-12-24 10:00:00", &[]);
    assert_eq!(held(&house).len(), 6, "thirty days are not over");
    pass(&mut house, "2026-12-24 10:10:00", &[]);
    pass(&mut house, "2026-12-24 10:20:00", &[]);
    assert_eq!(held(&house).len(), 0);
    let ends = house
        .ledger()
        .texts("SELECT why FROM journal WHERE why LIKE '%expired after 30 days%'");
    assert_eq!(ends.len(), 6, "once each");
    let all = list(&house, &["held", "list", "--all", "--json"]);
    for row in &all {
        let id = row["id"].to_string();
        let shown = house.json(&["held", "show", &id, "--json"]);
        assert_eq!(shown["state"], row["state"]);
        let by = match row["state"].as_str() {
            Some("discarded") => "operator",
            _ => "time",
        };
        assert_eq!(shown["decided_by"], by, "{}", row["cause"]);
    }
    let find = |cause: &str| {
        let row = all.iter().find(|row| row["cause"] == cause);
        row.expect("it was held")["id"].to_string()
    };
    // Nothing is lost: what was turned away by a person or by time can be let in by its number.
    let before = tickets(&house).len();
    for cause in ["unauthorized", "too_many"] {
        let output = house.run(&["held", "release", &find(cause)]);
        assert_eq!(code(&output), 0, "{cause}: {}", stderr(&output));
    }
    assert_eq!(tickets(&house).len(), before + 2);
}

#[test]
fn the_program_stays_silent_about_who_was_told_today_and_speaks_again_tomorrow() {
    let mut house = config().install();
    let encrypted = |n: u8| {
        Mail::from(LUIS)
            .subject(&format!("Cifrado {n}"))
            .text("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")
    };
    pass(&mut house, TUESDAY_10, &[encrypted(1), encrypted(2)]);
    assert_eq!(sent_to(&house, LUIS).len(), 1);
    pass(&mut house, "2026-11-25 10:00:00", &[encrypted(3)]);
    assert_eq!(sent_to(&house, LUIS).len(), 2);
    assert_eq!(tickets(&house).len(), 0);
    assert_eq!(held(&house).len(), 3);
}

#[test]
fn a_stranger_s_next_mail_in_the_ticket_he_was_let_in_with_needs_nobody() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(STRANGER)]);
    let output = house.run(&["held", "release", "1", "--client", "ACME", "--json"]);
    assert_eq!(code(&output), 0);
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(said["outcome"], "opened");
    house.run_once();
    let address = sent_to(&house, STRANGER)[0].must("Reply-To");
    let next = Mail::from(STRANGER).to(&address).subject("Y además");
    let other = Mail::from(STRANGER).subject("Otra cosa");
    let by_raul = Mail::from(RAUL).to(&address).subject("Yo también");
    pass(&mut house, "2026-11-24 11:00:00", &[next, other, by_raul]);
    assert_eq!(tickets(&house).len(), 1);
    let rows = held(&house);
    assert_eq!(each(&rows, "cause"), ["unknown_domain", "third_party"]);
    let messages = ticket(&house, "GS-1")["messages"].clone();
    assert_eq!(messages.as_array().map(Vec::len), Some(3));
}

#[test]
fn a_consultant_s_stray_mail_is_let_in_only_where_it_is_said_to_belong() {
    let mut house = config().install();
    let stray = Mail::from(ANA).subject("Sin ticket");
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA), stray]);
    let refused = house.run(&["held", "release", "1"]);
    assert_eq!(code(&refused), 2);
    assert!(stderr(&refused).contains("--ticket"));
    let output = house.run(&["held", "release", "1", "--ticket", "GS-1"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let messages = ticket(&house, "GS-1")["messages"].clone();
    let filed = messages.as_array().and_then(|m| m.last()).expect("a mail");
    assert_eq!(
        (&filed["from"], &filed["visibility"]),
        (&json!(ANA), &json!("internal"))
    );
    assert_eq!(held(&house).len(), 0);
}
