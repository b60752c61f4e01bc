//! What a consultant is told about a client's mail.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::letter::{BudgetAnswer, BudgetFacts, DisputedLine, OtherTicket, Said, TicketFacts};
use super::message::Attachment;

/// What a consultant is told about a client's mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The ticket.
    pub ticket: TicketFacts,
    /// Who wrote, `Name <address>`.
    pub sender: String,
    /// When.
    pub received_at: DateTime<Utc>,
    /// The newest words.
    pub text: String,
    /// What came with them, and goes with the notice where [`Letter::passes_on`](super::letter::Letter::passes_on) says so.
    pub attachments: Vec<Attachment>,
    /// What came with them and is too large to go with the notice.
    pub left_out: Vec<Attachment>,
    /// Bytes that were left on the server, because the mail is over `inbound.max_size`.
    pub omitted_bytes: u64,
    /// When the first answer is owed, while it is.
    pub response_due_at: Option<DateTime<Utc>>,
    /// When the solution is due, where that is known.
    pub solution_due_at: Option<DateTime<Utc>>,
    /// The number under which the mail is held, where it is.
    pub held: Option<i64>,
    /// Effort authorized, used and left.
    pub budget: BudgetFacts,
    /// What the mail is to the request for more time that the ticket waited for.
    pub budget_answer: Option<BudgetAnswer>,
    /// The lines of the ledger that the ticket looks into.
    pub disputed: Vec<DisputedLine>,
    /// The client's last other tickets, the newest first.
    pub others: Vec<OtherTicket>,
    /// What was said in the ticket before, the newest first.
    pub conversation: Vec<Said>,
}
