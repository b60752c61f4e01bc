//! The directory of authorized requesters, in and out of its file.

use std::fs;

use super::{MARIA, TUESDAY_10, code, config, pass, stderr, stdout, ticket, tickets};
use crate::world::daemon::{Config, Daemon};
use crate::world::mails::Mail;

const FULL: &str = r#"
[[clients]]
name = "ACME"
domains = ["acme.example", "acme.mx"]
authorizers = [
  { name = "María Pérez", email = "maria@acme.example" },
  { name = "Pedro Díaz", email = "pedro@acme.example", can_open = true, can_approve = false, until = "2027-01-31" },
]
same_domain_participants = false
calendar = { weekly = { mon = ["09:00-14:00"] } }
out_of_hours = { minimum_notice = "24h", factor = 1.5 }

[[clients]]
name = "Globex \"Norte\""
domains = []
authorizers = [ { name = "Luis", email = "luis@globex.example", from = "2026-01-01" } ]
"#;

fn with_file(text: &str) -> Daemon {
    let house = Config::new().install();
    fs::write(house.path("full.toml"), text).expect("a file");
    house
}

fn said(house: &Daemon, arguments: &[&str]) -> String {
    let output = house.run(arguments);
    assert_eq!(code(&output), 0, "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn importing_twice_changes_nothing_the_second_time() {
    let house = with_file(FULL);
    let first = said(&house, &["clients", "import", "full.toml"]);
    assert!(
        first.contains("ACME") && first.contains("pedro@acme.example"),
        "{first}"
    );
    let history = said(&house, &["clients", "history"]);
    let export = said(&house, &["clients", "export"]);
    let second = said(&house, &["clients", "import", "full.toml"]);
    assert_eq!(second, "nothing to change\n");
    assert_eq!(said(&house, &["clients", "history"]), history);
    assert_eq!(said(&house, &["clients", "export"]), export);
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let house = with_file(FULL);
    let shown = said(&house, &["clients", "import", "full.toml", "--dry-run"]);
    assert!(shown.contains("maria@acme.example"), "{shown}");
    assert_eq!(said(&house, &["clients", "export"]).trim(), "");
    let done = said(&house, &["clients", "import", "full.toml"]);
    assert!(shown.starts_with(&done), "{shown}\n{done}");
    let changed = FULL
        .replace("acme.mx", "acme.org")
        .replace("Pedro Díaz", "Pedro D.");
    fs::write(house.path("full.toml"), changed).expect("a file");
    let before = said(&house, &["clients", "export"]);
    let shown = said(&house, &["clients", "import", "full.toml", "--dry-run"]);
    for word in ["+acme.org", "-acme.mx", "Pedro D."] {
        assert!(shown.contains(word), "{word} in\n{shown}");
    }
    assert_eq!(said(&house, &["clients", "export"]), before);
}

#[test]
fn what_was_exported_imports_into_a_new_database_as_the_same() {
    let house = with_file(FULL);
    said(&house, &["clients", "import", "full.toml"]);
    let export = said(&house, &["clients", "export"]);
    let other = with_file(&export);
    said(&other, &["clients", "import", "full.toml"]);
    assert_eq!(said(&other, &["clients", "export"]), export);
    assert_eq!(
        said(&other, &["clients", "list"]),
        said(&house, &["clients", "list"])
    );
    assert_eq!(
        said(&house, &["clients", "import", "full.toml"]),
        "nothing to change\n"
    );
}

#[test]
fn a_file_with_problems_is_refused_as_a_whole_with_all_of_them() {
    let house = with_file(
        "[[clients]]\nname = \"A\"\ndomains = [\"no domain\"]\nauthorizers = [ { name = \"X\", email = \"x\" } ]\ncolour = 1\n",
    );
    let output = house.run(&["clients", "import", "full.toml"]);
    assert_eq!(code(&output), 2);
    assert_eq!(stdout(&output), "");
    for word in ["domains", "email", "colour"] {
        assert!(
            stderr(&output).contains(word),
            "{word} in\n{}",
            stderr(&output)
        );
    }
    assert_eq!(said(&house, &["clients", "export"]).trim(), "");
}

#[test]
fn one_of_ours_cannot_be_a_client_s_authorizer() {
    for address in ["ana@grupostaff.com", "soporte@grupostaff.com"] {
        let house = config().install();
        let output = house.run(&["clients", "authorize", "ACME", address, "X"]);
        assert_eq!(code(&output), 2, "{address}");
        let file = format!(
            "[[clients]]\nname = \"A\"\nauthorizers = [ {{ name = \"X\", email = \"{address}\" }} ]\n"
        );
        fs::write(house.path("ours.toml"), file).expect("a file");
        assert_eq!(
            code(&house.run(&["clients", "import", "ours.toml"])),
            2,
            "{address}"
        );
    }
}

#[test]
fn who_is_authorized_opens_tickets_and_who_is_revoked_does_not() {
    let mut house = config().install();
    house.set_clock(Some(TUESDAY_10));
    let last = house.run(&["clients", "revoke", MARIA]);
    assert_eq!(code(&last), 2, "the last authorizer stays");
    assert!(stderr(&last).contains("last authorizer"));
    said(
        &house,
        &[
            "clients",
            "authorize",
            "acme",
            "pedro@acme.example",
            "Pedro Díaz",
        ],
    );
    let twice = house.run(&[
        "clients",
        "authorize",
        "ACME",
        "pedro@acme.example",
        "Pedro",
    ]);
    assert_eq!(code(&twice), 2);
    pass(&mut house, TUESDAY_10, &[Mail::from("pedro@acme.example")]);
    assert_eq!(ticket(&house, "GS-1")["requester"], "pedro@acme.example");
    said(&house, &["clients", "revoke", MARIA]);
    pass(&mut house, "2026-11-24 11:00:00", &[Mail::from(MARIA)]);
    assert_eq!(tickets(&house).len(), 1);
    let history = house.json(&["clients", "history", "--json"]);
    let rows = history.as_array().expect("a list");
    let actions: Vec<&str> = super::each(rows, "action");
    assert_eq!(actions[actions.len() - 2..], ["authorized", "revoked"]);
    assert_eq!(rows[rows.len() - 1]["address"], MARIA);
    let listed = house.json(&["clients", "list", "--json"]);
    assert_eq!(listed[0]["authorizers"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_entry_counts_between_its_dates() {
    let check = |dates: &str, opens: bool| {
        let mut house = with_file(&format!(
            "[[clients]]\nname = \"ACME\"\ndomains = [\"acme.example\"]\nauthorizers = [ {{ name = \"M\", email = \"{MARIA}\", {dates} }} ]\n"
        ));
        said(&house, &["clients", "import", "full.toml"]);
        pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
        assert_eq!(tickets(&house).len() == 1, opens, "{dates}");
    };
    check("from = \"2026-11-24\"", true);
    check("from = \"2026-11-25\"", false);
    check("until = \"2026-11-24\"", true);
    check("until = \"2026-11-23\"", false);
    check("can_open = false", false);
}
