//! A mail that did not arrive, as people are told of it: whether the address is dead, the trouble
//! passing, or the fault ours (mail.md §2). How that is read off a server's words is
//! [`super::reason`]'s business.

use serde::{Deserialize, Serialize};

use super::reason::Reason;
use super::report::RecipientReport;

/// Longest text kept of what a server or a report says, in characters; the rest is cut.
const WORDS_MAX_CHARS: usize = 500;

/// What kept a mail from arriving: as many of the reasons as people deal with in the same way.
///
/// The names are stored in facts; renaming one needs a migration.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// The address, or its domain, does not exist or takes no mail any more.
    DeadAddress,
    /// The mailbox exists, and is closed or takes no mail from us.
    MailboxClosed,
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
    pub const ALL: [Self; 7] = [
        Self::DeadAddress,
        Self::MailboxClosed,
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
            Self::MailboxClosed => "mailbox_closed",
            Self::MailboxFull => "mailbox_full",
            Self::TooLarge => "too_large",
            Self::Policy => "policy",
            Self::Unreachable => "unreachable",
            Self::Other => "other",
        }
    }
}

impl From<Reason> for FailureCause {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::UserUnknown | Reason::HostUnknown | Reason::HasMoved | Reason::NotAccepting => {
                Self::DeadAddress
            }
            Reason::Disabled => Self::MailboxClosed,
            Reason::MailboxFull => Self::MailboxFull,
            Reason::TooBig => Self::TooLarge,
            Reason::Authentication | Reason::Rejected => Self::Policy,
            Reason::Expired | Reason::Network | Reason::Congestion | Reason::Server => {
                Self::Unreachable
            }
            Reason::Unknown => Self::Other,
        }
    }
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
            cause: Reason::of("", words).into(),
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
            cause: recipient.reason().into(),
            words: words.chars().take(WORDS_MAX_CHARS).collect(),
            reported: other.then(|| recipient.recipient.clone()),
        }
    }
}
