//! Delivery reports as the rules see them (RFC 3464; mail.md §2): who did not get which mail, and why.

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
    /// What the refusing server said.
    pub diagnostic: String,
}

impl RecipientReport {
    /// Whether the address itself is dead (RFC 3463 §2, §3; mail.md §2): a full mailbox (x.2.2)
    /// may be emptied, and a policy (x.7.x) is our problem. Where there is no status, the reply
    /// code counts.
    pub fn is_hard(&self) -> bool {
        let code = if self.status.is_empty() {
            self.diagnostic.as_str()
        } else {
            self.status.as_str()
        };
        let (subject, detail) = {
            let mut fields = self.status.split('.').skip(1);
            (fields.next().unwrap_or(""), fields.next().unwrap_or(""))
        };
        let is_passing = subject == "7" || (subject, detail) == ("2", "2");
        self.action == "failed" && code.starts_with('5') && !is_passing
    }
}
