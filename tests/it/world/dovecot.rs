//! A real Dovecot with one mailbox, fed by LMTP or by files.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use super::imap_dialogue::ImapDialogue;
use super::{Certificates, Guarded, Port, SERVER_PATIENCE, running_as_root, wait_until};

/// The mailbox's user.
pub const USER: &str = "soporte";
/// His password.
pub const PASSWORD: &str = "secreto-de-prueba";

/// How often a start is tried, each time on other ports: some program that is no test may have taken
/// one between the look and the start. Beyond it the test fails with Dovecot's log.
const START_ATTEMPTS: usize = 3;

/// A running server: IMAP with STARTTLS, IMAPS and LMTP. Dropped: killed, files removed.
#[derive(Debug)]
pub struct Dovecot {
    folder: TempDir,
    certificates: Certificates,
    imap: Port,
    imaps: Port,
    lmtp: Port,
    process: Option<Guarded>,
    dropped_in: u32,
}

impl Dovecot {
    /// Starts a server with an empty mailbox; it takes connections when this returns.
    pub fn start() -> Dovecot {
        let folder = TempDir::with_prefix("soported-dovecot-").expect("a temporary folder");
        let path = folder.path();
        // As root, Dovecot reads the mail as nobody, who must get through here.
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own folder");
        for name in ["run", "state", "mail", "tls"] {
            fs::create_dir(path.join(name)).expect("a new folder");
        }
        let certificates = Certificates::create(&path.join("tls"));
        let mut dovecot = Dovecot {
            certificates,
            imap: Port::free(),
            imaps: Port::free(),
            lmtp: Port::free(),
            process: None,
            dropped_in: 0,
            folder,
        };
        dovecot.own(&dovecot.folder.path().join("mail"));
        for attempt in 1.. {
            if dovecot.try_start() {
                return dovecot;
            }
            assert!(
                attempt < START_ATTEMPTS,
                "Dovecot does not start:\n{}",
                dovecot.log()
            );
            dovecot.imap = Port::free();
            dovecot.imaps = Port::free();
            dovecot.lmtp = Port::free();
        }
        unreachable!("the loop returns or panics")
    }

    /// Port of IMAP without encryption, or with STARTTLS.
    pub fn imap_port(&self) -> u16 {
        self.imap.number()
    }

    /// Port of IMAP over TLS.
    pub fn imaps_port(&self) -> u16 {
        self.imaps.number()
    }

    /// Port of LMTP.
    pub fn lmtp_port(&self) -> u16 {
        self.lmtp.number()
    }

    /// The trust root of its certificate, a PEM file.
    pub fn ca_file(&self) -> &Path {
        &self.certificates.ca
    }

    /// What Dovecot logged.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("dovecot.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Stops it by SIGTERM, as an administrator does.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.terminate(SERVER_PATIENCE);
            // What the master left behind goes when `process` is dropped here.
        }
    }

    /// SIGKILL for all its processes: clients see the connection break.
    pub fn kill(&mut self) {
        drop(self.process.take());
        // The next start would take the dead master's file for a running one.
        let _ = fs::remove_file(self.folder.path().join("run/master.pid"));
    }

    /// Starts it again on the same ports, with the same mail; stops it before, should it run.
    pub fn restart(&mut self) {
        self.stop();
        assert!(
            self.try_start(),
            "Dovecot does not start again:\n{}",
            self.log()
        );
    }

    /// Freezes it: connections stand, nobody answers.
    pub fn freeze(&self) {
        self.running().signal_all("STOP");
    }

    /// Wakes it from [`Dovecot::freeze`].
    pub fn thaw(&self) {
        self.running().signal_all("CONT");
    }

    /// Delivers one mail by LMTP (RFC 2033), as a mail server would. Lines may end in LF or CRLF.
    pub fn deliver(&self, raw: &[u8]) {
        self.deliver_all(&[raw]);
    }

    /// Delivers mails by LMTP over one connection, in their order.
    pub fn deliver_all<M: AsRef<[u8]>>(&self, raws: &[M]) {
        let stream = TcpStream::connect(("127.0.0.1", self.lmtp_port())).expect("LMTP listens");
        stream.set_nodelay(true).expect("a TCP socket");
        stream
            .set_read_timeout(Some(SERVER_PATIENCE))
            .expect("a time that is not zero");
        let mut lmtp = BufReader::new(stream);
        expect_reply(&mut lmtp, "220");
        say(&mut lmtp, b"LHLO localhost\r\n", "250");
        for raw in raws {
            say(
                &mut lmtp,
                b"MAIL FROM:<remitente@correo.example> BODY=8BITMIME\r\n",
                "250",
            );
            say(&mut lmtp, format!("RCPT TO:<{USER}>\r\n").as_bytes(), "250");
            say(&mut lmtp, b"DATA\r\n", "354");
            say(&mut lmtp, &dot_stuffed(raw.as_ref()), "250");
        }
        say(&mut lmtp, b"QUIT\r\n", "221");
    }

    /// Puts mails into the mailbox as files, at once; meant for many, before the first client comes.
    /// File names rise with the order, and so do the UIDs given at the first look.
    pub fn drop_into_maildir<M: AsRef<[u8]>>(&mut self, raws: &[M]) {
        self.drop_into_maildir_aged(raws, Duration::ZERO);
    }

    /// The same for mails received `age` ago: Dovecot takes a file's time for INTERNALDATE.
    pub fn drop_into_maildir_aged<M: AsRef<[u8]>>(&mut self, raws: &[M], age: Duration) {
        let received = SystemTime::now() - age;
        let maildir = self.maildir();
        for part in [
            maildir.parent().expect("a home").to_path_buf(),
            maildir.clone(),
            maildir.join("tmp"),
            maildir.join("new"),
            maildir.join("cur"),
        ] {
            if !part.exists() {
                fs::create_dir(&part).expect("a new folder");
                self.own(&part);
            }
        }
        for raw in raws {
            self.dropped_in += 1;
            let name = format!(
                "1700000000.M{:09}P1.prueba,S={}",
                self.dropped_in,
                raw.as_ref().len()
            );
            let half = maildir.join("tmp").join(&name);
            fs::write(&half, raw.as_ref()).expect("write a mail");
            fs::File::options()
                .append(true)
                .open(&half)
                .and_then(|file| file.set_modified(received))
                .expect("our own file");
            self.own(&half);
            fs::rename(half, maildir.join("new").join(name)).expect("one file system");
        }
    }

    /// Gives the mailbox another UIDVALIDITY and new UIDs from 1 (RFC 3501 §2.3.1.1), as a restored
    /// backup does. Restarts the server, for open connections would keep what they know. The mailbox
    /// must have been opened before.
    pub fn bump_uidvalidity(&mut self) {
        self.stop();
        let maildir = self.maildir();
        let list = maildir.join("dovecot-uidlist");
        let old = fs::read_to_string(&list).expect("a client has opened the mailbox");
        // First line: `3 V<uidvalidity> N<next uid> G<mailbox guid>`; a line per mail after it.
        let header = old.lines().next().expect("a first line");
        let new: Vec<String> = header
            .split(' ')
            .map(|word| match word.split_at(word.len().min(1)) {
                ("V", number) => format!("V{}", number.parse::<u32>().expect("a number") + 1),
                ("N", _) => "N1".to_owned(),
                _ => word.to_owned(),
            })
            .collect();
        fs::write(&list, new.join(" ") + "\n").expect("write the list");
        self.own(&list);
        // Indexes remember the old value.
        for entry in fs::read_dir(&maildir).expect("the mailbox") {
            let path = entry.expect("a file").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("dovecot.index") {
                fs::remove_file(&path).expect("our own file");
            }
        }
        assert!(
            self.try_start(),
            "Dovecot does not start again:\n{}",
            self.log()
        );
    }

    /// Another client marks every mail as read.
    pub fn mark_all_seen(&self) {
        self.dialogue().command_ok("UID STORE 1:* +FLAGS (\\Seen)");
    }

    /// Another client, with the mailbox open.
    pub fn dialogue(&self) -> ImapDialogue {
        ImapDialogue::open_inbox(self.imap_port(), USER, PASSWORD)
    }

    /// The mailbox's folder.
    pub fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail").join(USER).join("Maildir")
    }

    fn running(&self) -> &Guarded {
        self.process.as_ref().expect("the server runs")
    }

    /// Whether the server came up; false when it ended by itself, which a taken port explains.
    fn try_start(&mut self) -> bool {
        let config = self.folder.path().join("dovecot.conf");
        fs::write(&config, self.configuration()).expect("write the configuration");
        let mut process = Guarded::spawn(
            Command::new("/usr/sbin/dovecot")
                .args(["-F", "-c"])
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        let ports = [self.imap_port(), self.imaps_port(), self.lmtp_port()];
        let up = wait_until("Dovecot takes connections", SERVER_PATIENCE, || {
            if process.ended().is_some() {
                return Some(false);
            }
            // The master binds all ports before it serves one, and a greeting shows that it serves.
            let stream = TcpStream::connect(("127.0.0.1", ports[2])).ok()?;
            stream.set_read_timeout(Some(SERVER_PATIENCE)).ok()?;
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).ok()?;
            line.starts_with("220").then_some(true)
        });
        if up {
            self.process = Some(process);
        }
        up
    }

    /// As root the mail belongs to nobody, for Dovecot reads no mail as root.
    fn own(&self, path: &Path) {
        if running_as_root() {
            let nobody = account("nobody");
            chown(path, Some(nobody.uid), Some(nobody.gid)).expect("root may give away");
        }
    }

    fn configuration(&self) -> String {
        let path = self.folder.path().display();
        // Without root Dovecot can neither change its user nor its root folder.
        let (user, group, internal, chroot) = if running_as_root() {
            let nobody = account("nobody");
            (nobody.uid, nobody.gid, String::new(), "")
        } else {
            let me = fs::metadata("/proc/self").expect("/proc is mounted");
            let me = account_of(std::os::unix::fs::MetadataExt::uid(&me));
            let internal = format!(
                "default_internal_user = {name}\ndefault_internal_group = {group}\n\
                 default_login_user = {name}\n",
                name = me.name,
                group = me.group
            );
            (me.uid, me.gid, internal, "chroot =")
        };
        let (imap, imaps, lmtp) = (self.imap_port(), self.imaps_port(), self.lmtp_port());
        // Quotas on connections and logins are lifted: a test is one address with many clients.
        format!(
            "base_dir = {path}/run
state_dir = {path}/state
log_path = {path}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
{internal}first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{path}/tls/server.pem
ssl_key = <{path}/tls/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{path}/mail/%n/Maildir
mail_max_userip_connections = 100
imap_idle_notify_interval = 20 s
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Processed {{
    auto = create
  }}
}}
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = allow_all_users=yes uid={user} gid={group} home={path}/mail/%n
}}
"
        )
    }
}

/// A line of the user database.
struct Account {
    name: String,
    uid: u32,
    gid: u32,
    group: String,
}

fn account(name: &str) -> Account {
    find_account(|fields| fields[0] == name)
}

fn account_of(uid: u32) -> Account {
    find_account(|fields| fields[2] == uid.to_string())
}

fn find_account(wanted: impl Fn(&[&str]) -> bool) -> Account {
    let users = fs::read_to_string("/etc/passwd").expect("a Unix system");
    let groups = fs::read_to_string("/etc/group").expect("a Unix system");
    let fields: Vec<&str> = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.len() > 3 && wanted(fields))
        .expect("the account is in /etc/passwd");
    let group = groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|group| group.len() > 2 && group[2] == fields[3])
        .expect("its group is in /etc/group");
    Account {
        name: fields[0].to_owned(),
        uid: fields[2].parse().expect("a number"),
        gid: fields[3].parse().expect("a number"),
        group: group[0].to_owned(),
    }
}

/// Sends bytes and reads the reply, which must have this code.
fn say(lmtp: &mut BufReader<TcpStream>, bytes: &[u8], code: &str) {
    lmtp.get_mut().write_all(bytes).expect("LMTP reads");
    expect_reply(lmtp, code);
}

/// Reads one reply (RFC 5321 §4.2), of several lines maybe.
fn expect_reply(lmtp: &mut BufReader<TcpStream>, code: &str) {
    loop {
        let mut line = String::new();
        lmtp.read_line(&mut line).expect("LMTP speaks");
        assert!(
            line.starts_with(code),
            "expected {code}, LMTP said {line:?}"
        );
        if line.as_bytes().get(3) != Some(&b'-') {
            return;
        }
    }
}

/// The mail as it goes over the wire: CRLF, dots doubled (RFC 5321 §4.5.2), the final dot.
fn dot_stuffed(raw: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(raw.len() + raw.len() / 32 + 8);
    let body = raw.strip_suffix(b"\n").unwrap_or(raw);
    for line in body.split(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        wire.extend_from_slice(b"\r\n");
    }
    wire.extend_from_slice(b".\r\n");
    wire
}
