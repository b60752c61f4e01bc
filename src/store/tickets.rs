//! Tickets, their facts, their due rows and the messages filed on them.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{Result, StoreError, charges, from_json, instant, millis, named, to_json};
use crate::domain::address::{Address, Person};
use crate::domain::case::LastWords;
use crate::domain::effect::Due;
use crate::domain::event::DueKind;
use crate::domain::ids::{ClientId, InboundId, OutboxId, TicketId};
use crate::domain::policy::OutOfHoursTerms;
use crate::domain::ticket::{ClientRef, ClosedAs, Dated, Fact, Kind, Priority, Status, Ticket};

/// The number the next ticket gets. Numbers are never given twice.
pub fn next_number(tx: &Connection) -> Result<TicketId> {
    let next = tx
        .prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM ticket")?
        .query_row([], |row| row.get(0))?;
    Ok(TicketId(next))
}

/// An address as the program wrote it.
pub(super) fn address(text: &str) -> Result<Address> {
    named("address", text, Address::parse)
}

/// A ticket with its whole history; `None` where the number was never given.
pub fn load(tx: &Connection, id: TicketId) -> Result<Option<Ticket>> {
    let row = tx
        .prepare_cached(
            "SELECT client.id, client.name, requester, requester_name, assignee, status, closed_as,
                    priority, kind, level, official, opened_at, thread,
                    client.settings ->> 'calendar',
                    client.settings ->> 'minimum_notice_minutes', client.settings ->> 'factor'
             FROM ticket JOIN client ON client.id = client_id
             WHERE ticket.id = :id",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| {
            Ok((
                ClientRef {
                    id: ClientId(row.get(0)?),
                    name: row.get(1)?,
                    hours: row.get(13)?,
                    calendar: None,
                    out_of_hours: OutOfHoursTerms {
                        minimum_notice: row.get::<_, Option<i64>>(14)?.map(Duration::minutes),
                        factor: row.get(15)?,
                    },
                },
                (row.get::<_, String>(2)?, row.get::<_, String>(3)?),
                row.get::<_, Option<String>>(4)?,
                (row.get::<_, String>(5)?, row.get::<_, Option<String>>(6)?),
                (row.get::<_, String>(7)?, row.get::<_, String>(8)?),
                (row.get::<_, u8>(9)?, row.get::<_, bool>(10)?),
                row.get::<_, i64>(11)?,
                row.get::<_, String>(12)?,
            ))
        })
        .optional()?;
    let Some((client, requester, assignee, status, sort, (level, official), opened, thread)) = row
    else {
        return Ok(None);
    };
    Ok(Some(Ticket {
        id,
        client,
        requester: Person::new(address(&requester.0)?, &requester.1),
        participants: participants(tx, id, false)?,
        copied: participants(tx, id, true)?,
        assignee: assignee.as_deref().map(address).transpose()?,
        status: named("status", &status.0, Status::from_name)?,
        closed_as: status
            .1
            .map(|c| named("closed_as", &c, ClosedAs::from_name))
            .transpose()?,
        priority: named("priority", &sort.0, Priority::from_name)?,
        kind: named("kind", &sort.1, Kind::from_name)?,
        level,
        official,
        opened_at: instant(opened),
        thread: from_json(&thread)?,
        history: history(tx, id)?,
        charges: charges::of_ticket(tx, id)?,
        followed_up_today: 0,
    }))
}

/// Those who take part, or those who were only copied.
fn participants(tx: &Connection, id: TicketId, copied: bool) -> Result<Vec<Person>> {
    tx.prepare_cached(
        "SELECT address, name FROM ticket_participant
         WHERE ticket_id = :id AND copied = :copied ORDER BY address",
    )?
    .query_map(named_params! { ":id": id.0, ":copied": copied }, |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?
    .map(|row| {
        let (text, name) = row?;
        Ok(Person::new(address(&text)?, &name))
    })
    .collect()
}

/// What happened to a ticket, oldest first, without what was taken back (policy.md §9).
fn history(tx: &Connection, id: TicketId) -> Result<Vec<Dated>> {
    history_without(tx, id, None)
}

/// The same as if a received mail had never come.
pub fn history_without(
    tx: &Connection,
    id: TicketId,
    mail: Option<InboundId>,
) -> Result<Vec<Dated>> {
    let rows = tx
        .prepare_cached(
            "SELECT ticket_fact.at, fact, journal.inbound_id
             FROM ticket_fact JOIN journal ON journal.id = journal_id
             WHERE ticket_fact.ticket_id = :id ORDER BY ticket_fact.id",
        )?
        .query_map(named_params! { ":id": id.0 }, |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Option<i64>>(2)?.map(InboundId),
            ))
        })?
        .map(|row| {
            let (at, fact, cause) = row?;
            let (at, fact) = (instant(at), from_json(&fact)?);
            Ok((Dated { at, fact }, cause))
        })
        .collect::<Result<Vec<(Dated, Option<InboundId>)>>>()?;
    let undone: Vec<InboundId> = rows
        .iter()
        .filter_map(|(dated, _)| match dated.fact {
            Fact::Undone { inbound, .. } => Some(inbound),
            _ => None,
        })
        .chain(mail)
        .collect();
    let counts = |cause: &Option<InboundId>| cause.is_none_or(|cause| !undone.contains(&cause));
    let kept = rows.into_iter().filter(|(_, cause)| counts(cause));
    Ok(kept.map(|(dated, _)| dated).collect())
}

/// The response clock's figures that are kept for queries over many tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseCache {
    /// When open time begins to pass beyond the limit.
    pub limit_open_at: DateTime<Utc>,
    /// When the first answer was accepted.
    pub met_at: Option<DateTime<Utc>>,
}

/// Writes a ticket's attributes, new or changed, appends facts and replaces its due rows.
pub fn save(
    tx: &Connection,
    ticket: &Ticket,
    facts: &[Dated],
    due: &[Due],
    response: ResponseCache,
    journal: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let next_action = due.iter().map(|d| d.at).min();
    if ticket.is_open() && next_action.is_none() {
        let what = format!("ticket {} is open without a next action", ticket.id);
        return Err(StoreError::Unreadable(what));
    }
    tx.prepare_cached(
        "INSERT INTO ticket (id, client_id, requester, requester_name, assignee, status, closed_as,
                             priority, kind, level, official, opened_at, created_at, thread,
                             response_limit_open_at, response_met_at, next_action_at, closed_at)
         VALUES (:id, :client, :requester, :requester_name, :assignee, :status, :closed_as,
                 :priority, :kind, :level, :official, :opened, :now, :thread,
                 :limit_open, :met, :next_action, :closed_at)
         ON CONFLICT (id) DO UPDATE SET
             requester = :requester, requester_name = :requester_name,
             assignee = :assignee, status = :status, closed_as = :closed_as, priority = :priority,
             kind = :kind, level = :level, official = :official, opened_at = :opened,
             thread = :thread, response_limit_open_at = :limit_open, response_met_at = :met,
             next_action_at = :next_action, closed_at = :closed_at",
    )?
    .execute(named_params! {
        ":id": ticket.id.0,
        ":client": ticket.client.id.0,
        ":requester": ticket.requester.address.as_str(),
        ":requester_name": ticket.requester.name,
        ":assignee": ticket.assignee.as_ref().map(Address::as_str),
        ":status": ticket.status.name(),
        ":closed_as": ticket.closed_as.map(ClosedAs::name),
        ":priority": ticket.priority.name(),
        ":kind": ticket.kind.name(),
        ":level": ticket.level,
        ":official": ticket.official,
        ":opened": millis(ticket.opened_at),
        ":now": millis(now),
        ":thread": to_json(&ticket.thread)?,
        ":limit_open": millis(response.limit_open_at),
        ":met": response.met_at.map(millis),
        ":next_action": next_action.map(millis),
        ":closed_at": ticket.status_since().filter(|_| !ticket.is_open()).map(millis),
    })?;
    append_facts(tx, ticket.id, facts, journal)?;
    let moved = |dated: &Dated| {
        matches!(
            dated.fact,
            Fact::Joined { .. } | Fact::RequesterChanged { .. } | Fact::Left { .. }
        )
    };
    if facts.iter().any(moved) {
        forget_participants(tx, ticket.id)?;
        let taking_part = ticket.participants.iter().map(|p| (p, false));
        for (person, copied) in taking_part.chain(ticket.copied.iter().map(|p| (p, true))) {
            keep_participant(tx, ticket.id, person, copied)?;
        }
    }
    replace_due(tx, ticket.id, due)
}

/// Who takes part is a cache of the facts: written anew where somebody came or went.
fn forget_participants(tx: &Connection, id: TicketId) -> Result<()> {
    tx.prepare_cached("DELETE FROM ticket_participant WHERE ticket_id = :ticket")?
        .execute(named_params! { ":ticket": id.0 })?;
    Ok(())
}

fn keep_participant(tx: &Connection, id: TicketId, person: &Person, copied: bool) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO ticket_participant (ticket_id, address, name, copied)
         VALUES (:ticket, :address, :name, :copied)
         ON CONFLICT (ticket_id, address) DO UPDATE SET name = :name, copied = :copied",
    )?
    .execute(named_params! {
        ":ticket": id.0,
        ":address": person.address.as_str(),
        ":name": person.name,
        ":copied": copied,
    })?;
    Ok(())
}

fn append_facts(tx: &Connection, id: TicketId, facts: &[Dated], journal: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
         VALUES (:ticket, :at, :journal, :fact)",
    )?;
    for dated in facts {
        statement.execute(named_params! {
            ":ticket": id.0,
            ":at": millis(dated.at),
            ":journal": journal,
            ":fact": to_json(&dated.fact)?,
        })?;
    }
    Ok(())
}

fn replace_due(tx: &Connection, id: TicketId, due: &[Due]) -> Result<()> {
    tx.prepare_cached("DELETE FROM due WHERE ticket_id = :id")?
        .execute(named_params! { ":id": id.0 })?;
    let mut statement =
        tx.prepare_cached("INSERT INTO due (ticket_id, kind, at) VALUES (:ticket, :kind, :at)")?;
    for row in due {
        statement.execute(named_params! {
            ":ticket": id.0, ":kind": row.kind.name(), ":at": millis(row.at),
        })?;
    }
    Ok(())
}

/// The due rows whose time has come, earliest first, at most `limit`. A contact plan's next step
/// waits until the mailbox has been read to its end after it fell due (policy.md §6), gaps behind the
/// cursor included: `scanned_at` is when the last such reading began.
pub fn due_now(
    tx: &Connection,
    now: DateTime<Utc>,
    scanned_at: Option<DateTime<Utc>>,
    limit: u32,
) -> Result<Vec<(TicketId, DueKind)>> {
    // A reading of before the clock was set back says nothing about now.
    let scanned_at = scanned_at.filter(|at| *at <= now);
    tx.prepare_cached(
        "SELECT ticket_id, kind FROM due
         WHERE at <= :now AND (kind <> 'contact' OR at <= :scanned)
         ORDER BY at, ticket_id LIMIT :limit",
    )?
    .query_map(
        named_params! {
            ":now": millis(now), ":scanned": scanned_at.map(millis), ":limit": limit,
        },
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?
    .map(|row| {
        let (ticket, kind) = row?;
        Ok((
            TicketId(ticket),
            named("due kind", &kind, DueKind::from_name)?,
        ))
    })
    .collect()
}

/// Whether a contact plan's next step fell due after `since`, and so waits for a reading.
pub fn plan_waits(tx: &Connection, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT 1 FROM due WHERE at > :since AND at <= :now AND kind = 'contact'")?
        .exists(named_params! { ":since": millis(since), ":now": millis(now) })?)
}

/// Puts a due row off.
pub fn put_off(tx: &Connection, id: TicketId, kind: DueKind, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE due SET at = :at WHERE ticket_id = :id AND kind = :kind")?
        .execute(named_params! { ":id": id.0, ":kind": kind.name(), ":at": millis(at) })?;
    Ok(())
}

/// When the earliest due row's time comes.
pub fn next_due(tx: &Connection) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT min(at) FROM due")?
        .query_row([], |row| row.get(0))?;
    Ok(at.map(instant))
}

/// When a loop that has fired all it could next has something to fire: what is left from before
/// `now` waits for the mailbox to be read, and has no time of its own.
pub fn next_fire(tx: &Connection, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let at: Option<i64> = tx
        .prepare_cached("SELECT min(at) FROM due WHERE at > :now")?
        .query_row(named_params! { ":now": millis(now) }, |row| row.get(0))?;
    Ok(at.map(instant))
}

/// The client-visible end of a ticket's conversation (mail.md §6).
pub fn last_words(tx: &Connection, id: TicketId) -> Result<LastWords> {
    let message_id = tx
        .prepare_cached(
            "SELECT message.message_id FROM message
             LEFT JOIN outbox ON outbox.id = outbox_id
             JOIN ticket ON ticket.id = message.ticket_id
             WHERE message.ticket_id = :id AND visibility = 'public'
               AND (outbox_id IS NULL
                    OR (outbox.recipient = ticket.requester AND outbox.state = 'sent'))
             ORDER BY message.id DESC LIMIT 1",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    let text: Option<String> = tx
        .prepare_cached(
            "SELECT text FROM message
             WHERE ticket_id = :id AND class IN ('relayed_reply', 'solution_proposed')
               AND visibility = 'public'
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))
        .optional()?;
    Ok(LastWords {
        message_id,
        text: text.unwrap_or_default(),
    })
}

/// The newest words of a received mail, as filed.
pub fn text_of(tx: &Connection, inbound: InboundId) -> Result<String> {
    let text = tx
        .prepare_cached("SELECT text FROM message WHERE inbound_id = :inbound")?
        .query_row(named_params! { ":inbound": inbound.0 }, |row| row.get(0))
        .optional()?;
    Ok(text.unwrap_or_default())
}

/// How many tickets a received mail recorded something on.
pub fn changed_by(tx: &Connection, inbound: InboundId) -> Result<i64> {
    Ok(tx
        .prepare_cached(
            "SELECT count(DISTINCT ticket_fact.ticket_id)
             FROM journal JOIN ticket_fact ON journal_id = journal.id
             WHERE inbound_id = :inbound",
        )?
        .query_row(named_params! { ":inbound": inbound.0 }, |row| row.get(0))?)
}

/// A mail filed on a ticket, about to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Where.
    pub ticket: TicketId,
    /// The received mail, or the one we send.
    pub source: MessageSource,
    /// Its Message-ID.
    pub message_id: &'a str,
    /// Receipt or writing time.
    pub at: DateTime<Utc>,
    /// Who wrote it.
    pub from: &'a str,
    /// What it is: a mail class, or the letter it is.
    pub class: &'a str,
    /// `public` or `internal`.
    pub visibility: &'a str,
    /// How the ticket was found.
    pub thread_evidence: Option<&'a str>,
    /// The newest words.
    pub text: &'a str,
}

/// Which row a filed message comes from; it also tells the direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageSource {
    /// Received.
    Inbound(InboundId),
    /// Sent by us.
    Outbox(OutboxId),
}

/// Files a message.
pub fn file(tx: &Connection, message: &NewMessage) -> Result<()> {
    let (inbound, outbox, direction) = match message.source {
        MessageSource::Inbound(id) => (Some(id.0), None, "in"),
        MessageSource::Outbox(id) => (None, Some(id.0), "out"),
    };
    tx.prepare_cached(
        "INSERT INTO message (ticket_id, inbound_id, outbox_id, message_id, at, from_address,
                              direction, class, visibility, thread_evidence, text)
         VALUES (:ticket, :inbound, :outbox, :message_id, :at, :from,
                 :direction, :class, :visibility, :evidence, :text)",
    )?
    .execute(named_params! {
        ":ticket": message.ticket.0,
        ":inbound": inbound,
        ":outbox": outbox,
        ":message_id": message.message_id,
        ":at": millis(message.at),
        ":from": message.from,
        ":direction": direction,
        ":class": message.class,
        ":visibility": message.visibility,
        ":evidence": message.thread_evidence,
        // A NUL would hide the rest of the text from SQL's own functions.
        ":text": message.text.replace('\0', ""),
    })?;
    Ok(())
}

/// Moves a received mail to another ticket, and with it what leads to it: its own Message-ID, and
/// those of the notices that consultants got of it (mail.md §4).
pub fn move_mail(
    tx: &Connection,
    inbound: InboundId,
    (from, to): (TicketId, TicketId),
    thread_evidence: &str,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE message SET ticket_id = :to, thread_evidence = :evidence
         WHERE inbound_id = :inbound AND ticket_id = :from",
    )?
    .execute(named_params! {
        ":inbound": inbound.0, ":from": from.0, ":to": to.0, ":evidence": thread_evidence,
    })?;
    tx.prepare_cached(
        "UPDATE thread_ref SET ticket_id = :to
         WHERE ticket_id = :from
           AND message_id IN (SELECT message_id FROM message WHERE inbound_id = :inbound
                              UNION ALL
                              SELECT outbox.message_id FROM journal
                              JOIN outbox ON outbox.journal_id = journal.id
                              WHERE journal.inbound_id = :inbound AND purpose = 'consultant')",
    )?
    .execute(named_params! { ":inbound": inbound.0, ":from": from.0, ":to": to.0 })?;
    Ok(())
}

/// Ties a Message-ID to a ticket; the first tie stays.
pub fn tie(
    tx: &Connection,
    message_id: &str,
    ticket: TicketId,
    outbox: Option<OutboxId>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO thread_ref (message_id, ticket_id, outbox_id)
         VALUES (:message_id, :ticket, :outbox)
         ON CONFLICT (message_id) DO NOTHING",
    )?
    .execute(named_params! {
        ":message_id": message_id, ":ticket": ticket.0, ":outbox": outbox.map(|o| o.0),
    })?;
    Ok(())
}
