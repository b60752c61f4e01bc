//! Why a mail did not arrive, told from what a server said: whether the address is dead, the
//! trouble passing, or the fault ours (mail.md §2).

use serde::{Deserialize, Serialize};

use super::report::RecipientReport;

/// Longest text kept of what a server or a report says, in characters; the rest is cut.
const WORDS_MAX_CHARS: usize = 500;

/// Most words of an answer in which a status code is looked for; it stands near the beginning.
const CODE_WORDS_MAX: usize = 40;

/// What kept a mail from arriving, as far as it makes a difference to what people do about it.
///
/// The names are stored in facts; renaming one needs a migration.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// The address, or its domain, does not exist or takes no mail any more.
    DeadAddress,
    /// The mailbox is full; it may be emptied.
    MailboxFull,
    /// The mail is larger than the recipient's side takes.
    TooLarge,
    /// A rule against unwanted mail: a matter between the two houses, the address may be good.
    Policy,
    /// The recipient's side could not be reached, or had trouble of its own, for too long.
    Unreachable,
    /// Another reason, or none that could be told.
    #[default]
    Other,
}

impl FailureCause {
    /// Every cause.
    pub const ALL: [Self; 6] = [
        Self::DeadAddress,
        Self::MailboxFull,
        Self::TooLarge,
        Self::Policy,
        Self::Unreachable,
        Self::Other,
    ];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeadAddress => "dead_address",
            Self::MailboxFull => "mailbox_full",
            Self::TooLarge => "too_large",
            Self::Policy => "policy",
            Self::Unreachable => "unreachable",
            Self::Other => "other",
        }
    }

    /// What a status code (RFC 3463; may be empty) and a server's words say.
    ///
    /// The code of the status field comes first, then one within the words, then well-known
    /// words; a code that says nothing, such as `5.0.0`, leaves it to the words.
    pub fn of(status: &str, words: &str) -> Self {
        let said = Code::read(status).and_then(Code::cause);
        let said = said.or_else(|| code_within(words).and_then(Code::cause));
        said.or_else(|| by_phrase(words)).unwrap_or_default()
    }
}

/// An enhanced status code: class, subject, detail (RFC 3463 §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Code {
    is_final: bool,
    subject: u16,
    detail: u16,
}

impl Code {
    fn read(text: &str) -> Option<Self> {
        let mut fields = text.split('.');
        let class = fields.next()?;
        let mut number = || -> Option<u16> {
            let digits = fields.next().filter(|digits| digits.len() <= 3)?;
            digits.parse().ok()
        };
        let (subject, detail) = (number()?, number()?);
        let plain = matches!(class, "4" | "5") && fields.next().is_none();
        plain.then_some(Self {
            is_final: class == "5",
            subject,
            detail,
        })
    }

    /// RFC 3463 §3 and the IANA registry of its codes; `None` where the code alone says nothing.
    fn cause(self) -> Option<FailureCause> {
        use FailureCause::{DeadAddress, MailboxFull, Policy, TooLarge, Unreachable};
        match (self.subject, self.detail) {
            // Our own address was refused, not the recipient's.
            (1, 7 | 8) => Some(Policy),
            (1, 0 | 9) => None,
            (1, _) | (2, 1) if self.is_final => Some(DeadAddress),
            (1, _) | (2, 1) => Some(Unreachable),
            (2, 2) => Some(MailboxFull),
            (2, 3) | (3, 4) => Some(TooLarge),
            // Not as registered, but as it is used: Exchange Online refuses unknown recipients
            // at its border with 5.4.1, and a domain that no name server knows is 5.4.4 or
            // 5.4.310.
            (4, 1 | 4 | 310) if self.is_final => Some(DeadAddress),
            (3 | 4, 1..) => Some(Unreachable),
            (7, _) => Some(Policy),
            _ => None,
        }
    }
}

/// The first enhanced code in a server's words: `550 5.1.1 …`, `#5.1.1`, `(5.1.1)`.
fn code_within(words: &str) -> Option<Code> {
    words
        .split(|c: char| c.is_whitespace() || matches!(c, '-' | '#' | '(' | ')' | ';' | ':' | '<'))
        .filter(|word| !word.is_empty())
        .take(CODE_WORDS_MAX)
        .find_map(Code::read)
}

/// Words that servers use where they give no code, or one that says nothing; lower case.
const PHRASES: [(&str, FailureCause); 18] = [
    ("user unknown", FailureCause::DeadAddress),
    ("unknown user", FailureCause::DeadAddress),
    ("no such user", FailureCause::DeadAddress),
    ("no such recipient", FailureCause::DeadAddress),
    ("unknown recipient", FailureCause::DeadAddress),
    ("recipient not found", FailureCause::DeadAddress),
    ("does not exist", FailureCause::DeadAddress),
    ("doesn't exist", FailureCause::DeadAddress),
    ("no existe", FailureCause::DeadAddress),
    ("host not found", FailureCause::DeadAddress),
    ("quota", FailureCause::MailboxFull),
    ("mailbox full", FailureCause::MailboxFull),
    ("mailbox is full", FailureCause::MailboxFull),
    ("spam", FailureCause::Policy),
    ("blocked", FailureCause::Policy),
    ("policy", FailureCause::Policy),
    ("timed out", FailureCause::Unreachable),
    ("connection refused", FailureCause::Unreachable),
];

fn by_phrase(words: &str) -> Option<FailureCause> {
    let words = words.to_lowercase();
    let found = PHRASES.iter().find(|(phrase, _)| words.contains(phrase));
    found.map(|(_, cause)| *cause)
}

/// A failure as it is told to people and kept with the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What kept the mail from arriving.
    pub cause: FailureCause,
    /// What the server or the report said, cut to 500 characters; empty where it said nothing.
    pub words: String,
    /// The address that a report names, where it is not the one we wrote to: an alias, or where
    /// the mail was sent on to.
    pub reported: Option<String>,
}

impl Failure {
    /// A server's refusal, in its words.
    pub fn refused(words: &str) -> Self {
        Self {
            cause: FailureCause::of("", words),
            words: words.to_owned(),
            reported: None,
        }
    }

    /// No server accepted the mail before the schedule ran out (mail.md §6).
    pub fn given_up(words: &str) -> Self {
        Self {
            cause: FailureCause::Unreachable,
            words: words.to_owned(),
            reported: None,
        }
    }

    /// What a report says of a recipient of a mail to `to`; `None`: the report names nobody.
    pub fn reported(recipient: Option<&RecipientReport>, to: &str) -> Self {
        let Some(recipient) = recipient else {
            return Self {
                cause: FailureCause::Other,
                words: String::new(),
                reported: None,
            };
        };
        let words = if recipient.diagnostic.is_empty() {
            &recipient.status
        } else {
            &recipient.diagnostic
        };
        let other = !recipient.recipient.is_empty() && recipient.recipient != to;
        Self {
            cause: FailureCause::of(&recipient.status, &recipient.diagnostic),
            words: words.chars().take(WORDS_MAX_CHARS).collect(),
            reported: other.then(|| recipient.recipient.clone()),
        }
    }
}
