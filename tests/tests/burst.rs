//! Many withdrawals at once: a burst that is settled on a real chain, and a long queue.
#![expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]

use std::thread;
use std::time::Duration;

use dripline_shared::round::hash;
use dripline_shared::wallet::Wallet;
use dripline_tests::clock::{Clock, RealClock};
use dripline_tests::fill::{queue, withdrawals};
use dripline_tests::levels;
use dripline_tests::program::Installation;
use ed25519_dalek::SigningKey;

use crate::node::Node;

#[expect(dead_code, reason = "what the tests of the rail need, too")]
#[path = "../../server/tests/solana/node.rs"]
mod node;

/// What is asked for, and the fee of it, in ledger units.
const ASKED: (i64, i64) = (1_000, 50);
/// What arrives of that.
const LAMPORTS: u64 = 950_000;
/// How often it is looked how many are paid.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(5);

fn key(number: u32) -> SigningKey {
    SigningKey::from_bytes(&hash(b"dripline/tests/b", &[&number.to_be_bytes()]).0)
}

fn address(number: u32) -> String {
    Wallet::of(&key(number)).to_string()
}

/// An installation that pays by Solana on this node, with so many withdrawals in its queue.
fn with_a_queue(node: &Node, count: u32) -> Installation {
    let installation = Installation::new(&levels::quick());
    installation.serve(None, &[]).stop();
    let key_file = installation.folder().join("treasury.json");
    std::fs::write(&key_file, format!("{:?}", key(0).to_keypair_bytes())).expect("the key is written");
    installation.configure(&format!(
        "[rails.solana]
         kind = \"solana\"
         endpoints = [\"{}\"]
         genesis_hash = \"{}\"
         key_file = \"{}\"
         [rails.solana.assets.DRIP]
         threshold = \"100\"
         fee = \"50\"",
        node.url,
        node.genesis_hash,
        key_file.display(),
    ));
    queue(&installation.data(), "solana", ASKED, (1..=count).map(address));
    installation
}

/// Waits until so many withdrawals are final; all of them were paid. Gives how long it took.
fn until_paid(installation: &Installation, count: u64) -> Duration {
    let clock = RealClock::new();
    let started = clock.now();
    let elapsed = || Duration::from_millis(clock.now().since(started));
    loop {
        let [_, _, paid, returned] = withdrawals(&installation.data());
        assert_eq!(returned, 0);
        if paid >= count {
            return elapsed();
        }
        assert!(elapsed() < PATIENCE, "{paid} are paid");
        // Somebody who looks each moment: what happens meanwhile is not waited for by this, only seen.
        thread::sleep(LOOK_EVERY);
    }
}

#[test]
fn a_burst_of_withdrawals_is_settled_in_batches() {
    let is_long = std::env::var_os("DRIPLINE_LONG").is_some();
    let count: u32 = if is_long { 5_000 } else { 1_000 };
    let node = Node::start(&address(0));
    let installation = with_a_queue(&node, count);
    let program = installation.serve(None, &[]);
    let time = until_paid(&installation, count.into());
    let per_second = f64::from(count) / time.as_secs_f64();
    println!("{count} withdrawals are settled on Solana at {per_second:.0} a second");
    for number in [1, count / 2, count] {
        assert_eq!(node.balance(&address(number)), LAMPORTS);
    }
    program.stop();
    if is_long {
        assert!(per_second >= 100.0, "{per_second:.1} a second");
    }
}

#[test]
fn a_hundred_thousand_withdrawals_wait_in_little_memory() {
    let node = Node::start(&address(0));
    let installation = with_a_queue(&node, 100_000);
    let program = installation.serve(None, &[]);
    until_paid(&installation, 200);
    let most = program.memory_kib("VmHWM");
    println!("with 100,000 withdrawals in the queue: at most {most} KiB");
    assert!(most < 150_000, "{most} KiB");
    program.stop();
}
