//! The world proves itself before anything is proved with it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto};

use crate::world::daemon::Config;
use crate::world::dovecot::{Dovecot, PASSWORD, USER};
use crate::world::imap_dialogue::ImapDialogue;
use crate::world::mails::Mail;
use crate::world::smtp_sink::{AfterDot, Refusal, SinkOptions, SinkTls, SmtpSink};
use crate::world::{Guarded, Port, SERVER_PATIENCE, wait_until};

// --- Dovecot ---------------------------------------------------------------------------------------

#[test]
fn a_mail_delivered_by_lmtp_is_seen_over_imap() {
    let server = Dovecot::start();
    let mail = Mail::from("maria@acme.example")
        .subject("La nómina no cuadra")
        .text("Buenos días:\n\n.Una línea con punto.\n.\nSaludos.\n");
    server.deliver(&mail.build());
    let mut client = server.dialogue();
    assert_eq!(client.count(), 1);
    let body = client
        .command_ok("UID FETCH 1 (UID FLAGS BODY.PEEK[])")
        .text();
    assert!(
        body.contains(&format!("Message-ID: <{}>", mail.id())),
        "{body}"
    );
    assert!(
        body.contains("\r\n\r\n.Una línea con punto.\r\n.\r\nSaludos.\r\n"),
        "{body}"
    );
    assert!(!body.contains("\\Seen"), "{body}");
}

#[test]
fn five_hundred_files_are_five_hundred_mails_in_their_order() {
    let mut server = Dovecot::start();
    let mails: Vec<Vec<u8>> = (1..=500)
        .map(|number| {
            Mail::from("maria@acme.example")
                .subject(&format!("Caso {number}"))
                .build()
        })
        .collect();
    server.drop_into_maildir(&mails);
    let mut client = server.dialogue();
    assert_eq!(client.count(), 500);
    let last = client
        .command_ok("UID FETCH 500 BODY.PEEK[HEADER.FIELDS (Subject)]")
        .text();
    assert!(last.contains("Subject: Caso 500\r\n"), "{last}");
}

#[test]
fn a_killed_server_comes_back_on_its_ports_with_its_mail() {
    let mut server = Dovecot::start();
    server.deliver(&Mail::from("maria@acme.example").build());
    let port = server.imap_port();
    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.restart();
    assert_eq!(server.imap_port(), port);
    assert_eq!(server.dialogue().count(), 1);
}

#[test]
fn a_new_uidvalidity_keeps_the_mails_and_renumbers_them() {
    let mut server = Dovecot::start();
    for number in 1..=3 {
        server.deliver(
            &Mail::from("maria@acme.example")
                .subject(&format!("Caso {number}"))
                .build(),
        );
    }
    let mut client = server.dialogue();
    client.command_ok("UID STORE 1 +FLAGS (\\Deleted)");
    client.command_ok("EXPUNGE");
    let old = uidvalidity(&mut client);
    drop(client);
    server.bump_uidvalidity();
    let mut client = server.dialogue();
    assert_eq!(uidvalidity(&mut client), old + 1);
    let answer = client.command_ok("UID SEARCH ALL").text();
    assert!(answer.contains("* SEARCH 1 2\r\n"), "{answer}");
}

fn uidvalidity(client: &mut ImapDialogue) -> u32 {
    let text = client.command_ok("STATUS INBOX (UIDVALIDITY)").text();
    let (_, number) = text.split_once("UIDVALIDITY ").expect("the item asked for");
    number
        .split(')')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[test]
fn another_client_marks_all_as_read() {
    let server = Dovecot::start();
    server.deliver(&Mail::from("maria@acme.example").build());
    server.mark_all_seen();
    let unseen = server.dialogue().command_ok("UID SEARCH UNSEEN").text();
    assert!(unseen.contains("* SEARCH\r\n"), "{unseen}");
}

#[test]
fn a_wrong_password_is_refused_with_its_code() {
    let server = Dovecot::start();
    let mut client = ImapDialogue::connect(server.imap_port());
    let answer = client.command(&format!("LOGIN {USER} otra"));
    assert!(
        answer.tagged.starts_with("NO [AUTHENTICATIONFAILED]"),
        "{answer:?}"
    );
    assert_ne!(PASSWORD, "otra");
}

#[test]
fn imap_over_tls_and_starttls_show_a_certificate_of_the_ca_file() {
    let server = Dovecot::start();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(server.ca_file()).expect("PEM"))
        .expect("a trust root");
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    for name in ["localhost", "127.0.0.1"] {
        let connection = ClientConnection::new(
            Arc::new(config.clone()),
            ServerName::try_from(name).expect("a name").to_owned(),
        )
        .expect("a configuration");
        let socket = TcpStream::connect(("127.0.0.1", server.imaps_port())).expect("it listens");
        socket
            .set_read_timeout(Some(SERVER_PATIENCE))
            .expect("a TCP socket");
        let mut stream = StreamOwned::new(connection, socket);
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).expect("a trusted server");
        assert_eq!(&greeting, b"* OK");
        stream.write_all(b"1 LOGOUT\r\n").expect("it reads");
    }
    let capabilities = ImapDialogue::connect(server.imap_port())
        .command_ok("CAPABILITY")
        .text();
    assert!(capabilities.contains(" STARTTLS"), "{capabilities}");
}

#[test]
fn a_frozen_server_is_silent_until_it_thaws() {
    let server = Dovecot::start();
    let mut client = server.dialogue();
    server.freeze();
    let mut other = TcpStream::connect(("127.0.0.1", server.imap_port())).expect("a backlog");
    other
        .set_read_timeout(Some(Duration::from_millis(100)))
        .expect("a TCP socket");
    assert!(other.read(&mut [0; 1]).is_err());
    server.thaw();
    client.command_ok("NOOP");
}

// --- The SMTP server -------------------------------------------------------------------------------

/// Sends one small mail with lettre and gives the code of the answer; none: there was no answer.
fn send(sink: &SmtpSink, to: &str) -> Option<u16> {
    send_within(SERVER_PATIENCE, sink, to)
}

/// The same with this much patience for each answer.
fn send_within(patience: Duration, sink: &SmtpSink, to: &str) -> Option<u16> {
    let mut transport = SmtpTransport::builder_dangerous("localhost")
        .port(sink.port())
        .timeout(Some(patience));
    let trust = || {
        TlsParameters::builder("localhost".to_owned())
            .add_root_certificate(
                Certificate::from_pem(&fs::read(sink.ca_file()).expect("PEM")).expect("PEM"),
            )
            .build_rustls()
            .expect("TLS parameters")
    };
    transport = match sink.options().tls {
        SinkTls::Off => transport,
        SinkTls::StartTls => transport.tls(Tls::Required(trust())),
        SinkTls::Implicit => transport.tls(Tls::Wrapper(trust())),
    };
    if sink.options().login.is_some() {
        transport = transport.credentials(Credentials::new("soporte".into(), "clave".into()));
    }
    let envelope = Envelope::new(None, vec![to.parse().expect("an address")]).expect("good");
    match transport.build().send_raw(&envelope, MAIL) {
        Ok(response) => Some(response.code().into()),
        Err(error) => error.status().map(u16::from),
    }
}

const MAIL: &[u8] = b"Subject: Prueba\r\nX-Long: uno\r\n dos\r\n\r\n.Hola.\r\n";

#[test]
fn a_mail_sent_with_lettre_reaches_the_sink() {
    for tls in [SinkTls::Off, SinkTls::StartTls, SinkTls::Implicit] {
        let sink = SmtpSink::start_with(SinkOptions {
            tls,
            ..SinkOptions::default()
        });
        assert_eq!(
            send(&sink, "maria@acme.example"),
            Some(250),
            "{tls:?}: {}",
            sink.log()
        );
        let mails = sink.wait_for(1, SERVER_PATIENCE);
        assert_eq!(mails[0].from, "");
        assert_eq!(mails[0].to, ["maria@acme.example"]);
        assert!(mails[0].raw.starts_with(MAIL), "{}", mails[0].text());
        assert_eq!(mails[0].header("x-long").as_deref(), Some("uno dos"));
        assert_eq!(mails[0].header("x-none"), None);
    }
}

#[test]
fn the_local_part_chooses_the_refusal() {
    let sink = SmtpSink::start();
    let check = |to: &str, codes: &[u16]| {
        let answers: Vec<u16> = codes.iter().filter_map(|_| send(&sink, to)).collect();
        assert_eq!(answers, codes, "{to}");
    };
    check("tempfail-once.maria@acme.example", &[451, 250, 250]);
    check("tempfail-once.pedro@acme.example", &[451, 250]);
    check("tempfail-always@acme.example", &[451, 451]);
    check("permfail@acme.example", &[550, 550]);
    check("datatemp-once@acme.example", &[452, 250]);
    check("datatemp-always@acme.example", &[452, 452]);
    check("dataperm@acme.example", &[554]);
    check("maria@acme.example", &[250]);
    assert_eq!(sink.mails().len(), 5);
    let refusals = sink.refusals();
    assert_eq!(refusals.len(), 10);
    assert_eq!(
        refusals[0],
        Refusal {
            to: "tempfail-once.maria@acme.example".to_owned(),
            code: 451
        }
    );
}

#[test]
fn a_login_is_asked_for_and_a_wrong_one_refused() {
    for tls in [SinkTls::Off, SinkTls::StartTls] {
        let login = |password: &str| SinkOptions {
            tls,
            login: Some(("soporte".to_owned(), password.to_owned())),
            ..SinkOptions::default()
        };
        let mut sink = SmtpSink::start_with(login("clave"));
        assert_eq!(send(&sink, "maria@acme.example"), Some(250));
        sink.restart_with(login("otra"));
        assert_eq!(send(&sink, "maria@acme.example"), Some(535));
        assert_eq!(sink.mails().len(), 1);
    }
}

#[test]
fn silence_after_the_dot_keeps_the_mail_or_loses_it() {
    // Enough for the answers before the dot; the one after it never comes.
    let patience = Duration::from_millis(500);
    let mut sink = SmtpSink::start_with(SinkOptions::black_hole());
    assert_eq!(send_within(patience, &sink, "maria@acme.example"), None);
    assert_eq!((sink.dots(), sink.mails().len()), (1, 0));
    sink.restart_with(SinkOptions {
        after_dot: AfterDot::SilentAndKept,
        ..SinkOptions::default()
    });
    assert_eq!(send_within(patience, &sink, "maria@acme.example"), None);
    assert_eq!((sink.dots(), sink.mails().len()), (2, 1));
}

#[test]
fn a_restarted_sink_keeps_its_port_and_its_mails() {
    let mut sink = SmtpSink::start();
    assert_eq!(send(&sink, "maria@acme.example"), Some(250));
    let port = sink.port();
    sink.stop();
    assert_eq!(send(&sink, "maria@acme.example"), None);
    sink.restart();
    assert_eq!(sink.port(), port);
    assert_eq!(send(&sink, "pedro@acme.example"), Some(250));
    let to: Vec<String> = sink.mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to, ["maria@acme.example", "pedro@acme.example"]);
}

// --- Mails, ports, processes -----------------------------------------------------------------------

#[test]
fn a_sample_mail_reads_as_it_was_written() {
    let mail = Mail::from("maria@acme.example")
        .name("María Pérez Núñez")
        .cc("jefe@acme.example")
        .subject("Nómina: no cuadra el cálculo del ISR de la segunda quincena de noviembre")
        .text("¿Me ayudan?\n")
        .html("<p>¿Me ayudan?</p>\n")
        .in_reply_to("uno@grupostaff.com")
        .header("Auto-Submitted", "no")
        .attachment("captura.png", "image/png", 10_000);
    let raw = mail.build();
    let read = mail_parser::MessageParser::default()
        .parse(&raw)
        .expect("a mail");
    let from = read
        .from()
        .and_then(|from| from.first())
        .expect("one sender");
    assert_eq!(from.name(), Some("María Pérez Núñez"));
    assert_eq!(from.address(), Some("maria@acme.example"));
    assert_eq!(
        read.subject(),
        Some("Nómina: no cuadra el cálculo del ISR de la segunda quincena de noviembre")
    );
    assert_eq!(read.message_id(), Some(mail.id().as_str()));
    assert_eq!(read.in_reply_to().as_text(), Some("uno@grupostaff.com"));
    assert_eq!(read.body_text(0).as_deref(), Some("¿Me ayudan?"));
    assert_eq!(read.body_html(0).as_deref(), Some("<p>¿Me ayudan?</p>"));
    assert_eq!(
        read.attachment(0).map(|part| part.contents().len()),
        Some(10_000)
    );
    assert_eq!(
        read.header_raw("Authentication-Results").map(str::trim),
        Some(
            "mx.grupostaff.com;\r\n\tspf=pass smtp.mailfrom=acme.example;\r\n\t\
             dkim=pass header.d=acme.example;\r\n\tdmarc=pass header.from=acme.example"
        )
    );
    assert!(
        raw.split(|byte| *byte == b'\n')
            .all(|line| line.len() <= 100),
        "a line is too long"
    );
}

#[test]
fn the_verdict_on_a_sample_mail_can_be_chosen() {
    let mail = Mail::from("maria@acme.example");
    let check = |mail: Mail, word: Option<&str>| {
        let raw = String::from_utf8(mail.build()).expect("text");
        match word {
            Some(word) => assert!(raw.contains(word), "{raw}"),
            None => assert!(!raw.contains("Authentication-Results"), "{raw}"),
        }
    };
    check(mail.clone(), Some("dmarc=pass header.from=acme.example"));
    check(
        mail.clone().forged(),
        Some("dmarc=fail header.from=acme.example"),
    );
    check(
        mail.clone().spf_only(),
        Some("dmarc=none header.from=acme.example"),
    );
    check(mail.without_verdict(), None);
}

#[test]
fn a_claimed_port_is_not_given_twice() {
    let ports: Vec<Port> = (0..20).map(|_| Port::free()).collect();
    let mut numbers: Vec<u16> = ports.iter().map(Port::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), ports.len());
}

#[test]
fn what_a_guarded_process_started_dies_with_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let note = folder.path().join("pid");
    let mut parent = Guarded::spawn(
        Command::new("/bin/sh")
            .arg("-c")
            .arg("tail -f /dev/null & echo $! > \"$0\"; wait")
            .arg(&note)
            .stdin(Stdio::null()),
    );
    let child = wait_until("the child is known", SERVER_PATIENCE, || {
        let text = fs::read_to_string(&note).ok()?;
        text.trim().parse::<u32>().ok()
    });
    assert!(alive(child));
    assert!(parent.ended().is_none());
    drop(parent);
    wait_until("the child is dead", SERVER_PATIENCE, || {
        (!alive(child)).then_some(())
    });
}

/// Whether a process runs; one that nobody has buried yet does not.
fn alive(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z ") && !stat.contains(") X "))
}

#[test]
fn an_installation_s_files_say_what_was_built() {
    let mut sink = SmtpSink::start();
    sink.stop();
    let daemon = Config::new()
        .smtp_to(&sink)
        .set("inbound.idle", false)
        .consultant("Luis Gómez", "luis@grupostaff.com", 2)
        .install();
    let text = fs::read_to_string(daemon.config()).expect("a file");
    let table: toml::Table = text.parse().expect("TOML");
    assert_eq!(table["inbound"]["idle"].as_bool(), Some(false));
    assert_eq!(table["inbound"]["kind"].as_str(), Some("maildir"));
    assert_eq!(
        table["outbound"]["port"].as_integer(),
        Some(i64::from(sink.port()))
    );
    assert!(table["outbound"].get("path").is_none());
    assert_eq!(table["consultants"].as_array().map(Vec::len), Some(2));
    assert!(daemon.sent().is_empty());
}
