//! Solana.

use dripline_shared::round::hash;
use dripline_shared::wallet::Wallet;
use dripline_tests::program::Installation;
use ed25519_dalek::SigningKey;

use self::node::Node;
use crate::{KILLED_BURST, burst, settle, settle_though_killed, until_paid, with_a_queue};

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../../../server/tests/solana/node.rs"]
mod node;

/// How long a slot takes where many have to pass.
const QUICK_SLOT_MS: u32 = 20;
/// What arrives of what is asked for.
const LAMPORTS: u64 = 950_000;

fn key(number: u32) -> SigningKey {
    SigningKey::from_bytes(&hash(b"dripline/tests/b", &[&number.to_be_bytes()]).0)
}

fn address(number: u32) -> String {
    Wallet::of(&key(number)).to_string()
}

fn paying(node: &Node, count: u32) -> Installation {
    let configuration = format!(
        "kind = 'solana'\nendpoints = ['{}']\ngenesis_hash = '{}'\nkey_file = 'KEY_FILE'",
        node.url, node.genesis_hash
    );
    let key = format!("{:?}", key(0).to_keypair_bytes());
    with_a_queue("solana", &configuration, &key, (1..=count).map(address))
}

#[test]
fn a_burst_of_withdrawals_is_settled_on_solana_in_batches() {
    let node = Node::start(&address(0), None);
    settle("Solana", &paying(&node, burst()));
    for number in [1, burst() / 2, burst()] {
        assert_eq!(node.balance(&address(number)), LAMPORTS);
    }
}

#[test]
fn a_program_that_is_killed_again_and_again_pays_everybody_once_on_solana() {
    // After each start it waits for 200 blocks before it signs anything.
    let node = Node::start(&address(0), Some(QUICK_SLOT_MS));
    settle_though_killed(&paying(&node, KILLED_BURST));
    for number in 1..=KILLED_BURST {
        assert_eq!(node.balance(&address(number)), LAMPORTS, "{number}");
    }
}

#[test]
fn a_hundred_thousand_withdrawals_wait_in_little_memory() {
    let node = Node::start(&address(0), None);
    let installation = paying(&node, 100_000);
    let program = installation.serve(None, &[]);
    until_paid(&installation, 200);
    let most = program.memory_kib("VmHWM");
    println!("with 100,000 withdrawals in the queue: at most {most} KiB");
    assert!(most < 150_000, "{most} KiB");
    program.stop();
}
