//! The systemd unit: sealed, explained line by line, and understood by systemd itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The worst exposure that `systemd-analyze security` may give (0 sealed, 10 open).
const EXPOSURE_LIMIT: f64 = 2.0;

fn unit_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/soported.service")
}

fn unit() -> String {
    fs::read_to_string(unit_path()).expect("the unit file")
}

fn systemd_analyze(arguments: &[&str], file: &Path) -> Output {
    Command::new("systemd-analyze")
        .args(arguments)
        .arg(file)
        .env("SYSTEMD_COLORS", "0")
        .env("SYSTEMD_PAGER", "cat")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("systemd-analyze is needed for this test: install the package systemd")
}

#[test]
fn the_unit_is_sealed() {
    let output = systemd_analyze(&["security", "--offline=yes", "--no-pager"], &unit_path());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let exposure: f64 = text
        .lines()
        .find_map(|line| line.split_once("Overall exposure level for soported.service: "))
        .and_then(|(_, figure)| figure.split_whitespace().next()?.parse().ok())
        .unwrap_or_else(|| {
            panic!(
                "no figure:\n{text}{}",
                String::from_utf8_lossy(&output.stderr)
            )
        });
    assert!(
        exposure <= EXPOSURE_LIMIT,
        "exposure {exposure} is above {EXPOSURE_LIMIT}:\n{text}"
    );
}

#[test]
fn systemd_understands_every_line_of_the_unit() {
    // `verify` also wants the program to be there: the one just built stands in for the installed.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let copy = folder.path().join("soported.service");
    let text = unit();
    assert!(text.contains("ExecStart=/usr/local/bin/soported run "));
    let text = text.replace(
        "/usr/local/bin/soported run ",
        &format!("{} run ", env!("CARGO_BIN_EXE_soported")),
    );
    fs::write(&copy, text).expect("write the copy");
    let output = systemd_analyze(&["verify", "--man=no", "--recursive-errors=no"], &copy);
    // An unknown key is a mere warning to systemd, and exit status 0.
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaints.trim().is_empty(),
        "{}: {complaints}",
        output.status
    );
}

#[test]
fn every_setting_of_the_unit_has_its_reason_above_it() {
    let text = unit();
    let mut above = "";
    let mut settings = 0;
    for line in text.lines() {
        let is_setting = !line.is_empty() && !line.starts_with(['#', '[']);
        // What the service is and where its documents are need no reason; an order of things one may
        // wait for is one thought over two lines.
        let speaks_for_itself = ["Description=", "Documentation="]
            .iter()
            .any(|key| line.starts_with(key));
        if is_setting && !speaks_for_itself {
            settings += 1;
            let continues = line.starts_with("After=") && above.starts_with("Wants=");
            assert!(above.starts_with("# ") || continues, "no reason: {line}");
        }
        above = line;
    }
    assert!(settings > 40, "only {settings} settings were looked at");
}

#[test]
fn the_unit_says_what_the_program_relies_on() {
    let text = unit();
    for line in [
        "Type=notify",
        "NotifyAccess=main",
        "Restart=on-failure",
        // The exit code of a bad configuration, from every command.
        "RestartPreventExitStatus=78",
        "StateDirectory=soported",
        "ConfigurationDirectory=soported",
        "LoadCredential=imap_password:/etc/soported/imap_password",
        "LoadCredential=smtp_password:/etc/soported/smtp_password",
        "Environment=MALLOC_ARENA_MAX=1",
    ] {
        assert!(text.lines().any(|have| have == line), "missing: {line}");
    }
    for key in ["WatchdogSec=", "TimeoutStopSec="] {
        assert!(
            text.lines().any(|have| have.starts_with(key)),
            "missing: {key}"
        );
    }
}
