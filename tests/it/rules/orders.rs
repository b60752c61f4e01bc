//! Commands that are carried out, and commands that are refused (policy.md §5, §8, §9).

use soported::domain::address::Person;
use soported::domain::clock;
use soported::domain::contact;
use soported::domain::effect::{Effect, Manner};
use soported::domain::event::Event;
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::{AlertReason, Letter, LetterKind};
use soported::domain::message::Verdict;
use soported::domain::ticket::{ClosedAs, Fact, Kind, Link, Priority, Status, Ticket};

use super::due::alerts;
use super::{
    ANA, BETO, Decided, INBOUND, MARIA, OURS, PEDRO, Scene, address, at, globex, policy, ticket,
};

fn orders(ticket: Ticket, text: &str) -> Decided {
    Scene::consultant(ANA, ticket).text(text).decide()
}

/// The problems told to the consultant; nothing else may have happened.
fn problems(decided: &Decided) -> Vec<&'static str> {
    assert_eq!(decided.sent(), [(LetterKind::CommandErrors, ANA)]);
    let noted = Fact::ConsultantNoted {
        by: address(ANA),
        inbound: INBOUND,
    };
    assert_eq!(decided.facts(OURS), [&noted]);
    assert_eq!(alerts(&decided.0), []);
    match decided.letter(LetterKind::CommandErrors) {
        Letter::CommandErrors { mistakes, .. } => mistakes.iter().map(|m| m.problem).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_bad_line_and_nothing_is_carried_out() {
    let check = |text: &str, expected: &[&str]| {
        let decided = orders(ticket(Status::InProgress), text);
        assert_eq!(problems(&decided), expected, "{text}");
        assert_eq!(decided.ticket().status, Status::InProgress);
    };
    check("#prioridad alta\n#espra cliente\nHola", &["unknown_word"]);
    check("#resuelto", &["needs_text"]);
    check("#espera cliente", &["needs_text"]);
    check("#nota\n#espera cliente\nHola", &["note_and_text"]);
    check("#asignar Carmen", &["unknown_consultant"]);
    check("#duplicado GS-99", &["unknown_ticket"]);
    check("#duplicado GS-7", &["itself"]);
    check("#reabrir", &["not_closed"]);
    check("#intento telefono", &["no_plan"]);
    check("#cerrar desatendido", &["not_exhausted"]);
    check("Hola:\n#cerrar validado\nSaludos", &["misplaced"]);
    check(
        "#resuelto\n#espera cliente\n#prioridad urgentísima\nHola",
        &["bad_argument", "contradiction"],
    );
}

#[test]
fn text_and_command_in_one_mail_do_both() {
    let decided = orders(ticket(Status::New), "#espera cliente\n¿Qué versión usa?");
    assert_eq!(decided.ticket().status, Status::WaitingClient);
    assert_eq!(decided.sent(), [(LetterKind::RelayedReply, MARIA)]);
    match decided.letter(LetterKind::RelayedReply) {
        Letter::RelayedReply { text, next_at, .. } => {
            assert_eq!(text, "¿Qué versión usa?");
            assert_eq!(*next_at, Some(at("12-01 10:00")));
        }
        other => panic!("{other:?}"),
    }
    let queued = Fact::ReplyQueued {
        by: address(ANA),
        inbound: INBOUND,
    };
    assert_eq!(decided.facts(OURS)[0], &queued);
    let mail = decided.mails()[0];
    assert_eq!(mail.manner, Manner::Human);
}

#[test]
fn a_solution_says_how_to_confirm_it() {
    let decided = orders(ticket(Status::InProgress), "#resuelto\nYa quedó.");
    assert_eq!(decided.sent(), [(LetterKind::SolutionProposed, MARIA)]);
    assert_eq!(decided.ticket().status, Status::Proposed);
    assert!(contact::plan(decided.ticket(), &policy()).is_some());
}

#[test]
fn another_priority_moves_the_response_clock_and_never_breaches_by_itself() {
    // Medium since Monday 09:00: limit Tuesday 15:30. Raised on Tuesday at 10:00.
    let limit = |ticket: &Ticket| clock::response(ticket, &policy()).limit_at;
    let high = orders(ticket(Status::New), "#prioridad alta");
    assert_eq!(limit(high.ticket()), at("11-24 14:00"), "change + 4 h");
    let critical = orders(ticket(Status::New), "#prioridad crítica");
    assert_eq!(
        limit(critical.ticket()),
        at("11-24 10:30"),
        "change + 30 min"
    );
    let low = orders(ticket(Status::New), "#prioridad baja");
    assert_eq!(limit(low.ticket()), at("11-25 14:00"), "start + 24 h");
    // Raised late: the old limit stands where it is nearer.
    let late = Scene::consultant(ANA, ticket(Status::New))
        .at("11-24 15:00")
        .text("#prioridad alta")
        .decide();
    assert_eq!(limit(late.ticket()), at("11-24 15:30"));
    assert_eq!(
        late.ticket().kind,
        Kind::TechnicalRegular,
        "only #tipo changes it"
    );
}

#[test]
fn what_turns_critical_pages_level_1_and_whoever_is_on_call() {
    let decided = Scene::consultant(BETO, ticket(Status::New))
        .text("#prioridad crítica")
        .decide();
    let paged = alerts(&decided.0);
    assert_eq!(paged, [(ANA, AlertReason::TurnedCritical, None)]);
    let by_ana = orders(ticket(Status::New), "#prioridad crítica");
    let paged = alerts(&by_ana.0);
    assert_eq!(paged, [(BETO, AlertReason::TurnedCritical, None)]);
    let again = orders(by_ana.ticket().clone(), "#prioridad critica");
    assert_eq!(alerts(&again.0), []);
}

#[test]
fn another_kind_moves_the_solution_clock_by_the_same_rules() {
    let mut policy = policy();
    let hours = chrono::Duration::hours;
    policy
        .solution
        .get_mut(&Kind::TechnicalUrgent)
        .unwrap()
        .limit = hours(4);
    policy.solution.get_mut(&Kind::Investigation).unwrap().limit = hours(16);
    let mut before = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    before.record(
        at("11-24 09:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    let due = |text: &str, when: &str| {
        let decided = Scene::consultant(ANA, before.clone()).at(when).text(text);
        let after = decided.decide().ticket().clone();
        clock::solution(&after, &policy, at("11-24 17:00")).due_at
    };
    assert_eq!(due("#nota", "11-24 10:00"), Some(at("11-24 15:00")));
    assert_eq!(due("#tipo urgente", "11-24 10:00"), Some(at("11-24 14:00")));
    assert_eq!(due("#tipo urgente", "11-24 13:00"), Some(at("11-24 15:00")));
    assert_eq!(
        due("#tipo investigación", "11-24 10:00"),
        Some(at("11-25 15:30"))
    );
}

#[test]
fn a_level_hands_the_ticket_over_with_its_history() {
    let mut before = ticket(Status::InProgress);
    before.assignee = Some(address(ANA));
    let decided = orders(before, "#nivel 2");
    let after = decided.ticket();
    assert_eq!((after.level, &after.assignee), (2, &None));
    assert_eq!(decided.sent(), [(LetterKind::ConsultantHandover, BETO)]);
    match decided.letter(LetterKind::ConsultantHandover) {
        Letter::ConsultantHandover(handover) => {
            assert_eq!(handover.by, "Ana Ruiz");
            assert!(!handover.assigned);
            assert_eq!(handover.response_due_at, Some(at("11-24 15:30")));
            let what: Vec<&str> = handover.history.iter().map(|line| line.what).collect();
            assert_eq!(what, ["opened", "status", "noted", "level"]);
        }
        other => panic!("{other:?}"),
    }
    // No clock changes (policy.md §8).
    let limit = |ticket: &Ticket| clock::response(ticket, &policy()).limit_at;
    assert_eq!(limit(after), limit(&ticket(Status::InProgress)));
    let same = orders(ticket(Status::InProgress), "#nivel 1");
    assert_eq!(same.sent(), []);
}

#[test]
fn a_ticket_is_given_to_somebody_by_name_or_address() {
    let check = |text: &str, owner: &str, told: &[(LetterKind, &str)]| {
        let decided = orders(ticket(Status::InProgress), text);
        assert_eq!(decided.ticket().assignee, Some(address(owner)), "{text}");
        assert_eq!(decided.sent(), told, "{text}");
    };
    let beto = [(LetterKind::ConsultantHandover, BETO)];
    check("#asignar yo", ANA, &[]);
    check("#asignar Beto", BETO, &beto);
    check("#asignar Beto Díaz", BETO, &beto);
    check("#asignar beto@casa.example", BETO, &beto);
    check("#asignar a ana@grupostaff.com", ANA, &[]);
}

#[test]
fn a_case_with_microsoft_is_level_4_and_the_client_is_told_its_number() {
    let decided = orders(ticket(Status::InProgress), "#microsoft 2411230001");
    let after = decided.ticket();
    assert_eq!((after.status, after.level), (Status::WaitingThirdParty, 4));
    assert_eq!(after.case_number(), Some("2411230001"));
    let to_client = decided.sent();
    assert_eq!(to_client[0], (LetterKind::MicrosoftCase, MARIA));
    match decided.letter(LetterKind::MicrosoftCase) {
        // Two business days after Tuesday 10:00.
        Letter::MicrosoftCase { case, next_at, .. } => {
            assert_eq!(
                (case.as_str(), *next_at),
                ("2411230001", Some(at("11-26 10:00")))
            );
        }
        other => panic!("{other:?}"),
    }
    let with_words = orders(
        ticket(Status::InProgress),
        "#microsoft 2411230001\nLevantamos el caso con el fabricante.",
    );
    match with_words.letter(LetterKind::RelayedReply) {
        Letter::RelayedReply { ticket, .. } => {
            assert_eq!(ticket.case.as_deref(), Some("2411230001"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_duplicate_is_closed_and_both_are_tied() {
    let mut other = ticket(Status::InProgress);
    other.id = TicketId(8);
    let scene = Scene::consultant(ANA, ticket(Status::InProgress))
        .ticket(other.clone())
        .text("#duplicado gs-8");
    let decided = scene.decide();
    let link = |link, ticket| Fact::Linked {
        link,
        ticket: TicketId(ticket),
    };
    assert!(decided.facts(OURS).contains(&&link(Link::DuplicateOf, 8)));
    assert_eq!(decided.facts(8), [&link(Link::Duplicate, OURS)]);
    let ours = decided
        .tickets()
        .into_iter()
        .find(|t| t.id.0 == OURS)
        .unwrap();
    assert_eq!(ours.closed_as, Some(ClosedAs::Duplicate));
    match decided.letter(LetterKind::Closed) {
        Letter::Closed { duplicate_of, .. } => assert_eq!(duplicate_of.as_deref(), Some("GS-8")),
        other => panic!("{other:?}"),
    }
    other.client = globex();
    let foreign = Scene::consultant(ANA, ticket(Status::InProgress))
        .ticket(other)
        .text("#duplicado GS-8")
        .decide();
    assert_eq!(problems(&foreign), ["unknown_ticket"]);
}

#[test]
fn a_close_needs_the_receiving_server_s_full_word() {
    let medium = Scene::consultant(ANA, ticket(Status::InProgress))
        .verdict(Verdict::Medium)
        .text("#cerrar cancelado ya no se usa")
        .decide();
    assert_eq!(problems(&medium), ["needs_strong"]);
    let other = Scene::consultant(ANA, ticket(Status::InProgress))
        .verdict(Verdict::Medium)
        .text("#espera tercero")
        .decide();
    assert_eq!(other.ticket().status, Status::WaitingThirdParty);
}

#[test]
fn reopening_is_for_a_few_business_days_and_not_beside_a_successor() {
    // Closed on Monday 23 November; the fifth business day after it is the 30th.
    let reopened = |now: &str| {
        Scene::consultant(ANA, ticket(Status::Closed))
            .at(now)
            .text("#reabrir")
            .decide()
    };
    assert_eq!(reopened("11-30 17:00").ticket().status, Status::InProgress);
    assert_eq!(problems(&reopened("12-01 08:00")), ["too_late"]);
    let mut continued = ticket(Status::Closed);
    continued.record(
        at("11-23 12:00"),
        Fact::Linked {
            link: Link::ContinuedBy,
            ticket: TicketId(9),
        },
    );
    assert_eq!(problems(&orders(continued, "#reabrir")), ["continued"]);
}

fn waiting() -> Ticket {
    let mut ticket = ticket(Status::WaitingClient);
    let outbox = OutboxId(1);
    ticket.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    ticket
}

#[test]
fn a_call_is_recorded_once_a_day_and_up_to_the_last_attempt() {
    let first = orders(waiting(), "#intento telefono dejé recado");
    let call = Fact::AttemptByPhone {
        number: 1,
        by: address(ANA),
    };
    assert!(first.facts(OURS).contains(&&call));
    assert_eq!(first.sent(), []);
    let second = orders(first.ticket().clone(), "#intento telefono");
    assert_eq!(problems(&second), ["tried_today"]);
    let with_state = orders(waiting(), "#intento telefono\n#en-proceso");
    assert_eq!(problems(&with_state), ["attempt_and_state"]);
    let mut all = waiting();
    for (number, when) in [(1, "11-18 10:00"), (2, "11-19 10:00"), (3, "11-20 10:00")] {
        all.record(
            at(when),
            Fact::AttemptByPhone {
                number,
                by: address(ANA),
            },
        );
    }
    assert_eq!(problems(&orders(all, "#intento telefono")), ["all_tried"]);
}

#[test]
fn a_consultant_s_word_closes_a_critical_ticket_whose_plan_is_exhausted() {
    let mut critical = waiting();
    critical.priority = Priority::Critical;
    for (number, when) in [(1, "11-02 10:00"), (2, "11-09 10:00"), (3, "11-17 10:00")] {
        critical.record(
            at(when),
            Fact::AttemptByPhone {
                number,
                by: address(ANA),
            },
        );
    }
    critical.record(at("11-24 09:00"), Fact::PlanExhausted);
    let decided = orders(critical, "#cerrar desatendido");
    assert_eq!(decided.ticket().closed_as, Some(ClosedAs::Unattended));
    match decided.letter(LetterKind::Closed) {
        Letter::Closed { attempts, .. } => {
            let via: Vec<&str> = attempts.iter().map(|a| a.via.as_str()).collect();
            assert_eq!(via, ["phone"; 3]);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_on_its_way_to_remind_the_client_is_withdrawn_once_somebody_speaks() {
    let withdraws = |decided: &Decided| {
        decided.0.effects.iter().any(|effect| {
            matches!(effect, Effect::Withdraw { ticket, letters }
                if ticket.0 == OURS && letters.contains(&LetterKind::ContactAttempt))
        })
    };
    assert!(withdraws(&orders(
        waiting(),
        "Otra pregunta: ¿qué versión?"
    )));
    assert!(withdraws(&orders(waiting(), "#en-proceso")));
    assert!(!withdraws(&orders(waiting(), "#nota\nLlamar mañana")));
    assert!(!withdraws(&orders(
        ticket(Status::InProgress),
        "#en-proceso"
    )));
    let client = Scene::from(MARIA)
        .ticket(waiting())
        .token(
            soported::domain::message::Place::InReplyTo,
            OURS,
            MARIA,
            soported::domain::token::Purpose::Client,
        )
        .decide();
    assert!(withdraws(&client));
}

#[test]
fn an_attempt_counts_when_the_requester_s_server_takes_it() {
    let mut underway = waiting();
    underway.record(at("11-24 09:00"), Fact::AttemptQueued { number: 1 });
    let pedro = Person::new(address(PEDRO), "Pedro");
    underway.participants.push(pedro);
    let settle = |to: &str| {
        let case = soported::domain::case::Case {
            tickets: [(underway.id, underway.clone())].into(),
            ..Default::default()
        };
        let event = Event::Delivery {
            outbox: OutboxId(30),
            letter: LetterKind::ContactAttempt,
            to: address(to),
            ticket: Some(underway.id),
            outcome: soported::domain::event::DeliveryOutcome::Sent(at("11-24 09:01")),
        };
        let decision = soported::domain::desk::decide(&event, &case, &policy(), at("11-24 09:01"));
        Decided(decision)
    };
    let counted = Fact::AttemptSent {
        number: 1,
        outbox: OutboxId(30),
    };
    assert_eq!(settle(MARIA).facts(OURS), [&counted]);
    assert_eq!(settle(PEDRO).0.effects.len(), 0, "a copy reaches nobody");
}
