//! A mail of ours that came back: what it had achieved is void, and somebody is told, once
//! (mail.md §2, §6; policy.md §3, §6).

use soported::domain::clock;
use soported::domain::effect::{Due, Effect, Outcome};
use soported::domain::event::{AlarmCause, DueKind};
use soported::domain::failure::FailureCause;
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{MailClass, Malformed, Place, Verdict};
use soported::domain::report::{RecipientReport, Report};
use soported::domain::returned::{Named, Progress, ReportPlace, ids_reported};
use soported::domain::ticket::{Fact, Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, Decided, INBOUND, MARIA, OPERATOR, OURS, PEDRO, RAUL, STRANGER, Scene, address, at, ticket,
};

const OUTBOX: OutboxId = OutboxId(31);

/// Where bounces come from.
const DAEMON: &str = "mailer-daemon@mx.otro.example";

fn failed(recipient: &str) -> RecipientReport {
    RecipientReport {
        recipient: recipient.to_owned(),
        action: "failed".to_owned(),
        status: "5.1.1".to_owned(),
        diagnostic: "550 5.1.1 no such user".to_owned(),
    }
}

/// The outgoing mail that the bounces of these tests are about.
fn reply_to_maria() -> Named {
    Named {
        outbox: OUTBOX,
        letter: LetterKind::RelayedReply,
        to: address(MARIA),
        ticket: Some(TicketId(OURS)),
        progress: Progress::Accepted,
        offered_at: Some(at("11-23 11:00")),
        place: ReportPlace::ReturnedHeaders,
        is_renamed: false,
    }
}

/// A bounce that nobody vouches for, as bounces are.
fn bounce(named: Option<Named>, recipients: Vec<RecipientReport>) -> Scene {
    let mut scene = Scene::from(DAEMON)
        .verdict(Verdict::None)
        .subject("Undelivered Mail Returned to Sender")
        .marks(|m| m.delivery_status_part = true);
    scene.mail.report = Some(Report {
        original_message_id: Some("treinta-y-uno@grupostaff.com".to_owned()),
        original_envelope_id: None,
        recipients,
    });
    scene.case.named = named;
    scene
}

/// Our ticket in this state, answered at 11:00 by the mail that bounces.
fn answered(status: Status) -> Ticket {
    let mut ticket = ticket(status);
    ticket.record(
        at("11-23 11:00"),
        Fact::ReplySent {
            outbox: OUTBOX,
            inbound: None,
        },
    );
    ticket
}

fn row_failed(decided: &Decided) -> Option<&str> {
    let rows: Vec<&str> = decided
        .0
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Bounced { outbox, words } => {
                assert_eq!(*outbox, OUTBOX);
                Some(words.as_str())
            }
            _ => None,
        })
        .collect();
    assert!(rows.len() <= 1);
    rows.first().copied()
}

fn due(decided: &Decided) -> &[Due] {
    let saved = decided.0.effects.iter().find_map(|effect| match effect {
        Effect::SaveTicket { due, .. } => Some(due.as_slice()),
        _ => None,
    });
    saved.unwrap()
}

#[test]
fn a_bounced_answer_was_none_and_the_clock_runs_on() {
    let before = answered(Status::InProgress);
    let scene = bounce(Some(reply_to_maria()), vec![failed(MARIA)]).ticket(before.clone());
    let policy = scene.policy.clone();
    assert!(clock::response(&before, &policy).met_at.is_some());
    let decided = scene.decide();
    assert_eq!(row_failed(&decided), Some("550 5.1.1 no such user"));
    let after = decided.ticket();
    assert_eq!(after.status, Status::InProgress, "the state stays");
    let response = clock::response(after, &policy);
    assert_eq!(response.met_at, None);
    let fresh = clock::response(&ticket(Status::InProgress), &policy);
    assert_eq!(response, fresh, "as if it had never been answered");
    let target = Due {
        at: fresh.target_at,
        kind: DueKind::Response,
    };
    assert_eq!(due(&decided), [target]);
    assert_eq!(clock::solution(after, &policy, scene.now).started_at, None);

    let event = Fact::MachineWrote {
        class: MailClass::Bounce,
        inbound: INBOUND,
    };
    let failure = Fact::DeliveryFailed {
        outbox: OUTBOX,
        to: address(MARIA),
        reason: "550 5.1.1 no such user".to_owned(),
        cause: FailureCause::DeadAddress,
    };
    assert_eq!(decided.facts(OURS), [&event, &failure]);
    assert_eq!(decided.filed(), Some((OURS, "internal")));
    assert_eq!(decided.outcome(), Outcome::Filed);
    assert_eq!(decided.sent(), [(LetterKind::DeliveryFailed, ANA)]);
    match decided.letter(LetterKind::DeliveryFailed) {
        Letter::DeliveryFailed {
            to,
            reported,
            response_due_at,
            reply,
            ..
        } => {
            assert_eq!((to.as_str(), reported), (MARIA, &None));
            assert_eq!(*response_due_at, Some(response.limit_at));
            assert!(reply);
        }
        other => panic!("{other:?}"),
    }
    let why = decided.0.why.join("\n");
    let evidence = "signed id of our mail 31 in the returned headers";
    assert!(why.contains(evidence), "{why}");
}

#[test]
fn a_breach_that_the_bounced_answer_had_hidden_is_due_at_once() {
    // The limit of Monday 09:00 is Tuesday 15:30; the bounce comes on Thursday.
    let scene = bounce(Some(reply_to_maria()), vec![failed(MARIA)])
        .ticket(answered(Status::InProgress))
        .at("11-26 10:00");
    let decided = scene.decide();
    assert!(due(&decided)[0].at < scene.now);
    assert!(clock::response(decided.ticket(), &scene.policy).breached(scene.now));
}

#[test]
fn a_later_answer_that_arrived_is_the_first_response() {
    let mut before = answered(Status::InProgress);
    before.record(
        at("11-23 12:00"),
        Fact::ReplySent {
            outbox: OutboxId(32),
            inbound: None,
        },
    );
    let scene = bounce(Some(reply_to_maria()), vec![failed(MARIA)]).ticket(before);
    let decided = scene.decide();
    let met = clock::response(decided.ticket(), &scene.policy).met_at;
    assert_eq!(met, Some(at("11-23 12:00")));
    match decided.letter(LetterKind::DeliveryFailed) {
        Letter::DeliveryFailed {
            response_due_at, ..
        } => assert_eq!(*response_due_at, None, "nothing is owed"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_copy_that_came_back_takes_nothing_from_the_answer() {
    let mut before = answered(Status::InProgress);
    before
        .participants
        .push(soported::domain::address::Person::new(address(RAUL), ""));
    let copy = Named {
        to: address(RAUL),
        outbox: OUTBOX,
        ..reply_to_maria()
    };
    let scene = bounce(Some(copy), vec![failed(RAUL)]).ticket(before);
    let decided = scene.decide();
    let met = clock::response(decided.ticket(), &scene.policy).met_at;
    assert_eq!(met, Some(at("11-23 11:00")));
    assert_eq!(decided.sent(), [(LetterKind::DeliveryFailed, ANA)]);
}

#[test]
fn a_late_bounce_reopens_nothing_and_is_told_all_the_same() {
    let scene = bounce(Some(reply_to_maria()), vec![failed(MARIA)])
        .ticket(answered(Status::Closed))
        .at("12-15 10:00");
    let decided = scene.decide();
    assert_eq!(decided.ticket().status, Status::Closed);
    assert_eq!(due(&decided), []);
    assert!(row_failed(&decided).is_some());
    assert_eq!(decided.sent(), [(LetterKind::DeliveryFailed, ANA)]);
    assert!(matches!(
        decided.facts(OURS)[..],
        [Fact::MachineWrote { .. }, Fact::DeliveryFailed { .. }]
    ));
}

#[test]
fn a_bounce_that_is_faster_than_our_own_settling_stands_for_both() {
    let underway = Named {
        progress: Progress::Underway,
        ..reply_to_maria()
    };
    let scene = bounce(Some(underway.clone()), vec![failed(MARIA)]).ticket(ticket(Status::New));
    let decided = scene.decide();
    let facts = decided.facts(OURS);
    assert!(
        matches!(
            facts[..],
            [
                Fact::MachineWrote { .. },
                Fact::ReplySent {
                    outbox: OUTBOX,
                    inbound: None
                },
                Fact::DeliveryFailed { outbox: OUTBOX, .. }
            ]
        ),
        "{facts:?}"
    );
    let sent = decided.ticket().history.iter().rev().nth(1).unwrap();
    assert_eq!(sent.at, at("11-23 11:00"), "when its content left");
    let met = clock::response(decided.ticket(), &scene.policy).met_at;
    assert_eq!(met, None);
    assert!(row_failed(&decided).is_some());
    // A mail that answers nobody was not an answer either.
    let notice = Named {
        letter: LetterKind::Acknowledgement,
        ..underway
    };
    let scene = bounce(Some(notice), vec![failed(MARIA)]).ticket(ticket(Status::New));
    assert!(matches!(
        scene.decide().facts(OURS)[..],
        [Fact::MachineWrote { .. }, Fact::DeliveryFailed { .. }]
    ));
}

#[test]
fn a_bounce_of_what_failed_already_or_is_still_to_be_tried_is_only_recorded() {
    for progress in [Progress::Over, Progress::Ahead] {
        let named = Named {
            progress,
            ..reply_to_maria()
        };
        let scene = bounce(Some(named), vec![failed(MARIA)]).ticket(answered(Status::New));
        let decided = scene.decide();
        assert_eq!(decided.outcome(), Outcome::Recorded, "{progress:?}");
        assert_eq!(decided.0.effects.len(), 1, "{progress:?}");
        let why = decided.0.why.join("\n");
        assert!(why.contains("our mail 31"), "{why}");
    }
}

#[test]
fn a_bounce_without_our_id_matches_nothing_whatever_else_it_names() {
    let scene = bounce(None, vec![failed(MARIA)]).ticket(answered(Status::New));
    let check = |scene: Scene, what: &str| {
        let decided = scene.decide();
        assert_eq!(decided.outcome(), Outcome::Recorded, "{what}");
        assert_eq!(decided.0.effects.len(), 1, "{what}");
    };
    check(scene.clone(), "a recipient");
    check(
        scene.clone().points(Place::SubjectTag, OURS),
        "a ticket's number",
    );
    check(
        scene.clone().points(Place::KnownInReplyTo, OURS),
        "a client's mail",
    );
    let mut claimed = scene.clone();
    claimed.mail.from = Scene::from(MARIA).mail.from;
    claimed.case.standing = super::standing(MARIA);
    check(
        claimed.points(Place::SubjectTag, OURS),
        "a participant's name",
    );
    // Its token in an address says which ticket, not which mail.
    check(
        scene.token(Place::Recipient, OURS, MARIA, Purpose::Client),
        "a ticket's address",
    );
}

#[test]
fn a_bounce_needs_no_sender_that_anybody_vouches_for() {
    for verdict in [Verdict::Strong, Verdict::None, Verdict::Fail] {
        for from in [
            Ok(DAEMON),
            Ok(STRANGER),
            Ok(MARIA),
            Err(Malformed::NoFrom),
            Err(Malformed::OddFrom),
        ] {
            let mut scene = bounce(Some(reply_to_maria()), vec![failed(MARIA)])
                .ticket(answered(Status::New))
                .verdict(verdict);
            scene.mail.from = from.map(|a| soported::domain::address::Person::new(address(a), ""));
            let decided = scene.decide();
            assert!(row_failed(&decided).is_some(), "{verdict:?} {from:?}");
            assert_eq!(decided.sent(), [(LetterKind::DeliveryFailed, ANA)]);
        }
    }
}

#[test]
fn the_address_in_the_report_may_be_another_one_and_both_are_told() {
    let alias = "mperez@correo.acme.example";
    let scene = bounce(Some(reply_to_maria()), vec![failed(alias)]).ticket(answered(Status::New));
    let decided = scene.decide();
    assert!(row_failed(&decided).is_some());
    match decided.letter(LetterKind::DeliveryFailed) {
        Letter::DeliveryFailed { to, reported, .. } => {
            assert_eq!((to.as_str(), reported.as_deref()), (MARIA, Some(alias)));
        }
        other => panic!("{other:?}"),
    }
    let why = decided.0.why.join("\n");
    assert!(why.contains(MARIA) && why.contains(alias), "{why}");
    assert_eq!(
        clock::response(decided.ticket(), &scene.policy).met_at,
        None
    );
}

#[test]
fn where_our_recipient_has_a_line_of_his_own_that_line_decides() {
    let other = |action: &str| RecipientReport {
        action: action.to_owned(),
        ..failed(MARIA)
    };
    for action in ["delivered", "relayed", "expanded", "delayed"] {
        let lines = vec![failed("otra@acme.example"), other(action)];
        let scene = bounce(Some(reply_to_maria()), lines).ticket(answered(Status::New));
        let decided = scene.decide();
        assert_eq!(row_failed(&decided), None, "{action}");
        assert_eq!(decided.filed(), Some((OURS, "internal")), "{action}");
        assert_eq!(decided.sent(), []);
        let response = clock::response(decided.ticket(), &scene.policy);
        assert!(response.met_at.is_some(), "{action}");
    }
    let lines = vec![
        RecipientReport {
            recipient: "otra@acme.example".to_owned(),
            ..other("delivered")
        },
        failed(MARIA),
    ];
    let scene = bounce(Some(reply_to_maria()), lines).ticket(answered(Status::New));
    assert!(row_failed(&scene.decide()).is_some());
    // Nobody is named, but the id is: the mail came back.
    let bare = bounce(Some(reply_to_maria()), Vec::new()).ticket(answered(Status::New));
    assert_eq!(row_failed(&bare.decide()), Some(""));
    let mut unread = bare;
    unread.mail.report = None;
    assert_eq!(row_failed(&unread.decide()), Some(""));
}

#[test]
fn a_bounced_notice_to_our_own_people_is_told_to_operators_and_never_to_the_same_address() {
    let check = |letter: LetterKind, to: &str, ticket: Option<i64>, told: &[(LetterKind, &str)]| {
        let named = Named {
            letter,
            to: address(to),
            ticket: ticket.map(TicketId),
            ..reply_to_maria()
        };
        let scene = bounce(Some(named), vec![failed(to)]).ticket(answered(Status::New));
        let decided = scene.decide();
        assert!(row_failed(&decided).is_some(), "{letter:?}");
        assert_eq!(decided.sent(), told, "{letter:?}");
        for mail in decided.mails() {
            assert!(matches!(
                mail.letter,
                Letter::OperatorAlarm {
                    cause: AlarmCause::MailReturned,
                    ..
                }
            ));
        }
        let raised = |e: &Effect| matches!(e, Effect::RaiseAlarm { .. });
        assert!(!decided.0.effects.iter().any(raised));
        decided
    };
    let alarm = [(LetterKind::OperatorAlarm, OPERATOR)];
    let notice = check(LetterKind::ConsultantNewTicket, ANA, Some(OURS), &alarm);
    assert!(
        matches!(notice.facts(OURS)[..], [Fact::MachineWrote { .. }]),
        "the client's answer is untouched"
    );
    assert_eq!(notice.filed(), Some((OURS, "internal")));
    check(LetterKind::DeliveryFailed, ANA, Some(OURS), &alarm);
    let outside = check(LetterKind::NotAuthorizedSender, PEDRO, None, &alarm);
    assert_eq!(outside.outcome(), Outcome::Recorded);
    check(LetterKind::OperatorAlarm, OPERATOR, None, &[]);
}

#[test]
fn a_report_names_its_mail_by_envelope_id_then_returned_header_then_its_own_references() {
    use ReportPlace::{EnvelopeId, InReplyTo, References, ReturnedHeaders};
    let mut scene = bounce(None, Vec::new());
    scene.mail.in_reply_to = vec!["padre@x.example".to_owned(), "otro@x.example".to_owned()];
    scene.mail.references = vec!["viejo@x.example".to_owned(), "padre@x.example".to_owned()];
    let ids = |scene: &Scene| -> Vec<(ReportPlace, String)> {
        let found = ids_reported(&scene.mail);
        found
            .into_iter()
            .map(|(p, id)| (p, id.to_owned()))
            .collect()
    };
    // The returned header says whose mail it was; the conversation around it does not count.
    let returned = (ReturnedHeaders, "treinta-y-uno@grupostaff.com".to_owned());
    assert_eq!(ids(&scene), std::slice::from_ref(&returned));
    let report = scene.mail.report.as_mut().unwrap();
    report.original_envelope_id = Some(" <sobre@grupostaff.com> ".to_owned());
    let envelope = (EnvelopeId, "sobre@grupostaff.com".to_owned());
    assert_eq!(ids(&scene), [envelope.clone(), returned]);
    let own = [
        (InReplyTo, "padre@x.example".to_owned()),
        (References, "padre@x.example".to_owned()),
    ];
    scene.mail.report.as_mut().unwrap().original_message_id = None;
    assert_eq!(ids(&scene), [&[envelope][..], &own].concat());
    scene.mail.report = None;
    assert_eq!(ids(&scene), own);
    // The ones before the last arrived: they were answered.
    scene.mail.in_reply_to.clear();
    assert_eq!(ids(&scene), own[1..]);
    assert_eq!(ids(&Scene::from(MARIA)), []);
}
