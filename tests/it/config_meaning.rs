//! What a good `config.toml` means, and that the annotated one says so.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use soported::config::settings::{
    AuthenticationSettings, InboundSource, OutboundTarget, Position, Settings, Since, Tls,
};
use soported::config::{Loaded, Problem, known_keys, load, parse};
use soported::domain::calendar::{CalendarSpec, RestDays};
use soported::domain::policy::{ClockMode, PhoneClock, Receipts, ReplyDefault};
use soported::domain::ticket::{Kind, Priority};
use soported::domain::validation::{Reading, read as read_answer};

use crate::config::{Fake, MINIMAL, check, check_in, environment, good, read, shown, with};

/// The annotated file at the top of the project.
const SHIPPED: &str = include_str!("../../config.toml");

/// The password that `source` leads to.
fn password(source: &str) -> Loaded {
    good(&with("inbound", &format!("password = {source}")))
}

fn exposed(loaded: &Loaded) -> &str {
    match &loaded.settings.inbound.source {
        InboundSource::Imap { login, .. } => login.password.expose_secret(),
        InboundSource::Maildir { .. } => panic!("no login"),
    }
}

#[test]
fn a_secret_comes_from_one_source_and_is_never_shown() {
    assert_eq!(exposed(&password("{ env = \"PASSWORD\" }")), "secreto");
    assert_eq!(exposed(&password("{ file = \"pw\" }")), "de archivo");
    assert_eq!(exposed(&password("{ file = \"/etc/s/pw\" }")), "de archivo");
    assert_eq!(
        exposed(&password("{ credential = \"imap\" }")),
        "de systemd"
    );
    let written = password("{ value = \" hunter2 \" }");
    assert_eq!(exposed(&written), " hunter2 ");
    let warned = written.warnings.iter().any(|w| w.key == "inbound.password");
    assert!(warned, "{}", shown(&written.warnings));
    let everything = format!("{written:?}");
    assert!(!everything.contains("hunter2"), "{everything}");

    let refuse = |source: &str, words: &str| {
        check_in(
            "inbound",
            &format!("password = {source}"),
            "password",
            words,
        );
    };
    refuse("\"hunter2\"", "name one source");
    refuse("{}", "0 sources");
    refuse("{ env = \"A\", file = \"b\" }", "2 sources");
    refuse("{ vault = \"a\" }", "unknown source \"vault\"");
    refuse("{ env = 5 }", "not a text");
    refuse(
        "{ env = \"UNSET\" }",
        "the variable UNSET is not set; set UNSET",
    );
    refuse("{ env = \"EMPTY\" }", "is empty");
    refuse("{ file = \"none\" }", "/etc/s/none cannot be read");
    refuse("{ file = \"two\" }", "line break");
    refuse("{ file = \"bare\" }", "is empty");
    refuse("{ file = \"latin\" }", "not UTF-8");
    refuse(
        "{ credential = \"none\" }",
        "/run/credentials/none cannot be read",
    );
    refuse("{ credential = \"../shadow\" }", "bare name");
    refuse("{ credential = \"/etc/shadow\" }", "bare name");
    for written in [
        "\"hunter2\"",
        "{ value = \"hunter2\\n\" }",
        "{ hunter = \"hunter2\" }",
    ] {
        let text = with("inbound", &format!("password = {written}"));
        let problems = shown(&read(&text).unwrap_err());
        assert!(!problems.contains("hunter2"), "{problems}");
    }
}

#[test]
fn a_credential_needs_the_folder_that_systemd_names() {
    let text = with("inbound", "password = { credential = \"imap\" }");
    let problems = parse(&text, Path::new(""), &Fake::default()).unwrap_err();
    assert!(
        shown(&problems).contains("LoadCredential=imap"),
        "{}",
        shown(&problems)
    );
}

#[test]
fn the_first_start_looks_back_as_far_as_since_says() {
    let since = |written: &str| good(&with("inbound", written)).settings.inbound.since;
    let at = |instant: &str| Since::At(instant.parse::<DateTime<Utc>>().unwrap());
    assert_eq!(since(""), Since::FirstStart);
    assert_eq!(since("since = \"\""), Since::FirstStart);
    assert_eq!(since("since = \"all\""), Since::All);
    assert_eq!(since("since = \"2026-11-01\""), at("2026-11-01T06:00:00Z"));
    assert_eq!(since("since = 2026-11-01"), at("2026-11-01T06:00:00Z"));
    assert_eq!(
        since("since = \"2026-11-01T08:30:00-06:00\""),
        at("2026-11-01T14:30:00Z")
    );
    // Midnight was skipped: the day began at one.
    let text = with("inbound", "since = \"2018-11-04\"");
    let text = text.replace("[service]", "[service]\ntimezone = \"America/Sao_Paulo\"");
    assert_eq!(
        good(&text).settings.inbound.since,
        at("2018-11-04T03:00:00Z")
    );
}

#[test]
fn ports_follow_the_encryption() {
    let port = |section: &str, lines: &str| {
        let settings = good(&with(section, lines)).settings;
        match (settings.inbound.source, settings.outbound.target) {
            (InboundSource::Imap { server, .. }, _) if section == "inbound" => server.port,
            (_, OutboundTarget::Smtp { server, .. }) => server.port,
            _ => panic!("no server"),
        }
    };
    assert_eq!(port("inbound", ""), 993);
    assert_eq!(port("inbound", "tls = \"starttls\""), 143);
    assert_eq!(port("inbound", "tls = \"starttls\"\nport = 1143"), 1143);
    assert_eq!(port("outbound", ""), 465);
    assert_eq!(port("outbound", "tls = \"starttls\""), 587);
    assert_eq!(port("outbound", "tls = \"none\"\nhost = \"::1\""), 25);
}

#[test]
fn paths_are_relative_to_the_configuration_file() {
    let settings = good(&with("service", "database = \"var/x.db\"")).settings;
    assert_eq!(settings.database, Path::new("/etc/s/var/x.db"));
    let settings = good(&with("service", "database = \"/var/x.db\"")).settings;
    assert_eq!(settings.database, Path::new("/var/x.db"));
    let settings = good(&with("inbound", "ca_file = \"ca.pem\"")).settings;
    let InboundSource::Imap { server, .. } = settings.inbound.source else {
        panic!("no server");
    };
    assert_eq!(server.ca_file.as_deref(), Some(Path::new("/etc/s/ca.pem")));
}

#[test]
fn own_templates_are_optional_unless_asked_for() {
    assert_eq!(good(MINIMAL).settings.templates, None);
    let own = good(&with("service", "templates = \"own\""))
        .settings
        .templates;
    assert_eq!(own.as_deref(), Some(Path::new("/etc/s/own")));
    assert_eq!(
        good(&with("service", "templates = \"\""))
            .settings
            .templates,
        None
    );
    let mut environment = environment();
    environment
        .folders
        .insert(PathBuf::from("/etc/s/templates"));
    let found = parse(MINIMAL, Path::new("/etc/s"), &environment).unwrap();
    assert_eq!(
        found.settings.templates.as_deref(),
        Some(Path::new("/etc/s/templates"))
    );
}

#[test]
fn folders_may_stand_in_for_servers() {
    let text = MINIMAL
        .replace("kind = \"imap\"", "kind = \"maildir\"\npath = \"in\"")
        .replace("kind = \"smtp\"", "kind = \"maildir\"\npath = \"out\"")
        // Not looked up: nobody logs in.
        .replace("PASSWORD", "UNSET");
    let settings = good(&text).settings;
    assert!(
        matches!(settings.inbound.source, InboundSource::Maildir { path } if path == Path::new("/etc/s/in"))
    );
    assert!(
        matches!(settings.outbound.target, OutboundTarget::Maildir { path } if path == Path::new("/etc/s/out"))
    );
    check(
        &text.replace("\"out\"", "\"in\""),
        "outbound.path",
        "come back",
    );
}

#[test]
fn the_defaults_are_those_of_the_policy() {
    let settings = good(MINIMAL).settings;
    let policy = &settings.policy;
    let hours = TimeDelta::hours;
    // policy.md §3.
    let response = [
        (
            Priority::Critical,
            TimeDelta::zero(),
            TimeDelta::minutes(30),
        ),
        (Priority::High, hours(1), hours(4)),
        (Priority::Medium, hours(8), hours(16)),
        (Priority::Low, hours(16), hours(24)),
    ];
    assert_eq!(policy.response.len(), response.len());
    for (priority, target, limit) in response {
        let terms = policy.response[&priority];
        assert_eq!(
            (terms.target, terms.limit, terms.clock),
            (target, limit, ClockMode::Business)
        );
    }
    assert!(!policy.acknowledgement_counts);
    // policy.md §4.
    let solution = [
        (Kind::TechnicalRegular, None, 6),
        (Kind::TechnicalUrgent, None, 4),
        (Kind::MaintenanceMinor, Some(16), 16),
        (Kind::MaintenanceMedium, Some(16), 24),
        (Kind::MaintenanceMajor, Some(16), 36),
        (Kind::Investigation, Some(8), 16),
    ];
    assert_eq!(policy.solution.len(), solution.len());
    for (kind, target, limit) in solution {
        let terms = policy.solution[&kind];
        assert_eq!(
            (terms.target, terms.limit),
            (target.map(hours), hours(limit))
        );
    }
    // policy.md §6, §7, §2, §9, §1; mail.md §2.
    let contact = policy.contact;
    assert_eq!((contact.attempts, contact.interval_business_days), (3, 5));
    assert!(!contact.question_counts_as_attempt && !contact.close_critical);
    let billing = policy.billing;
    assert_eq!(billing.coalesce, TimeDelta::minutes(15));
    assert_eq!(
        (billing.daily_cap, billing.automatic, billing.statement_day),
        (None, false, None)
    );
    assert_eq!(
        (
            policy.out_of_hours.minimum_notice,
            policy.out_of_hours.factor
        ),
        (None, None)
    );
    assert_eq!(policy.phone.clock_starts, PhoneClock::Call);
    assert_eq!(policy.phone.remind_after, TimeDelta::hours(2));
    assert_eq!(policy.alert_percents, [75, 90]);
    assert_eq!(policy.contact.update_business_days, 2);
    assert_eq!(policy.replies.reopen_business_days, 5);
    assert_eq!(policy.replies.delay, TimeDelta::seconds(60));
    assert_eq!(policy.replies.default, ReplyDefault::InProgress);
    assert_eq!(policy.replies.receipts, Receipts::Commands);
    assert_eq!(policy.held_keep_days, 30);
    assert!(policy.daily_digest);
    let brakes = policy.brakes;
    assert_eq!((brakes.per_address_hour, brakes.per_address_day), (20, 60));
    assert_eq!(
        (brakes.tickets_per_hour, brakes.automatic_per_hour),
        (20, 500)
    );
    let office = CalendarSpec::mexican_office(chrono_tz::America::Mexico_City);
    assert_eq!(policy.calendar.spec(), &office);
    // interface.md.
    assert_eq!(policy.ticket_prefix, "GS");
    assert_eq!(settings.zone, chrono_tz::America::Mexico_City);
    let authserv = AuthenticationSettings::Authserv {
        id: "mx.casa.example".to_owned(),
        position: Position::Any,
    };
    assert_eq!(settings.authentication, authserv);
    assert_eq!(settings.inbound.poll_interval.as_secs(), 60);
    assert_eq!(settings.inbound.max_size, 35 * 1024 * 1024);
    assert_eq!(
        (
            settings.outbound.plus_addressing,
            settings.outbound.per_minute
        ),
        (true, 20)
    );
    assert_eq!(settings.outbound.uncertain_wait.as_secs(), 600);
    let InboundSource::Imap {
        server,
        mailbox,
        processed_mailbox,
        idle,
        ..
    } = settings.inbound.source
    else {
        panic!("no server");
    };
    assert_eq!((server.tls, server.ca_file), (Tls::Implicit, None));
    assert_eq!(
        (mailbox.as_str(), processed_mailbox, idle),
        ("INBOX", None, true)
    );
    let consultant = &policy.consultants[0];
    assert_eq!((consultant.level, consultant.on_call), (1, false));
}

#[test]
fn a_calendar_of_ones_own_replaces_the_week() {
    let text = with(
        "calendar",
        "rest_days = \"none\"\n\
         extra_closed = [\"2026-12-24\", 2026-12-26]\n\
         overrides = { \"2026-12-31\" = [\"08:30-14:00\"] }\n\
         weekly = { mon = [\"16:00-19:00\", \"9:00-14:00\"], sat = [\"22:00-30:00\"], sun = [\"00:00-24:00\"] }",
    );
    let calendar = good(&text).settings.policy.calendar;
    let spec = calendar.spec();
    let pairs = |day: usize| -> Vec<(u32, u32)> {
        spec.weekly[day]
            .iter()
            .map(|i| (i.from / 3600, i.to / 3600))
            .collect()
    };
    assert_eq!(pairs(0), [(9, 14), (16, 19)]);
    assert_eq!(pairs(1), []);
    assert_eq!(pairs(5), [(22, 30)]);
    assert_eq!(pairs(6), [(0, 24)]);
    assert_eq!(spec.rest_days, RestDays::None);
    assert_eq!(spec.extra_closed.len(), 2);
    assert_eq!(spec.overrides.len(), 1);
}

#[test]
fn each_provider_means_its_own_settings() {
    let meaning = |lines: &str| good(&with("authentication", lines)).settings.authentication;
    let microsoft365 = |domains: &[&str]| AuthenticationSettings::Microsoft365 {
        tenant_domains: domains.iter().map(|&domain| domain.to_owned()).collect(),
    };
    let authserv = |id: &str, position| AuthenticationSettings::Authserv {
        id: id.to_owned(),
        position,
    };
    assert_eq!(
        meaning("position = \"below\""),
        authserv("mx.casa.example", Position::Below)
    );
    assert_eq!(
        meaning("authserv_id = \"*.casa.example\"\nposition = \"above\""),
        authserv("*.casa.example", Position::Above)
    );
    // The domain of service.address, where none is written.
    assert_eq!(
        meaning("provider = \"microsoft365\""),
        microsoft365(&["casa.example"])
    );
    assert_eq!(
        meaning(
            "provider = \"microsoft365\"\ntenant_domains = [\"Casa.example\", \"casa.onmicrosoft.com\"]"
        ),
        microsoft365(&["casa.example", "casa.onmicrosoft.com"])
    );
    assert_eq!(
        meaning("provider = \"none\""),
        AuthenticationSettings::Nobody
    );
}

#[test]
fn what_follows_from_believing_nobody_is_said() {
    let loaded = good(&with("authentication", "provider = \"none\""));
    let warning = loaded
        .warnings
        .iter()
        .find(|warning| warning.key == "authentication.provider")
        .unwrap();
    for word in ["token", "held", "consultant"] {
        assert!(warning.what.contains(word), "{warning}");
    }
}

#[test]
fn words_of_validation_that_are_written_take_the_place_of_the_built_in_ones() {
    let said = |lines: &str, answer: &str| {
        let policy = good(&with("validation", lines)).settings.policy;
        read_answer(answer, &[], &policy.validation)
    };
    let check = |lines: &str, answer: &str, wanted: Reading| {
        assert_eq!(said(lines, answer), wanted, "{lines}: {answer}");
    };
    check("", "Ya quedó, gracias", Reading::Validation);
    let own = "validation = ['jalo( chido)?']";
    check(own, "Jaló chido, gracias", Reading::Validation);
    check(own, "Ya quedó, gracias", Reading::Words);
    check(own, "Gracias", Reading::BareThanks);
    check("thanks = ['grax']", "Ya quedó, grax", Reading::Validation);
    check("thanks = ['grax']", "Ya quedó, gracias", Reading::Words);
    check("courtesy = ['que onda']", "Qué onda, grax", Reading::Words);
    check(
        "courtesy = ['que onda']",
        "Qué onda, gracias",
        Reading::BareThanks,
    );
    check("validation = []", "Validado", Reading::Words);
    let shipped = shipped_with_examples();
    assert!(shipped.contains("\nvalidation = ["), "{shipped}");
}

#[test]
fn words_of_validation_that_fit_no_answer_are_told() {
    let told = |lines: &str| -> Vec<String> {
        let loaded = good(&with("validation", lines));
        let told = loaded.warnings.into_iter().chain(loaded.notes);
        let keys = told.map(|told| told.key);
        keys.filter(|key| key.starts_with("validation")).collect()
    };
    let check = |lines: &str, wanted: &[&str]| assert_eq!(told(lines), wanted, "{lines}");
    check("", &[]);
    check("validation = []", &["validation.validation"]);
    check("thanks = []\ncourtesy = []", &[]);
    check("validation = ['Validado']", &["validation.validation[1]"]);
    check(
        "thanks = ['gracias', 'muchísimas']",
        &["validation.thanks[2]"],
    );
    check(
        "validation = ['(?i)Validado', 'ya\\Wquedo', '\\p{Ll}o']",
        &[],
    );
}

#[test]
fn what_is_accepted_but_doubtful_is_a_warning() {
    let names = |list: Vec<Problem>| -> Vec<String> { list.into_iter().map(|w| w.key).collect() };
    let keys = |text: &str| names(good(text).warnings);
    let notes = |text: &str| names(good(text).notes);
    assert_eq!(keys(MINIMAL), ["service.operators"]);
    assert_eq!(notes(MINIMAL), ["authentication.position"]);
    let text = with("authentication", "position = \"above\"");
    assert_eq!(notes(&text), [""; 0]);
    let text = with("authentication", "provider = \"microsoft365\"");
    assert_eq!(notes(&text), [""; 0]);
    assert_eq!(keys(&text), ["service.operators"]);
    let text = with("authentication", "provider = \"none\"");
    assert_eq!(
        keys(&text),
        ["service.operators", "authentication.provider"]
    );
    let text = with("consultants", "level = 2");
    assert!(keys(&text).contains(&"consultants".to_owned()));
    let text = format!("{MINIMAL}[[priority_rules]]\nmatch = 'a*'\npriority = \"high\"\n");
    assert!(keys(&text).contains(&"priority_rules[1].match".to_owned()));
}

#[test]
fn the_shipped_file_asks_for_the_password_and_nothing_else() {
    let problems = parse(SHIPPED, Path::new(""), &Fake::default()).unwrap_err();
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["inbound.password", "outbound.password"]);
    assert!(
        problems
            .iter()
            .all(|p| p.cure.contains("SOPORTED_PASSWORD"))
    );
    let shipped = good(SHIPPED);
    assert_eq!(shipped.warnings, []);
    let notes: Vec<&str> = shipped.notes.iter().map(|note| note.key.as_str()).collect();
    assert_eq!(notes, ["authentication.position"]);
}

/// The shipped file with its examples of unset keys, `#key = value`, set.
fn shipped_with_examples() -> String {
    let lines = SHIPPED.lines().map(|line| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase()) => rest,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_shipped_file_shows_every_key_and_its_examples_are_good() {
    let text = shipped_with_examples();
    let mut environment = environment();
    environment
        .folders
        .insert(PathBuf::from("/etc/s/templates"));
    let loaded = parse(&text, Path::new("/etc/s"), &environment);
    if let Err(problems) = loaded {
        panic!("{}", shown(&problems));
    }
    let table: toml::Table = text.parse().unwrap();
    let mut missing = Vec::new();
    for key in known_keys() {
        let mut value = Some(toml::Value::Table(table.clone()));
        for part in key.split('.') {
            value = value.and_then(|value| match value {
                toml::Value::Array(list) => list.first().and_then(|first| first.get(part)).cloned(),
                other => other.get(part).cloned(),
            });
        }
        if value.is_none() {
            missing.push(key);
        }
    }
    assert!(missing.is_empty(), "config.toml does not show {missing:?}");
    assert!(known_keys().contains("consultants.on_call"));
    assert!(known_keys().contains("calendar.weekly.sun"));
}

#[test]
fn the_shipped_values_are_the_defaults() {
    let (shipped, minimal) = (good(SHIPPED).settings, good(MINIMAL).settings);
    let (s, m) = (&shipped.policy, &minimal.policy);
    assert_eq!(s.calendar.spec(), m.calendar.spec());
    assert_eq!(s.response, m.response);
    assert_eq!(s.acknowledgement_counts, m.acknowledgement_counts);
    assert_eq!(s.solution, m.solution);
    assert_eq!(s.contact, m.contact);
    assert_eq!(s.billing, m.billing);
    assert_eq!(s.out_of_hours, m.out_of_hours);
    assert_eq!(s.phone, m.phone);
    assert_eq!(s.alert_percents, m.alert_percents);
    assert_eq!(s.replies, m.replies);
    assert_eq!(s.held_keep_days, m.held_keep_days);
    assert_eq!(s.daily_digest, m.daily_digest);
    assert_eq!(s.brakes, m.brakes);
    assert_eq!(s.ticket_prefix, m.ticket_prefix);
    assert_eq!(shipped.zone, minimal.zone);
    let position = |settings: &Settings| match &settings.authentication {
        AuthenticationSettings::Authserv { position, .. } => *position,
        other => panic!("{other:?}"),
    };
    assert_eq!(position(&shipped), position(&minimal));
    assert_eq!(shipped.inbound.since, minimal.inbound.since);
    assert_eq!(shipped.inbound.poll_interval, minimal.inbound.poll_interval);
    assert_eq!(shipped.inbound.max_size, minimal.inbound.max_size);
    assert_eq!(
        shipped.outbound.plus_addressing,
        minimal.outbound.plus_addressing
    );
    assert_eq!(shipped.outbound.per_minute, minimal.outbound.per_minute);
    assert_eq!(
        shipped.outbound.uncertain_wait,
        minimal.outbound.uncertain_wait
    );
}

#[test]
fn a_file_is_read_from_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let missing = load(&path).unwrap_err();
    assert!(
        shown(&missing).contains("cannot be read"),
        "{}",
        shown(&missing)
    );
    std::fs::write(folder.path().join("pw"), "secreto\n").unwrap();
    std::fs::write(
        &path,
        MINIMAL.replace("{ env = \"PASSWORD\" }", "{ file = \"pw\" }"),
    )
    .unwrap();
    let loaded = load(&path).unwrap();
    assert_eq!(exposed(&loaded), "secreto");
    assert_eq!(loaded.settings.database, folder.path().join("s.db"));
    std::fs::write(&path, b"name = \"\xf1\"").unwrap();
    let latin = load(&path).unwrap_err();
    assert!(shown(&latin).contains("not UTF-8"), "{}", shown(&latin));
}
