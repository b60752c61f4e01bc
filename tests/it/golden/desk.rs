//! Letters that follow from a mail, from a delivery or from trouble.

use soported::domain::event::AlarmCause;
use soported::domain::failure::FailureCause;
use soported::domain::letter::{Letter, NotSent, Notice, TicketFacts};
use soported::domain::ticket::{Priority, Status};

use super::{
    Case, NASTY, at, later_notice, nasty_notice, nasty_text, nasty_ticket, notice, ticket,
};

/// The cases of what follows from a mail.
pub(super) fn cases() -> Vec<Case> {
    let reply = "Buen día, María:\n\nYa renovamos el certificado; por favor intente de nuevo:\n\n  \
                 1. Cierre la sesión.\n  2. Entre otra vez y timbre la factura 118.\n\n\
                 Quedo atenta.";
    vec![
        (
            "in-hours",
            Letter::Acknowledgement {
                ticket: ticket(),
                name: "María Pérez".to_owned(),
                limit_at: at("2026-11-24T21:30:00Z"),
                in_hours: true,
                opens_at: at("2026-11-24T17:30:00Z"),
                continues: None,
            },
        ),
        (
            "out-of-hours",
            Letter::Acknowledgement {
                ticket: TicketFacts {
                    priority: Priority::Medium,
                    ..ticket()
                },
                name: "María Pérez".to_owned(),
                limit_at: at("2026-12-01T15:00:00Z"),
                in_hours: false,
                opens_at: at("2026-11-30T14:30:00Z"),
                continues: Some("GS-987".to_owned()),
            },
        ),
        (
            "nasty",
            Letter::Acknowledgement {
                ticket: nasty_ticket(),
                name: " \r\n ".to_owned(),
                limit_at: at("2027-01-01T05:59:00Z"),
                in_hours: false,
                opens_at: at("2027-01-04T14:30:00Z"),
                continues: None,
            },
        ),
        ("plain", Letter::ConsultantNewTicket(notice())),
        ("nasty", Letter::ConsultantNewTicket(nasty_notice())),
        (
            "plain",
            Letter::ConsultantClientReply(Notice {
                ticket: TicketFacts {
                    status: Status::InProgress,
                    ..ticket()
                },
                text: "Ya quedó, pero la factura 119 marca lo mismo.".to_owned(),
                attachments: vec![],
                response_due_at: None,
                ..notice()
            }),
        ),
        ("later", Letter::ConsultantClientReply(later_notice())),
        ("nasty", Letter::ConsultantClientReply(nasty_notice())),
        (
            "plain",
            Letter::ConsultantThirdParty(Notice {
                sender: "Proveedor PAC <mesa@pac.example>".to_owned(),
                text: "El servicio estará en mantenimiento el domingo.".to_owned(),
                attachments: vec![],
                ..notice()
            }),
        ),
        ("nasty", Letter::ConsultantThirdParty(nasty_notice())),
        (
            "plain",
            Letter::ConsultantEncrypted(Notice {
                text: String::new(),
                ..notice()
            }),
        ),
        ("nasty", Letter::ConsultantEncrypted(nasty_notice())),
        (
            "plain",
            Letter::EncryptedSender {
                subject: "No puedo timbrar facturas".to_owned(),
            },
        ),
        (
            "nasty",
            Letter::EncryptedSender {
                subject: NASTY.to_owned(),
            },
        ),
        (
            "plain",
            Letter::RelayedReply {
                ticket: TicketFacts {
                    status: Status::InProgress,
                    ..ticket()
                },
                consultant: "Ana Ruiz".to_owned(),
                text: reply.to_owned(),
                attachments: vec![],
                next_at: None,
            },
        ),
        relayed("waiting", Status::WaitingClient, None),
        relayed("proposed", Status::Proposed, None),
        relayed("approval", Status::WaitingApproval, None),
        relayed(
            "third-party",
            Status::WaitingThirdParty,
            Some("2411230040001234"),
        ),
        relayed("closed", Status::Closed, None),
        (
            "nasty",
            Letter::RelayedReply {
                ticket: nasty_ticket(),
                consultant: String::new(),
                text: nasty_text(),
                attachments: vec![],
                next_at: None,
            },
        ),
        (
            "closed",
            Letter::ReplyNotSent {
                ticket: Some(TicketFacts {
                    status: Status::Closed,
                    ..ticket()
                }),
                reason: NotSent::Closed,
                quote: String::new(),
                text: reply.to_owned(),
            },
        ),
        (
            "new-forward",
            Letter::ReplyNotSent {
                ticket: None,
                reason: NotSent::NewForward,
                quote: String::new(),
                text: reply.to_owned(),
            },
        ),
        (
            "no-ticket",
            Letter::ReplyNotSent {
                ticket: None,
                reason: NotSent::NoTicket,
                quote: String::new(),
                text: reply.to_owned(),
            },
        ),
        (
            "nasty",
            Letter::ReplyNotSent {
                ticket: Some(nasty_ticket()),
                reason: NotSent::Leak,
                quote: "> === Responda encima de esta línea ===".to_owned(),
                text: format!(
                    "{}\n> === responda  encima de\n> esta línea ===\n> Lo que escriba encima de \
                     esa línea se envía al cliente.\nAviso interno para consultores: no lo \
                     reenvíe al cliente.",
                    nasty_text()
                ),
            },
        ),
        (
            "plain",
            Letter::DeliveryFailed {
                ticket: ticket(),
                to: "maria@acme.example".to_owned(),
                reported: None,
                cause: FailureCause::DeadAddress,
                reason: "550 5.1.1 <maria@acme.example>: Recipient address rejected".to_owned(),
                reply: true,
                plan_stopped: false,
                response_due_at: Some(at("2026-11-26T23:30:00Z")),
            },
        ),
        (
            "alias",
            Letter::DeliveryFailed {
                ticket: ticket(),
                to: "maria@acme.example".to_owned(),
                reported: Some("mperez@correo.acme.example".to_owned()),
                cause: FailureCause::MailboxFull,
                reason: String::new(),
                reply: false,
                plan_stopped: false,
                response_due_at: None,
            },
        ),
        (
            "plan-stopped",
            Letter::DeliveryFailed {
                ticket: TicketFacts {
                    status: Status::WaitingClient,
                    ..ticket()
                },
                to: "maria@acme.example".to_owned(),
                reported: None,
                cause: FailureCause::DeadAddress,
                reason: "550 5.1.1 <maria@acme.example>: Recipient address rejected".to_owned(),
                reply: false,
                plan_stopped: true,
                response_due_at: None,
            },
        ),
        (
            "closed",
            Letter::DeliveryFailed {
                ticket: TicketFacts {
                    status: Status::Closed,
                    ..ticket()
                },
                to: "maria@acme.example".to_owned(),
                reported: None,
                cause: FailureCause::Unreachable,
                reason: "4.4.7 delivery time expired".to_owned(),
                reply: true,
                plan_stopped: false,
                response_due_at: None,
            },
        ),
        (
            "nasty",
            Letter::DeliveryFailed {
                ticket: nasty_ticket(),
                to: NASTY.to_owned(),
                reported: Some(NASTY.to_owned()),
                cause: FailureCause::Policy,
                reason: NASTY.repeat(20),
                reply: true,
                plan_stopped: false,
                response_due_at: None,
            },
        ),
        (
            "plain",
            Letter::NotAuthorizedSender {
                subject: "RE: RV: Necesito ayuda con Excel".to_owned(),
                client: "ACME".to_owned(),
                authorizers: vec!["María Pérez".to_owned(), "Luis Gil".to_owned()],
            },
        ),
        (
            "nasty",
            Letter::NotAuthorizedSender {
                subject: NASTY.to_owned(),
                client: NASTY.to_owned(),
                authorizers: vec![],
            },
        ),
        (
            "plain",
            Letter::NotAuthorizedAuthorizers {
                name: "María Pérez".to_owned(),
                sender: "Juan Soto <juan@acme.example>".to_owned(),
                subject: "Necesito ayuda con Excel".to_owned(),
                received_at: at("2026-11-24T17:30:00Z"),
                client: "ACME".to_owned(),
            },
        ),
        (
            "nasty",
            Letter::NotAuthorizedAuthorizers {
                name: NASTY.to_owned(),
                sender: NASTY.to_owned(),
                subject: String::new(),
                received_at: at("2026-11-24T17:30:00Z"),
                client: NASTY.to_owned(),
            },
        ),
        (
            "mailbox",
            Letter::OperatorAlarm {
                cause: AlarmCause::MailboxUnreachable,
                detail: "mail.grupostaff.com:993: connection refused".to_owned(),
                since: at("2026-11-24T17:30:00Z"),
            },
        ),
        (
            "nasty",
            Letter::OperatorAlarm {
                cause: AlarmCause::Unprocessable,
                detail: NASTY.to_owned(),
                since: at("2026-11-24T17:30:00Z"),
            },
        ),
        (
            "returned",
            Letter::OperatorAlarm {
                cause: AlarmCause::MailReturned,
                detail: "ana@grupostaff.com, consultant_new_ticket: 550 5.1.1 no such user"
                    .to_owned(),
                since: at("2026-11-24T17:30:00Z"),
            },
        ),
        (
            "mailbox",
            Letter::OperatorRecovered {
                cause: AlarmCause::MailboxUnreachable,
                since: at("2026-11-24T17:30:00Z"),
                until: at("2026-11-24T18:05:00Z"),
            },
        ),
    ]
}

/// A reply that leaves the ticket in a state of somebody else's.
fn relayed(name: &'static str, status: Status, case: Option<&str>) -> Case {
    let letter = Letter::RelayedReply {
        ticket: TicketFacts {
            status,
            case: case.map(str::to_owned),
            ..ticket()
        },
        consultant: "Ana Ruiz".to_owned(),
        text: "¿Nos comparte el XML de la factura 118?".to_owned(),
        attachments: vec![],
        next_at: (status != Status::Closed).then(|| at("2026-12-01T23:10:00Z")),
    };
    (name, letter)
}
