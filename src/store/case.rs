//! The one read before a decision: everything the tables know that bears on an event.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{
    Result, admit, alarms, alerts, authority, background, departures, directory, held, inbox,
    issues, millis, named, noticed, outbox, overview, tickets, undo,
};
use crate::domain::address::Address;
use crate::domain::case::{Candidate, Case, Standing, Undoable};
use crate::domain::command::{self, Command};
use crate::domain::company;
use crate::domain::event::{AlarmCause, Destination, DueKind, Event, Release};
use crate::domain::ids::{ClientId, InboundId, TicketId};
use crate::domain::merging::HOPS_MAX;
use crate::domain::message::{Mail, Place};
use crate::domain::policy::Policy;
use crate::domain::registering;
use crate::domain::returned::{Named, ids_reported};
use crate::domain::subject::Subject;
use crate::domain::survey::Overview;
use crate::domain::threading::earlier_ids;
use crate::domain::ticket::{Fact, Status, Ticket};
use crate::domain::token::Purpose;

/// Most tags of one subject looked up; further ones are words.
const TAGS_MAX: usize = 5;

/// Loads the case of an event. `zone` says what "today" is.
pub fn load(
    tx: &Connection,
    event: &Event,
    policy: &Policy,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Case> {
    let mut case = of_event(tx, event, policy, zone, now)?;
    if policy.billing.daily_cap.is_some() {
        let day = now.with_timezone(&zone).date_naive();
        authority::add_followed_up(tx, &mut case, day, policy)?;
    }
    Ok(case)
}

fn of_event(
    tx: &Connection,
    event: &Event,
    policy: &Policy,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Case> {
    match event {
        Event::Mail {
            inbound,
            mail,
            release,
        } => {
            let mut case = of_mail(tx, *inbound, mail, release.is_some(), policy, zone, now)?;
            if let Some(release) = release {
                add_release(tx, &mut case, release)?;
            }
            add_background(tx, &mut case, mail, policy)?;
            Ok(case)
        }
        Event::Unprocessable { .. } => of_alarm(tx, AlarmCause::Unprocessable),
        Event::Alarm { cause, .. } => of_alarm(tx, *cause),
        Event::Delivery { ticket, outbox, .. } => {
            let mut case = of_alarm(tx, AlarmCause::OutgoingFailing)?;
            case.cause = outbox::cause(tx, *outbox)?;
            if let Some(id) = ticket {
                add_ticket(tx, &mut case, *id)?;
            }
            Ok(case)
        }
        Event::Due { ticket, kind } => of_timer(tx, *ticket, *kind, zone, now),
        Event::TellAlerts { consultant } => Ok(Case {
            alerts: alerts::waiting(tx, consultant)?,
            ..Case::default()
        }),
        Event::Departure { ticket, .. } => {
            let mut case = Case::default();
            add_ticket(tx, &mut case, *ticket)?;
            if let Some(ticket) = case.tickets.get(ticket) {
                let today = now.with_timezone(&zone).date_naive();
                case.authorizers = directory::authorizers(tx, ticket.client.id, today)?;
            }
            Ok(case)
        }
        Event::Digest { broken, .. } => Ok(Case {
            overview: match broken {
                None => overview::load(tx, policy)?,
                Some(_) => Overview::default(),
            },
            ..Case::default()
        }),
        Event::Statement(issue) => {
            let today = now.with_timezone(&zone).date_naive();
            let last = issues::last(tx, issue.client, issue.statement.month)?;
            Ok(Case {
                issued: last.map(|last| last.issue),
                authorizers: directory::authorizers(tx, issue.client, today)?,
                ..Case::default()
            })
        }
        Event::StatementsSent { .. } => Ok(Case::default()),
        Event::ListChanged { client, .. } => {
            let today = now.with_timezone(&zone).date_naive();
            Ok(Case {
                authorizers: directory::authorizers(tx, *client, today)?,
                ..Case::default()
            })
        }
        Event::Correct { ticket, .. } | Event::Recompute { ticket, .. } => {
            let mut case = Case::default();
            add_ticket(tx, &mut case, *ticket)?;
            Ok(case)
        }
    }
}

/// What consultants are told besides of what a client's mail may be about, and what the client need
/// not be sent again of a consultant's. What a consultant's commands tell others is added with them.
fn add_background(tx: &Connection, case: &mut Case, mail: &Mail, policy: &Policy) -> Result<()> {
    let sender = mail.from.as_ref().ok();
    if sender.is_some_and(|sender| policy.consultant(&sender.address).is_some()) {
        background::add_files_seen(tx, case, mail)
    } else {
        background::add_conversations(tx, case)?;
        background::add_clients(tx, case)
    }
}

/// What a timer needs besides its ticket; for most, nothing.
fn of_timer(
    tx: &Connection,
    id: TicketId,
    kind: DueKind,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Case> {
    let mut case = Case::default();
    add_ticket(tx, &mut case, id)?;
    match kind {
        DueKind::Contact => {
            case.last_words = Some(tickets::last_words(tx, id)?);
            case.held_waiting = held::waits_for(tx, id)?;
            if let Some(ticket) = case.tickets.get(&id)
                && ticket.status == Status::WaitingApproval
            {
                let today = now.with_timezone(&zone).date_naive();
                case.approvers = directory::approvers(tx, ticket.client.id, today)?;
            }
        }
        DueKind::Update => case.last_words = Some(tickets::last_words(tx, id)?),
        DueKind::Formalize => {
            if let Some(ticket) = case.tickets.get(&id) {
                let today = now.with_timezone(&zone).date_naive();
                case.authorizers = directory::openers(tx, ticket.client.id, today)?;
            }
        }
        DueKind::Response
        | DueKind::NextReply
        | DueKind::Solution
        | DueKind::Budget
        | DueKind::Review => {}
    }
    Ok(case)
}

fn of_alarm(tx: &Connection, cause: AlarmCause) -> Result<Case> {
    Ok(Case {
        alarm_since: alarms::since(tx, cause)?,
        ..Case::default()
    })
}

fn add_ticket(tx: &Connection, case: &mut Case, id: TicketId) -> Result<bool> {
    if case.tickets.contains_key(&id) {
        return Ok(true);
    }
    let ticket = tickets::load(tx, id)?;
    let found = ticket.is_some();
    if let Some(ticket) = ticket {
        case.tickets.insert(id, ticket);
    }
    Ok(found)
}

/// What whoever released the mail said of it.
fn add_release(tx: &Connection, case: &mut Case, release: &Release) -> Result<()> {
    case.standing.release_client = match release.client {
        Some(id) => directory::client_ref(tx, id)?,
        None => None,
    };
    if let Destination::Ticket(ticket) = release.to
        && add_ticket(tx, case, ticket)?
    {
        let ticket = follow(tx, case, ticket)?;
        let named = Candidate {
            place: Place::Named,
            ticket,
            issued_to: None,
            purpose: None,
        };
        case.candidates.insert(0, named);
    }
    Ok(())
}

fn of_mail(
    tx: &Connection,
    inbound: InboundId,
    mail: &Mail,
    released: bool,
    policy: &Policy,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<Case> {
    let mut case = Case {
        next_ticket: tickets::next_number(tx)?,
        next_held: admit::next_number(tx)?,
        twin: inbox::twin(
            tx,
            inbound,
            (&mail.message_id, &mail.content_hash),
            (!released).then_some(mail.authentication.verdict),
        )?,
        id_taken: inbox::id_taken(tx, inbound, &mail.message_id, &mail.content_hash)?,
        ..Case::default()
    };
    case.named = named_mail(tx, mail)?;
    if let Some(named) = &case.named {
        case.asked = admit::asked(tx, named)?;
        case.cause = outbox::cause(tx, named.outbox)?;
    }
    if let Some(ticket) = case.named.as_ref().and_then(|named| named.ticket) {
        add_ticket(tx, &mut case, ticket)?;
    }
    for mut candidate in candidates(tx, mail, policy)? {
        if add_ticket(tx, &mut case, candidate.ticket)? {
            candidate.ticket = follow(tx, &mut case, candidate.ticket)?;
            case.candidates.push(candidate);
        } else {
            case.dangling.push(candidate);
        }
    }
    let first = authority::first(&case);
    if first.is_some_and(|ticket| ticket.status == Status::WaitingApproval) {
        authority::add_approvers(tx, &mut case, now.with_timezone(&zone).date_naive())?;
    }
    if let Ok(sender) = &mail.from
        && let Some(consultant) = policy.consultant(&sender.address)
    {
        let today = now.with_timezone(&zone).date_naive();
        add_ordered(
            tx,
            &mut case,
            mail,
            &consultant.person.address,
            policy,
            today,
        )?;
    }
    if let Ok(sender) = &mail.from {
        let day = mail.received_at.with_timezone(&zone).date_naive();
        case.standing = standing(tx, &sender.address, day)?;
        authority::add_disputed(tx, &mut case, mail)?;
        case.opened_last_hour = opened_last_hour(tx, &sender.address, mail.received_at)?;
        let today = now.with_timezone(&zone).date_naive();
        case.notified_today = directory::notified(tx, &sender.address, today)?;
    }
    Ok(case)
}

/// What the commands of a consultant's mail speak of: other tickets, and what was said where a
/// ticket is handed over.
fn add_ordered(
    tx: &Connection,
    case: &mut Case,
    mail: &Mail,
    consultant: &Address,
    policy: &Policy,
    today: NaiveDate,
) -> Result<()> {
    let day = policy.calendar.local(mail.received_at).date_naive();
    let Ok(instructions) = command::parse(mail.own_words(), &policy.ticket_prefix, day) else {
        return Ok(());
    };
    for ordered in &instructions.commands {
        match &ordered.command {
            Command::Undo => add_undoable(tx, case, mail, policy)?,
            Command::Duplicate { of } => {
                add_ticket(tx, case, *of)?;
            }
            Command::Status { of: Some(id) } | Command::Why { of: Some(id) } => {
                add_ticket(tx, case, *id)?;
            }
            // Without a thread it is about everything that is his.
            Command::Status { of: None } => case.overview = overview::load(tx, policy)?,
            Command::Reopen => add_departed(tx, case, today)?,
            Command::New { client, authorizer } => {
                case.companies = directory::companies(tx)?;
                let asked = registering::asked(mail, client.as_deref(), authorizer.as_deref());
                let found = company::find(&case.companies, asked, day).ok();
                let client = found.map(|(company, _)| company.client.id);
                if let Some(client) = client {
                    background::add_newest(tx, case, client)?;
                }
            }
            Command::Cc { add, .. } => {
                for person in add {
                    let of = client_of(tx, &person.address)?;
                    case.clients_named
                        .extend(of.map(|client| (person.address.clone(), client)));
                }
            }
            Command::Merge { into } => {
                add_ticket(tx, case, *into)?;
                background::add_conversations(tx, case)?;
            }
            Command::Session { .. } => {
                authority::add_sessions(tx, case, &ordered.command, day, policy)?;
            }
            Command::Budget { .. } => authority::add_approvers(tx, case, today)?,
            Command::Window { .. } => {
                authority::add_approvers(tx, case, today)?;
                authority::add_asked_for(tx, case)?;
            }
            Command::Split => {
                case.noticed = noticed::load(tx, mail, consultant, policy, today)?;
                background::add_clients(tx, case)?;
            }
            Command::Level(_) | Command::Assign(_) | Command::Microsoft { .. } => {
                background::add_conversations(tx, case)?;
            }
            asked => admit::add_ordered(tx, case, asked, today)?,
        }
    }
    Ok(())
}

/// Who of the client's side was taken off the list while the ticket was closed, and who is on it.
fn add_departed(tx: &Connection, case: &mut Case, today: NaiveDate) -> Result<()> {
    let first = case.candidates.first();
    if let Some(ticket) = first.and_then(|first| case.tickets.get(&first.ticket)) {
        case.departed = departures::of_client(tx, ticket.client.id)?;
        case.departed.retain(|gone| ticket.may_write(gone));
        case.authorizers = directory::authorizers(tx, ticket.client.id, today)?;
    }
    Ok(())
}

/// The consultant's last mail to the client of the ticket that the mail is about.
fn add_undoable(tx: &Connection, case: &mut Case, mail: &Mail, policy: &Policy) -> Result<()> {
    let sender = mail.from.as_ref().ok();
    let consultant = sender.and_then(|sender| policy.consultant(&sender.address));
    let (Some(consultant), Some(ticket)) = (consultant, authority::first(case)) else {
        return Ok(());
    };
    let last = ticket
        .history
        .iter()
        .rev()
        .find_map(|dated| match &dated.fact {
            Fact::ReplyQueued { by, inbound } if *by == consultant.person.address => Some(*inbound),
            _ => None,
        });
    if let Some(inbound) = last {
        let queue = undo::to_client_of(tx, inbound)?;
        case.undoable = Some(Undoable {
            inbound,
            history: tickets::history_without(tx, ticket.id, Some(inbound))?,
            text: tickets::text_of(tx, inbound)?,
            has_left: queue.waiting == 0 || queue.waiting < queue.all,
            touched_others: tickets::changed_by(tx, inbound)? > 1,
        });
    }
    Ok(())
}

/// The client that an address belongs to: as its authorizer, whatever the dates of the entry, or by
/// its domain.
fn client_of(tx: &Connection, address: &Address) -> Result<Option<ClientId>> {
    let entry = directory::client_of_entry(tx, address)?;
    let client = match entry {
        Some(client) => Some(client),
        None => directory::client_of_domain(tx, address.domain())?,
    };
    Ok(client.map(|client| client.id))
}

/// The ticket that everything about `id` goes on in (mail.md §4: merged tickets are followed to
/// their root); `id` itself where it was not merged.
fn follow(tx: &Connection, case: &mut Case, id: TicketId) -> Result<TicketId> {
    let mut root = id;
    for _ in 0..HOPS_MAX {
        let next = case.tickets.get(&root).and_then(Ticket::merged_into);
        match next {
            Some(next) if add_ticket(tx, case, next)? => root = next,
            _ => break,
        }
    }
    if root != id {
        case.merged.insert(id, root);
    }
    Ok(root)
}

fn standing(tx: &Connection, sender: &Address, day: chrono::NaiveDate) -> Result<Standing> {
    let listed = directory::listed(tx, sender, day)?;
    let domain_client = directory::client_of_domain(tx, sender.domain())?;
    let authorizers = match (&listed, &domain_client) {
        (None, Some(client)) => directory::authorizers(tx, client.id, day)?,
        _ => Vec::new(),
    };
    let colleagues_take_part = match &domain_client {
        Some(client) => directory::colleagues_take_part(tx, client.id)?,
        None => false,
    };
    Ok(Standing {
        listed,
        domain_client,
        release_client: None,
        colleagues_take_part,
        authorizers,
    })
}

/// Tickets that the sender's own mails opened: what a consultant registered for him is none of his
/// doing.
fn opened_last_hour(tx: &Connection, sender: &Address, at: DateTime<Utc>) -> Result<u32> {
    let count = tx
        .prepare_cached(
            "SELECT count(*) FROM ticket
             WHERE requester = :sender AND opened_at > :from AND opened_at <= :to
               AND (SELECT from_address FROM message WHERE ticket_id = ticket.id
                    ORDER BY message.id LIMIT 1) = requester",
        )?
        .query_row(
            named_params! {
                ":sender": sender.as_str(),
                ":from": millis(at - Duration::hours(1)),
                ":to": millis(at),
            },
            |row| row.get(0),
        )?;
    Ok(count)
}

/// What in a mail points to tickets, whether they exist or not, strongest place first.
fn candidates(tx: &Connection, mail: &Mail, policy: &Policy) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for token in &mail.tokens {
        if !matches!(token.token.purpose, Purpose::Client | Purpose::Consultant) {
            continue;
        }
        found.push(Candidate {
            place: token.place,
            ticket: token.token.ticket,
            issued_to: directory::person_address(tx, token.token.person)?,
            purpose: Some(token.token.purpose),
        });
    }
    for (place, id) in earlier_ids(mail, policy) {
        let Some(known) = known_id(tx, place, id)? else {
            continue;
        };
        heed_move(&mut found, &known);
        found.push(known);
    }
    let tags = Subject::read(&mail.subject, &policy.ticket_prefix).tags;
    found.extend(tags.into_iter().take(TAGS_MAX).map(|ticket| Candidate {
        place: Place::SubjectTag,
        ticket,
        issued_to: None,
        purpose: None,
    }));
    found.sort_by_key(|c| c.place);
    Ok(found)
}

/// A signed id names the ticket that its mail was written for. Where the mail that it was about has
/// a ticket of its own by now, the ledger's word is the newer one.
fn heed_move(found: &mut [Candidate], known: &Candidate) {
    let signed = match known.place {
        Place::KnownInReplyTo => Place::InReplyTo,
        Place::KnownReferences(n) => Place::References(n),
        _ => return,
    };
    let same = |c: &&mut Candidate| {
        c.place == signed && c.issued_to == known.issued_to && c.purpose == known.purpose
    };
    if known.purpose == Some(Purpose::Consultant)
        && let Some(candidate) = found.iter_mut().find(same)
    {
        candidate.ticket = known.ticket;
    }
}

/// The outgoing mail that a mail names by its Message-ID, in the strongest place that names one.
fn named_mail(tx: &Connection, mail: &Mail) -> Result<Option<Named>> {
    for (place, id) in ids_reported(mail) {
        let ours = outbox::by_message_id(tx, id)?;
        let is_renamed = ours.is_none();
        let found = match ours {
            Some(found) => Some(found),
            None => outbox::by_renamed_id(tx, id)?,
        };
        if let Some((row, progress)) = found {
            return Ok(Some(Named {
                outbox: row.id,
                letter: row.kind,
                to: row.to,
                ticket: row.ticket,
                progress,
                offered_at: row.offered_at,
                place,
                is_renamed,
            }));
        }
    }
    Ok(None)
}

/// The ticket that a Message-ID is tied to, and for one of ours to whom it went.
fn known_id(tx: &Connection, place: Place, message_id: &str) -> Result<Option<Candidate>> {
    let row = tx
        .prepare_cached(
            "SELECT thread_ref.ticket_id, outbox.recipient, outbox.purpose
             FROM thread_ref LEFT JOIN outbox ON outbox.id = outbox_id
             WHERE thread_ref.message_id = :message_id",
        )?
        .query_row(named_params! { ":message_id": message_id }, |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, Option<String>>(1)?,
                row.get::<_, Option<String>>(2)?,
            ))
        })
        .optional()?;
    let Some((ticket, recipient, purpose)) = row else {
        return Ok(None);
    };
    Ok(Some(Candidate {
        place,
        ticket: TicketId(ticket),
        issued_to: recipient.as_deref().and_then(Address::parse),
        purpose: purpose
            .map(|p| named("purpose", &p, Purpose::from_name))
            .transpose()?,
    }))
}
