//! Many files at once: on all cores, and told in the order they were named.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Items worked on before their results are handed on. It bounds the results held at once, which
/// are twice a mail's text each; a core that is done early waits for the end of the round only.
const ROUND: usize = 128;

/// Most threads; more would wait for the disk.
const THREADS_MAX: usize = 16;

/// Works on each item, on as many threads as there are cores, and hands the results on in the
/// order of the items, in the thread of the caller.
///
/// # Errors
/// The first error of `done`; nothing more is worked on after its round.
pub fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    for round in items.chunks(ROUND) {
        let threads = cores.min(THREADS_MAX).min(round.len());
        if threads <= 1 {
            round.iter().map(&work).try_for_each(&mut done)?;
            continue;
        }
        let next = AtomicUsize::new(0);
        let results: Vec<Mutex<Option<R>>> = round.iter().map(|_| Mutex::new(None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let (Some(item), Some(slot)) = (round.get(at), results.get(at)) else {
                            return;
                        };
                        let result = work(item);
                        // Nothing panics while it holds the lock, so it is never poisoned.
                        if let Ok(mut slot) = slot.lock() {
                            *slot = Some(result);
                        }
                    }
                });
            }
        });
        let results = results
            .into_iter()
            .filter_map(|slot| slot.into_inner().ok()?);
        results.into_iter().try_for_each(&mut done)?;
    }
    Ok(())
}
