//! An endpoint between the faucet and the node that does not always tell what the node says.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::json_http::{self, Answer};

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
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let manner = Arc::new(Mutex::new(manner));
        let (node, seen, shown) = (url.to_owned(), Arc::clone(&sent), Arc::clone(&manner));
        let url = json_http::serve(move |request| {
            let manner = *shown.lock().unwrap();
            answer(&request.body, &node, manner, &seen).map(Answer::Whole)
        });
        Self { url, sent, manner }
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

/// What it answers to a request; nothing where it hangs up.
fn answer(request: &str, node: &str, manner: Manner, sent: &Mutex<Vec<String>>) -> Option<String> {
    let asked: Value = serde_json::from_str(request).unwrap();
    let method = asked["method"].as_str().unwrap();
    if method == "eth_sendRawTransaction" {
        sent.lock().unwrap().push(asked["params"][0].as_str().unwrap().to_owned());
    }
    let result = |result: Value| json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
    let receipt = |status: &str| {
        let block =
            json!({"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["0x1", false]});
        let block: Value = serde_json::from_str(&json_http::ask(node, &[], &block.to_string())?).unwrap();
        let (id, hash) = (&asked["params"][0], &block["result"]["hash"]);
        Some(result(
            json!({"transactionHash": id, "blockNumber": "0x1", "blockHash": hash, "status": status, "logs": []}),
        ))
    };
    match (manner, method) {
        (Manner::Html, _) => Some("<!doctype html><h1>Bad gateway</h1>".to_owned()),
        (Manner::NeverSeen | Manner::CountsTooMany, "eth_getTransactionReceipt") => Some(result(Value::Null)),
        (Manner::NeverSeen, "eth_getTransactionCount") => Some(result(json!("0x0"))),
        (Manner::CountsTooMany, "eth_getTransactionCount") => Some(result(json!("0x63"))),
        (Manner::SaysFailed, "eth_getTransactionReceipt") => receipt("0x0"),
        (Manner::SaysSucceeded, "eth_getTransactionReceipt") => receipt("0x1"),
        (Manner::ThrowsAway, "eth_sendRawTransaction") => {
            Some(result(json!(format!("0x{}", "11".repeat(32)))))
        }
        (Manner::HangsUp, "eth_sendRawTransaction") => None,
        _ => json_http::ask(node, &[], request),
    }
}
