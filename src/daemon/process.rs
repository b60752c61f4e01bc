//! Commit 2: waiting rows become decisions (mail.md §1), and due rows become events.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::thread;

use crate::store::{Connection, Transaction};
use chrono::{DateTime, Utc};

use super::engine::Engine;
use crate::domain::event::{DeliveryOutcome, Event};
use crate::domain::ids::InboundId;
use crate::domain::message::Mail;
use crate::store::inbox::{self, Claimed, Reading, Waiting};
use crate::store::{
    Result, Store, StoreError, alerts, departures, directory, outbox, tickets, unpack,
};

/// Mails that share one commit. More would save little and hold the database longer.
const BATCH_MAX: u32 = 64;

/// Mails taken out of the ledger before their turn: enough that the reading thread always has
/// work, few enough that their bytes do not count.
const READ_AHEAD: usize = 2;

/// Due rows fired in one transaction; the rest follows in the next.
const DUE_BATCH_MAX: u32 = 100;

/// Most tickets of one person that pass on in one transaction; the rest follows in the next.
const PASSED_ON_MAX: u32 = 200;

/// When a due action that could not be decided is tried again.
const DUE_RETRY: chrono::Duration = chrono::Duration::minutes(15);

/// Processes the oldest waiting mails; answers how many were tried. Zero: nothing waits.
pub fn batch(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    let claimed = store.transaction(|tx| inbox::claim(tx, BATCH_MAX))?;
    process(store, engine, &claimed, now)?;
    Ok(claimed.len())
}

/// Processes one mail, if it still waits.
pub fn one(store: &mut Store, engine: &Engine, id: InboundId, now: DateTime<Utc>) -> Result<()> {
    let claimed = store.transaction(|tx| inbox::claim_one(tx, id))?;
    process(store, engine, claimed.as_slice(), now)
}

fn process(
    store: &mut Store,
    engine: &Engine,
    claimed: &[Claimed],
    now: DateTime<Utc>,
) -> Result<()> {
    if claimed.is_empty() {
        return Ok(());
    }
    let done = store.transaction(|tx| decide_all(tx, engine, claimed, now));
    if done.is_err() {
        // The database failed, not the mails: their attempts do not count.
        store.transaction(|tx| {
            claimed
                .iter()
                .try_for_each(|row| inbox::uncount_attempt(tx, row.id))
        })?;
    }
    done
}

/// A waiting row and what its bytes say; nothing where it does not wait any more, or is not to be
/// read any more.
type Read = Option<(Waiting, Box<Mail>)>;

/// Decides about rows in their order. Bytes are read on a thread beside: that needs no table, and
/// takes a fifth of the time of the rest.
fn decide_all(
    tx: &mut Transaction,
    engine: &Engine,
    claimed: &[Claimed],
    now: DateTime<Utc>,
) -> Result<()> {
    thread::scope(|scope| {
        // Never more than READ_AHEAD rows are under way, so neither channel ever blocks its sender.
        let (rows, loaded) = sync_channel(READ_AHEAD);
        let (mails, read) = sync_channel(READ_AHEAD);
        scope.spawn(move || {
            for (row, waiting) in loaded {
                let mail = caught(|| read_one(engine, row, waiting?));
                if mails.send(mail).is_err() {
                    return;
                }
            }
        });
        let feed = |tx: &Connection, row: &Claimed| {
            // Refused only where the thread is gone, which the next receipt tells.
            let _ = rows.send((*row, inbox::load_waiting(tx, row.id)));
        };
        let mut coming = claimed.iter();
        for row in coming.by_ref().take(READ_AHEAD) {
            feed(tx, row);
        }
        for row in claimed {
            let mail = read.recv().map_err(|_| StoreError::Stopped)?;
            if let Some(next) = coming.next() {
                feed(tx, next);
            }
            guarded(tx, engine, *row, mail, now)?;
        }
        Ok(())
    })
}

fn read_one(engine: &Engine, row: Claimed, waiting: Option<Waiting>) -> Result<Read> {
    let Some(mut waiting) = waiting.filter(|_| row.attempts < inbox::ATTEMPTS_MAX) else {
        return Ok(None);
    };
    let raw = unpack(&std::mem::take(&mut waiting.packed))?;
    let mut mail = engine.read(&raw, waiting.received_at);
    mail.omitted_bytes = waiting.omitted_bytes;
    Ok(Some((waiting, Box::new(mail))))
}

/// A panic as an error of the mail that caused it.
fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|panic| Err(StoreError::Unreadable(panic_text(&*panic))))
}

/// One mail under a savepoint: whatever it does wrong is undone and noted on its row alone.
fn guarded(
    tx: &mut Transaction,
    engine: &Engine,
    row: Claimed,
    mail: Result<Read>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut savepoint = tx.savepoint().map_err(StoreError::from)?;
    match caught(|| decide_one(&savepoint, engine, row, mail, now)) {
        Ok(()) => savepoint.commit().map_err(StoreError::from),
        Err(error) if error.is_storage_failure() => Err(error),
        Err(error) => {
            savepoint.rollback()?;
            drop(savepoint);
            tracing::error!(inbound = row.id.0, attempt = row.attempts + 1, %error, "a mail could not be processed");
            inbox::note_error(tx, row.id, &error.to_string())
        }
    }
}

fn decide_one(
    tx: &Connection,
    engine: &Engine,
    row: Claimed,
    read: Result<Read>,
    now: DateTime<Utc>,
) -> Result<()> {
    // Before the mail is looked at: it may be its bytes that cannot be unpacked.
    if row.attempts >= inbox::ATTEMPTS_MAX {
        let Some(words) = inbox::last_error(tx, row.id)? else {
            return Ok(());
        };
        let event = Event::Unprocessable {
            inbound: row.id,
            reason: if words.is_empty() {
                "the process ended while it read the mail".to_owned()
            } else {
                words
            },
        };
        return engine.handle(tx, &event, now);
    }
    let Some((waiting, mut mail)) = read? else {
        return Ok(());
    };
    note_reading(tx, row.id, &mail)?;
    // Whoever released a mail without a single sender said whose it is.
    if let Some(from) = waiting.release.as_ref().and_then(|r| r.from.clone()) {
        mail.from = Ok(from);
    }
    confirm_uncertain(tx, engine, &mail, now)?;
    let event = Event::Mail {
        inbound: row.id,
        mail,
        release: waiting.release,
    };
    engine.handle(tx, &event, now)?;
    // Policy §1: what a consultant's word takes from somebody passes on in the same commit.
    pass_on(tx, engine, now)?;
    Ok(())
}

/// What people who were taken off a list had under way passes to the others (policy.md §1). Answers
/// how many tickets.
fn pass_on(tx: &Connection, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    // Nearly always there is nothing.
    if !departures::any(tx)? {
        return Ok(0);
    }
    let today = now.with_timezone(&engine.zone).date_naive();
    let mut passed = 0;
    for gone in departures::waiting(tx, today)? {
        // Policy §5: what was closed by mistake may be opened again for so long.
        let calendar = &engine.policy.calendar;
        let reopen_days = engine.policy.replies.reopen_business_days;
        let settled = calendar.add_business_days(gone.at, reopen_days) < today;
        let back = directory::client_of_entry(tx, &gone.address)?;
        let is_back = back.is_some_and(|client| client.id == gone.client);
        let tickets = if is_back {
            Vec::new()
        } else {
            departures::tickets_of(tx, &gone, PASSED_ON_MAX)?
        };
        if is_back || (settled && tickets.is_empty()) {
            departures::over(tx, &gone)?;
        }
        for ticket in &tickets {
            let event = Event::Departure {
                ticket: *ticket,
                address: gone.address.clone(),
            };
            engine.handle(tx, &event, now)?;
        }
        passed += tickets.len();
    }
    Ok(passed)
}

/// The same for what the command line took from somebody, and for what one commit left over; answers
/// how many tickets. One that cannot be decided holds up nothing: it is tried again.
pub fn pass_on_tickets(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    if !departures::any(store.reader())? {
        return Ok(0);
    }
    match store.transaction(|tx| pass_on(tx, engine, now)) {
        Err(error) if !error.is_storage_failure() => {
            tracing::error!(%error, "tickets of somebody who left could not be passed on");
            Ok(0)
        }
        done => done,
    }
}

fn note_reading(tx: &Connection, id: InboundId, mail: &Mail) -> Result<()> {
    inbox::note_reading(
        tx,
        id,
        &Reading {
            message_id: &mail.message_id,
            content_hash: &mail.content_hash,
            from: mail.from.as_ref().ok().map(|p| p.address.as_str()),
            subject: &mail.subject,
            verdict: mail.authentication.verdict.name(),
            verdict_line: &mail.authentication.line,
        },
    )
}

/// A mail that refers to an uncertain one of ours proves that it arrived (mail.md §6).
fn confirm_uncertain(
    tx: &Connection,
    engine: &Engine,
    mail: &Mail,
    now: DateTime<Utc>,
) -> Result<()> {
    for id in mail.in_reply_to.iter().chain(&mail.references) {
        let Some(ours) = outbox::uncertain_by_id(tx, id)? else {
            continue;
        };
        let at = ours.offered_at.unwrap_or(now);
        outbox::settle(
            tx,
            ours.id,
            outbox::Settled::Sent,
            "answered by a later mail",
            at,
        )?;
        let event = Event::Delivery {
            outbox: ours.id,
            letter: ours.kind,
            to: ours.to,
            ticket: ours.ticket,
            outcome: DeliveryOutcome::Sent(at),
        };
        engine.handle(tx, &event, now)?;
    }
    Ok(())
}

/// Fires due rows; answers how many. Each is under a savepoint of the same commit; one that cannot
/// be decided is put off, so that it holds up no other.
pub fn fire_due(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    store.transaction(|tx| {
        let scanned_at = inbox::scanned_at(tx)?;
        let rows = tickets::due_now(tx, now, scanned_at, DUE_BATCH_MAX)?;
        for (ticket, kind) in &rows {
            let event = Event::Due {
                ticket: *ticket,
                kind: *kind,
            };
            let mut savepoint = tx.savepoint().map_err(StoreError::from)?;
            match engine.handle(&savepoint, &event, now) {
                Ok(()) => savepoint.commit()?,
                Err(error) if error.is_storage_failure() => return Err(error),
                Err(error) => {
                    savepoint.rollback()?;
                    drop(savepoint);
                    tracing::error!(ticket = ticket.0, %error, "a due action could not be decided");
                    tickets::put_off(tx, *ticket, *kind, now + DUE_RETRY)?;
                }
            }
        }
        Ok(rows.len())
    })
}

/// A run of due rows is over: each consultant gets one mail with all his alerts (policy.md §3).
/// Answers for how many consultants there were some.
pub fn tell_alerts(store: &mut Store, engine: &Engine, now: DateTime<Utc>) -> Result<usize> {
    // Nearly always there are none: a look costs no transaction.
    if alerts::consultants(store.reader())?.is_empty() {
        return Ok(0);
    }
    store.transaction(|tx| {
        let consultants = alerts::consultants(tx)?;
        for consultant in &consultants {
            let event = Event::TellAlerts {
                consultant: consultant.clone(),
            };
            engine.handle(tx, &event, now)?;
        }
        Ok(consultants.len())
    })
}

/// What a panic said, as far as it said it in words.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panic: {}", text.unwrap_or("without words"))
}
