//! The deterministic simulation (after tigerbeetle's VOPR): the real engine on the real store, with
//! the four ports replaced by an outside that follows from a seed. Weeks of virtual time pass in
//! which people write and answer, connections break, mails come late and twice, servers refuse or
//! say nothing, disks fill, clocks step back, and the process dies at any commit and any call. After
//! every step the invariants are checked, and at the end everything must come to rest and balance.
//!
//! The normal run takes the same seeds each time. `SIM_SEEDS=n` takes n, from `SIM_FROM` on;
//! `SIM_SEED=n` takes that one and prints its whole trace.

mod account;
mod charges;
mod checks;
mod mailbox;
mod outside;
mod people;
mod plans;
mod process;
mod proof;
mod run;
mod transport;
mod writing;

use run::{Report, Sabotage, run};

/// Seeds of the normal run.
const SEEDS: u64 = 200;

/// Tests that share the seeds, so that they run side by side.
const PARTS: u64 = 4;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is a number")),
    )
}

/// Every seed of a part; panics with the first that fails.
fn part(part: u64) {
    if let Some(seed) = number("SIM_SEED") {
        if part == 0 {
            let report = run(seed, Sabotage::default(), true).unwrap_or_else(|f| panic!("{f}"));
            println!("seed {seed}: {report:?}");
        }
        return;
    }
    let (seeds, from) = (
        number("SIM_SEEDS").unwrap_or(SEEDS),
        number("SIM_FROM").unwrap_or(0),
    );
    let mut total = Report::default();
    let mut runs = 0;
    for seed in (from..from + seeds).filter(|seed| seed % PARTS == part) {
        let report = run(seed, Sabotage::default(), false).unwrap_or_else(|f| panic!("{f}"));
        runs += 1;
        total.steps += report.steps;
        total.deaths += report.deaths;
        total.letters += report.letters;
        total.tickets += report.tickets;
        total.sent += report.sent;
        total.repeats += report.repeats;
    }
    println!(
        "{runs} seeds: {} steps, {} deaths, {} mails in, {} tickets, {} mails out, {} of them \
         repeated in doubt",
        total.steps, total.deaths, total.letters, total.tickets, total.sent, total.repeats
    );
}

#[test]
fn in_any_weather_nothing_is_lost_or_doubled_first_part() {
    part(0);
}

#[test]
fn in_any_weather_nothing_is_lost_or_doubled_second_part() {
    part(1);
}

#[test]
fn in_any_weather_nothing_is_lost_or_doubled_third_part() {
    part(2);
}

#[test]
fn in_any_weather_nothing_is_lost_or_doubled_fourth_part() {
    part(3);
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in [3, 1_000, 77_777] {
        let first = run(seed, Sabotage::default(), false).unwrap_or_else(|f| panic!("{f}"));
        let second = run(seed, Sabotage::default(), false).unwrap_or_else(|f| panic!("{f}"));
        assert_eq!(first, second, "seed {seed}");
    }
    let other = run(4, Sabotage::default(), false).unwrap_or_else(|f| panic!("{f}"));
    let first = run(3, Sabotage::default(), false).unwrap_or_else(|f| panic!("{f}"));
    assert_ne!(first.fingerprint, other.fingerprint, "chance plays no part");
}
