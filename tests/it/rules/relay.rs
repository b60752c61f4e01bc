//! A consultant's words on their way to the client, and what stops them (mail.md §3, §6).

use chrono::Duration;
use soported::domain::address::Person;
use soported::domain::effect::{HeldCause, Manner, Outcome, Speaker};
use soported::domain::ids::{PersonId, TicketId};
use soported::domain::letter::{Letter, LetterKind, NotSent};
use soported::domain::message::{Exposed, Place, Verdict};
use soported::domain::policy::ReplyDefault;
use soported::domain::ticket::{Fact, Status};
use soported::domain::token::{Purpose, Token};

use super::{
    ANA, BETO, BETO_AT_HOME, INBOUND, MARIA, OURS, RAUL, STRANGER, Scene, address, ticket,
};

fn by(place: Place, to: &str, purpose: Purpose) -> Scene {
    let mut scene = Scene::consultant(ANA, ticket(Status::New));
    scene.case.candidates.clear();
    scene.token(place, OURS, to, purpose)
}

fn relayed(scene: &Scene) -> bool {
    let decided = scene.decide();
    let mails = decided.sent();
    let to_clients = mails
        .iter()
        .filter(|(_, to)| !to.ends_with("@grupostaff.com"));
    let relays = to_clients
        .filter(|(kind, _)| {
            assert_eq!(
                *kind,
                LetterKind::RelayedReply,
                "nothing else leaves the house"
            );
            true
        })
        .count();
    relays > 0
}

/// Why nothing went out, and the line it quotes. The mail is filed internally, its author told.
fn stopped(scene: &Scene) -> (NotSent, String) {
    assert!(!relayed(scene));
    let decided = scene.decide();
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    let facts = decided.facts(OURS);
    assert!(
        matches!(facts[..], [Fact::ConsultantNoted { .. }]),
        "{facts:?}"
    );
    assert_eq!(decided.sent().len(), 1);
    match decided.letter(LetterKind::ReplyNotSent) {
        Letter::ReplyNotSent {
            reason,
            quote,
            text,
            ..
        } => {
            assert_eq!(*text, scene.mail.text, "nothing typed is lost");
            (*reason, quote.clone())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_reply_to_a_notice_of_one_s_own_goes_to_the_client_s_side() {
    let mut ours = ticket(Status::New);
    ours.participants = vec![Person::new(address(RAUL), "Raúl Soto")];
    let decided = Scene::consultant(ANA, ours).decide();
    assert_eq!(decided.outcome(), Outcome::Filed);
    let expected = [
        (LetterKind::RelayedReply, MARIA),
        (LetterKind::RelayedReply, RAUL),
    ];
    assert_eq!(decided.sent(), expected);
    for mail in decided.mails() {
        assert_eq!(mail.manner, Manner::Human);
        assert_eq!(mail.speaker, Speaker::Consultant("Ana Ruiz".to_owned()));
        assert_eq!(mail.purpose, Purpose::Client);
        // Policy §9: the delay in which it can be taken back.
        assert_eq!(
            mail.not_before,
            super::at("11-24 10:00") + Duration::seconds(60)
        );
        let thread = mail.thread.as_ref().unwrap();
        assert_eq!(thread.in_reply_to.as_deref(), Some("primero@acme.example"));
    }
    // The mail itself may quote what is internal.
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    assert_eq!(decided.ticket().status, Status::InProgress);
    let queued = Fact::ReplyQueued {
        by: address(ANA),
        inbound: INBOUND,
    };
    assert_eq!(decided.facts(OURS)[0], &queued);
    assert!(
        !decided
            .facts(OURS)
            .iter()
            .any(|f| matches!(f, Fact::ReplySent { .. }))
    );
}

#[test]
fn only_proof_of_an_own_notice_relays() {
    let consultant = Purpose::Consultant;
    for place in [Place::Recipient, Place::InReplyTo, Place::KnownInReplyTo] {
        assert!(relayed(&by(place, ANA, consultant)), "{place:?}");
        let other = stopped(&by(place, BETO, consultant));
        assert_eq!(other.0, NotSent::WeakThread, "another's notice, {place:?}");
        let client = stopped(&by(place, ANA, Purpose::Client));
        assert_eq!(
            client.0,
            NotSent::WeakThread,
            "a mail to a client, {place:?}"
        );
    }
    for place in [
        Place::References(0),
        Place::KnownReferences(0),
        Place::Body,
        Place::SubjectTag,
    ] {
        let weak = stopped(&by(place, ANA, consultant));
        assert_eq!(weak.0, NotSent::WeakThread, "{place:?}");
    }
    // The proof must be of the ticket that the mail belongs to.
    let torn =
        by(Place::References(0), ANA, consultant).token(Place::Recipient, 8, ANA, consultant);
    assert_eq!(stopped(&torn).0, NotSent::WeakThread);
    // From another address of the same person.
    assert!(relayed(&Scene::consultant(
        BETO_AT_HOME,
        ticket(Status::New)
    )));
}

#[test]
fn a_consultant_not_vouched_for_is_held() {
    let scene = by(Place::Body, ANA, Purpose::Consultant);
    let medium = scene.clone().verdict(Verdict::Medium).decide();
    assert_eq!(medium.held(), Some(HeldCause::Unauthenticated));
    assert_eq!(medium.sent(), [(LetterKind::ReplyNotSent, ANA)]);
    let none = scene.verdict(Verdict::None).decide();
    assert_eq!(none.held(), Some(HeldCause::Unauthenticated));
    assert_eq!(none.sent(), [], "nobody vouches for the way back");
    let own = by(Place::Recipient, ANA, Purpose::Consultant);
    assert!(relayed(&own.clone().verdict(Verdict::Medium)));
    assert!(!relayed(&own.verdict(Verdict::None)));
}

#[test]
fn a_consultant_s_mail_about_no_ticket_is_held_and_told() {
    let decided = Scene::from(ANA).decide();
    assert_eq!(decided.held(), Some(HeldCause::Unauthorized));
    match decided.letter(LetterKind::ReplyNotSent) {
        Letter::ReplyNotSent { reason, ticket, .. } => {
            assert_eq!((*reason, ticket.is_none()), (NotSent::NoTicket, true));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_of_our_own_notices_stop_the_relay_however_they_are_wrapped() {
    let separator = "=== Responda encima de esta línea ===";
    let notice = "Lo que escriba encima de esa línea se envía al cliente.";
    let check = |text: &str, phrase: &str| {
        let found = stopped(&Scene::consultant(ANA, ticket(Status::New)).text(text));
        assert_eq!(found, (NotSent::Leak, phrase.to_owned()), "{text:?}");
    };
    check(&format!("Hola\n{separator}\nMaría: falla"), separator);
    check(
        "Hola\n> === Responda encima\n> de esta línea ===\n> secreto",
        separator,
    );
    check("RESPONDA ENCIMA DE ESTA LÍNEA", separator);
    check("Responda encima de esta li\u{301}nea", separator);
    check(
        "Lo que escriba encima de\n> esa línea se envía\n> al cliente.",
        notice,
    );
    check(
        "…*Lo que escriba encima de esa línea se envía al cliente*…",
        notice,
    );
    let other = Scene::consultant(ANA, ticket(Status::New)).text("Responda encima de la mesa.");
    assert!(relayed(&other));
}

#[test]
fn what_is_no_answer_stops_the_relay() {
    let open = || Scene::consultant(ANA, ticket(Status::New));
    let check = |scene: Scene, reason| {
        assert_eq!(stopped(&scene), (reason, String::new()));
    };
    check(open().text(" \n\t\n"), NotSent::Empty);
    check(
        open().subject("RV: Falla en nómina [GS-7]"),
        NotSent::Forward,
    );
    check(open().subject("Fwd: Re: Falla"), NotSent::Forward);
    check(
        Scene::consultant(ANA, ticket(Status::Closed)),
        NotSent::Closed,
    );
}

#[test]
fn a_plain_reply_moves_a_ticket_as_the_table_of_states_says() {
    use Status::{
        InProgress, New, Proposed, Provisional, WaitingApproval, WaitingClient, WaitingThirdParty,
    };
    let check = |default, before, after| {
        let mut scene = Scene::consultant(ANA, ticket(before));
        scene.policy.replies.default = default;
        assert_eq!(
            scene.decide().ticket().status,
            after,
            "{default:?} {before:?}"
        );
    };
    for status in [
        Provisional,
        WaitingApproval,
        WaitingThirdParty,
        Proposed,
        WaitingClient,
    ] {
        check(ReplyDefault::InProgress, status, status);
        check(ReplyDefault::WaitingClient, status, status);
    }
    check(ReplyDefault::InProgress, New, InProgress);
    check(ReplyDefault::InProgress, InProgress, InProgress);
    check(ReplyDefault::WaitingClient, New, WaitingClient);
    check(ReplyDefault::WaitingClient, InProgress, WaitingClient);
}

#[test]
fn nobody_else_s_mail_is_ever_relayed() {
    for sender in [MARIA, RAUL, STRANGER] {
        let decided = Scene::from(sender)
            .ticket(ticket(Status::New))
            .token(Place::Recipient, OURS, ANA, Purpose::Consultant)
            .decide();
        let relays = |(kind, _): &(LetterKind, &str)| *kind == LetterKind::RelayedReply;
        assert_eq!(
            decided.sent().iter().filter(|m| relays(m)).count(),
            0,
            "{sender}"
        );
    }
}

/// The scene with a token of ours in its words, as the reader of the mail reports it.
fn exposing(mut scene: Scene, ticket: i64, purpose: Purpose) -> Scene {
    scene.mail.exposed.push(Exposed {
        word: "aebqgaycaibqgaycaibqgayc".to_owned(),
        token: Token {
            ticket: TicketId(ticket),
            person: PersonId(1),
            purpose,
        },
    });
    scene
}

#[test]
fn an_address_that_speaks_for_a_consultant_or_in_another_ticket_stops_the_relay() {
    let word = "aebqgaycaibqgaycaibqgayc";
    let address = format!("Escríbame a soporte+{word}@grupostaff.com.");
    let scene = || Scene::consultant(ANA, ticket(Status::New)).text(&address);
    let (consultant, client) = (Purpose::Consultant, Purpose::Client);
    for (ticket, purpose) in [
        (OURS, consultant),
        (8, consultant),
        (8, client),
        (0, Purpose::Held),
        (0, Purpose::Operator),
    ] {
        let found = stopped(&exposing(scene(), ticket, purpose));
        assert_eq!(found, (NotSent::Leak, word.to_owned()), "{purpose:?}");
    }
    assert!(
        relayed(&exposing(scene(), OURS, client)),
        "it is in the client's mailbox already"
    );
    // Among words that stay here it may stand; as the reason of a closing it goes out.
    let noted = exposing(scene(), OURS, consultant).text(&format!("#nota\n{address}"));
    assert_eq!(noted.decide().sent(), []);
    let reason = format!("#cerrar cancelado {address}");
    let found = stopped(&exposing(scene().text(&reason), OURS, consultant));
    assert_eq!(found.0, NotSent::Leak);
    let phrase = "#cerrar cancelado Lo que escriba encima de esa línea se envía al cliente.";
    assert_eq!(stopped(&scene().text(phrase)).0, NotSent::Leak);
}
