//! A due row's time has come: what is still true is done, and the rows are computed anew.
//!
//! A timer is an event like a mail, decided on the ticket's recorded history at the time of the
//! decision, so a row that is late, early or of another time does no harm.

use chrono::{DateTime, Utc};

use super::address::Person;
use super::announce::{alert, facts, on_duty};
use super::budget::{self, Budget};
use super::case::Case;
use super::client_mail::{to_authorizers, to_client_side};
use super::clock::Opening;
use super::closing::close;
use super::contact::{self, ContactPlan, Step};
use super::desk::Draft;
use super::effect::{Decision, Effect, Manner};
use super::escalation::{self, Reached};
use super::event::DueKind;
use super::letter::{AlertLine, AlertReason, Letter, RequestReminder};
use super::lifecycle::next_opening;
use super::policy::Policy;
use super::ticket::{ClockName, ClosedAs, Fact, Priority, Stage, Ticket};
use super::waits;

/// Decides about a due row of `ticket`.
pub fn fire(
    ticket: &Ticket,
    kind: DueKind,
    case: &Case,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Decision {
    let timer = Timer {
        ticket,
        case,
        policy,
        now,
    };
    match kind {
        DueKind::Response => timer.clock(ClockName::Response),
        DueKind::NextReply => timer.clock(ClockName::NextReply),
        DueKind::Solution => timer.clock(ClockName::Solution),
        DueKind::Contact => timer.contact(),
        DueKind::Update => timer.update(),
        DueKind::Formalize => timer.formalize(),
        DueKind::Budget => timer.budget(),
        DueKind::Review => timer.nothing("still open, reviewed"),
    }
}

struct Timer<'a> {
    ticket: &'a Ticket,
    case: &'a Case,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl Timer<'_> {
    fn draft(&self) -> Draft {
        Draft::of(self.ticket)
    }

    fn is_open_now(&self) -> bool {
        self.ticket.calendar(self.policy).is_open(self.now)
    }

    /// The ticket with its rows computed anew, and what else follows.
    fn done(&self, draft: Draft, mut effects: Vec<Effect>, why: &str) -> Decision {
        effects.insert(0, draft.save(self.policy, self.now));
        Decision {
            effects,
            why: vec![format!("{}: {why}", self.policy.tag(self.ticket.id))],
        }
    }

    fn nothing(&self, why: &str) -> Decision {
        self.done(self.draft(), Vec::new(), why)
    }

    /// Alerts to the assignee, or to the level, each consultant his own line.
    fn alerts(&self, draft: &Draft, reason: AlertReason, at: DateTime<Utc>) -> Vec<Effect> {
        self.alerts_with(draft, reason, None, at)
    }

    fn alerts_with(
        &self,
        draft: &Draft,
        reason: AlertReason,
        percent: Option<u8>,
        at: DateTime<Utc>,
    ) -> Vec<Effect> {
        let line = AlertLine {
            ticket: facts(&draft.ticket, self.policy),
            reason,
            percent,
            at,
        };
        on_duty(&draft.ticket, self.policy)
            .into_iter()
            .map(|consultant| alert(consultant, &draft.ticket, &line))
            .collect()
    }

    /// Policy §3: the highest stage that was crossed is told, once, in support hours except for
    /// critical tickets.
    fn clock(&self, name: ClockName) -> Decision {
        let crossed = escalation::crossed(self.ticket, name, self.policy, self.now);
        let may_tell = self.ticket.priority == Priority::Critical || self.is_open_now();
        let Some(reached) = crossed.filter(|_| may_tell) else {
            return self.nothing("no alert is due");
        };
        let Reached {
            stage, shown_at, ..
        } = reached;
        let mut draft = self.draft();
        draft.record(self.now, Fact::Alerted { clock: name, stage });
        let (reason, percent) = reason(name, stage);
        let alerts = self.alerts_with(&draft, reason, percent, shown_at);
        let how_far = match percent {
            Some(percent) => format!("{percent} % of the time has passed"),
            None => reason.name().replace('_', " "),
        };
        let why = format!(
            "{} clock, {how_far}: the consultants are alerted",
            name.name()
        );
        self.done(draft, alerts, &why)
    }

    /// Policy §4: at 75 % of the authorized time the consultant is warned, and when all of it is used.
    fn budget(&self) -> Decision {
        let may_tell = self.ticket.priority == Priority::Critical || self.is_open_now();
        let warning = budget::warning(self.ticket, self.policy).filter(|_| may_tell);
        let Some(percent) = warning else {
            return self.nothing("no share of the authorized time is to be told");
        };
        let authorized = Budget::of(self.ticket, self.policy).authorized;
        let mut draft = self.draft();
        draft.record(
            self.now,
            Fact::BudgetWarned {
                percent,
                authorized,
            },
        );
        let alerts = self.alerts_with(&draft, AlertReason::Budget, Some(percent), self.now);
        let why = format!("{percent} % of the authorized time is used: the consultants are told");
        self.done(draft, alerts, &why)
    }

    fn contact(&self) -> Decision {
        let Some(plan) = contact::plan(self.ticket, self.policy) else {
            return self.nothing("the client owes nothing any more");
        };
        match plan.step {
            Step::Attempt { at, .. } | Step::Close { at } if at > self.now => {
                self.nothing("the plan's next step is not due yet")
            }
            // What waits in the held mail may be the answer: a person must look before the client
            // is reminded of it, or the ticket closed over it.
            Step::Attempt { .. } | Step::Close { .. } if self.case.held_waiting => self.put_off(),
            Step::Attempt { number, .. } if self.is_open_now() => self.attempt(&plan, number),
            Step::Attempt { .. } => self.nothing("an attempt goes out in support hours"),
            Step::Close { .. } => self.end(&plan),
            Step::UnderWay { .. } | Step::Stopped | Step::Exhausted => {
                self.nothing("the plan waits for a server or for a consultant")
            }
        }
    }

    /// The plan's row at the next opening, and a nag until somebody has looked.
    fn put_off(&self) -> Decision {
        let mut draft = self.draft();
        let until = next_opening(self.ticket.calendar(self.policy), self.now);
        draft.record(self.now, Fact::PlanPutOff { until });
        let alerts = self.alerts(&draft, AlertReason::HeldWaits, self.now);
        let why = "the plan stands still, a held mail may be the client's answer";
        self.done(draft, alerts, why)
    }

    /// Policy §6: each attempt names its number and, from the last one on, the closing date.
    fn attempt(&self, plan: &ContactPlan, number: u32) -> Decision {
        let mut draft = self.draft();
        draft.record(self.now, Fact::AttemptQueued { number });
        let of = self.policy.contact.attempts;
        let ahead = contact::plan(&draft.ticket, self.policy);
        let is_last = number >= of;
        let closes_at = ahead.as_ref().map(|plan| plan.closes_at);
        let calendar = self.ticket.calendar(self.policy);
        let days = self.policy.contact.interval_business_days;
        let next_at = calendar.contact_instant_after(self.now, plan.asked_at, days);
        let request = budget::open_request(self.ticket).map(|request| RequestReminder {
            minutes: request.minutes,
            reason: request.reason.to_owned(),
            code: request.code.to_owned(),
        });
        let question = self.case.last_words.as_ref().map_or("", |last| &last.text);
        let question = if request.is_some() { "" } else { question };
        let letter = |name: &str| Letter::ContactAttempt {
            ticket: facts(&draft.ticket, self.policy),
            name: name.to_owned(),
            number,
            of,
            asked_at: plan.asked_at,
            question: question.to_owned(),
            request: request.clone(),
            closes_at: closes_at.filter(|_| is_last),
            next_at: (!is_last).then_some(next_at),
        };
        let key = format!("contact_attempt:{}:{}", number, self.now.timestamp_millis());
        let mut mails = to_client_side(
            &draft.ticket,
            self.case.last_words.as_ref(),
            Manner::Timer,
            &key,
            self.now,
            letter,
        );
        // Policy §4: whoever may approve is reminded, also where he takes no part.
        let others: Vec<Person> = self
            .case
            .approvers
            .iter()
            .filter(|person| !draft.ticket.has_participant(&person.address))
            .cloned()
            .collect();
        mails.extend(to_authorizers(
            &draft.ticket,
            &others,
            &key,
            self.now,
            letter,
        ));
        let why = format!("contact attempt {number} of {of}");
        self.done(draft, mails, &why)
    }

    /// Policy §6: the plan is over. Critical tickets wait for a consultant's word.
    fn end(&self, plan: &ContactPlan) -> Decision {
        if plan.needs_word {
            let mut draft = self.draft();
            draft.record(self.now, Fact::PlanExhausted);
            let alerts = self.alerts(&draft, AlertReason::PlanExhausted, plan.closes_at);
            let why = "every attempt was made; a critical ticket waits for a consultant's word";
            return self.done(draft, alerts, why);
        }
        let how = contact::ending(self.ticket.status);
        let mut draft = self.draft();
        let mut mails = close(
            &mut draft,
            how,
            "",
            None,
            self.case.last_words.as_ref(),
            self.policy,
            self.now,
        );
        let reason = match how {
            ClosedAs::NotApproved => AlertReason::ClosedNotApproved,
            _ => AlertReason::ClosedUnattended,
        };
        mails.extend(self.alerts(&draft, reason, self.now));
        let made = plan.attempts.iter().filter(|a| a.counts).count();
        let why = format!("closed ({}) after {made} attempts", how.name());
        self.done(draft, mails, &why)
    }

    /// Policy §5: the client hears of us while a third party is waited for.
    fn update(&self) -> Decision {
        let due = waits::update_at(self.ticket, self.policy).filter(|at| *at <= self.now);
        let since = waits::third_party_since(self.ticket);
        let (Some(_), Some(since), true) = (due, since, self.is_open_now()) else {
            return self.nothing("no update is due");
        };
        let mut draft = self.draft();
        draft.record(self.now, Fact::UpdateQueued);
        let next_at = waits::update_at(&draft.ticket, self.policy);
        let letter = |name: &str| Letter::ThirdPartyUpdate {
            ticket: facts(&draft.ticket, self.policy),
            name: name.to_owned(),
            since,
            next_at,
        };
        let key = format!("third_party_update:{}", self.now.timestamp_millis());
        let mails = to_client_side(
            &draft.ticket,
            self.case.last_words.as_ref(),
            Manner::Timer,
            &key,
            self.now,
            letter,
        );
        self.done(
            draft,
            mails,
            "the client is told that a third party is still waited for",
        )
    }

    /// Policy §2: a reminder to the authorizers, and in the end a consultant decides.
    fn formalize(&self) -> Decision {
        let Some(call) = waits::formalizing(self.ticket, self.policy) else {
            return self.nothing("it is official");
        };
        let passed = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= self.now);
        let mut draft = self.draft();
        if passed(call.decide_at) {
            draft.record(self.now, Fact::FormalizeOverdue);
            let alerts = self.alerts(&draft, AlertReason::FormalizeOverdue, call.called_at);
            let why = "nobody made the call official in time: a consultant decides";
            return self.done(draft, alerts, why);
        }
        if !passed(call.remind_at) {
            return self.nothing("no reminder is due");
        }
        draft.record(self.now, Fact::FormalizeReminded);
        let mails = to_authorizers(
            &draft.ticket,
            &self.case.authorizers,
            "formalize_reminder",
            self.now,
            |name| Letter::FormalizeRequest {
                ticket: facts(&draft.ticket, self.policy),
                name: name.to_owned(),
                by_phone: Opening::of(&draft.ticket).by_phone,
                called_at: call.called_at,
                answer_by: call.decide_at,
                reminder: true,
            },
        );
        self.done(
            draft,
            mails,
            "the authorizers are reminded to make the call official",
        )
    }
}

/// What a stage of a clock is told as.
fn reason(clock: ClockName, stage: Stage) -> (AlertReason, Option<u8>) {
    use AlertReason as Reason;
    match (clock, stage) {
        (ClockName::Response, Stage::Target) => (Reason::ResponseTarget, None),
        (ClockName::Response, Stage::Percent(percent)) => (Reason::ResponsePercent, Some(percent)),
        (ClockName::Response, Stage::Breach) => (Reason::ResponseBreach, None),
        (ClockName::NextReply, _) => (Reason::NextReply, None),
        (ClockName::Solution, Stage::Target) => (Reason::SolutionTarget, None),
        (ClockName::Solution, Stage::Percent(percent)) => (Reason::SolutionPercent, Some(percent)),
        (ClockName::Solution, Stage::Breach) => (Reason::SolutionBreach, None),
    }
}
