//! Subjects that programs write, lower case. A subject alone decides nothing: people quote them.

use crate::domain::subject::Subject;

/// How the subject of a notice about a delivery begins, by the server that writes it.
const DELIVERY: [&str; 44] = [
    // Exchange and Microsoft 365, in English and in Spanish.
    "undeliverable",
    "no se puede entregar",
    "no se pudo entregar",
    "no entregado",
    "delivery delayed",
    "message delayed",
    "delivery has failed",
    "entrega retrasada",
    "demora en la entrega",
    // Postfix, Exim, qmail, sendmail.
    "undelivered mail",
    "delayed mail",
    "mail delivery failed",
    "mail delivery failure",
    "mail failure",
    "warning: message",
    "warning message delayed",
    "failure notice",
    "returned mail",
    "warning: could not send",
    "warning--could not send",
    // RFC 3464 reporters: Google, Lotus, Sun, Amazon.
    "delivery status notification",
    "notificación de estado de entrega",
    "notificación sobre el estado de la entrega",
    "delivery notification",
    "delivery report",
    "mail delivery status",
    "nondeliverable",
    "non-delivery",
    "nondelivery",
    // Yahoo, AOL, MDaemon, IMail, MailEnable, MailMarshal, InterScan, Netscape and their kin.
    "delivery failure",
    "delivery failed",
    "failed delivery",
    "failure delivery",
    "mail delivery problem",
    "mail delivery warning",
    "mail could not be delivered",
    "mail not delivered",
    "mail failed",
    "mail system error",
    "message delivery",
    "permanent delivery failure",
    "there was an error sending your mail",
    "correo devuelto",
    "error de entrega",
];

/// How the subject of an answering program begins: Outlook, Gmail, Apple, Notes, vacation(1), in
/// the languages of this house and of the mail collected for the tests.
const ABSENCE: [&str; 28] = [
    "respuesta automática",
    "respuesta automatica",
    "respuesta de fuera de la oficina",
    "contestación automática",
    "fuera de la oficina",
    "fuera de oficina",
    "ausente",
    "ausencia",
    "de vacaciones",
    "mensaje automático",
    "out of office",
    "out of the office",
    "out-of-office",
    "automatic reply",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto:",
    "away from",
    "away until",
    "vacation",
    "on vacation",
    "abwesend",
    "automatische antwort",
    "réponse automatique",
    "resposta automática",
    "risposta automatica",
];

/// Subjects of programs, as a whole: with anything behind them they may be about the matter.
const WHOLE: [&str; 4] = [
    "out of office",
    "out of the office",
    "fuera de la oficina",
    "fuera de oficina",
];

/// Prefixes that only programs write: followed by a colon, or the whole subject.
const GENERATED: [&str; 8] = [
    "respuesta automática",
    "respuesta automatica",
    "respuesta de fuera de la oficina",
    "out of office autoreply",
    "automatic reply",
    "auto reply",
    "autoreply",
    "auto",
];

/// The words with which a notice about a delivery begins its subject.
pub fn delivery(subject: &str) -> Option<&'static str> {
    beginning(subject, &DELIVERY)
}

/// The words with which an answering program begins its subject.
pub fn absence(subject: &str) -> Option<&'static str> {
    beginning(subject, &ABSENCE)
}

/// The prefix of an answering program, where one stands before everything else but answers and
/// tags: `Respuesta automática: …`, `Re: [tag] Out of office AutoReply: …`.
pub fn generated(subject: &str) -> Option<&'static str> {
    let mut bare = Subject::read(subject, "").bare.to_lowercase();
    if let Some((_, rest)) = bare.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        bare = rest.trim_start().to_owned();
    }
    let whole = WHOLE.iter().find(|words| bare == **words);
    let prefix = || {
        GENERATED.iter().find(|words| {
            let rest = bare.strip_prefix(**words).map(str::trim_start);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        })
    };
    whole.or_else(prefix).copied()
}

fn beginning(subject: &str, list: &[&'static str]) -> Option<&'static str> {
    let subject = subject.trim().to_lowercase();
    list.iter()
        .find(|words| subject.starts_with(**words))
        .copied()
}
