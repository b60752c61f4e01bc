//! The grammar of `Authentication-Results` (RFC 8601 §2.2), read strictly.
//!
//! ```text
//! authserv-id [version] ( ";" "none" / 1*( ";" method ["/" version] "=" result
//!                        ["reason" "=" value] *( ptype "." property "=" value ) ) )
//! ```
//! Comments may stand between any two words and may be nested. What does not fit makes the
//! whole line unreadable: half an understood line could be the sender's half.

/// Longest line read, in bytes; a longer one is unreadable.
const LINE_MAX_BYTES: usize = 16 * 1024;

/// Most results in one line; a line with more is unreadable.
const OUTCOMES_MAX: usize = 64;

/// Most properties of one result; a line with more is unreadable.
const PROPERTIES_MAX: usize = 32;

/// Deepest nesting of comments; a line with more is unreadable.
const COMMENTS_MAX: usize = 10;

/// What a server found out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Results {
    outcomes: Vec<Outcome>,
}

/// The result of one method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `dmarc`, `dkim`, `spf` and others, lower case.
    pub method: String,
    /// `pass`, `fail` and others, lower case.
    pub result: String,
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

impl Results {
    /// The id at the beginning of a line (unfolded), if there is one.
    pub fn authserv_id(line: &str) -> Option<String> {
        let mut reader = Reader::new(line)?;
        let id = reader.value()?;
        reader.blanks()?;
        // `spf=pass …` is a line without an id, as Microsoft 365 writes.
        (!reader.rest.starts_with('=')).then_some(id)
    }

    /// Reads a line (unfolded); `None` where any of it does not fit the grammar.
    pub fn read(line: &str) -> Option<Self> {
        let mut reader = Reader::new(line)?;
        reader.value()?;
        reader.blanks()?;
        if reader.rest.starts_with(|c: char| c.is_ascii_digit()) {
            // RFC 8601 §2.2: a version that is not 1 is not ours to read.
            if reader.value()? != "1" {
                return None;
            }
            reader.blanks()?;
        }
        let mut outcomes = Vec::new();
        while !reader.rest.is_empty() {
            reader.expect(';')?;
            reader.blanks()?;
            if reader.rest.is_empty() {
                // A trailing semicolon is common and says nothing.
                break;
            }
            if let Some(outcome) = reader.outcome()? {
                outcomes.push(outcome);
            }
            if outcomes.len() > OUTCOMES_MAX {
                return None;
            }
        }
        Some(Self { outcomes })
    }

    /// The results of a method.
    pub fn of(&self, method: &str) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |o| o.method == method)
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn new(line: &'a str) -> Option<Self> {
        let mut reader = Self { rest: line };
        if line.len() > LINE_MAX_BYTES {
            return None;
        }
        reader.blanks()?;
        Some(reader)
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

    /// Blanks and comments (RFC 5322 §3.2.2); `None` where a comment does not end.
    fn blanks(&mut self) -> Option<()> {
        let mut depth = 0usize;
        let mut escaped = false;
        let mut length = self.rest.len();
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if depth > 0 => escaped = true,
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                c if depth > 0 || c.is_ascii_whitespace() => {}
                _ => {
                    length = at;
                    break;
                }
            }
            if depth > COMMENTS_MAX {
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
            self.keyword()?;
            self.blanks()?;
        }
        self.expect('=')?;
        self.blanks()?;
        let result = self.keyword()?;
        let mut properties = Vec::new();
        loop {
            self.blanks()?;
            if self.rest.is_empty() || self.rest.starts_with(';') {
                break;
            }
            let kind = self.keyword()?;
            self.blanks()?;
            let property = if self.rest.starts_with('.') {
                self.take(1);
                self.blanks()?;
                let property = self.keyword()?;
                self.blanks()?;
                property
            } else {
                // `reason=`, and words of the same form that servers add, such as `action=`.
                String::new()
            };
            self.expect('=')?;
            self.blanks()?;
            let value = self.value()?;
            if !property.is_empty() {
                properties.push((kind, property, value));
            }
            if properties.len() > PROPERTIES_MAX {
                return None;
            }
        }
        Some(Some(Outcome {
            method,
            result,
            properties,
        }))
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

    /// A quoted string, perhaps the local part of an address, or a run of printable characters.
    fn value(&mut self) -> Option<String> {
        let mut value = String::new();
        if self.rest.starts_with('"') {
            let mut escaped = false;
            let mut end = None;
            for (at, c) in self.rest.char_indices().skip(1) {
                match c {
                    _ if escaped => {
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
            if !self.rest.starts_with('@') {
                return Some(value);
            }
        }
        let length = self
            .rest
            .find(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '(' | ')' | '"' | '\\'))
            .unwrap_or(self.rest.len());
        let run = self.take(length);
        // The id and every value end at a blank, a comment or a semicolon.
        let ends = self.rest.is_empty()
            || self
                .rest
                .starts_with(|c: char| c.is_ascii_whitespace() || matches!(c, ';' | '('));
        value.push_str(run);
        (ends && !value.is_empty()).then_some(value)
    }
}
