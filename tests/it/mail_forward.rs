//! `mail::forward` and the prefixes of subjects: whose mail a mail passes on.

use std::time::{Duration, Instant};

use soported::domain::policy::Phrases;
use soported::domain::subject::{Prefix, Subject};
use soported::mail::body::Body;
use soported::mail::forward::{self, Forwarded};
use soported::mail::original;
use soported::mail::part::Structure;

const GMAIL: &str = "Para su atención.\n\n---------- Forwarded message ---------\n\
    De: Jorge Ruiz <jorge@acme.example>\nDate: lun, 23 nov 2026 a las 10:00\n\
    Subject: No imprime\nTo: <maria@acme.example>\n\nHola.\n";

const OUTLOOK: &str = "Les paso esto.\n\n________________________________\n\
    De: Jorge Ruiz <jorge@acme.example>\nEnviado el: lunes, 23 de noviembre de 2026 10:00\n\
    Para: María Pérez\nAsunto: No imprime\n\nHola.\n";

const APPLE: &str = "Inicio del mensaje reenviado:\n\n> De: Jorge Ruiz <jorge@acme.example>\n\
    > Asunto: No imprime\n> Fecha: 23 de noviembre de 2026, 10:00:12 CST\n\
    > Para: María Pérez <maria@acme.example>\n> \n> Hola.\n";

const THUNDERBIRD: &str = "\n\n-------- Mensaje reenviado --------\nAsunto: \tNo imprime\n\
    Fecha: \tMon, 23 Nov 2026 10:00:12 -0600\nDe: \tJorge Ruiz <jorge@acme.example>\n\
    Para: \tmaria@acme.example\n\nHola.\n";

const YAHOO: &str = "   ----- Mensaje reenviado ----- De: Jorge Ruiz <jorge@acme.example>Para: \
    \"maria@acme.example\" <maria@acme.example>Enviado: lunes, 23 de noviembre de 2026, 10:00:12 \
    CSTAsunto: No imprime\n Hola.\n";

const ATTRIBUTED: &str =
    "El 23/11/2026 10:00, \"Jorge\"\n<jorge@acme.example> escribió:\n\n    Hola.\n";

/// What Contact Form 7 sends in Spanish: a block that nobody forwards.
const WEB_FORM: &str =
    "De: Jorge Ruiz <jorge@acme.example>\nAsunto: No imprime\n\nCuerpo del mensaje:\nHola.\n";

fn jorge(subject: &str) -> Option<Forwarded> {
    Some(Forwarded {
        from: Some("jorge@acme.example".to_owned()),
        subject: subject.to_owned(),
    })
}

#[test]
fn a_forward_names_whose_mail_it_passes_on_in_the_words_of_each_program() {
    for text in [GMAIL, OUTLOOK, APPLE, THUNDERBIRD, YAHOO, ATTRIBUTED] {
        for prefix in ["RV:", "Fwd:", "FW:", "RENV:", "rv :", "RV: RE:", "Doorst:"] {
            let subject = format!("{prefix} No imprime");
            assert_eq!(
                forward::of(&subject, text),
                jorge("No imprime"),
                "{subject}\n{text}"
            );
        }
    }
}

#[test]
fn an_answer_passes_nothing_on_whatever_it_quotes() {
    for text in [GMAIL, OUTLOOK, APPLE, THUNDERBIRD, YAHOO, ATTRIBUTED] {
        for subject in ["RE: No imprime", "Re: RV: No imprime", "Odp: No imprime"] {
            assert_eq!(forward::of(subject, text), None, "{subject}\n{text}");
        }
    }
}

#[test]
fn under_a_subject_of_its_own_only_an_announced_mail_is_a_forward() {
    for text in [GMAIL, APPLE, THUNDERBIRD, YAHOO] {
        assert_eq!(
            forward::of("Para su atención", text),
            jorge("No imprime"),
            "{text}"
        );
    }
    for text in [OUTLOOK, ATTRIBUTED, WEB_FORM] {
        assert_eq!(forward::of("Para su atención", text), None, "{text}");
    }
}

#[test]
fn a_prefix_that_may_be_a_word_needs_a_header_block() {
    for subject in ["I: No imprime", "PD: No imprime", "VB: No imprime"] {
        assert_eq!(
            forward::of(subject, OUTLOOK),
            jorge("No imprime"),
            "{subject}"
        );
        assert_eq!(forward::of(subject, "Olvidé el adjunto."), None);
        assert_eq!(forward::of(subject, ATTRIBUTED), None);
    }
}

#[test]
fn a_forward_of_which_nothing_is_left_names_nobody() {
    assert_eq!(forward::of("RV: No imprime", "Sin nada debajo."), None);
    assert_eq!(forward::of("RV:", ""), None);
    // Outlook of the house keeps names only.
    let named = "De: Jorge Ruiz\nEnviado: hoy\nPara: Ana\nAsunto: No imprime\n\nHola.\n";
    assert_eq!(
        forward::of("RV: No imprime", named),
        Some(Forwarded {
            from: None,
            subject: "No imprime".to_owned()
        })
    );
}

#[test]
fn the_subject_of_the_forward_stands_in_for_one_that_is_not_kept() {
    assert_eq!(
        forward::of("RV: Impresora", ATTRIBUTED),
        jorge("Impresora"),
        "an attribution has no subject"
    );
}

#[test]
fn a_bare_body_is_a_forward_when_nothing_is_said_above_an_attribution() {
    assert_eq!(forward::in_body(ATTRIBUTED), jorge(""));
    assert_eq!(forward::in_body(OUTLOOK), jorge("No imprime"));
    for above in ["Gracias.\n\n", "Gracias.\n"] {
        assert_eq!(forward::in_body(&format!("{above}{ATTRIBUTED}")), None);
    }
    let answered_below = "El 23/11/2026 10:00, Jorge <j@acme.example> escribió:\n> Hola\n\nListo.";
    assert_eq!(forward::in_body(answered_below), None);
    assert_eq!(forward::in_body(""), None);
}

/// A mail with parts of these types and bodies.
fn mixed(subject: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut raw = format!(
        "From: maria@acme.example\nSubject: {subject}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    );
    for (media_type, body) in parts {
        raw.push_str(&format!("--b\nContent-Type: {media_type}\n\n{body}\n"));
    }
    raw.push_str("--b--\n");
    raw.replace('\n', "\r\n").into_bytes()
}

#[test]
fn a_mail_that_wraps_another_forwards_it() {
    let nested = "From: Jorge Ruiz <jorge@acme.example>\nSubject: =?utf-8?q?No_imprime?=\n\nHola.";
    let text = ("text/plain", "Va adjunto.");
    let mail = ("message/rfc822", nested);
    let check = |subject: &str, parts: &[(&str, &str)], wanted: Option<Forwarded>| {
        let raw = mixed(subject, parts);
        let own = parts.first().map_or("", |(_, body)| body);
        assert_eq!(
            forward::attached(&raw, subject, own),
            wanted,
            "{subject} {parts:?}"
        );
    };
    check("RV: No imprime", &[text, mail], jorge("No imprime"));
    check("Correo de Jorge", &[text, mail], jorge("No imprime"));
    let logo = ("image/png\nContent-ID: <logo@x>", "x");
    check("Correo de Jorge", &[text, logo, mail], jorge("No imprime"));
    check("RE: No imprime", &[text, mail], None);
    check("Dos correos", &[text, mail, mail], None);
    check("Con anexo", &[text, mail, ("application/pdf", "x")], None);
    let long = "Palabra. ".repeat(100);
    check("Con anexo", &[("text/plain", long.as_str()), mail], None);
    check(
        "RV: No imprime",
        &[("text/plain", long.as_str()), mail],
        jorge("No imprime"),
    );
    let nameless = ("message/rfc822", "X-Nada: 1\n\nHola.");
    check("RV: x", &[text, nameless], None);
    assert_eq!(forward::attached(b"", "RV: x", ""), None);
}

#[test]
fn the_words_of_whoever_forwards_end_where_the_other_mail_begins() {
    let check = |subject: &str, raw: &[u8], wanted: Option<(&str, &str, &str)>| {
        let structure = Structure::read(raw).unwrap();
        let body = Body::read(&structure);
        let found = original::of(
            &structure,
            subject,
            &body.text,
            &body.text,
            &Phrases::default(),
        );
        let found = found.map(|found| {
            let from = found.from.map(|from| from.to_string()).unwrap_or_default();
            (from, found.comment, found.text)
        });
        let wanted = wanted.map(|(from, own, text)| (from.into(), own.into(), text.into()));
        assert_eq!(found, wanted, "{subject}");
    };
    let plain = |text: &str| mixed("x", &[("text/plain; charset=utf-8", text)]);
    let jorge = "jorge@acme.example";
    let own = "#nuevo\n\nVa.";
    for (subject, forward) in [
        ("RV: x", OUTLOOK.trim_start_matches("Les paso esto.")),
        ("Fwd: x", GMAIL.trim_start_matches("Para su atención.")),
        ("Fwd: x", APPLE),
        ("Fwd: x", THUNDERBIRD),
        ("RV: x", YAHOO),
        ("Fwd: x", ATTRIBUTED),
    ] {
        let text = forward.trim().trim_start_matches(['_', '\n']);
        let raw = plain(&format!("{own}\n\n{forward}"));
        check(subject, &raw, Some((jorge, own, text)));
    }
    // The last line of somebody else's mail is no order.
    check(
        "RV: x",
        &plain("#nuevo\n\nHola, ¿qué tal?\n#cerrar validado"),
        Some(("", "#nuevo", "Hola, ¿qué tal?\n#cerrar validado")),
    );
    let nested = "From: Jorge <jorge@acme.example>\nSubject: No imprime\n\nNo imprime.\n#nota";
    let parts = [("text/plain", own), ("message/rfc822", nested)];
    let wanted = Some((jorge, own, "No imprime.\n#nota"));
    check("RV: No imprime", &mixed("x", &parts), wanted);
    check("Para registrar", &mixed("x", &parts), wanted);
    check("RE: x", &plain(OUTLOOK), None);
    check("Falla", &plain("No imprime."), None);
}

#[test]
fn prefixes_are_known_in_the_languages_of_mail_programs() {
    let read = |text: &str| Subject::read(text, "GS");
    for subject in [
        "RV: Falla",
        "RENV: Falla",
        "REENV: Falla",
        "FW: Falla",
        "Fwd: Falla",
        "WG: Falla",
        "TR: Falla",
        "TR : Falla",
        "ENC: Falla",
        "Doorst: Falla",
        "DOORST: Falla",
        "Redir.: Falla",
        "İLT: Falla",
        "转发：Falla",
        "[GS-7] RV: RE: Falla",
    ] {
        let read = read(subject);
        assert_eq!(read.outermost, Some(Prefix::Forward), "{subject}");
        assert!(read.is_forward, "{subject}");
        assert_eq!(read.bare, "Falla", "{subject}");
    }
    for subject in ["RE: Falla", "Re[2]: RV: Falla", "YNT: Falla", "回复：Falla"] {
        assert_eq!(read(subject).outermost, Some(Prefix::Reply), "{subject}");
        assert_eq!(read(subject).bare, "Falla", "{subject}");
    }
    for subject in [
        "PD: olvidé el archivo",
        "VS: dos cotizaciones",
        "I: Introducción",
    ] {
        let read = read(subject);
        assert_eq!(read.outermost, Some(Prefix::MaybeForward), "{subject}");
        assert!(!read.is_forward, "{subject}");
        assert_eq!(read.bare, subject);
    }
    for subject in ["Aviso: Falla", "Falla RV: x", "", ":", "Urgente: RV: x"] {
        assert_eq!(read(subject).outermost, None, "{subject}");
    }
}

#[test]
fn a_hostile_body_takes_no_long_time() {
    let long_line = format!("De: {}", "a@".repeat(500_000));
    for text in [
        "De: x\n".repeat(170_000),
        "Asunto:\n".repeat(130_000),
        "-- forwarded message:\n".repeat(45_000),
        "----- mensaje reenviado -----".repeat(35_000),
        "10:00 a@b.mx\n".repeat(80_000),
        ":".repeat(1_000_000),
        long_line,
    ] {
        let began = Instant::now();
        let _ = forward::of("RV: x", &text);
        let _ = forward::in_body(&text);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}
