//! The log of transfers: trees of few leaves with every proof, and a log of five transfers with its signed heads.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use dripline_shared::amount::Amount;
use dripline_shared::api::{
    ConsistencyProof, FaucetKey, FaucetKeys, InclusionProof, LogEntryView, SignedTreeHead,
};
use dripline_shared::log::{
    KEY_PURPOSE, LogEntry, NodeHash, TreeHead, empty_root, head_text, leaf_hash, node_hash,
};
use dripline_shared::round::{Hash, RoundId, faucet_fingerprint};
use dripline_shared::time::Timestamp;
use dripline_shared::wallet::{Signature, Wallet};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::store::{hex, hold, unhex};

/// The leaves that the implementations of Certificate Transparency test with, in hexadecimal.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// The roots that they publish for the trees of the first 0, 1, … 8 of [`LEAVES`].
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Another implementation's tree, of which roots and proofs are taken.
pub(crate) struct Tree(pub(crate) Vec<Vec<u8>>);

impl Tree {
    fn of_first(&self, size: usize) -> MemoryBackedTree<Sha256, Vec<u8>> {
        let mut tree = MemoryBackedTree::new();
        self.0.iter().take(size).for_each(|leaf| tree.push(leaf.clone()));
        tree
    }

    pub(crate) fn head(&self, size: usize, at_ms: Timestamp) -> TreeHead {
        let root = self.of_first(size).root();
        TreeHead { size: root.num_leaves(), root: NodeHash((*root.as_bytes()).into()), at_ms }
    }

    pub(crate) fn inclusion(&self, leaf: usize, size: usize) -> InclusionProof {
        let hashes = hashes(self.of_first(size).prove_inclusion(leaf).as_bytes());
        let proof = InclusionProof { leaf_index: leaf as u64, tree_size: size as u64, hashes };
        proof.verify(leaf_hash(&self.0[leaf]), &self.head(size, Timestamp(0))).expect("it holds");
        proof
    }

    pub(crate) fn consistency(&self, first: usize, second: usize) -> ConsistencyProof {
        let hashes = hashes(self.of_first(second).prove_consistency(second - first).as_bytes());
        let proof = ConsistencyProof { first: first as u64, second: second as u64, hashes };
        proof.verify(&self.head(first, Timestamp(0)), &self.head(second, Timestamp(0))).expect("it holds");
        proof
    }
}

fn hashes(bytes: &[u8]) -> Vec<NodeHash> {
    bytes.chunks_exact(32).map(|hash| NodeHash(hash.try_into().expect("32 bytes"))).collect()
}

/// Trees of up to eight leaves: their roots, and every proof of them.
fn small_trees() -> Value {
    let tree = Tree(LEAVES.map(unhex).to_vec());
    let roots: Vec<NodeHash> = (0..=8).map(|size| tree.head(size, Timestamp(0)).root).collect();
    let inclusion = (1..=8).flat_map(|size| (0..size).map(move |leaf| (leaf, size)));
    let consistency = (1..=8).flat_map(|second| (1..=second).map(move |first| (first, second)));
    json!({
        "leaves": LEAVES,
        "leaf_hashes": LEAVES.map(|leaf| leaf_hash(&unhex(leaf))),
        "roots": roots,
        "inclusion": inclusion.map(|(leaf, size)| tree.inclusion(leaf, size)).collect::<Vec<_>>(),
        "consistency": consistency.map(|(one, other)| tree.consistency(one, other)).collect::<Vec<_>>(),
    })
}

pub(crate) const START: Timestamp = Timestamp(1_769_903_999_000);

fn faucet_keys() -> (SigningKey, FaucetKeys) {
    let key = SigningKey::from_bytes(&[9; 32]);
    let public_key = Wallet::of(&key);
    let id = "log-1".to_owned();
    let listed =
        FaucetKey { id, purpose: KEY_PURPOSE.to_owned(), public_key, from_ms: START, signature: None };
    (key, FaucetKeys { faucet: faucet_fingerprint(&public_key.0), keys: vec![listed] })
}

/// The texts of five transfers: a campaign is funded, and two players earn three drips, of the first of which it is known what
/// it was worth.
pub(crate) fn transfers(faucet: Hash) -> Vec<String> {
    let [one, other] =
        [7, 8].map(|byte| format!("player:{}", Wallet::of(&SigningKey::from_bytes(&[byte; 32]))));
    let (treasury, campaign) = ("treasury", "campaign:default");
    let round = |number: u8| format!("round:{}", RoundId::new(START, [number; 10]));
    let moves = [
        ("funding", "world", treasury, 1_000_000_000, None),
        ("budget", treasury, campaign, 1_000_000_000, None),
        ("drip", campaign, &one, 26_250, Some(round(1))),
        ("drip", campaign, &other, 10_000, Some(round(2))),
        ("drip", campaign, &one, 12_500, Some(round(3))),
    ];
    let text = |(id, (kind, from, to, units, reference)): (u64, (&str, &str, &str, u32, Option<String>))| {
        let entry = LogEntry {
            faucet,
            id,
            at: START.plus(id * 60_000),
            kind,
            asset: "DRIP",
            from,
            to,
            amount: Amount::from_units(units),
            reference: reference.as_deref(),
            worth: (id == 3).then(|| (Amount::from_units(2_625), "EUR")),
        };
        let text = entry.text().expect("it fits its lines");
        assert_eq!(LogEntry::parse(&text), Ok(entry));
        text
    };
    (1..).zip(moves).map(text).collect()
}

/// A log as clients see it: entries, two heads of it, and the proofs that belong to them.
fn log_of_transfers() -> Value {
    let (key, keys) = faucet_keys();
    let texts = transfers(keys.faucet);
    let tree = Tree(texts.iter().map(|text| text.clone().into_bytes()).collect());
    let signed = |size, at_ms| {
        let head = tree.head(size, at_ms);
        let mut signed = SignedTreeHead {
            faucet: keys.faucet,
            head,
            key_id: keys.keys[0].id.clone(),
            signature: Signature([0; 64]),
        };
        signed.signature = Signature::of(&key, head_text(&signed).as_bytes());
        assert!(signed.is_signed_by(&keys));
        json!({ "signed": signed, "lines": head_text(&signed).lines().collect::<Vec<_>>() })
    };
    let view = |(index, text): (u64, &String)| LogEntryView {
        index,
        text: text.clone(),
        leaf_hash: leaf_hash(text.as_bytes()),
    };
    json!({
        "secret_key": hex(&key.to_bytes()),
        "keys": keys,
        "entries": (0..).zip(&texts).map(view).collect::<Vec<_>>(),
        "older_head": signed(3, START.plus(200_000)),
        "newer_head": signed(5, START.plus(400_000)),
        "inclusion": tree.inclusion(2, 5),
        "consistency": tree.consistency(3, 5),
    })
}

#[test]
fn trees_proofs_leaves_and_heads_are_byte_for_byte_the_same() {
    hold("log.json", &json!({ "trees": small_trees(), "log": log_of_transfers() }));
}

#[test]
fn the_trees_of_certificate_transparency_have_the_roots_that_it_publishes() {
    let tree = Tree(LEAVES.map(unhex).to_vec());
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(tree.head(size, Timestamp(0)).root.to_string(), *root, "{size} leaves");
    }
    let leaf = LEAVES.map(|leaf| leaf_hash(&unhex(leaf)));
    assert_eq!(empty_root().to_string(), ROOTS[0]);
    assert_eq!(leaf[0].to_string(), ROOTS[1]);
    let two = node_hash(leaf[0], leaf[1]);
    assert_eq!(two.to_string(), ROOTS[2]);
    assert_eq!(node_hash(two, leaf[2]).to_string(), ROOTS[3]);
    assert_eq!(node_hash(two, node_hash(leaf[2], leaf[3])).to_string(), ROOTS[4]);
}
