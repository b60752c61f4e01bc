//! Maildir at both ends.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, NaiveDate, Utc};
use soported::domain::address::Address;
use soported::mail::received::receipt_time;
use soported::maildir::{MaildirMailbox, MaildirTransport};
use soported::ports::{
    Clock, Envelope, Fetched, Handover, Mailbox, MailboxError, Transport, TroubleScope, Woken,
};
use tempfile::TempDir;

const NOON: &str = "2026-03-02T12:00:00Z";
const PLENTY: usize = 1 << 20;

struct Fixed(DateTime<Utc>);

impl Clock for Fixed {
    fn now(&self) -> DateTime<Utc> {
        self.0
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn mailbox(folder: &TempDir) -> MaildirMailbox {
    MaildirMailbox::new(folder.path().join("mail"), 1000, Arc::new(Fixed(at(NOON))))
}

async fn opened(folder: &TempDir) -> MaildirMailbox {
    let mut mailbox = mailbox(folder);
    assert_eq!(mailbox.open().await.unwrap().epoch, 0);
    mailbox
}

/// Puts a mail into `new/`, last changed so many seconds after noon.
fn put(folder: &TempDir, name: &str, content: &[u8], seconds: i64) {
    let path = folder.path().join("mail/new").join(name);
    fs::write(&path, content).unwrap();
    let changed = SystemTime::from(at(NOON) + chrono::Duration::seconds(seconds));
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(changed)
        .unwrap();
}

fn names(folder: &TempDir, below: &str) -> Vec<String> {
    names_in(&folder.path().join("mail").join(below))
}

fn names_in(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn fetched(mailbox: &mut MaildirMailbox, batch_bytes: usize) -> (usize, Vec<Fetched>) {
    let locators = mailbox.after(0).await.unwrap();
    let mut mails = Vec::new();
    let count = mailbox
        .fetch(&locators, batch_bytes, &mut |mail| mails.push(mail))
        .await
        .unwrap();
    (count, mails)
}

#[tokio::test]
async fn opening_makes_the_folders_and_keeps_what_is_there() {
    let folder = TempDir::new().unwrap();
    opened(&folder).await;
    put(&folder, "a", b"x", 0);
    let mut mailbox = opened(&folder).await;
    assert_eq!(names_in(&folder.path().join("mail")), ["cur", "new", "tmp"]);
    assert_eq!(mailbox.after(7).await.unwrap(), ["a"]);

    fs::write(folder.path().join("file"), b"").unwrap();
    let mut no_folder =
        MaildirMailbox::new(folder.path().join("file"), 1000, Arc::new(Fixed(at(NOON))));
    assert!(matches!(
        no_folder.open().await,
        Err(MailboxError::Unreachable(_))
    ));
}

#[tokio::test]
async fn mail_is_listed_oldest_first_and_nothing_else_is() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    put(&folder, "c", b"x", 0);
    put(&folder, "b:2,S", b"x", 1);
    put(&folder, "a", b"x", 1);
    put(&folder, "d", b"x", -9);
    put(&folder, ".hidden", b"x", 0);
    fs::create_dir(folder.path().join("mail/new/folder")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("mail/new/link")).unwrap();
    fs::write(folder.path().join("mail/cur/read:2,S"), b"x").unwrap();
    fs::write(folder.path().join("mail/tmp/half"), b"x").unwrap();
    assert_eq!(mailbox.after(0).await.unwrap(), ["d", "c", "a", "b"]);
    let day = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    assert!(mailbox.since(day).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_full_folder_is_listed_from_its_oldest_end() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    for i in 0..10_005 {
        fs::write(folder.path().join(format!("mail/new/{i:05}")), b"").unwrap();
    }
    put(&folder, "zz-old", b"x", -100_000_000);
    let listed = mailbox.after(0).await.unwrap();
    assert_eq!((listed.len(), listed[0].as_str()), (10_000, "zz-old"));
}

#[tokio::test]
async fn settled_mail_leaves_for_cur_once() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    put(&folder, "a", b"x", 0);
    put(&folder, "b:2,F", b"x", 0);
    put(&folder, "c", b"x", 0);
    assert_eq!(mailbox.after(0).await.unwrap(), ["a", "b", "c"]);
    let committed = ["a".to_owned(), "b".to_owned(), "gone".to_owned()];
    mailbox.settle(&committed).await.unwrap();
    mailbox.settle(&committed).await.unwrap();
    assert_eq!(names(&folder, "cur"), ["a:2,S", "b:2,S"]);
    assert_eq!(names(&folder, "new"), ["c"]);
    assert_eq!(mailbox.after(0).await.unwrap(), ["c"]);
}

#[tokio::test]
async fn a_batch_stops_after_its_bytes_and_has_at_least_one_mail() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    for name in ["a", "b", "c"] {
        put(&folder, name, &[b'x'; 10], 0);
    }
    for (batch_bytes, wanted) in [(0, 1), (10, 1), (11, 2), (20, 2), (21, 3), (PLENTY, 3)] {
        let (count, mails) = fetched(&mut mailbox, batch_bytes).await;
        assert_eq!((count, mails.len()), (wanted, wanted), "{batch_bytes}");
    }
}

#[tokio::test]
async fn a_mail_that_is_gone_counts_as_dealt_with() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    put(&folder, "b", b"hola", 0);
    let locators = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let mut mails = Vec::new();
    let count = mailbox
        .fetch(&locators, PLENTY, &mut |mail| mails.push(mail))
        .await
        .unwrap();
    assert_eq!(count, 3);
    assert_eq!(
        (mails[0].locator.as_str(), mails[0].raw.as_slice()),
        ("b", &b"hola"[..])
    );
    assert_eq!(mails.len(), 1);
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    fs::create_dir(folder.path().join("mail/new/odd")).unwrap();
    let outcome = mailbox
        .fetch(&["odd".to_owned()], PLENTY, &mut |_| {})
        .await;
    let Err(MailboxError::Refused(text)) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(text.contains("mail/new/odd"), "{text}");
}

#[tokio::test]
async fn of_a_mail_over_the_limit_only_the_beginning_is_read() {
    let folder = TempDir::new().unwrap();
    opened(&folder).await;
    let big = vec![b'x'; 300 * 1024];
    put(&folder, "big", &big, 0);
    for (max_size, kept, omitted) in [
        (300 * 1024, 300 * 1024, None),
        (300 * 1024 - 1, 256 * 1024, Some(44 * 1024)),
        (1000, 1000, Some(300 * 1024 - 1000)),
    ] {
        let path = folder.path().join("mail");
        let mut mailbox = MaildirMailbox::new(path, max_size, Arc::new(Fixed(at(NOON))));
        let (_, mails) = fetched(&mut mailbox, PLENTY).await;
        assert_eq!(
            (mails[0].raw.len(), mails[0].omitted_bytes),
            (kept, omitted),
            "{max_size}"
        );
    }
}

#[tokio::test]
async fn a_mail_was_received_when_its_trace_or_else_its_file_says_but_never_later_than_now() {
    let folder = TempDir::new().unwrap();
    let mut mailbox = opened(&folder).await;
    let trace = |date: &str| format!("Received: from a by b; {date}\r\n\r\nx").into_bytes();
    put(&folder, "1", &trace("Mon, 2 Mar 2026 05:00:00 -0600"), -60);
    put(&folder, "2", &trace("Mon, 2 Mar 2026 13:00:00 +0000"), -50);
    put(&folder, "3", b"Subject: x\r\n\r\nx", -40);
    put(&folder, "4", b"Subject: x\r\n\r\nx", 40);
    let (_, mails) = fetched(&mut mailbox, PLENTY).await;
    let times: Vec<_> = mails.iter().map(|mail| mail.received_at).collect();
    let wanted = ["2026-03-02T11:00:00Z", NOON, "2026-03-02T11:59:20Z", NOON];
    assert_eq!(times, wanted.map(at));
}

#[test]
fn the_receipt_time_is_the_date_of_the_topmost_trace() {
    let check = |raw: &str, wanted: Option<&str>| {
        assert_eq!(receipt_time(raw.as_bytes()), wanted.map(at), "{raw:?}");
    };
    let noon = Some(NOON);
    check(
        "Received: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\n",
        noon,
    );
    check("received: by a; 2 Mar 2026 06:00:00 -0600 (CST)\n\nx", noon);
    check(
        "Return-Path: <>\r\nReceived: by a\r\n (x; y);\r\n\tMon, 02 Mar 2026\r\n 12:00:00 GMT\r\n\r\n",
        noon,
    );
    check(
        "Received: by b; Mon, 2 Mar 2026 12:00:00 +0000\r\n\
         Received: by a; Sun, 1 Mar 2026 12:00:00 +0000\r\n\r\n",
        noon,
    );
    check(
        "Received: by b\r\nReceived: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\n",
        None,
    );
    check("Received: by a; soon\r\n\r\n", None);
    check("Received: by a; 2 Mar 2026 32:00:00 +0000\r\n\r\n", None);
    check(
        "Subject: x\r\n\r\nReceived: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\n",
        None,
    );
    check("Date: Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\n", None);
    check("", None);
    // A head that is cut off, or longer than anything that is read.
    check(
        "Received: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\nSubject: x",
        noon,
    );
    let long = "X-Padding: x\r\n".repeat(10_000);
    check(
        &format!("Received: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\n{long}"),
        noon,
    );
    check(
        &format!("{long}Received: by a; Mon, 2 Mar 2026 12:00:00 +0000\r\n\r\n"),
        None,
    );
}

#[tokio::test]
async fn waiting_is_waiting_out() {
    let folder = TempDir::new().unwrap();
    let before = tokio::time::Instant::now();
    let woken = mailbox(&folder)
        .wait(Duration::from_millis(20))
        .await
        .unwrap();
    assert_eq!(woken, Woken::TimeUp);
    assert!(before.elapsed() >= Duration::from_millis(20));
}

fn envelope() -> Envelope {
    let address = |text| Address::parse(text).unwrap();
    Envelope {
        from: address("a@example.mx"),
        to: address("b@example.mx"),
        envid: None,
    }
}

async fn deliver(transport: &mut MaildirTransport, content: &[u8]) -> String {
    transport.offer(&envelope()).await.unwrap();
    match transport.hand_over(content).await {
        Handover::Sent(text) => text.strip_prefix("delivered to ").unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn delivered_mail_appears_whole_under_names_in_the_order_of_delivery() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mail");
    let mut transport = MaildirTransport::new(path.clone(), "mx/1:a".to_owned());
    let first = deliver(&mut transport, b"hola").await;
    let second = deliver(&mut transport, b"hola").await;
    assert!(first.starts_with("0000000001.P"), "{first}");
    assert!(first.ends_with(".mx\\0571\\072a"), "{first}");
    fs::rename(
        path.join("new").join(&second),
        path.join("cur").join(format!("{second}:2,S")),
    )
    .unwrap();

    // Another run goes on where this one ended, also where the mail has been read.
    let mut transport = MaildirTransport::new(path.clone(), "mx".to_owned());
    let third = deliver(&mut transport, b"adios").await;
    assert!(first < second && second < third, "{first} {second} {third}");
    assert_eq!(names(&folder, "new"), [first, third.clone()]);
    assert_eq!(fs::read(path.join("new").join(third)).unwrap(), b"adios");
    assert!(names(&folder, "tmp").is_empty());
}

#[tokio::test]
async fn what_one_end_delivers_the_other_reads() {
    let folder = TempDir::new().unwrap();
    let mut transport = MaildirTransport::new(folder.path().join("mail"), "mx".to_owned());
    let name = deliver(&mut transport, b"Subject: x\r\n\r\nhola\r\n").await;
    let mut mailbox = opened(&folder).await;
    let (_, mails) = fetched(&mut mailbox, PLENTY).await;
    assert_eq!((mails[0].locator.as_str(), mails.len()), (name.as_str(), 1));
    assert_eq!(mails[0].raw, b"Subject: x\r\n\r\nhola\r\n");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_the_ways_trouble() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("mail");
    let mut transport = MaildirTransport::new(path.clone(), "mx".to_owned());
    transport.offer(&envelope()).await.unwrap();
    fs::remove_dir_all(&path).unwrap();
    let Handover::Retry(trouble) = transport.hand_over(b"hola").await else {
        panic!()
    };
    assert_eq!(trouble.scope, TroubleScope::Connection);

    // A folder in the way of the file's place: written, and not delivered.
    transport.offer(&envelope()).await.unwrap();
    fs::remove_dir(path.join("new")).unwrap();
    fs::write(path.join("new"), b"").unwrap();
    let mut transport = MaildirTransport::new(path.clone(), "mx".to_owned());
    let Err(Handover::Retry(trouble)) = transport.offer(&envelope()).await else {
        panic!()
    };
    assert_eq!(trouble.scope, TroubleScope::Connection);
    assert!(matches!(
        transport.hand_over(b"hola").await,
        Handover::Retry(_)
    ));
    assert!(names(&folder, "tmp").is_empty());
}
