//! `run`: the loops side by side until the service is told to stop.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::House;
use super::deliver::{Deliver, Step};
use super::poll::{Backoff, Poll, PollError};
use super::watch::{REFUSALS_MAX, Trouble, is_raised};
use crate::domain::digest::next_at;
use crate::domain::event::{AlarmCause, Event};
use crate::domain::statement_issue;
use crate::ports::{Ids, Mailbox, MailboxError, Transport};
use crate::store::StoreError;
use crate::systemd::Service;

/// Longest sleep of a loop that has nothing to do: other processes may have left it work
/// (`ingest`, `held release`), and no nudge tells of them.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How often the watch round is made.
const WATCH_EVERY: Duration = Duration::from_secs(60);

/// The wait before the mailbox is tried again once it has refused the credentials several times.
const REFUSED_WAIT: Duration = Duration::from_secs(600);

/// The wait after the way out was found shut.
const BLOCKED_WAIT: Duration = Duration::from_secs(30);

/// The wait after the database failed.
const STORE_WAIT: Duration = Duration::from_secs(5);

/// How long a stop may take before the loops are left where they are; the next start goes on.
const STOP_PATIENCE: Duration = Duration::from_secs(60);

/// Hints between the loops.
#[derive(Debug, Default)]
struct Nudges {
    arrived: Notify,
    queued: Notify,
}

/// How the daemon runs, besides its rules.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Longest time between two looks at the mailbox.
    pub poll_interval: Duration,
    /// Mails a minute at most.
    pub per_minute: u32,
}

/// Runs until `stop` says so. `Err`: a loop ended by itself, which is a fault.
pub async fn serve<M: Mailbox + 'static, T: Transport + 'static>(
    house: House,
    poll: Poll<M>,
    deliver: Deliver<T>,
    pace: Pace,
    ids: Arc<dyn Ids>,
    service: Service,
    stop: watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let recovered = deliver.recover().await?;
    if recovered > 0 {
        tracing::warn!(
            recovered,
            "deliveries cut short by the end of the last process are settled"
        );
    }
    let nudges = Arc::new(Nudges::default());
    let (polls, processes, delivers) = (
        poll_loop(
            house.clone(),
            poll,
            pace,
            ids,
            nudges.clone(),
            service.clone(),
            stop.clone(),
        ),
        process_loop(house.clone(), nudges.clone(), service.clone(), stop.clone()),
        deliver_loop(house, deliver, pace, nudges, stop.clone()),
    );
    // All on this thread: they wait for the network and for the ledger's thread, and no more.
    let local = tokio::task::LocalSet::new();
    let mut loops = tokio::task::JoinSet::new();
    loops.spawn_local_on(polls, &local);
    loops.spawn_local_on(processes, &local);
    loops.spawn_local_on(delivers, &local);
    service.ready();
    local.run_until(supervise(loops, service, stop)).await
}

/// Waits for the stop, and then for the loops.
async fn supervise(
    mut loops: tokio::task::JoinSet<()>,
    service: Service,
    stop: watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let ended = loops.join_next().await;
    if !*stop.borrow() {
        tracing::error!(?ended, "a loop ended by itself");
        return Err(StoreError::Stopped);
    }
    service.stopping();
    let all = async { while loops.join_next().await.is_some() {} };
    if timeout(STOP_PATIENCE, all).await.is_err() {
        tracing::warn!("stopped in the middle of a step; the next start goes on from the ledger");
    }
    Ok(())
}

/// Waits for a hint, a moment or the stop; true: stop.
async fn rest(hint: &Notify, longest: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = hint.notified() => {}
        () = sleep(longest) => {}
        _ = stop.changed() => {}
    }
    *stop.borrow()
}

async fn poll_loop<M: Mailbox>(
    house: House,
    mut poll: Poll<M>,
    pace: Pace,
    ids: Arc<dyn Ids>,
    nudges: Arc<Nudges>,
    service: Service,
    mut stop: watch::Receiver<bool>,
) {
    let raised = |cause| house.ledger.call(move |store| is_raised(store, cause));
    let unreachable = raised(AlarmCause::MailboxUnreachable)
        .await
        .unwrap_or(false);
    let refused = raised(AlarmCause::AuthenticationRefused)
        .await
        .unwrap_or(false);
    let mut unreachable = Trouble::new(AlarmCause::MailboxUnreachable, unreachable);
    let mut refused = Trouble::new(AlarmCause::AuthenticationRefused, refused);
    let mut refusals = 0;
    let mut backoff = Backoff::new();
    let mut broken_waits = Backoff::new();
    while !*stop.borrow() {
        let arrived = nudges.clone();
        let cycle = async {
            poll.cycle(&move || arrived.arrived.notify_one()).await?;
            Ok::<_, PollError>(())
        };
        let result = tokio::select! {
            result = cycle => result,
            _ = stop.changed() => break,
        };
        let now = house.clock.now();
        let (wait, events) = match result {
            Ok(()) => {
                backoff.reset();
                refusals = 0;
                service.mailbox(None);
                (None, [unreachable.gone(), refused.gone()])
            }
            Err(PollError::Mailbox(error)) => {
                tracing::warn!(%error, "the mailbox could not be read");
                service.mailbox(Some(&error.to_string()));
                let text = error.to_string();
                if let MailboxError::Authentication(_) = error {
                    refusals += 1;
                    let enough = refusals >= REFUSALS_MAX;
                    let wait = if enough {
                        REFUSED_WAIT
                    } else {
                        backoff.next(random(&*ids))
                    };
                    (Some(wait), [None, refused.seen(&text, enough, now)])
                } else {
                    let wait = backoff.next(random(&*ids));
                    (Some(wait), [unreachable.seen(&text, false, now), None])
                }
            }
            Err(PollError::Store(error)) => {
                tracing::error!(%error, "the ledger could not take mail in; it stays on the server");
                (Some(STORE_WAIT), [None, None])
            }
        };
        for (trouble, event) in [&mut unreachable, &mut refused].into_iter().zip(events) {
            if let Some(event) = event {
                tell(&house, trouble, event).await;
                nudges.queued.notify_one();
            }
        }
        let pause = match wait {
            Some(pause) => Some(pause),
            None => tokio::select! {
                woken = poll.mailbox.wait(pace.poll_interval) => match woken {
                    Ok(_) => {
                        broken_waits.reset();
                        None
                    }
                    // A server that breaks off every wait must not be called again and again.
                    Err(error) => {
                        tracing::debug!(%error, "the wait for mail was broken off");
                        Some(broken_waits.next(random(&*ids)))
                    }
                },
                _ = stop.changed() => break,
            },
        };
        let ended = match pause {
            Some(pause) => rest(&Notify::new(), pause, &mut stop).await,
            None => false,
        };
        if ended {
            break;
        }
    }
}

fn random(ids: &dyn Ids) -> u8 {
    let mut byte = [0];
    ids.fill(&mut byte);
    byte.first().copied().unwrap_or_default()
}

/// Has an event of `trouble` decided about; where the ledger fails, it is told again later.
async fn tell(house: &House, trouble: &mut Trouble, event: Event) {
    let (engine, now) = (house.engine.clone(), house.clock.now());
    let told = house
        .ledger
        .call(move |store| store.transaction(|tx| engine.handle(tx, &event, now)))
        .await;
    if let Err(error) = told {
        tracing::error!(%error, "an alarm could not be recorded");
        trouble.untold();
    }
}

async fn process_loop(
    house: House,
    nudges: Arc<Nudges>,
    service: Service,
    mut stop: watch::Receiver<bool>,
) {
    let mut watched: Option<Instant> = None;
    let mut rechecking = false;
    loop {
        let result = async {
            let decided = house.decide_all().await?;
            if watched.is_none_or(|at| at.elapsed() >= WATCH_EVERY) {
                house.watch().await?;
                watched = Some(Instant::now());
                rechecking = true;
            }
            if rechecking {
                rechecking = house.recheck().await?;
            }
            let now = house.clock.now();
            let due = house
                .ledger
                .call(move |store| crate::store::tickets::next_fire(store.reader(), now))
                .await?;
            let digest = next_at(&house.engine.policy, now);
            let statements = statement_issue::next_at(&house.engine.policy, now);
            let due = [due, digest, statements].into_iter().flatten().min();
            Ok::<_, StoreError>((decided, due))
        };
        let wait = match result.await {
            Ok((decided, due)) => {
                if decided > 0 {
                    nudges.queued.notify_one();
                }
                // The loop that works feeds the watchdog: a stuck database starves it.
                service.alive();
                if rechecking {
                    Duration::ZERO
                } else {
                    until(due, house.clock.now()).min(LOOK_EVERY)
                }
            }
            Err(error) => {
                tracing::error!(%error, "the ledger failed; nothing is lost, it is tried again");
                STORE_WAIT
            }
        };
        if rest(&nudges.arrived, wait, &mut stop).await {
            return;
        }
    }
}

fn until(due: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    due.map_or(LOOK_EVERY, |at| {
        (at - now).to_std().unwrap_or(Duration::ZERO)
    })
}

async fn deliver_loop<T: Transport>(
    house: House,
    mut deliver: Deliver<T>,
    pace: Pace,
    nudges: Arc<Nudges>,
    mut stop: watch::Receiver<bool>,
) {
    let raised = house
        .ledger
        .call(|store| is_raised(store, AlarmCause::OutgoingFailing))
        .await
        .unwrap_or(false);
    let mut shut = Trouble::new(AlarmCause::OutgoingFailing, raised);
    let mut bucket = Bucket::new(pace.per_minute);
    loop {
        if *stop.borrow() {
            return;
        }
        if let Some(wait) = bucket.wait() {
            if rest(&Notify::new(), wait, &mut stop).await {
                return;
            }
            continue;
        }
        let wait = match deliver.step().await {
            Ok(Step::Went) => {
                bucket.spend();
                // The delivery itself ended the alarm, in its own commit.
                shut.gone();
                // What a delivery causes (a response met, a failure told) may be due at once.
                nudges.arrived.notify_one();
                continue;
            }
            Ok(Step::Blocked) => {
                let told = shut.seen("no mail can be handed over", false, house.clock.now());
                if let Some(event) = told {
                    tell(&house, &mut shut, event).await;
                }
                BLOCKED_WAIT
            }
            Ok(Step::Idle(due)) => until(due, house.clock.now()).min(LOOK_EVERY),
            Err(error) => {
                tracing::error!(%error, "the queue could not be read; it is tried again");
                STORE_WAIT
            }
        };
        if rest(&nudges.queued, wait, &mut stop).await {
            return;
        }
    }
}

/// A token bucket: at most `per_minute` mails in any minute on average, that many at once.
#[derive(Debug)]
struct Bucket {
    per_minute: u32,
    left: f64,
    filled: Instant,
}

impl Bucket {
    fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            left: f64::from(per_minute),
            filled: Instant::now(),
        }
    }

    /// How long until a mail may leave; `None`: now.
    fn wait(&mut self) -> Option<Duration> {
        let rate = f64::from(self.per_minute) / 60.0;
        let elapsed = self.filled.elapsed().as_secs_f64();
        self.filled = Instant::now();
        self.left = (self.left + elapsed * rate).min(f64::from(self.per_minute));
        (self.left < 1.0).then(|| Duration::from_secs_f64((1.0 - self.left) / rate))
    }

    fn spend(&mut self) {
        self.left -= 1.0;
    }
}
