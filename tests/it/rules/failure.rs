//! A mail that did not arrive, as people are told of it (mail.md §2).

use soported::domain::failure::{Failure, FailureCause};
use soported::domain::report::RecipientReport;

use FailureCause::{DeadAddress, MailboxClosed, MailboxFull, Other, Policy, TooLarge, Unreachable};

fn line(status: &str, diagnostic: &str) -> RecipientReport {
    RecipientReport {
        recipient: "mperez@acme.example".to_owned(),
        action: "failed".to_owned(),
        status: status.to_owned(),
        diagnostic: diagnostic.to_owned(),
    }
}

#[test]
fn whether_the_address_is_dead_the_trouble_passing_or_the_fault_ours_is_told_apart() {
    let check = |status: &str, words: &str, cause| {
        let reported = Failure::reported(Some(&line(status, words)), "maria@acme.example");
        assert_eq!(reported.cause, cause, "{status} {words}");
        // A server that refuses at once says the same.
        let answer = format!("550 {status} {words}");
        assert_eq!(Failure::refused(&answer).cause, cause, "{answer}");
    };
    check("5.1.1", "no such user", DeadAddress);
    check("5.1.2", "", DeadAddress);
    check("5.4.4", "host not found", DeadAddress);
    check("5.2.1", "account disabled", MailboxClosed);
    check("5.2.2", "", MailboxFull);
    check("4.2.2", "over quota", MailboxFull);
    check("5.3.4", "message too big", TooLarge);
    check("5.7.1", "refused as spam", Policy);
    check("5.7.26", "", Policy);
    check("4.4.7", "delivery time expired", Unreachable);
    check("4.4.1", "connection timed out", Unreachable);
    check("5.0.0", "", Other);
    assert_eq!(Failure::given_up("451 later").cause, Unreachable);
    // Only a dead address is one that a report's reader calls hard.
    assert!(line("5.1.1", "no such user").is_hard());
    assert!(!line("5.2.1", "account disabled").is_hard());
}

#[test]
fn a_report_s_failure_names_the_other_address_and_keeps_a_bounded_text() {
    let long = line("5.1.1", &"á".repeat(2_000));
    let failure = Failure::reported(Some(&long), "maria@acme.example");
    assert_eq!(failure.words.chars().count(), 500);
    assert_eq!(failure.reported.as_deref(), Some("mperez@acme.example"));
    let same = Failure::reported(Some(&long), "mperez@acme.example");
    assert_eq!(same.reported, None);
    // The code alone where no server is quoted, and nothing where there is nothing.
    let terse = Failure::reported(Some(&line("5.1.1", "")), "maria@acme.example");
    assert_eq!(terse.words, "5.1.1");
    let bare = Failure::reported(None, "maria@acme.example");
    assert_eq!((bare.cause, bare.words.as_str()), (Other, ""));
}
