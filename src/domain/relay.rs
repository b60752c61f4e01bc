//! A consultant's in-thread mail on its way to the client (mail.md §3, §6).
//!
//! Nothing a consultant types by mistake may reach a client: what is not plainly a reply to the
//! client is filed internally, and the consultant is told why it did not go out.

use super::access::{Belief, believe_consultant};
use super::address::Person;
use super::announce::{answer, continuing, facts, not_sent};
use super::case::{Candidate, Undoable};
use super::closing::withdraw;
use super::command::{self, Command, Ordered};
use super::contact;
use super::desk::Draft;
use super::effect::{Decision, Effect, HeldCause, Manner, Outcome, Outgoing, Speaker, Visibility};
use super::errand;
use super::intake::Intake;
use super::leak;
use super::letter::{ChargedLine, CommandMistake, Letter, NotSent};
use super::lifecycle::after_plain_reply;
use super::message::Verdict;
use super::orders::Orders;
use super::policy::Consultant;
use super::receipt::{Done, receipt, unreached};
use super::subject::Subject;
use super::threading::{Choice, answers_own_notice};
use super::ticket::{Fact, Ticket};
use super::token::Purpose;
use super::waits;

/// Longest quotation of an offending line in an answer to a consultant, in characters.
const QUOTE_MAX_CHARS: usize = 120;

/// Decides about a consultant's mail.
pub fn from_consultant(
    intake: &Intake,
    consultant: &Consultant,
    candidates: &[Candidate],
    choice: &Choice,
) -> Decision {
    let verdict = intake.mail.authentication.verdict;
    let belief = match intake.release {
        // Whoever let it in answers for its being the consultant's.
        Some(_) => Belief::Believed,
        None => believe_consultant(verdict, consultant, candidates),
    };
    match belief {
        Belief::Forged => {
            let why = "a consultant's address, forged";
            return intake.hold(HeldCause::Forged, None, None, why);
        }
        Belief::Unauthenticated => {
            let why = "a consultant's address, not authenticated well enough";
            let mut decision = intake.hold(HeldCause::Unauthenticated, None, None, why);
            // SPF vouches for the way back at least; with less, nobody is answered.
            if verdict == Verdict::Medium {
                let reason = (NotSent::Unauthenticated, String::new());
                decision
                    .effects
                    .push(not_sent(intake, consultant, None, reason));
            }
            return decision;
        }
        Belief::Believed => {}
    }
    let found = match choice {
        Choice::One(c) => intake.case.tickets.get(&c.ticket).map(|t| (c, t)),
        Choice::None | Choice::Ambiguous(_) => None,
    };
    let Some((candidate, ticket)) = found else {
        return errand::run(intake, consultant);
    };
    let mail = ConsultantMail {
        intake,
        consultant,
        candidate,
        ticket,
    };
    mail.decide(candidates)
}

/// What becomes of the words of a consultant's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// They stay among consultants, or there are none.
    Kept,
    /// The program passes them on.
    Relayed,
    /// The client has them from the consultant himself, who answered to all.
    Direct,
}

impl Way {
    fn describe(self) -> &'static str {
        match self {
            Self::Kept => "nothing relayed",
            Self::Relayed => "relayed to the client",
            Self::Direct => "sent to the client by the consultant himself",
        }
    }

    /// Who may see the mail itself.
    fn visibility(self) -> Visibility {
        match self {
            // It may quote what is internal: the client sees only what is passed on.
            Self::Kept | Self::Relayed => Visibility::Internal,
            // What the client has in his own mailbox is no secret of ours.
            Self::Direct => Visibility::Public,
        }
    }
}

/// A believed consultant's mail about a ticket.
struct ConsultantMail<'a> {
    intake: &'a Intake<'a>,
    consultant: &'a Consultant,
    candidate: &'a Candidate,
    ticket: &'a Ticket,
}

impl ConsultantMail<'_> {
    fn decide(&self, candidates: &[Candidate]) -> Decision {
        if let Some(reason) = self.objection(candidates) {
            return self.note(reason);
        }
        let (mail, policy) = (self.intake.mail, self.intake.policy);
        let today = policy.calendar.local(mail.received_at).date_naive();
        let parsed = command::parse(&mail.text, &policy.ticket_prefix, today);
        let instructions = match parsed {
            Ok(instructions) => instructions,
            Err(mistakes) => {
                let mistakes = mistakes.into_iter().map(CommandMistake::from).collect();
                return self.refuse(mistakes);
            }
        };
        let orders = Orders {
            intake: self.intake,
            consultant: self.consultant,
            ticket: self.ticket,
            instructions: &instructions,
        };
        // mail.md §6: whatever else it says, such words reach no client.
        let words = (orders.goes_out() && !self.is_direct()).then_some(instructions.text.as_str());
        let leaked = words
            .into_iter()
            .chain(orders.reasons())
            .find_map(|words| leak::found(words, mail, self.ticket, &policy.phrases));
        if let Some(part) = leaked {
            return self.note((NotSent::Leak, quoted(part)));
        }
        if instructions.commands.is_empty() {
            return match self.objection_to_words(&instructions.text) {
                Some(reason) => self.note(reason),
                None => self.relay(&instructions.text),
            };
        }
        let objections = orders.objections();
        if objections.is_empty() {
            self.carry_out(&orders)
        } else {
            self.refuse(objections)
        }
    }

    /// Why nothing in the mail may be acted upon, with the offending line; `None`: it may.
    fn objection(&self, candidates: &[Candidate]) -> Option<(NotSent, String)> {
        let own = |c: &Candidate| {
            c.ticket == self.ticket.id && answers_own_notice(c, &self.consultant.person.address)
        };
        let (mail, policy) = (self.intake.mail, self.intake.policy);
        if mail.authentication.verdict == Verdict::Fail {
            // Let in by an operator: kept on the ticket. Words that may be a forger's reach no client.
            Some((NotSent::Unauthenticated, String::new()))
        } else if mail.marks.encrypted {
            Some((NotSent::Encrypted, String::new()))
        } else if !candidates.iter().any(own) {
            Some((NotSent::WeakThread, String::new()))
        } else if Subject::read(&mail.subject, &policy.ticket_prefix).is_forward {
            Some((NotSent::Forward, String::new()))
        } else {
            None
        }
    }

    /// Whether the consultant answered to all, and the client has his mail already.
    fn is_direct(&self) -> bool {
        let requester = &self.ticket.requester.address;
        self.intake.mail.recipients.contains(requester)
    }

    /// Why words without a command must not go to the client.
    fn objection_to_words(&self, text: &str) -> Option<(NotSent, String)> {
        if !self.ticket.is_open() {
            Some((NotSent::Closed, String::new()))
        } else if self.intake.mail.omitted_bytes > 0 && !self.is_direct() {
            // Sent without them, the client would get half an answer and nobody would know.
            Some((NotSent::Attachments, String::new()))
        } else if text.is_empty() {
            Some((NotSent::Empty, String::new()))
        } else {
            None
        }
    }

    fn tell(&self, reason: (NotSent, String)) -> Effect {
        not_sent(self.intake, self.consultant, Some(self.ticket), reason)
    }

    /// What the mail is in the ticket's history: an answer to the client, or a note of which he
    /// learns nothing.
    fn record(&self, draft: &mut Draft, way: Way) {
        let (at, inbound) = (self.intake.mail.received_at, self.intake.inbound);
        let by = || self.consultant.person.address.clone();
        if way == Way::Kept {
            draft.record(at, Fact::ConsultantNoted { by: by(), inbound });
            return;
        }
        draft.record(at, Fact::ReplyQueued { by: by(), inbound });
        if way == Way::Direct {
            draft.record(at, Fact::RepliedDirectly { by: by(), inbound });
        }
    }

    /// The ticket with the mail in its history.
    fn draft(&self, way: Way) -> Draft {
        let mut draft = Draft::of(self.ticket);
        self.record(&mut draft, way);
        draft
    }

    /// How words that are for the client reach him.
    fn way_out(&self) -> Way {
        if self.is_direct() {
            Way::Direct
        } else {
            Way::Relayed
        }
    }

    fn filed(&self, way: Way, draft: Draft, more: Vec<Effect>, why: &str) -> Decision {
        let visibility = way.visibility();
        let mut effects = vec![
            draft.save(self.intake.policy, self.intake.now),
            self.intake.file(self.ticket.id, visibility, self.candidate),
        ];
        effects.extend(more);
        self.intake.conclude(Outcome::Filed, effects, why)
    }

    /// Files the mail where only consultants see it, and tells its author.
    fn note(&self, reason: (NotSent, String)) -> Decision {
        let why = format!("filed internally, nothing sent ({})", reason.0.name());
        let told = self.tell(reason);
        self.filed(Way::Kept, self.draft(Way::Kept), vec![told], &why)
    }

    /// Policy §9: one bad command, and nothing of the mail is carried out.
    fn refuse(&self, mistakes: Vec<CommandMistake>) -> Decision {
        let problems: Vec<&str> = mistakes.iter().map(|m| m.problem).collect();
        let why = format!(
            "filed internally, no command carried out ({})",
            problems.join(", ")
        );
        let letter = Letter::CommandErrors {
            ticket: Some(facts(self.ticket, self.intake.policy)),
            mistakes,
            text: self.intake.mail.text.clone(),
        };
        let told = answer(self.intake, self.consultant, Some(self.ticket), letter);
        self.filed(Way::Kept, self.draft(Way::Kept), vec![told], &why)
    }

    /// Queues the consultant's words for the client's side.
    fn relay(&self, text: &str) -> Decision {
        let way = self.way_out();
        let mut draft = self.draft(way);
        let mut effects = Vec::new();
        if contact::runs_in(self.ticket.status) {
            effects.push(withdraw(self.ticket.id));
        }
        if let Some(to) = after_plain_reply(self.ticket, self.intake.policy) {
            draft.record(
                self.intake.now,
                Fact::StatusChanged {
                    to,
                    closed_as: None,
                },
            );
        }
        effects.extend(self.words(&draft.ticket, text, false));
        let done = Done {
            sends: true,
            direct: way == Way::Direct,
            ..Done::default()
        };
        effects.extend(receipt(self.intake, self.consultant, &draft.ticket, done));
        let why = format!("{}, {}", way.describe(), self.candidate.place.describe());
        self.filed(way, draft, effects, &why)
    }

    /// `#deshacer`: the ticket is as if the mail had never come.
    fn take_back(&self, orders: &Orders, undoable: &Undoable) -> Decision {
        let (mut draft, taken) = orders.take_back(undoable);
        self.record(&mut draft, Way::Kept);
        let done = Done {
            commands: orders.instructions.lines(),
            taken_back: Some(undoable.text.clone()),
            entered: draft.entered().iter().map(ChargedLine::from).collect(),
            ..Done::default()
        };
        let told = receipt(self.intake, self.consultant, &draft.ticket, done);
        let effects = std::iter::once(taken).chain(told).collect();
        let why = format!(
            "takes back received mail {}, before it left",
            undoable.inbound
        );
        self.filed(Way::Kept, draft, effects, &why)
    }

    /// Everything the commands say, and the words if they are for the client.
    fn carry_out(&self, orders: &Orders) -> Decision {
        let undoes = |ordered: &Ordered| ordered.command == Command::Undo;
        if let Some(undoable) = &self.intake.case.undoable
            && orders.instructions.commands.iter().any(undoes)
        {
            return self.take_back(orders, undoable);
        }
        let goes_out = orders.goes_out();
        let way = if goes_out { self.way_out() } else { Way::Kept };
        let mut draft = self.draft(way);
        let mut effects = orders.carry_out(&mut draft);
        effects.extend(orders.admission().carry_out());
        for ordered in &orders.instructions.commands {
            let asked = &ordered.command;
            effects.extend(errand::answers(
                self.intake,
                self.consultant,
                Some(&draft.ticket),
                asked,
            ));
        }
        if goes_out {
            let text = &orders.instructions.text;
            effects.extend(self.words(&draft.ticket, text, orders.proposes()));
        }
        // What is answered by a mail of its own needs no receipt besides.
        let carried_out =
            |ordered: &&Ordered| !(ordered.command.is_errand() || ordered.command.asks());
        let commands = orders.instructions.commands.iter().filter(carried_out);
        let done = Done {
            commands: commands.map(|ordered| ordered.line.clone()).collect(),
            sends: goes_out,
            direct: way == Way::Direct,
            entered: draft.entered().iter().map(ChargedLine::from).collect(),
            overlaps: orders.overlaps(),
            ..Done::default()
        };
        effects.extend(receipt(self.intake, self.consultant, &draft.ticket, done));
        let lines = orders.instructions.lines().join(", ");
        let (by, sent) = (&self.consultant.person.name, way.describe());
        let why = format!("{lines} by {by}, {sent}");
        self.filed(way, draft, effects, &why)
    }

    /// The words as mails, one for each person on the client's side.
    fn words(&self, ticket: &Ticket, text: &str, proposes: bool) -> Vec<Effect> {
        let (policy, now) = (self.intake.policy, self.intake.now);
        let consultant = self.consultant.person.name.clone();
        let next_at = contact::plan(ticket, policy)
            .and_then(|plan| plan.due_at())
            .or_else(|| waits::update_at(ticket, policy));
        let (ticket_facts, text) = (facts(ticket, policy), text.to_owned());
        // mail.md §5: what the client's side has is not sent again: logos of signatures, images that
        // the quoted mail showed.
        let seen = &self.intake.case.files_seen;
        let mut attachments = self.intake.mail.attachments.clone();
        attachments.retain(|file| !seen.contains(&(ticket.id, file.sha256.clone())));
        let letter = if proposes {
            Letter::SolutionProposed {
                ticket: ticket_facts,
                consultant,
                text,
                attachments,
                next_at,
            }
        } else {
            Letter::RelayedReply {
                ticket: ticket_facts,
                consultant,
                text,
                attachments,
                next_at,
            }
        };
        let key = letter.kind().name();
        let send = |to: &Person| {
            Effect::Send(Box::new(Outgoing {
                letter: letter.clone(),
                to: to.clone(),
                ticket: Some(ticket.id),
                purpose: Purpose::Client,
                manner: Manner::Human,
                speaker: Speaker::Consultant(self.consultant.person.name.clone()),
                thread: Some(continuing(&ticket.thread)),
                source: Some(self.intake.inbound),
                once: format!("{key}:{}:{}", self.intake.inbound, to.address),
                // Policy §9: the delay in which a reply can still be taken back.
                not_before: now + policy.replies.delay,
            }))
        };
        unreached(self.intake, ticket).map(send).collect()
    }
}

fn quoted(line: &str) -> String {
    line.chars().take(QUOTE_MAX_CHARS).collect()
}
