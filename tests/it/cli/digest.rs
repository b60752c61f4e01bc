//! The daily digest as it leaves the real binary, and what its links lead to.

use super::{ANA, MARIA, Sent, TUESDAY_10, house_at, pass, sent_to, ticket};
use crate::world::mails::Mail;

/// The links of a mail's HTML that begin a mail, decoded, with what stands between their tags.
fn links(mail: &Sent) -> Vec<(String, String)> {
    let html = mail.parsed().body_html(0).expect("HTML").into_owned();
    html.split("<a href=\"mailto:")
        .skip(1)
        .map(|rest| {
            let (link, rest) = rest.split_once('"').expect("an end");
            let shown = rest.split_once('>').expect("a tag").1;
            let shown = shown.split_once("</a>").expect("an end").0;
            (decoded(&link.replace("&amp;", "&")), shown.to_owned())
        })
        .collect()
}

/// Percent-decoded (RFC 3986 §2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend(before.bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).expect("two digits"));
        rest = &after[2..];
    }
    bytes.extend(rest.bytes());
    String::from_utf8(bytes).expect("UTF-8")
}

/// A mail that a mail program writes where the link called so is opened.
fn follow(mail: &Sent, shown: &str) -> Mail {
    let links = links(mail);
    let found = links.iter().find(|(_, name)| name == shown);
    let (link, _) = found.unwrap_or_else(|| panic!("no {shown} in {links:?}"));
    let (address, fields) = link.split_once('?').expect("fields");
    let field = |name: &str| {
        let of = |field: &str| field.strip_prefix(&format!("{name}=")).map(str::to_owned);
        fields.split('&').find_map(of).unwrap_or_default()
    };
    Mail::from(ANA)
        .to(address)
        .subject(&field("subject"))
        .text(&field("body"))
}

#[test]
fn a_pass_at_opening_sends_it_once_and_its_links_are_answers_to_a_notice() {
    let mut house = house_at(TUESDAY_10);
    let stranger = Mail::from("nadie@otro.example").subject("Oferta");
    pass(
        &mut house,
        TUESDAY_10,
        &[Mail::from(MARIA).subject("Falla"), stranger],
    );
    let digests = |house: &crate::world::daemon::Daemon| -> Vec<Sent> {
        let all = sent_to(house, ANA).into_iter();
        all.filter(|mail| mail.subject().starts_with("Pendientes del día"))
            .collect()
    };
    assert_eq!(digests(&house).len(), 0, "the first start of all");

    pass(&mut house, "2026-11-25 08:29:00", &[]);
    assert_eq!(digests(&house).len(), 0);
    for instant in [
        "2026-11-25 08:30:00",
        "2026-11-25 08:30:00",
        "2026-11-25 09:00:00",
    ] {
        pass(&mut house, instant, &[]);
        assert_eq!(digests(&house).len(), 1, "{instant}");
    }
    let digest = digests(&house).remove(0);
    assert_eq!(digest.must("Auto-Submitted"), "auto-generated");
    let text = digest.text();
    assert!(
        text.contains("GS-1") && text.contains("#liberar 1"),
        "{text}"
    );
    let reply_to = digest.must("Reply-To");
    let shown = format!("{:?}", links(&digest));
    let release = follow(&digest, "#liberar 1").build();
    let release = String::from_utf8_lossy(&release).into_owned();
    let address = reply_to.trim_start_matches('<').trim_end_matches('>');
    assert!(release.contains(address), "{shown}");
    assert!(release.contains("#liberar 1"), "{shown}");

    pass(
        &mut house,
        "2026-11-25 09:10:00",
        &[follow(&digest, "#asignar yo")],
    );
    assert_eq!(ticket(&house, "GS-1")["assignee"], ANA, "{shown}");

    // Two days off, and the one that was missed stays missed.
    pass(&mut house, "2026-11-27 09:31:00", &[]);
    assert_eq!(digests(&house).len(), 1);
}

#[test]
fn without_plus_addressing_no_link_pretends_to_answer_a_ticket() {
    let config = super::config().set("outbound.plus_addressing", false);
    let mut house = config.install();
    pass(
        &mut house,
        TUESDAY_10,
        &[Mail::from(MARIA).subject("Falla")],
    );
    pass(&mut house, "2026-11-25 08:30:00", &[]);
    let all = sent_to(&house, ANA);
    let digest = all
        .iter()
        .find(|mail| mail.subject().starts_with("Pendientes del día"));
    let digest = digest.expect("a digest");
    assert!(digest.text().contains("GS-1"));
    assert_eq!(links(digest), Vec::new());
}
