//! stub
use super::ids::TicketId;
use super::ticket::{Kind, Priority};
use chrono::NaiveDate;
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Note,
    Wait {
        whom: Awaited,
        until: Option<NaiveDate>,
    },
    InProgress,
    Resolved,
    Close {
        how: Closing,
        reason: String,
    },
    Reopen,
    Duplicate {
        of: TicketId,
    },
    Priority(Priority),
    Kind(Kind),
    Level(u8),
    Microsoft {
        case: String,
    },
    Attempt {
        note: String,
    },
    Assign(Assignee),
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    Client,
    ThirdParty,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    Validated,
    Cancelled,
    Unattended,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    Me,
    Named(String),
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    pub line: String,
    pub command: Command,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    pub commands: Vec<Ordered>,
    pub text: String,
}
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub line: String,
    pub problem: Problem,
    pub suggestion: Option<String>,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    UnknownWord,
}
impl Problem {
    pub const ALL: [Self; 1] = [Self::UnknownWord];
    pub fn name(self) -> &'static str {
        "unknown_word"
    }
}
pub fn parse(text: &str, _prefix: &str, _today: NaiveDate) -> Result<Instructions, Vec<Mistake>> {
    Ok(Instructions {
        commands: vec![],
        text: text.trim().to_owned(),
    })
}
