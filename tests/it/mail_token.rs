//! `mail::token`: what we sign we read, and nothing else.

use proptest::prelude::*;
use soported::domain::address::Address;
use soported::domain::ids::{PersonId, TicketId};
use soported::domain::token::{Purpose, Token};
use soported::mail::token::{Keys, TOKEN_MAX_CHARS, ref_line};

use super::mail_parse::{address, keys, token};

fn purposes() -> impl Strategy<Value = Purpose> {
    prop_oneof![
        Just(Purpose::Client),
        Just(Purpose::Consultant),
        Just(Purpose::Held),
        Just(Purpose::Operator)
    ]
}

proptest! {
    #[test]
    fn every_token_is_read_back_from_every_place(
        ticket in any::<i64>(), person in any::<i64>(), purpose in purposes(), random in any::<[u8; 5]>(),
    ) {
        let token = Token { ticket: TicketId(ticket), person: PersonId(person), purpose };
        let keys = keys();
        let text = keys.sign(&token);
        prop_assert!(text.len() <= TOKEN_MAX_CHARS);
        prop_assert_eq!(keys.verify(&text), Some(token));
        prop_assert_eq!(keys.verify(&text.to_uppercase()), Some(token));
        let id = keys.message_id(&token, random, "servicio.mx");
        prop_assert_eq!(keys.read_message_id(&id), Some(token));
        prop_assert_eq!(keys.read_message_id(&format!("<{id}>")), Some(token));
        let own = [address("soporte@servicio.mx")];
        let reply = keys.reply_address(&token, &own[0]);
        prop_assert!(reply.local().len() <= 64);
        prop_assert_eq!(keys.read_recipient(&reply, &own), Some(token));
        prop_assert_eq!(keys.read_text(&ref_line(Some("GS-1"), &text)), vec![token]);
    }

    #[test]
    fn a_changed_token_is_none(at in 0usize..26, with in "[a-z2-7]") {
        let keys = keys();
        let good = keys.sign(&token());
        let mut changed = good.clone();
        if at < good.len() {
            changed.replace_range(at..=at, &with);
        }
        prop_assume!(changed != good);
        prop_assert_eq!(keys.verify(&changed), None);
    }

    #[test]
    fn no_text_breaks_reading(text in any::<String>()) {
        let keys = keys();
        keys.verify(&text);
        keys.read_message_id(&text);
        keys.read_text(&text);
        prop_assert!(!keys.check_loop_mark("a@b", &text));
    }
}

#[test]
fn ordinary_message_ids_stay_within_76_characters() {
    let check = |ticket: i64, person: i64, domain: &str| {
        let token = Token {
            ticket: TicketId(ticket),
            person: PersonId(person),
            ..token()
        };
        let id = keys().message_id(&token, [255; 5], domain);
        assert!(id.len() + 2 <= 76, "{id}");
    };
    check(1, 1, "servicio.mx");
    check(99_999, 99_999, "soporte.consultoria-norte.com.mx");
    check(i64::MAX, i64::MAX, "s.com.mx");
}

#[test]
fn the_previous_key_still_verifies_and_a_strange_one_does_not() {
    let all = keys();
    let old = Keys {
        current: all.previous.clone().unwrap(),
        previous: None,
    };
    let mut strange = all.current.clone();
    strange.secret[31] ^= 1;
    let strange = Keys {
        current: strange,
        previous: None,
    };
    assert_eq!(all.verify(&old.sign(&token())), Some(token()));
    assert_eq!(old.verify(&all.sign(&token())), None);
    assert_eq!(all.verify(&strange.sign(&token())), None);
    assert!(all.check_loop_mark("a@b", &old.loop_mark("a@b")));
    assert!(!all.check_loop_mark("a@b", &strange.loop_mark("a@b")));
    assert!(!all.check_loop_mark("c@b", &all.loop_mark("a@b")));
}

#[test]
fn only_our_own_addresses_carry_tokens() {
    let keys = keys();
    let text = keys.sign(&token());
    let own = [address("soporte@servicio.mx"), address("ayuda@servicio.mx")];
    let check = |written: &str, wanted: bool| {
        let address = Address::parse(written).unwrap();
        assert_eq!(
            keys.read_recipient(&address, &own).is_some(),
            wanted,
            "{written}"
        );
    };
    check(&format!("soporte+{text}@servicio.mx"), true);
    check(&format!("ayuda+{text}@servicio.mx"), true);
    check(
        &format!("SOPORTE+{}@SERVICIO.MX", text.to_uppercase()),
        true,
    );
    check(&format!("soporte+{text}@otro.mx"), false);
    check(&format!("ventas+{text}@servicio.mx"), false);
    check(&format!("soporte{text}@servicio.mx"), false);
    check("soporte@servicio.mx", false);
    check("soporte+hola@servicio.mx", false);
}

#[test]
fn a_reply_address_that_would_be_too_long_is_the_plain_one() {
    let official = address("mesa.de.ayuda.y.soporte.tecnico.integral@servicio.mx");
    assert_eq!(keys().reply_address(&token(), &official), official);
}

#[test]
fn the_ref_line_is_found_however_it_was_quoted() {
    let keys = keys();
    let text = keys.sign(&token());
    let check = |body: String, wanted: usize| {
        assert_eq!(keys.read_text(&body).len(), wanted, "{body}");
    };
    check(format!("Ref: GS-1042 · {text}"), 1);
    check(format!("> > Ref: GS-1042 · {text}\n"), 1);
    check(format!("> Ref: GS-1042 ·\n> {text}"), 1);
    check(
        format!("*Ref:* GS-1042 \u{fffd} {}", text.to_uppercase()),
        1,
    );
    check(format!("REF: GS-1042 ? {}", text.to_uppercase()), 1);
    check(format!("Ref: {text}\nRef: {text}"), 1);
    check(format!("Ver {text}"), 0);
    check("Ref: su factura 123".to_owned(), 0);
}

#[test]
fn secrets_are_not_printed() {
    assert!(!format!("{:?}", keys()).contains("7, 7"));
}

#[test]
fn a_token_is_seen_among_words_wherever_it_stands() {
    let keys = keys();
    let signed = keys.sign(&token());
    let own = address("soporte@servicio.mx");
    let reply = keys.reply_address(&token(), &own);
    let id = keys.message_id(&token(), [7; 5], "servicio.mx");
    let seen = |text: &str| {
        let words: Vec<String> = keys
            .exposed_in(text)
            .into_iter()
            .map(|exposed| exposed.word)
            .collect();
        words
    };
    for text in [
        signed.clone(),
        format!("Escríbame a {reply}, por favor."),
        format!("<mailto:{reply}>"),
        format!("mailto:soporte%2B{signed}%40servicio.mx?subject=x"),
        format!("Message-ID: <{id}>"),
        format!("{signed} y otra vez {signed}"),
    ] {
        assert_eq!(seen(&text), *std::slice::from_ref(&signed), "{text}");
    }
    assert_eq!(seen(&signed.to_uppercase()), [signed.to_uppercase()]);
    for text in [
        signed.get(1..).expect("longer"),
        "aebqgaycaibqgaycaibqgayc",
        "Hola",
        "",
    ] {
        assert_eq!(seen(text), [""; 0], "{text}");
    }
    let link = |address: &str| format!("<a href=\"mailto:{address}?body=a\">GS-1</a>");
    for address in [
        reply.to_string(),
        format!("soporte%2b{signed}@servicio.mx"),
        format!("soporte&#43;{signed}@servicio.mx"),
    ] {
        assert_eq!(
            keys.without_tokens(&link(&address)),
            link("soporte@servicio.mx")
        );
    }
    assert_eq!(keys.without_tokens(&link("a@b.mx")), link("a@b.mx"));
}
