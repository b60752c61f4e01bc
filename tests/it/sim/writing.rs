//! How the people's mails look: each carries a word of its own, by which it is found again.

use chrono::{DateTime, Utc};
use mail_parser::MessageParser;

use super::people::{Sort, UNLISTED, Words};
use super::transport::Accepted;
use crate::world::mails::Mail;
use crate::world::reports::DeliveryReport;

/// A mail about to be posted.
#[derive(Debug, Clone)]
pub struct Written {
    pub sort: Sort,
    pub id: String,
    pub from: String,
    pub raw: Vec<u8>,
    pub marker: String,
}

impl Written {
    fn of(sort: Sort, from: &str, marker: String, mail: &Mail) -> Written {
        Written {
            sort,
            id: mail.id(),
            from: from.to_owned(),
            raw: mail.build(),
            marker,
        }
    }
}

/// What somebody's program makes of a mail of ours.
#[derive(Debug, Clone)]
pub struct Reading {
    id: String,
    reply_to: String,
    subject: String,
    text: String,
}

impl Reading {
    pub fn of(mail: &Accepted) -> Reading {
        let parsed = MessageParser::new()
            .parse(&mail.raw)
            .expect("a mail of ours");
        let reply_to = parsed.reply_to().or(parsed.from());
        Reading {
            id: mail.seen_id.clone(),
            reply_to: reply_to
                .and_then(|a| a.first())
                .and_then(|a| a.address())
                .expect("a mail of ours says where answers go")
                .to_owned(),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).unwrap_or_default().into_owned(),
        }
    }

    /// An answer to it, with the words above the quoted mail.
    fn answered(&self, from: &str, words: &str, number: usize, at: DateTime<Utc>) -> Mail {
        let quoted: Vec<String> = self.text.lines().map(|line| format!("> {line}")).collect();
        let text = format!(
            "{words}\nEl mar, 24 nov 2026 a las 10:00, Soporte Grupo Staff\n<soporte@grupostaff.com> escribió:\n\n{}\n",
            quoted.join("\n")
        );
        let subject = self.subject.trim_start_matches("RE: ");
        Mail::from(from)
            .to(&self.reply_to)
            .subject(&format!("RE: {subject}"))
            .message_id(&id(number, from))
            .in_reply_to(&self.id)
            .date(&at.to_rfc2822())
            .text(&text)
    }
}

fn id(number: usize, from: &str) -> String {
    let (_, domain) = from.rsplit_once('@').expect("an address");
    format!("correo-{number}@{domain}")
}

/// A request for help.
pub fn opening(from: &str, sort: Sort, form: usize, at: DateTime<Utc>, number: usize) -> Written {
    let marker = format!("PETICION{number}X");
    let subject = match form {
        1 => format!("[alta] Falla {number} en la nómina"),
        2 => format!("[crítica] No hay servicio, caso {number}"),
        3 => format!("[baja] Duda {number} de un reporte"),
        _ => format!("Caso {number}: la póliza no cuadra"),
    };
    let mut mail = Mail::from(from)
        .subject(&subject)
        .message_id(&id(number, from))
        .date(&at.to_rfc2822())
        .text(&format!(
            "Buenos días:\n\nDesde ayer falla, {marker}.\n\nSaludos.\n"
        ));
    mail = match form {
        0 => mail.header("X-Auto-Response-Suppress", "All"),
        4 => mail.cc(UNLISTED[usize::from(from.ends_with("beta.example"))]),
        _ => mail,
    };
    Written::of(sort, from, marker, &mail)
}

/// The client's side answers.
pub fn reply(
    reading: &Reading,
    from: &str,
    words: usize,
    at: DateTime<Utc>,
    number: usize,
) -> Written {
    let marker = format!("RESPUESTA{number}X");
    let words = match words {
        0 => format!("Gracias.\n\n{marker}\n"),
        1 => format!("Validado, pueden cerrar.\n\n{marker}\n"),
        _ => format!("Sigue igual desde la mañana: {marker}. ¿Qué más necesitan?\n"),
    };
    let sort = if from.ends_with("@despacho.example") {
        Sort::ThirdParty
    } else {
        Sort::Reply
    };
    let mail = reading.answered(from, &words, number, at);
    Written::of(sort, from, marker, &mail)
}

/// A consultant answers a notice. `borrowed`: it was a colleague's.
pub fn answer(
    reading: &Reading,
    from: &str,
    form: usize,
    borrowed: bool,
    at: DateTime<Utc>,
    number: usize,
) -> Written {
    let marker = format!("PALABRA{number}X");
    let (commands, words, kind) = match form {
        0..=39 => (
            "",
            "Ya lo revisamos, pueden intentar de nuevo.",
            Words::Plain,
        ),
        40..=55 => (
            "#espera cliente\n",
            "¿Nos confirma la versión?",
            Words::Commanded,
        ),
        56..=65 => ("#resuelto\n", "Quedó corregido.", Words::Commanded),
        66..=69 => (
            "#en-proceso\n#tiempo 2h pruebas\n",
            "Seguimos trabajando.",
            Words::Commanded,
        ),
        70 => (
            "#prioridad alta\n",
            "Lo tomamos con prioridad.",
            Words::Commanded,
        ),
        71..=72 => (
            "#presupuesto +2h más pruebas\n",
            "Hace falta más tiempo.",
            Words::Commanded,
        ),
        73..=75 => (
            "#cerrar cancelado ya no se requiere\n",
            "Se cierra.",
            Words::Commanded,
        ),
        76..=78 => ("#reabrir\n", "Lo retomamos.", Words::Commanded),
        79..=89 => ("#nota\n", "No decir al cliente.", Words::Inside),
        90..=95 => ("#espra cliente\n", "¿Nos confirma?", Words::Inside),
        _ => ("", "Va el archivo.", Words::Plain),
    };
    let text = format!("{commands}{words} {marker}\n");
    let mut mail = reading.answered(from, &text, number, at);
    if form >= 96 {
        mail = mail.attachment("prueba.pdf", "application/pdf", 300);
    }
    let kind = if borrowed { Words::Inside } else { kind };
    Written::of(Sort::Consultant(kind), from, marker, &mail)
}

/// Mails of nobody in particular.
pub fn other(sort: Sort, who: usize, at: DateTime<Utc>, number: usize) -> Written {
    let from = match sort {
        Sort::Stranger => "alguien@desconocido.example",
        Sort::Newsletter => "boletin@noticias.example",
        Sort::Unlisted => UNLISTED[who],
        _ => super::people::AUTHORIZERS[who],
    };
    let marker = format!("OTRO{number}X");
    let mail = Mail::from(from)
        .subject(&format!("Asunto {number}"))
        .message_id(&id(number, from))
        .date(&at.to_rfc2822())
        .text(&format!("Buenas tardes, {marker}.\n"));
    let mail = match sort {
        Sort::Forged => mail.forged(),
        Sort::Unauthenticated => mail.without_verdict(),
        Sort::Newsletter => mail
            .header("List-Id", "<boletin.noticias.example>")
            .header("Precedence", "bulk"),
        _ => mail,
    };
    Written::of(sort, from, marker, &mail)
}

/// "I am away."
pub fn out_of_office(reading: &Reading, from: &str, at: DateTime<Utc>, number: usize) -> Written {
    let marker = format!("AUSENTE{number}X");
    let subject = format!("Respuesta automática: {}", reading.subject);
    let mail = reading
        .answered(
            from,
            &format!("Estoy fuera hasta el lunes. {marker}\n"),
            number,
            at,
        )
        .subject(&subject)
        .header("Auto-Submitted", "auto-replied");
    Written::of(Sort::AutoReply, from, marker, &mail)
}

/// A server's report about our mail `ours`.
pub fn report(
    reading: &Reading,
    ours: &str,
    to: &str,
    action: &str,
    at: DateTime<Utc>,
    number: usize,
) -> Written {
    let id = format!("informe-{number}@mx.cliente.example");
    let says = match action {
        "failed" => DeliveryReport::new(&id).says("failed", "5.1.1", "550 5.1.1 no such user"),
        _ => DeliveryReport::new(&id).says("delayed", "4.4.1", "450 4.4.1 no answer"),
    };
    let report = says
        .recipient(to)
        .envelope_id(ours)
        .returned_id(&reading.id)
        .header("X-Written", &at.to_rfc2822());
    Written {
        sort: if action == "failed" {
            Sort::Bounce(ours.to_owned())
        } else {
            Sort::Delay
        },
        id,
        from: "MAILER-DAEMON@mx.acme.example".to_owned(),
        raw: report.build(),
        marker: format!("INFORME{number}X"),
    }
}

/// A rule of the recipient's sends our own mail back to us.
pub fn come_back(mail: &Accepted) -> Written {
    Written {
        sort: Sort::Loop,
        // The bytes still say what we called it.
        id: mail.id.clone(),
        from: mail.to.clone(),
        raw: mail.raw.clone(),
        marker: String::new(),
    }
}
