//! Read-only keys in every store.

use dripline_server::store::record::ReadKeyRecord;
use dripline_server::store::{Answer, Horizon};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::round::Hash;
use dripline_shared::time::{DAY_MS, HOUR_MS, Timestamp};

use crate::bench::{Bench, Make, START, in_force, suite, wallet_of};

suite! {
    a_key_is_found_by_its_hash_and_among_those_of_its_wallet,
    a_revoked_key_is_remembered_as_one_that_holds_no_more,
    a_sweep_forgets_a_key_a_day_after_it_has_ended,
}

/// A store with a wallet, which has opened a round.
fn bench(make: Make<'_>) -> Bench {
    let mut bench = make(&in_force(Catalog::first_run()));
    let open = bench.open(1, 1, 0, START);
    bench.one(open).unwrap();
    bench
}

fn issue(bench: &mut Bench, client: u8, is_short: bool, now: Timestamp) -> ReadKeyRecord {
    let command = bench.issue_read_key(1, client, is_short, now);
    let Ok(Answer::ReadKeyIssued { record, .. }) = bench.one(command) else { panic!() };
    record
}

fn stored(bench: &mut Bench, key: &ReadKeyRecord) -> Option<ReadKeyRecord> {
    bench.reader.read_key(key.hash).unwrap()
}

fn a_key_is_found_by_its_hash_and_among_those_of_its_wallet(make: Make<'_>) {
    let mut bench = bench(make);
    let key = issue(&mut bench, 1, true, START);
    assert_eq!((key.ends_at, key.is_revoked), (Some(START.plus(HOUR_MS)), false));
    assert_eq!(issue(&mut bench, 1, true, START), key, "the same request");
    let other = bench.issue_read_key(1, 1, false, START);
    assert_eq!(bench.one(other).unwrap_err().code(), Code::ClientIdReused);
    assert_eq!(stored(&mut bench, &key), Some(key));
    assert_eq!(bench.reader.read_keys(wallet_of(1)).unwrap(), [key]);
    assert_eq!(bench.reader.read_keys(wallet_of(2)).unwrap(), []);
    assert_eq!(bench.reader.read_key(Hash([9; 32])).unwrap(), None);
    let stranger = bench.issue_read_key(2, 1, true, START);
    assert_eq!(bench.one(stranger).unwrap_err().code(), Code::WalletUnknown);
}

fn a_revoked_key_is_remembered_as_one_that_holds_no_more(make: Make<'_>) {
    let mut bench = bench(make);
    let key = issue(&mut bench, 1, false, START);
    let later = START.plus(1);
    let revoked = ReadKeyRecord { ends_at: Some(later), is_revoked: true, ..key };
    for now in [later, later.plus(HOUR_MS)] {
        let revoke = bench.revoke_read_key(1, 1, now);
        assert_eq!(bench.one(revoke), Ok(Answer::ReadKeyRevoked));
        assert_eq!(stored(&mut bench, &key), Some(revoked));
    }
    let again = bench.issue_read_key(1, 1, false, START);
    assert_eq!(bench.one(again).unwrap_err().code(), Code::ReadKeyUnknown);
    // In one batch of changes, each sees what came before it.
    let batch = [bench.issue_read_key(1, 2, false, later), bench.revoke_read_key(1, 2, later)];
    assert!(bench.apply(&batch).iter().all(Result::is_ok));
    assert!(bench.reader.read_keys(wallet_of(1)).unwrap().iter().all(|key| key.is_revoked));
}

fn a_sweep_forgets_a_key_a_day_after_it_has_ended(make: Make<'_>) {
    let mut bench = bench(make);
    let (short, long) = (issue(&mut bench, 1, true, START), issue(&mut bench, 2, false, START));
    let mut sweep = |now: Timestamp| {
        let horizon = Horizon {
            now,
            transcripts_before: Timestamp(0),
            prefixes_before: Timestamp(0),
            waiting_max: 50_000,
        };
        while bench.store.sweep(horizon).unwrap() {}
        (stored(&mut bench, &short).is_some(), stored(&mut bench, &long).is_some())
    };
    let end = START.plus(HOUR_MS + DAY_MS);
    assert_eq!(sweep(end), (true, true));
    assert_eq!(sweep(end.plus(1)), (false, true));
}
