//! How people's mail programs write: answers with headers and a quote, forwards, out-of-office
//! answers, and the reports of mail servers.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::America::Mexico_City;
use mail_parser::{HeaderValue, MessageParser};

use super::cast::Player;
use crate::world::mails::Mail;
use crate::world::reports::DeliveryReport;

/// What a person writes who says nothing in particular.
pub const PLAIN_WORDS: &str = "Buen día:\n\n¿Me ayudan con esto, por favor?\n\nGracias.\n";

/// What a mailbox answers while its owner is away.
const AWAY: &str = "Estoy fuera de la oficina y sin acceso a mi correo. Regreso el lunes.\n";

/// Bytes of an attachment.
const ATTACHMENT_BYTES: usize = 2_000;

/// A mail that lies before somebody, as his program reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Without angle brackets.
    pub message_id: String,
    /// The conversation before it, oldest first.
    pub references: Vec<String>,
    /// `Name <address>` of its author.
    pub from: String,
    /// Where an answer goes.
    pub reply_to: String,
    /// Everybody it went to besides, in To and Cc.
    pub others: Vec<String>,
    /// Subject.
    pub subject: String,
    /// The Date header's time.
    pub date: DateTime<Utc>,
    /// The text.
    pub text: String,
}

impl Read {
    /// Reads a mail's bytes.
    pub fn of(raw: &[u8]) -> Read {
        let Some(mail) = MessageParser::new().parse(raw) else {
            return Read::default();
        };
        let people = |list: Option<&mail_parser::Address<'_>>| -> Vec<String> {
            let all = list.into_iter().flat_map(|list| list.iter());
            all.filter_map(|one| one.address().map(str::to_owned))
                .collect()
        };
        let references = match mail.references() {
            HeaderValue::Text(one) => vec![one.to_string()],
            HeaderValue::TextList(all) => all.iter().map(ToString::to_string).collect(),
            _ => Vec::new(),
        };
        let from = mail.from().and_then(|list| list.first().cloned());
        let address = people(mail.from()).pop().unwrap_or_default();
        let name = from.and_then(|one| one.name.map(|name| name.to_string()));
        Read {
            message_id: mail.message_id().unwrap_or_default().to_owned(),
            references,
            from: format!("{} <{address}>", name.unwrap_or_default())
                .trim()
                .to_owned(),
            reply_to: people(mail.reply_to()).pop().unwrap_or(address),
            others: [people(mail.to()), people(mail.cc())].concat(),
            subject: mail.subject().unwrap_or_default().to_owned(),
            date: mail
                .date()
                .and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0))
                .unwrap_or_default(),
            text: mail
                .body_text(0)
                .map(|text| text.replace("\r\n", "\n"))
                .unwrap_or_default(),
        }
    }
}

/// How a mail comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manner {
    /// A mail of its own.
    New,
    /// An answer; to everybody or not.
    Answer { to_all: bool },
    /// Passed on.
    Forward,
    /// What a mailbox answers while its owner is away.
    Away,
}

/// What a story may say of a mail besides its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Somebody in Cc.
    Copies(Player),
    /// Another recipient than usual.
    To(Player),
    /// The service's address without a token.
    ToPlainAddress,
    /// Another subject than usual.
    Subject(String),
    /// What the receiving server made of the sender.
    Verdict(Vouching),
    /// The Date header's time.
    Dated(DateTime<Utc>),
    /// One more header.
    Header(String, String),
    /// A file.
    Attachment(String),
    /// Only the new words.
    WithoutQuoting,
    /// A program that keeps no conversation together.
    WithoutThreadHeaders,
}

/// What the receiving server says of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vouching {
    /// Nothing.
    Nothing,
    /// SPF passed, and no more.
    Spf,
    /// DMARC failed.
    Forged,
}

/// Writes a mail of `from` at `now`, about what lies before him if anything does.
pub fn write(
    from: &Player,
    manner: &Manner,
    subject: &str,
    words: &str,
    before: &Read,
    details: &[Detail],
    (now, id): (DateTime<Utc>, &str),
) -> Vec<u8> {
    let has = |detail: &Detail| details.contains(detail);
    let address = from.address.as_str();
    let date = |at: DateTime<Utc>| at.with_timezone(&Mexico_City).to_rfc2822();
    let mut mail = Mail::from(address)
        .name(&from.name)
        .message_id(id)
        .date(&date(now));
    let quote = if has(&Detail::WithoutQuoting) {
        String::new()
    } else {
        quoted(before)
    };
    mail = match manner {
        Manner::New => mail.subject(subject).text(words),
        Manner::Answer { to_all } => {
            let mut mail = mail
                .to(&before.reply_to)
                .subject(&again(&before.subject, "Re:"))
                .text(&format!("{words}\n{quote}"));
            if *to_all {
                for other in before.others.iter().filter(|other| *other != address) {
                    mail = mail.cc(other);
                }
            }
            mail
        }
        Manner::Forward => mail
            .subject(&again(&before.subject, "RV:"))
            .text(&format!("{words}\n{}", original(before))),
        Manner::Away => mail
            .to(&before.reply_to)
            .subject(&format!("Respuesta automática: {}", before.subject))
            .text(if words.is_empty() { AWAY } else { words })
            .header("Auto-Submitted", "auto-replied")
            .header("X-Auto-Response-Suppress", "All"),
    };
    if *manner != Manner::New && !has(&Detail::WithoutThreadHeaders) {
        mail = mail
            .in_reply_to(&before.message_id)
            .after(&before.references);
    }
    for detail in details {
        mail = match detail {
            Detail::Copies(whom) => mail.cc(whom.address.as_str()),
            Detail::To(whom) => mail.to(whom.address.as_str()),
            Detail::ToPlainAddress => mail.to(crate::world::mails::SERVICE_ADDRESS),
            Detail::Subject(subject) => mail.subject(subject),
            Detail::Verdict(Vouching::Nothing) => mail.without_verdict(),
            Detail::Verdict(Vouching::Spf) => mail.spf_only(),
            Detail::Verdict(Vouching::Forged) => mail.forged(),
            Detail::Dated(at) => mail.date(&date(*at)),
            Detail::Header(name, value) => mail.header(name, value),
            Detail::Attachment(name) => {
                mail.attachment(name, "application/octet-stream", ATTACHMENT_BYTES)
            }
            Detail::WithoutQuoting | Detail::WithoutThreadHeaders => mail,
        };
    }
    mail.build()
}

/// What a mail server reports of a mail that it could not deliver, or not yet.
pub fn report(about: &Read, to: &Player, delayed: bool, words: &str, id: &str) -> Vec<u8> {
    // `550 5.1.1 no such user`: the second word is the status, where there is one.
    let status = words.split(' ').nth(1).unwrap_or("5.0.0");
    let action = if delayed { "delayed" } else { "failed" };
    DeliveryReport::new(id)
        .recipient(to.address.as_str())
        .says(action, status, words)
        .envelope_id(&about.message_id)
        .returned_id(&about.message_id)
        .build()
}

/// A subject with a prefix, once.
fn again(subject: &str, prefix: &str) -> String {
    if subject.to_lowercase().starts_with(&prefix.to_lowercase()) {
        subject.to_owned()
    } else {
        format!("{prefix} {subject}")
    }
}

/// As Gmail quotes in Spanish.
fn quoted(before: &Read) -> String {
    const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];
    const MONTHS: [&str; 12] = [
        "ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic",
    ];
    let local = before.date.with_timezone(&Mexico_City);
    let weekday = WEEKDAYS[local.weekday().num_days_from_monday() as usize];
    let month = MONTHS[local.month0() as usize];
    let (day, year) = (local.day(), local.year());
    let time = local.format("%-H:%M");
    let lines: Vec<String> = before
        .text
        .lines()
        .map(|line| format!("> {line}"))
        .collect();
    format!(
        "\nEl {weekday}, {day} {month} {year} a las {time}, {} escribió:\n\n{}\n",
        before.from,
        lines.join("\n")
    )
}

/// As Outlook passes on in Spanish.
fn original(before: &Read) -> String {
    let local = before.date.with_timezone(&Mexico_City);
    format!(
        "\n-----Mensaje original-----\nDe: {}\nEnviado el: {}\nPara: {}\nAsunto: {}\n\n{}\n",
        before.from,
        local.format("%d/%m/%Y %H:%M"),
        before.others.join("; "),
        before.subject,
        before.text
    )
}
