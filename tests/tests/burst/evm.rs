//! An EVM chain, with a contract that pays many at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dripline_tests::program::Installation;

use self::node::Node;
use crate::{KILLED_BURST, burst, settle, settle_though_killed, with_a_queue};

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../../../server/tests/evm/node.rs"]
mod node;

/// What arrives of what is asked for, in wei.
const WEI: u128 = 950_000_000_000_000;
/// How often there is a block.
const BLOCK_EVERY: Duration = Duration::from_millis(250);
/// The node's first key, which everybody knows.
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Says that it is over, also where something fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn address(number: u32) -> String {
    format!("0x79{number:038}")
}

/// A node with a block every so often, on which the program pays so many withdrawals as `settle` has it.
fn paid(count: u32, settle: impl FnOnce(&Installation)) -> Node {
    let node = Node::start();
    let disperse = node.deploy("Disperse");
    node.finalize();
    let configuration = format!(
        "kind = 'evm'\nendpoints = ['{}']\nchain_id = {}\nkey_file = 'KEY_FILE'\nmax_fee_per_gas_gwei = '100'\n\
         disperse = '{disperse}'",
        node.url,
        node.chain_id()
    );
    let installation = with_a_queue("evm", &configuration, KEY, (1..=count).map(address));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                node.mine(1);
                // The chain's own clock.
                thread::sleep(BLOCK_EVERY);
            }
        });
        let _over = Over(&is_over);
        settle(&installation);
    });
    node
}

#[test]
fn a_burst_of_withdrawals_is_settled_on_an_evm_chain_in_batches() {
    let node = paid(burst(), |installation| settle("an EVM chain", installation));
    for number in [1, burst() / 2, burst()] {
        assert_eq!(node.balance(&address(number)), WEI);
    }
}

#[test]
fn a_program_that_is_killed_again_and_again_pays_everybody_once_on_an_evm_chain() {
    let node = paid(KILLED_BURST, settle_though_killed);
    for number in 1..=KILLED_BURST {
        assert_eq!(node.balance(&address(number)), WEI, "{number}");
    }
}
