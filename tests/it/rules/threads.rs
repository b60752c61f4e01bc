//! Participants, merged tickets and mails with a ticket of their own (policy.md §1 and §9).

use soported::domain::address::Person;
use soported::domain::case::{Listed, Noticed};
use soported::domain::clock;
use soported::domain::effect::Effect;
use soported::domain::ids::{InboundId, OutboxId, TicketId};
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::message::{Place, Verdict};
use soported::domain::participants::PARTICIPANTS_MAX;
use soported::domain::ticket::{ClosedAs, Fact, Joining, Link, Status, Ticket};
use soported::domain::token::Purpose;

use super::{
    ANA, BETO, Decided, EVA, LUIS, MARIA, OURS, PEDRO, RAUL, STRANGER, Scene, acme, address, at,
    globex, policy, standing, ticket,
};

/// A mail of María's that was filed on ours on Tuesday at 08:40.
const LATER: InboundId = InboundId(61);

fn problems(decided: &Decided) -> Vec<&'static str> {
    assert_eq!(decided.sent(), [(LetterKind::CommandErrors, ANA)]);
    assert_eq!(decided.tickets().len(), 1, "the note, and nothing else");
    match decided.letter(LetterKind::CommandErrors) {
        Letter::CommandErrors { mistakes, .. } => mistakes.iter().map(|m| m.problem).collect(),
        other => panic!("{other:?}"),
    }
}

fn joined(who: &str, name: &str, by: Joining) -> Fact {
    Fact::Joined {
        address: address(who),
        name: name.to_owned(),
        by,
    }
}

fn crowded(ticket: &mut Ticket, count: usize) {
    let people = (0..count).map(|n| Person::new(address(&format!("p{n}@acme.example")), ""));
    ticket.participants = people.collect();
}

fn answer(sender: &str, ticket: Ticket) -> Scene {
    let id = ticket.id.0;
    Scene::from(sender)
        .ticket(ticket)
        .points(Place::KnownInReplyTo, id)
}

#[test]
fn who_answers_joins_where_the_directory_says_that_he_may() {
    let joins = |scene: Scene| {
        let decided = scene.decide();
        let facts = decided.facts(OURS);
        facts.iter().any(|fact| {
            matches!(
                fact,
                Fact::Joined {
                    by: Joining::Replied,
                    ..
                }
            )
        })
    };
    let ours = || ticket(Status::InProgress);
    let raul = answer(RAUL, ours()).decide();
    let as_listed = joined(RAUL, "Raúl Soto", Joining::Replied);
    assert!(raul.facts(OURS).contains(&&as_listed));
    assert!(!joins(answer(MARIA, ours())), "she asked");
    let mut copied = ours();
    copied
        .copied
        .push(Person::new(address(PEDRO), "Pedro Gómez"));
    assert!(!joins(answer(PEDRO, copied.clone())), "on no list");
    let mut allowed = answer(PEDRO, copied.clone());
    allowed.case.standing.colleagues_take_part = true;
    assert!(joins(allowed));
    // Nobody vouches for it: held, and nobody joins.
    let doubtful = answer(RAUL, ours()).verdict(Verdict::None);
    assert_eq!(doubtful.decide().tickets().len(), 0);
    let mut full = ours();
    crowded(&mut full, PARTICIPANTS_MAX);
    let beyond = answer(RAUL, full).decide();
    assert_eq!(beyond.filed(), Some((OURS, "public")));
    assert!(!beyond.facts(OURS).contains(&&as_listed));
}

#[test]
fn who_was_taken_out_comes_back_by_a_consultant_s_word_alone() {
    let mut ours = ticket(Status::InProgress);
    ours.record(at("11-23 10:00"), joined(RAUL, "Raúl", Joining::Replied));
    ours.record(at("11-23 10:00"), joined(PEDRO, "Pedro", Joining::Named));
    for who in [RAUL, PEDRO] {
        let left = Fact::Left {
            address: address(who),
            by: Some(address(ANA)),
        };
        ours.record(at("11-23 11:00"), left);
    }
    assert_eq!((ours.participants.len(), ours.copied.len()), (0, 0));
    // An authorizer still writes there by the directory's word, and is sent nothing.
    let raul = answer(RAUL, ours.clone()).decide();
    assert_eq!(raul.filed(), Some((OURS, "public")));
    assert_eq!(raul.ticket().participants, []);
    // A colleague does not, though the client allows all of them, and though he is copied again.
    let mut pedro = answer(PEDRO, ours.clone());
    pedro.case.standing.colleagues_take_part = true;
    assert_eq!(pedro.decide().held().map(|c| c.name()), Some("third_party"));
    let mut copying = answer(MARIA, ours.clone());
    copying.mail.recipients.push(address(PEDRO));
    assert_eq!(copying.decide().ticket().copied, []);
    let back = Scene::consultant(ANA, ours).text("#cc +pedro@acme.example");
    let back = back.decide();
    assert!(back.ticket().has_participant(&address(PEDRO)));
    assert!(!back.ticket().was_taken_out(&address(PEDRO)));
}

#[test]
fn nobody_of_another_client_s_nor_of_the_house_is_let_in() {
    let cc = |text: &str| {
        let mut ours = ticket(Status::InProgress);
        ours.participants.push(Person::new(address(RAUL), ""));
        let mut scene = Scene::consultant(ANA, ours).text(text);
        for (who, client) in [(LUIS, globex()), (EVA, globex()), (PEDRO, acme())] {
            scene.case.clients_named.insert(address(who), client.id);
        }
        scene.decide()
    };
    assert_eq!(
        problems(&cc("#cc +luis@globex.example")),
        ["another_clients"]
    );
    assert_eq!(
        problems(&cc("#cc +pedro@acme.example +eva@globex.example")),
        ["another_clients"]
    );
    assert_eq!(problems(&cc("#cc +beto@casa.example")), ["ours"]);
    assert_eq!(problems(&cc("#cc +soporte+x@grupostaff.com")), ["ours"]);
    assert_eq!(problems(&cc("#cc +ops@grupostaff.com")), ["ours"]);
    assert_eq!(
        problems(&cc("#cc -maria@acme.example")),
        ["requester_stays"]
    );
    assert_eq!(problems(&cc("#cc -pedro@acme.example")), ["takes_no_part"]);
    let swapped =
        cc("#cc +Pedro Gómez <pedro@acme.example> +nadie@otro.example -raul@acme.example");
    let names: Vec<&str> = swapped
        .ticket()
        .participants
        .iter()
        .map(|p| p.name.as_str())
        .collect();
    assert_eq!(names, ["Pedro Gómez", STRANGER]);
    assert_eq!(swapped.sent(), []);
    // Who takes part already, or asked, is no mistake and no second fact.
    let same = cc("#cc +raul@acme.example +maria@acme.example");
    assert_eq!(same.facts(OURS).len(), 1);
}

#[test]
fn a_ticket_has_room_for_so_many() {
    let decide = |count: usize, text: &str| {
        let mut ours = ticket(Status::InProgress);
        crowded(&mut ours, count);
        Scene::consultant(ANA, ours).text(text).decide()
    };
    let last = decide(PARTICIPANTS_MAX - 1, "#cc +pedro@acme.example");
    assert_eq!(last.ticket().participants.len(), PARTICIPANTS_MAX);
    let full = |text: &str| decide(PARTICIPANTS_MAX, text);
    assert_eq!(
        problems(&full("#cc +pedro@acme.example")),
        ["too_many_people"]
    );
    let swapped = full("#cc +pedro@acme.example -p0@acme.example");
    assert_eq!(swapped.ticket().participants.len(), PARTICIPANTS_MAX);
}

#[test]
fn who_reads_what_is_said_by_mails_that_somebody_vouches_for() {
    for text in ["#cc +pedro@acme.example", "#unir GS-8", "#separar"] {
        let scene = Scene::consultant(ANA, ticket(Status::InProgress))
            .ticket(other(Status::InProgress))
            .text(text)
            .verdict(Verdict::None)
            .released(None);
        assert_eq!(problems(&scene.decide()), ["needs_strong"], "{text}");
    }
    let medium = Scene::consultant(ANA, ticket(Status::InProgress))
        .text("#cc +pedro@acme.example")
        .verdict(Verdict::Medium);
    assert_eq!(medium.decide().ticket().participants.len(), 1);
}

/// Another ticket of ACME's, GS-8, of Raúl's.
fn other(status: Status) -> Ticket {
    Ticket {
        id: TicketId(8),
        requester: Person::new(address(RAUL), "Raúl Soto"),
        ..ticket(status)
    }
}

fn merge(ours: Ticket, root: Ticket) -> Decided {
    Scene::consultant(ANA, ours)
        .ticket(root)
        .text("#unir GS-8")
        .decide()
}

fn root_of(decided: &Decided) -> Ticket {
    let root = decided.tickets().into_iter().find(|t| t.id.0 == 8);
    root.unwrap().clone()
}

#[test]
fn a_merged_ticket_is_closed_and_its_people_take_part_in_the_other() {
    let mut ours = ticket(Status::WaitingClient);
    ours.participants.push(Person::new(address(RAUL), "Raúl"));
    ours.participants.push(Person::new(address(PEDRO), "Pedro"));
    ours.copied.push(Person::new(address(STRANGER), ""));
    let mut root = other(Status::InProgress);
    root.assignee = Some(address(BETO));
    let decided = merge(ours, root.clone());
    let merged = decided.tickets()[0];
    assert_eq!(merged.closed_as, Some(ClosedAs::Duplicate));
    assert_eq!(merged.merged_into(), Some(TicketId(8)));
    let after = root_of(&decided);
    let part: Vec<&str> = after
        .participants
        .iter()
        .map(|p| p.address.as_str())
        .collect();
    assert_eq!(part, [MARIA, PEDRO]);
    assert_eq!(after.copied.len(), 1);
    let link = Fact::Linked {
        link: Link::MergedFrom,
        ticket: TicketId(OURS),
    };
    assert!(decided.facts(8).contains(&&link));
    // One letter to each of them, and one to whoever has the other ticket.
    assert_eq!(
        decided.sent(),
        [
            (LetterKind::Closed, MARIA),
            (LetterKind::Closed, RAUL),
            (LetterKind::Closed, PEDRO),
            (LetterKind::ConsultantMerged, BETO),
        ]
    );
    // The clocks of the other one are what they were.
    let clock = |ticket: &Ticket| clock::response(ticket, &policy());
    assert_eq!(clock(&after), clock(&root));
    assert_eq!(after.status, Status::InProgress);
}

#[test]
fn nothing_is_merged_across_clients_nor_in_a_circle_nor_beyond_the_room_there_is() {
    let ours = || ticket(Status::InProgress);
    let foreign = Ticket {
        client: globex(),
        ..other(Status::InProgress)
    };
    assert_eq!(problems(&merge(ours(), foreign)), ["unknown_ticket"]);
    assert_eq!(
        problems(&merge(ours(), other(Status::Closed))),
        ["other_closed"]
    );
    // What was merged is closed, and so takes nothing in; nor is it reopened beside the other.
    let mut merged = other(Status::Closed);
    let link = Fact::Linked {
        link: Link::MergedInto,
        ticket: TicketId(OURS),
    };
    merged.record(at("11-23 10:00"), link.clone());
    assert_eq!(problems(&merge(ours(), merged)), ["other_closed"]);
    let mut closed = ticket(Status::Closed);
    closed.record(at("11-23 10:00"), link);
    let reopen = Scene::consultant(ANA, closed).text("#reabrir").decide();
    assert_eq!(problems(&reopen), ["continued"]);
    let mut full = other(Status::InProgress);
    crowded(&mut full, PARTICIPANTS_MAX);
    assert_eq!(problems(&merge(ours(), full)), ["too_many_people"]);
    let itself = Scene::consultant(ANA, ours()).text("#unir GS-7").decide();
    assert_eq!(problems(&itself), ["itself"]);
}

#[test]
fn a_call_is_official_once_the_client_s_own_mail_is_merged_into_it() {
    let mut ours = ticket(Status::New);
    let wrote = Fact::ClientWrote {
        by: address(MARIA),
        inbound: LATER,
        thanks: false,
    };
    ours.record(ours.opened_at, wrote);
    assert_eq!(ours.opening_mail(), Some(LATER));
    let mut call = other(Status::Provisional);
    call.official = false;
    let decided = merge(ours.clone(), call);
    let after = root_of(&decided);
    assert!(after.official);
    assert_eq!(after.status, Status::New);
    // A wait that the call has come to meanwhile is not ended by it.
    let mut waits = other(Status::WaitingClient);
    waits.official = false;
    let after = root_of(&merge(ours, waits));
    assert!(after.official);
    assert_eq!(after.status, Status::WaitingClient);
}

/// Ours, answered on Monday, with a mail of Raúl's on Tuesday and its notice in Ana's hand.
fn with_later() -> Scene {
    let mut ours = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    ours.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    ours.record(at("11-24 08:40"), joined(RAUL, "Raúl", Joining::Replied));
    let wrote = Fact::ClientWrote {
        by: address(RAUL),
        inbound: LATER,
        thanks: false,
    };
    ours.record(at("11-24 08:40"), wrote);
    ours.thread
        .references
        .push("primero@acme.example".to_owned());
    ours.thread.last_id = Some("luego@acme.example".to_owned());
    let mut scene = Scene::consultant(ANA, ours).text("#separar");
    scene.case.noticed = Some(Noticed {
        inbound: LATER,
        message_id: "luego@acme.example".to_owned(),
        from: address(RAUL),
        subject: "RE: [alta] Falla en nómina [GS-7]".to_owned(),
        received_at: at("11-24 08:40"),
        text: "Aparte: el reporte no abre.".to_owned(),
        filed_on: TicketId(OURS),
        opened: false,
        listed: standing(RAUL).listed,
    });
    scene
}

fn split_of(decided: &Decided) -> Ticket {
    let new = decided.tickets().into_iter().find(|t| t.id.0 == 42);
    new.unwrap().clone()
}

#[test]
fn a_mail_with_a_ticket_of_its_own_is_owed_an_answer_there_and_nowhere_else() {
    let scene = with_later();
    let before = &scene.case.tickets[&TicketId(OURS)];
    assert!(clock::next_reply(before, &policy()).is_some());
    let decided = scene.decide();
    let old = decided.tickets()[0];
    assert_eq!(clock::next_reply(old, &policy()), None);
    // The next mail of the old thread answers the one before.
    assert_eq!(old.thread.last_id.as_deref(), Some("primero@acme.example"));
    assert_eq!(old.status, Status::InProgress);
    let new = split_of(&decided);
    assert_eq!(new.requester.address, address(RAUL));
    assert_eq!(new.requester.name, "Raúl Soto");
    assert_eq!(new.thread.last_id.as_deref(), Some("luego@acme.example"));
    assert_eq!(new.thread.references, Vec::<String>::new());
    assert_eq!(new.thread.subject, "[alta] Falla en nómina");
    assert_eq!(new.opening_mail(), Some(LATER));
    let clock = clock::response(&new, &policy());
    // High by its own subject, from its own receipt.
    assert_eq!(
        (clock.start, clock.limit_at),
        (at("11-24 08:40"), at("11-24 12:40"))
    );
    let moved = decided.0.effects.iter().any(|effect| {
        matches!(effect, Effect::MoveMail { inbound, from, to, .. }
            if *inbound == LATER && from.0 == OURS && to.0 == 42)
    });
    assert!(moved);
    assert_eq!(
        decided.sent(),
        [
            (LetterKind::SplitOff, RAUL),
            (LetterKind::ConsultantNewTicket, ANA),
        ]
    );
}

#[test]
fn a_promise_that_has_run_out_is_not_given() {
    let promised = |now: &str| {
        let decided = with_later().at(now).decide();
        match decided.letter(LetterKind::SplitOff) {
            Letter::SplitOff { limit_at, .. } => *limit_at,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(promised("11-24 12:00"), Some(at("11-24 12:40")));
    assert_eq!(promised("11-24 12:40"), None);
    assert_eq!(promised("11-26 10:00"), None);
}

#[test]
fn only_who_may_open_a_ticket_has_one() {
    let requester = |listed: Option<Listed>| {
        let mut scene = with_later();
        scene.case.noticed.as_mut().unwrap().listed = listed;
        split_of(&scene.decide())
    };
    let raul = standing(RAUL).listed.unwrap();
    let closed_to_him = Listed {
        can_open: false,
        ..raul.clone()
    };
    let foreign = Listed {
        client: globex(),
        ..raul
    };
    for listed in [None, Some(closed_to_him), Some(foreign)] {
        let new = requester(listed);
        assert_eq!(new.requester.address, address(MARIA));
        assert_eq!(new.client, acme());
        // He took part, and so goes along.
        assert!(new.has_participant(&address(RAUL)));
    }
}

#[test]
fn what_is_no_later_mail_of_the_client_s_on_this_ticket_is_not_split_off() {
    let refused = |change: fn(&mut Scene)| {
        let mut scene = with_later();
        change(&mut scene);
        problems(&scene.decide())
    };
    assert_eq!(refused(|s| s.case.noticed = None), ["no_client_mail"]);
    assert_eq!(
        refused(|s| s.case.noticed.as_mut().unwrap().opened = true),
        ["opening_mail"]
    );
    assert_eq!(
        refused(|s| s.case.noticed.as_mut().unwrap().filed_on = TicketId(8)),
        ["no_client_mail"]
    );
    assert_eq!(
        refused(|s| s.case.noticed.as_mut().unwrap().inbound = InboundId(62)),
        ["no_client_mail"]
    );
    assert_eq!(
        refused(|s| {
            let ours = s.case.tickets.get_mut(&TicketId(OURS)).unwrap();
            let moved = Fact::MailMoved {
                inbound: LATER,
                to: TicketId(41),
                by: address(ANA),
            };
            ours.record(at("11-24 09:00"), moved);
        }),
        ["moved_already"]
    );
    assert_eq!(
        refused(|s| s.mail.text = "#separar\nBuen día".to_owned()),
        ["words_with_split"]
    );
    let noted = with_later().text("#nota\n#separar\nEs otra cosa").decide();
    assert_eq!(split_of(&noted).status, Status::New);
}

#[test]
fn a_ticket_that_was_split_off_has_a_chain_of_its_own() {
    let mut new = ticket(Status::InProgress);
    let link = Fact::Linked {
        link: Link::SplitFrom,
        ticket: TicketId(8),
    };
    new.record(at("11-24 09:00"), link);
    let mut scene = Scene::from(MARIA)
        .ticket(new)
        .ticket(other(Status::InProgress))
        .token(Place::References(0), OURS, MARIA, Purpose::Client)
        .points(Place::KnownReferences(1), OURS)
        .points(Place::KnownReferences(2), 8);
    let ids = [
        "viejo@acme.example",
        "luego@acme.example",
        "nuestro@x.example",
    ];
    scene.mail.references = ids.map(str::to_owned).to_vec();
    let decided = scene.decide();
    assert_eq!(decided.ticket().thread.references, ids[1..]);
}
