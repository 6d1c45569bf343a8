//! Moving what a key has to a wallet, in every store.

use dripline_server::store::Answer;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;

use crate::bench::{Make, START, in_force, suite, wallet_of};

suite! {
    what_was_moved_is_remembered_and_the_same_request_gets_the_same_answer,
    a_key_that_was_first_seen_in_the_same_batch_is_remembered_as_one_that_has_moved,
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
