//! The certificate of a server that runs: read again when its files change, so that a renewed one needs no restart.

use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::Tls;
use crate::telemetry::Metrics;

/// How often it is looked whether the files have changed.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many looks in a row that find the same mistake are told once: an hour of them.
const TOLD_FOR: u32 = 720;

/// Reads the files again now and then, and whenever the process is told to by `hangup`. What cannot be used of them is told,
/// and what was in force stays so.
pub(super) async fn watch(tls: Tls, metrics: Metrics, mut hangup: Signal) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told: Option<(String, u32)> = None;
    loop {
        let is_asked = tokio::select! {
            _ = ticks.tick() => false,
            Some(()) = hangup.recv() => true,
        };
        let reader = tls.clone();
        match spawn_blocking(move || reader.reload()).await {
            Ok(Ok(is_new)) => {
                told = None;
                metrics.certificate(tls.expires_at(), false);
                if is_new {
                    tracing::info!("the certificate was replaced: connections from now on get the new one");
                } else if is_asked {
                    tracing::info!("the certificate is still the same");
                }
            }
            Ok(Err(error)) => {
                metrics.certificate(tls.expires_at(), true);
                let why = error.to_string();
                told = match told {
                    Some((before, times)) if before == why && times < TOLD_FOR && !is_asked => {
                        Some((before, times.saturating_add(1)))
                    }
                    _ => {
                        tracing::error!(why, "the new certificate cannot be used: the one before stays");
                        Some((why, 0))
                    }
                };
            }
            Err(_) => tracing::error!("reading the certificate panicked"),
        }
    }
}
