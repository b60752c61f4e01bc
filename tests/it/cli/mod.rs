//! The program as its operators and their programs use it: the real binary, folders in and out, and
//! a clock set by the test.

use std::process::Output;

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::Value;

use crate::world::daemon::{Config, Daemon};
use crate::world::mails::Mail;

mod admission;
mod bad_mail;
mod bounces;
mod calendar;
mod commands;
mod configuration;
mod demo;
mod digest;
mod directory;
mod enclosures;
mod explain;
mod first_start;
mod held;
mod inspect;
mod json;
mod letters;
mod recheck;
mod report;
mod senders;
mod support;
mod threads;

/// A Tuesday within support hours.
const TUESDAY_10: &str = "2026-11-24 10:00:00";
const MARIA: &str = "maria@acme.example";
const LUIS: &str = "luis@globex.example";
const ANA: &str = "ana@grupostaff.com";

/// Two clients, ACME with María and Globex with Luis.
fn config() -> Config {
    Config::new()
        .client("ACME", &["acme.example"], &[("María Pérez", MARIA)])
        .client("Globex", &["globex.example"], &[("Luis Gómez", LUIS)])
}

/// An installation of [`config`] whose clock stands at this instant of Mexico City.
fn house_at(instant: &str) -> Daemon {
    let mut house = config().install();
    house.set_clock(Some(instant));
    house
}

/// Sets the clock, lets these mails arrive and runs one pass.
fn pass(house: &mut Daemon, instant: &str, mails: &[Mail]) {
    house.set_clock(Some(instant));
    let raws: Vec<Vec<u8>> = mails.iter().map(Mail::build).collect();
    house.drop_in(&raws);
    house.run_once();
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn ticket(house: &Daemon, number: &str) -> Value {
    house.json(&["tickets", "show", number, "--json"])
}

fn tickets(house: &Daemon) -> Vec<Value> {
    list(house, &["tickets", "list", "--json"])
}

fn held(house: &Daemon) -> Vec<Value> {
    list(house, &["held", "list", "--json"])
}

fn list(house: &Daemon, arguments: &[&str]) -> Vec<Value> {
    match house.json(arguments) {
        Value::Array(rows) => rows,
        other => panic!("{arguments:?} printed no list: {other}"),
    }
}

/// The values of one key.
fn each<'a>(rows: &'a [Value], key: &str) -> Vec<&'a str> {
    rows.iter()
        .map(|row| row[key].as_str().unwrap_or("null"))
        .collect()
}

/// A mail that the program sent.
struct Sent {
    raw: String,
}

impl Sent {
    /// An unfolded header's value as it stands on the wire; `None` where there is none.
    fn header(&self, name: &str) -> Option<String> {
        let head = self.raw.split("\r\n\r\n").next().expect("a header");
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let prefix = format!("{}:", name.to_lowercase());
        let mut values = unfolded
            .split("\r\n")
            .filter(|line| line.to_lowercase().starts_with(&prefix))
            .map(|line| line.split_once(':').expect("a colon").1.trim().to_owned());
        let first = values.next();
        assert!(values.next().is_none(), "{name} twice:\n{head}");
        first
    }

    /// The same, which must be there.
    fn must(&self, name: &str) -> String {
        self.header(name)
            .unwrap_or_else(|| panic!("no {name} in\n{}", self.raw))
    }

    fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::new()
            .parse(self.raw.as_bytes())
            .expect("a mail")
    }

    fn subject(&self) -> String {
        self.parsed().subject().expect("a subject").to_owned()
    }

    /// Name and address of From.
    fn from(&self) -> (String, String) {
        let parsed = self.parsed();
        let from = parsed.from().and_then(|f| f.first()).expect("one From");
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (part(from.name()), part(from.address()))
    }

    /// The plain text, decoded.
    fn text(&self) -> String {
        let text = self.parsed().body_text(0).expect("text").into_owned();
        text.replace("\r\n", "\n")
    }

    /// The media types and charsets of the parts, in order.
    fn parts(&self) -> Vec<String> {
        let parsed = self.parsed();
        parsed
            .parts
            .iter()
            .filter_map(|part| part.content_type())
            .map(|t| {
                let subtype = t.subtype().unwrap_or_default();
                match t.attribute("charset") {
                    Some(charset) => format!("{}/{subtype}; {charset}", t.ctype()),
                    None => format!("{}/{subtype}", t.ctype()),
                }
            })
            .collect()
    }

    fn id(&self) -> String {
        let id = self.must("Message-ID");
        id.trim_start_matches('<').trim_end_matches('>').to_owned()
    }
}

/// What was sent to this address, in order.
fn sent_to(house: &Daemon, address: &str) -> Vec<Sent> {
    house
        .sent()
        .into_iter()
        .map(|raw| Sent {
            raw: String::from_utf8(raw).expect("our mails are ASCII"),
        })
        .filter(|mail| mail.must("To").contains(address))
        .collect()
}
