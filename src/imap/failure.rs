//! Why a command has not succeeded, and what of it may be told.

use std::io;

use async_imap::imap_proto::{Outcome, ResponseCode, Status};

use crate::ports::MailboxError;

/// Characters kept of what a server says; the rest is cut off. Its words can quote mail.
const MAX_SERVER_WORDS: usize = 200;

/// Why a command has not succeeded.
#[derive(Debug)]
pub(super) enum Failure {
    /// The connection failed, was closed, or said BYE.
    Lost(String),
    /// Nothing came in time.
    Silence(&'static str),
    /// What came is not IMAP, or not IMAP for this moment.
    Garbled(String),
    /// A tagged NO or BAD.
    Refused(Refusal),
}

/// A tagged NO or BAD.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The command, without its arguments.
    pub(super) command: &'static str,
    /// BAD: the server does not know the command or did not understand it.
    pub(super) bad: bool,
    /// The response code (RFC 9051 §7.1, RFC 5530) in upper case, where there is one we read.
    pub(super) code: Option<String>,
    /// The server's words, shortened.
    pub(super) words: String,
}

impl Refusal {
    /// Whether the refusal carries this response code.
    pub(super) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Whether the trouble is the server's and passes by itself (RFC 5530 §3).
    pub(super) fn is_transient(&self) -> bool {
        ["UNAVAILABLE", "SERVERBUG", "INUSE", "LIMIT"]
            .iter()
            .any(|code| self.has_code(code))
    }
}

impl From<Failure> for MailboxError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Lost(what) => Self::Unreachable(what),
            Failure::Silence(command) => Self::Unreachable(format!("{command}: no answer in time")),
            Failure::Garbled(what) => Self::Refused(what),
            Failure::Refused(refusal) => {
                let verdict = if refusal.bad { "BAD" } else { "NO" };
                let text = format!("{}: {verdict} {}", refusal.command, refusal.words);
                match refusal.is_transient() {
                    true => Self::Unreachable(text),
                    false => Self::Refused(text),
                }
            }
        }
    }
}

/// A tagged answer as a result.
pub(super) fn verdict(
    command: &'static str,
    status: &Status,
    outcome: &Outcome<'_>,
) -> Result<(), Failure> {
    let bad = match status {
        Status::Ok => return Ok(()),
        Status::No => false,
        _ => true,
    };
    Err(Failure::Refused(Refusal {
        command,
        bad,
        code: code(outcome),
        words: words(outcome),
    }))
}

/// The response code of a refusal. The parser knows TRYCREATE; those of RFC 5530 it leaves in
/// the text, in their brackets.
fn code(outcome: &Outcome<'_>) -> Option<String> {
    if let Some(ResponseCode::TryCreate) = outcome.code {
        return Some("TRYCREATE".to_owned());
    }
    let (code, _) = outcome
        .information
        .as_deref()?
        .strip_prefix('[')?
        .split_once([']', ' '])?;
    Some(code.to_ascii_uppercase())
}

/// A server's words, on one line and not too many.
pub(super) fn words(outcome: &Outcome<'_>) -> String {
    let information = outcome.information.as_deref().unwrap_or_default();
    information
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_SERVER_WORDS)
        .collect()
}

/// An error of the stream. The parser reports its own as [`io::ErrorKind::Other`], with the
/// input, that is with mail, in the text: nothing of it is kept.
pub(super) fn broken(command: &'static str, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::Other => Failure::Garbled(format!("{command}: an answer that is not IMAP")),
        kind => Failure::Lost(format!("{command}: {kind}")),
    }
}
