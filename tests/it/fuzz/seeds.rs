//! Mails to damage: our own, written for the purpose or built, and those of the corpora.

use std::path::{Path, PathBuf};

use crate::corpus;
use crate::mail_content::{opaque, winmail};
use crate::world::mails::Mail;

/// Biggest mail taken as a seed; what makes a mail bigger is its attachments.
const SEED_MAX_BYTES: usize = 256 * 1024;

/// Every seed at hand.
pub fn all() -> Vec<Vec<u8>> {
    let mut seeds = own();
    let corpora = corpus::cases().unwrap_or_default();
    seeds.extend(corpora.into_iter().map(|case| case.raw));
    seeds.retain(|seed| !seed.is_empty() && seed.len() <= SEED_MAX_BYTES);
    seeds
}

/// Those that lie in the project or are built here.
pub fn own() -> Vec<Vec<u8>> {
    let mut seeds = built();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/eml")];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "eml") {
                seeds.push(std::fs::read(&path).unwrap());
            }
        }
    }
    seeds
}

fn built() -> Vec<Vec<u8>> {
    let mail = || {
        Mail::from("ana@acme.mx")
            .name("Ana Núñez")
            .subject("Falla en la póliza")
    };
    let text = "Buenos días:\n\nno timbra.\n\n-- \nAna\n\nEl lun, 2 mar 2026, Soporte escribió:\n> Ref: GS-1\n";
    let html = "<p>Buenos <b>días</b></p><blockquote type=cite>viejo</blockquote>";
    let mut seeds = vec![
        mail().text(text).build(),
        mail().text(text).html(html).build(),
        mail()
            .text(text)
            .html(html)
            .attachment("a.pdf", "application/pdf", 900)
            .build(),
        REPORT.as_bytes().to_vec(),
        OUTLOOK.as_bytes().to_vec(),
        JUDGED.as_bytes().to_vec(),
        ODD.as_bytes().to_vec(),
    ];
    seeds.push(opaque());
    seeds.push(winmail());
    seeds
}

const REPORT: &str = "From: MAILER-DAEMON@mx.acme.mx\r\nReturn-Path: <>\r\nSubject: No se pudo entregar\r\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nNo se pudo entregar.\r\n--b\r\n\
Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.mx\r\n\r\nFinal-Recipient: rfc822; ana@acme.mx\r\n\
Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n no existe\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
Message-ID: <uno@servicio.mx>\r\nSubject: x\r\n\r\nhola\r\n--b--\r\n";

const OUTLOOK: &str = "From: \"Ruiz, Ana\" <ana@acme.mx>\r\nTo: soporte@servicio.mx\r\nSubject: RE: [GS-1] x\r\n\
References: <a@x> <b@y>\r\nIn-Reply-To: <b@y>\r\nContent-Type: text/plain; charset=\"iso-8859-1\"\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\r\nYa qued=F3.\r\n\r\nDe: Soporte <soporte@servicio.mx>\r\n\
Enviado el: lunes, 2 de marzo de 2026 10:00\r\nPara: Ana\r\nAsunto: x\r\n\r\nviejo\r\n-----Mensaje original-----\r\nm=E1s viejo\r\n";

const JUDGED: &str = "Authentication-Results: mx.servicio.mx; dmarc=pass (p=reject) header.from=acme.mx;\r\n\
\tdkim=pass header.d=acme.mx header.s=s1; spf=softfail smtp.mailfrom=\"a b\"@acme.mx\r\n\
Received: from a by mx.servicio.mx; Mon, 2 Mar 2026 10:00:00 -0600\r\nAuthentication-Results: otro; none\r\n\
From: ana@acme.mx\r\nAuto-Submitted: auto-replied (x)\r\nList-Id: <x.y>\r\n\r\nhola\r\n";

const ODD: &str = "From: =?utf-8?Q?Ana_N=C3=BA?= =?utf-8?Q?=C3=B1ez?= <ana@acme.mx>\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/alternative; boundary=bb\r\n\r\n--bb\r\n\
Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\nuna \r\nl\u{ed}nea\r\nbegin 644 x.txt\r\n#0V%T\r\n`\r\nend\r\n--bb\r\n\
Content-Type: text/html\r\n\r\n<p>una <img src=cid:x></p>\r\n--bb\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n\
BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDTSTART:20260302T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--bb--\r\n--b\r\n\
Content-Type: image/png; name*0*=utf-8''se%C3; name*1*=%B1al.png\r\nContent-ID: <x>\r\n\
Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n--b--\r\n";
