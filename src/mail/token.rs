//! Signed tokens: how a mail of ours proves which ticket it belongs to (mail.md §4).
//!
//! A token is `version, purpose, ticket, person, seal`: one byte, one byte, two base-128
//! numbers and the first ten bytes of an HMAC-SHA-256 over all that precedes it. It is written
//! in base32, lower case, without padding, because relays and people fold the case of addresses.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::domain::address::Address;
use crate::domain::ids::{PersonId, TicketId};
use crate::domain::message::Exposed;
use crate::domain::token::{Purpose, Token};

/// Bytes of the HMAC that a token carries: 80 bits, far beyond guessing over mail.
const SEAL_BYTES: usize = 10;

/// Longest token in characters (two numbers of ten bytes each); longer text is no token.
pub const TOKEN_MAX_CHARS: usize = 52;

/// Longest local part in octets (RFC 5321 §4.5.3.1.1); where a token does not fit, the plain
/// official address is the reply address.
const LOCAL_PART_MAX_BYTES: usize = 64;

/// Shortest token in characters: version, purpose, two numbers of a byte each, and the seal.
const TOKEN_MIN_CHARS: usize = 23;

/// Most different tokens told of one text; one is enough to keep it here.
const EXPOSED_MAX: usize = 20;

/// Most `Ref:` lines looked at in one text; the rest is passed over.
const REF_LINES_MAX: usize = 50;

/// Most characters after `Ref:` in which its token is looked for: tag, separator, token, and
/// room for what quoting adds when it breaks the line.
const REF_LINE_MAX_CHARS: usize = 160;

/// Most words after `Ref:` tried as a token.
const REF_WORDS_MAX: usize = 8;

/// What an HMAC is for is part of what it is over, so that one can never stand for another.
const TOKEN_CONTEXT: &[u8] = b"soported token 1\0";

/// See [`TOKEN_CONTEXT`].
const LOOP_CONTEXT: &[u8] = b"soported loop 1\0";

/// The header that marks our own mail, so that it is known when it comes back.
pub const LOOP_HEADER: &str = "X-Soported-Loop";

/// A secret and the number it is known by.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// First byte of every token made with it.
    pub version: u8,
    /// The secret; never printed.
    pub secret: [u8; 32],
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key {{ version: {}, .. }}", self.version)
    }
}

/// The key that signs, and the one before it, which still verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Signs and verifies.
    pub current: Key,
    /// Verifies only: mail sent before the last rotation.
    pub previous: Option<Key>,
}

impl Keys {
    /// The token as text: base32, lower case, at most [`TOKEN_MAX_CHARS`].
    pub fn sign(&self, token: &Token) -> String {
        let mut bytes = vec![self.current.version, purpose_byte(token.purpose)];
        push_number(&mut bytes, token.ticket.0);
        push_number(&mut bytes, token.person.0);
        let seal = mac(&self.current, TOKEN_CONTEXT, &bytes).finalize();
        bytes.extend(seal.into_bytes().iter().take(SEAL_BYTES));
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// What `text` says, if one of our keys made it. Upper and lower case are one.
    pub fn verify(&self, text: &str) -> Option<Token> {
        if text.len() > TOKEN_MAX_CHARS {
            return None;
        }
        let bytes = BASE32_NOPAD
            .decode(text.to_ascii_uppercase().as_bytes())
            .ok()?;
        let (said, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL_BYTES)?)?;
        let version = said.first()?;
        let key = self.all().find(|key| key.version == *version)?;
        // Constant time (mail.md §4).
        mac(key, TOKEN_CONTEXT, said)
            .verify_truncated_left(seal)
            .ok()?;
        let (purpose, numbers) = said.get(1..)?.split_first()?;
        let (ticket, numbers) = take_number(numbers)?;
        let (person, rest) = take_number(numbers)?;
        rest.is_empty().then_some(Token {
            ticket: TicketId(ticket),
            person: PersonId(person),
            purpose: purpose_of(*purpose)?,
        })
    }

    /// A Message-ID without brackets: `token.random@domain`. With its brackets it stays within
    /// 76 characters (mail.md §4) for ordinary ticket numbers and a domain of up to 35.
    pub fn message_id(&self, token: &Token, random: [u8; 5], domain: &str) -> String {
        let random = BASE32_NOPAD.encode(&random).to_ascii_lowercase();
        format!("{}.{random}@{domain}", self.sign(token))
    }

    /// The token in a Message-ID of ours, given with or without brackets.
    pub fn read_message_id(&self, id: &str) -> Option<Token> {
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        let (local, _) = id.split_once('@')?;
        let (token, _) = local.split_once('.')?;
        self.verify(token)
    }

    /// `local+token@domain`, or the plain official address where that would be too long.
    pub fn reply_address(&self, token: &Token, official: &Address) -> Address {
        let local = format!("{}+{}", official.local(), self.sign(token));
        let tagged = (local.len() <= LOCAL_PART_MAX_BYTES)
            .then(|| Address::parse(&format!("{local}@{}", official.domain())))
            .flatten();
        tagged.unwrap_or_else(|| official.clone())
    }

    /// The token after the `+` of one of our own addresses.
    pub fn read_recipient(&self, address: &Address, own: &[Address]) -> Option<Token> {
        own.iter()
            .filter(|own| own.domain() == address.domain())
            .filter_map(|own| address.local().strip_prefix(own.local())?.strip_prefix('+'))
            .find_map(|token| self.verify(token))
    }

    /// The value of the loop header for a mail with this Message-ID (without brackets).
    pub fn loop_mark(&self, message_id: &str) -> String {
        let mark = mac(&self.current, LOOP_CONTEXT, message_id.as_bytes()).finalize();
        let bytes: Vec<u8> = mark.into_bytes().iter().copied().take(SEAL_BYTES).collect();
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// Whether `mark` is the loop header of a mail of ours with this Message-ID.
    pub fn check_loop_mark(&self, message_id: &str, mark: &str) -> bool {
        let mark = mark.trim().to_ascii_uppercase();
        let Ok(bytes) = BASE32_NOPAD.decode(mark.as_bytes()) else {
            return false;
        };
        bytes.len() == SEAL_BYTES
            && self.all().any(|key| {
                mac(key, LOOP_CONTEXT, message_id.as_bytes())
                    .verify_truncated_left(&bytes)
                    .is_ok()
            })
    }

    /// Tokens on the `Ref:` lines of a text, quoted or not, in order, without repetition.
    pub fn read_text(&self, text: &str) -> Vec<Token> {
        let mut found = Vec::new();
        for words in ref_lines(text) {
            let candidates = words
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| word.len() > SEAL_BYTES)
                .take(REF_WORDS_MAX);
            for token in candidates.filter_map(|word| self.verify(word)) {
                if !found.contains(&token) {
                    found.push(token);
                }
            }
        }
        found
    }

    /// Tokens of ours anywhere in a text, each once: also within an address or a Message-ID.
    pub fn exposed_in(&self, text: &str) -> Vec<Exposed> {
        let mut found: Vec<Exposed> = Vec::new();
        for word in token_words(text) {
            let is_new = !found.iter().any(|known| known.word == word);
            if let Some(token) = self.verify(word).filter(|_| is_new) {
                let word = word.to_owned();
                found.push(Exposed { word, token });
            }
            if found.len() == EXPOSED_MAX {
                break;
            }
        }
        found
    }

    /// HTML without the tokens in it, such as those of links to a consultant's own reply address
    /// (mail.md §6): a link to `soporte+token@` becomes one to `soporte@`.
    pub fn without_tokens(&self, html: &str) -> String {
        let mut clean = html.to_owned();
        for Exposed { word, .. } in self.exposed_in(html) {
            for plus in ["+", "%2B", "%2b", "&#43;", ""] {
                clean = clean.replace(&format!("{plus}{word}"), "");
            }
        }
        clean
    }

    fn all(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(self.previous.as_ref())
    }
}

/// The visible line under the text of our mails: `Ref: GS-1042 · token`.
pub fn ref_line(tag: Option<&str>, token: &str) -> String {
    match tag {
        Some(tag) => format!("Ref: {tag} · {token}"),
        None => format!("Ref: {token}"),
    }
}

/// The words of a text that are as long as a token. A percent-encoded `+` before one is no part of
/// it (RFC 3986 §2.1).
fn token_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() >= TOKEN_MIN_CHARS)
        .flat_map(|word| [Some(word), word.strip_prefix("2B"), word.strip_prefix("2b")])
        .flatten()
}

/// What follows each `Ref:`, cut to [`REF_LINE_MAX_CHARS`].
fn ref_lines(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(':')
        .filter(|(colon, _)| {
            text.get(colon.saturating_sub(3)..*colon)
                .is_some_and(|word| word.eq_ignore_ascii_case("ref"))
        })
        .take(REF_LINES_MAX)
        .filter_map(|(colon, _)| {
            let rest = text.get(colon + 1..)?;
            let end = rest.char_indices().nth(REF_LINE_MAX_CHARS);
            rest.get(..end.map_or(rest.len(), |(at, _)| at))
        })
}

fn mac(key: &Key, context: &[u8], message: &[u8]) -> Hmac<Sha256> {
    // RFC 2104 §2: a key shorter than the hash's block is followed by zeros.
    let mut block = [0u8; 64];
    for (to, from) in block.iter_mut().zip(key.secret) {
        *to = from;
    }
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new((&block).into());
    mac.update(context);
    mac.update(message);
    mac
}

fn purpose_byte(purpose: Purpose) -> u8 {
    match purpose {
        Purpose::Client => 1,
        Purpose::Consultant => 2,
        Purpose::Held => 3,
        Purpose::Operator => 4,
    }
}

fn purpose_of(byte: u8) -> Option<Purpose> {
    match byte {
        1 => Some(Purpose::Client),
        2 => Some(Purpose::Consultant),
        3 => Some(Purpose::Held),
        4 => Some(Purpose::Operator),
        _ => None,
    }
}

/// Appends a number, seven bits a byte, lowest first; a set high bit means that more follow.
fn push_number(bytes: &mut Vec<u8>, number: i64) {
    let mut rest = number.cast_unsigned();
    loop {
        let low = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Takes a number off the front; `None` where it does not end or does not fit.
fn take_number(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let mut number: u64 = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        let part = u64::from(byte & 0x7f);
        let shift = 7 * u32::try_from(at).ok()?;
        number |= part.checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((number.cast_signed(), bytes.get(at + 1..)?));
        }
    }
    None
}
