//! `run`: the daemon, or one pass of it.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::sync::watch;

use super::setup::SystemIds;
use super::{ConfigArg, Done, Failure, Outcome, log, setup};
use crate::config::settings::{InboundSource, OutboundTarget, Settings};
use crate::daemon::lock::InstanceLock;
use crate::daemon::poll::PollError;
use crate::daemon::serve::{Pace, serve};
use crate::daemon::{House, mailbox_name};
use crate::imap::ImapMailbox;
use crate::maildir::{MaildirMailbox, MaildirTransport};
use crate::ports::{Clock, Mailbox, SystemClock, Transport};
use crate::smtp::SmtpTransport;
use crate::store::views;
use crate::systemd::Service;

/// Runs the daemon until it is told to stop, or once.
pub fn run(config: &ConfigArg, once: bool) -> Outcome {
    log::to_stderr();
    let (settings, templates) = setup::settings(config)?;
    let lock = InstanceLock::take(&settings.database)
        .with_context(|| format!("locking {}", settings.database.display()))?;
    let Some(_lock) = lock else {
        let text = anyhow!("another soported runs on {}", settings.database.display());
        return Err(text.into());
    };
    let (mut store, engine) = setup::engine(&settings, templates)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    if !once {
        let now = clock.now();
        store.transaction(|tx| views::daemon_started(tx, now))?;
    }
    // One thread for the network, one for the ledger: what they share is the tables.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?;
    runtime.block_on(async {
        let database = settings.database.clone();
        let house = House::new(store, engine, clock.clone(), database)
            .context("starting the ledger's thread")?;
        match &settings.inbound.source {
            InboundSource::Imap {
                server,
                login,
                mailbox,
                processed_mailbox,
                idle,
            } => {
                let mailbox = ImapMailbox::new(
                    server.clone(),
                    login.clone(),
                    mailbox.clone(),
                    processed_mailbox.clone(),
                    *idle,
                    settings.inbound.max_size,
                    clock.clone(),
                );
                with_mailbox(house, mailbox, &settings, once).await
            }
            InboundSource::Maildir { path } => {
                let max_size = settings.inbound.max_size;
                let mailbox = MaildirMailbox::new(path.clone(), max_size, clock.clone());
                with_mailbox(house, mailbox, &settings, once).await
            }
        }
    })
}

async fn with_mailbox<M: Mailbox + 'static>(
    house: House,
    mailbox: M,
    settings: &Settings,
    once: bool,
) -> Outcome {
    let name = settings.policy.address.domain().to_owned();
    match &settings.outbound.target {
        OutboundTarget::Smtp { server, login } => {
            let transport = SmtpTransport::new(server.clone(), login.clone(), name);
            with_both(house, mailbox, transport, settings, once).await
        }
        OutboundTarget::Maildir { path } => {
            let transport = MaildirTransport::new(path.clone(), name);
            with_both(house, mailbox, transport, settings, once).await
        }
    }
}

async fn with_both<M: Mailbox + 'static, T: Transport + 'static>(
    house: House,
    mailbox: M,
    transport: T,
    settings: &Settings,
    once: bool,
) -> Outcome {
    let mut poll = house.poll(
        mailbox,
        mailbox_name(&settings.inbound),
        settings.inbound.since,
    );
    let wait = chrono::Duration::from_std(settings.outbound.uncertain_wait)
        .context("outbound.uncertain_wait")?;
    let mut deliver = house.deliver(transport, wait);
    if once {
        deliver.recover().await?;
        return match house.once(&mut poll, &mut deliver).await {
            Ok(()) => Ok(Done::Well),
            Err(PollError::Mailbox(error)) => Err(anyhow::Error::from(error).into()),
            Err(PollError::Store(error)) => Err(error.into()),
        };
    }
    let pace = Pace {
        poll_interval: settings.inbound.poll_interval,
        per_minute: settings.outbound.per_minute,
    };
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("told to stop");
        let _ = stop.send(true);
    });
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "started");
    serve(
        house,
        poll,
        deliver,
        pace,
        Arc::new(SystemIds),
        Service::new(),
        stopped,
    )
    .await
    .map_err(Failure::from)?;
    Ok(Done::Well)
}

/// SIGTERM or SIGINT.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
