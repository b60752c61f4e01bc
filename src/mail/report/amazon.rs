//! Notifications of Amazon SES, which Amazon SNS sends by mail as JSON
//! (docs.aws.amazon.com/ses, "Amazon SNS notification contents for Amazon SES").

use serde_json::Value;

use crate::domain::report::{RecipientReport, Report};
use crate::mail::decode;
use crate::mail::header::is_message_id;

use super::{RECIPIENTS_MAX, VALUE_MAX_CHARS};

/// Longest JSON read, in bytes; longer ones are no notification.
const JSON_MAX_BYTES: usize = 256 * 1024;

/// The field that SNS adds to its mails.
pub const FIELD: &str = "x-amz-sns-message-id";

/// What SES tells.
#[derive(Debug)]
pub enum Notification {
    /// A mail bounced, or was delivered.
    Delivery(Report),
    /// Somebody complained of a mail.
    Complaint,
}

/// Reads the text of a mail that SNS sent.
pub fn read(text: &str) -> Option<Notification> {
    // Below the JSON of an e-mail subscription there is advice on how to end it.
    let text = decode::cut(text.trim_start(), JSON_MAX_BYTES);
    if !text.starts_with('{') {
        return None;
    }
    // sendmail ends an overlong line with `!`, and the next begins with a blank.
    let mut value = first_value(&text.replace("!\n ", ""))?;
    // With the envelope of SNS the notification is a text within it.
    if let Some(inner) = value.get("Message").and_then(Value::as_str) {
        value = first_value(inner)?;
    }
    let kind = value.get("notificationType").or(value.get("eventType"))?;
    match kind.as_str()? {
        "Bounce" => {
            let bounced = value.get("bounce")?.get("bouncedRecipients")?.as_array()?;
            let recipients = bounced.iter().take(RECIPIENTS_MAX).map(recipient);
            Some(Notification::Delivery(report(&value, recipients.collect())))
        }
        "Delivery" => {
            let delivered = value.get("delivery")?.get("recipients")?.as_array()?;
            let recipients = delivered
                .iter()
                .take(RECIPIENTS_MAX)
                .map(|one| RecipientReport {
                    recipient: line(one).to_lowercase(),
                    action: "delivered".to_owned(),
                    ..RecipientReport::default()
                });
            Some(Notification::Delivery(report(&value, recipients.collect())))
        }
        "Complaint" => Some(Notification::Complaint),
        _ => None,
    }
}

fn first_value(text: &str) -> Option<Value> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    values.next()?.ok()
}

fn recipient(one: &Value) -> RecipientReport {
    let get = |name: &str| one.get(name).map(line).unwrap_or_default();
    let action = get("action").to_lowercase();
    let diagnostic = get("diagnosticCode");
    RecipientReport {
        recipient: get("emailAddress").to_lowercase(),
        action: if action.is_empty() {
            "failed".to_owned()
        } else {
            action
        },
        status: get("status"),
        diagnostic: diagnostic
            .strip_prefix("smtp;")
            .unwrap_or(&diagnostic)
            .trim()
            .to_owned(),
    }
}

fn report(value: &Value, recipients: Vec<RecipientReport>) -> Report {
    let headers = value.get("mail").and_then(|mail| mail.get("headers"));
    let own = headers.and_then(Value::as_array).and_then(|fields| {
        fields.iter().find_map(|field| {
            let name = field.get("name")?.as_str()?;
            let id = field.get("value")?.as_str()?.trim_matches(['<', '>', ' ']);
            (name.eq_ignore_ascii_case("message-id") && is_message_id(id)).then(|| id.to_owned())
        })
    });
    Report {
        original_message_id: own,
        original_envelope_id: None,
        recipients,
    }
}

fn line(value: &Value) -> String {
    decode::clean_line(value.as_str().unwrap_or_default(), VALUE_MAX_CHARS)
}
