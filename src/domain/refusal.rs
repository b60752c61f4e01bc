//! Why commands are not carried out; what a consultant reads of it stands in `templates/words.toml`.

/// Why a command cannot be carried out on this ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The ticket is closed, and it is not `#reabrir`.
    Closed,
    /// `#reabrir`, and the ticket is open.
    NotClosed,
    /// `#reabrir`, and it was closed too long ago.
    TooLate,
    /// `#reabrir`, and another ticket has taken it up already.
    Continued,
    /// `#nuevo`, and the mail answers one of ours.
    WithinThread,
    /// `#nuevo`, and the command is about a ticket that exists.
    BesideNew,
    /// `#teléfono`, and the hour has not come yet.
    CallAhead,
    /// `#teléfono`, and another priority than critical is stated (policy.md §9).
    NotCritical,
    /// `#nuevo`, and nothing says for which client.
    ClientUnsaid,
    /// No client is called so, or several.
    UnknownClient,
    /// `#nuevo`, and the client has several authorizers.
    AuthorizerUnsaid,
    /// `#nuevo`, and who is named or wrote the mail passed on may not open tickets for the client.
    UnknownAuthorizer,
    /// `#nuevo`, and nobody may open tickets for the client.
    NoAuthorizers,
    /// There must be words for the client.
    NeedsText,
    /// Files cannot be passed on to the client.
    Attachments,
    /// No consultant is called so.
    UnknownConsultant,
    /// There is no ticket of that number, or it is another client's.
    UnknownTicket,
    /// A ticket is no duplicate of itself, and is not merged into itself.
    Itself,
    /// `#unir`, and the other ticket is closed.
    OtherClosed,
    /// `#cc`, and the address is the house's.
    Ours,
    /// `#cc`, and the address is another client's.
    AnotherClients,
    /// `#cc`, and the requester is to be taken out.
    RequesterStays,
    /// `#cc`, and who is to be taken out takes no part.
    TakesNoPart,
    /// More people than may take part in a ticket.
    TooManyPeople,
    /// `#separar`, and the answered mail is no notice of a client's mail on this ticket.
    NoClientMail,
    /// `#separar`, and the mail opened the ticket.
    OpeningMail,
    /// `#separar`, and the mail has a ticket of its own.
    MovedAlready,
    /// `#separar`, and there are words for one of two tickets.
    WordsWithSplit,
    /// `#intento`, and the client owes no answer.
    NoPlan,
    /// `#intento`, and he was tried today already.
    TriedToday,
    /// `#intento`, and every attempt was made.
    AllTried,
    /// `#intento` together with a command that ends the wait, or begins another one.
    AttemptAndState,
    /// `#autorizar`, and it is an address of the house.
    OurAddress,
    /// Nothing says which client is meant.
    NoClientKnown,
    /// The address is on another client's list, or of another client's domain.
    OtherClient,
    /// `#autorizar`, and the person is on the list.
    AuthorizedAlready,
    /// `#revocar`, and the address is on no list.
    NotAuthorized,
    /// `#revocar`, and nobody would be left (policy.md §1).
    LastAuthorizer,
    /// No held mail has that number.
    NoSuchHeld,
    /// Somebody has decided about the held mail before.
    HeldDecided,
    /// There is nothing in the held mail that could be processed.
    HeldStays,
    /// The held mail takes more to be let in than a mail can say.
    HeldNeedsOperator,
    /// `#cerrar desatendido`, and there are attempts to make.
    NotExhausted,
    /// There is no ticket of that number.
    NoSuchTicket,
    /// The receiving server does not vouch strongly enough for the sender (policy.md §5).
    NeedsStrong,
    /// It stands alone in a mail, without other commands and words.
    Alone,
    /// Nothing of the consultant's waits to be sent.
    NothingToUndo,
    /// The words have left, or are leaving.
    HasLeft,
    /// What followed from the mail cannot all be taken back.
    NotAlone,
    /// The mail answers no notice, and the command is about a ticket.
    NoTicket,
    /// `#sesion`, and it has not ended yet.
    SessionAhead,
    /// `#revertir`, and the ticket has no such line that could be taken back.
    NoSuchLine,
    /// `#revertir`, and the line is taken back already.
    ReversedAlready,
    /// `#presupuesto`, and nobody may approve time for the client.
    NoApprovers,
    /// `#fuera-de-horario`, and all of it lies in support hours.
    WithinHours,
    /// `#fuera-de-horario`, and it is over.
    WindowOver,
    /// `#fuera-de-horario`, and no authorizer wrote in the thread.
    NotAskedFor,
    /// `#fuera-de-horario`, and the authorizer's mail came when the window had begun.
    AskedTooLate,
    /// `#fuera-de-horario`, and the authorizer's mail came too shortly before it.
    NoticeTooShort,
    /// `#fuera-de-horario`, and nobody vouches strongly enough for the authorizer's mail.
    AskedUnproven,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Self; 60] = [
        Self::Closed,
        Self::NotClosed,
        Self::TooLate,
        Self::Continued,
        Self::WithinThread,
        Self::BesideNew,
        Self::CallAhead,
        Self::NotCritical,
        Self::ClientUnsaid,
        Self::UnknownClient,
        Self::AuthorizerUnsaid,
        Self::UnknownAuthorizer,
        Self::NoAuthorizers,
        Self::NeedsText,
        Self::Attachments,
        Self::UnknownConsultant,
        Self::UnknownTicket,
        Self::Itself,
        Self::OtherClosed,
        Self::Ours,
        Self::AnotherClients,
        Self::RequesterStays,
        Self::TakesNoPart,
        Self::TooManyPeople,
        Self::NoClientMail,
        Self::OpeningMail,
        Self::MovedAlready,
        Self::WordsWithSplit,
        Self::NoPlan,
        Self::TriedToday,
        Self::AllTried,
        Self::AttemptAndState,
        Self::OurAddress,
        Self::NoClientKnown,
        Self::OtherClient,
        Self::AuthorizedAlready,
        Self::NotAuthorized,
        Self::LastAuthorizer,
        Self::NoSuchHeld,
        Self::HeldDecided,
        Self::HeldStays,
        Self::HeldNeedsOperator,
        Self::NotExhausted,
        Self::NoSuchTicket,
        Self::NeedsStrong,
        Self::Alone,
        Self::NothingToUndo,
        Self::HasLeft,
        Self::NotAlone,
        Self::NoTicket,
        Self::SessionAhead,
        Self::NoSuchLine,
        Self::ReversedAlready,
        Self::NoApprovers,
        Self::WithinHours,
        Self::WindowOver,
        Self::NotAskedFor,
        Self::AskedTooLate,
        Self::NoticeTooShort,
        Self::AskedUnproven,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::NotClosed => "not_closed",
            Self::TooLate => "too_late",
            Self::Continued => "continued",
            Self::WithinThread => "within_thread",
            Self::BesideNew => "beside_new",
            Self::CallAhead => "call_ahead",
            Self::NotCritical => "not_critical",
            Self::ClientUnsaid => "client_unsaid",
            Self::UnknownClient => "unknown_client",
            Self::AuthorizerUnsaid => "authorizer_unsaid",
            Self::UnknownAuthorizer => "unknown_authorizer",
            Self::NoAuthorizers => "no_authorizers",
            Self::NeedsText => "needs_text",
            Self::Attachments => "attachments",
            Self::UnknownConsultant => "unknown_consultant",
            Self::UnknownTicket => "unknown_ticket",
            Self::Itself => "itself",
            Self::OtherClosed => "other_closed",
            Self::Ours => "ours",
            Self::AnotherClients => "another_clients",
            Self::RequesterStays => "requester_stays",
            Self::TakesNoPart => "takes_no_part",
            Self::TooManyPeople => "too_many_people",
            Self::NoClientMail => "no_client_mail",
            Self::OpeningMail => "opening_mail",
            Self::MovedAlready => "moved_already",
            Self::WordsWithSplit => "words_with_split",
            Self::NoPlan => "no_plan",
            Self::TriedToday => "tried_today",
            Self::AllTried => "all_tried",
            Self::AttemptAndState => "attempt_and_state",
            Self::OurAddress => "our_address",
            Self::NoClientKnown => "no_client_known",
            Self::OtherClient => "other_client",
            Self::AuthorizedAlready => "authorized_already",
            Self::NotAuthorized => "not_authorized",
            Self::LastAuthorizer => "last_authorizer",
            Self::NoSuchHeld => "no_such_held",
            Self::HeldDecided => "held_decided",
            Self::HeldStays => "held_stays",
            Self::HeldNeedsOperator => "held_needs_operator",
            Self::NotExhausted => "not_exhausted",
            Self::NoSuchTicket => "no_such_ticket",
            Self::NeedsStrong => "needs_strong",
            Self::Alone => "alone",
            Self::NothingToUndo => "nothing_to_undo",
            Self::HasLeft => "has_left",
            Self::NotAlone => "not_alone",
            Self::NoTicket => "no_ticket",
            Self::SessionAhead => "session_ahead",
            Self::NoSuchLine => "no_such_line",
            Self::ReversedAlready => "reversed_already",
            Self::NoApprovers => "no_approvers",
            Self::WithinHours => "within_hours",
            Self::WindowOver => "window_over",
            Self::NotAskedFor => "not_asked_for",
            Self::AskedTooLate => "asked_too_late",
            Self::NoticeTooShort => "notice_too_short",
            Self::AskedUnproven => "asked_unproven",
        }
    }
}
