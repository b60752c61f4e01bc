//! Text of HTML that its author hides: previews for the inbox (preheaders), marks for tracking,
//! fields of forms. People do not see it in their mail programs, so they do not see it here.
//!
//! `mso-hide:all` alone hides nothing: it keeps from Outlook what all others show, such as the
//! button for which Outlook has a drawing of its own. Word writes `display:none` beside it where it
//! means hidden.

use super::decode;

/// Longest style read, in bytes; declarations behind it do not count.
const STYLE_MAX_BYTES: usize = 2_000;

/// Elements without content: a hidden one hides nothing but itself.
const EMPTY: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// What is looked for and is not there: looking again for each element would be quadratic.
#[derive(Debug, Default)]
pub struct GivenUp {
    end: bool,
}

/// The bytes of `rest` that a hidden element covers, its end tag included; `rest` begins behind its
/// start tag, which has this `name` (lower case) and `style`. `None`: it is seen, or it does not
/// end, and then rather too much text is shown than none.
pub fn covers(rest: &str, name: &str, style: &str, given_up: &mut GivenUp) -> Option<usize> {
    if given_up.end || EMPTY.contains(&name) {
        return None;
    }
    let style = Style::read(style);
    // Sizes are inherited until an element within sets its own: programs that build newsletters
    // put 0 around all of it. So it hides only what stands right below.
    let is_hidden = style.hides || style.has_no_size && ends_next(rest, name);
    if !is_hidden {
        return None;
    }
    let length = end(rest, name);
    given_up.end = length.is_none();
    length
}

/// What a style says about being seen.
#[derive(Debug, Default)]
struct Style {
    hides: bool,
    has_no_size: bool,
}

impl Style {
    fn read(style: &str) -> Self {
        let lower = decode::cut(style, STYLE_MAX_BYTES).to_ascii_lowercase();
        let mut read = Self::default();
        let (mut no_height, mut no_overflow) = (false, false);
        for declaration in lower.split(';') {
            let Some((name, value)) = declaration.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let value = value
                .strip_suffix("!important")
                .map_or(value, str::trim_end);
            match (name.trim(), value) {
                ("display", "none") | ("visibility", "hidden") => read.hides = true,
                ("font-size", size) => read.has_no_size = is_zero(size),
                ("max-height", size) => no_height = is_zero(size),
                ("overflow", "hidden") => no_overflow = true,
                _ => {}
            }
        }
        read.hides |= no_height && no_overflow;
        read
    }
}

/// `0`, `0px`, `0.0em`.
fn is_zero(size: &str) -> bool {
    let number = size.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse() == Ok(0.0)
}

/// Whether the element has no other element in it.
fn ends_next(rest: &str, name: &str) -> bool {
    rest.find('<')
        .and_then(|at| rest.get(at + 1..)?.strip_prefix('/'))
        .is_some_and(|tag| is_named(tag, name))
}

/// Bytes to behind the end tag of the element that `rest` is within.
fn end(rest: &str, name: &str) -> Option<usize> {
    let (mut depth, mut at) = (1usize, 0usize);
    loop {
        let start = at + rest.get(at..)?.find('<')?;
        at = start + 1;
        let tag = rest.get(at..)?;
        if tag.starts_with("!--") {
            at += tag.find("-->")? + "-->".len();
            continue;
        }
        match tag.strip_prefix('/') {
            Some(closed) if is_named(closed, name) => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + tag.find('>')? + 1);
                }
            }
            Some(_) => {}
            // A paragraph ends where the next begins (HTML Standard §13.1.2.4).
            None if is_named(tag, name) && name == "p" => return Some(start),
            None if is_named(tag, name) => depth += 1,
            None => {}
        }
    }
}

/// Whether a tag, without its `<` and `/`, is of this name.
fn is_named(tag: &str, name: &str) -> bool {
    tag.get(..name.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(name))
        && !tag
            .as_bytes()
            .get(name.len())
            .is_some_and(u8::is_ascii_alphanumeric)
}
