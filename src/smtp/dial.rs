//! From a host's name to a connected socket.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::timeouts::Timeouts;
use crate::config::settings::{Server, Tls};
use crate::domain::address::is_domain;

/// Addresses of one host that are tried; a name with more of them is reached by the first few.
const ADDRESSES_MAX: usize = 8;
/// Silence after which the system asks whether the peer is still there.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);

/// Connects to the first address of the server that answers. The error is for people.
pub(super) async fn connect(server: &Server, timeouts: &Timeouts) -> Result<TcpStream, String> {
    let Server { host, port, .. } = server;
    let addresses: Vec<SocketAddr> =
        match timeout(timeouts.connect, lookup_host((host.as_str(), *port))).await {
            Err(_) => return Err(format!("{host}: the name was not resolved in time")),
            Ok(Err(error)) => return Err(format!("{host}: {error}")),
            Ok(Ok(found)) => found.take(ADDRESSES_MAX).collect(),
        };
    let mut trouble = format!("{host}: the name has no address");
    for address in addresses {
        if server.tls == Tls::None && !address.ip().is_loopback() {
            trouble = format!("{address}: mail goes unencrypted to this machine only");
            continue;
        }
        match timeout(timeouts.connect, TcpStream::connect(address)).await {
            Err(_) => trouble = format!("{address}: no connection in time"),
            Ok(Err(error)) => trouble = format!("{address}: {error}"),
            Ok(Ok(stream)) => match prepare(&stream) {
                Ok(()) => return Ok(stream),
                Err(error) => trouble = format!("{address}: {error}"),
            },
        }
    }
    Err(trouble)
}

/// Commands are small and each waits for its answer: Nagle's algorithm would cost 40 ms apiece.
/// Keep-alive finds the peer that went away without a word.
fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER))
}

/// What EHLO says: the configured name where it is one, else the address we call from.
// RFC 5321 §4.1.4: a client without a meaningful name uses an address literal.
pub(super) fn hello(name: &str, local: IpAddr) -> ClientId {
    if is_domain(name) {
        return ClientId::Domain(name.to_owned());
    }
    match local {
        IpAddr::V4(address) => ClientId::Ipv4(address),
        IpAddr::V6(address) => ClientId::Ipv6(address),
    }
}
