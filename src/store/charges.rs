//! The lines of the ledger of charges (policy.md §7): entered with the decision that causes them,
//! never changed.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::tickets::address;
use super::{Result, from_json, instant, millis, named, to_json};
use crate::domain::billing::{Bucket, Span};
use crate::domain::case::HeldSession;
use crate::domain::charge::{Charge, ChargeKind, NewCharge, Released};
use crate::domain::effect::Entries;
use crate::domain::ids::{ChargeId, ClientId, InboundId, TicketId};
use crate::domain::ticket::Ticket;

/// No session is longer (policy.md §9), so that those which began before a time are found near it.
const SESSION_MAX: Duration = Duration::hours(24);

/// What is charged of a ticket, oldest first, with what has become of it.
pub fn of_ticket(tx: &Connection, ticket: TicketId) -> Result<Vec<Charge>> {
    tx.prepare_cached(
        "SELECT id, ticket_id, once, kind, minutes, bucket, factor, consultant, people, at, from_at,
                to_at, inbound_id, approving_id, pending_formalization, excess, reverses_id, note,
                formalized_at, approved_at, is_reversed
         FROM charge_line WHERE ticket_id = :ticket ORDER BY id",
    )?
    .query_map(named_params! { ":ticket": ticket.0 }, |row| Ok(charge(row)))?
    .map(|row| row?)
    .collect()
}

/// A line, by its number.
pub fn of_line(tx: &Connection, id: ChargeId) -> Result<Option<Charge>> {
    tx.prepare_cached(
        "SELECT id, ticket_id, once, kind, minutes, bucket, factor, consultant, people, at, from_at,
                to_at, inbound_id, approving_id, pending_formalization, excess, reverses_id, note,
                formalized_at, approved_at, is_reversed
         FROM charge_line WHERE id = :id",
    )?
    .query_row(named_params! { ":id": id.0 }, |row| Ok(charge(row)))
    .optional()?
    .transpose()
}

/// Those of these lines that are a client's.
pub fn of_client(tx: &Connection, client: ClientId, lines: &[ChargeId]) -> Result<Vec<Charge>> {
    let mut statement = tx.prepare_cached(
        "SELECT id, ticket_id, once, kind, minutes, bucket, factor, consultant, people, at, from_at,
                to_at, inbound_id, approving_id, pending_formalization, excess, reverses_id, note,
                formalized_at, approved_at, is_reversed
         FROM charge_line WHERE id = :id AND client_id = :client",
    )?;
    let mut found = Vec::new();
    for line in lines {
        let row = statement
            .query_row(
                named_params! { ":id": line.0, ":client": client.0 },
                |row| Ok(charge(row)),
            )
            .optional()?;
        found.extend(row.transpose()?);
    }
    Ok(found)
}

/// A line is disputed, and a ticket looks into it.
pub fn dispute(tx: &Connection, line: ChargeId, ticket: TicketId, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO dispute (charge_id, ticket_id, at) VALUES (:charge, :ticket, :at)
         ON CONFLICT (charge_id, ticket_id) DO NOTHING",
    )?
    .execute(named_params! { ":charge": line.0, ":ticket": ticket.0, ":at": millis(at) })?;
    Ok(())
}

/// A line with the columns of [`of_ticket`], in their order.
pub(super) fn charge(row: &Row) -> Result<Charge> {
    let text = |column: usize| row.get::<_, String>(column);
    let inbound = |column: usize| {
        row.get::<_, Option<i64>>(column)
            .map(|id| id.map(InboundId))
    };
    let moment = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(instant));
    let line = NewCharge {
        once: text(2)?,
        kind: named("charge", &text(3)?, ChargeKind::from_name)?,
        minutes: row.get(4)?,
        bucket: named("bucket", &text(5)?, Bucket::from_name)?,
        factor: row.get(6)?,
        consultant: address(&text(7)?)?,
        people: from_json(&text(8)?)?,
        at: instant(row.get(9)?),
        span: moment(10)?
            .zip(moment(11)?)
            .map(|(from, to)| Span { from, to }),
        source: inbound(12)?,
        approval: inbound(13)?,
        pending_formalization: row.get(14)?,
        excess: row.get(15)?,
        reverses: row.get::<_, Option<i64>>(16)?.map(ChargeId),
        note: text(17)?,
    };
    Ok(Charge {
        id: ChargeId(row.get(0)?),
        ticket: TicketId(row.get(1)?),
        line,
        formalized_at: moment(18)?,
        approved_at: moment(19)?,
        is_reversed: row.get(20)?,
    })
}

/// Enters what a decision adds. A line for what is charged already is none: a mail that is processed
/// anew charges nothing again.
pub fn enter(tx: &Connection, ticket: &Ticket, entries: &Entries, journal: i64) -> Result<()> {
    for line in &entries.entered {
        append(tx, ticket.id, ticket.client.id, line, journal)?;
    }
    for released in &entries.released {
        release(tx, released, journal)?;
    }
    Ok(())
}

fn append(
    tx: &Connection,
    ticket: TicketId,
    client: ClientId,
    line: &NewCharge,
    journal: i64,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO charge (once, ticket_id, client_id, journal_id, inbound_id, at, kind, minutes,
                             bucket, factor, consultant, people, from_at, to_at, note, approving_id,
                             pending_formalization, excess, reverses_id)
         VALUES (:once, :ticket, :client, :journal, :inbound, :at, :kind, :minutes,
                 :bucket, :factor, :consultant, :people, :from, :to, :note, :approving,
                 :pending, :excess, :reverses)
         ON CONFLICT (once) DO NOTHING",
    )?
    .execute(named_params! {
        ":once": line.once,
        ":ticket": ticket.0,
        ":client": client.0,
        ":journal": journal,
        ":inbound": line.source.map(|id| id.0),
        ":at": millis(line.at),
        ":kind": line.kind.name(),
        ":minutes": line.minutes,
        ":bucket": line.bucket.name(),
        ":factor": line.factor,
        ":consultant": line.consultant.as_str(),
        ":people": to_json(&line.people)?,
        ":from": line.span.map(|span| millis(span.from)),
        ":to": line.span.map(|span| millis(span.to)),
        ":note": line.note,
        ":approving": line.approval.map(|id| id.0),
        ":pending": line.pending_formalization,
        ":excess": line.excess,
        ":reverses": line.reverses.map(|id| id.0),
    })?;
    Ok(())
}

fn release(tx: &Connection, released: &Released, journal: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO charge_release (charge_id, waited_for, at, inbound_id, journal_id)
         VALUES (:charge, :waited_for, :at, :inbound, :journal)
         ON CONFLICT (charge_id, waited_for) DO NOTHING",
    )?
    .execute(named_params! {
        ":charge": released.charge.0,
        ":waited_for": released.waited_for.name(),
        ":at": millis(released.at),
        ":inbound": released.source.0,
        ":journal": journal,
    })?;
    Ok(())
}

/// Minutes of follow-ups charged to a client between two instants, the second not included.
pub fn follow_up_minutes(
    tx: &Connection,
    client: ClientId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<i64> {
    Ok(tx
        .prepare_cached(
            "SELECT coalesce(sum(minutes), 0) FROM charge
             WHERE client_id = :client AND at >= :from AND at < :to AND kind = 'follow_up'",
        )?
        .query_row(
            named_params! { ":client": client.0, ":from": millis(from), ":to": millis(to) },
            |row| row.get(0),
        )?)
}

/// Sessions on record that share some time with `span`, of whatever ticket, each once.
pub fn sessions_within(tx: &Connection, span: Span) -> Result<Vec<HeldSession>> {
    tx.prepare_cached(
        "SELECT DISTINCT ticket_id, from_at, to_at, people FROM charge
         WHERE kind = 'session' AND to_at > :from AND to_at <= :latest AND from_at < :to
           AND reverses_id IS NULL
           AND NOT EXISTS (SELECT 1 FROM charge AS later WHERE later.reverses_id = charge.id)
         ORDER BY from_at, ticket_id",
    )?
    .query_map(
        named_params! {
            ":from": millis(span.from),
            ":to": millis(span.to),
            ":latest": millis(span.to + SESSION_MAX),
        },
        |row| {
            Ok((
                TicketId(row.get(0)?),
                Span {
                    from: instant(row.get(1)?),
                    to: instant(row.get(2)?),
                },
                row.get::<_, String>(3)?,
            ))
        },
    )?
    .map(|row| {
        let (ticket, span, people) = row?;
        let people = from_json(&people)?;
        Ok(HeldSession {
            ticket,
            span,
            people,
        })
    })
    .collect()
}
