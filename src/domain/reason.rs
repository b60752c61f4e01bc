//! Why a mail did not arrive, out of what the refusing server said: its words first, then the
//! enhanced status (RFC 3463), then the reply code (RFC 5321 §4.2).
//!
//! Words go first because codes lie more often: a full mailbox is reported as 5.1.1, a policy as
//! 5.0.0, and many servers have one code for everything. Only four reasons make an address dead
//! (mail.md §2): everything else may pass, or is ours to solve.

/// Longest text looked at, in bytes; a server's answer is a line or two, the rest is advice.
const TEXT_MAX_BYTES: usize = 2_000;

/// What Postfix writes after a refusal of the content; readers of other reports write it too.
pub const AT_DATA: &str = "(in reply to end of data command)";

/// What Postfix writes after a refusal of the sender's address.
pub const AT_SENDER: &str = "(in reply to mail from command)";

/// Why a mail did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// There is no such mailbox.
    UserUnknown,
    /// There is no such domain or host.
    HostUnknown,
    /// The mailbox has moved to another address.
    HasMoved,
    /// The domain or the host takes no mail at all (RFC 7505, RFC 7504).
    NotAccepting,
    /// The mailbox exists and is closed, or does not take mail from us.
    Disabled,
    /// The mailbox is full.
    MailboxFull,
    /// The mail is larger than the other side takes.
    TooBig,
    /// Tried for days, or waiting for longer than expected.
    Expired,
    /// The way there is broken: no connection, no TLS, a loop.
    Network,
    /// Too many mails or connections at once.
    Congestion,
    /// SPF, DKIM, DMARC or the reverse DNS of the sending server.
    Authentication,
    /// The mail, the sender or the sending server is not wanted.
    Rejected,
    /// A fault of the server or of a program behind it.
    Server,
    /// Nothing says why.
    Unknown,
}

impl Reason {
    /// Whether the address itself is dead: another attempt can never arrive.
    pub fn is_hard(self) -> bool {
        matches!(
            self,
            Self::UserUnknown | Self::HostUnknown | Self::HasMoved | Self::NotAccepting
        )
    }

    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserUnknown => "user_unknown",
            Self::HostUnknown => "host_unknown",
            Self::HasMoved => "has_moved",
            Self::NotAccepting => "not_accepting",
            Self::Disabled => "disabled",
            Self::MailboxFull => "mailbox_full",
            Self::TooBig => "too_big",
            Self::Expired => "expired",
            Self::Network => "network",
            Self::Congestion => "congestion",
            Self::Authentication => "authentication",
            Self::Rejected => "rejected",
            Self::Server => "server",
            Self::Unknown => "unknown",
        }
    }

    /// The reason behind an enhanced `status` (empty where there is none) and the words of the
    /// server.
    pub fn of(status: &str, words: &str) -> Self {
        let words = words
            .get(..words.floor_char_boundary(TEXT_MAX_BYTES))
            .unwrap_or(words)
            .to_lowercase();
        let code = code(&words).filter(|_| !is_specific(status));
        let status = code.as_deref().unwrap_or(status);
        let is_passing = status.starts_with('4');
        let coded = coded(status);
        match (said(&words), coded) {
            // A server that calls it passing does not know that the domain is gone.
            (Some(Self::HostUnknown), _) | (None, Some(Self::HostUnknown)) if is_passing => {
                Self::Network
            }
            // The domain or the user that is not known is the sender's.
            (Some(said), _)
                if said.is_hard()
                    && (words.contains(AT_SENDER) || coded == Some(Self::Rejected)) =>
            {
                Self::Rejected
            }
            // Accepted by name and refused with its content: a filter speaks, not the directory.
            (Some(Self::UserUnknown), coded)
                if words.contains(AT_DATA) && coded != Some(Self::UserUnknown) =>
            {
                Self::Disabled
            }
            (Some(said), _) => said,
            (None, Some(coded)) => coded,
            (None, None) => Self::Unknown,
        }
    }
}

/// Words that servers use, lower case; the first line of the table that holds one decides.
/// Order: a full mailbox first, because it is said in passing; then what is said of the mail or
/// its sender, because such answers name the recipient too; then what is said of the recipient.
const WORDS: [(Reason, &[&str]); 17] = [
    // A local program's own words are about its files.
    (Reason::Server, &["procmail:"]),
    // cPanel's word for a domain without mail; it goes on with guesses.
    (Reason::HostUnknown, &["account or domain may not exist"]),
    (
        Reason::MailboxFull,
        &[
            "mailbox full",
            "mailbox is full",
            "mailbox size limit",
            "mailbox exceeds",
            "mailfolder is full",
            "full mailbox",
            "mailbox for user is full",
            "quota",
            "recipient's mailbox exceeded",
            "buzón lleno",
            "buzón está lleno",
            "buzón del destinatario está lleno",
            "cuota",
        ],
    ),
    (
        Reason::TooBig,
        &[
            "message size exceeds",
            "message length exceeds",
            "message too big",
            "message too large",
            "message is too large",
            "exceeds the maximum message size",
            "demasiado grande",
        ],
    ),
    (
        Reason::Authentication,
        &[
            "dmarc",
            "dkim",
            "spf ",
            "unauthenticated",
            "authentication",
            "authenticate",
            "reverse dns",
            "rdns",
            "ptr record",
            "ptr resource record",
            "mismatches client ip",
        ],
    ),
    (
        Reason::Rejected,
        &[
            "sender address",
            "sender rejected",
            "sender domain",
            "unroutable sender",
            "domain of sender",
            "rejected by the sender",
            "relay mail",
            "relaying",
            "spam",
            "virus",
            "blacklist",
            "block list",
            "blocklist",
            "blocked using",
            "client host",
            "content rejected",
            "policy reasons",
            "recipient preferences",
            "my name was rejected",
            "lista negra",
        ],
    ),
    (
        Reason::HasMoved,
        &[
            "has moved",
            "no longer on server",
            "not our customer",
            "no longer valid",
            "account has been closed",
            "se ha mudado",
            "cambió de dirección",
        ],
    ),
    (
        Reason::NotAccepting,
        &[
            "does not accept mail",
            "not accepting network messages",
            "no smtp service",
            "null mx",
            "nullmx",
            "does not have a final email delivery point",
            "not accepting mail from",
        ],
    ),
    (
        Reason::Disabled,
        &[
            "disabled",
            "discontinued",
            "suspended",
            "account is locked",
            "temporary locked",
            "frozen",
            "is blocked",
            "deshabilitad",
            "suspendid",
        ],
    ),
    (
        Reason::HostUnknown,
        &[
            "host unknown",
            "unknown host",
            "host not found",
            "domain name not found",
            "domain does not exist",
            "domain doesn't exist",
            "no such domain",
            "illegal host/domain",
            "any host named",
            "lookup failure",
            "unrouteable",
            "unroutable",
            "couldn't find a mail exchanger",
            "no mx",
            "no se encontró el dominio",
            "dominio no existe",
        ],
    ),
    (
        Reason::UserUnknown,
        &[
            "user unknown",
            "unknown user",
            "unknown to address",
            "user not known",
            "user not found",
            "user not exist",
            "user doesn't",
            "unknown recipient",
            "unknown or illegal",
            "addressee unknown",
            "address unknown",
            "unknown address",
            "no such user",
            "no mailbox here",
            "no such mailbox",
            "no such recipient",
            "recipient not found",
            "recipientnotfound",
            "recipnotfound",
            "recipient name is not recognized",
            "recipients are not a valid user",
            "invalid recipient",
            "no valid recipients",
            "invalid user",
            "invalid mailbox",
            "invalid address",
            "invalid final delivery userid",
            "address rejected",
            "address is wrong",
            "does not exist",
            "doesn't exist",
            "couldn't be found",
            "wasn't found",
            "not exist on",
            "mailbox unavailable",
            "mailbox not found",
            "inactive email address",
            "is not a registered",
            "doesn't have a",
            "does not like recipient",
            "no se encontró",
            "no se encuentra",
            "no existe",
            "usuario desconocido",
            "destinatario desconocido",
        ],
    ),
    (
        Reason::Congestion,
        &[
            "too many",
            "rate limit",
            "frequency limited",
            "temporarily deferred",
            "throttl",
            "demasiad",
        ],
    ),
    (
        Reason::Rejected,
        &[
            "denied",
            "rejected",
            "refused to",
            "not allowed",
            "policy",
            "blocked",
            "prohibit",
            "rechazad",
            "bloquead",
        ],
    ),
    (
        Reason::Expired,
        &[
            "in the queue too long",
            "been in queue",
            "retry time",
            "timeout exceeded",
            "expired",
            "giving up",
            "multiple retries",
            "maximum delivery attempts",
            "not delivered within",
            "not been collected",
            "caducad",
        ],
    ),
    (
        Reason::Network,
        &[
            "connection refused",
            "timed out",
            "no route to host",
            "socket error",
            "lost connection",
            "requests to connect",
            "establish an smtp connection",
            "unable to connect",
            "connection reset",
            "tls",
            "hop count",
            "too many hops",
            "mail loop",
            "looping",
            "name server",
            "name service",
            "dns error",
            "dns lookup",
            "agotado el tiempo",
        ],
    ),
    (
        Reason::Server,
        &[
            "internal system error",
            "system resources",
            "service unavailable",
            "currently unavailable",
            "mailer error",
            "command output",
        ],
    ),
    (Reason::Expired, &["delayed", "retrasad", "demora"]),
];

/// The reason that words give.
fn said(words: &str) -> Option<Reason> {
    // Postfix writes it before every reason; Microsoft's directory says no more than «denied».
    let words = words.replace(
        "recipient address rejected: access denied",
        "unknown recipient",
    );
    let words = words.replace("recipient address rejected: ", "");
    WORDS
        .iter()
        .find(|(_, list)| list.iter().any(|word| words.contains(word)))
        .map(|(reason, _)| *reason)
}

/// Whether a status says more than «failed»: x.0.0 does not (RFC 3463 §3.1).
fn is_specific(status: &str) -> bool {
    !status.is_empty() && !status.ends_with(".0.0")
}

/// The reason that an enhanced status gives (RFC 3463 §3; the registry of RFC 5248).
fn coded(status: &str) -> Option<Reason> {
    let mut fields = status.split('.').skip(1);
    let subject = fields.next()?;
    let detail = fields.next()?;
    Some(match (subject, detail) {
        // Microsoft numbers its own: 5.1.10 recipient not found, 5.1.351 unknown at the next server,
        // 5.4.310 no such domain.
        ("1", "1" | "3" | "4" | "10" | "351") => Reason::UserUnknown,
        ("1", "2") | ("4", "4" | "310") => Reason::HostUnknown,
        ("1", "6") => Reason::HasMoved,
        ("7", "27") => Reason::NotAccepting,
        ("1", "7" | "8" | "9") => Reason::Rejected,
        ("2", "0" | "1" | "4") => Reason::Disabled,
        ("2", "2") => Reason::MailboxFull,
        ("2", "3") | ("3", "4") => Reason::TooBig,
        ("3", "2") => Reason::NotAccepting,
        ("3", _) => Reason::Server,
        ("4", "7") => Reason::Expired,
        ("4", "5") => Reason::Congestion,
        ("4", _) => Reason::Network,
        ("6", _) => Reason::Rejected,
        ("7", "13") => Reason::Disabled,
        ("7", "20" | "21" | "22" | "23" | "24" | "25" | "26" | "509" | "515") => {
            Reason::Authentication
        }
        ("7", _) => Reason::Rejected,
        _ => return None,
    })
}

/// The enhanced status in a server's words: `550 5.1.1 …`, `(#5.1.1)`. Three numbers, the first
/// of them 2, 4 or 5 (RFC 3463 §2), that are no part of an IP address or of a version.
pub fn code(words: &str) -> Option<String> {
    words
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|run| run.trim_matches('.'))
        .find(|run| is_code(run))
        .map(str::to_owned)
}

/// Whether `text` is an enhanced status code (RFC 3463 §2).
pub fn is_code(text: &str) -> bool {
    let fields: Vec<&str> = text.split('.').take(4).collect();
    let [class, subject, detail] = fields.as_slice() else {
        return false;
    };
    let number = |field: &str| {
        (1..=3).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(*class, "2" | "4" | "5") && number(subject) && number(detail)
}

/// The reply code in a server's words (RFC 5321 §4.2): `550 …`, `550-…`, `said: 421 …`; where it
/// stands. Only refusals, 4xx and 5xx.
pub fn reply_code(words: &str) -> Option<(usize, &str)> {
    let bytes = words.as_bytes();
    bytes.windows(3).enumerate().find_map(|(at, window)| {
        let is_code = matches!(window, [b'4' | b'5', b'0'..=b'5', b'0'..=b'9']);
        let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied();
        let after = bytes.get(at + 3).copied();
        let starts = !before.is_some_and(|b| b.is_ascii_alphanumeric() || b".-_=@/[%".contains(&b));
        let ends = match after {
            None => true,
            // `550-5.1.1`, but not `480-624`.
            Some(b'-') => {
                !bytes.get(at + 4).is_some_and(u8::is_ascii_digit)
                    || bytes.get(at + 5) == Some(&b'.')
            }
            Some(b) => matches!(b, b' ' | b':' | b',' | b')' | b']' | b'\n' | b'\t'),
        };
        let code = words.get(at..at + 3)?;
        (is_code && starts && ends).then_some((at, code))
    })
}
