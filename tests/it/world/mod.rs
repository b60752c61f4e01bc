//! The world around the program, for tests: a real Dovecot, a real SMTP server, sample mails, and the
//! real binary. Each server is started by the test that needs it, on free loopback ports, in a
//! temporary folder, and is gone when its value is dropped, also when the test fails or is killed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

pub mod daemon;
pub mod dovecot;
pub mod imap_dialogue;
pub mod ledger;
pub mod mails;
pub mod reports;
pub mod smtp_sink;
pub mod traffic;
pub mod virtual_desk;
pub mod virtual_ports;

/// How long a server may take to come up or go down; a failure beyond.
pub const SERVER_PATIENCE: Duration = Duration::from_secs(30);

/// The longest pause between two looks of [`wait_until`].
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until `look` finds something, with pauses that double from 1 ms up to
/// [`LONGEST_PAUSE`]. This is the only place in the tests where time is spent waiting: a test says
/// what it waits for and how long that may take at most, never how long it usually takes.
///
/// Panics with `what` when `patience` is over.
pub fn wait_until<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            Instant::now() < deadline,
            "waited {patience:?} in vain until {what}"
        );
        std::thread::park_timeout(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Whether the tests run as root, which decides under whose name Dovecot works.
pub fn running_as_root() -> bool {
    own_uid() == 0
}

fn own_uid() -> u32 {
    fs::metadata("/proc/self").expect("/proc is mounted").uid()
}

/// A loopback port that no other test takes until this value is dropped, also while the server that
/// uses it is down. Other tests may run in other processes, so the claim is a locked file.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _claim: File,
}

/// Ports are taken from here: above the well-known ones and below those that the kernel hands to
/// outgoing connections, so that no client can sit on the port of a server about to be restarted.
const PORTS: std::ops::Range<u16> = 15_000..32_000;

impl Port {
    /// Claims a free port. Panics when all of [`PORTS`] are taken.
    pub fn free() -> Port {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let claims = std::env::temp_dir().join(format!("soported-test-ports-{}", own_uid()));
        fs::create_dir_all(&claims).expect("the temporary folder can be written");
        let count = u32::from(PORTS.end - PORTS.start);
        // Processes start at different places, so that they seldom ask for the same port.
        let start = std::process::id().wrapping_mul(97);
        for _ in 0..count {
            let step = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
            let number = PORTS.start + u16::try_from(step % count).expect("below the range's size");
            let claim = File::create(claims.join(number.to_string())).expect("a claim file");
            if claim.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Port {
                    number,
                    _claim: claim,
                };
            }
        }
        panic!("no free port in {PORTS:?}");
    }

    /// Its number.
    pub fn number(&self) -> u16 {
        self.number
    }
}

/// A process that dies with its value, together with everything it started. Should the test itself
/// be killed, a guard (a shell that waits for the end of its input) does the same.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    guard: Child,
    killed: bool,
}

impl Guarded {
    /// Starts `command` at the head of a process group of its own.
    pub fn spawn(command: &mut Command) -> Guarded {
        let child = command
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let guard = Command::new("/bin/sh")
            .arg("-c")
            .arg(format!(
                "read -r order; [ \"$order\" = leave ] || kill -s KILL -- -{}",
                child.id()
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("a shell");
        Guarded {
            child,
            guard,
            killed: false,
        }
    }

    /// Its process id, also the id of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL for it and for all it started.
    pub fn kill(&mut self) {
        if !self.killed {
            // At once, and then what it left behind: a group outlives its head while a member lives.
            // An error here only says that it has ended already.
            let _ = self.child.kill();
            send_signal("KILL", &format!("-{}", self.child.id()));
            self.child.wait().expect("the child is ours");
            self.killed = true;
        }
    }

    /// SIGTERM for it alone, then waits for its end. Panics when that takes too long.
    pub fn terminate(&mut self, patience: Duration) -> ExitStatus {
        if self.child.try_wait().expect("the child is ours").is_none() {
            send_signal("TERM", &self.child.id().to_string());
        }
        self.wait("it ends after SIGTERM", patience)
    }

    /// Waits for its end. Panics with `what` when that takes too long.
    pub fn wait(&mut self, what: &str, patience: Duration) -> ExitStatus {
        wait_until(what, patience, || {
            self.child.try_wait().expect("the child is ours")
        })
    }

    /// Its exit status, once it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child is ours")
    }

    /// Freezes (`STOP`) or wakes (`CONT`) it and all it started: a server that is there and silent.
    pub fn signal_all(&self, name: &str) {
        send_signal(name, &format!("-{}", self.child.id()));
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
        if let Some(mut orders) = self.guard.stdin.take() {
            // The guard may have been killed by someone else; then there is nothing to call off.
            let _ = orders.write_all(b"leave\n");
        }
        let _ = self.guard.wait();
    }
}

/// Sends a signal by the shell's own `kill`; a target that is gone is no error.
fn send_signal(name: &str, target: &str) {
    let _ = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("kill -s {name} -- {target}"))
        .stderr(Stdio::null())
        .status()
        .expect("a shell");
}

/// A certificate authority of one's own, and a server certificate of it for `localhost` and
/// `127.0.0.1`, as PEM files.
#[derive(Debug)]
pub struct Certificates {
    /// What a client must trust.
    pub ca: PathBuf,
    /// The server's certificate.
    pub server: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes them in `folder`.
    pub fn create(folder: &Path) -> Certificates {
        let ca_key = KeyPair::generate().expect("a key");
        let mut ca = CertificateParams::new(Vec::new()).expect("no names to refuse");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_certificate = ca.self_signed(&ca_key).expect("a certificate");
        let issuer = Issuer::new(ca, ca_key);

        let key = KeyPair::generate().expect("a key");
        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let server = CertificateParams::new(names)
            .expect("good names")
            .signed_by(&key, &issuer)
            .expect("a certificate");

        let files = Certificates {
            ca: folder.join("ca.pem"),
            server: folder.join("server.pem"),
            key: folder.join("server.key"),
        };
        fs::write(&files.ca, ca_certificate.pem()).expect("write");
        fs::write(&files.server, server.pem()).expect("write");
        fs::write(&files.key, key.serialize_pem()).expect("write");
        files
    }
}

/// Writes a file so that a reader sees all of it or nothing.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let half = path.with_extension("half");
    fs::write(&half, bytes)?;
    fs::rename(half, path)
}
