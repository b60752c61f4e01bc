//! Who wrote the mail that a mail forwards, and about what, as far as its text still says.

use crate::domain::address::Address;

/// Lines within which a header block must name sender and subject.
const BLOCK_LINES_MAX: usize = 12;

/// Lines searched for a block; a forwarded mail begins near the top of what is forwarded.
const LINES_MAX: usize = 2_000;

/// Longest label, in bytes.
const LABEL_MAX_BYTES: usize = 30;

/// Labels of the sender, in the languages that mail programs speak.
const FROM: [&str; 23] = [
    "from",
    "de",
    "von",
    "da",
    "od",
    "fra",
    "från",
    "van",
    "de la",
    "lähettäjä",
    "feladó",
    "от",
    "від",
    "від кого",
    "kimden",
    "gönderen",
    "expéditeur",
    "mittente",
    "remitente",
    "nadawca",
    "šalje",
    "送信元",
    "差出人",
];

/// Labels of the subject.
const SUBJECT: [&str; 21] = [
    "subject",
    "asunto",
    "betreff",
    "objet",
    "sujet",
    "oggetto",
    "assunto",
    "onderwerp",
    "emne",
    "ämne",
    "aihe",
    "předmět",
    "predmet",
    "tárgy",
    "temat",
    "subiect",
    "тема",
    "konu",
    "predmet e-mailu",
    "naslov",
    "件名",
];

/// What a forwarded mail's header block says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forwarded {
    /// Its sender's address.
    pub from: Option<String>,
    /// Its subject.
    pub subject: String,
}

/// The first header block in `text`: adjacent lines of which one names the sender and one the
/// subject. `None`: there is none, or it names nobody and nothing.
///
/// Outlook puts the same block above a mail that is answered, so the caller has to know that the
/// mail is a forward, or to ask for bodies of which nothing else is known.
pub fn read(text: &str) -> Option<Forwarded> {
    let lines: Vec<&str> = text.lines().take(LINES_MAX).map(plain).collect();
    (0..lines.len()).find_map(|at| block(lines.get(at..)?))
}

/// The sender named by an attribution (`El 28/10/2021 12:46, "Ana" <ana@acme.mx> escribió:`), which
/// is all that some programs keep of what they forward. `subject` is the forward's own, bare.
pub fn attributed(text: &str, subject: &str) -> Option<Forwarded> {
    let mut lines = text.lines().take(LINES_MAX).map(plain);
    let line = lines.find(|line| {
        let dated = line.chars().any(|c| c.is_ascii_digit());
        dated && line.ends_with(':') && address(line).is_some()
    })?;
    Some(Forwarded {
        from: address(line),
        subject: subject.to_owned(),
    })
}

/// The block that begins with the first of `lines`.
fn block(lines: &[&str]) -> Option<Forwarded> {
    labelled(lines.first()?)?;
    let mut from = None;
    let mut subject = None;
    let mut open: Option<bool> = None;
    for line in lines.iter().take(BLOCK_LINES_MAX) {
        match labelled(line) {
            Some((Label::From, value)) if from.is_none() => {
                from = Some(value.to_owned());
                open = value.is_empty().then_some(true);
            }
            Some((Label::Subject, value)) if subject.is_none() => {
                subject = Some(value.to_owned());
                open = value.is_empty().then_some(false);
            }
            Some(_) => open = None,
            // A value on the line after its label.
            None if !line.is_empty() => match open.take() {
                Some(true) => from = Some((*line).to_owned()),
                Some(false) => subject = Some((*line).to_owned()),
                None => {}
            },
            None => {}
        }
        if from.is_some() && subject.is_some() && open.is_none() {
            break;
        }
    }
    let (from, subject) = (from?, subject?);
    let address = address(&from);
    (address.is_some() || !subject.is_empty()).then_some(Forwarded {
        from: address,
        subject,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    From,
    Subject,
    Other,
}

/// A line such as `*Enviado el:* lunes`, as label and value.
fn labelled<'a>(line: &&'a str) -> Option<(Label, &'a str)> {
    let (label, value) = line.split_once([':', '：'])?;
    let label = label.trim_matches(is_decoration).to_lowercase();
    if label.is_empty() || label.len() > LABEL_MAX_BYTES || label.split_whitespace().count() > 3 {
        return None;
    }
    let kind = if FROM.contains(&label.as_str()) {
        Label::From
    } else if SUBJECT.contains(&label.as_str()) {
        Label::Subject
    } else {
        Label::Other
    };
    Some((kind, value.trim_matches(is_decoration)))
}

/// A line without quote marks and without what HTML leaves around words.
fn plain(line: &str) -> &str {
    line.trim_matches(|c: char| is_decoration(c) || c == '>')
        .trim()
}

fn is_decoration(c: char) -> bool {
    c.is_whitespace() || matches!(c, '*' | '|' | '\u{feff}' | '\u{200b}')
}

/// The address in `Ana Ruiz <ana@acme.mx>`, `ana@acme.mx`, `"Ana" [mailto:ana@acme.mx]`.
fn address(text: &str) -> Option<String> {
    let words = text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | '*'
            )
    });
    words
        .map(|word| word.strip_prefix("mailto:").unwrap_or(word))
        .filter(|word| word.contains('@'))
        .find_map(Address::parse)
        .map(|address| address.to_string())
}
