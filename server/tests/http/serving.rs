//! Connections: many, slow, stalled, and at the end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Bytes;
use dripline_server::assets::Assets;
use dripline_server::http::{Options, Serving, metrics_router, serve};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::timeout;

use crate::support::Server;

/// Longer than anything here takes: a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server on a free port.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    pub(crate) task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn start(serving: Serving, change: impl FnOnce(&mut Options)) -> Self {
        let server = Server::with(change);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let told = async { stopped.await.unwrap_or(()) };
        let task =
            tokio::spawn(serve(listener, server.router.clone(), serving, server.metrics.clone(), told));
        Self { server, address, stop: Some(stop), task }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    pub(crate) fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until so many connections are open.
    pub(crate) async fn until_connections(&self, count: u64) {
        let line = format!("\ndripline_http_connections {count}\n");
        let wait = async {
            while !self.server.metrics.exposition().unwrap().contains(&line) {
                yield_now().await;
            }
        };
        timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("not{line}"));
    }
}

/// Reads until a text has come.
pub(crate) async fn read_until(stream: &mut (impl AsyncRead + Unpin), text: &str) -> String {
    let mut read = String::new();
    let wait = async {
        while !read.contains(text) {
            let mut buffer = [0; 4_096];
            let length = stream.read(&mut buffer).await.unwrap();
            assert_ne!(length, 0, "closed after {read:?}");
            read.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {text:?}"));
    read
}

/// Reads until the connection is closed, in whatever way.
pub(crate) async fn read_to_end(stream: &mut (impl AsyncRead + Unpin)) -> (Vec<u8>, io::Result<usize>) {
    let mut read = Vec::new();
    let end =
        timeout(PATIENCE, stream.read_to_end(&mut read)).await.expect("the server closes the connection");
    (read, end)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_progress_is_finished_at_the_end_and_no_other_is_taken() {
    let mut running = Running::start(Serving::default(), |_| ()).await;
    let mut stream = running.connect().await;
    let mut idle = running.connect().await;
    let head = "POST /api/v1/claims HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 2\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "100 Continue").await;
    running.until_connections(2).await;
    running.stop();
    let (read, _) = read_to_end(&mut idle).await;
    assert!(read.is_empty(), "an idle connection is closed");
    stream.write_all(b"{}").await.unwrap();
    let (answer, _) = read_to_end(&mut stream).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert!(answer.contains("\"code\":\"invalid_request\""), "{answer}");
    timeout(PATIENCE, running.task).await.expect("serving ends").unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_do_not_finish_in_time_do_not_hold_up_the_end() {
    let serving = Serving { shutdown_grace: Duration::from_millis(50), ..Serving::default() };
    let mut running = Running::start(serving, |_| ()).await;
    let mut stream = running.connect().await;
    let head = "POST /api/v1/claims HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 2\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    read_until(&mut stream, "100 Continue").await;
    running.stop();
    timeout(PATIENCE, running.task).await.expect("serving ends").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_do_not_come_end_the_connection() {
    let serving = Serving { header_timeout: Duration::from_millis(100), ..Serving::default() };
    let running = Running::start(serving, |_| ()).await;
    let mut silent = running.connect().await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
    for stream in [&mut silent, &mut slow] {
        let (read, _) = read_to_end(stream).await;
        assert!(!String::from_utf8_lossy(&read).contains("200 OK"));
    }
    running.until_connections(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_kept_for_a_while_and_then_closed() {
    let serving = Serving { header_timeout: Duration::from_millis(500), ..Serving::default() };
    let running = Running::start(serving, |_| ()).await;
    let mut stream = running.connect().await;
    for _ in 0..2 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(read_until(&mut stream, "ok\n").await.starts_with("HTTP/1.1 200 "));
    }
    let (rest, _) = read_to_end(&mut stream).await;
    assert!(rest.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_gets_a_problem() {
    let body_timeout = Duration::from_millis(100);
    let running = Running::start(Serving::default(), |options| options.body_timeout = body_timeout).await;
    let mut stream = running.connect().await;
    let head = "POST /api/v1/claims HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{\"round\"";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (answer, _) = read_to_end(&mut stream).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_reads_ends_the_connection() {
    let serving = Serving { stall_timeout: Duration::from_millis(200), ..Serving::default() };
    let large = Bytes::from(vec![b'x'; 64 << 20]);
    let running = Running::start(serving, |options| {
        options.assets = Assets::new([("large.txt".to_owned(), large.clone())]);
    })
    .await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /large.txt HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    running.until_connections(1).await;
    running.until_connections(0).await;
    let (read, _) = read_to_end(&mut stream).await;
    assert!(read.len() < large.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_connections_than_the_most_are_served_at_once() {
    let serving = Serving { connections_max: 1, ..Serving::default() };
    let running = Running::start(serving, |_| ()).await;
    let request = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut first = running.connect().await;
    first.write_all(request).await.unwrap();
    read_until(&mut first, "ok\n").await;
    let mut second = running.connect().await;
    second.write_all(request).await.unwrap();
    first.write_all(request).await.unwrap();
    read_until(&mut first, "ok\n").await;
    running.until_connections(1).await;
    drop(first);
    read_until(&mut second, "ok\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_http_or_has_too_many_headers_breaks_only_its_own_connection() {
    let running = Running::start(Serving::default(), |_| ()).await;
    let many = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{}\r\n", "x-a: b\r\n".repeat(1_000));
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(60_000));
    let smuggled = "POST /api/v1/claims HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: xchunked\r\n\r\n{}";
    for bytes in ["\x16\x03\x01\x02\x00\x01", "GET\r\n\r\n", &many, &long, smuggled] {
        let mut stream = running.connect().await;
        // The server may close before it has read everything.
        drop(stream.write_all(bytes.as_bytes()).await);
        let (answer, _) = read_to_end(&mut stream).await;
        assert!(!String::from_utf8_lossy(&answer).contains(" 200 "), "{}", String::from_utf8_lossy(&answer));
    }
    let mut stream = running.connect().await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_until(&mut stream, "ok\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_listener_serves_the_metrics_and_nothing_else() {
    let server = Server::start();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = server.metrics.clone();
    let service = metrics_router(metrics.clone());
    let task = tokio::spawn(serve(listener, service, Serving::default(), metrics, std::future::pending()));
    for (path, status) in [("/metrics", 200), ("/", 404), ("/api/v1/levels", 404)] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let (answer, _) = read_to_end(&mut stream).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("x-content-type-options: nosniff"), "{answer}");
    }
    task.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_off_or_is_not_framed_gets_a_problem_or_nothing() {
    let running = Running::start(Serving::default(), |_| ()).await;
    let mut stream = running.connect().await;
    let head = "PUT /api/v1/rounds/00000000000000000000000000000000/segments/0 HTTP/1.1\r\nhost: x\r\n\
                content-type: application/octet-stream\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (answer, _) = read_to_end(&mut stream).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
    assert!(answer.contains("\"code\":\"invalid_request\""), "{answer}");
    let mut stream = running.connect().await;
    let head = "POST /api/v1/claims HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{\"round\"";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let (answer, _) = read_to_end(&mut stream).await;
    assert!(!String::from_utf8(answer).unwrap().contains(" 200 "));
    running.until_connections(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_connections_at_once_are_all_answered() {
    let running = Running::start(Serving::default(), |options| options.throttle.burst = 10_000).await;
    let mut streams = Vec::new();
    for _ in 0..300 {
        let mut stream = running.connect().await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        streams.push(stream);
    }
    for mut stream in streams {
        let (answer, _) = read_to_end(&mut stream).await;
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
    }
}
