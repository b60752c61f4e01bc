//! `mail::authentication`: one line counts, and only for what it says.

mod forged;
mod lines;
mod microsoft365;
mod names;

use soported::domain::message::{Authentication, Verdict};
use soported::mail::authentication::{AuthenticationSettings, Position};
use soported::mail::parse::{self, Context};

use super::mail_parse::{keys, phrases, read};

/// The id of the server that is believed here.
const ID: &str = "mx.servicio.mx";

/// The From field of every mail here.
const FROM: &str = "From: Ana <ana@ventas.acme.com.mx>";

fn authserv(position: Position) -> AuthenticationSettings {
    AuthenticationSettings::Authserv {
        id: ID.to_owned(),
        position,
    }
}

/// What is thought of a mail with these header fields and [`FROM`]; line feeds become CRLF.
fn judge_by(settings: &AuthenticationSettings, headers: &str) -> Authentication {
    let text = format!("{headers}\n{FROM}\n\nhola\n").replace('\n', "\r\n");
    judge_raw(settings, text.as_bytes())
}

/// What is thought of a whole mail.
fn judge_raw(settings: &AuthenticationSettings, raw: &[u8]) -> Authentication {
    let context = Context {
        keys: &keys(),
        own_addresses: &[],
        authentication: settings,
        phrases: &phrases(),
        ticket_prefix: "GS",
    };
    parse::read(raw, chrono::DateTime::UNIX_EPOCH, &context).authentication
}

fn judge(headers: &str) -> Authentication {
    judge_by(&authserv(Position::Any), headers)
}

#[test]
fn the_results_of_our_server_make_the_verdict() {
    let check = |results: &str, wanted: Verdict| {
        let found = judge(&format!("Authentication-Results: mx.servicio.mx{results}"));
        assert_eq!(found.verdict, wanted, "{results}");
        assert!(found.line.starts_with("mx.servicio.mx"), "{results}");
    };
    use Verdict::{Fail, Medium, None, Strong};
    check("; dmarc=pass header.from=ventas.acme.com.mx", Strong);
    check("; dmarc=pass header.from=acme.com.mx", Strong);
    check(
        "; dmarc=pass (p=REJECT sp=NONE) header.from=ACME.com.mx",
        Strong,
    );
    check(" 1; dmarc=pass header.from=acme.com.mx", Strong);
    check(" 2; dmarc=pass header.from=acme.com.mx", None);
    check(" 1 1; dmarc=pass header.from=acme.com.mx", None);
    check("; dmarc=pass header.from=ana@ventas.acme.com.mx", Strong);
    check("; dmarc=pass header.from=ventas.acme.com.mx.", Strong);
    check("; dmarc=pass header.from=otro.com.mx", None);
    check("; dmarc=pass header.from=com.mx", None);
    check("; dmarc=fail header.from=acme.com.mx", Fail);
    check("; dmarc=fail; dkim=pass header.d=acme.com.mx", Fail);
    // A domain that asks for nothing to be done about a failure has failed all the same.
    check(
        "; dmarc=fail (p=none dis=none) action=none header.from=acme.com.mx",
        Fail,
    );
    check("; dmarc=pass header.from=acme.com.mx; dmarc=fail", Fail);
    check(
        "; dmarc=pass header.from=acme.com.mx; dmarc=none header.from=acme.com.mx",
        None,
    );
    check(
        "; dmarc=pass header.from=acme.com.mx; dmarc=pass header.from=acme.com.mx",
        Strong,
    );
    check(
        "; dmarc=pass header.from=acme.com.mx; dmarc=pass header.from=otro.mx",
        None,
    );
    check(
        "; dmarc=pass header.from=acme.com.mx header.from=otro.mx",
        None,
    );
    // A pass for nobody in particular is left to DKIM and SPF.
    check("; dmarc=pass", None);
    check("; dmarc=pass; dkim=pass header.d=acme.com.mx", Strong);
    check("; dmarc=pass; spf=pass smtp.mailfrom=acme.com.mx", Medium);
    // A server that looked at another From meant that one with DKIM and SPF too.
    check(
        "; dmarc=pass header.from=otro.mx; dkim=pass header.d=acme.com.mx",
        None,
    );
    check(
        "; dmarc=none header.from=otro.mx; spf=pass smtp.mailfrom=acme.com.mx",
        None,
    );
    check("; dmarc=bestguesspass header.from=acme.com.mx", None);
    check("; dmarc=temperror; dkim=pass header.d=acme.com.mx", Strong);
    for other in [
        "none",
        "temperror",
        "permerror",
        "policy",
        "neutral",
        "raro",
    ] {
        check(&format!("; dmarc={other} header.from=acme.com.mx"), None);
        check(&format!("; dkim={other} header.d=acme.com.mx"), None);
        check(&format!("; spf={other} smtp.mailfrom=acme.com.mx"), None);
    }
    check("; dkim=pass header.d=acme.com.mx", Strong);
    check("; dkim=pass header.i=@acme.com.mx", Strong);
    check(
        "; dkim=pass header.i=ana@acme.com.mx header.s=s1 header.b=\"ab/c=\"",
        Strong,
    );
    check("; dkim=pass header.i=@acme.com.mx header.b=ab/c+d=", Strong);
    check("; dkim=pass header.d=\"acme.com.mx\"", Strong);
    check("; dkim=pass header.d=otro.com.mx", None);
    check("; dkim=pass header.d=com.mx", None);
    check("; dkim=pass header.d=acme.com.mx.malo.mx", None);
    check("; dkim=pass header.d=malacme.com.mx", None);
    check("; dkim=pass header.d=acme.com.mx header.i=@otro.mx", None);
    check("; dkim=pass header.d=acme.com.mx header.d=otro.mx", None);
    check("; dkim=pass header.i=acme.com.mx@otro.mx", None);
    check("; dkim=pass header.i=\"a@acme.com.mx\"@otro.mx", None);
    check("; dkim=pass smtp.d=acme.com.mx", None);
    check("; dkim=pass header.from=acme.com.mx", None);
    check("; dkim=pass", None);
    check("; dkim=fail header.d=acme.com.mx", None);
    check(
        "; dkim=pass header.d=otro.mx; dkim=pass header.d=acme.com.mx",
        Strong,
    );
    check(
        "; dkim=fail header.d=acme.com.mx; dkim=pass header.d=acme.com.mx",
        Strong,
    );
    check("; spf=pass smtp.mailfrom=ana@acme.com.mx", Medium);
    check("; spf=pass smtp.mailfrom=acme.com.mx", Medium);
    check(
        "; spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=acme.com.mx; spf=none smtp.helo=x",
        Medium,
    );
    check("; spf=pass smtp.mailfrom=ana@otro.mx", None);
    check("; spf=pass smtp.helo=acme.com.mx", None);
    check(
        "; spf=pass smtp.mailfrom=acme.com.mx; spf=fail smtp.mailfrom=acme.com.mx",
        None,
    );
    check("; spf=softfail smtp.mailfrom=acme.com.mx", None);
    check("; spf=pass smtp.mailfrom=acme.com.mx@otro.mx", None);
    check("; spf=pass smtp.mailfrom=\"a b\"@acme.com.mx", Medium);
    check(
        "; spf=pass smtp.mailfrom=acme.com.mx smtp.mailfrom=otro.mx",
        None,
    );
    check("; spf=pass smtp.mailfrom=<>", None);
    check("; spf=pass header.from=acme.com.mx", None);
    check("; none", None);
    check("", None);
    check(";", None);
    check(
        "; x-raro=pass x-y=1 policy.x=y; arc=none; dmarc=pass header.from=acme.com.mx",
        Strong,
    );
    check("; dkim=pass REASON=\"ok\" HEADER.D=acme.com.mx", Strong);
    check("; DMARC = PASS header . from = acme.com.mx", Strong);
    check("; dmarc/1=pass header.from=acme.com.mx", Strong);
    check(
        "; dmarc=pass reason=\"a;b\" header.from=acme.com.mx",
        Strong,
    );
    check("; dmarc=pass (x (y \\) z)) header.from=acme.com.mx", Strong);
    check(
        "; dmarc=pass action=none header.from=acme.com.mx;compauth=pass reason=100",
        Strong,
    );
    check(
        " (x);\n\tspf=pass smtp.mailfrom=a@otro.mx;\n\tdmarc=pass header.from=acme.com.mx",
        Strong,
    );
}

#[test]
fn blanks_and_comments_may_stand_between_any_two_words() {
    let spread = "mx.servicio.mx (a(b)c) 1 (d) ;\n\t(e) dmarc (f) / (g) 1 (h) = (i)\n pass (j) \
                  reason (k) = (l) \"x; dmarc=fail\" (m) header (n) . (o) from (p) = (q) \
                  acme.com.mx (r) ; (s)\n\tspf (t) = pass smtp . mailfrom = otro.mx (u)";
    let found = judge(&format!("Authentication-Results:\n {spread}"));
    assert_eq!(found.verdict, Verdict::Strong, "{found:?}");
    let found = judge(&format!("aUTHENTICATION-rESULTS: {spread}"));
    assert_eq!(found.verdict, Verdict::Strong, "{found:?}");
}

#[test]
fn what_cannot_be_understood_vouches_for_nobody() {
    const GOOD: &str = "dmarc=pass header.from=acme.com.mx";
    let verdict = |value: &str| judge(&format!("Authentication-Results: {value}")).verdict;
    assert_eq!(verdict(&format!("{ID}; {GOOD}")), Verdict::Strong);
    let check = |results: &str| {
        assert_eq!(
            verdict(&format!("{ID}; {results}")),
            Verdict::None,
            "{results}"
        );
    };
    for odd in [
        "(sin fin",
        "sin inicio)",
        "; basura",
        "basura",
        ";; spf=none",
        "; none",
        "; =pass",
        "; dkim=",
        "; dkim==pass",
        "; dkim pass",
        "; dkim=pass.",
        "; dkim=pa\"ss\"",
        "; dkim/2=pass header.d=acme.com.mx",
        "; dkim/=pass",
        "header.s=",
        "header.=x",
        "header=x",
        ".s=x",
        "header.s=\"x",
        "header.s=\"x\"y",
        "header.s=x\"y",
        "header.s=x\\y",
        "header.s=x)",
        "reason=a reason=b",
        "dkim=pass",
        "=?utf-8?q?dkim=3Dpass?=",
        "; =?utf-8?q?dkim?==pass",
        "; dkím=pass",
        "header.ñ=x",
        "; dkim=pass\u{a0}",
        // A name that closes the comment it stands in.
        "(dominio de \"x) header.from=acme.com.mx; dkim=pass header.d=acme.com.mx (\"@malo.mx)",
        "(dominio de \"x) header.from=acme.com.mx",
    ] {
        check(&format!("{GOOD} {odd}"));
    }
    check("");
    check(";");
    check("; ");
    check("none; none");
    check(&format!("none; {GOOD}"));
    check("dmarc=pass header.from=");
    check("spf=fail smtp.mailfrom=\"a;dmarc=pass\"@otro.mx");
    check(&format!("{GOOD} ((((((((((((x))))))))))))"));
    check(&format!("{GOOD}{}", "; x=y".repeat(200)));
    check(&format!("{GOOD}{}", " policy.x=y".repeat(200)));
    check(&format!("{GOOD} ({})", "x".repeat(20_000)));
    check(&format!("{GOOD} (\u{0})"));
    check(&format!("{GOOD} (\u{1b})"));
    check(&format!("{GOOD} (a\rb)"));
    assert_eq!(verdict(&format!("{ID} {GOOD}")), Verdict::None);
    assert_eq!(verdict(&format!("{ID} x; {GOOD}")), Verdict::None);
    assert_eq!(verdict(&format!("{ID}/1; {GOOD}")), Verdict::None);
}

/// Bytes that are no UTF-8 are no fault in a comment, and vouch for nobody elsewhere.
#[test]
fn other_bytes_than_text_do_no_harm() {
    let check = |line: &[u8], wanted: Verdict| {
        let head = b"Authentication-Results: mx.servicio.mx; dmarc=pass ".as_slice();
        let tail = format!("\r\n{FROM}\r\n\r\nhola");
        let raw = [head, line, tail.as_bytes()].concat();
        let found = judge_raw(&authserv(Position::Any), &raw);
        assert_eq!(found.verdict, wanted, "{found:?}");
    };
    check(b"(pol\xedtica) header.from=acme.com.mx", Verdict::Strong);
    check(b"header.from=acm\xe9.com.mx", Verdict::None);
    check(b"header.from=acme.com.mx; dk\xedm=none", Verdict::None);
}

/// A long line, or a thousand of them, is read in no time, and what stands behind it stays unread.
#[test]
fn lines_without_end_are_no_burden() {
    const GOOD: &str = "Authentication-Results: mx.servicio.mx; dmarc=pass header.from=acme.com.mx";
    let began = std::time::Instant::now();
    let fillings = [
        "x".repeat(100_000),
        "(".repeat(100_000),
        "\"".repeat(100_000),
        "a ".repeat(50_000),
        "; x=y".repeat(20_000),
        " (x)".repeat(25_000),
        "\\".repeat(100_000),
    ];
    for filling in &fillings {
        let found = judge(&format!("Authentication-Results: {ID}; {filling}\n{GOOD}"));
        assert_eq!(found.verdict, Verdict::None);
        assert!(found.line.chars().count() <= 2_000);
        // The id is the server's, however long the rest.
        assert!(found.line.starts_with(ID));
    }
    let many = format!(
        "Authentication-Results: otro.mx; spf=none {}\n",
        "x".repeat(900)
    );
    let found = judge(&format!("{}{GOOD}", many.repeat(1_000)));
    assert_eq!(found.verdict, Verdict::None, "too far down to be found");
    assert!(began.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn nobody_vouches_where_nobody_is_believed() {
    let line = "Authentication-Results: mx.servicio.mx; dmarc=pass header.from=acme.com.mx";
    let found = judge_by(&AuthenticationSettings::Nobody, line);
    assert_eq!(found.verdict, Verdict::None);
    assert_eq!(found.line, "no server's word counts here");
}

#[test]
fn nobody_vouches_for_a_mail_without_a_single_from() {
    let line = "Authentication-Results: mx.servicio.mx; dmarc=pass header.from=acme.mx\n";
    let check = |from: &str| {
        let mail = read(&format!("{line}{from}\n\nhola\n"));
        assert_eq!(mail.authentication.verdict, Verdict::None, "{from}");
        assert!(mail.authentication.line.contains("dmarc=pass"), "{from}");
    };
    check("From: a@acme.mx\nFrom: b@acme.mx");
    check("From: a@acme.mx, b@acme.mx");
    check("Fr om: a@acme.mx");
    check("Subject: x");
}
