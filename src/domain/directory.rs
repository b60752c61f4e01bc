//! Who may ask for a client, changed by a consultant's word (policy.md §1): `#autorizar`,
//! `#revocar`; by an operator's, on the command line.
//!
//! Nothing inside a client's mail changes the list by itself. A change takes effect at the
//! consultant's command, and everybody on the list is told, also who was taken off it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::address::{Address, Person};
use super::admission::Admission;
use super::announce::full_name;
use super::case::Case;
use super::command::Command;
use super::effect::{Decision, Effect, Manner, Outgoing, Speaker};
use super::ids::{ClientId, InboundId};
use super::letter::{Admitted, DirectoryChange, HeldLine, Letter};
use super::orders::Refusal;
use super::ticket::{ClientRef, Fact};
use super::token::Purpose;

/// What the tables know of the people and clients that a consultant's commands name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directory {
    /// The people, by address.
    pub people: BTreeMap<Address, Known>,
    /// The clients, by the name as it was written.
    pub clients: BTreeMap<String, ClientRef>,
    /// The current authorizers of every client that may be meant, by name.
    pub rosters: BTreeMap<ClientId, Vec<Person>>,
}

/// What is known of one address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The client whose list he is on, and the name he has there, whatever the dates of his entry.
    pub entry: Option<(ClientRef, String)>,
    /// The client whose domain the address has.
    pub domain_client: Option<ClientRef>,
    /// Mails of his that wait, oldest first.
    pub held: Vec<HeldLine>,
}

impl Directory {
    fn known(&self, address: &Address) -> Known {
        self.people.get(address).cloned().unwrap_or_default()
    }
}

impl Admission<'_> {
    fn directory(&self) -> &Directory {
        &self.intake.case.directory
    }

    /// Why somebody cannot be put on the list, or taken off it.
    pub(super) fn directory_refusal(&self, command: &Command) -> Option<Refusal> {
        match command {
            Command::Authorize {
                address, client, ..
            } => self.client_for(address, client.as_deref()).err(),
            Command::Revoke { address } => self.leaving(address).err(),
            _ => None,
        }
    }

    /// The client that `address` is to ask for: the one named, else the ticket's, else the one whose
    /// domain it is. Never one that another client's list or domain speaks against.
    fn client_for(&self, address: &Address, named: Option<&str>) -> Result<ClientRef, Refusal> {
        let policy = self.intake.policy;
        if policy.is_own(address) || policy.is_staff(address) {
            return Err(Refusal::OurAddress);
        }
        let known = self.directory().known(address);
        let of_ticket = self.ticket.map(|ticket| &ticket.client);
        let client = match named {
            Some(name) => {
                let found = self.directory().clients.get(name);
                found.ok_or(Refusal::UnknownClient)?
            }
            None => of_ticket
                .or(known.domain_client.as_ref())
                .ok_or(Refusal::NoClientKnown)?,
        };
        match (&known.entry, &known.domain_client) {
            (Some((of, _)), _) if of.id == client.id => Err(Refusal::AuthorizedAlready),
            (Some(_), _) => Err(Refusal::OtherClient),
            (None, Some(of)) if of.id != client.id => Err(Refusal::OtherClient),
            (None, _) => Ok(client.clone()),
        }
    }

    /// The client that `address` may not ask for any more, and the name that it had there.
    fn leaving(&self, address: &Address) -> Result<(ClientRef, String), Refusal> {
        let known = self.directory().known(address);
        let (client, name) = known.entry.ok_or(Refusal::NotAuthorized)?;
        // Within a ticket's thread a slip in the address must not reach another client's list.
        if self.ticket.is_some_and(|t| t.client.id != client.id) {
            return Err(Refusal::OtherClient);
        }
        // Policy §1: the last authorizer cannot be removed.
        if self.roster_after(client.id).is_empty() {
            return Err(Refusal::LastAuthorizer);
        }
        Ok((client, name))
    }

    /// The current authorizers of a client once everything in the mail is done.
    fn roster_after(&self, client: ClientId) -> Vec<Person> {
        let now = self.directory().rosters.get(&client);
        let mut roster = now.cloned().unwrap_or_default();
        for command in self.commands() {
            match command {
                Command::Authorize {
                    address,
                    name,
                    client: named,
                } => {
                    let of = self.client_for(address, named.as_deref());
                    if of.is_ok_and(|of| of.id == client) {
                        roster.push(Person::new(address.clone(), name));
                    }
                }
                Command::Revoke { address } => roster.retain(|p| p.address != *address),
                _ => {}
            }
        }
        roster
    }

    /// Whose wish it is, where that is known: of the client's people on the list who wrote in the
    /// thread, the last one.
    fn asked_by(&self, client: ClientId) -> Option<String> {
        let roster = self.directory().rosters.get(&client)?;
        let history = self.ticket?.history.iter().rev();
        let mut wrote = history.filter_map(|dated| match &dated.fact {
            Fact::ClientWrote { by, .. } => roster.iter().find(|p| p.address == *by),
            _ => None,
        });
        wrote.next().map(|person| person.name.clone())
    }

    /// Changes the list, tells everybody on it, and answers for the receipt what was done and what
    /// of the person's mail still waits.
    pub(super) fn change_directory(
        &self,
        command: &Command,
    ) -> Option<(Vec<Effect>, Admitted, Vec<HeldLine>)> {
        let by = self.consultant.person.address.clone();
        // Policy §1: who, when, by which message.
        let source = format!("by mail {}", self.intake.mail.message_id);
        let (change, client, person, held) = match command {
            Command::Authorize {
                address,
                name,
                client,
            } => {
                let client = self.client_for(address, client.as_deref()).ok()?;
                let person = Person::new(address.clone(), name);
                let change = Effect::Authorize {
                    client: client.id,
                    client_name: client.name.clone(),
                    person: person.clone(),
                    by,
                    detail: format!("{name}, {source}"),
                };
                let held = self.directory().known(address).held;
                (change, client, person, held)
            }
            Command::Revoke { address } => {
                let (client, name) = self.leaving(address).ok()?;
                let change = Effect::Revoke {
                    client: client.id,
                    client_name: client.name.clone(),
                    address: address.clone(),
                    by,
                    detail: source,
                };
                let person = Person::new(address.clone(), &name);
                (change, client, person, Vec::new())
            }
            _ => return None,
        };
        let joins = matches!(command, Command::Authorize { .. });
        let mut effects = vec![change];
        effects.extend(self.tell_roster(&client, &person, joins));
        let admitted = Admitted {
            what: if joins { "authorized" } else { "revoked" },
            who: full_name(&person),
            client: Some(client.name),
            number: None,
            subject: String::new(),
        };
        Some((effects, admitted, held))
    }

    /// One letter to everybody on the list, and to whom it is about (policy.md §1).
    fn tell_roster(&self, client: &ClientRef, person: &Person, joins: bool) -> Vec<Effect> {
        let told = Told {
            client: &client.name,
            person,
            joins,
            roster: &self.roster_after(client.id),
            consultant: &self.consultant.person.name,
            asked_by: self.asked_by(client.id),
            source: Some(self.intake.inbound),
            now: self.intake.now,
        };
        told.letters(&self.intake.inbound.to_string())
    }
}

/// An operator changed the list: everybody on it is told, as by a consultant's command.
pub(super) fn changed(
    client: &str,
    person: &Person,
    joins: bool,
    case: &Case,
    now: DateTime<Utc>,
) -> Decision {
    let told = Told {
        client,
        person,
        joins,
        roster: &case.authorizers,
        consultant: "",
        asked_by: None,
        source: None,
        now,
    };
    let what = if joins { "joins" } else { "leaves" };
    let address = &person.address;
    Decision {
        effects: told.letters(&now.timestamp_millis().to_string()),
        why: vec![format!(
            "{address} {what} the list of {client}, by an operator: everybody on it is told"
        )],
    }
}

/// A change of a client's list, for those who are told of it.
struct Told<'a> {
    client: &'a str,
    /// Whom it is about.
    person: &'a Person,
    joins: bool,
    /// The list after it.
    roster: &'a [Person],
    /// On whose word; empty where that was an operator.
    consultant: &'a str,
    /// Whose wish it was, where that is known.
    asked_by: Option<String>,
    source: Option<InboundId>,
    now: DateTime<Utc>,
}

impl Told<'_> {
    /// One letter to everybody on the list, and to whom it is about (policy.md §1). `event` is what
    /// one such change is told apart from another by.
    fn letters(&self, event: &str) -> Vec<Effect> {
        let others = self.roster.iter();
        let others = others.filter(|p| p.address != self.person.address);
        others
            .chain(std::iter::once(self.person))
            .map(|to| self.letter(to, event))
            .collect()
    }

    fn letter(&self, to: &Person, event: &str) -> Effect {
        let own = to.address == self.person.address;
        let change = DirectoryChange {
            name: to.name.clone(),
            own,
            person: full_name(self.person),
            client: self.client.to_owned(),
            consultant: self.consultant.to_owned(),
            asked_by: self.asked_by.clone(),
            // Whom they ask for it now is no business of somebody who left.
            authorizers: if own && !self.joins {
                Vec::new()
            } else {
                self.roster.iter().map(|p| p.name.clone()).collect()
            },
        };
        let letter = if self.joins {
            Letter::AuthorizerAdded(change)
        } else {
            Letter::AuthorizerRemoved(change)
        };
        let (kind, about) = (letter.kind().name(), &self.person.address);
        Effect::Send(Box::new(Outgoing {
            letter,
            to: to.clone(),
            ticket: None,
            purpose: Purpose::Operator,
            manner: Manner::Timer,
            speaker: Speaker::Service,
            thread: None,
            source: self.source,
            once: format!("{kind}:{event}:{about}:{}", to.address),
            not_before: self.now,
        }))
    }
}
