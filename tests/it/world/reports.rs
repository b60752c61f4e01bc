//! Delivery reports as mail servers write them (RFC 3464, RFC 6522), about a mail of ours.

use super::mails::SERVICE_ADDRESS;

/// Between the three parts of a report.
const BOUNDARY: &str = "=_informe_de_entrega";

/// A delivery report in the making. What is not said has a plain default: the recipient's server
/// does not know María, on Tuesday 24 November 2026, and nothing names the mail.
#[derive(Debug, Clone)]
pub struct DeliveryReport {
    id: String,
    recipient: String,
    action: String,
    status: String,
    diagnostic: String,
    envelope_id: Option<String>,
    returned_id: Option<String>,
    extra: Vec<(String, String)>,
}

impl DeliveryReport {
    /// A report with this Message-ID: with the same one it is the same report.
    pub fn new(id: &str) -> DeliveryReport {
        DeliveryReport {
            id: id.to_owned(),
            recipient: "maria@acme.example".to_owned(),
            action: "failed".to_owned(),
            status: "5.1.1".to_owned(),
            diagnostic: "550 5.1.1 no such user".to_owned(),
            envelope_id: None,
            returned_id: None,
            extra: Vec::new(),
        }
    }

    /// About somebody else.
    pub fn recipient(mut self, address: &str) -> DeliveryReport {
        self.recipient = address.to_owned();
        self
    }

    /// What became of the mail: action, status code and the server's words.
    pub fn says(mut self, action: &str, status: &str, diagnostic: &str) -> DeliveryReport {
        self.action = action.to_owned();
        self.status = status.to_owned();
        self.diagnostic = diagnostic.to_owned();
        self
    }

    /// Names the mail by its envelope id.
    pub fn envelope_id(mut self, id: &str) -> DeliveryReport {
        self.envelope_id = Some(id.to_owned());
        self
    }

    /// Names the mail by the Message-ID in its returned header, without angle brackets.
    pub fn returned_id(mut self, id: &str) -> DeliveryReport {
        self.returned_id = Some(id.to_owned());
        self
    }

    /// One more header of the report itself.
    pub fn header(mut self, name: &str, value: &str) -> DeliveryReport {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The report's bytes, lines ending in CRLF.
    pub fn build(&self) -> Vec<u8> {
        let mut lines = vec![
            "Return-Path: <>".to_owned(),
            "Date: Tue, 24 Nov 2026 10:30:00 -0600".to_owned(),
            "From: Mail Delivery System <MAILER-DAEMON@mx.acme.example>".to_owned(),
            format!("To: {SERVICE_ADDRESS}"),
            "Subject: Undelivered Mail Returned to Sender".to_owned(),
            format!("Message-ID: <{}>", self.id),
        ];
        let extra = self.extra.iter();
        lines.extend(extra.map(|(name, value)| format!("{name}: {value}")));
        lines.extend([
            "Auto-Submitted: auto-replied".to_owned(),
            "MIME-Version: 1.0".to_owned(),
            format!(
                "Content-Type: multipart/report; report-type=delivery-status; boundary=\"{BOUNDARY}\""
            ),
            String::new(),
            format!("--{BOUNDARY}"),
            "Content-Type: text/plain; charset=us-ascii".to_owned(),
            String::new(),
            "This is the mail system at host mx.acme.example.".to_owned(),
            String::new(),
            format!("<{}>: {}", self.recipient, self.diagnostic),
            format!("--{BOUNDARY}"),
            "Content-Type: message/delivery-status".to_owned(),
            String::new(),
            "Reporting-MTA: dns; mx.acme.example".to_owned(),
        ]);
        if let Some(id) = &self.envelope_id {
            lines.push(format!("Original-Envelope-Id: {id}"));
        }
        lines.extend([
            String::new(),
            format!("Final-Recipient: rfc822; {}", self.recipient),
            format!("Action: {}", self.action),
            format!("Status: {}", self.status),
            format!("Diagnostic-Code: smtp; {}", self.diagnostic),
        ]);
        if let Some(id) = &self.returned_id {
            lines.extend([
                format!("--{BOUNDARY}"),
                "Content-Type: text/rfc822-headers".to_owned(),
                String::new(),
                format!("From: {SERVICE_ADDRESS}"),
                format!("To: {}", self.recipient),
                format!("Message-ID: <{id}>"),
            ]);
        }
        lines.extend([format!("--{BOUNDARY}--"), String::new()]);
        lines.join("\r\n").into_bytes()
    }
}
