//! `ingest`: one message from stdin, for an MTA's pipe.

use std::io::{self, Read};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::{ConfigArg, Done, Failure, Outcome, setup};
use crate::daemon::process;
use crate::mail::received::receipt_time;
use crate::ports::{Clock, Fetched, OVERSIZE_KEPT_BYTES, SystemClock};
use crate::store::{StoreError, inbox};

/// The name of the pipe in the ledger.
const SOURCE: &str = "stdin";

/// Takes the message into the ledger: exit 0 once it is committed, 75 where it could not be, so
/// that the MTA keeps it. What is decided about it is the daemon's work as much as ours: it is
/// done here at once, and tried again by the daemon if it fails.
pub fn ingest(config: &ConfigArg) -> Outcome {
    let (settings, templates) = setup::settings(config)?;
    let (raw, omitted_bytes) = message(std::io::stdin().lock(), settings.inbound.max_size)
        .context("reading the message from stdin")
        .map_err(Failure::Temporary)?;
    let temporary = |error: Failure| match error {
        Failure::CannotRun(error) => Failure::Temporary(error),
        other => other,
    };
    let (mut store, engine) = setup::engine(&settings, templates).map_err(temporary)?;
    let now = SystemClock.now();
    let packed = inbox::Packed::from_fetched(&Fetched {
        // The same bytes handed over twice, by an MTA that tries again, are one mail.
        locator: data_encoding::HEXLOWER.encode(&Sha256::digest(&raw)),
        received_at: receipt_time(&raw).unwrap_or(now).min(now),
        delivered_at: None,
        raw,
        omitted_bytes,
    });
    let added = packed.and_then(|packed| {
        store.transaction(|tx| -> Result<_, StoreError> {
            let row = inbox::mailbox(tx, SOURCE, now)?;
            // No baseline: what is handed over is meant, whenever it was received.
            inbox::store(tx, row.id, row.epoch, &[packed], None, None, now)
        })
    });
    let added = added.map_err(|error| Failure::Temporary(error.into()))?;
    for id in added {
        if let Err(error) = process::one(&mut store, &engine, id, now) {
            eprintln!("soported: stored; it will be processed by the daemon ({error})");
        }
    }
    Ok(Done::Well)
}

/// The message; over `max_size` only its beginning, and how many bytes were left out (mail.md §1).
/// All of it is read in any case: an MTA whose pipe breaks would return the mail to its sender.
fn message(mut input: impl Read, max_size: u64) -> io::Result<(Vec<u8>, Option<u64>)> {
    let mut raw = Vec::new();
    input.by_ref().take(max_size).read_to_end(&mut raw)?;
    let beyond = io::copy(&mut input, &mut io::sink())?;
    if beyond == 0 {
        return Ok((raw, None));
    }
    let whole = u64::try_from(raw.len()).unwrap_or(u64::MAX);
    raw.truncate(usize::try_from(OVERSIZE_KEPT_BYTES).unwrap_or(usize::MAX));
    let kept = u64::try_from(raw.len()).unwrap_or(u64::MAX);
    Ok((raw, Some(beyond + whole.saturating_sub(kept))))
}
