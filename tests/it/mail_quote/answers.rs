//! Answers below, between and around quotes, and what stays at the end of a mail.

use soported::mail::quote::newest_marked;

use super::check;
use crate::mail_parse::{SEPARATOR, phrases};

const WROTE: &str = "El lun, 2 mar 2026 a las 10:00, Soporte (<s@x.mx>) escribió:";

#[test]
fn an_answer_below_the_quote_is_the_answer() {
    check(&format!("{WROTE}\n> ¿folio?\n\nEs el 42."), "Es el 42.");
    check(
        &format!("{WROTE}\n\n> ¿folio?\n>\n>> antes\n\nEs el 42.\nSaludos\n-- \nAna"),
        "Es el 42.\nSaludos",
    );
    check(
        &format!("{WROTE}\n> ¿folio?\nEs el 42.\n\nEnviado desde mi iPhone"),
        "Es el 42.",
    );
}

#[test]
fn an_answer_around_one_quote_stays_on_both_sides() {
    check(
        &format!("Hola:\n\n{WROTE}\n> ¿folio?\n\nEs el 42."),
        "Hola:\n\nEs el 42.",
    );
    check(
        &format!("Hola\n{WROTE}\n> ¿folio?\n\n\nEs el 42.\n\n> más\n> viejo"),
        "Hola\nEs el 42.",
    );
}

#[test]
fn answers_between_quotes_keep_everything() {
    let whole = format!("Va abajo.\n\n{WROTE}\n> ¿folio?\nEs el 42.\n\n> ¿sistema?\n\nContpaq.");
    check(&whole, &whole);
    check(&format!("{whole}\n\n> viejo\n"), &whole);
    check(&format!("{whole}\n-- \nAna"), &whole);
    check(&format!("{whole}\n\nEnviado desde mi iPhone"), &whole);
    let without = "> ¿folio?\nEs el 42.\n> ¿sistema?\nContpaq.";
    check(without, without);
    let one = "> ¿folio?\nEs el 42.";
    check(one, one);
}

#[test]
fn answers_below_and_between_the_lines_of_our_own_mail_stay() {
    let ours = format!("{WROTE}\n> {SEPARATOR}\n>\n> ¿Folio?");
    check(&format!("{ours}\n\nEs el 42."), "Es el 42.");
    check(
        &format!("Hola.\n\n{ours}\n\nEs el 42."),
        "Hola.\n\nEs el 42.",
    );
    check(&format!("Hola.\n\n{ours}\n\n-- \nAna"), "Hola.");
    let whole = format!("Hola.\n\n{ours}\nEs el 42.\n> ¿Sistema?\nContpaq.");
    check(&whole, &whole);
}

#[test]
fn an_attribution_may_share_the_reply_s_line() {
    check(
        "Ya--- On Wed, Apr 4, 2012 at 3:59 PM, s@x.mx wrote:\n> viejo",
        "Ya",
    );
    check(
        "Va.\nYa quedó El 2/3/2026 a las 10:00, Soporte <s@x.mx> escribió:\n> viejo",
        "Va.\nYa quedó",
    );
}

#[test]
fn quotes_within_quotes_end_with_the_outermost() {
    check(
        &format!(
            "Ya.\n\n{WROTE}\n> Va.\n>\n> On Mon, Mar 2, 2026 at 9:00 AM Ana <a@b.mx>\n> wrote:\n>> uno\n>\n\n--\nAna Ruiz\nTel. 55"
        ),
        "Ya.",
    );
    check(
        &format!(
            "Ya.\n\n{WROTE}\nviejo sin marca\n\nDe: Ana\nEnviado: lunes\nAsunto: x\n\nmás viejo"
        ),
        "Ya.",
    );
}

#[test]
fn signatures_below_and_above_the_quote_are_cut() {
    check(&format!("Ya.\n-- \nAna Ruiz\n\n{WROTE}\n> viejo"), "Ya.");
    check(&format!("Ya.\n\n{WROTE}\n> viejo\n\n-- \nAna Ruiz"), "Ya.");
    check("Ya.\n--\u{a0}\nAna Ruiz", "Ya.");
    check(
        "Ya.\n_______________________________________________\nusuarios mailing list\nusuarios@lists.acme.mx\nhttp://lists.acme.mx/usuarios",
        "Ya.",
    );
    check("Ya.\n\nᐧ\n--\n***\n######\n", "Ya.");
    let courtesy = "Ya.\n\nSaludos cordiales,\nAna Ruiz\nGerente de sistemas\nTel. 55 1234";
    check(courtesy, courtesy);
}

#[test]
fn legal_notices_are_cut_where_they_stand_last() {
    for notice in [
        "AVISO DE CONFIDENCIALIDAD: este mensaje es para su destinatario.",
        "AVISO DE CONFIDENCIALIDAD\n\nEste mensaje es para su destinatario.\n\nMás.",
        "*Aviso legal.* Este correo puede contener información confidencial.",
        "Este correo electrónico y sus archivos adjuntos son confidenciales y para uso exclusivo\nde su destinatario.",
        "Este mensaje y sus anexos pueden contener información privilegiada; queda prohibida su\ndivulgación.\n\nThis message is confidential.",
        "La información contenida en este correo es confidencial. Si lo recibió por error, elimínelo.",
        "Antes de imprimir este correo piense en el medio ambiente.",
        "This email and any files transmitted with it are confidential and intended solely for the\naddressee.",
        "Please consider the environment before printing this email: delete it.",
        "**********************\nThis email is private and intended for the addressee. Opinions are its author's.\n**********************",
        "**********\n\nCorreo de ACME.\n\nEs confidencial y para su destinatario.\n\n**********",
    ] {
        check(&format!("Ya.\n\n{notice}"), "Ya.");
        check(
            &format!("Ya.\n\nSaludos\nAna\n\n{notice}\n\n"),
            "Ya.\n\nSaludos\nAna",
        );
        check(&format!("Ya.\n\n{notice}\n\n{WROTE}\n> viejo"), "Ya.");
        check(&format!("Ya.\n\n{WROTE}\n> viejo\n\n{notice}"), "Ya.");
    }
    let middle = "Este correo es confidencial y para su destinatario.\n\n> viejo\n\nYa.";
    check(middle, middle);
}

#[test]
fn a_mark_in_html_counts_only_below_words() {
    let marked = |text: &str, at: usize| newest_marked(text, Some(at), &phrases());
    assert_eq!(marked("Ya.\nviejo", 4), "Ya.");
    assert_eq!(marked("viejo", 0), "viejo");
    // Nothing above the mark is the writer's: all is shown.
    let phone = "Enviado desde mi iPhone\nviejo";
    assert_eq!(marked(phone, 24), phone);
    assert_eq!(marked("Ya.\n-- \nAna\nviejo", 12), "Ya.");
    // Beyond the text, or within a character: no mark.
    assert_eq!(marked("año", 2), "año");
    assert_eq!(marked("año", 99), "año");
}

#[test]
fn words_that_send_the_reader_below_keep_an_unmarked_history() {
    let block = "De: Soporte <s@x.mx>\nEnviado el: lunes, 2 de marzo de 2026 10:00\nPara: Ana\nAsunto: x\n\n¿Folio? Es el 42.";
    for words in [
        "Buenos días, respondo abajo en rojo.\nSaludos",
        "Mis comentarios abajo",
        "Te contesto sobre tu correo.",
        "Please find my answers below.",
    ] {
        let whole = format!("{words}\n\n{block}");
        check(&whole, &whole);
        let mark = words.len() + 2;
        assert_eq!(newest_marked(&whole, Some(mark), &phrases()), whole);
        // Marked line by line, answers between the lines would be seen.
        check(
            &format!("{words}\n\n{WROTE}\n> ¿Folio?\n> Es el 42."),
            words,
        );
        check(words, words);
    }
    // What was merely sent along does not answer.
    check(&format!("Ver abajo\n\n{block}"), "Ver abajo");
    let long = format!("Respondo abajo el error. {}", "No timbra. ".repeat(40));
    check(&format!("{long}\n\n{block}"), long.trim_end());
}
