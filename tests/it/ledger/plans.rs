//! How SQLite goes about the program's statements: by index, never by reading a big table through.
//!
//! The statements are taken from the sources of the store, so that none is forgotten or copied.

use std::fs;
use std::path::Path;

use super::Shop;
use crate::rust_source::Layers;

/// Tables as long as the house is big, not as long as it is old. All others grow.
const SMALL: [&str; 13] = [
    "mailbox",
    "client",
    "client_domain",
    "authorizer",
    "alarm",
    "token_key",
    "daemon",
    "recheck",
    // Who has left, until what was his has passed on.
    "departure",
    // A queue that is empty at the end of each run.
    "alert_waiting",
    // The lines of one client and month, found by their own indexes.
    "found",
    "pragma_page_count",
    "pragma_page_size",
];

/// Indexes that hold what is not done yet: as long as the work there is, not as the work there was.
const PRESENT: [&str; 9] = [
    "inbound_waiting",
    "ticket_open",
    "ticket_open_number",
    "ticket_unanswered",
    "outbox_sending",
    "outbox_state",
    "held_waiting",
    "held_once",
    "held_ticket",
];

/// Every statement in the store's sources, with where it stands.
fn statements() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        for (line, text) in Layers::of(&fs::read_to_string(&file).unwrap()).texts {
            let sql = ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter();
            if sql.clone().any(|word| text.starts_with(word)) {
                found.push((format!("{name}:{line}"), text));
            }
        }
    }
    found
}

fn plan(shop: &Shop, sql: &str) -> Vec<String> {
    let mut statement = shop
        .store
        .reader()
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}

/// Whether a step reads something that grows from end to end.
fn reads_through(step: &str) -> bool {
    let Some(rest) = step.strip_prefix("SCAN ") else {
        return false;
    };
    let table = rest.split(' ').next().unwrap_or_default();
    let index = step.split_once(" INDEX ").map(|(_, index)| index);
    rest != "CONSTANT ROW"
        && !SMALL.contains(&table)
        && !index.is_some_and(|index| PRESENT.contains(&index))
}

/// Statements of lists for people, which are as long as what they list: the bound of their length
/// tells them, and where they stand.
fn is_list(place: &str, sql: &str) -> bool {
    let bounded = place.starts_with("views.rs") && sql.contains("LIMIT :max");
    bounded || (place.starts_with("directory.rs") && sql.contains("FROM directory_history"))
}

#[test]
fn no_statement_of_an_event_a_tick_a_start_a_delivery_or_a_status_reads_a_growing_table_through() {
    let shop = Shop::open();
    let all = statements();
    assert!(all.len() > 80, "{} statements are not all", all.len());
    let mut complaints = Vec::new();
    for (place, sql) in all.iter().filter(|(place, sql)| !is_list(place, sql)) {
        for step in plan(&shop, sql).iter().filter(|step| reads_through(step)) {
            complaints.push(format!("{place}: {step}\n    {sql}"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let lists = all.iter().filter(|(place, sql)| is_list(place, sql));
    assert_eq!(lists.count(), 7, "what may read a table through is counted");
}

#[test]
fn the_check_sees_a_table_that_is_read_through() {
    let shop = Shop::open();
    let bad = plan(&shop, "SELECT id FROM inbound WHERE subject = 'x'");
    assert!(bad.iter().any(|step| reads_through(step)), "{bad:?}");
    // Neither by way of an index of everything, nor under another name.
    for sql in [
        "SELECT count(*) FROM due",
        "SELECT message_id FROM inbound ORDER BY message_id",
        "SELECT fact.at FROM ticket_fact AS fact",
    ] {
        let bad = plan(&shop, sql);
        assert!(bad.iter().any(|step| reads_through(step)), "{bad:?}");
    }
    for sql in [
        "SELECT name FROM client",
        "SELECT count(*) FROM ticket WHERE status <> 'closed'",
        "SELECT at FROM due WHERE ticket_id = 1",
    ] {
        let good = plan(&shop, sql);
        assert!(!good.iter().any(|step| reads_through(step)), "{good:?}");
    }
}

#[test]
fn the_hot_queries_take_their_own_index_and_sort_nothing() {
    let shop = Shop::open();
    let all = statements();
    let check = |file: &str, words: &str, index: &str| {
        let whole = all.iter().any(|(_, sql)| sql == words);
        let one: Vec<&String> = all
            .iter()
            .filter(|(place, sql)| {
                place.starts_with(file) && (sql == words || (!whole && sql.contains(words)))
            })
            .map(|(_, sql)| sql)
            .collect();
        assert_eq!(one.len(), 1, "{file} {words}");
        let steps = plan(&shop, one[0]).join("; ");
        assert!(steps.contains(index), "{words}: {steps}");
        assert!(!steps.contains("TEMP B-TREE"), "{words}: {steps}");
    };
    check(
        "inbox.rs",
        "WHERE state = 'waiting' ORDER BY id LIMIT",
        "inbound_waiting",
    );
    check("inbox.rs", "WHERE sha256 = :sha256", "inbound_sha256");
    check(
        "inbox.rs",
        "content_hash = :content_hash\n               AND id <>",
        "inbound_message_id",
    );
    check(
        "inbox.rs",
        "SELECT 1 FROM inbound WHERE mailbox_id",
        "sqlite_autoindex_inbound_1",
    );
    check(
        "tickets.rs",
        "FROM due\n         WHERE at <= :now",
        "due_at",
    );
    check("tickets.rs", "SELECT min(at) FROM due", "due_at");
    check("tickets.rs", "min(at) FROM due WHERE at > :now", "due_at");
    check(
        "tickets.rs",
        "AND class IN ('relayed_reply'",
        "message_ticket",
    );
    check("held.rs", "AND ticket_id = :ticket", "held_ticket");
    check(
        "undo.rs",
        "AND ticket_id = :ticket AND kind",
        "outbox_state",
    );
    check(
        "alerts.rs",
        "SELECT line FROM alert_waiting",
        "alert_waiting_consultant",
    );
    check(
        "recheck.rs",
        "SELECT kind, at FROM due WHERE ticket_id",
        "SEARCH due USING PRIMARY KEY",
    );
    check("recheck.rs", "AND id > :after", "ticket_open_number");
    check(
        "views.rs",
        "SELECT id FROM ticket WHERE status <> 'closed'",
        "ticket_open_number",
    );
    check(
        "views.rs",
        "AND NOT EXISTS (SELECT 1 FROM due",
        "SEARCH due USING PRIMARY KEY",
    );
    check(
        "views.rs",
        "response_limit_open_at < :now",
        "ticket_unanswered",
    );
    check(
        "views.rs",
        "FROM inbound WHERE state = 'waiting'",
        "inbound_waiting",
    );
    check("views.rs", "AND state = 'failed'", "outbox_state");
    check("views.rs", "AND state = 'uncertain'", "outbox_state");
    check(
        "tickets.rs",
        "WHERE ticket_fact.ticket_id = :id ORDER BY ticket_fact.id",
        "ticket_fact_ticket",
    );
    check("case.rs", "WHERE requester = :sender", "ticket_requester");
    check(
        "case.rs",
        "FROM thread_ref LEFT JOIN outbox",
        "SEARCH thread_ref USING PRIMARY KEY",
    );
    check(
        "outbox.rs",
        "FROM outbox WHERE message_id = :message_id",
        "sqlite_autoindex_outbox_2",
    );
    check(
        "outbox.rs",
        "FROM thread_ref JOIN outbox",
        "SEARCH thread_ref USING PRIMARY KEY",
    );
    check("outbox.rs", "AND next_at <= :now", "outbox_due");
    check("outbox.rs", "min(next_at)", "outbox_due");
    check(
        "outbox.rs",
        "WHERE braked = 1 AND sent_at IS NOT NULL AND sent_at > :from",
        "outbox_automatic",
    );
    check(
        "outbox.rs",
        "AND recipient = :recipient AND sent_at IS NOT NULL",
        "outbox_braked",
    );
    check("outbox.rs", "WHERE state = 'sending'", "outbox_sending");
    check(
        "outbox.rs",
        "SELECT 1 FROM outbox WHERE once",
        "sqlite_autoindex_outbox_1",
    );
    check(
        "held.rs",
        "state = 'waiting' AND held_at < :before",
        "held_waiting",
    );
    check(
        "explain.rs",
        "FROM held\n             WHERE inbound_id",
        "held_inbound",
    );
    check(
        "explain.rs",
        "WHERE inbound_id = :id ORDER",
        "journal_inbound",
    );
    check(
        "explain.rs",
        "WHERE outbox_id = :id ORDER",
        "journal_outbox",
    );
    check(
        "directory.rs",
        "can_open, can_approve, can_validate\n             FROM authorizer",
        "authorizer_current",
    );
}
