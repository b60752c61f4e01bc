//! Letters about who may ask, and about held mail.

use soported::domain::letter::{
    Admitted, DirectoryChange, HeldAnswer, HeldLine, Letter, TicketFacts,
};
use soported::domain::ticket::{Priority, Status};

use super::{Case, NASTY, at, nasty_text, nasty_ticket, ticket};

/// The cases of these letters.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = list();
    cases.extend(passed_on());
    cases.extend(receipts());
    cases.extend(answers());
    cases
}

fn change(own: bool) -> DirectoryChange {
    DirectoryChange {
        name: if own { "Sofía Ríos" } else { "María Pérez" }.to_owned(),
        own,
        person: "Sofía Ríos <sofia@acme.example>".to_owned(),
        client: "ACME".to_owned(),
        consultant: "Ana Ruiz".to_owned(),
        asked_by: Some("María Pérez".to_owned()),
        authorizers: vec!["María Pérez".to_owned(), "Sofía Ríos".to_owned()],
    }
}

fn nasty_change() -> DirectoryChange {
    DirectoryChange {
        name: NASTY.to_owned(),
        person: format!("{NASTY} <sofia@acme.example>"),
        client: NASTY.to_owned(),
        consultant: NASTY.to_owned(),
        asked_by: Some(NASTY.to_owned()),
        authorizers: vec![NASTY.to_owned()],
        ..change(false)
    }
}

fn list() -> Vec<Case> {
    let left = |own: bool| DirectoryChange {
        asked_by: None,
        authorizers: if own {
            Vec::new()
        } else {
            vec!["María Pérez".to_owned()]
        },
        ..change(own)
    };
    vec![
        ("to-the-others", Letter::AuthorizerAdded(change(false))),
        ("to-the-new-one", Letter::AuthorizerAdded(change(true))),
        ("nasty", Letter::AuthorizerAdded(nasty_change())),
        ("to-the-others", Letter::AuthorizerRemoved(left(false))),
        ("to-who-left", Letter::AuthorizerRemoved(left(true))),
        ("nasty", Letter::AuthorizerRemoved(nasty_change())),
    ]
}

fn passed_on() -> Vec<Case> {
    let waiting = TicketFacts {
        status: Status::WaitingClient,
        priority: Priority::Medium,
        requester: "Raúl Soto <raul@acme.example>".to_owned(),
        ..ticket()
    };
    vec![
        (
            "own",
            Letter::TicketPassedOn {
                ticket: waiting.clone(),
                name: "Raúl Soto".to_owned(),
                from: "María Pérez".to_owned(),
                own: true,
                next_at: Some(at("2026-12-01T16:00:00Z")),
            },
        ),
        (
            "to-the-others",
            Letter::TicketPassedOn {
                ticket: waiting,
                name: String::new(),
                from: "María Pérez".to_owned(),
                own: false,
                next_at: None,
            },
        ),
        (
            "nasty",
            Letter::TicketPassedOn {
                ticket: nasty_ticket(),
                name: NASTY.to_owned(),
                from: NASTY.to_owned(),
                own: false,
                next_at: Some(at("2026-12-01T16:00:00Z")),
            },
        ),
    ]
}

fn held(number: i64) -> HeldLine {
    HeldLine {
        number,
        from: "sofia@acme.example".to_owned(),
        subject: "No abre el sistema".to_owned(),
        received_at: at("2026-11-24T16:05:00Z"),
    }
}

fn nasty_held() -> HeldLine {
    HeldLine {
        from: String::new(),
        subject: NASTY.to_owned(),
        ..held(9)
    }
}

fn receipts() -> Vec<Case> {
    let done = |what: &'static str, who: &str, number: Option<i64>| Admitted {
        what,
        who: who.to_owned(),
        client: number.is_none().then(|| "ACME".to_owned()),
        number,
        subject: if number.is_some() {
            "No abre el sistema".to_owned()
        } else {
            String::new()
        },
    };
    vec![
        (
            "list",
            Letter::AdmissionReceipt {
                done: vec![
                    done("authorized", "Sofía Ríos <sofia@acme.example>", None),
                    done("revoked", "María Pérez <maria@acme.example>", None),
                ],
                offered: vec![held(3), held(4)],
            },
        ),
        (
            "held",
            Letter::AdmissionReceipt {
                done: vec![
                    done("released", "pedro@acme.example", Some(3)),
                    Admitted {
                        client: Some("ACME".to_owned()),
                        ..done("released", "despacho@contadores.example", Some(4))
                    },
                    done("discarded", "ventas@nadie.example", Some(5)),
                ],
                offered: vec![],
            },
        ),
        (
            "nasty",
            Letter::AdmissionReceipt {
                done: vec![
                    done("authorized", NASTY, None),
                    done("revoked", NASTY, None),
                    Admitted {
                        subject: NASTY.to_owned(),
                        client: Some(NASTY.to_owned()),
                        ..done("released", "", Some(3))
                    },
                ],
                offered: vec![nasty_held()],
            },
        ),
    ]
}

fn answers() -> Vec<Case> {
    let answer = |reason, open| Letter::ConsultantHeldAnswer {
        sender: "María Pérez <maria@acme.example>".to_owned(),
        received_at: at("2026-11-24T17:30:00Z"),
        text: "Sí, pero que primero me llame.".to_owned(),
        reason,
        asked: held(3),
        open,
        number: 7,
    };
    vec![
        ("unclear", answer(HeldAnswer::Unclear, true)),
        ("not-theirs", answer(HeldAnswer::NotTheirs, true)),
        ("needs-strong", answer(HeldAnswer::NeedsStrong, true)),
        ("decided", answer(HeldAnswer::Decided, false)),
        (
            "nasty",
            Letter::ConsultantHeldAnswer {
                sender: NASTY.to_owned(),
                received_at: at("2026-11-24T17:30:00Z"),
                text: nasty_text(),
                reason: HeldAnswer::Unclear,
                asked: nasty_held(),
                open: true,
                number: 7,
            },
        ),
        (
            "empty",
            Letter::ConsultantHeldAnswer {
                sender: "María Pérez <maria@acme.example>".to_owned(),
                received_at: at("2026-11-24T17:30:00Z"),
                text: String::new(),
                reason: HeldAnswer::Unclear,
                asked: held(3),
                open: true,
                number: 7,
            },
        ),
    ]
}
