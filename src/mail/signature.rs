//! Signatures, legal notices and what telephones write under a mail (mail.md §5).
//!
//! Only what stands last is cut. A closing line with a name (`Saludos, Ana`) is the writer's own.

use super::decode;
use super::quote::page::{Kind, Page};
use super::words::{all, signing};

/// Most lines after `-- ` that are a signature (RFC 3676 §4.3 sets no limit; a longer rest may
/// be more than that, and is kept).
const SIGNATURE_LINES_MAX: usize = 30;

/// Most lines of a mailing list's footer, below its line of underscores.
const FOOTER_LINES_MAX: usize = 6;

/// Lines at the end within which a legal notice must begin.
const NOTICE_LINES_MAX: usize = 60;

/// Bytes of a line of a legal notice that are looked at.
const NOTICE_LINE_MAX_BYTES: usize = 2_000;

/// Longest line that can be a mail program's advertisement, in bytes.
const LINE_MAX_BYTES: usize = 200;

/// Times that the end is looked at again after something was cut off it: a notice below a
/// signature below a quote.
const ROUNDS_MAX: usize = 5;

/// The line after the last words of the first `end` lines that are neither quoted nor signature,
/// notice or advertisement.
pub fn end_of_words(page: &Page, end: usize) -> usize {
    let mut end = end;
    for _ in 0..ROUNDS_MAX {
        let last = leftover(page, end);
        let last = signature(page, last).unwrap_or(last);
        let last = notice(page, last).unwrap_or(last);
        if last == end {
            break;
        }
        end = last;
    }
    end
}

/// The line after the last words, when blank lines, rules, quoted lines or advertisements follow.
fn leftover(page: &Page, end: usize) -> usize {
    let mut advertised = 0;
    (0..end)
        .rev()
        .find(|at| {
            if page.kind(*at) != Kind::Words {
                return false;
            }
            advertised += 1;
            advertised > ADVERTISED_LINES_MAX || !is_line(page.line(*at))
        })
        .map_or(0, |at| at + 1)
}

/// Most advertisements cut off one end; more of them are somebody's words.
const ADVERTISED_LINES_MAX: usize = 20;

/// The line of the signature's delimiter, if one begins before `end` and below words.
fn signature(page: &Page, end: usize) -> Option<usize> {
    let start = end.saturating_sub(SIGNATURE_LINES_MAX + 1);
    (start..end).find(|at| {
        page.kind(*at) == Kind::Rule
            && page.has_words_above(*at)
            && (is_delimiter(page.line(*at)) || is_footer(page, *at, end))
            && (*at..end).all(|below| page.kind(below) != Kind::Quoted)
    })
}

/// RFC 3676 §4.3: the delimiter is "-- "; many programs drop the blank, or write a hard one.
fn is_delimiter(line: &str) -> bool {
    line.trim_end() == "--"
}

/// A mailing list's footer (Mailman and its like): underscores, then where the list is.
fn is_footer(page: &Page, at: usize, end: usize) -> bool {
    let is_line = page.line(at).trim().bytes().all(|b| b == b'_');
    let below = page.lines(at + 1, end);
    is_line
        && below.len() <= FOOTER_LINES_MAX
        && below.iter().any(|line| {
            ["://", "www.", "@"]
                .iter()
                .any(|place| line.contains(place))
        })
}

/// Whether a mail program added the line by itself.
fn is_line(line: &str) -> bool {
    let line = line.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | '[' | ']' | '-') || decode::is_invisible(c)
    });
    if line.is_empty() || line.len() > LINE_MAX_BYTES {
        return false;
    }
    let lower = line.to_lowercase();
    all(signing::ADVERTISED).any(|begin| lower.starts_with(begin))
        || all(signing::SENT_FROM)
            .filter_map(|begin| lower.strip_prefix(begin).map(|rest| (begin, rest)))
            .any(|(begin, rest)| names_device(begin, rest))
}

/// Most words after `enviado desde` where a brand is among them.
const BRAND_WORDS_MAX: usize = 16;

/// The same where only `celular` or the like is.
const DEVICE_WORDS_MAX: usize = 4;

/// Whether what follows `enviado desde` is a device or a mail program and no sentence: `mi iPhone`
/// is, `mi celular porque la computadora no enciende` is not.
fn names_device(begin: &str, rest: &str) -> bool {
    let has_link = rest.contains("://");
    let words: Vec<&str> = rest
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '(' | '®' | ',' | '.' | '\''))
        .take_while(|word| !word.contains("://"))
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() > BRAND_WORDS_MAX || words.iter().any(|word| signing::CLAUSE.contains(word)) {
        return false;
    }
    let is_brand = |text: &&&str| signing::BRANDS.iter().any(|brand| text.contains(brand));
    let is_branded = words.iter().find(is_brand).is_some() || is_brand(&&begin);
    let is_device = words.iter().any(|word| signing::DEVICES.contains(word));
    is_branded || words.len() <= DEVICE_WORDS_MAX && (is_device || has_link)
}

/// The line at which the legal notice begins that stands last, if one does, below words.
fn notice(page: &Page, end: usize) -> Option<usize> {
    let start = end.saturating_sub(NOTICE_LINES_MAX);
    let lines: Vec<String> = page
        .lines(start, end)
        .iter()
        .map(|line| {
            let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_'));
            decode::cut(line, NOTICE_LINE_MAX_BYTES).to_lowercase()
        })
        .collect();
    // A gateway draws a line below its notice as above it.
    let is_closed = page
        .next_written(end, page.len().min(end + NOTICE_LINES_MAX))
        .is_some_and(|below| page.kind(below) == Kind::Rule);
    let has_quote = (start..end).rev().find(|at| page.kind(*at) == Kind::Quoted);
    let first = has_quote.map_or(start, |quote| quote + 1);
    (first..end)
        .filter(|at| page.has_words_above(*at))
        .find(|at| match page.kind(*at) {
            Kind::Rule => {
                let next = page.next_written(*at + 1, end);
                next.is_some_and(|next| {
                    is_notice(&lines, next - start)
                        || is_closed && is_legal(lines.get(next - start..).unwrap_or_default())
                })
            }
            Kind::Words => is_notice(&lines, at - start),
            Kind::Blank | Kind::Quoted => false,
        })
}

/// Whether a paragraph that begins at line `at` is a legal notice: by its heading, or by how it
/// begins and what it speaks of.
fn is_notice(lines: &[String], at: usize) -> bool {
    let Some(line) = lines.get(at) else {
        return false;
    };
    let is_heading = all(signing::NOTICE_HEADINGS).any(|heading| {
        line.strip_prefix(heading)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '.']))
    });
    if is_heading {
        let rest = lines.get(at..).unwrap_or_default();
        return legal(rest.iter().take(PARAGRAPH_LINES_MAX)).count() > 0;
    }
    let begins = all(signing::NOTICE_BEGINS).any(|begin| line.starts_with(begin));
    let rest = lines.get(at..).unwrap_or_default();
    let length = rest.iter().position(String::is_empty);
    begins && is_legal(rest.get(..length.unwrap_or(rest.len())).unwrap_or_default())
}

/// Whether some lines speak as a legal notice does.
fn is_legal(lines: &[String]) -> bool {
    let found: Vec<&str> = legal(lines.iter().take(PARAGRAPH_LINES_MAX)).collect();
    found.len() >= LEGAL_MIN
        && found
            .iter()
            .any(|word| signing::LEGAL_STRONG.contains(word))
}

/// Lines of a notice in which its words are looked for.
const PARAGRAPH_LINES_MAX: usize = 12;

/// Fewest different words of a notice without a heading.
const LEGAL_MIN: usize = 2;

/// The words of legal notices that stand in some lines.
fn legal<'a>(
    lines: impl Iterator<Item = &'a String> + Clone,
) -> impl Iterator<Item = &'static str> {
    let lines: Vec<&String> = lines.collect();
    all(signing::LEGAL).filter(move |word| lines.iter().any(|line| line.contains(word)))
}
