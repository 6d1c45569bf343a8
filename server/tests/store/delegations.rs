//! Delegations in every store.

use dripline_server::store::record::DelegationRecord;
use dripline_server::store::{Answer, Horizon};
use dripline_shared::campaign::CLAIMS_AFTER_MS;
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::time::{HOUR_MS, Timestamp};

use crate::bench::{Bench, Make, START, in_force, suite, wallet_of};

suite! {
    a_delegation_is_found_among_those_of_its_wallet_which_need_not_have_been_there,
    a_revoked_delegation_is_remembered_as_one_that_holds_no_more,
    a_sweep_forgets_a_delegation_once_nothing_that_was_opened_by_it_can_be_claimed,
}

fn delegate(bench: &mut Bench, client: u8, is_short: bool, now: Timestamp) -> DelegationRecord {
    let command = bench.delegate(1, client, is_short, now);
    let Ok(Answer::Delegated { record, .. }) = bench.one(command) else { panic!() };
    record
}

fn stored(bench: &mut Bench) -> Vec<DelegationRecord> {
    bench.reader.delegations(wallet_of(1)).unwrap()
}

fn a_delegation_is_found_among_those_of_its_wallet_which_need_not_have_been_there(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let first = delegate(&mut bench, 1, true, START);
    assert_eq!((first.ends_at, first.is_revoked), (START.plus(HOUR_MS), false));
    assert_eq!(delegate(&mut bench, 1, true, START), first, "the same request");
    let other = bench.delegate(1, 1, false, START);
    assert_eq!(bench.one(other).unwrap_err().code(), Code::ClientIdReused);
    assert_eq!(stored(&mut bench), [first]);
    assert_eq!(bench.reader.delegations(wallet_of(2)).unwrap(), []);
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().record.wallet, wallet_of(1));
}

fn a_revoked_delegation_is_remembered_as_one_that_holds_no_more(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    let first = delegate(&mut bench, 1, false, START);
    let later = START.plus(1);
    let revoked = DelegationRecord { ends_at: later, is_revoked: true, ..first };
    for now in [later, later.plus(HOUR_MS)] {
        let revoke = bench.revoke_delegation(1, 1, now);
        assert_eq!(bench.one(revoke), Ok(Answer::DelegationRevoked));
        assert_eq!(stored(&mut bench), std::slice::from_ref(&revoked));
    }
    for (wallet, client) in [(1, 2), (2, 1)] {
        let revoke = bench.revoke_delegation(wallet, client, later);
        assert_eq!(bench.one(revoke).unwrap_err().code(), Code::DelegationUnknown);
    }
}

fn a_sweep_forgets_a_delegation_once_nothing_that_was_opened_by_it_can_be_claimed(make: Make<'_>) {
    let mut bench = make(&in_force(Catalog::first_run()));
    delegate(&mut bench, 1, true, START);
    let long = delegate(&mut bench, 2, false, START);
    let mut sweep = |now: Timestamp| {
        let horizon = Horizon {
            now,
            transcripts_before: Timestamp(0),
            prefixes_before: Timestamp(0),
            waiting_max: 50_000,
        };
        while bench.store.sweep(horizon).unwrap() {}
        stored(&mut bench)
    };
    let end = START.plus(HOUR_MS + CLAIMS_AFTER_MS);
    assert_eq!(sweep(end).len(), 2);
    assert_eq!(sweep(end.plus(1)), [long]);
}
