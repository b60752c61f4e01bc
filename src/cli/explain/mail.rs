//! A mail in words: what was received or sent, and every decision about it.

use super::{decisions, field};
use crate::cli::{Failure, print};
use crate::config::settings::Settings;
use crate::store::explain::{Filed, Received, Sent};

/// A received mail.
pub(super) fn received(mail: &Received, settings: &Settings) -> Result<(), Failure> {
    let moment = |at| print::moment(at, settings.zone);
    print::line(&format!("received mail {}", mail.id))?;
    field("from", named(&mail.from))?;
    field("subject", &mail.subject)?;
    field("received", &moment(mail.received_at))?;
    let (epoch, locator) = &mail.locator;
    let place = match epoch {
        0 => locator.clone(),
        epoch => format!("UID {locator} of epoch {epoch}"),
    };
    let stored = moment(mail.stored_at);
    field(
        "source",
        &format!("{}, {place}, stored {stored}", mail.mailbox),
    )?;
    let size = match mail.size {
        (bytes, 0) => format!("{bytes} bytes"),
        (bytes, more) => format!("{bytes} bytes, {more} more left on the server"),
    };
    field("size", &size)?;
    field("class", named(&mail.class))?;
    let (verdict, line) = &mail.verdict;
    if !verdict.is_empty() {
        field("verdict", &format!("{verdict} ({})", print::flat(line)))?;
    }
    let outcome = match (mail.outcome.as_str(), mail.twin) {
        ("", _) => {
            let (attempts, error) = &mail.trouble;
            format!("waits to be processed, {attempts} attempts failed: {error}")
        }
        (outcome, Some(twin)) => format!("{outcome} of received mail {twin}"),
        (outcome, None) => outcome.to_owned(),
    };
    field("outcome", &outcome)?;
    filed(mail.filed.as_ref(), settings)?;
    for spell in &mail.held {
        let mut words = format!(
            "{} ({}), held mail {}, {}",
            moment(spell.held_at),
            spell.cause,
            spell.id,
            spell.state
        );
        if let Some(at) = spell.decided_at {
            words.push_str(&format!(" {} by {}", moment(at), named(&spell.decided_by)));
        }
        field("held", &words)?;
    }
    // A mail that was recorded as it came in has its steps, and no line in the journal.
    if mail.lines.is_empty() {
        for step in mail.why.lines() {
            print::line(&format!("  - {}", print::flat(step)))?;
        }
    }
    decisions(&mail.lines, settings)
}

/// A mail of ours; `id` is what was asked for, which a server may have made up.
pub(super) fn sent(mail: &Sent, id: &str, settings: &Settings) -> Result<(), Failure> {
    let moment = |at| print::moment(at, settings.zone);
    let row = &mail.row;
    print::line(&format!("outgoing mail {}", row.id))?;
    field("letter", &row.kind)?;
    field("to", &row.to)?;
    if let Some(ticket) = row.ticket {
        field("ticket", &settings.policy.tag(ticket))?;
    }
    if row.message_id != id {
        let ours = format!(
            "ours is <{}>; a server gave it the other one",
            row.message_id
        );
        field("id", &ours)?;
    }
    field("queued", &moment(row.created_at))?;
    filed(mail.filed.as_ref(), settings)?;
    let mut state = format!("{}, {} attempts", row.state, row.attempts);
    if mail.uncertain > 0 {
        state.push_str(&format!(", {} ended in silence", mail.uncertain));
    }
    if let Some(at) = row.next_at {
        state.push_str(&format!(", next {}", moment(at)));
    }
    field("state", &state)?;
    if let Some(at) = mail.offered_at {
        field("left", &moment(at))?;
    }
    if let Some(at) = row.sent_at {
        field("accepted", &moment(at))?;
    }
    if !row.answer.is_empty() {
        field("answer", &row.answer)?;
    }
    print::line("caused by")?;
    decisions(std::slice::from_ref(&mail.cause), settings)?;
    if !mail.lines.is_empty() {
        print::line("settled by")?;
    }
    decisions(&mail.lines, settings)
}

fn filed(filed: Option<&Filed>, settings: &Settings) -> Result<(), Failure> {
    let Some(filed) = filed else {
        return Ok(());
    };
    let ticket = settings.policy.tag(filed.ticket);
    let evidence = filed.thread_evidence.as_deref();
    let how = evidence.map_or(String::new(), |evidence| format!(": {evidence}"));
    field("filed", &format!("{ticket}, {}{how}", filed.visibility))
}

fn named(text: &str) -> &str {
    match text {
        "" => "unknown",
        text => text,
    }
}
