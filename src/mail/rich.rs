//! The formatting of somebody's words, passed on: cut to exactly those words, and made harmless.
//!
//! What is new in a mail is known by its text ([`super::quote`]); here no quote is looked for again.
//! The HTML is sanitized, and of it exactly that stretch of lines is kept whose letters and digits
//! are those of the new words. Where there is none (links spelled out in the text, a program whose
//! two forms differ), the words go without formatting: nothing is ever passed on that the text view
//! does not show.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use super::rich_line::{Lines, significant};
use super::rich_token::{Token, is_void, tokens};

/// Most bytes of HTML looked at; of a larger mail the words go without formatting.
const HTML_MAX_BYTES: usize = 1024 * 1024;

/// Deepest nesting looked at: the sanitizer's time grows with the square of it (crates.md).
const DEPTH_MAX: usize = 200;

/// Elements that end by themselves where the next one begins: unclosed ones do not nest.
const SELF_ENDING: [&str; 8] = ["p", "li", "td", "th", "tr", "dt", "dd", "option"];

/// Words with their formatting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rich {
    /// Harmless HTML, without scripts and remote content; every element is closed. Its images are
    /// called `cid:0`, `cid:1` … after their places in `images`.
    pub html: String,
    /// Content-IDs of the images it shows, in order, without repetition.
    pub images: Vec<String>,
}

/// The part of `html` that says `words`, sanitized; none where no stretch of it says exactly that.
pub fn cut(html: &str, words: &str) -> Option<Rich> {
    let wanted = significant(words);
    if wanted.is_empty() || html.len() > HTML_MAX_BYTES || is_too_deep(html) {
        return None;
    }
    // What was escaped (`##`) reads otherwise here.
    if words.lines().any(|line| line.trim_start().starts_with('#')) {
        return None;
    }
    let clean = sanitized(html);
    let tokens = tokens(&clean);
    let found = Lines::of(&tokens).find(&wanted)?;
    Some(assembled(&tokens, found.from, found.to))
}

/// Whether elements nest deeper than [`DEPTH_MAX`]; linear.
fn is_too_deep(html: &str) -> bool {
    let mut depth = 0_usize;
    for (at, _) in html.match_indices('<') {
        let rest = html.get(at + 1..).unwrap_or_default();
        let (closes, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let begins = name.chars().next().is_some_and(char::is_alphabetic);
        let name = name.to_ascii_lowercase();
        if !begins || is_void(&name) || SELF_ENDING.contains(&name.as_str()) {
            continue;
        }
        depth = if closes {
            depth.saturating_sub(1)
        } else {
            depth + 1
        };
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// Text, lists, tables, links and images of the mail's own; nothing that runs, nothing remote.
fn sanitized(html: &str) -> String {
    let tags = [
        "p",
        "div",
        "br",
        "span",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "strike",
        "del",
        "ins",
        "sub",
        "sup",
        "small",
        "font",
        "a",
        "ul",
        "ol",
        "li",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "blockquote",
        "pre",
        "code",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "center",
    ];
    let cell = [
        "colspan", "rowspan", "width", "height", "align", "valign", "bgcolor",
    ];
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        ("font", HashSet::from(["color"])),
        ("ol", HashSet::from(["start", "type"])),
        ("td", HashSet::from(cell)),
        ("th", HashSet::from(cell)),
        ("tr", HashSet::from(["align", "valign", "bgcolor"])),
        (
            "table",
            HashSet::from([
                "border",
                "cellpadding",
                "cellspacing",
                "width",
                "align",
                "bgcolor",
            ]),
        ),
    ]);
    let styles = [
        "color",
        "background-color",
        "font-weight",
        "font-style",
        "text-decoration",
        "text-align",
        "vertical-align",
        "border",
        "border-top",
        "border-right",
        "border-bottom",
        "border-left",
        "border-collapse",
        "padding",
        "white-space",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .clean_content_tags(HashSet::from(["script", "style", "title"]))
        .generic_attributes(HashSet::from(["style", "dir"]))
        .tag_attributes(attributes)
        .filter_style_properties(HashSet::from(styles))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None)
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => is_scheme(value, "cid:").then_some(Cow::Borrowed(value)),
            // A signed reply address in a link would be the consultant's own (mail.md §6).
            ("a", "href") if is_scheme(value, "mailto:") && value.contains('+') => None,
            ("a", "href") => (!is_scheme(value, "cid:")).then_some(Cow::Borrowed(value)),
            _ => Some(Cow::Borrowed(value)),
        });
    builder.clean(html).to_string()
}

fn is_scheme(url: &str, scheme: &str) -> bool {
    let head = url.get(..scheme.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(scheme))
}

/// The tokens from `from` to `to` (token and byte within it), within the elements that are open
/// there.
fn assembled(tokens: &[Token], from: (usize, usize), to: (usize, usize)) -> Rich {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens.iter().take(from.0) {
        follow(&mut open, token);
    }
    let mut rich = Rich {
        html: open.iter().map(|token| token.raw).collect(),
        images: Vec::new(),
    };
    for (at, token) in tokens.iter().enumerate().take(to.0 + 1).skip(from.0) {
        if token.is_image() {
            // Without its source there is nothing to show.
            if let Some(id) = token.content_id() {
                rich.show(id, token);
            }
            continue;
        }
        let begin = if at == from.0 { from.1 } else { 0 };
        let end = if at == to.0 { to.1 } else { token.raw.len() };
        rich.html
            .push_str(token.raw.get(begin..end).unwrap_or_default());
        follow(&mut open, token);
    }
    for token in open.iter().rev() {
        rich.html.push_str(&format!("</{}>", token.name));
    }
    rich
}

impl Rich {
    fn show(&mut self, id: String, token: &Token) {
        let known = self.images.iter().position(|image| *image == id);
        let place = known.unwrap_or(self.images.len());
        if known.is_none() {
            self.images.push(id);
        }
        // Pictures of a whole screen must fit a phone.
        let source = format!("<img style=\"max-width:100%;height:auto\" src=\"cid:{place}\"");
        self.html.push_str(&source);
        for name in ["alt", "width"] {
            if let Some(value) = token.attribute(name) {
                self.html.push_str(&format!(" {name}=\"{value}\""));
            }
        }
        self.html.push('>');
    }
}

fn follow<'t, 'a>(open: &mut Vec<&'t Token<'a>>, token: &'t Token<'a>) {
    if token.opens() {
        open.push(token);
    } else if token.closes() {
        // The sanitizer's output is well-formed: the innermost is the one that ends.
        open.pop();
    }
}
