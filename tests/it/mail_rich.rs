//! `mail::rich`: the formatting of words that are passed on is theirs alone, and harmless.

use proptest::prelude::*;
use soported::mail::rich::cut;

/// What is passed on of `html` for `words`.
fn kept(html: &str, words: &str) -> String {
    cut(html, words).map_or("-".to_owned(), |rich| rich.html)
}

fn check(html: &str, words: &str, wanted: &str) {
    assert_eq!(kept(html, words), wanted, "{html}");
}

#[test]
fn the_words_keep_their_formatting() {
    check(
        "<p>Hola <b>Ana</b></p>",
        "Hola Ana",
        "<p>Hola <b>Ana</b></p>",
    );
    check("<div>uno<br>dos</div>", "uno\ndos", "<div>uno<br>dos</div>");
    check(
        "<ul><li>uno</li><li>dos</li></ul>",
        "  *   uno\n  *   dos",
        "<ul><li>uno</li><li>dos</li></ul>",
    );
    check(
        "<ol><li>uno</li><li>dos</li></ol>",
        "  1.  uno\n  2.  dos",
        "<ol><li>uno</li><li>dos</li></ol>",
    );
    check(
        "<table border=\"1\"><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
        "a\tb",
        "<table border=\"1\"><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
    );
    check(
        "<p style=\"color:red;position:fixed\">Alto</p>",
        "Alto",
        "<p style=\"color:red\">Alto</p>",
    );
    check(
        "<p>vea <a href=\"https://sat.example/x\">la guía</a></p>",
        "vea la guía<https://sat.example/x>",
        "<p>vea <a href=\"https://sat.example/x\">la guía</a></p>",
    );
    check(
        "<p>5 &lt; 7 &amp; más</p>",
        "5 < 7 & más",
        "<p>5 &lt; 7 &amp; más</p>",
    );
    check(
        "<P>ÁRBOL&nbsp;ñandú</P>",
        "árbol ñandú",
        "<p>ÁRBOL&nbsp;ñandú</p>",
    );
}

#[test]
fn commands_signatures_and_quotes_stay_behind() {
    let outlook = "<div class=WordSection1><p class=MsoNormal>#espera cliente<o:p></o:p></p>\
        <p class=MsoNormal>¿Qué versión <b>usan</b>?<o:p></o:p></p><p>--</p><p>Ana Ruiz</p>\
        <div style='border:none'><p><b>De:</b> Soporte<br><b>Asunto:</b> x</p></div>\
        <p>=== Responda encima de esta línea ===</p><p>interno</p></div>";
    check(
        outlook,
        "¿Qué versión usan?",
        "<div><p>¿Qué versión <b>usan</b>?</p></div>",
    );
    check(
        "<div>#resuelto</div><div>Listo.</div><blockquote><div>Listo.</div>secreto</blockquote>",
        "Listo.",
        "<div>Listo.</div>",
    );
    // Within one paragraph, parted by line ends.
    check(
        "<p>#resuelto<br>Listo.<br>Ana</p>",
        "Listo.",
        "<p>Listo.</p>",
    );
}

#[test]
fn words_that_the_html_does_not_say_in_whole_lines_go_without_it() {
    for (html, words) in [
        ("<p>Hola Ana, adiós</p>", "Hola Ana"),
        ("<p>Hola</p>", "Adiós"),
        ("<p>Hola</p><p>secreto</p><p>adiós</p>", "Hola\nadiós"),
        ("<p>Hola <span>#nota secreta</span></p>", "Hola"),
        ("<p>Hola</p>", ""),
        ("", "Hola"),
        ("<p>##nota</p>", "#nota"),
        ("<p>dos veces dos veces</p>", "dos veces"),
    ] {
        check(html, words, "-");
    }
}

#[test]
fn nothing_hidden_or_running_or_remote_is_passed_on() {
    check(
        "<p>Hola<script>alert(1)</script></p>",
        "Hola",
        "<p>Hola</p>",
    );
    check("<p onclick=\"x()\">Hola</p>", "Hola", "<p>Hola</p>");
    check(
        "<style>p{color:red}</style><p>Hola</p>",
        "Hola",
        "<p>Hola</p>",
    );
    check("<p>Hola</p><!-- secreto -->", "Hola", "<p>Hola</p>");
    check(
        "<p>Hola<img src=\"https://x.example/pixel.gif\"></p>",
        "Hola",
        "<p>Hola</p>",
    );
    check(
        "<p>Hola<img src=\"data:image/png;base64,AAAA\"></p>",
        "Hola",
        "<p>Hola</p>",
    );
    check("<a href=\"javascript:x()\">Hola</a>", "Hola", "<a>Hola</a>");
    check(
        "<p style=\"background-image:url(https://x.example)\">Hola</p>",
        "Hola",
        "<p style=\"\">Hola</p>",
    );
    // The text view leaves hidden words out; what shows them is not passed on.
    check(
        "<p>Hola <span style=\"display:none\">secreto</span></p>",
        "Hola",
        "-",
    );
    // A reply address with its token would be the consultant's own.
    check(
        "<p><a href=\"mailto:soporte+aeaq@grupostaff.com\">soporte</a></p>",
        "soporte",
        "<p><a>soporte</a></p>",
    );
}

#[test]
fn images_among_the_words_go_with_them_and_others_do_not() {
    let html = "<p>#resuelto</p><p>Vea:</p><p><img src=\"cid:pantalla@x\" alt=\"error\" width=\"600\" onerror=\"x\"></p>\
        <p>Saludos<br>Ana</p><img src=\"cid:logo@x\">";
    let rich = cut(html, "Vea:").expect("formatting");
    assert_eq!(rich.images, ["pantalla@x"]);
    assert_eq!(
        rich.html,
        "<p>Vea:</p><p><img style=\"max-width:100%;height:auto\" src=\"cid:0\" alt=\"error\" width=\"600\"></p>"
    );
    let twice = cut("<p>a<img src=\"cid:x\"><img src=\"cid:x\">b</p>", "ab").expect("formatting");
    assert_eq!(twice.images, ["x"]);
    let before = cut("<p>#nivel 2</p><img src=\"cid:x\"><p>a</p>", "a").expect("formatting");
    assert_eq!(before.images, ["x"]);
}

#[test]
fn hostile_nesting_and_size_go_without_formatting() {
    let deep = format!("{}Hola", "<div>".repeat(20_000));
    check(&deep, "Hola", "-");
    let large = format!("<p>Hola</p>{}", "<br>".repeat(300_000));
    check(&large, "Hola", "-");
    let flat = format!("<p>Hola</p>{}", "<p>otra".repeat(5_000));
    check(&flat, "Hola", "<p>Hola</p>");
}

proptest! {
    #[test]
    fn what_is_kept_says_the_words_and_nothing_else(
        before in "(<p>#[a-z]{1,8}</p>){0,2}",
        words in "[a-záñ]{1,8}( [a-záñ]{1,8}){0,4}",
        after in "(<div>[A-Z]{9,12}</div>){0,3}",
        inner in "(b|i|span|u)",
    ) {
        let html = format!("{before}<p><{inner}>{words}</{inner}></p>{after}");
        let rich = cut(&html, &words).expect("formatting");
        prop_assert_eq!(rich.html, format!("<p><{inner}>{words}</{inner}></p>"));
    }

    #[test]
    fn any_html_is_taken_without_panic_and_every_element_is_closed(html in "\\PC{0,200}", words in "\\PC{0,20}") {
        if let Some(rich) = cut(&html, &words) {
            prop_assert!(!rich.html.to_lowercase().contains("<script"));
        }
    }

    #[test]
    fn tags_in_any_order_are_taken_without_panic(
        html in "(<(p|div|b|table|tr|td|img src=\"cid:x\"|br|a href=\"x\"|/p|/div|/b|/table|/td)>|hola|#nota| ){0,40}",
    ) {
        let _ = cut(&html, "hola");
    }
}
