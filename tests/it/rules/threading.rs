//! Which ticket a mail belongs to, and who may write there (mail.md §4).

use std::collections::BTreeSet;

use soported::domain::address::Person;
use soported::domain::effect::{HeldCause, Outcome};
use soported::domain::ids::TicketId;
use soported::domain::letter::LetterKind;
use soported::domain::message::Place;
use soported::domain::threading::{Choice, Gate, choose, gate};
use soported::domain::ticket::{Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, BETO, EVA, LUIS, MARIA, OURS, PEDRO, RAUL, STRANGER, Scene, address, globex, standing,
    ticket,
};

const PLACES: [Place; 7] = [
    Place::Recipient,
    Place::InReplyTo,
    Place::References(0),
    Place::KnownInReplyTo,
    Place::KnownReferences(0),
    Place::Body,
    Place::SubjectTag,
];

fn chosen(evidence: &[(Place, i64)]) -> Choice {
    let scene = evidence
        .iter()
        .fold(Scene::from(MARIA), |scene, (place, id)| {
            scene.points(*place, *id)
        });
    choose(&scene.case.candidates)
}

#[test]
fn evidence_is_weighed() {
    let one = |evidence: &[(Place, i64)], place, id: i64| match chosen(evidence) {
        Choice::One(c) => assert_eq!((c.place, c.ticket.0), (place, id), "{evidence:?}"),
        other => panic!("{evidence:?}: {other:?}"),
    };
    let torn = |evidence: &[(Place, i64)], tickets: &[i64]| {
        let tickets: BTreeSet<TicketId> = tickets.iter().map(|id| TicketId(*id)).collect();
        assert_eq!(chosen(evidence), Choice::Ambiguous(tickets), "{evidence:?}");
    };
    use Place::{
        Body, InReplyTo, KnownInReplyTo, KnownReferences, Recipient, References, SubjectTag,
    };
    assert_eq!(chosen(&[]), Choice::None);
    for place in PLACES {
        one(&[(place, 1)], place, 1);
    }
    // The strongest of those that agree is the one that is told.
    one(
        &[(SubjectTag, 1), (Body, 1), (InReplyTo, 1), (Recipient, 1)],
        Recipient,
        1,
    );
    one(&[(KnownInReplyTo, 1), (References(4), 1)], References(4), 1);
    // Weak evidence does not contradict strong evidence.
    one(
        &[(SubjectTag, 2), (Body, 3), (KnownReferences(9), 1)],
        KnownReferences(9),
        1,
    );
    // Strong evidence that disagrees: the rightmost reference.
    one(&[(References(1), 1), (References(0), 2)], References(0), 2);
    one(
        &[(References(1), 1), (KnownReferences(0), 2)],
        KnownReferences(0),
        2,
    );
    one(&[(Recipient, 1), (References(2), 2)], References(2), 2);
    one(
        &[(InReplyTo, 1), (References(0), 2), (References(1), 3)],
        References(0),
        2,
    );
    // … and a person where there is none.
    torn(&[(Recipient, 1), (InReplyTo, 2)], &[1, 2]);
    torn(&[(Body, 1), (SubjectTag, 2)], &[1, 2]);
    torn(
        &[(SubjectTag, 1), (SubjectTag, 2), (SubjectTag, 3)],
        &[1, 2, 3],
    );
}

#[test]
fn the_gate_lets_in_the_client_s_side_only() {
    let mut ours = ticket(Status::New);
    ours.participants = vec![Person::new(address(STRANGER), "Invitado")];
    let check = |sender: &str, expected| {
        let found = gate(&ours, &address(sender), &standing(sender));
        assert_eq!(found, expected, "{sender}");
    };
    check(MARIA, Gate::ClientSide);
    check(STRANGER, Gate::ClientSide);
    check(RAUL, Gate::ClientSide);
    check(PEDRO, Gate::ThirdParty);
    check("otro@otro.example", Gate::ThirdParty);
    check(LUIS, Gate::CrossClient);
    check(EVA, Gate::CrossClient);
    ours.participants = vec![Person::new(address(LUIS), "Luis")];
    let invited = gate(&ours, &address(LUIS), &standing(LUIS));
    assert_eq!(
        invited,
        Gate::ClientSide,
        "copied on the thread by its owners"
    );
}

#[test]
fn in_a_thread_the_client_s_side_is_filed_and_everybody_else_held() {
    let check = |sender: &str, expected: Option<HeldCause>| {
        let decided = Scene::from(sender)
            .ticket(ticket(Status::New))
            .points(Place::KnownInReplyTo, OURS)
            .decide();
        assert_eq!(decided.held(), expected, "{sender}");
        match expected {
            None => {
                assert_eq!(decided.filed(), Some((OURS, "public")));
                let notice = (LetterKind::ConsultantClientReply, ANA);
                assert_eq!(decided.sent(), [notice]);
            }
            Some(_) => {
                assert_eq!(decided.filed(), None);
                assert_eq!(decided.tickets().len(), 0);
                let notice = (LetterKind::ConsultantThirdParty, ANA);
                assert_eq!(decided.sent(), [notice], "only the consultant is told");
            }
        }
    };
    check(MARIA, None);
    check(RAUL, None);
    check(PEDRO, Some(HeldCause::ThirdParty));
    check(STRANGER, Some(HeldCause::ThirdParty));
    check(LUIS, Some(HeldCause::CrossClient));
    check(EVA, Some(HeldCause::CrossClient));
}

#[test]
fn a_subject_tag_is_a_hint_for_the_ticket_s_own_people_only() {
    let by_tag = |sender: &str| {
        Scene::from(sender)
            .ticket(ticket(Status::New))
            .points(Place::SubjectTag, OURS)
            .subject("Falla [GS-7]")
            .decide()
    };
    assert_eq!(by_tag(MARIA).filed(), Some((OURS, "public")));
    assert_eq!(by_tag(RAUL).filed(), Some((OURS, "public")));
    // Across clients the tag is absent: the mail opens its sender's own ticket, tag stripped.
    let other = by_tag(LUIS);
    assert_eq!(other.outcome(), Outcome::Opened);
    assert_eq!(other.ticket().client, globex());
    assert_eq!(other.ticket().thread.subject, "Falla");
    // Knowing a number opens nothing.
    let stranger = by_tag(STRANGER);
    assert_eq!(stranger.held(), Some(HeldCause::UnknownDomain));
    assert_eq!(stranger.sent(), []);
    let colleague = by_tag(EVA);
    assert_eq!(colleague.held(), Some(HeldCause::Unauthorized));
    // A consultant may name a ticket by it, and still sends nothing by it.
    let consultant = by_tag(BETO);
    assert_eq!(consultant.filed(), Some((OURS, "internal")));
    assert_eq!(consultant.sent(), [(LetterKind::ReplyNotSent, BETO)]);
}

#[test]
fn evidence_that_is_torn_holds_the_mail() {
    let other = Ticket {
        id: TicketId(8),
        ..ticket(Status::New)
    };
    let scene = Scene::from(MARIA)
        .ticket(ticket(Status::New))
        .ticket(other)
        .subject("Falla [GS-7] [GS-8]")
        .points(Place::SubjectTag, 7)
        .points(Place::SubjectTag, 8);
    let decided = scene.decide();
    assert_eq!(decided.held(), Some(HeldCause::Ambiguous));
    assert_eq!(decided.sent(), []);
}

#[test]
fn a_forward_with_a_hint_opens_its_own_ticket_and_with_proof_is_filed() {
    for prefix in ["RV:", "RENV:", "FW:", "Fwd:", "Reenv:"] {
        let scene = Scene::from(MARIA)
            .ticket(ticket(Status::New))
            .subject(&format!("{prefix} Falla [GS-7]"));
        for weak in [Place::SubjectTag, Place::Body] {
            let decided = scene.clone().points(weak, OURS).decide();
            assert_eq!(decided.outcome(), Outcome::Opened, "{prefix} {weak:?}");
            assert_eq!(decided.ticket().id, TicketId(42));
        }
        let torn = scene
            .clone()
            .points(Place::Body, OURS)
            .points(Place::SubjectTag, 8);
        assert_eq!(torn.decide().outcome(), Outcome::Opened, "{prefix}");
        let strong = scene.token(Place::InReplyTo, OURS, MARIA, Purpose::Client);
        assert_eq!(strong.decide().filed(), Some((OURS, "public")), "{prefix}");
    }
}

#[test]
fn what_points_to_a_ticket_that_does_not_exist_points_to_nothing() {
    let decided = Scene::from(MARIA).points(Place::InReplyTo, 999).decide();
    assert_eq!(decided.outcome(), Outcome::Opened);
}
