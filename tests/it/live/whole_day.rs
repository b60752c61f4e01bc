//! A ticket's whole life by mails alone (policy.md §5, §6): opened, answered with two commands,
//! questioned, attempted, solved, validated, closed. Every mail comes over IMAP and goes by SMTP.

use serde_json::Value;

use super::{ANA, MARIA, acme};
use crate::scenarios::mailing::Read;
use crate::world::daemon::{Config, Daemon};
use crate::world::dovecot::Dovecot;
use crate::world::mails::Mail;
use crate::world::smtp_sink::SmtpSink;

/// The servers, and the program between them.
struct Life {
    dovecot: Dovecot,
    sink: SmtpSink,
    daemon: Daemon,
}

impl Life {
    fn begin() -> Life {
        let (dovecot, sink) = (Dovecot::start(), SmtpSink::start());
        // Certificates are of today, and this is another day.
        let config: Config = acme(&dovecot, &sink)
            .set("inbound.tls", "none")
            .unset("inbound.ca_file")
            .set("inbound.port", i64::from(dovecot.imap_port()));
        let daemon = config.install();
        Life {
            dovecot,
            sink,
            daemon,
        }
    }

    /// A mail reaches the mailbox at that instant of Mexico City, and the program runs. The instant
    /// has passed on every machine: Dovecot takes no date of the future.
    fn arrives(&mut self, day: &str, time: &str, mail: &Mail) {
        let raw = String::from_utf8(mail.build()).expect("UTF-8");
        // RFC 7888: a literal that waits for no answer. Its date is the trusted receipt time.
        let command = format!(
            "APPEND INBOX \"{day} {time}:00 -0600\" {{{}+}}\r\n{raw}",
            raw.len()
        );
        self.dovecot.dialogue().command_ok(&command);
        self.runs(day, time);
    }

    /// The program runs half a minute after that instant.
    fn runs(&mut self, day: &str, time: &str) {
        let (day, _) = day.split_once('-').expect("a day of the month");
        let instant = format!("2024-10-{day} {time}:30");
        self.daemon.set_clock(Some(&instant));
        self.daemon.run_once();
    }

    /// The last mail to somebody, as his program reads it, with its subject's beginning.
    fn last_to(&self, who: &str, subject: &str) -> Read {
        let mail = self.sink.mails_to(who).pop().expect("a mail");
        let read = Read::of(&mail.raw);
        assert!(
            read.subject.starts_with(subject),
            "{}\n{}",
            read.subject,
            read.text
        );
        read
    }

    /// What somebody answers to a mail, with the mail below it.
    fn answer(&self, from: &str, to: &Read, words: &str) -> Mail {
        let quoted: String = to.text.lines().map(|line| format!("> {line}\n")).collect();
        Mail::from(from)
            .to(&to.reply_to)
            .subject(&format!("RE: {}", to.subject))
            .message_id(&format!("{}@correo.example", self.sink.count()))
            .after(&to.references)
            .in_reply_to(&to.message_id)
            .text(&format!(
                "{words}\n\nEl mar, 8 oct 2024 a las 10:00, Soporte Grupo Staff (<{}>) escribió:\n\n{quoted}",
                to.reply_to
            ))
    }

    fn ticket(&self) -> Value {
        self.daemon.json(&["tickets", "show", "GS-1", "--json"])
    }

    fn is(&self, status: &str) {
        assert_eq!(self.ticket()["status"], status);
    }
}

#[test]
fn a_ticket_lives_and_ends_by_mails_alone() {
    let mut life = Life::begin();
    let (tuesday, next_tuesday) = ("08-Oct-2024", "15-Oct-2024");

    life.arrives(tuesday, "10:00", &Mail::from(MARIA).subject("No timbra"));
    life.is("new");
    life.last_to(MARIA, "Re: No timbra [GS-1]");
    let notice = life.last_to(ANA, "Re: No timbra [GS-1]");
    assert!(
        notice
            .text
            .starts_with("=== Responda encima de esta línea ==="),
        "{}",
        notice.text
    );

    let first = life.answer(
        ANA,
        &notice,
        "#prioridad alta\n#asignar yo\n\nLo revisamos.",
    );
    life.arrives(tuesday, "10:20", &first);
    life.is("in_progress");
    let relayed = life.last_to(MARIA, "Re: No timbra [GS-1]");
    assert!(
        relayed.text.starts_with("Lo revisamos."),
        "{}",
        relayed.text
    );
    assert!(!relayed.text.contains('#'), "{}", relayed.text);

    // The receipt is answered like a notice.
    let receipt = life.last_to(ANA, "Hecho:");
    let question = life.answer(ANA, &receipt, "#espera cliente\n\n¿Qué versión usan?");
    life.arrives(tuesday, "11:00", &question);
    life.is("waiting_client");
    let asked = life.last_to(MARIA, "Re: No timbra [GS-1]");
    assert!(
        asked.text.starts_with("¿Qué versión usan?"),
        "{}",
        asked.text
    );

    // Five business days of silence.
    life.runs(next_tuesday, "10:59");
    assert_eq!(life.last_to(MARIA, "Re:"), asked, "not a minute early");
    life.runs(next_tuesday, "11:01");
    let attempt = life.last_to(MARIA, "Re: No timbra [GS-1]");
    assert!(attempt.text.contains("intento 1 de 3"), "{}", attempt.text);
    assert!(
        attempt.text.contains("> ¿Qué versión usan?"),
        "{}",
        attempt.text
    );

    life.arrives(
        next_tuesday,
        "12:00",
        &life.answer(MARIA, &attempt, "La 12, perdón por la demora."),
    );
    life.is("in_progress");
    let notice = life.last_to(ANA, "Re: No timbra [GS-1]");
    assert!(notice.text.contains("La 12, perdón"), "{}", notice.text);

    let solved = life.answer(ANA, &notice, "#resuelto\n\nYa quedó con la versión 12.");
    life.arrives(next_tuesday, "12:30", &solved);
    life.is("proposed");
    let proposed = life.last_to(MARIA, "Re: No timbra [GS-1]");
    assert!(proposed.text.starts_with("Ya quedó"), "{}", proposed.text);

    let word = life.answer(MARIA, &proposed, "Validado, muchas gracias.");
    life.arrives(next_tuesday, "13:00", &word);
    let closing = life.last_to(MARIA, "Re: No timbra [GS-1]");
    assert!(closing.text.contains("Cerramos GS-1"), "{}", closing.text);

    let ticket = life.ticket();
    assert_eq!(ticket["status"], "closed");
    assert_eq!(ticket["closed_as"], "validated");
    assert_eq!(ticket["priority"], "high");
    assert_eq!(ticket["assignee"], ANA);
    assert_eq!(ticket["response"]["breached"], false);
    let messages = ticket["messages"].as_array().expect("messages");
    let by = |direction: &str, class: &str| {
        let is = |m: &&Value| m["direction"] == direction && m["class"] == class;
        messages.iter().filter(is).count()
    };
    assert_eq!(by("in", "human"), 6, "three of hers, three of Ana's");
    assert_eq!(by("out", "contact_attempt"), 1);
    let status = life.daemon.json(&["status", "--json"]);
    assert_eq!(status["open_tickets"], 0);
    assert_eq!(status["held"], 0);
    assert!(life.daemon.ledger().is_at_rest());
}
