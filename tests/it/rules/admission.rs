//! `#autorizar`, `#revocar`, `#liberar`, `#descartar` (policy.md §1, §5, §9), and whoever only looks
//! like a consultant.

use soported::domain::address::Person;
use soported::domain::directory::Known;
use soported::domain::effect::{Effect, HeldCause, Outcome};
use soported::domain::event::Event;
use soported::domain::held::{HeldMail, HeldState};
use soported::domain::ids::{ClientId, HeldId, InboundId, TicketId};
use soported::domain::letter::{HeldLine, Letter, LetterKind};
use soported::domain::message::{Malformed, Place, Verdict};
use soported::domain::ticket::{ClientRef, Fact, Status, Ticket};
use soported::domain::token::Purpose;
use soported::domain::{contact, desk};

use super::{
    ANA, BETO, BETO_AT_HOME, Decided, LUIS, MARIA, OPERATOR, OURS, PEDRO, RAUL, SERVICE, STRANGER,
    Scene, acme, address, at, globex, policy, ticket,
};

/// What the tables of these tests say of every command: the lists, the clients, held mails 3 to 8.
fn known(mut scene: Scene) -> Scene {
    let person = |text: &str, name: &str| Person::new(address(text), name);
    let case = &mut scene.case;
    let entry = |client: ClientRef, name: &str| Some((client, name.to_owned()));
    let know = |entry, domain_client, held| Known {
        entry,
        domain_client,
        held,
    };
    let waiting = vec![HeldLine {
        number: 3,
        from: PEDRO.to_owned(),
        subject: "No abre el sistema".to_owned(),
        received_at: at("11-24 09:00"),
    }];
    let people = [
        (
            MARIA,
            know(entry(acme(), "María Pérez"), Some(acme()), vec![]),
        ),
        (RAUL, know(entry(acme(), "Raúl Soto"), Some(acme()), vec![])),
        (
            LUIS,
            know(entry(globex(), "Luis Gómez"), Some(globex()), vec![]),
        ),
        (PEDRO, know(None, Some(acme()), waiting)),
        (STRANGER, Known::default()),
    ];
    let people = people.map(|(text, known)| (address(text), known));
    case.directory.people.extend(people);
    case.directory.clients.insert("ACME".to_owned(), acme());
    case.directory.clients.insert("Globex".to_owned(), globex());
    let rosters = [
        (
            acme().id,
            vec![person(MARIA, "María Pérez"), person(RAUL, "Raúl Soto")],
        ),
        (globex().id, vec![person(LUIS, "Luis Gómez")]),
    ];
    case.directory.rosters.extend(rosters);
    for (number, cause, state) in [
        (3, HeldCause::Unauthorized, HeldState::Waiting),
        (4, HeldCause::UnknownDomain, HeldState::Waiting),
        (5, HeldCause::Unauthorized, HeldState::Released),
        (6, HeldCause::Unauthorized, HeldState::Discarded),
        (7, HeldCause::Malformed, HeldState::Waiting),
        (8, HeldCause::Loop, HeldState::Waiting),
        (9, HeldCause::Unprocessable, HeldState::Waiting),
    ] {
        let of_acme = (cause == HeldCause::Unauthorized).then(|| acme().id);
        let read = !matches!(cause, HeldCause::Malformed | HeldCause::Unprocessable);
        let held = HeldMail {
            inbound: InboundId(number + 50),
            cause,
            state,
            received_at: at("11-24 09:00"),
            from: PEDRO.to_owned(),
            subject: "No abre el sistema".to_owned(),
            client: of_acme,
            sender: read.then(|| address(PEDRO)),
            sender_client: of_acme,
            malformed: (!read).then_some(Malformed::NoFrom),
            absent: false,
        };
        case.held.insert(HeldId(number), held);
    }
    scene
}

/// Ana's mail that answers no notice.
fn errand(text: &str) -> Scene {
    known(Scene::from(ANA).subject("Órdenes").text(text))
}

/// Ana's answer to a notice of ACME's ticket.
fn in_thread(text: &str) -> Scene {
    known(Scene::consultant(ANA, ticket(Status::InProgress)).text(text))
}

/// Whether anything of ours was changed: the list, the held mail.
fn changes(decided: &Decided) -> Vec<String> {
    let one = |effect: &Effect| match effect {
        Effect::Authorize { client, person, .. } => {
            Some(format!("authorize {} for {client}", person.address))
        }
        Effect::Revoke {
            client, address, ..
        } => Some(format!("revoke {address} for {client}")),
        Effect::ReleaseHeld { held, release, .. } => Some(format!(
            "release {held} for {:?}",
            release.as_ref().and_then(|r| r.client).map(|c| c.0)
        )),
        Effect::DiscardHeld { held, .. } => Some(format!("discard {held}")),
        _ => None,
    };
    decided.0.effects.iter().filter_map(one).collect()
}

fn problems(decided: &Decided) -> Vec<&'static str> {
    assert_eq!(changes(decided), [""; 0]);
    assert_eq!(decided.sent(), [(LetterKind::CommandErrors, ANA)]);
    match decided.letter(LetterKind::CommandErrors) {
        Letter::CommandErrors { mistakes, .. } => mistakes.iter().map(|m| m.problem).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_person_is_put_on_the_list_of_the_client_that_is_meant() {
    let check = |scene: Scene, wanted: &str| {
        let decided = scene.decide();
        assert_eq!(changes(&decided), [wanted]);
    };
    check(
        errand("#autorizar pedro@acme.example Pedro Gómez"),
        "authorize pedro@acme.example for 1",
    );
    check(
        errand("#autorizar nadie@otro.example Nadie cliente=Globex"),
        "authorize nadie@otro.example for 2",
    );
    check(
        in_thread("#autorizar nadie@otro.example Nadie"),
        "authorize nadie@otro.example for 1",
    );
    // A ticket that is closed is a thread like any other.
    let closed = known(
        Scene::consultant(ANA, ticket(Status::Closed)).text("#autorizar pedro@acme.example Pedro"),
    );
    check(closed, "authorize pedro@acme.example for 1");
}

#[test]
fn everybody_on_the_list_is_told_and_the_consultant_gets_a_receipt() {
    let decided = in_thread("#autorizar pedro@acme.example Pedro Gómez").decide();
    let added = LetterKind::AuthorizerAdded;
    assert_eq!(
        decided.sent(),
        [
            (added, MARIA),
            (added, RAUL),
            (added, PEDRO),
            (LetterKind::AdmissionReceipt, ANA)
        ]
    );
    for mail in decided.mails() {
        if let Letter::AuthorizerAdded(change) = &mail.letter {
            assert_eq!(change.own, mail.to.address == address(PEDRO));
            assert_eq!(change.consultant, "Ana Ruiz");
            assert_eq!(change.asked_by, None, "nobody wrote in the thread");
            assert_eq!(change.authorizers.len(), 3);
        }
    }
    match decided.letter(LetterKind::AdmissionReceipt) {
        Letter::AdmissionReceipt { done, offered } => {
            assert_eq!(done.len(), 1);
            let numbers: Vec<i64> = offered.iter().map(|line| line.number).collect();
            assert_eq!(numbers, [3], "his mail that waits is offered");
        }
        other => panic!("{other:?}"),
    }
    // Who asked is named where the thread tells it.
    let mut asked = ticket(Status::InProgress);
    asked.record(
        at("11-24 09:00"),
        Fact::ClientWrote {
            by: address(MARIA),
            inbound: InboundId(1),
            thanks: false,
        },
    );
    let decided = known(Scene::consultant(ANA, asked).text("#revocar raul@acme.example")).decide();
    let removed = LetterKind::AuthorizerRemoved;
    assert_eq!(
        decided.sent(),
        [
            (removed, MARIA),
            (removed, RAUL),
            (LetterKind::AdmissionReceipt, ANA)
        ]
    );
    for mail in decided.mails() {
        if let Letter::AuthorizerRemoved(change) = &mail.letter {
            assert_eq!(change.asked_by.as_deref(), Some("María Pérez"));
            assert_eq!(change.authorizers.is_empty(), change.own);
        }
    }
}

#[test]
fn a_change_of_the_list_that_cannot_be_is_told() {
    let check = |text: &str, wanted: &[&str]| {
        assert_eq!(problems(&errand(text).decide()), wanted, "{text}");
    };
    check(
        "#autorizar maria@acme.example María",
        &["authorized_already"],
    );
    check(
        "#autorizar luis@globex.example Luis cliente=ACME",
        &["other_client"],
    );
    check(
        "#autorizar pedro@acme.example Pedro cliente=Globex",
        &["other_client"],
    );
    check("#autorizar nadie@otro.example Nadie", &["no_client_known"]);
    check(
        "#autorizar nadie@otro.example Nadie cliente=Otra",
        &["unknown_client"],
    );
    check(
        "#autorizar ana@grupostaff.com Ana cliente=ACME",
        &["our_address"],
    );
    check(
        "#autorizar beto@casa.example Beto cliente=ACME",
        &["our_address"],
    );
    check(
        "#autorizar ops@grupostaff.com Ops cliente=ACME",
        &["our_address"],
    );
    check(
        "#autorizar soporte@grupostaff.com S cliente=ACME",
        &["our_address"],
    );
    check(
        "#autorizar soporte+x@grupostaff.com S cliente=ACME",
        &["our_address"],
    );
    check("#revocar pedro@acme.example", &["not_authorized"]);
    check("#revocar luis@globex.example", &["last_authorizer"]);
    check(
        "#revocar maria@acme.example\n#revocar raul@acme.example",
        &["last_authorizer", "last_authorizer"],
    );
    let elsewhere = in_thread("#revocar luis@globex.example").decide();
    assert_eq!(problems(&elsewhere), ["other_client"]);
    // One bad line, and the good one is not carried out either.
    check(
        "#autorizar pedro@acme.example Pedro\n#revocar luis@globex.example",
        &["last_authorizer"],
    );
}

#[test]
fn the_last_one_may_leave_where_the_same_mail_names_another() {
    let decided = errand("#autorizar eva@globex.example Eva Sol\n#revocar luis@globex.example");
    let mut scene = decided;
    let eva = Known {
        domain_client: Some(globex()),
        ..Known::default()
    };
    let people = &mut scene.case.directory.people;
    people.insert(address("eva@globex.example"), eva);
    let decided = scene.decide();
    assert_eq!(
        changes(&decided),
        [
            "authorize eva@globex.example for 2",
            "revoke luis@globex.example for 2"
        ]
    );
}

#[test]
fn held_mail_comes_in_or_stays_out_by_its_number() {
    let check = |text: &str, wanted: &[&str]| {
        let decided = errand(text).decide();
        assert_eq!(changes(&decided), wanted, "{text}");
        assert_eq!(decided.outcome(), Outcome::Recorded);
        assert_eq!(decided.sent(), [(LetterKind::AdmissionReceipt, ANA)]);
    };
    check("#liberar 3", &["release 3 for Some(1)"]);
    check("#liberar 6", &["release 6 for Some(1)"]);
    check("#liberar 4 cliente=Globex", &["release 4 for Some(2)"]);
    check("#liberar 9", &["release 9 for None"]);
    check(
        "#liberar 3, 6\n#descartar 4, 8",
        &[
            "release 3 for Some(1)",
            "release 6 for Some(1)",
            "discard 4",
            "discard 8",
        ],
    );
    // A release by a consultant begins at the receipt of the mail.
    let release = errand("#liberar 3").decide();
    let starts = release.0.effects.iter().find_map(|effect| match effect {
        Effect::ReleaseHeld { release, by, .. } => {
            assert_eq!(*by, address(ANA));
            release.as_ref().map(|r| r.starts_at)
        }
        _ => None,
    });
    assert_eq!(starts, Some(None));
}

#[test]
fn held_mail_that_cannot_be_decided_about_so_is_told() {
    let check = |text: &str, wanted: &[&str]| {
        assert_eq!(problems(&errand(text).decide()), wanted, "{text}");
    };
    check("#liberar 99", &["no_such_held"]);
    check("#descartar 99", &["no_such_held"]);
    check("#liberar 5", &["held_decided"]);
    check("#descartar 5", &["held_decided"]);
    check("#descartar 6", &["held_decided"]);
    check("#liberar 4", &["no_client_known"]);
    check("#liberar 4 cliente=Otra", &["unknown_client"]);
    check("#liberar 7", &["held_needs_operator"]);
    check("#liberar 8", &["held_stays"]);
    check("#liberar 9 cliente=ACME", &["held_needs_operator"]);
    check("#liberar 3, 99, 5", &["no_such_held", "held_decided"]);
    let named = errand("#liberar 3, 99").decide();
    match named.letter(LetterKind::CommandErrors) {
        Letter::CommandErrors { mistakes, .. } => {
            assert_eq!(mistakes[0].line, "#liberar 3, 99 (99)");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_in_a_closed_ticket_s_thread_do_not_go_out_beside_such_a_command() {
    let scene = known(
        Scene::consultant(ANA, ticket(Status::Closed)).text("#liberar 3\nYa quedó su correo."),
    );
    assert_eq!(problems(&scene.decide()), ["closed"]);
}

/// Every command of this family, in one mail.
const ALL: &str = "#autorizar pedro@acme.example Pedro Gómez\n#revocar raul@acme.example\n\
                   #liberar 3\n#descartar 4";

#[test]
fn whoever_only_looks_like_a_consultant_changes_nothing() {
    let from = |sender: &str| known(Scene::from(sender).subject("Órdenes").text(ALL));
    let named = |sender: &str, name: &str| {
        let mut scene = from(sender);
        scene.mail.from = Ok(Person::new(address(sender), name));
        scene
    };
    let reply_to = |sender: &str| {
        let mut scene = from(sender);
        scene.mail.reply_to = vec![address(ANA)];
        scene
    };
    let thread = |scene: Scene, place, to: &str| {
        let scene = scene.ticket(ticket(Status::InProgress));
        scene.token(place, OURS, to, Purpose::Consultant)
    };
    let is_ours = |to: &str| [ANA, BETO].contains(&to);
    let scenes: Vec<(&str, Scene)> = vec![
        ("forged", from(ANA).verdict(Verdict::Fail)),
        ("nobody vouches", from(ANA).verdict(Verdict::None)),
        ("SPF only, no token", from(ANA).verdict(Verdict::Medium)),
        (
            "another address of his, SPF only",
            from(BETO_AT_HOME).verdict(Verdict::Medium),
        ),
        (
            "another address of his, nobody vouches",
            from(BETO_AT_HOME).verdict(Verdict::None),
        ),
        (
            "forged, with her own token",
            thread(from(ANA).verdict(Verdict::Fail), Place::Recipient, ANA),
        ),
        (
            "nobody vouches, with her own token",
            thread(from(ANA).verdict(Verdict::None), Place::Recipient, ANA),
        ),
        (
            "SPF only, with her own token",
            thread(from(ANA).verdict(Verdict::Medium), Place::Recipient, ANA),
        ),
        (
            "SPF only, answering her own notice",
            thread(from(ANA).verdict(Verdict::Medium), Place::InReplyTo, ANA),
        ),
        (
            "SPF only, with another consultant's token",
            thread(from(ANA).verdict(Verdict::Medium), Place::Recipient, BETO),
        ),
        (
            "SPF only, with a token in the text",
            thread(from(ANA).verdict(Verdict::Medium), Place::Body, ANA),
        ),
        (
            "SPF only, with a client's token",
            from(ANA)
                .verdict(Verdict::Medium)
                .ticket(ticket(Status::InProgress))
                .token(Place::Recipient, OURS, MARIA, Purpose::Client),
        ),
        (
            "SPF only, with a tag",
            from(ANA)
                .verdict(Verdict::Medium)
                .ticket(ticket(Status::InProgress))
                .points(Place::SubjectTag, OURS),
        ),
        (
            "vouched for, within a thread, with another consultant's token",
            thread(from(ANA), Place::Recipient, BETO),
        ),
        (
            "vouched for, within a thread, with a token in the text",
            thread(from(ANA), Place::Body, ANA),
        ),
        ("an outsider with her name", named(STRANGER, "Ana Ruiz")),
        (
            "an outsider with her address for a name",
            named(STRANGER, ANA),
        ),
        ("an outsider with her Reply-To", reply_to(STRANGER)),
        ("an authorizer", from(MARIA)),
        ("an authorizer with her Reply-To", reply_to(MARIA)),
        ("an authorizer with her name", named(MARIA, "Ana Ruiz")),
        (
            "an authorizer with her token",
            thread(from(MARIA), Place::Recipient, ANA),
        ),
        ("a colleague on no list", from(PEDRO)),
        (
            "a colleague with her token",
            thread(from(PEDRO), Place::Recipient, ANA),
        ),
        (
            "an outsider with her token",
            thread(from(STRANGER), Place::Recipient, ANA),
        ),
        (
            "a look-alike domain",
            named("ana@grupostaff.example", "Ana Ruiz"),
        ),
        (
            "a tagged address of hers",
            named("ana+1@grupostaff.com", "Ana Ruiz"),
        ),
        ("our own address", from(SERVICE)),
        ("an operator", from(OPERATOR)),
        ("an authorizer of another client", from(LUIS)),
        (
            "her automatic answer",
            from(ANA).marks(|m| m.auto_submitted = Some("auto-replied".into())),
        ),
        (
            "let in by an operator, forged",
            from(ANA).verdict(Verdict::Fail).released(None),
        ),
        (
            "let in by an operator, nobody vouches",
            from(ANA).verdict(Verdict::None).released(None),
        ),
        (
            "let in by an operator, SPF only",
            from(ANA).verdict(Verdict::Medium).released(None),
        ),
    ];
    assert!(scenes.len() >= 20);
    for (what, scene) in scenes {
        let decided = scene.decide();
        assert_eq!(changes(&decided), [""; 0], "{what}");
        // What is told goes to our own people, and a client's own mail is a request like any other.
        let sender = scene.mail.from.as_ref().unwrap().address.clone();
        let known = [MARIA, RAUL, LUIS, PEDRO].contains(&sender.as_str());
        for (kind, to) in decided.sent() {
            assert!(is_ours(to) || known, "{what}: {kind:?} to {to}");
        }
    }
    // The true one does all of it.
    assert_eq!(changes(&errand(ALL).decide()).len(), 4);
}

/// A ticket of María's passes on.
fn leaves(ticket: Ticket, who: &str, heirs: &[(&str, &str)]) -> Decided {
    let mut scene = Scene::from(ANA).ticket(ticket);
    scene.case.authorizers = heirs
        .iter()
        .map(|(text, name)| Person::new(address(text), name))
        .collect();
    let event = Event::Departure {
        ticket: TicketId(OURS),
        address: address(who),
    };
    Decided(desk::decide(
        &event,
        &scene.case,
        &policy(),
        at("11-24 10:00"),
    ))
}

#[test]
fn a_ticket_passes_to_the_authorizer_listed_first_and_all_of_them_are_told() {
    let heirs = [(PEDRO, "Pedro Gómez"), (RAUL, "Raúl Soto")];
    let decided = leaves(ticket(Status::WaitingClient), MARIA, &heirs);
    let after = decided.ticket();
    assert_eq!(after.requester.address, address(PEDRO));
    assert_eq!(after.requester.name, "Pedro Gómez");
    assert!(!after.may_write(&address(MARIA)));
    let told = LetterKind::TicketPassedOn;
    assert_eq!(decided.sent(), [(told, PEDRO), (told, RAUL)]);
    let withdrawn = Effect::WithdrawFrom {
        ticket: TicketId(OURS),
        to: address(MARIA),
        words: false,
    };
    assert!(decided.0.effects.contains(&withdrawn));
    // Whoever has it now was not asked yet: the plan begins anew.
    let plan = contact::plan(after, &policy()).expect("it waits");
    assert_eq!(plan.asked_at, at("11-24 10:00"));
    assert_eq!(plan.attempts, []);
    // Nobody is on the list: it waits for somebody.
    let nobody = leaves(ticket(Status::New), MARIA, &[]);
    assert_eq!(nobody.0.effects, []);
}

#[test]
fn somebody_who_only_took_part_leaves_the_ticket_to_its_requester() {
    let mut shared = ticket(Status::InProgress);
    shared.participants = vec![Person::new(address(RAUL), "Raúl Soto")];
    let decided = leaves(shared, RAUL, &[(MARIA, "María Pérez")]);
    let after = decided.ticket();
    assert_eq!(after.requester.address, address(MARIA));
    assert!(!after.may_write(&address(RAUL)));
    assert_eq!(decided.sent(), []);
    let left = Fact::Left {
        address: address(RAUL),
        by: None,
    };
    assert_eq!(decided.facts(OURS), [&left]);
    assert_eq!(ClientId(1), after.client.id);
}
