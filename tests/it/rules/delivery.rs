//! What follows from a server's answer, and from alarms (policy.md §3; mail.md §6).

use soported::domain::case::Case;
use soported::domain::clock;
use soported::domain::desk::decide;
use soported::domain::effect::{Effect, Outgoing};
use soported::domain::event::{AlarmCause, DeliveryOutcome, Event};
use soported::domain::failure::FailureCause;
use soported::domain::ids::{OutboxId, TicketId};
use soported::domain::letter::{Letter, LetterKind};
use soported::domain::policy::Policy;
use soported::domain::ticket::{Fact, Status, Ticket};

use super::{
    ANA, BETO, BETO_AT_HOME, Decided, MARIA, OPERATOR, OURS, PEDRO, RAUL, address, at, policy,
    ticket,
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
        let meets = matches!(
            kind,
            LetterKind::RelayedReply | LetterKind::SolutionProposed | LetterKind::BudgetRequest
        );
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
    ours.record(
        at("11-24 09:00"),
        Fact::ReplySent {
            outbox: OUTBOX,
            inbound: None,
        },
    );
    let void = check(&ours, refused(), ANA);
    assert_eq!(clock::response(void.ticket(), &policy).met_at, None);
    ours.assignee = Some(address(BETO_AT_HOME));
    check(&ours, refused(), super::BETO);
}

/// What operators are told about mail that reached nobody.
fn returned(decided: &Decided) -> Vec<&str> {
    let about = |mail: &&Outgoing| {
        matches!(
            mail.letter,
            Letter::OperatorAlarm {
                cause: AlarmCause::MailReturned,
                ..
            }
        )
    };
    let mails = decided.mails().into_iter().filter(about);
    mails.map(|mail| mail.to.address.as_str()).collect()
}

#[test]
fn a_mail_refused_to_our_own_people_is_told_to_the_operators_but_never_about_themselves() {
    let mut policy = policy();
    let other = "guardia@grupostaff.com";
    policy.operators.push(address(other));
    let ours = ticket(Status::New);
    let notice = LetterKind::ConsultantNewTicket;
    let consultant = happened(notice, ANA, Some(&ours), refused(), &policy);
    assert_eq!(returned(&consultant), [OPERATOR, other]);
    assert_eq!(consultant.sent().len(), 2);
    assert_eq!(alarms(&consultant), [], "nothing of it passes by itself");
    assert_eq!(consultant.tickets().len(), 0);
    // Once a day for an address, whatever was on its way to it.
    let once = |d: &Decided| d.mails()[0].once.clone();
    let again = happened(
        LetterKind::ReplyNotSent,
        ANA,
        Some(&ours),
        refused(),
        &policy,
    );
    assert_eq!(once(&again), once(&consultant));

    let operator = happened(
        LetterKind::OperatorAlarm,
        OPERATOR,
        None,
        refused(),
        &policy,
    );
    assert_eq!(returned(&operator), [other], "never to the same address");
    policy.operators.pop();
    let alone = happened(
        LetterKind::OperatorAlarm,
        OPERATOR,
        None,
        refused(),
        &policy,
    );
    assert_eq!(alone.0.effects, []);
    assert_ne!(alone.0.why, Vec::<String>::new(), "recorded all the same");

    let held = LetterKind::NotAuthorizedSender;
    let outside = happened(held, PEDRO, None, refused(), &policy);
    assert_eq!(returned(&outside), [OPERATOR]);
}

#[test]
fn a_mail_given_up_to_our_own_people_alarms_the_operators_but_never_about_themselves() {
    let policy = policy();
    let ours = ticket(Status::New);
    let notice = LetterKind::ConsultantNewTicket;
    let consultant = happened(notice, ANA, Some(&ours), given_up(), &policy);
    assert_eq!(alarms(&consultant), [AlarmCause::OutgoingFailing]);
    assert_eq!(consultant.sent(), [(LetterKind::OperatorAlarm, OPERATOR)]);
    let alarm = LetterKind::OperatorAlarm;
    let operator = happened(alarm, OPERATOR, None, given_up(), &policy);
    assert_eq!(operator.0.effects, []);
    assert_ne!(
        operator.0.why,
        Vec::<String>::new(),
        "recorded all the same"
    );
    let held = LetterKind::NotAuthorizedSender;
    let outside = happened(held, PEDRO, None, given_up(), &policy);
    assert_eq!(alarms(&outside), [AlarmCause::OutgoingFailing]);
}

#[test]
fn a_mail_that_fails_again_after_it_was_tried_again_is_told_again() {
    let policy = policy();
    let reply = LetterKind::RelayedReply;
    let ours = ticket(Status::InProgress);
    let first = happened(reply, MARIA, Some(&ours), refused(), &policy);
    let again = happened(reply, MARIA, Some(first.ticket()), refused(), &policy);
    assert_eq!(first.sent(), again.sent());
    assert_ne!(first.mails()[0].once, again.mails()[0].once);
    let sent = happened(reply, MARIA, Some(again.ticket()), sent(), &policy);
    assert!(clock::response(sent.ticket(), &policy).met_at.is_some());
}

#[test]
fn a_consultant_who_is_the_requester_is_the_client_of_that_ticket() {
    let policy = policy();
    let mut ours = ticket(Status::InProgress);
    ours.requester.address = address(ANA);
    ours.assignee = Some(address(BETO));
    let reply = LetterKind::RelayedReply;
    let decided = happened(reply, ANA, Some(&ours), refused(), &policy);
    assert_eq!(decided.sent(), [(LetterKind::DeliveryFailed, BETO)]);
    ours.assignee = Some(address(ANA));
    let alone = happened(reply, ANA, Some(&ours), refused(), &policy);
    assert_eq!(returned(&alone), [OPERATOR], "Ana cannot be told by mail");
    assert!(matches!(
        alone.facts(OURS)[..],
        [Fact::DeliveryFailed { .. }]
    ));
}

#[test]
fn the_letter_says_why_and_what_is_still_owed() {
    let policy = policy();
    let check = |words: &str, status, cause, owed: bool| {
        let ours = ticket(status);
        let outcome = DeliveryOutcome::Refused(words.to_owned());
        let decided = happened(
            LetterKind::RelayedReply,
            MARIA,
            Some(&ours),
            outcome,
            &policy,
        );
        match decided.letter(LetterKind::DeliveryFailed) {
            Letter::DeliveryFailed {
                cause: said,
                reply,
                response_due_at,
                reason,
                ..
            } => {
                assert_eq!((*said, *reply, reason.as_str()), (cause, true, words));
                assert_eq!(response_due_at.is_some(), owed, "{status:?}");
            }
            other => panic!("{other:?}"),
        }
    };
    check(
        "550 5.1.1 no existe",
        Status::New,
        FailureCause::DeadAddress,
        true,
    );
    check(
        "552 5.2.2 lleno",
        Status::InProgress,
        FailureCause::MailboxFull,
        true,
    );
    check("554 5.7.1 no", Status::Closed, FailureCause::Policy, false);
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
