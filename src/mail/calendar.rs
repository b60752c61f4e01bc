//! Invitations: the summary and time of a mail that is nothing but a calendar part
//! (RFC 5545 §3.6.1; mail.md §2).

/// Most lines of a calendar read; the event stands near the beginning.
const LINES_MAX: usize = 2_000;

/// Longest value shown, in characters.
const VALUE_MAX_CHARS: usize = 250;

/// The first event of a calendar as text: its summary, its beginning and end as written, and
/// where it takes place, one to a line. Empty where there is no event.
pub fn summary(calendar: &str) -> String {
    let mut shown = Vec::new();
    let mut in_event = false;
    for line in unfold(calendar) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let name = name
            .split(';')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match (name.as_str(), in_event) {
            ("BEGIN", false) => in_event = value.trim().eq_ignore_ascii_case("VEVENT"),
            ("END", true) => break,
            ("SUMMARY" | "LOCATION", true) => shown.push(unescape(value)),
            ("DTSTART" | "DTEND", true) => shown.push(moment(value.trim())),
            _ => {}
        }
    }
    shown.retain(|line| !line.is_empty());
    shown.join("\n")
}

/// RFC 5545 §3.1: a line that begins with a blank continues the one before.
fn unfold(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines().take(LINES_MAX) {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// RFC 5545 §3.3.11.
fn unescape(value: &str) -> String {
    let plain = value
        .replace("\\n", " ")
        .replace("\\N", " ")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\");
    super::decode::clean_line(&plain, VALUE_MAX_CHARS)
}

/// `20260302T100000Z` as `2026-03-02 10:00Z`; anything else as it stands.
fn moment(value: &str) -> String {
    let part = |from: usize, to: usize| value.get(from..to);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    match (part(0, 4), part(4, 6), part(6, 8), digits) {
        (Some(year), Some(month), Some(day), 8) => format!("{year}-{month}-{day}"),
        (Some(year), Some(month), Some(day), 14) => {
            let hour = part(9, 11).unwrap_or_default();
            let minute = part(11, 13).unwrap_or_default();
            let zone = if value.ends_with('Z') { "Z" } else { "" };
            format!("{year}-{month}-{day} {hour}:{minute}{zone}")
        }
        _ => super::decode::clean_line(value, VALUE_MAX_CHARS),
    }
}
