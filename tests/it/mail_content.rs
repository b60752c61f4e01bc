//! What a mail says and carries, however it is packed: charsets, names, parts, old wrappings.

use soported::mail::attachment::safe_name;
use soported::mail::{charset, flowed, header, mime, uuencode};

use super::mail_parse::{read, read_bytes};

fn subject(written: &[u8]) -> String {
    let raw = [b"From: a@acme.mx\r\nSubject: ", written, b"\r\n\r\nx\r\n"].concat();
    read_bytes(&raw).subject
}

#[test]
fn encoded_words_are_read_as_senders_write_them() {
    for (written, wanted) in [
        (
            "=?utf-8?Q?No_enciende_la_m=C3=A1quina?=",
            "No enciende la máquina",
        ),
        ("=?UTF-8?B?w7FhbmTDug==?=", "ñandú"),
        // A character split over two words, and over a fold.
        ("=?utf-8?Q?se=C3?= =?utf-8?Q?=B1al?=", "señal"),
        ("=?utf-8?B?c2XD?=\r\n =?UTF-8?B?sWFs?=", "señal"),
        // Two charsets side by side; a blank between words is none, one beside text is one.
        ("=?iso-8859-1?Q?se=F1?= =?utf-8?Q?al_=C3=B1?=", "señal ñ"),
        ("uno =?utf-8?Q?dos?= tres", "uno dos tres"),
        // In the middle of a word, in quotes, with blanks in it, with a language.
        ("pre=?utf-8?Q?s=C3=AD?=post", "presípost"),
        ("\"=?utf-8?Q?se=C3=B1al?=\"", "\"señal\""),
        ("=?utf-8?Q?con blancos?=", "con blancos"),
        ("=?utf-8*es?Q?se=C3=B1al?=", "señal"),
        // Wrong or unknown charset.
        ("=?us-ascii?Q?se=C3=B1al?=", "señal"),
        ("=?utf-8?Q?se=F1al?=", "señal"),
        ("=?iso-8859-1?Q?se=C3=B1al?=", "señal"),
        ("=?x-nunca?B?c2XDsWFs?=", "señal"),
        ("=?iso-8859-1?Q?=80_5?=", "€ 5"),
        ("=?iso-2022-jp?B?GyRCJUYlOSVIGyhC?=", "テスト"),
        ("=?gb2312?B?1tDOxA==?=", "中文"),
        ("=?ks_c_5601-1987?B?sO24v7W1?=", "고맙도"),
        ("=?utf-7?Q?se+APE-al?=", "señal"),
        // None at all.
        ("=?utf-8?X?x?=", "=?utf-8?X?x?="),
        ("=?utf-8?Q?sin fin", "=?utf-8?Q?sin fin"),
        ("a =? b ?= c", "a =? b ?= c"),
    ] {
        assert_eq!(subject(written.as_bytes()), wanted, "{written}");
    }
    assert_eq!(subject(b"se\xf1al"), "señal");
    assert_eq!(subject("señal".as_bytes()), "señal");
    assert_eq!(subject(b"cortad\xc3"), "cortad\u{fffd}");
}

#[test]
fn names_of_senders_are_decoded_and_never_make_an_address() {
    for (written, name) in [
        ("=?utf-8?Q?Jos=C3?= =?utf-8?Q?=A9?= <ana@acme.mx>", "José"),
        ("\"=?utf-8?Q?Ruiz,_Ana?=\" <ana@acme.mx>", "Ruiz, Ana"),
        ("=?utf-8?Q?Ruiz,_Ana?= <ana@acme.mx>", "Ruiz, Ana"),
        ("Ana =?iso-8859-1?Q?N=FA=F1ez?= <ana@acme.mx>", "Ana Núñez"),
        (
            "=?utf-8?Q?jefe=40banco.mx_=3Cjefe=40banco.mx=3E?= <ana@acme.mx>",
            "jefe@banco.mx <jefe@banco.mx>",
        ),
        ("ana@acme.mx (=?utf-8?Q?Ana_N=C3=BA=C3=B1ez?=)", "Ana Núñez"),
    ] {
        let from = read(&format!("From: {written}\n\nx\n"))
            .from
            .expect(written);
        assert_eq!(
            (from.address.as_str(), from.name.as_str()),
            ("ana@acme.mx", name),
            "{written}"
        );
    }
}

#[test]
fn a_charset_is_what_the_bytes_are_where_the_label_lies() {
    for (declared, bytes, wanted) in [
        ("us-ascii", b"se\xf1al".as_slice(), "señal"),
        ("us-ascii", "señal".as_bytes(), "señal"),
        ("utf-8", b"se\xf1al \x80", "señal €"),
        ("iso-8859-1", "señal".as_bytes(), "señal"),
        ("iso-8859-1", b"\x93se\xf1al\x94", "“señal”"),
        ("unknown-8bit", b"se\xf1al", "señal"),
        ("x-unknown", "señal".as_bytes(), "señal"),
        ("", b"se\xf1al", "señal"),
        ("\"utf-8\"", "ñ".as_bytes(), "ñ"),
        ("utf-8", b"\xef\xbb\xbfhola", "hola"),
        // A gateway's footer under a text in UTF-8.
        (
            "utf-8",
            b"m\xc3\xa1quina se\xc3\xb1al\nAviso de confidenci\xf3n",
            "máquina señal\nAviso de confidención",
        ),
        ("gb2312", b"\xd6\xd0\xce\xc4", "中文"),
        ("euc-kr", "中文 ñ".as_bytes(), "中文 ñ"),
        ("gbk", b"\x81\x40", "丂"),
        ("euc-kr", b"\xb0\xed", "고"),
        ("shift_jis", b"\x83e\x83X\x83g", "テスト"),
        ("iso-2022-jp", b"\x1b$B%F%9%H\x1b(B", "テスト"),
        ("iso-8859-15", b"\xa4", "€"),
        ("windows-1251", b"\xcf\xf0\xe8", "При"),
        ("koi8-r", b"\xf0\xd2\xc9", "При"),
        ("utf-16", b"\xff\xfes\0\xf1\0", "sñ"),
        ("utf-16", b"\xfe\xff\0s\0\xf1", "sñ"),
        ("utf-16", b"s\0e\0", "se"),
        ("utf-16", b"\0s\0e", "se"),
        ("utf-16le", b"s\0\xf1\0", "sñ"),
        ("utf-16be", b"\0s\0\xf1", "sñ"),
        ("utf-16", b"hola, no es", "hola, no es"),
        ("utf-7", b"se+APE-al +- a+AGI", "señal + ab"),
        ("iso-2022-kr", b"hola", "hola"),
    ] {
        assert_eq!(
            charset::charset(bytes, Some(declared)),
            wanted,
            "{declared} {bytes:?}"
        );
    }
    let every: Vec<u8> = (0..=255).collect();
    for declared in [
        "utf-8",
        "utf-16",
        "utf-7",
        "gb2312",
        "iso-2022-jp",
        "hz-gb-2312",
        "x",
        "big5",
    ] {
        assert!(
            !charset::charset(&every, Some(declared)).is_empty(),
            "{declared}"
        );
    }
}

/// The names under which a mail with one attached part lists it.
fn listed(fields: &str) -> Vec<String> {
    let mail = read(&format!(
        "From: a@acme.mx\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhola\n--b\n{fields}\n\nx\n--b--\n"
    ));
    assert_eq!(mail.text, "hola", "{fields}");
    mail.attachments.into_iter().map(|a| a.name).collect()
}

#[test]
fn file_names_are_read_however_they_are_written() {
    let disposition = "Content-Type: application/pdf\nContent-Disposition: attachment";
    for (parameters, wanted) in [
        ("; filename=informe.pdf", "informe.pdf"),
        ("; filename=mi informe.pdf", "mi informe.pdf"),
        ("; filename=\"informe; final.pdf\"", "informe; final.pdf"),
        ("; filename=\"dice \\\"no\\\".pdf\"", "dice _no_.pdf"),
        ("; filename=\"C:\\temp\\informe.pdf\"", "informe.pdf"),
        ("; filename=\"sin fin.pdf", "sin fin.pdf"),
        ("; FileName = \"informe.pdf\" ; size=3", "informe.pdf"),
        ("; filename=\"=?utf-8?Q?se=C3=B1al.pdf?=\"", "señal.pdf"),
        ("; filename==?iso-8859-1?Q?se=F1al.pdf?=", "señal.pdf"),
        (
            "; filename=\"=?utf-8?Q?se=C3?=\n =?utf-8?Q?=B1al.pdf?=\"",
            "señal.pdf",
        ),
        ("; filename*=utf-8''se%C3%B1al.pdf", "señal.pdf"),
        ("; filename*=iso-8859-1'es'se%F1al.pdf", "señal.pdf"),
        ("; filename*0=infor;\n filename*1=me.pdf", "informe.pdf"),
        ("; filename*1=me.pdf; filename*0=infor", "informe.pdf"),
        // A character split over two pieces; only the first says its charset.
        (
            "; filename*0*=utf-8''se%C3;\n filename*1*=%B1al;\n filename*2=\".pdf\"",
            "señal.pdf",
        ),
        (
            "; filename*0=\"=?utf-8?Q?se=C3\"; filename*1=\"=B1al.pdf?=\"",
            "señal.pdf",
        ),
        (
            "; filename=senal.pdf; filename*=utf-8''se%C3%B1al.pdf",
            "señal.pdf",
        ),
        ("; filename*=se%C3%B1al.pdf", "señal.pdf"),
        ("; filename=\"señal.pdf\"", "señal.pdf"),
        ("; filename=\"../../etc/passwd\"", "passwd"),
        ("; filename=\"a\u{202e}fdp.exe\"", "afdp.exe"),
        ("; filename=\"\"", "part-1.pdf"),
        ("", "part-1.pdf"),
        ("; =; ;;; filename", "part-1.pdf"),
    ] {
        assert_eq!(
            listed(&format!("{disposition}{parameters}")),
            [wanted],
            "{parameters}"
        );
    }
    for (fields, wanted) in [
        ("Content-Type: application/pdf; name=\"a.pdf\"", "a.pdf"),
        (
            "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; filename=b.pdf",
            "b.pdf",
        ),
        (
            "Content-Type: application/pdf; name=\"a.pdf\"\nContent-Disposition: attachment; filename=\"\"",
            "a.pdf",
        ),
        ("Content-Type: application/pdf name=a.pdf", "a.pdf"),
        ("Content-Type: image/png", "part-1.png"),
        ("Content-Type: application/x-nada", "part-1.bin"),
        (
            "Content-Type: message/rfc822\n\nFrom: x@y.mx\nSubject: =?utf-8?Q?uno/dos_=C3=B1?=",
            "uno_dos ñ.eml",
        ),
        ("Content-Type: message/rfc822\n\nFrom: x@y.mx", "part-1.eml"),
    ] {
        assert_eq!(listed(fields), [wanted], "{fields}");
    }
    assert_eq!(safe_name("a\0b\nc"), "ab c");
}

#[test]
fn attachments_carry_the_hash_of_their_decoded_bytes() {
    let part = |encoding: &str, body: &str| {
        let mail = read(&format!(
            "From: a@acme.mx\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nhola\n--b\n\
             Content-Type: image/png\nContent-Transfer-Encoding: {encoding}\n\n{body}\n--b--\n"
        ));
        (mail.attachments[0].sha256.clone(), mail.attachments[0].size)
    };
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (encoding, body) in [
        ("base64", "YWJj"),
        ("base64", "Y\nW!Jj"),
        ("quoted-printable", "a=62c"),
        ("7bit", "abc"),
    ] {
        assert_eq!(part(encoding, body), (abc.to_owned(), 3), "{body}");
    }
}

/// A mail made of parts, each with its fields, an empty line and its content.
fn mixed(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--b\n{part}\n")).collect();
    format!("From: a@acme.mx\nContent-Type: multipart/{kind}; boundary=b\n\n{parts}--b--\n")
}

const PLAIN: &str = "Content-Type: text/plain\n\nuno";
const MORE: &str = "Content-Type: text/plain\n\ndos";
const HTML: &str = "Content-Type: text/html\n\n<p>tres</p>";
const PDF: &str = "Content-Type: application/pdf; name=a.pdf\n\nx";

#[test]
fn the_text_is_put_together_of_the_right_parts() {
    for (raw, text, files) in [
        (mixed("mixed", &[PLAIN, MORE]), "uno\ndos", 0),
        // Apple Mail: words, a file, words.
        (
            mixed(
                "mixed",
                &[
                    PLAIN,
                    "Content-Type: application/pdf\nContent-Disposition: inline; filename=a.pdf\n\nx",
                    MORE,
                ],
            ),
            "uno\ndos",
            1,
        ),
        (mixed("mixed", &[PLAIN, HTML]), "uno\ntres", 0),
        (mixed("alternative", &[PLAIN, HTML]), "uno", 0),
        (mixed("alternative", &[HTML, PLAIN]), "uno", 0),
        (
            mixed("alternative", &["Content-Type: text/plain\n\n", HTML]),
            "tres",
            0,
        ),
        (mixed("related", &[HTML, PDF]), "tres", 1),
        (
            mixed(
                "mixed",
                &[PLAIN, "Content-Type: text/plain; name=registro.txt\n\nfila"],
            ),
            "uno",
            1,
        ),
        (
            mixed(
                "mixed",
                &[
                    PLAIN,
                    "Content-Type: text/plain\nContent-Disposition: attachment\n\nfila",
                ],
            ),
            "uno",
            1,
        ),
        // Forms of the text that nobody reads are no files; alone they are the text.
        (
            mixed(
                "alternative",
                &[
                    PLAIN,
                    "Content-Type: text/x-amp-html\n\n<html amp4email>",
                    HTML,
                ],
            ),
            "uno",
            0,
        ),
        (
            mixed("alternative", &["Content-Type: text/enriched\n\nrico"]),
            "rico",
            0,
        ),
        // Signatures and what machines tell machines are no files.
        (
            mixed(
                "signed",
                &[
                    PLAIN,
                    "Content-Type: application/pgp-signature; name=signature.asc\n\nx",
                ],
            ),
            "uno",
            0,
        ),
        (
            mixed(
                "signed",
                &[
                    PLAIN,
                    "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx",
                ],
            ),
            "uno",
            0,
        ),
        (
            mixed(
                "mixed",
                &[
                    PLAIN,
                    "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx",
                ],
            ),
            "uno",
            1,
        ),
        (
            mixed(
                "report",
                &[
                    PLAIN,
                    "Content-Type: message/delivery-status\n\nAction: failed",
                ],
            ),
            "uno",
            0,
        ),
        (
            mixed(
                "mixed",
                &[PLAIN, "Content-Type: message/rfc822\n\nSubject: x\n\najeno"],
            ),
            "uno",
            1,
        ),
        (mixed("digest", &["\nSubject: x\n\najeno"]), "", 1),
        (
            mixed("alternative", &[PLAIN, "Content-Type: text/calendar\n\nx"]),
            "uno",
            1,
        ),
        (
            mixed(
                "alternative",
                &[
                    PLAIN,
                    "Content-Type: text/calendar\n\nx",
                    "Content-Type: application/ics; name=a.ics\n\nx",
                ],
            ),
            "uno",
            1,
        ),
        (mixed("mixed", &[]), "", 0),
        (mixed("mixed", &["\nhola"]), "hola", 0),
        (mixed("mixed", &["hola sin campos"]), "hola sin campos", 0),
    ] {
        let mail = read(&raw);
        assert_eq!(
            (mail.text.as_str(), mail.attachments.len()),
            (text, files),
            "{raw}"
        );
    }
    // An alternative one form of which is mixed with a file (Apple Mail).
    let inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\nContent-Type: text/html\n\n<p>tres</p>\n--c\n\
                 Content-Type: application/pdf; name=a.pdf\n\nx\n--c\nContent-Type: text/html\n\n<p>cuatro</p>\n--c--";
    let mail = read(&mixed("alternative", &[PLAIN, inner]));
    assert_eq!((mail.text.as_str(), mail.attachments.len()), ("uno", 1));
    let mail = read(&mixed("alternative", &[inner]));
    assert_eq!(
        (mail.text.as_str(), mail.attachments.len()),
        ("tres\ncuatro", 1)
    );
}

#[test]
fn inline_images_are_those_that_the_html_shows() {
    let image =
        |id: &str| format!("Content-Type: image/png; name={id}.png\nContent-ID: <{id}@x>\n\nx");
    let html = "Content-Type: text/html\n\n<p>Vea</p><img src=\"cid:uno@x\"><img src='cid:dos@x'>";
    let mail = read(&mixed(
        "related",
        &[html, &image("uno"), &image("dos"), &image("tres")],
    ));
    let inline: Vec<bool> = mail.attachments.iter().map(|a| a.inline).collect();
    assert_eq!(inline, [true, true, false]);
}

#[test]
fn boundaries_are_whole_lines_and_may_be_missing() {
    let head =
        |boundary: &str| format!("From: a@acme.mx\nContent-Type: multipart/mixed; {boundary}\n\n");
    for (raw, text, files) in [
        // No end, no end of the last part, the end too soon.
        (head("boundary=b") + "--b\n\nhola", "hola", 0),
        (
            head("boundary=b") + "--b\n\nhola\n--b\nContent-Type: application/pdf; name=a.pdf\n",
            "hola",
            1,
        ),
        (
            head("boundary=b") + "--b--\nhola\n--b\n\nadiós\n",
            "adiós",
            0,
        ),
        (head("boundary=b") + "--b--\nhola\n", "hola", 0),
        (
            head("boundary=b") + "antes\n--b\n\nhola\n--b--\ndespués\n",
            "hola",
            0,
        ),
        // One begins as another does; one in the middle of a line is none; blanks around.
        (
            head("boundary=b") + "--b\n\nhola\n--bb\nadiós\n--b--\n",
            "hola\n--bb\nadiós",
            0,
        ),
        (
            head("boundary=b") + "--b\n\nhola --b adiós\n--b--\n",
            "hola --b adiós",
            0,
        ),
        (
            head("boundary=b") + "--b  \n\nhola\n --b\n\nadiós\n--b--\t\n",
            "hola\nadiós",
            0,
        ),
        (
            head("boundary=\"a b'()+_,-./:=?\"")
                + "--a b'()+_,-./:=?\n\nhola\n--a b'()+_,-./:=?--\n",
            "hola",
            0,
        ),
        // None named.
        (head("") + "--b\n\nhola\n--b--\n", "hola", 0),
        (head("boundary=\"\"") + "--b\n\nhola\n--b--\n", "hola", 0),
    ] {
        let mail = read(&raw);
        assert_eq!(
            (mail.text.trim(), mail.attachments.len()),
            (text, files),
            "{raw}"
        );
    }
    // Two levels with one boundary: the end of the inner one leaves the outer one open.
    let same = read(
        "From: a@acme.mx\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nuno\n--b--\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--\n",
    );
    assert_eq!((same.text.as_str(), same.attachments.len()), ("uno", 1));
}

#[test]
fn odd_headers_hide_neither_fields_nor_words() {
    for (raw, subject, text) in [
        (
            "From: a@acme.mx\nuna línea suelta\nSubject: x\n\nhola\n",
            "x",
            "hola",
        ),
        (
            "From: a@acme.mx\nSubject: x\nhola\nsin línea vacía\n",
            "x",
            "hola\nsin línea vacía",
        ),
        (
            "From: a@acme.mx\nSubject: x\n\tdoblado\n  dos veces\n\nhola\n",
            "x doblado dos veces",
            "hola",
        ),
        ("From: a@acme.mx\nSubject:\n\nhola\n", "", "hola"),
        ("From: a@acme.mx\nSubject:x\n\nhola\n", "x", "hola"),
        ("From: a@acme.mx\nSubject : x\n\nhola\n", "x", "hola"),
        (
            "From a@acme.mx Mon Mar  2 10:00:00 2026\nFrom: a@acme.mx\nSubject: x\n\nhola\n",
            "x",
            "hola",
        ),
        (
            ">From: otro\nFrom: a@acme.mx\nSubject: x\n\nhola\n",
            "x",
            "hola",
        ),
        (
            "From: a@acme.mx\nSubject: x\nContent-Type: text/plain\nContent-Type: text/html\n\n<hola\n",
            "x",
            "<hola",
        ),
        (
            "From: a@acme.mx\nSubject: x\nContent-Type: html\n\n<p>hola</p>\n",
            "x",
            "hola",
        ),
        (
            "From: a@acme.mx\nSubject: x\nContent-Transfer-Encoding: base64\nContent-Type: text/plain\n\n¡aG9s\nYQ==\nYQ\n",
            "x",
            "holaa",
        ),
        (
            "From: a@acme.mx\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\nho=6C=\n",
            "x",
            "hol",
        ),
        (
            "From: a@acme.mx\nSubject: x\nContent-Transfer-Encoding: quoted-printable\n\nhola=",
            "x",
            "hola",
        ),
    ] {
        let mail = read(raw);
        assert_eq!(mail.from.expect(raw).address.as_str(), "a@acme.mx");
        assert_eq!(
            (mail.subject.as_str(), mail.text.trim()),
            (subject, text),
            "{raw}"
        );
    }
    let (headers, length) = header::Headers::read(b"A: 1\r\nB: 2\r\n\r\nhola");
    assert_eq!((headers.len(), length), (2, 14));
}

#[test]
fn broken_lines_are_joined_as_the_sender_meant_them() {
    for (written, deletes, wanted) in [
        ("una \nlínea\notra\n", false, "una línea\notra\n"),
        ("u \nna\n", true, "una\n"),
        ("una \n\notra\n", false, "una\n\notra\n"),
        (
            " >no es cita\n From aquí\n",
            false,
            ">no es cita\nFrom aquí\n",
        ),
        (
            "> cita \n> larga\nrespuesta\n",
            false,
            "> cita larga\nrespuesta\n",
        ),
        (">> dos \n> uno\n", false, ">> dos\n> uno\n"),
        ("texto \n-- \nAna\n", false, "texto\n-- \nAna\n"),
        ("", false, ""),
        ("sin fin ", false, "sin fin "),
    ] {
        assert_eq!(flowed::join(written, deletes), wanted, "{written:?}");
    }
    let mail = read(
        "From: a@acme.mx\nContent-Type: text/plain; format=flowed; delsp=yes\n\nuna  \nlínea\n",
    );
    assert_eq!(mail.text, "una línea");
}

#[test]
fn files_within_text_are_taken_out() {
    let file = "begin 644 datos.txt\n#0V%T\n`\nend\n";
    let mail = read(&format!("From: a@acme.mx\n\nAdjunto:\n{file}Gracias\n"));
    assert_eq!(mail.full_text, "Adjunto:\nGracias\n");
    let file = &mail.attachments[0];
    assert_eq!(
        (file.name.as_str(), file.size, mail.attachments.len()),
        ("datos.txt", 3, 1)
    );
    for (text, wanted) in [
        ("begin 644 x\nno son datos de ningún archivo\n", None),
        ("begin 644 x\n", None),
        ("begin the beguine\n", None),
        ("> begin 644 x\n> #0V%T\n", None),
        // Cut off before its end.
        ("begin 644 x\n#0V%T\n", Some("Cat")),
        ("begin 0644 a b.txt\n#0V%T\n \nend\n", Some("Cat")),
    ] {
        let taken = uuencode::take(text)
            .map(|(_, files)| String::from_utf8(files[0].bytes.clone()).unwrap());
        assert_eq!(taken.as_deref(), wanted, "{text}");
    }
}

/// An attribute of `winmail.dat`.
fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let sum = data
        .iter()
        .fold(0u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let length = u32::try_from(data.len()).unwrap();
    [
        &[level][..],
        &id.to_le_bytes(),
        &length.to_le_bytes(),
        data,
        &sum.to_le_bytes(),
    ]
    .concat()
}

/// A property of one value of variable size.
fn property(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    let padding = vec![0; value.len().next_multiple_of(4) - value.len()];
    [
        &kind.to_le_bytes()[..],
        &id.to_le_bytes(),
        &1u32.to_le_bytes(),
        &length.to_le_bytes(),
        value,
        &padding,
    ]
    .concat()
}

fn properties(all: &[Vec<u8>]) -> Vec<u8> {
    let count = u32::try_from(all.len()).unwrap();
    [count.to_le_bytes().to_vec(), all.concat()].concat()
}

/// `winmail.dat` with this text, and a file.
fn tnef(text: &[Vec<u8>]) -> Vec<u8> {
    let named = [
        &0x1fu16.to_le_bytes()[..],
        &0x8001u16.to_le_bytes(),
        &[7; 16],
        &1u32.to_le_bytes(),
        &4u32.to_le_bytes(),
        b"n\0\0\0",
        &1u32.to_le_bytes(),
        &2u32.to_le_bytes(),
        b"x\0\0\0",
    ]
    .concat();
    let number = [
        &3u16.to_le_bytes()[..],
        &0x0e07u16.to_le_bytes(),
        &1u32.to_le_bytes(),
    ]
    .concat();
    let message = properties(&[&[number, named], text].concat());
    let long: Vec<u8> = "señal.pdf\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    [
        &0x223e_9f78u32.to_le_bytes()[..],
        &[1, 0],
        &attribute(1, 0x0006_9007, &[0xe4, 4, 0, 0, 0, 0, 0, 0]),
        &attribute(1, 0x0006_9003, &message),
        &attribute(2, 0x0006_9002, &[0; 14]),
        &attribute(2, 0x0001_8010, b"SEAL~1.PDF\0"),
        &attribute(2, 0x0006_800f, b"%PDF"),
        &attribute(
            2,
            0x0006_9005,
            &properties(&[
                property(0x1f, 0x3707, &long),
                property(0x1e, 0x370e, b"application/pdf\0"),
            ]),
        ),
    ]
    .concat()
}

fn with_winmail(text: &str, packed: &[u8]) -> Vec<u8> {
    let text = match text {
        "" => String::new(),
        text => format!("--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"),
    };
    format!(
        "From: a@acme.mx\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{text}--b\r\n\
         Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        data_encoding::BASE64.encode(packed)
    )
    .into_bytes()
}

/// A mail that Outlook packed for another Outlook.
pub fn winmail() -> Vec<u8> {
    let html = property(
        0x102,
        0x1013,
        "<p>Se\u{f1}al</p>"
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<u8>>()
            .as_slice(),
    );
    with_winmail("", &tnef(&[html]))
}

#[test]
fn what_outlook_packs_for_outlook_is_read_or_told() {
    let mail = read_bytes(&winmail());
    assert_eq!(mail.text, "Señal");
    let files: Vec<(&str, &str, u64)> = mail
        .attachments
        .iter()
        .map(|a| (a.name.as_str(), a.media_type.as_str(), a.size))
        .collect();
    assert_eq!(files, [("señal.pdf", "application/pdf", 4)]);

    let plain = tnef(&[property(0x1e, 0x1000, b"se\xf1al\0")]);
    assert_eq!(read_bytes(&with_winmail("", &plain)).text, "señal");
    // Its own text counts where there is one.
    assert_eq!(read_bytes(&with_winmail("hola", &plain)).text, "hola");

    let told = "[winmail.dat no se pudo leer]";
    let rich = tnef(&[property(0x102, 0x1009, b"LZFu")]);
    let mail = read_bytes(&with_winmail("", &rich));
    assert_eq!((mail.text.as_str(), mail.attachments.len()), (told, 1));
    let mail = read_bytes(&with_winmail("", b"no es nada"));
    assert_eq!(
        (mail.text.as_str(), mail.attachments[0].name.as_str()),
        (told, "winmail.dat")
    );
    assert_eq!(
        read_bytes(&with_winmail("hola", b"no es nada")).text,
        "hola"
    );
    for length in 0..plain.len() {
        let _ = read_bytes(&with_winmail("", &plain[..length]));
    }
}

/// A value of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82][..], &length, content].concat()
}

/// A value of BER whose end is marked.
fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, 0x80][..], content, &[0, 0]].concat()
}

const SIGNED: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const ENVELOPED: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3];
const DATA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];

fn cms(kind: &[u8], wrap: fn(u8, &[u8]) -> Vec<u8>, octets: &[u8]) -> Vec<u8> {
    let content = wrap(0x30, &[DATA, &wrap(0xa0, octets)].concat());
    let signed = wrap(0x30, &[&[2, 1, 1][..], &der(0x31, b"x"), &content].concat());
    wrap(0x30, &[kind, &wrap(0xa0, &signed)].concat())
}

fn smime(content: &[u8]) -> Vec<u8> {
    format!(
        "From: a@acme.mx\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        data_encoding::BASE64.encode(content)
    )
    .into_bytes()
}

const INNER: &[u8] = b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nse\xc3\xb1al\r\n\
--i\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nx\r\n--i--\r\n";

/// A mail within an opaque signature.
pub fn opaque() -> Vec<u8> {
    smime(&cms(SIGNED, der, &der(4, INNER)))
}

#[test]
fn a_mail_within_a_signature_is_read_and_an_encrypted_one_is_known() {
    let (first, second) = INNER.split_at(40);
    let pieces = ber(0x24, &[der(4, first), der(4, second)].concat());
    for raw in [
        opaque(),
        smime(&cms(SIGNED, ber, &pieces)),
        smime(&cms(SIGNED, der, &pieces)),
    ] {
        let mail = read_bytes(&raw);
        assert_eq!((mail.text.as_str(), mail.marks.encrypted), ("señal", false));
        assert_eq!(mail.attachments[0].name, "a.pdf");
    }
    let octets = der(4, INNER);
    for content in [
        cms(ENVELOPED, der, &octets),
        b"x".to_vec(),
        Vec::new(),
        cms(SIGNED, der, b""),
    ] {
        let mail = read_bytes(&smime(&content));
        assert_eq!((mail.text.as_str(), mail.marks.encrypted), ("", true));
        assert_eq!(mail.attachments[0].name, "smime.p7m");
    }
    let whole = cms(SIGNED, der, &octets);
    for length in 0..whole.len() {
        let _ = read_bytes(&smime(&whole[..length]));
    }
}

#[test]
fn a_mail_is_cut_into_parts_within_bounds() {
    let flat = |parts: usize| {
        let parts = "--b\r\n\r\nx\r\n".repeat(parts);
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n")
    };
    assert!(!mime::cut(flat(mime::PARTS_MAX - 1).as_bytes()).is_too_complex);
    assert!(mime::cut(flat(mime::PARTS_MAX).as_bytes()).is_too_complex);
    let deep = |levels: usize| -> String {
        let level =
            |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
        (0..levels).map(level).collect::<String>() + "\r\nhola\r\n"
    };
    assert!(!mime::cut(deep(mime::NESTING_MAX).as_bytes()).is_too_complex);
    assert!(mime::cut(deep(mime::NESTING_MAX + 1).as_bytes()).is_too_complex);
}

#[test]
fn a_megabyte_of_anything_takes_a_mail_no_longer_than_its_bytes() {
    let fill = |piece: &str| piece.repeat(1024 * 1024 / piece.len());
    let head = "From: a@acme.mx\r\nContent-Type: ";
    for (name, raw) in [
        // Each boundary was once looked for to the end of the mail.
        (
            "boundaries that never come",
            format!(
                "{head}multipart/mixed; boundary=b\r\n\r\n{}",
                fill("--b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n")
            ),
        ),
        (
            "boundaries nobody named",
            format!(
                "{head}multipart/mixed\r\n\r\n{}",
                fill("--b\r\nContent-Type: multipart/mixed\r\n\r\n")
            ),
        ),
        (
            "boundaries",
            format!("{head}multipart/mixed; boundary=b\r\n\r\n{}", fill("--b\n")),
        ),
        (
            "almost boundaries",
            format!(
                "{head}multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{}",
                fill("--bb\n")
            ),
        ),
        (
            "nesting",
            (0..10_000)
                .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"))
                .collect(),
        ),
        (
            "fields",
            format!("From: a@acme.mx\r\n{}\r\nhola", fill("A:\n")),
        ),
        (
            "lines that are no fields",
            format!("From: a@acme.mx\r\n{}", fill("a\n")),
        ),
        (
            "fields without an end",
            format!("From: a@acme.mx\r\n{}", fill("a: b\nc\n")),
        ),
        (
            "folds",
            format!("From: a@acme.mx\r\nSubject: x\r\n{}\r\nhola", fill(" a\n")),
        ),
        (
            "encoded words",
            format!(
                "Subject: {}\r\nFrom: a@acme.mx\r\n\r\nx",
                fill("=?utf-8?Q?=C3?= ")
            ),
        ),
        (
            "beginnings of words",
            format!("From: {} ?=\r\n\r\nx", fill("=?")),
        ),
        (
            "words in addresses",
            format!(
                "From: a@acme.mx\r\nTo: {}\r\n\r\nx",
                fill("=?utf-8?B?w7E=?= <a@b.mx>,")
            ),
        ),
        (
            "parameters",
            format!("{head}text/plain{}\r\n\r\nx", fill("; a*1*=%41")),
        ),
        (
            "references",
            format!(
                "From: a@acme.mx\r\nReferences: {}\r\n\r\nx",
                fill("<a@b.mx> ")
            ),
        ),
        (
            "beginnings of files",
            format!("{head}text/plain\r\n\r\n{}", fill("begin 644 x\n")),
        ),
        (
            "files",
            format!("{head}text/plain\r\n\r\n{}", fill("begin 644 x\n#0V%T\n")),
        ),
        (
            "broken lines",
            format!(
                "{head}text/plain; format=flowed; delsp=yes\r\n\r\n{}",
                fill("> a \n")
            ),
        ),
        (
            "signs of other charsets",
            format!("{head}text/plain; charset=utf-7\r\n\r\n{}", fill("+A")),
        ),
        (
            "padding",
            format!(
                "{head}text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                fill("A=")
            ),
        ),
        (
            "images",
            format!("{head}text/html\r\n\r\n{}", fill("<img src=cid:")),
        ),
    ] {
        let begun = std::time::Instant::now();
        let mail = read_bytes(raw.as_bytes());
        let took = begun.elapsed();
        assert!(took < std::time::Duration::from_secs(8), "{name}: {took:?}");
        assert!(mail.attachments.len() <= mime::PARTS_MAX, "{name}");
        println!("{name}: {took:?}");
    }
}
