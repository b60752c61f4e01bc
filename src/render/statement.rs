//! A statement in its three formats: text, CSV and HTML, of the same value.

use minijinja::value::Serde;
use minijinja::{Value, context};

use super::statement_charts::charts;
use super::statement_csv::csv;
use super::{House, HouseView, RENDERED_MAX_BYTES, RenderError, TemplateProblem, Templates};
use super::{filters, tidy_lines};
use crate::domain::statement::Statement;
use crate::domain::statement_issue::Texts;

/// The templates of a statement, beside the folders of the letters.
pub(super) const FILES: [&str; 2] = ["statement.txt", "statement.html"];

/// What a statement's templates know besides its fields.
pub(super) const BESIDES: [&str; 2] = ["charts", "issue"];

/// Most template instructions for one statement: a line of it takes some 250, so that a month may
/// have a hundred thousand.
pub(super) const STATEMENT_FUEL_MAX: u64 = 50_000_000;

/// Longest name of a client in the name of a file, in characters.
const FILE_NAME_MAX_CHARS: usize = 60;

impl Templates {
    /// Writes a statement. `issue` counts from 1; from 2 on it is marked as a correction.
    ///
    /// # Errors
    /// A template fails, or a text is longer than a mail of ours may be.
    pub fn statement(
        &self,
        statement: &Statement,
        issue: u32,
        house: &House,
    ) -> Result<Texts, RenderError> {
        let house = HouseView::of(house, &self.vocabulary);
        let facts = context! {
            house => Value::from(Serde(&house)),
            issue => issue,
            charts => Value::from(Serde(&charts(statement))),
            ..Value::from(Serde(statement))
        };
        let [text, html] = FILES;
        let csv = csv(statement, &self.vocabulary);
        within_bounds(csv.len())?;
        Ok(Texts {
            text: tidy_lines(&self.write(text, &facts)?),
            html: tidy_lines(&self.write(html, &facts)?),
            csv,
            file: self.file_name(statement),
        })
    }

    fn write(&self, name: &'static str, facts: &Value) -> Result<String, RenderError> {
        let rendered = self
            .statements
            .get_template(name)
            .and_then(|template| template.render(facts))
            .map_err(|error| RenderError::Template {
                letter: "statement",
                problem: TemplateProblem::from_engine(name, &error),
            })?;
        within_bounds(rendered.len())?;
        Ok(rendered)
    }

    /// A name that every system takes: letters, digits and hyphens.
    fn file_name(&self, statement: &Statement) -> String {
        let mut client = String::new();
        for c in filters::one_line(&statement.client, FILE_NAME_MAX_CHARS).chars() {
            match c {
                c if c.is_alphanumeric() => client.push(c),
                _ if client.ends_with('-') || client.is_empty() => {}
                _ => client.push('-'),
            }
        }
        let month = statement.month.to_string();
        let client = client.trim_end_matches('-');
        self.vocabulary.statement().file(client, &month)
    }
}

fn within_bounds(bytes: usize) -> Result<(), RenderError> {
    if bytes > RENDERED_MAX_BYTES {
        let letter = "statement";
        return Err(RenderError::TooLong { letter, bytes });
    }
    Ok(())
}
