//! `inspect`: how a mail is understood. No state, no configuration.

mod batch;
mod shown;

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Done, Outcome, print};
use crate::domain::address::Address;
use crate::domain::classify::classify;
use crate::domain::message::{Mail, MailClass};
use crate::domain::policy::Phrases;
use crate::domain::subject::Subject;
use crate::mail::authentication::{AuthenticationSettings, Position};
use crate::mail::forward::Forwarded;
use crate::mail::token::{Key, Keys};
use crate::mail::{forward, parse, quote, received, text};
use crate::render::Templates;

/// Largest file read, in bytes.
const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Show how mails are understood
#[derive(Debug, Args)]
pub struct Inspect {
    /// One JSON object per file and line
    #[arg(long)]
    json: bool,
    /// The input is only a body
    #[arg(long, value_enum)]
    body: Option<BodyKind>,
    /// An address of ours
    #[arg(long = "own", value_name = "ADDRESS")]
    own: Vec<String>,
    /// The server whose Authentication-Results count
    #[arg(long = "authserv-id", value_name = "ID")]
    authserv_id: Option<String>,
    /// Mails; - is stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What a bare body is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BodyKind {
    /// `text/plain`.
    Text,
    /// `text/html`.
    Html,
}

impl Inspect {
    /// Inspects each file in turn; one that cannot be read is told and the rest goes on.
    pub fn run(&self) -> Outcome {
        let own = self
            .own
            .iter()
            .map(|text| Address::parse(text).ok_or_else(|| anyhow!("«{text}» is not an address")))
            .collect::<Result<Vec<_>, _>>()?;
        let authentication = self.authserv_id.as_ref().map(|id| AuthenticationSettings {
            authserv_id: id.clone(),
            position: Position::Any,
        });
        let inspector = Inspector::new(own, authentication)?;
        let mut done = Done::Well;
        let look = |file: &PathBuf| self.look(&inspector, file);
        batch::in_order(&self.files, look, |seen| match seen {
            Ok(text) => print::line(&text),
            Err(error) => {
                eprintln!("soported: {error:#}");
                done = Done::WithProblems;
                Ok(())
            }
        })?;
        Ok(done)
    }

    /// What is printed about one file.
    fn look(&self, inspector: &Inspector, file: &PathBuf) -> anyhow::Result<String> {
        let raw = read(file)?;
        let mut value = match self.body {
            Some(kind) => inspector.body(&raw, kind),
            None => inspector.mail(&raw),
        };
        if let Value::Object(map) = &mut value {
            map.insert("file".to_owned(), json!(file.to_string_lossy()));
        }
        Ok(match self.json {
            true => value.to_string(),
            false => shown::text(&value),
        })
    }
}

/// A file as a whole; one that is larger than any mail is refused, not read in part.
fn read(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    let name = file.display();
    let mut raw = Vec::new();
    let limit = FILE_MAX_BYTES + 1;
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut raw)
    } else {
        std::fs::File::open(file).and_then(|f| f.take(limit).read_to_end(&mut raw))
    }
    .with_context(|| format!("reading {name}"))?;
    let is_whole = raw.len() as u64 <= FILE_MAX_BYTES;
    is_whole
        .then_some(raw)
        .ok_or_else(|| anyhow!("reading {name}: larger than {FILE_MAX_BYTES} bytes, no mail is"))
}

/// How mails are understood, as the JSON of interface.md; kept from one mail to the next.
#[derive(Debug)]
pub struct Inspector {
    own: Vec<Address>,
    authentication: Option<AuthenticationSettings>,
    phrases: Phrases,
    keys: Keys,
}

impl Inspector {
    /// For mails that reach the addresses `own`, judged by `authentication` where it is known.
    ///
    /// # Errors
    /// The templates built in do not render: a fault of the program.
    pub fn new(
        own: Vec<Address>,
        authentication: Option<AuthenticationSettings>,
    ) -> anyhow::Result<Self> {
        let templates = Templates::load(None, Tz::America__Mexico_City)
            .map_err(|_| anyhow!("the built-in templates do not render"))?;
        Ok(Self {
            own,
            authentication,
            phrases: templates.phrases(),
            // No database, so no token of ours can be known here: a key nobody else has.
            keys: Keys {
                current: Key {
                    version: 0,
                    secret: [0; 32],
                },
                previous: None,
            },
        })
    }

    /// A whole mail.
    pub fn mail(&self, raw: &[u8]) -> Value {
        let nobody = AuthenticationSettings {
            authserv_id: String::new(),
            position: Position::Any,
        };
        let context = parse::Context {
            keys: &self.keys,
            own_addresses: &self.own,
            authentication: self.authentication.as_ref().unwrap_or(&nobody),
            phrases: &self.phrases,
            ticket_prefix: "",
        };
        let received = received::receipt_time(raw).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        let mail = parse::read(raw, received, &context);
        describe(&mail, &self.own, self.authentication.is_some())
    }

    /// A bare body: its newest words.
    pub fn body(&self, raw: &[u8], kind: BodyKind) -> Value {
        let text = String::from_utf8_lossy(raw);
        let full = match kind {
            BodyKind::Text => text.into_owned(),
            BodyKind::Html => text::from_html(&text).text,
        };
        let forward = forward::read(&full).map(forwarded);
        json!({
            "reply_text": quote::newest(&full, &self.phrases),
            "full_text": full,
            "forward": forward,
        })
    }
}

fn forwarded(found: Forwarded) -> Value {
    json!({ "from": found.from, "subject": found.subject })
}

/// A mail as interface.md has it.
fn describe(mail: &Mail, own: &[Address], authenticated: bool) -> Value {
    let class = classify(mail, own);
    let report = match class.class {
        MailClass::Bounce | MailClass::Delay | MailClass::Delivered => mail.report.as_ref(),
        _ => None,
    };
    let bounce: Vec<Value> = report
        .iter()
        .flat_map(|r| &r.recipients)
        .map(|r| {
            json!({
                "recipient": r.recipient,
                "action": r.action,
                "status": r.status,
                "hard": r.is_hard(),
                "diagnostic": r.diagnostic,
            })
        })
        .collect();
    let authentication = authenticated.then(|| {
        json!({
            "verdict": mail.authentication.verdict.name(),
            "line": mail.authentication.line,
        })
    });
    // Outlook writes the same block above an answer: only the subject tells them apart.
    let subject = Subject::read(&mail.subject, "");
    let text = &mail.full_text;
    let forward = if subject.is_forward {
        forward::read(text).or_else(|| forward::attributed(text, &subject.bare))
    } else {
        None
    };
    let forward = forward.map(forwarded);
    // A mail without a Message-ID has one of ours, made from its content: not what it says.
    let message_id = (!parse::is_synthetic(&mail.message_id)).then_some(&mail.message_id);
    json!({
        "class": class.class.name(),
        "evidence": class.evidence,
        "acknowledge": class.may_acknowledge(),
        "from": mail.from.as_ref().ok().map(|p| p.address.as_str()),
        "reply_to": mail.reply_to.first().map(Address::as_str),
        "subject": mail.subject,
        "message_id": message_id,
        "in_reply_to": mail.in_reply_to,
        "references": mail.references,
        "reply_text": mail.text,
        "full_text": mail.full_text,
        "attachments": mail.attachments,
        "bounce": bounce,
        "original_message_id": report.and_then(|r| r.original_message_id.as_deref()),
        "forward": forward,
        "authentication": authentication,
    })
}
