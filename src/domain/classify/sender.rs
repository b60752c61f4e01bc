//! Who writes: a mail system, another robot, or a person. A name or an address is a hint; what
//! follows from it needs a second sign (mail.md §2.2).

/// Local parts of mail systems (RFC 2142 §5; RFC 5321 §4.5.1; what Postfix, Exim, qmail, sendmail
/// and Exchange write), in the form of [`words`].
const SYSTEM_LOCALS: [&str; 5] = [
    "mailer daemon",
    "mailerdaemon",
    "postmaster",
    "post master",
    // Exchange 2010 and later, for every notice of its own.
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
];

/// Words in names and local parts of mail systems, in the form of [`words`]. People call
/// themselves so too.
const SYSTEM_WORDS: [&str; 19] = [
    "mailer daemon",
    "postmaster",
    "mail delivery s",
    "mail deliver s",
    "delivery subsystem",
    "delivery system",
    "mail administrator",
    "system administrator",
    "ndr administrator",
    "mail service",
    "mail system",
    "mail server",
    "mdaemon",
    "administrador del sistema",
    "administrador de correo",
    "entrega de correo",
    "sistema de correo",
    "mail router",
    "returned mail",
];

/// Local parts that are a mail system's only as a whole.
const SYSTEM_WHOLE: [&str; 3] = ["ndr", "bounce", "bounces"];

/// Local parts from which no person writes, in the form of [`words`].
const ROBOT_LOCALS: [&str; 9] = [
    "no reply",
    "noreply",
    "do not reply",
    "donotreply",
    "no responder",
    "noresponder",
    "no contestar",
    "nocontestar",
    "autoresponder",
];

/// How surely a sender is a mail system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MailSystem {
    /// By its name, or by words in its address.
    Likely,
    /// By the local part that only mail systems have.
    Certain,
}

/// Whether the owner of this address and display name is a mail system.
pub fn mail_system(local: &str, name: &str) -> Option<MailSystem> {
    let (local, name) = (words(local), words(name));
    if SYSTEM_LOCALS.iter().any(|known| local.starts_with(known)) {
        return Some(MailSystem::Certain);
    }
    let is_likely = SYSTEM_WHOLE.contains(&local.as_str())
        || SYSTEM_WORDS
            .iter()
            .any(|known| local.contains(known) || name.contains(known));
    is_likely.then_some(MailSystem::Likely)
}

/// Whether no person reads or writes at this local part.
pub fn is_robot(local: &str) -> bool {
    let local = words(local);
    ROBOT_LOCALS.iter().any(|known| local.starts_with(known))
}

/// Lower case, with a blank for everything that joins words in an address.
fn words(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '-' | '_' | '.' | '"' => ' ',
            c => c.to_ascii_lowercase(),
        })
        .collect::<String>()
        .trim()
        .to_owned()
}
