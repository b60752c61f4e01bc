//! Subjects: prefixes of replies and forwards, and our own tag.

use super::ids::TicketId;

/// Longest subject kept, in characters.
pub const SUBJECT_MAX_CHARS: usize = 250;

/// Most prefixes and tags peeled off one subject; beyond them the rest is text.
const PEEL_MAX: usize = 20;

/// Prefixes that mail programs put before a reply, lower case (mail.md §4; peers' lists).
const REPLY_PREFIXES: [&str; 8] = ["re", "res", "resp", "rta", "aw", "sv", "r", "antw"];

/// Prefixes that mail programs put before a forward, lower case.
const FORWARD_PREFIXES: [&str; 9] = ["rv", "renv", "reenv", "fw", "fwd", "wg", "tr", "enc", "i"];

/// A subject taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What is left without prefixes and tags.
    pub bare: String,
    /// The tickets named by tags such as `[GS-1042]`, in order.
    pub tags: Vec<TicketId>,
    /// A forward prefix stood among the prefixes.
    pub is_forward: bool,
    /// The outermost prefix says forward: `RV: RE: x` is one, `RE: RV: x` answers one.
    pub leads_forward: bool,
    /// A reply prefix stood among the prefixes.
    pub is_reply: bool,
}

impl Subject {
    /// Takes `text` apart; `prefix` is the `GS` of `[GS-1042]`.
    pub fn read(text: &str, prefix: &str) -> Self {
        let (mut rest, tags) = remove_tags(text, prefix);
        let (mut is_forward, mut leads_forward, mut is_reply) = (false, false, false);
        for _ in 0..PEEL_MAX {
            let trimmed = rest.trim_start().to_owned();
            let Some((kind, length)) = leading_prefix(&trimmed) else {
                rest = trimmed;
                break;
            };
            match kind {
                Prefix::Reply => is_reply = true,
                Prefix::Forward => {
                    leads_forward |= !is_reply;
                    is_forward = true;
                }
            }
            rest = trimmed.get(length..).unwrap_or_default().to_owned();
        }
        let words: Vec<&str> = rest.split_whitespace().collect();
        let bare: String = words.join(" ").chars().take(SUBJECT_MAX_CHARS).collect();
        Self {
            bare,
            tags,
            is_forward,
            leads_forward,
            is_reply,
        }
    }
}

enum Prefix {
    Reply,
    Forward,
}

/// The reply or forward prefix at the start of `text`, and its length in bytes: `RE:`, `Re[2]:`.
fn leading_prefix(text: &str) -> Option<(Prefix, usize)> {
    let colon = text.char_indices().take(12).find(|(_, c)| *c == ':')?.0;
    let word = text.get(..colon)?.trim_end().to_lowercase();
    let word = word
        .split_once('[')
        .map_or(word.as_str(), |(w, _)| w)
        .trim_end();
    let kind = if REPLY_PREFIXES.contains(&word) {
        Prefix::Reply
    } else if FORWARD_PREFIXES.contains(&word) {
        Prefix::Forward
    } else {
        return None;
    };
    Some((kind, colon + 1))
}

/// `text` without its `[GS-…]` tags, and the tickets they name.
fn remove_tags(text: &str, prefix: &str) -> (String, Vec<TicketId>) {
    let opening = format!("[{}-", prefix.to_lowercase());
    let mut kept = String::with_capacity(text.len());
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let number = from
            .get(..opening.len())
            .filter(|head| head.to_lowercase() == opening)
            .and_then(|head| from.get(head.len()..))
            .and_then(|tail| tail.split_once(']'))
            .and_then(|(digits, after)| Some((digits.parse::<i64>().ok()?, after)));
        match number {
            Some((id, after)) if id > 0 => {
                tags.push(TicketId(id));
                rest = after;
            }
            _ => {
                kept.push('[');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    (kept, tags)
}
