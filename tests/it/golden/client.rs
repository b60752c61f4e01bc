//! Letters to the client's side that timers and commands write.

use soported::domain::letter::{AttemptMade, Letter, RequestReminder, TicketFacts};
use soported::domain::ticket::{ClosedAs, Priority, Status};

use super::{Case, NASTY, at, nasty_text, nasty_ticket, ticket};

/// The cases of the plan, of solutions, of endings and of third parties.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = attempts();
    cases.extend(endings());
    cases.extend(solutions());
    cases.extend(third_parties());
    cases.extend(calls());
    cases
}

fn in_state(status: Status) -> TicketFacts {
    TicketFacts { status, ..ticket() }
}

/// The example of policy.md §6: asked on 16 December, closed on 15 January.
fn attempt(ticket: TicketFacts, number: u32) -> Letter {
    let ticket_status = ticket.status;
    let question = match ticket.status {
        Status::Proposed => "Renovamos el certificado; timbre de nuevo la factura 118.",
        Status::WaitingApproval => "",
        _ => {
            "¿Qué versión del timbrador usan?\n\nLa ve en:\n  1. Ayuda\n  2. Acerca de\n\nQuedo atenta."
        }
    };
    let (of, next) = (3, ["2026-12-31T16:00:00Z", "2027-01-08T16:00:00Z"]);
    Letter::ContactAttempt {
        ticket,
        name: "María Pérez".to_owned(),
        number,
        of,
        asked_at: at("2026-12-16T16:00:00Z"),
        request: (ticket_status == Status::WaitingApproval).then(|| RequestReminder {
            minutes: 240,
            reason: "hay que migrar el buzón completo".to_owned(),
            code: "K7RM4Q".to_owned(),
        }),
        question: question.to_owned(),
        closes_at: (number == of).then(|| at("2027-01-16T00:00:00Z")),
        next_at: (number < of).then(|| at(next[number as usize - 1])),
    }
}

fn attempts() -> Vec<Case> {
    let critical = TicketFacts {
        priority: Priority::Critical,
        ..in_state(Status::WaitingClient)
    };
    vec![
        ("first", attempt(in_state(Status::WaitingClient), 1)),
        ("last", attempt(in_state(Status::WaitingClient), 3)),
        ("last-critical", attempt(critical, 3)),
        ("proposed", attempt(in_state(Status::Proposed), 2)),
        ("proposed-last", attempt(in_state(Status::Proposed), 3)),
        ("approval", attempt(in_state(Status::WaitingApproval), 1)),
        (
            "approval-last",
            attempt(in_state(Status::WaitingApproval), 3),
        ),
        (
            "nasty",
            Letter::ContactAttempt {
                ticket: TicketFacts {
                    status: Status::WaitingClient,
                    ..nasty_ticket()
                },
                name: NASTY.to_owned(),
                number: 2,
                of: 3,
                asked_at: at("2026-12-16T16:00:00Z"),
                question: format!("{}\n{}", nasty_text(), "y más ".repeat(200)),
                request: None,
                closes_at: None,
                next_at: Some(at("2026-12-31T16:00:00Z")),
            },
        ),
    ]
}

fn made(number: u32, day: &str, via: &str) -> AttemptMade {
    AttemptMade {
        number,
        at: at(day),
        via: via.to_owned(),
    }
}

fn ending(closed_as: ClosedAs) -> Letter {
    let asked = matches!(closed_as, ClosedAs::Unattended | ClosedAs::NotApproved);
    let attempts = vec![
        made(1, "2026-12-23T16:00:00Z", "mail"),
        made(2, "2026-12-31T16:00:00Z", "mail"),
        made(3, "2027-01-08T17:25:00Z", "phone"),
    ];
    Letter::Closed {
        ticket: in_state(Status::Closed),
        name: "María Pérez".to_owned(),
        closed_as,
        closed_at: at("2027-01-16T00:00:00Z"),
        reason: match closed_as {
            ClosedAs::Cancelled => "el módulo de facturación se dará de baja en enero, según nos \
                                    informaron en la llamada de hoy"
                .to_owned(),
            _ => String::new(),
        },
        duplicate_of: (closed_as == ClosedAs::Duplicate).then(|| "GS-987".to_owned()),
        attempts: if asked { attempts } else { Vec::new() },
        asked_at: asked.then(|| at("2026-12-16T16:00:00Z")),
    }
}

fn endings() -> Vec<Case> {
    let mut cases: Vec<Case> = ClosedAs::ALL
        .map(|closed_as| (closed_as.name(), ending(closed_as)))
        .into();
    cases.push((
        "nasty",
        Letter::Closed {
            ticket: TicketFacts {
                status: Status::Closed,
                ..nasty_ticket()
            },
            name: NASTY.to_owned(),
            closed_as: ClosedAs::Cancelled,
            closed_at: at("2027-01-16T00:00:00Z"),
            reason: NASTY.repeat(20),
            duplicate_of: None,
            attempts: Vec::new(),
            asked_at: None,
        },
    ));
    cases
}

fn solutions() -> Vec<Case> {
    vec![
        (
            "plain",
            Letter::SolutionProposed {
                ticket: in_state(Status::Proposed),
                consultant: "Ana Ruiz".to_owned(),
                text: "Buen día, María:\n\nEl certificado estaba vencido y ya lo renovamos. La \
                       factura 118 se timbró\nsin error.\n\nQuedo atenta."
                    .to_owned(),
                attachments: vec![],
                next_at: Some(at("2026-12-01T23:10:00Z")),
            },
        ),
        (
            "nasty",
            Letter::SolutionProposed {
                ticket: TicketFacts {
                    status: Status::Proposed,
                    ..nasty_ticket()
                },
                consultant: NASTY.to_owned(),
                text: nasty_text(),
                attachments: vec![],
                next_at: None,
            },
        ),
    ]
}

fn third_parties() -> Vec<Case> {
    let waiting = in_state(Status::WaitingThirdParty);
    let with_case = TicketFacts {
        level: 4,
        case: Some("2411230040001234".to_owned()),
        ..waiting.clone()
    };
    let nasty = TicketFacts {
        status: Status::WaitingThirdParty,
        ..nasty_ticket()
    };
    let case = |ticket: &TicketFacts, name: &str, case: &str| Letter::MicrosoftCase {
        ticket: ticket.clone(),
        name: name.to_owned(),
        case: case.to_owned(),
        next_at: Some(at("2026-11-26T17:40:00Z")),
    };
    let update = |ticket: &TicketFacts, name: &str| Letter::ThirdPartyUpdate {
        ticket: ticket.clone(),
        name: name.to_owned(),
        since: at("2026-11-24T17:40:00Z"),
        next_at: Some(at("2026-11-30T17:40:00Z")),
    };
    vec![
        ("plain", case(&with_case, "María Pérez", "2411230040001234")),
        ("nasty", case(&nasty, NASTY, NASTY)),
        ("plain", update(&waiting, "María Pérez")),
        ("case", update(&with_case, "María Pérez")),
        ("nasty", update(&nasty, NASTY)),
    ]
}

fn calls() -> Vec<Case> {
    let called = TicketFacts {
        priority: Priority::Critical,
        ..in_state(Status::Provisional)
    };
    let request = |ticket: &TicketFacts, name: &str, reminder| Letter::FormalizeRequest {
        ticket: ticket.clone(),
        name: name.to_owned(),
        by_phone: ticket.priority == Priority::Critical,
        called_at: at("2026-11-24T17:30:00Z"),
        answer_by: Some(at("2026-11-26T00:00:00Z")),
        reminder,
    };
    let nasty = TicketFacts {
        status: Status::Provisional,
        ..nasty_ticket()
    };
    let said = in_state(Status::Provisional);
    vec![
        ("first", request(&called, "Luis Gil", false)),
        ("reminder", request(&called, "", true)),
        ("nasty", request(&nasty, NASTY, false)),
        ("registered", request(&said, "Luis Gil", false)),
        ("registered-reminder", request(&said, "Luis Gil", true)),
    ]
}
