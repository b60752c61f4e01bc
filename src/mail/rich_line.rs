//! Where in HTML certain words stand, line by line.
//!
//! Two forms of a mail agree in their letters and digits and in little else: blanks, bullets, the
//! numbers of a list and marks around links differ. So those are what is compared, and the words
//! must fill whole lines.

use super::rich_token::Token;

/// Most places tried at which the words might stand.
const PLACES_MAX: usize = 50;

/// Most digits of a list's number.
const NUMBER_MAX_DIGITS: usize = 3;

/// Where the words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// Token and byte at which they begin.
    pub from: (usize, usize),
    /// Token and byte at which they end.
    pub to: (usize, usize),
}

/// The lines of an HTML text.
pub(super) struct Lines<'t, 'a> {
    tokens: &'t [Token<'a>],
    /// Every letter and digit that counts, small.
    text: String,
    /// For each of them: its first byte in `text`, and its line.
    places: Vec<(usize, usize)>,
    lines: Vec<Line>,
}

struct Line {
    from: (usize, usize),
    to: (usize, usize),
    /// Its letters and digits, by their place among all: the first, and the one after the last.
    letters: (usize, usize),
}

impl<'t, 'a> Lines<'t, 'a> {
    /// Takes the text apart.
    pub(super) fn of(tokens: &'t [Token<'a>]) -> Self {
        let mut lines = Self {
            tokens,
            text: String::new(),
            places: Vec::new(),
            lines: Vec::new(),
        };
        let mut line: Vec<(char, usize, usize, usize)> = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            if token.is_text() {
                line.extend(token.characters().map(|(c, from, to)| (c, at, from, to)));
            } else if token.breaks_line() {
                lines.end(&mut line);
            }
        }
        lines.end(&mut line);
        lines
    }

    fn end(&mut self, line: &mut Vec<(char, usize, usize, usize)>) {
        let ends = (line.first(), line.last());
        if let (Some((_, first, from, _)), Some((_, last, _, to))) = ends {
            let (from, to) = ((*first, *from), (*last, *to));
            let before = self.places.len();
            let said: Vec<char> = line.iter().map(|(c, ..)| *c).collect();
            for c in said.get(marker(&said)..).unwrap_or_default() {
                self.count(*c);
            }
            if self.places.len() > before {
                self.lines.push(Line {
                    from,
                    to,
                    letters: (before, self.places.len()),
                });
            }
        }
        line.clear();
    }

    fn count(&mut self, c: char) {
        if c.is_alphanumeric() {
            for small in c.to_lowercase() {
                self.places.push((self.text.len(), self.lines.len()));
                self.text.push(small);
            }
        }
    }

    /// The first stretch of whole lines that says `wanted`, with the images around it that no other
    /// words part from it.
    pub(super) fn find(&self, wanted: &str) -> Option<Found> {
        self.text
            .match_indices(wanted)
            .take(PLACES_MAX)
            .find_map(|(at, found)| self.whole_lines(at, at + found.len()))
    }

    fn whole_lines(&self, from: usize, to: usize) -> Option<Found> {
        let letter = |byte: usize| self.places.binary_search_by_key(&byte, |(at, _)| *at).ok();
        let first = letter(from)?;
        let after = if to == self.text.len() {
            self.places.len()
        } else {
            letter(to)?
        };
        let begins = self.lines.get(self.places.get(first)?.1)?;
        let ends = self.lines.get(self.places.get(after.checked_sub(1)?)?.1)?;
        let is_whole = begins.letters.0 == first && ends.letters.1 == after;
        is_whole.then(|| Found {
            from: self.images_before(begins.from),
            to: self.images_after(ends.to),
        })
    }

    fn images_before(&self, from: (usize, usize)) -> (usize, usize) {
        let before = self.tokens.get(..from.0).unwrap_or_default();
        let near = before
            .iter()
            .enumerate()
            .rev()
            .take_while(|(_, token)| !says(token));
        let image = near.filter(|(_, token)| token.is_image()).last();
        image.map_or(from, |(at, _)| (at, 0))
    }

    fn images_after(&self, to: (usize, usize)) -> (usize, usize) {
        let after = self.tokens.iter().enumerate().skip(to.0 + 1);
        let near = after.take_while(|(_, token)| !says(token));
        let image = near.filter(|(_, token)| token.is_image()).last();
        image.map_or(to, |(at, token)| (at, token.raw.len()))
    }
}

fn says(token: &Token) -> bool {
    token.is_text() && token.characters().any(|(c, ..)| c.is_alphanumeric())
}

/// What of plain words is compared: letters and digits, small, without what a mail program adds
/// where it writes HTML as text (`<https://…>` behind a link, `[cid:…]` for an image, bullets and
/// numbers of lists).
pub(super) fn significant(words: &str) -> String {
    let mut kept = String::with_capacity(words.len());
    for line in words.lines() {
        let line = without_spelled_out(line);
        let said: Vec<char> = line.chars().collect();
        let said = said.get(marker(&said)..).unwrap_or_default();
        let letters = said.iter().filter(|c| c.is_alphanumeric());
        kept.extend(letters.flat_map(|c| c.to_lowercase()));
    }
    kept
}

/// Characters of a bullet or a number before a line of a list.
fn marker(line: &[char]) -> usize {
    let blank = line.iter().take_while(|c| c.is_whitespace()).count();
    let rest = line.get(blank..).unwrap_or_default();
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    let is_number = (1..=NUMBER_MAX_DIGITS).contains(&digits)
        && matches!(rest.get(digits), Some('.' | ')'))
        && rest.get(digits + 1).is_none_or(|c| c.is_whitespace());
    if is_number { blank + digits + 1 } else { 0 }
}

/// A line without addresses of links and names of images that stand for themselves in brackets.
fn without_spelled_out(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['<', '[']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let close = if from.starts_with('<') { '>' } else { ']' };
        let end = from.find(close);
        let inside = end.and_then(|end| from.get(1..end)).unwrap_or_default();
        let added = [
            "http://", "https://", "mailto:", "tel:", "cid:", "image:", "imagen:",
        ];
        match end {
            Some(end) if added.iter().any(|begin| inside.starts_with(begin)) => {
                rest = from.get(end + 1..).unwrap_or_default();
            }
            _ => {
                kept.push_str(from.get(..1).unwrap_or_default());
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    kept.push_str(rest);
    kept
}
