//! Whatever arrives, nothing is lost, nothing stops, and the next mail goes on.

use super::{MARIA, TUESDAY_10, code, config, each, held, list, pass, ticket, tickets};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

/// Processes a mail by itself and a good one behind it, as file and through the pipe; answers the
/// causes that something is held for.
fn beside_a_good_one(raw: &[u8]) -> Vec<String> {
    let mut by_file = config().install();
    by_file.set_clock(Some(TUESDAY_10));
    by_file.drop_in(&[raw]);
    pass(
        &mut by_file,
        TUESDAY_10,
        &[Mail::from(MARIA).subject("El siguiente")],
    );

    let mut by_pipe = config().install();
    by_pipe.set_clock(Some(TUESDAY_10));
    assert_eq!(code(&by_pipe.run_with_input(&["ingest"], raw)), 0);
    pass(
        &mut by_pipe,
        TUESDAY_10,
        &[Mail::from(MARIA).subject("El siguiente")],
    );

    let causes = |house: &Daemon| {
        let subjects = tickets(house);
        let subjects = each(&subjects, "subject");
        assert!(subjects.contains(&"El siguiente"), "{subjects:?}");
        let status = house.json(&["status", "--json"]);
        assert_eq!(status["inbound_waiting"], 0);
        let rows = held(house);
        each(&rows, "cause")
            .iter()
            .map(|cause| (*cause).to_owned())
            .collect::<Vec<_>>()
    };
    let found = causes(&by_file);
    assert_eq!(found, causes(&by_pipe));
    found
}

fn good_with(header: &str) -> Vec<u8> {
    let raw = Mail::from(MARIA).build();
    [header.as_bytes(), &raw[..]].concat()
}

#[test]
fn what_is_no_mail_at_all_is_held_as_malformed() {
    let random: Vec<u8> = (0..10_000_u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_be_bytes()[3])
        .collect();
    for raw in [
        &b""[..],
        b"\r\n\r\n",
        b"\0\0\0\0\0\0\0\0",
        b"hola",
        &random,
        b"From: maria@acme.example",
        b"Subject: sin remitente\r\n\r\nHola\r\n",
    ] {
        let causes = beside_a_good_one(raw);
        let malformed_or_nothing_believed = ["malformed", "unauthenticated"];
        assert_eq!(causes.len(), 1, "{:?}", &raw[..raw.len().min(30)]);
        assert!(
            malformed_or_nothing_believed.contains(&causes[0].as_str()),
            "{causes:?}"
        );
    }
}

#[test]
fn a_mail_without_one_plain_sender_is_held_as_malformed() {
    let with_from = |lines: &str| {
        let raw = String::from_utf8(Mail::from(MARIA).build()).expect("UTF-8");
        raw.replace("From: maria@acme.example\r\n", lines)
            .into_bytes()
    };
    for lines in [
        "",
        "From: maria@acme.example\r\nFrom: otro@acme.example\r\n",
        "From: maria@acme.example, otro@acme.example\r\n",
        "From: \r\n",
        "From: María\r\n",
    ] {
        assert_eq!(
            beside_a_good_one(&with_from(lines)),
            ["malformed"],
            "{lines}"
        );
    }
}

#[test]
fn a_header_of_a_megabyte_stops_nothing() {
    let long = format!("X-Largo: {}\r\n", "a".repeat(1024 * 1024));
    let causes = beside_a_good_one(&good_with(&long));
    assert!(causes.len() <= 1, "{causes:?}");
    let many = "X-Muchos: a\r\n".repeat(80_000);
    let causes = beside_a_good_one(&good_with(&many));
    assert!(causes.len() <= 1, "{causes:?}");
}

#[test]
fn ten_thousand_nested_parts_are_held_as_malformed() {
    let mut raw = String::from(
        "Authentication-Results: mx.grupostaff.com; dmarc=pass header.from=acme.example\r\n\
         From: maria@acme.example\r\nTo: soporte@grupostaff.com\r\nSubject: Muchas partes\r\n\
         MIME-Version: 1.0\r\n",
    );
    for level in 0..10_000 {
        raw.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=\"b{level}\"\r\n\r\n--b{level}\r\n"
        ));
    }
    raw.push_str("Content-Type: text/plain\r\n\r\nhola\r\n");
    assert_eq!(beside_a_good_one(raw.as_bytes()), ["malformed"]);
}

#[test]
fn a_nul_in_a_good_mail_harms_neither_text_nor_ticket() {
    let mut house = config().install();
    let mail = Mail::from(MARIA).subject("Con\0nulo").text("Una l\0ínea.");
    pass(&mut house, TUESDAY_10, &[mail]);
    assert_eq!(tickets(&house).len() + held(&house).len(), 1);
}

#[test]
fn a_mail_over_the_limit_opens_its_ticket_with_its_text() {
    let big = Mail::from(MARIA)
        .subject("Con respaldo")
        .text("Adjunto el respaldo.")
        .attachment("respaldo.bak", "application/octet-stream", 600_000)
        .build();
    let small = config().set("inbound.max_size", "512KiB");
    let by_file = {
        let mut house = small.clone().install();
        house.set_clock(Some(TUESDAY_10));
        house.drop_in(&[&big]);
        house.run_once();
        house
    };
    let by_pipe = {
        let mut house = small.install();
        house.set_clock(Some(TUESDAY_10));
        assert_eq!(code(&house.run_with_input(&["ingest"], &big)), 0);
        house
    };
    for house in [by_file, by_pipe] {
        let shown = ticket(&house, "GS-1");
        assert_eq!(shown["subject"], "Con respaldo");
        assert_eq!(shown["messages"][0]["text"], "Adjunto el respaldo.");
    }
}

#[test]
fn a_hundred_good_mails_and_a_hundred_bad_ones_are_all_accounted_for() {
    let mut house = config().set("brakes.tickets_per_hour", 1000).install();
    house.set_clock(Some(TUESDAY_10));
    let raws: Vec<Vec<u8>> = (0..200)
        .map(|number| {
            if number % 2 == 0 {
                Mail::from(MARIA).subject(&format!("Caso {number}")).build()
            } else {
                format!("\u{1}\u{2}{number}\r\n").into_bytes()
            }
        })
        .collect();
    house.drop_in(&raws);
    house.run_once();
    assert_eq!(tickets(&house).len(), 100);
    assert_eq!(held(&house).len(), 100);
    let rows = list(&house, &["outbox", "list", "--json"]);
    let acknowledged = each(&rows, "kind")
        .iter()
        .filter(|kind| **kind == "acknowledgement")
        .count();
    assert_eq!(acknowledged, 100);
}
