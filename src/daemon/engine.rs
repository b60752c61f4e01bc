//! The middle of everything: one read, one decision, one write, for any event.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::store::Connection;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::calendars::Calendars;
use super::enclosures::Enclosures;
use crate::config::settings::Settings;
use crate::domain::desk::decide;
use crate::domain::effect::Outgoing;
use crate::domain::event::Event;
use crate::domain::ids::{PersonId, TicketId};
use crate::domain::letter::Letter;
use crate::domain::policy::Policy;
use crate::domain::statement::Statement;
use crate::domain::statement_books::Books;
use crate::domain::statement_issue::Texts;
use crate::domain::ticket::Ticket;
use crate::domain::token::{Purpose, Token};
use crate::mail::authentication::AuthenticationSettings;
use crate::mail::compose::{Draft, compose};
use crate::mail::parse;
use crate::mail::token::Keys;
use crate::ports::Ids;
use crate::render::{House, Templates};
use crate::store::commit::{self, Written};
use crate::store::{Result, Store, StoreError, case, keys, tickets};

/// Characters of a one-time code.
const CODE_CHARS: usize = 6;

/// What codes are made of: without letters and digits that are taken for each other.
const CODE_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Everything a decision needs besides the tables: made once at the start, never changed.
pub struct Engine {
    /// The house's promises.
    pub policy: Policy,
    /// The zone of "today" and of dates shown.
    pub zone: Tz,
    authentication: AuthenticationSettings,
    plus_addressing: bool,
    templates: Templates,
    house: House,
    keys: Keys,
    ids: Arc<dyn Ids>,
    calendars: Calendars,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys stay out of logs.
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// Puts the parts together; a new database gets its signing key here.
    pub fn new(
        settings: &Settings,
        templates: Templates,
        store: &mut Store,
        ids: Arc<dyn Ids>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let mut fresh = [0; 32];
        ids.fill(&mut fresh);
        let keys = store.transaction(|tx| keys::load_or_create(tx, fresh, now))?;
        let mut policy = settings.policy.clone();
        policy.phrases = templates.phrases();
        let house = House {
            service_name: policy.service_name.clone(),
            address: policy.address.to_string(),
            hours: policy.calendar.hours_in_words_data(),
            // Each mail has its own.
            reply_to: String::new(),
            replies: BTreeMap::new(),
        };
        Ok(Self {
            policy,
            zone: settings.zone,
            authentication: settings.authentication.clone(),
            plus_addressing: settings.outbound.plus_addressing,
            templates,
            house,
            keys,
            ids,
            calendars: Calendars::new(settings.zone),
        })
    }

    /// Reads a mail's bytes; total, whatever they are.
    pub fn read(&self, raw: &[u8], received_at: DateTime<Utc>) -> crate::domain::message::Mail {
        let context = parse::Context {
            keys: &self.keys,
            own_addresses: &self.policy.own_addresses,
            authentication: &self.authentication,
            phrases: &self.policy.phrases,
            ticket_prefix: &self.policy.ticket_prefix,
        };
        parse::read(raw, received_at, &context)
    }

    /// A ticket with its client's own hours, as the rules count with them.
    pub fn ticket(&self, tx: &Connection, id: TicketId) -> Result<Option<Ticket>> {
        let mut ticket = tickets::load(tx, id)?;
        if let Some(ticket) = &mut ticket {
            self.calendars.fit_ticket(ticket)?;
        }
        Ok(ticket)
    }

    /// Decides about an event and applies the decision, within the caller's transaction.
    pub fn handle(&self, tx: &Connection, event: &Event, now: DateTime<Utc>) -> Result<()> {
        let mut case = case::load(tx, event, &self.policy, self.zone, now)?;
        self.calendars.fit(&mut case)?;
        // Only who may be asked is asked with a code.
        if !case.approvers.is_empty() {
            case.fresh_code = self.fresh_code();
        }
        let decision = decide(event, &case, &self.policy, now);
        if decision.effects.is_empty() {
            return Ok(());
        }
        let mut enclosures = Enclosures::new(&self.keys);
        commit::apply(
            tx,
            event,
            &decision,
            &self.policy,
            now,
            |outgoing, person| self.write(tx, outgoing, person, &mut enclosures, now),
        )
    }

    /// A one-time code for a request, easy to type and to read aloud.
    fn fresh_code(&self) -> String {
        let mut random = [0; CODE_CHARS];
        self.ids.fill(&mut random);
        let letter = |byte: &u8| CODE_ALPHABET.get(usize::from(*byte) % CODE_ALPHABET.len());
        random
            .iter()
            .filter_map(letter)
            .map(|c| char::from(*c))
            .collect()
    }

    /// Fills in the calendars of the books' tickets.
    pub fn fit(&self, books: &mut Books) -> Result<()> {
        let tickets = &mut books.tickets;
        tickets
            .iter_mut()
            .try_for_each(|ticket| self.calendars.fit_ticket(ticket))
    }

    /// A statement in words.
    pub fn statement(&self, statement: &Statement, issue: u32) -> Result<Texts> {
        self.templates
            .statement(statement, issue, &self.house)
            .map_err(|error| StoreError::Unwritable(error.to_string()))
    }

    /// The addresses at which the reader answers the tickets that a letter links to, by number: as
    /// good as an answer to a notice of his (mail.md §6). Without plus addressing there are none.
    fn replies(&self, letter: &Letter, person: PersonId) -> BTreeMap<String, String> {
        if !self.plus_addressing {
            return BTreeMap::new();
        }
        let address = |ticket| {
            let token = Token {
                ticket,
                person,
                purpose: Purpose::Consultant,
            };
            self.keys.reply_address(&token, &self.policy.address)
        };
        letter
            .answerable()
            .into_iter()
            .map(|(ticket, number)| (number.to_owned(), address(ticket).to_string()))
            .collect()
    }

    /// The final bytes of a mail: words, headers, token, Message-ID.
    fn write(
        &self,
        tx: &Connection,
        outgoing: &Outgoing,
        person: PersonId,
        enclosures: &mut Enclosures,
        now: DateTime<Utc>,
    ) -> Result<Written> {
        let unwritable = |e: &dyn std::fmt::Display| StoreError::Unwritable(e.to_string());
        let token = Token {
            ticket: outgoing.ticket.unwrap_or_default(),
            person,
            purpose: outgoing.purpose,
        };
        let mut random = [0; 5];
        self.ids.fill(&mut random);
        let address = &self.policy.address;
        let message_id = self.keys.message_id(&token, random, address.domain());
        let signed = self.keys.sign(&token);
        let reply_to = if self.plus_addressing {
            self.keys.reply_address(&token, address)
        } else {
            address.clone()
        };
        let house = House {
            reply_to: reply_to.to_string(),
            replies: self.replies(&outgoing.letter, person),
            ..self.house.clone()
        };
        let enclosure = enclosures.of(tx, outgoing)?;
        let formatted = enclosure.html.as_deref();
        let words = self
            .templates
            .render_formatted(&outgoing.letter, &house, formatted)
            .map_err(|e| unwritable(&e))?;
        let name = self.templates.speaker(&outgoing.speaker, &self.house);
        let tag = outgoing.ticket.map(|id| self.policy.tag(id));
        let raw = compose(&Draft {
            outgoing,
            words: &words,
            enclosure,
            message_id: &message_id,
            reply_to: &reply_to,
            from: (&name, address),
            tag: tag.as_deref(),
            token: &signed,
            loop_mark: &self.keys.loop_mark(&message_id),
            date: now.with_timezone(&self.zone).fixed_offset(),
        })
        .map_err(|e| unwritable(&e))?;
        Ok(Written {
            message_id,
            envelope_from: address.to_string(),
            raw,
            text: words.text,
        })
    }
}
