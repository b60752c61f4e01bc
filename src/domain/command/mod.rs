//! The commands of a consultant's mail (policy.md §9): words in, values out.
//!
//! Commands are lines `#palabra argumentos` in a block at the very top of a reply, or at its end
//! (the signature is cut already). All of them are read, and all that is wrong with any of them is
//! told at once; nothing is carried out here. Whatever might be a command and is none that can be
//! read is a mistake and never text: it must not reach a client (mail.md §6, leak guard).

mod admit;
mod ask;
mod block;
mod charge;
mod create;
mod date;
mod mention;
mod record;
mod sort;
mod state;
mod thread;
mod word;

use chrono::{NaiveDate, NaiveTime};

use super::address::{Address, Person};
use super::ids::{ChargeId, HeldId, TicketId};
use super::ticket::{Kind, Priority};

pub use block::looks_like_command;
pub use word::{NAMES, Name};

use block::Block;
use word::Line;

/// Most command lines in one mail; more are refused.
const COMMANDS_MAX: usize = 20;

/// Longest quotation of a line that is at fault, in characters.
pub const LINE_MAX_CHARS: usize = 120;

/// What a consultant may order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `#nota`: the whole mail is internal.
    Note,
    /// `#espera`: somebody else owes the next step.
    Wait {
        /// Who.
        whom: Awaited,
        /// Known to last until that day.
        until: Option<NaiveDate>,
    },
    /// `#en-proceso`: ends any wait.
    InProgress,
    /// `#resuelto`: the words of the mail propose a solution.
    Resolved,
    /// `#cerrar`: the end.
    Close {
        /// How.
        how: Closing,
        /// Why; may be empty, except for what is cancelled.
        reason: String,
    },
    /// `#reabrir`: it was closed by mistake.
    Reopen,
    /// `#nuevo`: a ticket for a client who has not written to us himself.
    New {
        /// The client's name, as written.
        client: Option<String>,
        /// The authorizer's name or address, as written.
        authorizer: Option<String>,
    },
    /// `#teléfono`, with `#nuevo`: it was a call.
    Phone {
        /// Its local time, on the day of the mail.
        at: Option<NaiveTime>,
    },
    /// `#duplicado`: the same as another ticket.
    Duplicate {
        /// Which.
        of: TicketId,
    },
    /// `#cc`: who else takes part.
    Cc {
        /// Who is sent the answers from now on.
        add: Vec<Person>,
        /// Who is sent nothing more.
        remove: Vec<Address>,
    },
    /// `#unir`: this ticket goes on in another one.
    Merge {
        /// In which.
        into: TicketId,
    },
    /// `#separar`: the mail that the answered notice is about gets a ticket of its own.
    Split,
    /// `#prioridad`.
    Priority(Priority),
    /// `#tipo`.
    Kind(Kind),
    /// `#nivel`, 1 to 4.
    Level(u8),
    /// `#microsoft`: a case with the product's maker.
    Microsoft {
        /// Its number there.
        case: String,
    },
    /// `#intento`: the client was called.
    Attempt {
        /// What came of it; may be empty.
        note: String,
    },
    /// `#autorizar`: somebody may ask for a client from now on.
    Authorize {
        /// Who.
        address: Address,
        /// What he is called.
        name: String,
        /// For whom, where it is said.
        client: Option<String>,
    },
    /// `#revocar`: somebody may ask no more.
    Revoke {
        /// Who.
        address: Address,
    },
    /// `#liberar`: held mails come in.
    Release {
        /// Which, each once.
        numbers: Vec<HeldId>,
        /// The client they count for, where it is said.
        client: Option<String>,
    },
    /// `#descartar`: held mails stay out.
    Discard {
        /// Which, each once.
        numbers: Vec<HeldId>,
    },
    /// `#tiempo`: work without the client.
    Work {
        /// How long, in minutes.
        minutes: i64,
        /// What was done; may be empty.
        note: String,
    },
    /// `#sesion`: a session with the client.
    Session {
        /// Its local beginning.
        from: NaiveTime,
        /// Its local end, on the next day where that is not later.
        to: NaiveTime,
        /// The local date of its beginning; none: that of the mail.
        day: Option<NaiveDate>,
        /// Whose time it took.
        people: SessionPeople,
    },
    /// `#presupuesto`: the authorizers are asked for more time.
    Budget {
        /// How much more, in minutes.
        minutes: i64,
        /// What for.
        reason: String,
    },
    /// `#fuera-de-horario`: work out of hours is accepted.
    Window {
        /// The local date of its beginning.
        day: NaiveDate,
        /// Its local beginning.
        from: NaiveTime,
        /// Its local end, on the next day where that is not later.
        to: NaiveTime,
    },
    /// `#revertir`: lines of the ledger are taken back.
    Reverse {
        /// Which, each once.
        lines: Vec<ChargeId>,
        /// Why.
        reason: String,
    },
    /// `#asignar`.
    Assign(Assignee),
    /// `#deshacer`: his last words to the client are not sent.
    Undo,
    /// `#estado`: how a ticket stands, or everything that is the consultant's.
    Status {
        /// Which; none: the one of the thread, or the consultant's own.
        of: Option<TicketId>,
    },
    /// `#porque`: how a ticket's clocks and dates come about.
    Why {
        /// Which; none: the one of the thread.
        of: Option<TicketId>,
    },
    /// `#ayuda`: what can be ordered, and how it is written.
    Help,
}

impl Command {
    /// Whether it leads to a state of its own: one mail may hold one such command.
    pub fn leads(&self) -> bool {
        state::leads(self)
    }

    /// Whether it may be given without a ticket, in a mail that answers nothing.
    pub fn is_errand(&self) -> bool {
        matches!(
            self,
            Self::New { .. }
                | Self::Phone { .. }
                | Self::Status { .. }
                | Self::Why { of: Some(_) }
                | Self::Help
        ) || admit::repeats(self)
    }

    /// Whether it only asks: nothing of a ticket changes by it, open or closed.
    pub fn asks(&self) -> bool {
        matches!(self, Self::Status { .. } | Self::Why { .. } | Self::Help)
    }
}

/// Whose time a session took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionPeople {
    /// So many consultants, who writes among them.
    Count(u32),
    /// These.
    Named {
        /// As written.
        names: Vec<String>,
        /// Who writes was there besides.
        with_me: bool,
    },
}

/// Who owes the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The client.
    Client,
    /// Somebody else.
    ThirdParty,
}

/// How a consultant ends a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// The client confirmed the solution in another way.
    Validated,
    /// It is withdrawn.
    Cancelled,
    /// Nobody answered, and every attempt was made: the word that a critical ticket waits for.
    Unattended,
}

/// Whose a ticket is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// The consultant's who writes.
    Me,
    /// That of a name or address, as written.
    Named(String),
}

/// A command and the line it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ordered {
    /// As typed, at most [`LINE_MAX_CHARS`].
    pub line: String,
    /// What it says.
    pub command: Command,
}

/// A consultant's mail, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instructions {
    /// The commands, in order, none twice.
    pub commands: Vec<Ordered>,
    /// The words for the client; empty where there are none.
    pub text: String,
}

impl Instructions {
    /// The command lines, as typed.
    pub fn lines(&self) -> Vec<String> {
        let lines = self.commands.iter().map(|ordered| ordered.line.clone());
        lines.collect()
    }
}

/// Something wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// As typed, at most [`LINE_MAX_CHARS`].
    pub line: String,
    /// What.
    pub problem: Problem,
    /// The form expected, or the command that may have been meant.
    pub suggestion: Option<String>,
}

/// What can be wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// No command is called so.
    UnknownWord,
    /// A command in the middle of the text, or behind a quote mark or a bullet.
    Misplaced,
    /// More commands than one mail may have.
    TooMany,
    /// Something must follow the word.
    NeedsArgument,
    /// What follows the word is nothing it can mean.
    BadArgument,
    /// The command stands alone in its line; words for the client go below.
    ExtraText,
    /// No such date.
    BadDate,
    /// A date that is over, or more than a year ahead.
    DateOutOfRange,
    /// A date that has not come, or is long over.
    DayOutOfRange,
    /// No length of time.
    BadDuration,
    /// More than twelve hours, and no `!` says that they are meant.
    LongDuration,
    /// No time of the day from which, and until when.
    BadInterval,
    /// The reason is missing, which the client reads.
    NeedsReason,
    /// Another line of the mail says something else.
    Contradiction,
    /// `#teléfono` without `#nuevo`.
    PhoneAlone,
    /// `#nota` keeps the text from the client that this command needs.
    NoteAndText,
}

impl Problem {
    /// Every problem.
    pub const ALL: [Self; 16] = [
        Self::UnknownWord,
        Self::Misplaced,
        Self::TooMany,
        Self::NeedsArgument,
        Self::BadArgument,
        Self::ExtraText,
        Self::BadDate,
        Self::DateOutOfRange,
        Self::DayOutOfRange,
        Self::BadDuration,
        Self::LongDuration,
        Self::BadInterval,
        Self::NeedsReason,
        Self::Contradiction,
        Self::PhoneAlone,
        Self::NoteAndText,
    ];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnknownWord => "unknown_word",
            Self::Misplaced => "misplaced",
            Self::TooMany => "too_many",
            Self::NeedsArgument => "needs_argument",
            Self::BadArgument => "bad_argument",
            Self::ExtraText => "extra_text",
            Self::BadDate => "bad_date",
            Self::DateOutOfRange => "date_out_of_range",
            Self::DayOutOfRange => "day_out_of_range",
            Self::BadDuration => "bad_duration",
            Self::LongDuration => "long_duration",
            Self::BadInterval => "bad_interval",
            Self::NeedsReason => "needs_reason",
            Self::Contradiction => "contradiction",
            Self::PhoneAlone => "phone_alone",
            Self::NoteAndText => "note_and_text",
        }
    }
}

/// What the reader of one command has to know.
#[derive(Debug, Clone, Copy)]
struct Context<'a> {
    /// The `GS` of `GS-12`.
    prefix: &'a str,
    /// Local date of the mail.
    today: NaiveDate,
}

/// Reads the newest words of a consultant's mail, quotes and signature cut. `prefix` is the `GS` of
/// `GS-12`, `today` the local date of the mail.
///
/// # Errors
/// Everything that is wrong with any line, in order; never empty.
pub fn parse(text: &str, prefix: &str, today: NaiveDate) -> Result<Instructions, Vec<Mistake>> {
    let block = Block::of(text);
    let context = Context { prefix, today };
    let mut commands: Vec<Ordered> = Vec::new();
    let mut mistakes: Vec<Mistake> = Vec::new();
    let lines = block.commands.iter().flat_map(|line| create::pieces(line));
    for (place, line) in lines.enumerate() {
        let line = line.as_str();
        if place == COMMANDS_MAX {
            mistakes.push(mistake(line, (Problem::TooMany, None)));
            break;
        }
        match read(line, &context) {
            Ok(command) => commands.push(Ordered {
                line: quoted(line),
                command,
            }),
            Err(wrong) => mistakes.push(mistake(line, wrong)),
        }
    }
    // Words to colleagues may speak of commands.
    let noted = commands.iter().any(|c| c.command == Command::Note);
    let strays = block.strays.iter().filter(|stray| stray.alone || !noted);
    let misplaced = strays.take(COMMANDS_MAX);
    mistakes.extend(misplaced.map(|stray| mistake(&stray.line, (Problem::Misplaced, None))));
    mistakes.extend(contradictions(&mut commands));
    if mistakes.is_empty() {
        Ok(Instructions {
            commands,
            text: block.text,
        })
    } else {
        Err(mistakes)
    }
}

type Wrong = (Problem, Option<String>);

/// One line to one command; each family reads its own words.
fn read(line: &str, context: &Context) -> Result<Command, Wrong> {
    let line = Line::read(line);
    let Some(name) = line.name else {
        let near = word::nearest(&line.word).map(|name| name.form.to_owned());
        return Err((Problem::UnknownWord, near));
    };
    let command = sort::read(name.word, &line)
        .or_else(|| state::read(name.word, &line, context))
        .or_else(|| record::read(name.word, &line))
        .or_else(|| thread::read(name.word, &line, context))
        .or_else(|| charge::read(name.word, &line, context))
        .or_else(|| create::read(name.word, &line))
        .or_else(|| admit::read(name.word, &line))
        .or_else(|| ask::read(name.word, &line, context));
    match command {
        // A second command would be lost, or told to the client as a reason.
        Some(Ok(_)) if mention::stands_in(&line.rest) => Err((Problem::ExtraText, None)),
        Some(Ok(command)) => Ok(command),
        Some(Err(problem)) => Err((problem, Some(name.form.to_owned()))),
        None => Err((Problem::UnknownWord, None)),
    }
}

fn mistake(line: &str, (problem, suggestion): Wrong) -> Mistake {
    Mistake {
        line: quoted(line),
        problem,
        suggestion,
    }
}

fn quoted(line: &str) -> String {
    line.trim().chars().take(LINE_MAX_CHARS).collect()
}

fn repeats(command: &Command) -> bool {
    admit::repeats(command) || charge::repeats(command)
}

/// Drops what is said twice, and finds what cannot both be meant.
fn contradictions(commands: &mut Vec<Ordered>) -> Vec<Mistake> {
    let mut kept: Vec<Ordered> = Vec::new();
    let mut mistakes = Vec::new();
    for ordered in commands.drain(..) {
        if kept.iter().any(|other| other.command == ordered.command) {
            continue;
        }
        let against = |other: &Ordered| {
            let same_word =
                std::mem::discriminant(&other.command) == std::mem::discriminant(&ordered.command);
            (same_word && !repeats(&ordered.command))
                || (state::leads(&other.command) && state::leads(&ordered.command))
                || admit::clash(&other.command, &ordered.command)
        };
        if kept.iter().any(against) {
            // Two questions do not contradict each other; a mail is answered one of each sort.
            let problem = if ordered.command.asks() {
                Problem::TooMany
            } else {
                Problem::Contradiction
            };
            mistakes.push(mistake(&ordered.line, (problem, None)));
        }
        kept.push(ordered);
    }
    let opens = |ordered: &Ordered| matches!(ordered.command, Command::New { .. });
    let is_call = |ordered: &&Ordered| matches!(ordered.command, Command::Phone { .. });
    if let Some(call) = kept.iter().find(is_call)
        && !kept.iter().any(opens)
    {
        let form = word::form("nuevo").map(str::to_owned);
        mistakes.push(mistake(&call.line, (Problem::PhoneAlone, form)));
    }
    let noted = kept.iter().any(|ordered| ordered.command == Command::Note);
    for ordered in kept.iter().filter(|_| noted) {
        if state::needs_text(&ordered.command) {
            mistakes.push(mistake(&ordered.line, (Problem::NoteAndText, None)));
        }
    }
    *commands = kept;
    mistakes
}
