//! Mail in: nothing missed and nothing taken twice, whatever the mailbox goes through.

use std::fs;
use std::time::Duration;

use super::{ANA, MARIA, OPERATORS, PATIENCE, acme, first_poll, rest_with, subjects_to};
use crate::world::daemon::{Config, assert_done};
use crate::world::dovecot::{Dovecot, PASSWORD};
use crate::world::imap_dialogue::ImapDialogue;
use crate::world::mails::Mail;
use crate::world::smtp_sink::SmtpSink;
use crate::world::traffic::{self, Account, Counts, Crowd, Dice};
use crate::world::wait_until;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A case of its own by María.
fn case(number: usize) -> Mail {
    Mail::from(MARIA).subject(&format!("Caso {number}"))
}

#[test]
fn idle_alone_turns_a_mail_into_a_ticket_and_an_acknowledgement() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    // The longest interval there is: until it is over, only IDLE can tell of a mail.
    let daemon = acme(&dovecot, &sink)
        .set("inbound.poll_interval", "1h")
        .install();
    let running = daemon.spawn_run();
    first_poll(&daemon);
    for number in 1..=3 {
        dovecot.deliver(&case(number).build());
        // The acknowledgement and the consultant's notice.
        sink.wait_for(2 * number, PATIENCE);
        rest_with(&daemon, i64::try_from(number).expect("small"));
    }
    let tickets = daemon.json(&["tickets", "list", "--json"]);
    let tickets = tickets.as_array().expect("a list");
    let numbers: Vec<&str> = tickets
        .iter()
        .map(|ticket| ticket["number"].as_str().expect("a number"))
        .collect();
    assert_eq!(numbers, ["GS-1", "GS-2", "GS-3"]);
    assert_eq!(tickets[0]["requester"], MARIA);
    assert_eq!(tickets[0]["client"], "ACME");
    assert_eq!(
        subjects_to(&sink, MARIA),
        [
            "Re: Caso 1 [GS-1]",
            "Re: Caso 2 [GS-2]",
            "Re: Caso 3 [GS-3]"
        ]
    );
    let acknowledgement = &sink.mails_to(MARIA)[0];
    assert_eq!(
        acknowledgement.header("In-Reply-To"),
        Some(format!("<{}>", case(1).id()))
    );
    assert_eq!(
        acknowledgement.header("Auto-Submitted").as_deref(),
        Some("auto-replied")
    );
    assert_eq!(sink.mails_to(ANA).len(), 3);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn five_hundred_mails_in_one_go_are_all_dealt_with_and_none_twice() {
    let (mut dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let crowd = Crowd::new(5, 8);
    let counts = Counts {
        openings: 400,
        replies: 100,
        duplicates: 0,
        strangers: 0,
        unlisted: 0,
        machines: 0,
    };
    let pieces = crowd.write(counts, &mut Dice::new(500));
    let daemon = crowd
        .listed_in(Config::new())
        .imap_from(&dovecot)
        .smtp_to(&sink)
        .unbraked()
        .install();
    let raws: Vec<&[u8]> = pieces.iter().map(|piece| piece.raw.as_slice()).collect();
    dovecot.drop_into_maildir(&raws);
    let running = daemon.spawn_run();
    rest_with(&daemon, 500);
    assert!(running.terminate().success(), "{}", daemon.log());
    assert_eq!(
        traffic::account(&daemon.ledger(), &sink, &pieces),
        Account {
            // 400 acknowledgements, and a notice of each of the 500 mails.
            sent: 900,
            repeats: 0
        }
    );
}

#[test]
fn after_a_new_uidvalidity_old_mails_stay_dealt_with_and_a_new_one_acts() {
    let (mut dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    let running = daemon.spawn_run();
    for number in 1..=5 {
        dovecot.deliver(&case(number).build());
    }
    rest_with(&daemon, 5);
    let before = sink.count();
    // The server goes down for it, and comes back with the same mails under other UIDs.
    dovecot.bump_uidvalidity();
    dovecot.deliver(&case(6).build());
    rest_with(&daemon, 11);
    let ledger = daemon.ledger();
    let outcomes = |of: &str| {
        ledger.texts(&format!(
            "SELECT outcome FROM inbound WHERE epoch = (SELECT {of}(epoch) FROM inbound)
             ORDER BY outcome"
        ))
    };
    assert_eq!(outcomes("min"), ["opened"; 5]);
    assert_eq!(
        outcomes("max"),
        [vec!["duplicate"; 5], vec!["opened"]].concat()
    );
    assert_eq!(
        ledger.number("SELECT count(DISTINCT epoch) FROM inbound"),
        2
    );
    assert_eq!(ledger.tickets(), 6);
    assert_eq!(sink.count(), before + 2);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_server_that_dies_and_comes_back_finds_the_daemon_waiting() {
    let (mut dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink)
        // Not the poll, but the loss of the connection must bring it back.
        .set("inbound.poll_interval", "1h")
        .install();
    let mut running = daemon.spawn_run();
    dovecot.deliver(&case(1).build());
    rest_with(&daemon, 1);
    for number in 2..=3 {
        dovecot.kill();
        let failures = || {
            daemon
                .log()
                .matches("the mailbox could not be read")
                .count()
        };
        let before = failures();
        wait_until("the loss is noticed", PATIENCE, || {
            (failures() > before).then_some(())
        });
        dovecot.restart();
        dovecot.deliver(&case(number).build());
        rest_with(&daemon, i64::try_from(number).expect("small"));
    }
    assert_eq!(running.ended(), None);
    assert_eq!(daemon.ledger().tickets(), 3);
    assert_eq!(sink.mails_to(MARIA).len(), 3);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_silent_server_is_no_reason_to_stop_working() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    let running = daemon.spawn_run();
    dovecot.deliver(&case(1).build());
    rest_with(&daemon, 1);
    dovecot.freeze();
    // By another way in, while the mailbox says nothing.
    let ingested = daemon.run_with_input(&["ingest"], &case(2).build());
    assert_done("ingest", &ingested);
    rest_with(&daemon, 2);
    assert_eq!(sink.mails_to(MARIA).len(), 2);
    dovecot.thaw();
    dovecot.deliver(&case(3).build());
    rest_with(&daemon, 3);
    assert_eq!(sink.mails_to(MARIA).len(), 3);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_mail_that_somebody_else_has_read_is_taken_in_all_the_same() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    dovecot.deliver(&case(1).build());
    dovecot.mark_all_seen();
    dovecot.deliver(&case(2).build());
    let running = daemon.spawn_run();
    rest_with(&daemon, 2);
    assert_eq!(daemon.ledger().tickets(), 2);
    assert_eq!(sink.mails_to(MARIA).len(), 2);
    // And the daemon itself marks nothing as read: that is for the people who look into the mailbox.
    let unseen = dovecot.dialogue().command_ok("UID SEARCH UNSEEN").text();
    assert!(unseen.contains("* SEARCH 2\r\n"), "{unseen}");
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_mail_is_the_same_mail_by_its_id_and_its_content_together() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    let mail = case(1);
    // Before the daemon looks, so that they are numbered in their order.
    dovecot.deliver_all(&[
        mail.build(),
        mail.build(),
        // By another of our addresses: other bytes, the same words.
        mail.clone().to("ventas@grupostaff.com").build(),
        mail.clone().date("Tue, 24 Nov 2026 11:00:00 -0600").build(),
        mail.clone().message_id("otra@acme.example").build(),
    ]);
    let running = daemon.spawn_run();
    rest_with(&daemon, 5);
    assert_eq!(
        daemon
            .ledger()
            .texts("SELECT outcome FROM inbound ORDER BY CAST(locator AS INTEGER)"),
        ["opened", "duplicate", "duplicate", "opened", "opened"]
    );
    assert_eq!(sink.mails_to(MARIA).len(), 3);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_second_daemon_on_the_same_ledger_goes_away_and_the_first_goes_on() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    let first = daemon.spawn_run();
    first_poll(&daemon);
    let second = daemon.spawn_run();
    assert_eq!(second.wait(PATIENCE).code(), Some(2), "{}", daemon.log());
    dovecot.deliver(&case(1).build());
    rest_with(&daemon, 1);
    assert_eq!(sink.mails_to(MARIA).len(), 1);
    // The lock dies with its holder, however that dies.
    first.kill();
    dovecot.deliver(&case(2).build());
    let third = daemon.spawn_run();
    rest_with(&daemon, 2);
    assert_eq!(sink.mails_to(MARIA).len(), 2);
    assert!(third.terminate().success(), "{}", daemon.log());
}

#[test]
fn files_in_a_maildir_are_mail_as_well_on_both_sides() {
    let daemon = Config::new()
        .unbraked()
        .set("inbound.poll_interval", "1s")
        .client("ACME", &["acme.example"], &[("María Pérez", MARIA)])
        .install();
    let running = daemon.spawn_run();
    first_poll(&daemon);
    daemon.drop_in(&[case(1).build(), case(2).build()]);
    rest_with(&daemon, 2);
    daemon.drop_in(&[case(3).build()]);
    rest_with(&daemon, 3);
    let left = fs::read_dir(daemon.path("inbound/new")).expect("a folder");
    assert_eq!(left.count(), 0, "what was read is in cur");
    assert_eq!(daemon.ledger().tickets(), 3);
    // An acknowledgement and a notice of each.
    assert_eq!(daemon.sent().len(), 6);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn a_refused_login_is_told_after_three_times_and_not_repeated_for_long() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let secret = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(secret.path(), "otra").expect("write");
    let path = secret.path().to_str().expect("UTF-8");
    let daemon = acme(&dovecot, &sink)
        .set(
            "inbound.password",
            toml::Table::from_iter([("file".to_owned(), path.into())]),
        )
        .install();
    dovecot.deliver(&case(1).build());
    let refusals = || dovecot.log().matches("auth failed, 1 attempts").count();

    let mut running = daemon.spawn_run();
    wait_until("the operators are told", PATIENCE, || {
        (!sink.mails_to(OPERATORS).is_empty()).then_some(())
    });
    assert_eq!(refusals(), 3);
    let alarms = || daemon.ledger().texts("SELECT cause FROM alarm");
    assert_eq!(alarms(), ["authentication_refused"]);
    // It lives and works: each of these takes the daemon one look at its tables, of which there is
    // one every five seconds. Together they take longer than the next step of the fast retries.
    for number in 2..=4 {
        let ingested = daemon.run_with_input(&["ingest"], &case(number).build());
        assert_done("ingest", &ingested);
        wait_until("the mail is acknowledged", PATIENCE, || {
            (sink.mails_to(MARIA).len() == number - 1).then_some(())
        });
    }
    assert_eq!(refusals(), 3, "{}", daemon.log());
    assert_eq!(running.ended(), None);
    assert_eq!(sink.mails_to(OPERATORS).len(), 1);
    assert!(running.terminate().success(), "{}", daemon.log());

    fs::write(secret.path(), PASSWORD).expect("write");
    let running = daemon.spawn_run();
    rest_with(&daemon, 4);
    wait_until("the operators are told of the end", PATIENCE, || {
        (sink.mails_to(OPERATORS).len() == 2).then_some(())
    });
    assert!(alarms().is_empty());
    assert_eq!(sink.mails_to(MARIA).len(), 4);
    assert!(running.terminate().success(), "{}", daemon.log());
}

#[test]
fn what_is_in_the_ledger_moves_to_the_folder_for_processed_mail() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    // One folder exists and one does not.
    for folder in ["Processed", "Atención/Procesado"] {
        let daemon = acme(&dovecot, &sink)
            .set("inbound.processed_mailbox", folder)
            .install();
        let running = daemon.spawn_run();
        for number in 1..=3 {
            dovecot.deliver(&case(number).build());
        }
        rest_with(&daemon, 3);
        wait_until("the inbox is empty", PATIENCE, || {
            (dovecot.dialogue().count() == 0).then_some(())
        });
        // In modified UTF-7 (RFC 3501 §5.1.3).
        let name = folder.replace('ó', "&APM-");
        let mut other = dovecot.dialogue();
        assert_eq!(in_folder(&mut other, &name), 3, "{folder}");
        // Moved, and not taken in again by what comes later.
        dovecot.deliver(&case(4).build());
        rest_with(&daemon, 4);
        wait_until("the fourth moves too", PATIENCE, || {
            (in_folder(&mut other, &name) == 4).then_some(())
        });
        assert_eq!(daemon.ledger().tickets(), 4);
        assert!(running.terminate().success(), "{}", daemon.log());
    }
    assert_eq!(sink.mails_to(MARIA).len(), 8);
}

/// How many mails a folder holds.
fn in_folder(client: &mut ImapDialogue, folder: &str) -> u32 {
    let status = client
        .command_ok(&format!("STATUS \"{folder}\" (MESSAGES)"))
        .text();
    let (_, number) = status.split_once("MESSAGES ").expect("the item asked for");
    number
        .split(')')
        .next()
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[test]
fn mail_of_before_the_first_start_acts_only_where_it_is_wanted() {
    let check = |since: Option<&str>, opened: &[&str]| {
        let (mut dovecot, sink) = (Dovecot::start(), SmtpSink::start());
        let config = acme(&dovecot, &sink).unset("inbound.since");
        let config = match since {
            Some(since) => config.set("inbound.since", since),
            None => config,
        };
        for (number, days) in [(1, 40), (2, 5), (3, 1)] {
            dovecot.drop_into_maildir_aged(&[case(number).build()], days * DAY);
        }
        let daemon = config.install();
        let running = daemon.spawn_run();
        first_poll(&daemon);
        dovecot.deliver(&case(4).build());
        let subjects = || {
            daemon.ledger().texts(
                "SELECT i.subject FROM inbound i WHERE outcome = 'opened' ORDER BY i.subject",
            )
        };
        wait_until("the new mail opens a ticket", PATIENCE, || {
            (subjects().contains(&"Caso 4".to_owned()) && daemon.ledger().is_at_rest())
                .then_some(())
        });
        assert_eq!(subjects(), opened, "{since:?}");
        assert!(running.terminate().success(), "{}", daemon.log());

        // Nor does the overlap scan of another start bring back what was left alone.
        daemon.run_once();
        assert_eq!(subjects(), opened, "{since:?}, second start");
        assert_eq!(sink.mails_to(MARIA).len(), opened.len());
    };
    let three_days_ago = (chrono::Utc::now() - 3 * DAY).to_rfc3339();
    check(None, &["Caso 4"]);
    check(Some(&three_days_ago), &["Caso 3", "Caso 4"]);
    check(Some("all"), &["Caso 1", "Caso 2", "Caso 3", "Caso 4"]);
}

#[test]
fn the_overlap_scan_of_a_start_finds_what_the_cursor_has_passed() {
    let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
    let daemon = acme(&dovecot, &sink).install();
    dovecot.deliver(&case(1).build());
    daemon.run_once();
    dovecot.deliver(&case(2).build());
    dovecot.deliver(&case(3).build());
    // As after a restored backup of the ledger, or a server that numbered a mail late.
    daemon.ledger().damage("UPDATE mailbox SET cursor = 2");
    daemon.run_once();
    let ledger = daemon.ledger();
    assert_eq!(
        ledger.texts("SELECT locator FROM inbound ORDER BY CAST(locator AS INTEGER)"),
        ["1", "2", "3"]
    );
    assert_eq!(ledger.tickets(), 3);
    assert_eq!(sink.mails_to(MARIA).len(), 3);
    daemon.run_once();
    assert_eq!((ledger.mails(), sink.mails_to(MARIA).len()), (3, 3));
}
