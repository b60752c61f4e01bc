//! `inspect`: how a mail is understood. No state, no configuration.

mod batch;
mod shown;

use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Done, Outcome, print};
use crate::domain::address::Address;
use crate::domain::classify::classify;
use crate::domain::message::{Attachment, Mail, MailClass};
use crate::domain::policy::Phrases;
use crate::mail::authentication::{AuthenticationSettings, Position};
use crate::mail::forward::Forwarded;
use crate::mail::text::Converted;
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
    /// Whose word on the sender counts; authserv where only --authserv-id is given
    #[arg(long, value_enum)]
    provider: Option<Provider>,
    /// The server whose Authentication-Results count
    #[arg(long = "authserv-id", value_name = "ID")]
    authserv_id: Option<String>,
    /// Where that server puts its line, relative to its own Received
    #[arg(long, value_enum, requires = "authserv_id")]
    position: Option<Where>,
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

/// Whose word on a sender counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Provider {
    /// A server with an id.
    Authserv,
    /// Exchange Online; the domains of the --own addresses are the tenant's.
    Microsoft365,
    /// Nobody's.
    None,
}

/// Where a server puts its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Where {
    /// Anywhere.
    Any,
    /// Above its Received.
    Above,
    /// Below its Received.
    Below,
}

impl Inspect {
    /// What was asked for about senders; none: they are not judged.
    fn authentication(&self, own: &[Address]) -> anyhow::Result<Option<AuthenticationSettings>> {
        match (self.provider, &self.authserv_id) {
            (None, None) => Ok(None),
            (None | Some(Provider::Authserv), Some(id)) => {
                let position = match self.position {
                    None | Some(Where::Any) => Position::Any,
                    Some(Where::Above) => Position::Above,
                    Some(Where::Below) => Position::Below,
                };
                let id = id.clone();
                Ok(Some(AuthenticationSettings::Authserv { id, position }))
            }
            (Some(Provider::Authserv), None) => {
                bail!("--provider authserv needs --authserv-id")
            }
            (Some(Provider::Microsoft365), None) => {
                let domains = own.iter().map(|address| address.domain().to_owned());
                let tenant_domains = domains.collect();
                Ok(Some(AuthenticationSettings::Microsoft365 {
                    tenant_domains,
                }))
            }
            (Some(Provider::None), None) => Ok(Some(AuthenticationSettings::Nobody)),
            (Some(Provider::Microsoft365 | Provider::None), Some(_)) => {
                bail!("--authserv-id goes with --provider authserv")
            }
        }
    }

    /// Inspects each file in turn; one that cannot be read is told and the rest goes on.
    pub fn run(&self) -> Outcome {
        let own = self
            .own
            .iter()
            .map(|text| Address::parse(text).ok_or_else(|| anyhow!("«{text}» is not an address")))
            .collect::<Result<Vec<_>, _>>()?;
        let authentication = self.authentication(&own)?;
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
        let nobody = AuthenticationSettings::Nobody;
        let context = parse::Context {
            keys: &self.keys,
            own_addresses: &self.own,
            authentication: self.authentication.as_ref().unwrap_or(&nobody),
            phrases: &self.phrases,
            ticket_prefix: "",
        };
        let received = received::receipt_time(raw).unwrap_or(DateTime::<Utc>::UNIX_EPOCH);
        let mail = parse::read(raw, received, &context);
        let forward = passed_on(raw, &mail);
        describe(&mail, forward, &self.own, self.authentication.is_some())
    }

    /// A bare body: its newest words.
    pub fn body(&self, raw: &[u8], kind: BodyKind) -> Value {
        let text = String::from_utf8_lossy(raw);
        let full = match kind {
            BodyKind::Text => Converted {
                text: text.into_owned(),
                quote_at: None,
            },
            BodyKind::Html => text::from_html(&text),
        };
        let Converted { text, quote_at } = full;
        let forward = forward::in_body(&text).map(forwarded);
        json!({
            "reply_text": quote::newest_marked(&text, quote_at, &self.phrases),
            "full_text": text,
            "forward": forward,
        })
    }
}

/// Whose mail a mail passes on, in its text or attached.
fn passed_on(raw: &[u8], mail: &Mail) -> Option<Forwarded> {
    let in_text = forward::of(&mail.subject, &mail.full_text);
    // Taking the mail apart once more is only worth it where there is a mail in it.
    let has_mail = |a: &Attachment| a.media_type == "message/rfc822";
    in_text.or_else(|| {
        let is_wrapper = mail.report.is_none() && mail.attachments.iter().any(has_mail);
        is_wrapper.then(|| forward::attached(raw, &mail.subject, &mail.full_text))?
    })
}

fn forwarded(found: Forwarded) -> Value {
    json!({ "from": found.from, "subject": found.subject })
}

/// A mail as interface.md has it.
fn describe(
    mail: &Mail,
    forward: Option<Forwarded>,
    own: &[Address],
    authenticated: bool,
) -> Value {
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
        "forward": forward.map(forwarded),
        "authentication": authentication,
    })
}
