//! Domain names as identities: one form for comparison, and no name that imitates another.
//!
//! A domain beyond ASCII is a real one (`peña.example`), written as it is or as its A-label
//! (`xn--pea-8ma.example`, RFC 5890 §2.3.2.1). What nobody needs are names that look like others:
//! letters of two scripts in one word, or a word of another script whose letters all look Latin
//! (UTS 39 §4, §5.1; browsers refuse to show the same names).

use std::sync::LazyLock;

use regex::RegexSet;

use crate::domain::address::is_domain;

/// Longest name looked at, in bytes; a longer one is no domain (RFC 1035 §2.3.4 allows 255 of its
/// ASCII form).
const NAME_MAX_BYTES: usize = 1_000;

/// Latin letters that languages write: those of Latin-1, Extended-A, Romanian and Vietnamese.
/// Left out are letters of phonetics, and those of Extended-A that look like others: ı ĸ ŀ ŉ ſ.
const LATIN: &str = r"[a-z0-9ß-öø-ÿā-İĲ-ķĹ-ľŁ-ňŊ-žȘ-țḀ-ỿ-]";

/// Other scripts in use (UAX 31, table 5), each alone with digits and hyphens.
const SCRIPTS: [&str; 23] = [
    "Arabic",
    "Armenian",
    "Bengali",
    "Cyrillic",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Greek",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "Oriya",
    "Sinhala",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
];

/// Chinese, Japanese and Korean, which write Latin letters among their own.
const EAST_ASIAN: [&str; 3] = [
    r"[a-z0-9\p{Han}\p{Hiragana}\p{Katakana}ー-]",
    r"[a-z0-9\p{Han}\p{Bopomofo}-]",
    r"[a-z0-9\p{Han}\p{Hangul}-]",
];

/// Letters of Cyrillic, Greek and Armenian that look like Latin ones: a word of nothing else is an
/// imitation of a Latin word.
const LIKE_LATIN: &str = "[0-9асԁеһіјӏорԛѕтԝхуѵҽкмпгαβγικνορτυωχցհոսօզյ-]";

/// What one label may be made of.
static ONE_SCRIPT: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let other = SCRIPTS.map(|script| format!(r"[0-9\p{{{script}}}\p{{Inherited}}-]"));
    let letters = other.iter().map(String::as_str);
    let sets = letters.chain(EAST_ASIAN).chain([LATIN]);
    RegexSet::new(sets.map(|letter| format!("^(?:{letter})+$"))).ok()
});

/// What imitates Latin.
static IMITATION: LazyLock<Option<RegexSet>> =
    LazyLock::new(|| RegexSet::new([format!("^(?:{LIKE_LATIN})+$")]).ok());

/// The form for comparison: A-labels, lower case. `None` for what is no domain of two labels, is
/// written otherwise than IDNA writes it (a wide `ａ`, a broken `xn--`), or imitates another name.
///
/// Nothing is mapped but ASCII capitals: a look-alike must not become the name it imitates.
pub fn plain(domain: &str) -> Option<String> {
    let domain = domain.to_ascii_lowercase();
    if domain.is_ascii() && !domain.split('.').any(|label| label.starts_with("xn--")) {
        return is_domain(&domain).then_some(domain);
    }
    if domain.len() > NAME_MAX_BYTES {
        return None;
    }
    let (unicode, valid) = idna::domain_to_unicode(&domain);
    let ascii = idna::domain_to_ascii_strict(&unicode).ok()?;
    let mut labels = domain
        .split('.')
        .zip(unicode.split('.').zip(ascii.split('.')));
    let is_plain = labels.all(|(written, (unicode, ascii))| {
        (written == unicode || written == ascii) && is_one_script(unicode)
    });
    (valid.is_ok() && is_plain && is_domain(&ascii)).then_some(ascii)
}

/// Whether a label is written in one script, and not in imitation of Latin.
fn is_one_script(label: &str) -> bool {
    let matches = |set: &LazyLock<Option<RegexSet>>| set.as_ref().map(|set| set.is_match(label));
    label.is_ascii() || (matches(&ONE_SCRIPT) == Some(true) && matches(&IMITATION) == Some(false))
}
