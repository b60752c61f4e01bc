//! Letters to consultants that follow from a wait, from commands and from clocks.

use soported::domain::command::{NAMES, Problem};
use soported::domain::handover::HISTORY_NAMES;
use soported::domain::letter::{
    AlertLine, AlertReason, CommandHelp, CommandMistake, CommandReceipt, Handover, HistoryLine,
    Letter, Notice, Said, TicketFacts,
};
use soported::domain::orders::Refusal;
use soported::domain::ticket::{Priority, Status};

use super::{Case, NASTY, at, nasty_notice, nasty_text, nasty_ticket, notice, ticket};

/// The cases of machines' answers, handovers, orders and alerts.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = vec![
        (
            "plain",
            Letter::ConsultantAutoReply(Notice {
                ticket: TicketFacts {
                    status: Status::WaitingClient,
                    ..ticket()
                },
                text: "Estoy fuera de la oficina hasta el 4 de enero.".to_owned(),
                attachments: vec![],
                response_due_at: None,
                ..notice()
            }),
        ),
        ("nasty", Letter::ConsultantAutoReply(nasty_notice())),
    ];
    cases.extend(registered());
    cases.extend(handovers());
    cases.extend(orders());
    cases.extend(alerts());
    cases
}

fn registered() -> Vec<Case> {
    let receipt = |ticket: &TicketFacts, by_phone, response_due_at: Option<&str>, text: &str| {
        Letter::ConsultantRegistered {
            ticket: ticket.clone(),
            by_phone,
            response_due_at: response_due_at.map(at),
            asked: vec!["Luis Gil".to_owned(), "María Pérez".to_owned()],
            answer_by: Some(at("2026-11-26T00:00:00Z")),
            text: text.to_owned(),
        }
    };
    let said = TicketFacts {
        status: Status::Provisional,
        ..ticket()
    };
    let called = TicketFacts {
        priority: Priority::Critical,
        ..said.clone()
    };
    let nasty = Letter::ConsultantRegistered {
        ticket: nasty_ticket(),
        by_phone: true,
        response_due_at: None,
        asked: vec![NASTY.to_owned(); 30],
        answer_by: Some(at("2026-11-26T00:00:00Z")),
        text: nasty_text(),
    };
    let due = Some("2026-11-24T21:30:00Z");
    vec![
        ("call", receipt(&called, true, due, "Nadie puede timbrar.")),
        ("call-by-mail", receipt(&called, true, None, "")),
        ("mail", receipt(&said, false, due, &notice().text)),
        ("nasty", nasty),
    ]
}

fn handovers() -> Vec<Case> {
    let handed = Handover {
        ticket: TicketFacts {
            status: Status::InProgress,
            level: 2,
            ..ticket()
        },
        by: "Ana Ruiz".to_owned(),
        assigned: false,
        assignee: None,
        response_due_at: None,
        solution_due_at: Some(at("2026-11-25T18:20:00Z")),
        solution_minutes: 95,
        solution_limit_minutes: 360,
        history: history(),
        conversation: vec![
            said("María Pérez <maria@acme.example>", &notice().text),
            said("Ana Ruiz", "¿Nos comparte el XML de la factura 118?"),
        ],
    };
    let assigned = Handover {
        assigned: true,
        assignee: Some("Beto Díaz".to_owned()),
        response_due_at: Some(at("2026-11-24T21:30:00Z")),
        solution_due_at: None,
        solution_minutes: 0,
        history: history().into_iter().take(1).collect(),
        conversation: handed.conversation.iter().take(1).cloned().collect(),
        ..handed.clone()
    };
    let with_case = Handover {
        ticket: TicketFacts {
            status: Status::WaitingThirdParty,
            level: 4,
            case: Some("2411230040001234".to_owned()),
            ..ticket()
        },
        solution_due_at: None,
        ..handed.clone()
    };
    let nasty = Handover {
        ticket: nasty_ticket(),
        by: NASTY.to_owned(),
        assignee: Some(NASTY.to_owned()),
        history: HISTORY_NAMES.map(nasty_line).into(),
        conversation: vec![said(NASTY, &nasty_text()), said(NASTY, &"ñ ".repeat(1500))],
        ..assigned.clone()
    };
    vec![
        ("level", Letter::ConsultantHandover(handed)),
        ("assigned", Letter::ConsultantHandover(assigned)),
        ("case", Letter::ConsultantHandover(with_case)),
        ("nasty", Letter::ConsultantHandover(nasty)),
    ]
}

fn history() -> Vec<HistoryLine> {
    [
        ("opened", "", "high"),
        ("client_wrote", "maria@acme.example", ""),
        ("answered", "Ana Ruiz", ""),
        ("noted", "Ana Ruiz", ""),
        ("status", "", "waiting_client"),
        ("priority", "Ana Ruiz", "critical"),
        ("kind", "Ana Ruiz", "technical-urgent"),
        ("attempt", "", "1"),
        ("phone_attempt", "Ana Ruiz", "2"),
        ("not_delivered", "maria@acme.example", ""),
        ("case", "Ana Ruiz", "2411230040001234"),
        ("level", "Ana Ruiz", "2"),
    ]
    .map(|(what, who, detail)| HistoryLine {
        at: at("2026-11-24T17:30:00Z"),
        what,
        who: who.to_owned(),
        detail: detail.to_owned(),
    })
    .into()
}

/// Where words of ours are chosen by the detail, it cannot be nasty.
fn nasty_line(what: &'static str) -> HistoryLine {
    let known = history().into_iter().find(|line| line.what == what);
    HistoryLine {
        at: at("2026-11-24T17:30:00Z"),
        what,
        who: format!("{NASTY} {{detail}}"),
        detail: match what {
            "opened" | "status" | "priority" | "kind" => known.expect("a line").detail,
            _ => format!("{NASTY} {{who}}"),
        },
    }
}

fn said(from: &str, text: &str) -> Said {
    Said {
        at: at("2026-11-24T17:30:00Z"),
        from: from.to_owned(),
        text: text.to_owned(),
    }
}

fn mistake(line: &str, problem: &'static str, suggestion: Option<&str>) -> CommandMistake {
    CommandMistake {
        line: line.to_owned(),
        problem,
        suggestion: suggestion.map(str::to_owned),
    }
}

pub(super) fn receipt() -> CommandReceipt {
    CommandReceipt {
        ticket: TicketFacts {
            status: Status::WaitingClient,
            ..ticket()
        },
        commands: vec!["#espera cliente".to_owned()],
        sent_to: vec![
            "María Pérez <maria@acme.example>".to_owned(),
            "Raúl Díaz <raul@acme.example>".to_owned(),
        ],
        kept_back: vec![],
        leaves_at: Some(at("2026-11-24T17:31:00Z")),
        direct: false,
        taken_back: None,
        assignee: Some("Ana Ruiz".to_owned()),
        response_due_at: None,
        solution_due_at: None,
        solution_paused: true,
        next_at: Some(at("2026-12-01T17:30:00Z")),
        closes_at: Some(at("2026-12-23T00:00:00Z")),
        time: super::charge::time(),
    }
}

fn orders() -> Vec<Case> {
    let text = "#espra cliente\n#prioridad urgentísima\n\n¿Nos comparte el XML de la factura 118?";
    let errors = |mistakes| Letter::CommandErrors {
        ticket: Some(TicketFacts {
            status: Status::InProgress,
            ..ticket()
        }),
        mistakes,
        text: text.to_owned(),
    };
    let every = Problem::ALL.map(Problem::name).into_iter();
    let every = every
        .chain(Refusal::ALL.map(Refusal::name))
        .map(|problem| mistake("#palabra lo que sigue", problem, None));
    let leaked = "> === Responda encima de esta línea ===";
    vec![
        (
            "plain",
            errors(vec![
                mistake(
                    "#espra cliente",
                    Problem::UnknownWord.name(),
                    Some("#espera cliente|tercero [hasta FECHA]"),
                ),
                mistake(
                    "#prioridad urgentísima",
                    Problem::BadArgument.name(),
                    Some("#prioridad crítica|alta|media|baja"),
                ),
            ]),
        ),
        (
            "one",
            errors(vec![mistake("#resuelto", Refusal::NeedsText.name(), None)]),
        ),
        ("every", errors(every.collect())),
        (
            "no-ticket",
            Letter::CommandErrors {
                ticket: None,
                mistakes: vec![mistake("#resuelto", Refusal::NoTicket.name(), None)],
                text: "#resuelto\n\nYa quedó.".to_owned(),
            },
        ),
        ("plain", Letter::CommandReceipt(receipt())),
        (
            "direct",
            Letter::CommandReceipt(CommandReceipt {
                direct: true,
                sent_to: vec![],
                leaves_at: None,
                ..receipt()
            }),
        ),
        (
            "direct-and-others",
            Letter::CommandReceipt(CommandReceipt {
                direct: true,
                sent_to: vec!["Raúl Soto <raul@acme.example>".to_owned()],
                ..receipt()
            }),
        ),
        (
            "taken-back",
            Letter::CommandReceipt(CommandReceipt {
                commands: vec!["#deshacer".to_owned()],
                sent_to: vec![],
                leaves_at: None,
                taken_back: Some("#espera cliente\n¿Nos comparte el XML?".to_owned()),
                next_at: None,
                closes_at: None,
                solution_paused: false,
                solution_due_at: Some(at("2026-11-25T18:20:00Z")),
                ..receipt()
            }),
        ),
        (
            "only-commands",
            Letter::CommandReceipt(CommandReceipt {
                commands: vec!["#prioridad alta".to_owned(), "#nivel 2".to_owned()],
                sent_to: vec![],
                leaves_at: None,
                assignee: None,
                response_due_at: Some(at("2026-11-24T21:30:00Z")),
                next_at: None,
                closes_at: None,
                solution_paused: false,
                ..receipt()
            }),
        ),
        (
            "nasty",
            Letter::CommandReceipt(CommandReceipt {
                ticket: nasty_ticket(),
                commands: vec![NASTY.to_owned(), leaked.to_owned()],
                sent_to: vec![NASTY.to_owned()],
                kept_back: vec![NASTY.to_owned(), "factura 118.xml".to_owned()],
                taken_back: Some(format!("{}\n{leaked}", nasty_text())),
                assignee: Some(NASTY.to_owned()),
                ..receipt()
            }),
        ),
        (
            "plain",
            Letter::CommandHelp {
                commands: NAMES.iter().map(CommandHelp::of).collect(),
            },
        ),
        ("nasty", Letter::CommandHelp { commands: vec![] }),
        (
            "nasty",
            Letter::CommandErrors {
                ticket: Some(nasty_ticket()),
                mistakes: vec![
                    mistake(NASTY, Problem::UnknownWord.name(), Some(NASTY)),
                    mistake(leaked, Problem::Misplaced.name(), None),
                ],
                text: format!("{}\n{leaked}", nasty_text()),
            },
        ),
    ]
}

fn alert(
    number: &str,
    (priority, status): (Priority, Status),
    (reason, percent): (AlertReason, Option<u8>),
    at_text: &str,
) -> AlertLine {
    AlertLine {
        ticket: TicketFacts {
            number: number.to_owned(),
            priority,
            status,
            ..ticket()
        },
        reason,
        percent,
        at: at(at_text),
    }
}

fn alerts() -> Vec<Case> {
    use AlertReason as Reason;
    let one = alert(
        "GS-1042",
        (Priority::High, Status::New),
        (Reason::ResponseBreach, None),
        "2026-11-24T21:30:00Z",
    );
    let several = vec![
        alert(
            "GS-1050",
            (Priority::Critical, Status::New),
            (Reason::ResponsePercent, Some(90)),
            "2026-11-24T22:00:00Z",
        ),
        one.clone(),
        alert(
            "GS-998",
            (Priority::Low, Status::WaitingClient),
            (Reason::HeldWaits, None),
            "2026-11-24T22:00:00Z",
        ),
    ];
    let mut every = Reason::ALL.map(|reason| {
        let percent = matches!(reason, Reason::ResponsePercent | Reason::SolutionPercent);
        alert(
            "GS-1042",
            (Priority::Medium, Status::InProgress),
            (reason, percent.then_some(75)),
            "2026-11-24T21:30:00Z",
        )
    });
    every.sort_by_key(AlertLine::order);
    let nasty = AlertLine {
        ticket: nasty_ticket(),
        ..one.clone()
    };
    vec![
        ("one", Letter::Alerts { items: vec![one] }),
        ("several", Letter::Alerts { items: several }),
        (
            "every",
            Letter::Alerts {
                items: every.into(),
            },
        ),
        (
            "nasty",
            Letter::Alerts {
                items: vec![nasty.clone(), nasty],
            },
        ),
    ]
}
