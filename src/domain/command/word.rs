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
pub static NAMES: [Name; 13] = [
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
        word: "duplicado",
        aliases: &["duplicada", "duplicate"],
        form: "#duplicado GS-n",
    },
    Name {
        word: "intento",
        aliases: &["attempt"],
        form: "#intento telefono [texto]",
    },
];

/// Names of two words, as phones and people write them.
const TWO_WORDS: [(&str, &str); 2] = [("en", "proceso"), ("in", "progress")];

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
    /// Takes a line apart that begins with `#`.
    pub(super) fn read(line: &str) -> Self {
        let plain = plain(line);
        let behind = plain.trim_start_matches('#').trim_start();
        let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let (typed, mut rest) =
            behind.split_at(behind.find(|c| !is_part(c)).unwrap_or(behind.len()));
        let mut word = fold(typed.trim_end_matches(['-', '_']));
        for (first, second) in TWO_WORDS {
            if word == first
                && let Some(more) = strip_word(rest.trim_start(), second)
            {
                word = format!("{first}-{second}");
                rest = more;
            }
        }
        // `#prioridad: alta`, `#nivel=2`, `#resuelto.`
        let rest = rest.trim_start().trim_start_matches([':', '=', '.', ',']);
        let name = NAMES
            .iter()
            .find(|name| name.word == word || name.aliases.contains(&word.as_str()));
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
            .trim_end_matches(['.', ',', ';', '!', ':'])
            .trim()
            .to_owned()
    }
}

/// The text behind `word` where `text` begins with it, case and accents free.
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let end = text
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(text.len());
    let (first, rest) = text.split_at(end);
    (fold(first) == word).then_some(rest)
}

/// A line as its reader sees it: blanks of every sort are blanks, invisible characters are gone,
/// the wide number sign is one, and nothing stands around it.
pub(super) fn plain(line: &str) -> String {
    let plain: String = line
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| match c {
            '＃' | '﹟' => '#',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    plain.trim().trim_matches(is_quote).trim().to_owned()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}' | '\u{202A}'..='\u{202E}')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '‘' | '’' | '«' | '»' | '\'' | '`')
}

/// The command whose name or alias a word most resembles, where it resembles one.
pub(super) fn nearest(word: &str) -> Option<&'static Name> {
    let length = word.chars().count();
    if length > WORD_MAX_CHARS {
        return None;
    }
    NAMES
        .iter()
        .flat_map(|name| {
            std::iter::once(name.word)
                .chain(name.aliases.iter().copied())
                .map(move |known| (distance(word, known), name))
        })
        .filter(|(distance, _)| *distance <= DISTANCE_MAX && *distance < length)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
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
