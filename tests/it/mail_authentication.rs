//! `mail::authentication`: one line counts, and only for what it says.

use soported::domain::message::{Authentication, Verdict};

use super::mail_parse::read;

fn judge(headers: &str) -> Authentication {
    read(&format!(
        "{headers}\nFrom: Ana <ana@ventas.acme.com.mx>\n\nhola\n"
    ))
    .authentication
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
    check("; dmarc=pass", Strong);
    check(" 1; dmarc=pass", Strong);
    check(" 2; dmarc=pass", None);
    check("; dmarc=pass header.from=otro.com.mx", None);
    check("; dmarc=pass header.from=com.mx", None);
    check("; dmarc=fail header.from=acme.com.mx", Fail);
    check("; dmarc=fail; dkim=pass header.d=acme.com.mx", Fail);
    check("; dmarc=pass; dmarc=fail", None);
    check("; dmarc=pass; dmarc=pass", Strong);
    check("; dmarc=bestguesspass header.from=acme.com.mx", None);
    check("; dmarc=temperror; dkim=pass header.d=acme.com.mx", Strong);
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
    check("; none", None);
    check("", None);
    check(";", None);
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
fn what_cannot_be_understood_vouches_for_nobody() {
    let check = |results: &str| {
        let found = judge(&format!(
            "Authentication-Results: mx.servicio.mx; {results}"
        ));
        assert_eq!(found.verdict, Verdict::None, "{results}");
    };
    check("dmarc=pass (sin fin header.from=acme.com.mx");
    check("dmarc=pass header.from=acme.com.mx)");
    check("dmarc=pass header.from=\"acme.com.mx");
    check("dmarc=pass header.from=");
    check("dmarc=pass header=");
    check("dmarc=pass; basura");
    check("dmarc pass");
    check("dmarc==pass");
    check("=pass; dmarc=pass");
    check("spf=fail smtp.mailfrom=\"a;dmarc=pass\"@otro.mx");
    check("dmarc=pass ((((((((((((x))))))))))))");
    check(&format!("dmarc=pass{}", "; x=y".repeat(200)));
    check(&format!("dmarc=pass ({})", "x".repeat(20_000)));
}

#[test]
fn only_the_topmost_line_of_our_server_counts() {
    let ours = "Authentication-Results: MX.Servicio.MX; dmarc=none";
    let good = "Authentication-Results: mx.servicio.mx; dmarc=pass";
    let theirs = "Authentication-Results: mx.otro.mx; dmarc=fail";
    let check = |lines: &[&str], wanted: Verdict| {
        assert_eq!(judge(&lines.join("\n")).verdict, wanted, "{lines:?}");
    };
    check(&[good], Verdict::Strong);
    check(&[ours, good], Verdict::None);
    check(&[good, ours], Verdict::Strong);
    check(&[theirs, good], Verdict::Strong);
    check(&[theirs], Verdict::None);
    check(&["X-Nada: 1"], Verdict::None);
    check(
        &["Authentication-Results: spf=pass dmarc=pass"],
        Verdict::None,
    );
    check(
        &["Authentication-Results: mx.servicio.mx.malo.mx; dmarc=pass"],
        Verdict::None,
    );
    check(
        &["X-Authentication-Results: mx.servicio.mx; dmarc=pass"],
        Verdict::None,
    );
    check(
        &["Authentication-Results: (mx) mx.servicio.mx (x); dmarc=pass"],
        Verdict::Strong,
    );
    check(
        &["Authentication-Results: \"mx.servicio.mx\"; dmarc=pass"],
        Verdict::Strong,
    );
}

#[test]
fn the_place_of_the_line_is_checked_where_it_is_configured() {
    use super::mail_parse::{address, keys, phrases};
    use soported::mail::authentication::{AuthenticationSettings, Position};
    use soported::mail::parse::{Context, read};
    let line = "Authentication-Results: mx.servicio.mx; dmarc=pass\r\n";
    let check = |position: Position, headers: &str, wanted: Verdict| {
        let own = [address("soporte@servicio.mx")];
        let authentication = AuthenticationSettings {
            authserv_id: "mx.servicio.mx".to_owned(),
            position,
        };
        let context = Context {
            keys: &keys(),
            own_addresses: &own,
            authentication: &authentication,
            phrases: &phrases(),
            ticket_prefix: "GS",
        };
        let headers = headers
            .replace('R', "Received: by x\r\n")
            .replace('A', line);
        let raw = format!("{headers}From: a@acme.mx\r\n\r\nhola");
        let mail = read(raw.as_bytes(), chrono::DateTime::UNIX_EPOCH, &context);
        assert_eq!(
            mail.authentication.verdict, wanted,
            "{position:?} {headers}"
        );
    };
    check(Position::Any, "A", Verdict::Strong);
    check(Position::Any, "RRA", Verdict::Strong);
    check(Position::Above, "ARR", Verdict::Strong);
    check(Position::Above, "RA", Verdict::None);
    check(Position::Above, "A", Verdict::None);
    check(Position::Below, "RA", Verdict::Strong);
    check(Position::Below, "RAR", Verdict::Strong);
    check(Position::Below, "RRA", Verdict::None);
    check(Position::Below, "AR", Verdict::None);
    check(Position::Below, "A", Verdict::None);
}

#[test]
fn nobody_vouches_for_a_mail_without_a_single_from() {
    let line = "Authentication-Results: mx.servicio.mx; dmarc=pass\n";
    let check = |from: &str| {
        let mail = read(&format!("{line}{from}\n\nhola\n"));
        assert_eq!(mail.authentication.verdict, Verdict::None, "{from}");
        assert!(mail.authentication.line.contains("dmarc=pass"), "{from}");
    };
    check("From: a@acme.mx\nFrom: b@acme.mx");
    check("From: a@acme.mx, b@acme.mx");
    check("Subject: x");
}
