//! The three formats of a statement, compared byte for byte with `tests/golden/`, and their figures
//! with one another.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use chrono_tz::America::Mexico_City;
use proptest::prelude::*;
use regex::Regex;
use soported::domain::calendar::HoursGroup;
use soported::domain::month::{Month, Period};
use soported::domain::statement::{Statement, statement};
use soported::domain::statement_books::Books;
use soported::domain::statement_issue::Texts;
use soported::render::{House, Templates};

use super::story::{at, busy, november};
use crate::rules::policy;

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::load(None, Mexico_City).expect("built-in templates"));

pub fn house() -> House {
    House {
        service_name: "Soporte Grupo Staff".to_owned(),
        address: "soporte@grupostaff.com".to_owned(),
        hours: vec![HoursGroup {
            first_weekday: 0,
            last_weekday: 4,
            from: "08:30".to_owned(),
            to: "18:00".to_owned(),
        }],
        reply_to: String::new(),
        replies: BTreeMap::new(),
    }
}

/// The statement of November 2026, written in December.
pub fn of(books: &Books) -> Statement {
    let month = Month::parse("2026-11").unwrap();
    let period = Period::of(month, Mexico_City, at("12-05 10:00")).unwrap();
    statement(books, &policy(), &period)
}

pub fn write(statement: &Statement) -> Texts {
    TEMPLATES.statement(statement, 1, &house()).expect("texts")
}

fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).expect("a golden file");
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{name} differs: UPDATE_GOLDEN=1 writes it anew"
    );
}

#[test]
fn the_golden_statement_of_a_month_in_which_everything_happens() {
    let texts = write(&of(&november()));
    compare("statement-november.txt", &texts.text);
    compare("statement-november.csv", &texts.csv);
    compare("statement-november.html", &texts.html);
    assert_eq!(texts.file, "estado-de-cuenta-ACME-2026-11");
}

/// The records of a CSV, read by the letter of RFC 4180.
pub fn records(csv: &str) -> Vec<Vec<String>> {
    let csv = csv.strip_prefix('\u{feff}').expect("a byte order mark");
    let (mut all, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, csv.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {
                assert_eq!(chars.next(), Some('\n'), "a record ends in CRLF");
                record.push(std::mem::take(&mut cell));
                all.push(std::mem::take(&mut record));
            }
            c => cell.push(c),
        }
    }
    assert!(
        cell.is_empty() && record.is_empty(),
        "the last record ends too"
    );
    all
}

/// Line numbers with their minutes, and what is said to be their sum; as a reader finds them.
type Read = (BTreeMap<String, i64>, i64);

fn read_text(text: &str) -> Read {
    let section = |title: &str| {
        let after = text
            .split_once(&format!("\n{title}\n---"))
            .map(|(_, after)| after);
        after
            .unwrap_or_default()
            .split("\n\n")
            .nth(1)
            .unwrap_or_default()
    };
    let line = Regex::new(r"(?m)^  (L-\d+) .* (-?\d+) min$").unwrap();
    let lines = section("Detalle de lo que se cobra");
    let lines = line.captures_iter(lines).map(|found| {
        let minutes = found[2].parse().unwrap();
        (found[1].to_owned(), minutes)
    });
    let total = Regex::new(r"(?m)^Por cobrar: +(-?\d+) min").unwrap();
    let total = total.captures(text).unwrap()[1].parse().unwrap();
    (lines.collect(), total)
}

fn read_html(html: &str) -> Read {
    let (_, detail) = html
        .split_once("<h2>Detalle de lo que se cobra</h2>")
        .unwrap();
    let end = ["<h3>", "</section>"]
        .iter()
        .filter_map(|end| detail.find(end))
        .min();
    let line = Regex::new(
        r#"(?s)class="line-number">(L-\d+)<.*?<td class="number"><span class="nobr">(-?\d+) min"#,
    );
    let lines = line.unwrap();
    let lines = lines.captures_iter(&detail[..end.unwrap()]).map(|found| {
        let minutes = found[2].parse().unwrap();
        (found[1].to_owned(), minutes)
    });
    let total = Regex::new(r"por cobrar \((-?\d+) min\)").unwrap();
    let total = total.captures(html).unwrap()[1].parse().unwrap();
    (lines.collect(), total)
}

/// What is charged and taken back by no line of the same month: as the other formats show it apart.
fn read_csv(csv: &str) -> Read {
    let records = records(csv);
    let place = |name: &str| {
        records[0]
            .iter()
            .position(|of| of == name)
            .expect("a column")
    };
    let [line, minutes, state] = ["línea", "minutos", "estado"].map(place);
    let charged = records[1..]
        .iter()
        .filter(|record| record[state] == "se cobra");
    let lines: BTreeMap<String, i64> = charged
        .map(|record| (record[line].clone(), record[minutes].parse().unwrap()))
        .collect();
    let total = lines.values().sum();
    (lines, total)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_format_says_the_same_lines_and_the_same_sum(seed in any::<u64>()) {
        let statement = of(&busy(seed, 10, 40).books);
        let texts = write(&statement);
        let (text, text_total) = read_text(&texts.text);
        let (html, html_total) = read_html(&texts.html);
        let (csv, csv_total) = read_csv(&texts.csv);
        let total = statement.lines.minutes;
        prop_assert_eq!((text_total, html_total, csv_total), (total, total, total));
        prop_assert_eq!(text.values().sum::<i64>(), total);
        prop_assert_eq!(html.values().sum::<i64>(), total);
        prop_assert_eq!(&text, &html);
        let corrections: Vec<&str> = statement
            .lines
            .corrections
            .iter()
            .map(|line| line.number.as_str())
            .collect();
        let plain: BTreeMap<String, i64> = csv
            .into_iter()
            .filter(|(number, _)| !corrections.contains(&number.as_str()))
            .collect();
        prop_assert_eq!(plain, text);
    }
}

#[test]
fn the_csv_is_by_rfc_4180_and_holds_no_formula() {
    let texts = write(&of(&november()));
    let records = records(&texts.csv);
    assert!(
        records
            .iter()
            .all(|record| record.len() == records[0].len())
    );
    assert_eq!(records.len(), 18, "a header, and every line once");
    let cells = || records.iter().flatten();
    // A subject, and a note, that begin like formulas; a reversal is a number.
    assert!(cells().any(|cell| cell == "'=SUMA(A1) no calcula, \"urge\""));
    assert!(cells().any(|cell| cell.starts_with("'-45 minutos")));
    assert!(cells().any(|cell| cell == "-45"));
    let is_number = |cell: &str| cell.parse::<f64>().is_ok();
    let formula = |cell: &&String| cell.starts_with(['=', '+', '-', '@', '\t']) && !is_number(cell);
    assert_eq!(cells().find(formula), None);
    assert!(texts.csv.ends_with("\r\n"));
}

#[test]
fn the_html_is_one_file_that_fetches_nothing() {
    let html = write(&of(&november())).html;
    for banned in [
        "<script", "http:", "https:", "url(", "@import", "<link", "<img", "src=",
    ] {
        assert!(!html.contains(banned), "{banned}");
    }
    // Every picture says what it shows.
    let pictures = html.matches("<svg").count();
    assert_eq!(pictures, 10);
    for needed in ["role=\"img\"", "<desc>"] {
        assert_eq!(html.matches(needed).count(), pictures, "{needed}");
    }
    assert_eq!(html.matches("<title>").count(), pictures + 1);
    // Tables repeat their heads on paper.
    assert_eq!(
        html.matches("<table").count(),
        html.matches("<thead>").count()
    );
}

#[test]
fn what_people_wrote_is_no_markup_in_a_statement() {
    let nasty = "<script>alert(1)</script> & \"{{ 7*7 }}\"\r\nL-1 \u{202e} 🚀";
    let mut books = november();
    books.client.name = nasty.to_owned();
    for ticket in &mut books.tickets {
        ticket.thread.subject = nasty.to_owned();
        ticket.requester.name = nasty.to_owned();
        for charge in &mut ticket.charges {
            charge.line.note = nasty.to_owned();
            charge.line.people = vec![nasty.to_owned()];
        }
    }
    for mail in books.mails.values_mut() {
        mail.subject = nasty.to_owned();
        mail.message_id = nasty.to_owned();
    }
    for entry in &mut books.authorizers {
        entry.authorizer.person.name = nasty.to_owned();
    }
    let texts = write(&of(&books));
    assert!(!texts.html.contains("<script") && texts.html.contains("{{ 7*7 }}"));
    for text in [&texts.text, &texts.html] {
        let odd = text.chars().filter(|c| c.is_control() && *c != '\n');
        assert_eq!(odd.count(), 0);
    }
    assert_eq!(records(&texts.csv).len(), 18);
    assert_eq!(
        texts.file,
        "estado-de-cuenta-script-alert-1-script-7-7-L-1-2026-11"
    );
}

#[test]
fn a_correction_says_so() {
    let statement = of(&november());
    let second = TEMPLATES.statement(&statement, 2, &house()).expect("texts");
    let first = write(&statement);
    assert!(second.text.contains("Corrección 2") && second.html.contains("Corrección 2"));
    assert!(!first.text.contains("Corrección") && !first.html.contains("Corrección 1"));
    assert_eq!(first.csv, second.csv);
}
