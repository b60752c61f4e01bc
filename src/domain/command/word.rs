//! Words: the names of the commands, and how a typed word is compared with them.

pub(super) use crate::domain::fold::fold_line as fold;

/// Edits by which a typed word may differ from a name and still be told as meant.
const DISTANCE_MAX: usize = 2;

/// Longest word compared with the names, in characters; a longer one is none of them.
const WORD_MAX_CHARS: usize = 24;

/// A command's name.
#[derive(Debug, PartialEq, Eq)]
pub struct Name {
    /// The Spanish word, without `#` and accents.
    pub word: &'static str,
    /// Other words for it, without `#` and accents.
    pub aliases: &'static [&'static str],
    /// How it is written, for people.
    pub form: &'static str,
}

/// Every command that can be given.
pub static NAMES: [Name; 31] = [
    Name {
        word: "nota",
        aliases: &["note", "interno", "interna"],
        form: "#nota",
    },
    Name {
        word: "prioridad",
        aliases: &["priority"],
        form: "#prioridad crítica|alta|media|baja",
    },
    Name {
        word: "tipo",
        aliases: &["kind", "type"],
        form: "#tipo regular|urgente|mantenimiento menor|mantenimiento medio|mantenimiento mayor|investigación",
    },
    Name {
        word: "asignar",
        aliases: &["assign"],
        form: "#asignar yo|nombre|correo",
    },
    Name {
        word: "nivel",
        aliases: &["level"],
        form: "#nivel 1|2|3|4",
    },
    Name {
        word: "microsoft",
        aliases: &["ms"],
        form: "#microsoft CASO",
    },
    Name {
        word: "espera",
        aliases: &["esperar", "wait"],
        form: "#espera cliente|tercero [hasta FECHA]",
    },
    Name {
        word: "en-proceso",
        aliases: &["enproceso", "en_proceso", "in-progress", "inprogress"],
        form: "#en-proceso",
    },
    Name {
        word: "resuelto",
        aliases: &["resuelta", "resolved"],
        form: "#resuelto",
    },
    Name {
        word: "cerrar",
        aliases: &["close"],
        form: "#cerrar validado|cancelado motivo",
    },
    Name {
        word: "reabrir",
        aliases: &["reopen"],
        form: "#reabrir",
    },
    Name {
        word: "nuevo",
        aliases: &["nueva", "new"],
        form: "#nuevo cliente=NOMBRE autorizador=CORREO",
    },
    Name {
        word: "telefono",
        aliases: &["llamada", "phone"],
        form: "#telefono [HH:MM]",
    },
    Name {
        word: "duplicado",
        aliases: &["duplicada", "duplicate"],
        form: "#duplicado GS-n",
    },
    Name {
        word: "cc",
        aliases: &["copia"],
        form: "#cc +correo -correo",
    },
    Name {
        word: "unir",
        aliases: &["merge"],
        form: "#unir GS-n",
    },
    Name {
        word: "separar",
        aliases: &["split"],
        form: "#separar",
    },
    Name {
        word: "tiempo",
        aliases: &["time"],
        form: "#tiempo 45m [texto]",
    },
    Name {
        word: "sesion",
        aliases: &["session"],
        form: "#sesion 10:00-11:30 [AAAA-MM-DD] [x2 | Ana, Luis]",
    },
    Name {
        word: "presupuesto",
        aliases: &["budget"],
        form: "#presupuesto +4h motivo",
    },
    Name {
        word: "fuera-de-horario",
        aliases: &["fueradehorario", "fuera_de_horario", "out-of-hours"],
        form: "#fuera-de-horario AAAA-MM-DD 09:00-13:00",
    },
    Name {
        word: "revertir",
        aliases: &["reversar", "reverse"],
        form: "#revertir L-1042 motivo",
    },
    Name {
        word: "intento",
        aliases: &["attempt"],
        form: "#intento telefono [texto]",
    },
    Name {
        word: "autorizar",
        aliases: &["authorize"],
        form: "#autorizar correo Nombre [cliente=CLIENTE]",
    },
    Name {
        word: "revocar",
        aliases: &["revoke"],
        form: "#revocar correo",
    },
    Name {
        word: "liberar",
        aliases: &["release"],
        form: "#liberar N[, N] [cliente=CLIENTE]",
    },
    Name {
        word: "descartar",
        aliases: &["discard"],
        form: "#descartar N[, N]",
    },
    Name {
        word: "deshacer",
        aliases: &["undo"],
        form: "#deshacer",
    },
    Name {
        word: "estado",
        aliases: &["status"],
        form: "#estado [GS-n]",
    },
    Name {
        word: "porque",
        aliases: &["por-que", "why"],
        form: "#porque [GS-n]",
    },
    Name {
        word: "ayuda",
        aliases: &["help"],
        form: "#ayuda",
    },
];

/// Names of several words, as phones and people write them; of three, the first two come first.
const SEVERAL_WORDS: [(&str, &str); 7] = [
    ("en", "proceso"),
    ("in", "progress"),
    ("por", "que"),
    ("fuera", "de"),
    ("fuera-de", "horario"),
    ("out", "of"),
    ("out-of", "hours"),
];

/// A command line taken apart.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The word behind `#`, folded.
    pub word: String,
    /// The command of that name.
    pub name: Option<&'static Name>,
    /// What follows it, as typed, without blanks around.
    pub rest: String,
}

impl Line {
    /// Takes a line apart that begins with `#`. Marks between it and the word (`#-nota`) are a slip:
    /// the word is read, and is the name of no command.
    pub(super) fn read(line: &str) -> Self {
        let plain = plain(line);
        let near = plain.trim_start_matches('#').trim_start();
        let behind = near.trim_start_matches(|c: char| !c.is_alphanumeric());
        let slipped = behind.len() < near.len();
        let is_part = |c: char| is_letter(c) || is_hyphen(c) || c == '_';
        let (typed, mut rest) =
            behind.split_at(behind.find(|c| !is_part(c)).unwrap_or(behind.len()));
        let mut word = fold(typed.trim_end_matches(|c| is_hyphen(c) || c == '_'));
        word = word.replace(is_hyphen, "-");
        for (first, second) in SEVERAL_WORDS {
            if word == first
                && let Some(more) = strip_word(rest.trim_start(), second)
            {
                word = format!("{first}-{second}");
                rest = more;
            }
        }
        // `*#prioridad* alta`, `#prioridad: alta`, `#nivel=2`, `#resuelto.`
        let rest = rest.trim_start_matches(is_emphasis).trim_start();
        let rest = rest.trim_start_matches([':', '=', '.', ',']);
        let name = NAMES
            .iter()
            .find(|name| name.word == word || name.aliases.contains(&word.as_str()))
            .filter(|_| !slipped);
        Self {
            word,
            name,
            rest: rest.trim().to_owned(),
        }
    }

    /// What follows the word, folded, without marks at its end.
    pub(super) fn argument(&self) -> String {
        let folded = fold(&self.rest);
        folded
            .trim_end_matches(|c| is_quote(c) || matches!(c, '.' | ',' | ';' | '!' | ':'))
            .trim()
            .to_owned()
    }
}

/// The text behind `word` where `text` begins with it, case and accents free.
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let end = text.find(|c: char| !is_letter(c)).unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    (fold(first) == word).then_some(rest)
}

/// A line as its reader sees it: blanks of every sort are blanks, invisible characters are gone, the
/// wide number sign is one, and neither quotation marks nor bold and italics (`*#nota*`, as mail
/// programs write them in plain text) stand around it.
pub(super) fn plain(line: &str) -> String {
    let visible = visible(line);
    let bare = unwrapped(visible.trim(), is_quote).trim();
    let inner = unwrapped(bare, is_emphasis);
    let plain = if inner.starts_with('#') { inner } else { bare };
    plain.to_owned()
}

/// `text` without the marks that it is wrapped in: those at its end belong to the words where none
/// stand before them.
fn unwrapped(text: &str, is_mark: fn(char) -> bool) -> &str {
    let inner = text.trim_start_matches(is_mark);
    if inner.len() < text.len() {
        inner.trim_end_matches(is_mark).trim_end()
    } else {
        text
    }
}

/// A line without invisible characters, with plain blanks and number signs.
pub(super) fn visible(line: &str) -> String {
    line.chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            c if is_number_sign(c) => '#',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect()
}

/// `#`, its wide and small forms.
pub(super) fn is_number_sign(c: char) -> bool {
    matches!(c, '#' | '＃' | '﹟')
}

/// `-`, and what word processors make of it between two letters.
fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}')
}

/// Letters, digits, and accents written as characters of their own.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || ('\u{0300}'..='\u{036F}').contains(&c)
}

/// What takes no room of its own: joiners, directions, and the frame of a keycap around `#`.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{20E3}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
    )
}

pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '\'' | '`' | '´'
    )
}

fn is_emphasis(c: char) -> bool {
    matches!(c, '*' | '_')
}

/// The command whose name or alias a word most resembles, where it resembles one.
pub(super) fn nearest(word: &str) -> Option<&'static Name> {
    let length = word.chars().count();
    // `#2do` is no `#undo`.
    if length > WORD_MAX_CHARS || word.starts_with(char::is_numeric) {
        return None;
    }
    NAMES
        .iter()
        .flat_map(|name| {
            std::iter::once(name.word)
                .chain(name.aliases.iter().copied())
                .map(move |known| (distance(word, known), known, name))
        })
        // Of a name of three letters, two others leave nothing.
        .filter(|(distance, known, _)| {
            *distance <= DISTANCE_MAX.min(known.len() / 2) && *distance < length
        })
        .min_by_key(|(distance, _, _)| *distance)
        .map(|(_, _, name)| name)
}

/// Edits from one word to the other (Levenshtein); both are short.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (cb, pair) in b.iter().zip(row.windows(2)) {
            let (diagonal, above) = match pair {
                [diagonal, above] => (*diagonal, *above),
                _ => (usize::MAX, usize::MAX),
            };
            let left = next.last().copied().unwrap_or(usize::MAX);
            let changed = diagonal + usize::from(ca != *cb);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// How a command is written.
pub(super) fn form(word: &str) -> Option<&'static str> {
    let name = NAMES.iter().find(|name| name.word == word)?;
    Some(name.form)
}
