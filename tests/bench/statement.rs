//! What a busy client's monthly statement costs: 300 tickets and 2,000 lines, read, computed and
//! written in three formats. Figures are printed beside a reference that reads the same rows in the
//! same process and does nothing with them; nothing is asserted.
//!
//! `cargo bench --bench statement`

#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono_tz::America::Mexico_City;
use soported::domain::month::{Month, Period};
use soported::domain::policy::Policy;
use soported::domain::statement::statement;
use soported::render::{House, Templates};
use soported::store::{Store, statement as table};

use kept::keep;
use story::{at, busy};

#[path = "../it/statement/kept.rs"]
mod kept;
#[path = "../it/statement/story.rs"]
mod story;

/// Times that each is done; the median is told.
const TURNS: usize = 15;

/// Rows of a statement, as they lie in the ledger.
const REFERENCE: [&str; 4] = [
    "SELECT * FROM ticket",
    "SELECT * FROM ticket_fact ORDER BY ticket_id, id",
    "SELECT * FROM charge ORDER BY ticket_id, id",
    "SELECT id, message_id, received_at, subject FROM inbound",
];

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..TURNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[TURNS / 2]
}

fn line(name: &str, time: Duration, remark: &str) {
    println!("{name:<34} {:>9.2} ms   {remark}", time.as_secs_f64() * 1e3);
}

fn policy() -> Policy {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = format!(
        "[service]\nname = \"Soporte\"\naddress = \"soporte@grupostaff.com\"\n\
         database = \"soported.db\"\n[inbound]\nkind = \"maildir\"\npath = \"{0}/in\"\n\
         [authentication]\nprovider = \"none\"\n[outbound]\nkind = \"maildir\"\npath = \"{0}/out\"\n\
         [[consultants]]\nname = \"Ana Ruiz\"\nemail = \"ana@grupostaff.com\"\n",
        folder.path().display()
    );
    std::fs::write(&file, text).expect("a file");
    let loaded = soported::config::load(&file).expect("a configuration");
    loaded.settings.policy
}

fn main() {
    let policy = policy();
    let templates = Templates::load(None, Mexico_City).expect("templates");
    let house = House {
        service_name: "Soporte".to_owned(),
        address: "soporte@grupostaff.com".to_owned(),
        hours: policy.calendar.hours_in_words_data(),
        reply_to: String::new(),
        replies: BTreeMap::new(),
    };
    let folder = tempfile::TempDir::new().expect("a folder");
    let mut store = Store::open(&folder.path().join("soported.db")).expect("a ledger");
    let client = keep(&mut store, &busy(7, 300, 1_700).books, &policy);
    let month = Month::parse("2026-11").expect("a month");
    let period = Period::of(month, Mexico_City, at("12-05 10:00")).expect("a period");
    let read = || {
        store
            .snapshot(|tx| table::books(tx, &client, &period, Mexico_City))
            .expect("books")
    };
    let books = read();
    let computed = statement(&books, &policy, &period);
    let texts = templates.statement(&computed, 1, &house).expect("texts");
    println!(
        "{} tickets, {} lines charged; text {} KB, CSV {} KB, HTML {} KB\n",
        computed.tickets.rows.len(),
        computed.lines.all_charged().count(),
        texts.text.len() / 1024,
        texts.csv.len() / 1024,
        texts.html.len() / 1024,
    );
    let mut cells = 0;
    let reference = median(|| {
        for sql in REFERENCE {
            let mut statement = store.reader().prepare_cached(sql).expect("SQL");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("rows");
            while let Some(row) = rows.next().expect("a row") {
                for column in 0..columns {
                    row.get_ref(column).expect("a cell");
                    cells += 1;
                }
            }
        }
    });
    line("the same rows, raw", reference, "reference");
    line("read", median(|| drop(read())), "");
    line(
        "computed",
        median(|| drop(statement(&books, &policy, &period))),
        "",
    );
    line(
        "written, three formats",
        median(|| drop(templates.statement(&computed, 1, &house))),
        "",
    );
    let whole = median(|| {
        let computed = statement(&read(), &policy, &period);
        drop(templates.statement(&computed, 1, &house));
    });
    line("all of it", whole, "aim: under 1,000 ms");
    assert!(cells > 0);
}
