//! Why a mail did not arrive, told from codes and words (RFC 3463; mail.md §2).

use soported::domain::failure::{Failure, FailureCause};
use soported::domain::report::RecipientReport;

use FailureCause::{DeadAddress, MailboxFull, Other, Policy, TooLarge, Unreachable};

#[test]
fn a_status_code_says_what_kept_a_mail_from_arriving() {
    let check = |status: &str, cause| {
        assert_eq!(FailureCause::of(status, ""), cause, "{status}");
        let within = format!("550 {status} something went wrong");
        assert_eq!(FailureCause::of("", &within), cause, "{within}");
        let dashed = format!("550-{status} something went wrong");
        assert_eq!(FailureCause::of("", &dashed), cause, "{dashed}");
    };
    for dead in [
        "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.4.310",
    ] {
        check(dead, DeadAddress);
    }
    for full in ["5.2.2", "4.2.2"] {
        check(full, MailboxFull);
    }
    for large in ["5.3.4", "5.2.3"] {
        check(large, TooLarge);
    }
    // Refused for what we are, not for whom we wrote to.
    for policy in ["5.7.1", "5.7.26", "4.7.0", "5.1.8"] {
        check(policy, Policy);
    }
    for unreachable in ["4.4.1", "5.4.1", "4.4.7", "5.4.7", "4.3.1"] {
        check(unreachable, Unreachable);
    }
    for other in ["5.0.0", "5.5.0", "5.1.0", "2.1.5", "5.1", "5.2.1", ""] {
        check(other, Other);
    }
}

#[test]
fn where_the_code_says_nothing_the_words_do() {
    let check = |status: &str, words: &str, cause| {
        assert_eq!(FailureCause::of(status, words), cause, "{status} {words}");
    };
    check("", "550 User unknown", DeadAddress);
    check("5.0.0", "550 5.1.1 whatever", DeadAddress);
    check("5.0.0", "550 No such user here", DeadAddress);
    check("", "550 El usuario no existe", DeadAddress);
    check("5.5.0", "mailbox unavailable: quota exceeded", MailboxFull);
    check("", "554 refused as SPAM", Policy);
    check("", "connection timed out with mx.acme.example", Unreachable);
    check("", "", Other);
    // Words before codes: a full mailbox is often reported as an unknown user.
    check("5.1.1", "550 mailbox is full", MailboxFull);
    check("5.2.2", "550 5.1.1 user unknown", DeadAddress);
    // Microsoft's border refuses unknown recipients so.
    check(
        "5.4.1",
        "550 5.4.1 Recipient address rejected: Access denied",
        DeadAddress,
    );
    // Numbers that are no codes: an address, a version.
    check("", "host 192.0.2.25 said 5.1 no", Other);
}

#[test]
fn a_report_s_failure_names_the_other_address_and_keeps_a_bounded_text() {
    let line = RecipientReport {
        recipient: "mperez@acme.example".to_owned(),
        action: "failed".to_owned(),
        status: "5.1.1".to_owned(),
        diagnostic: "á".repeat(2_000),
    };
    let failure = Failure::reported(Some(&line), "maria@acme.example");
    assert_eq!(failure.cause, DeadAddress);
    assert_eq!(failure.words.chars().count(), 500);
    assert_eq!(failure.reported.as_deref(), Some("mperez@acme.example"));
    let same = Failure::reported(Some(&line), "mperez@acme.example");
    assert_eq!(same.reported, None);
    // The code alone where no server is quoted, and nothing where there is nothing.
    let terse = RecipientReport {
        diagnostic: String::new(),
        ..line
    };
    assert_eq!(
        Failure::reported(Some(&terse), "a@b.example").words,
        "5.1.1"
    );
    assert_eq!(Failure::reported(None, "a@b.example").cause, Other);
}
