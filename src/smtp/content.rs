//! The content of a mail as SMTP wants to see it.

/// What ends the content (RFC 5321 §4.1.1.4). It is sent by itself: it is the point of no return.
pub(super) const FINAL_DOT: &[u8] = b".\r\n";

/// The content ready for the line, without the final dot: every line ends in CRLF, and a line
/// that begins with a dot has one more.
///
/// A bare CR or LF becomes a line end of its own, so that no server can read an end of content
/// that is not there (RFC 5321 §2.3.8, §4.1.1.4).
pub(super) fn on_the_line(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + content.len() / 32 + FINAL_DOT.len());
    let mut at_line_start = true;
    let mut after_cr = false;
    for &byte in content {
        match byte {
            // The LF of a CRLF whose line end the CR has written already.
            b'\n' if after_cr => {}
            b'\r' | b'\n' => {
                out.extend_from_slice(b"\r\n");
                at_line_start = true;
            }
            _ => {
                // RFC 5321 §4.5.2: transparency.
                if byte == b'.' && at_line_start {
                    out.push(b'.');
                }
                out.push(byte);
                at_line_start = false;
            }
        }
        after_cr = byte == b'\r';
    }
    if !at_line_start {
        out.extend_from_slice(b"\r\n");
    }
    out
}
