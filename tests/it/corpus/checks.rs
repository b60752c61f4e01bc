//! What is asked of each set, and how an answer is compared with what its project states.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mail_parser::MessageParser;
use mail_parser::decoders::html::html_to_text;
use serde_json::Value;
use soported::cli::inspect::{BodyKind, Inspector};
use soported::domain::address::Address;
use soported::mail::authentication::{AuthenticationSettings, Position};

use super::Case;
use super::board::Board;

/// Longest reading of one mail, whatever it is.
const SLOW: Duration = Duration::from_secs(1);

fn plain() -> Inspector {
    Inspector::new(Vec::new(), None).unwrap()
}

/// A case as `inspect` shows it.
fn inspect(inspector: &Inspector, case: &Case) -> Value {
    match case.says("form") {
        Some("body_text") => inspector.body(&case.raw, BodyKind::Text),
        Some("body_html") => inspector.body(&case.raw, BodyKind::Html),
        _ => inspector.mail(&case.raw),
    }
}

fn text<'a>(seen: &'a Value, key: &str) -> &'a str {
    seen[key].as_str().unwrap_or_default()
}

/// Mails of which the project says what they are.
pub fn classes(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases.iter().filter(|case| case.is_mail()) {
        let seen = inspector.mail(&case.raw);
        let class = text(&seen, "class");
        let what = || format!("{}: {class} {}", case.name(), seen["evidence"]);
        let (line, is_right) = match case.says("kind") {
            Some("bounce") => ("bounce recognized", class == "bounce"),
            Some("auto_reply" | "challenge_response") => (
                "auto-reply or challenge recognized",
                matches!(class, "auto_reply" | "challenge"),
            ),
            Some("human") => ("human mail left human", class == "human"),
            Some("feedback_report") => ("feedback report recognized", class == "feedback_report"),
            Some("mdn") => ("read receipt recognized", class == "read_receipt"),
            Some("delivery_success_dsn") => ("delivery recognized", class == "delivered"),
            _ => continue,
        };
        board.score(line, is_right, what);
    }
}

/// Status codes that sisimai makes itself, for failures that state none.
const MADE_UP: &str = ".0.9";

/// What delivery reports say: who, hard or soft, and the class of the status.
pub fn reports(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases.iter().filter(|case| case.is_mail()) {
        let Some(stated) = case.index["bounce"].as_array().filter(|b| !b.is_empty()) else {
            continue;
        };
        if case.says("kind") != Some("bounce") {
            continue;
        }
        let seen = inspector.mail(&case.raw);
        let found = seen["bounce"].as_array().unwrap();
        let what = || {
            format!(
                "{}: {} / {}",
                case.name(),
                seen["bounce"],
                case.index["bounce"]
            )
        };
        if case.set == "sisimai" {
            let hard = |list: &[Value]| -> BTreeSet<bool> {
                list.iter().filter_map(|b| b["hard"].as_bool()).collect()
            };
            board.score("sisimai: hard or soft", hard(stated) == hard(found), what);
            let class = |list: &[Value]| -> BTreeSet<String> {
                list.iter()
                    .map(|b| text(b, "status"))
                    .filter(|status| !status.contains(MADE_UP))
                    .map(|status| status.chars().take(1).collect())
                    .collect()
            };
            if !class(stated).is_empty() {
                board.score("sisimai: status class", class(stated) == class(found), what);
            }
        }
        if case.set == "flufl_bounce" {
            let who = |list: &[Value]| -> BTreeSet<String> {
                list.iter()
                    .map(|b| text(b, "recipient").to_lowercase())
                    .collect()
            };
            board.score(
                "flufl_bounce: failed recipients",
                who(stated) == who(found),
                what,
            );
        }
    }
}

/// Whether a robot's answer would be right: what `acknowledge` is for.
pub fn answers(cases: &[Case], board: &mut Board) {
    let line = "pigeonhole_vacation: answered or not";
    for case in cases {
        let Some(expected) = case.index["auto_response_expected"].as_bool() else {
            continue;
        };
        // Sieve refuses to answer where none of the user's own addresses is a recipient; a support
        // mailbox is reached by Bcc and by aliases it does not know, and answers its clients.
        let hangs_on_recipient = ["09_", "10_"]
            .iter()
            .any(|number| text(&case.index, "file").starts_with(number));
        if hangs_on_recipient {
            board.set_apart(
                line,
                format!("{}: whether the user is named as a recipient", case.name()),
            );
            continue;
        }
        let own: Vec<Address> = case.index["own_addresses"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| Address::parse(one.as_str()?))
            .collect();
        let seen = Inspector::new(own, None).unwrap().mail(&case.raw);
        let acknowledge = seen["acknowledge"].as_bool().unwrap();
        board.score(line, acknowledge == expected, || {
            format!("{}: {}", case.name(), seen["evidence"])
        });
    }
}

/// The sets of replies; each must reach 70 %.
const REPLIES: [&str; 6] = [
    "email_reply_trimmer",
    "griddler",
    "libredesk",
    "quotequail",
    "reply_parsers",
    "talon",
];

/// Characters compared where only the beginning is stated.
const PREFIX_CHARS: usize = 71;

/// Whether a reply is the stated one, compared as the project compares.
fn is_reply(how: &str, found: &str, stated: &str) -> bool {
    let words = |text: &str, glue: &str| text.split_whitespace().collect::<Vec<_>>().join(glue);
    match how {
        "ws_equal" => words(found, " ") == words(stated, " "),
        "ws_removed_equal" => words(found, "") == words(stated, ""),
        "prefix_71_chars" => found
            .chars()
            .take(PREFIX_CHARS)
            .eq(stated.chars().take(PREFIX_CHARS)),
        _ => found.trim().replace("\r\n", "\n") == stated.trim().replace("\r\n", "\n"),
    }
}

/// The newest words of a mail.
pub fn reply_texts(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases {
        let Some(stated) = case.says("expected_reply") else {
            continue;
        };
        let seen = inspect(&inspector, case);
        let found = text(&seen, "reply_text");
        let how = case.says("match").unwrap_or("trim_equal");
        let is_right = is_reply(how, found, stated);
        let what = || format!("{}: {found:?}\n      stated {stated:?}", case.name());
        board.score(&format!("{}: reply text", case.set), is_right, what);
        if REPLIES.contains(&case.set.as_str()) {
            board.score("reply text, the six sets together", is_right, String::new);
        }
    }
}

/// Who wrote what was forwarded.
pub fn forwards(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases.iter().filter(|case| case.set == "forward_parser") {
        let stated = &case.index["forward"];
        // Its project reads the body together with the subject wherever it states one: Outlook
        // writes the same body when it passes a mail on and when it answers.
        let seen = match case.says("subject_header") {
            Some(subject) => {
                let head = format!(
                    "From: ana@acme.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
                );
                inspector.mail(&[head.as_bytes(), &case.raw].concat())
            }
            None => inspect(&inspector, case),
        };
        let forward = &seen["forward"];
        let what = || format!("{}: {forward} / {}", case.name(), stated["from"]);
        if !stated["forwarded"].as_bool().unwrap() {
            board.score(
                "forward_parser: no forward seen in others",
                forward.is_null(),
                what,
            );
        } else if let Some(from) = stated["from"]["address"].as_str() {
            let is_right = text(forward, "from").eq_ignore_ascii_case(from);
            board.score("forward_parser: original sender", is_right, what);
        }
    }
}

/// The ids under which the receiving providers of deltachat's set write what they found, as an
/// operator would configure them. The others write nothing, or nothing that can be used.
const PROVIDERS: [(&str, &str); 11] = [
    ("alice@buzon.uy", "mail.buzon.uy"),
    ("alice@disroot.org", "disroot.org"),
    ("alice@fastmail.com", "*.messagingengine.com"),
    ("alice@gmx.de", "gmx.net"),
    ("alice@ik.me", "mx.infomaniak.com"),
    ("alice@mail.de", "*.mail.de"),
    ("alice@mail.ru", "mxs.mail.ru"),
    ("alice@riseup.net", "*.riseup.net"),
    ("alice@testrun.org", "testrun.org"),
    ("alice@yahoo.com", "*.yahoo.com"),
    ("alice@yandex.ru", "*.qloud-c.yandex.net"),
];

/// Signed by gmx.net, From gmx.de: not aligned, and no forgery.
const SPF_AND_DMARC: &str = "deltachat/authres/alice@testrun.org/alice@gmx.de.eml";

/// Forged senders are refused, good ones accepted.
///
/// `dkim_passed` is what the project states of a provider whose lines can be used, and
/// `dkim_expected_raw` what it knows of every mail, whatever its provider wrote.
pub fn senders(cases: &[Case], board: &mut Board) {
    let cases = cases.iter().filter(|case| case.set == "deltachat");
    for case in cases {
        let Some(truth) = case.index["dkim_expected_raw"].as_bool() else {
            continue;
        };
        let account = case.says("receiving_account").unwrap();
        let id = PROVIDERS.iter().find(|(who, _)| *who == account);
        let settings = id.map_or(AuthenticationSettings::Nobody, |(_, id)| {
            AuthenticationSettings::Authserv {
                id: (*id).to_owned(),
                position: Position::Any,
            }
        });
        let inspector = Inspector::new(Vec::new(), Some(settings)).unwrap();
        let seen = inspector.mail(&case.raw);
        let authentication = &seen["authentication"];
        let accepted = matches!(text(authentication, "verdict"), "strong" | "medium");
        // A pass of DMARC is strong whichever of SPF and DKIM it rests on (RFC 7489 §4.2).
        if case.name() == SPF_AND_DMARC {
            let why = "DKIM alone is stated, and DMARC passed by SPF";
            board.set_apart(
                "deltachat: forged or failing sender refused",
                format!("{}: {why}", case.name()),
            );
            continue;
        }
        let (line, is_right) = match (case.index["dkim_passed"].as_bool(), truth) {
            (Some(true), _) => ("deltachat: good sender accepted", accepted),
            (Some(false), _) => ("deltachat: forged or failing sender refused", !accepted),
            (None, false) => (
                "deltachat: forged or failing refused, nothing stated",
                !accepted,
            ),
            (None, true) => continue,
        };
        board.score(line, is_right, || {
            format!("{} {authentication}", case.name())
        });
    }
}

/// What a mail says and carries: subject, names, words, addresses and ids.
pub fn contents(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases.iter().filter(|case| case.is_mail()) {
        let seen = inspector.mail(&case.raw);
        let has_separator = !case.index["delimiter"].is_null();
        if has_separator {
            let why = format!("{}: what its house puts above quotes", case.name());
            board.set_apart("body leaves out", why);
        }
        let mut fact = |line: &str, is_right: bool, found: &Value, stated: &Value| {
            board.score(line, is_right, || {
                format!("{}: {found}\n      stated {stated}", case.name())
            });
        };
        let stated = |key: &str| Some(&case.index[key]).filter(|value| !value.is_null());
        if let Some(subject) = stated("subject") {
            fact(
                "subject",
                seen["subject"] == *subject,
                &seen["subject"],
                subject,
            );
        }
        if let Some(words) = stated("subject_contains") {
            let is_right = text(&seen, "subject").contains(words.as_str().unwrap());
            fact("subject", is_right, &seen["subject"], words);
        }
        if let Some(stated) = stated("attachment_names").filter(|names| names.is_array()) {
            let names: Vec<&Value> = list(&seen["attachments"])
                .iter()
                .map(|a| &a["name"])
                .collect();
            let is_right = list(stated).iter().eq(names);
            fact("attachment names", is_right, &seen["attachments"], stated);
        }
        if let Some(count) = stated("attachments").filter(|count| count.is_number()) {
            let is_right = count.as_u64() == Some(list(&seen["attachments"]).len() as u64);
            fact("attachments counted", is_right, &seen["attachments"], count);
        }
        if let Some(body) = stated("expected_body") {
            // Some projects state what is left after the quotes are cut, others everything.
            let is_right = ["reply_text", "full_text"]
                .iter()
                .map(|key| text(&seen, key).replace(char::REPLACEMENT_CHARACTER, "?"))
                .any(|found| is_reply("ws_equal", &found, body.as_str().unwrap()));
            fact("body as stated", is_right, &seen["full_text"], body);
        }
        if let Some(words) = stated("expected_contains") {
            let has = |words: &Value| text(&seen, "full_text").contains(words.as_str().unwrap());
            let is_right = list(words).iter().all(has);
            fact("body contains", is_right, &seen["full_text"], words);
        }
        if let Some(words) = stated("expected_not_contains").filter(|_| !has_separator) {
            let has = |words: &Value| text(&seen, "reply_text").contains(words.as_str().unwrap());
            let is_right = !list(words).iter().any(has);
            fact("body leaves out", is_right, &seen["reply_text"], words);
        }
        if let Some(id) = stated("in_reply_to") {
            let is_right = list(&seen["in_reply_to"]).first() == Some(id);
            fact("id answered to", is_right, &seen["in_reply_to"], id);
        }
    }
}

/// From, of whole mails and of headers alone.
pub fn identities(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    let forms = [Some("rfc822"), Some("rfc822_headers")];
    for case in cases
        .iter()
        .filter(|case| forms.contains(&case.says("form")))
    {
        if let Some(from) = case.says("from") {
            let seen = inspector.mail(&case.raw);
            let is_right = text(&seen, "from").eq_ignore_ascii_case(from);
            board.score("from address", is_right, || {
                format!("{}: {} / {from}", case.name(), seen["from"])
            });
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Every file of every set is read: no panic, no long wait, no lost words.
pub fn robustness(cases: &[Case], board: &mut Board) {
    let inspector = plain();
    for case in cases {
        let began = Instant::now();
        let seen = inspect(&inspector, case);
        let took = began.elapsed();
        board.score("read without panic, under a second", took < SLOW, || {
            format!("{}: {took:?}", case.name())
        });
        if has_words(case) {
            let is_kept = !text(&seen, "reply_text").trim().is_empty();
            board.score("text kept where there is a text part", is_kept, || {
                case.name()
            });
        }
    }
}

/// Whether the case has a text part with words in it, as another reader sees it.
fn has_words(case: &Case) -> bool {
    if !case.is_mail() {
        return case.says("form") != Some("rfc822_headers") && !case.raw.trim_ascii().is_empty();
    }
    MessageParser::new().parse(&case.raw).is_some_and(|mail| {
        let text = mail.text_bodies().chain(mail.html_bodies());
        text.filter(|part| part.is_text())
            .filter_map(|part| {
                let words = part.text_contents()?;
                Some(match part.is_text_html() {
                    true => html_to_text(words),
                    false => words.to_owned(),
                })
            })
            .any(|words| words.chars().any(char::is_alphanumeric))
    })
}
