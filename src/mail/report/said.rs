//! What a text says of a refusal: the server's answer, and when in the dialogue it came.

use crate::domain::reason::{self, AT_DATA, AT_SENDER, Reason};
use crate::mail::decode;

use super::{LINE_MAX_BYTES, LINES_MAX, VALUE_MAX_CHARS};

/// Lines that one answer of a server may run over.
const ANSWER_LINES_MAX: usize = 8;

/// What a text says of a refusal.
#[derive(Debug, Default)]
pub struct Said {
    /// What the server answered.
    pub answer: Option<String>,
    /// The first paragraph.
    pub paragraph: Option<String>,
    /// The first line whose words give a reason.
    pub telling: Option<String>,
    /// When in the dialogue it happened.
    pub stages: Vec<&'static str>,
}

impl Said {
    /// Reads it.
    pub fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        let is_told = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
        Self {
            answer: answer(text),
            paragraph: paragraph(text),
            telling: telling(text).map(|line| decode::clean_line(line, VALUE_MAX_CHARS)),
            stages: STAGES
                .iter()
                .filter(|(signs, _)| is_told(signs))
                .map(|(_, stage)| *stage)
                .collect(),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.paragraph.is_none()
    }
}

/// When in the dialogue the refusal came, as servers tell it, and the words of Postfix for it.
const STAGES: [(&[&str], &str); 2] = [
    (
        &[
            "end of data",
            "failed after i sent the message",
            ">>> data\n<<< 5",
            "smtp command\ndata",
        ],
        AT_DATA,
    ),
    (&["after mail from", "[mail_from]"], AT_SENDER),
];

/// What the server answered: from its reply code to the end of the paragraph.
fn answer(details: &str) -> Option<String> {
    let lines = || details.lines().take(LINES_MAX).map(str::trim);
    let (at, first) = lines().enumerate().find_map(|(at, line)| {
        let line = decode::cut(line, LINE_MAX_BYTES);
        let (start, _) = reason::reply_code(line)?;
        Some((at, line.get(start..).unwrap_or_default()))
    })?;
    // A reply of several lines has `550-` before all but the last (RFC 5321 §4.2.1); the next
    // code begins another answer.
    let is_last = first.get(3..4) != Some("-");
    let is_next = |line: &str| {
        line.starts_with(">>>")
            || line.starts_with("<<<")
            || is_last && matches!(reason::reply_code(line), Some((0, _)))
    };
    let rest = lines().skip(at + 1).take(ANSWER_LINES_MAX);
    let rest = rest.take_while(|line| !line.is_empty() && !is_rule(line) && !is_next(line));
    let joined: Vec<&str> = std::iter::once(first).chain(rest).collect();
    Some(decode::clean_line(&joined.join(" "), VALUE_MAX_CHARS))
}

/// The first paragraph.
fn paragraph(details: &str) -> Option<String> {
    let lines = details.lines().take(LINES_MAX).map(str::trim);
    let lines = lines
        .skip_while(|line| line.is_empty())
        .take(ANSWER_LINES_MAX);
    let lines: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let joined = decode::clean_line(&lines.join(" "), VALUE_MAX_CHARS);
    (!joined.is_empty()).then_some(joined)
}

/// The first line whose words give a reason.
fn telling(details: &str) -> Option<&str> {
    details
        .lines()
        .take(LINES_MAX)
        .map(|line| decode::cut(line.trim(), LINE_MAX_BYTES))
        .find(|line| !line.is_empty() && Reason::of("", line) != Reason::Unknown)
}

/// The class of a reply code as an enhanced status (RFC 3463 §2: x.0.0, nothing else is known).
pub fn derived(diagnostic: &str) -> Option<String> {
    let (_, code) = reason::reply_code(diagnostic)?;
    Some(format!("{}.0.0", code.chars().next()?))
}

/// A line that only draws or announces the next section.
pub fn is_rule(line: &str) -> bool {
    line.starts_with("---") && line.ends_with("---")
}
