//! What goes along with mails of ours, for as long as one decision is carried out: of received mails
//! whose words are passed on, and the files of statements.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::effect::Outgoing;
use crate::domain::ids::InboundId;
use crate::domain::letter::Letter;
use crate::domain::statement_issue::MonthlyStatement;
use crate::mail::enclosure::{self, Enclosure};
use crate::mail::token::Keys;
use crate::store::{Connection, Result, inbox, issues};

/// One entry for each different thing passed on. A decision says much the same to many people: a
/// mail of many megabytes is unpacked, parsed and sanitized once for all of them.
#[derive(Debug)]
pub(super) struct Enclosures<'a> {
    keys: &'a Keys,
    read: BTreeMap<Passed, Enclosure>,
    /// Of the one statement that a decision may be about.
    statement: Option<Enclosure>,
    none: Enclosure,
}

/// The mail, the words of it that are passed on, and the hashes of the files that go with them.
type Passed = (InboundId, String, Vec<String>);

impl<'a> Enclosures<'a> {
    /// Nothing read yet. `keys` know the tokens that no formatting may carry.
    pub(super) fn new(keys: &'a Keys) -> Self {
        Self {
            keys,
            read: BTreeMap::new(),
            statement: None,
            none: Enclosure::default(),
        }
    }

    /// What goes with the words of a received mail that are passed on (mail.md §5, §6), or with a
    /// statement: the very bytes that the ledger keeps of it.
    pub(super) fn of(&mut self, tx: &Connection, outgoing: &Outgoing) -> Result<&Enclosure> {
        if let Letter::MonthlyStatement(letter) = &outgoing.letter {
            let kept = match self.statement.take() {
                Some(kept) => kept,
                None => statement(tx, letter)?,
            };
            return Ok(self.statement.insert(kept));
        }
        let (Some((words, files)), Some(source)) = (outgoing.letter.passes_on(), outgoing.source)
        else {
            return Ok(&self.none);
        };
        let wanted: Vec<String> = files.iter().map(|file| file.sha256.clone()).collect();
        match self.read.entry((source, words.to_owned(), wanted)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let (source, words, wanted) = place.key();
                let raw = inbox::raw(tx, *source)?;
                let mut read =
                    raw.map_or_else(Enclosure::default, |raw| enclosure::of(&raw, words, wanted));
                // A link shows nothing of the address that it leads to.
                if let Some(html) = &mut read.html {
                    *html = self.keys.without_tokens(html);
                }
                Ok(place.insert(read))
            }
        }
    }
}

fn statement(tx: &Connection, letter: &MonthlyStatement) -> Result<Enclosure> {
    let last = issues::last(tx, letter.client_id, letter.month)?;
    let kept = last.filter(|kept| kept.issue == letter.issue);
    Ok(kept.map_or_else(Enclosure::default, |kept| {
        enclosure::of_statement(&letter.file, &kept.html, &kept.csv)
    }))
}
