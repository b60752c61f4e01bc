//! The real binary between a real Dovecot and a real SMTP server, both started by the test.

mod incoming;
mod outgoing;
mod tls;
mod whole_day;

use std::time::Duration;

use super::world::daemon::{Config, Daemon};
use super::world::dovecot::Dovecot;
use super::world::smtp_sink::{Received, SmtpSink};
use super::world::{traffic, wait_until};

/// How long something may take on a slow machine that runs many tests at once.
const PATIENCE: Duration = Duration::from_secs(180);

/// An authorizer.
const MARIA: &str = "maria@acme.example";

/// The consultant.
const ANA: &str = traffic::CONSULTANT;

/// The operators.
const OPERATORS: &str = traffic::OPERATORS;

/// A client with María and Pedro, and no brakes.
fn acme(dovecot: &Dovecot, sink: &SmtpSink) -> Config {
    Config::new()
        .imap_from(dovecot)
        .smtp_to(sink)
        .unbraked()
        .client(
            "ACME",
            &["acme.example"],
            &[
                ("María Pérez", MARIA),
                ("Pedro Gómez", "pedro@acme.example"),
            ],
        )
}

/// Waits until so many mails are in the ledger, and nothing waits any more.
fn rest_with(daemon: &Daemon, mails: i64) {
    let ledger = daemon.ledger();
    let what = format!("{mails} mails are in the ledger and nothing waits");
    wait_until(&what, PATIENCE, || {
        (ledger.mails() == mails && ledger.is_at_rest()).then_some(())
    });
}

/// Waits until the mailbox has been read to its end.
fn first_poll(daemon: &Daemon) {
    let ledger = daemon.ledger();
    wait_until("the mailbox has been read", PATIENCE, || {
        let polled = "SELECT count(*) FROM mailbox WHERE last_poll_at IS NOT NULL";
        (ledger.number(polled) > 0).then_some(())
    });
}

/// The subjects of all mails to an address, in their order, as they came over the wire.
fn subjects_to(sink: &SmtpSink, address: &str) -> Vec<String> {
    let subject = |mail: &Received| mail.header("Subject").expect("a subject");
    sink.mails_to(address).iter().map(subject).collect()
}

/// An outgoing mail as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    id: i64,
    message_id: String,
    state: String,
    attempts: i64,
    uncertain: i64,
    /// In milliseconds since 1970.
    next_at: Option<i64>,
    answer: String,
}

/// The outgoing mails of this letter to this address, in the order of their making.
fn outgoing(daemon: &Daemon, kind: &str, to: &str) -> Vec<Row> {
    daemon.ledger().rows(
        &format!(
            "SELECT id, message_id, state, attempts, uncertain, next_at, answer FROM outbox
             WHERE kind = '{kind}' AND recipient = '{to}' ORDER BY id"
        ),
        |row| {
            Ok(Row {
                id: row.get(0)?,
                message_id: row.get(1)?,
                state: row.get(2)?,
                attempts: row.get(3)?,
                uncertain: row.get(4)?,
                next_at: row.get(5)?,
                answer: row.get(6)?,
            })
        },
    )
}

/// The one outgoing mail of this letter to this address.
fn the_outgoing(daemon: &Daemon, kind: &str, to: &str) -> Row {
    let mut rows = outgoing(daemon, kind, to);
    assert_eq!(rows.len(), 1, "{kind} to {to}: {rows:?}");
    rows.remove(0)
}

/// The copies of a mail that reached the server.
fn copies(sink: &SmtpSink, message_id: &str) -> Vec<Received> {
    let mut mails = sink.mails();
    mails.retain(|mail| traffic::message_id(mail) == message_id);
    mails
}
