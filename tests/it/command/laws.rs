//! Laws of the parser, on texts nobody wrote.

use proptest::prelude::*;
use soported::domain::command::{Command, Mistake, looks_like_command};

use super::read;

/// Lines out of what commands, prose and accidents are made of.
fn lines() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "#",
        "##",
        "＃",
        " ",
        "\u{a0}",
        "\u{200b}",
        "\n",
        "\n\n",
        "\r\n",
        "nota",
        "Nota",
        "espera",
        "cliente",
        "hasta",
        "10/12/2026",
        "cerrar",
        "validado",
        "cancelado",
        "motivo",
        "en",
        "proceso",
        "GS-",
        "12",
        "duplicado",
        "cc",
        "+eva@acme.example",
        "unir",
        "separar",
        ">",
        "- ",
        "• ",
        "*",
        "_",
        "“",
        "\"",
        "Hola",
        ",",
        ".",
        ":",
        "C",
        "https://",
        "í",
        "i\u{301}",
        "ß",
        "İ",
        "🔒",
        "resuelto",
        "nivel",
        "2",
        "nuevo",
        "telefono",
        "autorizador",
        "=",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn bounded(mistakes: &[Mistake]) -> bool {
    !mistakes.is_empty()
        && mistakes
            .iter()
            .all(|m| m.line.chars().count() <= 120 && !m.line.contains('\n'))
}

/// What holds for every text: it is read, mistakes are bounded, and no word for the client looks
/// like a command that was not escaped.
fn check(text: &str) {
    match read(text) {
        Err(mistakes) => assert!(bounded(&mistakes), "{mistakes:?}"),
        Ok(instructions) => {
            let escaped = text
                .lines()
                .filter(|line| {
                    let signs = line.replace('＃', "#");
                    let signs: String = signs.chars().filter(|c| *c != '\u{200b}').collect();
                    signs.contains("##")
                })
                .count();
            let looking = instructions
                .text
                .lines()
                .filter(|line| looks_like_command(line))
                .count();
            assert!(looking <= escaped, "{:?}", instructions.text);
            assert!(instructions.commands.len() <= 20);
            let noted = |c: &Command| *c == Command::Note;
            let notes = instructions.commands.iter().filter(|o| noted(&o.command));
            assert!(notes.count() <= 1);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,300}") {
        check(&text);
    }

    #[test]
    fn any_mixture_of_commands_and_prose_is_read(text in lines()) {
        check(&text);
    }

    #[test]
    fn text_without_a_number_sign_comes_back_trimmed_and_otherwise_unchanged(
        text in "([^#＃﹟\r\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{20e3}\u{fe00}-\u{fe0f}\u{feff}]|[\n\"“*_ ]){0,200}"
    ) {
        let read = read(&text).unwrap();
        prop_assert!(read.commands.is_empty());
        prop_assert_eq!(read.text, text.trim());
    }

    #[test]
    fn an_escaped_line_is_the_text_with_one_number_sign_less(word in "[a-zA-Zñáé -]{0,30}") {
        let read = read(&format!("Hola\n##{word}\nadiós")).unwrap();
        prop_assert!(read.commands.is_empty());
        prop_assert_eq!(read.text, format!("Hola\n#{word}\nadiós"));
    }

    #[test]
    fn a_command_in_the_middle_keeps_everything_back(word in "#[a-zñáé]{1,12}( [a-z]{1,8}){0,3}") {
        let mistakes = read(&format!("Hola\n{word}\nadiós")).unwrap_err();
        prop_assert_eq!(mistakes.len(), 1);
        prop_assert_eq!(mistakes[0].problem.name(), "misplaced");
    }
}

#[test]
fn long_lines_take_time_in_proportion() {
    for piece in [
        "#", "# ", "-#", "- #nota", "a#", "#nota ", "://#", "\u{301}#", "cliente=",
    ] {
        check(&piece.repeat(50_000));
        check(&format!("Hola {}", piece.repeat(20_000)));
        check(&format!("#nuevo {}", piece.repeat(20_000)));
        check(&format!("#nuevo cliente=a {}", piece.repeat(20_000)));
    }
}
