//! An endpoint between the faucet and the node that does not always tell what the node says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What it does with what the node says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It answers everything with a page for people.
    Html,
    /// It says of every transaction that it was never seen.
    NeverSeen,
    /// It says that a transaction was taken, and throws it away.
    ThrowsAway,
}

/// One that ends with the test.
#[derive(Debug)]
pub(crate) struct GoBetween {
    /// Its address.
    pub(crate) url: String,
    sent: Arc<Mutex<Vec<String>>>,
}

impl GoBetween {
    /// Starts one before the node at `url`.
    pub(crate) fn start(url: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let (url, seen) = (url.to_owned(), Arc::clone(&sent));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &url, manner, &seen);
            }
        });
        Self { url: address, sent }
    }

    /// The transactions that it was given to send, in their order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

/// Answers one request, and hangs up.
fn answer(mut stream: TcpStream, url: &str, manner: Manner, sent: &Mutex<Vec<String>>) {
    let Some(request) = body_of(&mut stream) else { return };
    let method = request["method"].as_str().unwrap();
    if method == "sendTransaction" {
        sent.lock().unwrap().push(request["params"][0].as_str().unwrap().to_owned());
    }
    let body = match (manner, method) {
        (Manner::Html, _) => "<!doctype html><h1>Bad gateway</h1>".to_owned(),
        (Manner::NeverSeen, "getSignatureStatuses") => {
            let mut answer = from_node(url, &request);
            let count = request["params"][0].as_array().unwrap().len();
            answer["result"]["value"] = json!(vec![Value::Null; count]);
            answer.to_string()
        }
        (Manner::ThrowsAway, "sendTransaction") => {
            json!({"jsonrpc": "2.0", "id": 1, "result": "taken"}).to_string()
        }
        _ => from_node(url, &request).to_string(),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    // The faucet may have ended.
    let _ = stream.write_all((head + &body).as_bytes());
}

fn from_node(url: &str, request: &Value) -> Value {
    let mut response = ureq::post(url).content_type("application/json").send(request.to_string()).unwrap();
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

/// The body of a request, read to its end.
fn body_of(stream: &mut TcpStream) -> Option<Value> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&seen);
        let request: Option<Value> =
            text.split_once("\r\n\r\n").and_then(|(_, it)| serde_json::from_str(it).ok());
        if request.is_some() {
            return request;
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return None,
        }
    }
}
