//! A ledger of years to measure with: tickets with everything that belongs to them, the same on
//! every run. Rows are written past the loops, but by the program's own functions where these are
//! fast enough, so that what is stored is what the program would have stored.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use rusqlite::named_params;
use serde_json::{Value, json};
use soported::domain::address::{Address, Person};
use soported::domain::authorizer::Authorizer;
use soported::domain::clock;
use soported::domain::ids::{ClientId, InboundId, OutboxId, TicketId};
use soported::domain::lifecycle::schedule;
use soported::domain::policy::Policy;
use soported::domain::ticket::{ClientRef, ClosedAs, Fact, Kind, Priority, Status, Thread, Ticket};
use soported::store::directory::{self, ClientSettings};
use soported::store::journal::{self, Line};
use soported::store::tickets::{self, MessageSource, NewMessage, ResponseCache};
use soported::store::{Connection, Store, inbox, millis};

/// One ticket in so many is open.
pub const OPEN_EVERY: i64 = 20;

/// Clients in the directory.
const CLIENTS: i64 = 200;

/// Authorizers of each client.
const AUTHORIZERS: i64 = 5;

/// Tickets written in one transaction.
const BATCH: i64 = 20_000;

/// Tickets whose response limit runs out in the morning, and as many that are due for another reason;
/// twice as many whose response is due in the afternoon.
const MORNING: i64 = 500;

const ANA: &str = "ana@grupostaff.com";

/// What a mail of two thousand letters comes to once it is packed, in bytes.
const PACKED_MAIL_BYTES: usize = 900;

/// The day on which all is measured, a Tuesday: an instant in Mexico City.
pub fn tuesday(hour: u32) -> DateTime<Utc> {
    at(24, hour)
}

fn at(day: u32, hour: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T{hour:02}:00:00-06:00")
        .parse()
        .expect("an instant")
}

/// Who writes mail number `n`.
pub fn requester(n: i64) -> String {
    let client = n % CLIENTS;
    format!(
        "persona{}@cliente{client}.example",
        n / CLIENTS % AUTHORIZERS
    )
}

/// Puts the clients of [`requester`] into a ledger.
pub fn directory(store: &mut Store) {
    let filled = store.transaction(|tx| {
        for n in 0..CLIENTS {
            let settings = ClientSettings::default();
            let client = directory::add_client(tx, &format!("Cliente {n}"), &settings)?;
            directory::set_domain(tx, client, &format!("cliente{n}.example"))?;
            for person in 0..AUTHORIZERS {
                let address = address(&requester(person * CLIENTS + n));
                let entry = Authorizer {
                    person: Person::new(address, &format!("Persona {person}")),
                    can_open: true,
                    can_approve: true,
                    can_validate: true,
                    from: None,
                    until: None,
                };
                directory::add_entry(tx, client, &entry)?;
            }
        }
        Ok::<_, soported::store::StoreError>(())
    });
    filled.expect("a directory");
}

/// Writes `count` tickets into the ledger at `path`, whose directory is filled.
pub fn fill(path: &Path, policy: &Policy, count: i64) {
    let connection = Connection::open(path).expect("a ledger");
    // Nobody else looks, and what is lost by a crash is written again: no log, no waiting for the
    // disk, and no look at the keys, which are right by construction.
    connection
        .execute_batch(
            "PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA foreign_keys = off;
             PRAGMA locking_mode = exclusive; PRAGMA cache_size = -1000000;",
        )
        .expect("settings");
    connection.set_prepared_statement_cache_capacity(64);
    let mailbox = inbox::mailbox(&connection, "archivo", at(1, 0)).expect("a mailbox");
    let clients: Vec<ClientRef> = (1..=CLIENTS)
        .filter_map(|id| directory::client_ref(&connection, ClientId(id)).expect("a client"))
        .collect();
    let raw = vec![0; PACKED_MAIL_BYTES];
    for first in (1..=count).step_by(BATCH as usize) {
        connection.execute_batch("BEGIN").expect("a transaction");
        for n in first..count.min(first + BATCH - 1) + 1 {
            let client = &clients[(n % CLIENTS) as usize];
            let (ticket, scheduled_at) = ticket(n, count, client);
            write(&connection, mailbox.id, &ticket, policy, scheduled_at, &raw);
        }
        connection.execute_batch("COMMIT").expect("a commit");
    }
    drop(connection);
    // Or whoever comes next waits for the disk.
    let file = File::open(path).expect("a ledger");
    file.sync_all().expect("a disk");
}

/// Ticket `n` of `count`, and when its due rows were last computed.
fn ticket(n: i64, count: i64, client: &ClientRef) -> (Ticket, DateTime<Utc>) {
    if n % OPEN_EVERY != 0 {
        // Four years of them, evenly.
        let opened = at(1, 9) - Duration::minutes((count - n) * 4 * 365 * 24 * 60 / count);
        return (closed(n, client, opened), opened);
    }
    let open = n / OPEN_EVERY;
    // Spread over the whole ledger, so that each is on pages of its own.
    let stride = (count / OPEN_EVERY / MORNING).max(4);
    let minutes = Duration::minutes(open % 30);
    let monday = |hour| at(23, hour) + minutes;
    let asked = |hour, priority| asked(n, client, monday(hour), priority, Kind::TechnicalRegular);
    let answered = |hour, kind, status| answered(n, client, monday(hour), kind, status);
    let ticket = match open % stride {
        // An hour is aimed at and four are promised: Tuesday before noon.
        0 => asked(17, Priority::High),
        // Answered half an hour later; three quarters of six hours: Tuesday from 9:30.
        1 => answered(14, Kind::TechnicalRegular, Status::InProgress),
        // Eight hours are aimed at: Tuesday from 12:30.
        2 | 3 => asked(14, Priority::Medium),
        // Nothing before Tuesday afternoon at five.
        kind if kind % 3 == 0 => asked(17, Priority::Low),
        kind if kind % 3 == 1 => answered(10, Kind::MaintenanceMajor, Status::InProgress),
        _ => answered(17, Kind::TechnicalRegular, Status::WaitingClient),
    };
    (ticket, at(23, 17) + Duration::minutes(59))
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn asked(
    n: i64,
    client: &ClientRef,
    opened_at: DateTime<Utc>,
    priority: Priority,
    kind: Kind,
) -> Ticket {
    let from = address(&requester(n));
    let mut ticket = Ticket {
        id: TicketId(n),
        client: client.clone(),
        requester: Person::new(from.clone(), "Persona de Prueba"),
        participants: Vec::new(),
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        priority,
        kind,
        level: 1,
        official: true,
        opened_at,
        thread: Thread {
            subject: format!("Falla número {n} en la póliza contable"),
            last_id: Some(theirs(n)),
            references: Vec::new(),
            topic: None,
            index: None,
        },
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
    };
    let opened = fact(json!({
        "fact": "opened", "received_at": opened_at, "priority": priority, "kind": kind,
    }));
    ticket.record(opened_at, opened);
    for minute in 0..4 {
        let wrote = fact(json!({ "fact": "client_wrote", "by": from, "inbound": n }));
        ticket.record(opened_at + Duration::minutes(minute), wrote);
    }
    ticket
}

/// A fact as the ledger holds it: what it does not say has the meaning it always had.
fn fact(stored: Value) -> Fact {
    serde_json::from_value(stored).expect("a fact")
}

fn changed(status: Status, closed_as: Option<ClosedAs>) -> Fact {
    fact(json!({
        "fact": "status_changed", "to": status.name(), "closed_as": closed_as.map(ClosedAs::name),
    }))
}

fn answered(
    n: i64,
    client: &ClientRef,
    opened_at: DateTime<Utc>,
    kind: Kind,
    status: Status,
) -> Ticket {
    let mut ticket = asked(n, client, opened_at, Priority::Medium, kind);
    let replied = opened_at + Duration::minutes(30);
    let queued = fact(json!({ "fact": "reply_queued", "by": ANA, "inbound": n }));
    ticket.record(replied, queued);
    ticket.record(replied, changed(Status::InProgress, None));
    ticket.record(replied, fact(json!({ "fact": "reply_sent", "outbox": n })));
    if status != Status::InProgress {
        ticket.record(replied, changed(status, None));
    }
    ticket
}

fn closed(n: i64, client: &ClientRef, opened_at: DateTime<Utc>) -> Ticket {
    let kind = Kind::TechnicalRegular;
    let mut ticket = answered(n, client, opened_at, kind, Status::InProgress);
    // Some wrote more than others.
    for _ in 0..n % 3 {
        ticket.history.remove(2);
    }
    let solved = opened_at + Duration::days(2);
    ticket.record(solved, changed(Status::Proposed, None));
    let validated = changed(Status::Closed, Some(ClosedAs::Validated));
    ticket.record(solved + Duration::hours(20), validated);
    ticket
}

/// The Message-ID of the mail that opened ticket `n`.
fn theirs(n: i64) -> String {
    format!("{n:09}.pregunta@correo.example")
}

/// The Message-ID of our answer.
fn ours(n: i64) -> String {
    format!("{n:09}.respuesta@grupostaff.com")
}

/// A ticket with its mail, our answer to it, and a line of the journal for each.
fn write(
    tx: &Connection,
    mailbox: i64,
    ticket: &Ticket,
    policy: &Policy,
    scheduled_at: DateTime<Utc>,
    raw: &[u8],
) {
    let (n, opened_at) = (ticket.id.0, ticket.opened_at);
    let line = |event, outbox| Line {
        event,
        inbound: Some(InboundId(n)),
        outbox,
        ticket: Some(ticket.id),
        why: "human: no sign of a machine\nopened: no evidence of an earlier ticket",
    };
    inbound(tx, mailbox, ticket);
    let decided = journal::write(tx, &line("mail", None), opened_at).expect("a line");
    outbox(tx, ticket, decided, raw);
    let delivered = Some(OutboxId(n));
    journal::write(tx, &line("delivery", delivered), opened_at).expect("a line");
    let response = clock::response(ticket, policy);
    let cache = ResponseCache {
        limit_open_at: response.limit_open_at,
        met_at: response.met_at,
    };
    let due = schedule(ticket, policy, scheduled_at);
    tickets::save(tx, ticket, &ticket.history, &due, cache, decided, opened_at).expect("a ticket");
    let text = "Buenos días:\n\nNo timbra la factura desde ayer y el servidor marca un error en \
                la póliza contable. ¿Nos ayudan, por favor?\n\nGracias.\n";
    let message = NewMessage {
        ticket: ticket.id,
        source: MessageSource::Inbound(InboundId(n)),
        message_id: &theirs(n),
        at: opened_at,
        from: ticket.requester.address.as_str(),
        class: "human",
        visibility: "public",
        thread_evidence: Some("a new conversation"),
        text,
    };
    tickets::file(tx, &message).expect("a message");
    let answer = NewMessage {
        source: MessageSource::Outbox(OutboxId(n)),
        message_id: &ours(n),
        from: "soporte@grupostaff.com",
        class: "acknowledgement",
        thread_evidence: None,
        ..message
    };
    tickets::file(tx, &answer).expect("a message");
    tickets::tie(tx, &theirs(n), ticket.id, None).expect("a tie");
    tickets::tie(tx, &ours(n), ticket.id, Some(OutboxId(n))).expect("a tie");
}

/// The mail that opened a ticket, without its bytes.
fn inbound(tx: &Connection, mailbox: i64, ticket: &Ticket) {
    let n = ticket.id.0;
    tx.prepare_cached(
        "INSERT INTO inbound (id, mailbox_id, epoch, locator, received_at, stored_at, size_bytes,
                              sha256, state, message_id, content_hash, from_address, subject, class,
                              verdict, outcome, why)
         VALUES (:n, :mailbox, 1, printf('%09d', :n), :at, :at, 8000, :sha256, 'done', :message_id,
                 :hash, :from, :subject, 'human', 'authenticated', 'opened',
                 'human: no sign of a machine')",
    )
    .and_then(|mut statement| {
        statement.execute(named_params! {
            ":n": n,
            ":mailbox": mailbox,
            ":at": millis(ticket.opened_at),
            ":sha256": hash(n),
            ":message_id": theirs(n),
            ":hash": format!("{:032x}", n),
            ":from": ticket.requester.address.as_str(),
            ":subject": ticket.thread.subject,
        })
    })
    .expect("a mail");
}

/// Our answer to it, sent.
fn outbox(tx: &Connection, ticket: &Ticket, journal: i64, raw: &[u8]) {
    let n = ticket.id.0;
    tx.prepare_cached(
        "INSERT INTO outbox (id, once, journal_id, ticket_id, kind, lane, braked, purpose, recipient,
                             envelope_from, message_id, raw, state, attempts, created_at,
                             offered_at, sent_at, answer)
         VALUES (:n, 'ack:' || printf('%09d', :n), :journal, :n, 'acknowledgement', 1, 1, 'client',
                 :to, 'soporte@grupostaff.com', :message_id, :raw, 'sent', 1, :at, :at, :at,
                 '250 2.0.0 Ok: queued')",
    )
    .and_then(|mut statement| {
        statement.execute(named_params! {
            ":n": n,
            ":journal": journal,
            ":to": ticket.requester.address.as_str(),
            ":message_id": ours(n),
            ":raw": raw,
            ":at": millis(ticket.opened_at),
        })
    })
    .expect("a mail of ours");
}

/// As far from the hashes of its neighbours as a real one (SplitMix64's last step, four times).
fn hash(n: i64) -> Vec<u8> {
    (0..4_u64)
        .flat_map(|part| {
            let mut z = (n as u64 * 4 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)).to_be_bytes()
        })
        .collect()
}
