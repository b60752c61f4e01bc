//! S/MIME whose signature wraps the mail (RFC 8551 §3.5.2): the mail within is taken out. The
//! signature is not checked: who wrote a mail is the receiving server's word (mail.md §3).

/// 1.2.840.113549.1.7.2, signed data (RFC 5652 §5.1).
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// 1.2.840.113549.1.7.1, data (RFC 5652 §4).
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];

const OBJECT_ID: u8 = 0x06;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const EXPLICIT: u8 = 0xa0;

/// Most bytes of a length; four are 4 GiB.
const LENGTH_MAX_BYTES: usize = 4;

/// The mail within signed data, at most as long as `der`; `None` where it is encrypted, absent or
/// not to be understood. One pass over a fixed path of values, no recursion.
pub fn signed_content(der: &[u8]) -> Option<Vec<u8>> {
    // ContentInfo ::= SEQUENCE { type, [0] SignedData }
    let info = value(der, SEQUENCE)?.content;
    let kind = value(info, OBJECT_ID)?;
    let signed = value(kind.rest_after(SIGNED_DATA)?, EXPLICIT)?.content;
    // SignedData ::= SEQUENCE { version, digests, EncapsulatedContentInfo, … }
    let version = value(value(signed, SEQUENCE)?.content, INTEGER)?;
    let digests = value(version.rest?, SET)?;
    // EncapsulatedContentInfo ::= SEQUENCE { type, [0] OCTET STRING }
    let wrapped = value(digests.rest?, SEQUENCE)?.content;
    let kind = value(wrapped, OBJECT_ID)?;
    let octets = value(kind.rest_after(DATA)?, EXPLICIT)?.content;
    if let Some(whole) = value(octets, OCTETS) {
        return Some(whole.content.to_vec());
    }
    let mut out = Vec::new();
    let mut rest = value(octets, OCTETS_IN_PIECES)?.content;
    while let Some(piece) = value(rest, OCTETS) {
        out.extend_from_slice(piece.content);
        rest = piece.rest?;
    }
    Some(out)
}

/// A tagged value (X.690 §8.1).
struct Value<'a> {
    content: &'a [u8],
    /// What follows it; unknown where its end is marked and not counted.
    rest: Option<&'a [u8]>,
}

impl<'a> Value<'a> {
    /// What follows, where the content is what is wanted.
    fn rest_after(&self, wanted: &[u8]) -> Option<&'a [u8]> {
        self.rest.filter(|_| self.content == wanted)
    }
}

/// The value that begins here, where it has the wanted tag. One cut off is as long as it is.
fn value(bytes: &[u8], wanted: u8) -> Option<Value<'_>> {
    let (tag, after) = bytes.split_first()?;
    let (first, after) = after.split_first()?;
    if *tag != wanted {
        return None;
    }
    let (length, after) = match first {
        0x80 => {
            return Some(Value {
                content: after,
                rest: None,
            });
        }
        0..0x80 => (usize::from(*first), after),
        0x81.. => {
            let (digits, after) = after.split_at_checked(usize::from(first - 0x80))?;
            if digits.len() > LENGTH_MAX_BYTES {
                return None;
            }
            let length = digits
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, after)
        }
    };
    let (content, rest) = after.split_at(length.min(after.len()));
    Some(Value {
        content,
        rest: Some(rest),
    })
}
