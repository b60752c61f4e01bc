//! Every letter in words, compared byte for byte with `tests/golden/`.
//!
//! `UPDATE_GOLDEN=1 cargo test --test it golden::` writes the files anew; read the difference
//! before committing it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use chrono_tz::America::{Mexico_City, Tijuana};
use soported::domain::address::{Address, Person};
use soported::domain::announce;
use soported::domain::calendar::HoursGroup;
use soported::domain::effect::Effect;
use soported::domain::event::AlarmCause;
use soported::domain::failure::FailureCause;
use soported::domain::letter::{
    AlertLine, AlertReason, BudgetRequest, BudgetResult, Letter, LetterKind, Notice, OtherTicket,
    OutOfHoursWindow, Said, SessionSummary, TicketFacts,
};
use soported::domain::message::Attachment;
use soported::domain::policy::Consultant;
use soported::domain::ticket::{ClosedAs, Kind, Priority, Status};
use soported::mail::compose::Words;
use soported::render::{House, TemplateProblem, Templates};

mod admission;
mod charge;
mod client;
mod consultant;
mod desk;
mod statement;
mod survey;
mod threads;

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::load(None, Mexico_City).expect("built-in templates"));

/// What a hostile or careless person may write into a field.
const NASTY: &str = "<script>alert(1)</script> & \"{{ 7*7 }}\" {% raw %}\r\nBcc: x@y.z\u{202e} 🚀";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn house() -> House {
    House {
        service_name: "Soporte Grupo Staff".to_owned(),
        address: "soporte@grupostaff.com".to_owned(),
        hours: vec![HoursGroup {
            first_weekday: 0,
            last_weekday: 4,
            from: "08:30".to_owned(),
            to: "18:00".to_owned(),
        }],
        reply_to: "soporte+k1abc@grupostaff.com".to_owned(),
        replies: BTreeMap::from([(
            "GS-1042".to_owned(),
            "soporte+k1def@grupostaff.com".to_owned(),
        )]),
    }
}

fn ticket() -> TicketFacts {
    TicketFacts {
        number: "GS-1042".to_owned(),
        subject: "No puedo timbrar facturas".to_owned(),
        status: Status::New,
        priority: Priority::High,
        kind: Kind::TechnicalRegular.name().to_owned(),
        level: 1,
        client: "ACME".to_owned(),
        requester: "María Pérez <maria@acme.example>".to_owned(),
        opened_at: at("2026-11-24T17:30:00Z"),
        case: None,
        links: Vec::new(),
    }
}

fn nasty_ticket() -> TicketFacts {
    TicketFacts {
        subject: format!("{NASTY} {}", "muy largo ".repeat(40)),
        status: Status::InProgress,
        priority: Priority::Critical,
        kind: Kind::TechnicalUrgent.name().to_owned(),
        client: NASTY.to_owned(),
        requester: format!("{NASTY} <maria@acme.example>"),
        case: Some(NASTY.to_owned()),
        ..ticket()
    }
}

fn nasty_text() -> String {
    format!(
        "Hola 👩🏽‍💻, {{{{ 7*7 }}}} y {{% for x in y %}}\r\n\r\n<img src=x onerror=alert(1)> & listo\n\
         Cuenta\tImporte\nA       100.00\n  sangría\n\n\n{}\n\u{0}\u{7}fin",
        "x".repeat(1200)
    )
}

fn notice() -> Notice {
    Notice {
        ticket: ticket(),
        sender: "María Pérez <maria@acme.example>".to_owned(),
        received_at: at("2026-11-24T17:30:00Z"),
        text: "Buenos días:\n\nDesde las 11:00 no podemos timbrar facturas. Sale el error \
               CFDI40102.\nAnexo la pantalla y el XML.\n\nGracias,\nMaría"
            .to_owned(),
        attachments: vec![
            Attachment {
                name: "pantalla.png".to_owned(),
                media_type: "image/png".to_owned(),
                size: 348_160,
                inline: false,
                sha256: String::new(),
            },
            Attachment {
                name: "factura 118.xml".to_owned(),
                media_type: "text/xml".to_owned(),
                size: 2_411_724,
                inline: false,
                sha256: String::new(),
            },
        ],
        left_out: vec![],
        omitted_bytes: 0,
        response_due_at: Some(at("2026-11-24T21:30:00Z")),
        solution_due_at: None,
        held: Some(12),
        budget: charge::budget(),
        budget_answer: None,
        disputed: vec![],
        others: vec![],
        conversation: vec![],
    }
}

/// The same in a ticket that has been answered, of a client with others.
fn later_notice() -> Notice {
    let other = |number: &str, subject: &str, status, closed_as| OtherTicket {
        number: number.to_owned(),
        subject: subject.to_owned(),
        status,
        closed_as,
    };
    let said = |time: &str, from: &str, text: &str| Said {
        at: at(time),
        from: from.to_owned(),
        text: text.to_owned(),
    };
    Notice {
        ticket: TicketFacts {
            status: Status::InProgress,
            ..ticket()
        },
        received_at: at("2026-11-24T19:05:00Z"),
        text: "Va el XML.".to_owned(),
        response_due_at: None,
        solution_due_at: Some(at("2026-11-25T18:20:00Z")),
        others: vec![
            other("GS-1041", "Alta de un usuario", Status::WaitingClient, None),
            other(
                "GS-1036",
                "El reporte de ventas del mes de octubre no cuadra con la póliza",
                Status::Closed,
                Some(ClosedAs::Validated),
            ),
            other("GS-1019", "", Status::Closed, Some(ClosedAs::Unattended)),
        ],
        conversation: vec![
            said(
                "2026-11-24T18:20:00Z",
                "Ana Ruiz",
                "¿Nos comparte el XML de la factura 118?",
            ),
            said("2026-11-24T17:30:00Z", "maria@acme.example", &notice().text),
        ],
        ..notice()
    }
}

fn nasty_notice() -> Notice {
    Notice {
        ticket: nasty_ticket(),
        sender: NASTY.to_owned(),
        text: nasty_text(),
        attachments: vec![Attachment {
            name: "<b>ñandú</b> & {{ 7*7 }}.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            size: 12,
            inline: false,
            sha256: String::new(),
        }],
        left_out: vec![],
        omitted_bytes: 39_845_888,
        response_due_at: None,
        others: vec![OtherTicket {
            number: "GS-1041".to_owned(),
            subject: format!("{NASTY} {}", "muy largo ".repeat(40)),
            status: Status::InProgress,
            closed_as: None,
        }],
        conversation: vec![Said {
            at: at("2026-11-24T17:30:00Z"),
            from: NASTY.to_owned(),
            text: format!("{}{}", nasty_text(), "ñ ".repeat(1500)),
        }],
        ..notice()
    }
}

/// A case's name and its letter. The file is `<letter>-<name>`.
type Case = (&'static str, Letter);

/// Every case.
fn cases() -> Vec<Case> {
    let mut cases = desk::cases();
    cases.extend(charge::cases());
    cases.extend(client::cases());
    cases.extend(consultant::cases());
    cases.extend(threads::cases());
    cases.extend(admission::cases());
    cases.extend(survey::cases());
    cases.extend(statement::cases());
    cases
}

fn words(letter: &Letter) -> Words {
    TEMPLATES
        .render(letter, &house())
        .expect("a letter in words")
}

fn golden_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// File names of a case and what they should hold.
fn files(case: &str, letter: &Letter) -> [(String, String); 2] {
    let words = words(letter);
    let stem = format!("{}-{case}", letter.kind().name());
    [
        (
            format!("{stem}.txt"),
            format!("Subject: {}\n\n{}", words.subject, words.text),
        ),
        (format!("{stem}.html"), words.html),
    ]
}

#[test]
fn every_letter_reads_as_its_golden_file() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut different = Vec::new();
    for (case, letter) in cases() {
        for (name, text) in files(case, &letter) {
            let path = golden_dir().join(&name);
            if update {
                fs::write(&path, &text).expect("a golden file written");
            }
            if fs::read_to_string(&path).unwrap_or_default() != text {
                different.push(name);
            }
        }
    }
    assert_eq!(
        different,
        Vec::<String>::new(),
        "UPDATE_GOLDEN=1 writes them anew"
    );
}

#[test]
fn no_golden_file_is_orphaned_and_no_letter_is_without_one() {
    let wanted: BTreeSet<String> = cases()
        .iter()
        .flat_map(|(case, letter)| files(case, letter).map(|(name, _)| name))
        .collect();
    // Other kinds of golden file have other endings; statements are compared where they are made.
    let found: BTreeSet<String> = fs::read_dir(golden_dir())
        .expect("the golden folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.ends_with(".txt") || name.ends_with(".html"))
        .filter(|name| !name.starts_with("statement-"))
        .collect();
    assert_eq!(found, wanted);
    let covered: BTreeSet<LetterKind> = cases().iter().map(|(_, letter)| letter.kind()).collect();
    assert_eq!(covered, BTreeSet::from(LetterKind::ALL));
}

#[test]
fn every_template_folder_belongs_to_a_letter() {
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let folders: BTreeSet<String> = fs::read_dir(templates)
        .expect("the templates")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let letters = LetterKind::ALL.map(|kind| kind.name().to_owned());
    assert_eq!(folders, BTreeSet::from(letters));
}

#[test]
fn the_separator_and_the_notice_phrases_stand_in_notices_and_nowhere_else() {
    let phrases = TEMPLATES.phrases();
    assert_eq!(phrases.notice.len(), 2);
    for (case, letter) in cases() {
        let words = words(&letter);
        let name = format!("{} {case}", letter.kind().name());
        let is_notice = matches!(
            letter,
            Letter::ConsultantNewTicket(_)
                | Letter::ConsultantClientReply(_)
                | Letter::ConsultantThirdParty(_)
                | Letter::ConsultantEncrypted(_)
                | Letter::ConsultantAutoReply(_)
                | Letter::ConsultantHandover(_)
                | Letter::ConsultantMerged(_)
                | Letter::ConsultantRegistered { .. }
                | Letter::CommandReceipt(_)
                | Letter::DeliveryFailed { .. }
                | Letter::CommandErrors {
                    ticket: Some(_),
                    ..
                }
        );
        for phrase in phrases.notice.iter().chain([&phrases.separator]) {
            assert_eq!(
                words.text.contains(phrase),
                is_notice,
                "{name}: text, {phrase}"
            );
            assert_eq!(
                words.html.contains(phrase),
                is_notice,
                "{name}: html, {phrase}"
            );
        }
        if is_notice {
            let mut lines = words.text.lines();
            assert_eq!(lines.next(), Some(phrases.separator.as_str()), "{name}");
            assert_eq!(lines.next(), Some(phrases.notice[0].as_str()), "{name}");
        }
    }
}

#[test]
fn what_people_wrote_is_neither_markup_nor_a_template_nor_a_header() {
    for (case, letter) in cases() {
        let words = words(&letter);
        let name = format!("{} {case}", letter.kind().name());
        let twice = ["&amp;lt;", "&amp;amp;", "&amp;quot;"];
        for forbidden in ["<script", "<img", "<b>", "onerror=alert(1)>"]
            .iter()
            .chain(&twice)
        {
            assert!(!words.html.contains(forbidden), "{name}: {forbidden}");
        }
        for both in [&words.text, &words.html] {
            assert!(!both.contains("49"), "{name}: an expression was evaluated");
            let controls = both
                .chars()
                .filter(|c| c.is_control() && !"\n\t".contains(*c));
            assert_eq!(controls.count(), 0, "{name}");
            assert!(both.ends_with('\n') && !both.ends_with("\n\n"), "{name}");
        }
        assert!(!words.subject.chars().any(char::is_control), "{name}");
        assert!(words.subject.chars().count() <= 250, "{name}");
    }
}

#[test]
fn mails_about_a_ticket_carry_its_number_once_in_the_subject() {
    for (case, letter) in cases() {
        let words = words(&letter);
        let wanted = match letter {
            Letter::EncryptedSender { .. }
            | Letter::Alerts { .. }
            | Letter::Digest(_)
            | Letter::CommandErrors { ticket: None, .. }
            | Letter::CommandHelp { .. }
            | Letter::NotAuthorizedSender { .. }
            | Letter::NotAuthorizedAuthorizers { .. }
            | Letter::AuthorizerAdded(_)
            | Letter::AuthorizerRemoved(_)
            | Letter::AdmissionReceipt { .. }
            | Letter::ConsultantHeldAnswer { .. }
            | Letter::MonthlyStatement(_)
            | Letter::OperatorAlarm { .. }
            | Letter::OperatorRecovered { .. }
            | Letter::ReplyNotSent { ticket: None, .. } => 0,
            _ => 1,
        };
        let found = words.subject.matches("[GS-1042]").count();
        assert_eq!(
            found,
            wanted,
            "{} {case}: {}",
            letter.kind().name(),
            words.subject
        );
    }
}

/// A state as the client reads it.
fn spoken(status: Status) -> &'static str {
    match status {
        Status::Provisional => "provisional",
        Status::New => "nuevo, por atender",
        Status::InProgress => "en atención",
        Status::WaitingClient => "en espera del cliente",
        Status::WaitingApproval => "en espera de autorización",
        Status::WaitingThirdParty => "en espera de un tercero",
        Status::Proposed => "solución propuesta",
        Status::Closed => "cerrado",
    }
}

#[test]
fn the_client_always_reads_the_number_the_state_and_who_owes_the_next_step() {
    let mut read = BTreeSet::new();
    for (case, letter) in cases() {
        let (Letter::Acknowledgement { ticket, .. }
        | Letter::RelayedReply { ticket, .. }
        | Letter::SolutionProposed { ticket, .. }
        | Letter::ContactAttempt { ticket, .. }
        | Letter::Closed { ticket, .. }
        | Letter::MicrosoftCase { ticket, .. }
        | Letter::SessionSummary(SessionSummary { ticket, .. })
        | Letter::OutOfHoursWindow(OutOfHoursWindow { ticket, .. })
        | Letter::BudgetRequest(BudgetRequest { ticket, .. })
        | Letter::BudgetResult(BudgetResult { ticket, .. })
        | Letter::ThirdPartyUpdate { ticket, .. }
        | Letter::SplitOff { ticket, .. }
        | Letter::FormalizeRequest { ticket, .. }
        | Letter::TicketPassedOn { ticket, .. }) = &letter
        else {
            assert!(!letter.kind().is_to_client(), "{:?}", letter.kind());
            continue;
        };
        let words = words(&letter);
        for body in [&words.text, &words.html] {
            let name = format!("{} {case}", letter.kind().name());
            assert!(body.contains(&ticket.number), "{name}: number");
            assert!(body.contains(spoken(ticket.status)), "{name}: state");
            let steps = ["siguiente paso", "pasos pendientes", "atención continúa"];
            assert!(steps.iter().any(|step| body.contains(step)), "{name}: step");
        }
        read.insert(letter.kind());
    }
    let to_client = LetterKind::ALL.into_iter().filter(|k| k.is_to_client());
    assert_eq!(read, to_client.collect());
}

#[test]
fn alerts_stand_in_the_order_in_which_somebody_should_look_at_them() {
    let consultant = Consultant {
        person: Person::new(
            Address::parse("ana@grupostaff.com").expect("an address"),
            "Ana",
        ),
        aliases: vec![],
        level: 1,
        on_call: false,
    };
    let line = |reason, priority, hour: u32| AlertLine {
        ticket: TicketFacts {
            priority,
            ..ticket()
        },
        reason,
        percent: None,
        at: at(&format!("2026-11-24T{hour}:00:00Z")),
    };
    let (over, held, broken, near, critical) = (
        line(AlertReason::ClosedUnattended, Priority::Critical, 10),
        line(AlertReason::HeldWaits, Priority::High, 11),
        line(AlertReason::ResponseBreach, Priority::Low, 15),
        line(AlertReason::ResponsePercent, Priority::High, 14),
        line(AlertReason::ResponsePercent, Priority::Critical, 20),
    );
    let earlier = line(AlertReason::ResponseBreach, Priority::Low, 13);
    let kept = [&over, &held, &broken, &near, &critical, &earlier].map(Clone::clone);
    let effects = announce::alerts(&consultant, &kept, at("2026-11-24T21:30:00Z"));
    let told = effects.into_iter().find_map(|effect| match effect {
        Effect::Send(outgoing) => Some(outgoing.letter),
        _ => None,
    });
    let items = vec![critical, earlier, broken, near, held, over];
    assert_eq!(told, Some(Letter::Alerts { items }));
}

#[test]
fn our_own_prose_fits_in_78_columns() {
    for (case, letter) in cases().into_iter().filter(|(case, _)| *case != "nasty") {
        for line in words(&letter).text.lines() {
            let columns = line.chars().count();
            let is_theirs = line.contains("CFDI40102");
            assert!(
                columns <= 78 || is_theirs,
                "{} {case}: {line}",
                letter.kind().name()
            );
        }
    }
}

#[test]
fn every_cause_reason_status_priority_and_kind_has_its_words() {
    for cause in AlarmCause::ALL {
        let (since, until) = (at("2026-11-24T17:30:00Z"), at("2026-11-24T18:30:00Z"));
        let detail = String::new();
        words(&Letter::OperatorAlarm {
            cause,
            detail,
            since,
        });
        words(&Letter::OperatorRecovered {
            cause,
            since,
            until,
        });
    }
    for cause in FailureCause::ALL {
        words(&Letter::DeliveryFailed {
            ticket: ticket(),
            to: "maria@acme.example".to_owned(),
            reported: None,
            cause,
            reason: String::new(),
            reply: false,
            plan_stopped: false,
            response_due_at: None,
        });
    }
    for status in Status::ALL {
        for priority in Priority::ALL {
            for kind in Kind::ALL {
                let kind = kind.name().to_owned();
                let ticket = TicketFacts {
                    status,
                    priority,
                    kind,
                    ..ticket()
                };
                words(&Letter::ConsultantNewTicket(Notice { ticket, ..notice() }));
            }
        }
    }
}

#[test]
fn a_reply_reaches_the_client_word_for_word() {
    let text = "Uno\n\n  dos   tres\n> cuatro\n#cinco";
    let letter = Letter::RelayedReply {
        ticket: ticket(),
        consultant: "Ana Ruiz".to_owned(),
        text: text.to_owned(),
        attachments: vec![],
        next_at: None,
    };
    let words = words(&letter);
    assert!(words.text.starts_with(text), "{}", words.text);
    assert!(
        words
            .html
            .contains("&nbsp;&nbsp;dos &nbsp;&nbsp;tres<br>\n&gt; cuatro")
    );
}

#[test]
fn a_text_too_long_for_a_notice_is_cut_and_the_rest_counted() {
    let text = "ñ".repeat(100_007);
    let words = words(&Letter::ConsultantClientReply(Notice { text, ..notice() }));
    assert!(
        words
            .text
            .contains("7 caracteres más en el correo original")
    );
    assert!(words.text.len() < 210_000);
}

#[test]
fn a_date_is_shown_in_the_zone_of_the_house() {
    let letter = Letter::OperatorAlarm {
        cause: AlarmCause::DiskNearlyFull,
        detail: String::new(),
        since: at("2026-11-24T21:30:00Z"),
    };
    assert!(
        words(&letter)
            .text
            .contains("martes 24 de noviembre de 2026, 15:30 h")
    );
    let north = Templates::load(None, Tijuana).expect("built-in templates");
    let text = north.render(&letter, &house()).expect("words").text;
    assert!(
        text.contains("13:30 h\n") && text.contains("(hora de America/Tijuana)"),
        "{text}"
    );
}

#[test]
fn the_hours_of_several_groups_are_all_named() {
    let mut house = house();
    house.hours.push(HoursGroup {
        first_weekday: 5,
        last_weekday: 5,
        from: "09:00".to_owned(),
        to: "13:00".to_owned(),
    });
    let (_, letter) = cases().remove(0);
    let text = TEMPLATES.render(&letter, &house).expect("words").text;
    let flowed = text.replace('\n', " ");
    assert!(flowed.contains("lunes a viernes, de 08:30 a 18:00 h; sábado, de 09:00 a 13:00 h"));
}

/// Loads the templates with `files` in a folder of the house.
fn load_with(files: &[(&str, &str)]) -> Result<Templates, Vec<TemplateProblem>> {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    Templates::load(Some(dir.path()), Mexico_City)
}

/// Asserts that a folder with this file is refused, naming `at` and saying `why`.
fn check_refused(name: &str, text: &str, at: &str, why: &str) {
    let problems = load_with(&[(name, text)]).expect_err(name);
    let shown: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        shown.iter().any(|p| p.starts_with(at) && p.contains(why)),
        "{name}: wanted {at}… {why}…, found {shown:#?}"
    );
}

#[test]
fn a_template_that_cannot_work_is_refused_with_file_and_line() {
    let alarm = "operator_alarm/body.txt";
    check_refused(
        alarm,
        "a\n{{ nobody }}",
        "operator_alarm/body.txt:2: ",
        "nobody",
    );
    check_refused(
        alarm,
        "a\n\n{{ detail|shout }}",
        "operator_alarm/body.txt:3: ",
        "shout",
    );
    check_refused(
        alarm,
        "{{ cause.x.y }}",
        "operator_alarm/body.txt:1: ",
        "undefined",
    );
    check_refused(
        alarm,
        "a\n{% if %}",
        "operator_alarm/body.txt:2: ",
        "syntax",
    );
    check_refused(
        alarm,
        "{% if 1 > 2 %}{{ nobody }}{% endif %}",
        alarm,
        "nobody",
    );
    check_refused(alarm, "{{ words.alarm.nothing.name }}", alarm, "undefined");
    check_refused(alarm, "{{ detail|date }}", alarm, "not an instant");
    check_refused(
        alarm,
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        alarm,
        "fuel",
    );
    check_refused(
        "operator_alarm/subject.txt",
        "\n",
        "operator_alarm/subject.txt",
        "empty",
    );
    check_refused("base.html", "{{ nobody }}", "base.html:1: ", "nobody");
    check_refused(
        "operator_alarm/bodi.txt",
        "x",
        "operator_alarm/bodi.txt",
        "no letter uses",
    );
    check_refused("README", "x", "README", "no letter uses");
}

#[test]
fn a_template_that_breaks_a_promise_to_the_rest_of_the_program_is_refused() {
    let notice = "consultant_new_ticket/body.txt";
    let late = "Hola\n{{ words.notice.separator }}\n{{ words.notice.reply }}\n\
                {{ words.notice.internal }}";
    check_refused(notice, "Hola", notice, "must begin with");
    check_refused(notice, late, notice, "must begin with");
    check_refused(notice, "{{ words.notice.separator }}", notice, "must hold");
    let reply = "relayed_reply/body.txt";
    check_refused(
        reply,
        "{{ text }} {{ words.notice.internal }}",
        reply,
        "only notices",
    );
    let subject = "acknowledgement/subject.txt";
    check_refused(
        subject,
        "Re: {{ ticket.subject }}",
        subject,
        "the number in brackets",
    );
}

#[test]
fn words_that_are_missing_or_unknown_are_refused() {
    let built_in = include_str!("../../templates/words.toml");
    let without = |what: &str, with: &str| {
        assert!(built_in.contains(what), "{what}");
        built_in.replacen(what, with, 1)
    };
    let file = "words.toml";
    check_refused(
        file,
        &without("high = \"alta\"\n", ""),
        file,
        "high are missing",
    );
    check_refused(
        file,
        &without("high = \"alta\"", "tall = \"alta\""),
        file,
        "no tall",
    );
    for (table, name) in [
        ("[closed_as", "cancelled"),
        ("[command_problem", "misplaced"),
        ("[command_problem", "tried_today"),
        ("[alert", "next_reply"),
    ] {
        let renamed = without(&format!("{table}.{name}]"), &format!("{table}.nothing]"));
        check_refused(
            file,
            &renamed,
            file,
            &format!("{table}]: the words for {name}"),
        );
        check_refused(
            file,
            &renamed,
            file,
            &format!("{table}]: there is no nothing"),
        );
    }
    check_refused(
        file,
        &without("\nphone_attempt = ", "\ncall = "),
        file,
        "[history]: the words for phone_attempt",
    );
    check_refused(file, &without("\"domingo\"", ""), "words.toml:5: ", "7");
    check_refused(
        file,
        &without("\"=== Responda encima", "\"=== Haga \\\"clic\\\" en"),
        file,
        "notice.separator",
    );
    check_refused(file, &without("{month} ", ""), file, "{month} is missing");
    check_refused(file, "x = [", "words.toml:1: ", "");
}

#[test]
fn a_file_of_the_house_takes_the_place_of_the_built_in_one() {
    let templates = load_with(&[
        ("operator_alarm/body.txt", "Alarma de la casa"),
        (".gitignore", "*"),
    ])
    .expect("templates");
    let (_, letter) = cases()
        .into_iter()
        .find(|(_, letter)| letter.kind() == LetterKind::OperatorAlarm)
        .expect("an alarm");
    let words = templates.render(&letter, &house()).expect("words");
    assert_eq!(words.text, "Alarma de la casa\n");
    assert!(words.html.contains("no hay conexión con el buzón") || words.html.contains("No hay"));
}

#[test]
fn the_templates_of_the_checkout_are_the_built_in_ones() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let templates = Templates::load(Some(&folder), Mexico_City).expect("templates");
    for (_, letter) in cases() {
        let from_folder = templates.render(&letter, &house()).expect("words");
        assert_eq!(from_folder, words(&letter));
    }
}

#[test]
fn a_folder_that_does_not_exist_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let problems = Templates::load(Some(&dir.path().join("none")), Mexico_City).expect_err("none");
    assert!(
        problems[0].message.contains("cannot be read"),
        "{problems:?}"
    );
}
