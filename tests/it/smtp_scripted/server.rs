//! An SMTP server that follows a script.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// Long enough for any step that is meant to succeed.
pub const AMPLE: Duration = Duration::from_secs(20);

/// A server that plays one script per connection, in order, and then listens no more.
///
/// Steps, one a line: `S: text` says a line (in Latin-1; `\r\n` within for several at once),
/// `L: text` says one that ends in a bare LF, `C: prefix` hears one, `content` hears lines up to
/// a lone dot, `tls` shakes hands, `hush` waits for the client to leave, `stall` neither reads
/// nor leaves. After the last step the server closes.
pub struct Scripted {
    pub address: SocketAddr,
    task: JoinHandle<Vec<Vec<String>>>,
    /// The certificate that TLS is spoken with.
    pub ca: tempfile::NamedTempFile,
}

impl Scripted {
    pub async fn new(scripts: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let scripts = scripts.to_vec();
        let (acceptor, pem) = identity();
        let ca = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(ca.path(), pem).unwrap();
        let task = tokio::spawn(async move {
            let mut listener = Some(listener);
            let mut heard = Vec::new();
            for (i, script) in scripts.iter().enumerate() {
                let (stream, _) = listener.as_ref().unwrap().accept().await.unwrap();
                if i + 1 == scripts.len() {
                    listener = None;
                }
                let mut lines = Vec::new();
                match script.split_once("tls\n") {
                    None => {
                        play(stream, script, &mut lines).await;
                    }
                    Some((clear, secret)) => {
                        let stream = play(stream, clear, &mut lines).await;
                        if let Ok(stream) = acceptor.accept(stream).await {
                            play(stream, secret, &mut lines).await;
                        }
                    }
                }
                heard.push(lines);
            }
            heard
        });
        Self { address, task, ca }
    }

    /// Ends a server whose script has no end.
    pub fn abandon(self) {
        self.task.abort();
    }

    /// What each connection said, once all scripts were played to their ends.
    pub async fn heard(self) -> Vec<Vec<String>> {
        timeout(AMPLE, self.task)
            .await
            .expect("the script was not played out")
            .unwrap()
    }
}

async fn play<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    script: &str,
    heard: &mut Vec<String>,
) -> S {
    let mut stream = BufReader::new(stream);
    for step in script.lines() {
        if let Some(text) = step.strip_prefix("S: ") {
            say(
                &mut stream,
                &format!("{}\r\n", text.replace("\\r\\n", "\r\n")),
            )
            .await;
        } else if let Some(text) = step.strip_prefix("L: ") {
            say(&mut stream, &format!("{text}\n")).await;
        } else if let Some(prefix) = step.strip_prefix("C: ") {
            let line = hear(&mut stream).await;
            assert!(
                line.starts_with(prefix),
                "wanted {prefix:?}, heard {line:?}"
            );
            heard.push(line);
        } else if step == "content" {
            loop {
                let line = hear(&mut stream).await;
                assert!(
                    !line.is_empty() || !stream.buffer().is_empty(),
                    "the client left"
                );
                if line == "." {
                    break;
                }
                heard.push(line);
            }
        } else if step == "hush" {
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        } else if step == "stall" {
            std::future::pending::<()>().await;
        } else {
            panic!("no such step: {step:?}");
        }
    }
    stream.into_inner()
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, text: &str) {
    let latin1: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    stream.get_mut().write_all(&latin1).await.unwrap();
    stream.get_mut().flush().await.unwrap();
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    line.strip_suffix("\r\n").unwrap_or(&line).to_owned()
}

fn identity() -> (TlsAcceptor, String) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), made.cert.pem())
}
