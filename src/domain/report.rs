//! Delivery reports as the rules see them (RFC 3464; mail.md §2): who did not get which mail, and why.

use super::reason::Reason;

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Message-ID of the mail it is about, without brackets.
    pub original_message_id: Option<String>,
    /// ENVID given when that mail was sent (RFC 3461 §4.4).
    pub original_envelope_id: Option<String>,
    /// What became of each recipient.
    pub recipients: Vec<RecipientReport>,
}

/// What became of one recipient (RFC 3464 §2.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecipientReport {
    /// The address as the sender knew it, else as the last server did; lower case.
    pub recipient: String,
    /// `failed`, `delayed`, `delivered`, `relayed` or `expanded`, lower case.
    pub action: String,
    /// Enhanced status code such as `5.1.1` (RFC 3463); empty where there is none.
    pub status: String,
    /// What the refusing server said, on one line.
    pub diagnostic: String,
}

impl Report {
    /// The action that counts for the mail: a single failure is a failure, a single delay a delay.
    /// `None` where no recipient has an action.
    pub fn action(&self) -> Option<&str> {
        let actions = || self.recipients.iter().map(|r| r.action.as_str());
        ["failed", "delayed"]
            .into_iter()
            .find(|wanted| actions().any(|action| action == *wanted))
            .or_else(|| actions().find(|action| !action.is_empty()))
    }
}

impl RecipientReport {
    /// Why, out of the status and the words.
    pub fn reason(&self) -> Reason {
        Reason::of(&self.status, &self.diagnostic)
    }

    /// Whether the address itself is dead: failed, and for a reason that cannot pass. A full
    /// mailbox may be emptied, and a policy is our problem (mail.md §2).
    pub fn is_hard(&self) -> bool {
        self.action == "failed" && self.reason().is_hard()
    }
}
