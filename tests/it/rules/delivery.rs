//! What follows from a server's answer, and from alarms (policy.md §3; mail.md §6).

use soported::domain::case::Case;
use soported::domain::clock;
use soported::domain::desk::decide;
use soported::domain::effect::Effect;
use soported::domain::event::{AlarmCause, DeliveryOutcome, Event};
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::LetterKind;
use soported::domain::policy::Policy;
use soported::domain::ticket::{Fact, Status, Ticket};

use super::{
    ANA, BETO_AT_HOME, Decided, MARIA, OPERATOR, OURS, PEDRO, RAUL, address, at, policy, ticket,
};

const OUTBOX: OutboxId = OutboxId(31);

fn happened(
    letter: LetterKind,
    to: &str,
    ticket: Option<&Ticket>,
    outcome: DeliveryOutcome,
    policy: &Policy,
) -> Decided {
    let case = Case {
        tickets: ticket.iter().map(|t| (t.id, (*t).clone())).collect(),
        ..Case::default()
    };
    let event = Event::Delivery {
        outbox: OUTBOX,
        letter,
        to: address(to),
        ticket: ticket.map(|t| t.id),
        outcome,
    };
    Decided(decide(&event, &case, policy, at("11-24 10:00")))
}

fn sent() -> DeliveryOutcome {
    DeliveryOutcome::Sent(at("11-24 09:59"))
}

fn refused() -> DeliveryOutcome {
    DeliveryOutcome::Refused("550 no existe".to_owned())
}

fn given_up() -> DeliveryOutcome {
    DeliveryOutcome::GivenUp("connection refused".to_owned())
}

fn alarms(decided: &Decided) -> Vec<AlarmCause> {
    let raised = |effect: &Effect| match effect {
        Effect::RaiseAlarm { cause, .. } => Some(*cause),
        _ => None,
    };
    decided.0.effects.iter().filter_map(raised).collect()
}

#[test]
fn an_accepted_reply_to_the_requester_meets_the_response_once() {
    let policy = policy();
    let ours = ticket(Status::InProgress);
    let reply = LetterKind::RelayedReply;
    let decided = happened(reply, MARIA, Some(&ours), sent(), &policy);
    let met = clock::response(decided.ticket(), &policy).met_at;
    assert_eq!(met, Some(at("11-24 09:59")), "when the server accepted it");
    assert_eq!(decided.sent(), []);

    let again = happened(
        reply,
        MARIA,
        Some(decided.ticket()),
        DeliveryOutcome::Sent(at("11-24 10:00")),
        &policy,
    );
    let met = clock::response(again.ticket(), &policy).met_at;
    assert_eq!(met, Some(at("11-24 09:59")), "the first one counts");

    let copy = happened(reply, RAUL, Some(&ours), sent(), &policy);
    assert_eq!(copy.0.effects.len(), 0, "a copy answers nobody");
}

#[test]
fn only_human_mail_meets_the_response_unless_the_house_says_otherwise() {
    let mut policy = policy();
    let ours = ticket(Status::New);
    for kind in LetterKind::ALL {
        let decided = happened(kind, MARIA, Some(&ours), sent(), &policy);
        let meets = kind == LetterKind::RelayedReply;
        assert_eq!(decided.tickets().len(), usize::from(meets), "{kind:?}");
    }
    policy.acknowledgement_counts = true;
    let decided = happened(
        LetterKind::Acknowledgement,
        MARIA,
        Some(&ours),
        sent(),
        &policy,
    );
    assert!(clock::response(decided.ticket(), &policy).met_at.is_some());
}

#[test]
fn a_mail_refused_to_the_client_is_told_to_the_consultants() {
    let policy = policy();
    let mut ours = ticket(Status::InProgress);
    let check = |ours: &Ticket, outcome: DeliveryOutcome, to: &str| {
        let decided = happened(
            LetterKind::RelayedReply,
            MARIA,
            Some(ours),
            outcome,
            &policy,
        );
        let told: Vec<_> = decided
            .sent()
            .into_iter()
            .filter(|(kind, _)| *kind == LetterKind::DeliveryFailed)
            .collect();
        assert_eq!(told, [(LetterKind::DeliveryFailed, to)]);
        assert!(matches!(
            decided.facts(OURS)[..],
            [Fact::DeliveryFailed { outbox: OUTBOX, .. }]
        ));
        decided
    };
    assert_eq!(alarms(&check(&ours, refused(), ANA)), []);
    // mail.md §6: given up after days is told with an alarm.
    let after_days = check(&ours, given_up(), ANA);
    assert_eq!(alarms(&after_days), [AlarmCause::OutgoingFailing]);
    assert!(
        after_days
            .sent()
            .contains(&(LetterKind::OperatorAlarm, OPERATOR))
    );
    // A refusal that comes after the acceptance takes the answer back.
    ours.record(at("11-24 09:00"), Fact::ReplySent { outbox: OUTBOX });
    let void = check(&ours, refused(), ANA);
    assert_eq!(clock::response(void.ticket(), &policy).met_at, None);
    ours.assignee = Some(address(BETO_AT_HOME));
    check(&ours, refused(), super::BETO);
}

#[test]
fn a_mail_refused_to_our_own_people_alarms_the_operators_but_never_about_themselves() {
    let policy = policy();
    let ours = ticket(Status::New);
    for outcome in [refused(), given_up()] {
        let consultant = happened(
            LetterKind::ConsultantNewTicket,
            ANA,
            Some(&ours),
            outcome.clone(),
            &policy,
        );
        assert_eq!(alarms(&consultant), [AlarmCause::OutgoingFailing]);
        assert_eq!(consultant.sent(), [(LetterKind::OperatorAlarm, OPERATOR)]);
        let operator = happened(LetterKind::OperatorAlarm, OPERATOR, None, outcome, &policy);
        assert_eq!(operator.0.effects, []);
        assert_ne!(
            operator.0.why,
            Vec::<String>::new(),
            "recorded all the same"
        );
    }
    let held = happened(
        LetterKind::NotAuthorizedSender,
        PEDRO,
        None,
        refused(),
        &policy,
    );
    assert_eq!(alarms(&held), [AlarmCause::OutgoingFailing]);
}

#[test]
fn a_ticket_that_is_gone_from_the_case_is_no_reason_to_fail() {
    let event = Event::Delivery {
        outbox: OUTBOX,
        letter: LetterKind::RelayedReply,
        to: address(MARIA),
        ticket: Some(TicketId(999)),
        outcome: sent(),
    };
    let decision = decide(&event, &Case::default(), &policy(), at("11-24 10:00"));
    assert_eq!(decision.effects, []);
}

#[test]
fn an_alarm_is_told_when_it_begins_and_when_it_ends_and_not_in_between() {
    let policy = policy();
    let since = at("11-24 08:00");
    let decided = |cause, raised, alarm_since| {
        let event = Event::Alarm {
            cause,
            raised,
            detail: "circunstancias".to_owned(),
        };
        let case = Case {
            alarm_since,
            ..Case::default()
        };
        Decided(decide(&event, &case, &policy, at("11-24 10:00")))
    };
    for cause in AlarmCause::ALL {
        let begins = decided(cause, true, None);
        assert_eq!(alarms(&begins), [cause]);
        assert_eq!(begins.sent(), [(LetterKind::OperatorAlarm, OPERATOR)]);
        let ends = decided(cause, false, Some(since));
        assert!(ends.0.effects.contains(&Effect::ClearAlarm { cause }));
        assert_eq!(ends.sent(), [(LetterKind::OperatorRecovered, OPERATOR)]);
        assert_eq!(decided(cause, true, Some(since)).0.effects, []);
        assert_eq!(decided(cause, false, None).0.effects, []);
        // Raised again, it is told again.
        let once = |d: &Decided| d.mails()[0].once.clone();
        assert_ne!(once(&begins), once(&ends));
    }
}
