//! The service manager: readiness, status line and watchdog (sd_notify(3)).

use std::sync::{Arc, Mutex};

use sd_notify::NotifyState;

/// A line to the service manager; does nothing where there is none.
#[derive(Debug, Clone)]
pub struct Service {
    status: Arc<Mutex<String>>,
}

impl Service {
    /// Connects to whatever started us.
    pub fn new() -> Self {
        Self {
            status: Arc::new(Mutex::new(String::new())),
        }
    }

    /// Configuration, database and loops stand. A mailbox that is down is no reason to wait: the
    /// status line and an alarm say it.
    pub fn ready(&self) {
        send(&[NotifyState::Ready]);
    }

    /// The loop that works is alive.
    pub fn alive(&self) {
        send(&[NotifyState::Watchdog]);
    }

    /// The end begins.
    pub fn stopping(&self) {
        send(&[NotifyState::Stopping]);
    }

    /// How the mailbox is; told when it changes.
    pub fn mailbox(&self, trouble: Option<&str>) {
        let line = match trouble {
            None => "reading the mailbox".to_owned(),
            Some(error) => format!("mailbox: {error}"),
        };
        let Ok(mut last) = self.status.lock() else {
            return;
        };
        if *last != line {
            send(&[NotifyState::Status(&line)]);
            *last = line;
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

/// A lost notification is not worth a word: the watchdog tells in its own way.
fn send(states: &[NotifyState]) {
    let _ = sd_notify::notify(states);
}
