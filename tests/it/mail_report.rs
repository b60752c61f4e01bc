//! Delivery reports: plain-text notices by the server that writes them, whole and broken reports,
//! and people's mail that only shows one. All mails are written for the purpose.

use std::time::{Duration, Instant};

use soported::domain::classify::{Classification, classify};
use soported::domain::message::{Mail, MailClass};
use soported::domain::reason::Reason;
use soported::mail::report;

use super::mail_parse::{read, read_bytes};

const DAEMON: &str =
    "From: Mail Delivery System <MAILER-DAEMON@mx.acme.mx>\nTo: soporte@servicio.mx\n";

fn class(mail: &Mail) -> Classification {
    classify(mail, &[])
}

/// Recipient, action, status and reason of each.
fn told(mail: &Mail) -> Vec<(String, String, String, Reason)> {
    let recipients = mail.report.iter().flat_map(|report| &report.recipients);
    recipients
        .map(|r| {
            (
                r.recipient.clone(),
                r.action.clone(),
                r.status.clone(),
                r.reason(),
            )
        })
        .collect()
}

/// A notice with this subject and text, from a mail daemon.
fn notice(subject: &str, text: &str) -> Mail {
    read(&format!(
        "{DAEMON}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    ))
}

#[test]
fn a_notice_is_read_whatever_server_writes_it() {
    use Reason::{Disabled, Expired, HostUnknown, MailboxFull, Network, Rejected, UserUnknown};
    let cases: &[(&str, &str, &str, &str, &str, Reason)] = &[
        (
            "Postfix",
            "Undelivered Mail Returned to Sender",
            "This is the mail system at host mx.acme.mx.\n\nI'm sorry to have to inform you that your message could not\n\
             be delivered to one or more recipients.\n\nFor further assistance, please send mail to postmaster.\n\n\
             <ana@globex.mx>: host mx.globex.mx[192.0.2.1] said: 550 5.1.1\n    <ana@globex.mx>: Recipient address \
             rejected: User unknown (in reply to\n    RCPT TO command)",
            "failed",
            "5.1.1",
            UserUnknown,
        ),
        (
            "Exim",
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that you sent could not be \
             delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  ana@globex.mx\n    \
             host mx.globex.mx [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:<ana@globex.mx>:\n    \
             552 5.2.2 Mailbox full\n\n------ This is a copy of the message, including all the headers. ------\n\n\
             Message-ID: <nuestro@servicio.mx>\nTo: otra@globex.mx",
            "failed",
            "5.2.2",
            MailboxFull,
        ),
        (
            "qmail",
            "failure notice",
            "Hi. This is the qmail-send program at mx.acme.mx.\nI'm afraid I wasn't able to deliver your message to the \
             following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n\
             <ana@globex.mx>:\nSorry, I couldn't find any host named globex.mx. (#5.1.2)\n\n--- Below this line is a \
             copy of the message.\n\nMessage-ID: <nuestro@servicio.mx>",
            "failed",
            "5.1.2",
            HostUnknown,
        ),
        (
            "sendmail",
            "Returned mail: see transcript for details",
            "   ----- The following addresses had permanent fatal errors -----\n<ana@globex.mx>\n\n   ----- Transcript \
             of session follows -----\n... while talking to mx.globex.mx.:\n>>> DATA\n<<< 554 5.7.1 Message rejected as \
             spam\n554 5.0.0 Service unavailable",
            "failed",
            "5.7.1",
            Rejected,
        ),
        (
            "Gmail",
            "Delivery Status Notification (Failure)",
            "** Address not found **\n\nYour message wasn't delivered to ana@globex.mx because the address couldn't be \
             found.\n\nThe response was:\n\n550 5.1.1 The email account that you tried to reach does not exist.",
            "failed",
            "5.1.1",
            UserUnknown,
        ),
        (
            "Gmail, late",
            "Delivery Status Notification (Delay)",
            "Delivery to the following recipient has been delayed:\n\n     ana@globex.mx\n\nMessage will be retried for \
             2 more day(s)\n\nTechnical details of temporary failure:\nThe recipient server did not accept our requests \
             to connect.",
            "delayed",
            "",
            Network,
        ),
        (
            "Exchange 2003",
            "Undeliverable: Falla",
            "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tFalla\n      \
             Sent:\t3/2/2026 10:00 AM\n\nThe following recipient(s) could not be reached:\n\n      ana@globex.mx on \
             3/2/2026 10:00 AM\n            The e-mail account does not exist at the organization this message was sent \
             to.\n            <mx.globex.mx #5.1.1>",
            "failed",
            "5.1.1",
            UserUnknown,
        ),
        (
            "Microsoft 365 in Spanish",
            "No se puede entregar: Falla",
            "No se pudo entregar el mensaje a los siguientes destinatarios:\n\nana@globex.mx\n\nNo se encontró la \
             dirección de correo que escribió.\n\nInformación de diagnóstico para los administradores:\n\nana@globex.mx\n\
             Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ana@globex.mx not found by \
             SMTP address lookup'\n\nEncabezados de mensajes originales:\n\nMessage-ID: <nuestro@servicio.mx>",
            "failed",
            "5.1.10",
            UserUnknown,
        ),
        (
            "Exchange in Spanish",
            "No se puede entregar: Falla",
            "Error en la entrega a estos destinatarios o grupos:\n\nAna López (ana@globex.mx)\nEl buzón del destinatario \
             está lleno y no puede aceptar mensajes en este momento.",
            "failed",
            "",
            MailboxFull,
        ),
        (
            "old Exchange in Spanish",
            "No se puede entregar: Falla",
            "El mensaje no llegó a algunos o todos los destinatarios.\n\n      Asunto:\tFalla\n\nNo se pudo localizar a \
             los destinatarios siguientes:\n\n      ana@globex.mx el 02/03/2026 10:00\n            550 5.1.1 Usuario \
             desconocido",
            "failed",
            "5.1.1",
            UserUnknown,
        ),
        (
            "Exchange in Spanish, late",
            "Demora en la entrega: Falla",
            "Demora en la entrega a estos destinatarios o grupos:\n\nana@globex.mx\n\nNo es necesario que vuelva a enviar \
             el mensaje. El servidor seguirá intentando entregarlo.",
            "delayed",
            "",
            Expired,
        ),
        (
            "Yahoo",
            "Failure Notice",
            "Sorry, we were unable to deliver your message to the following address.\n\n<ana@globex.mx>:\n554: delivery \
             error: This user doesn't have a globex.mx account (ana@globex.mx) [0]",
            "failed",
            "5.0.0",
            UserUnknown,
        ),
        (
            "IMail",
            "Undeliverable Mail",
            "Unknown user: ana@globex.mx\n\nOriginal message follows.\n\nReceived: from x",
            "failed",
            "",
            UserUnknown,
        ),
        (
            "MailEnable",
            "Message Delivery Failure",
            "MailEnable: Message could not be delivered to some recipients.\n\n\tRecipient: [SMTP:ana@globex.mx]\n\t\
             Reason: Remote SMTP Server Returned: 550 Account disabled.",
            "failed",
            "5.0.0",
            Disabled,
        ),
        (
            "OpenSMTPD",
            "Delivery status notification: error",
            "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n    An error has occurred \
             while attempting to deliver a message for\n    the following list of recipients:\n\nana@globex.mx: Envelope \
             expired\n\n    Below is a copy of the original message:\n\nMessage-ID: <nuestro@servicio.mx>",
            "failed",
            "",
            Expired,
        ),
    ];
    for (server, subject, text, action, status, reason) in cases {
        let mail = notice(subject, text);
        let class = class(&mail);
        assert_eq!(
            class.class,
            MailClass::Bounce,
            "{server}: {:?}",
            class.evidence
        );
        let expected = (
            "ana@globex.mx".to_owned(),
            (*action).to_owned(),
            (*status).to_owned(),
            *reason,
        );
        assert_eq!(told(&mail), [expected], "{server}: {:?}", mail.report);
        if text.contains("<nuestro@servicio.mx>") {
            let id = mail.report.unwrap().original_message_id;
            assert_eq!(id.as_deref(), Some("nuestro@servicio.mx"), "{server}");
        }
    }
}

#[test]
fn each_recipient_of_a_notice_has_his_own_reason() {
    let mail = notice(
        "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its\nrecipients.\n\n  ana@globex.mx\n    550 \
         5.1.1 User unknown\n  beto@globex.mx\n    452 4.2.2 Over quota\n  carla@globex.mx\n    550 5.7.1 Blocked by policy",
    );
    let hard: Vec<(String, bool)> = mail
        .report
        .iter()
        .flat_map(|report| &report.recipients)
        .map(|one| (one.status.clone(), one.is_hard()))
        .collect();
    let expected = [("5.1.1", true), ("4.2.2", false), ("5.7.1", false)];
    assert_eq!(
        hard,
        expected.map(|(status, hard)| (status.to_owned(), hard))
    );
}

#[test]
fn the_reason_is_read_off_words_before_codes() {
    use Reason::{
        Authentication, Congestion, Disabled, HasMoved, HostUnknown, MailboxFull, Network,
        NotAccepting, Rejected, Server, TooBig, Unknown, UserUnknown,
    };
    for (status, words, reason) in [
        ("5.1.1", "550 5.1.1 User unknown", UserUnknown),
        ("5.1.1", "", UserUnknown),
        (
            "5.1.1",
            "552 sorry, that mailbox is over quota",
            MailboxFull,
        ),
        ("5.0.0", "550 5.2.2 x", MailboxFull),
        ("", "(#5.1.1)", UserUnknown),
        ("5.4.4", "Host or domain name not found", HostUnknown),
        ("4.0.0", "DNS Error: Domain name not found", Network),
        ("5.1.6", "", HasMoved),
        ("5.7.27", "550 Host does not accept mail", NotAccepting),
        ("5.2.1", "", Disabled),
        (
            "5.0.0",
            "550 Unknown user ana (in reply to end of DATA command)",
            Disabled,
        ),
        ("5.1.8", "553 Domain of sender does not exist", Rejected),
        (
            "5.0.0",
            "553 no such user (in reply to MAIL FROM command)",
            Rejected,
        ),
        (
            "5.4.1",
            "550 5.4.1 Recipient address rejected: Access denied",
            UserUnknown,
        ),
        (
            "5.3.0",
            "554 5.3.0 Recipient address rejected: Internal system error",
            Server,
        ),
        ("5.7.26", "", Authentication),
        (
            "5.7.509",
            "550 sending domain does not pass DMARC verification",
            Authentication,
        ),
        ("5.3.4", "552 message size exceeds fixed maximum", TooBig),
        ("4.7.0", "421 too many connections", Congestion),
        ("4.4.1", "connection refused", Network),
        ("", "550 5.1.1 El destinatario no existe", UserUnknown),
        ("", "", Unknown),
        ("", "host 192.5.1.1 said nothing", Unknown),
        ("", "version 5.1.1.2", Unknown),
    ] {
        assert_eq!(Reason::of(status, words), reason, "{status:?} {words:?}");
    }
}

const GROUPS: &str = "Reporting-MTA: dns; mx.acme.mx\nOriginal-Envelope-Id: 77\n\nFinal-Recipient: rfc822; \
ana@globex.mx\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n";

#[test]
fn a_report_of_broken_structure_is_read_all_the_same() {
    let bodies = [
        (
            "another type",
            "Content-Type: multipart/report; boundary=b\n\n--b\n\nNo.\n--b\nContent-Type: text/plain\n\n",
        ),
        (
            "no boundary",
            "Content-Type: multipart/report; report-type=delivery-status\n\n",
        ),
        (
            "no structure",
            "Content-Type: text/plain\n\nThis is the mail system at host mx.acme.mx.\n\n",
        ),
        (
            "a wrong boundary",
            "Content-Type: multipart/mixed; boundary=c\n\n--b\nContent-Type: message/delivery-status\n\n",
        ),
        (
            "inside a mail",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n",
        ),
    ];
    for (name, body) in bodies {
        let raw = format!("{DAEMON}Subject: Undelivered Mail\nMIME-Version: 1.0\n{body}{GROUPS}\n");
        for raw in [
            raw.clone(),
            raw.replace('\n', "\r\n"),
            raw.replace('\n', "\r"),
        ] {
            let mail = read_bytes(raw.as_bytes());
            assert_eq!(class(&mail).class, MailClass::Bounce, "{name}");
            let expected = (
                "ana@globex.mx".into(),
                "failed".into(),
                "5.1.1".into(),
                Reason::UserUnknown,
            );
            assert_eq!(told(&mail), [expected], "{name}");
            assert_eq!(report::read(raw.as_bytes()), mail.report, "{name}");
        }
    }
}

#[test]
fn a_delay_is_believed_of_a_whole_report_and_a_single_failure_goes_before_it() {
    let whole = |actions: &[&str]| {
        let groups: String = actions
            .iter()
            .map(|action| format!("Final-Recipient: rfc822; {action}@globex.mx\nAction: {action}\nStatus: 4.0.0\n\n"))
            .collect();
        class(&read(&format!(
            "{DAEMON}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n{groups}--b--\n"
        )))
        .class
    };
    assert_eq!(whole(&["delayed"]), MailClass::Delay);
    assert_eq!(whole(&["delivered"]), MailClass::Delivered);
    assert_eq!(whole(&["deliverable"]), MailClass::Delivered);
    assert_eq!(whole(&["relayed", "delayed"]), MailClass::Delay);
    assert_eq!(whole(&["delayed", "failed"]), MailClass::Bounce);
    assert_eq!(whole(&["delivered", "failed"]), MailClass::Bounce);
}

const QUOTED: &str = "This is the mail system at host mx.acme.mx.\n\nI'm sorry to have to inform you that your message \
could not\nbe delivered to one or more recipients.\n\n<ana@globex.mx>: host mx said: 550 5.1.1 User unknown\n\n--- Below \
this line is a copy of the message.\n\nMessage-ID: <x@acme.mx>\n";

#[test]
fn a_person_who_shows_a_bounce_is_a_person() {
    let quoted = QUOTED.replace('\n', "\n> ");
    for (name, head, text) in [
        (
            "forwarded",
            "From: Luis <luis@acme.mx>\nSubject: RV: Undelivered Mail Returned to Sender",
            QUOTED,
        ),
        (
            "answered",
            "From: Luis <luis@acme.mx>\nSubject: RE: Undelivered Mail Returned to Sender",
            &quoted,
        ),
        (
            "pasted",
            "From: Luis <luis@acme.mx>\nSubject: Me rebota este correo, ¿por qué?",
            QUOTED,
        ),
        (
            "pasted, by a forwarder that blanks the path",
            "Return-Path: <>\nFrom: Luis <luis@acme.mx>\nSubject: Me rebotó este correo",
            QUOTED,
        ),
        (
            "with his own words above, and the bounce's subject",
            "From: Luis <luis@acme.mx>\nSubject: Failure notice",
            "Me llegó esto.\n¿Qué hago?\nEs urgente.\nGracias,\nLuis\nAcme\nSistemas\n> could not be delivered",
        ),
        (
            "an administrator of a client",
            "From: Administrador del sistema <sistemas@acme.mx>\nSubject: No se pudo entregar un correo",
            "Buen día: no se pudo entregar un correo a ana@globex.mx, me marca 550 5.1.1 User unknown.",
        ),
        (
            "a postmaster who answers",
            "From: Postmaster <postmaster@acme.mx>\nSubject: RE: Falla",
            "Hola, ya lo revisé.\nEl servidor dice esto:\n550 5.1.1 <ana@globex.mx> could not be delivered",
        ),
        (
            "the parts of a report attached to a forward",
            "From: Luis <luis@acme.mx>\nSubject: RV: Undeliverable: x\nContent-Type: multipart/mixed; boundary=b",
            "--b\nContent-Type: text/plain\n\n¿Por qué rebota?\n--b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ana@globex.mx\nAction: failed\nStatus: 5.1.1\n\n--b--",
        ),
        (
            "a bounce attached as a mail",
            "From: Luis <luis@acme.mx>\nSubject: correo rebotado\nContent-Type: multipart/mixed; boundary=b",
            "--b\nContent-Type: text/plain\n\nAdjunto el rebote.\n--b\nContent-Type: message/rfc822\n\nFrom: \
             MAILER-DAEMON@mx.acme.mx\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.mx\n\n--b--",
        ),
    ] {
        let mail = read(
            &format!("{head}\nTo: soporte@servicio.mx\nMIME-Version: 1.0\n\n{text}\n").replace(
                "boundary=b\nTo: soporte@servicio.mx\nMIME-Version: 1.0",
                "boundary=b\nTo: soporte@servicio.mx",
            ),
        );
        let class = class(&mail);
        assert_eq!(
            class.class,
            MailClass::Human,
            "{name}: {:?}",
            class.evidence
        );
    }
}

#[test]
fn a_robot_s_notice_needs_a_name_and_a_stranger_s_an_introduction() {
    let of = |from: &str, subject: &str, text: &str| {
        class(&read(&format!(
            "From: {from}\nTo: soporte@servicio.mx\nSubject: {subject}\n\n{text}\n"
        )))
        .class
    };
    let robot = "no-reply@correo.mx";
    let named = "Could not be delivered to: <ana@globex.mx>\nAs their mailbox is full.";
    assert_eq!(of(robot, "Mail", named), MailClass::Bounce);
    assert_eq!(
        of(robot, "Mail", "Your parcel could not be delivered."),
        MailClass::Human
    );
    let gateway = "puerta@acme.mx";
    assert_eq!(
        of(gateway, "Undelivered Mail Returned to Sender", QUOTED),
        MailClass::Bounce
    );
    assert_eq!(of(gateway, "Correo", QUOTED), MailClass::Human);
}

#[test]
fn amazon_s_notifications_are_read() {
    let of = |json: &str| {
        read(&format!(
            "From: no-reply@sns.amazonaws.com\nTo: soporte@servicio.mx\nSubject: AWS Notification Message\n\
             x-amz-sns-message-id: 1\n\n{json}\n\n--\nIf you wish to stop receiving notifications…\n"
        ))
    };
    let bounce = r#"{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"Ana@globex.mx",
        "action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
        "mail":{"headers":[{"name":"Message-ID","value":"<nuestro@servicio.mx>"}]}}"#;
    let wrapped = format!(
        r#"{{"Type":"Notification","Message":{}}}"#,
        serde_json::Value::from(bounce)
    );
    for json in [bounce, &wrapped] {
        let mail = of(json);
        assert_eq!(class(&mail).class, MailClass::Bounce);
        let expected = (
            "ana@globex.mx".into(),
            "failed".into(),
            "5.1.1".into(),
            Reason::UserUnknown,
        );
        assert_eq!(told(&mail), [expected]);
        let id = mail.report.unwrap().original_message_id;
        assert_eq!(id.as_deref(), Some("nuestro@servicio.mx"));
    }
    let delivered =
        of(r#"{"notificationType":"Delivery","delivery":{"recipients":["ana@globex.mx"]}}"#);
    assert_eq!(class(&delivered).class, MailClass::Delivered);
    let complaint = of(r#"{"notificationType":"Complaint","complaint":{}}"#);
    assert_eq!(class(&complaint).class, MailClass::FeedbackReport);
    assert_eq!(
        class(&of(r#"{"notificationType":"#)).class,
        MailClass::Human
    );
}

#[test]
fn complaints_receipts_and_challenges_are_known_by_their_parts_and_fields() {
    let of = |head: &str, part: &str| {
        class(&read(&format!(
            "From: Luis <luis@acme.mx>\nTo: soporte@servicio.mx\n{head}Content-Type: multipart/mixed; boundary=b\n\n\
             --b\n\nHola\n--b\nContent-Type: {part}\n\nFinal-Recipient: rfc822; a@b.mx\n\n--b--\n"
        )))
        .class
    };
    // RFC 5965 and RFC 8098 reports whose multipart does not say what it is.
    assert_eq!(of("", "message/feedback-report"), MailClass::FeedbackReport);
    assert_eq!(
        of("", "message/disposition-notification"),
        MailClass::ReadReceipt
    );
    for (head, expected) in [
        (
            "X-HmXmrOriginalRecipient: a@b.mx\n",
            MailClass::FeedbackReport,
        ),
        (
            "X-Apple-Unsubscribe: true\nAuto-Submitted: auto-replied\n",
            MailClass::FeedbackReport,
        ),
        (
            "X-Delivery-Agent: TMDA/1.0\nPrecedence: bulk\n",
            MailClass::Challenge,
        ),
        // Its users write with the same program.
        ("X-Delivery-Agent: TMDA/1.0\n", MailClass::Human),
        (
            "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n",
            MailClass::Human,
        ),
        ("", MailClass::Human),
    ] {
        assert_eq!(of(head, "text/plain"), expected, "{head}");
    }
}

#[test]
fn reading_a_notice_takes_linear_time() {
    const BYTES: usize = 1_000_000;
    for piece in [
        "<a@b.mx>: 550 5.1.1 no\n",
        "a@a@a@a@",
        "550 ",
        "5.1.1.",
        "ana@globex.mx ",
        "------------------------------\n",
        ">>> DATA\n",
        "Final-Recipient: rfc822; a@b.mx\n\n",
        " x\n",
        "{\"a\":",
    ] {
        let known: String = (0..100).map(|n| format!("u{n}@globex.mx, ")).collect();
        let text = piece.repeat(BYTES / piece.len());
        let raw =
            format!("{DAEMON}X-Failed-Recipients: {known}\nReturn-Path: <>\nx-a: b\n\n{text}");
        let begun = Instant::now();
        let mail = read_bytes(raw.as_bytes());
        assert_eq!(class(&mail).class, MailClass::Bounce, "{piece:?}");
        // A debug build on a busy machine; what is quadratic takes minutes.
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(8), "{piece:?} took {took:?}");
    }
}
