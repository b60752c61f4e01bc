//! Which of several lines count.

use soported::domain::message::Verdict;
use soported::mail::authentication::{AuthenticationSettings, Position};

use super::{authserv, judge, judge_by};

/// What a letter of a header's sketch stands for. `g` good, `n` nothing found, `b` failed, `d` and
/// `m` DKIM alone and DMARC alone, `x` silent, `e` says `none`, `o` odd, `t` of another server,
/// `s` of a server of the same domain, `R` Received, `L` of local delivery, `-` any other field.
fn field(letter: char) -> &'static str {
    match letter {
        'g' => "Authentication-Results: mx.servicio.mx; dmarc=pass header.from=acme.com.mx\n",
        'n' => "Authentication-Results: MX.Servicio.MX; dmarc=none; dkim=none; spf=none\n",
        'b' => "Authentication-Results: mx.servicio.mx; dmarc=fail header.from=acme.com.mx\n",
        'd' => "Authentication-Results: mx.servicio.mx; dkim=pass header.d=acme.com.mx\n",
        'm' => "Authentication-Results: mx.servicio.mx; dmarc=none header.from=acme.com.mx\n",
        'x' => "Authentication-Results: mx.servicio.mx; x-csa=none; arc=none; bimi=skipped\n",
        'e' => "Authentication-Results: mx.servicio.mx; none\n",
        'o' => "Authentication-Results: mx.servicio.mx; arc=none; (\n",
        'a' => "Authentication-Results: mx.servicio.mx; auth=pass smtp.auth=ana\n",
        't' => "Authentication-Results: mx.otro.mx; dmarc=fail header.from=acme.com.mx\n",
        's' => "Authentication-Results: mx2.servicio.mx; x-csa=none\n",
        'R' => {
            "Received: from sale.acme.com.mx (sale.acme.com.mx [192.0.2.1])\n\tby mx.servicio.mx \
             (Postfix) with ESMTPS id 4Nb\n\tfor <soporte@servicio.mx>; Mon, 2 Mar 2026 10:00:00 \
             -0600 (CST)\n"
        }
        'L' => {
            "Received: from mx.servicio.mx ([192.0.2.9])\n\tby buzones.servicio.mx with LMTP\n\tid \
             aB (envelope-from <ana@acme.com.mx>)\n\tfor <soporte@servicio.mx>; Mon, 2 Mar 2026 \
             10:00:00 -0600\n"
        }
        _ => "X-Otro: 1\n",
    }
}

fn header(sketch: &str) -> String {
    sketch.chars().map(field).collect()
}

fn check_by(settings: &AuthenticationSettings, sketch: &str, wanted: Verdict) {
    let found = judge_by(settings, header(sketch).trim_end_matches('\n'));
    assert_eq!(found.verdict, wanted, "{sketch} {settings:?}: {found:?}");
}

#[test]
fn the_topmost_line_of_our_server_counts() {
    let check = |sketch: &str, wanted| check_by(&authserv(Position::Any), sketch, wanted);
    use Verdict::{Fail, None, Strong};
    check("g", Strong);
    check("ng", None);
    check("gn", Strong);
    check("gb", Strong);
    check("bg", Fail);
    check("tg", Strong);
    check("t", None);
    check("-", None);
    check("og", None);
    check("eg", None);
    check("ag", None);
    check("-t-g", Strong);
    check("RRg", Strong);
    check("n-g", None);
    check("nRg", None);
    check("ntg", None);
    check("og-R", None);
}

/// Fastmail's shape: one line for each group of checks, without anything between them.
#[test]
fn lines_that_say_nothing_of_the_sender_are_passed_over_in_one_run() {
    let check = |sketch: &str, wanted| check_by(&authserv(Position::Any), sketch, wanted);
    use Verdict::{None, Strong};
    check("xxxg", Strong);
    check("xxng", None);
    check("xeg", None);
    check("xog", None);
    check("xag", None);
    check("x", None);
    // Anything in between ends the run: what follows may be the sender's.
    check("x-g", None);
    check("xRg", None);
    check("xtg", None);
    check("xsg", None);
    check("-xxg", Strong);
    check("txg", Strong);
    // DMARC first, DKIM in the next line: only the first is read.
    check("mdR", None);
    check("dmR", Strong);
}

#[test]
fn the_place_of_the_line_is_checked_where_it_is_configured() {
    use Position::{Above, Any, Below};
    use Verdict::{None, Strong};
    let check = |position, sketch: &str, wanted| check_by(&authserv(position), sketch, wanted);
    check(Any, "g", Strong);
    check(Any, "RRg", Strong);
    check(Above, "gRR", Strong);
    check(Above, "Rg", None);
    check(Above, "g", None);
    check(Below, "Rg", Strong);
    check(Below, "RgR", Strong);
    check(Below, "RRg", None);
    check(Below, "gR", None);
    check(Below, "g", None);
    // The mail store's own Received is not the border's.
    check(Above, "LgR", Strong);
    check(Above, "LRg", None);
    check(Above, "LLg", None);
    check(Above, "RLg", None);
    check(Below, "LRg", Strong);
    check(Below, "LRRg", None);
    check(Below, "Lg", None);
}

/// Postfix with a milter for each of DMARC and DKIM.
#[test]
fn above_its_received_all_lines_of_the_server_count_together() {
    use Verdict::{Fail, None, Strong};
    let check = |sketch: &str, wanted| check_by(&authserv(Position::Above), sketch, wanted);
    check("mdR", Strong);
    check("dmR", Strong);
    check("m-d-R", Strong);
    check("LmdR", Strong);
    check("mdbR", Fail);
    check("gmR", None);
    check("modR", None);
    check("mRd", None);
    check("xRd", None);
    check("mRdR", None);
    let found = judge_by(&authserv(Position::Above), header("mdR").trim_end());
    assert!(
        found
            .line
            .contains("dmarc=none header.from=acme.com.mx | mx")
    );
    let below = |sketch: &str, wanted| check_by(&authserv(Position::Below), sketch, wanted);
    below("Rmd", None);
    below("Rdm", Strong);
    below("Rxd", Strong);
}

/// A sender names himself in the border's Received: no name makes it one of local delivery.
#[test]
fn no_name_in_helo_moves_the_border() {
    let check = |helo: &str| {
        let received = field('R').replacen("sale.acme.com.mx", helo, 1);
        let mail = format!("{received}{}{}", field('g'), field('R'));
        let found = judge_by(&authserv(Position::Above), mail.trim_end());
        assert_eq!(found.verdict, Verdict::None, "{helo}");
    };
    check("sale.acme.com.mx");
    check("x by y with LMTP");
    check("x by y with LMTP;");
    check("x by y with LMTP id z; Mon, 2 Mar 2026 10:00:00 -0600");
    check("x by y with LMTP (");
    check("x by y with LMTP )(");
    check("x (y) by z with LMTP (;");
    check("with LMTP");
    check(&"x".repeat(10_000));
}

#[test]
fn the_id_is_the_servers_and_nothing_like_it() {
    let good = "dmarc=pass header.from=acme.com.mx";
    let check = |id: &str, wanted| {
        let found = judge(&format!("Authentication-Results: {id}; {good}"));
        assert_eq!(found.verdict, wanted, "{id}");
    };
    use Verdict::{None, Strong};
    check("mx.servicio.mx", Strong);
    check("MX.SERVICIO.MX", Strong);
    check("mx.servicio.mx (amavisd-new)", Strong);
    check("mx.servicio.mx 1", Strong);
    check("mx.servicio.mx.malo.mx", None);
    check("malo.mx.servicio.mx", None);
    check("mx.servicio.mx.", None);
    check("mx.servicio", None);
    check("mx.servicio.mx:25", None);
    check("mx.servicio.mx/x", None);
    check("mx.servicio.mx=x", None);
    check("mx.serviciο.mx", None);
    check("mx.servi\n cio.mx", None);
    check("mx.servi(x)cio.mx", None);
    check("=?utf-8?q?mx.servicio.mx?=", None);
    check("mx.ser\u{0}vicio.mx", None);
    check("mx.otro.mx (mx.servicio.mx)", None);
    check("(mx.servicio.mx) mx.otro.mx", None);
    check("\"x; mx.servicio.mx\"", None);
    for name in [
        "X-Authentication-Results",
        "ARC-Authentication-Results",
        "Authentication-Result",
        "Authentication -Results",
        "Authentication- Results",
    ] {
        let found = judge(&format!("{name}: mx.servicio.mx; {good}"));
        assert_eq!(found.verdict, None, "{name}");
        assert!(
            found.line.starts_with("no Authentication-Results"),
            "{name}"
        );
    }
}

/// Forms that the grammar allows, that no server writes, and that a border which removes forged
/// lines by a plain pattern lets through: such a line is of our server, and worth nothing.
#[test]
fn a_line_made_to_pass_a_filter_is_believed_nothing() {
    let good = "dmarc=pass header.from=acme.com.mx";
    let check = |line: &str| {
        let found = judge(&format!("{line}; {good}\n{}", field('g').trim_end()));
        assert_eq!(found.verdict, Verdict::None, "{line}");
    };
    check("Authentication-Results: (x) mx.servicio.mx");
    check("Authentication-Results: \"mx.servicio.mx\"");
    check("Authentication-Results: \"mx.servici\\o.mx\"");
    check("Authentication-Results : mx.servicio.mx");
    check("Authentication-Results\t: mx.servicio.mx");
    check("Authentication-Results: \rmx.servicio.mx");
}

/// One configuration for a border of several servers.
#[test]
fn a_star_stands_for_the_servers_of_a_domain() {
    let check = |wanted: &str, sketch: &str, verdict| {
        let settings = AuthenticationSettings::Authserv {
            id: wanted.to_owned(),
            position: Position::Any,
        };
        check_by(&settings, sketch, verdict);
    };
    use Verdict::{None, Strong};
    check("*.servicio.mx", "g", Strong);
    check("*.Servicio.mx", "tg", Strong);
    check("*.mx.servicio.mx", "g", None);
    check("*.vicio.mx", "g", None);
    check("*.otro.mx", "g", None);
    // A run is of one server.
    check("*.servicio.mx", "xg", Strong);
    check("*.servicio.mx", "sg", None);
}
