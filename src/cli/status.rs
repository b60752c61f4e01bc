//! `status`: how the service is, in figures.

use serde_json::json;

use super::{ConfigArg, Done, Outcome, print, setup};
use crate::daemon::lock::InstanceLock;
use crate::ports::{Clock, SystemClock};
use crate::store::{alarms, views};

/// Prints the figures; exit code 1 where an open ticket has no next action, which never happens
/// unless the program is at fault.
pub fn status(config: &ConfigArg, json: bool) -> Outcome {
    let (settings, _) = setup::settings(config)?;
    let store = setup::store(&settings)?;
    let now = SystemClock.now();
    let figures = views::figures(store.reader(), now)?;
    let alarms: Vec<&str> = alarms::raised(store.reader())?
        .iter()
        .map(|a| a.name())
        .collect();
    let zone = settings.zone;
    let uptime = figures
        .started_at
        .filter(|_| InstanceLock::is_held(&settings.database))
        .map(|at| (now - at).num_seconds().max(0));
    if json {
        print::json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "uptime_seconds": uptime,
            "last_poll_at": print::instant_or_null(figures.last_poll_at, zone),
            "last_mail_at": print::instant_or_null(figures.last_mail_at, zone),
            "inbound_waiting": figures.inbound_waiting,
            "held": figures.held,
            "outbox": {
                "waiting": figures.outbox_waiting,
                "uncertain": figures.outbox_uncertain,
                "failed": figures.outbox_failed,
            },
            "open_tickets": figures.open_tickets,
            "breached": figures.breached,
            "next_action_at": print::instant_or_null(figures.next_action_at, zone),
            "database_bytes": figures.database_bytes,
        }))?;
    } else {
        let moment =
            |at: Option<_>, none: &str| at.map_or(none.to_owned(), |at| print::moment(at, zone));
        let running = uptime.map_or("not running".to_owned(), |s| {
            format!("running for {}", print::span(s))
        });
        let lines = [
            (
                "daemon",
                format!("{running} (version {})", env!("CARGO_PKG_VERSION")),
            ),
            ("last poll", moment(figures.last_poll_at, "never")),
            ("last mail", moment(figures.last_mail_at, "none yet")),
            ("mail waiting", figures.inbound_waiting.to_string()),
            ("mail held", figures.held.to_string()),
            (
                "outgoing",
                format!(
                    "{} waiting, {} uncertain, {} failed",
                    figures.outbox_waiting, figures.outbox_uncertain, figures.outbox_failed
                ),
            ),
            ("open tickets", figures.open_tickets.to_string()),
            (
                "breached",
                format!("{} without a first answer in time", figures.breached),
            ),
            ("next action", moment(figures.next_action_at, "none")),
            (
                "alarms",
                if alarms.is_empty() {
                    "none".to_owned()
                } else {
                    alarms.join(", ")
                },
            ),
            ("database", format!("{} KiB", figures.database_bytes / 1024)),
        ];
        for (name, value) in lines {
            print::line(&format!("{name:<13} {value}"))?;
        }
    }
    let faulty = figures.idle_tickets > 0;
    if faulty {
        eprintln!(
            "soported: {} open tickets have no next action: that is a fault of the program",
            figures.idle_tickets
        );
    }
    Ok(if faulty {
        Done::WithProblems
    } else {
        Done::Well
    })
}
