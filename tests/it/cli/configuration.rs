//! `check`, and the reference configuration that ships with the program.

use std::fs;

use super::{code, config, stderr, stdout};
use crate::world::daemon::Config;

#[test]
fn a_good_configuration_is_one_line() {
    let house = config().set("authentication.position", "above").install();
    let output = house.run(&["check"]);
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&output).lines().count(), 1);
    assert_eq!(stderr(&output), "");
}

#[test]
fn what_deserves_a_remark_is_remarked_and_good_all_the_same() {
    let house = config().set("authentication.position", "any").install();
    let output = house.run(&["check"]);
    assert_eq!(code(&output), 0);
    assert_eq!(stdout(&output).lines().count(), 1);
    assert!(stderr(&output).starts_with("note: authentication.position: "));
    let house = config().set("authentication.provider", "none").install();
    let output = house.run(&["check"]);
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).starts_with("warning: authentication.provider: "));
}

/// One mistake at a time, each named by its key.
#[test]
fn each_mistake_is_named_by_its_key_with_a_cure() {
    let check = |bad: Config, key: &str| {
        let house = {
            let house = Config::new().install();
            fs::write(house.config(), bad.text()).expect("a file");
            house
        };
        let output = house.run(&["check"]);
        assert_eq!(code(&output), 78, "{key}");
        assert_eq!(stdout(&output), "", "{key}");
        let said = stderr(&output);
        let line = said.lines().find(|line| line.contains(key));
        let line = line.unwrap_or_else(|| panic!("{key} in\n{said}"));
        assert!(line.contains(';'), "a cure in: {line}");
    };
    let good = Config::new;
    check(good().unset("service.name"), "service.name");
    check(good().unset("service.address"), "service.address");
    check(good().set("service.address", "nadie"), "service.address");
    check(good().unset("service.database"), "service.database");
    check(
        good().set("service.timezone", "Mars/Base"),
        "service.timezone",
    );
    check(good().set("service.colour", "red"), "service.colour");
    check(good().set("inbound.kind", "pop3"), "inbound.kind");
    check(good().unset("inbound.path"), "inbound.path");
    check(good().set("inbound.since", "ayer"), "inbound.since");
    check(
        good().set("inbound.poll_interval", "soon"),
        "inbound.poll_interval",
    );
    check(good().set("inbound.max_size", "-1"), "inbound.max_size");
    check(
        good().unset("authentication.provider"),
        "authentication.provider",
    );
    check(
        good().unset("authentication.authserv_id"),
        "authentication.authserv_id",
    );
    check(
        good().set("authentication.provider", "gmail"),
        "authentication.provider",
    );
    check(good().set("outbound.kind", "fax"), "outbound.kind");
    check(good().set("outbound.per_minute", 0), "outbound.per_minute");
    check(good().set("response.nothing", "x"), "response.nothing");
    check(good().set("replies.default", "closed"), "replies.default");
    check(good().set("contact.attempts", 0), "contact.attempts");
}

#[test]
fn all_problems_are_told_at_once() {
    let bad = Config::new()
        .unset("service.name")
        .set("service.timezone", "Mars/Base")
        .set("inbound.kind", "pop3")
        .set("outbound.per_minute", 0)
        .set("calendar.extra_closed", vec!["2026-02-30"])
        .set("replies.delay", "for ever");
    let house = Config::new().install();
    fs::write(house.config(), bad.text()).expect("a file");
    let said = stderr(&house.run(&["check"]));
    for key in [
        "service.name",
        "service.timezone",
        "inbound.kind",
        "outbound.per_minute",
        "calendar.extra_closed",
        "replies.delay",
    ] {
        assert!(said.contains(key), "{key} in\n{said}");
    }
    assert!(said.contains("6 problems"), "{said}");
}

#[test]
fn a_template_that_does_not_render_is_a_problem_of_the_configuration() {
    let house = Config::new().install();
    let folder = house.path("templates/acknowledgement");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("body.txt"), "{{ nobody.knows").expect("a file");
    let output = house.run(&["check"]);
    assert_eq!(code(&output), 78);
    assert!(
        stderr(&output).contains("acknowledgement/body.txt"),
        "{}",
        stderr(&output)
    );
    assert_eq!(code(&house.run(&["status"])), 78);
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_line() {
    let house = Config::new().install();
    fs::write(house.config(), "[service]\nname = \n").expect("a file");
    let output = house.run(&["check"]);
    assert_eq!(code(&output), 78);
    assert!(stderr(&output).contains("line 2"), "{}", stderr(&output));
}

#[test]
fn the_shipped_configuration_passes_once_the_password_is_there() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml");
    let run = |password: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_soported"));
        command
            .args(["check", "--config", file])
            .env_remove("SOPORTED_PASSWORD");
        if let Some(password) = password {
            command.env("SOPORTED_PASSWORD", password);
        }
        command.output().expect("the binary runs")
    };
    let good = run(Some("secreto"));
    assert_eq!(code(&good), 0, "{}", stderr(&good));
    assert!(!stderr(&good).contains("secreto"));
    assert!(
        stderr(&good).contains("authentication.position"),
        "as its comment says"
    );
    let without = run(None);
    assert_eq!(code(&without), 78);
    for key in ["inbound.password", "outbound.password"] {
        assert!(stderr(&without).contains(key), "{key}");
    }
}
