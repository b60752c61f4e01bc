//! What a release leads to, for each cause a mail is held for (policy.md §1).

use soported::domain::effect::{Effect, HeldCause, Outcome};
use soported::domain::event::Destination;
use soported::domain::held::{Refusal, Request, may_release};
use soported::domain::ids::{ClientId, InboundId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::message::{Malformed, Place, Verdict};
use soported::domain::ticket::{ClientRef, Fact, Joining, Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, EVA, LUIS, MARIA, OURS, PEDRO, SERVICE, STRANGER, Scene, acme, at, globex, ticket,
};

/// Decides, checks why it is held, releases it as `held release` does, and answers what follows.
fn released(scene: &Scene, cause: HeldCause, named: Option<ClientRef>) -> super::Decided {
    let held = scene.decide();
    assert_eq!(held.held(), Some(cause));
    let noted = held.0.effects.iter().find_map(|effect| match effect {
        Effect::Hold { client, .. } => *client,
        _ => None,
    });
    let known = [acme(), globex()];
    let noted = noted.map(|id: ClientId| known.iter().find(|c| c.id == id).unwrap().clone());
    scene.clone().released(named.or(noted)).decide()
}

#[test]
fn a_release_opens_the_ticket_that_was_asked_for() {
    let check = |scene: Scene, cause, named: Option<ClientRef>, client: ClientRef| {
        let decided = released(&scene, cause, named);
        assert_eq!(decided.outcome(), Outcome::Opened, "{cause:?}");
        let ticket = decided.tickets()[0];
        assert_eq!(ticket.client, client, "{cause:?}");
        assert_eq!(
            ticket.opened_at, scene.mail.received_at,
            "at its original receipt"
        );
    };
    check(Scene::from(PEDRO), HeldCause::Unauthorized, None, acme());
    check(
        Scene::from(STRANGER),
        HeldCause::UnknownDomain,
        Some(acme()),
        acme(),
    );
    check(
        Scene::from(MARIA).verdict(Verdict::None),
        HeldCause::Unauthenticated,
        None,
        acme(),
    );
    check(
        Scene::from(MARIA).verdict(Verdict::Fail),
        HeldCause::Forged,
        None,
        acme(),
    );
    check(
        Scene::from(MARIA).marks(|m| m.encrypted = true),
        HeldCause::Encrypted,
        None,
        acme(),
    );
    let mut many = Scene::from(MARIA);
    many.case.opened_last_hour = 100;
    check(many, HeldCause::TooMany, None, acme());
    let mut forbidden = Scene::from(MARIA);
    forbidden.case.standing.listed.as_mut().unwrap().can_open = false;
    check(forbidden, HeldCause::Unauthorized, None, acme());

    // The sender's own client, never the one whose thread was written into.
    let foreign = |sender: &str| {
        Scene::from(sender)
            .ticket(ticket(Status::New))
            .points(Place::KnownInReplyTo, OURS)
    };
    check(foreign(LUIS), HeldCause::CrossClient, None, globex());
    check(foreign(EVA), HeldCause::CrossClient, None, globex());

    // Torn evidence is settled by whoever looked at it: a ticket of its own.
    let other = Ticket {
        id: TicketId(8),
        ..ticket(Status::New)
    };
    let torn = Scene::from(MARIA)
        .ticket(ticket(Status::New))
        .ticket(other)
        .points(Place::Body, 7)
        .points(Place::SubjectTag, 8);
    check(torn, HeldCause::Ambiguous, None, acme());
}

#[test]
fn a_release_lets_a_third_party_into_the_thread_and_after_its_end_into_a_new_one() {
    let scene = |status| {
        Scene::from(STRANGER)
            .ticket(ticket(status))
            .points(Place::KnownInReplyTo, OURS)
    };
    let open = released(&scene(Status::WaitingClient), HeldCause::ThirdParty, None);
    assert_eq!(open.filed(), Some((OURS, "public")));
    assert_eq!(open.sent(), [(LetterKind::ConsultantClientReply, ANA)]);
    let closed = released(&scene(Status::Closed), HeldCause::ThirdParty, None);
    assert_eq!(closed.outcome(), Outcome::Opened);
    assert_eq!(closed.tickets()[0].client, acme());
    assert_eq!(closed.tickets()[1].id, TicketId(OURS));
}

#[test]
fn an_unauthenticated_participant_s_release_is_filed_in_its_thread() {
    let scene = Scene::from(MARIA)
        .verdict(Verdict::None)
        .ticket(ticket(Status::WaitingClient))
        .points(Place::KnownInReplyTo, OURS);
    let decided = released(&scene, HeldCause::Unauthenticated, None);
    assert_eq!(decided.filed(), Some((OURS, "public")));
    assert_eq!(decided.ticket().status, Status::InProgress);
}

#[test]
fn a_released_stranger_without_a_client_stays_held() {
    let decided = Scene::from(STRANGER).released(None).decide();
    assert_eq!(decided.held(), Some(HeldCause::UnknownDomain));
}

#[test]
fn a_released_mail_is_acknowledged_to_known_people_only() {
    let acknowledged = |scene: Scene| {
        let decided = scene.decide();
        assert_eq!(decided.outcome(), Outcome::Opened);
        let mut kinds = decided.sent().into_iter();
        kinds.any(|(kind, _)| kind == LetterKind::Acknowledgement)
    };
    let stranger = |verdict| {
        Scene::from(STRANGER)
            .verdict(verdict)
            .released(Some(acme()))
    };
    assert!(acknowledged(stranger(Verdict::Strong)));
    assert!(!acknowledged(stranger(Verdict::None)));
    assert!(!acknowledged(stranger(Verdict::Fail)));
    assert!(acknowledged(
        Scene::from(MARIA).verdict(Verdict::None).released(None)
    ));
}

#[test]
fn a_third_party_let_in_takes_part_from_then_on() {
    let scene = Scene::from(STRANGER)
        .ticket(ticket(Status::InProgress))
        .points(Place::KnownInReplyTo, OURS);
    let decided = released(&scene, HeldCause::ThirdParty, None);
    let after = decided.ticket().clone();
    assert!(after.has_participant(&super::address(STRANGER)));
    let joined = |fact: &&Fact| {
        matches!(
            fact,
            Fact::Joined {
                by: Joining::Released,
                ..
            }
        )
    };
    assert_eq!(decided.facts(OURS).into_iter().filter(joined).count(), 1);
    // His next mail needs nobody's word, and opens nothing.
    let next = Scene::from(STRANGER)
        .ticket(after)
        .points(Place::KnownInReplyTo, OURS);
    assert_eq!(next.decide().filed(), Some((OURS, "public")));
    let another = Scene::from(STRANGER).decide();
    assert_eq!(another.held(), Some(HeldCause::UnknownDomain));
}

#[test]
fn a_stranger_let_in_for_a_client_may_write_in_the_ticket_he_opened_and_opens_no_other() {
    let scene = Scene::from(STRANGER).released(Some(acme()));
    let opened = scene.decide().ticket().clone();
    let next = Scene::from(STRANGER)
        .ticket(opened)
        .points(Place::KnownInReplyTo, 42);
    assert_eq!(next.decide().filed(), Some((42, "public")));
    let another = Scene::from(STRANGER).decide();
    assert_eq!(another.held(), Some(HeldCause::UnknownDomain));
}

#[test]
fn a_release_that_names_a_ticket_goes_there_whatever_the_mail_says() {
    let eight = || Ticket {
        id: TicketId(8),
        ..ticket(Status::New)
    };
    let into = |scene: Scene, ticket: i64| {
        let scene = scene.released_to(Destination::Ticket(TicketId(ticket)));
        scene.decide()
    };
    let torn = Scene::from(MARIA)
        .ticket(ticket(Status::New))
        .ticket(eight())
        .points(Place::Body, 7)
        .points(Place::SubjectTag, 8);
    assert_eq!(torn.decide().held(), Some(HeldCause::Ambiguous));
    let decided = into(torn.clone(), 8);
    assert_eq!(decided.filed(), Some((8, "public")));
    assert_eq!(
        decided.thread_evidence(),
        "the word of whoever released it; GS-7 by token in the quoted text seen: overruled by the \
         release"
    );
    // An authorizer takes part by right; nobody else is let in beside him.
    assert!(decided.ticket().participants.is_empty());

    let foreign = Scene::from(LUIS)
        .ticket(ticket(Status::New))
        .points(Place::KnownInReplyTo, OURS);
    let decided = into(foreign.clone(), OURS);
    assert_eq!(decided.filed(), Some((OURS, "public")));
    assert!(decided.ticket().has_participant(&super::address(LUIS)));
    // Where it is closed, what opens is the sender's own, and is not tied to the other client's.
    let closed = foreign.ticket(ticket(Status::Closed));
    let decided = into(closed, OURS);
    assert_eq!(decided.ticket().client, globex());

    for (scene, cause) in [
        (Scene::from(PEDRO), HeldCause::Unauthorized),
        (Scene::from(STRANGER), HeldCause::UnknownDomain),
        (Scene::from(MARIA).verdict(Verdict::Fail), HeldCause::Forged),
    ] {
        assert_eq!(scene.decide().held(), Some(cause));
        let decided = into(scene.ticket(eight()), 8);
        assert_eq!(decided.filed(), Some((8, "public")), "{cause:?}");
    }
}

#[test]
fn a_release_as_a_mail_of_its_own_follows_nothing() {
    let scene = Scene::from(MARIA)
        .verdict(Verdict::None)
        .ticket(ticket(Status::New))
        .points(Place::KnownInReplyTo, OURS);
    assert_eq!(scene.decide().held(), Some(HeldCause::Unauthenticated));
    let decided = scene.released_to(Destination::Own).decide();
    assert_eq!(decided.outcome(), Outcome::Opened);
    assert_eq!(decided.tickets().len(), 1, "and continues nothing");
}

#[test]
fn a_consultant_s_mail_let_in_is_the_consultant_s() {
    let by_notice = |verdict| Scene::consultant(ANA, ticket(Status::New)).verdict(verdict);
    let unvouched = by_notice(Verdict::None);
    assert_eq!(unvouched.decide().held(), Some(HeldCause::Unauthenticated));
    let decided = unvouched.released(None).decide();
    assert_eq!(decided.sent(), [(LetterKind::RelayedReply, MARIA)]);
    // What may be a forger's words is kept on the ticket and reaches no client.
    let forged = by_notice(Verdict::Fail);
    assert_eq!(forged.decide().held(), Some(HeldCause::Forged));
    let decided = forged.released(None).decide();
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    assert_eq!(decided.sent(), [(LetterKind::ReplyNotSent, ANA)]);
    // A mail that answers no notice is filed where it is said to belong, and goes no further.
    let stray = Scene::from(ANA).ticket(ticket(Status::New));
    assert_eq!(stray.decide().held(), Some(HeldCause::Unauthorized));
    let decided = stray
        .released_to(Destination::Ticket(TicketId(OURS)))
        .decide();
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    assert_eq!(decided.sent(), [(LetterKind::ReplyNotSent, ANA)]);
}

#[test]
fn a_released_copy_of_what_was_processed_is_not_processed_again() {
    let mut scene = Scene::from(PEDRO).released(None);
    scene.case.twin = Some(InboundId(3));
    assert_eq!(scene.decide().outcome(), Outcome::Duplicate(InboundId(3)));
}

#[test]
fn an_authorizer_s_yes_starts_the_clock_at_the_yes() {
    let mut scene = Scene::from(PEDRO).at("11-24 10:00").released(None);
    scene.now = at("11-24 15:00");
    let began = |scene: &Scene| scene.decide().ticket().opened_at;
    assert_eq!(began(&scene), at("11-24 10:00"), "an operator's");
    if let Some(release) = &mut scene.release {
        release.starts_at = Some(at("11-24 14:30"));
    }
    assert_eq!(began(&scene), at("11-24 14:30"));
}

/// Every cause is reached by some mail, and no release of it ends where it began.
#[test]
fn every_cause_is_reached_and_no_release_comes_back_for_it() {
    let in_thread = |sender: &str| {
        Scene::from(sender)
            .ticket(ticket(Status::New))
            .points(Place::KnownInReplyTo, OURS)
    };
    let mut many = Scene::from(MARIA);
    many.case.opened_last_hour = 99;
    let mut nobody = Scene::from(MARIA);
    nobody.mail.from = Err(Malformed::SeveralFroms);
    let torn = in_thread(MARIA)
        .ticket(Ticket {
            id: TicketId(8),
            ..ticket(Status::New)
        })
        .token(Place::Recipient, 8, MARIA, Purpose::Client);
    let scenes = [
        (HeldCause::Unauthorized, Scene::from(PEDRO)),
        (HeldCause::UnknownDomain, Scene::from(STRANGER)),
        (
            HeldCause::Unauthenticated,
            Scene::from(MARIA).verdict(Verdict::None),
        ),
        (HeldCause::Forged, Scene::from(MARIA).verdict(Verdict::Fail)),
        (HeldCause::ThirdParty, in_thread(STRANGER)),
        (HeldCause::CrossClient, in_thread(LUIS)),
        (HeldCause::Ambiguous, torn),
        (HeldCause::Malformed, nobody),
        (HeldCause::Loop, Scene::from(SERVICE)),
        (HeldCause::TooMany, many),
        (
            HeldCause::Encrypted,
            Scene::from(MARIA).marks(|m| m.encrypted = true),
        ),
        (HeldCause::Consent, super::consent::answer(MARIA, "No")),
    ];
    // An unprocessable mail has never been read: see `a_mail_that_could_never_be_processed_…`.
    assert_eq!(scenes.len() + 1, HeldCause::ALL.len());
    for (cause, scene) in scenes {
        assert_eq!(scene.decide().held(), Some(cause));
        let request = Request {
            malformed: scene.mail.from.as_ref().err().copied(),
            client: true,
            from: scene.mail.from.is_err(),
            ..Request::default()
        };
        let mut released = scene.clone().released(Some(acme()));
        if released.mail.from.is_err() {
            // What `held release --from` says.
            released.mail.from = Scene::from(MARIA).mail.from;
        }
        match may_release(cause, &request) {
            Ok(()) => assert_eq!(released.decide().held(), None, "{cause:?}"),
            Err(refusal) => assert_eq!((cause, refusal), (HeldCause::Loop, Refusal::Loop)),
        }
    }
}

#[test]
fn a_release_that_could_only_come_back_is_refused_with_the_way_on() {
    let known = Request {
        client: true,
        ..Request::default()
    };
    let check = |cause, request: Request, expected: Result<(), Refusal>| {
        assert_eq!(
            may_release(cause, &request),
            expected,
            "{cause:?} {request:?}"
        );
        if let Err(refusal) = expected {
            assert!(!refusal.words().is_empty());
        }
    };
    let no = Request::default();
    use HeldCause as C;
    check(C::Loop, known, Err(Refusal::Loop));
    check(C::UnknownDomain, no, Err(Refusal::NoClient));
    check(C::UnknownDomain, known, Ok(()));
    check(C::UnknownDomain, Request { ticket: true, ..no }, Ok(()));
    check(
        C::UnknownDomain,
        Request {
            from: true,
            ..known
        },
        Err(Refusal::SenderKnown),
    );
    check(C::Unauthorized, known, Ok(()));
    let consultant = Request {
        consultant: true,
        ..no
    };
    check(C::Unauthorized, consultant, Err(Refusal::Consultant));
    check(
        C::Unauthorized,
        Request {
            ticket: true,
            ..consultant
        },
        Ok(()),
    );
    check(C::Unauthenticated, consultant, Ok(()));
    check(
        C::Unauthenticated,
        Request {
            new: true,
            ..consultant
        },
        Err(Refusal::Consultant),
    );
    for (malformed, without, with) in [
        (Malformed::NoFrom, Err(Refusal::NoSender), Ok(())),
        (Malformed::SeveralFroms, Err(Refusal::NoSender), Ok(())),
        (Malformed::OddFrom, Err(Refusal::NoSender), Ok(())),
        (Malformed::TooComplex, Err(Refusal::NoSender), Ok(())),
        (
            Malformed::Empty,
            Err(Refusal::Nothing),
            Err(Refusal::Nothing),
        ),
        (
            Malformed::NotAMail,
            Err(Refusal::Nothing),
            Err(Refusal::Nothing),
        ),
    ] {
        let malformed = Request {
            malformed: Some(malformed),
            ..known
        };
        check(C::Malformed, malformed, without);
        check(
            C::Malformed,
            Request {
                from: true,
                ..malformed
            },
            with,
        );
    }
    check(C::Unprocessable, no, Ok(()));
    check(C::Unprocessable, known, Err(Refusal::Unread));
    check(
        C::Unprocessable,
        Request { absent: true, ..no },
        Err(Refusal::Nothing),
    );
    for refusal in [Refusal::Loop, Refusal::Nothing] {
        assert!(!refusal.is_curable() && refusal.words().contains("held discard"));
    }
}

#[test]
fn every_cause_has_its_own_sentence_and_its_name_reads_back() {
    let mut sentences = std::collections::BTreeSet::new();
    for cause in HeldCause::ALL {
        assert_eq!(HeldCause::from_name(cause.name()), Some(cause));
        assert!(sentences.insert(cause.meaning()), "{cause:?}");
        for sentence in [cause.meaning(), cause.release_does()] {
            assert!(sentence.ends_with('.') && sentence.len() > 20, "{sentence}");
        }
    }
    assert_eq!(HeldCause::from_name("otra"), None);
}
