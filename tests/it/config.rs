//! What is wrong with a `config.toml`, and what is said about it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use soported::config::{Environment, Loaded, Problem, parse};
use soported::domain::ticket::{Kind, Priority};

/// The least that is a configuration.
pub const MINIMAL: &str = r#"
[service]
name = "Soporte"
address = "soporte@casa.example"
database = "s.db"
[inbound]
kind = "imap"
host = "imap.casa.example"
username = "soporte"
password = { env = "PASSWORD" }
[authentication]
provider = "authserv"
authserv_id = "mx.casa.example"
[outbound]
kind = "smtp"
host = "smtp.casa.example"
[[consultants]]
name = "Ana Ruiz"
email = "ana@casa.example"
"#;

/// An environment made of a few variables, files and folders.
#[derive(Default)]
pub struct Fake {
    pub variables: BTreeMap<&'static str, &'static str>,
    pub files: BTreeMap<PathBuf, &'static [u8]>,
    pub folders: BTreeSet<PathBuf>,
}

impl Environment for Fake {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }

    fn read(&self, path: &Path, _max_bytes: u64) -> io::Result<Vec<u8>> {
        let bytes = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(bytes.to_vec())
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.folders.contains(path)
    }
}

pub fn environment() -> Fake {
    Fake {
        variables: BTreeMap::from([
            ("PASSWORD", "secreto"),
            ("SOPORTED_PASSWORD", "secreto"),
            ("EMPTY", ""),
            ("CREDENTIALS_DIRECTORY", "/run/credentials"),
        ]),
        files: BTreeMap::from([
            (PathBuf::from("/etc/s/pw"), b"de archivo\r\n".as_slice()),
            (PathBuf::from("/etc/s/two"), b"one\ntwo\n"),
            (PathBuf::from("/etc/s/bare"), b"\n"),
            (PathBuf::from("/etc/s/latin"), b"contrase\xf1a"),
            (PathBuf::from("/etc/s/not.pem"), b"hello"),
            (
                PathBuf::from("/etc/s/ca.pem"),
                b"-----BEGIN CERTIFICATE-----\n",
            ),
            (PathBuf::from("/run/credentials/imap"), b"de systemd"),
        ]),
        folders: BTreeSet::from([PathBuf::from("/etc/s/own")]),
    }
}

pub fn read(text: &str) -> Result<Loaded, Vec<Problem>> {
    parse(text, Path::new("/etc/s"), &environment())
}

pub fn good(text: &str) -> Loaded {
    read(text).unwrap_or_else(|problems| panic!("{}", shown(&problems)))
}

pub fn shown(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// The minimal file with `lines` put under `[section]`; they replace lines of the same key there.
pub fn with(section: &str, lines: &str) -> String {
    let head = format!("[{section}]");
    let keys: Vec<&str> = lines.lines().filter_map(|l| l.split(" =").next()).collect();
    let (mut text, mut inside, mut found) = (String::new(), false, false);
    for line in MINIMAL.lines() {
        if line.starts_with('[') {
            inside = line == head || line == format!("[{head}]");
        } else if inside && keys.iter().any(|key| line.starts_with(&format!("{key} ="))) {
            continue;
        }
        text.push_str(&format!("{line}\n"));
        if inside && line.starts_with('[') {
            found = true;
            text.push_str(&format!("{lines}\n"));
        }
    }
    if !found {
        text.push_str(&format!("{head}\n{lines}\n"));
    }
    text
}

/// The minimal file without one line.
pub fn without(line_start: &str) -> String {
    let kept: Vec<&str> = MINIMAL
        .lines()
        .filter(|line| !line.starts_with(line_start))
        .collect();
    assert!(kept.len() < MINIMAL.lines().count(), "no line {line_start}");
    kept.join("\n")
}

/// `text` has one problem, at `key`, whose whole line holds `words`.
#[track_caller]
pub fn check(text: &str, key: &str, words: &str) {
    let problems = match read(text) {
        Ok(_) => panic!("accepted:\n{text}"),
        Err(problems) => problems,
    };
    let all = shown(&problems);
    assert_eq!(problems.len(), 1, "{all}");
    assert_eq!(problems[0].key, key, "{all}");
    assert!(all.contains(words), "{all}\nlacks {words}");
    assert!(!problems[0].cure.is_empty());
}

/// One [`check_in`] a line: section | lines | key | words.
#[track_caller]
pub fn check_each(table: &str) {
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let columns: Vec<&str> = row.split(" | ").collect();
        let [section, lines, key, words] = columns[..] else {
            panic!("not a row: {row}");
        };
        check_in(section, lines, key, words);
    }
}

/// [`check`] of the minimal file with `lines` under `[section]`; `key` is a key of that section.
#[track_caller]
pub fn check_in(section: &str, lines: &str, key: &str, words: &str) {
    check(&with(section, lines), &format!("{section}.{key}"), words);
}

#[test]
fn a_missing_required_key_is_named_with_an_example() {
    check(
        &without("name = \"Sop"),
        "service.name",
        "missing; write name = \"Soporte",
    );
    check(&without("address"), "service.address", "under [service]");
    check(&without("database"), "service.database", "missing");
    check(
        &without("kind = \"imap\""),
        "inbound.kind",
        "\"imap\" or \"maildir\"",
    );
    check(&without("host = \"imap"), "inbound.host", "missing");
    check(&without("username"), "inbound.username", "missing");
    check(&without("password"), "inbound.password", "credential = ");
    check(
        &without("provider"),
        "authentication.provider",
        "\"authserv\"",
    );
    check(
        &without("authserv_id"),
        "authentication.authserv_id",
        "missing",
    );
    check(
        &without("kind = \"smtp\""),
        "outbound.kind",
        "\"smtp\" or \"maildir\"",
    );
    check(&without("host = \"smtp"), "outbound.host", "missing");
    check(
        &without("name = \"Ana"),
        "consultants[1].name",
        "in this [[consultants]]",
    );
    check(&without("email"), "consultants[1].email", "missing");
    let nobody = MINIMAL.split("[[consultants]]").next().unwrap();
    check(nobody, "consultants", "nobody answers");
    check_each(
        r#"
        inbound | kind = "maildir" | path | missing
        outbound | kind = "maildir" | path | missing
        outbound | username = "u" | password | missing
        outbound | password = { env = "PASSWORD" } | username | missing
        "#,
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    check_each(
        r#"
        service | adress = "a@b.example" | adress | did you mean "address"?
        service | Timezone = "UTC" | Timezone | did you mean "timezone"?
        service | colour = 1 | colour | remove it; known here: name, address
        inbound | poll_intervall = "1m" | poll_intervall | "poll_interval"
        "#,
    );
    let misspelt = with("response.hihg", "limit = \"1h\"");
    check(&misspelt, "response.hihg", "did you mean \"high\"?");
    check(&with("pone", ""), "pone", "did you mean \"phone\"?");
}

#[test]
fn a_value_of_another_type_or_out_of_bounds_is_refused_with_an_acceptable_one() {
    check_each(
        r#"
        service | name = 5 | name | cannot be a whole number; write it in quotes
        service | aliases = "a@b.example" | aliases | a list of texts
        service | aliases = [5] | aliases[1] | cannot be a whole number
        service | address = "soporte" | address | "soporte" is not an address
        service | address = "S <s@casa.example>" | address | bare address
        service | address = "s@cása.example" | address | ASCII
        service | name = "a\nb" | name | control character
        service | ticket_prefix = "gs-" | ticket_prefix | capital letters
        service | timezone = "America/Mexico" | timezone | unknown zone
        authentication | provider = "Authserv" | provider | use "authserv", "microsoft365" or "none"
        authentication | position = "top" | position | use "any", "above" or "below"
        authentication | authserv_id = "mx casa" | authserv_id | not an authserv-id
        authentication | authserv_id = "mx;" | authserv_id | not an authserv-id
        authentication | authserv_id = "spf=pass" | authserv_id | the first word
        authentication | authserv_id = "*" | authserv_id | not an authserv-id
        authentication | authserv_id = "*.mx" | authserv_id | not an authserv-id
        authentication | authserv_id = "mx*.casa.example" | authserv_id | "*.example.com"
        authentication | tenant_domains = "casa.example" | tenant_domains | a list of texts
        authentication | tenant_domains = ["@casa.example"] | tenant_domains[1] | not a domain
        service | timezone = "america/mexico_city" | timezone | "America/Mexico_City"?
        service | operators = ["nobody"] | operators[1] | is not an address
        service | templates = "absent" | templates | there is no folder /etc/s/absent
        inbound | kind = "pop3" | kind | use "imap" or "maildir"
        inbound | host = "imap.casa.example:993" | host | a key of its own
        inbound | port = 70000 | port | from 1 to 65535
        inbound | port = "993" | port | without quotes
        inbound | idle = "yes" | idle | write true or false
        inbound | poll_interval = 60 | poll_interval | such as "90s"
        inbound | poll_interval = "60" | poll_interval | not a duration
        inbound | poll_interval = "1m1h" | poll_interval | not a duration
        inbound | poll_interval = "0s" | poll_interval | from "1s" to "1h"
        inbound | max_size = "35 apples" | max_size | not a size
        inbound | max_size = "9GiB" | max_size | out of bounds
        inbound | since = "yesterday" | since | a date such as "2026-11-01"
        inbound | since = "2026-11-01T08:00:00" | since | with offset
        inbound | since = "2026-02-30" | since | not a point in time
        inbound | processed_mailbox = "INBOX" | processed_mailbox | another folder
        inbound | ca_file = "no.pem" | ca_file | /etc/s/no.pem cannot be read
        inbound | ca_file = "not.pem" | ca_file | no PEM certificate
        outbound | per_minute = 0 | per_minute | from 1 to
        billing | statement_day = 29 | statement_day | from 1 to 28
        billing | daily_cap = "90s" | daily_cap | whole minutes
        out_of_hours | factor = 0.5 | factor | from 1 to 10
        out_of_hours | factor = nan | factor | from 1 to 10
        contact | attempts = 0 | attempts | from 1 to 20
        phone | clock_starts = "fax" | clock_starts | use "call" or "mail"
        replies | receipts = "never" | receipts | "always", "commands" or "errors"
        held | keep_days = -1 | keep_days | -1 is out of bounds
        brakes | per_address_day = 1.5 | per_address_day | a whole number
        "#,
    );
    check(
        &format!("response = 3\n{MINIMAL}"),
        "response",
        "section [response]",
    );
}

#[test]
fn encryption_is_given_up_only_on_the_own_machine() {
    let unknown = "inbound.tls: unknown value \"ssl\"; use \"implicit\", \"starttls\" or \"none\"";
    check_in("inbound", "tls = \"ssl\"", "tls", unknown);
    check_in("inbound", "tls = \"none\"", "tls", "this machine only");
    check_in(
        "outbound",
        "tls = \"none\"\nhost = \"10.0.0.1\"",
        "tls",
        "this machine only",
    );
    for host in ["127.0.0.1", "127.8.8.8", "::1", "localhost"] {
        good(&with(
            "outbound",
            &format!("tls = \"none\"\nhost = \"{host}\""),
        ));
    }
}

#[test]
fn what_is_reserved_is_refused_for_what_it_is() {
    check_in(
        "inbound",
        "auth = \"oauth2\"",
        "auth",
        "\"oauth2\" is reserved; only \"password\"",
    );
    check_in(
        "outbound",
        "auth = \"oauth2\"",
        "auth",
        "\"oauth2\" is reserved; only \"password\"",
    );
    check(
        &with("oauth2", "tenant = \"t\""),
        "oauth2",
        "remove the section",
    );
}

#[test]
fn a_target_is_never_above_its_limit() {
    check_each(
        r#"
        response.high | target = "5h" | target | "5h" is above the limit "4h"
        response.critical | limit = "0s" | limit | from "1s"
        solution.investigation | limit = "7h" | target | at most "7h"
        solution.technical-regular | target = "7h" | target | raise the limit
        "#,
    );
    // policy.md §4: a response limit above a solution limit is legal.
    good(&with("response.low", "limit = \"90h\""));
}

#[test]
fn hours_that_make_no_calendar_are_refused() {
    check_each(
        r#"
        calendar.weekly | mon = ["18:00-08:30"] | mon[1] | earlier time first
        calendar.weekly | mon = ["09:00-09:00"] | mon[1] | do not end after
        calendar.weekly | mon = ["8-18"] | mon[1] | "8-18" are not hours
        calendar.weekly | mon = ["08:60-18:00"] | mon[1] | are not hours
        calendar.weekly | mon = ["25:00-26:00"] | mon[1] | next day
        calendar.weekly | mon = ["09:00-34:00"] | mon[1] | longer than one
        calendar.weekly | mon = ["09:00-14:00", "13:00-18:00"] | mon | overlap
        "#,
    );
    check_in(
        "calendar.weekly",
        "monday = [\"09:00-14:00\"]\ntue = [\"09:00-14:00\"]",
        "monday",
        "unknown key",
    );
    check(
        &with("calendar", "weekly = {}"),
        "calendar.weekly",
        "never opens",
    );
    check(
        &with(
            "calendar",
            "weekly = { mon = [] }\noverrides = { \"2026-12-31\" = [\"08:30-14:00\"] }",
        ),
        "calendar.weekly",
        "never opens",
    );
    check_each(
        r#"
        calendar | rest_days = "france" | rest_days | use "mexico" or "none"
        calendar | extra_closed = ["24/12/2026"] | extra_closed[1] | "2026-12-24"
        calendar | overrides = { "Dec 31" = [] } | overrides."Dec 31" | not a date
        calendar | overrides = { "2026-12-31" = "08:30-14:00" } | overrides."2026-12-31" | list of hours
        calendar | breaks = { "2026-12-31" = ["14:00-08:30"] } | breaks."2026-12-31" | earlier time first
        "#,
    );
    check_in(
        "calendar",
        "extra_closed = [\"2026-12-31\"]\noverrides = { \"2026-12-31\" = [] }",
        "overrides",
        "2026-12-31 is also in extra_closed",
    );
}

#[test]
fn an_address_belongs_to_one_owner() {
    let again = "[[consultants]]\nname = \"Luis\"\nemail = \"ANA@casa.example\"\n";
    check(
        &format!("{MINIMAL}{again}"),
        "consultants[2].email",
        "\"ana@casa.example\" is already an address of Ana Ruiz",
    );
    check_in(
        "service",
        "aliases = [\"soporte@casa.example\"]",
        "aliases[1]",
        "of the service",
    );
    check_in(
        "service",
        "operators = [\"soporte@casa.example\"]",
        "operators[1]",
        "service itself",
    );
    check(
        &with("consultants", "aliases = [\"soporte@casa.example\"]"),
        "consultants[1].aliases[1]",
        "already an address of the service",
    );
    let namesake = "[[consultants]]\nname = \"ana ruiz\"\nemail = \"b@casa.example\"\n";
    check(
        &format!("{MINIMAL}{namesake}"),
        "consultants[2].name",
        "already the name",
    );
    check(
        &with("consultants", "level = 5"),
        "consultants[1].level",
        "from 1 to 4",
    );
    // A consultant may be an operator too.
    good(&with("service", "operators = [\"ana@casa.example\"]"));
}

#[test]
fn a_priority_rule_has_a_pattern_and_a_meaning() {
    let rule = |lines: &str| format!("{MINIMAL}[[priority_rules]]\n{lines}\n");
    check(
        &rule("priority = \"high\""),
        "priority_rules[1].match",
        "missing",
    );
    check(
        &rule("match = '(a'\npriority = \"high\""),
        "priority_rules[1].match",
        "unclosed group",
    );
    check(
        &rule("match = '\\w{2000}'\nkind = \"investigation\""),
        "priority_rules[1].match",
        "not a pattern",
    );
    check(
        &rule("match = 'a'"),
        "priority_rules[1].priority",
        "says nothing",
    );
    check(
        &rule("match = 'a'\npriority = \"crítica\""),
        "priority_rules[1].priority",
        "\"critical\"",
    );
    check(
        &rule("match = 'a'\nkind = \"x\""),
        "priority_rules[1].kind",
        "\"investigation\"",
    );
    let loaded = good(&rule(
        "match = '(?i)urgente '\npriority = \"critical\"\nkind = \"investigation\"",
    ));
    let rule = &loaded.settings.policy.priority_rules[0];
    assert_eq!(rule.pattern.as_str(), "(?i)urgente ");
    assert_eq!(rule.priority, Some(Priority::Critical));
    assert_eq!(rule.kind, Some(Kind::Investigation));
}

#[test]
fn words_of_validation_are_patterns_of_whole_clauses() {
    check_each(
        r#"
        validation | validation = "validado" | validation | a list of texts
        validation | thanks = ["gracias", 5] | thanks[2] | cannot be a whole number
        validation | validation = ["bien", "(a"] | validation[2] | unclosed group
        validation | courtesy = ['a)|(b'] | courtesy[1] | not a pattern
        validation | thanks = ['\w{2000}'] | thanks[1] | not a pattern
        validation | validation = ['.*'] | validation[1] | fits any words
        validation | validation = ['[a-z ]+'] | validation[1] | fits any words
        validation | courtesy = ['[^0-9]*'] | courtesy[1] | fits any words
        validation | validacion = [] | validacion | did you mean "validation"?
        "#,
    );
    let many = vec!["'a'"; 101].join(", ");
    check_in(
        "validation",
        &format!("thanks = [{many}]"),
        "thanks",
        "at most 100",
    );
}

#[test]
fn every_problem_is_told_at_once_and_in_order() {
    let text = r#"
        [service]
        name = "Soporte"
        address = "nowhere"
        timezone = "Mars/Olympus"
        [inbound]
        kind = "imap"
        tls = "ssl"
        colour = "red"
        [calendar]
        weekly = { mon = ["18:00-09:00"] , tue = ["09:00-18:00"] }
        [response.low]
        target = "30h"
        [[consultants]]
        name = "Ana"
        email = "ana@"
        [extra]
    "#;
    let problems = read(text).unwrap_err();
    let keys: Vec<&str> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "service.address",
            "service.database",
            "service.timezone",
            "inbound.host",
            "inbound.tls",
            "inbound.username",
            "inbound.password",
            "inbound.colour",
            "authentication.provider",
            "outbound.kind",
            "calendar.weekly.mon[1]",
            "response.low.target",
            "consultants[1].email",
            "extra",
        ],
        "{}",
        shown(&problems)
    );
}

#[test]
fn a_text_that_is_no_toml_is_one_problem_with_its_place() {
    check(
        "[service]\nname = \"S\"\nñ = = 1\n",
        "line 3, column 5",
        "not TOML",
    );
    check("[service]\nname = \n", "line 2, column 8", "not TOML");
    check(
        "[service]\nname = 'a'\nname = 'b'\n",
        "line 3, column 1",
        "duplicate key",
    );
    good(&format!("\u{feff}{MINIMAL}"));
    good(&MINIMAL.replace('\n', "\r\n"));
}
