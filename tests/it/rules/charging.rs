//! How lines come into the ledger (policy.md §7), by way of the one place through which every change
//! of a ticket goes: sums that must hold whatever happens in whatever order.

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use soported::domain::billing::{Bucket, FOLLOW_UP_MINUTES, Span, charges, follow_ups};
use soported::domain::budget::Budget;
use soported::domain::charge::{Charge, ChargeKind, NewCharge};
use soported::domain::charging::{approve, enter};
use soported::domain::desk::Draft;
use soported::domain::effect::Effect;
use soported::domain::ids::{ChargeId, InboundId, OutboxId};
use soported::domain::policy::Policy;
use soported::domain::ticket::{Fact, Status, Ticket};

use super::{ANA, LUIS, MARIA, address, at, policy, ticket};

/// A ticket whose lines get numbers as the ledger gives them.
struct Books {
    ticket: Ticket,
    policy: Policy,
    next: i64,
}

impl Books {
    fn open() -> Books {
        Books {
            ticket: ticket(Status::InProgress),
            policy: policy(),
            next: 1,
        }
    }

    /// Changes the ticket and keeps it, as the store does; a line that is there already is none.
    fn change(&mut self, now: DateTime<Utc>, change: impl FnOnce(&mut Draft, &Policy)) {
        let mut draft = Draft::of(&self.ticket);
        change(&mut draft, &self.policy);
        let Effect::SaveTicket {
            ticket, entries, ..
        } = draft.save(&self.policy, now)
        else {
            panic!("a ticket is kept");
        };
        let before = self.ticket.charges.clone();
        self.ticket = *ticket;
        let mut known = before;
        for released in &entries.released {
            let of = |charge: &&mut Charge| charge.id == released.charge;
            let charge = known.iter_mut().find(of).expect("a line that is there");
            charge.approved_at = Some(released.at);
        }
        for line in entries.entered {
            if known.iter().any(|charge| charge.line.once == line.once) {
                continue;
            }
            if let Some(of) = line.reverses {
                let charge = known.iter_mut().find(|charge| charge.id == of);
                charge.expect("a line that is there").is_reversed = true;
            }
            known.push(Charge {
                id: ChargeId(self.next),
                ticket: self.ticket.id,
                line,
                formalized_at: None,
                approved_at: None,
                is_reversed: false,
            });
            self.next += 1;
        }
        self.ticket.charges = known;
    }

    fn sent(&mut self, mail: i64, by: &str, when: DateTime<Utc>) {
        self.change(when, |draft, _| {
            let inbound = InboundId(mail);
            let by = address(by);
            draft.record(when, Fact::ReplyQueued { by, inbound });
            let (outbox, inbound) = (OutboxId(mail), Some(inbound));
            draft.record(when, Fact::ReplySent { outbox, inbound });
        });
    }

    fn came_back(&mut self, mail: i64, when: DateTime<Utc>) {
        self.change(when, |draft, _| {
            draft.record(
                when,
                Fact::DeliveryFailed {
                    outbox: OutboxId(mail),
                    to: address(MARIA),
                    reason: "550".to_owned(),
                    cause: soported::domain::failure::FailureCause::Other,
                },
            );
        });
    }

    /// A session of this mail, one line a bucket.
    fn session(&mut self, mail: i64, span: Span, count: u32) {
        self.change(span.to, |draft, policy| {
            for part in charges(span, count, &policy.calendar, &[]) {
                let line = NewCharge {
                    once: format!("session:{mail}:{}", part.bucket.name()),
                    kind: ChargeKind::Session,
                    minutes: part.minutes,
                    bucket: part.bucket,
                    span: Some(span),
                    ..line(mail, span.to)
                };
                enter(draft, line, policy);
            }
        });
    }

    fn reverse(&mut self, id: ChargeId, when: DateTime<Utc>) {
        let of = |charge: &&Charge| charge.id == id;
        let charge = self.ticket.charges.iter().find(of).cloned();
        let charge = charge.expect("a line that is there");
        self.change(when, |draft, _| {
            draft.charge(charge.reversal(when, None, "por error"));
        });
    }

    fn minutes(&self, of: impl Fn(&Charge) -> bool) -> i64 {
        let lines = self.ticket.charges.iter().filter(|charge| of(charge));
        lines.map(|charge| charge.line.minutes).sum()
    }

    fn billable(&self) -> i64 {
        self.minutes(Charge::is_billable)
    }

    fn used(&self) -> i64 {
        Budget::of(&self.ticket, &self.policy).used
    }

    /// What the mails and sessions come to, counted anew from the beginning.
    fn wanted(&self, mails: &[(i64, &'static str, DateTime<Utc>)], lost: &[i64]) -> i64 {
        let kept: Vec<(DateTime<Utc>, &str)> = mails
            .iter()
            .filter(|(mail, ..)| !lost.contains(mail))
            .map(|(_, by, at)| (*at, *by))
            .collect();
        let sessions: Vec<Span> = self
            .ticket
            .charges
            .iter()
            .filter(|charge| charge.is_in_force() && charge.line.kind == ChargeKind::Session)
            .filter_map(|charge| charge.line.span)
            .collect();
        let found = follow_ups(&kept, &sessions, self.policy.billing.coalesce);
        FOLLOW_UP_MINUTES * i64::try_from(found.len()).expect("a few")
    }
}

/// A line of a mail, which still has to be told what it is.
fn line(mail: i64, when: DateTime<Utc>) -> NewCharge {
    NewCharge {
        once: format!("work:{mail}"),
        kind: ChargeKind::Work,
        minutes: 30,
        bucket: Bucket::InHours,
        factor: None,
        consultant: address(ANA),
        people: vec![],
        at: when,
        span: None,
        source: Some(InboundId(mail)),
        approval: None,
        pending_formalization: false,
        excess: false,
        reverses: None,
        note: String::new(),
    }
}

fn is_follow_up(charge: &Charge) -> bool {
    charge.line.kind == ChargeKind::FollowUp
}

#[test]
fn time_beyond_the_authorized_is_a_line_of_its_own_that_an_approval_releases() {
    let mut books = Books::open();
    let when = at("11-24 10:00");
    let work = |mail, minutes| NewCharge {
        minutes,
        ..line(mail, when)
    };
    books.change(when, |draft, policy| enter(draft, work(1, 350), policy));
    books.change(when, |draft, policy| enter(draft, work(2, 60), policy));
    assert_eq!((books.used(), books.billable()), (410, 360));
    let shown: Vec<(i64, bool)> = books
        .ticket
        .charges
        .iter()
        .map(|charge| (charge.line.minutes, charge.line.excess))
        .collect();
    assert_eq!(shown, [(350, false), (10, false), (50, true)]);

    // Less than is beyond: exactly as much is charged, and the rest waits on.
    let mail = (InboundId(9), at("11-24 11:00"));
    books.change(mail.1, |draft, _| approve(draft, 20, mail));
    assert_eq!((books.used(), books.billable()), (410, 380));
    books.change(mail.1, |draft, _| approve(draft, 100, mail));
    assert_eq!((books.used(), books.billable()), (410, 410));
}

#[test]
fn a_line_and_what_takes_it_back_are_charged_together_or_not_at_all() {
    let mut books = Books::open();
    let when = at("11-24 10:00");
    let work = NewCharge {
        minutes: 400,
        ..line(1, when)
    };
    books.change(when, |draft, policy| enter(draft, work, policy));
    assert_eq!((books.used(), books.billable()), (400, 360));
    let beyond = books.ticket.charges.iter().find(|c| c.line.excess).unwrap();
    let beyond = beyond.id;
    books.reverse(beyond, at("11-24 11:00"));
    assert_eq!((books.used(), books.billable()), (360, 360));
    let mail = (InboundId(9), at("11-24 12:00"));
    books.change(mail.1, |draft, _| approve(draft, 240, mail));
    assert_eq!((books.used(), books.billable()), (360, 360));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is sent, comes back, is recorded and is taken back: the follow-ups charged are those
    /// that a count from the beginning finds, and doing it again charges nothing.
    #[test]
    fn follow_ups_are_what_a_count_from_the_beginning_finds(
        steps in prop::collection::vec((0_u8..4, 0_i64..90, 1_i64..60), 1..14)
    ) {
        let mut books = Books::open();
        let start = at("11-24 16:30");
        let (mut mails, mut lost, mut now) = (Vec::new(), Vec::new(), start);
        for (place, (what, later, length)) in steps.into_iter().enumerate() {
            let mail = i64::try_from(place).unwrap() + 1;
            now += Duration::minutes(later % 20);
            match what {
                0 | 1 => {
                    let by = if what == 0 { ANA } else { LUIS };
                    mails.push((mail, by, now));
                    books.sent(mail, by, now);
                }
                2 => {
                    let from = now - Duration::minutes(later);
                    let to = from + Duration::minutes(length);
                    books.session(mail, Span { from, to }, 2);
                }
                _ => {
                    let last = mails.iter().rev().find(|(mail, ..)| !lost.contains(mail));
                    let session = books.ticket.charges.iter().rev().find(|charge| {
                        charge.is_in_force() && charge.line.kind == ChargeKind::Session
                    });
                    match (length % 2 == 0, last, session.map(|charge| charge.id)) {
                        (true, Some((mail, ..)), _) => {
                            let mail = *mail;
                            lost.push(mail);
                            books.came_back(mail, now);
                        }
                        (_, _, Some(session)) => books.reverse(session, now),
                        _ => {}
                    }
                }
            }
            prop_assert_eq!(books.minutes(is_follow_up), books.wanted(&mails, &lost));
        }
        // Keeping the ticket again changes nothing.
        let lines = books.ticket.charges.len();
        books.change(now, |_, _| {});
        prop_assert_eq!(books.ticket.charges.len(), lines);
    }

    /// A session taken back and recorded again gives the sums of before.
    #[test]
    fn a_session_taken_back_and_recorded_again_is_what_it_was(
        offset in 0_i64..600, length in 1_i64..300, count in 1_u32..4
    ) {
        let mut books = Books::open();
        books.sent(1, ANA, at("11-24 12:00"));
        let from = at("11-24 08:00") + Duration::minutes(offset);
        let span = Span { from, to: from + Duration::minutes(length) };
        books.session(2, span, count);
        let sums = (books.used(), books.minutes(is_follow_up));
        let ids: Vec<ChargeId> = books.ticket.charges.iter()
            .filter(|charge| charge.line.kind == ChargeKind::Session)
            .map(|charge| charge.id)
            .collect();
        for id in ids {
            books.reverse(id, at("11-25 09:00"));
        }
        prop_assert_eq!(books.used(), 15);
        books.session(3, span, count);
        prop_assert_eq!((books.used(), books.minutes(is_follow_up)), sums);
        // The same mail again charges nothing.
        let used = books.used();
        books.session(3, span, count);
        prop_assert_eq!(books.used(), used);
    }
}
