//! What consoles are told again and again: put together and written as text once for all of them.
//!
//! While anybody listens, a task reads every other second how everything stands, and what has changed since. Listeners find the
//! newest of that ([`Tick`]); whoever is slow misses those between and loses nothing: each tick says of every topic when it
//! changed last.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use dripline_shared::api::overview::{Overview, RailStand};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::App;

/// The most that listen at a time. Each is a connection that stays.
pub(in crate::http) const LISTENERS_MAX: usize = 64;
/// The topic of the catalog: its publications, and which one is in force.
const CATALOG: &str = "catalog";
/// The topic of rails that were paused, stopped or let run.
pub(super) const RAIL: &str = "rail";
/// The topic of alerts.
const ALERT: &str = "alert";
/// The topic of the audit log itself.
const AUDIT: &str = "audit";

/// What is told at a time.
#[derive(Debug)]
pub(super) struct Tick {
    /// Its number: later ones have larger ones.
    pub(super) number: u64,
    /// The event `overview`, as it is sent.
    pub(super) overview: Bytes,
    /// By topic, with which tick it changed last.
    pub(super) changed: BTreeMap<String, u64>,
}

impl Tick {
    /// The topics that have changed since the tick with this number.
    pub(super) fn changed_since(&self, number: u64) -> impl Iterator<Item = &str> {
        self.changed.iter().filter(move |(_, at)| **at > number).map(|(topic, _)| topic.as_str())
    }
}

/// Where listeners find it.
#[derive(Debug)]
pub(in crate::http) struct Feed {
    newest: watch::Sender<Option<Arc<Tick>>>,
    /// The task that reads, while anybody listens.
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self { newest: watch::Sender::new(None), task: Mutex::default() }
    }
}

impl Feed {
    /// Ends where nobody listens any more.
    fn is_left(&self) -> bool {
        // Whoever begins to listen holds it, too: they find the task at work, or begin another.
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let is_left = self.newest.receiver_count() == 0;
        if is_left {
            *task = None;
            // Who comes later should not be told what was.
            self.newest.send_replace(None);
        }
        is_left
    }
}

/// Listens; nothing where [`LISTENERS_MAX`] listen already. The first change is the newest tick, at once if there is one.
pub(super) fn listen(app: &App) -> Option<watch::Receiver<Option<Arc<Tick>>>> {
    let feed = &app.feed;
    let mut task = feed.task.lock().unwrap_or_else(PoisonError::into_inner);
    if feed.newest.receiver_count() >= LISTENERS_MAX {
        return None;
    }
    let mut newest = feed.newest.subscribe();
    newest.mark_changed();
    if task.as_ref().is_none_or(JoinHandle::is_finished) {
        *task = Some(tokio::spawn(read_on(app.clone())));
    }
    Some(newest)
}

/// Reads again and again, until nobody listens any more or the server is told to end.
async fn read_on(app: App) {
    let mut ticks = interval(app.options.events_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut ended = pin!(app.options.ended.clone().wait());
    let mut changes = Changes::default();
    loop {
        tokio::select! {
            biased;
            () = &mut ended => break,
            _ = ticks.tick() => {}
        }
        if app.feed.is_left() {
            break;
        }
        let overview = app.overview().await;
        // Where it cannot be read, the log says why, and what was written meanwhile is found by the next tick.
        if let Ok((newest, topics)) = app.faucet.audit_news(changes.audited).await {
            changes.audit(newest, topics);
        }
        app.feed.newest.send_replace(Some(Arc::new(changes.tick(&overview))));
    }
}

/// What has changed, tick by tick. Pure.
#[derive(Debug, Default)]
struct Changes {
    number: u64,
    /// The newest entry of the audit log that was looked at; nothing before it was.
    audited: Option<u64>,
    /// What the entries of this tick are about.
    of_audit: Vec<String>,
    publication: Option<u64>,
    /// Those that are on.
    alerts: Vec<String>,
    /// Of each rail, whether it is paused and whether it is stopped.
    rails: Vec<(String, bool, bool)>,
    changed: BTreeMap<String, u64>,
}

impl Changes {
    /// The newest entry of the audit log, and what those since the one before are about.
    fn audit(&mut self, newest: u64, topics: BTreeSet<String>) {
        if self.audited.is_some_and(|audited| audited < newest) {
            self.of_audit.extend(topics);
            self.of_audit.push(AUDIT.to_owned());
        }
        self.audited = Some(newest);
    }

    /// The next tick: how everything stands, and what is otherwise than at the one before.
    fn tick(&mut self, overview: &Overview) -> Tick {
        let is_first = self.number == 0;
        self.number = self.number.saturating_add(1);
        let mut topics = std::mem::take(&mut self.of_audit);
        let publication = Some(overview.publication.number);
        if self.publication != publication {
            topics.push(CATALOG.to_owned());
        }
        let rail = |rail: &RailStand| (rail.id.clone(), rail.paused.is_some(), rail.is_stopped);
        let rails: Vec<_> = overview.rails.iter().map(rail).collect();
        let alerts: Vec<String> = overview.alerts.iter().map(|alert| alert.id.clone()).collect();
        if self.alerts != alerts {
            topics.push(ALERT.to_owned());
        }
        self.alerts = alerts;
        // Where the store could not be read yet, there are none.
        let is_read = overview.read_at_ms.is_some();
        if is_read && self.rails != rails {
            topics.push(RAIL.to_owned());
        }
        self.publication = publication;
        if is_read {
            self.rails = rails;
        }
        if !is_first {
            self.changed.extend(topics.into_iter().map(|topic| (topic, self.number)));
        }
        Tick { number: self.number, overview: event("overview", overview), changed: self.changed.clone() }
    }
}

/// An event of this name with this as its data.
pub(super) fn event<T: Serialize>(name: &str, data: &T) -> Bytes {
    // Plain data always serialises, and JSON has no line breaks.
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
