//! Formatting, images and files on their way between client and consultant, through the real binary.

use data_encoding::BASE64;
use mail_parser::{Message, MessageParser, MimeHeaders};

use super::{ANA, MARIA, TUESDAY_10, config, sent_to};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

/// A picture of a screen, as far as anybody here looks at it: larger than a logo.
fn picture() -> String {
    "iVBORw0KGgo".repeat(2_000)
}

/// The mail with another content: an HTML text with two images, and a file.
fn with_content(mail: &Mail, plain: &str, html: &str, file: &str) -> Vec<u8> {
    let raw = String::from_utf8(mail.build()).expect("UTF-8");
    let head = raw.split("Content-").next().expect("a header");
    let image = |id: &str, bytes: &str| {
        format!(
            "--rel\r\nContent-Type: image/png; name=\"{id}.png\"\r\nContent-ID: <{id}@x>\r\n\
             Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{bytes}\r\n"
        )
    };
    let content = BASE64.encode(file.as_bytes());
    let (screen, logo) = (image("pantalla", &picture()), image("logo", "iVBORw0KGgo="));
    let body = format!(
        "Content-Type: multipart/mixed; boundary=\"mix\"\r\n\r\n\
         --mix\r\nContent-Type: multipart/related; boundary=\"rel\"\r\n\r\n\
         --rel\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n\
         --alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n\
         --alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--alt--\r\n\
         {screen}{logo}--rel--\r\n\
         --mix\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"{file}\"\r\n\r\n{content}\r\n--mix--\r\n"
    );
    format!("{head}{body}").into_bytes()
}

fn opened() -> Daemon {
    let mut house = config().set("replies.delay", "0s").install();
    let mail = with_content(
        &Mail::from(MARIA),
        "No timbra:\n\nfolio 118 error 40102\n\n[cid:pantalla@x]\n\n-- \nMaría\n",
        "<p>No timbra:</p><table border=1><tr><td>folio <b>118</b></td></tr><tr><td>error 40102</td>\
         </tr></table><p><img src=\"cid:pantalla@x\"></p><script>alert(1)</script><p>-- <br>María</p>\
         <img src=\"cid:logo@x\"><img src=\"https://x.example/p.gif\">",
        "factura 118.pdf",
    );
    house.set_clock(Some(TUESDAY_10));
    house.drop_in(&[mail]);
    house.run_once();
    house
}

fn html(mail: &Message) -> String {
    mail.body_html(0).expect("an HTML text").into_owned()
}

/// Names of the parts beside the texts.
fn files(mail: &Message) -> Vec<String> {
    let name = |part: &mail_parser::MessagePart| part.attachment_name().map(str::to_owned);
    mail.attachments().filter_map(name).collect()
}

#[test]
fn a_consultant_sees_the_client_s_table_picture_and_file() {
    let house = opened();
    let notice = sent_to(&house, ANA).remove(0);
    let mail = MessageParser::default().parse(&notice.raw).expect("a mail");
    let html = html(&mail);
    assert!(html.contains("<td>folio <b>118</b></td>"), "{html}");
    assert!(html.contains("src=\"cid:"), "{html}");
    assert!(
        !html.contains("script") && !html.contains("x.example/p.gif"),
        "{html}"
    );
    assert_eq!(files(&mail), ["pantalla.png", "factura 118.pdf"]);
    let shown = mail
        .attachments()
        .find_map(|part| part.content_id())
        .expect("an image");
    assert!(
        html.contains(&format!("src=\"cid:{shown}\"")),
        "{shown}: {html}"
    );
    let text = mail.body_text(0).expect("a text");
    assert!(text.contains("folio 118"), "{text}");
}

#[test]
fn a_client_gets_the_consultant_s_formatting_and_file_and_nothing_of_what_is_quoted() {
    let mut house = opened();
    let notice = sent_to(&house, ANA).remove(0);
    let answer = Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .date("Tue, 24 Nov 2026 10:20:00 -0600");
    let quoted = "Lo que escriba encima de esa línea se envía al cliente.";
    let answer = with_content(
        &answer,
        &format!("#espera cliente\n\n¿Es esta pantalla?\n\n-- \nAna\n\nDe: Soporte\n> {quoted}\n"),
        &format!(
            "<p>#espera cliente</p><p>¿Es <b>esta</b> pantalla?</p><p><img src=\"cid:pantalla@x\"></p>\
             <p>-- <br>Ana<img src=\"cid:logo@x\"></p><div><p>De: Soporte</p><p>{quoted}</p></div>"
        ),
        "guía.pdf",
    );
    house.set_clock(Some("2026-11-24 10:20:00"));
    house.drop_in(&[answer]);
    house.run_once();
    let relayed = sent_to(&house, MARIA).pop().expect("a reply");
    let mail = MessageParser::default()
        .parse(&relayed.raw)
        .expect("a mail");
    let html = html(&mail);
    assert!(html.contains("¿Es <b>esta</b> pantalla?"), "{html}");
    for secret in ["#espera", quoted, "De: Soporte"] {
        assert!(!html.contains(secret), "{secret}: {html}");
        assert!(
            !mail.body_text(0).expect("a text").contains(secret),
            "{secret}"
        );
    }
    assert_eq!(files(&mail), ["pantalla.png", "guía.pdf"]);
    let pdf = mail.attachments().last().expect("the file");
    assert_eq!(pdf.contents(), "guía.pdf".as_bytes());
}

#[test]
fn a_client_is_not_sent_what_he_has_already() {
    let mut house = opened();
    let notice = sent_to(&house, ANA).remove(0);
    let answer = |words: &str, file: &str| {
        let answer = Mail::from(ANA)
            .to(&notice.must("Reply-To"))
            .subject(words)
            .in_reply_to(&notice.id())
            .date("Tue, 24 Nov 2026 10:20:00 -0600");
        // Without HTML nobody knows which images stood among the words: large ones go as files.
        let raw = with_content(&answer, words, "", file);
        String::from_utf8(raw)
            .expect("UTF-8")
            .replace(
                "--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\r\n",
                "",
            )
            .into_bytes()
    };
    let mut relayed = |time: &str, mail: Vec<u8>| {
        house.set_clock(Some(time));
        house.drop_in(&[mail]);
        house.run_once();
        let relayed = sent_to(&house, MARIA).pop().expect("a reply");
        let mail = MessageParser::default()
            .parse(&relayed.raw)
            .expect("a mail");
        files(&mail)
    };
    // His own picture and his own file come back to nobody, whatever they are called now.
    let first = relayed("2026-11-24 10:20:00", answer("Use la guía.", "guía.pdf"));
    assert_eq!(first, ["guía.pdf"]);
    let second = relayed(
        "2026-11-24 10:40:00",
        answer("Como en la guía.", "guía.pdf"),
    );
    assert_eq!(second, [""; 0]);
    let third = relayed(
        "2026-11-24 11:00:00",
        answer("Su factura está bien.", "factura 118.pdf"),
    );
    assert_eq!(third, [""; 0]);
}
