//! The log: every proof of an honest tree holds, and nothing else does.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use dripline_shared::api::{ConsistencyProof, FaucetKey, FaucetKeys, InclusionProof, SignedTreeHead};
use dripline_shared::log::{
    KEY_PURPOSE, LEAVES_MAX, NodeHash, ProofError, TreeHead, empty_root, head_text, leaf_hash, node_hash,
    verify_consistency, verify_inclusion,
};
use dripline_shared::round::Hash;
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use proptest::sample::Index;
use sha2::Sha256;

use crate::support::config;

/// The largest tree that is tried.
const SIZE_MAX: u64 = 140;

/// The bytes of a leaf. All leaves differ.
fn leaf(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

fn tree(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(leaf(number)));
    tree
}

fn head_of(tree: &MemoryBackedTree<Sha256, [u8; 8]>) -> TreeHead {
    let root = tree.root();
    TreeHead { size: root.num_leaves(), root: NodeHash((*root.as_bytes()).into()), at_ms: Timestamp(0) }
}

fn hashes(bytes: &[u8]) -> Vec<NodeHash> {
    bytes.chunks_exact(32).map(|hash| NodeHash(hash.try_into().expect("32 bytes"))).collect()
}

fn flipped<const N: usize>(mut bytes: [u8; N], bit: Index) -> [u8; N] {
    let bit = bit.index(N * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// The same hashes with one thing wrong with them.
fn altered(hashes: &[NodeHash], place: Index, bit: Index) -> Vec<Vec<NodeHash>> {
    let extra = leaf_hash(b"extra");
    let mut longer = hashes.to_vec();
    longer.insert(place.index(hashes.len() + 1), extra);
    let mut found = vec![longer, [hashes, &[extra]].concat()];
    if !hashes.is_empty() {
        let at = place.index(hashes.len());
        let mut one = hashes.to_vec();
        one[at] = NodeHash(flipped(one[at].0, bit));
        let mut shorter = hashes.to_vec();
        shorter.remove(at);
        let mut turned = hashes.to_vec();
        turned.rotate_left(1);
        found.extend([one, shorter, hashes[1..].to_vec(), hashes[..hashes.len() - 1].to_vec(), turned]);
    }
    found.retain(|other| other != hashes);
    found
}

/// A leaf of a tree: its number and the tree's size.
fn leaves() -> impl Strategy<Value = (u64, u64)> {
    (1..=SIZE_MAX).prop_flat_map(|size| (0..size, Just(size)))
}

/// Two sizes of a tree that has grown.
fn growths() -> impl Strategy<Value = (u64, u64)> {
    (1..=SIZE_MAX).prop_flat_map(|second| (1..=second, Just(second)))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_leaf_is_proved_to_be_where_it_is_and_nowhere_else(
        (index, size) in leaves(),
        other in 0..SIZE_MAX * 2,
        place in any::<Index>(),
        bit in any::<Index>(),
    ) {
        let tree = tree(size);
        let head = head_of(&tree);
        let hashes = hashes(tree.prove_inclusion(index.try_into().unwrap()).as_bytes());
        let hash = leaf_hash(&leaf(index));
        let proof = InclusionProof { leaf_index: index, tree_size: size, hashes };
        prop_assert_eq!(proof.verify(hash, &head), Ok(()));
        if other != index {
            let elsewhere = InclusionProof { leaf_index: other, ..proof.clone() };
            prop_assert!(elsewhere.verify(hash, &head).is_err());
            prop_assert!(proof.verify(leaf_hash(&leaf(other)), &head).is_err());
        }
        if other != size {
            let elsewhere = InclusionProof { tree_size: other, ..proof.clone() };
            prop_assert_eq!(elsewhere.verify(hash, &head), Err(ProofError::OtherHead));
        }
        prop_assert!(proof.verify(NodeHash(flipped(hash.0, bit)), &head).is_err());
        let other_head = TreeHead { root: NodeHash(flipped(head.root.0, bit)), ..head };
        prop_assert_eq!(proof.verify(hash, &other_head), Err(ProofError::OtherRoot));
        for hashes in altered(&proof.hashes, place, bit) {
            let proof = InclusionProof { hashes, ..proof.clone() };
            prop_assert!(proof.verify(hash, &head).is_err(), "{:?}", proof);
        }
    }

    #[test]
    fn a_tree_is_proved_to_have_grown_from_the_one_before_and_from_no_other(
        (first, second) in growths(),
        other in 0..SIZE_MAX * 2,
        place in any::<Index>(),
        bit in any::<Index>(),
    ) {
        let (old_tree, new_tree) = (tree(first), tree(second));
        let (old, new) = (head_of(&old_tree), head_of(&new_tree));
        let hashes = hashes(new_tree.prove_consistency((second - first).try_into().unwrap()).as_bytes());
        let proof = ConsistencyProof { first, second, hashes };
        prop_assert_eq!(proof.verify(&old, &new), Ok(()));
        let bad_old = TreeHead { root: NodeHash(flipped(old.root.0, bit)), ..old };
        let bad_new = TreeHead { root: NodeHash(flipped(new.root.0, bit)), ..new };
        prop_assert!(proof.verify(&bad_old, &new).is_err());
        prop_assert_eq!(proof.verify(&old, &bad_new), Err(ProofError::OtherRoot));
        if other != first {
            let proof = ConsistencyProof { first: other, ..proof.clone() };
            prop_assert_eq!(proof.verify(&old, &new), Err(ProofError::OtherHead));
        }
        if other != second {
            let proof = ConsistencyProof { second: other, ..proof.clone() };
            prop_assert_eq!(proof.verify(&old, &new), Err(ProofError::OtherHead));
        }
        for hashes in altered(&proof.hashes, place, bit) {
            let proof = ConsistencyProof { hashes, ..proof.clone() };
            prop_assert!(proof.verify(&old, &new).is_err(), "{:?}", proof);
        }
    }

    #[test]
    fn no_proof_whatever_passes_a_leaf_or_a_tree_that_is_not_there(
        index in any::<u64>(),
        sizes in any::<[u64; 2]>(),
        shift in 0..64_u32,
        drawn in proptest::collection::vec(any::<[u8; 32]>(), 0..70),
    ) {
        let [first, second] = sizes.map(|size| size >> shift);
        let drawn: Vec<NodeHash> = drawn.into_iter().map(NodeHash).collect();
        let (one, other) = (leaf_hash(b"one"), leaf_hash(b"other"));
        prop_assert!(verify_inclusion(one, index >> shift, second, other, &drawn).is_err());
        prop_assert!(verify_consistency(first, one, second, other, &drawn).is_err());
    }
}

#[test]
fn every_tree_goes_on_from_the_empty_one_and_from_itself() {
    let root = leaf_hash(b"only");
    assert_eq!(verify_consistency(0, empty_root(), 0, empty_root(), &[]), Ok(()));
    assert_eq!(verify_consistency(0, empty_root(), 1, root, &[]), Ok(()));
    assert_eq!(verify_consistency(1, root, 1, root, &[]), Ok(()));
    assert_eq!(verify_consistency(0, root, 1, root, &[]), Err(ProofError::OtherFirstRoot));
    assert_eq!(verify_consistency(0, empty_root(), 1, root, &[root]), Err(ProofError::WrongLength));
    assert_eq!(verify_consistency(1, root, 1, root, &[root]), Err(ProofError::WrongLength));
    assert_eq!(verify_consistency(1, root, 1, empty_root(), &[]), Err(ProofError::OtherRoot));
    assert_eq!(verify_consistency(1, root, 0, empty_root(), &[]), Err(ProofError::OutOfRange));
}

#[test]
fn a_tree_has_bounds() {
    let root = leaf_hash(b"only");
    assert_eq!(verify_inclusion(root, 0, 1, root, &[]), Ok(()));
    assert_eq!(verify_inclusion(root, 0, 0, empty_root(), &[]), Err(ProofError::OutOfRange));
    assert_eq!(verify_inclusion(root, 1, 1, root, &[]), Err(ProofError::OutOfRange));
    let (one, beyond) = (root, LEAVES_MAX + 1);
    assert_eq!(verify_inclusion(one, 0, beyond, root, &[]), Err(ProofError::OutOfRange));
    assert_eq!(verify_inclusion(one, 0, LEAVES_MAX, root, &[]), Err(ProofError::WrongLength));
    assert_eq!(verify_consistency(1, root, beyond, root, &[]), Err(ProofError::OutOfRange));
    assert_eq!(verify_consistency(beyond, root, beyond, root, &[]), Err(ProofError::OutOfRange));
}

#[test]
fn a_walk_ends_at_the_root_though_more_hashes_would_lead_to_the_one_that_is_asked_for() {
    let [left, right] = [b"left".as_slice(), b"right"].map(leaf_hash);
    let above = node_hash(left, right);
    assert_eq!(verify_inclusion(right, 1, 2, above, &[left]), Ok(()));
    assert_eq!(verify_inclusion(right, 0, 1, above, &[left]), Err(ProofError::WrongLength));
    let (first, second) = (node_hash(left, above), node_hash(left, node_hash(above, right)));
    assert_eq!(verify_consistency(3, first, 4, second, &[above, right, left]), Ok(()));
    let higher = [first, second].map(|root| node_hash(left, root));
    let longer = verify_consistency(3, higher[0], 4, higher[1], &[above, right, left, left]);
    assert_eq!(longer, Err(ProofError::WrongLength));
}

#[test]
fn a_tree_head_is_signed_by_a_key_of_that_faucet_for_tree_heads() {
    let key = SigningKey::from_bytes(&[9; 32]);
    let listed = |id: &str, purpose: &str| FaucetKey {
        id: id.to_owned(),
        purpose: purpose.to_owned(),
        public_key: Wallet::of(&key),
        from_ms: Timestamp(0),
        signature: None,
    };
    let keys = FaucetKeys {
        faucet: Hash([1; 32]),
        keys: vec![listed("receipt-1", "receipt"), listed("log-1", KEY_PURPOSE)],
    };
    let sign = |mut head: SignedTreeHead| {
        head.signature = Signature::of(&key, head_text(&head).as_bytes());
        head
    };
    let head = TreeHead { size: 1, root: leaf_hash(b"only"), at_ms: Timestamp(7) };
    let unsigned = SignedTreeHead {
        faucet: keys.faucet,
        head,
        key_id: "log-1".to_owned(),
        signature: Signature([0; 64]),
    };
    let signed = sign(unsigned.clone());
    assert!(signed.is_signed_by(&keys));
    assert!(!unsigned.is_signed_by(&keys));
    let with_head = |head| SignedTreeHead { head, ..signed.clone() };
    for other in [
        with_head(TreeHead { size: 2, ..head }),
        with_head(TreeHead { root: empty_root(), ..head }),
        with_head(TreeHead { at_ms: Timestamp(8), ..head }),
        SignedTreeHead { faucet: Hash([2; 32]), ..signed.clone() },
        sign(SignedTreeHead { faucet: Hash([2; 32]), ..signed.clone() }),
        sign(SignedTreeHead { key_id: "receipt-1".to_owned(), ..signed.clone() }),
        sign(SignedTreeHead { key_id: "log-2".to_owned(), ..signed.clone() }),
    ] {
        assert!(!other.is_signed_by(&keys), "{other:?}");
    }
}
