//! Domains beyond ASCII: real ones are known by one form, look-alikes are nobody's.

use soported::domain::message::{Malformed, Verdict};
use soported::mail::domain_name::plain;

use crate::mail_parse::read;

#[test]
fn a_domain_has_one_form() {
    let check = |written: &str, wanted: &str| {
        assert_eq!(plain(written).as_deref(), Some(wanted), "{written}");
    };
    check("acme.com.mx", "acme.com.mx");
    check("ACME.com.mx", "acme.com.mx");
    check("peña.example", "xn--pea-8ma.example");
    check("xn--pea-8ma.example", "xn--pea-8ma.example");
    check("XN--PEA-8MA.Example", "xn--pea-8ma.example");
    check(
        "correo.diseño-gráfico.mx",
        "correo.xn--diseo-grfico-jbb3t.mx",
    );
    check("münchen.example", "xn--mnchen-3ya.example");
    check("łódź.example", "xn--d-uga0v4h.example");
    check("пример.рф", "xn--e1afmkfd.xn--p1ai");
    check("παράδειγμα.gr", "xn--hxajbheg2az3al.gr");
    check("例え.jp", "xn--r8jz45g.jp");
    check("中国abc.cn", "xn--abc-u68dy61b.cn");
    check("한국.kr", "xn--3e0b707e.kr");
    check("مثال.example", "xn--mgbh0fb.example");
}

#[test]
fn a_domain_that_imitates_another_is_none() {
    let check = |written: &str| assert_eq!(plain(written), None, "{written}");
    // Two scripts in one word.
    check("аcme.com.mx");
    check("acmе.com.mx");
    check("xn--cme-7cd.com.mx");
    check("ραypal.example");
    check("acme中д.example");
    // Another script whose letters all look Latin.
    check("аррӏе.com");
    check("xn--80ak6aa92e.com");
    check("соре.mx");
    check("ονο.mx");
    // Letters that no language writes, or that stand for another.
    check("ɡoogle.com");
    check("gıgante.mx");
    check("ａcme.com.mx");
    check("acme。com.mx");
    check("acme.com\u{2044}x.malo.mx");
    check("ac\u{200d}me.mx");
    check("acme\u{301}.mx");
    check("PEÑA.example");
    check("acMe.mx".replace('M', "\u{1d5ac}").as_str());
    check("☃.example");
    // Broken, or hiding a plain name.
    check("xn--.mx");
    check("xn--a.mx");
    check("xn--acme-.mx");
    check("xn--99999999.mx");
    check("peña");
    check("");
    check(".");
    check("acme..mx");
    check(&format!("{}.mx", "ñ".repeat(2_000)));
}

#[test]
fn a_sender_with_a_look_alike_domain_is_nobody() {
    let check = |from: &str, wanted: Result<&str, Malformed>| {
        let mail = read(&format!("From: {from}\nSubject: x\n\nhola\n"));
        let found = mail.from.map(|person| person.address.to_string());
        assert_eq!(found, wanted.map(str::to_owned), "{from}");
    };
    check("Ana <ana@peña.example>", Ok("ana@xn--pea-8ma.example"));
    check(
        "Ana <Ana@XN--pea-8ma.example>",
        Ok("ana@xn--pea-8ma.example"),
    );
    check("ana@пример.example", Ok("ana@xn--e1afmkfd.example"));
    check("ana@аcme.mx", Err(Malformed::OddFrom));
    check("ana@xn--cme-7cd.mx", Err(Malformed::OddFrom));
    check("ana@xn--80ak6aa92e.com", Err(Malformed::OddFrom));
    check("ana@xn--a.mx", Err(Malformed::OddFrom));
    check("ana@ａcme.mx", Err(Malformed::OddFrom));
    check("peña@acme.mx", Err(Malformed::OddFrom));
    check(
        "=?utf-8?q?ana=40pe=C3=B1a=2Eexample?=",
        Err(Malformed::NoFrom),
    );
}

/// RFC 8616 lets a server write either form.
#[test]
fn a_server_may_write_a_domain_in_either_form() {
    let check = |from: &str, result: &str, wanted| {
        let line = format!("Authentication-Results: mx.servicio.mx; {result}");
        let mail = read(&format!("{line}\nFrom: {from}\n\nhola\n"));
        assert_eq!(mail.authentication.verdict, wanted, "{from} {result}");
    };
    for from in ["ana@ventas.peña.example", "ana@ventas.xn--pea-8ma.example"] {
        for domain in ["peña.example", "xn--pea-8ma.example"] {
            let result = format!("dmarc=pass header.from={domain}");
            check(from, &result, Verdict::Strong);
            let result = format!("dkim=pass header.d={domain}");
            check(from, &result, Verdict::Strong);
        }
        check(from, "dkim=pass header.d=pena.example", Verdict::None);
    }
    check("ana@acme.mx", "dkim=pass header.d=аcme.mx", Verdict::None);
    check("ana@acme.mx", "dkim=pass header.d=ａcme.mx", Verdict::None);
}

/// Every tenant of Microsoft's has a name under one domain, and a signature with it.
#[test]
fn one_tenant_does_not_vouch_for_another() {
    let check = |from: &str, signer: &str, wanted| {
        let line = format!("Authentication-Results: mx.servicio.mx; dkim=pass header.d={signer}");
        let mail = read(&format!("{line}\nFrom: ana@{from}\n\nhola\n"));
        assert_eq!(mail.authentication.verdict, wanted, "{from} {signer}");
    };
    check(
        "acme.onmicrosoft.com",
        "acme.onmicrosoft.com",
        Verdict::Strong,
    );
    check(
        "mx.acme.onmicrosoft.com",
        "acme.onmicrosoft.com",
        Verdict::Strong,
    );
    check(
        "acme.onmicrosoft.com",
        "malo.onmicrosoft.com",
        Verdict::None,
    );
    check("acme.onmicrosoft.com", "onmicrosoft.com", Verdict::None);
    check(
        "acme.onmicrosoft.com",
        "acme.malo.onmicrosoft.com",
        Verdict::None,
    );
    check("acme.github.io", "malo.github.io", Verdict::None);
}
