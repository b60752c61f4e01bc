//! The grammar of `Authentication-Results` (RFC 8601 §2.2), read strictly.
//!
//! ```text
//! authserv-id [version] ( ";" "none" / 1*( ";" method ["/" version] "=" result
//!                        ["reason" "=" value] *( ptype "." property "=" value ) ) )
//! ```
//! Comments may stand between any two words and may be nested. What does not fit makes the whole
//! line unreadable: half an understood line could be the sender's half. Two things that the grammar
//! allows are unreadable too, because no server is known to write them and a filter that removes
//! forged lines by a plain pattern does not see them: a quoted id, and a comment before the id.

use super::header::Field;

/// Most bytes of one line that are read; of a longer one only the id is known, and what it says
/// is unreadable.
const LINE_MAX_BYTES: usize = 16 * 1024;

/// Most results in one line; a line with more is unreadable.
const OUTCOMES_MAX: usize = 64;

/// Most properties of one result; a line with more is unreadable.
const PROPERTIES_MAX: usize = 32;

/// Deepest nesting of comments; a line with more is unreadable.
const COMMENTS_MAX: usize = 10;

/// Longest line shown to people, in characters; the rest of it is cut off.
const SHOWN_MAX_CHARS: usize = 2_000;

/// One field, on one line.
#[derive(Debug, Clone)]
pub struct Line {
    /// At most [`LINE_MAX_BYTES`].
    text: String,
    /// Longer than that, with control characters, or with a blank before the colon.
    is_odd: bool,
}

impl Line {
    /// Unfolds a field.
    pub fn of(field: &Field) -> Self {
        let raw = field.raw.get(..LINE_MAX_BYTES).unwrap_or(field.raw);
        let whole = String::from_utf8_lossy(raw);
        // A line end within the field folds it: the reader of the header has ended the field at
        // the first one that does not.
        let unfolded = whole.replace("\r\n", "").replace('\n', "");
        let has_controls = unfolded.chars().any(|c| c.is_control() && c != '\t');
        Self {
            text: unfolded.trim_ascii().to_owned(),
            is_odd: has_controls
                || field.raw.len() > LINE_MAX_BYTES
                || field.has_blank_before_colon,
        }
    }

    /// The line for people: one line, without control characters, cut where it is long.
    pub fn shown(&self) -> String {
        self.text
            .chars()
            .take(SHOWN_MAX_CHARS)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect()
    }

    /// The id at the beginning; `None` for a line that begins with a result, as Microsoft 365
    /// writes, or with nothing that could be either.
    pub fn authserv_id(&self) -> Option<String> {
        Reader::new(&self.text).id()
    }

    /// What a line with an id says; `None` where any of it is odd.
    pub fn results(&self) -> Option<Results> {
        let mut reader = self.reader()?;
        reader.id()?;
        reader.version()?;
        if reader.rest.is_empty() {
            // No result at all, not even `none`: RFC 8601 §2.2 has no such line.
            return None;
        }
        reader.expect(';')?;
        reader.outcomes()
    }

    /// What a line without an id says; `None` where any of it is odd.
    pub fn results_without_id(&self) -> Option<Results> {
        self.reader()?.outcomes()
    }

    /// A reader of a line that can be believed at all: one that begins with a word.
    fn reader(&self) -> Option<Reader<'_>> {
        let begins_plainly = self.text.starts_with(is_token);
        (begins_plainly && !self.is_odd).then(|| Reader::new(&self.text))
    }
}

/// What a server found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    outcomes: Vec<Outcome>,
}

impl Results {
    /// The results of a method.
    pub fn of(&self, method: &str) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |o| o.method == method)
    }

    /// The methods that have a result, in order; empty where the server says `none`.
    pub fn methods(&self) -> impl Iterator<Item = &str> {
        self.outcomes.iter().map(|outcome| outcome.method.as_str())
    }

    /// Adds what another line of the same server says.
    pub fn extend(&mut self, other: Self) {
        self.outcomes.extend(other.outcomes);
    }
}

/// The result of one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `dmarc`, `dkim`, `spf` and others, lower case.
    pub method: String,
    /// `pass`, `fail` and others, lower case.
    pub result: String,
    /// The value of `reason`, where there is one.
    pub reason: Option<String>,
    /// Type, property (both lower case) and value.
    pub properties: Vec<(String, String, String)>,
}

impl Outcome {
    /// The values of a property such as `header.d`.
    pub fn values(&self, kind: &str, property: &str) -> impl Iterator<Item = &str> {
        self.properties
            .iter()
            .filter(move |(k, p, _)| k == kind && p == property)
            .map(|(_, _, value)| value.as_str())
    }
}

/// A character of a token (RFC 2045 §5.1), or of a word beyond ASCII (RFC 8616 §4).
fn is_token(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !"()<>@,;:\\\"/[]?=".contains(c)
}

/// Whether a text can be an id: one token.
pub fn is_authserv_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii() && is_token(c))
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn new(line: &'a str) -> Self {
        Self { rest: line }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn expect(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    /// Whether the next word is at its end: at a blank, a comment, a semicolon or the line's end.
    fn is_at_end_of_word(&self) -> bool {
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ';' | '(');
        self.rest.is_empty() || self.rest.starts_with(ends)
    }

    /// The id and what stands around it; `None` where there is none.
    fn id(&mut self) -> Option<String> {
        self.blanks()?;
        let id = if self.rest.starts_with('"') {
            self.quoted()?
        } else {
            let length = self.rest.find(|c| !is_token(c)).unwrap_or(self.rest.len());
            self.take(length).to_owned()
        };
        let is_whole = self.is_at_end_of_word() && !id.is_empty();
        // Whatever is wrong behind it, the line is of this server.
        let after = self.blanks();
        // `spf = pass` and `spf /1=pass` are results.
        let is_method = after.is_some() && self.rest.starts_with(['=', '/']);
        (is_whole && !is_method).then_some(id)
    }

    /// The version behind the id, if there is one; only 1 is ours to read (RFC 8601 §2.2).
    fn version(&mut self) -> Option<()> {
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let length = self.rest.find([';', '(', ' ', '\t']);
            if self.take(length.unwrap_or(self.rest.len())) != "1" {
                return None;
            }
        }
        self.blanks()
    }

    /// Everything behind the id.
    fn outcomes(&mut self) -> Option<Results> {
        let mut outcomes = Vec::new();
        self.blanks()?;
        loop {
            match self.outcome()? {
                Some(outcome) => outcomes.push(outcome),
                // `none` stands alone.
                None if !outcomes.is_empty() => return None,
                None => {}
            }
            if outcomes.len() > OUTCOMES_MAX {
                return None;
            }
            if self.rest.is_empty() {
                return Some(Results { outcomes });
            }
            self.expect(';')?;
            self.blanks()?;
            if self.rest.is_empty() {
                // A semicolon at the end is common and says nothing.
                return Some(Results { outcomes });
            }
        }
    }

    /// Blanks and comments (RFC 5322 §3.2.2); `None` where a comment does not end.
    fn blanks(&mut self) -> Option<()> {
        let mut depth = 0usize;
        let mut escaped = false;
        let mut is_quoting = false;
        let mut length = self.rest.len();
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if depth > 0 => escaped = true,
                '"' if depth > 0 => is_quoting = !is_quoting,
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                c if depth > 0 || c.is_ascii_whitespace() => {}
                _ => {
                    length = at;
                    break;
                }
            }
            // Servers put the sender's address into a comment as it came. One that is quoted and
            // holds a bracket would end the comment and go on as results of its own; then the
            // comment holds half of its quotation marks.
            if depth > COMMENTS_MAX || (depth == 0 && is_quoting) {
                return None;
            }
        }
        self.take(length);
        (depth == 0).then_some(())
    }

    /// `none`, or a method with its result and properties. `Some(None)`: none.
    fn outcome(&mut self) -> Option<Option<Outcome>> {
        let method = self.keyword()?;
        self.blanks()?;
        if self.rest.is_empty() && method == "none" {
            return Some(None);
        }
        if self.rest.starts_with('/') {
            self.take(1);
            self.blanks()?;
            // RFC 8601 §2.2: 1 is the only version there is.
            if self.keyword()? != "1" {
                return None;
            }
            self.blanks()?;
        }
        self.expect('=')?;
        self.blanks()?;
        let mut outcome = Outcome {
            method,
            result: self.keyword()?,
            reason: None,
            properties: Vec::new(),
        };
        if !self.is_at_end_of_word() {
            return None;
        }
        loop {
            self.blanks()?;
            if self.rest.is_empty() || self.rest.starts_with(';') {
                return Some(Some(outcome));
            }
            self.property(&mut outcome)?;
            if outcome.properties.len() > PROPERTIES_MAX {
                return None;
            }
        }
    }

    /// `reason=value`, `type.property=value`, or a word of the form of `reason` that servers add:
    /// `action=none` of Microsoft 365, `x-bits=2048` of Fastmail.
    fn property(&mut self, outcome: &mut Outcome) -> Option<()> {
        let kind = self.keyword()?;
        self.blanks()?;
        let property = if self.rest.starts_with('.') {
            self.take(1);
            self.blanks()?;
            let property = self.keyword()?;
            self.blanks()?;
            Some(property)
        } else {
            None
        };
        self.expect('=')?;
        self.blanks()?;
        let value = self.value()?;
        match property {
            Some(property) => outcome.properties.push((kind, property, value)),
            None if kind == "reason" && outcome.reason.is_none() => outcome.reason = Some(value),
            None if kind == "action" || kind.starts_with("x-") => {}
            // Any other word could be a result that lost its semicolon.
            None => return None,
        }
        Some(())
    }

    /// A word of letters, digits and hyphens, lower case (RFC 5321 §4.1.2 `Keyword`; servers
    /// also write underscores).
    fn keyword(&mut self) -> Option<String> {
        let length = self
            .rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            .count();
        (length > 0).then(|| self.take(length).to_ascii_lowercase())
    }

    /// A quoted string (RFC 5322 §3.2.4), without its quotation marks.
    fn quoted(&mut self) -> Option<String> {
        let mut value = String::new();
        let mut escaped = false;
        let mut end = None;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                c if escaped => {
                    escaped = false;
                    value.push(c);
                }
                '\\' => escaped = true,
                '"' => {
                    end = Some(at + 1);
                    break;
                }
                c => value.push(c),
            }
        }
        self.take(end?);
        Some(value)
    }

    /// A quoted string, perhaps the local part of an address, or a run of printable characters:
    /// servers write addresses and base64 without the quotation marks they need.
    fn value(&mut self) -> Option<String> {
        let mut value = String::new();
        if self.rest.starts_with('"') {
            value = self.quoted()?;
            if !self.rest.starts_with('@') {
                return self.is_at_end_of_word().then_some(value);
            }
        }
        let length = self
            .rest
            .find(|c: char| c.is_whitespace() || matches!(c, ';' | '(' | ')' | '"' | '\\'))
            .unwrap_or(self.rest.len());
        value.push_str(self.take(length));
        (self.is_at_end_of_word() && !value.is_empty()).then_some(value)
    }
}
