//! The IMAP mailbox against a server that does what its script says.
//!
//! A script is text, one step a line:
//! - `S: ` the server says the rest; `$` at its start is the tag of the last command. Lines
//!   that follow each other go out in one write.
//! - `D: ` the same, dribbled byte by byte.
//! - `C: ` the client must send exactly this command (its tag left out); `C  ` without a tag.
//! - `T: ` TLS begins.
//! - `X: ` the server hangs up.
//!
//! After its last step the server stays silent until the client goes; whatever it still says is
//! a failure, unless it is `DONE`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rcgen::generate_simple_self_signed;
use secrecy::SecretString;
use soported::config::settings::{Login, Server, Tls};
use soported::imap::{ImapMailbox, Timeouts};
use soported::ports::{Clock, Fetched, Mailbox, MailboxError, Woken};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

const GREETED: &str = "S: * OK IMAP4rev1 ready\n";
const LOGGED_IN: &str = "S: * OK IMAP4rev1 ready
C: LOGIN \"soporte@x.mx\" \"se\\\"creto\"
S: $ OK in
";
const OPENED: &str = "S: * OK IMAP4rev1 ready
C: LOGIN \"soporte@x.mx\" \"se\\\"creto\"
S: $ OK [CAPABILITY IMAP4rev1 IDLE MOVE] in
C: SELECT \"INBOX\"
S: * FLAGS (\\Seen)
S: * NO a warning, and no more than that
S: * 3 EXISTS
S: * 0 RECENT
S: * OK [UIDVALIDITY 77] valid
S: $ OK [READ-WRITE] selected
";
const SIZES_7_TO_9: &str = "C: UID FETCH 7:9 (UID RFC822.SIZE INTERNALDATE)
S: * 1 FETCH (UID 7 RFC822.SIZE 3 INTERNALDATE \" 5-Nov-2026 09:15:00 -0600\")
S: * 2 FETCH (UID 8 RFC822.SIZE 4 INTERNALDATE \"15-Nov-2026 09:15:00 +0000\")
S: * 3 FETCH (INTERNALDATE \"15-Nov-2026 09:16:00 +0000\" UID 9 RFC822.SIZE 5)
S: $ OK done
";

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The server's side of a test.
struct Scripted {
    port: u16,
    ca_file: PathBuf,
    task: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Scripted {
    /// Plays one script for each connection, in turn.
    async fn play(scripts: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let ca_file = folder.path().join("ca.pem");
        let certified = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&ca_file, certified.cert.pem()).unwrap();
        let key = certified.signing_key.serialize_der().try_into().unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let scripts: Vec<String> = scripts.iter().map(|script| (*script).to_owned()).collect();
        let task = tokio::spawn(async move {
            for script in scripts {
                let (socket, _) = listener.accept().await.unwrap();
                socket.set_nodelay(true).unwrap();
                converse(Box::new(socket), &script, &acceptor).await;
            }
        });
        Self {
            port,
            ca_file,
            task,
            _folder: folder,
        }
    }

    fn server(&self, tls: Tls) -> Server {
        Server {
            host: "localhost".to_owned(),
            port: self.port,
            tls,
            ca_file: (tls != Tls::None).then(|| self.ca_file.clone()),
        }
    }

    fn mailbox(&self) -> ImapMailbox {
        mailbox_on(self.server(Tls::None), "se\"creto", None)
    }

    /// The client goes; then the whole script must have been played.
    async fn finish(self, mailbox: ImapMailbox) {
        drop(mailbox);
        self.task.await.unwrap();
    }
}

async fn converse(stream: Box<dyn Stream>, script: &str, acceptor: &TlsAcceptor) {
    let mut stream = BufReader::new(stream);
    let mut tag = String::new();
    let mut pending = String::new();
    for step in script.lines() {
        let (kind, rest) = step.split_at(3);
        let rest = match rest.strip_prefix('$') {
            Some(words) => format!("{tag}{words}\r\n"),
            None => format!("{rest}\r\n"),
        };
        if kind == "S: " {
            pending.push_str(&rest);
            continue;
        }
        say(&mut stream, &std::mem::take(&mut pending)).await;
        match kind {
            "D: " => {
                for byte in rest.chars() {
                    say(&mut stream, &byte.to_string()).await;
                    tokio::task::yield_now().await;
                }
            }
            "C: " | "C  " => {
                let mut line = String::new();
                stream.read_line(&mut line).await.unwrap();
                let mut command = line.as_str();
                if kind == "C: " {
                    let (theirs, words) = line.split_once(' ').unwrap_or((&line, ""));
                    theirs.clone_into(&mut tag);
                    command = words;
                }
                assert_eq!(command, rest, "what the client sent");
            }
            "T: " => {
                let plain = stream.into_inner();
                let Ok(encrypted) = acceptor.accept(plain).await else {
                    return;
                };
                stream = BufReader::new(Box::new(encrypted));
            }
            "X: " => return,
            other => panic!("no such step: {other:?}"),
        }
    }
    say(&mut stream, &pending).await;
    let mut more = String::new();
    // A client that goes may do so without TLS's farewell.
    while stream.read_line(&mut more).await.is_ok_and(|read| read > 0) {
        assert_eq!(more, "DONE\r\n", "beyond the script");
        more.clear();
    }
}

/// A client that has gone already is no failure of the script.
async fn say(stream: &mut BufReader<Box<dyn Stream>>, words: &str) {
    let _ = stream.write_all(words.as_bytes()).await;
    let _ = stream.flush().await;
}

struct Noon;
impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        at("2026-11-20T12:00:00Z")
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn mailbox_on(server: Server, password: &str, processed: Option<&str>) -> ImapMailbox {
    let login = Login {
        username: "soporte@x.mx".to_owned(),
        password: SecretString::from(password),
    };
    let processed = processed.map(str::to_owned);
    let inbox = "INBOX".to_owned();
    ImapMailbox::new(server, login, inbox, processed, true, 1_000, Arc::new(Noon))
}

/// Timeouts for a step that is expected to fail by silence.
fn impatient() -> Timeouts {
    let soon = Duration::from_millis(300);
    Timeouts {
        greeting: soon,
        handshake: soon,
        response: soon,
        idle_start: soon,
        idle_finish: soon,
        ..Timeouts::default()
    }
}

fn locators(uids: &[u32]) -> Vec<String> {
    uids.iter().map(u32::to_string).collect()
}

/// Fetches `uids` with room for all, and answers the result with what the sink was given.
async fn fetch(
    mailbox: &mut ImapMailbox,
    uids: &[u32],
) -> (Result<usize, MailboxError>, Vec<Fetched>) {
    let mut mails = Vec::new();
    let result = mailbox
        .fetch(&locators(uids), 1_000_000, &mut |mail| mails.push(mail))
        .await;
    (result, mails)
}

fn bodies(mails: &[Fetched]) -> Vec<(&str, &str)> {
    mails
        .iter()
        .map(|mail| {
            let raw = std::str::from_utf8(&mail.raw).unwrap();
            (mail.locator.as_str(), raw)
        })
        .collect()
}

/// What sort of error it is, for tables.
fn sort<T>(result: &Result<T, MailboxError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(MailboxError::Authentication(_)) => "authentication",
        Err(MailboxError::Unreachable(_)) => "unreachable",
        Err(MailboxError::Refused(_)) => "refused",
    }
}

#[tokio::test]
async fn opening_logs_in_selects_and_tells_the_epoch() {
    let server = Scripted::play(&[OPENED]).await;
    let mut mailbox = server.mailbox();
    assert_eq!(mailbox.open().await.unwrap().epoch, 77);
    server.finish(mailbox).await;
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_in_is_told_by_its_sort() {
    let check = async |script: &str, wanted: &str| {
        let server = Scripted::play(&[script]).await;
        let mut mailbox = server.mailbox();
        let opened = mailbox.open().await;
        assert_eq!(sort(&opened), wanted, "{opened:?} for\n{script}");
        server.finish(mailbox).await;
    };
    let login = |answer: &str| {
        let command = "C: LOGIN \"soporte@x.mx\" \"se\\\"creto\"";
        format!("{GREETED}{command}\n{answer}\n")
    };
    let select = |answer: &str| format!("{LOGGED_IN}C: SELECT \"INBOX\"\n{answer}\n");

    check("X: ", "unreachable").await;
    check("S: * BYE overloaded", "unreachable").await;
    check("S: * PREAUTH welcome, whoever", "refused").await;
    check("S: HTTP/1.1 400 Bad Request", "refused").await;

    check(&login("S: $ NO login failed"), "authentication").await;
    check(
        &login("S: $ NO [AUTHENTICATIONFAILED] wrong"),
        "authentication",
    )
    .await;
    check(&login("S: $ NO [UNAVAILABLE] try later"), "unreachable").await;
    check(&login("S: $ NO [INUSE] locked"), "unreachable").await;
    check(&login("S: $ NO [PRIVACYREQUIRED] TLS"), "refused").await;
    check(&login("S: $ BAD what?"), "refused").await;
    check(&login("S: * BYE too many\nX: "), "unreachable").await;
    check(&login("X: "), "unreachable").await;

    check(&select("X: "), "unreachable").await;
    check(&select("S: $ NO no such folder"), "refused").await;
    check(&select("S: * 3 EXISTS\nS: $ OK done"), "refused").await;
    check(
        &select("S: * OK [UIDVALIDITY 0] odd\nS: $ OK done"),
        "refused",
    )
    .await;
}

#[tokio::test]
async fn a_greeting_that_does_not_come_ends_the_attempt() {
    let server = Scripted::play(&[""]).await;
    let mut mailbox = server.mailbox().with_timeouts(impatient());
    assert_eq!(sort(&mailbox.open().await), "unreachable");
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_password_beyond_ascii_goes_by_authenticate_plain() {
    let script = "S: * OK Waiting for authentication process to respond..
S: * OK ready
C: AUTHENTICATE PLAIN
S: + 
C  AHNvcG9ydGVAeC5teABjb250cmFzZcOxYQ==
S: $ NO [AUTHENTICATIONFAILED] wrong
";
    let server = Scripted::play(&[script]).await;
    let mut mailbox = mailbox_on(server.server(Tls::None), "contraseña", None);
    assert_eq!(sort(&mailbox.open().await), "authentication");
    server.finish(mailbox).await;
}

#[tokio::test]
async fn without_tls_only_loopback_is_spoken_to() {
    let server = Server {
        host: "192.0.2.1".to_owned(),
        port: 143,
        tls: Tls::None,
        ca_file: None,
    };
    let mut mailbox = mailbox_on(server, "x", None);
    assert_eq!(sort(&mailbox.open().await), "refused");
}

#[tokio::test]
async fn implicit_tls_and_starttls_lead_into_the_mailbox() {
    let check = async |tls: Tls, before: &str| {
        let script = format!(
            "{before}T: \n{}",
            match tls {
                Tls::StartTls => OPENED.strip_prefix("S: * OK IMAP4rev1 ready\n").unwrap(),
                _ => OPENED,
            }
        );
        let server = Scripted::play(&[&script]).await;
        let mut mailbox = mailbox_on(server.server(tls), "se\"creto", None);
        assert_eq!(mailbox.open().await.unwrap().epoch, 77);
        server.finish(mailbox).await;
    };
    check(Tls::Implicit, "").await;
    check(
        Tls::StartTls,
        &format!("{GREETED}C: STARTTLS\nS: $ OK begin\n"),
    )
    .await;
    // What was said in clear text after the OK is not taken for the server's word.
    check(
        Tls::StartTls,
        &format!("{GREETED}C: STARTTLS\nS: $ OK begin\nS: * BYE injected\n"),
    )
    .await;
}

#[tokio::test]
async fn no_password_is_sent_where_starttls_is_not_to_be_had() {
    let check = async |script: &str, wanted: &str| {
        let server = Scripted::play(&[script]).await;
        let mut mailbox = mailbox_on(server.server(Tls::StartTls), "se\"creto", None);
        let opened = mailbox.open().await;
        assert_eq!(sort(&opened), wanted, "{opened:?} for\n{script}");
        server.finish(mailbox).await;
    };
    check(
        &format!("{GREETED}C: STARTTLS\nS: $ BAD unknown command"),
        "refused",
    )
    .await;
    check(&format!("{GREETED}C: STARTTLS\nS: $ NO not now"), "refused").await;
    check("S: * PREAUTH no need", "refused").await;
}

#[tokio::test]
async fn a_certificate_of_nobody_we_know_ends_the_attempt() {
    let server = Scripted::play(&["T: "]).await;
    let mut unknown = server.server(Tls::Implicit);
    unknown.ca_file = None;
    let mut mailbox = mailbox_on(unknown, "x", None);
    assert_eq!(sort(&mailbox.open().await), "unreachable");
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_search_names_only_mail_after_the_cursor_in_order() {
    let check = async |cursor: u32, dialogue: &str, wanted: &[u32]| {
        let server = Scripted::play(&[&format!("{OPENED}{dialogue}")]).await;
        let mut mailbox = server.mailbox();
        mailbox.open().await.unwrap();
        let found = mailbox.after(cursor).await.unwrap();
        assert_eq!(found, locators(wanted), "after {cursor}:\n{dialogue}");
        server.finish(mailbox).await;
    };
    check(
        0,
        "C: UID SEARCH UID 1:*\nS: * SEARCH 9 7 8 \nS: $ OK done",
        &[7, 8, 9],
    )
    .await;
    // n:* names the last mail even where that is older.
    check(
        9,
        "C: UID SEARCH UID 10:*\nS: * SEARCH 9\nS: $ OK done",
        &[],
    )
    .await;
    check(9, "C: UID SEARCH UID 10:*\nS: $ OK done", &[]).await;
    check(
        6,
        "C: UID SEARCH UID 7:*\nS: * 4 EXISTS\nS: * SEARCH 8\nS: * SEARCH 7 8\n\
         S: * 1 FETCH (FLAGS (\\Seen))\nS: $ OK done",
        &[7, 8],
    )
    .await;
    check(u32::MAX, "", &[]).await;
}

#[tokio::test]
async fn a_search_since_a_day_writes_it_as_imap_does() {
    let dialogue = "C: UID SEARCH SINCE 5-Nov-2026\nS: * SEARCH 3 2\nS: $ OK done";
    let server = Scripted::play(&[&format!("{OPENED}{dialogue}")]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let day = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
    assert_eq!(mailbox.since(day).await.unwrap(), locators(&[2, 3]));
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_search_that_fails_is_never_an_empty_mailbox() {
    let check = async |answer: &str, wanted: &str| {
        let script = format!("{OPENED}C: UID SEARCH UID 1:*\n{answer}");
        let server = Scripted::play(&[&script]).await;
        let mut mailbox = server.mailbox();
        mailbox.open().await.unwrap();
        let found = mailbox.after(0).await;
        assert_eq!(sort(&found), wanted, "{found:?} for {answer}");
        let next = mailbox.after(0).await;
        assert_eq!(sort(&next), "unreachable", "the session is over");
        server.finish(mailbox).await;
    };
    check("S: $ NO not now", "refused").await;
    check("S: $ BAD what?", "refused").await;
    check("S: $ NO [UNAVAILABLE] not now", "unreachable").await;
    check("X: ", "unreachable").await;
    check("S: * SEARCH 7\nX: ", "unreachable").await;
    check("S: * BYE going down\nS: $ OK done", "unreachable").await;
    check("S: S99 OK somebody else's\nX: ", "unreachable").await;
    check("S: * OK [UIDVALIDITY 78] new\nS: $ OK done", "unreachable").await;
    check("S: + go on\nS: $ OK done", "refused").await;
}

#[tokio::test]
async fn mails_arrive_with_their_receipt_times() {
    let script = format!(
        "{OPENED}{SIZES_7_TO_9}C: UID FETCH 7:9 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] {{3}}
S: uno)
S: * 4 EXISTS
S: * 2 FETCH (FLAGS (\\Seen))
D: * 2 FETCH (UID 8 FLAGS (\\Seen) BODY[] {{4}}
D: a	bc)
S: * 3 FETCH (UID 9 FLAGS (\\Seen))
S: * 9 FETCH (UID 99 BODY[] {{4}}
S: what)
S: * 3 FETCH (BODY[] \"cinco\" UID 9)
S: * 3 FETCH (BODY[] \"again\" UID 9)
S: $ OK done
"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let (result, mails) = fetch(&mut mailbox, &[7, 8, 9]).await;
    assert_eq!(result.unwrap(), 3);
    assert_eq!(
        bodies(&mails),
        [("7", "uno"), ("8", "a\tbc"), ("9", "cinco")]
    );
    let times: Vec<DateTime<Utc>> = mails.iter().map(|mail| mail.received_at).collect();
    let wanted = [
        at("2026-11-05T15:15:00Z"),
        at("2026-11-15T09:15:00Z"),
        at("2026-11-15T09:16:00Z"),
    ];
    assert_eq!(times, wanted);
    assert!(mails.iter().all(|mail| mail.omitted_bytes.is_none()));
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_fetch_cut_short_is_an_error_and_not_a_shorter_answer() {
    let check = async |end: &str, wanted: &str| {
        let script = format!(
            "{OPENED}{SIZES_7_TO_9}C: UID FETCH 7:9 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] {{3}}
S: uno)
S: * 2 FETCH (UID 8 BODY[] {{4}}
S: dos.)
{end}"
        );
        let server = Scripted::play(&[&script]).await;
        let mut mailbox = server.mailbox().with_timeouts(Timeouts {
            response: Duration::from_millis(500),
            ..Timeouts::default()
        });
        mailbox.open().await.unwrap();
        let (result, mails) = fetch(&mut mailbox, &[7, 8, 9]).await;
        assert_eq!(sort(&result), wanted, "{result:?} for {end}");
        assert_eq!(bodies(&mails), [("7", "uno"), ("8", "dos.")]);
        server.finish(mailbox).await;
    };
    check("X: ", "unreachable").await;
    check("S: * BYE going down\nX: ", "unreachable").await;
    check("S: $ NO some are missing", "refused").await;
    check("S: $ BAD what?", "refused").await;
    check("S: * 3 FETCH (UID 9 BODY[] {5}\nS: c\nX: ", "unreachable").await;
    check("S: * 3 FETCH )(", "refused").await;
    check("", "unreachable").await;
}

#[tokio::test]
async fn mail_that_is_gone_is_dealt_with_and_left_out() {
    // 7 is NIL, 8 vanishes between sizes and bodies, 9 is empty, 10 was gone before.
    let script = format!(
        "{OPENED}C: UID FETCH 7:10 (UID RFC822.SIZE INTERNALDATE)
S: * 1 FETCH (UID 7 RFC822.SIZE 3)
S: * 2 FETCH (UID 8 RFC822.SIZE 3 INTERNALDATE \"once upon a time it was\")
S: * 3 FETCH (UID 9 RFC822.SIZE 0)
S: $ OK done
C: UID FETCH 7:9 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] NIL)
S: * 3 FETCH (UID 9 BODY[] \"\")
S: $ OK [EXPUNGEISSUED] done
"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let (result, mails) = fetch(&mut mailbox, &[7, 8, 9, 10]).await;
    assert_eq!(result.unwrap(), 4);
    assert_eq!(bodies(&mails), [("9", "")]);
    assert_eq!(
        mails[0].received_at,
        Noon.now(),
        "no INTERNALDATE: the clock's time"
    );
    server.finish(mailbox).await;
}

#[tokio::test]
async fn only_as_much_is_fetched_as_the_batch_holds() {
    let script = format!(
        "{OPENED}{SIZES_7_TO_9}C: UID FETCH 7:8 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] {{3}}
S: uno)
S: * 2 FETCH (UID 8 BODY[] {{4}}
S: dos.)
S: $ OK done
C: UID FETCH 9 (UID BODY.PEEK[])
S: * 3 FETCH (UID 9 BODY[] {{5}}
S: tres.)
S: $ OK done
"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let mut mails = Vec::new();
    let all = locators(&[7, 8, 9]);
    let mut keep = |mail| mails.push(mail);
    assert_eq!(mailbox.fetch(&all, 7, &mut keep).await.unwrap(), 2);
    // A mail bigger than the batch still comes, and its size is not asked for twice.
    assert_eq!(mailbox.fetch(&all[2..], 1, &mut keep).await.unwrap(), 1);
    assert_eq!(mailbox.fetch(&[], 7, &mut keep).await.unwrap(), 0);
    assert_eq!(
        bodies(&mails),
        [("7", "uno"), ("8", "dos."), ("9", "tres.")]
    );
    server.finish(mailbox).await;
}

#[tokio::test]
async fn of_an_oversize_mail_only_the_beginning_is_asked_for() {
    let script = format!(
        "{OPENED}C: UID FETCH 7:8 (UID RFC822.SIZE INTERNALDATE)
S: * 1 FETCH (UID 7 RFC822.SIZE 3 INTERNALDATE \"15-Nov-2026 09:15:00 +0000\")
S: * 2 FETCH (UID 8 RFC822.SIZE 419430400 INTERNALDATE \"15-Nov-2026 09:15:00 +0000\")
S: $ OK done
C: UID FETCH 7 (UID BODY.PEEK[])
S: * 1 FETCH (UID 7 BODY[] {{3}}
S: uno)
S: $ OK done
C: UID FETCH 8 (UID BODY.PEEK[]<0.262144>)
S: * 2 FETCH (UID 8 BODY[]<0> {{10}}
S: Subject: x)
S: $ OK done
"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let (result, first) = fetch(&mut mailbox, &[7, 8]).await;
    assert_eq!(result.unwrap(), 1);
    assert_eq!(bodies(&first), [("7", "uno")]);
    let (result, mails) = fetch(&mut mailbox, &[8]).await;
    assert_eq!(result.unwrap(), 1);
    assert_eq!(bodies(&mails), [("8", "Subject: x")]);
    assert_eq!(mails[0].omitted_bytes, Some(419_430_390));
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_mail_without_a_size_is_not_fetched_blindly() {
    let script = format!(
        "{OPENED}C: UID FETCH 7 (UID RFC822.SIZE INTERNALDATE)
S: * 1 FETCH (UID 7 INTERNALDATE \"15-Nov-2026 09:15:00 +0000\")
S: $ OK done
"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let (result, mails) = fetch(&mut mailbox, &[7]).await;
    assert_eq!((sort(&result), mails.len()), ("refused", 0));
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_locator_that_is_no_uid_never_reaches_the_server() {
    let server = Scripted::play(&[OPENED]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let hostile = ["1\r\nX DELETE INBOX".to_owned()];
    let result = mailbox.fetch(&hostile, 1, &mut |_| {}).await;
    assert_eq!(sort(&result), "refused");
    server.finish(mailbox).await;
}

#[tokio::test]
async fn opening_again_asks_for_news_on_the_same_connection_or_makes_a_new_one() {
    let kept = format!("{OPENED}C: NOOP\nS: * 4 EXISTS\nS: $ OK done\nC: NOOP\nX: ");
    let anew = OPENED.replace("77", "78");
    let server = Scripted::play(&[&kept, &anew]).await;
    let mut mailbox = server.mailbox();
    assert_eq!(mailbox.open().await.unwrap().epoch, 77);
    assert_eq!(mailbox.open().await.unwrap().epoch, 77);
    let woken = mailbox.wait(Duration::from_secs(600)).await.unwrap();
    assert_eq!(woken, Woken::News, "the NOOP told of a fourth mail");
    assert_eq!(mailbox.open().await.unwrap().epoch, 78);
    server.finish(mailbox).await;
}

#[tokio::test]
async fn settling_moves_and_creates_the_folder_once() {
    let check = async |dialogue: &str, wanted: &str| {
        let server = Scripted::play(&[&format!("{OPENED}{dialogue}")]).await;
        let processed = Some("Atención & más");
        let mut mailbox = mailbox_on(server.server(Tls::None), "se\"creto", processed);
        mailbox.open().await.unwrap();
        let settled = mailbox.settle(&locators(&[7, 8, 9, 12])).await;
        assert_eq!(sort(&settled), wanted, "{settled:?} for\n{dialogue}");
        server.finish(mailbox).await;
    };
    let folder = "\"Atenci&APM-n &- m&AOE-s\"";
    let move_it = format!("C: UID MOVE 7:9,12 {folder}\n");
    let moved = "S: * OK [COPYUID 5 7:8 1:2] moved\nS: * 1 EXPUNGE\nS: $ OK done\n";
    let missing = "S: $ NO [TRYCREATE] no such folder\n";
    let create = format!("C: CREATE {folder}\n");
    let copy = format!(
        "C: UID COPY 7:9,12 {folder}\nS: $ OK done
C: UID STORE 7:9,12 +FLAGS.SILENT (\\Deleted)\nS: $ OK done
C: UID EXPUNGE 7:9,12\n"
    );

    check(&format!("{move_it}{moved}"), "ok").await;
    check(
        &format!("{move_it}{missing}{create}S: $ OK done\n{move_it}{moved}"),
        "ok",
    )
    .await;
    check(
        &format!("{move_it}{missing}{create}S: $ NO [ALREADYEXISTS] x\n{move_it}{moved}"),
        "ok",
    )
    .await;
    check(
        &format!("{move_it}{missing}{create}S: $ OK done\n{move_it}{missing}"),
        "refused",
    )
    .await;
    check(&format!("{move_it}{missing}{create}S: $ NO x\n"), "refused").await;
    check(
        &format!("{move_it}S: $ BAD unknown\n{copy}S: $ OK done"),
        "ok",
    )
    .await;
    check(
        &format!("{move_it}S: $ BAD unknown\n{copy}S: $ BAD x"),
        "refused",
    )
    .await;
    check(&format!("{move_it}X: "), "unreachable").await;
}

#[tokio::test]
async fn without_a_folder_for_it_settling_touches_nothing() {
    let server = Scripted::play(&[OPENED]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    mailbox.settle(&locators(&[7])).await.unwrap();
    server.finish(mailbox).await;
}

#[tokio::test]
async fn waiting_ends_with_news_with_time_or_with_the_connection() {
    let check = async |dialogue: &str, limit_ms: u64, wanted: Result<Woken, &str>| {
        let server = Scripted::play(&[&format!("{OPENED}{dialogue}")]).await;
        let mut mailbox = server.mailbox().with_timeouts(impatient());
        mailbox.open().await.unwrap();
        let result = mailbox.wait(Duration::from_millis(limit_ms)).await;
        let sorted = result
            .as_ref()
            .map(|woken| *woken)
            .map_err(|_| sort(&result));
        assert_eq!(sorted, wanted, "{result:?} for\n{dialogue}");
        server.finish(mailbox).await;
    };
    let long = 600_000;
    let news = "S: * 4 EXISTS\nC  DONE\nS: $ OK done";
    check(
        &format!("C: IDLE\nS: + idling\n{news}"),
        long,
        Ok(Woken::News),
    )
    .await;
    // Told before the server said that it idles.
    check(
        "C: IDLE\nS: * 4 EXISTS\nS: + idling\nC  DONE\nS: $ OK done",
        long,
        Ok(Woken::News),
    )
    .await;
    // None of these is a new mail; one that takes the place of an expunged one is.
    let noise = "S: * OK Still here\nS: * 3 EXISTS\nS: * 0 RECENT\nS: * 1 FETCH (FLAGS (\\Seen))";
    check(
        &format!(
            "C: IDLE\nS: + idling\n{noise}\nS: * 1 EXPUNGE\nS: * 3 EXISTS\nC  DONE\nS: $ OK x"
        ),
        long,
        Ok(Woken::News),
    )
    .await;
    check(
        &format!("C: IDLE\nS: + idling\n{noise}\nC  DONE\nS: $ OK done"),
        40,
        Ok(Woken::TimeUp),
    )
    .await;
    check("C: IDLE\nS: $ NO not here", 40, Ok(Woken::TimeUp)).await;
    check("C: IDLE\nS: $ BAD what?", 40, Ok(Woken::TimeUp)).await;
    check(
        "C: IDLE\nS: + idling\nS: $ OK enough",
        40,
        Ok(Woken::TimeUp),
    )
    .await;
    check("C: IDLE", long, Err("unreachable")).await;
    check("C: IDLE\nS: + idling\nC  DONE", 40, Err("unreachable")).await;
    check("C: IDLE\nS: + idling\nX: ", long, Err("unreachable")).await;
    check(
        "C: IDLE\nS: + idling\nS: * BYE timeout\nX: ",
        long,
        Err("unreachable"),
    )
    .await;
}

#[tokio::test]
async fn a_server_that_declined_idle_is_not_asked_again() {
    let script = format!(
        "{OPENED}C: IDLE\nS: $ NO not here\nC: UID SEARCH UID 1:*\nS: * SEARCH\nS: $ OK done"
    );
    let server = Scripted::play(&[&script]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let limit = Duration::from_millis(20);
    assert_eq!(mailbox.wait(limit).await.unwrap(), Woken::TimeUp);
    assert_eq!(mailbox.wait(limit).await.unwrap(), Woken::TimeUp);
    assert!(mailbox.after(0).await.unwrap().is_empty());
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_long_wait_issues_idle_anew() {
    let issue = "C: IDLE\nS: + idling\nC  DONE\nS: $ OK done\n";
    let news = "C: IDLE\nS: + idling\nS: * 4 EXISTS\nC  DONE\nS: $ OK done";
    let server = Scripted::play(&[&format!("{OPENED}{issue}{issue}{news}")]).await;
    let mut mailbox = server.mailbox().with_timeouts(Timeouts {
        idle_issue: Duration::from_millis(50),
        ..Timeouts::default()
    });
    mailbox.open().await.unwrap();
    let woken = mailbox.wait(Duration::from_secs(600)).await.unwrap();
    assert_eq!(woken, Woken::News);
    server.finish(mailbox).await;
}

#[tokio::test]
async fn a_wait_given_up_half_way_leaves_no_session_behind() {
    let script = format!("{OPENED}C: IDLE\nS: + idling");
    let server = Scripted::play(&[&script, OPENED]).await;
    let mut mailbox = server.mailbox();
    mailbox.open().await.unwrap();
    let wait = mailbox.wait(Duration::from_secs(600));
    let given_up = tokio::time::timeout(Duration::from_millis(30), wait).await;
    assert!(given_up.is_err());
    assert_eq!(sort(&mailbox.after(0).await), "unreachable");
    assert_eq!(mailbox.open().await.unwrap().epoch, 77);
    server.finish(mailbox).await;
}

#[test]
fn a_ca_file_without_a_readable_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let check = |content: Option<&str>, wanted: bool| {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let made = soported::tls::client_config(Some(&path));
        assert_eq!(made.is_ok(), wanted, "{content:?}");
    };
    let certified = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    check(None, false);
    check(Some(""), false);
    check(Some("not PEM at all"), false);
    check(
        Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        false,
    );
    check(Some(&certified.cert.pem()), true);
    check(Some(&certified.cert.pem().repeat(2)), true);
}
