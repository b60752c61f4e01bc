//! Digests, states and accounts to try templates on.

use chrono::{DateTime, Utc};

use super::sample::{NUMBER, attempts, handover};
use crate::domain::account_lines::{CHAPTER_NAMES, SENTENCE_NAMES};
use crate::domain::calendar::Closed;
use crate::domain::effect::HeldCause;
use crate::domain::ids::{HeldId, TicketId};
use crate::domain::letter::{Letter, TicketFacts};
use crate::domain::pending::{Awaiting, NextStep, Pending};
use crate::domain::survey::{
    AccountLine, Chapter, ClosedLine, Digest, HeldRow, Row, Section, TicketAccount, TicketState,
};
use crate::domain::ticket::ClosedAs;

/// How things stand: every step, cause, chapter and sentence, or as good as nothing.
pub(super) fn survey(ticket: &TicketFacts, full: bool) -> Vec<Letter> {
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let pending = |step: NextStep, awaiting: Awaiting| Pending {
        waits_for: awaiting,
        step,
        at: full.then_some(at),
        overdue: full,
        attempt: full.then_some(2),
        review: full,
    };
    let sections = Awaiting::ALL.map(|awaiting| Section {
        name: awaiting.name(),
        rows: NextStep::ALL
            .into_iter()
            // Every section, and every step in one of them.
            .take(if awaiting == Awaiting::Client {
                usize::MAX
            } else {
                1
            })
            .map(|step| Row {
                id: TicketId(1042),
                ticket: ticket.clone(),
                own: full,
                pending: pending(step, awaiting),
            })
            .collect(),
        more: usize::from(full),
    });
    let held = HeldCause::ALL.map(|cause| HeldRow {
        id: HeldId(7),
        from: "juan@acme.example".to_owned(),
        subject: "Ayuda".to_owned(),
        cause,
        received_at: at,
        client: full.then(|| "ACME".to_owned()),
        ticket: full.then(|| NUMBER.to_owned()),
    });
    let digest = Digest {
        asked: full,
        as_of: at,
        sections: sections.to_vec(),
        held: held.to_vec(),
        held_more: u32::from(full),
        unseen: u32::from(full),
    };
    let nothing = Digest {
        asked: full,
        as_of: at,
        sections: Vec::new(),
        held: Vec::new(),
        held_more: 0,
        unseen: 0,
    };
    let people = |name: &str| {
        if full {
            vec![name.to_owned(); 2]
        } else {
            vec![]
        }
    };
    let state = TicketState {
        id: TicketId(1042),
        ticket: ticket.clone(),
        as_of: at,
        assignee: full.then(|| "Ana Ruiz".to_owned()),
        since: full.then_some(at),
        closed_as: full.then_some(ClosedAs::Validated),
        pending: full.then(|| pending(NextStep::Attempt, Awaiting::Client)),
        response_limit_at: at,
        response_met_at: full.then_some(at),
        response_late: full,
        solution_due_at: full.then_some(at),
        solution_minutes: 90,
        solution_limit_minutes: 360,
        solution_late: full,
        attempts: attempts(full),
        closes_at: full.then_some(at),
        participants: people("Raúl Díaz <raul@acme.example>"),
        copied: people("eva@acme.example"),
    };
    let sorts = [
        ("priority", "high"),
        ("kind", "investigation"),
        ("status", "new"),
    ];
    let line = |(place, what): (usize, &'static str)| {
        let (sort, name) = sorts.get(place % sorts.len()).copied().unwrap_or_default();
        AccountLine {
            what,
            deep: place % 2 == 0,
            at: full.then_some(at),
            to: full.then_some(at),
            same_day: place % 2 == 0,
            before: full.then_some(at),
            alone: full.then_some(at),
            minutes: full.then_some(90),
            of_minutes: full.then_some(360),
            number: full.then_some(2),
            who: if full {
                "Ana Ruiz".to_owned()
            } else {
                String::new()
            },
            old: if full { name } else { "" },
            new: if full { name } else { "" },
            sort: if full { sort } else { "" },
            detail: String::new(),
            day: full.then(|| at.date_naive()),
            weekend: full,
            closed: Closed::ALL
                .map(|why| ClosedLine {
                    date: at.date_naive(),
                    why: why.name(),
                })
                .into_iter()
                .filter(|_| full)
                .collect(),
        }
    };
    // Every chapter, and every sentence, once: this is tried at each start.
    let mut sentences: Vec<AccountLine> =
        SENTENCE_NAMES.into_iter().enumerate().map(line).collect();
    let chapter = |name| Chapter {
        name,
        lines: std::mem::take(&mut sentences),
    };
    let chapters: Vec<Chapter> = CHAPTER_NAMES.into_iter().map(chapter).collect();
    let account = TicketAccount {
        ticket: ticket.clone(),
        as_of: at,
        chapters: if full { chapters } else { Vec::new() },
        history: handover(ticket, full).history,
    };
    vec![
        Letter::Digest(digest),
        Letter::Digest(nothing),
        Letter::TicketState(Box::new(state)),
        Letter::TicketAccount(Box::new(account)),
    ]
}
