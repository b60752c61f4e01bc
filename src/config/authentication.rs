//! `[authentication]`: whose word on a sender counts (mail.md §3).

use super::reader::{Reader, quoted};
use super::settings::{AuthenticationSettings, Position};
use crate::domain::address::{Address, is_domain};
use crate::mail::results::is_authserv_id;

/// Who tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Provider {
    Authserv,
    Microsoft365,
    Nobody,
}

/// The section. Keys of a provider not chosen are checked for their form only. Where no tenant
/// domain is written, the one of the service's own address is meant.
pub(super) fn settings(
    mut reader: Reader<'_>,
    service: Option<&Address>,
) -> Option<AuthenticationSettings> {
    let words = [
        ("authserv", Provider::Authserv),
        ("microsoft365", Provider::Microsoft365),
        ("none", Provider::Nobody),
    ];
    // mail.md §3: `none` must be written out, so there is no default.
    let provider = match reader.required_text("provider", "\"authserv\"") {
        None => None,
        Some(_) => reader.choice("provider", &words),
    };
    let id = authserv_id(&mut reader, provider);
    let position = position(&mut reader, provider);
    let mut tenant_domains = tenant_domains(&mut reader);
    if provider == Some(Provider::Nobody) {
        reader.warn(
            "provider",
            "with \"none\" nobody vouches for a sender: only an answer to a mail of ours is \
             accepted, by the token issued to the same person; every other mail is held until an \
             operator releases it, and what a consultant mails is never obeyed",
            "let the receiving server write Authentication-Results and use \"authserv\", or \
             \"microsoft365\"",
        );
    }
    reader.finish();
    match provider? {
        Provider::Authserv => Some(AuthenticationSettings::Authserv { id: id?, position }),
        Provider::Microsoft365 => {
            if tenant_domains.is_empty() {
                tenant_domains.extend(service.map(|address| address.domain().to_owned()));
            }
            Some(AuthenticationSettings::Microsoft365 { tenant_domains })
        }
        Provider::Nobody => Some(AuthenticationSettings::Nobody),
    }
}

fn authserv_id(reader: &mut Reader<'_>, provider: Option<Provider>) -> Option<String> {
    let id = reader.text("authserv_id");
    let is_id = |id: &str| match id.strip_prefix('*') {
        // A star for a whole top-level domain would be everybody.
        Some(end) => end.strip_prefix('.').is_some_and(is_domain),
        None => is_authserv_id(id) && !id.contains('*'),
    };
    match id {
        None if provider == Some(Provider::Authserv) => {
            reader.missing("authserv_id", "\"mx.example.com\"");
        }
        // RFC 8601 §2.2: authserv-id is one value, without a version or a comment.
        Some(id) if !is_id(id) => reader.problem(
            "authserv_id",
            format!("{} is not an authserv-id", quoted(id)),
            "copy the first word of the Authentication-Results lines that your server adds; \
             \"*.example.com\" stands for all servers of a domain",
        ),
        _ => {}
    }
    id.filter(|id| is_id(id)).map(str::to_owned)
}

fn position(reader: &mut Reader<'_>, provider: Option<Provider>) -> Position {
    let words = [
        ("any", Position::Any),
        ("above", Position::Above),
        ("below", Position::Below),
    ];
    let position = reader.choice("position", &words).unwrap_or(Position::Any);
    if provider == Some(Provider::Authserv) && position == Position::Any {
        // mail.md §3: the default, with a note in `check`.
        reader.note(
            "position",
            "\"any\" believes the topmost line with this id wherever it stands, so everything \
             rests on the server removing lines of its own id from incoming mail",
            "if the server always adds its line above or below its own Received, write \"above\" \
             or \"below\"",
        );
    }
    position
}

fn tenant_domains(reader: &mut Reader<'_>) -> Vec<String> {
    let mut domains = Vec::new();
    for (key, text) in reader.texts("tenant_domains", "[\"example.com\"]") {
        if is_domain(text) {
            domains.push(text.to_ascii_lowercase());
        } else {
            let what = format!("{} is not a domain", quoted(text));
            reader.problem_at(
                &key,
                what,
                "write what stands after the @, such as example.com",
            );
        }
    }
    domains
}
