//! Exchange Online: no id, one line, and a mark of its own for mail inside the tenant.

use soported::domain::message::{Authentication, Verdict};
use soported::mail::authentication::AuthenticationSettings;

use super::judge_by;

const AUTHENTICATION: &str = "Authentication-Results: ";

/// From here on the mail is Exchange's: two hops inside it.
const INNER: &str = "Received: from DB6P191CA0002.EURP191.PROD.OUTLOOK.COM (2603:10a6:6:28::12)\n by \
     FR0P281MB2649.DEUP281.PROD.OUTLOOK.COM (2603:10a6:d10:50::12) with Microsoft SMTP Server; Tue, \
     17 Jan 2026 09:25:19 +0000\nReceived: from DB5EUR02FT011.eop-EUR02.prod.protection.outlook.com\n \
     (2603:10a6:6:28:cafe::9f) by DB6P191CA0002.outlook.office365.com\n (2603:10a6:6:28::12) with \
     Microsoft SMTP Server via Frontend Transport; Tue, 17 Jan 2026 09:25:18 +0000\n";

/// Where the mail came in.
const DOOR: &str = "Received: from sale.acme.com.mx (192.0.2.1) by\n \
     DB5EUR02FT011.mail.protection.outlook.com (10.13.58.70) with Microsoft SMTP\n Server id \
     15.20.6002.13 via Frontend Transport; Tue, 17 Jan 2026 09:25:18 +0000\n";

const GOOD: &str = "spf=pass (sender IP is 192.0.2.1)\n smtp.mailfrom=otro.mx; dkim=pass (signature was \
     verified)\n header.d=acme.com.mx;dmarc=pass action=none\n header.from=ventas.acme.com.mx;\
     compauth=pass reason=100";

fn settings() -> AuthenticationSettings {
    AuthenticationSettings::Microsoft365 {
        tenant_domains: vec!["ventas.acme.com.mx".to_owned(), "casa.mx".to_owned()],
    }
}

fn elsewhere() -> AuthenticationSettings {
    AuthenticationSettings::Microsoft365 {
        tenant_domains: vec!["acme.com.mx".to_owned()],
    }
}

fn judge(headers: &str) -> Authentication {
    judge_by(&settings(), headers.trim_end_matches('\n'))
}

/// A line where Exchange writes it.
fn arrived(results: &str) -> Authentication {
    judge(&format!("{INNER}{AUTHENTICATION}{results}\n{DOOR}"))
}

#[test]
fn the_results_make_the_verdict() {
    let check = |results: &str, wanted: Verdict| {
        let found = arrived(results);
        assert_eq!(found.verdict, wanted, "{results}");
    };
    use Verdict::{Fail, Medium, None, Strong};
    check(GOOD, Strong);
    check(
        "dmarc=pass action=none header.from=ventas.acme.com.mx",
        Strong,
    );
    check("dmarc=pass action=none header.from=otro.mx", None);
    check(
        "dkim=pass (signature was verified) header.d=acme.com.mx",
        Strong,
    );
    check(
        "dkim=pass (signature was verified) header.d=acme.onmicrosoft.com",
        None,
    );
    check(
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.com.mx",
        Medium,
    );
    check(
        "spf=pass (sender IP is 192.0.2.1) smtp.helo=acme.com.mx",
        None,
    );
    check(
        "dkim=none (message not signed) header.d=none;dmarc=none action=none\n \
         header.from=ventas.acme.com.mx;",
        None,
    );
    for action in ["none", "quarantine", "oreject", "pct.reject"] {
        check(
            &format!("dmarc=fail action={action} header.from=ventas.acme.com.mx"),
            Fail,
        );
    }
    // A guess is worth what it rests on.
    let guess = "dmarc=bestguesspass action=none header.from=ventas.acme.com.mx";
    check(guess, None);
    check(
        &format!("spf=pass smtp.mailfrom=acme.com.mx; {guess}"),
        Medium,
    );
    check(&format!("spf=pass smtp.mailfrom=otro.mx; {guess}"), None);
    check(&format!("dkim=pass header.d=acme.com.mx; {guess}"), Strong);
    // The form of before 2021 has words of no grammar in it.
    check(
        "spf=pass smtp.mailfrom=acme.com.mx; casa.mx; dmarc=pass action=none\n \
         header.from=ventas.acme.com.mx;",
        None,
    );
    check("", None);
    check("none", None);
    check("(x) dmarc=pass header.from=ventas.acme.com.mx", None);
    check("dmarc=pass header.from=ventas.acme.com.mx (", None);
}

#[test]
fn compauth_lowers_and_never_raises() {
    let nothing = "spf=none smtp.mailfrom=otro.mx; dkim=none header.d=none; dmarc=none action=none \
                   header.from=ventas.acme.com.mx";
    let proven = "dkim=pass header.d=acme.com.mx; dmarc=none header.from=ventas.acme.com.mx";
    let check = |compauth: &str, alone: Verdict, beside: Verdict| {
        let found = arrived(&format!("{nothing};compauth={compauth}"));
        assert_eq!(found.verdict, alone, "{compauth}");
        let found = arrived(&format!("{proven};compauth={compauth}"));
        assert_eq!(found.verdict, beside, "{compauth} beside DKIM");
    };
    use Verdict::{Fail, None, Strong};
    for reason in ["100", "109", "130", "702", "999"] {
        check(&format!("pass reason={reason}"), None, Strong);
    }
    check("pass", None, Strong);
    check("softpass reason=201", None, Strong);
    check("none reason=301", None, Strong);
    check("none reason=451", None, Strong);
    // Nothing published, or too little: not a forgery.
    check("fail reason=001", None, None);
    // The domain's policy, an administrator, our own domain; and what nobody documents.
    for reason in ["000", "002", "010", "601", "999", "1"] {
        check(&format!("fail reason={reason}"), Fail, Fail);
    }
    check("fail", Fail, Fail);
    check("raro", None, None);
    check("pass reason=100;compauth=fail reason=000", Fail, Fail);
    // ARC does not undo a failure here.
    let found = arrived("dmarc=fail header.from=ventas.acme.com.mx;compauth=pass reason=130");
    assert_eq!(found.verdict, Fail);
}

#[test]
fn only_the_very_first_line_counts_where_exchange_writes_it() {
    let good = format!("{AUTHENTICATION}{GOOD}\n");
    let nothing = format!("{AUTHENTICATION}spf=none smtp.mailfrom=otro.mx; dmarc=none\n");
    let ours = format!("{AUTHENTICATION}mx.servicio.mx; dmarc=pass header.from=acme.com.mx\n");
    let check = |headers: &str, wanted: Verdict| {
        let found = judge(headers);
        assert_eq!(found.verdict, wanted, "{headers}\n{}", found.line);
    };
    check(&format!("{INNER}{good}{DOOR}"), Verdict::Strong);
    check(&good, Verdict::Strong);
    check(&format!("{INNER}{nothing}{DOOR}{good}"), Verdict::None);
    check(&format!("{INNER}{nothing}{good}{DOOR}"), Verdict::None);
    check(&format!("{INNER}{good}{DOOR}{nothing}"), Verdict::Strong);
    // Not Microsoft's.
    check(&format!("{INNER}{ours}{DOOR}"), Verdict::None);
    check(&format!("{INNER}{ours}{good}{DOOR}"), Verdict::None);
    // The border wrote none: the sender did.
    check(&format!("{INNER}{DOOR}{good}"), Verdict::None);
    check(&format!("{DOOR}{good}"), Verdict::None);
    check(&format!("{INNER}{DOOR}"), Verdict::None);
    check("X-Otro: 1", Verdict::None);
    let odd = format!("{AUTHENTICATION}(\n");
    check(&format!("{INNER}{odd}{DOOR}{good}"), Verdict::None);
    let spaced = good.replace(':', " :");
    check(&format!("{INNER}{spaced}{DOOR}{good}"), Verdict::None);
    let unreadable = DOOR.replace("(192.0.2.1)", "(192.0.2.1");
    check(&format!("{unreadable}{good}"), Verdict::None);
    let long = DOOR.replace("sale", &"sale.".repeat(2_000));
    check(&format!("{long}{good}"), Verdict::None);
}

#[test]
fn mail_inside_the_tenant_is_strong_for_its_own_domains() {
    const INSIDE: &str = "X-MS-Exchange-Organization-AuthAs: Internal\n";
    const NOTHING: &str = "Authentication-Results: dkim=none (message not signed)\n \
         header.d=none;dmarc=none action=none header.from=ventas.acme.com.mx;\n";
    let check = |headers: &str, wanted: Verdict| {
        let found = judge(headers);
        assert_eq!(found.verdict, wanted, "{headers}");
    };
    check(INSIDE, Verdict::Strong);
    check(&format!("{NOTHING}{INSIDE}"), Verdict::Strong);
    let found = judge(INSIDE);
    assert!(
        found
            .line
            .starts_with("X-MS-Exchange-Organization-AuthAs: Internal; no ")
    );
    check(&INSIDE.to_ascii_lowercase(), Verdict::Strong);
    check(
        &format!("{NOTHING}{}", INSIDE.replace("Internal", "Anonymous")),
        Verdict::None,
    );
    check(&INSIDE.replace("Internal", "Internal x"), Verdict::None);
    // Two marks: one is not Exchange's.
    check(&format!("{INSIDE}{INSIDE}"), Verdict::None);
    check(
        &format!("{INSIDE}{}", INSIDE.replace("Internal", "Anonymous")),
        Verdict::None,
    );
    check(&INSIDE.replace(':', " :"), Verdict::None);
    // These stay on a mail that leaves another tenant.
    check(
        &INSIDE.replace("Organization", "CrossTenant"),
        Verdict::None,
    );
    check(&format!("X-{INSIDE}"), Verdict::None);
    // A failure is believed before the mark.
    let failed = "Authentication-Results: dmarc=fail action=none header.from=ventas.acme.com.mx\n";
    check(&format!("{failed}{INSIDE}"), Verdict::Fail);
    // Another domain, if only the one above ours, is not the tenant's.
    let found = judge_by(&elsewhere(), INSIDE.trim_end());
    assert_eq!(found.verdict, Verdict::None);
}
