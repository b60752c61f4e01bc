//! The desk: every event comes here, and every decision leaves from here.
//!
//! [`decide`] looks at an event, at the [`Case`] it concerns, at the [`Policy`] and at the time,
//! and answers with effects. It touches nothing, so the whole policy can be tested as a function.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::address::Address;
use super::announce::{alerts, to_operators};
use super::case::Case;
use super::charge::{Charge, ChargeKind, NewCharge, Released, WaitsFor};
use super::charging;
use super::classify::classify;
use super::delivery::Settled;
use super::effect::{Decision, Effect, Entries, HeldCause, Outcome};
use super::event::{AlarmCause, Event, RecomputeCause};
use super::ids::{ChargeId, InboundId};
use super::letter::Letter;
use super::lifecycle::schedule;
use super::policy::Policy;
use super::ticket::{Dated, Fact, Ticket};
use super::{correction, digest, directory, intake, statement_issue, succession, timer};

/// What is to be done about `event`, given what the tables know (`case`) and what the house
/// promises (`policy`), at `now`.
pub fn decide(event: &Event, case: &Case, policy: &Policy, now: DateTime<Utc>) -> Decision {
    match event {
        Event::Mail {
            inbound,
            mail,
            release,
        } => {
            let class = classify(mail, &policy.own_addresses);
            intake::receive(*inbound, mail, &class, release.as_ref(), case, policy, now)
        }
        Event::Unprocessable { inbound, reason } => {
            unprocessable(*inbound, reason, case, policy, now)
        }
        Event::Delivery {
            outbox,
            letter,
            to,
            ticket,
            outcome,
        } => {
            let settled = Settled {
                outbox: *outbox,
                letter: *letter,
                to,
                ticket: ticket.and_then(|id| case.tickets.get(&id)),
                outcome,
            };
            settled.decide(case, policy, now)
        }
        Event::Due { ticket, kind } => match case.tickets.get(ticket) {
            Some(ticket) => timer::fire(ticket, *kind, case, policy, now),
            None => Decision::default(),
        },
        Event::TellAlerts { consultant } => tell_alerts(consultant, case, policy, now),
        Event::Departure { ticket, address } => match case.tickets.get(ticket) {
            Some(ticket) => succession::pass_on(ticket, address, case, policy, now),
            None => Decision::default(),
        },
        Event::ListChanged {
            client_name,
            person,
            joins,
            ..
        } => directory::changed(client_name, person, *joins, case, now),
        Event::Digest { day, broken } => digest::decide(*day, broken.as_deref(), case, policy, now),
        Event::Correct { ticket, correction } => match case.tickets.get(ticket) {
            Some(ticket) => correction::decide(ticket, correction, policy, now),
            None => Decision::default(),
        },
        Event::Statement(issue) => statement_issue::decide(issue, case, now),
        Event::StatementsSent { month } => Decision {
            effects: vec![Effect::StatementsDone { month: *month }],
            why: vec![format!("the statements of {month} are sent")],
        },
        Event::Recompute { ticket, cause } => match case.tickets.get(ticket) {
            Some(ticket) => recompute(ticket, *cause, policy, now),
            None => Decision::default(),
        },
        Event::Alarm {
            cause,
            raised,
            detail,
        } => alarm(*cause, *raised, detail, case, policy, now),
    }
}

/// A ticket on its way through one decision: its facts as they were, and those being added.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The ticket, new facts included.
    pub ticket: Ticket,
    before: Arc<Ticket>,
    added: Vec<Dated>,
    entries: Entries,
}

impl Draft {
    /// Opens a ticket for changes.
    pub fn of(ticket: &Ticket) -> Self {
        Self {
            ticket: ticket.clone(),
            before: Arc::new(ticket.clone()),
            added: Vec::new(),
            entries: Entries::default(),
        }
    }

    /// Adds a fact.
    pub fn record(&mut self, at: DateTime<Utc>, fact: Fact) {
        self.ticket.record(at, fact.clone());
        self.added.push(Dated { at, fact });
    }

    /// Adds a line to the ledger.
    pub fn charge(&mut self, line: NewCharge) {
        if let Some(taken_back) = line.reverses {
            let of = |charge: &&mut Charge| charge.id == taken_back;
            if let Some(charge) = self.ticket.charges.iter_mut().find(of) {
                charge.is_reversed = true;
            }
        }
        self.ticket.charges.push(Charge {
            id: ChargeId::default(),
            ticket: self.ticket.id,
            line: line.clone(),
            formalized_at: None,
            approved_at: None,
            is_reversed: false,
        });
        self.entries.entered.push(line);
    }

    /// Notes the client's word that a line waited for.
    pub fn release(&mut self, released: Released) {
        let of = |charge: &&mut Charge| charge.id == released.charge;
        if let Some(charge) = self.ticket.charges.iter_mut().find(of) {
            match released.waited_for {
                WaitsFor::Formalization => charge.formalized_at = Some(released.at),
                WaitsFor::Approval => charge.approved_at = Some(released.at),
            }
        }
        self.entries.released.push(released);
    }

    /// The lines that this decision enters, as far as it has come.
    pub(super) fn entered(&self) -> &[NewCharge] {
        &self.entries.entered
    }

    /// Minutes of follow-ups that this decision enters.
    pub(super) fn followed_up(&self) -> i64 {
        let follow_up = |line: &&NewCharge| line.kind == ChargeKind::FollowUp;
        let lines = self.entries.entered.iter().filter(follow_up);
        lines.map(|line| line.minutes).sum()
    }

    /// The effect that keeps it, with its charges settled and its due rows computed anew.
    pub fn save(mut self, policy: &Policy, now: DateTime<Utc>) -> Effect {
        let before = Arc::clone(&self.before);
        charging::settle(&before, &mut self, policy, now);
        let due = schedule(&self.ticket, policy, now);
        Effect::SaveTicket {
            ticket: Box::new(self.ticket),
            facts: self.added,
            due,
            entries: self.entries,
        }
    }
}

/// After five attempts a mail is a person's business (mail.md §1): held, with an alarm.
fn unprocessable(
    inbound: InboundId,
    reason: &str,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = alarm(AlarmCause::Unprocessable, true, reason, case, policy, now);
    decision.effects.push(Effect::Hold {
        inbound,
        cause: HeldCause::Unprocessable,
        client: None,
        ticket: None,
        from: None,
    });
    decision.effects.push(Effect::Conclude {
        inbound,
        class: None,
        outcome: Outcome::Held,
    });
    decision
        .why
        .push(format!("held: processing failed every time ({reason})"));
    decision
}

/// Everything kept for a consultant leaves as one mail. Who is no consultant any more is told
/// nothing: his tickets go to the others, who are alerted at the next stage.
fn tell_alerts(to: &Address, case: &Case, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let effects = match policy.consultant(to) {
        Some(consultant) if !case.alerts.is_empty() => alerts(consultant, &case.alerts, now),
        _ => vec![Effect::AlertsTold { to: to.clone() }],
    };
    Decision {
        effects,
        why: vec![format!("{} alerts for {to} in one mail", case.alerts.len())],
    }
}

/// Nothing happened to the ticket: its due rows and cached figures are computed anew, and no more.
fn recompute(
    ticket: &Ticket,
    cause: RecomputeCause,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let because = match cause {
        RecomputeCause::PolicyChanged => "the policy, a calendar or the program changed",
        RecomputeCause::Differed => "the stored ones differed",
    };
    let tag = policy.tag(ticket.id);
    Decision {
        effects: vec![Draft::of(ticket).save(policy, now)],
        why: vec![format!("{tag}: deadlines recomputed: {because}")],
    }
}

/// One mail per cause until it clears, and one when it does.
pub(super) fn alarm(
    cause: AlarmCause,
    raised: bool,
    detail: &str,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let mut decision = Decision::default();
    match (raised, case.alarm_since) {
        (true, None) => {
            let letter = Letter::OperatorAlarm {
                cause,
                detail: detail.to_owned(),
                since: now,
            };
            let key = format!("alarm:{}:{}", cause.name(), now.timestamp_millis());
            decision.effects.push(Effect::RaiseAlarm {
                cause,
                detail: detail.to_owned(),
            });
            decision
                .effects
                .extend(to_operators(policy, &letter, &key, now));
            decision
                .why
                .push(format!("alarm {}: {detail}", cause.name()));
        }
        (false, Some(since)) => {
            let letter = Letter::OperatorRecovered {
                cause,
                since,
                until: now,
            };
            let key = format!("recovered:{}:{}", cause.name(), since.timestamp_millis());
            decision.effects.push(Effect::ClearAlarm { cause });
            decision
                .effects
                .extend(to_operators(policy, &letter, &key, now));
            decision.why.push(format!("alarm {} is over", cause.name()));
        }
        (true, Some(_)) | (false, None) => {}
    }
    decision
}
