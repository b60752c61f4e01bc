//! The newest words of a mail: quoted mail, history and signature cut off (mail.md §5).
//!
//! The cut is a view; the whole mail is kept. Where a shape is in doubt nothing is cut, and
//! where nothing would be left the whole text is shown.

use super::signature;
use crate::domain::policy::Phrases;

/// Most lines over which an attribution (`El … escribió:`) or our separator may be folded.
const FOLD_LINES_MAX: usize = 3;

/// Longest attribution in bytes; longer text that ends in `escribió:` is prose.
const ATTRIBUTION_MAX_BYTES: usize = 400;

/// Lines within which a header block (`De: … Enviado: … Asunto: …`) must be complete.
const BLOCK_LINES_MAX: usize = 10;

/// Fewest underscores that make a rule.
const RULE_MIN: usize = 20;

/// The newest words of `full_text`: what stands above our separator and above quoted mail.
pub fn newest(full_text: &str, phrases: &Phrases) -> String {
    let lines: Vec<&str> = full_text.lines().collect();
    let above = separator(&lines, &phrases.separator).unwrap_or(lines.len());
    let lines = lines.get(..above).unwrap_or_default();
    let end = quotation(lines).unwrap_or(lines.len());
    let lines = lines.get(..end).unwrap_or_default();
    let text = joined(signature::without(lines));
    if text.is_empty() {
        full_text.trim().to_owned()
    } else {
        text
    }
}

/// What stands above our separator; all of it where there is none. For forwarded mail, whose
/// history is its content.
pub fn above_separator(full_text: &str, phrases: &Phrases) -> String {
    let lines: Vec<&str> = full_text.lines().collect();
    let above = separator(&lines, &phrases.separator).unwrap_or(lines.len());
    let text = joined(lines.into_iter().take(above).collect());
    if text.is_empty() {
        full_text.trim().to_owned()
    } else {
        text
    }
}

fn joined(lines: Vec<&str>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.trim_matches('\n').trim_end().to_owned()
}

/// The first line of our separator, however it was quoted, decorated or folded.
fn separator(lines: &[&str], separator: &str) -> Option<usize> {
    let wanted = skeleton(separator);
    if wanted.is_empty() {
        return None;
    }
    (0..lines.len()).find(|at| {
        let mut seen = String::new();
        for line in lines.iter().skip(*at).take(FOLD_LINES_MAX) {
            let words = skeleton(line);
            if words.is_empty() {
                // An empty line does not begin a separator, and may stand within none.
                return false;
            }
            if !seen.is_empty() {
                seen.push(' ');
            }
            seen.push_str(&words);
            if seen.starts_with(&wanted) {
                return true;
            }
            if !wanted.starts_with(&seen) {
                return false;
            }
        }
        false
    })
}

/// Longest line of which a skeleton is made, in characters; the rest of it is not compared.
const SKELETON_MAX_CHARS: usize = 300;

/// The words of a line, lower case, without anything that quoting, HTML or decoration adds.
fn skeleton(line: &str) -> String {
    let mut words = String::new();
    for c in line.chars().take(SKELETON_MAX_CHARS) {
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        } else if !words.is_empty() && !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words.truncate(words.trim_end().len());
    words
}

/// The line where quoted mail begins, if it does.
fn quotation(lines: &[&str]) -> Option<usize> {
    // Where the last unquoted words are: a quote above them is being answered in place.
    let last_words = lines
        .iter()
        .rposition(|line| !is_blank(line) && !is_quoted(line) && !signature::is_line(line));
    let found = (0..lines.len()).find_map(|at| {
        let line = lines.get(at)?;
        if is_quoted(line) || is_blank(line) {
            return None;
        }
        if let Some(length) = attribution(lines, at) {
            let mut after = lines.iter().skip(at + length).filter(|l| !is_blank(l));
            let is_marked = after.next().is_some_and(|l| is_quoted(l));
            // Answers between quoted lines stay together with what they answer.
            let is_interleaved = is_marked && last_words >= Some(at + length);
            return (!is_interleaved).then_some(at);
        }
        (is_original_marker(line) || is_header_block(lines, at)).then_some(at)
    });
    let end = found.unwrap_or(lines.len());
    let start = lines.get(..end).map_or(0, trailing_quote);
    (start < lines.len()).then_some(start)
}

/// The line after the last unquoted words, when quoted lines or a rule follow them.
fn trailing_quote(lines: &[&str]) -> usize {
    let is_leftover = |line: &str| is_blank(line) || is_quoted(line) || is_rule(line);
    let words = lines.iter().rposition(|line| !is_leftover(line));
    let start = words.map_or(0, |at| at + 1);
    let has_more = lines.iter().skip(start).any(|line| !is_blank(line));
    if has_more { start } else { lines.len() }
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty()
}

/// Whether a line is marked as quoted (RFC 3676 §4.5).
fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// A line of underscores or dashes and nothing else.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= RULE_MIN && line.bytes().all(|b| matches!(b, b'_' | b'-' | b'='))
}

/// Words that end an attribution.
const WROTE: [&str; 8] = [
    "escribió:",
    "escribio:",
    "wrote:",
    "escreveu:",
    "a écrit :",
    "schrieb:",
    "ha scritto:",
    "va escriure:",
];

/// Words that begin one.
const ON: [&str; 8] = ["El ", "On ", "Le ", "Am ", "Em ", "Il ", "En ", "A "];

/// The number of lines of the attribution that begins at `at`: `El lun, 2 mar 2026 a las 10:00,
/// Ana Ruiz (<ana@acme.mx>) escribió:`, folded over at most [`FOLD_LINES_MAX`] lines.
fn attribution(lines: &[&str], at: usize) -> Option<usize> {
    let first = bare(lines.get(at)?);
    let is_dated = is_date(first);
    let begins = is_dated || ON.iter().any(|word| first.starts_with(word));
    let reach = if begins { FOLD_LINES_MAX } else { 1 };
    let mut seen = String::new();
    for (count, line) in lines.iter().skip(at).take(reach).enumerate() {
        let line = bare(line);
        if line.is_empty() || seen.len() + line.len() > ATTRIBUTION_MAX_BYTES {
            return None;
        }
        seen.push_str(line);
        seen.push(' ');
        // Older Gmail: `2026-03-02 10:00 GMT-06:00 Ana <ana@acme.mx>:`.
        if is_dated && line.ends_with(">:") || WROTE.iter().any(|word| line.ends_with(word)) {
            return (names_sender(&seen) && (begins || seen.contains('@'))).then_some(count + 1);
        }
    }
    None
}

/// Whether a line begins with a date such as `2026-03-02`.
fn is_date(line: &str) -> bool {
    let digit = |at: usize| line.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit)
}

/// Whether the text holds an address or a time of day: prose that ends in `escribió:` does not.
fn names_sender(text: &str) -> bool {
    let has_time = text
        .as_bytes()
        .windows(4)
        .any(|w| matches!(w, [h, b':', m, n] if h.is_ascii_digit() && m.is_ascii_digit() && n.is_ascii_digit()));
    has_time || text.contains('@')
}

/// A line without the marks that HTML leaves around words.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '|')
}

/// `-----Mensaje original-----` and its like.
fn is_original_marker(line: &str) -> bool {
    const MARKERS: [&str; 8] = [
        "mensaje original",
        "original message",
        "mensaje reenviado",
        "forwarded message",
        "mensagem original",
        "ursprüngliche nachricht",
        "message d origine",
        "original appointment",
    ];
    /// Fewest dashes before the words.
    const DASHES_MIN: usize = 2;
    let line = bare(line);
    let dashes = line.chars().take_while(|c| matches!(c, '-' | '_')).count();
    dashes >= DASHES_MIN && MARKERS.contains(&skeleton(line).as_str())
}

/// Labels of the header block that Outlook puts above the mail answered to.
const FROM: [&str; 3] = ["de", "from", "von"];
const SENT: [&str; 8] = [
    "enviado",
    "enviado el",
    "fecha",
    "sent",
    "date",
    "enviada em",
    "gesendet",
    "envoyé",
];
const SUBJECT: [&str; 5] = ["asunto", "subject", "assunto", "betreff", "objet"];

/// Whether a header block begins at `at`: sender or date first, and within
/// [`BLOCK_LINES_MAX`] lines sender, date and subject. A rule before it belongs to it.
fn is_header_block(lines: &[&str], at: usize) -> bool {
    let Some(line) = lines.get(at) else {
        return false;
    };
    let begins = |l: String| FROM.contains(&l.as_str()) || SENT.contains(&l.as_str());
    if !label(line).is_some_and(begins) {
        return false;
    }
    let labels: Vec<String> = lines
        .iter()
        .skip(at)
        .take(BLOCK_LINES_MAX + 1)
        .filter_map(|line| label(line))
        .collect();
    let has = |known: &[&str]| labels.iter().any(|label| known.contains(&label.as_str()));
    has(&FROM) && has(&SENT) && has(&SUBJECT)
}

/// What stands before the colon of a line such as `*Enviado el:* lunes`, lower case.
fn label(line: &str) -> Option<String> {
    /// Longest label, in bytes.
    const LABEL_MAX_BYTES: usize = 20;
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '|' | '>'));
    let (label, _) = line.split_once(':')?;
    let label = bare(label);
    (label.len() <= LABEL_MAX_BYTES).then(|| label.to_lowercase())
}
