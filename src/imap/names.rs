//! Words as IMAP writes them: quoted strings, folder names, sets of UIDs, dates.
//!
//! Everything that goes into a command passes through here. A command is one line, so a CR or
//! LF that slipped in would be a second command of somebody else's choosing.

use chrono::{DateTime, NaiveDate, Utc};
use data_encoding::BASE64_NOPAD;

/// A quoted string (RFC 9051 §4.3), or none where the text needs what a quoted string cannot
/// hold: control characters and everything beyond ASCII.
pub(super) fn quoted(text: &str) -> Option<String> {
    if !text.chars().all(|c| c.is_ascii() && !c.is_ascii_control()) {
        return None;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Some(quoted)
}

/// A folder name as a quoted string in modified UTF-7 (RFC 3501 §5.1.3): `Atención` becomes
/// `"Atenci&APM-n"`. Whatever is not printable ASCII is encoded, line ends included.
pub(super) fn folder(name: &str) -> String {
    let mut coded = String::from("\"");
    let mut foreign = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            close_foreign(&mut coded, &mut foreign);
            match c {
                '&' => coded.push_str("&-"),
                '"' | '\\' => coded.extend(['\\', c]),
                _ => coded.push(c),
            }
        } else {
            let mut units = [0_u16; 2];
            for unit in c.encode_utf16(&mut units) {
                foreign.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    close_foreign(&mut coded, &mut foreign);
    coded.push('"');
    coded
}

/// Writes the pending UTF-16 as `&base64-`, with `,` in the place of `/`.
fn close_foreign(coded: &mut String, foreign: &mut Vec<u8>) {
    if foreign.is_empty() {
        return;
    }
    coded.push('&');
    coded.push_str(&BASE64_NOPAD.encode(foreign).replace('/', ","));
    coded.push('-');
    foreign.clear();
}

/// A UID as a locator carries it; UIDs are never zero (RFC 9051 §2.3.1.1).
pub(super) fn uid(locator: &str) -> Option<u32> {
    locator.parse().ok().filter(|uid| *uid != 0)
}

/// UIDs as a sequence set, runs joined: 4, 5, 6, 9 becomes `4:6,9`. In any order, repeated or
/// not; the set names exactly these.
pub(super) fn uid_set(uids: impl IntoIterator<Item = u32>) -> String {
    let mut uids: Vec<u32> = uids.into_iter().collect();
    uids.sort_unstable();
    uids.dedup();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let written: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}:{last}"),
        })
        .collect();
    written.join(",")
}

/// A day as SEARCH wants it (RFC 9051 §9, `date-text`): `5-Nov-2026`.
pub(super) fn search_day(day: NaiveDate) -> String {
    day.format("%-d-%b-%Y").to_string()
}

/// INTERNALDATE (RFC 9051 §9, `date-time`): ` 5-Nov-2026 09:15:00 -0600`.
pub(super) fn internal_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z")
        .ok()
        .map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_string_holds_printable_ascii_and_nothing_else() {
        let check = |text: &str, wanted: Option<&str>| {
            assert_eq!(quoted(text).as_deref(), wanted, "{text:?}");
        };
        check("", Some(r#""""#));
        check("soporte@x.mx", Some(r#""soporte@x.mx""#));
        check(r#"a"b\c"#, Some(r#""a\"b\\c""#));
        check("contraseña", None);
        check("x\r\nA1 DELETE INBOX", None);
        check("x\0", None);
    }

    #[test]
    fn folder_names_are_written_in_modified_utf_7() {
        let check = |name: &str, wanted: &str| assert_eq!(folder(name), wanted, "{name:?}");
        check("INBOX", r#""INBOX""#);
        check("Atención", r#""Atenci&APM-n""#);
        // The example of RFC 3501 §5.1.3.
        check(
            "~peter/mail/台北/日本語",
            r#""~peter/mail/&U,BTFw-/&ZeVnLIqe-""#,
        );
        check("R&D \"x\"", r#""R&-D \"x\"""#);
        check("😀", r#""&2D3eAA-""#);
        check("a\r\nb", r#""a&AA0ACg-b""#);
    }

    #[test]
    fn sets_join_runs_and_name_each_uid_once() {
        let check = |uids: &[u32], wanted: &str| {
            assert_eq!(uid_set(uids.iter().copied()), wanted, "{uids:?}");
        };
        check(&[7], "7");
        check(&[4, 5, 6, 9], "4:6,9");
        check(&[9, 4, 6, 5, 5], "4:6,9");
        check(&[1, 3, 5], "1,3,5");
        check(&[u32::MAX, u32::MAX - 1, 1], "1,4294967294:4294967295");
    }

    #[test]
    fn internal_dates_keep_their_offset() {
        let check = |text: &str, wanted: Option<&str>| {
            let read = internal_date(text).map(|date| date.to_rfc3339());
            assert_eq!(read.as_deref(), wanted, "{text:?}");
        };
        check(
            " 5-Nov-2026 09:15:00 -0600",
            Some("2026-11-05T15:15:00+00:00"),
        );
        check(
            "15-nov-2026 00:00:00 +0000",
            Some("2026-11-15T00:00:00+00:00"),
        );
        check("32-Nov-2026 09:15:00 -0600", None);
        check("yesterday", None);
    }

    #[test]
    fn a_locator_is_a_uid_or_nothing() {
        let check = |locator: &str, wanted: Option<u32>| {
            assert_eq!(uid(locator), wanted, "{locator:?}");
        };
        check("1", Some(1));
        check("4294967295", Some(u32::MAX));
        check("0", None);
        check("4294967296", None);
        check("1:*", None);
        check("1\r\nA1 LOGOUT", None);
    }

    #[test]
    fn days_are_written_as_search_wants_them() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
        assert_eq!(search_day(day), "5-Nov-2026");
    }
}
