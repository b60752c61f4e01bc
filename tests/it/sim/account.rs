//! The account at rest: every mail once in the ledger with a fate it may have, every effect once,
//! every promise kept.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use soported::domain::clock;
use soported::store::{instant, millis};

use super::checks::{Verdict, Watcher, hold};
use super::people::{Letter, Sort, Words};
use super::run::{Report, Sim};
use super::transport::Accepted;

/// A mail as the ledger has it.
#[derive(Debug, Clone)]
struct Row {
    id: i64,
    outcome: String,
    twin: Option<i64>,
}

/// Checks everything, once nothing moves any more.
pub fn balance(sim: &Sim) -> Result<Report, String> {
    let watcher = &sim.watcher;
    watcher.look_again()?;
    let mut opened = 0;
    for letter in &sim.people.letters {
        let row = once_in_the_ledger(watcher, letter)?;
        had_a_fate_it_may_have(watcher, letter, &row)?;
        opened += i64::from(row.outcome == "opened");
    }
    // What the server held back for a time has a row without content, besides its own.
    let rows = "SELECT count(DISTINCT sha256) FROM inbound WHERE size_bytes > 0";
    let rows = watcher.number(rows);
    let kinds: std::collections::BTreeSet<&[u8]> = sim
        .people
        .letters
        .iter()
        .map(|l| l.sha256.as_slice())
        .collect();
    hold(usize::try_from(rows) == Ok(kinds.len()), || {
        format!(
            "{} different mails were written and {rows} are in the ledger",
            kinds.len()
        )
    })?;
    let tickets = watcher.number("SELECT count(*) FROM ticket");
    hold(tickets == opened, || {
        format!("{opened} mails opened tickets and there are {tickets}")
    })?;
    for id in watcher.rows("SELECT id FROM ticket", |row| row.get(0)) {
        watcher.ticket_holds(id)?;
    }
    let world = sim.outside.lock();
    let post = &world.post;
    let (sent, repeats) = promises_were_kept(watcher, &post.accepted, &post.refused, world.now)?;
    answers_in_time_count(sim, &post.accepted)?;
    Ok(Report {
        steps: 0,
        deaths: world.life.deaths,
        letters: sim.people.letters.len(),
        tickets,
        sent,
        repeats,
        fingerprint: world.trace.fingerprint(),
    })
}

/// Every time it reached the mailbox it has one row; a row that a new epoch made doubles it. One
/// of all is no duplicate, and that one is answered.
fn once_in_the_ledger(watcher: &Watcher, letter: &Letter) -> Result<Row, String> {
    let sql = "SELECT id, received_at, state, coalesce(outcome, ''), twin_id
               FROM inbound WHERE sha256 = ?1 ORDER BY id";
    let mut statement = watcher.ledger.prepare_cached(sql).expect("a statement");
    let rows: Vec<(DateTime<Utc>, String, Row)> = statement
        .query_map([&letter.sha256], |row| {
            let received_at = instant(row.get(1)?);
            let of = Row {
                id: row.get(0)?,
                outcome: row.get(3)?,
                twin: row.get(4)?,
            };
            Ok((received_at, row.get(2)?, of))
        })
        .and_then(Iterator::collect)
        .expect("rows");
    let mut by_arrival: BTreeMap<DateTime<Utc>, usize> = BTreeMap::new();
    for (received_at, state, row) in &rows {
        hold(state == "done", || format!("{} waits for ever", letter.id))?;
        let of_epoch = |earlier: &&(DateTime<Utc>, String, Row)| {
            Some(earlier.2.id) == row.twin && earlier.0 == *received_at
        };
        let again = row.outcome == "duplicate" && rows.iter().any(|r| of_epoch(&r));
        if !again {
            *by_arrival.entry(*received_at).or_default() += 1;
        }
    }
    let wanted: BTreeMap<DateTime<Utc>, usize> = letter.arrived.iter().map(|at| (*at, 1)).collect();
    // What was there before the first start is recorded anew with every epoch, and never acts.
    let mut idle = rows.iter().filter(|row| row.2.outcome == "before_start");
    if letter.sort == Sort::Before && !rows.is_empty() && idle.clone().count() == rows.len() {
        return idle.next().map(|row| row.2.clone()).ok_or_else(String::new);
    }
    hold(by_arrival == wanted, || {
        format!(
            "{:?} {} arrived {wanted:?} and is in the ledger {by_arrival:?}",
            letter.sort, letter.id
        )
    })?;
    let mut first = rows.iter().filter(|row| row.2.outcome != "duplicate");
    match (first.next(), first.next()) {
        (Some((_, _, row)), None) => Ok(row.clone()),
        (found, more) => Err(format!(
            "{:?} {} was dealt with {found:?} and {more:?}",
            letter.sort, letter.id
        )),
    }
}

fn had_a_fate_it_may_have(watcher: &Watcher, letter: &Letter, row: &Row) -> Verdict {
    let allowed: &[&str] = match &letter.sort {
        Sort::Before => &["before_start"],
        Sort::Opening(_) => &["opened"],
        // A closed ticket's thread opens a new one; somebody who was not copied is held.
        Sort::Reply if super::people::AUTHORIZERS.contains(&letter.from.as_str()) => {
            &["filed", "opened"]
        }
        Sort::Reply => &["filed", "opened", "held"],
        Sort::Consultant(_) => &["filed", "held"],
        Sort::Stranger
        | Sort::ThirdParty
        | Sort::Unlisted
        | Sort::Forged
        | Sort::Unauthenticated => &["held"],
        Sort::AutoReply | Sort::Delay | Sort::Bounce(_) => &["filed", "recorded"],
        Sort::Loop | Sort::Newsletter => &["recorded", "held"],
    };
    let why = || {
        let sql = format!("SELECT why FROM inbound WHERE id = {}", row.id);
        watcher.rows(&sql, |r| r.get::<_, String>(0)).concat()
    };
    hold(allowed.contains(&row.outcome.as_str()), || {
        format!(
            "{:?} {} was {}: {}",
            letter.sort,
            letter.id,
            row.outcome,
            why()
        )
    })?;
    let caused = |what: &str| {
        watcher.number(&format!(
            "SELECT count(*) FROM outbox JOIN journal ON journal.id = journal_id
             WHERE journal.inbound_id = {} AND {what}",
            row.id
        ))
    };
    let named = || format!("{:?} {} ({})", letter.sort, letter.id, row.outcome);
    match (&letter.sort, row.outcome.as_str()) {
        (Sort::Opening(acknowledged), _) => {
            let sent = caused("outbox.kind = 'acknowledgement'");
            hold(sent == i64::from(*acknowledged), || {
                format!("{} was acknowledged {sent} times", named())
            })?;
            hold(caused("outbox.kind = 'consultant_new_ticket'") > 0, || {
                format!("no consultant was told of {}", named())
            })
        }
        (Sort::Reply, "filed") => {
            let wrote = watcher.number(&format!(
                "SELECT count(*) FROM ticket_fact WHERE json_extract(fact, '$.inbound') = {}
                   AND json_extract(fact, '$.fact') = 'client_wrote'",
                row.id
            ));
            let closed = watcher.number(&format!(
                "SELECT count(*) FROM journal WHERE inbound_id = {} AND ticket_id IS NULL",
                row.id
            ));
            hold(wrote == 1 || closed == 1, || {
                format!("{} is recorded {wrote} times", named())
            })
        }
        (Sort::Consultant(words), "filed") => {
            let out = caused("outbox.purpose = 'client'");
            let told = caused("outbox.purpose <> 'client'");
            match words {
                Words::Plain => hold((out > 0) != (told > 0), || {
                    format!(
                        "{}: {out} mails to the client, {told} to its author",
                        named()
                    )
                }),
                Words::Commanded => hold(out + told > 0 || is_decided(watcher, row), || {
                    format!("nothing came of {}", named())
                }),
                Words::Inside => hold(out == 0, || format!("{} went to the client", named())),
            }
        }
        (Sort::Bounce(of), _) => {
            bounced_once(watcher, of, &named(), &what_was_decided(watcher, row))
        }
        _ => Ok(()),
    }
}

/// A mail with only commands may change the ticket and send nothing.
fn is_decided(watcher: &Watcher, row: &Row) -> bool {
    let sql = format!(
        "SELECT count(*) FROM journal JOIN ticket_fact ON journal_id = journal.id
         WHERE journal.inbound_id = {}",
        row.id
    );
    watcher.number(&sql) > 0
}

/// What was decided about a mail, for whoever reads a failure.
fn what_was_decided(watcher: &Watcher, row: &Row) -> String {
    let sql = "SELECT why FROM inbound WHERE id = ?1";
    let why = watcher.ledger.query_row(sql, [row.id], |row| row.get(0));
    why.unwrap_or_default()
}

/// A mail that came back has failed, and that is told once to somebody who can do something.
fn bounced_once(watcher: &Watcher, of: &str, named: &str, why: &str) -> Verdict {
    let sql = "SELECT id, state, ticket_id FROM outbox WHERE message_id = ?1";
    let (id, state, ticket): (i64, String, Option<i64>) = watcher
        .ledger
        .query_row(sql, [of], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(|error| format!("{named}: {error}"))?;
    hold(state == "failed", || {
        format!("{named}: the mail it names is {state}; decided: {why}")
    })?;
    if ticket.is_some() {
        let told = watcher.number(&format!(
            "SELECT count(DISTINCT json_extract(fact, '$.outbox')) FROM ticket_fact
             WHERE json_extract(fact, '$.fact') = 'delivery_failed'
               AND json_extract(fact, '$.outbox') = {id}"
        ));
        hold(told == 1, || {
            format!("{named}: recorded {told} times with the ticket")
        })?;
    }
    Ok(())
}

/// Every promised mail reached its reader, or failed for a reason that is known and told.
fn promises_were_kept(
    watcher: &Watcher,
    accepted: &[Accepted],
    refused: &[String],
    now: DateTime<Utc>,
) -> Result<(usize, usize), String> {
    let sql = "SELECT id, message_id, state, attempts, kind, recipient, created_at, uncertain > 0
               FROM outbox ORDER BY id";
    let rows = watcher.rows(sql, |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, String>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, String>(4)?,
            row.get::<_, String>(5)?,
            instant(row.get(6)?),
            row.get::<_, bool>(7)?,
        ))
    });
    let (mut sent, mut repeats) = (0, 0);
    for (id, message_id, state, attempts, kind, recipient, created_at, doubted) in rows {
        let copies = watcher.copies(&message_id);
        let named = format!("{kind} ({id}) to {recipient}, {state} after {attempts} attempts");
        match state.as_str() {
            "sent" => hold(copies > 0, || format!("{named}: it never reached anybody"))?,
            "failed" => {
                let known = copies > 0 || refused.contains(&message_id);
                // mail.md §6: given up after four days, and not at the first trouble after them.
                let old = now - created_at >= Duration::days(4);
                hold(known || (old && attempts > 4), || {
                    format!("{named}: nobody knows why")
                })?;
            }
            // Policy §6: whoever has answered is not reminded; nothing else is taken back. What left in
            // doubt before the answer came is not sent again.
            // A request for time is withdrawn where a consultant goes on without it (policy.md §5).
            "cancelled" => hold(
                ["contact_attempt", "budget_request"].contains(&kind.as_str())
                    && (copies == 0 || doubted && copies == 1),
                || format!("{named}: taken back"),
            )?,
            _ => return Err(format!("{named}: it is not settled")),
        }
        sent += usize::from(copies > 0);
        repeats += copies.saturating_sub(1);
    }
    let known: std::collections::BTreeSet<&str> =
        accepted.iter().map(|mail| mail.id.as_str()).collect();
    hold(known.len() == sent, || {
        format!(
            "{} different mails left and the ledger knows of {sent}",
            known.len()
        )
    })?;
    Ok((sent, repeats))
}

/// An answer that was accepted well before the limit, once and for all, keeps the promise.
fn answers_in_time_count(sim: &Sim, accepted: &[Accepted]) -> Verdict {
    let watcher = &sim.watcher;
    let end = millis(sim_end(accepted));
    for id in watcher.rows("SELECT id FROM ticket", |row| row.get::<_, i64>(0)) {
        let ticket = watcher.ticket(id);
        let sql = format!(
            "SELECT message_id FROM outbox WHERE ticket_id = {id} AND kind = 'relayed_reply'
               AND recipient = (SELECT requester FROM ticket WHERE id = {id}) AND state = 'sent'"
        );
        let answers = watcher.rows(&sql, |row| row.get::<_, String>(0));
        let first = accepted
            .iter()
            .filter(|mail| answers.contains(&mail.id))
            .map(|m| m.at)
            .min();
        let response = clock::response(&ticket, &watcher.policy);
        // The process's clock may have been an hour off, and the last copy may be the one that
        // was noted.
        let once = |mail: &&String| watcher.copies(mail) == 1;
        let in_time = first.is_some_and(|at| at + Duration::hours(1) < response.limit_at);
        if in_time && answers.iter().all(|mail| once(&mail)) {
            hold(!response.breached(instant(end)), || {
                format!("ticket {id} was answered at {first:?} and yet {response:?}")
            })?;
        }
    }
    Ok(())
}

fn sim_end(accepted: &[Accepted]) -> DateTime<Utc> {
    let last = accepted.iter().map(|mail| mail.at).max();
    last.unwrap_or_default() + Duration::weeks(4)
}
