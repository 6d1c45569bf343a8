//! A real node of a test's own, and what the chain says.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

/// Where a test finds the program.
const VARIABLE: &str = "DRIPLINE_SOLANA_NODE";
/// How many blocks make final what was executed before.
const FINALIZING: u32 = 40;
/// For how many blocks a faucet that has started signs nothing.
const BEGINNING: u32 = 300;
/// How many blocks make a transaction dead by the rule: it can come for 150, and 150 more must be final.
const EXPIRING: u32 = 360;

/// A node that runs until this is dropped.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    /// The address of its JSON-RPC.
    pub(crate) url: String,
    pub(crate) genesis_hash: String,
}

impl Node {
    /// A node that gives this address 1,000 SOL, and whose slots take so many milliseconds, or as many as it likes.
    pub(crate) fn start(treasury: &str, slot_ms: Option<u32>) -> Self {
        let program = std::env::var_os(VARIABLE)
            .unwrap_or_else(|| panic!("{VARIABLE} names no node; `cargo xtask solana-node` builds one"));
        let mut command = Command::new(program);
        command.arg(treasury).args(slot_ms.map(|slot_ms| slot_ms.to_string()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let started: Value = serde_json::from_str(&line).unwrap();
        let text = |key: &str| started[key].as_str().unwrap().to_owned();
        Self {
            child,
            url: text("url"),
            genesis_hash: text("genesis_hash"),
            pipes: Mutex::new((input, output)),
        }
    }

    /// Has the node do something.
    pub(crate) fn tell(&self, line: &str) {
        let mut pipes = self.pipes.lock().unwrap();
        writeln!(pipes.0, "{line}").unwrap();
        let mut answer = String::new();
        pipes.1.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "done");
    }

    /// Makes what was executed final.
    pub(crate) fn finalize(&self) {
        self.tell(&format!("forward {FINALIZING}"));
    }

    /// Makes what was signed before a faucet started final, or impossible: it can come for 150 blocks, and some endpoints may be
    /// as many behind.
    pub(crate) fn begin(&self) {
        self.tell(&format!("forward {BEGINNING}"));
    }

    /// Makes what was signed and not executed dead.
    pub(crate) fn expire(&self) {
        self.tell(&format!("forward {EXPIRING}"));
    }

    /// Calls a method; gives the result.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let mut response = ureq::post(&self.url).content_type("application/json").send(body).unwrap();
        let answer: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        assert_eq!(answer.get("error"), None, "{method}");
        answer["result"].clone()
    }

    /// Sends a signed transaction, in base64; whether it is taken does not matter.
    pub(crate) fn try_send(&self, transaction: &str) {
        let params = json!([transaction, {"encoding": "base64", "skipPreflight": true}]);
        let body =
            json!({"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": params}).to_string();
        ureq::post(&self.url).content_type("application/json").send(body).unwrap();
    }

    /// What an address has, in lamports.
    pub(crate) fn balance(&self, address: &str) -> u64 {
        self.call("getBalance", &json!([address, {"commitment": "confirmed"}]))["value"].as_u64().unwrap()
    }

    /// How many transactions of an address succeeded. (This node remembers some that no real one would have taken.)
    pub(crate) fn transactions_of(&self, address: &str) -> usize {
        let params = json!([address, {"commitment": "confirmed"}]);
        let all = self.call("getSignaturesForAddress", &params);
        all.as_array().unwrap().iter().filter(|transaction| transaction["err"].is_null()).count()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It would end with its input, too; the test need not wait for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
