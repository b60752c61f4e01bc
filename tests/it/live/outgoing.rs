//! Mail out: what a refusal, a broken line and silence each lead to.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::America::Mexico_City;

use super::{
    ANA, MARIA, OPERATORS, PATIENCE, Row, acme, copies, outgoing, rest_with, the_outgoing,
};
use crate::world::daemon::{Daemon, assert_done};
use crate::world::dovecot::Dovecot;
use crate::world::mails::Mail;
use crate::world::smtp_sink::{AfterDot, SinkOptions, SmtpSink};
use crate::world::traffic::message_id;
use crate::world::{SERVER_PATIENCE, wait_until};

/// An installation whose one client has these authorizers, each of whom has sent a mail.
fn with_mail_of(dovecot: &Dovecot, sink: &SmtpSink, senders: &[&str]) -> Daemon {
    let people: Vec<(&str, &str)> = senders.iter().map(|sender| ("Alguien", *sender)).collect();
    let config = acme(dovecot, sink).client("Otra", &["otra.example"], &people);
    for sender in senders {
        dovecot.deliver(&Mail::from(sender).build());
    }
    config.install()
}

/// Runs once at an instant of whole seconds.
fn run_at(daemon: &mut Daemon, at: DateTime<Utc>) {
    let local = at.with_timezone(&Mexico_City);
    daemon.set_clock(Some(&local.format("%Y-%m-%d %H:%M:%S").to_string()));
    daemon.run_once();
}

fn instant(row: &Row) -> DateTime<Utc> {
    let at = row.next_at.expect("an instant");
    DateTime::from_timestamp_millis(at).expect("a good instant")
}

/// An instant a little after now, in whole seconds.
fn soon() -> DateTime<Utc> {
    whole_seconds(Utc::now() + TimeDelta::hours(1))
}

fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).expect("a good instant")
}

/// How often the server refused a recipient with this code.
fn refusals(sink: &SmtpSink, to: &str, code: u16) -> usize {
    let mut refusals = sink.refusals();
    refusals.retain(|refusal| refusal.to == to && refusal.code == code);
    refusals.len()
}

#[test]
fn a_passing_trouble_is_tried_again_by_the_schedule_and_given_up_after_four_days() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let troubled = [
        ("tempfail-always@otra.example", 451),
        ("datatemp-always@otra.example", 452),
    ];
    let mut daemon = with_mail_of(&dovecot, &sink, &troubled.map(|(to, _)| to));
    let rows =
        |daemon: &Daemon| troubled.map(|(to, _)| the_outgoing(daemon, "acknowledgement", to));

    let first = soon();
    let mut at = first;
    for (attempts, minutes) in (1..).zip([1, 5, 15, 30, 120, 120, 120]) {
        run_at(&mut daemon, at);
        for (row, (to, code)) in rows(&daemon).iter().zip(troubled) {
            assert_eq!((row.state.as_str(), row.attempts), ("retry", attempts));
            let wait = instant(row) - at;
            let least = TimeDelta::minutes(minutes);
            // The clock runs on from `at` while the program works.
            let most = least + TimeDelta::from_std(SERVER_PATIENCE).expect("small");
            assert!(
                least <= wait && wait <= most,
                "{to}, attempt {attempts}: {wait}"
            );
            assert_eq!(refusals(&sink, to, code) as i64, attempts, "{to}");
        }
        let due = rows(&daemon).each_ref().map(instant);
        // Not a moment earlier.
        run_at(&mut daemon, due[0].min(due[1]) - TimeDelta::seconds(20));
        for row in rows(&daemon) {
            assert_eq!(row.attempts, attempts, "tried before its time");
        }
        at = whole_seconds(due[0].max(due[1]) + TimeDelta::seconds(1));
    }
    assert_eq!(outgoing(&daemon, "delivery_failed", ANA), []);

    run_at(
        &mut daemon,
        first + TimeDelta::days(4) + TimeDelta::minutes(1),
    );
    for row in rows(&daemon) {
        assert_eq!((row.state.as_str(), row.next_at), ("failed", None));
        assert_eq!(row.attempts, 8);
    }
    let told = outgoing(&daemon, "delivery_failed", ANA);
    assert_eq!(told.len(), 2);
    for (row, (to, _)) in told.iter().zip(troubled) {
        assert_eq!(row.state, "sent");
        assert!(copies(&sink, &row.message_id)[0].text().contains(to));
    }
}

#[test]
fn a_trouble_that_passes_delays_a_mail_and_changes_nothing_of_it() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let troubled = ["tempfail-once@otra.example", "datatemp-once@otra.example"];
    let mut daemon = with_mail_of(&dovecot, &sink, &troubled);
    let first = soon();
    run_at(&mut daemon, first);
    let before = troubled.map(|to| the_outgoing(&daemon, "acknowledgement", to));
    assert_eq!(
        before.each_ref().map(|row| row.state.as_str()),
        ["retry"; 2]
    );
    run_at(&mut daemon, first + TimeDelta::minutes(2));
    for (to, before) in troubled.iter().zip(&before) {
        let after = the_outgoing(&daemon, "acknowledgement", to);
        assert_eq!((after.state.as_str(), after.attempts), ("sent", 2), "{to}");
        assert_eq!(after.message_id, before.message_id);
        assert_eq!(sink.mails_to(to).len(), 1, "{to}");
        assert_eq!(copies(&sink, &before.message_id).len(), 1, "{to}");
    }
    assert_eq!(outgoing(&daemon, "delivery_failed", ANA), []);
}

#[test]
fn a_refusal_is_final_and_the_consultant_is_told() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let refused = [
        ("permfail@otra.example", 550, "5.1.1"),
        ("dataperm@otra.example", 554, "5.7.1"),
    ];
    let mut daemon = with_mail_of(&dovecot, &sink, &refused.map(|(to, ..)| to));
    let first = soon();
    // Later runs try nothing again.
    for hours in [0, 3, 100] {
        run_at(&mut daemon, first + TimeDelta::hours(hours));
        for (to, code, words) in refused {
            let row = the_outgoing(&daemon, "acknowledgement", to);
            assert_eq!((row.state.as_str(), row.attempts), ("failed", 1), "{to}");
            assert_eq!(row.next_at, None, "{to}");
            assert!(row.answer.contains(words), "{row:?}");
            assert_eq!(refusals(&sink, to, code), 1, "{to}");
        }
    }
    let told = outgoing(&daemon, "delivery_failed", ANA);
    assert_eq!(told.len(), 2);
    for (row, (to, ..)) in told.iter().zip(refused) {
        let copies = copies(&sink, &row.message_id);
        assert_eq!(copies.len(), 1);
        assert!(copies[0].text().contains(to), "{}", copies[0].text());
    }
    let status = daemon.json(&["status", "--json"]);
    assert_eq!(status["outbox"]["failed"], 2);
    assert_eq!(status["open_tickets"], 2);
}

#[test]
fn an_smtp_server_that_dies_and_comes_back_gets_every_mail_once() {
    let (dovecot, mut sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    let mut running = daemon.spawn_run();
    dovecot.deliver(&Mail::from(MARIA).subject("Caso 1").build());
    rest_with(&daemon, 1);
    sink.stop();
    dovecot.deliver(&Mail::from(MARIA).subject("Caso 2").build());
    let troubled = wait_until("the trouble is on record", PATIENCE, || {
        let mut rows = outgoing(&daemon, "acknowledgement", MARIA);
        rows.retain(|row| row.state == "retry");
        rows.pop()
    });
    // Mail goes on coming in meanwhile.
    dovecot.deliver(&Mail::from(MARIA).subject("Caso 3").build());
    wait_until("the third ticket is opened", PATIENCE, || {
        (daemon.ledger().tickets() == 3).then_some(())
    });
    assert_eq!(running.ended(), None);
    sink.restart();
    // The schedule would take a minute; an operator who has mended the server need not wait.
    for row in daemon
        .ledger()
        .texts("SELECT CAST(id AS TEXT) FROM outbox WHERE state = 'retry'")
    {
        assert_done("outbox retry", &daemon.run(&["outbox", "retry", &row]));
    }
    dovecot.deliver(&Mail::from(MARIA).subject("Caso 4").build());
    rest_with(&daemon, 4);
    assert_eq!(copies(&sink, &troubled.message_id).len(), 1);
    let mut ids: Vec<String> = sink.mails().iter().map(message_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), sink.count()), (8, 8));
    assert!(running.terminate().success(), "{}", daemon.log());
}

// --- Silence after the final dot -------------------------------------------------------------------

fn silent(after_dot: AfterDot) -> SmtpSink {
    SmtpSink::start_with(SinkOptions {
        after_dot,
        ..SinkOptions::default()
    })
}

/// Waits until one more mail than `before` has got as far as the final dot.
fn another_dot(sink: &SmtpSink, before: usize) {
    wait_until("a mail is answered with silence", PATIENCE, || {
        (sink.dots() > before).then_some(())
    });
}

/// The outgoing mails that nobody will try again by himself.
fn left_to_a_person(daemon: &Daemon) -> Vec<(i64, String)> {
    daemon.ledger().rows(
        "SELECT id, message_id FROM outbox WHERE state = 'uncertain' AND next_at IS NULL",
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

#[test]
fn silence_after_the_dot_leads_to_one_more_attempt_with_the_same_mail() {
    // Whether the server kept the mail is what nobody can know.
    for (after_dot, reached) in [(AfterDot::SilentAndLost, 1), (AfterDot::SilentAndKept, 2)] {
        let (dovecot, mut sink) = (Dovecot::start(), silent(after_dot));
        let daemon = acme(&dovecot, &sink)
            .set("outbound.uncertain_wait", "1s")
            .install();
        let running = daemon.spawn_run();
        dovecot.deliver(&Mail::from(MARIA).subject("Caso 1").build());
        another_dot(&sink, 0);
        // The way out stands still, the way in does not.
        dovecot.deliver(&Mail::from(MARIA).subject("Caso 2").build());
        wait_until("the second ticket is opened", PATIENCE, || {
            (daemon.ledger().tickets() == 2).then_some(())
        });
        let first = outgoing(&daemon, "acknowledgement", MARIA).remove(0);
        assert_eq!(first.state, "sending");
        sink.break_silence(AfterDot::Answer);
        rest_with(&daemon, 2);

        let after = outgoing(&daemon, "acknowledgement", MARIA).remove(0);
        assert_eq!((after.state.as_str(), after.attempts), ("sent", 2));
        assert_eq!((after.id, after.uncertain), (first.id, 1));
        let copies = copies(&sink, &first.message_id);
        assert_eq!(copies.len(), reached, "{after_dot:?}");
        assert!(copies.iter().all(|copy| *copy == copies[0]));
        assert_eq!(sink.count(), 3 + reached, "the other three went once");
        assert!(running.terminate().success(), "{}", daemon.log());
    }
}

#[test]
fn an_answer_proves_that_an_uncertain_mail_arrived() {
    let (dovecot, mut sink) = (Dovecot::start(), silent(AfterDot::SilentAndKept));
    let daemon = acme(&dovecot, &sink)
        .set("outbound.uncertain_wait", "1d")
        .install();
    let running = daemon.spawn_run();
    dovecot.deliver(&Mail::from(MARIA).build());
    another_dot(&sink, 0);
    sink.break_silence(AfterDot::Answer);
    let row = wait_until("the mail's fate is uncertain", PATIENCE, || {
        let row = the_outgoing(&daemon, "acknowledgement", MARIA);
        (row.state == "uncertain").then_some(row)
    });
    let wait = instant(&row) - Utc::now();
    assert!(
        wait > TimeDelta::hours(23) && wait <= TimeDelta::days(1),
        "{wait}"
    );
    dovecot.deliver(
        &Mail::from(MARIA)
            .subject("RE: recibido")
            .text("Recibido, gracias.\n")
            .in_reply_to(&row.message_id)
            .build(),
    );
    rest_with(&daemon, 2);
    let row = the_outgoing(&daemon, "acknowledgement", MARIA);
    assert_eq!((row.state.as_str(), row.attempts), ("sent", 1));
    assert_eq!(row.next_at, None);
    assert_eq!(copies(&sink, &row.message_id).len(), 1);
    assert_eq!(daemon.ledger().tickets(), 1);
    assert!(running.terminate().success(), "{}", daemon.log());
}

/// A mail that ended in silence twice is left alone, told to the operators, and sent when one says
/// so. Attempts end by the loss of the connection, or by the death of the daemon.
fn check_twice_silent(killed: bool) {
    let (dovecot, mut sink) = (Dovecot::start(), silent(AfterDot::SilentAndLost));
    let daemon = acme(&dovecot, &sink)
        .set("outbound.uncertain_wait", "0s")
        .install();
    dovecot.deliver(&Mail::from(MARIA).build());
    let doubts = || {
        daemon
            .ledger()
            .number("SELECT coalesce(sum(uncertain), 0) FROM outbox")
    };
    let mut running = daemon.spawn_run();
    // The acknowledgement, the consultant's notice and the alarm take turns.
    let mut dots = 0;
    while left_to_a_person(&daemon).is_empty() {
        another_dot(&sink, dots);
        dots = sink.dots();
        assert!(dots < 12, "no mail is left to a person");
        let before = doubts();
        if killed {
            running.kill();
            running = daemon.spawn_run();
        } else {
            sink.break_silence(AfterDot::SilentAndLost);
        }
        wait_until("the doubt is on record", PATIENCE, || {
            (doubts() > before).then_some(())
        });
    }
    sink.break_silence(AfterDot::Answer);
    wait_until("the operators are told", PATIENCE, || {
        (!sink.mails_to(OPERATORS).is_empty()).then_some(())
    });
    rest_with(&daemon, 1);
    let left = left_to_a_person(&daemon);
    assert!(!left.is_empty());
    let status = daemon.json(&["status", "--json"]);
    assert_eq!(status["outbox"]["uncertain"], left.len());
    for (id, message_id) in &left {
        assert_eq!(copies(&sink, message_id), [], "not tried a third time");
        let order = ["outbox", "retry", &id.to_string()];
        assert_done("outbox retry", &daemon.run(&order));
    }
    rest_with(&daemon, 1);
    for (_, message_id) in &left {
        assert_eq!(copies(&sink, message_id).len(), 1);
    }
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_mail_twice_lost_in_silence_is_left_to_a_person() {
    check_twice_silent(false);
}

#[test]
fn a_mail_twice_cut_short_by_the_end_of_the_process_is_left_to_a_person() {
    check_twice_silent(true);
}
