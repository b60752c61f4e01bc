//! `domain::registering`: whose ticket it becomes, who may order it, who makes it official.

use soported::domain::authorizer::Authorizer;
use soported::domain::company::Company;
use soported::domain::letter::Letter;
use soported::domain::message::Forwarded;

use super::*;

fn entry(name: &str, main: &str) -> Authorizer {
    Authorizer {
        person: Person::new(address(main), name),
        can_open: true,
        can_approve: true,
        can_validate: true,
        from: None,
        until: None,
    }
}

fn directory() -> Vec<Company> {
    let company = |client: ClientRef, domain: &str, authorizers| Company {
        client,
        domains: vec![domain.to_owned()],
        authorizers,
    };
    let mut past = entry("Olga Paz", "olga@acme.example");
    past.until = "2026-11-23".parse().ok();
    let mut reader = entry("Eva Sol", "eva@acme.example");
    reader.can_open = false;
    vec![
        company(
            acme(),
            "acme.example",
            vec![
                reader,
                entry("María Pérez", MARIA),
                past,
                entry("Raúl Soto", RAUL),
            ],
        ),
        company(globex(), "globex.example", vec![entry("Luis Gómez", LUIS)]),
    ]
}

/// Ana's mail of 10:00 with these words.
fn registers(text: &str) -> Scene {
    let mut scene = Scene::from(ANA).text(text);
    scene.case.companies = directory();
    scene
}

/// Whose ticket these words open, or what is wrong with them.
fn check(text: &str, sender: Option<&str>, wanted: &str) {
    let mut scene = registers("De: …");
    match sender {
        None => scene = scene.text(text),
        Some(sender) => {
            scene.mail.forwarded = Some(Forwarded {
                from: Some(address(sender)).filter(|_| !sender.starts_with('-')),
                subject: "Falla".to_owned(),
                text: "No abre.".to_owned(),
                comment: text.to_owned(),
            });
        }
    }
    let decided = scene.decide();
    let found = match decided.outcome() {
        Outcome::Opened => decided.ticket().requester.address.to_string(),
        _ => match decided.letter(LetterKind::CommandErrors) {
            Letter::CommandErrors { mistakes, .. } => {
                let problems: Vec<&str> = mistakes.iter().map(|m| m.problem).collect();
                problems.join(" ")
            }
            other => panic!("{other:?}"),
        },
    };
    assert_eq!(found, wanted, "{text} {sender:?}");
}

#[test]
fn whose_ticket_it_is_follows_from_what_is_written_and_then_from_the_mail_passed_on() {
    check(
        "#nuevo cliente=acme autorizador=raul@acme.example",
        None,
        RAUL,
    );
    check("#nuevo cliente=ACME. autorizador=maría pérez", None, MARIA);
    check("#nuevo cliente=A autorizador=Mar", None, MARIA);
    check("#nuevo autorizador=luis@globex.example", None, LUIS);
    check("#nuevo cliente=Globex", None, LUIS);
    check("#nuevo", None, "client_unsaid");
    check("#nuevo autorizador=Luis", None, "client_unsaid");
    check("#nuevo cliente=Initech", None, "unknown_client");
    check("#nuevo cliente=ACME", None, "authorizer_unsaid");
    check(
        "#nuevo cliente=ACME autorizador=Luis",
        None,
        "unknown_authorizer",
    );
    check(
        "#nuevo cliente=ACME autorizador=Olga",
        None,
        "unknown_authorizer",
    );
    check(
        "#nuevo cliente=ACME autorizador=Eva",
        None,
        "unknown_authorizer",
    );
    check(
        "#nuevo autorizador=otro@globex.example",
        None,
        "unknown_authorizer",
    );
    check("#nuevo", Some(RAUL), RAUL);
    check("#nuevo", Some(PEDRO), "unknown_authorizer");
    check("#nuevo", Some(STRANGER), "client_unsaid");
    check("#nuevo cliente=Globex", Some(RAUL), "unknown_authorizer");
    check("#nuevo autorizador=María", Some(PEDRO), MARIA);
    check(
        "#nuevo cliente=Globex autorizador=Luis",
        Some(STRANGER),
        LUIS,
    );
}

#[test]
fn only_a_consultant_of_strong_authentication_registers() {
    let order = "#nuevo cliente=Globex";
    let problem = |scene: Scene| match scene.decide().letter(LetterKind::CommandErrors) {
        Letter::CommandErrors { mistakes, .. } => mistakes[0].problem,
        other => panic!("{other:?}"),
    };
    for verdict in [Verdict::Medium, Verdict::None, Verdict::Fail] {
        let let_in = registers(order).verdict(verdict).released(None);
        assert_eq!(problem(let_in), "needs_strong", "{verdict:?}");
    }
    let by_release = registers(order).released(None).decide();
    assert_eq!(by_release.outcome(), Outcome::Opened);
    let mut client = Scene::from(LUIS).text(order);
    client.case.companies = directory();
    assert_eq!(client.decide().ticket().status, Status::New);
}

#[test]
fn the_client_s_side_is_sent_nothing_but_the_request() {
    let decided = registers("#nuevo cliente=ACME autorizador=Raúl\n\nNo abre.").decide();
    let ticket = decided.ticket();
    assert_eq!(
        (ticket.status, ticket.official),
        (Status::Provisional, false)
    );
    assert_eq!(
        decided.sent(),
        [
            (LetterKind::FormalizeRequest, MARIA),
            (LetterKind::FormalizeRequest, RAUL),
            (LetterKind::ConsultantRegistered, ANA),
        ]
    );
    let purposes: Vec<Purpose> = decided.mails().iter().map(|mail| mail.purpose).collect();
    assert_eq!(
        purposes,
        [Purpose::Client, Purpose::Client, Purpose::Consultant]
    );
}

#[test]
fn the_request_s_times_count_from_when_it_is_made() {
    // Received on Saturday, decided on Monday at noon: nobody was there to ask.
    let mut scene = registers("#nuevo cliente=Globex").at("11-28 10:00");
    scene.now = at("11-30 12:00");
    let decided = scene.decide();
    let ticket = decided.ticket();
    assert_eq!(ticket.opened_at, at("11-28 10:00"));
    let call = soported::domain::waits::formalizing(ticket, &policy()).unwrap();
    assert_eq!(call.remind_at, Some(at("11-30 14:00")));
    assert_eq!(call.decide_at, Some(at("12-01 18:00")));
}

#[test]
fn only_an_authorizer_who_may_open_tickets_makes_one_official() {
    let official = |can_open: bool| {
        let mut provisional = ticket(Status::Provisional);
        provisional.official = false;
        let mut scene = Scene::from(RAUL)
            .ticket(provisional)
            .points(Place::InReplyTo, OURS);
        if let Some(listed) = &mut scene.case.standing.listed {
            listed.can_open = can_open;
        }
        let decided = scene.decide();
        let after = decided.ticket();
        (after.status, after.official)
    };
    assert_eq!(official(true), (Status::New, true));
    assert_eq!(official(false), (Status::Provisional, false));
}
