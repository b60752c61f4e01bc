//! `clients.toml`: there and back, and what is said where it is wrong.

use chrono::TimeDelta;
use soported::config::clients::{client_calendar, conflicts, read_clients, write_clients};

use crate::config::{MINIMAL, good, shown};

const CLIENTS: &str = r#"
[[clients]]
name = "ACME"
domains = ["acme.example", "Acme-Mexico.example"]
authorizers = [
    { name = "María \"Mary\" Pérez", email = "Maria@acme.example" },
    { name = 'J\K', email = "jk@acme.example", can_open = false, can_approve = false, can_validate = false, from = "2026-01-01", until = 2027-01-31 },
]
same_domain_participants = true
calendar = { rest_days = "none", weekly = { mon = ["09:00-14:00"] }, extra_closed = [2026-12-24], overrides = { "2026-12-31" = ["10:00-12:00"] } }
out_of_hours = { minimum_notice = "1d1s", factor = 1.5 }

[[clients]]
name = "Beta"
authorizers = [ { name = "Eva", email = "eva@gmail.example" } ]
out_of_hours = { factor = 2 }
"#;

#[test]
fn clients_are_read_and_written_back_the_same() {
    let clients = read_clients(CLIENTS).unwrap_or_else(|p| panic!("{}", shown(&p)));
    assert_eq!(clients.len(), 2);
    let acme = &clients[0];
    assert_eq!(acme.domains, ["acme.example", "acme-mexico.example"]);
    let (maria, jk) = (&acme.authorizers[0], &acme.authorizers[1]);
    assert_eq!(maria.person.name, "María \"Mary\" Pérez");
    assert_eq!(maria.person.address.as_str(), "maria@acme.example");
    assert!(maria.can_open && maria.can_approve && maria.can_validate);
    assert_eq!((maria.from, maria.until), (None, None));
    assert!(!jk.can_open && !jk.can_approve && !jk.can_validate);
    assert_eq!(
        jk.until.map(|d| d.to_string()).as_deref(),
        Some("2027-01-31")
    );
    assert_eq!(
        acme.out_of_hours.minimum_notice,
        Some(TimeDelta::seconds(86_401))
    );
    assert_eq!(clients[1].out_of_hours.factor, Some(2.0));
    assert!(!clients[1].same_domain_participants && clients[1].calendar.is_none());

    let calendar = acme.calendar.as_deref().unwrap();
    let calendar = client_calendar(calendar, chrono_tz::America::Tijuana).unwrap();
    assert_eq!(calendar.zone(), chrono_tz::America::Tijuana);
    assert_eq!(calendar.spec().weekly[0].len(), 1);
    assert_eq!(calendar.spec().extra_closed.len(), 1);

    let written = write_clients(&clients);
    let again = read_clients(&written).unwrap_or_else(|p| panic!("{written}\n{}", shown(&p)));
    assert_eq!(again, clients, "{written}");
    assert_eq!(write_clients(&again), written);
    assert_eq!(read_clients("").unwrap(), []);
    assert_eq!(write_clients(&[]), "");
}

/// `text` as `clients.toml` has one problem, at `key`, whose whole line holds `words`.
#[track_caller]
fn check_clients(text: &str, key: &str, words: &str) {
    let problems = read_clients(text).expect_err("accepted");
    let all = shown(&problems);
    assert_eq!(problems.len(), 1, "{all}");
    assert_eq!(problems[0].key, key, "{all}");
    assert!(all.contains(words), "{all}\nlacks {words}");
}

#[test]
fn a_client_list_that_cannot_be_meant_is_refused() {
    let eva = "authorizers = [ { name = \"Eva\", email = \"eva@b.example\" } ]";
    let one = |lines: &str| format!("[[clients]]\nname = \"B\"\n{eva}\n{lines}\n");
    let authorizer =
        |keys: &str| format!("[[clients]]\nname = \"B\"\nauthorizers = [ {{ {keys} }} ]\n");
    check_clients("[[clients]\n", "line 1, column 11", "not TOML");
    check_clients("[clients]\nname = \"B\"\n", "clients", "[[clients]]");
    check_clients("[[client]]\n", "client", "did you mean \"clients\"?");
    check_clients(
        &format!("[[clients]]\nname = \" \"\n{eva}\n"),
        "clients[1].name",
        "missing",
    );
    check_clients(
        "[[clients]]\nname = \"B\"\n",
        "clients[1].authorizers",
        "nobody may ask",
    );
    check_clients(
        "[[clients]]\nname = \"B\"\nauthorizers = []\n",
        "clients[1].authorizers",
        "nobody",
    );
    check_clients(
        &one("domains = [\"@b.example\"]"),
        "clients[1].domains[1]",
        "part after the @",
    );
    check_clients(
        &one("domains = [\"b.example\", \"B.example\"]"),
        "clients[1].domains[2]",
        "already a domain of B",
    );
    check_clients(
        &one("domain = [\"b.example\"]"),
        "clients[1].domain",
        "\"domains\"",
    );
    check_clients(
        &one("calendar = { weekly = {} }"),
        "clients[1].calendar.weekly",
        "never opens",
    );
    check_clients(
        &one("calendar = \"always\""),
        "clients[1].calendar",
        "cannot be a text",
    );
    check_clients(
        &one("out_of_hours = { factor = 99 }"),
        "clients[1].out_of_hours.factor",
        "from 1 to 10",
    );
    check_clients(
        &authorizer("email = \"e@b.example\""),
        "clients[1].authorizers[1].name",
        "missing",
    );
    check_clients(
        &authorizer("name = \"E\", email = \"e\""),
        "clients[1].authorizers[1].email",
        "not an address",
    );
    check_clients(
        &authorizer(
            "name = \"E\", email = \"e@b.example\", from = \"2026-02-01\", until = \"2026-01-31\"",
        ),
        "clients[1].authorizers[1].until",
        "before from",
    );
    check_clients(
        &authorizer("name = \"E\", email = \"e@b.example\", until = \"31/01/2026\""),
        "clients[1].authorizers[1].until",
        "not a date",
    );
    let second = "[[clients]]\nname = \"C\"\nauthorizers = [ { name = \"Eva\", email = \"EVA@b.example\" } ]\n";
    check_clients(
        &format!("{}{second}", one("")),
        "clients[2].authorizers[1].email",
        "already an authorizer of B",
    );
    let second =
        "[[clients]]\nname = \"b\"\nauthorizers = [ { name = \"F\", email = \"f@b.example\" } ]\n";
    check_clients(
        &format!("{}{second}", one("")),
        "clients[2].name",
        "already a client",
    );
}

#[test]
fn an_authorizer_is_nobody_the_house_knows_otherwise() {
    let policy = good(MINIMAL).settings.policy;
    let clients = r#"
        [[clients]]
        name = "B"
        authorizers = [
            { name = "Eva", email = "eva@b.example" },
            { name = "Ana", email = "ana@casa.example" },
            { name = "S", email = "soporte@casa.example" },
        ]
    "#;
    let problems = conflicts(&read_clients(clients).unwrap(), &policy);
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "clients[1].authorizers[2].email",
            "clients[1].authorizers[3].email"
        ]
    );
    assert!(shown(&problems).contains("a consultant"));
}
