//! One IMAP connection: a command goes out, its answer is believed only when it is complete.
//!
//! `async-imap` frames and parses. Its own command methods are not used: most of them never
//! look at the tagged answer and take the end of the stream for the end of a good one, so that
//! a refused search reads as "no mail". Here a command has succeeded when its own tag came back
//! with OK, and in no other case. Commands are written to the stream here too, in one piece;
//! that also keeps the password out of that crate's trace log.

use std::fmt::Debug;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode, Status};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::failure::{Failure, broken, verdict, words};

/// Responses read before the tagged one. A server that sends more is talking without end; the
/// connection is given up.
const MAX_RESPONSES: usize = 1_000_000;

/// A byte stream with a server at its other end.
pub(super) trait Line: AsyncRead + AsyncWrite + Unpin + Send + Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Line for T {}

/// How long an answer may take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Patience {
    /// So long for the whole answer.
    Whole(Duration),
    /// So long for each response of it: an answer with mails in it takes its time.
    EachResponse(Duration),
}

/// How an IDLE ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idled {
    /// There are more mails than before.
    News,
    /// The time was up.
    TimeUp,
    /// The server does not do it, or ended it by itself.
    Declined,
}

/// What a response is in the course of a command.
#[derive(Debug)]
enum Turn {
    /// The tagged answer.
    Finished(Result<(), Failure>),
    /// The server waits for one more line.
    Continue,
    /// Anything else.
    Untagged,
}

impl Turn {
    fn of(command: &'static str, tag: &str, response: &Response<'_>) -> Self {
        match response {
            Response::Done {
                tag: theirs,
                status,
                outcome,
            } if theirs.0 == tag => Self::Finished(verdict(command, status, outcome)),
            Response::Continue(_) => Self::Continue,
            _ => Self::Untagged,
        }
    }
}

/// A connection and what the server let us know in passing.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client<Box<dyn Line>>,
    /// Commands sent; makes the tags.
    sent: u64,
    /// Mails in the selected mailbox, by the last EXISTS and the EXPUNGEs since.
    exists: u32,
    /// EXISTS grew since somebody asked.
    news: bool,
    /// UIDVALIDITY as first announced.
    epoch: Option<u32>,
}

impl Wire {
    /// A connection on which nothing was said yet.
    pub(super) fn new(line: Box<dyn Line>) -> Self {
        Self {
            client: Client::new(line),
            sent: 0,
            exists: 0,
            news: false,
            epoch: None,
        }
    }

    /// The stream, for TLS to take over. What was read and not yet looked at is dropped:
    /// RFC 9051 §6.2.1 wants everything said before the handshake forgotten.
    pub(super) fn into_line(self) -> Box<dyn Line> {
        self.client.into_inner()
    }

    /// UIDVALIDITY of the selected mailbox, if the server named one.
    pub(super) fn epoch(&self) -> Option<u32> {
        self.epoch
    }

    /// Mails in the selected mailbox.
    pub(super) fn exists(&self) -> u32 {
        self.exists
    }

    /// Whether mail came since the last call; asking clears it.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Reads the greeting. PREAUTH is not taken: whose mailbox that would be, and who said so
    /// before TLS, cannot be known.
    pub(super) async fn greeting(&mut self, patience: Duration) -> Result<(), Failure> {
        let deadline = Instant::now() + patience;
        let is_ok = |response: &Response<'_>| {
            matches!(
                response,
                Response::Data {
                    status: Status::Ok,
                    ..
                }
            )
        };
        match self.read("greeting", deadline, is_ok).await? {
            true => Ok(()),
            false => Err(Failure::Garbled("greeting: not an OK".to_owned())),
        }
    }

    /// Runs one command to its tagged OK. `line` is the command without tag and line end and
    /// must not hold either; untagged responses go to `seen` as they come.
    pub(super) async fn command(
        &mut self,
        command: &'static str,
        line: &str,
        patience: Patience,
        seen: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<(), Failure> {
        self.dialogue(command, line, None, patience, seen).await
    }

    /// A command during which the server asks for one more line (`+`), which is `answer`.
    pub(super) async fn dialogue(
        &mut self,
        command: &'static str,
        line: &str,
        mut answer: Option<&str>,
        patience: Patience,
        seen: &mut (dyn FnMut(&Response<'_>) + Send),
    ) -> Result<(), Failure> {
        let next_deadline = || match patience {
            Patience::Whole(limit) | Patience::EachResponse(limit) => Instant::now() + limit,
        };
        let mut deadline = next_deadline();
        let tag = self.send(command, line, deadline).await?;
        for _ in 0..MAX_RESPONSES {
            if let Patience::EachResponse(_) = patience {
                deadline = next_deadline();
            }
            let look = |response: &Response<'_>| {
                let turn = Turn::of(command, &tag, response);
                if let Turn::Untagged = turn {
                    seen(response);
                }
                turn
            };
            match self.read(command, deadline, look).await? {
                Turn::Finished(result) => return result,
                Turn::Untagged => {}
                Turn::Continue => match answer.take() {
                    Some(answer) => {
                        let line = format!("{answer}\r\n");
                        self.write(command, &line, deadline).await?;
                    }
                    None => return Err(Failure::Garbled(format!("{command}: unexpected `+`"))),
                },
            }
        }
        Err(Failure::Garbled(format!("{command}: an endless answer")))
    }

    /// One IDLE (RFC 2177, RFC 9051 §6.3.13), until news, `until`, or the server's refusal.
    /// `start` bounds the wait for `+`, `finish` that for the tagged answer after DONE.
    pub(super) async fn idle(
        &mut self,
        until: Instant,
        start: Duration,
        finish: Duration,
    ) -> Result<Idled, Failure> {
        let deadline = Instant::now() + start;
        let tag = self.send("IDLE", "IDLE", deadline).await?;
        loop {
            match self.turn("IDLE", &tag, deadline).await? {
                Turn::Continue => break,
                Turn::Finished(_) => return Ok(Idled::Declined),
                Turn::Untagged => {}
            }
        }
        // The deadline is absolute: a server's "still here" must not push it away. News may be
        // here already, told between IDLE and its `+`.
        while !self.news {
            match self.turn("IDLE", &tag, until).await {
                Ok(Turn::Finished(_)) => return Ok(Idled::Declined),
                Ok(Turn::Untagged | Turn::Continue) => {}
                Err(Failure::Silence(_)) => break,
                Err(failure) => return Err(failure),
            }
        }
        let deadline = Instant::now() + finish;
        self.write("DONE", "DONE\r\n", deadline).await?;
        loop {
            match self.turn("DONE", &tag, deadline).await? {
                Turn::Finished(result) => break result?,
                Turn::Untagged | Turn::Continue => {}
            }
        }
        Ok(match self.take_news() {
            true => Idled::News,
            false => Idled::TimeUp,
        })
    }

    /// Sends a command and answers its tag.
    async fn send(
        &mut self,
        command: &'static str,
        line: &str,
        deadline: Instant,
    ) -> Result<String, Failure> {
        self.sent += 1;
        let tag = format!("S{}", self.sent);
        self.write(command, &format!("{tag} {line}\r\n"), deadline)
            .await?;
        Ok(tag)
    }

    async fn write(
        &mut self,
        command: &'static str,
        text: &str,
        deadline: Instant,
    ) -> Result<(), Failure> {
        let line = self.client.get_mut();
        let written = timeout_at(deadline, async {
            line.write_all(text.as_bytes()).await?;
            line.flush().await
        });
        match written.await {
            Err(_) => Err(Failure::Silence(command)),
            Ok(Err(error)) => Err(broken(command, &error)),
            Ok(Ok(())) => Ok(()),
        }
    }

    /// Reads one response and lends it to `look`.
    async fn read<T>(
        &mut self,
        command: &'static str,
        deadline: Instant,
        look: impl FnOnce(&Response<'_>) -> T,
    ) -> Result<T, Failure> {
        let response = match timeout_at(deadline, self.client.read_response()).await {
            Err(_) => return Err(Failure::Silence(command)),
            Ok(Err(error)) => return Err(broken(command, &error)),
            Ok(Ok(None)) => return Err(Failure::Lost(format!("{command}: connection closed"))),
            Ok(Ok(Some(response))) => response,
        };
        self.note(command, response.parsed())?;
        Ok(look(response.parsed()))
    }

    /// Reads one response for its place in the dialogue alone.
    async fn turn(
        &mut self,
        command: &'static str,
        tag: &str,
        deadline: Instant,
    ) -> Result<Turn, Failure> {
        self.read(command, deadline, |response| {
            Turn::of(command, tag, response)
        })
        .await
    }

    /// Takes notice of what a server may say at any time.
    fn note(&mut self, command: &'static str, response: &Response<'_>) -> Result<(), Failure> {
        match response {
            // RECENT says nothing that EXISTS does not, and RFC 9051 has dropped it.
            Response::MailboxData(MailboxDatum::Exists(count)) => {
                self.news |= *count > self.exists;
                self.exists = *count;
            }
            Response::Expunge(_) => self.exists = self.exists.saturating_sub(1),
            Response::Data {
                status: Status::Bye,
                outcome,
            } => {
                let words = words(outcome);
                return Err(Failure::Lost(format!("{command}: BYE {words}")));
            }
            Response::Data { outcome, .. } => match outcome.code {
                // UIDs asked for a moment ago would name other mails now.
                Some(ResponseCode::UidValidity(epoch))
                    if self.epoch.is_some_and(|e| e != epoch) =>
                {
                    return Err(Failure::Lost(format!("{command}: UIDVALIDITY changed")));
                }
                Some(ResponseCode::UidValidity(epoch)) => self.epoch = Some(epoch),
                // RFC 9051 §7.1: an ALERT must be brought to the user's attention.
                Some(ResponseCode::Alert) => {
                    tracing::warn!(words = words(outcome), "the mailbox sends an alert");
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }
}
