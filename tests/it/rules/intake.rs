//! From a received mail to a ticket, or to the held mail (policy.md §1; mail.md §2).

use soported::domain::effect::{Effect, HeldCause, Manner, Outcome};
use soported::domain::ids::{InboundId, TicketId};
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{Malformed, Marks, Place, Verdict};
use soported::domain::ticket::{Fact, Link, Priority, Status};
use soported::domain::token::Purpose;

use super::{
    ANA, BETO, INBOUND, LUIS, MARIA, OURS, PEDRO, RAUL, SERVICE, STRANGER, Scene, acme, ticket,
};

#[test]
fn an_authorizer_s_mail_opens_a_ticket() {
    let decided = Scene::from(MARIA).subject("RE: No puedo entrar").decide();
    assert_eq!(decided.outcome(), Outcome::Opened);
    let opened = decided.ticket();
    assert_eq!((opened.id, &opened.client), (TicketId(42), &acme()));
    assert_eq!(
        (opened.status, opened.priority),
        (Status::New, Priority::Medium)
    );
    assert_eq!(opened.requester.name, "María Pérez", "the directory's name");
    assert_eq!(opened.thread.subject, "No puedo entrar");
    assert!(opened.official);
    assert_eq!(decided.filed(), Some((42, "public")));
    let mails = [
        (LetterKind::Acknowledgement, MARIA),
        (LetterKind::ConsultantNewTicket, ANA),
    ];
    assert_eq!(decided.sent(), mails);
}

#[test]
fn a_critical_ticket_pages_level_one_and_whoever_is_on_call() {
    let decided = Scene::from(MARIA).subject("[crítica] Todo caído").decide();
    let told: Vec<&str> = decided
        .sent()
        .into_iter()
        .skip(1)
        .map(|(_, to)| to)
        .collect();
    assert_eq!(told, [ANA, BETO]);
}

#[test]
fn who_may_not_open_is_held() {
    let mut scene = Scene::from(MARIA);
    scene.case.standing.listed.as_mut().unwrap().can_open = false;
    let decided = scene.decide();
    assert_eq!(decided.held(), Some(HeldCause::Unauthorized));
    assert_eq!(decided.sent(), []);
}

#[test]
fn an_authorizer_nobody_vouches_for_is_held_without_a_word() {
    let check = |verdict, expected| {
        let decided = Scene::from(MARIA).verdict(verdict).decide();
        assert_eq!(decided.held(), expected, "{verdict:?}");
        if expected.is_some() {
            assert_eq!(decided.sent(), [], "{verdict:?}");
        }
    };
    check(Verdict::Strong, None);
    check(Verdict::Medium, None);
    check(Verdict::None, Some(HeldCause::Unauthenticated));
    check(Verdict::Fail, Some(HeldCause::Forged));
}

#[test]
fn a_forged_mail_is_held_and_never_answered_whoever_it_claims_to_be() {
    for sender in [MARIA, PEDRO, LUIS, STRANGER, ANA, BETO] {
        let decided = Scene::from(sender)
            .verdict(Verdict::Fail)
            .ticket(ticket(Status::New))
            .token(Place::Recipient, OURS, sender, Purpose::Client)
            .decide();
        assert_eq!(decided.held(), Some(HeldCause::Forged), "{sender}");
        assert_eq!(decided.sent(), [], "{sender}");
        assert_eq!(decided.tickets().len(), 0);
    }
}

#[test]
fn in_a_thread_a_participant_nobody_vouches_for_is_held_unless_he_has_a_token() {
    let scene = Scene::from(MARIA)
        .verdict(Verdict::None)
        .ticket(ticket(Status::WaitingClient));
    let bare = scene.clone().points(Place::KnownInReplyTo, OURS).decide();
    assert_eq!(bare.held(), Some(HeldCause::Unauthenticated));
    let quoted = scene
        .clone()
        .token(Place::Body, OURS, MARIA, Purpose::Client);
    assert_eq!(quoted.decide().held(), Some(HeldCause::Unauthenticated));
    let other = scene
        .clone()
        .token(Place::InReplyTo, OURS, RAUL, Purpose::Client);
    assert_eq!(other.decide().held(), Some(HeldCause::Unauthenticated));
    let own = scene
        .token(Place::InReplyTo, OURS, MARIA, Purpose::Client)
        .decide();
    assert_eq!(own.filed(), Some((OURS, "public")));
}

#[test]
fn an_unlisted_colleague_is_held_and_both_sides_are_told_once_a_day() {
    let scene = Scene::from(PEDRO);
    let decided = scene.decide();
    assert_eq!(decided.held(), Some(HeldCause::Unauthorized));
    let mails = [
        (LetterKind::NotAuthorizedSender, PEDRO),
        (LetterKind::NotAuthorizedAuthorizers, MARIA),
        (LetterKind::NotAuthorizedAuthorizers, RAUL),
    ];
    assert_eq!(decided.sent(), mails);
    let manners: Vec<Manner> = decided.mails().iter().map(|m| m.manner).collect();
    assert_eq!(manners, [Manner::Answer, Manner::Timer, Manner::Timer]);
    let remembered = decided.0.effects.iter().any(|effect| {
        matches!(effect, Effect::RememberNotice { about, day, reason: HeldCause::Unauthorized }
            if about.as_str() == PEDRO && day.to_string() == "2026-11-24")
    });
    assert!(remembered);
    // Six in the evening UTC-6 is tomorrow elsewhere; the day is the house's.
    let late = scene.clone().at("11-24 23:30").decide();
    assert!(late.0.effects.iter().any(|effect| {
        matches!(effect, Effect::RememberNotice { day, .. } if day.to_string() == "2026-11-24")
    }));

    let silent = |scene: Scene, why: &str| {
        let decided = scene.decide();
        assert_eq!(decided.held(), Some(HeldCause::Unauthorized), "{why}");
        assert_eq!(decided.sent(), [], "{why}");
    };
    let mut told = scene.clone();
    told.case.notified_today = vec![HeldCause::Unauthorized];
    silent(told, "told today already");
    silent(scene.clone().verdict(Verdict::None), "not authenticated");
    silent(
        scene.clone().marks(|m| m.suppress = vec!["all".into()]),
        "asked for silence",
    );
    let robot = scene.marks(|m| m.auto_submitted = Some("auto-replied".into()));
    assert_eq!(robot.decide().outcome(), Outcome::Recorded);
    assert_eq!(robot.decide().sent(), []);
}

#[test]
fn a_stranger_is_held_without_a_word() {
    for verdict in [Verdict::Strong, Verdict::Medium, Verdict::None] {
        let decided = Scene::from(STRANGER).verdict(verdict).decide();
        assert_eq!(decided.held(), Some(HeldCause::UnknownDomain));
        assert_eq!(decided.sent(), []);
    }
}

#[test]
fn a_sender_who_opens_too_many_tickets_is_held() {
    let mut scene = Scene::from(MARIA);
    scene.case.opened_last_hour = scene.policy.brakes.tickets_per_hour - 1;
    assert_eq!(scene.decide().outcome(), Outcome::Opened);
    scene.case.opened_last_hour += 1;
    let decided = scene.decide();
    assert_eq!(decided.held(), Some(HeldCause::TooMany));
    assert_eq!(decided.sent(), []);
    // The brake is on opening; his threads go on.
    let reply = scene
        .ticket(ticket(Status::New))
        .points(Place::InReplyTo, OURS);
    assert_eq!(reply.decide().outcome(), Outcome::Filed);
}

#[test]
fn an_encrypted_mail_opens_nothing_and_joins_nothing_and_its_sender_is_told_once_a_day() {
    let scene = Scene::from(MARIA).marks(|m| m.encrypted = true);
    let within = scene
        .clone()
        .ticket(ticket(Status::New))
        .points(Place::InReplyTo, OURS);
    let check = |scene: &Scene, sent: &[(LetterKind, &str)]| {
        let decided = scene.decide();
        assert_eq!(decided.held(), Some(HeldCause::Encrypted));
        assert_eq!(decided.tickets().len(), 0);
        assert_eq!(decided.sent(), sent);
    };
    let (told, notice) = (
        (LetterKind::EncryptedSender, MARIA),
        (LetterKind::ConsultantEncrypted, ANA),
    );
    check(&scene, &[told]);
    check(&within, &[told, notice]);
    let mut again = within.clone();
    again.case.notified_today = vec![HeldCause::Encrypted];
    check(&again, &[notice]);
    let mut for_another_reason = scene.clone();
    for_another_reason.case.notified_today = vec![HeldCause::Unauthorized];
    check(&for_another_reason, &[told]);
    let silent = scene.clone().marks(|m| m.suppress = vec!["all".into()]);
    check(&silent, &[]);
    // By his own token alone he is believed, and still not answered.
    let by_token =
        within
            .clone()
            .verdict(Verdict::None)
            .token(Place::Recipient, OURS, MARIA, Purpose::Client);
    check(&by_token, &[notice]);

    // Who would be held anyway is held for that.
    let other = |sender: &str, verdict| {
        let scene = Scene::from(sender).marks(|m| m.encrypted = true);
        scene.verdict(verdict).decide().held()
    };
    let strong = Verdict::Strong;
    assert_eq!(other(MARIA, Verdict::Fail), Some(HeldCause::Forged));
    assert_eq!(
        other(MARIA, Verdict::None),
        Some(HeldCause::Unauthenticated)
    );
    assert_eq!(other(PEDRO, strong), Some(HeldCause::Unauthorized));
    assert_eq!(other(STRANGER, strong), Some(HeldCause::UnknownDomain));
    // And a consultant's is kept inside.
    let consultant = Scene::consultant(ANA, ticket(Status::New)).marks(|m| m.encrypted = true);
    let decided = consultant.decide();
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    assert_eq!(decided.sent(), [(LetterKind::ReplyNotSent, ANA)]);
}

#[test]
fn a_mail_without_one_plain_sender_is_held_unless_it_is_a_known_machine_s() {
    let check = |malformed, set: &dyn Fn(&mut Marks), expected| {
        let mut scene = Scene::from(MARIA).marks(set);
        scene.mail.from = Err(malformed);
        let decided = scene.decide();
        assert_eq!(decided.held(), expected, "{malformed:?}");
        assert_eq!(decided.sent(), []);
    };
    let held = Some(HeldCause::Malformed);
    for malformed in [
        Malformed::Empty,
        Malformed::NotAMail,
        Malformed::NoFrom,
        Malformed::SeveralFroms,
        Malformed::OddFrom,
        Malformed::TooComplex,
    ] {
        check(malformed, &|_| {}, held);
    }
    let bounce = |m: &mut Marks| m.delivery_status_part = true;
    check(Malformed::NoFrom, &bounce, None);
    check(Malformed::OddFrom, &bounce, None);
    // What could not be read at all is not trusted to be a machine's either.
    check(Malformed::TooComplex, &bounce, held);
}

#[test]
fn a_second_copy_is_recorded_once_and_does_nothing() {
    let mut scene = Scene::from(MARIA);
    scene.case.twin = Some(InboundId(3));
    let decided = scene.decide();
    assert_eq!(decided.outcome(), Outcome::Duplicate(InboundId(3)));
    assert_eq!(decided.0.effects.len(), 1);
}

#[test]
fn our_own_mail_is_recorded_with_proof_and_held_without() {
    let own = Scene::from(SERVICE);
    let proven = [
        own.clone().marks(|m| m.own_message_id = true),
        own.clone().marks(|m| m.loop_header = Some(true)),
        Scene::from(MARIA).marks(|m| m.own_message_id = true),
    ];
    for scene in proven {
        let decided = scene.decide();
        assert_eq!(decided.outcome(), Outcome::Recorded);
        assert_eq!(decided.sent(), []);
    }
    for scene in [own, Scene::from(MARIA).marks(|m| m.received_count = 150)] {
        let decided = scene.decide();
        assert_eq!(decided.held(), Some(HeldCause::Loop));
        assert_eq!(decided.sent(), []);
    }
}

#[test]
fn a_list_counts_as_a_person_s_for_authorizers_and_is_never_acknowledged() {
    let lists: [&dyn Fn(&mut Marks); 2] = [&|m| m.list_headers = vec!["list-id".into()], &|m| {
        m.precedence = Some("bulk".into())
    }];
    for list in lists {
        let decided = Scene::from(MARIA).marks(list).decide();
        assert_eq!(decided.outcome(), Outcome::Opened);
        assert_eq!(decided.sent(), [(LetterKind::ConsultantNewTicket, ANA)]);
        let forged = Scene::from(MARIA)
            .marks(list)
            .verdict(Verdict::Fail)
            .decide();
        assert_eq!(forged.held(), Some(HeldCause::Forged));
        for sender in [PEDRO, STRANGER] {
            let decided = Scene::from(sender).marks(list).decide();
            assert_eq!(decided.outcome(), Outcome::Recorded, "{sender}");
            assert_eq!(decided.sent(), []);
        }
    }
}

#[test]
fn an_authorizer_s_invitation_opens_a_ticket_and_within_a_thread_is_an_event() {
    let invitation = |sender: &str| Scene::from(sender).marks(|m| m.calendar_only = true);
    let alone = invitation(MARIA).decide();
    assert_eq!(alone.outcome(), Outcome::Opened);
    assert_eq!(alone.sent(), [(LetterKind::ConsultantNewTicket, ANA)]);
    let waiting = ticket(Status::WaitingClient);
    let within = invitation(MARIA)
        .ticket(waiting)
        .points(Place::InReplyTo, OURS)
        .decide();
    assert_eq!(within.filed(), Some((OURS, "internal")));
    assert_eq!(within.ticket().status, Status::WaitingClient);
    assert_eq!(within.sent(), []);
    assert_eq!(invitation(PEDRO).decide().outcome(), Outcome::Recorded);
    assert_eq!(
        invitation(LUIS).verdict(Verdict::None).decide().held(),
        Some(HeldCause::Unauthenticated)
    );
}

#[test]
fn the_client_s_mail_moves_a_ticket_as_the_table_of_states_says() {
    let check = |before, sender: &str, after| {
        let decided = Scene::from(sender)
            .ticket(ticket(before))
            .points(Place::InReplyTo, OURS)
            .decide();
        assert_eq!(decided.ticket().status, after, "{before:?} {sender}");
        let moved = decided
            .facts(OURS)
            .iter()
            .any(|f| matches!(f, Fact::StatusChanged { .. }));
        assert_eq!(
            moved,
            before != after,
            "a fact for each change, and no other"
        );
        assert_eq!(
            decided.ticket().thread.last_id.as_deref(),
            Some("este@correo.example")
        );
    };
    use Status::{
        InProgress, New, Proposed, Provisional, WaitingApproval, WaitingClient, WaitingThirdParty,
    };
    check(Provisional, MARIA, New);
    check(New, MARIA, New);
    check(InProgress, RAUL, InProgress);
    check(WaitingClient, RAUL, InProgress);
    check(WaitingApproval, MARIA, WaitingApproval);
    check(WaitingThirdParty, MARIA, WaitingThirdParty);
    check(Proposed, MARIA, InProgress);
}

#[test]
fn a_participant_who_is_no_authorizer_makes_nothing_official() {
    let mut provisional = ticket(Status::Provisional);
    provisional.official = false;
    provisional.requester = soported::domain::address::Person::new(super::address(PEDRO), "Pedro");
    let by = |sender: &str| {
        let decided = Scene::from(sender)
            .ticket(provisional.clone())
            .points(Place::InReplyTo, OURS)
            .decide();
        let after = decided.ticket();
        (after.status, after.official)
    };
    assert_eq!(by(PEDRO), (Status::Provisional, false));
    assert_eq!(by(MARIA), (Status::New, true));
}

#[test]
fn a_closed_ticket_s_reply_opens_a_linked_ticket_with_a_chain_of_its_own() {
    let mut scene = Scene::from(RAUL)
        .ticket(ticket(Status::Closed))
        .subject("RE: Falla en nómina [GS-7]")
        .token(Place::InReplyTo, OURS, MARIA, Purpose::Client);
    scene.mail.in_reply_to = vec!["nuestro@grupostaff.com".to_owned()];
    scene.mail.references = vec![
        "viejo@acme.example".to_owned(),
        "nuestro@grupostaff.com".to_owned(),
    ];
    let decided = scene.decide();
    assert_eq!(decided.outcome(), Outcome::Opened);
    let ids: Vec<i64> = decided.tickets().iter().map(|t| t.id.0).collect();
    assert_eq!(ids, [42, OURS]);
    let link = |link, ticket: i64| Fact::Linked {
        link,
        ticket: TicketId(ticket),
    };
    assert!(decided.facts(42).contains(&&link(Link::Continues, OURS)));
    assert_eq!(decided.facts(OURS), [&link(Link::ContinuedBy, 42)]);
    let [new, old] = decided.tickets()[..] else {
        panic!("two tickets");
    };
    assert_eq!((new.status, old.status), (Status::New, Status::Closed));
    assert_eq!(new.requester.address.as_str(), RAUL);
    assert_eq!(new.thread.references, Vec::<String>::new());
    assert_eq!(decided.filed(), Some((42, "public")));
    for mail in decided.mails() {
        let thread = mail.thread.as_ref().unwrap();
        assert_eq!(thread.in_reply_to.as_deref(), Some("este@correo.example"));
        assert_eq!(
            thread.references,
            Vec::<String>::new(),
            "{:?}",
            mail.letter.kind()
        );
    }
    match decided.letter(LetterKind::Acknowledgement) {
        Letter::Acknowledgement { continues, .. } => assert_eq!(continues.as_deref(), Some("GS-7")),
        other => panic!("{other:?}"),
    }
    // Who may not open tickets cannot do it through an old thread.
    let stranger = Scene::from(PEDRO)
        .ticket(ticket(Status::Closed))
        .points(Place::InReplyTo, OURS)
        .decide();
    assert_eq!(stranger.held(), Some(HeldCause::ThirdParty));
}

#[test]
fn a_mail_that_could_never_be_processed_is_held_with_one_alarm() {
    use soported::domain::case::Case;
    use soported::domain::desk::decide;
    use soported::domain::event::Event;
    let event = Event::Unprocessable {
        inbound: INBOUND,
        reason: "panic: without words".to_owned(),
    };
    let policy = super::policy();
    let now = super::at("11-24 10:00");
    let first = super::Decided(decide(&event, &Case::default(), &policy, now));
    assert_eq!(first.held(), Some(HeldCause::Unprocessable));
    assert_eq!(first.sent(), [(LetterKind::OperatorAlarm, super::OPERATOR)]);
    let raised = Case {
        alarm_since: Some(now),
        ..Case::default()
    };
    let second = super::Decided(decide(&event, &raised, &policy, now));
    assert_eq!(second.held(), Some(HeldCause::Unprocessable));
    assert_eq!(second.sent(), []);
}
