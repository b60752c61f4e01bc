//! The command line (interface.md): one file per command.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done; 1 it ran and found problems;
//! 2 could not run; 75 temporary failure (`ingest`); 78 bad configuration, from any command.

pub mod calendar;
pub mod check;
pub mod clients;
pub mod demo;
pub mod explain;
pub mod held;
pub mod ingest;
pub mod inspect;
pub mod ledger;
pub mod log;
pub mod outbox;
pub mod print;
pub mod report;
pub mod run;
pub mod setup;
pub mod status;
pub mod tickets;
pub mod vectors;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Support mail into tickets: authorized requesters, service clocks and a ledger, all by mail.
#[derive(Debug, Parser)]
#[command(name = "soported", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub struct ConfigArg {
    /// Configuration file [default: $SOPORTED_CONFIG, else ./config.toml]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl ConfigArg {
    /// A configuration at a known place.
    pub fn at(path: PathBuf) -> Self {
        Self { config: Some(path) }
    }
}

/// Output for programs.
#[derive(Debug, Clone, Copy, Args)]
pub struct JsonArg {
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job on an embedded example: mail in, tickets, mail out
    Demo {
        /// Folder to work in; must be new or empty [default: a new temporary folder]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Run the daemon
    Run {
        #[command(flatten)]
        config: ConfigArg,
        /// Do everything that is due now, then exit
        #[arg(long)]
        once: bool,
    },
    /// Take one message from stdin
    Ingest {
        #[command(flatten)]
        config: ConfigArg,
    },
    /// Check configuration, templates and calendar, offline
    Check {
        #[command(flatten)]
        config: ConfigArg,
    },
    /// Support hours: when time is over, how much lies between, whether it is open
    Calendar {
        #[command(flatten)]
        config: ConfigArg,
        #[command(subcommand)]
        command: calendar::Command,
    },
    /// The directory of authorized requesters
    Clients {
        #[command(flatten)]
        config: ConfigArg,
        #[command(subcommand)]
        command: clients::Command,
    },
    /// Tickets
    Tickets {
        #[command(flatten)]
        config: ConfigArg,
        #[command(subcommand)]
        command: tickets::Command,
    },
    /// Mail that waits for a person
    Held {
        #[command(flatten)]
        config: ConfigArg,
        #[command(subcommand)]
        command: held::Command,
    },
    /// Mail on its way out
    Outbox {
        #[command(flatten)]
        config: ConfigArg,
        #[command(subcommand)]
        command: outbox::Command,
    },
    /// What is charged, line by line, and its corrections
    Ledger {
        #[command(flatten)]
        config: ConfigArg,
        #[command(flatten)]
        what: ledger::LedgerArgs,
    },
    /// The monthly statement of a client: text, CSV or HTML; and sending it
    Report {
        #[command(flatten)]
        config: ConfigArg,
        #[command(flatten)]
        report: report::ReportArgs,
    },
    /// Why a mail or a ticket is as it is: class, verdict, thread, decisions, clocks
    Explain {
        #[command(flatten)]
        config: ConfigArg,
        /// A ticket, such as GS-1, or a Message-ID, with or without angle brackets
        #[arg(value_name = "GS-1 | MESSAGE-ID")]
        subject: String,
        #[command(flatten)]
        json: JsonArg,
    },
    /// How a mail is understood; needs no state and no configuration
    Inspect(inspect::Inspect),
    /// How the service is
    Status {
        #[command(flatten)]
        config: ConfigArg,
        #[command(flatten)]
        json: JsonArg,
    },
}

/// How a command ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// All is well.
    Well,
    /// It ran and found problems.
    WithProblems,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is refused; its problems have been told.
    #[error("the configuration is refused")]
    Configuration,
    /// Not now: an MTA should try again.
    #[error("{0:#}")]
    Temporary(anyhow::Error),
    /// It ran, and what was asked for cannot be: nothing is known, or it has been done before.
    #[error("{0:#}")]
    Refused(anyhow::Error),
    /// Could not run.
    #[error("{0:#}")]
    CannotRun(#[from] anyhow::Error),
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        Self::CannotRun(error.into())
    }
}

/// What every command answers.
pub type Outcome = Result<Done, Failure>;

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Demo { dir } => demo::demo(dir),
        Command::Run { config, once } => run::run(&config, once),
        Command::Ingest { config } => ingest::ingest(&config),
        Command::Check { config } => check::check(&config),
        Command::Calendar { config, command } => calendar::calendar(&config, command),
        Command::Clients { config, command } => clients::clients(&config, command),
        Command::Tickets { config, command } => tickets::tickets(&config, command),
        Command::Held { config, command } => held::held(&config, command),
        Command::Outbox { config, command } => outbox::outbox(&config, command),
        Command::Report { config, report } => report::report(&config, &report),
        Command::Explain {
            config,
            subject,
            json,
        } => explain::explain(&config, &subject, json.json),
        Command::Ledger { config, what } => ledger::ledger(&config, what),
        Command::Inspect(inspect) => inspect.run(),
        Command::Status { config, json } => status::status(&config, json.json),
    };
    match outcome {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithProblems) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("soported: {failure}");
            ExitCode::from(match failure {
                Failure::Configuration => 78,
                Failure::Temporary(_) => 75,
                Failure::Refused(_) => 1,
                Failure::CannotRun(_) => 2,
            })
        }
    }
}
