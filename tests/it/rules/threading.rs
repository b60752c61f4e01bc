//! Which ticket a mail belongs to, and who may write there (mail.md §4).

use std::collections::BTreeSet;

use soported::domain::address::Person;
use soported::domain::effect::{HeldCause, Outcome};
use soported::domain::ids::TicketId;
use soported::domain::letter::LetterKind;
use soported::domain::message::Place;
use soported::domain::threading::{Choice, Gate, can_name_a_mail, choose, gate};
use soported::domain::ticket::{Fact, Joining, Link, Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, BETO, EVA, LUIS, MARIA, OURS, PEDRO, RAUL, SERVICE, STRANGER, Scene, acme, address, at,
    globex, policy, standing, ticket,
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

/// A friend of the house who takes part in the ticket of [`table_ticket`].
const PARTNER: &str = "socio@socio.example";
/// Somebody who was copied on it.
const COPIED: &str = "copia@copia.example";

fn table_ticket(status: Status) -> Ticket {
    let mut ticket = ticket(status);
    ticket.participants = vec![Person::new(address(PARTNER), "Socio")];
    ticket.copied = vec![Person::new(address(COPIED), "Copia")];
    ticket
}

/// What becomes of a mail: where it is filed, what it opens, or what it is held for.
fn becomes(scene: &Scene) -> String {
    let decided = scene.decide();
    match (decided.held(), decided.filed()) {
        (Some(cause), None) => cause.name().to_owned(),
        (None, Some((OURS, visibility))) => format!("filed {visibility}"),
        (None, Some(_)) => {
            let new = decided.tickets()[0];
            let link = new.history.iter().find_map(|dated| match dated.fact {
                Fact::Linked {
                    link: Link::Continues,
                    ticket,
                } => Some(ticket),
                _ => None,
            });
            match link {
                Some(TicketId(OURS)) => format!("continued for {}", new.client.name),
                Some(_) => panic!("{link:?}"),
                None => format!("opened for {}", new.client.name),
            }
        }
        other => panic!("{other:?}"),
    }
}

/// Each place of evidence, each standing of its bearer, and a ticket that is open or closed.
#[test]
fn every_place_of_evidence_leads_every_sender_where_he_may_go() {
    let open = |place: Place, sender: &str| match (sender, place) {
        (MARIA | RAUL | PARTNER | COPIED, _) => "filed public",
        (ANA, _) => "filed internal",
        (PEDRO, _) => "third_party",
        (STRANGER, Place::SubjectTag) => "unknown_domain",
        (STRANGER, _) => "third_party",
        (LUIS, Place::SubjectTag) => "opened for Globex",
        (EVA, Place::SubjectTag) => "unauthorized",
        (LUIS | EVA, _) => "cross_client",
        other => panic!("{other:?}"),
    };
    let closed = |place: Place, sender: &str| match sender {
        MARIA | RAUL => "continued for ACME",
        // They took part in what is over, and may not begin anything.
        PARTNER | COPIED => "unknown_domain",
        sender => open(place, sender),
    };
    let senders = [
        MARIA, RAUL, PARTNER, COPIED, ANA, PEDRO, STRANGER, LUIS, EVA,
    ];
    for place in PLACES {
        for sender in senders {
            for status in Status::ALL {
                let scene = Scene::from(sender)
                    .ticket(table_ticket(status))
                    .points(place, OURS);
                let expected = match status {
                    Status::Closed => closed(place, sender),
                    _ => open(place, sender),
                };
                assert_eq!(becomes(&scene), expected, "{place:?} {sender} {status:?}");
            }
        }
    }
}

#[test]
fn a_client_may_let_all_its_colleagues_take_part() {
    let mut scene = Scene::from(PEDRO)
        .ticket(ticket(Status::New))
        .points(Place::KnownInReplyTo, OURS);
    assert_eq!(becomes(&scene), "third_party");
    scene.case.standing.colleagues_take_part = true;
    assert_eq!(becomes(&scene), "filed public");
    // In their own client's threads only, and to write there is all they may.
    let mut other = Scene::from(EVA)
        .ticket(ticket(Status::New))
        .points(Place::KnownInReplyTo, OURS);
    other.case.standing.colleagues_take_part = true;
    assert_eq!(becomes(&other), "cross_client");
    scene = scene.ticket(ticket(Status::Closed));
    assert_eq!(becomes(&scene), "unauthorized");
}

#[test]
fn who_is_copied_by_the_client_may_add_to_the_thread_and_is_sent_nothing() {
    let copied = address("Proveedor@afuera.example");
    let mut opening = Scene::from(MARIA);
    opening.mail.recipients = vec![
        address(SERVICE),
        address("soporte+abc@grupostaff.com"),
        address(ANA),
        address(MARIA),
        copied.clone(),
    ];
    let opened = opening.decide();
    assert_eq!(opened.ticket().participants, []);
    let people = &opened.ticket().copied;
    assert_eq!(
        people.len(),
        1,
        "neither ourselves nor the sender: {people:?}"
    );
    assert_eq!(people[0].address, copied);
    assert!(opened.facts(42).contains(&&Fact::Joined {
        address: copied.clone(),
        name: copied.to_string(),
        by: Joining::Copied,
    }));

    let thread = opened.ticket().clone();
    let answer = Scene::from(copied.as_str())
        .ticket(thread.clone())
        .points(Place::KnownInReplyTo, 42);
    let decided = answer.decide();
    assert_eq!(decided.filed(), Some((42, "public")));
    // He gets no authority by it: whom he copies is nobody.
    let mut copies_on = answer;
    copies_on.mail.recipients = vec![address(SERVICE), address(STRANGER)];
    assert_eq!(copies_on.decide().ticket().copied, thread.copied);
    // What the consultant answers goes to those who take part.
    let relay =
        Scene::from(ANA)
            .ticket(thread)
            .token(Place::Recipient, 42, ANA, Purpose::Consultant);
    assert_eq!(relay.decide().sent(), [(LetterKind::RelayedReply, MARIA)]);
}

#[test]
fn what_was_seen_and_not_followed_is_told_with_what_was() {
    let others = Ticket {
        id: TicketId(12),
        client: globex(),
        requester: Person::new(address(LUIS), "Luis Gómez"),
        ..ticket(Status::New)
    };
    let scene = Scene::from(MARIA)
        .ticket(ticket(Status::New))
        .ticket(others);
    let told = |scene: Scene, evidence: &str, lines: &[&str]| {
        let decided = scene.decide();
        assert_eq!(decided.thread_evidence(), evidence);
        let why = &decided.0.why;
        for line in lines {
            assert!(why.iter().any(|w| w == line), "{line} in {why:#?}");
        }
    };
    told(
        scene.clone(),
        "opened the ticket",
        &[
            "authentication strong: dmarc=pass",
            "sender: authorizer of ACME",
            "thread: nothing points to a ticket",
        ],
    );
    told(
        scene.clone().points(Place::SubjectTag, 12),
        "opened the ticket; tag [GS-12] seen: another client's, ignored",
        &["thread: tag [GS-12] seen: another client's, ignored"],
    );
    told(
        scene
            .clone()
            .points(Place::InReplyTo, OURS)
            .points(Place::SubjectTag, OURS)
            .points(Place::Body, 12),
        "signed id in In-Reply-To; GS-12 by token in the quoted text seen: weaker, not followed",
        &["thread: GS-7 by signed id in In-Reply-To followed (also tag in the subject)"],
    );
    told(
        scene
            .clone()
            .points(Place::References(0), OURS)
            .points(Place::Recipient, 12),
        "signed id in References, 1 from the right; GS-12 by token in a recipient address seen: \
         not the rightmost reference, not followed",
        &[],
    );
    told(
        scene
            .clone()
            .subject("RV: Falla [GS-7]")
            .points(Place::SubjectTag, OURS),
        "opened the ticket; tag [GS-7] seen: a forward with nothing stronger, not followed",
        &[],
    );
    let mut dangling = scene;
    dangling.case.dangling = Scene::from(MARIA)
        .points(Place::InReplyTo, 999)
        .case
        .candidates;
    told(
        dangling,
        "opened the ticket; GS-999 by signed id in In-Reply-To seen: no such ticket, ignored",
        &[],
    );
}

#[test]
fn an_answer_to_a_forward_follows_a_hint_and_a_forward_of_an_answer_does_not() {
    let by_tag = |subject: &str| {
        let scene = Scene::from(MARIA)
            .ticket(ticket(Status::New))
            .subject(subject)
            .points(Place::SubjectTag, OURS);
        becomes(&scene)
    };
    assert_eq!(by_tag("RE: RV: Falla [GS-7]"), "filed public");
    assert_eq!(by_tag("RV: RE: Falla [GS-7]"), "opened for ACME");
    assert_eq!(by_tag("[GS-7] RV: Falla"), "opened for ACME");
}

#[test]
fn an_absurd_id_names_no_mail() {
    let mut mail = Scene::from(MARIA).mail;
    mail.reply_to = vec![address("otra@acme.example")];
    let names = |id: &str| can_name_a_mail(id, &mail, &policy());
    for id in [
        "uno@acme.example",
        "CAF=abc+def@mail.gmail.com",
        "1@x",
        "DM6PR01MB1234.namprd01.prod.outlook.com@x",
        "5f3.1.1700000000@localhost",
    ] {
        assert!(names(id), "{id}");
    }
    let long = format!("{}@acme.example", "a".repeat(250));
    for id in [
        "",
        "@",
        "<>",
        "acme.example",
        "@acme.example",
        "uno@",
        "con espacio@acme.example",
        "null@acme.example",
        "NULL@null",
        "undefined@mail.acme.example",
        "no-message-id@invalid",
        "0@localhost",
        // Old programs name a person in In-Reply-To: everybody would answer the same mail.
        SERVICE,
        "ayuda@grupostaff.com",
        MARIA,
        "otra@acme.example",
        &long,
    ] {
        assert!(!names(id), "{id}");
    }
}

#[test]
fn a_continuing_ticket_s_mails_leave_the_old_chain_out() {
    let mut new = Ticket {
        id: TicketId(42),
        ..ticket(Status::New)
    };
    let link = Fact::Linked {
        link: Link::Continues,
        ticket: TicketId(OURS),
    };
    new.record(at("11-23 11:00"), link);
    let ids = |text: &str| -> Vec<String> { text.split(' ').map(str::to_owned).collect() };
    let scene = |ticket: Ticket| {
        let mut scene = Scene::from(MARIA)
            .ticket(super::ticket(Status::Closed))
            .ticket(ticket)
            .points(Place::References(0), 42)
            .points(Place::KnownReferences(1), 42)
            .points(Place::KnownReferences(2), OURS)
            .points(Place::References(3), OURS);
        scene.mail.references = ids("muy@viejo x@viejo y@viejo tarde@acme acuse@grupostaff.com");
        scene
    };
    let decided = scene(new.clone()).decide();
    assert_eq!(decided.filed(), Some((42, "public")));
    let chain = &decided.ticket().thread.references;
    assert_eq!(*chain, ids("tarde@acme acuse@grupostaff.com"));
    // A ticket that continues nothing keeps the whole chain.
    new.history.pop();
    let decided = scene(new).decide();
    assert_eq!(decided.ticket().thread.references.len(), 5);
    assert_eq!(decided.ticket().client, acme());
}
