//! The sentences of mail systems: what makes a text a notice about a delivery. Lower case.
//!
//! One such sentence says nothing of a person's mail, who may quote it: [`super`] asks first who
//! writes.

/// Something was not delivered, or is late.
const FAILURES: [&str; 66] = [
    // Postfix, Exim, qmail, sendmail, Courier, OpenSMTPD, DragonFly.
    "could not be delivered",
    "couldn't be delivered",
    "wasn't able to deliver",
    "permanent fatal errors",
    "had fatal errors",
    "transcript of session follows",
    "had delivery problems",
    "had delivery errors",
    "following address(es) failed",
    "following addresses failed",
    "following address failed",
    "attempting to deliver",
    "trying to deliver the mail",
    "error delivering your mail",
    "incorrectly constructed",
    "message is delayed",
    "still undelivered",
    // Gmail, Yahoo, AOL, Zoho, GMX and other providers.
    "failed permanently",
    "has been delayed",
    "unable to deliver",
    "address not found",
    "message blocked",
    "message not delivered",
    "delivery incomplete",
    "cannot be delivered",
    "group you tried to contact",
    // Exchange, Microsoft 365, Domino, GroupWise, Notes.
    "did not reach",
    "delivery has failed to these recipients",
    "could not be reached",
    "failure reasons",
    "recipient name is not recognized",
    // MDaemon, IMail, MailMarshal, InterScan, Netscape, MailEnable, hMailServer and their kin.
    "was undeliverable",
    "undeliverable to",
    "undeliverable address",
    "not delivered",
    "not been delivered",
    "did not receive",
    "has not yet been delivered",
    "has been postponed",
    "delivery failed",
    "delivery failure",
    "failed addresses",
    "failed recipients",
    "failed recipient",
    "delivery problems",
    "invalid final delivery",
    "error-for:",
    "no valid recipients",
    "trouble delivering",
    "was rejected by",
    "mailbox is full",
    "invalid user address",
    // The same servers in Spanish and Portuguese.
    "no se pudo entregar",
    "no se ha podido entregar",
    "no pudo ser entregado",
    "no ha podido ser entregado",
    "no se entregó",
    "no fue entregado",
    "error en la entrega",
    "no llegó a algunos o todos",
    "no se encontró la dirección",
    "demora en la entrega",
    "se ha retrasado la entrega",
    "nao pode ser enviada",
    "não pôde ser entregue",
    "no fue posible entregar",
];

/// The server will try again: nothing has failed yet.
const DELAYS: [&str; 24] = [
    "will be retried",
    "do not need to resend",
    "do not need to re-send",
    "no need to resend",
    "has been delayed",
    "message is delayed",
    "not yet been delivered",
    "will keep trying",
    "keep trying",
    "will continue to",
    "continue trying",
    "still being retried",
    "has been postponed",
    "will retry for",
    "could not send mail for past",
    "could not send message for past",
    "warning only",
    "no es necesario que vuelva a enviar",
    "no es necesario volver a enviar",
    "demora en la entrega",
    "se ha retrasado la entrega",
    "seguirá intentando",
    "se seguirá intentando",
    "volverá a intentar",
];

/// How mail systems introduce themselves in the first lines.
const INTRODUCTIONS: [&str; 8] = [
    "this message was created automatically by mail delivery software",
    "this is an automatically generated delivery status notification",
    "this is the mail system at host",
    "this is the postfix program at host",
    "hi. this is the qmail-send program at",
    "message from interscan",
    "------ failed recipients ------",
    "este mensaje ha sido generado automáticamente por el servidor de correo",
];

/// Lines within which a mail system introduces itself.
const INTRODUCTION_LINES: usize = 6;

/// The first of the sentences that a notice (lower case) holds.
pub fn failure(lower: &str) -> Option<&'static str> {
    FAILURES
        .iter()
        .find(|words| lower.contains(**words))
        .copied()
}

/// Whether a notice (lower case) says that the server goes on trying.
pub fn is_delay(lower: &str) -> bool {
    DELAYS.iter().any(|words| lower.contains(words))
}

/// How a notice (lower case) introduces itself.
pub fn introduction(lower: &str) -> Option<&'static str> {
    let first = lower
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(INTRODUCTION_LINES);
    first
        .flat_map(|line| INTRODUCTIONS.iter().filter(|words| line.contains(**words)))
        .next()
        .copied()
}
