//! `domain::command`: the lines of a consultant's mail, to orders and words or to mistakes.
//!
//! | lines that are | stand in |
//! |---|---|
//! | valid, and free in how they are written | here; `admit`, `ask`, `create`, `thread` |
//! | invalid, near misses, contradictions | the same |
//! | prose that begins with a number sign | here |
//! | quoted, marked, or hidden among words | `leaks` |
//! | written by mail programs, above signatures and quoted notices | `programs` |

mod admit;
mod ask;
mod charge;
mod create;
mod laws;
mod leaks;
mod programs;
mod thread;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use soported::domain::command::{
    Assignee, Awaited, Closing, Command, Instructions, Mistake, NAMES, Problem, looks_like_command,
    parse,
};
use soported::domain::ids::{HeldId, TicketId};

use crate::rust_source::Layers;

/// A Tuesday.
const TODAY: &str = "2026-11-24";

fn read(text: &str) -> Result<Instructions, Vec<Mistake>> {
    parse(text, "GS", TODAY.parse().unwrap())
}

/// A question, and the ticket that it names.
fn named(word: &str, of: Option<&TicketId>) -> String {
    of.map_or_else(|| word.to_owned(), |of| format!("{word} {}", of.0))
}

/// An order in one line.
fn shown(command: &Command) -> String {
    match command {
        Command::Note => "note".to_owned(),
        Command::Wait { whom, until } => {
            let whom = match whom {
                Awaited::Client => "client",
                Awaited::ThirdParty => "third",
            };
            match until {
                Some(day) => format!("wait {whom} {day}"),
                None => format!("wait {whom}"),
            }
        }
        Command::InProgress => "progress".to_owned(),
        Command::Resolved => "resolved".to_owned(),
        Command::Close { how, reason } => {
            let how = match how {
                Closing::Validated => "validated",
                Closing::Cancelled => "cancelled",
                Closing::Unattended => "unattended",
            };
            format!("close {how} ({reason})")
        }
        Command::Reopen => "reopen".to_owned(),
        Command::New { client, authorizer } => {
            let name = |name: &Option<String>| name.clone().unwrap_or("-".to_owned());
            format!("new ({}) ({})", name(client), name(authorizer))
        }
        Command::Phone { at: Some(at) } => format!("phone {}", at.format("%H:%M")),
        Command::Phone { at: None } => "phone".to_owned(),
        Command::Duplicate { of } => format!("duplicate {}", of.0),
        Command::Cc { add, remove } => thread::people(add, remove),
        Command::Merge { into } => format!("merge {}", into.0),
        Command::Split => "split".to_owned(),
        Command::Priority(priority) => format!("priority {}", priority.name()),
        Command::Kind(kind) => format!("kind {}", kind.name()),
        Command::Level(level) => format!("level {level}"),
        Command::Microsoft { case } => format!("case {case}"),
        Command::Attempt { note } => format!("attempt ({note})"),
        Command::Authorize {
            address,
            name,
            client,
        } => format!("authorize {address} ({name}){}", of(client)),
        Command::Revoke { address } => format!("revoke {address}"),
        Command::Release { numbers, client } => {
            format!("release {}{}", joined(numbers), of(client))
        }
        Command::Discard { numbers } => format!("discard {}", joined(numbers)),
        Command::Assign(Assignee::Me) => "assign me".to_owned(),
        Command::Assign(Assignee::Named(name)) => format!("assign ({name})"),
        Command::Status { of } => named("status", of.as_ref()),
        Command::Why { of } => named("why", of.as_ref()),
        Command::Undo => "undo".to_owned(),
        Command::Help => "help".to_owned(),
        charge => charge::shown(charge).expect("an order of a family known here"),
    }
}

fn of(client: &Option<String>) -> String {
    client
        .as_ref()
        .map_or_else(String::new, |name| format!(" for {name}"))
}

fn joined(numbers: &[HeldId]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join("+")
}

/// Checks what a mail means: `order; order | words`, or `problem problem` behind an `!`.
fn check(text: &str, wanted: &str) {
    assert_eq!(meaning(text), wanted, "{text}");
}

fn meaning(text: &str) -> String {
    match read(text) {
        Ok(instructions) => {
            let orders = instructions.commands.iter().map(|o| shown(&o.command));
            let orders = orders.collect::<Vec<_>>().join("; ");
            match instructions.text.as_str() {
                "" => orders,
                words => format!("{orders} | {words}").trim_start().to_owned(),
            }
        }
        Err(mistakes) => {
            let problems = mistakes.iter().map(|m| m.problem.name());
            format!("!{}", problems.collect::<Vec<_>>().join(" "))
        }
    }
}

/// Checks that a line is no command, and what may have been meant.
fn suggest(line: &str, wanted: Option<&str>) {
    let mistakes = read(line).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{line}: {mistakes:?}");
    assert_eq!(mistakes[0].line, line);
    assert_eq!(mistakes[0].problem, Problem::UnknownWord, "{line}");
    assert_eq!(mistakes[0].suggestion.as_deref(), wanted, "{line}");
}

fn form(word: &str) -> Option<&'static str> {
    NAMES
        .iter()
        .find(|name| name.word == word)
        .map(|name| name.form)
}

#[test]
fn every_command_is_read_in_spanish_and_in_english() {
    check("#nota", "note");
    check("#note", "note");
    check("#interno", "note");
    check("#nota el cliente debe dos facturas", "note");
    check("#nota: el cliente debe dos facturas", "note");
    check("#prioridad crítica", "priority critical");
    check("#prioridad alta", "priority high");
    check("#prioridad media", "priority medium");
    check("#prioridad baja", "priority low");
    check("#priority high", "priority high");
    check("#priority critical", "priority critical");
    check("#ayuda", "help");
    check("#deshacer", "undo");
    check("#Undo", "undo");
    check("#deshacer todo", "!extra_text");
    check("#Help.", "help");
    check("#ayuda por favor", "!extra_text");
    check("#tipo regular", "kind technical-regular");
    check("#tipo técnico regular", "kind technical-regular");
    check("#tipo urgente", "kind technical-urgent");
    check("#tipo técnico-urgente", "kind technical-urgent");
    check("#tipo mantenimiento menor", "kind maintenance-minor");
    check("#tipo mantenimiento medio", "kind maintenance-medium");
    check("#tipo mantenimiento-mayor", "kind maintenance-major");
    check("#tipo investigación", "kind investigation");
    check("#kind investigation", "kind investigation");
    check("#type maintenance major", "kind maintenance-major");
    check("#asignar yo", "assign me");
    check("#asignar a mí", "assign me");
    check("#assign me", "assign me");
    check("#asignar Luis Pérez", "assign (Luis Pérez)");
    check("#asignar a Luis Pérez.", "assign (Luis Pérez)");
    check("#asignar luis@casa.example", "assign (luis@casa.example)");
    check("#asignar Ana", "assign (Ana)");
    check("#nivel 1", "level 1");
    check("#nivel n3", "level 3");
    check("#level 4", "level 4");
    check("#microsoft 2411050040001234", "case 2411050040001234");
    check("#microsoft caso 2411-0500", "case 2411-0500");
    check("#microsoft caso: #2411", "case 2411");
    check("#microsoft caso-2411", "case 2411");
    check("#ms case 2411", "case 2411");
    check("#espera cliente", "wait client");
    check("#espera al cliente", "wait client");
    check("#esperar tercero", "wait third");
    check("#espera a terceros", "wait third");
    check("#wait third party", "wait third");
    check("#wait client until 2026-12-10", "wait client 2026-12-10");
    check("#espera tercero hasta 10/12/2026", "wait third 2026-12-10");
    check(
        "#espera cliente, hasta 10 de diciembre",
        "wait client 2026-12-10",
    );
    check("#en-proceso", "progress");
    check("#en proceso", "progress");
    check("#en_proceso", "progress");
    check("#enproceso", "progress");
    check("#in-progress", "progress");
    check("#in progress", "progress");
    check("#resuelto\nQuedó.", "resolved | Quedó.");
    check("#resolved\nDone.", "resolved | Done.");
    check("#cerrar validado", "close validated ()");
    check(
        "#cerrar validado por teléfono",
        "close validated (por teléfono)",
    );
    check(
        "#cerrar validada: lo confirmó Luis",
        "close validated (lo confirmó Luis)",
    );
    check(
        "#cerrar cancelado dijo «ya no»",
        "close cancelled (dijo «ya no»)",
    );
    check(
        "#cerrar cancelado es *urgente*",
        "close cancelled (es *urgente*)",
    );
    check(
        "#cerrar cancelado ya no se requiere",
        "close cancelled (ya no se requiere)",
    );
    check(
        "#cerrar cancelado - Error del cliente",
        "close cancelled (Error del cliente)",
    );
    check(
        "#close cancelled not needed",
        "close cancelled (not needed)",
    );
    check("#cerrar desatendido", "close unattended ()");
    check(
        "#cerrar desatendido tres llamadas",
        "close unattended (tres llamadas)",
    );
    check("#reabrir", "reopen");
    check("#reopen", "reopen");
    check("#duplicado GS-12", "duplicate 12");
    check("#duplicate of GS-12", "duplicate 12");
    check("#intento teléfono", "attempt ()");
    check(
        "#intento por teléfono, no contestó",
        "attempt (no contestó)",
    );
    check("#intento de llamada: buzón", "attempt (buzón)");
    check("#attempt phone no answer", "attempt (no answer)");
}

#[test]
fn writing_is_free_in_case_accents_blanks_and_marks() {
    check("#NOTA", "note");
    check("#Nota", "note");
    check("#PRIORIDAD CRITICA", "priority critical");
    check("#Prioridad: Crítica.", "priority critical");
    check("#prioridad = alta", "priority high");
    check("#prioridad cri\u{301}tica", "priority critical");
    check(
        "#intento tele\u{301}fono buzo\u{301}n",
        "attempt (buzo\u{301}n)",
    );
    check("#prioridad\u{a0}alta", "priority high");
    check("#prioridad   alta  ", "priority high");
    check("#prioridad\talta", "priority high");
    check("  #nota", "note");
    check("\u{a0}#nota", "note");
    check("\u{200b}#nota", "note");
    check("#\u{200b}nota", "note");
    check("#no\u{ad}ta", "note");
    check("#\u{2060}nivel\u{200b} 2", "level 2");
    check("\u{feff}#nota", "note");
    check("#\u{fe0f}\u{20e3}nota", "note");
    check("\u{2068}#nota\u{2069}", "note");
    check("＃nota", "note");
    check("﹟nota", "note");
    check("# nota", "note");
    check("#  nota", "note");
    check("# Nota", "note");
    check("# prioridad alta", "priority high");
    check("# en proceso", "progress");
    check("“#nota”", "note");
    check("«#nota»", "note");
    check("\"#prioridad alta\"", "priority high");
    check("'#nivel 2'", "level 2");
    check("*#nota*", "note");
    check("**#nota**", "note");
    check("_#nota_", "note");
    check("*#prioridad* alta", "priority high");
    check("*#prioridad alta*", "priority high");
    check("#resuelto.\nQuedó.", "resolved | Quedó.");
    check("#resuelto!\nQuedó.", "resolved | Quedó.");
    check("#resuelto:\nQuedó.", "resolved | Quedó.");
    check("#en-proceso.", "progress");
    check("#En Proceso.", "progress");
    check("#nivel 2.", "level 2");
    check("#espera cliente.", "wait client");
    check("#nota\r\nHola\r\n", "note | Hola");
}

#[test]
fn what_follows_a_word_must_be_what_it_can_mean() {
    for line in [
        "#prioridad",
        "#tipo",
        "#tipo.",
        "#nivel",
        "#nivel:",
        "#asignar",
        "#asignar a",
        "#microsoft",
        "#microsoft caso",
        "#espera",
        "#cerrar",
        "#cerrar cancelado",
        "#cerrar cancelado.",
        "#cerrar cancelado !!",
        "#duplicado",
        "#duplicado.",
        "#intento",
    ] {
        check(line, "!needs_argument");
    }
    for line in [
        "#prioridad urgentísima",
        "#prioridad alta baja",
        "#prioridad alta por favor",
        "#tipo mantenimiento",
        "#tipo técnico",
        "#nivel 5",
        "#nivel 0",
        "#nivel dos",
        "#nivel -1",
        "#nivel 1.5",
        "#microsoft 12",
        "#microsoft pendiente",
        "#microsoft 2411 y 2412",
        "#espera a",
        "#espera proveedor",
        "#espera clientela",
        "#espera 5 días",
        "#cerrar ya",
        "#cerrar no validado",
        "#cerrar el ticket",
        "#cerrar resuelto",
        "#duplicado XX-12",
        "#duplicado GS-",
        "#duplicado GS-0",
        "#duplicado GS-12 y GS-13",
        "#duplicado GS--x",
        "#duplicado -12x",
        "#duplicado 99999999999999999999",
        "#duplicado GS-١٢",
        "#intento correo",
        "#intento telefónico",
    ] {
        check(line, "!bad_argument");
    }
    for line in [
        "#resuelto ya quedó",
        "#resuelto no",
        "#resuelto?",
        "#resuelto cerrar",
        "#en-proceso hoy",
        "#reabrir por favor",
        "#espera cliente mañana",
        "#espera cliente 10/12/2026",
        "#espera tercero Microsoft",
        "#en proceso con Luis",
    ] {
        check(line, "!extra_text");
    }
    check(&format!("#asignar {}", "a".repeat(101)), "!bad_argument");
    check(&format!("#microsoft {}", "1".repeat(41)), "!bad_argument");
    let long = format!("#cerrar cancelado {}", "a".repeat(2_000));
    check(&long, &format!("close cancelled ({})", "a".repeat(500)));
}

#[test]
fn a_mistake_names_the_form_that_is_expected() {
    let mistakes = read("#nivel 9\n#espera\n#cerrar ya").unwrap_err();
    let told: Vec<_> = mistakes
        .iter()
        .map(|m| (m.line.as_str(), m.suggestion.as_deref()))
        .collect();
    let wanted = [
        ("#nivel 9", form("nivel")),
        ("#espera", form("espera")),
        ("#cerrar ya", form("cerrar")),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn an_unknown_word_is_a_mistake_and_never_text() {
    suggest("#espra cliente", form("espera"));
    suggest("#resuelo", form("resuelto"));
    suggest("#resuelt", form("resuelto"));
    suggest("#resueltos", form("resuelto"));
    suggest("#notas", form("nota"));
    suggest("#ntoa", form("nota"));
    suggest("#notainterna", None);
    suggest("#cerar validado", form("cerrar"));
    suggest("#cerrado", form("cerrar"));
    suggest("#priorida alta", form("prioridad"));
    suggest("#proceso", form("en-proceso"));
    suggest("#en-procesos", form("en-proceso"));
    suggest("#hashtag", None);
    suggest("#a", None);
    suggest("#cotizacion +4h", None);
    suggest("#ñandú", None);
    suggest("#nota_interna", None);
    suggest("#nota2", form("nota"));
    suggest("# espra cliente", form("espera"));
    suggest("# notas", form("nota"));
    suggest("#-nota", form("nota"));
    suggest("#: nota", form("nota"));
    suggest("#*nota*", form("nota"));
    suggest("#\"nota\"", form("nota"));
    suggest("# #nota", form("nota"));
    let long = format!("#{}", "nota".repeat(100));
    assert_eq!(read(&long).unwrap_err()[0].suggestion, None);
}

#[test]
fn prose_that_begins_with_a_number_sign_is_text() {
    for text in [
        "#",
        "# ",
        "#1 primero",
        "#1",
        "# 1 es la buena",
        "#2do intento",
        "C# falla",
        "F# también",
        "# Resumen de la sesión",
        "# ¿Qué sigue?",
        "# a",
        "#?",
        "#!",
        "#.",
        "$#*!",
        "Oficina #4",
        "El pedido #4500 y el #4501",
        "https://casa.example/ayuda#nota",
        "https://casa.example/#tipo",
        "(ver https://casa.example/a/#/nivel)",
        "a#nota",
        "Hola #hola",
        "## ",
        "\"Así\"",
        "***\nHola\n***",
    ] {
        let wanted = text.replacen("##", "#", 1);
        check(text, &format!("| {}", wanted.trim()));
    }
}

#[test]
fn two_number_signs_make_a_line_text() {
    check("##nota", "| #nota");
    check("## nota", "| # nota");
    check("###nota", "| ##nota");
    check("＃＃nota", "| ＃nota");
    check(
        "Use esto:\n##espera cliente\nGracias",
        "| Use esto:\n#espera cliente\nGracias",
    );
    check("#nivel 2\n##nota\nHola", "level 2 | #nota\nHola");
    check("Hola\n##resuelto\n#nivel 2", "level 2 | Hola\n#resuelto");
    check("  ##nota con #tipo", "| #nota con #tipo");
    check("Hola\n“##nota”", "| Hola\n“#nota”");
}

#[test]
fn commands_stand_at_the_top_or_at_the_end() {
    check("", "");
    check("\n \n", "");
    check("Hola", "| Hola");
    check("#nivel 2\nHola", "level 2 | Hola");
    check("Hola\n#nivel 2", "level 2 | Hola");
    check("Hola\n\n#nivel 2\n\n", "level 2 | Hola");
    check(
        "\n\n#nivel 2\n\n#espera cliente\n\n\nHola\n\nadiós",
        "level 2; wait client | Hola\n\nadiós",
    );
    check(
        "#nivel 2\nHola\n#espera cliente",
        "level 2; wait client | Hola",
    );
    check(
        "#nivel 2\n#prioridad alta\nHola\n#espera cliente\n \n#asignar yo",
        "level 2; priority high; wait client; assign me | Hola",
    );
    check(
        "#nivel 2\n\u{200b}\n#asignar yo\n\u{a0}\nHola",
        "level 2; assign me | Hola",
    );
    check("Hola\n#resuelto\nQuedó", "!misplaced");
    check("Hola,\n#nota\nEl cliente debe dos facturas", "!misplaced");
    check("Hola\n#notta\nsecreto", "!misplaced");
    check("#nivel 2\nHola\n#nota\nadiós\n#asignar yo", "!misplaced");
    check("#nota\nHola\n#espera cliente\nadiós", "!misplaced");
    check("#espera cliente\nHola\n# nota\nadiós", "!misplaced");
    check("Hola\n#nota\nSaludos,\nAna", "!misplaced");
}

#[test]
fn what_is_said_twice_counts_once_and_what_differs_is_refused() {
    check("#nivel 2\n#nivel 2", "level 2");
    check("#nota\nHola\n#nota", "note | Hola");
    check(
        "#prioridad alta\nHola\n#Prioridad: ALTA",
        "priority high | Hola",
    );
    check("#espera cliente\n#wait client", "wait client");
    check("#nivel 2\n#nivel 3", "!contradiction");
    check(
        "#prioridad alta\n#prioridad baja\n#prioridad media",
        "!contradiction contradiction",
    );
    check("#tipo regular\n#tipo urgente", "!contradiction");
    check("#asignar yo\n#asignar Luis", "!contradiction");
    check("#resuelto\n#espera cliente", "!contradiction");
    check("#cerrar validado\n#resuelto", "!contradiction");
    check(
        "#cerrar validado\n#cerrar cancelado error",
        "!contradiction",
    );
    check("#espera cliente\n#espera tercero", "!contradiction");
    check(
        "#espera cliente\n#espera cliente hasta 2026-12-10",
        "!contradiction",
    );
    check("#reabrir\n#cerrar validado", "!contradiction");
    check("#duplicado GS-1\n#duplicado GS-2", "!contradiction");
    check("#en-proceso\nHola\n#espera tercero", "!contradiction");
    check("#microsoft 2411\n#resuelto", "!contradiction");
    check(
        "#nivel 2\n#prioridad alta\n#tipo urgente\n#asignar yo",
        "level 2; priority high; kind technical-urgent; assign me",
    );
}

#[test]
fn a_note_goes_with_nothing_that_tells_the_client() {
    check("#nota\n#resuelto\nHola", "!note_and_text");
    check("#espera cliente\n#nota\nHola", "!note_and_text");
    check("#nota\n#cerrar cancelado no paga", "!note_and_text");
    check(
        "#nota\n#cerrar validado lo dijo de mala gana",
        "!note_and_text",
    );
    check(
        "#nota\n#cerrar validado\nlo dijo de mala gana",
        "note; close validated () | lo dijo de mala gana",
    );
    check("#nota\n#espera tercero\nHola", "note; wait third | Hola");
    check(
        "#nota\n#nivel 2\n#intento teléfono\nHola",
        "note; level 2; attempt () | Hola",
    );
}

#[test]
fn dates_are_read_as_people_write_them() {
    let check = |date: &str, wanted: &str| {
        check(
            &format!("#espera cliente hasta {date}"),
            &format!("wait client {wanted}"),
        );
    };
    check("2026-12-10", "2026-12-10");
    check("2026/12/10", "2026-12-10");
    check("10/12/2026", "2026-12-10");
    check("10-12-2026", "2026-12-10");
    check("10.12.2026", "2026-12-10");
    check("10/12/26", "2026-12-10");
    check("10/12", "2026-12-10");
    check("1/2/2027", "2027-02-01");
    check("10 de diciembre", "2026-12-10");
    check("el 10 de diciembre", "2026-12-10");
    check("el 10 de diciembre de 2026", "2026-12-10");
    check("10 de Diciembre del 2026", "2026-12-10");
    check("10 diciembre 2026.", "2026-12-10");
    check("10-dic", "2026-12-10");
    check("10-dic-2026", "2026-12-10");
    check("10/DIC/26", "2026-12-10");
    check("10 dec", "2026-12-10");
    check("5 sept", "2027-09-05");
    check("5 de enero", "2027-01-05");
    check("24 de noviembre", "2026-11-24");
    check("24/11/2026", "2026-11-24");
    check("23 de noviembre", "2027-11-23");
    check("24/11/2027", "2027-11-24");
    check("31 de agosto", "2027-08-31");
}

#[test]
fn no_day_or_a_day_out_of_reach_is_refused() {
    let check = |date: &str, wanted: &str| {
        check(&format!("#espera tercero hasta {date}"), wanted);
    };
    for date in [
        "",
        "mañana",
        "el viernes",
        "10 martes",
        "30/02/2027",
        "29/02/2027",
        "29 de febrero",
        "31/11",
        "0/12",
        "13/13",
        "10 de dicembre",
        "10 de di",
        "10 de x",
        "10",
        "2026",
        "10/12/202",
        "10/12/20266",
        "10/12/026",
        "+1/12",
        "10/12/2026 10:00",
        "diciembre 10",
        "10 de diciembrex",
        "99999999999/12",
    ] {
        check(date, "!bad_date");
    }
    for date in [
        "2026-11-23",
        "23/11/2026",
        "25/11/2027",
        "2028-01-01",
        "10/12/2025",
        "10/12/25",
        "0026-12-10",
        "10/12/2126",
    ] {
        check(date, "!date_out_of_range");
    }
    let on = |today: &str, date: &str| {
        let today: NaiveDate = today.parse().unwrap();
        let text = format!("#espera cliente hasta {date}");
        parse(&text, "GS", today).map(|read| shown(&read.commands[0].command))
    };
    let leap = Ok("wait client 2028-02-29".to_owned());
    assert_eq!(on("2027-11-24", "29 de febrero"), leap);
    assert_eq!(on("2028-02-29", "29/02"), leap);
    assert!(on("2028-03-01", "29/02").is_err());
    assert!(on("2028-02-29", "28/02/2029").is_ok());
    assert!(on("2028-02-29", "01/03/2029").is_err());
}

#[test]
fn ticket_numbers_are_known_by_the_houses_prefix() {
    for number in [
        "GS-12",
        "gs-12",
        "Gs-12",
        "GS12",
        "GS 12",
        "GS - 12",
        "GS–12",
        "GS\u{2011}12",
        "[GS-12]",
        "#GS-12",
        "#12",
        "12",
        "012",
        "GS-0012",
        "de GS-12",
        "del GS-12",
        "GS-12.",
        "“GS-12”",
    ] {
        let line = format!("#duplicado {number}");
        if number == "“GS-12”" {
            check(&line, "!bad_argument");
        } else {
            check(&line, "duplicate 12");
        }
    }
    let today = TODAY.parse().unwrap();
    let read = parse("#duplicado tk2-7", "TK2", today).unwrap();
    assert_eq!(shown(&read.commands[0].command), "duplicate 7");
    assert!(parse("#duplicado GS-7", "TK2", today).is_err());
}

#[test]
fn everything_wrong_is_told_at_once_and_quoted_within_bounds() {
    check(
        "#notta\n#nivel 9\nHola\n#tipo regular\nadiós\n#espera\n#resuelto ya",
        "!unknown_word bad_argument needs_argument extra_text misplaced",
    );
    let long = format!("#{}", "á".repeat(5_000));
    let mistakes = read(&long).unwrap_err();
    assert_eq!(mistakes[0].line.chars().count(), 120);
    assert!(long.starts_with(&mistakes[0].line));
    let long = format!("#nota {}", "á".repeat(5_000));
    let noted = read(&long).unwrap();
    assert_eq!(noted.commands[0].line.chars().count(), 120);
    let twenty = "#nota\n".repeat(20);
    check(&twenty, "note");
    check(&format!("{twenty}#nivel 2"), "!too_many");
    check(&"#nota\n".repeat(500), "!too_many");
    let strays = format!("Hola\n{}adiós", "#nota\n".repeat(500));
    assert_eq!(read(&strays).unwrap_err().len(), 20);
}

#[test]
fn every_name_is_its_own_and_is_read_as_itself() {
    let mut words: Vec<&str> = Vec::new();
    for name in &NAMES {
        assert!(name.form.starts_with('#'), "{}", name.form);
        for word in std::iter::once(&name.word).chain(name.aliases) {
            assert!(!words.contains(word), "{word}");
            words.push(word);
            let known = match read(&format!("#{word}")) {
                Ok(_) => true,
                Err(mistakes) => matches!(
                    mistakes[0].problem,
                    Problem::NeedsArgument | Problem::PhoneAlone
                ),
            };
            assert!(known, "{word}");
        }
    }
    let mut named: Vec<&str> = Problem::ALL.iter().map(|p| p.name()).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named.len(), Problem::ALL.len());
}

#[test]
fn the_tables_hold_more_than_two_hundred_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/command");
    let mut lines = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("the tables") {
        let source = fs::read_to_string(entry.expect("a table").path()).expect("UTF-8");
        let texts = Layers::of(&source).texts.into_iter().map(|(_, text)| text);
        // A test's own words hold no number sign.
        lines.extend(texts.filter(|text| text.contains(['#', '＃', '﹟'])));
    }
    assert!(lines.len() > 200, "{} lines", lines.len());
}
