//! What tells a line that a mail program wrote from prose: dates, times of day and addresses, as
//! all languages write them. All patterns are linear (the `regex` crate).

use std::sync::LazyLock;

use regex::Regex;

/// Compiles a pattern of this program's own; one that does not compile matches nothing, and the
/// tests of its shapes fail.
pub fn pattern(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// `10:00`, `9h30`, `下午8:45`; with a point only after a word for «o'clock», or at the end.
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"[0-9][:h][0-9]{2}|[0-9]h(?:$|[ ,])|(?:kl|klo|um|ore|at)\.? ?[0-9]{1,2}\.[0-9]{2}|(?:^|[^0-9.])[0-9]{1,2}\.[0-9]{2}[.:]?$",
    )
});

/// A year, or a date in digits such as `2/3/26` or `02.03.2026`.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?:^|[^0-9])(?:19|20)[0-9]{2}(?:$|[^0-9])|(?:^|[^0-9])[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4}(?:$|[^0-9])",
    )
});

fn is_match(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// Whether a text holds a time of day.
pub fn has_time(text: &str) -> bool {
    is_match(&TIME, text)
}

/// Whether a text holds a year or a date in digits.
pub fn has_date(text: &str) -> bool {
    is_match(&DATE, text)
}

/// Whether a text holds a mail address.
pub fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let is_of_address = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        text.get(..at).is_some_and(|t| t.ends_with(is_of_address))
            && text
                .get(at + 1..)
                .is_some_and(|t| t.starts_with(is_of_address))
    })
}

/// Whether a text holds an address in angle brackets, as mail programs write it after a name.
pub fn has_bracketed_address(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        let inner = rest.split('>').next().unwrap_or_default();
        inner.contains('@')
    }) || text.contains("&lt;") && has_address(text)
}
