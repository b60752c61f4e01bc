//! What a mail is (mail.md §2): every mark, first match wins, all matches told.

use soported::domain::classify::{Classification, classify};
use soported::domain::effect::Outcome;
use soported::domain::message::{MailClass, Marks, Place};
use soported::domain::ticket::Status;
use soported::domain::token::Purpose;

use super::{BETO, MARIA, OURS, SERVICE, STRANGER, Scene, address, shown, ticket};

fn class_of(scene: &Scene) -> Classification {
    classify(&scene.mail, &scene.policy.own_addresses)
}

fn of(set: impl FnOnce(&mut Marks)) -> Classification {
    class_of(&Scene::from(MARIA).marks(set))
}

#[test]
fn every_mark_names_its_class_and_says_so() {
    use MailClass::{
        AutoReply, Bounce, Bulk, Calendar, Delay, Delivered, FeedbackReport, Human, List, Loop,
        ReadReceipt,
    };
    let check = |expected: MailClass, evidence: &str, set: &dyn Fn(&mut Marks)| {
        let found = of(set);
        assert_eq!(found.class, expected, "{evidence}");
        if expected == Human {
            assert_eq!(found.evidence, Vec::<String>::new(), "{evidence}");
        } else {
            let told = format!("{}: {evidence}", expected.name());
            assert_eq!(found.evidence, [told]);
        }
    };
    check(Loop, "its Message-ID is one of ours", &|m| {
        m.own_message_id = true
    });
    check(Loop, "our loop header, verified", &|m| {
        m.loop_header = Some(true)
    });
    check(Loop, "more than 100 Received lines", &|m| {
        m.received_count = 101
    });
    check(Human, "a hundred Received lines", &|m| {
        m.received_count = 100
    });
    // Anybody can write the header; only its seal counts.
    check(Human, "a loop header without a seal", &|m| {
        m.loop_header = Some(false)
    });
    check(Bounce, "delivery status", &|m| {
        m.report_type = Some("delivery-status".into())
    });
    check(Bounce, "delivery status", &|m| {
        m.delivery_status_part = true
    });
    check(Bounce, "delivery status", &|m| {
        m.delivery_status_part = true;
        m.delivery_action = Some("failed".into());
    });
    check(Delay, "delivery status, action delayed", &|m| {
        m.delivery_status_part = true;
        m.delivery_action = Some("delayed".into());
    });
    for action in ["delivered", "relayed", "expanded"] {
        check(Delivered, "delivery status, action delivered", &|m| {
            m.delivery_status_part = true;
            m.delivery_action = Some(action.into());
        });
    }
    // Forwarders blank the Return-Path of people's mail.
    check(Human, "a null return path alone", &|m| {
        m.null_return_path = true
    });
    check(Human, "failed recipients, but no mail daemon", &|m| {
        m.failed_recipients = true
    });
    check(ReadReceipt, "report-type=disposition-notification", &|m| {
        m.report_type = Some("disposition-notification".into());
    });
    check(FeedbackReport, "report-type=feedback-report", &|m| {
        m.report_type = Some("feedback-report".into());
    });
    for keyword in ["auto-replied", "auto-generated", "auto-notified", "x-nuevo"] {
        check(AutoReply, &format!("Auto-Submitted: {keyword}"), &|m| {
            m.auto_submitted = Some(keyword.into());
        });
    }
    for keyword in ["no", "auto-forwarded"] {
        check(Human, keyword, &|m| m.auto_submitted = Some(keyword.into()));
    }
    check(AutoReply, "x-autoreply", &|m| {
        m.auto_headers = vec!["x-autoreply".into()]
    });
    check(AutoReply, "Precedence: auto_reply", &|m| {
        m.precedence = Some("auto_reply".into())
    });
    check(List, "list-id", &|m| {
        m.list_headers = vec!["list-id".into()]
    });
    check(List, "Precedence: list", &|m| {
        m.precedence = Some("list".into())
    });
    check(Bulk, "Precedence: bulk", &|m| {
        m.precedence = Some("bulk".into())
    });
    check(Bulk, "Precedence: junk", &|m| {
        m.precedence = Some("junk".into())
    });
    check(Human, "another precedence", &|m| {
        m.precedence = Some("first-class".into())
    });
    check(Calendar, "only a text/calendar part", &|m| {
        m.calendar_only = true
    });
    check(Human, "encrypted", &|m| m.encrypted = true);
    check(Human, "nothing", &|_| {});
}

#[test]
fn a_mail_daemon_bounces_only_with_a_second_sign() {
    for robot in ["MAILER-DAEMON@acme.example", "postmaster@acme.example"] {
        let check = |expected, set: &dyn Fn(&mut Marks)| {
            let found = class_of(&Scene::from(robot).marks(set));
            assert_eq!(found.class, expected, "{robot}");
        };
        check(MailClass::Bounce, &|m| m.null_return_path = true);
        check(MailClass::Bounce, &|m| m.failed_recipients = true);
        check(MailClass::Human, &|_| {});
    }
}

#[test]
fn the_subject_of_a_vacation_program_needs_other_evidence() {
    let plain = |subject: &str, set: &dyn Fn(&mut Marks)| {
        class_of(&Scene::from(MARIA).subject(subject).marks(set)).class
    };
    for subject in [
        "Respuesta automática: Falla",
        "RESPUESTA AUTOMATICA: Falla",
        "Fuera de la oficina",
        "Ausente hasta el lunes",
        "Out of Office: Falla",
        "Automatic reply: Falla",
    ] {
        assert_eq!(plain(subject, &|_| {}), MailClass::Human, "{subject}");
        let null = plain(subject, &|m| m.null_return_path = true);
        assert_eq!(null, MailClass::AutoReply, "{subject}");
        let quiet = plain(subject, &|m| m.suppress = vec!["oof".into()]);
        assert_eq!(quiet, MailClass::AutoReply, "{subject}");
    }
    let within = plain("La respuesta automática no sale", &|m| {
        m.null_return_path = true
    });
    assert_eq!(within, MailClass::Human);
}

#[test]
fn the_first_match_wins_and_all_are_told() {
    let found = of(|m| {
        m.calendar_only = true;
        m.list_headers = vec!["list-id".into(), "list-post".into()];
        m.auto_submitted = Some("auto-replied".into());
        m.report_type = Some("delivery-status".into());
        m.own_message_id = true;
    });
    assert_eq!(found.class, MailClass::Loop);
    assert_eq!(
        found.evidence,
        [
            "loop: its Message-ID is one of ours",
            "bounce: delivery status",
            "auto_reply: Auto-Submitted: auto-replied",
            "list: list-id",
            "list: list-post",
            "calendar: only a text/calendar part",
        ]
    );
}

#[test]
fn suppression_asks_for_silence_and_leaves_the_mail_a_person_s() {
    for (value, quiet) in [
        ("all", true),
        ("autoreply", true),
        ("oof", false),
        ("dr", false),
    ] {
        let found = of(|m| m.suppress = vec![value.into()]);
        assert_eq!(found.class, MailClass::Human, "{value}");
        assert_eq!(found.suppressed, quiet, "{value}");
        assert_eq!(found.may_acknowledge(), !quiet, "{value}");
    }
}

#[test]
fn our_own_addresses_loop_in_from_only() {
    for own in [SERVICE, "ayuda@grupostaff.com", "AYUDA@GrupoStaff.com"] {
        assert_eq!(class_of(&Scene::from(own)).class, MailClass::Loop, "{own}");
    }
    // Outlook's "on behalf of", and web forms.
    let mut scene = Scene::from(MARIA);
    scene.mail.reply_to = vec![address(SERVICE)];
    assert_eq!(class_of(&scene).class, MailClass::Human);
    assert_eq!(class_of(&Scene::from(BETO)).class, MailClass::Human);
}

/// What a row of the table of effects (mail.md §2) says of a class.
struct Row {
    class: MailClass,
    scene: Scene,
    /// An authorizer's mail of the class, in no thread.
    opens: bool,
    /// The same, in the thread of an open ticket.
    in_thread: InThread,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InThread {
    /// For the client to see; states and plan move.
    Reply,
    /// As an event, which moves nothing.
    Event,
    /// Not filed.
    Apart,
}

/// One row for each class, and one for the mail that asks for silence.
fn table() -> Vec<Row> {
    let row = |class, opens, in_thread, set: &dyn Fn(&mut Marks)| Row {
        class,
        scene: Scene::from(MARIA).marks(set),
        opens,
        in_thread,
    };
    let event = |class, set: &dyn Fn(&mut Marks)| row(class, false, InThread::Event, set);
    let person = |class, set: &dyn Fn(&mut Marks)| row(class, true, InThread::Reply, set);
    vec![
        person(MailClass::Human, &|_| {}),
        person(MailClass::Human, &|m| m.suppress = vec!["all".into()]),
        person(MailClass::List, &|m| {
            m.list_headers = vec!["list-id".into()]
        }),
        person(MailClass::Bulk, &|m| m.precedence = Some("bulk".into())),
        event(MailClass::AutoReply, &|m| {
            m.auto_headers = vec!["x-autoreply".into()]
        }),
        event(MailClass::ReadReceipt, &|m| m.receipt_part = true),
        event(MailClass::FeedbackReport, &|m| {
            m.complaint = Some("x".into())
        }),
        event(MailClass::Challenge, &|m| m.challenge = Some("x".into())),
        // Without the id of the very mail that failed; `rules::bounce` has those that bear it.
        row(MailClass::Bounce, false, InThread::Apart, &|m| {
            m.notice = Some("x".into())
        }),
        event(MailClass::Delay, &|m| {
            m.delivery_status_part = true;
            m.delivery_action = Some("delayed".into());
        }),
        event(MailClass::Delivered, &|m| {
            m.delivery_status_part = true;
            m.delivery_action = Some("delivered".into());
        }),
        row(MailClass::Calendar, true, InThread::Event, &|m| {
            m.calendar_only = true
        }),
        event(MailClass::Calendar, &|m| {
            m.calendar_only = true;
            m.calendar_answer = true;
        }),
        row(MailClass::Loop, false, InThread::Apart, &|m| {
            m.own_message_id = true
        }),
    ]
}

#[test]
fn the_table_of_effects_holds_for_every_class_and_column() {
    for row in table() {
        let (class, scene) = (row.class, row.scene);
        assert_eq!(class_of(&scene).class, class);
        let alone = scene.decide();
        let opened = alone.outcome() == Outcome::Opened;
        assert_eq!(opened, row.opens, "{class:?}");
        let acknowledged = alone.sent().iter().any(|(_, to)| *to == MARIA);
        let may = class == MailClass::Human && scene.mail.marks.suppress.is_empty();
        assert_eq!(acknowledged, may, "{class:?}");
        for status in Status::ALL
            .into_iter()
            .filter(|status| *status != Status::Closed)
        {
            let before = ticket(status);
            let within = scene
                .clone()
                .ticket(before.clone())
                .token(Place::InReplyTo, OURS, MARIA, Purpose::Client)
                .decide();
            let filed = within.filed();
            match row.in_thread {
                InThread::Reply => {
                    assert_eq!(filed, Some((OURS, "public")), "{class:?} {status:?}")
                }
                InThread::Event => {
                    assert_eq!(filed, Some((OURS, "internal")), "{class:?} {status:?}");
                    let after = within.ticket();
                    assert_eq!((after.status, &after.thread), (status, &before.thread));
                    let shown = shown(class, status);
                    assert_eq!(within.sent(), shown, "{class:?} {status:?}");
                }
                InThread::Apart => {
                    assert_eq!(filed, None, "{class:?} {status:?}");
                    assert_eq!(within.sent(), [], "{class:?} {status:?}");
                }
            }
            let answered = within.sent().iter().any(|(_, to)| *to == MARIA);
            assert!(!answered, "{class:?} {status:?}");
        }
        // Nothing a stranger's machine sends is filed or answered, not even within a thread.
        if class != MailClass::Human {
            let mut foreign = scene.clone();
            foreign.mail.from = Scene::from(STRANGER).mail.from;
            foreign.case.standing = Scene::from(STRANGER).case.standing;
            let decided = foreign
                .ticket(ticket(Status::New))
                .points(Place::InReplyTo, OURS)
                .decide();
            assert_eq!(decided.filed(), None, "{class:?}");
            assert_eq!(decided.sent(), [], "{class:?}");
        }
    }
}

#[test]
fn an_absence_told_in_the_text_needs_a_program_s_subject_or_mark() {
    let of = |subject: &str, text: &str, set: &dyn Fn(&mut Marks)| {
        class_of(&Scene::from(MARIA).subject(subject).text(text).marks(set)).class
    };
    let away = "Estaré fuera de la oficina del 3 al 7 de marzo.";
    for (subject, text) in [
        ("Respuesta automática: Falla en nómina", away),
        ("Fuera de la oficina", away),
        (
            "Automatic reply: Falla",
            "I am out of the office until Monday.",
        ),
        ("Out of Office AutoReply: Falla", "I am currently away."),
        (
            "Re: [nomina] Out of office AutoReply: Falla",
            "Hi, I am back in the office next week.",
        ),
    ] {
        assert_eq!(
            of(subject, text, &|_| {}),
            MailClass::AutoReply,
            "{subject}"
        );
    }
    for (subject, text) in [
        ("Falla en nómina", away),
        (
            "Fuera de la oficina no abre la VPN",
            "Estoy fuera de la oficina y no abre.",
        ),
        (
            "Fuera de oficina: no abre la VPN",
            "Estoy fuera de la oficina y no abre.",
        ),
        (
            "RE: Respuesta automática: Falla",
            "Gracias, espero a que regrese.",
        ),
        (
            "Respuesta automática que no sale",
            "No me deja configurarla.",
        ),
    ] {
        assert_eq!(of(subject, text, &|_| {}), MailClass::Human, "{subject}");
    }
    let bulk = |m: &mut Marks| m.precedence = Some("bulk".into());
    assert_eq!(of("Falla", away, &bulk), MailClass::AutoReply);
    assert_eq!(of("Falla", "No abre.", &bulk), MailClass::Bulk);
    // Exchange forwards by rule too: a second sign, not a first.
    let rule = |m: &mut Marks| m.rules_agent = true;
    assert_eq!(of("Fuera de la oficina", "x", &rule), MailClass::AutoReply);
    assert_eq!(of("Falla", "x", &rule), MailClass::Human);
}

#[test]
fn a_challenge_or_a_plain_receipt_needs_two_signs() {
    let of = |from: &str, subject: &str, text: &str| {
        class_of(&Scene::from(from).subject(subject).text(text)).class
    };
    let asks = "Para que su mensaje sea entregado, pulse el enlace.";
    assert_eq!(of(MARIA, "Confirme su mensaje", asks), MailClass::Challenge);
    assert_eq!(
        of("no-reply@acme.example", "Falla", asks),
        MailClass::Challenge
    );
    assert_eq!(of(MARIA, "Falla", asks), MailClass::Human);
    assert_eq!(
        of(MARIA, "Confirme su mensaje", "Por favor."),
        MailClass::Human
    );
    let read = "Su mensaje\n\n  Asunto: Falla\n\nfue leído el lunes.";
    assert_eq!(of(MARIA, "Leído: Falla", read), MailClass::ReadReceipt);
    assert_eq!(
        of(MARIA, "Leído: Falla", "De acuerdo, ya lo leí."),
        MailClass::Human
    );
    assert_eq!(of(MARIA, "Falla", read), MailClass::Human);
}

#[test]
fn a_mail_system_is_known_by_its_address_more_than_by_its_name() {
    use soported::domain::classify::sender::{MailSystem, is_robot, mail_system};
    for (local, name, expected) in [
        ("MAILER-DAEMON", "", Some(MailSystem::Certain)),
        ("postmaster", "Ana López", Some(MailSystem::Certain)),
        ("post_master", "", Some(MailSystem::Certain)),
        (
            "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
            "",
            Some(MailSystem::Certain),
        ),
        ("bosscat", "Mail Delivery Service", Some(MailSystem::Likely)),
        ("x", "Mail Delivery Subsystem", Some(MailSystem::Likely)),
        (
            "sistemas",
            "Administrador del sistema",
            Some(MailSystem::Likely),
        ),
        ("ndr", "", Some(MailSystem::Likely)),
        ("andrea", "", None),
        ("ana", "Ana López", None),
    ] {
        assert_eq!(mail_system(local, name), expected, "{local} {name}");
    }
    for (local, expected) in [
        ("no-reply", true),
        ("NoReply", true),
        ("no_responder", true),
        ("norma", false),
    ] {
        assert_eq!(is_robot(local), expected, "{local}");
    }
}
