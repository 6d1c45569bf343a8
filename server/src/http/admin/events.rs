//! `/admin/v1/events`: how everything stands, again and again, as server-sent events.
//!
//! A listener costs a task that waits, a look into the store every other second whether whoever listens still may, and the
//! writing of bytes that all listeners share. Nobody is waited for: who takes nothing for a while is dropped.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use dripline_shared::api::access::Permission;
use dripline_shared::api::overview::Changed;
use dripline_shared::error::Code;
use dripline_shared::time::SECOND_MS;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::GUARDED;
use super::feed::{LISTENERS_MAX, RAIL, Tick, event, listen};
use super::guard::{Access, holds};
use super::table::is_told;
use crate::http::App;
use crate::http::answers::problems;
use crate::http::client::Client;
use crate::http::documented::{Documented, routes};
use crate::http::problem::Refused;
use crate::refusal::Refusal;

/// What listeners must be allowed, as the table demands it.
const PERMISSION: Permission = Permission::View;
/// What is said at first: after how many milliseconds a browser that lost the connection comes again.
const RETRY: Bytes = Bytes::from_static(b"retry: 3000\n\n");
/// What is said where there has been nothing to say, so that nobody on the way takes the connection for dead.
const ALIVE: Bytes = Bytes::from_static(b": alive\n\n");
/// After how long without anything else.
const ALIVE_AFTER: Duration = Duration::from_secs(15);
/// How often in a row it may not be found out whether whoever listens still may.
const UNKNOWN_MAX: u32 = 5;

problems! {
    /// Why nobody is let listen.
    EventsProblems: [GUARDED],
    ListenersUsedUp,
}

/// The routes.
pub(super) fn routes() -> Documented {
    Documented::new().routes(routes!(events))
}

/// How everything stands, every other second, as server-sent events: `overview`, whose data is the body of `/admin/v1/overview`,
/// and `changed`, whose data says what to fetch again. They end when the key holds no more, and when the server ends. Whoever
/// is slow misses some of `overview`, and nothing of `changed`.
#[utoipa::path(
    get,
    path = "/admin/v1/events",
    tag = "operators",
    operation_id = "events",
    security(("api_key" = []), ("session" = [])),
    responses(
        (
            status = 200,
            description = "The events: lines `event: overview` and `event: changed`, each with a line `data:` of JSON.",
            content(
                (String = "text/event-stream"),
            ),
        ),
        EventsProblems
    ),
)]
async fn events(
    State(app): State<App>,
    access: Access,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let Some(newest) = listen(&app) else {
        let message = format!("{LISTENERS_MAX} consoles listen already, which is as many as may");
        let refusal = Refusal::new(Code::ListenersUsedUp, message);
        return Err(Refusal { retry_after_ms: Some(10 * SECOND_MS), ..refusal }.into());
    };
    let (sender, body) = Channel::new(1);
    let may = access.shown.permissions();
    let listener = Listener { app: app.clone(), client, headers, may, newest, sender, seen: None };
    let (ended, gauge) = (app.options.ended.clone().wait(), app.metrics.event_listeners().clone());
    tokio::spawn(async move {
        gauge.inc();
        tokio::select! {
            biased;
            () = ended => {}
            () = listener.tell() => {}
        }
        gauge.dec();
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        // Proxies that gather answers before they pass them on are asked not to.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::new(body)).into_response())
}

/// Whoever listens.
struct Listener {
    app: App,
    client: Client,
    /// With what they have shown.
    headers: HeaderMap,
    may: BTreeSet<Permission>,
    newest: watch::Receiver<Option<Arc<Tick>>>,
    sender: Sender<Bytes, Infallible>,
    /// The tick that they were told last.
    seen: Option<u64>,
}

impl Listener {
    /// Tells them everything, until they have gone, or may not know any more, or take nothing.
    async fn tell(mut self) {
        let every = self.app.options.events_every;
        let mut checks = interval(every);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // They were let in just now.
        checks.reset();
        let (mut unknown, mut quiet) = (0, Duration::ZERO);
        if !self.send(RETRY).await {
            return;
        }
        loop {
            let bytes = tokio::select! {
                biased;
                _ = checks.tick() => {
                    match holds(&self.app, self.client, &self.headers, PERMISSION).await {
                        Ok(true) => unknown = 0,
                        Err(_) if unknown < UNKNOWN_MAX => unknown += 1,
                        Ok(false) | Err(_) => return,
                    }
                    quiet += every;
                    (quiet >= ALIVE_AFTER).then_some(ALIVE)
                }
                changed = self.newest.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let tick = self.newest.borrow_and_update().clone();
                    match tick {
                        Some(tick) if !self.tell_changes(&tick).await => return,
                        Some(tick) => Some(tick.overview.clone()),
                        None => None,
                    }
                }
            };
            if let Some(bytes) = bytes {
                if !self.send(bytes).await {
                    return;
                }
                quiet = Duration::ZERO;
            }
        }
    }

    /// Tells what has changed since they were told last, of what they may see. Tells whether they have taken it.
    async fn tell_changes(&mut self, tick: &Tick) -> bool {
        let seen = self.seen.replace(tick.number).unwrap_or(tick.number);
        let is_told = |topic: &&str| *topic == RAIL || is_told(topic, &self.may);
        let topics: Vec<String> = tick.changed_since(seen).filter(is_told).map(str::to_owned).collect();
        topics.is_empty() || self.send(event("changed", &Changed { topics })).await
    }

    /// Hands bytes to the connection, once it has taken those before. Tells whether it has.
    async fn send(&mut self, bytes: Bytes) -> bool {
        matches!(timeout(self.app.options.events_slow_max, self.sender.send_data(bytes)).await, Ok(Ok(())))
    }
}
