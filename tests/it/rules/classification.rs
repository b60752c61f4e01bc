//! What a mail is (mail.md §2): every mark, first match wins, all matches told.

use soported::domain::classify::{Classification, classify};
use soported::domain::message::{MailClass, Marks};

use super::{BETO, MARIA, SERVICE, Scene, address};

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
