//! A real node of a test's own, and what the chain says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

/// Where a test finds the program.
const VARIABLE: &str = "DRIPLINE_ANVIL";
/// How many blocks make final what was executed before.
const FINALIZING: u64 = 3;
/// How much gas a contract takes at most when it is deployed.
const GAS: &str = "0x500000";
/// What others pay for the priority of a unit of gas, in wei.
const TIP: u64 = 100_000_000;

/// What deploys each contract, by its name.
static CONTRACTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let compiler = program().parent().unwrap().parent().unwrap().join("compile.mjs");
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/contracts");
    let output = Command::new("node").arg(compiler).arg(contracts).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
});

fn program() -> PathBuf {
    let program = std::env::var_os(VARIABLE);
    program.unwrap_or_else(|| panic!("{VARIABLE} names no node; `cargo xtask anvil` installs one")).into()
}

/// A node that runs until this is dropped. It makes blocks when it is told to.
#[derive(Debug)]
pub(crate) struct Node {
    child: Child,
    /// The address of its JSON-RPC.
    pub(crate) url: String,
    /// Whose key it knows: the first one is the treasury, the second one everybody else.
    accounts: Vec<String>,
}

impl Node {
    /// A node whose first account has 10,000 coins.
    pub(crate) fn start() -> Self {
        let mut child = Command::new(program())
            .args([
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--accounts",
                "2",
                "--slots-in-an-epoch",
                "1",
                "--no-mining",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.find_map(|line| line.strip_prefix("Listening on ").map(str::to_owned)).unwrap();
        // It stops when nobody reads what it says.
        std::thread::spawn(move || lines.for_each(drop));
        let mut node = Self { child, url: format!("http://{address}"), accounts: Vec::new() };
        node.accounts = serde_json::from_value(node.call("eth_accounts", &json!([]))).unwrap();
        node
    }

    /// The account that pays.
    pub(crate) fn treasury(&self) -> &str {
        &self.accounts[0]
    }

    /// The id of its chain.
    pub(crate) fn chain_id(&self) -> u64 {
        number(&self.call("eth_chainId", &json!([]))).try_into().unwrap()
    }

    /// Calls a method; gives the result.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Value {
        let answer = self.try_call(method, params);
        assert_eq!(answer.get("error"), None, "{method} {params}");
        answer["result"].clone()
    }

    /// Calls a method; gives the whole answer.
    pub(crate) fn try_call(&self, method: &str, params: &Value) -> Value {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let mut response = ureq::post(&self.url).content_type("application/json").send(body).unwrap();
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
    }

    /// Makes so many blocks.
    pub(crate) fn mine(&self, blocks: u64) {
        self.call("anvil_mine", &json!([format!("{blocks:#x}")]));
    }

    /// Makes what is in a block final.
    pub(crate) fn finalize(&self) {
        self.mine(FINALIZING);
    }

    /// What a unit of gas costs at least in the next block, in wei.
    pub(crate) fn set_base_fee(&self, wei: u64) {
        self.call("anvil_setNextBlockBaseFeePerGas", &json!([format!("{wei:#x}")]));
    }

    /// What an address has, in wei.
    pub(crate) fn balance(&self, address: &str) -> u128 {
        number(&self.call("eth_getBalance", &json!([address, "latest"])))
    }

    /// How many transactions of an address are executed.
    pub(crate) fn count(&self, address: &str) -> u128 {
        number(&self.call("eth_getTransactionCount", &json!([address, "latest"])))
    }

    /// Has the node send a transaction of one of its accounts, makes a block of it, and gives its receipt.
    fn send(&self, from: &str, to: Option<&str>, data: &str) -> Value {
        self.send_for(from, to, data, TIP)
    }

    /// The same with so much for its priority.
    fn send_for(&self, from: &str, to: Option<&str>, data: &str, tip: u64) -> Value {
        let (most, tip) = (format!("{:#x}", tip * 1_000), format!("{tip:#x}"));
        let mut transaction = json!({"from": from, "data": data, "gas": GAS, "maxFeePerGas": most, "maxPriorityFeePerGas": tip});
        if let Some(to) = to {
            transaction["to"] = json!(to);
        }
        let id = self.call("eth_sendTransaction", &json!([transaction]));
        self.mine(1);
        let receipt = self.call("eth_getTransactionReceipt", &json!([id]));
        assert_eq!(receipt["status"], "0x1", "{data}");
        receipt
    }

    /// Deploys the contract of this name; gives its address.
    pub(crate) fn deploy(&self, contract: &str) -> String {
        let code = format!("0x{}", CONTRACTS[contract]);
        self.send(&self.accounts[1], None, &code)["contractAddress"].as_str().unwrap().to_owned()
    }

    /// Has somebody call a contract.
    pub(crate) fn execute(&self, contract: &str, call: &str) {
        self.send(&self.accounts[1], Some(contract), call);
    }

    /// Has somebody call a contract before whatever else is in the same block.
    pub(crate) fn execute_first(&self, contract: &str, call: &str) {
        self.send_for(&self.accounts[1], Some(contract), call, 100 * TIP);
    }

    /// Has the treasury call a contract, behind the faucet's back.
    pub(crate) fn execute_as_treasury(&self, contract: &str, call: &str) {
        self.send(self.treasury(), Some(contract), call);
    }

    /// What somebody has of a token.
    pub(crate) fn token_balance(&self, token: &str, owner: &str) -> u128 {
        let call = json!({"to": token, "data": function("balanceOf(address)", &[owner], 0)});
        number(&self.call("eth_call", &json!([call, "latest"])))
    }

    /// Where a token of the tests keeps what the second may take from the first: in its second variable.
    pub(crate) fn allowance_slot(&self, owner: &str, spender: &str) -> String {
        let of = |key: &str, slot: &str| {
            self.call("web3_sha3", &json!([format!("0x{:0>64}{slot}", key.trim_start_matches("0x"))]))
        };
        let outer = of(owner, &format!("{:064x}", 1));
        let inner = of(spender, outer.as_str().unwrap().trim_start_matches("0x"));
        inner.as_str().unwrap().to_owned()
    }

    /// Sets what a contract has stored somewhere.
    pub(crate) fn set_storage(&self, contract: &str, slot: &str, number: u128) {
        self.call("anvil_setStorageAt", &json!([contract, slot, format!("0x{number:064x}")]));
    }

    /// A transaction, once it was sent.
    pub(crate) fn transaction(&self, id: &str) -> Value {
        self.call("eth_getTransactionByHash", &json!([id]))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A number as the protocol writes it.
pub(crate) fn number(value: &Value) -> u128 {
    u128::from_str_radix(value.as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

/// A call of a function by its name and types, with these addresses and then a number.
pub(crate) fn function(function: &str, addresses: &[&str], number: u128) -> String {
    let digest = Keccak256::digest(function);
    let selector = u32::from_be_bytes(*digest.first_chunk().unwrap());
    let addresses: Vec<String> =
        addresses.iter().map(|address| format!("{:0>64}", address.trim_start_matches("0x"))).collect();
    format!("0x{selector:08x}{}{number:064x}", addresses.concat())
}
