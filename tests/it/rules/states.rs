//! The two tables of policy.md §5: state × mail, and commands. Every pair, the impossible ones too.

use soported::domain::effect::Outcome;
use soported::domain::ids::OutboxId;
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{Place, Verdict};
use soported::domain::ticket::{ClosedAs, Fact, Link, Status, Ticket};
use soported::domain::token::Purpose;

use super::{ANA, Decided, INBOUND, LUIS, MARIA, OURS, PEDRO, RAUL, Scene, address, at, ticket};

use Status::{
    Closed, InProgress, New, Proposed, Provisional, WaitingApproval, WaitingClient,
    WaitingThirdParty,
};

const WORDS: &str = "Ya probé y sigue igual.";
const VALIDATION: &str = "Validado, gracias.";
const THANKS: &str = "Muchas gracias.";

/// A ticket as it is when its client owes, or does not owe, an answer.
fn standing(status: Status) -> Ticket {
    let mut ticket = ticket(status);
    ticket.official = status != Provisional;
    ticket
}

/// A mail of the client's side in our thread.
fn says(sender: &str, ticket: Ticket, text: &str) -> Scene {
    Scene::from(sender)
        .ticket(ticket)
        .token(Place::InReplyTo, OURS, sender, Purpose::Client)
        .text(text)
}

fn after(decided: &Decided) -> (Status, Option<ClosedAs>) {
    let ticket = decided.tickets()[0];
    (ticket.status, ticket.closed_as)
}

#[test]
fn a_client_s_mail_moves_a_ticket_as_the_first_column_says() {
    let check = |before: Status, text: &str, expected: Status| {
        let decided = says(MARIA, standing(before), text).decide();
        assert_eq!(after(&decided), (expected, None), "{before:?} {text}");
        assert_eq!(decided.outcome(), Outcome::Filed);
        let shown = decided.sent();
        assert_eq!(
            shown,
            [(LetterKind::ConsultantClientReply, ANA)],
            "{before:?}"
        );
    };
    check(Provisional, WORDS, New);
    check(New, WORDS, New);
    check(InProgress, WORDS, InProgress);
    check(WaitingClient, WORDS, InProgress);
    check(WaitingApproval, WORDS, WaitingApproval);
    check(WaitingThirdParty, WORDS, WaitingThirdParty);
    check(Proposed, WORDS, InProgress);
    // The third column: bare thanks. In a proposed ticket they are shown and close nothing.
    check(Provisional, THANKS, New);
    check(New, THANKS, New);
    check(InProgress, THANKS, InProgress);
    check(WaitingClient, THANKS, InProgress);
    check(WaitingApproval, THANKS, WaitingApproval);
    check(WaitingThirdParty, THANKS, WaitingThirdParty);
    check(Proposed, THANKS, Proposed);
    // The second column means something for proposed tickets only.
    check(Provisional, VALIDATION, New);
    check(New, VALIDATION, New);
    check(InProgress, VALIDATION, InProgress);
    check(WaitingClient, VALIDATION, InProgress);
    check(WaitingApproval, VALIDATION, WaitingApproval);
    check(WaitingThirdParty, VALIDATION, WaitingThirdParty);
}

#[test]
fn a_closed_ticket_s_thread_opens_a_new_one_except_for_bare_thanks() {
    for text in [WORDS, VALIDATION] {
        let decided = says(MARIA, standing(Closed), text).decide();
        assert_eq!(decided.outcome(), Outcome::Opened, "{text}");
        let tickets = decided.tickets();
        assert_eq!((tickets[0].id.0, tickets[0].status), (42, New));
        let link = |link, ticket| Fact::Linked {
            link,
            ticket: soported::domain::ids::TicketId(ticket),
        };
        assert!(decided.facts(42).contains(&&link(Link::Continues, OURS)));
        assert_eq!(decided.facts(OURS), [&link(Link::ContinuedBy, 42)]);
        assert_eq!(tickets[1].status, Closed, "never opened again");
    }
    let decided = says(MARIA, standing(Closed), THANKS).decide();
    assert_eq!(decided.outcome(), Outcome::Filed);
    assert_eq!(decided.sent(), [], "and nothing else follows");
    assert_eq!(after(&decided), (Closed, Some(ClosedAs::Validated)));
}

#[test]
fn a_clear_validation_of_an_authorizer_closes_and_nothing_else_does() {
    let check = |scene: Scene, expected: (Status, Option<ClosedAs>), what: &str| {
        assert_eq!(after(&scene.decide()), expected, "{what}");
    };
    let validated = (Closed, Some(ClosedAs::Validated));
    let resumed = (InProgress, None);
    let proposed = || standing(Proposed);
    check(
        says(MARIA, proposed(), VALIDATION),
        validated,
        "the requester",
    );
    check(
        says(RAUL, proposed(), VALIDATION),
        validated,
        "another authorizer",
    );
    let medium = says(MARIA, proposed(), VALIDATION).verdict(Verdict::Medium);
    check(medium, validated, "medium is enough");
    let none = says(MARIA, proposed(), VALIDATION).verdict(Verdict::None);
    check(
        none,
        resumed,
        "believed by the token, but nobody vouches for it",
    );
    let mut participant = proposed();
    let pedro = soported::domain::address::Person::new(address(PEDRO), "Pedro");
    participant.participants.push(pedro);
    check(
        says(PEDRO, participant, VALIDATION),
        resumed,
        "a participant",
    );
    let mut no_right = says(MARIA, proposed(), VALIDATION);
    no_right.case.standing.listed.as_mut().unwrap().can_validate = false;
    check(no_right, resumed, "an authorizer who may not validate");
    let mut file = says(MARIA, proposed(), VALIDATION);
    file.mail.attachments = vec![soported::domain::message::Attachment {
        name: "error.png".to_owned(),
        media_type: "image/png".to_owned(),
        size: 1,
        inline: false,
        sha256: String::new(),
    }];
    check(file, resumed, "a file says more");
    let released = says(MARIA, proposed(), VALIDATION).released(None);
    check(released, resumed, "let in by a person, who has read it");
}

#[test]
fn the_validation_is_answered_with_the_closing_mail_and_shown() {
    let decided = says(MARIA, standing(Proposed), VALIDATION).decide();
    assert_eq!(
        decided.sent(),
        [
            (LetterKind::Closed, MARIA),
            (LetterKind::ConsultantClientReply, ANA)
        ]
    );
    match decided.letter(LetterKind::Closed) {
        Letter::Closed {
            closed_as,
            attempts,
            ..
        } => assert_eq!((*closed_as, attempts.len()), (ClosedAs::Validated, 0)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_authorizer_s_mail_makes_a_call_official_in_whatever_state() {
    for status in Status::ALL.into_iter().filter(|status| *status != Closed) {
        let mut before = standing(status);
        before.official = false;
        let official = says(RAUL, before.clone(), WORDS).decide();
        assert!(official.ticket().official, "{status:?}");
        let fact = Fact::Formalized { inbound: INBOUND };
        assert!(official.facts(OURS).contains(&&fact));
        // Somebody who takes part may write, and has no authority by it.
        let pedro = soported::domain::address::Person::new(address(PEDRO), "Pedro");
        before.participants.push(pedro);
        let participant = says(PEDRO, before, WORDS).decide();
        assert!(!participant.ticket().official, "{status:?}");
        if status == Provisional {
            assert_eq!(participant.ticket().status, Provisional);
        }
    }
    let mut answered = standing(Provisional);
    let outbox = OutboxId(1);
    answered.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    let decided = says(MARIA, answered, WORDS).decide();
    assert_eq!(decided.ticket().status, InProgress, "already answered");
}

#[test]
fn another_client_s_authorizer_moves_nothing() {
    for status in Status::ALL {
        let decided = says(LUIS, standing(status), VALIDATION).decide();
        assert_eq!(decided.outcome(), Outcome::Held, "{status:?}");
        assert_eq!(decided.tickets().len(), 0, "{status:?}");
    }
}

/// What a consultant's mail leads to.
fn orders(ticket: Ticket, text: &str) -> Decided {
    Scene::consultant(ANA, ticket).text(text).decide()
}

#[test]
fn every_state_command_leads_where_the_second_table_says_from_every_open_state() {
    let table: [(&str, Status, Option<ClosedAs>); 8] = [
        (
            "#espera cliente\n¿Qué mensaje aparece?",
            WaitingClient,
            None,
        ),
        (
            "#espera tercero\nEsperamos al proveedor.",
            WaitingThirdParty,
            None,
        ),
        ("#espera tercero", WaitingThirdParty, None),
        ("#microsoft 2411230001", WaitingThirdParty, None),
        ("#resuelto\nYa quedó el timbrado.", Proposed, None),
        ("#en-proceso", InProgress, None),
        (
            "#cerrar validado lo confirmó por teléfono",
            Closed,
            Some(ClosedAs::Validated),
        ),
        (
            "#cerrar cancelado ya no se necesita",
            Closed,
            Some(ClosedAs::Cancelled),
        ),
    ];
    for before in Status::ALL.into_iter().filter(|status| *status != Closed) {
        for (text, to, closed_as) in table {
            let decided = orders(standing(before), text);
            assert_eq!(after(&decided), (to, closed_as), "{before:?} {text}");
        }
    }
}

#[test]
fn a_closed_ticket_takes_no_command_but_the_one_that_reopens_it() {
    for text in [
        "#espera cliente\n¿Y ahora?",
        "#espera tercero",
        "#resuelto\nListo.",
        "#en-proceso",
        "#cerrar cancelado por error",
        "#prioridad alta",
        "#tipo urgente",
        "#nivel 2",
        "#asignar yo",
        "#microsoft 2411230001",
        "#intento telefono",
        "#nota",
    ] {
        let decided = orders(standing(Closed), text);
        assert_eq!(decided.sent(), [(LetterKind::CommandErrors, ANA)], "{text}");
        assert_eq!(after(&decided).0, Closed, "{text}");
    }
    let decided = orders(standing(Closed), "#reabrir");
    assert_eq!(after(&decided), (InProgress, None));
    assert_eq!(decided.sent(), []);
}

#[test]
fn a_reply_with_a_command_that_leads_nowhere_is_a_plain_reply_too() {
    let decided = orders(standing(New), "#prioridad alta\nLo reviso ahora.");
    assert_eq!(after(&decided).0, InProgress);
    assert_eq!(decided.sent(), [(LetterKind::RelayedReply, MARIA)]);
    let silent = orders(standing(New), "#prioridad alta");
    assert_eq!(after(&silent).0, New, "no words, no answer");
    assert_eq!(silent.sent(), []);
    let noted = orders(standing(New), "#nota\nOjo con este cliente.");
    assert_eq!((after(&noted).0, noted.sent()), (New, vec![]));
    let fact = Fact::ConsultantNoted {
        by: address(ANA),
        inbound: INBOUND,
    };
    assert_eq!(noted.facts(OURS), [&fact]);
}

#[test]
fn nobody_s_words_but_a_consultant_s_are_commands() {
    for sender in [MARIA, RAUL] {
        let decided = says(sender, standing(InProgress), "#cerrar validado ya quedó").decide();
        assert_eq!(after(&decided), (InProgress, None));
    }
}
