//! Pieces of sanitized HTML: tags and text, in order. What the sanitizer writes is well-formed, so
//! this is no parser of mail from outside.

/// Elements without an end.
const VOID: [&str; 5] = ["br", "hr", "img", "wbr", "col"];

/// Whether an element has no end.
pub(super) fn is_void(name: &str) -> bool {
    VOID.contains(&name)
        || matches!(
            name,
            "meta" | "link" | "input" | "area" | "base" | "embed" | "source" | "track"
        )
}

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Close,
    Void,
    Text,
}

/// A piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    kind: Kind,
    /// The element's name, lower case as the sanitizer writes it; empty for text.
    pub name: &'a str,
    /// As it stands.
    pub raw: &'a str,
}

impl<'a> Token<'a> {
    /// It begins an element that ends later.
    pub(super) fn opens(&self) -> bool {
        self.kind == Kind::Open
    }

    /// It ends one.
    pub(super) fn closes(&self) -> bool {
        self.kind == Kind::Close
    }

    /// It is text.
    pub(super) fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }

    /// It is an image, with or without a source.
    pub(super) fn is_image(&self) -> bool {
        self.kind == Kind::Void && self.name == "img"
    }

    /// The Content-ID that an image shows.
    pub(super) fn content_id(&self) -> Option<String> {
        let id = self.attribute("src")?.get("cid:".len()..)?;
        let id = id.replace("&amp;", "&");
        (!id.is_empty()).then_some(id)
    }

    /// An attribute's value, as it stands. The sanitizer puts all values in quotes.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.raw.split_once(&format!(" {name}=\""))?;
        value.split_once('"').map(|(value, _)| value)
    }

    /// Whether a new line begins with it.
    pub(super) fn breaks_line(&self) -> bool {
        matches!(
            self.name,
            "p" | "div"
                | "br"
                | "ul"
                | "ol"
                | "li"
                | "table"
                | "caption"
                | "thead"
                | "tbody"
                | "tfoot"
                | "tr"
                | "td"
                | "th"
                | "blockquote"
                | "pre"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "hr"
                | "center"
        )
    }

    /// The characters of a text with the bytes where each begins and ends in `raw`.
    pub(super) fn characters(&self) -> impl Iterator<Item = (char, usize, usize)> + 'a {
        let raw = self.raw;
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = raw.get(at..)?;
            let first = rest.chars().next()?;
            let (c, length) = ENTITIES
                .iter()
                .find(|(name, _)| rest.starts_with(name))
                .map_or((first, first.len_utf8()), |(name, c)| (*c, name.len()));
            let from = at;
            at += length;
            Some((c, from, at))
        })
    }
}

/// The entities that the sanitizer writes (HTML, fragment serialization).
const ENTITIES: [(&str, char); 5] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&nbsp;", '\u{a0}'),
    ("&quot;", '"'),
];

/// Takes sanitized HTML apart.
pub(super) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let length = if rest.starts_with('<') {
            tag_length(rest)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (raw, more) = rest.split_at(length);
        tokens.push(token(raw));
        rest = more;
    }
    tokens
}

/// Bytes of a tag; a `>` within an attribute's quotes does not end it.
fn tag_length(rest: &str) -> usize {
    let mut quoted = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn token(raw: &str) -> Token<'_> {
    let Some(inside) = raw.strip_prefix('<') else {
        return Token {
            kind: Kind::Text,
            name: "",
            raw,
        };
    };
    let (kind, inside) = match inside.strip_prefix('/') {
        Some(inside) => (Kind::Close, inside),
        None => (Kind::Open, inside),
    };
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric());
    let name = inside
        .get(..end.unwrap_or(inside.len()))
        .unwrap_or_default();
    let kind = if is_void(name) { Kind::Void } else { kind };
    Token { kind, name, raw }
}
