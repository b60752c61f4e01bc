//! A story as it is told: its title, the sections of the policy it names, and its statements, each
//! understood before the first of them is played.

use chrono::{DateTime, Utc};

use super::cast::{Cast, Player, setting};
use super::expectation::{Expectation, expected};
use super::language::{Fault, Told, clauses, forms, instant, is_ticket};
use super::mailing::{Detail, Manner, Vouching};
use crate::world::virtual_ports::{Spell, Weather};

/// A story.
#[derive(Debug)]
pub struct Story {
    /// Its first line.
    pub title: String,
    /// The sections of the policy it names, such as `§6`.
    pub sections: Vec<String>,
    /// Who plays, and in which house.
    pub cast: Cast,
    /// What happens, line by line.
    pub statements: Vec<(usize, Statement)>,
}

/// A statement.
#[derive(Debug)]
pub enum Statement {
    /// Time passes until then, and then something happens.
    At(DateTime<Utc>, Happening),
    /// Trouble.
    From(Spell),
    /// Something must be so.
    Expect(Expectation),
}

/// What happens at an instant.
#[derive(Debug)]
pub enum Happening {
    /// Nothing more.
    Nothing,
    /// A mail is written.
    Mail {
        /// By whom.
        who: Player,
        /// How.
        manner: Manner,
        /// The subject of a mail of its own.
        subject: String,
        /// The mail it is about.
        about: Option<Reference>,
        /// The new words.
        words: String,
        /// And besides.
        details: Vec<Detail>,
    },
    /// The last mail of a person reaches the mailbox once more.
    Again(Player),
    /// A mail server reports on a mail of ours.
    Report {
        /// Which mail.
        about: Reference,
        /// To whom it went.
        to: Player,
        /// It is not given up yet.
        delayed: bool,
        /// The server's words.
        words: String,
    },
    /// An operator runs the program.
    Types {
        /// Its arguments.
        command: String,
        /// It must refuse, in words that contain these.
        refused: Option<String>,
        /// A file for it, `input.toml`.
        input: String,
    },
    /// The configuration changes.
    Sets(String, toml::Value),
}

/// A mail that lies before somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Which of them.
    pub which: Which,
    /// Only those about this ticket.
    pub ticket: Option<String>,
}

/// Which of the mails that somebody got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The last one.
    Last,
    /// The last one of a letter.
    LastOf(String),
    /// The nth one of a letter, from one.
    NthOf(usize, String),
    /// The last mail that a person wrote.
    Of(Player),
}

impl Story {
    /// Reads a story.
    ///
    /// # Errors
    /// Every line that cannot be understood.
    pub fn read(text: &str) -> Result<Story, Vec<Fault>> {
        let mut story = Story {
            title: text.lines().next().unwrap_or_default().to_owned(),
            sections: Vec::new(),
            cast: Cast::empty(),
            statements: Vec::new(),
        };
        let mut faults = Vec::new();
        for (line, statement, below) in statements(text) {
            if let Err(what) = story.take(line, &statement, &below) {
                faults.push(Fault { line, what });
            }
        }
        if story.sections.is_empty() {
            let what = "a story names the sections it tells of: policy §6 \"…\"".to_owned();
            faults.push(Fault { line: 2, what });
        }
        if faults.is_empty() {
            Ok(story)
        } else {
            Err(faults)
        }
    }

    fn take(&mut self, line: usize, statement: &str, below: &[String]) -> Told<()> {
        let (first, rest) = statement.split_once(' ').unwrap_or((statement, ""));
        let rest = rest.trim();
        if first == "policy" {
            let named = rest.split('§').skip(1).map(|after| {
                let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
                format!("§{digits}")
            });
            self.sections.extend(named.filter(|name| name != "§"));
            return Ok(());
        }
        let clauses = clauses(rest)?;
        let may_have_text = first == "at" || first == "given";
        if !below.is_empty() && !may_have_text {
            return Err("lines with | belong below `at` and `given`".to_owned());
        }
        let statement = match first {
            "given" if self.statements.is_empty() => {
                return self.cast.given(rest, &clauses, below);
            }
            "given" => return Err("what is given stands before what happens".to_owned()),
            "at" => at(&clauses, rest, below, &self.cast)?,
            "from" => Statement::From(trouble(&clauses, &self.cast)?),
            "expect" => Statement::Expect(expected(&clauses, &self.cast)?),
            _ => return Err(format!("«{first}» begins no statement; {}", forms(""))),
        };
        self.statements.push((line, statement));
        Ok(())
    }
}

/// The statements of a file with the number of their line and the `|` lines below them, the bars
/// cut. The title is none; blank lines and those that begin with `#` are passed over.
fn statements(text: &str) -> Vec<(usize, String, Vec<String>)> {
    let mut statements: Vec<(usize, String, Vec<String>)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()).skip(1) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let below = trimmed.strip_prefix('|');
        match (below, statements.last_mut()) {
            (Some(words), Some((_, _, below))) => {
                below.push(words.strip_prefix(' ').unwrap_or(words).to_owned());
            }
            _ => statements.push((number, trimmed.to_owned(), Vec::new())),
        }
    }
    statements
}

fn borrowed(clause: &[String]) -> Vec<&str> {
    clause.iter().map(String::as_str).collect()
}

fn at(clauses: &[Vec<String>], whole: &str, below: &[String], cast: &Cast) -> Told<Statement> {
    let first = borrowed(&clauses[0]);
    let [time, first @ ..] = first.as_slice() else {
        return Err(forms("at"));
    };
    let time = instant(time)?;
    let words = if below.is_empty() {
        String::new()
    } else {
        format!("{}\n", below.join("\n"))
    };
    let more = &clauses[1..];
    let about = |words: &[&str]| reference(words, cast).map(Some);
    let happening = match first {
        [] => Happening::Nothing,
        [who, "writes", subject] => mail(who, Manner::New, subject, None, words, (more, cast))?,
        [who, "answers", which @ .., "to", "all"] => {
            let manner = Manner::Answer { to_all: true };
            mail(who, manner, "", about(which)?, words, (more, cast))?
        }
        [who, "forwards", which @ ..] => {
            mail(who, Manner::Forward, "", about(which)?, words, (more, cast))?
        }
        [whose, "mailbox", "answers", which @ ..] => {
            let who = owner(whose)?;
            mail(who, Manner::Away, "", about(which)?, words, (more, cast))?
        }
        [who, "answers", which @ ..] => {
            let manner = Manner::Answer { to_all: false };
            mail(who, manner, "", about(which)?, words, (more, cast))?
        }
        [whose, "mail", "arrives", "again"] => Happening::Again(cast.player(owner(whose)?)?),
        ["the", which @ .., "to", whom, "bounces"] => Happening::Report {
            about: reference(&[&["the"], which].concat(), cast)?,
            to: cast.player(whom)?,
            delayed: false,
            words: said(more, "550 5.1.1 no such user")?,
        },
        ["the", which @ .., "to", whom, "is", "delayed"] => Happening::Report {
            about: reference(&[&["the"], which].concat(), cast)?,
            to: cast.player(whom)?,
            delayed: true,
            words: said(more, "451 4.4.1 no answer from host")?,
        },
        ["the", "operator", "types", command] => Happening::Types {
            command: (*command).to_owned(),
            refused: match more {
                [] => None,
                [clause] => match borrowed(clause).as_slice() {
                    ["refused", words] => Some((*words).to_owned()),
                    _ => return Err(forms("at")),
                },
                _ => return Err(forms("at")),
            },
            input: words,
        },
        ["the", "house", "sets", ..] => {
            let (_, text) = whole.split_once(" sets ").unwrap_or_default();
            let (key, value) = setting(text)?;
            Happening::Sets(key, value)
        }
        _ => return Err(forms("at")),
    };
    Ok(Statement::At(time, happening))
}

/// `María's`: María.
fn owner(word: &str) -> Told<&str> {
    word.strip_suffix("'s").ok_or_else(|| forms("at"))
}

/// `, with "550 …"`.
fn said(more: &[Vec<String>], usual: &str) -> Told<String> {
    match more {
        [] => Ok(usual.to_owned()),
        [clause] => match borrowed(clause).as_slice() {
            ["with", words] => Ok((*words).to_owned()),
            _ => Err(forms("at")),
        },
        _ => Err(forms("at")),
    }
}

fn mail(
    who: &str,
    manner: Manner,
    subject: &str,
    about: Option<Reference>,
    words: String,
    (more, cast): (&[Vec<String>], &Cast),
) -> Told<Happening> {
    let details: Told<Vec<Vec<Detail>>> = more
        .iter()
        .map(|clause| details(&borrowed(clause), cast))
        .collect();
    if words.is_empty() && matches!(manner, Manner::Answer { .. }) {
        return Err("an answer has words, in lines that begin with | below it".to_owned());
    }
    Ok(Happening::Mail {
        who: cast.player(who)?,
        manner,
        subject: subject.to_owned(),
        about,
        words,
        details: details?.concat(),
    })
}

fn details(clause: &[&str], cast: &Cast) -> Told<Vec<Detail>> {
    let one = match clause {
        ["copies", people @ ..] => {
            let people = people.iter().filter(|word| **word != "and");
            return people
                .map(|word| cast.player(word).map(Detail::Copies))
                .collect();
        }
        ["to", "the", "plain", "address"] => Detail::ToPlainAddress,
        ["to", whom] => Detail::To(cast.player(whom)?),
        ["subject", subject] => Detail::Subject((*subject).to_owned()),
        ["unauthenticated"] => Detail::Verdict(Vouching::Nothing),
        ["forged"] => Detail::Verdict(Vouching::Forged),
        ["vouched", "for", "by", "SPF", "only"] => Detail::Verdict(Vouching::Spf),
        ["dated", time] => Detail::Dated(instant(time)?),
        ["with", "header", header] => {
            let (name, value) = header.split_once(": ").ok_or_else(|| forms("at"))?;
            Detail::Header(name.to_owned(), value.to_owned())
        }
        ["with", "attachment", name] => Detail::Attachment((*name).to_owned()),
        ["without", "quoting"] => Detail::WithoutQuoting,
        ["without", "thread", "headers"] => Detail::WithoutThreadHeaders,
        _ => return Err(forms("at")),
    };
    Ok(vec![one])
}

/// `GS-1`, `the KIND`, `the 2nd KIND about GS-1`, `the last mail`, `María's mail`.
fn reference(words: &[&str], cast: &Cast) -> Told<Reference> {
    let (words, ticket) = match words {
        [words @ .., "about", ticket] if is_ticket(ticket) => (words, Some((*ticket).to_owned())),
        _ => (words, None),
    };
    let which = match words {
        [ticket] if is_ticket(ticket) => {
            return Ok(Reference {
                which: Which::Last,
                ticket: Some((*ticket).to_owned()),
            });
        }
        ["the", "last", "mail"] => Which::Last,
        ["the", kind] => Which::LastOf(letter(kind)?),
        ["the", nth, kind] => {
            let digits = nth.trim_end_matches(char::is_alphabetic);
            let nth = digits.parse().map_err(|_| forms("at"))?;
            Which::NthOf(nth, letter(kind)?)
        }
        [whose, "mail"] => Which::Of(cast.player(owner(whose)?)?),
        _ => return Err(forms("at")),
    };
    Ok(Reference { which, ticket })
}

/// A letter's name, which must exist.
pub fn letter(word: &str) -> Told<String> {
    use soported::domain::letter::LetterKind;
    if LetterKind::from_name(word).is_some() {
        return Ok(word.to_owned());
    }
    let names: Vec<&str> = LetterKind::ALL.iter().map(|kind| kind.name()).collect();
    Err(format!(
        "no letter is called «{word}»; there are {}",
        names.join(", ")
    ))
}

fn trouble(clauses: &[Vec<String>], cast: &Cast) -> Told<Spell> {
    let [clause] = clauses else {
        return Err(forms("from"));
    };
    let words = borrowed(clause);
    let (from, until, what) = match words.as_slice() {
        [from, "to", until, what @ ..] => (from, Some(instant(until)?), what),
        [from, "on", what @ ..] => (from, None, what),
        _ => return Err(forms("from")),
    };
    let what = match what {
        ["the", "service", "is", "down"] => Weather::ServiceDown,
        ["the", "mailbox", "cannot", "be", "reached"] => Weather::MailboxUnreachable,
        ["no", "mail", "can", "leave"] => Weather::NoWayOut,
        ["mail", "to", whom, "is", "answered", words] => {
            Weather::Answers(cast.player(whom)?.address, (*words).to_owned())
        }
        ["mail", "to", whom, "ends", "in", "silence"] => {
            Weather::Silence(cast.player(whom)?.address)
        }
        _ => return Err(forms("from")),
    };
    let from = instant(from)?;
    if until.is_some_and(|until| until <= from) {
        return Err("trouble ends after it begins".to_owned());
    }
    Ok(Spell { from, until, what })
}
