//! Timers: alerts of clocks (policy.md §3), and an open ticket always has a next action (§5).

use soported::domain::case::Case;
use soported::domain::desk::decide;
use soported::domain::effect::{Decision, Due, Effect};
use soported::domain::event::{DueKind, Event};
use soported::domain::ids::{InboundId, OutboxId, TicketId};
use soported::domain::letter::{AlertLine, AlertReason, Letter, LetterKind};
use soported::domain::lifecycle::schedule;
use soported::domain::ticket::{ClockName, Fact, Priority, Stage, Status, Ticket};

use super::{ANA, BETO, OURS, address, at, policy, ticket};

pub fn fire(ticket: &Ticket, kind: DueKind, now: &str) -> Decision {
    fire_in(ticket, kind, now, Case::default())
}

pub fn fire_in(ticket: &Ticket, kind: DueKind, now: &str, case: Case) -> Decision {
    let case = Case {
        tickets: [(ticket.id, ticket.clone())].into(),
        ..case
    };
    let event = Event::Due {
        ticket: ticket.id,
        kind,
    };
    decide(&event, &case, &policy(), at(now))
}

pub fn saved(decision: &Decision) -> (&Ticket, &[Due]) {
    match decision.effects.first() {
        Some(Effect::SaveTicket { ticket, due, .. }) => (ticket, due),
        other => panic!("{other:?}"),
    }
}

/// Whom a decision alerts, and of what.
pub fn alerts(decision: &Decision) -> Vec<(&str, AlertReason, Option<u8>)> {
    decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Alert { to, line, .. } => Some((to.as_str(), line.reason, line.percent)),
            _ => None,
        })
        .collect()
}

fn row(kind: DueKind, when: &str) -> Due {
    Due { at: at(when), kind }
}

fn told(ticket: &mut Ticket, when: &str, clock: ClockName, stage: Stage) {
    ticket.record(at(when), Fact::Alerted { clock, stage });
}

#[test]
fn every_open_state_has_a_next_action_and_a_closed_ticket_none() {
    for status in Status::ALL {
        let due = schedule(&ticket(status), &policy(), at("11-24 10:00"));
        assert_eq!(due.is_empty(), status == Status::Closed, "{status:?}");
        let mut kinds: Vec<DueKind> = due.iter().map(|row| row.kind).collect();
        kinds.dedup();
        assert_eq!(kinds.len(), due.len(), "one row a kind: {due:?}");
    }
}

#[test]
fn each_stage_of_the_response_clock_is_told_once_and_in_order() {
    // 16 hours from Monday 09:00: target after 8, 75 % after 12, 90 % after 14 h 24, limit Tuesday
    // 15:30.
    let mut new = ticket(Status::New);
    let check = |ticket: &Ticket, due: &str, reason, percent| {
        let row = row(DueKind::Response, due);
        assert_eq!(schedule(ticket, &policy(), at("11-23 09:00")), [row]);
        let decision = fire(ticket, DueKind::Response, due);
        assert_eq!(alerts(&decision), [(ANA, reason, percent)], "{due}");
        saved(&decision).0.clone()
    };
    new = check(&new, "11-23 17:00", AlertReason::ResponseTarget, None);
    new = check(&new, "11-24 11:30", AlertReason::ResponsePercent, Some(75));
    new = check(&new, "11-24 13:54", AlertReason::ResponsePercent, Some(90));
    let breach = at("11-24 15:30") + chrono::Duration::seconds(1);
    let rows = schedule(&new, &policy(), at("11-24 14:00"));
    assert_eq!((rows.len(), rows[0].at), (1, breach));
    let early = fire(&new, DueKind::Response, "11-24 15:30");
    assert_eq!(alerts(&early), [], "at the limit itself it is still kept");
    let breached = fire(&new, DueKind::Response, "11-24 15:31");
    assert_eq!(
        alerts(&breached),
        [(ANA, AlertReason::ResponseBreach, None)]
    );
    let (after, next) = saved(&breached);
    assert_eq!(next, [row(DueKind::Review, "11-25 08:30")]);
    let again = fire(after, DueKind::Response, "11-24 15:32");
    assert_eq!(alerts(&again), [], "told once");
}

#[test]
fn after_downtime_only_the_highest_stage_is_told() {
    let new = ticket(Status::New);
    let check = |now: &str, reason, percent| {
        let decision = fire(&new, DueKind::Response, now);
        assert_eq!(alerts(&decision), [(ANA, reason, percent)], "{now}");
        let (after, _) = saved(&decision);
        let again = fire(after, DueKind::Response, now);
        assert_eq!(alerts(&again), [], "{now}: the lower ones are past");
    };
    check("11-24 12:00", AlertReason::ResponsePercent, Some(75));
    check("11-24 14:00", AlertReason::ResponsePercent, Some(90));
    check("11-26 10:00", AlertReason::ResponseBreach, None);
}

#[test]
fn what_turns_critical_has_no_target_to_be_reminded_of() {
    // Received and raised on a Sunday: half an hour of Monday morning, and 75 % of it comes next.
    let mut new = ticket(Status::New);
    new.history.clear();
    new.record(
        at("11-22 10:00"),
        Fact::Opened {
            received_at: at("11-22 10:00"),
            priority: Priority::Medium,
            kind: new.kind,
            by_phone: false,
        },
    );
    let raised = Fact::PriorityChanged {
        to: Priority::Critical,
        by: address(ANA),
    };
    new.record(at("11-22 22:00"), raised);
    let rows = schedule(&new, &policy(), at("11-22 22:00"));
    let next = at("11-23 08:52") + chrono::Duration::seconds(30);
    assert_eq!((rows.len(), rows[0].at), (1, next));
    let at_once = fire(&new, DueKind::Response, "11-22 22:00");
    assert_eq!(alerts(&at_once), []);
}

#[test]
fn alerts_wait_for_support_hours_except_for_critical_tickets() {
    let check = |priority, clock_wall: bool, now: &str, told: bool, due: &str| {
        let mut new = ticket(Status::New);
        new.history.clear();
        new.record(
            at("11-23 17:00"),
            Fact::Opened {
                received_at: at("11-23 17:00"),
                priority,
                kind: new.kind,
                by_phone: false,
            },
        );
        let mut policy = policy();
        if clock_wall {
            for terms in policy.response.values_mut() {
                terms.clock = soported::domain::policy::ClockMode::Wall;
            }
        }
        let rows = schedule(&new, &policy, at("11-23 17:00"));
        assert_eq!(rows, [row(DueKind::Response, due)], "{priority:?}");
        let case = Case {
            tickets: [(new.id, new.clone())].into(),
            ..Case::default()
        };
        let event = Event::Due {
            ticket: new.id,
            kind: DueKind::Response,
        };
        let decision = decide(&event, &case, &policy, at(now));
        assert_eq!(!alerts(&decision).is_empty(), told, "{priority:?} {now}");
        if !told {
            let rows = saved(&decision).1;
            assert_eq!(rows, [row(DueKind::Response, "11-24 08:30")]);
        }
    };
    // By the wall clock, the hour of a high ticket is over at 18:00, when nobody is there.
    check(Priority::High, true, "11-23 18:00", false, "11-24 08:30");
    check(Priority::High, true, "11-24 08:30", true, "11-24 08:30");
    // 75 % of half an hour: 22 and a half minutes, told at night as well.
    let critical = at("11-23 17:22") + chrono::Duration::seconds(30);
    let mut new = ticket(Status::New);
    new.history.clear();
    new.record(
        at("11-23 17:00"),
        Fact::Opened {
            received_at: at("11-23 17:00"),
            priority: Priority::Critical,
            kind: new.kind,
            by_phone: false,
        },
    );
    let rows = schedule(&new, &policy(), at("11-23 17:00"));
    assert_eq!(rows[0].at, critical, "no alert for a target at once");
    let late = fire(&new, DueKind::Response, "11-23 22:00");
    assert_eq!(alerts(&late), [(ANA, AlertReason::ResponseBreach, None)]);
}

#[test]
fn alerts_go_to_the_assignee_or_to_the_level() {
    let check = |change: &dyn Fn(&mut Ticket), to: &[&str]| {
        let mut new = ticket(Status::New);
        change(&mut new);
        let decision = fire(&new, DueKind::Response, "11-24 10:00");
        let found: Vec<&str> = alerts(&decision).iter().map(|alert| alert.0).collect();
        assert_eq!(found, to);
    };
    check(&|_| {}, &[ANA]);
    check(&|ticket| ticket.assignee = Some(address(BETO)), &[BETO]);
    check(&|ticket| ticket.level = 2, &[BETO]);
    check(&|ticket| ticket.level = 3, &[ANA]);
}

#[test]
fn the_solution_clock_alerts_while_it_runs_and_not_while_it_stands() {
    let mut answered = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    answered.record(
        at("11-23 10:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    // Six hours from 10:00: 75 % at 14:30, 90 % at 15:24, over at 16:00.
    assert_eq!(
        schedule(&answered, &policy(), at("11-23 10:00")),
        [row(DueKind::Solution, "11-23 14:30")]
    );
    let first = fire(&answered, DueKind::Solution, "11-23 14:30");
    assert_eq!(
        alerts(&first),
        [(ANA, AlertReason::SolutionPercent, Some(75))]
    );
    let mut waiting = saved(&first).0.clone();
    waiting.record(
        at("11-23 15:00"),
        Fact::StatusChanged {
            to: Status::WaitingThirdParty,
            closed_as: None,
        },
    );
    let rows = schedule(&waiting, &policy(), at("11-23 15:00"));
    assert_eq!(rows, [row(DueKind::Update, "11-25 15:00")]);
    waiting.record(
        at("11-24 09:00"),
        Fact::StatusChanged {
            to: Status::InProgress,
            closed_as: None,
        },
    );
    // Five of six hours had run at the pause; 90 % are 24 minutes more.
    assert_eq!(
        schedule(&waiting, &policy(), at("11-24 09:00")),
        [row(DueKind::Solution, "11-24 09:24")]
    );
    let over = fire(&waiting, DueKind::Solution, "11-24 10:01");
    assert_eq!(alerts(&over), [(ANA, AlertReason::SolutionBreach, None)]);
    let (after, rows) = saved(&over);
    assert_eq!(rows, [row(DueKind::Review, "11-25 08:30")]);
    assert_eq!(alerts(&fire(after, DueKind::Solution, "11-25 10:00")), []);
}

#[test]
fn the_oldest_unanswered_mail_is_told_once_its_limit_is_over() {
    let mut answered = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    let by = address(ANA);
    let inbound = InboundId(3);
    answered.record(
        at("11-23 10:00"),
        Fact::ReplyQueued {
            by: by.clone(),
            inbound,
        },
    );
    answered.record(
        at("11-23 10:01"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    for stage in [Stage::Percent(75), Stage::Percent(90), Stage::Breach] {
        told(&mut answered, "11-23 17:00", ClockName::Solution, stage);
    }
    let review = [row(DueKind::Review, "11-24 08:30")];
    assert_eq!(schedule(&answered, &policy(), at("11-23 17:00")), review);
    let wrote = |thanks| Fact::ClientWrote {
        by: address(super::MARIA),
        inbound,
        thanks,
    };
    answered.record(at("11-23 17:00"), wrote(true));
    assert_eq!(
        schedule(&answered, &policy(), at("11-23 17:00")),
        review,
        "bare thanks ask for nothing"
    );
    answered.record(at("11-24 09:00"), wrote(false));
    answered.record(at("11-24 12:00"), wrote(false));
    let due = schedule(&answered, &policy(), at("11-24 12:00"));
    let over = at("11-25 15:30") + chrono::Duration::seconds(1);
    assert_eq!((due[0].kind, due[0].at), (DueKind::NextReply, over));
    let decision = fire(&answered, DueKind::NextReply, "11-25 15:31");
    assert_eq!(alerts(&decision), [(ANA, AlertReason::NextReply, None)]);
    let mut after = saved(&decision).0.clone();
    assert_eq!(alerts(&fire(&after, DueKind::NextReply, "11-26 10:00")), []);
    // The next one that stays unanswered is told again.
    after.record(at("11-26 10:00"), Fact::ReplyQueued { by, inbound });
    after.record(at("11-26 11:00"), wrote(false));
    let decision = fire(&after, DueKind::NextReply, "11-30 09:00");
    assert_eq!(alerts(&decision), [(ANA, AlertReason::NextReply, None)]);
}

#[test]
fn all_alerts_of_a_run_are_one_mail_to_each_consultant() {
    let new = ticket(Status::New);
    let decision = fire(&new, DueKind::Response, "11-24 12:00");
    let lines: Vec<AlertLine> = decision
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Alert { line, .. } => Some((**line).clone()),
            _ => None,
        })
        .collect();
    let case = Case {
        alerts: [lines.clone(), lines].concat(),
        ..Case::default()
    };
    let tell = |to: &str, case: &Case| {
        let consultant = address(to);
        decide(
            &Event::TellAlerts { consultant },
            case,
            &policy(),
            at("11-24 12:00"),
        )
    };
    let mail = tell(ANA, &case);
    match mail.effects.as_slice() {
        [Effect::AlertsTold { to }, Effect::Send(outgoing)] => {
            assert_eq!(to, &address(ANA));
            assert_eq!(outgoing.letter.kind(), LetterKind::Alerts);
            assert_eq!(outgoing.to.address, address(ANA));
            match &outgoing.letter {
                Letter::Alerts { items } => assert_eq!(items.len(), 2),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    }
    // Who has left gets no mail, and nothing waits for him for ever.
    let gone = tell("ida@grupostaff.com", &case);
    assert!(matches!(
        gone.effects.as_slice(),
        [Effect::AlertsTold { .. }]
    ));
}

#[test]
fn a_ticket_without_a_clock_is_reviewed_at_each_opening() {
    let mut answered = ticket(Status::InProgress);
    let outbox = OutboxId(5);
    answered.record(
        at("11-23 11:00"),
        Fact::ReplySent {
            outbox,
            inbound: None,
        },
    );
    told(
        &mut answered,
        "11-24 11:00",
        ClockName::Solution,
        Stage::Breach,
    );
    let check = |now: &str, opening: &str| {
        let decision = fire(&answered, DueKind::Review, now);
        let (_, due) = saved(&decision);
        assert_eq!(due, [row(DueKind::Review, opening)], "{now}");
    };
    check("11-24 16:00", "11-25 08:30");
    check("11-25 08:30", "11-26 08:30");
    check("11-27 17:59", "11-30 08:30");
    check("11-28 12:00", "11-30 08:30");
    // Christmas is a rest day.
    check("12-24 10:00", "12-28 08:30");
}

#[test]
fn a_due_row_of_a_closed_or_unknown_ticket_leads_to_nothing() {
    for kind in DueKind::ALL {
        let closed = fire(&ticket(Status::Closed), kind, "12-24 10:00");
        assert_eq!(closed.effects.len(), 1, "{kind:?}: nothing but the row");
        let (after, due) = saved(&closed);
        assert_eq!((after.history.len(), due.len()), (2, 0), "{kind:?}");
        let event = Event::Due {
            ticket: TicketId(OURS + 1),
            kind,
        };
        let nothing = decide(&event, &Case::default(), &policy(), at("11-24 10:00"));
        assert_eq!(nothing, Decision::default());
    }
}
