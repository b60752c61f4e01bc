//! Signatures and what telephones write under a mail (mail.md §5).

/// Most lines after `-- ` that are a signature (RFC 3676 §4.3 sets no limit; a longer rest may
/// be more than that, and is kept).
const SIGNATURE_LINES_MAX: usize = 30;

/// Longest line that can be a mail program's advertisement, in bytes.
const LINE_MAX_BYTES: usize = 200;

/// Beginnings of the lines that mail programs add by themselves, lower case.
const ADDED: [&str; 17] = [
    "enviado desde mi ",
    "enviado desde outlook",
    "enviado desde correo",
    "enviado desde yahoo",
    "enviado desde el móvil",
    "enviado desde gmail",
    "enviado con gmail",
    "enviado de mi ",
    "obtener outlook para ",
    "obtenga outlook para ",
    "descargar outlook para ",
    "sent from my ",
    "sent from outlook",
    "sent from mail for",
    "sent from yahoo",
    "get outlook for ",
    "enviado do meu ",
];

/// Beginnings of legal notices, lower case; they count only alone or before a colon or a stop.
const NOTICES: [&str; 6] = [
    "aviso legal",
    "aviso de confidencialidad",
    "nota de confidencialidad",
    "cláusula de confidencialidad",
    "confidentiality notice",
    "legal disclaimer",
];

/// The lines without signature, advertisement and legal notice.
pub fn without<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let end = end_of_words(lines);
    lines
        .iter()
        .take(end)
        .filter(|line| !is_line(line))
        .copied()
        .collect()
}

/// Whether a mail program added the line by itself.
pub fn is_line(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '[' | '-'));
    // Cheap refusal: all known lines begin with one of these.
    if line.len() > LINE_MAX_BYTES
        || !line.starts_with(['E', 'O', 'D', 'S', 'G', 'e', 'o', 's', 'g'])
    {
        return false;
    }
    let lower = line.to_lowercase();
    ADDED.iter().any(|added| lower.starts_with(added))
}

/// The line at which the signature or the legal notice begins.
fn end_of_words(lines: &[&str]) -> usize {
    let mut has_words = false;
    for (at, line) in lines.iter().enumerate() {
        // RFC 3676 §4.3: the delimiter is "-- "; many programs drop the blank.
        let is_delimiter = line.trim_end() == "--" && lines.len() - at <= SIGNATURE_LINES_MAX + 1;
        if has_words && (is_delimiter || is_notice(line)) {
            return at;
        }
        has_words |= !line.trim().is_empty();
    }
    lines.len()
}

fn is_notice(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '-'));
    if !line.starts_with(['A', 'N', 'C', 'L']) {
        return false;
    }
    let head = super::decode::cut(line, 60).to_lowercase();
    NOTICES.iter().any(|notice| {
        head.strip_prefix(notice)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.']))
    })
}
