//! The table of mail.md §2, cell by cell: what each class of mail does in a thread and outside,
//! from whoever it comes.

use soported::domain::classify::classify;
use soported::domain::effect::{HeldCause, Outcome};
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::message::{MailClass, Malformed, Marks, Place, Verdict};
use soported::domain::returned::{Named, Progress, ReportPlace};
use soported::domain::ticket::{Fact, Status};
use soported::domain::token::Purpose;

use super::{
    ANA, EVA, INBOUND, LUIS, MARIA, OURS, PEDRO, RAUL, STRANGER, Scene, address, shown, ticket,
};

const VERDICTS: [Verdict; 4] = [
    Verdict::Strong,
    Verdict::Medium,
    Verdict::None,
    Verdict::Fail,
];

const EVERYBODY: [&str; 7] = [MARIA, RAUL, PEDRO, LUIS, EVA, STRANGER, ANA];

/// The marks of a class that is not human.
fn marks(class: MailClass) -> Option<Marks> {
    let mut marks = Marks::default();
    match class {
        MailClass::Loop => marks.own_message_id = true,
        MailClass::Bounce => marks.delivery_status_part = true,
        MailClass::Delay => {
            marks.delivery_status_part = true;
            marks.delivery_action = Some("delayed".to_owned());
        }
        MailClass::Delivered => {
            marks.delivery_status_part = true;
            marks.delivery_action = Some("delivered".to_owned());
        }
        MailClass::ReadReceipt => {
            marks.report_type = Some("disposition-notification".to_owned());
        }
        MailClass::FeedbackReport => marks.report_type = Some("feedback-report".to_owned()),
        MailClass::AutoReply => marks.auto_submitted = Some("auto-replied".to_owned()),
        MailClass::List => marks.list_headers = vec!["list-id".to_owned()],
        MailClass::Bulk => marks.precedence = Some("bulk".to_owned()),
        MailClass::Calendar => marks.calendar_only = true,
        MailClass::Challenge => marks.challenge = Some("x-confirm".to_owned()),
        MailClass::Human => return None,
    }
    Some(marks)
}

/// A mail of a class, from this address.
fn of(class: MailClass, sender: &str) -> Scene {
    let mut scene = Scene::from(sender);
    scene.mail.marks = marks(class).unwrap();
    let classified = classify(&scene.mail, &scene.policy.own_addresses);
    assert_eq!(classified.class, class);
    scene
}

/// In our ticket's thread, by a signed id in In-Reply-To.
fn in_thread(scene: Scene, status: Status) -> Scene {
    scene
        .ticket(ticket(status))
        .token(Place::InReplyTo, OURS, MARIA, Purpose::Client)
}

/// Programs that react to a mail, and reports that are no bounce.
const REACTIONS: [MailClass; 6] = [
    MailClass::Delay,
    MailClass::Delivered,
    MailClass::ReadReceipt,
    MailClass::FeedbackReport,
    MailClass::AutoReply,
    MailClass::Challenge,
];

#[test]
fn a_program_s_reaction_is_an_event_of_its_thread_and_changes_nothing() {
    for class in REACTIONS {
        for verdict in VERDICTS {
            for status in Status::ALL {
                let before = ticket(status);
                let decided = in_thread(of(class, MARIA), status)
                    .verdict(verdict)
                    .decide();
                assert_eq!(decided.outcome(), Outcome::Filed, "{class:?} {verdict:?}");
                assert_eq!(decided.filed(), Some((OURS, "internal")), "{class:?}");
                let shown = shown(class, status);
                assert_eq!(decided.sent(), shown, "{class:?} {status:?}");
                let event = Fact::MachineWrote {
                    class,
                    inbound: INBOUND,
                };
                assert_eq!(decided.facts(OURS), [&event]);
                let after = decided.ticket();
                assert_eq!((after.status, &after.thread), (status, &before.thread));
                assert_eq!(after.closed_as, before.closed_as);
            }
        }
    }
}

#[test]
fn a_program_s_reaction_outside_any_thread_is_recorded_and_not_held() {
    for class in REACTIONS {
        for sender in EVERYBODY {
            for verdict in VERDICTS {
                let decided = of(class, sender).verdict(verdict).decide();
                assert_eq!(decided.outcome(), Outcome::Recorded, "{class:?} {sender}");
                assert_eq!(decided.0.effects.len(), 1, "{class:?} {sender}");
            }
        }
    }
}

#[test]
fn who_reacts_to_a_mail_of_ours_from_an_unknown_address_is_heard_by_that_mail_s_id_only() {
    for class in REACTIONS {
        for verdict in VERDICTS {
            let signed = in_thread(of(class, STRANGER), Status::WaitingClient).verdict(verdict);
            let decided = signed.decide();
            assert_eq!(decided.filed(), Some((OURS, "internal")), "{class:?}");
            assert_eq!(decided.ticket().status, Status::WaitingClient);
            assert_eq!(decided.sent(), shown(class, Status::WaitingClient));
        }
        let weak = [
            of(class, STRANGER).points(Place::KnownInReplyTo, OURS),
            of(class, STRANGER).points(Place::SubjectTag, OURS),
            of(class, STRANGER).token(Place::Body, OURS, MARIA, Purpose::Client),
        ];
        for scene in weak {
            let decided = scene.ticket(ticket(Status::New)).decide();
            assert_eq!(decided.outcome(), Outcome::Recorded, "{class:?}");
        }
        // Nor does another client's program get into the thread.
        for sender in [LUIS, EVA] {
            let decided = in_thread(of(class, sender), Status::New).decide();
            assert_eq!(decided.outcome(), Outcome::Recorded, "{class:?} {sender}");
        }
    }
}

/// Our mail 31 of the ticket, as the report names it.
fn named(letter: LetterKind) -> Named {
    Named {
        outbox: OutboxId(31),
        letter,
        to: address(MARIA),
        ticket: Some(TicketId(OURS)),
        progress: Progress::Accepted,
        offered_at: None,
        place: ReportPlace::EnvelopeId,
        is_renamed: false,
    }
}

#[test]
fn a_report_that_names_our_mail_is_an_event_of_its_ticket_whoever_writes_it() {
    use soported::domain::effect::Effect;
    for class in [
        MailClass::Delay,
        MailClass::Delivered,
        MailClass::ReadReceipt,
        MailClass::FeedbackReport,
    ] {
        for sender in [STRANGER, LUIS] {
            let mut scene = of(class, sender).ticket(ticket(Status::InProgress));
            scene.case.named = Some(named(LetterKind::RelayedReply));
            let decided = scene.decide();
            assert_eq!(decided.filed(), Some((OURS, "internal")), "{class:?}");
            assert_eq!(decided.sent(), []);
            let evidence = decided.0.effects.iter().find_map(|effect| match effect {
                Effect::File {
                    thread_evidence, ..
                } => Some(thread_evidence.as_str()),
                _ => None,
            });
            assert_eq!(
                evidence,
                Some("signed id of our mail 31 as the envelope id")
            );
            scene.mail.from = Err(Malformed::NoFrom);
            assert_eq!(scene.decide().filed(), Some((OURS, "internal")));
        }
    }
}

#[test]
fn an_answer_to_an_invitation_opens_nothing_and_is_an_event_of_a_thread() {
    let answer = |sender: &str| {
        of(MailClass::Calendar, sender)
            .marks(|m| m.calendar_answer = true)
            .subject("Aceptada: Revisión de nómina")
    };
    for sender in EVERYBODY {
        for verdict in VERDICTS {
            let decided = answer(sender).verdict(verdict).decide();
            assert_eq!(decided.outcome(), Outcome::Recorded, "{sender}");
            assert_eq!(decided.sent(), []);
        }
    }
    for sender in [MARIA, RAUL, ANA] {
        let decided = in_thread(answer(sender), Status::Proposed).decide();
        assert_eq!(decided.filed(), Some((OURS, "internal")));
        assert_eq!(decided.ticket().status, Status::Proposed);
        assert_eq!(decided.sent(), []);
    }
    // A stranger's is none of the thread's business, even with our id: he was not invited.
    let stranger = in_thread(answer(STRANGER), Status::Proposed).decide();
    assert_eq!(stranger.outcome(), Outcome::Recorded);
}

#[test]
fn an_invitation_of_an_authorizer_opens_a_ticket_where_he_is_believed_and_nobody_else_s_does() {
    let invitation = |sender: &str, verdict| of(MailClass::Calendar, sender).verdict(verdict);
    let check = |sender: &str, verdict, outcome, held| {
        let decided = invitation(sender, verdict).decide();
        assert_eq!(decided.outcome(), outcome, "{sender} {verdict:?}");
        assert_eq!(decided.held(), held, "{sender} {verdict:?}");
        assert!(
            decided
                .sent()
                .iter()
                .all(|(kind, _)| *kind == LetterKind::ConsultantNewTicket),
            "never acknowledged"
        );
    };
    check(MARIA, Verdict::Strong, Outcome::Opened, None);
    check(MARIA, Verdict::Medium, Outcome::Opened, None);
    let unauthenticated = Some(HeldCause::Unauthenticated);
    check(MARIA, Verdict::None, Outcome::Held, unauthenticated);
    check(MARIA, Verdict::Fail, Outcome::Held, Some(HeldCause::Forged));
    for sender in [PEDRO, EVA, STRANGER, ANA] {
        for verdict in VERDICTS {
            check(sender, verdict, Outcome::Recorded, None);
        }
    }
    // In a thread it is an event, whoever of the thread's people sent it.
    for sender in [MARIA, RAUL, ANA] {
        let scene = in_thread(invitation(sender, Verdict::Strong), Status::WaitingClient);
        let decided = scene.decide();
        assert_eq!(decided.filed(), Some((OURS, "internal")), "{sender}");
        assert_eq!(decided.ticket().status, Status::WaitingClient);
        assert_eq!(decided.sent(), []);
    }
}

#[test]
fn an_authorizer_s_mail_by_way_of_a_list_is_his_and_is_not_acknowledged() {
    for class in [MailClass::List, MailClass::Bulk] {
        let opened = of(class, MARIA).decide();
        assert_eq!(opened.outcome(), Outcome::Opened);
        assert_eq!(opened.sent(), [(LetterKind::ConsultantNewTicket, ANA)]);
        let reply = in_thread(of(class, MARIA), Status::WaitingClient).decide();
        assert_eq!(reply.filed(), Some((OURS, "public")));
        assert_eq!(reply.ticket().status, Status::InProgress);
        assert_eq!(reply.sent(), [(LetterKind::ConsultantClientReply, ANA)]);
        let unbelieved = of(class, MARIA).verdict(Verdict::None).decide();
        assert_eq!(unbelieved.held(), Some(HeldCause::Unauthenticated));
        let forged = in_thread(of(class, MARIA), Status::New).verdict(Verdict::Fail);
        assert_eq!(forged.decide().held(), Some(HeldCause::Forged));
    }
}

#[test]
fn a_list_s_mail_of_anybody_else_opens_nothing_and_joins_no_thread() {
    for class in [MailClass::List, MailClass::Bulk] {
        for sender in [PEDRO, EVA, STRANGER, ANA] {
            for verdict in VERDICTS {
                let decided = of(class, sender).verdict(verdict).decide();
                assert_eq!(decided.outcome(), Outcome::Recorded, "{class:?} {sender}");
                assert_eq!(decided.sent(), []);
            }
        }
        for sender in [PEDRO, EVA, STRANGER] {
            let decided = in_thread(of(class, sender), Status::New).decide();
            assert_eq!(decided.outcome(), Outcome::Recorded, "{class:?} {sender}");
        }
    }
}

#[test]
fn a_consultant_s_reply_that_a_list_distributed_is_a_reply_and_his_bulk_mail_is_none() {
    let reply = |marks: Marks| {
        let mut scene = Scene::consultant(ANA, ticket(Status::New));
        scene.mail.marks = marks;
        scene
    };
    let list = reply(marks(MailClass::List).unwrap()).decide();
    assert_eq!(list.sent(), [(LetterKind::RelayedReply, MARIA)]);
    // Vacation programs of old say nothing but «Precedence: bulk».
    let bulk = reply(marks(MailClass::Bulk).unwrap()).decide();
    assert_eq!(bulk.sent(), []);
    assert_eq!(bulk.filed(), Some((OURS, "internal")));
    assert_eq!(bulk.ticket().status, Status::New);
    let forged = reply(marks(MailClass::List).unwrap()).verdict(Verdict::Fail);
    assert_eq!(forged.decide().held(), Some(HeldCause::Forged));
}

#[test]
fn our_own_mail_come_back_is_recorded_whoever_sends_it_and_wherever_it_points() {
    for sender in EVERYBODY {
        for verdict in VERDICTS {
            let alone = of(MailClass::Loop, sender).verdict(verdict);
            let within = in_thread(alone.clone(), Status::New);
            for scene in [alone, within] {
                let decided = scene.decide();
                assert_eq!(decided.outcome(), Outcome::Recorded, "{sender}");
                assert_eq!(decided.0.effects.len(), 1, "{sender}");
            }
        }
    }
}

#[test]
fn what_asks_for_silence_is_a_person_s_all_the_same() {
    let suppressed =
        |sender: &str| Scene::from(sender).marks(|m| m.suppress = vec!["all".to_owned()]);
    let opened = suppressed(MARIA).decide();
    assert_eq!(opened.outcome(), Outcome::Opened);
    assert_eq!(opened.sent(), [(LetterKind::ConsultantNewTicket, ANA)]);
    let reply = in_thread(suppressed(MARIA), Status::WaitingClient).decide();
    assert_eq!(reply.filed(), Some((OURS, "public")));
    assert_eq!(reply.ticket().status, Status::InProgress);
}
