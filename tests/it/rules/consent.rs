//! An authorizer's answer to the notice of a held mail (policy.md §1): what is a clear yes, and what
//! follows from it.

use soported::domain::case::Asked;
use soported::domain::consent::is_clear_yes;
use soported::domain::effect::{Effect, HeldCause, Outcome};
use soported::domain::held::{HeldMail, HeldState};
use soported::domain::ids::{HeldId, InboundId, TicketId};
use soported::domain::letter::{HeldAnswer, Letter, LetterKind};
use soported::domain::message::{Attachment, Verdict};
use soported::domain::ticket::Status;

use super::{ANA, Decided, LUIS, MARIA, PEDRO, RAUL, Scene, acme, address, at, ticket};

const NAMES: [&str; 2] = ["María Pérez", "María Pérez Luna"];

#[test]
fn a_clear_yes_is_read_as_one() {
    for text in [
        "Sí",
        "Sí.",
        "Si",
        "si!",
        "SÍ",
        "Sí, autorizo",
        "Sí, autorizo.",
        "Sí autorizo",
        "Si, autorizo",
        "Autorizo",
        "AUTORIZO",
        "Autorizado",
        "Autorizada.",
        "Queda autorizado",
        "Sí, queda autorizada por mi parte",
        "Sí, lo autorizo",
        "La autorizo, gracias",
        "Lo autorizo",
        "Autorizamos",
        "Autorizo la atención",
        "Sí, autorizo la solicitud.",
        "Autorizo su solicitud, por favor.",
        "Autorizo el soporte",
        "Apruebo",
        "Aprobado",
        "Adelante",
        "Adelante, por favor",
        "Sí, adelante.",
        "Adelante con la atención",
        "Adelante con su solicitud, gracias",
        "Procedan",
        "Procedan por favor",
        "Pueden atenderlo",
        "Sí, pueden atenderla",
        "Sí, lo pueden atender.",
        "Pueden proceder",
        "Pueden atender su solicitud",
        "Por favor atiéndanlo",
        "Favor de atender su solicitud",
        "Atiéndanla por favor",
        "De acuerdo",
        "Estoy de acuerdo",
        "De acuerdo, adelante",
        "Sí, por favor",
        "Claro que sí",
        "Sí, claro",
        "Por supuesto",
        "Cuentan con mi autorización",
        "Buen día:\n\nSí, autorizo.\n\nSaludos,\nMaría Pérez",
        "Buenas tardes.\nAdelante.\nGracias",
        "Hola equipo, sí, adelante. Muchas gracias por su apoyo.",
        "Sí, autorizo\n\nMaría Pérez",
        "Sí, autorizo.\nMaría",
        "Adelante 👍",
        "Sí, autorizo 🙏",
        "Yes",
        "Approved",
        "Go ahead, thanks",
        "**Sí, autorizo**",
        "- Sí, autorizo",
    ] {
        assert!(is_clear_yes(text, &NAMES), "{text}");
    }
}

#[test]
fn whatever_is_doubtful_is_none() {
    for text in [
        "",
        " \n ",
        "No",
        "No autorizo",
        "No, gracias",
        "No lo atiendan",
        "No autorizado",
        "Ok",
        "Ok gracias",
        "Gracias",
        "Enterada",
        "Recibido",
        "Está bien",
        "Claro",
        "Correcto",
        "Perfecto",
        "👍",
        "?",
        "¿Sí?",
        "¿Autorizo?",
        "Sí?",
        "Sí, pero solo esta vez",
        "Sí, solo por hoy",
        "Sí, aunque primero me llaman",
        "Sí, siempre y cuando no cueste",
        "Si autorizo",
        "Si el costo está incluido, adelante",
        "Adelante si no tiene costo",
        "Sí, autorizo 2 horas",
        "Sí, autorizo a Pedro y también a Luis",
        "Autorizo parcialmente",
        "Autorizo hasta mañana",
        "Sí, cuando regrese Luis",
        "Mañana les autorizo",
        "Creo que sí",
        "Supongo que sí",
        "Quizás",
        "Tal vez",
        "Déjenme revisar",
        "Lo reviso y les aviso",
        "Espero que sí",
        "Todavía no",
        "Sí... pero no sé",
        "Sí…",
        "Que lo autorice Luis",
        "Pregúntenle a Luis",
        "Pedro ya no trabaja aquí",
        "No lo conozco",
        "No sé quién es",
        "Sí, y de paso revisen el servidor",
        "Sí, autorizo. Además necesito un reporte nuevo.",
        "Autorizo el presupuesto",
        "Autorizado el pago",
        "Adelante con el presupuesto de 4 horas",
        "De acuerdo con el presupuesto",
        "Sí, que abra un ticket y me copien",
        "Sí, agreguen a Pedro a la lista",
        "Autoricen a Pedro para todo",
        "Desautorizo",
        "Denegado",
        "Rechazo",
        "Cancelen",
        "Descártenlo",
        "> Sí, autorizo",
        "| Sí",
        "Sí, autorizo\n> ¿Desea que lo atendamos?",
        "Estoy fuera de la oficina",
        "Sí :(",
        "Sí 😡",
        "Luis Gil",
        "Sí, autorizo\nLuis Gil",
        "Urge, sí",
        "Sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí sí",
        "Yes, but",
        "Not approved",
        "If possible",
    ] {
        assert!(!is_clear_yes(text, &NAMES), "{text}");
    }
    let long = format!("Sí, autorizo. {}", "Gracias. ".repeat(100));
    assert!(!is_clear_yes(&long, &NAMES));
}

/// Held mail 3, Pedro's, of ACME.
fn asked() -> Asked {
    Asked {
        number: HeldId(3),
        held: HeldMail {
            inbound: InboundId(50),
            cause: HeldCause::Unauthorized,
            state: HeldState::Waiting,
            received_at: at("11-24 09:00"),
            from: PEDRO.to_owned(),
            subject: "No abre el sistema".to_owned(),
            client: Some(acme().id),
            sender: Some(address(PEDRO)),
            sender_client: Some(acme().id),
            malformed: None,
            absent: false,
        },
        notice_to: address(MARIA),
    }
}

/// Somebody's answer to María's notice.
pub fn answer(sender: &str, text: &str) -> Scene {
    let mut scene = Scene::from(sender)
        .subject("Re: En espera de su solicitud: No abre el sistema")
        .text(text);
    scene.case.asked = Some(asked());
    scene.case.next_held = HeldId(8);
    scene
}

fn released(decided: &Decided) -> bool {
    let release = |effect: &Effect| matches!(effect, Effect::ReleaseHeld { .. });
    decided.0.effects.iter().any(release)
}

/// Checks that nothing is released, that it waits for a person, and why the consultants are told.
fn goes_to_a_consultant(scene: &Scene, wanted: HeldAnswer) {
    let decided = scene.decide();
    assert!(!released(&decided));
    assert_eq!(decided.held(), Some(HeldCause::Consent));
    assert_eq!(decided.sent(), [(LetterKind::ConsultantHeldAnswer, ANA)]);
    match decided.letter(LetterKind::ConsultantHeldAnswer) {
        Letter::ConsultantHeldAnswer {
            reason,
            asked,
            number,
            ..
        } => {
            assert_eq!(*reason, wanted);
            assert_eq!((asked.number, *number), (3, 8));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clear_yes_lets_the_mail_in_from_that_yes_on() {
    let decided = answer(MARIA, "Sí, autorizo").decide();
    assert_eq!(decided.outcome(), Outcome::Recorded);
    assert_eq!(
        decided.sent(),
        [],
        "whoever asked is told by the acknowledgement"
    );
    let found = decided.0.effects.iter().find_map(|effect| match effect {
        Effect::ReleaseHeld {
            held,
            inbound,
            release,
            by,
            ..
        } => Some((*held, *inbound, release.clone().unwrap(), by.clone())),
        _ => None,
    });
    let (held, inbound, release, by) = found.expect("it is released");
    assert_eq!((held, inbound), (HeldId(3), InboundId(50)));
    assert_eq!(by, address(MARIA));
    assert_eq!(release.client, Some(acme().id));
    assert_eq!(release.starts_at, Some(at("11-24 10:00")));
}

#[test]
fn what_is_doubtful_releases_nothing_and_is_shown() {
    goes_to_a_consultant(&answer(MARIA, "Sí, pero solo hoy"), HeldAnswer::Unclear);
    goes_to_a_consultant(&answer(MARIA, "No"), HeldAnswer::Unclear);
    goes_to_a_consultant(&answer(MARIA, ""), HeldAnswer::Unclear);
    let mut with_file = answer(MARIA, "Sí, autorizo");
    with_file.mail.attachments.push(Attachment {
        name: "lista.xlsx".to_owned(),
        media_type: "application/vnd.ms-excel".to_owned(),
        size: 10,
        inline: false,
        sha256: String::new(),
    });
    goes_to_a_consultant(&with_file, HeldAnswer::Unclear);
    let encrypted = answer(MARIA, "Sí").marks(|m| m.encrypted = true);
    goes_to_a_consultant(&encrypted, HeldAnswer::Unclear);
}

#[test]
fn a_yes_of_somebody_else_or_of_weaker_proof_releases_nothing() {
    // Another authorizer answers María's notice; it was not sent to him.
    goes_to_a_consultant(&answer(RAUL, "Sí, autorizo"), HeldAnswer::NotTheirs);
    goes_to_a_consultant(
        &answer(MARIA, "Sí, autorizo").verdict(Verdict::Medium),
        HeldAnswer::NeedsStrong,
    );
    // She is on the list no more, or may not open tickets.
    let mut gone = answer(MARIA, "Sí, autorizo");
    gone.case.standing.listed = None;
    goes_to_a_consultant(&gone, HeldAnswer::NotTheirs);
    let mut limited = answer(MARIA, "Sí, autorizo");
    limited.case.standing.listed.as_mut().unwrap().can_open = false;
    goes_to_a_consultant(&limited, HeldAnswer::NotTheirs);
    for (verdict, cause) in [
        (Verdict::None, HeldCause::Unauthenticated),
        (Verdict::Fail, HeldCause::Forged),
    ] {
        let decided = answer(MARIA, "Sí, autorizo").verdict(verdict).decide();
        assert!(!released(&decided));
        assert_eq!(decided.held(), Some(cause));
        assert_eq!(decided.sent(), [], "a forger moves nobody");
    }
    // Whom it is about, and another client's people, answer nothing by it.
    for sender in [PEDRO, LUIS] {
        let decided = answer(sender, "Sí, autorizo").decide();
        assert!(!released(&decided), "{sender}");
        assert_ne!(decided.held(), Some(HeldCause::Consent), "{sender}");
    }
}

#[test]
fn a_yes_said_twice_releases_once_and_after_a_person_s_no_asks_a_person() {
    let decided_before = |state| {
        let mut scene = answer(MARIA, "Sí, autorizo");
        scene.case.asked.as_mut().unwrap().held.state = state;
        scene
    };
    let twice = decided_before(HeldState::Released).decide();
    assert!(!released(&twice));
    assert_eq!(twice.outcome(), Outcome::Recorded);
    assert_eq!(twice.sent(), []);
    for state in [HeldState::Discarded, HeldState::Expired] {
        goes_to_a_consultant(&decided_before(state), HeldAnswer::Decided);
    }
}

#[test]
fn an_answer_that_somebody_let_in_is_a_request_of_its_own() {
    let decided = answer(MARIA, "Sí, y además falla el reporte")
        .released(Some(acme()))
        .decide();
    assert_eq!(decided.outcome(), Outcome::Opened);
    assert_eq!(decided.ticket().id, TicketId(42));
    // And a tag in the subject leads nowhere while it is an answer to the notice.
    let tagged = answer(MARIA, "Sí, autorizo")
        .ticket(ticket(Status::New))
        .subject("Re: En espera [GS-7]");
    assert!(released(&tagged.decide()));
}

#[test]
fn an_out_of_office_answer_does_nothing() {
    let decided = answer(MARIA, "Sí, autorizo")
        .marks(|m| m.auto_submitted = Some("auto-replied".to_owned()))
        .decide();
    assert!(!released(&decided));
    assert_eq!(decided.sent(), []);
}
