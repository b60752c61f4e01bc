//! Transfer encodings undone, and text made safe to store and to show (mail.md §5). Never an error.

use std::borrow::Cow;

pub use super::charset::{charset, windows_1252};

/// A mail of which no line ends in a line feed, because a program of the old Macintosh stored it,
/// with line feeds for its carriage returns; any other mail as it is.
pub fn line_ends(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.contains(&b'\n') || !raw.contains(&b'\r') {
        return Cow::Borrowed(raw);
    }
    let turned = raw.iter().map(|byte| match byte {
        b'\r' => b'\n',
        byte => *byte,
    });
    Cow::Owned(turned.collect())
}

/// Decodes base64 and passes over everything that is not of its alphabet (RFC 2045 §6.8).
/// Stops after `limit` decoded bytes.
pub fn base64(bytes: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity((bytes.len() / 4 * 3).min(limit) + 3);
    let (mut bits, mut count) = (0u32, 0u8);
    let mut rest = bytes;
    while out.len() < limit {
        // Four digits in a row are nearly all there is.
        if count == 0
            && let Some((group, after)) = rest.split_first_chunk::<4>()
            && let [Some(a), Some(b), Some(c), Some(d)] = group.map(base64_digit)
        {
            let bits = a << 18 | b << 12 | c << 6 | d;
            out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            rest = after;
            continue;
        }
        let Some((byte, after)) = rest.split_first() else {
            break;
        };
        rest = after;
        if *byte == b'=' {
            // Padding ends a run; some mailers join several runs in one part.
            finish(&mut out, bits, count);
            (bits, count) = (0, 0);
        }
        let Some(value) = base64_digit(*byte) else {
            continue;
        };
        bits = bits << 6 | value;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&[(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
            (bits, count) = (0, 0);
        }
    }
    finish(&mut out, bits, count);
    out.truncate(limit);
    out
}

/// Appends what an incomplete group of base64 digits stands for.
fn finish(out: &mut Vec<u8>, bits: u32, count: u8) {
    match count {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend_from_slice(&[(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
}

/// Marks a byte that is no digit of base64.
const NO_DIGIT: u8 = 64;

/// The value of each byte as a digit of base64 (RFC 4648 §4).
#[allow(clippy::indexing_slicing)] // Checked when it is compiled.
const BASE64: [u8; 256] = {
    let digits = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NO_DIGIT; 256];
    let mut value = 0;
    while value < NO_DIGIT {
        table[digits[value as usize] as usize] = value;
        value += 1;
    }
    table
};

fn base64_digit(byte: u8) -> Option<u32> {
    let value = *BASE64.get(usize::from(byte))?;
    (value != NO_DIGIT).then_some(u32::from(value))
}

/// Decodes quoted-printable; what is malformed stays as it stands (RFC 2045 §6.7).
/// Stops after `limit` decoded bytes.
pub fn quoted_printable(bytes: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().min(limit));
    let mut rest = bytes;
    while let Some((byte, after)) = rest.split_first() {
        if out.len() >= limit {
            break;
        }
        rest = after;
        if *byte != b'=' {
            out.push(*byte);
            continue;
        }
        let pair = after
            .first_chunk::<2>()
            .and_then(|[high, low]| hex_pair(*high, *low));
        if let Some(value) = pair {
            out.push(value);
            rest = after.get(2..).unwrap_or_default();
        } else if let Some(tail) = soft_break(after) {
            rest = tail;
        } else {
            out.push(b'=');
        }
    }
    out
}

/// What follows a soft line break: blanks and one line end after the `=`.
fn soft_break(after: &[u8]) -> Option<&[u8]> {
    /// Blanks before the line end that are tolerated; transports add them.
    const BLANKS_MAX: usize = 80;
    let blanks = after
        .iter()
        .take(BLANKS_MAX)
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
        .count();
    match after.get(blanks..)? {
        [b'\n', tail @ ..] => Some(tail),
        [] => Some(&[]),
        _ => None,
    }
}

/// The byte that two hexadecimal digits stand for.
pub fn hex_pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// Text with line feeds only, and no control characters besides them and tabs.
/// NUL would end a text early in SQL (crates.md §4).
pub fn clean_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            '\u{feff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// One line to show: control and bidirectional characters removed, blanks folded into one,
/// at most `limit` characters.
pub fn clean_line(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit * 4));
    let (mut count, mut blank) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() {
            blank = count > 0;
            continue;
        }
        if c.is_control() || is_invisible(c) {
            continue;
        }
        if blank {
            out.push(' ');
            (count, blank) = (count + 1, false);
        }
        if count >= limit {
            break;
        }
        out.push(c);
        count += 1;
    }
    out.truncate(out.trim_end().len());
    out
}

/// Characters that change how others are shown, or show nothing: a name could hide behind them
/// (Unicode TR 36 §2.5: bidirectional controls; zero-width characters).
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The longest prefix of `text` of at most `limit` bytes that ends between characters.
pub fn cut(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}
