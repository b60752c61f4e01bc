//! Encryption both ways: what is trusted works, what is not gets neither a password nor a mail.

use super::{MARIA, acme, the_outgoing};
use crate::world::daemon::Config;
use crate::world::dovecot::Dovecot;
use crate::world::mails::Mail;
use crate::world::smtp_sink::{SinkOptions, SinkTls, SmtpSink};

fn imap(config: Config, dovecot: &Dovecot, tls: &str) -> Config {
    let port = match tls {
        "implicit" => dovecot.imaps_port(),
        _ => dovecot.imap_port(),
    };
    config
        .set("inbound.tls", tls)
        .set("inbound.port", i64::from(port))
}

fn sink(tls: SinkTls) -> SmtpSink {
    SmtpSink::start_with(SinkOptions {
        tls,
        login: Some(("soporte".to_owned(), "clave de envío".to_owned())),
        ..SinkOptions::default()
    })
}

#[test]
fn mail_comes_and_goes_over_tls_from_the_start_and_over_starttls() {
    let dovecot = Dovecot::start();
    for (inbound, outbound) in [
        ("implicit", SinkTls::Implicit),
        ("starttls", SinkTls::StartTls),
        ("none", SinkTls::StartTls),
    ] {
        let sink = sink(outbound);
        let daemon = imap(acme(&dovecot, &sink), &dovecot, inbound).install();
        let subject = format!("Caso {inbound} {outbound:?}");
        dovecot.deliver(&Mail::from(MARIA).subject(&subject).build());
        daemon.run_once();
        let row = daemon.ledger().number(&format!(
            "SELECT count(*) FROM inbound WHERE subject = '{subject}' AND outcome = 'opened'"
        ));
        assert_eq!(row, 1, "{inbound}");
        let subjects = super::subjects_to(&sink, MARIA);
        let last = subjects.last().expect("an acknowledgement");
        assert!(last.starts_with(&format!("Re: {subject}")), "{subjects:?}");
    }
}

#[test]
fn an_imap_server_that_nobody_vouches_for_gets_no_password() {
    for tls in ["implicit", "starttls"] {
        let (dovecot, other, sink) = (Dovecot::start(), Dovecot::start(), SmtpSink::start());
        dovecot.deliver(&Mail::from(MARIA).build());
        let trusted = other.ca_file().to_str().expect("UTF-8");
        let daemon = imap(acme(&dovecot, &sink), &dovecot, tls)
            .set("inbound.ca_file", trusted)
            .install();
        let output = daemon.run(&["run", "--once"]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert_eq!(daemon.ledger().mails(), 0);
        assert!(!dovecot.log().contains("Login: user="), "{}", dovecot.log());
    }
}

#[test]
fn an_smtp_server_that_nobody_vouches_for_gets_no_mail() {
    for tls in [SinkTls::Implicit, SinkTls::StartTls] {
        let (dovecot, sink) = (Dovecot::start(), sink(tls));
        dovecot.deliver(&Mail::from(MARIA).build());
        let trusted = dovecot.ca_file().to_str().expect("UTF-8");
        let daemon = acme(&dovecot, &sink)
            .set("outbound.ca_file", trusted)
            .install();
        daemon.run_once();
        let row = the_outgoing(&daemon, "acknowledgement", MARIA);
        assert_eq!((row.state.as_str(), row.attempts), ("retry", 1), "{row:?}");
        assert_eq!((sink.count(), sink.dots()), (0, 0));
        assert_eq!(daemon.ledger().tickets(), 1);
    }
}
