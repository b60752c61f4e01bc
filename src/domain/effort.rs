//! Time that a consultant puts on record: `#tiempo`, `#sesion`, and `#revertir` for what was wrong
//! (policy.md §7).

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};

use super::announce::facts;
use super::billing::{Bucket, Span, charges};
use super::calendar::Calendar;
use super::charge::{Charge, ChargeKind, NewCharge};
use super::charging::{approved_windows, bucket_at, enter, factor};
use super::client_mail::to_client_side;
use super::command::{Command, SessionPeople};
use super::correction::is_reversible;
use super::desk::Draft;
use super::effect::{Effect, Manner};
use super::ids::ChargeId;
use super::letter::{Letter, SessionOverlap, SessionSummary};
use super::letter_charge::by_bucket;
use super::orders::{Orders, Refusal, named};
use super::policy::{Consultant, Policy};

/// How far beyond the receipt of the mail a session may end: people round its end up.
const AHEAD: Duration = Duration::minutes(15);

/// A session, whose times are known.
struct Session {
    span: Span,
    /// Those who were there, as far as they are named; who wrote first.
    people: Vec<String>,
    count: u32,
}

/// The instants of a local interval that begins on `day`; it ends on the next day where its end is
/// not later. Where clocks are set forward, a time that does not exist is the next one that does.
pub fn local_span(day: NaiveDate, (from, to): (NaiveTime, NaiveTime), calendar: &Calendar) -> Span {
    let end = if to > from {
        day
    } else {
        day.checked_add_days(Days::new(1)).unwrap_or(day)
    };
    Span {
        from: calendar.instant(day, from),
        to: calendar.instant(end, to),
    }
}

/// The time of a session command in a mail of the local date `today`.
pub fn session_span(command: &Command, today: NaiveDate, calendar: &Calendar) -> Option<Span> {
    match command {
        Command::Session { from, to, day, .. } => {
            Some(local_span(day.unwrap_or(today), (*from, *to), calendar))
        }
        _ => None,
    }
}

impl Orders<'_> {
    fn calendar(&self) -> &Calendar {
        self.ticket.calendar(self.intake.policy)
    }

    fn received_at(&self) -> DateTime<Utc> {
        self.intake.mail.received_at
    }

    /// When a line is entered: the month it belongs to. What somebody had to let in is entered then,
    /// since statements of before may have left.
    fn entered_at(&self) -> DateTime<Utc> {
        match self.intake.release {
            Some(_) => self.intake.now,
            None => self.received_at(),
        }
    }

    fn session(&self, command: &Command) -> Result<Session, Refusal> {
        let today = self.calendar().local(self.received_at()).date_naive();
        let span = session_span(command, today, self.calendar()).ok_or(Refusal::NoTicket)?;
        let Command::Session { people, .. } = command else {
            return Err(Refusal::NoTicket);
        };
        let me = self.consultant.person.name.clone();
        let (people, count) = match people {
            SessionPeople::Count(count) => (vec![me], *count),
            SessionPeople::Named { names, with_me } => {
                let mut there: Vec<String> = if *with_me { vec![me] } else { Vec::new() };
                for name in names {
                    let of = self.person(name).ok_or(Refusal::UnknownConsultant)?;
                    if !there.contains(&of.person.name) {
                        there.push(of.person.name.clone());
                    }
                }
                let count = u32::try_from(there.len()).unwrap_or(1);
                (there, count)
            }
        };
        Ok(Session {
            span,
            people,
            count,
        })
    }

    fn person(&self, name: &str) -> Option<&Consultant> {
        let me = matches!(super::fold::fold(name).as_str(), "yo" | "me" | "mi");
        if me {
            return Some(self.consultant);
        }
        named(self.intake.policy, name)
    }

    /// Why a session cannot be put on record.
    pub(super) fn no_session(&self, command: &Command) -> Option<Refusal> {
        match self.session(command) {
            Err(refusal) => Some(refusal),
            Ok(session) if session.span.to > self.received_at() + AHEAD => {
                Some(Refusal::SessionAhead)
            }
            Ok(_) => None,
        }
    }

    /// Sessions on record in which one of the consultants was at the time of a session of this mail:
    /// nobody is in two at once, but who was where is for people to say (policy.md §7).
    pub(super) fn overlaps(&self) -> Vec<SessionOverlap> {
        let ordered = self.instructions.commands.iter();
        let sessions: Vec<Session> = ordered
            .filter_map(|ordered| self.session(&ordered.command).ok())
            .collect();
        let mut found: Vec<SessionOverlap> = Vec::new();
        for session in &sessions {
            for other in &self.intake.case.sessions {
                let both = session
                    .people
                    .iter()
                    .filter(|who| other.people.contains(who));
                let people: Vec<String> = both.cloned().collect();
                let overlap = SessionOverlap {
                    people,
                    number: self.intake.policy.tag(other.ticket),
                    from: other.span.from,
                    to: other.span.to,
                };
                let at_once = other.span.overlaps(&session.span);
                if at_once && !overlap.people.is_empty() && !found.contains(&overlap) {
                    found.push(overlap);
                }
            }
        }
        found
    }

    /// Why lines cannot be taken back.
    pub(super) fn not_reversible(&self, lines: &[ChargeId]) -> Option<Refusal> {
        lines.iter().find_map(|id| match self.line(*id) {
            Some(charge) if is_reversible(charge) => None,
            Some(charge) if charge.is_reversed => Some(Refusal::ReversedAlready),
            Some(_) | None => Some(Refusal::NoSuchLine),
        })
    }

    fn line(&self, id: ChargeId) -> Option<&Charge> {
        let charges = &self.ticket.charges;
        charges.iter().find(|charge| charge.id == id)
    }

    /// Puts the time of one command on record. `place` tells it from others in the same mail.
    pub(super) fn record_time(
        &self,
        command: &Command,
        place: usize,
        draft: &mut Draft,
    ) -> Vec<Effect> {
        match command {
            Command::Work { minutes, note } => {
                let at = self.received_at();
                let (bucket, approval) = bucket_at(&draft.ticket, self.intake.policy, at);
                let once = format!("work:{}:{place}", self.intake.inbound);
                let line = NewCharge {
                    approval,
                    note: note.clone(),
                    ..self.entry(draft, once, (ChargeKind::Work, *minutes, bucket))
                };
                enter(draft, line, self.intake.policy);
                Vec::new()
            }
            Command::Session { .. } => match self.session(command) {
                Ok(session) => self.enter_session(&session, place, draft),
                Err(_) => Vec::new(),
            },
            Command::Reverse { lines, reason } => {
                let (at, source) = (self.entered_at(), Some(self.intake.inbound));
                let taken_back = lines.iter().filter_map(|id| self.line(*id));
                for charge in taken_back {
                    draft.charge(charge.reversal(at, source, reason));
                }
                Vec::new()
            }
            Command::Window { day, from, to } => self.accept_window(*day, (*from, *to), draft),
            _ => Vec::new(),
        }
    }

    /// A line of this mail.
    fn entry(
        &self,
        draft: &Draft,
        once: String,
        (kind, minutes, bucket): (ChargeKind, i64, Bucket),
    ) -> NewCharge {
        let by = &self.consultant.person.address;
        NewCharge {
            factor: factor(&draft.ticket, self.intake.policy, bucket),
            source: Some(self.intake.inbound),
            ..NewCharge::plain(once, (kind, minutes, bucket), by, self.entered_at())
        }
    }

    /// Policy §7: minutes × consultants, cut at opening, closing, rest days and the ends of approved
    /// windows. The client gets a summary.
    fn enter_session(&self, session: &Session, place: usize, draft: &mut Draft) -> Vec<Effect> {
        let windows = approved_windows(&draft.ticket);
        let spans: Vec<Span> = windows.iter().map(|(span, _)| *span).collect();
        let parts = charges(session.span, session.count, self.calendar(), &spans);
        let approving = windows
            .iter()
            .find(|(span, _)| span.overlaps(&session.span));
        for part in &parts {
            let approved = part.bucket == Bucket::OutOfHoursApproved;
            let (mail, bucket) = (self.intake.inbound, part.bucket.name());
            let once = format!("session:{mail}:{place}:{bucket}");
            let what = (ChargeKind::Session, part.minutes, part.bucket);
            let line = NewCharge {
                people: session.people.clone(),
                span: Some(session.span),
                approval: approving.filter(|_| approved).map(|(_, mail)| *mail),
                ..self.entry(draft, once, what)
            };
            enter(draft, line, self.intake.policy);
        }
        let by_parts: Vec<(Bucket, i64)> = parts
            .iter()
            .map(|part| (part.bucket, part.minutes))
            .collect();
        let policy: &Policy = self.intake.policy;
        to_client_side(
            &draft.ticket,
            None,
            Manner::Timer,
            &format!("session_summary:{}:{place}", self.intake.inbound),
            // Policy §9: until then it can be taken back.
            self.intake.now + policy.replies.delay,
            |name| {
                Letter::SessionSummary(SessionSummary {
                    ticket: facts(&draft.ticket, policy),
                    name: name.to_owned(),
                    consultant: self.consultant.person.name.clone(),
                    from: session.span.from,
                    to: session.span.to,
                    people: session.people.clone(),
                    count: session.count,
                    minutes: by_parts.iter().map(|(_, minutes)| minutes).sum(),
                    parts: by_bucket(&by_parts),
                })
            },
        )
    }
}
