//! How long each step of a dialogue may take.

use std::time::Duration;

/// Looking up a host and connecting to one of its addresses, each.
const CONNECT: Duration = Duration::from_secs(30);
/// A TLS handshake.
const TLS: Duration = Duration::from_secs(30);
/// RFC 5321 §4.5.3.2.1: the 220 greeting.
const GREETING: Duration = Duration::from_secs(5 * 60);
/// EHLO, STARTTLS, AUTH and RSET, for which RFC 5321 names no figure: as long as MAIL.
const COMMAND: Duration = Duration::from_secs(5 * 60);
/// RFC 5321 §4.5.3.2.2: MAIL.
const MAIL: Duration = Duration::from_secs(5 * 60);
/// RFC 5321 §4.5.3.2.3: RCPT.
const RCPT: Duration = Duration::from_secs(5 * 60);
/// RFC 5321 §4.5.3.2.4: the 354 after DATA.
const DATA: Duration = Duration::from_secs(2 * 60);
/// RFC 5321 §4.5.3.2.5: one block of the content, until the network took it.
const BLOCK: Duration = Duration::from_secs(3 * 60);
/// RFC 5321 §4.5.3.2.6: the answer to the final dot. Shorter waits produce duplicates.
const FINAL_DOT: Duration = Duration::from_secs(10 * 60);
/// How long an unused connection is trusted. Beyond it the next mail opens a new one.
const IDLE: Duration = Duration::from_secs(30);
/// The answer to QUIT, which changes nothing.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long each step may take before the connection is given up. No field means "for ever".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// The look-up, and then the connection to each address.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// The greeting.
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, RSET, each.
    pub command: Duration,
    /// MAIL.
    pub mail: Duration,
    /// RCPT.
    pub rcpt: Duration,
    /// DATA, until 354.
    pub data: Duration,
    /// One block of the content.
    pub block: Duration,
    /// The answer to the final dot.
    pub final_dot: Duration,
    /// The age, since its last use, beyond which a connection is not used again.
    pub idle: Duration,
    /// The answer to QUIT.
    pub farewell: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            tls: TLS,
            greeting: GREETING,
            command: COMMAND,
            mail: MAIL,
            rcpt: RCPT,
            data: DATA,
            block: BLOCK,
            final_dot: FINAL_DOT,
            idle: IDLE,
            farewell: FAREWELL,
        }
    }
}
