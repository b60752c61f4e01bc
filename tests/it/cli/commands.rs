//! Exit codes, where words go, and what may run beside what.

use std::fs;

use super::{MARIA, TUESDAY_10, code, config, house_at, pass, sent_to, stderr, stdout, tickets};
use crate::world::daemon::Config;
use crate::world::mails::Mail;
use crate::world::smtp_sink::SmtpSink;
use crate::world::{SERVER_PATIENCE, wait_until};

/// Every command that reads a configuration, with arguments that are good otherwise.
const CONFIGURED: [&[&str]; 26] = [
    &["run"],
    &["run", "--once"],
    &["ingest"],
    &["check"],
    &["calendar", "due", "2026-11-20", "8h"],
    &["calendar", "between", "2026-11-20", "2026-11-23"],
    &["calendar", "open"],
    &["calendar", "add-days", "2026-11-20", "5"],
    &["clients", "import", "clients.toml"],
    &["clients", "import", "clients.toml", "--dry-run"],
    &["clients", "export"],
    &["clients", "list"],
    &["clients", "authorize", "ACME", "otra@acme.example", "Otra"],
    &["clients", "revoke", "maria@acme.example"],
    &["clients", "history"],
    &["tickets", "list"],
    &["tickets", "show", "GS-1"],
    &["held", "list"],
    &["held", "show", "1"],
    &["held", "release", "1"],
    &["held", "discard", "1"],
    &["explain", "GS-1"],
    &["outbox", "list"],
    &["outbox", "retry", "1"],
    &["outbox", "cancel", "1"],
    &["status"],
];

#[test]
fn a_bad_configuration_is_78_from_any_command_with_nothing_on_stdout() {
    let house = config().install();
    fs::write(house.path("bad.toml"), "[service]\nnombre = 1\n").expect("a file");
    for arguments in CONFIGURED {
        for file in ["bad.toml", "missing.toml"] {
            let with = [arguments, &["--config", file]].concat();
            let output = house.run(&with);
            assert_eq!(code(&output), 78, "{with:?}");
            assert_eq!(stdout(&output), "", "{with:?}");
            assert!(!stderr(&output).is_empty(), "{with:?}");
        }
    }
}

#[test]
fn wrong_usage_is_2_and_told_on_stderr() {
    let house = config().install();
    for arguments in [
        &[][..],
        &["nada"],
        &["run", "--twice"],
        &["tickets"],
        &["tickets", "show"],
        &["held", "show", "uno"],
        &["outbox", "list", "--state", "gone"],
        &["clients", "import"],
        &["clients", "authorize", "ACME"],
        &["inspect"],
        &["inspect", "--body", "pdf", "x"],
        &["inspect", "--provider", "gmail", "x"],
        &["inspect", "--provider", "authserv", "x"],
        &["inspect", "--provider", "none", "--authserv-id", "m", "x"],
        &["inspect", "--position", "above", "x"],
    ] {
        let output = house.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(!stderr(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn what_does_not_exist_is_2_in_words_without_a_document() {
    let house = config().install();
    for arguments in [
        &["tickets", "show", "GS-9", "--json"][..],
        &["tickets", "show", "otra cosa"],
        &["held", "show", "9", "--json"],
        &["held", "release", "9"],
        &["held", "discard", "9"],
        &["outbox", "retry", "9"],
        &["outbox", "cancel", "9", "--json"],
        &["clients", "import", "ninguno.toml"],
        &["clients", "authorize", "Nadie", "a@b.example", "A"],
        &["clients", "revoke", "nadie@acme.example"],
    ] {
        let output = house.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert_eq!(stdout(&output), "", "{arguments:?}");
        assert!(stderr(&output).starts_with("soported: "), "{arguments:?}");
    }
}

#[test]
fn every_view_is_0_with_its_data_on_stdout() {
    let mut house = config().install();
    let stranger = Mail::from("extra@nadie.example");
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA), stranger]);
    for (arguments, word) in [
        (&["tickets", "list"][..], "GS-1"),
        (&["tickets", "list", "--open"], "GS-1"),
        (&["tickets", "show", "GS-1"], "2026-11-25 16:30"),
        (&["held", "list"], "unknown_domain"),
        (&["held", "show", "1"], "extra@nadie.example"),
        (&["held", "list", "--all"], "waiting"),
        (&["explain", "GS-1"], "response clock"),
        (&["outbox", "list"], "acknowledgement"),
        (&["clients", "list"], "María Pérez"),
        (&["clients", "export"], "[[clients]]"),
        (&["clients", "history"], "authorized"),
        (&["status"], "open tickets"),
        (&["check"], "good"),
    ] {
        let output = house.run(arguments);
        assert_eq!(code(&output), 0, "{arguments:?}");
        assert!(stdout(&output).contains(word), "{}", stdout(&output));
    }
}

#[test]
fn the_configuration_is_the_named_one_else_that_of_the_environment_else_the_one_here() {
    let house = house_at(TUESDAY_10);
    let prefix = |name: &str| {
        let text = fs::read_to_string(house.config()).expect("a file");
        let text = text.replace(
            "[service]",
            &format!("[service]\nticket_prefix = \"{name}\""),
        );
        text.replace("soported.db", &format!("{name}.db"))
    };
    let folder = house.path("other");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("config.toml"), prefix("HERE")).expect("a file");
    fs::write(house.path("named.toml"), prefix("NAMED")).expect("a file");
    let which = |variable: Option<&str>, arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_soported"));
        command
            .args(["tickets", "show", "x"])
            .args(arguments)
            .current_dir(&folder)
            .env_remove("SOPORTED_CONFIG");
        if let Some(variable) = variable {
            command.env("SOPORTED_CONFIG", variable);
        }
        stderr(&command.output().expect("the binary runs"))
    };
    let named = house.path("named.toml");
    let named = named.to_str().expect("UTF-8");
    let environment = house.config();
    let environment = environment.to_str().expect("UTF-8");
    assert!(which(None, &[]).contains("HERE-1"));
    assert!(which(Some(""), &[]).contains("HERE-1"));
    assert!(which(Some(environment), &[]).contains("GS-1"));
    assert!(which(Some(environment), &["--config", named]).contains("NAMED-1"));
}

#[test]
fn ingest_is_75_where_the_database_cannot_be_written_and_0_when_it_can() {
    // A folder that is a file, a file that is no database, and a folder.
    for name in ["config.toml/soported.db", "clients.toml", "inbound"] {
        let mut house = Config::new().install();
        let text = fs::read_to_string(house.config()).expect("a file");
        fs::write(house.config(), text.replace("soported.db", name)).expect("a file");
        house.set_clock(Some(TUESDAY_10));
        let output = house.run_with_input(&["ingest"], &Mail::from(MARIA).build());
        assert_eq!(code(&output), 75, "{}", stderr(&output));
        assert!(!stderr(&output).is_empty());
        fs::write(house.config(), text).expect("a file");
        let output = house.run_with_input(&["ingest"], &Mail::from(MARIA).build());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }
}

#[test]
fn one_pass_is_2_where_the_mailbox_cannot_be_read_and_the_rest_is_done_all_the_same() {
    let mut house = config().install();
    house.set_clock(Some(TUESDAY_10));
    assert_eq!(
        code(&house.run_with_input(&["ingest"], &Mail::from(MARIA).build())),
        0
    );
    fs::remove_dir_all(house.path("inbound")).expect("a folder");
    fs::write(house.path("inbound"), "a file").expect("a file");
    // A slow machine may have taken some seconds for the first command.
    house.set_clock(Some("2026-11-24 10:01:00"));
    let output = house.run(&["run", "--once"]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(stderr(&output).contains("inbound"), "{}", stderr(&output));
    assert_eq!(sent_to(&house, MARIA).len(), 1);
}

#[test]
fn one_pass_is_0_although_a_recipient_s_server_refuses() {
    let sink = SmtpSink::start();
    let mut house = Config::new()
        .smtp_to(&sink)
        .client(
            "ACME",
            &["acme.example"],
            &[
                ("Uno", "permfail@acme.example"),
                ("Dos", "tempfail-always@acme.example"),
            ],
        )
        .install();
    let mails = ["permfail@acme.example", "tempfail-always@acme.example"].map(Mail::from);
    pass(&mut house, TUESDAY_10, &mails);
    let rows = super::list(&house, &["outbox", "list", "--json"]);
    let state = |to: &str| {
        let row = rows.iter().find(|row| row["to"] == to).expect("a mail");
        row["state"].as_str().expect("a word").to_owned()
    };
    assert_eq!(state("permfail@acme.example"), "failed");
    assert_eq!(state("tempfail-always@acme.example"), "retry");
    assert_eq!(tickets(&house).len(), 2);
}

#[test]
fn a_second_run_is_refused_while_every_other_command_works_beside_the_first() {
    let house = config().set("inbound.poll_interval", "1s").install();
    let running = house.spawn_run();
    wait_until("the daemon polls", SERVER_PATIENCE, || {
        let status = house.json(&["status", "--json"]);
        (!status["last_poll_at"].is_null()).then_some(())
    });
    for arguments in [&["run"][..], &["run", "--once"]] {
        let output = house.run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(
            stderr(&output).contains("another soported runs"),
            "{arguments:?}"
        );
    }
    assert!(house.json(&["status", "--json"])["uptime_seconds"].is_i64());
    let raw = Mail::from(MARIA).build();
    assert_eq!(code(&house.run_with_input(&["ingest"], &raw)), 0);
    for arguments in [
        &["check"][..],
        &["tickets", "list"],
        &["clients", "authorize", "ACME", "otra@acme.example", "Otra"],
        &["clients", "export"],
        &["held", "list"],
        &["outbox", "list"],
    ] {
        assert_eq!(code(&house.run(arguments)), 0, "{arguments:?}");
    }
    // Every authorizer is told of the change of the list.
    let what = "the acknowledgement and the news of the list leave";
    wait_until(what, SERVER_PATIENCE, || {
        (sent_to(&house, MARIA).len() == 2).then_some(())
    });
    assert!(running.terminate().success());
    assert!(house.json(&["status", "--json"])["uptime_seconds"].is_null());
    house.run_once();
}

/// A state that the program never leaves a ticket in: it would be forgotten.
#[test]
fn an_open_ticket_without_a_next_action_is_told_by_the_status_with_1() {
    let mut house = config().install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    assert_eq!(code(&house.run(&["status"])), 0);
    house.ledger().damage("DELETE FROM due");
    for arguments in [&["status"][..], &["status", "--json"]] {
        let output = house.run(arguments);
        assert_eq!(code(&output), 1, "{arguments:?}");
        assert!(stdout(&output).contains("next"), "{arguments:?}");
        let told = stderr(&output);
        assert!(
            told.contains("1 open tickets have no next action"),
            "{told}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_is_1_and_the_others_are_inspected() {
    let house = Config::new().install();
    fs::write(house.path("uno.eml"), Mail::from(MARIA).build()).expect("a mail");
    let output = house.run(&["inspect", "--json", "ninguno.eml", "uno.eml"]);
    assert_eq!(code(&output), 1);
    assert_eq!(stdout(&output).lines().count(), 1);
    assert!(stderr(&output).contains("ninguno.eml"));
}
