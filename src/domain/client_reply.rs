//! The client's side writes on a ticket (policy.md §5): what the mail amounts to, and where the
//! ticket goes by it.

use std::fmt::Write as _;

use super::address::Person;
use super::announce::answering;
use super::approval::answering_request;
use super::case::Candidate;
use super::closing::{close, withdraw};
use super::contact;
use super::desk::Draft;
use super::effect::{Decision, Outcome, Visibility};
use super::intake::{Intake, joined};
use super::letter::Letter;
use super::lifecycle::{Transition, after_client_mail};
use super::message::Verdict;
use super::threading::own_chain;
use super::ticket::{Fact, Joining, Thread, Ticket};
use super::validation::{self, Reading};
use super::waits;

impl Intake<'_> {
    /// The client's side wrote into an open ticket.
    pub(super) fn reply(
        &self,
        sender: &Person,
        ticket: &Ticket,
        candidate: &Candidate,
        admitted: bool,
    ) -> Decision {
        let mut draft = Draft::of(ticket);
        if admitted {
            draft.record(self.now, joined(sender, Joining::Released));
        }
        let said = self.said(sender, ticket);
        let by_client = self.is_of_client(sender, &draft.ticket);
        let answer = self.budget_answer(sender, ticket).filter(|_| by_client);
        let may_open = self.may_open_for(ticket);
        let formalizes = may_open && !ticket.official;
        let wrote = if by_client {
            // Policy §2: the yes that makes a call official asks for no answer.
            let asks = said == Reading::Words || (said == Reading::Validation && !formalizes);
            self.wrote(sender, asks)
        } else {
            let (by, inbound) = (sender.address.clone(), self.inbound);
            Fact::OutsiderWrote { by, inbound }
        };
        draft.record(self.mail.received_at, wrote);
        self.admit_answering(&mut draft, sender);
        self.admit_copied(&mut draft, sender);
        let transition = after_client_mail(ticket, said, may_open).filter(|_| by_client);
        let mut more = Vec::new();
        if let Some(answer) = answer.filter(|answer| answer.decides()) {
            more.extend(self.decide_budget(answer, sender, ticket, &mut draft));
        }
        if formalizes {
            let inbound = self.inbound;
            draft.record(self.mail.received_at, Fact::Formalized { inbound });
            more.push(waits::withdraw_requests(ticket.id));
        }
        let head = answering(self.mail, &ticket.thread.subject);
        draft.ticket.thread = Thread {
            subject: ticket.thread.subject.clone(),
            last_id: head.in_reply_to,
            references: own_chain(&head.references, ticket, &self.case.candidates),
            topic: head.topic.or_else(|| ticket.thread.topic.clone()),
            index: head.index.or_else(|| ticket.thread.index.clone()),
        };
        match transition {
            Some(Transition {
                closed_as: Some(closed_as),
                ..
            }) => {
                let at = self.mail.received_at;
                let ending = close(&mut draft, closed_as, "", None, None, self.policy, at);
                more.extend(ending);
            }
            transition => {
                if by_client && contact::runs_in(ticket.status) {
                    // Policy §6: whoever has answered is not reminded.
                    more.push(withdraw(ticket.id));
                }
                if let Some(Transition { to, closed_as }) = transition {
                    draft.record(self.mail.received_at, Fact::StatusChanged { to, closed_as });
                }
            }
        }
        let told = self
            .tell_on_duty(&draft.ticket, Letter::ConsultantClientReply)
            .into_iter()
            .map(|notice| answering_request(notice, answer));
        let mut effects = vec![
            draft.save(self.policy, self.now),
            self.file(ticket.id, Visibility::Public, candidate),
        ];
        effects.extend(more);
        effects.extend(told);
        let mut why = format!(
            "{} by {}",
            self.policy.tag(ticket.id),
            candidate.place.describe()
        );
        match said {
            _ if !by_client => why.push_str("; copied, and not of the client: no answer of theirs"),
            Reading::Validation => why.push_str("; read as a validation"),
            Reading::BareThanks => why.push_str("; read as bare thanks"),
            Reading::Words => {}
        }
        if let Some(answer) = answer {
            let _ = write!(why, "; {}", answer.describe());
        }
        self.conclude(Outcome::Filed, effects, &why)
    }

    /// What the mail amounts to on `ticket` (policy.md §5). A validation only where its sender may
    /// give one and is vouched for; files are words, and so is whatever a person had to let in.
    pub(super) fn said(&self, sender: &Person, ticket: &Ticket) -> Reading {
        if self.release.is_some() || self.mail.attachments.iter().any(|file| !file.inline) {
            return Reading::Words;
        }
        let listed = self.case.standing.listed.as_ref();
        let in_directory = listed.map_or("", |listed| &listed.name);
        let own_names = [sender.name.as_str(), in_directory];
        let said = validation::read(&self.mail.text, &own_names, &self.policy.validation);
        let may_validate = listed
            .is_some_and(|listed| listed.can_validate && listed.client.id == ticket.client.id)
            && self.mail.authentication.verdict >= Verdict::Medium;
        match said {
            Reading::Validation if !may_validate => Reading::Words,
            said => said,
        }
    }

    /// `asks`: there is something to answer in it.
    fn wrote(&self, sender: &Person, asks: bool) -> Fact {
        Fact::ClientWrote {
            by: sender.address.clone(),
            inbound: self.inbound,
            thanks: !asks,
        }
    }

    /// Policy §5: bare thanks after the end are filed, and nothing else follows.
    pub(super) fn thanks_at_the_end(
        &self,
        sender: &Person,
        ticket: &Ticket,
        candidate: &Candidate,
    ) -> Decision {
        let mut draft = Draft::of(ticket);
        draft.record(self.mail.received_at, self.wrote(sender, false));
        let effects = vec![
            draft.save(self.policy, self.now),
            self.file(ticket.id, Visibility::Public, candidate),
        ];
        let why = "bare thanks on a closed ticket: filed, and nothing else follows";
        self.conclude(Outcome::Filed, effects, why)
    }

    /// Whether what the sender says is the client's answer (policy.md §5): he takes part, or is of
    /// the client. A supplier in Cc is neither.
    fn is_of_client(&self, sender: &Person, ticket: &Ticket) -> bool {
        let of_domain = self.case.standing.domain_client.as_ref();
        ticket.has_participant(&sender.address)
            || self.is_listed_with(ticket)
            || of_domain.is_some_and(|client| client.id == ticket.client.id)
    }

    /// Whether his mail makes a ticket official that nobody opened by mail (policy.md §1, §2): only
    /// who may open one.
    fn may_open_for(&self, ticket: &Ticket) -> bool {
        let listed = self.case.standing.listed.as_ref();
        self.is_listed_with(ticket) && listed.is_some_and(|listed| listed.can_open)
    }

    /// Whether the sender is a current authorizer of the ticket's client.
    pub(super) fn is_listed_with(&self, ticket: &Ticket) -> bool {
        let listed = self.case.standing.listed.as_ref();
        listed.is_some_and(|listed| listed.client.id == ticket.client.id)
    }
}
