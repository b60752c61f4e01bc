//! The names of letters, and of the reasons for which a consultant's mail stays here.

use serde::{Deserialize, Serialize};

/// Why a consultant's mail was not relayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotSent {
    /// The sender is not authenticated well enough (mail.md §3).
    Unauthenticated,
    /// It does not answer a notice of that consultant's own (mail.md §6).
    WeakThread,
    /// No ticket was found for it.
    NoTicket,
    /// The ticket is closed (policy.md §5).
    Closed,
    /// It still holds our separator or the text of a notice (mail.md §6, leak guard).
    Leak,
    /// Nothing is left once quotes and signature are cut.
    Empty,
    /// It forwards something instead of answering it.
    Forward,
    /// It passes on a mail that is about no ticket, and does not say what is to become of it.
    NewForward,
    /// It is over `inbound.max_size`: its attachments were left on the server.
    Attachments,
    /// It is encrypted: nobody here knows what would be sent.
    Encrypted,
    /// Its orders need no ticket and are carried out; its words have no reader.
    NoReader,
}

impl NotSent {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Unauthenticated,
        Self::WeakThread,
        Self::NoTicket,
        Self::Closed,
        Self::Leak,
        Self::Empty,
        Self::Forward,
        Self::NewForward,
        Self::Attachments,
        Self::Encrypted,
        Self::NoReader,
    ];

    /// The name used in templates and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::WeakThread => "weak_thread",
            Self::NoTicket => "no_ticket",
            Self::Closed => "closed",
            Self::Leak => "leak",
            Self::Empty => "empty",
            Self::Forward => "forward",
            Self::NewForward => "new_forward",
            Self::Attachments => "attachments",
            Self::Encrypted => "encrypted",
            Self::NoReader => "no_reader",
        }
    }
}

/// A letter's name: its template folder, and the `kind` of its outbox row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// See [`Letter::Acknowledgement`](super::letter::Letter::Acknowledgement); the others likewise.
    Acknowledgement,
    /// A new ticket, to a consultant.
    ConsultantNewTicket,
    /// A client's reply, to a consultant.
    ConsultantClientReply,
    /// A third party's mail, to a consultant.
    ConsultantThirdParty,
    /// A client's encrypted mail, to a consultant.
    ConsultantEncrypted,
    /// An encrypted mail, to its sender.
    EncryptedSender,
    /// A consultant's reply, to the client.
    RelayedReply,
    /// A reply that did not go out, to its consultant.
    ReplyNotSent,
    /// A delivery failure, to a consultant.
    DeliveryFailed,
    /// Not authorized, to the sender.
    NotAuthorizedSender,
    /// Not authorized, to the authorizers.
    NotAuthorizedAuthorizers,
    /// Somebody may ask from now on, to an authorizer.
    AuthorizerAdded,
    /// Somebody may ask no more, to an authorizer.
    AuthorizerRemoved,
    /// A ticket of somebody who may ask no more, to an authorizer.
    TicketPassedOn,
    /// Changes of the list and decisions about held mail, to their consultant.
    AdmissionReceipt,
    /// An answer that is no clear yes, to a consultant.
    ConsultantHeldAnswer,
    /// A consultant's solution, to the client.
    SolutionProposed,
    /// A contact attempt, to the client.
    ContactAttempt,
    /// The closing, to the client.
    Closed,
    /// A case with Microsoft, to the client.
    MicrosoftCase,
    /// A session on record, to the client.
    SessionSummary,
    /// Work out of hours, to the client.
    OutOfHoursWindow,
    /// More time asked for, to an authorizer.
    BudgetRequest,
    /// A request that was answered, to an authorizer.
    BudgetResult,
    /// A third party is still waited for, to the client.
    ThirdPartyUpdate,
    /// A mail with a ticket of its own, to the client.
    SplitOff,
    /// A ticket that takes in another one, to a consultant.
    ConsultantMerged,
    /// A call to be made official, to an authorizer.
    FormalizeRequest,
    /// A ticket that a consultant registered, to him.
    ConsultantRegistered,
    /// A client's out-of-office answer, to a consultant.
    ConsultantAutoReply,
    /// A ticket handed over, to a consultant.
    ConsultantHandover,
    /// Commands that were not carried out, to their consultant.
    CommandErrors,
    /// Commands that were carried out, to their consultant.
    CommandReceipt,
    /// The commands there are, to a consultant.
    CommandHelp,
    /// Alerts, to a consultant.
    Alerts,
    /// Everything that is his, to a consultant.
    Digest,
    /// How a ticket stands, to a consultant.
    TicketState,
    /// How its clocks and dates come about, to a consultant.
    TicketAccount,
    /// What a month was, to an authorizer.
    MonthlyStatement,
    /// Alarm, to an operator.
    OperatorAlarm,
    /// All clear, to an operator.
    OperatorRecovered,
}

impl LetterKind {
    /// Every letter.
    pub const ALL: [Self; 41] = [
        Self::Acknowledgement,
        Self::ConsultantNewTicket,
        Self::ConsultantClientReply,
        Self::ConsultantThirdParty,
        Self::ConsultantEncrypted,
        Self::EncryptedSender,
        Self::RelayedReply,
        Self::ReplyNotSent,
        Self::DeliveryFailed,
        Self::NotAuthorizedSender,
        Self::NotAuthorizedAuthorizers,
        Self::AuthorizerAdded,
        Self::AuthorizerRemoved,
        Self::TicketPassedOn,
        Self::AdmissionReceipt,
        Self::ConsultantHeldAnswer,
        Self::SolutionProposed,
        Self::ContactAttempt,
        Self::Closed,
        Self::MicrosoftCase,
        Self::SessionSummary,
        Self::OutOfHoursWindow,
        Self::BudgetRequest,
        Self::BudgetResult,
        Self::ThirdPartyUpdate,
        Self::SplitOff,
        Self::ConsultantMerged,
        Self::FormalizeRequest,
        Self::ConsultantRegistered,
        Self::ConsultantAutoReply,
        Self::ConsultantHandover,
        Self::CommandErrors,
        Self::CommandReceipt,
        Self::CommandHelp,
        Self::Alerts,
        Self::Digest,
        Self::TicketState,
        Self::TicketAccount,
        Self::MonthlyStatement,
        Self::OperatorAlarm,
        Self::OperatorRecovered,
    ];

    /// The template folder and the outbox `kind`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::ConsultantNewTicket => "consultant_new_ticket",
            Self::ConsultantClientReply => "consultant_client_reply",
            Self::ConsultantThirdParty => "consultant_third_party",
            Self::ConsultantEncrypted => "consultant_encrypted",
            Self::EncryptedSender => "encrypted_sender",
            Self::RelayedReply => "relayed_reply",
            Self::ReplyNotSent => "reply_not_sent",
            Self::DeliveryFailed => "delivery_failed",
            Self::NotAuthorizedSender => "not_authorized_sender",
            Self::NotAuthorizedAuthorizers => "not_authorized_authorizers",
            Self::AuthorizerAdded => "authorizer_added",
            Self::AuthorizerRemoved => "authorizer_removed",
            Self::TicketPassedOn => "ticket_passed_on",
            Self::AdmissionReceipt => "admission_receipt",
            Self::ConsultantHeldAnswer => "consultant_held_answer",
            Self::SolutionProposed => "solution_proposed",
            Self::ContactAttempt => "contact_attempt",
            Self::Closed => "closed",
            Self::MicrosoftCase => "microsoft_case",
            Self::SessionSummary => "session_summary",
            Self::OutOfHoursWindow => "out_of_hours_window",
            Self::BudgetRequest => "budget_request",
            Self::BudgetResult => "budget_result",
            Self::ThirdPartyUpdate => "third_party_update",
            Self::SplitOff => "split_off",
            Self::ConsultantMerged => "consultant_merged",
            Self::FormalizeRequest => "formalize_request",
            Self::ConsultantRegistered => "consultant_registered",
            Self::ConsultantAutoReply => "consultant_auto_reply",
            Self::ConsultantHandover => "consultant_handover",
            Self::CommandErrors => "command_errors",
            Self::CommandHelp => "command_help",
            Self::CommandReceipt => "command_receipt",
            Self::Alerts => "alerts",
            Self::Digest => "digest",
            Self::TicketState => "ticket_state",
            Self::TicketAccount => "ticket_account",
            Self::MonthlyStatement => "monthly_statement",
            Self::OperatorAlarm => "operator_alarm",
            Self::OperatorRecovered => "operator_recovered",
        }
    }

    /// The inverse of [`LetterKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }

    /// A person's own words on their way to the client: they meet the response clock, and may be
    /// taken back while they wait (policy.md §3, §9).
    pub fn is_persons_words(self) -> bool {
        matches!(self, Self::RelayedReply | Self::SolutionProposed)
    }

    /// Whether it speaks of a ticket to the client's side.
    pub fn is_to_client(self) -> bool {
        self.is_persons_words()
            || matches!(
                self,
                Self::Acknowledgement
                    | Self::ContactAttempt
                    | Self::Closed
                    | Self::MicrosoftCase
                    | Self::SessionSummary
                    | Self::OutOfHoursWindow
                    | Self::BudgetRequest
                    | Self::BudgetResult
                    | Self::ThirdPartyUpdate
                    | Self::SplitOff
                    | Self::FormalizeRequest
                    | Self::TicketPassedOn
            )
    }
}
