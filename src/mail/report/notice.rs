//! Notices in plain text: whom they name, and what they say of each. A few general shapes serve
//! all servers:
//!
//! - a line that begins with an address, alone or with its reason: `<ana@acme.mx>: host … said …`
//!   (Postfix, qmail, Exim, OpenSMTPD, Exchange, Gmail), `550 5.1.1 <ana@acme.mx>... User unknown`
//!   (sendmail);
//! - an address behind words that announce it: `Failed Recipient: ana@acme.mx` (MailEnable, IMail,
//!   LSMTP), `>>> RCPT To:<ana@acme.mx>` (a transcript);
//! - an address within a sentence, where there is nothing better.
//!
//! What follows, up to the next of them, is what is said of it.

use std::cell::OnceCell;

use crate::domain::address::Address;
use crate::domain::reason::{self, Reason};
use crate::domain::report::RecipientReport;
use crate::mail::decode;

use super::addresses::Found;
use super::named::{HELPERS, Named, OTHERS, announced, gather, mentioned, neighbours};
use super::said::{Said, derived};
use super::{LINE_MAX_BYTES, LINES_MAX, RECIPIENTS_MAX, VALUE_MAX_CHARS, phrases};

/// A notice: the text above the returned mail, and the recipients of whom it speaks. The writer is
/// none of them; the reader is one only where a line announces him as such.
#[derive(Debug)]
pub struct Notice<'a> {
    text: &'a str,
    lower: String,
    named: Vec<Named>,
    /// Named in a sentence that may be about somebody else.
    loose: Vec<Named>,
    whole: OnceCell<Said>,
}

impl<'a> Notice<'a> {
    /// Reads a notice; `writer` wrote it, `reader` is whom it is addressed to.
    pub fn read(text: &'a str, writer: Option<&Address>, reader: &[Address]) -> Self {
        let is_writer = |found: &Found| Some(&found.address) == writer;
        let mut named = gather(text, |line, before| {
            announced(line, before).filter(|found| !is_writer(found))
        });
        let is_stranger = |found: &Found| !is_writer(found) && !reader.contains(&found.address);
        if named.is_empty() {
            named = gather(text, |line, _| mentioned(line, &OTHERS).filter(is_stranger));
        }
        if named.is_empty() {
            named = writer.map_or_else(Vec::new, |writer| neighbours(text, writer.domain()));
        }
        let loose = if named.is_empty() {
            gather(text, |line, _| {
                mentioned(line, &HELPERS).filter(is_stranger)
            })
        } else {
            Vec::new()
        };
        Self {
            text,
            lower: text.to_lowercase(),
            named,
            loose,
            whole: OnceCell::new(),
        }
    }

    /// The sentence by which it is a notice about a delivery.
    pub fn failure(&self) -> Option<&'static str> {
        phrases::failure(&self.lower)
    }

    /// A server's answer about somebody whom it names: `550 5.1.1 <ana@acme.mx>... User unknown`.
    pub fn refusal(&self) -> Option<&str> {
        let mut lines = self.text.lines().take(LINES_MAX);
        let answer = |line: &&str| {
            reason::reply_code(decode::cut(line, LINE_MAX_BYTES)).is_some()
                && Reason::of("", line) != Reason::Unknown
        };
        lines
            .find(answer)
            .map(str::trim)
            .filter(|_| self.names_anybody())
    }

    /// The sentence by which it is a notice, where it stands at the very beginning.
    pub fn opening_failure(&self) -> Option<&'static str> {
        /// Lines that count as the beginning.
        const OPENING_LINES: usize = 2;
        // Where a boundary never comes, the lines of the structure stand in the text.
        let is_structure = |line: &str| {
            ["--", "content-", "boundary="]
                .iter()
                .any(|head| line.starts_with(head))
        };
        let lines = self.lower.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !is_structure(line));
        lines.take(OPENING_LINES).find_map(phrases::failure)
    }

    /// How it introduces itself.
    pub fn introduction(&self) -> Option<&'static str> {
        phrases::introduction(&self.lower)
    }

    /// Whether it names anybody.
    pub fn names_anybody(&self) -> bool {
        !self.named.is_empty() || !self.loose.is_empty()
    }

    /// What became of each recipient; `known` are those whom the header names (else those of the
    /// text, else `fallback`).
    pub fn recipients(&self, known: &[Address], fallback: Option<String>) -> Vec<RecipientReport> {
        let mut whom: Vec<String> = known.iter().map(|a| a.as_str().to_owned()).collect();
        if whom.is_empty() {
            whom.extend(self.named.iter().map(|named| named.recipient.clone()));
        }
        if whom.is_empty() {
            whom.extend(fallback);
        }
        if whom.is_empty() {
            whom.extend(self.loose.iter().map(|named| named.recipient.clone()));
        }
        let action = if phrases::is_delay(&self.lower) {
            "delayed"
        } else {
            "failed"
        };
        whom.truncate(RECIPIENTS_MAX);
        whom.into_iter()
            .map(|recipient| {
                let mut one = RecipientReport {
                    recipient,
                    action: action.to_owned(),
                    ..RecipientReport::default()
                };
                self.describe(&mut one);
                self.complete(&mut one);
                one
            })
            .collect()
    }

    /// The words for a recipient of whom nothing but the address is known: where no server
    /// answered, the first paragraph.
    fn describe(&self, one: &mut RecipientReport) {
        let own = self.own(&one.recipient);
        let is_alone = own.is_empty() || self.named.len() <= 1;
        let is_answered = own.answer.is_some() || is_alone && self.whole().answer.is_some();
        if !is_answered {
            let said = own.paragraph.or_else(|| self.whole().paragraph.clone());
            one.diagnostic = said.unwrap_or_default();
        }
    }

    /// What is said of this recipient alone.
    fn own(&self, recipient: &str) -> Said {
        let named = self.named.iter().find(|named| named.recipient == recipient);
        named
            .map(|named| Said::of(&named.details))
            .unwrap_or_default()
    }

    /// Adds what the notice says to a recipient of whom less is known.
    pub fn complete(&self, one: &mut RecipientReport) {
        let own = self.own(&one.recipient);
        // What is said of the others is not said of this one.
        let nothing = Said::default();
        let is_alone = own.is_empty() || self.named.len() <= 1;
        let whole = if is_alone { self.whole() } else { &nothing };
        if one.diagnostic.is_empty() {
            let said = own.answer.as_ref().or(whole.answer.as_ref());
            one.diagnostic = said.cloned().unwrap_or_default();
        }
        if one.reason() == Reason::Unknown
            && let Some(line) = own.telling.as_ref().or(whole.telling.as_ref())
        {
            add(one, line);
        }
        if one.status.is_empty() {
            one.status = reason::code(&one.diagnostic)
                .or_else(|| derived(&one.diagnostic))
                .unwrap_or_default();
        }
        let stages = if is_alone { &whole.stages } else { &own.stages };
        for stage in stages {
            if !one.diagnostic.to_lowercase().contains(stage) {
                add(one, stage);
            }
        }
    }

    /// What the whole text says; read once, however many recipients ask.
    fn whole(&self) -> &Said {
        self.whole.get_or_init(|| Said::of(self.text))
    }
}

/// Adds words to what is known of a refusal.
fn add(one: &mut RecipientReport, words: &str) {
    let kept = decode::clean_line(&one.diagnostic, VALUE_MAX_CHARS);
    let joined = format!("{kept} {words}");
    one.diagnostic = decode::clean_line(&joined, 2 * VALUE_MAX_CHARS);
}
