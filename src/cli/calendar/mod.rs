//! `calendar`: support hours by the calculator, and files of facts about them (policy.md §7).

mod answers;
mod due;
mod instants;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};

use super::vectors::{MAX_FILE_BYTES, check_file};
use super::{ConfigArg, Done, Failure, JsonArg, Outcome, print, setup};
use crate::config::clients::client_calendar;
use crate::domain::calendar::{Calendar, HORIZON_DAYS};
use crate::domain::policy::Policy;
use crate::store::directory;
use due::Wanted;

/// Most business days that are counted; a search goes no further ahead than so many dates.
const DAYS_MAX: i64 = HORIZON_DAYS;

/// What to ask of the support hours. How instants are written: see [`instants::moment`].
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// When so much support time is over; or what a priority or a kind of work is promised
    #[command(override_usage = "soported calendar due [OPTIONS] <START> \
                                <TIME | --priority <PRIORITY> | --kind <KIND>>")]
    Due {
        /// From when: 2026-11-20T17:45, with an offset or local; a date; now
        #[arg(value_name = "START")]
        from: String,
        #[command(flatten)]
        wanted: Wanted,
        #[command(flatten)]
        of: Of,
    },
    /// Support time between two instants
    Between {
        /// From when: 2026-11-20T17:45, with an offset or local; a date; now
        #[arg(value_name = "START")]
        from: String,
        /// Until when
        #[arg(value_name = "END")]
        to: String,
        #[command(flatten)]
        of: Of,
    },
    /// Whether support is open, and when it opens and closes next; the hours of a date
    Open {
        /// When: 2026-11-20T17:45, with an offset or local; a date, for its hours
        #[arg(value_name = "AT", default_value = "now")]
        at: String,
        #[command(flatten)]
        of: Of,
    },
    /// The N-th business day after a date
    AddDays {
        /// A date, or an instant for the local date it is on
        #[arg(value_name = "DATE")]
        from: String,
        /// How many business days
        #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(0..=DAYS_MAX))]
        days: u32,
        #[command(flatten)]
        of: Of,
    },
    /// Check a file of dated facts; needs no configuration
    Vectors {
        /// JSON with calendars and vectors
        file: PathBuf,
    },
}

/// Whose hours, and for whom the answer is.
#[derive(Debug, Clone, Args)]
pub(super) struct Of {
    /// The client whose own hours count, where it has any
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    #[command(flatten)]
    json: JsonArg,
}

/// The hours that count.
struct Hours {
    policy: Policy,
    calendar: Calendar,
    /// The client they are asked for.
    client: Option<String>,
    /// Whether the client has hours of its own.
    own: bool,
}

/// Runs `calendar …`.
pub(super) fn calendar(config: &ConfigArg, command: Command) -> Outcome {
    match command {
        Command::Due { from, wanted, of } => {
            let hours = hours(config, &of)?;
            let from = instants::instant(&from, hours.calendar.zone())?;
            due::due(&hours, from, &wanted)?.print(of.json)
        }
        Command::Between { from, to, of } => {
            let hours = hours(config, &of)?;
            let zone = hours.calendar.zone();
            let (from, to) = (
                instants::instant(&from, zone)?,
                instants::instant(&to, zone)?,
            );
            if to < from {
                eprintln!("note: the end is before the start, so nothing lies between");
            }
            answers::between(&hours, from, to)?.print(of.json)
        }
        Command::Open { at, of } => {
            let hours = hours(config, &of)?;
            let answer = match instants::moment(&at, hours.calendar.zone())? {
                instants::Moment::Date(date) => answers::hours_of(&hours, date),
                instants::Moment::Instant(at) => answers::open(&hours, at),
            };
            answer.print(of.json)
        }
        Command::AddDays { from, days, of } => {
            let hours = hours(config, &of)?;
            let from = instants::instant(&from, hours.calendar.zone())?;
            answers::add_days(&hours, from, days)?.print(of.json)
        }
        Command::Vectors { file } => vectors(&file),
    }
}

/// The house's hours, or those of a client; the database is opened only for a client.
fn hours(config: &ConfigArg, of: &Of) -> Result<Hours, Failure> {
    let (settings, _) = setup::settings(config)?;
    let house = Hours {
        calendar: settings.policy.calendar.clone(),
        policy: settings.policy.clone(),
        client: None,
        own: false,
    };
    let Some(name) = &of.client else {
        return Ok(house);
    };
    let store = setup::store(&settings)?;
    let client = directory::client_named(store.reader(), name)?
        .ok_or_else(|| anyhow!("no client is called «{name}»; see `clients list`"))?;
    let own = directory::all(store.reader())?
        .into_iter()
        .find(|row| row.id == client.id)
        .and_then(|row| row.settings.calendar);
    let house = Hours {
        client: Some(client.name),
        ..house
    };
    let Some(text) = own else {
        return Ok(house);
    };
    let calendar = client_calendar(&text, settings.zone).map_err(|problems| {
        setup::tell(&problems);
        anyhow!("the directory's hours of «{name}» are no calendar")
    })?;
    Ok(Hours {
        calendar,
        own: true,
        ..house
    })
}

/// Checks a file of vectors; exit code 1 where any failed.
fn vectors(file: &Path) -> Outcome {
    let report = read(file)
        .and_then(|text| check_file(&text).map_err(anyhow::Error::msg))
        .with_context(|| format!("reading {}", file.display()))?;
    print::line(&report.to_string())?;
    Ok(if report.failed.is_empty() {
        Done::Well
    } else {
        Done::WithProblems
    })
}

/// The text of a file; one byte more than allowed where it is too long, which is refused later.
fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let most = u64::try_from(MAX_FILE_BYTES)?.saturating_add(1);
    File::open(file)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}
