//! Every language of the tables, as its mail programs write. The mails are written, not collected.

use soported::mail::labels::{LANGUAGES, Language};
use soported::mail::quote::newest;
use soported::mail::words::{all, quoting, signing};

use super::check;
use crate::mail_parse::phrases;

/// `Ya quedó.` above one introduction is all that is new, whether the quote is marked or not.
fn introduces(introduction: &str) {
    check(
        &format!("Ya quedó.\n\n{introduction}\n\nviejo sin marca\nmás\n"),
        "Ya quedó.",
    );
    introduces_marked(introduction);
}

/// The same where only the marks of the quote tell.
fn introduces_marked(introduction: &str) {
    check(
        &format!("Ya quedó.\n\n{introduction}\n\n> viejo\n>\n> más\n"),
        "Ya quedó.",
    );
    check(
        &format!("Ya quedó.\n{introduction}\n> viejo\n"),
        "Ya quedó.",
    );
}

#[test]
fn attributions_of_all_languages_begin_the_quote() {
    for attribution in [
        // Spanish: Gmail web and Android, Apple Mail, Outlook for Mac, Thunderbird, Yahoo, KMail.
        "El lun, 2 mar 2026 a las 10:00, Soporte (<soporte@x.mx>) escribió:",
        "El lun., 2 de mar. de 2026 10:00 a. m., Soporte <soporte@x.mx> escribió:",
        "El El lun, 2 mar 2026 a la(s) 10:00, Soporte <soporte@x.mx> escribió:",
        "El 02/03/2026, a las 10:00, Soporte <soporte@x.mx> escribió:",
        "El 2/3/26 10:00, \"Soporte\" <soporte@x.mx> escribió:",
        "El 2/3/26 a las 10:00, Soporte escribió:",
        "El lunes, 2 de marzo de 2026, 10:00:00 CST, Soporte <soporte@x.mx> escribió:",
        "El lunes, 2 de marzo de 2026, 10:00:00, soporte@x.mx escribió:",
        "El día 2 mar 2026 10:00, Soporte <soporte@x.mx> ha escrito:",
        "Soporte <soporte@x.mx> escribió el lun, 2 mar 2026 a las 10:00:",
        "---- El lun, 02 mar 2026 10:00:00 -0600 soporte@x.mx escribió ----",
        // English.
        "On Mon, Mar 2, 2026 at 10:00 AM Soporte <soporte@x.mx> wrote:",
        "On Monday, March 2, 2026 at 10:00 AM, Soporte wrote:",
        "On Mon, 2026-03-02 at 10:00 -0600, Soporte wrote:",
        "---- On Mon, 02 Mar 2026 10:00:00 -0600 Soporte <soporte@x.mx> wrote ----",
        "On Mon, 02 Mar 2026 10:00:00 -0600 Soporte <soporte@x.mx> wrote",
        "At 2026-03-02 10:00:00, \"Soporte\" <soporte@x.mx> wrote:",
        // The others, from Gmail, Apple Mail or Outlook.
        "Em seg., 2 de mar. de 2026 às 10:00, Soporte <s@x.mx> escreveu:",
        "Missatge de Soporte <s@x.mx> del dia dl., 2 de març 2026 a les 10:00:",
        "O luns, 2 mar 2026 ás 10:00, Soporte <s@x.mx> escribiu:",
        "Le lun. 2 mars 2026 à 10:00, Soporte <s@x.mx> a écrit :",
        "Le 2 mars 2026 à 10:00, Soporte <s@x.mx> a écrit\u{a0}:",
        "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Soporte <s@x.mx>:",
        "Am 02.03.2026 um 10:00 schrieb Soporte:",
        "Soporte <s@x.mx> schrieb am Mo., 2. März 2026, 10:00:",
        "Il giorno lun 2 mar 2026 alle ore 10:00 Soporte <s@x.mx> ha scritto:",
        "In data 2 marzo 2026 10:00:00 Soporte <s@x.mx> ha scritto:",
        "Op ma 2 mrt. 2026 om 10:00 schreef Soporte <s@x.mx>:",
        "Op 2 mrt. 2026 om 10:00 heeft Soporte <s@x.mx> het volgende geschreven:",
        "<s@x.mx> schreef op 2 maart 2026 om 10:00:",
        "Den mån 2 mars 2026 kl 10:00 skrev Soporte <s@x.mx>:",
        "2 mars 2026 kl. 10:00 skrev Soporte <s@x.mx>:",
        "Den 02/03/2026 kl. 10.00 skrev Soporte <s@x.mx>:",
        "man. 2. mars 2026 kl. 10:00 skrev Soporte <s@x.mx>:",
        "ma 2. maalisk. 2026 klo 10.00 Soporte <s@x.mx> kirjoitti:",
        "Soporte <s@x.mx> kirjoitti 2.3.2026 klo 10.00:",
        "Kuupäev E, 2. märts 2026 kell 10:00 kirjutas Soporte <s@x.mx>:",
        "pon., 2 mar 2026 o 10:00 Soporte <s@x.mx> napisał(a):",
        "W dniu 2.03.2026 o 10:00, Soporte pisze:",
        "Dnia 2 marca 2026 10:00 Soporte <s@x.mx> napisał(a):",
        "po 2. 3. 2026 v 10:00 odesílatel Soporte <s@x.mx> napsal:",
        "Dne 2. 3. 2026 v 10:00, Soporte <s@x.mx> napsal(a):",
        "po 2. 3. 2026 o 10:00 Soporte <s@x.mx> napísal(a):",
        "pon, 2. ožu 2026. u 10:00 Soporte <s@x.mx> napisao je:",
        "V V pon., 2. mar. 2026 ob 10:00 je oseba Soporte <s@x.mx> napisala:",
        "Soporte <s@x.mx> ezt írta (időpont: 2026. márc. 2., H, 10:00):",
        "În lun., 2 mar. 2026 la 10:00, Soporte <s@x.mx> a scris:",
        "Soporte <s@x.mx>, 2 Mar 2026 Pzt, 10:00 tarihinde şunu yazdı:",
        "пн, 2 мар. 2026 г. в 10:00, Soporte <s@x.mx>:",
        "2 марта 2026 г., в 10:00, Soporte <s@x.mx> написал(а):",
        "пн, 2 бер. 2026 р. о 10:00 Soporte <s@x.mx> пише:",
        "На пн, 2.03.2026 г. в 10:00 Soporte <s@x.mx> написа:",
        "Στις Δευ 2 Μαρ 2026 στις 10:00 π.μ., ο χρήστης Soporte <s@x.mx> έγραψε:",
        "Soporte <s@x.mx> 于2026年3月2日周一 10:00写道：",
        "在 2026年3月2日，上午10:00，Soporte <s@x.mx> 写道：",
        "2026年3月2日(月) 10:00 Soporte <s@x.mx>:",
        "2026/03/02 10:00、Soporte <s@x.mx>のメッセージ:",
        "2026년 3월 2일 (월) 오전 10:00, Soporte <s@x.mx>님이 작성:",
        "2026. 3. 2. 오전 10:00, Soporte <s@x.mx> 작성:",
        "Vào Th 2, 2 thg 3, 2026 vào lúc 10:00 Soporte <s@x.mx> đã viết:",
        "Pada tanggal Sen, 2 Mar 2026 pukul 10.00 Soporte <s@x.mx> menulis:",
        // Programs that write no verb: mail.ru, old Gmail, Yandex.
        "Monday, 2 March 2026, 10:00 -06:00 from Soporte <s@x.mx>:",
        "Mon, 02 Mar 2026 10:00:00 -0600 от Soporte <s@x.mx>:",
        "2026-03-02 10:00 GMT-06:00 Soporte <s@x.mx>:",
        // Any language, known or not, that puts the day first and the address last.
        "Llun 2 Mar 2026 10:00 Soporte <s@x.mx>:",
        "10:00, 2 de marzo de 2026, \"Soporte\" <s@x.mx>:",
        "02.03.2026, 10:00, \"Soporte\" <s@x.mx>:",
    ] {
        introduces(attribution);
    }
}

#[test]
fn half_an_attribution_counts_above_marks() {
    for attribution in [
        "El 2/3/2026, Soporte escribió:",
        "El lun 2 a las 10:00 Soporte escribió:",
        "On 2026-03-02 10:00:00 Soporte wrote:",
        "2026/3/2 Soporte <s@x.mx>",
    ] {
        introduces_marked(attribution);
        let prose = format!("Ya quedó.\n{attribution}\nno sirve");
        check(&prose, &prose);
    }
}

#[test]
fn attributions_are_found_however_they_are_folded() {
    for attribution in [
        "El lun, 2 mar 2026 a las 10:00, Soporte (<\nsoporte@x.mx>) escribió:",
        "El lun, 2 mar 2026 a las 10:00, Soporte (<soporte@x.mx>)\nescribió:",
        "El lun, 2 mar 2026 a las 10:00, Soporte de\nServicio (<soporte@x.mx>)\nescribió:",
        "El lun, 2 mar 2026\na las 10:00,\nSoporte <soporte@x.mx>\nescribió:",
        "El lun, 2 mar 2026 a las 10:00, Soporte\n<soporte@x.mx> escribió:",
        "2026-03-02 10:00 GMT-06:00 Soporte <\nsoporte@x.mx>:",
        "man. 2. mars 2026 kl. 10:00 skrev Soporte <soporte@x.mx\n>:",
        "On Mon, Mar 2, 2026 at 10:00 AM Soporte <soporte@x.mx\n> wrote:",
        "Soporte <soporte@x.mx> schrieb am Mo., 2. März 2026\num 10:00 Uhr:",
        "*El lun, 2 mar 2026 a las 10:00, Soporte <soporte@x.mx> escribió:*",
        "\u{feff}El 2/3/2026 10:00, \"Soporte\" <soporte@x.mx> escribió:",
    ] {
        introduces(attribution);
    }
}

/// Outlook's block in one language, with each of its words for a label in turn.
fn blocks(language: &Language) -> Vec<String> {
    let pick = |words: &[&str], at: usize| words[at % words.len()].to_owned();
    let longest = [language.from, language.sent, language.to, language.subject]
        .iter()
        .map(|words| words.len())
        .max()
        .unwrap();
    (0..longest)
        .map(|at| {
            format!(
                "{}: Soporte <s@x.mx>\n{}: 2 mar 2026 10:00\n{}: Ana\n{}: RE: x",
                pick(language.from, at),
                pick(language.sent, at),
                pick(language.to, at),
                pick(language.subject, at),
            )
        })
        .collect()
}

#[test]
fn header_blocks_of_all_languages_begin_the_quote() {
    for language in LANGUAGES {
        for block in blocks(language) {
            introduces_block(&block);
            introduces_block(&block.replace(": ", " : "));
            introduces_block(&block.replace(':', "："));
            introduces_block(&format!(
                " *{}",
                block.replace(": ", ":* ").replace('\n', "\n *")
            ));
            introduces_block(&format!("________________________________\n{block}"));
            introduces_block(&format!("=====\n\n{}", block.replace('\n', "\n\n")));
        }
    }
}

/// `Ya quedó.` above a block is all that is new.
fn introduces_block(block: &str) {
    check(&format!("Ya quedó.\n\n{block}\n\nviejo"), "Ya quedó.");
}

#[test]
fn header_blocks_come_in_many_orders_and_in_one_paragraph() {
    for block in [
        // Apple Mail, Yahoo, telephones, Orange, Lotus; two lines that prove themselves.
        "De: Soporte <s@x.mx>\nAsunto: RE: x\nFecha: 2 de marzo de 2026, 10:00:00 CST\nPara: Ana",
        "De: Soporte <s@x.mx>\n Para: Ana\n Enviado: Lunes 2 de marzo de 2026 10:00\n Asunto: x",
        "Fecha: 2 de marzo de 2026 10:00\nDe: Soporte <s@x.mx>",
        "Message du : 02/03/2026 10:00\nDe : \"Soporte\" <s@x.mx>\nA : ana@acme.mx\nCopie à : \nSujet : x",
        "De: Soporte <s@x.mx>\nFecha: 2/3/2026 10:00",
        "Date: Mon, 2 Mar 2026 10:00:00 -0600\nTo: ana@acme.mx",
        "De: Soporte\n<s@x.mx>\nEnviado el: lunes, 2 de marzo de 2026 10:00\nPara: Ana; Beto;\n Carlos\nAsunto: x",
        "De: Soporte <s@x.mx> Enviado el: lunes, 2 de marzo de 2026 10:00 Para: Ana <ana@acme.mx> Asunto: RE: x",
        "*De:* Soporte <s@x.mx> *Enviado el:* lunes, 2 de marzo de 2026 10:00 *Para:* Ana *CC:* Beto *Asunto:* RE: x",
    ] {
        introduces_block(block);
    }
}

#[test]
fn markers_of_all_languages_begin_the_quote() {
    for words in all(quoting::ORIGINAL) {
        let title: String = words
            .char_indices()
            .map(|(at, c)| {
                if at == 0 {
                    c.to_uppercase().to_string()
                } else {
                    c.to_string()
                }
            })
            .collect();
        for marker in [
            format!("-----{title}-----"),
            format!("----- {words} -----"),
            format!("---------- {title} ---------"),
            format!("*-------- {title} --------*"),
            format!("____ {title} ____"),
        ] {
            introduces_block(&marker);
        }
        let prose = format!("Ya quedó.\n{title}\nsin guiones");
        check(&prose, &prose);
    }
    for words in all(quoting::FORWARDED_BY) {
        introduces_block(&format!(
            "----- {words} Ana Ruiz/ACME el 02/03/2026 10:00 -----"
        ));
    }
    for words in all(quoting::FORWARD_BEGINS) {
        introduces_block(&format!("{words}:"));
        let prose = format!("Ya quedó.\n{words}\nsin dos puntos");
        check(&prose, &prose);
    }
}

#[test]
fn everything_below_the_line_of_another_desk_is_cut() {
    for words in all(quoting::REPLY_ABOVE) {
        for line in [
            format!("## - {words} - ##"),
            format!("##- {} -##", words.to_uppercase()),
            format!("-- {words} --"),
            format!("> —-—-— {words}. —-—-—"),
            words.to_owned(),
        ] {
            introduces_block(&line);
        }
        let prose = format!("Ya quedó.\nEl correo dice {words} y no sé qué hacer\n¿Ayuda?");
        check(&prose, &prose);
    }
}

#[test]
fn telephones_of_all_languages_sign() {
    for words in all(signing::SENT_FROM) {
        let phone = format!("{words} iPhone");
        check(&format!("Ya quedó.\n\n{phone}"), "Ya quedó.");
        check(&format!("Ya quedó.\n\n*{phone}*\n"), "Ya quedó.");
    }
    for words in all(signing::ADVERTISED) {
        check(
            &format!("Ya quedó.\n\n{words} iOS <https://aka.ms/x>"),
            "Ya quedó.",
        );
    }
    for line in [
        "Enviado desde mi Samsung Mobile de Telcel",
        "Enviado desde mi smartphone Samsung Galaxy.",
        "Enviado desde mi BlackBerry de Movistar (http://www.movistar.com.mx)",
        "Enviado desde mi dispositivo móvil",
        "Enviado desde Yahoo Mail con Android",
        "Enviado desde Correo para Windows 10",
        "Enviado desde Outlook",
        "Obtener Outlook para Android<https://aka.ms/AAb9ysg>",
        "Sent from Mail for Windows",
        "Sent via the Samsung Galaxy S24, an AT&T 5G smartphone",
        "Sent with Proton Mail secure email.",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "iPhoneから送信",
        "나의 iPhone에서 보냄",
        "发自我的 iPhone",
        "Libre de virus.www.avg.com <http://www.avg.com/x>",
    ] {
        check(&format!("Ya quedó.\n\n{line}\n"), "Ya quedó.");
        let full =
            format!("Ya quedó.\n\n{line}\n\nEl 2/3/26 10:00, \"S\" <s@x.mx> escribió:\n\nviejo");
        assert_eq!(newest(&full, &phrases()), "Ya quedó.", "{full}");
    }
}

#[test]
fn every_table_has_rows_in_spanish_first() {
    for table in [
        quoting::WROTE,
        quoting::ON,
        quoting::ORIGINAL,
        quoting::REPLY_ABOVE,
        signing::SENT_FROM,
        signing::ADVERTISED,
        signing::NOTICE_BEGINS,
        signing::LEGAL,
    ] {
        assert_eq!(table[0].0, "Spanish");
    }
    assert_eq!(LANGUAGES[0].name, "Spanish");
}
