//! HTML to text, in one pass (mail.md §5). Links, lists and table rows are kept: users paste
//! tables. The converters on offer are quadratic on hostile mail, or overflow the stack
//! (crates.md §5), so this is our own scanner: it looks at every byte a bounded number of times.

use super::html_quote::{self, QuoteMark};
use super::text_output::Output;
use super::{decode, html_hidden};

/// Most bytes of HTML read; what follows is not shown.
pub const HTML_MAX_BYTES: usize = 512 * 1024;

/// Longest entity in bytes, from `&` to `;`; longer ones are text.
const ENTITY_MAX_BYTES: usize = 12;

/// Longest link shown, in bytes; of longer ones only the words are.
const LINK_MAX_BYTES: usize = 500;

/// Text made of HTML.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Converted {
    /// The text; lines end in `\n`, quoted blocks begin with `> `.
    pub text: String,
    /// Where in `text` a mail program marked the beginning of the mail answered to
    /// ([`html_quote`]), in bytes; `None` too where words follow that are none of it.
    pub quote_at: Option<usize>,
}

/// Converts HTML. Total and linear; bounded by [`HTML_MAX_BYTES`] in and
/// [`super::text_output::TEXT_MAX_BYTES`] out.
///
/// Hidden text ([`html_hidden`]) is left out, unless there is no other.
pub fn from_html(html: &str) -> Converted {
    let seen = convert(html, true);
    if seen.text.trim().is_empty() {
        convert(html, false)
    } else {
        seen
    }
}

fn convert(html: &str, hides: bool) -> Converted {
    let mut scanner = Scanner {
        rest: decode::cut(html, HTML_MAX_BYTES),
        out: Output::default(),
        mark: QuoteMark::default(),
        link: None,
        quotes: Vec::new(),
        pre: 0,
        hides,
        given_up: GivenUp::default(),
    };
    scanner.run();
    Converted {
        quote_at: scanner.mark.place(),
        text: scanner.out.finish(),
    }
}

struct Scanner<'a> {
    rest: &'a str,
    out: Output,
    mark: QuoteMark,
    /// Address of the open link, and where its words begin.
    link: Option<(&'a str, usize)>,
    /// For each open blockquote, whether it quotes a mail.
    quotes: Vec<bool>,
    pre: usize,
    /// Leave hidden elements out.
    hides: bool,
    given_up: GivenUp,
}

/// Ends that were looked for and are not there: looking again for each beginning would make
/// the scan quadratic.
#[derive(Default)]
struct GivenUp {
    comment: bool,
    attribute_quotes: bool,
    tag_end: bool,
    elements: Vec<&'static str>,
    hidden: html_hidden::GivenUp,
}

/// Elements whose content is not text.
const UNREAD: [&str; 5] = ["script", "style", "head", "title", "template"];

/// Deepest nesting of quotes that is remembered; deeper ones are text of the last level.
const QUOTES_MAX: usize = 50;

impl<'a> Scanner<'a> {
    fn run(&mut self) {
        while !self.rest.is_empty() && !self.out.is_full() {
            let at = self.rest.find(['<', '&']).unwrap_or(self.rest.len());
            let (words, from) = self.rest.split_at(at);
            self.words(words);
            self.rest = from;
            if from.starts_with('<') {
                self.markup();
            } else if from.starts_with('&') {
                self.entity();
            }
        }
    }

    fn words(&mut self, words: &str) {
        if self.quotes.is_empty() && words.contains(|c: char| !c.is_whitespace()) {
            self.mark.said();
        }
        self.out.words(words, self.pre > 0);
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The first character is text after all.
    fn literal(&mut self) {
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        let (one, rest) = self.rest.split_at(length);
        self.words(one);
        self.rest = rest;
    }

    fn entity(&mut self) {
        let head = decode::cut(self.rest, ENTITY_MAX_BYTES);
        let found = head.split_once(';').and_then(|(name, _)| {
            let name = name.get(1..)?;
            Some((super::entity::character(name)?, name.len() + 2))
        });
        match found {
            Some((c, length)) => {
                if self.quotes.is_empty() && !c.is_whitespace() && !decode::is_invisible(c) {
                    self.mark.said();
                }
                self.out.character(c, self.pre > 0);
                self.skip(length);
            }
            None => self.literal(),
        }
    }

    fn markup(&mut self) {
        if self.rest.starts_with("<!--") && !self.given_up.comment {
            match self.rest.find("-->") {
                Some(end) => return self.skip(end + 3),
                None => self.given_up.comment = true,
            }
        }
        let after = self.rest.as_bytes().get(1).copied().unwrap_or(b' ');
        let is_tag = after.is_ascii_alphabetic() || matches!(after, b'/' | b'!' | b'?');
        // Only a tag is worth looking for its end: `a < b < c` must stay linear.
        let length = if is_tag { self.tag_length() } else { None };
        match length {
            Some(length) => {
                let tag = self.rest.get(1..length - 1).unwrap_or_default();
                self.skip(length);
                self.tag(tag);
            }
            None => self.literal(),
        }
    }

    /// Bytes from `<` to its `>`; a `>` inside an attribute's quotes does not count.
    fn tag_length(&mut self) -> Option<usize> {
        if self.given_up.tag_end {
            return None;
        }
        if !self.given_up.attribute_quotes {
            let (mut quote, mut last) = (None, b' ');
            for (at, byte) in self.rest.bytes().enumerate().skip(1) {
                match (quote, byte) {
                    (None, b'>') => return Some(at + 1),
                    // Only after `=` does a quote open a value: `<p don't>` is a whole tag.
                    (None, b'"' | b'\'') if last == b'=' => quote = Some(byte),
                    (Some(open), _) if open == byte => quote = None,
                    _ => {}
                }
                if !byte.is_ascii_whitespace() {
                    last = byte;
                }
            }
            self.given_up.attribute_quotes = true;
        }
        let end = self.rest.find('>');
        self.given_up.tag_end = end.is_none();
        end.map(|at| at + 1)
    }

    fn tag(&mut self, tag: &'a str) {
        let (closing, tag) = match tag.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, tag),
        };
        let length = tag.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, attributes) = tag.split_at(length);
        // Names of HTML are short; a long one is none of those below.
        let name = decode::cut(name, 16).to_ascii_lowercase();
        if closing {
            self.close(&name);
        } else {
            self.open(&name, attributes);
        }
    }

    fn open(&mut self, name: &str, attributes: &'a str) {
        if self.hides
            && let Some(style) = attribute(attributes, "style")
            && let Some(length) =
                html_hidden::covers(self.rest, name, style, &mut self.given_up.hidden)
        {
            return self.skip(length);
        }
        self.mark_quote(name, attributes);
        match name {
            "br" => self.out.line_break(),
            "p" => {
                // Outlook's paragraphs are lines.
                let lines = attributes.contains("MsoNormal");
                self.out.block(if lines { 1 } else { 2 });
            }
            "a" => {
                let link = attribute(attributes, "href").unwrap_or_default();
                self.link = Some((link, self.out.position()));
            }
            "li" => self.out.bullet(),
            "td" | "th" => {}
            "tr" => self.out.row(),
            "hr" => self.out.block(1),
            "pre" => {
                self.pre += 1;
                self.out.block(1);
            }
            "blockquote" => {
                let cites = html_quote::cites(|key| attribute(attributes, key));
                self.out.block(1);
                if self.quotes.len() < QUOTES_MAX {
                    self.quotes.push(cites);
                    self.level();
                }
            }
            name if UNREAD.contains(&name) => self.skip_element(name),
            name if is_block(name) => {
                self.out.block(1);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.mark.closed(name) {
            self.out.block(1);
            self.level();
        }
        match name {
            "p" => self.out.block(1),
            "a" => self.close_link(),
            "td" | "th" => self.out.cell(),
            "tr" | "tbody" | "table" => self.out.row(),
            "pre" => {
                self.pre = self.pre.saturating_sub(1);
                self.out.block(1);
            }
            "blockquote" => {
                self.out.block(1);
                if self.quotes.pop().is_some() && self.quotes.is_empty() {
                    self.mark.quote_ended();
                }
                self.level();
            }
            name if is_block(name) || name == "li" => self.out.block(1),
            _ => {}
        }
    }

    fn mark_quote(&mut self, name: &str, attributes: &'a str) {
        // Within a quote stands what others marked.
        let may_mark = self.quotes.is_empty()
            && !attributes.is_empty()
            && (matches!(name, "p" | "span" | "hr") || is_block(name));
        if !self.mark.is_wanted() || !may_mark {
            self.mark.opened(name);
        } else if let Some(mark) = html_quote::mark(|key| attribute(attributes, key)) {
            let at = self.out.position();
            self.mark.set(mark, name, at);
            self.level();
        }
    }

    /// Tells how deep the text from here on is quoted.
    fn level(&mut self) {
        let cited = self.quotes.iter().filter(|cites| **cites).count();
        let whole = usize::from(self.mark.is_within_whole());
        self.out.quoted(cited + whole);
    }

    fn close_link(&mut self) {
        let Some((link, start)) = self.link.take() else {
            return;
        };
        let target = link.trim();
        let target = target.strip_prefix("mailto:").unwrap_or(target);
        let shown = self.out.since(start).trim();
        let has_scheme = ["http://", "https://"]
            .iter()
            .any(|s| target.starts_with(s));
        let is_useful = (has_scheme || link.trim().starts_with("mailto:"))
            && target.len() <= LINK_MAX_BYTES
            && !shown.is_empty()
            && !shown.contains(target.trim_end_matches('/'));
        if is_useful {
            let target = target.replace("&amp;", "&");
            self.out.words(" (", false);
            self.out.words(&target, false);
            self.out.words(")", false);
        }
    }

    fn skip_element(&mut self, name: &str) {
        let Some(known) = UNREAD.into_iter().find(|known| *known == name) else {
            return;
        };
        if self.given_up.elements.contains(&known) {
            return;
        }
        let end = self.rest.match_indices("</").find(|(at, _)| {
            self.rest
                .get(at + 2..at + 2 + known.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(known))
        });
        match end {
            Some((at, _)) => self.skip(at),
            // Its end is missing: rather too much text than none.
            None => self.given_up.elements.push(known),
        }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "div"
            | "table"
            | "tbody"
            | "tr"
            | "ul"
            | "ol"
            | "dl"
            | "dt"
            | "dd"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "address"
            | "form"
            | "fieldset"
            | "center"
            | "main"
            | "nav"
            | "aside"
            | "figure"
            | "body"
    )
}

/// The value of an attribute, its quotes removed.
fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once('=') {
        let found = before
            .trim_end()
            .rsplit(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/'))
            .next()
            .unwrap_or_default();
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = after.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            _ => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = next;
    }
    None
}
