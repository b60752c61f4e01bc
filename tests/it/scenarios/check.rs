//! Looks whether what a story expects is so, and says what is so instead.

use mail_parser::{MessageParser, MessagePart, MimeHeaders};
use soported::store::{alarms, directory, views};

use super::cast::Player;
use super::expectation::{Absent, Expectation, HeldTrait, Letter, LetterTrait};
use super::language::{Told, same, written};
use super::mailing::Read;
use super::stage::{Stage, line, listed};
use crate::world::virtual_desk::SentLetter;

/// Looks at one expectation.
///
/// # Errors
/// What is so instead.
pub fn check(stage: &mut Stage, expectation: &Expectation) -> Told<()> {
    match expectation {
        Expectation::Ticket(name, attributes) => {
            let ticket = stage.ticket(name)?;
            attributes.iter().try_for_each(|a| a.check(&ticket))
        }
        Expectation::Tickets(count) => {
            let found = views::ticket_numbers(stage.desk.reader(), false).map_err(words)?;
            require(found.len() == *count, || {
                format!("there are {} tickets", found.len())
            })
        }
        Expectation::Letter(letter) => left(stage, letter),
        Expectation::NoLetter(absent) => not_left(stage, absent),
        Expectation::Queued {
            kind,
            to,
            state,
            until,
        } => queued(stage, kind, to, state, *until),
        Expectation::Held(number, traits) => held(stage, *number, traits),
        Expectation::NothingHeld => {
            let rows = views::held(stage.desk.reader(), false).map_err(words)?;
            let rows: Vec<String> = rows
                .iter()
                .map(|row| format!("{} {} from {}", row.id.0, row.cause.name(), row.from))
                .collect();
            require(rows.is_empty(), || listed(&rows))
        }
        Expectation::Received(who, said, ticket) => received(stage, who, said, ticket.as_deref()),
        Expectation::Why(text) => {
            let lines = views::journal_after(stage.desk.reader(), stage.scene.journal);
            let lines: Vec<String> = lines
                .map_err(words)?
                .iter()
                .flat_map(|entry| entry.why.lines().map(str::to_owned).collect::<Vec<_>>())
                .collect();
            require(lines.iter().any(|line| line.contains(text)), || {
                format!("no decision says «{text}»; {}", listed(&lines))
            })
        }
        Expectation::Output(text) => {
            let output = stage.output.as_ref().map(|output| output.stdout.as_slice());
            let output = String::from_utf8_lossy(output.unwrap_or_default()).into_owned();
            require(output.contains(text), || format!("it said: {output}"))
        }
        Expectation::Alarms(causes) => {
            let raised = alarms::raised(stage.desk.reader()).map_err(words)?;
            let mut raised: Vec<&str> = raised.iter().map(|cause| cause.name()).collect();
            let mut causes: Vec<&str> = causes.iter().map(String::as_str).collect();
            raised.sort_unstable();
            causes.sort_unstable();
            require(raised == causes, || format!("alarms raised: {raised:?}"))
        }
        Expectation::MayAsk(who, may, client) => {
            let found = directory::client_of_entry(stage.desk.reader(), &who.address);
            let found = found.map_err(words)?.map(|client| client.name);
            let listed = found.as_deref() == Some(client.as_str());
            require(listed == *may, || {
                format!("{} may ask for {found:?}", who.address)
            })
        }
    }
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn require(held: bool, otherwise: impl FnOnce() -> String) -> Told<()> {
    if held { Ok(()) } else { Err(otherwise()) }
}

/// Letters only, blanks as one: how a text was folded does not count.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A letter left in this scene, after the one that the expectation before named.
fn left(stage: &mut Stage, wanted: &Letter) -> Told<()> {
    let letters = stage.desk.letters()?;
    let is_about = |letter: &SentLetter| {
        wanted.traits.iter().all(|t| match t {
            LetterTrait::About(ticket) => letter.ticket.as_ref() == Some(ticket),
            _ => true,
        })
    };
    let of_kind = |letter: &SentLetter| {
        letter.kind == wanted.kind && letter.to == wanted.to.address && is_about(letter)
    };
    let mut differs = None;
    for (place, letter) in letters.iter().enumerate().skip(stage.scene.next) {
        if !of_kind(letter) {
            continue;
        }
        match wanted.traits.iter().try_for_each(|t| has(letter, t)) {
            Ok(()) => {
                stage.scene.next = place + 1;
                stage.scene.named.push(place);
                return Ok(());
            }
            Err(how) => differs = differs.or(Some(how)),
        }
    }
    let scene: Vec<String> = letters[stage.scene.letters..].iter().map(line).collect();
    let kind = &wanted.kind;
    Err(match differs {
        Some(how) => format!("{kind} left, but {how}"),
        None if letters[stage.scene.letters..stage.scene.next]
            .iter()
            .any(of_kind) =>
        {
            format!(
                "{kind} left before the letter expected last, or once less; {}",
                listed(&scene)
            )
        }
        None => format!(
            "no {kind} to {} left; of what left in this scene {}",
            wanted.to.address,
            listed(&scene)
        ),
    })
}

/// Names of the files that go with a letter.
fn files(letter: &SentLetter) -> Vec<String> {
    let mail = MessageParser::default().parse(&letter.raw);
    let named = |part: &MessagePart| part.attachment_name().map(str::to_owned);
    mail.map(|mail| mail.attachments().filter_map(named).collect())
        .unwrap_or_default()
}

fn has(letter: &SentLetter, wanted: &LetterTrait) -> Told<()> {
    let mail = Read::of(&letter.raw);
    let text = flat(&mail.text);
    match wanted {
        LetterTrait::About(_) => Ok(()),
        LetterTrait::Says(words) => require(text.contains(&flat(words)), || {
            format!("it does not say «{words}»; it says:\n{}", mail.text)
        }),
        LetterTrait::Omits(words) => require(!text.contains(&flat(words)), || {
            format!("it says «{words}»:\n{}", mail.text)
        }),
        LetterTrait::Encloses(name) => require(files(letter).contains(name), || {
            format!("what goes with it is {:?}", files(letter))
        }),
        LetterTrait::Lacks(name) => require(!files(letter).contains(name), || {
            format!("«{name}» goes with it")
        }),
        LetterTrait::Subject(words) => require(mail.subject.contains(words), || {
            format!("its subject is «{}»", mail.subject)
        }),
        LetterTrait::From(words) => require(mail.from.contains(words), || {
            format!("it comes from «{}»", mail.from)
        }),
        LetterTrait::At(at) => require(same(*at, letter.at), || {
            format!("at {}", written(letter.at))
        }),
    }
}

fn not_left(stage: &Stage, absent: &Absent) -> Told<()> {
    let letters = stage.desk.letters()?;
    let found: Vec<String> = letters
        .iter()
        .enumerate()
        .skip(stage.scene.letters)
        .filter(|(place, _)| !(absent.other && stage.scene.named.contains(place)))
        .map(|(_, letter)| letter)
        .filter(|letter| absent.kind.as_ref().is_none_or(|k| letter.kind == *k))
        .filter(|letter| absent.to.as_ref().is_none_or(|to| letter.to == to.address))
        .filter(|letter| absent.ticket.is_none() || letter.ticket == absent.ticket)
        .map(line)
        .collect();
    require(found.is_empty(), || listed(&found))
}

fn queued(
    stage: &Stage,
    kind: &str,
    to: &Player,
    state: &str,
    until: Option<chrono::DateTime<chrono::Utc>>,
) -> Told<()> {
    let rows = views::outbox(stage.desk.reader(), None).map_err(words)?;
    let of_kind = |row: &&views::OutboxRow| row.kind == kind && row.to == to.address.as_str();
    let row = rows.iter().rfind(of_kind);
    let row = row.ok_or_else(|| format!("no {kind} to {} was written", to.address))?;
    require(row.state == state, || {
        format!("it is {} ({})", row.state, row.answer)
    })?;
    let Some(until) = until else { return Ok(()) };
    require(row.next_at.is_some_and(|at| same(until, at)), || {
        let next = row.next_at.map_or("never".to_owned(), written);
        format!("it is tried: {next}")
    })
}

fn held(stage: &Stage, number: i64, traits: &[HeldTrait]) -> Told<()> {
    use soported::domain::ids::HeldId;
    let row = views::held_one(stage.desk.reader(), HeldId(number)).map_err(words)?;
    let row = row.ok_or_else(|| format!("there is no held mail {number}"))?;
    let ticket = row.ticket.map(|id| stage.desk.settings.policy.tag(id));
    let so =
        |held: bool, what: &str, found: &str| require(held, || format!("its {what} is «{found}»"));
    traits.iter().try_for_each(|wanted| match wanted {
        HeldTrait::Cause(cause) => so(row.cause.name() == cause, "cause", row.cause.name()),
        HeldTrait::State(state) => so(row.state == *state, "state", &row.state),
        HeldTrait::From(who) => so(row.from == who.address.as_str(), "sender", &row.from),
        HeldTrait::Client(client) => {
            let found = row.client.as_deref().unwrap_or_default();
            so(found == client, "client", found)
        }
        HeldTrait::About(about) => {
            let found = ticket.as_deref().unwrap_or_default();
            so(found == about, "ticket", found)
        }
    })
}

fn received(stage: &Stage, who: &Player, said: &[String], ticket: Option<&str>) -> Told<()> {
    let id = stage.last_id(who)?;
    let mails = soported::store::explain::received(stage.desk.reader(), &id).map_err(words)?;
    let Some(mail) = mails.last() else {
        return require(said == ["unseen"], || "it was not seen yet".to_owned());
    };
    let filed = mail.filed.as_ref();
    let mut all = vec![
        mail.outcome.clone(),
        mail.class.clone(),
        mail.verdict.0.clone(),
    ];
    all.extend(filed.map(|filed| filed.visibility.clone()));
    if let Some(word) = said.iter().find(|word| !all.contains(word)) {
        let why = mail.why.lines().last().unwrap_or_default();
        let all = all.join(", ");
        return Err(format!("it is not {word}, it is {all}: {why}"));
    }
    let on = filed.map(|filed| stage.desk.settings.policy.tag(filed.ticket));
    require(ticket.is_none() || on.as_deref() == ticket, || {
        format!("it is on {}", on.as_deref().unwrap_or("no ticket"))
    })
}
