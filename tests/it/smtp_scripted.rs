//! The way out over SMTP against servers that follow a script, good or bad.

mod server;

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use soported::config::settings::{Login, Server, Tls};
use soported::domain::address::Address;
use soported::ports::{Envelope, Handover, Transport, TroubleScope};
use soported::smtp::{SmtpTransport, Timeouts};
use tokio::net::TcpListener;
use tokio::time::timeout;

use server::{AMPLE, Scripted};

/// For the step that is meant to time out.
const SHORT: Duration = Duration::from_millis(60);

const HELLO: &str = "S: 220 hola\nC: EHLO\nS: 250 mx\nC: EHLO\nS: 250 mx\n";
const OFFER: &str = "C: MAIL FROM:\nS: 250 ok\nC: RCPT TO:\nS: 250 ok\nC: DATA\nS: 354 go\n";
const GOOD: &str =
    "C: MAIL FROM:\nS: 250 ok\nC: RCPT TO:\nS: 250 ok\nC: DATA\nS: 354 go\ncontent\nS: 250 taken\n";

/// The way to a scripted server.
fn transport_to(
    server: &Scripted,
    tls: Tls,
    login: Option<Login>,
    timeouts: Timeouts,
) -> SmtpTransport {
    let way = Server {
        host: "127.0.0.1".to_owned(),
        port: server.address.port(),
        tls,
        ca_file: Some(server.ca.path().to_owned()),
    };
    SmtpTransport::new(way, login, "soporte.example.mx".to_owned()).with_timeouts(timeouts)
}

fn plain_to(server: &Scripted) -> SmtpTransport {
    transport_to(server, Tls::None, None, ample())
}

fn ample() -> Timeouts {
    Timeouts {
        connect: AMPLE,
        tls: AMPLE,
        greeting: AMPLE,
        command: AMPLE,
        mail: AMPLE,
        rcpt: AMPLE,
        data: AMPLE,
        block: AMPLE,
        final_dot: AMPLE,
        idle: AMPLE,
        farewell: AMPLE,
    }
}

fn login() -> Option<Login> {
    Some(Login {
        username: "soporte".to_owned(),
        password: SecretString::from("secreto".to_owned()),
    })
}

fn envelope() -> Envelope {
    Envelope {
        from: Address::parse("soporte@example.mx").unwrap(),
        to: Address::parse("a..b@cliente.example").unwrap(),
        envid: None,
    }
}

async fn attempt(transport: &mut SmtpTransport, content: &[u8]) -> Handover {
    match transport.offer(&envelope()).await {
        Ok(()) => transport.hand_over(content).await,
        Err(handover) => handover,
    }
}

/// A result in a few words.
fn told(handover: &Handover) -> String {
    match handover {
        Handover::Sent(text) => format!("sent: {text}"),
        Handover::Refused(text) => format!("refused: {text}"),
        Handover::Uncertain(text) => format!("uncertain: {text}"),
        Handover::Retry(trouble) => {
            let scope = match trouble.scope {
                TroubleScope::Mail => "mail",
                TroubleScope::Connection => "connection",
                TroubleScope::Authentication => "authentication",
            };
            format!("retry {scope}: {}", trouble.text)
        }
    }
}

fn assert_told(handover: &Handover, wanted: &str) {
    let told = told(handover);
    assert!(told.starts_with(wanted), "wanted {wanted:?}, got {told:?}");
}

/// One mail against one script.
async fn check(script: &str, wanted: &str) {
    check_with(script, Tls::None, None, ample(), wanted).await;
}

async fn check_with(
    script: &str,
    tls: Tls,
    login: Option<Login>,
    timeouts: Timeouts,
    wanted: &str,
) {
    let server = Scripted::new(&[script.to_owned()]).await;
    let mut transport = transport_to(&server, tls, login, timeouts);
    let outcome = attempt(&mut transport, b"Subject: x\r\n\r\nhola\r\n").await;
    assert_told(&outcome, wanted);
    drop(transport);
    server.heard().await;
}

/// Two mails, one script per connection: what each came to, and what was heard.
async fn two(scripts: &[String], timeouts: Timeouts, wanted: [&str; 2]) -> Vec<Vec<String>> {
    let server = Scripted::new(scripts).await;
    let mut transport = transport_to(&server, Tls::None, None, timeouts);
    for wanted in wanted {
        assert_told(&attempt(&mut transport, b"hola\r\n").await, wanted);
    }
    drop(transport);
    server.heard().await
}

#[tokio::test]
async fn a_mail_that_is_taken_is_sent_with_the_servers_words() {
    check(&format!("{HELLO}{GOOD}"), "sent: 250 taken").await;
    check(
        &format!("{HELLO}{OFFER}content\nS: 250-2.0.0 ok\nS: 250 queued as 9\n"),
        "sent: 250 2.0.0 ok queued as 9",
    )
    .await;
}

#[tokio::test]
async fn a_refusal_before_the_dot_says_whom_it_concerns() {
    let c = |steps: &str| format!("{HELLO}{steps}");
    let mail = "C: MAIL FROM:\n";
    let rcpt = "C: MAIL FROM:\nS: 250 ok\nC: RCPT TO:\n";
    let data = "C: MAIL FROM:\nS: 250 ok\nC: RCPT TO:\nS: 250 ok\nC: DATA\n";
    let rset = "C: RSET\nS: 250 ok\n";
    check("S: 421 4.3.2 busy\n", "retry connection: 421 4.3.2 busy").await;
    check("S: 554 no service\n", "retry connection: 554 no service").await;
    for step in [mail, rcpt, data] {
        let answer = |text: &str| c(&format!("{step}S: {text}\n"));
        check(
            &(answer("451 4.3.0 later") + rset),
            "retry mail: 451 4.3.0 later",
        )
        .await;
        check(
            &(answer("452 4.3.1 full") + rset),
            "retry mail: 452 4.3.1 full",
        )
        .await;
        check(
            &(answer("550 5.1.1 nobody") + rset),
            "refused: 550 5.1.1 nobody",
        )
        .await;
        check(
            &(answer("552 5.2.2 full") + rset),
            "refused: 552 5.2.2 full",
        )
        .await;
        check(&(answer("571 no") + rset), "refused: 550 571 no").await;
        check(&answer("421 4.4.2 bye"), "retry connection: 421 4.4.2 bye").await;
        check(
            &answer("503 5.5.1 order"),
            "retry connection: 503 5.5.1 order",
        )
        .await;
        check(
            &answer("530 5.7.0 who?"),
            "retry authentication: 530 5.7.0 who?",
        )
        .await;
        check(&answer("299 what"), "retry connection: response error").await;
        check(
            &answer("220 what"),
            "retry connection: an answer out of place",
        )
        .await;
        check(&answer("hola"), "retry connection").await;
    }
}

#[tokio::test]
async fn a_refusal_after_the_dot_is_a_verdict() {
    let c = |answer: &str| format!("{HELLO}{OFFER}content\nS: {answer}\n");
    check(&c("451 4.7.1 greylisted"), "retry mail: 451 4.7.1").await;
    check(&c("554 5.6.0 no"), "refused: 554 5.6.0 no").await;
    check(
        &c("554-5.7.1 no\\r\\n554 5.7.1 never"),
        "refused: 554 5.7.1 no never",
    )
    .await;
    check(&c("421 4.3.2 bye"), "retry connection: 421 4.3.2 bye").await;
}

#[tokio::test]
async fn only_250_after_the_dot_is_sent_and_nonsense_is_uncertain() {
    let c = |answer: &str| format!("{HELLO}{OFFER}content\nS: {answer}\n");
    check(&c("354 go on"), "uncertain").await;
    check(&c("251 forwarded"), "uncertain").await;
    check(&c("290 what"), "uncertain").await;
    check(&c("gracias"), "uncertain").await;
    check(&c("250-half\\r\\n550 half"), "uncertain").await;
}

#[tokio::test]
async fn a_server_that_leaves_before_the_dot_has_no_mail() {
    let dialogue = format!("{HELLO}{OFFER}");
    let steps: Vec<&str> = dialogue.lines().collect();
    for end in 0..steps.len() {
        let script: String = steps[..end]
            .iter()
            .map(|step| format!("{step}\n"))
            .collect();
        check(&script, "retry connection").await;
    }
}

#[tokio::test]
async fn a_server_that_leaves_during_the_content_has_no_mail() {
    let server = Scripted::new(&[format!("{HELLO}{OFFER}")]).await;
    let mut transport = plain_to(&server);
    let outcome = attempt(&mut transport, &b"hola\r\n".repeat(2 << 20)).await;
    assert_told(&outcome, "retry connection");
    server.heard().await;
}

#[tokio::test]
async fn a_server_that_leaves_after_the_dot_leaves_doubt() {
    check(&format!("{HELLO}{OFFER}content\n"), "uncertain").await;
}

#[tokio::test]
async fn silence_is_bounded_at_every_step() {
    let t = ample();
    let silent = |steps: &str| format!("{HELLO}{steps}hush\n");
    let none = Tls::None;
    let lost = "retry connection: no answer in time";
    let greeting = Timeouts {
        greeting: SHORT,
        command: SHORT,
        ..t
    };
    check_with(
        "hush\n",
        none,
        None,
        greeting,
        "retry connection: no greeting in time",
    )
    .await;
    let hello = "S: 220 hola\nC: EHLO\nS: 250 mx\nhush\n";
    check_with(
        hello,
        none,
        None,
        Timeouts {
            command: SHORT,
            ..t
        },
        lost,
    )
    .await;
    let steps = "C: MAIL\n";
    check_with(
        &silent(steps),
        none,
        None,
        Timeouts { mail: SHORT, ..t },
        lost,
    )
    .await;
    let steps = "C: MAIL\nS: 250 ok\nC: RCPT\n";
    check_with(
        &silent(steps),
        none,
        None,
        Timeouts { rcpt: SHORT, ..t },
        lost,
    )
    .await;
    let steps = "C: MAIL\nS: 250 ok\nC: RCPT\nS: 250 ok\nC: DATA\n";
    check_with(
        &silent(steps),
        none,
        None,
        Timeouts { data: SHORT, ..t },
        lost,
    )
    .await;
    let steps = format!("{OFFER}content\n");
    let dot = Timeouts {
        final_dot: SHORT,
        ..t
    };
    check_with(
        &silent(&steps),
        none,
        None,
        dot,
        "uncertain: no answer in time",
    )
    .await;
    let tls = Timeouts { tls: SHORT, ..t };
    let wanted = "retry connection: 127.0.0.1: no TLS handshake in time";
    check_with("hush\n", Tls::Implicit, None, tls, wanted).await;
}

#[tokio::test]
async fn a_server_that_takes_no_more_bytes_has_no_mail() {
    let server = Scripted::new(&[format!("{HELLO}{OFFER}stall\n")]).await;
    let timeouts = Timeouts {
        block: SHORT,
        ..ample()
    };
    let mut transport = transport_to(&server, Tls::None, None, timeouts);
    let outcome = attempt(&mut transport, &b"hola\r\n".repeat(4 << 20)).await;
    assert_told(&outcome, "retry connection: the server took no more bytes");
    server.abandon();
}

#[tokio::test]
async fn a_mail_refused_while_it_is_sent_is_refused_and_nothing_early_is_good_news() {
    check(
        &format!("{HELLO}{OFFER}S: 552 5.3.4 too big\nhush\n"),
        "refused: 552 5.3.4 too big",
    )
    .await;
    let early = OFFER.replace("354 go", "354 go\\r\\n250 2.0.0 taken already");
    check(
        &format!("{HELLO}{early}hush\n"),
        "retry connection: an answer out of place",
    )
    .await;
}

#[tokio::test]
async fn a_refused_mail_does_not_lend_its_answer_to_the_next() {
    let refused_at_rcpt = "C: MAIL\nS: 250 ok\nC: RCPT\nS: 550 5.1.1 nobody\nC: RSET\nS: 250 ok\n";
    let script = format!("{HELLO}{refused_at_rcpt}{GOOD}");
    two(
        &[script],
        ample(),
        ["refused: 550 5.1.1 nobody", "sent: 250 taken"],
    )
    .await;

    let refused_at_dot = format!("{OFFER}content\nS: 554 5.6.0 no\n");
    let script = format!("{HELLO}{refused_at_dot}{GOOD}");
    two(
        &[script],
        ample(),
        ["refused: 554 5.6.0 no", "sent: 250 taken"],
    )
    .await;

    let script = format!("{HELLO}{GOOD}{refused_at_dot}");
    two(
        &[script],
        ample(),
        ["sent: 250 taken", "refused: 554 5.6.0 no"],
    )
    .await;
}

#[tokio::test]
async fn a_connection_that_timed_out_is_never_used_again() {
    let slow = format!("{HELLO}C: MAIL\nS: 250 ok\nC: RCPT\nhush\n");
    let good = format!("{HELLO}{GOOD}");
    let timeouts = Timeouts {
        rcpt: SHORT,
        ..ample()
    };
    two(
        &[slow, good.clone()],
        timeouts,
        ["retry connection", "sent: 250 taken"],
    )
    .await;

    let slow = format!("{HELLO}{OFFER}content\nhush\n");
    let timeouts = Timeouts {
        final_dot: SHORT,
        ..ample()
    };
    two(&[slow, good], timeouts, ["uncertain", "sent: 250 taken"]).await;
}

#[tokio::test]
async fn an_attempt_cut_short_takes_its_connection_with_it() {
    let slow_offer = format!("{HELLO}C: MAIL\nS: 250 ok\nC: RCPT\nhush\n");
    let slow_dot = format!("{HELLO}{OFFER}content\nhush\n");
    let unused_offer = format!("{HELLO}{OFFER}hush\n");
    let server =
        Scripted::new(&[slow_offer, slow_dot, unused_offer, format!("{HELLO}{GOOD}")]).await;
    let mut transport = plain_to(&server);
    assert!(timeout(SHORT, transport.offer(&envelope())).await.is_err());
    transport.offer(&envelope()).await.unwrap();
    assert!(
        timeout(SHORT, transport.hand_over(b"hola\r\n"))
            .await
            .is_err()
    );
    assert_told(
        &transport.hand_over(b"hola\r\n").await,
        "retry connection: no offer stands",
    );
    transport.offer(&envelope()).await.unwrap();
    assert_told(
        &attempt(&mut transport, b"hola\r\n").await,
        "sent: 250 taken",
    );
    server.heard().await;
}

#[tokio::test]
async fn fifty_mails_share_one_connection() {
    let server = Scripted::new(&[format!("{HELLO}{}", GOOD.repeat(50))]).await;
    let mut transport = plain_to(&server);
    for _ in 0..50 {
        assert_told(
            &attempt(&mut transport, b"hola\r\n").await,
            "sent: 250 taken",
        );
    }
    let heard = server.heard().await;
    assert_eq!(
        heard[0]
            .iter()
            .filter(|line| line.starts_with("MAIL"))
            .count(),
        50
    );
}

#[tokio::test]
async fn a_connection_lost_while_idle_is_replaced_without_a_word() {
    let good = format!("{HELLO}{GOOD}");
    let sent = ["sent: 250 taken", "sent: 250 taken"];
    two(&[good.clone(), good.clone()], ample(), sent).await;
    let farewell = format!(
        "{HELLO}{}",
        GOOD.replace("taken", "taken\\r\\n421 4.4.2 idle")
    );
    two(&[farewell, good.clone()], ample(), sent).await;
    let answered_421 = format!("{HELLO}{GOOD}C: MAIL\nS: 421 4.7.0 enough\n");
    two(&[answered_421, good.clone()], ample(), sent).await;
    let unanswered = format!("{HELLO}{GOOD}C: MAIL\n");
    two(&[unanswered, good], ample(), sent).await;
}

#[tokio::test]
async fn a_connection_is_replaced_once_only() {
    let scripts = [
        format!("{HELLO}{GOOD}C: MAIL\nS: 421 enough\n"),
        format!("{HELLO}C: MAIL\nS: 421 4.7.0 really\n"),
    ];
    two(
        &scripts,
        ample(),
        ["sent: 250 taken", "retry connection: 421 4.7.0 really"],
    )
    .await;
}

#[tokio::test]
async fn an_old_connection_is_left_politely_and_not_trusted() {
    let scripts = [
        format!("{HELLO}{GOOD}C: QUIT\nS: 221 adios\nhush\n"),
        format!("{HELLO}{GOOD}"),
    ];
    let timeouts = Timeouts {
        idle: Duration::ZERO,
        ..ample()
    };
    two(&scripts, timeouts, ["sent: 250 taken", "sent: 250 taken"]).await;

    let server = Scripted::new(&[format!("{HELLO}{GOOD}C: QUIT\nS: 221 adios\nhush\n")]).await;
    let mut transport = plain_to(&server);
    assert_told(
        &attempt(&mut transport, b"hola\r\n").await,
        "sent: 250 taken",
    );
    transport.part().await;
    server.heard().await;
}

#[tokio::test]
async fn content_arrives_line_by_line_as_it_was() {
    let check = async |content: &[u8], wanted: &[&str]| {
        let server = Scripted::new(&[format!("{HELLO}{GOOD}")]).await;
        let mut transport = plain_to(&server);
        assert_told(&attempt(&mut transport, content).await, "sent: 250 taken");
        let heard = server.heard().await;
        assert_eq!(&heard[0][5..], wanted);
    };
    check(b"a\r\n\r\nb\r\n", &["a", "", "b"]).await;
    check(b"a", &["a"]).await;
    check(b"", &[]).await;
    check(b".\r\n..\r\n.x\r\ny.\r\n", &["..", "...", "..x", "y."]).await;
    // What is no line end in SMTP must not become an end of content either.
    check(
        b"a\n.\nb\r.\r\n\rc\n\n",
        &["a", "..", "b", "..", "", "c", ""],
    )
    .await;
}

#[tokio::test]
async fn a_report_is_asked_for_only_where_it_is_offered() {
    let hello = "S: 220 hola\nC: EHLO\nS: 250-mx\\r\\n250 dsn\nC: EHLO\nS: 250-mx\\r\\n250 dsn\n";
    let plain = [
        "MAIL FROM:<soporte@example.mx>",
        "RCPT TO:<a..b@cliente.example>",
    ];
    let asked = [
        "MAIL FROM:<soporte@example.mx> RET=HDRS ENVID=gs-1042-k7+2B",
        "RCPT TO:<a..b@cliente.example> NOTIFY=FAILURE",
    ];
    let id = Some("gs-1042-k7+".to_owned());
    for (hello, envid, wanted) in [
        (HELLO, id.clone(), plain),
        (hello, None, plain),
        (hello, id, asked),
    ] {
        let server = Scripted::new(&[format!("{hello}{GOOD}")]).await;
        let mut transport = plain_to(&server);
        transport
            .offer(&Envelope {
                envid,
                ..envelope()
            })
            .await
            .unwrap();
        assert_told(&transport.hand_over(b"hola\r\n").await, "sent: 250 taken");
        assert_eq!(server.heard().await[0][2..4], wanted);
    }
}

#[tokio::test]
async fn odd_replies_are_read_for_what_they_say() {
    check(
        &format!("{HELLO}{}", GOOD.replace("S: 250 taken", "S: 250")),
        "sent: 250",
    )
    .await;
    check(
        &format!("{HELLO}{}", GOOD.replace("S: 250 taken", "L: 250 ok")),
        "sent: 250 ok",
    )
    .await;
    check(
        &format!("{HELLO}{}", GOOD.replace("250 taken", "250 año")),
        "sent: 250 a?o",
    )
    .await;
    let endless = format!("{HELLO}{OFFER}content\nS: 250 {}\n", "x".repeat(1000));
    check(&endless, "uncertain").await;
}

#[tokio::test]
async fn the_greeting_names_us_by_a_domain_or_by_an_address() {
    for (name, wanted) in [
        ("soporte.example.mx", "EHLO soporte.example.mx"),
        ("localhost", "EHLO [127.0.0.1]"),
        ("", "EHLO [127.0.0.1]"),
        ("a b.mx\r\nNOOP", "EHLO [127.0.0.1]"),
    ] {
        let server = Scripted::new(&[format!("{HELLO}{GOOD}")]).await;
        let way = Server {
            host: "127.0.0.1".to_owned(),
            port: server.address.port(),
            tls: Tls::None,
            ca_file: None,
        };
        let mut transport = SmtpTransport::new(way, None, name.to_owned());
        assert_told(
            &attempt(&mut transport, b"hola\r\n").await,
            "sent: 250 taken",
        );
        assert_eq!(server.heard().await[0][0], wanted);
    }
}

#[tokio::test]
async fn credentials_are_given_and_their_refusal_is_told_apart() {
    let hello = |offered: &str| HELLO.replace("250 mx", &format!("250-mx\\r\\n250 {offered}"));
    let plain = "C: AUTH PLAIN AHNvcG9ydGUAc2VjcmV0bw==\n";
    let check = async |script: String, wanted: &str| {
        check_with(&script, Tls::None, login(), ample(), wanted).await;
    };
    let offered = hello("AUTH LOGIN PLAIN");
    check(
        format!("{offered}{plain}S: 235 ok\n{GOOD}"),
        "sent: 250 taken",
    )
    .await;
    let lower = hello("auth plain");
    check(
        format!("{lower}{plain}S: 235 ok\n{GOOD}"),
        "sent: 250 taken",
    )
    .await;
    let login = "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: c29wb3J0ZQ==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0bw==\n";
    let offered_login = hello("AUTH LOGIN");
    check(
        format!("{offered_login}{login}S: 235 ok\n{GOOD}"),
        "sent: 250 taken",
    )
    .await;

    let refused = |answer: &str| format!("{offered}{plain}S: {answer}\n");
    check(
        refused("535 5.7.8 no"),
        "retry authentication: 535 5.7.8 no",
    )
    .await;
    check(
        refused("534 5.7.9 weak"),
        "retry authentication: 534 5.7.9 weak",
    )
    .await;
    check(
        refused("454 4.7.0 later"),
        "retry authentication: 454 4.7.0 later",
    )
    .await;
    check(refused("334 "), "retry authentication").await;
    check(refused("421 4.3.2 bye"), "retry connection: 421 4.3.2 bye").await;
    check(format!("{offered}{plain}"), "retry connection").await;
    check(
        hello("AUTH GSSAPI"),
        "retry authentication: the server offers neither",
    )
    .await;
    check(
        HELLO.to_owned(),
        "retry authentication: the server offers neither",
    )
    .await;
}

#[tokio::test]
async fn mail_goes_encrypted_from_the_first_byte_or_after_starttls() {
    let hello = format!("tls\n{HELLO}");
    let implicit = format!("{hello}{}", GOOD.repeat(2));
    let starttls = format!(
        "S: 220 hola\nC: EHLO\nS: 250-mx\\r\\n250 STARTTLS\nC: STARTTLS\nS: 220 go\ntls\n\
         C: EHLO\nS: 250-mx\\r\\n250 AUTH PLAIN\nC: AUTH PLAIN\nS: 235 ok\n{}",
        GOOD.repeat(2)
    );
    for (tls, login, script) in [
        (Tls::Implicit, None, implicit),
        (Tls::StartTls, login(), starttls),
    ] {
        let server = Scripted::new(&[script]).await;
        let mut transport = transport_to(&server, tls, login, ample());
        let content = b"hola\r\n".repeat(100_000);
        assert_told(&attempt(&mut transport, &content).await, "sent: 250 taken");
        assert_told(&attempt(&mut transport, &content).await, "sent: 250 taken");
        server.heard().await;
    }
}

#[tokio::test]
async fn nothing_is_said_in_the_clear_that_was_to_be_encrypted() {
    let check = async |script: &str, wanted: &str| {
        check_with(script, Tls::StartTls, login(), ample(), wanted).await;
    };
    let offered = "S: 220 hola\nC: EHLO\nS: 250-mx\\r\\n250 STARTTLS\nC: STARTTLS\n";
    check(
        "S: 220 hola\nC: EHLO\nS: 250-mx\\r\\n250 AUTH PLAIN\n",
        "retry connection: the server does not offer STARTTLS",
    )
    .await;
    check(
        &format!("{offered}S: 454 4.7.0 not now\n"),
        "retry connection: 454 4.7.0 not now",
    )
    .await;
    check(
        &format!("{offered}S: 220 go\\r\\n250-mx\\r\\n250 AUTH PLAIN\ntls\n"),
        "retry connection: 127.0.0.1: TLS: the server spoke before",
    )
    .await;
}

#[tokio::test]
async fn an_unknown_certificate_is_not_believed() {
    let server = Scripted::new(&[format!("tls\n{HELLO}")]).await;
    let way = Server {
        host: "127.0.0.1".to_owned(),
        port: server.address.port(),
        tls: Tls::Implicit,
        ca_file: None,
    };
    let mut transport = SmtpTransport::new(way.clone(), None, String::new()).with_timeouts(ample());
    assert_told(
        &attempt(&mut transport, b"hola").await,
        "retry connection: 127.0.0.1: TLS:",
    );
    server.heard().await;

    let missing = Some(PathBuf::from("/nonexistent/ca.pem"));
    let mut transport = SmtpTransport::new(
        Server {
            ca_file: missing,
            ..way
        },
        None,
        String::new(),
    );
    assert_told(
        &attempt(&mut transport, b"hola").await,
        "retry connection: 127.0.0.1: TLS:",
    );
}

#[tokio::test]
async fn a_server_out_of_reach_is_the_ways_trouble() {
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let way = |host: &str| Server {
        host: host.to_owned(),
        port: free,
        tls: Tls::None,
        ca_file: None,
    };
    let mut transport = SmtpTransport::new(way("127.0.0.1"), None, String::new());
    assert_told(
        &attempt(&mut transport, b"hola").await,
        "retry connection: 127.0.0.1:",
    );
    let mut transport = SmtpTransport::new(way("192.0.2.1"), None, String::new());
    let wanted = format!("retry connection: 192.0.2.1:{free}: mail goes unencrypted to this");
    assert_told(&attempt(&mut transport, b"hola").await, &wanted);
}
