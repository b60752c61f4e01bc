//! The third loop: queued mail out of the house, one attempt at a time (mail.md §6).

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::engine::Engine;
use crate::domain::address::Address;
use crate::domain::event::{AlarmCause, DeliveryOutcome, Event};
use crate::domain::ids::OutboxId;
use crate::mail::header::is_message_id;
use crate::ports::{Clock, Envelope, Handover, Transport, Trouble, TroubleScope};
use crate::store::handle::Handle;
use crate::store::outbox::{self, Attempt, CutShort, Next, Settled};
use crate::store::{Result, Store};

/// Waits after the first attempts that met trouble, in minutes; then [`LATER_RETRIES`].
const FIRST_RETRIES_MINUTES: [i64; 4] = [1, 5, 15, 30];

/// Waits after that.
const LATER_RETRIES: Duration = Duration::hours(2);

/// A mail that nobody accepted in this time is given up, with an alarm; but never before the first
/// retries were made, or a house that was shut for days would lose what waits to its first trouble.
const GIVEN_UP_AFTER: Duration = Duration::days(4);

/// What one step of the loop came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A mail was dealt with; there may be more.
    Went,
    /// No mail can leave at present.
    Blocked,
    /// Nothing is due before then, if ever.
    Idle(Option<DateTime<Utc>>),
}

/// The way out and the queue before it.
#[derive(Debug)]
pub struct Deliver<T> {
    transport: T,
    ledger: Handle,
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    uncertain_wait: Duration,
    unsettled: Option<Ended>,
}

/// An attempt that came to an end at a time.
#[derive(Debug, Clone)]
struct Ended {
    attempt: Attempt,
    handover: Handover,
    at: DateTime<Utc>,
}

impl<T: Transport> Deliver<T> {
    /// Puts a transport behind the queue.
    pub fn new(
        transport: T,
        ledger: Handle,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        uncertain_wait: Duration,
    ) -> Self {
        Self {
            transport,
            ledger,
            engine,
            clock,
            uncertain_wait,
            unsettled: None,
        }
    }

    /// Settles what a process that died left half done. Only the holder of the instance lock may.
    pub async fn recover(&self) -> Result<usize> {
        let (now, wait) = (self.clock.now(), self.uncertain_wait);
        let engine = Arc::clone(&self.engine);
        self.ledger
            .call(move |store| {
                store.transaction(|tx| {
                    let rows = outbox::cut_short(tx)?;
                    for row in &rows {
                        let (settled, words) = after_crash(row, wait, now);
                        outbox::settle(tx, row.id, settled, words, now)?;
                        let silence = Handover::Uncertain(words.to_owned());
                        if let Some(event) = outgoing_alarm(row.id, settled, &silence) {
                            engine.handle(tx, &event, now)?;
                        }
                    }
                    Ok(rows.len())
                })
            })
            .await
    }

    /// Takes the next due mail and makes one attempt.
    pub async fn step(&mut self) -> Result<Step> {
        // What the ledger could not note last time comes first, or it would stay half done until
        // the next start.
        if let Some(ended) = self.unsettled.take() {
            self.conclude(ended).await?;
        }
        let next = self.take().await?;
        let Some(attempt) = next.attempt else {
            let until = next.breaker_until;
            let due = self
                .ledger
                .call(move |store| outbox::next_due(store.reader(), until))
                .await?;
            return Ok(Step::Idle(due));
        };
        let envelope = Envelope {
            from: attempt.from.clone(),
            to: attempt.to.clone(),
            // Signed, so that only a server which had the mail can name it in a report.
            envid: Some(attempt.message_id.clone()),
        };
        let handover = match self.transport.offer(&envelope).await {
            Err(outcome) => outcome,
            Ok(()) => {
                let (id, now) = (attempt.id, self.clock.now());
                let noted = self
                    .ledger
                    .call(move |store| store.transaction(|tx| outbox::offered(tx, id, now)))
                    .await;
                if let Err(error) = noted {
                    // The content stays here; the next offer drops the connection.
                    self.unsettled = Some(Ended {
                        attempt,
                        handover: Handover::Retry(Trouble {
                            text: "the ledger could not note that the content leaves".to_owned(),
                            scope: TroubleScope::Connection,
                        }),
                        at: now,
                    });
                    return Err(error);
                }
                self.transport.hand_over(&attempt.raw).await
            }
        };
        let step = match &handover {
            Handover::Retry(trouble) if trouble.scope != TroubleScope::Mail => Step::Blocked,
            _ => Step::Went,
        };
        let at = self.clock.now();
        self.conclude(Ended {
            attempt,
            handover,
            at,
        })
        .await?;
        Ok(step)
    }

    async fn take(&self) -> Result<Next> {
        let (now, engine) = (self.clock.now(), Arc::clone(&self.engine));
        self.ledger
            .call(move |store| {
                store.transaction(|tx| {
                    let next = outbox::take(tx, &engine.policy.brakes, now)?;
                    let event = Event::Alarm {
                        cause: AlarmCause::BreakerTripped,
                        raised: next.breaker_until.is_some(),
                        detail: format!(
                            "{} automatic mails within an hour",
                            engine.policy.brakes.automatic_per_hour
                        ),
                    };
                    engine.handle(tx, &event, now)?;
                    Ok(next)
                })
            })
            .await
    }

    /// Settles an attempt and decides what follows from it, in one commit. Where the database
    /// fails, the attempt is kept for the next step.
    async fn conclude(&mut self, ended: Ended) -> Result<()> {
        let (engine, wait) = (Arc::clone(&self.engine), self.uncertain_wait);
        let Ended {
            attempt,
            handover,
            at,
        } = ended.clone();
        let settled = self
            .ledger
            .call(move |store| settle(store, &engine, &attempt, &handover, wait, at))
            .await;
        if let Err(error) = &settled
            && error.is_storage_failure()
        {
            self.unsettled = Some(ended);
        }
        settled
    }
}

fn after_crash(row: &CutShort, wait: Duration, now: DateTime<Utc>) -> (Settled, &'static str) {
    match row.offered_at {
        None => (
            Settled::Retry(now),
            "the process ended before the content left",
        ),
        Some(_) => (
            again_once(row.uncertain, wait, now),
            "the process ended while the content left",
        ),
    }
}

/// An uncertain mail is tried once more, with the same Message-ID, and then no more.
fn again_once(uncertain_before: u32, wait: Duration, now: DateTime<Utc>) -> Settled {
    Settled::Uncertain((uncertain_before == 0).then(|| now + wait))
}

/// When a mail that met trouble is tried again; `None`: given up.
pub fn retry_at(
    attempts: u32,
    created_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let index = usize::try_from(attempts)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    match FIRST_RETRIES_MINUTES.get(index) {
        Some(minutes) => Some(now + Duration::minutes(*minutes)),
        None => (now - created_at < GIVEN_UP_AFTER).then(|| now + LATER_RETRIES),
    }
}

fn settle(
    store: &mut Store,
    engine: &Engine,
    attempt: &Attempt,
    handover: &Handover,
    uncertain_wait: Duration,
    now: DateTime<Utc>,
) -> Result<()> {
    let (settled, words, outcome) = match handover {
        Handover::Sent(answer) => (Settled::Sent, answer, Some(DeliveryOutcome::Sent(now))),
        Handover::Refused(answer) => {
            let outcome = DeliveryOutcome::Refused(answer.clone());
            (Settled::Failed, answer, Some(outcome))
        }
        Handover::Uncertain(answer) => (
            again_once(attempt.uncertain, uncertain_wait, now),
            answer,
            None,
        ),
        Handover::Retry(trouble) => match retry_at(attempt.attempts, attempt.created_at, now) {
            Some(at) => (Settled::Retry(at), &trouble.text, None),
            None => {
                let outcome = DeliveryOutcome::GivenUp(trouble.text.clone());
                (Settled::Failed, &trouble.text, Some(outcome))
            }
        },
    };
    tracing::info!(outbox = attempt.id.0, kind = attempt.kind.name(), attempt = attempt.attempts, state = ?settled, "delivery attempt settled");
    store.transaction(|tx| {
        // Where a bounce was faster, all that follows from the attempt has been decided with it.
        let is_news = outbox::settle(tx, attempt.id, settled, words, now)?;
        if let (Settled::Sent, Some(ticket), Some(renamed)) =
            (settled, attempt.ticket, renamed_id(words, attempt))
        {
            crate::store::tickets::tie(tx, renamed, ticket, Some(attempt.id))?;
        }
        if let Some(outcome) = outcome.filter(|_| is_news) {
            engine.handle(tx, &delivery(attempt, outcome), now)?;
        }
        // A mail that nobody can settle keeps the alarm up, whatever else is accepted.
        let over = settled != Settled::Sent || outbox::left_to_a_person(tx)? == 0;
        // Nor is a mail that came back left to a person.
        let unknown = is_news || !matches!(handover, Handover::Uncertain(_));
        let alarm = outgoing_alarm(attempt.id, settled, handover);
        if let Some(event) = alarm.filter(|_| over && unknown) {
            engine.handle(tx, &event, now)?;
        }
        Ok(())
    })
}

fn delivery(attempt: &Attempt, outcome: DeliveryOutcome) -> Event {
    Event::Delivery {
        outbox: attempt.id,
        letter: attempt.kind,
        to: attempt.to.clone(),
        ticket: attempt.ticket,
        outcome,
    }
}

/// What an attempt says of the way out: refused credentials and mails nobody can settle are the
/// operators' business, and an accepted mail ends such an alarm. A connection that fails is left
/// to the loop, which knows for how long.
fn outgoing_alarm(id: OutboxId, settled: Settled, handover: &Handover) -> Option<Event> {
    let (raised, detail) = match handover {
        Handover::Sent(_) => (false, String::new()),
        Handover::Retry(t) if t.scope == TroubleScope::Authentication => (true, t.text.clone()),
        Handover::Uncertain(words) if settled == Settled::Uncertain(None) => {
            (true, format!("outbox {id} twice ended in silence: {words}"))
        }
        _ => return None,
    };
    Some(Event::Alarm {
        cause: AlarmCause::OutgoingFailing,
        raised,
        detail,
    })
}

/// The Message-ID that a submission service gave a mail instead of ours, where its answer names
/// one (mail.md §4: Microsoft's does, as `250 2.0.0 OK <id@host> [Hostname=…]`). Other servers
/// repeat an address of the envelope there, which names no mail.
fn renamed_id<'a>(answer: &'a str, attempt: &Attempt) -> Option<&'a str> {
    let (_, rest) = answer.split_once('<')?;
    let (id, _) = rest.split_once('>')?;
    let address = Address::parse(id);
    let of_envelope = address.is_some_and(|a| a == attempt.to || a == attempt.from);
    (is_message_id(id) && !of_envelope).then_some(id)
}
