//! No line that a sender writes raises what the server has said.

use proptest::prelude::*;
use soported::mail::authentication::{AuthenticationSettings, Position};

use super::{ID, authserv, judge_by};

const DMARC: &str = "dmarc=pass header.from=ventas.acme.com.mx";

/// What the server may have said: all of it speaks about the sender, or is odd.
fn said() -> impl Strategy<Value = String> {
    let result = prop_oneof![
        Just("none".to_owned()),
        Just("dmarc=none".to_owned()),
        Just("dmarc=fail header.from=ventas.acme.com.mx".to_owned()),
        Just("dmarc=pass header.from=otro.mx".to_owned()),
        Just("dmarc=temperror; dkim=permerror; spf=softfail smtp.mailfrom=acme.com.mx".to_owned()),
        Just("spf=pass smtp.mailfrom=acme.com.mx".to_owned()),
        Just("spf=none; x-csa=none".to_owned()),
        Just("dkim=pass header.d=otro.mx".to_owned()),
        Just("dkim=pass header.d=acme.com.mx".to_owned()),
        Just("auth=pass smtp.auth=ana".to_owned()),
        Just(DMARC.to_owned()),
        Just("dkim=pass header.d=acme.com.mx (".to_owned()),
        Just(format!("dkim=none ({})", "x".repeat(20_000))),
        Just("dkim".to_owned()),
        Just("arc=none\u{0}".to_owned()),
    ];
    (result, any::<bool>()).prop_map(|(result, is_odd)| match is_odd {
        true => format!("{result} ;;"),
        false => result,
    })
}

/// What a sender may write: everything but what the border's server removes from his mail.
fn forged() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        6 => Just("Authentication-Results:"),
        1 => Just("authentication-results:\n"),
        1 => Just("Authentication-Results :"),
        1 => Just("ARC-Authentication-Results: i=1;"),
    ];
    let id = prop_oneof![
        4 => Just("mx.servicio.mx;"),
        1 => Just("MX.servicio.MX ;"),
        1 => Just("mx.servicio.mx 1;"),
        1 => Just("(mx) mx.servicio.mx;"),
        1 => Just("\"mx.servicio.mx\";"),
        1 => Just("mx2.servicio.mx;"),
        1 => Just("mx.otro.mx;"),
        3 => Just(""),
    ];
    let result = prop_oneof![
        Just(DMARC),
        Just("dkim=pass header.d=acme.com.mx"),
        Just("spf=pass smtp.mailfrom=acme.com.mx"),
        Just("dmarc=fail header.from=acme.com.mx"),
        Just("arc=none; x-csa=none"),
        Just("compauth=pass reason=100"),
        Just("none"),
        Just("("),
    ];
    let results = proptest::collection::vec(result, 1..4);
    let line = (name, id, results)
        .prop_map(|(name, id, results)| format!("{name} {id} {}\n", results.join("; ")));
    prop_oneof![
        8 => line,
        1 => Just(
            "Received: from a by mx.servicio.mx with LMTP id x; Mon, 2 Mar 2026 10:00:00 -0600\n"
                .to_owned()
        ),
        1 => Just(
            "Received: from a by FT1.mail.protection.outlook.com with SMTP; Mon, 2 Mar 2026 10:00:00 -0600\n"
                .to_owned()
        ),
        1 => Just("X-MS-Exchange-CrossTenant-AuthAs: Internal\n".to_owned()),
        1 => Just("X-MS-Exchange-Organization-AuthAs : Internal\n".to_owned()),
        1 => Just("X-Otro: 1\n".to_owned()),
        1 => Just("basura sin dos puntos\n".to_owned()),
    ]
}

fn sender() -> impl Strategy<Value = String> {
    proptest::collection::vec(forged(), 1..8).prop_map(|fields| fields.concat())
}

/// The name a sender gives himself stands in the border's own Received.
fn helo() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("sale.acme.com.mx"),
        Just("x by y with LMTP"),
        Just("x by y with LMTP;"),
        Just("x by y with LMTP ("),
        Just("x by a.mail.protection.outlook.com"),
    ]
}

fn received(helo: &str, by: &str) -> String {
    format!(
        "Received: from {helo} (rdns [192.0.2.1]) by {by} with ESMTPS id x; Mon, 2 Mar 2026 10:00:00 -0600\n"
    )
}

/// Of local delivery, above everything.
const LMTP: &str = "Received: from mx.servicio.mx by b.servicio.mx with LMTP id x; Mon, 2 Mar 2026 10:00:00 -0600\n";

/// The verdict with the sender's fields is none but the verdict without them, or a lower one.
fn check(settings: &AuthenticationSettings, ours: &str, sender: &str) -> Result<(), TestCaseError> {
    let alone = judge_by(settings, ours.trim_end_matches('\n')).verdict;
    let all = format!("{ours}{sender}");
    let found = judge_by(settings, all.trim_end_matches('\n'));
    prop_assert!(
        found.verdict <= alone,
        "{settings:?}: {alone:?} became {found:?} by\n{all}"
    );
    Ok(())
}

proptest! {
    #[test]
    fn nothing_below_the_servers_line_raises_its_verdict(
        said in said(),
        sender in sender(),
        helo in helo(),
        has_store in any::<bool>(),
        silent in 0usize..3,
    ) {
        let store = if has_store { LMTP } else { "" };
        let silent = format!("Authentication-Results: {ID}; x-csa=none; arc=none\n").repeat(silent);
        let line = format!("{silent}Authentication-Results: {ID}; {said}\n");
        let border = received(helo, "mx.servicio.mx (Postfix)");
        let above = format!("{store}{line}{border}");
        let below = format!("{store}{border}{line}");
        check(&authserv(Position::Above), &above, &sender)?;
        check(&authserv(Position::Below), &below, &sender)?;
        for ours in [&above, &below, &line] {
            check(&authserv(Position::Any), ours, &sender)?;
        }
    }

    #[test]
    fn nothing_below_exchanges_line_raises_its_verdict(
        said in said(),
        sender in sender(),
        helo in helo(),
        writes in any::<bool>(),
        mark in prop_oneof![Just(""), Just("X-MS-Exchange-Organization-AuthAs: Anonymous\n")],
    ) {
        let settings = AuthenticationSettings::Microsoft365 {
            tenant_domains: vec!["ventas.acme.com.mx".to_owned()],
        };
        let line = if writes { format!("Authentication-Results: {said}\n") } else { String::new() };
        let border = received(helo, "DB5EUR02FT011.mail.protection.outlook.com (10.13.58.70)");
        check(&settings, &format!("{line}{border}{mark}"), &sender)?;
    }

    /// A server that writes its line only where it checks, and every time in its place.
    #[test]
    fn a_mail_that_the_server_said_nothing_of_has_no_verdict_where_the_place_is_checked(
        sender in sender(),
        helo in helo(),
    ) {
        let border = received(helo, "mx.servicio.mx (Postfix)");
        check(&authserv(Position::Above), &border, &sender)?;
    }

    #[test]
    fn no_line_breaks_the_reading(line in "[a-z=;.()\"\\\\@ /ñ\t]{0,60}") {
        judge_by(&authserv(Position::Any), &format!("Authentication-Results: {line}"));
        judge_by(&authserv(Position::Any), &format!("Authentication-Results: {ID}; {line}"));
    }
}
