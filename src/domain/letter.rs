//! What the program says, as values. The words are in `templates/`; one folder per letter.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::event::AlarmCause;
use super::failure::FailureCause;
use super::ids::TicketId;
use super::message::Attachment;
use super::statement_issue::MonthlyStatement;
use super::survey::{Digest, TicketAccount, TicketState};
use super::ticket::{ClosedAs, Priority, Status};

pub use super::letter_admission::{Admitted, DirectoryChange, HeldAnswer, HeldLine};
pub use super::letter_alert::{AlertLine, AlertReason};
pub use super::letter_charge::{
    BucketMinutes, BudgetAnswer, BudgetFacts, BudgetRequest, BudgetResult, ChargedLine,
    ChargedTime, OutOfHoursWindow, RequestReminder, SessionOverlap, SessionSummary,
};
pub use super::letter_command::{CommandHelp, CommandMistake, CommandReceipt};
pub use super::letter_handover::{Handover, HistoryLine, LinkedTicket, Merge, OtherTicket, Said};
pub use super::letter_kind::{LetterKind, NotSent};
pub use super::letter_notice::Notice;

/// A mail's content before any word of it is chosen. Fields are the template's variables.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Letter {
    /// To the requester: your mail is ticket so-and-so (policy.md §3).
    Acknowledgement {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// The moment promised for the first answer.
        limit_at: DateTime<Utc>,
        /// Support was open when the mail arrived.
        in_hours: bool,
        /// The next opening, where it was not.
        opens_at: DateTime<Utc>,
        /// The number of the closed ticket this one takes up, where it does.
        continues: Option<String>,
    },
    /// To a consultant: a new ticket.
    ConsultantNewTicket(Notice),
    /// To a consultant: the client wrote.
    ConsultantClientReply(Notice),
    /// To a consultant: somebody outside the ticket wrote into its thread; the mail is held.
    ConsultantThirdParty(Notice),
    /// To a consultant: the client wrote, and nobody can read it; the mail is held.
    ConsultantEncrypted(Notice),
    /// To the sender of an encrypted mail: it could not be read (mail.md §5).
    EncryptedSender {
        /// The subject of the held mail.
        subject: String,
    },
    /// To the client: a consultant's own words.
    RelayedReply {
        /// The ticket.
        ticket: TicketFacts,
        /// Who wrote them.
        consultant: String,
        /// The words, quotes and signature cut.
        text: String,
        /// The files that go with them.
        attachments: Vec<Attachment>,
        /// When the client next hears of us by itself, where he waits or is waited for.
        next_at: Option<DateTime<Utc>>,
    },
    /// To the client: a consultant's words, by which he proposes a solution (policy.md §5).
    SolutionProposed {
        /// The ticket.
        ticket: TicketFacts,
        /// Who wrote them.
        consultant: String,
        /// The words, quotes and signature cut.
        text: String,
        /// The files that go with them.
        attachments: Vec<Attachment>,
        /// When the client is asked again if he does not answer.
        next_at: Option<DateTime<Utc>>,
    },
    /// To the client: an attempt to reach him (policy.md §6).
    ContactAttempt {
        /// The ticket; its state says what is waited for.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// Which attempt, counted from 1.
        number: u32,
        /// How many there are.
        of: u32,
        /// When he was asked.
        asked_at: DateTime<Utc>,
        /// The consultant's words that wait for an answer; may be empty.
        question: String,
        /// The request for more time that waits for one.
        request: Option<RequestReminder>,
        /// When the ticket closes, from the last attempt on.
        closes_at: Option<DateTime<Utc>>,
        /// When the next attempt follows, before the last one.
        next_at: Option<DateTime<Utc>>,
    },
    /// To the client: the ticket is closed (policy.md §6).
    Closed {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// How it ended.
        closed_as: ClosedAs,
        /// When.
        closed_at: DateTime<Utc>,
        /// A consultant's reason; may be empty.
        reason: String,
        /// The ticket that goes on in its place, for a duplicate.
        duplicate_of: Option<String>,
        /// Every attempt that counted: the evidence.
        attempts: Vec<AttemptMade>,
        /// When the client was asked, where attempts were made.
        asked_at: Option<DateTime<Utc>>,
    },
    /// To the client: there is a case with Microsoft (policy.md §8).
    MicrosoftCase {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// Its number there.
        case: String,
        /// When he next hears of us.
        next_at: Option<DateTime<Utc>>,
    },
    /// To the client: a session is on record (policy.md §7).
    SessionSummary(SessionSummary),
    /// To the client: work out of hours is accepted (policy.md §7).
    OutOfHoursWindow(OutOfHoursWindow),
    /// To an authorizer: more time is asked for (policy.md §4).
    BudgetRequest(BudgetRequest),
    /// To an authorizer: a request was answered (policy.md §4).
    BudgetResult(BudgetResult),
    /// To the client: a third party is still waited for (policy.md §5).
    ThirdPartyUpdate {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// Since when.
        since: DateTime<Utc>,
        /// When he next hears of us.
        next_at: Option<DateTime<Utc>>,
    },
    /// To the client: one of his mails has a ticket of its own (policy.md §9, `#separar`).
    SplitOff {
        /// The new ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// The number of the ticket that the mail was filed on.
        from: String,
        /// When the mail came.
        received_at: DateTime<Utc>,
        /// Its newest words.
        text: String,
        /// The moment promised for the first answer, while it has not passed.
        limit_at: Option<DateTime<Utc>>,
    },
    /// To a consultant: another ticket goes on in this one (policy.md §9, `#unir`).
    ConsultantMerged(Merge),
    /// To an authorizer: please make official by your own mail what a consultant registered
    /// (policy.md §2).
    FormalizeRequest {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// It was a call.
        by_phone: bool,
        /// When the call came, or the consultant's mail.
        called_at: DateTime<Utc>,
        /// Until when his mail is waited for; after that a consultant decides.
        answer_by: Option<DateTime<Utc>>,
        /// It was asked for before.
        reminder: bool,
    },
    /// To a consultant: the ticket that you registered (policy.md §2, §9).
    ConsultantRegistered {
        /// The ticket.
        ticket: TicketFacts,
        /// It was a call.
        by_phone: bool,
        /// When the first answer is owed; none while the client's own mail must start the clock.
        response_due_at: Option<DateTime<Utc>>,
        /// Names of the authorizers who are asked to make it official.
        asked: Vec<String>,
        /// Until when their mail is waited for.
        answer_by: Option<DateTime<Utc>>,
        /// What was registered; may be empty.
        text: String,
    },
    /// To a consultant: the client's mail program answered by itself (policy.md §6).
    ConsultantAutoReply(Notice),
    /// To a consultant: a ticket is his, or his level's, from now on (policy.md §8).
    ConsultantHandover(Handover),
    /// To a consultant: nothing of your mail was carried out (policy.md §9).
    CommandErrors {
        /// The ticket, where the mail is about one.
        ticket: Option<TicketFacts>,
        /// What was wrong, line by line.
        mistakes: Vec<CommandMistake>,
        /// The consultant's whole text, so that nothing typed is lost.
        text: String,
    },
    /// To a consultant: your mail was carried out (policy.md §9).
    CommandReceipt(CommandReceipt),
    /// To a consultant: what can be ordered, and how it is written (policy.md §9).
    CommandHelp {
        /// Every command.
        commands: Vec<CommandHelp>,
    },
    /// To a consultant: everything he is alerted of in one run (policy.md §3).
    Alerts {
        /// What.
        items: Vec<AlertLine>,
    },
    /// To a consultant: everything that is his (policy.md §10).
    Digest(Digest),
    /// To a consultant: how a ticket stands (policy.md §9).
    TicketState(Box<TicketState>),
    /// To a consultant: how its clocks and dates come about (policy.md §9).
    TicketAccount(Box<TicketAccount>),
    /// To a consultant: your mail did not go to the client.
    ReplyNotSent {
        /// The ticket, where one was found.
        ticket: Option<TicketFacts>,
        /// Why.
        reason: NotSent,
        /// The offending line or phrase, where there is one.
        quote: String,
        /// The consultant's text, so that nothing typed is lost.
        text: String,
    },
    /// To a consultant: a mail of this ticket could not be delivered.
    DeliveryFailed {
        /// The ticket.
        ticket: TicketFacts,
        /// To whom it was going.
        to: String,
        /// The address that the report names, where it is another one.
        reported: Option<String>,
        /// What kept it from arriving.
        cause: FailureCause,
        /// The words of the server or of the report; may be empty.
        reason: String,
        /// It was a consultant's reply.
        reply: bool,
        /// The client owes an answer, and is not asked again before another address is found.
        plan_stopped: bool,
        /// When the first answer is owed, while it is.
        response_due_at: Option<DateTime<Utc>>,
    },
    /// To an unlisted sender of a client's domain (policy.md §1).
    NotAuthorizedSender {
        /// The subject of the held mail.
        subject: String,
        /// The client's name.
        client: String,
        /// Names of those who may ask.
        authorizers: Vec<String>,
    },
    /// To each authorizer of that client (policy.md §1).
    NotAuthorizedAuthorizers {
        /// The greeting name.
        name: String,
        /// Who wrote.
        sender: String,
        /// The subject of the held mail.
        subject: String,
        /// When it came.
        received_at: DateTime<Utc>,
        /// The client's name.
        client: String,
    },
    /// To everybody on a client's list, and to whom it is about: somebody may ask from now on
    /// (policy.md §1).
    AuthorizerAdded(DirectoryChange),
    /// To everybody on a client's list, and to whom it is about: somebody may ask no more.
    AuthorizerRemoved(DirectoryChange),
    /// To an authorizer: a ticket passed on from somebody who may ask no more (policy.md §1).
    TicketPassedOn {
        /// The ticket.
        ticket: TicketFacts,
        /// The greeting name.
        name: String,
        /// Who had asked for it.
        from: String,
        /// It is his from now on; otherwise somebody else's of the list.
        own: bool,
        /// When he next hears of us, where he waits or is waited for.
        next_at: Option<DateTime<Utc>>,
    },
    /// To a consultant: what was done to the list and to held mail (policy.md §9).
    AdmissionReceipt {
        /// What, in the order of the commands.
        done: Vec<Admitted>,
        /// Held mail of whoever may ask now.
        offered: Vec<HeldLine>,
    },
    /// To a consultant: somebody answered the notice of a held mail, and it is no clear yes
    /// (policy.md §1).
    ConsultantHeldAnswer {
        /// Who answered, `Name <address>`.
        sender: String,
        /// When.
        received_at: DateTime<Utc>,
        /// The newest words.
        text: String,
        /// Why nothing was released.
        reason: HeldAnswer,
        /// The held mail that was asked about.
        asked: HeldLine,
        /// It may still be let in.
        open: bool,
        /// The number under which the answer itself is held.
        number: i64,
    },
    /// To an authorizer: what a month was, and what it costs (policy.md §7).
    MonthlyStatement(Box<MonthlyStatement>),
    /// To an operator: something is wrong.
    OperatorAlarm {
        /// What.
        cause: AlarmCause,
        /// Circumstances.
        detail: String,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// To an operator: it is well again.
    OperatorRecovered {
        /// What.
        cause: AlarmCause,
        /// Since when it had been wrong.
        since: DateTime<Utc>,
        /// When it ended.
        until: DateTime<Utc>,
    },
}

/// What a mail about a ticket may say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFacts {
    /// `GS-1042`.
    pub number: String,
    /// The opening subject.
    pub subject: String,
    /// State.
    pub status: Status,
    /// Urgency.
    pub priority: Priority,
    /// Sort of work, as in JSON.
    pub kind: String,
    /// Support level.
    pub level: u8,
    /// The client's name.
    pub client: String,
    /// The requester, `Name <address>`.
    pub requester: String,
    /// When the opening mail arrived.
    pub opened_at: DateTime<Utc>,
    /// The case number at a third party, where there is one.
    #[serde(default)]
    pub case: Option<String>,
    /// The tickets it is tied to, the newest at most.
    #[serde(default)]
    pub links: Vec<LinkedTicket>,
}

/// An attempt that counted, as the closing mail lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptMade {
    /// Counted from 1.
    pub number: u32,
    /// When it left.
    pub at: DateTime<Utc>,
    /// `mail` or `phone`.
    pub via: String,
}

impl Letter {
    /// The tickets that its reader may answer by a link in it, and their numbers as it shows them.
    pub fn answerable(&self) -> Vec<(TicketId, &str)> {
        match self {
            Self::Digest(digest) => digest
                .sections
                .iter()
                .flat_map(|section| &section.rows)
                .map(|row| (row.id, row.ticket.number.as_str()))
                .collect(),
            Self::TicketState(state) => vec![(state.id, state.ticket.number.as_str())],
            _ => Vec::new(),
        }
    }

    /// The words of a received mail that it passes on, and the files that go with them; none where
    /// it passes nothing on. A held mail's files stay where they are.
    pub fn passes_on(&self) -> Option<(&str, &[Attachment])> {
        match self {
            Self::RelayedReply {
                text, attachments, ..
            }
            | Self::SolutionProposed {
                text, attachments, ..
            } => Some((text, attachments)),
            Self::ConsultantNewTicket(notice) | Self::ConsultantClientReply(notice) => {
                Some((&notice.text, &notice.attachments))
            }
            _ => None,
        }
    }

    /// Which letter it is.
    pub fn kind(&self) -> LetterKind {
        match self {
            Self::Acknowledgement { .. } => LetterKind::Acknowledgement,
            Self::ConsultantNewTicket(_) => LetterKind::ConsultantNewTicket,
            Self::ConsultantClientReply(_) => LetterKind::ConsultantClientReply,
            Self::ConsultantThirdParty(_) => LetterKind::ConsultantThirdParty,
            Self::ConsultantEncrypted(_) => LetterKind::ConsultantEncrypted,
            Self::EncryptedSender { .. } => LetterKind::EncryptedSender,
            Self::RelayedReply { .. } => LetterKind::RelayedReply,
            Self::ReplyNotSent { .. } => LetterKind::ReplyNotSent,
            Self::DeliveryFailed { .. } => LetterKind::DeliveryFailed,
            Self::NotAuthorizedSender { .. } => LetterKind::NotAuthorizedSender,
            Self::NotAuthorizedAuthorizers { .. } => LetterKind::NotAuthorizedAuthorizers,
            Self::AuthorizerAdded(_) => LetterKind::AuthorizerAdded,
            Self::AuthorizerRemoved(_) => LetterKind::AuthorizerRemoved,
            Self::TicketPassedOn { .. } => LetterKind::TicketPassedOn,
            Self::AdmissionReceipt { .. } => LetterKind::AdmissionReceipt,
            Self::ConsultantHeldAnswer { .. } => LetterKind::ConsultantHeldAnswer,
            Self::SolutionProposed { .. } => LetterKind::SolutionProposed,
            Self::ContactAttempt { .. } => LetterKind::ContactAttempt,
            Self::Closed { .. } => LetterKind::Closed,
            Self::MicrosoftCase { .. } => LetterKind::MicrosoftCase,
            Self::SessionSummary(_) => LetterKind::SessionSummary,
            Self::OutOfHoursWindow(_) => LetterKind::OutOfHoursWindow,
            Self::BudgetRequest(_) => LetterKind::BudgetRequest,
            Self::BudgetResult(_) => LetterKind::BudgetResult,
            Self::ThirdPartyUpdate { .. } => LetterKind::ThirdPartyUpdate,
            Self::SplitOff { .. } => LetterKind::SplitOff,
            Self::ConsultantMerged(_) => LetterKind::ConsultantMerged,
            Self::FormalizeRequest { .. } => LetterKind::FormalizeRequest,
            Self::ConsultantRegistered { .. } => LetterKind::ConsultantRegistered,
            Self::ConsultantAutoReply(_) => LetterKind::ConsultantAutoReply,
            Self::ConsultantHandover(_) => LetterKind::ConsultantHandover,
            Self::CommandErrors { .. } => LetterKind::CommandErrors,
            Self::CommandHelp { .. } => LetterKind::CommandHelp,
            Self::CommandReceipt(_) => LetterKind::CommandReceipt,
            Self::Alerts { .. } => LetterKind::Alerts,
            Self::Digest(_) => LetterKind::Digest,
            Self::TicketState(_) => LetterKind::TicketState,
            Self::TicketAccount(_) => LetterKind::TicketAccount,
            Self::MonthlyStatement(_) => LetterKind::MonthlyStatement,
            Self::OperatorAlarm { .. } => LetterKind::OperatorAlarm,
            Self::OperatorRecovered { .. } => LetterKind::OperatorRecovered,
        }
    }
}
