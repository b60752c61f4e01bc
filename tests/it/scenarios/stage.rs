//! Plays a story on a virtual desk: what happens, happens; what is expected, is looked for.

use std::process::Output;

use chrono::{DateTime, Utc};
use soported::cli::tickets::{as_json, load};
use soported::daemon::calendars::Calendars;
use soported::domain::address::Address;
use soported::domain::ids::TicketId;
use soported::store::{Connection, directory, views};

use super::cast::Player;
use super::language::{Fault, Told, written};
use super::mailing::{self, Detail, Manner, Read};
use super::story::{Happening, Reference, Statement, Story, Which};
use crate::world::virtual_desk::{SentLetter, VirtualDesk};

/// A story on its way.
pub struct Stage {
    /// The house.
    pub desk: VirtualDesk,
    /// What people wrote, in order.
    written: Vec<Written>,
    /// Mails of machines, for their ids.
    reports: usize,
    /// What the operator's last command came to.
    pub output: Option<Output>,
    /// What has happened since the last `at` that was followed by expectations.
    pub scene: Scene,
    expecting: bool,
    /// Changes of the directory that came with the house.
    pub imported: usize,
}

/// Since when a story looks at things.
#[derive(Debug, Default)]
pub struct Scene {
    /// Letters that had left before.
    pub letters: usize,
    /// The letter that the last expectation named, plus one.
    pub next: usize,
    /// Letters that expectations named.
    pub named: Vec<usize>,
    /// The last line of the journal before.
    pub journal: i64,
}

/// A mail that a person wrote.
struct Written {
    who: Player,
    message_id: String,
    raw: Vec<u8>,
}

/// Plays a story to its end.
///
/// # Errors
/// The first statement that does not come true.
pub fn play(story: &Story) -> Result<Stage, Fault> {
    let first = story.statements.iter().find_map(|(line, statement)| {
        let at = match statement {
            Statement::At(at, _) => *at,
            Statement::From(spell) => spell.from,
            Statement::Expect(_) => return None,
        };
        Some((*line, at))
    });
    let (line, at) = first.ok_or_else(|| Fault {
        line: 1,
        what: "nothing happens in it".to_owned(),
    })?;
    let desk = VirtualDesk::open(story.cast.config(), at).map_err(|what| Fault { line, what })?;
    let imported = directory::history(desk.reader()).map_or(0, |changes| changes.len());
    let mut stage = Stage {
        desk,
        written: Vec::new(),
        reports: 0,
        output: None,
        scene: Scene::default(),
        expecting: false,
        imported,
    };
    for (line, statement) in &story.statements {
        let fault = |what| Fault { line: *line, what };
        stage.take(statement).map_err(fault)?;
    }
    Ok(stage)
}

impl Stage {
    fn take(&mut self, statement: &Statement) -> Told<()> {
        match statement {
            Statement::From(spell) => self.desk.suffer(spell.clone()),
            Statement::At(at, happening) => {
                if self.expecting {
                    self.change_scene()?;
                }
                self.desk.go_to(*at)?;
                self.happens(happening)
            }
            Statement::Expect(expectation) => {
                self.expecting = true;
                super::check::check(self, expectation)
            }
        }
    }

    /// What comes from now on is looked at apart from what was before.
    fn change_scene(&mut self) -> Told<()> {
        let letters = self.desk.letters()?.len();
        self.scene = Scene {
            letters,
            next: letters,
            named: Vec::new(),
            journal: last_journal_line(self.desk.reader()),
        };
        self.expecting = false;
        Ok(())
    }

    fn happens(&mut self, happening: &Happening) -> Told<()> {
        match happening {
            Happening::Nothing => Ok(()),
            Happening::Mail {
                who,
                manner,
                subject,
                about,
                words,
                details,
            } => self.writes(who, manner, subject, about.as_ref(), words, details),
            Happening::Again(who) => {
                let raw = self.last_of(who)?.raw.clone();
                self.desk.arrives(raw)
            }
            Happening::Report {
                about,
                to,
                delayed,
                words,
            } => {
                let about = self.before(to, about)?;
                self.reports += 1;
                let id = format!("informe-{}@mx.example", self.reports);
                let raw = mailing::report(&about, to, *delayed, words, &id);
                self.desk.arrives(raw)
            }
            Happening::Types {
                command,
                refused,
                input,
            } => self.types(command, refused.as_deref(), input),
            Happening::Sets(key, value) => self.desk.sets(key, value.clone()),
        }
    }

    fn writes(
        &mut self,
        who: &Player,
        manner: &Manner,
        subject: &str,
        about: Option<&Reference>,
        words: &str,
        details: &[Detail],
    ) -> Told<()> {
        let before = match about {
            Some(about) => self.before(who, about)?,
            None => Read::default(),
        };
        let words = match manner {
            Manner::New if words.is_empty() => mailing::PLAIN_WORDS,
            _ => words,
        };
        let number = self.written.len() + 1;
        let message_id = format!("mail-{number}.{}", who.address);
        let (now, id) = (self.desk.now(), message_id.as_str());
        let raw = mailing::write(who, manner, subject, words, &before, details, (now, id));
        let reaches_us = self.is_for_us(&Read::of(&raw));
        self.written.push(Written {
            who: who.clone(),
            message_id,
            raw: raw.clone(),
        });
        if reaches_us {
            self.desk.arrives(raw)
        } else {
            Ok(())
        }
    }

    fn types(&mut self, command: &str, refused: Option<&str>, input: &str) -> Told<()> {
        if !input.is_empty() {
            self.desk.write_file("input.toml", input);
        }
        let arguments: Vec<&str> = command.split_whitespace().collect();
        let output = self.desk.types(&arguments)?;
        let told = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let well = output.status.success();
        self.output = Some(output);
        match refused {
            None if !well => Err(format!("the command failed: {told}")),
            Some(words) if well => Err(format!("the command was not refused («{words}»): {told}")),
            Some(words) if !told.contains(words) => {
                Err(format!("refused, but not with «{words}»: {told}"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a mail goes to one of our addresses, with a token in it or not.
    fn is_for_us(&self, mail: &Read) -> bool {
        let bare = |address: &str| {
            let (local, domain) = address.split_once('@')?;
            let local = local.split_once('+').map_or(local, |(local, _)| local);
            Address::parse(&format!("{local}@{domain}"))
        };
        let own = &self.desk.settings.policy.own_addresses;
        let mut others = mail.others.iter().filter_map(|address| bare(address));
        others.any(|address| own.contains(&address))
    }

    fn last_of(&self, who: &Player) -> Told<&Written> {
        let mut written = self.written.iter().rev();
        let found = written.find(|mail| mail.who.address == who.address);
        found.ok_or_else(|| format!("{} has written nothing", who.address))
    }

    /// The Message-ID of the last mail that a person wrote.
    pub fn last_id(&self, who: &Player) -> Told<String> {
        Ok(self.last_of(who)?.message_id.clone())
    }

    /// The mail that lies before somebody.
    fn before(&self, who: &Player, reference: &Reference) -> Told<Read> {
        if let Which::Of(author) = &reference.which {
            return Ok(Read::of(&self.last_of(author)?.raw));
        }
        let letters = self.desk.letters()?;
        let about = |letter: &&SentLetter| {
            let ticket = reference.ticket.as_ref();
            letter.to == who.address
                && ticket.is_none_or(|ticket| letter.ticket.as_ref() == Some(ticket))
        };
        let of = |kind: &str| {
            let kind = kind.to_owned();
            move |letter: &&SentLetter| letter.kind == kind
        };
        let mut got = letters.iter().filter(about);
        let found = match &reference.which {
            Which::Last | Which::Of(_) => got.next_back(),
            Which::LastOf(kind) => got.rfind(of(kind)),
            Which::NthOf(nth, kind) => got.filter(of(kind)).nth(nth.saturating_sub(1)),
        };
        let found = found.ok_or_else(|| {
            let got = letters.iter().filter(|letter| letter.to == who.address);
            let got: Vec<String> = got.map(line).collect();
            format!("{} got no such mail; {}", who.address, listed(&got))
        })?;
        Ok(Read::of(&found.raw))
    }

    /// A ticket as `tickets show --json` has it, now.
    pub fn ticket(&self, name: &str) -> Told<serde_json::Value> {
        let number = name.trim_start_matches("GS-").parse().unwrap_or_default();
        let reader = self.desk.reader();
        let calendars = Calendars::new(self.desk.settings.zone);
        let ticket = load(reader, TicketId(number), &calendars).map_err(|e| e.to_string())?;
        let ticket = ticket.ok_or_else(|| format!("there is no ticket {name}"))?;
        let map = as_json(reader, &ticket, &self.desk.settings, self.desk.now());
        let mut document = serde_json::Value::Object(map.map_err(|e| e.to_string())?);
        let charged = ticket.charges.iter().filter(|line| line.is_billable());
        let billable: i64 = charged.map(|charge| charge.line.minutes).sum();
        document["budget"]["billable_minutes"] = billable.into();
        Ok(document)
    }
}

/// A letter in a complaint.
pub fn line(letter: &SentLetter) -> String {
    let ticket = letter.ticket.as_deref().unwrap_or("no ticket");
    let at: DateTime<Utc> = letter.at;
    format!(
        "{}  {} to {}, {ticket}",
        written(at),
        letter.kind,
        letter.to
    )
}

/// Lines of a complaint.
pub fn listed(lines: &[String]) -> String {
    if lines.is_empty() {
        return "there is none".to_owned();
    }
    format!("there are:\n    {}", lines.join("\n    "))
}

fn last_journal_line(reader: &Connection) -> i64 {
    let entries = views::journal_after(reader, 0).expect("a journal");
    entries.last().map_or(0, |entry| entry.id)
}
