//! What keeps a mail in its conversation: References, Thread-Index, subject (mail.md §6).

use chrono::{DateTime, Utc};
use data_encoding::BASE64;

use super::decode;
use super::header::is_message_id;
use crate::domain::effect::ThreadHead;
use crate::domain::subject::SUBJECT_MAX_CHARS;

/// Longest References value in characters, brackets and blanks included (mail.md §6).
pub const REFERENCES_MAX_CHARS: usize = 1_500;

/// Longest Thread-Index continued, in bytes before base64; a longer one is passed on as it is.
const THREAD_INDEX_MAX_BYTES: usize = 500;

/// Bytes of the head of a Thread-Index ([MS-OXOMSG] §2.2.1.3).
const THREAD_INDEX_HEAD_BYTES: usize = 22;

/// The value of References: the chain and the parent, with brackets. The first id and the last
/// ones are kept when the whole would be longer than [`REFERENCES_MAX_CHARS`]
/// (RFC 5322 §3.6.4 names the content; RFC 5537 §3.4.4 this way of shortening).
pub fn references(chain: &[String], parent: Option<&str>) -> String {
    let mut ids: Vec<&str> = Vec::new();
    for id in chain.iter().map(String::as_str).chain(parent) {
        if is_message_id(id) {
            // An id that is repeated stands where it stood last.
            ids.retain(|known| *known != id);
            ids.push(id);
        }
    }
    let Some((first, others)) = ids.split_first() else {
        return String::new();
    };
    let width = |id: &str| id.len() + 3;
    let mut room = REFERENCES_MAX_CHARS.saturating_sub(width(first));
    let mut kept: Vec<&str> = Vec::new();
    for id in others.iter().rev() {
        let Some(left) = room.checked_sub(width(id)) else {
            break;
        };
        room = left;
        kept.push(id);
    }
    let all = std::iter::once(first).chain(kept.iter().rev());
    let words: Vec<String> = all.map(|id| format!("<{id}>")).collect();
    words.join(" ")
}

/// The client's Thread-Index with one more child block, so that Outlook groups our answer
/// under it ([MS-OXOMSG] §2.2.1.3); as it is where it cannot be continued; `None` where it is
/// no Thread-Index.
pub fn thread_index(parent: &str, at: DateTime<Utc>) -> Option<String> {
    let bytes = BASE64.decode(parent.trim().as_bytes()).ok()?;
    if bytes.len() < THREAD_INDEX_HEAD_BYTES {
        return None;
    }
    if bytes.len() > THREAD_INDEX_MAX_BYTES {
        return Some(parent.trim().to_owned());
    }
    // The head begins with the upper six bytes of the conversation's FILETIME.
    let begun = bytes
        .iter()
        .take(6)
        .fold(0u64, |time, byte| time << 8 | u64::from(*byte))
        << 16;
    let elapsed = file_time(at).saturating_sub(begun);
    // Under about 1.7 years: bits 18 to 48; beyond: bits 23 to 53, and the highest bit says so.
    let block = if elapsed >> 49 == 0 {
        (elapsed >> 18) & 0x7fff_ffff
    } else {
        (elapsed >> 23) & 0x7fff_ffff | 0x8000_0000
    };
    let block = u32::try_from(block).ok()?;
    let mut child = bytes;
    child.extend_from_slice(&block.to_be_bytes());
    // Four random bits and a counter of four: readers do not need them.
    child.push(0);
    Some(BASE64.encode(&child))
}

/// Hundreds of nanoseconds since 1601 (the FILETIME of Windows).
fn file_time(at: DateTime<Utc>) -> u64 {
    /// Seconds from 1601 to 1970.
    const EPOCH_SECONDS: i64 = 11_644_473_600;
    let seconds = at.timestamp().saturating_add(EPOCH_SECONDS);
    u64::try_from(seconds)
        .unwrap_or(0)
        .saturating_mul(10_000_000)
}

/// The subject of an answer: `Re: {subject} [GS-1042]`, each once, after what the letter says
/// before its own `Re:` (`No entregado: Re: …`); without a conversation the mail's own subject,
/// with the tag where it does not stand there yet.
pub fn subject(own: &str, thread: Option<&ThreadHead>, tag: Option<&str>) -> String {
    let suffix = tag.map(|tag| format!("[{tag}]")).unwrap_or_default();
    let words = match thread {
        Some(thread) => {
            let before = own.split_once("Re: ").map_or("", |(before, _)| before);
            format!("{before}Re: {}", thread.subject)
        }
        None => own.to_owned(),
    };
    // Room for the tag, whatever the subject's length.
    let room = SUBJECT_MAX_CHARS.saturating_sub(suffix.chars().count() + 1);
    let words = decode::clean_line(&words, room);
    let has_tag = tag.is_none_or(|tag| names(&words, tag));
    if has_tag {
        words
    } else {
        format!("{words} {suffix}").trim().to_owned()
    }
}

/// Whether the tag stands in the text as a whole: `GS-7` does not stand in `GS-70`.
fn names(text: &str, tag: &str) -> bool {
    text.match_indices(tag).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + tag.len()..).unwrap_or_default();
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}
