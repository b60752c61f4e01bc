//! Attachments as they are listed to people: name, type, size. Their bytes stay in the raw mail.

use std::collections::HashSet;

use super::decode;
use super::part::{Part, Structure};
use crate::domain::message::Attachment;

/// Longest attachment name kept, in characters; the ending is kept when a name is cut.
pub const NAME_MAX_CHARS: usize = 120;

/// Most characters of a file name's ending.
const ENDING_MAX_CHARS: usize = 10;

/// Most references to images (`cid:`) looked for in a text.
const CIDS_MAX: usize = 1_000;

/// The parts besides the text. `html` is the HTML text of the mail, empty where there is none.
pub fn list(structure: &Structure, html: &str) -> Vec<Attachment> {
    let shown = referenced(html);
    structure
        .other_parts()
        .enumerate()
        .map(|(at, part)| {
            let media_type = part.media_type();
            Attachment {
                name: name(&part, at + 1, &media_type),
                size: part.size() as u64,
                inline: part.content_id().is_some_and(|id| shown.contains(id)),
                media_type,
            }
        })
        .collect()
}

fn name(part: &Part, number: usize, media_type: &str) -> String {
    let written = part.file_name().map(safe_name).unwrap_or_default();
    if !written.is_empty() {
        return written;
    }
    let ending = match media_type {
        "message/rfc822" | "message/global" => "eml",
        "text/calendar" => "ics",
        "text/plain" => "txt",
        "text/html" => "html",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/ms-tnef" => "dat",
        _ => "bin",
    };
    format!("part-{number}.{ending}")
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
fn referenced(html: &str) -> HashSet<&str> {
    html.match_indices("cid:")
        .take(CIDS_MAX)
        .filter_map(|(at, found)| {
            let rest = html.get(at + found.len()..)?;
            rest.split(['"', '\'', ')', '>', ' ']).next()
        })
        .collect()
}
