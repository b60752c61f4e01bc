//! Attachments as they are listed to people: name, type, size. Their bytes stay in the raw mail.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::decode;
use super::header::{Field, Headers};
use super::part::{Part, Structure};
use crate::domain::message::Attachment;

/// Longest attachment name kept, in characters; the ending is kept when a name is cut.
pub const NAME_MAX_CHARS: usize = 120;

/// Most characters of a file name's ending.
const ENDING_MAX_CHARS: usize = 10;

/// Most references to images (`cid:`) looked for in a text.
const CIDS_MAX: usize = 1_000;

/// Most bytes of an attached mail in which its subject is looked for.
const HEADER_MAX_BYTES: usize = 16 * 1024;

/// Longest media type kept, in characters.
const TYPE_MAX_CHARS: usize = 100;

/// A part besides the text.
#[derive(Debug)]
pub struct Listed<'s, 'a> {
    /// The part.
    pub part: Part<'s, 'a>,
    /// Its decoded bytes.
    pub bytes: Vec<u8>,
    /// What people are told of it.
    pub attachment: Attachment,
}

/// The parts besides the text. `html` is the HTML text of the mail, empty where there is none.
///
/// Left out is what is no file to a person: signatures over the mail (they would keep a consultant's
/// signed reply from being passed on), what one machine reports to another, and further forms of
/// the text that nobody reads, such as AMP.
pub fn list<'s, 'a>(
    structure: &'s Structure<'a>,
    html: &str,
) -> impl Iterator<Item = Listed<'s, 'a>> {
    let shown: HashSet<String> = referenced(html).map(str::to_owned).collect();
    let has_calendar_file = structure
        .other_parts()
        .any(|part| part.media_type() == "application/ics");
    structure
        .other_parts()
        .enumerate()
        .filter(move |(_, part)| {
            let is_form = is_other_form(part, has_calendar_file);
            !is_form && !is_signature(part) && !is_report(part) && !is_broken(part)
        })
        .map(move |(at, part)| {
            let media_type = part.media_type();
            let bytes = part.bytes(usize::MAX);
            let name = name(&part, &bytes, at + 1, &media_type);
            let mut attachment = describe(name, &media_type, &bytes);
            attachment.inline = part.content_id().is_some_and(|id| shown.contains(&id));
            Listed {
                part,
                bytes,
                attachment,
            }
        })
}

/// A file as listed; its name is safe already.
pub fn describe(name: String, media_type: &str, bytes: &[u8]) -> Attachment {
    Attachment {
        name,
        media_type: decode::clean_line(media_type, TYPE_MAX_CHARS),
        size: bytes.len() as u64,
        inline: false,
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(bytes)),
    }
}

/// The second part of `multipart/signed` (RFC 1847 §2.1).
fn is_signature(part: &Part) -> bool {
    part.parent_type() == "multipart/signed" && part.media_type().ends_with("-signature")
}

/// A text beside others in an alternative, of a type that is not shown (`text/x-amp-html`,
/// `text/enriched`). An invitation is a file for the calendar, unless it is there as one too.
fn is_other_form(part: &Part, has_calendar_file: bool) -> bool {
    let media_type = part.media_type();
    part.parent_type() == "multipart/alternative"
        && media_type.starts_with("text/")
        && (media_type != "text/calendar" || has_calendar_file)
        && !part.is_attached()
}

/// The parts of a report that are for machines (RFC 3464, RFC 8098, RFC 5965, RFC 6522 §3).
fn is_report(part: &Part) -> bool {
    matches!(
        part.media_type().as_str(),
        "message/delivery-status"
            | "message/global-delivery-status"
            | "message/disposition-notification"
            | "message/global-disposition-notification"
            | "message/feedback-report"
            | "message/global-headers"
            | "message/rfc822-headers"
            | "text/rfc822-headers"
    )
}

/// A multipart without parts: its boundary never came.
fn is_broken(part: &Part) -> bool {
    part.media_type().starts_with("multipart/") && !part.is_attached()
}

fn name(part: &Part, bytes: &[u8], number: usize, media_type: &str) -> String {
    let written = part.file_name().map(|name| safe_name(&name));
    if let Some(name) = written.filter(|name| !name.is_empty()) {
        return name;
    }
    let is_mail = matches!(media_type, "message/rfc822" | "message/global");
    if let Some(subject) = is_mail.then(|| subject(bytes)).flatten() {
        return subject;
    }
    numbered(number, media_type)
}

/// The name of a file without one.
pub fn numbered(number: usize, media_type: &str) -> String {
    let ending = match media_type {
        "message/rfc822" | "message/global" => "eml",
        "text/calendar" => "ics",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/csv" => "csv",
        "text/xml" | "application/xml" => "xml",
        "image/jpeg" | "image/jpg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/ms-tnef" => "dat",
        _ => "bin",
    };
    format!("part-{number}.{ending}")
}

/// An attached mail is known by its subject.
fn subject(mail: &[u8]) -> Option<String> {
    let head = mail.get(..HEADER_MAX_BYTES).unwrap_or(mail);
    let (headers, _) = Headers::read(head);
    let subject = headers.first("subject").map(Field::text)?;
    // A subject is no path: a slash in it is part of the words.
    let name = safe_name(&format!("{}.eml", subject.replace(['/', '\\'], "_")));
    (name != "eml").then_some(name)
}

/// A file name that is safe to show and to store: the last step of any path, without control
/// and bidirectional characters, and without leading dots.
pub fn safe_name(written: &str) -> String {
    let last = written.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    let line = decode::clean_line(&kept, usize::MAX / 8);
    let line = line.trim_start_matches('.').trim();
    if line.chars().count() <= NAME_MAX_CHARS {
        return line.to_owned();
    }
    let ending = line
        .rsplit_once('.')
        .map(|(_, ending)| ending)
        .filter(|ending| ending.chars().count() <= ENDING_MAX_CHARS);
    match ending {
        Some(ending) => {
            let room = NAME_MAX_CHARS - ending.chars().count() - 1;
            let stem: String = line.chars().take(room).collect();
            format!("{stem}.{ending}")
        }
        None => line.chars().take(NAME_MAX_CHARS).collect(),
    }
}

/// The Content-IDs that an HTML text shows.
fn referenced(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices("cid:")
        .take(CIDS_MAX)
        .filter_map(|(at, found)| {
            let rest = html.get(at + found.len()..)?;
            rest.split(['"', '\'', ')', '>', ' ']).next()
        })
}
