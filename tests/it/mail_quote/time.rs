//! The newest words of a hostile mail are found in linear time (mail.md §5).

use std::time::{Duration, Instant};

use soported::mail::quote::{newest, newest_marked};
use soported::mail::text::from_html;

use crate::mail_parse::{SEPARATOR, phrases};

/// Size of the hostile mails, in bytes. `cargo bench --bench rules` reads a whole megabyte of
/// them in a release build, for which the design asks 100 ms.
const SIZE: usize = 256 * 1024;

/// Longest reading of one here, with room for a busy machine; a quadratic one takes much longer.
const SLOW: Duration = Duration::from_secs(4);

/// How many times as long the whole may take as an eighth of it: eight, and as much again twice
/// for what the machine does beside. A quadratic reading takes sixty-four times as long.
const GROWTH: f64 = 24.0;

/// Pieces that, repeated, make each step look at every line.
const PIECES: [&str; 33] = [
    ">",
    "> ",
    ">\n",
    "> x\n",
    ">>>>>>>>>>>>>>>>>>>>>>>>>>>>>> x\n",
    "El ",
    "El \n",
    "El 2\n",
    "El 2/3/2026 10:00\n",
    "El 2/3/2026 a las 10:00, Ana <a@b.mx>\n",
    "El a@b escribió\n",
    "El 2/3/2026, Ana escribió:\n",
    "El 2 de marzo de 2026 a las 10:00 el cliente escribió:\n",
    "1@b:\n",
    "<a@b\n>:\n",
    "escribió:\n",
    "-",
    "-- \n",
    "--\nx\n",
    "-----Mensaje\n",
    "____\nx\n",
    "\n",
    " \n",
    "x",
    "x ",
    "De:\n",
    "De: x\n",
    "De: x\nFecha: 2\n",
    "De: a@b Fecha: x ",
    "Fecha: 2/3/2026 10:00\nx\n",
    "## Responda por encima\n",
    "Enviado desde mi \n",
    "Este mensaje es confidencial\n\n",
];

fn repeated(piece: &str, size: usize) -> String {
    piece.repeat(size / piece.len() + 1)
}

fn timed(step: impl Fn()) -> Duration {
    let begun = Instant::now();
    step();
    begun.elapsed()
}

/// Holds the time for a whole mail against that for an eighth of it, again where the machine was
/// busy with something else: what is not linear fails every time.
fn grows_evenly(name: &str, step: impl Fn(usize)) {
    let mut seen = Vec::new();
    for _ in 0..ATTEMPTS {
        let part = timed(|| step(SIZE / 8));
        let whole = timed(|| step(SIZE));
        // Below some milliseconds the clock measures the machine.
        let allowed = part.max(Duration::from_millis(5)).mul_f64(GROWTH);
        if whole < SLOW && whole < allowed {
            return;
        }
        seen.push((part, whole));
    }
    panic!("{name:?}: an eighth and all took {seen:?}");
}

/// Times that a growth is measured before it counts as wrong.
const ATTEMPTS: usize = 5;

#[test]
fn cutting_takes_linear_time() {
    let phrases = phrases();
    for piece in PIECES {
        grows_evenly(piece, |size| {
            let _ = newest(&repeated(piece, size), &phrases);
        });
    }
    for (name, above) in [
        ("words above", "Ya.\n"),
        (
            "an attribution above",
            "Ya.\nEl 2/3/2026 10:00, A <a@b> escribió:\n",
        ),
        ("our separator below", SEPARATOR),
    ] {
        for piece in ["> x\n", "\n", "-- \n", "De: x\n"] {
            grows_evenly(name, |size| {
                let body = repeated(piece, size);
                let _ = newest(&format!("{above}{body}\n{above}"), &phrases);
            });
        }
    }
}

#[test]
fn html_is_cut_in_linear_time() {
    let phrases = phrases();
    for piece in [
        "<div>",
        "<div class=gmail_quote>x",
        "<div class=\"gmail_quote\">x</div>y",
        "<blockquote>",
        "<blockquote type=cite>x",
        "</blockquote>",
        "<div style=\"border-top:solid #E1E1E1",
        "<p id=reply-intro>x</p>y",
        "<",
        "< ",
        "<div id=x class=y name=z style=border-top:>x",
    ] {
        grows_evenly(piece, |size| {
            let seen = from_html(&repeated(piece, size));
            let _ = newest_marked(&seen.text, seen.quote_at, &phrases);
        });
    }
}
