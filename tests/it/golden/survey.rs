//! How things stand: the digest, `#estado`, `#porque`.

use soported::domain::account_lines::{CHAPTER_NAMES, SENTENCE_NAMES};
use soported::domain::effect::HeldCause;
use soported::domain::ids::{HeldId, TicketId};
use soported::domain::letter::{AttemptMade, HistoryLine, Letter, TicketFacts};
use soported::domain::pending::{Awaiting, NextStep, Pending};
use soported::domain::survey::{
    AccountLine, Chapter, ClosedLine, Digest, HeldRow, Row, Section, TicketAccount, TicketState,
};
use soported::domain::ticket::{ClosedAs, Priority, Status};

use super::{Case, NASTY, at, nasty_ticket, ticket};

/// The cases of what consultants are told of how things stand.
pub(super) fn cases() -> Vec<Case> {
    vec![
        ("day", Letter::Digest(day())),
        ("asked", Letter::Digest(asked())),
        ("empty", Letter::Digest(empty())),
        ("nasty", Letter::Digest(nasty_digest())),
        ("plain", Letter::TicketState(Box::new(state()))),
        ("waiting", Letter::TicketState(Box::new(waiting()))),
        ("closed", Letter::TicketState(Box::new(closed()))),
        ("nasty", Letter::TicketState(Box::new(nasty_state()))),
        ("plain", Letter::TicketAccount(Box::new(account()))),
        ("sentences", Letter::TicketAccount(Box::new(sentences()))),
        ("nasty", Letter::TicketAccount(Box::new(nasty_account()))),
    ]
}

fn pending(awaiting: Awaiting, step: NextStep, on: Option<&str>) -> Pending {
    Pending {
        waits_for: awaiting,
        step,
        at: on.map(at),
        overdue: false,
        attempt: None,
        review: false,
    }
}

fn row(number: i64, subject: &str, status: Status, pending: Pending) -> Row {
    Row {
        id: TicketId(number),
        ticket: TicketFacts {
            number: format!("GS-{number}"),
            subject: subject.to_owned(),
            status,
            ..ticket()
        },
        own: true,
        pending,
    }
}

fn section(awaiting: Awaiting, rows: Vec<Row>) -> Section {
    Section {
        name: awaiting.name(),
        rows,
        more: 0,
    }
}

fn held(id: i64, cause: HeldCause) -> HeldRow {
    HeldRow {
        id: HeldId(id),
        from: "pedro@acme.example".to_owned(),
        subject: "Pregunta sobre la factura 118".to_owned(),
        cause,
        received_at: at("2026-11-23T23:10:00Z"),
        client: Some("ACME".to_owned()),
        ticket: None,
    }
}

/// A row of every section and step.
fn day() -> Digest {
    let late = Pending {
        overdue: true,
        ..pending(
            Awaiting::Breaching,
            NextStep::Solution,
            Some("2026-11-23T23:30:00Z"),
        )
    };
    let unowned = Row {
        own: false,
        ..row(
            1042,
            "No puedo timbrar facturas",
            Status::New,
            pending(
                Awaiting::Breaching,
                NextStep::Response,
                Some("2026-11-24T21:30:00Z"),
            ),
        )
    };
    let mine = Awaiting::Consultant;
    let review = Pending {
        review: true,
        ..pending(mine, NextStep::Exhausted, None)
    };
    let attempt = Pending {
        attempt: Some(2),
        ..pending(
            Awaiting::Client,
            NextStep::Attempt,
            Some("2026-11-30T16:00:00Z"),
        )
    };
    let under_way = Pending {
        attempt: Some(1),
        ..pending(Awaiting::Client, NextStep::UnderWay, None)
    };
    Digest {
        asked: false,
        as_of: at("2026-11-24T14:30:00Z"),
        sections: vec![
            section(
                Awaiting::Breaching,
                vec![
                    row(1007, "Cierre de mes no cuadra", Status::InProgress, late),
                    unowned,
                ],
            ),
            section(
                mine,
                vec![
                    row(
                        1030,
                        "Reporte de inventario",
                        Status::InProgress,
                        pending(mine, NextStep::NextReply, Some("2026-11-25T17:00:00Z")),
                    ),
                    row(
                        1031,
                        "Sin sistema en la planta",
                        Status::Provisional,
                        pending(mine, NextStep::Formalize, Some("2026-11-26T00:00:00Z")),
                    ),
                    row(1032, "Permisos", Status::WaitingClient, review),
                    row(
                        1033,
                        "Correo que rebota",
                        Status::WaitingClient,
                        pending(mine, NextStep::Stopped, None),
                    ),
                    row(
                        1034,
                        "",
                        Status::InProgress,
                        pending(mine, NextStep::Review, None),
                    ),
                ],
            ),
            Section {
                more: 3,
                ..section(
                    Awaiting::Client,
                    vec![
                        row(1020, "Alta de usuarios", Status::WaitingClient, attempt),
                        row(1021, "Plantilla", Status::WaitingClient, under_way),
                    ],
                )
            },
            section(
                Awaiting::Proposed,
                vec![row(
                    1015,
                    "Impresora fiscal",
                    Status::Proposed,
                    pending(
                        Awaiting::Proposed,
                        NextStep::Closing,
                        Some("2026-12-01T00:00:00Z"),
                    ),
                )],
            ),
            section(
                Awaiting::ThirdParty,
                vec![row(
                    1002,
                    "Error del producto",
                    Status::WaitingThirdParty,
                    pending(
                        Awaiting::ThirdParty,
                        NextStep::Update,
                        Some("2026-11-25T15:00:00Z"),
                    ),
                )],
            ),
        ],
        held: HeldCause::ALL
            .into_iter()
            .zip(1..)
            .map(|(cause, id)| held(id, cause))
            .collect(),
        held_more: 4,
        unseen: 0,
    }
}

fn asked() -> Digest {
    Digest {
        asked: true,
        held: vec![],
        held_more: 0,
        unseen: 17,
        sections: day().sections.into_iter().take(1).collect(),
        ..day()
    }
}

fn empty() -> Digest {
    Digest {
        asked: true,
        sections: vec![],
        held: vec![],
        held_more: 0,
        ..day()
    }
}

fn nasty_digest() -> Digest {
    let row = Row {
        id: TicketId(1042),
        ticket: nasty_ticket(),
        own: false,
        pending: pending(Awaiting::Breaching, NextStep::Response, None),
    };
    Digest {
        sections: vec![section(Awaiting::Breaching, vec![row; 20])],
        held: vec![
            HeldRow {
                from: NASTY.repeat(5),
                subject: NASTY.repeat(5),
                client: Some(NASTY.to_owned()),
                ticket: Some("GS-1042".to_owned()),
                ..held(7, HeldCause::CrossClient)
            };
            20
        ],
        ..day()
    }
}

fn state() -> TicketState {
    TicketState {
        id: TicketId(1042),
        ticket: ticket(),
        as_of: at("2026-11-24T18:00:00Z"),
        assignee: None,
        since: None,
        closed_as: None,
        pending: Some(pending(
            Awaiting::Breaching,
            NextStep::Response,
            Some("2026-11-24T21:30:00Z"),
        )),
        response_limit_at: at("2026-11-24T21:30:00Z"),
        response_met_at: None,
        response_late: false,
        solution_due_at: None,
        solution_minutes: 0,
        solution_limit_minutes: 360,
        solution_late: false,
        attempts: vec![],
        closes_at: None,
        participants: vec![],
        copied: vec![],
    }
}

fn waiting() -> TicketState {
    let made = |number, on, via: &str| AttemptMade {
        number,
        at: at(on),
        via: via.to_owned(),
    };
    TicketState {
        ticket: TicketFacts {
            status: Status::WaitingClient,
            priority: Priority::Medium,
            ..ticket()
        },
        assignee: Some("Ana Ruiz".to_owned()),
        since: Some(at("2026-11-24T19:00:00Z")),
        pending: Some(Pending {
            attempt: Some(3),
            ..pending(
                Awaiting::Client,
                NextStep::Attempt,
                Some("2026-12-15T19:00:00Z"),
            )
        }),
        response_met_at: Some(at("2026-11-24T19:00:00Z")),
        solution_due_at: Some(at("2026-11-26T19:00:00Z")),
        solution_minutes: 95,
        attempts: vec![
            made(1, "2026-12-01T19:00:00Z", "mail"),
            made(2, "2026-12-08T19:00:00Z", "phone"),
        ],
        closes_at: Some(at("2026-12-23T00:00:00Z")),
        participants: vec!["Raúl Díaz <raul@acme.example>".to_owned()],
        copied: vec![
            "eva@acme.example".to_owned(),
            "luis@acme.example".to_owned(),
        ],
        ..state()
    }
}

fn closed() -> TicketState {
    TicketState {
        ticket: TicketFacts {
            status: Status::Closed,
            case: Some("2411230040001234".to_owned()),
            ..ticket()
        },
        closed_as: Some(ClosedAs::Validated),
        since: Some(at("2026-11-30T19:00:00Z")),
        pending: None,
        response_met_at: Some(at("2026-11-24T22:00:00Z")),
        response_late: true,
        solution_minutes: 400,
        solution_late: true,
        ..state()
    }
}

fn nasty_state() -> TicketState {
    TicketState {
        ticket: nasty_ticket(),
        assignee: Some(NASTY.to_owned()),
        participants: vec![NASTY.to_owned(); 50],
        copied: vec![NASTY.to_owned()],
        ..waiting()
    }
}

fn line(what: &'static str) -> AccountLine {
    AccountLine {
        what,
        at: Some(at("2026-11-24T16:00:00Z")),
        to: Some(at("2026-11-25T00:00:00Z")),
        same_day: true,
        before: Some(at("2026-11-25T22:30:00Z")),
        alone: Some(at("2026-11-24T20:00:00Z")),
        minutes: Some(480),
        of_minutes: Some(960),
        number: Some(2),
        who: "Ana Ruiz".to_owned(),
        old: "medium",
        new: "high",
        sort: "priority",
        detail: "2411230040001234".to_owned(),
        day: Some("2026-12-16".parse().expect("a date")),
        ..AccountLine::default()
    }
}

fn account() -> TicketAccount {
    let quiet = AccountLine {
        same_day: false,
        to: Some(at("2026-11-25T14:30:00Z")),
        at: Some(at("2026-11-25T00:00:00Z")),
        ..line("not_counted")
    };
    let holidays = AccountLine {
        weekend: true,
        closed: vec![
            ClosedLine {
                date: "2026-12-25".parse().expect("a date"),
                why: "rest_day",
            },
            ClosedLine {
                date: "2026-12-28".parse().expect("a date"),
                why: "named",
            },
        ],
        ..line("attempt_ahead")
    };
    TicketAccount {
        ticket: ticket(),
        as_of: at("2026-11-25T18:00:00Z"),
        chapters: vec![
            Chapter {
                name: "response",
                lines: vec![
                    line("starts_mail"),
                    line("opened_business"),
                    line("raised"),
                    line("target"),
                    line("limit_closing"),
                    line("counted"),
                    quiet.clone(),
                    line("met"),
                    line("time_left"),
                ],
            },
            Chapter {
                name: "solution",
                lines: vec![
                    line("starts_answer"),
                    AccountLine {
                        sort: "status",
                        old: "",
                        new: "in_progress",
                        ..line("runs")
                    },
                    AccountLine {
                        deep: true,
                        ..line("counted")
                    },
                    AccountLine {
                        deep: true,
                        ..quiet
                    },
                    AccountLine {
                        sort: "status",
                        old: "",
                        new: "waiting_client",
                        ..line("stands_now")
                    },
                    line("used"),
                    line("due_paused"),
                ],
            },
            Chapter {
                name: "plan",
                lines: vec![line("plan_asked"), holidays, line("closes")],
            },
        ],
        history: vec![
            HistoryLine {
                at: at("2026-11-24T16:00:00Z"),
                what: "opened",
                who: String::new(),
                detail: "medium".to_owned(),
            },
            HistoryLine {
                at: at("2026-11-24T16:10:00Z"),
                what: "priority",
                who: "Ana Ruiz".to_owned(),
                detail: "high".to_owned(),
            },
        ],
    }
}

/// Every chapter and every sentence there is.
fn sentences() -> TicketAccount {
    let lines: Vec<AccountLine> = SENTENCE_NAMES.map(line).to_vec();
    let chapter = |(place, name)| Chapter {
        name,
        lines: lines.iter().skip(place * 10).take(10).cloned().collect(),
    };
    TicketAccount {
        chapters: CHAPTER_NAMES.into_iter().enumerate().map(chapter).collect(),
        history: vec![],
        ..account()
    }
}

/// More lines than any account has, with hostile words in them.
fn nasty_account() -> TicketAccount {
    let hostile = AccountLine {
        who: NASTY.to_owned(),
        detail: NASTY.to_owned(),
        weekend: true,
        closed: vec![
            ClosedLine {
                date: "2026-12-25".parse().expect("a date"),
                why: "rest_day",
            };
            10
        ],
        ..line("attempt_phone")
    };
    TicketAccount {
        ticket: nasty_ticket(),
        chapters: vec![
            Chapter {
                name: "plan",
                lines: vec![hostile; 60],
            };
            5
        ],
        history: vec![
            HistoryLine {
                at: at("2026-11-24T16:00:00Z"),
                what: "case",
                who: NASTY.to_owned(),
                detail: NASTY.to_owned(),
            };
            30
        ],
        ..account()
    }
}
