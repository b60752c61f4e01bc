//! Subjects: prefixes of replies and forwards, and our own tag.

use super::ids::TicketId;

/// Longest subject kept, in characters.
pub const SUBJECT_MAX_CHARS: usize = 250;

/// Most prefixes and tags peeled off one subject; beyond them the rest is text.
const PEEL_MAX: usize = 20;

/// Prefixes that mail programs put before a reply, lower case (mail.md §4; peers' lists).
const REPLY_PREFIXES: [&str; 12] = [
    "re", "res", "resp", "rta", "aw", "sv", "r", "antw", "odp", "ynt", "回复", "返信",
];

/// Prefixes that mail programs put before a forward, lower case: Spanish, English, German, French,
/// Portuguese, Dutch, Romanian, Hungarian, Turkish, Greek, Chinese, Japanese.
const FORWARD_PREFIXES: [&str; 19] = [
    "rv",
    "renv",
    "reenv",
    "fw",
    "fwd",
    "wg",
    "tr",
    "enc",
    "doorst",
    "redir",
    "tov",
    "továbbítás",
    "ilt",
    // `İLT` in lower case: an i and its combining dot.
    "i\u{307}lt",
    "πρθ",
    "转发",
    "轉寄",
    "転送",
    "trs",
];

/// Forward prefixes of Italian, Polish, Danish and Norwegian, Swedish, Finnish and Icelandic, lower
/// case. In Spanish they are other words as well (`PD:` is a postscript, `VS:` a comparison), so
/// they stay part of the subject and count only for whoever finds a forwarded mail below.
const DOUBTFUL_PREFIXES: [&str; 6] = ["i", "pd", "vs", "vb", "vl", "fs"];

/// Characters within which a prefix ends with its colon.
const PREFIX_MAX_CHARS: usize = 16;

/// A subject taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// What is left without prefixes and tags.
    pub bare: String,
    /// The tickets named by tags such as `[GS-1042]`, in order.
    pub tags: Vec<TicketId>,
    /// A forward prefix stood among the prefixes.
    pub is_forward: bool,
    /// A reply prefix stood among the prefixes.
    pub is_reply: bool,
    /// What the outermost prefix says: `RV: RE: x` passes on, `RE: RV: x` answers.
    pub outermost: Option<Prefix>,
}

/// What a prefix says of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefix {
    /// It answers.
    Reply,
    /// It passes a mail on.
    Forward,
    /// It passes a mail on, or the prefix is a word of the subject.
    MaybeForward,
}

impl Subject {
    /// Takes `text` apart; `prefix` is the `GS` of `[GS-1042]`.
    pub fn read(text: &str, prefix: &str) -> Self {
        let (mut rest, tags) = remove_tags(text, prefix);
        let (mut is_forward, mut is_reply) = (false, false);
        let outermost = leading_prefix(rest.trim_start()).map(|(kind, _)| kind);
        for _ in 0..PEEL_MAX {
            let trimmed = rest.trim_start().to_owned();
            let length = match leading_prefix(&trimmed) {
                Some((Prefix::Reply, length)) => {
                    is_reply = true;
                    length
                }
                Some((Prefix::Forward, length)) => {
                    is_forward = true;
                    length
                }
                Some((Prefix::MaybeForward, _)) | None => {
                    rest = trimmed;
                    break;
                }
            };
            rest = trimmed.get(length..).unwrap_or_default().to_owned();
        }
        let words: Vec<&str> = rest.split_whitespace().collect();
        let bare: String = words.join(" ").chars().take(SUBJECT_MAX_CHARS).collect();
        Self {
            bare,
            tags,
            is_forward,
            is_reply,
            outermost,
        }
    }
}

/// The reply or forward prefix at the start of `text`, and its length in bytes: `RE:`, `Re[2]:`,
/// `Redir.:`, `转发：`.
fn leading_prefix(text: &str) -> Option<(Prefix, usize)> {
    let (colon, mark) = text
        .char_indices()
        .take(PREFIX_MAX_CHARS)
        .find(|(_, c)| matches!(c, ':' | '：'))?;
    let word = text.get(..colon)?.trim_end().to_lowercase();
    let word = word
        .split_once('[')
        .map_or(word.as_str(), |(w, _)| w)
        .trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    let kind = if REPLY_PREFIXES.contains(&word) {
        Prefix::Reply
    } else if FORWARD_PREFIXES.contains(&word) {
        Prefix::Forward
    } else if DOUBTFUL_PREFIXES.contains(&word) {
        Prefix::MaybeForward
    } else {
        return None;
    };
    Some((kind, colon + mark.len_utf8()))
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
