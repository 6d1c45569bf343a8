//! `dripline serve`: puts the parts together, and takes them apart in order when the process is told to end.

mod certificate;
mod first_owner;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use super::catalog_file::CatalogFile;
use super::output::say;
use super::{Failure, Sources};
use crate::assets::{Assets, Kept};
use crate::config::Config;
use crate::edge::Edge;
use crate::faucet::{Faucet, Payer, Progress, Settings};
use crate::http::{Ended, Options, Serving, Tls, admin_router, metrics_router, router, serve};
use crate::payout::lease::LEASE_MS;
use crate::refusal::Refusal;
use crate::telemetry::{self, Metrics};

/// How often what is past its time is deleted.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How often it is noted what was counted, for what operators are shown of the last minutes and hours.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked what is the matter.
const ALERTS_EVERY: Duration = Duration::from_secs(30);
/// How often it is looked what the webhooks of sites are to be told.
const WEBHOOKS_EVERY: Duration = Duration::from_millis(250);
/// How often it is looked what waits for them, and which campaigns have little left.
const WATCH_WEBHOOKS_EVERY: Duration = Duration::from_secs(5);
/// How often transfers are appended to the log.
const SEQUENCE_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether another catalog is in force by now.
const FOLLOW_EVERY: Duration = Duration::from_secs(1);
/// How often a rail is asked what became of a payout, and tried again that did not answer.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked whether there is anything to pay, besides when something is requested.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// How often it is looked where others may have been asked for it, and whether the server that pays by a rail has gone.
const LOOK_BESIDE_OTHERS_EVERY: Duration = Duration::from_secs(5);
/// How often a rail is kept from others during a step that takes long: well before its lease runs out.
const HOLD_EVERY: Duration = Duration::from_millis(LEASE_MS / 4);
/// How often rails are asked what their treasuries hold.
const HOLDINGS_EVERY: Duration = Duration::from_mins(1);
/// How often it is read how everything stands, where metrics are asked for.
const INSIGHT_EVERY: Duration = Duration::from_secs(15);
/// Where in the data directory the loaders and bridges are that were ever served.
const KEPT_SCRIPTS: &str = "embed";
/// Files besides connections: the store, the log, the listeners.
const OTHER_FILES: u64 = 128;

/// What `dripline serve` is told.
#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    #[command(flatten)]
    sources: Sources,
}

/// Serves until the process is told to end.
pub(super) fn run(arguments: &ServeArguments) -> Result<(), Failure> {
    let config = arguments.sources.load()?;
    let traces = config.traces.settings();
    let traces = telemetry::start(&config.log.filter, config.log.format, traces.as_ref())
        .map_err(|error| Failure::impossible("the log", error))?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::impossible("the runtime", error))?;
    let ended = runtime.block_on(start(config, arguments.sources.catalog.clone()));
    // What still waits for a rail's answer is not waited for.
    runtime.shutdown_background();
    if let Some(traces) = traces {
        traces.end();
    }
    ended
}

async fn start(config: Config, catalog_file: Option<PathBuf>) -> Result<(), Failure> {
    // Before anything is promised: from here on a signal ends the server in order.
    let ended = when_told_to_end()?;
    let tls = config.tls.files().map(Tls::open).transpose();
    let tls = tls.map_err(|error| Failure::impossible("the certificate", error))?;
    let (listener, address) = listen(config.server.listen).await?;
    let metrics_listener = match config.metrics.listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let admin_listener = match config.admin.listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let edge = Edge::system();
    let faucet = start_faucet(settings(&config, address.port())?, edge.clone()).await?;
    let metrics = Metrics::new(faucet.clone());
    let serving = affordable(config.connections.serving(&config.clients.proxies));
    // They go on for ever, and nothing is lost where they end between two steps.
    let mut helpers = JoinSet::new();
    helpers.spawn(sweep(faucet.clone()));
    helpers.spawn(sample(faucet.clone()));
    helpers.spawn(watch_alerts(faucet.clone()));
    helpers.spawn(deliver_webhooks(faucet.clone()));
    helpers.spawn(watch_webhooks(faucet.clone()));
    helpers.spawn(sequence(faucet.clone()));
    helpers.spawn(refresh_prices(faucet.clone(), Duration::from_millis(config.prices.refresh_ms)));
    helpers.spawn(follow_catalog(faucet.clone(), catalog_file));
    helpers.spawn(refresh_holdings(faucet.clone()));
    if metrics_listener.is_some() {
        helpers.spawn(refresh_insight(faucet.clone()));
    }
    let mut payers = JoinSet::new();
    let look_every = if faucet.is_beside_others() { LOOK_BESIDE_OTHERS_EVERY } else { LOOK_EVERY };
    for payer in faucet.payers() {
        payers.spawn(pay(payer, look_every, ended.clone()));
    }
    tracing::info!(%address, data = %config.server.data.display(), catalog = %faucet.catalog().version, "serving");
    warn_of_origins(&config, address);
    if let Some(tls) = &tls {
        helpers.spawn(certificate::watch(tls.clone(), metrics.clone(), hangup()?));
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    announce(format_args!("listening on {scheme}://{address}"));
    let scraped = match metrics_listener {
        Some((listener, address)) => {
            announce(format_args!("metrics on http://{address}/metrics"));
            let scraped = metrics_router(metrics.clone());
            Some(tokio::spawn(serve(
                listener,
                scraped,
                serving.clone(),
                metrics.clone(),
                ended.clone().wait(),
            )))
        }
        None => None,
    };
    let serving = Serving { tls, ..serving };
    let admin_port = admin_listener.as_ref().map_or(address, |(_, address)| *address).port();
    let origins = config.admin_origins(admin_port);
    let operated = match admin_listener {
        Some((listener, address)) => {
            announce(format_args!("operators on {scheme}://{address}/admin"));
            let service = admin_router(
                faucet.clone(),
                options(&config, edge.clone(), &ended, &origins),
                metrics.clone(),
            );
            let ended = ended.clone().wait();
            Some(tokio::spawn(serve(listener, service, serving.clone(), metrics.clone(), ended)))
        }
        None => None,
    };
    first_owner::invite(&faucet, &origins).await;
    let mut options = options(&config, edge, &ended, &origins);
    options.kept = keep_scripts(config.server.data.clone(), options.assets.clone()).await;
    let service = router(faucet.clone(), options, metrics.clone());
    serve(listener, service, serving, metrics, ended.wait()).await;
    if let Some(operated) = operated {
        // It was told to end, too, and finishes what is in progress within the same time.
        if let Err(error) = operated.await {
            tracing::error!(%error, "serving operators has failed");
        }
    }
    helpers.abort_all();
    // A step that has begun is finished, unless a rail keeps it waiting: wherever it stops, the next start goes on from what
    // is in the store.
    let grace = Duration::from_millis(config.connections.shutdown_grace_ms);
    if timeout(grace, async { while payers.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!("a rail did not answer in time: it is asked again after the next start");
        payers.abort_all();
    }
    if let Some(scraped) = scraped {
        scraped.abort();
    }
    // What is being sent to sites is not to be sent twice; what is not answered in time is.
    let _ = timeout(grace, faucet.webhooks_answered()).await;
    faucet.shutdown().await;
    tracing::info!("ended in order");
    Ok(())
}

/// Says where it listens, to whoever listens to that: a server serves without, too.
fn announce(line: std::fmt::Arguments<'_>) {
    if let Err(failure) = say(line) {
        tracing::warn!(%failure, "cannot say where it listens");
    }
}

/// Warns of an address that others reach, whose pages may not prompt: players could open the page there, and not play.
fn warn_of_origins(config: &Config, address: SocketAddr) {
    if !address.ip().is_loopback() && config.server.public_origins.is_empty() {
        tracing::warn!("server.public_origins is empty: nobody can play but on this machine");
    }
}

/// Listens for Ctrl-C and for what service managers send.
fn when_told_to_end() -> Result<Ended, Failure> {
    let cannot = |error| Failure::impossible("cannot wait for signals", error);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    let (ending, ended) = Ended::channel();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        // First of all: whatever the log meets must not keep it from ending.
        ending.tell();
        tracing::info!("told to end: finishing what is in progress");
    });
    Ok(ended)
}

/// Listens for what tells a server to read again what it reads.
fn hangup() -> Result<Signal, Failure> {
    signal(SignalKind::hangup()).map_err(|error| Failure::impossible("cannot wait for signals", error))
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error| Failure::impossible(format!("cannot listen on {address}"), error);
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    Ok((listener, bound))
}

/// Starts the faucet where waiting hurts nobody: the driver of a database waits by a runtime of its own.
async fn start_faucet(settings: Settings, edge: Edge) -> Result<Faucet, Failure> {
    let store =
        settings.database.as_ref().map_or("SQLite in the data directory".to_owned(), ToString::to_string);
    let started = spawn_blocking(move || Faucet::start(settings, edge)).await;
    let started = started.map_err(|error| Failure::impossible("cannot start", error))?;
    let faucet = started.map_err(|error| Failure::impossible("cannot start", error))?;
    tracing::info!(store, "the store is open");
    Ok(faucet)
}

fn settings(config: &Config, port: u16) -> Result<Settings, Failure> {
    let mut settings = Settings::new(config.catalog.clone());
    settings.data = Some(config.server.data.clone());
    settings.database = config.store.database().map_err(Failure::Impossible)?;
    settings.origins = config.origins(port);
    settings.stopped.clone_from(&config.emergency.stopped);
    settings.second_operator_above.clone_from(&config.admin.second_operator_above);
    settings.rails = config.rails.settings();
    settings.prices = config.prices.settings();
    settings.alerts = config.alerts.settings();
    settings.webhooks.loopback = config.sites.loopback_webhooks;
    config.work.apply(&mut settings);
    Ok(settings)
}

fn options(config: &Config, edge: Edge, ended: &Ended, admin_origins: &[String]) -> Options {
    Options {
        assets: Assets::embedded(),
        notices: config.notices.view(),
        clients: (&config.clients).into(),
        throttle: config.throttle.limit(),
        throttle_addresses_max: config.throttle.addresses_max,
        body_timeout: Duration::from_millis(config.connections.body_timeout_ms),
        warnings: config.warnings(),
        ended: ended.clone(),
        serves_admin: config.admin.listen.is_none(),
        admin_origins: admin_origins.to_vec(),
        ..Options::new(edge)
    }
}

/// Keeps the loader and the bridge for pages that hold on to them. Without that the server serves those of this release alone.
async fn keep_scripts(data: PathBuf, assets: Assets) -> Option<Kept> {
    let folder = data.join(KEPT_SCRIPTS);
    let kept = spawn_blocking(move || Kept::keep(folder, &assets)).await;
    match kept.map_err(io::Error::other).flatten() {
        Ok(kept) => Some(kept),
        Err(error) => {
            tracing::warn!(%error, "cannot keep the widget's loader in the data directory: pages that hold it to its digest \
                will not find it after the next release");
            None
        }
    }
}

/// Asks the system for as many files as there may be connections, and serves no more than it grants.
fn affordable(serving: Serving) -> Serving {
    let wanted = u64::try_from(serving.connections_max).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let granted = match rlimit::increase_nofile_limit(wanted) {
        Ok(granted) => granted,
        Err(error) => {
            tracing::warn!(%error, "cannot ask for more open files");
            return serving;
        }
    };
    let affordable = usize::try_from(granted.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX).max(1);
    if affordable < serving.connections_max {
        tracing::warn!(connections_max = affordable, "the system allows fewer open files than configured");
    }
    Serving { connections_max: serving.connections_max.min(affordable), ..serving }
}

/// Pays out by one rail, until the process is told to end.
async fn pay(payer: Payer, look_every: Duration, ended: Ended) {
    let mut ended = pin!(ended.wait());
    loop {
        let pause = match step(&payer).await {
            Ok(Progress::Some) => Duration::ZERO,
            Ok(Progress::Idle | Progress::Elsewhere) => look_every,
            // Why it failed, the payer has told.
            Ok(Progress::Waiting) | Err(_) => ASK_EVERY,
        };
        tokio::select! {
            () = &mut ended => break,
            () = payer.wanted(), if pause == look_every => {}
            () = sleep(pause) => {}
        }
    }
    if let Err(refusal) = payer.leave().await {
        tracing::warn!(
            rail = payer.rail(),
            code = refusal.code().as_str(),
            "could not leave the rail to others"
        );
    }
}

/// Takes a step, and keeps the rail for as long as that takes.
async fn step(payer: &Payer) -> Result<Progress, Refusal> {
    let mut step = pin!(payer.step());
    loop {
        tokio::select! {
            progress = &mut step => return progress,
            () = sleep(HOLD_EVERY) => {
                if let Err(refusal) = payer.hold().await {
                    tracing::warn!(rail = payer.rail(), code = refusal.code().as_str(), "could not keep the rail");
                }
            }
        }
    }
}

/// Notes what was counted, again and again.
async fn sample(faucet: Faucet) {
    let mut ticks = interval(SAMPLE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        faucet.sample();
    }
}

/// Looks what is the matter, again and again, and tells it.
async fn watch_alerts(faucet: Faucet) {
    let mut ticks = interval(ALERTS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.watch_alerts().await {
            tracing::warn!(code = refusal.code().as_str(), "could not look what is the matter");
        }
    }
}

/// Sends what the webhooks of sites are told, again and again.
async fn deliver_webhooks(faucet: Faucet) {
    let mut ticks = interval(WEBHOOKS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.deliver_webhooks().await {
            tracing::warn!(
                code = refusal.code().as_str(),
                "could not look what the webhooks of sites are to be told"
            );
        }
    }
}

/// Looks what waits for the webhooks of sites, and which of their campaigns have little left, again and again.
async fn watch_webhooks(faucet: Faucet) {
    let mut ticks = interval(WATCH_WEBHOOKS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.watch_webhooks().await {
            tracing::warn!(
                code = refusal.code().as_str(),
                "could not look what waits for the webhooks of sites"
            );
        }
    }
}

/// Appends transfers to the log, again and again.
async fn sequence(faucet: Faucet) {
    let mut ticks = interval(SEQUENCE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.sequence().await {
            tracing::warn!(code = refusal.code().as_str(), "could not append to the log of transfers");
        }
    }
}

/// Takes what is published, or what the catalog's file says by now, into force: again and again.
async fn follow_catalog(faucet: Faucet, file: Option<PathBuf>) {
    let mut file = file.map(CatalogFile::new);
    let mut ticks = interval(FOLLOW_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(watched) = file.take() {
            file = watched.look(&faucet).await;
        }
        if let Err(refusal) = faucet.follow().await {
            tracing::warn!(code = refusal.code().as_str(), "could not look what is published");
        }
    }
}

/// Asks for prices, again and again.
async fn refresh_prices(faucet: Faucet, every: Duration) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        faucet.refresh_prices().await;
    }
}

/// Asks what treasuries hold, again and again.
async fn refresh_holdings(faucet: Faucet) {
    let mut ticks = interval(HOLDINGS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        faucet.refresh_holdings().await;
    }
}

/// Reads how everything stands, again and again.
async fn refresh_insight(faucet: Faucet) {
    let mut ticks = interval(INSIGHT_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.refresh_insight().await {
            tracing::warn!(code = refusal.code().as_str(), "could not read how everything stands");
        }
    }
}

/// Deletes what is past its time, again and again.
async fn sweep(faucet: Faucet) {
    let mut ticks = interval(SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(refusal) = faucet.sweep().await {
            tracing::warn!(code = refusal.code().as_str(), "could not sweep");
        }
    }
}
