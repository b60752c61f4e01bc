//! From a host name to an authenticated connection.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use secrecy::ExposeSecret;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;

use super::Timeouts;
use super::failure::Failure;
use super::names::quoted;
use super::wire::{Line, Patience, Wire};
use crate::config::settings::{Login, Server, Tls};
use crate::ports::MailboxError;
use crate::tls::{self, TlsError};

/// Addresses tried of one host name; further ones are not. Each may take the whole of
/// [`Timeouts::connect`].
const MAX_ADDRESSES: usize = 4;

/// Silence on the line after which the kernel asks whether the server is still there.
const KEEP_ALIVE_AFTER: Duration = Duration::from_secs(60);

/// Pause between such questions; after the system's number of them (9 on Linux) the connection
/// is dead.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Makes connections to one server. Holds the TLS configuration once it was made.
#[derive(Debug)]
pub(super) struct Connector {
    server: Server,
    login: Login,
    tls: Option<Arc<ClientConfig>>,
}

impl Connector {
    pub(super) fn new(server: Server, login: Login) -> Self {
        Self {
            server,
            login,
            tls: None,
        }
    }

    /// Connects, encrypts as configured, and authenticates.
    pub(super) async fn connect(&mut self, timeouts: &Timeouts) -> Result<Wire, MailboxError> {
        let socket = self.dial(timeouts).await?;
        let wire = match self.server.tls {
            Tls::None => greeted(Box::new(socket), timeouts).await?,
            Tls::Implicit => {
                let line = self.encrypt(Box::new(socket), timeouts).await?;
                greeted(line, timeouts).await?
            }
            Tls::StartTls => {
                let mut plain = greeted(Box::new(socket), timeouts).await?;
                // Whether it is on offer is not asked: an answer in clear text proves nothing,
                // and anything but OK ends the attempt before the password is sent.
                let patience = Patience::Whole(timeouts.command);
                plain
                    .command("STARTTLS", "STARTTLS", patience, &mut |_| {})
                    .await?;
                // RFC 9051 §6.2.1: no second greeting follows.
                Wire::new(self.encrypt(plain.into_line(), timeouts).await?)
            }
        };
        self.log_in(wire, timeouts).await
    }

    /// Opens a TCP connection to the first address that answers.
    async fn dial(&self, timeouts: &Timeouts) -> Result<TcpStream, MailboxError> {
        let Server { host, port, .. } = &self.server;
        let found = timeout(timeouts.connect, lookup_host((host.as_str(), *port)))
            .await
            .map_err(|_| unreachable_host(host, "the name lookup took too long"))?
            .map_err(|error| unreachable_host(host, &error.to_string()))?;
        let addresses: Vec<SocketAddr> = found.take(MAX_ADDRESSES).collect();

        // The configuration is checked for this already; but it cannot know what a name means
        // at this moment, and the password would go out in clear text.
        if self.server.tls == Tls::None && !addresses.iter().all(is_loopback) {
            return Err(MailboxError::Refused(format!(
                "{host}: a connection without TLS is for loopback only"
            )));
        }
        let mut trouble = "the name has no address".to_owned();
        for address in addresses {
            match timeout(timeouts.connect, TcpStream::connect(address)).await {
                Ok(Ok(socket)) => {
                    adjust(&socket).map_err(|error| unreachable_host(host, &error.to_string()))?;
                    return Ok(socket);
                }
                Ok(Err(error)) => trouble = format!("{address}: {error}"),
                Err(_) => trouble = format!("{address}: no connection in time"),
            }
        }
        Err(unreachable_host(host, &trouble))
    }

    /// The client's half of the TLS handshake.
    async fn encrypt(
        &mut self,
        line: Box<dyn Line>,
        timeouts: &Timeouts,
    ) -> Result<Box<dyn Line>, MailboxError> {
        let host = self.server.host.clone();
        let unusable = |error: TlsError| unreachable_host(&host, &error.to_string());
        let config = self.tls_config().map_err(unusable)?;
        let name = tls::server_name(&host).map_err(unusable)?;
        let handshake = TlsConnector::from(config).connect(name, line);
        match timeout(timeouts.handshake, handshake).await {
            Err(_) => Err(unreachable_host(&host, "the TLS handshake took too long")),
            Ok(Err(error)) => Err(unreachable_host(&host, &format!("TLS: {error}"))),
            Ok(Ok(line)) => Ok(Box::new(line)),
        }
    }

    /// The TLS configuration, made at the first need: it reads files.
    fn tls_config(&mut self) -> Result<Arc<ClientConfig>, TlsError> {
        if let Some(config) = &self.tls {
            return Ok(config.clone());
        }
        let config = tls::client_config(self.server.ca_file.as_deref().map(Path::new))?;
        Ok(self.tls.insert(config).clone())
    }

    /// LOGIN, or AUTHENTICATE PLAIN where LOGIN cannot carry the password.
    async fn log_in(&self, mut wire: Wire, timeouts: &Timeouts) -> Result<Wire, MailboxError> {
        let username = &self.login.username;
        let password = self.login.password.expose_secret();
        let patience = Patience::Whole(timeouts.login);
        let answered = match (quoted(username), quoted(password)) {
            (Some(username), Some(password)) => {
                let line = format!("LOGIN {username} {password}");
                wire.command("LOGIN", &line, patience, &mut |_| {}).await
            }
            // RFC 4616 §2: authzid NUL authcid NUL passwd, in UTF-8.
            _ => {
                let answer = BASE64.encode(format!("\0{username}\0{password}").as_bytes());
                let line = "AUTHENTICATE PLAIN";
                wire.dialogue("AUTHENTICATE", line, Some(&answer), patience, &mut |_| {})
                    .await
            }
        };
        match answered {
            Ok(()) => Ok(wire),
            // Only a NO that is about the credentials counts as one. BAD is about the command,
            // PRIVACYREQUIRED (RFC 5530 §3) about encryption.
            Err(Failure::Refused(refusal))
                if !refusal.bad
                    && !refusal.is_transient()
                    && !refusal.has_code("PRIVACYREQUIRED") =>
            {
                Err(MailboxError::Authentication(refusal.words))
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

/// A connection whose greeting was read.
async fn greeted(line: Box<dyn Line>, timeouts: &Timeouts) -> Result<Wire, MailboxError> {
    let mut wire = Wire::new(line);
    wire.greeting(timeouts.greeting).await?;
    Ok(wire)
}

/// No waiting for full packets, and a question now and then whether the other side lives.
fn adjust(socket: &TcpStream) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let keep_alive = TcpKeepalive::new()
        .with_time(KEEP_ALIVE_AFTER)
        .with_interval(KEEP_ALIVE_EVERY);
    SockRef::from(socket).set_tcp_keepalive(&keep_alive)
}

/// 127.0.0.0/8, `::1`, and the former written as an IPv6 address.
fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

fn unreachable_host(host: &str, trouble: &str) -> MailboxError {
    MailboxError::Unreachable(format!("{host}: {trouble}"))
}
