//! Mail that has not left and is not to leave any more: by the mail that caused it (policy.md §9), or
//! because what it asks for has come.

use rusqlite::{Connection, named_params};

use super::Result;
use crate::domain::address::Address;
use crate::domain::ids::{InboundId, TicketId};
use crate::domain::letter::LetterKind;

/// What went, or is to go, to the client because of a received mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToClient {
    /// Every such mail.
    pub all: u32,
    /// Those that no attempt was made for.
    pub waiting: u32,
}

/// Counts the mails to the client's side that followed from a received mail.
pub fn to_client_of(tx: &Connection, inbound: InboundId) -> Result<ToClient> {
    Ok(tx
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE state = 'waiting' AND attempts = 0)
             FROM journal JOIN outbox ON outbox.journal_id = journal.id
             WHERE inbound_id = :inbound AND purpose = 'client'",
        )?
        .query_row(named_params! { ":inbound": inbound.0 }, |row| {
            Ok(ToClient {
                all: row.get(0)?,
                waiting: row.get(1)?,
            })
        })?)
}

/// Takes back what was to go to the client because of a received mail; it was never the client's to
/// see.
pub fn take_back(tx: &Connection, inbound: InboundId) -> Result<()> {
    let taken = tx
        .prepare_cached(
            "UPDATE outbox SET state = 'cancelled', next_at = NULL
             WHERE state NOT IN ('sent', 'cancelled') AND state = 'waiting' AND attempts = 0
               AND purpose = 'client'
               AND journal_id IN (SELECT id FROM journal WHERE inbound_id = :inbound)
             RETURNING id",
        )?
        .query_map(named_params! { ":inbound": inbound.0 }, |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in taken {
        tx.prepare_cached("UPDATE message SET visibility = 'internal' WHERE outbox_id = :id")?
            .execute(named_params! { ":id": id })?;
    }
    Ok(())
}

/// Mails of a letter about a ticket that have not left are not to leave any more; one that may have
/// left is not sent again. Those that left, or are leaving, stay as they are.
pub fn withdraw(tx: &Connection, ticket: TicketId, letter: LetterKind) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'cancelled', next_at = NULL
         WHERE state NOT IN ('sent', 'cancelled') AND ticket_id = :ticket AND kind = :kind
           AND (state IN ('waiting', 'retry') OR state = 'uncertain' AND next_at IS NOT NULL)",
    )?
    .execute(named_params! { ":ticket": ticket.0, ":kind": letter.name() })?;
    Ok(())
}

/// Automatic mails about a ticket to somebody that have not left are not to leave any more; with
/// `words`, a person's words neither. Where they stay, they would be lost otherwise.
pub fn withdraw_from(tx: &Connection, ticket: TicketId, to: &Address, words: bool) -> Result<()> {
    tx.prepare_cached(
        "UPDATE outbox SET state = 'cancelled', next_at = NULL
         WHERE state NOT IN ('sent', 'cancelled')
           AND ticket_id = :ticket AND recipient = :to AND (lane = 1 OR :words)
           AND (state IN ('waiting', 'retry') OR state = 'uncertain' AND next_at IS NOT NULL)",
    )?
    .execute(named_params! { ":ticket": ticket.0, ":to": to.as_str(), ":words": words })?;
    Ok(())
}
