//! Where wallets are paid, in every store.

use std::sync::Arc;

use dripline_server::check::withdrawal::{ADDRESS_EVERY_MS, ADDRESSES_MAX, ADDRESSES_WITHIN_MS};
use dripline_server::payout::RailRules;
use dripline_server::refusal::Refusal;
use dripline_server::store::{Answer, Command};
use dripline_shared::catalog::Catalog;
use dripline_shared::error::Code;
use dripline_shared::time::{DAY_MS, MINUTE_MS, Timestamp};

use crate::bench::{ADDRESS_WAIT_MS, Bench, Make, START, in_force, suite, wallet_of};
use crate::payouts::{code, rich};

suite! {
    an_address_is_there_and_the_same_request_sets_it_once,
    a_changed_address_waits_and_a_confirmed_one_keeps_its_time,
    where_a_wallet_has_an_address_the_first_one_by_another_rail_waits_as_a_changed_one_does,
    a_wallet_sets_its_address_by_a_rail_only_so_often_a_day,
}

fn an_address_is_there_and_the_same_request_sets_it_once(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let stranger = bench.set_address(2, 1, 2, START);
    assert_eq!(code(bench.one(stranger)), Code::WalletUnknown);
    let again = bench.set_address(1, 1, 1, START);
    let Ok(Answer::AddressSet { address, new: false }) = bench.one(again) else { panic!() };
    assert_eq!((&*address.address, address.set_at, address.usable_from), ("address-1", START, START));
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().addresses, [address]);
    let other = bench.set_address(1, 1, 9, START);
    assert_eq!(code(bench.one(other)), Code::ClientIdReused);
}

fn a_changed_address_waits_and_a_confirmed_one_keeps_its_time(make: Make<'_>) {
    let (mut bench, _) = rich(make, &[1]);
    let soon = bench.set_address(1, 2, 5, START.plus(9_999));
    assert_eq!(code(bench.one(soon)), Code::RateLimited);
    let change = bench.set_address(1, 3, 5, START.plus(10_000));
    let Ok(Answer::AddressSet { address, new: true }) = bench.one(change.clone()) else { panic!() };
    assert_eq!(address.usable_from, START.plus(10_000 + ADDRESS_WAIT_MS));
    let confirm = bench.set_address(1, 4, 5, START.plus(MINUTE_MS));
    let Ok(Answer::AddressSet { address: confirmed, new: true }) = bench.one(confirm) else { panic!() };
    assert_eq!(confirmed.usable_from, address.usable_from);
    // The older request gets its older answer, and changes nothing.
    assert_eq!(bench.one(change), Ok(Answer::AddressSet { address, new: false }));
    assert_eq!(bench.reader.wallet(wallet_of(1)).unwrap().addresses, std::slice::from_ref(&confirmed));
    let early = bench.withdraw(1, 1, 100, 5, confirmed.usable_from.minus(1));
    assert_eq!(code(bench.one(early)), Code::AddressWaiting);
    let former = bench.withdraw(1, 1, 100, 1, confirmed.usable_from);
    assert_eq!(code(bench.one(former)), Code::AddressDiffers);
    let in_time = bench.withdraw(1, 1, 100, 5, confirmed.usable_from);
    assert!(matches!(bench.one(in_time), Ok(Answer::Requested { new: true, .. })));
}

/// A store with rails beside the sandbox, on which changed addresses wait for so long, and wallets that have opened a round.
fn with_rails(make: Make<'_>, waits: &[(&str, u64)], wallets: &[u8]) -> Bench {
    let mut in_force = in_force(Catalog::first_run());
    let rails = &mut Arc::get_mut(&mut in_force).unwrap().rails;
    for (rail, address_wait_ms) in waits {
        let rules = RailRules { address_wait_ms: *address_wait_ms, ..rails["sandbox"].clone() };
        rails.insert((*rail).into(), rules);
    }
    let mut bench = make(&in_force);
    for wallet in wallets {
        let open = bench.open(*wallet, 1, 0, START);
        bench.one(open).unwrap();
    }
    bench
}

/// The same request by another rail.
fn by_rail(rail: &str, mut command: Command) -> Command {
    match &mut command {
        Command::SetAddress(set) => rail.clone_into(&mut set.request.rail),
        Command::Withdraw(withdraw) => rail.clone_into(&mut withdraw.request.rail),
        _ => panic!("{command:?}"),
    }
    command
}

/// From when an address is paid to that was set.
fn usable_from(answer: Result<Answer, Refusal>) -> Timestamp {
    let Ok(Answer::AddressSet { address, new: true }) = answer else { panic!("{answer:?}") };
    address.usable_from
}

fn where_a_wallet_has_an_address_the_first_one_by_another_rail_waits_as_a_changed_one_does(make: Make<'_>) {
    let mut bench = with_rails(make, &[("quick", 0), ("slow", DAY_MS)], &[1, 2, 3]);
    let home = bench.set_address(1, 1, 1, START);
    assert_eq!(usable_from(bench.one(home)), START, "it is the first one of all");
    let elsewhere = by_rail("quick", bench.set_address(1, 2, 9, START));
    assert_eq!(usable_from(bench.one(elsewhere)), START.plus(ADDRESS_WAIT_MS), "as a change by the sandbox");
    let early = by_rail("quick", bench.withdraw(1, 1, 100, 9, START.plus(ADDRESS_WAIT_MS - 1)));
    assert_eq!(code(bench.one(early)), Code::AddressWaiting);
    // Nor does it help to change it where changes need not wait.
    let soon = START.plus(MINUTE_MS);
    let changed = by_rail("quick", bench.set_address(1, 3, 8, soon));
    assert_eq!(usable_from(bench.one(changed)), soon.plus(ADDRESS_WAIT_MS));
    let slow = by_rail("slow", bench.set_address(1, 4, 9, soon));
    assert_eq!(usable_from(bench.one(slow)), soon.plus(DAY_MS), "by the rail's own wait, which is longer");
    let home = bench.set_address(1, 5, 1, soon);
    assert_eq!(usable_from(bench.one(home)), START, "what is confirmed keeps its time");
    // Also within one batch.
    let both =
        [bench.set_address(2, 1, 1, START), by_rail("quick", bench.set_address(2, 2, 9, START.plus(1)))];
    let from: Vec<Timestamp> = bench.apply(&both).into_iter().map(usable_from).collect();
    assert_eq!(from, [START, START.plus(1 + ADDRESS_WAIT_MS)]);
    // Whoever has none at all need not wait, by whichever rail.
    let first = by_rail("slow", bench.set_address(3, 1, 1, START));
    assert_eq!(usable_from(bench.one(first)), START);
    // A rail that is not configured any more may be there again.
    Arc::get_mut(&mut bench.in_force).map(|in_force| in_force.rails.remove("slow")).unwrap();
    let second = by_rail("quick", bench.set_address(3, 2, 9, START));
    assert_eq!(
        usable_from(bench.one(second)),
        START.plus(ADDRESS_WAIT_MS),
        "as long as any rail has one wait"
    );
}

fn a_wallet_sets_its_address_by_a_rail_only_so_often_a_day(make: Make<'_>) {
    let mut bench = with_rails(make, &[("quick", 0)], &[1, 2]);
    let most = u8::try_from(ADDRESSES_MAX).unwrap();
    let at = |number: u8| START.plus(u64::from(number) * ADDRESS_EVERY_MS);
    let mut each: Vec<Command> =
        (1..=most).map(|number| bench.set_address(1, number, number % 2, at(number))).collect();
    // The last ones, and one too many, in one batch.
    let mut last = each.split_off(4);
    for command in &each {
        bench.one(command.clone()).unwrap();
    }
    last.push(bench.set_address(1, most + 1, 1, at(most + 1)));
    let mut answers = bench.apply(&last);
    let refusal = answers.pop().unwrap().unwrap_err();
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    let until = at(1).plus(ADDRESSES_WITHIN_MS);
    assert_eq!((refusal.code(), refusal.reasons[0].until_ms), (Code::RateLimited, Some(until)));
    let early = bench.set_address(1, most + 2, 1, until.minus(1));
    assert_eq!(code(bench.one(early)), Code::RateLimited);
    // What was answered is answered again, and others are not held back.
    assert!(matches!(bench.one(each[0].clone()), Ok(Answer::AddressSet { new: false, .. })));
    let by_another = by_rail("quick", bench.set_address(1, most + 3, 1, at(most + 1)));
    let of_another = bench.set_address(2, 1, 1, at(most + 1));
    assert!(bench.apply(&[by_another, of_another]).iter().all(Result::is_ok));
    // One more once the oldest of them is a day ago, and then one more once the next one is.
    let next = bench.set_address(1, most + 4, 1, until);
    bench.one(next).unwrap();
    let soon = bench.set_address(1, most + 5, 0, until.plus(ADDRESS_EVERY_MS - 1));
    let refusal = bench.one(soon).unwrap_err();
    assert_eq!(refusal.reasons[0].until_ms, Some(at(2).plus(ADDRESSES_WITHIN_MS)));
}
