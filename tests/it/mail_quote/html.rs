//! HTML as mail programs write answers: where they mark the mail answered to. Written, not
//! collected.

use soported::cli::inspect::{BodyKind, Inspector};

fn check(html: &str, wanted: &str) {
    let seen = Inspector::new(Vec::new(), None)
        .unwrap()
        .body(html.as_bytes(), BodyKind::Html);
    assert_eq!(seen["reply_text"], wanted, "{html}");
}

#[test]
fn outlook_s_history_is_cut_in_all_its_forms() {
    for mark in [
        "<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\" dir=\"ltr\"><b>De:</b> S</div><div>viejo</div>",
        "<div id=divRplyFwdMsg><b>Von:</b> S</div>viejo",
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>De:</b> S</p></div></div><p class=MsoNormal>viejo</p>",
        "<div style=\"border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=MsoNormal>De: S</p></div><p>viejo</p>",
        "<div id=\"mail-editor-reference-message-container\"><div>De: S</div><div>viejo</div></div>",
        "<div class=\"ms-outlook-mobile-reference-message skipProofing\">De: S<br>viejo</div>",
        "<span id=\"OLK_SRC_BODY_SECTION\"><div>De: S</div></span><div>viejo</div>",
        "<div class=OutlookMessageHeader>De: S</div>viejo",
        "<div style=\"padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;\">De: S</div><div>viejo</div>",
        "<hr id=\"zwchr\" data-marker=\"__DIVIDER__\"><div data-marker=\"__HEADERS__\">De: S</div><div data-marker=\"__QUOTED_TEXT__\">viejo</div>",
        "<hr id=\"stopSpelling\">De: S<br>viejo",
    ] {
        check(
            &format!("<html><body><div>Ya quedó.</div>{mark}</body></html>"),
            "Ya quedó.",
        );
    }
}

#[test]
fn quotes_in_an_element_are_cut_in_any_language() {
    for mark in [
        "<div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">Je, S schrobtiau:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0\"><div>viejo</div></blockquote></div>",
        "<div class=\"gmail_extra\"><br><div class=\"gmail_quote\">Je, S schrobtiau:<br><blockquote class=\"gmail_quote\">viejo</blockquote></div><br></div>",
        "<div class=\"moz-cite-prefix\">Je, S schrobtiau:<br></div><blockquote type=\"cite\" cite=\"mid:x\">viejo</blockquote><br>",
        "<div id=\"ydp1a2byahoo_quoted_99\" class=\"ydp1a2byahoo_quoted\"><div>Je, S schrobtiau:<div>viejo</div><div>más</div></div></div>",
        "<div class=\"yahoo_quoted\"><div>Je:</div>viejo</div>",
        "<div class=\"protonmail_quote\">Je, S schrobtiau:<br><blockquote class=\"protonmail_quote\" type=\"cite\">viejo</blockquote><br></div>",
        "<div class=\"zmail_extra\"><div>Je, S schrobtiau:</div><blockquote>viejo</blockquote></div>",
        "<div name=\"quote\" style=\"margin:10px\">Je:<div>viejo</div></div>",
        "<div name=\"messageReplySection\">Je:<br><blockquote type=\"cite\" class=\"spark_quote\">viejo</blockquote></div>",
        "<p id=\"reply-intro\">Je, S schrobtiau:</p><blockquote type=\"cite\">viejo</blockquote>",
    ] {
        check(&format!("<div>Ya quedó.</div><br>{mark}"), "Ya quedó.");
        check(
            &format!("<div>Ya quedó.</div><br>{mark}<div><br>&nbsp;</div>"),
            "Ya quedó.",
        );
    }
}

const ATTRIBUTION: &str =
    "El lun, 2 mar 2026 a las 10:00, S (&lt;<a href=\"mailto:s@x.mx\">s@x.mx</a>&gt;) escribió:";

#[test]
fn answers_below_and_between_quotes_in_html_stay() {
    let gmail = format!(
        "<div class=\"gmail_quote\"><div class=\"gmail_attr\">{ATTRIBUTION}<br></div><blockquote class=\"gmail_quote\">¿folio?</blockquote><div>Es el 42.</div><blockquote class=\"gmail_quote\">¿sistema?</blockquote><div>Contpaq.</div></div>"
    );
    check(
        &gmail,
        "El lun, 2 mar 2026 a las 10:00, S (<s@x.mx>) escribió:\n> ¿folio?\nEs el 42.\n> ¿sistema?\nContpaq.",
    );
    let below = format!(
        "<div class=\"moz-cite-prefix\">{ATTRIBUTION}<br></div><blockquote type=\"cite\">¿folio?</blockquote><p>Es el 42.</p>"
    );
    check(&below, "Es el 42.");
    let around = format!(
        "<p>Hola</p><div class=\"gmail_quote\"><div class=\"gmail_attr\">{ATTRIBUTION}</div><blockquote class=\"gmail_quote\">¿folio?</blockquote></div><p>Es el 42.</p>"
    );
    check(&around, "Hola\nEs el 42.");
    check(
        "<div>Ya.</div><div class=\"yahoo_quoted\"><div>Je, S schrobtiau:<div>viejo</div></div></div><div>P. D. urge</div>",
        "Ya.\n> Je, S schrobtiau:\n> viejo\nP. D. urge",
    );
}

#[test]
fn marks_within_a_quote_are_not_the_writer_s() {
    let apple = format!(
        "<div>{ATTRIBUTION}</div><blockquote type=\"cite\"><div id=\"divRplyFwdMsg\">De: Z</div>viejo</blockquote><div>Es el 42.</div>"
    );
    check(&apple, "Es el 42.");
    let above = format!(
        "<div>Ya.</div><div>{ATTRIBUTION}</div><blockquote type=\"cite\"><div class=\"gmail_quote\">uno</div>dos</blockquote>"
    );
    check(&above, "Ya.");
}

#[test]
fn signatures_below_html_quotes_are_cut_as_in_text() {
    let html = format!(
        "<p>Ya.</p><div class=\"gmail_quote\"><div class=\"gmail_attr\">{ATTRIBUTION}</div><blockquote class=\"gmail_quote\">viejo</blockquote></div><br clear=\"all\"><div>-- <br></div><div class=\"gmail_signature\">Ana Ruiz</div>"
    );
    check(&html, "Ya.");
    check(
        "<p>Ya.</p><div id=\"ms-outlook-mobile-signature\">Obtener <a href=\"https://aka.ms/x\">Outlook para iOS</a></div><hr id=stopSpelling>viejo",
        "Ya.",
    );
}

#[test]
fn elements_of_the_writer_s_own_are_no_marks() {
    for html in [
        "<div>Ya.</div><div style=\"border-top:solid red 1pt\">abajo</div>",
        "<div>Ya.</div><div style=\"border-top:solid #E1E1E1 1.0pt\">abajo</div>",
        "<div>Ya.</div><div class=\"quote\">abajo</div>",
        "<div>Ya.</div><div id=\"quote\">abajo</div>",
        "<div>Ya.</div><blockquote>abajo</blockquote>",
        "<div>Ya.</div><div title=\"id=divRplyFwdMsg\">abajo</div>",
    ] {
        check(html, "Ya.\nabajo");
    }
}
