//! The story that `demo` tells: what arrives, when, and what it answers.

use crate::domain::letter::LetterKind;

/// Something that arrives in the mailbox.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Mexico City time.
    pub at: &'static str,
    /// What a spectator is told.
    pub says: &'static str,
    /// The mail; `{date}` and `{parent}` are filled in.
    pub mail: &'static str,
    /// The mail of ours that it answers: the last one of this letter to this address.
    pub answers: Option<(LetterKind, &'static str)>,
}

macro_rules! mail {
    ($name:literal) => {
        include_str!(concat!("mails/", $name, ".eml"))
    };
}

const MARIA: &str = "maria@acme.example";
const ANA: &str = "ana@grupostaff.com";

/// A Monday in November, as far as the program can tell it today.
pub const STORY: [Step; 9] = [
    Step {
        at: "2026-11-23 09:12",
        says: "María (ACME) asks for help, priority stated in the subject",
        mail: mail!("request"),
        answers: None,
    },
    Step {
        at: "2026-11-23 09:13",
        says: "the same mail is delivered a second time",
        mail: mail!("request"),
        answers: None,
    },
    Step {
        at: "2026-11-23 09:20",
        says: "a stranger writes",
        mail: mail!("stranger"),
        answers: None,
    },
    Step {
        at: "2026-11-23 09:25",
        says: "Pedro (ACME) writes, but is not on the list",
        mail: mail!("colleague"),
        answers: None,
    },
    Step {
        at: "2026-11-23 09:31",
        says: "María adds information, by reply",
        mail: mail!("more_information"),
        answers: Some((LetterKind::Acknowledgement, MARIA)),
    },
    Step {
        at: "2026-11-23 09:48",
        says: "Ana (consultant) replies to the notice",
        mail: mail!("consultant_reply"),
        answers: Some((LetterKind::ConsultantClientReply, ANA)),
    },
    Step {
        at: "2026-11-23 09:51",
        says: "María's mail program answers that she is out",
        mail: mail!("out_of_office"),
        answers: Some((LetterKind::RelayedReply, MARIA)),
    },
    Step {
        at: "2026-11-23 10:02",
        says: "Ana types something that must not reach a client",
        mail: mail!("slip"),
        answers: Some((LetterKind::ConsultantClientReply, ANA)),
    },
    Step {
        at: "2026-11-23 18:40",
        says: "Luis (Globex) writes after hours",
        mail: mail!("second_request"),
        answers: None,
    },
];
