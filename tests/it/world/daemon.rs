//! The real binary with a configuration of its own, run as an operator runs it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use toml::{Table, Value as Toml};

use super::dovecot::{self, Dovecot};
use super::ledger::Ledger;
use super::mails::{AUTHSERV_ID, SERVICE_ADDRESS};
use super::smtp_sink::{SinkTls, SmtpSink};
use super::{Guarded, SERVER_PATIENCE};

/// An installation in the making: `config.toml` and `clients.toml`. It starts from a small good
/// configuration: Maildir in, Maildir out, all mail there is, one consultant, no client.
#[derive(Debug, Clone)]
pub struct Config {
    table: Table,
    clients: Vec<Toml>,
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Config {
    /// The small good configuration.
    pub fn new() -> Config {
        let mut config = Config {
            table: Table::new(),
            clients: Vec::new(),
        };
        for (key, value) in [
            ("service.name", "Soporte Grupo Staff"),
            ("service.address", SERVICE_ADDRESS),
            ("service.database", "soported.db"),
            ("inbound.kind", "maildir"),
            ("inbound.path", "inbound"),
            // Samples carry dates of their own; without this all would be older than the first start.
            ("inbound.since", "all"),
            ("authentication.provider", "authserv"),
            ("authentication.authserv_id", AUTHSERV_ID),
            ("outbound.kind", "maildir"),
            ("outbound.path", "outbound"),
        ] {
            config = config.set(key, value);
        }
        config
            .set("service.operators", vec!["ops@grupostaff.com"])
            .consultant("Ana Ruiz", "ana@grupostaff.com", 1)
    }

    /// The house as `config.toml` of this project shows it, with folders in and out and without its
    /// consultants.
    pub fn of_the_house() -> Config {
        let shown = include_str!("../../../config.toml");
        let mut table: Table = shown.parse().expect("our own configuration");
        table.remove("consultants");
        let config = Config {
            table,
            clients: Vec::new(),
        };
        [
            ("service.database", "soported.db"),
            ("inbound.kind", "maildir"),
            ("inbound.path", "inbound"),
            ("outbound.kind", "maildir"),
            ("outbound.path", "outbound"),
        ]
        .into_iter()
        .fold(config, |config, (key, value)| config.set(key, value))
    }

    /// Sets one key, written with dots: `set("inbound.idle", false)`.
    pub fn set(mut self, key: &str, value: impl Into<Toml>) -> Config {
        let (sections, name) = key.rsplit_once('.').unwrap_or(("", key));
        let sections = sections.split('.').filter(|section| !section.is_empty());
        let place = sections.fold(&mut self.table, |table, section| {
            let section = table
                .entry(section)
                .or_insert_with(|| Toml::Table(Table::new()));
            section.as_table_mut().expect("a section")
        });
        place.insert(name.to_owned(), value.into());
        self
    }

    /// Takes one key out.
    pub fn unset(mut self, key: &str) -> Config {
        let (section, name) = key.split_once('.').expect("section.key");
        if let Some(section) = self.table.get_mut(section).and_then(Toml::as_table_mut) {
            section.remove(name);
        }
        self
    }

    /// What `config.toml` will hold.
    pub fn text(&self) -> String {
        self.table.to_string()
    }

    /// Mail comes from this server over TLS, asked every second.
    pub fn imap_from(self, server: &Dovecot) -> Config {
        self.unset("inbound.path")
            .set("inbound.kind", "imap")
            .set("inbound.host", "127.0.0.1")
            .set("inbound.port", i64::from(server.imaps_port()))
            .set("inbound.tls", "implicit")
            .set("inbound.ca_file", path_text(server.ca_file()))
            .set("inbound.username", dovecot::USER)
            .set("inbound.password", plain(dovecot::PASSWORD))
            .set("inbound.poll_interval", "1s")
    }

    /// Mail goes to this server, as fast as it takes it.
    pub fn smtp_to(self, server: &SmtpSink) -> Config {
        let tls = match server.options().tls {
            SinkTls::Off => "none",
            SinkTls::StartTls => "starttls",
            SinkTls::Implicit => "implicit",
        };
        let config = self
            .unset("outbound.path")
            .set("outbound.kind", "smtp")
            .set("outbound.host", "127.0.0.1")
            .set("outbound.port", i64::from(server.port()))
            .set("outbound.tls", tls)
            .set("outbound.ca_file", path_text(server.ca_file()))
            .set("outbound.per_minute", 100_000);
        match &server.options().login {
            None => config,
            Some((user, password)) => config
                .set("outbound.auth", "password")
                .set("outbound.username", user.as_str())
                .set("outbound.password", plain(password)),
        }
    }

    /// No brake on many mails, and no pause before a reply: for tests that are about numbers.
    pub fn unbraked(self) -> Config {
        [
            "per_address_hour",
            "per_address_day",
            "tickets_per_hour",
            "automatic_per_hour",
        ]
        .into_iter()
        .fold(self, |config, brake| {
            config.set(&format!("brakes.{brake}"), 1_000_000)
        })
        .set("replies.delay", "0s")
    }

    /// Adds a consultant of this level.
    pub fn consultant(self, name: &str, email: &str, level: i64) -> Config {
        let mut consultant = Table::new();
        consultant.insert("name".to_owned(), name.into());
        consultant.insert("email".to_owned(), email.into());
        consultant.insert("level".to_owned(), level.into());
        self.consultant_table(consultant)
    }

    /// Adds a consultant with these keys.
    pub fn consultant_table(mut self, consultant: Table) -> Config {
        let list = self
            .table
            .entry("consultants")
            .or_insert_with(|| Toml::Array(Vec::new()));
        list.as_array_mut()
            .expect("a list")
            .push(Toml::Table(consultant));
        self
    }

    /// Adds a client with these keys of `clients.toml`.
    pub fn client_table(mut self, client: Table) -> Config {
        self.clients.push(Toml::Table(client));
        self
    }

    /// Adds a client whose authorizers are these `(name, e-mail)`.
    pub fn client(mut self, name: &str, domains: &[&str], authorizers: &[(&str, &str)]) -> Config {
        let authorizers: Vec<Toml> = authorizers
            .iter()
            .map(|(name, email)| {
                let mut person = Table::new();
                person.insert("name".to_owned(), (*name).into());
                person.insert("email".to_owned(), (*email).into());
                Toml::Table(person)
            })
            .collect();
        let mut client = Table::new();
        client.insert("name".to_owned(), name.into());
        client.insert("domains".to_owned(), domains.to_vec().into());
        client.insert("authorizers".to_owned(), authorizers.into());
        self.clients.push(Toml::Table(client));
        self
    }

    /// Writes the files into a temporary folder and imports the clients.
    pub fn install(self) -> Daemon {
        let has_clients = !self.clients.is_empty();
        let daemon = self.write();
        if has_clients {
            let clients = daemon.path("clients.toml");
            let output = daemon.run(&["clients", "import", &path_text(&clients)]);
            assert_done("clients import", &output);
        }
        daemon
    }

    /// Writes the files into a temporary folder and imports nothing.
    pub fn write(self) -> Daemon {
        let folder = TempDir::with_prefix("soported-daemon-").expect("a temporary folder");
        for name in ["inbound", "outbound"] {
            for part in ["tmp", "new", "cur"] {
                fs::create_dir_all(folder.path().join(name).join(part)).expect("a new folder");
            }
        }
        let clients = self.clients_text();
        let daemon = Daemon {
            folder,
            instant: None,
            environment: Vec::new(),
        };
        fs::write(daemon.config(), self.table.to_string()).expect("write config.toml");
        fs::write(daemon.path("clients.toml"), clients).expect("write clients.toml");
        daemon
    }

    /// What `clients.toml` will hold.
    pub fn clients_text(&self) -> String {
        let mut directory = Table::new();
        directory.insert("clients".to_owned(), Toml::Array(self.clients.clone()));
        directory.to_string()
    }
}

/// An installation: configuration, clients, database.
#[derive(Debug)]
pub struct Daemon {
    folder: TempDir,
    instant: Option<String>,
    environment: Vec<(String, String)>,
}

impl Daemon {
    /// From now on every run begins at this instant of Mexico City, `2026-11-24 10:00:00`, and its
    /// clock goes on from there. None: the machine's own time.
    pub fn set_clock(&mut self, instant: Option<&str>) {
        self.instant = instant.map(|instant| format!("@{instant}"));
    }

    /// From now on every run happens at this very instant of Mexico City: its clock stands still.
    pub fn stop_clock(&mut self, instant: &str) {
        self.instant = Some(instant.to_owned());
    }

    /// From now on every run has these variables in its environment.
    pub fn set_environment(&mut self, variables: &[(String, String)]) {
        self.environment = variables.to_vec();
    }

    /// A path in the installation's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.path("config.toml")
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.path("soported.db")
    }

    /// What the database holds, seen from outside.
    pub fn ledger(&self) -> Ledger {
        Ledger::at(self.database())
    }

    /// Puts mails into the Maildir that is read when no IMAP server is set.
    pub fn drop_in<M: AsRef<[u8]>>(&self, raws: &[M]) {
        let inbound = self.path("inbound");
        for raw in raws {
            // Numbered after what is there, read or not, so that names rise with the order.
            let count: usize = ["new", "cur"]
                .iter()
                .map(|part| fs::read_dir(inbound.join(part)).map_or(0, Iterator::count))
                .sum();
            let name = format!("1700000000.M{:09}P1.prueba", count + 1);
            let half = inbound.join("tmp").join(&name);
            fs::write(&half, raw.as_ref()).expect("write a mail");
            fs::rename(half, inbound.join("new").join(name)).expect("one file system");
        }
    }

    /// The mails in the outgoing Maildir, in the order of their names.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = fs::read_dir(self.path("outbound/new"))
            .expect("a Maildir")
            .map(|entry| entry.expect("a file").path())
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| fs::read(file).expect("a mail"))
            .collect()
    }

    /// Runs one command to its end, with this installation's configuration.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the binary runs")
    }

    /// The same with this on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut stdin = child.stdin.take().expect("piped");
        // A command may end without reading all of it; its exit code tells what it thought of it.
        let _ = stdin.write_all(input);
        drop(stdin);
        child.wait_with_output().expect("the binary runs")
    }

    /// `run --once`, which must end with 0.
    pub fn run_once(&self) {
        assert_done("run --once", &self.run(&["run", "--once"]));
    }

    /// The JSON document that a command prints; it must end with 0.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert_done(&arguments.join(" "), &output);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!(
                "{arguments:?} printed no JSON ({error}):\n{}",
                String::from_utf8_lossy(&output.stdout)
            )
        })
    }

    /// Starts the daemon and leaves it running. Its log goes on in one file over all starts.
    pub fn spawn_run(&self) -> Running {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log_file())
            .expect("a log file");
        let process = Guarded::spawn(
            self.command(&["run"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log),
        );
        Running { process }
    }

    /// What all daemons started here wrote to their standard error.
    pub fn log(&self) -> String {
        let log = fs::read(self.log_file()).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn log_file(&self) -> PathBuf {
        self.path("daemon.log")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_soported"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            // By the environment, for not every command takes `--config`.
            .env("SOPORTED_CONFIG", self.config())
            // What the machine that runs the tests has set must not show.
            .env_remove("NOTIFY_SOCKET")
            .env_remove("WATCHDOG_USEC")
            .env_remove("CREDENTIALS_DIRECTORY")
            .env_remove("RUST_LOG")
            .env("TZ", "America/Mexico_City")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(instant) = &self.instant {
            // The library rather than the `faketime` command, which would stand between the test and
            // the process it kills.
            command
                .env("LD_PRELOAD", faketime_library())
                .env("FAKETIME", instant)
                // Deadlines follow the wall clock; pauses and timeouts keep their true length.
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                .env("DONT_FAKE_MONOTONIC", "1");
        }
        command
    }
}

/// A running daemon. Dropped: killed.
#[derive(Debug)]
pub struct Running {
    process: Guarded,
}

impl Running {
    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// SIGKILL, at once.
    pub fn kill(mut self) {
        self.process.kill();
    }

    /// SIGTERM, then waits for the orderly end and gives the exit status.
    pub fn terminate(mut self) -> ExitStatus {
        self.process.terminate(SERVER_PATIENCE)
    }

    /// Its exit status, should it have ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.process.ended()
    }

    /// Waits for its end by itself. Panics when `patience` is over.
    pub fn wait(mut self, patience: Duration) -> ExitStatus {
        self.process.wait("the daemon ends by itself", patience)
    }
}

/// Panics with everything said, unless the exit code is 0.
pub fn assert_done(what: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{what} ended with {}\n--- stdout\n{}\n--- stderr\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A password written out in the configuration.
fn plain(password: &str) -> Table {
    let mut table = Table::new();
    table.insert("value".to_owned(), password.into());
    table
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("temporary paths are UTF-8").to_owned()
}

/// Debian keeps it in a folder named after the machine's architecture.
fn faketime_library() -> PathBuf {
    fs::read_dir("/usr/lib")
        .expect("a Unix system")
        .map(|entry| {
            entry
                .expect("a folder")
                .path()
                .join("faketime/libfaketimeMT.so.1")
        })
        .find(|library| library.exists())
        .expect("the package faketime is installed")
}
