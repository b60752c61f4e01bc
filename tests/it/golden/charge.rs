//! Letters about time and money.

use soported::domain::billing::Bucket;
use soported::domain::letter::{
    BudgetAnswer, BudgetFacts, BudgetRequest, BudgetResult, ChargedLine, ChargedTime,
    CommandReceipt, DisputedLine, Letter, Notice, OutOfHoursWindow, SessionOverlap, SessionSummary,
    TicketFacts,
};
use soported::domain::letter_charge::by_bucket;
use soported::domain::ticket::Status;

use super::consultant::receipt;
use super::{Case, NASTY, at, nasty_ticket, notice, ticket};

/// Some of it is left.
pub(super) fn budget() -> BudgetFacts {
    BudgetFacts {
        authorized: 360,
        used: 135,
        left: 225,
    }
}

/// A mail that put nothing on record, and whose words leave.
pub(super) fn time() -> ChargedTime {
    ChargedTime {
        lines: vec![],
        follow_up: Some(15),
        budget: budget(),
        overlaps: vec![],
    }
}

fn line(kind: &'static str, minutes: i64, bucket: Bucket) -> ChargedLine {
    ChargedLine {
        kind,
        minutes,
        bucket: bucket.name(),
        pending: false,
        excess: false,
    }
}

/// The cases of sessions, windows, requests and receipts.
pub(super) fn cases() -> Vec<Case> {
    let in_progress = || TicketFacts {
        status: Status::InProgress,
        ..ticket()
    };
    let session = SessionSummary {
        ticket: in_progress(),
        name: "María Pérez".to_owned(),
        consultant: "Ana Ruiz".to_owned(),
        from: at("2026-11-24T23:15:00Z"),
        to: at("2026-11-25T00:45:00Z"),
        people: vec!["Ana Ruiz".to_owned(), "Luis Gómez".to_owned()],
        count: 2,
        minutes: 180,
        parts: by_bucket(&[(Bucket::InHours, 90), (Bucket::OutOfHoursUnapproved, 90)]),
    };
    let window = OutOfHoursWindow {
        ticket: in_progress(),
        name: "María Pérez".to_owned(),
        consultant: "Ana Ruiz".to_owned(),
        from: at("2026-11-28T15:00:00Z"),
        to: at("2026-11-28T19:00:00Z"),
        asked_by: "María Pérez".to_owned(),
        asked_at: at("2026-11-26T17:05:00Z"),
        factor: None,
    };
    let request = BudgetRequest {
        ticket: TicketFacts {
            status: Status::WaitingApproval,
            ..ticket()
        },
        name: "María Pérez".to_owned(),
        consultant: "Ana Ruiz".to_owned(),
        minutes: 240,
        reason: "hay que migrar el buzón completo y no solo el calendario".to_owned(),
        code: "K7RM4Q".to_owned(),
        budget: budget(),
        may_approve: true,
    };
    let result = BudgetResult {
        ticket: in_progress(),
        name: "Raúl Díaz".to_owned(),
        approved: true,
        minutes: 240,
        by: "María Pérez".to_owned(),
        at: at("2026-11-25T16:20:00Z"),
        budget: BudgetFacts {
            authorized: 600,
            used: 135,
            left: 465,
        },
    };
    let everything = ChargedTime {
        lines: vec![
            line("session", 150, Bucket::InHours),
            ChargedLine {
                excess: true,
                ..line("session", 100, Bucket::OutOfHoursApproved)
            },
            ChargedLine {
                pending: true,
                ..line("work", 45, Bucket::OutOfHoursUnapproved)
            },
            line("follow_up", -15, Bucket::InHours),
        ],
        follow_up: Some(0),
        budget: BudgetFacts {
            authorized: 360,
            used: 415,
            left: 0,
        },
        overlaps: vec![SessionOverlap {
            people: vec!["Ana Ruiz".to_owned(), "Luis Gómez".to_owned()],
            number: "GS-1040".to_owned(),
            from: at("2026-11-24T23:00:00Z"),
            to: at("2026-11-25T00:00:00Z"),
        }],
    };
    let mut cases = vec![
        ("plain", Letter::SessionSummary(session.clone())),
        (
            "one",
            Letter::SessionSummary(SessionSummary {
                people: vec!["Ana Ruiz".to_owned()],
                count: 1,
                minutes: 45,
                parts: by_bucket(&[(Bucket::InHours, 45)]),
                ..session.clone()
            }),
        ),
        (
            "nasty",
            Letter::SessionSummary(SessionSummary {
                ticket: nasty_ticket(),
                name: NASTY.to_owned(),
                consultant: NASTY.to_owned(),
                people: vec![NASTY.to_owned()],
                ..session
            }),
        ),
        ("plain", Letter::OutOfHoursWindow(window.clone())),
        (
            "factor",
            Letter::OutOfHoursWindow(OutOfHoursWindow {
                factor: Some(1.5),
                ..window
            }),
        ),
        ("plain", Letter::BudgetRequest(request.clone())),
        (
            "told",
            Letter::BudgetRequest(BudgetRequest {
                may_approve: false,
                ..request.clone()
            }),
        ),
        (
            "nasty",
            Letter::BudgetRequest(BudgetRequest {
                ticket: nasty_ticket(),
                reason: NASTY.to_owned(),
                ..request
            }),
        ),
        ("approved", Letter::BudgetResult(result.clone())),
        (
            "refused",
            Letter::BudgetResult(BudgetResult {
                approved: false,
                budget: budget(),
                ..result
            }),
        ),
        (
            "time",
            Letter::CommandReceipt(CommandReceipt {
                commands: vec![
                    "#sesion 16:45-18:50 x2".to_owned(),
                    "#tiempo 45m respaldo".to_owned(),
                ],
                time: everything,
                ..receipt()
            }),
        ),
    ];
    cases.push((
        "disputed",
        Letter::ConsultantNewTicket(Notice {
            text: "No reconocemos L-1042: ese día nadie de nosotros estuvo en una sesión."
                .to_owned(),
            attachments: vec![],
            disputed: vec![DisputedLine {
                number: "L-1042".to_owned(),
                ticket: "GS-1036".to_owned(),
                kind: "session",
                minutes: 120,
                at: at("2026-11-12T16:00:00Z"),
            }],
            ..notice()
        }),
    ));
    let answers = [
        ("approved", BudgetAnswer::Approved),
        ("refused", BudgetAnswer::Refused),
        ("partly", BudgetAnswer::Partly),
        ("unclear", BudgetAnswer::Unclear),
        ("unbound", BudgetAnswer::Unbound),
        ("not-theirs", BudgetAnswer::NotTheirs),
        ("needs-strong", BudgetAnswer::NeedsStrong),
    ];
    cases.extend(answers.map(|(name, answer)| {
        let notice = Notice {
            text: "Autorizo.".to_owned(),
            attachments: vec![],
            budget_answer: Some(answer),
            ..notice()
        };
        (name, Letter::ConsultantClientReply(notice))
    }));
    cases
}
