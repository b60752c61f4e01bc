//! `#tiempo`, `#sesion`, `#presupuesto`, `#fuera-de-horario` and `#revertir`: times, dates and
//! people in every way consultants write them.

use soported::domain::command::Command;
use soported::domain::command::SessionPeople;

use super::{check, form, read, suggest};

/// An order of this family in one line.
pub fn shown(command: &Command) -> Option<String> {
    Some(match command {
        Command::Work { minutes, note } => format!("work {minutes} ({note})"),
        Command::Session {
            from,
            to,
            day,
            people,
        } => {
            let day = day.map_or_else(String::new, |day| format!(" {day}"));
            let people = match people {
                SessionPeople::Count(count) => format!("x{count}"),
                SessionPeople::Named { names, with_me } => {
                    let me = if *with_me { "me+" } else { "" };
                    format!("{me}{}", names.join("+"))
                }
            };
            format!(
                "session {}-{}{day} {people}",
                from.format("%H:%M"),
                to.format("%H:%M")
            )
        }
        Command::Budget { minutes, reason } => format!("budget {minutes} ({reason})"),
        Command::Window { day, from, to } => {
            format!(
                "window {day} {}-{}",
                from.format("%H:%M"),
                to.format("%H:%M")
            )
        }
        Command::Reverse { lines, reason } => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            format!("reverse {} ({reason})", lines.join("+"))
        }
        _ => return None,
    })
}

#[test]
fn a_length_of_time_is_read_in_every_way_it_is_written() {
    for (written, minutes) in [
        ("15", 15),
        ("15m", 15),
        ("15 min", 15),
        ("15 minutos", 15),
        ("45 mins.", 45),
        ("1h", 60),
        ("2 horas", 120),
        ("1 hr", 60),
        ("1h30", 90),
        ("1h30m", 90),
        ("1 h 30 min", 90),
        ("1 hora y 30 minutos", 90),
        ("1:30", 90),
        ("0:45", 45),
        ("1:30 h", 90),
        ("1.5h", 90),
        ("1,5h", 90),
        ("1.5 horas", 90),
        ("0.25h", 15),
        ("1.75 h", 105),
        ("12h", 720),
        ("12:00", 720),
        ("13h!", 780),
        ("20 h !", 1_200),
        ("721!", 721),
    ] {
        check(&format!("#tiempo {written}"), &format!("work {minutes} ()"));
    }
    for wrong in [
        "media hora",
        "mucho",
        "-15",
        "0",
        "0m",
        "0:00",
        "1:75",
        "1.5",
        "45%",
        "1/2",
        "10-20",
        "9601!",
        "1h30h",
        "12x",
    ] {
        check(&format!("#tiempo {wrong}"), "!bad_duration");
    }
    check("#tiempo", "!needs_argument");
    check("#tiempo 13h", "!long_duration");
    check("#tiempo 721", "!long_duration");
    check("#tiempo 12:01", "!long_duration");
}

#[test]
fn what_was_done_stands_behind_the_time() {
    check(
        "#tiempo 45m revisión de bitácoras",
        "work 45 (revisión de bitácoras)",
    );
    check("#tiempo: 45m: revisión", "work 45 (revisión)");
    check("#time 2h, respaldo", "work 120 (respaldo)");
    check(
        "#Tiempo 20 pruebas en 3 equipos",
        "work 20 (pruebas en 3 equipos)",
    );
    check(
        "#tiempo 30\n#tiempo 45m respaldo\n\nListo.",
        "work 30 (); work 45 (respaldo) | Listo.",
    );
    check("#tiempo 30\n#tiempo 30", "work 30 ()");
}

#[test]
fn a_session_has_a_beginning_an_end_a_day_and_people() {
    let plain = "session 10:00-11:30 x1";
    for written in [
        "10:00-11:30",
        "10:00 - 11:30",
        "10:00–11:30",
        "10:00 a 11:30",
        "de 10:00 a 11:30",
        "10 a 11:30",
        "10:00 h a 11:30 h",
        "10:00 am - 11:30 am",
        "10.00-11.30",
        "10:00 hasta 11:30",
        "10:00 a las 11:30",
        "10:00-11:30 x1",
        "10:00-11:30.",
    ] {
        check(&format!("#sesion {written}"), plain);
    }
    check("#sesión 10-11", "session 10:00-11:00 x1");
    check("#session 4 pm - 5:15 pm", "session 16:00-17:15 x1");
    check("#sesion 11 am a 1 pm", "session 11:00-13:00 x1");
    check("#sesion 22:00-01:30", "session 22:00-01:30 x1");
    check("#sesion 22:00-24:00", "session 22:00-00:00 x1");
    check("#sesion 10:00-11:30 x2", "session 10:00-11:30 x2");
    check("#sesion 10:00-11:30 X 3", "session 10:00-11:30 x3");
    check("#sesion 10:00-11:30 ×2", "session 10:00-11:30 x2");
    check(
        "#sesion 10:00-11:30 2 consultores",
        "session 10:00-11:30 x2",
    );
    check(
        "#sesion 10:00-11:30 Ana, Luis",
        "session 10:00-11:30 Ana+Luis",
    );
    check(
        "#sesion 10:00-11:30 Ana Ruiz y Luis Gómez",
        "session 10:00-11:30 Ana Ruiz+Luis Gómez",
    );
    check(
        "#sesion 10:00-11:30 con Luis",
        "session 10:00-11:30 me+Luis",
    );
    check(
        "#sesion 10:00-11:30 luis@grupostaff.com",
        "session 10:00-11:30 luis@grupostaff.com",
    );
    check(
        "#sesion 10:00-11:30 2026-11-20 x2",
        "session 10:00-11:30 2026-11-20 x2",
    );
    check(
        "#sesion 2026-11-20 10:00-11:30 x2",
        "session 10:00-11:30 2026-11-20 x2",
    );
    check(
        "#sesion 10:00-11:30 20/11/2026 x2",
        "session 10:00-11:30 2026-11-20 x2",
    );
    check(
        "#sesion 10:00-11:30 20/11 Ana",
        "session 10:00-11:30 2026-11-20 Ana",
    );
    check(
        "#sesion 10:00-11:30 el 20 de noviembre x2",
        "session 10:00-11:30 2026-11-20 x2",
    );
    check(
        "#sesion 9-10\n#sesion 12-13 x2\n\nResumen.",
        "session 09:00-10:00 x1; session 12:00-13:00 x2 | Resumen.",
    );
}

#[test]
fn what_is_no_session_is_told() {
    check("#sesion", "!needs_argument");
    check("#sesion ayer", "!bad_interval");
    check("#sesion 10:00", "!bad_interval");
    check("#sesion 10:00-10:00", "!bad_interval");
    check("#sesion 10:00-25:00", "!bad_interval");
    check("#sesion 10:75-11:00", "!bad_interval");
    check("#sesion 13 pm - 2 am", "!bad_interval");
    check("#sesion cliente 10-11", "!bad_interval");
    check("#sesion 10:00-11:30 x0", "!bad_argument");
    check("#sesion 10:00-11:30 x21", "!bad_argument");
    check("#sesion 10:00-11:30 2026-11-25", "!day_out_of_range");
    check("#sesion 10:00-11:30 2026-01-02", "!day_out_of_range");
    check("#sesion 10:00-11:30 31/02/2026", "!bad_date");
    check("#sesion 08:00-21:00", "!long_duration");
    check("#sesion 08:00-21:00!", "session 08:00-21:00 x1");
}

#[test]
fn more_time_is_asked_for_with_a_reason() {
    check(
        "#presupuesto +4h migrar el buzón",
        "budget 240 (migrar el buzón)",
    );
    check(
        "#presupuesto 4h migrar el buzón",
        "budget 240 (migrar el buzón)",
    );
    check(
        "#Presupuesto: + 1h30 más pruebas",
        "budget 90 (más pruebas)",
    );
    check("#budget +2:00: otra base", "budget 120 (otra base)");
    check("#presupuesto +4h", "!needs_reason");
    check("#presupuesto +4h …", "!needs_reason");
    check("#presupuesto", "!needs_argument");
    check("#presupuesto más horas", "!bad_duration");
    check("#presupuesto +16h mantenimiento", "!long_duration");
    check(
        "#presupuesto +16h! mantenimiento",
        "budget 960 (mantenimiento)",
    );
    check(
        "#presupuesto +4h pruebas\n#resuelto\n\nListo.",
        "!contradiction",
    );
    check(
        "#presupuesto +4h pruebas\n#espera tercero",
        "!contradiction",
    );
}

#[test]
fn a_window_has_a_date_and_hours() {
    let window = "window 2026-11-28 09:00-13:00";
    check("#fuera-de-horario 2026-11-28 09:00-13:00", window);
    check("#fuera de horario 2026-11-28 09:00-13:00", window);
    check("#Fuera-de-Horario 28/11/2026 9 a 13", window);
    check("#out-of-hours 28/11 9am - 1pm", window);
    check(
        "#fuera-de-horario el 28 de noviembre de 9:00 a 13:00",
        window,
    );
    check("#fueradehorario 09:00-13:00 2026-11-28", window);
    check(
        "#fuera-de-horario 2026-11-28 22:00-02:00",
        "window 2026-11-28 22:00-02:00",
    );
    check("#fuera-de-horario", "!needs_argument");
    check("#fuera-de-horario 09:00-13:00", "!bad_date");
    check("#fuera-de-horario 2026-11-28", "!needs_argument");
    check(
        "#fuera-de-horario 2026-11-20 09:00-13:00",
        "!date_out_of_range",
    );
    check(
        "#fuera-de-horario 2026-11-28 09:00-13:00 x2",
        "!bad_interval",
    );
    check("#fuera-de-horario mañana 09:00-13:00", "!bad_date");
}

#[test]
fn lines_are_taken_back_by_their_numbers() {
    check(
        "#revertir L-12 se registró dos veces",
        "reverse 12 (se registró dos veces)",
    );
    check(
        "#revertir l12: era de otro ticket",
        "reverse 12 (era de otro ticket)",
    );
    check(
        "#reverse L-12, L-13 y L-14 error",
        "reverse 12+13+14 (error)",
    );
    check("#revertir L-12 L-12 error", "reverse 12 (error)");
    check("#revertir L-12", "!needs_reason");
    check("#revertir", "!needs_argument");
    check("#revertir 12 error", "!bad_argument");
    check("#revertir L-0 error", "!bad_argument");
    check("#revertir Luis", "!bad_argument");
}

#[test]
fn near_misses_are_told_and_prose_stays_prose() {
    suggest("#tiemp 45m", form("tiempo"));
    suggest("#secion 10-11", form("sesion"));
    suggest("#presupesto +4h x", form("presupuesto"));
    suggest("#revertr L-1 x", form("revertir"));
    check(
        "Dedicamos 45m a la sesión de 10-11.",
        " | Dedicamos 45m a la sesión de 10-11.".trim_start(),
    );
    check("La factura L-12 está bien.", "| La factura L-12 está bien.");
    assert!(
        read("Listo.\n#tiempo 45m\nSaludos").is_err(),
        "a command within the words"
    );
}
