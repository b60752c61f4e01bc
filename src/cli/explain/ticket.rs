//! A ticket in words: its facts, its clocks with their arithmetic, and every decision about it.

use chrono::{DateTime, Utc};

use super::{INDENT, decisions, field};
use crate::cli::{Failure, print};
use crate::config::settings::Settings;
use crate::domain::clock;
use crate::domain::policy::ClockMode;
use crate::domain::ticket::{Fact, Joining, Stage, Ticket};
use crate::store::explain::Line;

/// Prints a ticket.
pub(super) fn explain(
    ticket: &Ticket,
    lines: &[Line],
    settings: &Settings,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let moment = |at| print::moment(at, settings.zone);
    let number = settings.policy.tag(ticket.id);
    print::line(&format!("{number}  {}", ticket.thread.subject))?;
    let status = match ticket.closed_as {
        Some(how) => format!("{} ({})", ticket.status.name(), how.name()),
        None => ticket.status.name().to_owned(),
    };
    field("status", &status)?;
    field("client", &ticket.client.name)?;
    field("requester", ticket.requester.address.as_str())?;
    for person in &ticket.participants {
        field("takes part", person.address.as_str())?;
    }
    for person in &ticket.copied {
        field("copied", person.address.as_str())?;
    }
    print::line("\nfacts")?;
    for dated in &ticket.history {
        let fact = words(&dated.fact, settings);
        print::line(&format!("{INDENT}{}  {fact}", moment(dated.at)))?;
    }
    print::line("\nresponse clock")?;
    response(ticket, settings, now)?;
    print::line("\nsolution clock")?;
    solution(ticket, settings, now)?;
    print::line("\ndecisions")?;
    decisions(lines, settings)
}

fn response(ticket: &Ticket, settings: &Settings, now: DateTime<Utc>) -> Result<(), Failure> {
    let (policy, zone) = (&settings.policy, settings.zone);
    let moment = |at| print::moment(at, zone);
    let clock = clock::response(ticket, policy);
    let terms = policy.response_terms(ticket.priority);
    let hours = match clock.mode {
        ClockMode::Business => "support hours",
        ClockMode::Wall => "all hours",
    };
    let span = |time: chrono::Duration| print::span(time.num_seconds());
    field("  starts", &moment(clock.start))?;
    field(
        "  target",
        &format!(
            "{} ({} later, {hours})",
            moment(clock.target_at),
            span(terms.target)
        ),
    )?;
    let mut limit = format!(
        "{} ({} later, {hours})",
        moment(clock.limit_at),
        span(terms.limit)
    );
    if clock.limit_open_at != clock.limit_at {
        let until = moment(clock.limit_open_at);
        limit.push_str(&format!(", at closing time: kept until {until}"));
    }
    field("  limit", &limit)?;
    let until = clock.met_at.unwrap_or(now);
    let elapsed = span(clock.elapsed(ticket.calendar(policy), until));
    let met = match clock.met_at {
        Some(at) => format!("{} after {elapsed}", moment(at)),
        None => format!("not yet; {elapsed} have passed"),
    };
    field("  met", &met)?;
    let kept = if clock.breached(now) { "no" } else { "yes" };
    field("  kept", kept)
}

fn solution(ticket: &Ticket, settings: &Settings, now: DateTime<Utc>) -> Result<(), Failure> {
    let (policy, zone) = (&settings.policy, settings.zone);
    let moment = |at| print::moment(at, zone);
    let span = |time: chrono::Duration| print::span(time.num_seconds());
    let clock = clock::solution(ticket, policy, now);
    let Some(start) = clock.started_at else {
        return field("  starts", "with the first answer");
    };
    field("  starts", &moment(start))?;
    for part in &clock.segments {
        let end = part.to.map_or_else(|| "now".to_owned(), moment);
        let open = ticket
            .calendar(policy)
            .between(part.from, part.to.unwrap_or(now));
        let counted = if part.runs() {
            format!("{} count", span(open))
        } else {
            "stands still".to_owned()
        };
        let from = moment(part.from);
        print::line(&format!(
            "{INDENT}{from} to {end}, {}: {counted}",
            part.status.name()
        ))?;
    }
    field(
        "  elapsed",
        &format!("{} of {}", span(clock.elapsed), span(clock.limit)),
    )?;
    let due = match clock.due_at {
        Some(at) => moment(at),
        None => "open: it depends on when the pause ends".to_owned(),
    };
    field("  due", &due)?;
    field("  kept", if clock.breached { "no" } else { "yes" })
}

/// A fact as a sentence: who did what.
pub fn words(fact: &Fact, settings: &Settings) -> String {
    match fact {
        Fact::Opened {
            received_at,
            priority,
            kind,
            by_phone,
        } => format!(
            "opened by a {} of {}, priority {}, {}",
            if *by_phone { "call" } else { "mail" },
            print::moment(*received_at, settings.zone),
            priority.name(),
            kind.name()
        ),
        Fact::ClientWrote {
            by,
            inbound,
            thanks,
        } => {
            let what = if *thanks { "gave thanks" } else { "wrote" };
            format!("{by} {what} (received mail {inbound})")
        }
        Fact::Joined { address, by, .. } => match by {
            Joining::Copied => format!("{address} was copied and may write here"),
            Joining::Released => format!("{address} was let in and takes part"),
        },
        Fact::MachineWrote { class, inbound } => {
            format!(
                "a machine wrote: {} (received mail {inbound})",
                class.name()
            )
        }
        Fact::ConsultantNoted { by, inbound } => {
            format!("{by} wrote, not sent to the client (received mail {inbound})")
        }
        Fact::ReplyQueued { by, inbound } => {
            format!("{by} answered the client (received mail {inbound})")
        }
        Fact::ReplySent { outbox } => format!("the answer was accepted (outgoing mail {outbox})"),
        Fact::DeliveryFailed {
            outbox,
            to,
            cause,
            reason,
        } => {
            let cause = cause.name();
            format!("not delivered to {to} (outgoing mail {outbox}), {cause}: {reason}")
        }
        Fact::StatusChanged { to, closed_as } => match closed_as {
            Some(how) => format!("{} ({})", to.name(), how.name()),
            None => to.name().to_owned(),
        },
        Fact::Linked { link, ticket } => {
            format!("{} {}", link.name(), settings.policy.tag(*ticket))
        }
        Fact::ResponseBreached => "the response limit ran out".to_owned(),
        Fact::PriorityChanged { to, by } => format!("{by} made it {}", to.name()),
        Fact::KindChanged { to, by } => format!("{by} called it {}", to.name()),
        Fact::LevelChanged { to, by } => format!("{by} handed it to level {to}"),
        Fact::Assigned { to, by } => match to {
            Some(owner) => format!("{by} gave it to {owner}"),
            None => format!("{by} gave it to the level"),
        },
        Fact::CaseOpened { case, by } => format!("{by} opened case {case}"),
        Fact::WaitingUntil { day } => format!("expected to wait until {day}"),
        Fact::AttemptQueued { number } => format!("contact attempt {number} was queued"),
        Fact::AttemptSent { number, outbox } => {
            format!("contact attempt {number} was accepted (outgoing mail {outbox})")
        }
        Fact::AttemptByPhone { number, by } => format!("contact attempt {number}, {by} called"),
        Fact::PlanExhausted => "every attempt was made; a consultant decides".to_owned(),
        Fact::UpdateQueued => "the client was told that a third party is waited for".to_owned(),
        Fact::Formalized { inbound } => format!("made official (received mail {inbound})"),
        Fact::FormalizeReminded => "the authorizers were reminded".to_owned(),
        Fact::FormalizeOverdue => "nobody made it official; a consultant decides".to_owned(),
        Fact::Alerted { clock, stage } => {
            let stage = match stage {
                Stage::Target => "the target".to_owned(),
                Stage::Percent(percent) => format!("{percent} %"),
                Stage::Breach => "the limit".to_owned(),
            };
            let clock = clock.name().replace('_', " ");
            format!("consultants alerted: {clock} clock at {stage}")
        }
    }
}
