//! When a mail arrived, as its own trace header tells.

use chrono::{DateTime, Utc};

use super::header::Headers;

/// How much of a mail is searched for its first trace header, in bytes; it stands at the top
/// (RFC 5321 §4.4). A mail with more before it has no receipt time of its own.
const HEAD_MAX_BYTES: usize = 64 * 1024;

/// The date of the topmost `Received` header: what stands after its last `;` (RFC 5321 §4.4).
///
/// Only the topmost was written by the server that gave us the mail; the others may say anything.
/// `None`: there is none, or it has no readable date.
pub fn receipt_time(raw: &[u8]) -> Option<DateTime<Utc>> {
    let head = raw.get(..HEAD_MAX_BYTES).unwrap_or(raw);
    let received = Headers::of_bytes(head)?.first("received")?.unfolded();
    let (_, date) = received.rsplit_once(';')?;
    let date = mail_parser::DateTime::parse_rfc822(date)?;
    if !date.is_valid() {
        return None;
    }
    DateTime::from_timestamp(date.to_timestamp(), 0)
}
