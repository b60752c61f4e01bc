//! The kill test: the program dies again and again, at any instant, and nothing is lost or doubled.

use std::time::{Duration, SystemTime};

use super::world::daemon::{Config, Daemon, assert_done};
use super::world::dovecot::Dovecot;
use super::world::ledger::Ledger;
use super::world::smtp_sink::SmtpSink;
use super::world::traffic::{self, CONSULTANT, Counts, Crowd, Dice, OPERATORS, Piece};
use super::world::wait_until;

/// How often the daemon is killed while it has work to do.
const KILLS: usize = 55;

/// The most kills altogether: one may come just when all is done.
const KILLS_MAX: usize = 4 * KILLS;

/// How long a step may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// The most consultant's answers written between two kills.
const ANSWERS_MAX: usize = 3;

/// The least number of the crowd's mails that must flow; the consultant's answers come on top.
const MAILS: usize = 325;

/// What the crowd can write: three times as much, since a fast machine may be done with a portion
/// before it is killed, and such a kill does not count.
const COUNTS: Counts = Counts {
    openings: 600,
    replies: 180,
    duplicates: 90,
    strangers: 60,
    unlisted: 9,
    machines: 36,
};

/// A moment in the daemon's life, reached sooner or later, or it has nothing more to do.
#[derive(Debug, Clone, Copy)]
enum Instant {
    /// The process has just been made.
    Born,
    /// It says that it started.
    Started,
    /// The ledger holds so many mails more.
    Stored(i64),
    /// So many more are decided.
    Decided(i64),
    /// So many more mails have reached the SMTP server.
    Sent(usize),
    /// A mail is being handed over: the moment of which nobody knows how it ended.
    HandingOver,
}

impl Instant {
    fn any(dice: &mut Dice) -> Instant {
        let few = |dice: &mut Dice| i64::try_from(dice.roll(12) + 1).expect("a small number");
        match dice.roll(12) {
            0 => Instant::Born,
            1 => Instant::Started,
            2 | 3 => Instant::Stored(few(dice)),
            4..=6 => Instant::Decided(few(dice)),
            7..=9 => Instant::Sent(dice.roll(25) + 1),
            _ => Instant::HandingOver,
        }
    }
}

/// How far things have come.
struct Progress<'a> {
    ledger: &'a Ledger,
    sink: &'a SmtpSink,
    daemon: &'a Daemon,
}

impl Progress<'_> {
    fn decided(&self) -> i64 {
        self.ledger
            .number("SELECT count(*) FROM inbound WHERE state = 'done'")
    }

    fn starts(&self) -> usize {
        self.daemon.log().matches(" started").count()
    }

    /// Waits for the instant; `act` happens once the waiting has begun. False: there was nothing left
    /// to do before it came.
    fn reach(&self, instant: Instant, delivered: i64, act: impl FnOnce()) -> bool {
        let (stored, decided) = (self.ledger.mails(), self.decided());
        let (sent, starts) = (self.sink.count(), self.starts());
        act();
        let reached = || match instant {
            Instant::Born => true,
            Instant::Started => self.starts() > starts,
            Instant::Stored(more) => self.ledger.mails() >= (stored + more).min(delivered),
            Instant::Decided(more) => self.decided() >= (decided + more).min(delivered),
            Instant::Sent(more) => self.sink.count() >= sent + more,
            Instant::HandingOver => self.ledger.number(
                "SELECT count(*) FROM outbox WHERE state = 'sending' AND offered_at IS NOT NULL",
            ) > 0,
        };
        let idle = || self.ledger.mails() == delivered && self.ledger.is_at_rest();
        wait_until(&format!("{instant:?} is reached"), PATIENCE, || {
            (reached() || idle()).then_some(())
        });
        !idle()
    }
}

/// The notices of new tickets that reached the consultant; each is answered once.
fn unanswered(sink: &SmtpSink, answered: usize) -> Vec<Piece> {
    let mut ids = Vec::new();
    let mut answers = Vec::new();
    for notice in sink.mails_to(CONSULTANT) {
        let id = traffic::message_id(&notice);
        // A copy is no second notice.
        if !ids.contains(&id) {
            answers.push(traffic::consultants_answer(&notice));
            ids.push(id);
        }
    }
    answers.into_iter().skip(answered).collect()
}

#[test]
fn killed_at_any_instant_it_loses_no_mail_and_does_nothing_twice() {
    let seed = match std::env::var("SOPORTED_KILL_SEED") {
        Ok(seed) => seed.parse().expect("SOPORTED_KILL_SEED is a number"),
        Err(_) => SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("after 1970")
            .subsec_nanos()
            .into(),
    };
    println!("SOPORTED_KILL_SEED={seed}");
    let mut dice = Dice::new(seed);
    let crowd = Crowd::new(4, 10);
    let pieces = crowd.write(COUNTS, &mut dice);

    let dovecot = Dovecot::start();
    let sink = SmtpSink::start();
    let daemon = crowd
        .listed_in(Config::new())
        .imap_from(&dovecot)
        .smtp_to(&sink)
        .unbraked()
        .set("outbound.uncertain_wait", "1s")
        .install();
    let ledger = daemon.ledger();
    let progress = Progress {
        ledger: &ledger,
        sink: &sink,
        daemon: &daemon,
    };

    let mut delivered: Vec<Piece> = Vec::new();
    let mut answered = 0;
    let mut kills = 0;
    let mut at_work = 0;
    while at_work < KILLS || delivered.len() - answered < MAILS {
        assert!(kills < KILLS_MAX, "it is done before it can be killed");
        // The crowd's mails in portions that shrink and grow, and some of the consultant's answers.
        let begun = delivered.len() - answered;
        let upto = (begun + dice.roll(2 * MAILS / KILLS)).min(pieces.len());
        let mut portion = pieces[begun..upto].to_vec();
        let mut answers = unanswered(&sink, answered);
        answers.truncate(dice.roll(ANSWERS_MAX + 1));
        answered += answers.len();
        portion.extend(answers);

        let before = dice.roll(2) == 0;
        if before {
            traffic::deliver(&dovecot, &portion, delivered.len());
        }
        let count = i64::try_from(delivered.len() + portion.len()).expect("a small number");
        let mut running = None;
        let busy = progress.reach(Instant::any(&mut dice), count, || {
            running = Some(daemon.spawn_run());
            if !before {
                traffic::deliver(&dovecot, &portion, delivered.len());
            }
        });
        running.expect("spawned above").kill();
        kills += 1;
        at_work += usize::from(busy);
        delivered.extend(portion);
    }

    let mut last = daemon.spawn_run();
    let count = i64::try_from(delivered.len()).expect("a small number");
    let at_rest = || {
        wait_until("nothing waits any more", PATIENCE, || {
            (ledger.mails() == count && ledger.is_at_rest()).then_some(())
        });
    };
    at_rest();
    // Killed in both attempts of a mail: its fate is a person's business, who has it sent again.
    let unsettled = ledger.rows("SELECT id FROM outbox WHERE state = 'uncertain'", |row| {
        row.get::<_, i64>(0)
    });
    for id in &unsettled {
        let order = ["outbox", "retry", &id.to_string()];
        assert_done("outbox retry", &daemon.run(&order));
    }
    at_rest();
    assert_eq!(last.ended(), None, "{}", daemon.log());
    assert!(last.terminate().success(), "{}", daemon.log());

    if !unsettled.is_empty() {
        assert!(!sink.mails_to(OPERATORS).is_empty(), "nobody was told");
    }
    let account = traffic::account(&ledger, &sink, &delivered);
    println!(
        "{kills} kills, {at_work} of them at work, {} mails in ({answered} of them a consultant's answers), {} mails out, \
         {} of them repeated where {} \
         attempts had an unknown end; {} left to a person after two kills",
        delivered.len(),
        account.sent,
        account.repeats,
        ledger.number("SELECT sum(uncertain) FROM outbox"),
        unsettled.len(),
    );
}
