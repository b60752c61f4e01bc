//! Automatic mails to the client's side: who gets one, and where it stands in the conversation.

use chrono::{DateTime, Utc};

use super::address::Person;
use super::announce::continuing;
use super::case::LastWords;
use super::effect::{Effect, Manner, Outgoing, Speaker, ThreadHead};
use super::letter::Letter;
use super::ticket::{Thread, Ticket};
use super::token::Purpose;

/// The headers that put a mail of a timer after the last mail that the client saw (mail.md §6).
fn following(thread: &Thread, last_words: Option<&LastWords>) -> ThreadHead {
    let mut head = continuing(thread);
    let seen = last_words.and_then(|last| last.message_id.clone());
    if let Some(seen) = seen.filter(|seen| head.in_reply_to.as_ref() != Some(seen)) {
        head.references.extend(head.in_reply_to.replace(seen));
    }
    head
}

/// An automatic mail to the requester and to everybody who takes part, one each. `key` makes a
/// second one of the same sense impossible.
pub fn to_client_side(
    ticket: &Ticket,
    last_words: Option<&LastWords>,
    manner: Manner,
    key: &str,
    now: DateTime<Utc>,
    letter: impl Fn(&str) -> Letter,
) -> Vec<Effect> {
    std::iter::once(&ticket.requester)
        .chain(&ticket.participants)
        .map(|to| {
            let head = Some(following(&ticket.thread, last_words));
            client_mail(ticket, to, head, manner, key, now, letter(&to.name))
        })
        .collect()
}

/// An automatic mail about a ticket to each of its client's authorizers.
pub fn to_authorizers(
    ticket: &Ticket,
    authorizers: &[Person],
    key: &str,
    now: DateTime<Utc>,
    letter: impl Fn(&str) -> Letter,
) -> Vec<Effect> {
    authorizers
        .iter()
        .map(|to| {
            // What a consultant registered is no conversation before somebody has answered.
            let begun = ticket.thread.last_id.is_some();
            let head = begun.then(|| continuing(&ticket.thread));
            client_mail(ticket, to, head, Manner::Timer, key, now, letter(&to.name))
        })
        .collect()
}

/// A mail about a ticket to somebody on the client's side, not to leave before `now`.
pub(super) fn client_mail(
    ticket: &Ticket,
    to: &Person,
    head: Option<ThreadHead>,
    manner: Manner,
    key: &str,
    now: DateTime<Utc>,
    letter: Letter,
) -> Effect {
    Effect::Send(Box::new(Outgoing {
        letter,
        to: to.clone(),
        ticket: Some(ticket.id),
        purpose: Purpose::Client,
        manner,
        speaker: Speaker::Service,
        thread: head,
        source: None,
        once: format!("{key}:{}:{}", ticket.id, to.address),
        not_before: now,
    }))
}
