//! An endpoint between the faucet and the node that does not always tell what the node says.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::json_http::{self, Answer};

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
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let (node, seen) = (url.to_owned(), Arc::clone(&sent));
        let url =
            json_http::serve(move |request| answer(&request.body, &node, manner, &seen).map(Answer::Whole));
        Self { url, sent }
    }

    /// The transactions that it was given to send, in their order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

/// What it answers to a request.
fn answer(request: &str, node: &str, manner: Manner, sent: &Mutex<Vec<String>>) -> Option<String> {
    let asked: Value = serde_json::from_str(request).unwrap();
    let method = asked["method"].as_str().unwrap();
    if method == "sendTransaction" {
        sent.lock().unwrap().push(asked["params"][0].as_str().unwrap().to_owned());
    }
    Some(match (manner, method) {
        (Manner::Html, _) => "<!doctype html><h1>Bad gateway</h1>".to_owned(),
        (Manner::NeverSeen, "getSignatureStatuses") => {
            let mut answer: Value = serde_json::from_str(&json_http::ask(node, &[], request)?).unwrap();
            let count = asked["params"][0].as_array().unwrap().len();
            answer["result"]["value"] = json!(vec![Value::Null; count]);
            answer.to_string()
        }
        (Manner::ThrowsAway, "sendTransaction") => {
            json!({"jsonrpc": "2.0", "id": 1, "result": "taken"}).to_string()
        }
        _ => json_http::ask(node, &[], request)?,
    })
}
