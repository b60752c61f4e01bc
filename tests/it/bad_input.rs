//! Whatever the bytes: no panic, no endless work, an honest word about what is wrong.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use soported::domain::message::{Mail, Malformed};
use soported::mail::report;

use super::mail_parse::{read, read_bytes};

/// Reads a mail that must not take long, even in a debug build on a busy machine.
fn quick(name: &str, raw: &[u8]) -> Mail {
    let begun = Instant::now();
    let mail = read_bytes(raw);
    let _ = report::read(raw);
    let elapsed = begun.elapsed();
    assert!(elapsed < Duration::from_secs(8), "{name} took {elapsed:?}");
    mail
}

#[test]
fn what_is_no_mail_is_said_to_be_none() {
    let check = |raw: &[u8], wanted: Malformed| {
        assert_eq!(read_bytes(raw).from, Err(wanted), "{raw:?}");
    };
    check(b"", Malformed::Empty);
    check(b" \r\n\t\n", Malformed::Empty);
    check(b"\0\0\0", Malformed::Empty);
    check(b"hola", Malformed::NotAMail);
    check(b"hola\nadios\n", Malformed::NotAMail);
    check(b"\n\nhola\n", Malformed::NotAMail);
    check(b"hola: ", Malformed::NoFrom);
    check(b"Subject: x\n\nhola\n", Malformed::NoFrom);
    check(
        b"From: a@b.mx\nFrom: c@d.mx\n\nhola\n",
        Malformed::SeveralFroms,
    );
    check(&[0xff; 1000], Malformed::NotAMail);
}

#[test]
fn different_nonsense_has_different_synthetic_ids() {
    assert_ne!(read_bytes(b"uno").message_id, read_bytes(b"dos").message_id);
    assert_eq!(read_bytes(b"uno").message_id, read_bytes(b"uno").message_id);
}

#[test]
fn headers_without_a_body_are_read() {
    for raw in [
        "\n \nFrom: a@acme.mx",
        "From: a@acme.mx",
        "From: a@acme.mx\n",
        "From: a@acme.mx\nSubject: x\n\n",
    ] {
        assert_eq!(
            read(raw).from.unwrap().address.as_str(),
            "a@acme.mx",
            "{raw:?}"
        );
    }
}

#[test]
fn mails_with_too_many_parts_or_levels_are_too_complex_and_quick() {
    let head = "From: a@acme.mx\r\nSubject: asunto\r\n";
    let nested_multiparts: String = (0..10_000)
        .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
        .collect();
    let digests = "Content-Type: multipart/digest; boundary=d\r\n\r\n--d\r\n\r\n".repeat(5_000);
    let flat = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\nx\r\n".repeat(10_000)
    );
    let very_flat = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\n\n".repeat(400_000)
    );
    let many_headers = "X-A: b\r\n".repeat(50_000);
    for (name, rest) in [
        ("nested multiparts", &nested_multiparts),
        ("digests", &digests),
        ("flat", &flat),
        ("very flat", &very_flat),
        ("many headers", &many_headers),
    ] {
        let mail = quick(name, format!("{head}{rest}").as_bytes());
        assert_eq!(mail.from, Err(Malformed::TooComplex), "{name}");
        assert_eq!(mail.subject, "asunto", "{name}");
        assert_eq!(mail.text, "", "{name}");
    }
}

#[test]
fn attached_messages_stay_closed_however_deep_they_go() {
    let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(10_000);
    let mail = quick(
        "messages",
        format!("From: a@acme.mx\r\n{nested}").as_bytes(),
    );
    assert!(mail.from.is_ok());
    assert_eq!(mail.text, "");
    assert_eq!(mail.attachments.len(), 1);
}

#[test]
fn a_message_packed_in_base64_is_not_unpacked() {
    let bomb = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    let raw = format!(
        "From: a@acme.mx\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhola\r\n--b\r\n\
         Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        data_encoding::BASE64.encode(bomb.as_bytes())
    );
    let mail = quick("packed", raw.as_bytes());
    assert!(mail.from.is_ok());
    assert_eq!(mail.text, "hola");
}

#[test]
fn ordinary_nesting_is_not_too_complex() {
    let mut raw = "From: a@acme.mx\r\n".to_owned();
    for n in 0..9 {
        raw += &format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    }
    raw += "\r\nhola\r\n";
    let mail = read_bytes(raw.as_bytes());
    assert!(mail.from.is_ok());
    assert_eq!(mail.text, "hola");
}

#[test]
fn huge_fields_are_read_quickly_and_in_part() {
    let recipients: String = (0..100_000)
        .map(|n| format!("u{n}@acme.mx,\r\n "))
        .collect();
    let mail = quick(
        "recipients",
        format!("From: a@acme.mx\r\nTo: {recipients}z@acme.mx\r\n\r\nhola").as_bytes(),
    );
    assert_eq!(mail.recipients.len(), 1_000);
    assert_eq!(mail.text, "hola");
    let megabyte = 1024 * 1024;
    for (name, value) in [
        ("x", "x".repeat(megabyte)),
        ("words", "x ".repeat(megabyte / 2)),
        ("encoded words", "=?utf-8?q?x".repeat(megabyte / 11)),
        ("encoded beginnings", "=?".repeat(megabyte / 2)),
        ("parentheses", "(".repeat(megabyte)),
        ("quotes", "\"".repeat(megabyte)),
        ("angles", "<".repeat(megabyte)),
        ("backslashes", "\\".repeat(megabyte)),
        ("semicolons", "; x=y".repeat(megabyte / 5)),
        ("folding", "x\r\n ".repeat(megabyte / 4)),
        ("ids", "<a@b> ".repeat(megabyte / 6)),
    ] {
        for field in [
            "Subject",
            "To",
            "From",
            "References",
            "Message-ID",
            "Content-Type",
            "X-Otro",
            "Authentication-Results",
            "Received",
            "Content-Disposition",
            "Thread-Index",
        ] {
            let from = if field == "From" {
                ""
            } else {
                "From: a@acme.mx\r\n"
            };
            let raw = format!("{from}{field}: {value}\r\nX-Fin: 1\r\n\r\nhola");
            let mail = quick(&format!("{name} in {field}"), raw.as_bytes());
            assert!(mail.subject.chars().count() <= 250);
            assert!(mail.references.len() <= 100);
        }
    }
}

#[test]
fn nul_bytes_reach_no_text() {
    let mail = read_bytes(
        b"From: \"A\0na\" <ana@acme.mx>\r\nSubject: a\0b\r\nMessage-ID: <a\0b@c>\r\nThread-Topic: x\0y\r\n\r\nho\0la\0",
    );
    assert_eq!(mail.from.unwrap().name, "Ana");
    assert_eq!(mail.subject, "ab");
    assert_eq!(mail.thread_topic.as_deref(), Some("xy"));
    assert_eq!(mail.text, "hola");
    assert_eq!(mail.full_text, "hola");
    assert!(mail.message_id.ends_with("no-message-id.invalid"));
}

#[test]
fn an_unterminated_quote_swallows_no_other_header() {
    let mail = read("From: \"Ana <ana@acme.mx>\nSubject: asunto\nTo: \"x\n\nhola\n");
    assert!(mail.from.is_err());
    assert_eq!(mail.subject, "asunto");
    assert_eq!(mail.text, "hola");
}

#[test]
fn long_texts_are_cut_at_their_bound() {
    let megabyte = 1024 * 1024;
    let plain = quick(
        "text",
        format!(
            "From: a@acme.mx\r\n\r\n{}",
            "ñandú\r\n".repeat(megabyte / 2)
        )
        .as_bytes(),
    );
    assert!(plain.full_text.len() <= megabyte);
    assert!(plain.full_text.len() > megabyte / 2);
    let html = quick(
        "html",
        format!(
            "From: a@acme.mx\r\nContent-Type: text/html\r\n\r\n{}",
            "<p>hola ".repeat(megabyte / 4)
        )
        .as_bytes(),
    );
    assert!(html.full_text.len() <= 257 * 1024);
}

#[test]
fn parts_cut_short_by_a_partial_fetch_are_read() {
    let mail = read(
        "From: a@acme.mx\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhola\n--b\n\
         Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\nQUJDREVGR0hJSk",
    );
    assert_eq!(mail.text, "hola");
    assert_eq!(mail.attachments.len(), 1);
}

/// A mail whose pieces are put together wildly.
fn wild() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"From: a@acme.mx\r\n".to_vec()),
        Just(b"Content-Type: multipart/mixed; boundary=b\r\n".to_vec()),
        Just(b"Content-Type: message/rfc822\r\n".to_vec()),
        Just(b"Content-Type: text/html; charset=x\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: base64\r\n".to_vec()),
        Just(b"Content-Transfer-Encoding: quoted-printable\r\n".to_vec()),
        Just(b"Authentication-Results: mx.servicio.mx; dmarc=pass (\r\n".to_vec()),
        Just(b"--b\r\n".to_vec()),
        Just(b"--b--\r\n".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"<div><a href=\"x>=C3=".to_vec()),
        Just(b"Subject: =?utf-8?q?=C3?= \xf1\r\n".to_vec()),
        Just(b"References: <<a@b>> <\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..40),
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_break_reading(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        check_shape(&read_bytes(&raw))?;
    }

    #[test]
    fn no_wild_mail_breaks_reading(raw in wild()) {
        check_shape(&read_bytes(&raw))?;
        let _ = report::read(&raw);
    }
}

/// What holds of every mail that was read.
fn check_shape(mail: &Mail) -> Result<(), TestCaseError> {
    prop_assert!(mail.message_id.is_ascii() && mail.message_id.contains('@'));
    prop_assert!(!mail.subject.contains(['\r', '\n', '\0']));
    prop_assert!(!mail.full_text.contains(['\r', '\0']));
    prop_assert!(!mail.text.contains(['\r', '\0']));
    prop_assert_eq!(mail.content_hash.len(), 64);
    prop_assert_eq!(
        mail.text.trim().is_empty(),
        mail.full_text.trim().is_empty()
    );
    Ok(())
}

#[test]
fn no_corpus_mail_panics() {
    let Some(root) = corpora() else {
        println!("corpora absent: set SOPORTED_CORPORA, or put them at ../shared/corpora");
        return;
    };
    let mut waiting = vec![root];
    let (mut count, mut named) = (0, 0);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
        } else if !matches!(
            path.extension().and_then(|e| e.to_str()),
            Some("json" | "md")
        ) {
            let raw = std::fs::read(&path).unwrap();
            let mail = quick(&path.display().to_string(), &raw);
            check_shape(&mail).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            count += 1;
            named += usize::from(mail.from.is_ok());
        }
    }
    println!("{count} corpus mails read, {named} with a sender");
    assert!(count > 0);
}

fn corpora() -> Option<PathBuf> {
    let root = match std::env::var_os("SOPORTED_CORPORA") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora"),
    };
    root.is_dir().then_some(root)
}
