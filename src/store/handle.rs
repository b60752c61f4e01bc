//! The one thread that owns the database in the daemon.
//!
//! SQLite has one writer; so have we. Async code hands closures to the thread over a bounded
//! channel and awaits their answers; order of arrival is order of execution.

use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::{Result, Store, StoreError};

/// Jobs that may wait before callers have to.
const JOBS_MAX: usize = 16;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

/// A handle to the database thread; clones share it.
#[derive(Debug, Clone)]
pub struct Handle {
    jobs: mpsc::Sender<Job>,
}

impl Handle {
    /// Starts the thread. It ends when the last handle is gone.
    pub fn start(mut store: Store) -> std::io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Job>(JOBS_MAX);
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || {
                while let Some(job) = queue.blocking_recv() {
                    job(&mut store);
                }
            })?;
        Ok(Self { jobs })
    }

    /// Runs `work` on the database thread.
    pub async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, awaited) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // Nobody awaiting any more is no reason to stop: the work is done all the same.
            let _ = answer.send(work(store));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Stopped)?;
        awaited.await.map_err(|_| StoreError::Stopped)?
    }
}
