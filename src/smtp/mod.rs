//! The way out over SMTP: [`Transport`] on one connection that is kept and used again.
//!
//! The connection is always in exactly one of three hands: resting here between mails, offered
//! here between the two halves of an attempt, or with the future that is using it. A future
//! that is dropped takes its connection with it, so a dialogue cut short is never continued.

mod content;
mod dial;
mod fault;
mod session;
mod timeouts;
mod wire;

use std::sync::Arc;

use tokio_rustls::rustls::ClientConfig;

pub use timeouts::Timeouts;

use crate::config::settings::{Login, Server, Tls};
use crate::ports::{Envelope, Handover, Transport, Trouble, TroubleScope};
use crate::tls::{TlsError, client_config};
use fault::{ContentFault, Fault};
use session::{Session, Way};

/// Mail leaves through one server, one mail at a time.
pub struct SmtpTransport {
    server: Server,
    login: Option<Login>,
    hello_name: String,
    timeouts: Timeouts,
    /// Built at the first connection that needs it.
    tls: Option<Arc<ClientConfig>>,
    /// Ready for the next mail.
    resting: Option<Session>,
    /// After 354: waits for the content.
    offered: Option<Session>,
}

impl SmtpTransport {
    /// A way out to `server`. Nothing is connected yet. `hello_name` is a full domain name; where
    /// it is none, EHLO gives the address of this end (RFC 5321 §4.1.4).
    pub fn new(server: Server, login: Option<Login>, hello_name: String) -> Self {
        Self {
            server,
            login,
            hello_name,
            timeouts: Timeouts::default(),
            tls: None,
            resting: None,
            offered: None,
        }
    }

    /// The same with other timeouts.
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Takes leave of the server, if a connection rests here. For a daemon that has nothing more
    /// to send for a while, or ends.
    pub async fn part(&mut self) {
        self.offered = None;
        if let Some(session) = self.resting.take() {
            session.part().await;
        }
    }

    /// A session on which MAIL was accepted: the resting one if it still serves, else a new one.
    async fn begun(&mut self, envelope: &Envelope) -> Result<Session, Handover> {
        if let Some(mut session) = self.resting.take() {
            if session.idle() > self.timeouts.idle {
                session.part().await;
            } else {
                match session.mail(envelope).await {
                    // Servers close idle connections, and forget who we are, when they like.
                    // Nothing was offered yet: beginning again repeats nothing.
                    Err(fault) if !fault.is_the_mails() => {
                        tracing::debug!(?fault, "the resting connection was gone");
                    }
                    outcome => return self.taken(session, outcome).await,
                }
            }
        }
        let tls = self.trust().map_err(|error| {
            retry(
                TroubleScope::Connection,
                format!("{}: TLS: {error}", self.server.host),
            )
        })?;
        let way = Way {
            server: &self.server,
            login: self.login.as_ref(),
            hello_name: &self.hello_name,
            timeouts: self.timeouts,
            tls,
        };
        let mut session = Session::open(&way).await.map_err(unopened)?;
        let outcome = session.mail(envelope).await;
        self.taken(session, outcome).await
    }

    /// The session if its step went well. If not, the mail's result; the session rests if it
    /// can be used for another mail.
    async fn taken(
        &mut self,
        mut session: Session,
        outcome: Result<(), Fault>,
    ) -> Result<Session, Handover> {
        let Err(fault) = outcome else {
            return Ok(session);
        };
        if fault.is_the_mails() && session.reset().await.is_ok() {
            self.resting = Some(session);
        }
        Err(unsent(fault))
    }

    /// Whom to trust, where the connection is to be encrypted.
    fn trust(&mut self) -> Result<Option<Arc<ClientConfig>>, TlsError> {
        if self.server.tls == Tls::None || self.tls.is_some() {
            return Ok(self.tls.clone());
        }
        self.tls = Some(client_config(self.server.ca_file.as_deref())?);
        Ok(self.tls.clone())
    }
}

impl Transport for SmtpTransport {
    async fn offer(&mut self, envelope: &Envelope) -> Result<(), Handover> {
        // An offer that was not followed up left its connection in the middle of DATA.
        self.offered = None;
        let mut session = self.begun(envelope).await?;
        let outcome = session.recipient_and_data(envelope).await;
        self.offered = Some(self.taken(session, outcome).await?);
        Ok(())
    }

    async fn hand_over(&mut self, content: &[u8]) -> Handover {
        let Some(mut session) = self.offered.take() else {
            return retry(TroubleScope::Connection, "no offer stands".to_owned());
        };
        match session.content(content).await {
            Ok(answer) => {
                self.resting = Some(session);
                Handover::Sent(answer)
            }
            Err(ContentFault::BeforeDot(fault)) => unsent(fault),
            Err(ContentFault::AfterDot(Fault::Lost(text) | Fault::Credentials(text))) => {
                Handover::Uncertain(text)
            }
            Err(ContentFault::AfterDot(fault)) => {
                if fault.is_the_mails() {
                    self.resting = Some(session);
                }
                unsent(fault)
            }
        }
    }
}

/// The result of a fault that leaves no doubt: the server does not have the mail.
fn unsent(fault: Fault) -> Handover {
    match fault {
        Fault::Lost(text) => retry(TroubleScope::Connection, text),
        Fault::Credentials(text) => retry(TroubleScope::Authentication, text),
        Fault::Refusal { code, text } => match code {
            // RFC 4954 §6: authentication or encryption is missing, too weak or refused.
            530 | 534 | 535 | 538 => retry(TroubleScope::Authentication, text),
            // RFC 5321 §3.8 and §4.2.3: the server closes, or our dialogue is out of step. Neither
            // says anything of the mail.
            421 | 503 => retry(TroubleScope::Connection, text),
            // RFC 5321 §4.2.1: 4yz, try again later.
            400..=499 => retry(TroubleScope::Mail, text),
            _ => Handover::Refused(text),
        },
    }
}

/// The result of a fault before the first command about a mail: never that mail's.
fn unopened(fault: Fault) -> Handover {
    match unsent(fault) {
        Handover::Refused(text)
        | Handover::Retry(Trouble {
            text,
            scope: TroubleScope::Mail,
        }) => retry(TroubleScope::Connection, text),
        other => other,
    }
}

fn retry(scope: TroubleScope, text: String) -> Handover {
    Handover::Retry(Trouble { text, scope })
}
