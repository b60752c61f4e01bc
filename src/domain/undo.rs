//! `#deshacer`: a consultant's words that have not left yet are taken back, and everything that
//! followed from his mail with them, as one event (policy.md §9).

use super::case::Undoable;
use super::contact::{self, Step};
use super::desk::Draft;
use super::effect::Effect;
use super::orders::{Orders, Refusal};
use super::ticket::{Fact, Ticket};

impl Orders<'_> {
    /// Why the consultant's last mail to the client cannot be taken back.
    pub(super) fn not_undoable(&self) -> Option<Refusal> {
        let instructions = self.instructions;
        if instructions.commands.len() > 1 || !instructions.text.is_empty() {
            return Some(Refusal::Alone);
        }
        let Some(undoable) = &self.intake.case.undoable else {
            return Some(Refusal::NothingToUndo);
        };
        let before = self.before(undoable);
        // An attempt that the mail has called off is not called on again.
        let was_reminding = contact::plan(&before, self.intake.policy)
            .is_some_and(|plan| matches!(plan.step, Step::UnderWay { .. }));
        // What the consultant sent himself is in the client's own mailbox.
        let is_direct = self.ticket.history.iter().any(|dated| {
            matches!(&dated.fact, Fact::RepliedDirectly { inbound, .. } if *inbound == undoable.inbound)
        });
        if undoable.has_left || is_direct {
            Some(Refusal::HasLeft)
        } else if undoable.touched_others || was_reminding {
            Some(Refusal::NotAlone)
        } else {
            None
        }
    }

    /// The ticket as if the mail had never come, and what withdraws its words.
    pub(super) fn take_back(&self, undoable: &Undoable) -> (Draft, Effect) {
        let mut draft = Draft::of(&self.before(undoable));
        draft.record(
            self.intake.now,
            Fact::Undone {
                by: self.consultant.person.address.clone(),
                inbound: undoable.inbound,
            },
        );
        // What the mail put on record is taken back with it.
        let charged = self.ticket.charges.iter();
        let charged = charged
            .filter(|charge| charge.is_in_force() && charge.line.source == Some(undoable.inbound));
        for charge in charged {
            let at = self.intake.mail.received_at;
            draft.charge(charge.reversal(at, Some(self.intake.inbound), ""));
        }
        let inbound = undoable.inbound;
        (draft, Effect::TakeBack { inbound })
    }

    fn before(&self, undoable: &Undoable) -> Ticket {
        self.ticket.replayed(&undoable.history)
    }
}
