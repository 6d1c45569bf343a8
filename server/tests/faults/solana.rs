//! Solana, on a real node.

use std::sync::Arc;

use dripline_server::edge::Edge;
use dripline_server::payout::solana::{Solana, SolanaAsset, SolanaSettings};
use dripline_server::payout::{KeySource, Rail, RailDriver, RailRules};
use dripline_shared::round::hash;
use dripline_shared::wallet::Wallet;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::fault::{Cell, Fault, Step, cells};
use crate::line::Line;
use crate::run::{Chain, demand, is_long, run};
use crate::solana_node::Node;
use crate::support::Directory;

/// How many lamports a ledger unit is.
const LAMPORTS: u64 = 1_000;

struct SolanaChain {
    node: Arc<Node>,
    line: Line,
    keys: Directory,
}

impl SolanaChain {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[21; 32]);
        let node = Node::start(&Wallet::of(&key).to_string(), None);
        let keys = Directory::new();
        std::fs::write(keys.path().join("key.json"), format!("{:?}", key.to_keypair_bytes().to_vec()))
            .unwrap();
        let line = Line::start(&node.url, never_seen);
        Self { node: Arc::new(node), line, keys }
    }
}

/// A node that does not know what it is asked for: a transaction was never seen, or the blockhash that it was signed with;
/// an account does not exist.
fn never_seen(request: &Value, truth: &Value) -> Option<Value> {
    let mut lie = truth.clone();
    match request["method"].as_str()? {
        "getSignatureStatuses" | "getMultipleAccounts" => {
            lie["result"]["value"].as_array_mut()?.fill(Value::Null);
        }
        "sendTransaction" => {
            let error =
                json!({"code": -32002, "message": "Transaction simulation failed: Blockhash not found"});
            lie = json!({"jsonrpc": "2.0", "id": request["id"], "error": error});
        }
        _ => return None,
    }
    Some(lie)
}

impl Chain for SolanaChain {
    const RAIL: &'static str = "solana";

    fn cells() -> Vec<Cell> {
        cells(&[(Step::Sign, Fault::Expired), (Step::Send, Fault::Expired)])
    }

    fn line(&self) -> &Line {
        &self.line
    }

    fn driver(&self, start: u64) -> RailDriver {
        RailDriver::Solana(SolanaSettings {
            endpoints: self.line.endpoints(start),
            genesis_hash: self.node.genesis_hash.clone(),
            key: KeySource::File(self.keys.path().join("key.json")),
            priority_fee_micro_lamports: 1_000,
            coin: "SOL".to_owned(),
            assets: [(
                "DRIP".to_owned(),
                SolanaAsset {
                    mint: None,
                    chain_decimals: 9,
                    account_fee: dripline_shared::amount::Amount::ZERO,
                },
            )]
            .into(),
        })
    }

    fn open(&self, driver: &RailDriver, rules: &RailRules, edge: Edge) -> Arc<dyn Rail> {
        let RailDriver::Solana(settings) = driver else { panic!("{driver:?}") };
        Arc::new(Solana::open(settings, rules, edge).unwrap())
    }

    fn finalize(&self) {
        self.node.finalize();
    }

    fn befall(&self) -> Arc<dyn Fn(Fault) + Send + Sync> {
        let node = Arc::clone(&self.node);
        Arc::new(move |fault| match fault {
            Fault::Expired => node.expire(),
            _ => panic!("{fault}: not on this chain"),
        })
    }

    fn address(&self, number: u32) -> String {
        let key = hash(b"dripline/tests/a", &[&number.to_be_bytes()]).0;
        Wallet::of(&SigningKey::from_bytes(&key)).to_string()
    }

    fn received(&self, address: &str) -> u64 {
        let lamports = self.node.balance(address);
        assert_eq!(lamports % LAMPORTS, 0);
        lamports / LAMPORTS
    }

    fn unpayable(&self, address: String) -> (u32, String) {
        // Less than the rent of a new account, 890,880 lamports.
        (900, address)
    }
}

#[test]
fn whatever_goes_wrong_with_solana_everybody_is_paid_exactly_once() {
    let matrix = run(&SolanaChain::new(), demand());
    println!("{}", matrix.table());
    if is_long() {
        matrix.write(&matrix.table(), &crate::matrix::today());
    }
}
