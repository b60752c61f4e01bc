//! How fast a full mailbox becomes tickets, how much memory that takes, and how soon a mail that
//! comes while the service idles is acknowledged. Figures are printed, nothing is asserted.
//!
//! `cargo bench --bench drain`, or with another number of mails `cargo bench --bench drain -- 500`.
//!
//! All of it is real: the release binary, Dovecot over TLS, an SMTP server, files on disk. The
//! drain is timed from the start of the process to the commit that makes the last mail a ticket with
//! its acknowledgement in the outbox; the daemon delivers meanwhile at its usual pace. The reference
//! is a bare client that fetches the same mails, 200 UIDs a command, into nothing. Drains and
//! references take turns, after one fetch that fills Dovecot's indexes and is not timed.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use futures_util::TryStreamExt;
use rusqlite::{Connection, OpenFlags};
use tokio::net::TcpStream;

use world::daemon::{Config, Running};
use world::dovecot::{self, Dovecot};
use world::smtp_sink::SmtpSink;
use world::wait_until;

mod mailbox;
// A world offers more than one bench uses.
#[allow(dead_code)]
#[path = "../it/world/mod.rs"]
mod world;

/// Mails waiting, unless the command line says otherwise.
const MAILS: usize = 5_000;

/// Turns of reference and drain.
const ROUNDS: usize = 3;

/// Single mails delivered for the latency.
const SINGLES: usize = 30;

/// UIDs per FETCH of the reference.
const REFERENCE_SET: u32 = 200;

/// Longest drain waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// How long after the drain its memory is looked at again.
const QUIET: Duration = Duration::from_secs(10);

/// One drain.
struct Drained {
    seconds: f64,
    /// Of the daemon alone; less disturbed by the machine's other work than the seconds.
    cpu_seconds: f64,
    peak_kib: u64,
    later_kib: u64,
}

fn main() {
    // Cargo adds `--bench`.
    let count = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(MAILS);
    let unit = unit_environment();
    let mut server = Dovecot::start();
    let contents = mailbox::fill(&mut server, count);
    bare_fetch(&server);

    println!(
        "{} mails waiting, {:.0} MB, median {:.1} kB, biggest {:.1} MB; over TLS",
        contents.mails,
        contents.bytes as f64 / 1e6,
        contents.median as f64 / 1e3,
        contents.biggest as f64 / 1e6
    );
    println!(
        "                         seconds    mails/s      CPU s   peak MiB   {} s later MiB",
        QUIET.as_secs()
    );
    let (mut references, mut drains) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let seconds = bare_fetch(&server);
        line("bare fetch", count, seconds, None);
        references.push(seconds);
        let drained = drain(&server, count, &unit);
        line("drain", count, drained.seconds, Some(&drained));
        drains.push(drained);
    }
    let bare = drain(&server, count, &[]);
    line("drain, bare environment", count, bare.seconds, Some(&bare));

    let (reference, seconds) = (
        median(references),
        median(drains.iter().map(|drained| drained.seconds).collect()),
    );
    println!(
        "\nratio of the medians     {:.2}   (aim: at most 3)",
        seconds / reference
    );
    let peak = drains
        .iter()
        .map(|drained| drained.peak_kib)
        .max()
        .unwrap_or(0);
    println!(
        "peak memory              {:.1} MiB   (aim: under 64)",
        mib(peak)
    );
    drop(server);
    idle(&unit);
}

fn line(name: &str, count: usize, seconds: f64, drained: Option<&Drained>) {
    print!("{name:<24} {seconds:>7.2} {:>10.0}", count as f64 / seconds);
    if let Some(drained) = drained {
        print!(
            " {:>10.2} {:>10.1} {:>10.1}",
            drained.cpu_seconds,
            mib(drained.peak_kib),
            mib(drained.later_kib)
        );
    }
    println!();
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// The variables that the unit file sets for the service.
fn unit_environment() -> Vec<(String, String)> {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/soported.service");
    fs::read_to_string(unit)
        .expect("the unit file")
        .lines()
        .filter_map(|line| line.strip_prefix("Environment="))
        .flat_map(str::split_whitespace)
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

// --- The reference ---------------------------------------------------------------------------------

/// Fetches all mails and forgets them; answers the seconds from the connection to the last byte.
fn bare_fetch(server: &Dovecot) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let config = soported::tls::client_config(Some(server.ca_file())).expect("a good CA");
        let name = soported::tls::server_name("127.0.0.1").expect("an address");
        let begun = Instant::now();
        let tcp = TcpStream::connect(("127.0.0.1", server.imaps_port()))
            .await
            .expect("IMAPS listens");
        tcp.set_nodelay(true).expect("a TCP socket");
        let stream = tokio_rustls::TlsConnector::from(config)
            .connect(name, tcp)
            .await
            .expect("TLS");
        let mut client = async_imap::Client::new(stream);
        client.read_response().await.expect("a greeting");
        let mut session = client
            .login(dovecot::USER, dovecot::PASSWORD)
            .await
            .map_err(|(error, _)| error)
            .expect("a login");
        let mailbox = session.select("INBOX").await.expect("a mailbox");
        // UIDs of a fresh mailbox count from 1 without gaps.
        let mut seen = 0;
        for first in (1..=mailbox.exists).step_by(REFERENCE_SET as usize) {
            let set = format!("{first}:{}", first + REFERENCE_SET - 1);
            let mut mails = session
                .uid_fetch(set, "BODY.PEEK[]")
                .await
                .expect("a FETCH");
            while let Some(mail) = mails.try_next().await.expect("mails") {
                seen += u32::from(mail.body().is_some());
            }
        }
        assert_eq!(seen, mailbox.exists, "the reference fetched all");
        begun.elapsed().as_secs_f64()
    })
}

// --- The drain -------------------------------------------------------------------------------------

/// Lets a fresh installation read the mailbox.
fn drain(server: &Dovecot, count: usize, environment: &[(String, String)]) -> Drained {
    let sink = SmtpSink::start();
    let config = Config::new().imap_from(server).smtp_to(&sink);
    // The house's own pace, which the world lifts for tests.
    let config = config.unset("outbound.per_minute");
    let mut installation = mailbox::directory(config).install();
    installation.set_environment(environment);

    let begun = Instant::now();
    let daemon = installation.spawn_run();
    let ledger = wait_until("there is a ledger", PATIENCE, || {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        Connection::open_with_flags(installation.database(), flags).ok()
    });
    wait_until("all mails are acknowledged tickets", PATIENCE, || {
        let highest = |table: &str| -> i64 {
            ledger
                .query_row(&format!("SELECT max(id) FROM {table}"), [], |row| {
                    row.get(0)
                })
                .unwrap_or(0)
        };
        (highest("ticket") >= count as i64).then_some(())
    });
    let seconds = begun.elapsed().as_secs_f64();
    let cpu_seconds = cpu_seconds(&daemon);
    let acknowledged: i64 = ledger
        .query_row(
            "SELECT count(DISTINCT ticket_id) FROM outbox WHERE kind = 'acknowledgement'",
            [],
            |row| row.get(0),
        )
        .expect("the outbox");
    assert_eq!(acknowledged, count as i64, "every ticket is acknowledged");
    let peak_kib = memory(&daemon, "VmHWM");
    let drained = Instant::now();
    wait_until("some quiet has passed", QUIET * 2, || {
        (drained.elapsed() > QUIET).then_some(())
    });
    let later_kib = memory(&daemon, "VmRSS");
    daemon.kill();
    Drained {
        seconds,
        cpu_seconds,
        peak_kib,
        later_kib,
    }
}

/// Processor time used so far, by all threads. `/proc/<pid>/stat` counts it in hundredths of a
/// second, user and system apart, in fields 14 and 15 (proc(5)).
fn cpu_seconds(daemon: &Running) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", daemon.id())).expect("the daemon lives");
    // The second field is the program's name in parentheses.
    let (_, fields) = stat.rsplit_once(") ").expect("a name");
    let ticks = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// A figure of `/proc/<pid>/status`, in KiB.
fn memory(daemon: &Running, name: &str) -> u64 {
    fs::read_to_string(format!("/proc/{}/status", daemon.id()))
        .expect("the daemon lives")
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(field, _)| *field == name)
        .and_then(|(_, value)| value.split_whitespace().next()?.parse().ok())
        .expect("a figure")
}

// --- Idling ----------------------------------------------------------------------------------------

/// Single mails while the daemon idles: from LMTP's 250 to the file of the SMTP server, which
/// stands before the server answers 250.
fn idle(environment: &[(String, String)]) {
    let (server, sink) = (Dovecot::start(), SmtpSink::start());
    // No polling beside IDLE; and the tests' open pace, for thirty tickets within seconds.
    let config = Config::new()
        .imap_from(&server)
        .smtp_to(&sink)
        .unset("inbound.poll_interval");
    let mut installation = mailbox::directory(config).install();
    installation.set_environment(environment);
    let daemon = installation.spawn_run();

    let mut latencies = Vec::new();
    let mut before_kib = 0;
    for n in 0..=SINGLES {
        // Small ones: numbers that are no multiples of the big ones.
        server.deliver(&mailbox::mail(n + 1));
        let delivered = SystemTime::now();
        // The acknowledgement, and the notice to the consultant.
        let taken = wait_until("both mails were taken", PATIENCE, || {
            let taken = sink.taken_at();
            (taken.len() >= 2 * (n + 1)).then_some(taken)
        });
        if n == 0 {
            // The first proves that the daemon is up; it may have come before the first IDLE.
            before_kib = memory(&daemon, "VmRSS");
            continue;
        }
        let mails = sink.mails();
        let acknowledged = mails
            .iter()
            .zip(&taken)
            .skip(2 * n)
            .find(|(mail, _)| mail.to.iter().any(|to| to.starts_with("persona")))
            .map(|(_, at)| *at)
            .expect("an acknowledgement");
        let latency = acknowledged.duration_since(delivered).unwrap_or_default();
        latencies.push(latency.as_secs_f64());
    }
    latencies.sort_by(f64::total_cmp);
    println!(
        "idle memory              {:.1} MiB after the first mail, {:.1} MiB after {} more   (aim: under 20)",
        mib(before_kib),
        mib(memory(&daemon, "VmRSS")),
        SINGLES
    );
    println!(
        "latency while idling     median {:.3} s, 95th percentile {:.3} s, worst {:.3} s of {SINGLES}   (aim: median under 0.8)",
        latencies[SINGLES / 2],
        latencies[SINGLES * 95 / 100],
        latencies[SINGLES - 1]
    );
    daemon.terminate();
}
