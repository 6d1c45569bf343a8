//! The log of transfers in every store.

use dripline_server::log::{NodeId, Nodes, prove_consistency, prove_inclusion};
use dripline_server::store::{Answer, Reader, Sequence, StorageError};
use dripline_shared::api::{Receipt, SignedTreeHead};
use dripline_shared::catalog::Catalog;
use dripline_shared::log::{LogEntry, NodeHash, empty_root};
use dripline_shared::time::Timestamp;

use crate::bench::{Bench, Make, START, in_force, round_of, segment, settle, suite};

suite! {
    every_transfer_is_a_leaf_in_its_order_and_a_receipt_says_which,
    an_empty_log_has_a_signed_head,
    a_log_that_is_behind_is_caught_up_in_parts_and_then_left_alone,
    every_leaf_and_every_older_head_can_be_proven,
}

/// A step of the log.
fn sequence(bench: &mut Bench, most: usize, now: Timestamp) -> bool {
    let keys = &bench.in_force.keys;
    let faucet = bench.in_force.faucet;
    bench.store.sequence(&Sequence { faucet, now, most, sign: &|head| keys.sign_head(head) }).unwrap()
}

/// The newest head, whose signature holds.
fn head(bench: &mut Bench) -> SignedTreeHead {
    let signed = bench.reader.log_head().unwrap().unwrap();
    assert!(signed.is_signed_by(&bench.in_force.keys.public()));
    signed
}

/// A store in which so many wallets have won a level each; two transfers that fund the campaign came before.
fn played(make: Make<'_>, wallets: u8) -> (Bench, Vec<Receipt>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let mut receipts = Vec::new();
    for wallet in 1..=wallets {
        let round = round_of(wallet, 1, START);
        let open = bench.open(wallet, 1, 0, START);
        let later = START.plus(10_000);
        bench.apply(&[open, segment(round, 0, None, later), segment(round, 1, Some(10), later)]);
        let Ok(Answer::Settled { receipt, .. }) = bench.one(settle(round, wallet, later)) else { panic!() };
        receipts.push(receipt);
    }
    (bench, receipts)
}

/// The nodes of a reader.
struct Stored<'a>(&'a mut dyn Reader);

impl Nodes for Stored<'_> {
    type Error = StorageError;

    fn read(&mut self, ids: &[NodeId]) -> Result<Vec<Option<NodeHash>>, StorageError> {
        self.0.log_nodes(ids)
    }
}

fn every_transfer_is_a_leaf_in_its_order_and_a_receipt_says_which(make: Make<'_>) {
    let (mut bench, receipts) = played(make, 3);
    assert_eq!(bench.reader.log_head().unwrap(), None);
    assert_eq!(bench.reader.log_leaf(0).unwrap(), None);
    assert!(!sequence(&mut bench, 100, START));
    assert_eq!((head(&mut bench).head.size, head(&mut bench).head.at_ms), (5, START));
    let leaves: Vec<_> = (0..5).map(|leaf| bench.reader.log_leaf(leaf).unwrap().unwrap()).collect();
    assert!(leaves.is_sorted_by(|one, other| one.id < other.id));
    assert_eq!(bench.reader.log_leaf(5).unwrap(), None);
    for (leaf, receipt) in (2..).zip(&receipts) {
        let (text, hash) = bench.reader.log_leaf(leaf).unwrap().unwrap().leaf(bench.in_force.faucet).unwrap();
        let promise = receipt.log.unwrap();
        assert_eq!((promise.leaf, promise.by_ms), (hash, receipt.claimed_at_ms.plus(10_000)));
        assert_eq!(bench.reader.log_leaf_of(hash).unwrap(), Some(leaf));
        assert!(LogEntry::parse(&text).unwrap().is_drip_of(receipt));
    }
    assert_eq!(bench.reader.log_leaf_of(NodeHash([9; 32])).unwrap(), None);
}

fn an_empty_log_has_a_signed_head(make: Make<'_>) {
    let mut catalog = Catalog::first_run();
    catalog.campaigns[0].budget = dripline_shared::amount::Amount::ZERO;
    let mut bench = make(&in_force(catalog));
    assert!(!sequence(&mut bench, 10, START));
    let signed = head(&mut bench);
    assert_eq!((signed.head.size, signed.head.root), (0, empty_root()));
}

fn a_log_that_is_behind_is_caught_up_in_parts_and_then_left_alone(make: Make<'_>) {
    let (mut bench, _) = played(make, 3);
    assert!(sequence(&mut bench, 2, START));
    assert_eq!(head(&mut bench).head.size, 2);
    assert!(sequence(&mut bench, 2, START));
    assert!(!sequence(&mut bench, 2, START.plus(1)));
    let newest = head(&mut bench);
    assert_eq!((newest.head.size, newest.head.at_ms), (5, START.plus(1)));
    assert!(!sequence(&mut bench, 2, START.plus(2)));
    assert_eq!(head(&mut bench), newest);
    // In one go it is the same log.
    let (mut other, _) = played(make_other(&bench), 3);
    sequence(&mut other, 100, START);
    assert_eq!(head(&mut other).head.root, newest.head.root);
}

/// The store in memory, whatever the other one is.
fn make_other(_: &Bench) -> Make<'static> {
    &|in_force| Bench::memory(in_force)
}

fn every_leaf_and_every_older_head_can_be_proven(make: Make<'_>) {
    let (mut bench, _) = played(make, 9);
    let mut heads = Vec::new();
    while sequence(&mut bench, 3, START) {
        heads.push(head(&mut bench).head);
    }
    heads.push(head(&mut bench).head);
    let newest = *heads.last().unwrap();
    for leaf in 0..newest.size {
        let hash = bench.reader.log_leaf(leaf).unwrap().unwrap().leaf(bench.in_force.faucet).unwrap().1;
        let proof = prove_inclusion(&mut Stored(&mut *bench.reader), leaf, newest.size).unwrap();
        assert_eq!(proof.verify(hash, &newest), Ok(()));
        assert!(proof.verify(NodeHash([1; 32]), &newest).is_err());
    }
    for older in &heads {
        let proof = prove_consistency(&mut Stored(&mut *bench.reader), older.size, newest.size).unwrap();
        assert_eq!(proof.verify(older, &newest), Ok(()));
    }
    assert_eq!(heads.len(), 4);
}
