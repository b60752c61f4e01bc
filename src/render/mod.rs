//! Floor 1: letters become words. Every word a person reads stands in `templates/`.
//!
//! A [`Letter`] names facts; its folder in `templates/` turns them into a subject, a plain text
//! and an HTML body. Templates are built in, and a folder of the house may replace any of them.
//! All of them are tried on sample letters when they are loaded, so that a wrong name is found
//! by `soported check` and not by the first mail that needs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use crate::domain::calendar::HoursGroup;
use crate::domain::effect::Speaker;
use crate::domain::letter::{Letter, LetterKind};
use crate::domain::policy::Phrases;
use crate::domain::subject::SUBJECT_MAX_CHARS;
use crate::mail::compose::Words;

mod check;
mod filters;
mod sample;
mod sample_charge;
mod sample_statement;
mod sample_survey;
mod sources;
mod statement;
mod statement_charts;
mod statement_csv;
mod statement_words;
mod vocabulary;

pub use filters::hours_and_minutes;
pub use sources::TemplateProblem;
use vocabulary::Vocabulary;

/// Most template instructions for one text. A template that loops beyond it fails to render;
/// the longest built-in one, the account of a ticket, takes some 300 for each of its 250 lines.
const FUEL_MAX: u64 = 400_000;

/// Most bytes of one rendered text. Nobody types as much; beyond it the letter fails to render
/// rather than filling the ledger.
const RENDERED_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Longest display name, in characters.
const SPEAKER_MAX_CHARS: usize = 100;

/// The three texts of a letter, by file name.
const SUBJECT: &str = "subject.txt";
const TEXT: &str = "body.txt";
const HTML: &str = "body.html";

/// All templates, compiled, with the words they choose from. Cheap to clone, shared by threads.
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Arc<Environment<'static>>,
    /// The same, with more fuel.
    statements: Arc<Environment<'static>>,
    vocabulary: Arc<Vocabulary>,
}

/// What every letter may say of the house itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// The service's name, as configured.
    pub service_name: String,
    /// The official address.
    pub address: String,
    /// Support hours, days that are alike taken together.
    pub hours: Vec<HoursGroup>,
    /// The address at which the mail is answered, with its token where there is one.
    pub reply_to: String,
    /// Where its reader answers the tickets that the mail links to, by number.
    pub replies: BTreeMap<String, String>,
}

/// [`House`] as templates see it.
#[derive(Serialize)]
struct HouseView<'a> {
    service_name: &'a str,
    address: &'a str,
    hours: String,
    reply_to: &'a str,
    replies: &'a BTreeMap<String, String>,
}

impl<'a> HouseView<'a> {
    fn of(house: &'a House, vocabulary: &Vocabulary) -> Self {
        Self {
            service_name: &house.service_name,
            address: &house.address,
            hours: vocabulary.hours(&house.hours),
            reply_to: &house.reply_to,
            replies: &house.replies,
        }
    }
}

/// Why a letter could not be put into words.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template failed on this letter's facts.
    #[error("letter {letter}: {problem}")]
    Template {
        /// The letter's folder.
        letter: &'static str,
        /// File, line and reason.
        problem: TemplateProblem,
    },
    /// A text came out longer than the bound.
    #[error("letter {letter}: {bytes} bytes are more than a mail of ours may have")]
    TooLong {
        /// The letter's folder.
        letter: &'static str,
        /// How long it was.
        bytes: usize,
    },
}

impl Templates {
    /// Loads the built-in templates, with those of `dir` in place of the ones of the same
    /// relative name, and tries every one of them.
    ///
    /// Dates are shown in `zone`. A folder that does not exist, a file of unknown name, a
    /// variable or filter that does not exist and a notice without its separator are problems;
    /// all of them are listed at once. Names that begin with a dot are not looked at.
    pub fn load(dir: Option<&Path>, zone: Tz) -> Result<Self, Vec<TemplateProblem>> {
        let sources = sources::gather(dir)?;
        let vocabulary = Arc::new(Vocabulary::read(sources.words(), zone)?);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build()
            .map_err(|error| vec![TemplateProblem::from_engine("", &error)])?;
        environment.set_syntax(syntax);
        environment.set_fuel(Some(FUEL_MAX));
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(".html") {
                AutoEscape::Html
            } else {
                AutoEscape::None
            }
        });
        filters::install(&mut environment, &vocabulary);
        statement_words::install(&mut environment, &vocabulary);
        let mut problems = Vec::new();
        for (name, source) in sources.templates() {
            if let Err(error) = environment.add_template_owned(name.to_owned(), source.to_owned()) {
                problems.push(TemplateProblem::from_engine(name, &error));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut statements = environment.clone();
        statements.set_fuel(Some(statement::STATEMENT_FUEL_MAX));
        let templates = Self {
            environment: Arc::new(environment),
            statements: Arc::new(statements),
            vocabulary,
        };
        match check::problems(&templates) {
            problems if problems.is_empty() => Ok(templates),
            problems => Err(problems),
        }
    }

    /// Puts a letter into words.
    ///
    /// The subject is one line of at most [`SUBJECT_MAX_CHARS`] characters; the text has LF line
    /// ends and exactly one at its end. What people wrote is escaped in HTML and never run as a
    /// template.
    pub fn render(&self, letter: &Letter, house: &House) -> Result<Words, RenderError> {
        self.render_formatted(letter, house, None)
    }

    /// The same with the formatting of the words that the letter passes on: sanitized HTML, which
    /// stands in the letter's HTML in the place of the text.
    pub fn render_formatted(
        &self,
        letter: &Letter,
        house: &House,
        formatted: Option<&str>,
    ) -> Result<Words, RenderError> {
        let kind = letter.kind();
        let house = HouseView::of(house, &self.vocabulary);
        let facts = context! {
            house => Value::from(Serde(&house)),
            formatted => formatted.map(|html| Value::from_safe_string(html.to_owned())),
            ..Value::from(Serde(letter))
        };
        Ok(Words {
            subject: one_subject(&self.render_file(kind, SUBJECT, &facts)?),
            text: tidy_lines(&self.render_file(kind, TEXT, &facts)?),
            html: tidy_lines(&filters::bound(&self.render_file(kind, HTML, &facts)?)),
        })
    }

    /// The display name of a mail of ours that speaks in somebody's name (mail.md §6).
    pub fn speaker(&self, speaker: &Speaker, house: &House) -> String {
        let name = self.vocabulary.speaker(speaker, &house.service_name);
        filters::one_line(&name, SPEAKER_MAX_CHARS)
    }

    /// The phrases by which our own notices are recognized (mail.md §6, leak guard).
    pub fn phrases(&self) -> Phrases {
        self.vocabulary.phrases()
    }

    fn render_file(
        &self,
        kind: LetterKind,
        file: &str,
        facts: &Value,
    ) -> Result<String, RenderError> {
        let letter = kind.name();
        let name = format!("{letter}/{file}");
        let rendered = self
            .environment
            .get_template(&name)
            .and_then(|template| template.render(facts))
            .map_err(|error| RenderError::Template {
                letter,
                problem: TemplateProblem::from_engine(&name, &error),
            })?;
        match rendered.len() {
            bytes if bytes > RENDERED_MAX_BYTES => Err(RenderError::TooLong { letter, bytes }),
            _ => Ok(rendered),
        }
    }
}

/// A subject as one line: controls and line ends become spaces, runs of spaces become one.
///
/// RFC 5322 §2.2: a line end in a header value would begin another header.
fn one_subject(text: &str) -> String {
    filters::one_line(text, SUBJECT_MAX_CHARS)
}

/// LF line ends, no controls but tabs, no empty lines at either end, one line end at the end.
fn tidy_lines(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len() + 1);
    let text = text.trim_start_matches(['\r', '\n']).trim_end();
    let mut rest = text;
    while let Some((at, control)) = rest.char_indices().find(|(_, c)| c.is_control()) {
        let (plain, from) = rest.split_at(at);
        tidy.push_str(plain);
        let after = from.get(control.len_utf8()..).unwrap_or_default();
        // RFC 5322 §2.3: CR and LF occur together or not at all; a bare CR is a line end somebody
        // meant.
        match control {
            '\n' | '\t' => tidy.push(control),
            '\r' if !after.starts_with('\n') => tidy.push('\n'),
            _ => {}
        }
        rest = after;
    }
    tidy.push_str(rest);
    tidy.push('\n');
    tidy
}
