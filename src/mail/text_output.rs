//! The writing half of the HTML scanner: blanks, lines, rows, bullets and quote marks.
//!
//! Breaks are remembered and written only when words follow, so that nested blocks make one
//! line end, and a paragraph within a table cell none.

/// Most bytes of text made of HTML; the rest is left out.
pub const TEXT_MAX_BYTES: usize = 256 * 1024;

/// Most empty lines in a row, plus one.
const BREAKS_MAX: usize = 3;

/// Most quote marks before a line.
const MARKS_MAX: usize = 5;

/// Text being written.
#[derive(Debug, Default)]
pub struct Output {
    text: String,
    /// Line ends to write before the next words.
    breaks: usize,
    /// A blank to write before the next words of the line.
    blank: bool,
    /// A cell ended: a tab before the next words, unless the row ends.
    tab: bool,
    /// The table row has words already.
    in_row: bool,
    bullet: bool,
    /// Level of quoting.
    quoted: usize,
}

impl Output {
    /// Words; runs of white space are one blank, unless preformatted.
    pub fn words(&mut self, words: &str, preformatted: bool) {
        if preformatted {
            for c in words.chars() {
                self.character(c, true);
            }
            return;
        }
        let mut rest = words;
        while !rest.is_empty() && !self.is_full() {
            let end = rest.find(is_blank).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            if !word.is_empty() {
                self.begin();
                self.text.push_str(word);
            }
            let trimmed = after.trim_start_matches(is_blank);
            self.blank |= trimmed.len() < after.len();
            rest = trimmed;
        }
    }

    /// One character, such as an entity stands for.
    pub fn character(&mut self, c: char, preformatted: bool) {
        match c {
            '\n' if preformatted => self.line_break(),
            '\r' => {}
            // A hard blank is a blank, and stays one.
            '\u{a0}' => {
                self.begin();
                self.text.push(' ');
            }
            c if is_blank(c) && !preformatted => self.blank = true,
            c => {
                self.begin();
                self.text.push(c);
            }
        }
    }

    /// `<br>`: one more line end.
    pub fn line_break(&mut self) {
        self.breaks = (self.breaks + 1).min(BREAKS_MAX);
        (self.blank, self.tab) = (false, false);
    }

    /// A block begins or ends: at least so many line ends, except right after a table cell.
    pub fn block(&mut self, breaks: usize) {
        self.blank = false;
        if !self.tab {
            self.breaks = self.breaks.max(breaks);
        }
    }

    /// A list item begins.
    pub fn bullet(&mut self) {
        self.tab = false;
        self.block(1);
        self.bullet = true;
    }

    /// A table cell ended: what line ends its content left behind do not count.
    pub fn cell(&mut self) {
        self.blank = false;
        if self.in_row {
            (self.breaks, self.tab) = (0, true);
        }
    }

    /// A table row begins or ends.
    pub fn row(&mut self) {
        (self.tab, self.in_row) = (false, false);
        self.block(1);
    }

    /// From here on text is quoted so many levels deep.
    pub fn quoted(&mut self, levels: usize) {
        self.quoted = levels.min(MARKS_MAX);
    }

    /// A place in the text, for [`Output::since`].
    pub fn position(&mut self) -> usize {
        self.trim_line();
        self.text.len()
    }

    /// What was written after a place.
    pub fn since(&self, position: usize) -> &str {
        self.text.get(position..).unwrap_or_default()
    }

    /// Whether [`TEXT_MAX_BYTES`] is reached.
    pub fn is_full(&self) -> bool {
        self.text.len() >= TEXT_MAX_BYTES
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text
    }

    /// Writes what was put off.
    fn begin(&mut self) {
        if self.tab {
            self.text.push('\t');
        } else if self.breaks > 0 || self.text.is_empty() {
            self.new_line();
        } else if self.blank {
            self.text.push(' ');
        }
        (self.breaks, self.tab, self.blank) = (0, false, false);
        self.in_row = true;
        if std::mem::take(&mut self.bullet) {
            self.text.push_str("- ");
        }
    }

    fn new_line(&mut self) {
        self.trim_line();
        if !self.text.is_empty() {
            for _ in 0..self.breaks {
                self.text.push('\n');
            }
        }
        for _ in 0..self.quoted {
            self.text.push_str("> ");
        }
    }

    /// Removes blanks at the end.
    fn trim_line(&mut self) {
        let length = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(length);
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}
