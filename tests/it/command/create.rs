//! `#nuevo` and `#teléfono`: whom they name, in every way people write it.

use soported::domain::command::Problem;

use super::{check, form, read, suggest};

#[test]
fn the_client_and_the_authorizer_are_read_however_they_are_written() {
    let both = "new (ACME) (maria@acme.example)";
    check("#nuevo cliente=ACME autorizador=maria@acme.example", both);
    check("#nuevo autorizador=maria@acme.example cliente=ACME", both);
    check(
        "#Nuevo: cliente: ACME, autorizador: maria@acme.example",
        both,
    );
    check(
        "#nuevo cliente = ACME ; autorizadora = maria@acme.example",
        both,
    );
    check("#new client=ACME authorizer=maria@acme.example", both);
    check(
        "*#nuevo* cliente=\"ACME\" autorizador=<maria@acme.example>",
        both,
    );
    check(
        "#nuevo cliente=ACME autorizador=maria@acme.example<mailto:maria@acme.example>",
        both,
    );
    check(
        "#nuevo cliente=ACME autorizador=<mailto:maria@acme.example>",
        both,
    );
    check("#nuevo", "new (-) (-)");
    check("#nuevo cliente=ACME", "new (ACME) (-)");
    check("#nuevo autorizador=María", "new (-) (María)");
    let long = "new (Grupo ACME, S.A. de C.V.) (María Pérez)";
    check(
        "#nuevo cliente=“Grupo ACME, S.A. de C.V.” autorizador=«María Pérez»",
        long,
    );
    check(
        "#nuevo cliente=Grupo ACME, S.A. de C.V. autorizador=María Pérez",
        long,
    );
    check(
        "#nuevo cliente=ACME\n\nNo pueden timbrar.",
        "new (ACME) (-) | No pueden timbrar.",
    );
}

#[test]
fn a_call_stands_in_the_same_line_or_in_the_next() {
    let call = "new (ACME) (-); phone";
    check("#nuevo cliente=ACME #telefono", call);
    check("#nuevo cliente=ACME\n#teléfono", call);
    check("#nuevo #llamada cliente=ACME", call);
    check("#nuevo cliente=ACME #Phone.", call);
    check("#nuevo cliente=\"ACME\", #telefono", call);
    check("#telefono\n#nuevo cliente=ACME", "phone; new (ACME) (-)");
    check("#nuevo cliente=ACME #telefono\n#telefono", call);
    let hour = "new (ACME) (maria@acme.example); phone 10:40";
    check(
        "#nuevo cliente=ACME #telefono 10:40 autorizador=maria@acme.example",
        hour,
    );
    check(
        "#nuevo cliente=ACME autorizador=maria@acme.example\n#teléfono a las 10:40 h",
        hour,
    );
    for (written, read) in [
        ("9:05", "09:05"),
        ("16:05", "16:05"),
        ("16:05 hrs.", "16:05"),
        ("4:05 pm", "16:05"),
        ("4:05 p. m.", "16:05"),
        ("12:10 am", "00:10"),
        ("12:10 pm", "12:10"),
        ("0:00", "00:00"),
        ("23:59", "23:59"),
    ] {
        check(
            &format!("#nuevo\n#telefono {written}"),
            &format!("new (-) (-); phone {read}"),
        );
    }
}

#[test]
fn what_they_cannot_mean_is_a_mistake() {
    check("#nuevo ACME maria@acme.example", "!bad_argument");
    check("#nuevo cliente ACME", "!bad_argument");
    check("#nuevo cliente=", "!needs_argument");
    check(
        "#nuevo cliente= autorizador=maria@acme.example",
        "!needs_argument",
    );
    check("#nuevo cliente=\"ACME", "!bad_argument");
    check("#nuevo cliente=ACME cliente=Globex", "!bad_argument");
    check("#nuevo cliente=ACME, prioridad=alta #nota", "!extra_text");
    check(
        &format!("#nuevo cliente={}", "a".repeat(101)),
        "!bad_argument",
    );
    check(
        "#nuevo cliente=ACME\n#nuevo cliente=Globex",
        "!contradiction",
    );
    check("#nuevo\n#telefono 10:40\n#telefono 10:50", "!contradiction");
    for wrong in [
        "10",
        "25:00",
        "10:60",
        "10:4",
        "13:00 pm",
        "0:10 am",
        "10:40 ayer",
        "55 1234 5678",
    ] {
        check(&format!("#nuevo\n#telefono {wrong}"), "!bad_argument");
    }
    check("#telefono", "!phone_alone");
    check("#telefono 10:40\n#nota", "!phone_alone");
    check("Hola\n#nuevo cliente=ACME\nadiós", "!misplaced");
    check("#nuevo cliente=ACME #cerrar validado", "!extra_text");
}

#[test]
fn a_wrong_word_is_answered_with_the_nearest_and_a_wrong_argument_with_the_form() {
    suggest("#nuevos cliente=ACME", form("nuevo"));
    suggest("#telefno", form("telefono"));
    suggest("#red", None);
    let mistakes = read("#nuevo ACME").unwrap_err();
    assert_eq!(mistakes[0].problem, Problem::BadArgument);
    assert_eq!(mistakes[0].suggestion.as_deref(), form("nuevo"));
}
