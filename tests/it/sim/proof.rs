//! That the checkers see: runs that are sabotaged must fail, each for its own reason, and plans that
//! break the policy must be told from those that keep it.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Connection, named_params};

use super::plans::{self, Before};
use super::process::Site;
use super::run::{Sabotage, Sim, run};
use super::transport::Lie;
use crate::world::traffic::Dice;

/// Seeds among which one must show the sabotage.
const SEEDS: u64 = 12;

/// The first failure of sabotaged runs says `words`, or another of these, parted by `|`: which
/// letter is looked at first depends on the seed.
fn check(sabotage: Sabotage, words: &str) {
    let failed = (0..SEEDS).find_map(|seed| run(seed, sabotage, false).err());
    let failure = failed.unwrap_or_else(|| panic!("{sabotage:?} is not seen"));
    let said = words.split('|').any(|words| failure.broken.contains(words));
    assert!(said, "{sabotage:?}: {failure}");
    let command = format!("SIM_SEED={} cargo test", failure.seed);
    assert!(failure.to_string().contains(&command), "{failure}");
}

fn lying(lie: Lie) -> Sabotage {
    Sabotage {
        lie: Some(lie),
        ..Sabotage::default()
    }
}

fn damaged(sql: &'static str) -> Sabotage {
    Sabotage {
        damage: Some(sql),
        ..Sabotage::default()
    }
}

#[test]
fn a_server_that_does_not_do_what_it_says_is_seen() {
    check(lying(Lie::Loses), "it never reached anybody");
    check(lying(Lie::Doubles), "2 times without a doubt");
    check(lying(Lie::Changes), "with other bytes than promised");
}

#[test]
fn words_that_leak_and_answers_to_the_wrong_are_seen() {
    let indiscreet = Sabotage {
        indiscreet: true,
        ..Sabotage::default()
    };
    check(indiscreet, "which was for our own people");
    let forgers = Sabotage {
        forgers: true,
        ..Sabotage::default()
    };
    check(forgers, "answers Forged");
}

#[test]
fn a_ledger_that_loses_or_doubles_is_seen() {
    check(
        damaged(
            "UPDATE inbound SET sha256 = x'00' WHERE id = (SELECT max(id) FROM inbound WHERE outcome = 'opened')",
        ),
        "and is in the ledger {}|was dealt with None and None",
    );
    check(
        damaged(
            "INSERT INTO inbound (mailbox_id, epoch, locator, received_at, stored_at, size_bytes,
                                  sha256, state, outcome)
             SELECT mailbox_id, epoch, 'falso', received_at, stored_at, size_bytes,
                    sha256, 'done', 'duplicate'
             FROM inbound WHERE outcome = 'opened' LIMIT 1",
        ),
        "and is in the ledger {",
    );
    check(
        damaged(
            "DROP TRIGGER ticket_fact_stays;
             DELETE FROM ticket_fact WHERE id = 1",
        ),
        "recorded facts",
    );
    check(
        damaged(
            "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
             SELECT ticket_id, at, journal_id, fact FROM ticket_fact
             WHERE json_extract(fact, '$.fact') = 'client_wrote' LIMIT 1",
        ),
        "the same mail recorded twice",
    );
    check(
        damaged(
            "INSERT INTO outbox (once, journal_id, ticket_id, kind, lane, braked, purpose, recipient,
                                 envelope_from, message_id, raw, state, created_at)
             SELECT 'falso', journal_id, ticket_id, 'operator_alarm', lane, braked, purpose,
                    'alguien@desconocido.example', envelope_from, 'falso@x', raw, 'cancelled',
                    created_at
             FROM outbox LIMIT 1",
        ),
        "a mail to somebody who must get none",
    );
}

#[test]
fn caches_that_are_not_what_the_facts_say_are_seen() {
    check(
        damaged("DELETE FROM due WHERE ticket_id = (SELECT min(ticket_id) FROM due)"),
        "an open ticket without a next due action",
    );
    check(
        damaged("UPDATE ticket SET next_action_at = next_action_at + 1 WHERE status <> 'closed'"),
        "a next action that is not the earliest due row's",
    );
    // Each with a journal line, as if a decision had done it.
    check(
        damaged(concat!(
            "UPDATE ticket SET level = 3 WHERE id = 1;",
            "INSERT INTO journal (at, event, ticket_id, why)
             SELECT at, event, 1, '' FROM journal WHERE ticket_id = 1 ORDER BY id DESC LIMIT 1"
        )),
        "differ",
    );
    check(
        damaged(concat!(
            "UPDATE ticket SET response_met_at = 1 WHERE id = 1;",
            "INSERT INTO journal (at, event, ticket_id, why)
             SELECT at, event, 1, '' FROM journal WHERE ticket_id = 1 ORDER BY id DESC LIMIT 1"
        )),
        "the cached response clock",
    );
    check(
        damaged(concat!(
            "UPDATE due SET at = at + 1000 WHERE ticket_id = 1;",
            "UPDATE ticket SET next_action_at = next_action_at + 1000
             WHERE id = 1 AND status <> 'closed';",
            "INSERT INTO journal (at, event, ticket_id, why)
             SELECT at, event, 1, '' FROM journal WHERE ticket_id = 1 ORDER BY id DESC LIMIT 1"
        )),
        "due rows",
    );
    check(
        damaged(concat!(
            "INSERT INTO journal (at, event, ticket_id, why) SELECT at, event, ticket_id, ''
             FROM journal ORDER BY id DESC LIMIT 1;",
            "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
             SELECT id, opened_at, (SELECT max(id) FROM journal), '{\"fact\":\"response_breached\"}'
             FROM ticket WHERE id NOT IN (SELECT ticket_id FROM ticket_fact
                                          WHERE json_extract(fact, '$.fact') = 'response_breached')
             ORDER BY id DESC LIMIT 1"
        )),
        "breached at",
    );
}

/// A ticket with a history written by hand, in Mexico City's time.
struct Story {
    site: Site,
    ledger: Connection,
}

impl Story {
    fn new() -> Story {
        let site = Site::new(Dice::new(1), true, "");
        let ledger = Connection::open(site.database()).unwrap();
        let ticket =
            "INSERT INTO ticket (id, client_id, requester, requester_name, status, priority,
                                          kind, level, official, opened_at, created_at, thread,
                                          response_limit_open_at, next_action_at)
                      VALUES (1, 1, 'maria@acme.example', '', 'new', 'medium',
                              'technical-regular', 1, 1, 0, 0, '{}', 0, 0)";
        ledger.execute(ticket, []).unwrap();
        Story { site, ledger }
    }

    fn journal(&self) -> i64 {
        let line = "INSERT INTO journal (at, event, ticket_id, why) VALUES (0, 'due', 1, '')";
        self.ledger.execute(line, []).unwrap();
        self.ledger.last_insert_rowid()
    }

    fn fact(self, at: &str, fact: &str) -> Story {
        let sql = "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact)
                   VALUES (1, :at, :journal, :fact)";
        let at = time(at).timestamp_millis();
        let row = named_params! { ":at": at, ":journal": self.journal(), ":fact": fact };
        self.ledger.execute(sql, row).unwrap();
        self
    }

    fn waits(self, at: &str) -> Story {
        self.fact(
            at,
            r#"{"fact":"status_changed","to":"waiting_client","closed_as":null}"#,
        )
    }

    fn closes(self, at: &str) -> Story {
        self.fact(
            at,
            r#"{"fact":"status_changed","to":"closed","closed_as":"unattended"}"#,
        )
    }

    fn alert(self, at: &str) -> Story {
        self.fact(
            at,
            r#"{"fact":"alerted","clock":"response","stage":"breach"}"#,
        )
    }

    /// An attempt that left at once; `state` is its row's.
    fn attempt(self, at: &str, state: &str) -> Story {
        let sql = "INSERT INTO outbox (once, journal_id, ticket_id, kind, lane, braked, purpose,
                                       recipient, envelope_from, message_id, raw, state,
                                       created_at, sent_at)
                   VALUES ('a' || :journal, :journal, 1, 'contact_attempt', 1, 1, 'client',
                           'maria@acme.example', '', 'a' || :journal, x'', :state, :at, :at)";
        let at = time(at).timestamp_millis();
        let row = named_params! { ":at": at, ":journal": self.journal(), ":state": state };
        self.ledger.execute(sql, row).unwrap();
        self
    }

    /// The three attempts of policy §6's example, asked on 16 December at 10:00.
    fn tried() -> Story {
        Story::new()
            .waits("2026-12-16 10:00")
            .attempt("2026-12-23 10:00", "sent")
            .attempt("2026-12-31 10:00", "sent")
            .attempt("2027-01-08 10:00", "sent")
    }

    /// What the checkers say to it: nothing, or these words.
    fn check(&self, words: Option<&str>) {
        let policy = self.site.settings().policy.clone();
        let watcher = super::checks::Watcher::new(&self.site.database(), policy);
        let verdict = plans::hold_for(&watcher, &BTreeSet::from([1]));
        match (verdict, words) {
            (Ok(()), None) => {}
            (Err(broken), Some(words)) => assert!(broken.contains(words), "{broken}"),
            (verdict, words) => panic!("{verdict:?} and not {words:?}"),
        }
    }
}

fn time(text: &str) -> DateTime<Utc> {
    let text = format!("{}:00-06:00", text.replace(' ', "T"));
    text.parse().unwrap()
}

#[test]
fn a_plan_is_told_from_one_that_breaks_the_policy() {
    Story::tried().check(None);
    Story::tried().closes("2027-01-15 18:00").check(None);
    Story::tried()
        .closes("2027-01-15 17:59")
        .check(Some("before"));
    Story::tried()
        .attempt("2027-01-15 10:00", "sent")
        .check(Some("4 contact attempts in one plan"));
    Story::tried()
        .fact(
            "2027-01-09 10:00",
            r#"{"fact":"client_wrote","by":"m","inbound":1}"#,
        )
        .attempt("2027-01-15 10:00", "sent")
        .check(None);
    Story::new()
        .waits("2026-12-16 10:00")
        .attempt("2026-12-23 10:00", "sent")
        .attempt("2026-12-23 16:00", "sent")
        .check(Some("two contact attempts on 2026-12-23"));
    Story::new()
        .waits("2026-12-16 10:00")
        .attempt("2026-12-25 10:00", "sent")
        .check(Some("a day of rest"));
    Story::new()
        .attempt("2026-12-23 10:00", "sent")
        .check(Some("while it was new"));
    let stopped = || {
        Story::new()
            .waits("2026-12-16 10:00")
            .attempt("2026-12-23 10:00", "failed")
    };
    stopped().check(None);
    stopped()
        .attempt("2026-12-31 10:00", "sent")
        .check(Some("after one that came back"));
    Story::new()
        .waits("2026-12-16 10:00")
        .attempt("2026-12-23 10:00", "sent")
        .closes("2027-01-15 18:00")
        .check(Some("after 1 attempts"));
    Story::tried()
        .fact(
            "2027-01-09 10:00",
            r#"{"fact":"priority_changed","to":"critical","by":"a"}"#,
        )
        .closes("2027-01-15 18:00")
        .check(Some("without a consultant's word"));
    let alerted = || Story::new().alert("2026-12-23 10:00");
    alerted().check(None);
    alerted()
        .alert("2026-12-24 10:00")
        .check(Some("was told twice"));
}

#[test]
fn an_attempt_that_did_not_look_at_the_mailbox_first_is_seen() {
    let sim = Sim::new(1, Sabotage::default(), false);
    let due = "INSERT INTO due (ticket_id, kind, at) VALUES (1, 'contact', ?1)";
    let at = time("2026-12-23 10:00");
    let check = |received: DateTime<Utc>, missed: bool| {
        let story = Story::new().waits("2026-12-16 10:00");
        story.ledger.execute(due, [at.timestamp_millis()]).unwrap();
        sim.outside.lock().server.mails.clear();
        let mail = b"Subject: espere\r\n\r\n".to_vec();
        sim.outside
            .lock()
            .server
            .receive(mail, received, Duration::zero());
        let policy = story.site.settings().policy.clone();
        let watcher = super::checks::Watcher::new(&story.site.database(), policy);
        let before = Before::of(&watcher, &sim.outside.lock());
        let story = story.attempt("2026-12-23 10:01", "sent");
        let verdict = before.nothing_was_missed(&watcher);
        assert_eq!(verdict.is_err(), missed, "{verdict:?}");
        drop(story);
    };
    check(at - Duration::minutes(1), true);
    check(at + Duration::minutes(1), false);
}
