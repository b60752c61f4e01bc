//! The tickets of a statement: which came, went and stayed, what was spent on each, how the client
//! was tried to be reached, how tickets closed, and what is waited for.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::announce::full_name;
use super::budget::{self, Budget};
use super::charge::{Charge, ChargeKind};
use super::contact::{self, Via};
use super::ids::InboundId;
use super::month::Period;
use super::pending::{Awaiting, NextStep, pending};
use super::policy::Policy;
use super::statement_books::{Books, MailRef};
use super::statement_lines::{LineState, Lines, consultant, tag};
use super::statement_service::{Waited, waited};
use super::ticket::{ClosedAs, Fact, Kind, Priority, Status, Ticket};
use super::waits;

/// How a ticket was there at the beginning of the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It was open.
    Carried,
    /// It came in the month.
    Opened,
    /// It was closed, and opened again in the month.
    Reopened,
    /// It was closed, and stayed so: it has lines of the month.
    Earlier,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::Carried, Self::Opened, Self::Reopened, Self::Earlier];

    /// The name used in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Carried => "carried",
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Earlier => "earlier",
        }
    }
}

/// How many tickets came and went. Carried, opened and reopened ones are as many as those that
/// closed and those that stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// Open at the beginning.
    pub carried: usize,
    /// New ones.
    pub opened: usize,
    /// Closed ones that were opened again.
    pub reopened: usize,
    /// Closed at the end, and not at the beginning.
    pub closed: usize,
    /// Open at the end.
    pub open: usize,
}

/// A ticket of the month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketRow {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Who asked, by name and address.
    pub requester: String,
    /// Its priority.
    pub priority: Priority,
    /// Its kind.
    pub kind: Kind,
    /// When its opening mail came.
    pub opened_at: DateTime<Utc>,
    /// How it was there at the beginning.
    pub origin: Origin,
    /// Its state at the end.
    pub status: Status,
    /// How it ended, where it did.
    pub closed_as: Option<ClosedAs>,
    /// When it ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// What is estimated for its kind, in minutes.
    pub estimated: i64,
    /// What authorizers added to that.
    pub approved: i64,
    /// Both together.
    pub authorized: i64,
    /// Effort of its whole life until the end of the month.
    pub used: i64,
    /// What of it is charged in this month.
    pub charged: i64,
    /// What of it waits for the client's word.
    pub waiting: i64,
    /// Support time of the month in which somebody else owed the next step.
    pub waited: Waited,
}

/// An attempt to reach the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRow {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Which attempt.
    pub attempt: u32,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// By which medium.
    pub via: &'static str,
    /// It reached its server and did not come back.
    pub counts: bool,
}

/// A closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosingRow {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// How it ended.
    pub closed_as: ClosedAs,
    /// When.
    pub at: DateTime<Utc>,
    /// The attempts made before it that counted, where it ended without an answer.
    pub attempts: Vec<DateTime<Utc>>,
}

/// An open ticket and what it waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenRow {
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Its priority.
    pub priority: Priority,
    /// Its state.
    pub status: Status,
    /// Who owes the next step: `us`, `client` or `third_party`.
    pub owes: &'static str,
    /// The step.
    pub step: NextStep,
    /// Which attempt it is, where it is one.
    pub attempt: Option<u32>,
    /// By when, or when it happens by itself.
    pub at: Option<DateTime<Utc>>,
    /// Time that counts has passed since.
    pub overdue: bool,
}

/// Something that only the client can decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionRow {
    /// `budget` or `formalize`.
    pub what: &'static str,
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Since when it is asked for.
    pub since: DateTime<Utc>,
    /// The minutes asked for, of a budget.
    pub minutes: Option<i64>,
    /// What for; may be empty.
    pub reason: String,
    /// Which consultant asked, of a budget.
    pub consultant: Option<String>,
}

/// What an authorizer decided about time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalRow {
    /// `approved`, `refused`, `window` or `formalized`.
    pub what: &'static str,
    /// `GS-7`.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who decided, where that is kept.
    pub by: Option<String>,
    /// How many minutes, of a budget.
    pub minutes: Option<i64>,
    /// The line of the ledger that says so, of a budget.
    pub line: Option<String>,
    /// Where a window out of hours begins.
    pub from: Option<DateTime<Utc>>,
    /// Where it ends.
    pub to: Option<DateTime<Utc>>,
    /// The mail that said so.
    pub mail: Option<MailRef>,
}

/// Everything about the tickets.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tickets {
    /// How many came and went.
    pub flow: Flow,
    /// Each ticket, by number.
    pub rows: Vec<TicketRow>,
    /// Attempts of the month.
    pub attempts: Vec<AttemptRow>,
    /// Closings of the month.
    pub closings: Vec<ClosingRow>,
    /// What is open at the end.
    pub open: Vec<OpenRow>,
    /// What the client has to decide.
    pub decisions: Vec<DecisionRow>,
    /// What he decided in the month.
    pub approvals: Vec<ApprovalRow>,
}

/// When a ticket closed, where it is closed.
fn closed_at(ticket: &Ticket) -> Option<DateTime<Utc>> {
    ticket.status_since().filter(|_| !ticket.is_open())
}

/// Whether a ticket, as it stood at the end of a period, closed within it.
pub fn closed_in(ticket: &Ticket, period: &Period) -> bool {
    closed_at(ticket).is_some_and(|at| period.holds(at))
}

/// How a ticket was there at the beginning of a period.
fn origin(ticket: &Ticket, period: &Period) -> Origin {
    let before = |at: DateTime<Utc>| at < period.from;
    // A mail of the last minute of a month may open its ticket in the next one.
    if ticket.history.first().is_none_or(|first| !before(first.at)) {
        return Origin::Opened;
    }
    let statuses = || {
        ticket.history.iter().filter_map(|dated| match dated.fact {
            Fact::StatusChanged { to, .. } => Some((dated.at, to)),
            _ => None,
        })
    };
    let then = statuses().rfind(|(at, _)| before(*at));
    if then.is_none_or(|(_, status)| status != Status::Closed) {
        Origin::Carried
    } else if statuses().any(|(at, status)| !before(at) && status != Status::Closed) {
        Origin::Reopened
    } else {
        Origin::Earlier
    }
}

/// Everything about the tickets of a period, as they stood at its end.
pub fn tickets(
    books: &Books,
    tickets: &[Ticket],
    lines: &Lines,
    policy: &Policy,
    period: &Period,
) -> Tickets {
    let mut all = Tickets::default();
    for ticket in tickets {
        let origin = origin(ticket, period);
        all.count(origin, ticket);
        all.rows.push(row(ticket, origin, lines, policy, period));
        all.attempts.extend(attempts(ticket, policy, period));
        all.closings.extend(closing(ticket, policy, period));
        all.open.extend(open(ticket, policy, period));
        all.decisions.extend(decisions(ticket, policy));
        all.approvals
            .extend(approvals(books, ticket, policy, period));
    }
    all.attempts.sort_by_key(|row| row.at);
    all.closings.sort_by_key(|row| row.at);
    all.decisions.sort_by_key(|row| row.since);
    all.approvals.sort_by_key(|row| row.at);
    all
}

impl Tickets {
    fn count(&mut self, origin: Origin, ticket: &Ticket) {
        let flow = &mut self.flow;
        match origin {
            Origin::Carried => flow.carried += 1,
            Origin::Opened => flow.opened += 1,
            Origin::Reopened => flow.reopened += 1,
            Origin::Earlier => return,
        }
        if ticket.is_open() {
            flow.open += 1;
        } else {
            flow.closed += 1;
        }
    }
}

fn row(
    ticket: &Ticket,
    origin: Origin,
    lines: &Lines,
    policy: &Policy,
    period: &Period,
) -> TicketRow {
    let number = policy.tag(ticket.id);
    let budget = Budget::of(ticket, policy);
    let estimated = policy.solution_terms(ticket.kind).limit.num_minutes();
    let charged = lines.charged.iter().find(|of| of.number == number);
    let is_waiting = |state| {
        matches!(
            state,
            LineState::WaitsForFormalization | LineState::WaitsForApproval
        )
    };
    let waiting = lines.waiting.iter();
    let waiting = waiting.filter(|line| line.ticket == number && is_waiting(line.state));
    TicketRow {
        subject: ticket.thread.subject.clone(),
        requester: full_name(&ticket.requester),
        priority: ticket.priority,
        kind: ticket.kind,
        opened_at: ticket.opened_at,
        origin,
        status: ticket.status,
        closed_as: ticket.closed_as,
        closed_at: closed_at(ticket),
        estimated,
        approved: budget.authorized - estimated,
        authorized: budget.authorized,
        used: budget.used,
        charged: charged.map_or(0, |of| of.minutes),
        waiting: waiting.map(|line| line.minutes).sum(),
        waited: waited(ticket, policy, period),
        number,
    }
}

/// Attempts of the period, those of earlier questions too.
fn attempts(ticket: &Ticket, policy: &Policy, period: &Period) -> Vec<AttemptRow> {
    let row = |attempt: u32, at: DateTime<Utc>, via: Via, counts: bool| AttemptRow {
        number: policy.tag(ticket.id),
        subject: ticket.thread.subject.clone(),
        attempt,
        at,
        via: via.name(),
        counts,
    };
    let history = ticket.history.iter().enumerate();
    let made = history.filter_map(|(place, dated)| match dated.fact {
        Fact::AttemptSent { number, outbox } => {
            let counts = !ticket.came_back(place, outbox);
            Some(row(number, dated.at, Via::Mail, counts))
        }
        Fact::AttemptByPhone { number, .. } => Some(row(number, dated.at, Via::Phone, true)),
        _ => None,
    });
    made.filter(|row| period.holds(row.at)).collect()
}

fn closing(ticket: &Ticket, policy: &Policy, period: &Period) -> Option<ClosingRow> {
    let at = closed_at(ticket).filter(|at| period.holds(*at))?;
    let closed_as = ticket.closed_as?;
    let unanswered = matches!(closed_as, ClosedAs::Unattended | ClosedAs::NotApproved);
    let attempts = contact::attempts(ticket, policy).into_iter();
    let counted = attempts.filter(|attempt| unanswered && attempt.counts);
    Some(ClosingRow {
        number: policy.tag(ticket.id),
        subject: ticket.thread.subject.clone(),
        closed_as,
        at,
        attempts: counted.map(|attempt| attempt.at).collect(),
    })
}

fn open(ticket: &Ticket, policy: &Policy, period: &Period) -> Option<OpenRow> {
    let pending = pending(ticket, policy, period.until)?;
    let owes = match pending.waits_for {
        // What only the client's mail can end is the client's step, whoever looks at the date.
        _ if pending.step == NextStep::Formalize => "client",
        Awaiting::Breaching | Awaiting::Consultant => "us",
        Awaiting::Client | Awaiting::Proposed => "client",
        Awaiting::ThirdParty => "third_party",
    };
    Some(OpenRow {
        number: policy.tag(ticket.id),
        subject: ticket.thread.subject.clone(),
        priority: ticket.priority,
        status: ticket.status,
        owes,
        step: pending.step,
        attempt: pending.attempt,
        at: pending.at,
        overdue: pending.overdue,
    })
}

fn decisions(ticket: &Ticket, policy: &Policy) -> Vec<DecisionRow> {
    let row = |what: &'static str, since: DateTime<Utc>| DecisionRow {
        what,
        number: policy.tag(ticket.id),
        subject: ticket.thread.subject.clone(),
        since,
        minutes: None,
        reason: String::new(),
        consultant: None,
    };
    let mut rows = Vec::new();
    if let Some(call) = waits::formalizing(ticket, policy) {
        rows.push(row("formalize", call.asked_at));
    }
    let request = budget::open_request(ticket).and_then(|request| {
        ticket
            .history
            .iter()
            .rev()
            .find_map(|dated| match &dated.fact {
                Fact::BudgetAsked {
                    inbound, reason, ..
                } if *inbound == request.inbound => Some(DecisionRow {
                    minutes: Some(request.minutes),
                    reason: reason.clone(),
                    consultant: Some(consultant(request.by, policy)),
                    ..row("budget", dated.at)
                }),
                _ => None,
            })
    });
    rows.extend(request);
    rows
}

/// The line that says what a mail authorized.
fn authorized_by(ticket: &Ticket, mail: InboundId) -> Option<String> {
    let says = |charge: &&Charge| {
        charge.line.kind == ChargeKind::Budget && charge.line.source == Some(mail)
    };
    ticket
        .charges
        .iter()
        .find(says)
        .map(|charge| tag(charge.id))
}

fn approvals(books: &Books, ticket: &Ticket, policy: &Policy, period: &Period) -> Vec<ApprovalRow> {
    let mail = |id: &InboundId| books.mails.get(id).cloned();
    let in_period = ticket.history.iter().filter(|dated| period.holds(dated.at));
    let rows = in_period.filter_map(|dated| {
        let row = |what: &'static str, inbound: &InboundId| ApprovalRow {
            what,
            number: policy.tag(ticket.id),
            subject: ticket.thread.subject.clone(),
            at: dated.at,
            by: None,
            minutes: None,
            line: None,
            from: None,
            to: None,
            mail: mail(inbound),
        };
        let by = |address: &super::address::Address| Some(books.name(address));
        Some(match &dated.fact {
            Fact::BudgetApproved {
                by: who,
                inbound,
                minutes,
            } => ApprovalRow {
                by: by(who),
                minutes: Some(*minutes),
                line: authorized_by(ticket, *inbound),
                ..row("approved", inbound)
            },
            Fact::BudgetRefused { by: who, inbound } => ApprovalRow {
                by: by(who),
                ..row("refused", inbound)
            },
            Fact::WindowAccepted {
                from,
                to,
                asked_by,
                asked_in,
                ..
            } => ApprovalRow {
                by: by(asked_by),
                from: Some(*from),
                to: Some(*to),
                ..row("window", asked_in)
            },
            Fact::Formalized { inbound } => row("formalized", inbound),
            _ => return None,
        })
    });
    rows.collect()
}
