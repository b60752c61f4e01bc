//! What can go wrong in a session, and what that says of the mail and of the connection.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The server said no.
    Refusal {
        /// 400 to 599.
        code: u16,
        /// The code and the server's words.
        text: String,
    },
    /// The server does not want us with these credentials.
    Credentials(String),
    /// No answer, none in time, or one that makes no sense here.
    Lost(String),
}

impl Fault {
    /// Whether it is the mail that the server does not want, now or ever. Only then is the
    /// connection good for another mail.
    pub(super) fn is_the_mails(&self) -> bool {
        match self {
            // RFC 5321 §3.8 and §4.2.3: the server closes, or our dialogue is out of step.
            // RFC 4954 §6: authentication or encryption is missing, too weak or refused.
            Self::Refusal { code, .. } => !matches!(code, 421 | 503 | 530 | 534 | 535 | 538),
            Self::Credentials(_) | Self::Lost(_) => false,
        }
    }
}

/// Why the content did not arrive, and what that says of the mail.
#[derive(Debug)]
pub(super) enum ContentFault {
    /// The final dot was not sent: the server has no mail. The connection is of no more use.
    BeforeDot(Fault),
    /// The final dot may have been sent. Without a refusal nobody knows what became of the mail.
    AfterDot(Fault),
}

/// What an error of the library means.
pub(super) fn fault(error: Error) -> Fault {
    let Some(code) = error.status() else {
        return Fault::Lost(error.to_string());
    };
    let text = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
    Fault::Refusal {
        code: code.into(),
        text: format!("{code} {text}").trim_end().to_owned(),
    }
}

/// The dialogue of AUTH went astray: the mechanism, not the network.
pub(super) fn credentials_refused(error: Error) -> Fault {
    Fault::Credentials(error.to_string())
}

pub(super) fn lost(error: std::io::Error) -> Fault {
    Fault::Lost(error.to_string())
}

/// A good answer as it was given, on one line.
pub(super) fn words(response: &Response) -> String {
    let text: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), text.join(" "))
        .trim_end()
        .to_owned()
}
