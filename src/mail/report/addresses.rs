//! Addresses in running text.

use crate::domain::address::Address;

/// Most addresses read off one line; a notice names one, or two.
const LINE_MAX: usize = 20;

/// An address and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address.
    pub address: Address,
    /// Where it begins, in bytes.
    pub start: usize,
    /// Where it ends, in bytes.
    pub end: usize,
}

/// The addresses of a line, in order, at most [`LINE_MAX`]. Every byte is looked at twice at most:
/// a run of address characters ends at the `@` before it.
pub fn all(line: &str) -> Vec<Found> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let at_signs = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'@');
    for (at, _) in at_signs {
        if found.len() == LINE_MAX {
            break;
        }
        let before = bytes.get(..at).unwrap_or_default();
        let after = bytes.get(at + 1..).unwrap_or_default();
        let local = before.iter().rev().take_while(|b| is_local(**b)).count();
        let domain = after.iter().take_while(|b| is_domain(**b)).count();
        let (start, end) = (at - local, at + 1 + domain);
        let text = line.get(start..end).unwrap_or_default();
        // Quotes, dots and signs around an address belong to the sentence.
        let trimmed = text.trim_start_matches(['\'', '.', '=', '/', '*', '|', '`', '-']);
        let start = start + text.len() - trimmed.len();
        let trimmed = trimmed.trim_end_matches(['.', '-']);
        if let Some(address) = Address::parse(trimmed) {
            let end = start + trimmed.len();
            found.push(Found {
                address,
                start,
                end,
            });
        }
    }
    found
}

/// RFC 5322 §3.2.3, `atext` and the dot.
fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte)
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-".contains(&byte)
}
