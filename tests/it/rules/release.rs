//! What a release leads to, for each cause a mail is held for (policy.md §1).

use soported::domain::effect::{Effect, HeldCause, Outcome};
use soported::domain::ids::{ClientId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::message::{Place, Verdict};
use soported::domain::ticket::{ClientRef, Status, Ticket};

use super::{ANA, EVA, LUIS, MARIA, OURS, PEDRO, STRANGER, Scene, acme, globex, ticket};

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
