//! `mail::parse::read`: identity, ids, text, attachments, marks, tokens.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use soported::domain::address::Address;
use soported::domain::ids::{PersonId, TicketId};
use soported::domain::meeting::MeetingWords;
use soported::domain::message::{Mail, Malformed, Place};
use soported::domain::policy::Phrases;
use soported::domain::token::{Purpose, Token};
use soported::mail::attachment::safe_name;
use soported::mail::authentication::{AuthenticationSettings, Position};
use soported::mail::parse::{self, Context};
use soported::mail::report;
use soported::mail::token::{Key, Keys};
use soported::render::Templates;

pub const SEPARATOR: &str = "## Responda por encima de esta línea ##";

pub fn keys() -> Keys {
    Keys {
        current: Key {
            version: 2,
            secret: [7; 32],
        },
        previous: Some(Key {
            version: 1,
            secret: [3; 32],
        }),
    }
}

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub fn token() -> Token {
    Token {
        ticket: TicketId(1042),
        person: PersonId(17),
        purpose: Purpose::Client,
    }
}

/// The words for meetings that are built in.
pub fn meeting_words() -> MeetingWords {
    static WORDS: LazyLock<MeetingWords> = LazyLock::new(|| {
        let templates = Templates::load(None, chrono_tz::Tz::America__Mexico_City).unwrap();
        templates.phrases().meeting
    });
    WORDS.clone()
}

pub fn phrases() -> Phrases {
    Phrases {
        separator: SEPARATOR.to_owned(),
        notice: Vec::new(),
        meeting: meeting_words(),
        outlook_only: "[winmail.dat no se pudo leer]".to_owned(),
    }
}

fn received_at() -> DateTime<Utc> {
    "2026-03-02T16:00:00Z".parse().unwrap()
}

/// Reads a mail; line feeds become CRLF.
pub fn read(raw: &str) -> Mail {
    read_bytes(raw.replace('\n', "\r\n").as_bytes())
}

pub fn read_bytes(raw: &[u8]) -> Mail {
    let own = [address("soporte@servicio.mx"), address("ayuda@servicio.mx")];
    let authentication = AuthenticationSettings::Authserv {
        id: "mx.servicio.mx".to_owned(),
        position: Position::Any,
    };
    let context = Context {
        keys: &keys(),
        own_addresses: &own,
        authentication: &authentication,
        phrases: &phrases(),
        ticket_prefix: "GS",
    };
    parse::read(raw, received_at(), &context)
}

#[test]
fn a_plain_mail_is_read_whole() {
    let mail = read(
        "From: =?utf-8?q?Jos=C3=A9_N=C3=BA=C3=B1ez?= <Jose@ACME.mx>\nTo: Soporte <soporte@servicio.mx>, otra@acme.mx\n\
         Cc: soporte@servicio.mx\nReply-To: equipo@acme.mx\nSubject: =?iso-8859-1?q?No_enciende_la_m=E1quina?=\n\
         Message-ID: <uno@acme.mx>\nDate: Mon, 02 Mar 2026 10:00:00 -0600\nThread-Topic: No enciende\nThread-Index: AdqL\n\n\
         Buenos días:\nno enciende.\n-- \nJosé\n",
    );
    let from = mail.from.unwrap();
    assert_eq!(from.address, address("jose@acme.mx"));
    assert_eq!(from.name, "José Núñez");
    assert_eq!(
        mail.recipients,
        [address("soporte@servicio.mx"), address("otra@acme.mx")]
    );
    assert_eq!(mail.reply_to, [address("equipo@acme.mx")]);
    assert_eq!(mail.subject, "No enciende la máquina");
    assert_eq!(mail.message_id, "uno@acme.mx");
    assert_eq!(mail.thread_topic.as_deref(), Some("No enciende"));
    assert_eq!(mail.thread_index.as_deref(), Some("AdqL"));
    assert_eq!(mail.text, "Buenos días:\nno enciende.");
    assert_eq!(mail.full_text, "Buenos días:\nno enciende.\n-- \nJosé\n");
    assert_eq!(mail.received_at, received_at());
}

#[test]
fn identity_is_the_one_address_of_the_one_from() {
    let check = |headers: &str, wanted: Result<&str, Malformed>| {
        let mail = read(&format!("{headers}Subject: x\n\nhola\n"));
        let found = mail.from.map(|person| person.address.to_string());
        assert_eq!(found, wanted.map(str::to_owned), "{headers}");
    };
    check("From: ana@acme.mx\n", Ok("ana@acme.mx"));
    check("From: Ana <ana@acme.mx>\n", Ok("ana@acme.mx"));
    check("From: \"Ruiz, Ana\" <ana@acme.mx>\n", Ok("ana@acme.mx"));
    check("From: ana@acme.mx (Ana Ruiz)\n", Ok("ana@acme.mx"));
    check("From:\n Ana\n <ana@acme.mx>\n", Ok("ana@acme.mx"));
    check("From: jefe@banco.mx <malo@otro.mx>\n", Ok("malo@otro.mx"));
    check(
        "From: \"jefe@banco.mx\" <malo@otro.mx>\n",
        Ok("malo@otro.mx"),
    );
    check("To: x@y.mx\n", Err(Malformed::NoFrom));
    check("From:\n", Err(Malformed::NoFrom));
    check("From: Ana Ruiz\n", Err(Malformed::NoFrom));
    check("From: <>\n", Err(Malformed::NoFrom));
    check(
        "From: ana@acme.mx\nFrom: malo@otro.mx\n",
        Err(Malformed::SeveralFroms),
    );
    check(
        "FROM: ana@acme.mx\nFrom : malo@otro.mx\n",
        Err(Malformed::SeveralFroms),
    );
    check("From: a@acme.mx, b@acme.mx\n", Err(Malformed::SeveralFroms));
    check(
        "From: Grupo: a@acme.mx, b@acme.mx;\n",
        Err(Malformed::SeveralFroms),
    );
    check("From: <a@acme.mx> <b@acme.mx>\n", Err(Malformed::OddFrom));
    check("From: ana@аcme.mx\n", Err(Malformed::OddFrom));
    check("From: añá@acme.mx\n", Err(Malformed::OddFrom));
    check("From: ana@localhost\n", Err(Malformed::OddFrom));
    check(
        "From: <=?utf-8?q?jefe=40banco.mx?=>\n",
        Err(Malformed::NoFrom),
    );
}

#[test]
fn names_show_no_control_and_no_direction_characters() {
    let check = |written: &str, wanted: &str| {
        let mail = read(&format!("From: {written} <ana@acme.mx>\n\nx\n"));
        assert_eq!(mail.from.unwrap().name, wanted, "{written}");
    };
    check("Ana  Ruiz", "Ana Ruiz");
    check("=?utf-8?b?QW5h4oCuUnVpeg==?=", "AnaRuiz");
    check("=?utf-8?q?Ana=00=0D=0ARuiz?=", "Ana Ruiz");
    check("", "ana@acme.mx");
    check("=?utf-8?q?=E2=80=8B?=", "ana@acme.mx");
}

#[test]
fn a_message_id_is_sane_or_made_of_the_content() {
    let check = |header: &str, wanted: Option<&str>| {
        let mail = read(&format!("From: a@acme.mx\n{header}\n\nhola\n"));
        match wanted {
            Some(id) => assert_eq!(mail.message_id, id, "{header}"),
            None => assert_eq!(
                mail.message_id,
                format!("sha256-{}@no-message-id.invalid", mail.content_hash),
                "{header}"
            ),
        }
    };
    check("Message-ID: <a@b>", Some("a@b"));
    check("Message-Id: a@b", Some("a@b"));
    check("Message-ID:\n <a@b>", Some("a@b"));
    check("Message-ID: <a@b> (dos)", Some("a@b"));
    check("Message-ID: <a@b>\nMessage-ID: <c@d>", Some("a@b"));
    check("Message-ID: <>", None);
    check("Message-ID:", None);
    check("Message-ID: <@>", None);
    check("Message-ID: <a@>", None);
    check("Message-ID: <sin-arroba>", None);
    check("Message-ID: <ñ@b>", None);
    check("X-Nada: 1", None);
    check(&format!("Message-ID: <{}@b>", "x".repeat(300)), None);
}

#[test]
fn ids_of_the_thread_are_read_however_they_are_written() {
    let check = |value: &str, wanted: &[&str]| {
        let mail = read(&format!(
            "From: a@acme.mx\nReferences: {value}\nIn-Reply-To: {value}\n\nx\n"
        ));
        assert_eq!(mail.references, wanted, "{value}");
        assert_eq!(mail.in_reply_to, wanted, "{value}");
    };
    check("<a@x> <b@y>", &["a@x", "b@y"]);
    check("<a@x>\n\t<b@y>", &["a@x", "b@y"]);
    check("<a@x><b@y>", &["a@x", "b@y"]);
    check("a@x b@y", &["a@x", "b@y"]);
    check("a@x,\n b@y", &["a@x", "b@y"]);
    check("Your message of Monday <irt@x>", &["irt@x"]);
    check("<a\n @x>", &["a@x"]);
    check("<sin arroba> <>", &[]);
    check("", &[]);
}

#[test]
fn long_references_keep_the_last_hundred() {
    let ids: Vec<String> = (0..250).map(|n| format!("<{n}@x>")).collect();
    let mail = read(&format!(
        "From: a@acme.mx\nReferences: {}\n\nx\n",
        ids.join("\n ")
    ));
    assert_eq!(mail.references.len(), 100);
    assert_eq!(mail.references.first().unwrap(), "150@x");
    assert_eq!(mail.references.last().unwrap(), "249@x");
}

#[test]
fn subjects_are_one_clean_line_of_at_most_250_characters() {
    let check = |written: &str, wanted: &str| {
        let mail = read(&format!("From: a@acme.mx\nSubject: {written}\n\nx\n"));
        assert_eq!(mail.subject, wanted);
    };
    check("hola   mundo", "hola mundo");
    check("hola\n mundo", "hola mundo");
    check("=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x");
    check("=?utf-8?b?w7E=?= =?utf-8?b?w7E=?=", "ññ");
    check(&"ñ".repeat(400), &"ñ".repeat(250));
    let latin = read_bytes(b"From: a@acme.mx\r\nSubject: se\xf1al\r\n\r\nx");
    assert_eq!(latin.subject, "señal");
}

#[test]
fn charsets_are_the_declared_one_then_utf8_then_windows_1252() {
    let check = |charset: &str, body: &[u8], wanted: &str| {
        let mut raw =
            format!("From: a@acme.mx\r\nContent-Type: text/plain{charset}\r\n\r\n").into_bytes();
        raw.extend_from_slice(body);
        assert_eq!(read_bytes(&raw).full_text, wanted, "{charset}");
    };
    check("; charset=utf-8", "señal €".as_bytes(), "señal €");
    check("; charset=iso-8859-1", b"se\xf1al \x80", "señal €");
    check("; charset=\"windows-1252\"", b"se\xf1al", "señal");
    check("; charset=utf-8", b"se\xf1al", "señal");
    check("; charset=us-ascii", "señal".as_bytes(), "señal");
    check("; charset=nunca-visto", "señal".as_bytes(), "señal");
    check("; charset=nunca-visto", b"se\xf1al", "señal");
    check("", b"se\xf1al", "señal");
    check("", b"\xc3\xb1 y \xf1", "ñ y \u{fffd}");
    check("; charset=utf-8", b"a\0b\x07c", "abc");
}

#[test]
fn transfer_encodings_are_undone_and_never_fail() {
    let check = |encoding: &str, body: &str, wanted: &str| {
        let mail = read(&format!(
            "From: a@acme.mx\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{body}"
        ));
        assert_eq!(mail.full_text.trim_end(), wanted, "{body}");
    };
    check("base64", "c2XDsWFs", "señal");
    check("BASE64", "c2X\nDsW\nFs\n", "señal");
    check("base64", "c2XDsQ==", "señ");
    check("base64", "c2X**DsWFs", "señal");
    check("quoted-printable", "se=C3=B1al=\n es", "señal es");
    check("quoted-printable", "a=ZZ b=", "a=ZZ b");
    check("quoted-printable", "a =  \nb", "a b");
    check("Quoted-Printable (so)", "=41", "A");
    check("8bit", "señal", "señal");
    check("x-nada", "señal", "señal");
}

fn alternative(plain: &str, html: &str) -> String {
    format!(
        "From: a@acme.mx\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         {plain}\n--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"
    )
}

#[test]
fn plain_text_is_preferred_unless_it_is_empty_or_a_stub() {
    let check = |plain: &str, html: &str, wanted: &str| {
        assert_eq!(read(&alternative(plain, html)).text, wanted);
    };
    check("simple", "<p>rico</p>", "simple");
    check("", "<p>rico</p>", "rico");
    check(" \n ", "<p>rico</p>", "rico");
    check(
        "Su cliente de correo no soporta HTML.",
        "<p>rico</p>",
        "rico",
    );
    check("El HTML no carga", "<p>rico</p>", "El HTML no carga");
    let only = read("From: a@acme.mx\nContent-Type: text/html\n\n<p>hola</p>\n");
    assert_eq!(only.text, "hola");
}

#[test]
fn a_body_that_fits_no_structure_is_shown_as_text() {
    let check = |content_type: &str| {
        let mail = read(&format!(
            "From: a@acme.mx\nContent-Type: {content_type}\n\nhola\n"
        ));
        assert_eq!(mail.text, "hola", "{content_type}");
    };
    check("multipart/mixed; boundary=nunca");
    check("multipart/mixed");
    check("text");
    check("text/enriched");
    check("");
    check(";;;");
}

#[test]
fn outlook_and_cited_html_is_cut_where_the_program_marked_it() {
    let check = |html: &str, wanted: &str| {
        let mail = read(&format!(
            "From: a@acme.mx\nContent-Type: text/html; charset=utf-8\n\n{html}\n"
        ));
        assert_eq!(mail.text, wanted, "{html}");
    };
    check(
        "<div>Ya quedó</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>Od:</b> x</div><div>viejo</div>",
        "Ya quedó",
    );
    check(
        "<div>Ya</div><div class=\"gmail_quote\"><div>El lun, 2 mar 2026 a las 10:00, Soporte (&lt;s@x.mx&gt;) escribió:</div><blockquote class=\"gmail_quote\"><p>viejo</p></blockquote></div>",
        "Ya",
    );
    check(
        "<div>Ya</div><blockquote type=\"cite\"><div>On 2 Mar 2026, at 10:00, X wrote:</div><div>viejo</div></blockquote>",
        "Ya",
    );
    check(
        "<p>Ya</p><p><b>De:</b> Soporte<br><b>Enviado:</b> lunes<br><b>Para:</b> Ana<br><b>Asunto:</b> x</p><p>viejo</p>",
        "Ya",
    );
}

#[test]
fn the_history_of_a_forward_is_its_content() {
    let body = "Ver abajo\n\nDe: Ana\nEnviado: lunes\nPara: Beto\nAsunto: x\n\nno imprime\n";
    let check = |subject: &str, is_cut: bool| {
        let mail = read(&format!("From: a@acme.mx\nSubject: {subject}\n\n{body}"));
        let wanted = if is_cut { "Ver abajo" } else { body.trim() };
        assert_eq!(mail.text, wanted, "{subject}");
    };
    check("RE: x", true);
    check("x", true);
    check("RV: x", false);
    check("Fwd: RE: x", false);
    check("[GS-7] RV: x", false);
    check("RE: RV: x", true);
}

#[test]
fn attachments_are_listed_with_safe_names() {
    let mail = read(
        "From: a@acme.mx\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/related; boundary=r\n\n\
         --r\nContent-Type: text/html\n\n<p>Vea <img src=\"cid:logo@x\"></p>\n--r\nContent-Type: image/png\nContent-ID: <logo@x>\n\
         Content-Transfer-Encoding: base64\n\nQUJD\n--r--\n--m\nContent-Type: application/pdf; name=\"viejo.pdf\"\n\
         Content-Disposition: attachment; filename*=utf-8''..%2Fse%C3%B1al.pdf\nContent-Transfer-Encoding: base64\n\nQUJDRA==\n\
         --m\nContent-Type: message/rfc822\n\nFrom: x@y.mx\nSubject: dentro\n\nhola\n--m--\n",
    );
    let seen: Vec<(&str, &str, u64, bool)> = mail
        .attachments
        .iter()
        .map(|a| (a.name.as_str(), a.media_type.as_str(), a.size, a.inline))
        .collect();
    assert_eq!(mail.text, "Vea");
    assert_eq!(seen[0], ("part-1.png", "image/png", 3, true));
    assert_eq!(seen[1], ("señal.pdf", "application/pdf", 4, false));
    assert_eq!(seen[2].0, "dentro.eml");
    assert_eq!(seen[2].1, "message/rfc822");
    assert_eq!(seen.len(), 3);
}

#[test]
fn file_names_lose_paths_control_characters_and_length() {
    let check = |written: &str, wanted: &str| assert_eq!(safe_name(written), wanted);
    check("informe.pdf", "informe.pdf");
    check("../../etc/passwd", "passwd");
    check("C:\\temp\\a.exe", "a.exe");
    check("a\u{202e}fdp.exe", "afdp.exe");
    check("a\r\nb.txt", "a b.txt");
    check("a:b?.txt", "a_b_.txt");
    check("...", "");
    check(".bashrc", "bashrc");
    check(
        &format!("{}.pdf", "x".repeat(300)),
        &format!("{}.pdf", "x".repeat(116)),
    );
}

#[test]
fn copies_by_other_ways_have_one_hash_and_other_content_another() {
    let one = "From: a@acme.mx\nDate: Mon, 02 Mar 2026 10:00:00 -0600\nSubject: x\n\nhola\n";
    let hash = |raw: &str| read(raw).content_hash;
    let same = hash(one);
    assert_eq!(same.len(), 64);
    assert_eq!(
        hash(&format!("Received: by x\nDelivered-To: z\n{one}")),
        same
    );
    assert_eq!(hash(&one.replace("Subject: x", "Subject:  x ")), same);
    assert_ne!(hash(&one.replace("hola", "adiós")), same);
    assert_ne!(hash(&one.replace("a@acme", "b@acme")), same);
    assert_ne!(hash(&one.replace("10:00", "10:01")), same);
    assert_ne!(hash(&one.replace("Subject: x", "Subject: y")), same);
}

fn marks(headers: &str) -> soported::domain::message::Marks {
    read(&format!("From: a@acme.mx\n{headers}\n\nhola\n")).marks
}

#[test]
fn marks_of_automatic_mail_are_read_off_the_headers() {
    let auto = |headers: &str, wanted: Option<&str>| {
        assert_eq!(
            marks(headers).auto_submitted.as_deref(),
            wanted,
            "{headers}"
        );
    };
    auto("X-Nada: 1", None);
    auto("Auto-Submitted: no", Some("no"));
    auto("Auto-Submitted: Auto-Replied", Some("auto-replied"));
    auto(
        "Auto-Submitted: auto-replied (vacation)",
        Some("auto-replied"),
    );
    auto(
        "Auto-Submitted: (x) auto-generated; owner-email=a@b",
        Some("auto-generated"),
    );
    auto(
        "Auto-Submitted: no\nAuto-Submitted: auto-replied",
        Some("auto-replied"),
    );

    let robot = |header: &str, wanted: bool| {
        assert_eq!(!marks(header).auto_headers.is_empty(), wanted, "{header}");
    };
    robot("X-Autoreply: yes", true);
    robot("X-Autoreply: no", false);
    robot("X-Autorespond: x", true);
    robot("X-Autoresponder: x", true);
    robot("X-Autogenerated: Reply", true);
    robot("X-AutoReply-From: a@b", true);
    robot("X-Mail-Autoreply: x", true);
    robot("X-FC-MachineGenerated: true", true);
    robot("X-FC-MachineGenerated: false", false);
    robot("X-Apple-Action: VACATION/1", true);
    robot("X-POST-MessageClass: 9; Autoresponder", true);
    robot("X-MS-Exchange-Inbox-Rules-Loop: a@b", true);
    robot("Delivered-To: Autoresponder", true);
    robot("Delivered-To: soporte@servicio.mx", false);
    robot("X-Mailer: x", false);

    let precedence = |header: &str, wanted: Option<&str>| {
        assert_eq!(marks(header).precedence.as_deref(), wanted, "{header}");
    };
    precedence("Precedence: Bulk", Some("bulk"));
    precedence("X-Precedence: auto_reply", Some("auto_reply"));
    precedence("Precedence:", None);

    let all = marks(
        "X-Auto-Response-Suppress: OOF, AutoReply\nList-Id: <x.y>\nList-Unsubscribe: <mailto:x@y.mx>\nList-Id: z\n\
         X-Failed-Recipients: x@y.mx\nReturn-Path: < >\nReceived: a\nReceived: b",
    );
    assert_eq!(all.suppress, ["oof", "autoreply"]);
    assert_eq!(all.list_headers, ["list-id", "list-unsubscribe"]);
    assert!(all.failed_recipients && all.null_return_path);
    assert_eq!(all.received_count, 2);
    assert!(!marks("Return-Path: <a@acme.mx>\nReturn-Path: <>").null_return_path);
}

const BOUNCE: &str = "From: MAILER-DAEMON@mx.acme.mx\nReturn-Path: <>\n\
Content-Type: multipart/report; report-type=Delivery-Status; boundary=b\n\n--b\n\nNo se pudo entregar.\n--b\n\
Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.acme.mx\nOriginal-Envelope-Id: 77\n\n\
Original-Recipient: rfc822;Ana@acme.mx\nFinal-Recipient: rfc822; ana2@acme.mx\nAction: Failed\nStatus: 5.1.1 (no)\n\
Diagnostic-Code: smtp; 550 5.1.1\n  no such user\n\nFinal-Recipient: rfc822; b@acme.mx\nAction: delayed\nStatus: 4.4.1\n\n--b\n\
Content-Type: message/rfc822\n\nMessage-ID: <nuestro@servicio.mx>\nSubject: x\n\nhola\n--b--\n";

#[test]
fn a_delivery_report_is_read_by_recipient() {
    let mail = read(BOUNCE);
    assert_eq!(mail.marks.report_type.as_deref(), Some("delivery-status"));
    assert!(mail.marks.delivery_status_part && mail.marks.null_return_path);
    assert_eq!(mail.marks.delivery_action.as_deref(), Some("failed"));
    let report = report::read(BOUNCE.as_bytes()).unwrap();
    assert_eq!(
        report.original_message_id.as_deref(),
        Some("nuestro@servicio.mx")
    );
    assert_eq!(report.original_envelope_id.as_deref(), Some("77"));
    let seen: Vec<[&str; 4]> = report
        .recipients
        .iter()
        .map(|r| [r.recipient.as_str(), &r.action, &r.status, &r.diagnostic])
        .collect();
    assert_eq!(
        seen,
        [
            ["ana@acme.mx", "failed", "5.1.1", "550 5.1.1 no such user"],
            ["b@acme.mx", "delayed", "4.4.1", ""]
        ]
    );
    let headers_only = BOUNCE.replace("message/rfc822", "text/rfc822-headers");
    let report = report::read(headers_only.as_bytes()).unwrap();
    assert_eq!(
        report.original_message_id.as_deref(),
        Some("nuestro@servicio.mx")
    );
    assert_eq!(report::read(b"From: a@acme.mx\n\nhola\n"), None);
    assert_eq!(report::read(b""), None);
}

#[test]
fn content_that_cannot_be_read_is_known() {
    let check = |content_type: &str, body: &str, wanted: bool| {
        let mail = read(&format!(
            "From: a@acme.mx\nContent-Type: {content_type}\n\n{body}\n"
        ));
        assert_eq!(mail.marks.encrypted, wanted, "{content_type}");
    };
    check(
        "application/pkcs7-mime; smime-type=enveloped-data",
        "x",
        true,
    );
    check("application/x-pkcs7-mime", "x", true);
    check("multipart/encrypted; boundary=b", "--b\n\nx\n--b--", true);
    check("text/plain", "-----BEGIN PGP MESSAGE-----\nx", true);
    check(
        "multipart/mixed; boundary=b",
        "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--",
        true,
    );
    check("text/plain", "hola", false);
    check("multipart/signed; boundary=b", "--b\n\nx\n--b--", false);
}

#[test]
fn our_own_mail_come_back_is_known_by_its_seals() {
    let keys = keys();
    let id = keys.message_id(&token(), [1, 2, 3, 4, 5], "servicio.mx");
    let mark = keys.loop_mark(&id);
    let check = |id: &str, header: &str, own: bool, seal: Option<bool>| {
        let mail = read(&format!(
            "From: a@acme.mx\nMessage-ID: <{id}>\n{header}\n\nhola\n"
        ));
        assert_eq!(mail.marks.own_message_id, own, "{id}");
        assert_eq!(mail.marks.loop_header, seal, "{header}");
    };
    check(&id, &format!("X-Soported-Loop: {mark}"), true, Some(true));
    check(&id, "X-Nada: 1", true, None);
    check(
        "otro@acme.mx",
        &format!("X-Soported-Loop: {mark}"),
        false,
        Some(false),
    );
    check("otro@acme.mx", "X-Soported-Loop: zzz", false, Some(false));
    check("falso.aaaa@servicio.mx", "X-Nada: 1", false, None);
}

#[test]
fn tokens_are_found_in_the_order_of_their_strength() {
    let keys = keys();
    let of = |ticket: i64| Token {
        ticket: TicketId(ticket),
        ..token()
    };
    let id = |ticket: i64| keys.message_id(&of(ticket), [0; 5], "servicio.mx");
    let mail = read(&format!(
        "From: a@acme.mx\nTo: ana@acme.mx, soporte+{}@servicio.mx\nDelivered-To: ayuda+{}@servicio.mx\nIn-Reply-To: <{}>\n\
         References: <{}> <otro@x>\n <{}>\n\nGracias\n\n> Ref: GS-6 · {}\n> Ref: GS-9 · aaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        keys.sign(&of(1)).to_uppercase(),
        keys.sign(&of(2)),
        id(3),
        id(4),
        id(5),
        keys.sign(&of(6)),
    ));
    let seen: Vec<(Place, i64)> = mail
        .tokens
        .iter()
        .map(|f| (f.place, f.token.ticket.0))
        .collect();
    assert_eq!(
        seen,
        [
            (Place::Recipient, 1),
            (Place::Recipient, 2),
            (Place::InReplyTo, 3),
            (Place::References(0), 5),
            (Place::References(2), 4),
            (Place::Body, 6),
        ]
    );
}
