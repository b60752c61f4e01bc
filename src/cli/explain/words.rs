//! Facts as sentences: who did what.

use crate::cli::print;
use crate::config::settings::Settings;
use crate::domain::address::Address;
use crate::domain::fact::{Fact, Joining, Link, Stage};
use crate::domain::ticket::ClockName;
use crate::store::explain::Cause;

/// Whose doing a fact is: the person it names, else the sender of the mail that it comes from.
pub(super) fn person<'a>(fact: Option<&'a Fact>, cause: Option<&'a Cause>) -> Option<&'a str> {
    let named = fact.and_then(Fact::by).map(Address::as_str);
    named.or_else(|| cause.and_then(|cause| cause.from.as_deref()))
}

/// What a fact comes from that is no person's doing.
pub(super) fn event(cause: Option<&Cause>) -> &'static str {
    match cause.map_or("", |cause| cause.event.as_str()) {
        "due" => "a deadline",
        "delivery" => "a delivery",
        "order" => "an operator",
        _ => "a mail",
    }
}

/// A fact as a sentence: who did what. `who` recorded it.
pub(super) fn words(fact: &Fact, who: &str, settings: &Settings) -> String {
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
            let what = if *thanks {
                "wrote, and asks for nothing"
            } else {
                "wrote"
            };
            format!("{by} {what} (received mail {inbound})")
        }
        Fact::OutsiderWrote { by, inbound } => {
            format!("{by} wrote, copied and not of the client (received mail {inbound})")
        }
        Fact::Joined { address, by, .. } => match by {
            Joining::Copied => format!("{address} was copied and may write here"),
            Joining::Released => format!("{address} was let in and takes part"),
            Joining::Replied => format!("{address} answered and takes part"),
            Joining::Named => format!("{address} takes part{}", by_whom(who)),
            Joining::Brought => format!("{address} came along and takes part{}", by_whom(who)),
        },
        Fact::Left {
            address,
            by: Some(by),
        } => format!("{by} took {address} out"),
        Fact::Left { address, by: None } => {
            format!("{address} may ask no more and takes no part any more")
        }
        Fact::RequesterChanged { from, to, .. } => {
            format!("it passed from {from}, who may ask no more, to {to}")
        }
        Fact::MachineWrote { class, inbound } => {
            format!(
                "a machine wrote: {} (received mail {inbound})",
                class.name()
            )
        }
        Fact::RepliedDirectly { by, inbound } => {
            format!("{by} wrote to the client and to us at once (received mail {inbound})")
        }
        Fact::Undone { by, inbound } => {
            format!("{by} took back received mail {inbound} before it left")
        }
        Fact::ConsultantNoted { by, inbound } => {
            format!("{by} wrote, not sent to the client (received mail {inbound})")
        }
        Fact::ReplyQueued { by, inbound } => {
            format!("{by} answered the client (received mail {inbound})")
        }
        Fact::ReplySent { outbox, .. } => {
            format!("the answer was accepted (outgoing mail {outbox})")
        }
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
            Some(how) => format!("{} ({}){}", to.name(), how.name(), by_whom(who)),
            None => format!("{}{}", to.name(), by_whom(who)),
        },
        Fact::Linked { link, ticket } => {
            let sense = match link {
                Link::Continues => "takes up the closed",
                Link::ContinuedBy => "was taken up by",
                Link::DuplicateOf => "asks for the same as",
                Link::Duplicate => "was asked for again in",
                Link::MergedInto => "goes on in",
                Link::MergedFrom => "takes in",
                Link::SplitFrom => "began as a mail of",
                Link::SplitInto => "gave a mail to",
            };
            format!("{sense} {}{}", settings.policy.tag(*ticket), by_whom(who))
        }
        Fact::MailMoved { inbound, to, by } => format!(
            "{by} moved received mail {inbound} to {}",
            settings.policy.tag(*to)
        ),
        Fact::ResponseBreached => "the response limit ran out".to_owned(),
        Fact::PriorityChanged { to, by } => format!("{by} made it {}", to.name()),
        Fact::KindChanged { to, by } => format!("{by} called it {}", to.name()),
        Fact::LevelChanged { to, by } => format!("{by} handed it to level {to}"),
        Fact::Assigned { to, by } => match to {
            Some(owner) => format!("{by} gave it to {owner}"),
            None => format!("{by} gave it to the level"),
        },
        Fact::CaseOpened { case, by } => format!("{by} opened case {case}"),
        Fact::WaitingUntil { day } => {
            format!("expected to wait until {day}{}", by_whom(who))
        }
        Fact::AttemptQueued { number } => format!("contact attempt {number} was queued"),
        Fact::AttemptSent { number, outbox } => {
            format!("contact attempt {number} was accepted (outgoing mail {outbox})")
        }
        Fact::AttemptByPhone { number, by } => format!("contact attempt {number}, {by} called"),
        Fact::PlanExhausted => "every attempt was made; a consultant decides".to_owned(),
        Fact::PlanPutOff { until } => format!(
            "a held mail may be the answer: the plan waits until {}",
            print::moment(*until, settings.zone)
        ),
        Fact::UpdateQueued => "the client was told that a third party is waited for".to_owned(),
        Fact::Formalized { inbound } => format!("made official (received mail {inbound})"),
        Fact::FormalizeReminded => "the authorizers were reminded".to_owned(),
        Fact::FormalizeOverdue => "nobody made it official; a consultant decides".to_owned(),
        Fact::BudgetAsked {
            by,
            minutes,
            reason,
            ..
        } => format!("{by} asked for {} more: {reason}", print::minutes(*minutes)),
        Fact::BudgetApproved {
            by,
            inbound,
            minutes,
        } => format!(
            "{by} approved {} more (received mail {inbound})",
            print::minutes(*minutes)
        ),
        Fact::BudgetRefused { by, inbound } => {
            format!("{by} refused the time asked for (received mail {inbound})")
        }
        Fact::BudgetWarned {
            percent,
            authorized,
        } => format!(
            "consultants told: {percent} % of {} are used",
            print::minutes(*authorized)
        ),
        Fact::WindowAccepted {
            from,
            to,
            by,
            asked_by,
            asked_in,
            ..
        } => format!(
            "{by} accepted to work from {} to {}, which {asked_by} had asked for (received mail \
             {asked_in})",
            print::moment(*from, settings.zone),
            print::moment(*to, settings.zone)
        ),
        Fact::Disputes { charge } => format!("looks into the disputed line L-{charge}"),
        Fact::Alerted { clock, stage } => {
            format!("consultants alerted: {}", alert(*clock, *stage))
        }
    }
}

/// A stage of a clock: `response clock at 75 %`.
pub(super) fn alert(clock: ClockName, stage: Stage) -> String {
    let stage = match stage {
        Stage::Target => "the target".to_owned(),
        Stage::Percent(percent) => format!("{percent} %"),
        Stage::Breach => "the limit".to_owned(),
    };
    format!("{} clock at {stage}", clock.name().replace('_', " "))
}

/// Who did it, at the end of a sentence; nothing where that is not known.
fn by_whom(who: &str) -> String {
    if who.is_empty() {
        String::new()
    } else {
        format!(", by {who}")
    }
}

/// A fact as a sentence, by whom it names itself; nobody where it names none.
pub fn fact_words(fact: &Fact, settings: &Settings) -> String {
    words(fact, person(Some(fact), None).unwrap_or_default(), settings)
}
