//! Who vouches for the sender: the receiving server's `Authentication-Results` (mail.md §3).
//!
//! `authserv` and `microsoft365` choose the line that counts: whatever stands below it may have
//! been written by the sender (RFC 8601 §5). `weigh` makes the verdict of it. Everything that
//! cannot be understood in that line makes the verdict `None`; nothing raises it.

mod authserv;
mod border;
mod microsoft365;
mod weigh;

use super::header::Headers;
use crate::domain::message::{Authentication, Verdict};

/// The field that counts, lower case (RFC 8601 §2).
const FIELD: &str = "authentication-results";

/// How far to believe the receiving server (mail.md §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthenticationSettings {
    /// A server that writes its id into its lines (RFC 8601 §2.5).
    Authserv {
        /// The id, compared without regard to case; `*.example.com` is every id that ends in
        /// `.example.com`, for a border of several servers.
        id: String,
        /// Where that server puts its line.
        position: Position,
    },
    /// Exchange Online, which writes no id.
    Microsoft365 {
        /// The tenant's own domains: mail that Exchange marks as sent inside the tenant is
        /// believed for these, and for no other.
        tenant_domains: Vec<String>,
    },
    /// Nobody's word counts.
    Nobody,
}

/// Where the border server puts its Authentication-Results, relative to its own Received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Not checked.
    Any,
    /// Above it.
    Above,
    /// Below it, above the next one.
    Below,
}

/// The verdict on a mail whose one From address has the domain `from`; none where there is no
/// such address, and then no server can have vouched for it.
pub fn judge(
    headers: &Headers,
    from: Option<&str>,
    settings: &AuthenticationSettings,
) -> Authentication {
    match settings {
        AuthenticationSettings::Authserv { id, position } => {
            authserv::judge(headers, from, id, *position)
        }
        AuthenticationSettings::Microsoft365 { tenant_domains } => {
            microsoft365::judge(headers, from, tenant_domains)
        }
        AuthenticationSettings::Nobody => unknown("no server's word counts here".to_owned()),
    }
}

/// Nobody vouches, and why.
fn unknown(line: String) -> Authentication {
    Authentication {
        verdict: Verdict::None,
        line,
    }
}
