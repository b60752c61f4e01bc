//! The account of a ticket as sentences for a letter (`#porque`, policy.md §9): each clock and plan a
//! chapter, each step of its arithmetic a line. The arithmetic itself is that of
//! [`clock`], [`contact`](super::contact) and [`account`](super::account).

use chrono::{DateTime, Datelike, Duration, Utc, Weekday};

use super::account::{
    Ahead, ClosedDay, DaysCounted, Made, Stretch, last_plan, plan_ahead, plan_behind, shown,
};
use super::address::Address;
use super::calendar::{Calendar, Closed};
use super::clock::{self, ClockSegment, KindChange, Opening, Reclassification, ResponseClock};
use super::contact::{ContactPlan, Step, Via};
use super::handover::name_of;
use super::policy::{ClockMode, Policy};
use super::survey::{AccountLine, Chapter, ClosedLine};
use super::ticket::{Fact, Status, Ticket};
use super::waits;

/// Most closed days that a line names.
pub const DAYS_MAX: usize = 10;

/// Most stretches of the response clock.
const STRETCHES_MAX: usize = 16;

/// Most states of the solution clock: the last ones.
const SEGMENTS_MAX: usize = 12;

/// Most stretches of one state.
const SEGMENT_STRETCHES_MAX: usize = 8;

/// Most changes of priority, of kind, and updates that are told: the last ones.
const CHANGES_MAX: usize = 10;

/// Every chapter, in order.
pub const CHAPTER_NAMES: [&str; 6] = [
    "response",
    "solution",
    "next_reply",
    "third_party",
    "call",
    "plan",
];

/// Every sentence.
pub const SENTENCE_NAMES: [&str; 60] = [
    "starts_mail",
    "starts_call",
    "starts_formal",
    "starts_pending",
    "opened_business",
    "opened_wall",
    "raised",
    "lowered",
    "lowered_kept",
    "changed_after",
    "target",
    "limit",
    "limit_closing",
    "counted",
    "not_counted",
    "left_out",
    "met",
    "unmet",
    "never_met",
    "time_left",
    "kept_closing",
    "time_over",
    "starts_answer",
    "starts_unanswered",
    "kind_opened",
    "kind_shorter",
    "kind_longer",
    "states_left_out",
    "runs",
    "runs_now",
    "stands",
    "stands_now",
    "ended",
    "used",
    "due",
    "due_paused",
    "due_open",
    "asked_reply",
    "third_since",
    "third_case",
    "third_told",
    "third_update",
    "called",
    "remind",
    "reminded",
    "decide",
    "decided",
    "plan_asked",
    "attempt_mail",
    "attempt_phone",
    "attempt_back",
    "attempt_under_way",
    "attempt_ahead",
    "attempt_not_before",
    "attempt_put_off",
    "closes",
    "closes_put_off",
    "closes_word",
    "plan_stopped",
    "plan_exhausted",
];

/// The chapters of a ticket whose clocks are told for `now`; those that say nothing are left out.
pub fn chapters(ticket: &Ticket, policy: &Policy, now: DateTime<Utc>) -> Vec<Chapter> {
    let teller = Teller {
        ticket,
        policy,
        calendar: ticket.calendar(policy),
        now,
    };
    CHAPTER_NAMES
        .into_iter()
        .map(|name| Chapter {
            name,
            lines: match name {
                "response" => teller.response(),
                "solution" => teller.solution(),
                "next_reply" => teller.next_reply(),
                "third_party" => teller.third_party(),
                "call" => teller.call(),
                _ => teller.plan(),
            },
        })
        .filter(|chapter| !chapter.lines.is_empty())
        .collect()
}

struct Teller<'a> {
    ticket: &'a Ticket,
    policy: &'a Policy,
    calendar: &'a Calendar,
    now: DateTime<Utc>,
}

fn line(what: &'static str) -> AccountLine {
    AccountLine {
        what,
        ..AccountLine::default()
    }
}

fn dated(what: &'static str, at: DateTime<Utc>) -> AccountLine {
    AccountLine {
        at: Some(at),
        ..line(what)
    }
}

fn lasting(what: &'static str, time: Duration) -> AccountLine {
    AccountLine {
        minutes: Some(time.num_minutes()),
        ..line(what)
    }
}

fn counted_in(number: usize) -> Option<u64> {
    u64::try_from(number).ok()
}

impl Teller<'_> {
    fn name(&self, by: &Address) -> String {
        name_of(by, self.policy)
    }

    /// Policy §3: what was promised, what each other priority did to it, what was counted.
    fn response(&self) -> Vec<AccountLine> {
        let opening = Opening::of(self.ticket);
        let clock = clock::response(self.ticket, self.policy);
        if clock.pending {
            return vec![line("starts_pending")];
        }
        let starts = match (opening.by_phone, clock.start == opening.at) {
            (false, _) => "starts_mail",
            (true, true) => "starts_call",
            (true, false) => "starts_formal",
        };
        let changes = clock::reclassifications(self.ticket, self.policy);
        let terms = self.policy.response_terms(opening.priority);
        let mut lines = vec![
            dated(starts, clock.start),
            AccountLine {
                minutes: Some(terms.target.num_minutes()),
                of_minutes: Some(terms.limit.num_minutes()),
                at: Some(
                    changes
                        .first()
                        .map_or(clock.limit_at, |c| c.before.limit_at),
                ),
                new: opening.priority.name(),
                sort: "priority",
                ..line(match terms.clock {
                    ClockMode::Business => "opened_business",
                    ClockMode::Wall => "opened_wall",
                })
            },
        ];
        let skip = changes.len().saturating_sub(CHANGES_MAX);
        lines.extend(changes.iter().skip(skip).map(|c| self.reclassified(c)));
        lines.extend(self.unmoved(&clock));
        lines.push(dated("target", clock.target_at));
        lines.push(if clock.limit_open_at == clock.limit_at {
            dated("limit", clock.limit_at)
        } else {
            AccountLine {
                to: Some(clock.limit_open_at),
                ..dated("limit_closing", clock.limit_at)
            }
        });
        let until = clock.end(self.now);
        lines.extend(self.stretches(clock.mode, (clock.start, until), STRETCHES_MAX, false));
        let elapsed = clock.elapsed(self.calendar, until);
        lines.push(match clock.met_at {
            Some(at) => AccountLine {
                at: Some(at),
                ..lasting("met", elapsed)
            },
            None if self.ticket.is_open() => lasting("unmet", elapsed),
            None => lasting("never_met", elapsed),
        });
        lines.push(self.kept(&clock, until));
        lines
    }

    /// Policy §3: raised: due = min(old due, change + new limit); lowered: due = start + new limit; a
    /// click never breaches.
    fn reclassified(&self, change: &Reclassification) -> AccountLine {
        let what = if change.raised() {
            "raised"
        } else if change.after.limit_at == change.alone.limit_at {
            "lowered"
        } else {
            "lowered_kept"
        };
        let terms = self.policy.response_terms(change.to);
        AccountLine {
            before: Some(change.before.limit_at),
            alone: Some(change.alone.limit_at),
            to: Some(change.after.limit_at),
            minutes: Some(terms.limit.num_minutes()),
            who: self.name(change.by),
            old: change.from.name(),
            new: change.to.name(),
            sort: "priority",
            ..dated(what, change.at)
        }
    }

    /// Priorities given after the answer, which move nothing.
    fn unmoved(&self, clock: &ResponseClock) -> Vec<AccountLine> {
        self.ticket
            .history
            .iter()
            .filter(|dated| clock.met_at.is_some_and(|met| met < dated.at))
            .filter_map(|fact| match &fact.fact {
                Fact::PriorityChanged { to, by } => Some(AccountLine {
                    who: self.name(by),
                    new: to.name(),
                    sort: "priority",
                    ..dated("changed_after", fact.at)
                }),
                _ => None,
            })
            .take(CHANGES_MAX)
            .collect()
    }

    fn kept(&self, clock: &ResponseClock, until: DateTime<Utc>) -> AccountLine {
        let time = |from, to| match clock.mode {
            ClockMode::Business => self.calendar.between(from, to),
            ClockMode::Wall => to - from,
        };
        if clock.breached(self.now) {
            lasting("time_over", time(clock.limit_at, until))
        } else if until > clock.limit_at {
            AccountLine {
                to: Some(clock.limit_open_at),
                ..line("kept_closing")
            }
        } else {
            lasting("time_left", time(until, clock.limit_at))
        }
    }

    /// A span, stretch by stretch, and why what does not count does not.
    fn stretches(
        &self,
        mode: ClockMode,
        span: (DateTime<Utc>, DateTime<Utc>),
        max: usize,
        deep: bool,
    ) -> Vec<AccountLine> {
        let shown = shown(self.calendar, mode, span, max);
        let one = |stretch: &Stretch| AccountLine {
            deep,
            ..self.stretch(stretch)
        };
        let mut lines: Vec<AccountLine> = shown.first.iter().map(one).collect();
        if shown.left_out.0 > 0 {
            lines.push(AccountLine {
                deep,
                number: counted_in(shown.left_out.0),
                ..lasting("left_out", shown.left_out.1)
            });
        }
        lines.extend(shown.last.iter().map(one));
        lines
    }

    fn stretch(&self, stretch: &Stretch) -> AccountLine {
        let what = if stretch.counted {
            "counted"
        } else {
            "not_counted"
        };
        let (weekend, closed) = closed_days(&stretch.closed);
        AccountLine {
            weekend,
            closed,
            ..self.span(what, stretch.from, stretch.to)
        }
    }

    fn span(&self, what: &'static str, from: DateTime<Utc>, to: DateTime<Utc>) -> AccountLine {
        let day = |at| self.calendar.local(at).date_naive();
        AccountLine {
            at: Some(from),
            to: Some(to),
            same_day: day(from) == day(to),
            minutes: Some((to - from).num_minutes()),
            ..line(what)
        }
    }

    /// Policy §4: the clock's life by states, what each other kind did to it, and what is left.
    fn solution(&self) -> Vec<AccountLine> {
        let clock = clock::solution(self.ticket, self.policy, self.now);
        let Some(start) = clock.started_at else {
            return vec![line("starts_unanswered")];
        };
        let kind = Opening::of(self.ticket).kind;
        let mut lines = vec![
            dated("starts_answer", start),
            AccountLine {
                new: kind.name(),
                sort: "kind",
                ..lasting("kind_opened", self.policy.solution_terms(kind).limit)
            },
        ];
        let changes = clock::kind_changes(self.ticket, self.policy, self.now);
        let skip = changes.len().saturating_sub(CHANGES_MAX);
        lines.extend(changes.iter().skip(skip).map(|c| self.kind_changed(c)));
        let skip = clock.segments.len().saturating_sub(SEGMENTS_MAX);
        if skip > 0 {
            lines.push(AccountLine {
                number: counted_in(skip),
                ..line("states_left_out")
            });
        }
        for part in clock.segments.iter().skip(skip) {
            lines.extend(self.segment(part));
        }
        lines.push(AccountLine {
            of_minutes: Some(clock.limit.num_minutes()),
            ..lasting("used", clock.elapsed)
        });
        if clock.breached {
            lines.push(lasting("time_over", clock.elapsed - clock.limit));
        } else if self.ticket.is_open() {
            lines.push(match clock.due_at {
                Some(at) => dated("due", at),
                None if clock.paused => lasting("due_paused", clock.remaining()),
                None => lasting("due_open", clock.remaining()),
            });
        } else {
            lines.push(lasting("time_left", clock.remaining()));
        }
        lines
    }

    /// Policy §3, §4: to a shorter kind, due = min(old due, change + new limit); to a longer one, due
    /// = start + new limit.
    fn kind_changed(&self, change: &KindChange) -> AccountLine {
        let what = if change.shorter(self.policy) {
            "kind_shorter"
        } else {
            "kind_longer"
        };
        AccountLine {
            at: Some(change.at),
            who: self.name(change.by),
            old: change.from.name(),
            new: change.to.name(),
            sort: "kind",
            of_minutes: Some(change.after.limit.num_minutes()),
            ..lasting(what, change.run)
        }
    }

    fn segment(&self, part: &ClockSegment) -> Vec<AccountLine> {
        let until = part.to.unwrap_or(self.now).max(part.from);
        let what = match (part.status, part.runs(), part.to) {
            (Status::Closed, _, _) => "ended",
            (_, true, Some(_)) => "runs",
            (_, true, None) => "runs_now",
            (_, false, Some(_)) => "stands",
            (_, false, None) => "stands_now",
        };
        let open = self.calendar.between(part.from, until);
        let head = AccountLine {
            minutes: Some(open.num_minutes()),
            new: part.status.name(),
            sort: "status",
            ..self.span(what, part.from, until)
        };
        let mut lines = vec![head];
        if part.runs() {
            let span = (part.from, until);
            let max = SEGMENT_STRETCHES_MAX;
            lines.extend(self.stretches(ClockMode::Business, span, max, true));
        }
        lines
    }

    /// Internal: the policy promises a first answer only.
    fn next_reply(&self) -> Vec<AccountLine> {
        let clock = clock::next_reply(self.ticket, self.policy);
        let Some(clock) = clock.filter(|_| self.ticket.is_open()) else {
            return Vec::new();
        };
        let asked = self.ticket.history.get(clock.place);
        let who = asked.and_then(|dated| dated.fact.by());
        let kept = if self.now > clock.limit_open_at {
            let over = self.calendar.between(clock.limit_at, self.now);
            lasting("time_over", over)
        } else {
            let left = self.calendar.between(self.now, clock.limit_at);
            lasting("time_left", left)
        };
        vec![
            AccountLine {
                who: who.map_or_else(String::new, Address::to_string),
                ..dated("asked_reply", clock.asked_at)
            },
            dated("limit", clock.limit_at),
            kept,
        ]
    }

    fn third_party(&self) -> Vec<AccountLine> {
        let Some(since) = waits::third_party_since(self.ticket) else {
            return Vec::new();
        };
        let mut lines = vec![dated("third_since", since)];
        if let Some(case) = self.ticket.case_number() {
            lines.push(AccountLine {
                detail: case.to_owned(),
                ..line("third_case")
            });
        }
        let told: Vec<DateTime<Utc>> = self
            .ticket
            .history
            .iter()
            .filter(|dated| dated.at >= since && dated.fact == Fact::UpdateQueued)
            .map(|dated| dated.at)
            .collect();
        let skip = told.len().saturating_sub(CHANGES_MAX);
        lines.extend(
            told.into_iter()
                .skip(skip)
                .map(|at| dated("third_told", at)),
        );
        if let Some(at) = waits::update_at(self.ticket, self.policy) {
            lines.push(AccountLine {
                number: Some(self.policy.contact.update_business_days.into()),
                ..dated("third_update", at)
            });
        }
        lines
    }

    fn call(&self) -> Vec<AccountLine> {
        let Some(call) = waits::formalizing(self.ticket, self.policy) else {
            return Vec::new();
        };
        vec![
            dated("called", call.called_at),
            match call.remind_at {
                Some(at) => AccountLine {
                    at: Some(at),
                    ..lasting("remind", self.policy.phone.remind_after)
                },
                None => line("reminded"),
            },
            match call.decide_at {
                Some(at) => dated("decide", at),
                None => line("decided"),
            },
        ]
    }

    /// Policy §6: the question, what was tried and whether it counts, and the dates to come.
    fn plan(&self) -> Vec<AccountLine> {
        let Some(plan) = last_plan(self.ticket, self.policy) else {
            return Vec::new();
        };
        let asker = self.ticket.history.iter().rfind(|dated| {
            dated.at <= plan.asked_at && matches!(dated.fact, Fact::ReplyQueued { .. })
        });
        let who = asker.and_then(|dated| dated.fact.by());
        let mut lines = vec![AccountLine {
            who: who.map_or_else(String::new, |who| self.name(who)),
            ..dated("plan_asked", plan.asked_at)
        }];
        let made = plan_behind(&plan, self.calendar, self.policy);
        lines.extend(made.iter().map(|made| self.attempt(&plan, made)));
        if !self.ticket.is_open() {
            return lines;
        }
        match plan.step {
            Step::Stopped => lines.push(line("plan_stopped")),
            Step::Exhausted => lines.push(line("plan_exhausted")),
            Step::Attempt { .. } | Step::UnderWay { .. } | Step::Close { .. } => {}
        }
        let ahead = plan_ahead(self.ticket, &plan, self.policy);
        lines.extend(ahead.iter().map(|step| ahead_line(step, &plan)));
        lines
    }

    fn attempt(&self, plan: &ContactPlan, made: &Made) -> AccountLine {
        let attempt = &made.attempt;
        let under_way = Step::UnderWay {
            number: attempt.number,
        };
        let what = match (attempt.counts, attempt.via) {
            (true, Via::Mail) => "attempt_mail",
            (true, Via::Phone) => "attempt_phone",
            (false, _) if plan.step == under_way => "attempt_under_way",
            (false, _) => "attempt_back",
        };
        let by = self.ticket.history.iter().rfind(|dated| {
            dated.at == attempt.at && matches!(dated.fact, Fact::AttemptByPhone { .. })
        });
        let who = by.and_then(|dated| dated.fact.by());
        AccountLine {
            number: Some(attempt.number.into()),
            who: who.map_or_else(String::new, |who| self.name(who)),
            ..dated(what, attempt.at)
        }
    }
}

/// A step to come, and how its date comes about.
fn ahead_line(step: &Ahead, plan: &ContactPlan) -> AccountLine {
    let DaysCounted {
        base,
        days,
        skipped,
    } = &step.count;
    let (weekend, closed) = closed_days(skipped);
    let what = match step.attempt {
        Some(_) if step.put_off => "attempt_put_off",
        Some(_) if step.not_before.is_some() => "attempt_not_before",
        Some(_) => "attempt_ahead",
        None if step.put_off => "closes_put_off",
        None if plan.needs_word => "closes_word",
        None => "closes",
    };
    AccountLine {
        number: step.attempt.map(u64::from),
        minutes: i64::try_from(days.len()).ok(),
        day: Some(step.not_before.unwrap_or(*base)),
        weekend,
        closed,
        ..dated(what, step.at)
    }
}

/// Whether weekends are among them, and the others, at most [`DAYS_MAX`].
fn closed_days(days: &[ClosedDay]) -> (bool, Vec<ClosedLine>) {
    let is_weekend = |day: &ClosedDay| {
        day.why == Closed::Weekday && matches!(day.date.weekday(), Weekday::Sat | Weekday::Sun)
    };
    let others = days.iter().filter(|day| !is_weekend(day));
    let others = others.take(DAYS_MAX).map(|day| ClosedLine {
        date: day.date,
        why: day.why.name(),
    });
    (days.iter().any(is_weekend), others.collect())
}
