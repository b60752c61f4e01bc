//! Whose word counts about a sender, from the configuration to what becomes of a mail.

use serde_json::Value;

use super::{
    ANA, MARIA, TUESDAY_10, code, config, each, held, pass, sent_to, stderr, stdout, ticket,
    tickets,
};
use crate::world::daemon::{Config, Daemon};
use crate::world::mails::Mail;

fn exchange() -> Config {
    config()
        .set("authentication.provider", "microsoft365")
        .unset("authentication.authserv_id")
}

/// A mail as Exchange Online writes what it found.
fn found(address: &str, results: &str) -> Mail {
    Mail::from(address)
        .without_verdict()
        .header("Authentication-Results", results)
}

#[test]
fn where_nobody_is_believed_only_the_answer_to_a_mail_of_ours_is() {
    let mut house = config().set("authentication.provider", "none").install();
    pass(&mut house, TUESDAY_10, &[Mail::from(MARIA)]);
    assert_eq!(each(&held(&house), "cause"), ["unauthenticated"]);
    assert!(house.sent().is_empty());
    assert_eq!(code(&house.run(&["held", "release", "1"])), 0);
    house.run_once();
    let acknowledgement = sent_to(&house, MARIA).remove(0);
    let answer = Mail::from(MARIA)
        .to(&acknowledgement.must("Reply-To"))
        .in_reply_to(&acknowledgement.id())
        .subject(&format!("RE: {}", acknowledgement.subject()));
    pass(&mut house, "2026-11-24 10:30:00", &[answer]);
    let messages = ticket(&house, "GS-1")["messages"].clone();
    let from = each(messages.as_array().expect("a list"), "from");
    assert_eq!(from.iter().filter(|from| **from == MARIA).count(), 2);
    // A consultant's own answer to his notice is not enough: it could close a ticket.
    let notice = sent_to(&house, ANA).remove(0);
    let order = Mail::from(ANA)
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .text("Ya quedó.\n");
    pass(&mut house, "2026-11-24 10:40:00", &[order]);
    assert_eq!(each(&held(&house), "cause"), ["unauthenticated"]);
    assert_eq!(ticket(&house, "GS-1")["status"], "new");
}

#[test]
fn exchange_online_is_believed_by_its_own_first_line() {
    let check = |mail: Mail, cause: Option<&str>| {
        let mut house = exchange().install();
        pass(&mut house, TUESDAY_10, &[mail]);
        assert_eq!(tickets(&house).len(), usize::from(cause.is_none()));
        assert_eq!(each(&held(&house), "cause"), Vec::from_iter(cause));
    };
    let good = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=none (message not \
                signed) header.d=none;dmarc=pass action=none header.from=acme.example;compauth=pass \
                reason=100";
    check(found(MARIA, good), None);
    check(
        found(MARIA, &good.replace("dmarc=pass", "dmarc=fail")),
        Some("forged"),
    );
    let nothing = "spf=none smtp.mailfrom=acme.example; dkim=none header.d=none; dmarc=none \
                   action=none header.from=acme.example;compauth=fail reason=001";
    check(found(MARIA, nothing), Some("unauthenticated"));
    // A line with an id is not Microsoft's, and comes first.
    check(
        Mail::from(MARIA).header("Authentication-Results", good),
        Some("unauthenticated"),
    );
    let inside = found(MARIA, nothing).header("X-MS-Exchange-Organization-AuthAs", "Internal");
    check(inside, Some("unauthenticated"));
}

#[test]
fn a_consultant_inside_the_tenant_is_known_by_exchange_s_mark() {
    let answer = |house: &Daemon| {
        let notice = sent_to(house, ANA).remove(0);
        found(
            ANA,
            "dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=grupostaff.com;",
        )
        .to(&notice.must("Reply-To"))
        .in_reply_to(&notice.id())
        .subject(&format!("RE: {}", notice.subject()))
        .text("Ya quedó.\n")
    };
    let request = found(MARIA, "dmarc=pass action=none header.from=acme.example");
    let mut house = exchange().install();
    pass(&mut house, TUESDAY_10, &[request]);
    let outside = answer(&house).header("X-MS-Exchange-CrossTenant-AuthAs", "Internal");
    pass(&mut house, "2026-11-24 10:20:00", &[outside]);
    assert_eq!(each(&held(&house), "cause"), ["unauthenticated"]);
    assert_eq!(ticket(&house, "GS-1")["status"], "new");
    let inside = answer(&house)
        .message_id("dentro@grupostaff.com")
        .header("X-MS-Exchange-Organization-AuthAs", "Internal");
    pass(&mut house, "2026-11-24 10:30:00", &[inside]);
    assert_eq!(ticket(&house, "GS-1")["status"], "in_progress");
}

#[test]
fn an_inspected_sender_is_judged_as_asked() {
    let house = config().install();
    let by_id = "Authentication-Results: mx.acme.example; dmarc=pass header.from=acme.example\r\n";
    let without = "Authentication-Results: spf=pass smtp.mailfrom=acme.example\r\n";
    let inside = "X-MS-Exchange-Organization-AuthAs: Internal\r\n";
    let check = |fields: &str, options: &[&str], wanted: Option<&str>| {
        let arguments = [&["inspect", "--json"], options, &["-"]].concat();
        let raw = format!("{fields}From: {MARIA}\r\nSubject: x\r\n\r\nhola\r\n");
        let output = house.run_with_input(&arguments, raw.as_bytes());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let seen: Value = serde_json::from_str(&stdout(&output)).expect("an object");
        let found = &seen["authentication"];
        assert_eq!(found["verdict"].as_str(), wanted, "{options:?} {fields}");
        assert_eq!(found.is_null(), wanted.is_none(), "{options:?}");
        assert_eq!(found["line"].is_string(), wanted.is_some(), "{options:?}");
    };
    check(by_id, &[], None);
    check(by_id, &["--provider", "none"], Some("none"));
    check(by_id, &["--authserv-id", "mx.acme.example"], Some("strong"));
    check(by_id, &["--authserv-id", "*.acme.example"], Some("strong"));
    check(by_id, &["--authserv-id", "otro"], Some("none"));
    let placed = |position| {
        [
            "--provider",
            "authserv",
            "--authserv-id",
            "mx.acme.example",
            "--position",
            position,
        ]
    };
    check(by_id, &placed("any"), Some("strong"));
    check(by_id, &placed("above"), Some("none"));
    check(by_id, &placed("below"), Some("none"));
    check(by_id, &["--provider", "microsoft365"], Some("none"));
    check(without, &["--provider", "microsoft365"], Some("medium"));
    check(inside, &["--provider", "microsoft365"], Some("none"));
    check(
        inside,
        &[
            "--provider",
            "microsoft365",
            "--own",
            "soporte@acme.example",
        ],
        Some("strong"),
    );
}
