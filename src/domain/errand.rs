//! A consultant's mail that is about no ticket: what can be ordered without one (policy.md §9).

use super::admission::Admission;
use super::announce::{answer, not_sent};
use super::command::{self, Command, NAMES};
use super::digest::digest;
use super::effect::{Decision, Effect, HeldCause, Outcome};
use super::intake::Intake;
use super::letter::{CommandHelp, CommandMistake, Letter, NotSent};
use super::orders::Refusal;
use super::policy::Consultant;
use super::question;
use super::registering;
use super::ticket::Ticket;

/// Decides about a believed consultant's mail that answers no notice.
pub(super) fn run(intake: &Intake, consultant: &Consultant) -> Decision {
    let (mail, policy) = (intake.mail, intake.policy);
    let today = policy.calendar.local(mail.received_at).date_naive();
    let instructions = match command::parse(mail.own_words(), &policy.ticket_prefix, today) {
        Ok(instructions) => instructions,
        Err(mistakes) => {
            let mistakes = mistakes.into_iter().map(CommandMistake::from).collect();
            return refuse(intake, consultant, mistakes);
        }
    };
    if instructions.commands.is_empty() {
        return unanswerable(intake, consultant);
    }
    if let Some(decision) = registering::run(intake, consultant, &instructions) {
        return decision;
    }
    let admission = Admission {
        intake,
        consultant,
        ticket: None,
        ordered: &instructions.commands,
    };
    let objections: Vec<CommandMistake> = instructions
        .commands
        .iter()
        .filter_map(|ordered| {
            let refusal = refusal(intake, &ordered.command)?;
            Some(CommandMistake::refused(&ordered.line, refusal))
        })
        .chain(admission.objections())
        .collect();
    if !objections.is_empty() {
        return refuse(intake, consultant, objections);
    }
    let lines = instructions.lines().join(", ");
    let why = format!("{lines} by {}", consultant.person.name);
    let unread = (!instructions.text.is_empty()).then(|| {
        let reason = (NotSent::NoReader, String::new());
        not_sent(intake, consultant, None, reason)
    });
    let effects = instructions
        .commands
        .iter()
        .flat_map(|ordered| answers(intake, consultant, None, &ordered.command))
        .chain(admission.carry_out())
        .chain(unread)
        .collect();
    intake.conclude(Outcome::Recorded, effects, &why)
}

/// Why a command cannot be carried out without a ticket, where it cannot.
fn refusal(intake: &Intake, command: &Command) -> Option<Refusal> {
    match command {
        command if !command.is_errand() => Some(Refusal::NoTicket),
        Command::Status { .. } | Command::Why { .. } => question::refusal(command, intake),
        _ => None,
    }
}

/// What a command that only asks is answered with; nothing for all others.
pub(super) fn answers(
    intake: &Intake,
    consultant: &Consultant,
    ticket: Option<&Ticket>,
    command: &Command,
) -> Vec<Effect> {
    match command {
        Command::Help => {
            let commands = NAMES.iter().map(CommandHelp::of).collect();
            let letter = Letter::CommandHelp { commands };
            vec![answer(intake, consultant, ticket, letter)]
        }
        Command::Status { of } => {
            let (policy, now) = (intake.policy, intake.now);
            let about = question::about(*of, ticket, intake);
            let letter = match about {
                Some(about) => Letter::TicketState(Box::new(question::state(about, policy, now))),
                None => {
                    let overview = &intake.case.overview;
                    Letter::Digest(digest(consultant, overview, true, policy, now))
                }
            };
            vec![answer(intake, consultant, about, letter)]
        }
        Command::Why { of } => question::about(*of, ticket, intake)
            .map(|about| {
                let account = question::account(about, intake.policy, intake.now);
                let letter = Letter::TicketAccount(Box::new(account));
                answer(intake, consultant, Some(about), letter)
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Words for nobody: kept for a person, and their author is told.
fn unanswerable(intake: &Intake, consultant: &Consultant) -> Decision {
    let why = "a consultant's mail that answers no notice";
    let mut decision = intake.hold(HeldCause::Unauthorized, None, None, why);
    let reason = match &intake.mail.forwarded {
        Some(_) => NotSent::NewForward,
        None => NotSent::NoTicket,
    };
    let reason = (reason, String::new());
    decision
        .effects
        .push(not_sent(intake, consultant, None, reason));
    decision
}

/// Policy §9: one bad command, and nothing of the mail is carried out.
pub(super) fn refuse(
    intake: &Intake,
    consultant: &Consultant,
    mistakes: Vec<CommandMistake>,
) -> Decision {
    let problems: Vec<&str> = mistakes.iter().map(|m| m.problem).collect();
    let why = format!("no command carried out ({})", problems.join(", "));
    let letter = Letter::CommandErrors {
        ticket: None,
        mistakes,
        text: intake.mail.text.clone(),
    };
    let told = answer(intake, consultant, None, letter);
    intake.conclude(Outcome::Recorded, vec![told], &why)
}
