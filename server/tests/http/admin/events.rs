//! How everything stands, as server-sent events: who is told what, how often, and until when.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use dripline_server::http::{Ended, Serving, serve};
use dripline_shared::api::access::Role;
use dripline_shared::api::overview::{Changed, Overview};
use dripline_shared::error::Code;
use dripline_shared::time::MINUTE_MS;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::yield_now;
use tokio::time::timeout;
use tower::ServiceExt;

use super::Operators;
use crate::serving::{PATIENCE, read_to_end, read_until};

/// As many as may listen.
const LISTENERS_MAX: usize = 64;
const PATH: &str = "/admin/v1/events";

/// Somebody who listens.
struct Listener(Body);

impl Listener {
    async fn new(operators: &Operators, key: &str) -> Self {
        let response = Self::ask(operators, key).await;
        assert_eq!(response.status(), StatusCode::OK);
        for (name, expected) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(response.headers()[name], expected);
        }
        let mut listener = Self(response.into_body());
        assert_eq!(listener.next().await.as_deref(), Some(&b"retry: 3000\n\n"[..]));
        listener
    }

    async fn ask(operators: &Operators, key: &str) -> axum::response::Response {
        let request = Request::get(PATH).header("authorization", format!("Bearer {key}"));
        operators.server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// What comes next, as it is sent; nothing at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let frame = timeout(PATIENCE, self.0.frame()).await.expect("something comes, or it ends")?;
        Some(frame.unwrap().into_data().unwrap())
    }

    /// The data of the next event of this name.
    async fn event(&mut self, name: &str) -> String {
        loop {
            let bytes = self.next().await.unwrap_or_else(|| panic!("it ended before {name}"));
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            if let Some(data) = text.strip_prefix(&format!("event: {name}\ndata: ")) {
                return data.strip_suffix("\n\n").unwrap().to_owned();
            }
        }
    }

    /// The topics of the next `changed`.
    async fn changed(&mut self) -> Vec<String> {
        serde_json::from_str::<Changed>(&self.event("changed").await).unwrap().topics
    }

    async fn until_end(&mut self) {
        while self.next().await.is_some() {}
    }
}

async fn operators(name: &str) -> Operators {
    Operators::with(name, |options| options.events_every = Duration::from_millis(20)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_is_told_at_once_and_again_and_again_how_everything_stands() {
    let operators = operators("events").await;
    let mut listener = Listener::new(&operators, &operators.owner).await;
    for _ in 0..3 {
        let told: Overview = serde_json::from_str(&listener.event("overview").await).unwrap();
        let asked: Overview = operators.own("GET", "/admin/v1/overview", None).await.json();
        assert_eq!((told.publication, told.campaigns), (asked.publication, asked.campaigns));
    }
    operators.server.pass(MINUTE_MS);
    let now = operators.server.now();
    loop {
        let told: Overview = serde_json::from_str(&listener.event("overview").await).unwrap();
        if told.server_time_ms == now {
            assert_eq!((told.read_at_ms, told.health.listeners), (Some(now), 1));
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_listeners_are_told_the_same_bytes_which_are_written_once() {
    // A tick that comes once, so that all have the same one.
    let operators =
        Operators::with("events-shared", |options| options.events_every = Duration::from_hours(1)).await;
    let mut first: Option<Bytes> = None;
    let mut listeners = Vec::new();
    for _ in 0..10 {
        let mut listener = Listener::new(&operators, &operators.owner).await;
        let told = listener.next().await.unwrap();
        assert!(told.starts_with(b"event: overview\n"));
        let first = first.get_or_insert_with(|| told.clone());
        assert_eq!((told.as_ptr(), told.len()), (first.as_ptr(), first.len()));
        listeners.push(listener);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_is_told_to_whoever_may_see_it() {
    let operators = operators("events-changed").await;
    let viewer = operators.of_role(Role::Viewer).await.secret;
    let mut owner = Listener::new(&operators, &operators.owner).await;
    let mut viewer = Listener::new(&operators, &viewer).await;
    owner.event("overview").await;
    viewer.event("overview").await;
    operators.key(json!({ "name": "new", "role": "viewer" })).await;
    assert_eq!(owner.changed().await, ["audit", "key"]);
    let draft = operators
        .draft(&operators.owner, "spring", |catalog| {
            catalog.levels[0].base = dripline_shared::amount::Amount::from_units(1_001);
        })
        .await;
    assert_eq!(owner.changed().await, ["audit", "draft"]);
    // Of the key it was not told, and so nothing came before.
    assert_eq!(viewer.changed().await, ["draft"]);
    // Nothing has changed by what was refused.
    assert_eq!(operators.own("GET", "/admin/v1/catalog/publications/9", None).await.status, 404);
    let publication = super::publication_of(&draft);
    let path = "/admin/v1/catalog/publications";
    assert_eq!(operators.own("POST", path, Some(publication)).await.status, StatusCode::OK);
    // The draft goes with its publication, by the entry of that; what comes into force may be told with it, or apart.
    assert!(viewer.changed().await.contains(&"catalog".to_owned()));
    assert!(owner.changed().await.contains(&"catalog".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_holds_no_more_hears_no_more() {
    let operators = operators("events-ended").await;
    let revoked = operators.of_role(Role::Viewer).await;
    let end = operators.server.now().plus(MINUTE_MS);
    let expiring = operators.key(json!({ "name": "short", "role": "viewer", "expires_at_ms": end })).await;
    let mut owner = Listener::new(&operators, &operators.owner).await;
    let mut revoked_listener = Listener::new(&operators, &revoked.secret).await;
    let mut expiring_listener = Listener::new(&operators, &expiring.secret).await;
    revoked_listener.event("overview").await;
    let path = format!("/admin/v1/keys/{}/revoke", revoked.key.id);
    assert_eq!(operators.own("POST", &path, None).await.status, StatusCode::OK);
    revoked_listener.until_end().await;
    expiring_listener.event("overview").await;
    operators.server.pass(2 * MINUTE_MS);
    expiring_listener.until_end().await;
    owner.event("overview").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_may_listen_and_one_more_when_another_has_gone() {
    let operators = operators("events-many").await;
    let mut listeners = Vec::new();
    for _ in 0..LISTENERS_MAX {
        listeners.push(Listener::new(&operators, &operators.owner).await);
        operators.server.pass(1_000);
    }
    let refused = operators.own("GET", PATH, None).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::SERVICE_UNAVAILABLE, Code::ListenersUsedUp));
    assert_eq!(refused.header("retry-after"), Some("10"));
    listeners.truncate(LISTENERS_MAX - 1);
    let again = async {
        while Listener::ask(&operators, &operators.owner).await.status() != StatusCode::OK {
            operators.server.pass(1_000);
            // That somebody has gone is found with the next tick.
            listeners[0].event("overview").await;
        }
    };
    timeout(PATIENCE, again).await.expect("there is room again");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_nothing_is_dropped() {
    let operators = Operators::with("events-slow", |options| {
        options.events_every = Duration::from_millis(20);
        options.events_slow_max = Duration::from_millis(100);
    })
    .await;
    let mut slow = Listener::new(&operators, &operators.owner).await;
    let listens = "\ndripline_http_event_listeners 1\n";
    let dropped = async {
        while operators.server.metrics.exposition().unwrap().contains(listens) {
            yield_now().await;
        }
    };
    timeout(PATIENCE, dropped).await.expect("it is dropped");
    // One event was on its way; what would have come since was never written.
    assert!(slow.next().await.unwrap().starts_with(b"event: overview\n"));
    assert!(slow.next().await.is_none());
}

/// A server of operators on a free port, with one who listens.
async fn listening(operators: &Operators, serving: Serving) -> (TcpStream, Stop) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let told = async { stopped.await.unwrap_or(()) };
    let (router, metrics) = (operators.server.router.clone(), operators.server.metrics.clone());
    let task = tokio::spawn(serve(listener, router, serving, metrics, told));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("GET {PATH} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", operators.owner);
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "event: overview").await;
    (stream, Stop { stop, task })
}

struct Stop {
    stop: tokio::sync::oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listens_and_says_nothing_is_not_taken_for_stalled() {
    let operators = operators("events-quiet").await;
    let stall_timeout = Duration::from_millis(300);
    let (mut stream, _stop) = listening(&operators, Serving { stall_timeout, ..Serving::default() }).await;
    // Each takes 20 milliseconds at least: four times as long as nothing may move.
    for _ in 0..60 {
        read_until(&mut stream, "event: overview").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_do_not_hold_up_the_end() {
    let (ending, ended) = Ended::channel();
    let operators = Operators::with("events-end", |options| options.ended = ended).await;
    let serving = Serving { shutdown_grace: Duration::from_hours(1), ..Serving::default() };
    let (mut stream, stop) = listening(&operators, serving).await;
    ending.tell();
    stop.stop.send(()).unwrap();
    let (_, end) = read_to_end(&mut stream).await;
    end.expect("the answer is ended in order");
    timeout(PATIENCE, stop.task).await.expect("serving ends").unwrap();
}
