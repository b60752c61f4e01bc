//! `held release`: a held mail goes through the rules once more, on an operator's word.

use anyhow::anyhow;
use clap::Args;
use serde_json::json;

use super::{decided_before, find};
use crate::cli::{Done, Failure, Outcome, print, tickets};
use crate::config::settings::Settings;
use crate::daemon::engine::Engine;
use crate::daemon::process;
use crate::domain::address::{Address, Person};
use crate::domain::effect::HeldCause;
use crate::domain::event::{Destination, Release};
use crate::domain::held::{Request, may_release};
use crate::domain::ids::{HeldId, TicketId};
use crate::ports::{Clock, SystemClock};
use crate::store::held::{self as table, Held, HeldState, OPERATOR};
use crate::store::{Connection, Store, directory, inbox, tickets as ticket_table, views};

/// How a held mail is let in.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct Order {
    /// The client it counts for, where the directory does not know the sender's domain
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// The ticket it belongs to; its sender may write there from then on
    #[arg(long, value_name = "GS-1", conflicts_with = "new")]
    ticket: Option<String>,
    /// A ticket of its own, whatever it points to
    #[arg(long)]
    new: bool,
    /// Whose mail it is, where it has no single sender
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
}

/// Runs `held release`.
pub(super) fn release(
    store: &mut Store,
    engine: &Engine,
    settings: &Settings,
    id: i64,
    order: &Order,
    json: bool,
) -> Outcome {
    let now = SystemClock.now();
    let inbound = store.transaction(|tx| {
        let row = find(tx, id)?;
        let held =
            table::find(tx, HeldId(id))?.ok_or_else(|| anyhow!("there is no held mail {id}"))?;
        if held.state == HeldState::Released {
            return Err(decided_before(&row));
        }
        let (release, words) = prepare(tx, engine, settings, &held, order)?;
        if !table::decide(tx, HeldId(id), HeldState::Released, OPERATOR, &words, now)? {
            return Err(decided_before(&row));
        }
        // Nobody has read an unprocessable mail: it comes in like a new one.
        let release = (held.cause != HeldCause::Unprocessable).then_some(&release);
        inbox::requeue(tx, held.inbound, release)?;
        Ok(held.inbound)
    })?;
    process::one(store, engine, inbound, now)?;
    let reached = views::outcome(store.reader(), inbound)?;
    let again = views::held_again(store.reader(), inbound)?;
    report(id, reached, again, json)
}

/// What the order comes to, in the program's terms and in words for the journal. Refused where it
/// would lead nowhere.
fn prepare(
    tx: &Connection,
    engine: &Engine,
    settings: &Settings,
    held: &Held,
    order: &Order,
) -> Result<(Release, String), Failure> {
    let mut words = Vec::new();
    let from = match &order.from {
        Some(text) => {
            let address =
                Address::parse(text).ok_or_else(|| anyhow!("«{text}» is not an e-mail address"))?;
            words.push(format!("as a mail of {address}"));
            Some(Person::new(address, ""))
        }
        None => None,
    };
    let named = match &order.client {
        Some(name) => {
            let client = directory::client_named(tx, name)?
                .ok_or_else(|| anyhow!("no client is called «{name}»"))?;
            words.push(format!("for {}", client.name));
            Some(client.id)
        }
        None => None,
    };
    let ticket = match &order.ticket {
        Some(name) => {
            let number = tickets::number(name, settings)?;
            let ticket = ticket_table::load(tx, number)?
                .ok_or_else(|| anyhow!("there is no ticket {name}"))?;
            words.push(format!("into {}", settings.policy.tag(number)));
            Some((number, ticket.client.id))
        }
        None => None,
    };
    if order.new {
        words.push("as a ticket of its own".to_owned());
    }
    let facts = facts(tx, engine, held)?;
    let sender = from.as_ref().map(|p| p.address.clone()).or(facts.sender);
    let of_sender = match &sender {
        Some(address) => directory::client_of_entry(tx, address)?
            .or(directory::client_of_domain(tx, address.domain())?),
        None => None,
    };
    let unread = held.cause == HeldCause::Unprocessable;
    let request = Request {
        malformed: facts.malformed,
        absent: facts.absent,
        consultant: sender
            .as_ref()
            .is_some_and(|s| settings.policy.consultant(s).is_some()),
        client: named.is_some() || !unread && (held.client.is_some() || of_sender.is_some()),
        ticket: ticket.is_some(),
        new: order.new,
        from: from.is_some(),
    };
    may_release(held.cause, &request).map_err(|refusal| {
        let text = anyhow!("held mail is not released: {}", refusal.words());
        if refusal.is_curable() {
            Failure::CannotRun(text)
        } else {
            Failure::Refused(text)
        }
    })?;
    let of_ticket = ticket.map(|(_, client)| client);
    let release = Release {
        client: named
            .or(held.client)
            .or(of_ticket)
            .or(of_sender.map(|c| c.id)),
        to: destination(order, ticket.map(|(number, _)| number)),
        from,
        starts_at: None,
    };
    Ok((release, words.join(", ")))
}

fn destination(order: &Order, ticket: Option<TicketId>) -> Destination {
    match ticket {
        Some(number) => Destination::Ticket(number),
        None if order.new => Destination::Own,
        None => Destination::Evidence,
    }
}

/// What the mail itself says of whether it can be let in.
struct Facts {
    sender: Option<Address>,
    malformed: Option<crate::domain::message::Malformed>,
    absent: bool,
}

fn facts(tx: &Connection, engine: &Engine, held: &Held) -> Result<Facts, Failure> {
    // Its reading may be what fails: it is tried by the pipeline, which survives it.
    if held.cause == HeldCause::Unprocessable {
        return Ok(Facts {
            sender: None,
            malformed: None,
            absent: inbox::size(tx, held.inbound)? == 0,
        });
    }
    let raw = inbox::raw(tx, held.inbound)?.unwrap_or_default();
    let mail = engine.read(&raw, chrono::DateTime::UNIX_EPOCH);
    Ok(Facts {
        sender: mail.from.as_ref().ok().map(|p| p.address.clone()),
        malformed: mail.from.err(),
        absent: false,
    })
}

/// What the release led to: a person who lets a mail in wants to know where it went. A mail that is
/// held again for another reason is a problem told by the exit code.
fn report(
    id: i64,
    reached: Option<(String, String)>,
    again: Option<HeldId>,
    json: bool,
) -> Outcome {
    let (outcome, why) = reached.unwrap_or_else(|| {
        let why = "not processed yet: the daemon tries again";
        ("waiting".to_owned(), why.to_owned())
    });
    let last = why.lines().last().unwrap_or_default();
    if json {
        let mut value = json!({ "id": id, "state": "released", "outcome": outcome, "why": last });
        if let (Some(map), Some(again)) = (value.as_object_mut(), again) {
            map.insert("held_again".to_owned(), json!(again.0));
        }
        print::json(&value)?;
    } else {
        print::line(&format!("held mail {id}: released, {last}"))?;
        if let Some(again) = again {
            print::line(&format!("it waits again, as held mail {again}"))?;
        }
    }
    Ok(if outcome == "held" {
        Done::WithProblems
    } else {
        Done::Well
    })
}
