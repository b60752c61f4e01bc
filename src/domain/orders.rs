//! What a consultant's commands come to (policy.md §5 and §9): all are checked, then all are
//! carried out in one decision, or none is.

use super::admission::Admission;
use super::announce::{alert, facts, on_arrival};
use super::client_mail::to_client_side;
use super::closing::{close, withdraw};
use super::command::{Assignee, Awaited, Closing, Command, Instructions};
use super::contact::{self, Step};
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::handover::hand_over;
use super::ids::TicketId;
use super::intake::Intake;
use super::letter::{AlertLine, AlertReason, CommandMistake, Letter, LetterKind};
use super::lifecycle::{Transition, after_plain_reply};
use super::merging;
use super::message::Verdict;
use super::participants;
use super::policy::{Consultant, Policy};
use super::question;
use super::splitting;
use super::succession;
use super::ticket::{ClosedAs, Fact, Link, Priority, Status, Ticket};
use super::waits;

pub use super::refusal::Refusal;

/// A consultant's commands about a ticket.
#[derive(Debug, Clone, Copy)]
pub struct Orders<'a> {
    /// The mail they are in.
    pub intake: &'a Intake<'a>,
    /// Whose they are.
    pub consultant: &'a Consultant,
    /// What they are about.
    pub ticket: &'a Ticket,
    /// What they say.
    pub instructions: &'a Instructions,
}

impl Orders<'_> {
    fn policy(&self) -> &Policy {
        self.intake.policy
    }

    fn commands(&self) -> impl Iterator<Item = &Command> {
        self.instructions
            .commands
            .iter()
            .map(|ordered| &ordered.command)
    }

    /// Whether the words of the mail are for the client.
    pub fn goes_out(&self) -> bool {
        !self.instructions.text.is_empty() && !self.commands().any(|c| *c == Command::Note)
    }

    /// What the commands themselves say to the client: why the ticket is closed.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.commands().filter_map(|command| match command {
            Command::Close { reason, .. } => Some(reason.as_str()),
            _ => None,
        })
    }

    /// Whether the words propose a solution.
    pub fn proposes(&self) -> bool {
        self.commands().any(|c| *c == Command::Resolved)
    }

    /// Everything that keeps the commands from being carried out, line by line.
    pub fn objections(&self) -> Vec<CommandMistake> {
        self.instructions
            .commands
            .iter()
            .filter_map(|ordered| {
                let refusal = self.refusal(&ordered.command)?;
                Some(CommandMistake::refused(&ordered.line, refusal))
            })
            .chain(self.admission().objections())
            .collect()
    }

    /// The same mail, as far as it says who may ask and which held mail comes in.
    pub fn admission(&self) -> Admission<'_> {
        Admission {
            intake: self.intake,
            consultant: self.consultant,
            ticket: Some(self.ticket),
            ordered: &self.instructions.commands,
        }
    }

    fn refusal(&self, command: &Command) -> Option<Refusal> {
        if !self.ticket.is_open() && *command != Command::Reopen {
            // What needs no ticket does not mind its end; words for the client do.
            let reopens = self.commands().any(|c| *c == Command::Reopen);
            let corrects = matches!(command, Command::Undo | Command::Reverse { .. });
            let may = command.is_errand() || command.asks() || corrects;
            if !may || (self.goes_out() && !reopens) {
                return Some(Refusal::Closed);
            }
        }
        if self.goes_out() && self.intake.mail.omitted_bytes > 0 {
            return Some(Refusal::Attachments);
        }
        match command {
            Command::Resolved
            | Command::Wait {
                whom: Awaited::Client,
                ..
            } if !self.goes_out() => Some(Refusal::NeedsText),
            Command::Close { .. } if self.intake.mail.authentication.verdict < Verdict::Strong => {
                Some(Refusal::NeedsStrong)
            }
            Command::Close {
                how: Closing::Unattended,
                ..
            } => self.not_exhausted(),
            Command::Reopen => self.not_reopenable(),
            Command::New { .. } | Command::Phone { .. } => Some(Refusal::WithinThread),
            Command::Undo => self.not_undoable(),
            Command::Duplicate { of } => self.no_duplicate(*of),
            // They say who reads what: never on a mail that nobody vouches for, whoever let it in.
            Command::Cc { .. } | Command::Merge { .. } | Command::Split
                if self.intake.mail.authentication.verdict < Verdict::Medium =>
            {
                Some(Refusal::NeedsStrong)
            }
            Command::Cc { add, remove } => {
                participants::refusal((add, remove), self.ticket, self.intake.case, self.policy())
            }
            Command::Merge { into } => merging::refusal(*into, self.ticket, self.intake.case),
            Command::Split => splitting::refusal(self),
            Command::Status { .. } | Command::Why { .. } => question::refusal(command, self.intake),
            Command::Assign(Assignee::Named(name)) => self
                .named(name)
                .is_none()
                .then_some(Refusal::UnknownConsultant),
            Command::Attempt { .. } => self.no_attempt(),
            Command::Session { .. } => self.no_session(command),
            Command::Reverse { lines, .. } => self.not_reversible(lines),
            Command::Budget { .. } => self.no_request(),
            Command::Window { day, from, to } => self.no_window(*day, (*from, *to)),
            _ => None,
        }
    }

    /// Policy §6: only what the plan would have closed, were the ticket not critical.
    fn not_exhausted(&self) -> Option<Refusal> {
        let plan = contact::plan(self.ticket, self.policy());
        let over = plan.is_some_and(|plan| plan.step == Step::Exhausted);
        (!over).then_some(Refusal::NotExhausted)
    }

    /// Policy §5: `#reabrir` within so many business days, and not beside a ticket that goes on.
    fn not_reopenable(&self) -> Option<Refusal> {
        if self.ticket.is_open() {
            return Some(Refusal::NotClosed);
        }
        let closed_at = self.ticket.status_since();
        let calendar = self.ticket.calendar(self.policy());
        let days = self.policy().replies.reopen_business_days;
        let last_day = closed_at.map(|at| calendar.add_business_days(at, days));
        let today = calendar.local(self.intake.now).date_naive();
        if last_day.is_some_and(|last| last < today) {
            return Some(Refusal::TooLate);
        }
        let continued = self.ticket.history.iter().any(|dated| {
            matches!(
                dated.fact,
                Fact::Linked {
                    link: Link::ContinuedBy | Link::MergedInto,
                    ..
                }
            )
        });
        continued.then_some(Refusal::Continued)
    }

    fn no_duplicate(&self, of: TicketId) -> Option<Refusal> {
        if of == self.ticket.id {
            return Some(Refusal::Itself);
        }
        let other = self.intake.case.tickets.get(&of);
        let ours = other.is_some_and(|other| other.client.id == self.ticket.client.id);
        (!ours).then_some(Refusal::UnknownTicket)
    }

    fn no_attempt(&self) -> Option<Refusal> {
        let Some(plan) = contact::plan(self.ticket, self.policy()) else {
            return Some(Refusal::NoPlan);
        };
        let calendar = self.ticket.calendar(self.policy());
        let today = calendar.local(self.intake.now).date_naive();
        if self.commands().any(Command::leads) {
            Some(Refusal::AttemptAndState)
        } else if plan.next_number() > self.policy().contact.attempts {
            Some(Refusal::AllTried)
        } else if plan.tried_on(today, calendar) {
            Some(Refusal::TriedToday)
        } else {
            None
        }
    }

    fn named(&self, name: &str) -> Option<&Consultant> {
        named(self.policy(), name)
    }

    /// Records everything in `draft` and answers what else follows. The facts of the mail itself
    /// (noted, or queued for the client) are recorded already.
    pub fn carry_out(&self, draft: &mut Draft) -> Vec<Effect> {
        let mut effects = Vec::new();
        let before = draft.ticket.clone();
        for command in self.commands().filter(|command| !command.leads()) {
            self.attribute(command, draft);
            effects.extend(participants::withdrawn(command, draft.ticket.id));
        }
        if self.commands().any(|command| *command == Command::Split) {
            effects.extend(splitting::split(self, draft));
        }
        if contact::runs_in(before.status)
            && (self.goes_out() || self.commands().any(Command::leads))
        {
            effects.push(withdraw(draft.ticket.id));
        }
        if before.status == Status::WaitingApproval && self.commands().any(Command::leads) {
            // Policy §5: the request is withdrawn.
            let (ticket, letters) = (draft.ticket.id, vec![LetterKind::BudgetRequest]);
            effects.push(Effect::Withdraw { ticket, letters });
        }
        for command in self.commands().filter(|command| command.leads()) {
            effects.extend(self.state(command, draft));
        }
        for (place, command) in self.commands().enumerate() {
            effects.extend(self.record_time(command, place, draft));
        }
        if self.goes_out()
            && !self.commands().any(Command::leads)
            && let Some(to) = after_plain_reply(&before, self.policy())
        {
            self.enter(draft, Transition::to(to));
        }
        if draft.ticket.priority == Priority::Critical && before.priority != Priority::Critical {
            effects.extend(self.page(draft));
        }
        effects.extend(self.handovers(&before, draft));
        effects
    }

    fn enter(&self, draft: &mut Draft, state: Transition) {
        draft.record(
            self.intake.now,
            Fact::StatusChanged {
                to: state.to,
                closed_as: state.closed_as,
            },
        );
    }

    /// Commands that change what the ticket is, and not where it stands.
    fn attribute(&self, command: &Command, draft: &mut Draft) {
        let now = self.intake.now;
        let by = self.consultant.person.address.clone();
        let fact = match command {
            Command::Priority(to) if *to != draft.ticket.priority => {
                Fact::PriorityChanged { to: *to, by }
            }
            Command::Kind(to) if *to != draft.ticket.kind => Fact::KindChanged { to: *to, by },
            Command::Level(to) => return self.level(*to, draft),
            Command::Cc { add, remove } => {
                return participants::change((add, remove), self.consultant, now, draft);
            }
            Command::Assign(to) => {
                let owner = match to {
                    Assignee::Me => Some(self.consultant),
                    Assignee::Named(name) => self.named(name),
                };
                let to = owner.map(|owner| owner.person.address.clone());
                if to == draft.ticket.assignee {
                    return;
                }
                Fact::Assigned { to, by }
            }
            Command::Attempt { .. } => {
                let plan = contact::plan(&draft.ticket, self.policy());
                let number = plan.map_or(1, |plan| plan.next_number());
                Fact::AttemptByPhone { number, by }
            }
            _ => return,
        };
        draft.record(now, fact);
    }

    /// Policy §8: the ticket is the level's from now on, and nobody's below it.
    fn level(&self, to: u8, draft: &mut Draft) {
        let (now, by) = (self.intake.now, self.consultant.person.address.clone());
        if draft.ticket.level == to {
            return;
        }
        draft.record(now, Fact::LevelChanged { to, by: by.clone() });
        let owner = draft.ticket.assignee.as_ref();
        let owner = owner.and_then(|owner| self.policy().consultant(owner));
        if owner.is_some_and(|owner| owner.level != to) {
            draft.record(now, Fact::Assigned { to: None, by });
        }
    }

    /// Commands that lead to a state.
    fn state(&self, command: &Command, draft: &mut Draft) -> Vec<Effect> {
        let now = self.intake.now;
        match command {
            Command::Wait { whom, until } => {
                let to = match whom {
                    Awaited::Client => Status::WaitingClient,
                    Awaited::ThirdParty => Status::WaitingThirdParty,
                };
                self.enter(draft, Transition::to(to));
                if let Some(day) = until {
                    draft.record(now, Fact::WaitingUntil { day: *day });
                }
                Vec::new()
            }
            Command::InProgress => {
                self.enter(draft, Transition::to(Status::InProgress));
                Vec::new()
            }
            Command::Reopen => {
                self.enter(draft, Transition::to(Status::InProgress));
                succession::settle(draft, self.intake.case, self.policy(), now)
            }
            Command::Resolved => {
                self.enter(draft, Transition::to(Status::Proposed));
                Vec::new()
            }
            Command::Microsoft { case } => self.microsoft(case, draft),
            Command::Budget { minutes, reason } => self.ask_for_time(*minutes, reason, draft),
            Command::Close { how, reason } => {
                let how = match how {
                    Closing::Validated => ClosedAs::Validated,
                    Closing::Cancelled => ClosedAs::Cancelled,
                    Closing::Unattended => contact::ending(draft.ticket.status),
                };
                self.close(draft, how, reason, None)
            }
            Command::Merge { into } => merging::merge(self, *into, draft),
            Command::Duplicate { of } => {
                let link = |link, ticket| Fact::Linked { link, ticket };
                draft.record(now, link(Link::DuplicateOf, *of));
                let mut effects = self.close(draft, ClosedAs::Duplicate, "", Some(*of));
                if let Some(other) = self.intake.case.tickets.get(of) {
                    let mut other = Draft::of(other);
                    other.record(now, link(Link::Duplicate, draft.ticket.id));
                    effects.push(other.save(self.policy(), now));
                }
                effects
            }
            _ => Vec::new(),
        }
    }

    fn close(
        &self,
        draft: &mut Draft,
        how: ClosedAs,
        reason: &str,
        duplicate_of: Option<TicketId>,
    ) -> Vec<Effect> {
        close(
            draft,
            how,
            reason,
            duplicate_of,
            None,
            self.policy(),
            self.intake.now,
        )
    }

    /// Policy §8: level 4 with a case number. The client is told the number, by the consultant's
    /// own words where there are some.
    fn microsoft(&self, case: &str, draft: &mut Draft) -> Vec<Effect> {
        const MAKER: u8 = 4;
        let (now, by) = (self.intake.now, self.consultant.person.address.clone());
        self.level(MAKER, draft);
        draft.record(
            now,
            Fact::CaseOpened {
                case: case.to_owned(),
                by,
            },
        );
        self.enter(draft, Transition::to(Status::WaitingThirdParty));
        if self.goes_out() {
            return Vec::new();
        }
        let next_at = waits::update_at(&draft.ticket, self.policy());
        to_client_side(
            &draft.ticket,
            None,
            Manner::Timer,
            &format!("microsoft_case:{}", self.intake.inbound),
            now,
            |name| Letter::MicrosoftCase {
                ticket: facts(&draft.ticket, self.policy()),
                name: name.to_owned(),
                case: case.to_owned(),
                next_at,
            },
        )
    }

    /// Policy §3: what turns critical pages as if it had arrived so.
    fn page(&self, draft: &Draft) -> Vec<Effect> {
        let line = AlertLine {
            ticket: facts(&draft.ticket, self.policy()),
            reason: AlertReason::TurnedCritical,
            percent: None,
            at: self.intake.now,
        };
        on_arrival(&draft.ticket, self.policy())
            .into_iter()
            .filter(|told| told.person.address != self.consultant.person.address)
            .map(|told| alert(told, &draft.ticket, &line))
            .collect()
    }

    /// Policy §8: who has the ticket now is told all there is to know, unless it was his own order.
    fn handovers(&self, before: &Ticket, draft: &Draft) -> Vec<Effect> {
        let after = &draft.ticket;
        if after.level == before.level && after.assignee == before.assignee {
            return Vec::new();
        }
        if !after.is_open() {
            return Vec::new();
        }
        hand_over(self, after)
    }
}

/// The consultant called so: by address, by full name, or by the beginning of it where only one
/// fits.
pub(super) fn named<'a>(policy: &'a Policy, name: &str) -> Option<&'a Consultant> {
    let wanted = name.to_lowercase();
    let consultants = &policy.consultants;
    let exact = consultants.iter().find(|c| {
        c.person.name.to_lowercase() == wanted
            || c.person.address.as_str() == wanted
            || c.aliases.iter().any(|a| a.as_str() == wanted)
    });
    exact.or_else(|| {
        let mut fitting = consultants
            .iter()
            .filter(|c| c.person.name.to_lowercase().starts_with(&wanted));
        fitting.next().filter(|_| fitting.next().is_none())
    })
}
