//! What must hold of contact plans and alerts (policy.md §3 and §6), read from the ledger alone:
//! from the facts as they are stored, and from the mails as they left. Only when a step fell due is
//! asked of the rules.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sha2::{Digest, Sha256};
use soported::domain::contact;
use soported::domain::ids::TicketId;
use soported::store::{instant, tickets};

use super::checks::{Verdict, Watcher, hold};
use super::outside::World;

/// A fact as it is stored.
struct Stored {
    at: DateTime<Utc>,
    journal: i64,
    fact: Value,
}

impl Stored {
    fn name(&self) -> &str {
        self.fact["fact"].as_str().unwrap_or_default()
    }

    /// Whether a plan that runs begins anew with it, or ends.
    fn begins_anew(&self) -> bool {
        matches!(
            self.name(),
            "client_wrote" | "reply_queued" | "status_changed"
        )
    }
}

/// An attempt by mail: one decision, whoever of the client's side it went to.
#[derive(Debug)]
struct Tried {
    journal: i64,
    queued_at: DateTime<Utc>,
    sent_at: Option<DateTime<Utc>>,
    failed: bool,
}

/// States in which the client owes the next step (policy.md §6).
const WAITING: [&str; 3] = ["waiting_client", "waiting_approval", "proposed"];

/// Checks the plans and alerts of tickets that changed.
pub fn hold_for(watcher: &Watcher, tickets: &BTreeSet<i64>) -> Verdict {
    for ticket in tickets {
        let facts = facts_of(watcher, *ticket);
        alerts_are_told_once(*ticket, &facts)?;
        let tried = attempts_of(watcher, *ticket);
        attempts_keep_their_distance(watcher, *ticket, &tried)?;
        attempts_have_their_plan(watcher, *ticket, &tried, &facts)?;
        closings_are_due(watcher, *ticket, &tried, &facts)?;
    }
    Ok(())
}

fn facts_of(watcher: &Watcher, ticket: i64) -> Vec<Stored> {
    let sql = "SELECT at, journal_id, fact FROM ticket_fact WHERE ticket_id = ?1 ORDER BY id";
    watcher.rows_of(sql, [ticket], |row| {
        let text: String = row.get(2)?;
        Ok(Stored {
            at: instant(row.get(0)?),
            journal: row.get(1)?,
            fact: serde_json::from_str(&text).expect("facts are JSON"),
        })
    })
}

fn attempts_of(watcher: &Watcher, ticket: i64) -> Vec<Tried> {
    let sql = "SELECT journal_id, min(created_at), min(sent_at), min(state = 'failed') FROM outbox
               WHERE ticket_id = ?1 AND kind = 'contact_attempt'
               GROUP BY journal_id ORDER BY journal_id";
    watcher.rows_of(sql, [ticket], |row| {
        Ok(Tried {
            journal: row.get(0)?,
            queued_at: instant(row.get(1)?),
            sent_at: row.get::<_, Option<i64>>(2)?.map(instant),
            failed: row.get(3)?,
        })
    })
}

/// Policy §3: each stage of a clock is told once; the clock of later mails begins anew with each.
fn alerts_are_told_once(ticket: i64, facts: &[Stored]) -> Verdict {
    let mut told: BTreeSet<String> = BTreeSet::new();
    for stored in facts {
        match stored.name() {
            "client_wrote" => told.retain(|stage| !stage.contains("next_reply")),
            "alerted" => {
                let stage = stored.fact.to_string();
                hold(told.insert(stage.clone()), || {
                    format!("ticket {ticket}: {stage} was told twice")
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Policy §6: never two attempts on one business day, whether by when they were decided or by
/// when they left.
fn attempts_keep_their_distance(watcher: &Watcher, ticket: i64, tried: &[Tried]) -> Verdict {
    let calendar = &watcher.policy.calendar;
    let day = |at: DateTime<Utc>| calendar.local(at).date_naive();
    let mut queued: BTreeSet<NaiveDate> = BTreeSet::new();
    let mut sent: BTreeSet<NaiveDate> = BTreeSet::new();
    for attempt in tried {
        let on = day(attempt.queued_at);
        hold(queued.insert(on), || {
            format!("ticket {ticket}: two contact attempts on {on}")
        })?;
        hold(calendar.is_business_day(on), || {
            format!("ticket {ticket}: a contact attempt on {on}, a day of rest")
        })?;
        if let Some(at) = attempt.sent_at {
            let on = day(at);
            hold(sent.insert(on), || {
                format!("ticket {ticket}: two contact attempts left on {on}: {tried:?}")
            })?;
        }
    }
    Ok(())
}

/// Attempts are made while the client owes the next step, no more of them than configured, and
/// none after one that came back.
fn attempts_have_their_plan(
    watcher: &Watcher,
    ticket: i64,
    tried: &[Tried],
    facts: &[Stored],
) -> Verdict {
    let mut of_plan: BTreeMap<usize, Vec<&Tried>> = BTreeMap::new();
    for attempt in tried {
        let before = |stored: &&Stored| stored.journal <= attempt.journal;
        let state = facts
            .iter()
            .filter(before)
            .rfind(|s| s.name() == "status_changed");
        let state = state.and_then(|s| s.fact["to"].as_str()).unwrap_or("new");
        hold(WAITING.contains(&state), || {
            format!("ticket {ticket}: a contact attempt while it was {state}")
        })?;
        let begun = facts
            .iter()
            .filter(before)
            .filter(|s| s.begins_anew())
            .count();
        of_plan.entry(begun).or_default().push(attempt);
    }
    for attempts in of_plan.values() {
        // One that came back stops the plan; a person who begins it anew begins another one.
        for pair in attempts.windows(2) {
            hold(!pair[0].failed, || {
                format!("ticket {ticket}: a contact attempt after one that came back")
            })?;
        }
        let most = usize::try_from(watcher.policy.contact.attempts).expect("a small number");
        hold(attempts.len() <= most, || {
            format!(
                "ticket {ticket}: {} contact attempts in one plan",
                attempts.len()
            )
        })?;
    }
    Ok(())
}

/// Policy §6: closed for want of an answer only after the last attempt of the plan, and not before
/// the closing time of the last of the days that follow it.
fn closings_are_due(watcher: &Watcher, ticket: i64, tried: &[Tried], facts: &[Stored]) -> Verdict {
    let (terms, calendar) = (&watcher.policy.contact, &watcher.policy.calendar);
    let priority = |upto: usize| {
        let named = facts[..upto]
            .iter()
            .rev()
            .find_map(|stored| match stored.name() {
                "priority_changed" => stored.fact["to"].as_str(),
                "opened" => stored.fact["priority"].as_str(),
                _ => None,
            });
        named.unwrap_or("medium").to_owned()
    };
    for (place, closed) in facts.iter().enumerate() {
        let ending = closed.fact["closed_as"].as_str().unwrap_or_default();
        let by_plan =
            closed.name() == "status_changed" && matches!(ending, "unattended" | "not_approved");
        if !by_plan {
            continue;
        }
        hold(
            priority(place) != "critical" || terms.close_critical,
            || format!("ticket {ticket}: critical, and closed without a consultant's word"),
        )?;
        let begun = facts[..place].iter().rfind(|stored| stored.begins_anew());
        let begun = begun.map_or(0, |stored| stored.journal);
        let mails = tried
            .iter()
            .filter(|t| t.journal > begun && t.journal <= closed.journal);
        let calls = facts[..place].iter();
        let calls = calls.filter(|s| s.journal > begun && s.name() == "attempt_by_phone");
        let mut made: Vec<DateTime<Utc>> = calls.map(|call| call.at).collect();
        made.extend(mails.filter(|t| !t.failed).filter_map(|t| t.sent_at));
        made.sort();
        let asked = u32::from(terms.question_counts_as_attempt);
        let owed = usize::try_from(terms.attempts - asked).expect("a small number");
        hold(made.len() >= owed, || {
            format!(
                "ticket {ticket}: {ending} after {} attempts that arrived",
                made.len()
            )
        })?;
        let Some(last) = made.last() else { continue };
        let day = calendar.add_business_days(*last, terms.interval_business_days);
        let earliest = calendar.closing(day).expect("a business day closes");
        hold(closed.at >= earliest, || {
            format!(
                "ticket {ticket}: {ending} at {}, before {earliest}",
                closed.at
            )
        })?;
    }
    Ok(())
}

/// What was due, and what lay unread on the server, just before something is decided.
#[derive(Debug, Default)]
pub struct Before {
    due: BTreeMap<i64, DateTime<Utc>>,
    unread: Vec<DateTime<Utc>>,
    journal: i64,
}

impl Before {
    pub fn of(watcher: &Watcher, world: &World) -> Before {
        let sql = "SELECT ticket_id, min(at) FROM due GROUP BY ticket_id";
        let due = watcher.rows(sql, |row| Ok((row.get(0)?, instant(row.get(1)?))));
        // A step that came too late for its day is put off to an opening: it fell due when it did.
        let due = due.into_iter().map(|(id, at): (i64, DateTime<Utc>)| {
            let ticket = tickets::load(&watcher.ledger, TicketId(id)).ok().flatten();
            let plan = ticket.and_then(|ticket| contact::plan(&ticket, &watcher.policy));
            let step = plan.and_then(|plan| plan.due_at());
            (id, step.map_or(at, |step| step.min(at)))
        });
        // By its bytes: a new UIDVALIDITY gives what was read long ago another number.
        let known = watcher.rows("SELECT lower(hex(sha256)) FROM inbound", |row| row.get(0));
        let known: BTreeSet<String> = known.into_iter().collect();
        let hash = |raw: &[u8]| data_encoding::HEXLOWER.encode(&Sha256::digest(raw));
        let unread = world.server.mails.iter();
        // What the server would not hand over is held, and the operators know.
        let epoch = world.server.epoch;
        let sql =
            "SELECT CAST(locator AS INTEGER) FROM inbound WHERE size_bytes = 0 AND epoch = ?1";
        let absent = watcher.rows_of(sql, [i64::from(epoch)], |row| row.get::<_, u32>(0));
        let unread =
            unread.filter(|(uid, mail)| !absent.contains(uid) && !known.contains(&hash(&mail.raw)));
        Before {
            due: due.collect(),
            unread: unread.map(|(_, mail)| mail.visible_at).collect(),
            journal: watcher.number("SELECT max(id) FROM journal"),
        }
    }

    /// Policy §6: before an attempt or a closing the mailbox has been read since it fell due.
    pub fn nothing_was_missed(&self, watcher: &Watcher) -> Verdict {
        let sql = "SELECT ticket_id FROM outbox
                   WHERE kind = 'contact_attempt' AND journal_id > ?1
                   UNION SELECT ticket_id FROM ticket_fact
                   WHERE journal_id > ?1
                     AND json_extract(fact, '$.closed_as') IN ('unattended', 'not_approved')";
        for ticket in watcher.rows_of(sql, [self.journal], |row| row.get::<_, i64>(0)) {
            let Some(due) = self.due.get(&ticket) else {
                continue;
            };
            let missed = self.unread.iter().find(|visible| *visible <= due);
            hold(missed.is_none(), || {
                format!(
                    "ticket {ticket}: acted on what fell due at {due} while a mail of {missed:?} lay unread"
                )
            })?;
        }
        Ok(())
    }
}
