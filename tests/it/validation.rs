//! `domain::validation`: what office people in Mexico answer to a solution, and what it amounts to.

use std::sync::LazyLock;

use proptest::prelude::*;
use soported::domain::validation::Reading::{self, BareThanks, Validation, Words};
use soported::domain::validation::{ValidationWords, read};

/// Patterns are compiled once for all tests.
static OURS: LazyLock<ValidationWords> = LazyLock::new(ValidationWords::default_patterns);

fn check(text: &str, wanted: Reading) {
    assert_eq!(read(text, &["María López Ruiz"], &OURS), wanted, "{text}");
}

fn each(wanted: Reading, texts: &[&str]) {
    for text in texts {
        check(text, wanted);
    }
}

#[test]
fn a_clear_confirmation_is_a_validation() {
    each(
        Validation,
        &[
            "Validado",
            "VALIDADO",
            "validado.",
            "Validada, gracias",
            "Validado!!",
            "¡Validado!",
            "*Validado*",
            "- Validado",
            "Queda validado",
            "Quedó validado",
            "Quedó validado el ticket",
            "Doy por validado el caso",
            "Confirmado",
            "Confirmado, gracias",
            "Confirmo",
            "Confirmo.\n\nSaludos",
            "Buen día, confirmo. Gracias",
            "Sí, confirmo",
            "Si, confirmo",
            "Sí confirmo",
            "Confirmamos, saludos",
            "Confirmo de conformidad",
            "Confirmo el cierre del ticket",
            "Confirmo la solución",
            "Confirmo que quedó resuelto",
            "Les confirmo que ya quedó",
            "Te confirmo que ya funciona correctamente",
            "Ya quedó",
            "ya quedo",
            "Ya quedó todo",
            "Sí, ya quedó, muchas gracias",
            "Si, ya quedo",
            "Sí ya quedó",
            "Si\u{301} ya quedo\u{301}",
            "ya quedo gracias",
            "listo ya quedo muchas gracias",
            "Ya quedó 👍",
            "Ya quedó 👍🏽 gracias 🙏",
            "Ya quedó :)",
            "Queda resuelto, pueden cerrar",
            "Queda resuelto, pueden cerrar.\nGracias",
            "Ya quedó resuelto el problema",
            "Está solucionado",
            "Fue corregido el problema",
            "Se resolvió el incidente",
            "Ya se solucionó",
            "Resuelto, gracias",
            "Problema resuelto",
            "Todo quedó bien",
            "Quedó perfecto, gracias",
            "Ya quedo listo",
            "Ya está funcionando correctamente",
            "Ya lo probamos y quedó bien",
            "Funciona",
            "Ya funciona",
            "ya me funciona bien",
            "Sí funciona, gracias",
            "Todo funciona correctamente",
            "Lo probé y funciona perfectamente",
            "Ya funciona el sistema",
            "Ya pude entrar al sistema, gracias",
            "Pueden cerrar",
            "Ya se puede cerrar el ticket",
            "Ya podemos cerrar el caso",
            "Pueden cerrar el ticket por favor",
            "Favor de cerrar el ticket",
            "Por favor cierren el caso, gracias",
            "Ciérrenlo por favor",
            "Cerrar ticket",
            "De acuerdo con el cierre",
            "Estoy de acuerdo con la solución",
            "Autorizo el cierre del ticket",
            "Doy por cerrado el ticket",
            "Tienen mi visto bueno",
            "Ok, ya quedó",
            "Ok ya quedo gracias",
            "De acuerdo, pueden cerrar",
            "Perfecto, ya quedó. Pueden cerrar el caso",
            "Ya quedó y pueden cerrar",
            "Validado y gracias",
            "Validado – gracias",
            "Hola Ana,\n\nYa quedó, muchas gracias por tu apoyo.\n\nSaludos,\nMaría López",
            "Buenas tardes Luis:\n\nValidado.\n\nAtentamente\nJuan de la Cruz Pérez",
            "Hola buenas tardes\nYa quedó resuelto\nMuchas gracias por la atención y el apoyo\nSaludos cordiales",
            "Estimada Ana, queda resuelto, pueden cerrar. Que tenga excelente día.",
            "hola buen dia equipo, validado, quedo atento",
            "Gracias Ana, ya quedó.",
            "Ya quedó. Gracias\nMaría",
            "Validado\r\n\r\nSaludos\r\nMaría José",
            "Validado\u{200b}",
            "Confirmo, saludos\nEva",
            "Ya quedó, gracias.\nLópez",
            "Ya quedó, gracias.\n\nMaria Ruiz",
            "Validated",
            "It works, thanks",
            "Confirmed. Thank you so much!",
            "You can close the ticket",
            "Hi Ana, please close it. Best regards\nJohn Smith",
        ],
    );
}

#[test]
fn what_confirms_something_else_is_no_validation() {
    each(
        Words,
        &[
            "Ya quedó, gracias.\nLlámenme",
            "Ya quedó, gracias.\n\nEva",
            "Confirmo de recibido",
            "confirmo recibido",
            "Confirmo, recibido",
            "Confirmo que recibí",
            "Confirmo recepción",
            "Confirmado de recibido",
            "Recibido, confirmo",
            "Confirmo asistencia",
            "Confirmado, nos vemos mañana",
            "Confirmada la sesión de las 5",
            "Queda confirmada la sesión",
            "Confirmada",
            "Confirmo que sigue fallando",
            "Confirmo que revisaré",
            "Confirmo\nque revisaré",
            "Confirmo con Luis",
            "Validado con observaciones",
            "Validado con Luis",
            "Validado (ver adjunto)",
            "Validado por sistemas, falta contabilidad",
            "Quedó validado solo uno",
            "Validado solo el primero",
            "Ya quedó mal",
            "Ya quedó uno",
            "Ya quedó igual",
            "Ya quedó, pero tarda mucho",
            "Ya quedó. Otra cosa: el reporte de ventas",
            "Ya quedó casi todo",
            "Ya quedó la mitad",
            "Ya quedó a medias",
            "Ya quedó peor",
            "Quedó bien una parte",
            "Funciona en mi equipo",
            "Funciona mal",
            "Funciona a veces",
            "Funciona, excepto en Chrome",
            "funciona, aunque lento",
            "Todo funciona menos el reporte",
            "Listo el ticket?",
            "Listo el ticket",
            "Ya está",
            "Está bien",
            "Ya lo validé",
            "Se cerró la sesión",
            "Pueden cerrar el periodo",
            "Ya pude entrar pero no carga",
            "Gracias a que lo arreglamos nosotros ya funciona",
            "Ya quedó, gracias a nosotros",
            "Gracias revisen la factura, validado",
            "Validado, gracias por el apoyo revisen la factura siguiente",
            "Validado. Saludos\nfavor de revisar otra factura",
            "Validado, saludos\nrevisar factura",
            "Hola validen esto, ya quedó",
            "De acuerdo",
            "De acuerdo, lo reviso",
            "Estoy de acuerdo",
            "Ok",
            "Listo",
            "Perfecto",
            "Enterado",
            "Correcto",
            "Sí",
            "Si",
            "Hola",
            "Saludos,\nMaría",
            "María",
            "",
            " \n ",
            "👍",
            "...",
        ],
    );
}

#[test]
fn what_is_promised_for_later_is_no_validation() {
    each(
        Words,
        &[
            "Ok, validaremos",
            "Validaremos",
            "Valido",
            "Valido y aviso",
            "Ok, valido la solución",
            "Gracias, validamos",
            "Gracias, confirmo mañana",
            "Confirmo mañana",
            "Confirmo más tarde",
            "Ok, confirmo",
            "ok confirmo",
            "Gracias, confirmo",
            "Gracias y confirmo",
            "Gracias Confirmo",
            "Perfecto. Confirmo",
            "De acuerdo, confirmo",
            "Hola Ana, gracias.\nConfirmo",
            "Les confirmo",
            "En un rato te confirmo",
            "Reviso y confirmo",
            "Reviso, confirmo",
            "Lo confirmo en la tarde",
            "Confirmaré el cierre",
            "Vamos a validar",
            "Estamos validando",
            "Luego validamos, gracias",
            "Mañana cerramos",
            "Pueden cerrar mañana",
            "Pueden cerrar en una hora",
            "Pueden cerrar el lunes",
            "Después pueden cerrar",
            "Ok, I confirm",
            "I will confirm",
            "Quedo al pendiente, ya quedó",
            "Gracias de antemano, pueden cerrar",
        ],
    );
}

#[test]
fn a_condition_is_no_validation() {
    each(
        Words,
        &[
            "Si funciona les aviso",
            "Si funciona, pueden cerrar",
            "Si ya quedó, pueden cerrar",
            "si ya quedo pueden cerrar",
            "SI YA QUEDO, PUEDEN CERRAR",
            "Si quedó resuelto, pueden cerrar",
            "Si está validado pueden cerrar",
            "Pueden cerrar si ya quedó",
            "Pueden cerrar, si ya quedó",
            "Pueden cerrar si\nya quedó",
            "Hola, si ya quedó, pueden cerrar",
            "*Si ya quedó*, pueden cerrar",
            "“Si” ya quedó, pueden cerrar",
            "Si (ya quedó), pueden cerrar",
            "Cuando quede resuelto pueden cerrar",
            "Cuando quede resuelto, pueden cerrar",
            "Una vez que funcione, pueden cerrar",
            "En cuanto quede, pueden cerrar",
            "Siempre y cuando funcione, pueden cerrar",
            "Pueden cerrar hasta que valide Luis",
            "De quedar resuelto, pueden cerrar",
            "Mientras funcione, validado",
            "Ojalá ya quedó",
            "Espero que ya quedó",
            "If it works, you can close it",
            "You can close it when it works",
            "Quizás ya quedó",
        ],
    );
}

#[test]
fn doubt_denial_and_questions_are_words() {
    each(
        Words,
        &[
            "¿Ya quedó?",
            "Ya quedó?",
            "Ya quedó？",
            "¿Ya quedó",
            "pueden cerrar? no",
            "No",
            "No validado",
            "No confirmo",
            "No funciona",
            "Ya no funciona",
            "No, gracias",
            "No pueden cerrar",
            "Validado no",
            "Validado / no validado",
            "Validado/Rechazado",
            "Validado, no",
            "Todavía no quedó",
            "Aún no. Gracias",
            "Sigue igual",
            "Sigue fallando, gracias",
            "Falta validar",
            "Ya quedó... creo",
            "Ya quedó...",
            "Ya quedó…",
            "Ya quedó..",
            "Ya quedó :(",
            "Ya quedó 👎",
            "👎",
            "Validado ❌",
            "❌ Validado",
            "Validado\n❌",
            "[ ] Validado",
            "( ) Validado",
            "[x] Validado",
            "~~Validado~~",
            "\"Validado\"",
            "Ya quedó “resuelto”",
            "> Queda resuelto, pueden cerrar",
            "> Validado\nGracias",
            "Gracias\n> Queda resuelto, pueden cerrar",
            "| Validado",
            "Creo que ya quedó",
            "Parece que ya funciona",
            "Ya quedó parcialmente",
            "Urge, ya quedó",
            "Ya quedó, gracias\nReabran",
            "Ya quedó sin acceso",
            "It does not work",
            "Works, but slowly",
        ],
    );
}

#[test]
fn digits_and_unknown_words_are_for_a_person() {
    each(
        Words,
        &[
            "Validado 2",
            "1. Validado",
            "Validado, 2",
            "2",
            "Ya quedó 50%",
            "Validado\n5512345678",
            "Validado. Saludos\nTel. 55 1234 5678",
            "Ya quedó, 10 de 12",
            "Ya quedó a las 12:30",
            "Estatus: validado",
            "Validado tlaxcala",
            "gracias ana ya quedo",
            "GRACIAS ANA, VALIDADO",
            "Validado, hola ana",
            "valdiado",
            "Saludos\nMaría | Contadora\nvalidado",
        ],
    );
    check(&format!("Validado{}", " ".repeat(400)), Words);
    check(&format!("Validado{}", "\n".repeat(390)), Validation);
    check(&"Validado. ".repeat(12), Validation);
    check(&"Validado. ".repeat(13), Words);
    check(&"ok ".repeat(24), Words);
}

#[test]
fn bare_thanks_are_thanks() {
    each(
        BareThanks,
        &[
            "Gracias",
            "gracias!",
            "GRACIAS",
            "Muchas gracias",
            "Mil gracias 🙏",
            "Ok, gracias",
            "ok gracias",
            "Listo, gracias",
            "Perfecto, muchas gracias",
            "Excelente. Gracias",
            "Todo bien, gracias",
            "De acuerdo, gracias",
            "Gracias Ana",
            "Gracias Ana María. Saludos",
            "Gracias inge",
            "Gracias a todos",
            "Gracias por todo",
            "Gracias por su pronta respuesta",
            "Muchas gracias por tu apoyo Ana",
            "Muchas gracias por el apoyo y la atención",
            "Agradezco su apoyo",
            "Les agradecemos mucho",
            "Muy agradecida",
            "Buenas tardes, muchas gracias.\n\nSaludos,\nMaría López",
            "Hola Luis!\nGracias :)",
            "Gracias\nMaría",
            "Thanks",
            "Thank you so much",
            "Ok thanks",
        ],
    );
    each(
        Words,
        &[
            "Gracias, lo reviso",
            "Gracias, quedo al pendiente",
            "Gracias de antemano",
            "Gracias, pero sigue igual",
            "Gracias por nada revisen",
            "gracias ana",
            "Gracias a Dios no fue grave",
            "Agradezco revisen el reporte",
            "Enterado, gracias",
            "Gracias?",
        ],
    );
}

#[test]
fn a_houses_own_words_take_the_place_of_ours() {
    let own = ValidationWords::new(&["jalo( chido)?"], &["grax"], &["que onda"]).unwrap();
    assert_eq!(read("Jaló chido", &[], &own), Validation);
    assert_eq!(read("¡Qué onda! Jaló, grax", &[], &own), Validation);
    assert_eq!(read("Grax", &[], &own), BareThanks);
    assert_eq!(read("Jaló todo", &[], &own), Words);
    assert_eq!(read("No jaló", &[], &own), Words);
    assert_eq!(read("Si jaló", &[], &own), Words);
    assert_eq!(read("¿Jaló?", &[], &own), Words);
    assert_eq!(read("Validado", &[], &own), Words);
    // What is too loose stays within its clause, and doubt stays doubt.
    let loose = ValidationWords::new(&[".*"], &["grax"], &["hola"]).unwrap();
    assert_eq!(read("no", &[], &loose), Words);
    let none: [&str; 0] = [];
    let silent = ValidationWords::new(&none, &none, &none).unwrap();
    assert_eq!(read("Validado", &[], &silent), Words);
    for wrong in ["(a", "a)|(b", "*", "\\p{x}"] {
        let error = ValidationWords::new(&[wrong], &none, &none).unwrap_err();
        assert!(error.contains(wrong), "{error}");
        assert!(ValidationWords::new(&none, &[wrong], &none).is_err());
        assert!(ValidationWords::new(&none, &none, &[wrong]).is_err());
    }
}

/// Answers put together out of pieces of answers.
fn answers() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "validado",
        "Ya quedó",
        "pueden cerrar",
        "confirmo",
        "gracias",
        "hola",
        "ok",
        "si",
        "Sí",
        "no",
        "y",
        "Ana",
        "Saludos",
        ",",
        ".",
        "\n",
        " ",
        "?",
        ":)",
        "👍",
        ">",
        "funciona",
        "mañana",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn any_text_amounts_to_something(text in "\\PC{0,500}") {
        // Nobody validates by chance.
        prop_assert_ne!(read(&text, &[], &OURS), Validation);
    }

    #[test]
    fn a_clause_of_digits_or_of_unknown_words_is_never_part_of_a_validation(
        (before, after) in (answers(), answers()),
        clause in "[0-9]{1,12}|[a-z]{0,4}x[a-z]{0,4}q[a-z]{0,4}|[0-9]+ [a-z]{1,9}",
        end in prop::sample::select(vec![".", ",", ";", "\n", "!"]),
    ) {
        let text = format!("{before}{end} {clause}{end} {after}");
        prop_assert_eq!(read(&text, &[], &OURS), Words);
    }

    #[test]
    fn a_question_or_a_denial_anywhere_is_never_a_validation(
        (before, after) in (answers(), answers()),
        doubt in prop::sample::select(vec!["?", "¿", " no ", " pero ", " todavía ", " cuando ", "…", "\n> "]),
    ) {
        let text = format!("{before}{doubt}{after}");
        prop_assert_eq!(read(&text, &[], &OURS), Words);
    }
}
