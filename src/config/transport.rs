//! `[inbound]`, `[outbound]`: where mail comes from, where it goes to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use secrecy::SecretString;
use toml::Value;

use super::environment::Environment;
use super::reader::{Reader, quoted};
use super::secret::{self, Source};
use super::settings::{
    Inbound, InboundSource, Login, Outbound, OutboundTarget, Server, Since, Tls,
};
use super::values::{self, DAY, HOUR, MINUTE};

/// Longest file of trust roots read, in bytes; a longer one is refused.
const CA_FILE_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Steps of a quarter of an hour to the end of the longest gap in local time: a zone that skips
/// a whole day. A date without any local time counts from the last of them.
const GAP_STEPS: i32 = 97;

const MIB: u64 = 1024 * 1024;

/// A server, or a folder in its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Server,
    Maildir,
}

/// Default ports by encryption (RFC 8314 §3.2, §3.3; RFC 9051 §2.1; RFC 6409 §3.1; RFC 5321).
struct Ports {
    implicit: u16,
    start_tls: u16,
    plain: u16,
}

const IMAP_PORTS: Ports = Ports {
    implicit: 993,
    start_tls: 143,
    plain: 143,
};

const SMTP_PORTS: Ports = Ports {
    implicit: 465,
    start_tls: 587,
    plain: 25,
};

/// The keys that `[inbound]` and `[outbound]` share.
struct Connection<'a> {
    kind: Option<Kind>,
    server: Option<Server>,
    username: Option<&'a str>,
    password: Option<Source<'a>>,
    path: Option<PathBuf>,
}

/// `[inbound]`. `zone` gives a date in `since` its midnight.
pub(super) fn inbound(
    mut reader: Reader<'_>,
    base: &Path,
    environment: &dyn Environment,
    zone: Tz,
) -> Option<Inbound> {
    let connection = connection(&mut reader, "imap", &IMAP_PORTS, base, environment);
    let mailbox = reader.text("mailbox").unwrap_or("INBOX").to_owned();
    let processed_mailbox = reader.text("processed_mailbox").map(str::to_owned);
    if processed_mailbox.as_deref() == Some(mailbox.as_str()) {
        reader.problem(
            "processed_mailbox",
            "the same folder as inbound.mailbox",
            "name another folder, or \"\" to leave mail in place",
        );
    }
    let idle = reader.flag("idle", true);
    let since = since(&mut reader, zone);
    let poll_interval = reader.duration("poll_interval", MINUTE, 1..=HOUR);
    let max_size = reader.size("max_size", 35 * MIB, 1024..=1024 * MIB);
    let source = match connection.kind {
        None => None,
        Some(Kind::Maildir) => connection.path.map(|path| InboundSource::Maildir { path }),
        Some(Kind::Server) => {
            if connection.username.is_none() {
                reader.missing("username", "\"soporte\"");
            }
            // A password of the wrong shape has been reported already.
            if connection.password.is_none() && !is_set(&mut reader, "password") {
                reader.missing("password", "{ credential = \"imap-password\" }");
            }
            let password = connection
                .password
                .as_ref()
                .and_then(|source| secret::secret(&reader, "password", source, base, environment));
            match (connection.server, login(connection.username, password)) {
                (Some(server), Some(login)) => Some(InboundSource::Imap {
                    server,
                    login,
                    mailbox,
                    processed_mailbox,
                    idle,
                }),
                _ => None,
            }
        }
    };
    reader.finish();
    Some(Inbound {
        source: source?,
        since,
        poll_interval: Duration::from_secs(poll_interval),
        max_size,
    })
}

/// `[outbound]`.
pub(super) fn outbound(
    mut reader: Reader<'_>,
    base: &Path,
    environment: &dyn Environment,
) -> Option<Outbound> {
    let connection = connection(&mut reader, "smtp", &SMTP_PORTS, base, environment);
    let plus_addressing = reader.flag("plus_addressing", true);
    let per_minute = reader.whole("per_minute", 20, 1..=100_000);
    let uncertain_wait = reader.duration("uncertain_wait", 10 * MINUTE, 0..=DAY);
    let target = match connection.kind {
        None => None,
        Some(Kind::Maildir) => connection.path.map(|path| OutboundTarget::Maildir { path }),
        Some(Kind::Server) => {
            let has_password = is_set(&mut reader, "password");
            if connection.username.is_some() && !has_password {
                reader.missing("password", "{ credential = \"smtp-password\" }");
            }
            if connection.username.is_none() && has_password {
                reader.missing("username", "\"soporte\"");
            }
            let password = connection
                .password
                .as_ref()
                .and_then(|source| secret::secret(&reader, "password", source, base, environment));
            connection.server.map(|server| OutboundTarget::Smtp {
                server,
                login: login(connection.username, password),
            })
        }
    };
    reader.finish();
    Some(Outbound {
        target: target?,
        plus_addressing,
        per_minute,
        uncertain_wait: Duration::from_secs(uncertain_wait),
    })
}

/// Reads what both directions share. Keys of the kind not chosen are checked for their form only.
fn connection<'a>(
    reader: &mut Reader<'a>,
    server_word: &'static str,
    ports: &Ports,
    base: &Path,
    environment: &dyn Environment,
) -> Connection<'a> {
    let words = [(server_word, Kind::Server), ("maildir", Kind::Maildir)];
    let kind = match reader.required_text("kind", &format!("\"{server_word}\" or \"maildir\"")) {
        None => None,
        Some(_) => reader.choice("kind", &words),
    };
    let is_server = kind == Some(Kind::Server);
    let server = server(reader, ports, is_server, base, environment);
    auth(reader);
    let username = reader.text("username");
    let password = secret::source(reader, "password");
    let path = reader.text("path").map(|path| base.join(path));
    if kind == Some(Kind::Maildir) && path.is_none() {
        reader.missing("path", "\"var/mail\"");
    }
    Connection {
        kind,
        server,
        username,
        password,
        path,
    }
}

fn server(
    reader: &mut Reader<'_>,
    ports: &Ports,
    is_needed: bool,
    base: &Path,
    environment: &dyn Environment,
) -> Option<Server> {
    let host = reader.text("host");
    if is_needed && host.is_none() {
        reader.missing("host", "\"mail.example.com\"");
    }
    let is_host = host.is_none_or(values::is_host);
    if !is_host {
        reader.problem(
            "host",
            format!("{} is not a host", quoted(host.unwrap_or_default())),
            "write a bare name or IP address; the port has a key of its own",
        );
    }
    let tls = reader
        .choice(
            "tls",
            &[
                ("implicit", Tls::Implicit),
                ("starttls", Tls::StartTls),
                ("none", Tls::None),
            ],
        )
        .unwrap_or(Tls::Implicit);
    // A password or a client's mail must not cross a network in the clear.
    if tls == Tls::None && host.is_some_and(|host| is_host && !values::is_loopback(host)) {
        reader.problem(
            "tls",
            format!(
                "\"none\" with the host {}",
                quoted(host.unwrap_or_default())
            ),
            "use \"implicit\" or \"starttls\"; \"none\" is for this machine only (127.0.0.1, ::1, \
             localhost)",
        );
    }
    let default_port = match tls {
        Tls::Implicit => ports.implicit,
        Tls::StartTls => ports.start_tls,
        Tls::None => ports.plain,
    };
    let port = reader.whole("port", u32::from(default_port), 1..=u32::from(u16::MAX));
    let ca_file = reader.text("ca_file").map(|path| base.join(path));
    if let Some(path) = &ca_file {
        check_ca_file(reader, path, environment);
    }
    Some(Server {
        host: host.filter(|_| is_host)?.to_owned(),
        port: u16::try_from(port).unwrap_or(default_port),
        tls,
        ca_file,
    })
}

fn check_ca_file(reader: &Reader<'_>, path: &Path, environment: &dyn Environment) {
    let shown = path.display();
    let what = match environment.read(path, CA_FILE_MAX_BYTES) {
        Err(error) => format!("{shown} cannot be read ({error})"),
        Ok(bytes) if !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----") => {
            format!("{shown} holds no PEM certificate")
        }
        Ok(_) => return,
    };
    let cure = "name a readable PEM file, or \"\" for the system's trust roots alone";
    reader.problem("ca_file", what, cure);
}

fn auth(reader: &mut Reader<'_>) {
    let written = reader.text("auth");
    if let Some(other) = written.filter(|auth| *auth != "password") {
        let what = match other {
            "oauth2" => "\"oauth2\" is reserved".to_owned(),
            other => format!("unknown value {}", quoted(other)),
        };
        reader.problem(
            "auth",
            what,
            "only \"password\" is available in this version",
        );
    }
}

fn login(username: Option<&str>, password: Option<SecretString>) -> Option<Login> {
    Some(Login {
        username: username?.to_owned(),
        password: password?,
    })
}

/// Whether anything but an empty text was written at `key`.
fn is_set(reader: &mut Reader<'_>, key: &'static str) -> bool {
    reader
        .value(key)
        .is_some_and(|value| value.as_str() != Some(""))
}

/// `inbound.since`: empty, `all`, a date (its local midnight), or an RFC 3339 instant.
fn since(reader: &mut Reader<'_>, zone: Tz) -> Since {
    let written = match reader.value("since") {
        None => return Since::FirstStart,
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Datetime(datetime)) => datetime.to_string(),
        Some(_) => "something else".to_owned(),
    };
    match written.as_str() {
        "" => return Since::FirstStart,
        "all" => return Since::All,
        _ => {}
    }
    let instant = DateTime::parse_from_rfc3339(&written)
        .map(|instant| instant.with_timezone(&Utc))
        .ok()
        .or_else(|| values::date(&written).and_then(|date| midnight(date, zone)));
    match instant {
        Some(instant) => Since::At(instant),
        None => {
            reader.problem(
                "since",
                format!("{} is not a point in time", quoted(&written)),
                "write \"\" (from the first start), \"all\", a date such as \"2026-11-01\", or an \
                 instant with offset such as \"2026-11-01T08:30:00-06:00\"",
            );
            Since::FirstStart
        }
    }
}

/// The first instant of a local date. Where the zone skips midnight, the first time after it.
fn midnight(date: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = date.and_time(NaiveTime::MIN);
    (0..GAP_STEPS)
        .filter_map(|step| midnight.checked_add_signed(TimeDelta::minutes(15) * step))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|instant| instant.with_timezone(&Utc))
}
