//! What a signed token says. Writing and verifying it is `mail::token`'s business.

use serde::{Deserialize, Serialize};

use super::ids::{PersonId, TicketId};

/// What the mail that carries a token was for; part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A mail to the client's side: acknowledgement or relayed reply.
    Client,
    /// A notice to a consultant, who may answer the client by replying to it.
    Consultant,
    /// A notice that a mail is held.
    Held,
    /// An alarm to an operator.
    Operator,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 4] = [Self::Client, Self::Consultant, Self::Held, Self::Operator];

    /// The name used in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Consultant => "consultant",
            Self::Held => "held",
            Self::Operator => "operator",
        }
    }

    /// The inverse of [`Purpose::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// A token that verified: mail.md §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The ticket (for [`Purpose::Held`] and [`Purpose::Operator`]: zero).
    pub ticket: TicketId,
    /// To whom the mail was sent.
    pub person: PersonId,
    /// What it was for.
    pub purpose: Purpose,
}
