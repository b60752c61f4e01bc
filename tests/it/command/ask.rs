//! What a consultant asks: `#estado`, `#porque`.

use super::{check, form, suggest};

#[test]
fn a_question_is_about_the_thread_or_names_its_ticket() {
    check("#estado", "status");
    check("#Status.", "status");
    check("#ESTADO: GS-12", "status 12");
    check("#estado de GS-12", "status 12");
    check("#estado [gs 12]", "status 12");
    check("#estado 12.", "status 12");
    check("#estado del GS\u{2011}12", "status 12");
    check("#porque", "why");
    check("#porqué", "why");
    check("#por qué", "why");
    check("#por-que GS-7", "why 7");
    check("#por que GS-7", "why 7");
    check("#why GS-7", "why 7");
}

#[test]
fn a_question_about_nothing_that_can_be_is_a_mistake() {
    check("#estado abierto", "!bad_argument");
    check("#estado GS-", "!bad_argument");
    check("#estado GS-0", "!bad_argument");
    check("#estado -3", "!bad_argument");
    check("#estado GS-1 GS-2", "!bad_argument");
    check("#porque no contesta", "!bad_argument");
    check("#por favor", "!unknown_word");
    check("#estado GS-99999999999999999999", "!bad_argument");
    suggest("#estad", form("estado"));
    suggest("#porqe", form("porque"));
    suggest("#statu", form("estado"));
}

#[test]
fn one_question_of_each_sort_goes_with_other_orders() {
    check("#estado\n#porque\n#ayuda", "status; why; help");
    check("#estado\n#estado", "status");
    check("#estado GS-1\n#estado GS-2", "!too_many");
    check("#porque GS-1\n#porque", "!too_many");
    check("#asignar yo\n#estado\nVoy.", "assign me; status | Voy.");
    check("#nota\n#porque\nCálculo raro.", "note; why | Cálculo raro.");
}
