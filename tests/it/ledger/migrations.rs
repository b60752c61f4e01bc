//! The schema: step by step on rows, a newer file refused, proofs kept (architecture.md, style).

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use soported::domain::ids::TicketId;
use soported::store::migrate::{MIGRATIONS, bring_up_to, bring_up_to_date, newest};
use soported::store::{Connection, Store, StoreError, directory, tickets};

use super::count;

/// The rows that stand for a ledger in use at a version.
fn rows_file(step: usize) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/migrations")
        .join(format!("{step:04}.sql"))
}

fn column(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

fn tables(connection: &Connection) -> Vec<String> {
    column(
        connection,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
}

/// Everything that makes the schema, in a form that can be compared.
fn schema(connection: &Connection) -> BTreeSet<String> {
    let lines = column(
        connection,
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
         WHERE name NOT LIKE 'sqlite_%'",
    );
    lines.into_iter().collect()
}

fn memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .pragma_update(None, "foreign_keys", true)
        .unwrap();
    connection
}

/// Brings a database up step by step, with the rows of each step.
fn migrated() -> Connection {
    let mut connection = memory();
    for step in 1..=MIGRATIONS.len() {
        bring_up_to(&mut connection, step).unwrap();
        let file = rows_file(step);
        let rows = fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("migration {step} needs its rows in {}", file.display()));
        let rows = format!("BEGIN; {rows}; COMMIT");
        connection
            .execute_batch(&rows)
            .unwrap_or_else(|error| panic!("{step}: {error}"));
        for table in tables(&connection) {
            let rows = count(&connection, &format!("SELECT count(*) FROM {table}"));
            assert!(rows > 0, "no row of {table} is migrated from step {step}");
        }
    }
    connection
}

#[test]
fn every_migration_carries_the_rows_of_the_step_before_it() {
    let connection = migrated();
    assert_eq!(count(&connection, "PRAGMA user_version"), newest());
    assert_eq!(column(&connection, "PRAGMA integrity_check"), ["ok"]);
    let broken: Vec<String> = column(
        &connection,
        "SELECT \"table\" FROM pragma_foreign_key_check",
    );
    assert_eq!(broken, Vec::<String>::new());
    // The program reads them.
    let ticket = tickets::load(&connection, TicketId(1)).unwrap().unwrap();
    assert_eq!(ticket.history.len(), 40, "a fact of each kind");
    assert_eq!((ticket.participants.len(), ticket.copied.len()), (1, 1));
    let charges: Vec<(i64, bool)> = ticket
        .charges
        .iter()
        .map(|charge| (charge.line.minutes, charge.is_billable()))
        .collect();
    assert_eq!(charges, [(15, true), (120, true), (-15, true)]);
    assert_eq!(directory::all(&connection).unwrap().len(), 1);
    assert_eq!(directory::history(&connection).unwrap().len(), 1);
}

#[test]
fn a_fresh_schema_is_the_migrated_one() {
    let mut fresh = memory();
    bring_up_to_date(&mut fresh).unwrap();
    assert_eq!(schema(&fresh), schema(&migrated()));
    // Again, and nothing happens.
    bring_up_to_date(&mut fresh).unwrap();
    assert_eq!(count(&fresh, "PRAGMA user_version"), newest());
}

#[test]
fn every_table_is_strict() {
    let connection = migrated();
    let lax = column(
        &connection,
        "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
    );
    assert_eq!(lax, Vec::<String>::new());
}

#[test]
fn a_newer_database_is_refused_with_both_versions_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("soported.db");
    drop(Store::open(&path).unwrap());
    let file = Connection::open(&path).unwrap();
    file.pragma_update(None, "user_version", newest() + 7)
        .unwrap();
    drop(file);
    let refused = Store::open(&path).unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found, known }
        if found == newest() + 7 && known == newest()));
    let words = refused.to_string();
    for version in [newest(), newest() + 7] {
        assert!(words.contains(&version.to_string()), "{words}");
    }
    assert!(refused.is_storage_failure(), "no mail is at fault");
}

#[test]
fn what_proves_something_cannot_be_changed() {
    let connection = migrated();
    let refused = |sql: &str| {
        let error = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    };
    refused("UPDATE ticket_fact SET at = 0");
    refused("DELETE FROM ticket_fact WHERE id = 1");
    let checked = |sql: &str| {
        assert!(connection.execute_batch(sql).is_err(), "{sql}");
    };
    // No open ticket without a next action, and no ending without a closed ticket.
    checked("UPDATE ticket SET next_action_at = NULL WHERE id = 1");
    checked("UPDATE ticket SET closed_as = 'validated' WHERE id = 1");
    checked("UPDATE ticket SET level = 5");
    checked("UPDATE outbox SET state = 'perhaps'");
    checked("UPDATE inbound SET received_at = 'yesterday'");
    checked("INSERT INTO inbound_raw (inbound_id, raw) VALUES (999, x'00')");
}

#[test]
fn a_ticket_closed_before_it_was_kept_knows_when() {
    let mut connection = memory();
    for step in 1..=9 {
        bring_up_to(&mut connection, step).unwrap();
        let rows = fs::read_to_string(rows_file(step)).unwrap();
        connection
            .execute_batch(&format!("BEGIN; {rows}; COMMIT"))
            .unwrap();
    }
    // One that was opened again by mistake, and closed for good.
    let fact = |at: i64, fact: &str| {
        let sql = "INSERT INTO ticket_fact (ticket_id, at, journal_id, fact) VALUES (1, ?1, 1, ?2)";
        connection.execute(sql, (at, fact)).unwrap();
    };
    let closed = r#"{"fact":"status_changed","to":"closed","closed_as":"validated"}"#;
    let again = r#"{"fact":"status_changed","to":"in_progress","closed_as":null}"#;
    fact(1_900_000_000_000, closed);
    fact(1_900_000_100_000, again);
    fact(1_900_000_200_000, closed);
    let sql = "UPDATE ticket SET status = 'closed', closed_as = 'validated', next_action_at = NULL
               WHERE id = 1";
    connection.execute(sql, ()).unwrap();
    bring_up_to(&mut connection, 10).unwrap();
    let closed_at = count(&connection, "SELECT closed_at FROM ticket WHERE id = 1");
    assert_eq!(closed_at, 1_900_000_200_000);
    let open = "SELECT count(*) FROM ticket WHERE (closed_at IS NULL) <> (status <> 'closed')";
    assert_eq!(count(&connection, open), 0);
}
