//! `#fuera-de-horario`: a consultant accepts to work out of hours (policy.md §7).
//!
//! > Si el cliente requiere atención fuera de horario, deberá pedirla con anticipación y sobre un
//! > correo electrónico
//!
//! An authorizer asks in the thread, and before the window begins; his newest mail there is taken
//! for the request, since the consultant answers it. Time outside such a window is charged as
//! ordinary time.

use chrono::{Duration, NaiveDate, NaiveTime};

use super::announce::facts;
use super::billing::Span;
use super::client_mail::to_client_side;
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::effort::local_span;
use super::letter::{Letter, OutOfHoursWindow};
use super::message::Verdict;
use super::orders::{Orders, Refusal};
use super::ticket::Fact;

impl Orders<'_> {
    fn window(&self, day: NaiveDate, hours: (NaiveTime, NaiveTime)) -> Span {
        local_span(day, hours, self.ticket.calendar(self.intake.policy))
    }

    fn minimum_notice(&self) -> Duration {
        let terms = self.ticket.client.out_of_hours(self.intake.policy);
        terms.minimum_notice.unwrap_or_else(Duration::zero)
    }

    /// Why a window cannot be accepted.
    pub(super) fn no_window(
        &self,
        day: NaiveDate,
        hours: (NaiveTime, NaiveTime),
    ) -> Option<Refusal> {
        let window = self.window(day, hours);
        let calendar = self.ticket.calendar(self.intake.policy);
        let open = calendar.between(window.from, window.to);
        if open >= window.to - window.from {
            return Some(Refusal::WithinHours);
        }
        if window.to <= self.intake.mail.received_at {
            return Some(Refusal::WindowOver);
        }
        match &self.intake.case.asked_for {
            None => Some(Refusal::NotAskedFor),
            Some(asked) if asked.received_at >= window.from => Some(Refusal::AskedTooLate),
            Some(asked) if asked.received_at + self.minimum_notice() > window.from => {
                Some(Refusal::NoticeTooShort)
            }
            Some(asked) if asked.verdict < Verdict::Strong => Some(Refusal::AskedUnproven),
            Some(_) => None,
        }
    }

    /// The window is on record, and the client reads it with the notice of its cost.
    pub(super) fn accept_window(
        &self,
        day: NaiveDate,
        hours: (NaiveTime, NaiveTime),
        draft: &mut Draft,
    ) -> Vec<Effect> {
        let Some(asked) = &self.intake.case.asked_for else {
            return Vec::new();
        };
        let window = self.window(day, hours);
        let policy = self.intake.policy;
        draft.record(
            self.intake.mail.received_at,
            Fact::WindowAccepted {
                from: window.from,
                to: window.to,
                by: self.consultant.person.address.clone(),
                inbound: self.intake.inbound,
                asked_by: asked.by.clone(),
                asked_in: asked.inbound,
            },
        );
        let factor = self.ticket.client.out_of_hours(policy).factor;
        to_client_side(
            &draft.ticket,
            None,
            Manner::Timer,
            &format!("out_of_hours_window:{}", self.intake.inbound),
            self.intake.now + policy.replies.delay,
            |name| {
                Letter::OutOfHoursWindow(OutOfHoursWindow {
                    ticket: facts(&draft.ticket, policy),
                    name: name.to_owned(),
                    consultant: self.consultant.person.name.clone(),
                    from: window.from,
                    to: window.to,
                    asked_by: asked.name.clone(),
                    asked_at: asked.received_at,
                    factor,
                })
            },
        )
    }
}
