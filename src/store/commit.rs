//! The one write after a decision: every effect, in the transaction of the event that caused it.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, named_params};

use super::journal::{self, Line};
use super::outbox::{self, NewMail};
use super::tickets::{self, MessageSource, NewMessage, ResponseCache};
use super::{
    Result, StoreError, admit, alarms, alerts, background, charges, digests, directory, held,
    issues, undo,
};
use crate::domain::clock;
use crate::domain::effect::{Decision, Effect, Outcome, Outgoing, Visibility};
use crate::domain::event::Event;
use crate::domain::ids::{InboundId, OutboxId, PersonId, TicketId};
use crate::domain::letter::Letter;
use crate::domain::message::{Mail, MailClass};
use crate::domain::policy::Policy;
use crate::domain::threading::can_name_a_mail;
use crate::domain::ticket::{Fact, Ticket};
use crate::domain::token::Purpose;

/// A mail in its final form, written by whoever knows templates and MIME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Without brackets.
    pub message_id: String,
    /// MAIL FROM.
    pub envelope_from: String,
    /// Every byte that will leave.
    pub raw: Vec<u8>,
    /// The text part, for the ticket's list of messages.
    pub text: String,
}

/// Applies a decision. `write` turns each outgoing mail into bytes; its person id is what the
/// mail's token names.
pub fn apply(
    tx: &Connection,
    event: &Event,
    decision: &Decision,
    policy: &Policy,
    now: DateTime<Utc>,
    mut write: impl FnMut(&Outgoing, PersonId) -> Result<Written>,
) -> Result<()> {
    let changed = decision.effects.iter().find_map(|effect| match effect {
        Effect::SaveTicket { ticket, .. } => Some(ticket.id),
        _ => None,
    });
    let bounced = decision.effects.iter().find_map(|effect| match effect {
        Effect::Bounced { outbox, .. } => Some(*outbox),
        _ => None,
    });
    let journal = write_journal(tx, event, (changed, bounced), &decision.why, now)?;
    for effect in &decision.effects {
        match effect {
            Effect::SaveTicket {
                ticket,
                facts,
                due,
                entries,
            } => {
                let response = response_cache(ticket, policy);
                tickets::save(tx, ticket, facts, due, response, journal, now)?;
                charges::enter(tx, ticket, entries, journal)?;
                for dated in facts {
                    if let Fact::Disputes { charge } = dated.fact {
                        charges::dispute(tx, charge, ticket.id, dated.at)?;
                    }
                }
            }
            Effect::Conclude {
                inbound,
                class,
                outcome,
            } => {
                let class = class.map(|c| c.name());
                conclude(tx, *inbound, class, *outcome, &decision.why)?;
            }
            Effect::File {
                ticket,
                inbound,
                visibility,
                thread_evidence,
                text,
            } => {
                let mail = mail_of(event)?;
                tickets::file(
                    tx,
                    &NewMessage {
                        ticket: *ticket,
                        source: MessageSource::Inbound(*inbound),
                        message_id: &mail.message_id,
                        at: mail.received_at,
                        from: mail.from.as_ref().map_or("", |p| p.address.as_str()),
                        class: class_of(decision),
                        visibility: visibility.name(),
                        thread_evidence: Some(thread_evidence),
                        text,
                    },
                )?;
                if *visibility == Visibility::Public {
                    background::remember_files(tx, *ticket, *inbound, &mail.attachments)?;
                }
                if is_conversation(class_of(decision)) {
                    tie_references(tx, mail, *ticket, policy)?;
                }
            }
            Effect::MoveMail {
                inbound,
                from,
                to,
                thread_evidence,
            } => {
                tickets::move_mail(tx, *inbound, (*from, *to), thread_evidence)?;
                background::move_files(tx, *inbound, (*from, *to))?;
            }
            Effect::Hold {
                inbound,
                cause,
                client,
                ticket,
                from,
            } => {
                let subject = mail_of(event).map_or("", |m| m.subject.as_str());
                let from = from.as_ref().map_or("", |p| p.address.as_str());
                held::hold(
                    tx,
                    *inbound,
                    cause.name(),
                    *client,
                    *ticket,
                    (from, subject),
                    now,
                )?;
            }
            Effect::ReleaseHeld { .. } | Effect::DiscardHeld { .. } => {
                admit::decide_held(tx, effect, now)?;
            }
            Effect::Authorize { .. } | Effect::Revoke { .. } => {
                admit::change_directory(tx, effect, now)?;
            }
            Effect::WithdrawFrom { ticket, to, words } => {
                undo::withdraw_from(tx, *ticket, to, *words)?
            }
            Effect::Send(outgoing) => send(tx, outgoing, policy, journal, now, &mut write)?,
            Effect::TakeBack { inbound } => {
                undo::take_back(tx, *inbound)?;
                background::forget_files(tx, *inbound)?;
            }
            Effect::Bounced { outbox, words } => outbox::bounced(tx, *outbox, words)?,
            Effect::Withdraw { ticket, letters } => letters
                .iter()
                .try_for_each(|letter| undo::withdraw(tx, *ticket, *letter))?,
            Effect::Alert { to, ticket, line } => alerts::keep(tx, to, *ticket, line)?,
            Effect::AlertsTold { to } => alerts::told(tx, to)?,
            Effect::DigestDone { day } => digests::done(tx, *day)?,
            Effect::KeepStatement {
                client,
                month,
                issue,
                texts,
            } => issues::keep(tx, (*client, *month, *issue), texts, journal, now)?,
            Effect::StatementsDone { month } => issues::reached(tx, *month, None)?,
            Effect::RememberNotice { about, reason, day } => {
                directory::remember_notice(tx, about, *reason, *day)?;
            }
            Effect::RaiseAlarm { cause, detail } => alarms::raise(tx, *cause, detail, now)?,
            Effect::ClearAlarm { cause } => alarms::clear(tx, *cause)?,
        }
    }
    Ok(())
}

/// The clock figures that queries over many tickets need: a cache of the pure function.
fn response_cache(ticket: &Ticket, policy: &Policy) -> ResponseCache {
    let response = clock::response(ticket, policy);
    ResponseCache {
        limit_open_at: response.limit_open_at,
        met_at: response.met_at,
    }
}

fn mail_of(event: &Event) -> Result<&Mail> {
    match event {
        Event::Mail { mail, .. } => Ok(mail),
        _ => Err(StoreError::Unreadable(
            "a mail effect without a mail".to_owned(),
        )),
    }
}

fn class_of(decision: &Decision) -> &'static str {
    decision
        .effects
        .iter()
        .find_map(|effect| match effect {
            Effect::Conclude { class, .. } => class.map(|c| c.name()),
            _ => None,
        })
        .unwrap_or("human")
}

/// Whether a mail of this class is a part of the conversation, so that people may answer it. What
/// a machine refers to is either ours or none of the ticket's business: an automatic answer from
/// outside must not tie foreign ids to it.
fn is_conversation(class: &str) -> bool {
    [
        MailClass::Human,
        MailClass::List,
        MailClass::Bulk,
        MailClass::Calendar,
    ]
    .iter()
    .any(|of| of.name() == class)
}

/// Every id the mail mentions belongs to the ticket from now on: two people who answer a mail we
/// never saw still meet (mail.md §4). An id that many mails could bear ties nothing.
fn tie_references(tx: &Connection, mail: &Mail, ticket: TicketId, policy: &Policy) -> Result<()> {
    let own = std::iter::once(&mail.message_id);
    for id in own.chain(&mail.in_reply_to).chain(&mail.references) {
        if can_name_a_mail(id, mail, policy) {
            tickets::tie(tx, id, ticket, None)?;
        }
    }
    Ok(())
}

/// No effect without a journal line (architecture.md). It names the ticket that changes, and the
/// outgoing mail that came back.
fn write_journal(
    tx: &Connection,
    event: &Event,
    (ticket, bounced): (Option<TicketId>, Option<OutboxId>),
    why: &[String],
    now: DateTime<Utc>,
) -> Result<i64> {
    let (event, inbound, outbox) = match event {
        Event::Mail { inbound, .. } => ("mail", Some(*inbound), bounced),
        Event::Unprocessable { inbound, .. } => ("unprocessable", Some(*inbound), None),
        Event::Delivery { outbox, .. } => ("delivery", None, Some(*outbox)),
        Event::Due { .. } => ("due", None, None),
        Event::TellAlerts { .. } => ("alerts", None, None),
        Event::Departure { .. } => ("departure", None, None),
        Event::Digest { .. } => ("digest", None, None),
        Event::ListChanged { .. } | Event::Correct { .. } => ("order", None, None),
        Event::Statement(_) => ("statement", None, None),
        Event::StatementsSent { .. } => ("statements", None, None),
        Event::Recompute { .. } => ("recompute", None, None),
        Event::Alarm { .. } => ("alarm", None, None),
    };
    let line = Line {
        event,
        inbound,
        outbox,
        ticket,
        why: &why.join("\n"),
    };
    journal::write(tx, &line, now)
}

/// The inbound row is done; its count of attempts is cleared.
fn conclude(
    tx: &Connection,
    inbound: InboundId,
    class: Option<&str>,
    outcome: Outcome,
    why: &[String],
) -> Result<()> {
    let twin = match outcome {
        Outcome::Duplicate(twin) => Some(twin.0),
        _ => None,
    };
    tx.prepare_cached(
        "UPDATE inbound SET state = 'done', attempts = 0, class = :class, outcome = :outcome,
                twin_id = :twin, why = :why
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": inbound.0,
        ":class": class,
        ":outcome": outcome.name(),
        ":twin": twin,
        ":why": why.join("\n"),
    })?;
    Ok(())
}

/// Writes and queues a mail, unless one of the same sense is there already.
fn send(
    tx: &Connection,
    outgoing: &Outgoing,
    policy: &Policy,
    journal: i64,
    now: DateTime<Utc>,
    write: &mut impl FnMut(&Outgoing, PersonId) -> Result<Written>,
) -> Result<()> {
    if outbox::exists(tx, &outgoing.once)? {
        return Ok(());
    }
    let person = directory::person(tx, &outgoing.to.address)?;
    let written = write(outgoing, person)?;
    let id = outbox::enqueue(
        tx,
        &NewMail {
            outgoing,
            written: &written,
            exempt: policy.is_staff(&outgoing.to.address),
            journal,
        },
        now,
    )?;
    if let Some(ticket) = outgoing.ticket {
        tickets::tie(tx, &written.message_id, ticket, Some(id))?;
        if outgoing.purpose == Purpose::Client {
            tickets::file(tx, &as_message(outgoing, &written, ticket, id, policy, now))?;
            if let (Some((_, files)), Some(source)) = (outgoing.letter.passes_on(), outgoing.source)
            {
                background::remember_files(tx, ticket, source, files)?;
            }
        }
    }
    Ok(())
}

/// What the client's side reads is part of the ticket's conversation.
fn as_message<'a>(
    outgoing: &'a Outgoing,
    written: &'a Written,
    ticket: TicketId,
    id: OutboxId,
    policy: &'a Policy,
    now: DateTime<Utc>,
) -> NewMessage<'a> {
    let text = match &outgoing.letter {
        Letter::RelayedReply { text, .. } | Letter::SolutionProposed { text, .. } => text,
        _ => &written.text,
    };
    NewMessage {
        ticket,
        source: MessageSource::Outbox(id),
        message_id: &written.message_id,
        at: now,
        from: policy.address.as_str(),
        class: outgoing.letter.kind().name(),
        visibility: "public",
        thread_evidence: None,
        text,
    }
}
