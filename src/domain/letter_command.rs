//! What consultants are told of their commands, as values.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::command;
use super::letter::{ChargedTime, TicketFacts};
use super::refusal::Refusal;

/// Something wrong with a line of commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandMistake {
    /// The line as typed.
    pub line: String,
    /// What is wrong, by its name in `templates/words.toml`.
    pub problem: &'static str,
    /// What may have been meant, or the form expected.
    pub suggestion: Option<String>,
}

impl CommandMistake {
    /// A command that can be read and not be carried out; `line` is it, as typed.
    pub fn refused(line: impl Into<String>, refusal: Refusal) -> Self {
        Self {
            line: line.into(),
            problem: refusal.name(),
            suggestion: None,
        }
    }
}

impl From<command::Mistake> for CommandMistake {
    fn from(mistake: command::Mistake) -> Self {
        Self {
            line: mistake.line,
            problem: mistake.problem.name(),
            suggestion: mistake.suggestion,
        }
    }
}

/// What was done with a consultant's mail, and how the ticket stands by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandReceipt {
    /// The ticket, as it is now.
    pub ticket: TicketFacts,
    /// The command lines, as typed.
    pub commands: Vec<String>,
    /// To whom the words go, besides those who have them from the consultant himself.
    pub sent_to: Vec<String>,
    /// Names of attached files that do not go with them: the client's side has them already.
    pub kept_back: Vec<String>,
    /// When they leave; unless the client has them already, `#deshacer` takes them back until then.
    pub leaves_at: Option<DateTime<Utc>>,
    /// The consultant sent them himself, by answering to all.
    pub direct: bool,
    /// Words of before that are not sent after all.
    pub taken_back: Option<String>,
    /// Whose the ticket is, where it is somebody's.
    pub assignee: Option<String>,
    /// When the first answer is owed, while it is.
    pub response_due_at: Option<DateTime<Utc>>,
    /// When the solution is due, where that is known.
    pub solution_due_at: Option<DateTime<Utc>>,
    /// The solution clock stands still.
    pub solution_paused: bool,
    /// When the client next hears of us by itself.
    pub next_at: Option<DateTime<Utc>>,
    /// When the ticket closes if he does not answer.
    pub closes_at: Option<DateTime<Utc>>,
    /// What is charged by it, and what that leaves.
    pub time: ChargedTime,
}

/// A command as `#ayuda` lists it; what it does stands in `templates/words.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CommandHelp {
    /// Its word, without `#`.
    pub word: &'static str,
    /// How it is written.
    pub form: &'static str,
    /// Other words for it, with `#`.
    pub aliases: Vec<String>,
}

impl CommandHelp {
    /// The line of a command.
    pub fn of(name: &command::Name) -> Self {
        Self {
            word: name.word,
            form: name.form,
            aliases: name
                .aliases
                .iter()
                .map(|alias| format!("#{alias}"))
                .collect(),
        }
    }
}
