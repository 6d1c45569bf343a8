//! An EVM chain, on a real node.

use std::sync::Arc;

use dripline_server::edge::Edge;
use dripline_server::payout::evm::{Evm, EvmAsset, EvmSettings, Finality};
use dripline_server::payout::{KeySource, Rail, RailDriver, RailRules};
use dripline_shared::time::MINUTE_MS;
use serde_json::{Value, json};

use crate::evm_node::Node;
use crate::fault::{Cell, Fault, Step, cells};
use crate::line::Line;
use crate::run::{Chain, demand, is_long, run};
use crate::support::Directory;

/// How many wei a ledger unit is.
const WEI: u128 = 1_000_000_000_000;
/// The most that a unit of gas may cost, in wei.
const FEE_MAX: u64 = 100_000_000_000;
/// What a unit of gas costs at least in a block that is too dear for what was offered before, in wei.
const DEAR: u64 = 10_000_000_000;
/// The node's first key, which everybody knows.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

struct EvmChain {
    node: Arc<Node>,
    line: Line,
    keys: Directory,
    /// A contract that takes no coins.
    refusing: String,
}

impl EvmChain {
    fn new() -> Self {
        let (node, keys) = (Node::start(), Directory::new());
        std::fs::write(keys.path().join("key.txt"), KEY).unwrap();
        let refusing = node.deploy("Refusing");
        node.finalize();
        let line = Line::start(&node.url, never_seen);
        Self { node: Arc::new(node), line, keys, refusing }
    }
}

/// A node that does not know what it is asked for: a transaction was never in a block, a block is not there, an account has
/// nothing and has done nothing; and what was sent is said to have been refused.
fn never_seen(request: &Value, truth: &Value) -> Option<Value> {
    let mut lie = truth.clone();
    match request["method"].as_str()? {
        "eth_getTransactionReceipt" | "eth_getBlockByNumber" => lie["result"] = Value::Null,
        "eth_getTransactionCount" | "eth_getBalance" => lie["result"] = json!("0x0"),
        "eth_sendRawTransaction" => {
            let error = json!({"code": -32_003, "message": "insufficient funds for gas * price + value"});
            lie = json!({"jsonrpc": "2.0", "id": request["id"], "error": error});
        }
        _ => return None,
    }
    Some(lie)
}

impl Chain for EvmChain {
    const RAIL: &'static str = "evm";

    fn cells() -> Vec<Cell> {
        cells(&[(Step::Send, Fault::Stuck), (Step::Ask, Fault::Reorganised)])
    }

    fn line(&self) -> &Line {
        &self.line
    }

    fn driver(&self, start: u64) -> RailDriver {
        RailDriver::Evm(EvmSettings {
            endpoints: self.line.endpoints(start),
            chain_id: self.node.chain_id(),
            needs_ownership: false,
            key: KeySource::File(self.keys.path().join("key.txt")),
            finality: Finality::Finalized,
            max_fee_per_gas: FEE_MAX,
            priority_fee_per_gas: None,
            replace_after_ms: 5 * MINUTE_MS,
            disperse: None,
            coin: "ETH".to_owned(),
            assets: [("DRIP".to_owned(), EvmAsset { token: None, chain_decimals: 18 })].into(),
        })
    }

    fn open(&self, driver: &RailDriver, rules: &RailRules, edge: Edge) -> Arc<dyn Rail> {
        let RailDriver::Evm(settings) = driver else { panic!("{driver:?}") };
        Arc::new(Evm::open(settings, rules, edge).unwrap())
    }

    fn finalize(&self) {
        self.node.finalize();
    }

    fn befall(&self) -> Arc<dyn Fn(Fault) + Send + Sync> {
        let node = Arc::clone(&self.node);
        Arc::new(move |fault| match fault {
            Fault::Stuck => node.set_base_fee(DEAR),
            Fault::Reorganised => {
                node.mine(2);
                node.call("anvil_reorg", &json!([2, []]));
                node.call("anvil_dropAllTransactions", &json!([]));
            }
            _ => panic!("{fault}: not on this chain"),
        })
    }

    fn address(&self, number: u32) -> String {
        format!("0x78{number:038}")
    }

    fn received(&self, address: &str) -> u64 {
        let wei = self.node.balance(address);
        assert_eq!(wei % WEI, 0);
        u64::try_from(wei / WEI).unwrap()
    }

    fn unpayable(&self, _address: String) -> (u32, String) {
        (1_000, self.refusing.clone())
    }
}

#[test]
fn whatever_goes_wrong_with_an_evm_chain_everybody_is_paid_exactly_once() {
    let matrix = run(&EvmChain::new(), demand());
    println!("{}", matrix.table());
    if is_long() {
        matrix.write(&matrix.table(), &crate::matrix::today());
    }
}
