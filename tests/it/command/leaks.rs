//! What a careless hand may type: nothing meant as a command or for colleagues reaches a client.

use super::{check, looks_like_command};

#[test]
fn a_command_behind_a_mark_is_neither_obeyed_nor_sent() {
    for line in [
        "> #cerrar validado",
        ">> #nota",
        "> # nota",
        ">#nota secreto",
        "| #nota",
        "• #nota",
        "· #nota",
        "- #nota",
        "-#nota",
        "– #nota",
        "* #nota",
        "+ #nota",
        "1. #nota",
        "1) #espera cliente",
        "(#nota)",
        "[#nota]",
        "<#nota>",
        "~~#nota~~",
        "… #nota",
        "→ #nota",
        "🔒 #nota",
        "📝#nota",
        "• #espra cliente",
        "- #notta secreto",
        "- # nota",
        "\\#nota",
        ". #nota",
        "*“#nota”*",
    ] {
        check(line, "!misplaced");
        check(
            &format!("{line}\nEl cliente debe dos facturas"),
            "!misplaced",
        );
        check(&format!("Hola\n{line}\nadiós"), "!misplaced");
        check(&format!("#nivel 2\nHola\n{line}"), "!misplaced");
    }
}

#[test]
fn a_command_among_words_is_neither_obeyed_nor_sent() {
    for line in [
        "Hola #nota el cliente debe dos facturas",
        "Esto es #nota interna",
        "Listo, quedó. #resuelto",
        "Quedó (#resuelto)",
        "Quedó.#resuelto",
        "Interno: #nota",
        "nota:#nota",
        "Hola #en-proceso",
        "Hola #en proceso",
        "Hola ＃nota",
        "Hola #\u{200b}nota",
        "Hola *#nota*",
        "Ver https://casa.example/a #nota",
        "Hola #NOTA",
        "Hola, #Espera cliente",
        "Hola\u{2028}#nota secreto",
        "Hola\r#nota secreto",
    ] {
        check(line, "!misplaced");
    }
}

#[test]
fn two_commands_on_one_line_are_refused_together() {
    check("#nota #espera cliente", "!extra_text");
    check("#resuelto #nota", "!extra_text");
    check(
        "#cerrar cancelado ya no quiere #nota debe dos facturas",
        "!extra_text",
    );
    check("#cerrar validado. #nota", "!extra_text");
    check("#asignar Luis #nota", "!extra_text");
    check("#intento teléfono #nota no paga", "!extra_text");
    check("#nivel 2 #nota", "!bad_argument");
    check(
        "#intento teléfono al #5512345678",
        "attempt (al #5512345678)",
    );
    check(
        "#cerrar cancelado es el pedido #4500",
        "close cancelled (es el pedido #4500)",
    );
}

#[test]
fn words_to_colleagues_may_speak_of_commands() {
    check(
        "#nota\nLuis: al contestar usa #resuelto",
        "note | Luis: al contestar usa #resuelto",
    );
    check(
        "#nota\n- #resuelto\n- #cerrar",
        "note | - #resuelto\n- #cerrar",
    );
    check(
        "> #cerrar validado\nvisto\n#nota",
        "note | > #cerrar validado\nvisto",
    );
    check("#notta\nusa #resuelto", "!unknown_word misplaced");
}

#[test]
fn a_line_looks_like_a_command_whatever_its_word_and_number_signs() {
    let is = |line: &str, wanted: bool| assert_eq!(looks_like_command(line), wanted, "{line}");
    is("#nota", true);
    is("  #nota secreto", true);
    is("##nota", true);
    is("####nota", true);
    is("＃nota", true);
    is("\u{200b}#\u{200b}nota", true);
    is("«#nota»", true);
    is("*#nota*", true);
    is("#hashtag", true);
    is("#ñ", true);
    is("#1", false);
    is("#", false);
    is("##", false);
    is("# 1", false);
    is("C# falla", false);
    is("Hola", false);
    is("", false);
}
