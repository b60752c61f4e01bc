//! Mails written for the purpose in Spanish, as the common programs write them, each odd in one
//! way: `tests/fixtures/eml/*.eml`. What is right about each stands beside them in `expected.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use soported::cli::inspect::Inspector;

/// The header line that every mail of the set has.
const MARK: &str = "X-Fixture: written for soported's tests";

/// Fewest mails in the set.
const MAILS_MIN: usize = 45;

/// What is right about a mail; what is absent is not asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    odd: String,
    class: Option<String>,
    acknowledge: Option<bool>,
    from: Option<String>,
    subject: Option<String>,
    reply: Option<String>,
    #[serde(default)]
    reply_has: Vec<String>,
    #[serde(default)]
    reply_lacks: Vec<String>,
    #[serde(default)]
    text_has: Vec<String>,
    #[serde(default)]
    text_lacks: Vec<String>,
    forward_from: Option<String>,
    forward_subject: Option<String>,
    #[serde(default)]
    answers: bool,
    attachments: Option<Vec<String>>,
    inline: Option<Vec<String>>,
    bounce: Option<Vec<Bounce>>,
    original: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounce {
    recipient: String,
    action: Option<String>,
    status: Option<String>,
    hard: Option<bool>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/eml")
}

fn expected() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(folder().join("expected.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// The mails by name, without their ending.
fn mails() -> BTreeMap<String, Vec<u8>> {
    std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap())
        })
        .collect()
}

/// What is wrong with one mail, each with what was found.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, right: T) {
        if found != right {
            self.0
                .push(format!("{what}: found {found:?}, right is {right:?}"));
        }
    }

    fn pieces(&mut self, what: &str, text: &str, has: &[String], lacks: &[String]) {
        for piece in has.iter().filter(|piece| !text.contains(piece.as_str())) {
            self.0.push(format!("{what} lacks {piece:?}: {text:?}"));
        }
        for piece in lacks.iter().filter(|piece| text.contains(piece.as_str())) {
            self.0.push(format!("{what} holds {piece:?}"));
        }
    }
}

/// A text of what was seen; null is the empty one.
fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn names(seen: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<&str> {
    let listed = seen["attachments"].as_array().unwrap();
    listed
        .iter()
        .filter(|one| wanted(one))
        .map(|one| text(one, "name"))
        .collect()
}

fn compare(seen: &Value, right: &Expected) -> Vec<String> {
    let mut wrong = Complaints::default();
    for (key, value) in [
        ("class", &right.class),
        ("from", &right.from),
        ("subject", &right.subject),
        ("original_message_id", &right.original),
    ] {
        if let Some(value) = value {
            wrong.equal(key, text(seen, key), value.as_str());
        }
    }
    if let Some(acknowledge) = right.acknowledge {
        wrong.equal("acknowledge", &seen["acknowledge"], &acknowledge.into());
    }
    let reply = text(seen, "reply_text");
    if let Some(right) = &right.reply {
        wrong.equal("reply", reply.trim(), right.trim());
    }
    wrong.pieces("reply", reply, &right.reply_has, &right.reply_lacks);
    wrong.pieces(
        "text",
        text(seen, "full_text"),
        &right.text_has,
        &right.text_lacks,
    );
    let forward = &seen["forward"];
    if let Some(from) = &right.forward_from {
        wrong.equal("is a forward", forward.is_object(), true);
        wrong.equal("forward_from", text(forward, "from"), from.as_str());
    }
    if let Some(subject) = &right.forward_subject {
        wrong.equal(
            "forward_subject",
            text(forward, "subject"),
            subject.as_str(),
        );
    }
    if right.answers {
        wrong.equal("forward", forward, &Value::Null);
    }
    if let Some(attachments) = &right.attachments {
        let attachments: Vec<&str> = attachments.iter().map(String::as_str).collect();
        wrong.equal("attachments", names(seen, |_| true), attachments);
    }
    if let Some(inline) = &right.inline {
        let inline: Vec<&str> = inline.iter().map(String::as_str).collect();
        let is_inline = |one: &Value| one["inline"] == Value::Bool(true);
        wrong.equal("inline", names(seen, is_inline), inline);
    }
    if let Some(bounce) = &right.bounce {
        compare_bounce(seen["bounce"].as_array().unwrap(), bounce, &mut wrong);
    }
    wrong.0
}

fn compare_bounce(found: &[Value], right: &[Bounce], wrong: &mut Complaints) {
    let who = |list: Vec<&str>| list.join(", ");
    wrong.equal(
        "failed recipients",
        who(found.iter().map(|one| text(one, "recipient")).collect()),
        who(right.iter().map(|one| one.recipient.as_str()).collect()),
    );
    for (found, right) in found.iter().zip(right) {
        if let Some(action) = &right.action {
            wrong.equal("action", text(found, "action"), action.as_str());
        }
        if let Some(status) = &right.status {
            wrong.equal("status", text(found, "status"), status.as_str());
        }
        if let Some(hard) = right.hard {
            wrong.equal("hard", &found["hard"], &hard.into());
        }
    }
}

#[test]
fn every_spanish_mail_is_read_for_what_it_is() {
    let (expected, mails) = (expected(), mails());
    let inspector = Inspector::new(Vec::new(), None).unwrap();
    let mut wrong = Vec::new();
    for (name, right) in &expected {
        let Some(raw) = mails.get(name) else { continue };
        let complaints = compare(&inspector.mail(raw), right);
        if !complaints.is_empty() {
            println!("wrong: {name} ({})", right.odd);
            wrong.push(format!("{name}:\n    {}", complaints.join("\n    ")));
        }
    }
    println!("{} of {}", expected.len() - wrong.len(), expected.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mail_has_its_entry_and_every_entry_its_mail() {
    let (expected, mails) = (expected(), mails());
    let named: BTreeSet<&String> = expected.keys().collect();
    let there: BTreeSet<&String> = mails.keys().collect();
    assert_eq!(named, there);
    assert!(mails.len() >= MAILS_MIN);
    for (name, right) in &expected {
        assert!(right.odd.ends_with('.'), "{name} says what is odd in it");
    }
}

#[test]
fn every_mail_says_that_it_is_written_and_names_nobody_real() {
    for (name, raw) in mails() {
        let text = String::from_utf8_lossy(&raw);
        // RFC 2606 §2; what mail programs write about themselves is theirs.
        let programs = [
            "@google.com",
            "@mail.gmail.com",
            ".prod.outlook.com",
            "@01DC534A.6F1E2B30",
        ];
        assert!(text.contains(MARK), "{name}");
        for word in text.split(|c: char| c.is_whitespace() || "<>()[]\"';,:&".contains(c)) {
            let Some((local, domain)) = word.rsplit_once('@') else {
                continue;
            };
            let is_address = !local.is_empty() && domain.contains('.') && !word.contains('=');
            let is_nobody = domain.trim_end_matches('.').ends_with(".example")
                || programs.iter().any(|known| word.ends_with(known));
            assert!(!is_address || is_nobody, "{name}: {word}");
        }
    }
}
