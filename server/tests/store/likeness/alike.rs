//! That two stores show the same, in all that can be seen of them.

use std::sync::Arc;

use dripline_server::store::record::{DocumentKind, Stage};
use dripline_server::store::{DormantQuery, SharedFacts, WalletFacts};
use dripline_shared::amount::Amount;
use dripline_shared::api::operate::players::Standing;
use dripline_shared::time::Timestamp;

use super::script::Script;
use crate::bench::{Bench, wallet_of};

/// The facts of a wallet, without buckets that were never filled.
fn facts(bench: &mut Bench, wallet: u8) -> WalletFacts {
    let mut facts = bench.reader.wallet(wallet_of(wallet)).unwrap();
    facts.buckets.retain(|_, bucket| bucket.at > Timestamp(0));
    facts
}

/// What all share, without buckets that were never filled; it is the same by whoever looks.
fn shared(bench: &mut Bench) -> SharedFacts {
    let (wallet, mut shared) = (facts(bench, 1), bench.reader.shared().unwrap());
    shared.buckets.retain(|_, bucket| bucket.at > Timestamp(0));
    let WalletFacts { buckets, campaigns, slots, .. } = wallet;
    assert_eq!(shared, SharedFacts { buckets, campaigns, slots });
    shared
}

pub(super) fn assert_alike(other: &mut Bench, memory: &mut Bench, script: &Script) {
    assert_eq!(shared(other), shared(memory));
    for wallet in 0..5 {
        assert_eq!(facts(other, wallet), facts(memory, wallet));
        let history = |bench: &mut Bench| bench.reader.history(wallet_of(wallet), None, 100).unwrap();
        assert_eq!(history(other), history(memory));
    }
    for round in &script.opened {
        let facts = |bench: &mut Bench| bench.reader.round(round.id).unwrap();
        assert_eq!(facts(other), facts(memory));
    }
    for withdrawal in &script.withdrawals {
        let facts = |bench: &mut Bench| bench.reader.withdrawal(*withdrawal).unwrap();
        assert_eq!(facts(other), facts(memory));
        let Some(record) = facts(memory).map(|facts| facts.record) else { continue };
        let standing = memory.reader.wallet(record.wallet).unwrap().record.standing;
        match record.stage {
            Stage::Queued => assert_eq!(standing, Standing::Clear, "what is held is in no queue"),
            Stage::Held => assert_ne!(standing, Standing::Clear, "nothing else waits for a release"),
            _ => {}
        }
    }
    for wallet in 0..5 {
        let withdrawals = |bench: &mut Bench| bench.reader.withdrawals(wallet_of(wallet), None, 100).unwrap();
        assert_eq!(withdrawals(other), withdrawals(memory));
    }
    for wallet in 0..5 {
        let keys = |bench: &mut Bench| {
            let mut keys = bench.reader.read_keys(wallet_of(wallet)).unwrap();
            keys.sort_by_key(|key| key.client_id);
            for key in &keys {
                assert_eq!(bench.reader.read_key(key.hash).unwrap().as_ref(), Some(key));
            }
            keys
        };
        assert_eq!(keys(other), keys(memory));
        let delegations = |bench: &mut Bench| {
            let mut delegations = bench.reader.delegations(wallet_of(wallet)).unwrap();
            delegations.sort_by_key(|delegation| delegation.client_id);
            delegations
        };
        assert_eq!(delegations(other), delegations(memory));
    }
    let dormant = |bench: &mut Bench| {
        let query = DormantQuery {
            rail: "sandbox".into(),
            asset: "DRIP".into(),
            threshold: Amount::from_units(100),
            active_before: script.now,
            after: 0,
            accounts_max: 1_000,
            found_max: 100,
        };
        let mut page = bench.reader.dormant(&query).unwrap();
        page.found.sort();
        page
    };
    assert_eq!(dormant(other), dormant(memory));
    assert_operated_alike(other, memory);
    let queues = |bench: &mut Bench| bench.reader.queues().unwrap();
    assert_eq!(queues(other), queues(memory));
    let rails = |bench: &mut Bench| bench.reader.rails().unwrap();
    assert_eq!(rails(other), rails(memory));
    let batches = |bench: &mut Bench| bench.reader.batches("sandbox").unwrap();
    assert_eq!(batches(other), batches(memory));
    let waiting = |bench: &mut Bench| bench.reader.waiting("sandbox", None, 1_000).unwrap();
    assert_eq!(waiting(other), waiting(memory));
    let sums = |bench: &mut Bench| {
        let mut sums = bench.reader.account_sums().unwrap();
        sums.sort_by(|one, other| (&one.asset.code, one.holder).cmp(&(&other.asset.code, other.holder)));
        // An account that was emptied is as good as none.
        sums.retain(|sum| sum.balance != 0);
        sums
    };
    assert_eq!(sums(other), sums(memory));
    let names = ["candidate", "imported"];
    let ids = names.iter().flat_map(|name| (0..5).map(move |number| format!("{name}-{number}").into()));
    let ids: Vec<Arc<str>> = ids.collect();
    let known = |bench: &mut Bench| bench.reader.are_candidates("sandbox", &ids).unwrap();
    assert_eq!(known(other), known(memory));
    let open = |bench: &mut Bench| bench.reader.rounds_open(script.now).unwrap();
    assert_eq!(open(other), open(memory));
}

/// What operators have changed, and what they see of players.
fn assert_operated_alike(other: &mut Bench, memory: &mut Bench) {
    let kinds = [
        DocumentKind::Catalog,
        DocumentKind::Publication,
        DocumentKind::Draft,
        DocumentKind::Player,
        DocumentKind::Proposal,
        DocumentKind::Emergency,
    ];
    for kind in kinds {
        let documents = |bench: &mut Bench| bench.reader.documents(kind, "", 1_000).unwrap();
        assert_eq!(documents(other), documents(memory));
        for found in documents(memory) {
            assert_eq!(other.reader.document(kind, &found.id).unwrap(), Some(found));
        }
        let some = |bench: &mut Bench| bench.reader.documents(kind, "draft-1", 1).unwrap();
        assert_eq!(some(other), some(memory));
    }
    let audit = |bench: &mut Bench| bench.reader.audit(None, 1_000).unwrap();
    assert_eq!(audit(other), audit(memory));
    let before_last = |bench: &mut Bench| bench.reader.audit(Some(3), 1).unwrap();
    assert_eq!(before_last(other), before_last(memory));
    let mut last = None;
    for entry in audit(other).iter().rev() {
        assert!(entry.follows(last), "{entry:?}");
        last = Some(entry.head());
    }
    let of_operators = |bench: &mut Bench| bench.reader.of_operators(None, 1_000).unwrap();
    assert_eq!(of_operators(other), of_operators(memory));
    let newest = |bench: &mut Bench| {
        let found = bench.reader.newest_wallets(None, 3).unwrap();
        found.into_iter().map(|(_, record)| record).collect::<Vec<_>>()
    };
    assert_eq!(newest(other), newest(memory));
    let between = |bench: &mut Bench| {
        let (from, to) = (wallet_of(1).min(wallet_of(2)), wallet_of(1).max(wallet_of(2)));
        bench.reader.wallets_between(from, to, 10).unwrap()
    };
    assert_eq!(between(other), between(memory));
    for wallet in 0..5 {
        let moved = |bench: &mut Bench| bench.reader.moved_to(wallet_of(wallet), 2).unwrap();
        assert_eq!(moved(other), moved(memory));
        let rounds = |bench: &mut Bench| bench.reader.rounds_of(wallet_of(wallet), None, 2).unwrap();
        assert_eq!(rounds(other), rounds(memory));
        let before = rounds(memory).last().map(|facts| facts.record.id);
        let rest = |bench: &mut Bench| bench.reader.rounds_of(wallet_of(wallet), before, 100).unwrap();
        assert_eq!(rest(other), rest(memory));
    }
}
