//! A month read from a real ledger: what is there is found, and what is not the month's is not.

use chrono_tz::America::Mexico_City;
use soported::domain::month::{Month, Period};
use soported::domain::statement::statement;
use soported::domain::statement_books::Books;
use soported::domain::ticket::ClientRef;
use soported::store::{Store, statement as table};
use tempfile::TempDir;

use super::formats::{of, write};
use super::kept::keep;
use super::story::{at, busy, november};
use crate::rules::policy;

fn store() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("soported.db")).unwrap();
    (folder, store)
}

fn read(store: &Store, client: &ClientRef) -> Books {
    let month = Month::parse("2026-11").unwrap();
    let period = Period::of(month, Mexico_City, at("12-05 10:00")).unwrap();
    store
        .snapshot(|tx| table::books(tx, client, &period, Mexico_City))
        .unwrap()
}

/// The statement of what is read, but for the trend: a story tells of earlier months in sums.
fn compare(books: &Books, found: &Books) {
    let mut wanted = of(books);
    let mut found = of(found);
    for months in [&mut wanted.trend, &mut found.trend] {
        let keep = months.len() - 1;
        months.drain(..keep);
    }
    assert_eq!(found, wanted);
}

#[test]
fn a_month_is_read_as_it_was_told() {
    let (_folder, mut store) = store();
    let books = november();
    let client = keep(&mut store, &books, &policy());
    compare(&books, &read(&store, &client));
}

#[test]
fn what_was_decided_about_held_mail_later_leaves_the_month_as_it_was() {
    let (_folder, mut store) = store();
    let books = november();
    let client = keep(&mut store, &books, &policy());
    let senders = |store: &Store| of(&read(store, &client)).held;
    let before = senders(&store);
    assert_eq!(before[0].mails, 2);
    use soported::domain::ids::HeldId;
    use soported::store::held::{HeldState, decide};
    let mut order = |id: i64, state: HeldState, when: &str| {
        let decided =
            store.transaction(|tx| decide(tx, HeldId(id), state, "operator", "", at(when)));
        assert!(decided.unwrap());
    };
    order(1, HeldState::Released, "12-01 00:00");
    // Turned away in the month, and let in after it.
    order(2, HeldState::Discarded, "11-28 10:00");
    order(2, HeldState::Released, "12-02 10:00");
    let after = senders(&store);
    assert_eq!((after.len(), after[0].mails), (1, 1));
}

#[test]
fn a_busy_month_is_read_whole_and_nobody_else_s() {
    let (_folder, mut store) = store();
    let books = busy(7, 300, 1_700).books;
    let client = keep(&mut store, &books, &policy());
    let found = read(&store, &client);
    compare(&books, &found);
    let statement = of(&found);
    let lines = statement.lines.all_charged().count() + statement.lines.waiting.len();
    assert!(lines > 1_700, "{lines} lines");
    let texts = write(&statement);
    assert!(
        texts.html.len() < 4 * 1024 * 1024,
        "{} bytes",
        texts.html.len()
    );
    // Another month of the same client has what was open or charged in it, and no more.
    let march = Month::parse("2026-03").unwrap();
    let period = Period::of(march, Mexico_City, at("12-05 10:00")).unwrap();
    let empty = store
        .snapshot(|tx| table::books(tx, &client, &period, Mexico_City))
        .unwrap();
    assert!(statement_is_empty(&empty, &period));
    assert_eq!(empty.tickets.len(), 0);
}

fn statement_is_empty(books: &Books, period: &Period) -> bool {
    statement(books, &policy(), period).empty
}
