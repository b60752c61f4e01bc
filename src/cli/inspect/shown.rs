//! A mail as `inspect` shows it to people: what it is first, then who, then what it says.

use std::fmt::Write;

use serde_json::Value;

use crate::mail::decode;

/// Width of the column of names.
const NAMES: usize = 14;

/// Longest line of a value, in characters; the whole of it is in the JSON.
const LINE_MAX_CHARS: usize = 200;

/// Ids shown of References: the first, and the last ones.
const IDS_SHOWN: usize = 3;

/// The text for one file.
pub fn text(value: &Value) -> String {
    let mut shown = Shown(String::new());
    if let Some(file) = value["file"].as_str() {
        shown.0 = format!("── {} ──\n", decode::clean_line(file, LINE_MAX_CHARS));
    }
    if value.get("class").is_some() {
        shown.mail(value);
    }
    let forward = &value["forward"];
    if !forward.is_null() {
        let (from, subject) = (plain(&forward["from"]), plain(&forward["subject"]));
        shown.field("forwards", &format!("{from} «{subject}»"));
    }
    let (reply, full) = (&value["reply_text"], &value["full_text"]);
    shown.block("says", plain(reply));
    if plain(full).trim() != plain(reply).trim() {
        shown.block("in full", plain(full));
    }
    shown.0
}

struct Shown(String);

impl Shown {
    fn mail(&mut self, value: &Value) {
        let answer = match value["acknowledge"].as_bool() {
            Some(true) => "may be acknowledged",
            _ => "not acknowledged",
        };
        self.field("class", &format!("{}, {answer}", plain(&value["class"])));
        self.fields("because", texts(&value["evidence"]));
        let authentication = &value["authentication"];
        if !authentication.is_null() {
            let (verdict, line) = (&authentication["verdict"], &authentication["line"]);
            self.field("sender", &format!("{}: {}", plain(verdict), plain(line)));
        }
        for (name, key) in [
            ("from", "from"),
            ("reply to", "reply_to"),
            ("subject", "subject"),
            ("id", "message_id"),
        ] {
            self.field(name, plain(&value[key]));
        }
        self.fields("answers", texts(&value["in_reply_to"]));
        self.ids("references", &texts(&value["references"]));
        for file in list(&value["attachments"]) {
            let inline = match file["inline"].as_bool() {
                Some(true) => ", shown in the text",
                _ => "",
            };
            let (name, kind) = (plain(&file["name"]), plain(&file["type"]));
            let size = size(file["size"].as_u64().unwrap_or(0));
            self.field("attached", &format!("{name} ({kind}, {size}{inline})"));
        }
        for report in list(&value["bounce"]) {
            let kind = match report["hard"].as_bool() {
                Some(true) => "for good",
                _ => "for now",
            };
            let words = ["recipient", "action", "status"].map(|key| plain(&report[key]));
            let why = plain(&report["diagnostic"]);
            self.field("reports", &format!("{} ({kind}) {why}", words.join(" ")));
        }
        self.field("about", plain(&value["original_message_id"]));
    }

    /// A line; none where there is nothing to say.
    fn field(&mut self, name: &str, value: &str) {
        let value = decode::clean_line(value, LINE_MAX_CHARS);
        if !value.is_empty() {
            // Writing to a text does not fail.
            let _ = writeln!(self.0, "{name:<NAMES$}{value}");
        }
    }

    fn fields(&mut self, name: &str, values: Vec<&str>) {
        for value in values {
            self.field(name, value);
        }
    }

    fn ids(&mut self, name: &str, ids: &[&str]) {
        let left_out = ids.len().saturating_sub(IDS_SHOWN);
        for (at, id) in ids.iter().enumerate() {
            if at == 1 && left_out > 0 {
                self.field(name, &format!("… {left_out} more"));
            }
            if at == 0 || at > left_out {
                self.field(name, id);
            }
        }
    }

    /// Lines of text under a name.
    fn block(&mut self, name: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        let _ = writeln!(self.0, "{name}");
        for line in text.trim_end().trim_start_matches('\n').lines() {
            let _ = writeln!(self.0, "{}", format!("  │ {line}").trim_end());
        }
    }
}

fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> Vec<&str> {
    list(value).iter().map(plain).collect()
}

/// A size for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}
