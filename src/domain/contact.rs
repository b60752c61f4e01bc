//! The contact plan (policy.md §6): the question, the attempts to reach the client, the closing.
//!
//! A plan is computed from the ticket's recorded history and stored nowhere. It begins with what
//! the client was asked, and anew with everything a person says: a plan is the last such beginning
//! and what followed it.

use chrono::{DateTime, Days, NaiveDate, TimeZone, Utc};

use super::address::Address;
use super::calendar::Calendar;
use super::clock::Opening;
use super::ids::OutboxId;
use super::policy::{ContactTerms, Policy};
use super::ticket::{ClosedAs, Fact, Priority, Status, Ticket};

/// The plan of a ticket that waits for its client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPlan {
    /// When the client was asked: when the question left, or was written while it has not.
    pub asked_at: DateTime<Utc>,
    /// What was tried, the question included where the house counts it; in order.
    pub attempts: Vec<Attempt>,
    /// What comes next.
    pub step: Step,
    /// When the ticket closes if nobody answers and everything leaves in time.
    pub closes_at: DateTime<Utc>,
    /// At the end of it a consultant decides.
    pub needs_word: bool,
}

/// An attempt to reach the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// When it left, or was queued while it has not left.
    pub at: DateTime<Utc>,
    /// By which medium.
    pub via: Via,
    /// It left, and did not come back.
    pub counts: bool,
}

/// How an attempt was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By a mail of ours.
    Mail,
    /// By a consultant's call.
    Phone,
}

impl Via {
    /// The name used in JSON and in templates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Phone => "phone",
        }
    }
}

/// What a plan does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An attempt is due.
    Attempt {
        /// Which, counted from 1.
        number: u32,
        /// When; not before, and in support hours.
        at: DateTime<Utc>,
    },
    /// An attempt is queued and no server has accepted it yet: nothing is decided before that
    /// (mail.md §6).
    UnderWay {
        /// Which.
        number: u32,
    },
    /// The ticket closes.
    Close {
        /// When.
        at: DateTime<Utc>,
    },
    /// A mail to the requester came back: a consultant has to find another address.
    Stopped,
    /// Everything was tried, and only a consultant may close the ticket.
    Exhausted,
}

/// Whether the client owes the next step, so that a plan runs (policy.md §6).
pub fn runs_in(status: Status) -> bool {
    matches!(
        status,
        Status::WaitingClient | Status::WaitingApproval | Status::Proposed
    )
}

/// How a ticket in `status` ends when its plan does (policy.md §5).
pub fn ending(status: Status) -> ClosedAs {
    match status {
        Status::WaitingApproval => ClosedAs::NotApproved,
        _ => ClosedAs::Unattended,
    }
}

/// The ticket's present plan; none where the client owes nothing.
pub fn plan(ticket: &Ticket, policy: &Policy) -> Option<ContactPlan> {
    let round = Round::last(ticket).filter(|round| !round.over)?;
    let terms = policy.contact;
    let calendar = ticket.calendar(policy);
    let attempts = round.tried(terms);
    let step = round.step(ticket, &attempts, terms, calendar);
    let closes_at = round.closing(&step, &attempts, terms, calendar);
    Some(ContactPlan {
        asked_at: round.asked_at,
        attempts,
        step,
        closes_at,
        needs_word: round.needs_word(ticket, terms),
    })
}

/// What was tried before the answer that is still waited for, or before the ticket closed without
/// one: the evidence.
pub fn attempts(ticket: &Ticket, policy: &Policy) -> Vec<Attempt> {
    Round::last(ticket).map_or_else(Vec::new, |round| round.tried(policy.contact))
}

impl ContactPlan {
    /// The number that the next attempt bears.
    pub fn next_number(&self) -> u32 {
        next_number(&self.attempts)
    }

    /// Whether somebody was tried on that local day already (policy.md §6: one a day at most).
    pub fn tried_on(&self, day: NaiveDate, calendar: &Calendar) -> bool {
        self.attempts
            .iter()
            .any(|attempt| calendar.local(attempt.at).date_naive() == day)
    }

    /// When something is due by itself; none where a server or a person must come first.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        match self.step {
            Step::Attempt { at, .. } | Step::Close { at } => Some(at),
            Step::UnderWay { .. } | Step::Stopped | Step::Exhausted => None,
        }
    }
}

fn next_number(attempts: &[Attempt]) -> u32 {
    let counted = attempts.iter().filter(|attempt| attempt.counts).count();
    u32::try_from(counted).unwrap_or(u32::MAX).saturating_add(1)
}

/// The part of a ticket's history that the present plan rests on.
#[derive(Debug, Clone)]
struct Round {
    asked_at: DateTime<Utc>,
    /// The question's outgoing mail, once it left.
    question: Option<OutboxId>,
    question_failed: bool,
    /// The client is known not to answer before that day.
    until: Option<NaiveDate>,
    /// What was tried after the question, each with its outgoing mail once it left.
    attempts: Vec<(Attempt, Option<OutboxId>)>,
    underway: Option<u32>,
    stopped: bool,
    /// A mail came back since the last attempt that was made.
    unreached: bool,
    /// The last attempt was made while the ticket was critical: it promised no closing.
    last_critical: bool,
    exhausted: bool,
    /// Nothing happens before: somebody has to look at a held mail.
    put_off: Option<DateTime<Utc>>,
    /// The ticket closed in it.
    over: bool,
}

impl Round {
    fn from(at: DateTime<Utc>) -> Self {
        Self {
            asked_at: at,
            question: None,
            question_failed: false,
            until: None,
            attempts: Vec::new(),
            underway: None,
            stopped: false,
            unreached: false,
            last_critical: false,
            exhausted: false,
            put_off: None,
            over: false,
        }
    }

    /// What was tried, the question first where the house counts it.
    fn tried(&self, terms: ContactTerms) -> Vec<Attempt> {
        let question = terms.question_counts_as_attempt.then_some(Attempt {
            number: 1,
            at: self.asked_at,
            via: Via::Mail,
            counts: !self.question_failed,
        });
        question
            .into_iter()
            .chain(self.attempts.iter().map(|(attempt, _)| attempt.clone()))
            .collect()
    }

    /// The last beginning in the history, and what followed it.
    fn last(ticket: &Ticket) -> Option<Self> {
        let mut round: Option<Self> = None;
        let mut priority = Opening::of(ticket).priority;
        for dated in &ticket.history {
            match (&dated.fact, &mut round) {
                (Fact::PriorityChanged { to, .. }, _) => priority = *to,
                (Fact::StatusChanged { to, .. }, Some(last)) if *to == Status::Closed => {
                    last.over = true;
                }
                (Fact::StatusChanged { to, .. }, _) => {
                    round = runs_in(*to).then(|| Self::from(dated.at));
                }
                (_, Some(last)) if last.over => {}
                // Policy §5: what a person says in between begins the plan anew.
                // Policy §1: whoever has the ticket now was not asked yet.
                (
                    Fact::ReplyQueued { .. }
                    | Fact::ClientWrote { .. }
                    | Fact::RequesterChanged { .. },
                    Some(_),
                ) => {
                    round = Some(Self::from(dated.at));
                }
                (fact, Some(round)) => {
                    let critical = priority == Priority::Critical;
                    round.follow(dated.at, fact, critical, ticket);
                }
                (_, None) => {}
            }
        }
        round
    }

    fn follow(&mut self, at: DateTime<Utc>, fact: &Fact, critical: bool, ticket: &Ticket) {
        match fact {
            Fact::ReplySent { outbox, .. } if self.question.is_none() => {
                self.question = Some(*outbox);
                self.asked_at = at;
            }
            Fact::WaitingUntil { day } => self.until = Some(*day),
            Fact::AttemptQueued { number } => {
                self.underway = Some(*number);
                self.last_critical = critical;
                self.push(*number, at, Via::Mail, false, None);
            }
            Fact::AttemptSent { number, outbox } if self.underway == Some(*number) => {
                self.underway = None;
                self.unreached = false;
                self.attempts.pop();
                self.push(*number, at, Via::Mail, true, Some(*outbox));
            }
            Fact::AttemptByPhone { number, .. } => {
                self.unreached = false;
                self.last_critical = critical;
                self.push(*number, at, Via::Phone, true, None);
            }
            Fact::PlanExhausted => self.exhausted = true,
            Fact::PlanPutOff { until } => self.put_off = Some(*until),
            Fact::DeliveryFailed { outbox, to, .. } => self.failed(*outbox, to, ticket),
            _ => {}
        }
    }

    fn push(
        &mut self,
        number: u32,
        at: DateTime<Utc>,
        via: Via,
        counts: bool,
        outbox: Option<OutboxId>,
    ) {
        let attempt = Attempt {
            number,
            at,
            via,
            counts,
        };
        self.attempts.push((attempt, outbox));
    }

    /// Policy §6: a bounce stops the plan, whatever mail to the requester it was that came back; an
    /// attempt that came back was none.
    fn failed(&mut self, outbox: OutboxId, to: &Address, ticket: &Ticket) {
        if ticket.is_copy(to) {
            return;
        }
        self.stopped = true;
        self.unreached = true;
        self.underway = None;
        self.question_failed |= self.question == Some(outbox);
        for (attempt, of) in &mut self.attempts {
            if *of == Some(outbox) {
                attempt.counts = false;
            }
        }
    }

    fn step(
        &self,
        ticket: &Ticket,
        attempts: &[Attempt],
        terms: ContactTerms,
        calendar: &Calendar,
    ) -> Step {
        let number = next_number(attempts);
        if let Some(number) = self.underway {
            Step::UnderWay { number }
        } else if number > terms.attempts && !self.unreached {
            let at = closing_after(self.base(attempts), terms, calendar);
            if self.exhausted && self.needs_word(ticket, terms) {
                Step::Exhausted
            } else {
                Step::Close {
                    at: self.waited(at),
                }
            }
        } else if self.stopped {
            Step::Stopped
        } else {
            let base = self.base(attempts);
            let at = self.attempt_after(base, attempts, terms, calendar);
            let at = self.waited(at);
            Step::Attempt { number, at }
        }
    }

    /// Policy §6: a critical ticket is closed on a consultant's word alone, and so is one whose last
    /// attempt said so, whatever it is called since.
    fn needs_word(&self, ticket: &Ticket, terms: ContactTerms) -> bool {
        !terms.close_critical && (ticket.priority == Priority::Critical || self.last_critical)
    }

    fn waited(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.put_off.map_or(at, |until| at.max(until))
    }

    /// Where the days to the next step are counted from: the last attempt that counts, whenever it
    /// really left, or the question.
    fn base(&self, attempts: &[Attempt]) -> DateTime<Utc> {
        let last = attempts.iter().rev().find(|attempt| attempt.counts);
        last.map_or(self.asked_at, |attempt| attempt.at)
    }

    /// Policy §6: so many business days later, at the question's wall time, in support hours. The
    /// first attempt also waits for the day that the wait was said to last until.
    fn attempt_after(
        &self,
        base: DateTime<Utc>,
        attempts: &[Attempt],
        terms: ContactTerms,
        calendar: &Calendar,
    ) -> DateTime<Utc> {
        let days = terms.interval_business_days;
        let at = calendar.contact_instant_after(base, self.asked_at, days);
        let tried = attempts.iter().any(|attempt| attempt.counts);
        match self.until.filter(|_| !tried) {
            Some(day) => at.max(on_or_after(calendar, day, self.asked_at)),
            None => at,
        }
    }

    /// When the ticket closes if everything still to come happens in time.
    fn closing(
        &self,
        step: &Step,
        attempts: &[Attempt],
        terms: ContactTerms,
        calendar: &Calendar,
    ) -> DateTime<Utc> {
        let mut base = self.base(attempts);
        let mut number = match step {
            Step::Close { at } => return *at,
            Step::UnderWay { number } => {
                base = attempts.last().map_or(base, |attempt| attempt.at);
                number.saturating_add(1)
            }
            Step::Attempt { number, at } => {
                base = *at;
                number.saturating_add(1)
            }
            Step::Stopped | Step::Exhausted => next_number(attempts),
        };
        // Bounded by the configuration: 20 attempts at most.
        while number <= terms.attempts {
            let days = terms.interval_business_days;
            base = calendar.contact_instant_after(base, self.asked_at, days);
            number += 1;
        }
        closing_after(base, terms, calendar)
    }
}

/// Policy §6: closing time of so many business days after the last attempt.
fn closing_after(base: DateTime<Utc>, terms: ContactTerms, calendar: &Calendar) -> DateTime<Utc> {
    let days = terms.interval_business_days;
    let closing = calendar.closing_after(base, days);
    closing.unwrap_or_else(|| calendar.contact_instant_after(base, base, days))
}

/// The first business day on or after `day`, at the wall time of `wall_of`, in support hours.
pub fn on_or_after(calendar: &Calendar, day: NaiveDate, wall_of: DateTime<Utc>) -> DateTime<Utc> {
    // Noon exists in every zone on every day; what matters is the date.
    let eve = day.checked_sub_days(Days::new(1)).unwrap_or(day);
    let noon = eve.and_hms_opt(12, 0, 0).unwrap_or_default();
    let base = calendar.zone().from_local_datetime(&noon).earliest();
    let base = base.map_or(wall_of, |base| base.with_timezone(&Utc));
    calendar.contact_instant_after(base, wall_of, 1)
}
