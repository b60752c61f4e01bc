//! The mail that a monthly statement goes with.

use soported::domain::letter::Letter;
use soported::domain::statement_issue::MonthlyStatement;
use soported::domain::statement_lines::BucketHours;
use soported::domain::statement_tickets::Flow;

use super::{Case, NASTY};
use crate::statement::{november, of};

/// The cases of the mail that a statement goes with.
pub(super) fn cases() -> Vec<Case> {
    let letter = |letter: MonthlyStatement| Letter::MonthlyStatement(Box::new(letter));
    vec![
        ("first", letter(plain())),
        (
            "correction",
            letter(MonthlyStatement {
                issue: 2,
                ..plain()
            }),
        ),
        (
            "quiet",
            letter(MonthlyStatement {
                hours: Vec::new(),
                minutes: 0,
                weighted: 0,
                waiting_minutes: 0,
                flow: Flow {
                    carried: 1,
                    open: 1,
                    ..Flow::default()
                },
                decisions: 1,
                ..plain()
            }),
        ),
        (
            "nasty",
            letter(MonthlyStatement {
                name: NASTY.to_owned(),
                client: NASTY.to_owned(),
                ..plain()
            }),
        ),
    ]
}

fn plain() -> MonthlyStatement {
    let statement = of(&november());
    let hours: Vec<BucketHours> = statement.lines.hours.clone();
    MonthlyStatement {
        name: "María Pérez".to_owned(),
        client: statement.client.clone(),
        client_id: Default::default(),
        month: statement.month,
        first_day: statement.first_day,
        issue: 1,
        file: "estado-de-cuenta-ACME-2026-11".to_owned(),
        hours,
        minutes: statement.lines.minutes,
        weighted: statement.lines.weighted,
        waiting_minutes: statement.lines.waiting_minutes,
        flow: statement.tickets.flow,
        response_kept: statement.service.response_kept,
        response_missed: statement.service.response_missed,
        solution_kept: statement.service.solution_kept,
        solution_missed: statement.service.solution_missed,
        decisions: statement.tickets.decisions.len(),
        example: statement.example,
    }
}
