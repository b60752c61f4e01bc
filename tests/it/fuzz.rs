//! Damaged mail without end: whatever reads mail neither panics nor takes long.
//!
//! Every run of the tests reads some thousands of inputs. A long run, with all cores:
//! `SOPORTED_FUZZ=1000000 cargo test --release --test it fuzz -- --nocapture`. Seeds are mails of
//! our own and, where they are at hand, the corpora (see `corpus`), read in place. An input is
//! made from the run's seed (`SOPORTED_FUZZ_SEED`, printed) and its number alone, so a run can be
//! repeated. One that fails is made smaller and written to a file whose path is told.

mod damage;
mod seeds;

use std::cell::Cell;
use std::num::NonZero;
use std::panic;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use soported::cli::inspect::{BodyKind, Inspector};
use soported::domain::address::Address;
use soported::mail::authentication::{AuthenticationSettings, Position};
use soported::mail::{charset, flowed, report, smime, tnef, uuencode};

use damage::Random;

/// Inputs of an ordinary run.
const INPUTS: usize = 2_000;

/// The seed of an ordinary run.
const SEED: u64 = 20_261_124;

/// Longest reading of one input. Debug builds and machines that run other tests beside this one
/// get more: there only what is far from linear fails.
const SLOW: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(5)
} else {
    Duration::from_millis(100)
};

/// Ways of reading: a whole mail, a report, and one of the pieces.
const WAYS: usize = 3;

/// A slow input is read so often; the fastest counts, the one least disturbed by other work.
const SLOW_READS: usize = 3;

/// Longest time spent on making a failing input smaller.
const SHRINKING: Duration = Duration::from_secs(60);

thread_local! {
    /// Panics seen in this thread, also those that the reading of mail catches.
    static PANICS: Cell<usize> = const { Cell::new(0) };
    /// This thread reads damaged mail: its panics are counted and not printed.
    static IS_READER: Cell<bool> = const { Cell::new(false) };
}

/// What reads mail, as the program does and piece by piece.
struct Readers {
    inspectors: Vec<Inspector>,
}

impl Readers {
    fn new() -> Self {
        let judged = |settings| {
            let own = vec![Address::parse("soporte@servicio.mx").unwrap()];
            Inspector::new(own, Some(settings)).unwrap()
        };
        let border = |position| AuthenticationSettings::Authserv {
            id: "mx.servicio.mx".to_owned(),
            position,
        };
        Self {
            inspectors: vec![
                judged(border(Position::Any)),
                judged(border(Position::Above)),
                judged(AuthenticationSettings::Microsoft365 {
                    tenant_domains: vec!["acme.mx".to_owned()],
                }),
            ],
        }
    }

    /// Reads an input in one of the ways; `number` chooses among those that differ little.
    fn read(&self, way: usize, raw: &[u8], number: usize) {
        match way {
            0 => {
                let inspector = &self.inspectors[number % self.inspectors.len()];
                drop(inspector.mail(raw).to_string());
            }
            1 => drop(report::read(raw)),
            _ => self.read_piece(raw, number),
        }
    }

    fn read_piece(&self, raw: &[u8], number: usize) {
        let inspector = &self.inspectors[0];
        match number % 4 {
            0 => drop(inspector.body(raw, BodyKind::Text)),
            1 => drop(inspector.body(raw, BodyKind::Html)),
            2 => drop((tnef::read(raw), smime::signed_content(raw))),
            _ => {
                let names = [
                    "utf-16",
                    "utf-7",
                    "gb2312",
                    "iso-2022-jp",
                    "x-unknown",
                    "big5",
                ];
                let text = charset::charset(raw, Some(names[number / 4 % names.len()]));
                let _ = uuencode::take(&text);
                let _ = flowed::join(&text, number % 8 == 3);
            }
        }
    }

    /// How long the slowest way of reading an input takes, or what is wrong with it.
    fn timed(&self, raw: &[u8], number: usize) -> Result<Duration, String> {
        let mut ways = (0..WAYS).map(|way| self.timed_way(way, raw, number));
        ways.try_fold(Duration::ZERO, |slowest, took| Ok(slowest.max(took?)))
    }

    fn timed_way(&self, way: usize, raw: &[u8], number: usize) -> Result<Duration, String> {
        let mut fastest = Duration::MAX;
        for _ in 0..SLOW_READS {
            let before = PANICS.get();
            let (begun, worked) = (Instant::now(), work_of_thread());
            let read = || self.read(way, raw, number);
            let caught = panic::catch_unwind(panic::AssertUnwindSafe(read));
            let mut took = begun.elapsed();
            if took > SLOW
                && let (Some(before), Some(after)) = (worked, work_of_thread())
            {
                took = took.min(after.saturating_sub(before));
            }
            if caught.is_err() || PANICS.get() > before {
                return Err("a panic".to_owned());
            }
            fastest = fastest.min(took);
            if fastest <= SLOW {
                return Ok(fastest);
            }
        }
        Err(format!("{fastest:?} for {} bytes", raw.len()))
    }

    /// A smaller input that fails too: pieces are left out, half of it first, then a quarter …
    fn shrink(&self, mut raw: Vec<u8>, number: usize) -> Vec<u8> {
        let begun = Instant::now();
        let mut piece = raw.len() / 2;
        while piece > 0 {
            let mut at = 0;
            while at < raw.len() && begun.elapsed() < SHRINKING {
                let end = (at + piece).min(raw.len());
                let smaller = [&raw[..at], &raw[end..]].concat();
                if self.timed(&smaller, number).is_err() {
                    raw = smaller;
                } else {
                    at = end;
                }
            }
            piece /= 2;
        }
        raw
    }
}

/// The time that this thread has worked: a machine busy with other things makes nothing slow.
/// `None` where the system does not tell.
fn work_of_thread() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ')
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

/// Counts the panics of readers, caught ones too, and prints those of everybody else as before.
fn count_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_READER.get() {
                PANICS.set(PANICS.get() + 1);
                eprintln!("{info}");
            } else {
                others(info);
            }
        }));
    });
}

fn number_of(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

#[test]
fn damaged_mail_neither_panics_nor_takes_long() {
    count_panics();
    let inputs = number_of("SOPORTED_FUZZ", INPUTS as u64) as usize;
    let seed = number_of("SOPORTED_FUZZ_SEED", SEED);
    let seeds = seeds::all();
    let (next, slowest) = (AtomicUsize::new(0), Mutex::new((Duration::ZERO, 0, 0)));
    let faults: Mutex<Vec<String>> = Mutex::default();
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                IS_READER.set(true);
                let readers = Readers::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= inputs || !faults.lock().unwrap().is_empty() {
                        return;
                    }
                    let raw = damage::input(&seeds, &mut Random::of(seed, number));
                    match readers.timed(&raw, number) {
                        Ok(took) => {
                            let mut slowest = slowest.lock().unwrap();
                            *slowest = (*slowest).max((took, raw.len(), number));
                        }
                        Err(fault) => {
                            let raw = readers.shrink(raw, number);
                            let path = keep(&raw, seed, number);
                            faults.lock().unwrap().push(format!(
                                "seed {seed}, input {number}: {fault}: {}",
                                path.display()
                            ));
                        }
                    }
                }
            });
        }
    });
    let (took, bytes, number) = slowest.into_inner().unwrap();
    println!(
        "{inputs} inputs of {} mails, seed {seed}, in {:.1?}; slowest {took:.1?} ({bytes} bytes, number {number})",
        seeds.len(),
        begun.elapsed()
    );
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn keep(raw: &[u8], seed: u64, number: usize) -> PathBuf {
    let path = std::env::temp_dir().join(format!("soported-fuzz-{seed}-{number}.eml"));
    std::fs::write(&path, raw).unwrap();
    path
}

#[test]
fn what_is_damaged_is_the_same_again_and_differs_by_number() {
    let seeds = seeds::own();
    let input = |number| damage::input(&seeds, &mut Random::of(SEED, number));
    assert_eq!(input(7), input(7));
    assert_ne!(input(7), input(8));
    assert!(input(7).len() <= damage::INPUT_MAX_BYTES);
}
