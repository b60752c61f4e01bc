//! A statement that shows every part of its templates, to try them on.

use chrono::{DateTime, NaiveDate, Utc};

use super::sample::NUMBER;
use crate::domain::billing::Bucket;
use crate::domain::charge::ChargeKind;
use crate::domain::effect::HeldCause;
use crate::domain::ids::ClientId;
use crate::domain::letter::Letter;
use crate::domain::month::Month;
use crate::domain::pending::NextStep;
use crate::domain::statement::{AuthorizerRow, DisputeRow, HeldSender, Statement, TrendMonth};
use crate::domain::statement_books::MailRef;
use crate::domain::statement_issue::MonthlyStatement;
use crate::domain::statement_lines::{BucketHours, Line, LineState, Lines, TicketLines, Week};
use crate::domain::statement_service::{
    ResponseBreach, ResponseRow, Service, SolutionBreach, SolutionRow, Waited,
};
use crate::domain::statement_tickets::{
    ApprovalRow, AttemptRow, ClosingRow, DecisionRow, Flow, OpenRow, Origin, TicketRow, Tickets,
};
use crate::domain::ticket::{ClosedAs, Kind, Priority, Status};

/// Statements that between them reach every branch: one with everything, and one with nothing.
pub(super) fn statements() -> [Statement; 2] {
    let full = Statement {
        running: true,
        empty: false,
        tickets: tickets(),
        service: service(),
        lines: lines(),
        held: vec![HeldSender {
            from: String::new(),
            cause: HeldCause::Unauthorized,
            mails: 2,
            since: at(),
        }],
        authorizers: [true, false].map(authorizer).to_vec(),
        disputes: [None, Some(ClosedAs::Cancelled)].map(dispute).to_vec(),
        ..nothing()
    };
    [full, nothing()]
}

/// Whatever somebody wrote.
const WORDS: &str = "Texto";

/// The mail that one of them goes with.
pub(super) fn monthly_statement(issue: u32) -> Letter {
    let [full, empty] = statements();
    let statement = if issue > 1 { full } else { empty };
    Letter::MonthlyStatement(Box::new(MonthlyStatement {
        name: WORDS.to_owned(),
        client: statement.client,
        client_id: ClientId(1),
        month: statement.month,
        first_day: statement.first_day,
        issue,
        file: "estado-de-cuenta".to_owned(),
        hours: statement.lines.hours,
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
    }))
}

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn day() -> NaiveDate {
    at().date_naive()
}

fn nothing() -> Statement {
    let month = Month::of(day());
    Statement {
        client: WORDS.to_owned(),
        month,
        first_day: month.first_day(),
        last_day: month.last_day(),
        until: at(),
        running: false,
        empty: true,
        tickets: Tickets::default(),
        service: Service::default(),
        lines: Lines::default(),
        held: Vec::new(),
        authorizers: Vec::new(),
        disputes: Vec::new(),
        example: "L-1".to_owned(),
        trend: vec![TrendMonth {
            month,
            first_day: month.first_day(),
            minutes: [0; 3],
            total: 0,
            opened: 0,
        }],
    }
}

fn authorizer(all: bool) -> AuthorizerRow {
    AuthorizerRow {
        name: WORDS.to_owned(),
        address: "maria@acme.example".to_owned(),
        can_open: all,
        can_approve: all,
        can_validate: all,
        until: (!all).then(day),
    }
}

fn dispute(closed_as: Option<ClosedAs>) -> DisputeRow {
    DisputeRow {
        line: "L-1".to_owned(),
        of: NUMBER.to_owned(),
        minutes: 15,
        ticket: NUMBER.to_owned(),
        at: at(),
        closed_as,
    }
}

fn line(full: bool, state: LineState) -> Line {
    let bucket = if full {
        Bucket::OutOfHoursApproved
    } else {
        Bucket::InHours
    };
    let mail = |message_id: &str| MailRef {
        message_id: message_id.to_owned(),
        at: at(),
        subject: WORDS.to_owned(),
    };
    let text = || full.then(|| WORDS.to_owned());
    Line {
        number: "L-1".to_owned(),
        ticket: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        at: at(),
        since: Some(at()),
        from: full.then(at),
        to: full.then(at),
        consultant: WORDS.to_owned(),
        people: text().into_iter().collect(),
        kind: ChargeKind::Session.name(),
        minutes: 15,
        bucket: bucket.name(),
        factor: full.then_some(1.5),
        note: text().unwrap_or_default(),
        mail: Some(mail(if full { "a@b" } else { "" })),
        approval: full.then(|| mail("a@b")),
        takes_back: full.then(|| "L-0".to_owned()),
        taken_back_by: full.then(|| "L-2".to_owned()),
        state,
    }
}

fn lines() -> Lines {
    let hours = |factor: Option<f64>, bucket: Bucket| BucketHours {
        bucket: bucket.name(),
        factor,
        lines: 1,
        minutes: 15,
        weighted: 23,
    };
    let states = LineState::ALL.into_iter();
    Lines {
        charged: vec![TicketLines {
            number: NUMBER.to_owned(),
            subject: String::new(),
            lines: [true, false]
                .map(|full| line(full, LineState::Charged))
                .to_vec(),
            minutes: 30,
        }],
        corrections: vec![line(true, LineState::Charged)],
        waiting: states.map(|state| line(true, state)).collect(),
        notes: vec![line(false, LineState::Note)],
        hours: vec![
            hours(None, Bucket::InHours),
            hours(Some(1.5), Bucket::OutOfHoursApproved),
        ],
        minutes: 30,
        weighted: 38,
        waiting_minutes: 30,
        weeks: vec![Week {
            from: day(),
            to: day(),
            minutes: [15, 15, 0],
        }],
    }
}

fn service() -> Service {
    let response = Priority::ALL.into_iter().map(|priority| ResponseRow {
        priority,
        target_minutes: (priority != Priority::Critical).then_some(60),
        limit_minutes: 240,
        business: true,
        in_target: 1,
        kept: 1,
        missed: 1,
        running: 1,
        percents: vec![20, 130],
        median_minutes: Some(48),
    });
    let breach = |answered: bool| ResponseBreach {
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        priority: Priority::High,
        started_at: at(),
        limit_at: at(),
        answered_at: answered.then(at),
        elapsed_minutes: 300,
        limit_minutes: 240,
        business: answered,
        reclassified_at: answered.then(at),
    };
    let late = |open: bool| SolutionBreach {
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        kind: Kind::Investigation,
        started_at: at(),
        due_at: open.then(at),
        elapsed_minutes: 1_000,
        limit_minutes: 960,
        waited_minutes: 60,
        open,
    };
    let solution = Kind::ALL.into_iter().map(|kind| SolutionRow {
        kind,
        target_minutes: (kind == Kind::Investigation).then_some(480),
        limit_minutes: 960,
        in_target: 1,
        kept: 1,
        missed: 1,
        running: 1,
    });
    Service {
        response: response.collect(),
        response_breaches: [true, false].map(breach).to_vec(),
        solution: solution.collect(),
        solution_breaches: [true, false].map(late).to_vec(),
        waited: waited(),
        response_kept: 4,
        response_missed: 4,
        solution_kept: 6,
        solution_missed: 6,
    }
}

fn waited() -> Waited {
    Waited {
        client_minutes: 60,
        third_party_minutes: 60,
    }
}

fn tickets() -> Tickets {
    let rows = Origin::ALL.into_iter().map(|origin| {
        let closed = origin == Origin::Earlier;
        TicketRow {
            number: NUMBER.to_owned(),
            subject: WORDS.to_owned(),
            requester: WORDS.to_owned(),
            priority: Priority::High,
            kind: Kind::TechnicalRegular,
            opened_at: at(),
            origin,
            status: if closed {
                Status::Closed
            } else {
                Status::InProgress
            },
            closed_as: closed.then_some(ClosedAs::Validated),
            closed_at: closed.then(at),
            estimated: 360,
            approved: 240,
            authorized: 600,
            used: 400,
            charged: 30,
            waiting: 30,
            waited: waited(),
        }
    });
    let attempt = |(via, counts): (&'static str, bool)| AttemptRow {
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        attempt: 1,
        at: at(),
        via,
        counts,
    };
    let closings = ClosedAs::ALL.into_iter().map(|closed_as| ClosingRow {
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        closed_as,
        at: at(),
        attempts: vec![at(), at()],
    });
    let open = NextStep::ALL.into_iter().map(|step| OpenRow {
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        priority: Priority::Low,
        status: Status::WaitingClient,
        owes: "client",
        step,
        attempt: (step == NextStep::Attempt).then_some(2),
        at: (step != NextStep::Stopped).then(at),
        overdue: step == NextStep::Solution,
    });
    let decision = |what: &'static str, minutes: Option<i64>| DecisionRow {
        what,
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        since: at(),
        minutes,
        reason: WORDS.to_owned(),
        consultant: minutes.map(|_| WORDS.to_owned()),
    };
    let approvals = ["approved", "refused", "window", "formalized"].map(|what| ApprovalRow {
        what,
        number: NUMBER.to_owned(),
        subject: WORDS.to_owned(),
        at: at(),
        by: (what != "formalized").then(|| WORDS.to_owned()),
        minutes: (what == "approved").then_some(240),
        line: (what == "approved").then(|| "L-1".to_owned()),
        from: (what == "window").then(at),
        to: (what == "window").then(at),
        mail: line(true, LineState::Note).mail,
    });
    Tickets {
        flow: Flow {
            carried: 1,
            opened: 1,
            reopened: 1,
            closed: 1,
            open: 2,
        },
        rows: rows.collect(),
        attempts: [("mail", true), ("phone", true), ("mail", false)]
            .map(attempt)
            .to_vec(),
        closings: closings.collect(),
        open: open.collect(),
        decisions: vec![decision("budget", Some(240)), decision("formalize", None)],
        approvals: approvals.to_vec(),
    }
}
