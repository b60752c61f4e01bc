//! Letters to try templates on: between them, every branch that facts can open.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::House;
use super::sample_charge;
use super::sample_statement::monthly_statement;
use super::sample_survey::survey;
use crate::domain::calendar::HoursGroup;
use crate::domain::command::{NAMES, Problem};
use crate::domain::event::AlarmCause;
use crate::domain::failure::FailureCause;
use crate::domain::handover::HISTORY_NAMES;
use crate::domain::letter::{
    Admitted, AlertLine, AlertReason, AttemptMade, BudgetAnswer, CommandHelp, CommandMistake,
    CommandReceipt, DirectoryChange, Handover, HeldAnswer, HeldLine, HistoryLine, Letter,
    LinkedTicket, Merge, NotSent, Notice, OtherTicket, Said, TicketFacts,
};
use crate::domain::message::Attachment;
use crate::domain::orders::Refusal;
use crate::domain::ticket::{ClosedAs, Kind, Link, Priority, Status};

/// The ticket that every sample speaks of.
pub(super) const NUMBER: &str = "GS-1042";

/// The house of the samples.
pub(super) fn house() -> House {
    House {
        service_name: "Soporte".to_owned(),
        address: "soporte@example.com".to_owned(),
        hours: vec![HoursGroup {
            first_weekday: 0,
            last_weekday: 4,
            from: "08:30".to_owned(),
            to: "18:00".to_owned(),
        }],
        reply_to: "soporte+k1abc@example.com".to_owned(),
        replies: BTreeMap::from([(NUMBER.to_owned(), "soporte+k1def@example.com".to_owned())]),
    }
}

/// Every letter in every shape that a template may tell apart.
pub(super) fn letters() -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let mut letters = Vec::new();
    for facts in tickets() {
        for full in [true, false] {
            letters.extend(about_ticket(&facts, full));
        }
    }
    let answered = BudgetAnswer::ALL.into_iter();
    letters.extend(answered.flat_map(|answer| {
        let ticket = tickets().into_iter().take(1);
        ticket.map(move |ticket| {
            Letter::ConsultantClientReply(Notice {
                budget_answer: Some(answer),
                ..notice(&ticket, true)
            })
        })
    }));
    letters.extend([1, 2].map(monthly_statement));
    for facts in tied() {
        letters.extend(about_ticket(&facts, true));
        letters.extend(about_any(&facts, true));
    }
    for facts in tickets().iter().take(1) {
        for full in [true, false] {
            letters.extend(about_any(facts, full));
        }
    }
    for cause in FailureCause::ALL {
        letters.extend(tickets().into_iter().map(|ticket| Letter::DeliveryFailed {
            ticket,
            to: "maria@acme.example".to_owned(),
            reported: None,
            cause,
            reason: "550 no such user".to_owned(),
            reply: true,
            plan_stopped: false,
            response_due_at: None,
        }));
    }
    for reason in NotSent::ALL {
        for ticket in [None, tickets().into_iter().next()] {
            for quote in ["", "una línea"] {
                letters.push(Letter::ReplyNotSent {
                    ticket: ticket.clone(),
                    reason,
                    quote: quote.to_owned(),
                    text: "Texto.".to_owned(),
                });
            }
        }
    }
    letters.push(Letter::EncryptedSender {
        subject: "Ayuda".to_owned(),
    });
    for authorizers in [
        vec![],
        vec!["María Pérez".to_owned(), "Luis Gil".to_owned()],
    ] {
        letters.push(Letter::NotAuthorizedSender {
            subject: "Ayuda".to_owned(),
            client: "ACME".to_owned(),
            authorizers,
        });
    }
    for name in ["", "María Pérez"] {
        letters.push(Letter::NotAuthorizedAuthorizers {
            name: name.to_owned(),
            sender: "Juan <juan@acme.example>".to_owned(),
            subject: "Ayuda".to_owned(),
            received_at: at,
            client: "ACME".to_owned(),
        });
    }
    letters.extend(admission());
    for cause in AlarmCause::ALL {
        for detail in ["", "connection refused"] {
            letters.push(Letter::OperatorAlarm {
                cause,
                detail: detail.to_owned(),
                since: at,
            });
        }
        letters.push(Letter::OperatorRecovered {
            cause,
            since: at,
            until: at + Duration::hours(1),
        });
    }
    letters
}

/// The letters about who may ask, and about held mail.
fn admission() -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let mut letters = Vec::new();
    for own in [true, false] {
        for full in [true, false] {
            let some = |text: &str| if full { text.to_owned() } else { String::new() };
            let change = DirectoryChange {
                name: some("María Pérez"),
                own,
                person: "Juan <juan@acme.example>".to_owned(),
                client: "ACME".to_owned(),
                consultant: some("Ana Ruiz"),
                asked_by: full.then(|| "María Pérez".to_owned()),
                authorizers: vec!["María Pérez".to_owned(); if full { 2 } else { 0 }],
            };
            letters.push(Letter::AuthorizerAdded(change.clone()));
            letters.push(Letter::AuthorizerRemoved(change));
            letters.extend(tickets().into_iter().map(|ticket| Letter::TicketPassedOn {
                ticket,
                name: some("María Pérez"),
                from: some("Juan"),
                own,
                next_at: full.then_some(at),
            }));
        }
    }
    for full in [true, false] {
        let some = |text: &str| if full { text.to_owned() } else { String::new() };
        let held = HeldLine {
            number: 12,
            from: some("juan@acme.example"),
            subject: some("Ayuda"),
            received_at: at,
        };
        let whats = ["authorized", "revoked", "released", "discarded"];
        letters.push(Letter::AdmissionReceipt {
            done: whats
                .map(|what| Admitted {
                    what,
                    who: some("Juan <juan@acme.example>"),
                    client: full.then(|| "ACME".to_owned()),
                    number: Some(12),
                    subject: some("Ayuda"),
                })
                .to_vec(),
            offered: vec![held.clone(); if full { 2 } else { 0 }],
        });
        letters.extend(HeldAnswer::ALL.map(|reason| Letter::ConsultantHeldAnswer {
            sender: "María Pérez <maria@acme.example>".to_owned(),
            received_at: at,
            text: some("Texto."),
            reason,
            asked: held.clone(),
            open: full,
            number: 13,
        }));
    }
    letters
}

/// One ticket for each state, and among them every priority and every kind.
fn tickets() -> Vec<TicketFacts> {
    let priorities = Priority::ALL.iter().cycle();
    let kinds = Kind::ALL.iter().cycle();
    Status::ALL
        .iter()
        .zip(priorities)
        .zip(kinds)
        .map(|((status, priority), kind)| TicketFacts {
            number: NUMBER.to_owned(),
            subject: "No puedo facturar".to_owned(),
            status: *status,
            priority: *priority,
            kind: kind.name().to_owned(),
            level: 1,
            client: "ACME".to_owned(),
            requester: "María Pérez <maria@acme.example>".to_owned(),
            opened_at: DateTime::<Utc>::UNIX_EPOCH,
            case: (*status == Status::WaitingThirdParty).then(|| "2411230001".to_owned()),
            links: Vec::new(),
        })
        .collect()
}

/// The closed ticket, tied to others in every sense.
fn tied() -> Vec<TicketFacts> {
    let links = Link::ALL.map(|link| LinkedTicket {
        kind: link.name().to_owned(),
        number: "GS-1001".to_owned(),
    });
    let closed = tickets().into_iter().filter(|t| t.status == Status::Closed);
    closed
        .map(|ticket| TicketFacts {
            links: links.to_vec(),
            ..ticket
        })
        .collect()
}

/// A file that goes along.
fn file() -> Attachment {
    Attachment {
        name: "captura.png".to_owned(),
        media_type: "image/png".to_owned(),
        size: 340_000,
        inline: false,
        sha256: String::new(),
    }
}

/// A notice of a client's mail.
fn notice(ticket: &TicketFacts, full: bool) -> Notice {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let file = file();
    let large = Attachment {
        size: 12_000_000,
        ..file.clone()
    };
    Notice {
        ticket: ticket.clone(),
        sender: "María Pérez <maria@acme.example>".to_owned(),
        received_at: at,
        text: "Texto.".to_owned(),
        attachments: if full {
            vec![file.clone(), file]
        } else {
            vec![]
        },
        left_out: if full { vec![large] } else { vec![] },
        omitted_bytes: if full { 40_000_000 } else { 0 },
        response_due_at: full.then_some(at),
        solution_due_at: full.then_some(at),
        held: full.then_some(12),
        others: others(full),
        conversation: handover(ticket, full).conversation,
        budget: sample_charge::budget(full),
        budget_answer: None,
    }
}

/// The letters about a ticket, with everything that may be absent present or, not `full`, absent.
fn about_ticket(ticket: &TicketFacts, full: bool) -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let some = |text: &str| if full { text.to_owned() } else { String::new() };
    let file = file();
    let attachments = if full { vec![file.clone()] } else { vec![] };
    let notice = notice(ticket, full);
    let next_at = full.then_some(at);
    let auto_reply = notice.clone();
    let mut letters = sample_charge::letters(ticket, full);
    letters.extend([
        Letter::Acknowledgement {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            limit_at: at,
            in_hours: full,
            opens_at: at,
            continues: full.then(|| "GS-1001".to_owned()),
        },
        Letter::ConsultantNewTicket(notice.clone()),
        Letter::ConsultantClientReply(notice.clone()),
        Letter::ConsultantThirdParty(notice.clone()),
        Letter::ConsultantEncrypted(notice),
        Letter::RelayedReply {
            ticket: ticket.clone(),
            consultant: some("Ana Ruiz"),
            text: "Texto.".to_owned(),
            attachments: attachments.clone(),
            next_at: full.then_some(at),
        },
        Letter::DeliveryFailed {
            ticket: ticket.clone(),
            to: "maria@acme.example".to_owned(),
            reported: full.then(|| "mperez@acme.example".to_owned()),
            cause: FailureCause::Other,
            reason: some("554 transaction failed"),
            reply: full,
            plan_stopped: full,
            response_due_at: full.then_some(at),
        },
        Letter::SolutionProposed {
            ticket: ticket.clone(),
            consultant: some("Ana Ruiz"),
            text: "Texto.".to_owned(),
            attachments,
            next_at,
        },
        Letter::ContactAttempt {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            number: 3,
            of: 3,
            asked_at: at,
            question: some("¿Qué mensaje aparece?"),
            request: full.then(sample_charge::request),
            closes_at: full.then_some(at),
            next_at: (!full).then_some(at),
        },
        Letter::MicrosoftCase {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            case: "2411230001".to_owned(),
            next_at,
        },
        Letter::ThirdPartyUpdate {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            since: at,
            next_at,
        },
        Letter::SplitOff {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            from: "GS-1001".to_owned(),
            received_at: at,
            text: some("Texto."),
            limit_at: full.then_some(at),
        },
        Letter::ConsultantMerged(Merge {
            ticket: ticket.clone(),
            merged: ticket.clone(),
            by: "Ana Ruiz".to_owned(),
            conversation: handover(ticket, full).conversation,
        }),
        Letter::FormalizeRequest {
            ticket: ticket.clone(),
            name: some("María Pérez"),
            by_phone: full,
            called_at: at,
            answer_by: next_at,
            reminder: full,
        },
        Letter::ConsultantRegistered {
            ticket: ticket.clone(),
            by_phone: full,
            response_due_at: next_at,
            asked: if full {
                vec!["María Pérez".to_owned(), "Luis Gil".to_owned()]
            } else {
                vec![]
            },
            answer_by: next_at,
            text: some("Texto."),
        },
        Letter::ConsultantAutoReply(auto_reply),
        Letter::ConsultantHandover(handover(ticket, full)),
    ]);
    letters
}

/// The letters that say as much of one ticket as of another: endings, alerts, mistakes.
fn about_any(ticket: &TicketFacts, full: bool) -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let some = |text: &str| if full { text.to_owned() } else { String::new() };
    let mut letters = Vec::new();
    letters.extend(ClosedAs::ALL.map(|closed_as| Letter::Closed {
        ticket: ticket.clone(),
        name: some("María Pérez"),
        closed_as,
        closed_at: at,
        reason: some("Ya no se necesita."),
        duplicate_of: full.then(|| "GS-1001".to_owned()),
        attempts: attempts(full),
        asked_at: full.then_some(at),
    }));
    letters.extend(AlertReason::ALL.map(|reason| Letter::Alerts {
        items: vec![
            AlertLine {
                ticket: ticket.clone(),
                reason,
                percent: full.then_some(75),
                at,
            };
            if full { 6 } else { 1 }
        ],
    }));
    let problems = Problem::ALL.map(Problem::name).into_iter();
    let problems = problems.chain(Refusal::ALL.map(Refusal::name));
    letters.push(Letter::CommandErrors {
        ticket: full.then(|| ticket.clone()),
        mistakes: problems
            .map(|problem| CommandMistake {
                line: "#espra cliente".to_owned(),
                problem,
                suggestion: full.then(|| "#espera cliente".to_owned()),
            })
            .collect(),
        text: "Texto.".to_owned(),
    });
    letters.extend(survey(ticket, full));
    let receipt = CommandReceipt {
        ticket: ticket.clone(),
        commands: some_lines(full, "#espera cliente"),
        sent_to: some_lines(full, "María Pérez <maria@acme.example>"),
        kept_back: some_lines(full, "contrato.pdf"),
        leaves_at: full.then_some(at),
        direct: false,
        taken_back: None,
        assignee: full.then(|| "Ana Ruiz".to_owned()),
        response_due_at: full.then_some(at),
        solution_due_at: full.then_some(at),
        solution_paused: !full,
        next_at: full.then_some(at),
        closes_at: full.then_some(at),
        time: sample_charge::time(full),
    };
    letters.push(Letter::CommandReceipt(CommandReceipt {
        direct: true,
        ..receipt.clone()
    }));
    letters.push(Letter::CommandReceipt(CommandReceipt {
        direct: true,
        sent_to: Vec::new(),
        leaves_at: None,
        ..receipt.clone()
    }));
    letters.push(Letter::CommandReceipt(CommandReceipt {
        taken_back: Some("Texto.".to_owned()),
        ..receipt.clone()
    }));
    letters.push(Letter::CommandReceipt(receipt));
    letters.push(Letter::CommandHelp {
        commands: NAMES.iter().map(CommandHelp::of).collect(),
    });
    letters
}

/// One that goes on and one that has ended, or none.
fn others(full: bool) -> Vec<OtherTicket> {
    let other = |status, closed_as| OtherTicket {
        number: "GS-1001".to_owned(),
        subject: "Asunto".to_owned(),
        status,
        closed_as,
    };
    if full {
        vec![
            other(Status::InProgress, None),
            other(Status::Closed, Some(ClosedAs::Validated)),
        ]
    } else {
        Vec::new()
    }
}

fn some_lines(full: bool, line: &str) -> Vec<String> {
    if full {
        vec![line.to_owned()]
    } else {
        Vec::new()
    }
}

/// An attempt by each medium, or none.
pub(super) fn attempts(full: bool) -> Vec<AttemptMade> {
    let made = |number, via: &str| AttemptMade {
        number,
        at: DateTime::<Utc>::UNIX_EPOCH,
        via: via.to_owned(),
    };
    if full {
        vec![made(1, "mail"), made(2, "phone")]
    } else {
        Vec::new()
    }
}

pub(super) fn handover(ticket: &TicketFacts, full: bool) -> Handover {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let line = |what: &'static str| HistoryLine {
        at,
        what,
        who: "Ana Ruiz".to_owned(),
        detail: match what {
            "opened" | "priority" => "high",
            "kind" => "investigation",
            "status" => "in_progress",
            _ => "2",
        }
        .to_owned(),
    };
    let said = Said {
        at,
        from: "maria@acme.example".to_owned(),
        text: "Texto.".to_owned(),
    };
    Handover {
        ticket: ticket.clone(),
        by: "Ana Ruiz".to_owned(),
        assigned: full,
        assignee: full.then(|| "Beto Díaz".to_owned()),
        response_due_at: full.then_some(at),
        solution_due_at: full.then_some(at),
        solution_minutes: 90,
        solution_limit_minutes: 360,
        history: if full {
            HISTORY_NAMES.map(line).to_vec()
        } else {
            Vec::new()
        },
        conversation: if full { vec![said] } else { Vec::new() },
    }
}
