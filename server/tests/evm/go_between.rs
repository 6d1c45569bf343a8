//! An endpoint between the faucet and the node that does not always tell what the node says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// What it does with what the node says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It tells all of it.
    Honest,
    /// It answers everything with a page for people.
    Html,
    /// It says of every transaction that it was never seen.
    NeverSeen,
    /// It says that a transaction was taken, and throws it away.
    ThrowsAway,
    /// It does not answer when something is to be sent, and throws it away.
    HangsUp,
    /// It says that the treasury has executed far more transactions, and none of those that it is asked about.
    CountsTooMany,
    /// It says of every transaction that it failed long ago.
    SaysFailed,
    /// It says of every transaction that it succeeded long ago.
    SaysSucceeded,
}

/// One that ends with the test.
#[derive(Debug)]
pub(crate) struct GoBetween {
    /// Its address.
    pub(crate) url: String,
    sent: Arc<Mutex<Vec<String>>>,
    manner: Arc<Mutex<Manner>>,
}

impl GoBetween {
    /// Starts one before the node at `url`.
    pub(crate) fn start(url: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let manner = Arc::new(Mutex::new(manner));
        let (url, seen, shown) = (url.to_owned(), Arc::clone(&sent), Arc::clone(&manner));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let manner = *shown.lock().unwrap();
                answer(stream, &url, manner, &seen);
            }
        });
        Self { url: address, sent, manner }
    }

    /// Has it behave otherwise from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The transactions that it was given to send, in their order, each once.
    pub(crate) fn sent(&self) -> Vec<String> {
        let mut sent = self.sent.lock().unwrap().clone();
        sent.dedup();
        sent
    }
}

/// Answers one request, and hangs up.
fn answer(mut stream: TcpStream, url: &str, manner: Manner, sent: &Mutex<Vec<String>>) {
    let Some(request) = body_of(&mut stream) else { return };
    let method = request["method"].as_str().unwrap();
    if method == "eth_sendRawTransaction" {
        sent.lock().unwrap().push(request["params"][0].as_str().unwrap().to_owned());
    }
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
    let receipt = |status: &str| {
        let block =
            json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["0x1", false]});
        let hash = from_node(url, &block)["result"]["hash"].clone();
        let id = &request["params"][0];
        result(
            json!({"transactionHash": id, "blockNumber": "0x1", "blockHash": hash, "status": status, "logs": []}),
        )
    };
    let body = match (manner, method) {
        (Manner::Html, _) => "<!doctype html><h1>Bad gateway</h1>".to_owned(),
        (Manner::NeverSeen | Manner::CountsTooMany, "eth_getTransactionReceipt") => result(Value::Null),
        (Manner::NeverSeen, "eth_getTransactionCount") => result(json!("0x0")),
        (Manner::CountsTooMany, "eth_getTransactionCount") => result(json!("0x63")),
        (Manner::SaysFailed, "eth_getTransactionReceipt") => receipt("0x0"),
        (Manner::SaysSucceeded, "eth_getTransactionReceipt") => receipt("0x1"),
        (Manner::ThrowsAway, "eth_sendRawTransaction") => result(json!(format!("0x{}", "11".repeat(32)))),
        (Manner::HangsUp, "eth_sendRawTransaction") => return,
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
