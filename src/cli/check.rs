//! `check`: configuration, templates and calendar, offline; all problems at once.

use super::{ConfigArg, Done, Failure, Outcome, print, setup};

/// Checks; problems go to stderr with key and cure, and the exit code is 78.
pub fn check(config: &ConfigArg) -> Outcome {
    match setup::read(config) {
        Ok((loaded, _)) => {
            for warning in &loaded.warnings {
                eprintln!("warning: {warning}");
            }
            for note in &loaded.notes {
                eprintln!("note: {note}");
            }
            let settings = &loaded.settings;
            print::line(&format!(
                "{}: good ({}, database {})",
                setup::config_path(config).display(),
                counted(settings.policy.consultants.len(), "consultant"),
                settings.database.display(),
            ))?;
            Ok(Done::Well)
        }
        Err(problems) => {
            setup::tell(&problems);
            eprintln!("{}", counted(problems.len(), "problem"));
            Err(Failure::Configuration)
        }
    }
}

/// `1 problem`, `2 problems`.
fn counted(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
