//! Held mail as a person decides about it: what each cause means, and what a release may do
//! (policy.md §1; mail.md §4).

use chrono::{DateTime, Utc};

use super::address::Address;
use super::effect::HeldCause;
use super::ids::{ClientId, InboundId};
use super::message::Malformed;

/// Where a held mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldState {
    /// Nobody has decided.
    Waiting,
    /// Let in.
    Released,
    /// Turned away by a person. It can still be released.
    Discarded,
    /// Turned away by time. It can still be released.
    Expired,
}

impl HeldState {
    const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Released,
        Self::Discarded,
        Self::Expired,
    ];

    /// The name used in JSON and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Released => "released",
            Self::Discarded => "discarded",
            Self::Expired => "expired",
        }
    }

    /// The inverse of [`HeldState::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// A held mail, as far as rules look at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMail {
    /// Its mail.
    pub inbound: InboundId,
    /// Why it is held.
    pub cause: HeldCause,
    /// Where it is.
    pub state: HeldState,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Its sender as shown in the lists; empty where there is none.
    pub from: String,
    /// Its subject.
    pub subject: String,
    /// The client it seems to concern.
    pub client: Option<ClientId>,
    /// Its one sender, where it has one.
    pub sender: Option<Address>,
    /// The client on whose list the sender is, or whose domain he has.
    pub sender_client: Option<ClientId>,
    /// It has no single sender, or no plain one.
    pub malformed: Option<Malformed>,
    /// No byte of it is here.
    pub absent: bool,
}

impl HeldCause {
    /// The inverse of [`HeldCause::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// What it means, one sentence for an operator.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Unauthorized => {
                "The sender belongs to us or to a client, but may not ask for this by mail."
            }
            Self::UnknownDomain => "Neither the sender nor his domain is in the directory.",
            Self::Unauthenticated => {
                "The address is known, but the receiving server does not vouch for it."
            }
            Self::Forged => "The receiving server says that somebody else wrote it.",
            Self::ThirdParty => "The sender takes no part in the ticket into which he wrote.",
            Self::CrossClient => {
                "A person of one client wrote into the thread of another client's ticket."
            }
            Self::Ambiguous => "It points to several tickets, and no rule prefers one.",
            Self::Malformed => "It has no single, plain sender, or is no mail that could be read.",
            Self::Unprocessable => "Processing failed time after time.",
            Self::Loop => "It claims to be our own mail come back, without proof of it.",
            Self::TooMany => "The sender opened too many tickets within an hour.",
            Self::Encrypted => "It is encrypted: nobody here can read it.",
            Self::Consent => "An answer to the notice of a held mail that is no clear yes.",
        }
    }

    /// What a release does, one sentence for an operator.
    pub fn release_does(self) -> &'static str {
        match self {
            Self::Unauthorized => {
                "A release opens the ticket the sender asks for; a consultant's mail needs --ticket."
            }
            Self::UnknownDomain => {
                "A release for a client (--client) opens a ticket; the sender may write in it, and no more."
            }
            Self::Unauthenticated | Self::Forged => {
                "A release treats it as a mail of the person it names."
            }
            Self::ThirdParty => "A release files it on the ticket and lets its sender take part.",
            Self::CrossClient => {
                "A release opens a ticket of the sender's own client (--new), or files it where --ticket says."
            }
            Self::Ambiguous => {
                "A release opens a ticket of its own (--new), or files it where --ticket says."
            }
            Self::Malformed => "A release needs to be told whose mail it is (--from).",
            Self::Unprocessable => "A release tries it again like a new mail.",
            Self::Loop => "It cannot be released: a mail in a circle belongs nowhere.",
            Self::TooMany => "A release opens the ticket.",
            Self::Encrypted => {
                "A release treats it as a mail without a text; ask the sender to send it unencrypted."
            }
            Self::Consent => {
                "A release opens a ticket of its sender's own; the mail that it answers is released by itself."
            }
        }
    }
}

/// What is known and said when a release is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Request {
    /// What is wrong with the sender or the mail, where something is.
    pub malformed: Option<Malformed>,
    /// No byte of the mail is here: its mailbox never handed it over.
    pub absent: bool,
    /// The sender is a consultant.
    pub consultant: bool,
    /// A client is known for the sender, or was named.
    pub client: bool,
    /// A ticket was named.
    pub ticket: bool,
    /// A ticket of its own was asked for.
    pub new: bool,
    /// A sender was named.
    pub from: bool,
}

/// Why a mail cannot be released, or not in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A loop is filed nowhere.
    Loop,
    /// There is nothing to process.
    Nothing,
    /// It has one sender already.
    SenderKnown,
    /// A sender must be named.
    NoSender,
    /// A client must be named.
    NoClient,
    /// A consultant's mail opens no ticket: one must be named.
    Consultant,
    /// Nobody has read it yet, so nothing can be said about it.
    Unread,
}

impl Refusal {
    /// Whether another way of asking would do.
    pub fn is_curable(self) -> bool {
        !matches!(self, Self::Loop | Self::Nothing)
    }

    /// The reason and the way on, one sentence for an operator.
    pub fn words(self) -> &'static str {
        match self {
            Self::Loop => {
                "a mail in a circle belongs nowhere and cannot be released: discard it with `held discard`"
            }
            Self::Nothing => {
                "there is nothing in it that could be processed: look at it in the mailbox, then discard it with `held discard`"
            }
            Self::SenderKnown => "it has a sender of its own: --from is for mail that has none",
            Self::NoSender => {
                "it has no single sender: say whose mail it is with --from ADDRESS, or discard it"
            }
            Self::NoClient => {
                "nobody knows the sender or the domain: name the client it counts for with --client NAME"
            }
            Self::Unread => {
                "it has not been read yet: release it without options, and it is tried again"
            }
            Self::Consultant => {
                "a consultant's mail opens no ticket: name the one it belongs to with --ticket, or discard it"
            }
        }
    }
}

/// Whether a held mail may be released as asked, so that it cannot come back for the same cause.
pub fn may_release(cause: HeldCause, request: &Request) -> Result<(), Refusal> {
    let unreadable = matches!(
        request.malformed,
        Some(Malformed::Empty | Malformed::NotAMail)
    );
    if cause == HeldCause::Loop {
        return Err(Refusal::Loop);
    }
    if request.absent || (unreadable && cause != HeldCause::Unprocessable) {
        return Err(Refusal::Nothing);
    }
    // Nobody has read it yet: it comes in like a new mail, and no rule is lifted for it.
    if cause == HeldCause::Unprocessable {
        return if request.client || request.ticket || request.new || request.from {
            Err(Refusal::Unread)
        } else {
            Ok(())
        };
    }
    match (request.malformed, request.from) {
        (None, true) => return Err(Refusal::SenderKnown),
        (Some(_), false) => return Err(Refusal::NoSender),
        _ => {}
    }
    let opens_nothing = cause == HeldCause::Unauthorized || request.malformed.is_some();
    if request.consultant {
        return if (opens_nothing && !request.ticket) || request.new {
            Err(Refusal::Consultant)
        } else {
            Ok(())
        };
    }
    if request.client || request.ticket {
        Ok(())
    } else {
        Err(Refusal::NoClient)
    }
}
