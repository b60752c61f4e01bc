//! `winmail.dat`: what Outlook packs a mail into when it takes the recipient for another Outlook
//! (MS-OXTNEF). Read are the text in its plain and HTML forms and the files; text that is there
//! as compressed RTF only is not, and is told. The one crate for it is strict about what Outlook
//! itself gets wrong, and reads no text.

use super::decode;

/// How every such file begins (MS-OXTNEF §2.1.3.1).
const SIGNATURE: usize = 0x223e_9f78;

/// Most files listed; the rest is passed over.
const FILES_MAX: usize = 100;

/// Most properties read of one block; a file has some fifty.
const PROPERTIES_MAX: usize = 2_000;

/// Attributes (MS-OXTNEF §2.1.3.2): low half of the id.
const BODY: u16 = 0x800c;
const MESSAGE_PROPERTIES: u16 = 0x9003;
const CODE_PAGE: u16 = 0x9007;
const FILE_BEGINS: u16 = 0x9002;
const FILE_TITLE: u16 = 0x8010;
const FILE_DATA: u16 = 0x800f;
const FILE_PROPERTIES: u16 = 0x9005;

/// Properties (MS-OXPROPS).
const TEXT: u16 = 0x1000;
const HTML: u16 = 0x1013;
const RTF: u16 = 0x1009;
const INTERNET_CODE_PAGE: u16 = 0x3fde;
const LONG_NAME: u16 = 0x3707;
const MIME_TYPE: u16 = 0x370e;
const OBJECT: u16 = 0x3701;

/// Types of properties (MS-OXCDATA §2.11.1).
const STRING: u16 = 0x1e;
const UNICODE: u16 = 0x1f;
const BINARY: u16 = 0x102;
const OBJECT_TYPE: u16 = 0x0d;
const MANY: u16 = 0x1000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packed {
    /// The plain text; empty where there is none.
    pub text: String,
    /// The HTML text; empty where there is none.
    pub html: String,
    /// There is text as compressed RTF, which is not read.
    pub has_rtf: bool,
    /// The files, in order.
    pub files: Vec<File>,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// As written; may be empty.
    pub name: String,
    /// Media type as written; may be empty.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads the file; `None` where it is none of its kind. One that is cut off is read so far.
pub fn read(bytes: &[u8]) -> Option<Packed> {
    let mut cursor = Cursor(bytes);
    if cursor.u32()? != SIGNATURE {
        return None;
    }
    cursor.take(2)?;
    let mut reader = Reader {
        charset: "windows-1252".to_owned(),
        ..Reader::default()
    };
    while let Some((id, data)) = attribute(&mut cursor) {
        reader.attribute(id, data);
    }
    Some(reader.packed)
}

/// The next attribute: level, id, length, data and a checksum that is not looked at.
fn attribute<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, &'a [u8])> {
    cursor.take(1)?;
    let id = cursor.u16()?;
    cursor.take(2)?;
    let length = cursor.u32()?;
    let data = cursor.take_some(length);
    let _checksum = cursor.take(2);
    Some((id, data))
}

#[derive(Default)]
struct Reader {
    packed: Packed,
    charset: String,
}

impl Reader {
    fn attribute(&mut self, id: u16, data: &[u8]) {
        match id {
            CODE_PAGE => self.code_page(data),
            BODY if self.packed.text.is_empty() => self.packed.text = self.string(STRING, data),
            MESSAGE_PROPERTIES => self.message(data),
            FILE_BEGINS if self.packed.files.len() < FILES_MAX => {
                self.packed.files.push(File::default());
            }
            FILE_TITLE => {
                let name = self.string(STRING, data);
                self.file(|file| {
                    if file.name.is_empty() {
                        file.name = name;
                    }
                });
            }
            FILE_DATA => self.file(|file| file.bytes = data.to_vec()),
            FILE_PROPERTIES => self.file_properties(data),
            _ => {}
        }
    }

    fn file(&mut self, change: impl FnOnce(&mut File)) {
        if let Some(file) = self.packed.files.last_mut() {
            change(file);
        }
    }

    fn message(&mut self, data: &[u8]) {
        let found = properties(data);
        // The code page first, wherever it stands.
        for (id, _, value) in &found {
            if *id == INTERNET_CODE_PAGE {
                self.code_page(value);
            }
        }
        for (id, kind, value) in found {
            match id {
                TEXT => self.packed.text = self.string(kind, value),
                HTML => self.packed.html = self.string(kind, value),
                RTF => self.packed.has_rtf = true,
                _ => {}
            }
        }
    }

    fn file_properties(&mut self, data: &[u8]) {
        for (id, kind, value) in properties(data) {
            let text = || self.string(kind, value);
            match id {
                LONG_NAME => {
                    let name = text();
                    self.file(|file| file.name = name);
                }
                MIME_TYPE => {
                    let media_type = text().to_ascii_lowercase();
                    self.file(|file| file.media_type = media_type);
                }
                OBJECT => self.file(|file| {
                    if file.bytes.is_empty() {
                        file.bytes = value.to_vec();
                    }
                }),
                _ => {}
            }
        }
    }

    fn code_page(&mut self, data: &[u8]) {
        match Cursor(data).u32() {
            Some(65001) => "utf-8".clone_into(&mut self.charset),
            Some(page @ 1..=65535) => self.charset = charset_of(page),
            _ => {}
        }
    }

    fn string(&self, kind: u16, data: &[u8]) -> String {
        let charset = match kind {
            UNICODE => "utf-16le",
            _ => &self.charset,
        };
        let text = decode::charset(data, Some(charset));
        text.split('\0').next().unwrap_or_default().to_owned()
    }
}

/// The name of a Windows code page.
fn charset_of(page: usize) -> String {
    match page {
        20127 => "us-ascii".to_owned(),
        28591..=28605 => format!("iso-8859-{}", page - 28590),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        page => format!("windows-{page}"),
    }
}

/// Id, type and value of each property of a block (MS-OXTNEF §2.1.3.4), of several values the
/// first. Ends at the first that is not to be understood, because what follows has no known place.
fn properties(data: &[u8]) -> Vec<(u16, u16, &[u8])> {
    let mut cursor = Cursor(data);
    let count = cursor.u32().unwrap_or(0);
    let mut found = Vec::new();
    for _ in 0..count.min(PROPERTIES_MAX) {
        match property(&mut cursor) {
            Some(property) => found.push(property),
            None => break,
        }
    }
    found
}

fn property<'a>(cursor: &mut Cursor<'a>) -> Option<(u16, u16, &'a [u8])> {
    let kind = cursor.u16()?;
    let id = cursor.u16()?;
    if id >= 0x8000 {
        // A named one: its namespace, then a number or a name.
        cursor.take(16)?;
        if cursor.u32()? == 0 {
            cursor.take(4)?;
        } else {
            cursor.padded()?;
        }
    }
    let single = kind & !MANY;
    let is_sized = matches!(single, STRING | UNICODE | BINARY | OBJECT_TYPE);
    let count = match kind & MANY == 0 && !is_sized {
        true => 1,
        false => cursor.u32()?,
    };
    let mut first: &[u8] = &[];
    for number in 0..count {
        let value = if is_sized {
            cursor.padded()?
        } else {
            cursor.take(width(single)?)?
        };
        if number == 0 {
            first = value;
        }
    }
    Some((id, single, first))
}

/// Bytes of a value of fixed size, padding included.
fn width(kind: u16) -> Option<usize> {
    match kind {
        0x02 | 0x03 | 0x04 | 0x0a | 0x0b => Some(4),
        0x05 | 0x06 | 0x07 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        _ => None,
    }
}

/// What is left to read; numbers are little-endian.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// So many bytes, or as many as there are.
    fn take_some(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn u16(&mut self) -> Option<u16> {
        let bytes = self.take(2)?.first_chunk()?;
        Some(u16::from_le_bytes(*bytes))
    }

    fn u32(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    }

    /// A counted value, padded to four bytes.
    fn padded(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        let value = self.take(length)?;
        self.take_some(length.next_multiple_of(4) - length);
        Some(value)
    }
}
