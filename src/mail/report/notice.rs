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
use crate::domain::reason::{self, AT_DATA, AT_SENDER, Reason};
use crate::domain::report::RecipientReport;
use crate::mail::decode;

use super::addresses::{self, Found};
use super::{LINES_MAX, RECIPIENTS_MAX, VALUE_MAX_CHARS, phrases};

/// Longest line looked at, in bytes; the rest of it is passed over.
const LINE_MAX_BYTES: usize = 2_000;

/// Most bytes kept of what is said of one recipient.
const DETAILS_MAX_BYTES: usize = 4_000;

/// Lines that one answer of a server may run over.
const ANSWER_LINES_MAX: usize = 8;

/// Words that announce a recipient and stand right before it, lower case.
const LABELS: [&str; 24] = [
    "rcpt to",
    "recipient",
    "recipients",
    "recipient address",
    "following recipient",
    "error-for",
    "undeliverable address",
    "unknown user",
    "delivery userid",
    "allowed size",
    "undeliverable to",
    "message to",
    "be delivered to",
    "mail to",
    "delivery failed",
    "attempts",
    "permanent errors",
    "mailbox is full",
    "[smtp",
    "address",
    "expanded from",
    "generated from",
    "destinatario",
    "entregar el mensaje a",
];

/// Words of sentences whose addresses are no recipients, lower case.
const OTHERS: [&str; 16] = [
    "contact",
    "please",
    "assistance",
    "questions",
    "administrator",
    "help",
    "sender",
    "mail from",
    "from:",
    "reply",
    "cc:",
    "subject",
    "received",
    "envelope-from",
    "póngase",
    "comuníquese",
];

/// Those of them that speak of people who help.
const HELPERS: [&str; 6] = [
    "contact",
    "please",
    "assistance",
    "questions",
    "help",
    "comuníquese",
];

/// Somebody named in a notice.
#[derive(Debug, Clone)]
struct Named {
    recipient: String,
    details: String,
}

/// The recipients of whom a notice speaks. `notice` is the text above the returned mail, `strangers`
/// are addresses that are none: the writer's, and ours where it is only addressed.
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

/// What a text says of a refusal.
#[derive(Debug, Default)]
struct Said {
    /// What the server answered.
    answer: Option<String>,
    /// The first paragraph.
    paragraph: Option<String>,
    /// The first line whose words give a reason.
    telling: Option<String>,
    /// When in the dialogue it happened.
    stages: Vec<&'static str>,
}

impl Said {
    fn of(text: &str) -> Self {
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

    fn is_empty(&self) -> bool {
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

/// Adds words to what is known of a refusal.
fn add(one: &mut RecipientReport, words: &str) {
    let kept = decode::clean_line(&one.diagnostic, VALUE_MAX_CHARS);
    let joined = format!("{kept} {words}");
    one.diagnostic = decode::clean_line(&joined, 2 * VALUE_MAX_CHARS);
}

/// Goes over the lines once: `whom` says who a line begins to speak of.
fn gather(text: &str, whom: impl Fn(&str, &str) -> Option<Found>) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    let mut current: Option<usize> = None;
    let mut before = "";
    for line in text.lines().take(LINES_MAX) {
        let line = decode::cut(line.trim(), LINE_MAX_BYTES);
        let found = whom(line, before);
        let rest = match &found {
            Some(found) => {
                let recipient = found.address.as_str();
                current = named.iter().position(|one| one.recipient == recipient);
                if current.is_none() && named.len() < RECIPIENTS_MAX {
                    current = Some(named.len());
                    named.push(Named {
                        recipient: recipient.to_owned(),
                        details: String::new(),
                    });
                }
                said(line, found)
            }
            None if is_rule(line) => {
                current = None;
                line
            }
            None => line,
        };
        let one = current.and_then(|at| named.get_mut(at));
        if let Some(one) = one
            && one.details.len() + rest.len() < DETAILS_MAX_BYTES
        {
            one.details.push_str(rest);
            one.details.push('\n');
        }
        if !line.is_empty() {
            before = line;
        }
    }
    named
}

/// What a line says besides the address that it begins with.
fn said<'l>(line: &'l str, found: &Found) -> &'l str {
    let before = line.get(..found.start).unwrap_or_default();
    if before.chars().any(char::is_alphanumeric) {
        return line;
    }
    let rest = line.get(found.end..).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '>', '"', '\'', ':', '.', ')', ']']);
    // `ana@acme.mx <ana@acme.mx>`, `ana@acme.mx<mailto:ana@acme.mx>`: the same again.
    let is_repeated = rest.starts_with('<') && !rest.contains(' ');
    if is_repeated { "" } else { rest }
}

/// A line that only draws or announces the next section.
fn is_rule(line: &str) -> bool {
    line.starts_with("---") && line.ends_with("---")
}

/// The recipient that a line announces: at its beginning, or behind a label.
fn announced(line: &str, before: &str) -> Option<Found> {
    let found = addresses::all(line).into_iter().next()?;
    let head = line.get(..found.start).unwrap_or_default();
    let next = line.get(found.end..).unwrap_or_default().chars().next();
    let stands_free = next.is_none_or(|c| c.is_whitespace() || ">:\"',;.<[()]!".contains(c));
    // `(expanded from` and `generated from` name another address on the next line.
    let is_continued = ["from", "by", "contact"]
        .iter()
        .any(|word| before.ends_with(word));
    // Bullets, quotes and reply codes may stand before it.
    let is_first = head
        .chars()
        .all(|c| c.is_ascii_digit() || c.is_whitespace() || "<>\"'*•·-[(|:.#=".contains(c));
    // `250 <soporte@…>, Sender ok`: an answer that refuses nothing.
    let is_accepted = head.trim_start().starts_with(['2', '3']);
    let leads = is_first && !is_continued && stands_free && !is_accepted;
    (leads || is_labelled(head)).then_some(found)
}

fn is_labelled(head: &str) -> bool {
    let head = head.to_lowercase();
    let head = head.trim_end_matches([' ', '\t', ':', '<', '"', '\'', '[', '(', ';']);
    let head = head.strip_suffix("rfc822").unwrap_or(head);
    let head = head.trim_end_matches([' ', ';', ':']);
    LABELS.iter().any(|label| head.ends_with(label)) && !OTHERS.iter().any(|o| head.contains(o))
}

/// An address within a sentence that holds none of the words `others`.
fn mentioned(line: &str, others: &[&str]) -> Option<Found> {
    let found = addresses::all(line).into_iter().next()?;
    let lower = line.to_lowercase();
    let is_other = others.iter().any(|other| lower.contains(other));
    (!is_other).then_some(found)
}

/// Users of the writer's own server, whom it names without a domain: alone on a line, after one
/// that announces recipients (AOL, Exim and sendmail about local users).
fn neighbours(text: &str, domain: &str) -> Vec<Named> {
    let mut named = Vec::new();
    let mut is_announced = false;
    for line in text.lines().take(LINES_MAX) {
        let word = decode::cut(line.trim(), LINE_MAX_BYTES);
        if word.is_empty() {
            continue;
        }
        let is_name = word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if is_announced && is_name && line.starts_with([' ', '\t']) {
            if let Some(address) = Address::parse(&format!("{word}@{domain}")) {
                named.push(Named {
                    recipient: address.as_str().to_owned(),
                    details: String::new(),
                });
            }
            if named.len() == RECIPIENTS_MAX {
                break;
            }
        } else {
            let lower = word.to_lowercase();
            is_announced = lower.ends_with(':')
                && ["recipient", "address", "deliver"]
                    .iter()
                    .any(|w| lower.contains(w));
        }
    }
    named
}

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
fn derived(diagnostic: &str) -> Option<String> {
    let (_, code) = reason::reply_code(diagnostic)?;
    Some(format!("{}.0.0", code.chars().next()?))
}
