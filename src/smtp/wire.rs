//! The stream under the dialogue: plain or encrypted, and strict about whose turn it is.
//!
//! The SMTP library buffers what it reads and does not tell. A reply that came unasked would be
//! taken for the answer to the next command, and from then on every answer would be the answer
//! to another question: a refused mail would count as sent. So the wire keeps what it reads and
//! hands on one line at a time; what is still here when a command is due came out of turn.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// Longest line of a reply, in bytes. RFC 5321 §4.5.3.1.5 allows 512; a longer one than this is
/// not SMTP and ends the connection.
const LINE_MAX_BYTES: usize = 900;
/// Bytes read from the network at a time.
const READ_BYTES: usize = 4096;

/// The stream, shared by the SMTP library, which reads and writes commands, and the session,
/// which encrypts it, writes the content and looks whether the server speaks out of turn.
#[derive(Debug, Clone)]
pub(super) struct Wire(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    stream: Stream,
    /// Read from the network, not yet handed on.
    heard: Vec<u8>,
    /// One line on its way to the reader, tidied, last byte first out of the front.
    line: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
    /// In the hands of a handshake, or lost by one that failed.
    Gone,
}

/// What a look at the wire shows, without waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// Nothing: it is our turn.
    Silent,
    /// The server has said something that nobody asked for.
    Speaks,
    /// The server has left.
    Closed,
}

impl Wire {
    /// A wire over a connected socket.
    pub(super) fn plain(stream: TcpStream) -> Self {
        Self(Arc::new(Mutex::new(State {
            stream: Stream::Plain(stream),
            heard: Vec::new(),
            line: Vec::new(),
        })))
    }

    /// Encrypts from here on. The caller bounds the time; a wire whose handshake was given up
    /// or failed is of no more use.
    pub(super) async fn encrypt(
        &self,
        connector: &TlsConnector,
        name: ServerName<'static>,
    ) -> io::Result<()> {
        let plain = {
            let mut state = self.state();
            // RFC 3207 §5: nothing said in the clear may be taken for an answer given in secret.
            if !state.heard.is_empty() {
                return Err(garbage(
                    "the server spoke before the encryption it agreed to",
                ));
            }
            match std::mem::replace(&mut state.stream, Stream::Gone) {
                Stream::Plain(stream) => stream,
                _ => return Err(io::ErrorKind::NotConnected.into()),
            }
        };
        let encrypted = connector.connect(name, plain).await?;
        self.state().stream = Stream::Encrypted(Box::new(encrypted));
        Ok(())
    }

    /// Whether the server has said something or left, as far as is known without waiting.
    pub(super) fn glance(&self) -> Glance {
        let mut state = self.state();
        if !state.heard.is_empty() || !state.line.is_empty() {
            return Glance::Speaks;
        }
        match state.poll_hear(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Glance::Silent,
            Poll::Ready(Ok(n)) if n > 0 => Glance::Speaks,
            Poll::Ready(_) => Glance::Closed,
        }
    }

    /// The state. Nothing in here panics while it is held, so a poisoned lock cannot be.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Reads what the network has into `heard`; zero is the end.
    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut room = [0; READ_BYTES];
        let mut room = ReadBuf::new(&mut room);
        let polled = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, &mut room),
            Stream::Encrypted(stream) => Pin::new(stream).poll_read(cx, &mut room),
            Stream::Gone => Poll::Ready(Ok(())),
        };
        polled.map_ok(|()| {
            self.heard.extend_from_slice(room.filled());
            room.filled().len()
        })
    }

    /// Takes the first whole line off what was heard.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.heard.iter().position(|&byte| byte == b'\n') {
            Some(end) if end <= LINE_MAX_BYTES => {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                Ok(Some(tidy(&line)))
            }
            None if self.heard.len() <= LINE_MAX_BYTES => Ok(None),
            _ => Err(garbage("a line longer than any of SMTP")),
        }
    }
}

/// A line of a reply in the one shape the SMTP library reads; others, which servers do send,
/// would be taken for a lost connection, and after the final dot for an uncertain delivery.
///
/// - A line may end in a bare LF.
/// - RFC 5321 §4.2: a code may stand without text.
/// - RFC 5321 §4.2.1: an unknown refusal counts by its first digit. A second digit beyond 5
///   becomes `x50` with the code as it was in the text. Good news is never made up like that.
/// - The text may be in any charset; what is not ASCII becomes a question mark.
fn tidy(line: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = line
        .trim_ascii_end()
        .iter()
        .map(|&byte| {
            if byte.is_ascii() && byte != 0 {
                byte
            } else {
                b'?'
            }
        })
        .collect();
    match *text.as_slice() {
        [_, _, _] => text.push(b' '),
        [
            first @ (b'4' | b'5'),
            second @ b'6'..=b'9',
            third,
            mark @ (b' ' | b'-'),
            ..,
        ] => {
            let _ = text.splice(..4, [first, b'5', b'0', mark, first, second, third, b' ']);
        }
        _ => {}
    }
    text.extend_from_slice(b"\r\n");
    text
}

fn garbage(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.state();
        while state.line.is_empty() {
            match state.next_line()? {
                Some(line) => state.line = line,
                None => match state.poll_hear(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(0)) => return Poll::Ready(Ok(())),
                    Poll::Ready(outcome) => outcome.map(|_| ())?,
                },
            }
        }
        let taken = buf.remaining().min(state.line.len());
        let part: Vec<u8> = state.line.drain(..taken).collect();
        buf.put_slice(&part);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.state().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Gone => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Gone => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Gone => Poll::Ready(Ok(())),
        }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.state().stream {
            Stream::Plain(stream) => stream.peer_addr(),
            Stream::Encrypted(stream) => stream.get_ref().0.peer_addr(),
            Stream::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}
