//! The tables of a wallet's history: whoever adds one up comes to the balance, whatever became of withdrawals, and the fees in it
//! are those that were taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use dripline_server::export::Format;
use dripline_server::faucet::Settings;
use dripline_server::payout::{AssetSettings, FAILURES_MAX, RailDriver, RailSettings};
use dripline_server::store::Reader as _;
use dripline_server::store::sqlite::SqliteReader;
use dripline_shared::amount::Amount;
use dripline_shared::catalog::Catalog;
use dripline_shared::payout::WithdrawalState;
use dripline_shared::time::{DAY_MS, MINUTE_MS};

use crate::support::chain::Chain;
use crate::support::{Directory, Player, World};

/// What a withdrawal costs, in ledger units.
const FEE: u32 = 50;

/// A faucet that pays by a chain.
fn world(directory: &Directory, chain: &Chain) -> World {
    let drip = AssetSettings {
        threshold: Amount::from_units(100),
        fee: Amount::from_units(FEE),
        outflow: None,
        dormant_after_ms: None,
        approve_above: None,
    };
    let rules = RailSettings {
        driver: RailDriver::Sandbox,
        assets: BTreeMap::from([("DRIP".to_owned(), drip)]),
        address_wait_ms: MINUTE_MS,
        failures_max: FAILURES_MAX,
    };
    let mut settings = Settings::new(Catalog::first_run());
    settings.data = Some(directory.path().to_owned());
    settings.rails = Some(BTreeMap::from([("sandbox".to_owned(), rules)]));
    settings.drivers.insert("sandbox".to_owned(), Arc::new(chain.clone()));
    World::with(settings)
}

/// The lines of a table, the newest first, by the names of its columns.
fn table(world: &World, player: &Player, format: Format) -> Vec<BTreeMap<String, String>> {
    let table = world.runtime.block_on(world.faucet.export(player.wallet, format, None)).unwrap();
    csv::Reader::from_reader(&table[..]).deserialize().map(Result::unwrap).collect()
}

/// The sum of a column of coins, in ledger units.
fn sum(lines: &[BTreeMap<String, String>], column: &str) -> i64 {
    let decimals = Catalog::first_run().asset.decimals;
    let texts = lines.iter().map(|line| &line[column]).filter(|text| !text.is_empty());
    texts.map(|text| Amount::from_decimal(text, decimals).unwrap().units()).sum()
}

/// Checks that what each form counts comes to the balance, and that each tells of so much in fees.
fn assert_adds_up(world: &World, player: &Player, fees: u32) {
    let balance = world.wallet(player).balance.units();
    // As Koinly reckons, the fee goes out besides what was sent.
    let koinly = table(world, player, Format::Koinly);
    let fee = sum(&koinly, "Fee Amount");
    assert_eq!(sum(&koinly, "Received Amount") - sum(&koinly, "Sent Amount") - fee, balance);
    // As CoinTracking does, what was sold has the fee in it.
    let cointracking = table(world, player, Format::Cointracking);
    assert_eq!(sum(&cointracking, "Buy Amount") - sum(&cointracking, "Sell Amount"), balance);
    let plain = table(world, player, Format::Plain);
    let of = |direction: &str| {
        let lines: Vec<_> = plain.iter().filter(|line| line["direction"] == direction).cloned().collect();
        sum(&lines, "amount")
    };
    assert_eq!(of("in") - of("out"), balance);
    assert_eq!([fee, sum(&cointracking, "Fee"), sum(&plain, "fee")], [i64::from(fees); 3]);
    for line in koinly.iter().filter(|line| !line["Fee Amount"].is_empty()) {
        assert_eq!((&*line["Fee Currency"], &*line["Received Amount"]), ("DRIP", ""), "{line:?}");
    }
}

#[test]
fn a_table_adds_up_to_the_balance_and_counts_each_fee_that_was_taken_once() {
    let (directory, chain, player) = (Directory::new(), Chain::default(), Player::new(1));
    let world = world(&directory, &chain);
    for _ in 0..3 {
        world.earn(&player, world.first_level());
        world.wait(DAY_MS);
    }
    assert_adds_up(&world, &player, 0);

    let request = |address: &str| {
        let requested = world.withdraw(&player, Amount::from_units(1_000), address);
        // A changed address is not paid to at once.
        world.wait(MINUTE_MS);
        requested
    };
    let state = |requested| world.withdrawal(requested).state;
    // Until it is paid nothing is taken.
    let paid = request("alice");
    assert_adds_up(&world, &player, 0);
    world.pay();
    assert_eq!(state(&paid), WithdrawalState::Paid);
    assert_adds_up(&world, &player, FEE);
    let line = &table(&world, &player, Format::Koinly)[0];
    assert_eq!((&*line["Sent Amount"], &*line["Fee Amount"]), ("0.00095", "0.00005"));
    let line = &table(&world, &player, Format::Cointracking)[0];
    assert_eq!((&*line["Sell Amount"], &*line["Fee"], &*line["Fee Currency"]), ("0.001", "0.00005", "DRIP"));
    let line = &table(&world, &player, Format::Plain)[0];
    assert_eq!((&*line["amount"], &*line["fee"], &*line["direction"]), ("0.001", "0.00005", "out"));
    assert_eq!(Some(&line["transaction"]), world.withdrawal(&paid).transaction.as_ref());
    world.wait(MINUTE_MS);

    // One that cannot be paid comes back less the fee.
    world.try_set_address(world.address_request(&player, "hopeless")).unwrap();
    world.wait(MINUTE_MS);
    let hopeless = request("hopeless");
    world.pay();
    assert_eq!(state(&hopeless), WithdrawalState::Returned);
    assert_adds_up(&world, &player, 2 * FEE);

    // One that is cancelled comes back whole.
    world.try_set_address(world.address_request(&player, "bob")).unwrap();
    world.wait(MINUTE_MS);
    let cancelled = request("bob");
    world.pay_step().unwrap();
    assert_adds_up(&world, &player, 2 * FEE);
    let batch = SqliteReader::open(directory.path()).unwrap().batches("sandbox").unwrap()[0].record.id;
    assert!(world.runtime.block_on(world.faucet.cancel_batch(batch)).unwrap());
    world.pay_step().unwrap();
    assert_eq!(state(&cancelled), WithdrawalState::Returned);
    assert_adds_up(&world, &player, 2 * FEE);
    assert_eq!(
        world.wallet(&player).balance.units(),
        sum(&table(&world, &player, Format::Plain)[..1], "balance")
    );
}
