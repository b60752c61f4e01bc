//! `#autorizar`, `#revocar`, `#liberar`, `#descartar`: what is read, and what is refused.

use super::{check, form, read, suggest};

#[test]
fn a_person_is_named_by_address_and_name_in_either_order() {
    for line in [
        "#autorizar sofia@acme.example Sofía Ríos",
        "#Autorizar sofia@acme.example Sofía Ríos",
        "#authorize sofia@acme.example Sofía Ríos",
        "#autorizar: sofia@acme.example Sofía Ríos",
        "#autorizar SOFIA@ACME.EXAMPLE Sofía Ríos",
        "#autorizar sofia@acme.example, Sofía Ríos.",
        "#autorizar sofia@acme.example - Sofía Ríos",
        "#autorizar Sofía Ríos sofia@acme.example",
        "#autorizar Sofía Ríos <sofia@acme.example>",
        "#autorizar \"Sofía Ríos\" <sofia@acme.example>",
        "#autorizar <sofia@acme.example> “Sofía Ríos”",
        "#autorizar sofia@acme.example<mailto:sofia@acme.example> Sofía Ríos",
        "#autorizar mailto:sofia@acme.example Sofía Ríos",
        "#autorizar sofia@acme.example (sofia@acme.example) Sofía Ríos",
        "# autorizar sofia@acme.example Sofía Ríos",
        "*#autorizar* sofia@acme.example Sofía Ríos",
        "#autorizar\u{a0}sofia@acme.example\u{a0}Sofía\u{a0}Ríos",
    ] {
        check(line, "authorize sofia@acme.example (Sofía Ríos)");
    }
    check(
        "#autorizar x.y+soporte@sub.acme.example Ñ",
        "authorize x.y+soporte@sub.acme.example (Ñ)",
    );
    // A person may be called like the word that names a client.
    check(
        "#autorizar c@acme.example Cliente Final",
        "authorize c@acme.example (Cliente Final)",
    );
}

#[test]
fn the_client_is_named_at_the_end_of_the_line() {
    for (said, client) in [
        ("cliente=ACME", "ACME"),
        ("Cliente = ACME", "ACME"),
        ("client: ACME", "ACME"),
        ("cliente=ACME.", "ACME"),
        ("cliente=«Grupo ACME»", "Grupo ACME"),
        ("cliente=\"Grupo ACME\"", "Grupo ACME"),
        ("cliente=Grupo ACME del Norte", "Grupo ACME del Norte"),
    ] {
        let line = format!("#autorizar s@acme.example Sofía Ríos {said}");
        check(
            &line,
            &format!("authorize s@acme.example (Sofía Ríos) for {client}"),
        );
        check(
            &format!("#liberar 3 {said}"),
            &format!("release 3 for {client}"),
        );
    }
    check(
        "#autorizar s@acme.example Sofía cliente=",
        "!needs_argument",
    );
    check(
        "#autorizar s@acme.example Sofía cliente=.",
        "!needs_argument",
    );
    // What follows belongs to the client's name, and no address is one.
    check(
        "#autorizar cliente=ACME s@acme.example Sofía",
        "!bad_argument",
    );
    check("#liberar cliente=ACME 3", "!needs_argument");
}

#[test]
fn a_line_that_names_nobody_or_two_people_is_refused() {
    check("#autorizar", "!needs_argument");
    check("#autorizar Sofía Ríos", "!needs_argument");
    check("#autorizar sofia@acme.example", "!needs_argument");
    check("#autorizar sofia@acme.example ,", "!needs_argument");
    check("#revocar", "!needs_argument");
    check("#revocar Sofía", "!needs_argument");
    for line in [
        "#autorizar sofia@ Sofía",
        "#autorizar @acme.example Sofía",
        "#autorizar sofia@acme Sofía",
        "#autorizar sofía@acme.example Sofía",
        "#autorizar sofia@acme.example luis@acme.example Sofía",
        "#autorizar sofia@acme.example<mailto:luis@acme.example> Sofía",
        "#autorizar sofia@acme.example ???",
        "#autorizar sofia@acme.example a=b",
        "#revocar sofia@acme",
        "#revocar a@acme.example b@acme.example",
    ] {
        check(line, "!bad_argument");
    }
    let long = "a".repeat(101);
    check(
        &format!("#autorizar sofia@acme.example {long}"),
        "!bad_argument",
    );
    check(&format!("#liberar 1 cliente={long}"), "!bad_argument");
    check("#revocar sofia@acme.example por favor", "!extra_text");
    check("#revocar sofia@acme.example", "revoke sofia@acme.example");
    check("#revoke <sofia@acme.example>.", "revoke sofia@acme.example");
    check("#autorizar s@acme.example Sofía #nota", "!extra_text");
}

#[test]
fn held_mails_are_named_by_their_numbers() {
    check("#liberar 3", "release 3");
    check("#release 3", "release 3");
    check("#liberar: 3.", "release 3");
    check("#liberar #3", "release 3");
    check("#liberar 003", "release 3");
    check("#liberar 3, 5", "release 3+5");
    check("#liberar 3,5,7", "release 3+5+7");
    check("#liberar 3 5 y 7", "release 3+5+7");
    check("#liberar 3; 5 and 3", "release 3+5");
    check("#descartar 4", "discard 4");
    check("#discard 4, 6", "discard 4+6");
    check("#liberar", "!needs_argument");
    check("#liberar ,", "!needs_argument");
    check("#descartar", "!needs_argument");
    for rest in [
        "tres",
        "0",
        "-3",
        "3-5",
        "3a",
        "GS-3",
        "3/5",
        "todos",
        "+3",
        "٣",
        "1e3",
        "9999999999999999999",
    ] {
        check(&format!("#liberar {rest}"), "!bad_argument");
        check(&format!("#descartar {rest}"), "!bad_argument");
    }
    check("#descartar 3 cliente=ACME", "!bad_argument");
    let many: Vec<String> = (1..=20).map(|n| n.to_string()).collect();
    check(
        &format!("#liberar {}", many.join(" ")),
        &format!("release {}", many.join("+")),
    );
    check(&format!("#liberar {} 21", many.join(" ")), "!too_many");
}

#[test]
fn several_may_stand_in_one_mail_and_one_person_or_number_only_once() {
    check(
        "#autorizar a@acme.example Ana Gil\n#autorizar b@acme.example Beto Gil\n#revocar c@acme.example",
        "authorize a@acme.example (Ana Gil); authorize b@acme.example (Beto Gil); revoke c@acme.example",
    );
    check(
        "#liberar 3\n#liberar 5 cliente=ACME",
        "release 3; release 5 for ACME",
    );
    check(
        "#liberar 3\n#descartar 4\n#liberar 3",
        "release 3; discard 4",
    );
    check(
        "#liberar 3\n#descartar 4\nHola",
        "release 3; discard 4 | Hola",
    );
    check("#liberar 3, 4\n#descartar 4", "!contradiction");
    check("#liberar 3\n#liberar 3 cliente=ACME", "!contradiction");
    check(
        "#autorizar a@acme.example Ana\n#revocar a@acme.example",
        "!contradiction",
    );
    check(
        "#autorizar a@acme.example Ana\n#autorizar a@acme.example Anita",
        "!contradiction",
    );
}

#[test]
fn near_misses_are_told_and_never_obeyed() {
    suggest("#autorisar a@acme.example Ana", form("autorizar"));
    suggest("#autoriza a@acme.example Ana", form("autorizar"));
    suggest("#revoca a@acme.example", form("revocar"));
    suggest("#libera 3", form("liberar"));
    suggest("#descarta 3", form("descartar"));
    suggest("#liberar3", form("liberar"));
    check("> #liberar 3", "!misplaced");
    check("Hola\n#liberar 3\nSaludos", "!misplaced");
    check("1) #descartar 3", "!misplaced");
    check("##liberar 3", "| #liberar 3");
    let mistakes = read("#liberar tres").unwrap_err();
    assert_eq!(mistakes[0].suggestion.as_deref(), form("liberar"));
}
