//! An e-mail address as an identity.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest address accepted, in octets (RFC 5321 §4.5.3.1.3: a path has 256 with its brackets).
pub const ADDRESS_MAX_BYTES: usize = 254;

/// An e-mail address in the form used for comparison: lower case, no display name, no brackets.
///
/// Dots and plus tags are kept: they belong to the identity (mail.md §3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// Reads `local@domain`; `None` where it is not one address of printable ASCII.
    ///
    /// Non-ASCII domains are refused rather than mapped: a look-alike must not become
    /// the address it imitates (mail.md §3). A-labels (`xn--…`) are what servers write.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let printable = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(c);
        let good = !local.is_empty()
            && text.len() <= ADDRESS_MAX_BYTES
            && local.chars().all(printable)
            && is_domain(domain);
        good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The address as text, lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Whether `text` has the shape of a DNS name with at least two labels (RFC 1123 §2.1).
pub fn is_domain(text: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.contains('.') && text.len() <= 253 && text.split('.').all(label)
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person as mail knows one: an address and the name that goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The identity.
    pub address: Address,
    /// The name to greet by; the address where none is known.
    pub name: String,
}

impl Person {
    /// A person; an empty name becomes the address.
    pub fn new(address: Address, name: &str) -> Self {
        let name = match name.trim() {
            "" => address.to_string(),
            name => name.to_owned(),
        };
        Self { address, name }
    }
}
