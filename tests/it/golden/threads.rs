//! Letters about tickets that become one, and about a mail that gets a ticket of its own.

use soported::domain::letter::{Letter, LinkedTicket, Merge, Notice, Said, TicketFacts};
use soported::domain::ticket::{ClosedAs, Link, Status};

use super::{Case, NASTY, at, nasty_text, nasty_ticket, notice, ticket};

fn tied(facts: TicketFacts, link: Link) -> TicketFacts {
    let number = "GS-987".to_owned();
    let kind = link.name().to_owned();
    TicketFacts {
        links: vec![LinkedTicket { kind, number }],
        ..facts
    }
}

/// The cases of merged and split tickets.
pub(super) fn cases() -> Vec<Case> {
    let split = tied(ticket(), Link::SplitFrom);
    let split_off = |ticket: &TicketFacts, name: &str, text: &str, promised: bool| {
        let limit_at = promised.then(|| at("2026-11-24T21:30:00Z"));
        Letter::SplitOff {
            ticket: ticket.clone(),
            name: name.to_owned(),
            from: "GS-987".to_owned(),
            received_at: at("2026-11-24T17:30:00Z"),
            text: text.to_owned(),
            limit_at,
        }
    };
    let closed = tied(
        TicketFacts {
            status: Status::Closed,
            ..ticket()
        },
        Link::MergedInto,
    );
    let every_link = Link::ALL.map(|link| LinkedTicket {
        kind: link.name().to_owned(),
        number: "GS-987".to_owned(),
    });
    let mut cases = vec![
        (
            "plain",
            split_off(&split, "María Pérez", &notice().text, true),
        ),
        ("late", split_off(&split, "", "", false)),
        (
            "nasty",
            split_off(&nasty_ticket(), NASTY, &nasty_text(), true),
        ),
        (
            "merged",
            Letter::Closed {
                ticket: closed.clone(),
                name: "María Pérez".to_owned(),
                closed_as: ClosedAs::Duplicate,
                closed_at: at("2026-11-24T18:00:00Z"),
                reason: String::new(),
                duplicate_of: Some("GS-987".to_owned()),
                attempts: Vec::new(),
                asked_at: None,
            },
        ),
        (
            "merged",
            Letter::RelayedReply {
                ticket: closed,
                consultant: "Ana Ruiz".to_owned(),
                text: "Seguimos con esto en el otro número.".to_owned(),
                attachments: vec![],
                next_at: None,
            },
        ),
        (
            "linked",
            Letter::ConsultantNewTicket(Notice {
                ticket: TicketFacts {
                    links: every_link.to_vec(),
                    ..ticket()
                },
                ..notice()
            }),
        ),
    ];
    cases.extend(merges());
    cases
}

fn merges() -> Vec<Case> {
    let said = |from: &str, text: &str| Said {
        at: at("2026-11-24T17:30:00Z"),
        from: from.to_owned(),
        text: text.to_owned(),
    };
    let plain = Merge {
        ticket: tied(
            TicketFacts {
                status: Status::InProgress,
                ..ticket()
            },
            Link::MergedFrom,
        ),
        merged: TicketFacts {
            number: "GS-987".to_owned(),
            subject: "Tampoco timbra la 119".to_owned(),
            status: Status::Closed,
            requester: "Raúl Díaz <raul@acme.example>".to_owned(),
            ..ticket()
        },
        by: "Beto Díaz".to_owned(),
        conversation: vec![
            said("raul@acme.example", "Tampoco podemos timbrar la 119."),
            said("soporte@grupostaff.com", "Lo revisamos."),
        ],
    };
    let silent = Merge {
        conversation: Vec::new(),
        ..plain.clone()
    };
    let nasty = Merge {
        ticket: nasty_ticket(),
        merged: nasty_ticket(),
        by: NASTY.to_owned(),
        conversation: vec![said(NASTY, &nasty_text())],
    };
    vec![
        ("plain", Letter::ConsultantMerged(plain)),
        ("silent", Letter::ConsultantMerged(silent)),
        ("nasty", Letter::ConsultantMerged(nasty)),
    ]
}
