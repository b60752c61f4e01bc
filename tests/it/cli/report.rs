//! `report`, and the statements that leave: the real binary, on lines that its own mails made.

use std::process::Output;

use super::{ANA, MARIA, Sent, code, config, pass, sent_to, stderr, stdout};
use crate::world::daemon::Daemon;
use crate::world::mails::Mail;

const RAUL: &str = "raul@acme.example";

/// A November of ACME: María asked, Ana answered. The statement's day is the first.
fn november(day: Option<i64>) -> Daemon {
    let mut config = config().client(
        "Acme del Norte",
        &["norte.example"],
        &[("Raúl Soto", "raul@norte.example")],
    );
    if let Some(day) = day {
        config = config.set("billing.statement_day", day);
    }
    let mut house = config.install();
    let asked = Mail::from(MARIA).subject("Falla en nómina");
    pass(&mut house, "2026-11-24 10:00:00", &[asked]);
    let notice = sent_to(&house, ANA).remove(0);
    let answer = Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .text("Lo revisamos y le decimos.");
    pass(&mut house, "2026-11-24 10:20:00", &[answer]);
    pass(&mut house, "2026-11-24 10:30:00", &[]);
    house
}

fn report(house: &Daemon, arguments: &[&str]) -> Output {
    let mut all = vec!["report"];
    all.extend(arguments);
    house.run(&all)
}

/// The statements that left to an address.
fn statements(house: &Daemon, address: &str) -> Vec<Sent> {
    let all = sent_to(house, address).into_iter();
    all.filter(|mail| mail.subject().starts_with("Estado de cuenta"))
        .collect()
}

/// The names and contents of a mail's files.
fn files(mail: &Sent) -> Vec<(String, String)> {
    use mail_parser::MimeHeaders;
    let parsed = mail.parsed();
    let files = parsed.attachments();
    files
        .map(|part| {
            let name = part.attachment_name().expect("a name").to_owned();
            let content = String::from_utf8(part.contents().to_vec()).expect("UTF-8");
            (name, content)
        })
        .collect()
}

#[test]
fn it_is_printed_in_three_formats_of_the_same_line() {
    let mut house = november(None);
    house.set_clock(Some("2026-12-03 10:00:00"));
    let text = report(&house, &["--month", "2026-11", "--client", "ACME"]);
    assert_eq!((code(&text), stderr(&text)), (0, String::new()));
    let text = stdout(&text);
    assert!(
        text.starts_with("ESTADO DE CUENTA DE SOPORTE\nACME\nnoviembre de 2026\n"),
        "{text}"
    );
    assert!(
        text.contains("Por cobrar:              15 min (15 min)"),
        "{text}"
    );
    assert!(text.contains("L-1 "), "{text}");
    let csv = stdout(&report(
        &house,
        &["--month", "2026-11", "--client", "ACME", "--format", "csv"],
    ));
    let records: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(records.len(), 2, "{csv}");
    assert!(
        records[1].contains("L-1,GS-1,Falla en nómina,2026-11-24 10:30"),
        "{csv}"
    );
    assert!(records[1].contains(",15,en horario,,se cobra,"), "{csv}");
    let html = stdout(&report(
        &house,
        &["--month", "2026-11", "--client", "ACME", "--format", "html"],
    ));
    assert!(
        html.starts_with("<!DOCTYPE html>") && html.contains(">L-1<"),
        "{html}"
    );
}

#[test]
fn without_a_client_everybody_of_whom_something_is_known_is_told_of() {
    let mut house = november(None);
    let other = Mail::from("luis@globex.example").subject("Otra cosa");
    pass(&mut house, "2026-11-25 10:00:00", &[other]);
    house.set_clock(Some("2026-12-03 10:00:00"));
    let text = stdout(&report(&house, &["--month", "2026-11"]));
    assert_eq!(text.matches("ESTADO DE CUENTA DE SOPORTE\n").count(), 2);
    assert!(!text.contains("Acme del Norte"));
    // One header for both; Globex has no line.
    let csv = stdout(&report(&house, &["--month", "2026-11", "--format", "csv"]));
    assert_eq!(csv.matches("\r\n").count(), 2);
    let html = report(&house, &["--month", "2026-11", "--format", "html"]);
    assert_eq!((code(&html), stdout(&html).as_str()), (2, ""));
    assert!(stderr(&html).contains("--client"), "{}", stderr(&html));
    // Asked for by name, even one of whom there is nothing to say.
    let quiet = report(
        &house,
        &["--month", "2026-11", "--client", "acme del norte"],
    );
    assert!(stdout(&quiet).contains("Nada se cobra en este mes."));
    let nothing = report(&house, &["--month", "2026-09"]);
    assert_eq!((code(&nothing), stdout(&nothing).as_str()), (0, ""));
    assert_eq!(stderr(&nothing), "nothing happened in 2026-09\n");
}

#[test]
fn what_cannot_be_is_refused() {
    let mut house = november(None);
    house.set_clock(Some("2026-11-25 10:00:00"));
    for (arguments, wanted, words) in [
        (vec!["--month", "2026-13"], 2, "2026-11"),
        (vec!["--month", "2026-12"], 1, "has not begun"),
        (
            vec!["--month", "2026-11", "--client", "Nadie"],
            1,
            "no client is called",
        ),
        (vec!["--month", "2026-11", "--send"], 1, "is not over"),
        (vec![], 2, "--month"),
    ] {
        let refused = report(&house, &arguments);
        assert_eq!(code(&refused), wanted, "{arguments:?}");
        assert!(
            stderr(&refused).contains(words),
            "{arguments:?}: {}",
            stderr(&refused)
        );
        assert_eq!(stdout(&refused), "");
    }
    // Of the month that runs, everything until now.
    let running = stdout(&report(&house, &["--month", "2026-11"]));
    assert!(running.contains("El mes no ha terminado"), "{running}");
}

#[test]
fn it_is_sent_once_and_changed_figures_as_a_correction() {
    let mut house = november(None);
    house.run(&["clients", "authorize", "ACME", RAUL, "Raúl Soto"]);
    house.set_clock(Some("2026-12-03 10:00:00"));
    let order = ["--month", "2026-11", "--client", "ACME", "--send"];
    let first = report(&house, &order);
    assert_eq!(code(&first), 0);
    assert_eq!(stderr(&first), "ACME 2026-11: issue 1 is on its way\n");
    let again = report(&house, &order);
    assert!(
        stderr(&again).contains("issue 1 was sent and has not changed"),
        "{}",
        stderr(&again)
    );
    house.run_once();
    for address in [MARIA, RAUL] {
        let mails = statements(&house, address);
        assert_eq!(mails.len(), 1, "{address}");
        let mail = &mails[0];
        assert_eq!(
            mail.subject(),
            "Estado de cuenta de soporte, noviembre de 2026: ACME"
        );
        assert_eq!(mail.must("Auto-Submitted"), "auto-generated");
        assert!(
            mail.text().contains("Por cobrar: 15 min"),
            "{}",
            mail.text()
        );
        // The very bytes that `report` prints.
        let print = |format: &str| {
            let order = ["--month", "2026-11", "--client", "ACME", "--format", format];
            stdout(&report(&house, &order))
        };
        let name = "estado-de-cuenta-ACME-2026-11";
        let wanted = [
            (format!("{name}.html"), print("html")),
            (format!("{name}.csv"), print("csv")),
        ];
        assert!(files(mail) == wanted, "{:?}", files(mail));
    }
    let told = report(&house, &["--month", "2026-11", "--client", "ACME"]);
    let words = "ACME 2026-11: issue 1 was sent on 2026-12-03 10:00 and has not changed\n";
    assert_eq!(stderr(&told), words);

    // A line dated within the month comes late.
    house.ledger().damage(
        "INSERT INTO charge (once, ticket_id, client_id, journal_id, at, kind, minutes, bucket,
                             consultant, pending_formalization, excess)
         SELECT 'late', ticket_id, client_id, journal_id, at + 60000, 'work', 20, bucket,
                consultant, 0, 0 FROM charge WHERE id = 1",
    );
    let told = report(&house, &["--month", "2026-11", "--client", "ACME"]);
    assert!(stdout(&told).contains("Corrección 2"));
    assert!(
        stderr(&told).contains("has changed since"),
        "{}",
        stderr(&told)
    );
    let second = report(&house, &order);
    assert_eq!(
        stderr(&second),
        "ACME 2026-11: correction 2 is on its way\n"
    );
    house.run_once();
    let mails = statements(&house, MARIA);
    assert_eq!(mails.len(), 2);
    assert!(
        mails[1].subject().ends_with("(corrección 2)"),
        "{}",
        mails[1].subject()
    );
    assert!(
        mails[1].text().contains("Por cobrar: 35 min"),
        "{}",
        mails[1].text()
    );
    let again = report(&house, &order);
    assert!(
        stderr(&again).contains("issue 2 was sent and has not changed"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn where_a_day_is_set_it_goes_out_at_the_opening_of_a_business_day_by_itself_and_once() {
    // 1 December 2026 is a Tuesday.
    let mut house = november(Some(1));
    pass(&mut house, "2026-12-01 08:29:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 0);
    pass(&mut house, "2026-12-01 08:30:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 1);
    // Of whom nothing is known nothing is said.
    assert_eq!(statements(&house, "raul@norte.example").len(), 0);
    pass(&mut house, "2026-12-01 08:31:00", &[]);
    pass(&mut house, "2026-12-15 12:00:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 1);
    let told = report(&house, &["--month", "2026-11", "--client", "ACME"]);
    assert!(stderr(&told).contains("issue 1 was sent on 2026-12-01 08:30 and has not changed"));
    // The ticket is open still: December has a statement too. 1 January is a rest day, a Friday.
    pass(&mut house, "2027-01-03 12:00:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 1);
    pass(&mut house, "2027-01-04 08:30:00", &[]);
    let mails = statements(&house, MARIA);
    assert_eq!(mails.len(), 2);
    assert!(
        mails[1].subject().contains("diciembre de 2026"),
        "{}",
        mails[1].subject()
    );
}

#[test]
fn a_program_that_comes_late_sends_it_all_the_same() {
    let mut house = november(Some(5));
    // 5 December is a Saturday: the day is Monday the 7th.
    pass(&mut house, "2026-12-06 12:00:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 0);
    pass(&mut house, "2026-12-19 23:00:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 1);
    // An operator's own order was enough, too.
    let mut house = november(Some(5));
    house.set_clock(Some("2026-12-02 12:00:00"));
    report(&house, &["--month", "2026-11", "--send"]);
    pass(&mut house, "2026-12-08 12:00:00", &[]);
    assert_eq!(statements(&house, MARIA).len(), 1);
}

#[test]
fn an_answer_that_names_a_line_is_a_dispute_of_the_next_statement() {
    let mut house = november(Some(1));
    pass(&mut house, "2026-12-01 08:30:00", &[]);
    let statement = statements(&house, MARIA).remove(0);
    let doubt = Mail::from(MARIA)
        .to(&statement.must("Reply-To"))
        .in_reply_to(&statement.id())
        .subject(&format!("RE: {}", statement.subject()))
        .date("Wed, 02 Dec 2026 10:00:00 -0600")
        .text("La línea L-1 no la reconocemos.");
    pass(&mut house, "2026-12-02 10:00:00", &[doubt]);
    house.set_clock(Some("2026-12-03 10:00:00"));
    let december = stdout(&report(&house, &["--month", "2026-12", "--client", "ACME"]));
    assert!(
        december.contains("L-1 (GS-1, 15 min), desde el 02/12/2026 10:00: se aclara en GS-2"),
        "{december}"
    );
    // November is what it was.
    let told = report(&house, &["--month", "2026-11", "--client", "ACME"]);
    assert!(
        stderr(&told).contains("has not changed"),
        "{}",
        stderr(&told)
    );
}
