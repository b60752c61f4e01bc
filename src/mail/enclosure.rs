//! What of a received mail goes with its words when they are passed on: formatting, images, files.

use super::body::{Body, File};
use super::decode;
use super::part::Structure;
use super::rich;
use crate::domain::message::Attachment;

/// An image that the formatting does not show, and larger than this, goes as a file: below are
/// logos and the marks that count readers.
const LOGO_MAX_BYTES: usize = 8 * 1024;

/// Characters of an image's hash by which the HTML names it.
const NAME_CHARS: usize = 24;

/// What goes with the words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Enclosure {
    /// The words with their formatting; none: as text alone.
    pub html: Option<String>,
    /// The images that `html` shows, each under its `content_id`.
    pub images: Vec<File>,
    /// The files beside them.
    pub files: Vec<File>,
}

impl Enclosure {
    /// A file that no HTML names.
    fn add(&mut self, file: Option<File>) {
        let content_id = None;
        self.files
            .extend(file.map(|file| File { content_id, ..file }));
    }
}

/// The files of a monthly statement, under `name`.
pub fn of_statement(name: &str, html: &str, csv: &str) -> Enclosure {
    let file = |ending: &str, media_type: &str, text: &str| File {
        listed: Attachment {
            name: format!("{name}.{ending}"),
            media_type: media_type.to_owned(),
            size: text.len().try_into().unwrap_or(u64::MAX),
            inline: false,
            // Nothing is chosen by it: what is enclosed is written here.
            sha256: String::new(),
        },
        bytes: text.as_bytes().to_vec(),
        content_id: None,
    };
    Enclosure {
        files: vec![
            file("html", "text/html; charset=utf-8", html),
            file("csv", "text/csv; charset=utf-8; header=present", csv),
        ],
        ..Enclosure::default()
    }
}

/// Takes from `raw` what goes with `words`: the files whose SHA-256 is among `wanted`, and the
/// images within the words. Total: what cannot be read is not enclosed.
pub fn of(raw: &[u8], words: &str, wanted: &[String]) -> Enclosure {
    let raw = &*decode::line_ends(raw.trim_ascii_start());
    let Some(structure) = Structure::read(raw).filter(|read| !read.is_too_complex) else {
        return Enclosure::default();
    };
    let body = Body::read(&structure);
    let rich = match body.html.as_slice() {
        [html] => rich::cut(html, words),
        _ => None,
    };
    let mut enclosure = Enclosure::default();
    let mut html = rich.as_ref().map(|rich| rich.html.clone());
    for mut file in body.files {
        let place = rich.as_ref().and_then(|rich| {
            let id = file.content_id.as_ref()?;
            rich.images.iter().position(|image| image == id)
        });
        match (place, &mut html) {
            (Some(place), Some(html)) => {
                let hash: String = file.listed.sha256.chars().take(NAME_CHARS).collect();
                let name = format!("{hash}@image");
                *html = html.replace(
                    &format!("src=\"cid:{place}\""),
                    &format!("src=\"cid:{name}\""),
                );
                file.content_id = Some(name);
                enclosure.images.push(file);
            }
            // Without formatting nobody knows whether an image stood among the words.
            _ if file.listed.inline => {
                let may_be_theirs = html.is_none()
                    && file.bytes.len() > LOGO_MAX_BYTES
                    && wanted.contains(&file.listed.sha256);
                enclosure.add(Some(file).filter(|_| may_be_theirs));
            }
            _ => enclosure.add(Some(file).filter(|file| wanted.contains(&file.listed.sha256))),
        }
    }
    enclosure.html = html;
    enclosure
}
