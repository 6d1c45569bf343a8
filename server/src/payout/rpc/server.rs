//! A server for tests of what asks endpoints.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use dripline_shared::time::Timestamp;

use super::Rpc;
use crate::edge::Edge;

/// A server on loopback that gives every request the same answer, whole, and counts them.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// One that answers with these bytes.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/secret-api-key", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (counted, answer) = (Arc::clone(&requests), answer.into());
        // It ends with the process of the test.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                serve(stream, &answer);
            }
        });
        Self { url, requests }
    }

    /// One that answers with this body.
    pub(crate) fn json(body: &str) -> Self {
        Self::answering(http(body))
    }

    /// How many requests it got.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn http(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Reads a request to the end of its body, and answers.
fn serve(mut stream: TcpStream, answer: &[u8]) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                break;
            }
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    // Who has read enough may be gone.
    let _ = stream.write_all(answer);
}

/// What asks these servers, whose time is this.
pub(in crate::payout) fn rpc(clock: &Arc<AtomicU64>, servers: &[&Server]) -> Rpc {
    let clock = Arc::clone(clock);
    let edge = Edge::new(move || Timestamp(clock.load(Ordering::SeqCst)), |_| ());
    let urls: Vec<String> = servers.iter().map(|server| server.url.clone()).collect();
    Rpc::new(&urls, &[-32_005], edge)
}

/// The answer with this result.
pub(in crate::payout) fn result(json: &str) -> String {
    format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{json}}}")
}
