//! Bytes become characters: the declared charset, then UTF-8, then windows-1252 (mail.md §5).
//! Never an error: senders declare what they do not write, and people must read it anyway.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Longest charset name looked up, in bytes; the longest known has 45.
const NAME_MAX_BYTES: usize = 60;

/// Names that say nothing about bytes beyond ASCII, or that every program gives to UTF-8.
const UNDECIDED: [&str; 12] = [
    "",
    "utf-8",
    "utf8",
    "unicode-1-1-utf-8",
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "unknown-8bit",
    "x-unknown",
    "default",
    "8bit",
    "binary",
];

/// Charsets of western languages in which text that is valid UTF-8 makes no sense: `ñ` would be
/// `Ã±`. Web forms declare them and write UTF-8.
const WESTERN: [&str; 7] = [
    "iso-8859-1",
    "iso8859-1",
    "iso_8859-1",
    "latin1",
    "windows-1252",
    "cp1252",
    "iso-8859-15",
];

/// Decodes text in its declared charset; undeclared, unknown or mute ones are guessed.
///
/// Text that is UTF-8 but for some bytes stays UTF-8: a foreign letter amid ASCII (a footer that a
/// gateway appended) is one of windows-1252, anything else a replacement character. Text without a
/// single valid sequence is windows-1252.
pub fn charset(bytes: &[u8], declared: Option<&str>) -> String {
    let name = declared
        .unwrap_or_default()
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
        .to_ascii_lowercase();
    let is_utf16 = name.starts_with("utf-16") || name.starts_with("utf16");
    if !is_utf16 {
        let is_guessed = UNDECIDED.contains(&name.as_str()) || WESTERN.contains(&name.as_str());
        if let Some(text) = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| is_guessed || text.is_ascii() && !is_stateful(&name))
        {
            return text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        }
    }
    if UNDECIDED.contains(&name.as_str()) || name.len() > NAME_MAX_BYTES {
        return guess(bytes);
    }
    match name.as_str() {
        "utf-7" | "unicode-1-1-utf-7" => utf7(bytes),
        _ if is_utf16 => utf16(bytes, &name),
        // The decoder at hand answers with a single replacement character for the whole text.
        "iso-2022-kr" | "iso-2022-cn" | "iso-2022-cn-ext" | "hz-gb-2312" | "replacement" => {
            guess(bytes)
        }
        name => decoded(bytes, name),
    }
}

fn decoded(bytes: &[u8], name: &str) -> String {
    let Some(decoder) = charset_decoder(name.as_bytes()) else {
        return guess(bytes);
    };
    let text = decoder(bytes);
    // Declared one way and written the other.
    if text.contains(char::REPLACEMENT_CHARACTER)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return text.to_owned();
    }
    text
}

/// Charsets that write other characters with ASCII bytes.
fn is_stateful(name: &str) -> bool {
    name.starts_with("iso-2022")
        || name.starts_with("hz")
        || name.starts_with("ut")
        || name.starts_with("uni")
        || name.starts_with("ucs")
        || name.starts_with("iso-10646")
        || name.starts_with("cs")
}

/// UTF-8 with foreign bytes in it, or windows-1252.
fn guess(bytes: &[u8]) -> String {
    match cut_character(bytes) {
        Some(whole) => guess_whole(whole) + "\u{fffd}",
        None => guess_whole(bytes),
    }
}

fn guess_whole(bytes: &[u8]) -> String {
    let (mut characters, mut foreign) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        foreign += usize::from(!chunk.invalid().is_empty());
    }
    // By chance some pairs of bytes are valid in any charset; most are in UTF-8 only.
    if characters < foreign.max(1) {
        return windows_1252(bytes);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len() + chunk.invalid().len();
        let next = bytes.get(at);
        match chunk.invalid() {
            [] => {}
            [byte]
                if is_letter(*byte)
                    && is_ascii(text.bytes().next_back())
                    && next.is_some_and(u8::is_ascii) =>
            {
                text.push_str(&windows_1252(&[*byte]));
            }
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    text
}

/// What stands before a UTF-8 character that is cut off at the end: begun by a byte that begins
/// characters of western languages there, and is hardly a last letter in windows-1252 (`Â`, `Ã`,
/// `â`, `ð`).
fn cut_character(bytes: &[u8]) -> Option<&[u8]> {
    let chunk = bytes.utf8_chunks().last()?;
    let is_cut = matches!(
        chunk.invalid(),
        [0xc2 | 0xc3 | 0xe2 | 0xf0] | [0xe2 | 0xf0, _] | [0xf0, _, _]
    );
    bytes
        .len()
        .checked_sub(chunk.invalid().len())
        .filter(|_| is_cut)
        .and_then(|at| bytes.get(..at))
}

/// Letters and marks of western languages in windows-1252: `¡`, `ª`, `°`, `º`, `¿` and `À` to `ÿ`.
fn is_letter(byte: u8) -> bool {
    matches!(byte, 0xa1 | 0xaa | 0xb0 | 0xba | 0xbf | 0xc0..)
}

fn is_ascii(byte: Option<u8>) -> bool {
    byte.is_none_or(|byte| byte.is_ascii())
}

/// UTF-16 by its mark, else by the declared order, else by where the zeros of Latin text stand:
/// without a mark big-endian is the rule (RFC 2781 §4.3) and little-endian the practice.
fn utf16(bytes: &[u8], name: &str) -> String {
    let (bytes, big) = match bytes {
        [0xfe, 0xff, rest @ ..] => (rest, true),
        [0xff, 0xfe, rest @ ..] => (rest, false),
        _ if name.ends_with("be") => (bytes, true),
        _ if name.ends_with("le") => (bytes, false),
        _ => {
            let zeros = |odd: usize| {
                let halves = bytes.iter().skip(odd).step_by(2);
                halves.filter(|byte| **byte == 0).count()
            };
            (bytes, zeros(0) > zeros(1))
        }
    };
    // Declared by mistake: UTF-16 of any language has zeros or other control bytes.
    if !bytes.is_empty()
        && bytes
            .iter()
            .all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace())
    {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    units(bytes, big)
}

fn units(bytes: &[u8], big: bool) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| match big {
        true => u16::from_be_bytes(*pair),
        false => u16::from_le_bytes(*pair),
    });
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// UTF-7 (RFC 2152): `+` begins base64 of UTF-16, and whatever is not of its alphabet ends it.
fn utf7(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(plus) = rest.iter().position(|byte| *byte == b'+') {
        let (before, after) = rest.split_at(plus);
        text.push_str(&guess(before));
        let after = after.get(1..).unwrap_or_default();
        let is_digit = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        let length = after.iter().take_while(|b| is_digit(b)).count();
        let (digits, after) = after.split_at(length);
        match (digits, after.first()) {
            ([], _) => text.push('+'),
            _ => text.push_str(&units(&super::decode::base64(digits, usize::MAX), true)),
        }
        rest = after.strip_prefix(b"-").unwrap_or(after);
    }
    text.push_str(&guess(rest));
    text
}

/// Decodes windows-1252, which has a character for every byte.
pub fn windows_1252(bytes: &[u8]) -> String {
    match charset_decoder(b"windows-1252") {
        Some(decoder) => decoder(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}
