//! Who may ask, and which held mail comes in, by a consultant's word (policy.md §1, §9):
//! `#autorizar`, `#revocar`, `#liberar`, `#descartar`.
//!
//! These commands need no ticket. They are checked beside all others of the mail, carried out with
//! them or not at all, and told in one receipt.

use super::announce::answer;
use super::command::{Command, Ordered};
use super::effect::Effect;
use super::intake::Intake;
use super::letter::{Admitted, CommandMistake, HeldLine, Letter};
use super::message::Verdict;
use super::orders::Refusal;
use super::policy::Consultant;
use super::ticket::Ticket;

/// The commands of one mail, and where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Admission<'a> {
    /// The mail.
    pub intake: &'a Intake<'a>,
    /// Whose it is.
    pub consultant: &'a Consultant,
    /// The ticket in whose thread it stands.
    pub ticket: Option<&'a Ticket>,
    /// Everything it orders; what is another family's is left to that.
    pub ordered: &'a [Ordered],
}

impl Admission<'_> {
    pub(super) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.ordered.iter().map(|ordered| &ordered.command)
    }

    /// Everything that keeps these commands from being carried out, line by line.
    pub fn objections(&self) -> Vec<CommandMistake> {
        self.ordered
            .iter()
            .flat_map(|ordered| self.objections_to(ordered))
            .collect()
    }

    fn objections_to(&self, ordered: &Ordered) -> Vec<CommandMistake> {
        let line = &ordered.line;
        let command = &ordered.command;
        if !is_admission(command) {
            return Vec::new();
        }
        // Policy §5: whatever changes who may ask needs strong authentication, also in a mail that
        // somebody had to let in.
        if self.intake.mail.authentication.verdict < Verdict::Strong {
            return vec![CommandMistake::refused(line, Refusal::NeedsStrong)];
        }
        if let Some(refusal) = self.directory_refusal(command) {
            return vec![CommandMistake::refused(line, refusal)];
        }
        let refused = self.held_refusals(command);
        let several = refused.len() > 1 || self.numbers_in(command) > 1;
        refused
            .into_iter()
            .map(|(number, refusal)| match number {
                Some(number) if several => {
                    CommandMistake::refused(format!("{line} ({number})"), refusal)
                }
                _ => CommandMistake::refused(line, refusal),
            })
            .collect()
    }

    /// Everything that follows, and the receipt.
    pub fn carry_out(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut done: Vec<Admitted> = Vec::new();
        let mut offered: Vec<HeldLine> = Vec::new();
        for command in self.commands() {
            if let Some((changes, admitted, held)) = self.change_directory(command) {
                effects.extend(changes);
                done.push(admitted);
                offered.extend(held);
            }
            for (decision, admitted) in self.decide_held(command) {
                effects.push(decision);
                done.push(admitted);
            }
        }
        // What the same mail lets in or turns away is not offered once more.
        offered.retain(|line| !done.iter().any(|d| d.number == Some(line.number)));
        if !done.is_empty() {
            let receipt = Letter::AdmissionReceipt { done, offered };
            effects.push(self.receipt(receipt));
        }
        effects
    }

    /// Apart from the ticket and from its conversation, so that an answer to it is an errand of its
    /// own and never taken for words to the client.
    fn receipt(&self, letter: Letter) -> Effect {
        let mut receipt = answer(self.intake, self.consultant, None, letter);
        if let Effect::Send(outgoing) = &mut receipt {
            outgoing.thread = None;
        }
        receipt
    }
}

/// Whether a command is of this family.
fn is_admission(command: &Command) -> bool {
    matches!(
        command,
        Command::Authorize { .. }
            | Command::Revoke { .. }
            | Command::Release { .. }
            | Command::Discard { .. }
    )
}
