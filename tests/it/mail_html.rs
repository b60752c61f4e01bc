//! `mail::text`: HTML to text, kept readable and linear.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use soported::mail::text::from_html;
use soported::mail::text_output::TEXT_MAX_BYTES;

fn check(html: &str, wanted: &str) {
    assert_eq!(from_html(html).text, wanted, "{html}");
}

#[test]
fn blocks_are_lines() {
    check("hola", "hola");
    check("<div>a</div><div>b</div>", "a\nb");
    check("<div><div>a</div></div><div>b</div>", "a\nb");
    check("<p>a</p><p>b</p>", "a\n\nb");
    check(
        "<p class=MsoNormal>a</p><p class=\"MsoNormal\">b</p>",
        "a\nb",
    );
    check("a<br>b<br/><br>c", "a\nb\n\nc");
    check("<div>a</div><div><br></div><div>b</div>", "a\n\nb");
    check("  a \n  b  ", "a b");
    check("<b>a</b>b <i>c</i>", "ab c");
    check("<h1>T</h1>x", "T\nx");
    check("<pre>a\n  b</pre>c", "a\n  b\nc");
    check("a<hr>b", "a\nb");
}

#[test]
fn lists_tables_and_links_are_kept() {
    check("<ul><li>a</li><li>b</li></ul>c", "- a\n- b\nc");
    check("<ol><li><p>a</p></li></ol>", "- a");
    check(
        "<table><tr><td>Pedido</td><td>42</td></tr><tr><td>x</td><td>y</td></tr></table>z",
        "Pedido\t42\nx\ty\nz",
    );
    check(
        "<table><tr><td><p>a</p></td><td><div>b</div></td></tr></table>",
        "a\tb",
    );
    check(
        "<table><tr><td><p>a</p><p>b</p></td></tr></table>",
        "a\n\nb",
    );
    check(
        "<a href=\"https://x.mx/a?b=1&amp;c=2\">aquí</a>.",
        "aquí (https://x.mx/a?b=1&c=2).",
    );
    check("<a href='https://x.mx/'>https://x.mx</a>", "https://x.mx");
    check("<a href=mailto:a@x.mx>a@x.mx</a>", "a@x.mx");
    check("<a href=mailto:a@x.mx>Ana</a>", "Ana (a@x.mx)");
    check("<a href=\"javascript:x\">y</a>", "y");
    check("<a name=x>y</a>", "y");
    check("a<img src=x alt=y>b", "ab");
}

#[test]
fn what_is_no_text_is_skipped() {
    check("<head><title>t</title></head><body>a</body>", "a");
    check("<style>p{}</style><script>if(a<b){}</script>a", "a");
    check("a<!-- b --><!--[if mso]>c<![endif]-->d", "ad");
    check("<!DOCTYPE html><?xml version=1?>a", "a");
    check("<o:p>a</o:p>", "a");
}

#[test]
fn what_its_author_hides_is_not_shown() {
    for style in [
        "display:none",
        "DISPLAY : none !important; color:red",
        "color:red;visibility:hidden",
        "display:none;mso-hide:all",
        "max-height:0px;overflow:hidden",
        "font-size:0",
        "font-size: 0.0px; line-height:0",
    ] {
        for name in ["div", "span", "p", "td", "SPAN"] {
            let html = format!("<b>a</b><{name} style=\"{style}\">x &amp; y</{name}><b>b</b>");
            let shown = from_html(&html).text;
            assert!(!shown.contains('x') && !shown.contains('y'), "{html}");
            assert!(shown.starts_with('a') && shown.ends_with('b'), "{html}");
        }
    }
    check(
        "<div style='display:none'><div>x</div><!-- </div> --><DIV>y</div></div>z",
        "z",
    );
    check("<p style='display:none'>x<p>y</p>z", "y\nz");
    check("<div style='display:none'>x</div >y", "y");
}

#[test]
fn what_is_not_hidden_is_shown() {
    for style in [
        "display:block",
        "mso-hide:all",
        "font-size:10px",
        "max-height:0",
        "overflow:hidden",
        "background:url(none);x-display:none",
        "font-size:0.1em",
        "display",
    ] {
        check(&format!("<div style=\"{style}\">x</div>y"), "x\ny");
    }
    // Around all of a newsletter stands a size of 0, which each piece of text sets anew.
    check(
        "<td style='font-size:0'><div style='font-size:13px'>x</div></td>y",
        "x\ty",
    );
    check(
        "a<img style='display:none'>b<br style='display:none'>c",
        "ab\nc",
    );
}

#[test]
fn hidden_text_is_shown_where_there_is_no_other_or_no_end() {
    check("<div style='display:none'>x</div>", "x");
    check("<body style='display:none'>x</body>", "x");
    check("<div style='display:none'>x<p>y", "x\n\ny");
    check("<div style='display:none'>x<!-- </div>", "x");
}

#[test]
fn entities_are_characters() {
    check(
        "&aacute;&Ntilde;&#241;&#xF1;&#x80;&lt;&amp;&gt;",
        "áÑññ€<&>",
    );
    check("a&nbsp;b", "a b");
    check(
        "a & b &nada; &#0; &#xD800; &#99999999;",
        "a & b &nada; &#0; &#xD800; &#99999999;",
    );
    check("&", "&");
    check("&aacute", "&aacute");
}

#[test]
fn broken_markup_loses_no_words() {
    check("a < b y c > d", "a < b y c > d");
    check("a <3 b", "a <3 b");
    check("<p title=\"x>y\">a</p>", "a");
    check("<p don't>a</p>b", "a\nb");
    check("<p title=\"sin fin>a</p>b", "a\nb");
    check("a<b", "a<b");
    check("a<!-- sin fin", "a<!-- sin fin");
    check("<style>sin fin a", "sin fin a");
}

#[test]
fn cited_mail_is_marked_and_indented_text_is_not() {
    check(
        "a<blockquote type=cite><p>b</p>c</blockquote>d",
        "a\n\n> b\n> c\nd",
    );
    check(
        "<blockquote type=\"cite\">a<blockquote type=\"cite\">b</blockquote></blockquote>",
        "> a\n> > b",
    );
    check("<blockquote style=\"margin:0\">a</blockquote>", "a");
    assert_eq!(
        from_html("ab<div id=divRplyFwdMsg>c</div>").quote_at,
        Some(2)
    );
    assert_eq!(from_html("ab<div>c</div>").quote_at, None);
}

#[test]
fn hostile_markup_takes_linear_time_and_bounded_room() {
    let repeat = |piece: &str, count: usize| piece.repeat(count);
    for (name, html) in [
        ("nested", repeat("<div>", 200_000)),
        (
            "closed",
            repeat("<div>", 50_000) + &repeat("</div>", 50_000),
        ),
        ("attributes", repeat("<a href=\"", 60_000)),
        ("apostrophes", repeat("<a b='><a c=\">", 40_000)),
        ("angles", repeat("< ", 300_000) + ">"),
        ("tags", repeat("<a ", 200_000)),
        ("comments", repeat("<!-- ", 150_000)),
        ("styles", repeat("<style>", 100_000)),
        ("hidden", repeat("<div style=display:none>", 20_000)),
        (
            "hidden paragraphs",
            repeat("<p style=display:none>x", 20_000),
        ),
        ("small", repeat("<b style=font-size:0>x", 20_000)),
        (
            "hidden around comments",
            repeat("<i style=display:none><!-- ", 20_000),
        ),
        ("entities", repeat("&aacut", 100_000)),
        ("links", repeat("<a href=https://x>y", 30_000)),
        ("quotes", repeat("<blockquote type=cite>", 30_000)),
        ("cells", repeat("<td>x</td>", 60_000)),
        ("equals", format!("<p {}>", repeat("= ", 200_000))),
        ("words", repeat("x", 600_000)),
        ("breaks", repeat("<br>x", 120_000)),
    ] {
        let begun = Instant::now();
        let text = from_html(&html).text;
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "{name} {:?}",
            begun.elapsed()
        );
        assert!(
            text.len() <= TEXT_MAX_BYTES + 512 * 1024,
            "{name} {}",
            text.len()
        );
    }
}

proptest! {
    #[test]
    fn any_text_is_converted(html in "([<>\"'=&;#/ a-z!\\-\n]|<a href=|</a>|<td>|</tr>|<li>|<blockquote type=cite>|&nbsp;|ñ){0,80}") {
        let converted = from_html(&html);
        prop_assert!(converted.quote_at.unwrap_or(0) <= html.len());
    }

    #[test]
    fn words_without_markup_stay(words in "[a-zñ0-9]{1,8}( [a-zñ0-9]{1,8}){0,8}") {
        prop_assert_eq!(from_html(&format!("<div><p>{words}</p></div>")).text, words);
    }
}
