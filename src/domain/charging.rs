//! How lines come into the ledger (policy.md §7): with the flags of their ticket, cut where the
//! authorized time ends; follow-ups by the mails that reached the client.

use chrono::{DateTime, Utc};

use super::address::Address;
use super::billing::{Bucket, FOLLOW_UP_MINUTES, FollowUp, Span, follow_ups};
use super::budget::Budget;
use super::charge::{Charge, ChargeKind, NewCharge, Released, WaitsFor};
use super::desk::Draft;
use super::ids::{ChargeId, InboundId, OutboxId};
use super::policy::Policy;
use super::ticket::{Fact, Ticket};

/// The windows out of hours that were asked for and accepted (policy.md §7).
pub fn approved_windows(ticket: &Ticket) -> Vec<(Span, InboundId)> {
    let accepted = ticket.history.iter().filter_map(|dated| match dated.fact {
        Fact::WindowAccepted {
            from, to, asked_in, ..
        } => Some((Span { from, to }, asked_in)),
        _ => None,
    });
    accepted.collect()
}

/// What a minute of a bucket is multiplied by; none: nothing.
pub fn factor(ticket: &Ticket, policy: &Policy, bucket: Bucket) -> Option<f64> {
    let factor = ticket.client.out_of_hours(policy).factor;
    factor.filter(|_| bucket == Bucket::OutOfHoursApproved)
}

/// The bucket of an instant, and the mail that approved it where one had to.
pub fn bucket_at(
    ticket: &Ticket,
    policy: &Policy,
    at: DateTime<Utc>,
) -> (Bucket, Option<InboundId>) {
    let windows = approved_windows(ticket);
    let spans: Vec<Span> = windows.iter().map(|(span, _)| *span).collect();
    let bucket = Bucket::at(at, ticket.calendar(policy), &spans);
    let approval = windows.iter().find(|(span, _)| span.contains(at));
    let approval = approval.filter(|_| bucket == Bucket::OutOfHoursApproved);
    (bucket, approval.map(|(_, mail)| *mail))
}

/// Enters a line with the flags that follow from its ticket. Time beyond the authorized is a line of
/// its own, which waits for an authorizer (policy.md §4).
pub fn enter(draft: &mut Draft, line: NewCharge, policy: &Policy) {
    let beyond_it = format!("{}:excess", line.once);
    let entered = |charge: &Charge| [&line.once, &beyond_it].contains(&&charge.line.once);
    if draft.ticket.charges.iter().any(entered) {
        // Replayed, it charges nothing again.
        return;
    }
    let left = Budget::of(&draft.ticket, policy).left();
    let line = NewCharge {
        pending_formalization: !draft.ticket.official,
        ..line
    };
    let within = line.minutes.min(left);
    let beyond = line.minutes - within;
    if within > 0 {
        draft.charge(NewCharge {
            minutes: within,
            ..line.clone()
        });
    }
    if beyond > 0 {
        draft.charge(NewCharge {
            minutes: beyond,
            excess: true,
            once: beyond_it,
            ..line
        });
    }
}

/// Lets the lines that wait for an authorizer's approval be charged, oldest first, as far as
/// `minutes` go; a line that goes only in part is entered anew in two.
pub fn approve(draft: &mut Draft, minutes: i64, (source, at): (InboundId, DateTime<Utc>)) {
    let waits = |charge: &&Charge| {
        charge.is_in_force() && charge.line.excess && charge.approved_at.is_none()
    };
    let waiting: Vec<Charge> = draft.ticket.charges.iter().filter(waits).cloned().collect();
    let mut left = minutes;
    for charge in waiting {
        let released = |charge| Released {
            charge,
            waited_for: WaitsFor::Approval,
            at,
            source,
        };
        if left <= 0 {
            break;
        }
        if charge.line.minutes <= left {
            left -= charge.line.minutes;
            draft.release(released(charge.id));
            continue;
        }
        draft.charge(charge.reversal(at, Some(source), ""));
        let part = |minutes: i64, excess: bool| NewCharge {
            once: format!("{}:{}:{minutes}", charge.line.once, source),
            minutes,
            excess,
            approval: if excess {
                charge.line.approval
            } else {
                Some(source)
            },
            at,
            ..charge.line.clone()
        };
        draft.charge(part(left, false));
        draft.charge(part(charge.line.minutes - left, true));
        left = 0;
    }
}

/// What follows from a decision for the ledger: follow-ups that begin or cease to be some, and lines
/// that waited for the mail that made the ticket official. `before` is the ticket as it was.
pub(super) fn settle(before: &Ticket, draft: &mut Draft, policy: &Policy, now: DateTime<Utc>) {
    let sent_before = mails_that_reached(before);
    let was = charged_mails(before, &sent_before, policy);
    let sent = mails_that_reached(&draft.ticket);
    let is = charged_mails(&draft.ticket, &sent, policy);
    for gone in was.iter().filter(|mail| !is.contains(mail)) {
        take_back_follow_up(draft, gone, now);
    }
    for new in is.iter().filter(|mail| !was.contains(mail)) {
        // What was sent before and counts only now belongs to the month in which it does.
        let entered_at = if sent_before.contains(new) {
            now
        } else {
            new.at
        };
        charge_follow_up(draft, new, entered_at, policy);
    }
    formalize(draft);
}

/// A consultant's mail that reached the client.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Reached {
    at: DateTime<Utc>,
    by: Address,
    inbound: InboundId,
}

/// What the words of a consultant's mail cost, in minutes, where they leave at `at` and reach the
/// client: nothing where they belong to a follow-up of before, or to a session.
pub(super) fn cost_of(ticket: &Ticket, mail: InboundId, at: DateTime<Utc>, policy: &Policy) -> i64 {
    let mut ticket = ticket.clone();
    let (outbox, inbound) = (OutboxId::default(), Some(mail));
    ticket.record(at, Fact::ReplySent { outbox, inbound });
    let charged = charged_mails(&ticket, &mails_that_reached(&ticket), policy);
    if charged.iter().any(|charged| charged.inbound == mail) {
        FOLLOW_UP_MINUTES
    } else {
        0
    }
}

/// Those of a ticket's mails that are follow-ups (policy.md §7): what is said twice within minutes, or
/// during a session, is none.
fn charged_mails(ticket: &Ticket, mails: &[Reached], policy: &Policy) -> Vec<Reached> {
    let sessions = sessions(ticket);
    let plain: Vec<(DateTime<Utc>, &Address)> =
        mails.iter().map(|mail| (mail.at, &mail.by)).collect();
    let charged: Vec<FollowUp<&Address>> = follow_ups(&plain, &sessions, policy.billing.coalesce);
    charged
        .into_iter()
        .filter_map(|follow_up| {
            let of = |mail: &&Reached| mail.at == follow_up.at && mail.by == *follow_up.consultant;
            mails.iter().find(of).cloned()
        })
        .collect()
}

/// Consultants' mails that the client's side had, each once, at the instant it did.
fn mails_that_reached(ticket: &Ticket) -> Vec<Reached> {
    let author = |mail: InboundId| {
        ticket.history.iter().find_map(|dated| match &dated.fact {
            Fact::ReplyQueued { by, inbound } if *inbound == mail => Some(by.clone()),
            _ => None,
        })
    };
    let mut mails: Vec<Reached> = Vec::new();
    for (place, dated) in ticket.history.iter().enumerate() {
        let (by, inbound) = match &dated.fact {
            Fact::ReplySent {
                outbox,
                inbound: Some(inbound),
            } if !ticket.came_back(place, *outbox) => (author(*inbound), *inbound),
            Fact::RepliedDirectly { by, inbound } => (Some(by.clone()), *inbound),
            _ => continue,
        };
        let known = mails.iter().any(|mail| mail.inbound == inbound);
        if let Some(by) = by.filter(|_| !known) {
            mails.push(Reached {
                at: dated.at,
                by,
                inbound,
            });
        }
    }
    mails.sort_unstable();
    mails
}

/// The sessions of a ticket that nothing takes back.
fn sessions(ticket: &Ticket) -> Vec<Span> {
    let session =
        |charge: &&Charge| charge.is_in_force() && charge.line.kind == ChargeKind::Session;
    let sessions = ticket.charges.iter().filter(session);
    sessions.filter_map(|charge| charge.line.span).collect()
}

fn follow_ups_of(ticket: &Ticket, mail: InboundId) -> impl Iterator<Item = &Charge> {
    ticket.charges.iter().filter(move |charge| {
        charge.line.kind == ChargeKind::FollowUp
            && charge.line.reverses.is_none()
            && charge.line.source == Some(mail)
    })
}

fn take_back_follow_up(draft: &mut Draft, mail: &Reached, now: DateTime<Utc>) {
    let charged: Vec<NewCharge> = follow_ups_of(&draft.ticket, mail.inbound)
        .filter(|charge| charge.is_in_force())
        .map(|charge| charge.reversal(now, None, ""))
        .collect();
    for line in charged {
        draft.charge(line);
    }
}

fn charge_follow_up(draft: &mut Draft, mail: &Reached, entered_at: DateTime<Utc>, policy: &Policy) {
    let earlier = follow_ups_of(&draft.ticket, mail.inbound);
    let (mut times, mut in_force) = (0, false);
    for charge in earlier {
        times += 1;
        in_force |= charge.is_in_force();
    }
    let minutes = under_the_cap(draft, policy);
    if in_force || minutes <= 0 {
        return;
    }
    let once = match times {
        0 => format!("follow_up:{}", mail.inbound),
        // Taken back before, and it counts again.
        times => format!("follow_up:{}:{times}", mail.inbound),
    };
    let line = follow_up(&draft.ticket, policy, &mail.by, mail.at);
    let line = NewCharge {
        once,
        minutes,
        at: entered_at,
        source: Some(mail.inbound),
        ..line
    };
    enter(draft, line, policy);
}

/// A follow-up of `by` at `at`, which still has to be told what it is for.
pub(super) fn follow_up(
    ticket: &Ticket,
    policy: &Policy,
    by: &Address,
    at: DateTime<Utc>,
) -> NewCharge {
    let (bucket, approval) = bucket_at(ticket, policy, at);
    let what = (ChargeKind::FollowUp, FOLLOW_UP_MINUTES, bucket);
    NewCharge {
        factor: factor(ticket, policy, bucket),
        approval,
        ..NewCharge::plain(String::new(), what, by, at)
    }
}

/// Minutes of a follow-up that the day's cap of the client leaves, where the house has one.
pub(super) fn under_the_cap(draft: &Draft, policy: &Policy) -> i64 {
    let Some(cap) = policy.billing.daily_cap else {
        return FOLLOW_UP_MINUTES;
    };
    let left = cap.num_minutes() - draft.ticket.followed_up_today - draft.followed_up();
    left.clamp(0, FOLLOW_UP_MINUTES)
}

/// Policy §2: what was done on a call becomes billable with the mail that makes it official.
fn formalize(draft: &mut Draft) {
    let made_official = draft
        .ticket
        .history
        .iter()
        .rev()
        .find_map(|dated| match dated.fact {
            Fact::Formalized { inbound } => Some((inbound, dated.at)),
            _ => None,
        });
    let Some((source, at)) = made_official.filter(|_| draft.ticket.official) else {
        return;
    };
    let waits = |charge: &&Charge| {
        charge.line.pending_formalization
            && charge.formalized_at.is_none()
            && charge.id != ChargeId::default()
    };
    let waiting: Vec<ChargeId> = draft
        .ticket
        .charges
        .iter()
        .filter(waits)
        .map(|charge| charge.id)
        .collect();
    for charge in waiting {
        draft.release(Released {
            charge,
            waited_for: WaitsFor::Formalization,
            at,
            source,
        });
    }
}
