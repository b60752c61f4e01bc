//! A real SMTP server (aiosmtpd) that keeps what it accepts and misbehaves on request.
//!
//! Misbehaviour is chosen by the start of the recipient's local part, so that one server serves many
//! cases at once:
//!
//! | local part starts with | answer |
//! |---|---|
//! | `tempfail-once` | 451 at RCPT the first time, then accepted |
//! | `tempfail-always` | 451 at RCPT every time |
//! | `permfail` | 550 at RCPT |
//! | `datatemp-once`, `datatemp-always` | 452 after the final dot, once or every time |
//! | `dataperm` | 554 after the final dot |
//!
//! "The first time" is counted per address and per start of the server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;

use super::{Certificates, Guarded, Port, SERVER_PATIENCE, wait_until, write_whole};

/// How often a start is tried, each time on another port; beyond it the test fails.
const START_ATTEMPTS: usize = 3;

/// Encryption offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkTls {
    /// None.
    Off,
    /// STARTTLS, and no mail without it.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// What follows the final dot of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDot {
    /// 250, and the mail is kept.
    Answer,
    /// Silence, and the mail is kept: it was delivered and the sender cannot know.
    SilentAndKept,
    /// Silence, and the mail is gone.
    SilentAndLost,
}

/// How the server behaves.
#[derive(Debug, Clone)]
pub struct SinkOptions {
    /// Encryption.
    pub tls: SinkTls,
    /// User and password without which no mail is taken; none: no AUTH.
    pub login: Option<(String, String)>,
    /// What follows the final dot.
    pub after_dot: AfterDot,
}

impl Default for SinkOptions {
    fn default() -> SinkOptions {
        SinkOptions {
            tls: SinkTls::Off,
            login: None,
            after_dot: AfterDot::Answer,
        }
    }
}

impl SinkOptions {
    /// The black hole: takes a mail, never answers the final dot, and keeps nothing.
    pub fn black_hole() -> SinkOptions {
        SinkOptions {
            after_dot: AfterDot::SilentAndLost,
            ..SinkOptions::default()
        }
    }
}

/// A mail the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Envelope sender; empty for the null sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The mail as it came, dots undone.
    pub raw: Vec<u8>,
}

impl Received {
    /// The mail as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// The value of the first header of this name, unfolded; names match in any case.
    pub fn header(&self, name: &str) -> Option<String> {
        let text = self.text().replace("\r\n", "\n");
        let head = text.split("\n\n").next()?;
        let unfolded = head.replace("\n ", " ").replace("\n\t", " ");
        unfolded.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    }
}

/// A mail the server refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The recipient that caused it.
    pub to: String,
    /// The reply code.
    pub code: u16,
}

/// The first line of a file of the spool.
#[derive(Deserialize)]
struct Envelope {
    from: String,
    to: Vec<String>,
}

/// A running server. Dropped: killed, files removed.
#[derive(Debug)]
pub struct SmtpSink {
    folder: TempDir,
    certificates: Certificates,
    port: Port,
    options: SinkOptions,
    process: Option<Guarded>,
}

impl SmtpSink {
    /// Starts a server without encryption and login that takes what comes.
    pub fn start() -> SmtpSink {
        SmtpSink::start_with(SinkOptions::default())
    }

    /// Starts a server; it takes connections when this returns.
    pub fn start_with(options: SinkOptions) -> SmtpSink {
        let folder = TempDir::with_prefix("soported-smtp-").expect("a temporary folder");
        let mut sink = SmtpSink {
            certificates: Certificates::create(folder.path()),
            port: Port::free(),
            options,
            process: None,
            folder,
        };
        fs::create_dir(sink.spool()).expect("a new folder");
        write_whole(&sink.folder.path().join("sink.py"), SCRIPT.as_bytes()).expect("write");
        for _ in 1..START_ATTEMPTS {
            if sink.try_start() {
                return sink;
            }
            sink.port = Port::free();
        }
        assert!(
            sink.try_start(),
            "the SMTP server does not start:\n{}",
            sink.log()
        );
        sink
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// How it behaves.
    pub fn options(&self) -> &SinkOptions {
        &self.options
    }

    /// The trust root of its certificate, a PEM file.
    pub fn ca_file(&self) -> &Path {
        &self.certificates.ca
    }

    /// Kills it: connections break. What it took stays.
    pub fn stop(&mut self) {
        drop(self.process.take());
    }

    /// Starts it again on the same port.
    pub fn restart(&mut self) {
        self.restart_with(self.options.clone());
    }

    /// Starts it again on the same port with another behaviour.
    pub fn restart_with(&mut self, options: SinkOptions) {
        self.stop();
        self.options = options;
        assert!(
            self.try_start(),
            "the SMTP server does not start again:\n{}",
            self.log()
        );
    }

    /// Cuts the connections that wait in silence, unanswered; from now on this follows the dot.
    pub fn break_silence(&mut self, after_dot: AfterDot) {
        self.options.after_dot = after_dot;
        self.write_after_dot();
    }

    fn write_after_dot(&self) {
        let line = json!({
            "answer": self.options.after_dot == AfterDot::Answer,
            "keep": self.options.after_dot != AfterDot::SilentAndLost,
        });
        write_whole(&self.spool().join("after_dot"), line.to_string().as_bytes()).expect("write");
        // The server sees a change by the name of a new file, the same words included.
        let turns = fs::read_dir(self.spool().join("turns")).map_or(0, Iterator::count);
        fs::create_dir_all(self.spool().join(format!("turns/{}", turns + 1))).expect("a folder");
    }

    /// How many mails were taken.
    pub fn count(&self) -> usize {
        fs::read_dir(self.spool())
            .expect("the spool")
            .filter(|entry| {
                let name = entry.as_ref().expect("a file").file_name();
                name.to_string_lossy().ends_with(".eml")
            })
            .count()
    }

    /// The mails taken for this recipient, in their order.
    pub fn mails_to(&self, address: &str) -> Vec<Received> {
        let mut mails = self.mails();
        mails.retain(|mail| mail.to == [address]);
        mails
    }

    /// The files of the mails taken, in their order.
    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.spool())
            .expect("the spool")
            .map(|entry| entry.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .collect();
        files.sort();
        files
    }

    /// All mails taken, in their order.
    pub fn mails(&self) -> Vec<Received> {
        self.files()
            .iter()
            .map(|path| {
                let bytes = fs::read(path).expect("a whole file");
                let end = bytes
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .expect("an envelope line");
                let envelope: Envelope = serde_json::from_slice(&bytes[..end]).expect("JSON");
                Received {
                    from: envelope.from,
                    to: envelope.to,
                    raw: bytes[end + 1..].to_vec(),
                }
            })
            .collect()
    }

    /// When each mail was taken, in their order.
    pub fn taken_at(&self) -> Vec<SystemTime> {
        self.files()
            .iter()
            .map(|file| fs::metadata(file).and_then(|data| data.modified()))
            .collect::<Result<_, _>>()
            .expect("files with times")
    }

    /// Waits until at least `count` mails were taken, and gives all. Panics when `patience` is over.
    pub fn wait_for(&self, count: usize, patience: Duration) -> Vec<Received> {
        wait_until(&format!("{count} mails were taken"), patience, || {
            let mails = self.mails();
            (mails.len() >= count).then_some(mails)
        })
    }

    /// All refusals, in their order.
    pub fn refusals(&self) -> Vec<Refusal> {
        fs::read_to_string(self.spool().join("refusals.jsonl"))
            .unwrap_or_default()
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    }

    /// How many mails got as far as the final dot, taken or not: what a black hole shows.
    pub fn dots(&self) -> usize {
        fs::read(self.spool().join("dots")).map_or(0, |dots| dots.len())
    }

    /// What the server wrote to its standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// Whether the server came up; false when it ended by itself, which a taken port explains.
    fn try_start(&mut self) -> bool {
        let options = json!({
            "port": self.port(),
            "spool": self.spool(),
            "tls": match self.options.tls {
                SinkTls::Off => "off",
                SinkTls::StartTls => "starttls",
                SinkTls::Implicit => "implicit",
            },
            "certificate": self.certificates.server,
            "key": self.certificates.key,
            "login": self.options.login,
        });
        self.write_after_dot();
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .expect("a log file");
        let ready = self.folder.path().join("ready");
        let _ = fs::remove_file(&ready);
        // The system's own Python: the package python3-aiosmtpd is installed for that one.
        let mut process = Guarded::spawn(
            Command::new("/usr/bin/python3")
                .arg("-I")
                .arg(self.folder.path().join("sink.py"))
                .arg(options.to_string())
                .arg(&ready)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log),
        );
        let up = wait_until("the SMTP server takes connections", SERVER_PATIENCE, || {
            if process.ended().is_some() {
                return Some(false);
            }
            ready.exists().then_some(true)
        });
        if up {
            self.process = Some(process);
        }
        up
    }
}

/// The server itself. One mail is one file `NNNNNN.eml`, its first line the envelope as JSON, made
/// under another name and then renamed: a reader sees whole mails only, and a mail is there before
/// the sender hears 250.
const SCRIPT: &str = r#"
import asyncio, json, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1])
spool = options["spool"]
seen = set()
number = len([name for name in os.listdir(spool) if name.endswith(".eml")])


def append(name, text):
    file = os.open(os.path.join(spool, name), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, text.encode())
    os.close(file)


def first_time(stage, address):
    key = (stage, address)
    if key in seen:
        return False
    seen.add(key)
    return True


def refuse(address, code, text):
    append("refusals.jsonl", json.dumps({"to": address, "code": code}) + "\n")
    return f"{code} {text}"


def turns():
    return len(os.listdir(os.path.join(spool, "turns")))


def keep(envelope):
    global number
    number += 1
    # aiosmtpd leaves the null sender in its brackets.
    sender = "" if envelope.mail_from == "<>" else envelope.mail_from
    head = json.dumps({"from": sender, "to": envelope.rcpt_tos})
    half = os.path.join(spool, "half")
    with open(half, "wb") as file:
        file.write(head.encode() + b"\n" + envelope.original_content)
    os.rename(half, os.path.join(spool, f"{number:06}.eml"))


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local = address.lower()
        if local.startswith("tempfail-always") or (
            local.startswith("tempfail-once") and first_time("rcpt", local)
        ):
            return refuse(address, 451, "4.2.0 Buzon no disponible por ahora")
        if local.startswith("permfail"):
            return refuse(address, 550, "5.1.1 Usuario desconocido")
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            local = address.lower()
            if local.startswith("datatemp-always") or (
                local.startswith("datatemp-once") and first_time("data", local)
            ):
                append("dots", ".")
                return refuse(address, 452, "4.3.1 Sin espacio por ahora")
            if local.startswith("dataperm"):
                append("dots", ".")
                return refuse(address, 554, "5.7.1 Mensaje rechazado")
        turn = turns()
        with open(os.path.join(spool, "after_dot")) as file:
            after_dot = json.load(file)
        if after_dot["keep"]:
            keep(envelope)
        # After the mail was kept: who counts dots finds it in the spool.
        append("dots", ".")
        if not after_dot["answer"]:
            while turn == turns():
                await asyncio.sleep(0.02)
            server.transport.abort()
            await asyncio.Event().wait()
        return f"250 2.0.0 OK {number}"


def authenticate(server, session, envelope, mechanism, data):
    wanted = [word.encode() for word in options["login"]]
    if mechanism in ("PLAIN", "LOGIN") and [data.login, data.password] == wanted:
        return AuthResult(success=True)
    # Not handled: otherwise aiosmtpd expects that this function has answered itself.
    return AuthResult(success=False, handled=False)


def session():
    settings = {"hostname": "sumidero.example", "enable_SMTPUTF8": True}
    if options["tls"] == "starttls":
        settings.update(tls_context=context, require_starttls=True)
    if options["login"]:
        settings.update(
            authenticator=authenticate,
            auth_required=True,
            auth_require_tls=options["tls"] == "starttls",
        )
    return SMTP(Sink(), **settings)


context = None
if options["tls"] != "off":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["certificate"], options["key"])


async def main():
    server = await asyncio.get_running_loop().create_server(
        session,
        "127.0.0.1",
        options["port"],
        ssl=context if options["tls"] == "implicit" else None,
    )
    with open(sys.argv[2], "w"):
        pass
    await server.serve_forever()


asyncio.run(main())
"#;
