//! Files within plain text, as programs before MIME wrote them and fax and scanner boxes still do:
//! `begin 644 name`, lines of printable data, `end` (POSIX uuencode).

/// Most files taken out of one text; more stay text.
const FILES_MAX: usize = 50;

/// A file found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// As written.
    pub name: String,
    /// Decoded.
    pub bytes: Vec<u8>,
}

/// Takes the files out of a text; `None` where there are none. A file cut off before its `end` is
/// one too; a `begin` line without data after it is text.
pub fn take(text: &str) -> Option<(String, Vec<File>)> {
    if !text.contains("begin ") {
        return None;
    }
    let mut left = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let name = begin(line.trim_end());
        let has_data = lines.peek().is_some_and(|next| data(next).is_some());
        let Some(name) = name.filter(|_| has_data && files.len() < FILES_MAX) else {
            left.push_str(line);
            continue;
        };
        let mut bytes = Vec::new();
        // No `begin` line looks like data, so every line is looked at once.
        while let Some(next) = lines.peek().and_then(|next| data(next)) {
            bytes.extend(next);
            lines.next();
        }
        while lines.peek().is_some_and(|next| is_end(next)) {
            lines.next();
        }
        files.push(File {
            name: name.to_owned(),
            bytes,
        });
    }
    (!files.is_empty()).then_some((left, files))
}

/// The name in a line such as `begin 644 informe.doc`.
fn begin(line: &str) -> Option<&str> {
    let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
    (is_mode && !name.trim().is_empty()).then(|| name.trim())
}

/// The empty last line of data, and `end`.
fn is_end(line: &str) -> bool {
    let line = line.trim();
    line == "end" || line.bytes().all(|byte| byte == b'`')
}

/// The bytes of a line of data: its first character is their number, four characters make three.
fn data(line: &str) -> Option<Vec<u8>> {
    let line = line.trim_end_matches(['\r', '\n']).as_bytes();
    let (length, digits) = line.split_first()?;
    let length = usize::from(value(*length)?);
    let groups = length.div_ceil(3);
    // Blanks at the end may be lost on the way, and a checksum may be added.
    let fits = length > 0 && digits.len() <= groups * 4 + 1 && digits.len() + 3 >= groups * 4;
    if !fits || digits.iter().any(|byte| value(*byte).is_none()) {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups * 3);
    for at in 0..groups {
        let group = (0..4).fold(0u32, |bits, digit| {
            let byte = digits.get(at * 4 + digit).copied().unwrap_or(b' ');
            bits << 6 | u32::from(value(byte).unwrap_or(0))
        });
        bytes.extend(group.to_be_bytes().get(1..).unwrap_or_default());
    }
    bytes.truncate(length);
    Some(bytes)
}

fn value(byte: u8) -> Option<u8> {
    // The back quote stands for 0 where a blank would be lost.
    matches!(byte, b' '..=b'`').then(|| (byte - b' ') & 63)
}
