//! What else runs on a ticket: the next reply, a third party, a call that is not official yet. Each
//! is told only where it runs.

use super::ticket::View;
use super::{field, say};
use crate::cli::{Failure, print};
use crate::domain::clock::{self, NextReplyClock, Opening};
use crate::domain::ticket::Fact;
use crate::domain::waits;

/// Prints them.
pub(super) fn explain(view: &View) -> Result<(), Failure> {
    next_reply(view)?;
    third_party(view)?;
    formalizing(view)
}

/// The clock of the next reply; none once the ticket is closed.
pub(super) fn next_reply_of(view: &View) -> Option<NextReplyClock> {
    clock::next_reply(view.ticket, view.policy()).filter(|_| view.ticket.is_open())
}

fn next_reply(view: &View) -> Result<(), Failure> {
    let Some(clock) = next_reply_of(view) else {
        return Ok(());
    };
    print::line("\nnext reply clock (internal, nothing is promised)")?;
    let asked = view.moment(clock.asked_at);
    let who = view.who(clock.place);
    field(
        "  starts",
        &format!("{asked}, the oldest mail without an answer, by {who}"),
    )?;
    let priority = view.ticket.priority;
    let term = say::hours(view.policy().response_terms(priority).limit);
    let limit = view.moment(clock.limit_at);
    let name = priority.name();
    field("  limit", &format!("{limit} ({term} later, as {name})"))?;
    let over = view.now > clock.limit_open_at;
    field("  kept", if over { "no" } else { "yes, so far" })
}

fn third_party(view: &View) -> Result<(), Failure> {
    let Some(since) = waits::third_party_since(view.ticket) else {
        return Ok(());
    };
    print::line("\nthird party")?;
    field("  since", &view.moment(since))?;
    if let Some(case) = view.ticket.case_number() {
        field("  case", case)?;
    }
    let told = view
        .ticket
        .history
        .iter()
        .filter(|dated| dated.at >= since && dated.fact == Fact::UpdateQueued);
    for dated in told {
        field("  told", &view.moment(dated.at))?;
    }
    match waits::update_at(view.ticket, view.policy()) {
        Some(at) => {
            let days = view.policy().contact.update_business_days;
            let at = view.moment(at);
            field(
                "  update",
                &format!("{at}: {days} business days after the client last heard of us"),
            )
        }
        None => Ok(()),
    }
}

fn formalizing(view: &View) -> Result<(), Failure> {
    let Some(call) = waits::formalizing(view.ticket, view.policy()) else {
        return Ok(());
    };
    if Opening::of(view.ticket).by_phone {
        print::line("\ncall, not official yet (policy.md §2)")?;
        field("  called", &view.moment(call.called_at))?;
    } else {
        print::line("\nregistered, not official yet (policy.md §2)")?;
        field("  registered", &view.moment(call.called_at))?;
    }
    field("  asked", &view.moment(call.asked_at))?;
    let after = say::hours(view.policy().phone.remind_after);
    let remind = match call.remind_at {
        Some(at) => format!("{}, {after} of support time later", view.moment(at)),
        None => "done".to_owned(),
    };
    field("  reminder", &remind)?;
    let decide = match call.decide_at {
        Some(at) => format!("{}, at the end of the next business day", view.moment(at)),
        None => "a consultant was told".to_owned(),
    };
    field("  decision", &decide)
}
