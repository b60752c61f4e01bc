//! `mail::compose`: the header table of mail.md §6, and bytes that any server takes.

use chrono::DateTime;
use soported::domain::address::Person;
use soported::domain::effect::{Manner, Outgoing, ThreadHead};
use soported::domain::event::AlarmCause;
use soported::domain::letter::Letter;
use soported::domain::token::Purpose;
use soported::mail::compose::{ComposeError, Draft, Words, compose};
use soported::mail::conversation::{REFERENCES_MAX_CHARS, references, subject, thread_index};
use soported::mail::enclosure::Enclosure;

use super::mail_parse::{address, keys, read_bytes, token};

/// The letter does not matter to the composer: the words come from the template.
fn outgoing(manner: Manner, thread: Option<ThreadHead>) -> Outgoing {
    Outgoing {
        letter: Letter::OperatorAlarm {
            cause: AlarmCause::MailboxUnreachable,
            detail: String::new(),
            since: DateTime::UNIX_EPOCH,
        },
        to: Person::new(address("jose@acme.mx"), "Núñez, José"),
        ticket: None,
        purpose: Purpose::Client,
        manner,
        speaker: soported::domain::effect::Speaker::Service,
        thread,
        source: None,
        once: "x".to_owned(),
        not_before: DateTime::UNIX_EPOCH,
    }
}

fn thread() -> ThreadHead {
    ThreadHead {
        in_reply_to: Some("padre@acme.mx".to_owned()),
        references: vec!["abuelo@acme.mx".to_owned(), "padre@acme.mx".to_owned()],
        topic: Some("No enciende la máquina".to_owned()),
        index: Some("AdqLAAECAwQFBgcICQoLDA0ODxA=".to_owned()),
        subject: "No enciende la máquina".to_owned(),
    }
}

fn words() -> Words {
    Words {
        subject: "Su solicitud".to_owned(),
        text: "Buenos días, José:\n\nRecibimos su correo.\n.\nDesde aquí: ñ\n".to_owned(),
        html: "<html><body><p>Buenos días, José &amp; Cía.</p></body></html>".to_owned(),
    }
}

fn written(outgoing: &Outgoing, words: &Words) -> Result<Vec<u8>, ComposeError> {
    let keys = keys();
    let id = keys.message_id(&token(), [1; 5], "servicio.mx");
    let official = address("soporte@servicio.mx");
    compose(&Draft {
        outgoing,
        words,
        enclosure: &Enclosure::default(),
        message_id: &id,
        reply_to: &keys.reply_address(&token(), &official),
        from: ("Soporte, Núñez y Cía.", &official),
        tag: Some("GS-1042"),
        token: &keys.sign(&token()),
        loop_mark: &keys.loop_mark(&id),
        date: DateTime::parse_from_rfc3339("2026-03-02T10:05:00-06:00").unwrap(),
    })
}

/// Header fields as the wire has them, unfolded.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let block = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    block
        .split("\r\n")
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn field(bytes: &[u8], name: &str) -> Option<String> {
    let mut found = headers(bytes).into_iter().filter(|(n, _)| n == name);
    let value = found.next().map(|(_, value)| value);
    assert!(found.next().is_none(), "{name} twice");
    value
}

#[test]
fn headers_follow_the_manner() {
    let check = |manner: Manner, submitted: Option<&str>| {
        let bytes = written(&outgoing(manner, Some(thread())), &words()).unwrap();
        assert_eq!(field(&bytes, "Auto-Submitted").as_deref(), submitted);
        let suppress = submitted.map(|_| "DR, RN, NRN, OOF, AutoReply");
        assert_eq!(
            field(&bytes, "X-Auto-Response-Suppress").as_deref(),
            suppress
        );
        assert!(field(&bytes, "X-Soported-Loop").is_some());
        for (name, _) in headers(&bytes) {
            let name = name.to_lowercase();
            assert!(!name.starts_with("list-"), "{name}");
            let unwanted = [
                "return-path",
                "disposition-notification-to",
                "precedence",
                "bcc",
                "sender",
            ];
            assert!(!unwanted.contains(&name.as_str()), "{name}");
        }
    };
    check(Manner::Answer, Some("auto-replied"));
    check(Manner::Timer, Some("auto-generated"));
    check(Manner::Human, None);
}

#[test]
fn what_we_write_we_read_back() {
    let bytes = written(&outgoing(Manner::Answer, Some(thread())), &words()).unwrap();
    let mail = read_bytes(&bytes);
    let from = mail.from.unwrap();
    assert_eq!(from.name, "Soporte, Núñez y Cía.");
    assert_eq!(from.address, address("soporte@servicio.mx"));
    assert_eq!(mail.recipients, [address("jose@acme.mx")]);
    assert_eq!(mail.subject, "Re: No enciende la máquina [GS-1042]");
    assert_eq!(mail.in_reply_to, ["padre@acme.mx"]);
    assert_eq!(mail.references, ["abuelo@acme.mx", "padre@acme.mx"]);
    assert_eq!(mail.thread_topic.as_deref(), Some("No enciende la máquina"));
    assert_eq!(mail.marks.auto_submitted.as_deref(), Some("auto-replied"));
    assert_eq!(mail.marks.loop_header, Some(true));
    assert!(mail.marks.own_message_id);
    assert_eq!(mail.tokens.len(), 1);
    assert_eq!(mail.tokens[0].token, token());
    let reference = format!("Ref: GS-1042 · {}", keys().sign(&token()));
    assert_eq!(
        mail.full_text.trim_end(),
        format!("{}\n\n{reference}", words().text.trim_end())
    );
    assert_eq!(
        field(&bytes, "Date").unwrap(),
        "Mon, 02 Mar 2026 10:05:00 -0600"
    );
    let reply_to = field(&bytes, "Reply-To").unwrap();
    assert!(reply_to.starts_with("soporte+"), "{reply_to}");
}

#[test]
fn the_same_draft_gives_the_same_bytes() {
    let out = outgoing(Manner::Timer, None);
    assert_eq!(
        written(&out, &words()).unwrap(),
        written(&out, &words()).unwrap()
    );
}

#[test]
fn bytes_are_ascii_with_short_lines_and_crlf_only() {
    let long = Words {
        subject: "ñ".repeat(240),
        text: format!(
            "{}\n{}\r\n.\n..\n\u{1F600}",
            "x".repeat(5_000),
            "ñ".repeat(3_000)
        ),
        html: format!("<p>{}</p>", "ñ ".repeat(5_000)),
    };
    let mut out = outgoing(Manner::Answer, Some(thread()));
    out.to.name = "Ñ".repeat(300);
    let bytes = written(&out, &long).unwrap();
    assert!(bytes.is_ascii());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    assert!(text.split("\r\n").all(|line| line.len() <= 100));
    assert!(read_bytes(&bytes).full_text.contains(&"ñ".repeat(3_000)));
}

#[test]
fn both_parts_carry_the_ref_line() {
    let bytes = written(&outgoing(Manner::Human, None), &words()).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace("=\r\n", "");
    assert_eq!(text.matches("Ref: GS-1042").count(), 2);
    assert!(text.contains("multipart/alternative"));
    let html = text.split("text/html").nth(1).unwrap();
    assert!(html.find("Ref:").unwrap() < html.find("</body>").unwrap());
}

#[test]
fn words_cannot_add_headers() {
    let mut hostile = words();
    hostile.subject = "x\r\nBcc: malo@otro.mx".to_owned();
    let mut out = outgoing(Manner::Answer, None);
    out.to.name = "Ana\r\nBcc: malo@otro.mx".to_owned();
    let bytes = written(&out, &hostile).unwrap();
    assert_eq!(field(&bytes, "Bcc"), None);
    let mut bad = thread();
    bad.in_reply_to = Some("a@b>\r\nBcc: <x@y".to_owned());
    bad.references = vec!["sin arroba".to_owned(), "c@d".to_owned()];
    bad.topic = Some("x\r\nBcc: y".to_owned());
    bad.index = Some("no es base64".to_owned());
    bad.subject = "x\nBcc: y".to_owned();
    let bytes = written(&outgoing(Manner::Human, Some(bad)), &words()).unwrap();
    assert_eq!(field(&bytes, "Bcc"), None);
    assert_eq!(field(&bytes, "In-Reply-To"), None);
    assert_eq!(field(&bytes, "References").unwrap(), "<c@d>");
    assert_eq!(field(&bytes, "Thread-Index"), None);
}

#[test]
fn a_message_id_that_is_none_is_refused() {
    let out = outgoing(Manner::Answer, None);
    let official = address("soporte@servicio.mx");
    for id in ["", "sin-arroba", "a b@c", "a@b\r\nBcc: x", "<a@b>", "ñ@b"] {
        let made = compose(&Draft {
            outgoing: &out,
            words: &words(),
            enclosure: &Enclosure::default(),
            message_id: id,
            reply_to: &official,
            from: ("Soporte", &official),
            tag: None,
            token: "abc",
            loop_mark: "x",
            date: DateTime::UNIX_EPOCH.fixed_offset(),
        });
        assert!(matches!(made, Err(ComposeError::MessageId(_))), "{id}");
    }
}

#[test]
fn subjects_carry_prefix_and_tag_once() {
    let check = |own: &str, of_thread: Option<&str>, tag: Option<&str>, wanted: &str| {
        let head = of_thread.map(|subject| ThreadHead {
            subject: subject.to_owned(),
            ..ThreadHead::default()
        });
        assert_eq!(subject(own, head.as_ref(), tag), wanted);
    };
    check("a", Some("b"), Some("GS-7"), "Re: b [GS-7]");
    check("a", None, Some("GS-7"), "a [GS-7]");
    check("a", None, None, "a");
    check("Sobre GS-7", None, Some("GS-7"), "Sobre GS-7");
    check("Sobre GS-70", None, Some("GS-7"), "Sobre GS-70 [GS-7]");
    check("a", Some(""), Some("GS-7"), "Re: [GS-7]");
    // What a letter says before its own «Re:» stays, and is said of the conversation's subject.
    let own = "No entregado: Re: x [GS-7]";
    check(own, Some("b"), Some("GS-7"), "No entregado: Re: b [GS-7]");
    check("Re: x", Some("a Re: b"), None, "Re: a Re: b");
    let long = subject(&"x".repeat(400), None, Some("GS-7"));
    assert_eq!(long.chars().count(), 250);
    assert!(long.ends_with(" [GS-7]"));
}

#[test]
fn references_keep_the_first_and_the_last_within_1500_characters() {
    let chain: Vec<String> = (0..200)
        .map(|n| format!("correo-numero-{n}@acme.mx"))
        .collect();
    let value = references(&chain, Some("padre@acme.mx"));
    assert!(value.len() <= REFERENCES_MAX_CHARS, "{}", value.len());
    assert!(value.len() > REFERENCES_MAX_CHARS - 60, "{}", value.len());
    assert!(value.starts_with("<correo-numero-0@acme.mx> <correo-numero-1"));
    assert!(value.ends_with("<correo-numero-199@acme.mx> <padre@acme.mx>"));
    let check = |chain: &[&str], parent: Option<&str>, wanted: &str| {
        let chain: Vec<String> = chain.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(references(&chain, parent), wanted);
    };
    check(&[], None, "");
    check(&[], Some("a@b"), "<a@b>");
    check(&["a@b"], Some("a@b"), "<a@b>");
    check(&["a@b", "c@d", "a@b"], None, "<c@d> <a@b>");
    check(&["no", "c@d"], Some("x y"), "<c@d>");
}

#[test]
fn a_thread_index_gets_one_child_and_nonsense_none() {
    use data_encoding::BASE64;
    let at = "2026-03-02T16:05:00Z".parse().unwrap();
    let parent = "AdqLAAECAwQFBgcICQoLDA0ODxAREhM=";
    let before = BASE64.decode(parent.as_bytes()).unwrap();
    let after = BASE64
        .decode(thread_index(parent, at).unwrap().as_bytes())
        .unwrap();
    assert_eq!(before.len() + 5, after.len());
    assert!(after.starts_with(&before));
    assert_eq!(thread_index("", at), None);
    assert_eq!(thread_index("AAAA", at), None);
    assert_eq!(thread_index("ñ", at), None);
    let long = BASE64.encode(&[1; 600]);
    assert_eq!(thread_index(&long, at), Some(long));
}
