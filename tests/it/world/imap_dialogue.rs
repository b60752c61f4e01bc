//! A raw IMAP dialogue: the other client that opens the mailbox while the program works. It knows
//! just enough of RFC 3501 to tell an answer's end, so that it shares no mistake with the program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use super::SERVER_PATIENCE;

/// A connection without encryption.
#[derive(Debug)]
pub struct ImapDialogue {
    stream: BufReader<TcpStream>,
    commands: u32,
}

/// What a server said to one command.
#[derive(Debug)]
pub struct Answer {
    /// Everything before the tagged line, literals included.
    pub untagged: Vec<u8>,
    /// The tagged line without its tag: `OK …`, `NO …` or `BAD …`.
    pub tagged: String,
}

impl Answer {
    /// Whether it ended in OK.
    pub fn is_ok(&self) -> bool {
        self.tagged.starts_with("OK")
    }

    /// The untagged part as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.untagged).into_owned()
    }
}

impl ImapDialogue {
    /// Connects and reads the greeting.
    pub fn connect(port: u16) -> ImapDialogue {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream
            .set_read_timeout(Some(SERVER_PATIENCE))
            .expect("a time that is not zero");
        let mut dialogue = ImapDialogue {
            stream: BufReader::new(stream),
            commands: 0,
        };
        // Dovecot may say that it waits for its own login process before it greets.
        loop {
            let line = dialogue.line();
            assert!(line.starts_with("* OK"), "greeted with {line:?}");
            if !line.contains("Waiting for authentication") {
                return dialogue;
            }
        }
    }

    /// Connects, logs in and opens INBOX.
    pub fn open_inbox(port: u16, user: &str, password: &str) -> ImapDialogue {
        let mut dialogue = ImapDialogue::connect(port);
        dialogue.command_ok(&format!("LOGIN {user} {password}"));
        dialogue.command_ok("SELECT INBOX");
        dialogue
    }

    /// Sends one command and reads up to its tagged line.
    pub fn command(&mut self, command: &str) -> Answer {
        self.commands += 1;
        let tag = format!("dialogue{} ", self.commands);
        self.stream
            .get_mut()
            .write_all(format!("{tag}{command}\r\n").as_bytes())
            .expect("the server reads");
        let mut untagged = Vec::new();
        loop {
            let line = self.line();
            if let Some(tagged) = line.strip_prefix(&tag) {
                return Answer {
                    untagged,
                    tagged: tagged.trim_end().to_owned(),
                };
            }
            untagged.extend_from_slice(line.as_bytes());
            if let Some(size) = literal_size(&line) {
                let start = untagged.len();
                untagged.resize(start + size, 0);
                self.stream
                    .read_exact(&mut untagged[start..])
                    .expect("the whole literal");
            }
        }
    }

    /// Sends one command that must succeed.
    pub fn command_ok(&mut self, command: &str) -> Answer {
        let answer = self.command(command);
        assert!(answer.is_ok(), "{command}: {}", answer.tagged);
        answer
    }

    /// How many mails the open folder holds.
    pub fn count(&mut self) -> usize {
        let answer = self.command_ok("UID SEARCH ALL").text();
        answer
            .lines()
            .find_map(|line| line.strip_prefix("* SEARCH"))
            .expect("a SEARCH line")
            .split_whitespace()
            .count()
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream
            .read_until(b'\n', &mut line)
            .expect("the server speaks");
        assert!(!line.is_empty(), "the server closed the connection");
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// The size in `… {123}` at a line's end (RFC 3501 §4.3).
fn literal_size(line: &str) -> Option<usize> {
    let (_, size) = line.trim_end().strip_suffix('}')?.rsplit_once('{')?;
    size.parse().ok()
}
