//! What goes with the words of received mails, for as long as one decision is carried out.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::effect::Outgoing;
use crate::domain::ids::InboundId;
use crate::mail::enclosure::{self, Enclosure};
use crate::mail::token::Keys;
use crate::store::{Connection, Result, inbox};

/// One entry for each different thing passed on. A decision says much the same to many people: a
/// mail of many megabytes is unpacked, parsed and sanitized once for all of them.
#[derive(Debug)]
pub(super) struct Enclosures<'a> {
    keys: &'a Keys,
    read: BTreeMap<Passed, Enclosure>,
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
            none: Enclosure::default(),
        }
    }

    /// What goes with the words of a received mail that are passed on (mail.md §5, §6).
    pub(super) fn of(&mut self, tx: &Connection, outgoing: &Outgoing) -> Result<&Enclosure> {
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
