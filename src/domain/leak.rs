//! The leak guard: what no words to a client may hold (mail.md §6).

use super::fold::fold;
use super::message::Mail;
use super::policy::Phrases;
use super::ticket::Ticket;
use super::token::Purpose;

/// The first part of `text` that is meant for consultants alone: a phrase of our own notices, or a
/// token in `mail` by which its bearer could speak as a consultant or in another ticket. A client's
/// own token on this ticket is in his mailbox already.
pub(super) fn found<'a>(
    text: &str,
    mail: &'a Mail,
    ticket: &Ticket,
    phrases: &'a Phrases,
) -> Option<&'a str> {
    let squeezed = squeeze(text);
    let phrase = std::iter::once(&phrases.separator)
        .chain(&phrases.notice)
        .map(String::as_str)
        .find(|phrase| !phrase.is_empty() && squeezed.contains(&squeeze(phrase)));
    let token = || {
        mail.exposed
            .iter()
            .filter(|exposed| text.contains(&exposed.word))
            .find(|exposed| {
                let token = exposed.token;
                (token.purpose, token.ticket) != (Purpose::Client, ticket.id)
            })
            .map(|exposed| exposed.word.as_str())
    };
    phrase.or_else(token)
}

/// Letters and digits only, lower case, without accents: what is left of a phrase however it was
/// wrapped or quoted, also where a mail program writes an accent as a character of its own.
fn squeeze(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}
