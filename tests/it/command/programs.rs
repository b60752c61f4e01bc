//! The same commands as five mail programs write them in HTML, above a signature and a quoted notice
//! that holds commands of its own.

use std::sync::LazyLock;

use chrono_tz::America::Mexico_City;
use soported::domain::policy::Phrases;
use soported::mail::authentication::AuthenticationSettings;
use soported::mail::parse::{Context, read};
use soported::render::Templates;

use super::meaning;
use crate::mail_parse::{address, keys};

/// How a program puts a reply together.
struct Program {
    name: &'static str,
    /// Around each line of the reply; `{}` is the line.
    line: &'static str,
    /// What stands for an empty line.
    blank: &'static str,
    /// What it puts under the words by itself, or as its user has set it up.
    signature: &'static str,
    /// The whole mail: `{words}`, `{signature}`, `{notice}`.
    frame: &'static str,
}

/// Word's HTML, with the header block in Spanish.
const OUTLOOK_DESKTOP: Program = Program {
    name: "Outlook for Windows",
    line: "<p class=MsoNormal><span style='font-size:11.0pt'>{}<o:p></o:p></span></p>\r\n",
    blank: "<p class=MsoNormal><o:p>&nbsp;</o:p></p>\r\n",
    signature: "<p class=MsoNormal>-- <o:p></o:p></p><p class=MsoNormal><b>Ana Ruiz</b><o:p></o:p></p>\
                <p class=MsoNormal>#SomosStaff<o:p></o:p></p>",
    frame: "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!--\r\n\
            p.MsoNormal {margin:0cm; color:#1F497D;}\r\n--></style></head>\
            <body lang=ES-MX><div class=WordSection1>{words}{signature}\
            <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\
            <p class=MsoNormal><b>De:</b> Soporte &lt;soporte@servicio.mx&gt;<br>\
            <b>Enviado el:</b> martes, 24 de noviembre de 2026 10:00 a.&nbsp;m.<br>\
            <b>Para:</b> Ana Ruiz &lt;ana@servicio.mx&gt;<br>\
            <b>Asunto:</b> Falla en nómina [GS-7]<o:p></o:p></p></div>\
            <p class=MsoNormal><o:p>&nbsp;</o:p></p>{notice}</div></body></html>",
};

/// Outlook on the web, the new Outlook and the telephones'.
const OUTLOOK_WEB: Program = Program {
    name: "Outlook on the web and on telephones",
    line: "<div class=\"elementToProof\" style=\"font-family: Aptos; color: rgb(0, 0, 0);\">\r\n{}</div>\r\n",
    blank: "<div class=\"elementToProof\"><br></div>\r\n",
    signature: "<div id=\"ms-outlook-mobile-signature\" dir=\"ltr\">\
                <div>Obtener <a href=\"https://aka.ms/o0ukef\">Outlook para iOS</a></div></div>",
    frame: "<html><head><style type=\"text/css\" style=\"display:none;\"> P {margin-top:0;} </style></head>\
            <body dir=\"ltr\">{words}{signature}<div id=\"appendonsend\"></div>\
            <hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
            <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" color=\"#000000\">\
            <b>De:</b> Soporte &lt;soporte@servicio.mx&gt;<br><b>Enviado:</b> martes, 24 de noviembre de \
            2026 10:00 a. m.<br><b>Para:</b> Ana Ruiz &lt;ana@servicio.mx&gt;<br>\
            <b>Asunto:</b> Falla en nómina [GS-7]</font><div>&nbsp;</div></div>\
            <div>{notice}</div></body></html>",
};

const GMAIL: Program = Program {
    name: "Gmail",
    line: "<div>{}</div>",
    blank: "<div><br></div>",
    signature: "<span class=\"gmail_signature_prefix\">-- </span><br><div dir=\"ltr\" \
                class=\"gmail_signature\"><div dir=\"ltr\"><b>Ana Ruiz</b><div>#SomosStaff</div></div></div>",
    frame: "<div dir=\"ltr\">{words}{signature}</div><br><div class=\"gmail_quote gmail_quote_container\">\
            <div dir=\"ltr\" class=\"gmail_attr\">El mar, 24 nov 2026 a las 10:00, Soporte \
            (&lt;<a href=\"mailto:soporte@servicio.mx\">soporte@servicio.mx</a>&gt;) escribió:<br></div>\
            <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex\">{notice}</blockquote></div>",
};

const APPLE: Program = Program {
    name: "Apple Mail and the iPhone",
    line: "<div>{}</div>",
    blank: "<div><br></div>",
    signature: "<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Enviado desde mi iPhone</div>",
    frame: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head>\
            <body dir=\"auto\">{words}{signature}<div dir=\"ltr\"><br><blockquote type=\"cite\">El 24 nov \
            2026, a la(s) 10:00\u{202f}a.m., Soporte &lt;soporte@servicio.mx&gt; escribió:<br><br>\
            </blockquote></div><blockquote type=\"cite\"><div dir=\"ltr\">\u{feff}{notice}</div></blockquote>\
            </body></html>",
};

const THUNDERBIRD: Program = Program {
    name: "Thunderbird",
    line: "    <p>{}<br>\r\n    </p>\r\n",
    blank: "    <p><br></p>\r\n",
    signature: "<pre class=\"moz-signature\" cols=\"72\">-- \r\nAna Ruiz\r\n#SomosStaff</pre>",
    frame: "<!DOCTYPE html>\r\n<html>\r\n  <head>\r\n  </head>\r\n  <body>\r\n{words}{signature}\
            <div class=\"moz-cite-prefix\">El 24/11/2026 a las 10:00, Soporte escribió:<br>\r\n    </div>\r\n\
            <blockquote type=\"cite\" cite=\"mid:aviso@servicio.mx\">{notice}</blockquote>\r\n\
            </body>\r\n</html>",
};

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let templates = Templates::load(None, Mexico_City).expect("built-in templates");
    templates.phrases()
});

/// A notice of ours as it stands in a quotation: what a colleague ordered before is no order now.
const NOTICE: &str = "<p>=== Responda encima de esta línea ===</p><p>Lo que escriba encima de esa línea se \
                      envía al cliente.</p><p>GS-7</p><p>#cerrar validado</p><p>#nota</p>\
                      <p>Aviso interno para consultores: no lo reenvíe al cliente.</p>";

/// What the consultant typed, a line each in HTML, and what it means.
const ROWS: &[(&[&str], &str)] = &[
    (&["Lo revisamos."], "| Lo revisamos."),
    (&["#nota"], "note"),
    (
        &["#espera cliente", "", "¿Qué versión usan?"],
        "wait client | ¿Qué versión usan?",
    ),
    (
        &["#prioridad alta", "#asignar yo", "", "Lo revisamos."],
        "priority high; assign me | Lo revisamos.",
    ),
    (
        &["#prioridad alta<br>#asignar yo<br>Lo revisamos."],
        "priority high; assign me | Lo revisamos.",
    ),
    // What telephones and Word make of what is typed.
    (
        &["#Espera Cliente", "¿Qué versión usan?"],
        "wait client | ¿Qué versión usan?",
    ),
    (
        &["#espera&nbsp;cliente&nbsp;", "Hola."],
        "wait client | Hola.",
    ),
    (&["&nbsp;#nivel&nbsp; 2"], "level 2"),
    (&["&#8220;#nota&#8221;", "Hola."], "note | Hola."),
    (&["#en&#8209;proceso"], "progress"),
    (&["#en&#8211;proceso"], "progress"),
    (&["#nota&hellip;"], "note"),
    (&["#&#8203;resuelto", "Listo."], "resolved | Listo."),
    (
        &["<b>#resuelto</b>", "", "Quedó <i>listo</i>."],
        "resolved | Quedó listo.",
    ),
    (
        &["<span>#</span><span class=SpellE>nivel</span> <span>2</span>"],
        "level 2",
    ),
    (
        &["<span style=\"color:#c00000\">#prioridad <b>crítica</b></span>"],
        "priority critical",
    ),
    (&["#tipo mantenimiento medio"], "kind maintenance-medium"),
    (&["#duplicado GS-12"], "duplicate 12"),
    (
        &["#cerrar cancelado es &lt;urgente&gt; &amp; caro"],
        "close cancelled (es <urgente> & caro)",
    ),
    // Addresses become links.
    (
        &["#cc +<a href=\"mailto:raul@acme.example\">raul@acme.example</a>"],
        "cc +raul@acme.example",
    ),
    (
        &["#autorizar <a href=\"mailto:pedro@acme.example\">pedro@acme.example</a> Pedro Gómez"],
        "authorize pedro@acme.example (Pedro Gómez)",
    ),
    (
        &["#revocar <a href=\"mailto:raul@acme.example\">raul@acme.example</a>"],
        "revoke raul@acme.example",
    ),
    (
        &["Lo revisamos.", "", "#espera cliente"],
        "wait client | Lo revisamos.",
    ),
    (
        &["#nivel 2", "", "Lo revisamos.", "", "#asignar yo"],
        "level 2; assign me | Lo revisamos.",
    ),
    (&["##nota es la orden"], "| #nota es la orden"),
    (&["#1 revisar el servidor"], "| #1 revisar el servidor"),
    (&["# 2 reiniciar"], "| # 2 reiniciar"),
    (&["C# y F# fallan"], "| C# y F# fallan"),
    (
        &["Vea <a href=\"https://casa.example/#nota\">https://casa.example/#nota</a>."],
        "| Vea https://casa.example/#nota.",
    ),
    // Near misses: nothing goes out.
    (&["#espra cliente", "Hola."], "!unknown_word"),
    (&["#SomosStaff", "Hola."], "!unknown_word"),
    (
        &["Hola.", "#nota", "El cliente debe dos facturas."],
        "!misplaced",
    ),
    (
        &["Hola. <b>#nota</b> El cliente debe dos facturas."],
        "!misplaced",
    ),
    (
        &["<ul><li>#nota</li><li>debe dos facturas</li></ul>"],
        "!misplaced",
    ),
    (
        &["<blockquote type=\"cite\">#nota</blockquote>", "Hola."],
        "!misplaced",
    ),
    (&["#nivel 2 y #asignar yo"], "!bad_argument"),
    (&["#nivel 2", "#nivel 3"], "!contradiction"),
    (&["#nota", "#resuelto", "Hola."], "!note_and_text"),
];

/// The program's mail with these lines, signed or not.
fn mail(program: &Program, lines: &[&str], is_signed: bool) -> String {
    let words: String = lines
        .iter()
        .map(|line| match *line {
            "" => program.blank.to_owned(),
            line => program.line.replace("{}", line),
        })
        .collect();
    let signature = if is_signed { program.signature } else { "" };
    program
        .frame
        .replace("{words}", &words)
        .replace("{signature}", signature)
        .replace("{notice}", NOTICE)
}

/// The newest words of an HTML mail.
fn own_words(html: &str) -> String {
    let context = Context {
        keys: &keys(),
        own_addresses: &[address("soporte@servicio.mx")],
        authentication: &AuthenticationSettings::Nobody,
        phrases: &PHRASES,
        ticket_prefix: "GS",
    };
    let raw = format!(
        "From: Ana Ruiz <ana@servicio.mx>\r\nTo: soporte@servicio.mx\r\n\
         Subject: RE: Falla en =?utf-8?q?n=C3=B3mina?= [GS-7]\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{html}\r\n"
    );
    let received_at = "2026-11-24T16:20:00Z".parse().expect("an instant");
    read(raw.as_bytes(), received_at, &context)
        .own_words()
        .to_owned()
}

fn check(program: &Program) {
    let mut wrong = Vec::new();
    for is_signed in [false, true] {
        for (lines, wanted) in ROWS {
            let words = own_words(&mail(program, lines, is_signed));
            let got = meaning(&words);
            if got != *wanted {
                wrong.push(format!(
                    "{lines:?} (signed: {is_signed})\n  wanted {wanted}\n  got    {got}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", program.name, wrong.join("\n"));
}

#[test]
fn outlook_for_windows() {
    check(&OUTLOOK_DESKTOP);
}

#[test]
fn outlook_on_the_web_and_on_telephones() {
    check(&OUTLOOK_WEB);
}

#[test]
fn gmail() {
    check(&GMAIL);
}

#[test]
fn apple_mail_and_the_iphone() {
    check(&APPLE);
}

#[test]
fn thunderbird() {
    check(&THUNDERBIRD);
}
