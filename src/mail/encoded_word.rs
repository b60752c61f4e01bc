//! Encoded words in header fields (RFC 2047), as they are written and as they ought to be.
//!
//! The crate's own reader decodes each word by itself, which breaks characters that a sender split
//! over two words, and forgets text in words with a wrong charset. Read here besides what the RFC
//! allows: words in the middle of other text or in quotes (Outlook), blanks inside a word, bytes
//! of one character in two neighbouring words, several charsets in one field.

use super::decode;

/// Longest charset name with its language (RFC 2231 §5), in bytes; beyond it is no encoded word.
const CHARSET_MAX_BYTES: usize = 60;

/// What a field's text is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it stands.
    Plain(&'a str),
    /// What neighbouring encoded words stand for.
    Decoded(String),
}

/// One encoded word, not decoded.
struct Word<'a> {
    charset: &'a str,
    encoding: u8,
    data: &'a str,
}

/// A field's text with every encoded word decoded.
pub fn decode(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => plain.to_owned(),
            Piece::Decoded(decoded) => decoded,
        })
        .collect()
}

/// Takes a field's text apart. Blanks between neighbouring words belong to none (RFC 2047 §6.2).
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut open: Option<Run> = None;
    let mut rest = text;
    while let Some((before, word, after)) = next_word(rest) {
        let is_neighbour = before.trim().is_empty() && open.is_some();
        if !is_neighbour {
            pieces.extend(open.take().map(Run::finish));
            if !before.is_empty() {
                pieces.push(Piece::Plain(before));
            }
        }
        open.get_or_insert_default().add(&word);
        rest = after;
    }
    pieces.extend(open.map(Run::finish));
    if !rest.is_empty() {
        pieces.push(Piece::Plain(rest));
    }
    pieces
}

/// The first encoded word, with what stands before and after it.
fn next_word(text: &str) -> Option<(&str, Word<'_>, &str)> {
    // Where no end is left, no later beginning is worth a look: that would be quadratic.
    let last_end = text.rfind("?=")?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("=?")?;
        if at + 2 > last_end {
            return None;
        }
        let inner = text.get(at + 2..)?;
        if let Some((word, length)) = word(inner) {
            let after = text.get(at + 2 + length..)?;
            return Some((text.get(..at)?, word, after));
        }
        from = at + 2;
    }
}

/// The encoded word whose charset begins here, and its length with the `?=` at its end.
fn word(inner: &str) -> Option<(Word<'_>, usize)> {
    let head = decode::cut(inner, CHARSET_MAX_BYTES);
    let (charset, _) = head.split_once('?')?;
    let named = !charset.is_empty() && charset.bytes().all(|b| b.is_ascii_graphic());
    let encoding = *inner.as_bytes().get(charset.len() + 1)?;
    let is_known = matches!(encoding, b'q' | b'Q' | b'b' | b'B');
    let from = charset.len() + 3;
    if !named || !is_known || inner.as_bytes().get(from - 1) != Some(&b'?') {
        return None;
    }
    let data = inner.get(from..)?;
    let length = data.find("?=")?;
    let word = Word {
        // RFC 2231 §5: a language may follow the charset.
        charset: charset.split('*').next().unwrap_or_default(),
        encoding: encoding.to_ascii_lowercase(),
        data: data.get(..length)?,
    };
    Some((word, from + length + 2))
}

/// Neighbouring words. The bytes of those alike are joined before they become text, because
/// senders split words in the middle of a character, against RFC 2047 §5.
#[derive(Default)]
struct Run {
    text: String,
    charset: String,
    bytes: Vec<u8>,
}

impl Run {
    fn add(&mut self, word: &Word) {
        if !self.charset.eq_ignore_ascii_case(word.charset) {
            self.settle();
            word.charset.clone_into(&mut self.charset);
        }
        let data = word.data.as_bytes();
        if word.encoding == b'b' {
            self.bytes.extend(decode::base64(data, usize::MAX));
        } else {
            // RFC 2047 §4.2: an underscore is a blank.
            let blanks: Vec<u8> = data
                .iter()
                .map(|b| if *b == b'_' { b' ' } else { *b })
                .collect();
            self.bytes
                .extend(decode::quoted_printable(&blanks, usize::MAX));
        }
    }

    fn settle(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        self.text
            .push_str(&decode::charset(&bytes, Some(&self.charset)));
    }

    fn finish(mut self) -> Piece<'static> {
        self.settle();
        Piece::Decoded(self.text)
    }
}
