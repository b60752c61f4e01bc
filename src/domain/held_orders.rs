//! Held mail let in or turned away by a consultant's word (policy.md §1, §9): `#liberar`,
//! `#descartar`. The same rules as on the command line; what takes more than a client's name is
//! left to an operator.

use super::admission::Admission;
use super::command::Command;
use super::effect::Effect;
use super::event::{Destination, Release};
use super::held::{HeldMail, HeldState, Refusal as Stays, Request, may_release};
use super::ids::{ClientId, HeldId};
use super::letter::Admitted;
use super::orders::Refusal;

impl Admission<'_> {
    /// How many held mails a command names.
    pub(super) fn numbers_in(&self, command: &Command) -> usize {
        match command {
            Command::Release { numbers, .. } | Command::Discard { numbers } => numbers.len(),
            _ => 0,
        }
    }

    /// What is wrong with each held mail that a command names; without a number it is the command.
    pub(super) fn held_refusals(&self, command: &Command) -> Vec<(Option<HeldId>, Refusal)> {
        let (numbers, client) = match command {
            Command::Release { numbers, client } => (numbers, client.as_deref()),
            Command::Discard { numbers } => (numbers, None),
            _ => return Vec::new(),
        };
        let named = match self.named_client(client) {
            Ok(named) => named,
            Err(refusal) => return vec![(None, refusal)],
        };
        let releases = matches!(command, Command::Release { .. });
        numbers
            .iter()
            .filter_map(|number| {
                let refusal = self.held_refusal(*number, releases, named)?;
                Some((Some(*number), refusal))
            })
            .collect()
    }

    fn named_client(&self, name: Option<&str>) -> Result<Option<ClientId>, Refusal> {
        let Some(name) = name else {
            return Ok(None);
        };
        let found = self.intake.case.directory.clients.get(name);
        found
            .map(|client| Some(client.id))
            .ok_or(Refusal::UnknownClient)
    }

    fn held_refusal(
        &self,
        number: HeldId,
        releases: bool,
        named: Option<ClientId>,
    ) -> Option<Refusal> {
        let Some(held) = self.intake.case.held.get(&number) else {
            return Some(Refusal::NoSuchHeld);
        };
        if !releases {
            return (held.state != HeldState::Waiting).then_some(Refusal::HeldDecided);
        }
        if held.state == HeldState::Released {
            return Some(Refusal::HeldDecided);
        }
        let consultant = held.sender.as_ref();
        let consultant = consultant.is_some_and(|s| self.intake.policy.consultant(s).is_some());
        match may_release(held.cause, &held.request(named, consultant)) {
            Ok(()) => None,
            Err(Stays::Loop | Stays::Nothing) => Some(Refusal::HeldStays),
            Err(Stays::NoClient) => Some(Refusal::NoClientKnown),
            Err(Stays::SenderKnown | Stays::NoSender | Stays::Consultant | Stays::Unread) => {
                Some(Refusal::HeldNeedsOperator)
            }
        }
    }

    /// What a command does with each held mail it names, and how the receipt tells it.
    pub(super) fn decide_held(&self, command: &Command) -> Vec<(Effect, Admitted)> {
        let (numbers, client) = match command {
            Command::Release { numbers, client } => (numbers, client.as_deref()),
            Command::Discard { numbers } => (numbers, None),
            _ => return Vec::new(),
        };
        let releases = matches!(command, Command::Release { .. });
        let named = self.named_client(client).ok().flatten();
        let by = &self.consultant.person.address;
        let words = client.map(|name| format!("for {name}")).unwrap_or_default();
        let decide = |number: &HeldId| {
            let held = self.intake.case.held.get(number)?;
            let effect = if releases {
                // Policy §1: let in by a consultant, it starts at its original receipt.
                held.released(*number, named, by.clone(), words.clone())
            } else {
                Effect::DiscardHeld {
                    held: *number,
                    by: by.clone(),
                }
            };
            let admitted = Admitted {
                what: if releases { "released" } else { "discarded" },
                who: held.from.clone(),
                client: client.map(str::to_owned),
                number: Some(number.0),
                subject: held.subject.clone(),
            };
            Some((effect, admitted))
        };
        numbers.iter().filter_map(decide).collect()
    }
}

impl HeldMail {
    /// What is asked for, and known of it, when it is let in by mail.
    pub(super) fn request(&self, named: Option<ClientId>, consultant: bool) -> Request {
        // Nobody has read an unprocessable mail: what it says of itself counts for nothing yet.
        let unread = self.cause == super::effect::HeldCause::Unprocessable;
        Request {
            malformed: self.malformed.filter(|_| !unread),
            absent: self.absent,
            consultant: consultant && !unread,
            client: named.is_some()
                || !unread && (self.client.is_some() || self.sender_client.is_some()),
            ticket: false,
            new: false,
            from: false,
        }
    }

    /// The effect that lets it in where its evidence leads.
    pub(super) fn released(
        &self,
        held: HeldId,
        named: Option<ClientId>,
        by: super::address::Address,
        words: String,
    ) -> Effect {
        let unread = self.cause == super::effect::HeldCause::Unprocessable;
        let release = Release {
            client: named.or(self.client).or(self.sender_client),
            to: Destination::Evidence,
            from: None,
            starts_at: None,
        };
        Effect::ReleaseHeld {
            held,
            inbound: self.inbound,
            release: (!unread).then_some(release),
            by,
            words,
        }
    }
}
