//! Moving what a key has to a wallet, in every store.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::store::{Adoption, Answer};
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, Timestamp};

use crate::bench::{
    ADDRESS_WAIT_MS, Bench, Make, START, give_back_withdrawal, in_force, round_of, segment, settle, suite,
    wallet_of, withdrawal_of,
};

suite! {
    what_was_moved_is_remembered_and_the_same_request_gets_the_same_answer,
    a_key_that_was_first_seen_in_the_same_batch_is_remembered_as_one_that_has_moved,
    a_key_with_an_address_waits_also_where_that_was_set_in_the_same_batch,
    what_several_keys_have_of_several_assets_goes_from_one_to_the_next_in_one_batch,
    what_several_keys_have_meets_in_one_wallet_in_one_batch,
    what_comes_back_to_a_key_in_a_batch_moves_on_in_it,
    the_keys_that_a_wallet_took_over_are_told_the_last_one_first,
}

fn what_was_moved_is_remembered_and_the_same_request_gets_the_same_answer(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    // Wallet 1 lets key 2 play for it; key 2 is known because it lets another one play.
    for command in [bench.delegate(1, 2, false, START), bench.delegate(2, 3, false, START)] {
        assert!(bench.one(command).is_ok());
    }
    let first = bench.move_balance(2, 1, 7, START);
    let Ok(Answer::BalanceMoved { moved, new: true }) = bench.one(first) else { panic!("it is moved") };
    assert_eq!((moved.to, moved.at), (wallet_of(1), START));
    assert_eq!(bench.reader.wallet(wallet_of(2)).unwrap().record.moved, Some(moved));
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().record.moved, None);
    let again = bench.move_balance(2, 1, 7, START);
    assert_eq!(bench.one(again), Ok(Answer::BalanceMoved { moved, new: false }));
    let other = bench.move_balance(2, 1, 8, START);
    assert_eq!(bench.one(other).unwrap_err().code(), Code::BalanceMoved);
    let reused = bench.move_balance(2, 1, 7, START.plus(1));
    assert_eq!(bench.one(reused).unwrap_err().code(), Code::ClientIdReused);
}

fn a_key_that_was_first_seen_in_the_same_batch_is_remembered_as_one_that_has_moved(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let batch = [
        bench.delegate(1, 2, false, START),
        bench.delegate(2, 3, false, START),
        bench.move_balance(2, 1, 7, START),
    ];
    let answers = bench.apply(&batch);
    assert!(matches!(answers[2], Ok(Answer::BalanceMoved { new: true, .. })), "{answers:?}");
    assert!(bench.reader.wallet(wallet_of(2)).unwrap().record.moved.is_some());
}

fn a_key_with_an_address_waits_also_where_that_was_set_in_the_same_batch(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let batch = [
        bench.delegate(1, 2, false, START),
        bench.delegate(2, 3, false, START),
        bench.set_address(2, 5, 5, START),
        bench.move_balance(2, 1, 7, START),
    ];
    let from = START.plus(ADDRESS_WAIT_MS);
    let refused = |answer: Result<Answer, _>| {
        let refusal: dripline_server::refusal::Refusal = answer.unwrap_err();
        (refusal.code(), refusal.reasons[0].until_ms)
    };
    assert_eq!(refused(bench.apply(&batch).remove(3)), (Code::MoveWaiting, Some(from)));
    let early = bench.move_balance(2, 1, 8, from.minus(1));
    assert_eq!(refused(bench.one(early)), (Code::MoveWaiting, Some(from)));
    let late = bench.move_balance(2, 1, 9, from);
    assert!(matches!(bench.one(late), Ok(Answer::BalanceMoved { new: true, .. })));
}

/// Has a wallet win a level, for what is dripped then.
fn earn(bench: &mut Bench, wallet: u8, client: u8, now: Timestamp) {
    let (round, later) = (round_of(wallet, client, now), now.plus(10_000));
    let open = bench.open(wallet, client, 0, now);
    let play = [open, segment(round, 0, None, later), segment(round, 1, Some(10), later)];
    assert!(bench.apply(&play).iter().all(Result::is_ok));
    assert!(bench.one(settle(round, wallet, later)).is_ok());
}

/// What a wallet has of each asset of which it has anything.
fn held(bench: &mut Bench, wallet: u8) -> BTreeMap<Arc<str>, Amount> {
    let money = bench.reader.wallet(wallet_of(wallet)).unwrap().money;
    let balances = money.into_iter().map(|(asset, money)| (asset, money.balance));
    balances.filter(|(_, balance)| !balance.is_zero()).collect()
}

/// What all players have of each asset, in all.
fn of_all(bench: &mut Bench) -> BTreeMap<Arc<str>, Amount> {
    let mut all: BTreeMap<Arc<str>, Amount> = BTreeMap::new();
    for wallet in 1..6 {
        for (asset, balance) in held(bench, wallet) {
            let sum = all.entry(asset).or_default();
            *sum = sum.checked_add(balance).unwrap();
        }
    }
    all
}

fn what_several_keys_have_of_several_assets_goes_from_one_to_the_next_in_one_batch(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    // One after the other, three assets are dripped. The first key gets all of them, the second one some.
    for (day, code) in (0_u8..).zip(["DRIP", "RAIN", "SNOW"]) {
        let mut catalog = Catalog::first_run();
        code.clone_into(&mut catalog.asset.code);
        let now = START.plus(u64::from(day) * DAY_MS);
        bench.in_force = in_force(catalog);
        let adoption = Adoption { catalog: &bench.in_force.catalog, faucet: bench.in_force.faucet, now };
        bench.store.adopt(&adoption).unwrap();
        earn(&mut bench, 1, 20 + day, now);
    }
    let now = START.plus(2 * DAY_MS);
    earn(&mut bench, 2, 20, now);
    let before = of_all(&mut bench);
    assert_eq!((held(&mut bench, 1).len(), held(&mut bench, 2).len(), before.len()), (3, 1, 3));
    let now = now.plus(DAY_MS);
    for (wallet, key) in [(2, 1), (3, 2), (4, 3)] {
        let delegate = bench.delegate(wallet, key, false, now);
        assert!(bench.one(delegate).is_ok());
    }
    let moves = [(1, 2), (2, 3), (3, 4)].map(|(key, to)| bench.move_balance(key, to, 30, now));
    let answers = bench.apply(&moves);
    assert!(
        answers.iter().all(|answer| matches!(answer, Ok(Answer::BalanceMoved { new: true, .. }))),
        "{answers:?}"
    );
    assert_eq!(held(&mut bench, 4), before);
    assert_eq!(of_all(&mut bench), before);
    let came = bench.reader.history(wallet_of(4), None, 100).unwrap();
    assert_eq!(came.entries.len(), 3, "one transfer an asset");
    let ids: Vec<Vec<u64>> = (1..5)
        .map(|wallet| bench.reader.history(wallet_of(wallet), None, 100).unwrap().entries)
        .map(|entries| entries.iter().map(|entry| entry.id).collect())
        .collect();
    assert!(ids.iter().all(|ids| ids.is_sorted_by(|newer, older| newer > older)), "{ids:?}");
    // The ids of what follows are others.
    let again = bench.apply(&moves);
    assert!(again.iter().all(|answer| matches!(answer, Ok(Answer::BalanceMoved { new: false, .. }))));
    earn(&mut bench, 5, 20, now);
    earn(&mut bench, 4, 20, now);
    let newest =
        |bench: &mut Bench, wallet| bench.reader.history(wallet_of(wallet), None, 1).unwrap().entries[0].id;
    let last = ids.iter().flatten().max().copied().unwrap();
    assert!(newest(&mut bench, 5) > last && newest(&mut bench, 4) > newest(&mut bench, 5));
}

fn what_several_keys_have_meets_in_one_wallet_in_one_batch(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    for key in 1..4 {
        earn(&mut bench, key, 20, START);
    }
    let before = of_all(&mut bench);
    let now = START.plus(DAY_MS);
    let delegations = [1, 2, 3].map(|key| bench.delegate(4, key, false, now));
    let moves = [1, 2, 3].map(|key| bench.move_balance(key, 4, 30, now));
    let batch: Vec<_> = delegations.into_iter().chain(moves).collect();
    let answers = bench.apply(&batch);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((held(&mut bench, 4), of_all(&mut bench)), (before.clone(), before));
    // Nobody gets anything of a key that has moved already, in whatever order they ask.
    let one = [bench.delegate(3, 4, false, now), bench.move_balance(4, 3, 31, now)];
    assert_eq!(bench.apply(&one).remove(1).unwrap_err().code(), Code::BalanceMoved);
}

fn what_comes_back_to_a_key_in_a_batch_moves_on_in_it(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    earn(&mut bench, 2, 20, START);
    let before = of_all(&mut bench);
    let (now, all) = (START.plus(20_000), before["DRIP"].units());
    let requests = [
        bench.set_address(2, 21, 5, now),
        bench.withdraw(2, 22, u32::try_from(all).unwrap(), 5, now),
        bench.delegate(1, 2, false, now),
    ];
    let answers = bench.apply(&requests);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(held(&mut bench, 2), BTreeMap::new());
    let later = now.plus(ADDRESS_WAIT_MS);
    let refused = bench.move_balance(2, 1, 30, later);
    assert_eq!(bench.one(refused).unwrap_err().code(), Code::WithdrawalPending);
    let batch = [give_back_withdrawal(withdrawal_of(2, 22, now), later), bench.move_balance(2, 1, 31, later)];
    let answers = bench.apply(&batch);
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!((held(&mut bench, 1), of_all(&mut bench)), (before.clone(), before));
}

fn the_keys_that_a_wallet_took_over_are_told_the_last_one_first(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    for key in 1..4 {
        earn(&mut bench, key, 20, START);
    }
    let now = START.plus(DAY_MS);
    for (key, after) in [(3, 0), (1, 5), (2, 5)] {
        let batch = [bench.delegate(4, key, false, now), bench.move_balance(key, 4, 30, now.plus(after))];
        assert!(bench.apply(&batch).iter().all(Result::is_ok));
    }
    let told = |bench: &mut Bench, wallet, limit| {
        let found = bench.reader.moved_to(wallet_of(wallet), limit).unwrap();
        found.into_iter().map(|record| record.wallet).collect::<Vec<_>>()
    };
    // Of those that moved at once, the one that came last is the first.
    assert_eq!(told(&mut bench, 4, 10), [2, 1, 3].map(wallet_of));
    assert_eq!(told(&mut bench, 4, 1), [wallet_of(2)]);
    assert_eq!(told(&mut bench, 1, 10), []);
    assert_eq!(told(&mut bench, 9, 10), []);
}
