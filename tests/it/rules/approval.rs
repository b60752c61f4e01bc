//! An authorizer's answer to a request for more time (policy.md §4): what is a yes to all of it, and
//! what only looks like one.

use soported::domain::approval::{Saying, read};

const NAMES: [&str; 2] = ["María Pérez", "María Pérez Luna"];

/// The answer to a request for four hours with the code K7RM4Q.
fn said(text: &str) -> Saying {
    read(text, &NAMES, 240, "K7RM4Q")
}

fn check(wanted: Saying, texts: &[&str]) {
    for text in texts {
        assert_eq!(said(text), wanted, "{text}");
    }
}

#[test]
fn a_clear_yes_on_the_first_line_approves() {
    check(
        Saying::Yes,
        &[
            "Autorizo",
            "autorizo",
            "AUTORIZO.",
            "Sí, autorizo",
            "Sí autorizo",
            "Sí",
            "Autorizado",
            "Queda autorizado",
            "Aprobado",
            "Apruebo",
            "Adelante",
            "De acuerdo",
            "Autorizo 4 horas",
            "Autorizo las 4 horas adicionales",
            "Autorizo las 4 h",
            "Autorizo 4h",
            "Autorizo 4:00 h",
            "Autorizo 4.0 horas",
            "Autorizo 240 minutos",
            "Sí, autorizo las 4 horas más.",
            "Autorizo las horas",
            "Autorizo las horas adicionales",
            "Autorizo el tiempo adicional",
            "Autorizo el presupuesto",
            "Autorizo la ampliación",
            "Autorizo la solicitud",
            "Autorizo, clave K7RM4Q",
            "Autorizo K7RM4Q",
            "Hola:\n\nAutorizo.\n\nSaludos,\nMaría",
            "Buenas tardes, Ana:\n\nSí, autorizo.",
            "Autorizo.\n\nMaría Pérez\nDirectora",
            "Autorizo\n\nQuedo pendiente del avance.",
            "Autorizo, gracias",
            "I approve",
            "Approved",
        ],
    );
}

#[test]
fn a_clear_no_refuses() {
    check(
        Saying::No,
        &[
            "No",
            "No.",
            "No autorizo",
            "No, no autorizo",
            "No lo autorizo",
            "No se autoriza",
            "No autorizamos las horas adicionales",
            "No aprobado",
            "No por el momento",
            "Por el momento no autorizo",
            "Rechazado",
            "Hola:\n\nNo autorizo.\n\nSaludos",
            "No, gracias",
        ],
    );
}

#[test]
fn a_yes_to_something_else_or_with_a_condition_is_for_the_consultant() {
    check(
        Saying::Partly,
        &[
            "Autorizo 2 horas",
            "Autorizo 2h",
            "Autorizo las 8 horas",
            "Autorizo 30 minutos",
            "Autorizo\n\nPero solo si terminan hoy.",
            "Autorizo\nSiempre y cuando se termine esta semana",
            "Autorizo.\n\nMáximo 2 horas, por favor.",
            "Autorizo\n\n¿Y con eso queda listo?",
        ],
    );
}

#[test]
fn everything_else_is_no_answer() {
    check(
        Saying::Unclear,
        &[
            "",
            "Ok",
            "Ok gracias",
            "Gracias",
            "Enterada",
            "Recibido",
            "¿Para qué son las horas?",
            "¿Autorizo?",
            "Lo reviso con dirección y les confirmo",
            "No sé, déjenme ver",
            "No, primero explíquenme por qué",
            "Autorizo, pero solo si terminan hoy",
            "Autorizo solo 2 horas",
            "Autorizo la mitad",
            "Mañana autorizo",
            "Quien autoriza es Raúl",
            "En cuanto me autoricen les aviso",
            "El correo anterior decía «autorizo»",
            "Estoy fuera de la oficina hasta el lunes.",
            "K7RM4Q",
            "4 horas",
            "Si autorizo",
        ],
    );
}
