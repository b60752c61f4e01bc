//! The acknowledgement: what it promises, and to whom it never goes (policy.md §3; mail.md §2).

use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{Marks, Place, Verdict};
use soported::domain::ticket::Status;
use soported::domain::token::Purpose;

use super::{LUIS, MARIA, OURS, PEDRO, RAUL, SERVICE, STRANGER, Scene, at, ticket};

#[test]
fn it_promises_the_limit_of_the_priority_in_and_out_of_hours() {
    let check = |received: &str, priority: &str, limit: &str, opens: Option<&str>| {
        let decided = Scene::from(MARIA)
            .at(received)
            .subject(&format!("[{priority}] Falla"))
            .decide();
        match decided.letter(LetterKind::Acknowledgement) {
            Letter::Acknowledgement {
                limit_at,
                in_hours,
                opens_at,
                name,
                ..
            } => {
                assert_eq!(*limit_at, at(limit), "{received} {priority}");
                assert_eq!(*in_hours, opens.is_none(), "{received}");
                assert_eq!(*opens_at, at(opens.unwrap_or(received)), "{received}");
                assert_eq!(name, "María Pérez");
            }
            other => panic!("{other:?}"),
        }
        let mail = decided.mails()[0];
        assert_eq!(mail.not_before, at(received), "at once, day and night");
        assert_eq!(mail.to.address.as_str(), MARIA);
    };
    // Tuesday morning. A business day has nine and a half hours.
    check("11-24 10:00", "crítica", "11-24 10:30", None);
    check("11-24 10:00", "alta", "11-24 14:00", None);
    check("11-24 10:00", "media", "11-25 16:30", None);
    check("11-24 10:00", "baja", "11-26 15:00", None);
    // Friday 17:45: a quarter of an hour is left before the weekend.
    check("11-27 17:45", "crítica", "11-30 08:45", None);
    check("11-27 17:45", "alta", "11-30 12:15", None);
    // Closed at 18:00 sharp, at night, on Saturday, and on Christmas.
    check("11-27 18:00", "crítica", "11-30 09:00", Some("11-30 08:30"));
    check("11-24 03:00", "media", "11-25 15:00", Some("11-24 08:30"));
    check("11-28 12:00", "alta", "11-30 12:30", Some("11-30 08:30"));
    check("12-25 12:00", "alta", "12-28 12:30", Some("12-28 08:30"));
}

fn acknowledged(scene: &Scene) -> Vec<String> {
    scene
        .decide()
        .sent()
        .into_iter()
        .filter(|(kind, _)| *kind == LetterKind::Acknowledgement)
        .map(|(_, to)| to.to_owned())
        .collect()
}

#[test]
fn it_goes_to_the_sender_of_the_opening_mail_and_to_nobody_else() {
    let mut scene = Scene::from(MARIA);
    // Reply-To never gives identity, and copies are not answered.
    scene.mail.reply_to = vec![super::address(STRANGER)];
    scene.mail.recipients.push(super::address(LUIS));
    assert_eq!(acknowledged(&scene), [MARIA]);
    let medium = Scene::from(RAUL).verdict(Verdict::Medium);
    assert_eq!(acknowledged(&medium), [RAUL]);
    let token = Scene::from(MARIA)
        .verdict(Verdict::None)
        .ticket(ticket(Status::Closed))
        .token(Place::Recipient, OURS, MARIA, Purpose::Client);
    assert_eq!(acknowledged(&token), [MARIA]);
}

#[test]
fn it_never_goes_to_machines_lists_ourselves_or_those_nobody_vouches_for() {
    let marks: [&dyn Fn(&mut Marks); 9] = [
        &|m| m.auto_submitted = Some("auto-generated".into()),
        &|m| m.delivery_status_part = true,
        &|m| m.report_type = Some("disposition-notification".into()),
        &|m| m.report_type = Some("feedback-report".into()),
        &|m| m.list_headers = vec!["list-unsubscribe".into()],
        &|m| m.precedence = Some("bulk".into()),
        &|m| m.calendar_only = true,
        &|m| m.suppress = vec!["all".into()],
        &|m| m.own_message_id = true,
    ];
    for set in marks {
        assert_eq!(
            acknowledged(&Scene::from(MARIA).marks(set)),
            Vec::<String>::new()
        );
    }
    for silent in [
        Scene::from(SERVICE),
        Scene::from(STRANGER),
        Scene::from(PEDRO),
        Scene::from(MARIA).verdict(Verdict::None),
        Scene::from(MARIA).verdict(Verdict::Fail),
    ] {
        assert_eq!(acknowledged(&silent), Vec::<String>::new());
    }
    // Only the mail that opens a ticket ever is.
    let reply = Scene::from(MARIA)
        .ticket(ticket(Status::New))
        .points(Place::InReplyTo, OURS);
    assert_eq!(acknowledged(&reply), Vec::<String>::new());
}
