//! The mail that a consultant was given notice of, found by the notice that he answers.

use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::tickets::address;
use super::{Result, directory, instant};
use crate::domain::address::Address;
use crate::domain::case::Noticed;
use crate::domain::ids::{InboundId, TicketId};
use crate::domain::letter::LetterKind;
use crate::domain::message::Mail;
use crate::domain::policy::Policy;
use crate::domain::threading::earlier_ids;

/// The mail that the nearest notice is about that `mail` answers and `consultant` was sent; `day`
/// is the local date on which the directory is asked about its author.
///
/// The nearest one need not be what In-Reply-To names: wrong commands are put right in an answer to
/// the mail that told of them.
pub(super) fn load(
    tx: &Connection,
    mail: &Mail,
    consultant: &Address,
    policy: &Policy,
    day: NaiveDate,
) -> Result<Option<Noticed>> {
    for (_, id) in earlier_ids(mail, policy) {
        if let Some((inbound, opened)) = notice(tx, id, consultant)? {
            return about(tx, inbound, opened, day);
        }
    }
    Ok(None)
}

/// The mail that a notice with this Message-ID is about, and whether it told of a new ticket; none
/// where no notice to this consultant has it.
fn notice(
    tx: &Connection,
    message_id: &str,
    consultant: &Address,
) -> Result<Option<(InboundId, bool)>> {
    let row = tx
        .prepare_cached(
            "SELECT journal.inbound_id, outbox.kind = :new_ticket FROM thread_ref
             JOIN outbox ON outbox.id = thread_ref.outbox_id
             JOIN journal ON journal.id = outbox.journal_id
             WHERE thread_ref.message_id = :message_id AND outbox.recipient = :consultant
               AND outbox.kind IN (:new_ticket, :reply) AND journal.inbound_id IS NOT NULL",
        )?
        .query_row(
            named_params! {
                ":message_id": message_id,
                ":consultant": consultant.as_str(),
                ":new_ticket": LetterKind::ConsultantNewTicket.name(),
                ":reply": LetterKind::ConsultantClientReply.name(),
            },
            |row| Ok((InboundId(row.get(0)?), row.get(1)?)),
        )
        .optional()?;
    Ok(row)
}

/// A mail that is filed on a ticket.
fn about(
    tx: &Connection,
    inbound: InboundId,
    opened: bool,
    day: NaiveDate,
) -> Result<Option<Noticed>> {
    let row = tx
        .prepare_cached(
            "SELECT message.message_id, message.from_address, inbound.subject, message.at,
                    message.text, message.ticket_id
             FROM message JOIN inbound ON inbound.id = inbound_id
             WHERE inbound_id = :inbound",
        )?
        .query_row(named_params! { ":inbound": inbound.0 }, |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, String>(4)?,
                row.get::<_, i64>(5)?,
            ))
        })
        .optional()?;
    let Some((message_id, from, subject, at, text, ticket)) = row else {
        return Ok(None);
    };
    let from = address(&from)?;
    Ok(Some(Noticed {
        inbound,
        message_id,
        listed: directory::listed(tx, &from, day)?,
        from,
        subject,
        received_at: instant(at),
        text,
        filed_on: TicketId(ticket),
        opened,
    }))
}
