//! The priority an opening mail states (policy.md §3).

use regex::Regex;
use soported::domain::policy::PriorityRule;
use soported::domain::priority::understand;
use soported::domain::ticket::{Kind, Priority};

use super::policy;

#[test]
fn words_in_brackets_and_on_the_first_line_are_understood() {
    let policy = policy();
    let check = |subject: &str, text: &str, expected| {
        let found = understand(subject, text, &policy);
        assert_eq!(found.priority, expected, "{subject:?} {text:?}");
        assert_eq!(found.kind, Kind::default_for(expected));
    };
    use Priority::{Critical, High, Low, Medium};
    check("Falla", "Hola", Medium);
    check("[crítica] Falla", "Hola", Critical);
    check("[CRITICA] Falla", "Hola", Critical);
    check("Falla [Alta]", "Hola", High);
    check("Falla [ media ]", "Prioridad: alta", Medium);
    check("[baja] Falla", "Hola", Low);
    check("[GS-3] [otra] [baja]", "Hola", Low);
    check("Falla alta", "Hola", Medium);
    check("[alta", "Hola", Medium);
    check("Falla", "Prioridad: alta", High);
    check(
        "Falla",
        "\n\n  PRIORIDAD : Crítica, por favor\nHola",
        Critical,
    );
    check("Falla", "Hola\nPrioridad: alta", Medium);
    check("Falla", "Prioridad: urgente", Medium);
    check("Falla", "Mi prioridad: alta", Medium);
    check("", "", Medium);
}

#[test]
fn configured_rules_come_after_the_words_in_their_order() {
    let mut policy = policy();
    let rule = |pattern: &str, priority, kind| PriorityRule {
        pattern: Regex::new(pattern).unwrap(),
        priority,
        kind,
    };
    policy.priority_rules = vec![
        rule("(?i)urgente", Some(Priority::High), None),
        rule("(?i)ca[ií]da", Some(Priority::Critical), None),
        rule("(?i)depurar", None, Some(Kind::Investigation)),
    ];
    let check = |subject: &str, text: &str, priority, kind| {
        let found = understand(subject, text, &policy);
        assert_eq!(
            (found.priority, found.kind),
            (priority, kind),
            "{subject:?} {text:?}"
        );
    };
    use Priority::{Critical, High, Low, Medium};
    check("Urgente: caída", "", High, Kind::TechnicalRegular);
    check("Caída total", "", Critical, Kind::TechnicalUrgent);
    check("Hola", "Hay una caída", Critical, Kind::TechnicalUrgent);
    check(
        "Hola",
        "Hola\nHay una caída",
        Medium,
        Kind::TechnicalRegular,
    );
    check("[baja] caída", "", Low, Kind::TechnicalRegular);
    check("Depurar la caída", "", Critical, Kind::Investigation);
}
