//! What must hold after every step: the invariants of architecture.md, on what is new since the
//! last look, through a connection of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, Params, Row};
use soported::domain::clock;
use soported::domain::ids::TicketId;
use soported::domain::lifecycle::schedule;
use soported::domain::policy::Policy;
use soported::domain::ticket::{Fact, Status, Ticket};
use soported::store::{instant, tickets, unpack};

use super::charges;
use super::people::{Known, Letter, People, Sort, UNLISTED, Words};
use super::plans;
use super::transport::Accepted;
use crate::world::SERVER_PATIENCE;

/// Nothing, or the invariant that does not hold, in a sentence.
pub type Verdict = Result<(), String>;

/// Objects with these words where `fine` is not so.
pub fn hold(fine: bool, words: impl FnOnce() -> String) -> Verdict {
    if fine { Ok(()) } else { Err(words()) }
}

/// Looks of which one asks also what goes through whole tables, and what cannot pass by itself.
const ONCE_EVERY: u32 = 6;

/// Statements kept compiled: more than there are.
const STATEMENTS: usize = 64;

/// The ledger seen from beside the process.
#[derive(Debug)]
pub struct Watcher {
    pub ledger: Connection,
    pub policy: Policy,
    version: i64,
    looks: u32,
    facts: i64,
    facts_last: i64,
    journal_last: i64,
    outbox_last: i64,
    accepted: usize,
    copies: BTreeMap<String, usize>,
}

/// A query whose every row must not be, and what it would be.
const NEVER: [(&str, &str); 11] = [
    (
        "SELECT id FROM charge WHERE inbound_id IS NULL AND reverses_id IS NULL",
        "a charge without a source",
    ),
    (
        // What a server does not hand over is held with the server's words, and without content.
        "SELECT id FROM inbound WHERE last_error <> '' AND size_bytes > 0",
        "a mail at which the rules failed",
    ),
    (
        "SELECT id FROM ticket WHERE status <> 'closed'
           AND NOT EXISTS (SELECT 1 FROM due WHERE ticket_id = ticket.id)",
        "an open ticket without a next due action",
    ),
    (
        "SELECT id FROM ticket WHERE next_action_at IS NOT
           (SELECT min(at) FROM due WHERE ticket_id = ticket.id)",
        "a next action that is not the earliest due row's",
    ),
    (
        "SELECT id FROM ticket WHERE status = 'closed'
           AND EXISTS (SELECT 1 FROM due WHERE ticket_id = ticket.id)",
        "a closed ticket with something due",
    ),
    (
        "SELECT id FROM ticket_fact WHERE journal_id NOT IN (SELECT id FROM journal)",
        "a fact without a journal line",
    ),
    (
        "SELECT id FROM outbox WHERE journal_id NOT IN (SELECT id FROM journal)",
        "an outgoing mail without a journal line",
    ),
    (
        "SELECT id FROM inbound WHERE state = 'done' AND outcome NOT IN ('before_start', 'duplicate')
           AND id NOT IN (SELECT inbound_id FROM journal WHERE inbound_id IS NOT NULL)",
        "a decided mail without a journal line",
    ),
    (
        "SELECT id FROM inbound WHERE (state = 'done') <> (outcome IS NOT NULL)",
        "a mail that is done without an outcome, or has one and waits",
    ),
    (
        "SELECT id FROM outbox WHERE state IN ('waiting', 'retry') AND next_at IS NULL",
        "a mail that is to leave and is not due at any time",
    ),
    (
        "SELECT inbound_id FROM message WHERE inbound_id IS NOT NULL
         GROUP BY inbound_id HAVING count(*) > 1",
        "a mail that is filed twice",
    ),
];

/// What must be there once only, however often its cause was seen.
const ONCE: [(&str, &str); 6] = [
    (
        "SELECT ticket_id FROM ticket_fact WHERE json_extract(fact, '$.inbound') IS NOT NULL
         GROUP BY ticket_id, json_extract(fact, '$.fact'), json_extract(fact, '$.inbound')
         HAVING count(*) > 1",
        "the same mail recorded twice as the same fact",
    ),
    (
        "SELECT ticket_id FROM ticket_fact
         WHERE json_extract(fact, '$.fact') IN ('reply_sent', 'attempt_sent', 'delivery_failed')
         GROUP BY ticket_id, json_extract(fact, '$.fact'), json_extract(fact, '$.outbox')
         HAVING count(*) > 1",
        "the same delivery recorded twice",
    ),
    (
        "SELECT ticket_id FROM ticket_fact
         WHERE json_extract(fact, '$.fact') IN ('opened', 'response_breached')
         GROUP BY ticket_id, json_extract(fact, '$.fact') HAVING count(*) > 1",
        "a ticket that began or ran out of time twice",
    ),
    (
        "SELECT ticket_id FROM outbox WHERE kind = 'acknowledgement'
         GROUP BY ticket_id HAVING count(*) > 1",
        "a ticket acknowledged twice",
    ),
    (
        "SELECT journal.inbound_id FROM outbox JOIN journal ON journal.id = journal_id
         WHERE journal.inbound_id IS NOT NULL
         GROUP BY journal.inbound_id, outbox.kind, outbox.recipient HAVING count(*) > 1",
        "the same letter about the same mail twice to the same person",
    ),
    (
        "SELECT min(id) FROM outbox WHERE kind = 'not_authorized_sender'
         GROUP BY recipient, date(created_at / 1000 - 6 * 3600, 'unixepoch') HAVING count(*) > 1",
        "two notices to the same held sender on one day",
    ),
];

/// A row of the outbox that is new.
struct Promised {
    id: i64,
    kind: String,
    purpose: String,
    recipient: String,
    raw: Vec<u8>,
    cause: Option<String>,
}

impl Watcher {
    pub fn new(database: &Path, policy: Policy) -> Watcher {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let ledger = Connection::open_with_flags(database, flags).expect("the database");
        ledger.busy_timeout(SERVER_PATIENCE).expect("a time");
        ledger.set_prepared_statement_cache_capacity(STATEMENTS);
        Watcher {
            ledger,
            policy,
            version: -1,
            looks: 0,
            facts: 0,
            facts_last: 0,
            journal_last: 0,
            outbox_last: 0,
            accepted: 0,
            copies: BTreeMap::new(),
        }
    }

    /// The rows of a query about everything.
    pub fn rows<T>(&self, sql: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
        self.rows_of(sql, [], read)
    }

    /// The rows of a query about something.
    pub fn rows_of<T>(
        &self,
        sql: &str,
        of: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = self.ledger.prepare_cached(sql);
        let statement = statement.as_mut().unwrap_or_else(|e| panic!("{sql}: {e}"));
        let rows = statement.query_map(of, read).and_then(Iterator::collect);
        rows.unwrap_or_else(|e| panic!("{sql}: {e}"))
    }

    /// The one number that a query about everything answers with; zero for none.
    pub fn number(&self, sql: &str) -> i64 {
        self.number_of(sql, [])
    }

    /// The one number that a query about something answers with; zero for none.
    pub fn number_of(&self, sql: &str, of: impl Params) -> i64 {
        self.rows_of(sql, of, |row| row.get::<_, Option<i64>>(0))[0].unwrap_or(0)
    }

    /// Looks at everything new. `accepted`: all mails that reached somebody.
    pub fn look(&mut self, people: &People, accepted: &[Accepted]) -> Verdict {
        let version = self.number("PRAGMA data_version");
        if version != self.version {
            self.version = version;
            self.facts_stay()?;
            self.none_of(&NEVER)?;
            self.looks += 1;
            if self.looks.is_multiple_of(ONCE_EVERY) {
                self.none_of(&ONCE)?;
            }
            self.promises_are_fit(people)?;
            let changed = self.changed();
            for id in &changed {
                self.ticket_holds(*id)?;
            }
            plans::hold_for(self, &changed)?;
            charges::hold_for(self, &changed)?;
        }
        for mail in accepted.iter().skip(self.accepted) {
            self.was_promised(mail)?;
        }
        self.accepted = accepted.len();
        Ok(())
    }

    /// None of these queries finds anything.
    fn none_of(&self, queries: &[(&str, &str)]) -> Verdict {
        for (sql, words) in queries {
            let found = self.rows(sql, |row| row.get::<_, Option<i64>>(0));
            hold(found.is_empty(), || format!("{words}: {found:?}"))?;
        }
        Ok(())
    }

    /// What is looked at from time to time only, at the end.
    pub fn look_again(&self) -> Verdict {
        self.none_of(&ONCE)
    }

    /// What the ledger knows of a mail of ours.
    pub fn known(&self, id: &str) -> Known {
        let sql = "SELECT kind, purpose FROM outbox WHERE message_id = ?1";
        let read = |row: &Row| {
            Ok(Known {
                kind: row.get(0)?,
                purpose: row.get(1)?,
            })
        };
        let known = self.ledger.query_row(sql, [id], read);
        known.unwrap_or_else(|error| panic!("{id}: {error}"))
    }

    /// Facts are append-only: none is gone, none has changed its place.
    fn facts_stay(&mut self) -> Verdict {
        let sql = "SELECT count(*) FROM ticket_fact WHERE id <= ?1";
        let kept = self.number_of(sql, [self.facts_last]);
        hold(kept == self.facts, || {
            format!("of {} recorded facts {kept} are left", self.facts)
        })?;
        self.facts = self.number("SELECT count(*) FROM ticket_fact");
        self.facts_last = self.number("SELECT max(id) FROM ticket_fact");
        Ok(())
    }

    /// Tickets that the journal has spoken of since the last look.
    fn changed(&mut self) -> BTreeSet<i64> {
        let sql = "SELECT ticket_id FROM journal WHERE id > ?1 AND ticket_id IS NOT NULL
                   UNION SELECT ticket_id FROM ticket_fact WHERE journal_id > ?1";
        let changed = self.rows_of(sql, [self.journal_last], |row| row.get(0));
        let changed = changed.into_iter().collect();
        self.journal_last = self.number("SELECT max(id) FROM journal");
        changed
    }

    /// A ticket with its history, as the program loads it.
    pub fn ticket(&self, id: i64) -> Ticket {
        let loaded = tickets::load(&self.ledger, TicketId(id)).expect("a readable ticket");
        loaded.unwrap_or_else(|| panic!("ticket {id} is gone"))
    }

    /// Attributes, clocks and due rows are what the facts say.
    pub fn ticket_holds(&self, id: i64) -> Verdict {
        let ticket = self.ticket(id);
        let replayed = replay(&ticket);
        let same = |of: &Ticket| {
            let mut copied: Vec<_> = of.copied.iter().map(|p| p.address.clone()).collect();
            copied.sort();
            let attributes = (of.status, of.closed_as, of.priority, of.kind, of.level);
            (attributes, of.assignee.clone(), of.opened_at, copied)
        };
        hold(same(&ticket) == same(&replayed), || {
            let (kept, facts) = (same(&ticket), same(&replayed));
            format!("ticket {id}: attributes {kept:?} and facts {facts:?} differ")
        })?;
        self.clocks_hold(id, &ticket)?;
        self.due_rows_hold(id, &ticket)
    }

    fn clocks_hold(&self, id: i64, ticket: &Ticket) -> Verdict {
        let response = clock::response(ticket, &self.policy);
        let sql = "SELECT response_limit_open_at, response_met_at FROM ticket WHERE id = ?1";
        let read = |row: &Row| {
            let met: Option<i64> = row.get(1)?;
            Ok((instant(row.get(0)?), met.map(instant)))
        };
        let kept: (DateTime<Utc>, Option<DateTime<Utc>>) = self.rows_of(sql, [id], read)[0];
        hold(kept == (response.limit_open_at, response.met_at), || {
            format!("ticket {id}: the cached response clock {kept:?} is not {response:?}")
        })?;
        for (place, dated) in ticket.history.iter().enumerate() {
            if dated.fact != Fact::ResponseBreached {
                continue;
            }
            let mut then = ticket.clone();
            then.history.truncate(place);
            let response = clock::response(&then, &self.policy);
            let late = response.met_at.is_none() && dated.at > response.limit_open_at;
            hold(late, || {
                format!("ticket {id}: breached at {} and yet {response:?}", dated.at)
            })?;
        }
        Ok(())
    }

    /// The rows are what `schedule` said when the ticket was last saved: at its last journal line.
    fn due_rows_hold(&self, id: i64, ticket: &Ticket) -> Verdict {
        let sql = "SELECT at FROM journal WHERE ticket_id = ?1
                      OR id IN (SELECT journal_id FROM ticket_fact WHERE ticket_id = ?1)
                   ORDER BY id DESC LIMIT 1";
        let saved_at = self.rows_of(sql, [id], |row| Ok(instant(row.get(0)?)))[0];
        let mut wanted: Vec<(String, DateTime<Utc>)> = schedule(ticket, &self.policy, saved_at)
            .iter()
            .map(|due| {
                (
                    due.kind.name().to_owned(),
                    instant(due.at.timestamp_millis()),
                )
            })
            .collect();
        wanted.sort();
        let sql = "SELECT kind, at FROM due WHERE ticket_id = ?1 ORDER BY kind";
        let kept = self.rows_of(sql, [id], |row| Ok((row.get(0)?, instant(row.get(1)?))));
        hold(kept == wanted, || {
            format!("ticket {id}: due rows {kept:?} and not {wanted:?}")
        })
    }

    /// New outgoing mails: to whom they may go at all, and that they give nothing away.
    fn promises_are_fit(&mut self, people: &People) -> Verdict {
        let sql = "SELECT outbox.id, kind, purpose, recipient, raw, inbound.message_id
                   FROM outbox JOIN journal ON journal.id = journal_id
                   LEFT JOIN inbound ON inbound.id = journal.inbound_id
                   WHERE outbox.id > ?1 ORDER BY outbox.id";
        let promised = self.rows_of(sql, [self.outbox_last], |row| {
            Ok(Promised {
                id: row.get(0)?,
                kind: row.get(1)?,
                purpose: row.get(2)?,
                recipient: row.get(3)?,
                raw: row.get(4)?,
                cause: row.get(5)?,
            })
        });
        for mail in promised {
            self.outbox_last = mail.id;
            let staff = self.is_staff(&mail.recipient);
            if staff {
                continue;
            }
            let named = format!("{} ({}) to {}", mail.kind, mail.id, mail.recipient);
            hold(may_get_mail(&mail.recipient), || {
                format!("a mail to somebody who must get none: {named}")
            })?;
            let causes = mail.cause.iter();
            let causes = causes.flat_map(|id| people.letters.iter().filter(move |l| l.id == *id));
            for letter in causes {
                let silent = letter.sort.is_mute();
                hold(!silent, || format!("{named} answers {:?}", letter.sort))?;
                suppressed(letter, &mail.kind, &named)?;
            }
            let text = plain(&unpack(&mail.raw).expect("a packed mail"));
            let leaks = |letter: &&Letter| {
                letter.sort == Sort::Consultant(Words::Inside) && text.contains(&letter.marker)
            };
            let leaked = people.letters.iter().find(leaks);
            hold(leaked.is_none(), || {
                let marker = leaked.map(|letter| letter.marker.as_str());
                format!("{named} gives away {marker:?}, which was for our own people")
            })?;
            hold(mail.purpose != "consultant", || {
                format!("{named} carries a consultant's token")
            })?;
        }
        Ok(())
    }

    pub fn is_staff(&self, address: &str) -> bool {
        let address = crate::ledger::address(address);
        self.policy.is_staff(&address)
    }

    /// A mail that reached somebody is one that was promised, the same to the byte, and once
    /// unless the ledger says that an attempt ended in doubt.
    fn was_promised(&mut self, mail: &Accepted) -> Verdict {
        let sql = "SELECT recipient, raw, uncertain, offered_at IS NOT NULL FROM outbox
                   WHERE message_id = ?1";
        let read = |row: &Row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                usize::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                row.get::<_, bool>(3)?,
            ))
        };
        let row = self.ledger.query_row(sql, [&mail.id], read);
        let Ok((recipient, packed, uncertain, offered)) = row else {
            return Err(format!(
                "{} reached {} and was never promised",
                mail.id, mail.to
            ));
        };
        hold(recipient == mail.to, || {
            format!("{} reached {} instead of {recipient}", mail.id, mail.to)
        })?;
        hold(unpack(&packed).is_ok_and(|raw| raw == mail.raw), || {
            format!(
                "{} reached {} with other bytes than promised",
                mail.id, mail.to
            )
        })?;
        hold(offered, || {
            format!("{} left before the ledger said that it leaves", mail.id)
        })?;
        let copies = self.copies.entry(mail.id.clone()).or_default();
        *copies += 1;
        hold(*copies <= uncertain + 1, || {
            format!(
                "{} reached {} {copies} times without a doubt",
                mail.id, mail.to
            )
        })
    }

    /// How often a mail reached its reader.
    pub fn copies(&self, id: &str) -> usize {
        self.copies.get(id).copied().unwrap_or(0)
    }
}

/// The ticket as its facts make it.
fn replay(ticket: &Ticket) -> Ticket {
    let mut replayed = Ticket {
        participants: Vec::new(),
        copied: Vec::new(),
        assignee: None,
        status: Status::New,
        closed_as: None,
        level: 1,
        history: Vec::new(),
        charges: Vec::new(),
        followed_up_today: 0,
        ..ticket.clone()
    };
    for dated in &ticket.history {
        replayed.record(dated.at, dated.fact.clone());
    }
    replayed
}

fn may_get_mail(address: &str) -> bool {
    super::people::AUTHORIZERS.contains(&address) || UNLISTED.contains(&address)
}

/// Who asked not to be answered by a machine is not acknowledged.
fn suppressed(letter: &Letter, kind: &str, named: &str) -> Verdict {
    let asked = letter.sort == Sort::Opening(false) && kind == "acknowledgement";
    hold(!asked, || {
        format!("{named} although its sender asked for none")
    })
}

/// The words of a quoted-printable mail, in one piece.
fn plain(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).replace("=\r\n", "")
}
