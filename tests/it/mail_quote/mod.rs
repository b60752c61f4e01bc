//! `mail::quote`: the newest words, as Outlook, Gmail, Apple Mail, Thunderbird and telephones
//! write answers. The fixtures are written, not collected.

mod answers;
mod html;
mod languages;
mod near_misses;
mod time;

use proptest::prelude::*;
use soported::mail::quote::{above_separator, newest};

use crate::mail_parse::{SEPARATOR, phrases};

fn check(full: &str, wanted: &str) {
    assert_eq!(newest(full, &phrases()), wanted, "{full}");
}

#[test]
fn everything_below_our_separator_is_cut() {
    check(&format!("Listo\n{SEPARATOR}\nviejo"), "Listo");
    check(&format!("Listo\n> {SEPARATOR}\n> viejo"), "Listo");
    check(&format!("Listo\n> > *{SEPARATOR}*\nviejo"), "Listo");
    check(
        &format!("Listo\n| {} |\nviejo", SEPARATOR.replace(' ', "  ")),
        "Listo",
    );
    check(
        "Listo\n> ## Responda por encima\n> de esta línea ##\n> viejo",
        "Listo",
    );
    check(
        "Listo\n## RESPONDA POR ENCIMA DE\u{a0}ESTA LÍNEA ##\nviejo",
        "Listo",
    );
    check(
        "Listo\nResponda por encima de algo\nmás",
        "Listo\nResponda por encima de algo\nmás",
    );
    let gmail = format!(
        "Listo\n\nEl lun, 2 mar 2026 a las 10:00, Soporte (<s@x.mx>) escribió:\n\n> {SEPARATOR}\n> viejo"
    );
    check(&gmail, "Listo");
    check(
        &format!("{SEPARATOR}\nviejo"),
        &format!("{SEPARATOR}\nviejo"),
    );
}

#[test]
fn attributions_begin_the_quote() {
    for attribution in [
        "El lun, 2 mar 2026 a las 10:00, Soporte (<s@x.mx>) escribió:",
        "El lun, 2 mar 2026 a la(s) 10:00 a.m., Soporte (\ns@x.mx) escribió:",
        "El lun, 2 mar 2026 a las 10:00, Soporte de Servicio\n(<soporte+abcdefghijklmnop@servicio.mx>)\nescribió:",
        "El 02/03/2026 a las 10:00, Soporte escribió:",
        "El 2 mar 2026, a las 10:00, Soporte <s@x.mx> escribió:",
        "El lunes, 2 de marzo de 2026, 10:00:00 CST, Soporte <s@x.mx> escribió:",
        "On Mon, Mar 2, 2026 at 10:00 AM Soporte <s@x.mx> wrote:",
        "On 2 Mar 2026, at 10:00, Soporte <s@x.mx> wrote:",
        "Soporte <s@x.mx> escribió:",
        "*El lun, 2 mar 2026 a las 10:00, Soporte <s@x.mx> escribió:*",
        "2026-03-02 10:00 GMT-06:00 Soporte <s@x.mx>:",
        "2026-03-02 10:00 GMT-06:00 Soporte de Servicio <\nsoporte@servicio.mx>:",
        "Em seg., 2 de mar. de 2026 às 10:00, Soporte <s@x.mx> escreveu:",
    ] {
        check(
            &format!("Ya quedó.\n\n{attribution}\n\n> viejo\n> más\n"),
            "Ya quedó.",
        );
        check(
            &format!("Ya quedó.\n\n{attribution}\nviejo sin marca\n"),
            "Ya quedó.",
        );
    }
    let prose = "El cliente escribió:\nno funciona";
    check(prose, prose);
    let prose = "Beto escribió:\nno funciona";
    check(prose, prose);
}

#[test]
fn original_message_markers_begin_the_quote() {
    for marker in [
        "-----Mensaje original-----",
        "----- Mensaje original -----",
        "--------- Mensaje Original ---------",
        "-----Original Message-----",
        "---------- Forwarded message ---------",
        "---------- Mensaje reenviado ---------",
        "________________________________\nDe: Soporte <s@x.mx>\nEnviado: lunes\nAsunto: x",
    ] {
        check(&format!("Ya.\n\n{marker}\nviejo\n"), "Ya.");
    }
    let words = "Ya.\nMensaje original\nno es marca";
    check(words, words);
}

#[test]
fn outlook_header_blocks_begin_the_quote() {
    check(
        "Ya.\n\nDe: Soporte <s@x.mx>\nEnviado el: lunes, 2 de marzo de 2026 10:00\nPara: Ana <a@b.mx>\nCC: Beto\nAsunto: RE: x\n\nviejo",
        "Ya.",
    );
    check(
        "Ya.\n\n*De:* Soporte\n*Enviado:* lunes\n*Para:* Ana\n*Asunto:* x\n\nviejo",
        "Ya.",
    );
    check(
        "Ya.\n\nFrom: Soporte\nSent: Monday\nTo: Ana\nSubject: x\n\nviejo",
        "Ya.",
    );
    check(
        "Ya.\n\nDe: Soporte\nFecha: lunes\nPara: Ana\nCc: Beto\n Carlos\n Dora\nAsunto: x\nviejo",
        "Ya.",
    );
    check(
        "Ya.\n\nFecha: lunes\nAsunto: x\nDe: a@b.mx\nPara: c@d.mx\n\nviejo",
        "Ya.",
    );
    let list = "Falla así:\nDe: almacén norte\nPara: almacén sur\nCantidad: 5";
    check(list, list);
}

#[test]
fn quoted_lines_at_the_end_are_cut_and_answers_between_them_are_kept() {
    check("Ya.\n> viejo\n> más\n\n", "Ya.");
    check(
        "Ya.\n> viejo\n\n>> más\n________________________________\n",
        "Ya.",
    );
    let between = "> ¿uno?\nsí\n> ¿dos?\nno";
    check(between, between);
    check(
        "El 2/3/2026 a las 10:00, S <s@x.mx> escribió:\n> ¿uno?\nsí",
        "sí",
    );
    check(
        "Ya.\nEl 2/3/2026 a las 10:00, S <s@x.mx> escribió:\n> ¿uno?\n\nEnviado desde mi iPhone\n",
        "Ya.",
    );
    check("> todo\n> citado", "> todo\n> citado");
}

#[test]
fn signatures_and_advertisements_are_cut() {
    check("Ya.\n-- \nAna Ruiz\nTel. 55", "Ya.");
    check("Ya.\n--\nAna Ruiz", "Ya.");
    check("Ya.\n\nEnviado desde mi iPhone", "Ya.");
    check("Ya.\nEnviado desde mi Samsung Galaxy\n", "Ya.");
    check("Ya.\nObtener Outlook para iOS<https://aka.ms/x>", "Ya.");
    check(
        "Ya.\nObtener Outlook para Android (https://aka.ms/x)",
        "Ya.",
    );
    check("Ya.\nSent from my iPhone", "Ya.");
    check(
        "Ya.\n\nAVISO DE CONFIDENCIALIDAD: este mensaje…\nmás",
        "Ya.",
    );
    let words = "No imprime el aviso legal.\nGracias";
    check(words, words);
    check("-- \nAna", "--\nAna");
    let long = format!("Ya.\n--\n{}", "línea\n".repeat(60));
    check(&long, long.trim_end());
}

#[test]
fn nothing_left_shows_everything() {
    check("", "");
    check("\n\n", "");
    check(
        "-----Original Message-----\nviejo",
        "-----Original Message-----\nviejo",
    );
    check("Enviado desde mi iPhone", "Enviado desde mi iPhone");
}

#[test]
fn above_the_separator_keeps_forwarded_history() {
    let text = format!("Ver\nDe: a\nFecha: b\nAsunto: c\n{SEPARATOR}\nnuestro");
    assert_eq!(
        above_separator(&text, &phrases()),
        "Ver\nDe: a\nFecha: b\nAsunto: c"
    );
}

proptest! {
    #[test]
    fn every_line_shown_is_a_part_of_a_line_of_the_mail(text in "([>a\\- :\n]|De:|escribió:|El 1:00 |Asunto:|Fecha:|<a@b>|2026|--- On |wrote:|_____\n){0,60}") {
        let shown = newest(&text, &phrases());
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for line in shown.lines() {
            prop_assert!(lines.iter().any(|whole| whole.starts_with(line.trim())));
        }
        prop_assert_eq!(shown.trim().is_empty(), text.trim().is_empty());
    }
}
