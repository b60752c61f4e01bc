//! The ledger of charges, counted anew from the mails that reached the client (policy.md §7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use soported::store::instant;

use super::checks::{Verdict, Watcher, hold};

/// What a follow-up costs, in minutes.
const FOLLOW_UP: i64 = 15;

/// Checks the charges of tickets that changed: what the client is charged for follow-ups is what his
/// mails come to, however often anything was repeated.
pub fn hold_for(watcher: &Watcher, tickets: &BTreeSet<i64>) -> Verdict {
    for ticket in tickets {
        let wanted = FOLLOW_UP * i64::try_from(follow_ups(watcher, *ticket)).expect("a few");
        let sql = "SELECT coalesce(sum(minutes), 0) FROM charge
                   WHERE kind = 'follow_up' AND ticket_id = ?1";
        let charged = watcher.rows_of(sql, [ticket], |row| row.get::<_, i64>(0));
        hold(charged == [wanted], || {
            format!("ticket {ticket}: {charged:?} minutes of follow-ups are charged, not {wanted}")
        })?;
    }
    Ok(())
}

/// Mails of a consultant to the client of one ticket, those within a quarter of an hour of the first
/// counted once; what came back, and what was taken back, not at all.
fn follow_ups(watcher: &Watcher, ticket: i64) -> usize {
    let sql = "SELECT min(fact.at), fact.fact ->> 'inbound',
                      (SELECT queued.fact ->> 'by' FROM ticket_fact AS queued
                       WHERE queued.ticket_id = fact.ticket_id
                         AND queued.fact ->> 'fact' = 'reply_queued'
                         AND queued.fact ->> 'inbound' = fact.fact ->> 'inbound')
               FROM ticket_fact AS fact
               WHERE fact.ticket_id = ?1 AND fact.fact ->> 'fact' = 'reply_sent'
                 AND fact.fact ->> 'inbound' IS NOT NULL
                 AND NOT EXISTS (
                     SELECT 1 FROM ticket_fact AS back JOIN ticket ON ticket.id = back.ticket_id
                     WHERE back.ticket_id = fact.ticket_id AND back.id > fact.id
                       AND back.fact ->> 'fact' = 'delivery_failed'
                       AND back.fact ->> 'outbox' = fact.fact ->> 'outbox'
                       AND back.fact ->> 'to' = ticket.requester)
               GROUP BY fact.fact ->> 'inbound' ORDER BY 1";
    let mails: Vec<(DateTime<Utc>, String)> =
        watcher.rows_of(sql, [ticket], |row| Ok((instant(row.get(0)?), row.get(2)?)));
    let mut first: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    let mut count = 0;
    for (at, by) in mails {
        let within = first
            .get(&by)
            .is_some_and(|began| at - *began < Duration::minutes(FOLLOW_UP));
        if !within {
            first.insert(by, at);
            count += 1;
        }
    }
    count
}
