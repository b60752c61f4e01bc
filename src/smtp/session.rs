//! One connection to the server, from the greeting to its end.
//!
//! Every step has a timeout and names the codes it accepts. After a [`Fault`] that is not
//! [the mail's](Fault::is_the_mails) the session must be dropped: its dialogue is out of step or
//! gone. Dropping is all that is needed, also in the middle of a step.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail, Quit, Rcpt, Rset, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter, RcptParameter};
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;

use super::content::{FINAL_DOT, on_the_line};
use super::dial;
use super::fault::{ContentFault, Fault, credentials_refused, fault, lost, words};
use super::timeouts::Timeouts;
use super::wire::{Glance, Wire};
use crate::config::settings::{Login, Server, Tls};
use crate::domain::address::Address;
use crate::ports::Envelope;
use crate::tls::server_name;

/// Content handed to the network at a time; each block has its own timeout, so that a slow line
/// is no fault as long as it moves.
const BLOCK_BYTES: usize = 16 * 1024;
/// Questions a server may ask within one AUTH (RFC 4954 §4). LOGIN asks two; a server that goes
/// on asking has not understood the answers.
const CHALLENGES_MAX: usize = 4;

/// Everything a session needs to come into being.
pub(super) struct Way<'a> {
    /// Where to.
    pub(super) server: &'a Server,
    /// As whom.
    pub(super) login: Option<&'a Login>,
    /// Our own name for EHLO.
    pub(super) hello_name: &'a str,
    /// How long each step may take.
    pub(super) timeouts: Timeouts,
    /// Whom to trust; asked for only where the connection is encrypted.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

/// An open, greeted, encrypted and authenticated connection.
pub(super) struct Session {
    link: AsyncSmtpConnection,
    wire: Wire,
    timeouts: Timeouts,
    /// The server takes orders on delivery reports (RFC 3461).
    reports: bool,
    /// Mechanisms the server offers, of those we speak.
    mechanisms: Vec<Mechanism>,
    last_used: Instant,
}

impl Session {
    /// Connects, greets, encrypts and authenticates as far as the way says.
    pub(super) async fn open(way: &Way<'_>) -> Result<Self, Fault> {
        let Way {
            server, timeouts, ..
        } = way;
        let stream = dial::connect(server, timeouts).await.map_err(Fault::Lost)?;
        let local = stream.local_addr().map_err(lost)?.ip();
        let hello = dial::hello(way.hello_name, local);
        let wire = Wire::plain(stream);
        if server.tls == Tls::Implicit {
            encrypt(&wire, way).await?;
        }
        // The library reads the greeting and says EHLO in one go.
        let link = timeout(
            timeouts.greeting + timeouts.command,
            AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &hello),
        )
        .await
        .map_err(|_| Fault::Lost("no greeting in time".to_owned()))?
        .map_err(fault)?;
        let mut session = Self {
            link,
            wire,
            timeouts: *timeouts,
            reports: false,
            mechanisms: Vec::new(),
            last_used: Instant::now(),
        };
        if server.tls == Tls::StartTls {
            session.start_tls(way).await?;
        }
        session.hello(hello).await?;
        if let Some(login) = way.login {
            session.authenticate(login).await?;
        }
        Ok(session)
    }

    /// How long ago the server last answered.
    pub(super) fn idle(&self) -> Duration {
        self.last_used.elapsed()
    }

    /// MAIL: begins a mail.
    pub(super) async fn mail(&mut self, envelope: &Envelope) -> Result<(), Fault> {
        let mut parameters = Vec::new();
        if let Some(envid) = self.envid(envelope) {
            // RFC 3461 §4.3, §4.4: a report with headers only, and a name for what it is about.
            parameters.push(mail_parameter("RET", "HDRS"));
            parameters.push(mail_parameter("ENVID", envid));
        }
        let mail = Mail::new(Some(path(&envelope.from)), parameters);
        self.order(self.timeouts.mail, mail, &[250]).await?;
        Ok(())
    }

    /// RCPT and DATA: up to the leave to send the content.
    pub(super) async fn recipient_and_data(&mut self, envelope: &Envelope) -> Result<(), Fault> {
        let mut parameters = Vec::new();
        if self.envid(envelope).is_some() {
            // RFC 3461 §4.1: neither successes nor delays are worth a mail to us.
            parameters.push(RcptParameter::Other {
                keyword: "NOTIFY".to_owned(),
                value: Some("FAILURE".to_owned()),
            });
        }
        let rcpt = Rcpt::new(path(&envelope.to), parameters);
        self.order(self.timeouts.rcpt, rcpt, &[250, 251]).await?;
        self.order(self.timeouts.data, Data, &[354]).await?;
        Ok(())
    }

    /// Content and final dot; the server's words where it took the mail.
    pub(super) async fn content(&mut self, content: &[u8]) -> Result<String, ContentFault> {
        for block in on_the_line(content).chunks(BLOCK_BYTES) {
            self.unrefused().await.map_err(ContentFault::BeforeDot)?;
            self.write(block).await.map_err(ContentFault::BeforeDot)?;
        }
        self.unrefused().await.map_err(ContentFault::BeforeDot)?;
        // From here on the server may have the mail, whatever we hear or fail to hear.
        self.write(FINAL_DOT)
            .await
            .map_err(ContentFault::AfterDot)?;
        let answer = timeout(self.timeouts.final_dot, self.link.read_response()).await;
        self.judged(answer, &[250])
            .map(|response| words(&response))
            .map_err(ContentFault::AfterDot)
    }

    /// Gives up the mail begun, so that the next one finds a clean table.
    pub(super) async fn reset(&mut self) -> Result<(), Fault> {
        self.order(self.timeouts.command, Rset, &[250]).await?;
        Ok(())
    }

    /// Takes leave; what comes of it is nobody's concern.
    // RFC 5321 §4.1.1.10: a client does not close without QUIT.
    pub(super) async fn part(mut self) {
        let _ = self.order(self.timeouts.farewell, Quit, &[221]).await;
    }

    async fn start_tls(&mut self, way: &Way<'_>) -> Result<(), Fault> {
        if !self
            .link
            .server_info()
            .supports_feature(Extension::StartTls)
        {
            return Err(Fault::Lost(
                "the server does not offer STARTTLS, which is configured; nothing is sent in the clear"
                    .to_owned(),
            ));
        }
        self.order(self.timeouts.command, Starttls, &[220]).await?;
        encrypt(&self.wire, way).await
    }

    /// EHLO, and what of the answer concerns us.
    ///
    /// The library has said it already, but keeps no word of DSN; and after STARTTLS what was
    /// offered in the clear no longer counts (RFC 3207 §4.2). EHLO may be repeated at any time
    /// between mails (RFC 5321 §4.1.4).
    async fn hello(&mut self, hello: ClientId) -> Result<(), Fault> {
        let answer = self
            .order(self.timeouts.command, Ehlo::new(hello), &[250])
            .await?;
        for line in answer.message().skip(1) {
            let mut words = line.split_ascii_whitespace().map(str::to_ascii_uppercase);
            match words.next().as_deref() {
                Some("DSN") => self.reports = true,
                Some("AUTH") => self
                    .mechanisms
                    .extend(words.filter_map(|word| match &*word {
                        "PLAIN" => Some(Mechanism::Plain),
                        "LOGIN" => Some(Mechanism::Login),
                        _ => None,
                    })),
                _ => {}
            }
        }
        Ok(())
    }

    /// AUTH with the first mechanism of ours that the server offers. Any refusal concerns the
    /// credentials, except that of a server that is closing.
    async fn authenticate(&mut self, login: &Login) -> Result<(), Fault> {
        let ours = [Mechanism::Plain, Mechanism::Login];
        let Some(mechanism) = ours.into_iter().find(|it| self.mechanisms.contains(it)) else {
            return Err(Fault::Credentials(
                "the server offers neither AUTH PLAIN nor AUTH LOGIN".to_owned(),
            ));
        };
        let credentials = Credentials::new(
            login.username.clone(),
            login.password.expose_secret().to_owned(),
        );
        let mut command =
            Auth::new(mechanism, credentials.clone(), None).map_err(credentials_refused)?;
        for _ in 0..CHALLENGES_MAX {
            let limit = self.timeouts.command;
            let answer = match self.order(limit, command, &[235, 334]).await {
                Err(Fault::Refusal { code, text }) if code != 421 => {
                    return Err(Fault::Credentials(text));
                }
                other => other?,
            };
            if answer.has_code(235) {
                return Ok(());
            }
            command = Auth::new_from_response(mechanism, credentials.clone(), &answer)
                .map_err(credentials_refused)?;
        }
        Err(Fault::Credentials(format!(
            "AUTH {mechanism}: too many questions"
        )))
    }

    /// One command and its answer, which must be one of `wanted`.
    async fn order<C: Display + Send>(
        &mut self,
        limit: Duration,
        command: C,
        wanted: &[u16],
    ) -> Result<Response, Fault> {
        match self.wire.glance() {
            Glance::Silent => {}
            Glance::Speaks => return Err(Fault::Lost("the server spoke unasked".to_owned())),
            Glance::Closed => {
                return Err(Fault::Lost("the server closed the connection".to_owned()));
            }
        }
        let answer = timeout(limit, self.link.command(command)).await;
        self.judged(answer, wanted)
    }

    /// What an answer means, given the codes that would be good news.
    fn judged(
        &mut self,
        answer: Result<Result<Response, Error>, tokio::time::error::Elapsed>,
        wanted: &[u16],
    ) -> Result<Response, Fault> {
        self.last_used = Instant::now();
        match answer {
            Err(_) => Err(Fault::Lost("no answer in time".to_owned())),
            Ok(Err(error)) => Err(fault(error)),
            Ok(Ok(response)) if wanted.contains(&u16::from(response.code())) => Ok(response),
            Ok(Ok(response)) => Err(Fault::Lost(format!(
                "an answer out of place: {}",
                words(&response)
            ))),
        }
    }

    /// Looks whether the server has ended the mail before we did: some refuse a mail, or leave,
    /// while it is being sent.
    async fn unrefused(&mut self) -> Result<(), Fault> {
        match self.wire.glance() {
            Glance::Silent => Ok(()),
            Glance::Closed => Err(Fault::Lost("the server closed the connection".to_owned())),
            Glance::Speaks => {
                let answer = timeout(self.timeouts.command, self.link.read_response()).await;
                // No good news is possible here.
                Err(match self.judged(answer, &[]) {
                    Err(fault) => fault,
                    Ok(response) => Fault::Lost(words(&response)),
                })
            }
        }
    }

    /// Hands bytes to the network and sees them off.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let wire = &mut self.wire;
        let written = timeout(self.timeouts.block, async {
            wire.write_all(bytes).await?;
            wire.flush().await
        });
        match written.await {
            Err(_) => Err(Fault::Lost("the server took no more bytes".to_owned())),
            Ok(outcome) => outcome.map_err(lost),
        }
    }

    /// The envelope's id, if the server can make use of it.
    fn envid<'e>(&self, envelope: &'e Envelope) -> Option<&'e str> {
        envelope.envid.as_deref().filter(|_| self.reports)
    }
}

async fn encrypt(wire: &Wire, way: &Way<'_>) -> Result<(), Fault> {
    let host = &way.server.host;
    let name = server_name(host).map_err(|error| Fault::Lost(error.to_string()))?;
    let config = way
        .tls
        .clone()
        .ok_or_else(|| Fault::Lost("no trust roots for TLS".to_owned()))?;
    let connector = TlsConnector::from(config);
    match timeout(way.timeouts.tls, wire.encrypt(&connector, name)).await {
        Err(_) => Err(Fault::Lost(format!("{host}: no TLS handshake in time"))),
        Ok(outcome) => outcome.map_err(|error| Fault::Lost(format!("{host}: TLS: {error}"))),
    }
}

/// Our address as the library's. Ours is printable ASCII without any character that means
/// something to SMTP; the library's own check refuses addresses that exist (`a..b@…`).
fn path(address: &Address) -> lettre::Address {
    lettre::Address::new_dangerous(address.local(), address.domain())
}

fn mail_parameter(keyword: &str, value: &str) -> MailParameter {
    MailParameter::Other {
        keyword: keyword.to_owned(),
        value: Some(value.to_owned()),
    }
}
