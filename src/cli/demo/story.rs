//! The story that `demo` tells: what arrives, when, what it answers, and where nothing arrives.

use crate::domain::letter::LetterKind;

/// A moment of the story. Between two of them the house does what is due.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Mexico City time.
    pub at: &'static str,
    /// What a spectator is told.
    pub says: &'static str,
    /// What arrives; none where the story only waits until then.
    pub mail: Option<Arriving>,
}

/// A mail that arrives.
#[derive(Debug, Clone, Copy)]
pub struct Arriving {
    /// The mail; `{date}` and `{parent}` are filled in.
    pub text: &'static str,
    /// The mail of ours that it answers.
    pub answers: Option<Answered>,
}

/// A mail of ours: the last one of its kind.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// Which letter.
    pub letter: LetterKind,
    /// To whom.
    pub to: &'static str,
    /// About which ticket.
    pub ticket: i64,
}

macro_rules! mail {
    ($name:literal) => {
        include_str!(concat!("mails/", $name, ".eml"))
    };
}

const MARIA: &str = "maria@acme.example";
const LUIS: &str = "luis@globex.example";
const ANA: &str = "ana@grupostaff.com";

const fn arrives(at: &'static str, says: &'static str, text: &'static str) -> Step {
    let mail = Some(Arriving {
        text,
        answers: None,
    });
    Step { at, says, mail }
}

const fn answers(
    at: &'static str,
    says: &'static str,
    text: &'static str,
    (letter, to, ticket): (LetterKind, &'static str, i64),
) -> Step {
    let answers = Some(Answered { letter, to, ticket });
    let mail = Some(Arriving { text, answers });
    Step { at, says, mail }
}

const fn until(at: &'static str, says: &'static str) -> Step {
    Step {
        at,
        says,
        mail: None,
    }
}

/// Five weeks over Christmas and New Year; the dates of the attempts are the example of policy.md
/// §6.
pub const STORY: [Step; 18] = [
    arrives(
        "2026-12-15 09:12",
        "María (ACME) asks for help, with [alta] in the subject",
        mail!("request"),
    ),
    arrives(
        "2026-12-15 09:13",
        "her mail is delivered a second time",
        mail!("request"),
    ),
    arrives("2026-12-15 09:20", "a stranger writes", mail!("stranger")),
    arrives(
        "2026-12-15 09:25",
        "Pedro (ACME) writes; he is on no list",
        mail!("colleague"),
    ),
    answers(
        "2026-12-15 09:31",
        "María adds information",
        mail!("more_information"),
        (LetterKind::Acknowledgement, MARIA, 1),
    ),
    answers(
        "2026-12-15 09:48",
        "Ana (consultant) answers, with commands",
        mail!("first_answer"),
        (LetterKind::ConsultantClientReply, ANA, 1),
    ),
    arrives(
        "2026-12-15 10:40",
        "Luis (Globex) asks for help",
        mail!("second_request"),
    ),
    until("2026-12-15 13:54", "nobody answers Luis"),
    answers(
        "2026-12-15 13:55",
        "Ana mistypes a command",
        mail!("slip"),
        (LetterKind::ConsultantNewTicket, ANA, 2),
    ),
    answers(
        "2026-12-15 14:00",
        "Ana proposes a solution",
        mail!("solution"),
        (LetterKind::ConsultantNewTicket, ANA, 2),
    ),
    answers(
        "2026-12-16 09:40",
        "Luis: «Validado, muchas gracias.»",
        mail!("validation"),
        (LetterKind::SolutionProposed, LUIS, 2),
    ),
    answers(
        "2026-12-16 09:59",
        "Ana asks María a question and waits for her",
        mail!("question"),
        (LetterKind::ConsultantClientReply, ANA, 1),
    ),
    until("2026-12-23 10:03", "María does not answer"),
    answers(
        "2026-12-23 10:04",
        "María's mail program answers that she is out",
        mail!("out_of_office"),
        (LetterKind::ContactAttempt, MARIA, 1),
    ),
    until("2026-12-31 12:00", "silence; 25 December does not count"),
    until("2027-01-08 12:00", "silence; 1 January does not count"),
    until("2027-01-15 20:00", "silence until the end"),
    answers(
        "2027-01-18 09:05",
        "María answers after the closing",
        mail!("late_reply"),
        (LetterKind::ContactAttempt, MARIA, 1),
    ),
];
