//! `#cc`, `#unir` and `#separar`: every form, and what is none.

use soported::domain::address::{Address, Person};

use super::check;

/// `+eva@acme.example (Eva Sol) -pedro@acme.example`.
pub fn people(add: &[Person], remove: &[Address]) -> String {
    let add = add.iter().map(|person| {
        let name = if person.name == person.address.as_str() {
            String::new()
        } else {
            format!(" ({})", person.name)
        };
        format!("+{}{name}", person.address)
    });
    let remove = remove.iter().map(|address| format!("-{address}"));
    let shown: Vec<String> = add.chain(remove).collect();
    format!("cc {}", shown.join(" "))
}

#[test]
fn people_are_named_by_address_with_or_without_a_name() {
    let both = "cc +eva@acme.example -pedro@acme.example";
    for line in [
        "#cc +eva@acme.example -pedro@acme.example",
        "#CC: +EVA@acme.example, -Pedro@ACME.example",
        "#copia + eva@acme.example; - pedro@acme.example",
        "#cc eva@acme.example -pedro@acme.example",
        "#cc -pedro@acme.example +eva@acme.example",
        "#cc +eva@acme.example –pedro@acme.example.",
        "#cc +<eva@acme.example> -<pedro@acme.example>",
        "#cc +eva@acme.example<mailto:eva@acme.example> -pedro@acme.example <mailto:pedro@acme.example>",
        "#cc +eva@acme.example +eva@acme.example -pedro@acme.example -pedro@acme.example",
    ] {
        check(line, both);
    }
    let named = "cc +eva@acme.example (Eva Sol)";
    for line in [
        "#cc +Eva Sol <eva@acme.example>",
        "#cc Eva Sol <eva@acme.example>",
        "#cc \"Eva Sol\" <eva@acme.example>",
        "#cc + “Eva Sol” <mailto:eva@acme.example>",
        "#cc Eva Sol<eva@acme.example>;",
    ] {
        check(line, named);
    }
    check(
        "#cc Eva Sol <eva@acme.example>, Luz Paz <luz+casa@acme.example>",
        "cc +eva@acme.example (Eva Sol) +luz+casa@acme.example (Luz Paz)",
    );
    check(
        "#cc - Pedro Gómez <pedro@acme.example>",
        "cc -pedro@acme.example",
    );
    check(
        "#cc -a@acme.example -b@acme.example",
        "cc -a@acme.example -b@acme.example",
    );
}

#[test]
fn people_who_are_not_plainly_named_are_a_mistake() {
    for line in ["#cc", "#cc:", "#cc , ;"] {
        check(line, "!needs_argument");
    }
    for line in [
        "#cc Eva",
        "#cc +",
        "#cc +Eva Sol",
        "#cc Eva eva@acme.example",
        "#cc eva@acme",
        "#cc @acme.example",
        "#cc +eva@",
        "#cc Eva <eva@acme.example",
        "#cc + + eva@acme.example",
        "#cc +eva@acme.example y pedro@acme.example",
        "#cc +eva@acme.example para que se entere",
        "#cc +eva@acme.example -eva@acme.example",
        "#cc Eva - <eva@acme.example>",
        // It may mean either.
        "#cc -pedro@acme.example eva@acme.example",
        "#cc +eva@acm\u{435}.example",
    ] {
        check(line, "!bad_argument");
    }
    let many = |count: usize| {
        let people: Vec<String> = (0..count).map(|n| format!("+p{n}@acme.example")).collect();
        format!("#cc {}", people.join(" "))
    };
    let read = super::read(&many(20)).unwrap();
    assert_eq!(read.commands.len(), 1);
    check(&many(21), "!too_many");
    check(
        "#cc +eva@acme.example\n#cc -pedro@acme.example",
        "!contradiction",
    );
    check("#cc +eva@acme.example #nota", "!bad_argument");
}

#[test]
fn a_ticket_is_merged_into_one_that_is_named() {
    for line in [
        "#unir GS-12",
        "#unir gs-12",
        "#unir a GS-12",
        "#unir con [GS-12]",
        "#merge into 12",
        "#Unir: GS 12.",
    ] {
        check(line, "merge 12");
    }
    check("#unir", "!needs_argument");
    for line in ["#unir XX-12", "#unir GS-0", "#unir GS-1 GS-2", "#unir este"] {
        check(line, "!bad_argument");
    }
    check("#unir GS-1\n#cerrar validado", "!contradiction");
    check("#unir GS-1\n#duplicado GS-1", "!contradiction");
    check("#unirr GS-1", "!unknown_word");
}

#[test]
fn a_mail_is_split_off_by_a_word_that_stands_alone() {
    check("#separar", "split");
    check("#split", "split");
    check("#Separar.", "split");
    check("#separar GS-1", "!extra_text");
    check("#separar este correo", "!extra_text");
    check("#separra", "!unknown_word");
    check(
        "#nota\n#separar\nEs otra cosa.",
        "note; split | Es otra cosa.",
    );
}

#[test]
fn a_short_name_makes_no_other_word_a_command() {
    // Two letters of three are not the name of `#cc`: words to a client that begin so are words.
    check(
        "Revise esto:\n# RFC\nGracias",
        "| Revise esto:\n# RFC\nGracias",
    );
    check("Hola\n- #cc +eva@acme.example", "!misplaced");
}
